"""The service lines of the visit page: regions adjusted, services, minutes, a tie."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from chirocalc import code_table, tables
from chirocalc.errors import nearest
from chirocalc.estimate import Estimate
from chirocalc.hints import separate_questions
from chirocalc.line_checks import check_lines
from chirocalc.regions import manipulation_codes, manipulation_kinds
from chirocalc.ui.link import MOST_SERVICES, amount_key, answer_key, touch

QUICK_STEP = 5
ANSWERED = {"yes": True, "no": False}
LINE_COLUMNS = ["code", "modifiers", "minutes", "count", "region", "separate"]


@dataclass(frozen=True)
class Visit:
    """The service lines of the page, and where on it each line's answer goes."""

    lines: pd.DataFrame
    slots: dict[str, DeltaGenerator]

    def with_choice(self, code: str | None) -> pd.DataFrame:
        """The lines with the clinician's choice in a tie."""
        return self.lines.assign(tie_first=self.lines["code"] == code)


def regions() -> list[str]:
    """Draw the region chips; return the manipulation codes they make."""
    table = tables.regions()
    adjusted = st.pills(
        "Regions adjusted",
        list(table.index),
        selection_mode="multi",
        wrap=True,
        format_func=lambda region: str(table.at[region, "name"]),
        key="adjusted",
        help="Five spinal regions, then five outside the spine. Regions count, not thrusts: "
        "98940 is 1 or 2 spinal regions, 98941 is 3 or 4, 98942 is all 5; 98943 is any number "
        "outside the spine. A diagnosis should support each region.",
    )
    made = manipulation_codes(adjusted)
    missing = [code for code in made if code not in code_table.codes().index]
    if missing:
        st.warning(f"{', '.join(missing)} for these regions is not in codes.csv.")
    return [code for code in made if code not in missing]


class Choices(NamedTuple):
    """The services to choose from, by key."""

    names: dict[str, str]  # what each is searched by: number, name, other words
    chips: dict[str, str]  # the dozen within one tap, and their labels
    manipulations: set[str]  # these follow from the regions


def choices() -> Choices:
    """The services to choose from, as `codes.csv` has them now."""
    return _choices(code_table.codes_version())


@lru_cache(maxsize=2)
def _choices(_version: int) -> Choices:
    manipulations = set(manipulation_kinds())
    codes = code_table.codes()
    codes = codes[~codes["code"].isin(manipulations)]
    quick = codes[codes["quick"].notna()].sort_values("quick")
    names = {
        str(key): f"{key} {_name(row)} · {', '.join(row['synonyms'].split('|'))}"
        for key, row in codes.iterrows()
    }
    chips = {str(key): f"{key} {row['short']}" for key, row in quick.iterrows()}
    return Choices(names, chips, manipulations)


def _name(row: pd.Series) -> str:
    return str(row["name"]) + code_table.PARTS[row["modifier"]]


def search() -> None:
    """Draw the search that adds any service to the visit."""
    names = choices().names
    st.selectbox(
        "Find a service",
        list(names),
        index=None,
        format_func=lambda key: names.get(key, key),
        key="search",
        on_change=_take_search,
        accept_new_options=True,
        placeholder="Number, name or other words, such as decompression",
    )
    if problem := st.session_state.get("search_problem"):
        st.caption(f":red[{problem}]")


def chips() -> list[str]:
    """Draw the service chips; return the keys of all services, in the order of choice."""
    names, chips, _ = choices()
    chosen = [key for key in st.session_state["codes"] if key in names]
    st.session_state["codes"] = chosen
    st.session_state["chips"] = [key for key in chosen if key in chips]
    st.pills(
        "Services",
        list(chips),
        selection_mode="multi",
        wrap=True,
        format_func=chips.__getitem__,
        key="chips",
        on_change=_take_chips,
    )
    return chosen


def _take_chips() -> None:
    touch()
    on = st.session_state["chips"]
    kept = [key for key in st.session_state["codes"] if key in on or key not in choices().chips]
    st.session_state["codes"] = kept + [key for key in on if key not in kept]


def _take_search() -> None:
    touch()
    typed = st.session_state["search"]
    st.session_state["search"] = None
    st.session_state["search_problem"] = ""
    if typed is None:
        return
    names, codes = choices().names, st.session_state["codes"]
    found = _find(typed)
    key = found[0] if len(found) == 1 else typed.strip().upper()
    if key in choices().manipulations:
        problem = f"{key} follows from the regions adjusted: choose them above."
    elif len(found) > 1:
        problem = f"'{typed}' fits {', '.join(found[:6])}: choose one from the list."
    elif key not in names:
        problem = f"'{typed}' is not in codes.csv; {nearest(key, names)}."
    elif key in codes:
        problem = f"{key} is in the visit already: its minutes add up on one line."
    elif len(codes) >= MOST_SERVICES:
        problem = f"A visit here has up to {MOST_SERVICES} services."
    else:
        codes.append(key)
        return
    st.session_state["search_problem"] = problem


def _find(typed: str) -> list[str]:
    """The services that a typed text names: its key, or words of its name and synonyms."""
    names = choices().names
    word = typed.strip().casefold()
    if word.upper() in names:
        return [word.upper()]
    return [key for key, name in names.items() if word and word in name.casefold()]


def minutes(manipulations: list[str], chosen: list[str], assistant: str) -> Visit:
    """Draw one row per service; return the lines, without the values that cannot be used."""
    codes = code_table.codes()
    rows, slots, notes = [], {}, []
    for key in [*manipulations, *chosen]:
        row = codes.loc[key]
        counted = row["time_rule"] == "counted"
        with st.container(border=True, gap=None):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                has_fields = row["time_rule"] != "untimed"
                st.markdown(f"**{key}** {_name(row)}", width=240 if has_fields else 330)
                amount = _amount(key, row["time_rule"])
                region = _region(key, row)
                if key not in manipulations:
                    _remove_button(key)
            notes.append(st.empty())
            slots[key] = st.container(gap="xxsmall")
        confirmed = st.session_state.get(modifiers_key(key)) or []
        rows.append(
            {
                "code": row["code"],
                "modifiers": " ".join([row["modifier"], assistant, *confirmed]).strip(),
                "minutes": None if counted else amount,
                "count": amount if counted else 1,
                "region": region,
                "separate": ANSWERED.get(st.session_state.get(answer_key("separate", key)) or ""),
            }
        )
    lines = pd.DataFrame(rows, columns=LINE_COLUMNS)
    lines = lines.astype({"minutes": "Float64", "count": "Float64", "separate": "boolean"})
    for problem in check_lines(lines):
        at = (problem.row or 1) - 1
        notes[at].caption(f":red[{problem.column.capitalize()} {problem.allowed}.]")
        lines.loc[at, problem.column] = None
    return Visit(lines, slots)


def modifiers_key(key: str) -> str:
    """The state's name for a line's confirmed modifiers; a manipulation's code may change."""
    return answer_key("modifiers", manipulation_kinds().get(key, key))


def _region(key: str, row: pd.Series) -> str | None:
    """The region of a line: the ones adjusted, or for timed services the one treated."""
    regions, kind = tables.regions(), manipulation_kinds().get(key)
    if kind:
        adjusted = st.session_state["adjusted"]
        return "|".join(name for name in adjusted if regions.at[name, "kind"] == kind)
    if row["time_rule"] != "timed15":
        return None
    state = answer_key("region", key)
    st.session_state.setdefault(state, None)
    region: str | None = st.selectbox(
        f"Region of {key}",
        list(regions.index),
        index=None,
        format_func=lambda name: str(regions.at[name, "name"]),
        key=state,
        placeholder="region",
        label_visibility="collapsed",
        width=140,
    )
    return region


def answers(answer: Estimate, slots: dict[str, DeltaGenerator]) -> None:
    """Under each line, what a hint asks: was it separate, and which modifiers are confirmed."""
    ask = separate_questions(answer.read, answer.lines["units"].to_numpy(), answer.settings)
    for (key, slot), code in zip(slots.items(), answer.lines["code"], strict=True):
        offered = answer.findings.loc[answer.findings["code"] == code, "modifier"]
        state = modifiers_key(key)
        chosen = st.session_state.get(state) or []
        names = [n for words in offered for n in words.replace("|", " ").split()]
        options = list(dict.fromkeys([*chosen, *names]))
        said = answer_key("separate", key)
        if not options and code not in ask and not st.session_state.get(said):
            continue
        with slot.container(horizontal=True, gap="medium"):
            if code in ask or st.session_state.get(said):
                st.session_state.setdefault(said, None)
                st.segmented_control(
                    f"{key} separate?", list(ANSWERED), key=said, format_func=str.capitalize
                )
            if options:
                st.session_state.setdefault(state, [])
                st.pills(
                    f"Modifiers you confirm on {key}", options, selection_mode="multi", key=state
                )


def _amount(key: str, time_rule: str) -> float | None:
    """The minutes, or the count, of one service: a field, and steps of five for minutes."""
    if time_rule == "untimed":
        st.markdown(":gray[untimed]", width="content")
        return None
    counted = time_rule == "counted"
    state = amount_key(key)
    st.session_state.setdefault(state, None)
    amount = st.number_input(
        f"{'How many' if counted else 'Minutes of'} {key}",
        value=None,
        step=1.0,
        format="%.10g",
        key=state,
        placeholder="how many" if counted else "minutes",
        label_visibility="collapsed",
        width=130,
    )
    if not counted:
        for step in (-QUICK_STEP, QUICK_STEP):
            st.button(
                f"{step:+d}".replace("-", "−"),
                key=f"step {key} {step}",
                on_click=_step,
                args=(key, step),
                help=f"{abs(step)} minutes {'more' if step > 0 else 'fewer'}",
            )
    return amount


def _remove_button(key: str) -> None:
    st.button(
        "",
        icon=":material/close:",
        key=f"remove {key}",
        on_click=_remove,
        args=(key,),
        type="tertiary",
        help=f"Remove {key}",
    )


def _step(key: str, step: int) -> None:
    touch()
    now = st.session_state[amount_key(key)] or 0.0
    st.session_state[amount_key(key)] = max(0.0, now + step)


def _remove(key: str) -> None:
    touch()
    st.session_state["codes"].remove(key)


def tie(draw: pd.DataFrame) -> str | None:
    """Ask which of the tied lines gets the extra unit: the clinician's choice (cpm-5-20.2)."""
    codes = list(draw["code"])
    if st.session_state.get("tie") not in codes:
        st.session_state["tie"] = None
    now = " and ".join(draw.loc[draw["extra_unit"], "code"])
    label = f"A tie: the extra unit goes to {now} unless you choose"
    return st.segmented_control(label, codes, key="tie")
