"""What an address holds; no screen."""

from .audit import visit_link
from .base import PRICED, SETTINGS, PageLink, Params, short
from .codes import COMPARE, FEWEST_COMPARED, GUIDE, MOST_COMPARED
from .visit import MOST_SERVICES, VISIT, amount_key, answer_key

__all__ = [
    "COMPARE",
    "FEWEST_COMPARED",
    "GUIDE",
    "MOST_COMPARED",
    "MOST_SERVICES",
    "PRICED",
    "SETTINGS",
    "VISIT",
    "PageLink",
    "Params",
    "amount_key",
    "answer_key",
    "short",
    "visit_link",
]
