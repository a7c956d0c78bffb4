"""The visit page in Chromium: links, downloads, print, phone, keyboard, contrast, quick hands."""

import csv
import io
import re
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import expect
from screen import (
    PHONE,
    SMALLEST_TARGET,
    button,
    charts,
    chip,
    printed,
    quiet,
    saved,
    settled,
    turn_to,
    violations,
    violations_in,
    widest,
)
from visit_screen import (
    EXAMPLE,
    TOTALS,
    VISIT,
    VISIT_LINES,
    VISIT_SETTINGS,
    answer_of,
    as_shown,
    do_of,
    expect_do,
    expect_totals,
    figure,
    loaded,
    minutes,
    opened,
    quick,
    row,
    settings,
    totals_of,
)

import chirocalc

BUSY = (
    "?payer=medicare&area=00000&adj=cervical.lumbar.head&percent=inf"
    "&do=97110.1440_97112.20_97811.20_S9117_97140.-5_72100-26.1_97530.20"
)


# Links


def test_a_visit_set_by_hand_survives_reload_and_opens_elsewhere(server, page, elsewhere):
    opened(page, server.url)
    expect_totals(page, EXAMPLE)
    button(page, "Sacral").click()
    button(page, "Pelvic").click()
    button(page, "Arm").click()
    button(page, "97140 Manual").click()
    minutes(page, "97140").fill("12")
    minutes(page, "97140").press("Enter")
    expect_do(page, "97110.20_97112.20_97140.12")
    button(page, "97112 Neuromuscular").click()
    expect_do(page, "97110.20_97140.12")
    quick(page, "97110", 30).click()
    expect_do(page, "97110.30_97140.12")
    lines = [("98942", None), ("98943", None), ("97110", 30), ("97140", 12)]
    totals = totals_of(lines, chirocalc.Settings(payer="commercial-total-time"))
    expect_totals(page, totals)

    page.reload()
    expect_totals(page, totals)
    expect(minutes(page, "97110")).to_have_value("30")

    opened(elsewhere, page.url)
    expect_totals(elsewhere, totals)
    expect(minutes(elsewhere, "97140")).to_have_value("12")
    expect(button(elsewhere, "Arm")).to_have_attribute("aria-pressed", "true")
    assert elsewhere.url == page.url


def test_the_settings_survive_reload(server, page):
    opened(page, f"{server.url}/?do=97110.33&adj=lumbar")
    settings(page)
    page.get_by_role("radio", name="Facility").click()
    page.get_by_role("radio", name="PT", exact=True).click()
    area = page.get_by_role("combobox", name="Your ZIP code, city or state")
    area.fill("60601")
    area.press("Enter")
    expect(page.get_by_role("button", name="Chicago, IL · facility · PT")).to_be_visible()
    settled(page)
    lines = [("97110", 33)]  # Medicare pays a therapist for no adjustment
    answer = chirocalc.Settings(locality="06102-16", place="facility", provider="pt")
    expect_totals(page, totals_of(lines, answer))
    page.reload()
    expect(page.get_by_role("button", name="Chicago, IL · facility · PT")).to_be_visible()
    expect_totals(page, totals_of(lines, answer))


def test_an_empty_visit_survives_reload(server, page):
    opened(page, f"{server.url}/?do=97012")
    button(page, "97012 Traction").click()
    hint = page.get_by_text("Choose the regions adjusted, or a service.")
    expect(hint).to_be_visible()
    settled(page)
    page.reload()
    expect(hint).to_be_visible()


def test_back_returns_to_the_state_before(server, page):
    opened(page, f"{server.url}/{VISIT}")
    before, totals = page.url, totals_of(VISIT_LINES, VISIT_SETTINGS)
    minutes(page, "97110").fill("53")
    minutes(page, "97110").press("Enter")
    expect_do(page, "97110.53_97140.7_S9117")
    settled(page)
    between = page.url
    button(page, "Head").click()
    expect(page).not_to_have_url(between)
    settled(page)

    page.go_back()
    expect(page).to_have_url(between)
    expect(button(page, "Head")).to_have_attribute("aria-pressed", "true")
    settled(page)
    page.go_back()
    expect(page).to_have_url(before)
    expect_totals(page, totals)
    expect(minutes(page, "97110")).to_have_value("33")
    settled(page)
    page.go_forward()
    expect(page).to_have_url(between)
    expect(minutes(page, "97110")).to_have_value("53")


def test_an_input_after_back_counts(server, page):
    opened(page, f"{server.url}/?payer=va&do=97110.20")
    quick(page, "97110", 30).click()
    expect_do(page, "97110.30")
    settled(page)
    page.go_back()
    expect(minutes(page, "97110")).to_have_value("20")
    settled(page)
    quick(page, "97110", 30).click()
    expect_do(page, "97110.30")
    expect(minutes(page, "97110")).to_have_value("30")


def test_the_link_to_copy_is_the_whole_address(server, page, elsewhere):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    opened(page, f"{server.url}/{VISIT}")
    button(page, "Share").click()
    shown = page.get_by_test_id("stCode")
    expect(shown).to_be_visible()
    shown.hover()
    page.get_by_role("button", name="Copy to clipboard").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == shown.inner_text()
    assert urlsplit(copied).netloc == urlsplit(page.url).netloc
    assert parse_qs(urlsplit(copied).query) == parse_qs(urlsplit(page.url).query)
    expect_totals(opened(elsewhere, copied), totals_of(VISIT_LINES, VISIT_SETTINGS))


def test_the_link_of_the_untouched_example_is_whole_too(server, page, elsewhere):
    opened(page, server.url)
    button(page, "Share").click()
    link = page.get_by_test_id("stCode").inner_text()
    assert do_of(link) == "97110.20_97112.20"
    expect_totals(opened(elsewhere, link), EXAMPLE)


def test_a_link_cannot_load_or_link_anything(server, page):
    marks = {
        "payer": "![](http://a.co/b.png)",
        "area": "a\n- b\n# c",
        "who": "$x$ :red[y]",
        "do": "`97111`_**97112**",
        "<b>[x](http://a.co)": "1",
        "more": "1",
    }
    turn_to(page, f"{server.url}/?{urlencode(marks)}")
    alert = page.get_by_role("alert").filter(has_text="Parts of this link were left out")
    expect(alert).to_contain_text("not an input of this page")
    expect(alert.locator("img, a, h1, h2, code, .katex, .stMarkdownColoredText")).to_have_count(0)
    expect(alert.locator("li")).to_have_count(7)  # one per problem, of which the first six are told
    expect(alert).to_contain_text("and 1 more")
    for text in ("![](http", "$x$ :red[y]", "`97111`", "**97112**", "<b>[x](http"):
        expect(alert).to_contain_text(text)


def test_a_link_of_nonsense_shows_the_rest(server, page):
    link = "?payer=va&do=97110.inf_97112.nan_97140.1e308_72100.-inf_97530.20&percent=nan&x=%00"
    opened(page, f"{server.url}/{link}")
    expect(page.get_by_text("must be a whole number from 0 to 1,440").first).to_be_visible()
    expect(minutes(page, "97530")).to_have_value("20")


# Downloads


def downloaded(page, name):
    save = page.get_by_role("radio", name="Save", exact=True)
    if save.get_attribute("aria-checked") != "true":
        save.click()
    name, content = saved(page, button(page, name))
    return name, content.decode("utf-8")


def test_the_csv_arrives_with_the_totals(server, page):
    opened(page, f"{server.url}/{VISIT}")
    name, text = downloaded(page, "CSV")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert name == "visit.csv"
    assert [line["code"] for line in rows] == [code for code, _ in VISIT_LINES]
    sums = [sum(float(line[column] or 0) for line in rows) for column in TOTALS]
    assert as_shown(*sums) == totals_of(VISIT_LINES, VISIT_SETTINGS)


def test_a_download_leaves_the_page_as_it_is(server, page):
    opened(page, f"{server.url}/{VISIT}")
    downloaded(page, "CSV")
    before = page.url
    downloaded(page, "CSV")
    settled(page)
    assert page.url == before
    expect_totals(page, totals_of(VISIT_LINES, VISIT_SETTINGS))


FULL_VISIT = (
    "?payer=medicare&area=06102-16&par=no&adj=cervical.thoracic.lumbar.sacral.pelvic.head"
    "&do=99213.20_97110.20_97112.20_97140.20_97530.20_97012_G0283_72100.1"
)


@pytest.mark.parametrize("link", ["", VISIT, FULL_VISIT], ids=["example", "visit", "full visit"])
def test_the_sheet_arrives_and_prints_on_one_page(server, page, paper, link):
    opened(page, f"{server.url}/{link}")
    dollars = page.locator(".cc-figures b").first.inner_text()
    totals = [*(figure(page, name).inner_text() for name in ("Units", "Work RVU", "Total RVU")),
              dollars]  # fmt: skip
    name, html = downloaded(page, "Printable sheet")
    assert name == "visit.html"
    assert printed(paper, html) == 1
    expect(paper.locator("tfoot")).to_contain_text("Total")
    cells = paper.locator("tfoot td").all_inner_texts()
    assert [cell for cell in cells[2:] if cell][:4] == totals


def test_axe_finds_nothing_on_the_sheet(server, page, paper):
    opened(page, server.url)
    paper.set_content(downloaded(page, "Printable sheet")[1])
    assert violations(paper) == []


# Sizes


@pytest.mark.parametrize("link", ["", BUSY], ids=["example", "busy"])
def test_a_phone_scrolls_down_and_not_sideways(server, phone, link):
    opened(phone, f"{server.url}/{link}")
    for picture in ("RVUs", "Dollars"):
        phone.get_by_role("radio", name=picture, exact=True).click()
        expect(charts(phone)).to_have_count(1)
        assert widest(phone) <= PHONE["width"]
    assert widest(phone) <= PHONE["width"]


def test_a_phone_has_the_totals_in_sight(server, phone):
    opened(phone, server.url)
    line = phone.locator(".cc-foot")
    expect(line).to_be_in_viewport(ratio=1)
    expect(line).to_have_text("1 to settle $129.26 4 units")
    phone.get_by_text("CPT is a trademark").scroll_into_view_if_needed()
    expect(line).to_be_in_viewport(ratio=1)


LONGEST = 2030  # pixels of the worked example on a phone, with the line of November


def test_the_worked_example_is_short_on_a_phone(server, phone):
    opened(phone, server.url)
    assert phone.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight") <= LONGEST


def test_the_first_screen_has_inputs_answer_and_picture(server, page):
    """Without scrolling: what was done, what it comes to, what to settle, and why."""
    opened(page, server.url)
    figures = page.locator(".cc-figures b").all()
    picture = page.locator(".cc-blocks")
    settle = page.get_by_role("heading", name="1 thing to settle before billing")
    inputs = [minutes(page, name) for name in ("97110", "97112")]
    for part in (*figures, *inputs, picture, settle, answer_of(page, "region", "97112")):
        expect(part).to_be_in_viewport(ratio=1)
    foot = page.get_by_test_id("stBottom").bounding_box()
    assert foot["height"] <= 60
    assert picture.bounding_box()["y"] + picture.bounding_box()["height"] <= foot["y"]
    assert page.locator(".st-key-bar").bounding_box()["y"] <= 8, "no blank band above the bar"


def test_a_phone_is_worked_by_tapping(server, phone):
    opened(phone, server.url)
    button(phone, "Sacral").tap()
    button(phone, "97140 Manual").tap()
    expect(minutes(phone, "97140")).to_be_visible()
    settled(phone)
    quick(phone, "97140", 5).tap()
    expect_do(phone, "97110.20_97112.20_97140.5")
    settled(phone)
    row(phone, "97112").get_by_role("button", name="Remove 97112").tap()
    expect_do(phone, "97110.20_97140.5")
    expect(minutes(phone, "97112")).to_have_count(0)


def test_tap_targets_are_large_enough(server, phone):
    opened(phone, f"{server.url}/?payer=medicare&adj=lumbar&do=97110.1440_97012_72100.1")
    expect(phone.get_by_role("button", name="Remove 97012")).to_be_visible()
    kinds = ("stButton", "stButtonGroup", "stDownloadButton", "stPopover")
    selector = ", ".join(f'[data-testid="{kind}"] button' for kind in kinds)
    sizes = {}
    for target in phone.locator(selector).filter(visible=True).all():
        box, name = target.bounding_box(), " ".join(target.inner_text().split())
        if name:  # Streamlit's own help marks have none
            sizes[name] = (round(box["width"]), round(box["height"]))
    assert {"15", "97110 Exercise", "Cervical", "close Remove 97110"} <= set(sizes)
    assert {name: size for name, size in sizes.items() if min(size) < SMALLEST_TARGET} == {}


def test_a_phone_shows_all_digits_of_the_minutes(server, phone):
    opened(phone, f"{server.url}/?do=97110.1440")
    field = minutes(phone, "97110")
    assert field.evaluate("field => field.scrollWidth <= field.clientWidth")


# Contrast, names, roles


@pytest.mark.parametrize("link", ["", BUSY], ids=["example", "busy"])
def test_axe_finds_nothing(server, page, link):
    opened(page, f"{server.url}/{link}")
    assert violations_in(page) == []


def test_axe_finds_nothing_in_the_popovers(server, page):
    opened(page, f"{server.url}/?payer=medicare&adj=lumbar")
    popover = page.get_by_test_id("stPopoverBody")
    for name in ("U.S. average · office · Chiropractor", "Share"):
        button(page, name).click()
        expect(popover).to_be_visible()
        looks = [("light", "desktop"), ("dark", "desktop")]
        assert violations_in(page, looks, '[data-testid="stPopoverBody"]') == []
        page.keyboard.press("Escape")
        expect(popover).not_to_be_visible()


# Quick hands


FOUR = "payer=va&do=97110.0_97112.20_97140.15_97530.10"


def four(first):
    return [("97110", first), ("97112", 20), ("97140", 15), ("97530", 10)]


def click_quickly(page, target, times, pause=0):
    """As a hand does: down and up where the target was, whatever the page does meanwhile."""
    box = target.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    for _ in range(times):
        page.mouse.down()
        page.mouse.up()
        page.wait_for_timeout(pause)


@pytest.mark.parametrize("pause", [0, 40, 100], ids=["burst", "quick", "human"])
def test_the_last_of_quick_taps_counts(server, page, pause):
    opened(page, f"{server.url}/?{FOUR}")
    for minutes_of_tap in [5, 10, 15, 20, 30, 15, 10]:
        click_quickly(page, quick(page, "97110", minutes_of_tap), 1, pause)
    expect(minutes(page, "97110")).to_have_value("10", timeout=3000)
    expect_do(page, "97110.10_97112.20_97140.15_97530.10")
    expect_totals(page, totals_of(four(10), chirocalc.Settings(payer="va")))


def test_after_a_double_click_field_totals_and_address_agree(server, page):
    for _ in range(3):
        opened(page, f"{server.url}/?{FOUR}")
        click_quickly(page, quick(page, "97110", 30), 2)
        quiet(page)
        shown = minutes(page, "97110").input_value()
        expect(page).to_have_url(re.compile(rf"[?&]do=97110\.{shown}(_|&|$)"))
        expect_totals(page, totals_of(four(int(shown)), chirocalc.Settings(payer="va")))


def test_quick_chips_are_all_taken(server, page):
    opened(page, f"{server.url}/?payer=va&do=97110.20")
    names = ["97140 Manual", "97530 Activities", "97124 Massage", "97035 Ultrasound"]
    for name in names:
        button(page, name).click()
    expect_do(page, "97110.20_97140_97530_97124_97035")
    for name in names:
        expect(button(page, name)).to_have_attribute("aria-pressed", "true")
        expect(minutes(page, name[:5])).to_be_visible()


@pytest.mark.parametrize("then", ["30", "97140 Manual", "Sacral"])
def test_minutes_left_by_a_click_elsewhere_count(server, page, then):
    opened(page, f"{server.url}/?payer=va&do=97110.20")
    minutes(page, "97110").fill("33")
    (quick(page, "97110", 30) if then == "30" else button(page, then)).click()
    end = {"30": "97110.30", "97140 Manual": "97110.33_97140", "Sacral": "97110.33"}[then]
    expect_do(page, end)
    if then == "Sacral":
        expect(page.get_by_text("98940")).not_to_have_count(0)


def test_minutes_typed_field_after_field_count(server, page):
    opened(page, f"{server.url}/?payer=va&do=97110_97112_97140")
    minutes(page, "97110").click()
    for number in ("23", "8", "15"):
        page.keyboard.type(number)
        here = page.evaluate("document.activeElement.ariaLabel")
        while page.evaluate("document.activeElement.ariaLabel") == here or not (
            page.evaluate("document.activeElement.ariaLabel || ''").startswith("Minutes of")
        ):
            page.keyboard.press("Tab")
            if number == "15":
                break
    expect_do(page, "97110.23_97112.8_97140.15")
    lines = [("97110", 23), ("97112", 8), ("97140", 15)]
    expect_totals(page, totals_of(lines, chirocalc.Settings(payer="va")))


# Keyboard


def tab_to(page, test, most=60):
    """Press Tab until the element in focus passes."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate(test):
            return
    raise AssertionError(f"{most} Tabs never reached {test}")


def has_text(text):
    return f"() => document.activeElement.innerText === {text!r}"


@pytest.mark.parametrize("key", ["Space", "Enter"])
def test_a_service_is_added_with_the_keyboard_alone(server, page, key):
    loaded(page, server.url)
    tab_to(page, has_text("97110 Exercise"))
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert page.evaluate(has_text("97140 Manual"))
    page.keyboard.press(key)
    expect_do(page, "97110.20_97112.20_97140")
    expect(button(page, "97140 Manual")).to_be_focused()
    tab_to(page, "() => document.activeElement.ariaLabel === 'Minutes of 97140'")
    page.keyboard.type("15")
    page.keyboard.press("Enter")
    expect_do(page, "97110.20_97112.20_97140.15")
    lines = [("98941", None), ("97110", 20), ("97112", 20), ("97140", 15)]
    expect_totals(page, totals_of(lines, chirocalc.Settings(payer="commercial-total-time")))


def test_round_minutes_and_remove_with_the_keyboard_alone(server, page):
    loaded(page, f"{server.url}/?payer=va&do=97110.20_97112.20")
    page.locator(".st-key-quick-97110").get_by_role("radio", name="30", exact=True).focus()
    page.keyboard.press("Space")
    expect_do(page, "97110.30_97112.20")
    tab_to(page, "() => document.activeElement.closest('.st-key-remove-97110') !== null")
    page.keyboard.press("Space")
    expect_do(page, "97112.20")


def test_a_service_is_found_by_its_synonym_with_the_keyboard(server, page):
    loaded(page, f"{server.url}/?payer=va&do=97110.20")
    search = page.get_by_label("Find a service")
    search.focus()
    page.keyboard.type("vax-d")
    expect(chip(page, "found", "S9090 Spinal decompression session")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect_do(page, "97110.20_S9090")
    expect(search).to_have_value("")
