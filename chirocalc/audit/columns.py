"""The columns of a file of visits: which field each stands for, by its name and its values."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from enum import IntEnum
from typing import Annotated, NamedTuple

import pandas as pd

from chirocalc import tables
from chirocalc.checked import checked, choice
from chirocalc.errors import InputError, Problem

from .headers import field_of, meanings, plain_header
from .values import (
    NOT_LISTED,
    clock_of,
    code_of,
    day_of,
    discipline_of,
    kind_of,
    minutes_of,
    modifiers_of,
    named_empty,
    place_of,
    reason_of,
    regions_of,
    units_of,
)

__all__ = [
    "FIELDS",
    "Columns",
    "check_columns",
    "field_of",
    "not_found",
    "plain_header",
    "recognize",
    "says_total",
]

FIELDS = {
    "visit": "Visit",
    "date": "Date of service",
    "account": "Account number",
    "code": "Code",
    "minutes": "Minutes",
    "units": "Units billed",
    "modifiers": "Modifiers",
    "region": "Region",
    "payer": "Payer",
    "provider": "Treating provider",
    "discipline": "Who treats (chiropractor, PT, OT)",
    "place": "Place of service",
    "begin": "Start time",
    "end": "End time",
    "kind": "Kind of row (charge, payment, diagnosis)",
}

MOSTLY = 0.5

LONGEST_SPAN = 240  # minutes: in a column of hours and minutes more are a time of day

Columns = dict[Annotated[str, choice(*FIELDS)], tuple[str, ...]]  # header columns of each field


class _Fit(IntEnum):
    """How the values of a column go with a field, the best first."""

    READ = 0
    UNSAID = 1  # nothing in them speaks for it or against it
    EMPTY = 2
    NOT = 3


class _Candidate(NamedTuple):
    """A column that may stand for a field; the least is the best."""

    fit: _Fit
    rank: int
    order: int
    field: str
    column: str


@checked
def recognize(header: Iterable[str], sample: pd.DataFrame | None = None) -> Columns:
    """The columns of each field; modifiers may stand in several.

    The name says what a column could be, the values of the sample whether it is. Of several the one
    whose values are read is taken, then the one whose name stands first in the table.
    """
    found = [_candidate(column, at, sample) for at, column in enumerate(header)]
    best = sorted(each for each in found if each)
    columns: Columns = {each.field: (each.column,) for each in reversed(best)}
    if "modifiers" in columns:
        several = [each for each in best if each.field == "modifiers"]
        columns["modifiers"] = tuple(each.column for each in sorted(several, key=_place))
    return {field: columns[field] for field in FIELDS if field in columns}


def _place(each: _Candidate) -> tuple[int, int]:
    """Where a column of modifiers stands among several: by its number, the first without one."""
    digits = re.search("[0-9]", plain_header(each.column))
    return int(digits[0]) if digits else 1, each.order


def not_found(columns: Columns) -> list[str]:
    """The fields that no column stands for."""
    return [name for name in FIELDS if name not in columns]


def says_total(column: str) -> bool:
    """Whether a column's name says that it is of the whole visit: Total minutes."""
    return "total" in plain_header(column)


@checked
def check_columns(columns: Columns, name: str) -> None:
    """Raise `InputError` when a file has no code, or nothing that tells its visits apart."""
    problems = []
    if "code" not in columns:
        problems.append(Problem(name, None, "header", "Code", "column is needed and was not found"))
    if "visit" not in columns and not {"date", "account"} <= columns.keys():
        allowed = "column, or a date and an account number, is needed to tell visits apart"
        problems.append(Problem(name, None, "header", "Visit", allowed))
    if problems:
        raise InputError(problems)


def _candidate(column: str, at: int, sample: pd.DataFrame | None) -> _Candidate | None:
    """The first field a column could be by its name that its values do not contradict."""
    values: list[str] = []
    if sample is not None and column in sample:
        values = [text for text in sample[column].astype(str) if not named_empty(text)]
    for field, rank in meanings(column):
        if (fit := _fit(field, values)) is not _Fit.NOT:
            return _Candidate(fit, rank, at, field, column)
    return None


def _fit(field: str, values: list[str]) -> _Fit:
    if not values:
        return _Fit.EMPTY
    reads = {text: _READS[field](text) for text in set(values)}
    said = [read for text in values if (read := reads[text]) is not None]
    if not said:
        return _Fit.UNSAID
    return _Fit.READ if sum(said) >= MOSTLY * len(said) else _Fit.NOT


# Whether a text reads as a field; None where it says nothing for or against it.


def _is_code(text: str) -> bool | None:
    """A mistyped code and what stands in the place of one say nothing; words are none."""
    coded = code_of(text)
    if coded.code in tables.code_arrays().names or coded.kind == NOT_LISTED or reason_of(text):
        return True
    return None if coded.kind or re.search("[0-9]{3}", text) else False


def _is_day(text: str) -> bool | None:
    """A day in another order is no reason to go on without days: its row is refused."""
    if day_of(text):
        return True
    return None if re.fullmatch(r"[0-9]+([-/.])[0-9]+\1[0-9]+.*", text.strip()) else False


def _is_minutes(text: str) -> bool:
    minutes = minutes_of(text)
    return math.isfinite(minutes) and not (":" in text and minutes > LONGEST_SPAN)


def _is_units(text: str) -> bool:
    return math.isfinite(units_of(text))


def _is_modifier(text: str) -> bool | None:
    modifiers = modifiers_of(text)
    return None if modifiers == "" else modifiers is not None


def _is_clock(text: str) -> bool:
    return clock_of(text) is not None


def _is_kind(text: str) -> bool:
    return kind_of(text) != ""


def _is_name(text: str) -> bool:
    return re.search("[A-Za-z]", text) is not None


def _is_named(read: Callable[[str], str | None]) -> Callable[[str], bool | None]:
    """Words that are not known say nothing; numbers that are not known speak against it."""
    return lambda text: True if read(text) else None if _is_name(text) else False


def _is_any(text: str) -> bool:
    return bool(text)


_READS: dict[str, Callable[[str], bool | None]] = {
    "visit": _is_any,
    "date": _is_day,
    "account": _is_any,
    "code": _is_code,
    "minutes": _is_minutes,
    "units": _is_units,
    "modifiers": _is_modifier,
    "region": _is_named(regions_of),
    "payer": _is_name,
    "provider": _is_any,
    "discipline": _is_named(discipline_of),
    "place": _is_named(place_of),
    "begin": _is_clock,
    "end": _is_clock,
    "kind": _is_kind,
}
