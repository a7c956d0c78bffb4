"""The therapy multiple procedure payment reduction (MPPR): one unit of a day is paid in full.

The rule stands here once; a visit, a code's later unit and an audit all ask it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from chirocalc.checked import checked
from chirocalc.errors import InputError, Problem

from .cents import share_of


class Price(NamedTuple):
    """What one unit of a code is worth under the settings: cents, and RVUs in hundredths."""

    fee: int  # by the schedule
    allowed: int  # after coverage, percent and participation
    allowed_reduced: int  # the same for a unit that loses part of its practice expense
    work: int  # 0 where there are none, as pe and mp
    pe: int
    mp: int
    therapy: bool  # the MPPR counts its units
    has_rvu: bool
    covered: bool
    priced: bool  # an amount can be stated, if only 0.00
    technical: int = 0  # of an x-ray, what of `allowed` is for its technical part


class Reduction(NamedTuple):
    """How a payer cuts therapy units after the first: "pe" part of their practice expense, "line"
    all of a line but the first unit's to a share of it, or "none"."""

    kind: str
    line_share: float


def mppr_full_unit(
    prices: Sequence[Price], units: Sequence[int], reduction: Reduction
) -> int | None:
    """Which of a visit's lines has the therapy unit that is paid in full (cpm-5-10.7).

    The one with the highest practice expense; ties by the highest fee. Of lines that are equal in
    both, the one whose reduction would cost more: no source says which, and so the visit's total
    is the same however it was entered. Only between lines that would lose the same the order of
    entry decides. None where no therapy unit is billed.
    """
    full, best = None, (-1, -1, -1)
    for at, (price, count) in enumerate(zip(prices, units, strict=True)):
        if price.therapy and count and (price.pe, price.fee) >= best[:2]:
            rank = (price.pe, price.fee, _lost(price, count, reduction))
            if rank > best:
                full, best = at, rank
    return full


def _lost(price: Price, units: int, reduction: Reduction) -> int:
    """Cents that a line loses when the full unit is another line's."""
    return mppr_cents(price, units, True, reduction) - mppr_cents(price, units, False, reduction)


def mppr_cents(price: Price, units: int, has_full_unit: bool, reduction: Reduction) -> int:
    """Cents allowed for the units of a line; the full unit is one of them where it has it."""
    whole = price.allowed * units
    if not price.therapy or reduction.kind == "none":
        return whole
    if reduction.kind == "line":
        return whole if has_full_unit else share_of(whole, reduction.line_share)
    later = units - has_full_unit
    return whole - (price.allowed - price.allowed_reduced) * later


@checked
def allowed_cents(prices: Sequence[Price], units: Sequence[int], reduction: Reduction) -> list[int]:
    """Cents allowed for each line of one visit; 0 where no amount is published."""
    if len(prices) != len(units):
        allowed = f"must be as many as the {len(prices)} prices"
        raise InputError([Problem("allowed_cents", None, "units", len(units), allowed)])
    full = mppr_full_unit(prices, units, reduction)
    return [
        mppr_cents(price, count, at == full, reduction)
        for at, (price, count) in enumerate(zip(prices, units, strict=True))
    ]
