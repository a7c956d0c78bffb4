"""The service lines of the visit: minutes, and the answers that hints ask for."""

from __future__ import annotations

import time
from dataclasses import dataclass

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from chirocalc import tables
from chirocalc.links import amount_key, answer_key
from chirocalc.rules import Estimate, asks_region, check_lines, separate_questions
from chirocalc.tables import manipulation_kinds
from chirocalc.ui.shared import plain, touch

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
        confirmed = st.session_state.get(modifiers_key(key)) or []
        said = st.session_state.get(answer_key("separate", key))
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
    state, quick = amount_key(key), f"quick {key}"
    st.session_state.setdefault(state, None)
    tapped, before, when = st.session_state.get(f"tapped {key}", (None, None, 0.0))
    if time.monotonic() - when < ON_ITS_WAY and st.session_state[state] == before:
        st.session_state[state] = tapped
    amount = st.number_input(
        f"{'How many' if counted else 'Minutes of'} {key}",
        value=None,
        step=1.0,
        format="%.10g",
        key=state,
        placeholder="how many" if counted else "minutes",
        label_visibility="collapsed",
        width=138,
    )
    if not counted:
        st.session_state.setdefault(quick, None)
        st.pills(
            f"Round minutes of {key}",
            QUICK_MINUTES,
            key=quick,
            on_change=_take_quick,
            args=(key,),
            label_visibility="collapsed",
        )
    return amount


def _take_quick(key: str) -> None:
    touch()
    tapped = st.session_state[f"quick {key}"]
    st.session_state[f"quick {key}"] = None  # a chip is a button: it stays chosen nowhere
    if tapped is not None:
        before = st.session_state[amount_key(key)]
        st.session_state[f"tapped {key}"] = float(tapped), before, time.monotonic()
        st.session_state[amount_key(key)] = float(tapped)


def _remove_button(key: str) -> None:
    st.button(
        "",
        icon=":material/close:",
        key=f"remove {key}",
        on_click=_remove,
        args=(key,),
        help=f"Remove {key}",
    )


def _remove(key: str) -> None:
    touch()
    st.session_state["codes"].remove(key)


def modifiers_key(key: str) -> str:
    """The state's name for a line's confirmed modifiers; a manipulation's code may change."""
    return answer_key("modifiers", manipulation_kinds().get(key, key))


def _region(key: str, manipulations: list[str]) -> str | None:
    """The regions of a line: the ones adjusted, or the one treated where that matters."""
    regions, kind = tables.regions(), manipulation_kinds().get(key)
    if kind:
        adjusted = st.session_state["adjusted"]
        return "|".join(name for name in adjusted if regions.at[name, "kind"] == kind)
    if asks_region(key, manipulations):
        region: str | None = st.session_state.get(answer_key("region", key))
        return region
    return None


def answers(answer: Estimate, slots: dict[str, DeltaGenerator]) -> None:
    """Under each line, what a hint asks: the region, was it separate, which modifiers stand."""
    ask = separate_questions(answer.read, answer.lines["units"].to_numpy(), answer.settings)
    for (key, slot), code in zip(slots.items(), answer.lines["code"], strict=True):
        said, confirmed = answer_key("separate", key), modifiers_key(key)
        offered = answer.findings.loc[answer.findings["code"] == code, "modifier"]
        chosen = st.session_state.get(confirmed) or []
        names = [name for words in offered for name in words.replace("|", " ").split()]
        options = list(dict.fromkeys([*chosen, *names]))
        with slot:
            if asks_region(key, list(slots)):
                _ask_region(key)
            with st.container(horizontal=True, gap="medium"):
                if code in ask or st.session_state.get(said):
                    st.session_state.setdefault(said, None)
                    st.segmented_control(
                        f"{key} separate?", list(ANSWERED), key=said, format_func=str.capitalize
                    )
                if options:
                    st.session_state.setdefault(confirmed, [])
                    label = f"Modifiers you confirm on {key}"
                    st.pills(label, options, selection_mode="multi", key=confirmed)


def _ask_region(key: str) -> None:
    names = tables.regions()["name"]
    state = answer_key("region", key)
    st.session_state.setdefault(state, None)
    label = f"Region of {key}"
    st.pills(label, list(names.index), format_func=names.get, key=state, wrap=True)


def tie(draw: pd.DataFrame) -> str | None:
    """Ask which of the tied lines gets the extra unit: the clinician's choice (cpm-5-20.2)."""
    codes = list(draw["code"])
    if st.session_state.get("tie") not in codes:
        st.session_state["tie"] = None
    now = " and ".join(draw.loc[draw["extra_unit"], "code"])
    label = f"A tie: the extra unit goes to {now} unless you choose"
    return st.segmented_control(label, codes, key="tie")
