"""The answer: a plan's visits one after the other, each with its lines in dollars."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import NamedTuple

from chirocalc.checked import Place, checked
from chirocalc.rules import Answer, Finding, Line
from chirocalc.tables import rates

from .days import months_later
from .model import Phase, Plan

# Who pays for a line: see `PlannedLine.by`.
INSURED, SELF_PAY, NOT_COVERED, NOBODY = "insured", "self-pay", "not covered", "nobody"


class PlannedLine(NamedTuple):
    """One line of a visit, in whole cents for all its units. Always
    `patient + payer + write_off == charge`, and none of them is below 0.

    `line`: the engine's (service, units, findings, `line.service.written` modifiers). `charge`: the
    practice's fee. `allowed`: what the payer allows, 0 where it pays nothing; never above the
    charge. `by`: "insured" (the payer's rules decide), "self-pay" (the visit is), "not covered"
    (the patient pays the practice's self-pay fee), or "nobody" (it may not be charged, or has no
    unit). `is_own`: whether the charge is the practice's own fee; `is_priced`: whether it is known
    at all, else it is 0.
    """

    line: Line
    charge: int
    allowed: int
    patient: int
    payer: int
    write_off: int
    by: str
    is_own: bool
    is_priced: bool

    @property
    def code(self) -> str:
        """The code, or of a part "72100-26"."""
        return self.line.key

    @property
    def units(self) -> int:
        return self.line.units


class PlannedVisit(NamedTuple):
    """One visit. `number` counts from 1; `phase` is a place in `Plan.phases`; `week` counts from 1.

    `way`: "insured" or "self-pay"; `why` it is self-pay: "" (the payer is), "limit",
    "authorization", "chosen". Cents: `charge`, `allowed`, `patient`, `payer`, `write_off` are sums
    of the lines; of the patient's part `deductible`, `copay`, `coinsurance`, and `own` (self-pay
    fees). `deductible_left`, `out_of_pocket_left` (None: no maximum), `visits_left` (None: no
    limit) are those after the visit. `rates`: whose tables priced it; `is_newest`: its own year's
    are not loaded, and the newest stand in. `holiday`: the federal holiday that it was moved from,
    "" for none.
    """

    number: int
    day: date
    week: int
    phase: int
    is_first: bool
    is_reexamination: bool
    answer: Answer
    lines: tuple[PlannedLine, ...]
    way: str
    why: str
    charge: int
    allowed: int
    patient: int
    payer: int
    write_off: int
    deductible: int
    copay: int
    coinsurance: int
    own: int
    deductible_left: int
    out_of_pocket_left: int | None
    visits_left: int | None
    rates: rates.Period
    is_newest: bool
    holiday: str


class Event(NamedTuple):
    """Something that happens at a visit, before it is priced or by it: "deductible-met",
    "out-of-pocket-met", "limit", "authorization", "chosen", "year" (a plan year begins), "rates"
    (from here on the newest tables stand in). `text` says it in a sentence."""

    visit: int
    kind: str
    text: str


class PhaseFinding(NamedTuple):
    """A finding of the rules, once for each phase it holds in: of how many of its visits, and the
    number of the first."""

    phase: int
    finding: Finding
    visits: int
    first: int


class Totals(NamedTuple):
    """Cents of several visits."""

    visits: int
    charge: int
    allowed: int
    patient: int
    payer: int
    write_off: int


class Item(NamedTuple):
    """One code over several visits: in how many of them, all units, and cents."""

    code: str
    name: str
    visits: int
    units: int
    charge: int
    allowed: int
    patient: int
    payer: int
    write_off: int


@dataclass(frozen=True)
class Schedule:
    """A plan, priced: `visits` in order of their days.

    `missing`: codes that are charged and have no price at all (counted as 0); `assumed`: codes
    without an own fee, charged by the fee schedule; `unallowed`: covered codes without a published
    amount, of which the payer is taken to allow the charge.
    """

    plan: Plan
    visits: tuple[PlannedVisit, ...]
    events: tuple[Event, ...]
    findings: tuple[PhaseFinding, ...]
    missing: tuple[str, ...]
    assumed: tuple[str, ...]
    unallowed: tuple[str, ...]

    @cached_property
    def total(self) -> Totals:
        """Of all visits."""
        return totals(self.visits)

    @checked
    def of_phase(self, phase: Place) -> Totals:
        """Of the visits of one phase, by its place in `Plan.phases`."""
        return totals(visit for visit in self.visits if visit.phase == phase)

    @checked
    def phase_of(self, visit: PlannedVisit) -> Phase:
        return self.plan.phases[visit.phase]

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """The plan by code, in order of first use."""
        return items(self.visits)

    @property
    def weeks(self) -> int:
        """From the first visit's week to the last one's."""
        return self.visits[-1].week if self.visits else 0

    @property
    def months(self) -> int:
        """How many payments a month there are while care lasts: at its start and on the same day
        of each month up to the last visit; at least 1."""
        if not self.visits:
            return 1
        start, last = self.plan.start, self.visits[-1].day
        months = (last.year - start.year) * 12 + last.month - start.month
        return months + (months_later(start, months) <= last) or 1


def totals(visits: Iterable[PlannedVisit]) -> Totals:
    """The sums of visits."""
    rows = [(1, *(getattr(visit, name) for name in _SUMS)) for visit in visits]
    return Totals(*map(sum, zip(*rows, strict=True))) if rows else Totals(*[0] * 6)


_SUMS = ("charge", "allowed", "patient", "payer", "write_off")


def items(visits: Iterable[PlannedVisit]) -> tuple[Item, ...]:
    """Visits by code; lines without a unit are left out."""
    found: dict[str, list[PlannedLine]] = {}
    for visit in visits:
        for line in visit.lines:
            if line.units:
                found.setdefault(line.code, []).append(line)
    return tuple(_item(lines) for lines in found.values())


def _item(lines: list[PlannedLine]) -> Item:
    sums = (sum(getattr(line, name) for line in lines) for name in _SUMS)
    name = lines[0].line.service.code.full_name
    return Item(lines[0].code, name, len(lines), sum(line.units for line in lines), *sums)
