"""One visit under every payer profile, side by side."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import NamedTuple

from chirocalc import tables
from chirocalc.rules import RULE_NAMES, Answer

from .own_fees import OwnFees, charges, total

REDUCTION = {"pe": "half the PE", "line": "half the line", "none": "none"}


class UnderPayer(NamedTuple):
    """The visit under one profile, with its own rule, percent and reductions: dollars (None where
    no amount can be stated), and whether they are the practice's own fees."""

    payer: str
    unit_rule: str
    reduction: str
    units: int
    amount: float | None
    own_fees: bool
    to_fix: int
    needs: int


def side_by_side(answer: Answer, fees: OwnFees | None) -> list[UnderPayer]:
    """One for each payer profile, in the table's order."""
    return [_under(answer, str(payer), fees) for payer in tables.payers().index]


def _under(answer: Answer, payer: str, fees: OwnFees | None) -> UnderPayer:
    theirs = replace(
        answer.settings, payer=payer, unit_rule=None, percent=None, mppr=None, therapy_modifier=None
    )
    other, profile = answer.under(theirs), tables.profile(payer)
    levels = Counter(found.level for found in other.findings)
    own = fees is not None and theirs.rate is None
    unsure = ", not found: default" if profile["unit_rule_sure"] == "?" else ""
    return UnderPayer(
        profile["name"],
        RULE_NAMES[theirs.rule] + unsure,
        REDUCTION[theirs.reduction],
        other.units,
        total(charges(other, fees)) if fees is not None and own else other.allowed,
        own,
        levels["fix"],
        levels["needs"],
    )
