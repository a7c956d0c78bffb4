"""Pictures: minutes in blocks, RVUs by line, from fee to payment.

Altair builds each chart's specification once; the data of a rerun is sent beside it. Building one
anew at every click would cost more than all else on the page.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from chirocalc.chain import Chain
from chirocalc.estimate import Estimate

# Okabe and Ito's colors, told apart by people with color blindness; they read on light and dark.
BLUE, ORANGE, GREEN, GRAY = "#0072B2", "#E69F00", "#009E73", "#8A9499"
BLOCKS = {"full 15": BLUE, "left over, earns a unit": ORANGE, "left over, no unit": GRAY}
PARTS = {"Work": BLUE, "Practice expense": ORANGE, "Malpractice": GREEN}
RVUS = ["work_rvu", "pe_rvu", "mp_rvu"]
STEPS = {"amount": BLUE, "less": ORANGE, "more": GREEN}
# Pixels: a band per line, and what stands around the bands.
BAND, AROUND, LEGEND = 28, 100, 50
TOP = alt.Legend(orient="top")
TICKS = alt.Axis(tickCount=6)
GAP = 0.3  # minutes, so that neighboring blocks can be told apart
Spec = dict[str, Any]


def minute_blocks(answer: Estimate) -> None:
    """Each timed line's minutes filling 15-minute blocks: full ones, and what is left over."""
    timed = answer.lines[answer.lines["leftover"].notna() & (answer.lines["minutes"] > 0)]
    if timed.empty:
        return
    full, earns, lost = BLOCKS
    blocks, words = [], []
    for line in timed.itertuples():
        over = int(line.minutes - line.leftover)
        blocks += [(line.code, at, at + 15, full) for at in range(0, over, 15)]
        if line.leftover:
            kind = earns if line.extra_unit else lost
            blocks.append((line.code, over, int(line.minutes), kind))
        words.append(f"{line.code}: {over} minutes in full blocks, {line.leftover} left over")
    table = pd.DataFrame(blocks, columns=["code", "start", "end", "kind"])
    table["shown"] = table["end"] - GAP
    last = -(-int(timed["minutes"].max()) // 15) * 15
    draw(table, _blocks_spec(len(timed), last), f"Minutes in blocks. {'; '.join(words)}.")


@cache
def _blocks_spec(rows: int, last: int) -> Spec:
    marks = list(range(0, last + 1, 15 if last <= 180 else 60 if last <= 720 else 240))
    axis = alt.Axis(values=marks)
    chart = _bars("Minutes in 15-minute blocks", "kind", BLOCKS).encode(
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
    return _spec(chart, rows, legend=True)


def rvus_by_line(answer: Estimate) -> None:
    """Work, practice expense and malpractice RVUs of each line's units."""
    lines = answer.lines[answer.lines["total_rvu"].notna() & (answer.lines["units"] > 0)]
    if lines.empty:
        return
    names = [f"{line.code} × {line.units}" for line in lines.itertuples()]
    rvu_parts(lines.assign(label=names), "RVUs by line, all units")


def rvu_parts(lines: pd.DataFrame, title: str) -> None:
    """Stacked bars of the columns work_rvu, pe_rvu and mp_rvu, one a row, named by `label`."""
    rows = [
        (line.label, part, order, getattr(line, column))
        for line in lines.itertuples()
        for order, (part, column) in enumerate(zip(PARTS, RVUS, strict=True))
    ]
    table = pd.DataFrame(rows, columns=["line", "part", "order", "rvu"])
    totals = zip(lines["label"], lines["total_rvu"], strict=True)
    words = "; ".join(f"{name}: {total:.2f}" for name, total in totals)
    spec = _rvus_spec(title, len(lines), nice(lines["total_rvu"].max()))
    draw(table, spec, f"Work, practice expense, malpractice RVUs. {words}.")


@cache
def _rvus_spec(title: str, rows: int, last: float) -> Spec:
    chart = _bars(title, "part", PARTS).encode(
        x=alt.X("sum(rvu):Q", title=None, axis=TICKS, scale=alt.Scale(domain=[0, last])),
        y=alt.Y("line:N", title=None, sort=None),
        order="order:Q",
        tooltip=[
            alt.Tooltip("line:N", title="Line"),
            alt.Tooltip("part:N", title="Part"),
            alt.Tooltip("rvu:Q", title="RVU", format=".2f"),
        ],
    )
    return _spec(chart, rows, legend=True)


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
    chart = _bars("From fee to payment, in dollars", "kind", STEPS, legend=None).encode(
        x=alt.X("start:Q", title=None, axis=TICKS, scale=alt.Scale(domain=[0, last])),
        x2="end:Q",
        y=alt.Y("step:N", title=None, sort=None, axis=alt.Axis(labelLimit=220)),
        tooltip=alt.Tooltip("step:N", title="Step"),
    )
    return _spec(chart, rows, legend=False)


def payer_amounts(table: pd.DataFrame) -> None:
    """The visit's estimate under each payer profile."""
    rows = table.loc[table["amount"].notna(), ["payer", "amount"]]
    labels = [f"{row.payer} ${row.amount:,.2f}" for row in rows.itertuples()]
    rows = rows.assign(label=labels, kind="amount")
    spec = _payers_spec(len(rows), nice(rows["amount"].max()))
    draw(rows, spec, f"Estimate by payer. {'; '.join(labels)}.")


@cache
def _payers_spec(rows: int, last: float) -> Spec:
    chart = _bars("Estimate by payer, in dollars", "kind", STEPS, legend=None).encode(
        x=alt.X("amount:Q", title=None, axis=TICKS, scale=alt.Scale(domain=[0, last])),
        y=alt.Y("label:N", title=None, sort=None, axis=alt.Axis(labelLimit=280)),
        tooltip=alt.Tooltip("label:N", title="Payer"),
    )
    return _spec(chart, rows, legend=False)


def nice(value: float) -> float:
    """The end of an axis: a round number at or above the value, so that few specs exist."""
    tens = 10.0 ** math.floor(math.log10(value)) if value > 0 else 1.0
    return next(
        tens * step for step in (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10) if tens * step >= value
    )


def _bars(
    title: str,
    field: str,
    colors: dict[str, str],
    legend: alt.Legend | None = TOP,
) -> alt.Chart:
    color = alt.Color(
        f"{field}:N",
        title=None,
        scale=alt.Scale(domain=list(colors), range=list(colors.values())),
        legend=legend,
    )
    chart: alt.Chart = alt.Chart({"name": "rows"}, title=title).mark_bar(height=16)
    return chart.encode(color=color)


def _spec(chart: alt.Chart, rows: int, legend: bool) -> Spec:
    height = BAND * rows + AROUND + (LEGEND if legend else 0)
    spec: Spec = chart.properties(height=height).to_dict()
    del spec["data"]  # sent beside it
    return spec


def draw(table: pd.DataFrame, spec: Spec, alt_text: str) -> None:
    st.vega_lite_chart(table, spec, alt=alt_text, width="stretch")
