"""Pictures of a visit: minutes in blocks, RVUs by line, from fee to payment, payer by payer."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import altair as alt
import pandas as pd

from chirocalc.rules import Answer
from chirocalc.ui.shared import (
    BLUE,
    GRAY,
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

BLOCKS = {"full 15": BLUE, "left over, earns a unit": ORANGE, "left over, no unit": GRAY}


STEPS = {"amount": BLUE, "less": ORANGE, "more": GREEN}


GAP = 0.3  # minutes, so that neighboring blocks can be told apart


def minute_blocks(answer: Answer) -> None:
    """Each timed line's minutes filling 15-minute blocks: full ones, and what is left over."""
    timed = [line for line in answer.timed if line.minutes]
    if not timed:
        return
    full, earns, lost = BLOCKS
    blocks, words = [], []
    for line in timed:
        minutes = line.minutes or 0
        over = minutes - line.leftover
        blocks += [(line.code, at, at + 15, full) for at in range(0, over, 15)]
        if line.leftover:
            kind = earns if line.extra_unit else lost
            blocks.append((line.code, over, minutes, kind))
        words.append(f"{line.code}: {over} minutes in full blocks, {line.leftover} left over")
    table = pd.DataFrame(blocks, columns=["code", "start", "end", "kind"])
    table["shown"] = table["end"] - GAP
    last = -(-max(line.minutes or 0 for line in timed) // 15) * 15
    draw(table, _blocks_spec(len(timed), last), f"Minutes in blocks. {'; '.join(words)}.")


@cache
def _blocks_spec(rows: int, last: int) -> Spec:
    marks = list(range(0, last + 1, 15 if last <= 180 else 60 if last <= 720 else 240))
    axis = alt.Axis(values=marks)
    chart = bars("Minutes in 15-minute blocks", "kind", BLOCKS).encode(
        x=alt.X("start:Q", title=None, axis=axis, scale=alt.Scale(domain=[0, last], nice=False)),
        x2="shown:Q",
        y=alt.Y("code:N", title=None, sort=None),
        tooltip=[
            alt.Tooltip("code:N", title="Code"),
            alt.Tooltip("start:Q", title="From minute"),
            alt.Tooltip("end:Q", title="To minute"),
            alt.Tooltip("kind:N", title="Block"),
        ],
    )
    return of_bars(chart, rows, legend=True)


def rvus_by_line(answer: Answer) -> None:
    """Work, practice expense and malpractice RVUs of each line's units."""
    lines = [line for line in answer.lines if line.price.has_rvu and line.units]
    if not lines:
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
