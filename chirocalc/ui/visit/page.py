"""The visit page. What the minutes change runs alone, in parts that a callback names: no input is
sent again, and nothing that stays as it is."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from chirocalc.links import VISIT, use_in_plan
from chirocalc.ui.shared import frame, html, session
from chirocalc.visit import explain

from . import foot, more, pictures, prices, rows, settle, totals
from .told import ANSWER, MORE, SETTLE, Told, Visit


def draw(visit: Visit, left: DeltaGenerator, right: DeltaGenerator) -> None:
    """What was done, one row a service, and in `right` what follows from it."""
    if session.asked_of != visit.keys:
        session.asked_of, session.asked = visit.keys, {}
    with left:
        if not visit.keys:
            st.info("Choose the regions adjusted, or a service.", icon=":material/touch_app:")
        told, places = visit.told(), rows.draw(visit)
        prices.draw(visit)
        _more(visit)
        onward = st.container()
    with right.container(key="answer"):
        first, second = st.container(key="figures"), st.container(key="settle")
        pictures.choose()
        picture = st.container()
    line = foot.draw(visit)
    with first:
        _answer(visit, told, places, picture, line, onward)
    with second:
        _settle(visit, told)


@st.fragment(key=ANSWER)
def _answer(
    visit: Visit,
    told: Told,
    places: Sequence[DeltaGenerator],
    picture: DeltaGenerator,
    line: DeltaGenerator,
    onward: DeltaGenerator,
) -> None:
    """The figures: each row's in its place, the visit's, the picture, the line at the foot, and
    the link that takes the visit into a plan.
    `told`: what the page's whole run has found."""
    with frame.part(VISIT) as alone:
        visit.keep_up(alone)
        told = visit.told() if alone else told
        session.own_amounts = told.desk.is_own
        reasons = explain(told.answer)
        rows.tell(visit, told, reasons, places)
        totals.draw(told, reasons)
        settle.tie(visit, told)
        with picture:
            pictures.picture(told)
        with line:
            foot.tell(told)
        with onward:
            link = use_in_plan(VISIT.encode(session.state))
            html.block(html.go("plan", link, "Use in a plan", "event_note"))


@st.fragment(key=SETTLE)
def _settle(visit: Visit, told: Told) -> None:
    with frame.part(VISIT) as alone:
        visit.keep_up(alone)
        settle.draw(visit, visit.told() if alone else told)


@st.fragment(key=MORE)
def _more(visit: Visit) -> None:
    with frame.part(VISIT) as alone:
        visit.keep_up(alone)
        more.draw(visit)
