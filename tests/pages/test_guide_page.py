"""The guide without a browser: every code's page, the list, the search, and what goes wrong."""

import json
import re
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from html import unescape
from pathlib import Path

import own_codes
import pytest
import streamlit
from driving import enter, opened, run, unmarked
from for_each import for_each
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles.fees import fee, rows
from oracles.guide_texts import whole_texts
from oracles.units import chart_units
from own_codes import GOOD, LAST_ROW, with_row

from chirocalc.codes import hints
from chirocalc.links.codes import COMPARE
from chirocalc.links.visit import VISIT
from chirocalc.ui.shared import frame
from chirocalc.ui.shared.markdown import plain
from chirocalc.words import LEVEL_NAMES

ROOT = Path(__file__).parents[2]
TABLES = ROOT / "chirocalc" / "tables" / "data"
CODE_ROWS = rows(ROOT / "codes.csv")
CODES = {row["code"]: row for row in CODE_ROWS if not row["modifier"]}
TEXTS = whole_texts(TABLES / "guide.csv")
STATUSES = {row["status"]: row for row in rows(TABLES / "statuses.csv")}
PAIRS = rows(TABLES / "pairs.csv")
THEN = {row["code"]: row for row in rows(TABLES / "then.csv")}
IN_HISTORY = {row["code"] for row in rows(TABLES / "history.csv")}
FACTOR = Decimal("33.4009")  # CY2026
ONE, HALF = Decimal(1), Decimal("0.5")
PLACES = {f"{row['mac']}-{row['locality']}": row for row in rows(TABLES / "localities.csv")
          if row["effective_from"] == "2026-01-01"}  # fmt: skip
EXPANDERS = ["Pairs with other codes", "What the calculator checks for this code"]
OPEN = {"fold pairs": True, "fold rules": True}
every_code = for_each("code", CODES)


def guide_page(**link_parts):
    """The guide as it opens at a link."""
    return opened("codes", link_parts)


@cache
def page_of(code):
    """A code's page with all that is folded open, opened once for all tests."""
    return opened("codes", {"code": code}, **OPEN)


def words(at):
    """All Markdown on the page as a reader sees it: escapes taken out."""
    shown = [*at.markdown, *at.caption, *at.info, *at.title, *at.header]
    return unmarked("\n".join(each.value for each in shown))


def tables_of(at):
    """The tables of codes as they are sent; the menu has a component of its own."""
    components = [each.proto for each in at.get("bidi_component")]
    return [
        json.loads(each.json) for each in components if each.component_name == "chirocalc_codes"
    ]


def table(at):
    """The table of codes as it is sent: by code its cells by column."""
    found = tables_of(at)
    if not found:
        return {}
    names = [column["id"] for column in found[0]["columns"]]
    return {row[0]: dict(zip(names, row, strict=True)) for row in found[0]["rows"]}


def click(at, code):
    """What a click on a row of the table does."""
    at.session_state["guide_opened"] = code
    return run(at)


def type_in(at, typed):
    at.text_input(key="guide_search").set_value(typed)
    return run(at)


def links(at):
    """The links of the page below its menu, as (label, address)."""
    menu = {label for _, label, _ in frame.PAGES}
    found = [each.proto for each in at.get("page_link")]
    return [(link.label, link.query_string) for link in found if link.label not in menu]


def expander(at, title):
    (found,) = [each for each in at.expander if each.label.startswith(title)]
    return found


# Every code

VALUES = "Units and values"


def rvus_of(row, place="office"):
    values = [row[k] for k in ("work_rvu", f"pe_rvu_{place}", "mp_rvu")]
    return tuple(map(Decimal, values)) if all(values) else None


def amount(row, pe_share=ONE, gpcis=(ONE, ONE, ONE), place="office"):
    """Medicare's amount of one unit for those it pays, as the page writes it; national unless
    GPCIs are given."""
    if row["status"] not in ("A", "R", "C") or not rvus_of(row):
        return "–"
    return f"${fee(*rvus_of(row, place), *gpcis, FACTOR, pe_share):,.2f}"


def figures(row, place="office", gpcis=(ONE, ONE, ONE)):
    """The line of figures under a code's name."""
    share = HALF if row["multiple_procedure"] == "5" else ONE
    first, later = (amount(row, each, gpcis, place) for each in (ONE, share))
    values = rvus_of(row, place)
    dollars = f"**{first}** first unit · **{later}** each later unit"
    dollars = dollars if first != later else f"**{first}** a unit"
    total = f"{sum(values):.2f}" if values else "–"
    return f"{dollars} · **{row['work_rvu'] or '–'}** work RVU · **{total}** total RVU"


def test_there_are_279_codes_and_each_has_a_text():
    assert len(CODES) == 279
    assert set(TEXTS) == set(CODES)


@every_code
def test_the_page_of_a_code_has_its_number_name_and_text(code):
    at, text = page_of(code), TEXTS[code]
    row = CODES[code]
    assert [unmarked(each.value) for each in at.title] == [f"{code} {row['name']}"]
    assert not at.warning
    assert not at.error
    assert dict(at.query_params) == {"code": code}
    shown = words(at)
    for said in (text["plain"], text["purpose"], row["category"]):
        assert said in shown
    for name in filter(None, row["synonyms"].split("|")):
        assert name in shown
    for column in ("fits", "fits_not", "mistakes"):
        for item in text[column].split("|"):
            assert f"- {item}" in shown
    assert [each.value for each in at.header] == ["The note must show", "What it is", VALUES]
    assert ", ".join(text["specialties"].split("|")) in shown


@every_code
def test_the_figures_of_a_code_are_those_of_the_table(code):
    assert figures(CODES[code]) in words(page_of(code))


def note_of(at):
    """What the note must show, as it is listed, and what its button would copy."""
    (block,) = [each.value for each in at.markdown if each.value.startswith("<div><ul ")]
    (sent,) = [each.proto.json for each in at.get("bidi_component")
               if each.proto.component_name == "chirocalc_note"]  # fmt: skip
    return [unescape(item) for item in re.findall("<li>(.*?)</li>", block)], json.loads(sent)


@every_code
def test_the_note_is_first_and_is_copied_as_plain_text(code):
    """Below the heading and the line of figures, before all else: the code, our name, the items."""
    at, items = page_of(code), TEXTS[code]["must_show"].split("|")
    lines = [f"{code} {CODES[code]['name']}", *(f"- {item}" for item in items)]
    assert note_of(at) == (items, {"text": "\n".join(lines)})
    begins = ("Medicare's 2026 fee schedule", "<div><ul ", ":small[Medicare pays")
    shown = [each.value for each in at.markdown]
    first = next(place for place, each in enumerate(shown) if each.startswith(begins[0]))
    for each, begin in zip(shown[first : first + 3], begins, strict=True):
        assert each.startswith(begin)


@every_code
def test_three_boxes_answer_next(code):
    """Above the text: who is paid, units, with an adjustment."""
    shown = [unmarked(each.value) for each in page_of(code).markdown]
    asked = [each.partition("]")[0].removeprefix(":small[") for each in shown]
    begin = asked.index("Medicare pays a chiropractor?")
    assert asked[begin : begin + 3] == [
        "Medicare pays a chiropractor?",
        "Units",
        "With an adjustment (98940 to 98942) the same day?",
    ]
    medicare, units, _ = shown[begin : begin + 3]
    assert ("**Yes**" in medicare) == (code in ("98940", "98941", "98942"))
    limit = CODES[code]["mue"]
    if limit not in ("", "0") and CODES[code]["mai"] == "3":
        assert f"More than {limit} in a day: Medicare denies them all" in units
    assert not any(each.startswith("**What it is for") for each in shown[: begin + 3])


@every_code
def test_nothing_long_is_said_twice(code):
    """No sentence of eight words and more stands twice on a page (but in what is folded away)."""
    shown = words(guide_page(code=code))
    sentences = [each.strip() for each in re.split(r"[.\n]\s+", shown)]
    long = [each for each in sentences if len(each.split()) >= 8]
    assert len(set(long)) == len(long)


@every_code
def test_a_code_without_an_rvu_says_why(code):
    row, shown = CODES[code], words(page_of(code))
    assert ("No RVU, which is not 0.00." in shown) == (not row["work_rvu"])
    status = STATUSES[row["status"]]
    assert row["release"] in shown
    name = f"Status {row['status']} ({status['name']})" if row["status"] else status["name"]
    assert f"{row['release']}. {name}: {status['medicare']}" in shown
    if not row["work_rvu"]:
        assert status["no_rvu"] in shown


@every_code
def test_the_rvus_of_a_code_and_its_parts(code):
    """A row for each part and place; one where office and facility are alike."""
    shown = [each.value for each in page_of(code).table]
    if not CODES[code]["work_rvu"]:
        assert shown == []
        return
    (shown,) = shown
    assert shown["One unit"].is_unique
    expected = []
    for row in [row for row in CODE_ROWS if row["code"] == code]:
        values = {place: rvus_of(row, place) for place in ("office", "facility")}
        places = ["office"] if values["office"] == values["facility"] else list(values)
        expected += [[*map(str, values[each]), f"{sum(values[each]):.2f}"] for each in places]
    assert shown[["Work", "Practice", "Malpr.", "Total"]].to_numpy().tolist() == expected


def minutes_said(code):
    """Units by minutes, as ("8 to 22", 1)."""
    found = [
        each.partition("** ")[2]
        for each in words(page_of(code)).split("\n")
        if each.startswith("**Minutes of it alone.")
    ]
    assert len(found) <= 1
    spans = [span.partition(": ") for each in found for span in each.split(" · ")]
    assert all(
        units.split()[1] == ("unit" if units[:2] == "1 " else "units") for *_, units in spans
    )
    return {span: int(units.split()[0]) for span, _, units in spans}


@every_code
def test_the_minutes_of_a_code_are_where_its_units_change(code):
    """Timed codes by the chart of the manual; where minutes do not count nothing is said."""
    said, rule = minutes_said(code), CODES[code]["time_rule"]
    assert bool(said) == (rule in ("timed15", "clock"))
    if rule == "timed15":
        spans = [tuple(map(int, span.split(" to "))) for span in said]
        assert list(said.values()) == list(range(len(spans)))
        for units, (first, last) in enumerate(spans):
            assert {chart_units(at) for at in range(first, last + 1)} == {units}
        assert [last + 1 for _, last in spans[:-1]] == [first for first, _ in spans[1:]]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("97110", {"8 to 22": 1, "23 to 37": 2, "38 to 52": 3}),
        ("97810", {"8 to 22": 1, "23 to 37": 2, "38 to 52": 3}),
        ("97550", {"0 to 15": 0, "16 to 37": 1, "38 to 52": 2}),
        ("98979", {"0 to 9": 0, "10 to 19": 1}),
        ("98980", {"0 to 19": 0, "20 to 39": 1, "40 to 59": 2}),
    ],
)
def test_printed_minutes_of_units(code, said):
    """domain 1.1, 1.4"""
    assert said.items() <= minutes_said(code).items()


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
    said = "\n".join(each.value for each in expander(page_of(code), "Pairs with").markdown)
    assert {row["vintage"] for row in pairs} == {q for q in QUARTERS if q in said}
    for indicator, meaning in (("0", "no modifier helps"), ("1", "a modifier may help")):
        stands = any(row["modifier_indicator"] == indicator for row in pairs)
        assert (f"Modifier indicator {indicator}: {meaning}" in said) == stands


QUARTERS = {row["vintage"] for row in PAIRS}


@every_code
def test_the_hints_of_a_code_are_counted_and_shown(code):
    rules = hints.rules_of(code)
    box = expander(page_of(code), "What the calculator checks")
    assert box.label == f"What the calculator checks for this code ({len(rules)})"
    (shown,) = [each.value for each in box.markdown]
    assert shown.count("-badge[") == len(rules)
    for rule in rules:
        assert f"[{LEVEL_NAMES[rule.level]}] {rule.text}" in shown
        assert rule.detail in shown


def test_what_is_folded_is_not_sent_until_it_is_opened():
    at = guide_page(code="97112")
    assert [len(each.markdown) for each in at.expander] == [0, 0]
    at.session_state["fold pairs"] = True
    assert [len(each.markdown) for each in run(at).expander] == [1, 0]


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
    dated = THEN[code]["dated"]
    assert f"{dated[0].upper()}{dated[1:]}: {THEN[code]['total_rvu']} RVU; today {now}." in shown


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
    assert ("Use in a visit" in found) != manipulation
    if not manipulation:
        state, problems = VISIT.decode(dict([found["Use in a visit"].split("=")]))
        assert (state["codes"], problems) == ([code], [])
    beside = [(label, q) for label, q in links(page_of(code)) if label.startswith("Compare with ")]
    neighbors = [c for c in CODES if CODES[c]["category"] == CODES[code]["category"]]
    assert len(beside) == min(3, len(neighbors) - 1)
    for label, query in beside:
        state, problems = COMPARE.decode(dict([query.split("=")]))
        assert (state["compared"], problems) == ([code, label.removeprefix("Compare with ")], [])
    titled = [query for label, query in links(page_of(code)) if label.startswith("Compare to ")]
    assert titled == [query for _, query in beside[:1]]  # beside the title the nearest


# Addresses


@pytest.mark.parametrize(
    ("typed", "code"), [("s9117", "S9117"), ("0552t", "0552T"), ("72100-26", "72100")]
)
def test_lower_case_and_parts_lead_to_their_code(typed, code):
    at = guide_page(code=typed)
    assert at.title[0].value.startswith(f"{code} ")
    assert at.query_params["code"] == code
    assert not at.warning


@pytest.mark.parametrize(
    ("typed", "near"),
    [
        ("97119", ["97110", "97112", "97113"]),
        ("S9118", ["S9117", "S9129"]),
        ("9711", ["97110", "97112"]),
        ("💥", ["nothing near it is known"]),
        ("x" * 5000, ["it has 5,000 letters, and up to 100 are read"]),
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
    assert at.title[0].value == "Code guide"
    assert "97110" in table(at)


def test_going_from_code_to_code_and_back_to_the_list():
    at = guide_page(code="97112")
    for code in ("S9117", "98940"):
        at.query_params["code"] = code
        assert run(at).title[0].value.startswith(f"{code} ")
    at.query_params["code"] = ""
    at = run(at)
    assert at.title[0].value == "Code guide"
    assert "97110" in table(at)
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
    assert len(at.title) == 1
    assert at.title[0].value[:5] in CODES or len(table(at)) == len(CODES)


# The table


def expected(code, gpcis=(ONE, ONE, ONE), place="office"):
    """The cells of a code, from codes.csv and by the oracle."""
    row = CODES[code]
    by_time = {"timed15": "unit_minutes", "clock": "unit_minutes", "level": "from_minutes"}
    minutes = row[by_time[row["time_rule"]]] if row["time_rule"] in by_time else ""
    values, dollars = rvus_of(row, place), amount(row, ONE, gpcis, place)
    return {
        "code": code,
        "name": row["name"],
        "minutes": int(minutes) if minutes else None,
        "work_rvu": float(row["work_rvu"]) if row["work_rvu"] else None,
        "total_rvu": float(sum(values)) if values else None,
        "first": float(dollars.strip("$").replace(",", "")) if dollars != "–" else None,
        "pays": "Yes" if code in ("98940", "98941", "98942") else "No",
    }


def test_before_a_search_the_table_has_every_code():
    """Each with its values; what there is not is missing and never 0."""
    at = guide_page()
    assert table(at) == {code: expected(code) for code in CODES}
    assert [each.value for each in at.title] == ["Code guide"]
    assert "All 279 codes." in words(at)
    assert "Dollars: first unit, Medicare's 2026 fee schedule, national, your office." in words(at)


def test_the_adjustments_stand_first_then_the_chips_then_the_others_by_number():
    shown = list(table(guide_page()))
    chips = [code for code in CODES if CODES[code]["quick"]]
    chips.sort(key=lambda code: int(CODES[code]["quick"]))
    cmt = ["98940", "98941", "98942", "98943"]
    assert shown == [*cmt, *chips, *sorted(set(CODES) - {*cmt, *chips})]


def test_the_columns_can_be_sorted_as_numbers():
    """Sorting is done in the browser: it needs numbers, and words only where there are words."""
    (sent,) = tables_of(guide_page())
    forms = {column["id"]: column["form"] for column in sent["columns"]}
    assert [column["name"] for column in sent["columns"]] == [
        "Code", "Name", "Minutes", "wRVU", "RVU", "Dollars", "Medicare pays a chiropractor?",
    ]  # fmt: skip
    for at, (name, form) in enumerate(forms.items()):
        kinds = {type(row[at]) for row in sent["rows"]} - {type(None)}
        assert kinds <= ({str} if form == "text" else {int, float}), name


@settings(max_examples=12)
@given(st.sampled_from(sorted(PLACES)), st.sampled_from(["office", "facility"]))
def test_dollars_are_those_of_the_visitors_area(locality, place):
    """As set on the pages with prices: in the table and on the code's own page, and said."""
    at = opened("codes", {}, settings={"area": locality, "place": place})
    row = PLACES[locality]
    gpcis = tuple(Decimal(row[name]) for name in ("work_gpci", "pe_gpci", "mp_gpci"))
    assert table(at) == {code: expected(code, gpcis, place) for code in CODES}
    where = "your office" if place == "office" else "a facility"
    said = f"Medicare's 2026 fee schedule in {row['name']}, {row['state']}, {where}"
    assert f"Dollars: first unit, {said}." in words(at)
    at = click(at, "97112")
    assert f"{said}: {figures(CODES['97112'], place, gpcis)}" in words(at)


@pytest.mark.parametrize(
    ("set_before", "said", "dollars"),
    [
        ({"area": "60601"}, "in Chicago, IL, your office", 33.36),
        ({"area": "Chicago"}, ", national, your office", 32.73),
        ({"area": "00000"}, ", national, your office", 32.73),
        ({"place": "x", "date": "1999-01-01"}, ", national, your office", 32.73),
        ({"date": "2025-03-02"}, "Medicare's 2025 fee schedule, national", 32.02),
        ({"par": "no"}, "your office, not participating", 31.09),
        ({"apm": "yes"}, "your office, qualifying APM participant", 32.90),
        ({"payer": "uhc", "percent": "150", "who": "chiropractor"}, ", national", 32.73),
        ({"payer": "uhc", "percent": "0"}, "UnitedHealthcare commercial at 100%", 32.73),
        ({"payer": "nobody"}, ", national", 32.73),
    ],
    ids=str,
)
def test_what_is_set_elsewhere_holds_here(set_before, said, dollars):
    """Area, place, year, participation and factor; what cannot be used is national, as on Visit."""
    at = opened("codes", {}, settings=set_before)
    assert said in words(at)
    assert table(at)["97112"]["first"] == dollars
    assert f"**${dollars:.2f}** first unit" in words(click(at, "97112"))


NEVER = "Medicare Part B: **never pays a chiropractor for it**"
UHC = "UnitedHealthcare commercial"
OWN_FEE = "Cash or self-pay: **your own fee**"


@pytest.mark.parametrize(
    ("set_before", "code", "said"),
    [
        # The schedule in Chicago is $33.36 and, reduced, $25.47: 80% of each, to the cent.
        (
            {"payer": "uhc", "percent": "80", "area": "60601"}, "97112",
            f"{UHC} at 80%: **$26.69** first unit · **$20.38** each later unit",
        ),
        # Without a cut on later units they are alike.
        ({"payer": "commercial-total-time"}, "97112",
         "Commercial, 8-minute rule at 100%: **$32.73** a unit"),
        ({"payer": "uhc", "mppr": "none"}, "97112",
         f"{UHC} at 100%: **$32.73** a unit"),
        ({"payer": "uhc"}, "98943", f"{UHC} at 100%: **$26.39** a unit"),
        ({"payer": "uhc"}, "S9117",
         f"{UHC}: **no amount, as the code has no RVU**"),
        ({"payer": "self-pay"}, "97112", OWN_FEE),
        ({"payer": "self-pay"}, "S9117", OWN_FEE),
        (
            {"payer": "self-pay", "percent": "150"},
            "97112",
            "Cash or self-pay at 150%: **$49.10** a unit",
        ),
        ({}, "97112", NEVER),
        (None, "97112", NEVER),  # as on Compare: Medicare, for a chiropractor
        ({"who": "chiropractor", "area": "60601"}, "97140", NEVER),
        ({}, "97010", "Medicare Part B: **pays nobody for it**"),
        ({"who": "pt"}, "S9117", "Medicare Part B: **pays nobody for it**"),
        ({"percent": "80"}, "98941", "Medicare Part B at 80%: **$30.73** a unit"),
    ],
    ids=str,
)  # fmt: skip
def test_a_code_has_the_dollars_of_the_visitors_payer_beside_medicares(set_before, code, said):
    """domain 3.1, 3.2: 97112 is $32.73 and 98941 $38.41 in the nation."""
    at = opened("codes", {"code": code}, **({} if set_before is None else {"settings": set_before}))
    line = next(each.value for each in at.markdown if "fee schedule" in each.value)
    schedule, theirs, *_ = unmarked(line).split("  \n")
    assert schedule.startswith("Medicare's 2026 fee schedule")
    assert theirs == said


@pytest.mark.parametrize(
    ("set_before", "code"),
    [(None, "98941"), ({}, "98941"), ({"who": "pt"}, "97112"), ({"par": "no"}, "98941")],
    ids=str,
)
def test_no_payers_dollars_are_said_where_they_are_medicares(set_before, code):
    at = opened("codes", {"code": code}, **({} if set_before is None else {"settings": set_before}))
    (line,) = [each.value for each in at.markdown if "fee schedule" in each.value][:1]
    assert "  \n" not in line


def test_the_table_has_a_column_of_the_payers_dollars():
    """Of each code 80% of the schedule, by the oracle, also where Medicare pays nobody."""
    at = opened("codes", {}, settings={"payer": "uhc", "percent": "80"})
    (sent,) = tables_of(at)
    assert [column["name"] for column in sent["columns"]][4:] == [
        "RVU", "Medicare", "UnitedHealthcare commercial", "Medicare pays a chiropractor?",
    ]  # fmt: skip
    for code, row in table(at).items():
        values = rvus_of(CODES[code])
        whole = fee(*values, ONE, ONE, ONE, FACTOR) if values else None
        cents = (
            (whole * Decimal("0.8")).quantize(Decimal("0.01"), ROUND_HALF_UP) if values else None
        )
        assert row.pop("allowed") == (None if cents is None else float(cents)), code
        assert row == expected(code)
    assert "national, your office; UnitedHealthcare commercial at 80%." in words(at)


@pytest.mark.parametrize("payer", ["medicare", "self-pay"])
def test_a_payer_without_amounts_of_its_own_has_no_column(payer):
    at = opened("codes", {}, settings={"payer": payer})
    assert table(at) == {code: expected(code) for code in CODES}
    assert ("; Cash or self-pay: your own fee." in words(at)) == (payer == "self-pay")


def test_a_click_on_a_row_leads_to_its_code():
    at = click(guide_page(), "97124")
    assert at.title[0].value.startswith("97124 ")
    assert dict(at.query_params) == {"code": "97124"}
    assert "guide_opened" not in at.session_state


def test_the_kind_filters():
    at = guide_page()
    kinds = at.selectbox(key="guide_category")
    assert set(kinds.options) == {row["category"] for row in CODES.values()}
    reached = []
    for kind in kinds.options:
        at.selectbox(key="guide_category").set_value(kind)
        at = run(at)
        here = [code for code, row in CODES.items() if row["category"] == kind]
        assert sorted(table(at)) == sorted(here)
        assert f"{len(here)} code" in words(at)
        reached += here
    assert sorted(reached) == sorted(CODES)


def test_kind_and_typing_filter_together():
    at = guide_page()
    at.selectbox(key="guide_category").set_value("X-ray")
    found = table(type_in(at, "neck"))
    assert found
    assert {CODES[code]["category"] for code in found} == {"X-ray"}
    assert "Nothing fits." in words(type_in(at, "manual therapy"))
    assert table(at) == {}


# The search

TYPED = [
    ("back school", "S9117"),
    ("muscle energy", "97140"),
    ("posture exercise", "97112"),
    ("manual therapy", "97140"),
    ("vax-d", "S9090"),
    ("  Manual   THERAPY ", "97140"),
    ("manuel therapie", "97140"),
    ("dry needling", "20560"),
]


@pytest.mark.parametrize("code", [None, "99080"])
@pytest.mark.parametrize(("typed", "first"), TYPED)
def test_the_search_lists_what_is_meant(typed, first, code):
    """On the list as above a code's page, which stays until a row is chosen."""
    at = type_in(guide_page(**({"code": code} if code else {})), typed)
    assert next(iter(table(at))) == first
    assert at.title[0].value.startswith(code or "Code guide")


@pytest.mark.parametrize("code", [None, "99080"])
def test_what_has_no_code_of_its_own_is_answered_with_what_is_used(code):
    """In a sentence with its source, and its codes first; gone when something else is typed."""
    at = type_in(guide_page(**({"code": code} if code else {})), "cupping")
    assert "Cupping has no code of its own." in words(at)
    assert "Acupuncture Today on cupping" in words(at)
    assert list(table(at))[:2] == ["97039", "97139"]
    assert "Cupping has no" not in words(type_in(at, "massage"))


@pytest.mark.parametrize("code", [None, "99080"])
@pytest.mark.parametrize(
    ("typed", "leads_to"),
    [("97112", "97112"), ("s9117", "S9117"), (" 0552t ", "0552T"), ("72100-26", "72100")],
)
def test_a_number_as_it_is_opens_its_page(typed, leads_to, code):
    """Without a click on the only row, and with an empty search."""
    at = type_in(guide_page(**({"code": code} if code else {})), typed)
    assert at.title[0].value.startswith(f"{leads_to} ")
    assert dict(at.query_params) == {"code": leads_to}
    assert at.text_input(key="guide_search").value == ""
    assert table(at) == {}


@pytest.mark.parametrize("typed", ["9711", "97119", "97112 97110", "9"])
def test_half_a_number_or_two_open_nothing(typed):
    assert type_in(guide_page(), typed).title[0].value == "Code guide"


@pytest.mark.parametrize("code", [None, "99080"])
@pytest.mark.parametrize("typed", ["zzzz", "💥", "the of", "x" * 5000, "97119", "***", "("])
def test_what_is_not_found_is_said(typed, code):
    at = type_in(guide_page(**({"code": code} if code else {})), typed)
    assert table(at) == {}
    assert "Nothing fits. Try another word for it, or fewer words." in words(at)
    assert "Nothing fits." not in words(type_in(at, "back school"))
    assert list(table(at)) == ["S9117"]


@pytest.mark.parametrize("typed", ["exercise", "massage", "traction", "ultrasound"])
def test_codes_in_whose_text_alone_a_word_stands_are_no_company_for_those_named_so(typed):
    """No nonsense beside what is meant."""
    for code in table(type_in(guide_page(), typed)):
        row = CODES[code]
        named = f"{row['name']} {row['short']} {row['synonyms']} {row['category']}".casefold()
        assert typed[:6] in named, code


@cache
def the_list():
    return guide_page()


@every_code
def test_every_code_is_found_by_its_name(code):
    """One page for all: searches follow each other, as in a session."""
    assert code in table(type_in(the_list(), CODES[code]["name"]))


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
    assert at.title[0].value == f"A1234 {plain(OWN['name'])}"
    assert at.info[0].value.startswith("No text for this code yet: add a row to")
    assert "chirocalc/tables/data/guide.csv" in at.info[0].value
    dollars = f"${fee(*rvus_of(OWN), ONE, ONE, ONE, FACTOR)}"
    assert f"**{dollars}** a unit · **0.40** work RVU · **0.76** total RVU" in words(at)
    for each in (":red[more]", "kt *tape*", "<tape>"):
        assert each not in "".join(m.value for m in [*at.markdown, *at.title])


def test_a_clinics_own_code_is_in_the_list_and_found(codes_file):
    codes_file.write_text(with_row(OWN), encoding="utf-8")
    at = guide_page()
    at.selectbox(key="guide_category").set_value("Own [x]")
    assert list(table(run(at))) == ["A1234"]
    at.selectbox(key="guide_category").set_value(None)
    assert next(iter(table(type_in(at, "taping")))) == "A1234"
    assert table(at)["A1234"]["name"] == OWN["name"]  # written by the browser as text


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
    assert at.title[0].value.startswith("A1234 ")
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
    assert at.error or at.warning or at.title[0].value == "Code guide"


@pytest.mark.parametrize("link", [{}, {"code": "97112"}], ids=str)
def test_a_codes_file_broken_while_one_types_is_a_sentence(link, codes_file, save_later):
    """The search runs alone, without the page around it."""
    at = guide_page(**link)
    save_later(with_row(OWN | {"work_rvu": "x"}))
    at = enter(at, "guide_search", "massage")
    assert f"codes.csv, row {LAST_ROW}, work_rvu: 'x'" in at.error[0].value
