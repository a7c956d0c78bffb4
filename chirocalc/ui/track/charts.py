"""Pictures of the log: work RVUs by day, week or month, the year against its goal, mixes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise

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

HEIGHT, BANDS = 264, 150

ROOM = 8  # pixels at the right

WIDEST = 60  # pixels of a bar

# Of each kind of service by its number: those that stand on each other most are told apart best.
KINDS = [COLORS[at] for at in (0, 1, 4, 2, 3, 5)]


def bars(days: Days, span: Span, grain: str, kinds: Mapping[int, str]) -> None:
    """Work RVUs of each period of a span, stacked by kind of service. `kinds`: those of the log by
    their numbers, so that each keeps its color whatever days are shown."""
    labels = {start: label(start, grain, span) for start in periods_in(span, grain)}
    summed, totals = days.by_kind(grain, "work"), days.by(grain, "work")
    rows = [(labels[start], kinds[kind], kind, work / 100) for start, kind, work in summed]
    named = tuple(labels.values())
    if not rows:
        at = next(iter(kinds))
        rows = [(named[0], kinds[at], at, 0.0)]
    words = "; ".join(f"{labels[at]}: {work / 100:,.2f}" for at, work in totals.items() if work)
    top = nice(max([*totals.values(), 100]) / 100)
    spec = _bars_spec(grain, named, tuple(kinds.items()), top)
    of = as_table(("period", "kind", "order", "work"), rows)
    draw(of, spec, f"Work RVUs by {grain}. {words[:1000]}.")


def label(day: date, grain: str, of: Span | None = None) -> str:
    """A period by its first day: "Mon 3/2/26", "3/2/26", "Mar 2026"; the year only where the days
    are not of one."""
    year = "" if of and of.first.year == of.last.year else f"/{day:%y}"
    if grain == "day":
        return f"{day:%a} {day.month}/{day.day}{year}"
    if grain == "week":
        return f"{day.month}/{day.day}{year}"
    return f"{day:%b %Y}" if year else f"{day:%b}"


@lru_cache(maxsize=64)
def _bars_spec(
    grain: str, periods: tuple[str, ...], kinds: tuple[tuple[int, str], ...], top: float
) -> Spec:
    x = {
        "field": "period", "type": "nominal", "title": None, "sort": None,
        "scale": {"domain": list(periods)},
        "axis": {"labelAngle": 0, "labelOverlap": "greedy", "labelSeparation": 12},
    }  # fmt: skip
    mark = {
        "mark": {"type": "bar", "width": {"expr": f"min(bandwidth('x') * 0.9, {WIDEST})"}},
        "encoding": {
            "x": x,
            "y": {
                "field": "work", "type": "quantitative", "aggregate": "sum", "title": None,
                "scale": {"domain": [0, top]}, "axis": {"tickCount": 5},
            },
            "color": {
                "field": "kind", "type": "nominal", "title": None,
                "scale": {
                    "domain": [name for _, name in kinds],
                    "range": [KINDS[number] for number, _ in kinds],
                },
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

DASHES = {"So far": [1, 0], "Projected": [6, 4], "Goal": [2, 3]}


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
                "scale": {"domain": list(lines), "range": [DASHES[name] for name in lines]},
            },
            "tooltip": [
                {"field": "of", "type": "nominal", "title": "Line"},
                {"field": "day", "type": "temporal", "title": "Day"},
                {"field": "work", "type": "quantitative", "title": "wRVU", "format": ",.2f"},
            ],
        },
    }  # fmt: skip
    said = {"Projected": "projected (dashed)", "Goal": "goal (dotted)"}
    title = ", ".join([f"wRVU of {of}", *(said[name] for name in lines if name in said)])
    return layered(title, [mark], HEIGHT, ROOM)


def bands(points: tuple[tuple[int, float], ...], mine: float) -> None:
    """The bands between the points of a survey, and where a full-time year stands."""
    rows: list[tuple[str, float | None, float | None, float | None]] = [
        (f"{low}th to {high}th", less, more, None) for (low, less), (high, more) in pairwise(points)
    ]
    names = tuple(row[0] for row in rows)
    ends = [points[0][1], points[-1][1], mine]
    rows.append(("", None, None, mine))
    words = "; ".join(f"{at}th percentile: {wrvu:,.0f}" for at, wrvu in points)
    spec = _bands_spec(names, nice(max(ends)))
    draw(as_table(("band", "from", "to", "mine"), rows), spec, f"{words}; yours: {mine:,.0f}.")


@lru_cache(maxsize=64)
def _bands_spec(names: tuple[str, ...], top: float) -> Spec:
    def along(field: str) -> Spec:
        return {
            "field": field, "type": "quantitative", "title": None,
            "scale": {"domain": [0, top]}, "axis": {"tickCount": 6},
        }  # fmt: skip

    of_points = {
        "mark": {"type": "bar", "height": 28},
        "transform": [{"filter": "isValid(datum.to)"}],
        "encoding": {
            "x": along("from"),
            "x2": {"field": "to"},
            "color": {
                "field": "band", "type": "nominal", "title": None,
                "scale": {"domain": list(names), "range": COLORS[: len(names)]},
            },
            "tooltip": [
                {"field": "band", "type": "nominal", "title": "Percentiles"},
                {"field": "from", "type": "quantitative", "title": "From", "format": ",.0f"},
                {"field": "to", "type": "quantitative", "title": "To", "format": ",.0f"},
            ],
        },
    }  # fmt: skip
    mine = {"transform": [{"filter": "isValid(datum.mine)"}], "encoding": {"x": along("mine")}}
    line = mine | {"mark": {"type": "tick", "color": "gray", "thickness": 3, "size": 46}}
    word = mine | {"mark": {"type": "text", "dy": -32, "text": "You", "color": "gray"}}
    return layered("wRVU of a full-time year, by percentile", [of_points, line, word], BANDS, ROOM)


def mix(shares: pd.DataFrame, title: str, names: Mapping[str, str]) -> None:
    """Shares of codes side by side, by whose they are."""
    shares = shares.rename(columns=names)
    rows = shares.rename_axis("code").reset_index().melt("code", var_name="of", value_name="share")
    told = rows.dropna()
    words = "; ".join(f"{row.code}, {row.of}: {row.share:.1%}" for row in told.itertuples())
    spec = paired_spec(
        title, "of", tuple(shares.columns), "share", ".1%", tuple(shares.index),
        nice(rows["share"].max()),
    )  # fmt: skip
    height = len(shares) * 18 * len(shares.columns) + AROUND + LEGEND
    draw(pa.Table.from_pandas(rows), spec | {"height": height}, f"{title}. {words}.")
