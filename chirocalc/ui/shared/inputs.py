"""The settings of the visit page: who pays, where, who treats."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from chirocalc import tables
from chirocalc.errors import InputError
from chirocalc.rules import MOST_DOLLARS, MOST_PERCENT, Settings
from chirocalc.tables import rates

from .markdown import plain

PROVIDERS = {"chiropractor": "Chiropractor", "pt": "PT", "ot": "OT"}

PLACES = {"office": "Office", "facility": "Facility"}

PHASES = {"active": "Active", "maintenance": "Maintenance"}

YES_NO = {"yes": "Yes", "no": "No"}

REDUCTIONS = {"none": "None", "pe": "Half the practice expense", "line": "Half the line"}

RULES = {"cms": "Total time (CMS)", "cpt": "Per-code midpoint (CPT)"}

ASSISTANTS = {"pt": "CQ", "ot": "CO"}


@dataclass(frozen=True)
class Payment:
    """What only Medicare's chain from the allowed amount to the patient's part needs: dollars of
    the deductible still unmet, and the modifier of lines by an assistant ("" for none)."""

    deductible_left: float = 0.0
    assistant: str = ""


def settings(visit: bool = True) -> tuple[Settings, Payment]:
    """Draw the settings row; a value that cannot be used is named beside its field.

    Without a `visit` nothing is asked that only one patient's visit can answer.
    """
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        payers = tables.payers()
        payer = st.selectbox(
            "Payer", list(payers.index), format_func=_payer_name, key="payer", width=215
        )
        area = st.selectbox(
            "Area: ZIP code or name",
            ["national", *_area_names()],
            format_func=lambda area: _area_names().get(area, _area_label(area)),
            key="area",
            accept_new_options=True,
            placeholder="ZIP code or name",
            width=240,
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
        asks_phase = (
            visit and provider == "chiropractor" and bool(payers.at[payer, "chiropractor_codes"])
        )
        phase = abn = None
        if asks_phase:
            phase = st.segmented_control(
                "Treatment",
                list(PHASES),
                format_func=PHASES.__getitem__,
                key="phase",
                help="Medicare pays for active treatment to correct a subluxation, not for "
                "maintenance. Until you choose, the amount assumes active treatment.",
            )
            abn = st.segmented_control(
                "Signed ABN on file",
                list(YES_NO),
                format_func=YES_NO.__getitem__,
                key="abn",
                help="An advance beneficiary notice, signed before the service. It decides between "
                "GA and GZ on maintenance, and adds GX to excluded services.",
            )
        with st.popover("More", icon=":material/tune:"):
            chosen = _more(payer, provider)
            payment = _of_the_visit(payer, provider, chosen) if visit else Payment()
    locality = _locality(area)
    chosen |= {"place": place, "provider": provider, "phase": phase}
    chosen["abn"] = None if abn is None else abn == "yes"
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
        problem = plain(error.problems[0])
        st.markdown(f":small[:red[{problem}. National amounts are shown.]]")
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


@tables.kept
def _area_names() -> dict[str, str]:
    """Localities by id as "Chicago, IL", by state and name."""
    table = tables.localities().sort_values(["state", "name"])
    return {str(key): f"{row['name']}, {row['state']}" for key, row in table.iterrows()}


def _more(payer: str, provider: str | None) -> dict[str, Any]:
    profile = tables.profile(payer)
    names = {each.first: each.name for each in reversed(rates.periods())}
    day = st.selectbox(
        "Rates of",
        list(names),
        index=None,
        format_func=names.__getitem__,
        key="rates",
        placeholder=f"{rates.current().name}, the newest in force",
        help="The year of the date of service decides RVUs, GPCIs and the conversion factor.",
    )
    here = rates.current() if day is None else rates.period(day)
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
    reduction = st.selectbox(
        "Cut on therapy units after the first (MPPR)",
        list(REDUCTIONS),
        index=None,
        format_func=REDUCTIONS.__getitem__,
        key="mppr",
        placeholder=f"{REDUCTIONS[profile['mppr']]}, as the profile says",
    )
    asks = st.segmented_control(
        "Asks for GP or GO on therapy",
        list(YES_NO),
        format_func=YES_NO.__getitem__,
        key="therapy_modifier",
        help="Unless you choose, as the profile says: "
        f"{'yes' if profile['therapy_modifier'] else 'no'}.",
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
        help="Who has threshold shares of payments or patients in an advanced alternative payment "
        "model: CMS publishes a conversion factor of its own for them.",
    )
    return {
        "date": here.first,
        "apm": apm,
        "participating": participating,
        "unit_rule": rule,
        "mppr": reduction,
        "therapy_modifier": None if asks is None else asks == "yes",
        "percent": None if percent is None else round(percent, 2),
    }


def _of_the_visit(payer: str, provider: str | None, chosen: dict[str, Any]) -> Payment:
    """What only one patient's visit can answer; the therapy paid this year goes into `chosen`."""
    medicare = tables.profile(payer)["medicare"] == "yes"
    deductible = st.number_input(
        "Part B deductible still unmet, in dollars",
        min_value=0.0,
        max_value=tables.most("part_b_deductible"),
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
    therapist = medicare and provider in ASSISTANTS
    used = st.number_input(
        "Therapy paid this year before this visit, in dollars",
        min_value=0.0,
        max_value=float(MOST_DOLLARS - 1),
        value=None,
        step=10.0,
        format="%.2f",
        key="kx_used",
        disabled=not therapist,
        help="Medicare's allowed amounts for PT with speech therapy, or for OT. Above "
        "the year's threshold a line needs KX.",
    )
    modifier = ASSISTANTS.get(provider or "", "") if assistant and medicare else ""
    chosen["kx_used"] = used if therapist else None
    return Payment(deductible or 0.0, modifier)
