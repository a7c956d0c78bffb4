"""In a browser: what a hint asks is answered with a tap, and the link carries the answer."""

import re

from playwright.sync_api import expect
from screen import chip, turn_to, violations_in

START = "?payer=commercial-total-time&adj=lumbar&do=97140.15"


def hint(page, text):
    return page.get_by_test_id("stMarkdown").filter(has_text=text)


def test_a_conflict_lights_up_and_the_answers_travel(server, page, elsewhere):
    turn_to(page, f"{server.url}/{START}")
    expect(hint(page, "Where was 97140 done?")).to_be_visible()
    chip(page, "region-97140", "Lumbar").click()
    expect(hint(page, "adjusted region (lumbar)")).to_be_visible()
    chip(page, "region-97140", "Head").click()
    expect(hint(page, "report it with 59 or XS")).to_be_visible()
    chip(page, "modifiers-97140", "XS").click()
    expect(page).to_have_url(re.compile(r"do=97140\.15%7Ehead%7EXS|do=97140\.15~head~XS"))
    expect(hint(page, "report it with 59 or XS")).to_have_count(0)
    claim = page.get_by_test_id("stTable").first
    expect(claim).to_contain_text("XS")

    elsewhere.goto(page.url)
    expect(elsewhere.get_by_test_id("stTable").first).to_contain_text("XS")
    expect(hint(elsewhere, "Where was 97140 done?")).to_have_count(0)


def test_active_or_maintenance_is_asked(server, page):
    turn_to(page, f"{server.url}/?adj=lumbar")
    expect(hint(page, "Active treatment or maintenance?")).to_be_visible()
    page.get_by_role("radio", name="Active").click(force=True)
    expect(hint(page, "takes AT on 98940")).to_be_visible()
    chip(page, "modifiers-spinal", "AT").click()
    expect(page).to_have_url(re.compile("cmt=AT"))
    expect(hint(page, "takes AT on 98940")).to_have_count(0)


def test_axe_finds_nothing_beside_every_payer(server, page):
    turn_to(page, f"{server.url}/?who=pt&kx=2400&adj=lumbar&do=97140.15_97110.20_97760.20")
    page.get_by_text("The same visit under every payer").click()
    expect(page.get_by_test_id("stTable")).to_have_count(2)
    page.get_by_text("Your own fees").click()
    expect(page.get_by_text("Fee list")).to_be_visible()
    expect(page.locator('[data-testid="stVegaLiteChart"] canvas, svg.marks')).to_have_count(4)
    found = violations_in(page, [("light", "desktop"), ("dark", "desktop")])
    # Streamlit 1.67's own uploader has a focusable element with a role of presentation.
    of_uploader = [each for each in found if "stFileUploaderDropzone" in each]
    assert [each for each in found if each not in of_uploader] == []
    assert all("presentation-role-conflict: " in each for each in of_uploader)
