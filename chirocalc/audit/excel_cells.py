"""The sheets of a workbook as rows of text, read in a process of its own: a workbook from standard
input, its sheets to standard output.

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

Rows = list[list[str]]

MOST_MEMORY = 3 << 30  # bytes


class Unreadable(Exception):
    """A workbook that cannot be read; its text is the kind of error."""


def sheets_of(content: bytes) -> dict[str, Rows]:
    """The rows of text of each sheet from its first row and column on, hidden sheets included.

    Raises `Unreadable`; of "MemoryError" for what takes too much memory.
    """
    done = subprocess.run(
        [sys.executable, __file__],
        input=content,
        capture_output=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "RUST_BACKTRACE": "0"},
        check=False,
    )
    if done.returncode:
        raise Unreadable("MemoryError")
    error, sheets = marshal.loads(done.stdout)
    if error:
        raise Unreadable(error)
    return dict(sheets)


def _read(content: bytes) -> tuple[str, list[tuple[str, Rows]]]:
    """The name of an error, or none, and the sheets."""
    from python_calamine import load_workbook  # noqa: PLC0415  # only where it is used

    try:
        with load_workbook(io.BytesIO(content)) as book:
            sheets = [(name, book.get_sheet_by_name(name)) for name in book.sheet_names]
            rows = [(name, sheet.to_python(skip_empty_area=False)) for name, sheet in sheets]
            return "", [(name, [list(map(_text, row)) for row in each]) for name, each in rows]
    except BaseException as error:  # a fault in Rust is no `Exception`
        return type(error).__name__, []


def _text(value: object) -> str:
    """A cell as text: whole numbers without a point, dates without a time, durations in hours."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dt.datetime):
        value = value.isoformat(" ", "seconds")
    if isinstance(value, dt.timedelta):
        minutes = round(value.total_seconds() / 60)
        return f"{minutes // 60}:{minutes % 60:02}"
    return str(value).removesuffix(" 00:00:00").strip()


def main() -> None:
    """Read a workbook from standard input."""
    if sys.platform != "win32":
        import resource  # noqa: PLC0415  # not on Windows

        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.stdout.buffer.write(marshal.dumps(_read(sys.stdin.buffer.read())))


if __name__ == "__main__":
    main()
