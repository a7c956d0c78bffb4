"""A plan in, its schedule out: each visit by the engine, equal visits priced once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from chirocalc import tables
from chirocalc.checked import checked
from chirocalc.rules import Finding, Line
from chirocalc.tables import rates
from chirocalc.visit import AS_PROFILED

from .days import PlannedDay, planned_days
from .events import events
from .insurance import Share, Year, is_part_b
from .model import Plan
from .rated import Charge, Kinds, Rated, RatedVisit
from .schedule import (
    INSURED,
    NOBODY,
    NOT_COVERED,
    SELF_PAY,
    PhaseFinding,
    PlannedLine,
    PlannedVisit,
    Schedule,
)

SIDES = ("insured", "self-pay", "medicare")

COMMERCIAL = "commercial-total-time"  # who insures, beside a plan that no insurer pays for


@checked
@tables.in_use()
def price_plan(plan: Plan) -> Schedule:
    """The plan's visits with their days and dollars. Raises `InputError` for a start before all
    tables that are loaded."""
    kinds, year = Kinds(plan), Year.of(plan)
    visits = [
        _visit(plan, number, at, kinds, year) for number, at in enumerate(planned_days(plan), 1)
    ]
    return Schedule(
        plan,
        tuple(visits),
        tuple(events(plan, visits)),
        tuple(_findings(visits)),
        _codes(visits, lambda line: not line.is_priced),
        _codes(visits, lambda line: line.is_priced and line.units > 0 and not line.is_own),
        tuple(dict.fromkeys(code for kind in kinds.all for code in kind.insured.unallowed)),
    )


@checked
def side_by_side(plan: Plan) -> dict[str, Schedule]:
    """The same plan "insured" (as planned where its payer is an insurer, else under a commercial
    one), "self-pay", and under "medicare" (Part B), by these names. The estimate of what a self-pay
    patient is charged (a Good Faith Estimate) is the one "self-pay"."""
    whose = plan.settings.profile("patient_pays")
    insured = COMMERCIAL if whose in ("all", "medicare") else plan.settings.payer
    payers = {"insured": insured, "self-pay": "self-pay", "medicare": "medicare"}
    return {side: price_plan(_under(plan, payer)) for side, payer in payers.items()}


def _under(plan: Plan, payer: str) -> Plan:
    if payer == plan.settings.payer:
        return plan
    return replace(plan, settings=replace(plan.settings, payer=payer, **AS_PROFILED))


class _Way(NamedTuple):
    """Whether the payer or the patient alone pays a visit, and why the patient does."""

    name: str
    why: str = ""


def _visit(plan: Plan, number: int, at: PlannedDay, kinds: Kinds, year: Year) -> PlannedVisit:
    """The next visit; what the year has left is taken from `year`."""
    is_again = bool(plan.reexamine_every) and number % (plan.reexamine_every or 1) == 0
    here, is_newest = _rates_on(at.day)
    kind = kinds.of(at.phase, number == 1, is_again, here)
    year.renew(plan, at.day, here)
    way = _way(plan, number, at.day, kind, year)
    rated = kind.insured if way.name == INSURED else kind.alone
    shares = _shares(plan, rated, year, here)
    lines = tuple(
        _line(line, charge, rated.allowed.get(place, 0), shares.get(place), rated.own.get(place),
              way)
        for place, (line, charge) in enumerate(zip(rated.lines, rated.charges, strict=True))
    )  # fmt: skip
    return PlannedVisit(
        number,
        at.day,
        at.week,
        at.phase,
        number == 1,
        is_again,
        kind.answer,
        lines,
        *way,
        sum(line.charge for line in lines),
        sum(line.allowed for line in lines),
        sum(line.patient for line in lines),
        sum(line.payer for line in lines),
        sum(line.write_off for line in lines),
        sum(share.deductible for share in shares.values()),
        sum(share.copay for share in shares.values()),
        sum(share.coinsurance for share in shares.values()),
        sum(rated.own.values()),
        year.deductible,
        year.out_of_pocket,
        year.visits,
        here,
        is_newest,
        at.holiday,
    )


def _rates_on(day: date) -> tuple[rates.Period, bool]:
    """Whose tables price a visit: its own day's, or the newest where its year's are not loaded, and
    whether it is that."""
    newest = rates.periods()[-1]
    if day.isoformat() > newest.last:
        return newest, True
    return rates.period(day.isoformat()), False


def _way(plan: Plan, number: int, day: date, kind: RatedVisit, year: Year) -> _Way:
    """Covered? Within the limits? Then the payer's rules hold. Part B has no visits to count, and
    no patient may choose to pay what it covers (bp-15-40.4)."""
    if plan.settings.profile("patient_pays") == "all":
        return _Way(SELF_PAY)
    if not kind.insured.allowed or is_part_b(plan):
        return _Way(INSURED)
    if plan.self_pay_from is not None and number >= plan.self_pay_from:
        return _Way(SELF_PAY, "chosen")
    if why := year.refuses(plan.benefits, day):
        return _Way(SELF_PAY, why)
    year.use_visit()
    return _Way(INSURED)


def _shares(plan: Plan, rated: Rated, year: Year, here: rates.Period) -> dict[int, Share]:
    covered = [(cents, rated.lines[at].service.by_assistant) for at, cents in rated.allowed.items()]
    return dict(zip(rated.allowed, year.shares(plan, covered, here), strict=True))


def _line(
    line: Line, charge: Charge, allowed: int, share: Share | None, own: int | None, way: _Way
) -> PlannedLine:
    if share is not None:
        patient, payer, by = share.patient, share.payer, INSURED
    elif own is not None and line.units:
        patient, payer = own, 0
        by = NOT_COVERED if way.name == INSURED else SELF_PAY
    else:
        patient, payer, by = 0, 0, NOBODY
    write_off = charge.cents - patient - payer
    return PlannedLine(
        line, charge.cents, allowed, patient, payer, write_off, by, charge.is_own, charge.is_priced
    )


def _findings(visits: Sequence[PlannedVisit]) -> Iterator[PhaseFinding]:
    """Each finding once for a phase, in order."""
    found: dict[tuple[int, Finding], list[int]] = {}
    for visit in visits:
        for finding in visit.answer.findings:
            found.setdefault((visit.phase, finding), []).append(visit.number)
    for (phase, finding), numbers in found.items():
        yield PhaseFinding(phase, finding, len(numbers), numbers[0])


def _codes(visits: Sequence[PlannedVisit], holds: Callable[[PlannedLine], bool]) -> tuple[str, ...]:
    """The codes of lines of which something holds, each once."""
    lines = (line for visit in visits for line in visit.lines)
    return tuple(dict.fromkeys(line.code for line in lines if holds(line)))
