"""The tables: read once, checked, looked up. Rules that are data live here.

`codes.csv` stands beside `app.py` and may be edited; all else is in `chirocalc/tables/`.
"""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .errors import InputError, Problem, nearest
from .schema import MINUTES, NAME, RVU, TEXT, Column, one_of, read_table

FOLDER = Path(__file__).parent / "tables"
# In a checkout codes.csv stands beside app.py; an installed wheel carries its own copy.
_CHECKOUT = FOLDER.parent.parent / "codes.csv"
CODES_FILE = _CHECKOUT if _CHECKOUT.exists() else FOLDER / "codes.csv"

CODE_COLUMNS = {
    "code": Column(r"[0-9A-Z]\d{3}[0-9A-Z]", "must be a five-character CPT or HCPCS code"),
    "modifier": one_of("26", "TC", empty=True),
    "name": NAME,
    "short": NAME,
    "synonyms": TEXT,
    "category": NAME,
    "time_rule": one_of("timed15", "clock", "untimed", "counted", "level"),
    "unit_minutes": MINUTES,
    "from_minutes": MINUTES,
    "to_minutes": MINUTES,
    "repeats": one_of("once", "each", empty=True),
    "parent": Column(r"[0-9A-Z]{5}(\|[0-9A-Z]{5})*", "must be codes with | between", empty=True),
    "status": one_of("A", "B", "C", "E", "I", "N", "R", "X"),
    "work_rvu": RVU,
    "pe_rvu_office": RVU,
    "pe_rvu_facility": RVU,
    "mp_rvu": RVU,
    "facility_na": one_of("NA", empty=True),
    "pctc": Column(r"\d", "must be one digit", empty=True),
    # A spreadsheet turns 000 into 0.
    "global_days": Column(r"0{1,3}|0?10|0?90|XXX|YYY|ZZZ|MMM", "must be 000, 010, 090 or letters"),
    "multiple_procedure": Column(r"\d", "must be one digit", empty=True),
    "mue": Column(r"\d{1,4}", "must be a whole number, or empty", "integer", empty=True),
    "mai": Column("[123]", "must be 1, 2, 3 or empty", "integer", empty=True),
    "release": NAME,
    "confirmed": TEXT,
    "quick": Column(r"\d{1,2}", "must be the chip's place, or empty", "integer", empty=True),
}
RVU_COLUMNS = ["work_rvu", "pe_rvu_office", "pe_rvu_facility", "mp_rvu"]

_DATE = Column(r"\d{4}-\d\d-\d\d", "must be a date such as 2026-01-31")
_GPCI = Column(r"\d\.\d{3}", "must be a number with three decimals", "number")
_LOCALITY = Column(r"\d{5}-\d\d", "must be a locality such as 01112-05")
_SURE = one_of("P", "S", r"\?")
_YES = one_of("yes", "no")


def codes() -> pd.DataFrame:
    """The codes and RVUs, one row per code and component, indexed by `key`: "72100", "72100-26".

    Columns as in `CODE_COLUMNS`; RVUs are floats with two decimals, missing where the code has
    none. Read again whenever the file changes. Raises `InputError`. Source: rvu26, ncci-mue.
    """
    return _codes(CODES_FILE, codes_version())


def codes_version() -> int:
    """A number that changes with codes.csv, for caches that depend on it."""
    try:
        return CODES_FILE.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


@lru_cache(maxsize=2)
def _codes(path: Path, _version: int) -> pd.DataFrame:
    frame = read_table(path, CODE_COLUMNS)
    problems = list(_code_problems(frame, path.name))
    if problems:
        raise InputError(problems)
    dash = np.where(frame["modifier"] == "", "", "-")
    frame.index = pd.Index(frame["code"] + dash + frame["modifier"], name="key")
    return frame


class CodeArrays(NamedTuple):
    """The code table as arrays, one value per row of `codes()`, for work on many lines."""

    row: dict[str, int]  # which row a key ("72100", "72100-26") stands in
    code: NDArray[np.object_]
    timed: NDArray[np.bool_]  # pooled 15-minute services
    counted: NDArray[np.bool_]
    clock: NDArray[np.bool_]
    unit_minutes: NDArray[np.int64]
    from_minutes: NDArray[np.int64]
    to_minutes: NDArray[np.int64]  # the largest integer where there is no end
    once: NDArray[np.bool_]
    parents: list[list[int]]  # rows of the primaries an add-on needs, its own clock's first
    clock_parent: NDArray[np.int64]  # the first of them, -1 where there is none


def code_arrays() -> CodeArrays:
    """`codes()` as arrays. Raises `InputError` as it does."""
    return _code_arrays(CODES_FILE, codes_version())


@lru_cache(maxsize=2)
def _code_arrays(path: Path, version: int) -> CodeArrays:
    frame = _codes(path, version)
    row = {str(key): at for at, key in enumerate(frame.index)}
    rule = frame["time_rule"].to_numpy(object)
    parents = [[row[p] for p in text.split("|") if p] for text in frame["parent"]]

    def whole(column: str, empty: int) -> NDArray[np.int64]:
        return np.asarray(frame[column].fillna(empty), np.int64)

    return CodeArrays(
        row=row,
        code=frame["code"].to_numpy(object),
        timed=rule == "timed15",
        counted=rule == "counted",
        clock=rule == "clock",
        unit_minutes=whole("unit_minutes", 0),
        from_minutes=whole("from_minutes", 0),
        to_minutes=whole("to_minutes", np.iinfo(np.int64).max),
        once=(frame["repeats"] == "once").to_numpy(np.bool_),
        parents=parents,
        clock_parent=np.array([rows[0] if rows else -1 for rows in parents], np.int64),
    )


def _code_problems(frame: pd.DataFrame, file: str) -> list[Problem]:
    """What no single column shows: twins, half-filled RVUs, clocks without minutes."""
    known = set(frame["code"])
    whole = set(frame.loc[frame["modifier"] == "", "code"])
    first_row: dict[tuple[str, str], int] = {}
    problems = []
    for row, line in enumerate(frame.to_dict("records"), start=2):

        def fault(column: str, allowed: str, row: int = row, line: dict = line) -> None:  # type: ignore[type-arg]
            problems.append(Problem(file, row, column, line[column], allowed))

        twin = first_row.setdefault((line["code"], line["modifier"]), row)
        if twin != row:
            fault("code", f"already stands in row {twin} with the same modifier")
        if line["code"] not in whole:
            fault("code", "has a row for a component but none for the whole service")
        filled = sum(not pd.isna(line[column]) for column in RVU_COLUMNS)
        if filled not in (0, len(RVU_COLUMNS)):
            fault("work_rvu", "stands in a row where some RVUs are filled and some are not")
        if line["time_rule"] in ("timed15", "clock") and (
            pd.isna(line["unit_minutes"]) or pd.isna(line["from_minutes"])
        ):
            fault("unit_minutes", f"needs minutes, and from_minutes too, for {line['time_rule']}")
        if line["time_rule"] == "timed15" and line["unit_minutes"] != 15:
            fault("unit_minutes", "must be 15 for timed15; use clock for other lengths")
        if line["time_rule"] == "clock" and (not line["repeats"] or line["unit_minutes"] == 0):
            fault("repeats", "must say once or each, with unit_minutes above 0, for clock")
        for parent in filter(None, line["parent"].split("|")):
            if parent not in known:
                fault("parent", f"names {parent}, which is not in this file")
    return problems


@cache
def localities() -> pd.DataFrame:
    """The 109 Medicare localities by id ("01112-05"): state, name and GPCIs. Source: gpci26.

    `work_gpci` has the floor of 1.000 that is in force; the value without it stands beside it.
    """
    frame = read_table(
        FOLDER / "localities.csv",
        {
            "mac": Column(r"\d{5}", "must be five digits"),
            "locality": Column(r"\d\d", "must be two digits"),
            "state": Column("[A-Z]{2}", "must be a state's two letters"),
            "name": NAME,
            **dict.fromkeys(["work_gpci", "pe_gpci", "mp_gpci", "work_gpci_without_floor"], _GPCI),
            "release": NAME,
        },
    )
    return frame.set_index(pd.Index(frame["mac"] + "-" + frame["locality"], name="locality_id"))


@cache
def zips() -> pd.DataFrame:
    """42,956 ZIP codes: `locality_id`, and `needs_plus4` where two localities share it (zip5)."""
    frame = read_table(
        FOLDER / "zips.csv",
        {
            "zip": Column(r"\d{5}", "must be five digits"),
            "locality_id": _LOCALITY,
            "needs_plus4": one_of("0", "1"),
        },
    )
    return frame.assign(needs_plus4=frame["needs_plus4"] == "1").set_index("zip")


class Place(NamedTuple):
    """Where a ZIP code is priced; `shared` when another locality has part of it."""

    locality: str
    shared: bool


def locality_of_zip(zip_code: str) -> Place:
    """The locality of a five-digit ZIP code (a plus-4 is ignored). Raises `InputError`."""
    digits = zip_code.strip()
    head, _, tail = digits.partition("-")
    if not (
        len(head) == 5 and head.isdigit() and (not tail or (len(tail) == 4 and tail.isdigit()))
    ):
        raise InputError([Problem("area", None, "ZIP code", zip_code, "must be five digits")])
    try:
        row = zips().loc[head]
    except KeyError:
        raise InputError(
            [Problem("area", None, "ZIP code", zip_code, "is not in CMS's ZIP to locality file")]
        ) from None
    return Place(row["locality_id"], bool(row["needs_plus4"]))


@cache
@cache
def conversion_factors() -> pd.DataFrame:
    """Dollars per RVU by date, 2005 on; proposed ones are marked, and never used (pfs-formula)."""
    return read_table(
        FOLDER / "conversion_factors.csv",
        {
            "effective_from": _DATE,
            "effective_to": _DATE,
            "conversion_factor": Column(r"\d\d\.\d{4}", "must have four decimals", "number"),
            "basis": one_of("single", "non-APM", "APM"),
            "status": one_of("historical", "in force", "proposed"),
            "source": NAME,
        },
    )


@cache
def conversion_factor(apm: bool) -> float:
    """The factor in force: for qualifying APM participants, or for everyone else."""
    table = conversion_factors()
    row = (table["status"] == "in force") & (table["basis"] == ("APM" if apm else "non-APM"))
    return float(table.loc[row, "conversion_factor"].iloc[0])


@cache
def payers() -> pd.DataFrame:
    """Payer profiles by id: unit rule, percent of the fee schedule, MPPR, what it covers."""
    return read_table(
        FOLDER / "payers.csv",
        {
            "id": NAME,
            "name": NAME,
            "unit_rule": one_of("cms", "cpt"),
            "unit_rule_sure": _SURE,
            "percent": Column(r"\d{1,3}", "must be a whole percent", "number", empty=True),
            "percent_note": TEXT,
            "mppr": one_of("pe", "none"),
            "mppr_sure": _SURE,
            "therapy_modifier": one_of("GP", empty=True),
            "estim_code": one_of("97014", "G0283"),
            "chiropractor_codes": TEXT,
            "pays_status": TEXT,
            "medicare": _YES,
            "as_of": Column(r"\d{4}", "must be a year"),
            "source": NAME,
            "note": TEXT,
        },
    ).set_index("id")


@cache
def sources() -> pd.DataFrame:
    """Every source by id: title and address (empty where it cannot be linked)."""
    return read_table(
        FOLDER / "sources.csv", {"id": NAME, "short": NAME, "title": NAME, "url": TEXT}
    ).set_index("id")


@cache
def regions() -> pd.DataFrame:
    """Body regions by id: spinal or extraspinal, and the diagnosis of a spinal one (cms-chiro)."""
    return read_table(
        FOLDER / "regions.csv",
        {
            "id": NAME,
            "name": NAME,
            "kind": one_of("spinal", "extraspinal"),
            "diagnosis": TEXT,
            "source": NAME,
        },
    ).set_index("id")


@cache
def manipulation() -> pd.DataFrame:
    """Which manipulation code stands for how many regions (cms-chiro)."""
    count = Column(r"\d", "must be one digit", "integer")
    return read_table(
        FOLDER / "manipulation.csv",
        {
            "code": NAME,
            "kind": one_of("spinal", "extraspinal"),
            "regions_from": count,
            "regions_to": count,
            "source": NAME,
        },
    )


@cache
def amounts() -> pd.DataFrame:
    """Dollar amounts and shares that the law sets, by id, such as "part_b_deductible"."""
    return read_table(
        FOLDER / "amounts.csv",
        {
            "id": NAME,
            "value": Column(r"\d+(\.\d+)?", "must be a number", "number"),
            "unit": one_of("dollars", "share"),
            "effective_from": _DATE,
            "effective_to": _DATE,
            "source": NAME,
            "what": NAME,
        },
    ).set_index("id")


@cache
def statuses() -> pd.DataFrame:
    """What each status letter of the fee schedule means for payment (pfs-formula)."""
    return read_table(
        FOLDER / "statuses.csv",
        {"status": NAME, "name": NAME, "medicare": NAME, "source": NAME},
    ).set_index("status")


@cache
def hints() -> pd.DataFrame:
    """The words of each hint by rule id: level, modifier, text, source, how sure."""
    return read_table(
        FOLDER / "hints.csv",
        {
            "id": NAME,
            "level": one_of("fix", "needs", "check", "note"),
            "modifier": TEXT,
            "text": NAME,
            "source": NAME,
            "sure": _SURE,
        },
    ).set_index("id")


def amount(name: str) -> float:
    """One value of `amounts()`."""
    return float(amounts().at[name, "value"])


def check_known(where: str, column: str, value: str, known: pd.Index) -> None:
    """Raise `InputError` with the nearest names when `value` is not among `known`."""
    if value not in known:
        names = [str(name) for name in known]
        raise InputError(
            [Problem(where, None, column, value, f"is not known; {nearest(str(value), names)}")]
        )
