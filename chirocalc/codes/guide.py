"""The guide: what the tables say of one code, in words, and the texts written for it by hand.

The texts are rows of `tables/guide.csv`, which a clinician may edit; every number comes from the
other tables, so that none can be out of date in a text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

import pandas as pd

from chirocalc import tables
from chirocalc.checked import checked
from chirocalc.rules import Settings, asks_region, covers
from chirocalc.tables import Key, code_arrays, kept, rates
from chirocalc.words import listed

from .compare import MOST_MINUTES, alone, history, never_pays, unpaid, worth
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

POOLED = (
    "Minutes of all timed services of the visit count together under total time (CMS), each code "
    "for itself under the per-code midpoint (CPT)."
)

# How units are counted that follow neither 15 minutes nor the day, in a word.
COUNTED = {
    "clock": "By its own clock",
    "counted": "One a study or test",
    "level": "One, by its level",
}

MONTHLY = "Remote monitoring"  # the category whose clocks run over a month (cpt-time)

# What a clock runs over, by category; in all others over a visit (cpt-time, evisits).
PERIODS = {MONTHLY: "month", "Phone and online": "call or week of messages"}

# Pictures: what a chiropractor may not order for Medicare (bp-15-240).
IMAGING = ("X-ray", "CT, MRI and ultrasound")

NO_IMAGING = (
    "Imaging that a chiropractor takes, reads or orders is not paid, nor when a radiologist takes "
    "it on that order."
)

# Codes in a text, alone or as "98940 to 98943".
NAMED = re.compile(r"\b([0-9A-Z]\d{3}[0-9A-Z])\b(?: to ([0-9A-Z]\d{3}[0-9A-Z])\b)?")

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
    frame = _whole(tables.guide())
    lists = {name: frame[name].str.split("|").map(tuple) for name in ITEMS}
    rows = frame.assign(**lists).reset_index().to_dict("records")
    return {row["code"]: Text(**{str(name): value for name, value in row.items()}) for row in rows}


def _whole(frame: pd.DataFrame) -> pd.DataFrame:
    """The texts, each with what it leaves to the one it is like."""
    lenders = frame["like"].where(frame["like"] != "", frame.index)
    lent = frame.loc[lenders].set_axis(frame.index)
    return frame.mask(frame == "", lent).drop(columns="like")


@checked
def text(key: str) -> Text | None:
    """The text of a code or of its parts; None for a code that a clinic added without one."""
    return texts().get(key.partition("-")[0])


@checked
def note_text(code: str) -> str:
    """What the note must show as plain text for a template: the code with its name, then a line for
    each item; empty for a code without a text."""
    told = text(code)
    if told is None:
        return ""
    return "\n".join([f"{code} {tables.record(code)['name']}", *map("- {}".format, told.must_show)])


@checked
def tells_apart(key: str, others: Iterable[str]) -> tuple[str, ...]:
    """When a code is not the one, of its text what names one of the `others`."""
    told, codes = text(key), {other.partition("-")[0] for other in others}
    if told is None:
        return ()
    return tuple(item for item in told.fits_not if any(_names(item, code) for code in codes))


def _names(item: str, code: str) -> bool:
    return any(first <= code <= (last or first) for first, last in NAMED.findall(item))


@kept
@checked
def rvus(code: Key) -> pd.DataFrame:
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


@checked
def why_no_rvu(code: Key) -> str:
    """Why a code has no RVU, by its status; empty where it has one."""
    row = tables.record(code)
    if not pd.isna(row["work_rvu"]):
        return ""
    return f"No RVU, which is not 0.00. {tables.statuses().at[row['status'], 'no_rvu']}"


@checked
def time_rule(code: Key) -> tuple[str, str]:
    """How units of the code are counted, in words, and the source."""
    row = tables.record(code)
    rule, unit, start = row["time_rule"], row["unit_minutes"], row["from_minutes"]
    if rule == "timed15":
        words = f"Timed: units of {unit} minutes, the first from {start} minutes. {POOLED}"
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
    period = PERIODS.get(row["category"], "visit")
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
@checked
def minute_table(code: Key) -> pd.DataFrame:
    """Units of the code alone by minutes: from, to, units; empty where minutes do not count.
    Without a `to` more minutes never change the units.

    Of a first code with an add-on, the units of both together.
    """
    if tables.record(code)["time_rule"] not in ("timed15", "clock"):
        return pd.DataFrame(columns=["from", "to", "units"])
    most = max(MOST_MINUTES, 3 * int(tables.record(code)["unit_minutes"]))
    units = alone((code,), national(), most).set_index("minutes")["units"]
    runs = [(n, [minute for minute, _ in run]) for n, run in groupby(units.items(), lambda x: x[1])]
    rows = [(minutes[0], minutes[-1], int(n)) for n, minutes in runs]
    first, _, last = rows.pop()  # this run is cut off
    if _is_open(code):
        rows.append((first, None, last))
    return pd.DataFrame(rows, columns=["from", "to", "units"]).astype("Int64")


def _is_open(code: str) -> bool:
    """Whether a unit that stands once has no end: neither its own nor where an add-on begins."""
    here = tables.records()[code]
    return here.once and here.to_minutes is None and code_arrays().clock_child[here.at] < 0


@kept
def national() -> Settings:
    """What the guide's amounts are for unless an area is set: Medicare's, whoever may bill them."""
    return Settings(provider="any")


class Allowed(NamedTuple):
    """What a payer allows for a unit of a code: who at which percent, the dollars of the first and
    of a later unit (None where it pays none, or publishes none), and then why, in words."""

    who: str
    first: float | None
    later: float | None
    why: str


@kept
@checked
def allowed(code: Key, settings: Settings) -> Allowed:
    """What the payer of the settings allows to who treats under them."""
    name, why = str(tables.payers().at[settings.payer, "name"]), _not_allowed(code, settings)
    if why:
        return Allowed(name, None, None, why)
    row = worth((code,), settings).loc[code]
    return Allowed(f"{name} at {settings.rate:g}%", float(row["first"]), float(row["later"]), "")


def _not_allowed(code: str, settings: Settings) -> str:
    """Why there are no dollars of the payer for who treats; empty where there are some."""
    nobody, others = unpaid((code,), settings)
    if nobody:
        return "pays nobody for it"
    if others:
        return f"{never_pays(settings)} for it"
    if settings.rate is None:
        return "your own fee"
    return "no amount, as the code has no RVU" if why_no_rvu(code) else ""


@checked
def most_units(code: Key) -> tuple[str, str]:
    """CMS's limit of units a day, and the source."""
    row = tables.record(code)
    if pd.isna(row["mue"]):
        quarter = tables.newest_release("limits")
        return f"No limit is in the table read here (CMS MUE, {quarter}).", "ncci-mue"
    indicator = "" if pd.isna(row["mai"]) else f", MAI {row['mai']}"
    return f"CMS MUE {row['mue']}{indicator}. It is not a target.", "ncci-mue"


@checked
def over_limit(code: Key) -> str:
    """What CMS's limit means in plain words, by its adjudication indicator; empty without one."""
    row = tables.record(code)
    if pd.isna(row["mue"]):
        return ""
    if row["mue"] == 0:
        return "Medicare pays no unit of it."
    if pd.isna(row["mai"]):
        return f"At most {row['mue']} in a day."
    return str(tables.adjudication().at[row["mai"], "text"]).replace("{mue}", str(row["mue"]))


@checked
def reduction(code: Key) -> tuple[str, str]:
    """Whether the therapy MPPR counts the code, in words, and the source."""
    if tables.record(code)["multiple_procedure"] != tables.THERAPY:
        return "The therapy MPPR does not count it.", "cpm-5-10.7"
    share = f"{1 - rates.amount('mppr_pe_share', rates.current()):.0%}"
    words = (
        "Always-therapy: the MPPR counts it. Of all such units of a date one is paid in full, and "
        f"each later one loses {share} of its practice expense. Work and malpractice stay whole."
    )
    return words, "cpm-5-10.7"


@dataclass(frozen=True)
class Then:
    """An RVU of an old article beside today's."""

    dated: str
    rvu: float
    now: float
    source: str


@checked
def then_and_now(code: Key) -> Then | None:
    """What the old article printed for a code, and what it is today."""
    if code not in tables.then().index:
        return None
    row = tables.then().loc[code]
    now = rvus(code).at[0, "total_office"]
    return Then(str(row["dated"]), float(row["total_rvu"]), float(now), str(row["source"]))


@kept
@checked
def neighbors(code: Key) -> list[str]:
    """Codes of the same category, nearest number first, to compare with."""
    category = tables.records()[code].category
    here = sorted(
        each.key for each in tables.code_list() if each.category == category and not each.part
    )
    at = here.index(code)
    return sorted((key for key in here if key != code), key=lambda key: abs(here.index(key) - at))


class Box(NamedTuple):
    """A question that is asked of every code: its short answer, what stands behind it, and the
    source."""

    question: str
    answer: str
    detail: str
    source: str


@kept
@checked
def boxes(code: Key) -> tuple[Box, ...]:
    """What is asked first, but for the note: who is paid, how units count, and whether it goes with
    an adjustment."""
    return (_medicare(code), _units(code), _with_adjustment(code))


def _medicare(code: str) -> Box:
    asked, row = "Medicare pays a chiropractor?", tables.record(code)
    profile = tables.profile("medicare")
    if covers(Settings())[code_arrays().row[code]]:
        words = "For active treatment to correct a subluxation, not for maintenance."
        return Box(asked, "Yes", words, "bp-15-240")
    if row["status"] not in profile["pays_status"].split("|"):
        status = tables.statuses().loc[row["status"]]
        return Box(asked, "No", str(status["medicare"]), str(status["source"]))
    paid = listed(profile["chiropractor_codes"].split("|"))
    words = f"From a chiropractor it pays only for {paid}."
    if row["category"] in IMAGING:
        words = f"{words} {NO_IMAGING}"
    return Box(asked, "No", words, "bp-15-240")


def _units(code: str) -> Box:
    words, source = time_rule(code)
    answer, detail = _counted(code, words)
    return Box("Units", answer, f"{detail} {over_limit(code)}".strip(), source)


def _counted(code: str, words: str) -> tuple[str, str]:
    """How units of a code are counted, in a word and in a sentence; `words` are those in full."""
    row = tables.record(code)
    if row["time_rule"] == "timed15":
        units = alone((code,), national()).set_index("minutes")["units"]
        second = int(units.index[units == 2][0])
        first = row["from_minutes"]
        return f"Every {row['unit_minutes']} minutes", f"1 from {first} minutes, 2 from {second}."
    if row["time_rule"] == "untimed":
        if row["category"] == MONTHLY:
            return "Once a period", words
        return "Once a day", "Untimed: minutes do not count."
    return COUNTED[row["time_rule"]], words


def _with_adjustment(code: str) -> Box:
    codes = [key for key, kind in tables.manipulation_kinds().items() if kind == "spinal"]
    asked = f"With an adjustment ({codes[0]} to {codes[-1]}) the same day?"
    beside = pairs_of(code)
    beside = beside[beside["other"].isin(codes)]
    if beside.empty:
        words = "No pair with one is in CMS's pair table as read here."
        return Box(asked, "No rule against it", words, "ncci-ptp")
    pair = beside.iloc[0]
    words = f"{pair['asks']} {pair['read']}"
    return Box(asked, _separately(code, codes, pair), words, str(pair["source"]))


def _separately(code: str, adjustments: list[str], pair: pd.Series) -> str:
    """How far a pair lets a code be paid beside an adjustment."""
    if code in adjustments:
        return "Only one of them"
    if pair["modifier_indicator"] == "0":
        return "No"
    return "In another region" if asks_region(code, adjustments) else "Only if separate"


@checked
def more_facts(code: Key) -> dict[str, tuple[str, str]]:
    """What else is to be known of some codes, each in words, with its source: how minutes of
    several services count, which code an add-on needs, who pays for a private one."""
    row, facts = tables.record(code), {}
    if row["time_rule"] == "timed15":
        facts["Beside other timed services"] = (POOLED, "cpm-5-20.2")
    if row["parent"]:
        first = " or ".join(row["parent"].split("|"))
        facts["Add-on"] = (f"It cannot stand alone: it needs {first} beside it.", "cpt-time")
    for rule in rules_of(code):
        if (rule.rule, rule.level) == ("s-code", "check"):
            facts["Who pays"] = (rule.in_full, rule.source)
    return facts


@checked
def years(code: Key) -> pd.DataFrame:
    """The code's history: see `compare.history`."""
    return history((code,))
