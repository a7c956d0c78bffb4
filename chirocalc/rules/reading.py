"""Services as a user gives them, in a frame: checked, cleaned, one line per visit and code.

Every distinct value of a column is looked at once, so that a million lines cost little more than
their numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from chirocalc import tables
from chirocalc.arrays import FEW, Bools, Ints, numbered
from chirocalc.checked import checked
from chirocalc.errors import InputError, Problem, is_missing, nearest
from chirocalc.given import as_hashable, as_numbers, as_word, as_words, is_list
from chirocalc.tables import modifier_bits, region_bits

from .services import (
    MOST_COUNT,
    MOST_MINUTES,
    NO,
    NOT_SAID,
    PLANS,
    YES,
    Lines,
    Service,
    component,
    disciplines,
    no_part,
    whole_number,
)

FLAGS = {"true": YES, "yes": YES, "1": YES, "false": NO, "no": NO, "0": NO, "": NOT_SAID}
NOT_A_FLAG = -2

COLUMNS = (
    "visit", "code", "minutes", "count", "region", "modifiers", "separate", "tie_first"
)  # fmt: skip
ALIKE = 0.84  # how alike a column's name must be to be taken for a misspelled one of these


class ReadLines(NamedTuple):
    """Lines read from a frame: the visits' names, the lines, modifiers of each line that the table
    does not have, and which line each row of the frame went into."""

    visits: pd.Index
    lines: Lines
    others: NDArray[np.object_]
    line_of: Ints

    def services(self, line: slice = slice(None)) -> tuple[Service, ...]:
        """Lines as records."""
        codes = list(tables.records().values())
        columns = [each[line].tolist() for each in (*self.lines[1:], self.others)]
        return tuple(
            Service(
                codes[key], minutes if given else None, count, modifiers, region, said, tie, rest
            )
            for key, minutes, given, count, tie, modifiers, region, said, rest in zip(
                *columns, strict=True
            )
        )


@checked
def read_lines(frame: pd.DataFrame) -> ReadLines:
    """Lines from a frame with `code` and `minutes`, and optionally `visit`, `count`, `region`,
    `modifiers`, `separate` (whether the service was separate from the others, in the sense its pair
    asks) and `tie_first` (a choice among tied lines). Raises `InputError` with every fault.

    Other columns are left alone, but for those that may be a misspelled one of these. Regions and
    modifiers may be lists of words.

    The same code twice in a visit is one line: its minutes add up (cpm-5-20.2). The professional
    (26) and the technical part (TC) of a code are lines of their own, and so are a code's under
    the plans of several disciplines.
    """
    given = _Given(frame)
    given.check()
    visit, visits = given.visits
    key = given.key
    of = disciplines(visit, given.modifiers)
    line, first_row = numbered((visit * len(PLANS) + of) * len(tables.records()) + key)
    twins = len(first_row) < len(frame)

    def together(values: Ints) -> Ints:
        """The sum over the rows of a line."""
        return np.bincount(line, values, len(first_row)).astype(np.int64) if twins else values

    def any_bit(bits: Ints) -> Ints:
        if not twins:
            return bits
        out = np.zeros(len(first_row), np.int64)
        np.bitwise_or.at(out, line, bits)
        return out

    minutes, has_minutes = given.minutes
    total = together(minutes)
    over = np.flatnonzero(total[line] > MOST_MINUTES) if twins else ()
    if len(over):
        allowed = f"add up to more than {MOST_MINUTES:,} in the visit"
        raise InputError(given.problems("minutes", over, allowed))
    no, yes = (together((given.separate == said).astype(np.int64)) > 0 for said in (NO, YES))
    lines = Lines(
        visit=visit[first_row],
        key=key[first_row],
        minutes=total,
        has_minutes=together(has_minutes.astype(np.int64)) > 0,
        counts=together(given.counts),
        tie_first=together((given.tie_first == YES).astype(np.int64)) > 0,
        modifiers=any_bit(given.modifiers),
        region=any_bit(given.region),
        # Where rows of a line differ, no: it takes a yes for all of it to be separate.
        separate=np.where(no, NO, np.where(yes, YES, NOT_SAID)),
    )
    return ReadLines(visits.rename("visit"), lines, given.others[first_row], line)


def _numbered(values: pd.Series) -> tuple[Ints, list[Any]]:
    """Each value as a number, and what the numbers stand for, by first entry; None for missing."""
    if len(values) > FEW and not _may_hold_lists(values):
        numbers, found = pd.factorize(values, use_na_sentinel=False)
        return numbers, [None if is_missing(value) else value for value in found]
    plain = values.to_numpy(object, na_value=None).tolist()
    try:
        return _by_first(plain)
    except TypeError:
        return _by_first([as_hashable(value) for value in plain])


def _may_hold_lists(values: pd.Series) -> bool:
    return values.dtype == object or isinstance(values.dtype, pd.ArrowDtype)


def _by_first(values: list[Any]) -> tuple[Ints, list[Any]]:
    known: dict[Any, int] = {}
    numbers = np.array([known.setdefault(value, len(known)) for value in values], np.int64)
    return numbers, list(known)


class _Given:
    """The columns of a frame of services, each distinct value looked at once."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame
        self.zeros = np.zeros(len(frame), np.int64)
        self._numbered: dict[str, tuple[Ints, list[Any]]] = {}
        self._floats: dict[str, NDArray[np.float64]] = {}

    def numbered(self, column: str) -> tuple[Ints, list[Any]]:
        """A column's values as numbers, and what they stand for; all missing where it is not."""
        if column not in self._numbered:
            there = column in self.frame
            self._numbered[column] = (
                _numbered(self.frame[column]) if there else (self.zeros, [None])
            )
        return self._numbered[column]

    def numbers(self, column: str) -> NDArray[np.float64]:
        """A column as numbers; missing where it is none."""
        if column not in self._floats:
            self._floats[column] = as_numbers(self.frame[column])
        return self._floats[column]

    def each(self, column: str, meaning: Callable[[Any], int]) -> Ints:
        """What each value of a column means."""
        numbers, found = self.numbered(column)
        return np.array([meaning(value) for value in found] or [0], np.int64)[numbers]

    @property
    def visits(self) -> tuple[Ints, pd.Index]:
        """The visit of each row as a number, and their names; without the column all rows are one
        visit, and no row is none."""
        if "visit" not in self.frame:
            return self.zeros, pd.Index([1][: len(self.frame)], dtype=np.int64)
        given = self.frame["visit"]
        visit, names = pd.factorize(given.to_numpy() if _may_hold_lists(given) else given)
        return visit, pd.Index(names, tupleize_cols=False)

    @cached_property
    def codes(self) -> tuple[Ints, list[str]]:
        numbers, found = self.numbered("code")
        return numbers, [as_word(value) for value in found]

    @cached_property
    def words(self) -> tuple[Ints, list[str]]:
        """Modifiers with spaces between."""
        numbers, found = self.numbered("modifiers")
        return numbers, [_modifier_words(value) for value in found]

    @cached_property
    def regions(self) -> tuple[Ints, list[str]]:
        """Regions with | between."""
        numbers, found = self.numbered("region")
        return numbers, [as_words(value, "|") for value in found]

    @cached_property
    def key(self) -> Ints:
        """The row of `tables.codes()` of each service, of a part where its modifiers name one."""
        (code, names), (modifiers, words) = self.codes, self.words
        known = tables.records()
        if not any(component("", text) for text in words):
            return np.array([known[name].at for name in names] or [0], np.int64)[code]
        both, first = numbered(code * len(words) + modifiers)
        pairs = zip(code[first].tolist(), modifiers[first].tolist(), strict=True)
        keys = [component(names[at], words[said]) for at, said in pairs]
        return np.array([known[key].at for key in keys] or [0], np.int64)[both]

    @cached_property
    def minutes(self) -> tuple[Ints, Bools]:
        """Minutes, 0 where none were given, and whether they were."""
        values = self.numbers("minutes")
        given = ~np.isnan(values)
        return np.where(given, values, 0).astype(np.int64), given

    @cached_property
    def counts(self) -> Ints:
        if "count" not in self.frame:
            return np.ones(len(self.frame), np.int64)
        return np.nan_to_num(self.numbers("count"), nan=1.0).astype(np.int64)

    @cached_property
    def modifiers(self) -> Ints:
        numbers, words = self.words
        return np.array([modifier_bits(text) for text in words] or [0], np.int64)[numbers]

    @cached_property
    def others(self) -> NDArray[np.object_]:
        """Modifiers that the table does not have."""
        numbers, words = self.words
        listed = tables.modifiers().index
        rest = [" ".join(word for word in text.split() if word not in listed) for text in words]
        return np.array(rest or [""], dtype=object)[numbers]

    @cached_property
    def region(self) -> Ints:
        numbers, words = self.regions
        return np.array([region_bits(text) for text in words] or [0], np.int64)[numbers]

    @cached_property
    def separate(self) -> Ints:
        return self.each("separate", _flag)

    @cached_property
    def tie_first(self) -> Ints:
        return self.each("tie_first", _flag)

    # What cannot be used

    def check(self) -> None:
        """Raise `InputError` with every value that cannot be used, by row and column."""
        self._check_columns()
        problems = self._code_problems()
        problems += self._number_problems("minutes", 0, MOST_MINUTES)
        problems += self._number_problems("count", 1, MOST_COUNT)
        problems += self._region_problems() + self._modifier_problems()
        problems += self._visit_problems()
        for column in ("tie_first", "separate"):
            odd = np.flatnonzero(getattr(self, column) == NOT_A_FLAG)
            problems += self.problems(column, odd, "must be yes, no or empty")
        if problems:
            raise InputError(sorted(problems, key=lambda problem: problem.row or 0))

    def problems(self, column: str, rows: Iterable[int], allowed: str) -> list[Problem]:
        """The same said of a column in each of these rows, which are counted from 1."""
        at = np.asarray(rows, np.int64)
        if not len(at):
            return []
        values = [None if is_missing(value) else value for value in self.frame[column].iloc[at]]
        return [
            Problem("lines", int(row) + 1, column, value, allowed)
            for row, value in zip(at, values, strict=True)
        ]

    def _check_columns(self) -> None:
        """Raise `InputError` where a column is needed and not there, stands twice, or may be a
        misspelled one."""
        names = [name for name in self.frame.columns if isinstance(name, str)]
        missing = [name for name in ("code", "minutes") if name not in names]
        if missing:
            there = ", ".join(map(str, self.frame.columns))
            allowed = f"is a column that is needed; these are there: {there}"
            raise InputError(Problem("lines", None, name, name, allowed) for name in missing)
        odd = {name: "stands twice" for name in COLUMNS if names.count(name) > 1}
        for name in dict.fromkeys(names):
            if name not in COLUMNS and (
                meant := get_close_matches(_plain(name), COLUMNS, 1, ALIKE)
            ):
                odd[name] = f"is no column that is read; nearest: {meant[0]}"
        if odd:
            raise InputError(Problem("lines", None, name, name, why) for name, why in odd.items())

    def _visit_problems(self) -> list[Problem]:
        if "visit" not in self.frame:
            return []
        given = self.frame["visit"]
        unnamed = np.flatnonzero(given.isna())
        problems = self.problems("visit", unnamed, "must name the visit")
        if _may_hold_lists(given):
            odd = [at for at, value in enumerate(given) if not _may_be_key(value)]
            problems += self.problems("visit", odd, "must be a number, a text or a date")
        return problems

    def _where(
        self, column: str, odd: Callable[[str], bool], words: tuple[Ints, list[str]]
    ) -> Ints:
        """The rows of a column whose words are odd."""
        numbers, found = words
        bad = [at for at, word in enumerate(found) if odd(word)]
        return np.flatnonzero(np.isin(numbers, bad)) if bad else np.zeros(0, np.int64)

    def _code_problems(self) -> list[Problem]:
        numbers, words = self.codes
        known = tables.code_arrays().names
        problems = []
        for at in [at for at, word in enumerate(words) if word not in known]:
            allowed = f"is not a code of codes.csv; {nearest(words[at], known)}"
            problems += self.problems("code", np.flatnonzero(numbers == at), allowed)
        return problems

    def _number_problems(self, column: str, least: int, most: int) -> list[Problem]:
        if column not in self.frame:
            return []
        numbers = self.numbers(column)
        with np.errstate(invalid="ignore"):
            fits = (numbers >= least) & (numbers <= most) & (numbers == np.floor(numbers))
        if fits.all():
            return []
        bad = np.flatnonzero(~fits & self.frame[column].notna().to_numpy())
        return self.problems(column, bad, whole_number(least, most))

    def _region_problems(self) -> list[Problem]:
        known = {*tables.regions().index, ""}
        odd = self._where(
            "region",
            lambda text: not {part.strip() for part in text.split("|")} <= known,
            self.regions,
        )
        allowed = f"must be regions with | between: {', '.join(tables.regions().index)}"
        return self.problems("region", odd, allowed) if len(odd) else []

    def _modifier_problems(self) -> list[Problem]:
        """Modifiers must look like modifiers, and a component must be one that the code has."""
        numbers, words = self.words
        odd = self._where(
            "modifiers",
            lambda text: any(len(word) != 2 or not word.isalnum() for word in text.split()),
            self.words,
        )
        allowed = "must be two-character modifiers such as GP, with | or a space between"
        problems = self.problems("modifiers", odd, allowed)
        parts = self._where("modifiers", lambda text: bool(component("", text)), self.words)
        if len(parts):
            (code, names), known = self.codes, tables.records()
            for row in parts:
                name = names[code[row]]
                if name in known and component(name, words[numbers[row]]) not in known:
                    allowed = no_part(name)
                    problems += self.problems("modifiers", [row], allowed)
        return problems


def _modifier_words(value: Any) -> str:
    said = as_words(value, " ") if is_list(value) else as_word(value)
    return said.upper().replace("|", " ").replace(",", " ")


def _flag(value: Any) -> int:
    return FLAGS.get(as_word(value).lower(), NOT_A_FLAG)


def _plain(name: str) -> str:
    """A column's name as it is compared."""
    return name.strip().lower().replace(" ", "_")


def _may_be_key(value: Any) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True
