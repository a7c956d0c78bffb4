"""The plan page in Chromium: the answer at first sight, what a number changes, what is kept."""

import io
import re
from urllib.parse import urlsplit

import pandas as pd
import pytest
import visit_screen
from playwright.sync_api import expect
from screen import (
    cut_off,
    quiet,
    saved,
    settled,
    turn_to,
    violations_in,
    widest,
)
from tabs import DESKTOP, PHONE

CASH = "/plan?payer=self-pay&start=2026-03-02&visits1=2x5&adj1=cervical.lumbar&do1=97110.15"
INSURED = CASH.replace("self-pay", "commercial-total-time") + "&left=300&coins=20&limit=8"
PANELS = ("By visit", "By service", "Payments", "If care stops", "What to settle", "Save")
MONEY = ("Insurance", "Fees", "Examinations", "Payment")


def at(page, server, link):
    turn_to(page, f"{server.url}{link}")
    expect(page.locator(".cc-plan-sides")).to_be_visible()
    settled(page)


def figure(page, name):
    return page.locator(".cc-figures > div").filter(has_text=name).locator("b").first


def panel(page, name):
    """A part below, or of what is entered."""
    return page.get_by_role("radio", name=name, exact=True)


def chart(page):
    return page.get_by_test_id("stVegaLiteChart")


@pytest.fixture
def clinic(chromium, watch):
    """A browser of its own, that remembers nothing yet."""
    context = chromium.new_context(viewport=DESKTOP)
    page = context.new_page()
    watch.add(page)
    yield page
    context.close()


def test_the_first_screen_has_the_answer_and_the_picture(server, page):
    at(page, server, INSURED)
    expect(figure(page, "Patient pays")).to_have_text(re.compile(r"^\$[0-9,.]+$"))
    for each in (page.locator(".cc-figures"), page.locator(".cc-plan-sides"), chart(page)):
        expect(each).to_be_in_viewport(ratio=1)
    assert widest(page) <= DESKTOP["width"]


def test_a_phone_has_the_answer_at_its_foot(server, phone):
    at(phone, server, INSURED)
    expect(phone.locator(".cc-foot")).to_be_in_viewport(ratio=1)
    total = figure(phone, "Patient pays").text_content()
    expect(phone.locator(".cc-foot .cc-total")).to_have_text(total)
    expect(chart(phone).locator("svg.marks")).to_have_count(1)
    assert widest(phone) <= PHONE["width"]
    assert cut_off(phone) == []


def test_a_number_changes_the_answer_in_place(server, page):
    """The figures, the foot, the table, the link; a reload shows the same."""
    at(page, server, CASH)
    weeks = page.get_by_label("Weeks")
    weeks.fill("3")
    weeks.press("Enter")
    expect(figure(page, "Visits")).to_have_text("6")
    expect(page.locator(".cc-foot")).to_contain_text("6 visits")
    expect(page.locator(".cc-plan-table tbody tr")).to_have_count(6)
    expect(page).to_have_url(re.compile(r"visits1=2x3(&|$)"))
    expect(weeks).to_be_focused()
    total = figure(page, "Patient pays").text_content()
    page.reload()
    expect(figure(page, "Patient pays")).to_have_text(total)


def test_services_are_chosen_in_the_phase(server, page):
    at(page, server, CASH)
    page.get_by_role("button", name="98940, 97110").click()
    minutes = page.get_by_label("Minutes of 97110")
    minutes.fill("30")
    minutes.press("Enter")
    expect(page).to_have_url(re.compile(r"do1=97110\.30"))
    page.get_by_role("button", name="Sacral", exact=True).click()
    expect(page).to_have_url(re.compile(r"adj1=cervical\.lumbar\.sacral"))
    expect(page.get_by_role("button", name="98941, 97110")).to_be_visible()


def test_a_visit_is_used_in_a_plan_and_back_leads_to_it(server, page):
    page.goto(f"{server.url}/?payer=va&adj=lumbar&do=97110.23")
    expect(visit_screen.minutes(page, "97110")).to_have_value("23")
    quiet(page)
    page.get_by_role("link", name="Use in a plan").click()
    expect(page.locator(".cc-plan-sides")).to_be_visible()
    expect(page.get_by_role("button", name="98940, 97110")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/plan\?.*payer=va"))
    page.go_back()
    expect(visit_screen.minutes(page, "97110")).to_have_value("23")


@pytest.mark.parametrize("way", ["Use in a plan", "Plan"])
def test_a_page_that_an_input_calls_back_is_opened_all_the_same(server, page, way):
    page.goto(f"{server.url}/?payer=va&adj=lumbar&do=97110.23")
    expect(visit_screen.minutes(page, "97110")).to_have_value("23")
    quiet(page)
    link = page.get_by_role("link", name=way, exact=True)
    page.evaluate(
        "([link, input]) => { link.click(); input.click() }",
        [link.element_handle(), page.get_by_role("button", name="Thoracic").element_handle()],
    )
    expect(page.locator(".cc-plan-sides")).to_be_visible()
    assert urlsplit(page.url).path == "/plan"


def test_fees_stay_in_the_browser_and_out_of_the_link(server, clinic, elsewhere):
    clinic.goto(f"{server.url}{CASH}")
    panel(clinic, "Fees").click()
    fee = clinic.get_by_label("Fee of 98940")
    fee.fill("61.5")
    fee.press("Enter")
    expect(clinic.get_by_text("97110 at Medicare's amount in your area")).to_be_visible()
    quiet(clinic)
    assert "61" not in clinic.url.partition("?")[2]
    own = figure(clinic, "Patient pays").text_content()
    clinic.reload()
    expect(figure(clinic, "Patient pays")).to_have_text(own)
    elsewhere.goto(clinic.url)
    expect(figure(elsewhere, "Patient pays")).not_to_have_text(own)


def test_a_kept_plan_is_offered_the_next_day(server, clinic):
    clinic.goto(f"{server.url}{CASH}&copay=25")
    expect(clinic.locator(".cc-plan-sides")).to_be_visible()
    clinic.get_by_role("button", name="Share").click()
    name = clinic.get_by_role("textbox", name="Keep it as one of my plans")
    name.fill("usual low back")
    name.press("Enter")
    expect(clinic.get_by_role("button", name="usual low back")).to_be_visible()
    quiet(clinic)
    kept = clinic.evaluate("localStorage.getItem('chirocalc.plans')")
    assert "visits1" in kept
    assert "copay" not in kept
    clinic.goto(f"{server.url}/plan")
    expect(figure(clinic, "Visits")).to_have_text("30")
    clinic.get_by_role("combobox", name="Begin with").click()
    clinic.get_by_role("option", name="usual low back").click()
    expect(figure(clinic, "Visits")).to_have_text("10")


def test_the_plan_is_saved_as_csv_and_excel(server, page):
    at(page, server, CASH)
    panel(page, "Save").click()
    name, content = saved(page, page.get_by_role("button", name="CSV"))
    assert name == "plan.csv"
    lines = pd.read_csv(io.BytesIO(content))
    patient = figure(page, "Patient pays").text_content()
    assert f"${lines['patient'].sum():,.2f}" == patient
    name, content = saved(page, page.get_by_role("button", name="Excel"))
    assert name == "plan.xlsx"
    visits = pd.read_excel(io.BytesIO(content), engine="calamine")
    assert f"${visits['patient'].sum():,.2f}" == patient


def test_axe_finds_nothing(server, page):
    at(page, server, INSURED)
    assert violations_in(page) == []


@pytest.mark.parametrize("name", [*MONEY[1:], *PANELS[1:]])
def test_axe_finds_nothing_in_a_panel(server, page, name):
    at(page, server, INSURED)
    panel(page, name).click()
    settled(page)
    assert violations_in(page, [("light", "desktop"), ("dark", "phone")]) == []


def test_axe_finds_nothing_in_an_open_phase(server, page):
    at(page, server, INSURED)
    page.get_by_role("button", name="98940, 97110").click()
    expect(page.get_by_label("Minutes of 97110")).to_be_visible()
    looks = [(scheme, "desktop") for scheme in ("light", "dark")]
    assert violations_in(page, looks, within="[data-testid=stPopoverBody]") == []
