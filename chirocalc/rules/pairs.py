"""Code pairs (NCCI PTP edits): which lines of a visit CMS does not pay together, and why."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from chirocalc import tables
from chirocalc.arrays import Bools, Ints

from .services import Lines


class Pairs(NamedTuple):
    """Pairs found: the line a finding stands on, the other line, the row of `tables.pairs()`."""

    line: Ints
    other: Ints
    row: Ints


def find_pairs(lines: Lines, billed: Bools) -> Pairs:
    """All active pairs among the billed lines of each visit, both ways round (ncci-ptp)."""
    lookup = _lookup(tables.codes_version())
    on_second = (tables.pairs()["on"] == "2").to_numpy()
    in_a_pair = np.asarray(lookup.any(axis=0) | lookup.any(axis=1))
    rows = np.flatnonzero(billed & in_a_pair[lines.key])
    rows = rows[np.argsort(lines.visit[rows], kind="stable")]
    visit, key = lines.visit[rows], lines.key[rows]
    found: list[Pairs] = []
    # Each line beside the next one of its visit, then the next but one, until no visit is so long.
    for apart in range(1, len(rows)):
        near = np.flatnonzero(visit[apart:] == visit[:-apart])
        if not len(near):
            break
        for first, second in ((near, near + apart), (near + apart, near)):
            row = lookup[key[first], key[second]] - 1
            hit = row >= 0
            row, one, two = row[hit], rows[first[hit]], rows[second[hit]]
            on = on_second[row]
            found.append(Pairs(np.where(on, two, one), np.where(on, one, two), row))
    if not found:
        return Pairs(*(np.zeros(0, np.int64) for _ in Pairs._fields))
    return Pairs(*(np.concatenate(parts) for parts in zip(*found, strict=True)))


@lru_cache(maxsize=2)
def _lookup(_version: int) -> Ints:
    """Row of the pair table plus 1 by column 1 and column 2 code; 0 where there is no pair."""
    codes = tables.code_arrays().code
    lookup = np.zeros((len(codes), len(codes)), np.int64)
    for row, pair in enumerate(tables.pairs().itertuples(), start=1):
        lookup[np.ix_(codes == pair.column1, codes == pair.column2)] = row
    return lookup
