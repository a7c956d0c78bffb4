"""Pictures of a visit, one at a time: minutes to units, RVUs by line, dollars step by step."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import altair as alt
import pandas as pd
import streamlit as st

from chirocalc.rules import Answer, Line
from chirocalc.ui.shared import (
    BLUE,
    GREEN,
    ORANGE,
    RVUS,
    TICKS,
    Session,
    Spec,
    bars,
    draw,
    html,
    input_callback,
    nice,
    of_bars,
    rvu_parts,
    session,
)
from chirocalc.visit import Chain, UnderPayer, payment_chain
from chirocalc.words import count, money

from .told import ANSWER

BLOCKS = {"full": "full 15", "earns": "left over, earns a unit", "lost": "left over, no unit"}


STEPS = {"amount": BLUE, "less": ORANGE, "more": GREEN}


PICTURES = ("Time to units", "RVUs", "Dollars")


def choose() -> None:
    """Draw the choice among the pictures, with the one that is shown marked."""
    session.picture = session.picture
    st.segmented_control(
        "Picture",
        PICTURES,
        key=Session.picture.key,
        on_change=_take_picture,
        label_visibility="collapsed",
        required=True,
    )


@input_callback
def _take_picture() -> None:
    st.rerun(ANSWER)


def picture(told: Answer, deductible_left: float) -> None:
    """The one picture that is chosen; the others are neither made nor sent."""
    if session.picture == "RVUs":
        rvus_by_line(told)
    elif session.picture == "Dollars":
        payment_steps(payment_chain(told, deductible_left))
    else:
        minute_blocks(told)


def minute_blocks(told: Answer) -> None:
    """Each timed line's minutes filling 15-minute blocks: full ones, and what is left over. As
    HTML: it changes with every minute, and a chart would take longer than all else on the page."""
    timed = [line for line in told.timed if line.minutes]
    if not timed:
        html.block('<p class="cc-quiet">No timed minutes yet.</p>')
        return
    # By the half hour, so that the scale stands still while minutes change.
    last = -(-max(line.minutes or 0 for line in timed) // 30) * 30
    rows = "".join(_blocks(line, last) for line in timed)
    every = 15 if last <= 120 else 60 if last <= 480 else 240
    marks = "".join(
        f'<span style="left:{100 * at / last:.2f}%">{at}</span>' for at in range(0, last + 1, every)
    )
    legend = "".join(
        f'<span class="cc-block-{name}"></span>{words} ' for name, words in BLOCKS.items()
    )
    html.block(
        f'<div class="cc-blocks" role="figure" aria-label="Minutes in 15-minute blocks">{rows}'
        f'<div class="cc-axis" aria-hidden="true"><b></b><div>{marks}</div></div>'
        f'<div class="cc-legend cc-small">{legend}</div></div>'
    )


def _blocks(line: Line, last: int) -> str:
    minutes = line.minutes or 0
    full = minutes - line.leftover
    ends = [(15, "full")] * (full // 15)
    if line.leftover:
        ends.append((line.leftover, "earns" if line.extra_unit else "lost"))
    blocks = "".join(
        f'<i class="cc-block-{kind}" style="width:{100 * size / last:.2f}%"></i>'
        for size, kind in ends
    )
    units = count(line.units, "unit")
    said = (
        f"{line.code}: {minutes} minutes, {full} in full blocks, {line.leftover} left over, {units}"
    )
    return (
        f'<div class="cc-line"><b>{html.text(line.code)}</b>'
        f'<div role="img" aria-label="{html.text(said)}">{blocks}</div><span>{units}</span></div>'
    )


def rvus_by_line(answer: Answer) -> None:
    """Work, practice expense and malpractice RVUs of each line's units."""
    lines = [line for line in answer.lines if line.price.has_rvu and line.units]
    if not lines:
        st.caption("No line has an RVU.")
        return
    rows = [
        (f"{line.code} × {line.units}", line.work_rvu, line.pe_rvu, line.mp_rvu, line.total_rvu)
        for line in lines
    ]
    table = pd.DataFrame(rows, columns=["label", *RVUS, "total_rvu"])
    rvu_parts(table, "RVUs by line, all units")


def payment_steps(chain: Chain) -> None:
    """The waterfall from the fee schedule down to who pays what."""
    if not chain.steps:
        st.caption("No amount can be stated for this visit.")
        return
    bars, level = [], 0.0
    amount, less, more = STEPS
    for step in chain.steps:
        start = 0.0 if step.total else level
        level = step.amount if step.total else level + step.amount
        kind = amount if step.total else less if step.amount < 0 else more
        sign = "" if step.total else "−" if step.amount < 0 else "+"
        bars.append((f"{step.name} {sign}${abs(step.amount):,.2f}", start, level, kind))
    table = pd.DataFrame(bars, columns=["step", "start", "end", "kind"])
    spec = _steps_spec(len(bars), nice(table[["start", "end"]].max(axis=None)))
    draw(table, spec, f"From fee to payment. {'; '.join(table['step'])}.")


@cache
def _steps_spec(rows: int, last: float) -> Spec:
    chart = bars("From fee to payment, in dollars", "kind", STEPS, legend=None).encode(
        x=alt.X("start:Q", title=None, axis=TICKS, scale=alt.Scale(domain=[0, last])),
        x2="end:Q",
        y=alt.Y("step:N", title=None, sort=None, axis=alt.Axis(labelLimit=220)),
        tooltip=alt.Tooltip("step:N", title="Step"),
    )
    return of_bars(chart, rows, legend=False)


def payer_amounts(payers: Sequence[UnderPayer]) -> None:
    """The visit's estimate under each payer profile."""
    there = [(each.payer, each.amount) for each in payers if each.amount is not None]
    labels = [f"{payer} {money(amount)}" for payer, amount in there]
    rows = pd.DataFrame({"amount": [amount for _, amount in there], "label": labels})
    spec = _payers_spec(len(rows), nice(max((amount for _, amount in there), default=0.0)))
    draw(rows.assign(kind="amount"), spec, f"Estimate by payer. {'; '.join(labels)}.")


@cache
def _payers_spec(rows: int, last: float) -> Spec:
    chart = bars("Estimate by payer, in dollars", "kind", STEPS, legend=None).encode(
        x=alt.X("amount:Q", title=None, axis=TICKS, scale=alt.Scale(domain=[0, last])),
        y=alt.Y("label:N", title=None, sort=None, axis=alt.Axis(labelLimit=280)),
        tooltip=alt.Tooltip("label:N", title="Payer"),
    )
    return of_bars(chart, rows, legend=False)
