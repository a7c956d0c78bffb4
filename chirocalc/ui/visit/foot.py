"""The foot of the window: what is to settle, the total, and the visit's actions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from chirocalc.links import VISIT
from chirocalc.sheets import visit_sheet
from chirocalc.ui.shared import Session, address, frame, html, input_callback, session
from chirocalc.visit import claim, explain, payment_chain
from chirocalc.words import count, money, rvu

from .told import Told, Visit

HERE = Path(__file__).parent

HTML = """
<div class="foot" role="group" aria-label="This visit">
  <button class="undo" hidden>Undo</button>
  <button class="copy">Copy claim</button>
  <button class="print">Print</button>
  <button class="next">Next patient</button>
</div>
"""

_actions = st.components.v2.component(
    "chirocalc_foot",
    html=HTML,
    css=(HERE / "foot.css").read_text(encoding="utf-8"),
    js=(HERE / "foot.js").read_text(encoding="utf-8"),
)


def draw(visit: Visit) -> DeltaGenerator:
    """Draw the actions; return the place of the line beside them."""
    with (
        st.bottom,
        st.container(
            horizontal=True,
            horizontal_alignment="distribute",
            vertical_alignment="center",
            gap="small",
            key="foot",
        ),
    ):
        line = st.container(width="content")
        _act(visit)
    return line


def tell(told: Told, total: float | None) -> None:
    """The line: what is to settle and the total. It is said aloud as it changes, and holds the
    claim for the button that copies it."""
    units = count(told.answer.units, "unit")
    settle = f"{told.opens} to settle" if told.opens else "Ready" if told.answer.units else ""
    kind = "needs" if told.opens else "done"
    badge = html.level(kind, settle) if settle else ""
    rvus = f"{rvu(told.answer.work_rvu)} wRVU · {rvu(told.answer.total_rvu)} RVU"
    html.block(
        f'<div class="cc-foot" role="status" aria-live="polite">{badge} '
        f'<b class="cc-total">{money(total)}</b> <span>{units}</span></div>'
        f'<span class="cc-rest">{rvus}</span>'
        f'<span class="cc-claim">{html.text(_claim_text(told))}</span>'
    )


def _claim_text(told: Told) -> str:
    """The claim's lines as a biller types them, with "; " between: code, modifiers, units."""
    return "; ".join(
        " ".join(filter(None, (line.code, line.modifiers, f"x{line.units}")))
        for line in claim(told.answer).lines
    )


@st.fragment
def _act(visit: Visit) -> None:
    with frame.part(VISIT) as alone:
        visit.keep_up(alone)
        data: dict[str, Any] = {"undo": session.left is not None, "shared": session.opened_shared}
        if session.print_now:
            session.print_now = False
            told = visit.told().answer
            chain = payment_chain(told, visit.payment.deductible_left)
            data["sheet"] = visit_sheet(told, explain(told), chain, claim(told), address(VISIT))
        _actions(
            key=Session.actions.key,
            data=data,
            on_print_change=_print,
            on_next_change=_next_patient,
            on_undo_change=_take_back,
            width="content",
        )


def _print() -> None:
    session.print_now = True


@input_callback
def _next_patient() -> None:
    """Clear what is one patient's: regions, services, answers. The clinic's settings stay."""
    session.begin_next(VISIT)


@input_callback
def _take_back() -> None:
    session.take_back(VISIT)
