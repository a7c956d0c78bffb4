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
FIGURES = (
    "First unit",
    "2nd and later",
    "If all 60 minutes were this code",
    "Work RVU",
    "Total RVU",
    "Work RVU in an hour",
)


def opened(page, url):
    turn_to(page, url)
    return ready(page)


def loaded(page, url):
    page.goto(url)
    return ready(page)


def ready(page):
    expect(cards(page).first).to_be_visible()
    settled(page)
    return page


def cards(page):
    """The card of each code."""
    return page.locator(".cp-card")


def worth_of(keys, settings=SETTINGS):
    """What the figures of the cards must be, straight from the engine: one text a card."""
    table = compare.worth(tuple(keys), settings)
    columns = ["first", "later", "hour_dollars", "work_rvu", "total_rvu", "hour_work_rvu"]
    first = table.iloc[0]
    return [
        "".join(
            label + as_shown(row, name, None if key == keys[0] else first)
            for label, name in zip(FIGURES, columns, strict=True)
        )
        for key, row in table.iterrows()
    ]


def as_shown(row, name, first):
    """A figure, and its difference from that of the first code; no hour that is not paid."""
    value, sign = row[name], "" if "rvu" in name else "$"
    if pd.isna(value):
        return "–"
    if name == "hour_dollars" and not row["covered"]:
        return "not paid"
    said = f"{sign}{value:,.2f}"
    if first is None or pd.isna(first[name]) or (name == "hour_dollars" and not first["covered"]):
        return said
    gap = round(value - first[name], 2)
    way = f"{'+' if gap > 0 else '−'}{sign}{abs(gap):,.2f}" if gap else "same"
    return f"{said}{way} against {first.name}"


def expect_codes(page, *keys, settings=SETTINGS):
    """Wait until field, cards and address have these codes."""
    expect(chosen(page)).to_have_text([re.compile(f"^{key} ") for key in keys])
    expect_worth(page, keys, settings)
    expect_address(page, *keys)
    settled(page)


def expect_worth(page, keys, settings=SETTINGS):
    """Wait until there is a card for each code, with the engine's figures under these settings."""
    heads = cards(page).locator("h2")
    expect(heads).to_have_text([re.compile(f"^{key} ") for key in keys])
    expect(cards(page).locator("dl")).to_have_text(worth_of(keys, settings))


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
