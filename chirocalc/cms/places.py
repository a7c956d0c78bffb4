"""Localities and ZIP codes: what a release of CMS's changes in them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .held import Change, Tables, note_release, refuse_lost, refuse_older
from .releases import Release, file_error

INDICES = ["work_gpci", "pe_gpci", "mp_gpci", "work_gpci_without_floor"]

FLOOR = {"work_gpci": "with", "work_gpci_without_floor": "without"}


def renew_gpcis(tables: Tables, release: Release) -> tuple[list[Change], list[str]]:
    """A year's localities, beside those of other years, with the names they have here; and what is
    said of a column that the file lacks."""
    table, (given, notes) = tables["localities"], _completed(tables["localities"], release)
    ids = table["mac"] + "-" + table["locality"]
    lost = sorted(set(table["state"]) - set(given["state"]))
    if lost:
        raise file_error(release.file, f"has no locality in {', '.join(lost)}: it is cut off")
    names = dict(zip(ids, table["name"], strict=True))
    new = given.assign(
        name=[
            names.get(f"{mac}-{locality}", _title(name))
            for mac, locality, name in given[["mac", "locality", "name"]].to_numpy()
        ],
        release=release.label,
        effective_from=release.effective_from,
        effective_to=release.effective_to,
    ).reindex(columns=table.columns, fill_value="")
    last = max(table["effective_from"])
    of_year = table["effective_from"] == release.effective_from
    newest = release.effective_from >= last
    compared = of_year if of_year.any() else (table["effective_from"] == last) & newest
    old = table[compared].set_index(ids[compared])
    changes: list[Change] = []
    for row in new.to_dict("records"):
        place = f"{row['mac']}-{row['locality']}"
        if place not in old.index:
            changes.append(("localities", place, "row", "", release.label))
            continue
        changes += [
            ("localities", place, column, old.at[place, column], row[column])
            for column in INDICES
            if old.at[place, column] != row[column]
        ]
    if newest:
        there = set(new["mac"] + "-" + new["locality"])
        changes += [
            ("localities", place, "row", old.at[place, "release"], "gone")
            for place in old.index
            if place not in there
        ]
    tables["localities"] = (
        pd.concat([table[~of_year], new])
        .sort_values("effective_from", ascending=False, kind="stable")
        .reset_index(drop=True)
    )
    note_release(tables, release, len(new), release.effective_from)
    return changes, notes


def _completed(table: pd.DataFrame, release: Release) -> tuple[pd.DataFrame, list[str]]:
    """A file's rows with both work indices: where it lacks one, those that the tables hold of the
    year stay; of a year that they do not have, the other one is used, or none."""
    given = release.table
    lacks = [column for column in FLOOR if column not in given]
    if not lacks:
        return given, []
    [column] = lacks
    held = table[table["effective_from"] == release.effective_from].set_index(["mac", "locality"])
    keys = pd.MultiIndex.from_frame(given[["mac", "locality"]])
    kept = held[column].reindex(keys).fillna("").to_numpy()
    if column == "work_gpci":
        kept = np.where(kept == "", given["work_gpci_without_floor"], kept)
    what = f"work indices {FLOOR[column]} the floor of 1.0"
    if len(held):
        said = f"{release.file} has no {what}: those that the tables hold stay"
    elif column == "work_gpci":
        said = f"{release.file} has no {what}: those without it are used"
    else:
        said = f"{release.file} has no {what}: {release.year} has none"
    return given.assign(**{column: kept}), [said]


def _title(name: str) -> str:
    """A locality's name in capitals as this table writes it."""
    return name.title().replace(" Of ", " of ").replace("Cnty", "County").replace("Nyc", "NYC")


def renew_zips(tables: Tables, release: Release) -> list[Change]:
    """The ZIP codes of a quarter in the place of those of another."""
    refuse_older(tables, release)
    columns = ["zip", "locality_id", "needs_plus4"]
    old = tables["zips"].set_index("zip")
    new = release.table[columns].sort_values("zip").reset_index(drop=True)
    refuse_lost(release, len(old.index.difference(new["zip"])), len(old), "ZIP codes")
    every = old.index.union(new["zip"])
    was, now = (frame.reindex(every).fillna("") for frame in (old, new.set_index("zip")))
    changes: list[Change] = [
        ("zips", str(code), column, was.at[code, column], now.at[code, column])
        for column in columns[1:]
        for code in every[was[column] != now[column]]
    ]
    tables["zips"] = new
    note_release(tables, release, len(new), release.effective_from)
    return changes


def check_places(tables: Tables, releases: list[Release]) -> None:
    """Every ZIP code must map to a locality of the newest year, and every one of these have some.

    Raises `InputError`.
    """
    table, mapped = tables["localities"], tables["zips"]["locality_id"]
    newest = table[table["effective_from"] == max(table["effective_from"])]
    known = newest["mac"] + "-" + newest["locality"]
    unknown, bare = sorted(set(mapped) - set(known)), sorted(set(known) - set(mapped))
    name = ", ".join(release.file for release in releases)
    if unknown:
        said = (
            f"leaves {int(mapped.isin(unknown).sum()):,} ZIP codes without their localities "
            f"{', '.join(unknown)}: give CMS's ZIP file and index file of the same time together"
        )
        raise file_error(name, said)
    if bare:
        said = f"leaves localities without any ZIP code: {', '.join(bare)}"
        raise file_error(name, said)
