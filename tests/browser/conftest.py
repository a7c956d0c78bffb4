"""One Streamlit server and one Chromium for all browser tests of a worker, and watched tabs.

A tab is kept from test to test: a load takes half of the time of a new tab, and an address opened
in place (`screen.turn_to`) a quarter of it.
"""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from tabs import DESKTOP, NOTE_TAPS, PHONE, KeptTab, Watch

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

# Milliseconds to wait for what must be there, also beside other work on the same cores.
PATIENCE, LITTLE_PATIENCE = 20_000, 6_000
expect.set_options(timeout=PATIENCE)
FAILED = pytest.StashKey[bool]()


@dataclass
class Server:
    """A running app: its address, and what it wrote to the console."""

    url: str
    log: Path


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


def _no_traceback(server: Server) -> None:
    wrote = server.log.read_text("utf-8", errors="replace")
    assert "Traceback" not in wrote, wrote[-5000:]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app for all tests of a worker; its console is read when the last has ended."""
    with start_server(tmp_path_factory.mktemp("server") / "log.txt") as running:
        yield running
        _no_traceback(running)


@pytest.fixture
def cold_server(tmp_path: Path) -> Iterator[Server]:
    """A server nobody has visited yet."""
    with start_server(tmp_path / "log.txt") as running:
        yield running
        _no_traceback(running)


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
    context = chromium.new_context(viewport=DESKTOP)
    context.add_init_script(NOTE_TAPS)
    return context


@pytest.fixture(scope="session")
def phone_context(chromium: Browser) -> BrowserContext:
    context = chromium.new_context(viewport=PHONE, is_mobile=True, has_touch=True)
    context.add_init_script(NOTE_TAPS)
    return context


@pytest.fixture(scope="session")
def other_context(chromium: Browser) -> BrowserContext:
    """Another person's browser."""
    return chromium.new_context(viewport=DESKTOP)


@pytest.fixture(scope="session")
def desktop(desktop_context: BrowserContext) -> KeptTab:
    return KeptTab(desktop_context, DESKTOP)


@pytest.fixture(scope="session")
def handset(phone_context: BrowserContext) -> KeptTab:
    return KeptTab(phone_context, PHONE)


@pytest.fixture(scope="session")
def printer(chromium: Browser) -> KeptTab:
    return KeptTab(chromium.new_context(viewport=DESKTOP), DESKTOP)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note a failure, for the tab that was lent to the test."""
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


@pytest.fixture
def failed(request: pytest.FixtureRequest) -> Callable[[], bool]:
    """Whether the test has failed so far."""
    return lambda: request.node.stash.get(FAILED, False)


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Watches the pages of a test, which fails on console errors and on outside requests."""
    watching = Watch()
    yield watching
    assert watching.outside == [], "requests to other hosts"
    assert watching.errors == [], "errors in the console"


@pytest.fixture
def page(desktop: KeptTab, watch: Watch, failed: Callable[[], bool]) -> Iterator[Page]:
    """The tab on a desktop, as the test before it left it."""
    with desktop.lent(watch, failed) as lent:
        yield lent


@pytest.fixture
def phone(handset: KeptTab, watch: Watch, failed: Callable[[], bool]) -> Iterator[Page]:
    """The tab on a phone, as the test before it left it."""
    with handset.lent(watch, failed) as lent:
        yield lent


@pytest.fixture
def paper(printer: KeptTab, watch: Watch, failed: Callable[[], bool]) -> Iterator[Page]:
    """A tab for sheets to print, which are no pages of the app."""
    with printer.lent(watch, failed) as lent:
        yield lent


@pytest.fixture
def new_tab(desktop_context: BrowserContext, watch: Watch) -> Iterator[Page]:
    """A tab that has no history, in the same browser."""
    with desktop_context.new_page() as opened:
        watch.add(opened)
        yield opened


@pytest.fixture
def elsewhere(other_context: BrowserContext, watch: Watch) -> Iterator[Page]:
    """A new tab in another person's browser."""
    with other_context.new_page() as opened:
        watch.add(opened)
        yield opened


@pytest.fixture
def clinic(chromium: Browser, watch: Watch) -> Iterator[Page]:
    """A browser of its own, that remembers nothing yet."""
    context = chromium.new_context(viewport=DESKTOP)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    watch.add(page)
    yield page
    context.close()
