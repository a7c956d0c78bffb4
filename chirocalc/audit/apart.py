"""A file read and audited for a page, within bounds whatever is in it.

A small text is read where the page runs. All else is read in a process of its own, bounded in
memory and in processor time, so that the others who use the app go on clicking, and what a file
takes is given back when it is done. One such file at a time: its memory is not there twice.
"""

from __future__ import annotations

import ctypes
import os
import pickle
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from typing import Any, NamedTuple, TypeVar, cast

from chirocalc.checked import checked
from chirocalc.errors import InputError
from chirocalc.rules import Settings

from .columns import Columns
from .excel_cells import TIME, bound, end_of
from .files import open_file
from .packed import Packed
from .parts import columns_of, parts_in_memory, without_columns
from .rows import How
from .visit_file import FileHead, cannot_read

SMALL = 1_000_000  # bytes of a text, that are read in a third of a second

SMALL_UNPACKED = 4_000_000  # the same of a workbook when unpacked

MOST_MEMORY = 270 << 20  # bytes, beside the 130 MB of the package and its tables

LINES_AT_ONCE = 15_000  # a third of the memory of 50,000, in a quarter more time

TOO_LARGE = "needs more memory than a file may have: split it, or use the command line"

TOO_LONG = "takes longer to read than a file may: split it, or use the command line"

T = TypeVar("T")

WAITS = -1  # so many lines, while another file is read

Progress = Callable[[int, int], None]  # lines done, and of how many

ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}

_turn = threading.Lock()


class Opened(NamedTuple):
    """What is kept of a file that was opened: its head without any row, which columns look like
    patient data and why, and the columns recognized of the others."""

    head: FileHead
    private: dict[str, str]
    known: Columns


@checked
def opened_file(
    content: bytes,
    name: str,
    sheet: str | None = None,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Opened:
    """The head of a file, of a workbook with that of a sheet. Raises `InputError`."""
    return read_apart(_opened, content, name, (sheet,), progress)


@checked
def audit_file(
    content: bytes,
    name: str,
    sheet: str | None,
    columns: Columns,
    settings: Settings,
    how: How,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Packed:
    """The audit of a file. Raises `InputError`, also for one that takes too much."""
    return read_apart(_audited, content, name, (sheet, columns, settings, how), progress)


def _opened(content: bytes, name: str, sheet: str | None, progress: Progress) -> Opened:
    head = open_file(content, name, sheet).head
    known = columns_of([head])
    private = head.private({column for found in known.values() for column in found})
    # A row that has a value too many has those of private columns in others.
    head.sample = head.sample.head(0)
    return Opened(head, private, without_columns(known, private))


def _audited(
    content: bytes,
    name: str,
    sheet: str | None,
    columns: Columns,
    settings: Settings,
    how: How,
    progress: Progress,
) -> Packed:
    file = open_file(content, name, sheet)
    return Packed.of(parts_in_memory([file], columns, settings, progress, LINES_AT_ONCE, how))


def is_small(content: bytes) -> bool:
    """Whether a file costs so little that it is read where the page runs."""
    if len(content) > SMALL or content.startswith((b"PAR1", b"\xd0\xcf\x11\xe0")):
        return False
    if not content.startswith(b"PK\x03\x04"):
        return True
    try:
        with zipfile.ZipFile(BytesIO(content)) as packed:
            return sum(part.file_size for part in packed.infolist()) <= SMALL_UNPACKED
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        return True  # which is said where it is read


@checked
def read_apart(
    job: Callable[..., T],
    content: bytes,
    name: str,
    given: tuple[Any, ...],
    progress: Callable[[int, int], None],
) -> T:
    """What a job makes of a file: where the page runs if it is small, else in a process of its own,
    when no other file is read. The job is a function of a module and gets the content, the name,
    all that is `given`, and `progress`. Raises `InputError`, also for what takes too much."""
    if is_small(content):
        try:
            return job(content, name, *given, progress)
        finally:
            _give_back()
    with _my_turn(progress), _process() as process:
        assert process.stdin
        assert process.stdout
        try:
            pickle.dump((job, content, name, given), process.stdin)
            process.stdin.close()
        except BrokenPipeError:  # it has ended, and says why below
            pass
        while True:
            try:
                kind, told = pickle.load(process.stdout)
            except EOFError:
                why = TOO_LONG if end_of(process) == TIME else TOO_LARGE
                raise cannot_read(name, why) from None
            if kind == "answer":
                return cast(T, told)
            if kind == "error":
                raise InputError(told)
            progress(*told)


def _give_back() -> None:
    """Return memory that is free again to the system: the C library of Linux keeps it, and what
    many files leave behind adds up."""
    with suppress(AttributeError, OSError, TypeError):  # of other systems
        ctypes.CDLL(None).malloc_trim(0)


@contextmanager
def _my_turn(progress: Progress) -> Iterator[None]:
    while not _turn.acquire(timeout=0.5):
        progress(0, WAITS)  # where a page that is left ends
    try:
        yield
    finally:
        _turn.release()


@contextmanager
def _process() -> Iterator[subprocess.Popen[bytes]]:
    """A process that does a job, and ends with the block whether it has done it or not."""
    process = subprocess.Popen(
        [sys.executable, "-c", f"from {__name__} import main; main()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # where a fault would say what it was at
        env=os.environ
        | ONE_THREAD
        | {"PYTHONPATH": os.pathsep.join(sys.path), "ARROW_DEFAULT_MEMORY_POOL": "system"},
    )
    try:
        yield process
    finally:
        process.kill()
        with process:  # closes its pipes
            pass


def main() -> None:
    """Do the job that comes from standard input, within bounds."""
    import pyarrow as pa  # noqa: PLC0415  # set in this process alone

    from chirocalc import tables  # noqa: PLC0415

    said = sys.stdout.buffer

    def say(kind: str, told: object) -> None:
        pickle.dump((kind, told), said)
        said.flush()

    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    job, content, name, given = pickle.load(sys.stdin.buffer)
    with tables.in_use():
        tables.codes()
        bound(len(content), MOST_MEMORY)
        try:
            say("answer", job(content, name, *given, lambda *told: say("progress", told)))
        except InputError as error:
            say("error", error.problems)
        except MemoryError:
            say("error", cannot_read(name, TOO_LARGE).problems)
        except Exception as error:  # no fault of a file's ends as a traceback
            say("error", cannot_read(name, f"cannot be read ({type(error).__name__})").problems)
