"""What rows are worth: each distinct kind of row is priced once, by the tables of its day.

A row is a visit of its own here: what it is worth is what `estimate` says of it on that day. A
reduction between services of one visit is in it only where one row has several units. Before the
days that are loaded the RVUs are those of the history, and there are no dollars.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Annotated, NamedTuple

import numpy as np
import pandas as pd

from chirocalc import tables
from chirocalc.arrays import Bools, Ints
from chirocalc.checked import checked, having
from chirocalc.rules import Settings, Worth, billed_worth, component
from chirocalc.tables import rates

from .rows import Row, code_names

# The settings of a row without its date, by its payer and place, "" for the clinic's own.
SettingsOf = Callable[[str, str], Settings]

PRICED = ["units", "work", "total", "cents", "has_work", "has_total", "has_cents", "why"]

NOT_LISTED = "not in codes.csv"
NO_PART = "a part, 26 or TC, that the code does not have"
NO_RVU = "no RVU in Medicare's schedule"
NO_TABLES = "no tables are loaded for that day"
NO_HISTORY = "not in the history of RVUs"
ONLY_TOTAL = "the history has only totals before 2019"
NO_MINUTES = "neither units nor minutes"


class _Worth(NamedTuple):
    """What kinds of rows are worth, in the order of `PRICED`."""

    units: Ints
    work: Ints
    total: Ints
    cents: Ints
    has_work: Bools
    has_total: Bools
    has_cents: Bools
    why: np.ndarray

    @staticmethod
    def none(size: int) -> _Worth:
        units, work, total, cents = np.zeros((4, size), np.int64)
        has_work, has_total, has_cents = np.zeros((3, size), np.bool_)
        why = np.full(size, "", object)
        return _Worth(units, work, total, cents, has_work, has_total, has_cents, why)


@checked
@tables.in_use()
def priced(
    rows: Annotated[pd.DataFrame, having(*Row._fields)],
    settings_of: Callable[[str, str], Settings],
    fees: Mapping[str, int] | None = None,
) -> pd.DataFrame:
    """The rows of a log (`Log.frame`) with what they are worth in all: units, work and total RVUs
    in hundredths, cents, whether each of these is known, and `why` the work RVUs are not.

    `fees`: cents of one unit by code or part, for payers of which no amount is published.
    """
    kind, first = _kinds(rows)
    kinds = rows.iloc[first].reset_index(drop=True)
    worth = _price_kinds(kinds, settings_of, fees or {})
    times = rows["times"].to_numpy(np.int64)
    columns = dict(zip(PRICED, worth, strict=True))
    spread = {name: values[kind] for name, values in columns.items()}
    for name in ("units", "work", "total", "cents"):
        spread[name] = spread[name] * times
    spread["why"] = pd.Categorical(spread["why"])
    given = rows["units"].rename("units_given")
    table = rows.drop(columns="units").assign(units_given=given)
    return table.assign(**spread)


def _kinds(rows: pd.DataFrame) -> tuple[Ints, Ints]:
    """A number for each row that alike ones share, and where each first stands."""
    days = rates.number_of(rows["date"])
    # Days that are not loaded differ by year, of which the history knows.
    when = np.where(days >= 0, days, -1 - rows["date"].str[:4].astype(int))
    number = np.zeros(len(rows), np.int64)
    for values in (
        pd.Series(when),
        *(rows[name] for name in ("code", "units", "minutes", "modifiers", "place", "payer")),
    ):
        numbers, found = pd.factorize(values, use_na_sentinel=False)
        number = pd.factorize(number * (len(found) + 1) + numbers)[0]
    first = np.full(int(number.max(initial=-1)) + 1, 0, np.int64)
    first[number[::-1]] = np.arange(len(rows))[::-1]
    return number.astype(np.int64), first


def _price_kinds(kinds: pd.DataFrame, settings_of: SettingsOf, fees: Mapping[str, int]) -> _Worth:
    out = _Worth.none(len(kinds))
    said = [kinds[name].tolist() for name in ("code", "modifiers", "payer", "place")]
    days = rates.number_of(kinds["date"]).tolist()
    groups: dict[tuple[str, str, int], list[int]] = {}
    for at, (code, modifiers, payer, place, day) in enumerate(zip(*said, days, strict=True)):
        if _key(code, modifiers) is not None:
            groups.setdefault((payer, place, day), []).append(at)
            continue
        out.why[at] = NO_PART if code in code_names() else NOT_LISTED
        out.units[at] = np.nan_to_num(kinds["units"].iloc[at])
    for (payer, place, day), places in groups.items():
        settings = _on_day(settings_of(payer, place), day)
        here = np.array(places, np.int64)
        _price_group(out, here, kinds.iloc[here], settings, day >= 0, fees)
    return out


@checked
def _on_day(settings: Settings, day: int) -> Settings:
    """The settings by the tables of a day's period, by its place; -1 for none."""
    return settings if day < 0 else replace(settings, date=rates.periods()[day].first)


def _price_group(
    out: _Worth,
    at: Ints,
    kinds: pd.DataFrame,
    settings: Settings,
    is_loaded: bool,
    fees: Mapping[str, int],
) -> None:
    """Price kinds of one payer, place and period into their places."""
    given = kinds["units"].to_numpy()
    lines = pd.DataFrame(
        {
            "visit": np.arange(len(kinds)),
            "code": kinds["code"].to_numpy(),
            "minutes": kinds["minutes"].to_numpy(),
            "modifiers": kinds["modifiers"].to_numpy(),
        }
    )
    billed = np.where(np.isnan(given), -1, np.nan_to_num(given)).astype(np.int64)
    units, worth = billed_worth(lines, settings, billed)
    out.units[at] = units
    if is_loaded:
        _by_tables(out, at, units, worth)
        if settings.rate is None:
            _by_fees(out, at, kinds, units, fees)
    else:
        _by_history(out, at, kinds, units, settings.place)
    out.why[at[units == 0]] = NO_MINUTES


def _by_tables(out: _Worth, at: Ints, units: Ints, worth: Worth) -> None:
    out.work[at], out.total[at], out.cents[at] = worth.work, worth.total, worth.allowed
    out.has_work[at] = out.has_total[at] = worth.has_rvu
    out.cents[at] = np.where(worth.priced, worth.allowed, 0)
    out.has_cents[at] = worth.priced
    out.why[at[~worth.has_rvu]] = NO_RVU


def _by_fees(
    out: _Worth, at: Ints, kinds: pd.DataFrame, units: Ints, fees: Mapping[str, int]
) -> None:
    """The practice's own fees, of a payer that goes by no schedule."""
    for place, code, words, count in zip(
        at.tolist(), *(kinds[name].tolist() for name in ("code", "modifiers")), units.tolist(),
        strict=True,
    ):  # fmt: skip
        key = _key(code, words)
        if key is not None and key in fees:
            out.cents[place], out.has_cents[place] = fees[key] * count, True


def _by_history(out: _Worth, at: Ints, kinds: pd.DataFrame, units: Ints, place: str) -> None:
    """RVUs of the history (rvu-history): those of one unit in an office."""
    known = _history()
    for where, day, code, words, count in zip(
        at.tolist(), *(kinds[name].tolist() for name in ("date", "code", "modifiers")),
        units.tolist(), strict=True,
    ):  # fmt: skip
        found = known.get((int(day[:4]), code)) if _key(code, words) == code else None
        if found is None:
            is_past = int(day[:4]) < int(rates.periods()[0].first[:4])
            out.why[where] = NO_HISTORY if is_past else NO_TABLES
            continue
        work, total = found
        if work is None:
            out.why[where] = ONLY_TOTAL
        else:
            out.work[where], out.has_work[where] = work * count, True
        # The history's totals are an office's; work is the same everywhere.
        if total is not None and place == "office":
            out.total[where], out.has_total[where] = total * count, True


@tables.kept
def _history() -> dict[tuple[int, str], tuple[int | None, int | None]]:
    """Work and total RVUs in hundredths by year and code, None where not known."""
    table = tables.history()

    def hundredths(value: float) -> int | None:
        return None if pd.isna(value) else round(value * 100)

    return {
        (int(year), str(code)): (hundredths(work), hundredths(total))
        for year, code, work, total in zip(
            table["year"], table["code"], table["work_rvu"], table["total_rvu"], strict=True
        )
    }


@tables.kept(most=4096)
def _key(code: str, modifiers: str) -> str | None:
    """The key of a code, or of its part, as the engine takes it; None where there is no such."""
    key = component(code, modifiers)
    return key if key in tables.records() else None
