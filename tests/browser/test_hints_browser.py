"""In a browser: what a hint asks is answered with a tap, and the link carries the answer."""

import re

from playwright.sync_api import expect
from screen import chip, settled, turn_to, violations_in
from visit_screen import answer_of

MOST_MOVED = 8  # pixels that a click moves what stood there
START = "?payer=commercial-total-time&adj=lumbar&do=97140.15"


def test_a_conflict_lights_up_and_the_answers_travel(server, page, elsewhere):
    turn_to(page, f"{server.url}/{START}")
    region = answer_of(page, "region", "97140")
    expect(region).to_contain_text("Missing")
    expect(region).to_contain_text("Where was 97140 done?")
    place = region.bounding_box()
    chip(page, "settled-region-97140", "Lumbar").click()
    mend = answer_of(page, "mend", "97140", "off")
    expect(mend).to_contain_text("adjusted region (lumbar)")
    chip(page, "settled-region-97140", "Head").click()
    modifiers = answer_of(page, "modifiers", "97140", "59", "XS")
    expect(modifiers).to_contain_text("report it with 59 or XS")
    expect(region).to_contain_text("Settled")
    assert abs(region.bounding_box()["y"] - place["y"]) <= MOST_MOVED
    chip(page, "settled-modifiers-97140-59-XS", "XS").click()
    expect(page).to_have_url(re.compile(r"do=97140\.15%7Ehead%7EXS|do=97140\.15~head~XS"))
    expect(modifiers).to_contain_text("Settled")
    expect(page.get_by_role("heading", name="Ready to bill")).to_be_visible()
    page.get_by_role("radio", name="Claim lines").click()
    expect(page.get_by_role("table", name="Claim lines")).to_contain_text("XS")

    elsewhere.goto(page.url)
    expect(elsewhere.get_by_role("heading", name="Ready to bill")).to_be_visible()
    expect(answer_of(elsewhere, "modifiers", "97140", "XS")).to_contain_text("Settled")


def test_active_or_maintenance_is_asked(server, page):
    turn_to(page, f"{server.url}/?adj=lumbar")
    expect(answer_of(page, "phase", "98940")).to_contain_text("Active treatment or maintenance?")
    chip(page, "settled-phase-98940", "Active").click()
    expect(page).to_have_url(re.compile("phase=active"))
    expect(answer_of(page, "phase", "98940")).to_contain_text("Settled")
    expect(page.get_by_role("heading", name="Ready to bill")).to_be_visible()
    expect(page.locator(".cc-claim")).to_have_text("98940 AT x1")


def test_axe_finds_nothing_beside_every_payer(server, page):
    turn_to(page, f"{server.url}/?who=pt&kx=2400&adj=lumbar&do=97140.15_97110.20_97760.20")
    looks = [("light", "desktop"), ("dark", "desktop")]
    found = []
    for panel in ("Claim lines", "Who pays", "Other payers", "Your clinic"):
        page.get_by_role("radio", name=panel).click()
        settled(page)
        found += violations_in(page, looks)
    # Streamlit 1.67's own uploader has a focusable element with a role of presentation.
    of_uploader = [each for each in found if "stFileUploaderDropzone" in each]
    assert [each for each in found if each not in of_uploader] == []
    assert all("presentation-role-conflict: " in each for each in of_uploader)
