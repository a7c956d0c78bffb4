"""The app on a server of its own, on loopback, and a browser tab's worth of its protocol."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from http.cookies import SimpleCookie
from pathlib import Path

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

ROOT = Path(__file__).parents[2]
FIELD = "amount 97110"  # a number of the visit the app opens with
FINISHED = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)
BOUNDARY = "chirocalc"
LIMIT = 60  # seconds for a start, or for a run of the script


@contextlib.contextmanager
def server(script: str = "app.py", folder: Path = ROOT) -> Iterator[tuple[int, int]]:
    """Serve a script with the settings of its folder; yield (process id, port)."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", script, "--server.headless=true"]
    command += ["--server.address=127.0.0.1", f"--server.port={port}"]
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_for(f"http://127.0.0.1:{port}/_stcore/health", process)
        yield process.pid, port
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


def _wait_for(url: str, process: subprocess.Popen) -> None:
    end = time.monotonic() + LIMIT
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(url, timeout=1).read()
            return
        time.sleep(0.05)
    raise RuntimeError("the server did not come up")


class Session:
    """A tab without a browser: it changes one number and waits until the script has finished."""

    def __init__(self, connection: websockets.ClientConnection) -> None:
        self.connection = connection
        self.field = ""
        self.part = ""  # the fragment that the field is in: a browser has only that run
        self.query = ""  # of the address, which a browser sends with every run
        self.page = ""
        self.uploader = ""

    async def open(self, page: str = "", query: str = "") -> float:
        """Open a page by its address, as a link does; return its seconds."""
        self.page, self.query = page, query
        return await self.run()

    async def upload(self, name: str, content: bytes) -> float:
        """Give a file to the page's uploader, and have the script run with it; return the seconds
        of both."""
        start = time.perf_counter()
        message = BackMsg()
        message.file_urls_request.file_names.append(name)
        await self.connection.send(message.SerializeToString())
        while True:
            answer = ForwardMsg.FromString(await self.connection.recv())
            if answer.WhichOneof("type") == "file_urls_response":
                urls = answer.file_urls_response.file_urls[0]
                break
        await asyncio.to_thread(_put, self.connection, urls.upload_url, name, content)
        message = self._rerun()
        widget = message.rerun_script.widget_states.widgets.add()
        widget.id = self.uploader
        info = widget.file_uploader_state_value.uploaded_file_info.add()
        info.name, info.size, info.file_id = name, len(content), urls.file_id
        info.file_urls.CopyFrom(urls)
        await self._run(message)
        return time.perf_counter() - start

    async def run(self, value: float | None = None) -> float:
        """Have the script run, with a new number in the field; return its seconds."""
        message = self._rerun()
        if value is not None:
            widget = message.rerun_script.widget_states.widgets.add()
            widget.id, widget.double_value = self.field, value
            message.rerun_script.fragment_id = self.part
        return await self._run(message)

    def _rerun(self) -> BackMsg:
        message = BackMsg()
        message.rerun_script.query_string = self.query
        message.rerun_script.page_name = self.page
        return message

    async def _run(self, message: BackMsg) -> float:
        start = time.perf_counter()
        async with asyncio.timeout(LIMIT):
            await self.connection.send(message.SerializeToString())
            while not self._is_last(ForwardMsg.FromString(await self.connection.recv())):
                pass
        return time.perf_counter() - start

    def _is_last(self, message: ForwardMsg) -> bool:
        kind = message.WhichOneof("type")
        if kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        if kind == "delta":
            element = message.delta.new_element
            if element.WhichOneof("type") == "exception":
                raise RuntimeError(element.exception.message)
            if element.WhichOneof("type") == "file_uploader":
                self.uploader = element.file_uploader.id
            if element.number_input.id.endswith(f"-{FIELD}"):
                self.field, self.part = element.number_input.id, message.delta.fragment_id
        if kind != "script_finished":
            return False
        if message.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN:
            return False
        if message.script_finished not in FINISHED:
            raise RuntimeError("the script did not run to its end")
        return True


def _put(connection: websockets.ClientConnection, path: str, name: str, content: bytes) -> None:
    """Send a file as the browser does, with the token that the server has given it."""
    host, port = connection.remote_address[:2]
    with contextlib.closing(http.client.HTTPConnection(host, port, timeout=LIMIT)) as there:
        there.request("GET", "/_stcore/health")
        answer = there.getresponse()
        answer.read()
        token = SimpleCookie(answer.getheader("Set-Cookie"))["_streamlit_xsrf"].value
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="{name}"'
        body = f"{head}\r\n\r\n".encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()
        headers = {
            "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
            "Cookie": f"_streamlit_xsrf={token}",
            "X-Xsrftoken": token,
        }
        there.request("PUT", path, body, headers)
        if (status := there.getresponse().status) >= 300:
            raise RuntimeError(f"the upload was refused: {status}")


@contextlib.asynccontextmanager
async def open_sessions(port: int, count: int) -> AsyncIterator[list[Session]]:
    """So many tabs, each after the script's first run."""
    url = f"ws://127.0.0.1:{port}/_stcore/stream"
    protocols = [websockets.Subprotocol("streamlit")]
    async with contextlib.AsyncExitStack() as stack:
        opened = []
        for _ in range(count):
            connection = websockets.connect(url, subprotocols=protocols, max_size=None)
            opened.append(Session(await stack.enter_async_context(connection)))
            await opened[-1].run()
        yield opened
