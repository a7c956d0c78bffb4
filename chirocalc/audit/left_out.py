"""Rows that were left out, and what of them may be repeated: never what may be a patient's.

Of a row whose values have slipped by a column, a patient's name or day of birth may stand wherever
a value is refused. So a value is repeated only where it has the form of what belongs there, and
visit and day of a row only where the row is read in all else.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from chirocalc import tables
from chirocalc.arrays import Bools

from .values import NOT_LISTED, code_of

REFUSED = ["row", "visit", "date", "column", "value", "reason", "kind"]

# `sure`: whether all else in the row is what belongs there. Only `shown` takes it off.
LEFT_OUT = [*REFUSED, "sure"]

LONGEST_TYPO = 6  # letters of a mistyped code

# A count or minutes: shorter than a ZIP code or a number of a patient.
SHORT_NUMBER = re.compile(r"[-+(]?[0-9]{0,4}([.,:][0-9]{0,2})?\)?")

YEAR = re.compile("[0-9]{4}")

# Of two characters each: shorter than any name or number of a patient.
MODIFIERS = re.compile("[0-9A-Za-z]{2}([ ,:;/-]{1,2}[0-9A-Za-z]{2}){0,3}")

FORMS = {
    "modifiers": MODIFIERS,
    "minutes": SHORT_NUMBER,
    "units": SHORT_NUMBER,
    "date": YEAR,
    "count": SHORT_NUMBER,
}


def shown(left_out: pd.DataFrame) -> pd.DataFrame:
    """Rows left out, columns `LEFT_OUT`, as they may be shown: columns `REFUSED`."""
    if left_out.empty:
        return left_out[REFUSED]
    sure = left_out["sure"].to_numpy(np.bool_)
    refused = (left_out["kind"] == "").to_numpy()
    value = _values(left_out, sure)
    missing = (left_out["value"] == "").to_numpy()
    tells = sure & (~refused | missing | (value != "").to_numpy())
    table = left_out.assign(value=value)
    for name in ("visit", "date"):
        table[name] = left_out[name].astype(str).where(tells, "")
    return table[REFUSED]


def _values(left_out: pd.DataFrame, sure: Bools) -> pd.Series:
    """The values that may be repeated, others blank."""
    about = left_out[["column", "value", "kind"]].astype(str)
    known: dict[tuple[str, str, str], str] = {}
    for each in about[sure].itertuples(index=False, name=None):
        if each not in known:
            known[each] = _value(*each)
    pairs = zip(about.itertuples(index=False, name=None), sure, strict=True)
    texts = [known[each] if is_sure else "" for each, is_sure in pairs]
    return pd.Series(texts, left_out.index, dtype=str)


def _value(column: str, value: str, kind: str) -> str:
    if kind not in ("", NOT_LISTED, "reversal"):
        return ""  # the kind says what it is
    if column == "code":
        return code_of(value).code if kind else value if _is_typo(value) else ""
    form = FORMS.get(column)
    return value if form and form.fullmatch(value) else ""


def _is_typo(value: str) -> bool:
    """Whether a code is one letter away from one of the tables: one too many, too few, or other."""
    return len(value) <= LONGEST_TYPO and not _near(value.upper()).isdisjoint(_near_codes())


def _near(code: str) -> set[str]:
    """A code, and the same without one of its letters."""
    return {code, *(code[:at] + code[at + 1 :] for at in range(len(code)))}


@tables.kept
def _near_codes() -> frozenset[str]:
    return frozenset(near for name in tables.code_arrays().names for near in _near(name))
