"""The day by which a good faith estimate is due (gfe-149.610)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

import pandas as pd

from chirocalc import tables
from chirocalc.checked import CalendarDay, checked

DAY = timedelta(1)


class DueDay(NamedTuple):
    """The day, None where scheduling asks for no estimate; why, its source, and the federal
    holidays that moved it."""

    day: date | None
    why: str
    source: str
    holidays: tuple[str, ...] = ()


@checked
def due_when_scheduled(scheduled: CalendarDay, service: CalendarDay) -> DueDay:
    """For a service on a day that is scheduled on another: at least 3 business days ahead within
    1 business day, at least 10 ahead within 3."""
    if service < scheduled:
        return DueDay(None, "The first visit is before that day: check both", "gfe-149.610")
    ahead = business_days(scheduled, service)
    for row in _rows("scheduled"):
        most = ahead if pd.isna(row.days_to) else row.days_to
        if row.days_from <= ahead <= most:
            return _due(scheduled, int(row.due_days), row.when, row.source)
    least = min(row.days_from for row in _rows("scheduled"))
    words = f"Scheduled under {least} business days ahead: due only when it is asked for"
    return DueDay(None, words, "gfe-149.610")


@checked
def due_when_asked(asked: CalendarDay) -> DueDay:
    """For an estimate that is asked for, as by any question about cost."""
    [row] = _rows("asked")
    return _due(asked, int(row.due_days), row.when, row.source)


@checked
def business_days(first: CalendarDay, last: CalendarDay) -> int:
    """How many business days lie after one day, up to and with another."""
    return sum(is_business_day(first + DAY * at) for at in range(1, (last - first).days + 1))


def is_business_day(day: date) -> bool:
    """Whether a day is Monday to Friday and no federal holiday."""
    return day.weekday() < 5 and not tables.federal_holiday(day)


def _due(begin: date, days: int, why: str, source: str) -> DueDay:
    """So many business days after a day."""
    day, passed = begin, []
    while days:
        day += DAY
        if is_business_day(day):
            days -= 1
        elif day.weekday() < 5:
            passed.append(tables.federal_holiday(day))
    return DueDay(day, why, source, tuple(passed))


def _rows(after: str) -> list[pd.Series]:
    table = tables.estimate_due()
    return list(table[table["after"] == after].itertuples())
