"""Reading a table: which columns it has, what may stand in each, what to say when it does not."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Literal

import pandas as pd

from .errors import InputError, Problem


@dataclass(frozen=True)
class Column:
    """What one column may hold: a regular expression, the same in words, and its type."""

    pattern: str
    allowed: str
    kind: Literal["text", "number", "integer"] = "text"
    empty: bool = False


NAME = Column(r".*\S.*", "must not be empty")
TEXT = Column(r".*", "", empty=True)
RVU = Column(
    r"\d{1,3}(\.\d{1,2})?",
    "must be a number with at most two decimals, or empty where there is none",
    "number",
    empty=True,
)
MINUTES = Column(r"\d{1,4}", "must be whole minutes, or empty", "integer", empty=True)


def one_of(*choices: str, empty: bool = False) -> Column:
    """A column that takes only these words."""
    words = ", ".join(choices) + (" or empty" if empty else "")
    return Column("|".join(choices), f"must be one of {words}", empty=empty)


def read_table(
    source: Path | bytes, columns: dict[str, Column], name: str | None = None
) -> pd.DataFrame:
    """Read a CSV, a file or its content, and check every value; return the schema's columns, typed.

    Raises `InputError` naming file, row (the header is row 1), column and value of each fault.
    """
    name = name or (source.name if isinstance(source, Path) else "file")
    frame = _read_text(source, name)
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        raise InputError(_missing_column(name, column, list(frame.columns)) for column in missing)
    if frame.empty:
        raise InputError([Problem(name, None, "file", "", "has a header but no rows")])
    frame = frame[list(columns)]
    problems = [
        Problem(name, int(row) + 2, column, frame.at[row, column], spec.allowed)
        for column, spec in columns.items()
        for row in frame.index[~_allowed(frame[column], spec)]
    ]
    if problems:
        raise InputError(sorted(problems, key=lambda problem: problem.row or 0))
    return frame.assign(**{column: _typed(frame[column], spec) for column, spec in columns.items()})


def _read_text(source: Path | bytes, name: str) -> pd.DataFrame:
    def fault(allowed: str, row: int | None = None, value: str = "") -> InputError:
        column = "file" if row is None else "encoding"
        return InputError([Problem(name, row, column, value, allowed)])

    try:
        content = source if isinstance(source, bytes) else source.read_bytes()
        # Excel writes a byte order mark; utf-8-sig reads files with and without it.
        frame = pd.read_csv(
            BytesIO(content),
            dtype=str,
            keep_default_na=False,
            encoding="utf-8-sig",
            skip_blank_lines=False,
        )
    except FileNotFoundError:
        raise fault("was not found", value=name) from None
    except UnicodeDecodeError:
        line, text = _first_undecodable_line(content)
        raise fault("is not UTF-8: save as 'CSV UTF-8'", line, text) from None
    except pd.errors.EmptyDataError:
        raise fault("has nothing in it") from None
    except pd.errors.ParserError as error:
        raise fault(f"is not a readable CSV: {error}", value=name) from None
    frame.columns = frame.columns.str.strip()
    return frame.fillna("").apply(lambda column: column.str.strip())


def _first_undecodable_line(content: bytes) -> tuple[int, str]:
    for number, line in enumerate(content.splitlines(), start=1):
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            return number, line.decode("utf-8", errors="replace")
    return 1, ""


def _missing_column(name: str, column: str, found: list[str]) -> Problem:
    hint = "this file has: " + ", ".join(found[:8]) + (" …" if len(found) > 8 else "")
    if len(found) == 1 and (";" in found[0] or "\t" in found[0]):
        hint = "columns must be separated by commas, not semicolons or tabs"
    return Problem(name, 1, column, column, f"is a column this table needs; {hint}")


def _allowed(values: pd.Series, spec: Column) -> pd.Series:
    fits = values.str.fullmatch(spec.pattern)
    return fits | (values == "") if spec.empty else fits & (values != "")


def _typed(values: pd.Series, spec: Column) -> pd.Series:
    if spec.kind == "text":
        return values
    numbers = pd.to_numeric(values.where(values != "", None))
    return numbers.astype("float64" if spec.kind == "number" else "Int64")
