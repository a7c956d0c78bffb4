"""Charts: colors, bars, and specifications built once; the data of a rerun is sent beside them.

Building a specification anew at every click would cost more than all else on the page.
"""

from __future__ import annotations

import math
from functools import cache, lru_cache
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

# Okabe and Ito's colors, told apart by people with color blindness; they read on light and dark.
BLUE, ORANGE, GREEN, GRAY = "#0072B2", "#E69F00", "#009E73", "#8A9499"


COLORS = [BLUE, ORANGE, GREEN, "#D55E00", "#CC79A7", "#56B4E9"]

PARTS = {"Work": BLUE, "Practice expense": ORANGE, "Malpractice": GREEN}

RVUS = ["work_rvu", "pe_rvu", "mp_rvu"]


# Pixels: a band per line, and what stands around the bands.
BAND, AROUND, LEGEND = 28, 100, 50

TOP = alt.Legend(orient="top")

TICKS = alt.Axis(tickCount=6)


Keys = tuple[str, ...]
Spec = dict[str, Any]


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
    chart = bars(title, "part", PARTS).encode(
        x=alt.X("sum(rvu):Q", title=None, axis=TICKS, scale=alt.Scale(domain=[0, last])),
        y=alt.Y("line:N", title=None, sort=None),
        order="order:Q",
        tooltip=[
            alt.Tooltip("line:N", title="Line"),
            alt.Tooltip("part:N", title="Part"),
            alt.Tooltip("rvu:Q", title="RVU", format=".2f"),
        ],
    )
    return of_bars(chart, rows, legend=True)


def nice(value: float) -> float:
    """The end of an axis: a round number at or above the value, so that few specs exist."""
    tens = 10.0 ** math.floor(math.log10(value)) if value > 0 else 1.0
    return next(
        tens * step for step in (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10) if tens * step >= value
    )


def bars(
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


def spec_of(chart: Any, height: int) -> Spec:
    """The specification of a chart so high, in pixels, without its data."""
    spec: Spec = chart.properties(height=height).to_dict()
    for each in (spec, *spec.get("layer", [])):
        each.pop("data", None)  # sent beside it
    return spec


def of_bars(chart: Any, rows: int, legend: bool) -> Spec:
    """The specification of a chart with so many bars."""
    return spec_of(chart, BAND * rows + AROUND + (LEGEND if legend else 0))


def draw(table: pd.DataFrame, spec: Spec, alt_text: str) -> None:
    st.vega_lite_chart(table, spec, alt=alt_text, width="stretch")


@lru_cache(maxsize=256)
def paired_spec(
    title: str, by: str, kinds: Keys, value: str, number: str, keys: Keys, last: float
) -> Spec:
    """Bars side by side for each code, one color for each kind."""
    short = "$~s" if number.startswith("$") else "%" if number.endswith("%") else "~s"
    axis = alt.Axis(tickCount=5, format=short)
    chart = alt.Chart({"name": "rows"}, title=title).mark_bar(height={"band": 0.85})
    chart = chart.encode(
        x=alt.X(f"{value}:Q", title=None, axis=axis, scale=alt.Scale(domain=[0, last])),
        y=alt.Y("code:N", title=None, sort=list(keys)),
        yOffset=alt.YOffset(f"{by}:N", sort=list(kinds)),
        color=alt.Color(
            f"{by}:N",
            title=None,
            scale=alt.Scale(domain=list(kinds), range=COLORS[: len(kinds)]),
            legend=TOP,
        ),
        tooltip=[
            alt.Tooltip("code:N", title="Code"),
            alt.Tooltip(f"{by}:N", title=by.capitalize()),
            alt.Tooltip(f"{value}:Q", title=value.capitalize(), format=number),
        ],
    )
    return spec_of(chart, BAND * len(keys) * 2 + 110)
