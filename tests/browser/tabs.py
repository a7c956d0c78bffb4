"""Tabs that are kept from test to test, and what a browser did that no user sees."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Error, Page, Request, ViewportSize

DESKTOP: ViewportSize = {"width": 1400, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
# At an address such as /compare Streamlit 1.67 first asks for these below it, where they are not.
NOT_BELOW = re.compile(r"/[a-z]+/_stcore/(health|host-config)")
# The Visit page takes the minutes of a tap for still on their way for half a second after it, in
# whatever visit comes next in the same session: `screen.turn_to` loads after one.
NOTE_TAPS = """addEventListener('click', event => {
    window.tapped ||= event.target.closest('[class*="st-key-quick-"]') !== null
}, true)"""
# What a test before had this browser remember; whether there was anything.
FORGET = """() => {
    if (location.protocol === 'about:') return false
    const names = Object.keys(localStorage).filter(name => name.startsWith('chirocalc.'))
    names.forEach(name => localStorage.removeItem(name))
    return names.length > 0
}"""
TO_THE_TOP = "() => document.querySelector('[data-testid=\"stMain\"]')?.scrollTo(0, 0)"


@dataclass
class Watch:
    """What the pages of a test did that no user sees: errors in the console, requests to the
    outside."""

    errors: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    def add(self, page: Page) -> None:
        page.on("console", self.keep_message)
        page.on("pageerror", self.keep_error)
        page.on("request", self.keep_request)

    def leave(self, page: Page) -> None:
        page.remove_listener("console", self.keep_message)
        page.remove_listener("pageerror", self.keep_error)
        page.remove_listener("request", self.keep_request)

    def keep_message(self, message: ConsoleMessage) -> None:
        not_below = NOT_BELOW.fullmatch(urlsplit(message.location["url"]).path)
        if message.type == "error" and not (not_below and "404" in message.text):
            self.errors.append(message.text)

    def keep_error(self, error: Error) -> None:
        self.errors.append(str(error))

    def keep_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and parts.hostname != "127.0.0.1":
            self.outside.append(request.url)


class KeptTab:
    """A tab lent to one test after the other; `start` is what is done in it when it is new.

    After a test that failed a new one is opened, so that no test suffers from another.
    """

    def __init__(
        self,
        context: BrowserContext,
        size: ViewportSize,
        start: Callable[[Page], object] | None = None,
    ) -> None:
        self.context = context
        self.size = size
        self.start = start
        self.page: Page | None = None

    @contextmanager
    def lent(self, watch: Watch, failed: Callable[[], bool]) -> Iterator[Page]:
        page = self.page or self.context.new_page()
        watch.add(page)
        if self.page is None and self.start:
            self.start(page)
        self.page = page
        self._set_back(page)
        yield page
        watch.leave(page)
        if failed():
            self.close()

    def _set_back(self, page: Page) -> None:
        """As a new tab is: its size, its colors, the hand off the page, the page at its top."""
        page.set_viewport_size(self.size)
        page.emulate_media(color_scheme="light")
        page.mouse.move(0, 0)
        page.evaluate(TO_THE_TOP)
        if page.evaluate(FORGET):  # the session knows it too
            page.goto("about:blank")

    def close(self) -> None:
        if self.page:
            self.page.close()
            self.page = None
