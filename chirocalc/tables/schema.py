"""Reading a table: which columns it has, what may stand in each, what to say when it does not."""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from io import StringIO
from typing import Annotated, Literal

import pandas as pd

from chirocalc.checked import checked
from chirocalc.errors import InputError, Problem, nearest
from chirocalc.given import DAY, as_day


@dataclass(frozen=True)
class Column:
    """What one column may hold: a regular expression, the same in words, and its type; of a "flag"
    1 is true, a "day" is one of the calendar."""

    pattern: str
    allowed: str
    kind: Literal["text", "number", "integer", "flag", "day"] = "text"
    empty: bool = False


NAME = Column(r".*\S.*", "must not be empty")

TEXT = Column(r".*", "", empty=True)

RVU = Column(
    r"[0-9]{1,3}(\.[0-9]{1,2})?",
    "must be a number with at most two decimals, or empty where there is none",
    "number",
    empty=True,
)

DATE = Column(DAY, "must be a date such as 2026-01-31", "day")

MINUTES = Column(r"[0-9]{1,4}", "must be whole minutes, or empty", "integer", empty=True)


def _read_day(where: str, name: str, value: object) -> str:
    if (day := as_day(value)) is None:
        raise InputError([Problem(where, None, name, value, DATE.allowed)])
    return day


Day = Annotated[str, _read_day]


def one_of(*choices: str, empty: bool = False) -> Column:
    """A column that takes only these words."""
    words = ", ".join(choices) + (" or empty" if empty else "")
    return Column("|".join(choices), f"must be one of {words}", empty=empty)


@checked
def read_table(content: bytes, columns: Mapping[str, Column], name: str) -> pd.DataFrame:
    """Read a CSV's content and check every value; return the schema's columns, typed, indexed by
    row number (the header is row 1).

    Raises `InputError` naming file, row, column and value of each fault.
    """
    frame = _read_text(content, name, list(columns))
    if frame.empty:
        raise InputError([Problem(name, None, "file", "", "has a header but no rows")])
    frame = frame[list(columns)]
    check_values(frame, columns, name)
    return frame.assign(**{column: _typed(frame[column], spec) for column, spec in columns.items()})


@checked
def check_values(frame: pd.DataFrame, columns: Mapping[str, Column], name: str) -> None:
    """Check a table of text, indexed by row number. Raises `InputError` naming each fault."""
    if lost := [column for column in columns if column not in frame]:
        raise InputError(Problem(name, None, each, each, "is a column it needs") for each in lost)
    problems = [
        Problem(name, int(row), column, frame.at[row, column], spec.allowed)
        for column, spec in columns.items()
        for row in frame.index[~_allowed(frame[column], spec)]
    ]
    if problems:
        raise InputError(sorted(problems, key=lambda problem: problem.row or 0))


def _read_text(content: bytes, name: str, needed: list[str]) -> pd.DataFrame:
    """The table as text, indexed by row number; blank rows are left out, short ones filled."""
    records = _records(content, name)
    if not any(value.strip() for record in records for value in record):
        raise InputError([Problem(name, None, "file", "", "has nothing in it")])
    header = [column.strip() for column in records[0]]
    problems = _header_problems(header, name, needed)
    rows, numbers, width = [], [], len(header)
    for number, record in enumerate(records[1:], start=2):
        values = [value.strip() for value in record]
        if len(values) != width:
            if any(values[width:]):
                allowed = f"has {len(values)} values, and the header {width} columns"
                problems.append(Problem(name, number, "row", values[0], allowed))
                continue
            values = (values + [""] * width)[:width]
        if any(values):
            rows.append(values)
            numbers.append(number)
    if problems:
        raise InputError(problems)
    return pd.DataFrame(rows, columns=header, index=numbers, dtype=str)


def _records(content: bytes, name: str) -> list[list[str]]:
    """The rows of a CSV, the header first."""
    if not _is_text(content):
        lines = enumerate(content.splitlines(), start=1)
        number, line = next(each for each in lines if not _is_text(each[1]))
        text = line.decode("utf-8", errors="replace").replace("\0", "�")
        raise InputError(
            [Problem(name, number, "encoding", text, "is not UTF-8: save as 'CSV UTF-8'")]
        )
    # Excel writes a byte order mark; utf-8-sig reads files with and without it.
    reader = csv.reader(StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
    records: list[list[str]] = []
    try:
        for record in reader:
            records.append(record)  # those before a fault tell its row
    except csv.Error as error:
        raise InputError(
            [Problem(name, len(records) + 1, "row", "", f"is not readable as CSV: {error}")]
        ) from None
    return records


def _is_text(content: bytes) -> bool:
    """Whether bytes are UTF-8 without a zero byte."""
    if b"\0" in content:
        return False
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _header_problems(header: list[str], name: str, needed: list[str]) -> list[Problem]:
    hint = "this file has: " + ", ".join(header[:8]) + (" …" if len(header) > 8 else "")
    if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
        hint = "columns must be separated by commas, not semicolons or tabs"
        raise InputError([Problem(name, 1, "header", header[0], hint)])
    twice = {column for column in header if column and header.count(column) > 1}
    return [
        Problem(name, 1, column, column, f"is a column this table needs; {hint}")
        for column in needed
        if column not in header
    ] + [Problem(name, 1, column, column, "stands twice in the header") for column in sorted(twice)]


def _allowed(values: pd.Series, spec: Column) -> pd.Series:
    fits = values.str.fullmatch(spec.pattern)
    if spec.kind == "day":
        fits &= values.isin([day for day in values.unique() if as_day(day)])
    return fits | (values == "") if spec.empty else fits & (values != "")


def _typed(values: pd.Series, spec: Column) -> pd.Series:
    if spec.kind in ("text", "day"):
        return values
    if spec.kind == "flag":
        return values == "1"
    numbers = pd.to_numeric(values.where(values != "", None))
    return numbers.astype("float64" if spec.kind == "number" else "Int64")


def check_known(where: str, column: str, value: object, known: Collection[str]) -> None:
    """Raise `InputError` with the nearest names when `value` is not among `known`."""
    if not (isinstance(value, str) and value in known):
        allowed = f"is not known; {nearest(str(value), map(str, known))}"
        raise InputError([Problem(where, None, column, value, allowed)])
