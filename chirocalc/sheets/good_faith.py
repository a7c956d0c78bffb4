"""The Good Faith Estimate of a plan (gfe-149.610): each element of 45 CFR 149.610(c)(1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import pandas as pd

from chirocalc.checked import checked
from chirocalc.plan import NOBODY, PlannedVisit, Schedule
from chirocalc.tables import Code, rates

from .clinic import Clinic
from .parts import form, made_by
from .phases import frequencies
from .said import Language

# CMS's page and line on disputes (gfe-fee).
WHERE, PHONE = "www.cms.gov/nosurprises", "1-800-985-3059"


class Expected(NamedTuple):
    """A service over all visits: how many units, what one is expected to be charged at the least
    and the most, and all of them, in cents."""

    code: Code
    units: int
    least: int
    most: int
    cents: int


@checked
def without_fee(schedule: Schedule) -> tuple[str, ...]:
    """Codes whose charge is not the practice's own: an estimate of them would be none of its
    charges, so there is no sheet while there are any."""
    return tuple(dict.fromkeys([*schedule.missing, *schedule.assumed]))


@checked
def estimate_visits(schedule: Schedule) -> tuple[tuple[PlannedVisit, ...], date]:
    """The visits that one estimate may cover, and the day from which on it does not."""
    begins = schedule.plan.start
    months = int(rates.amount("gfe_months", rates.current()))
    until = (pd.Timestamp(begins) + pd.DateOffset(months=months)).date()
    return tuple(visit for visit in schedule.visits if visit.day < until), until


def expected(visits: Sequence[PlannedVisit]) -> tuple[Expected, ...]:
    """The services in order of first use, at what a patient who pays is charged."""
    found: dict[str, list[tuple[int, int]]] = {}
    codes: dict[str, Code] = {}
    for visit in visits:
        for line in visit.lines:
            if line.units and line.by != NOBODY:
                found.setdefault(line.code, []).append((line.units, line.patient))
                codes[line.code] = line.line.service.code
    return tuple(
        Expected(
            codes[key],
            sum(units for units, _ in of),
            min(cents // units for units, cents in of),
            max(-(-cents // units) for units, cents in of),
            sum(cents for _, cents in of),
        )
        for key, of in found.items()
    )


@checked
def good_faith_estimate(
    schedule: Schedule,
    clinic: Clinic,
    *,
    made: date,
    lang: Language = "en",
    primary: str = "",
    scheduled: bool = True,
    diagnoses: str = "",
    separate: Sequence[str] = (),
) -> str:
    """The sheet. `schedule`: the plan as a patient pays it himself; `primary`: the main service in
    plain words, else the plan's name; `scheduled`: whether its first day is fixed; `separate`:
    services that will be scheduled on their own. Patient's name and birth are blank lines; so is
    what the practice's block lacks."""
    visits, until = estimate_visits(schedule)
    items, here = expected(visits), rates.current()
    return form(
        "good_faith.html",
        "gfe",
        lang,
        size=9.0,
        clinic=clinic,
        made=made,
        primary=primary or schedule.plan.name,
        scheduled=scheduled,
        first=visits[0].day,
        last=visits[-1].day,
        count=len(visits),
        frequencies={say: frequencies(schedule.plan, visits, say) for say in ("en", "es")},
        months=int(rates.amount("gfe_months", here)),
        until=until,
        items=items,
        total=sum(item.cents for item in items),
        diagnoses=diagnoses,
        separate=separate,
        dispute=int(rates.amount("gfe_dispute", here)),
        days=int(rates.amount("gfe_dispute_days", here)),
        fee=int(rates.amount("gfe_dispute_fee", here)),
        where=WHERE,
        phone=PHONE,
        made_by=made_by(),
    )
