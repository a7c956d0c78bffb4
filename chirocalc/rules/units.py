"""Minutes to units: total time (CMS), per-code midpoint (CPT), and codes with their own clocks.

All functions work on many visits at once; a visit alone gets what it gets among a million.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from chirocalc import tables
from chirocalc.arrays import Bools, Ints
from chirocalc.checked import checked
from chirocalc.errors import InputError, Problem
from chirocalc.given import as_column, as_hashable, as_numbers

# The two time rules are about 15-minute services, of which 8 minutes make the last unit
# (cpm-5-20.2: 8-22 = 1, 23-37 = 2, ...).
UNIT = 15

FROM = 8

MOST_EXACT = 2**53  # of all whole numbers up to it a float holds each


class Split(NamedTuple):
    """Units of 15-minute lines: the full quarters, what is left over, who got a unit for it."""

    full: Ints
    leftover: Ints
    extra: Bools
    tied: Bools


@checked
def assign_units(visit: ArrayLike, minutes: ArrayLike, rule: str) -> Ints:
    """Units of 15-minute timed lines, one line per code and visit.

    `visit` and `minutes` are of equal length: any visit key, and whole minutes of each line.
    `rule` is "cms" (total time, cpm-5-20.2) or "cpt" (per-code midpoint, cpt-time).
    Raises `InputError` for minutes that are not whole, below 0 or too many to be exact, for a visit
    without a name, or for an unknown rule.
    """
    keys, given = _column("visit", visit), _column("minutes", minutes)
    if len(given) != len(keys):
        message = f"has {len(given)} values for {len(keys)} visits: they must be of equal length"
        raise InputError([Problem("assign_units", None, "minutes", "", message)])
    numbers, most = as_numbers(given), MOST_EXACT // (2 * UNIT * max(len(given), 1))
    with np.errstate(invalid="ignore"):
        fits = (numbers >= 0) & (numbers <= most) & (numbers == np.floor(numbers))
    shown = given.astype(object).where(np.isnan(numbers), numbers)
    _refuse("minutes", shown, ~fits, f"must be whole minutes, 0 or more, at most {most:,}")
    named = keys.map(as_hashable) if keys.dtype == object else keys
    visits = np.asarray(pd.factorize(named)[0], dtype=np.int64)
    _refuse("visit", keys, visits < 0, "must name the visit")
    if not (isinstance(rule, str) and rule in ("cms", "cpt")):
        raise InputError([Problem("assign_units", None, "rule", rule, "must be cms or cpt")])
    whole = numbers.astype(np.int64)
    split = total_time(visits, whole) if rule == "cms" else midpoint(whole)
    return split.full + split.extra


def _column(name: str, values: Any) -> pd.Series:
    column = as_column(values)
    if column is None:
        allowed = "must be a list or an array, a value for each line"
        raise InputError([Problem("assign_units", None, name, values, allowed)])
    return column


def _refuse(name: str, values: pd.Series, bad: Bools, allowed: str) -> None:
    """Raise `InputError` with each value that is bad, and its row, counted from 1."""
    rows = np.flatnonzero(bad).tolist()
    if rows:
        raise InputError(
            Problem("assign_units", at + 1, name, values.iloc[at], allowed) for at in rows
        )


def total_time(visit: Ints, minutes: Ints, first: Bools | None = None) -> Split:
    """Total time (CMS): the visit's minutes together make its units (cpm-5-20.2).

    `visit` numbers from 0. Each line gets its full quarters; what units remain go one each to the
    largest leftovers. Among equal leftovers the lines marked `first` (the clinician's choice), then
    the one with more minutes, then the order of entry; every line in such a draw is `tied`.
    """
    visits = int(visit.max()) + 1 if len(visit) else 0
    full, leftover = np.divmod(minutes, UNIT)
    total = np.bincount(visit, minutes, visits).astype(np.int64)
    to_give = (total + UNIT - FROM) // UNIT - np.bincount(visit, full, visits).astype(np.int64)

    later = np.zeros(len(visit), np.int64) if first is None else (~first).astype(np.int64)
    most = int(minutes.max()) + 1 if len(minutes) else 1
    key = ((visit * UNIT + (UNIT - 1 - leftover)) * 2 + later) * most + (most - 1 - minutes)
    order = np.argsort(key, kind="stable")
    lines = np.bincount(visit, minlength=visits)
    start = np.cumsum(lines) - lines
    place = np.empty(len(visit), np.int64)
    place[order] = np.arange(len(visit)) - start[visit[order]]
    extra = place < to_give[visit]

    # The draw is about the leftover of the last line that got a unit: it is a tie when another
    # line with that leftover got none.
    last = np.full(visits, -1, np.int64)
    giving = to_give > 0
    last[giving] = leftover[order[(start + to_give - 1)[giving]]]
    in_draw = leftover == last[visit]
    lost = np.bincount(visit, in_draw & ~extra, visits) > 0
    return Split(full, leftover, extra, in_draw & lost[visit])


def midpoint(minutes: Ints) -> Split:
    """Per-code midpoint (CPT): each line alone, a unit once its midpoint is passed (cpt-time)."""
    full, leftover = np.divmod(minutes, UNIT)
    return Split(full, leftover, leftover >= FROM, np.zeros(len(minutes), np.bool_))


def clock_units(left: Ints, unit: Ints, start: Ints, end: Ints, once: Bools) -> Ints:
    """Units of lines with their own clock (acupuncture, caregiver training, RTM, ...).

    `left` are the minutes of the line's clock, its own and its add-on's or primary's, less what a
    primary takes of them before its add-on starts. `unit`, `start` and `end` are unit_minutes,
    from_minutes and to_minutes of `codes.csv`; `once` says that the code has one unit at most.
    """
    units = np.where((left >= start) & (left <= end), (left - start) // unit + 1, 0)
    return np.where(once, np.minimum(units, 1), units)


class Timed(NamedTuple):
    """What units are counted from: one value per line, twins of a visit already together."""

    visit: Ints  # numbers from 0
    key: Ints  # rows of `tables.codes()`
    minutes: Ints  # 0 where none were given
    counts: Ints
    tie_first: Bools  # the clinician gives this line the unit of a tie


class Counted(NamedTuple):
    """Units of every line under both rules, and how the 15-minute lines came to theirs by the rule
    in use; 0 and False on all others."""

    timed: Bools  # 15-minute lines
    units: Ints
    units_cms: Ints
    units_cpt: Ints
    full_units: Ints
    leftover: Ints
    extra_unit: Bools
    tied: Bools


@checked
def count_units(lines: Timed, by_midpoint: bool | Bools) -> Counted:
    """Units of the lines of any number of visits. `by_midpoint`: whether the midpoint (CPT) and not
    total time (CMS) is the rule in use, for all lines or line by line."""
    codes = tables.code_arrays()
    timed = codes.timed[lines.key]
    fixed = np.where(codes.counted[lines.key], lines.counts, 1)
    clocked = np.flatnonzero(codes.clock[lines.key])
    if len(clocked):
        fixed[clocked] = _own_clocks(lines, clocked, codes)

    minutes = lines.minutes[timed]
    cms = total_time(lines.visit[timed], minutes, lines.tie_first[timed])
    cpt = midpoint(minutes)
    by_cpt = by_midpoint if isinstance(by_midpoint, bool) else by_midpoint[timed]
    used = cpt if by_cpt is True else cms if by_cpt is False else _either(by_cpt, cpt, cms)

    def spread(values: NDArray[Any], others: NDArray[Any]) -> NDArray[Any]:
        out = others.copy()
        out[timed] = values
        return out

    zeros, none = np.zeros(len(timed), np.int64), np.zeros(len(timed), np.bool_)
    return Counted(
        timed,
        spread(used.full + used.extra, fixed),
        spread(cms.full + cms.extra, fixed),
        spread(cpt.full + cpt.extra, fixed),
        spread(used.full, zeros),
        spread(used.leftover, zeros),
        spread(used.extra, none),
        spread(used.tied, none),
    )


def _either(first: Bools, one: Split, other: Split) -> Split:
    return Split(*(np.where(first, a, b) for a, b in zip(one, other, strict=True)))


def _own_clocks(lines: Timed, rows: Ints, codes: tables.CodeArrays) -> Ints:
    """Units of lines with their own clock: an add-on goes on where its primary's time ends.

    Its own primary's, or another's that it may follow and that has no add-on of its own there.
    """
    key, start = lines.key[rows], lines.visit[rows] * len(codes.code)
    here = start + key
    known = np.sort(here)

    def are_there(wanted: Ints) -> Bools:
        found: Bools = known[np.minimum(np.searchsorted(known, wanted), len(known) - 1)] == wanted
        return found

    primary = np.full(len(rows), -1, np.int64)
    for own in np.unique(key):
        for parent in codes.parents[own]:
            child = codes.clock_child[parent]
            left = np.flatnonzero((key == own) & (primary < 0))
            fits = are_there(start[left] + parent)
            if child not in (own, -1):
                fits &= ~are_there(start[left] + child)
            primary[left[fits]] = parent
    follows = primary >= 0
    pool = pd.factorize(np.where(follows, start + primary, here))[0]
    pooled = np.bincount(pool, lines.minutes[rows]).astype(np.int64)[pool]
    return clock_units(
        pooled - np.where(follows, codes.unit_minutes[primary], 0),
        codes.unit_minutes[key],
        codes.from_minutes[key],
        codes.to_minutes[key],
        codes.once[key],
    )
