"""From a click on + to the last change, in Chromium, by its own clock: the visit and, turn by turn,
an empty page with Streamlit's default settings; and what the browser has to do for it."""

import shutil
import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import CDPSession, Page, ViewportSize, sync_playwright
from report import show
from server import ROOT, server

EMPTY = (
    'import streamlit as st\nn = st.number_input("Minutes", 0, 600, 12)\nst.metric("Units", n)\n'
)

WARM_UP, CLICKS = 3, 30

STILL = 1000  # milliseconds after a click until the next

WATCH = """selector => {
  const totals = () => document.querySelector(selector)?.textContent;
  window.changes = {last: 0, first: 0, totals: totals()};
  new MutationObserver(() => {
    const now = performance.now();
    window.changes.last = now;
    if (totals() !== window.changes.totals) {
      window.changes.totals = totals();
      window.changes.first = now;
    }
  }).observe(document.body,
    {subtree: true, childList: true, characterData: true, attributes: true});
}"""

CLICK = """what => {
  const start = performance.now();
  document.querySelector(what).click();
  return start;
}"""

MORE, LESS = '[data-testid="stNumberInputStepUp"]', '[data-testid="stNumberInputStepDown"]'


class Tab:
    """One page that is clicked, and what each click took."""

    def __init__(self, page: Page, url: str, totals: str, ready: str = MORE) -> None:
        self.page = page
        self.messages = 0
        page.on("websocket", lambda ws: ws.on("framereceived", lambda _: self._count()))
        page.goto(url)
        page.wait_for_selector(ready, timeout=60_000)
        page.wait_for_timeout(4000)
        page.evaluate(WATCH, totals)
        self.tools: CDPSession = page.context.new_cdp_session(page)
        self.tools.send("Performance.enable")
        self.figures: dict[str, list[float]] = {
            "last": [],
            "totals": [],
            "messages": [],
            "task": [],
        }

    def _count(self) -> None:
        self.messages += 1

    def _task(self) -> float:
        """Milliseconds of the browser's main thread so far."""
        metrics = self.tools.send("Performance.getMetrics")["metrics"]
        return 1000 * float(next(m["value"] for m in metrics if m["name"] == "TaskDuration"))

    def click(self, what: str) -> None:
        messages, task = self.messages, self._task()
        start = self.page.evaluate(CLICK, what)
        self.page.wait_for_timeout(STILL)
        changes = self.page.evaluate("window.changes")
        self.figures["last"].append(changes["last"] - start)
        if changes["first"] > start:
            self.figures["totals"].append(changes["first"] - start)
        self.figures["messages"].append(self.messages - messages)
        self.figures["task"].append(self._task() - task)

    def median(self, figure: str) -> float:
        return statistics.median(self.figures[figure][WARM_UP:])


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
            try:
                size: ViewportSize = {"width": 1400, "height": 900}
                empty = Tab(
                    browser.new_page(viewport=size),
                    f"http://127.0.0.1:{plain}/",
                    '[data-testid="stMetricValue"]',
                )
                visit = Tab(
                    browser.new_page(viewport=size),
                    f"http://127.0.0.1:{port}/",
                    ".st-key-figures",  # also says how far the next unit is
                )
                for number in range(WARM_UP + CLICKS):
                    for tab in (empty, visit):
                        tab.click(LESS if number % 2 else MORE)
                nodes = visit.page.evaluate("document.querySelectorAll('*').length")
            finally:
                browser.close()
    show("click to last change (Chromium)", visit.figures["last"][WARM_UP:], "ms")
    show("  an empty page, turn by turn", empty.figures["last"][WARM_UP:], "ms")
    show("  times the empty page", [visit.median("last") / empty.median("last")], "x", aim=1.5)
    show(
        "  until the totals change, times",
        [visit.median("totals") / empty.median("totals")],
        "x",
        aim=1.2,
    )
    show("  messages", visit.figures["messages"][WARM_UP:], "", aim=30)
    show("  the browser's main thread", visit.figures["task"][WARM_UP:], "ms")
    show("  elements of the page", [nodes], "")


if __name__ == "__main__":
    main()
