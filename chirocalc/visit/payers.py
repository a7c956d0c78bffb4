"""One visit under every payer profile, side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from chirocalc import tables
from chirocalc.checked import checked
from chirocalc.rules import RULE_NAMES, Answer

from .desk import OwnPrices, desk, tied_lines

REDUCTION = {"pe": "half the PE", "line": "half the line", "none": "none"}


class UnderPayer(NamedTuple):
    """The visit under one profile, with its own rule, percent and reductions: dollars (None where
    no amount can be stated), whose prices they are (see `Desk.basis`), and what to collect."""

    payer: str
    unit_rule: str
    reduction: str
    units: int
    amount: float | None
    basis: str
    collect: float
    to_fix: int
    needs: int


@checked
def side_by_side(
    answer: Answer,
    prices_of: Callable[[str], OwnPrices],
    chosen: Mapping[str, Mapping[str, Any]],
) -> list[UnderPayer]:
    """One for each payer profile, in the table's order. `chosen`: by payer, what the practice set
    for it: settings by their names."""
    return [
        _under(answer, str(payer), prices_of(str(payer)), chosen.get(str(payer), {}))
        for payer in tables.payers().index
    ]


AS_PROFILED: dict[str, Any] = dict.fromkeys(
    ["unit_rule", "percent", "mppr", "therapy_modifier", "chiropractor_codes"]
)


def _under(answer: Answer, payer: str, prices: OwnPrices, chosen: Mapping[str, Any]) -> UnderPayer:
    theirs = replace(answer.settings, payer=payer, **AS_PROFILED | dict(chosen))
    other, profile = answer.under(theirs), tables.profile(payer)
    levels = Counter(found.level for found in other.findings)
    at_desk = desk(other, prices)
    is_default = profile["unit_rule_sure"] == "?" and theirs.unit_rule is None
    said = ", not found: default" if is_default else ""
    said += ", with a tie" if tied_lines(other) else ""
    return UnderPayer(
        profile["name"],
        RULE_NAMES[theirs.rule] + said,
        REDUCTION[theirs.reduction],
        other.units,
        at_desk.entered,
        at_desk.basis,
        at_desk.collect,
        levels["fix"],
        levels["needs"],
    )
