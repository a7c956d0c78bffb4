"""The Audit page in Chromium: files, columns, progress, downloads, print, phone, contrast."""

import csv
import io
import re
from collections import Counter
from functools import cache
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pandas as pd
import pytest
from oracles import claims as claims837
from playwright.sync_api import expect
from screen import (
    EVERY_LOOK,
    WHITE,
    button,
    charts,
    contrast,
    cut_off,
    in_colors,
    look,
    pick,
    printed,
    settled,
    violations,
    widest,
)
from screen import saved as saved_by
from tabs import DESKTOP, PHONE, KeptTab
from visit_screen import settings as visit_settings

from chirocalc import Settings, exports, tables
from chirocalc.audit import files as visit_files
from chirocalc.audit import parts as audit_files
from chirocalc.audit import words as audit_words
from chirocalc.audit.columns import recognize
from chirocalc.audit.sample import sample
from chirocalc.audit.totals import LEVELS, Totals
from chirocalc.sheets import audit as audit_sheet
from chirocalc.words import money

TABS = ["Findings", "Lines", "Charts", "Rows not read"]
TITLES = [
    "Units billed and supported, by code. ",
    "Shares of the adjustment codes. ",
    "Findings by rule. ",
    "Average minutes a unit, by code. ",
    "Work RVUs by month. ",
]
COPIES = 300  # of the sample's thousand lines, in the large file
LONG = 30_000  # milliseconds that reading a large file may take beside other tests
READABLE, VISIBLE = 4.5, 3  # contrast of text, and of lines (WCAG 2.2, 1.4.3 and 1.4.11)
SMALL = "Visit,CPT,Minutes,Units\nV1,97110,20,2\nV2,97110,38,2\nV3,98941,,1\n"
ODD = "Visit,What was done,Minutes,Units\nV1,97110,20,2\nV2,97110,38,2\nV3,98941,,1\n"
PRIVATE = "Visit,CPT,Minutes,Units,Last Name,DOB\nV1,97110,20,2,Beeblebrox,1952-05-11\n"


def address(server):
    return f"{server.url}/audit"


def opened(page, server):
    page.goto(address(server))
    ready(page)
    return page


def ready(page):
    """Wait until the page is there with its settings, which are named below the uploader."""
    expect(uploader(page)).to_be_visible()
    settled(page)
    expect(page.get_by_text("If the file has no payer or ZIP, use:")).to_be_visible()


def open_settings(page):
    """Open the box of the settings, and in it what stands behind the button."""
    page.get_by_text("If the file has no payer or ZIP, use:").click()
    visit_settings(page)


def with_sample(page, server):
    opened(page, server)
    button(page, "Try it with the sample").click()
    expect_totals(page, sample_totals())
    settled(page)
    return page


# In browsers of their own, where no other test's settings are remembered.


@pytest.fixture(scope="module")
def desktop_sample(server, chromium):
    context = chromium.new_context(viewport=DESKTOP)
    return KeptTab(context, DESKTOP, lambda page: with_sample(page, server))


@pytest.fixture(scope="module")
def phone_sample(server, chromium):
    context = chromium.new_context(viewport=PHONE, is_mobile=True, has_touch=True)
    return KeptTab(context, PHONE, lambda page: with_sample(page, server))


@pytest.fixture
def sample_page(desktop_sample, watch, failed):
    """The sample's audit on a desktop, for tests that only look at it and open its tabs."""
    with desktop_sample.lent(watch, failed) as lent:
        yield lent


@pytest.fixture
def sample_phone(phone_sample, watch, failed):
    """The sample's audit on a phone, for tests that only look at it and open its tabs."""
    with phone_sample.lent(watch, failed) as lent:
        yield lent


def uploader(page):
    return page.get_by_test_id("stFileUploader")


def upload(page, path):
    """Choose a file as a user does, in place of any other."""
    with page.expect_file_chooser() as chooser:
        uploader(page).locator("button").last.click()
    chooser.value.set_files(path)


def bring(page, tmp_path, text, name="visits.csv"):
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    upload(page, path)


def expect_totals(page, totals, timeout=None):
    """The answer in a line, and the dollars where there are any."""
    headline, *dollars = totals
    expect(headings(page).first).to_have_text(headline, timeout=timeout)
    expect(page.get_by_test_id("stMetricValue")).to_have_text(dollars, timeout=timeout)


def headings(page):
    return page.get_by_role("heading", level=2)


def expect_nothing_of_a_file(page):
    """Neither tabs nor figures, unless they are the sample's that stand before any file."""
    expect(page.get_by_role("tab")).to_have_count(0)
    settled(page)
    has_sample = page.get_by_text("Sample clinic, not yours").count()
    of_the_sample = len(sample_totals()) - 1 if has_sample else 0  # the first is the headline
    expect(page.get_by_test_id("stMetric")).to_have_count(of_the_sample)


def tab(page, name):
    """Open a tab."""
    target = page.get_by_role("tab", name=name, exact=True)
    target.click()
    expect(target).to_have_attribute("aria-selected", "true")
    settled(page)


def panel(page):
    return page.get_by_role("tabpanel").filter(visible=True)


def open_whole(page, name):
    """Open a tab, and wait until all of it is drawn."""
    tab(page, name)
    count = len(TITLES) if name == "Charts" else 0
    expect(charts(page).locator("svg.marks").filter(visible=True)).to_have_count(count)


def choose(page, label, option, exact=False):
    """Choose from a box, by the keyboard."""
    pick(page.get_by_role("combobox", name=label, exact=exact), option)
    page.keyboard.press("Escape")


def findings_said(page):
    """The sentence above the list of findings."""
    return panel(page).get_by_text(re.compile(r"^[\d,]+ findings?: "))


def audit_of(table, under=None):
    file = visit_files.open_file(exports.csv_bytes(table), "visits.csv")
    columns = recognize(file.header)
    return audit_files.audit_in_memory([file], columns, under or Settings())


@cache
def sample_audit():
    return audit_of(sample())


def as_shown(answer, times=1):
    """What the page says first of an audit, of so many copies of a file."""
    stake, lines = answer.totals.at_stake, len(answer.lines) * times
    found = answer.findings
    look = found.loc[found["level"] != "note", "row"].nunique() * times
    of = f"{lines:,} line{'s' * (lines != 1)}"
    cents = [stake["over"], -stake["under"], stake["fix"], stake["needs"]]
    cents += [stake["check"]] if stake["check"] else []  # a tile that is there where there is some
    dollars = [money(each * times / 100) for each in cents] if any(cents) else []
    return [f"{look:,} of {of} to look at" if look else f"Clean: {of}, nothing to fix", *dollars]


def sample_totals(times=1):
    return as_shown(sample_audit(), times)


def totals_of(text):
    return as_shown(audit_of(pd.read_csv(io.StringIO(text), dtype=str).fillna("")))


# Before a file


def test_what_one_gets_stands_there_before_any_file(server, page):
    opened(page, server)
    expect(page.get_by_role("heading", level=1)).to_have_text("Audit a month of visits")
    answer = sample_audit()
    expect(headings(page)).to_have_text([f"What you get: {sample_totals()[0]}", "Do these first"])
    mark = page.get_by_text("Sample clinic, not yours")
    for each in (mark, *page.get_by_test_id("stMetricValue").all()):
        expect(each).to_be_in_viewport(ratio=1)
    expect(page.get_by_test_id("stMetricValue")).to_have_text(as_shown(answer)[1:])
    costly = answer.findings.groupby("rule")["dollars"].sum().round(2)
    costly = costly[costly != 0]
    expect(page.get_by_test_id("stMain").locator("ol > li")).to_have_count(len(costly))
    worst = page.get_by_test_id("stMain").locator("ol > li").first
    expect(worst).to_contain_text(money(costly.max()))
    expect(worst).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_the_page_before_a_file_fits(server, page, phone, size):
    at = {"desktop": page, "phone": phone}[size]
    opened(at, server)
    expect(charts(at).locator("svg.marks")).to_have_count(1)
    assert widest(at) <= (DESKTOP if size == "desktop" else PHONE)["width"]
    assert cut_off(at) == []
    assert words_cut_off(at) == []


def test_axe_finds_nothing_else_before_a_file(server, page):
    opened(page, server)
    expect(charts(page).locator("svg.marks")).to_have_count(1)
    assert others_in(page, EVERY_LOOK) == []


# Files


def test_the_sample_is_one_click_to_totals(server, page):
    opened(page, server)
    expect_nothing_of_a_file(page)
    button(page, "Try it with the sample").click()
    expect_totals(page, sample_totals())
    expect(page.get_by_role("tab")).to_have_text(TABS)
    expect(page).to_have_title("Audit a month · Chirocalc")
    assert page.url == address(server)


def test_a_click_before_all_scripts_have_come_counts(server, elsewhere):
    """A first visit on a slow line: the button works before the chips of the settings."""
    held = []

    def hold(route):
        held.append(route)

    elsewhere.route(re.compile("ButtonGroup"), hold)
    elsewhere.goto(address(server))
    button(elsewhere, "Try it with the sample").click()
    expect_totals(elsewhere, sample_totals())
    for _ in range(100):
        if not held:
            elsewhere.wait_for_timeout(50)
    assert held
    for route in held:
        route.continue_()
    tab(elsewhere, "Lines")
    open_settings(elsewhere)
    expect(elsewhere.get_by_role("radio", name="Office")).to_be_checked()
    expect_totals(elsewhere, sample_totals())


def test_the_sample_has_its_totals_in_sight(sample_page):
    for metric in sample_page.get_by_test_id("stMetricValue").all():
        expect(metric).to_be_in_viewport(ratio=1)
    for name in TABS:
        expect(sample_page.get_by_role("tab", name=name)).to_be_in_viewport(ratio=1)


def test_a_phone_has_the_totals_of_the_sample_in_sight(sample_phone):
    for metric in sample_phone.get_by_test_id("stMetricValue").all():
        expect(metric).to_be_in_viewport(ratio=1)


def test_the_menu_leads_here_and_keeps_the_settings(server, page):
    page.goto(f"{server.url}/?payer=va")
    visit_settings(page)
    page.get_by_role("radio", name="PT", exact=True).click(force=True)
    expect(page).to_have_url(re.compile("who=pt"))
    settled(page)
    page.get_by_role("link", name="Audit").click()
    ready(page)
    expect(page).to_have_url(re.compile(r"/audit\?(?=.*payer=va)(?=.*who=pt)"))
    button(page, "Try it with the sample").click()
    under = Settings(payer="va", provider="pt")
    expect_totals(page, as_shown(audit_of(sample(), under)))


def test_a_file_is_read_and_taken_away(server, page, tmp_path):
    opened(page, server)
    bring(page, tmp_path, SMALL)
    expect_totals(page, totals_of(SMALL))
    expect(page.get_by_text("visits.csv").first).to_be_visible()
    button(page, "Remove visits.csv").click()
    expect_nothing_of_a_file(page)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("visits.csv", SMALL.replace(",", ";").encode()),
        ("visits.tsv", SMALL.replace(",", "\t").encode("utf-16")),
        ("visits.xlsx", exports.excel_bytes({"a": pd.read_csv(io.StringIO(SMALL), dtype=str)})),
    ],
    ids=["semicolon", "utf-16", "excel"],
)
def test_a_file_of_another_kind_is_read(server, page, tmp_path, name, content):
    opened(page, server)
    bring(page, tmp_path, content, name)
    expect_totals(page, totals_of(SMALL))


def test_a_column_is_chosen_by_hand(server, page, tmp_path):
    opened(page, server)
    bring(page, tmp_path, ODD)
    warning = page.get_by_role("alert").filter(has_text="Choose the columns above")
    expect(warning).to_contain_text("Code column is needed and was not found.")
    choose(page, "Code", "What was done", exact=True)
    expect_totals(page, totals_of(SMALL))
    expect(warning).to_have_count(0)


def test_private_columns_are_refused_and_gone_on_without(server, page, tmp_path):
    opened(page, server)
    bring(page, tmp_path, PRIVATE)
    error = page.get_by_role("alert").filter(has_text="look like patient data")
    expect(error.locator("li")).to_have_text(
        ["Last Name is called like a name.", "DOB is called like a birth date."]
    )
    expect_nothing_of_a_file(page)
    button(page, "Go on without these columns").click()
    expect_totals(page, totals_of("Visit,CPT,Minutes,Units\nV1,97110,20,2\n"))
    expect(page.get_by_text("Left out: Last Name, DOB.")).to_be_visible()
    expect(error).to_have_count(0)
    for name in TABS:
        tab(page, name)
        assert "Beeblebrox" not in page.content()


def test_a_broken_file_gives_a_sentence_and_a_good_one_goes_on(server, page, tmp_path):
    opened(page, server)
    bring(page, tmp_path, b"%PDF-1.7", "visits.csv")
    expect(page.get_by_role("alert")).to_contain_text("is a PDF: export the visits as CSV")
    bring(page, tmp_path, SMALL, "second.csv")
    expect_totals(page, totals_of(SMALL))
    expect(page.get_by_role("alert").filter(has_text="is a PDF")).to_have_count(0)


def test_a_file_again_and_another_replace_the_first(server, page, tmp_path):
    opened(page, server)
    bring(page, tmp_path, SMALL)
    expect_totals(page, totals_of(SMALL))
    for text, name in ((SMALL, "visits.csv"), (SMALL + "V4,97140,5,1\n", "other.csv")):
        bring(page, tmp_path, text, name)
        expect_totals(page, totals_of(text))
        expect(uploader(page).get_by_text(name)).to_have_count(1)
    expect(uploader(page).get_by_role("button", name="Remove")).to_have_count(1)


def test_reload_leaves_nothing_of_a_file_and_keeps_the_settings(server, page, tmp_path):
    page.goto(f"{address(server)}?payer=va")
    ready(page)
    bring(page, tmp_path, SMALL)
    expect(page.get_by_role("tab")).to_have_count(4)
    page.reload()
    ready(page)
    expect_nothing_of_a_file(page)
    expect(page).to_have_url(re.compile("payer=va"))


# A large file


def large_file(path):
    """The sample many times over, each copy with visits of its own."""
    table = sample()
    rest = table.drop(columns="Visit").to_csv(index=False, header=False).splitlines()
    with path.open("w", encoding="utf-8") as out:
        out.write(",".join(table.columns) + "\n")
        for copy in range(COPIES):
            out.writelines(f"{v}-{copy},{r}\n" for v, r in zip(table["Visit"], rest, strict=True))
    return path


@pytest.fixture(scope="session")
def large(tmp_path_factory):
    return large_file(tmp_path_factory.mktemp("large") / "large.csv")


def watch_progress(page):
    """Keep whatever the progress bar says."""
    page.evaluate(
        """() => {
            window.said = [];
            const keep = () => document.querySelectorAll('[data-testid="stProgress"]')
                .forEach(bar => window.said.push(bar.innerText.trim()));
            new MutationObserver(keep).observe(
                document.body, {subtree: true, childList: true, characterData: true});
        }"""
    )


def test_a_large_file_shows_its_progress_and_the_page_stays_usable(server, page, large):
    opened(page, server)
    watch_progress(page)
    upload(page, large)
    expect_totals(page, sample_totals(COPIES), timeout=LONG)
    said = list(dict.fromkeys(page.evaluate("window.said")))
    counts = [re.fullmatch(r"([\d,]+) (?:of 300,000 lines|lines read)", text) for text in said]
    assert len(said) > 1
    assert all(counts), said
    done = [int(c[1].replace(",", "")) for c in counts if "of" in c[0]]
    assert done == sorted(done)
    expect(page.get_by_test_id("stProgress")).to_have_count(0)
    settled(page)

    found = sample_audit().findings
    listed = found[found["level"] != "note"]
    expect(findings_said(page)).to_contain_text(f"{len(listed) * COPIES:,} findings: ")
    choose(page, "Provider", "Clinician B")
    count = (listed["provider"] == "Clinician B").sum() * COPIES
    expect(findings_said(page)).to_contain_text(f"{count:,} findings: ")
    tab(page, "Lines")
    expect(panel(page)).to_contain_text("The first 1,000 of 300,000.")
    open_whole(page, "Charts")
    download_menu(page).click()
    expect(button(page, "Excel")).to_be_disabled()
    expect_totals(page, sample_totals(COPIES))


@pytest.fixture
def busy(server, page, large):
    """A page that is reading a large file."""
    opened(page, server)
    upload(page, large)
    expect(button(page, "Remove large.csv")).to_be_visible(timeout=LONG)
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "running")
    return page


def test_taking_a_file_away_while_it_is_read_leaves_a_working_page(busy):
    button(busy, "Remove large.csv").click()
    expect_nothing_of_a_file(busy)
    expect(busy.get_by_test_id("stProgress")).to_have_count(0)
    settled(busy)
    button(busy, "Try it with the sample").click()
    expect_totals(busy, sample_totals())


def test_another_file_while_one_is_read_counts(busy, tmp_path):
    bring(busy, tmp_path, SMALL)
    expect_totals(busy, totals_of(SMALL), timeout=LONG)
    settled(busy)
    expect_totals(busy, totals_of(SMALL))
    expect(busy.get_by_test_id("stProgress")).to_have_count(0)


def test_reload_while_a_file_is_read_leaves_a_working_page(busy, server):
    busy.reload()
    with_sample(busy, server)


# Findings


def test_filters_change_the_list_and_the_sum(server, page):
    with_sample(page, server)
    found = sample_audit().findings
    listed = found[(found["level"] != "note") & (found["code"] == "97110")]
    choose(page, "Code", "97110", exact=True)
    expect(findings_said(page)).to_have_text(f"{audit_words.listed(listed)}.")
    for level in ("Missing", "Check"):
        page.get_by_role("button", name=level, exact=True).click()
    count = (listed["level"] == "fix").sum()
    expect(findings_said(page)).to_contain_text(f"{count} findings: ")


def expect_listed(page, found):
    """The list has come to these findings, and is not being drawn any more."""
    expect(findings_said(page)).to_have_text(f"{audit_words.listed(found)}.")
    settled(page)


def rows_listed(page):
    return panel(page).get_by_role("radiogroup", name="Findings, the gravest first")


def click_row(page, number):
    """Choose a finding by a click anywhere on its row."""
    rows_listed(page).locator(".text").nth(number).click()
    expect(rows_listed(page).get_by_role("radio").nth(number)).to_be_checked()
    settled(page)


def choose_group(page, name):
    """Open the lines of a group."""
    panel(page).locator(".st-key-audit_rule").get_by_text(f"× {name}").click()


def chosen_link(page):
    return page.get_by_role("link", name="Open this visit in the calculator")


def visit_of(page):
    """The lines of the chosen finding's visit."""
    return panel(page).get_by_test_id("stMarkdown").locator("li")


def test_a_finding_is_read_whole_and_its_visit_opened(server, page):
    with_sample(page, server)
    answer = sample_audit()
    choose_group(page, "Beside an adjustment: which region")
    choose(page, "Code", "97112", exact=True)
    found = answer.findings[answer.findings["rule"] == "cmt-region"]
    found = found[found["code"] == "97112"].sort_values("dollars", ascending=False, kind="stable")
    visit = answer.lines[answer.lines["visit"] == found["visit"].iloc[1]]
    expect_listed(page, found)
    click_row(page, 1)
    expect(
        panel(page).get_by_test_id("stMarkdown").filter(has_text="Where was 97112")
    ).to_be_visible()
    expect(visit_of(page)).to_have_count(len(visit))
    chosen_link(page).click()
    expect(page.get_by_label("Minutes of 97112", exact=True)).to_be_visible()
    do = parse_qs(urlsplit(page.url).query)["do"][0]
    assert {part.split(".")[0] for part in do.split("_")} == {
        code for code in visit["code"] if not code.startswith("9894")
    }


@pytest.mark.parametrize("size", ["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_findings_are_read_whole_in_the_list(sample_page, sample_phone, size, scheme):
    page = {"desktop": sample_page, "phone": sample_phone}[size]
    tab(page, "Findings")
    in_colors(page, scheme)
    found = sample_audit().findings
    found = found[found["level"] == "fix"].sort_values("dollars", ascending=False, kind="stable")
    texts = rows_listed(page).locator(".text")
    assert texts.all_inner_texts()[: len(found)] == found["text"].tolist()
    cut = texts.evaluate_all("all => all.filter(each => each.scrollWidth > each.clientWidth + 1)")
    assert cut == []
    low = (
        rows_listed(page)
        .locator("label")
        .evaluate_all("all => Math.min(...all.map(each => each.getBoundingClientRect().height))")
    )
    assert low >= (44 if size == "phone" else 24)
    assert widest(page) <= (DESKTOP if size == "desktop" else PHONE)["width"]


def test_the_first_finding_is_open_and_the_keyboard_opens_the_next(server, page):
    with_sample(page, server)
    answer = sample_audit()
    choose_group(page, "More units than the minutes support")
    found = answer.findings[answer.findings["rule"] == "units-over"]
    found = found.sort_values("dollars", ascending=False, kind="stable")
    expect_listed(page, found)
    expect(panel(page).get_by_text(f"Visit {found['visit'].iloc[0]}", exact=True)).to_be_visible()
    rows_listed(page).get_by_role("radio").first.focus()
    page.keyboard.press("ArrowDown")
    expect(panel(page).get_by_text(f"Visit {found['visit'].iloc[1]}", exact=True)).to_be_visible()
    expect(rows_listed(page).get_by_role("radio").nth(1)).to_be_focused()


def test_rows_further_down_come_when_one_scrolls(server, page):
    with_sample(page, server)
    rows = rows_listed(page)
    count = int((sample_audit().findings["level"] != "note").sum())
    assert rows.get_by_role("radio").count() < count
    for _ in range(50):
        if rows.get_by_role("radio").count() == count:
            break
        rows.evaluate("list => list.scrollTo(0, list.scrollHeight)")
        page.wait_for_timeout(100)
    expect(rows.get_by_role("radio")).to_have_count(count)


def test_a_chosen_finding_is_still_chosen_after_another_tab(server, page):
    with_sample(page, server)
    click_row(page, 3)
    tab(page, "Lines")
    tab(page, "Findings")
    expect(rows_listed(page).get_by_role("radio").nth(3)).to_be_checked()


def test_a_phone_shows_the_names_of_the_tiles_whole(sample_phone):
    assert names_cut(sample_phone) == []


def test_a_phone_has_all_downloads_in_one_menu(sample_phone):
    tab(sample_phone, "Findings")
    download_menu(sample_phone).tap()
    for name in ("Findings CSV", "Lines CSV", "Excel", "Printable summary"):
        expect(button(sample_phone, name)).to_be_visible()
    assert widest(sample_phone) <= PHONE["width"]
    sample_phone.keyboard.press("Escape")


def test_a_setting_changed_leaves_its_box_open_and_named(server, page):
    opened(page, server)
    open_settings(page)
    page.get_by_role("radio", name="PT", exact=True).click(force=True)
    expect(page.locator("summary").first).to_contain_text("PT")
    expect(page.get_by_role("radio", name="PT", exact=True)).to_be_checked()
    expect(page.locator("details").first).to_have_attribute("open", "")


def test_a_finding_chosen_does_not_break_a_shorter_list(cold_server, new_tab):
    """The last row in sight is chosen, then the list has one row. In a tab of its own: a kept one
    would go on asking for a server that is gone."""
    with_sample(new_tab, cold_server)
    click_row(new_tab, 8)
    expect(chosen_link(new_tab)).to_be_visible()
    choose_group(new_tab, "Visit beside another service: 25")
    expect(findings_said(new_tab)).to_contain_text("1 finding: ")
    settled(new_tab)
    expect(rows_listed(new_tab).get_by_role("radio")).to_have_count(1)
    expect(rows_listed(new_tab).get_by_role("radio")).to_be_checked()
    expect(panel(new_tab).get_by_text("Was 99213 significant").last).to_be_visible()
    expect(new_tab.get_by_test_id("stException")).to_have_count(0)
    expect(new_tab.get_by_text("CPT is a trademark")).to_be_visible()


# A file as practices export it


OFFICE = [
    "Account #", "Claim #", "Date of Service", "CPT", "Mod 1", "Mod 2", "Units", "Minutes",
    "Charge", "Primary Insurance", "Provider", "POS",
]  # fmt: skip
INSURERS = ["Medicare Part B", "BCBS of Illinois", "UnitedHealthcare", "VA CCN Optum", "Moda"]
TREATED = [
    ("98941", "", "", "1", ""), ("97110", "GP", "", "2", "20"), ("97140", "", "59", "1", "15"),
    ("98940", "AT", "", "1", ""), ("97530", "GP", "", "3", "25"), ("99213", "", "", "1", ""),
    ("98941", "", "", "2", ""), ("97112", "", "", "1", ""), ("97012", "GP", "", "2", ""),
    ("G0283", "", "", "1", ""),
]  # fmt: skip
VISITS_OF_OFFICE = 83


def office_export():
    """300 rows below titles: three services a visit, every second visit a copay, a totals row."""
    rows = [["Bright Spine Chiropractic"], ["Charges 03/01/2026 to 03/31/2026"], [], OFFICE]
    for visit in range(VISITS_OF_OFFICE):
        about = [str(1000 + visit % 40), f"C{20000 + visit}", f"03/{1 + visit % 28:02}/2026"]
        last = [INSURERS[visit % 5], ("Dr. A. Keller", "Dr. M. Osei")[visit % 2], "11"]
        done = [TREATED[(visit * 3 + at) % len(TREATED)] for at in range(3)]
        rows += [[*about, *each, "55.00", *last] for each in done]
        if visit % 2:
            rows.append([*about, "COPAY", "", "", "1", "", "-25.00", *last])
    rows.append(["Totals", *[""] * 7, "13695.00", "", "", ""])
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()


@pytest.fixture
def office_desktop(server, page, tmp_path):
    opened(page, server)
    bring(page, tmp_path, office_export(), "charges.csv")
    expect(page.get_by_role("tab")).to_have_text(TABS)
    settled(page)
    return page


@pytest.fixture
def office_phone(server, phone, tmp_path):
    opened(phone, server)
    bring(phone, tmp_path, office_export(), "charges.csv")
    expect(phone.get_by_role("tab")).to_have_text(TABS)
    settled(phone)
    return phone


def top_of(element):
    return element.bounding_box()["y"]


def groups_listed(page):
    """The groups of what to do first, without the one of all."""
    return panel(page).locator(".st-key-audit_rule label:has(input)")


def test_the_first_screen_of_an_export_has_the_answer_and_what_to_do_first(office_desktop):
    page = office_desktop
    expect(headings(page).first).to_have_text(re.compile(r"^\d+ of 249 lines to look at$"))
    line = page.get_by_text(re.compile(r"^249 lines, \d+ visits, March 2026, "))
    expect(line).to_be_in_viewport(ratio=1)
    expect(page.get_by_text("Payers not known, with their lines: ").first).to_be_in_viewport()
    for number in range(3):
        assert top_of(rows_listed(page).locator("label").nth(number)) < DESKTOP["height"]
        assert top_of(groups_listed(page).nth(number + 1)) < DESKTOP["height"]
    tab(page, "Rows not read")
    expect(panel(page)).to_contain_text("copay 41")
    expect(panel(page)).to_contain_text("total, title or footer 1")


def test_a_phone_shows_an_export_whole(office_phone):
    page = office_phone
    assert widest(page) <= PHONE["width"]
    expect(page.get_by_test_id("stMetric")).to_have_count(5)
    assert names_cut(page) == []
    assert top_of(groups_listed(page).nth(1)) < PHONE["height"] + 120


def test_a_phone_shows_the_names_of_the_samples_tiles_whole(server, phone):
    opened(phone, server)
    assert names_cut(phone) == []


def names_cut(page):
    """Names of tiles that are not shown whole."""
    return (
        page.get_by_test_id("stMetricLabel")
        .locator("p")
        .evaluate_all("all => all.filter(p => p.scrollWidth > p.clientWidth).map(p => p.innerText)")
    )


def test_axe_finds_nothing_else_beside_payers_to_name(office_desktop):
    page = office_desktop
    page.locator("summary").filter(has_text="Columns and payers").click()
    expect(page.get_by_role("combobox", name="Moda")).to_be_visible()
    settled(page)
    assert others_in(page, EVERY_LOOK) == []


def test_a_payer_named_changes_the_audit(office_desktop):
    page = office_desktop
    hint = page.get_by_text("Say what they are under Columns and payers.").first
    expect(page.get_by_text(re.compile(r"lines: .*Moda \d+")).first).to_be_visible()
    page.locator("summary").filter(has_text="Columns and payers").click()
    choose(page, "Moda", "Medicare Part B")
    expect(page.get_by_text(re.compile(r"lines: .*Moda \d+"))).to_have_count(0)
    expect(hint).to_be_visible()  # of another that is not known
    expect(page.get_by_text(re.compile("^249 lines, .*Medicare Part B 33"))).to_be_visible()


def test_whose_minutes_they_are_is_asked_and_changes_the_dollars(server, page, tmp_path):
    opened(page, server)
    lines = [f"V{n},{code},30,2" for n in range(10) for code in ("97110", "97530")]
    bring(page, tmp_path, "\n".join(["Visit,CPT,Minutes,Units", *lines]))
    open_settings(page)
    choose(page, "Payer", "Commercial, 8-minute rule", exact=True)
    expect(page.get_by_text("Whose are they?")).to_be_visible()
    expect(page.get_by_test_id("stMetric")).to_have_count(0)
    page.get_by_role("radio", name="The visit's total").click(force=True)
    expect(headings(page).first).to_have_text("10 of 20 lines to look at")
    expect(page.get_by_test_id("stMetricValue").first).to_have_text(re.compile(r"^\$[1-9]"))
    settled(page)
    assert others_in(page, SCHEMES) == []


def test_a_sheet_of_a_workbook_is_chosen(server, page, tmp_path):
    opened(page, server)
    small = pd.read_csv(io.StringIO(SMALL), dtype=str)
    sheets = exports.excel_bytes({"March": small, "April": small.head(1)})
    bring(page, tmp_path, sheets, "year.xlsx")
    expect_totals(page, totals_of(SMALL))
    page.locator("summary").filter(has_text="Columns and payers").click()
    choose(page, "Sheet", "April")
    expect_totals(page, totals_of("\n".join(SMALL.splitlines()[:2])))


def test_nothing_of_the_patients_of_a_claim_file_is_in_the_page(server, page, tmp_path):
    clinic = {"names": ["2", "SPINE CLINIC"], "label": "", "discipline": "", "taxonomy": ""}
    line = {"code": "98941", "modifiers": [], "basis": "UN", "quantity": "1", "place": "",
            "rendering": None, "dtp": ("D8", "20260302", "")}  # fmt: skip
    claim = {"account": "A1", "place": "11", "frequency": "1", "payer": ("MEDICARE", "MB", ""),
             "date": None, "billing": clinic, "rendering": None, "patient": True, "other": True,
             "level": "P", "lines": [line]}  # fmt: skip
    body = claims837.claims_body([claim])
    segments = claims837.envelope([("837", "005010X222A1", body)])
    opened(page, server)
    bring(page, tmp_path, claims837.written(segments, "*:~", "\n"), "claims.837")
    expect(headings(page).first).to_have_text("1 of 1 line to look at")
    for name in TABS:
        tab(page, name)
        assert [each for each in claims837.SECRETS if each in page.content()] == []
    expect(page.get_by_text("SPINE CLINIC").first).to_be_attached()


# Downloads


def download_menu(page):
    return page.get_by_role("button", name="Download", exact=False).and_(
        page.get_by_test_id("stPopoverButton")
    )


def saved(page, name):
    """Download a file; all but the template are in a menu."""
    if name != "Template" and not button(page, name).is_visible():
        download_menu(page).click()
    return saved_by(page, button(page, name))


def rows_of(content):
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_the_four_files_arrive(server, page):
    with_sample(page, server)
    answer = sample_audit()
    name, content = saved(page, "Findings CSV")
    assert name == "findings.csv"
    assert [row["text"] for row in rows_of(content)] == list(answer.findings["text"])
    name, content = saved(page, "Lines CSV")
    assert name == "lines.csv"
    assert [row["suggested"] for row in rows_of(content)] == list(answer.lines["suggested"])
    name, content = saved(page, "Excel")
    assert name == "audit.xlsx"
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == [
        "Summary", "To do", "Findings", "Notes", "Lines", "Left out", "About",
    ]  # fmt: skip
    notes = int((answer.findings["level"] == "note").sum())
    assert book["Findings"].max_row == len(answer.findings) - notes + 1
    assert book["Notes"].max_row == notes + 1
    name, content = saved(page, "Printable summary")
    assert name == "audit.html"
    for sentence in audit_words.sentences(answer.totals):
        assert sentence in content.decode()
    settled(page)
    expect_totals(page, sample_totals())


def test_the_template_arrives_and_runs(server, page, tmp_path):
    opened(page, server)
    name, content = saved(page, "Template")
    assert name == "visits.csv"
    bring(page, tmp_path, content)
    expect(headings(page).first).to_have_text("Clean: 3 lines, nothing to fix, 1 remark")


def test_the_summary_of_the_sample_prints_on_one_page(sample_page, paper):
    html = saved(sample_page, "Printable summary")[1].decode()
    assert printed(paper, html) == 1
    expect(paper.locator("h1")).to_have_text("Audit summary")
    assert paper.locator("h2").all_inner_texts() == [
        "Findings by rule", "Units by code", "Adjustment mix",
    ]  # fmt: skip


FAULTY = [
    ["97110", "5", "2", "", ""], ["97112", "60", "1", "59", "lumbar"], ["97140", "15", "1", "", ""],
    ["98941", "", "1", "", "lumbar"], ["98940", "", "2", "GA AT", "cervical"],
    ["99213", "", "1", "", ""], ["99203", "", "2", "25", ""], ["97014", "", "2", "", ""],
    ["G0283", "", "2", "", ""], ["97150", "", "2", "", ""], ["97161", "", "2", "", ""],
    ["97164", "", "1", "", ""], ["95851", "", "1", "", ""], ["97811", "15", "3", "", ""],
    ["97810", "20", "2", "", ""], ["97010", "", "1", "", ""], ["S9090", "", "1", "", ""],
    ["97035", "", "1", "", ""], ["97750", "30", "2", "", ""], ["97530", "15", "1", "GP", "lumbar"],
    ["98943", "", "1", "51", "head"], ["97012", "", "2", "", ""], ["72100", "", "3", "", ""],
]  # fmt: skip
PAYER_WORDS = ["Medicare", "VA", "Commercial, AMA rule", "Somebody's Insurance of Somewhere"]


def faulty_file():
    """Visits with nearly every fault at once, under several payers."""
    header = ["CPT", "Minutes", "Units", "Modifiers", "Region", "Visit", "DOS", "Payer", "Provider"]
    rows = [
        [*line, f"V{at}-{number // 3}", "2026-03-02", payer, "Ann"]
        for at, payer in enumerate(PAYER_WORDS)
        for number, line in enumerate(FAULTY * 2)
    ]
    return pd.DataFrame(rows, columns=header, dtype=str)


def test_the_summary_of_a_file_with_many_faults_prints_on_one_page(paper):
    answer = audit_of(faulty_file())
    html = audit_sheet.audit_sheet(
        answer.totals, Settings(), "a rather long name of a file, 2026-03.csv"
    )
    assert printed(paper, html) == 1


@pytest.mark.parametrize("count", [5, 12, 13, 14, 15, 100])
@pytest.mark.parametrize("odd", [0, 5])
def test_the_summary_prints_on_one_page_however_much_there_is(paper, count, odd):
    """So many rules and codes with large numbers, and so many long words that are not known."""
    rules = pd.MultiIndex.from_product([tables.rule_names().index, LEVELS], names=["rule", "level"])
    codes = pd.Index([f"9{number:04}" for number in range(count)] + ["98941"], name="code")
    mine = sample_audit().totals
    totals = Totals(
        pd.DataFrame(123_456, codes, mine.by_code.columns),
        pd.DataFrame(123_456_789, rules[:count], mine.by_rule.columns),
        mine.by_month,
        mine.at_stake,
        mine.rows + Counter(incomplete=odd),
        passed=Counter({"total, title or footer": 99_999, "copay": 99_999}),
        unknown=Counter(
            {
                (field, f"{number} {'W' * 300}"): 99_999
                for field in ("payer", "place")
                for number in range(odd)
            }
        ),
    )
    assert printed(paper, audit_sheet.audit_sheet(totals, Settings(), "W" * 200)) == 1
    rest = paper.get_by_text(re.compile("^and .* more, on the page$"))
    expect(rest).to_have_count((count > 14) + (count + 1 > 12))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_summary(paper, scheme):
    paper.emulate_media(color_scheme=scheme)
    paper.set_content(audit_sheet.audit_sheet(sample_audit().totals, Settings(), "sample.csv"))
    assert violations(paper) == []


# Sizes


@pytest.mark.parametrize("name", TABS)
def test_a_phone_scrolls_down_and_not_sideways(sample_phone, name):
    open_whole(sample_phone, name)
    assert widest(sample_phone) <= PHONE["width"]
    assert cut_off(sample_phone) == []


def words_cut_off(page):
    """Words of the charts that are shortened, or go on beyond their picture."""
    return page.evaluate(
        """() => [...document.querySelectorAll('[data-testid="stVegaLiteChart"] svg.marks')]
            .flatMap(picture => [...picture.querySelectorAll('text')]
                .filter(text => text.textContent.endsWith('…')
                    || text.getBoundingClientRect().right
                        > picture.getBoundingClientRect().right + 1)
                .map(text => text.textContent))"""
    )


def test_a_desktop_shows_all_words_of_the_charts(sample_page):
    open_whole(sample_page, "Charts")
    assert words_cut_off(sample_page) == []


def test_a_phone_shows_all_words_of_the_charts(sample_phone):
    open_whole(sample_phone, "Charts")
    assert words_cut_off(sample_phone) == []


def test_a_phone_shows_all_columns_boxes_and_all_that_is_said(server, phone, tmp_path):
    opened(phone, server)
    bring(phone, tmp_path, PRIVATE)
    expect(phone.get_by_role("alert")).to_be_visible()
    assert widest(phone) <= PHONE["width"]
    button(phone, "Go on without these columns").tap()
    expect(phone.get_by_role("tab")).to_have_count(4)
    phone.get_by_text("visits.csv Left out").tap()
    expect(phone.get_by_role("combobox", name="Units billed")).to_be_visible()
    settled(phone)
    assert widest(phone) <= PHONE["width"]


# Pictures


def test_the_alternative_texts_hold_the_figures(sample_page):
    open_whole(sample_page, "Charts")
    labels = [chart.get_attribute("aria-label") for chart in charts(sample_page).all()]
    for beginning in TITLES:
        (label,) = [each for each in labels if each.startswith(beginning)]
        assert re.search(r"\d", label)


def background(page):
    return page.get_by_test_id("stApp").evaluate("app => getComputedStyle(app).backgroundColor")


def painted(page, selector, what):
    """The colors in which elements of the charts are painted."""
    script = f"found => found.map(each => getComputedStyle(each).{what})"
    colors = set(charts(page).locator(selector).evaluate_all(script))
    assert colors
    return {color for color in colors if color != "none"}


def pictures_in(page, scheme):
    """The sample's pictures in these colors, drawn anew."""
    tab(page, "Lines")
    in_colors(page, scheme)
    assert (background(page) == WHITE) == (scheme == "light")
    open_whole(page, "Charts")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_words_of_the_charts_are_readable(sample_page, scheme):
    page = sample_page
    pictures_in(page, scheme)
    for color in painted(page, "svg.marks text", "fill"):
        assert contrast(color, background(page)) >= READABLE, color


def test_the_bars_of_the_charts_are_visible_in_the_dark(sample_page):
    page = sample_page
    pictures_in(page, "dark")
    for color in painted(page, "svg.marks .mark-rect.role-mark path", "fill"):
        assert contrast(color, background(page)) >= VISIBLE, color


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_mark_at_fifteen_minutes_is_visible(sample_page, scheme):
    page = sample_page
    pictures_in(page, scheme)
    colors = painted(page, ".mark-rule.role-mark line", "stroke")
    assert all(contrast(color, background(page)) >= VISIBLE for color in colors)


def test_one_mark_stands_at_fifteen_minutes(sample_page):
    open_whole(sample_page, "Charts")
    expect(charts(sample_page).locator(".mark-rule.role-mark line")).to_have_count(1)


# Contrast, names, roles


# Rule: what the elements that it finds have in common. It is Streamlit 1.67's own uploader, a
# focusable element with a role of presentation.
KNOWN = {"presentation-role-conflict": "stFileUploaderDropzone"}


def others(page):
    """What axe finds and is not known."""
    return [each for each in violations(page) if not any(map(is_known(each), KNOWN))]


def is_known(violation):
    return lambda rule: violation.startswith(f"{rule}: ") and KNOWN[rule] in violation


SCHEMES = [("light", "desktop"), ("dark", "desktop")]


def others_in(page, looks):
    """What axe finds in each of these looks and is not known."""
    found = []
    for scheme, size in looks:
        look(page, scheme, size)
        settled(page)
        found += [f"{scheme}, {size}: {each}" for each in others(page)]
    return found


@pytest.mark.parametrize("name", TABS)
def test_axe_finds_nothing_else(sample_page, name):
    open_whole(sample_page, name)
    assert others_in(sample_page, EVERY_LOOK) == []


def test_axe_finds_nothing_else_where_a_file_is_refused(server, page, tmp_path):
    opened(page, server)
    bring(page, tmp_path, PRIVATE)
    expect(page.get_by_role("alert")).to_be_visible()
    settled(page)
    assert others_in(page, SCHEMES) == []


def test_axe_finds_nothing_else_beside_columns_and_rows_left_out(server, page, tmp_path):
    opened(page, server)
    bring(page, tmp_path, ODD + "V9,97111,15,1\n")
    expect(page.get_by_role("alert")).to_contain_text("Choose the columns above")
    settled(page)
    assert others_in(page, SCHEMES) == []
    choose(page, "Code", "What was done", exact=True)
    tab(page, "Rows not read")
    expect(panel(page).get_by_test_id("stDataFrame")).to_be_visible()
    assert others_in(page, SCHEMES) == []


def test_axe_finds_nothing_else_of_a_finding_chosen_by_filters(server, page):
    with_sample(page, server)
    choose(page, "Code", "97112", exact=True)
    choose(page, "Provider", "Clinician A")
    found = sample_audit().findings
    found = found[(found["code"] == "97112") & (found["provider"] == "Clinician A")]
    expect_listed(page, found[found["level"] != "note"])
    click_row(page, 0)
    expect(chosen_link(page)).to_be_visible()
    assert others_in(page, SCHEMES) == []
