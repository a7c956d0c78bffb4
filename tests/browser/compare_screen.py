"""The Compare page as tests of several pages use it."""

import re

import pandas as pd
from playwright.sync_api import expect
from screen import pick, settled, turn_to

import chirocalc
from chirocalc.codes import compare

TWO = ("97110", "97112")
SIX = ("97110", "97140", "98941", "99213", "S9117", "G0283")
SETTINGS = chirocalc.Settings()


def opened(page, url):
    turn_to(page, url)
    return ready(page)


def loaded(page, url):
    page.goto(url)
    return ready(page)


def ready(page):
    expect(page.get_by_test_id("stTable")).to_have_count(1)
    settled(page)
    return page


def worth_of(keys, settings=SETTINGS):
    """What the table must show, straight from the engine: one text a row."""
    table = compare.worth(tuple(keys), settings)
    columns = ["work_rvu", "total_rvu", "first", "later", "hour_dollars", "hour_work_rvu"]
    return [
        key + "".join(as_shown(row[name], "rvu" not in name) for name in columns)
        for key, row in table.iterrows()
    ]


def as_shown(value, money):
    return "–" if pd.isna(value) else f"${value:,.2f}" if money else f"{value:,.2f}"


def expect_codes(page, *keys, settings=SETTINGS):
    """Wait until field, table and address have these codes."""
    expect(chosen(page)).to_have_text([re.compile(f"^{key} ") for key in keys])
    expect(page.get_by_test_id("stTable").locator("tbody tr")).to_have_text(
        worth_of(keys, settings)
    )
    expect_address(page, *keys)
    settled(page)


def expect_address(page, *keys):
    expect(page).to_have_url(re.compile(rf"/compare\?(.*&)?codes={re.escape('.'.join(keys))}(&|$)"))


def chosen(page):
    """The codes in the field, as tags."""
    return page.get_by_test_id("stMultiSelect").locator("[data-tag]").filter(visible=True)


def field(page):
    return page.get_by_test_id("stMultiSelect").get_by_role("combobox")


def choose(page, name):
    """Choose a code from the list."""
    pick(field(page), name)
    close_list(page)


def close_list(page):
    """Close the list of codes, which covers what is below it."""
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_have_count(0)


def remove(page, key):
    """Take a code out of the field, by the cross on its tag."""
    chosen(page).filter(has_text=key).get_by_role("button").click()
