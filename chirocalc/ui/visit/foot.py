"""The foot of the window: what is to settle, the total, and the visit's actions."""

from __future__ import annotations

from pathlib import Path
from time import monotonic
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from chirocalc.links import VISIT
from chirocalc.sheets import visit_sheet
from chirocalc.ui.shared import Session, address, frame, html, input_callback, inputs, session
from chirocalc.visit import claim, explain, payment_chain, record
from chirocalc.words import count, listed, money, rvu

from . import rows, to_log
from .told import Told, Visit

HERE = Path(__file__).parent

PRINTING = 3.0  # seconds in which each run has the sheet that was asked for: one may be cut off

HTML = """
<div class="foot" role="group" aria-label="This visit">
  <button class="undo" hidden>Undo</button>
  <button class="copy" disabled title="Copy the claim's lines (K)">Copy claim</button>
  <button class="record" disabled title="Copy it as text (J)">Copy for the record</button>
  <button class="print" disabled title="Print the visit's sheet (P)">Print</button>
  <button class="next" disabled title="Clear this visit, keep the clinic (N)">New visit</button>
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
        to_log.draw(visit)
        _act(visit)
    return line


def tell(told: Told) -> None:
    """The line: what is to settle, the total, and what to collect. It is said aloud as it changes,
    and holds what the buttons copy."""
    desk, clean_visit = told.desk, told.desk.answer
    units = count(clean_visit.units, "unit")
    settle = f"{told.opens} to settle" if told.opens else "Ready" if told.answer.units else ""
    badge = html.level("needs" if told.opens else "done", settle) if settle else ""
    if told.opens:
        badge = f'<a class="cc-to-settle" href="#settle">{badge}</a>'
    clean = " clean" if desk.denied else ""
    collect = f" · collect <b>{money(desk.collect)}</b>" if desk.parts else ""
    rvus = f"{rvu(clean_visit.work_rvu)} wRVU · {rvu(clean_visit.total_rvu)} RVU"
    html.block(
        f'<div class="cc-foot" role="status" aria-live="polite">{badge} '
        f'<span><b class="cc-total">{money(desk.clean)}</b>{clean}</span> '
        f"<span>{units}{collect}</span></div>"
        f'<span class="cc-rest">{rvus}</span>{_copied("cc-claim", claim_lines(told))}'
        f"{_copied('cc-record', record_lines(told))}"
    )


def _copied(name: str, lines: list[str]) -> str:
    return f'<span class="{name}">{"".join(f"<i>{html.text(line)}</i>" for line in lines)}</span>'


def claim_lines(told: Told) -> list[str]:
    """The claim's lines as a biller types them: code, modifiers, units; and what was left out."""
    lines = claim(told.answer).lines
    copied = [
        " ".join(filter(None, (line.code, line.modifiers, f"x{line.units}")))
        for line in lines
        if not line.denied
    ]
    denied = [line.code for line in lines if line.denied]
    return [*copied, *([f"without {listed(denied)}: denied as it stands"] if denied else [])]


def record_lines(told: Told) -> list[str]:
    """The visit as text for the record, and what to collect."""
    lines = record(told.answer, session.adjusted, inputs.day_of_service().isoformat())
    if told.desk.parts:
        lines.append(f"Collect today: {money(told.desk.collect)}")
    return lines


@st.fragment
def _act(visit: Visit) -> None:
    with frame.part(VISIT) as alone:
        visit.keep_up(alone)
        data: dict[str, Any] = {
            "undo": session.left is not None or session.removed is not None,
            "shared": session.opened_shared,
        }
        if monotonic() - session.print_asked < PRINTING:
            data |= {"sheet": sheet(visit.told()), "asked": session.print_asked}
        _actions(
            key=Session.actions.key,
            data=data,
            on_print_change=_print,
            on_next_change=_next_patient,
            on_undo_change=_take_back,
            width="content",
        )


def sheet(told: Told) -> str:
    """The visit as a page to print."""
    answer = told.answer
    return visit_sheet(
        answer,
        explain(answer),
        payment_chain(answer, told.deductible_left),
        claim(answer),
        told.desk,
        address(VISIT),
        day=inputs.day_of_service(),
        regions=session.adjusted,
        practice=session.practice,
    )


def _print() -> None:
    session.print_asked = monotonic()


@input_callback
def _next_patient() -> None:
    """Clear what is one patient's: regions, services, answers. The clinic's settings stay."""
    session.begin_next(VISIT)


@input_callback
def _take_back() -> None:
    """Undo what was done last: a service taken away, or the visit cleared."""
    if session.removed is not None:
        rows.put_back()
    else:
        session.take_back(VISIT)
