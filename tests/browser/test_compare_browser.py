"""The Compare page in Chromium: choosing codes, links, tabs, charts, downloads, phone, contrast."""

import csv
import io
import re

import pytest
from compare_screen import (
    SETTINGS,
    SIX,
    TWO,
    cards,
    choose,
    chosen,
    close_list,
    expect_address,
    expect_codes,
    expect_worth,
    field,
    opened,
    remove,
)
from playwright.sync_api import expect
from screen import (
    PHONE,
    PUSH,
    READABLE,
    SIZES,
    VISIBLE,
    button,
    charts,
    contrast,
    cut_off,
    in_colors,
    look,
    quiet,
    saved,
    settled,
    turn_to,
    violations,
    widest,
)
from visit_screen import settings as open_settings

from chirocalc.codes import compare

THREE = ("97110", "97112", "97140")
TABS = {  # how the alternative text of each tab's charts begins
    "By minutes": ["Dollars by minutes, each code alone"],
    "One unit": ["Work, practice expense, malpractice RVUs. ", "Dollars of one unit. "],
    "Over the years": ["Dollars of one unit, of the year, national"],
    "By area": ["One unit in the 109 localities"],
    "How often Medicare sees it": [
        "Services paid by Medicare Part B",
        "Dollars allowed a service, on average",
    ],
}


def address(server, *keys):
    return f"{server.url}/compare" + (f"?codes={'.'.join(keys)}" if keys else "")


def enter(page, words):
    """Type words into the field, and press Enter."""
    field(page).press_sequentially(words)
    field(page).press("Enter")


def tab(page, name):
    """Open a tab, and return its panel."""
    page.get_by_role("tab", name=name, exact=True).click()
    expect(page.get_by_role("tab", name=name, exact=True)).to_have_attribute(
        "aria-selected", "true"
    )
    return page.get_by_role("tabpanel").filter(visible=True)


def expect_charts(where, beginnings):
    """Wait until these charts are drawn, each with an alternative text that begins so; it has the
    figures, or says that they stand beside it."""
    expect(charts(where)).to_have_count(len(beginnings))
    expect(charts(where).locator("svg.marks")).to_have_count(len(beginnings))
    for at, beginning in enumerate(beginnings):
        says = re.compile(rf"^{re.escape(beginning)}.*(\d|Its figures follow in words\.)")
        expect(charts(where).nth(at)).to_have_attribute("aria-label", says)


# Codes and links


def test_the_bare_address_shows_the_example(server, page):
    opened(page, address(server))
    expect(chosen(page)).to_have_text(
        ["97110 Therapeutic exercise", "97112 Neuromuscular re-education"]
    )
    expect_worth(page, TWO)
    expect(page).to_have_title("Compare codes · Chirocalc")
    assert page.url == address(server), "an untouched example needs no parameters"


def test_a_code_is_chosen_from_the_list(server, page):
    opened(page, address(server))
    choose(page, "97140 Manual therapy")
    expect_codes(page, *THREE)


def test_typed_words_become_their_code(server, page):
    opened(page, address(server, "97110", "97530"))
    for words, code in [("muscle energy", "97140"), ("mucsle energy", "97140"), ("vax-d", "S9090")]:
        enter(page, words)
        expect_codes(page, "97110", "97530", code)
        close_list(page)
        remove(page, code)
        expect_codes(page, "97110", "97530")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("98941", "98941"),
        ("pnf", "97112"),
    ],
)
def test_a_typed_number_or_abbreviation_becomes_its_code(server, page, words, code):
    opened(page, address(server, "97110", "97530"))
    enter(page, words)
    expect_codes(page, "97110", "97530", code)


def test_words_that_are_not_one_code_are_named(server, page):
    opened(page, address(server))
    for words, says in [
        ("cold laser", "'cold laser' fits 0552T, 97037, S8948: choose one from the list."),
        ("*zzqq* :red[x]", "'*zzqq* :red[x]' fits no code."),
    ]:
        enter(page, words)
        expect(page.get_by_text(says)).to_be_visible()
        expect(chosen(page)).to_have_count(2)


def test_a_seventh_code_is_not_taken(server, page):
    opened(page, address(server, *SIX))
    field(page).press_sequentially("97035")
    expect(page.get_by_role("option", name="97035")).to_have_count(0)
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect_codes(page, *SIX)


def test_one_code_alone_asks_for_another(server, page):
    opened(page, address(server, *TWO))
    remove(page, "97112")
    expect(page.get_by_text("Choose another code to compare.")).to_be_visible()
    expect_address(page, "97110")
    page.reload()
    expect(page.get_by_text("Choose another code to compare.")).to_be_visible()


def test_an_empty_comparison_survives_reload(server, page):
    opened(page, address(server, *THREE))
    page.get_by_test_id("stMultiSelect").get_by_role("button", name="Clear all").click()
    hint = page.get_by_text("Choose another code to compare.")
    expect(hint).to_be_visible()
    expect(chosen(page)).to_have_count(0)
    settled(page)
    page.reload()
    expect(hint).to_be_visible()


def test_reload_back_and_forward_keep_the_codes(server, page, elsewhere):
    opened(page, address(server, *TWO))
    choose(page, "97140 Manual therapy")
    expect_codes(page, *THREE)
    remove(page, "97110")
    expect_codes(page, *THREE[1:])
    page.reload()
    expect_codes(page, *THREE[1:])
    page.go_back()
    expect_codes(page, *THREE)
    page.go_back()
    expect_codes(page, *TWO)
    page.go_forward()
    expect_codes(page, *THREE)
    opened(elsewhere, page.url)
    expect_codes(elsewhere, *THREE)


def test_what_is_wrong_with_a_link_is_said(server, page):
    turn_to(page, f"{server.url}/compare?codes=97110.zz**z&x=1")
    alert = page.get_by_role("alert").filter(has_text="Parts of this link were left out")
    expect(alert.locator("li")).to_have_count(2)


# Tabs


def test_each_tab_shows_its_charts(server, page):
    opened(page, address(server, *THREE))
    for name, beginnings in TABS.items():
        panel = tab(page, name)
        expect_charts(panel, beginnings)
        expect_charts(page, beginnings)
        settled(page)


def test_the_alternative_texts_hold_the_figures(server, page):
    opened(page, address(server, *TWO))
    tab(page, "One unit")
    table = compare.worth(TWO, SETTINGS)
    for at, column in enumerate(["total_rvu", "first"]):
        for key in TWO:
            says = re.compile(rf"{key}.* \$?{table.at[key, column]:.2f}")
            expect(charts(page).nth(at)).to_have_attribute("aria-label", says)


def test_the_figures_of_the_lines_stand_beside_them_for_a_screen_reader(server, page):
    opened(page, address(server, *TWO))
    hour = compare.worth(TWO, SETTINGS)["hour_dollars"]
    words = page.locator("p.cp-hidden")
    for key in TWO:
        expect(words).to_contain_text(f"{key}: ")
        expect(words).to_contain_text(f"${hour[key]:.2f} at 60")


def test_a_chart_is_not_drawn_anew_when_a_code_comes(server, page):
    """Only its lines move: the browser keeps the picture."""
    opened(page, address(server, "97110", "97112"))
    expect_charts(page, TABS["By minutes"])
    drawn = charts(page).locator("svg.marks")
    drawn.evaluate("picture => { picture.kept = true }")
    before = drawn.locator(".mark-line path").count()
    choose(page, "97140 Manual therapy")
    expect_codes(page, *THREE)
    expect(drawn.locator(".mark-line path")).to_have_count(before + 1)
    assert drawn.evaluate("picture => picture.kept")


def test_a_tab_stays_open_when_codes_change(server, page):
    opened(page, address(server, *TWO))
    panel = tab(page, "By area")
    expect_charts(panel, TABS["By area"])
    settled(page)
    choose(page, "97140 Manual therapy")
    expect_codes(page, *THREE)
    expect(charts(panel).first).to_have_attribute("aria-label", re.compile("97140: "))


def test_the_own_area_is_marked(server, page):
    opened(page, f"{address(server, *TWO)}&area=60601")
    panel = tab(page, "By area")
    expect(charts(panel)).to_have_attribute("aria-label", re.compile(r"yours \$\d"))
    expect(panel.get_by_text("Choose your area above")).to_have_count(0)


def test_all_in_one_visit(server, page):
    opened(page, address(server, *TWO))
    panel = tab(page, "By minutes")
    expect_charts(panel, TABS["By minutes"])
    for name, beginning in [
        ("Units, all in one visit", "Units of the visit, by minutes of each service"),
        ("Dollars, all in one visit", "Dollars of the visit, by minutes of each service"),
    ]:
        panel.get_by_role("radio", name=name).click()
        expect_charts(panel, [beginning])
        expect(panel.get_by_text(compare.partings(TWO, SETTINGS)[:40])).to_be_visible()
    panel.get_by_role("radio", name="Units", exact=True).click()
    expect_charts(panel, ["Units by minutes, each code alone"])
    panel.get_by_role("radio", name="Dollars", exact=True).click()
    expect_charts(panel, TABS["By minutes"])


# Choose by what was done


def columns(page):
    """The words of each code."""
    return page.locator(".cp-columns section")


def test_each_code_has_its_words_side_by_side(server, page):
    opened(page, address(server, *THREE))
    expect(page.get_by_role("heading", name="Which one did I do?", level=2)).to_be_visible()
    heads = columns(page).get_by_role("heading", level=3)
    expect(heads).to_have_text([re.compile(f"^{key} ") for key in THREE])
    boxes = [columns(page).nth(at).bounding_box() for at in range(3)]
    assert len({round(box["y"]) for box in boxes}) == 1, "not side by side"
    for each in ("The note must show", "Another code when"):
        heads_of = columns(page).get_by_role("heading", name=each).all()
        tops = {round(head.bounding_box()["y"]) for head in heads_of}
        assert len(tops) == 1, "not read across"
    remove(page, "97112")
    expect_codes(page, "97110", "97140")
    expect(heads).to_have_text([re.compile("^97110 "), re.compile("^97140 ")])
    said = page.get_by_test_id("stHtml").filter(has_text="In one visit together")
    for found in compare.beside("97110", "97140", SETTINGS):
        expect(said).to_contain_text(found.text)


def test_the_columns_lead_to_the_guide(server, page):
    opened(page, address(server, *THREE))
    page.get_by_role("link", name="Guide to 97112").click()
    expect(page).to_have_url(f"{server.url}/codes?code=97112")
    expect(
        page.get_by_role("heading", level=1, name="97112 Neuromuscular re-education")
    ).to_be_visible()


def test_an_address_opened_next_is_not_left_for_the_link_before(server, page):
    here = address(server, *THREE)
    opened(page, here)
    page.get_by_role("link", name="Guide to 97112").click()
    expect(page).to_have_url(f"{server.url}/codes?code=97112")
    page.evaluate(PUSH, here)
    page.wait_for_timeout(2000)  # longer than a lost click is looked after
    expect(columns(page).first).to_be_visible()
    assert page.url == here


def test_a_code_goes_into_a_visit(server, page):
    opened(page, address(server, *THREE))
    page.get_by_role("link", name="Use 97112 in a visit").click()
    expect(page).to_have_url(re.compile(r"//[^/]+/\?(.*&)?do=97112\.15(&|$)"))
    expect(page.get_by_label("Minutes of 97112", exact=True)).to_have_value("15")


def test_what_medicare_does_not_pay_is_said_at_the_top(server, page):
    opened(page, address(server, "97110", "98941"))
    banner = page.get_by_role("alert").filter(has_text="never pays a chiropractor for 97110.")
    expect(banner).to_be_in_viewport(ratio=1)
    expect(cards(page).filter(has_text="never pays a chiropractor for it")).to_have_count(1)
    expect(page.get_by_role("status").filter(has_text="change places at")).to_be_visible()
    open_settings(page)
    page.get_by_role("radio", name="PT", exact=True).click()
    page.keyboard.press("Escape")
    expect(banner).to_have_count(0)
    expect(cards(page).filter(has_text="never pays a chiropractor for it")).to_have_count(0)


def test_what_changes_is_said_to_a_screen_reader(server, page):
    """The sentence is one element that stays, so that a change of its words is announced."""
    opened(page, address(server, *TWO))
    said = page.locator('[role="status"].cp-answer')
    expect(said).to_have_text(f"For other clinicians: {compare.verdict(TWO, SETTINGS)}")
    said.evaluate("sentence => { sentence.kept = true }")
    choose(page, "97140 Manual therapy")
    expect(said).to_have_text(f"For other clinicians: {compare.verdict(THREE, SETTINGS)}")
    assert said.evaluate("sentence => sentence.kept")


# Downloads


def test_the_csv_has_the_figures_of_the_table(server, page):
    opened(page, address(server, *SIX))
    page.get_by_text("All figures, as a table and a file").click()
    expect(page.get_by_test_id("stDataFrame").locator("canvas").first).to_be_visible()
    link = page.get_by_test_id("stDownloadButton").get_by_role("button")
    expect(link).to_be_visible()
    settled(page)
    before = page.url
    name, content = saved(page, link)
    assert name == "compare.csv"
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8"))))
    assert [row["code"] for row in rows] == list(SIX)
    for row, shown in zip(rows, compare.worth(SIX, SETTINGS).itertuples(), strict=True):
        for column in ("work_rvu", "total_rvu", "first", "later", "hour_dollars"):
            figure = getattr(shown, column)
            assert float(row[column] or "nan") == pytest.approx(figure, nan_ok=True)
    settled(page)
    assert page.url == before
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()


def test_a_chart_is_saved_as_a_picture(server, page):
    opened(page, address(server, *TWO))
    for name in ("By minutes", "One unit"):
        tab(page, name)
        expect_charts(page, TABS[name])
        chart = charts(page).first
        quiet(page)
        chart.hover()
        file, picture = saved(
            page, button(page, f"Download as PNG: {chart.get_attribute('aria-label')}")
        )
        assert file.endswith(".png")
        assert picture.startswith(b"\x89PNG\r\n\x1a\n")
        wide, high = (int.from_bytes(picture[at : at + 4]) for at in (16, 20))
        assert min(wide, high) > 150
        assert len(picture) > 4000


# Sizes


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_first_screen_of_a_desktop_has_the_answer_the_cards_and_a_chart(server, page, scheme):
    opened(page, address(server, *THREE))
    in_colors(page, scheme)
    expect(page.get_by_role("heading", name="Compare codes", level=1)).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("status").filter(has_text="pays most")).to_be_in_viewport(ratio=1)
    for at in range(3):
        expect(cards(page).nth(at)).to_be_in_viewport(ratio=1)
    expect(charts(page)).to_be_in_viewport(ratio=1)


def test_the_first_screen_of_a_desktop_has_no_hole(server, page):
    """Left of the chart the cards and what stands under them reach as far down, but for a line."""
    opened(page, address(server, *TWO))
    left, right = page.locator(".cp-cards"), charts(page)
    basis = page.locator(".cp-basis").first
    ends = [each.bounding_box() for each in (left, basis, right)]
    bottoms = [box["y"] + box["height"] for box in ends]
    assert abs(bottoms[2] - bottoms[1]) < 60
    assert ends[2]["y"] - ends[0]["y"] < 120
    expect(page.get_by_role("heading", name="Which one did I do?")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("keys", [TWO, THREE, SIX], ids=["two", "three", "six"])
@pytest.mark.parametrize("size", SIZES)
def test_a_difference_stands_beside_its_figure_and_inside_its_card(server, page, keys, size):
    """No figure, difference or badge is cut off, at any number of codes."""
    page.set_viewport_size(SIZES[size])
    opened(page, address(server, *keys))
    for at, card in enumerate(cards(page).all()):
        assert card.evaluate("card => card.scrollWidth <= card.clientWidth")
        gaps = card.locator(".cp-gap")
        assert (gaps.count() > 0) == (at > 0 and keys[at] != "S9117")
        for gap in gaps.all():
            figure, box = gap.locator("xpath=..").bounding_box(), gap.bounding_box()
            assert figure["y"] - 1 <= box["y"] <= figure["y"] + figure["height"]
            expect(gap).to_have_css("font-variant-numeric", "tabular-nums")


def test_one_heading_of_the_first_level(server, page):
    opened(page, address(server, *TWO))
    expect(page.locator("h1")).to_have_text(["Compare codes"])


def test_a_phone_has_two_cards_in_a_row_and_a_shorter_page(server, phone):
    """A page of two codes was 3,253 pixels high."""
    opened(phone, address(server, *TWO))
    one, two = (cards(phone).nth(at).bounding_box() for at in (0, 1))
    assert one["y"] == two["y"]
    assert one["x"] + one["width"] <= two["x"]
    settled(phone)
    height = phone.get_by_test_id("stMain").evaluate("main => main.scrollHeight")
    assert height < 2_800


@pytest.mark.parametrize("keys", [TWO, SIX], ids=["two", "six"])
def test_a_phone_scrolls_down_and_not_sideways(server, phone, keys):
    opened(phone, address(server, *keys))
    for name, beginnings in TABS.items():
        phone.get_by_role("tab", name=name, exact=True).tap()
        expect_charts(phone, beginnings)
        settled(phone)
        assert widest(phone) <= PHONE["width"], name
        assert cut_off(phone) == [], name


# Contrast, names, roles


EVERY, FIRST = list(TABS), list(TABS)[:1]


def found(page, scheme, size, names):
    """What axe finds tab by tab; above the tabs it looks with the first one only."""
    look(page, scheme, size)
    texts = []
    for name in names:
        tab(page, name)
        expect_charts(page, TABS[name])
        settled(page)
        within = None if name == names[0] else '[data-testid="stTabs"]'
        texts += [f"{scheme}, {size}, {name}: {each}" for each in violations(page, within)]
    return texts


def test_axe_finds_nothing(server, page):
    """In the first tab in both colors and sizes, and in all tabs in each of them once."""
    opened(page, address(server, *SIX))
    texts = found(page, "light", "desktop", EVERY) + found(page, "light", "phone", FIRST)
    texts += found(page, "dark", "desktop", FIRST) + found(page, "dark", "phone", EVERY)
    assert texts == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", TABS)
def test_the_words_and_the_marks_of_the_charts_are_readable(server, page, name, scheme):
    """WCAG 1.4.3: 4.5 to 1 of words; 1.4.11: 3 to 1 of bars and lines."""
    opened(page, f"{address(server, *SIX)}&area=60601")
    in_colors(page, scheme)
    tab(page, name)
    expect_charts(page, TABS[name])
    settled(page)
    for color in painted(page, "svg.marks text", "fill"):
        assert contrast(color, background(page)) >= READABLE, color
    for selector, what in MARKS.items():
        for color in painted(page, selector, what):
            assert contrast(color, background(page)) >= VISIBLE, color


MARKS = {
    "svg.marks .mark-line.role-mark path": "stroke",
    "svg.marks .mark-rect.role-mark path": "fill",
    "svg.marks .mark-symbol.role-mark path": "fill",
}


def painted(page, selector, what):
    """The colors in which elements of the charts are painted."""
    script = f"found => found.map(each => getComputedStyle(each).{what})"
    colors = set(charts(page).locator(selector).evaluate_all(script))
    return {color for color in colors if color != "none"}


def background(page):
    return page.get_by_test_id("stApp").evaluate("app => getComputedStyle(app).backgroundColor")


def test_legends_stand_right_under_their_titles(server, page):
    opened(page, address(server, *THREE))
    tab(page, "One unit")
    expect_charts(page, TABS["One unit"])
    for at in (0, 1):
        chart = charts(page).nth(at)
        title, legend = (
            chart.locator(selector).first.bounding_box()
            for selector in (".role-title-text", ".role-legend")
        )
        assert 0 <= legend["y"] - title["y"] - title["height"] < 16
        assert abs(legend["x"] - title["x"]) < 60


def test_bars_have_their_values(server, page):
    opened(page, address(server, *TWO))
    tab(page, "One unit")
    expect_charts(page, TABS["One unit"])
    table = compare.worth(TWO, SETTINGS)
    for at, amounts in (
        (0, [f"{value:.2f}" for value in table["total_rvu"]]),
        (1, [f"${value:.2f}" for unit in ("first", "later") for value in table[unit]]),
    ):
        said = charts(page).nth(at).locator(".mark-text.role-mark text").all_text_contents()
        assert sorted(said) == sorted(amounts)
