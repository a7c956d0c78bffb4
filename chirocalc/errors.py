"""What is wrong with an input, in words a user can act on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from difflib import SequenceMatcher
from heapq import nsmallest
from itertools import takewhile

import numpy as np
import pandas as pd

LIKE = 0.5  # how alike two names must be for one to be suggested for the other


@dataclass(frozen=True)
class Problem:
    """One value that cannot be used: where it stands, what it is, what is allowed."""

    where: str
    row: int | None
    column: str
    value: object
    allowed: str

    def __str__(self) -> str:
        place = self.where if self.row is None else f"{self.where}, row {self.row}"
        return f"{place}, {self.column}: {_shown(self.value)} {self.allowed}"


class InputError(ValueError):
    """Input that cannot be used. `problems` holds each `Problem`; the text names the first ten."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        shown = [str(problem) for problem in self.problems[:10]]
        if len(self.problems) > len(shown):
            shown.append(f"and {len(self.problems) - len(shown)} more")
        super().__init__("\n".join(shown))

    def __reduce__(self) -> tuple[type[InputError], tuple[list[Problem]]]:
        """As it goes from one process to another."""
        return type(self), (self.problems,)


def nearest(value: str, known: Iterable[str], count: int = 3) -> str:
    """The known names nearest to a misspelled one, as words for a message."""
    # Compared are only names that can be near by their length: a link may hold a value of any size.
    alike = [name for name in known if _may_be_like(value, name)]

    def far(name: str) -> tuple[float, int, str]:
        likeness = SequenceMatcher(a=value, b=name).ratio()
        same = takewhile(lambda pair: pair[0] == pair[1], zip(value, name, strict=False))
        return -likeness, -len(list(same)), name

    near = [name for name in nsmallest(count, alike, key=far) if -far(name)[0] >= LIKE]
    return f"nearest: {', '.join(near)}" if near else "nothing near it is known"


def _may_be_like(value: str, name: str) -> bool:
    """Whether two names would be alike if all letters of the shorter one stood in the other."""
    return 2 * min(len(value), len(name)) >= LIKE * (len(value) + len(name))


def is_missing(value: object) -> bool:
    """Whether a value stands for none: None, NaN, or pandas' own."""
    if isinstance(value, Decimal):
        return value.is_nan()
    return value is None or (pd.api.types.is_scalar(value) and bool(pd.isna(value)))


# What a message says as it is written; of anything else it says only what it is.
WRITTEN = (str, int, float, complex, Decimal, np.generic, date, time, timedelta)


def _shown(value: object) -> str:
    if is_missing(value) or (isinstance(value, str) and value == ""):
        return "the empty value"
    if not isinstance(value, WRITTEN):
        return f"a value of type {type(value).__name__}"
    text = str(value)
    return f"'{text if len(text) <= 40 else text[:40] + '…'}'"
