"""Whether CMS should have newer files than the tables hold, by the days on which it renews each."""

from __future__ import annotations

import re
from datetime import date

import pandas as pd

from . import tables

QUARTER = re.compile(r"RVU(?P<short>\d\d)(?P<letter>[A-D])|.*?(?P<year>\d{4}) Q(?P<number>[1-4])")
BEGINS = ("01-01", "04-01", "07-01", "10-01")


def due(today: date | None = None) -> pd.DataFrame:
    """One row per kind of file that is behind: name, release (the newest loaded), newer (since when
    CMS should have one that is newer). Empty while all are up to date."""
    now = (today or date.today()).isoformat()
    calendar, loaded = tables.release_calendar(), tables.releases()
    begins = loaded.assign(begins=[_begins(row) for row in loaded.itertuples()])
    newest = begins.sort_values("begins").groupby("table").last()
    rows = []
    for table, days in calendar.groupby("table", sort=False):
        mine = newest.loc[str(table)]
        years = range(int(mine["begins"][:4]), int(now[:4]) + 1)
        past = [f"{year}-{day}" for year in years for day in sorted(days["begins"])]
        newer = [day for day in past if mine["begins"] < day <= now]
        if newer:
            rows.append((days["name"].iloc[0], mine["release"], newer[-1]))
    return pd.DataFrame(rows, columns=["name", "release", "newer"])


def _begins(release: object) -> str:
    """The first day of a release's quarter ("RVU26B", "ZIP5 2025 Q4"), or of its values."""
    found = QUARTER.fullmatch(release.release)  # type: ignore[attr-defined]
    if not found:
        return str(release.effective_from)  # type: ignore[attr-defined]
    year = found["year"] or f"20{found['short']}"
    at = int(found["number"]) - 1 if found["number"] else "ABCD".index(found["letter"])
    return f"{year}-{BEGINS[at]}"
