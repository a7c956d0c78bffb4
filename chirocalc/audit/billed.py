"""Billed units beside those that the minutes support."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from chirocalc import tables
from chirocalc.arrays import Bools, Ints, numbered
from chirocalc.rules import Counted, Lines, ReadLines, Terms, Worth, allowed_all, count_units


class Billed(NamedTuple):
    """What was billed, by line: whether units were given, how many, whether one of its rows lacks
    minutes, whether the visit has rows that were left out; and whether units are said at all."""

    given: Bools
    units: Ints
    lacks: Bools
    partial: Bools
    has_units: bool

    @staticmethod
    def of(rows: pd.DataFrame, read: ReadLines, partial: Bools, has_units: bool | None) -> Billed:
        """What the rows of each line say."""
        units, size = rows["billed"].to_numpy(np.float64), len(read.lines.key)
        given = ~np.isnan(units)
        if has_units is None:
            has_units = bool(given.any())
        # A row billed without minutes is not served by the minutes of another of its line.
        asks = np.nan_to_num(units) > 0 if has_units else np.ones(len(rows), np.bool_)
        lacks = asks & rows["minutes"].isna().to_numpy()
        return Billed(
            np.bincount(read.line_of, given, size) > 0,
            np.bincount(read.line_of, np.nan_to_num(units), size).astype(np.int64),
            np.bincount(read.line_of, lacks, size) > 0,
            partial,
            has_units,
        )


class Compared(NamedTuple):
    """Units of lines: as counted, those supported (0 where that is `unclear`), those `used` for
    dollars and hints, and by how many more were billed than are supported."""

    billed: Billed
    counted: Counted
    missing: Bools  # timed, and without minutes
    unclear: Bools
    supported: Ints
    used: Ints
    difference: Ints


def compare(lines: Lines, billed: Billed, rule: NDArray[np.str_]) -> tuple[Lines, Compared]:
    """The lines, with what was counted as billed, and their units compared by each one's rule."""
    codes = tables.code_arrays()
    timed, clock = codes.timed[lines.key], codes.clock[lines.key]
    by_minutes = timed | clock
    counts = np.where(billed.given & ~by_minutes, np.maximum(billed.units, 1), 1)
    lines = lines._replace(counts=counts)
    counted = count_units(lines.timed, rule == "cpt")

    missing = ~lines.has_minutes & (timed | (clock & (counted.units == 0)))
    missing &= billed.given | (not billed.has_units)
    missing |= billed.lacks & lines.has_minutes & by_minutes
    unclear = missing | (timed & _in_visits_of(lines, missing & timed))
    unclear |= by_minutes & billed.partial
    supported = _nearest(lines, counted, billed, unclear)
    counted = counted._replace(units_cms=np.where(rule == "cms", supported, counted.units_cms))
    sees = billed.given & ~unclear & by_minutes
    used = np.where(billed.given, billed.units, supported)
    difference = np.where(sees, billed.units - supported, 0)
    return lines, Compared(billed, counted, missing, unclear, supported, used, difference)


def _in_visits_of(lines: Lines, odd: Bools) -> Bools:
    """Lines of the visits that one of the odd lines is in."""
    if not len(odd):
        return odd
    return np.asarray((np.bincount(lines.visit, odd) > 0)[lines.visit])


def _nearest(lines: Lines, counted: Counted, billed: Billed, unclear: Bools) -> Ints:
    """The units supported. In a tie the clinician may choose (cpm-5-20.2): the last units go where
    most of them were billed, and else as `count_units` gives them."""
    units = counted.units.copy()
    tied = np.flatnonzero(counted.tied)
    if not len(tied):
        return units
    without = counted.full_units[tied]
    more = billed.units[tied] > without  # one more unit is one nearer
    seen = billed.given[tied] & ~unclear[tied]
    away = np.where(seen, np.where(more, -1, 1), 0)
    pool = lines.pools[tied]
    order = np.lexsort((tied, -lines.minutes[tied], away, pool))
    to_give = np.bincount(pool, counted.extra_unit[tied])
    ranked = pool[order]
    place = np.arange(len(tied)) - np.searchsorted(ranked, ranked)
    units[tied[order]] = without[order] + (place < to_give[ranked])
    return np.asarray(units)


class Stakes(NamedTuple):
    """What the units billed above those supported come to, by line (minus where fewer were):
    dollars, missing where no amount is published, and RVUs, missing where there are none."""

    dollars: NDArray[np.float64]
    rvus: NDArray[np.float64]


def stakes_of_units(
    lines: Lines, compared: Compared, worth: Worth, group: Ints, terms: Sequence[Terms]
) -> Stakes:
    """The visit as billed less the visit as supported: the MPPR may move to another line."""
    cents = np.zeros(len(lines.key), np.int64)
    odd = _in_visits_of(lines, compared.difference != 0)
    if odd.any():
        some = lines.of_visits(odd)
        groups = group[lines.visit[odd][numbered(some.visit)[1]]]
        right = allowed_all(some, (compared.used - compared.difference)[odd], groups, terms)
        cents[odd] = worth.allowed[odd] - right
    rvus = worth.unit_total * compared.difference / 100
    return Stakes(
        np.where(worth.priced, cents / 100, np.nan), np.where(worth.has_rvu, rvus, np.nan)
    )
