"""Tasks of a front desk, done as an office manager does them, each from the bare address and with
the right money; and what the browser remembers from one day to the next."""

import re

import pytest
from playwright.sync_api import expect
from screen import chip, expect_kept, quiet, settled, store, violations_in, widest
from tabs import DESKTOP, PHONE
from visit_screen import answer_of, figure, loaded, minutes, row, settings

REGIONS = ("Cervical", "Thoracic", "Lumbar", "Sacral")


@pytest.fixture
def clicks(clinic):
    """How often the page was clicked."""
    clinic.add_init_script(
        "window.clicked ??= 0; addEventListener('click', event => window.clicked++, true)"
    )
    return lambda: clinic.evaluate("window.clicked")


def start(page, server):
    loaded(page, server.url)
    page.get_by_role("button", name="Start my own").click()
    expect(page.get_by_text("Choose the regions adjusted, or a service.")).to_be_visible()


def choose_payer(page, name):
    page.get_by_role("combobox", name="Payer").click()
    page.get_by_role("option", name=name, exact=True).click()
    settled(page)


def visit(page, payer="Medicare Part B"):
    """Four regions, 97110 for 12 minutes, 97140 for 10."""
    choose_payer(page, payer)
    for region in REGIONS:
        chip(page, "adjusted", region).click()
        settled(page)
    for service in ("97110 Exercise", "97140 Manual"):
        chip(page, "chips", service).click()
        settled(page)
    for code, said in (("97110", "12"), ("97140", "10")):
        minutes(page, code).fill(said)
        minutes(page, code).press("Tab")
    expect(minutes(page, "97140")).to_have_value("10")


def fee(page, code, dollars):
    field = page.get_by_role("spinbutton", name=f"Dollars for one unit of {code}")
    field.fill(dollars)
    field.press("Enter")
    expect(row(page, code)).to_contain_text("$")
    settled(page)


def first(page):
    return page.locator(".cc-figures > div:first-child b")


# The tasks of ux_review.md


def test_a_medicare_visit_and_what_to_collect(server, clinic, clicks):
    """Task (a): 98941 is $38.41, the patient's part $7.68; 97110 is the practice's fee."""
    start(clinic, server)
    visit(clinic)
    expect(first(clinic)).to_have_text("$38.41")
    expect(figure(clinic, "Units")).to_have_text("2")
    expect(figure(clinic, "Collect today")).to_have_text("$7.68 +")
    fee(clinic, "97110", "45")
    expect(figure(clinic, "Collect today")).to_have_text("$52.68")
    chip(clinic, "settled-phase-98941", "Active").click()
    chip(clinic, "settle", "Do not bill it, collect my fee").click()
    expect(clinic.get_by_role("heading", name="Ready to bill")).to_be_visible()
    expect(clinic.locator(".cc-claim")).to_have_text("98941 AT x1")
    assert clicks() <= 14


def test_b_a_line_that_would_be_denied_is_in_no_total(server, clinic):
    """Task (b): 97140 in an adjusted region is not payable: $67.47, and not $88.68."""
    start(clinic, server)
    visit(clinic, "UnitedHealthcare commercial")
    expect(first(clinic)).to_have_text("$88.68")
    chip(clinic, "settled-region-97140", "Lumbar").click()
    expect(first(clinic)).to_have_text("$67.47")
    expect(figure(clinic, "As entered")).to_have_text("$88.68")
    expect(clinic.locator(".cc-foot")).to_contain_text("$67.47")
    expect(row(clinic, "97140").locator("s")).to_have_text("$21.21")
    clinic.get_by_role("radio", name="Claim lines").click()
    expect(clinic.get_by_role("table", name="Claim lines").locator("s").first).to_have_text("97140")
    chip(clinic, "settle", "Leave it off the claim").click()
    expect(first(clinic)).to_have_text("$67.47")
    expect(row(clinic, "97140")).to_contain_text("off the claim")
    expect(figure(clinic, "As entered")).to_have_count(0)


def test_c_personal_injury_at_the_practices_fees(server, clinic):
    """Task (c): $158.00 on the page, its lines and its sheet; the schedule's $95.19 nowhere."""
    start(clinic, server)
    visit(clinic, "Auto or personal injury")
    for code, dollars in (("98941", "65"), ("97110", "45"), ("97140", "48")):
        fee(clinic, code, dollars)
    expect(first(clinic)).to_have_text("$158.00")
    expect(figure(clinic, "Collect today")).to_have_text("$0.00")
    for code, dollars in (("98941", "$65.00"), ("97110", "$45.00"), ("97140", "$48.00")):
        expect(row(clinic, code).locator(".cc-what")).to_contain_text(dollars)
    clinic.get_by_role("radio", name="Save").click()
    with clinic.expect_download() as download:
        clinic.get_by_role("button", name="Printable sheet").click()
    sheet = download.value.path().read_text("utf-8")
    assert "$158.00" in sheet
    assert "$95.19" not in sheet


def test_d_differences_and_what_is_not_paid_stand_at_each_code(server, clinic):
    """Task (d): 97530 is $6.04 above 97110 in Chicago; Medicare pays a chiropractor for none."""
    clinic.goto(f"{server.url}/compare?codes=97110.97112.97530&area=60601")
    expect(clinic.get_by_text("+$6.04")).to_be_visible()
    never = clinic.get_by_text("Medicare Part B never pays a chiropractor for it")
    expect(never).to_have_count(3)


def test_h_the_sheet_has_what_a_chart_needs(server, clinic):
    """Task (h): date of service, regions, confirmed modifiers, what to collect, blanks."""
    loaded(clinic, f"{server.url}/?phase=active&date=2026-03-02&adj=cervical.lumbar&do=97012")
    clinic.get_by_role("button", name="Print", exact=True).click()
    body = clinic.frame_locator("iframe[title*=sheet]").locator("body")
    for words in (
        "March 2, 2026",
        "Cervical, Lumbar",
        "AT",
        "Collect today",
        "Account",
        "Initials",
    ):
        expect(body).to_contain_text(words)


def test_i_this_year_against_last_in_all_and_line_by_line(server, clinic):
    """Task (i): 97112 is $32.73 after $32.02: the factor up, a hundredth of an RVU down."""
    loaded(clinic, f"{server.url}/?payer=commercial-total-time&do=97112.15")
    clinic.get_by_text("+$0.71 (+2.2%) since 2025").click()
    cells = clinic.locator(".cc-years tbody td").all_inner_texts()
    assert cells == ["97112", "$32.02", "$32.73", "+$0.71", "+$1.05", "−$0.34", "$0.00"]


def test_j_the_next_morning_and_the_next_patient(server, clinic, clicks):
    """Task (j): payer, area and fees are there again; a new visit keeps them and nothing else."""
    start(clinic, server)
    choose_payer(clinic, "Cash or self-pay")
    settings(clinic)
    area = clinic.get_by_role("combobox", name="Your ZIP code, city or state")
    area.fill("Chicago")
    area.press("Enter")
    expect(clinic.get_by_role("button", name="Chicago, IL · office")).to_be_visible()
    clinic.keyboard.press("Escape")
    chip(clinic, "chips", "97012 Traction").click()
    fee(clinic, "97012", "30")
    expect(figure(clinic, "Collect today")).to_have_text("$30.00")
    expect_kept(clinic, "fees")
    clinic.get_by_role("button", name="New visit").click()
    expect(row(clinic, "97012")).to_have_count(0)

    tomorrow = clinic.context.new_page()
    loaded(tomorrow, server.url)
    expect(tomorrow.get_by_role("button", name="Chicago, IL · office")).to_be_visible()
    expect(tomorrow.get_by_role("combobox", name="Payer")).to_have_value("Cash or self-pay")
    expect(tomorrow.get_by_text("Choose the regions adjusted")).to_be_visible()
    chip(tomorrow, "chips", "97012 Traction").click()
    expect(first(tomorrow)).to_have_text("$30.00")


def test_the_keys_and_the_text_for_the_record(server, clinic):
    loaded(clinic, f"{server.url}/?payer=va&adj=lumbar&do=97110.20_97112.10~head")
    clinic.locator("h2").first.focus()
    clinic.keyboard.press("j")
    expect(clinic.get_by_role("button", name="Copied")).to_be_visible()
    text = clinic.evaluate("navigator.clipboard.readText()").splitlines()
    assert text[1:] == [
        "Regions adjusted: Lumbar",
        "98940 Spinal manipulation, 1 or 2 regions: 1 unit",
        "97110 Therapeutic exercise, 20 minutes: 1 unit",
        "97112 Neuromuscular re-education, 10 minutes: 1 unit",
        "Total timed minutes: 30",
        "Timed units by total time (CMS): 2",
    ]
    clinic.keyboard.press("f")
    expect(clinic.get_by_label("Find a service")).to_be_focused()
    clinic.keyboard.type("neuro")
    expect(clinic.locator(".st-key-found button").first).to_be_visible()
    expect(row(clinic, "97110")).to_be_visible()
    quiet(clinic)
    clinic.get_by_role("button", name="Remove 97112").click()
    expect(row(clinic, "97112")).to_have_count(0)
    clinic.get_by_role("button", name="Undo").click()
    expect(minutes(clinic, "97112")).to_have_value("10")
    assert "97112.10~head" in clinic.url


def test_a_count_of_what_is_missing_leads_to_it(server, clinic):
    loaded(clinic, f"{server.url}/?adj=lumbar&do=97110.20_97112.20_97140.20_97530.20_97012")
    clinic.set_viewport_size({"width": 1000, "height": 500})
    clinic.locator(".cc-foot a").click()
    expect(clinic.locator(".st-key-settle h2")).to_be_in_viewport()


# What the browser remembers


def named(page, name):
    page.get_by_role("button", name="Share").click()
    field = page.get_by_role("textbox", name="Keep it as one of my usual visits")
    field.fill(name)
    field.press("Enter")
    expect_kept(page, "visits")
    page.keyboard.press("Escape")


def test_a_usual_visit_is_begun_with_one_tap_and_keeps_no_answer(server, clinic):
    loaded(clinic, f"{server.url}/?phase=active&deductible=50&adj=cervical.lumbar"
           "&do=97110.15~~GY_97140.10~head")  # fmt: skip
    assert store(clinic) == {}
    named(clinic, "usual Medicare visit")
    assert store(clinic) == {"visits": {"usual Medicare visit": {
        "payer": "medicare", "adj": "cervical.lumbar", "do": "97110.15_97140.10",
    }}}  # fmt: skip
    clinic.get_by_role("button", name="New visit").click()
    chip(clinic, "named", "usual Medicare visit").click()
    expect(minutes(clinic, "97140")).to_have_value("10")
    assert not re.search("phase|deductible|GY|head", clinic.url)


def test_forget_this_device_forgets_all_of_it(server, clinic):
    loaded(clinic, f"{server.url}/?payer=self-pay&do=97012")
    fee(clinic, "97012", "30")
    choose_payer(clinic, "VA Community Care")
    expect_kept(clinic, "clinic")
    clinic.get_by_role("button", name="Forget this device").click()
    clinic.wait_for_function(
        "Object.keys(localStorage).every(name => !name.startsWith('chirocalc.'))"
    )
    expect(clinic.get_by_role("button", name="Forget this device")).to_have_count(0)
    loaded(clinic, server.url)
    expect(clinic.get_by_text("This visit is made up.")).to_be_visible()


def test_a_link_goes_before_what_is_remembered(server, clinic):
    clinic.goto(server.url)
    clinic.evaluate(
        """localStorage.setItem('chirocalc.clinic',
            JSON.stringify({version: 1, value: {payer: 'va', area: '60601'}}))"""
    )
    loaded(clinic, f"{server.url}/?payer=uhc&do=97110.15")
    settled(clinic)
    expect(clinic.get_by_role("button", name="U.S. average · office")).to_be_visible()
    loaded(clinic, f"{server.url}/?payer=uhc")
    expect(clinic.get_by_role("button", name="Chicago, IL · office")).to_be_visible()
    expect(clinic.get_by_role("combobox", name="Payer")).to_have_value(
        "UnitedHealthcare commercial"
    )


def test_what_is_remembered_changes_nothing_of_a_visit(server, clinic):
    """It comes after the page is drawn; the next click finds the whole visit."""
    clinic.goto(server.url)
    clinic.evaluate(
        """localStorage.setItem('chirocalc.fees',
            JSON.stringify({version: 1, value: {97012: 3000}}))"""
    )
    loaded(clinic, f"{server.url}/?payer=self-pay&adj=lumbar&do=97110.15_97012")
    expect(row(clinic, "97012")).to_contain_text("$30.00")
    clinic.get_by_role("radio", name="Your clinic").click()
    expect(clinic.get_by_label("Practice name, for the printed sheet")).to_be_visible()
    settled(clinic)
    assert "adj=lumbar" in clinic.url
    assert "do=97110.15_97012" in clinic.url
    expect(minutes(clinic, "97110")).to_have_value("15")


GARBAGE = [
    "{", "null", "[]", "7", '"x"', '{"version": 2, "value": {}}', '{"version": 1}',
    '{"version": 1, "value": {"97110": "45", "98941": -1, "x": 5, "97012": 3000}}',
    '{"version": 1, "value": {"payer": "nobody", "area": 5, "place": null}}',
    '{"version": 1, "value": "\\ud800"}', '{"version": 1, "value": [[[[]]]]}',
]  # fmt: skip


def test_garbage_in_the_store_is_left_out(server, clinic):
    clinic.goto(server.url)
    for part in ("clinic", "payers", "fees", "favorites", "visits", "practice", "other"):
        for text in GARBAGE:
            clinic.evaluate(
                "([part, text]) => localStorage.setItem('chirocalc.' + part, text)", [part, text]
            )
    clinic.evaluate("text => localStorage.setItem('chirocalc.fees', text)", GARBAGE[7])
    loaded(clinic, f"{server.url}/?payer=self-pay&do=97012_97110.15")
    expect(first(clinic)).to_have_text("$30.00")
    expect(clinic.get_by_test_id("stException")).to_have_count(0)


BLOCKED = """() => { Object.defineProperty(window, 'localStorage', {
    get() { throw new DOMException('no', 'SecurityError') }}) }"""
FULL = """() => { Storage.prototype.setItem = () => {
    throw new DOMException('no', 'QuotaExceededError') } }"""


@pytest.mark.parametrize(
    ("breaks", "said"),
    [(BLOCKED, "does not let the page remember"), (FULL, "store is full")],
    ids=["blocked", "full"],
)
def test_a_store_that_cannot_be_used_is_said_and_the_session_goes_on(server, clinic, breaks, said):
    # Streamlit itself reads the store while it starts: it is broken once the page is there.
    loaded(clinic, f"{server.url}/?payer=self-pay&do=97012")
    clinic.evaluate(breaks)
    fee(clinic, "97012", "30")
    expect(first(clinic)).to_have_text("$30.00")
    choose_payer(clinic, "Lien or letter of protection")
    expect(clinic.get_by_text(said)).to_be_visible()
    expect(first(clinic)).to_have_text("$30.00")


def test_two_tabs_know_what_each_of_them_keeps(server, clinic):
    other = clinic.context.new_page()
    for page in (clinic, other):
        loaded(page, f"{server.url}/?payer=self-pay&do=97012_97110.15")
    fee(clinic, "97012", "30")
    expect(first(other)).to_have_text("$30.00")
    fee(other, "97110", "45")
    expect(first(clinic)).to_have_text("$75.00")
    assert store(clinic) == {"fees": {"97012": 3000, "97110": 4500}}


def test_nothing_of_it_is_on_the_server(server, clinic, chromium):
    """Another browser knows nothing, and the server has written nothing down."""
    loaded(clinic, f"{server.url}/?payer=self-pay&do=97012")
    fee(clinic, "97012", "31.37")
    expect_kept(clinic, "fees")
    context = chromium.new_context()
    stranger = context.new_page()
    loaded(stranger, clinic.url)
    expect(first(stranger)).to_have_text("–")
    expect(stranger.get_by_text("The sender saw this visit at prices of their own")).to_be_visible()
    context.close()
    assert "31.37" not in server.log.read_text("utf-8", errors="replace")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_clinics_own_table_and_axe(server, clinic, size):
    """Its name, fees and favorites; no fault of contrast, name or role in either theme."""
    clinic.set_viewport_size(size)
    loaded(clinic, f"{server.url}/?payer=self-pay&date=2025-03-02&do=97012_97110.15")
    fee(clinic, "97012", "30")
    clinic.get_by_role("radio", name="Your clinic").click()
    name = clinic.get_by_label("Practice name, for the printed sheet")
    name.fill("Spine  and Joint")
    name.press("Enter")
    expect_kept(clinic, "practice")
    assert store(clinic)["practice"] == "Spine and Joint"
    assert widest(clinic) <= size["width"]
    looks = [("light", "desktop"), ("dark", "desktop")]
    found = violations_in(clinic, looks)
    # Streamlit 1.67's own uploader has a focusable element with a role of presentation.
    assert [each for each in found if "stFileUploaderDropzone" not in each] == []


def test_a_percent_and_dollars_a_visit_beside_the_sentence_that_asks(server, clinic):
    loaded(clinic, f"{server.url}/?payer=uhc&adj=lumbar&do=97012")
    percent = clinic.get_by_role("spinbutton", name="Percent of Medicare's fees")
    percent.fill("80")
    percent.press("Enter")
    expect(clinic.get_by_text("80% of the schedule")).to_be_visible()
    chip(clinic, "prices", "$ a visit").click()
    dollars = clinic.get_by_role("spinbutton", name="Dollars a visit")
    dollars.fill("55")
    dollars.press("Enter")
    expect(first(clinic)).to_have_text("$55.00")
    choose_payer(clinic, "VA Community Care")
    expect(first(clinic)).not_to_have_text("$55.00")
    choose_payer(clinic, "UnitedHealthcare commercial")
    expect(first(clinic)).to_have_text("$55.00")
    assert answer_of(clinic, "region").count() == 0
