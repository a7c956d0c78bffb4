"""What the charts of Compare and the guide draw: honest axes, figures in words, one look a code."""

import inspect
import json
import math
import re
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
import streamlit as st
from for_each import for_each
from hypothesis import given, settings
from hypothesis import strategies as some
from oracles.fees import rows
from specs import check_vega_lite

from chirocalc import Settings
from chirocalc.codes import compare
from chirocalc.ui.compare import charts as compare_charts
from chirocalc.ui.compare import view as compare_view
from chirocalc.ui.guide import view as guide_view

ROOT = Path(__file__).parents[2]
KEYS = [
    row["code"] + ("-" + row["modifier"] if row["modifier"] else "")
    for row in rows(ROOT / "codes.csv")
]
IN_HISTORY = {row["code"] for row in rows(ROOT / "chirocalc" / "tables" / "data" / "history.csv")}
OKABE_ITO = {
    "#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7", "#000000",
}  # fmt: skip
GRAY = "#8A9499"  # of the guide's years that have totals only
MEDICARE = Settings()
CHICAGO = Settings(payer="va", locality="06102-16", place="facility")
LINE = Settings(payer="commercial-midpoint", mppr="line", percent=115.5)
UNDER = [MEDICARE, CHICAGO, LINE]
SETS = [
    ("97110", "97112"),
    ("97112", "97110"),
    ("97161", "97110", "98941"),
    ("72100", "72100-26", "72100-TC"),
    ("97810", "97813", "97550", "98980"),
    ("99213", "97140", "98942", "97035", "97124", "97530"),
    ("98979", "98980"),
    ("97533", "96127"),
    ("95851", "97597", "97150"),
]
# With codes that nobody is paid for, or that have no RVU.
UNPRICED = [
    ("S9117", "97110"),
    ("97110", "0552T", "72100-26"),
    ("97545", "97546", "97140"),
    ("S9117", "S8948", "97010", "97014", "98943", "97110"),
]
ALL_UNPRICED = [("S9117", "S9090"), ("97545", "97546"), ("0552T", "97039", "S9117")]
several_settings = pytest.mark.parametrize("under", UNDER, ids=lambda each: each.payer)
several_sets = pytest.mark.parametrize("keys", SETS, ids=".".join)


class Drawing:
    """One chart as it was handed to Streamlit: which part of the page drew it, rows, spec, alt."""

    def __init__(self, name, rows, spec, words):
        self.name, self.rows, self.spec, self.alt = name, rows, spec, words
        self.units = spec.get("layer", [spec])
        self.title = spec.get("title", self.units[0].get("title"))  # Vega-Lite takes the first

    def scale(self, channel):
        """Which color, or dash, each name has."""
        scales = [
            unit["encoding"][channel]["scale"] for unit in self.units if channel in unit["encoding"]
        ]
        return dict(zip(scales[0]["domain"], scales[0]["range"], strict=True)) if scales else {}


@cache
def draw(keys, under):
    """All charts of some codes, drawn once for all tests, which only read them."""
    return draw_again(keys, under)


def draw_again(keys, under):
    """All charts of some codes, as the pages draw them."""
    found = []

    def capture(rows, spec, *, alt, width):
        caller = inspect.currentframe()
        while (name := caller.f_code.co_name) in ("draw", "capture"):
            caller = caller.f_back
        found.append(Drawing(name, rows, spec, alt))
        assert width == "stretch"

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(st, "vega_lite_chart", capture)
        compare_view.worth(keys, under)
        compare_view.minutes(keys, under)
        if len(both := compare.together(keys, under)):
            for value in ("units", "dollars"):
                compare_charts.together_against_minutes(both, value)
        compare_view.years(keys)
        compare_view.areas(keys, under)
        compare_view.use(keys)
    return found


def by_name(found, name):
    return [each for each in found if each.name == name]


def mentions(each, key):
    """The part of a chart's words that is about a code."""
    parts = re.split(r"; |(?<=[a-z])\. ", each.alt)
    return [part for part in parts if re.match(rf"{re.escape(key)}(?![\w-])", part)]


def figures(text):
    """The numbers in words, without those of a name in brackets."""
    plain = re.sub(r"\([^)]*\)+", "", text)
    return [float(number.replace(",", "")) for number in re.findall(r"-?\d[\d,]*\.?\d*", plain)]


# What holds of every chart

UNIT_WORDS = {
    "dollars": "Dollars",
    "units": "Units",
    "minutes": "Minutes",
    "start": "Minutes",
    "year": "Year",
    "rvu": "RVU",
    "total_rvu": "RVU",
}
AS_TEXT = {"code", "line", "series", "part", "unit", "year", "name"}


def check_says_what_it_shows(each):
    assert isinstance(each.title, str)
    assert each.title.strip()
    assert each.alt.strip()
    assert "None" not in each.alt
    assert len(each.rows), "a chart of nothing"


def check_no_missing_number_is_said(each):
    assert "nan" not in each.alt.lower(), each.alt


def check_axes(each):
    """Each axis of numbers says its unit, on itself or in the title, and holds all of the data."""
    for unit in each.units:
        for channel in ("x", "y"):
            encoding = unit["encoding"].get(channel, {})
            field = encoding.get("field")
            if encoding.get("type") != "quantitative":
                assert field is None or field in AS_TEXT
                continue
            title = f"{encoding.get('title') or ''} {each.title}"
            word = UNIT_WORDS.get(field, "Dollars" if "average" in each.title else "Services")
            assert word in title, (each.title, field)
            check_domain(each, unit, channel, encoding)


def check_domain(each, unit, channel, encoding):
    low, high = encoding["scale"]["domain"]
    assert math.isfinite(low)
    assert math.isfinite(high)
    assert low < high
    values = each.rows[encoding["field"]].astype(float)
    if encoding.get("aggregate") == "sum" or encoding.get("stack"):
        other = unit["encoding"]["y" if channel == "x" else "x"]["field"]
        values = values.groupby(each.rows[other]).sum().round(6)
    assert low <= values.min(), (each.title, channel)
    assert values.max() <= high, (each.title, channel)
    assert values.notna().any(), (each.title, channel)


def check_bars_start_at_zero(each):
    for unit in each.units:
        mark = unit["mark"]
        if (mark if isinstance(mark, str) else mark["type"]) == "bar":
            numbers = [unit["encoding"][c] for c in ("x", "y")]
            domain = next(n["scale"]["domain"] for n in numbers if n["type"] == "quantitative")
            assert domain[0] == 0, "a bar whose length is no amount"


def check_fields(each):
    """Every field that is drawn or named is in the rows, or made by a transform."""
    for unit in each.units:
        made = {step["as"] for step in unit.get("transform", []) if "as" in step}
        known = set(each.rows.columns) | made
        text = json.dumps(unit["encoding"])
        assert set(re.findall(r'"field": "(\w+)"', text)) <= known
        for step in unit.get("transform", []):
            used = re.findall(r"datum\.(\w+)", step.get("filter", "") + step.get("calculate", ""))
            assert set(used) <= known


def check_spec(each):
    """Valid Vega-Lite, without data, in colors that everyone can tell apart."""
    text = json.dumps(each.spec)
    assert '"values": [{' not in text
    assert "datasets" not in text
    assert all("data" not in part for part in [each.spec, *each.units])
    colors = {color.upper() for color in re.findall(r"#[0-9a-fA-F]{6}", text)}
    assert colors - {GRAY if each.name == "_history" else ""} <= OKABE_ITO
    check_vega_lite(each.spec)
    assert each.spec["height"] > 0


def check_drawn(found):
    assert found
    for each in found:
        check_says_what_it_shows(each)
        check_axes(each)
        check_bars_start_at_zero(each)
        check_fields(each)
        check_spec(each)


def check_every(found):
    check_drawn(found)
    for each in found:
        check_no_missing_number_is_said(each)


@several_settings
@several_sets
def test_every_chart_is_whole(keys, under):
    found = draw(keys, under)
    check_every(found)
    names = {each.name for each in found}
    assert {"rvu_parts", "unit_dollars", "against_minutes", "over_the_localities"} <= names
    assert ("over_the_years" in names) == bool(IN_HISTORY & set(keys))


@pytest.mark.parametrize("under", [MEDICARE, CHICAGO], ids=lambda each: each.payer)
@pytest.mark.parametrize("keys", UNPRICED, ids=".".join)
def test_charts_of_codes_that_are_not_all_priced_are_whole(keys, under):
    found = draw(keys, under)
    check_drawn(found)
    assert {"unit_dollars", "against_minutes"} <= {each.name for each in found}


@pytest.mark.parametrize("keys", UNPRICED, ids=".".join)
def test_a_code_without_an_amount_is_said_without_a_number(keys):
    for each in draw(keys, MEDICARE):
        check_no_missing_number_is_said(each)


@pytest.mark.parametrize(
    ("keys", "under"),
    [
        *((keys, MEDICARE) for keys in ALL_UNPRICED),
        (("97110", "97112"), Settings(payer="self-pay")),
        (("98940", "99213"), Settings(payer="self-pay")),
    ],
    ids=str,
)
def test_codes_without_any_amount_are_drawn_without_dollars(keys, under):
    found = draw(keys, under)
    check_every(found)
    assert not [each for each in found if each.name == "over_the_localities"]


AMOUNTS = compare.worth(tuple(KEYS), MEDICARE)["first"]
PRICED_KEYS = list(AMOUNTS.index[AMOUNTS.notna()])


@settings(max_examples=12)
@given(some.lists(some.sampled_from(PRICED_KEYS), min_size=2, max_size=6, unique=True))
def test_charts_of_any_codes_are_whole(keys):
    check_every(draw(tuple(keys), MEDICARE))


# The words for those who do not see the chart


@several_settings
@several_sets
def test_the_words_of_one_unit_are_its_figures(keys, under):
    found, table = draw(keys, under), compare.worth(keys, under)
    (rvus,) = by_name(found, "rvu_parts")
    (dollars,) = by_name(found, "unit_dollars")
    for key in keys:
        row = table.loc[key]
        assert mentions(rvus, key) == [f"{key}: {row['total_rvu']:.2f}" + "." * (key == keys[-1])]
        said = [figures(part.removeprefix(key))[0] for part in mentions(dollars, key)]
        assert said == ([] if pd.isna(row["first"]) else [row["first"], row["later"]])


@several_settings
@pytest.mark.parametrize("keys", [*SETS, ("97545", "97110")], ids=".".join)  # 97545 is from 61
def test_the_words_of_the_minutes_are_their_figures(keys, under):
    table = compare.alone(keys, under).set_index(["code", "minutes"])
    crossings = compare.crossing_minutes(keys, under)
    units, dollars = by_name(draw(keys, under), "against_minutes")
    for each, value in ((units, "units"), (dollars, "dollars")):
        for key in keys:
            (part,) = mentions(each, key)
            at = [table.at[(key, minutes), value] for minutes in (30, 60)]
            if not pd.isna(at).any():
                said = figures(part.removeprefix(key).partition(" Lines cross")[0])
                assert said == [at[0], 30, at[1], 60]
        marked = set(each.rows.loc[each.rows["crossing"], "minutes"])
        assert marked == (set(crossings) if value == "dollars" else set())
        _, mark, rest = each.alt.partition("Lines cross at ")
        assert bool(mark) == bool(marked)
        assert figures(rest) == sorted(marked)


@several_settings
@pytest.mark.parametrize("keys", [("97110", "97112"), ("97140", "97035", "97530", "97116")])
def test_the_words_of_the_minutes_together_are_their_figures(keys, under):
    table = compare.together(keys, under).set_index(["rule", "minutes"])
    found = by_name(draw(keys, under), "together_against_minutes")
    for each, value in zip(found, ("units", "dollars"), strict=True):
        said = figures(each.alt.partition(". ")[2].replace("(CMS)", "").replace("(CPT)", ""))
        at = [(table.at[(rule, m), value], m) for rule in ("cms", "cpt") for m in (20, 60)]
        assert said == [number for pair in at for number in pair]
        assert each.alt.index("Total time (CMS)") < each.alt.index("Per-code midpoint (CPT)")


@several_sets
def test_the_words_of_the_years_are_their_figures(keys):
    table = compare.history(keys)
    found = by_name(draw(keys, MEDICARE), "over_the_years")
    for each, value in zip(found, ("total_rvu", "dollars") if found else (), strict=True):
        for key in IN_HISTORY & set(keys):
            mine = table[table["code"] == key]
            ends = [(row[value], row["year"]) for _, row in mine.iloc[[0, -1]].iterrows()]
            (part,) = mentions(each, key)
            assert figures(part.removeprefix(key)) == [n for pair in ends for n in pair]


@pytest.mark.parametrize("under", [CHICAGO, MEDICARE], ids=lambda each: each.locality)
@several_sets
def test_the_words_of_the_areas_are_their_figures(keys, under):
    table = compare.spread(keys, under)
    (each,) = by_name(draw(keys, under), "over_the_localities")
    for key, mine in table.groupby("code"):
        start = each.alt.index(f"{key}: ")
        here = mine.loc[mine["locality"] == under.locality, "dollars"]
        said = figures(re.split(r"; (?=\w{5})", each.alt[start + len(key) :])[0])
        assert said == [mine["dollars"].min(), mine["dollars"].max(), *here]
    assert set(each.rows.loc[each.rows["own"], "locality"]) <= {under.locality}
    assert each.rows["own"].sum() == (table["locality"] == under.locality).sum()


@several_sets
def test_the_words_of_medicares_use_are_its_figures(keys):
    table = compare.medicare_use(keys)
    found = by_name(draw(keys, MEDICARE), "medicare_use")
    assert len(found) == 2 * bool(len(table))
    for each, column in zip(found, ("services", "average") if found else (), strict=True):
        expected = [(row["code"], row["year"], row[column]) for _, row in table.iterrows()]
        said = [
            (code, int(year), float(number.replace(",", "")))
            for code, year, number in re.findall(r"(\w{5}) in (\d{4}): ([\d,.]*\d)", each.alt)
        ]
        assert said == expected


# One color and one dash a code


def looks(found, channel, charts):
    """For each chart: which look each code has."""
    return {(each.name, each.title): each.scale(channel) for each in found if each.name in charts}


OF_CODES = {
    "color": ["against_minutes", "over_the_years", "over_the_localities"],
    "strokeDash": ["against_minutes", "over_the_years"],
}
PALETTES = {"color": compare_charts.COLORS, "strokeDash": compare_charts.DASHES}
WHOLE = [keys for keys in SETS if set(keys) <= IN_HISTORY] + [("72100", "72100-26", "72100-TC")]
PARTLY = [
    ("S9117", "97110"),  # not in the history
    ("72100-26", "97112", "97161"),
    ("97010", "97110"),  # Medicare pays nobody: not in the localities
    ("97810", "S9117", "97110", "97112"),
]


def check_looks(keys, found):
    for channel, charts in OF_CODES.items():
        by_place = dict(zip(keys, PALETTES[channel], strict=False))
        of_charts = looks(found, channel, charts)
        assert of_charts
        for chart, look in of_charts.items():
            assert set(look) <= set(keys), chart
            assert look == {key: by_place[key] for key in look}, chart


@several_settings
@pytest.mark.parametrize("keys", WHOLE, ids=".".join)
def test_a_code_looks_the_same_on_all_charts(keys, under):
    check_looks(keys, draw(keys, under))


@pytest.mark.parametrize("keys", PARTLY, ids=".".join)
def test_a_code_looks_the_same_where_another_is_left_out(keys):
    check_looks(keys, draw(keys, MEDICARE))


@several_sets
def test_no_two_codes_look_alike(keys):
    for each in draw(keys, MEDICARE):
        for channel in ("color", "strokeDash"):
            look = [str(value) for value in each.scale(channel).values()]
            assert len(look) == len(set(look)), each.title


def test_a_line_is_told_apart_without_its_color():
    """Six codes: six dashes, and the same codes in both scales."""
    keys = SETS[5]
    for each in by_name(draw(keys, MEDICARE), "against_minutes"):
        assert list(each.scale("strokeDash")) == list(each.scale("color")) == list(keys)


@several_sets
def test_each_chart_names_its_codes_in_the_order_chosen(keys):
    for each in draw(keys, MEDICARE):
        for unit in each.units:
            order = (unit["encoding"].get("y") or {}).get("sort")
            if isinstance(order, list):
                assert order == [key for key in keys if key in order], each.title


# What is drawn is what the tables say


@several_settings
@several_sets
def test_the_rows_are_those_of_the_tables(keys, under):
    found = draw(keys, under)
    alone = compare.alone(keys, under)
    for each, value in zip(by_name(found, "against_minutes"), ("units", "dollars"), strict=True):
        assert list(each.rows["series"]) == list(alone["code"])
        pd.testing.assert_series_equal(each.rows[value], alone[value])
    (areas,) = by_name(found, "over_the_localities")
    pd.testing.assert_frame_equal(
        areas.rows[["code", "dollars"]], compare.spread(keys, under)[["code", "dollars"]]
    )


def test_a_missing_year_is_a_gap_and_no_line():
    """97161 starts in 2017: its years before are drawn as missing, not as 0."""
    for each in by_name(draw(("97161", "97110"), MEDICARE), "over_the_years"):
        value = "dollars" if "dollars" in each.rows else "total_rvu"
        mine = each.rows[each.rows["code"] == "97161"].set_index("year")[value]
        assert list(mine.index) == list(range(2013, 2027))
        assert mine.loc[:2016].isna().all()
        assert mine.loc[2017:].notna().all()


def test_drawing_changes_no_table():
    """The tables are kept for the next visitor."""
    keys = ("97112", "98979", "72100-26")
    made = [compare.worth, compare.alone, compare.spread, compare.everything]
    before = [table(keys, CHICAGO).copy(deep=True) for table in made]
    draw_again(keys, CHICAGO)
    for table, kept in zip(made, before, strict=True):
        pd.testing.assert_frame_equal(table(keys, CHICAGO), kept)


def test_drawing_changes_no_spec():
    """Specs are kept too: the same codes give the same ones, whatever was drawn between."""
    first = [json.dumps(each.spec) for each in draw_again(SETS[0], MEDICARE)]
    draw_again(SETS[1], LINE)
    assert [json.dumps(each.spec) for each in draw_again(SETS[0], MEDICARE)] == first


# The guide's history


@cache
def history_of(code):
    return [row for row in rows(ROOT / "chirocalc/tables/data/history.csv") if row["code"] == code]


@for_each("code", sorted(IN_HISTORY))
def test_the_guides_history_of_every_code(code, monkeypatch):
    found = []
    monkeypatch.setattr(
        st,
        "vega_lite_chart",
        lambda table, spec, alt, width: found.append(Drawing("_history", table, spec, alt)),
    )
    guide_view.facts(code)
    check_every(found)
    (each,) = found
    years = sorted(history_of(code), key=lambda row: row["year"])
    ends = [float(years[at][name]) for at in (0, -1) for name in ("total_rvu", "year")]
    assert code in each.alt
    assert figures(each.alt.replace(code, "")) == ends
    totals = each.rows.groupby("year")["rvu"].sum().round(2)
    assert totals.to_dict() == {int(row["year"]): float(row["total_rvu"]) for row in years}
    assert set(each.rows["part"]) <= set(each.scale("color"))
    only = set(each.rows.loc[each.rows["part"] == "Total only", "year"])
    assert only == {int(row["year"]) for row in years if not row["work_rvu"]}


def test_a_code_that_is_not_in_the_history_has_no_picture_of_it(monkeypatch):
    drawn = []
    monkeypatch.setattr(st, "vega_lite_chart", lambda _, spec, **__: drawn.append(spec))
    others = sorted({key for key in KEYS if "-" not in key} - IN_HISTORY)[::10]
    assert others
    for code in others:
        guide_view.facts(code)
        assert drawn == [], code


@settings(max_examples=200)
@given(some.integers(0, 10**9), some.integers(0, 10**9))
def test_axes_hold_what_they_are_made_for(one, two):
    """Any cents up to ten million dollars."""
    low, high = sorted((one / 100, two / 100))
    start, end = compare_charts._around(low, high)
    assert 0 <= start <= low
    assert high <= end
    assert high <= compare_charts.nice(high) <= max(1.0, 1.34 * high)
