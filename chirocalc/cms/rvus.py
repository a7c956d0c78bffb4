"""Relative values and conversion factors: what a release changes, by the day it takes effect."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from chirocalc.rules import fee
from chirocalc.tables import CMS_COLUMNS, check_values, earlier_rvus

from .held import LOST, SOURCES, Change, Tables, day_before, held_releases, note_release
from .releases import Release, file_error

KEY = ["code", "modifier"]

VALUES = list(CMS_COLUMNS)

RVUS = ["work_rvu", "pe_rvu_office", "pe_rvu_facility", "mp_rvu"]


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
    gone = [_key(*row) for row in codes[KEY].itertuples(index=False) if tuple(row) not in given]
    newest = release.year >= int(max(codes["effective_from"])[:4])
    if newest and len(gone) > LOST * len(codes):
        said = f"has no row for {len(gone)} of the {len(codes)} codes: {', '.join(gone[:5])} …"
        raise file_error(release.file, said)
    begin = release.effective_from if held else f"{release.year}-01-01"
    rows = pd.concat([tables["earlier_rvus"], codes[list(earlier_rvus.columns)]], ignore_index=True)
    spans = {key: _spans(group) for key, group in rows.groupby(KEY, sort=False)}
    changes: list[Change] = []
    for key, values in given.items():
        of_year = [row for row in spans[key] if row["effective_from"][:4] == str(release.year)]
        before = of_year[-1:] or (spans[key][-1:] if newest else [])
        old = dict(before[0]) if before else None
        new = _renewed(spans[key], of_year, values, release.label, begin)
        changes += _value_changes(
            tables, "codes" if newest else "earlier_rvus", _key(*key), old, new
        )
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


def _values(release: Release, codes: pd.DataFrame) -> dict[tuple[str, str], dict[str, str]]:
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


def _spans(group: pd.DataFrame) -> list[dict[str, str]]:
    return list(group.sort_values("effective_from").to_dict("records"))


def _renewed(
    spans: list[dict[str, str]],
    of_year: list[dict[str, str]],
    values: dict[str, str],
    label: str,
    begin: str,
) -> dict[str, str]:
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


def _same(row: dict[str, str], values: dict[str, str]) -> bool:
    """Whether values are those of a row, which a spreadsheet may have written in its own way."""
    return all(
        row[column] == values[column]
        or (column == "global_days" and row[column].zfill(3) == values[column])
        or (column in RVUS and row[column] and values[column]
            and float(row[column]) == float(values[column]))
        for column in VALUES
    )  # fmt: skip


def _value_changes(
    tables: Tables, table: str, key: str, old: dict[str, str] | None, new: dict[str, str]
) -> Iterator[Change]:
    """The values that differ, and what they make in dollars nationally; a code that is new."""
    if old is None:
        yield table, key, "row", "", new["release"]
        return
    for column in VALUES if not _same(old, new) else ():
        if old[column] != new[column]:
            yield table, key, column, old[column], new[column]
    for place in ("office", "facility"):
        was, now = (_dollars(tables, row, f"pe_rvu_{place}") for row in (old, new))
        if was != now:
            yield table, key, f"fee_{place}", was, now


def _dollars(tables: Tables, row: dict[str, str], pe: str) -> str:
    """A row's national fee on the day it takes effect, by the non-APM factor; empty for none."""
    factors, day = tables["conversion_factors"], row["effective_from"]
    final = (factors["status"] != "proposed") & (factors["basis"] != "APM")
    in_force = (factors["effective_from"] <= day) & (factors["effective_to"] >= day)
    factor = factors.loc[final & in_force, "conversion_factor"]
    if not row["work_rvu"] or factor.empty:
        return ""
    work, pe_rvu, mp = (float(row[column]) for column in ("work_rvu", pe, "mp_rvu"))
    return f"{fee(work, pe_rvu, mp, 1, 1, 1, float(factor.iloc[0])):.2f}"


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
