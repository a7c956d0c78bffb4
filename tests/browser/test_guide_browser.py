"""The guide in Chromium: search while typing, addresses, the list, phone, contrast."""

import re

import pandas as pd
import pytest
from compare_screen import expect_codes
from guide_screen import code_link, column, expect_code, expect_list, loaded, opened, rows
from playwright.sync_api import expect
from screen import PHONE, SIZES, cut_off, link, settled, turn_to, violations, violations_in, widest
from visit_screen import expect_do, minutes

from chirocalc import tables
from chirocalc.codes import compare, guide, hints, look_up, national
from chirocalc.rules.settings import Settings


def search(page):
    return page.get_by_label("Find a code")


def expander(page, title):
    return page.get_by_test_id("stExpander").filter(has=page.get_by_text(title))


FOLDS = ("Pairs with other codes", "What the calculator checks")


def open_all(page):
    """Open the expanders that are closed."""
    for title in FOLDS:
        expander(page, title).locator("summary").click()
        expect(expander(page, title).locator("details")).to_have_attribute("open", "")
        expect(expander(page, title).get_by_test_id("stMarkdown").last).to_be_visible()


# Search


@pytest.mark.parametrize("code", ["", "97110"])
@pytest.mark.parametrize(
    ("words", "found"), [("muscel energy", "97140"), ("back pain class", "S9117")]
)
def test_results_come_while_typing(server, page, words, found, code):
    """On the list, and above a code's page, which stays."""
    opened(page, server, code)
    search(page).press_sequentially(words)
    expect(rows(page)).to_have_count(1)
    expect(code_link(page, found)).to_be_visible()
    expect(search(page)).to_be_focused()
    expect(search(page)).to_have_value(words)
    if code:
        expect_code(page, code)


def test_results_change_while_typing_goes_on(server, page):
    opened(page, server, "97110")
    search(page).press_sequentially("manual therapy")
    expect(code_link(page, "97140")).to_be_visible()
    search(page).press_sequentially("zzqq")
    expect(page.get_by_text("Nothing fits.")).to_be_visible()
    expect(rows(page)).to_have_count(0)
    search(page).fill("")
    expect(page.get_by_text("Nothing fits.")).to_have_count(0)


@pytest.mark.parametrize("code", ["", "97110"])
def test_a_number_opens_its_page_without_a_click(server, page, code):
    opened(page, server, code)
    search(page).press_sequentially("99213")
    page.keyboard.press("Enter")
    expect_code(page, "99213")
    expect(search(page)).to_have_value("")
    page.go_back()
    expect_code(page, code) if code else expect_list(page)


def test_a_result_leads_to_its_code_and_back_returns(server, page):
    opened(page, server, "97110")
    search(page).press_sequentially("muscel energy")
    code_link(page, "97140").click()
    expect_code(page, "97140")
    page.go_back()
    expect_code(page, "97110")
    page.go_forward()
    expect_code(page, "97140")


def test_a_result_is_reached_with_the_keyboard(server, page):
    loaded(page, server, "97110")
    search(page).focus()
    page.keyboard.type("back pain class")
    expect(code_link(page, "S9117")).to_be_visible()
    settled(page)
    for _ in range(12):
        page.keyboard.press("Tab")
        if code_link(page, "S9117").evaluate("link => link.matches(':focus')"):
            break
    page.keyboard.press("Enter")
    expect_code(page, "S9117")


def test_what_is_typed_is_no_markup(server, page):
    opened(page, server)
    search(page).fill("<b>x</b> ![](http://a.co/b.png) $x$")
    expect(page.get_by_text("Nothing fits.")).to_be_visible()


# The table


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


def written(value, dollars=False):
    if pd.isna(value):
        return "–"
    return f"${value:,.2f}" if dollars else f"{value:.2f}"


def test_the_table_is_the_first_screen(server, page):
    """All codes, with their values as the tables have them, and the first dozen in sight."""
    opened(page, server)
    known = look_up(national())
    assert column(page, "code") == list(known.index)
    assert column(page, "name") == list(known["name"])
    assert column(page, "work_rvu") == [written(value) for value in known["work_rvu"]]
    assert column(page, "total_rvu") == [written(value) for value in known["total_rvu"]]
    assert column(page, "first") == [written(value, dollars=True) for value in known["first"]]
    assert column(page, "minutes") == ["–" if pd.isna(v) else f"{v}" for v in known["minutes"]]
    assert column(page, "pays") == [{True: "Yes", False: "No"}[pays] for pays in known["pays"]]
    for at in range(12):
        expect(rows(page).nth(at)).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("heading", level=1)).to_have_count(1)


def numbers(page, name):
    return [float(text.strip("$").replace(",", "")) for text in column(page, name) if text != "–"]


@pytest.mark.parametrize(
    ("head", "name"), [("RVU", "total_rvu"), ("Dollars", "first"), ("Minutes", "minutes")]
)
def test_a_click_on_a_head_sorts(server, page, head, name):
    """The largest first, then the smallest, then as before; what is missing always stands last."""
    opened(page, server)
    before = column(page, "code")
    here = page.get_by_role("columnheader", name=re.compile(f"^{head}"))
    here.get_by_role("button").click()
    expect(here).to_have_attribute("aria-sort", "descending")
    assert numbers(page, name) == sorted(numbers(page, name), reverse=True)
    assert column(page, name)[-1] == "–"
    page.keyboard.press("Enter")  # the focus stayed on the head
    expect(here).to_have_attribute("aria-sort", "ascending")
    assert numbers(page, name) == sorted(numbers(page, name))
    assert column(page, name)[-1] == "–"
    here.get_by_role("button").click()
    expect(here).not_to_have_attribute("aria-sort", re.compile("."))
    assert column(page, "code") == before


def test_names_sort_as_words_and_the_order_stays_while_typing(server, page):
    opened(page, server)
    page.get_by_role("columnheader", name="Name").get_by_role("button").click()
    shown = column(page, "name")
    assert shown == sorted(shown, key=str.casefold)
    search(page).press_sequentially("massage")
    expect(code_link(page, "97140")).to_have_count(0)
    shown = column(page, "name")
    assert shown == sorted(shown, key=str.casefold)


def test_a_kind_filters_the_table(server, page):
    opened(page, server)
    for kind in ("Manipulation", "Therapeutic procedure"):
        page.get_by_role("combobox", name="Kind of service").click()
        page.get_by_role("option", name=kind, exact=True).click()
        table = tables.codes()
        here = table[(table["category"] == kind) & (table["modifier"] == "")]
        expect(rows(page)).to_have_count(len(here))
        assert sorted(column(page, "code")) == sorted(here.index)


@pytest.mark.parametrize("where", ["number", "name", "dollars"])
def test_a_code_of_the_list_opens_and_all_codes_returns(server, page, where):
    """Wherever in its row the click is."""
    opened(page, server)
    row = rows(page).filter(has=page.get_by_role("link", name="97112"))
    target = {"number": row.get_by_role("link"), "name": row.locator(".name"),
              "dollars": row.locator(".first")}[where]  # fmt: skip
    target.click()
    expect_code(page, "97112")
    link(page, "All codes").click()
    expect_list(page)
    page.reload()
    expect_list(page)
    page.go_back()
    expect_code(page, "97112")
    page.go_back()
    expect_list(page)


def test_the_area_set_on_the_visit_holds_in_the_table_and_on_a_codes_page(server, page):
    page.goto(f"{server.url}/?payer=va&area=60601&do=97112.15")
    expect(page.get_by_role("link", name="Guide")).to_be_visible()
    settled(page)
    link(page, "Guide").click()
    said = "Medicare's 2026 fee schedule in Chicago, IL, your office"
    theirs = "VA Community Care at 100%"
    expect(page.get_by_text(f"Dollars: first unit, {said}; {theirs}.")).to_be_visible()
    row = rows(page).filter(has=page.get_by_role("link", name="97112"))
    expect(row.locator(".first")).to_have_text("$33.36")
    code_link(page, "97112").click()
    expect_code(page, "97112")
    dollars = "$33.36 first unit · $25.47 each later unit"
    expect(page.get_by_text(f"{said}: {dollars}")).to_be_visible()
    expect(page.get_by_text(f"{theirs}: {dollars}")).to_be_visible()


# A code


def test_a_code_in_small_letters_is_the_same(server, page):
    turn_to(page, f"{server.url}/codes?code=s9117")
    expect_code(page, "S9117")


def test_an_unknown_code_is_named_and_the_list_is_shown(server, page):
    turn_to(page, f"{server.url}/codes?code=**x**&x=1")
    alert = page.get_by_role("alert").filter(has_text="Parts of this link were left out")
    expect(alert.locator("li")).to_have_count(2)
    expect(alert).to_contain_text("**x**")  # as it stands in the link
    expect_list(page)


@pytest.mark.parametrize("code", ["97112", "S9117", "0552T"])
def test_the_figures_are_those_of_the_tables(server, page, code):
    """Of a visitor who has set no area."""
    loaded(page, server, code)
    row = compare.worth((code,), Settings()).iloc[0]
    first, later = (written(row[unit], dollars=True) for unit in ("first", "later"))
    dollars = (
        f"{first} first unit · {later} each later unit" if first != later else f"{first} a unit"
    )
    said = (
        f"{dollars} · {written(row['work_rvu'])} work RVU · {written(row['total_rvu'])} total RVU"
    )
    expect(page.get_by_text(said)).to_be_visible()


def test_the_boxes_and_the_note_are_in_sight(server, page):
    """The page leads with the answers; the sections are headings of the second level."""
    opened(page, server, "97112")
    expect(page.get_by_text("$32.73 first unit")).to_be_in_viewport(ratio=1)
    for box in guide.boxes("97112"):
        expect(page.get_by_text(box.question).first).to_be_in_viewport(ratio=1)
        expect(page.get_by_text(box.answer, exact=True).first).to_be_in_viewport(ratio=1)
    for item in guide.text("97112").must_show:
        expect(page.get_by_role("listitem").filter(has_text=item)).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("heading", level=2)).to_have_text(
        ["The note must show", "What it is", "Units and values"]
    )


def copy_button(page):
    return page.get_by_role("button", name="Copy what the note must show")


NOTE = [
    "97112 Neuromuscular re-education",
    "- The control deficit found, with a test such as single-leg stance or a posture measure",
    "- What was trained, in which position, and which cues or help were given",
    "- Minutes one-on-one and the visit's total timed minutes",
    "- The region treated, and that it is not an adjusted one, when an adjustment is billed too",
]


@pytest.mark.parametrize("size", SIZES)
def test_the_note_is_the_first_block_and_is_copied(server, page, size):
    """Below the heading and the figures, above the boxes; a live region says that it is done."""
    page.set_viewport_size(SIZES[size])
    opened(page, server, "97112")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    figures = page.get_by_text("$32.73 first unit").bounding_box()
    box = page.get_by_text(guide.boxes("97112")[0].question).bounding_box()
    button = copy_button(page)
    expect(button).to_be_in_viewport(ratio=1)
    assert figures["y"] < button.bounding_box()["y"] < box["y"]
    said = page.get_by_role("status").filter(has_text="Copied")
    expect(said).to_have_count(0)
    button.click()
    expect(said).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").split("\n") == NOTE
    opened(page, server, "98941")
    expect(said).to_have_count(0)
    copy_button(page).click()
    expect(said).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").startswith("98941 Spinal manipulation")


NO_CLIPBOARD = "Object.defineProperty(navigator, 'clipboard', {value: undefined})"
NO_COMMAND = "document.execCommand = () => false"


def test_without_a_clipboard_the_older_way_copies(server, new_tab):
    """As at an address of the clinic's network without https."""
    new_tab.add_init_script(NO_CLIPBOARD)
    loaded(new_tab, server, "97112")
    copy_button(new_tab).click()
    expect(new_tab.get_by_role("status").filter(has_text="Copied")).to_be_visible()
    expect(new_tab.get_by_label("What the note must show, to copy by hand")).to_be_hidden()
    expect(copy_button(new_tab)).to_be_focused()
    search(new_tab).focus()
    new_tab.keyboard.press("Control+V")
    expect(search(new_tab)).to_have_value(re.compile("^97112 Neuromuscular re-education"))


def test_a_copy_that_is_refused_is_said_and_the_text_selected(server, new_tab):
    new_tab.add_init_script(NO_CLIPBOARD)
    new_tab.add_init_script(NO_COMMAND)
    loaded(new_tab, server, "97112")
    copy_button(new_tab).click()
    said = new_tab.get_by_role("status").filter(has_text="Your browser did not let us copy.")
    expect(said).to_contain_text("press Ctrl+C")
    field = new_tab.get_by_label("What the note must show, to copy by hand")
    expect(field).to_be_focused()
    chosen = "field => field.value.slice(field.selectionStart, field.selectionEnd)"
    assert field.evaluate(chosen).split("\n") == NOTE
    assert violations(new_tab) == []


def test_the_history_is_a_chart_with_an_alternative_text(server, page):
    opened(page, server, "97112")
    chart = page.get_by_test_id("stVegaLiteChart")
    expect(chart.locator("svg.marks")).to_be_visible()
    expect(chart).to_have_attribute("aria-label", re.compile(r"^RVUs of one unit of 97112 by year"))
    opened(page, server, "S9117")
    expect(page.get_by_text("Not in the history table")).to_be_visible()
    expect(chart).to_have_count(0)


def test_pairs_and_checks_open(server, page):
    opened(page, server, "97112")
    pairs, rules = hints.pairs_of("97112"), hints.rules_of("97112")
    expect(page.get_by_text(f"Pairs with other codes ({len(pairs)})")).to_be_visible()
    checks = f"What the calculator checks for this code ({len(rules)})"
    expect(page.get_by_text(checks)).to_be_visible()
    open_all(page)
    for other in pairs["other"]:
        expect(expander(page, FOLDS[0])).to_contain_text(other)
    for rule in rules:
        expect(expander(page, FOLDS[1])).to_contain_text(rule.text)


def test_compare_opens_beside_another_code(server, page):
    loaded(page, server, "97112")
    link(page, "Compare with 97110").click()
    expect_codes(page, "97112", "97110")


def test_use_in_a_visit_opens_the_visit(server, page):
    loaded(page, server, "97112")
    link(page, "Use in a visit").click()
    expect_do(page, "97112.15")
    expect(minutes(page, "97112")).to_have_value("15")


# Sizes


@pytest.mark.parametrize("code", ["97112", "S9117", "98941", "99213"])
def test_a_phone_scrolls_down_and_not_sideways(server, phone, code):
    opened(phone, server, code)
    expect(phone.locator("svg.marks")).to_have_count(0 if guide.years(code).empty else 1)
    open_all(phone)
    assert widest(phone) <= PHONE["width"]
    assert cut_off(phone) == []


def test_a_phone_shows_the_payers_dollars_beside_medicares(server, phone):
    """In place of the RVU and of whether Medicare pays: nothing is scrolled sideways."""
    phone.goto(f"{server.url}/?payer=uhc&percent=80&area=60601&do=97112.15")
    expect(phone.get_by_role("link", name="Guide")).to_be_visible()
    settled(phone)
    link(phone, "Guide").click()
    row = rows(phone).filter(has=phone.get_by_role("link", name="97112"))
    for name, dollars in {"first": "$33.36", "allowed": "$26.69"}.items():
        expect(row.locator(f".{name}")).to_have_text(dollars)
        expect(row.locator(f".{name}")).to_be_visible()
    region = phone.get_by_role("region", name="Codes")
    assert region.evaluate("box => box.scrollWidth <= box.clientWidth")
    assert widest(phone) <= PHONE["width"]


def test_a_phone_finds_a_code_by_tapping(server, phone):
    """Number, name, RVU, dollars and whether it is paid stand side by side; rows are 44 px high.
    Of a visitor who has set no payer."""
    loaded(phone, server)
    assert widest(phone) <= PHONE["width"]
    region = phone.get_by_role("region", name="Codes")
    assert region.evaluate("box => box.scrollWidth <= box.clientWidth")
    assert code_link(phone, "97112").bounding_box()["height"] >= 44
    for name in ("code", "name", "total_rvu", "first", "pays"):
        expect(rows(phone).first.locator(f".{name}")).to_be_in_viewport(ratio=1)
    search(phone).tap()
    search(phone).press_sequentially("muscel energy")
    expect(code_link(phone, "97140")).to_be_visible()
    settled(phone)
    code_link(phone, "97140").tap()
    expect_code(phone, "97140")


# Contrast, names, roles


TABLET = {"width": 768, "height": 1024}


@pytest.mark.parametrize("code", ["97112", "72100"])
def test_axe_finds_nothing_on_a_code(server, page, code):
    """In every look; and at a tablet's width nothing is wide that a key cannot scroll."""
    opened(page, server, code)
    open_all(page)
    assert violations_in(page) == []
    page.set_viewport_size(TABLET)
    assert violations(page) == []


def test_axe_finds_nothing_on_the_list(server, page):
    loaded(page, server)
    page.get_by_role("columnheader", name="Dollars").get_by_role("button").click()
    assert violations_in(page) == []
    page.set_viewport_size(TABLET)
    assert violations(page) == []
    search(page).press_sequentially("back pain class")
    expect(rows(page)).to_have_count(1)
    settled(page)
    assert violations_in(page) == []
