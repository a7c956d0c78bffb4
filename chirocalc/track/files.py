"""A file for the log, read within bounds: our own export or backup, or visits of any kind.

Read apart from the page like any upload (`audit.apart`), and for as long: of it only rows of a log
come back, and of what is refused no value that may be a patient's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pandas as pd

from chirocalc import tables
from chirocalc.audit import Columns, VisitFile, columns_of, open_file, read_apart, services_in
from chirocalc.checked import checked
from chirocalc.errors import InputError, Problem
from chirocalc.words import count

from .backup import Backup, is_backup, read_backup
from .intake import MOST_SAID, is_own, rows_of_export, rows_of_services
from .rows import Row

# Of a file of visits only these are read.
FIELDS = ("date", "code", "units", "minutes", "begin", "end", "modifiers", "payer", "place", "kind")

MOST_ROWS = 50_000  # of a file: more than twice what ten years of a busy clinician bring

OWN_SHEET = "Log"  # of our own workbook


class OfFile(NamedTuple):
    """What a file has for a log: rows; how many were refused, and the first of them in words; and
    how many rows are no services, or take others back."""

    name: str
    rows: list[Row]
    refused: int
    said: list[str]
    passed: int


@checked
def read_file(
    content: bytes,
    name: str,
    sheet: str | None = None,
    columns: Columns | None = None,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Backup | OfFile:
    """A file of any kind that the audit reads, our own export, or a backup; of a workbook a sheet,
    and of visits the columns, where they were chosen. Raises `InputError` for one that cannot be
    used, has no code or date, has more than `MOST_ROWS` rows, or takes too much to read."""
    return read_apart(_read, content, name, (sheet, columns), progress)


@tables.in_use()  # which are looked up for each row
def _read(
    content: bytes,
    name: str,
    sheet: str | None,
    columns: Columns | None,
    progress: Callable[[int, int], None],
) -> Backup | OfFile:
    if is_backup(content):
        backup = read_backup(content, name)
        _check_size(len(backup.rows), name)
        return backup
    file = open_file(content, name, sheet)
    if sheet is None and OWN_SHEET in file.sheets and file.sheet != OWN_SHEET:
        file = open_file(content, name, OWN_SHEET)
    if is_own(file.header):
        return _own(file, name)
    return _visits(file, columns_of([file.head]) if columns is None else columns, name)


def _own(file: VisitFile, name: str) -> OfFile:
    parts, size = [], 0
    for batch in file.batches(file.header):
        size += len(batch.rows)
        _check_size(size, name)
        parts.append(batch.rows)
    rows, problems = rows_of_export(pd.concat(parts), name) if parts else ([], [])
    return OfFile(name, rows, len(problems), _told(problems), 0)


def _visits(file: VisitFile, columns: Columns, name: str) -> OfFile:
    """What tells visits apart is not needed here: the date stands for it."""
    columns = {field: of for field, of in columns.items() if field in FIELDS}
    missing = [
        Problem(name, None, "header", word, "column is needed and was not found")
        for field, word in (("code", "Code"), ("date", "Date of service"))
        if field not in columns
    ]
    if missing:
        raise InputError(missing)
    lines, left_out = services_in([file], columns | {"visit": columns["date"]})
    _check_size(len(lines), name)
    rows, problems = rows_of_services(lines, name)
    bad = left_out[left_out["kind"] == ""]
    refused = [
        Problem(name, int(row), column, value, reason)
        for row, column, value, reason in zip(
            *(bad[each].head(MOST_SAID) for each in ("row", "column", "value", "reason")),
            strict=True,
        )
    ]
    said = _told([*refused, *problems])
    return OfFile(name, rows, len(bad) + len(problems), said, len(left_out) - len(bad))


def _check_size(rows: int, name: str) -> None:
    if rows > MOST_ROWS:
        allowed = f"has more than the {count(MOST_ROWS, 'row')} that are read at once: split it"
        raise InputError([Problem(name, None, "file", name, allowed)])


def _told(problems: list[Problem]) -> list[str]:
    return [str(problem) for problem in problems[:MOST_SAID]]
