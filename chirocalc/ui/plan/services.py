"""What is done in a visit of a plan: services with their minutes, modifiers and regions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from chirocalc import tables
from chirocalc.links import (
    ACTIVE,
    MOST_SERVICES,
    PHASES,
    PLAN,
    SERVICES,
    VISIT,
    PhaseInput,
    amount_key,
    answer_key,
    read_state,
    services_text,
    use_in_plan,
)
from chirocalc.rules import MOST_MINUTES, asks_region
from chirocalc.tables import manipulation_codes, manipulation_kinds
from chirocalc.ui.shared import input_callback, session

Save = Callable[[str], None]

# Codes of an examination, which on a day with an adjustment is one of its own with this modifier.
EXAMINATIONS, SEPARATE = ("992", "972"), "25"


def draw(name: str, text: str, save: Save, manipulations: Sequence[str] = ()) -> None:
    """Boxes for the services of a link's `text`; each change gives `save` the new text."""
    state, box = read_state(text), session.plan_box
    chosen = state[SERVICES]
    box[f"{name} services"] = chosen
    st.multiselect(
        "Services",
        _offered(),
        format_func=_named,
        key=box.key(f"{name} services"),
        on_change=_take_services,
        args=(name, text, save),
        max_selections=MOST_SERVICES,
        placeholder="Number or name",
    )
    for each in chosen:
        _service(name, each, state, (text, save), manipulations)


def _service(
    name: str, key: str, state: dict[str, Any], to: tuple[str, Save], manipulations: Sequence[str]
) -> None:
    """Minutes or count, modifiers and, where it matters, the region of one service."""
    rule, box = tables.records()[key].time_rule, session.plan_box
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        if rule != "untimed":
            at = f"{name} amount {key}"
            box[at] = state.get(amount_key(key))
            st.number_input(
                f"How many {key}" if rule == "counted" else f"Minutes of {key}",
                min_value=0.0, max_value=float(MOST_MINUTES), value=None, step=1.0,
                format="%.10g", key=box.key(at), on_change=_take,
                args=(at, amount_key(key), *to), width=130,
            )  # fmt: skip
        at = f"{name} modifiers {key}"
        box[at] = list(state.get(answer_key("modifiers", key), []))
        st.multiselect(
            f"Modifiers of {key}", list(tables.modifiers().index), key=box.key(at),
            on_change=_take, args=(at, answer_key("modifiers", key), *to), placeholder="none",
            width=150,
        )  # fmt: skip
        if asks_region(key, manipulations):
            names, at = tables.region_names(), f"{name} region {key}"
            box[at] = state.get(answer_key("region", key))
            st.selectbox(
                f"Region of {key}", list(names), format_func=names.__getitem__, index=None,
                key=box.key(at), on_change=_take, args=(at, answer_key("region", key), *to),
                placeholder="not said", width=150,
            )  # fmt: skip


def _offered() -> list[str]:
    """All services but adjustments, which follow from regions; the clinic's favorites first."""
    return list(dict.fromkeys([*session.favorites, *_others()]))


@tables.kept
def _others() -> list[str]:
    """The services, the usual ones first."""
    codes = tables.codes()
    codes = codes[~codes["code"].isin(set(manipulation_kinds()))]
    return [str(key) for key in codes.sort_values("quick", kind="stable").index]


def _named(key: str) -> str:
    return f"{key} {tables.records()[key].full_name}"


@input_callback
def _take(at: str, key: str, text: str, save: Save) -> None:
    """Take one answer about a service."""
    state = read_state(text)
    state[key] = session.plan_box[at]
    save(services_text(state))


@input_callback
def _take_services(name: str, text: str, save: Save) -> None:
    """Take the services chosen; a new one has its usual minutes."""
    state, before = read_state(text), read_state(text)[SERVICES]
    state[SERVICES] = list(session.plan_box[f"{name} services"])
    for key in state[SERVICES]:
        if key not in before:
            state[amount_key(key)] = session.favorites.get(key)
            if key.startswith(EXAMINATIONS):
                state[answer_key("modifiers", key)] = [SEPARATE]
    save(services_text(state))


def of_visit() -> PhaseInput:
    """What the visit page has, as it was left, as a phase."""
    link = session.links.get(VISIT.page) or VISIT.example
    phases: list[PhaseInput] = PLAN.decode(use_in_plan(link))[0][PHASES]
    return phases[0]


def summary(phase: PhaseInput) -> str:
    """What is done in a visit of a phase, in few words."""
    codes = [*manipulation_codes(list(phase.regions)), *read_state(phase.services)[SERVICES]]
    said = ", ".join(codes[:3]) + (" …" if len(codes) > 3 else "")
    kind = "" if phase.care == ACTIVE else " · maintenance"
    return (said or "Choose services") + kind
