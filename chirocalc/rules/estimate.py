"""`estimate`: lines and settings in; units, RVUs, dollars and findings out, as frames."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from chirocalc import tables
from chirocalc.arrays import Bools, Ints, numbered, texts
from chirocalc.checked import checked

from .answer import Answer, answer
from .patterns import Found, allowed_all, find_all
from .reading import ReadLines, read_lines
from .settings import Settings
from .terms import ManyTerms, Terms, terms
from .treatment import said_of_treatment, with_treatment
from .units import Counted, count_units


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
    Each frame is made when it is first asked for. `settings` and `read` are what it was estimated
    from; `counted`, `worth` and `found` are the same answer as arrays.
    """

    settings: Settings
    read: ReadLines = field(repr=False)
    counted: Counted = field(repr=False)
    worth: Worth = field(repr=False)
    found: Found = field(repr=False)

    @cached_property
    def lines(self) -> pd.DataFrame:
        return _lines(self.read, self.counted, self.worth)

    @cached_property
    def visits(self) -> pd.DataFrame:
        return _visits(self.read, self.counted, self.worth)

    @cached_property
    def findings(self) -> pd.DataFrame:
        return findings_frame(self.found, self.read.visits)

    def answer(self) -> Answer:
        """The same as records. Raises `ValueError` for several visits."""
        if len(self.read.visits) > 1:
            raise ValueError(f"an answer is about one visit, not {len(self.read.visits)}")
        return answer(self.read.services(), self.settings)

    @checked
    @tables.in_use()
    def under(self, settings: Settings) -> Estimate:
        """The same lines under other settings."""
        return _estimate(self.read, settings)


@checked
@tables.in_use()
def estimate(lines: pd.DataFrame, settings: Settings | None = None) -> Estimate:
    """Units, RVUs, dollars and findings of any number of visits.

    `lines` has `code` and `minutes` (a number or missing), and optionally `visit` (any key; without
    it all lines are one visit), `region`, `count`, `modifiers` and `tie_first`.
    Raises `InputError` naming row, column, value and what is allowed.
    """
    return _estimate(read_lines(lines), settings or Settings())


def _estimate(read: ReadLines, settings: Settings) -> Estimate:
    lines, (group, here) = read.lines, _treated(read, settings)
    counted = count_units(lines.timed, settings.rule == "cpt")
    cents = allowed_all(lines, counted.units, group, here)
    found = find_all(lines, counted.units, group, here)
    worth = price_lines(lines.key, counted.units, cents, group[lines.visit], here)
    return Estimate(settings, read, counted, worth, found)


def _treated(read: ReadLines, settings: Settings) -> tuple[Ints, list[Terms]]:
    """Which terms each visit goes by, for its modifiers may say how it was treated; and these."""
    said = said_of_treatment(read.lines, len(read.visits))
    group, first = numbered(said)
    of = [terms(with_treatment(settings, int(said[at]))) for at in first]
    return group, of or [terms(settings)]


@checked
@tables.in_use()
def billed_worth(lines: pd.DataFrame, settings: Settings, billed: Ints) -> tuple[Ints, Worth]:
    """Units of lines, and what these are worth: as `estimate` has it for the units that their
    minutes make, and in the same way for the units `billed` where that is not below 0.

    `lines`: as for `estimate`, each code once in a visit. Raises `InputError` as it does.
    """
    read = read_lines(lines)
    here, (group, by) = read.lines, _treated(read, settings)
    counted = count_units(here.timed, settings.rule == "cpt").units
    units = np.where(billed < 0, counted, billed)
    cents = allowed_all(here, units, group, by)
    return units, price_lines(here.key, units, cents, group[here.visit], by)


class Worth(NamedTuple):
    """What lines are worth, all units: RVUs in hundredths and dollars in cents, with where there
    are any, where an amount can be stated, and where the payer covers."""

    work: Ints
    pe: Ints
    mp: Ints
    fee: Ints
    unit_total: Ints  # total RVUs of one unit
    allowed: Ints
    has_rvu: Bools
    priced: Bools
    covered: Bools

    def of_lines(self, keep: Bools) -> Worth:
        """The same of some of the lines."""
        return Worth._make(each[keep] for each in self)

    @property
    def total(self) -> Ints:
        """Total RVUs, in hundredths."""
        return self.work + self.pe + self.mp

    def rvus(self, hundredths: Ints) -> NDArray[np.float64]:
        """RVUs, missing where the code has none."""
        return np.where(self.has_rvu, hundredths / 100, np.nan)

    def dollars(self) -> NDArray[np.float64]:
        """Dollars allowed, missing where no amount is published."""
        return np.where(self.priced, self.allowed / 100, np.nan)


@checked
def price_lines(key: Ints, units: Ints, cents: Ints, group: Ints, terms: ManyTerms) -> Worth:
    """What lines are worth, of which the cents allowed are known."""

    def per_unit(name: str) -> NDArray[Any]:
        if len(terms) == 1:
            return np.asarray(terms[0].per_unit[name][key])
        return np.asarray(np.stack([each.per_unit[name] for each in terms])[group, key])

    work, pe, mp = (per_unit(name) for name in ("work", "pe", "mp"))
    return Worth(
        work * units,
        pe * units,
        mp * units,
        per_unit("fee") * units,
        work + pe + mp,
        cents,
        per_unit("has_rvu"),
        per_unit("priced"),
        per_unit("covered"),
    )


def _lines(read: ReadLines, counted: Counted, worth: Worth) -> pd.DataFrame:
    """`Estimate.lines`."""
    lines, untimed = read.lines, ~counted.timed
    return pd.DataFrame(
        {
            "visit": read.visits[lines.visit],
            "code": texts([code.code for code in tables.records().values()], lines.key),
            "minutes": pd.arrays.IntegerArray(lines.minutes, ~lines.has_minutes),
            "units": counted.units,
            "units_cms": counted.units_cms,
            "units_cpt": counted.units_cpt,
            "full_units": pd.arrays.IntegerArray(counted.full_units, untimed),
            "leftover": pd.arrays.IntegerArray(counted.leftover, untimed),
            "extra_unit": counted.extra_unit,
            "tied": counted.tied,
            "work_rvu": worth.rvus(worth.work),
            "pe_rvu": worth.rvus(worth.pe),
            "mp_rvu": worth.rvus(worth.mp),
            "total_rvu": worth.rvus(worth.total),
            "fee": worth.rvus(worth.fee),
            "allowed": worth.dollars(),
            "covered": worth.covered,
        },
        copy=False,
    )


def _visits(read: ReadLines, counted: Counted, worth: Worth) -> pd.DataFrame:
    """`Estimate.visits`; a sum over nothing but missing values is missing."""
    visit, size = read.lines.visit, len(read.visits)

    def total(values: NDArray[Any]) -> Ints:
        return np.bincount(visit, values, size).astype(np.int64)

    def hundredths(values: Ints, there: Bools) -> NDArray[np.float64]:
        sums = total(np.where(there, values, 0))
        return np.where(total(there) > 0, sums / 100, np.nan)

    return pd.DataFrame(
        {
            "timed_minutes": total(np.where(counted.timed, read.lines.minutes, 0)),
            "units": total(counted.units),
            "work_rvu": hundredths(worth.work, worth.has_rvu),
            "total_rvu": hundredths(worth.total, worth.has_rvu),
            "fee": hundredths(worth.fee, worth.has_rvu),
            "allowed": hundredths(worth.allowed, worth.priced),
            "lines_without_rvu": total(~worth.has_rvu),
        },
        index=read.visits,
        copy=False,
    )


def findings_frame(found: Found, visits: pd.Index) -> pd.DataFrame:
    """`Estimate.findings`; each distinct text is written once, however many lines have it."""
    columns = {"text": "in_full"}
    table = {"visit": visits[found.visit]} | {
        name: texts(
            [getattr(each, columns.get(name, name)) for each in found.findings], found.which
        )
        for name in ("code", "rule", "level", "modifier", "text", "source")
    }
    return pd.DataFrame(table, copy=False)
