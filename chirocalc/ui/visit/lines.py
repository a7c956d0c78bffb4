"""The service lines of the visit: minutes, and the answers that hints ask for."""

from __future__ import annotations

import time
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from chirocalc import tables
from chirocalc.rules import (
    Answer,
    Service,
    Settings,
    answer,
    asks_region,
    read_service,
    separate_questions,
)
from chirocalc.tables import manipulation_kinds
from chirocalc.ui.shared import Session, Tap, input_callback, plain, session

# One tap sets the minutes: a tap that added five would be lost when tapped fast.
QUICK_MINUTES = (5, 10, 15, 20, 25, 30)

# Seconds in which a next click may still carry the minutes from before a tap.
ON_ITS_WAY = 0.5

ANSWERED = {"yes": True, "no": False}


@dataclass(frozen=True)
class Visit:
    """The services of the page, and where on it each one's answer goes."""

    services: tuple[Service, ...]
    slots: dict[str, DeltaGenerator]  # by the key it was chosen by

    def with_choice(self, code: str | None) -> tuple[Service, ...]:
        """The services with the clinician's choice in a tie."""
        return tuple(each._replace(tie_first=each.code.code == code) for each in self.services)


def minutes(manipulations: list[str], chosen: list[str], assistant: str) -> Visit:
    """Draw one row per service; return the services, without the values that cannot be used."""
    services: list[Service] = []
    slots: dict[str, DeltaGenerator] = {}
    for key in [*manipulations, *chosen]:
        code = tables.records()[key]
        with st.container(border=True, gap=None):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                untimed = code.time_rule == "untimed"
                st.markdown(f"**{key}** {plain(code.full_name)}", width=330 if untimed else 220)
                amount = None if untimed else _amount(key, code.time_rule == "counted")
                if untimed:
                    st.markdown(":gray[untimed]", width="content")
                if key not in manipulations:
                    _remove_button(key)
            confirmed = session.modifiers[_claimed_as(key)] or []
            read = read_service(
                code,
                amount,
                [*filter(None, [assistant]), *confirmed],
                _regions(key, manipulations),
                ANSWERED.get(session.separate[key] or ""),
            )
            for name, why in read.faults:
                st.markdown(f":small[:red[{name.capitalize()} {why}.]]")
            slot = st.container(gap="xxsmall")
            # A part named by a modifier may be chosen by itself too: the two are one line.
            if read.service.code not in [each.code for each in services]:
                slots[key] = slot
            services.append(read.service)
    return Visit(tuple(services), slots)


def _amount(key: str, counted: bool) -> float | None:
    """The minutes, or the count, of one service: a field, and one tap for a round five."""
    session.amount.begin(key)
    tap = session.tapped[key]
    if tap and time.monotonic() - tap.when < ON_ITS_WAY and session.amount[key] == tap.before:
        session.amount[key] = tap.minutes
    amount = st.number_input(
        f"{'How many' if counted else 'Minutes of'} {key}",
        value=None,
        step=1.0,
        format="%.10g",
        key=session.amount.key(key),
        placeholder="how many" if counted else "minutes",
        label_visibility="collapsed",
        width=138,
    )
    if not counted:
        session.quick.begin(key)
        st.pills(
            f"Round minutes of {key}",
            QUICK_MINUTES,
            key=session.quick.key(key),
            on_change=_take_quick,
            args=(key,),
            label_visibility="collapsed",
        )
    return amount


@input_callback
def _take_quick(key: str) -> None:
    tapped = session.quick[key]
    session.quick[key] = None  # a chip is a button: it stays chosen nowhere
    if tapped is not None:
        session.tapped[key] = Tap(float(tapped), session.amount[key], time.monotonic())
        session.amount[key] = float(tapped)


def _remove_button(key: str) -> None:
    st.button(
        "",
        icon=":material/close:",
        key=session.remove.key(key),
        on_click=_remove,
        args=(key,),
        help=f"Remove {key}",
    )


@input_callback
def _remove(key: str) -> None:
    session.services = [each for each in session.services if each != key]


def _claimed_as(key: str) -> str:
    """The name of a line's confirmed modifiers; a manipulation's code may change."""
    return manipulation_kinds().get(key, key)


def _regions(key: str, manipulations: list[str]) -> list[str]:
    """The regions of a line: the ones adjusted, or the one treated where that matters."""
    if kind := manipulation_kinds().get(key):
        kinds = tables.regions()["kind"]
        return [name for name in session.adjusted if kinds[name] == kind]
    treated = session.region[key] if asks_region(key, manipulations) else None
    return [treated] if treated else []


def answers(found: Answer, visit: Visit) -> None:
    """Under each line, what a hint asks: the region, was it separate, which modifiers stand."""
    ask = separate_questions(found)
    for (key, slot), line in zip(visit.slots.items(), found.lines, strict=True):
        confirmed = _claimed_as(key)
        offered = [each.modifier for each in found.findings if each.code == line.code]
        chosen = session.modifiers[confirmed] or []
        names = [name for words in offered for name in words.replace("|", " ").split()]
        options = list(dict.fromkeys([*chosen, *names]))
        with slot:
            if asks_region(key, list(visit.slots)):
                _ask_region(key)
            with st.container(horizontal=True, gap="medium"):
                if line.code in ask or session.separate[key]:
                    _ask_separate(key)
                if options:
                    session.modifiers.begin(confirmed)
                    label = f"Modifiers you confirm on {key}"
                    name = session.modifiers.key(confirmed)
                    st.pills(label, options, selection_mode="multi", key=name)


def _ask_separate(key: str) -> None:
    session.separate.begin(key)
    st.segmented_control(
        f"{key} separate?",
        list(ANSWERED),
        key=session.separate.key(key),
        format_func=str.capitalize,
    )


def _ask_region(key: str) -> None:
    names = tables.regions()["name"]
    session.region.begin(key)
    name = session.region.key(key)
    label = f"Region of {key}"
    st.pills(label, list(names.index), format_func=names.get, key=name, wrap=True)


def answered(visit: Visit, settings: Settings, below: DeltaGenerator) -> Answer:
    """The answer to the page's visit, with the clinician's choice in a tie."""
    found = answer(visit.services, settings)
    first = _tie(found, below)
    return answer(visit.with_choice(first), settings) if first else found


def _tie(found: Answer, below: DeltaGenerator) -> str | None:
    """Ask which of tied lines gets the extra unit: the clinician's choice (cpm-5-20.2)."""
    tied = [line for line in found.lines if line.tied]
    if not tied:
        return None
    codes = [line.code for line in tied]
    if session.tie not in codes:
        session.tie = None
    now = " and ".join(line.code for line in tied if line.extra_unit)
    label = f"A tie: the extra unit goes to {now} unless you choose"
    with below:
        return st.segmented_control(label, codes, key=Session.tie.key)
