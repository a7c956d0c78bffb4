"""Federal holidays, from the `holidays` library: days on which offices are closed and no business
day is counted."""

from __future__ import annotations

from datetime import date
from functools import cache

from chirocalc.checked import CalendarDay, checked


@checked
def federal_holiday(day: CalendarDay) -> str:
    """The name of the federal holiday that is kept on a day; "" on any other."""
    return _of_year(day.year).get(day, "")


@cache
def _of_year(year: int) -> dict[date, str]:
    from holidays import country_holidays  # noqa: PLC0415 - a tenth of a second, and seldom needed

    # Years next to it too: New Year's Day on a Saturday is kept in the year before.
    found = country_holidays("US", categories=("government",), years=(year, year + 1))
    return dict(found.items())
