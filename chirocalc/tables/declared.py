"""The tables of `chirocalc/tables/data/`: read once, checked, looked up.

The table of codes, which a clinic may edit, has a module of its own: `code_table`.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from chirocalc.errors import InputError, Problem, nearest

from .journal import finish_renewal
from .schema import DATE, NAME, RVU, TEXT, Column, one_of, read_table

FOLDER = Path(__file__).parent / "data"

finish_renewal(FOLDER)  # an update that was interrupted, before anything is read

UNTIL = replace(DATE, empty=True)

_GPCI = Column(r"[0-9]\.[0-9]{3}", "must be a number with three decimals", "number")

_CODE = Column("[0-9A-Z]{5}", "must be a code")

_YEAR = Column("20[0-9][0-9]", "must be a year", "integer")

_SURE = one_of("P", "S", r"\?")

_YES = one_of("yes", "no")

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
    """The 109 Medicare localities by id ("01112-05"), each as in its newest row: state, name and
    GPCIs. Those of a date are `rates.localities`. Source: gpci26.

    `work_gpci` has the floor of 1.000 that is in force; the value without it stands beside it.
    """
    frame = all_localities().sort_values("effective_from", ascending=False, kind="stable")
    return frame[~frame.index.duplicated()]


@cache
def all_localities() -> pd.DataFrame:
    """The localities and GPCIs of every year; a year's file may have no value without the floor."""
    frame = read_table(FOLDER / "localities.csv", LOCALITY_COLUMNS)
    return frame.set_index(pd.Index(frame["mac"] + "-" + frame["locality"], name="locality_id"))


@cache
def zips() -> pd.DataFrame:
    """42,956 ZIP codes: `locality_id`, and `needs_plus4` where two localities share it (zip5)."""
    frame = read_table(FOLDER / "zips.csv", ZIP_COLUMNS)
    return frame.assign(needs_plus4=frame["needs_plus4"] == "1").set_index("zip")


@cache
def conversion_factors() -> pd.DataFrame:
    """Dollars per RVU by date, 2005 on; proposed ones are marked, and never used (pfs-formula)."""
    return read_table(FOLDER / "conversion_factors.csv", FACTOR_COLUMNS)


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
    """Dollar amounts and shares that the law sets, by id, such as "part_b_deductible", and from
    when until when; a standing rule has no end."""
    return read_table(
        FOLDER / "amounts.csv",
        {
            "id": NAME,
            "value": Column(r"[0-9]+(\.[0-9]+)?", "must be a number", "number"),
            "unit": one_of("dollars", "share", "minutes"),
            "effective_from": DATE,
            "effective_to": UNTIL,
            "source": NAME,
            "what": NAME,
        },
    )


@cache
def worked_examples() -> pd.DataFrame:
    """Examples of visits with what they come to, by id: for the self-test and the tests."""
    return read_table(
        FOLDER / "worked_examples.csv",
        {
            "id": NAME,
            "kind": one_of("units", "allowed", "who pays"),
            "rule": one_of("cms", "cpt"),
            "date": UNTIL,
            "services": NAME,
            "expected": NAME,
            "origin": one_of("printed", "derived"),
            "source": NAME,
        },
    ).set_index("id")


@cache
def release_calendar() -> pd.DataFrame:
    """The days of a year ("04-01") from which CMS's files of each kind are newly in force."""
    return read_table(
        FOLDER / "release_calendar.csv",
        {
            "table": NAME,
            "name": NAME,
            "begins": Column("[0-9]{2}-[0-9]{2}", "must be month and day such as 04-01"),
            "source": NAME,
        },
    )


@cache
def unknowns() -> pd.DataFrame:
    """What is not known, or only commonly stated, in words."""
    return read_table(FOLDER / "unknowns.csv", {"about": NAME, "text": NAME, "source": NAME})


@cache
def table_list() -> pd.DataFrame:
    """Every table: what it holds, the kind of its releases (else what years), its checks."""
    return read_table(
        FOLDER / "table_list.csv",
        {
            "file": NAME,
            "holds": NAME,
            "kind": TEXT,
            "release": TEXT,
            "checked": NAME,
            "sure": _SURE,
            "source": NAME,
        },
    )


def most(name: str) -> float:
    """The largest of the dated values of one of `amounts()`."""
    table = amounts()
    return float(table.loc[table["id"] == name, "value"].max())


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
def newest_release(table: str) -> str:
    """The newest release that a kind of table holds, such as "2026 Q4"."""
    held = releases()
    return str(held[held["table"] == table].sort_values("effective_from")["release"].iloc[-1])


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
def visit_columns() -> pd.DataFrame:
    """Common names of the columns of a file of visits, and the field each stands for."""
    return read_table(FOLDER / "visit_columns.csv", {"field": NAME, "header": NAME})


@cache
def private_columns() -> pd.DataFrame:
    """Words in a column's name that tell of patient data, and what of."""
    return read_table(FOLDER / "private_columns.csv", {"word": NAME, "what": NAME}).set_index(
        "word"
    )


@cache
def private_glue() -> pd.DataFrame:
    """Words written together with a private one: PATDOB, HOMEPHONE, BIRTHYEAR."""
    return read_table(FOLDER / "private_glue.csv", {"word": NAME}).set_index("word")


@cache
def not_private() -> pd.DataFrame:
    """Names of columns with a private word in them that are none of a patient's."""
    return read_table(FOLDER / "not_private.csv", {"name": NAME}).set_index("name")


@cache
def private_values() -> pd.DataFrame:
    """Patterns of values that no billing export needs, and what they look like; the area of a
    phone number never begins with 0 or 1."""
    return read_table(FOLDER / "private_values.csv", {"pattern": NAME, "what": NAME}).set_index(
        "pattern"
    )


@cache
def file_words() -> pd.DataFrame:
    """What practices write for a payer, a place, a discipline, a region, and what it means here."""
    return read_table(FOLDER / "file_words.csv", {"field": NAME, "word": NAME, "means": NAME})


@cache
def audit_rules() -> pd.DataFrame:
    """The findings an audit adds to the hints, by rule: level, text, source."""
    return read_table(
        FOLDER / "audit_rules.csv",
        {
            "rule": NAME,
            "level": one_of("fix", "needs", "check", "note"),
            "text": NAME,
            "source": NAME,
            "sure": _SURE,
        },
    ).set_index("rule")


@cache
def rule_names() -> pd.DataFrame:
    """A short name for each rule of hints and audits."""
    return read_table(FOLDER / "rule_names.csv", {"rule": NAME, "name": NAME}).set_index("rule")


@cache
def profile(payer: str) -> dict[str, Any]:
    """One row of `payers()`."""
    row: dict[str, Any] = payers().loc[payer].to_dict()
    return row


def check_known(where: str, column: str, value: str, known: pd.Index) -> None:
    """Raise `InputError` with the nearest names when `value` is not among `known`."""
    if value not in known:
        names = [str(name) for name in known]
        raise InputError(
            [Problem(where, None, column, value, f"is not known; {nearest(str(value), names)}")]
        )
