"""What the employer or the billing service reports by month, beside what was tracked.

The two are compared and never added together.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

from chirocalc.checked import checked
from chirocalc.tables import Column, read_table

from .periods import Summed, by_period

_NUMBER = r"-?[$]?[0-9]{1,3}(,?[0-9]{3})*(\.[0-9]+)?"

COLUMNS = {
    "month": Column(
        r"20[0-9]{2}-(0[1-9]|1[0-2])|(0?[1-9]|1[0-2])/20[0-9]{2}",
        "must be a month such as 2026-03 or 3/2026",
    ),
    "wrvu": Column(_NUMBER, "must be work RVUs, or empty", empty=True),
    "dollars": Column(_NUMBER, "must be dollars, or empty", empty=True),
}


class Reported(NamedTuple):
    """Of a month: work RVUs in hundredths and cents, None where not reported."""

    work: int | None = None
    cents: int | None = None


@checked
def read_reported(content: bytes, name: str = "reported.csv") -> dict[str, Reported]:
    """A CSV with the columns month, wrvu and dollars, by month ("2026-03"). Raises `InputError`."""
    table = read_table(content, COLUMNS, name)
    return {
        _month(row.month): Reported(_hundredths(row.wrvu), _hundredths(row.dollars))
        for row in table.itertuples()
    }


def _month(text: str) -> str:
    if "/" not in text:
        return text
    month, year = text.split("/")
    return f"{year}-{int(month):02}"


def _hundredths(text: str) -> int | None:
    return round(float(re.sub("[$,]", "", text)) * 100) if text else None


@checked
def against(rows: Summed, reported: Mapping[str, Reported]) -> pd.DataFrame:
    """By month, the latest first: tracked and reported work RVUs and dollars, and what was tracked
    less what was reported; missing where one of the two is. Months that are in either."""
    months = by_period(rows, "month") if len(rows) else pd.DataFrame({"work": [], "cents": []})
    tracked = {str(day)[:7]: (work, cents) for day, work, cents in zip(
        months.index, months["work"], months["cents"], strict=True)}  # fmt: skip
    table = []
    for month in sorted({*tracked, *reported}, reverse=True):
        mine, theirs = tracked.get(month), reported.get(month, Reported())
        row: list[float | None] = []
        for one, other in zip(mine or (None, None), theirs, strict=True):
            both = None if one is None or other is None else (one - other) / 100
            row += [_dollars(one), _dollars(other), both]
        table.append((month, *row))
    heads = ["month", "work", "work_reported", "work_difference"]
    heads += ["dollars", "dollars_reported", "dollars_difference"]
    return pd.DataFrame(table, columns=heads).astype(dict.fromkeys(heads[1:], float))


def _dollars(hundredths: int | None) -> float | None:
    return None if hundredths is None else int(hundredths) / 100
