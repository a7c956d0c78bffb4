"""Whether CMS should have newer files than the tables hold, by the days on which it renews each."""

from __future__ import annotations

import re
from datetime import date

import pandas as pd

from chirocalc import tables
from chirocalc.checked import checked

# "RVU26B", and "2026 Q2" or "ZIP5 2025 Q4"
QUARTER = re.compile(r"RVU(?P<short>\d\d)(?P<letter>[A-D])|.*?(?P<year>\d{4}) Q(?P<number>[1-4])")


@checked
def due(today: date | None = None) -> pd.DataFrame:
    """One row per kind of file that is behind: name, release (the newest loaded), newer (since when
    CMS should have the newest), missed (from when on it should have one that is newer). Empty while
    all are up to date."""
    now = (today or date.today()).isoformat()
    loaded, rows = tables.releases(), []
    for table, days in tables.release_calendar().groupby("table", sort=False):
        begins = sorted(days["begins"])
        mine = loaded[loaded["table"] == table]
        held = [
            (_begin(label, start, begins), label)
            for label, start in zip(mine["release"], mine["effective_from"], strict=True)
        ]
        last, release = max(held)
        years = range(int(last[:4]), int(now[:4]) + 1)
        coming = [f"{year}-{day}" for year in years for day in begins]
        newer = [day for day in coming if last < day <= now]
        if newer:
            rows.append((days["name"].iloc[0], release, newer[-1], newer[0]))
    return pd.DataFrame(rows, columns=["name", "release", "newer", "missed"])


def _begin(release: str, effective_from: str, begins: list[str]) -> str:
    """The first day of a release's quarter; of one without a quarter, of its values."""
    found = QUARTER.fullmatch(release)
    if not found:
        return effective_from
    year = found["year"] or f"20{found['short']}"
    at = int(found["number"]) - 1 if found["number"] else "ABCD".index(found["letter"])
    return f"{year}-{begins[at]}"
