"""The Visit page as tests of several pages use it."""

import re
from urllib.parse import parse_qs, urlsplit

import pandas as pd
from playwright.sync_api import expect
from screen import settled, turn_to

import chirocalc

EXAMPLE = ["4", "2.09", "3.87", "$129.26"]
VISIT = "?payer=va&area=06102-16&adj=cervical.lumbar.head&do=97110.33_97140.7_S9117"
VISIT_LINES = [("98940", None), ("98943", None), ("97110", 33), ("97140", 7), ("S9117", None)]
VISIT_SETTINGS = chirocalc.Settings(payer="va", locality="06102-16")
TOTALS = ["units", "work_rvu", "total_rvu", "allowed"]


def totals_of(lines, settings):
    """What the page must show, straight from the engine."""
    table = pd.DataFrame(lines, columns=["code", "minutes"])
    return as_shown(*chirocalc.estimate(table, settings).visits.iloc[0][TOTALS])


def as_shown(units, work, total, dollars):
    return [f"{units:.0f}", f"{work:.2f}", f"{total:.2f}", f"${dollars:,.2f}"]


def opened(page, url):
    turn_to(page, url)
    return ready(page)


def loaded(page, url):
    page.goto(url)
    return ready(page)


def ready(page):
    expect(figure(page, "Units")).to_have_count(1)
    # Streamlit loads the code of its widgets when the first of a kind is drawn.
    expect(page.locator(".st-key-chips button").first).to_be_attached()
    expect(page.locator("[class*=st-key-quick-]:not(:has(button))")).to_have_count(0)
    settled(page)
    return page


def expect_totals(page, totals):
    *rest, dollars = totals
    expect(page.locator(".cc-figures > div:first-child b")).to_have_text(dollars)
    for name, value in zip(("Units", "Work RVU", "Total RVU"), rest, strict=True):
        expect(figure(page, name)).to_have_text(value)


def figure(page, name):
    """One of the visit's large figures, by its name."""
    return page.locator(".cc-figures > div", has=page.get_by_text(name, exact=True)).locator("b")


def minutes(page, code):
    return page.get_by_label(f"Minutes of {code}", exact=True)


def row(page, code):
    """The row of a service."""
    return page.locator(f".st-key-row-{code}")


def settings(page):
    """Open what stands behind the button that names place, area and clinician."""
    page.get_by_test_id("stPopover").filter(has_text=" · ").get_by_role("button").click()
    expect(page.get_by_role("combobox", name="Your ZIP code, city or state")).to_be_visible()


def answer_of(page, *about):
    """The chips that settle something: "region", "97112"."""
    return page.locator(f".st-key-settled-{'-'.join(about)}")


def quick(page, code, minutes):
    """The chip that sets round minutes."""
    group = page.locator(f".st-key-quick-{code}")
    return group.get_by_role("radio", name=str(minutes), exact=True)


def do_of(url):
    """The services part of an address."""
    return parse_qs(urlsplit(url).query).get("do", [""])[0]


def expect_do(page, do):
    """Wait until the address bar has these services."""
    expect(page).to_have_url(re.compile(rf"[?&]do={re.escape(do)}(&|$)"))
