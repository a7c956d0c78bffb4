"""What an address holds; no screen."""

from .audit import AUDIT, visit_link
from .base import ALL, CLINIC, OF_PAYER, PRICED, SETTINGS, SOURCES, PageLink, Params, short, written
from .codes import COMPARE, FEWEST_COMPARED, GUIDE, MOST_COMPARED
from .track import ANY_PAYER, PERIODS, TRACK
from .visit import ANSWERS, MOST_SERVICES, SERVICES, VISIT, amount_key, answer_key

__all__ = [
    "ALL",
    "ANSWERS",
    "ANY_PAYER",
    "AUDIT",
    "CLINIC",
    "COMPARE",
    "FEWEST_COMPARED",
    "GUIDE",
    "MOST_COMPARED",
    "MOST_SERVICES",
    "OF_PAYER",
    "PERIODS",
    "PRICED",
    "SERVICES",
    "SETTINGS",
    "SOURCES",
    "TRACK",
    "VISIT",
    "PageLink",
    "Params",
    "amount_key",
    "answer_key",
    "short",
    "visit_link",
    "written",
]
