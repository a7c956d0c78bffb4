"""The guide: what the tables say of one code, in words, and the texts written for it by hand.

The texts are rows of `tables/guide.csv`, which a clinician may edit; every number comes from the
other tables, so that none can be out of date in a text.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

import pandas as pd

from chirocalc import tables
from chirocalc.rules import Settings, covers
from chirocalc.tables import code_arrays, kept, rates

from .compare import MOST_MINUTES, alone, history, worth
from .hints import pairs_of, rules_of

# How the patient is attended, in words.
CONTACTS = {
    "one-on-one": "One-on-one with the clinician.",
    "supervised": "Set up and supervised, need not be attended.",
    "group": "In a group.",
    "either": "With one patient or in a group.",
    "reading": "Imaging: taken and read.",
    "remote": "Remote, with a live conversation.",
    "no contact": "No direct contact.",
    "depends": "Depends on the service.",
}

MONTHLY = "Remote monitoring"  # the category whose clocks run over a month (cpt-time)

ITEMS = ("fits", "fits_not", "must_show", "mistakes", "specialties", "source")


@dataclass(frozen=True)
class Text:
    """The hand-written text of one code; `sure` is P, S or ?, as for every rule."""

    code: str
    plain: str
    purpose: str
    contact: str
    fits: tuple[str, ...]
    fits_not: tuple[str, ...]
    must_show: tuple[str, ...]
    mistakes: tuple[str, ...]
    specialties: tuple[str, ...]
    source: tuple[str, ...]
    sure: str


@kept
def texts() -> dict[str, Text]:
    """All texts by code. Raises `InputError` naming row and column of what cannot be used."""
    frame = tables.guide()
    lists = {name: frame[name].str.split("|").map(tuple) for name in ITEMS}
    rows = frame.assign(**lists).reset_index().to_dict("records")
    return {row["code"]: Text(**{str(name): value for name, value in row.items()}) for row in rows}


def text(key: str) -> Text | None:
    """The text of a code or of its parts; None for a code that a clinic added without one."""
    return texts().get(key.partition("-")[0])


@kept
def rvus(code: str) -> pd.DataFrame:
    """RVUs of one unit, a row for the code and for each of its parts: part, work_rvu,
    pe_rvu_office, pe_rvu_facility, mp_rvu, total_office, total_facility, release."""
    here = [each for each in tables.code_list() if each.code == code]
    table = tables.codes().iloc[[each.at for each in here]]
    columns = ["work_rvu", "pe_rvu_office", "pe_rvu_facility", "mp_rvu"]
    out = table[columns].assign(part=[each.full_name for each in here])
    for place in ("office", "facility"):
        total = table["work_rvu"] + table[f"pe_rvu_{place}"] + table["mp_rvu"]
        out[f"total_{place}"] = total.round(2)
    return out.assign(release=table["release"]).reset_index(drop=True)


def why_no_rvu(code: str) -> str:
    """Why a code has no RVU, by its status; empty where it has one."""
    row = tables.record(code)
    if not pd.isna(row["work_rvu"]):
        return ""
    return f"No RVU, which is not 0.00. {tables.statuses().at[row['status'], 'no_rvu']}"


def time_rule(code: str) -> tuple[str, str]:
    """How units of the code are counted, in words, and the source."""
    row = tables.record(code)
    rule, unit, start = row["time_rule"], row["unit_minutes"], row["from_minutes"]
    if rule == "timed15":
        words = (
            f"Timed: units of {unit} minutes, the first from {start} minutes. Minutes of all timed "
            "services of the visit count together under total time (CMS), each code for itself "
            "under the per-code midpoint (CPT)."
        )
        return words, "cpm-5-20.2"
    if rule == "clock":
        return _clock_words(row), "cpt-time"
    if rule == "counted":
        return "Counted, not timed: one unit for each study or test.", "rvu26"
    if rule == "level":
        words = (
            f"One unit. The level is chosen by the decision making or by total time: at least "
            f"{start} minutes on the date, without the time of services billed beside it."
        )
        return words, "cpt-time"
    if row["category"] == MONTHLY:
        words = "Untimed: one unit for its whole period, which the text names, and not one a day."
        return words, "rtm-rules"
    return "Untimed: one unit a day, whatever the minutes.", "cpm-5-20.2"


def _clock_words(row: pd.Series) -> str:
    unit, start = row["unit_minutes"], row["from_minutes"]
    period = "month" if row["category"] == MONTHLY else "visit"
    if row["parent"]:
        first = " or ".join(row["parent"].split("|"))
        return (
            f"Its own clock, never pooled: each {unit} minutes of the {period} beyond those of "
            f"{first}, from {start} minutes beyond."
        )
    often = f"once a {period}" if row["repeats"] == "once" else f"and again for each {unit} minutes"
    end = "" if pd.isna(row["to_minutes"]) else f" to {row['to_minutes']}"
    return f"Its own clock, never pooled: one unit from {start}{end} minutes, {often}."


@kept
def minute_table(code: str) -> pd.DataFrame:
    """Units of the code alone by minutes: from, to, units; empty where minutes do not count.

    Of a first code with an add-on, the units of both together.
    """
    if tables.record(code)["time_rule"] not in ("timed15", "clock"):
        return pd.DataFrame(columns=["from", "to", "units"])
    most = max(MOST_MINUTES, 3 * int(tables.record(code)["unit_minutes"]))
    units = alone((code,), national(), most).set_index("minutes")["units"]
    runs = [(n, [minute for minute, _ in run]) for n, run in groupby(units.items(), lambda x: x[1])]
    rows = [(minutes[0], minutes[-1], int(n)) for n, minutes in runs]
    return pd.DataFrame(rows[:-1], columns=["from", "to", "units"])  # the last run is cut off


@kept
def national() -> Settings:
    """What the guide's amounts are for: Medicare's national ones, whoever may bill them."""
    return Settings(provider="pt")


def most_units(code: str) -> tuple[str, str]:
    """CMS's limit of units a day and what its adjudication indicator means, and the source."""
    row = tables.record(code)
    if pd.isna(row["mue"]):
        quarter = tables.newest_release("limits")
        return f"No limit is in the table read here (CMS MUE, {quarter}).", "ncci-mue"
    meaning = "" if pd.isna(row["mai"]) else tables.adjudication().at[row["mai"], "text"] + " "
    if row["mue"] == 0:
        return "CMS's limit (MUE) is 0: Medicare pays no unit of it.", "ncci-mue"
    return f"CMS's limit (MUE) is {row['mue']} a day. {meaning}It is not a target.", "ncci-mue"


def reduction(code: str) -> tuple[str, str]:
    """Whether the therapy MPPR counts the code, in words, and the source."""
    if tables.record(code)["multiple_procedure"] != tables.THERAPY:
        return "The therapy MPPR does not count it.", "cpm-5-10.7"
    row = worth((code,), national()).iloc[0]
    if pd.isna(row["first"]):
        return "Always-therapy: the MPPR counts it. No amount of it is published.", "cpm-5-10.7"
    share = f"{1 - rates.amount('mppr_pe_share', national().period):.0%}"
    words = (
        f"Always-therapy: the MPPR counts it. Of all such units of a date one is paid in full, and "
        f"each other loses {share} of its practice expense: nationally ${row['first']:,.2f} for "
        f"the first unit, ${row['later']:,.2f} for a later one. Work and malpractice stay whole."
    )
    return words, "cpm-5-10.7"


@dataclass(frozen=True)
class Then:
    """An RVU of an old article beside today's."""

    dated: str
    rvu: float
    now: float
    source: str


def then_and_now(code: str) -> Then | None:
    """What the old article printed for a code, and what it is today."""
    if code not in tables.then().index:
        return None
    row = tables.then().loc[code]
    now = rvus(code).at[0, "total_office"]
    return Then(str(row["dated"]), float(row["total_rvu"]), float(now), str(row["source"]))


@kept
def neighbors(code: str) -> list[str]:
    """Codes of the same category, nearest number first, to compare with."""
    category = tables.records()[code].category
    here = sorted(
        each.key for each in tables.code_list() if each.category == category and not each.part
    )
    at = here.index(code)
    return sorted((key for key in here if key != code), key=lambda key: abs(here.index(key) - at))


@kept
def questions(code: str) -> list[tuple[str, str]]:
    """Questions and answers made only of what the page shows."""
    row = tables.record(code)
    asked = [("How are its units counted?", time_rule(code)[0])]
    if row["time_rule"] == "timed15":
        units = alone((code,), national()).set_index("minutes")["units"]
        second = int(units.index[units == 2][0])
        words = (
            f"1: the first unit starts at {row['from_minutes']} minutes, the second at {second}."
        )
        asked.append(("How many units are 20 minutes of it alone?", words))
    asked.append(("What is it worth?", _worth_words(code, row)))
    private = [rule for rule in rules_of(code) if (rule.rule, rule.level) == ("s-code", "check")]
    asked += [("Who pays for it?", rule.in_full) for rule in private]
    asked.append(("Does Medicare pay a chiropractor for it?", _medicare_words(row)))
    beside = pairs_of(code)
    manipulation = set(tables.manipulation()["code"])
    if code not in manipulation:
        beside = beside[beside["other"].isin(manipulation)]
        words = "No pair with an adjustment is in the pair table read here."
        if len(beside):
            words = str(beside["text"].iloc[0])
        asked.append(("Can it be billed beside an adjustment?", words))
    if row["parent"]:
        first = " or ".join(row["parent"].split("|"))
        asked.append(("Can it stand alone?", f"No, it is an add-on: it needs {first} beside it."))
    if pd.isna(row["mue"]) or row["mue"]:
        asked.append(("How many units a day?", most_units(code)[0]))
    return asked


def _worth_words(code: str, row: pd.Series) -> str:
    if reason := why_no_rvu(code):
        return reason
    total = rvus(code).at[0, "total_office"]
    words = f"{total:.2f} RVUs in an office, {row['work_rvu']:.2f} of them for work."
    first = worth((code,), national())["first"].iloc[0]
    if not pd.isna(first):
        return f"{words} Nationally Medicare's fee schedule gives ${first:,.2f} for one unit."
    return f"{words} {tables.statuses().at[row['status'], 'medicare']}"


def _medicare_words(row: pd.Series) -> str:
    paid = covers(Settings())[code_arrays().row[row["code"]]]
    if paid:
        return "Yes, for active treatment to correct a subluxation, and not for maintenance."
    if row["status"] not in tables.profile("medicare")["pays_status"].split("|"):
        return f"No. {tables.statuses().at[row['status'], 'medicare']}"
    return "No. From a chiropractor Medicare pays only for spinal manipulation, 98940 to 98942."


def years(code: str) -> pd.DataFrame:
    """The code's history: see `compare.history`."""
    return history((code,))
