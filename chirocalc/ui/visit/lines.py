"""The service lines of the visit: minutes, and the answers that hints ask for."""

from __future__ import annotations

import time
from dataclasses import dataclass

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from chirocalc import tables
from chirocalc.rules import Estimate, asks_region, check_lines, separate_questions
from chirocalc.tables import manipulation_kinds
from chirocalc.ui.shared import Session, Tap, input_callback, plain, session

# One tap sets the minutes: a tap that added five would be lost when tapped fast.
QUICK_MINUTES = (5, 10, 15, 20, 25, 30)

# Seconds in which a next click may still carry the minutes from before a tap.
ON_ITS_WAY = 0.5

ANSWERED = {"yes": True, "no": False}

COLUMNS = ["code", "modifiers", "minutes", "count", "region", "separate"]


@dataclass(frozen=True)
class Visit:
    """The service lines of the page, and where on it each line's answer goes."""

    lines: pd.DataFrame
    slots: dict[str, DeltaGenerator]

    def with_choice(self, code: str | None) -> pd.DataFrame:
        """The lines with the clinician's choice in a tie."""
        return self.lines.assign(tie_first=self.lines["code"] == code)


def minutes(manipulations: list[str], chosen: list[str], assistant: str) -> Visit:
    """Draw one row per service; return the lines, without the values that cannot be used."""
    rows, slots, notes = [], {}, []
    for key in [*manipulations, *chosen]:
        row = tables.record(key)
        counted = row["time_rule"] == "counted"
        with st.container(border=True, gap=None):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                untimed = row["time_rule"] == "untimed"
                name = f"**{key}** {plain(tables.full_name(row))}"
                st.markdown(name, width=330 if untimed else 220)
                amount = None if untimed else _amount(key, counted)
                if untimed:
                    st.markdown(":gray[untimed]", width="content")
                if key not in manipulations:
                    _remove_button(key)
            notes.append(st.empty())
            slots[key] = st.container(gap="xxsmall")
        confirmed = session.modifiers[_claimed_as(key)] or []
        said = session.separate[key]
        rows.append(
            {
                "code": row["code"],
                "modifiers": " ".join([row["modifier"], assistant, *confirmed]).strip(),
                "minutes": None if counted else amount,
                "count": amount if counted else 1,
                "region": _region(key, manipulations),
                "separate": ANSWERED.get(said or ""),
            }
        )
    lines = pd.DataFrame(rows, columns=COLUMNS)
    lines = lines.astype({"minutes": "float64", "count": "float64", "separate": "object"})
    for problem in check_lines(lines):
        at = (problem.row or 1) - 1
        notes[at].markdown(f":small[:red[{problem.column.capitalize()} {problem.allowed}.]]")
        lines.loc[at, problem.column] = None
    return Visit(lines, slots)


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


def _region(key: str, manipulations: list[str]) -> str | None:
    """The regions of a line: the ones adjusted, or the one treated where that matters."""
    regions, kind = tables.regions(), manipulation_kinds().get(key)
    if kind:
        return "|".join(name for name in session.adjusted if regions.at[name, "kind"] == kind)
    return session.region[key] if asks_region(key, manipulations) else None


def answers(answer: Estimate, slots: dict[str, DeltaGenerator]) -> None:
    """Under each line, what a hint asks: the region, was it separate, which modifiers stand."""
    ask = separate_questions(answer.read, answer.lines["units"].to_numpy(), answer.settings)
    for (key, slot), code in zip(slots.items(), answer.lines["code"], strict=True):
        confirmed = _claimed_as(key)
        offered = answer.findings.loc[answer.findings["code"] == code, "modifier"]
        chosen = session.modifiers[confirmed] or []
        names = [name for words in offered for name in words.replace("|", " ").split()]
        options = list(dict.fromkeys([*chosen, *names]))
        with slot:
            if asks_region(key, list(slots)):
                _ask_region(key)
            with st.container(horizontal=True, gap="medium"):
                if code in ask or session.separate[key]:
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


def tie(answer: Estimate, below: DeltaGenerator) -> str | None:
    """Ask which of tied lines gets the extra unit: the clinician's choice (cpm-5-20.2)."""
    tied = answer.lines[answer.lines["tied"]]
    if tied.empty:
        return None
    codes = list(tied["code"])
    if session.tie not in codes:
        session.tie = None
    now = " and ".join(tied.loc[tied["extra_unit"], "code"])
    label = f"A tie: the extra unit goes to {now} unless you choose"
    with below:
        return st.segmented_control(label, codes, key=Session.tie.key)
