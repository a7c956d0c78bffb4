"""A log of 20,000 rows in the browser: a click on a period, turn by turn with an empty page, and
how long the page takes to open."""

import json
import shutil
import tempfile
from datetime import date, timedelta
from itertools import cycle, islice
from pathlib import Path

from browser import CLICKS, EMPTY, LESS, MORE, WARM_UP, Tab
from playwright.sync_api import Browser, sync_playwright
from report import show
from server import ROOT, server

from chirocalc.track import Row, write_rows

ROWS, A_DAY, OPENINGS = 20_000, 8, 5
CODES = ("98941", "98940", "98942", "97110", "97140", "97112", "97012", "99213")
SIZE = {"width": 1400, "height": 900}


def log() -> list[Row]:
    """Ten years of a busy clinician: eight codes on each working day until today."""
    day, rows = date.today(), []
    for at, code in enumerate(islice(cycle(CODES), ROWS)):
        rows.append(Row(f"bench{at:06}", 1, day.isoformat(), code, 1, None, 2 + at % 9))
        if at % A_DAY == A_DAY - 1:
            day -= timedelta(3 if day.weekday() == 0 else 1)
    return rows


def stored(rows: list[Row]) -> str:
    """The script that has a browser remember the rows, as the page itself stores them."""
    pieces: dict[str, list[Row]] = {}
    for row in rows:
        pieces.setdefault(f"chirocalc.log1.{row.id[-1]}", []).append(row)
    held = {name: write_rows(each) for name, each in pieces.items()}
    return f"for (const [n, v] of Object.entries({json.dumps(held)})) localStorage.setItem(n, v);"


def openings(browser: Browser, script: str, url: str) -> list[float]:
    """Seconds from the address to the figures of the log, each in a browser of its own."""
    found = []
    for _ in range(OPENINGS):
        with browser.new_context(viewport=SIZE) as context:
            context.add_init_script(script)
            page = context.new_page()
            page.goto(url, wait_until="commit")
            page.wait_for_selector(".cc-tiles", timeout=60_000)
            page.get_by_text("This is a sample").wait_for(state="detached", timeout=60_000)
            found.append(page.evaluate("performance.now()") / 1000)
    return found


def main() -> None:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "empty.py").write_text(EMPTY, encoding="utf-8")
        with (
            server("empty.py", Path(folder)) as (_, plain),
            server("app.py", ROOT) as (_, port),
            sync_playwright() as playwright,
        ):
            browser = playwright.chromium.launch(
                executable_path=chromium,
                args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
            )
            url, script = f"http://127.0.0.1:{port}/track", stored(log())
            try:
                opened = openings(browser, script, url)
                empty = Tab(
                    browser.new_page(viewport=SIZE),
                    f"http://127.0.0.1:{plain}/",
                    '[data-testid="stMetricValue"]',
                )
                page = browser.new_page(viewport=SIZE)
                page.add_init_script(script)
                track = Tab(page, url, ".cc-tiles", ".cc-tiles")
                for number in range(WARM_UP + CLICKS):
                    name = "Month" if number % 2 else "Quarter"
                    page.get_by_role("radio", name=name, exact=True).first.evaluate(
                        "(each, name) => each.setAttribute('data-bench', name)", name
                    )
                    empty.click(LESS if number % 2 else MORE)
                    track.click(f'[data-bench="{name}"]')
            finally:
                browser.close()
    show(f"opening a log of {ROWS:,} rows", opened, "s", aim=2)
    show("click on a period to the last change", track.figures["last"][WARM_UP:], "ms")
    show("  an empty page, turn by turn", empty.figures["last"][WARM_UP:], "ms")
    show("  times the empty page", [track.median("last") / empty.median("last")], "x", aim=2.5)
    show("  messages", track.figures["messages"][WARM_UP:], "")


if __name__ == "__main__":
    main()
