"""What is in force on a day: RVUs, GPCIs, the conversion factor and limits, by date of service.

A day without loaded tables is refused: a neighboring year's numbers are never used for it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from chirocalc.checked import checked
from chirocalc.errors import InputError, Problem
from chirocalc.given import as_day

from . import payment
from .books import kept
from .code_table import codes
from .columns import CMS_COLUMNS
from .schema import Day

RVU_VALUES = [*CMS_COLUMNS, "release"]

PUBLISHED = "11-01"  # from which day on CMS usually has the next year's final files (cms-pfall)


class Period(NamedTuple):
    """Days, the first and the last, on which the same tables are in force; its name: the year, or
    the year and from which day."""

    first: str
    last: str
    name: str


@kept
def periods() -> tuple[Period, ...]:
    """The periods for which RVUs, GPCIs and a conversion factor are all loaded, oldest first."""
    return tuple(_segments())


def _segments() -> Iterator[Period]:
    factors = payment.conversion_factors()
    spans = [
        _spans(codes(), payment.earlier_rvus()),
        _spans(payment.all_localities()),
        _spans(factors[factors["status"] != "proposed"]),
    ]
    edges = sorted({day for loaded in spans for first, after in loaded for day in (first, after)})
    for first, after in itertools.pairwise(edges):
        if all(any(a <= first < b for a, b in loaded) for loaded in spans):
            yield Period(str(first), str(after - timedelta(1)), _named(first, after))


def _spans(*frames: pd.DataFrame) -> set[tuple[date, date]]:
    """The distinct stretches of days in tables, each with the day after its end."""
    dates = pd.concat([frame[["effective_from", "effective_to"]] for frame in frames])
    return {
        (date.fromisoformat(first), date.fromisoformat(last) + timedelta(1))
        for first, last in dates.drop_duplicates().itertuples(index=False)
    }


def _named(first: date, after: date) -> str:
    whole = first == date(first.year, 1, 1) and after == date(first.year + 1, 1, 1)
    return f"{first.year}" if whole else f"{first.year} from {first:%B} {first.day}"


@checked
def period(day: Day) -> Period:
    """The period a day lies in. Raises `InputError` for what is no day, and for a day for which no
    tables are loaded."""
    for each in periods():
        if each.first <= day <= each.last:
            return each
    loaded = "; ".join(f"{each.first} to {each.last}" for each in periods())
    allowed = f"is a day for which no tables are loaded; loaded: {loaded}"
    raise InputError([Problem("settings", None, "date", day, allowed)])


@checked
def number_of(days: pd.Series) -> NDArray[np.int64]:
    """Where in `periods()` each day ("2026-03-02") lies; -1 for "" and for days without tables."""
    numbers, found = pd.factorize(days)
    spans = list(enumerate(periods()))
    known = [
        next((at for at, each in spans if each.first <= day <= each.last), -1)
        for day in (as_day(value) or "" for value in found)
    ]
    return np.asarray(np.array([*known, -1], np.int64)[numbers])


def current() -> Period:
    """Today's period, or the newest before it; where all are still to come, the first of them."""
    return _current(_today())


def _today() -> str:
    return date.today().isoformat()


def is_over() -> bool:
    """Whether today is later than all that is loaded."""
    return current().last < _today()


def coming_year() -> str | None:
    """The year after today's, while CMS has probably published it and it is not loaded; or None.

    Proposed factors do not load a year.
    """
    today = _today()
    year = str(int(today[:4]) + 1)
    loaded = any(each.first.startswith(year) for each in periods())
    return None if today[5:] < PUBLISHED or loaded else year


@kept
def _current(today: str) -> Period:
    begun = [each for each in periods() if each.first <= today]
    if begun:
        return begun[-1]
    if periods():
        return periods()[0]
    allowed = "no day has RVUs, GPCIs and a conversion factor: check the effective dates"
    raise InputError([Problem(codes.file, None, "effective_from", "", allowed)])


@checked
def before(here: Period) -> Period | None:
    """The last period of the year before, if it is loaded."""
    year = str(int(here.first[:4]) - 1)
    found = [each for each in periods() if each.last.startswith(year)]
    return found[-1] if found else None


@kept
@checked
def rvus(here: Period) -> pd.DataFrame:
    """`codes()` with the values of a period. A code that its release does not have, because it is
    newer or gone, has none: no RVU, status and release "". Source: rvu26."""
    table, earlier = codes(), payment.earlier_rvus()
    now = _in_force(table, here)
    if now.all():
        return table
    past = earlier[_in_force(earlier, here)]
    dash = np.where(past["modifier"] == "", "", "-")
    past = past.set_index(pd.Index(past["code"] + dash + past["modifier"]))
    past = past[~past.index.duplicated()].reindex(table.index)[RVU_VALUES]
    words = past.select_dtypes(exclude="number").columns
    past[words] = past[words].fillna("")
    return table.assign(**{name: table[name].where(now, past[name]) for name in RVU_VALUES})


@kept
@checked
def listed(here: Period) -> NDArray[np.bool_]:
    """Whether the fee schedule of a period has each code of `codes()`."""
    return np.asarray(rvus(here)["release"] != "")


def _in_force(table: pd.DataFrame, here: Period) -> pd.Series:
    return (table["effective_from"] <= here.first) & (here.first <= table["effective_to"])


@kept
@checked
def localities(here: Period) -> pd.DataFrame:
    """`tables.localities()` with the GPCIs of a period; missing for one it does not have."""
    table = payment.all_localities()
    return table[_in_force(table, here)].reindex(payment.localities().index)


@kept
@checked
def conversion_factor(apm: bool, here: Period) -> float:
    """Dollars per RVU: for qualifying APM participants, or for everyone else (pfs-formula).

    Raises `InputError` where only the other one of a period is loaded.
    """
    table = payment.conversion_factors()
    rows = table[_in_force(table, here) & (table["status"] != "proposed")]
    rows = rows[rows["basis"].isin(["single", "APM" if apm else "non-APM"])]
    if rows.empty:
        who = "qualifying APM participants" if apm else "others than qualifying APM participants"
        allowed = f"has no conversion factor loaded for {who}"
        raise InputError([Problem("settings", None, "date", here.name, allowed)])
    return float(rows["conversion_factor"].iloc[0])


@kept
@checked
def amount(name: payment.AmountId, here: Period) -> float:
    """One value of `tables.amounts()`; NaN where none is loaded for the period."""
    table = payment.amounts()
    rows = table[(table["id"] == name) & (table["effective_from"] <= here.first)]
    rows = rows[(rows["effective_to"] == "") | (rows["effective_to"] >= here.first)]
    return float(rows["value"].iloc[-1]) if len(rows) else float("nan")


@kept
@checked
def has_limits(here: Period) -> bool:
    """Whether maximum units (MUE) are loaded for the period's year."""
    table = payment.releases()
    rows = table[table["table"] == "limits"]
    return bool((rows["effective_from"].str[:4] == here.first[:4]).any())
