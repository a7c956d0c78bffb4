"""The Compare page without a browser: its link, its codes, its figures, and what goes wrong."""

import csv
import io
import re
from decimal import Decimal
from html import escape, unescape
from itertools import combinations

import own_codes
import pandas as pd
import pytest
import streamlit
from driving import enter, go_to, opened, run
from driving import words as in_markdown
from hypothesis import given, settings
from hypothesis import strategies as st
from own_codes import GOOD, LAST_ROW, with_row

import chirocalc
from chirocalc import Settings, tables
from chirocalc.codes import compare, guide
from chirocalc.links.codes import COMPARE
from chirocalc.ui.compare import view
from chirocalc.ui.shared import html
from chirocalc.words import LEVEL_NAMES

TABS = ["By minutes", "One unit", "Over the years", "By area", "How often Medicare sees it"]
DEFAULT = Settings()
ALL_KEYS = list(tables.codes().index)


def compare_page(tab=None, **link_parts):
    """The page as it opens at a link, with one of its tabs open."""
    return opened("compare", link_parts, **({"tab": tab} if tab else {}))


def html_of(at):
    """The blocks of HTML, as they are sent."""
    return [each.proto.body for each in at.get("html")]


def words(at):
    """All text of the page that is no widget's, in Markdown and in HTML, without its tags."""
    blocks = [unescape(re.sub("<.*?>", "", body)) for body in html_of(at) if "<style" not in body]
    return "\n".join([in_markdown(at), *blocks])


def cards(at):
    """The figures of each card by the code at its head, and what else the card says."""
    found = {}
    for block in html_of(at):
        for card in re.findall(r"<section class=\"cp-card.*?</section>", block):
            key = re.search(r"<h2>(\S+) <span>", card)[1]
            figures = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", card)
            said = re.findall(r'<p class="cp-mark">(.*?)</p>', card)
            found[key] = dict(figures) | {"said": [re.sub("<.*?>", "", each) for each in said]}
    return found


def columns(at):
    """What is said of each code to choose it by, by the code at its head."""
    found = {}
    for block in html_of(at):
        for column in re.findall(r"<section><h3>.*?</section>", block):
            found[re.search(r"<h3>(\S+) <span>", column)[1]] = column
    return found


def compared(at):
    """The codes chosen, as the field, the cards and the columns have them."""
    chosen = list(at.multiselect(key="compared").value)
    if len(chosen) >= 2:
        assert list(cards(at)) == chosen
        assert list(columns(at)) == chosen
    return chosen


def sentence(at):
    """What is said of all of them, above the cards."""
    (found,) = [each.value for each in at.markdown if 'class="cp-answer"' in each.value]
    return re.sub("<.*?>", "", found)


def told(at):
    """All words of the page, in Markdown and in HTML."""
    return "\n".join([in_markdown(at), *html_of(at), *(each.value for each in at.warning)])


def problem(at):
    """The sentence under the field of codes."""
    found = [each.value for each in at.markdown if each.value.startswith(":small[:red[")]
    return found[0] if found else ""


def left_out(at):
    """What of a link could not be used."""
    titled = [each for each in at.warning if each.proto.title.startswith("Parts of this link")]
    return titled[0].value if titled else ""


def charts(at):
    return [each.proto for each in at.get("vega_lite_chart")]


def dollars(at, figure="First unit"):
    return plain_figures(at, figure)


def engine(key, minutes, under):
    """What the engine allows for one line of a visit, as the page writes it."""
    code, _, part = key.partition("-")
    timed = tables.record(key)["time_rule"] in ("timed15", "clock")
    line = {"code": [code], "modifiers": [part], "minutes": [minutes if timed else None]}
    allowed = chirocalc.estimate(pd.DataFrame(line), under).visits["allowed"].item()
    return "–" if pd.isna(allowed) else f"${allowed:,.2f}"


# Opening


def test_it_opens_with_its_example():
    at = compare_page()
    assert compared(at) == ["97110", "97112"]
    assert not at.query_params
    assert not at.error
    assert dollars(at) == ["$29.06", "$32.73"]
    assert dollars(at, "2nd and later") == ["$22.21", "$24.88"]
    assert dollars(at, "Total RVU") == ["0.87", "0.98"]
    assert len(charts(at)) == 1
    assert at.title[0].value == "Compare codes"


def test_settings_alone_keep_the_example():
    at = compare_page(payer="va", area="60601")
    assert compared(at) == ["97110", "97112"]
    assert at.query_params["payer"] == "va"
    assert "Chicago, IL" in at.get("popover")[0].proto.popover.label


@pytest.mark.parametrize("count", range(2, 7))
def test_a_link_of_two_to_six_codes(count):
    keys = ["97110", "72100-26", "S9117", "98941", "97810", "99213"][:count]
    at = compare_page(codes=".".join(keys))
    assert compared(at) == keys
    assert not left_out(at)
    assert at.query_params["codes"] == ".".join(keys)
    again = compare_page(**at.query_params)
    assert compared(again) == keys


@pytest.mark.parametrize("codes", ["97112", "97112.97112", "s9117", "97110."])
def test_one_code_asks_for_another(codes):
    at = compare_page(codes=codes)
    assert len(compared(at)) == 1
    assert "Choose another code to compare." in words(at)
    assert not cards(at)
    assert not charts(at)


@pytest.mark.parametrize("codes", [".", "...", "97119", "💥"])
def test_no_code_asks_for_some(codes):
    at = compare_page(codes=codes)
    assert compared(at) == []
    assert "Choose another code to compare." in words(at)


def test_taking_all_codes_away_and_adding_two_works():
    at = enter(compare_page(), "compared", [])
    assert "Choose another code to compare." in words(at)
    at = enter(at, "compared", ["98940"])
    assert at.query_params["codes"] == "98940"
    at = enter(at, "compared", ["98940", "98941"])
    assert compared(at) == ["98940", "98941"]
    assert at.query_params["codes"] == "98940.98941"


# What a link holds besides


@pytest.mark.parametrize(
    ("codes", "kept"),
    [
        ("97110.97110.97112", ["97110", "97112"]),
        ("s9117.72100-tc", ["S9117", "72100-TC"]),
        ("72100-26.72100-TC.72100", ["72100-26", "72100-TC", "72100"]),
        ("72100-tc.72100-TC.0552t", ["72100-TC", "0552T"]),
        ("97110..97112.", ["97110", "97112"]),
        (".".join(["97110", "97112"] * 5), ["97110", "97112"]),
    ],
)
def test_duplicates_parts_and_lower_case_are_the_same_codes(codes, kept):
    at = compare_page(codes=codes, payer="va")
    assert compared(at) == kept
    assert not left_out(at)
    assert at.query_params["codes"] == ".".join(kept)


SEVEN = "97110.97112.97140.97530.97535.98940.98941"
BAD = [
    ("97110.97119.97112", ["97119", "97110"]),
    ("97110-26.97112", ["97110-26"]),
    ("72100-59.97112", ["72100-59", "72100-26"]),
    ("97110,97112", ["97110,97112"]),
    (SEVEN, ["Up to 6 codes fit: 98941"]),
    ("💥.97110.97112", ["💥"]),
    ("x" * 5000, ["xxxx…"]),
    ("<b>:red[x].97110", [r"\<b\>\:red\[x\]"]),
]


@pytest.mark.parametrize(("codes", "said"), BAD, ids=lambda value: str(value)[:20])
def test_codes_that_cannot_be_used_are_said_and_the_settings_kept(codes, said):
    at = compare_page(codes=codes, payer="va", area="60601", place="facility")
    for part in said:
        assert part in left_out(at)
    assert at.selectbox(key="payer").value == "va"
    assert at.get_by_key("place").value == "facility"
    assert dict(at.query_params).items() >= {"payer": "va", "area": "60601"}.items()


@pytest.mark.parametrize(
    ("codes", "kept"),
    [
        ("97110.97119.97112", ["97110", "97112"]),
        ("97110-26.97112.98940", ["97112", "98940"]),
        (SEVEN, SEVEN.split(".")[:6]),
    ],
)
def test_the_codes_that_can_be_used_are_kept(codes, kept):
    at = compare_page(codes=codes)
    assert left_out(at)
    assert compared(at) == kept


def test_what_is_not_an_input_is_said_and_the_rest_shown():
    at = compare_page(codes="97140.97530", payer="nobody", do="97110.20", units="4", area="60601")
    assert compared(at) == ["97140", "97530"]
    for part in ("nobody", "'do'", "'units'"):
        assert part in left_out(at)
    assert at.query_params["area"] == "60601"


# Settings

LINKS = [
    ({}, {}),
    ({"payer": "uhc"}, {"payer": "uhc"}),
    ({"payer": "commercial-total-time"}, {"payer": "commercial-total-time"}),
    ({"area": "60601"}, {"locality": "06102-16"}),
    ({"area": "01112-05"}, {"locality": "01112-05"}),
    ({"place": "facility"}, {"place": "facility"}),
    ({"percent": "115.5"}, {"percent": 115.5}),
    ({"par": "no"}, {"participating": False}),
    ({"apm": "yes"}, {"apm": True}),
    ({"mppr": "line"}, {"mppr": "line"}),
    ({"mppr": "none"}, {"mppr": "none"}),
    ({"payer": "self-pay", "percent": "80"}, {"payer": "self-pay", "percent": 80.0}),
    ({"rule": "cpt"}, {"unit_rule": "cpt"}),
    ({"payer": "va", "place": "facility", "area": "99501"}, {"payer": "va", "place": "facility"}),
    ({"area": "00000"}, {}),
]
PRICED = ("97112", "98941", "97530", "72100-26", "99213")


@pytest.mark.parametrize("who", ["chiropractor", "pt", "ot"])
@pytest.mark.parametrize(("link", "under"), LINKS, ids=str)
def test_the_settings_change_the_dollars_as_in_the_engine(link, under, who):
    """Whoever treats, the amount is what the payer allows those it pays."""
    if link.get("area") == "99501":
        under = under | {"locality": tables.locality_of_zip("99501").locality}
    anybody = Settings(**under, provider="any")
    at = compare_page(codes=".".join(PRICED), who=who, **link)
    assert dollars(at) == [engine(key, 15, anybody) for key in PRICED]
    timed = ["97112", "97530"]
    hours = [engine(key, 60, anybody) if key in timed else "–" for key in PRICED]
    if who == "chiropractor" and under.get("payer", "medicare") == "medicare":
        hours = ["not paid" if key in timed else "–" for key in PRICED]
    assert dollars(at, "If all 60 minutes were this code") == hours
    expected = compare.worth(PRICED, Settings(**under, provider=who))["later"]
    assert dollars(at, "2nd and later") == [f"${value:,.2f}" for value in expected]


@pytest.mark.parametrize(
    ("key", "value", "name"),
    [("payer", "uhc", "payer"), ("area", "60601", "area"), ("provider", "ot", "who")],
)
def test_a_setting_entered_goes_into_the_link(key, value, name):
    at = enter(compare_page(codes="97110.97140"), key, value)
    assert at.query_params[name] == value
    assert at.query_params["codes"] == "97110.97140"
    again = compare_page(**at.query_params)
    assert dollars(again) == dollars(at)


def plain_figures(at, name):
    """A figure of each card, without its difference."""
    return [figure for figure, _ in figures(at, name)]


def figures(at, name):
    """A figure of each card, and what stands beside it: a difference, and from which code."""
    said = [card[name].partition('<small class="cp-gap">') for card in cards(at).values()]
    return [(bare(figure), bare(gap)) for figure, _, gap in said]


def bare(text):
    return re.sub("<.*?>", "", text)


@pytest.mark.parametrize(
    ("codes", "payer", "said"),
    [
        # domain 3.2: $29.06, $32.73, $35.07 and $27.72
        ("97110.97112.97530.97140", "medicare", ["+$3.67", "+$6.01", "−$1.34"]),
        ("97110.97116", "medicare", ["same"]),
        ("97110.S9117", "medicare", [""]),
        ("S9117.97110", "medicare", [""]),
        ("97110.97112", "self-pay", [""]),
    ],
)
def test_a_first_unit_says_how_it_differs_from_the_first_codes(codes, payer, said):
    first, *others = figures(compare_page(codes=codes, payer=payer), "First unit")
    assert first[1] == ""
    against = f" against {codes.partition('.')[0]}"
    assert [gap for _, gap in others] == [each and each + against for each in said]


def test_rvus_say_how_they_differ():
    """codes.csv: 97110 is 0.45 and 0.87, 97112 0.50 and 0.98, 97140 0.43 and 0.83."""
    at = compare_page(codes="97110.97112.97140")
    against = " against 97110"
    for name, said in {
        "Work RVU": [("0.45", ""), ("0.50", "+0.05"), ("0.43", "−0.02")],
        "Total RVU": [("0.87", ""), ("0.98", "+0.11"), ("0.83", "−0.04")],
        "Work RVU in an hour": [("1.80", ""), ("2.00", "+0.20"), ("1.72", "−0.08")],
    }.items():
        assert figures(at, name) == [(each, gap and gap + against) for each, gap in said]
    assert "Small figures: the difference from 97110." in words(at)


@settings(max_examples=25)
@given(st.lists(st.sampled_from(ALL_KEYS), min_size=2, max_size=6, unique=True))
def test_every_difference_is_that_of_the_figures_shown(keys):
    at = compare_page(codes=".".join(keys), payer="va")
    for name in view.FIGURES:
        (first, nothing), *others = figures(at, name)
        assert nothing == ""
        for figure, gap in others:
            assert gap == difference(figure, first, keys[0]), name


def difference(figure, first, against):
    if "–" in (figure, first):
        return ""
    gap = number(figure) - number(first)
    sign, dollars = ("+" if gap > 0 else "−"), "$" * figure.startswith("$")
    return f"{sign}{dollars}{abs(gap):,.2f} against {against}" if gap else f"same against {against}"


def number(text):
    return Decimal(text.strip("$").replace(",", ""))


def test_which_code_pays_more_is_said_above_the_cards():
    """To whom, where the payer does not pay the chiropractor who reads it."""
    for codes in ("97110.97112", "97110.98940", "97110.97112.97530", "S9117.97110", "98940.98941"):
        said, keys = sentence(compare_page(codes=codes)), codes.split(".")
        lead = "For other clinicians: " if any(key.startswith("971") for key in keys) else ""
        assert said == lead + compare.verdict(tuple(keys), DEFAULT)
    at = compare_page(codes="97110.97112", who="pt")
    assert sentence(at) == "97112 always pays more than 97110: $3.67 more for the first unit."


def marked(at):
    """What each card's badges say."""
    return {key: card["said"] for key, card in cards(at).items()}


NEVER, NOBODY = (
    "Medicare Part B never pays a chiropractor for it",
    "Medicare Part B pays nobody for it",
)


def test_what_medicare_does_not_pay_a_chiropractor_is_said_above_and_on_its_card():
    """domain 3.4: RVUs are shown, Medicare pays 0."""
    at = compare_page(codes="97110.98940.97112")
    assert "**Medicare Part B never pays a chiropractor for 97110 and 97112.**" in told(at)
    assert "It does for 98940." in told(at)
    unpaid = f"{NEVER} Dollars: to others"
    assert marked(at) == {"97110": [unpaid], "98940": [], "97112": [unpaid]}
    assert dollars(at)[0] == "$29.06"
    at = compare_page(codes="97110.98940.97112", who="pt")
    assert (
        "**Medicare Part B never pays a physical therapist for 98940.** It does for 97110"
        in told(at)
    )
    unpaid = unpaid.replace("a chiropractor", "a physical therapist")
    assert marked(at) == {"97110": [], "98940": [unpaid], "97112": []}


def test_an_hour_that_is_not_paid_has_no_dollars():
    """To a chiropractor Medicare pays nothing for it: no income is shown, and none in the chart's
    words as if it were one."""
    hour = "If all 60 minutes were this code"
    at = compare_page(codes="97110.97112.98940")
    assert dollars(at, hour) == ["not paid", "not paid", "–"]
    assert "Only other clinicians get the dollars of 97110 and 97112." in words(at)
    at = compare_page(codes="97110.97112.97012", who="pt")
    assert dollars(at, hour) == ["$95.69", "$107.37", "–"]  # one first unit and three later ones
    assert "other clinicians" not in words(at)
    assert dollars(compare_page(codes="97110.97112", payer="va"), hour)[0].startswith("$")


def test_without_an_rvu_is_not_without_pay():
    """S9117 has no RVU; 97010 has some and Medicare bundles it; 0552T is priced by contractors."""
    keys = "97010.S9117.0552T"
    at = compare_page(codes=keys)
    others = f"{NEVER} Dollars: to others No RVU"
    assert marked(at) == {"97010": [NOBODY], "S9117": [f"{NOBODY} No RVU"], "0552T": [others]}
    at = compare_page(codes=keys, payer="va")
    assert marked(at) == {"97010": [], "S9117": ["No RVU"], "0552T": ["No RVU"]}


def test_own_fees_are_named():
    at = compare_page(codes="97110.98941.S9117", payer="self-pay")
    for name in ("First unit", "2nd and later"):
        assert dollars(at, name) == ["own fee"] * 3
    assert sentence(at) == "Cash or self-pay has no published amounts: your own fees apply."


def test_what_nobody_is_paid_for_is_said_above():
    at = compare_page(codes="97110.97010.S9117", who="pt")
    assert "**Medicare Part B pays nobody for 97010 and S9117.**" in told(at)
    assert dollars(at)[1:] == ["–", "–"]


def test_nothing_of_one_visit_is_asked():
    at = compare_page()
    for key in ("phase", "abn", "deductible", "assistant", "kx_used"):
        with pytest.raises(KeyError):
            at.get_by_key(key)


@pytest.mark.parametrize("key", ["S9117", "0552T", "97545"])
def test_no_rvu_is_not_zero(key):
    at = compare_page(codes=f"97110.{key}")
    card = cards(at)[key]
    shown = [card[name] for name in ("Work RVU", "Total RVU", "First unit", "2nd and later")]
    assert shown == ["–"] * 4
    assert f"No RVU, which is not 0.00: {key}." in told(at)


LATER = "2nd and later: after the payer's cut on therapy units (MPPR)."


@pytest.mark.parametrize(
    ("link", "said"),
    [
        ({"codes": "97110.98940"}, True),
        ({"codes": "97110.98940", "payer": "commercial-total-time"}, False),
        ({"codes": "98940.99213"}, False),
        ({"codes": "98940.97110", "mppr": "none"}, False),
    ],
)
def test_a_cut_is_said_where_there_is_one(link, said):
    said_now = unescape(told(compare_page(**link)))
    assert (LATER in said_now) == said


@pytest.mark.parametrize(
    "link",
    [
        {"codes": "97110.S9117", "payer": "commercial-total-time"},
        {"codes": "98940.0552T"},
        {"codes": "97110.S9117", "mppr": "none"},
    ],
    ids=str,
)
def test_no_cut_is_said_of_a_code_without_an_amount(link):
    assert LATER not in unescape(told(compare_page(**link)))


# Tabs

SETS = [
    "97110.97112", "S9117.97112", "0552T.98940", "97010.97014.G0283", "72100-26.72100-TC",
    "99213.99214.97161", "97810.97811.97813.97814", "97545.97546.97110", "98979.98980.98981",
    "98940.98941.98942.98943.97140.97530",
]  # fmt: skip
UNPRICED = ["S9117.97010", "S9117.S9090", "97545.97546", "0552T.97039"]


@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize("codes", SETS)
@pytest.mark.parametrize("payer", ["medicare", "workers-comp"])
def test_every_tab_of_many_codes(codes, tab, payer):
    at = compare_page(tab, codes=codes, payer=payer)
    assert compared(at) == codes.split(".")
    assert not at.error
    assert not left_out(at)
    assert all(chart.alt and chart.spec for chart in charts(at))


@pytest.mark.parametrize("tab", TABS[1:])
@pytest.mark.parametrize(
    ("codes", "payer"), [*((codes, "medicare") for codes in UNPRICED), ("97110.98940", "self-pay")]
)
def test_every_other_tab_of_codes_without_an_amount(codes, payer, tab):
    at = compare_page(tab, codes=codes, payer=payer)
    assert compared(at) == codes.split(".")
    if tab == "By area":
        assert "None of these codes has a published amount" in words(at)


@pytest.mark.parametrize(
    ("codes", "payer"), [*((codes, "medicare") for codes in UNPRICED), ("97110.97112", "self-pay")]
)
def test_against_minutes_of_codes_without_an_amount(codes, payer):
    at = compare_page(codes=codes, payer=payer)
    assert compared(at) == codes.split(".")


@pytest.mark.parametrize("tab", TABS)
def test_a_tab_stays_open_when_the_codes_change(tab):
    at = enter(compare_page(tab), "compared", ["97140", "97530", "98940"])
    assert at.session_state["tab"] == tab
    assert compared(at) == ["97140", "97530", "98940"]


def test_what_is_said_against_minutes_is_what_was_computed():
    keys = ("97550", "98980", "97110")
    at = compare_page(codes=".".join(keys))
    for said in compare.crossings(keys, DEFAULT):
        assert said in words(at)
    at = compare_page(codes="97110.97112.98940")
    at = enter(at, "way", "dollars together")
    assert compare.partings(("97110", "97112"), DEFAULT) in words(at)
    assert "Minutes are recorded, not targeted." in words(at)


def test_one_timed_code_has_no_visit_together():
    ways = compare_page(codes="97110.98940.97810").get_by_key("way")
    assert ways.options == ["Dollars", "Units"]


def test_together_goes_back_to_alone_when_a_timed_code_goes():
    at = enter(compare_page(codes="97110.97112"), "way", "units together")
    at = enter(at, "compared", ["97110", "98940"])
    assert "Alone, total time (CMS) and per-code midpoint (CPT) give the same" in words(at)


def test_the_years_say_what_they_lack():
    at = compare_page("Over the years", codes="S9117.97112.72100-26")
    assert "Not in the history table: S9117, 72100-26." in words(at)
    assert "has 35 codes" in words(compare_page("Over the years", codes="S9117.S9090"))
    assert len(set(tables.history()["code"])) == 35


def test_the_areas_mark_the_users_own():
    assert "Choose your area above" in words(compare_page("By area"))
    at = compare_page("By area", area="60601")
    assert "Choose your area above" not in words(at)
    mine = compare.worth(("97110",), Settings(locality="06102-16")).at["97110", "first"]
    assert f"yours ${mine:.2f}" in charts(at)[-1].alt


@pytest.mark.parametrize("tab", ["Over the years", "How often Medicare sees it"])
def test_what_is_of_the_whole_country_says_so(tab):
    assert "National, whatever area is set above" in words(compare_page(tab, area="60601"))


@pytest.mark.parametrize("way", ["dollars", "units", "dollars together", "units together"])
def test_the_figures_of_the_chart_stand_in_words_beside_it(way):
    at = enter(compare_page(codes="97110.97112"), "way", way)
    (chart,) = charts(at)
    assert chart.alt.lower().startswith(way.split()[0])
    hidden = re.search(r'<p class="cp-hidden">(.*?)</p>', " ".join(html_of(at)))[1]
    names = ("97110", "97112")
    if "together" in way:
        names = ("Total time (CMS)", "Per-code midpoint (CPT)")
    alone = compare.alone(("97110", "97112"), DEFAULT)
    for name in names:
        assert f"{name}: " in hidden
    if way == "dollars":
        hour = alone[alone["minutes"] == 60]["dollars"]
        assert all(f"${value:.2f} at 60" in hidden for value in hour)


def test_the_specification_of_the_lines_does_not_change_with_the_codes():
    """So that the browser moves the lines, and draws nothing anew."""
    first, second = (
        charts(compare_page(codes=codes))[0] for codes in ("97110.97112", "97112.97530")
    )
    assert (first.spec, first.alt) == (second.spec, second.alt)
    assert first.data != second.data


def test_medicares_use_says_what_it_lacks():
    at = compare_page("How often Medicare sees it", codes="97110.S9117.97129")
    assert "S9117 in 2019, S9117 in 2024, 97129 in 2019." in words(at)
    assert "has none of these codes" in words(
        compare_page("How often Medicare sees it", codes="S9117.S9090")
    )


# All figures, to take along


@pytest.fixture
def downloads(monkeypatch):
    """What the download buttons of a page would give."""
    found = []
    monkeypatch.setattr(
        streamlit, "download_button", lambda label, data, **more: found.append((label, data, more))
    )
    return found


@pytest.mark.parametrize("codes", ["97110.97112", "S9117.72100-26", "97161.98941.0552T.97010"])
@pytest.mark.parametrize("payer", ["medicare", "uhc"])
def test_the_csv_is_all_figures(codes, payer, downloads):
    at = opened("compare", {"codes": codes, "payer": payer, "area": "60601"}, figures=True)
    under = Settings(payer=payer, locality="06102-16")
    expected = compare.everything(tuple(codes.split(".")), under)
    ((label, data, more),) = downloads
    text = data() if callable(data) else data
    assert (label, more["file_name"], more["mime"]) == ("CSV", "compare.csv", "text/csv")
    made = {"version": chirocalc.__version__, "release": "RVU26B"}
    assert text == expected.assign(**made).to_csv(index=False)
    assert [row["code"] for row in csv.DictReader(io.StringIO(text))] == codes.split(".")
    pd.testing.assert_frame_equal(
        at.dataframe[0].value, expected, check_dtype=False, check_names=False
    )


def test_all_figures_are_neither_made_nor_sent_until_they_are_opened(downloads):
    at = compare_page()
    assert not at.dataframe
    assert not downloads


# Choosing by what was done


def test_each_code_has_its_column_of_words():
    keys = ["97140", "98941", "72100-26", "S9117"]
    found = columns(compare_page(codes=".".join(keys)))
    assert list(found) == keys
    for key, column in found.items():
        said = guide.text(key)
        assert escape(said.purpose) in column
        for item in said.must_show:
            assert f"<li>{escape(item)}</li>" in column


def test_a_column_says_when_it_is_another_of_the_codes():
    """guide.csv, fits_not: what names a code that is compared, alone or in a range."""
    head = "<h4>Another code when</h4>"
    found = columns(compare_page(codes="97112.97530.97140.98941"))
    said = {key: column.partition(head)[2] for key, column in found.items()}
    assert "A daily task is rehearsed as a whole: see 97530" in said["97112"]
    assert "see 97110" not in said["97112"]
    assert "Control or balance is trained as a component of its own: see 97112" in said["97530"]
    assert "see 98940 to 98943" in said["97140"]
    assert said["98941"] == ""


def test_each_finding_of_two_codes_in_one_visit_is_said_once():
    keys = ["97140", "98941", "97112", "97110"]
    said = words(compare_page(codes=".".join(keys)))
    for pair in combinations(keys, 2):
        for found in compare.beside(*pair, DEFAULT):
            assert said.count(f"{found.text} ") == 1
            assert found.detail in said
    level = f"({'|'.join(LEVEL_NAMES.values())})"
    assert re.search(rf"97140, 97112 and 97110 {level} ", said), "of each two of these"
    assert re.search(rf"97140 and 98941 {level} ", said)
    assert "No pair, conflict or hint" in words(compare_page(codes="97110.97012", payer="va"))


def ways(at):
    """The links among the blocks of HTML: where each leads, by its words."""
    found = re.findall(r'<a class="cc-go" href="(.*?)">.*?</span>(.*?)</a>', " ".join(html_of(at)))
    return {label: unescape(href) for href, label in found}


def test_a_card_leads_to_the_visit():
    at = compare_page(codes="97140.72100-26.98941.97550", payer="va", area="60601")
    links = {label: href for label, href in ways(at).items() if label.startswith("Use ")}
    assert links == {
        "Use 97140 in a visit": "./?payer=va&area=60601&do=97140.15",
        "Use 72100-26 in a visit": "./?payer=va&area=60601&do=72100-26",
        "Use 97550 in a visit": "./?payer=va&area=60601&do=97550.15",
    }, "adjustments follow from the regions"
    query = links["Use 97140 in a visit"].partition("?")[2]
    visit = opened(link=dict(each.split("=") for each in query.split("&")))
    assert visit.query_params["do"] == "97140.15"


def test_each_column_leads_to_the_guide():
    at = compare_page(codes="97140.72100-26")
    found = {label: href for label, href in ways(at).items() if label.startswith("Guide to")}
    assert found == {
        "Guide to 97140": "./codes?code=97140",
        "Guide to 72100": "./codes?code=72100",
    }
    for key, code in (("97140", "97140"), ("72100-26", "72100")):
        assert f'href="./codes?code={code}"' in columns(at)[key]


def test_what_a_link_says_and_where_it_leads_is_no_html():
    assert html.go("codes", {"code": '"><b>'}, "<i>", "menu_book") == (
        '<a class="cc-go" href="./codes?code=%22%3E%3Cb%3E">'
        '<span class="cc-icon" aria-hidden="true">menu_book</span>&lt;i&gt;</a>'
    )


def test_the_settings_go_along_in_the_menu():
    at = enter(compare_page(codes="97140.98941", payer="va"), "area", "60601")
    links = {each.proto.label: each.proto.query_string for each in at.get("page_link")}
    assert links["Visit"].startswith("payer=va&area=60601&")
    assert links["Compare"] == "payer=va&area=60601&codes=97140.98941"


# Typed words


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("s9117", "S9117"),
        (" S9117 ", "S9117"),
        ("back school class", "S9117"),
        ("muscle energy", "97140"),
        ("neuromuscular reeducation", "97112"),
        ("vax-d", "S9090"),
        ("72100-tc", "72100-TC"),
        ("97110 Therapeutic exercise", "97110"),
    ],
)
def test_typed_words_become_their_code(typed, found):
    at = enter(compare_page(codes="98940.99213"), "compared", ["98940", "99213", typed])
    assert compared(at) == ["98940", "99213", found]
    assert not problem(at)
    assert at.query_params["codes"] == f"98940.99213.{found}"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("97119", "'97119' fits no code."),
        ("nothing like it", "fits no code."),
        ("acupuncture", "fits 97810, 97813, 97811, 97814"),
        ("   ", "fits no code."),
        ("x" * 5000, "fits no code."),
        ("💥", "'💥' fits no code."),
        ("<img src=x>:red[y]", r"\<img src=x\>\:red\[y\]"),
    ],
)
def test_words_that_mean_no_one_code_are_said_and_the_others_kept(typed, said):
    at = enter(compare_page(codes="98940.99213"), "compared", ["98940", "99213", typed])
    assert said in problem(at)
    assert len(problem(at)) < 250
    assert compared(at) == ["98940", "99213"]
    at = enter(at, "compared", ["98940", "99213", "97110"])
    assert not problem(at), "the sentence stays after words that worked"


@pytest.mark.parametrize("typed", ["97110.97112", "97110-97112"])
def test_of_two_numbers_typed_as_one_word_none_is_lost_in_silence(typed):
    at = enter(compare_page(codes="98940.99213"), "compared", ["98940", "99213", typed])
    assert problem(at) or "97112" in compared(at)


def test_a_code_that_is_typed_again_is_one():
    at = enter(compare_page(codes="98940.99213"), "compared", ["98940", "99213", "chiropractic"])
    before = compared(at)
    at = enter(at, "compared", [*before, "98940 Spinal manipulation, 1 or 2 regions", "99213"])
    assert compared(at) == before


def test_a_sentence_about_typed_words_goes_with_the_link():
    at = enter(compare_page(codes="98940.99213"), "compared", ["98940", "99213", "zzzz"])
    at.query_params["codes"] = "97110.97112"
    at = run(at)
    assert compared(at) == ["97110", "97112"]
    assert not problem(at)


# Back and Forward


def test_going_back_to_an_address_shows_its_codes():
    at = compare_page(codes="97110.98940", payer="va")
    before = dict(at.query_params)
    at = enter(enter(at, "compared", ["97140", "97530"]), "payer", "medicare")
    after, amounts = dict(at.query_params), dollars(at)
    at = go_to(at, before)
    assert compared(at) == ["97110", "98940"]
    assert at.selectbox(key="payer").value == "va"
    at = go_to(at, after)
    assert compared(at) == ["97140", "97530"]
    assert dollars(at) == amounts


# codes.csv

OWN = own_codes.OWN | {"name": "Kinesio <tape> & :red[more]"}


@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize(
    ("text", "said"),
    [
        (with_row(OWN | {"work_rvu": "x"}), f"codes.csv, row {LAST_ROW}, work_rvu: 'x'"),
        (with_row(OWN | {"code": "97110"}), f"codes.csv, row {LAST_ROW}, code: '97110'"),
        ("code,name\n97110,x\n", "codes.csv, row 1"),
        ("", "nothing in it"),
    ],
)
def test_a_broken_codes_file_is_a_sentence(text, said, tab, codes_file):
    codes_file.write_text(text, encoding="utf-8")
    at = compare_page(tab, codes="97110.97112")
    assert len(at.error) == 1
    assert said in at.error[0].value
    assert "Mend the rows named above in `codes.csv`" in words(at)


def test_a_missing_codes_file_is_a_sentence(codes_file):
    codes_file.unlink()
    assert "was not found" in compare_page().error[0].value


def test_a_codes_file_that_breaks_and_is_mended_leaves_the_address_as_it_was(codes_file):
    at = compare_page(codes="97140.97530", payer="va")
    codes_file.write_text(with_row(OWN | {"work_rvu": "x"}), encoding="utf-8")
    assert f"row {LAST_ROW}, work_rvu" in run(at).error[0].value
    assert dict(at.query_params) == {"codes": "97140.97530", "payer": "va"}
    codes_file.write_text(GOOD + "\n", encoding="utf-8")
    again = compare_page(**at.query_params)
    assert not again.error
    assert compared(again) == ["97140", "97530"]


@pytest.mark.parametrize("tab", TABS)
def test_a_clinics_own_code_is_compared(tab, codes_file):
    codes_file.write_text(with_row(OWN), encoding="utf-8")
    at = compare_page(tab, codes="a1234.97110", payer="va")
    assert compared(at) == ["A1234", "97110"]
    assert dollars(at)[0] == engine("A1234", 15, Settings(payer="va"))
    assert "No guide text yet: add a row to guide.csv." in columns(at)["A1234"]
    at = enter(at, "compared", ["97110", "97112", "kt tape"])
    assert compared(at) == ["97110", "97112", "A1234"]


def test_a_clinics_own_figures_are_those_of_the_file_as_it_is_now(codes_file, save_later):
    codes_file.write_text(with_row(OWN), encoding="utf-8")
    at = compare_page(codes="A1234.97110")
    assert cards(at)["A1234"]["Work RVU"] == "0.40"
    save_later(with_row(OWN | {"work_rvu": "0.70"}))
    assert cards(run(at))["A1234"]["Work RVU"] == "0.70"


def test_a_clinics_own_name_is_shown_as_it_is(codes_file):
    codes_file.write_text(with_row(OWN), encoding="utf-8")
    at = compare_page(codes="A1234.97110", payer="va")
    for block in html_of(at):
        assert "<tape>" not in block
    assert escape(OWN["name"]) in "".join(html_of(at))


def test_a_code_that_is_taken_out_of_the_file_under_a_session_is_said(codes_file, save_later):
    codes_file.write_text(with_row(OWN), encoding="utf-8")
    at = compare_page(codes="A1234.97110.97112")
    save_later(GOOD)
    assert "A1234" not in compared(run(at))


# Any link

names = st.sampled_from([*COMPARE.fields, "do", "x"])
values = st.one_of(
    st.text(max_size=40),
    st.text("0123456789._-+einfa ", max_size=20),
    st.sampled_from(["yes", "no", "cms", "pt", "medicare", "va", "60601", "line", "facility"]),
    st.lists(st.sampled_from([*ALL_KEYS, "", "97119", "s9117"]), max_size=8).map(".".join),
)
links = st.dictionaries(names, values, max_size=8)


@settings(max_examples=40)
@given(links, st.sampled_from(TABS[1:]))
def test_no_link_breaks_the_page(parts, tab):
    at = compare_page(tab, **parts)
    assert not at.error
    run(at)


AMOUNTS = compare.worth(tuple(ALL_KEYS), Settings(provider="pt"))["first"]
WITH_AMOUNTS = list(AMOUNTS.index[AMOUNTS.notna()])
some_codes = st.lists(st.sampled_from(ALL_KEYS), max_size=5)


@settings(max_examples=40)
@given(
    links.filter(lambda parts: parts.get("payer") != "self-pay"),
    st.sampled_from(WITH_AMOUNTS),
    some_codes,
)
def test_no_link_with_an_amount_breaks_the_first_tab(parts, key, others):
    at = compare_page(**(parts | {"codes": ".".join([key, *others])}))
    assert not at.error
    assert set(compared(at)) == {key, *others}


@settings(max_examples=25)
@given(st.lists(st.sampled_from(ALL_KEYS), min_size=2, max_size=6, unique=True))
def test_a_reload_shows_the_same(keys):
    at = compare_page(TABS[-1], codes=".".join(keys), payer="uhc", who="pt")
    again = compare_page(TABS[-1], **at.query_params)
    assert compared(again) == compared(at) == keys
    assert COMPARE.encode(again.session_state) == COMPARE.encode(at.session_state)
