"""A sample month, made up and always the same: what the page shows before there is any row."""

from __future__ import annotations

from datetime import timedelta

from chirocalc.checked import CalendarDay, checked

from .rows import Row

# By weekday, Monday first: how often each service was done. Units of 2 where it says so.
WEEK: tuple[tuple[tuple[str, int, int], ...], ...] = (
    (("98941", 1, 14), ("98940", 1, 6), ("97110", 2, 5), ("97140", 1, 4), ("99203", 1, 1)),
    (("98941", 1, 11), ("98940", 1, 5), ("97112", 1, 4), ("97012", 1, 3)),
    (("98941", 1, 15), ("98940", 1, 4), ("98942", 1, 1), ("97110", 2, 6), ("99213", 1, 2)),
    (("98941", 1, 9), ("98940", 1, 7), ("97530", 1, 3), ("G0283", 1, 4)),
    (("98941", 1, 12), ("98940", 1, 3), ("97110", 1, 4), ("97140", 1, 5), ("99202", 1, 1)),
    (("98941", 1, 4), ("98940", 1, 3)),
    (),
)

DAYS = 63  # so that there is a month before, to compare with


@checked
def sample_rows(today: CalendarDay) -> list[Row]:
    """Rows of the nine weeks up to a day."""
    rows = []
    for back in range(DAYS):
        day = today - timedelta(back)
        for at, (code, units, times) in enumerate(WEEK[day.weekday()]):
            # Some weeks are busier than others.
            often = max(1, times - (day.isocalendar().week * 7 + at) % 3)
            rows.append(Row(f"s{back:03}{at}", 0, day.isoformat(), code, units, None, often))
    return rows
