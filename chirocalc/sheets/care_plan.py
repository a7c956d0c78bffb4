"""The care plan for the patient: one page in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from chirocalc.checked import checked
from chirocalc.plan import Option, PlannedVisit, Schedule

from .clinic import Clinic
from .parts import form, made_by
from .phases import Stretch, frequency, stretches
from .said import Language

# Lines of the page that phases, ways to pay and all else take at the most, and the height of them
# all in points: what is long is printed smaller, so that it stays on one page.
PHASE, WAY, ELSE, HEIGHT = 6, 2, 26, 520.0


@checked
def care_plan(
    schedule: Schedule,
    clinic: Clinic,
    *,
    made: date,
    lang: Language = "en",
    ways: Sequence[Option] = (),
) -> str:
    """When the visits are, what is done, what the patient pays. `ways` to pay, of which more than
    one are offered, and none where the patient pays nothing; the patient's name is a blank line."""
    of = stretches(schedule.plan, schedule.visits)
    ways = [way for way in ways if way.payments]
    return form(
        "care_plan.html",
        "care",
        lang,
        size=min(10.5, HEIGHT / (PHASE * len(of) + WAY * len(ways) + ELSE)),
        clinic=clinic,
        made=made,
        name=schedule.plan.name,
        stretches=of,
        frequency=frequency,
        steps=_steps(of),
        total=schedule.total,
        checks=[visit.number for visit in schedule.visits if visit.is_reexamination],
        insured=schedule.total.payer > 0,
        ways=ways,
        newest=_at_newest(schedule),
        made_by=made_by(*{visit.rates for visit in schedule.visits}),
    )


def _at_newest(schedule: Schedule) -> PlannedVisit | None:
    """The first visit that the newest rates price in place of its own year's, where they matter:
    own fees that the patient pays do not follow them."""
    if not (schedule.total.allowed or schedule.assumed):
        return None
    return next((visit for visit in schedule.visits if visit.is_newest), None)


def _steps(of: Sequence[Stretch]) -> list[tuple[int, int]]:
    """The numbers of each phase's first and last visit."""
    found, before = [], 0
    for each in of:
        found.append((before + 1, before + each.visits))
        before += each.visits
    return found
