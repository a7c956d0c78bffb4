"""A course of care priced visit by visit: what it comes to, who pays, and when."""

from .model import (
    MOST_PHASES,
    MOST_VISITS,
    Benefits,
    Discount,
    Phase,
    Plan,
    Prices,
)
from .payments import WAYS, Option, Payment, Stop, Terms, options, stop_at
from .price import SIDES, price_plan, side_by_side
from .schedule import (
    INSURED,
    NOBODY,
    NOT_COVERED,
    SELF_PAY,
    Event,
    Item,
    PhaseFinding,
    PlannedLine,
    PlannedVisit,
    Schedule,
    Totals,
)

__all__ = [
    "INSURED",
    "MOST_PHASES",
    "MOST_VISITS",
    "NOBODY",
    "NOT_COVERED",
    "SELF_PAY",
    "SIDES",
    "WAYS",
    "Benefits",
    "Discount",
    "Event",
    "Item",
    "Option",
    "Payment",
    "Phase",
    "PhaseFinding",
    "Plan",
    "PlannedLine",
    "PlannedVisit",
    "Prices",
    "Schedule",
    "Stop",
    "Terms",
    "Totals",
    "options",
    "price_plan",
    "side_by_side",
    "stop_at",
]
