"""The Sources page and the year's rates in Chromium: menu, phone, contrast, the link."""

from playwright.sync_api import expect
from screen import PHONE, settled, turn_to, violations_in, widest

SUCCESS = "53 of 53 worked examples agree"


def opened(page, server):
    turn_to(page, f"{server.url}/sources")
    expect(page.get_by_text(SUCCESS)).to_be_visible()
    expect(page.get_by_text("All ", exact=False).last).to_be_attached()
    settled(page)


def test_the_menu_leads_to_it_and_the_answer_is_in_sight(server, page):
    page.goto(server.url)
    page.get_by_role("link", name="Sources").click()
    expect(page.get_by_text(SUCCESS)).to_be_in_viewport(ratio=1)
    for metric in page.get_by_test_id("stMetric").all():
        expect(metric).to_be_in_viewport(ratio=1)


def test_the_self_test_runs_again(server, page):
    opened(page, server)
    page.get_by_role("button", name="Run again").click()
    settled(page)
    expect(page.get_by_text(SUCCESS)).to_be_visible()


def test_a_phone_scrolls_down_and_not_sideways(server, phone):
    opened(phone, server)
    assert widest(phone) <= PHONE["width"]


def test_axe_finds_nothing(server, page):
    opened(page, server)
    assert violations_in(page) == []


def test_the_rates_of_another_year_are_in_the_link(server, page):
    """Chosen, shown with their release, in the address, and there again after a reload."""
    turn_to(page, f"{server.url}/?payer=commercial-total-time&do=97112.15")
    expect(page.get_by_test_id("stMetricValue").last).to_have_text("$32.73")
    expect(page.get_by_text("In 2025 this visit was $32.02 (+2.2%)")).to_be_visible()
    page.get_by_role("button", name="More").click()
    page.get_by_role("combobox", name="Rates of").click()
    page.get_by_role("option", name="2025").click()
    expect(page.get_by_test_id("stMetricValue").last).to_have_text("$32.02")
    expect(page.get_by_text("RVU25D, national", exact=False)).to_be_visible()
    page.wait_for_url("**rates=2025-01-01**")
    page.reload()
    expect(page.get_by_test_id("stMetricValue").last).to_have_text("$32.02")


def test_a_year_without_tables_is_left_out_of_the_link(server, page):
    turn_to(page, f"{server.url}/?payer=commercial-total-time&do=97112.15&rates=2019-05-05")
    expect(page.get_by_text("is a day for which no tables are loaded")).to_be_visible()
    expect(page.get_by_test_id("stMetricValue").last).to_have_text("$32.73")
