"""The Compare page in Chromium: choosing codes, links, tabs, charts, downloads, phone, contrast."""

import csv
import io
import re

import pytest
from compare_screen import (
    SETTINGS,
    SIX,
    TWO,
    choose,
    chosen,
    close_list,
    expect_address,
    expect_codes,
    field,
    opened,
    remove,
    worth_of,
)
from playwright.sync_api import expect
from screen import (
    PHONE,
    button,
    charts,
    cut_off,
    look,
    saved,
    settled,
    turn_to,
    violations,
    widest,
)

from chirocalc.codes import compare

THREE = ("97110", "97112", "97140")
RVUS, DOLLARS = "Work, practice expense, malpractice RVUs. ", "Dollars of one unit. "
CHARTS = {  # how the alt text of each tab's charts begins
    "Against minutes": ["Units by minutes, each code alone", "Dollars by minutes, each code alone"],
    "Over the years": ["Total RVUs of one unit", "Dollars of one unit, of the year"],
    "By area": ["One unit in the 109 localities"],
    "Medicare's use": [
        "Services paid by Medicare Part B",
        "Dollars allowed a service, on average",
    ],
    "All figures": [],
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
    """Wait until these charts are drawn, each with an alternative text that begins so."""
    expect(charts(where)).to_have_count(len(beginnings))
    expect(charts(where).locator("svg.marks")).to_have_count(len(beginnings))
    for at, beginning in enumerate(beginnings):
        says = re.compile(rf"^{re.escape(beginning)}.*\d")
        expect(charts(where).nth(at)).to_have_attribute("aria-label", says)


# Codes and links


def test_the_bare_address_shows_the_example(server, page):
    opened(page, address(server))
    expect(chosen(page)).to_have_text(
        ["97110 Therapeutic exercise", "97112 Neuromuscular re-education"]
    )
    expect(page.get_by_test_id("stTable").locator("tbody tr")).to_have_text(worth_of(TWO))
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
    for name, beginnings in CHARTS.items():
        panel = tab(page, name)
        expect_charts(panel, beginnings)
        expect_charts(page, [RVUS, DOLLARS, *beginnings])
        settled(page)
    expect(page.get_by_test_id("stDataFrame").locator("canvas").first).to_be_visible()


def test_the_alternative_texts_hold_the_figures(server, page):
    opened(page, address(server, *TWO))
    table = compare.worth(TWO, SETTINGS)
    for at, column in enumerate(["total_rvu", "first"]):
        for key in TWO:
            says = re.compile(rf"{key}.* \$?{table.at[key, column]:.2f}")
            expect(charts(page).nth(at)).to_have_attribute("aria-label", says)


def test_a_tab_stays_open_when_codes_change(server, page):
    opened(page, address(server, *TWO))
    panel = tab(page, "By area")
    expect_charts(panel, CHARTS["By area"])
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
    panel = tab(page, "Against minutes")
    expect_charts(panel, CHARTS["Against minutes"])
    panel.get_by_role("radio", name="All in one visit").click()
    expect_charts(panel, ["Units of the visit, by rule", "Dollars of the visit, by rule"])
    expect(panel.get_by_text(compare.partings(TWO, SETTINGS)[:40])).to_be_visible()
    panel.get_by_role("radio", name="Each code alone").click()
    expect_charts(panel, CHARTS["Against minutes"])


# Choose by what was done


def box(page):
    """The box of a pair."""
    boxes = page.get_by_test_id("stVerticalBlock").filter(has_text="In one visit together")
    return boxes.filter(has=page.locator("strong", has_text="In one visit together")).last


def expect_box(page, one, two):
    """Wait until the box is of this pair, by the links to their guides."""
    links = page.get_by_role("link", name="Guide to")
    expect(links).to_have_text([re.compile(one), re.compile(two)])
    settled(page)


def test_each_pair_has_its_box(server, page):
    opened(page, address(server, *THREE))
    for one, two in [(0, 2), (1, 2), (0, 1)]:
        page.get_by_role("radio", name=f"{THREE[one]} or {THREE[two]}").click()
        expect_box(page, THREE[one], THREE[two])
        words = box(page).inner_text().replace("\n", " ")
        for found in compare.beside(THREE[one], THREE[two], SETTINGS):
            assert found.text[:40].replace("$", "") in words.replace("$", "")


def test_the_box_follows_when_its_pair_is_gone(server, page):
    opened(page, address(server, "97110", "97112", "97140", "97530"))
    page.get_by_role("radio", name="97112 or 97140").click()
    expect_box(page, "97112", "97140")
    remove(page, "97112")
    expect_codes(page, "97110", "97140", "97530")
    expect_box(page, "97110", "97140")
    remove(page, "97530")
    expect_codes(page, "97110", "97140")
    expect_box(page, "97110", "97140")


def test_the_box_leads_to_the_guide(server, page):
    opened(page, address(server, *THREE))
    page.get_by_role("link", name="Guide to 97112").click()
    expect(page).to_have_url(f"{server.url}/codes?code=97112")
    expect(page.get_by_role("heading", name="97112 Neuromuscular re-education")).to_be_visible()


# Downloads


def test_the_csv_has_the_figures_of_the_table(server, page):
    opened(page, address(server, *SIX))
    tab(page, "All figures")
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
    expect(page.get_by_role("tab", name="All figures")).to_have_attribute("aria-selected", "true")


def test_a_chart_is_saved_as_a_picture(server, page):
    opened(page, address(server, *TWO))
    expect_charts(page, [RVUS, DOLLARS, *CHARTS["Against minutes"]])
    for at in (0, 2):
        chart = charts(page).nth(at)
        chart.hover()
        name, picture = saved(
            page, button(page, f"Download as PNG: {chart.get_attribute('aria-label')}")
        )
        assert name.endswith(".png")
        assert picture.startswith(b"\x89PNG\r\n\x1a\n")
        wide, high = (int.from_bytes(picture[at : at + 4]) for at in (16, 20))
        assert min(wide, high) > 150
        assert len(picture) > 4000


# Sizes


def test_a_desktop_has_the_table_and_the_box_in_sight(server, page):
    opened(page, address(server, *TWO))
    table = page.get_by_test_id("stTable")
    expect(table).to_be_in_viewport(ratio=1)
    expect(page.get_by_text("Choose by what was done")).to_be_in_viewport(ratio=1)
    expect(page.get_by_text("The note must show").first).to_be_in_viewport(ratio=1)
    for at in (0, 1):
        expect(charts(page).nth(at)).to_be_in_viewport(ratio=1)
    assert table.evaluate("table => table.scrollWidth <= table.clientWidth"), "cut off"


def test_a_desktop_has_the_table_of_six_in_sight(server, page):
    opened(page, address(server, *SIX))
    expect(page.get_by_test_id("stTable")).to_be_in_viewport(ratio=1)
    expect(page.get_by_text("Choose by what was done")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("keys", [TWO, SIX], ids=["two", "six"])
def test_a_phone_scrolls_down_and_not_sideways(server, phone, keys):
    opened(phone, address(server, *keys))
    for name, beginnings in CHARTS.items():
        phone.get_by_role("tab", name=name, exact=True).tap()
        expect_charts(phone, [RVUS, DOLLARS, *beginnings])
        settled(phone)
        assert widest(phone) <= PHONE["width"], name
        assert cut_off(phone) == [], name


# Contrast, names, roles


KNOWN = {  # rule: what the elements have in common that it finds, and why
    "color-contrast": ("<span title=", "white on the dark theme's primaryColor is 2.38 to 1"),
    "target-size": ('data-rac=""', "baseFontSize 15 makes Streamlit's 1.5rem buttons 22.5 pixels"),
}


EVERY, FIRST = list(CHARTS), list(CHARTS)[:1]


def found(page, scheme, size, names):
    """What axe finds tab by tab; above the tabs it looks with the first one only."""
    look(page, scheme, size)
    texts = []
    for name in names:
        tab(page, name)
        expect_charts(page, [RVUS, DOLLARS, *CHARTS[name]])
        settled(page)
        within = None if name == names[0] else '[data-testid="stTabs"]'
        texts += [f"{scheme}, {size}, {name}: {each}" for each in violations(page, within)]
    return texts


def known(text):
    """The rules of what axe found that are known."""
    return {rule for rule, (has, _) in KNOWN.items() if f"{rule}: " in text and has in text}


def test_axe_finds_what_is_known_and_nothing_else(server, page):
    """In the first tab in both colors and sizes, and in all tabs in each of them once."""
    opened(page, address(server, *SIX))
    texts = found(page, "light", "desktop", EVERY) + found(page, "light", "phone", FIRST)
    texts += found(page, "dark", "desktop", FIRST) + found(page, "dark", "phone", EVERY)
    assert [each for each in texts if not known(each)] == []
    assert set().union(*map(known, texts)) == set(KNOWN), "what was mended leaves the list"
