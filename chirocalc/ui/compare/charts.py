"""Pictures of codes side by side: dollars, minutes, years, areas, Medicare's use.

Each code has one color and one dash on all of them, so that color alone says nothing.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import altair as alt
import pandas as pd

from chirocalc.rules import RULE_NAMES
from chirocalc.ui.shared import (
    COLORS,
    TICKS,
    TOP,
    Keys,
    Spec,
    draw,
    nice,
    paired_spec,
    spec_of,
)

DASHES = [[1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [12, 4], [4, 6]]

UNITS_SHOWN = {"first": "First unit", "later": "Later unit (after the MPPR)"}

LINES_HEIGHT = 300

RULES = {rule: f"{name[0].upper()}{name[1:]}" for rule, name in RULE_NAMES.items()}


def unit_dollars(table: pd.DataFrame) -> None:
    """Dollars of the first and of a later unit of each code."""
    rows = table[["first", "later"]].rename(columns=UNITS_SHOWN).rename_axis("code").reset_index()
    rows = rows.melt("code", var_name="unit", value_name="dollars").dropna()
    if rows.empty:
        return
    words = "; ".join(
        f"{row.code} {row.unit.lower()} ${row.dollars:,.2f}" for row in rows.itertuples()
    )
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
    words = "; ".join(
        f"{key}: {_at(part, value, 30)} at 30 minutes, {_at(part, value, 60)} at 60"
        for key, part in rows.groupby("series", sort=False)
    )
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
    words = "; ".join(
        f"{rule}: {_at(part, value, 20)} at 20 minutes each, {_at(part, value, 60)} at 60"
        for rule, part in rows.groupby("series", sort=False)
    )
    if rows[value].isna().all():
        return
    last = nice(rows[value].max())
    spec = _steps_spec(title, "Minutes of each service", value, tuple(RULES.values()), last)
    draw(rows, spec, f"{title}, by minutes of each service. {words}.")


def _at(rows: pd.DataFrame, value: str, minutes: int) -> str:
    found = rows.loc[rows["minutes"] == minutes, value].iloc[0]
    if pd.isna(found):
        return "no amount"
    return f"${found:,.2f}" if value == "dollars" else f"{found:.0f} units"


@lru_cache(maxsize=256)
def _steps_spec(title: str, of: str, value: str, series: Keys, last: float) -> Spec:
    base = alt.Chart({"name": "rows"}, title=title)
    x = alt.X(
        "minutes:Q",
        title=of,
        axis=alt.Axis(values=list(range(0, 121, 15))),
        scale=alt.Scale(domain=[0, 120], nice=False),
    )
    y = alt.Y(
        f"{value}:Q",
        title=value.capitalize(),
        axis=TICKS,
        scale=alt.Scale(domain=[0, last]),
    )
    tooltip = [
        alt.Tooltip("series:N", title="Line"),
        alt.Tooltip("minutes:Q", title="Minutes"),
        alt.Tooltip(
            f"{value}:Q", title=value.capitalize(), format="$,.2f" if value == "dollars" else ""
        ),
    ]
    lines = base.mark_line(interpolate="step-after", strokeWidth=2.5).encode(
        x=x, y=y, **_of_series("series", series), tooltip=tooltip
    )
    # Wide and unseen, so that a finger finds the line.
    touch = base.mark_point(opacity=0, size=120, aria=False).encode(x=x, y=y, tooltip=tooltip)
    rules = (
        base.mark_rule(strokeDash=[3, 3], opacity=0.6, aria=False)
        .transform_filter("datum.crossing")
        .encode(x=x)
    )
    names = (
        base.mark_text(align="left", dx=4, dy=8, baseline="top", aria=False)
        .transform_filter(f"datum.crossing && datum.series == '{series[0]}'")
        .transform_calculate(label="'cross at ' + datum.minutes")
        .encode(x=x, y=alt.value(0), text="label:N")
    )
    return spec_of(alt.layer(lines, touch, rules, names), LINES_HEIGHT)


def over_the_years(table: pd.DataFrame, value: str, keys: Keys) -> None:
    """Lines of total RVUs or dollars of one unit by year; a missing year is a gap."""
    shown = tuple(key for key in keys if key in set(table["code"]))
    years = range(int(table["year"].min()), int(table["year"].max()) + 1)
    whole = pd.MultiIndex.from_product([shown, years], names=["code", "year"])
    rows = table.set_index(["code", "year"])[[value]].astype(float).reindex(whole).reset_index()
    named = {"total_rvu": "Total RVUs of one unit", "dollars": "Dollars of one unit, of the year"}
    words = []
    for key in shown:
        mine = rows[(rows["code"] == key) & rows[value].notna()]
        first, last = mine.iloc[0], mine.iloc[-1]
        words.append(
            f"{key}: {first[value]:.2f} in {first['year']}, {last[value]:.2f} in {last['year']}"
        )
    ends = _around(rows[value].min(), rows[value].max())
    spec = _years_spec(named[value], value, keys, (years[0], years[-1]), ends)
    draw(rows, spec, f"{named[value]}. {'; '.join(words)}.")


@lru_cache(maxsize=256)
def _years_spec(
    title: str, value: str, keys: Keys, years: tuple[int, int], ends: tuple[float, float]
) -> Spec:
    number = "$,.2f" if value == "dollars" else ".2f"
    chart = alt.Chart({"name": "rows"}, title=title)
    chart = chart.mark_line(point=alt.OverlayMarkDef(size=60, filled=True), strokeWidth=2).encode(
        x=alt.X(
            "year:Q",
            title="Year",
            axis=alt.Axis(format="d", tickMinStep=1, labelOverlap=True),
            scale=alt.Scale(domain=list(years), nice=False, padding=10),
        ),
        y=alt.Y(
            f"{value}:Q",
            title="Dollars" if value == "dollars" else "RVUs",
            scale=alt.Scale(domain=list(ends), zero=False),
            axis=alt.Axis(tickCount=6, format=number),
        ),
        **_of_series("code", keys),
        tooltip=[
            alt.Tooltip("code:N", title="Code"),
            alt.Tooltip("year:Q", title="Year"),
            alt.Tooltip(f"{value}:Q", title=title, format=number),
        ],
    )
    return spec_of(chart, LINES_HEIGHT)


def over_the_localities(table: pd.DataFrame, own: str, keys: Keys) -> None:
    """A mark for each locality's dollars of one unit, the user's own pointed out."""
    rows = table.assign(own=table["locality"] == own)
    shown = tuple(key for key in keys if key in set(rows["code"]))
    words = []
    for key in shown:
        mine = rows[rows["code"] == key]
        low, high = mine.loc[mine["dollars"].idxmin()], mine.loc[mine["dollars"].idxmax()]
        text = f"{key}: ${low['dollars']:,.2f} ({low['name']})"
        text += f" to ${high['dollars']:,.2f} ({high['name']})"
        here = mine[mine["own"]]
        words.append(text + (f", yours ${here['dollars'].iloc[0]:,.2f}" if len(here) else ""))
    ends = _around(rows["dollars"].min(), rows["dollars"].max())
    draw(
        rows,
        _places_spec(keys, shown, ends),
        f"One unit in the 109 localities. {'; '.join(words)}.",
    )


@lru_cache(maxsize=256)
def _places_spec(keys: Keys, shown: Keys, ends: tuple[float, float]) -> Spec:
    base = alt.Chart({"name": "rows"}, title="Dollars of one unit in the 109 localities")
    x = alt.X(
        "dollars:Q",
        title="Dollars",
        axis=alt.Axis(tickCount=6, format="$"),
        scale=alt.Scale(domain=list(ends), zero=False),
    )
    y = alt.Y("code:N", title=None, sort=list(shown))
    tooltip = [
        alt.Tooltip("code:N", title="Code"),
        alt.Tooltip("name:N", title="Locality"),
        alt.Tooltip("dollars:Q", title="Dollars", format="$,.2f"),
    ]
    color = alt.Color("code:N", scale=_scale(keys, COLORS), legend=None)
    ticks = base.mark_tick(thickness=1.5, bandSize=24, opacity=0.7).encode(
        x=x, y=y, color=color, tooltip=tooltip
    )
    own = base.mark_point(
        shape="diamond", size=160, filled=True, opacity=1, stroke="white", strokeWidth=1, aria=False
    )
    own = own.transform_filter("datum.own").encode(x=x, y=y, color=color, tooltip=tooltip)
    label = base.mark_text(dy=-20, aria=False).transform_filter("datum.own")
    label = label.encode(x=x, y=y, text=alt.Text("dollars:Q", format="$,.2f"))
    return spec_of(alt.layer(ticks, own, label), 56 * len(shown) + 90)


def _of_series(field: str, series: Keys) -> dict[str, Any]:
    """Color and dash by series, with one legend."""
    return {
        "color": alt.Color(f"{field}:N", title=None, scale=_scale(series, COLORS), legend=TOP),
        "strokeDash": alt.StrokeDash(f"{field}:N", title=None, scale=_scale(series, DASHES)),
    }


def _scale(series: Keys, values: list[Any]) -> alt.Scale:
    return alt.Scale(domain=list(series), range=values[: len(series)])


def _around(least: float, most: float) -> tuple[float, float]:
    """Round ends of an axis with room on both sides, so that few specifications exist."""
    room = max((most - least) * 0.15, most * 0.02, 0.01)
    step = 10.0 ** math.floor(math.log10(room))
    return (
        round(max(0.0, math.floor((least - room) / step) * step), 4),
        round(math.ceil((most + room) / step) * step, 4),
    )
