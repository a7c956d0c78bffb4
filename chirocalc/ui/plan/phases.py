"""The phases of a plan: how often, how long, and what is done in a visit of each."""

from __future__ import annotations

from typing import Any

import streamlit as st

from chirocalc import tables
from chirocalc.links import PhaseInput
from chirocalc.plan import MOST_NAME, MOST_PHASES, MOST_VISITS, MOST_WEEKS
from chirocalc.tables import manipulation_codes
from chirocalc.ui.shared import PHASES, input_callback, session

from . import services
from .entered import ANSWER, BELOW

LASTS = {"weeks": "For weeks", "visits": "A number of visits"}


def draw() -> None:
    """A row for each phase, and a button for one more."""
    for at, phase in enumerate(session.phases):
        _row(at, phase)
    if len(session.phases) < MOST_PHASES:
        st.button("Add a phase", icon=":material/add:", type="tertiary", on_click=_add)


def _row(at: int, phase: PhaseInput) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key=f"phase {at}"):
        session.plan_box[f"{at} name"] = phase.name
        st.text_input(
            f"Phase {at + 1}", key=_key(at, "name"), max_chars=MOST_NAME, on_change=_take,
            args=(at, "name"), placeholder="relief, corrective, wellness", width=150,
        )  # fmt: skip
        often = "A week" if phase.every == 1 else f"In {phase.every} weeks"
        _number(at, "per_week", often, phase.per_week, 7)
        if phase.visits is None:
            _number(at, "weeks", "Weeks", phase.weeks, MOST_WEEKS)
        else:
            _number(at, "visits", "Visits", phase.visits, MOST_VISITS)
        panel = st.popover(
            services.summary(phase), key=_key(at, "open"), on_change="rerun", width=250,
            help="What is done in a visit, and how often",
        )  # fmt: skip
        if panel.open:
            with panel:
                _open(at, phase)


def _open(at: int, phase: PhaseInput) -> None:
    """All else of a phase."""
    st.button(
        "Take what the Visit page has", icon=":material/input:", on_click=_take_visit, args=(at,),
        type="tertiary",
    )  # fmt: skip
    names, box = tables.region_names(), session.plan_box
    box[f"{at} regions"] = list(phase.regions)
    st.pills(
        "Regions adjusted", list(names), selection_mode="multi", format_func=names.__getitem__,
        key=_key(at, "regions"), on_change=_take, args=(at, "regions"), wrap=True,
    )  # fmt: skip
    made = manipulation_codes(list(phase.regions))
    services.draw(str(at), phase.services, lambda text: _set(at, services=text), made)
    box[f"{at} care"] = phase.care
    st.segmented_control(
        "Treatment", list(PHASES), format_func=PHASES.__getitem__, key=_key(at, "care"),
        on_change=_take, args=(at, "care"), required=True,
        help="Medicare pays for active treatment only, and other payers mostly as well.",
    )  # fmt: skip
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        box[f"{at} lasts"] = "weeks" if phase.visits is None else "visits"
        st.segmented_control(
            "It lasts", list(LASTS), format_func=LASTS.__getitem__, key=_key(at, "lasts"),
            on_change=_take_lasts, args=(at,), required=True,
        )  # fmt: skip
        _number(at, "every", "A week of care every … weeks", phase.every, MOST_WEEKS, width=210)
    if len(session.phases) > 1:
        st.button(
            "Remove this phase", icon=":material/delete:", on_click=_remove, args=(at,),
            type="tertiary",
        )  # fmt: skip


def _key(at: int, name: str) -> str:
    return session.plan_box.key(f"{at} {name}")


def _number(at: int, name: str, label: str, value: int | None, most: int, width: int = 104) -> None:
    session.plan_box[f"{at} {name}"] = value
    st.number_input(
        label, min_value=1, max_value=most, step=1, key=_key(at, name), on_change=_take_number,
        args=(at, name), width=width,
    )  # fmt: skip


def _set(at: int, **values: Any) -> None:
    session.phases = [
        phase._replace(**values) if place == at else phase
        for place, phase in enumerate(session.phases)
    ]


@input_callback
def _take(at: int, name: str) -> None:
    said = session.plan_box[f"{at} {name}"]
    _set(at, **{name: tuple(said) if name == "regions" else said})


@input_callback
def _take_number(at: int, name: str) -> None:
    _set(at, **{name: session.plan_box[f"{at} {name}"]})
    st.rerun([ANSWER, BELOW])


@input_callback
def _take_lasts(at: int) -> None:
    """Weeks or a number of visits: as many as it had."""
    phase = session.phases[at]
    if session.plan_box[f"{at} lasts"] == "visits":
        visits = phase.per_week * -(-(phase.weeks or 1) // phase.every)
        _set(at, weeks=None, visits=min(visits, MOST_VISITS))
    else:
        weeks = -(-(phase.visits or 1) // phase.per_week) * phase.every
        _set(at, weeks=min(weeks, MOST_WEEKS), visits=None)


@input_callback
def _take_visit(at: int) -> None:
    visit = services.of_visit()
    _set(at, regions=visit.regions, services=visit.services)


@input_callback
def _add() -> None:
    """One phase more, with what is done in the last one."""
    last = session.phases[-1] if session.phases else PhaseInput()
    session.phases = [*session.phases, last._replace(name="")]


@input_callback
def _remove(at: int) -> None:
    session.phases = [phase for place, phase in enumerate(session.phases) if place != at]
