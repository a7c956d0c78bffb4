"""What an address holds; no screen."""

from .audit import AUDIT, visit_link
from .base import ALL, CLINIC, OF_PAYER, PRICED, SETTINGS, SOURCES, PageLink, Params, short, written
from .codes import COMPARE, FEWEST_COMPARED, GUIDE, MOST_COMPARED
from .plan import (
    ACTIVE,
    MAINTENANCE,
    PHASES,
    PLAN,
    Discounts,
    PhaseInput,
    read_state,
    use_in_plan,
)
from .track import ANY_PAYER, PERIODS, TRACK
from .visit import (
    ANSWERS,
    MOST_SERVICES,
    SERVICES,
    VISIT,
    amount_key,
    answer_key,
    services_text,
)

__all__ = [
    "ACTIVE",
    "ALL",
    "ANSWERS",
    "ANY_PAYER",
    "AUDIT",
    "CLINIC",
    "COMPARE",
    "FEWEST_COMPARED",
    "GUIDE",
    "MAINTENANCE",
    "MOST_COMPARED",
    "MOST_SERVICES",
    "OF_PAYER",
    "PERIODS",
    "PHASES",
    "PLAN",
    "PRICED",
    "SERVICES",
    "SETTINGS",
    "SOURCES",
    "TRACK",
    "VISIT",
    "Discounts",
    "PageLink",
    "Params",
    "PhaseInput",
    "amount_key",
    "answer_key",
    "read_state",
    "services_text",
    "short",
    "use_in_plan",
    "visit_link",
    "written",
]
