"""What was done, one row a service: its minutes, and beside them its units, dollars and why."""

from __future__ import annotations

import time
from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from chirocalc import tables
from chirocalc.links import ANSWERS, amount_key, answer_key
from chirocalc.rules import MOST_DOLLARS, Answer, Line
from chirocalc.tables import Code
from chirocalc.ui.shared import (
    Removed,
    Tap,
    device,
    html,
    input_callback,
    session,
)
from chirocalc.visit import TO_SETTLE, Due, LineReason, Reasons
from chirocalc.words import LEVEL_NAMES, count, money, rvu

from .told import MORE, Row, Told, Visit, rerun

# One tap sets the minutes: a tap that added five would be lost when tapped fast.
QUICK_MINUTES = (5, 10, 15, 20, 30)

# Seconds in which a next click may still carry the minutes from before a tap.
ON_ITS_WAY = 0.5

PRICE_WIDTH = 104  # so narrow that Streamlit leaves out the buttons for one dollar more or less

ASKS = {"fee": "your fee", "contract": "its rate"}


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
    keys = [line.key for line in told.answer.lines]
    whole = zip(told.answer.lines, reasons.lines, told.desk.lines, strict=True)
    lines = dict(zip(keys, whole, strict=True))
    for row, place in zip(told.rows, places, strict=True):
        here = lines.pop(row.service.code.key, None)
        with place:
            if row.code.time_rule != "untimed":
                _ask_amount(visit, row.key, row.code)
            if here is not None:
                _ask_price(visit, here[0], here[2], told.desk.basis)
            html.block(_told(told, row, *here) if here else _told_above(row))


def _name(key: str, code: Code) -> str:
    return f'<div class="cc-name"><b>{html.text(key)}</b> {html.text(code.full_name)}</div>'


def _told_above(row: Row) -> str:
    words = '<span class="cc-quiet">with the line above</span>'
    return f'<div class="cc-what">{_faults(row)}{words}</div>'


def _faults(row: Row) -> str:
    said = [f"{name.capitalize()} {why}." for name, why in row.faults]
    return "".join(f'<span class="cc-level cc-fix">{html.text(words)}</span>' for words in said)


def _told(told: Told, row: Row, line: Line, reason: LineReason, due: Due) -> str:
    """Units and dollars of a row, what is to settle, and behind "why" how they came to be."""
    open_here = {found.level for found in told.answer.findings if found.code == line.code}
    worst = next((each for each in TO_SETTLE if each in open_here), "")
    mark = f'<span class="cc-mark-{worst}" title="{LEVEL_NAMES[worst]}">▲</span>' if worst else ""
    return (
        f'<div class="cc-what">{_faults(row)}{mark}{_figures(told, line, due)}'
        f'<details class="cc-why cc-small"><summary>why</summary>{_why(told.answer, line, reason)}'
        "</details></div>"
    )


def _figures(told: Told, line: Line, due: Due) -> str:
    units = f"<span><b>{count(line.units, 'unit')}</b></span>"
    if line.is_off:
        return '<span class="cc-quiet">off the claim</span>'
    if not line.units:
        return units
    if line.key in told.desk.denied:
        return f"{units}<s>{money(_dollars(due))}</s>"
    return f"{units}<span><b>{_amount(told, due)}</b></span>"


def _amount(told: Told, due: Due) -> str:
    """A line's dollars, and whose they are where that is not the payer's schedule."""
    whose = ' <span class="cc-quiet">your fee</span>' if due.by == "patient" else ""
    if due.asks:
        return ""  # the field beside it asks for it
    if due.cents is None:
        return "in the visit's price" if told.desk.basis == "visit" else "no amount"
    if not due.by:
        return "not paid"
    return money(_dollars(due)) + whose


def _dollars(due: Due) -> float | None:
    return None if due.cents is None else due.cents / 100


def _why(told: Answer, line: Line, reason: LineReason) -> str:
    other = line.units_cpt if told.settings.rule == "cms" else line.units_cms
    rule = "the AMA's rule" if told.settings.rule == "cms" else "Medicare's rule"
    differs = f"By {rule}: {count(other, 'unit')}. " if other != line.units else ""
    because = f"{html.text(reason.text)} {html.source(reason.source)}"
    if reason.payment:
        because += f" {html.text(reason.payment)} {html.source(reason.payment_source)}"
    values = f"{differs}{rvu(line.work_rvu)} wRVU · {rvu(line.total_rvu)} RVU"
    return f'{because} <span class="cc-quiet">{values}</span>'


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


def _ask_price(visit: Visit, line: Line, due: Due, basis: str) -> None:
    """The practice's price of one unit, where the line needs it and it is not known. Once it was
    asked the field stays for the visit: it does not go from under a finger."""
    key = line.key
    if due.asks and key not in session.asked_fees:
        session.asked_fees = [*session.asked_fees, key]
    is_own = due.by == "patient" or (due.by and basis in ("fees", "code"))
    if key not in session.asked_fees or not is_own:
        return
    if due.cents is not None and session.typed_fee[key] is None:  # known since, from elsewhere
        session.typed_fee[key] = due.cents / 100 / line.units
    words = ASKS.get(due.asks, "price")
    st.number_input(
        f"Dollars for one unit of {key}",
        min_value=0.0,
        max_value=float(MOST_DOLLARS - 1),
        value=None,
        step=1.0,
        format="%.2f",
        key=session.typed_fee.key(key),
        on_change=_take_price,
        args=(visit, key),
        placeholder=f"$ {words}",
        label_visibility="collapsed",
        width=PRICE_WIDTH,
    )


@input_callback
def _take_price(visit: Visit, key: str) -> None:
    device.set_price(visit.settings.payer, key, session.typed_fee[key])
    rerun(visit, MORE)


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
    remove(key)


def remove(key: str) -> None:
    """Take a service away, and keep what was said of it for `put_back`."""
    names = [amount_key(key), *(answer_key(what, key) for what in ANSWERS)]
    said = {name: session.state[name] for name in names if name in session.state}
    session.removed = Removed(session.services.index(key), key, said)
    session.services = [each for each in session.services if each != key]
    session.left = None


def put_back() -> None:
    """Bring back the service that was taken away last, in its place, with what was said of it."""
    gone = session.removed
    session.removed = None
    if gone is None or gone.key in session.services:
        return
    for name, value in gone.said.items():
        session.set_input(name, value)
    services = list(session.services)
    services.insert(gone.at, gone.key)
    session.services = services
