"""Values as callers give them: what is missing, what is a number, a day, a word.

Plain where it plainly is (numbers of NumPy, dates of pandas, lists of words), else not taken: True
is no minute, "20" no dollar, the 30th of February no day.
"""

from __future__ import annotations

import math
import re
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from chirocalc.errors import is_missing

DAY = r"[0-9]{4}-[0-9][0-9]-[0-9][0-9]"


def is_number(value: Any) -> bool:
    """Whether a value is a number: of Python, NumPy or decimal; True and False are none, nor is a
    decimal that is missing."""
    if isinstance(value, (bool, np.timedelta64)) or (isinstance(value, Decimal) and value.is_nan()):
        return False
    return isinstance(value, (int, float, Decimal, np.integer, np.floating))


def is_whole(value: Any) -> bool:
    """Whether a value is an integer of Python or NumPy."""
    return is_number(value) and isinstance(value, (int, np.integer))


def is_flag(value: Any) -> bool:
    """Whether a value is True or False, of Python or NumPy."""
    return isinstance(value, (bool, np.bool_))


def plain(value: Any) -> Any:
    """A number or truth value of NumPy, or a decimal one, as Python's own; all else as it is."""
    if isinstance(value, (np.bool_, np.integer, np.floating)):
        return value.item()
    return float(value) if isinstance(value, Decimal) else value


def as_day(value: Any) -> str | None:
    """A day as "2026-03-02": of such a text, or of any kind of date; None where it is no day."""
    if isinstance(value, str):
        return str(value) if _is_day(value) else None
    if isinstance(value, np.datetime64):
        value = pd.Timestamp(value)
    if not isinstance(value, date) or is_missing(value):
        return None
    return f"{value:%Y-%m-%d}".zfill(10)


def _is_day(text: str) -> bool:
    """Whether the calendar has the day."""
    if not re.fullmatch(DAY, text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def as_word(value: Any) -> str:
    """A code or a modifier in capitals; "" where it is missing. A number without decimals is
    written without them, as a column with a gap is read as floats."""
    if is_missing(value):
        return ""
    if isinstance(value, (float, np.floating, Decimal)) and math.isfinite(value):
        value = int(value) if value == int(value) else value
    return str(value).strip().upper()


def is_list(value: Any) -> bool:
    """Whether a value holds several: a list, a tuple, a set, an array."""
    return isinstance(value, (list, tuple, set, frozenset, np.ndarray))


def as_hashable(value: Any) -> Any:
    """A value, of lists a tuple, that may be a key; of what can be none its type in brackets."""
    if is_list(value):
        items = value.tolist() if isinstance(value, np.ndarray) else value
        value = frozenset(items) if isinstance(value, set) else tuple(items)
    try:
        hash(value)
    except TypeError:
        return f"<{type(value).__name__}>"
    return value


def as_words(value: Any, between: str) -> str:
    """Words as one text: of a list its words with this `between`, those missing left out."""
    if not is_list(value):
        return "" if is_missing(value) else str(value)
    items = sorted(value, key=str) if isinstance(value, frozenset) else value
    return between.join(str(item) for item in items if not is_missing(item))


def as_numbers(values: pd.Series) -> NDArray[np.float64]:
    """A column as numbers; NaN where a value is missing, or is no number. Text that is a number is
    one."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        known = as_numbers(pd.Series(values.cat.categories))
        return np.asarray(np.append(known, np.nan)[values.cat.codes.to_numpy()])
    kind = values.dtype.kind
    if kind in "fiu":
        if isinstance(values.dtype, np.dtype):
            return np.asarray(values, np.float64)
        return np.asarray(values.to_numpy(np.float64, na_value=np.nan))
    if kind in "bmMc":
        return np.full(len(values), np.nan)
    if pd.api.types.is_string_dtype(values.dtype) and values.dtype != object:
        return _of_text(values)
    return _of_objects(values)


def _of_text(values: pd.Series) -> NDArray[np.float64]:
    numbers = pd.to_numeric(values, errors="coerce")
    return np.asarray(numbers.to_numpy(np.float64, na_value=np.nan))


def _of_objects(values: pd.Series) -> NDArray[np.float64]:
    plain = values.to_numpy(object)
    is_text = np.fromiter((isinstance(value, str) for value in plain), np.bool_, len(plain))
    out = np.empty(len(plain), np.float64)
    out[~is_text] = [_float(value) for value in plain[~is_text]]
    if is_text.any():
        out[is_text] = _of_text(pd.Series(plain[is_text], dtype="str"))
    return out


def _float(value: Any) -> float:
    """A number as a float; NaN where it is none, or none that a float can hold."""
    if not is_number(value):
        return math.nan
    try:
        number = float(value)
    except (OverflowError, ValueError):
        return math.nan
    return number if number == value else math.nan


def as_column(values: Any) -> pd.Series | None:
    """A list or an array of one dimension as a column; None of anything else."""
    if isinstance(values, (list, tuple, range)):
        column = pd.Series(np.empty(len(values), object))
        column[:] = list(values)
        return column.infer_objects()
    if isinstance(values, pd.Series):
        return values.reset_index(drop=True)
    kinds = (np.ndarray, pd.Index, pd.api.extensions.ExtensionArray)
    is_flat = isinstance(values, kinds) and values.ndim == 1
    return pd.Series(values) if is_flat else None
