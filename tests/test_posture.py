"""What SECURITY.md promises of the server, asked of a running one."""

import contextlib
import http.client
import socket
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest
from starlette.formparsers import MultiPartParser

from chirocalc.cms.files import _printable
from chirocalc.errors import InputError
from chirocalc.ui.audit.upload import MOST_MEGABYTES, WANTED
from chirocalc.ui.visit.clinic import MOST_MEGABYTES as MOST_OF_FEES
from chirocalc.visit import read_own_fees

ROOT = Path(__file__).parents[1]
CONFIG = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))


def test_settings_are_set_on_purpose():
    """Each by its name; what is not set here may change with the next version."""
    server = CONFIG["server"]
    assert server["enableCORS"] is True
    assert server["enableXsrfProtection"] is True
    assert server["enableStaticServing"] is False
    assert server["enableAgentApi"] is False
    assert server["maxUploadSize"] == MOST_MEGABYTES == 25
    assert server["maxMessageSize"] == 20
    assert server["disconnectedSessionTTL"] == 120
    assert CONFIG["client"]["showErrorDetails"] == "none"
    assert CONFIG["browser"]["gatherUsageStats"] is False
    assert CONFIG["runner"]["postScriptGC"] is False


def test_the_limit_is_said_where_a_file_is_chosen():
    assert f"up to {MOST_MEGABYTES} MB" in WANTED


def test_an_upload_is_not_written_to_disk_on_its_way():
    """The largest there may be stays in memory."""
    assert MultiPartParser.spool_max_size > MOST_MEGABYTES << 20


def test_a_list_of_fees_is_bounded_on_the_server():
    content = b"code,fee\n" + b"97110,45.00\n" * 100_000
    with pytest.raises(InputError, match=f"is larger than {MOST_OF_FEES} MB"):
        read_own_fees(content)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("RVU26B.csv", "RVU26B.csv"),
        ("\x1b[2Jx.csv", "\\x1b[2Jx.csv"),
        ("é\u202e.txt", "é\\u202e.txt"),
        ("a\nb", "a\\nb"),
    ],
)
def test_names_in_archives_are_printed_escaped(name, said):
    assert _printable(name) == said


def test_the_server_refuses(server_port):
    """An upload without the token; and an origin that is not its own gets no leave to read."""
    path = "/_stcore/upload_file/nobody/1"
    assert asked(server_port, "PUT", path, b"x")[0] == 403
    status, headers = asked(server_port, "GET", "/_stcore/health", origin="https://example.org")
    assert status == 200
    assert headers.get("Access-Control-Allow-Origin") in (None, "")


@pytest.fixture(scope="module")
def server_port():
    """The app as a user starts it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}"]
    command += ["--server.address=127.0.0.1", "--server.headless=true"]
    command += ["--server.fileWatcherType=none"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with contextlib.suppress(OSError):
                asked(port, "GET", "/_stcore/health")
                break
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def asked(port, method, path, body=None, origin=None):
    """Status and headers of an answer."""
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as there:
        there.request(method, path, body, {"Origin": origin} if origin else {})
        answer = there.getresponse()
        return answer.status, dict(answer.getheaders())
