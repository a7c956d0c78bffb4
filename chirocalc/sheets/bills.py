"""What was done on a day at the practice's own charges, as superbills and claims list it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from chirocalc.checked import checked
from chirocalc.plan import NOBODY, SELF_PAY, PlannedVisit
from chirocalc.rules import Answer, Line
from chirocalc.tables import Code
from chirocalc.visit import Desk, claim

OFFICE = "11"  # place of service; of a facility there are several, so it is left to fill in

MOST_LINES = 6  # of one CMS-1500 (item-24)


class Charge(NamedTuple):
    """A line: its confirmed modifiers, units and the practice's charge for all of them in cents,
    None where it has no fee."""

    code: Code
    modifiers: tuple[str, ...]
    units: int
    cents: int | None


class Bill(NamedTuple):
    """What was done on one day; `discount` in cents is off the charges."""

    day: date
    place: str
    lines: tuple[Charge, ...]
    discount: int = 0

    @property
    def cents(self) -> int | None:
        """All charges without the discount; None while one is not known."""
        return total(line.cents for line in self.lines)


def total(cents: Iterable[int | None]) -> int | None:
    """The sum; None where a part is not known."""
    found = list(cents)
    known = [each for each in found if each is not None]
    return sum(known) if len(known) == len(found) else None


def place_of(answer: Answer) -> str:
    return OFFICE if answer.settings.place == "office" else ""


@checked
def bill_of_visit(desk: Desk, fees: Mapping[str, int], day: date) -> Bill:
    """What a visit comes to by the practice's own fees, in cents of one unit by code or part;
    without the lines that have no unit, are left off, or would be denied as they stand."""
    lines = [line for line in desk.answer.lines if line.units]
    return Bill(day, place_of(desk.answer), tuple(charge(line, fees) for line in lines))


@checked
def bill_of_planned(visit: PlannedVisit) -> Bill:
    """A visit of a plan at its charges, without what may not be charged; what a patient who pays it
    all is let off is a discount."""
    lines = [line for line in visit.lines if line.units and line.by != NOBODY]
    return Bill(
        visit.day,
        place_of(visit.answer),
        tuple(
            Charge(
                line.line.service.code,
                tuple(line.line.service.written),
                line.units,
                line.charge if line.is_own else None,
            )
            for line in lines
        ),
        sum(line.write_off for line in lines) if visit.way == SELF_PAY else 0,
    )


def charge(line: Line, fees: Mapping[str, int]) -> Charge:
    fee = fees.get(line.key)
    cents = None if fee is None else fee * line.units
    return Charge(line.service.code, tuple(line.service.written), line.units, cents)


@checked
def claimed(bill: Bill, answer: Answer) -> Bill:
    """Of a bill what goes on a claim: not what the patient pays in place of the payer; four
    modifiers a line at most."""
    kept = {(line.code, line.modifiers) for line in claim(answer).lines if not line.denied}
    lines = [each._replace(modifiers=each.modifiers[:4]) for each in bill.lines]
    return bill._replace(
        lines=tuple(each for each in lines if (each.code.code, " ".join(each.modifiers)) in kept)
    )


class ClaimRow(NamedTuple):
    """One line of item 24."""

    day: date
    place: str
    line: Charge


@checked
def claims_of(bills: Iterable[Bill]) -> tuple[tuple[ClaimRow, ...], ...]:
    """Lines in claims of six; a day's lines stay on one claim where they fit on one."""
    claims: list[list[ClaimRow]] = []
    for bill in bills:
        rows = [ClaimRow(bill.day, bill.place, line) for line in bill.lines]
        if claims and len(claims[-1]) + len(rows) <= MOST_LINES:
            claims[-1] += rows
        else:
            claims += [rows[at : at + MOST_LINES] for at in range(0, len(rows), MOST_LINES)]
    return tuple(map(tuple, claims))


@checked
def as_text(rows: Iterable[ClaimRow]) -> str:
    """A claim's lines to paste: dates, place, code, four modifiers, charge, units, with tabs."""
    return "\n".join(
        "\t".join(
            [
                *[f"{row.day:%m/%d/%Y}"] * 2,
                row.place,
                row.line.code.code,
                *[*row.line.modifiers, *[""] * 4][:4],
                "" if row.line.cents is None else f"{row.line.cents / 100:.2f}",
                str(row.line.units),
            ]
        )
        for row in rows
    )
