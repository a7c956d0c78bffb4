"""From page to page in Chromium: what was entered is still there, and the settings go along."""

import re

import pytest
from compare_screen import SIX, TWO, choose, chosen, expect_codes, expect_worth, remove
from compare_screen import loaded as loaded_compare
from guide_screen import code_link, expect_code, expect_list
from playwright.sync_api import expect
from screen import SMALLEST_TARGET, arrived_at, button, link, settled, turn_to
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from visit_screen import (
    EXAMPLE,
    VISIT,
    VISIT_LINES,
    VISIT_SETTINGS,
    answer_of,
    expect_do,
    expect_totals,
    loaded,
    minutes,
    quick,
    ready,
    totals_of,
)
from visit_screen import settings as open_settings

import chirocalc
from chirocalc import tables

PATHS = {"Visit": "/", "Compare": "/compare", "Guide": "/codes"}
VISIT_HERE = VISIT.replace("area=06102-16", "area=60601")
MEDICARE = chirocalc.Settings()


def go(page, name, tap=False):
    """Open a page from the menu, as soon as the run before has ended."""
    settled(page)
    (link(page, name).tap if tap else link(page, name).click)()
    arrived(page, name)


def arrived(page, name):
    """Wait until a page is there, without what was left of another."""
    expect(page).to_have_url(re.compile(rf"//[^/]+{PATHS[name]}(\?|$)"))
    arrived_at(page, PATHS[name])


def payer(page):
    return page.get_by_role("combobox", name="Payer")


def area(page):
    return page.get_by_role("combobox", name="Your ZIP code, city or state")


def expect_area(page, zip_code):
    """What stands behind the button that names place, area and clinician."""
    open_settings(page)
    expect(area(page)).to_have_value(zip_code)
    close_settings(page)


def close_settings(page):
    page.keyboard.press("Escape")
    expect(area(page)).to_have_count(0)


def payer_name(payer):
    return tables.payers().at[payer, "name"]


def choose_payer(page, name):
    payer(page).click()
    page.get_by_role("option", name=payer_name(name), exact=True).click()
    expect(payer(page)).to_have_value(payer_name(name))
    settled(page)


def choose_area(page, zip_code):
    open_settings(page)
    area(page).fill(zip_code)
    area(page).press("Enter")
    place = tables.localities().loc[tables.locality_of_zip(zip_code).locality]
    there = page.get_by_test_id("stPopover").filter(has_text=f"{place['name']}, {place['state']}")
    expect(there).to_be_visible()
    settled(page)
    close_settings(page)


def choose_setting(page, name):
    """One of the chips behind that button."""
    open_settings(page)
    page.get_by_role("radio", name=name, exact=True).click()
    expect(page.get_by_role("radio", name=name, exact=True)).to_be_checked()
    settled(page)
    close_settings(page)


def expect_address_has(page, part):
    expect(page).to_have_url(re.compile(rf"[?&]{re.escape(part)}(&|$)"))


def opened_by_hand(page, server):
    """A visit whose last change was made by hand, so that the menu has been drawn since."""
    loaded(page, f"{server.url}/{VISIT_HERE.replace('97110.33', '97110.20')}")
    minutes(page, "97110").fill("33")
    minutes(page, "97110").press("Enter")
    expect_the_visit(page)


def expect_the_visit(page):
    """Wait until that visit is there, with its payer and its area."""
    expect_do(page, "97110.33_97140.7_S9117")
    expect_totals(page, totals_of(VISIT_LINES, VISIT_SETTINGS))
    expect(payer(page)).to_have_value(payer_name("va"))
    expect_area(page, "60601")
    settled(page)


# What was entered stays


def test_a_changed_visit_is_as_it_was_left(server, page):
    loaded(page, f"{server.url}/?payer=commercial-total-time&adj=lumbar&do=97140.15")
    answer_of(page, "region", "97140").get_by_text("Head", exact=True).click()
    answer_of(page, "modifiers", "97140", "59", "XS").get_by_text("XS", exact=True).click()
    button(page, "97110 Exercise").click()
    quick(page, "97110", 30).click()
    expect_do(page, "97140.15~head~XS_97110.30")
    settled(page)
    left, totals = page.url, page.locator(".cc-figures b").all_inner_texts()
    for name in ("Compare", "Guide", "Visit"):
        go(page, name)
    expect(page).to_have_url(left)
    expect(page.locator(".cc-figures b")).to_have_text(totals)
    expect(minutes(page, "97110")).to_have_value("30")
    expect(minutes(page, "97140")).to_have_value("15")
    region = answer_of(page, "region", "97140")
    modifiers = answer_of(page, "modifiers", "97140", "XS")
    expect(region.get_by_role("radio", name="Head")).to_be_checked()
    expect(modifiers.get_by_role("radio", name="XS")).to_be_checked()


def test_the_untouched_example_comes_back_under_a_bare_address(server, page):
    loaded(page, server.url)
    for name in ("Compare", "Guide", "Visit"):
        go(page, name)
        expect(page).to_have_url(f"{server.url}{PATHS[name]}")
    expect_totals(page, EXAMPLE)


def test_a_visit_of_a_deep_link_is_as_it_was_left(server, page):
    loaded(page, f"{server.url}/{VISIT_HERE}")
    for name in ("Guide", "Compare", "Visit"):
        go(page, name)
    expect_the_visit(page)


def test_a_visit_of_a_deep_link_is_as_it_was_left_after_a_change_on_compare(server, page):
    loaded(page, f"{server.url}/{VISIT_HERE}")
    go(page, "Compare")
    choose(page, "97140 Manual therapy")
    expect_address_has(page, "codes=97110.97112.97140")
    go(page, "Visit")
    expect_the_visit(page)


def test_what_only_the_visit_asks_survives_compare(server, page):
    link = "?payer=medicare&phase=maintenance&abn=yes&deductible=100&apm=yes&adj=lumbar"
    loaded(page, f"{server.url}/{link}&do=97140.15")
    go(page, "Compare")
    choose_setting(page, "Facility")
    expect_address_has(page, "place=facility")
    go(page, "Guide")
    go(page, "Visit")
    for part in ("phase=maintenance", "abn=yes", "deductible=100", "apm=yes", "place=facility"):
        expect_address_has(page, part)
    expect_do(page, "97140.15")


def test_the_codes_of_compare_are_as_they_were_left(server, page):
    loaded_compare(page, f"{server.url}/compare")
    choose(page, "97140 Manual therapy")
    expect_codes(page, *TWO, "97140")
    go(page, "Visit")
    go(page, "Guide")
    go(page, "Compare")
    expect_codes(page, *TWO, "97140")


def test_the_code_of_the_guide_is_as_it_was_left(server, page):
    page.goto(f"{server.url}/codes?code=97112")
    expect_code(page, "97112")
    go(page, "Compare")
    go(page, "Guide")
    expect_code(page, "97112")


# Back and Forward


def test_back_and_forward_lead_from_page_to_page(server, page):
    opened_by_hand(page, server)
    go(page, "Guide")
    page.go_back()
    arrived(page, "Visit")
    expect_the_visit(page)
    page.go_forward()
    arrived(page, "Guide")
    go(page, "Compare")
    choose(page, "97140 Manual therapy")
    expect_codes(page, *TWO, "97140", settings=VISIT_SETTINGS)
    go(page, "Guide")
    page.go_back()
    arrived(page, "Compare")
    expect_codes(page, *TWO, "97140", settings=VISIT_SETTINGS)


def test_one_back_is_enough_to_leave_compare(server, new_tab):
    opened_by_hand(new_tab, server)
    steps = new_tab.evaluate("history.length")
    go(new_tab, "Compare")
    expect_codes(new_tab, *TWO, settings=VISIT_SETTINGS)
    assert new_tab.evaluate("history.length") == steps + 1


def test_the_address_of_a_menu_link_is_not_written_again(server, page, addresses_written):
    opened_by_hand(page, server)
    go(page, "Guide")
    addresses_written.clear()
    go(page, "Visit")
    expect_the_visit(page)
    assert addresses_written == []


@pytest.mark.parametrize(
    ("start", "name", "end"),
    [
        ("/compare?codes=97110.97112", "Guide to 97112", "Guide"),
        ("/codes?code=97112", "Compare to 97110", "Compare"),
        ("/codes?code=97112", "Use in a visit", "Visit"),
    ],
)
def test_the_address_of_a_link_is_not_written_again(
    server, page, addresses_written, start, name, end
):
    page.goto(f"{server.url}{start}")
    expect(link(page, name)).to_be_visible()
    settled(page)
    addresses_written.clear()
    link(page, name).click()
    arrived(page, end)
    assert addresses_written == []


@pytest.fixture
def addresses_written(page):
    """The queries that the server had the browser put into its address."""
    found = []

    def read(frame):
        message = ForwardMsg.FromString(frame)
        if message.WhichOneof("type") == "page_info_changed":
            found.append(message.page_info_changed.query_string)

    def listen(socket):
        socket.on("framereceived", read)

    page.on("websocket", listen)
    yield found
    page.remove_listener("websocket", listen)


# What was taken back stays so


def test_minutes_taken_back_stay_so(server, page):
    loaded(page, server.url)
    for number in (30, 20):
        quick(page, "97110", number).click()
        expect_do(page, f"97110.{number}_97112.20")
        settled(page)
    go(page, "Compare")
    go(page, "Visit")
    expect(minutes(page, "97110")).to_have_value("20")


def test_a_code_taken_out_of_compare_stays_out(server, page):
    loaded_compare(page, f"{server.url}/compare")
    choose(page, "97140 Manual therapy")
    expect_codes(page, *TWO, "97140")
    remove(page, "97140")
    expect_codes(page, *TWO)
    go(page, "Visit")
    go(page, "Compare")
    expect_worth(page, TWO, MEDICARE)


def test_the_list_of_the_guide_stays(server, page):
    page.goto(f"{server.url}/codes?code=97112")
    expect_code(page, "97112")
    link(page, "All codes").click()
    expect_list(page)
    go(page, "Visit")
    go(page, "Guide")
    expect_list(page)


def test_an_empty_visit_stays_empty(server, page):
    loaded(page, f"{server.url}/?do=97012")
    button(page, "97012 Traction").click()
    hint = page.get_by_text("Choose the regions adjusted, or a service.")
    expect(hint).to_be_visible()
    go(page, "Compare")
    go(page, "Visit")
    expect(hint).to_be_visible()


def test_an_empty_comparison_stays_empty(server, page):
    loaded_compare(page, f"{server.url}/compare?codes=97110.97140")
    page.get_by_role("button", name="Clear all").click()
    expect(page.get_by_text("Choose another code to compare.")).to_be_visible()
    go(page, "Guide")
    go(page, "Compare")
    expect(chosen(page)).to_have_count(0)
    expect(page.get_by_text("Choose another code to compare.")).to_be_visible()


# The settings go along


def test_payer_and_area_of_the_visit_are_those_of_compare(server, page):
    loaded(page, server.url)
    choose_payer(page, "va")
    choose_area(page, "60601")
    choose_setting(page, "PT")
    expect(page).to_have_url(re.compile("who=pt"))
    go(page, "Compare")
    expect(payer(page)).to_have_value(payer_name("va"))
    expect_area(page, "60601")
    settings = chirocalc.Settings(payer="va", locality="06102-16", provider="pt")
    expect_worth(page, TWO, settings)


def test_payer_and_area_of_compare_are_those_of_the_visit(server, page):
    opened_by_hand(page, server)
    go(page, "Compare")
    choose_payer(page, "medicare")
    choose_area(page, "90210")
    go(page, "Guide")
    go(page, "Visit")
    expect(payer(page)).to_have_value(payer_name("medicare"))
    expect_area(page, "90210")
    locality = tables.locality_of_zip("90210").locality
    # S9117 is not valid for Medicare: it is not in what is clean today.
    expect_totals(page, totals_of(VISIT_LINES[:-1], chirocalc.Settings(locality=locality)))
    expect_do(page, "97110.33_97140.7_S9117")


def test_the_settings_of_compare_reach_an_untouched_visit(server, page):
    loaded_compare(page, f"{server.url}/compare")
    choose_payer(page, "va")
    go(page, "Visit")
    expect(payer(page)).to_have_value(payer_name("va"))
    # Whose clinic is known begins with a visit of their own, and not with the example.
    expect(page.get_by_text("Choose the regions adjusted, or a service.")).to_be_visible()


def test_medicare_chosen_on_compare_reaches_an_untouched_visit(server, page):
    loaded_compare(page, f"{server.url}/compare?payer=va")
    choose_payer(page, "medicare")
    go(page, "Visit")
    expect(payer(page)).to_have_value(payer_name("medicare"))


@pytest.mark.parametrize("there", ["Compare", "Visit"])
def test_the_settings_of_a_deep_link_go_along(server, page, there):
    if there == "Compare":
        loaded(page, f"{server.url}/{VISIT_HERE}")
    else:
        loaded_compare(page, f"{server.url}/compare?payer=va&area=60601")
    go(page, there)
    expect(payer(page)).to_have_value(payer_name("va"))
    expect_area(page, "60601")


@pytest.mark.parametrize("name", ["Use in a visit", "Compare with 97110"])
def test_the_settings_go_along_through_the_guide(server, page, name):
    loaded(page, server.url)
    choose_payer(page, "va")
    go(page, "Guide")
    code_link(page, "97112").click()
    expect_code(page, "97112")
    link(page, name).click()
    arrived(page, "Visit" if name == "Use in a visit" else "Compare")
    expect(payer(page)).to_have_value(payer_name("va"))


# Everyone's own


def test_two_people_do_not_mix(server, page, elsewhere):
    opened_by_hand(page, server)
    loaded(elsewhere, server.url)
    choose_payer(elsewhere, "medicare")
    for each in (page, elsewhere):
        go(each, "Compare")
    choose(page, "97140 Manual therapy")
    expect_codes(page, *TWO, "97140", settings=VISIT_SETTINGS)
    expect_worth(elsewhere, TWO, MEDICARE)
    for each in (page, elsewhere):
        go(each, "Visit")
    expect_the_visit(page)
    expect_do(elsewhere, "97110.20_97112.20")
    expect(payer(elsewhere)).to_have_value(payer_name("medicare"))
    go(elsewhere, "Compare")
    expect_worth(elsewhere, TWO, MEDICARE)


def test_two_tabs_do_not_mix(server, page, watch):
    with page.context.new_page() as other:
        watch.add(other)
        opened_by_hand(page, server)
        loaded_compare(other, f"{server.url}/compare?codes=97140.97530")
        go(other, "Visit")  # the example, under the payer that Compare had
        expect_totals(other, ["4", "2.09", "3.87", "$38.41"])
        go(page, "Compare")
        expect_worth(page, TWO, VISIT_SETTINGS)
        go(other, "Compare")
        expect_codes(other, "97140", "97530")


# The menu itself


COLD = {
    "Visit": f"/{VISIT}",
    "Compare": f"/compare?codes={'.'.join(SIX)}&payer=va&area=60601&place=facility&who=pt",
    "Guide": "/codes?code=S9117",
}


@pytest.mark.parametrize("name", PATHS)
def test_a_cold_server_shows_the_page_of_a_deep_link(cold_server, new_tab, name):
    new_tab.goto(f"{cold_server.url}{COLD[name]}")
    arrived(new_tab, name)
    expect(new_tab.get_by_text("CPT is a trademark")).to_be_visible()
    expect(new_tab.get_by_test_id("stAlert")).to_have_count(0)
    {"Visit": the_cold_visit, "Compare": the_cold_comparison, "Guide": the_cold_code}[name](new_tab)
    assert "Traceback" not in cold_server.log.read_text("utf-8")


def the_cold_visit(page):
    expect_totals(ready(page), totals_of(VISIT_LINES, VISIT_SETTINGS))
    expect(minutes(page, "97110")).to_have_value("33")
    expect(minutes(page, "97140")).to_have_value("7")
    expect(button(page, "Lumbar")).to_have_attribute("aria-pressed", "true")
    expect(button(page, "Sacral")).to_have_attribute("aria-pressed", "false")


def the_cold_comparison(page):
    settings = chirocalc.Settings(payer="va", locality="06102-16", place="facility", provider="pt")
    expect_codes(page, *SIX, settings=settings)
    expect_area(page, "60601")


def the_cold_code(page):
    expect_code(page, "S9117")


def test_the_menu_works_on_a_phone(server, phone):
    loaded(phone, server.url)
    button(phone, "Sacral").tap()
    expect_address_has(phone, "adj=cervical.thoracic.lumbar.sacral")
    for name in ("Compare", "Guide", "Visit"):
        go(phone, name, tap=True)
        for each in PATHS:
            assert link(phone, each).bounding_box()["height"] >= SMALLEST_TARGET
    expect_address_has(phone, "adj=cervical.thoracic.lumbar.sacral")
    expect(button(phone, "Sacral")).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize("name", PATHS)
def test_a_phone_has_the_menu_in_sight(server, phone, name):
    turn_to(phone, f"{server.url}{PATHS[name]}")
    arrived(phone, name)
    for each in PATHS:
        expect(link(phone, each)).to_be_in_viewport(ratio=1)


def test_the_menu_works_with_the_keyboard(server, page):
    loaded(page, server.url)
    link(page, "Compare").focus()
    page.keyboard.press("Enter")
    arrived(page, "Compare")
    link(page, "Guide").focus()
    page.keyboard.press("Enter")
    arrived(page, "Guide")
