"""The facts that a hint rule may ask about: of the settings, of a line, of a kind of code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from chirocalc import tables
from chirocalc.arrays import Bools, Ints
from chirocalc.tables import rates, region_bits

from .services import Lines
from .settings import Settings


@dataclass(frozen=True)
class Facts:
    """What is known of the lines of many visits; arrays by line unless said otherwise."""

    lines: Lines
    units: Ints
    allowed: NDArray[np.float64]
    settings: Settings

    @cached_property
    def codes(self) -> tables.CodeArrays:
        return tables.code_arrays()

    @cached_property
    def billed(self) -> Bools:
        """A line without a unit is documented and not billed: no hint is about it."""
        return self.units > 0

    @cached_property
    def timed(self) -> Bools:
        return self.codes.timed[self.lines.key] & self.billed

    def of_visit(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """The sum over a line's visit."""
        sums = np.bincount(self.lines.visit, values.astype(float), len(self.lines.visits))
        return np.asarray(sums[self.lines.visit])

    @cached_property
    def region(self) -> Ints:
        """Regions as bits; the code for all of the spine says its regions by itself (cms-chiro)."""
        whole_spine = np.isin(self.lines.key, _keys_of("whole spine", tables.codes_version()))
        return np.where(whole_spine & (self.lines.region == 0), _spinal(), self.lines.region)

    @cached_property
    def adjusted(self) -> Ints:
        """The regions of all manipulations of a line's visit."""
        return self._of_manipulations(self.region)

    @cached_property
    def perhaps_adjusted(self) -> Ints:
        """Regions that a manipulation of the visit without regions may have been done in."""
        spinal = np.isin(self.lines.key, _keys_of("spinal", tables.codes_version()))
        may = np.where(spinal, _spinal(), _bits_of("extraspinal"))
        return self._of_manipulations(np.where(self.region == 0, may, 0))

    def _of_manipulations(self, bits: Ints) -> Ints:
        version = tables.codes_version()
        keys = [*_keys_of("spinal", version), *_keys_of("extraspinal", version)]
        mine = np.isin(self.lines.key, keys) & self.billed
        together = np.zeros(len(self.lines.visits), np.int64)
        np.bitwise_or.at(together, self.lines.visit[mine], bits[mine])
        return together[self.lines.visit]

    @cached_property
    def therapy_dollars(self) -> NDArray[np.float64]:
        """Year to date and this visit: what counts toward the KX threshold (cpm-5-10)."""
        therapy = self.codes.therapy[self.lines.key]
        return (self.settings.kx_used or 0.0) + self.of_visit(
            np.where(therapy, np.nan_to_num(self.allowed), 0.0)
        )


@lru_cache(maxsize=8)
def _keys_of(kind: str, _version: int) -> list[int]:
    """Keys of the manipulation codes of a kind, "whole spine" among them."""
    table, rows = tables.manipulation(), tables.code_arrays().row
    if kind == "whole spine":
        every = (tables.regions()["kind"] == "spinal").sum()
        mine = (table["kind"] == "spinal") & (table["regions_from"] == every)
    else:
        mine = table["kind"] == kind
    return [rows[code] for code in table.loc[mine, "code"] if code in rows]


@cache
def _bits_of(kind: str) -> int:
    regions = tables.regions()
    return region_bits("|".join(regions.index[regions["kind"] == kind]))


def _spinal() -> int:
    return _bits_of("spinal")


FACTS: dict[str, Callable[[Settings], bool]] = {
    "medicare": lambda s: s.is_medicare,
    "claim": lambda s: s.profile("claims") == "yes",
    "chiropractor": lambda s: s.provider == "chiropractor",
    "therapist": lambda s: s.provider in ("pt", "ot"),
    "ot": lambda s: s.provider == "ot",
    "phase-unknown": lambda s: s.phase is None,
    "active": lambda s: s.phase == "active",
    "maintenance": lambda s: s.phase == "maintenance",
    "abn-unknown": lambda s: s.abn is None,
    "abn": lambda s: s.abn is True,
    "no-abn": lambda s: s.abn is False,
    "wants-gp": lambda s: s.wants_therapy_modifier,
    "wants-g0283": lambda s: s.profile("estim_code") == "G0283",
    "midpoint": lambda s: s.rule == "cpt",
}

# Of a line (`at`) and, in a pair, of the other one.
LINE_FACTS: dict[str, Callable[[Facts, Ints, Ints], Bools]] = {
    "several-timed": lambda f, at, other: f.of_visit(f.timed)[at] > 1,
    "short-units": lambda f, at, other: _short(f)[at],
    "over-mue": lambda f, at, other: _over_mue(f)[at],
    "mai-1": lambda f, at, other: f.codes.mai[f.lines.key[at]] == 1,
    "mai-2": lambda f, at, other: f.codes.mai[f.lines.key[at]] == 2,
    "mai-3": lambda f, at, other: f.codes.mai[f.lines.key[at]] == 3,
    "count>1": lambda f, at, other: f.lines.counts[at] > 1,
    "no-primary": lambda f, at, other: ~_has_primary(f, at),
    "not-listed": lambda f, at, other: ~rates.listed(f.settings.period)[f.lines.key[at]],
    "by-assistant": lambda f, at, other: f.lines.assistant[at],
    "separate-unknown": lambda f, at, other: f.lines.separate[at] < 0,
    "separate": lambda f, at, other: f.lines.separate[at] == 1,
    "not-separate": lambda f, at, other: f.lines.separate[at] == 0,
    "region-unknown": lambda f, at, other: f.region[at] == 0,
    "region-same": lambda f, at, other: (f.region[at] > 0) & (_shared(f, at) == f.region[at]),
    "region-part": lambda f, at, other: (_shared(f, at) > 0) & (_shared(f, at) < f.region[at]),
    "adjusted-unknown": lambda f, at, other: (_shared(f, at) == 0) & _perhaps(f, at),
    "region-other": lambda f, at, other: (
        (f.region[at] > 0) & (_shared(f, at) == 0) & ~_perhaps(f, at)
    ),
    "all-spinal": lambda f, at, other: f.region[other] & _spinal() == _spinal(),
    "regions-mismatch": lambda f, at, other: _mismatch(f, at),
    "kx-over": lambda f, at, other: _above(f, "kx_threshold", at) > 0,
    "kx-under": lambda f, at, other: _above(f, "kx_threshold", at) <= 0,
    "kx-review": lambda f, at, other: _above(f, "kx_review", at) > 0,
}

KINDS: dict[str, Callable[[pd.DataFrame], pd.Series]] = {
    "@all": lambda codes: codes["code"].notna(),
    "@therapy": lambda codes: codes["multiple_procedure"] == "5",
    "@timed": lambda codes: codes["time_rule"] == "timed15",
    "@untimed": lambda codes: codes["time_rule"].isin(["untimed", "level"]),
    "@addon": lambda codes: codes["parent"] != "",
    "@bundled": lambda codes: codes["status"] == "B",
    "@private": lambda codes: codes["code"].str.startswith("S"),
    "@x-ray": lambda codes: codes["category"] == "X-ray",
}


def _shared(facts: Facts, at: Ints) -> Ints:
    """Regions of a line that were adjusted in its visit."""
    return facts.region[at] & facts.adjusted[at]


def _perhaps(facts: Facts, at: Ints) -> Bools:
    """Whether a line's region may be one that was adjusted: not all adjusted ones were given."""
    return (facts.region[at] & facts.perhaps_adjusted[at]) > 0


def _mismatch(facts: Facts, at: Ints) -> Bools:
    """Whether a manipulation's regions are given and are not as many as its code says."""
    table = tables.manipulation().set_index("code")
    codes = facts.codes.code[facts.lines.key[at]]
    count = np.bitwise_count(facts.lines.region[at] & _spinal())
    least = table["regions_from"].reindex(codes).to_numpy(float, na_value=0)
    most = table["regions_to"].reindex(codes).to_numpy(float, na_value=np.inf)
    return np.asarray((facts.lines.region[at] > 0) & ~((count >= least) & (count <= most)))


def _over_mue(facts: Facts) -> Bools:
    if not rates.has_limits(facts.settings.period):
        return np.zeros(len(facts.units), np.bool_)
    limit = facts.codes.mue[facts.lines.key]
    return (limit > 0) & (facts.units > limit)


def _short(facts: Facts) -> Bools:
    minutes = facts.of_visit(np.where(facts.timed, facts.lines.minutes, 0))
    units = facts.of_visit(np.where(facts.timed, facts.units, 0))
    several = facts.of_visit(facts.timed) > 1
    # Where minutes are missing nothing is known of the average.
    several &= facts.of_visit(facts.timed & ~facts.lines.has_minutes) == 0
    return several & (minutes < rates.amount("short_unit_minutes", facts.settings.period) * units)


def _above(facts: Facts, amount: str, at: Ints) -> NDArray[np.float64]:
    """By how many dollars the year's therapy is above an amount; NaN where either is not known."""
    if facts.settings.kx_used is None:
        return np.full(len(at), np.nan)
    return facts.therapy_dollars[at] - rates.amount(amount, facts.settings.period)


def _has_primary(facts: Facts, at: Ints) -> Bools:
    lines, codes = facts.lines, facts.codes
    here = (lines.visit * len(codes.code) + lines.key)[facts.billed]
    found = np.zeros(len(at), np.bool_)
    for key in np.unique(lines.key[at]):
        mine = lines.key[at] == key
        for parent in codes.parents[key]:
            found[mine] |= np.isin(lines.visit[at[mine]] * len(codes.code) + parent, here)
    return found
