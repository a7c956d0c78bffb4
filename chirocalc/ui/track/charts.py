"""Pictures of the log: work RVUs by day, week or month, the year against its goal, mixes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache

import pandas as pd
import pyarrow as pa

from chirocalc.track import Days, Projection, Span, periods_in
from chirocalc.ui.charts import (
    AROUND,
    COLORS,
    GRAY,
    GREEN,
    LEGEND,
    Spec,
    as_table,
    draw,
    layered,
    nice,
    paired_spec,
)

HEIGHT = 264

ROOM = 8  # pixels at the right


def bars(days: Days, span: Span, grain: str, kinds: tuple[str, ...]) -> None:
    """Work RVUs of each period of a span, stacked by kind of service."""
    labels = {start: label(start, grain) for start in periods_in(span, grain)}
    summed, totals = days.by_kind(grain, "work"), days.by(grain, "work")
    there = tuple(kinds[at] for at in sorted({kind for _, kind, _ in summed}))
    rows = [(labels[start], kinds[kind], kind, work / 100) for start, kind, work in summed]
    named = tuple(labels.values())
    if not rows:
        rows = [(named[0], "", 0, 0.0)]
    words = "; ".join(f"{labels[at]}: {work / 100:,.2f}" for at, work in totals.items() if work)
    spec = _bars_spec(grain, named, there, nice(max([*totals.values(), 100]) / 100))
    of = as_table(("period", "kind", "order", "work"), rows)
    draw(of, spec, f"Work RVUs by {grain}. {words[:1000]}.")


def label(day: date, grain: str) -> str:
    """A period by its first day: "Mon 3/2/26", "3/2/26", "Mar 2026"."""
    if grain == "day":
        return f"{day:%a} {day.month}/{day.day}/{day:%y}"
    if grain == "week":
        return f"{day.month}/{day.day}/{day:%y}"
    return f"{day:%b %Y}"


@lru_cache(maxsize=64)
def _bars_spec(grain: str, periods: tuple[str, ...], kinds: tuple[str, ...], top: float) -> Spec:
    x = {
        "field": "period", "type": "nominal", "title": None, "sort": None,
        "scale": {"domain": list(periods)},
        "axis": {"labelAngle": 0, "labelOverlap": "greedy"},
    }  # fmt: skip
    mark = {
        "mark": {"type": "bar"},
        "encoding": {
            "x": x,
            "y": {
                "field": "work", "type": "quantitative", "aggregate": "sum", "title": None,
                "scale": {"domain": [0, top]}, "axis": {"tickCount": 5},
            },
            "color": {
                "field": "kind", "type": "nominal", "title": None,
                "scale": {"domain": list(kinds), "range": COLORS[: len(kinds)]},
                "legend": {"columns": 3},
            },
            "order": {"field": "order", "type": "quantitative"},
            "tooltip": [
                {"field": "period", "type": "nominal", "title": grain.capitalize()},
                {"field": "kind", "type": "nominal", "title": "Kind"},
                {"field": "work", "type": "quantitative", "title": "wRVU", "format": ",.2f"},
            ],
        },
    }  # fmt: skip
    return layered(f"wRVU by {grain}", [mark], HEIGHT, ROOM)


def year(line: pd.Series, found: Projection, goal: float, today: date) -> None:
    """The running total of the year, the goal's line, and the projection to the year's end."""
    first, last = date(today.year, 1, 1), date(today.year, 12, 31)
    rows = [(at, value / 100, "So far") for at, value in line.items()]
    if found.active_weeks and today < last:
        rows += [(today.isoformat(), found.so_far / 100, "Projected"),
                 (last.isoformat(), found.whole / 100, "Projected")]  # fmt: skip
    if goal:
        start = (first - timedelta(1)).isoformat()
        rows += [(start, 0.0, "Goal"), (last.isoformat(), goal, "Goal")]
    there = tuple(name for name in LINES if any(row[2] == name for row in rows))
    spec = _year_spec(today.year, there, nice(max(row[1] for row in rows) or 1))
    words = f"{found.so_far / 100:,.2f} so far; projected {found.whole / 100:,.0f}"
    words += f"; goal {goal:,.0f}." if goal else "."
    draw(as_table(("day", "work", "of"), rows), spec, f"Work RVUs of {today.year}: {words}")


LINES = {"So far": COLORS[0], "Projected": GRAY, "Goal": GREEN}


@lru_cache(maxsize=64)
def _year_spec(of: int, lines: tuple[str, ...], top: float) -> Spec:
    mark = {
        "mark": {"type": "line", "strokeWidth": 2.5, "tooltip": True},
        "encoding": {
            "x": {
                "field": "day", "type": "temporal", "title": None,
                "axis": {"format": "%b", "tickCount": 6},
                "scale": {"domain": [f"{of - 1}-12-31", f"{of}-12-31"]},
            },
            "y": {
                "field": "work", "type": "quantitative", "title": None,
                "scale": {"domain": [0, top]}, "axis": {"tickCount": 5},
            },
            "color": {
                "field": "of", "type": "nominal", "legend": None,
                "scale": {"domain": list(lines), "range": [LINES[name] for name in lines]},
            },
            "strokeDash": {
                "field": "of", "type": "nominal", "legend": None,
                "scale": {
                    "domain": list(LINES), "range": [[1, 0], [6, 4], [2, 3]],
                },
            },
            "tooltip": [
                {"field": "of", "type": "nominal", "title": "Line"},
                {"field": "day", "type": "temporal", "title": "Day"},
                {"field": "work", "type": "quantitative", "title": "wRVU", "format": ",.2f"},
            ],
        },
    }  # fmt: skip
    said = {"So far": "so far", "Projected": "projected (dashed)", "Goal": "goal (dotted)"}
    title = f"wRVU of {of}: {', '.join(said[name] for name in lines)}"
    return layered(title, [mark], HEIGHT, ROOM)


def mix(shares: pd.DataFrame, title: str, names: Mapping[str, str]) -> None:
    """Shares of codes side by side, by whose they are."""
    shares = shares.rename(columns=names)
    rows = shares.rename_axis("code").reset_index().melt("code", var_name="of", value_name="share")
    words = "; ".join(f"{row.code}, {row.of}: {row.share:.1%}" for row in rows.itertuples())
    spec = paired_spec(
        title, "of", tuple(shares.columns), "share", ".1%", tuple(shares.index),
        nice(rows["share"].max()),
    )  # fmt: skip
    height = len(shares) * 18 * len(shares.columns) + AROUND + LEGEND
    draw(pa.Table.from_pandas(rows), spec | {"height": height}, f"{title}. {words}.")
