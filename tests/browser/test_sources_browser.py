"""The Sources page and the year's rates in Chromium: menu, phone, contrast, the link."""

import re

from playwright.sync_api import expect
from screen import PHONE, settled, turn_to, violations_in, widest
from visit_screen import settings

SUCCESS = "53 of 53 worked examples agree"
FOLDS = ("Self-test: 53", "Tables", "Conversion factors", re.compile(r"All \d+ sources"))


def opened(page, server):
    turn_to(page, f"{server.url}/sources")
    expect(page.get_by_text(SUCCESS)).to_be_visible()
    expect(page.get_by_text("All tables current to")).to_be_visible()
    settled(page)


def test_the_menu_leads_to_it_and_the_answer_is_in_sight(server, page):
    page.goto(server.url)
    page.get_by_role("link", name="Sources").click()
    expect(page.get_by_text(SUCCESS)).to_be_in_viewport(ratio=1)
    expect(page.get_by_text("All tables current to")).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("heading", level=1)).to_have_text("Sources")
    for metric in page.get_by_test_id("stMetric").all():
        expect(metric).to_be_in_viewport(ratio=1)
    for title in FOLDS:
        expect(folded(page, title)).to_be_in_viewport(ratio=1)


def folded(page, title):
    return page.locator("summary").filter(has_text=title)


def open_all(page):
    """Open what is folded, each with its table."""
    for at, title in enumerate(FOLDS):
        folded(page, title).click()
        expect(page.get_by_test_id("stDataFrame")).to_have_count(at + 1)
    settled(page)


def test_what_is_folded_opens(server, page):
    opened(page, server)
    expect(page.get_by_test_id("stDataFrame")).to_have_count(0)
    open_all(page)
    expect(page.get_by_text("Computed just now in")).to_be_visible()


def test_the_self_test_runs_again(server, page):
    opened(page, server)
    page.get_by_role("button", name="Run again").click()
    settled(page)
    expect(page.get_by_text(SUCCESS)).to_be_visible()


def test_a_phone_scrolls_down_and_not_sideways(server, phone):
    opened(phone, server)
    open_all(phone)
    assert widest(phone) <= PHONE["width"]


def test_axe_finds_nothing(server, page):
    opened(page, server)
    open_all(page)
    assert violations_in(page) == []


def dollars(page):
    """The visit's dollars, the first of its large figures."""
    return page.locator(".cc-figures b").first


def test_the_rates_of_another_year_are_in_the_link(server, page):
    """Chosen, shown with their release, in the address, and there again after a reload."""
    turn_to(page, f"{server.url}/?payer=commercial-total-time&do=97112.15")
    expect(dollars(page)).to_have_text("$32.73")
    expect(page.get_by_text("+$0.71 (+2.2%) since 2025")).to_be_visible()
    settings(page)
    page.get_by_role("spinbutton", name="month, Date of service").click()
    page.keyboard.type("03022025")
    page.get_by_text("Billing as").click()
    expect(dollars(page)).to_have_text("$32.02")
    expect(page.get_by_text("RVU25D, U.S. average", exact=False)).to_be_visible()
    expect(page.get_by_text("All amounts are 2025 rates")).to_be_visible()
    page.wait_for_url("**date=2025-03-02**")
    page.reload()
    expect(dollars(page)).to_have_text("$32.02")


def test_a_year_without_tables_is_left_out_of_the_link(server, page):
    turn_to(page, f"{server.url}/?payer=commercial-total-time&do=97112.15&date=2019-05-05")
    expect(page.get_by_text("is a day for which no tables are loaded")).to_be_visible()
    expect(dollars(page)).to_have_text("$32.73")
