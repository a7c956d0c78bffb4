"""`estimate`: lines and settings in; units, RVUs, dollars and findings out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from chirocalc import tables
from chirocalc.arrays import Ints
from chirocalc.tables import rates

from . import hints, mppr, prices, units
from .services import Lines, read_lines
from .settings import Settings


@dataclass(frozen=True)
class Estimate:
    """The answer.

    `lines`: one row per visit and code, in the order of first entry: visit, code, minutes, units,
    units_cms, units_cpt, full_units, leftover, extra_unit, tied (of 15-minute codes), work_rvu,
    pe_rvu, mp_rvu, total_rvu (all units; missing where the code has none), fee (dollars before the
    MPPR, all units), allowed (dollars after MPPR, coverage and percent; missing where no amount is
    published, 0.00 where the payer pays nothing), covered.
    `visits`: timed_minutes, units, work_rvu, total_rvu, fee, allowed, lines_without_rvu, by visit.
    `findings`: one row per hint: visit, code, rule, level, modifier, text, source.
    `settings` and `read` are what it was estimated from: the settings, and the lines as read.
    """

    lines: pd.DataFrame
    visits: pd.DataFrame
    findings: pd.DataFrame
    settings: Settings
    read: Lines = field(repr=False)

    def allowed_in(self, here: rates.Period) -> float:
        """Dollars allowed for the same units in another period; NaN where there is no amount, or
        a code that its fee schedule did not have."""
        settings = replace(self.settings, date=here.last)
        at = prices.prices(settings).of(self.read.key)
        if not (rates.listed(here)[self.read.key].all() and at.priced.any()):
            return float("nan")
        cents = _allowed(self.read, self.lines["units"].to_numpy(), at, settings)
        return float(cents[at.priced].sum() / 100)

    def under(self, settings: Settings) -> Estimate:
        """The same lines under other settings."""
        return _answer(self.read, settings)


def estimate(lines: pd.DataFrame, settings: Settings | None = None) -> Estimate:
    """Units, RVUs, dollars and findings of any number of visits.

    `lines` has `code` and `minutes` (a number or missing), and optionally `visit` (any key; without
    it all lines are one visit), `region`, `count`, `modifiers` and `tie_first`.
    Raises `InputError` naming row, column, value and what is allowed.
    """
    return _answer(read_lines(lines), settings or Settings())


def _answer(lines: Lines, settings: Settings) -> Estimate:
    codes = tables.code_arrays()
    counted = count_units(lines, settings.rule)
    table = price_lines(lines, counted, settings)
    visits = _sum_visits(lines, codes, table)
    found = hints.findings(lines, counted["units"], table["allowed"].to_numpy(), settings)
    return Estimate(table, visits, found, settings, lines)


def count_units(lines: Lines, rule: str) -> dict[str, NDArray[Any]]:
    """Units of every line under both rules, and how the 15-minute lines came to theirs."""
    codes = tables.code_arrays()
    timed = codes.timed[lines.key]
    fixed = np.where(codes.counted[lines.key], lines.counts, 1)
    clocked = np.flatnonzero(codes.clock[lines.key])
    if len(clocked):
        fixed[clocked] = _clocks(lines, clocked, codes)

    visit, minutes = lines.visit[timed], lines.minutes[timed]
    by_total = units.total_time(visit, minutes, lines.tie_first[timed])
    by_code = units.midpoint(minutes)
    used = by_total if rule == "cms" else by_code

    def spread(values: NDArray[Any], others: NDArray[Any]) -> NDArray[Any]:
        out = others.copy()
        out[timed] = values
        return out

    none = np.zeros(len(timed), np.bool_)
    by_cms = spread(by_total.full + by_total.extra, fixed)
    by_cpt = spread(by_code.full + by_code.extra, fixed)
    return {
        "timed": timed,
        "units": by_cms if rule == "cms" else by_cpt,
        "units_cms": by_cms,
        "units_cpt": by_cpt,
        "full_units": spread(used.full, np.zeros(len(timed), np.int64)),
        "leftover": spread(used.leftover, np.zeros(len(timed), np.int64)),
        "extra_unit": spread(used.extra, none),
        "tied": spread(used.tied, none),
    }


def _clocks(lines: Lines, rows: Ints, codes: tables.CodeArrays) -> Ints:
    """Units of lines with their own clock: an add-on goes on where its primary's time ends.

    Its own primary's, or another's that it may follow and that has no add-on of its own there.
    """
    key, start = lines.key[rows], lines.visit[rows] * len(codes.code)
    here = start + key
    primary = np.full(len(rows), -1, np.int64)
    for own in np.unique(key):
        for parent in codes.parents[own]:
            child = codes.clock_child[parent]
            fits = (key == own) & (primary < 0) & np.isin(start + parent, here)
            if child not in (own, -1):
                fits &= ~np.isin(start + child, here)
            primary[fits] = parent
    follows = primary >= 0
    pool = pd.factorize(np.where(follows, start + primary, here))[0]
    pooled = np.bincount(pool, lines.minutes[rows]).astype(np.int64)[pool]
    return units.clock_units(
        pooled - np.where(follows, codes.unit_minutes[primary], 0),
        codes.unit_minutes[key],
        codes.from_minutes[key],
        codes.to_minutes[key],
        codes.once[key],
    )


def price_lines(lines: Lines, counted: dict[str, NDArray[Any]], settings: Settings) -> pd.DataFrame:
    """`Estimate.lines` of the units counted."""
    codes = tables.code_arrays()
    at = prices.prices(settings).of(lines.key)
    count = counted["units"]
    allowed = _allowed(lines, count, at, settings)

    def rvus(hundredths: Ints) -> NDArray[np.float64]:
        return np.where(at.has_rvu, hundredths * count / 100, np.nan)

    untimed = ~counted["timed"]
    return pd.DataFrame(
        {
            "visit": lines.visits[lines.visit],
            "code": codes.code[lines.key],
            "minutes": pd.arrays.IntegerArray(lines.minutes, ~lines.has_minutes),
            "units": count,
            "units_cms": counted["units_cms"],
            "units_cpt": counted["units_cpt"],
            "full_units": pd.arrays.IntegerArray(counted["full_units"], untimed),
            "leftover": pd.arrays.IntegerArray(counted["leftover"], untimed),
            "extra_unit": counted["extra_unit"],
            "tied": counted["tied"],
            "work_rvu": rvus(at.work),
            "pe_rvu": rvus(at.pe),
            "mp_rvu": rvus(at.mp),
            "total_rvu": rvus(at.work + at.pe + at.mp),
            "fee": np.where(at.has_rvu, at.fee * count / 100, np.nan),
            "allowed": np.where(at.priced, allowed / 100, np.nan),
            "covered": at.covered,
        },
        copy=False,
    )


def _allowed(lines: Lines, count: Ints, at: prices.Prices, settings: Settings) -> Ints:
    """Cents of each line after the MPPR; 0 where none are published."""
    allowed = at.allowed * count
    if settings.reduction == "none":
        return allowed
    in_full = mppr.full_unit_lines(lines.visit, count, at.therapy, at.pe, at.fee)
    if settings.reduction == "pe":
        return np.asarray(allowed - (at.allowed - at.allowed_reduced) * (count - in_full))
    half = prices.share_of(allowed, rates.amount("mppr_line_share", settings.period))
    return np.where(at.therapy & ~in_full, half, allowed)


def _sum_visits(lines: Lines, codes: tables.CodeArrays, table: pd.DataFrame) -> pd.DataFrame:
    """The columns of `Estimate.visits`; a sum over nothing but missing values is missing."""
    size = len(lines.visits)
    timed = codes.timed[lines.key]

    def total(values: NDArray[Any]) -> Ints:
        return np.bincount(lines.visit, values, size).astype(np.int64)

    def hundredths(column: str) -> NDArray[np.float64]:
        values = table[column].to_numpy()
        here = ~np.isnan(values)
        sums = total(np.rint(np.where(here, values, 0) * 100))
        return np.where(total(here) > 0, sums / 100, np.nan)

    return pd.DataFrame(
        {
            "timed_minutes": total(np.where(timed, lines.minutes, 0)),
            "units": total(table["units"].to_numpy()),
            "work_rvu": hundredths("work_rvu"),
            "total_rvu": hundredths("total_rvu"),
            "fee": hundredths("fee"),
            "allowed": hundredths("allowed"),
            "lines_without_rvu": total(table["total_rvu"].isna().to_numpy()),
        },
        index=lines.visits,
        copy=False,
    )
