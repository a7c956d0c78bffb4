"""Sums by day and kind of service as arrays: what a page of ten years' rows needs for a click."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, NamedTuple

import numpy as np
import pandas as pd

from chirocalc.arrays import Ints
from chirocalc.checked import checked, choice, having
from chirocalc.errors import InputError, Problem

from .periods import SUMS, GivenSpan, grain_of

FIRST_GRAINS = ("day", "week", "month")

FirstGrain = Annotated[str, choice(*FIRST_GRAINS)]

Sum = Annotated[str, choice(*SUMS)]

SumOrDays = Annotated[str, choice(*SUMS, "days")]


def _with_kinds(where: str, name: str, value: Any) -> pd.DataFrame:
    """Priced rows of which the kinds of service are categories."""
    rows: pd.DataFrame = having("date", "kind", *SUMS)(where, name, value)
    having_kinds = isinstance(rows["kind"].dtype, pd.CategoricalDtype)
    if not having_kinds:
        kind = rows["kind"].dtype.name
        raise InputError([Problem(where, None, "kind", kind, "must be categories")])
    return rows


class Days(NamedTuple):
    """A row for each day and kind of service, by day: `day` as an ordinal, `kind` as a number,
    `values` by the names of `SUMS`, and the first day of each row's day, week and month."""

    day: Ints
    kind: Ints
    values: dict[str, Ints]
    starts: dict[str, Ints]

    @staticmethod
    @checked
    def of(rows: Annotated[pd.DataFrame, _with_kinds]) -> Days:
        """Priced rows whose `kind` are categories, summed up."""
        table = rows.groupby(["date", rows["kind"].cat.codes], sort=True)[SUMS].sum()
        days, kinds = (table.index.get_level_values(at) for at in (0, 1))
        dates = pd.Series(days.astype("str"))
        return Days(
            _ordinals(dates),
            np.asarray(kinds, np.int64),
            {name: table[name].to_numpy(np.int64) for name in SUMS},
            {grain: _ordinals(grain_of(dates, grain)) for grain in FIRST_GRAINS},
        )

    @checked
    def within(self, span: GivenSpan) -> Days:
        """Those of a span of days."""
        here = slice(*places(self.day, span))
        return Days(
            self.day[here],
            self.kind[here],
            {name: values[here] for name, values in self.values.items()},
            {grain: starts[here] for grain, starts in self.starts.items()},
        )

    @checked
    def total(self, name: SumOrDays) -> int:
        """A sum of all of them; of "days" how many there are."""
        return len(np.unique(self.day)) if name == "days" else int(self.values[name].sum())

    @checked
    def by(self, grain: FirstGrain, name: SumOrDays) -> dict[date, int]:
        """A sum by the first day of each period that has any; of "days" how many there are."""
        starts, number = np.unique(self.starts[grain], return_inverse=True)
        if name == "days":
            sums = np.bincount(number, np.diff(self.day, prepend=-1) > 0, len(starts))
        else:
            sums = np.bincount(number, self.values[name], len(starts))
        return dict(zip(map(date.fromordinal, starts.tolist()), sums.astype(int).tolist(),
                        strict=True))  # fmt: skip

    @checked
    def by_kind(self, grain: FirstGrain, name: Sum) -> list[tuple[date, int, int]]:
        """The first day of each period, each kind in it by its number, and the sum."""
        width = int(self.kind.max(initial=0)) + 1
        keys, number = np.unique(self.starts[grain] * width + self.kind, return_inverse=True)
        sums = np.bincount(number, self.values[name], len(keys)).astype(int).tolist()
        return [
            (date.fromordinal(key // width), key % width, value)
            for key, value in zip(keys.tolist(), sums, strict=True)
        ]

    @checked
    def best(self, grain: FirstGrain) -> tuple[date, int] | None:
        """The period with the most work RVUs, the first of several, and how many hundredths."""
        found = max(self.by(grain, "work").items(), key=lambda each: each[1], default=None)
        return found if found and found[1] else None


@checked
def periods_in(span: GivenSpan, grain: FirstGrain) -> Sequence[date]:
    """The first day of every period of a span."""
    freq = {"day": "D", "week": "W-SUN", "month": "M"}[grain]
    starts = pd.period_range(span.first, span.last, freq=freq).start_time
    return [each.date() for each in starts]


@checked
def places(ordinals: Ints, span: GivenSpan) -> tuple[int, int]:
    """Where in sorted days those of a span begin and end."""
    first, after = span.first.toordinal(), span.last.toordinal() + 1
    at, end = np.searchsorted(ordinals, [first, after])
    return int(at), int(end)


def _ordinals(days: pd.Series) -> Ints:
    numbers, found = pd.factorize(days)
    known = [date.fromisoformat(day).toordinal() for day in found]
    return np.asarray(np.array([*known, 0], np.int64)[numbers])


@checked
def ordinals(rows: Annotated[pd.DataFrame, having("date")]) -> Ints:
    """The day of each row as an ordinal."""
    return _ordinals(rows["date"])
