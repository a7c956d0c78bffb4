"""The kinds of arrays that rules and audits work on, and numbers for distinct values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Values = NDArray[Any]
FEW = 200  # values up to which a plain dict is faster than pandas


def numbered(values: Ints) -> tuple[Ints, Ints]:
    """A number for each distinct value, by first entry, and where each first stands."""
    if len(values) > FEW:
        numbers, found = pd.factorize(values)
        if len(found) == len(values):
            return np.asarray(numbers, np.int64), np.arange(len(values))
        first = np.empty(len(found), np.int64)
        first[numbers[::-1]] = np.arange(len(values))[::-1]
        return np.asarray(numbers, np.int64), first
    known: dict[int, int] = {}
    firsts: list[int] = []
    for at, value in enumerate(values.tolist()):
        if known.setdefault(value, len(known)) == len(firsts):
            firsts.append(at)
    return np.array([known[value] for value in values.tolist()], np.int64), np.array(
        firsts, np.int64
    )


def texts(values: list[str], which: Ints) -> Any:
    """Some of the texts, as pandas holds a column of them; each may stand often."""
    return taken(pa.array(values, pa.large_string()), which)


def taken(words: pa.Array, which: Ints) -> Any:
    """The same of large strings of Arrow."""
    found = words.take(pa.array(which))
    return pd.arrays.ArrowStringArray(found, dtype=pd.StringDtype("pyarrow", na_value=np.nan))
