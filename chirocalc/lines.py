"""Service lines as a user gives them: checked, cleaned, and one line per visit and code."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from . import code_table, tables
from .errors import InputError, Problem, nearest

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

MOST_MINUTES = 24 * 60
MOST_COUNT = 999
COMPONENTS = ("26", "TC")
ASSISTANT = "CQ CO"


class Lines(NamedTuple):
    """Lines as arrays of equal length, in the order of first entry."""

    visits: pd.Index
    visit: Ints  # which of `visits`
    key: Ints  # which row of code_table.codes()
    minutes: Ints  # 0 where none were given
    has_minutes: Bools
    counts: Ints
    tie_first: Bools  # the clinician gives this line the unit of a tie
    assistant: Bools  # CQ or CO
    modifiers: Ints  # bits in the order of the modifier table
    region: Ints  # bits in the order of the region table, 0 where none is given
    separate: Ints  # 1 separate from the other services, 0 not, -1 not said


def read_lines(frame: pd.DataFrame) -> Lines:
    """Lines from a frame with `code` and `minutes`, and optionally `visit`, `count`, `region`,
    `modifiers`, `separate` (whether the service was separate from the others, in the sense its pair
    asks) and `tie_first` (a choice among tied lines). Raises `InputError` with every fault.

    The same code twice in a visit is one line: its minutes add up (cpm-5-20.2). The professional
    (26) and the technical part (TC) of a code are lines of their own.
    """
    problems = check_lines(frame)
    if problems:
        raise InputError(problems)
    rows = len(frame)
    visit_column = frame["visit"] if "visit" in frame else pd.Series(np.ones(rows, np.int64))
    numbers, visits = pd.factorize(visit_column)
    modifier_sets, modifier_words = _modifiers(frame)
    code_numbers, code_words = _codes(frame)

    known = code_table.code_arrays().row
    number, pairs = pd.factorize(code_numbers * len(modifier_words) + modifier_sets)
    keys = [
        _key(code_words[p // len(modifier_words)], modifier_words[p % len(modifier_words)], known)
        for p in pairs.tolist()
    ]
    key = np.array(keys, np.int64)[number]

    line, firsts = pd.factorize(numbers * len(known) + key)
    first_row = np.unique(line, return_index=True)[1]
    minutes = pd.to_numeric(frame["minutes"]).to_numpy(np.float64, na_value=np.nan)
    given = ~np.isnan(minutes)
    count = (
        pd.to_numeric(frame["count"]).fillna(1).to_numpy(np.int64)
        if "count" in frame
        else np.ones(rows, np.int64)
    )
    size = len(firsts)
    choice = frame["tie_first"].to_numpy(np.bool_) if "tie_first" in frame else np.zeros(rows)
    bits = np.array([modifier_bits(words) for words in modifier_words], np.int64)[modifier_sets]
    modifiers = _any_bit(line, bits, size)

    def total(values: NDArray[np.float64] | Ints | Bools) -> Ints:
        return np.bincount(line, values, size).astype(np.int64)

    return Lines(
        visits=pd.Index(visits, name="visit"),
        visit=np.asarray(numbers, np.int64)[first_row],
        key=key[first_row],
        minutes=total(np.where(given, minutes, 0)),
        has_minutes=total(given) > 0,
        counts=total(count),
        tie_first=total(choice) > 0,
        assistant=(modifiers & modifier_bits(ASSISTANT)) > 0,
        modifiers=modifiers,
        region=_any_bit(line, _regions(frame), size),
        separate=_separate(frame, line, size),
    )


def modifier_bits(words: str) -> int:
    """Modifiers of the table as bits; ones it does not have are left out."""
    known = tables.modifiers().index
    return sum(1 << known.get_loc(word) for word in set(words.split()) if word in known)


def region_bits(regions: str) -> int:
    """Regions ("lumbar|head") as bits in the order of the region table."""
    known = tables.regions().index
    names = {name.strip() for name in regions.split("|")}
    return sum(1 << at for at, name in enumerate(known) if name in names)


def _any_bit(line: Ints, bits: Ints, size: int) -> Ints:
    """The bits of all rows of a line together."""
    out = np.zeros(size, np.int64)
    np.bitwise_or.at(out, line, bits)
    return out


def _regions(frame: pd.DataFrame) -> Ints:
    if "region" not in frame:
        return np.zeros(len(frame), np.int64)
    numbers, found = pd.factorize(frame["region"].fillna(""))
    bits = np.array([region_bits(str(text)) for text in found], np.int64)
    return np.asarray(bits[numbers])


def _separate(frame: pd.DataFrame, line: Ints, size: int) -> Ints:
    """One answer per line: no, when any of its rows says so."""
    if "separate" not in frame:
        return np.full(size, -1, np.int64)
    answer = frame["separate"]
    said = answer.notna().to_numpy()
    yes = answer.eq(True).to_numpy(np.bool_, na_value=False) if said.any() else said
    no = np.bincount(line, said & ~yes, size) > 0
    return np.where(no, 0, np.where(np.bincount(line, yes, size) > 0, 1, -1))


def check_lines(frame: pd.DataFrame) -> list[Problem]:
    """Every value of the lines that cannot be used, by row (counted from 1) and column."""
    missing = [name for name in ("code", "minutes") if name not in frame]
    if missing:
        found = "is a column that is needed; these are there: " + ", ".join(map(str, frame.columns))
        return [Problem("lines", None, name, name, found) for name in missing]
    problems = _code_problems(frame)
    problems += _number_problems(frame, "minutes", 0, MOST_MINUTES)
    if "count" in frame:
        problems += _number_problems(frame, "count", 1, MOST_COUNT)
    if "visit" in frame:
        problems += [
            Problem("lines", int(row) + 1, "visit", None, "must name the visit")
            for row in np.flatnonzero(frame["visit"].isna())
        ]
    problems += _word_problems(frame)
    return sorted(problems, key=lambda problem: problem.row or 0)


def _code_problems(frame: pd.DataFrame) -> list[Problem]:
    numbers, words = _codes(frame)
    known = code_table.code_arrays().row
    problems = []
    for word in [at for at, text in enumerate(words) if text not in known or "-" in text]:
        allowed = f"is not a code of codes.csv; {nearest(words[word], known)}"
        for row in np.flatnonzero(numbers == word):
            problems.append(Problem("lines", int(row) + 1, "code", words[word], allowed))
    return problems


def _number_problems(frame: pd.DataFrame, column: str, least: int, most: int) -> list[Problem]:
    values = frame[column]
    numbers = pd.to_numeric(values, errors="coerce").to_numpy(np.float64, na_value=np.nan)
    with np.errstate(invalid="ignore"):
        fits = (numbers >= least) & (numbers <= most) & (numbers == np.floor(numbers))
    bad = np.flatnonzero(~fits & values.notna().to_numpy())
    allowed = f"must be a whole number from {least} to {most:,}"
    return [Problem("lines", int(row) + 1, column, values.iloc[row], allowed) for row in bad]


def _word_problems(frame: pd.DataFrame) -> list[Problem]:
    """Regions must be known; modifiers must look like modifiers, and a component must exist."""
    problems = []
    regions = set(tables.regions().index)
    if "region" in frame:
        allowed = f"must be regions with | between: {', '.join(tables.regions().index)}"
        for value in frame["region"].dropna().unique():
            if {part.strip() for part in str(value).split("|")} - regions - {""}:
                for row in np.flatnonzero(frame["region"] == value):
                    problems.append(Problem("lines", int(row) + 1, "region", value, allowed))
    if "modifiers" in frame:
        numbers, words = _modifiers(frame)
        odd = [i for i, text in enumerate(words) if any(not _is_modifier(w) for w in text.split())]
        for row in np.flatnonzero(np.isin(numbers, odd)):
            value = frame["modifiers"].iloc[row]
            allowed = "must be two-character modifiers such as GP, with | or a space between"
            problems.append(Problem("lines", int(row) + 1, "modifiers", value, allowed))
    return problems


def _is_modifier(word: str) -> bool:
    return len(word) == 2 and word.isalnum()


def _codes(frame: pd.DataFrame) -> tuple[Ints, NDArray[np.object_]]:
    """Each row's code as a number, and what the numbers stand for, in capitals without spaces."""
    numbers, found = pd.factorize(frame["code"], use_na_sentinel=False)
    return numbers, np.array([_code_text(value) for value in found], dtype=object)


def _code_text(value: Any) -> str:
    if pd.isna(value):
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # a column of codes with a gap is read as floats
    return str(value).strip().upper()


def _modifiers(frame: pd.DataFrame) -> tuple[Ints, NDArray[np.object_]]:
    if "modifiers" not in frame:
        return np.zeros(len(frame), np.int64), np.array([""], dtype=object)
    numbers, found = pd.factorize(frame["modifiers"].fillna(""))
    text = [str(words).upper().replace("|", " ").replace(",", " ") for words in found]
    return numbers, np.array(text or [""], dtype=object)


def _key(code: str, modifiers: str, known: dict[str, int]) -> int:
    """The row of a code, or of its professional or technical part where it has one."""
    part = [word for word in COMPONENTS if word in modifiers.split()]
    return known.get(f"{code}-{part[0]}" if len(part) == 1 else code, known[code])
