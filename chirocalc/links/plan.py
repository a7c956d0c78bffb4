"""The plan as a link; own fees and contracts are not in it.

    ?payer=uhc&name1=Relief&visits1=3x4&adj1=cervical.lumbar&do1=97110.20&visits2=12at2&first=99203

Each phase has its number behind the names of its parts: `visits` "3x4" (3 a week for 4 weeks) or
"12at2" (12 visits, 2 a week), with "e4" behind where there is a week of care every 4 weeks; `care`
"maintenance" where it is not active; regions and services as in the visit's link.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from chirocalc import tables
from chirocalc.checked import checked
from chirocalc.plan import MOST_NAME, MOST_PHASES, MOST_VISITS, MOST_WEEKS
from chirocalc.rules import MOST_DOLLARS

from .base import (
    BETWEEN,
    CLINIC,
    SETTINGS,
    Field,
    PageLink,
    Params,
    Problems,
    capitals,
    day,
    known_name,
    number,
    one_of,
    short,
)
from .visit import (
    BETWEEN_SERVICES,
    MOST_SERVICES,
    SERVICES,
    VISIT,
    answer_key,
    known_regions,
    read_services,
    services_text,
)

PHASES = "plan phases"  # the state's name for the phases, in order

ACTIVE, MAINTENANCE = "active", "maintenance"

_PARTS = ("name", "visits", "care", "adj", "do")

_NUMBERED = re.compile(rf"({'|'.join(_PARTS)})([1-{MOST_PHASES}])")

_VISITS = re.compile(r"([0-9]{1,3})(x|at)([0-9]{1,3})(?:e([0-9]{1,3}))?")

_DISCOUNT = re.compile(r"d?[0-9]{1,6}([.][0-9]{1,2})?")


class PhaseInput(NamedTuple):
    """A phase as it is entered: `services` as in a visit's link, regions by their ids. One of
    `weeks` and `visits` is None."""

    name: str = ""
    per_week: int = 3
    weeks: int | None = 4
    visits: int | None = None
    every: int = 1
    care: str = ACTIVE
    regions: tuple[str, ...] = ()
    services: str = ""


class PlanLink(PageLink):
    """The inputs of the plan page: fields, and the phases with their services."""

    def encode(self, state: Mapping[Any, Any]) -> Params:
        link = super().encode(state)
        for at, phase in enumerate(state.get(PHASES, []), start=1):
            link |= {f"{part}{at}": text for part, text in _phase(phase).items() if text}
        return link

    def read_part(self, name: str, text: str, state: dict[str, Any], problems: Problems) -> None:
        if not (numbered := _NUMBERED.fullmatch(name)):
            super().read_part(name, text, state, problems)
            return
        part, at = numbered[1], int(numbered[2])
        phases = state.setdefault(PHASES, {})
        phases[at] = _read_phase(phases.get(at, PhaseInput()), part, name, text, problems)

    def check(self, state: dict[str, Any], problems: Problems) -> None:
        phases = state.get(PHASES, {})
        state[PHASES] = [phases[at] for at in sorted(phases)] or [PhaseInput()]

    def repeats(self, key: str) -> bool:
        return key == PHASES

    def names(self) -> set[str]:
        return super().names().union(*map(_numbered, _PARTS))


def _numbered(part: str) -> set[str]:
    """The names of one part of every phase."""
    return {f"{part}{at}" for at in range(1, MOST_PHASES + 1)}


def _phase(phase: PhaseInput) -> Params:
    count = f"{phase.per_week}x{phase.weeks}"
    if phase.visits is not None:
        count = f"{phase.visits}at{phase.per_week}"
    return {
        "name": phase.name,
        "visits": count + (f"e{phase.every}" if phase.every != 1 else ""),
        "care": phase.care if phase.care != ACTIVE else "",
        "adj": BETWEEN.join(phase.regions),
        "do": phase.services,
    }


def _read_phase(
    phase: PhaseInput, part: str, name: str, text: str, problems: Problems
) -> PhaseInput:
    """A phase with one part of a link read into it; what cannot be used is said."""
    if part == "adj":
        return phase._replace(regions=tuple(known_regions(text, problems)))
    if part == "do":
        return phase._replace(services=services_text(read_state(text, problems)))
    if part == "name":
        return phase._replace(name=" ".join(text.split())[:MOST_NAME])
    try:
        if part == "care":
            return phase._replace(care=one_of(ACTIVE, MAINTENANCE)(text))
        return _with_count(phase, text)
    except ValueError as error:
        problems.say(f"The link's {name} '{short(text)}' was left out: {problems.why(error)}.")
        return phase


def _with_count(phase: PhaseInput, text: str) -> PhaseInput:
    """The phase with how often: "3x4", "12at2", each with "e4" behind or without."""
    found = _VISITS.fullmatch(text)
    if not found:
        raise ValueError("it is no count such as 3x4 (3 a week for 4 weeks) or 12at3")
    first, how, second, every = int(found[1]), found[2], int(found[3]), int(found[4] or 1)
    per_week, weeks, visits = (first, second, None) if how == "x" else (second, None, first)
    if not 1 <= per_week <= 7:
        raise ValueError("visits a week are from 1 to 7")
    if not all(1 <= each <= MOST_WEEKS for each in (every, weeks) if each is not None):
        raise ValueError(f"weeks are from 1 to {MOST_WEEKS}")
    if visits is not None and not 1 <= visits <= MOST_VISITS:
        raise ValueError(f"visits are from 1 to {MOST_VISITS}")
    return phase._replace(per_week=per_week, weeks=weeks, visits=visits, every=every)


@checked
def read_state(text: str, problems: Problems | None = None) -> dict[str, Any]:
    """The state of services as they stand in a link, as the visit page has it; what cannot be used
    of them is said."""
    state: dict[str, Any] = {SERVICES: []}
    read_services(text, state, Problems() if problems is None else problems)
    return state


# What an answer about one visit says of the treatment; in a plan the phase says it.
OF_TREATMENT = {"AT", "GA", "GZ"}


@checked
def use_in_plan(visit: Mapping[str, str]) -> Params:
    """A visit's link as a plan's, with the clinic's settings: of its first phase regions, services
    with what was said of them, and the treatment; not what is billed of one visit only."""
    state, _ = VISIT.decode(visit)
    for key in state[SERVICES]:
        said = state.get(answer_key("modifiers", key), [])
        state[answer_key("modifiers", key)] = [each for each in said if each not in OF_TREATMENT]
        state[answer_key("unbilled", key)] = None
    regions = tuple(state[VISIT.own["adj"].key])
    care = state[SETTINGS["phase"].key] or ACTIVE
    phase = PhaseInput(care=care, regions=regions, services=services_text(state))
    clinics = {name: text for name, text in visit.items() if name in CLINIC}
    return clinics | {f"{part}1": text for part, text in _phase(phase).items() if text}


def _services(text: str) -> str:
    problems = Problems()
    read = services_text(read_state(text, problems))
    if said := problems.told():
        raise ValueError(" ".join(said).removesuffix("."))
    return read


def _whole(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not least <= int(text[:9]) <= most:
            raise ValueError(f"it is no whole number from {least} to {most}")
        return int(text)

    return read


def _month_day(text: str) -> str:
    """The day on which a plan year begins, as "07-01"."""
    day(f"2024-{text}")
    return text


def _codes(text: str) -> list[str]:
    keys = [capitals(key) for key in text.split(BETWEEN) if key]
    known = tables.codes().index
    return list(dict.fromkeys(known_name(key, known, f"'{short(key)}'") for key in keys))


class Discounts(dict[str, str]):
    """What is let off a service, by its key: "10" percent or "d5.50" dollars of each unit."""

    def __str__(self) -> str:
        return BETWEEN_SERVICES.join(f"{key}~{text}" for key, text in self.items())


def _discounts(text: str) -> Discounts:
    found = Discounts()
    for part in [part for part in text.split(BETWEEN_SERVICES) if part][:MOST_SERVICES]:
        key, _, off = part.partition("~")
        known_name(capitals(key), tables.codes().index, f"'{short(key)}'")
        if not _DISCOUNT.fullmatch(off) or (off[0] != "d" and float(off) > 100):
            raise ValueError("a discount is percent, such as 10, or dollars, such as d5")
        found[capitals(key)] = off
    return found


_dollars, _percent, _visits = number(0, MOST_DOLLARS - 1), number(0, 100), _whole(0, MOST_VISITS)

EXAMPLE = {
    "payer": "commercial-total-time",
    "name1": "Relief", "visits1": "3x4", "adj1": "cervical.thoracic.lumbar", "do1": "97014",
    "name2": "Corrective", "visits2": "2x6", "adj2": "cervical.thoracic.lumbar", "do2": "97110.15",
    "name3": "Wellness", "visits3": "1x24e4", "care3": "maintenance",
    "adj3": "cervical.thoracic.lumbar",
    "first": "99203~~25", "again": "99213~~25", "each": "12",
    "left": "500", "year": "1500", "coins": "20", "limit": "20", "off": "20",
}  # fmt: skip

PLAN = PlanLink(
    "pages/plan.py",
    {
        "start": Field("plan start", None, day),
        "first": Field("plan first", "", _services),
        "again": Field("plan again", "", _services),
        "each": Field("plan each", None, _whole(1, MOST_VISITS)),
        # The practice's terms for who pays without insurance.
        "base": Field("plan base", 100.0, number(1, 1000)),
        "off": Field("plan off", None, _percent),
        "offs": Field("plan offs", Discounts(), _discounts),
        "prompt": Field("plan prompt", None, _percent),
        "cap": Field("plan cap", None, _dollars),
        "months": Field("plan months", None, _whole(1, 60)),
        "down": Field("plan down", None, _dollars),
        "prepaid": Field("plan prepaid", None, _percent),
        # The patient's insurance.
        "left": Field("plan left", None, _dollars),
        "year": Field("plan year", None, _dollars),
        "copay": Field("plan copay", None, _dollars),
        "coins": Field("plan coins", None, _percent),
        "oop": Field("plan oop", None, _dollars),
        "oop_year": Field("plan oop year", None, _dollars),
        "limit": Field("plan limit", None, _visits),
        "used": Field("plan used", None, _visits),
        "auth": Field("plan auth", None, _visits),
        "until": Field("plan until", None, day),
        "renews": Field("plan renews", "01-01", _month_day),
        "not": Field("plan not", [], _codes),
        "from": Field("plan from", None, _whole(1, MOST_VISITS)),
        "stop": Field("plan stop", None, _visits),
    },
    EXAMPLE,
    frozenset({"first", "again", "offs", "not", *_numbered("adj"), *_numbered("do")}),
)
