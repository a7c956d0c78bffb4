"""Pictures of an audit: units by code, minutes a unit, the adjustment mix, wRVUs, findings."""

from __future__ import annotations

from copy import deepcopy
from functools import lru_cache
from typing import NamedTuple

import altair as alt
import pyarrow as pa

from chirocalc.audit import Totals, by_code, by_rule, manipulation_mix
from chirocalc.ui.charts import (
    BAND,
    BLUE,
    COLORS,
    GRAY,
    ORANGE,
    RED,
    Spec,
    nice,
    paired_spec,
    spec_of,
)
from chirocalc.words import LEVEL_NAMES

TOP_IN_TWO = alt.Legend(orient="top", columns=2)  # what a phone has room for

BELOW_EACH_OTHER = alt.Legend(orient="top", columns=1)  # beside long names on a phone

INWARD = alt.Axis(labelFlush=True, labelFlushOffset=-3)  # the last number is not cut at the edge

LEVEL_COLORS = {"fix": RED, "needs": ORANGE, "check": BLUE, "note": GRAY}

MARK = "#CC79A7"  # Okabe and Ito's, which is seen on light, on dark and across blue bars

MOST_CODES = 20

MOST_PROVIDERS = 10

UNIT_MINUTES = 15

Names = tuple[str, ...]
Picture = tuple[pa.Table, Spec, str]  # the rows, the specification, what it says in words


class Pictures(NamedTuple):
    """The pictures of an audit, without those that have nothing to show."""

    left: list[Picture]
    right: list[Picture]


def pictures(totals: Totals) -> Pictures:
    left = [units_by_code(totals), mix(totals, "This file")]
    right = [findings_by_rule(totals), minutes_a_unit(totals), work_by_month(totals)]
    return Pictures(*([each for each in side if each] for side in (left, right)))


def units_by_code(totals: Totals) -> Picture | None:
    """Units billed beside those supported, for the codes with the most lines."""
    table = by_code(totals)
    table = table[table["compared_billed"] > 0].nlargest(MOST_CODES, "lines").sort_index()
    if table.empty:
        return None
    table = table.drop(columns="billed").rename(
        columns={"compared_billed": "billed", "compared_supported": "supported"}
    )
    rows = table[["billed", "supported"]].astype(float).reset_index()
    rows = rows.melt("code", var_name="units", value_name="count")
    words = "; ".join(
        f"{row.Index}: {row.billed} billed, {row.supported} supported" for row in table.itertuples()
    )
    spec = paired_spec(
        "Units billed and supported, if both known", "units", ("billed", "supported"),
        "count", ",.0f", tuple(table.index), nice(rows["count"].max()),
    )  # fmt: skip
    return pa.Table.from_pandas(rows), spec, f"Units billed and supported, by code. {words}."


def minutes_a_unit(totals: Totals) -> Picture | None:
    """Average minutes of a billed unit, with a mark at 15."""
    table = by_code(totals)["minutes_a_unit"].dropna().sort_index()
    if table.empty:
        return None
    rows = table.rename("minutes").reset_index()
    words = "; ".join(f"{code}: {value:.1f}" for code, value in table.items())
    spec = _minutes_spec(tuple(table.index), nice(max(table.max(), UNIT_MINUTES)))
    return pa.Table.from_pandas(rows), spec, f"Average minutes a unit, by code. {words}."


@lru_cache(maxsize=64)
def _minutes_spec(codes: Names, last: float) -> Spec:
    base = alt.Chart({"name": "rows"}, title="Average minutes a unit (line: 15)")
    x = alt.X("minutes:Q", title="Minutes", axis=INWARD, scale=alt.Scale(domain=[0, last]))
    bars = base.mark_bar(color=BLUE, height={"band": 0.6}).encode(
        x=x,
        y=alt.Y("code:N", title=None, sort=list(codes)),
        tooltip=[
            alt.Tooltip("code:N", title="Code"),
            alt.Tooltip("minutes:Q", title="Minutes a unit", format=".1f"),
        ],
    )
    line = base.mark_rule(color=MARK, strokeDash=[4, 4], strokeWidth=2, aria=False)
    line = line.transform_aggregate(codes="count()").encode(x=alt.datum(UNIT_MINUTES))  # drawn once
    return spec_of(alt.layer(bars, line), BAND * len(codes) + 100)


def mix(totals: Totals, own: str) -> Picture | None:
    """The mix of spinal manipulation codes beside Medicare's, the file's share called `own`."""
    shares = manipulation_mix(totals)
    if "This file" not in shares:
        return None
    shares = shares.rename(columns={"This file": own})
    rows = shares.rename_axis("code").reset_index().melt("code", var_name="of", value_name="share")
    words = "; ".join(f"{row.code}, {row.of}: {row.share:.0%}" for row in rows.itertuples())
    spec = paired_spec(
        "Adjustment codes, share of each", "of", tuple(shares.columns), "share", ".0%",
        tuple(shares.index), nice(rows["share"].max()),
    )  # fmt: skip
    return pa.Table.from_pandas(rows), spec, f"Shares of the adjustment codes. {words}."


def work_by_month(totals: Totals) -> Picture | None:
    """Work RVUs by month and treating provider; of many, those with the most by name."""
    table = totals.by_month["work"].div(100).reset_index()
    if table.empty:
        return None
    table = table.replace({"month": {"": "no date"}, "provider": {"": "not given"}})
    by_provider = table.groupby("provider")["work"].sum()
    if len(by_provider) > MOST_PROVIDERS:
        named = by_provider.nlargest(MOST_PROVIDERS - 1).index
        table["provider"] = table["provider"].where(table["provider"].isin(named), "others")
    table = table.groupby(["month", "provider"], as_index=False)["work"].sum()
    providers, months = (tuple(sorted(set(table[name]))) for name in ("provider", "month"))
    words = "; ".join(f"{r.month}, {r.provider}: {r.work:,.2f}" for r in table.itertuples())
    top = nice(table.groupby("month")["work"].sum().max())
    return (
        pa.Table.from_pandas(table),
        _named(_months_spec(len(providers), months, top), providers),
        f"Work RVUs by month. {words}.",
    )


def _named(spec: Spec, providers: Names) -> Spec:
    """The specification with the providers' names, the session's own, which no cache has."""
    spec = deepcopy(spec)
    (bars,) = spec["layer"]
    color = bars["encoding"]["color"]
    color["sort"] = list(providers)
    if "range" in color["scale"]:
        color["scale"]["domain"] = list(providers)
    return spec


@lru_cache(maxsize=64)
def _months_spec(providers: int, months: Names, top: float) -> Spec:
    """Of so many providers, without their names."""
    chart = alt.Chart({"name": "rows"}, title="Work RVUs by month and treating provider").mark_bar()
    chart = chart.encode(
        x=alt.X("month:N", title=None, sort=list(months), axis=alt.Axis(labelAngle=0)),
        y=alt.Y("work:Q", title="wRVUs", scale=alt.Scale(domain=[0, top])),
        color=alt.Color(
            "provider:N",
            title=None,
            scale=_colors(providers),
            legend=TOP_IN_TWO,
        ),
        tooltip=[
            alt.Tooltip("month:N", title="Month"),
            alt.Tooltip("provider:N", title="Provider"),
            alt.Tooltip("work:Q", title="wRVUs", format=",.2f"),
        ],
    )
    return _spec(chart, 304)


def _spec(chart: alt.Chart, height: int) -> Spec:
    """In a layer: Vega-Lite gives a chart without one room for a legend's title where none is."""
    return spec_of(alt.layer(chart), height)


def _colors(count: int) -> alt.Scale:
    """Told apart by everyone; of more names than there are such colors, by most."""
    if count > len(COLORS):
        return alt.Scale(scheme="tableau10")
    return alt.Scale(range=COLORS[:count])


def findings_by_rule(totals: Totals) -> Picture | None:
    """How often each rule was found, colored by level."""
    table = by_rule(totals)
    table["level"] = table["level"].map(LEVEL_NAMES)
    if table.empty:
        return None
    words = "; ".join(f"{r.rule} ({r.level}): {r.findings}" for r in table.itertuples())
    longest = table.groupby("rule")["findings"].sum().max()  # parts are stacked
    spec = _rules_spec(tuple(table["rule"]), nice(longest))
    return pa.Table.from_pandas(table), spec, f"Findings by rule. {words}."


@lru_cache(maxsize=64)
def _rules_spec(rules: Names, last: float) -> Spec:
    chart = alt.Chart({"name": "rows"}, title="Findings by rule").mark_bar(height={"band": 0.7})
    chart = chart.encode(
        x=alt.X(
            "findings:Q",
            title="Findings",
            axis=INWARD,
            scale=alt.Scale(domain=[0, last]),
        ),
        y=alt.Y("rule:N", title=None, sort=list(rules), axis=alt.Axis(labelLimit=230)),
        color=alt.Color(
            "level:N",
            title=None,
            scale=alt.Scale(
                domain=list(LEVEL_NAMES.values()),
                range=[LEVEL_COLORS[each] for each in LEVEL_NAMES],
            ),
            legend=BELOW_EACH_OTHER,
        ),
        tooltip=[
            alt.Tooltip("rule:N", title="Rule"),
            alt.Tooltip("level:N", title="Level"),
            alt.Tooltip("findings:Q", title="Findings", format=","),
            alt.Tooltip("dollars:Q", title="Dollars at stake", format="$,.2f"),
        ],
    )
    return _spec(chart, BAND * len(set(rules)) + 144)
