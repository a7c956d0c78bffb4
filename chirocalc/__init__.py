"""Chirocalc: units, RVUs and dollars of chiropractic and therapy visits.

lines = pandas.DataFrame({"code": ["98941", "97110", "97140"], "minutes": [None, 33, 7]})
answer = chirocalc.estimate(lines, chirocalc.Settings(payer="medicare"))
answer.lines, answer.visits, answer.findings
"""

from .errors import InputError
from .estimate import Estimate, estimate
from .payment import fee
from .settings import Settings
from .units import assign_units

__all__ = ["Estimate", "InputError", "Settings", "assign_units", "estimate", "fee"]
