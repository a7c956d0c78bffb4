"""The sheets of a workbook as rows of text, read in a process of its own: a workbook to its
standard input, its sheets from its standard output.

One cell that stands a million rows from the others takes so much memory that the reader ends its
process at once, and with it all who use the app. This module imports nothing of the package, for
which the process would take long to start.
"""

from __future__ import annotations

import datetime as dt
import io
import marshal
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO, NamedTuple

Rows = list[list[str]]

Piece = tuple[list[int], Rows]

MOST_MEMORY = 270 << 20  # bytes, beside what Python itself takes

SECONDS, PER_10_MB = 3, 5  # of a processor, whatever the size, and for each 10 MB

MOST_TEXT = 128 << 20  # letters of the cells of a sheet

HEAD = 300  # rows of each sheet that are sent before one is chosen

ROWS_AT_ONCE = 20_000

MEMORY, TIME = "MemoryError", "TimeoutError"  # what ends a process that goes beyond its bounds


class Unreadable(Exception):
    """A workbook that cannot be read; its text is the kind of error."""


class Cells(NamedTuple):
    """Rows that hold anything, from a sheet's first column on, and their numbers in it."""

    numbers: list[int]
    rows: Rows


def heads_of(content: bytes) -> dict[str, Cells]:
    """The first rows of each sheet, hidden sheets included. Raises `Unreadable`."""
    with _reader(content) as reader:
        return reader.heads()


def rows_of(content: bytes, sheet: str) -> Iterator[Cells]:
    """All rows of a sheet, a bounded number at a time. Raises `Unreadable`."""
    with _reader(content) as reader:
        reader.heads()
        yield from reader.rows(sheet)


class _reader:
    """The process that reads a workbook; it ends with the block, done or not."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def __enter__(self) -> _reader:
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "RUST_BACKTRACE": "0"},
        )
        self._send(len(self._content).to_bytes(8, "big") + self._content)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def heads(self) -> dict[str, Cells]:
        error, heads = self._receive()
        if error:
            raise Unreadable(error)
        return {name: Cells(*cells) for name, cells in heads}

    def rows(self, sheet: str) -> Iterator[Cells]:
        self._send(marshal.dumps(sheet))
        while True:
            error, cells = self._receive()
            if error:
                raise Unreadable(error)
            if cells is None:
                return
            yield Cells(*cells)

    def _send(self, data: bytes) -> None:
        assert self._process.stdin
        try:
            self._process.stdin.write(data)
            self._process.stdin.flush()
        except BrokenPipeError:  # it has ended, and says why when it is asked
            pass

    def _receive(self) -> tuple[str, Any]:
        assert self._process.stdout
        try:
            error, found = marshal.load(self._process.stdout)
        except (EOFError, ValueError, TypeError):
            return end_of(self._process), None
        return error, found


def end_of(process: subprocess.Popen[bytes]) -> str:
    """Why a process has ended that had more to say."""
    import signal  # noqa: PLC0415  # only of a process that was ended

    return TIME if process.wait() == -getattr(signal, "SIGXCPU", 0) else MEMORY


def _answer(content: bytes, asked: BinaryIO, said: BinaryIO) -> None:
    """Send the first rows of each sheet, then all rows of the one that is asked for."""
    from python_calamine import load_workbook  # noqa: PLC0415  # only where it is used

    def send(error: str, found: Any) -> None:
        marshal.dump((error, found), said)
        said.flush()

    try:
        with load_workbook(io.BytesIO(content)) as book:
            sheets = {name: book.get_sheet_by_name(name) for name in book.sheet_names}
            none: Piece = ([], [])
            send("", [(name, next(_pieces(sheet, HEAD), none)) for name, sheet in sheets.items()])
            chosen = marshal.load(asked)
            letters = 0
            for numbers, rows in _pieces(sheets[chosen], ROWS_AT_ONCE):
                letters += sum(len("".join(row)) + len(row) for row in rows)
                if letters > MOST_TEXT:
                    send(MEMORY, None)
                    return
                send("", (numbers, rows))
            send("", None)
    except BaseException as error:  # a fault in Rust is no `Exception`
        send(type(error).__name__, None)


def _pieces(sheet: Any, size: int) -> Iterator[Piece]:
    """The rows of a sheet that hold anything, so many at a time, and their numbers."""
    numbers: list[int] = []
    rows: Rows = []
    if not sheet.start:  # an empty sheet
        return
    left = [""] * sheet.start[1]  # rows begin at the sheet's first one, cells at the first filled
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        if cells.count("") == len(cells) or not any(texts := list(map(_text, cells))):
            continue
        numbers.append(number)
        rows.append(left + texts)
        if len(rows) == size:
            yield numbers, rows
            numbers, rows = [], []
    if rows:
        yield numbers, rows


def _text(value: object) -> str:
    """A cell as text: whole numbers without a point, dates without a time, durations in hours."""
    if isinstance(value, str):
        return value.removesuffix(" 00:00:00").strip()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dt.datetime):
        value = value.isoformat(" ", "seconds")
    if isinstance(value, dt.timedelta):
        minutes = round(value.total_seconds() / 60)
        return f"{minutes // 60}:{minutes % 60:02}"
    return str(value).removesuffix(" 00:00:00").strip()


def bound(size: int, memory: int) -> None:
    """Bound this process: the memory that it takes from now on, and its time by `size` in bytes."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415  # not on Windows

    seconds = SECONDS + round(PER_10_MB * size / 10_000_000)
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds += round(used.ru_utime + used.ru_stime)
    for what, most in (
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_AS, _address_space() + memory),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(what)[1]  # of the process that began this one, perhaps
        least = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (least, hard))


def _address_space() -> int:
    """Bytes of address space that this process has now; 0 where that is not told."""
    try:
        with open("/proc/self/statm", "rb") as told:
            return int(told.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def main() -> None:
    """Read a workbook from standard input, within bounds."""
    asked = sys.stdin.buffer
    size = int.from_bytes(asked.read(8), "big")
    bound(size, MOST_MEMORY)
    _answer(asked.read(size), asked, sys.stdout.buffer)


if __name__ == "__main__":
    main()
