"""The guide as tests of several pages use it."""

import re

from playwright.sync_api import expect
from screen import settled, turn_to

NAMES = {
    "97110": "97110 Therapeutic exercise",
    "97112": "97112 Neuromuscular re-education",
    "97140": "97140 Manual therapy",
    "S9117": "S9117 Back school visit",
    "98941": "98941 Spinal manipulation, 3 or 4 regions",
    "99213": "99213 Established patient visit, level 3",
    "0552T": "0552T Light-and-heat low-level laser",
    "72100": "72100 Low-back x-ray, 2 or 3 views",
}


def opened(page, server, code=""):
    """The guide at a code, or at the list, in the tab as it is."""
    turn_to(page, address(server, code))
    return ready(page, code)


def loaded(page, server, code=""):
    page.goto(address(server, code))
    return ready(page, code)


def address(server, code=""):
    return f"{server.url}/codes" + (f"?code={code}" if code else "")


def ready(page, code):
    if code:
        expect_code(page, code)
    else:
        expect_list(page)
    return page


def expect_code(page, code):
    """Wait until address and heading are of this code."""
    expect(page).to_have_url(re.compile(rf"/codes\?code={code}$"))
    expect_heading(page, NAMES[code])
    settled(page)


def expect_heading(page, words):
    """Wait until the page has this heading, and what was left of the page before is gone."""
    # A list is waited for; of one element two at a time would be a fault at once.
    expect(page.get_by_role("heading", level=1)).to_have_text([words])


def expect_list(page):
    """Wait until the table of codes is there, under an address without parameters."""
    expect_heading(page, "Code guide")
    expect(rows(page).first).to_be_visible()
    expect(page).to_have_url(re.compile(r"/codes$"))
    settled(page)


def rows(page):
    """The rows of the table of codes."""
    return page.get_by_role("region", name="Codes").locator("tbody tr")


def code_link(page, code):
    """The link of a row of the table."""
    return rows(page).get_by_role("link", name=code, exact=True)


def column(page, name):
    """The cells of a column of the table, as they stand."""
    return rows(page).locator(f".{name}").all_inner_texts()
