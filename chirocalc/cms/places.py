"""Localities and ZIP codes: what a release of CMS's changes in them."""

from __future__ import annotations

import pandas as pd

from .held import Change, Tables, note_release, refuse_lost, refuse_older
from .releases import Release, file_error


def renew_gpcis(tables: Tables, release: Release) -> list[Change]:
    """A year's localities, beside those of other years, with the names they have here."""
    table, given = tables["localities"], release.table
    ids = table["mac"] + "-" + table["locality"]
    lost = sorted(set(table["state"]) - set(given["state"]))
    if lost:
        raise file_error(release.file, f"has no locality in {', '.join(lost)}: it is cut off")
    names = dict(zip(ids, table["name"], strict=True))
    columns = ["work_gpci", "pe_gpci", "mp_gpci", "work_gpci_without_floor"]
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
            for column in columns
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
    return changes


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
