"""The inputs of the visit page: settings, regions, services, minutes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from chirocalc import tables
from chirocalc.errors import InputError, nearest
from chirocalc.lines import check_lines
from chirocalc.regions import manipulation_codes
from chirocalc.settings import MOST_PERCENT, Settings
from chirocalc.ui.link import MOST_SERVICES, amount_key

PROVIDERS = {"chiropractor": "Chiropractor", "pt": "PT", "ot": "OT"}
PLACES = {"office": "Office", "facility": "Facility"}
PHASES = {"active": "Active", "maintenance": "Maintenance"}
RULES = {"cms": "Total time (CMS)", "cpt": "Per-code midpoint (CPT)"}
QUICK_STEP = 5


ASSISTANTS = {"pt": "CQ", "ot": "CO"}


@dataclass(frozen=True)
class Payment:
    """What only Medicare's chain from the allowed amount to the patient's part needs: dollars of
    the deductible still unmet, and the modifier of lines by an assistant ("" for none)."""

    deductible_left: float = 0.0
    assistant: str = ""


@dataclass(frozen=True)
class Visit:
    """The service lines of the page, and where on it each line's answer goes."""

    lines: pd.DataFrame
    slots: dict[str, DeltaGenerator]

    def with_choice(self, code: str | None) -> pd.DataFrame:
        """The lines with the clinician's choice in a tie."""
        return self.lines.assign(tie_first=self.lines["code"] == code)


def settings() -> tuple[Settings, Payment]:
    """Draw the settings row; a value that cannot be used is named beside its field."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        payers = tables.payers()
        payer = st.selectbox(
            "Payer", list(payers.index), format_func=_payer_name, key="payer", width=230
        )
        area = st.selectbox(
            "Area: ZIP code or name",
            ["national", *_area_names()],
            format_func=lambda area: _area_names().get(area, _area_label(area)),
            key="area",
            accept_new_options=True,
            placeholder="ZIP code or name",
            width=280,
        )
        place = st.segmented_control(
            "Place", list(PLACES), format_func=PLACES.__getitem__, key="place", required=True
        )
        provider = st.segmented_control(
            "Who treats",
            list(PROVIDERS),
            format_func=PROVIDERS.__getitem__,
            key="provider",
            required=True,
        )
        asks_phase = provider == "chiropractor" and bool(payers.at[payer, "chiropractor_codes"])
        phase = None
        if asks_phase:
            phase = st.segmented_control(
                "Treatment",
                list(PHASES),
                format_func=PHASES.__getitem__,
                key="phase",
                help="Medicare pays for active treatment to correct a subluxation, not for "
                "maintenance. Until you choose, the amount assumes active treatment.",
            )
        with st.popover("More", icon=":material/tune:"):
            chosen, payment = _more(payer, provider)
    locality = _locality(area)
    chosen |= {"place": place, "provider": provider, "phase": phase}
    return Settings(payer, locality, **chosen), payment


def _payer_name(payer: str) -> str:
    return str(tables.payers().at[payer, "name"])


def _locality(area: str | None) -> str:
    """The locality of the area field, with what a ZIP code needs said under the row."""
    if area is None or area == "national" or area in _area_names():
        return area or "national"
    try:
        place = tables.locality_of_zip(area)
    except InputError as error:
        st.caption(f":red[{error.problems[0]}. National amounts are shown.]")
        return "national"
    name = _area_names()[place.locality]
    if place.shared:
        st.caption(
            f":orange[{area} lies in two payment areas; the four digits after it decide. "
            f"{name} is used: choose the other by name if it is yours.]"
        )
    else:
        st.caption(f"{area} is priced in {name}.")
    return place.locality


def _area_label(area: str) -> str:
    return "National" if area == "national" else area


@st.cache_resource
def _area_names() -> dict[str, str]:
    """Localities by id as "Chicago, IL", by state and name."""
    table = tables.localities().sort_values(["state", "name"])
    return {str(key): f"{row['name']}, {row['state']}" for key, row in table.iterrows()}


def _more(payer: str, provider: str | None) -> tuple[dict[str, Any], Payment]:
    profile = tables.payers().loc[payer]
    medicare = profile["medicare"] == "yes"
    rule = st.segmented_control(
        "Unit rule",
        list(RULES),
        format_func=RULES.__getitem__,
        key="rule",
        help=f"Unless you choose, the payer's: {RULES[profile['unit_rule']].lower()}. "
        f"{profile['note']} Also called the 8-minute rule (CMS) and the rule of eights or "
        "midpoint rule (CPT); writers swap these names.",
    )
    percent = st.number_input(
        "Percent of the fee schedule",
        min_value=1.0,
        max_value=float(MOST_PERCENT),
        value=None,
        step=1.0,
        format="%.2f",
        key="percent",
        placeholder="own fees" if pd.isna(profile["percent"]) else f"{profile['percent']:g}",
        help=profile["percent_note"],
    )
    participating = st.toggle(
        "Participating in Medicare",
        key="participating",
        disabled=not medicare,
        help="Not participating: the fee is 95%, and the limiting charge 115% of that.",
    )
    apm = st.toggle(
        "Qualifying APM participant",
        key="apm",
        help="The conversion factor is then "
        f"{tables.conversion_factor(True):.4f} instead of {tables.conversion_factor(False):.4f}.",
    )
    deductible = st.number_input(
        "Part B deductible still unmet, in dollars",
        min_value=0.0,
        max_value=tables.amount("part_b_deductible"),
        step=1.0,
        format="%.2f",
        key="deductible",
        disabled=not medicare,
    )
    assistant = st.toggle(
        "Treated by an assistant (CQ or CO)",
        key="assistant",
        disabled=not medicare or provider == "chiropractor",
    )
    modifier = ASSISTANTS.get(provider or "", "") if assistant and medicare else ""
    chosen: dict[str, Any] = {
        "apm": apm,
        "participating": participating,
        "unit_rule": rule,
        "percent": percent,
    }
    return chosen, Payment(deductible or 0.0, modifier)


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
    return manipulation_codes(adjusted)


def search() -> None:
    """Draw the search that adds any service to the visit."""
    names = _service_names()
    st.selectbox(
        "Find a service",
        [key for key in names if key not in _quick_services()],
        index=None,
        format_func=lambda key: names.get(key, key),
        key="search",
        on_change=_take_search,
        accept_new_options=True,
        placeholder="Number, name or other words, such as decompression",
    )
    if problem := st.session_state.get("search_problem"):
        st.caption(f":red[{problem}]")


def services() -> list[str]:
    """Draw the service chips; return the keys of all services, in the order of choice."""
    chosen = [key for key in st.session_state["codes"] if key in _service_names()]
    quick = _quick_services()
    st.session_state["codes"] = chosen
    st.session_state["chips"] = [key for key in chosen if key in quick]
    st.pills(
        "Services",
        quick,
        selection_mode="multi",
        wrap=True,
        format_func=lambda key: f"{key} {tables.codes().at[key, 'short']}",
        key="chips",
        on_change=_take_chips,
    )
    return chosen


@st.cache_resource
def _names_of(_version: int) -> dict[str, str]:
    """What each service is searched by: number, name, other words."""
    codes = tables.codes()
    return {
        str(key): f"{key} {_name(row)} · {', '.join(row['synonyms'].split('|'))}"
        for key, row in codes.iterrows()
        if row["code"] not in set(tables.manipulation()["code"])
    }


def _name(row: pd.Series) -> str:
    return (
        str(row["name"]) + {"": "", "26": ", reading only", "TC": ", films only"}[row["modifier"]]
    )


def _service_names() -> dict[str, str]:
    return _names_of(tables.codes_version())


def _quick_services() -> list[str]:
    quick = tables.codes()["quick"].dropna().sort_values()
    return [str(key) for key in quick.index if key in _service_names()]


def _take_chips() -> None:
    on = st.session_state["chips"]
    kept = [key for key in st.session_state["codes"] if key in on or key not in _quick_services()]
    st.session_state["codes"] = kept + [key for key in on if key not in kept]


def _take_search() -> None:
    typed = st.session_state["search"]
    st.session_state["search"] = None
    st.session_state["search_problem"] = ""
    if typed is None:
        return
    key = typed.strip().upper()
    codes = st.session_state["codes"]
    if key in set(tables.manipulation()["code"]):
        problem = f"{key} follows from the regions adjusted: choose them above."
    elif key not in _service_names():
        problem = f"'{typed}' is not in codes.csv; {nearest(key, _service_names())}."
    elif key in codes:
        problem = f"{key} is in the visit already: its minutes add up on one line."
    elif len(codes) >= MOST_SERVICES:
        problem = f"A visit here has up to {MOST_SERVICES} services."
    else:
        codes.append(key)
        return
    st.session_state["search_problem"] = problem


def minutes(manipulations: list[str], chosen: list[str], assistant: str) -> Visit:
    """Draw one row per service; return the lines, without the values that cannot be used."""
    codes = tables.codes()
    rows, slots, notes = [], {}, []
    for key in [*manipulations, *chosen]:
        row = codes.loc[key]
        counted = row["time_rule"] == "counted"
        with st.container(border=True, gap=None):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.markdown(f"**{key}** {_name(row)}", width=300)
                amount = _amount(key, row["time_rule"], key in manipulations)
            notes.append(st.empty())
            slots[key] = st.empty()
        modifiers = f"{row['modifier']} {assistant}".strip()
        rows.append((row["code"], modifiers, None if counted else amount, amount if counted else 1))
    columns = ["code", "modifiers", "minutes", "count"]
    lines = pd.DataFrame(rows, columns=columns).astype({"minutes": "Float64", "count": "Float64"})
    for problem in check_lines(lines):
        at = (problem.row or 1) - 1
        notes[at].caption(f":red[{problem.column.capitalize()} {problem.allowed}.]")
        lines.loc[at, problem.column] = None
    return Visit(lines, slots)


def _amount(key: str, time_rule: str, manipulation: bool) -> float | None:
    """The minutes, or the count, of one service: a field, and steps of five for minutes."""
    if time_rule == "untimed":
        st.markdown(":gray[untimed]", width=215)
        if not manipulation:
            _remove_button(key)
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
    _remove_button(key)
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
    now = st.session_state[amount_key(key)] or 0.0
    st.session_state[amount_key(key)] = max(0.0, now + step)


def _remove(key: str) -> None:
    st.session_state["codes"].remove(key)


def tie(draw: pd.DataFrame) -> str | None:
    """Ask which of the tied lines gets the extra unit: the clinician's choice (cpm-5-20.2)."""
    codes = list(draw["code"])
    if st.session_state.get("tie") not in codes:
        st.session_state["tie"] = None
    now = " and ".join(draw.loc[draw["extra_unit"], "code"])
    label = f"A tie: the extra unit goes to {now} unless you choose"
    return st.segmented_control(label, codes, key="tie")
