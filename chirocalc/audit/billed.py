"""Billed units beside those that the minutes support."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from chirocalc import tables
from chirocalc.arrays import Bools, Ints, numbered
from chirocalc.rules import FROM, UNIT, Counted, Lines, ReadLines, Worth, count_units

from .days import Priced, allowed_by_day


class Billed(NamedTuple):
    """What was billed, by line: whether units were given, how many, whether one of its rows lacks
    minutes, whether the visit has rows that were left out; the minutes that are the `same` on every
    timed row of its discipline's day, of which there are several, 0 elsewhere; how many such days
    could have them; whether two rows alike are of it; and whether units are said at all."""

    given: Bools
    units: Ints
    lacks: Bools
    partial: Bools
    same: Ints
    could_be_same: int
    twice: Bools
    has_units: bool

    def of_lines(self, keep: Bools) -> Billed:
        """The same of some of the lines."""
        return self._replace(
            given=self.given[keep],
            units=self.units[keep],
            lacks=self.lacks[keep],
            partial=self.partial[keep],
            same=self.same[keep],
            twice=self.twice[keep],
        )

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
            *_same_minutes(rows, read),
            _twice(rows, read, asks),
            has_units,
        )


def _same_minutes(rows: pd.DataFrame, read: ReadLines) -> tuple[Ints, int]:
    """The minutes that are the same on every timed row of a discipline's day, by line, 0 where they
    differ; and how many days have several such rows."""
    lines = read.lines
    pool = numbered(lines.pools)[0]
    timed = tables.code_arrays().timed[lines.key]
    mine = np.flatnonzero(timed[read.line_of])
    of, size = pool[read.line_of[mine]], int(pool.max(initial=-1)) + 1
    minutes = rows["minutes"].to_numpy(np.float64)[mine]
    count = np.bincount(of, minlength=size)
    total, squares = (np.bincount(of, values, size) for values in (minutes, minutes * minutes))
    several = np.bincount(pool[timed], minlength=size) > 1
    # Whole numbers are all alike when their mean square is the square of their mean.
    alike = several & (squares * count == total * total) & (total > 0)
    same = np.where(alike, np.nan_to_num(total) / np.maximum(count, 1), 0).astype(np.int64)
    return np.where(timed, same[pool], 0), int((several & ~np.isnan(total)).sum())


def _twice(rows: pd.DataFrame, read: ReadLines, asks: Bools) -> Bools:
    """Whether two rows of a line, both billed, say the same modifiers."""
    size = len(read.lines.key)
    if len(rows) == size:
        return np.zeros(size, np.bool_)
    written, found = pd.factorize(rows["modifiers"])
    words = pd.factorize(np.array([" ".join(sorted(str(e).split())) for e in found], object))[0]
    words = words[written]
    both = numbered(read.line_of[asks] * (int(words.max(initial=0)) + 1) + words[asks])
    again = np.bincount(both[0], minlength=len(both[1])) > 1
    return np.asarray(np.bincount(read.line_of[asks][both[1]], again, size) > 0)


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


def compare(
    lines: Lines, billed: Billed, rule: NDArray[np.str_], whole_visit: bool
) -> tuple[Lines, Compared]:
    """The lines, with what was counted as billed, and their units compared by each one's rule:
    "cms", "cpt", or "either" where it is not known which. `whole_visit`: minutes that are the same
    on every line are the visit's."""
    codes = tables.code_arrays()
    timed, clock = codes.timed[lines.key], codes.clock[lines.key]
    by_minutes = timed | clock
    counts = np.where(billed.given & ~by_minutes, np.maximum(billed.units, 1), 1)
    shared = (billed.same > 0) & whole_visit
    lines = lines._replace(counts=counts, minutes=np.where(shared, billed.same, lines.minutes))
    counted = count_units(lines.timed, rule == "cpt")

    missing = ~lines.has_minutes & (timed | (clock & (counted.units == 0)))
    missing &= billed.given | (not billed.has_units)
    missing |= billed.lacks & lines.has_minutes & by_minutes
    unclear = missing | (timed & _in_visits_of(lines, missing & timed))
    unclear |= by_minutes & billed.partial
    supported = _nearest(lines, counted, billed, unclear)
    if shared.any():
        supported = np.where(shared, _of_whole_visit(lines, billed), supported)
        unclear |= shared & ((rule != "cms") | _in_visits_of(lines, shared & ~billed.given))
    counted = counted._replace(units_cms=np.where(rule != "cpt", supported, counted.units_cms))
    supported = np.where(rule == "either", _either(supported, counted, billed), supported)
    sees = billed.given & ~unclear & by_minutes
    used = np.where(billed.given, billed.units, supported)
    difference = np.where(sees, billed.units - supported, 0)
    return lines, Compared(billed, counted, missing, unclear, supported, used, difference)


def minutes_once(lines: Lines, billed: Billed) -> tuple[Lines, Lines]:
    """Lines of which some have their whole visit's minutes: with them on the first of these alone,
    so that they add up to the visit's, and with none on any, for they are no line's own."""
    mine = np.flatnonzero(billed.same > 0)
    firsts = mine[numbered(numbered(lines.pools)[0][mine])[1]]
    own = np.where(billed.same > 0, 0, lines.minutes)
    once = own.copy()
    once[firsts] = billed.same[firsts]
    return lines._replace(minutes=once), lines._replace(minutes=own)


def _either(cms: Ints, counted: Counted, billed: Billed) -> Ints:
    """Where the rule is not known: what both of them support, the nearest to what was billed."""
    least, most = np.minimum(cms, counted.units_cpt), np.maximum(cms, counted.units_cpt)
    return np.where(billed.given, np.clip(billed.units, least, most), least)


def _of_whole_visit(lines: Lines, billed: Billed) -> Ints:
    """Units of lines whose minutes are their whole visit's: it supports so many in all, on which of
    its lines nobody says; the last ones are beyond."""
    pool = numbered(lines.pools)[0]
    mine = np.flatnonzero(billed.same > 0)
    order = mine[np.argsort(pool[mine], kind="stable")]
    units, begins = billed.units[order], np.flatnonzero(np.diff(pool[order], prepend=-1))
    in_all = (billed.same[order] + UNIT - FROM) // UNIT
    before = np.cumsum(units) - units
    before -= np.repeat(before[begins], np.diff(begins, append=len(order)))
    out = np.zeros(len(pool), np.int64)
    out[order] = np.clip(in_all - before, 0, units)
    billed_in_all = np.add.reduceat(units, begins)
    first = order[begins]
    out[first] += np.maximum(in_all[begins] - billed_in_all, 0)
    return out


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


def stakes_of_units(lines: Lines, compared: Compared, worth: Worth, priced: Priced) -> Stakes:
    """The visit as billed less the visit as supported: the MPPR may move to another line."""
    cents = np.zeros(len(lines.key), np.int64)
    days = int(priced.day.max(initial=-1)) + 1
    odd = (np.bincount(priced.day, compared.difference != 0, days) > 0)[priced.day]
    if odd.any():
        some, here = lines.of_visits(odd), priced.of_days(odd, lines)
        right = allowed_by_day(some, (compared.used - compared.difference)[odd], here)
        cents[odd] = worth.allowed[odd] - right
    rvus = worth.unit_total * compared.difference / 100
    return Stakes(
        np.where(worth.priced, cents / 100, np.nan), np.where(worth.has_rvu, rvus, np.nan)
    )


def both_ways(
    lines: Lines,
    compared: Compared,
    rule: NDArray[np.str_],
    worth: Worth,
    stakes: Stakes,
    priced: Priced,
    used: str,
) -> Counter[str]:
    """How many days have several timed rows, and how many of them the same minutes on all; and
    units and cents billed above and below what minutes support ("over", "under"), where those are
    each "line"'s own and where they are the "visit"'s, of which one was `used`. `lines` as read."""
    billed = compared.billed
    same = billed.same > 0
    out = Counter(days=billed.could_be_same, same=len(np.unique(lines.pools[same])))
    other = "line" if used == "visit" else "visit"
    _add_stakes(out, stakes, compared.difference, used)
    if not same.any():
        _add_stakes(out, stakes, compared.difference, other)
        return out
    mine = (np.bincount(priced.day, same) > 0)[priced.day]
    some, here = lines.of_visits(mine), priced.of_days(mine, lines)
    counted, again = compare(some, billed.of_lines(mine), rule[mine], other == "visit")
    # Of lines that say no units others are used, and so another one may be paid in full.
    billed_so = worth.of_lines(mine)._replace(allowed=allowed_by_day(counted, again.used, here))
    found = stakes_of_units(counted, again, billed_so, here)
    _add_stakes(out, found, again.difference, other)
    _add_stakes(out, stakes, np.where(mine, 0, compared.difference), other)
    return out


def _add_stakes(out: Counter[str], stakes: Stakes, difference: Ints, way: str) -> None:
    cents = np.rint(np.nan_to_num(stakes.dollars) * 100).astype(np.int64)
    for name, holds in (("over", difference > 0), ("under", difference < 0)):
        out[f"{name} {way}"] += int(cents[holds].sum())
        out[f"{name} {way} units"] += abs(int(difference[holds].sum()))
