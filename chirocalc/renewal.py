"""Whether CMS should have newer files than the tables hold, by the days on which it renews each."""

from __future__ import annotations

from datetime import date

import pandas as pd

from . import tables


def due(today: date | None = None) -> pd.DataFrame:
    """One row per kind of table: table, name, release and effective_from of the newest loaded,
    next_release (the first day of CMS's release after it), due (whether that day is past)."""
    now = (today or date.today()).isoformat()
    calendar, loaded = tables.release_calendar(), tables.releases()
    newest = loaded.sort_values("effective_from").groupby("table").last()
    rows = []
    for table, days in calendar.groupby("table", sort=False):
        last = str(newest.at[table, "effective_from"])
        year = int(last[:4])
        coming = [f"{each}-{day}" for each in (year, year + 1) for day in sorted(days["begins"])]
        following = next(day for day in coming if day > last)
        rows.append((table, days["name"].iloc[0], newest.at[table, "release"], last, following))
    columns = ["table", "name", "release", "effective_from", "next_release"]
    out = pd.DataFrame(rows, columns=columns)
    return out.assign(due=out["next_release"] <= now)
