"""Periods of time, the one before each, and sums by day, week, month, quarter or year.

Weeks begin on Monday. Sums are whole hundredths and cents, so that those of the days of a period
are the period's.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, NamedTuple

import numpy as np
import pandas as pd

from chirocalc.checked import CalendarDay, Texts, checked, choice, each_field, having
from chirocalc.errors import InputError, Problem
from chirocalc.given import as_day

# By what is summed up, and pandas' name for it.
GRAINS = {"day": "D", "week": "W-SUN", "month": "M", "quarter": "Q", "year": "Y"}

SUMS = ["units", "work", "total", "cents"]

Grain = Annotated[str, choice(*GRAINS)]

NamedPeriod = Annotated[str, choice(*GRAINS, "last month")]

PeriodOrSpan = Annotated[str, choice(*GRAINS, "last month", "range", "all")]

# Rows with what is summed up of them; with what of it is known; with what they are, too.
Summed = Annotated[pd.DataFrame, having("date", *SUMS)]

Known = Annotated[pd.DataFrame, having("date", *SUMS, "has_work", "has_cents")]

Priced = Annotated[pd.DataFrame, having("date", "code", "times", *SUMS, "has_work", "has_cents")]


class Span(NamedTuple):
    """Days, the first and the last."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @checked
    def has(self, days: Texts) -> pd.Series:
        """Which of the days ("2026-03-02") lie in it."""
        return (days >= self.first.isoformat()) & (days <= self.last.isoformat())


GivenSpan = Annotated[Span, each_field(Span)]


@checked
def span_of(period: NamedPeriod, today: CalendarDay) -> Span:
    """The "day", "week", "month", "last month", "quarter" or "year" of a day, up to its end."""
    if period == "last month":
        return span_of("month", today.replace(day=1) - timedelta(1))
    here = pd.Period(today, GRAINS[period])
    return Span(here.start_time.date(), here.end_time.date())


@checked
def span_before(period: PeriodOrSpan, here: GivenSpan, today: CalendarDay) -> Span:
    """What a period is compared with: the one before it, of one that is not over as many of its
    days as have passed; of other spans as many days before them."""
    if period in ("range", "all"):
        return Span(here.first - timedelta(here.days), here.first - timedelta(1))
    grain = "month" if period == "last month" else period
    before = span_of(grain, here.first - timedelta(1))
    if here.first <= today < here.last:
        passed = (today - here.first).days
        return before._replace(last=min(before.last, before.first + timedelta(passed)))
    return before


@checked
def span_of_rows(days: Texts) -> Span | None:
    """From the first day to the last one; None of none."""
    if days.empty:
        return None
    try:
        return Span(date.fromisoformat(days.min()), date.fromisoformat(days.max()))
    except (ValueError, TypeError):
        raise _no_days("span_of_rows", days) from None


def _no_days(where: str, days: pd.Series) -> InputError:
    """Of a column in which something is no day, the first such value."""
    odd = next((each for each in days if as_day(each) is None), "")
    return InputError([Problem(where, None, "days", odd, "must be a day such as 2026-03-02")])


class Sums(NamedTuple):
    """The sums of rows: units, work and total RVUs in hundredths, cents, days with rows; how many
    rows, and how many of them have no work RVUs or no dollars."""

    units: int
    work: int
    total: int
    cents: int
    days: int
    rows: int
    without_work: int
    without_cents: int


@checked
def sums(rows: Known) -> Sums:
    """The sums of priced rows."""
    units, work, total, cents = (int(rows[name].to_numpy().sum()) for name in SUMS)
    return Sums(
        units,
        work,
        total,
        cents,
        rows["date"].nunique(),
        len(rows),
        int((~rows["has_work"].to_numpy()).sum()),
        int((~rows["has_cents"].to_numpy()).sum()),
    )


@checked
def grain_of(days: Texts, grain: Grain) -> pd.Series:
    """The first day of each day's "day", "week", "month", "quarter" or "year"."""
    numbers, found = pd.factorize(days)
    try:
        moments = pd.to_datetime(pd.Series(found), format="%Y-%m-%d")
    except ValueError:
        raise _no_days("grain_of", days) from None
    starts = pd.PeriodIndex(moments, freq=GRAINS[grain]).start_time
    words = np.array([*starts.strftime("%Y-%m-%d"), ""], object)
    return pd.Series(words[numbers], index=days.index, dtype="str")


@checked
def by_period(rows: Summed, grain: Grain) -> pd.DataFrame:
    """Sums of priced rows by the first day of each period, by date."""
    table = rows.assign(period=grain_of(rows["date"], grain))
    summed = table.groupby("period", sort=True)[SUMS].sum()
    days = table.groupby("period", sort=True)["date"].nunique()
    return summed.assign(days=days)
