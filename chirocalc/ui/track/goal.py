"""The goal of the year, weeks off, and hours a week: typed once and remembered."""

from __future__ import annotations

from datetime import date

import streamlit as st

from chirocalc.track import Projection
from chirocalc.ui.shared import Session, input_callback, session
from chirocalc.words import count, rvu

from . import kept

MOST = {"goal": 100_000.0, "off": 52.0, "hours": 120.0}

FIELDS = {
    "goal": ("Goal, wRVU a year", 50.0, None),
    "off": ("Weeks off to come this year", 1.0, None),
    "hours": (
        "Hours a week you treat",
        1.0,
        "For wRVU an hour: spread over the days you have on the mean of your active weeks.",
    ),
}


def wanted() -> float:
    return kept.number("goal", MOST["goal"])


def weeks_off() -> float:
    return kept.number("off", MOST["off"])


def hours() -> float | None:
    return kept.number("hours", MOST["hours"]) or None


def sentence(found: Projection) -> str:
    """How far the goal is, and on what the projection rests."""
    if not found.active_weeks:
        return f"Nothing was logged in {date.today().year} yet: there is nothing to project."
    off = f", {weeks_off():g} of them off" if weeks_off() else ""
    words = (
        f"A projection, {found.whole / 100:,.0f} wRVU by December 31: the mean of "
        f"{count(found.active_weeks, 'active week')} ({rvu(found.mean / 100)}) for each of "
        f"{found.weeks_left + weeks_off():.1f} weeks to come{off}."
    )
    if not wanted():
        return words
    ahead = (found.so_far - found.paced) / 100
    side = "ahead of" if ahead >= 0 else "behind"
    return (
        f"{found.so_far / 100 / wanted():.0%} of the goal, {abs(ahead):,.0f} {side} an even pace. "
        f"{words}"
    )


def ask() -> None:
    """Draw the fields, folded away."""
    label = f"Goal: {wanted():,.0f} wRVU a year" if wanted() else "Set a goal"
    panel = st.popover(
        label, icon=":material/flag:", type="tertiary", on_change="rerun",
        key=Session.track_goal.key,
    )  # fmt: skip
    if not panel.open:
        return
    with panel:
        for name, (words, step, help_) in FIELDS.items():
            session.track_typed[name] = kept.number(name, MOST[name]) or None
            st.number_input(
                words, 0.0, MOST[name], step=step, format="%g", help=help_,
                key=session.track_typed.key(name), on_change=_take, args=(name,),
                placeholder="none",
            )  # fmt: skip


@input_callback
@kept.written
def _take(name: str) -> None:
    kept.put(name, session.track_typed[name])
