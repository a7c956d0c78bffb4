"""The plan over time: what the patient and the payer have paid so far, and what happens when."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import pandas as pd

from chirocalc.plan import Schedule
from chirocalc.ui.charts import BLUE, GREEN, QUIET, Spec, draw, layered, nice

from .answer import day_words

WHO = {"Patient": BLUE, "Payer": GREEN}

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
    rows: list[tuple[Any, ...]] = []
    so_far = {"Patient": 0, "Payer": 0}
    for visit in schedule.visits:
        so_far["Patient"] += visit.patient
        so_far["Payer"] += visit.payer
        rows += [
            (pd.Timestamp(visit.day), who, cents / 100, visit.number, None)
            for who, cents in so_far.items()
        ]
    last = nice(max(so_far.values()) / 100)
    marks: dict[pd.Timestamp, list[str]] = {}
    for event in schedule.events:
        day = pd.Timestamp(schedule.visits[event.visit - 1].day)
        if event.kind in MARKS:
            marks.setdefault(day, []).append(MARKS[event.kind])
    rows += [(day, None, last, None, ", ".join(words)) for day, words in marks.items()]
    table = pd.DataFrame(rows, columns=["day", "who", "dollars", "visit", "mark"])
    told = "; ".join(f"{day_words(schedule, each)}: {each.text}" for each in schedule.events)
    total = schedule.total
    draw(
        table,
        _spec(last),
        f"Paid so far over time: at the end the patient ${total.patient / 100:,.2f}, the payer "
        f"${total.payer / 100:,.2f}. {told}",
    )


@lru_cache(maxsize=64)
def _spec(last: float) -> Spec:
    x = {"field": "day", "type": "temporal", "title": None, "axis": {"tickCount": 6, "grid": False}}
    y = {
        "field": "dollars", "type": "quantitative", "title": None,
        "scale": {"domain": [0, last]}, "axis": {"tickCount": 4, "format": "$,.0f"},
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
                {"field": "day", "type": "temporal", "title": "Day"},
                {"field": "visit", "type": "quantitative", "title": "Visit"},
                {"field": "who", "type": "nominal", "title": "Paid by"},
                {
                    "field": "dollars", "type": "quantitative", "title": "So far",
                    "format": "$,.2f",
                },
            ],
        },
    }  # fmt: skip
    events = [{"filter": "datum.mark != null"}]
    lines = {
        "transform": events,
        "mark": {"type": "rule", "strokeDash": [4, 3]},
        "encoding": {"x": x, "color": QUIET},
    }
    words = {
        "transform": events,
        "mark": {"type": "text", "align": "left", "angle": 90, "dx": 4, "dy": -6},
        "encoding": {"x": x, "y": {"value": 0}, "text": {"field": "mark"}, "color": QUIET},
    }
    return layered("Paid so far, in dollars", [lines, steps, words], 230, right=12)
