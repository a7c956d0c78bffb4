"""Tables of what is paid: RVUs of other dates, localities, factors, amounts, payers, releases."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

import pandas as pd

from chirocalc.checked import checked, known

from .books import kept
from .columns import CMS_COLUMNS, CMS_FILE, CODE, PART, SURE, UNTIL, YES
from .schema import DATE, NAME, TEXT, Column, one_of
from .table import Listing, Table

_GPCI = Column(r"[0-9]\.[0-9]{3}", "must be a number with three decimals", "number")


def _locality_id(frame: pd.DataFrame) -> pd.Index:
    return pd.Index(frame["mac"] + "-" + frame["locality"], name="locality_id")


earlier_rvus = Table(
    "earlier_rvus.csv",
    "What CMS's files said of the codes on other dates than those of codes.csv: one row per code, "
    "part and span of days; RVUs are missing where the code had none (cms-rvu).",
    {
        "effective_from": DATE,
        "effective_to": DATE,
        "code": CODE,
        "modifier": PART,
        **CMS_COLUMNS,
        "release": NAME,
    },
)

all_localities = Table(
    "localities.csv",
    "The localities and GPCIs of every year by locality id; a year's file may have no value "
    "without the floor (gpci26).",
    {
        "mac": Column(r"[0-9]{5}", "must be five digits"),
        "locality": Column(r"[0-9][0-9]", "must be two digits"),
        "state": Column("[A-Z]{2}", "must be a state's two letters"),
        "name": NAME,
        **dict.fromkeys(["work_gpci", "pe_gpci", "mp_gpci"], _GPCI),
        "work_gpci_without_floor": replace(_GPCI, empty=True),
        "release": NAME,
        "effective_from": DATE,
        "effective_to": DATE,
    },
    key=_locality_id,
    listings=(
        Listing(
            "GPCIs of 109 localities",
            kind="gpcis",
            checked="CMS's Addendum E of each year; amounts of 2026 against 2,071 published ones",
            sure="P",
            source="gpci26",
        ),
    ),
)

conversion_factors = Table(
    "conversion_factors.csv",
    "Dollars per RVU by date, 2005 on; proposed ones are marked, and never used (pfs-formula).",
    {
        "effective_from": DATE,
        "effective_to": DATE,
        "conversion_factor": Column(r"[0-9][0-9]\.[0-9]{4}", "must have four decimals", "number"),
        "basis": one_of("single", "non-APM", "APM"),
        "status": one_of("historical", "in force", "proposed"),
        "source": NAME,
    },
    listings=(
        Listing(
            "Conversion factors, 2005 on",
            release="2005 to 2026; 2027 proposed",
            checked="2020 to 2026 in CMS's files; before 2020 from one list",
            sure="S",
            source="pfs-formula",
        ),
    ),
)

zips = Table(
    "zips.csv",
    "ZIP codes with the locality of each, and whether two localities share it (zip5).",
    {
        "zip": Column(r"[0-9]{5}", "must be five digits"),
        "locality_id": Column(r"[0-9]{5}-[0-9][0-9]", "must be a locality such as 01112-05"),
        "needs_plus4": replace(one_of("0", "1"), kind="flag"),
    },
    key="zip",
    refers={"locality_id": "localities.csv"},
    listings=(
        Listing(
            "ZIP codes and their localities",
            kind="zips",
            checked="CMS's file of October 2025",
            sure="P",
            source="zip5",
        ),
    ),
)

payers = Table(
    "payers.csv",
    "Payer profiles by id: unit rule, percent of the fee schedule (empty: the practice's own "
    "fees), what the patient pays at the visit, MPPR, what each covers.",
    {
        "id": NAME,
        "name": NAME,
        "unit_rule": one_of("cms", "cpt"),
        "unit_rule_sure": SURE,
        "percent": Column(r"[0-9]{1,3}", "must be a whole percent", "number", empty=True),
        "percent_note": TEXT,
        "patient_pays": one_of("medicare", "copay", "nothing", "all"),
        "patient_sure": SURE,
        "patient_note": TEXT,
        "mppr": one_of("pe", "line", "none"),
        "mppr_sure": SURE,
        "therapy_modifier": one_of("GP", empty=True),
        "estim_code": one_of("97014", "G0283"),
        "chiropractor_codes": TEXT,
        "therapist_codes": TEXT,
        "pays_status": TEXT,
        "medicare": YES,
        "at_modifier": YES,
        "timed_cap": Column(r"[0-9]{1,2}", "must be whole units", "integer", empty=True),
        "claims": YES,
        "as_of": Column(r"[0-9]{4}", "must be a year"),
        "source": NAME,
        "note": TEXT,
    },
    key="id",
    refers={"estim_code": "codes.csv", "chiropractor_codes": "codes.csv"},
    listings=(
        Listing(
            "Payer profiles",
            release="2026",
            checked="Medicare: CMS's manuals. Others: payers' pages and secondary sources; what "
            "was not found is said",
            sure="S",
            source="payer-policies",
        ),
    ),
)

amounts = Table(
    "amounts.csv",
    'Dollar amounts and shares that the law sets, by id, such as "part_b_deductible", and from '
    "when until when; a standing rule has no end.",
    {
        "id": NAME,
        "value": Column(r"[0-9]+(\.[0-9]+)?", "must be a number", "number"),
        "unit": one_of("dollars", "share", "minutes", "days", "months"),
        "effective_from": DATE,
        "effective_to": UNTIL,
        "source": NAME,
        "what": NAME,
    },
    listings=(
        Listing(
            "Deductible, thresholds, shares",
            release="2025 and 2026",
            checked="CMS's manuals and Federal Register; 2025's deductible and threshold in "
            "secondary sources",
            sure="S",
            source="part-b",
        ),
    ),
)

statuses = Table(
    "statuses.csv",
    "What each status letter of the fee schedule means for payment, and what having none means "
    "(pfs-formula).",
    {"status": TEXT, "name": NAME, "medicare": NAME, "no_rvu": NAME, "source": NAME},
    key="status",
    listings=(
        Listing(
            "Status letters of the fee schedule",
            release="2026",
            checked="CMS's relative value file",
            sure="S",
            source="pfs-formula",
        ),
    ),
)

releases = Table(
    "releases.csv",
    "The releases of CMS's files that the tables hold: dates, rows, the day each was read.",
    {
        "table": CMS_FILE,
        "release": NAME,
        "effective_from": DATE,
        "effective_to": DATE,
        "rows": Column("[0-9]{1,6}", "must be a whole number", "integer"),
        "read": UNTIL,
        "source": NAME,
    },
)

release_calendar = Table(
    "release_calendar.csv",
    'The days of a year ("04-01") from which CMS\'s files of each kind are newly in force.',
    {
        "table": NAME,
        "name": NAME,
        "begins": Column("[0-9]{2}-[0-9]{2}", "must be month and day such as 04-01"),
        "source": NAME,
    },
)


@kept
def localities() -> pd.DataFrame:
    """The 109 Medicare localities by id ("01112-05"), each as in its newest row: state, name and
    GPCIs. Those of a date are `rates.localities`. Source: gpci26.

    `work_gpci` has the floor of 1.000 that is in force; the value without it stands beside it.
    """
    frame = all_localities().sort_values("effective_from", ascending=False, kind="stable")
    return frame[~frame.index.duplicated()]


@kept
@checked
def profile(payer: Annotated[str, known("payer", lambda: payers().index)]) -> dict[str, Any]:
    """One row of `payers()`."""
    row: dict[str, Any] = payers().loc[payer].to_dict()
    return row


AmountId = Annotated[str, known("amount", lambda: set(amounts()["id"]))]


@kept
@checked
def most(name: AmountId) -> float:
    """The largest of the dated values of one of `amounts()`."""
    table = amounts()
    return float(table.loc[table["id"] == name, "value"].max())


def _released() -> set[str]:
    return set(releases()["table"])


@kept
@checked
def newest_release(table: Annotated[str, known("kind of release", _released)]) -> str:
    """The newest release that a kind of table holds, such as "2026 Q4"."""
    held = releases()
    return str(held[held["table"] == table].sort_values("effective_from")["release"].iloc[-1])
