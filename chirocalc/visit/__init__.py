"""One answer told: reasons, who pays what, the claim, own fees, other payers."""

from .chain import Chain, payment_chain
from .claim import Claim, claim
from .explain import LineReason, Reasons, explain
from .own_fees import OwnFees, charges, read_own_fees, template, total
from .payers import UnderPayer, side_by_side
from .settle import TO_SETTLE, Item, items
from .summary import dollars, therapy_year, units_by_rule, year_before

__all__ = [
    "TO_SETTLE",
    "Chain",
    "Claim",
    "Item",
    "LineReason",
    "OwnFees",
    "Reasons",
    "UnderPayer",
    "charges",
    "claim",
    "dollars",
    "explain",
    "items",
    "payment_chain",
    "read_own_fees",
    "side_by_side",
    "template",
    "therapy_year",
    "total",
    "units_by_rule",
    "year_before",
]
