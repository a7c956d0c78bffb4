"""The log in a real browser: kept in its own store, in step between tabs, never lost in silence."""

import json
import re
from datetime import date

import pytest
from playwright.sync_api import expect
from screen import printed, settled, violations_in, widest
from tabs import DESKTOP, PHONE

from chirocalc import Settings, exports, tables
from chirocalc.audit import sample
from chirocalc.sheets import track_sheet
from chirocalc.track import Row, frame_of, priced, read_rows, write_rows

SAMPLE = "This is a sample, made up."
# Streamlit 1.67's own uploader has a focusable element with a role of presentation.
OF_STREAMLIT = "stFileUploaderDropzone"


@pytest.fixture
def clinic(chromium, watch):
    """A browser of its own, that remembers nothing yet."""
    context = chromium.new_context(viewport=DESKTOP)
    page = context.new_page()
    watch.add(page)
    yield page
    context.close()


def opened(page, server, link="/track"):
    page.goto(f"{server.url}{link}")
    expect(page.locator(".cc-tiles")).to_be_visible()
    settled(page)


def stored(page):
    """The rows in the browser's store, by id; of those deleted too."""
    texts = page.evaluate(
        "Object.entries(localStorage).filter(([k]) => k.startsWith('chirocalc.log1.'))"
        ".map(([, v]) => v)"
    )
    rows, odd = read_rows("\n".join(texts))
    assert odd == []
    return {row.id: row for row in rows}


def wait_for_rows(page, count):
    """Until the store has so many rows that are not deleted."""
    page.wait_for_function(
        """count => Object.entries(localStorage).filter(([k]) => k.startsWith('chirocalc.log1.'))
            .flatMap(([, v]) => v.split('\\n')).filter(line => line.split('\\t').length > 2)
            .length === count""",
        arg=count,
    )


def put_in_store(page, server, rows):
    """As an earlier visit left them."""
    page.goto(f"{server.url}/sources")
    page.evaluate(
        """lines => { for (const line of lines) {
            const name = 'chirocalc.log1.' + line.split('\\t')[0].at(-1)
            localStorage.setItem(name, [localStorage.getItem(name), line].filter(Boolean)
                .join('\\n'))
        } }""",
        write_rows(rows).split("\n") if rows else [],
    )


def tile(page, name):
    return page.locator(".cc-tiles > div").filter(has_text=name).locator("b")


def day_sheet(page, **times):
    """So many of each code, of today."""
    page.get_by_role("button", name="Day sheet").click()
    for code, count in times.items():
        field = page.get_by_role("spinbutton", name=f"Times {code.lstrip('c')}")
        field.fill(str(count))
        field.press("Tab")
        settled(page)
    total = sum(times.values())
    page.get_by_role("button", name=f"Add {total} service").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    settled(page)


def upload(page, name, content):
    page.get_by_role("button", name="Import").click()
    page.locator("[data-testid=stFileUploader] input[type=file]").first.set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )


def save(page, label):
    page.get_by_role("button", name="Save").click()
    with page.expect_download() as download:
        page.get_by_role("button", name=label, exact=True).click()
    page.keyboard.press("Escape")
    return download.value.path().read_bytes()


ROWS = [
    Row("aaaa000001", 5, "2026-03-02", "98941", 1, None, 12, "AT", payer="medicare"),
    Row("aaaa000002", 5, "2026-03-03", "97110", 2, None, 9, "GP"),
    Row("aaaa000003", 5, "2023-03-03", "98940", 1, None, 2, tag="room-2", status="paid"),
]


def test_a_log_begins_is_kept_and_is_undone(server, clinic):
    """A sample, marked, before any row; never mixed with real ones. Reload, close, open again."""
    opened(clinic, server)
    expect(clinic.get_by_text(SAMPLE)).to_be_visible()
    day_sheet(clinic, c98941=12, c97110=9)
    expect(clinic.get_by_text(SAMPLE)).to_have_count(0)
    expect(tile(clinic, "Units")).to_have_text("21")
    wait_for_rows(clinic, 2)
    clinic.reload()
    expect(tile(clinic, "Units")).to_have_text("21")
    context = clinic.context
    clinic.close()
    page = context.new_page()
    opened(page, server)
    expect(tile(page, "Units")).to_have_text("21")
    day_sheet(page, c98940=3)
    expect(tile(page, "Units")).to_have_text("24")
    page.get_by_role("button", name="Undo").click()
    expect(tile(page, "Units")).to_have_text("21")
    wait_for_rows(page, 2)
    assert sum(row.is_deleted for row in stored(page).values()) == 1


def test_out_forgotten_and_in_again_equal(server, clinic):
    put_in_store(clinic, server, ROWS)
    opened(clinic, server, "/track?period=all")
    expect(tile(clinic, "Units")).to_have_text("32")
    csv, backup = save(clinic, "Rows, CSV"), save(clinic, "Backup, JSON")
    clinic.get_by_role("button", name="Save").click()
    clinic.get_by_text("Forget everything").click()
    clinic.get_by_role("button", name="Yes, forget the log").click()
    clinic.wait_for_function("!Object.keys(localStorage).some(k => k.startsWith('chirocalc.log'))")
    expect(clinic.get_by_text(SAMPLE)).to_be_visible()
    clinic.get_by_role("button", name="Undo").click()
    expect(tile(clinic, "Units")).to_have_text("32")
    wait_for_rows(clinic, 3)
    assert set(stored(clinic).values()) == set(ROWS)
    for name, content in (("log.csv", csv), ("log.json", backup)):
        clinic.evaluate("localStorage.clear()")
        opened(clinic, server, "/track?period=all")
        expect(clinic.get_by_text(SAMPLE)).to_be_visible()
        upload(clinic, name, content)
        expect(clinic.get_by_text("3 new, 0 known, 0 refused")).to_be_visible()
        expect(tile(clinic, "Units")).to_have_text("32")
        wait_for_rows(clinic, 3)
        assert {row._replace(stamp=5) for row in stored(clinic).values()} == set(ROWS)


def test_two_tabs_are_in_step(server, clinic, watch):
    """What one adds, deletes or forgets the other shows; both write and nothing is lost."""
    put_in_store(clinic, server, ROWS)
    other = clinic.context.new_page()
    watch.add(other)
    for page in (clinic, other):
        opened(page, server, "/track?period=all")
    day_sheet(clinic, c98941=1)
    expect(tile(other, "Units")).to_have_text("33")
    day_sheet(other, c98940=2)
    expect(tile(clinic, "Units")).to_have_text("35")
    other.get_by_role("button", name="Undo").click()
    expect(tile(clinic, "Units")).to_have_text("33")
    wait_for_rows(clinic, 4)
    clinic.get_by_role("button", name="Save").click()
    clinic.get_by_text("Forget everything").click()
    clinic.get_by_role("button", name="Yes, forget the log").click()
    expect(other.get_by_text(SAMPLE)).to_be_visible()


def test_a_visit_goes_into_the_log(server, clinic):
    """Its lines, so often; and it is undone where it was added."""
    clinic.goto(f"{server.url}/?payer=uhc&adj=lumbar&do=97110.20_97140.10~head~59")
    clinic.get_by_role("button", name="Add to log").click()
    often = clinic.get_by_role("spinbutton", name="As this visit, how often")
    often.fill("6")
    often.press("Tab")
    settled(clinic)
    clinic.get_by_role("button", name="Add", exact=True).click()
    wait_for_rows(clinic, 3)
    assert sorted((r.code, r.units, r.times, r.modifiers, r.payer) for r in stored(
        clinic).values()) == [
        ("97110", 1, 6, "", "uhc"), ("97140", 1, 6, "59", "uhc"), ("98940", 1, 6, "", "uhc"),
    ]  # fmt: skip
    clinic.get_by_role("link", name="Track").click()
    expect(tile(clinic, "Units")).to_have_text("18")
    clinic.get_by_role("link", name="Visit").click()
    clinic.get_by_role("button", name="Add to log").click()
    clinic.get_by_role("button", name="Add", exact=True).click()
    wait_for_rows(clinic, 6)
    clinic.get_by_role("button", name="Undo").click()
    wait_for_rows(clinic, 3)


def test_an_audited_file_goes_into_the_log_once(server, clinic):
    content = exports.csv_bytes(sample())
    clinic.goto(f"{server.url}/audit")
    clinic.locator("[data-testid=stFileUploader] input[type=file]").set_input_files(
        {"name": "month.csv", "mimeType": "text/csv", "buffer": content}
    )
    put = clinic.get_by_role("button", name="Put this file into the log")
    put.click()
    said = clinic.get_by_text(re.compile(r"[\d,]+ new, 0 known, 0 refused"))
    expect(said).to_be_visible()
    new = int(said.inner_text().split("new")[0].split()[-1].replace(",", ""))
    wait_for_rows(clinic, new)
    put.click()
    expect(clinic.get_by_text(f"0 new, {new:,} known")).to_be_visible()
    opened(clinic, server)
    upload(clinic, "month.csv", content)
    expect(clinic.get_by_text(f"0 new, {new:,} known")).to_be_visible()


def test_rows_are_edited_and_marked(server, clinic):
    put_in_store(clinic, server, ROWS[:1])
    opened(clinic, server, "/track?period=all")
    expect(clinic.locator(".cc-rows tbody tr")).to_have_count(1)
    clinic.get_by_text("Edit rows").click()
    table = clinic.get_by_test_id("stDataFrame").first
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    clinic.mouse.click(box["x"] + 40, box["y"] + 52)
    delete = clinic.get_by_role("button", name="Delete")
    expect(delete).to_be_enabled()
    delete.click()
    expect(clinic.get_by_text("1 row deleted.")).to_be_visible()
    wait_for_rows(clinic, 0)
    clinic.get_by_role("button", name="Undo").click()
    expect(tile(clinic, "Units")).to_have_text("12")
    wait_for_rows(clinic, 1)
    [row] = [row for row in stored(clinic).values() if not row.is_deleted]
    assert row[2:] == ROWS[0][2:]


def test_what_track_remembers_beside_it(server, clinic):
    """Goal, and pay, which is off until it is asked for."""
    put_in_store(clinic, server, ROWS)
    opened(clinic, server)
    clinic.get_by_role("button", name="Set a goal").click()
    goal = clinic.get_by_role("spinbutton", name="Goal, wRVU a year")
    goal.fill("2000")
    goal.press("Enter")
    clinic.wait_for_function("localStorage.getItem('chirocalc.track')?.includes('2000')")
    clinic.keyboard.press("Escape")
    clinic.get_by_role("tab", name="Pay").click()
    expect(clinic.get_by_text("Offer A")).to_have_count(0)
    clinic.get_by_text("Show pay").click()
    expect(clinic.get_by_text("Offer A")).to_be_visible()
    rate = clinic.get_by_role("spinbutton", name="Dollars a wRVU").first
    rate.fill("40")
    rate.press("Enter")
    expect(clinic.get_by_text("Earned so far")).to_be_visible()
    clinic.reload()
    expect(clinic.get_by_role("button", name="Goal: 2,000 wRVU a year")).to_be_visible()


GARBAGE = [
    "not a row",
    "aaaa000009\tzz\t20269902\t98941",
    '{"version": 1}',
    "\u00e9\t\tx",
]


def test_garbage_is_set_aside_and_offered(server, clinic):
    put_in_store(clinic, server, ROWS)
    for at, line in enumerate(GARBAGE):
        clinic.evaluate(
            "([k, v]) => localStorage.setItem(k, [localStorage.getItem(k), v].filter(Boolean)"
            ".join('\\n'))",
            [f"chirocalc.log1.{at}", line],
        )
    opened(clinic, server, "/track?period=all")
    expect(tile(clinic, "Units")).to_have_text("32")
    expect(clinic.get_by_text("4 lines of this browser's store could not be read")).to_be_visible()
    clinic.wait_for_function("localStorage.getItem('chirocalc.aside.log') !== null")
    aside = clinic.evaluate("localStorage.getItem('chirocalc.aside.log')")
    assert sorted(aside.split("\n")) == sorted(GARBAGE)
    assert set(stored(clinic).values()) == set(ROWS)
    with clinic.expect_download() as download:
        clinic.get_by_role("button", name="Save them as a file").click()
    assert sorted(download.value.path().read_text("utf-8").split("\n")) == sorted(GARBAGE)


BLOCKED = """() => { Object.defineProperty(window, 'localStorage', {
    get() { throw new DOMException('no', 'SecurityError') }}) }"""
FULL = """() => { Storage.prototype.setItem = () => {
    throw new DOMException('no', 'QuotaExceededError') } }"""


@pytest.mark.parametrize("breaks", [BLOCKED, FULL], ids=["blocked", "full"])
def test_a_store_that_cannot_be_used_is_said_and_the_session_goes_on(server, clinic, breaks):
    """With the download at hand, which has the rows."""
    opened(clinic, server)
    clinic.evaluate(breaks)
    day_sheet(clinic, c98941=12)
    expect(tile(clinic, "Units")).to_have_text("12")
    expect(clinic.get_by_text("These rows are not kept in this browser")).to_be_visible()
    with clinic.expect_download() as download:
        clinic.get_by_role("button", name="Download", exact=True).click()
    held = json.loads(download.value.path().read_text("utf-8"))
    assert len(held["rows"]) == 1
    day_sheet(clinic, c98940=1)
    expect(tile(clinic, "Units")).to_have_text("13")


def test_only_what_changed_is_sent(server, clinic):
    """With five thousand rows a click and a new row are small, both ways."""
    many = [
        Row(f"m{at:08}a", 5, f"20{20 + at % 6}-03-{1 + at % 28:02}", "98941", 1, None, 3)
        for at in range(5000)
    ]
    frames = []
    clinic.on("websocket", lambda socket: (
        socket.on("framesent", lambda data: frames.append(("to", len(data)))),
        socket.on("framereceived", lambda data: frames.append(("from", len(data)))),
    ))  # fmt: skip
    put_in_store(clinic, server, many)
    opened(clinic, server, "/track?period=all")
    expect(tile(clinic, "Units")).to_have_text("15,000")
    assert max(size for way, size in frames if way == "to") > len(write_rows(many))  # once
    frames.clear()
    clinic.get_by_role("radio", name="Year", exact=True).click(force=True)
    settled(clinic)
    day_sheet(clinic, c98940=1)
    wait_for_rows(clinic, 5001)
    assert frames
    assert max(size for way, size in frames if way == "to") < 20_000
    assert max(size for way, size in frames if way == "from") < 60_000


def test_nothing_of_it_is_on_the_server(server, clinic, chromium):
    """Another browser has the sample, and the server's console not a word of it."""
    tagged = [ROWS[0]._replace(tag="zebra-7")]
    put_in_store(clinic, server, tagged)
    opened(clinic, server, "/track?period=all")
    expect(tile(clinic, "Units")).to_have_text("12")
    context = chromium.new_context()
    stranger = context.new_page()
    opened(stranger, server)
    expect(stranger.get_by_text(SAMPLE)).to_be_visible()
    context.close()
    assert "zebra-7" not in server.log.read_text("utf-8", errors="replace")


def test_a_full_year_prints_on_one_page(paper):
    """Twelve months and more codes than fit."""
    codes = list(tables.codes().query("modifier == ''").index[:40])
    rows = [
        Row(f"p{month:02}{at:03}", 1, f"2026-{month:02}-03", code, 1, None, 99)
        for month in range(1, 13)
        for at, code in enumerate(codes)
    ]
    table = priced(frame_of(rows), lambda payer, place: Settings())
    html = track_sheet(table, Settings(), date(2026, 12, 31), is_sample=False)
    assert "and 28 more, in the file" in html
    assert printed(paper, html) == 1


TABS = ("Rows", "Mix and benchmarks", "Survey", "Tracked and reported", "Pay")


def test_no_tab_has_a_fault_of_access(server, clinic):
    """Axe finds nothing in either theme."""
    put_in_store(clinic, server, ROWS)
    opened(clinic, server, "/track?period=all&area=60601")
    for name in TABS:
        clinic.get_by_role("tab", name=name).click()
        settled(clinic)
        found = violations_in(clinic, [("light", "desktop"), ("dark", "desktop")])
        assert [each for each in found if OF_STREAMLIT not in each] == [], name


def test_a_number_just_typed_is_added_by_one_tap(server, clinic):
    """The tap that ends the field; the button is within reach, and says what is missing."""
    clinic.set_viewport_size(PHONE)
    opened(clinic, server)
    clinic.get_by_role("button", name="Day sheet").click()
    add = clinic.locator(".st-key-sheet-add button")
    expect(add).to_be_in_viewport()
    add.click()
    expect(clinic.get_by_text("Enter how often a service was done.")).to_be_visible()
    clinic.get_by_role("spinbutton", name="Times 98941").fill("12")
    clinic.get_by_role("spinbutton", name="Times 97110").fill("9")
    clinic.get_by_role("spinbutton", name="Units of each 97110").fill("2")
    add.click()
    expect(tile(clinic, "Units")).to_have_text("30")


def test_on_a_phone_nothing_is_cut_off(server, clinic):
    """No sideways scroll in any tab, nor in the day sheet, whose rows stay one line each."""
    put_in_store(clinic, server, ROWS)
    clinic.set_viewport_size(PHONE)
    opened(clinic, server, "/track?period=all&area=60601")
    for name in TABS:
        clinic.get_by_role("tab", name=name).click()
        settled(clinic)
        assert widest(clinic) <= PHONE["width"]
    # All the days can be seen, without a scroll within them.
    for radio in clinic.get_by_role("radiogroup", name="Days").get_by_role("radio").all():
        box = radio.bounding_box()
        assert box["x"] + box["width"] <= PHONE["width"]
    assert violations_in(clinic, [("light", "phone")]) == []
    clinic.set_viewport_size(PHONE)
    clinic.get_by_role("button", name="Day sheet").click()
    row = clinic.locator(".st-key-sheetrow-97110").bounding_box()
    assert row["height"] < 60
    assert row["x"] + row["width"] <= PHONE["width"]
