"""Chirocalc: units, RVUs and dollars of chiropractic and therapy visits.

lines = pandas.DataFrame({"code": ["98941", "97110", "97140"], "minutes": [None, 33, 7]})
answer = chirocalc.estimate(lines, chirocalc.Settings(payer="medicare"))
answer.lines, answer.visits, answer.findings
"""

from chirocalc.errors import InputError
from chirocalc.rules import Estimate, Settings, assign_units, estimate, fee
from chirocalc.version import VERSION

__all__ = ["Estimate", "InputError", "Settings", "assign_units", "estimate", "fee"]
__version__ = VERSION
