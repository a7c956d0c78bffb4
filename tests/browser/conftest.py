"""One Streamlit server and one Chromium for all browser tests, and a watched page for each."""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)

ROOT = Path(__file__).parents[2]
CHROMIUM = ["chromium", "chromium-browser", "google-chrome"]
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP = {"width": 1400, "height": 900}
PHONE = {"width": 390, "height": 844}
# At an address such as /compare Streamlit 1.67 first asks for these below it, where they are not.
NOT_BELOW = re.compile(r"/[a-z]+/_stcore/(health|host-config)")

PATIENCE, LITTLE_PATIENCE = 10_000, 6_000  # milliseconds


@dataclass
class Server:
    """A running app: its address, and what it wrote to the console."""

    url: str
    log: Path


@dataclass
class Watch:
    """What a context did that no user sees: errors in the console, requests to the outside."""

    errors: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    def add(self, page: Page) -> None:
        page.on("console", self._message)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda request: self._request(request.url))

    def _message(self, message: ConsoleMessage) -> None:
        not_below = NOT_BELOW.fullmatch(urlsplit(message.location["url"]).path)
        if message.type == "error" and not (not_below and "404" in message.text):
            self.errors.append(message.text)

    def _request(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob") and parts.hostname != "127.0.0.1":
            self.outside.append(url)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _answers(url: str) -> bool:
    with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=1) as answer:
        return bool(answer.status == 200)
    return False


@contextlib.contextmanager
def start_server(log: Path) -> Iterator[Server]:
    """The app as a user starts it, on a free port; stopped at the end whatever happens."""
    port = _free_port()
    command = [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}"]
    command += ["--server.address=127.0.0.1", "--server.headless=true"]
    command += ["--server.fileWatcherType=none"]
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT)
        try:
            url = f"http://127.0.0.1:{port}"
            until = time.monotonic() + 60
            while not _answers(f"{url}/_stcore/health"):
                if process.poll() is not None or time.monotonic() > until:
                    pytest.fail(f"the server did not start:\n{log.read_text(errors='replace')}")
                time.sleep(0.05)
            yield Server(url, log)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)


@pytest.fixture(autouse=True)
def _patience(request: pytest.FixtureRequest) -> None:
    """A known fault is not waited for as long."""
    known = request.node.get_closest_marker("xfail")
    expect.set_options(timeout=LITTLE_PATIENCE if known else PATIENCE)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with start_server(tmp_path_factory.mktemp("server") / "log.txt") as running:
        yield running


@pytest.fixture
def cold_server(tmp_path: Path) -> Iterator[Server]:
    """A server nobody has visited yet."""
    with start_server(tmp_path / "log.txt") as running:
        yield running


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None:
        reason = f"no browser: none of {', '.join(CHROMIUM)} is on the path"
        if os.environ.get("CI"):
            pytest.fail(f"{reason}; CI must run these tests")
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=CHROMIUM_ARGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def desktop_context(chromium: Browser) -> BrowserContext:
    """One for all tests that need no browser of their own: its cache makes pages open fast."""
    return chromium.new_context(viewport=DESKTOP)


@pytest.fixture(scope="session")
def phone_context(chromium: Browser) -> BrowserContext:
    return chromium.new_context(viewport=PHONE, is_mobile=True, has_touch=True)


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Watches the pages of a test, which fails on console errors and on outside requests."""
    watching = Watch()
    yield watching
    assert watching.outside == [], "requests to other hosts"
    assert watching.errors == [], "errors in the console"


@pytest.fixture
def page(desktop_context: BrowserContext, watch: Watch) -> Iterator[Page]:
    """A page on a desktop."""
    with desktop_context.new_page() as opened:
        watch.add(opened)
        yield opened


@pytest.fixture
def phone(phone_context: BrowserContext, watch: Watch) -> Iterator[Page]:
    """A page on a phone."""
    with phone_context.new_page() as opened:
        watch.add(opened)
        yield opened


@pytest.fixture
def elsewhere(chromium: Browser, watch: Watch) -> Iterator[Page]:
    """A page in another person's browser."""
    with chromium.new_context(viewport=DESKTOP) as context:
        context.on("page", watch.add)
        yield context.new_page()
