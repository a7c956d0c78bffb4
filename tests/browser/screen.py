"""What the browser tests of all pages have in common: opening, waiting, looking."""

import json
import re
from pathlib import Path
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import TimeoutError, expect
from tabs import DESKTOP, PHONE, TO_THE_TOP

PICKS = 3
SMALLEST_TARGET = 24  # pixels: WCAG 2.2, 2.5.8
READABLE, VISIBLE = 4.5, 3  # to 1: words (WCAG 1.4.3), and marks (1.4.11)
PUSH = """link => {
    history.pushState(null, '', link)
    dispatchEvent(new PopStateEvent('popstate'))
}"""
SIZES = {"desktop": DESKTOP, "phone": PHONE}
EVERY_LOOK = [(scheme, size) for scheme in ("light", "dark") for size in SIZES]
WHITE = "rgb(255, 255, 255)"


# Opening


def turn_to(page, url):
    """Open an address of the app in the tab as it is, as Back does: without a load.

    Another page is opened in between, so that no list, tab, expander or choice stays open. What
    the session keeps beside the address (the settings of the menu's links, files) stays: a test
    that looks at it must load. A tab that is not in the app is loaded.
    """
    parts = urlsplit(url)
    path = parts.path or "/"
    if urlsplit(page.url).netloc != parts.netloc or page.evaluate("window.tapped"):
        page.goto(url)
        return
    settled(page)
    between = "/compare" if path == "/sources" else "/sources"  # the one that is drawn soonest
    for link, there in ((between, between), (url, path)):
        page.evaluate(PUSH, link)
        arrived_at(page, there)
    page.evaluate(TO_THE_TOP)


def arrived_at(page, path):
    """Wait until a page is there, without what was left of another."""
    for other, mark in marks(page).items():
        expect(mark).to_have_count(1 if other == path else 0)
    settled(page)


def marks(page):
    """What only the page of this path has."""
    return {
        "/": page.get_by_label("Find a service"),
        "/compare": page.get_by_label("Codes to compare, 2 to 6"),
        "/codes": page.get_by_label("Find a code"),
        "/audit": page.get_by_text("Your billed visits (CSV, Excel or 837P"),
        "/plan": page.get_by_role("combobox", name="Begin with"),
        "/sources": page.get_by_role("button", name="Run again"),
    }


def settled(page):
    """Wait until no run is going on; for one that was just asked for, wait for its answer first."""
    app = page.get_by_test_id("stApp")
    expect(app).to_have_attribute("data-test-script-state", "notRunning")


def quiet(page):
    """Wait until nothing has changed for a while: all that was asked for is answered and drawn."""
    page.evaluate(
        """() => {
            const note = () => { window.changed = performance.now() }
            note()
            window.noting ??= new MutationObserver(note)
            window.noting.observe(document.querySelector('[data-testid="stApp"]'),
                {subtree: true, childList: true, attributes: true, characterData: true})
        }"""
    )
    page.wait_for_function("performance.now() - window.changed > 400")
    settled(page)


# Elements


def pick(box, name):
    """Type into a box and choose from its list; a list that a run of the page has closed is opened
    once more, as a user would."""
    option = box.page.get_by_role("option", name=name, exact=True)
    for attempt in range(PICKS):
        box.fill(name)
        try:
            option.click(timeout=5_000)
            return
        except TimeoutError:
            if attempt == PICKS - 1:
                raise
            box.fill("")


def button(page, name):
    return page.get_by_role("button", name=name)


def link(page, name):
    return page.get_by_role("link", name=name, exact=True)


def chip(page, key, name):
    return page.locator(f".st-key-{key}").get_by_text(name, exact=True)


def charts(where):
    return where.get_by_test_id("stVegaLiteChart")


def saved(page, target):
    """Click, and return the name and the bytes of what is downloaded."""
    with page.expect_download() as download:
        target.click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


# What the browser remembers


def store(page):
    """What this browser remembers, by part."""
    held = page.evaluate("Object.fromEntries(Object.entries(localStorage))")
    return {
        name.removeprefix("chirocalc."): json.loads(text)["value"]
        for name, text in held.items()
        if name.startswith("chirocalc.")
    }


def expect_kept(page, part):
    page.wait_for_function(f"localStorage.getItem('chirocalc.{part}') !== null")


# Sizes


def widest(page):
    return max(
        page.evaluate(
            """() => [document.documentElement, document.querySelector('[data-testid="stMain"]')]
                .map(element => element.scrollWidth)"""
        )
    )


def cut_off(page):
    """Charts that are wider than their place, by their alternative text."""
    return page.evaluate(
        """() => [...document.querySelectorAll('[data-testid="stVegaLiteChart"]')]
            .filter(chart => chart.checkVisibility())
            .filter(chart => chart.querySelector('svg.marks').getBoundingClientRect().right
                > Math.min(innerWidth, chart.parentElement.getBoundingClientRect().right) + 1)
            .map(chart => chart.ariaLabel)"""
    )


def printed(paper, html):
    """How many pages a sheet takes on Letter; nothing may be cut off at the right."""
    paper.set_content(html)
    paper.set_viewport_size({"width": 718, "height": 900})  # 190 mm, what is left of a Letter page
    assert paper.evaluate("document.documentElement.scrollWidth") <= 718, "cut off at the right"
    counts = {
        page_count(paper.pdf(format="Letter", prefer_css_page_size=css)) for css in (False, True)
    }
    assert len(counts) == 1
    return counts.pop()


def page_count(pdf):
    assert pdf.startswith(b"%PDF")
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


# Contrast, names, roles


def look(page, scheme, size="desktop"):
    """Show the page in these colors and at this size, as high as the page: axe sees only what is
    not scrolled away."""
    page.set_viewport_size(SIZES[size] | {"height": 6000})
    in_colors(page, scheme)
    page.wait_for_function("document.getAnimations().every(each => each.playState !== 'running')")


def in_colors(page, scheme):
    """Switch to the light or the dark theme, and wait until the page has its background."""
    page.emulate_media(color_scheme=scheme)
    app = page.get_by_test_id("stApp")
    if scheme == "light":
        expect(app).to_have_css("background-color", WHITE)
    else:
        expect(app).not_to_have_css("background-color", WHITE)


def violations_in(page, looks=tuple(EVERY_LOOK), within=None):
    """What axe finds in each of these looks, each with its look."""
    found = []
    for scheme, size in looks:
        look(page, scheme, size)
        found += [f"{scheme}, {size}: {each}" for each in violations(page, within)]
    return found


def violations(page, within=None):
    """What axe finds, each with its element and reason."""
    options = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
    found = Axe().run(page, context=within, options=options).response["violations"]
    return [
        f"{rule['id']}: {node['html'][:90]!r}: {'; '.join(each['message'] for each in node['any'])}"
        for rule in found
        for node in rule["nodes"]
    ]


def luminance(color):
    """Of a color such as rgb(1, 2, 3)."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", color)[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, two):
    low, high = sorted((luminance(one), luminance(two)))
    return (high + 0.05) / (low + 0.05)
