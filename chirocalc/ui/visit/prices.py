"""By whose prices the visit goes where the payer is not Medicare: the fields beside the sentence
that asks for them."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from chirocalc import tables
from chirocalc.rules import MOST_DOLLARS, MOST_PERCENT, Settings
from chirocalc.ui.shared import Session, device, input_callback, inputs, session

from .told import Visit

NARROW = 104  # so narrow that Streamlit leaves out the buttons for one more or less

WAYS = {
    "schedule": "% of Medicare",
    "fees": "My fees",
    "code": "$ a code",
    "visit": "$ a visit",
}


def draw(visit: Visit) -> None:
    """Ask how the payer pays: a percent, dollars a code, dollars a visit, or the practice's fees;
    and, where its plans have one, the copay."""
    settings = visit.settings
    if settings.is_medicare or not visit.keys or session.is_example:
        return
    profile, way = tables.profile(settings.payer), _way(settings)
    is_set = settings.percent is not None or way in device.CONTRACTS
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="prices"):
        label = "How it pays" if is_set else profile["percent_note"]
        _choose(settings.payer, way, not pd.isna(profile["percent"]), label)
        if way == "schedule":
            _ask_percent(settings)
        if way == "visit":
            _ask_visit(settings.payer)
        if profile["patient_pays"] == "copay":
            _ask_copay()


def _way(settings: Settings) -> str:
    contract = device.contract(settings.payer)
    if contract is not None:
        return contract.by
    if settings.rate is None and session.way_paid != "schedule":
        return "fees"
    return "schedule"


def _choose(payer: str, way: str, has_percent: bool, label: str) -> None:
    session.way_paid = way
    st.segmented_control(
        label,
        ["schedule", "code", "visit"] if has_percent else ["fees", "schedule", "visit"],
        format_func=WAYS.__getitem__,
        key=Session.way_paid.key,
        on_change=_take_way,
        args=(payer,),
        required=True,
    )


@input_callback
def _take_way(payer: str) -> None:
    way = session.way_paid
    device.set_of_payer(payer, by=way if way in device.CONTRACTS else None)
    if way == "fees":
        inputs.set_setting("percent", None)
    session.asked_fees = []


def _ask_percent(settings: Settings) -> None:
    session.percent_paid = settings.percent
    st.number_input(
        "Percent of Medicare's fees",
        min_value=1.0,
        max_value=float(MOST_PERCENT),
        value=None,
        step=1.0,
        format="%.2f",
        key=Session.percent_paid.key,
        on_change=_take_percent,
        placeholder="%" if settings.rate is None else f"{settings.rate:g} %",
        label_visibility="collapsed",
        width=NARROW,
    )


@input_callback
def _take_percent() -> None:
    inputs.set_setting("percent", session.percent_paid)


# Of a field for dollars.
DOLLARS: dict[str, Any] = {
    "min_value": 0.0,
    "max_value": float(MOST_DOLLARS - 1),
    "value": None,
    "step": 1.0,
    "format": "%.2f",
    "label_visibility": "collapsed",
    "width": NARROW,
}


def _ask_visit(payer: str) -> None:
    contract = device.contract(payer)
    cents = None if contract is None else contract.visit
    session.dollars_paid = None if cents is None else cents / 100
    st.number_input(
        "Dollars a visit",
        key=Session.dollars_paid.key,
        on_change=_take_visit,
        args=(payer,),
        placeholder="$ a visit",
        **DOLLARS,
    )


@input_callback
def _take_visit(payer: str) -> None:
    dollars = session.dollars_paid
    device.set_of_payer(payer, visit=None if dollars is None else round(dollars * 100))


def _ask_copay() -> None:
    session.copay_typed = session.copay
    st.number_input(
        "Copay today, in dollars",
        key=Session.copay_typed.key,
        on_change=_take_copay,
        placeholder="$ copay",
        **DOLLARS,
    )


@input_callback
def _take_copay() -> None:
    session.copay = session.copay_typed
