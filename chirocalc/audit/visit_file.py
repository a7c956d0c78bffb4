"""A file of visits once opened: its layout, its rows as text, and what may be wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from chirocalc.checked import checked
from chirocalc.errors import InputError, Problem

from .private import private_columns

MOST_COLUMNS = 1000

UTF_8 = "utf-8-sig"  # a mark at the begin is not needed, and left out

VALUES_LOOKED_AT = 200

BROKEN = "\ufffd"  # stands for bytes that are no letters

Refused = tuple[int, str]  # a row's number, and why it is not read; its text is not passed on


@dataclass(frozen=True)
class Layout:
    """How the bytes of a file are laid out: its kind ("csv", "xlsx", "xls", "xlsb", "ods",
    "parquet"), its columns, what stands between the values of a CSV, which of its rows is the
    header, its encoding, and how many values most rows of a CSV have where those are not as many as
    the header's."""

    kind: str
    header: tuple[str, ...]
    delimiter: str = ","
    header_row: int = 1
    encoding: str = UTF_8
    width: int | None = None


@dataclass
class FileHead:
    """What is known of a file once it was opened: its layout, what is to be said of it, its first
    rows as a `sample`. `sheets` are those of a workbook that hold anything, `sheet` the one that is
    read."""

    name: str
    layout: Layout
    note: str
    sample: pd.DataFrame = field(repr=False)
    sheets: tuple[str, ...] = field(default=(), kw_only=True)
    sheet: str = field(default="", kw_only=True)

    @property
    def kind(self) -> str:
        return self.layout.kind

    @property
    def header(self) -> tuple[str, ...]:
        return self.layout.header

    @checked
    def private(self, known: Iterable[str]) -> dict[str, str]:
        """Columns that look like patient data, by their header or their values, and why."""
        return private_columns(self.sample, set(known))


@dataclass
class VisitFile(FileHead):
    """A file opened for reading: its head, and its rows in `batches()`, which yields frames indexed
    by row number, the file's first row being 1, and refused rows."""

    _batches: Callable[[list[str]], Iterator[Batch]] = field(repr=False, kw_only=True)

    @property
    def head(self) -> FileHead:
        """What of it can be kept."""
        return FileHead(
            self.name, self.layout, self.note, self.sample, sheets=self.sheets, sheet=self.sheet
        )

    @checked
    def batches(self, wanted: Iterable[str]) -> Iterator[Batch]:
        """The rows of the wanted columns; all others are never read. A pipe can be read once."""
        kept = set(wanted) & set(self.header)
        if not kept:  # for Arrow no column stands for all of them
            return iter(())
        return self._batches([column for column in self.header if column in kept])


@dataclass
class Batch:
    """Some rows of a file, all text, by row number; those `refused`, with the reason; `last` the
    last row read so far."""

    rows: pd.DataFrame
    refused: list[Refused]
    last: int = 0


def cannot_read(name: str, reason: str) -> InputError:
    return InputError([Problem(name, None, "file", name, reason)])


@contextmanager
def sentence_for(name: str, kind: str) -> Iterator[None]:
    """Say in a sentence whatever goes wrong: for damaged files libraries raise many kinds."""
    try:
        yield
    except (InputError, MemoryError):
        raise
    except Exception as error:
        raise cannot_read(name, f"cannot be read as {kind} ({type(error).__name__})") from None


def column_names(values: Sequence[object], name: str) -> list[str]:
    """The columns' names, each once: a second "units" is called "units (2)"."""
    check_column_count(len(values), name)
    names: list[str] = []
    for at, value in enumerate(values, start=1):
        column = ("" if value is None else str(value).strip()) or f"column {at}"
        again = 1
        while (column if again == 1 else f"{column} ({again})") in names:
            again += 1
        names.append(column if again == 1 else f"{column} ({again})")
    return names


def check_column_count(count: int, name: str) -> None:
    if count > MOST_COLUMNS:
        raise cannot_read(name, f"has {count} columns; up to {MOST_COLUMNS} are read")


def cell_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float | np.floating) and value.is_integer():
        value = int(value)
    return str(value).removesuffix(" 00:00:00").strip()  # a date without a time
