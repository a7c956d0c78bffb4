"""On which days the visits of a plan fall."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from itertools import combinations, pairwise
from typing import NamedTuple

from chirocalc.tables import federal_holiday

from .model import Plan

SATURDAY, WEEK = 5, 7

# Which of a week's working days have a visit, by how many there are, where no other choice keeps
# them farther apart.
SPREAD = {1: (0,), 2: (0, 3), 3: (0, 2, 4), 4: (0, 1, 3, 4), 5: (0, 1, 2, 3, 4)}


class PlannedDay(NamedTuple):
    """A visit's day; the place of its phase in the plan; its calendar week, counted from 1; the
    federal holiday that it was moved from, "" for none."""

    day: date
    phase: int
    week: int
    holiday: str


def planned_days(plan: Plan) -> Iterator[PlannedDay]:
    """The days in order. A week begins on the weekday of the plan's start; its visits are on
    working days, and on the start's own weekday; one that would be on a federal holiday is on
    another day of its week, but for the start itself, which was chosen. Each phase begins the week
    after the one before it."""
    week = 0
    for at, phase in enumerate(plan.phases):
        left = phase.count
        for here in range(week, week + phase.calendar_weeks, phase.every):
            begin = plan.start + timedelta(WEEK * here)
            usual = _days_of_week(begin, min(phase.per_week, left))
            for day, holiday in _off_holidays(begin, usual, plan.start):
                yield PlannedDay(day, at, here + 1, holiday)
            left -= phase.per_week
        week += phase.calendar_weeks


def _days_of_week(first: date, visits: int) -> list[date]:
    """So many days of the seven from the first one on."""
    return [first + timedelta(place) for place in _places(first.weekday(), visits)]


@cache
def _places(weekday: int, visits: int) -> tuple[int, ...]:
    """Places in a week that begins on a weekday: the first day and working days, as far apart as
    they can be, from one week to the next too."""
    working = [at for at in range(WEEK) if at == 0 or (weekday + at) % WEEK < SATURDAY]
    if visits > len(working):
        return tuple(range(visits))
    usual = tuple(working[each] for each in SPREAD.get(visits, range(visits)))
    others = [(0, *rest) for rest in combinations(working[1:], visits - 1)]
    return max([usual, *others], key=_least_apart)


def _least_apart(places: tuple[int, ...]) -> int:
    """The fewest days from a visit to the next, that of the next week after the last."""
    return min(later - day for day, later in pairwise((*places, places[0] + WEEK)))


def _off_holidays(begin: date, usual: list[date], start: date) -> list[tuple[date, str]]:
    """The days of a week, each with the holiday that it was moved from: to the nearest working day
    that has no visit, the later of two; for want of one to the weekend."""
    holidays = {day: name for day in usual if day != start and (name := federal_holiday(day))}
    if not holidays:
        return [(day, "") for day in usual]
    days = {day: "" for day in usual if day not in holidays}
    week = [begin + timedelta(at) for at in range(WEEK)]
    for day, name in holidays.items():
        free = [each for each in week if each not in days and not federal_holiday(each)]
        working = [each for each in free if each == begin or each.weekday() < SATURDAY]
        if moved := sorted(working or free, key=lambda each: (abs(each - day), each < day)):
            days[moved[0]] = name
        else:
            days[day] = ""  # care on all seven days
    return sorted(days.items())


def months_later(first: date, months: int) -> date:
    """The same day of a later month, or that month's last one."""
    month = first.year * 12 + first.month - 1 + months
    year, month = divmod(month, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(1)).day
    return date(year, month + 1, min(first.day, last))
