"""The care plan for the patient: one page in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from chirocalc.checked import checked
from chirocalc.plan import Option, Schedule

from .clinic import Clinic
from .parts import form, made_by
from .phases import Stretch, frequency, stretches
from .said import Language

ROOM = 6  # phases and ways to pay that fit at full size


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
    one are offered; the patient's name is a blank line."""
    of = stretches(schedule.plan, schedule.visits)
    return form(
        "care_plan.html",
        "care",
        lang,
        size=max(7.0, min(10.5, 10.5 * ROOM / max(1, len(of) + len(ways)))),
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
        made_by=made_by(),
    )


def _steps(of: Sequence[Stretch]) -> list[tuple[int, int]]:
    """The numbers of each phase's first and last visit."""
    found, before = [], 0
    for each in of:
        found.append((before + 1, before + each.visits))
        before += each.visits
    return found
