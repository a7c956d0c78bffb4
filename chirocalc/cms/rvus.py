"""Relative values and conversion factors: what a release changes, by the day it takes effect."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from chirocalc.rules import fee
from chirocalc.tables import CMS_COLUMNS, check_values, earlier_rvus

from .held import LOST, SOURCES, Change, Tables, day_before, held_releases, note_release
from .releases import Release, file_error

Row = dict[str, str]  # by column

KEY = ["code", "modifier"]

VALUES = list(CMS_COLUMNS)

RVUS = ["work_rvu", "pe_rvu_office", "pe_rvu_facility", "mp_rvu"]

PLACES = ("office", "facility")


def renew_rvus(tables: Tables, release: Release) -> tuple[list[Change], list[str]]:
    """The values of a release for the codes of codes.csv: what changed, and which codes are gone.

    A code's first values of a year stand for the whole year; values that differ in a later quarter
    begin with it. codes.csv keeps a code's latest values, earlier_rvus.csv the others.
    """
    codes = tables["codes"]
    held = held_releases(tables, "rvus", str(release.year))
    if held and release.label < max(held):
        raise file_error(release.file, f"is {release.label}, and the tables hold {max(held)}")
    given = _values(release, codes)
    listed = codes.loc[codes["status"] != "", KEY]  # a brace was never in the file
    gone = [_key(*row) for row in listed.itertuples(index=False) if tuple(row) not in given]
    newest = release.year >= int(max(codes["effective_from"])[:4])
    if newest and len(gone) > LOST * len(listed):
        said = f"has no row for {len(gone)} of the {len(listed)} codes: {', '.join(gone[:5])} …"
        raise file_error(release.file, said)
    begin = release.effective_from if held else f"{release.year}-01-01"
    spans = _spans(tables["earlier_rvus"], codes[list(earlier_rvus.columns)])
    compared: list[tuple[Row | None, Row]] = []
    for key, values in given.items():
        of_year = [row for row in spans[key] if row["effective_from"][:4] == str(release.year)]
        before = of_year[-1:] or (spans[key][-1:] if newest else [])
        old = dict(before[0]) if before else None
        compared.append((old, _renewed(spans[key], of_year, values, release.label, begin)))
    factors, changed = tables["conversion_factors"], "codes" if newest else "earlier_rvus"
    changes = list(_value_changes(factors, changed, compared))
    # A code's last values stand in codes.csv, unless a clinic has taken the code out.
    latest = [spans[tuple(key)].pop() for key in codes[KEY].to_numpy()]
    tables["codes"] = codes.assign(
        **{column: [row[column] for row in latest] for column in earlier_rvus.columns},
        confirmed=[
            "|".join(label for label in seen.split("|") if label > row["release"])
            for seen, row in zip(codes["confirmed"], latest, strict=True)
        ],
    )
    earlier = [row for rows in spans.values() for row in rows]
    tables["earlier_rvus"] = (
        pd.DataFrame(earlier, columns=list(earlier_rvus.columns), dtype=str)
        .sort_values(["effective_from", *KEY])
        .reset_index(drop=True)
    )
    note_release(tables, release, len(given), begin)
    return changes, gone


def _values(release: Release, codes: pd.DataFrame) -> dict[tuple[str, str], Row]:
    """The values of our codes, RVUs empty where all are zero. Raises `InputError`."""
    table = release.table[release.table["code"].isin(codes["code"])]
    known = pd.MultiIndex.from_frame(codes[KEY])
    table = table[pd.MultiIndex.from_frame(table[KEY]).isin(known)]
    table = table[[*KEY, *VALUES]]
    check_values(table[VALUES], CMS_COLUMNS, release.file)
    none = (table[RVUS] == "0.00").all(axis=1)
    table = table.assign(**{column: table[column].mask(none, "") for column in RVUS})
    return {
        (row["code"], row["modifier"]): {column: row[column] for column in VALUES}
        for row in table.to_dict("records")
    }


def _spans(*frames: pd.DataFrame) -> dict[tuple[str, str], list[Row]]:
    """The rows of tables by code and part, those of each by the day they take effect."""
    rows = [row for frame in frames for row in frame.to_dict("records")]
    spans: dict[tuple[str, str], list[Row]] = {(row["code"], row["modifier"]): [] for row in rows}
    for row in sorted(rows, key=lambda row: row["effective_from"]):
        spans[row["code"], row["modifier"]].append(row)
    return spans


def _renewed(spans: list[Row], of_year: list[Row], values: Row, label: str, begin: str) -> Row:
    """Put values of a release among a code's spans; return the span that has them."""
    last = of_year[-1] if of_year else None
    if last and (
        _same(last, values) or last["release"] == label or begin <= last["effective_from"]
    ):
        if not _same(last, values):
            last |= values
        last["release"] = label
        return last
    if last:
        last["effective_to"] = day_before(begin)
    new = spans[0] | values | {"release": label, "effective_from": begin}
    new["effective_to"] = f"{begin[:4]}-12-31"
    spans.append(new)
    spans.sort(key=lambda span: span["effective_from"])
    return new


def _same(row: Row, values: Row) -> bool:
    """Whether values are those of a row, which a spreadsheet may have written in its own way."""
    return all(
        row[column] == values[column]
        or (column == "global_days" and row[column].zfill(3) == values[column])
        or (column in RVUS and row[column] and values[column]
            and float(row[column]) == float(values[column]))
        for column in VALUES
    )  # fmt: skip


def _value_changes(
    factors: pd.DataFrame, table: str, compared: list[tuple[Row | None, Row]]
) -> Iterator[Change]:
    """The values that differ, and what they make in dollars nationally; codes that are new."""
    rows = [row for pair in compared for row in pair if row]
    dollars = _dollars(factors, rows, "office"), _dollars(factors, rows, "facility")
    fees = iter(zip(*dollars, strict=True))
    for old, new in compared:
        key = _key(new["code"], new["modifier"])
        if old is None:
            next(fees)
            yield table, key, "row", "", new["release"]
            continue
        for column in VALUES if not _same(old, new) else ():
            if old[column] != new[column]:
                yield table, key, column, old[column], new[column]
        for place, was, now in zip(PLACES, next(fees), next(fees), strict=True):
            if was != now:
                yield table, key, f"fee_{place}", was, now


def _dollars(factors: pd.DataFrame, rows: list[Row], place: str) -> list[str]:
    """Each row's national fee on the day it takes effect; empty for none."""
    days = [row["effective_from"] for row in rows]
    in_force = {day: _factor(factors, day) for day in set(days)}
    columns = ("work_rvu", f"pe_rvu_{place}", "mp_rvu")
    work, pe, mp = ([float(row[column] or "nan") for row in rows] for column in columns)
    amounts = np.asarray(fee(work, pe, mp, 1, 1, 1, [in_force[day] or 0.0 for day in days]))
    return [
        f"{amount:.2f}" if in_force[day] and not np.isnan(amount) else ""
        for day, amount in zip(days, amounts, strict=True)
    ]


def _factor(factors: pd.DataFrame, day: str) -> float | None:
    """The non-APM factor of a day, or None."""
    final = (factors["status"] != "proposed") & (factors["basis"] != "APM")
    in_force = (factors["effective_from"] <= day) & (factors["effective_to"] >= day)
    found = factors.loc[final & in_force, "conversion_factor"]
    return None if found.empty else float(found.iloc[0])


def _key(code: str, modifier: str) -> str:
    return f"{code}-{modifier}" if modifier else code


def renew_factors(tables: Tables, release: Release, today: str) -> list[Change]:
    """The factor of a year that the table does not have, in the place of a proposed one."""
    table, year, factor = tables["conversion_factors"], str(release.year), release.conversion_factor
    text = f"{factor:.4f}"
    of_year = table["effective_from"].str.startswith(year)
    final = table[of_year & (table["status"] != "proposed")]
    if text in set(final["conversion_factor"]):
        return []
    if release.basis is None:
        said = (
            f"has the factor {text}, which conversion_factors.csv does not know for {year}: "
            "let the file's name say QPP or nonQPP, as CMS names it"
        )
        raise file_error(release.file, said)
    if release.basis in set(final["basis"]):
        known = final.loc[final["basis"] == release.basis, "conversion_factor"].iloc[0]
        said = f"has the factor {text}, and the {release.basis} one of {year} is {known}"
        raise file_error(release.file, said)
    row = {
        "effective_from": f"{year}-01-01",
        "effective_to": f"{year}-12-31",
        "conversion_factor": text,
        "basis": release.basis,
        "status": "in force",
        "source": SOURCES["rvus"],
    }
    proposed = table[of_year & (table["basis"] == release.basis)]
    past = (table["status"] == "in force") & (table["effective_to"] < today)
    table = table.assign(status=table["status"].mask(past, "historical"))
    table = pd.concat([table.drop(proposed.index), pd.DataFrame([row])])
    tables["conversion_factors"] = table.sort_values("effective_from", kind="stable").reset_index(
        drop=True
    )
    old = "".join(proposed["conversion_factor"] + " (proposed)")
    return [("conversion_factors", f"{year} {release.basis}", "conversion_factor", old, text)]
