"""The guide without a browser: every code's page, the list, the search, and what goes wrong."""

import json
from decimal import Decimal
from functools import cache
from pathlib import Path

import own_codes
import pytest
import streamlit
from driving import opened, run, unmarked
from for_each import for_each
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles.fees import fee, rows
from oracles.units import chart_units
from own_codes import GOOD, LAST_ROW, with_row

from chirocalc.codes import hints
from chirocalc.links.codes import COMPARE
from chirocalc.links.visit import VISIT
from chirocalc.ui.shared import frame
from chirocalc.ui.shared.markdown import plain

ROOT = Path(__file__).parents[2]
TABLES = ROOT / "chirocalc" / "tables" / "data"
CODE_ROWS = rows(ROOT / "codes.csv")
CODES = {row["code"]: row for row in CODE_ROWS if not row["modifier"]}
TEXTS = {row["code"]: row for row in rows(TABLES / "guide.csv")}
STATUSES = {row["status"]: row for row in rows(TABLES / "statuses.csv")}
PAIRS = rows(TABLES / "pairs.csv")
THEN = {row["code"]: row for row in rows(TABLES / "then.csv")}
IN_HISTORY = {row["code"] for row in rows(TABLES / "history.csv")}
FACTOR = Decimal("33.4009")  # CY2026
ONE, HALF = Decimal(1), Decimal("0.5")
EXPANDERS = ["Pairs with other codes", "Hints that can fire", "Questions and answers"]
every_code = for_each("code", CODES)


def guide_page(**link_parts):
    """The guide as it opens at a link."""
    return opened("codes", link_parts)


@cache
def page_of(code):
    """A code's page, opened once for all tests."""
    return guide_page(code=code)


def words(at):
    """All Markdown on the page as a reader sees it: escapes taken out."""
    shown = [*at.markdown, *at.caption, *at.info, *at.header]
    return unmarked("\n".join(each.value for each in shown))


def links(at):
    """The links of the page below its menu, as (label, address)."""
    menu = {label for _, label, _ in frame.PAGES}
    found = [each.proto for each in at.get("page_link")]
    return [(link.label, link.query_string) for link in found if link.label not in menu]


def codes_linked(at):
    """The codes whose pages the page links to."""
    return [q.partition("=")[2] for _, q in links(at) if q.startswith("code=") and q != "code="]


def metrics(at):
    return {each.label: each.value for each in at.metric}


def expander(at, title):
    (found,) = [each for each in at.expander if each.label.startswith(title)]
    return found


# Every code


def rvus_of(row, place="office"):
    values = [row[k] for k in ("work_rvu", f"pe_rvu_{place}", "mp_rvu")]
    return tuple(map(Decimal, values)) if all(values) else None


def amount(row, pe_share=ONE):
    """Medicare's national amount of one unit for those it pays, as the page writes it."""
    if row["status"] not in ("A", "R", "C") or not rvus_of(row):
        return "–"
    return f"${fee(*rvus_of(row), ONE, ONE, ONE, FACTOR, pe_share):,.2f}"


def test_there_are_131_codes_and_each_has_a_text():
    assert len(CODES) == 131
    assert set(TEXTS) == set(CODES)


@every_code
def test_the_page_of_a_code_has_its_number_name_and_text(code):
    at, text = page_of(code), TEXTS[code]
    row = CODES[code]
    assert at.header[0].value.replace("\\", "") == f"{code} {row['name']}"
    assert not at.warning
    assert not at.error
    assert dict(at.query_params) == {"code": code}
    shown = words(at)
    for said in (text["plain"], text["purpose"], row["category"]):
        assert said in shown
    for name in filter(None, row["synonyms"].split("|")):
        assert name in shown
    for column in ("fits", "fits_not", "must_show", "mistakes"):
        for item in text[column].split("|"):
            assert f"- {item}" in shown
    assert ", ".join(text["specialties"].split("|")) in shown


@every_code
def test_the_figures_of_a_code_are_those_of_the_table(code):
    row, values = CODES[code], rvus_of(CODES[code])
    therapy = row["multiple_procedure"] == "5"
    assert metrics(page_of(code)) == {
        "Work RVU": row["work_rvu"] or "–",
        "Total RVU": f"{sum(values):.2f}" if values else "–",
        "First unit": amount(row),
        "Later unit": amount(row, HALF if therapy else ONE),
        "Most a day (MUE)": row["mue"] or "–",
    }


@every_code
def test_a_code_without_an_rvu_says_why(code):
    row, shown = CODES[code], words(page_of(code))
    assert ("No RVU, which is not 0.00." in shown) == (not row["work_rvu"])
    status = STATUSES[row["status"]]
    assert f"Status {row['status']} ({status['name']}): {status['medicare']}" in shown
    if not row["work_rvu"]:
        assert status["no_rvu"] in shown


RVU_TABLE = {
    "Work": lambda row: row["work_rvu"],
    "PE office": lambda row: row["pe_rvu_office"],
    "PE facility": lambda row: row["pe_rvu_facility"],
    "MP": lambda row: row["mp_rvu"],
    "Total office": lambda row: f"{sum(rvus_of(row)):.2f}",
    "Total facility": lambda row: f"{sum(rvus_of(row, 'facility')):.2f}",
}


@every_code
def test_the_rvus_of_a_code_and_its_parts(code):
    tables = [each.value for each in page_of(code).table if "One unit" in each.value.columns]
    if not CODES[code]["work_rvu"]:
        assert tables == []
        return
    (table,) = tables
    parts = [row for row in CODE_ROWS if row["code"] == code]
    assert len(table) == len(parts)
    assert table["One unit"].is_unique
    for name, of_row in RVU_TABLE.items():
        assert list(table[name]) == [of_row(row) for row in parts]


@every_code
def test_the_minutes_of_a_code_are_where_its_units_change(code):
    """Timed codes by the chart of the manual; where minutes do not count there is no table."""
    tables = [t.value for t in page_of(code).table if "One unit" not in t.value.columns]
    rule = CODES[code]["time_rule"]
    assert len(tables) == (rule in ("timed15", "clock"))
    if rule == "timed15":
        table = tables[0].set_index("Minutes")
        spans = [tuple(map(int, span.split(" to "))) for span in table.columns]
        assert [int(units) for units in table.loc["Units"]] == list(range(len(spans)))
        for units, (first, last) in enumerate(spans):
            assert {chart_units(at) for at in range(first, last + 1)} == {units}
        assert [last + 1 for _, last in spans[:-1]] == [first for first, _ in spans[1:]]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("97110", {"8 to 22": "1", "23 to 37": "2", "38 to 52": "3"}),
        ("97810", {"8 to 22": "1", "23 to 37": "2", "38 to 52": "3"}),
        ("97550", {"0 to 15": "0", "16 to 37": "1", "38 to 52": "2"}),
        ("98979", {"0 to 9": "0", "10 to 19": "1"}),
        ("98980", {"0 to 19": "0", "20 to 39": "1", "40 to 59": "2"}),
    ],
)
def test_printed_minutes_of_units(code, said):
    """domain 1.1, 1.4"""
    (table,) = [t.value for t in page_of(code).table if "One unit" not in t.value.columns]
    assert said.items() <= table.set_index("Minutes").loc["Units"].to_dict().items()


@every_code
def test_the_pairs_of_a_code_are_counted_and_named(code):
    pairs = [row for row in PAIRS if code in (row["column1"], row["column2"])]
    others = {row["column2"] if row["column1"] == code else row["column1"] for row in pairs}
    box = expander(page_of(code), "Pairs with other codes")
    assert box.label == f"Pairs with other codes ({len(pairs)})"
    shown = "\n".join(each.value for each in box.markdown)
    assert len(others) == len(pairs)
    assert all(other in shown for other in others)
    assert ("None is active in the pair table" in shown) == (not pairs)


@every_code
def test_each_pair_says_its_indicator_and_its_quarter(code):
    pairs = [row for row in PAIRS if code in (row["column1"], row["column2"])]
    said = "\n".join(each.value for each in expander(page_of(code), "Pairs with").caption)
    assert {row["vintage"] for row in pairs} == {q for q in QUARTERS if q in said}
    for indicator, meaning in (("0", "no modifier helps"), ("1", "a modifier may help")):
        stands = any(row["modifier_indicator"] == indicator for row in pairs)
        assert (f"Modifier indicator {indicator}: {meaning}" in said) == stands


QUARTERS = {row["vintage"] for row in PAIRS}


@every_code
def test_the_hints_of_a_code_are_counted_and_shown(code):
    rules = hints.rules_of(code)
    box = expander(page_of(code), "Hints that can fire")
    assert box.label == f"Hints that can fire ({len(rules)})"
    shown = [each.value for each in box.markdown]
    assert sum("-badge[" in each for each in shown) == len(rules)
    for rule in rules:
        assert any(rule.text in each and f"[{rule.level}]" in each for each in shown)
        assert any(rule.detail in each for each in shown)


@every_code
def test_the_questions_of_a_code_have_answers(code):
    shown = [each.value for each in expander(page_of(code), "Questions and answers").markdown]
    assert shown[0].startswith("**How are its units counted?** ")
    for each in shown:
        question, _, answer = each.removeprefix("**").partition("?** ")
        assert question
        assert len(answer) > 10
        assert answer[-1] in ".)"
    first = amount(CODES[code])
    if first != "–":
        worth = next(each for each in shown if each.startswith("**What is it worth?**"))
        assert first in worth.replace("\\", "")


@every_code
def test_nothing_missing_is_written_as_a_number(code):
    text = words(page_of(code))
    assert "<NA>" not in text
    assert " nan" not in text
    assert "$nan" not in text
    assert "None " not in text.replace("None is active", "").replace("None besides", "")


@for_each("code", THEN)
def test_then_and_now(code):
    """domain 6: the old figures are shown, dated, beside today's."""
    shown = words(page_of(code))
    now = f"{sum(rvus_of(CODES[code])):.2f}"
    assert f"printed {THEN[code]['total_rvu']} RVU for it; today it is {now}" in shown
    assert THEN[code]["dated"] in shown


@every_code
def test_the_history_is_drawn_where_there_is_one(code):
    charts = [each.proto for each in page_of(code).get("vega_lite_chart")]
    assert len(charts) == (code in IN_HISTORY)
    for chart in charts:
        assert code in chart.alt
        assert json.loads(chart.spec)["title"]


@every_code
def test_the_links_of_a_code_lead_where_they_say(code):
    found = dict(links(page_of(code)))
    assert found["All codes"] in ("code", "code=")
    manipulation = code in ("98940", "98941", "98942", "98943")
    assert ("In a visit" in found) != manipulation
    if not manipulation:
        state, problems = VISIT.decode(dict([found["In a visit"].split("=")]))
        assert (state["codes"], problems) == ([code], [])
    beside = {label: q for label, q in found.items() if label.startswith("Beside ")}
    neighbors = [c for c in CODES if CODES[c]["category"] == CODES[code]["category"]]
    assert len(beside) == min(3, len(neighbors) - 1)
    for label, query in beside.items():
        state, problems = COMPARE.decode(dict([query.split("=")]))
        assert (state["compared"], problems) == ([code, label.removeprefix("Beside ")], [])


# Addresses


@pytest.mark.parametrize(
    ("typed", "code"), [("s9117", "S9117"), ("0552t", "0552T"), ("72100-26", "72100")]
)
def test_lower_case_and_parts_lead_to_their_code(typed, code):
    at = guide_page(code=typed)
    assert at.header[0].value.startswith(f"{code} ")
    assert at.query_params["code"] == code
    assert not at.warning


@pytest.mark.parametrize(
    ("typed", "near"),
    [
        ("97119", ["97110", "97112", "97113"]),
        ("S9118", ["S9117", "S9129"]),
        ("9711", ["97110", "97112"]),
        ("💥", ["nothing near it is known"]),
        ("x" * 5000, ["nothing near it is known"]),
        ("<b>:red[x]", [r"\<b\>\:red\[x\]"]),
    ],
    ids=lambda value: str(value)[:12],
)
def test_an_unknown_code_is_said_with_the_nearest_and_the_list_is_shown(typed, near):
    at = guide_page(code=typed)
    assert len(at.warning) == 1
    for part in near:
        assert part in at.warning[0].value
    assert len(at.warning[0].value) < 300
    assert not at.header
    assert "97110" in codes_linked(at)


def test_going_from_code_to_code_and_back_to_the_list():
    at = guide_page(code="97112")
    for code in ("S9117", "98940"):
        at.query_params["code"] = code
        assert run(at).header[0].value.startswith(f"{code} ")
    at.query_params["code"] = ""
    at = run(at)
    assert not at.header
    assert "97110" in codes_linked(at)
    assert not at.query_params


@pytest.fixture
def titles(monkeypatch):
    """The titles that pages give themselves."""
    found = []
    monkeypatch.setattr(
        streamlit, "set_page_config", lambda page_title, **_: found.append(page_title)
    )
    return found


@pytest.mark.parametrize(
    ("link", "title"),
    [
        ({}, "Guide · Chirocalc"),
        ({"code": "97112"}, "97112 · Chirocalc"),
        ({"code": ""}, "Guide · Chirocalc"),
    ],
)
def test_the_title_of_the_page(link, title, titles):
    guide_page(**link)
    assert titles[-1] == title


@settings(max_examples=40)
@given(
    st.dictionaries(
        st.sampled_from(["code", "codes", "payer", "x"]),
        st.text(max_size=30)
        | st.sampled_from([*CODES, "97110-", "-", "72100-TC", "97110.97112"])
        | st.text("0123456789S-.T", max_size=7),
        max_size=3,
    )
)
def test_no_link_breaks_the_guide(parts):
    at = guide_page(**parts)
    assert not at.error
    assert at.header or codes_linked(at)


# The list


def test_every_code_is_reached_through_its_category():
    at = guide_page()
    pills = at.get_by_key("guide_category")
    assert set(pills.options) == {row["category"] for row in CODES.values()}
    reached = []
    for category in pills.options:
        at.get_by_key("guide_category").set_value(category)
        at = run(at)
        here = [code for code, row in CODES.items() if row["category"] == category]
        assert codes_linked(at) == here
        for label, query in links(at):
            code = query.removeprefix("code=")
            assert label.replace("\\", "") == f"{code} {CODES[code]['name']}"
        reached += here
    assert sorted(reached) == sorted(CODES)


def test_no_category_shows_no_code_and_no_error():
    at = guide_page()
    at.get_by_key("guide_category").set_value(None)
    assert codes_linked(run(at)) == []


# The search


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("97112", "97112"),
        ("s9117", "S9117"),
        ("back school", "S9117"),
        ("muscle energy", "97140"),
        ("posture exercise", "97112"),
        ("manual therapy", "97140"),
        ("vax-d", "S9090"),
        ("  Manual   THERAPY ", "97140"),
        ("manuel therapie", "97140"),
        ("72100-26", "72100"),
        ("dry needling", "20560"),
    ],
)
def test_the_search_links_to_what_is_meant(typed, first):
    at = guide_page(code="99080")
    before = codes_linked(at)
    at.text_input(key="guide_search").set_value(typed)
    found = codes_linked(run(at))[: -len(before) or None]
    assert found[0] == first
    assert len(found) <= 10
    assert at.header[0].value.startswith("99080 ")


@pytest.mark.parametrize("typed", ["zzzz", "💥", "the of", "x" * 5000, "97119", "***", "("])
def test_what_is_not_found_is_said(typed):
    at = guide_page(code="99080")
    before = codes_linked(at)
    at.text_input(key="guide_search").set_value(typed)
    at = run(at)
    assert codes_linked(at) == before
    assert "Nothing fits. Try another word for it, or fewer words." in words(at)
    at.text_input(key="guide_search").set_value("back school")
    assert "Nothing fits." not in words(run(at))


@cache
def list_without_a_category():
    at = guide_page()
    at.get_by_key("guide_category").set_value(None)
    return at


@every_code
def test_every_code_is_found_by_its_number_and_by_its_name(code):
    """One page for all: searches follow each other, as in a session."""
    at = list_without_a_category()
    for typed in (code, CODES[code]["name"]):
        at.text_input(key="guide_search").set_value(typed)
        assert code in codes_linked(run(at)), typed


# codes.csv

OWN = own_codes.OWN | {
    "name": "Kinesio <tape> & :red[more] $5",
    "synonyms": "taping|kt *tape*",
    "category": "Own [x]",
}
NO_RVUS = dict.fromkeys(["work_rvu", "pe_rvu_office", "pe_rvu_facility", "mp_rvu"], "")


def test_a_clinics_own_code_is_shown_without_a_text(codes_file):
    codes_file.write_text(with_row(OWN), encoding="utf-8")
    at = guide_page(code="a1234")
    assert at.header[0].value == f"A1234 {plain(OWN['name'])}"
    assert at.info[0].value.startswith("No text for this code yet: add a row to")
    assert "chirocalc/tables/data/guide.csv" in at.info[0].value
    assert metrics(at) == {
        "Work RVU": "0.40",
        "Total RVU": "0.76",
        "First unit": f"${fee(*rvus_of(OWN), ONE, ONE, ONE, FACTOR)}",
        "Later unit": f"${fee(*rvus_of(OWN), ONE, ONE, ONE, FACTOR)}",
        "Most a day (MUE)": "–",
    }
    for each in (":red[more]", "kt *tape*", "<tape>"):
        assert each not in "".join(m.value for m in [*at.markdown, *at.header])


def test_a_clinics_own_code_is_in_the_list_and_found(codes_file):
    codes_file.write_text(with_row(OWN), encoding="utf-8")
    at = guide_page()
    at.get_by_key("guide_category").set_value("Own [x]")
    assert codes_linked(run(at)) == ["A1234"]
    at.get_by_key("guide_category").set_value(None)
    at.text_input(key="guide_search").set_value("taping")
    assert codes_linked(run(at))[0] == "A1234"


@pytest.mark.parametrize(
    "change",
    [
        {},
        NO_RVUS,
        NO_RVUS | {"status": "C"},
        {"time_rule": "untimed", "unit_minutes": "", "from_minutes": ""},
        {"time_rule": "counted", "mue": "0", "mai": "3"},
        {"time_rule": "level", "from_minutes": "20", "status": "N"},
        {"time_rule": "clock", "repeats": "once", "unit_minutes": "30", "from_minutes": "16"},
        {"time_rule": "clock", "repeats": "each", "unit_minutes": "240", "from_minutes": "200"},
        {"time_rule": "clock", "repeats": "once", "to_minutes": "20"},
        {"time_rule": "clock", "repeats": "each", "parent": "97810"},
        {"time_rule": "untimed", "parent": "97161|97162"},
        {"multiple_procedure": "5", "status": "R"},
        {"category": "Therapeutic procedure"},
        {"synonyms": ""},
    ],
    ids=str,
)
def test_a_clinics_own_code_of_any_kind_is_shown(change, codes_file):
    codes_file.write_text(with_row(OWN | change), encoding="utf-8")
    at = guide_page(code="A1234")
    assert not at.error
    assert at.header[0].value.startswith("A1234 ")
    assert sorted(each.label.partition(" (")[0] for each in at.expander) == sorted(EXPANDERS)
    assert "nan" not in words(at)


@pytest.mark.parametrize("start", ["5", "10", "0"])
def test_minutes_that_would_be_said_but_not_counted_are_refused(start, codes_file):
    """The engine starts every timed15 code at 8; the page must not say another minute."""
    codes_file.write_text(with_row(OWN | {"from_minutes": start}), encoding="utf-8")
    at = guide_page(code="A1234")
    assert f"row {LAST_ROW}, from_minutes: '{start}' must be 8" in at.error[0].value


@pytest.mark.parametrize("link", [{}, {"code": "97112"}], ids=str)
@pytest.mark.parametrize(
    ("text", "said"),
    [
        (with_row(OWN | {"work_rvu": "x"}), f"codes.csv, row {LAST_ROW}, work_rvu: 'x'"),
        ("", "nothing in it"),
    ],
)
def test_a_broken_codes_file_is_a_sentence(text, said, link, codes_file):
    codes_file.write_text(text, encoding="utf-8")
    at = guide_page(**link)
    assert len(at.error) == 1
    assert said in at.error[0].value


def test_a_missing_codes_file_is_a_sentence(codes_file):
    codes_file.unlink()
    assert "was not found" in guide_page(code="97112").error[0].value


def test_a_code_that_is_taken_out_of_the_file_under_a_session_is_said(codes_file, save_later):
    codes_file.write_text(with_row(OWN), encoding="utf-8")
    at = guide_page(code="A1234")
    save_later(GOOD)
    at = run(at)
    assert at.error or at.warning or not at.header
