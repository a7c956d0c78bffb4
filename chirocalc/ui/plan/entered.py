"""The plan as its inputs have it now, and what of it cannot be used yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from chirocalc import tables
from chirocalc.errors import InputError
from chirocalc.links import (
    PLAN,
    SERVICES,
    SETTINGS,
    PhaseInput,
    amount_key,
    answer_key,
    read_state,
)
from chirocalc.plan import (
    Benefits,
    Discount,
    Phase,
    Plan,
    Prices,
    Schedule,
    Terms,
    price_plan,
    side_by_side,
)
from chirocalc.rules import Service, Settings, read_service
from chirocalc.tables import manipulation_codes, region_kinds
from chirocalc.ui.shared import device, session

# The parts of the page that run alone.
ANSWER, BELOW = "plan answer", "plan below"

SAID = {"yes": True, "no": False}


@dataclass(frozen=True)
class Entered:
    """The plan, None while there is none to price; and a sentence for each thing that is left out
    of it."""

    plan: Plan | None
    left_out: tuple[str, ...]


def value(name: str) -> Any:
    """What an input is set to, by its name in a link."""
    field = PLAN.own[name]
    return session.state.get(field.key, field.default)


def key(name: str) -> str:
    """The session's name of an input, by its name in a link."""
    return PLAN.own[name].key


def entered(settings: Settings) -> Entered:
    """The plan under the page's settings. A phase without a service is left out, and said."""
    left_out = []
    phases = []
    for at, phase in enumerate(session.phases, start=1):
        services = _of_phase(phase)
        if services:
            phases.append(_phase(phase, at, services))
        else:
            name = f'"{phase.name}"' if phase.name else str(at)
            left_out.append(f"Phase {name} has no service yet: choose what is done in a visit.")
    if not phases:
        return Entered(None, tuple(left_out))
    try:
        return Entered(_plan(tuple(phases), settings), tuple(left_out))
    except InputError as error:
        return Entered(None, (*left_out, *map(str, error.problems)))


def _plan(phases: tuple[Phase, ...], settings: Settings) -> Plan:
    deductible = session.state.get(SETTINGS["deductible"].key, 0.0)
    return Plan(
        value("start") or date.today(),
        phases,
        settings,
        services_of(value("first")),
        services_of(value("again")),
        value("each"),
        prices(),
        _benefits(settings.payer),
        _cents(deductible) or 0,
        session.state.get(SETTINGS["abn"].key) != "no",
        value("from"),
    )


def _phase(phase: PhaseInput, at: int, services: Sequence[Service]) -> Phase:
    return Phase(
        phase.name or f"Phase {at}",
        tuple(services),
        phase.per_week,
        phase.weeks,
        phase.visits,
        phase.every,
        phase.care,
    )


def _of_phase(phase: PhaseInput) -> list[Service]:
    """What each visit of a phase has: the adjustment that its regions make, and its services."""
    kinds, records = region_kinds(), tables.records()
    made = [code for code in manipulation_codes(list(phase.regions)) if code in records]
    of_kind = tables.manipulation_kinds()

    def regions(code: str) -> list[str]:
        return [each for each in phase.regions if kinds[each] == of_kind[code]]

    adjusted = [read_service(records[code], None, (), regions(code)).service for code in made]
    return [*adjusted, *services_of(phase.services)]


def services_of(text: str) -> tuple[Service, ...]:
    """Services as they stand in a link."""
    state, records = read_state(text), tables.records()
    found = []
    for each in state[SERVICES]:
        region = state.get(answer_key("region", each))
        read = read_service(
            records[each],
            state.get(amount_key(each)),
            state.get(answer_key("modifiers", each), ()),
            [region] if region else (),
            SAID.get(state.get(answer_key("separate", each), "")),
        )
        found.append(read.service)
    return tuple(found)


def codes(phases: Iterable[PhaseInput]) -> list[str]:
    """The codes and parts of all that is entered, each once, in order."""
    services = [each for phase in phases for each in _of_phase(phase)]
    services += [*services_of(value("first")), *services_of(value("again"))]
    return list(dict.fromkeys(each.code.key for each in services))


def prices() -> Prices:
    """The practice's prices: fees as the browser remembers them, and what is let off."""
    return Prices(
        session.fees,
        value("base"),
        value("off") or 0.0,
        {code: discount(text) for code, text in session.plan_offs.items()},
        value("prompt") or 0.0,
        _cents(value("cap")),
    )


def discount(text: str) -> Discount:
    """A discount as a link has it: "10" percent, "d5" dollars."""
    if text.startswith("d"):
        return Discount(cents=_cents(float(text[1:])) or 0)
    return Discount(percent=float(text))


def _benefits(payer: str) -> Benefits:
    contract = device.contract(payer)
    month, day = value("renews").split("-")
    return Benefits(
        _cents(value("left")) or 0,
        _cents(value("year")),
        _cents(value("copay")) or 0,
        value("coins") or 0.0,
        _cents(value("oop")),
        _cents(value("oop_year")),
        value("limit"),
        value("used") or 0,
        value("auth"),
        value("until"),
        (int(month), int(day)),
        frozenset(value("not")),
        contract.codes if contract and contract.by == "code" else {},
        contract.visit if contract and contract.by == "visit" else None,
    )


def _cents(dollars: float | None) -> int | None:
    return None if dollars is None else round(dollars * 100)


def terms() -> Terms:
    """How the plan may be paid."""
    return Terms(value("months"), _cents(value("down")), value("prepaid") or 0.0)


def priced(plan: Plan) -> Schedule:
    """The plan's schedule; computed when the plan or the tables have changed."""
    of = (plan, id(tables.book()))
    if session.plan_priced is None or session.plan_priced[0] != of:
        session.plan_priced = (of, price_plan(plan))
    found: Schedule = session.plan_priced[1]
    return found


def sides(plan: Plan) -> dict[str, Schedule]:
    """The plan insured, without insurance, and under Medicare."""
    of = (plan, id(tables.book()))
    if session.plan_sides is None or session.plan_sides[0] != of:
        session.plan_sides = (of, side_by_side(plan))
    found: dict[str, Schedule] = session.plan_sides[1]
    return found
