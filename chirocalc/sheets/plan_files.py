"""A plan as tables to save: its lines; in an Excel file visits, services and payments too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from chirocalc.checked import checked
from chirocalc.plan import Option, PlannedLine, PlannedVisit, Schedule
from chirocalc.version import VERSION

from .parts import made_by, release_of

_MONEY = ("charge", "allowed", "payer", "patient", "write_off")


@checked
def plan_lines(schedule: Schedule) -> pd.DataFrame:
    """One row for each line of each visit, in order; amounts in dollars. `paid_by`: by whose rules
    it is paid (see `PlannedLine.by`)."""
    rows = [
        {**_of_visit(schedule, visit), **_of_line(line)}
        for visit in schedule.visits
        for line in visit.lines
    ]
    releases = [release_of(visit.rates) for visit in schedule.visits for _ in visit.lines]
    return pd.DataFrame(rows).assign(version=VERSION, release=releases)


def _of_visit(schedule: Schedule, visit: PlannedVisit) -> dict[str, Any]:
    return {
        "visit": visit.number,
        "date": visit.day.isoformat(),
        "week": visit.week,
        "phase": schedule.phase_of(visit).name,
    }


def _of_line(line: PlannedLine) -> dict[str, Any]:
    return {
        "code": line.code,
        "name": line.line.service.code.full_name,
        "modifiers": " ".join(line.line.service.written),
        "minutes": line.line.minutes,
        "units": line.units,
        **_dollars(line),
        "paid_by": line.by,
        "own_fee": line.is_own,
    }


def _dollars(of: Any) -> dict[str, float]:
    return {name: getattr(of, name) / 100 for name in _MONEY}


@checked
def plan_sheets(schedule: Schedule, options: Sequence[Option]) -> dict[str, pd.DataFrame]:
    """The sheets of an Excel file by name."""
    return {
        "Visits": pd.DataFrame([_visit(schedule, visit) for visit in schedule.visits]),
        "Services": pd.DataFrame([_item(item) for item in schedule.items]),
        "Lines": plan_lines(schedule).drop(columns=["version", "release"]),
        "Payments": pd.DataFrame(
            [
                {"way": option.way, "date": each.day.isoformat(), "dollars": each.cents / 100}
                for option in options
                for each in option.payments
            ],
            columns=["way", "date", "dollars"],
        ),
        "Findings": pd.DataFrame(
            [
                {
                    "phase": schedule.plan.phases[each.phase].name,
                    "level": each.finding.level,
                    "text": each.finding.in_full,
                    "visits": each.visits,
                    "from_visit": each.first,
                }
                for each in schedule.findings
            ],
            columns=["phase", "level", "text", "visits", "from_visit"],
        ),
        "About": pd.DataFrame({"about": _about(schedule)}),
    }


def _visit(schedule: Schedule, visit: PlannedVisit) -> dict[str, Any]:
    parts = ("deductible", "copay", "coinsurance", "own")
    codes = ", ".join(f"{line.code} x{line.units}" for line in visit.lines if line.units)
    return {
        **_of_visit(schedule, visit),
        "services": codes,
        **_dollars(visit),
        **{name: getattr(visit, name) / 100 for name in parts},
        "way": visit.way,
        "why": visit.why,
        "moved_from": visit.holiday,
        "rates": visit.rates.name,
    }


def _item(item: Any) -> dict[str, Any]:
    counts = {name: getattr(item, name) for name in ("code", "name", "visits", "units")}
    return counts | _dollars(item)


def _about(schedule: Schedule) -> list[str]:
    """Who made it, by which rates, and what is not known of it."""
    said = [made_by(*{visit.rates for visit in schedule.visits})]
    said += [f"Visit {event.visit}: {event.text}" for event in schedule.events]
    if schedule.missing:
        said.append(f"No price is known of {', '.join(schedule.missing)}: counted as 0.")
    if schedule.assumed:
        said.append(f"By the fee schedule, not by own fees: {', '.join(schedule.assumed)}.")
    return said
