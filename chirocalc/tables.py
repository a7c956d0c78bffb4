"""The tables of `chirocalc/tables/`: read once, checked, looked up. Rules that are data live here.

The table of codes, which a clinic may edit, has a module of its own: `code_table`.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from . import journal
from .errors import InputError, Problem, nearest
from .schema import DATE, NAME, RVU, TEXT, Column, one_of, read_table

FOLDER = Path(__file__).parent / "tables"
journal.finish(FOLDER)  # an update that was interrupted, before anything is read
_GPCI = Column(r"[0-9]\.[0-9]{3}", "must be a number with three decimals", "number")
_CODE = Column("[0-9A-Z]{5}", "must be a code")
_YEAR = Column("20[0-9][0-9]", "must be a year", "integer")
_SURE = one_of("P", "S", r"\?")
_YES = one_of("yes", "no")
_TODAY = "2026-07-01"  # the day whose localities are in force

CODE = Column(r"[0-9A-Z][0-9]{3}[0-9A-Z]", "must be a five-character CPT or HCPCS code")
PART = one_of("26", "TC", empty=True)
# What CMS's relative value file says of a code or a part of it.
CMS_COLUMNS = {
    "status": one_of("A", "B", "C", "E", "I", "N", "R", "X"),
    "work_rvu": RVU,
    "pe_rvu_office": RVU,
    "pe_rvu_facility": RVU,
    "mp_rvu": RVU,
    "facility_na": one_of("NA", empty=True),
    "pctc": Column(r"[0-9]", "must be one digit", empty=True),
    # A spreadsheet turns 000 into 0.
    "global_days": Column(r"0{1,3}|0?10|0?90|XXX|YYY|ZZZ|MMM", "must be 000, 010, 090 or letters"),
    "multiple_procedure": Column(r"[0-9]", "must be one digit", empty=True),
}
EARLIER_COLUMNS = {
    "effective_from": DATE,
    "effective_to": DATE,
    "code": CODE,
    "modifier": PART,
    **CMS_COLUMNS,
    "release": NAME,
}
LOCALITY_COLUMNS = {
    "mac": Column(r"[0-9]{5}", "must be five digits"),
    "locality": Column(r"[0-9][0-9]", "must be two digits"),
    "state": Column("[A-Z]{2}", "must be a state's two letters"),
    "name": NAME,
    **dict.fromkeys(["work_gpci", "pe_gpci", "mp_gpci"], _GPCI),
    "work_gpci_without_floor": replace(_GPCI, empty=True),
    "release": NAME,
    "effective_from": DATE,
    "effective_to": DATE,
}
ZIP_COLUMNS = {
    "zip": Column(r"[0-9]{5}", "must be five digits"),
    "locality_id": Column(r"[0-9]{5}-[0-9][0-9]", "must be a locality such as 01112-05"),
    "needs_plus4": one_of("0", "1"),
}
FACTOR_COLUMNS = {
    "effective_from": DATE,
    "effective_to": DATE,
    "conversion_factor": Column(r"[0-9][0-9]\.[0-9]{4}", "must have four decimals", "number"),
    "basis": one_of("single", "non-APM", "APM"),
    "status": one_of("historical", "in force", "proposed"),
    "source": NAME,
}
PAIR_COLUMNS = {
    "column1": _CODE,
    "column2": _CODE,
    "modifier_indicator": one_of("0", "1"),
    "kind": NAME,
    "on": one_of("1", "2"),
    "rationale": NAME,
    "vintage": Column(r"[0-9]{4} Q[1-4]", "must be a quarter such as 2026 Q4"),
    "source": NAME,
}
RELEASE_COLUMNS = {
    "table": one_of("rvus", "gpcis", "zips", "pairs", "limits"),
    "release": NAME,
    "effective_from": DATE,
    "effective_to": DATE,
    "rows": Column("[0-9]{1,6}", "must be a whole number", "integer"),
    "read": replace(DATE, empty=True),
    "source": NAME,
}


@cache
def localities() -> pd.DataFrame:
    """The 109 Medicare localities by id ("01112-05"): state, name and GPCIs. Source: gpci26.

    `work_gpci` has the floor of 1.000 that is in force; the value without it stands beside it.
    """
    frame = all_localities()
    frame = frame[(frame["effective_from"] <= _TODAY) & (frame["effective_to"] >= _TODAY)]
    return frame.set_index(pd.Index(frame["mac"] + "-" + frame["locality"], name="locality_id"))


@cache
def all_localities() -> pd.DataFrame:
    """The localities and GPCIs of every year; a year's file may have no value without the floor."""
    return read_table(FOLDER / "localities.csv", LOCALITY_COLUMNS)


@cache
def zips() -> pd.DataFrame:
    """42,956 ZIP codes: `locality_id`, and `needs_plus4` where two localities share it (zip5)."""
    frame = read_table(FOLDER / "zips.csv", ZIP_COLUMNS)
    return frame.assign(needs_plus4=frame["needs_plus4"] == "1").set_index("zip")


class Place(NamedTuple):
    """Where a ZIP code is priced; `shared` when another locality has part of it."""

    locality: str
    shared: bool


def locality_of_zip(zip_code: str) -> Place:
    """The locality of a five-digit ZIP code (a plus-4 is ignored). Raises `InputError`."""
    digits = zip_code.strip()
    if not re.fullmatch("[0-9]{5}(-?[0-9]{4})?", digits):
        raise InputError([Problem("area", None, "ZIP code", zip_code, "must be five digits")])
    head = digits[:5]
    try:
        row = zips().loc[head]
    except KeyError:
        raise InputError(
            [Problem("area", None, "ZIP code", zip_code, "is not in CMS's ZIP to locality file")]
        ) from None
    return Place(row["locality_id"], bool(row["needs_plus4"]))


@cache
def conversion_factors() -> pd.DataFrame:
    """Dollars per RVU by date, 2005 on; proposed ones are marked, and never used (pfs-formula)."""
    return read_table(FOLDER / "conversion_factors.csv", FACTOR_COLUMNS)


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
            "percent": Column(r"[0-9]{1,3}", "must be a whole percent", "number", empty=True),
            "percent_note": TEXT,
            "mppr": one_of("pe", "line", "none"),
            "mppr_sure": _SURE,
            "therapy_modifier": one_of("GP", empty=True),
            "estim_code": one_of("97014", "G0283"),
            "chiropractor_codes": TEXT,
            "pays_status": TEXT,
            "medicare": _YES,
            "claims": _YES,
            "as_of": Column(r"[0-9]{4}", "must be a year"),
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
    count = Column(r"[0-9]", "must be one digit", "integer")
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
            "value": Column(r"[0-9]+(\.[0-9]+)?", "must be a number", "number"),
            "unit": one_of("dollars", "share", "minutes"),
            "effective_from": DATE,
            "effective_to": DATE,
            "source": NAME,
            "what": NAME,
        },
    ).set_index("id")


@cache
def statuses() -> pd.DataFrame:
    """What each status letter of the fee schedule means for payment (pfs-formula)."""
    return read_table(
        FOLDER / "statuses.csv",
        {"status": NAME, "name": NAME, "medicare": NAME, "no_rvu": NAME, "source": NAME},
    ).set_index("status")


@cache
def adjudication() -> pd.DataFrame:
    """What each adjudication indicator (MAI) of a maximum of units means (ncci-1-v)."""
    return read_table(
        FOLDER / "adjudication.csv",
        {"mai": Column("[123]", "must be 1, 2 or 3", "integer"), "text": NAME, "source": NAME},
    ).set_index("mai")


@cache
def history() -> pd.DataFrame:
    """RVUs of one unit in an office by year and code, 2013 on; only totals before 2019."""
    return read_table(
        FOLDER / "history.csv",
        {
            "year": _YEAR,
            "code": _CODE,
            **dict.fromkeys(["work_rvu", "pe_rvu", "mp_rvu", "total_rvu"], RVU),
            "source": NAME,
        },
    )


@cache
def medicare_use() -> pd.DataFrame:
    """Services and allowed dollars of Medicare Part B, nationally, by year and code."""
    count = Column("[0-9]{1,12}", "must be a whole number", "integer")
    return read_table(
        FOLDER / "medicare_use.csv",
        {"year": _YEAR, "code": _CODE, "services": count, "allowed": count, "source": NAME},
    )


@cache
def guide() -> pd.DataFrame:
    """The hand-written text of each code; items of a list have | between. See `guide.Text`."""
    items = Column(r"[^|\s][^|]*(\|[^|\s][^|]*)*", "must be items with | between")
    return read_table(
        FOLDER / "guide.csv",
        {
            "code": _CODE,
            "plain": NAME,
            "purpose": NAME,
            "contact": one_of(
                "one-on-one",
                "supervised",
                "group",
                "either",
                "reading",
                "remote",
                "no contact",
                "depends",
            ),
            **dict.fromkeys(["fits", "fits_not", "must_show", "mistakes", "specialties"], items),
            "source": items,
            "sure": _SURE,
        },
    ).set_index("code")


@cache
def then() -> pd.DataFrame:
    """RVUs that an old article printed: shown dated beside today's, and never computed with."""
    return read_table(
        FOLDER / "then.csv", {"code": _CODE, "total_rvu": RVU, "dated": NAME, "source": NAME}
    ).set_index("code")


@cache
def pairs() -> pd.DataFrame:
    """Active code pairs (NCCI PTP): indicator, kind of reason, which column's line has the hint,
    and the quarter of the table each was read in. Source: ncci-ptp."""
    return read_table(FOLDER / "pairs.csv", PAIR_COLUMNS)


@cache
def pair_kinds() -> pd.DataFrame:
    """Which reason a code pair has: the first row that fits a pair gives `kind` and `on`.

    `one` and `other` name codes and ranges ("98940-98942"), either way round unless `one_in` says
    which column `one` is; empty is every code. `time_rule` is asked of both codes.
    """
    codes = Column(r"([0-9A-Z]{5}(-[0-9A-Z]{5})?( |$))*", "must be codes and ranges", empty=True)
    return read_table(
        FOLDER / "pair_kinds.csv",
        {
            "one": codes,
            "one_in": one_of("1", "2", empty=True),
            "other": codes,
            "modifier_indicator": one_of("0", "1", empty=True),
            "time_rule": TEXT,
            "kind": NAME,
            "on": one_of("1", "2"),
            "source": NAME,
        },
    )


@cache
def earlier_rvus() -> pd.DataFrame:
    """What CMS's files said of the codes on other dates than those of codes.csv. Source: cms-rvu.

    One row per code, part and span of days; RVUs are missing where the code had none.
    """
    return read_table(FOLDER / "earlier_rvus.csv", EARLIER_COLUMNS)


@cache
def releases() -> pd.DataFrame:
    """The releases of CMS's files that the tables hold: dates, rows, the day each was read."""
    return read_table(FOLDER / "releases.csv", RELEASE_COLUMNS)


@cache
def cms_columns() -> pd.DataFrame:
    """The columns of CMS's files: words of the header, or first and last position in a line."""
    place = Column("[0-9]{1,3}", "must be a position, or empty", "integer", empty=True)
    return read_table(
        FOLDER / "cms_columns.csv",
        {
            "file": one_of("rvus", "gpcis", "zips", "pairs", "limits"),
            "column": NAME,
            "header": TEXT,
            "first": place,
            "last": place,
            "pattern": TEXT,
            "allowed": TEXT,
            "needed": _YES,
        },
    )


@cache
def modifiers() -> pd.DataFrame:
    """Modifiers in the order they stand on a line: payment ones first, then information."""
    return read_table(
        FOLDER / "modifiers.csv",
        {
            "modifier": Column("[0-9A-Z]{2}", "must be two characters"),
            "kind": one_of("payment", "information"),
            "rank": Column(r"[0-9]{1,2}", "must be a whole number", "integer"),
            "meaning": NAME,
            "source": NAME,
        },
    ).set_index("modifier")


@cache
def hints() -> pd.DataFrame:
    """The hint rules, one a row; `chirocalc.hints` says what may stand in them."""
    return read_table(
        FOLDER / "hints.csv",
        {
            "rule": NAME,
            "level": one_of("fix", "needs", "check", "note"),
            "per": one_of("line", "code", "visit"),
            **dict.fromkeys(["pair", "lines", "with", "when", "lacks", "modifier"], TEXT),
            "text": NAME,
            "must_show": TEXT,
            "source": NAME,
            "sure": _SURE,
        },
    )


@cache
def profile(payer: str) -> dict[str, Any]:
    """One row of `payers()`."""
    row: dict[str, Any] = payers().loc[payer].to_dict()
    return row


@cache
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
