"""Rows of text from a file of visits as lines for the engine; what cannot be used is left out.

Every row either becomes a line, or is passed over as no service (a payment, a diagnosis, a total),
or is refused with its number, the value and the reason; words the tables do not know (a payer, a
place, a region) are counted and said. A file says few words many times over: each distinct text of
a column is looked at once.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from pandas.api.types import union_categoricals
from pyarrow import compute

from chirocalc import tables
from chirocalc.arrays import Bools, Ints, numbered, taken
from chirocalc.checked import check_fields, choice
from chirocalc.rules import MOST_MINUTES

from . import values
from .columns import FIELDS, Columns
from .left_out import LEFT_OUT
from .visit_file import BROKEN, Batch, Refused

MOST_UNITS, MONTHS = 999, 12

LINES = [
    "row", "visit", "claim", "date", "code", "minutes", "billed", "modifiers", "region", "payer",
    "named", "provider", "discipline", "place",
]  # fmt: skip

# Visits of which rows were left out: their number and day, "" where that is not known.
Incomplete = Collection[tuple[str, str]]

BLANK = "is blank"  # as the openers of files say it of a row

NO_SERVICE = "total, title or footer"


@dataclass(frozen=True)
class How:
    """How rows are understood: `payers` by the names a file has for them, in lower case, and
    whether `minutes` that are the same on every timed line of a visit are the "line"'s own or the
    "visit"'s."""

    payers: Mapping[str, str] = field(default_factory=dict)
    minutes: Annotated[str, choice("line", "visit")] = "line"

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass
class Rows:
    """`lines`: one row per service, columns `LINES`: row number, visit (the number that tells
    patients apart: of the account, else of the visit or claim), claim (its number where the account
    has one too), date ("2026-03-02" or ""), code, minutes and billed (missing where none were
    given, billed below 0 where it takes others back), modifiers, region, and payer, discipline and
    place by the ids of `Settings` ("" where not given or not known), `named` (a payer's name that
    is not known), provider. All text but `visit` and `claim` is categories in the order of first
    appearance, some of them perhaps unused.
    `refused`: rows left out, columns `LEFT_OUT`, visit and date "" where not known; `kind` is what
    a row is that is no service, "" where it is refused; `left_out.shown` says what may be repeated.
    `unknown`: (field, word) not known, and in how many rows. `without_day`: numbers of visits that
    rows before these were refused of, their day not known."""

    lines: pd.DataFrame
    refused: pd.DataFrame
    unknown: Counter[tuple[str, str]]
    without_day: frozenset[str] = frozenset()

    @property
    def incomplete(self) -> set[tuple[str, str]]:
        """Number and day of the visits that rows were refused of."""
        bad = self.refused[self.refused["kind"] == ""]
        before = ((visit, "") for visit in self.without_day)
        return {*zip(bad["visit"], bad["date"], strict=True), *before}

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


def read_rows(batch: Batch, columns: Columns, how: How = How()) -> Rows:
    """The usable rows of a batch, and why the others are not."""
    text = {name: _read_column(batch.rows, columns.get(name, ())) for name in FIELDS}
    coded = _Coded.of(text["code"], text["kind"])
    modifiers = _modifiers(batch.rows, columns, coded.modifiers)
    days = _days(text["date"])
    number, claim = _numbers(text, columns)
    sieve = _Sieve(batch.rows.index.to_numpy(np.int64), text | {"modifiers": modifiers})
    _sift(sieve, text, coded, days, columns)
    minutes = _minutes(sieve, text, columns)
    billed = _billed(sieve)

    unknown: Counter[tuple[str, str]] = Counter()
    used = np.flatnonzero(~sieve.out)
    known = {
        name: _known(text[name], name, meaning, used, unknown) for name, meaning in KNOWN.items()
    }
    payer, named = _payers(text["payer"], how.payers, used, unknown)
    words = {
        "date": days,
        "code": coded.code,
        "modifiers": modifiers,
        "region": known["region"],
        "payer": payer,
        "named": named,
        "provider": text["provider"],
        "discipline": known["discipline"],
        "place": known["place"],
    }
    lines = {name: column.categories(used) for name, column in words.items()} | {
        "row": sieve.numbers[used],
        "visit": number.texts(used),
        "claim": claim.texts(used),
        "minutes": minutes[used],
        "billed": billed[used],
    }
    sure = _is_sure(text, coded, days, minutes, billed)
    refused = sieve.table(batch.refused, number, days, sure)
    return Rows(pd.DataFrame(lines)[LINES], refused, unknown)


def _is_sure(
    text: dict[str, _Column],
    coded: _Coded,
    days: _Column,
    minutes: NDArray[np.float64],
    billed: NDArray[np.float64],
) -> Bools:
    """Whether each row is read in all, or in all but one of its cells: else its values may stand
    in other columns than their own."""
    given = {name: ~text[name].is_blank for name in ("date", "minutes", "units", "begin", "end")}
    odd = (given["date"] & days.is_blank).astype(np.int64)
    odd += given["units"] & np.isnan(billed)
    clocks = given["begin"] | given["end"]
    odd += np.where(given["minutes"].any(), given["minutes"], clocks) & np.isnan(minutes)
    known = pd.Index(list(tables.code_arrays().names))
    is_known = known.get_indexer(pd.Index(coded.code.words.to_pylist())) >= 0
    return np.asarray(odd + ~is_known[coded.code.number] <= 1)


# What the words of a column mean; of all but the payer.
KNOWN: dict[str, Callable[[str], str | None]] = {
    "place": values.place_of,
    "discipline": values.discipline_of,
    "region": values.regions_of,
}


def _sift(
    sieve: _Sieve, text: dict[str, _Column], coded: _Coded, days: _Column, columns: Columns
) -> None:
    """Pass over what is no service, and refuse what cannot be told apart."""
    blank = np.logical_and.reduce([column.is_blank for column in text.values()])
    sieve.pass_over(blank, "blank", BLANK)
    broken = np.logical_or.reduce([text[name].has_broken for name in columns])
    sieve.refuse("encoding", broken, "has characters that cannot be read: save as 'CSV UTF-8'")
    no_code = coded.is_kind("blank".__eq__)
    loose = text["visit"].is_blank & text["account"].is_blank
    if "date" in columns:
        loose |= days.is_blank
    sieve.pass_over(no_code & loose, NO_SERVICE)
    sieve.refuse("code", no_code, "is needed: the row has none")
    not_listed = coded.is_kind(values.NOT_LISTED.__eq__)
    sieve.pass_over(not_listed, values.NOT_LISTED, "is not one of ours: its units were not judged")
    sieve.pass_over(coded.is_kind(bool), coded.kind)
    sieve.refuse("code", coded.is_several, "holds several codes: one row a service is needed")
    odd_day = days.is_blank & ~text["date"].is_blank
    sieve.refuse("date", odd_day, "must be a date such as 2026-01-31 or 1/31/2026, month first")
    has_number = ~text["visit"].is_blank | ~text["account"].is_blank
    if "visit" not in columns:
        for name in ("date", "account"):
            sieve.refuse(name, text[name].is_blank, "is needed to tell visits apart")
    sieve.refuse("visit", ~has_number, "must name the visit")


def _numbers(text: dict[str, _Column], columns: Columns) -> tuple[_Column, _Column]:
    """What tells the patients of one day apart, and the claim's own number where that is another:
    the account where it and the day are said, for two claims of a day are one visit (cpm-5-20.2).
    """
    visit, account = text["visit"], text["account"]
    if not {"date", "account"} <= columns.keys():
        return visit, _Column.blank(len(visit.number))
    if "visit" not in columns:
        return account, visit
    # Where a row lacks its account its claim stands for it, told from an account of that number.
    claims = account.is_blank & ~visit.is_blank
    said = visit.each(lambda number: f"claim {number}")
    return account.where(~claims, said), visit


# Days in numbers alone: whether the month or the day stands first only the larger ones tell.
IN_NUMBERS = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-]\d{2,4}\b.*")


def _days(text: _Column) -> _Column:
    """Days; none in numbers alone where others of the column can only have the day first."""
    said = [IN_NUMBERS.match(word) for word in text.words.to_pylist()]
    firsts = [(int(each[1]), int(each[2])) for each in said if each]
    if any(one > MONTHS for one, _ in firsts) and not any(two > MONTHS for _, two in firsts):
        return text.each(lambda word: "" if IN_NUMBERS.match(word) else values.day_of(word))
    return text.each(values.day_of)


class _Coded(NamedTuple):
    """What stands in a column of codes: the code, modifiers beside it, what the row is if it is no
    service, and whether there are several codes."""

    code: _Column
    modifiers: _Column
    kind: _Column
    is_several: Bools

    @staticmethod
    def of(code: _Column, kind: _Column) -> _Coded:
        """Each code read with what its row is said to be."""
        both = code.number * len(kind.words) + kind.number
        number, first = numbered(both)
        words, kinds = code.words.to_pylist(), kind.words.to_pylist()
        read = [
            values.code_of(words[code.number[at]], kinds[kind.number[at]]) for at in first.tolist()
        ]
        several = [bool(values.reason_of(word)) for word in words]

        def column(texts: Iterable[str]) -> _Column:
            words = pa.array(texts, pa.large_string())
            return _Column(number, words).said_as(words)

        return _Coded(
            column([each.code for each in read]),
            column([each.modifiers for each in read]),
            column([each.kind for each in read]),
            np.array(several, np.bool_)[code.number],
        )

    def is_kind(self, holds: Callable[[str], bool]) -> Bools:
        """Which rows are of kinds of which this holds."""
        return np.array(list(map(holds, self.kind.words.to_pylist())), np.bool_)[self.kind.number]


def _modifiers(rows: pd.DataFrame, columns: Columns, glued: _Column) -> _Column:
    """The modifiers of each row, those beside its code too; as written where they are none."""
    code = columns.get("code", ("",))[0]
    column = glued
    for name in columns.get("modifiers", ()):
        if name == code:  # those beside it are read already
            continue
        read = _stripped(_Column.of(rows[name])).each(_modifier_words)
        column = read if column.is_all_blank else column.beside(read)
    return column.each(lambda text: " ".join(dict.fromkeys(text.split())))


def _modifier_words(text: str) -> str:
    read = values.modifiers_of(text)
    return text.upper() if read is None else read


def _minutes(sieve: _Sieve, text: dict[str, _Column], columns: Columns) -> NDArray[np.float64]:
    """Minutes, missing where none are given; from start to end where no column has them."""
    if "minutes" in columns or not {"begin", "end"} <= columns.keys():
        return _whole(sieve, "minutes", values.minutes_of, 0, MOST_MINUTES)
    begin, end = (text[name].numbers(_clock) for name in ("begin", "end"))
    for name, clock in (("begin", begin), ("end", end)):
        odd = np.isnan(clock) & ~text[name].is_blank
        sieve.refuse(name, odd, "must be a time such as 9:30 AM")
    sieve.refuse("end", end < begin, "is before the start")
    return np.asarray(end - begin)


def _clock(text: str) -> float:
    read = values.clock_of(text)
    return np.nan if read is None else float(read)


def _billed(sieve: _Sieve) -> NDArray[np.float64]:
    return _whole(sieve, "units", values.units_of, -MOST_UNITS, MOST_UNITS)


def _whole(
    sieve: _Sieve, name: str, meaning: Callable[[str], float], least: int, most: int
) -> NDArray[np.float64]:
    """Whole numbers, missing where nothing is given."""
    read = sieve.text[name].numbers(meaning)
    with np.errstate(invalid="ignore"):
        fits = (read >= least) & (read <= most) & (read == np.floor(read))
    reason = f"must be a whole number from 0 to {most:,}"
    sieve.refuse(name, ~fits & ~np.isnan(read), reason)
    return np.where(fits, read, np.nan)


def _known(
    text: _Column,
    name: str,
    meaning: Callable[[str], str | None],
    used: Ints,
    unknown: Counter[tuple[str, str]],
) -> _Column:
    """The ids that the words of a file mean; "" for words that are not known, which are counted."""
    out = []
    for word, count in zip(text.words.to_pylist(), text.counts(used), strict=True):
        meant = meaning(word)
        if not meant and count and not values.named_empty(word):
            unknown[name, word] += count
        out.append(meant or "")
    return text.said_as(pa.array(out, pa.large_string()))


def _payers(
    text: _Column, given: Mapping[str, str], used: Ints, unknown: Counter[tuple[str, str]]
) -> tuple[_Column, _Column]:
    """The ids of the payers named, and the names of those not known, which are counted; what was
    `given` for a name goes before."""
    ids, names = [], []
    for word, count in zip(text.words.to_pylist(), text.counts(used), strict=True):
        meant = given.get(" ".join(word.lower().split())) or values.payer_of(word)
        is_unknown = not meant and not values.named_empty(word)
        if is_unknown and count:
            unknown["payer", word] += count
        ids.append(meant)
        names.append(word if is_unknown else "")
    payer, named = (text.said_as(pa.array(each, pa.large_string())) for each in (ids, names))
    return payer, named


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

    @staticmethod
    def blank(size: int) -> _Column:
        return _Column(np.zeros(size, np.int64), pa.array([""], pa.large_string()))

    @property
    def is_all_blank(self) -> bool:
        return not any(self.words.to_pylist())

    def each(self, meaning: Callable[[str], str]) -> _Column:
        """The same rows with what each word means."""
        return self.said_as(pa.array(map(meaning, self.words.to_pylist()), pa.large_string()))

    def numbers(self, meaning: Callable[[str], float]) -> NDArray[np.float64]:
        """The number that each row's word means."""
        return np.array([meaning(word) for word in self.words.to_pylist()], np.float64)[self.number]

    def where(self, keep: Bools, other: _Column) -> _Column:
        """These words where kept, else the other column's."""
        words = pa.concat_arrays([self.words, other.words])
        number = np.where(keep, self.number, other.number + len(self.words))
        return _Column(number, words).said_as(words)

    def counts(self, rows: Ints) -> list[int]:
        """In how many of the rows each of the words stands."""
        counts: list[int] = np.bincount(self.number[rows], minlength=len(self.words)).tolist()
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
    """Rows on their way out: each is left out once, for the first reason found."""

    def __init__(self, numbers: Ints, text: dict[str, _Column]) -> None:
        self.numbers, self.text = numbers, text
        self.out = np.zeros(len(numbers), np.bool_)
        self._found: list[tuple[Ints, str, str, Any]] = []

    def refuse(self, column: str, odd: Bools, reason: str) -> None:
        at = np.flatnonzero(odd & ~self.out)
        if len(at):
            self._found.append((at, column, reason, ""))
            self.out[at] = True

    def pass_over(self, odd: Bools, kind: _Column | str, reason: str = "is no service") -> None:
        """Leave out what is no service; `kind` says what it is, of all or of each row."""
        at = np.flatnonzero(odd & ~self.out)
        if len(at):
            kinds = kind if isinstance(kind, str) else kind.texts(at)
            self._found.append((at, "code", reason, kinds))
            self.out[at] = True

    def table(
        self, before: list[Refused], visit: _Column, days: _Column, sure: Bools
    ) -> pd.DataFrame:
        """All rows left out, those refused while reading the file too, by row number."""
        unread = pd.DataFrame(
            [
                (row, "", "", "row", "", reason, "blank" * (reason == BLANK), False)
                for row, reason in before
            ],
            columns=LEFT_OUT,
        )
        found = [
            pd.DataFrame(
                {
                    "row": self.numbers[at],
                    "visit": visit.texts(at),
                    "date": days.texts(at),
                    "column": column,
                    "value": self.text[column].texts(at) if column in self.text else "",
                    "reason": reason,
                    "kind": kinds,
                    "sure": sure[at],
                }
            )
            for at, column, reason, kinds in self._found
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
