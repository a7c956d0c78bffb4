"""Money and RVUs as whole numbers, rounded half up where a rule says so.

Binary floats would let a half cent fall the wrong way.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike

from chirocalc.arrays import Ints

Whole = TypeVar("Whole", int, Ints)


def scaled(values: ArrayLike, decimals: int) -> Ints:
    """Numbers with so many decimals as whole numbers; missing ones count as 0."""
    numbers = np.nan_to_num(np.asarray(values, dtype=np.float64))
    return np.asarray(np.rint(numbers * 10**decimals), np.int64)


def half_up(values: Whole, unit: int) -> Whole:
    """Whole numbers in larger units, half a unit rounded up."""
    return (2 * values + unit) // (2 * unit)


def share_of(cents: Whole, share: float) -> Whole:
    """A share (up to four decimals) of whole cents, rounded half up to cents."""
    return half_up(cents * round(share * 10_000), 10_000)
