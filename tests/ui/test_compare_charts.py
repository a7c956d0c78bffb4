"""What the charts of Compare and the guide draw: honest axes, figures in words, one look a code."""

import json
import math
import re
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
import streamlit as st
from colors import check_seen_by_everyone
from for_each import for_each
from hypothesis import given, settings
from hypothesis import strategies as some
from oracles.fees import rows
from specs import check_vega_lite

from chirocalc import Settings
from chirocalc.codes import compare
from chirocalc.ui.compare import charts as compare_charts
from chirocalc.ui.guide import view as guide_view
from chirocalc.ui.shared import COLORS, GRAY

ROOT = Path(__file__).parents[2]
KEYS = [
    row["code"] + ("-" + row["modifier"] if row["modifier"] else "")
    for row in rows(ROOT / "codes.csv")
]
IN_HISTORY = {row["code"] for row in rows(ROOT / "chirocalc" / "tables" / "data" / "history.csv")}
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
    """One chart as it was handed to Streamlit: its name here, rows, spec, and words."""

    def __init__(self, name, table, spec, words):
        self.name, self.spec, self.alt = name, spec, words
        self.rows = table if isinstance(table, pd.DataFrame) else table.to_pandas()
        self.units = spec.get("layer", [spec])
        self.title = spec["title"]

    def scale(self, channel):
        """Which color, or dash, each name has."""
        scales = [
            unit["encoding"][channel]["scale"]
            for unit in self.units
            if "scale" in unit["encoding"].get(channel, {})
        ]
        return dict(zip(scales[0]["domain"], scales[0]["range"], strict=True)) if scales else {}

    def slots(self):
        """Which place in the scales each code has."""
        name = "code" if self.name == "localities" else "line"
        return dict(zip(self.rows[name], self.rows["slot"], strict=True))


@cache
def draw(keys, under):
    """All charts of some codes, drawn once for all tests, which only read them."""
    return draw_again(keys, under)


def draw_again(keys, under):
    """All charts of some codes, as the pages draw them."""
    found = []

    def capture(table, spec, *, alt, width, theme):
        found.append(Drawing("", table, spec, alt))
        assert (width, theme) == ("stretch", None)

    def draw_as(name, picture):
        if picture is not None:
            picture.draw()
            found[-1].name = name
            found[-1].alt += f" {picture.figures}" * bool(picture.figures)  # it stands beside it

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(st, "vega_lite_chart", capture)
        compare_charts.one_unit(compare.worth(keys, under))
        for each in found:
            each.name = "rvus" if each.title == "RVUs of one unit" else "unit"
        for value in ("units", "dollars"):
            draw_as(f"alone {value}", compare_charts.alone(keys, under, value))
            if len(compare.steps_together(keys, under)):
                draw_as(f"together {value}", compare_charts.together(keys, under, value))
        if len(compare.history(keys)):
            for value in ("total_rvu", "dollars"):
                draw_as(f"years {value}", compare_charts.years(keys, value))
        if len(compare.spread(keys, under)):
            draw_as("localities", compare_charts.localities(keys, under))
        use = compare.medicare_use(keys)
        for column in ("services", "average") if len(use) else ():
            compare_charts.medicare_use(use, column, USE[column], ",.2f")
            found[-1].name = f"use {column}"
    return found


USE = {"services": "Services paid", "average": "Dollars allowed, on average"}


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

AS_TEXT = {"code", "line", "part", "unit", "year", "name", "slot"}


def check_says_what_it_shows(each):
    assert isinstance(each.title, str)
    assert each.title.strip()
    assert each.alt.strip()
    assert "None" not in each.alt
    assert len(each.rows), "a chart of nothing"


def check_no_missing_number_is_said(each):
    assert "nan" not in each.alt.lower(), each.alt


def check_axes(each):
    """Each axis of numbers holds all of the data, and says what it counts, or the title does; a
    year says itself."""
    for unit in each.units:
        for channel in ("x", "y"):
            encoding = unit["encoding"].get(channel, {})
            field = encoding.get("field")
            if encoding.get("type") != "quantitative":
                assert field is None or field in AS_TEXT
                continue
            said = f"{encoding.get('title') or ''} {each.title}"
            if field == "minutes":
                assert "Minutes" in said
            elif field != "year":
                assert re.search("Dollars|Units|RVUs|Services", each.title), each.title
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


def check_cut_axis_is_said(each):
    """An axis that does not begin at zero says so, where length could be taken for an amount."""
    for unit in each.units:
        x = unit["encoding"].get("x", {})
        if x.get("field") == "dollars" and x.get("scale", {}).get("domain", [0])[0]:
            assert "begins at $" in x["title"] or x["title"] is None
            assert any("begins at" in (u["encoding"]["x"]["title"] or "") for u in each.units)


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
    """Valid Vega-Lite, without data, in the colors that are proved below."""
    text = json.dumps(each.spec)
    assert '"values": [{' not in text
    assert "datasets" not in text
    assert all("data" not in part for part in [each.spec, *each.units])
    colors = {color.upper() for color in re.findall(r"#[0-9a-fA-F]{6}", text)}
    assert colors - {GRAY if each.name == "history" else ""} <= set(COLORS)
    check_vega_lite(each.spec)
    assert each.spec["height"] > 0


def check_drawn(found):
    assert found
    for each in found:
        check_says_what_it_shows(each)
        check_axes(each)
        check_bars_start_at_zero(each)
        check_cut_axis_is_said(each)
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
    assert {"rvus", "unit", "alone units", "alone dollars", "localities"} <= names
    assert ("years dollars" in names) == bool(IN_HISTORY & set(keys))


@pytest.mark.parametrize("under", [MEDICARE, CHICAGO], ids=lambda each: each.payer)
@pytest.mark.parametrize("keys", UNPRICED, ids=".".join)
def test_charts_of_codes_that_are_not_all_priced_are_whole(keys, under):
    found = draw(keys, under)
    check_drawn(found)
    assert {"unit", "alone units", "alone dollars"} <= {each.name for each in found}


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
    assert not {each.name for each in found} & {"unit", "alone dollars", "localities"}


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
    (rvus,) = by_name(found, "rvus")
    (dollars,) = by_name(found, "unit")
    for key in keys:
        row = table.loc[key]
        assert mentions(rvus, key) == [f"{key}: {row['total_rvu']:.2f}" + "." * (key == keys[-1])]
        said = [figures(part.removeprefix(key))[-1] for part in mentions(dollars, key)]
        assert said == ([] if pd.isna(row["first"]) else [row["first"], row["later"]])


@several_settings
@pytest.mark.parametrize("keys", [*SETS, ("97545", "97110")], ids=".".join)  # 97545 is from 61
def test_the_words_of_the_minutes_are_their_figures(keys, under):
    table = compare.alone(keys, under).set_index(["code", "minutes"])
    crossings = compare.crossing_minutes(keys, under)
    found = draw(keys, under)
    for value in ("units", "dollars"):
        (each,) = by_name(found, f"alone {value}")
        for key in keys:
            at = [table.at[(key, minutes), value] for minutes in (30, 60)]
            if not pd.isna(at).any():
                (part,) = mentions(each, key)
                said = figures(part.removeprefix(key).partition(" Lines cross")[0])
                assert said == [at[0], 30, at[1], 60]
        marked = set(each.rows["crossing"].dropna())
        assert marked == (set(crossings) if value == "dollars" else set())
        _, mark, rest = each.alt.partition("Lines cross at ")
        assert bool(mark) == bool(marked)
        assert figures(rest) == sorted(marked)


@several_settings
@pytest.mark.parametrize("keys", [("97110", "97112"), ("97140", "97035", "97530", "97116")])
def test_the_words_of_the_minutes_together_are_their_figures(keys, under):
    table = compare.together(keys, under).set_index(["rule", "minutes"])
    for value in ("units", "dollars"):
        (each,) = by_name(draw(keys, under), f"together {value}")
        said = figures(each.alt.partition("in words. ")[2])
        at = [(table.at[(rule, m), value], m) for rule in ("cms", "cpt") for m in (20, 60)]
        assert said == [number for pair in at for number in pair]
        assert each.alt.index("Total time (CMS)") < each.alt.index("Per-code midpoint (CPT)")


@several_sets
def test_the_words_of_the_years_are_their_figures(keys):
    table = compare.history(keys)
    for value in ("total_rvu", "dollars") if len(table) else ():
        (each,) = by_name(draw(keys, MEDICARE), f"years {value}")
        for key in IN_HISTORY & set(keys):
            mine = table[table["code"] == key]
            ends = [(row[value], row["year"]) for _, row in mine.iloc[[0, -1]].iterrows()]
            (part,) = mentions(each, key)
            assert figures(part.removeprefix(key)) == [n for pair in ends for n in pair]


@pytest.mark.parametrize("under", [CHICAGO, MEDICARE], ids=lambda each: each.locality)
@several_sets
def test_the_words_of_the_areas_are_their_figures(keys, under):
    table = compare.spread(keys, under)
    (each,) = by_name(draw(keys, under), "localities")
    for key, mine in table.groupby("code"):
        start = each.alt.index(f"{key}: ")
        here = mine.loc[mine["locality"] == under.locality, "dollars"]
        said = figures(re.split(r"; (?=\w{5})", each.alt[start + len(key) :])[0])
        assert said == [mine["dollars"].min(), mine["dollars"].max(), *here]
    own = table["locality"] == under.locality
    assert list(each.rows["own"]) == list(own)


@several_sets
def test_the_words_of_medicares_use_are_its_figures(keys):
    table = compare.medicare_use(keys)
    for column in ("services", "average") if len(table) else ():
        (each,) = by_name(draw(keys, MEDICARE), f"use {column}")
        expected = [(row["code"], row["year"], row[column]) for _, row in table.iterrows()]
        said = [
            (code, int(year), float(number.replace(",", "")))
            for code, year, number in re.findall(r"(\w{5}) in (\d{4}): ([\d,.]*\d)", each.alt)
        ]
        assert said == expected


# One color and one dash a code

OF_CODES = {"alone units", "alone dollars", "years total_rvu", "years dollars", "localities"}
WHOLE = [keys for keys in SETS if set(keys) <= IN_HISTORY] + [("72100", "72100-26", "72100-TC")]
PARTLY = [
    ("S9117", "97110"),  # not in the history
    ("72100-26", "97112", "97161"),
    ("97010", "97110"),  # Medicare pays nobody: not in the localities
    ("97810", "S9117", "97110", "97112"),
]


def test_colors_of_codes_are_seen_by_everyone():
    check_seen_by_everyone(COLORS)


def check_looks(keys, found):
    """A code's place in the scales is its place among the codes chosen, on every chart."""
    of_charts = [each for each in found if each.name in OF_CODES]
    assert of_charts
    places = {key: str(at) for at, key in enumerate(keys)}
    colors = dict(zip(map(str, range(6)), COLORS, strict=True))
    dashes = dict(zip(colors, compare_charts.DASHES, strict=True))
    for each in of_charts:
        slots = each.slots()
        assert slots, each.name
        assert slots == {key: places[key] for key in slots}, each.name
        assert each.scale("color") == colors
        assert each.scale("strokeDash") == ({} if each.name == "localities" else dashes)


@several_settings
@pytest.mark.parametrize("keys", WHOLE, ids=".".join)
def test_a_code_looks_the_same_on_all_charts(keys, under):
    check_looks(keys, draw(keys, under))


@pytest.mark.parametrize("keys", PARTLY, ids=".".join)
def test_a_code_looks_the_same_where_another_is_left_out(keys):
    check_looks(keys, draw(keys, MEDICARE))


def test_no_two_codes_look_alike():
    assert len(set(COLORS)) == 6
    assert len({str(dash) for dash in compare_charts.DASHES}) == 6


@several_sets
def test_each_line_has_its_name_at_its_end(keys):
    """Color alone says nothing: each line has a name, and no name stands over another."""
    for each in draw(keys, MEDICARE):
        if each.name.startswith(("alone", "years")):
            named = each.rows[each.rows["name"].notna()]
            assert set(named["name"]) == set(each.rows["line"]), each.title
            last = "minutes" if each.name.startswith("alone") else "year"
            assert set(named[last]) == {each.rows[last].max()}
            top = next(u["encoding"]["y"]["scale"]["domain"][1] for u in each.units)
            gaps = named["beside"].sort_values().diff().dropna() / top
            assert (gaps > 0.06).all(), each.title
            assert named["beside"].max() <= top


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
    """Each minute of each line has the value that the table has for it."""
    found = draw(keys, under)
    alone = compare.alone(keys, under)
    for value in ("units", "dollars"):
        (each,) = by_name(found, f"alone {value}")
        steps = each.rows[each.rows["name"].isna()]
        drawn = {
            (row.line, minute): row.value
            for row in steps.itertuples()
            for minute in range(row.minutes, row.until)
        }
        known = alone[alone[value].notna()]
        expected = zip(known["code"], known["minutes"], known[value], strict=True)
        assert drawn == {(code, minute): float(of) for code, minute, of in expected}
    (areas,) = by_name(found, "localities")
    table = compare.spread(keys, under)
    assert list(areas.rows["code"]) == list(table["code"])
    assert list(areas.rows["dollars"]) == list(table["dollars"])


def test_a_missing_year_is_a_gap_and_no_line():
    """97161 starts in 2017: its years before are drawn as missing, not as 0."""
    for value in ("total_rvu", "dollars"):
        (each,) = by_name(draw(("97161", "97110"), MEDICARE), f"years {value}")
        mine = each.rows[each.rows["line"] == "97161"].set_index("year")["value"]
        assert list(mine.index) == list(range(2013, 2027))
        assert mine.loc[:2016].isna().all()
        assert mine.loc[2017:].notna().all()


def test_the_specification_stays_when_a_code_is_exchanged():
    """The browser then keeps the picture, and only moves its lines."""
    one, two = draw(("97110", "97112"), MEDICARE), draw(("97110", "97530"), MEDICARE)
    for name in ("alone units", "alone dollars"):
        (first,), (second,) = by_name(one, name), by_name(two, name)
        assert first.spec == second.spec
        assert first.alt.partition(" Its figures")[0] == second.alt.partition(" Its figures")[0]


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
        lambda table, spec, alt, width, theme: found.append(Drawing("history", table, spec, alt)),
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
