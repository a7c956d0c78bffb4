"""What two offers of pay by work RVUs come to; off until it is asked for."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from chirocalc.errors import InputError
from chirocalc.track import Offer, Projection
from chirocalc.ui.shared import input_callback, plain, session
from chirocalc.words import money, rvu

from . import goal, kept
from .tracked import Tracked

OFFERS = ("A", "B")

TIERS = 3


def draw(of: Tracked) -> None:
    """Draw the switch, and two offers side by side."""
    session.track_typed["pay on"] = bool(kept.get("pay on"))
    st.toggle("Show pay", key=session.track_typed.key("pay on"), on_change=_switch)
    if not kept.get("pay on"):
        st.caption("Off until you ask for it: what an offer in dollars a wRVU comes to.")
        return
    found, _ = of.year(goal.weeks_off())
    for name, place in zip(OFFERS, st.columns(2, gap="medium"), strict=True):
        with place:
            st.subheader(f"Offer {name}", anchor=False)
            _ask(name)
            _tell(name, found)
    st.caption(
        plain(
            f"From {rvu(found.so_far / 100)} wRVU this year so far, and the projection of "
            f"{found.whole / 100:,.0f}. The base counts by the days that have passed; thresholds "
            "are of the whole year."
        )
    )


@input_callback
@kept.written
def _switch() -> None:
    kept.put("pay on", session.track_typed["pay on"])


def _said(name: str) -> dict[str, float]:
    of = kept.get(f"pay {name}")
    held = of if isinstance(of, dict) else {}
    return {str(each): float(value) for each, value in held.items()
            if isinstance(value, (int, float))}  # fmt: skip


def _ask(name: str) -> None:
    said = _said(name)
    _field(name, "base", "Base, dollars a year", said, 1000.0)
    for tier in range(TIERS):
        with st.container(horizontal=True, gap="small"):
            words = "Above wRVU a year" if tier else "From wRVU a year"
            _field(name, f"from {tier}", words, said, 100.0)
            _field(name, f"rate {tier}", "Dollars a wRVU", said, 1.0)


def _field(name: str, field: str, label: str, said: dict[str, float], step: float) -> None:
    key = f"pay {name} {field}"
    session.track_typed[key] = said.get(field)
    st.number_input(
        label, 0.0, 1_000_000.0, step=step, format="%g", key=session.track_typed.key(key),
        on_change=_take, args=(name,), placeholder="none",
    )  # fmt: skip


@input_callback
@kept.written
def _take(name: str) -> None:
    fields = ["base", *(f"{what} {tier}" for tier in range(TIERS) for what in ("from", "rate"))]
    typed: dict[str, Any] = {field: session.track_typed[f"pay {name} {field}"] for field in fields}
    kept.put(f"pay {name}", {field: value for field, value in typed.items() if value is not None})


def _offer(name: str) -> Offer:
    said = _said(name)
    tiers = tuple(
        (round(said.get(f"from {tier}", 0) * 100), round(said[f"rate {tier}"] * 100))
        for tier in range(TIERS)
        if f"rate {tier}" in said
    )
    return Offer(round(said.get("base", 0) * 100), tiers)


def _tell(name: str, found: Projection) -> None:
    try:
        offer = _offer(name)
    except InputError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    if offer == Offer():
        st.caption("Enter a base, or dollars a wRVU.")
        return
    so_far = offer.so_far(found.so_far, date.today()) / 100
    whole = offer.of_year(found.whole) / 100
    rows = [("Earned so far", money(so_far)), ("The year, by the projection", money(whole))]
    if found.whole:
        rows.append(("A wRVU, on the mean", money(whole / (found.whole / 100))))
    st.table(pd.DataFrame(rows, columns=["What", "Dollars"]).set_index("What"))
