"""Charts of a visit: RVUs by line, dollars step by step, payers side by side."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import altair as alt
import pandas as pd
import streamlit as st

from chirocalc.rules import Answer
from chirocalc.ui.charts import (
    BLUE,
    GREEN,
    ORANGE,
    RVUS,
    TICKS,
    Spec,
    bars,
    draw,
    nice,
    of_bars,
    rvu_parts,
)
from chirocalc.visit import Chain, UnderPayer
from chirocalc.words import money

STEPS = {"amount": BLUE, "less": ORANGE, "more": GREEN}


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
