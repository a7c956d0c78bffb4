"""The dashboard as it is used: the foot's actions, the figure, keys, landmarks, and a calm page."""

import random
import re

import pytest
from playwright.sync_api import expect
from screen import quiet, settled
from visit_screen import (
    EXAMPLE,
    expect_do,
    expect_totals,
    loaded,
    minutes,
    opened,
    quick,
    row,
)

PAGES = ["", "compare", "codes", "plan", "audit", "track", "sources"]
OPENED = "?payer=va&adj=cervical&do=97110.30_97140.10"
NO_FURTHER = 8  # pixels that what stood in the window may move at a click


def foot(page, name):
    return page.get_by_role("group", name="This visit").get_by_role("button", name=name)


def line(page):
    return page.locator(".cc-foot")


# The foot


def test_the_foot_says_the_total_and_what_is_to_settle(server, page):
    opened(page, f"{server.url}/")
    expect(line(page)).to_have_attribute("role", "status")
    expect(line(page)).to_have_text(re.compile(r"1 to settle\s*\$129\.26\s*4 units"))
    minutes(page, "97110").fill("38")
    minutes(page, "97110").press("Enter")
    expect(line(page)).to_contain_text("5 units")


def test_the_claim_is_copied_as_a_biller_types_it(server, new_tab):
    page = new_tab
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    loaded(page, f"{server.url}/?payer=va&do=97110.38_97140.10")
    foot(page, "Copy claim").click()
    expect(foot(page, "Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert [text.split()[0] for text in copied.splitlines()] == ["97110", "97140"]
    assert copied.splitlines()[0].split()[-1] in ("x2", "x3")
    # What minutes change is copied without another run of the foot.
    minutes(page, "97110").fill("15")
    minutes(page, "97110").press("Enter")
    expect(page.locator(".cc-claim")).to_contain_text("97110 x1")
    foot(page, re.compile("^(Copied|Copy claim)$")).click()
    assert "97110 x1" in page.evaluate("navigator.clipboard.readText()")


def test_the_next_patient_keeps_the_clinic_and_can_be_undone(server, page):
    loaded(page, f"{server.url}/{OPENED}")
    expect(foot(page, "Undo")).to_be_hidden()
    foot(page, "New visit").click()
    expect(page.locator("[class*=st-key-row-]")).to_have_count(0)
    expect(page).to_have_url(re.compile(r"payer=va"))
    expect(page).not_to_have_url(re.compile(r"97110"))
    foot(page, "Undo").click()
    expect(row(page, "97110")).to_be_visible()
    expect(minutes(page, "97110")).to_have_value("30")
    expect_do(page, "97110.30_97140.10")
    expect(foot(page, "Undo")).to_be_hidden()


def test_print_prints_the_sheet_of_the_visit(server, new_tab):
    page = new_tab
    page.add_init_script(
        """const prints = HTMLIFrameElement.prototype;
        window.printed = [];
        new MutationObserver(added => added.forEach(each => each.addedNodes.forEach(node => {
            if (node.tagName !== 'IFRAME' || !node.srcdoc) return;
            node.addEventListener('load', () => {
                node.contentWindow.print = () => window.printed.push(
                    node.contentDocument.body.innerText);
            }, {capture: true, once: true});
        }))).observe(document, {subtree: true, childList: true});"""
    )
    loaded(page, f"{server.url}/{OPENED}")
    foot(page, "Print").click()
    page.wait_for_function("document.querySelector('iframe[title*=sheet]')")
    frame = page.frame_locator("iframe[title*=sheet]")
    expect(frame.locator("body")).to_contain_text("97110")
    expect(frame.locator("body")).to_contain_text("VA")


def test_print_prints_once_a_click_though_runs_cut_each_other_off(server, new_tab):
    page = new_tab
    page.add_init_script("""window.sheets = 0
        new MutationObserver(added => added.forEach(each => each.addedNodes.forEach(node => {
            if (node.tagName === 'IFRAME' && node.srcdoc) window.sheets++
        }))).observe(document, {subtree: true, childList: true})""")
    loaded(page, f"{server.url}/{OPENED}")
    settled(page)
    region = page.get_by_role("button", name="Thoracic", exact=True)
    for times in (1, 2):
        foot(page, "Print").click()
        for wait in (0, 60, 60, 120):
            page.wait_for_timeout(wait)
            region.evaluate("each => each.click()")
        page.wait_for_function("times => window.sheets >= times", arg=times)
        quiet(page)
        assert page.evaluate("window.sheets") == times


def test_a_shared_link_on_a_phone_opens_on_its_answer(server, phone):
    loaded(phone, f"{server.url}/?payer=va&adj=cervical.thoracic&do=97110.30_97140.10_97112.15")
    settled(phone)
    expect(phone.locator(".cc-figures").first).to_be_in_viewport()


def test_the_phones_own_start_opens_on_its_inputs(server, phone):
    loaded(phone, f"{server.url}/")
    expect(phone.get_by_label("Find a service")).to_be_in_viewport()


# What is to settle


def test_the_tie_is_asked_as_long_as_there_is_one(server, page):
    loaded(page, f"{server.url}/")
    tie = page.locator("[class*=st-key-settled-tie]")
    expect(tie).to_be_visible()
    expect(page.locator(".st-key-picture [aria-checked=true]")).to_have_text("Time to units")
    row(page, "97110").get_by_test_id("stNumberInputStepUp").click()
    expect(tie).to_have_count(0)
    row(page, "97110").get_by_test_id("stNumberInputStepDown").click()
    expect(tie).to_be_visible()


# The figure


def test_the_figure_and_the_chips_are_two_ways_to_say_the_same(server, page):
    opened(page, f"{server.url}/?payer=va&adj=cervical&do=97110.30")
    part = page.get_by_role("checkbox", name="Lumbar")
    chip = page.locator(".st-key-adjusted").get_by_role("button", name="Lumbar")
    expect(part).to_have_attribute("aria-checked", "false")
    part.click()
    expect(part).to_have_attribute("aria-checked", "true")
    expect(page).to_have_url(re.compile(r"adj=cervical\.lumbar"))
    chip.click()
    expect(part).to_have_attribute("aria-checked", "false")
    expect(page).to_have_url(re.compile(r"adj=cervical(&|$)"))


# Headings, landmarks, keys


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_one_heading_of_the_first_rank_and_a_menu(server, page, name):
    page.goto(f"{server.url}/{name}")
    menu = page.get_by_role("navigation", name="Pages")
    expect(menu.get_by_role("link")).to_have_count(len(PAGES))
    expect(menu.locator("[aria-current=page]")).to_have_count(1)
    settled(page)
    expect(page.locator("h1")).to_have_count(1)


def test_tab_goes_from_minutes_to_minutes(server, page):
    opened(page, f"{server.url}/?payer=va&do=97110.20_97112.20_97140.15")
    minutes(page, "97110").focus()
    for code in ("97112", "97140"):
        page.keyboard.press("Tab")
        expect(minutes(page, code)).to_be_focused()
    page.keyboard.press("Shift+Tab")  # back one passes all that is between
    expect(minutes(page, "97112")).not_to_be_focused()
    expect(minutes(page, "97140")).not_to_be_focused()


def test_minutes_are_typed_line_after_line(server, page):
    opened(page, f"{server.url}/?payer=va&do=97110.20_97112.20")
    minutes(page, "97110").focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("38")
    page.keyboard.press("Tab")
    page.keyboard.type("15")
    page.keyboard.press("Enter")
    expect_do(page, "97110.38_97112.15")


def test_fields_ask_a_phone_for_number_keys(server, phone):
    opened(phone, f"{server.url}/")
    expect(minutes(phone, "97110")).to_have_attribute("inputmode", "decimal")
    size = minutes(phone, "97110").evaluate("field => getComputedStyle(field).fontSize")
    assert float(size.removesuffix("px")) >= 16  # smaller, and the phone would zoom in


def test_the_focus_stays_after_a_removal(server, page):
    opened(page, f"{server.url}/?payer=va&do=97110.20_97112.20_97140.15")
    page.get_by_role("button", name="Remove 97112").focus()
    page.keyboard.press("Enter")
    expect(row(page, "97112")).to_have_count(0)
    # By the focus: a row that moves is on the screen twice for a moment.
    expect(page.locator(":focus")).to_have_accessible_name("Remove 97140")
    page.keyboard.press("Enter")
    expect(page.locator(":focus")).to_have_accessible_name("Remove 97110")


# Wherever it is shown


@pytest.mark.parametrize("name", PAGES)
def test_every_page_works_embedded(server, page, name):
    page.goto(f"{server.url}/{name}?embed=true")
    expect(page.locator("h1")).to_have_count(1)
    settled(page)
    if not name:
        expect_totals(page, EXAMPLE)
        quick(page, "97110", 30).click()
        expect(minutes(page, "97110")).to_have_value("30")


def test_twice_as_large_the_visit_is_still_whole(server, new_tab):
    page = new_tab
    page.set_viewport_size({"width": 700, "height": 450})  # 1400 by 900 at 200 %
    loaded(page, f"{server.url}/")
    expect(line(page)).to_be_in_viewport()
    wide = page.evaluate(
        """document.querySelector('[data-testid=stMain]').scrollWidth
        - document.documentElement.clientWidth"""
    )
    assert wide <= 0
    for code in ("97110", "97112"):
        minutes(page, code).scroll_into_view_if_needed()
        expect(minutes(page, code)).to_be_in_viewport()


# Nothing jumps under the cursor

PLACES = """() => [...document.querySelectorAll(
    '[data-testid=stMain] [class*=st-key-row-], .st-key-adjusted, .st-key-chips, .st-key-search, ' +
    '.cc-figures, .st-key-picture, .st-key-panel, [class*=st-key-settled-]')]
    .filter(each => each.getBoundingClientRect().top < innerHeight)
    .map(each => [each.className.match(/st-key-\\S+/)?.[0] ?? each.className,
                  each.getBoundingClientRect().top
                  + document.querySelector('[data-testid=stMain]').scrollTop])"""


def moved(page, click):
    """What stood in the window and has moved by more than the allowed pixels."""
    quiet(page)
    before = dict(page.evaluate(PLACES))
    click()
    settled(page)
    quiet(page)
    after = dict(page.evaluate(PLACES))
    return {
        name: round(after[name] - top)
        for name, top in before.items()
        if name in after and abs(after[name] - top) > NO_FURTHER
    }


def test_minutes_move_nothing(server, page):
    loaded(page, f"{server.url}/")
    plus = row(page, "97110").get_by_test_id("stNumberInputStepUp")
    assert moved(page, plus.click) == {}
    assert moved(page, plus.click) == {}


def test_an_answer_moves_nothing_beside_or_above_it(server, page):
    loaded(page, f"{server.url}/?payer=va&adj=cervical.thoracic&do=97110.20_97112.20")
    chip = page.locator("[class*=st-key-settled-region-97112]").get_by_text("Lumbar")
    expect(chip).to_be_visible()
    below = {"st-key-picture"}  # another question may come, and takes its place above the picture
    assert moved(page, chip.click).keys() <= below


# Whatever was clicked, the page is as its link opens it


def walk(page, steps):
    """Random clicks on what changes a visit, half of them at once after the one before."""
    quiet(page)
    for _ in range(12):
        kind = steps.choice(["quick", "plus", "chip", "region", "settle", "minutes"])
        if kind == "quick":
            found = page.locator("[class*=st-key-quick-] [role=radio]")
        elif kind == "plus":
            found = page.get_by_test_id("stNumberInputStepUp")
        elif kind == "chip":
            found = page.locator(".st-key-chips button")
        elif kind == "region":
            found = page.locator(
                ".st-key-adjusted [role=toolbar] button, .st-key-adjusted [role=group] button"
            )
        elif kind == "settle":
            found = page.locator("[class*=st-key-settled-] [role=radio]")
        else:
            found = page.locator("[class*=st-key-amount-] input")
        count = found.count()
        if not count:
            continue
        one = found.nth(steps.randrange(count))
        if kind == "minutes":
            one.fill(str(steps.choice([5, 8, 15, 23, 40])))
            one.press("Enter")
        else:
            one.click()
        if steps.random() < 0.5:
            settled(page)
    settled(page)
    quiet(page)


def shown(page):
    """What the page says of the visit, in the order of its parts."""
    quiet(page)
    return {
        "figures": page.locator(".cc-figures").inner_text(),
        "rows": page.locator("[class*=st-key-row-] .cc-what").all_inner_texts(),
        "names": page.locator("[class*=st-key-row-] .cc-name").all_inner_texts(),
        "foot": line(page).inner_text(),
        "minutes": page.locator("[class*=st-key-amount-] input").evaluate_all(
            "fields => fields.map(field => field.value)"
        ),
    }


@pytest.mark.parametrize("seed", range(3))
def test_random_clicks_end_as_a_fresh_start_from_the_link(server, page, new_tab, seed):
    loaded(page, f"{server.url}/")
    walk(page, random.Random(seed))
    fresh = loaded(new_tab, page.url)
    assert shown(page) == shown(fresh)
