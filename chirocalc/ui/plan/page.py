"""The plan page: what is entered at the left, what it comes to at the right, details below.

A number that changes runs only the answer and the details; what changes the boxes runs the page.
"""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from chirocalc.links import PLAN
from chirocalc.rules import Settings
from chirocalc.ui.shared import frame, html, plain, session

from . import answer, money, panels, phases, start
from .entered import ANSWER, BELOW, entered, priced, sides


def draw(settings: Settings, left: DeltaGenerator, right: DeltaGenerator) -> None:
    """What is entered at the left, the answer at the right, and below both what it is made of."""
    with left:
        start.draw()
        phases.draw()
        money.draw(settings)
    with st.bottom, st.container(key="plan foot"):
        foot = st.container()
    with right.container(key="answer"):
        _answer(settings, foot)
    _below(settings)


@st.fragment(key=ANSWER)
def _answer(settings: Settings, foot: DeltaGenerator) -> None:
    """The figures and the picture, and the total at the foot."""
    with frame.part(PLAN):
        found = entered(settings)
        for each in found.left_out:
            st.warning(plain(each), icon=":material/info:")
        if found.plan is None:
            return
        schedule = priced(found.plan)
        if PLAN.encode(session.state) == PLAN.example:
            st.markdown(":blue-badge[Example] This plan is made up: change what you like.")
        answer.draw(schedule, sides(found.plan))
        from . import picture  # noqa: PLC0415 - Altair takes its time, and the figures come first

        picture.over_time(schedule)
        with foot:
            html.block(answer.in_short(schedule))


@st.fragment(key=BELOW)
def _below(settings: Settings) -> None:
    with frame.part(PLAN):
        found = entered(settings)
        if found.plan is not None:
            panels.draw(priced(found.plan))
