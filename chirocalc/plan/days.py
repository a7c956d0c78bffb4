"""On which days the visits of a plan fall."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from .model import Plan

SATURDAY, WEEK = 5, 7

# Which of a week's working days have a visit, by how many there are: as far apart as they can be.
SPREAD = {1: (0,), 2: (0, 3), 3: (0, 2, 4), 4: (0, 1, 3, 4), 5: (0, 1, 2, 3, 4)}


class PlannedDay(NamedTuple):
    """A visit's day; the place of its phase in the plan; its calendar week, counted from 1."""

    day: date
    phase: int
    week: int


def planned_days(plan: Plan) -> Iterator[PlannedDay]:
    """The days in order. A week begins on the weekday of the plan's start; its visits are on
    working days, and on the start's own weekday; each phase begins the week after the one before
    it."""
    week = 0
    for at, phase in enumerate(plan.phases):
        left = phase.count
        for here in range(week, week + phase.calendar_weeks, phase.every):
            begin = plan.start + timedelta(WEEK * here)
            for day in _days_of_week(begin, min(phase.per_week, left)):
                yield PlannedDay(day, at, here + 1)
            left -= phase.per_week
        week += phase.calendar_weeks


def _days_of_week(first: date, visits: int) -> list[date]:
    """So many days of the seven from the first one on."""
    days = [first + timedelta(each) for each in range(WEEK)]
    working = [day for day in days if day == first or day.weekday() < SATURDAY]
    if visits in SPREAD:
        return [working[each] for each in SPREAD[visits]]
    return working if visits == len(working) else days[:visits]


def months_later(first: date, months: int) -> date:
    """The same day of a later month, or that month's last one."""
    month = first.year * 12 + first.month - 1 + months
    year, month = divmod(month, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(1)).day
    return date(year, month + 1, min(first.day, last))
