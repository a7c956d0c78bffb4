"""From a tap on round minutes to the page's last change, in Chromium, by its own clock."""

import shutil

from playwright.sync_api import Page, sync_playwright
from report import show
from server import server

# A click is over when the text has changed and the page has then been still for 250 ms.
CLICK = """() => new Promise((resolve, reject) => {
  const read = selector =>
    [...document.querySelectorAll(selector)].map(element => element.textContent).join();
  const page = () => read('[data-testid=stMain]');
  const totals = () => read('[data-testid=stMetricValue]');
  const [pageBefore, totalsBefore] = [page(), totals()];
  let changed = false, seen = false, first = null, last = 0, still = 0;
  const observer = new MutationObserver(() => {
    last = performance.now() - start;
    changed ||= page() !== pageBefore;
    if (!seen && totals() !== totalsBefore) {
      seen = true;
      requestAnimationFrame(() => { first = performance.now() - start; });
    }
    clearTimeout(still);
    if (changed) still = setTimeout(() => end(resolve), 250);
  });
  const limit = setTimeout(() => end(reject), 20000);
  const end = settle => { observer.disconnect(); clearTimeout(limit); settle({first, last}); };
  observer.observe(document.body,
    {subtree: true, childList: true, characterData: true, attributes: true});
  const start = performance.now();
  window.wanted = window.wanted === '30' ? '5' : '30';
  [...document.querySelectorAll('.st-key-quick-97110 [role=radio]')]
    .find(chip => chip.innerText.trim() === window.wanted).click();
})"""


def clicks(page: Page, url: str) -> list[dict[str, float | None]]:
    """30 clicks after 3 warm-ups; `first` is None where a click leaves the totals as they were."""
    page.goto(url)
    page.wait_for_selector(".st-key-quick-97110 [role=radio]", timeout=60_000)
    page.wait_for_timeout(3000)
    times = []
    for _ in range(33):
        times.append(page.evaluate(CLICK))
        page.wait_for_timeout(200)
    return times[3:]


def main() -> None:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with server() as (_, port), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        try:
            page = browser.new_page(viewport={"width": 1400, "height": 900})
            times = clicks(page, f"http://127.0.0.1:{port}/")
        finally:
            browser.close()
    show("click to last change (Chromium)", [t["last"] for t in times], "ms", aim=100)
    first = [t["first"] for t in times if t["first"] is not None]
    show("  click to the first change of the totals", first, "ms")


if __name__ == "__main__":
    main()
