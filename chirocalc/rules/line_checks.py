"""What a user gives as service lines: every value that cannot be used, by row and column."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from chirocalc import tables
from chirocalc.arrays import Ints
from chirocalc.errors import Problem, nearest

Words = NDArray[np.object_]

MOST_MINUTES = 24 * 60

MOST_COUNT = 999

COMPONENTS = ("26", "TC")

FLAGS = {"true": 1, "yes": 1, "1": 1, "false": 0, "no": 0, "0": 0, "": -1}

NOT_A_FLAG = -2


def check_lines(frame: pd.DataFrame) -> list[Problem]:
    """Every value of the lines that cannot be used, by row (counted from 1) and column."""
    missing = [name for name in ("code", "minutes") if name not in frame]
    if missing:
        found = "is a column that is needed; these are there: " + ", ".join(map(str, frame.columns))
        return [Problem("lines", None, name, name, found) for name in missing]
    problems = _code_problems(frame)
    problems += _number_problems(frame, "minutes", 0, MOST_MINUTES)
    problems += _number_problems(frame, "count", 1, MOST_COUNT)
    problems += _region_problems(frame) + _modifier_problems(frame)
    if "visit" in frame:
        unnamed = np.flatnonzero(frame["visit"].isna())
        problems += _each(frame, "visit", unnamed, "must name the visit")
    for column in {"tie_first", "separate"}.intersection(frame.columns):
        odd = np.flatnonzero(flags(frame, column) == NOT_A_FLAG)
        problems += _each(frame, column, odd, "must be yes, no or empty")
    return sorted(problems, key=lambda problem: problem.row or 0)


def codes(frame: pd.DataFrame) -> tuple[Ints, Words]:
    """Each row's code as a number, and what the numbers stand for, in capitals without spaces."""
    numbers, found = pd.factorize(frame["code"], use_na_sentinel=False)
    return numbers, np.array([_word(value) for value in found], dtype=object)


def modifiers(frame: pd.DataFrame) -> tuple[Ints, Words]:
    """Each row's modifiers as a number, and what the numbers stand for, with spaces between."""
    if "modifiers" not in frame:
        return np.zeros(len(frame), np.int64), np.array([""], dtype=object)
    numbers, found = pd.factorize(frame["modifiers"], use_na_sentinel=False)
    text = [_word(words).replace("|", " ").replace(",", " ") for words in found]
    return numbers, np.array(text or [""], dtype=object)


def flags(frame: pd.DataFrame, column: str) -> Ints:
    """Each row's answer: 1 yes, 0 no, -1 not given; `NOT_A_FLAG` for what is none of these."""
    if column not in frame:
        return np.full(len(frame), -1, np.int64)
    numbers, found = pd.factorize(frame[column], use_na_sentinel=False)
    said = [FLAGS.get(_word(value).lower(), NOT_A_FLAG) for value in found]
    return np.asarray(np.array(said, np.int64)[numbers])


def component(code: str, words: str) -> str:
    """The key of a code, or of its professional (26) or technical (TC) part."""
    part = [word for word in COMPONENTS if word in words.split()]
    return f"{code}-{part[0]}" if len(part) == 1 else code


def _word(value: Any) -> str:
    if pd.isna(value):
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # a column with a gap is read as floats
    return str(value).strip().upper()


def _each(frame: pd.DataFrame, column: str, rows: Ints, allowed: str) -> list[Problem]:
    values = [None if pd.isna(value) else value for value in frame[column].iloc[rows]]
    return [
        Problem("lines", int(row) + 1, column, value, allowed)
        for row, value in zip(rows, values, strict=True)
    ]


def _code_problems(frame: pd.DataFrame) -> list[Problem]:
    numbers, words = codes(frame)
    known = tables.code_arrays().names
    problems = []
    for number in [at for at, word in enumerate(words) if word not in known]:
        allowed = f"is not a code of codes.csv; {nearest(words[number], known)}"
        problems += _each(frame, "code", np.flatnonzero(numbers == number), allowed)
    return problems


def _number_problems(frame: pd.DataFrame, column: str, least: int, most: int) -> list[Problem]:
    if column not in frame:
        return []
    numbers = pd.to_numeric(frame[column], errors="coerce").to_numpy(np.float64, na_value=np.nan)
    with np.errstate(invalid="ignore"):
        fits = (numbers >= least) & (numbers <= most) & (numbers == np.floor(numbers))
    if fits.all():
        return []
    bad = np.flatnonzero(~fits & frame[column].notna().to_numpy())
    return _each(frame, column, bad, f"must be a whole number from {least} to {most:,}")


def _region_problems(frame: pd.DataFrame) -> list[Problem]:
    if "region" not in frame:
        return []
    numbers, found = pd.factorize(frame["region"])
    known = _region_names()
    odd = [
        at
        for at, text in enumerate(found)
        if not {part.strip() for part in str(text).split("|")} <= known
    ]
    if not odd:
        return []
    allowed = f"must be regions with | between: {', '.join(tables.regions().index)}"
    return _each(frame, "region", np.flatnonzero(np.isin(numbers, odd)), allowed)


@cache
def _region_names() -> frozenset[str]:
    return frozenset(tables.regions().index) | {""}


def _modifier_problems(frame: pd.DataFrame) -> list[Problem]:
    """Modifiers must look like modifiers, and a component must be one that the code has."""
    if "modifiers" not in frame:
        return []
    numbers, words = modifiers(frame)
    odd = [
        at
        for at, text in enumerate(words)
        if any(len(word) != 2 or not word.isalnum() for word in text.split())
    ]
    problems = []
    if odd:
        allowed = "must be two-character modifiers such as GP, with | or a space between"
        problems = _each(frame, "modifiers", np.flatnonzero(np.isin(numbers, odd)), allowed)
    parts = [at for at, text in enumerate(words) if component("", text)]
    if parts:
        known, (code_numbers, names) = tables.code_arrays().row, codes(frame)
        for row in np.flatnonzero(np.isin(numbers, parts)):
            name = names[code_numbers[row]]
            if name in known and component(name, words[numbers[row]]) not in known:
                allowed = f"names a part, 26 or TC, that {name} does not have"
                problems += _each(frame, "modifiers", np.array([row]), allowed)
    return problems
