"""What an address holds; no screen."""

from .audit import AUDIT, visit_link
from .base import ALL, CLINIC, OF_PAYER, PRICED, SETTINGS, SOURCES, PageLink, Params, short, written
from .codes import COMPARE, FEWEST_COMPARED, GUIDE, MOST_COMPARED
from .visit import ANSWERS, MOST_SERVICES, SERVICES, VISIT, amount_key, answer_key

__all__ = [
    "ALL",
    "ANSWERS",
    "AUDIT",
    "CLINIC",
    "COMPARE",
    "FEWEST_COMPARED",
    "GUIDE",
    "MOST_COMPARED",
    "MOST_SERVICES",
    "OF_PAYER",
    "PRICED",
    "SERVICES",
    "SETTINGS",
    "SOURCES",
    "VISIT",
    "PageLink",
    "Params",
    "amount_key",
    "answer_key",
    "short",
    "visit_link",
    "written",
]
