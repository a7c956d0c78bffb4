"""Rows of files cut where visits end, so that parts of a bounded size hold whole visits.

A visit is a number and a day: one claim may have several. A refused row whose day cannot be read
may be of any of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from chirocalc.arrays import Ints
from chirocalc.errors import InputError, Problem

from .rows import Rows, join_rows

MOST_OF_A_VISIT = 100_000  # rows; more show that the column does not tell visits apart

OF_ANY_DAY = (
    "has no day that can be read, and visits of this number were audited before: mend the date, "
    "take more lines at once, or use Dask"
)

FILE = 1 << 40  # while files are audited, a row's number has its file's number times this added


def whole_visits(parts: Iterable[Rows], size: int, names: Sequence[str]) -> Iterator[Rows]:
    """Rows in parts of about `size`, the last visit of each kept for the next.

    `names` are those of the files. Raises `InputError` for a visit that goes on after others, or
    that has more rows than a visit can have.
    """
    seen, without_day = _Seen(names), frozenset[str]()
    for rows in _cut(parts, size, names):
        places = _places(rows)
        seen.add(places)
        without_day |= set(places.loc[places["undated"], "visit"])
        yield replace(rows, without_day=without_day)


def _cut(parts: Iterable[Rows], size: int, names: Sequence[str]) -> Iterator[Rows]:
    held: list[Rows] = []
    count = 0
    for part in parts:
        held.append(part)
        count += len(part.lines) + len(part.refused)
        if count >= size:
            done, rest = _split(join_rows(held))
            yield done
            held, count = [rest], len(rest.lines) + len(rest.refused)
            if count > MOST_OF_A_VISIT:
                allowed = f"has more than {MOST_OF_A_VISIT:,} rows: choose another column"
                raise _wrong_visit(_places(rest).iloc[0], names, allowed)
    if held:
        yield join_rows(held)


def _places(rows: Rows) -> pd.DataFrame:
    """Number, visit and day of all rows of a known visit, those refused too, in their order, and
    whether a refused one is `undated`: it goes with the visit before it."""
    bad = rows.refused
    bad = bad.loc[(bad["visit"] != "") & (bad["kind"] == ""), ["row", "visit", "date"]]
    lines = rows.lines[["row", "visit", "date"]].assign(undated=False)
    if bad.empty:
        return lines
    bad = bad.assign(undated=bad["date"] == "")
    places = pd.concat([lines.astype({"date": str}), bad]).sort_values("row", kind="stable")
    goes_on = places["visit"] == places["visit"].shift()
    day = places["date"].mask(places["undated"] & goes_on).ffill()
    return places.assign(date=day)


def _split(rows: Rows) -> tuple[Rows, Rows]:
    """Rows of visits that are complete, and those of the last visit, which may go on."""
    places = _places(rows)
    if places.empty:
        return rows, Rows(rows.lines, rows.refused.iloc[:0], Counter())
    last = places.iloc[-1]
    others = np.flatnonzero((places["visit"] != last["visit"]) | (places["date"] != last["date"]))
    cut = places["row"].iloc[others[-1] + 1 if len(others) else 0]
    begin = int(np.searchsorted(rows.lines["row"], cut))
    # A refused row of no known visit waits for none, and neither does what is no service.
    of_visit = (rows.refused["visit"] != "") & (rows.refused["kind"] == "")
    stays = (rows.refused["row"] >= cut) & of_visit
    return (
        Rows(rows.lines.iloc[:begin], rows.refused[~stays], rows.unknown),
        Rows(rows.lines.iloc[begin:], rows.refused[stays], Counter()),
    )


def _wrong_visit(place: pd.Series, names: Sequence[str], allowed: str) -> InputError:
    """What is wrong with a visit, from its row's number on; it is not named, for a row that is
    refused may have a patient's name in its place."""
    file, row = divmod(int(place["row"]), FILE)
    return InputError([Problem(names[file], row, "visit", "this one", allowed)])


class _Seen:
    """The visits so far, and their numbers."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._visits, self._numbers = _Words(), _Words()

    def add(self, places: pd.DataFrame) -> None:
        """Take in the visits of a part; raise `InputError` for one that was there before, and for
        a row without a day that may be of one."""
        undated = places[places["undated"]]
        visits = _once(places[~places["undated"]], ["visit", "date"])
        words = visits["visit"].astype(str) + " " + visits["date"].astype(str)
        if len(again := self._visits.find(words)):
            raise self._goes_on(visits.iloc[again[0]])
        if len(again := self._numbers.find(undated["visit"])):
            raise _wrong_visit(undated.iloc[again[0]], self._names, OF_ANY_DAY)
        self._visits.add(words)
        numbers = _once(places, ["visit"])["visit"]
        new = np.ones(len(numbers), np.bool_)
        new[self._numbers.find(numbers)] = False
        self._numbers.add(numbers[new])

    def _goes_on(self, place: pd.Series) -> InputError:
        what = "the file" if len(self._names) == 1 else "all files as one"
        allowed = (
            f"goes on here after other visits: sort {what} by visit, take more lines at once, or "
            "use Dask"
        )
        return _wrong_visit(place, self._names, allowed)


def _once(places: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """The rows that are of another visit than the one before; a visit's stand mostly together."""
    begins = np.ones(len(places), np.bool_)
    before, after = places.iloc[:-1], places.iloc[1:]
    begins[1:] = np.logical_or.reduce(
        [np.asarray(before[name].array != after[name].array) for name in by]
    )
    return places[begins]


class _Words:
    """Words so far, as sorted hashes: eight bytes each."""

    def __init__(self) -> None:
        self._runs: list[NDArray[np.uint64]] = []

    def find(self, words: pd.Series) -> Ints:
        """Which of these were there before."""
        hashes = _hashes(words)
        found = np.zeros(len(hashes), np.bool_)
        for run in self._runs:
            at = np.minimum(np.searchsorted(run, hashes), len(run) - 1)
            found |= run[at] == hashes
        return np.flatnonzero(found)

    def add(self, words: pd.Series) -> None:
        """Take in words, each once."""
        run = np.sort(_hashes(words))
        while self._runs and len(self._runs[-1]) <= len(run):  # runs double in length
            run = np.sort(np.concatenate([self._runs.pop(), run]))
        if len(run):
            self._runs.append(run)


def _hashes(words: pd.Series) -> NDArray[np.uint64]:
    texts = words.astype(str).to_numpy(object)
    return np.asarray(pd.util.hash_array(texts, categorize=False), np.uint64)
