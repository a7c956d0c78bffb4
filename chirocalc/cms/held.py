"""The tables that CMS's files renew, as text, and which releases of those files they hold."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd

from chirocalc.tables import ALL

from .releases import Release, file_error

Tables = dict[str, pd.DataFrame]  # by the name of the file without .csv, values as text

_BY_NAME = {table.name: table for table in ALL}

RENEWED = {
    name: _BY_NAME[name]
    for name in (
        "codes",
        "earlier_rvus",
        "localities",
        "zips",
        "conversion_factors",
        "pairs",
        "releases",
    )
}

Change = tuple[str, str, str, str, str]  # table, key, column, old value, new value

LOST = 0.1  # a file without a tenth of what the tables hold is cut off, not a release

SOURCES = {
    "rvus": "cms-rvu",
    "gpcis": "cms-gpci",
    "zips": "cms-zip5",
    "pairs": "cms-ptp",
    "limits": "cms-mue",
}


def held_releases(tables: Tables, kind: str, year: str = "") -> list[str]:
    """The releases of a kind, of a year, that the tables hold."""
    noted = tables["releases"]
    ours = (noted["table"] == kind) & noted["effective_from"].str.startswith(year)
    return list(noted.loc[ours, "release"])


def refuse_older(tables: Tables, release: Release) -> None:
    held = held_releases(tables, release.kind)
    if held and release.label < max(held):
        raise file_error(release.file, f"is {release.label}, and the tables hold {max(held)}")


def refuse_lost(release: Release, lost: int, held: int, what: str) -> None:
    if lost > LOST * held:
        said = f"lacks {lost:,} of the {held:,} {what} that the tables hold: it is cut off"
        raise file_error(release.file, said)


def note_release(tables: Tables, release: Release, rows: int, begin: str) -> None:
    """Enter a release in the place of those it replaces; a quarter's values end the one before."""
    noted, kind = tables["releases"], release.kind
    ours = noted["table"] == kind
    same = ours & (noted["release"] == release.label)
    if kind == "rvus":
        begin = str(noted.loc[same, "effective_from"].min()) if same.any() else begin
        ends = ours & ~same & (noted["effective_from"] < begin) & (noted["effective_to"] >= begin)
        noted = noted.assign(effective_to=noted["effective_to"].mask(ends, day_before(begin)))
    elif kind in ("zips", "limits"):
        same = ours
    row = {
        "table": kind,
        "release": release.label,
        "effective_from": begin,
        "effective_to": release.effective_to,
        "rows": str(rows),
        "read": "",
        "source": SOURCES[kind],
    }
    noted = pd.concat([noted[~same], pd.DataFrame([row])])
    tables["releases"] = noted.sort_values(
        ["table", "effective_from"],
        key=lambda column: column.map(list(SOURCES).index) if column.name == "table" else column,
        kind="stable",
    ).reset_index(drop=True)


def day_before(day: str) -> str:
    """The day before a day such as 2026-07-01."""
    return str(date.fromisoformat(day) - timedelta(days=1))
