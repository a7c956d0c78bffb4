"""The plan over time: what the patient and the payer have paid so far, and what happens when."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import NamedTuple

import pandas as pd

from chirocalc.plan import Schedule
from chirocalc.ui.charts import BLUE, GREEN, QUIET, Spec, draw, layered, nice

from .answer import day_words

WHO = {"Patient": BLUE, "Payer": GREEN}

DAY = 24 * 60 * 60 * 1000

ROOM = 1.25  # of the highest step, for the words above it

LINE = 15  # pixels from one line of words to the next


class Row(NamedTuple):
    """A point of the steps, or with a `mark` the words `at` so many pixels from the top."""

    day: int
    who: str | None
    dollars: float | None
    said: str
    mark: str | None
    at: int
    late: bool


# The height of a mark's words, in pixels from the top.
MARKED: Spec = {"field": "at", "type": "quantitative", "scale": None, "axis": None}

# What is marked in the picture, in few words.
MARKS = {
    "deductible-met": "deductible met",
    "out-of-pocket-met": "maximum met",
    "limit": "visits used up",
    "authorization": "authorization ends",
    "chosen": "self-pay",
    "year": "new plan year",
    "rates": "rates not loaded",
}


def over_time(schedule: Schedule) -> None:
    """Steps up at each visit; a line where something happens."""
    rows: list[Row] = []
    so_far = {"Patient": 0, "Payer": 0}
    for visit in schedule.visits:
        so_far["Patient"] += visit.patient
        so_far["Payer"] += visit.payer
        said = f"Visit {visit.number}, {visit.day:%B} {visit.day.day}"
        rows += [
            Row(_moment(visit.day), who, cents / 100, said, None, 0, False)
            for who, cents in so_far.items()
        ]
    first, last = schedule.visits[0].day, schedule.visits[-1].day
    rows += _marks(schedule, first + (last - first) / 2)
    table = pd.DataFrame(rows, columns=list(Row._fields))
    end = nice(ROOM * max(so_far.values()) / 100)
    told = "; ".join(f"{day_words(schedule, each)}: {each.text}" for each in schedule.events)
    total = schedule.total
    draw(
        table,
        _spec(end, _moment(first), _moment(last) + DAY),
        f"Paid so far over time: at the end the patient ${total.patient / 100:,.2f}, the payer "
        f"${total.payer / 100:,.2f}. {told}",
    )


def _marks(schedule: Schedule, middle: date) -> list[Row]:
    """What happens on a day in few words, beside a line that begins at them: in the second half of
    the plan at its left, the last day's on top; below them at the right of it, the first day's on
    top. So a line seldom crosses the words of another."""
    words: dict[date, list[str]] = {}
    for event in schedule.events:
        day = schedule.visits[event.visit - 1].day
        words.setdefault(day, []).append(MARKS[event.kind])
    late = [day for day in words if day > middle]
    days = [*reversed(late), *(day for day in words if day <= middle)]
    return [
        Row(_moment(day), None, None, "", ", ".join(words[day]), 8 + LINE * at, day > middle)
        for at, day in enumerate(days)
    ]


def _moment(day: date) -> int:
    """A day as Vega counts: milliseconds since 1970, by universal time."""
    return (day - date(1970, 1, 1)).days * DAY


def _ticks(first: int, last: int) -> list[int]:
    """Six days at most that are as far apart: weeks, or whole fours of them."""
    weeks = (last - first) // (7 * DAY) + 1
    apart = -(-weeks // 6) if weeks <= 12 else 4 * -(-weeks // 24)
    return list(range(first, last, apart * 7 * DAY))


@lru_cache(maxsize=64)
def _spec(end: float, first: int, last: int) -> Spec:
    # Numbers, written as days by universal time: by the browser's own a day in America would be the
    # one before.
    x = {
        "field": "day", "type": "quantitative", "title": None,
        "scale": {"domain": [first, last], "nice": False, "zero": False},
        "axis": {
            "values": _ticks(first, last), "grid": False,
            "labelExpr": "utcFormat(datum.value, utcmonth(datum.value) ? '%b %-d' : '%b %-d, %Y')",
        },
    }  # fmt: skip
    y = {
        "field": "dollars", "type": "quantitative", "title": None,
        "scale": {"domain": [0, end]}, "axis": {"tickCount": 4, "format": "$,.0f"},
    }  # fmt: skip
    steps = {
        "transform": [{"filter": "datum.who != null"}],
        "mark": {"type": "line", "interpolate": "step-after", "strokeWidth": 2.5},
        "encoding": {
            "x": x,
            "y": y,
            "color": {
                "field": "who", "type": "nominal", "title": None,
                "scale": {"domain": list(WHO), "range": list(WHO.values())},
                "legend": {"symbolType": "stroke", "symbolStrokeWidth": 3},
            },
            "tooltip": [
                {"field": "said", "type": "nominal", "title": "After"},
                {"field": "who", "type": "nominal", "title": "Paid by"},
                {
                    "field": "dollars", "type": "quantitative", "title": "So far",
                    "format": "$,.2f",
                },
            ],
        },
    }  # fmt: skip
    lines = {
        "transform": [{"filter": "datum.mark != null"}],
        "mark": {"type": "rule", "strokeDash": [4, 3]},
        "encoding": {"x": x, "y": MARKED, "y2": {"value": "height"}, "color": QUIET},
    }
    layers = [lines, steps, _words(x, is_late=False), _words(x, is_late=True)]
    return layered("Paid so far, in dollars", layers, 230, right=12)


def _words(x: Spec, *, is_late: bool) -> Spec:
    """The words beside the lines."""
    side = {"align": "right", "dx": -4} if is_late else {"align": "left", "dx": 4}
    return {
        "transform": [{"filter": f"datum.mark != null && datum.late == {str(is_late).lower()}"}],
        "mark": {"type": "text", **side},
        "encoding": {
            "x": x,
            "y": MARKED,
            "text": {"field": "mark"},
            "color": QUIET,
        },
    }
