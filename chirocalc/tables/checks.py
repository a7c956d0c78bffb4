"""Checking all tables: every value, every key once, and every reference to another table."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from chirocalc.errors import InputError, Problem

from .books import in_use
from .declared import ALL
from .table import Table
from .texts import sources

BY_FILE = {table.file: table for table in ALL}

REPEATS = {"localities.csv"}  # one row for each year


def check_all() -> list[tuple[Table, int, list[Problem]]]:
    """Each table with its number of rows, 0 for one that cannot be read, and what is wrong with it.
    Raises `InputError` when an interrupted renewal cannot be finished."""
    with in_use():
        return [_checked(table) for table in ALL]


def _checked(table: Table) -> tuple[Table, int, list[Problem]]:
    try:
        frame = table()
    except InputError as error:
        return table, 0, error.problems
    return table, len(frame), [*_twins(table, frame), *_strangers(table, frame)]


def _twins(table: Table, frame: pd.DataFrame) -> Iterator[Problem]:
    """Keys that stand in more than one row."""
    if table.key is None or table.file in REPEATS:
        return
    for key in frame.index[frame.index.duplicated()].unique():
        yield Problem(table.file, None, str(frame.index.name), key, "stands in more than one row")


def _strangers(table: Table, frame: pd.DataFrame) -> Iterator[Problem]:
    """Values that name a row of another table which is not there."""
    rows = frame.reset_index()
    for column, other in _references(table).items():
        known = _known(other)
        for value in rows[column].str.split("|").explode().unique():
            if known and value and value not in known:
                yield Problem(table.file, None, column, value, f"is not in {other}")
    for listing in table.listings:
        if (known := _known(sources.file)) and listing.source not in known:
            said = f"is not in {sources.file}"
            yield Problem(table.file, None, "source", listing.source, said)


def _references(table: Table) -> dict[str, str]:
    cited = {"source": sources.file} if "source" in table.columns else {}
    return cited | dict(table.refers)


def _known(file: str) -> frozenset[str]:
    """What another table has rows for; nothing when it cannot be read, which is said of itself."""
    try:
        frame = BY_FILE[file]()
    except InputError:
        return frozenset()
    return frozenset(frame["code"] if file == "codes.csv" else frame.index)
