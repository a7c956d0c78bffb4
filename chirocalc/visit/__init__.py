"""One answer told: reasons, who pays what, the claim, own fees, other payers."""

from .chain import Chain, payment_chain
from .claim import Claim, ClaimLine, claim
from .desk import (
    Contract,
    Desk,
    Due,
    OwnPrices,
    Part,
    desk,
    dues,
    may_charge,
    tied_lines,
    without_denied,
)
from .explain import LineReason, Reasons, explain
from .own_fees import MOST_MEGABYTES, OwnFees, fee_list, read_own_fees
from .payers import AS_PROFILED, UnderPayer, side_by_side
from .record import record
from .settle import TO_SETTLE, Item, items
from .settled import settled
from .summary import YearBefore, therapy_year, units_by_rule, year_before

__all__ = [
    "AS_PROFILED",
    "MOST_MEGABYTES",
    "TO_SETTLE",
    "Chain",
    "Claim",
    "ClaimLine",
    "Contract",
    "Desk",
    "Due",
    "Item",
    "LineReason",
    "OwnFees",
    "OwnPrices",
    "Part",
    "Reasons",
    "UnderPayer",
    "YearBefore",
    "claim",
    "desk",
    "dues",
    "explain",
    "fee_list",
    "items",
    "may_charge",
    "payment_chain",
    "read_own_fees",
    "record",
    "settled",
    "side_by_side",
    "therapy_year",
    "tied_lines",
    "units_by_rule",
    "without_denied",
    "year_before",
]
