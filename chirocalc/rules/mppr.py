"""The therapy multiple procedure payment reduction: which unit is paid in full."""

from __future__ import annotations

import numpy as np

from chirocalc.arrays import Bools, Ints

from .prices import CENT


def full_unit_lines(visit: Ints, units: Ints, therapy: Bools, pe: Ints, fee: Ints) -> Bools:
    """Which line of each visit has the therapy unit that is paid in full (cpm-5-10.7).

    The one with the highest practice expense; ties by the highest fee, then the order of entry.
    """
    first = np.zeros(len(visit), np.bool_)
    counted = np.flatnonzero(therapy & (units > 0))
    if len(counted):
        worth = (pe * CENT + fee)[counted]
        order = counted[np.lexsort((-worth, visit[counted]))]
        _, starts = np.unique(visit[order], return_index=True)
        first[order[starts]] = True
    return first
