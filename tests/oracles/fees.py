"""Fees in exact decimal arithmetic: slow, plain, and sharing nothing with the engine."""

import csv
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import NamedTuple

CENT = Decimal("0.01")
HALF = Decimal("0.5")


class Line(NamedTuple):
    """What one line brings to the therapy reduction: its units, RVUs and indicator."""

    units: int
    work: Decimal
    pe: Decimal
    mp: Decimal
    indicator: str = "5"


class Prices(NamedTuple):
    """The three GPCIs of a locality and the conversion factor of the year."""

    work: Decimal
    pe: Decimal
    mp: Decimal
    cf: Decimal


def rows(path: Path) -> list[dict[str, str]]:
    """A table as text, so that no number passes through a float."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def to_cents(amount: Decimal) -> Decimal:
    """Half a cent goes up."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def fee(
    work: Decimal,
    pe: Decimal,
    mp: Decimal,
    wg: Decimal,
    pg: Decimal,
    mg: Decimal,
    cf: Decimal,
    pe_share: Decimal = Decimal(1),
) -> Decimal:
    """RVU times GPCI, summed, times the conversion factor, rounded once (CMS PFS formula)."""
    return to_cents((work * wg + pe * pe_share * pg + mp * mg) * cf)


def share_of(amount: Decimal, percent: Decimal) -> Decimal:
    """A percentage of an amount already in cents, to the cent."""
    return to_cents(amount * percent / 100)


def reduced_units(lines: Sequence[Line], prices: Prices) -> list[list[Decimal]]:
    """Each line's unit amounts after the therapy reduction (Pub. 100-04 ch. 5 §10.7).

    Every unit is tried as the one paid in full. The right one has no rival with more PE, or the
    same PE and a higher fee, or the same of both and an earlier place.
    """
    units = [(i, line) for i, line in enumerate(lines) for _ in range(line.units)]
    therapy = [n for n, (_, line) in enumerate(units) if line.indicator == "5"]

    def amount(n: int, pe_share: Decimal = Decimal(1)) -> Decimal:
        line = units[n][1]
        return fee(line.work, line.pe, line.mp, *prices, pe_share)

    def beats(rival: int, n: int) -> bool:
        pe, rival_pe = units[n][1].pe, units[rival][1].pe
        if rival_pe != pe:
            return rival_pe > pe
        if amount(rival) != amount(n):
            return amount(rival) > amount(n)
        return rival < n

    paid_in_full = [n for n in therapy if not any(beats(rival, n) for rival in therapy)]
    assert len(paid_in_full) == bool(therapy)
    result: list[list[Decimal]] = [[] for _ in lines]
    for n, (i, _) in enumerate(units):
        cut = n in therapy and n not in paid_in_full
        result[i].append(amount(n, HALF if cut else Decimal(1)))
    return result
