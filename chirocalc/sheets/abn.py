"""What to write on the ABN (CMS-R-131): the words of D, E and F. The form itself is CMS's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

import pandas as pd

from chirocalc import tables
from chirocalc.checked import Count, checked
from chirocalc.rules import Line, Settings
from chirocalc.tables import manipulation_kinds
from chirocalc.words import money

from .clinic import Clinic
from .parts import form
from .said import Language, Said, languages

KINDS = ("maintenance", "excluded")

SOURCES = ("abn-instructions", "bp-15-240", "mac-chiro", "abn-2029")

# Why an ABN has no place here, in words; an empty one where it has.
ELSEWHERE = "An ABN is for Original Medicare only: this payer has forms of its own."
ADVANTAGE = (
    "An ABN does not serve Medicare Advantage: ask the plan for a determination before the visit."
)
THERAPIST = "These words are for what a chiropractor does: a therapist's ABN has other reasons."
ACTIVE = (
    "The adjustment is active treatment: it takes AT and no ABN. The words for maintenance are for "
    "the day it becomes maintenance."
)


class Words(NamedTuple):
    """A row of the form: what is to stand in D, E and F."""

    service: str
    reason: str
    cost: str


class Group(NamedTuple):
    """The rows of one kind, "maintenance" (the ABN is needed) or "excluded" (it is a courtesy); the
    table's rows of its options, and its notes."""

    kind: str
    rows: tuple[tuple[Words, ...], ...]  # in each language
    options: tuple[pd.Series, ...]
    notes: tuple[str, ...]


@checked
def abn_has_no_place(settings: Settings) -> str:
    """Why the visit needs none, "" where one may be needed (bp-15-240, abn-2029)."""
    if settings.is_medicare and settings.provider == "chiropractor":
        return ""
    if settings.is_medicare:
        return THERAPIST
    return ADVANTAGE if settings.asks_treatment else ELSEWHERE


@checked
def abn_sheet(
    lines: Iterable[Line],
    settings: Settings,
    fees: Mapping[str, int],
    clinic: Clinic,
    *,
    day: date,
    visits: Count = 1,
    lang: Language = "en",
    made_by: str,
) -> str:
    """The words for the services of a visit, `visits` times; nothing is ticked. Only for Original
    Medicare: see `abn_has_no_place`."""
    billed = [line for line in lines if line.units]
    found = [_group(kind, billed, fees, visits, lang) for kind in KINDS]
    here = edition(day)
    return form(
        "abn.html",
        "abn",
        "en",
        clinic=clinic,
        edition=here,
        since=date.fromisoformat(here["effective_from"]),
        sources=[tables.sources().at[name, "short"] for name in SOURCES],
        languages_of_words=languages(lang),
        groups=[group for group in found if group.rows[0]],
        note=ACTIVE if settings.phase == "active" else "",
        made_by=made_by,
    )


@checked
def abn_copy(lines: Sequence[Line], fees: Mapping[str, int], visits: Count, lang: Language) -> str:
    """The rows of D, E and F to paste, with tabs, in the language of the patient's form."""
    say = languages(lang)[-1]
    return "\n".join(
        "\t".join(_words(say, kind, line, fees, visits))
        for kind in KINDS
        for line in lines
        if line.units and _kind(line) == kind
    )


def edition(day: date) -> pd.Series:
    """The form that must be used on a day; before the first that is known, that one."""
    table = tables.abn_editions()
    begun = table[table["effective_from"] <= day.isoformat()]
    return (begun if len(begun) else table.iloc[:1]).iloc[-1]


def _group(kind: str, lines: list[Line], fees: Mapping[str, int], visits: int, lang: str) -> Group:
    of = [line for line in lines if _kind(line) == kind]
    table = tables.abn()
    about = table[table["about"] == kind]
    return Group(
        kind,
        tuple(
            tuple(_words(say, kind, line, fees, visits) for line in of) for say in languages(lang)
        ),
        tuple(row for _, row in about[about["kind"] == "option"].iterrows()),
        tuple(about.loc[about["kind"] == "note", "text"]),
    )


def _kind(line: Line) -> str:
    """Adjustments of the spine are paid while treatment is active; of the rest nothing is, and what
    is bundled may not be charged (pfs-formula)."""
    if manipulation_kinds().get(line.code) == "spinal":
        return "maintenance"
    return "" if line.service.code.status == "B" else "excluded"


def _words(say: Said, kind: str, line: Line, fees: Mapping[str, int], visits: int) -> Words:
    return Words(
        say(f"abn.{kind}.D", codes=line.code, code=line.code, name=say.name(line.service.code)),
        say(f"abn.{kind}.E"),
        _cost(say, fees.get(line.key), line.units, visits),
    )


def _cost(say: Said, fee: int | None, units: int, visits: int) -> str:
    if fee is None:
        return say("abn.F.blank")
    each = money(fee * units / 100)
    if visits == 1:
        return say("abn.F", each=each)
    return say("abn.F.many", each=each, count=visits, total=money(fee * units * visits / 100))
