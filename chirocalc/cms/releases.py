"""Which release a table of CMS's is: year, quarter, factor and dates, by what it says itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

from chirocalc.errors import InputError, Problem
from chirocalc.tables import conversion_factors

from .layouts import NAMES, Content

Quarter = tuple[int, int]  # the year, and 1 to 4

MONTHS = ["January", "April", "July", "October"]

LETTERS = "ABCD"  # of the quarters in CMS's names: RVU26B

# What a file's own name may add when its content does not say the quarter.
QUARTER_NAMES = {
    "rvus": r"RVU(?P<year>20[0-9]{2})_(?P<month>Jan|Apr|Jul|Oct)"
    r"|RVU(?P<short>[0-9]{2})(?P<letter>[A-D])",
    "pairs": r"v(?P<version>[0-9]{2})(?P<revision>[0-3])r"
    r"|(?P<year>20[0-9]{2})[ _-]?q(?P<quarter>[1-4])",
    "limits": r"eff(ective)?[ _-](?P<number>[0-9]{2})-[0-9]{2}-(?P<year>20[0-9]{2})",
}

LAST = "V"  # the last of the codes in a relative value file begin with it

FIRST_PAIRS = 1994  # version 32 of the pairs is that of 2026


@dataclass(frozen=True)
class Release:
    """One table of CMS's: its dates and its values as text, without descriptors.

    `table` is indexed by row number. `conversion_factor` and `basis` are those of a relative value
    file; the basis is None where neither table nor name tells whose the factor is.
    """

    kind: str  # rvus, gpcis, zips, pairs, limits
    year: int
    quarter: int | None
    label: str
    effective_from: str
    effective_to: str
    table: pd.DataFrame
    file: str
    conversion_factor: float | None = None
    basis: str | None = None
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.file}: {NAMES[self.kind]}, {self.label}, {len(self.table):,} rows"


class Told(NamedTuple):
    """What else tells the quarter: the user, or another file of the same zip."""

    asked: Quarter | None = None
    beside: Quarter | None = None


def asked_quarter(quarter: str | None) -> Quarter | None:
    """The year and quarter of a text such as 2026Q2. Raises `InputError`."""
    if quarter is None:
        return None
    match = re.fullmatch(r"(20[0-9]{2}) ?[Qq]([1-4])", quarter.strip())
    if not match:
        said = "must be a year and a quarter such as 2026Q2"
        raise InputError([Problem("quarter", None, "quarter", quarter, said)])
    return int(match[1]), int(match[2])


def file_error(name: str, said: str) -> InputError:
    """What is wrong with a file as a whole."""
    return InputError([Problem(name, None, "file", name, said)])


def release_of(name: str, content: Content, told: Told) -> Release:
    """The release a content is, with its values normalized. Raises `InputError`."""
    make = {"rvus": _rvus, "gpcis": _gpcis, "zips": _zips, "pairs": _pairs, "limits": _limits}
    return make[content.kind](name, content, told)


def _rvus(name: str, content: Content, told: Told) -> Release:
    table = content.table
    _check_unique(table, ["code", "modifier"], name)
    if table["code"].max() < LAST:
        raise file_error(
            name, f"ends at {table['code'].max()}: it is cut off, or not the whole file"
        )
    rvus = [column for column in table if "rvu" in column or "total" in column]
    cents = table[rvus].astype(float).mul(100).round().astype("int64")
    for total, pe in (("total_office", "pe_rvu_office"), ("total_facility", "pe_rvu_facility")):
        summed = cents["work_rvu"] + cents[pe] + cents["mp_rvu"]
        wrong = table.index[summed != cents[total]]
        if len(wrong):
            raise InputError(
                Problem(name, int(row), total, table.at[row, total],
                        f"must be work + PE + MP, {summed[row] / 100:.2f}")
                for row in wrong
            )  # fmt: skip
    factors = table["conversion_factor"].astype(float).round(4)
    odd = factors.index[factors != factors.mode().iloc[0]]
    if len(odd):
        said = f"stands beside {factors.mode().iloc[0]:.4f}: a file has one conversion factor"
        raise InputError(
            Problem(name, int(row), "conversion_factor", table.at[row, "conversion_factor"], said)
            for row in odd
        )
    factor = float(factors.iloc[0])
    table = table[[c for c in table if c not in rvus and c != "conversion_factor"]].join(
        cents.map(lambda value: f"{value / 100:.2f}")
    )
    year, basis, notes = _factor_year(name, content, factor, told)
    month = re.search(rf"RELATIVE VALUE FILE\W+({'|'.join(MONTHS)})\b", content.titles, re.I)
    says = (year, MONTHS.index(month[1].capitalize()) + 1) if month else None
    (year, quarter), told_by = _quarter("rvus", name, told, year=year, says=says)
    begin, _ = _span(year, quarter)
    return Release(
        "rvus", year, quarter, f"RVU{year % 100}{LETTERS[quarter - 1]}", begin, f"{year}-12-31",
        table, name, factor, basis, (*notes, *told_by),
    )  # fmt: skip


def _factor_year(
    name: str, content: Content, factor: float, told: Told
) -> tuple[int, str | None, list[str]]:
    """The year a relative value file is of, and whose its factor is: by title and factor."""
    known = conversion_factors()
    row = known[known["conversion_factor"] == factor]
    years = sorted({int(day[:4]) for day in row["effective_from"]})
    title = re.search(r"(20[0-9]{2}) NATIONAL PHYSICIAN FEE SCHEDULE", content.titles, re.I)
    if title:
        year = int(title[1])
    elif len(years) == 1:
        year = years[0]
    elif told.asked:
        year = told.asked[0]
    else:
        raise file_error(
            name, f"does not say its year, and its factor {factor:.4f} is of "
            f"{', '.join(map(str, years)) or 'no known year'}: give the quarter, such as 2027Q1",
        )  # fmt: skip
    final = known[
        known["effective_from"].str.startswith(str(year)) & (known["status"] != "proposed")
    ]
    if len(final):
        match = final[final["conversion_factor"] == factor]
        if match.empty:
            factors = " and ".join(f"{value:.4f}" for value in final["conversion_factor"])
            raise file_error(name, f"has the factor {factor:.4f}, but that of {year} is {factors}")
        return year, str(match["basis"].iloc[0]), []
    proposed = row[row["effective_from"].str.startswith(str(year))]
    if len(proposed):
        return year, str(proposed["basis"].iloc[0]), []
    named = re.search(r"(non[ _-]?)?QPP", name, re.I)
    if not named:
        return year, None, []
    basis = "non-APM" if named[1] else "APM"
    return year, basis, [f"that the factor {factor:.4f} is {basis} is read from the file's name"]


def _gpcis(name: str, content: Content, told: Told) -> Release:
    table = content.table
    _check_unique(table, ["mac", "locality"], name)
    said = set(re.findall(r"(20[0-9]{2}) (?:PW|WORK|PE|MP) GPCI", content.header)) | set(
        re.findall(r"CY (20[0-9]{2})", content.titles)
    )
    if len(said) != 1:
        years = " and ".join(sorted(said)) or "no year"
        raise file_error(name, f"names {years} in its title and header: it must be one year")
    year = int(said.pop())
    if "work_gpci" not in table and "work_gpci_without_floor" not in table:
        raise file_error(name, "has no work index: neither with nor without the floor of 1.0")
    if "work_gpci" not in table:
        note = "has work indices without the floor of 1.0 only"
    elif "work_gpci_without_floor" not in table:
        note = "has no work indices without the floor of 1.0"
    else:
        note = "has work indices with and without the floor of 1.0: those with it are used"
    for column in [column for column in table if "gpci" in column]:
        table[column] = table[column].map(lambda value: f"{float(value):.3f}" if value else "")
    begin, end = f"{year}-01-01", f"{year}-12-31"
    return Release("gpcis", year, None, f"GPCI{year}", begin, end, table, name, notes=(note,))


def _zips(name: str, content: Content, told: Told) -> Release:
    table = content.table
    _check_unique(table, ["zip"], name)
    when = table["quarter"].unique()
    if len(when) != 1:
        raise file_error(name, f"holds rows of several quarters: {', '.join(sorted(when))}")
    year, quarter = int(when[0][:4]), int(when[0][4])
    table = table.assign(locality_id=table["mac"] + "-" + table["locality"])
    label = f"ZIP5 {year} Q{quarter}"
    return Release("zips", year, quarter, label, *_span(year, quarter),
                   table[["state", "zip", "locality_id", "needs_plus4"]], name)  # fmt: skip


def _pairs(name: str, content: Content, told: Told) -> Release:
    if re.search("ccioph|hospital", name, re.I):
        raise file_error(name, "is by its name the hospital table: the practitioner one is needed")
    table = content.table
    for column in ("effective", "deletion"):
        filled = table[column][~table[column].isin(["", "*"])]
        bad = filled.index[pd.to_datetime(filled, format="%Y%m%d", errors="coerce").isna()]
        if len(bad):
            said = "must be a date such as 20260331"
            raise InputError(
                Problem(name, int(row), column, table.at[row, column], said) for row in bad
            )
    newest = table["effective"].max()
    changed = int(newest[:4]), (int(newest[4:6]) + 2) // 3
    when, told_by = _quarter("pairs", name, told, newest=changed)
    label = f"{when[0]} Q{when[1]}"
    return Release("pairs", *when, label, *_span(*when), table, name, notes=told_by)


def _limits(name: str, content: Content, told: Told) -> Release:
    table = content.table.assign(mai=content.table["mai"].str[0])
    _check_unique(table, ["code"], name)
    said = re.search(
        rf"({'|'.join(MONTHS)}) 1, (20[0-9]{{2}})|\b(0?[147]|10)[-/]0?1[-/](20[0-9]{{2}})",
        content.titles, re.I,
    )  # fmt: skip
    says = None
    if said:
        month = MONTHS.index(said[1].capitalize()) if said[1] else (int(said[3]) - 1) // 3
        says = int(said[2] or said[4]), month + 1
    when, told_by = _quarter("limits", name, told, says=says)
    label = f"{when[0]} Q{when[1]}"
    return Release("limits", *when, label, *_span(*when), table[["code", "mue", "mai"]],
                   name, notes=told_by)  # fmt: skip


def _check_unique(table: pd.DataFrame, key: list[str], name: str) -> None:
    twins = table.index[table.duplicated(key)]
    if len(twins):
        raise InputError(
            Problem(name, int(row), key[0], " ".join(table.loc[row, key]), "stands there twice")
            for row in twins
        )


def _quarter(
    kind: str,
    name: str,
    told: Told,
    *,
    year: int | None = None,
    says: Quarter | None = None,
    newest: Quarter | None = None,
) -> tuple[Quarter, tuple[str, ...]]:
    """The year and quarter of a release: by its content, else as asked, else by its name.

    `newest` is the last quarter whose changes the content holds: the release is not older.
    """
    named = _named_quarter(kind, name)
    found = says or told.asked or named or told.beside or newest
    if found is None:
        raise file_error(name, "does not say its quarter: give it, such as 2026Q2")
    if kind == "rvus" and says and told.asked and says != told.asked:
        raise file_error(name, f"is of {_text(says)} by its content, not {_text(told.asked)}")
    if year and found[0] != year:
        raise file_error(name, f"is of {year} by its content, not {_text(found)}")
    if newest and newest > found:
        raise file_error(name, f"has changes of {_text(newest)}: it is not of {_text(found)}")
    by = {named: "the file's name", told.beside: "the file beside it", newest: "its newest date"}
    notes = (
        () if says or told.asked else (f"its quarter, {_text(found)}, is read from {by[found]}",)
    )
    return found, notes


def _text(quarter: Quarter) -> str:
    return f"{quarter[0]}Q{quarter[1]}"


def _named_quarter(kind: str, name: str) -> Quarter | None:
    match = re.search(QUARTER_NAMES[kind], name, re.I)
    if not match:
        return None
    part = {key: value for key, value in match.groupdict().items() if value}
    if "version" in part:
        return int(part["version"]) + FIRST_PAIRS, int(part["revision"]) + 1
    year = int(part.get("year") or "20" + part["short"])
    if "letter" in part:
        return year, LETTERS.index(part["letter"].upper()) + 1
    if "month" in part:
        return year, [month[:3] for month in MONTHS].index(part["month"].capitalize()) + 1
    return year, int(part.get("quarter") or (int(part["number"]) + 2) // 3)


def _span(year: int, quarter: int) -> tuple[str, str]:
    """First and last day of a quarter."""
    period = pd.Period(year=year, quarter=quarter, freq="Q")
    return str(period.start_time.date()), str(period.end_time.date())
