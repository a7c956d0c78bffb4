"""What was done, one row a service: its minutes, and beside them its units, dollars and why."""

from __future__ import annotations

import time
from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from chirocalc import tables
from chirocalc.rules import Answer, Line
from chirocalc.tables import Code
from chirocalc.ui.shared import LEVEL_NAMES, Tap, html, input_callback, session
from chirocalc.visit import TO_SETTLE, LineReason, Reasons
from chirocalc.words import count, money, rvu

from .told import Row, Told, Visit, rerun

# One tap sets the minutes: a tap that added five would be lost when tapped fast.
QUICK_MINUTES = (5, 10, 15, 20, 30)

# Seconds in which a next click may still carry the minutes from before a tap.
ON_ITS_WAY = 0.5


def draw(visit: Visit) -> list[DeltaGenerator]:
    """A row for each service; return the place of each one's minutes and figures."""
    places = []
    for key in visit.keys:
        code = tables.records()[key]
        with st.container(
            horizontal=True, vertical_alignment="center", gap="small", key=f"row {key}"
        ):
            html.block(_name(key, code), width=164 if code.time_rule != "untimed" else 330)
            places.append(st.container(horizontal=True, vertical_alignment="center", gap="small"))
            if key not in visit.manipulations:
                _remove_button(key)
    return places


def tell(visit: Visit, told: Told, reasons: Reasons, places: Sequence[DeltaGenerator]) -> None:
    """Each row's minutes and figures. A part named by a modifier may be chosen by itself too: the
    two are one line, which is told once."""
    lines = dict(zip((line.key for line in told.answer.lines), told.answer.lines, strict=True))
    why = dict(zip(lines, reasons.lines, strict=True))
    for row, place in zip(told.rows, places, strict=True):
        key = row.service.code.key
        with place:
            if row.code.time_rule != "untimed":
                _ask_amount(visit, row.key, row.code)
            html.block(_told(told.answer, row, lines.pop(key, None), why.pop(key, None)))


def _name(key: str, code: Code) -> str:
    return f'<div class="cc-name"><b>{html.text(key)}</b> {html.text(code.full_name)}</div>'


def _told(told: Answer, row: Row, line: Line | None, reason: LineReason | None) -> str:
    """Units and dollars of a row, what is to settle, and behind "why" how they came to be."""
    said = [f"{name.capitalize()} {why}." for name, why in row.faults]
    faults = "".join(f'<span class="cc-level cc-fix">{html.text(words)}</span>' for words in said)
    if line is None or reason is None:
        return (
            f'<div class="cc-what">{faults}<span class="cc-quiet">with the line above</span></div>'
        )
    open_here = [found for found in told.findings if found.code == line.code]
    worst = next((each for each in TO_SETTLE if each in {found.level for found in open_here}), "")
    mark = f'<span class="cc-mark-{worst}" title="{LEVEL_NAMES[worst]}">▲</span>' if worst else ""
    amount = money(line.allowed) if line.covered else "not covered"
    other = line.units_cpt if told.settings.rule == "cms" else line.units_cms
    rule = "the AMA's rule" if told.settings.rule == "cms" else "Medicare's rule"
    differs = f"By {rule}: {count(other, 'unit')}. " if other != line.units else ""
    because = f"{html.text(reason.text)} {html.source(reason.source)}"
    if reason.payment:
        because += f" {html.text(reason.payment)} {html.source(reason.payment_source)}"
    values = f"{differs}{rvu(line.work_rvu)} wRVU · {rvu(line.total_rvu)} RVU"
    return (
        f'<div class="cc-what">{faults}{mark}<span><b>{count(line.units, "unit")}</b></span>'
        f"<span><b>{amount}</b></span>"
        f'<details class="cc-why cc-small"><summary>why</summary>{because} '
        f'<span class="cc-quiet">{values}</span></details></div>'
    )


def _ask_amount(visit: Visit, key: str, code: Code) -> None:
    """The minutes, or the count, of a service, and one tap for round ones."""
    counted = code.time_rule == "counted"
    session.amount.begin(key)
    st.number_input(
        f"{'How many' if counted else 'Minutes of'} {key}",
        value=None,
        step=1.0,
        format="%.10g",
        key=session.amount.key(key),
        on_change=_take_amount,
        args=(visit, key),
        placeholder="how many" if counted else "min",
        label_visibility="collapsed",
        width=124,
    )
    if not counted:
        session.quick.begin(key)
        st.pills(
            f"Round minutes of {key}",
            QUICK_MINUTES,
            key=session.quick.key(key),
            on_change=_take_quick,
            args=(visit, key),
            label_visibility="collapsed",
            wrap=False,
        )


@input_callback
def _take_amount(visit: Visit, key: str) -> None:
    """Take minutes; a click that left before a tap on round ones came back has those before it."""
    tap = session.tapped[key]
    if tap and time.monotonic() - tap.when < ON_ITS_WAY and session.amount[key] == tap.before:
        session.amount[key] = tap.minutes
    rerun(visit)


@input_callback
def _take_quick(visit: Visit, key: str) -> None:
    tapped = session.quick[key]
    session.quick[key] = None  # a chip is a button: it stays chosen nowhere
    if tapped is not None:
        session.tapped[key] = Tap(float(tapped), session.amount[key], time.monotonic())
        session.amount[key] = float(tapped)
    rerun(visit)


def _remove_button(key: str) -> None:
    st.button(
        f"Remove {key}",
        icon=":material/close:",
        type="tertiary",
        key=session.remove.key(key),
        on_click=_remove,
        args=(key,),
    )


@input_callback
def _remove(key: str) -> None:
    session.services = [each for each in session.services if each != key]
