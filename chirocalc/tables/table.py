"""A table as one declaration: its file, its columns, its key, what it holds and where from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from chirocalc.checked import checked
from chirocalc.errors import InputError, Problem

from .books import book
from .schema import Column, read_table


@dataclass(frozen=True)
class Listing:
    """What the Sources page says of a table.

    `release` says of what years it is, or `kind` which rows of releases.csv are its own; `checked`
    against what; `sure`: primary source, secondary, or commonly stated; `also`: further files of
    which all this is true.
    """

    holds: str
    checked: str
    sure: Literal["P", "S", "?"]
    source: str
    release: str = ""
    kind: str = ""
    also: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Table:
    """A file of tables: calling it returns its frame from the book in use.

    `key` is the column its rows are indexed by, or what makes the index of its frame; without one
    they are indexed by their row in the file (the header is row 1). `faults` finds what no single
    column shows. `refers`: columns that name rows of another file, several with | between.
    """

    file: str
    says: str
    columns: Mapping[str, Column]
    key: str | Callable[[pd.DataFrame], pd.Index] | None = None
    faults: Callable[[pd.DataFrame, str], list[Problem]] | None = None
    refers: Mapping[str, str] = field(default_factory=dict)
    listings: tuple[Listing, ...] = ()

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        return self.file.removesuffix(".csv")

    def __call__(self) -> pd.DataFrame:
        """The table of the book in use. Raises `InputError` naming row, column and value of each
        fault."""
        return book().frame(self)

    @checked
    def read(self, content: bytes, name: str | None = None) -> pd.DataFrame:
        """A file's content, checked and typed, indexed by row number. Raises `InputError`."""
        name = name or self.file
        frame = read_table(content, self.columns, name)
        if self.faults and (problems := self.faults(frame, name)):
            raise InputError(problems)
        return frame

    @checked
    def keyed(self, content: bytes) -> pd.DataFrame:
        """A file's content, checked and typed, by its key. Raises `InputError`."""
        frame = self.read(content)
        if self.key is None:
            return frame
        return frame.set_index(self.key if isinstance(self.key, str) else self.key(frame))
