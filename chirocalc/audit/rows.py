"""Rows of text from a file of visits as lines for the engine; what cannot be used is refused.

Every row either becomes a line or is refused with its number, the value and the reason; words the
tables do not know (a payer, a place, a region) are counted and said, and taken as not given. A
file says few words many times over: each distinct text of a column is looked at once.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from pandas.api.types import union_categoricals
from pyarrow import compute

from chirocalc import tables
from chirocalc.arrays import Bools, Ints, numbered, taken
from chirocalc.rules import MOST_MINUTES

from .columns import Columns
from .visit_file import BROKEN, Batch

MOST_UNITS = 999

# How a day is written, in full; the time of day is passed over.
_TIME = "([01]?[0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
DAYS = (
    re.compile(f"(?P<y>[0-9]{{4}})-(?P<m>[0-9]{{1,2}})-(?P<d>[0-9]{{1,2}})( {_TIME})?"),
    re.compile(r"(?P<m>[0-9]{1,2})/(?P<d>[0-9]{1,2})/(?P<y>[0-9]{4}|[0-9]{2})"),
    re.compile(r"(?P<y>[0-9]{4})(?P<m>[0-9]{2})(?P<d>[0-9]{2})"),
    re.compile(r"(?P<m>[0-9]{1,2})-(?P<d>[0-9]{1,2})-(?P<y>[0-9]{4})"),
)

EARLIEST, LATEST = date(1990, 1, 1), date(2099, 12, 31)

REFUSED = ["row", "visit", "column", "value", "reason"]

LINES = [
    "row", "visit", "date", "code", "minutes", "billed", "modifiers", "region", "payer",
    "provider", "discipline", "place",
]  # fmt: skip


ALL_FIELDS = (
    "visit", "date", "account", "code", "minutes", "units", "modifiers", "region", "payer",
    "provider", "discipline", "place",
)  # fmt: skip


@dataclass
class Rows:
    """`lines`: one row per service, columns `LINES`: row number, visit, date ("2026-03-02" or ""),
    code, minutes and billed (missing where none were given), modifiers, region, and payer,
    discipline and place by the ids of `Settings` ("" where not given or not known), provider. All
    text but `visit` is categories in the order of first appearance, some of them perhaps unused.
    `refused`: columns `REFUSED`, visit "" where it is not known. `unknown`: (field, word) not
    known, and in how many rows."""

    lines: pd.DataFrame
    refused: pd.DataFrame
    unknown: Counter[tuple[str, str]]

    def renumbered(self, by: int) -> Rows:
        """The same with so much added to the row numbers."""
        if not by:
            return self
        lines, refused = (each.assign(row=each["row"] + by) for each in (self.lines, self.refused))
        return Rows(lines, refused, self.unknown)


def join_rows(parts: Sequence[Rows]) -> Rows:
    """Parts one after the other."""
    if len(parts) == 1:
        return parts[0]
    lines = [part.lines for part in parts if len(part.lines)]
    refused = [part.refused for part in parts if len(part.refused)]
    return Rows(
        _join_lines(lines) if lines else parts[0].lines,
        pd.concat(refused, ignore_index=True) if refused else parts[0].refused,
        sum((part.unknown for part in parts), Counter()),
    )


def _join_lines(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Lines one after the other; where categories differ pandas alone would make them objects."""
    kinds = frames[0].dtypes
    words = [name for name in LINES if isinstance(kinds[name], pd.CategoricalDtype)]
    whole = pd.concat([frame.drop(columns=words) for frame in frames], ignore_index=True)
    joined = {name: union_categoricals([frame[name] for frame in frames]) for name in words}
    return whole.assign(**joined)[LINES]


def read_rows(batch: Batch, columns: Columns) -> Rows:
    """The usable rows of a batch, and why the others are not."""
    text = {name: _read_column(batch.rows, columns.get(name, ())) for name in ALL_FIELDS}
    sieve = _Sieve(batch.rows.index.to_numpy(np.int64), text)
    blank = np.logical_and.reduce([column.is_blank for column in text.values()])
    sieve.refuse("row", blank, "is blank")
    broken = np.logical_or.reduce([text[name].has_broken for name in columns])
    sieve.refuse("encoding", broken, "has characters that are not UTF-8: save as 'CSV UTF-8'")

    days = text["date"].said_as(_days(text["date"].words))
    odd_day = days.is_blank & ~text["date"].is_blank
    sieve.refuse("date", odd_day, "must be a date such as 2026-01-31")
    if "visit" in columns:
        visit = text["visit"]
        sieve.refuse("visit", visit.is_blank, "must name the visit")
    else:
        visit = days.beside(text["account"])
        for name in ("date", "account"):
            sieve.refuse(name, text[name].is_blank, "is needed to tell visits apart")
    minutes = _whole(sieve, "minutes", MOST_MINUTES)
    billed = _whole(sieve, "units", MOST_UNITS)

    unknown: Counter[tuple[str, str]] = Counter()
    known = {name: _known(text[name], name, unknown) for name in ("payer", "place", "discipline")}
    used = np.flatnonzero(~sieve.out)
    words = {
        "date": days,
        "code": text["code"].said_as(compute.utf8_upper(text["code"].words)),
        "modifiers": text["modifiers"].said_as(compute.utf8_upper(text["modifiers"].words)),
        "region": _regions(text["region"], unknown),
        "provider": text["provider"],
        **known,
    }
    lines = {name: column.categories(used) for name, column in words.items()} | {
        "row": sieve.numbers[used],
        "visit": visit.texts(used),
        "minutes": minutes[used],
        "billed": billed[used],
    }
    return Rows(pd.DataFrame(lines)[LINES], sieve.table(batch.refused, visit), unknown)


class _Column(NamedTuple):
    """A column of text: its distinct words in the order of first appearance, and which of them
    each row holds."""

    number: Ints
    words: pa.Array

    @staticmethod
    def of(texts: pd.Series) -> _Column:
        return _Column(*_distinct(pa.array(texts)))

    @property
    def is_blank(self) -> Bools:
        return _bools(compute.equal(self.words, ""))[self.number]

    @property
    def has_broken(self) -> Bools:
        return _bools(compute.match_substring(self.words, BROKEN))[self.number]

    def said_as(self, words: pa.Array) -> _Column:
        """The same rows with another word for each; words now alike become one."""
        number, found = _distinct(words)
        return _Column(number[self.number], found)

    def beside(self, other: _Column) -> _Column:
        """The words of both with a space between."""
        both = self.number * len(other.words) + other.number
        number, first = numbered(both)
        one = self.words.take(pa.array(self.number[first]))
        two = other.words.take(pa.array(other.number[first]))
        space = pa.scalar(" ", pa.large_string())
        return _Column(number, compute.binary_join_element_wise(one, two, space))

    def counts(self) -> list[int]:
        """How many rows hold each of the words."""
        counts: list[int] = np.bincount(self.number, minlength=len(self.words)).tolist()
        return counts

    def categories(self, rows: Ints) -> pd.Categorical:
        words = pd.Index(taken(self.words, np.arange(len(self.words))))
        return pd.Categorical.from_codes(self.number[rows], words)

    def texts(self, rows: Ints) -> Any:
        return taken(self.words, self.number[rows])


def _distinct(texts: pa.Array | pa.ChunkedArray) -> tuple[Ints, pa.Array]:
    """The number of each text among the distinct ones, and these."""
    if isinstance(texts, pa.ChunkedArray):
        texts = texts.combine_chunks()
    coded = texts.cast(pa.large_string()).dictionary_encode()
    return coded.indices.to_numpy().astype(np.int64), coded.dictionary


def _bools(values: pa.Array) -> Bools:
    return np.asarray(values.to_numpy(zero_copy_only=False), np.bool_)


class _Sieve:
    """Rows on their way out: each is refused once, for the first reason found."""

    def __init__(self, numbers: Ints, text: dict[str, _Column]) -> None:
        self.numbers, self.text = numbers, text
        self.out = np.zeros(len(numbers), np.bool_)
        self._found: list[tuple[Ints, str, str]] = []

    def refuse(self, column: str, odd: Bools, reason: str) -> None:
        at = np.flatnonzero(odd & ~self.out)
        if len(at):
            self._found.append((at, column, reason))
            self.out[at] = True

    def table(self, before: list[tuple[int, str, str]], visit: _Column) -> pd.DataFrame:
        """All refused rows, those refused while reading the file too, by row number."""
        unread = pd.DataFrame(
            [(row, "", "row", text[:200].rstrip("\r\n"), reason) for row, reason, text in before],
            columns=REFUSED,
        )
        found = [
            pd.DataFrame(
                {
                    "row": self.numbers[at],
                    "visit": visit.texts(at),
                    "column": column,
                    "value": self.text[column].texts(at) if column in self.text else "",
                    "reason": reason,
                }
            )
            for at, column, reason in self._found
        ]
        parts = [part for part in (unread, *found) if len(part)]
        if not parts:
            return unread
        return pd.concat(parts, ignore_index=True).sort_values("row", ignore_index=True)


def _read_column(rows: pd.DataFrame, columns: tuple[str, ...]) -> _Column:
    """A field's words without spaces around them; those of several columns one after the other."""
    if not columns:
        return _Column(np.zeros(len(rows), np.int64), pa.array([""], pa.large_string()))
    column = _stripped(_Column.of(rows[columns[0]]))
    for name in columns[1:]:
        column = _stripped(column.beside(_Column.of(rows[name])))
    return column


def _stripped(column: _Column) -> _Column:
    return column.said_as(compute.utf8_trim_whitespace(column.words))


def _whole(sieve: _Sieve, name: str, most: int) -> NDArray[np.float64]:
    """Whole numbers from 0 on, missing where nothing is given."""
    number, words = sieve.text[name]
    numbers = pd.to_numeric(words.to_numpy(zero_copy_only=False), errors="coerce")
    values = np.asarray(numbers, np.float64)
    with np.errstate(invalid="ignore"):
        fits = (values >= 0) & (values <= most) & (values == np.floor(values))
    reason = f"must be a whole number from 0 to {most:,}"
    sieve.refuse(name, (~fits)[number] & ~sieve.text[name].is_blank, reason)
    return np.where(fits, values, np.nan)[number]


def _days(texts: pa.Array) -> pa.Array:
    """Days as "2026-01-31", "" where the text is none."""
    return pa.array(map(_day, texts.to_pylist()), pa.large_string())


def _day(text: str) -> str:
    read = next((read for form in DAYS if (read := form.fullmatch(text))), None)
    if not read:
        return ""
    year = int(read["y"])
    if len(read["y"]) == 2:  # as POSIX reads it
        year += 2000 if year < 69 else 1900
    try:
        day = date(year, int(read["m"]), int(read["d"]))
    except ValueError:  # February 30
        return ""
    return day.isoformat() if EARLIEST <= day <= LATEST else ""


@tables.kept
def _meanings(field: str) -> dict[str, str]:
    words = tables.file_words()
    words = words[words["field"] == field]
    known = dict(zip(words["word"], words["means"], strict=True))
    if field == "payer":
        names = tables.payers()["name"]
        known |= {str(name).lower(): str(key) for key, name in names.items()}
        known |= {str(key): str(key) for key in names.index}
    if field == "region":
        regions = tables.region_names()
        known |= {name.lower(): key for key, name in regions.items()}
        known |= {key: key for key in regions}
    return known


def _known(text: _Column, field: str, unknown: Counter[tuple[str, str]]) -> _Column:
    """The ids that the words of a file mean; "" for words that are not known, which are counted."""
    known, ids = _meanings(field), []
    for word, count in zip(text.words.to_pylist(), text.counts(), strict=True):
        meant = known.get(" ".join(word.lower().split()), "")
        if word and not meant:
            unknown[field, word] += count
        ids.append(meant)
    return text.said_as(pa.array(ids, pa.large_string()))


def _regions(text: _Column, unknown: Counter[tuple[str, str]]) -> _Column:
    """Region ids with | between; a cell with a word that is not known is taken as not given."""
    known, out = _meanings("region"), []
    for cell, count in zip(text.words.to_pylist(), text.counts(), strict=True):
        parts = cell.lower().replace(";", "|").replace(",", "|").replace("/", "|").split("|")
        words = [" ".join(part.split()) for part in parts if part.strip()]
        ids = [known.get(word, "") for word in words]
        if words and not all(ids):
            unknown["region", cell] += count
            ids = []
        out.append("|".join(dict.fromkeys(ids)))
    return text.said_as(pa.array(out, pa.large_string()))
