"""The book: all tables as their files stood at one moment, and what was computed from them.

A book is made from the bytes of every file, read at once and between two equal looks at them, so
that it can never hold half of an update. When a file changes, the next look makes a new one; what
was kept with the old one (`kept`) goes with it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache, partial, wraps
from itertools import count
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple, ParamSpec, TypeVar, overload

import pandas as pd

from chirocalc.checked import checked
from chirocalc.errors import InputError, Problem

from .journal import JOURNAL, PATIENCE, Mark, mark, undisturbed

if TYPE_CHECKING:
    from .table import Table

FOLDER = Path(__file__).parent / "data"

CODES = "codes.csv"

# In a checkout codes.csv stands beside app.py; an installed wheel carries its own copy.
_CHECKOUT = FOLDER.parents[2] / CODES

CODES_FILE = _CHECKOUT if _CHECKOUT.exists() else FOLDER / CODES

OFTEN = 0.5  # seconds: the folder and codes.csv are looked at each time, every file so often

MOST = 512  # results that are kept of one function

P = ParamSpec("P")
R = TypeVar("R")
Marks = dict[str, Mark]


class _Results(dict[Callable[..., Any], Callable[..., Any]]):
    """By the function that `kept` made: the cache of its results."""

    def __missing__(self, call: Callable[..., Any]) -> Callable[..., Any]:
        return self.setdefault(call, call.new_cache())  # type: ignore[attr-defined]


@dataclass(frozen=True, eq=False)
class Book:
    """All tables of one moment: the content of each file by its name, or why it cannot be read;
    frames are made of it when they are first asked for."""

    contents: Mapping[str, bytes | Problem] = field(repr=False)
    frames: dict[str, pd.DataFrame] = field(default_factory=dict, repr=False)
    results: _Results = field(default_factory=_Results, repr=False)
    number: int = field(default_factory=count(1).__next__)  # no other book of the process has it

    def frame(self, table: Table) -> pd.DataFrame:
        """A table, checked, typed and by its key. Raises `InputError`, each time until the file is
        mended."""
        try:
            return self.frames[table.file]
        except KeyError:
            return self.frames.setdefault(table.file, table.keyed(self.content(table.file)))

    def content(self, file: str) -> bytes:
        """The bytes of a file. Raises `InputError` where there are none."""
        content = self.contents.get(file, _not_found(file))
        if isinstance(content, Problem):
            raise InputError([content])
        return content

    def next(self, contents: Mapping[str, bytes | Problem]) -> Book:
        """The book of these contents, with the frames of files that are the same in both."""
        frames = self.frames.copy()
        same = {name for name in frames if contents.get(name) == self.contents[name]}
        return Book(contents, {name: frames[name] for name in same})


class _Held(NamedTuple):
    """A book, what was seen of its files, and when."""

    book: Book
    marks: Marks
    quick: tuple[Mark, Mark]
    looked: float


class _Shelf:
    """Where the book in force lies: the one of the files of a folder and of a table of codes."""

    def __init__(self, folder: Path, codes_file: Path, before: Book) -> None:
        self.folder, self.codes_file = folder, codes_file
        self._before = before
        self._held: _Held | None = None
        self._lock = Lock()

    def book(self) -> Book:
        """The book in force, a new one when a file has changed. Raises `InputError`."""
        held = self._held
        if held and held.quick == self._quick() and time.monotonic() < held.looked + OFTEN:
            return held.book
        with self._lock:
            self._held = held = self._looked(self._held)
        return held.book

    def last(self) -> Book:
        """The book that was in force, without a look at its files."""
        return self._held.book if self._held else self._before

    def _quick(self) -> tuple[Mark, Mark]:
        """What changes whenever a file is put in the place of another, or codes.csv is saved."""
        return mark(self.folder.stat), mark(self.codes_file.stat)

    def _looked(self, held: _Held | None) -> _Held:
        quick, now = self._quick(), time.monotonic()  # before the files: what comes later is seen
        marks = self._marks()
        if held and marks == held.marks:
            return held._replace(quick=quick, looked=now)
        marks, contents = self._read()
        return _Held(self.last().next(contents), marks, quick, now)

    def _read(self) -> tuple[Marks, dict[str, bytes | Problem]]:
        """Every file's content, with equal marks before and after it was read."""

        def contents() -> dict[str, bytes | Problem]:
            return {name: _content(self._path(name)) for name in self._marks() if name != JOURNAL}

        return undisturbed(self.folder, self._marks, contents, PATIENCE)

    def _marks(self) -> Marks:
        try:
            with os.scandir(self.folder) as entries:
                marks = {
                    entry.name: mark(entry.stat)
                    for entry in entries
                    if entry.name.endswith(".csv") or entry.name == JOURNAL
                }
        except OSError as error:
            said = f"cannot be read ({error.strerror})"
            raise InputError([Problem("tables", None, "folder", self.folder.name, said)]) from None
        return marks | {CODES: mark(self.codes_file.stat)}

    def _path(self, name: str) -> Path:
        return self.codes_file if name == CODES else self.folder / name


def _content(path: Path) -> bytes | Problem:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return _not_found(path.name)
    except OSError as error:
        return Problem(path.name, None, "file", path.name, f"cannot be read ({error.strerror})")


def _not_found(file: str) -> Problem:
    return Problem(file, None, "file", file, "was not found")


_shelves = [_Shelf(FOLDER, CODES_FILE, Book({}))]  # the last one is in use

_pinned: ContextVar[Book | None] = ContextVar("book in use", default=None)


def book() -> Book:
    """The book in use here, else the one in force, after a look at its files. Raises `InputError`
    when an interrupted renewal cannot be finished."""
    return _pinned.get() or _shelves[-1].book()


@checked
@contextmanager
def in_use(here: Book | None = None) -> Iterator[Book]:
    """Inside, all that reads tables reads this book, and no file is looked at again.

    Not around a `yield` of a generator: what runs between its values would read the book too.
    """
    here = here or book()
    before = _pinned.set(here)
    try:
        yield here
    finally:
        _pinned.reset(before)


@checked
@contextmanager
def use_files(codes_file: Path | None = None, folder: Path | None = None) -> Iterator[None]:
    """Inside, the whole process reads its tables from other files, as trials and tests do."""
    used = _shelves[-1]
    shelf = _Shelf(folder or used.folder, codes_file or used.codes_file, used.last())
    _shelves.append(shelf)
    before = _pinned.set(None)
    try:
        yield
    finally:
        _pinned.reset(before)
        _shelves.remove(shelf)


@overload
def kept(function: Callable[P, R], /) -> Callable[P, R]: ...
@overload
def kept(*, most: int) -> Callable[[Callable[P, R]], Callable[P, R]]: ...


def kept(function: Callable[..., Any] | None = None, /, *, most: int = MOST) -> Any:
    """Keep what a function returns for each of its arguments as long as the book is in force.

    What it computes, it computes from that one book. Errors are not kept.
    """
    if function is None:
        return partial(_kept, most=most)
    return _kept(function, most)


def _kept(function: Callable[..., Any], most: int) -> Callable[..., Any]:
    @wraps(function)
    def call(*args: Any, **named: Any) -> Any:
        here = _pinned.get()
        if here is None:
            with in_use() as here:
                return found(here, args, named)
        return found(here, args, named)

    def found(here: Book, args: tuple[Any, ...], named: dict[str, Any]) -> Any:
        try:
            return here.results[call](*args, **named)
        except TypeError:
            if _may_be_keys(*args, *named.values()):
                raise
            return function(*args, **named)  # which says what it wants instead, or takes a list

    call.new_cache = lambda: lru_cache(most, typed=True)(function)  # type: ignore[attr-defined]
    return call


def _may_be_keys(*values: Any) -> bool:
    try:
        hash(values)
    except TypeError:
        return False
    return True
