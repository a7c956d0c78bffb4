"""The guide in Chromium: search while typing, addresses, the list, phone, contrast."""

import re

import pandas as pd
import pytest
from compare_screen import expect_codes
from guide_screen import NAMES, expect_code, expect_list, loaded, opened
from playwright.sync_api import expect
from screen import PHONE, cut_off, link, settled, turn_to, violations_in, widest
from visit_screen import expect_do, minutes

from chirocalc import tables
from chirocalc.codes import compare, guide, hints
from chirocalc.rules.settings import Settings

FIGURES = ["work_rvu", "total_rvu", "first", "later"]


def search(page):
    return page.get_by_label("Find a code")


def expander(page, title):
    return page.get_by_test_id("stExpander").filter(has=page.get_by_text(title))


def open_all(page):
    """Open the expanders that are closed."""
    for title in ("Pairs with other codes", "Hints that can fire"):
        expander(page, title).locator("summary").click()
        expect(expander(page, title).locator("details")).to_have_attribute("open", "")


# Search


@pytest.mark.parametrize(
    ("words", "code"),
    [("muscel energy", "97140"), ("back pain class", "S9117"), ("99213", "99213")],
)
def test_results_come_while_typing(server, page, words, code):
    opened(page, server, "97110")
    expect(link(page, NAMES[code])).to_have_count(0)
    search(page).press_sequentially(words)
    expect(link(page, NAMES[code])).to_be_visible()
    expect(search(page)).to_be_focused()
    expect(search(page)).to_have_value(words)
    expect_code(page, "97110")


def test_results_change_while_typing_goes_on(server, page):
    opened(page, server, "97110")
    search(page).press_sequentially("manual therapy")
    expect(link(page, NAMES["97140"])).to_be_visible()
    search(page).press_sequentially("zzqq")
    expect(page.get_by_text("Nothing fits.")).to_be_visible()
    expect(link(page, NAMES["97140"])).to_have_count(0)
    search(page).fill("")
    expect(page.get_by_text("Nothing fits.")).to_have_count(0)


def test_a_result_leads_to_its_code_and_back_returns(server, page):
    opened(page, server, "97110")
    search(page).press_sequentially("muscel energy")
    link(page, NAMES["97140"]).click()
    expect_code(page, "97140")
    page.go_back()
    expect_code(page, "97110")
    page.go_forward()
    expect_code(page, "97140")


def test_a_result_is_reached_with_the_keyboard(server, page):
    loaded(page, server)
    search(page).focus()
    page.keyboard.type("back pain class")
    expect(link(page, NAMES["S9117"]).first).to_be_visible()
    settled(page)
    for _ in range(3):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.innerText").startswith("S9117"):
            break
    page.keyboard.press("Enter")
    expect_code(page, "S9117")


def test_what_is_typed_is_no_markup(server, page):
    opened(page, server)
    search(page).fill("<b>x</b> ![](http://a.co/b.png) $x$")
    expect(page.get_by_text("Nothing fits.")).to_be_visible()


# The list


@pytest.mark.parametrize(
    ("link", "title"),
    [
        ("", "Guide"),
        ("?code=97112", "97112"),
        ("?code=", "Guide"),
        ("?code=s9117", "S9117"),
        ("?code=**x**", "Guide"),
    ],
)
def test_the_title_is_of_the_code_or_the_guide(server, page, link, title):
    turn_to(page, f"{server.url}/codes{link}")
    expect(page.get_by_text("CPT is a trademark")).to_be_visible()
    settled(page)
    expect(page).to_have_title(f"{title} · Chirocalc")


def test_the_list_shows_one_category_at_a_time(server, page):
    opened(page, server)
    for category in ("Manipulation", "Therapeutic procedure"):
        page.get_by_role("radio", name=category).click()
        table = tables.codes()
        here = table[(table["category"] == category) & (table["modifier"] == "")]
        for key in here.index:
            expect(page.get_by_role("link", name=key)).to_be_visible()
        expect(page.get_by_role("link", name=re.compile(r"^\w{5} "))).to_have_count(len(here))


def test_a_code_of_the_list_opens_and_all_codes_returns(server, page):
    opened(page, server)
    link(page, NAMES["97112"]).click()
    expect_code(page, "97112")
    link(page, "All codes").click()
    expect_list(page)
    page.reload()
    expect_list(page)
    page.go_back()
    expect_code(page, "97112")
    page.go_back()
    expect_list(page)


# A code


def test_a_code_in_small_letters_is_the_same(server, page):
    turn_to(page, f"{server.url}/codes?code=s9117")
    expect_code(page, "S9117")


def test_an_unknown_code_is_named_and_the_list_is_shown(server, page):
    turn_to(page, f"{server.url}/codes?code=**x**&x=1")
    alert = page.get_by_role("alert").filter(has_text="Parts of this link were left out")
    expect(alert.locator("li")).to_have_count(2)
    expect(alert).to_contain_text("**X**")
    expect_list(page)


@pytest.mark.parametrize("code", ["97112", "S9117"])
def test_the_figures_are_those_of_the_tables(server, page, code):
    opened(page, server, code)
    row = compare.worth((code,), Settings()).iloc[0]
    shown = ["–" if pd.isna(row[name]) else f"{row[name]:,.2f}" for name in FIGURES]
    shown[2:] = [text if text == "–" else f"${text}" for text in shown[2:]]
    most = tables.record(code)["mue"]
    shown.append("–" if pd.isna(most) else f"{most}")
    expect(page.get_by_test_id("stMetricValue")).to_have_text(shown)


def test_the_history_is_a_chart_with_an_alternative_text(server, page):
    opened(page, server, "97112")
    chart = page.get_by_test_id("stVegaLiteChart")
    expect(chart.locator("svg.marks")).to_be_visible()
    expect(chart).to_have_attribute("aria-label", re.compile(r"^RVUs of one unit of 97112 by year"))
    opened(page, server, "S9117")
    expect(page.get_by_text("Not in the history table")).to_be_visible()
    expect(chart).to_have_count(0)


def test_pairs_hints_and_questions_open(server, page):
    opened(page, server, "97112")
    pairs, rules = hints.pairs_of("97112"), hints.rules_of("97112")
    expect(page.get_by_text(f"Pairs with other codes ({len(pairs)})")).to_be_visible()
    expect(page.get_by_text(f"Hints that can fire ({len(rules)})")).to_be_visible()
    open_all(page)
    for other in pairs["other"]:
        expect(expander(page, "Pairs with other codes")).to_contain_text(other)
    for rule in rules:
        expect(expander(page, "Hints that can fire")).to_contain_text(rule.text)
    for question, _ in guide.questions("97112"):
        expect(expander(page, "Questions and answers").get_by_text(question)).to_be_visible()


def test_beside_another_code_opens_compare(server, page):
    loaded(page, server, "97112")
    link(page, "Beside 97110").click()
    expect_codes(page, "97112", "97110")


def test_in_a_visit_opens_the_visit(server, page):
    loaded(page, server, "97112")
    link(page, "In a visit").click()
    expect_do(page, "97112.15")
    expect(minutes(page, "97112")).to_have_value("15")
    expect(page.get_by_test_id("stMetric")).to_have_count(4)


# Sizes


@pytest.mark.parametrize("code", ["97112", "S9117", "98941", "99213"])
def test_a_phone_scrolls_down_and_not_sideways(server, phone, code):
    opened(phone, server, code)
    expect(phone.locator("svg.marks")).to_have_count(0 if guide.years(code).empty else 1)
    open_all(phone)
    assert widest(phone) <= PHONE["width"]
    assert cut_off(phone) == []


def test_a_phone_finds_a_code_by_tapping(server, phone):
    opened(phone, server)
    assert widest(phone) <= PHONE["width"]
    search(phone).tap()
    search(phone).press_sequentially("muscel energy")
    expect(link(phone, NAMES["97140"]).first).to_be_visible()
    settled(phone)
    link(phone, NAMES["97140"]).first.tap()
    expect_code(phone, "97140")


def test_a_desktop_has_the_figures_in_sight(server, page):
    opened(page, server, "97112")
    for metric in page.get_by_test_id("stMetric").all():
        expect(metric).to_be_in_viewport(ratio=1)
    expect(page.get_by_text("It fits when")).to_be_in_viewport(ratio=1)


# Contrast, names, roles


def test_axe_finds_nothing_on_a_code(server, page):
    opened(page, server, "97112")
    expect(page.locator("svg.marks")).to_have_count(1)
    open_all(page)
    assert violations_in(page) == []


def test_axe_finds_nothing_on_the_list(server, page):
    opened(page, server)
    search(page).press_sequentially("back pain class")
    expect(link(page, NAMES["S9117"]).first).to_be_visible()
    settled(page)
    assert violations_in(page) == []
