"""Charts: colors, bars, and specifications built once; the data of a rerun is sent beside them.

Building a specification anew at every click would cost more than all else on the page. All are
drawn in one look, on light and on dark: words and grid take the theme's own colors, which
Streamlit fills in when a chart asks for no theme of Streamlit's (that one grays its words).
"""

from __future__ import annotations

import math
from functools import cache, lru_cache
from typing import Any

import altair as alt
import pandas as pd
import pyarrow as pa
import streamlit as st

# Told apart by people with color blindness, each so light that it has three to one (WCAG 1.4.11)
# on the light and on the dark background alike. An orange beside red and a violet beside blue did
# not pass: see the test of both.
BLUE, ORANGE, GREEN, RED, GRAY = "#0A82C8", "#C77700", "#00936B", "#C91F4D", "#7C8A90"

COLORS = [BLUE, ORANGE, GREEN, RED, "#D111AE", "#9E46EB"]

PARTS = {"Work": BLUE, "Practice expense": ORANGE, "Malpractice": GREEN}

RVUS = ["work_rvu", "pe_rvu", "mp_rvu"]


# Pixels: a band per line, and what stands around the bands.
BAND, AROUND, LEGEND = 28, 64, 24

VALUE = 56  # pixels beside a bar for its value

TOP = alt.Legend(orient="top")

TICKS = alt.Axis(tickCount=6)


Keys = tuple[str, ...]
Spec = dict[str, Any]

# A legend stands right under its title, both at the left; an axis is no more than its labels.
LOOK: Spec = {
    "autosize": {"type": "fit", "contains": "padding"},
    "background": "transparent",
    "font": '"Source Sans", sans-serif',
    "title": {"anchor": "start", "fontSize": 14, "fontWeight": 600, "offset": 8},
    "axis": {
        "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "ticks": False,
        "domain": False, "labelPadding": 6, "titlePadding": 6, "labelOverlap": True,
        "labelFlush": True, "aria": False,
    },
    "axisDiscrete": {"grid": False},
    "legend": {
        "orient": "top", "labelFontSize": 12, "offset": 6, "padding": 0, "columnPadding": 14,
        "titleFontSize": 12, "symbolStrokeWidth": 0, "aria": False,
    },
    "view": {"stroke": "transparent"},
    # The whole has its words; labels of each mark would cost a click its time. Only what says a
    # tooltip has one.
    "mark": {"aria": False, "tooltip": None},
    "text": {"fontSize": 12},
}  # fmt: skip

PADDING: Spec = {"left": 2, "right": 8, "top": 4, "bottom": 4}

# Words among the marks, in the theme's gray, which is readable on light and on dark.
QUIET: Spec = {"value": "gray"}


def rvu_parts(lines: pd.DataFrame, title: str) -> None:
    """Stacked bars of the columns work_rvu, pe_rvu and mp_rvu, one a row, named by `label`."""
    named, totals = lines["label"].tolist(), lines["total_rvu"].tolist()
    parts = [lines[column].tolist() for column in RVUS]
    rows = [
        (name, part, order, of_line, total if order == 0 else None)
        for name, total, *values in zip(named, totals, *parts, strict=True)
        for order, (part, of_line) in enumerate(zip(PARTS, values, strict=True))
    ]
    words = "; ".join(f"{name}: {total:.2f}" for name, total in zip(named, totals, strict=True))
    spec = _rvus_spec(title, len(lines), nice(max(totals)))
    table = as_table(("line", "part", "order", "rvu", "total"), rows)
    draw(table, spec, f"Work, practice expense, malpractice RVUs. {words}.")


@cache
def _rvus_spec(title: str, rows: int, last: float) -> Spec:
    x = {"type": "quantitative", "title": None, "scale": {"domain": [0, last]}}
    y = {"field": "line", "type": "nominal", "title": None, "sort": None}
    tooltip = [
        {"field": "line", "type": "nominal", "title": "Line"},
        {"field": "part", "type": "nominal", "title": "Part"},
        {"field": "rvu", "type": "quantitative", "title": "RVU", "format": ".2f"},
    ]
    bars_of_parts = {
        "mark": {"type": "bar", "height": 16},
        "encoding": {
            "x": x | {"aggregate": "sum", "field": "rvu", "axis": {"tickCount": 6}},
            "y": y,
            "color": {
                "field": "part", "type": "nominal", "title": None,
                "scale": {"domain": list(PARTS), "range": list(PARTS.values())},
            },
            "order": {"field": "order", "type": "quantitative"},
            "tooltip": tooltip,
        },
    }  # fmt: skip
    return layered(
        title, [bars_of_parts, values("total", ".2f", x, y)], BAND * rows + AROUND + LEGEND
    )


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


def values(field: str, number: str, x: Spec, y: Spec, **offset: Spec) -> Spec:
    """A layer of the numbers of a field, each at the end of its bar; where there is none, none."""
    return {
        "mark": {"type": "text", "align": "left", "dx": 5, "aria": False},
        "transform": [{"filter": f"isValid(datum.{field})"}],
        "encoding": {
            "x": x | {"field": field},
            "y": y,
            **offset,
            "text": {"field": field, "type": "quantitative", "format": number},
            "color": QUIET,
        },
    }


def layered(title: str, layers: list[Spec], height: int, right: int = VALUE) -> Spec:
    """The specification of these layers, with so many pixels at the right for words."""
    return {
        "$schema": alt.SCHEMA_URL,
        "title": title,
        "layer": layers,
        "height": height,
        "padding": PADDING | {"right": right},
    }


def spec_of(chart: Any, height: int) -> Spec:
    """The specification of a chart so high, in pixels, without its data."""
    spec: Spec = chart.properties(height=height).to_dict()
    for each in (spec, *spec.get("layer", [])):
        each.pop("data", None)  # sent beside it
    return spec


def of_bars(chart: Any, rows: int, legend: bool) -> Spec:
    """The specification of a chart with so many bars."""
    return spec_of(chart, BAND * rows + AROUND + (LEGEND if legend else 0))


def as_table(columns: Keys, rows: list[Any]) -> pa.Table:
    """Rows as the table that is sent beside a specification, without a frame in between."""
    return pa.table(dict(zip(columns, zip(*rows, strict=True), strict=True)))


def draw(table: pd.DataFrame | pa.Table, spec: Spec, alt_text: str) -> None:
    whole = {"padding": PADDING} | spec | {"config": LOOK}
    st.vega_lite_chart(table, whole, alt=alt_text, width="stretch", theme=None)


@lru_cache(maxsize=256)
def paired_spec(
    title: str, by: str, kinds: Keys, value: str, number: str, keys: Keys, last: float
) -> Spec:
    """Bars side by side for each code, one color for each kind, with their values."""
    short = "$~s" if number.startswith("$") else "%" if number.endswith("%") else "~s"
    x = {"type": "quantitative", "title": None, "scale": {"domain": [0, last]}}
    y = {"field": "code", "type": "nominal", "title": None, "sort": list(keys)}
    offset = {"field": by, "type": "nominal", "sort": list(kinds)}
    pairs = {
        "mark": {"type": "bar", "height": {"band": 0.85}},
        "encoding": {
            "x": x | {"field": value, "axis": {"tickCount": 5, "format": short}},
            "y": y,
            "yOffset": offset,
            "color": {
                "field": by, "type": "nominal", "title": None,
                "scale": {"domain": list(kinds), "range": COLORS[: len(kinds)]},
            },
            "tooltip": [
                {"field": "code", "type": "nominal", "title": "Code"},
                {"field": by, "type": "nominal", "title": by.capitalize()},
                {
                    "field": value, "type": "quantitative", "title": value.capitalize(),
                    "format": number,
                },
            ],
        },
    }  # fmt: skip
    worded = values(value, number, x, y, yOffset=offset)
    return layered(title, [pairs, worded], BAND * len(keys) * 2 + AROUND + LEGEND)
