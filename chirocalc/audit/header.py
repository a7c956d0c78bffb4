"""Which of a file's first rows is its header: exports write titles, dates and notes above it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from chirocalc import tables

from .columns import field_of
from .private import looks_private
from .visit_file import cannot_read

HEAD = 50  # rows among which the header stands, from the first one on that holds anything

NO_HEADER = "has no header: add a first row with the names of its columns"

FORM = 3  # fields that are named one below the other in a form


class Header(NamedTuple):
    """Where in some rows the header stands, how many fields its cells are known to name (0 where
    it has no column of codes), and whether it is the first row that holds anything."""

    at: int
    fields: int
    is_first: bool

    @property
    def note(self) -> str:
        """What is said of a header below other rows."""
        return "" if self.is_first else f"Header found in row {self.at + 1}."


def find_header(rows: Sequence[Sequence[str]]) -> Header | None:
    """The row that names the most fields, a code among them; else the first that is not blank."""
    first = next((at for at, row in enumerate(rows) if any(map(str.strip, row))), None)
    if first is None:
        return None
    known: dict[str, str | None] = {}  # a name that stands in many rows is looked at once
    counts = [_fields(row, known) for row in rows[first : first + HEAD]]
    best = counts.index(max(counts))
    return Header(first + best, counts[best], best == 0)


def check_is_table(rows: Sequence[Sequence[str]], header: Header, name: str) -> None:
    """Raise `InputError` for rows that each hold one field, its name before its value; and for
    those whose first one is no header but data, of which nothing is repeated."""
    if header.fields:
        return
    names = [row[0] for row in rows[: header.at + HEAD] if row]
    if _fields(names, {}) >= FORM:
        raise cannot_read(name, "is a form with a field in each row, not a table of visits")
    first = rows[header.at]
    if any(map(_is_data, first)) and "code" not in map(field_of, first):
        raise cannot_read(name, NO_HEADER)


def _fields(row: Sequence[str], known: dict[str, str | None]) -> int:
    """How many fields the cells of a row name; none, where one is a number or a date, as in data,
    or where one alone is filled, as in a title."""
    filled = [cell for cell in row if cell.strip()]
    if len(filled) < 2 or any(map(_is_number, filled)):
        return 0
    for cell in filled:
        if cell not in known:
            known[cell] = field_of(cell)
    named = {known[cell] for cell in filled} - {None}
    return len(named) if "code" in named else 0


def _is_number(cell: str) -> bool:
    """Whether digits stand in a cell, and no letters."""
    return any(map(str.isdigit, cell)) and not any(map(str.isalpha, cell))


def _is_data(cell: str) -> bool:
    """Whether a cell holds what stands in a row of visits, and in no header."""
    is_code = cell.strip() in tables.code_arrays().names
    return is_code or _is_number(cell) or looks_private(cell)
