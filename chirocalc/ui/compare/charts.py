"""Pictures of codes side by side: dollars, minutes, years, areas, Medicare's use.

Each code has one color and one dash on all of them, and its name at the end of its line, so that
color alone says nothing. Lines are known by their place and not by their code: a specification
does not change with the codes, and the browser keeps the picture and only moves its lines. The
words of a chart are a part of what it would draw anew: those that change stand beside it.
"""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import product
from operator import itemgetter
from typing import NamedTuple

import pandas as pd
import pyarrow as pa

from chirocalc import tables
from chirocalc.codes import compare
from chirocalc.rules import RULE_NAMES, Settings
from chirocalc.ui.charts import (
    COLORS,
    QUIET,
    Keys,
    Spec,
    as_table,
    draw,
    layered,
    nice,
    paired_spec,
    rvu_parts,
)

DASHES = [[1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [12, 4], [4, 6]]

UNITS_SHOWN = {"first": "First unit", "later": "2nd and later"}

# Pixels: of a chart beside one row of cards, and beside two.
LOW, HIGH = 290, 420

TICKS_ASKED = 6

WHOLE = {"tickCount": TICKS_ASKED, "tickMinStep": 1}  # of numbers read without a fraction

QUARTERS = list(range(0, compare.MOST_MINUTES + 1, 15))

YEARS_APART = 3  # of the years named on the axis, the last one among them

NOTHING = "no amount"

NAMES_APART = 0.065  # of the axis: names at the ends of lines that would cover each other

RULES = {rule: f"{name[0].upper()}{name[1:]}" for rule, name in RULE_NAMES.items()}

SHORT_RULES = {"cms": "CMS", "cpt": "CPT"}

SLOTS = [str(at) for at in range(len(COLORS))]

SLOT: Spec = {
    "color": {
        "field": "slot", "type": "nominal", "legend": None,
        "scale": {"domain": SLOTS, "range": COLORS},
    },
    "strokeDash": {
        "field": "slot", "type": "nominal", "legend": None,
        "scale": {"domain": SLOTS, "range": DASHES},
    },
}  # fmt: skip


class Picture(NamedTuple):
    """A chart: its data, its specification, its words, and what more of them stands beside it."""

    rows: pa.Table
    spec: Spec
    words: str
    figures: str = ""

    def draw(self) -> None:
        draw(self.rows, self.spec, self.words)


def height(keys: Keys) -> int:
    """Pixels of a chart beside the cards of so many codes."""
    return LOW if len(keys) <= 3 else HIGH


def one_unit(table: pd.DataFrame) -> None:
    """RVUs of one unit in parts, and dollars of a first and of a later unit of each code."""
    priced = table[table["total_rvu"].notna()]
    if len(priced):
        rvu_parts(priced.assign(label=priced.index), "RVUs of one unit")
    _unit_dollars(table)


def _unit_dollars(table: pd.DataFrame) -> None:
    amounts = [
        (key, shown, dollars)
        for unit, shown in UNITS_SHOWN.items()
        for key, dollars in zip(table.index, table[unit], strict=True)
        if not pd.isna(dollars)
    ]
    if not amounts:
        return
    words = "; ".join(f"{key} {unit.lower()} ${dollars:,.2f}" for key, unit, dollars in amounts)
    spec = paired_spec(
        "Dollars of one unit", "unit", tuple(UNITS_SHOWN.values()), "dollars", "$,.2f",
        tuple(table.index), nice(max(dollars for _, _, dollars in amounts)),
    )  # fmt: skip
    rows = as_table(("code", "unit", "dollars"), amounts)
    draw(rows, spec, f"Dollars of one unit. {words}.")


def medicare_use(table: pd.DataFrame, column: str, title: str, number: str) -> None:
    """Bars by code and year of one column of `compare.medicare_use`."""
    rows = list(
        zip(
            table["code"],
            table["year"].astype(str),
            table[column].astype(float).tolist(),
            strict=True,
        )
    )
    years, keys = tuple(sorted({year for _, year, _ in rows})), tuple(dict.fromkeys(table["code"]))
    words = "; ".join(f"{code} in {year}: {value:,.10g}" for code, year, value in rows)
    most = nice(max(value for _, _, value in rows))
    spec = paired_spec(title, "year", years, "value", number, keys, most)
    draw(as_table(("code", "year", "value"), rows), spec, f"{title}. {words}.")


# Against minutes


@tables.kept
def alone(keys: Keys, settings: Settings, value: str) -> Picture | None:
    """Step lines of one code each: `units` or `dollars` against minutes, with the crossings."""
    steps = compare.steps_alone(keys, settings)
    at = compare.crossing_minutes(keys, settings) if value == "dollars" else []
    marks = f" Lines cross at {', '.join(map(str, at))} minutes." if at else ""
    title = f"{value.capitalize()} by minutes, each code alone"
    names = {key: key for key in keys}
    return _lines(steps, names, value, at, title, "minutes", 30, marks, height(keys))


@tables.kept
def together(keys: Keys, settings: Settings, value: str) -> Picture | None:
    """Step lines of one rule each: a visit in which all timed codes have the same minutes."""
    steps = compare.steps_together(keys, settings)
    title = f"{value.capitalize()} of the visit, by minutes of each service"
    return _lines(steps, SHORT_RULES, value, [], title, "minutes each", 20, "", height(keys))


def _lines(
    steps: tuple[compare.Step, ...],
    names: dict[str, str],
    value: str,
    crossings: list[int],
    title: str,
    minutes: str,
    early: int,
    marks: str,
    pixels: int,
) -> Picture | None:
    known = [step for step in steps if not math.isnan(getattr(step, value))]
    if not known:
        return None
    top = nice(max(getattr(step, value) for step in known))
    ends = {step.series: float(getattr(step, value)) for step in known}  # each one's last
    shown = _apart(ends, top)
    slots = {name: str(at) for at, name in enumerate(names)}
    marked = set(crossings)
    rows: list[tuple[object, ...]] = []
    for step in known:
        crossing = step.first if step.first in marked else None
        marked.discard(step.first)
        span = f"{step.first} to {step.last}"
        rows.append(
            (
                slots[step.series], names[step.series], step.first, step.last + 1, span,
                float(getattr(step, value)), crossing, None, None,
            )
        )  # fmt: skip
    for series, end in ends.items():
        last = compare.MOST_MINUTES
        name = names[series]
        rows.append((slots[series], name, last, last, str(last), end, None, name, shown[series]))
    columns = ("slot", "line", "minutes", "until", "span", "value", "crossing", "name", "beside")
    said = {"units": "{:.0f} units", "dollars": "${:,.2f}"}[value]
    hour = compare.HOUR
    words = "; ".join(
        f"{RULES.get(name, name)}: {_at(known, name, value, early, said)} at {early} {minutes}, "
        f"{_at(known, name, value, hour, said)} at {hour}"
        if name in ends
        else f"{name}: {NOTHING}"
        for name in names
    )
    return Picture(
        as_table(columns, rows),
        _steps_spec(title, value, top, pixels),
        f"{title}. Its figures follow in words.",
        f"{words}.{marks}",
    )


def _at(steps: list[compare.Step], series: str, value: str, minute: int, said: str) -> str:
    here = (step for step in steps if step.series == series and step.first <= minute <= step.last)
    step = next(here, None)
    return said.format(getattr(step, value)) if step else NOTHING


def _apart(ends: dict[str, float], top: float) -> dict[str, float]:
    """Where the names stand beside the ends of their lines: none over another, none above."""
    gap, shown = top * NAMES_APART, {}
    least = -math.inf
    for name in sorted(ends, key=ends.__getitem__):
        least = shown[name] = max(ends[name], least + gap)
    most = top
    for name in reversed(list(shown)):
        most = shown[name] = min(shown[name], most)
        most -= gap
    return shown


@lru_cache(maxsize=256)
def _steps_spec(title: str, value: str, top: float, pixels: int) -> Spec:
    number = "$,.2f" if value == "dollars" else ""
    axis = {"values": QUARTERS}
    x = _quantity("minutes", "Minutes", (0, compare.MOST_MINUTES), axis, nice=False)
    short = WHOLE | {"format": "$,.0f" if value == "dollars" else ",.0f"}
    y = _quantity("value", None, (0, top), short)
    lines = {
        "mark": {"type": "line", "interpolate": "step-after", "strokeWidth": 2.5},
        "encoding": {"x": x, "y": y, **SLOT},
    }
    # Wide and unseen, so that a finger finds the step.
    touch = {
        "mark": {"type": "rule", "opacity": 0, "strokeWidth": 16, "aria": False},
        "encoding": {
            "x": x,
            "x2": {"field": "until"},
            "y": y,
            "tooltip": [
                _name("line", "Line"),
                _name("span", "Minutes"),
                _number("value", value.capitalize(), number),
            ],
        },
    }
    there = [{"filter": "isValid(datum.crossing)"}]
    rules = {
        "mark": {"type": "rule", "strokeDash": [3, 3], "aria": False},
        "transform": there,
        "encoding": {"x": x, "color": QUIET},
    }
    at = {
        "mark": {"type": "text", "align": "left", "dx": 4, "baseline": "top", "aria": False},
        "transform": [*there, {"calculate": "datum.crossing + ' min'", "as": "label"}],
        "encoding": {
            "x": x,
            "y": {"value": 0},
            "text": {"field": "label", "type": "nominal"},
            "color": QUIET,
        },
    }
    return layered(title, [lines, touch, rules, at, _names(x, y)], pixels)


def _names(x: Spec, y: Spec) -> Spec:
    """A line's name beside its end."""
    return {
        "mark": {"type": "text", "align": "left", "dx": 5, "fontWeight": 600, "aria": False},
        "transform": [{"filter": "isValid(datum.name)"}],
        "encoding": {
            "x": x,
            "y": y | {"field": "beside"},
            "text": {"field": "name", "type": "nominal"},
            "color": QUIET,
        },
    }


# Over the years


@tables.kept
def years(keys: Keys, value: str) -> Picture:
    """Lines of total RVUs or dollars of one unit by year; a missing year is a gap."""
    table = compare.history(keys)
    codes, known_years = table["code"].tolist(), table["year"].tolist()
    known = dict(zip(zip(codes, known_years, strict=True), table[value].astype(float), strict=True))
    span = range(min(known_years), max(known_years) + 1)
    shown = tuple(dict.fromkeys(codes))
    ends = {key: known[key, max(at for code, at in known if code == key)] for key in shown}
    top = nice(max(known.values()))
    beside, slots = _apart(ends, top), {key: str(at) for at, key in enumerate(keys)}
    rows = [
        (slots[key], key, at, known.get((key, at)), key if at == span[-1] else None, beside[key])
        for key, at in product(shown, span)
    ]
    words = []
    for key in shown:
        there = [at for at in span if (key, at) in known]
        first, last = known[key, there[0]], known[key, there[-1]]
        words.append(f"{key}: {first:.2f} in {there[0]}, {last:.2f} in {there[-1]}")
    named = {"total_rvu": "Total RVUs of one unit", "dollars": "Dollars of one unit, of the year"}
    title = f"{named[value]}, national"
    spec = _years_spec(title, value, (span[0], span[-1]), top, height(keys))
    columns = ("slot", "line", "year", "value", "name", "beside")
    return Picture(as_table(columns, rows), spec, f"{title}. {'; '.join(words)}.")


@lru_cache(maxsize=256)
def _years_spec(title: str, value: str, span: tuple[int, int], top: float, pixels: int) -> Spec:
    number = "$,.2f" if value == "dollars" else ".2f"
    axis = {"format": "d", "values": list(range(span[1], span[0] - 1, -YEARS_APART))}
    x = _quantity("year", None, span, axis, nice=False)
    of_rvus = {"tickCount": TICKS_ASKED, "format": ".2~f"}
    short = WHOLE | {"format": "$,.0f"} if value == "dollars" else of_rvus
    y = _quantity("value", None, (0, top), short)
    tooltip = [
        _name("line", "Code"),
        {"field": "year", "type": "quantitative", "title": "Year"},
        _number("value", title, number),
    ]
    point = {"size": 50, "filled": True}
    lines = {
        "mark": {"type": "line", "point": point, "strokeWidth": 2},
        "encoding": {"x": x, "y": y, **SLOT, "tooltip": tooltip},
    }
    return layered(title, [lines, _names(x, y)], pixels)


# By area


@tables.kept
def localities(keys: Keys, settings: Settings) -> Picture:
    """A mark for each locality's dollars of one unit, the user's own pointed out."""
    table = compare.spread(keys, settings)
    own = (table["locality"] == settings.locality).tolist()
    slots = {key: str(at) for at, key in enumerate(keys)}
    codes, dollars, names = (table[column].tolist() for column in ("code", "dollars", "name"))
    shown = tuple(dict.fromkeys(codes))
    words = []
    for key in shown:
        mine = [each for each in zip(dollars, names, own, codes, strict=True) if each[3] == key]
        low, high = min(mine, key=itemgetter(0)), max(mine, key=itemgetter(0))
        text = f"{key}: ${low[0]:,.2f} ({low[1]}) to ${high[0]:,.2f} ({high[1]})"
        here = [each[0] for each in mine if each[2]]
        words.append(text + (f", yours ${here[0]:,.2f}" if here else ""))
    rows = pa.table(
        {
            "slot": [slots[code] for code in codes],
            "code": codes,
            "name": names,
            "dollars": dollars,
            "own": own,
        }
    )
    spec = _places_spec(shown, _around(min(dollars), max(dollars)))
    return Picture(rows, spec, f"One unit in the 109 localities. {'; '.join(words)}.")


@lru_cache(maxsize=256)
def _places_spec(shown: Keys, ends: tuple[float, float]) -> Spec:
    cut = f"The axis begins at {_exact(ends[0])}" if ends[0] else None
    number = "$,.0f" if ends[1] - ends[0] >= TICKS_ASKED else "$,.2f"  # no two ticks read the same
    x = _quantity("dollars", cut, ends, {"tickCount": TICKS_ASKED, "format": number}, zero=False)
    y = _name("code", None) | {"sort": list(shown)}
    tooltip = [
        _name("code", "Code"),
        _name("name", "Locality"),
        _number("dollars", "Dollars", "$,.2f"),
    ]
    mark = {"x": x, "y": y, "color": SLOT["color"], "tooltip": tooltip}
    its_own = [{"filter": "datum.own"}]
    ticks = {
        "mark": {"type": "tick", "thickness": 1.5, "height": 22, "opacity": 1},
        "encoding": mark,
    }
    own = {
        "mark": {
            "type": "point", "shape": "diamond", "size": 160, "filled": True, "opacity": 1,
            "stroke": "white", "strokeWidth": 1, "aria": False,
        },
        "transform": its_own,
        "encoding": mark,
    }  # fmt: skip
    label = {
        "mark": {"type": "text", "dy": -20, "fontWeight": 600, "aria": False},
        "transform": its_own,
        "encoding": {
            "x": x,
            "y": y,
            "text": {"field": "dollars", "type": "quantitative", "format": "$,.2f"},
            "color": QUIET,
        },
    }
    title = "Dollars of one unit in the 109 localities"
    return layered(title, [ticks, own, label], 56 * len(shown) + 90, right=24)


def _quantity(
    field: str, title: str | None, domain: tuple[float, float], axis: Spec, **scale: bool | float
) -> Spec:
    """An axis of numbers."""
    ends: Spec = {"domain": list(domain), **scale}
    return {"field": field, "type": "quantitative", "title": title, "axis": axis, "scale": ends}


def _name(field: str, title: str | None) -> Spec:
    """Words as they are."""
    return {"field": field, "type": "nominal", "title": title}


def _number(field: str, title: str, number: str) -> Spec:
    """A number as it is written."""
    return {"field": field, "type": "quantitative", "title": title, "format": number}


def _exact(dollars: float) -> str:
    """Dollars as on an axis: cents only where there are some."""
    return f"${dollars:,.2f}".removesuffix(".00")


def _around(least: float, most: float) -> tuple[float, float]:
    """Round ends of an axis with room on both sides, so that few specifications exist."""
    room = max((most - least) * 0.15, most * 0.02, 0.01)
    step = 10.0 ** math.floor(math.log10(room))
    return (
        round(max(0.0, math.floor((least - room) / step) * step), 4),
        round(math.ceil((most + room) / step) * step, 4),
    )
