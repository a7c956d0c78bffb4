"""What the charts of Compare and the guide draw: honest axes, figures in words, one look a code."""

import json
import math
import re
from decimal import Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest
import streamlit as st
from for_each import for_each
from hypothesis import given, settings
from hypothesis import strategies as some
from oracles.fees import Line, Prices, reduced_units, rows
from oracles.units import chart_units
from specs import check_vega_lite

from chirocalc import Settings
from chirocalc.codes import compare
from chirocalc.ui.charts import COLORS, GRAY, LOOK
from chirocalc.ui.compare import charts as compare_charts
from chirocalc.ui.guide import view as guide_view

ROOT = Path(__file__).parents[2]
CODES = {
    row["code"] + ("-" + row["modifier"] if row["modifier"] else ""): row
    for row in rows(ROOT / "codes.csv")
}
KEYS = list(CODES)
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

# Each chart by its title, which says the unit of its numbers.
TITLES = {
    "RVUs of one unit": "rvus",
    "Dollars of one unit": "first and later",
    "Dollars by minutes, each code alone": "dollars alone",
    "Units by minutes, each code alone": "units alone",
    "Dollars of the visit, by minutes of each service": "dollars together",
    "Units of the visit, by minutes of each service": "units together",
    "Dollars of one unit, of the year, national": "dollars by year",
    "Total RVUs of one unit, national": "total_rvu by year",
    "Dollars of one unit in the 109 localities": "areas",
    "Services paid by Medicare Part B": "services",
    "Dollars allowed a service, on average": "average",
    "RVUs of one unit, by year": "history",
}
OF_MINUTES = ["dollars alone", "units alone", "dollars together", "units together"]
OF_YEARS = ["dollars by year", "total_rvu by year"]


class Drawing:
    """One chart as it was handed to Streamlit: rows, spec, and its words with those beside it."""

    def __init__(self, table, spec, alt, figures=""):
        self.rows = table if isinstance(table, pd.DataFrame) else table.to_pandas()
        self.spec, self.alt, self.words = spec, alt, f"{alt} {figures}".strip()
        self.units = spec.get("layer", [spec])
        self.title = spec["title"]

    def scale(self, channel):
        """Which color, or dash, each name has, by all of the layers that say it."""
        scales = [
            encoding["scale"]
            for unit in self.units
            if "scale" in (encoding := unit["encoding"].get(channel, {}))
        ]
        assert all(each == scales[0] for each in scales)
        return dict(zip(scales[0]["domain"], scales[0]["range"], strict=True)) if scales else {}

    def lines(self):
        """The name of each slot: each has one."""
        named = self.rows.groupby("slot")["line" if "line" in self.rows else "code"].unique()
        assert all(len(each) == 1 for each in named)
        return {slot: each[0] for slot, each in named.items()}

    def by_minute(self):
        """What is drawn of each line at each minute; nothing where it is not drawn."""
        columns = [self.rows[name] for name in ("line", "minutes", "until", "value")]
        steps = list(zip(*columns, strict=True))
        return {
            (line, minute): value
            for line, first, until, value in steps
            for minute in range(first, until)
        }


@cache
def draw(keys, under):
    """All charts of some codes, drawn once for all tests, which only read them."""
    return draw_again(keys, under)


def draw_again(keys, under):
    """All charts of some codes by their titles, as the page draws them tab by tab."""
    found = {}

    def capture(table, spec, *, alt, width, theme):
        assert (width, theme) == ("stretch", None)
        each = Drawing(table, spec, alt)
        assert TITLES[each.title] not in found, "drawn twice"
        found[TITLES[each.title]] = each

    def of_picture(picture):
        if picture:
            picture.draw()
            each = list(found.values())[-1]
            each.words = f"{picture.words} {picture.figures}".strip()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(st, "vega_lite_chart", capture)
        compare_charts.one_unit(compare.worth(keys, under))
        for value in ("dollars", "units"):
            of_picture(compare_charts.alone(keys, under, value))
            if compare.steps_together(keys, under):
                of_picture(compare_charts.together(keys, under, value))
        if not compare.history(keys).empty:
            for value in ("dollars", "total_rvu"):
                of_picture(compare_charts.years(keys, value))
        if not compare.spread(keys, under).empty:
            of_picture(compare_charts.localities(keys, under))
        table = compare.medicare_use(keys)
        if not table.empty:
            for column in ("services", "average"):
                compare_charts.medicare_use(table, column, MEDICARE_USE[column], ",.2f")
    return found


MEDICARE_USE = {
    "services": "Services paid by Medicare Part B",
    "average": "Dollars allowed a service, on average",
}


def mentions(each, key):
    """The parts of a chart's words that are about a code."""
    parts = re.split(r"; |(?<=[a-z])\. ", each.words)
    return [part for part in parts if re.match(rf"{re.escape(key)}(?![\w-])", part)]


def figures(text):
    """The numbers in words, without those of a name in brackets."""
    plain = re.sub(r"\([^)]*\)+", "", text)
    return [float(number.replace(",", "")) for number in re.findall(r"-?\d[\d,]*\.?\d*", plain)]


# What holds of every chart

AS_TEXT = {"code", "line", "part", "unit", "year", "name", "slot"}


def check_says_what_it_shows(each):
    assert each.title in TITLES
    assert each.alt.strip()
    assert "None" not in each.words
    assert re.search(r"\d", each.words), "no figure"
    assert len(each.rows), "a chart of nothing"


def check_no_missing_number_is_said(each):
    assert "nan" not in each.words.lower(), each.words


def numbers(each):
    """Each axis of numbers, with its layer."""
    for unit in each.units:
        for channel in ("x", "y"):
            encoding = unit["encoding"].get(channel, {})
            if encoding.get("type") == "quantitative":
                yield unit, channel, encoding
            else:
                assert encoding.get("field") is None or encoding["field"] in AS_TEXT


def check_axes(each):
    """Each axis of numbers holds all of the data, and no two of its ticks read the same."""
    for unit, channel, encoding in numbers(each):
        check_domain(each, unit, channel, encoding)
        if encoding.get("axis"):
            check_ticks(encoding)
        if encoding["field"] == "minutes":
            assert encoding["title"] == "Minutes"


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


def check_ticks(encoding):
    """As D3 chooses them: a step of 1, 2 or 5 times a power of ten."""
    axis, (low, high) = encoding["axis"], encoding["scale"]["domain"]
    if "values" in axis:
        assert all(low <= value <= high for value in axis["values"])
        return
    wanted = (high - low) / axis["tickCount"]
    tens = 10.0 ** math.floor(math.log10(wanted))
    step = tens * next(
        times for times, least in ((10, 50**0.5), (5, 10**0.5), (2, 2**0.5), (1, 0))
        if wanted / tens >= least
    )  # fmt: skip
    step = max(step, axis.get("tickMinStep", 0))
    decimals = re.search(r"\.(\d)~?f$", axis.get("format", ""))
    if decimals:
        assert step >= 0.1 ** int(decimals[1]) - 1e-9, "two ticks read the same"


def check_where_axes_begin(each):
    """At 0, but for minutes and years; where not, it is said with the number."""
    for unit, channel, encoding in numbers(each):
        start = encoding["scale"]["domain"][0]
        kind = unit["mark"]["type"]
        if encoding["field"] == "year":
            assert encoding["axis"]["format"] == "d"
            assert start == each.rows["year"].min()
        elif kind == "bar" or (kind == "line" and channel == "y"):
            assert start == 0, "a length that is no amount"
        elif start:
            said = re.fullmatch(r"The axis begins at \$([\d,.]+)", encoding["title"])
            assert float(said[1].replace(",", "")) == start


def check_fields(each):
    """Every field that is drawn or named is in the rows, or made by a transform."""
    for unit in each.units:
        made = {step["as"] for step in unit.get("transform", []) if "as" in step}
        known = set(each.rows.columns) | made
        text = json.dumps(unit["encoding"])
        assert set(re.findall(r'"field": "(\w+)"', text)) <= known
        for step in unit.get("transform", []):
            used = re.findall(r"datum\.(\w+)", step.get("filter", "") + step.get("calculate", ""))
            assert used
            assert set(used) <= known


def check_spec(each):
    """Valid Vega-Lite, without data, in colors that everyone can tell apart."""
    text = json.dumps(each.spec)
    assert '"values": [{' not in text
    assert "datasets" not in text
    assert all("data" not in part for part in [each.spec, *each.units])
    assert set(re.findall(r"#[0-9a-fA-F]{6}", text)) <= {*COLORS, GRAY}
    assert each.spec["config"] == LOOK
    check_vega_lite(each.spec)
    assert each.spec["height"] > 0


def check_marks(each):
    """Of whole opacity, so that their colors have the contrast that is proved of them."""
    for unit in each.units:
        assert unit["mark"].get("opacity", 1) == (0 if unit["mark"].get("strokeWidth") == 16 else 1)
        if unit["mark"]["type"] in ("tick", "point"):
            assert unit["mark"]["opacity"] == 1  # Vega-Lite's own is 0.7


def check_drawn(found):
    assert found
    for each in found.values():
        check_says_what_it_shows(each)
        check_axes(each)
        check_where_axes_begin(each)
        check_fields(each)
        check_spec(each)
        check_marks(each)


def check_every(found):
    check_drawn(found)
    for each in found.values():
        check_no_missing_number_is_said(each)


@several_settings
@several_sets
def test_every_chart_is_whole(keys, under):
    found = draw(keys, under)
    check_every(found)
    assert {"rvus", "first and later", "dollars alone", "units alone", "areas"} <= set(found)
    timed = [key for key in keys if CODES[key]["time_rule"] == "timed15"]
    assert ({"dollars together", "units together"} <= set(found)) == (len(timed) > 1)
    assert ({*OF_YEARS} <= set(found)) == bool(IN_HISTORY & set(keys))


@pytest.mark.parametrize("under", [MEDICARE, CHICAGO], ids=lambda each: each.payer)
@pytest.mark.parametrize("keys", UNPRICED, ids=".".join)
def test_charts_of_codes_that_are_not_all_priced_are_whole(keys, under):
    found = draw(keys, under)
    check_drawn(found)
    assert {"first and later", "dollars alone"} <= set(found)


@pytest.mark.parametrize("keys", UNPRICED, ids=".".join)
def test_a_code_without_an_amount_is_said_without_a_number(keys):
    found = draw(keys, MEDICARE)
    for each in found.values():
        check_no_missing_number_is_said(each)
    dollars = compare.alone(keys, MEDICARE).groupby("code")["dollars"]
    missing = {key for key, of_code in dollars if of_code.isna().all()}
    assert missing
    for key in keys:
        (part,) = mentions(found["dollars alone"], key)
        assert (part.rstrip(".") == f"{key}: no amount") == (key in missing)
        assert bool(mentions(found["first and later"], key)) == (key not in missing)
        assert (key in set(found["dollars alone"].rows["line"])) == (key not in missing)


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
    assert not {"first and later", "dollars alone", "dollars together", "areas"} & set(found)


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
    for key in keys:
        row = table.loc[key]
        (said,) = mentions(found["rvus"], key)
        assert said == f"{key}: {row['total_rvu']:.2f}" + "." * (key == keys[-1])
        said = [
            figures(part.removeprefix(key).replace("2nd", ""))[0]
            for part in mentions(found["first and later"], key)
        ]
        assert said == ([] if pd.isna(row["first"]) else [row["first"], row["later"]])


@several_settings
@pytest.mark.parametrize("keys", [*SETS, ("97545", "97110")], ids=".".join)  # 97545 is from 61
def test_the_words_of_the_minutes_are_their_figures(keys, under):
    table = compare.alone(keys, under).set_index(["code", "minutes"])
    crossings = compare.crossing_minutes(keys, under)
    found = draw(keys, under)
    for value in ("units", "dollars"):
        each = found[f"{value} alone"]
        for key in keys:
            (part,) = mentions(each, key)
            at = [table.at[(key, minutes), value] for minutes in (30, 60)]
            if pd.isna(at).any():
                assert part.rstrip(".") == f"{key}: no amount"
            else:
                said = figures(part.removeprefix(key).partition(" Lines cross")[0])
                assert said == [at[0], 30, at[1], 60]
        marked = set(each.rows["crossing"].dropna())
        assert marked == (set(crossings) if value == "dollars" else set())
        assert each.rows["crossing"].dropna().is_unique, "a mark drawn twice"
        _, mark, rest = each.words.partition("Lines cross at ")
        assert bool(mark) == bool(marked)
        assert figures(rest) == sorted(marked)


@several_settings
@pytest.mark.parametrize("keys", [("97110", "97112"), ("97140", "97035", "97530", "97116")])
def test_the_words_of_the_minutes_together_are_their_figures(keys, under):
    table = compare.together(keys, under).set_index(["rule", "minutes"])
    found = draw(keys, under)
    for value in ("units", "dollars"):
        each = found[f"{value} together"]
        said = figures(each.words.removeprefix(each.alt))
        at = [(table.at[(rule, m), value], m) for rule in ("cms", "cpt") for m in (20, 60)]
        assert said == [number for pair in at for number in pair]
        assert each.words.index("Total time (CMS)") < each.words.index("Per-code midpoint (CPT)")


@pytest.mark.parametrize("kind", OF_MINUTES)
def test_where_figures_stand_beside_the_chart_its_words_lead_to_them(kind):
    """They are no part of the spec: with them in it each code would have it drawn anew."""
    each = draw(("97110", "97112"), MEDICARE)[kind]
    assert each.alt == f"{each.title}. Its figures follow in words."


@several_sets
def test_the_words_of_the_years_are_their_figures(keys):
    table = compare.history(keys)
    for value in ("total_rvu", "dollars"):
        for key in IN_HISTORY & set(keys):
            mine = table[table["code"] == key]
            ends = [(row[value], row["year"]) for _, row in mine.iloc[[0, -1]].iterrows()]
            (part,) = mentions(draw(keys, MEDICARE)[f"{value} by year"], key)
            assert figures(part.removeprefix(key)) == [n for pair in ends for n in pair]


@pytest.mark.parametrize("under", [CHICAGO, MEDICARE], ids=lambda each: each.locality)
@several_sets
def test_the_words_of_the_areas_are_their_figures(keys, under):
    table, each = compare.spread(keys, under), draw(keys, under)["areas"]
    for key, mine in table.groupby("code"):
        start = each.words.index(f"{key}: ")
        here = mine.loc[mine["locality"] == under.locality, "dollars"]
        said = figures(re.split(r"; (?=\w{5})", each.words[start + len(key) :])[0])
        assert said == [mine["dollars"].min(), mine["dollars"].max(), *here]
    assert list(each.rows["own"]) == list(table["locality"] == under.locality)


@several_sets
def test_the_words_of_medicares_use_are_its_figures(keys):
    table, found = compare.medicare_use(keys), draw(keys, MEDICARE)
    for column in MEDICARE_USE:
        assert (column in found) == bool(len(table))
        if len(table):
            expected = [(row["code"], row["year"], row[column]) for _, row in table.iterrows()]
            said = [
                (code, int(year), float(number.replace(",", "")))
                for code, year, number in re.findall(
                    r"(\w{5}) in (\d{4}): ([\d,.]*\d)", found[column].words
                )
            ]
            assert said == expected
            drawn = found[column].rows
            columns = (drawn["code"], drawn["year"].astype(int), drawn["value"])
            assert list(zip(*columns, strict=True)) == expected


# One color and one dash a code

OF_CODES = ["dollars alone", "units alone", *OF_YEARS, "areas"]
WHOLE = [keys for keys in SETS if set(keys) <= IN_HISTORY] + [("72100", "72100-26", "72100-TC")]
PARTLY = [
    ("S9117", "97110"),  # not in the history
    ("72100-26", "97112", "97161"),
    ("97010", "97110"),  # Medicare pays nobody: not in the localities
    ("97810", "S9117", "97110", "97112"),
]


def check_looks(keys, found):
    """A code has the color and the dash of its place, whatever else a chart leaves out."""
    places = {key: str(at) for at, key in enumerate(keys)}
    shown = [found[kind] for kind in OF_CODES if kind in found]
    assert shown
    for each in shown:
        assert each.lines() == {places[key]: key for key in each.lines().values()}, each.title
        assert list(each.scale("color").values()) == COLORS
        if TITLES[each.title] != "areas":
            assert list(each.scale("strokeDash").values()) == compare_charts.DASHES


@several_settings
@pytest.mark.parametrize("keys", WHOLE, ids=".".join)
def test_a_code_looks_the_same_on_all_charts(keys, under):
    check_looks(keys, draw(keys, under))


@pytest.mark.parametrize("keys", PARTLY, ids=".".join)
def test_a_code_looks_the_same_where_another_is_left_out(keys):
    check_looks(keys, draw(keys, MEDICARE))


@several_sets
def test_no_two_looks_are_alike(keys):
    for each in draw(keys, MEDICARE).values():
        for channel in ("color", "strokeDash"):
            look = [str(value) for value in each.scale(channel).values()]
            assert len(look) == len(set(look)), each.title


def test_a_line_is_told_apart_without_its_color():
    """Six codes: six dashes, by the same slots as the colors, and a name at each line's end."""
    keys = SETS[5]
    found = draw(keys, MEDICARE)
    for each in [found[kind] for kind in ("dollars alone", "units alone", *OF_YEARS)]:
        assert list(each.scale("strokeDash")) == list(each.scale("color"))
        names = each.rows["name"].dropna()
        assert sorted(names) == sorted(each.lines().values())
        last = each.rows["minutes" if "minutes" in each.rows else "year"]
        assert set(last[names.index]) == {last.max()}


def test_the_rules_have_one_look_on_both_charts():
    for kind in ("dollars together", "units together"):
        assert draw(SETS[0], MEDICARE)[kind].lines() == {"0": "CMS", "1": "CPT"}


@several_sets
def test_each_chart_names_its_codes_in_the_order_chosen(keys):
    for each in draw(keys, MEDICARE).values():
        for unit in each.units:
            order = (unit["encoding"].get("y") or {}).get("sort")
            if isinstance(order, list):
                assert order == [key for key in keys if key in order], each.title


@several_settings
@several_sets
def test_names_stand_beside_their_lines_and_not_over_each_other(keys, under):
    """In the order of the lines' ends, on the axis, at the end itself where there is room."""
    for kind in (*OF_MINUTES, *OF_YEARS):
        if kind in draw(keys, under):
            each = draw(keys, under)[kind]
            check_names(each, each.units[0]["encoding"]["y"]["scale"]["domain"][1])


def check_names(each, top):
    named = each.rows[each.rows["name"].notna()]
    ends = each.rows.dropna(subset="value").groupby("line")["value"].last()
    shown = dict(zip(named["name"], named["beside"], strict=True))
    order = sorted(shown, key=shown.__getitem__)
    assert [ends[name] for name in order] == sorted(ends[list(order)])
    assert all(0 <= at <= top for at in shown.values())
    gap = compare_charts.NAMES_APART * top
    assert all(shown[two] - shown[one] >= gap * 0.999 for one, two in pairwise(order))
    apart = [ends[two] - ends[one] for one, two in pairwise(order)]
    if all(each >= gap for each in apart):
        assert all(shown[name] == ends[name] for name in order)


# What is drawn is what the tables say


@several_settings
@several_sets
def test_the_rows_are_those_of_the_tables(keys, under):
    found = draw(keys, under)
    alone = compare.alone(keys, under)
    for value in ("dollars", "units"):
        cells = zip(alone["code"], alone["minutes"], strict=True)
        assert found[f"{value} alone"].by_minute() == dict(zip(cells, alone[value], strict=True))
    pd.testing.assert_frame_equal(
        found["areas"].rows[["code", "name", "dollars"]],
        compare.spread(keys, under)[["code", "name", "dollars"]],
    )


@several_settings
@pytest.mark.parametrize("keys", [("97110", "97112"), ("97140", "97035", "97530", "97116")])
def test_the_rows_of_the_visit_are_those_of_the_table(keys, under):
    together = compare.together(keys, under)
    for value in ("dollars", "units"):
        cells = zip(together["rule"].str.upper(), together["minutes"], strict=True)
        drawn = draw(keys, under)[f"{value} together"].by_minute()
        assert drawn == dict(zip(cells, together[value], strict=True))


def test_the_lines_are_the_chart_of_cms_and_its_reduction():
    """Against oracles that share nothing with the engine: units by the chart of 8 to 22 minutes,
    dollars by the fee formula, with half of the practice expense from the second unit on."""
    keys = ("97110", "97112", "97140")
    here = Prices(Decimal(1), Decimal(1), Decimal(1), Decimal("33.4009"))
    found = draw(keys, MEDICARE)
    units, dollars = (found[f"{value} alone"].by_minute() for value in ("units", "dollars"))
    for key in keys:
        row = CODES[key]
        parts = [Decimal(row[name]) for name in ("work_rvu", "pe_rvu_office", "mp_rvu")]
        for minute in range(121):
            assert units[key, minute] == chart_units(minute)
            paid = sum(reduced_units([Line(chart_units(minute), *parts)], here)[0])
            assert Decimal(str(dollars[key, minute])) == paid
    visit = found["units together"].by_minute()
    for minute in range(121):
        assert visit["CMS", minute] == chart_units(3 * minute)
        assert visit["CPT", minute] == 3 * chart_units(minute)


@for_each("key", KEYS)
def test_no_line_is_drawn_through_minutes_without_an_amount(key):
    """Of every code: its steps follow on each other from 0 to 120, or there is no line."""
    other = "97110" if key != "97110" else "97112"
    for value in ("dollars", "units"):
        each = compare_charts.alone((key, other), MEDICARE, value)
        table = each.rows.to_pandas()
        mine = table[table["line"] == key]
        assert mine.empty or mine["minutes"].iloc[0] == 0
        assert mine.empty or mine["minutes"].iloc[-1] == compare.MOST_MINUTES
        for one, two in pairwise(mine.itertuples()):
            assert one.until in (two.minutes, two.minutes + 1)
            assert one.span == (f"{one.minutes} to {one.until - 1}")


def test_a_finger_finds_the_whole_step():
    """A wide unseen mark over each step says its code, its minutes and its amount."""
    for kind in OF_MINUTES:
        each = draw(SETS[0], MEDICARE)[kind]
        (touch,) = [unit for unit in each.units if "tooltip" in unit["encoding"]]
        assert touch["mark"]["opacity"] == 0
        assert touch["encoding"]["x"]["field"] == "minutes"
        assert touch["encoding"]["x2"]["field"] == "until"
        assert [said["field"] for said in touch["encoding"]["tooltip"]] == ["line", "span", "value"]


def test_a_missing_year_is_a_gap_and_no_line():
    """97161 starts in 2017: its years before are drawn as missing, not as 0."""
    found = draw(("97161", "97110"), MEDICARE)
    for kind in OF_YEARS:
        table = found[kind].rows
        mine = table[table["line"] == "97161"].set_index("year")["value"]
        assert list(mine.index) == list(range(2013, 2027))
        assert mine.loc[:2016].isna().all()
        assert mine.loc[2017:].notna().all()


@several_sets
def test_the_rows_of_the_years_are_those_of_the_table(keys):
    table = compare.history(keys)
    for value in ("total_rvu", "dollars") if len(table) else ():
        drawn = draw(keys, MEDICARE)[f"{value} by year"].rows.dropna(subset="value")
        assert list(zip(drawn["line"], drawn["year"], drawn["value"], strict=True)) == list(
            zip(table["code"], table["year"], table[value], strict=True)
        )


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
    first = {kind: json.dumps(each.spec) for kind, each in draw_again(SETS[0], MEDICARE).items()}
    draw_again(SETS[1], LINE)
    again = {kind: json.dumps(each.spec) for kind, each in draw_again(SETS[0], MEDICARE).items()}
    assert again == first


@pytest.mark.parametrize("kind", ["dollars alone", "units alone"])
def test_a_line_more_changes_no_spec(kind):
    """The browser keeps the picture when a code comes, and only moves its lines."""
    more = ("97110", "97112", "97140")
    before, after = (draw(keys, MEDICARE)[kind] for keys in (more[:2], more))
    assert before.spec == after.spec
    assert before.alt == after.alt


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
        lambda table, spec, alt, **_: found.append(Drawing(table, spec, alt)),
    )
    guide_view.facts(code)
    (each,) = found
    check_every({"history": each})
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
