"""What the charts of the audit draw: honest axes, figures in words, colors for everyone."""

import json
import math
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
import streamlit as st
from hypothesis import given, settings
from hypothesis import strategies as some
from oracles.colors import check_seen_by_everyone
from oracles.fees import rows
from specs import check_vega_lite

from chirocalc import Settings, exports, tables
from chirocalc.audit import files as visit_files
from chirocalc.audit import parts as audit_files
from chirocalc.audit.columns import recognize
from chirocalc.audit.sample import sample
from chirocalc.audit.totals import LEVELS, Totals
from chirocalc.ui.audit import charts as audit_charts
from chirocalc.ui.audit import preview, results
from chirocalc.ui.charts import LOOK, VALUE
from chirocalc.words import LEVEL_NAMES

ROOT = Path(__file__).parents[2]
SPINAL = ["98940", "98941", "98942"]
TITLES = {
    "units_by_code": "Units billed and supported, if both known",
    "minutes_a_unit": "Average minutes a unit (line: 15)",
    "manipulations": "Adjustment codes, share of each",
    "work_by_month": "Work RVUs by month and treating provider",
    "findings_by_rule": "Findings by rule",
}
# The unit of each chart's numbers, on its axis or in its title.
UNIT_WORDS = {
    "units_by_code": "Units",
    "minutes_a_unit": "Minutes",
    "manipulations": "share",
    "work_by_month": "wRVUs",
    "findings_by_rule": "Findings",
}
UNDER = [
    Settings(),
    Settings(payer="commercial-midpoint", provider="pt"),
    Settings(payer="self-pay", locality="06102-16", place="facility"),
]
MADE_UP = {
    "one adjustment": [["V1", "98941", "", "1"]],
    "one timed": [["V1", "97110", "20", "1"]],
    "no units": [["V1", "97110", "20", ""], ["V2", "98940", "", ""]],
    "no minutes": [["V1", "97110", "", "2"]],
    "nothing paid": [["V1", "S9117", "", "1"], ["V2", "97010", "", "1"]],
    "most": [[f"V{n}", "97110", "1440", "96"] for n in range(30)],
    "zero units": [["V1", "97110", "5", "0"], ["V2", "98941", "", "0"]],
}


def audit_of(table, under=UNDER[0]):
    """The audit of a table, as the page makes it."""
    file = visit_files.open_file(exports.csv_bytes(table), "visits.csv")
    return audit_files.audit_in_memory([file], recognize(file.header), under)


@cache
def sample_audit(number=0):
    return audit_of(sample(), UNDER[number])


def made_up(name):
    return audit_of(pd.DataFrame(MADE_UP[name], columns=["Visit", "CPT", "Minutes", "Units"]))


class Drawing:
    """One chart as it was handed to Streamlit: rows, specification, words."""

    def __init__(self, table, spec, words):
        self.rows, self.spec, self.alt = table, spec, words
        self.layers = spec.get("layer", [spec])
        self.title = spec.get("title", self.layers[0].get("title"))

    def encodings(self, channel):
        return [e["encoding"][channel] for e in self.layers if channel in e["encoding"]]

    def colors(self):
        """Which color each name has."""
        scale = self.encodings("color")[0]["scale"]
        return dict(zip(scale["domain"], scale["range"], strict=True))


def captured(show):
    """All pictures of a part of the page, by name."""
    names, found = {title: name for name, title in TITLES.items()}, {}

    def capture(table, spec, *, alt, width, theme):
        assert (width, theme) == ("stretch", None)
        drawing = Drawing(table.to_pandas(), spec, alt)
        name = drawing.name = names[drawing.title]
        assert name not in found
        found[name] = drawing

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(st, "vega_lite_chart", capture)
        patch.setattr(st, "markdown", lambda *_: None)
        show()
    return found


def drawings(totals):
    """All pictures of an audit."""
    return captured(lambda: results.pictures(audit_charts.pictures(totals)))


@pytest.fixture(scope="module")
def drawn():
    return drawings(sample_audit().totals)


# What holds of every chart


def check_says_what_it_shows(each):
    assert re.search(r"\d", each.alt)
    for word in ("nan", "None", "<NA>", "inf"):
        assert word not in each.alt
    assert len(each.rows), "a chart of nothing"


def number_axis(each):
    """The axis of the bars' numbers, and the field on the other one."""
    (x, *_), (y, *_) = each.encodings("x"), each.encodings("y")
    return (x, y["field"]) if x["type"] == "quantitative" else (y, x["field"])


ROUND = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10]


def is_round(end):
    """Few ends exist: an axis stays as it is while its figures change a little."""
    first = end / 10 ** math.floor(math.log10(end))
    return any(math.isclose(first, step) for step in ROUND)


def check_axis(each):
    """It says its unit, starts at 0, ends at a round number and holds all of the data, stacked
    bars too."""
    axis, other = number_axis(each)
    assert UNIT_WORDS[each.name] in f"{axis['title'] or ''} {each.title}"
    start, end = axis["scale"]["domain"]
    assert start == 0
    assert is_round(end)
    assert each.rows[axis["field"]].min() >= 0
    by = [other, *(offset["field"] for offset in each.encodings("yOffset"))]
    assert each.rows.groupby(by)[axis["field"]].sum().max() <= end


def check_look(each):
    """That of all charts, with room at the right for the numbers beside the bars."""
    assert each.spec["config"] is LOOK
    beside = any(layer["mark"]["type"] == "text" for layer in each.layers)
    assert each.spec["padding"]["right"] >= (VALUE if beside else 8)


def check_fields(each):
    named = set(re.findall(r'"field": "(\w+)"', json.dumps([e["encoding"] for e in each.layers])))
    assert named <= set(each.rows.columns)


def check_numbers(each):
    """A number beside a bar is that bar's own, at its end."""
    bars, *others = each.layers
    for layer in others:
        if layer["mark"]["type"] == "text":
            shown = layer["encoding"]
            axis = number_axis(each)[0]
            assert shown["text"]["field"] == shown["x"]["field"] == axis["field"]
            for channel in ("y", "yOffset"):
                assert shown[channel] == bars["encoding"][channel]
            assert shown["x"]["scale"] == axis["scale"]
            (tooltip,) = (t for t in bars["encoding"]["tooltip"] if t["field"] == axis["field"])
            assert shown["text"]["format"] == tooltip["format"]


def check_spec(each):
    """Valid by Altair's schema, without data."""
    text = json.dumps(each.spec)
    assert '"values": [{' not in text
    assert "datasets" not in text
    assert all("data" not in part for part in [each.spec, *each.layers])
    check_vega_lite(each.spec)
    assert each.spec["height"] > 0


def check_colors(each):
    """One for each name, told apart by everyone; of more than six a scheme that has enough."""
    colors = {c.upper() for c in re.findall(r"#[0-9a-fA-F]{6}", json.dumps(each.spec))}
    check_seen_by_everyone(colors)
    for encoding in each.encodings("color"):
        if encoding == {"value": "gray"}:  # the theme's, for numbers beside bars
            continue
        names, scale = set(each.rows[encoding["field"]]), encoding["scale"]
        if scheme := scale.get("scheme"):
            assert 6 < len(names) <= int(scheme.removeprefix("tableau"))
        else:
            assert names <= set(scale["domain"])
            assert len(set(scale["range"])) == len(scale["domain"])


def check_every(found):
    for each in found.values():
        check_says_what_it_shows(each)
        check_axis(each)
        check_fields(each)
        check_numbers(each)
        check_look(each)
        check_spec(each)
        check_colors(each)


@pytest.mark.parametrize("number", range(len(UNDER)), ids=lambda at: UNDER[at].payer)
def test_every_chart_of_the_sample_is_whole(number):
    found = drawings(sample_audit(number).totals)
    assert set(found) == set(TITLES)
    check_every(found)


@pytest.mark.parametrize("name", MADE_UP)
def test_every_chart_of_a_small_file_is_whole(name):
    check_every(drawings(made_up(name).totals))


def test_a_file_without_lines_has_no_pictures():
    table = pd.DataFrame(columns=["Visit", "CPT"], dtype=str)
    assert drawings(audit_of(table).totals) == {}


CODES = some.sampled_from(["98940", "98941", "98943", "97110", "97140", "97014", "S9117", "99213"])
NUMBERS = some.integers(0, 200).map(str) | some.just("")
LINES = some.tuples(some.sampled_from(["V1", "V2", "V3"]), CODES, NUMBERS, NUMBERS)


@settings(max_examples=20)
@given(some.lists(LINES, min_size=1, max_size=8))
def test_every_chart_of_any_file_is_whole(lines):
    table = pd.DataFrame(lines, columns=["Visit", "CPT", "Minutes", "Units"], dtype=str)
    check_every(drawings(audit_of(table).totals))


REGIONED = ["Visit", "CPT", "Minutes", "Units", "Modifiers", "Region"]


def test_a_rule_of_two_levels_stays_inside_its_axis():
    """97140 beside an adjustment: to fix in the same region, lacking where none is given."""
    lines = []
    for number, region in enumerate(["lumbar", ""] * 60):
        adjusted = "cervical|thoracic|lumbar"
        lines += [[f"V{number}", "98941", "", "1", "AT", adjusted]]
        lines += [[f"V{number}", "97140", "15", "1", "", region]]
    answer = audit_of(pd.DataFrame(lines, columns=REGIONED), Settings("commercial-total-time"))
    each = drawings(answer.totals)["findings_by_rule"]
    assert list(each.rows["level"]) == ["Would be denied", "Missing"]
    check_axis(each)


def totals_with(by_month):
    """The sample's totals with other months."""
    mine = sample_audit().totals
    return Totals(mine.by_code, mine.by_rule, by_month, mine.at_stake, mine.rows, Counter())


def months_of(providers):
    index = pd.MultiIndex.from_product([["2026-03"], providers], names=["month", "provider"])
    return totals_with(pd.DataFrame({"visits": 1, "work": 100}, index=index))


@pytest.mark.parametrize("count", [1, 3, 6, 7, 10, 11, 20, 25])
def test_providers_are_told_apart(count):
    found = drawings(months_of([f"Clinician {n}" for n in range(count)]))
    check_every({"work_by_month": found["work_by_month"]})


def test_of_many_providers_those_with_the_most_are_named_and_the_rest_are_others():
    months = months_of([f"Clinician {n}" for n in range(30)]).by_month
    months["work"] = range(100, 3100, 100)
    each = drawings(totals_with(months))["work_by_month"]
    shown = each.rows.set_index("provider")["work"].to_dict()
    named = {f"Clinician {n}": n + 1.0 for n in range(21, 30)}
    assert shown == named | {"others": sum(range(1, 22))}


# What the charts say and draw


def one_line(code, **numbers):
    return f"{code}: " + ", ".join(f"{value} {name}" for name, value in numbers.items())


def by_code(table, columns):
    """Sums of columns by code, from the lines of an audit."""
    return table.groupby("code")[columns].sum().astype(int)


def test_the_units_are_those_of_lines_where_both_are_known(drawn):
    each, lines = drawn["units_by_code"], sample_audit().lines
    both = lines[lines["billed"].notna() & lines["supported"].notna()]
    sums = by_code(both, ["billed", "supported"])
    words = "; ".join(one_line(row.Index, billed=row.billed, supported=row.supported)
                      for row in sums.itertuples())  # fmt: skip
    assert each.alt == f"Units billed and supported, by code. {words}."
    shown = each.rows.pivot(index="code", columns="units", values="count").astype(int)
    pd.testing.assert_frame_equal(shown, sums, check_names=False, check_dtype=False)
    assert list(each.colors()) == ["billed", "supported"]


def test_units_are_of_the_twenty_codes_with_the_most_lines():
    keys = list(dict.fromkeys(r["code"] for r in rows(ROOT / "codes.csv")))[:25]
    lines = [[f"V{n}{i}", key, "15", "1"] for n, key in enumerate(keys) for i in range(n + 1)]
    answer = audit_of(pd.DataFrame(lines, columns=["Visit", "CPT", "Minutes", "Units"]))
    each = drawings(answer.totals)["units_by_code"]
    compared = answer.lines[answer.lines["billed"].notna() & answer.lines["supported"].notna()]
    most = compared["code"].value_counts().nlargest(20)
    assert sorted(set(each.rows["code"])) == sorted(most.index)


def minutes_a_unit_of(table):
    """Average minutes of a billed unit, over the lines that have both."""
    both = table[table["billed"].fillna(0).gt(0) & table["minutes"].fillna(0).gt(0)]
    sums = by_code(both, ["minutes", "billed"])
    return (sums["minutes"] / sums["billed"]).round(1).astype(float)


def said_minutes(each):
    return {code: float(value) for code, value in re.findall(r"(\w{5}): ([\d.]+\d)", each.alt)}


def test_the_words_of_minutes_a_unit_are_what_is_drawn(drawn):
    each = drawn["minutes_a_unit"]
    assert said_minutes(each) == dict(zip(each.rows["code"], each.rows["minutes"], strict=True))
    assert each.alt.startswith("Average minutes a unit, by code. 97035: ")


def test_minutes_a_unit_are_of_the_lines_that_have_both():
    rows_of = [["V1", "97110", "30", "2"], ["V2", "97110", "40", "2"], ["V3", "97140", "12", "1"]]
    answer = audit_of(pd.DataFrame(rows_of, columns=["Visit", "CPT", "Minutes", "Units"]))
    assert said_minutes(drawings(answer.totals)["minutes_a_unit"]) == {"97110": 17.5, "97140": 12.0}


def test_minutes_a_unit_of_the_sample_are_of_the_lines_that_have_both(drawn):
    assert (
        said_minutes(drawn["minutes_a_unit"]) == minutes_a_unit_of(sample_audit().lines).to_dict()
    )


def test_minutes_of_lines_without_units_are_not_in_the_average():
    rows_of = [["V1", "97110", "15", "1"], ["V2", "97110", "45", ""]]
    answer = audit_of(pd.DataFrame(rows_of, columns=["Visit", "CPT", "Minutes", "Units"]))
    assert said_minutes(drawings(answer.totals)["minutes_a_unit"]) == {"97110": 15.0}


def test_the_rule_stands_at_fifteen_minutes(drawn):
    bars, rule = drawn["minutes_a_unit"].layers
    assert rule["mark"]["type"] == "rule"
    assert rule["encoding"]["x"] == {"datum": 15}
    assert bars["encoding"]["x"]["scale"]["domain"][1] >= 15


def shares(lines):
    counts = lines["code"].value_counts().reindex(SPINAL, fill_value=0)
    return (counts / counts.sum()).to_dict()


def medicare_shares(year):
    use = {
        row["code"]: int(row["services"])
        for row in rows(ROOT / "chirocalc/tables/data/medicare_use.csv")
        if row["year"] == str(year) and row["code"] in SPINAL
    }
    return {code: use[code] / sum(use.values()) for code in SPINAL}


def test_the_mix_is_beside_medicares(drawn):
    each = drawn["manipulations"]
    expected = {
        "This file": shares(sample_audit().lines),
        "Medicare 2019": medicare_shares(2019),
        "Medicare 2024": medicare_shares(2024),
    }
    shown = each.rows.pivot(index="code", columns="of", values="share").to_dict()
    assert shown == {name: pytest.approx(of) for name, of in expected.items()}
    words = "; ".join(
        f"{code}, {name}: {of[code]:.0%}" for name, of in expected.items() for code in SPINAL
    )
    assert each.alt == f"Shares of the adjustment codes. {words}."
    assert list(each.colors()) == list(expected)


def test_a_file_without_adjustments_has_no_mix():
    assert "manipulations" not in drawings(made_up("one timed").totals)
    assert audit_charts.mix(made_up("one timed").totals, "Sample") is None


def test_the_mix_before_any_file_is_the_samples_and_is_called_so(drawn):
    """The same figures as of a file, under a name that nobody takes for his own."""
    shown, of_file = captured(preview.show), drawn["manipulations"]
    check_every(shown)
    (before,) = shown.values()
    assert before.alt == of_file.alt.replace("This file", "Sample")
    assert list(before.colors()) == ["Sample", "Medicare 2019", "Medicare 2024"]
    assert list(before.colors().values()) == list(of_file.colors().values())
    named = of_file.rows.assign(of=of_file.rows["of"].replace("This file", "Sample"))
    pd.testing.assert_frame_equal(before.rows, named)


def test_work_rvus_are_those_of_the_lines(drawn):
    each, lines = drawn["work_by_month"], sample_audit().lines
    sums = lines.groupby(["month", "provider"])["work_rvu"].sum().round(2)
    words = "; ".join(f"{month}, {who}: {work:,.2f}" for (month, who), work in sums.items())
    assert each.alt == f"Work RVUs by month. {words}."
    shown = each.rows.set_index(["month", "provider"])["work"].round(2)
    assert shown.to_dict() == sums.to_dict()


def test_no_date_and_no_provider_are_named():
    answer = made_up("one adjustment")
    work = answer.lines["work_rvu"].sum()
    each = drawings(answer.totals)["work_by_month"]
    assert each.alt == f"Work RVUs by month. no date, not given: {work:.2f}."


def rules_found(found):
    names = tables.rule_names()["name"]
    counts = found.groupby(["rule", "level"]).size()
    return {(names[rule], LEVEL_NAMES[level]): count for (rule, level), count in counts.items()}


def test_findings_are_counted_by_rule(drawn):
    each, found = drawn["findings_by_rule"], sample_audit().findings
    shown = each.rows.set_index(["rule", "level"])["findings"].to_dict()
    assert shown == rules_found(found)
    said = re.findall(
        rf"(?:\. |; )(.+?) \(({'|'.join(LEVEL_NAMES.values())})\): (\d+)(?=[;.])", each.alt
    )
    assert {(rule, level): int(count) for rule, level, count in said} == rules_found(found)
    assert list(each.colors()) == [LEVEL_NAMES[level] for level in LEVELS]


def test_the_gravest_findings_come_first(drawn):
    levels = list(drawn["findings_by_rule"].rows["level"])
    assert levels == sorted(levels, key=[*map(LEVEL_NAMES.get, LEVELS)].index)


def test_long_names_of_rules_are_not_cut(drawn):
    """Source Sans takes 5.1 pixels a letter for the longest of them in labels of 12 pixels."""
    each = drawn["findings_by_rule"]
    assert each.spec["config"]["axis"]["labelFontSize"] == 12
    (axis,) = each.encodings("y")
    longest = tables.rule_names()["name"].str.len().max()
    assert axis["axis"]["labelLimit"] >= 5.1 * longest


def test_drawing_changes_neither_totals_nor_specs():
    totals = sample_audit().totals
    kept = {name: getattr(totals, name).copy() for name in ("by_code", "by_rule", "by_month")}
    first = {name: json.dumps(each.spec) for name, each in drawings(totals).items()}
    drawings(made_up("most").totals)
    again = {name: json.dumps(each.spec) for name, each in drawings(totals).items()}
    assert first == again
    for name, table in kept.items():
        pd.testing.assert_frame_equal(getattr(totals, name), table)


def test_a_chart_is_built_once_for_the_same_names():
    """A new specification at each click would cost more than all else on the page; that with names
    of providers is a session's own."""
    totals = sample_audit().totals
    first, again = drawings(totals), drawings(totals)
    for name, each in first.items():
        assert again[name].spec == each.spec
        if name != "work_by_month":
            assert all(again[name].spec[part] is each.spec[part] for part in each.spec)
    assert audit_charts.MOST_CODES == 20


def test_no_provider_is_in_a_cache_of_the_process(monkeypatch):
    """One session's names must not be there when another's chart is built."""
    built = []
    original = audit_charts._months_spec

    def noted(*given):
        built.append((given, original(*given)))
        return built[-1][1]

    monkeypatch.setattr(audit_charts, "_months_spec", noted)
    _, spec, _ = audit_charts.work_by_month(sample_audit().totals)
    assert "Clinician A" in json.dumps(spec)
    assert "Clinician" not in json.dumps(built)
