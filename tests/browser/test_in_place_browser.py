"""The short cut of the other browser tests: an address opened in place shows what a load shows."""

import re
from contextlib import suppress

from playwright.sync_api import TimeoutError, expect
from screen import quiet, settled, turn_to
from visit_screen import VISIT

LINKS = {
    "/": ["", VISIT, "?payer=medicare&phase=active&deductible=100&adj=lumbar&do=97140.15~head~XS"],
    # The bare one last: the guide after it is in the session's area on purpose, here the nation.
    "/compare": ["?codes=97110.97140.98941&payer=va&area=60601", ""],
    "/codes": ["", "?code=97112", "?code=**x**"],
    "/audit": ["", "?payer=va&who=pt"],
    "/plan": ["?payer=uhc&visits1=2x3&adj1=lumbar&do1=97110.15", ""],
    "/sources": [""],
}
ALL = [f"{path}{link}" for path, links in LINKS.items() for link in links]
# What is read, pressed, chosen, open and drawn; the menu's links, which carry the settings that
# the session had before, are not looked at.
SHOWN = """() => {
    const main = document.querySelector('[data-testid="stMain"]')
    const of = (selector, read) => [...main.querySelectorAll(selector)].map(read)
    return {
        title: document.title,
        address: location.href,
        words: main.innerText.replace(/computed just now in \\d+ ms/, ''),
        values: of('input, textarea', each => [each.ariaLabel, each.value, each.checked]),
        pressed: of('button, [aria-pressed], [aria-checked], [aria-selected]', each => [
            each.innerText, each.ariaPressed, each.ariaChecked, each.ariaSelected, each.disabled]),
        open: of('details', each => each.open),
        pictures: of('[data-testid="stVegaLiteChart"]', each => [
            each.ariaLabel, each.querySelectorAll('svg.marks').length]),
        links: of('a', each => each.closest('[data-testid="stPageLink"]') ? '' : each.href),
        scrolled: main.scrollTop,
    }
}"""


ALL_DRAWN = """() => [...document.querySelectorAll('[data-testid="stVegaLiteChart"]')]
    .every(chart => chart.ariaLabel && chart.querySelector('svg.marks'))"""


def expect_shown(page, wanted):
    """Wait until the page shows this."""
    same = f"wanted => JSON.stringify(({SHOWN})()) === JSON.stringify(wanted)"
    with suppress(TimeoutError):
        page.wait_for_function(same, arg=wanted)
    assert page.evaluate(SHOWN) == wanted


def left_in_disorder(page, server):
    """A session in which pages were used: settings, minutes, expanders, tabs, a list, a scroll."""
    page.bring_to_front()
    page.goto(f"{server.url}/?payer=medicare&area=90210&who=pt&adj=head&do=97110.33_97112.8")
    page.get_by_role("radio", name="Other payers").click()
    expect(page.get_by_test_id("stTable")).to_have_count(1)
    settled(page)
    turn_to(page, f"{server.url}/compare?codes=97110.97112.97530&payer=va")
    page.get_by_role("tab", name="By area").click()
    expect(page.get_by_label(re.compile("^One unit in the 109 localities"))).to_be_visible()
    settled(page)
    turn_to(page, f"{server.url}/codes?code=S9117")
    page.get_by_text("What the calculator checks for this code").click()
    page.get_by_label("Find a code").fill("manual")
    settled(page)
    page.evaluate("document.querySelector('[data-testid=\"stMain\"]').scrollTo(0, 300)")


def test_an_address_opened_in_place_shows_what_a_load_shows(server, page, new_tab):
    left_in_disorder(page, server)
    for link in ALL:
        page.bring_to_front()  # what happens in a tab behind another is put off
        turn_to(page, f"{server.url}{link}")
        quiet(page)
        page.wait_for_function(ALL_DRAWN)
        new_tab.bring_to_front()
        new_tab.goto(f"{server.url}{link}")
        expect_shown(new_tab, page.evaluate(SHOWN))


def test_after_a_tap_on_round_minutes_an_address_is_loaded(server, page):
    """For half a second the tap would count in the visit that comes next."""
    for _ in range(2):
        turn_to(page, f"{server.url}/?payer=va&do=97110.20")
        expect(page.get_by_label("Minutes of 97110", exact=True)).to_have_value("20")
        page.locator(".st-key-quick-97110").get_by_role("radio", name="30").click()
        assert page.evaluate("window.tapped")
        expect(page.get_by_label("Minutes of 97110", exact=True)).to_have_value("30")
