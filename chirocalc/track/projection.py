"""A goal for the year, how far it is, and what the year comes to if it goes on as it did.

A projection, not a forecast: work RVUs so far, and for each week to come, less weeks off, the mean
of the weeks of this year in which anything was logged.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, NamedTuple

import pandas as pd

from chirocalc.checked import CalendarDay, Place, between, checked, having

from .days import Days
from .periods import Span, grain_of, span_of

DAYS_A_WEEK = 7

MOST_WEEKS, MOST_HOURS = 53, 168  # of a year, of a week

# Rows with what they are worth.
Worked = Annotated[pd.DataFrame, having("date", "work")]


class Projection(NamedTuple):
    """Work RVUs in hundredths: `so_far` this year, `mean` of the `active_weeks` it rests on, the
    `whole` year; `weeks_left` without the weeks off; `paced`: of a goal, what would be reached by
    today if each day brought the same."""

    so_far: int
    mean: float
    active_weeks: int
    weeks_left: float
    whole: int
    paced: int


@checked
def project(
    rows: Worked,
    today: CalendarDay,
    weeks_off: Annotated[float, between(0, MOST_WEEKS)] = 0,
    goal: Place = 0,
) -> Projection:
    """The year of `today`, from priced rows up to that day. `goal` in hundredths.

    The week that is going on counts among the active ones only where it is the only one.
    """
    year = span_of("year", today)
    mine = rows[Span(year.first, today).has(rows["date"])]
    so_far = int(mine["work"].sum())
    weeks = mine.groupby(grain_of(mine["date"], "week"))["work"].sum()
    this_week = span_of("week", today)
    over = weeks[weeks.index < this_week.first.isoformat()]
    rests_on = over if len(over) else weeks
    mean = float(rests_on.mean()) if len(rests_on) else 0.0
    left = max(0.0, (year.last - today).days / DAYS_A_WEEK - weeks_off)
    passed = (today - year.first).days + 1
    return Projection(
        so_far,
        mean,
        len(rests_on),
        left,
        round(so_far + mean * left),
        round(goal * passed / year.days),
    )


@checked
def running(rows: Worked, today: CalendarDay) -> pd.Series:
    """Work RVUs of the year so far in hundredths, by the last day of each week, today's last."""
    year = span_of("year", today)
    mine = rows[Span(year.first, today).has(rows["date"])]
    by_day = mine.groupby("date")["work"].sum()
    ends = list(pd.date_range(year.first, today, freq="W-SUN").strftime("%Y-%m-%d"))
    if not ends or ends[-1] != today.isoformat():
        ends.append(today.isoformat())
    summed = by_day.cumsum()
    start = (year.first - timedelta(1)).isoformat()
    reached = [int(summed[summed.index <= end].iloc[-1]) if (summed.index <= end).any() else 0
               for end in ends]  # fmt: skip
    return pd.Series([0, *reached], index=[start, *ends], dtype="int64")


Hours = Annotated[float, between(0, MOST_HOURS)]


class Rate(NamedTuple):
    """Work RVUs in hundredths a day on which anything was logged, and an hour where hours a week
    are known."""

    a_day: float | None
    an_hour: float | None


@checked
def rates_of(days: Days, hours_a_week: Hours | None, every: Days) -> Rate:
    """What some days come to a day and an hour. The hours of a week are spread over as many days as
    an active week has on the mean of `every` day: a day or a part of a week has its share."""
    count = days.total("days")
    if not count:
        return Rate(None, None)
    work = days.total("work")
    days_a_week = every.total("days") / len(every.by("week", "work"))
    an_hour = work / (count * hours_a_week / days_a_week) if hours_a_week else None
    return Rate(work / count, an_hour)
