"""Pictures of codes side by side: dollars, minutes, years, areas, Medicare's use.

Each code has one color and one dash on all of them, so that color alone says nothing. Their
specifications are written as Vega-Lite itself: they are new with each choice of codes, and Altair
takes longer to build one than all else on the page.
"""

from __future__ import annotations

import math
from itertools import product
from operator import itemgetter
from typing import Any

import altair as alt
import pandas as pd

from chirocalc.codes import compare
from chirocalc.rules import RULE_NAMES
from chirocalc.ui.shared import (
    COLORS,
    Keys,
    Spec,
    draw,
    nice,
    paired_spec,
)

DASHES = [[1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [12, 4], [4, 6]]

UNITS_SHOWN = {"first": "First unit", "later": "Later unit (after the MPPR)"}

LINES_HEIGHT = 300

QUARTERS = list(range(0, 121, 15))

# What Altair begins each specification with.
BASE: Spec = {
    "$schema": alt.SCHEMA_URL,
    "config": {"view": {"continuousWidth": 300, "continuousHeight": 300}},
}

RULES = {rule: f"{name[0].upper()}{name[1:]}" for rule, name in RULE_NAMES.items()}


def unit_dollars(table: pd.DataFrame) -> None:
    """Dollars of the first and of a later unit of each code."""
    amounts = [
        (key, shown, dollars)
        for unit, shown in UNITS_SHOWN.items()
        for key, dollars in zip(table.index, table[unit], strict=True)
        if not pd.isna(dollars)
    ]
    if not amounts:
        return
    rows = pd.DataFrame(amounts, columns=["code", "unit", "dollars"])
    words = "; ".join(f"{key} {unit.lower()} ${dollars:,.2f}" for key, unit, dollars in amounts)
    spec = paired_spec(
        "Dollars of one unit", "unit", tuple(UNITS_SHOWN.values()), "dollars", "$,.2f",
        tuple(table.index), nice(rows["dollars"].max()),
    )  # fmt: skip
    draw(rows, spec, f"Dollars of one unit. {words}.")


def medicare_use(table: pd.DataFrame, column: str, title: str, number: str) -> None:
    """Bars by code and year of one column of `compare.medicare_use`."""
    rows = table.assign(year=table["year"].astype(str), value=table[column].astype(float))
    years, keys = tuple(sorted(set(rows["year"]))), tuple(dict.fromkeys(rows["code"]))
    words = "; ".join(f"{row.code} in {row.year}: {row.value:,.10g}" for row in rows.itertuples())
    spec = paired_spec(title, "year", years, "value", number, keys, nice(rows["value"].max()))
    draw(rows[["code", "year", "value"]], spec, f"{title}. {words}.")


def against_minutes(table: pd.DataFrame, value: str, keys: Keys, crossings: list[int]) -> None:
    """Step lines of one code each: `units` or `dollars` against minutes, with the crossings."""
    rows = table[["code", "minutes", value]].rename(columns={"code": "series"})
    title = f"{value.capitalize()} by minutes, each code alone"
    rows = rows.assign(crossing=rows["minutes"].isin(crossings))
    words = _in_words(rows, value, 30, "minutes")
    marks = f" Lines cross at {', '.join(map(str, crossings))} minutes." if crossings else ""
    if rows[value].isna().all():
        return
    spec = _steps_spec(title, "Minutes", value, keys, nice(rows[value].max()))
    draw(rows, spec, f"{title}. {words}.{marks}")


def together_against_minutes(table: pd.DataFrame, value: str) -> None:
    """Step lines of one rule each: a visit in which all timed codes have the same minutes."""
    rows = table.assign(series=table["rule"].map(RULES), crossing=False)
    rows = rows[["series", "minutes", value, "crossing"]]
    title = f"{value.capitalize()} of the visit, by rule"
    words = _in_words(rows, value, 20, "minutes each")
    if rows[value].isna().all():
        return
    last = nice(rows[value].max())
    spec = _steps_spec(title, "Minutes of each service", value, tuple(RULES.values()), last)
    draw(rows, spec, f"{title}, by minutes of each service. {words}.")


def _in_words(rows: pd.DataFrame, value: str, first: int, minutes: str) -> str:
    """What each series has at two of its minutes, the first ones and an hour."""
    some = rows[rows["minutes"].isin((first, compare.HOUR))]
    series = some["series"].tolist()
    found = dict(zip(zip(series, some["minutes"], strict=True), some[value], strict=True))
    return "; ".join(
        f"{name}: {_written(found[name, first], value)} at {first} {minutes}, "
        f"{_written(found[name, compare.HOUR], value)} at {compare.HOUR}"
        for name in dict.fromkeys(series)
    )


def _written(found: float, value: str) -> str:
    if pd.isna(found):
        return "no amount"
    return f"${found:,.2f}" if value == "dollars" else f"{found:.0f} units"


def _steps_spec(title: str, of: str, value: str, series: Keys, last: float) -> Spec:
    x = _quantity("minutes", of, (0, 120), {"values": QUARTERS}, nice=False)
    y = _quantity(value, value.capitalize(), (0, last), {"tickCount": 6})
    tooltip = [
        _name("series", "Line"),
        {"field": "minutes", "type": "quantitative", "title": "Minutes"},
        _number(value, value.capitalize(), "$,.2f" if value == "dollars" else ""),
    ]
    lines = {
        "mark": {"type": "line", "interpolate": "step-after", "strokeWidth": 2.5},
        "encoding": {"x": x, "y": y, **_of_series("series", series), "tooltip": tooltip},
    }
    # Wide and unseen, so that a finger finds the line.
    touch = {
        "mark": {"type": "point", "opacity": 0, "size": 120, "aria": False},
        "encoding": {"x": x, "y": y, "tooltip": tooltip},
    }
    rules = {
        "mark": {"type": "rule", "strokeDash": [3, 3], "opacity": 0.6, "aria": False},
        "transform": [{"filter": "datum.crossing"}],
        "encoding": {"x": x},
    }
    names = {
        "mark": {
            "type": "text", "align": "left", "dx": 4, "dy": 8, "baseline": "top", "aria": False,
        },
        "transform": [
            {"filter": f"datum.crossing && datum.series == '{series[0]}'"},
            {"calculate": "'cross at ' + datum.minutes", "as": "label"},
        ],
        "encoding": {"x": x, "y": {"value": 0}, "text": {"field": "label", "type": "nominal"}},
    }  # fmt: skip
    return _layers(title, [lines, touch, rules, names], LINES_HEIGHT)


def over_the_years(table: pd.DataFrame, value: str, keys: Keys) -> None:
    """Lines of total RVUs or dollars of one unit by year; a missing year is a gap."""
    codes, values = table["code"].tolist(), table[value].astype(float)
    years = range(int(table["year"].min()), int(table["year"].max()) + 1)
    known = dict(zip(zip(codes, table["year"], strict=True), values, strict=True))
    shown = tuple(dict.fromkeys(codes))
    cells = list(product(shown, years))
    rows = pd.DataFrame(cells, columns=["code", "year"])
    rows[value] = [known.get(cell, math.nan) for cell in cells]
    named = {"total_rvu": "Total RVUs of one unit", "dollars": "Dollars of one unit, of the year"}
    words = []
    for key in shown:
        there = [(known[key, at], at) for at in years if not pd.isna(known.get((key, at)))]
        (first, began), (last, ended) = there[0], there[-1]
        words.append(f"{key}: {first:.2f} in {began}, {last:.2f} in {ended}")
    ends = _around(rows[value].min(), rows[value].max())
    spec = _years_spec(named[value], value, keys, (years[0], years[-1]), ends)
    draw(rows, spec, f"{named[value]}. {'; '.join(words)}.")


def _years_spec(
    title: str, value: str, keys: Keys, years: tuple[int, int], ends: tuple[float, float]
) -> Spec:
    number = "$,.2f" if value == "dollars" else ".2f"
    axis = {"format": "d", "tickMinStep": 1, "labelOverlap": True}
    x = _quantity("year", "Year", years, axis, nice=False, padding=10)
    unit = "Dollars" if value == "dollars" else "RVUs"
    y = _quantity(value, unit, ends, {"tickCount": 6, "format": number}, zero=False)
    tooltip = [
        _name("code", "Code"),
        {"field": "year", "type": "quantitative", "title": "Year"},
        _number(value, title, number),
    ]
    return BASE | {
        "title": title,
        "mark": {"type": "line", "point": {"size": 60, "filled": True}, "strokeWidth": 2},
        "encoding": {"x": x, "y": y, **_of_series("code", keys), "tooltip": tooltip},
        "height": LINES_HEIGHT,
    }


def over_the_localities(table: pd.DataFrame, own: str, keys: Keys) -> None:
    """A mark for each locality's dollars of one unit, the user's own pointed out."""
    rows = table.assign(own=table["locality"] == own)
    words = []
    for key, mine in rows.groupby("code", sort=False):
        amounts = list(zip(mine["dollars"], mine["name"], strict=True))
        low, high = min(amounts, key=itemgetter(0)), max(amounts, key=itemgetter(0))
        text = f"{key}: ${low[0]:,.2f} ({low[1]}) to ${high[0]:,.2f} ({high[1]})"
        here = mine.loc[mine["own"], "dollars"]
        words.append(text + (f", yours ${here.iloc[0]:,.2f}" if len(here) else ""))
    shown = tuple(dict.fromkeys(rows["code"]))
    ends = _around(rows["dollars"].min(), rows["dollars"].max())
    draw(
        rows,
        _places_spec(keys, shown, ends),
        f"One unit in the 109 localities. {'; '.join(words)}.",
    )


def _places_spec(keys: Keys, shown: Keys, ends: tuple[float, float]) -> Spec:
    x = _quantity("dollars", "Dollars", ends, {"tickCount": 6, "format": "$"}, zero=False)
    y = _name("code", None) | {"sort": list(shown)}
    tooltip = [
        _name("code", "Code"),
        _name("name", "Locality"),
        _number("dollars", "Dollars", "$,.2f"),
    ]
    color = {
        "field": "code", "type": "nominal", "scale": _scale(keys, COLORS), "legend": None,
    }  # fmt: skip
    mark = {"x": x, "y": y, "color": color, "tooltip": tooltip}
    its_own = [{"filter": "datum.own"}]
    ticks = {
        "mark": {"type": "tick", "thickness": 1.5, "bandSize": 24, "opacity": 0.7},
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
        "mark": {"type": "text", "dy": -20, "aria": False},
        "transform": its_own,
        "encoding": {
            "x": x,
            "y": y,
            "text": {"field": "dollars", "type": "quantitative", "format": "$,.2f"},
        },
    }
    title = "Dollars of one unit in the 109 localities"
    return _layers(title, [ticks, own, label], 56 * len(shown) + 90)


def _layers(title: str, layers: list[Spec], height: int) -> Spec:
    return BASE | {"layer": [layer | {"title": title} for layer in layers], "height": height}


def _quantity(
    field: str, title: str, domain: tuple[float, float], axis: Spec, **scale: bool | float
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


def _of_series(field: str, series: Keys) -> Spec:
    """Color and dash by series, with one legend."""
    color = _name(field, None) | {"scale": _scale(series, COLORS), "legend": {"orient": "top"}}
    return {
        "color": color,
        "strokeDash": _name(field, None) | {"scale": _scale(series, DASHES)},
    }


def _scale(series: Keys, values: list[Any]) -> Spec:
    return {"domain": list(series), "range": values[: len(series)]}


def _around(least: float, most: float) -> tuple[float, float]:
    """Round ends of an axis with room on both sides, so that few specifications exist."""
    room = max((most - least) * 0.15, most * 0.02, 0.01)
    step = 10.0 ** math.floor(math.log10(room))
    return (
        round(max(0.0, math.floor((least - room) / step) * step), 4),
        round(math.ceil((most + room) / step) * step, 4),
    )
