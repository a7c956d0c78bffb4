"""The facts that a hint rule may ask about: of the settings, of a line, of a kind of code."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import NamedTuple

from chirocalc import tables
from chirocalc.tables import Code, modifier_bits, rates, region_bits

from .services import ASSISTANT, NO, NOT_SAID, YES
from .settings import THERAPISTS, Settings


class BilledLine(NamedTuple):
    """A line as billed, without its minutes: all that payment and hints depend on."""

    code: Code
    units: int
    modifiers: int
    region: int
    separate: int
    several: bool  # more than one was counted


class Manipulation(NamedTuple):
    """A manipulation code: for regions of the spine or outside it, and for how many."""

    kind: str
    least: int
    most: int


class Regions(NamedTuple):
    """The regions of the body, as bits, and the codes for manipulating them (cms-chiro)."""

    of_kind: dict[str, int]  # "spinal" or "extraspinal"
    manipulations: dict[str, Manipulation]  # by code
    whole_spine: frozenset[str]  # codes that say by themselves that all of the spine was adjusted


class Known(NamedTuple):
    """What the tables, and the settings, say that facts ask for; dollars in whole cents."""

    regions: Regions
    assistant: int  # CQ and CO as bits
    listed: Sequence[bool]  # by row of `tables.codes()`: whether the date's fee schedule has it
    has_mue: bool
    kx_used: int | None
    kx_threshold: int | None
    kx_review: int | None
    timed_cap: int | None
    pays_chiropractor: frozenset[int] | None  # rows of the codes; None for all


@tables.kept
def _regions() -> Regions:
    table = tables.regions()
    names = {kind: table.index[table["kind"] == kind] for kind in ("spinal", "extraspinal")}
    codes = {
        row.code: Manipulation(row.kind, int(row.regions_from), int(row.regions_to))
        for row in tables.manipulation().itertuples()
    }
    return Regions(
        {kind: region_bits("|".join(of)) for kind, of in names.items()},
        codes,
        frozenset(
            code
            for code, of in codes.items()
            if of.kind == "spinal" and of.least == len(names["spinal"])
        ),
    )


@tables.kept
def known(
    here: rates.Period,
    kx_used: float | None = None,
    timed_cap: int | None = None,
    pays_chiropractor: frozenset[int] | None = None,
) -> Known:
    """What facts ask for in a period, of the therapy paid before in its year, and of the payer."""
    return Known(
        _regions(),
        modifier_bits(ASSISTANT),
        rates.listed(here).tolist(),
        rates.has_limits(here),
        _cents(kx_used),
        _cents(rates.amount("kx_threshold", here)),
        _cents(rates.amount("kx_review", here)),
        timed_cap,
        pays_chiropractor,
    )


def _cents(dollars: float | None) -> int | None:
    return None if dollars is None or math.isnan(dollars) else round(dollars * 100)


def region_of(line: BilledLine, known: Known) -> int:
    """A line's regions as bits; the code for all of the spine says them by itself (cms-chiro)."""
    says_all = not line.region and line.code.key in known.regions.whole_spine
    return known.regions.of_kind["spinal"] if says_all else line.region


def is_over_mue(line: BilledLine, known: Known) -> bool:
    """Whether a line has more units than CMS's limit a day (ncci-mue)."""
    return known.has_mue and bool(line.code.mue) and line.units > (line.code.mue or 0)


def has_other_regions(line: BilledLine, known: Known) -> bool:
    """Whether a manipulation's regions are given and are not as many as its code says."""
    of = known.regions.manipulations.get(line.code.key)
    count = (line.region & known.regions.of_kind["spinal"]).bit_count()
    return of is not None and line.region > 0 and not of.least <= count <= of.most


class Facts:
    """What is known of one visit. `lines` are those billed: one without a unit is documented and
    not billed, and no hint is about it. `therapy_cents`: allowed for its therapy services.
    `is_short`: its timed services, several, all with minutes, have few minutes a unit."""

    def __init__(
        self, lines: Sequence[BilledLine], is_short: bool, therapy_cents: int, known: Known
    ) -> None:
        self.lines = lines
        self.is_short = is_short
        self.therapy_cents = therapy_cents
        self.known = known

    @cached_property
    def rows(self) -> set[int]:
        """The rows of `tables.codes()` of the codes billed."""
        return {line.code.at for line in self.lines}

    @cached_property
    def keys(self) -> set[str]:
        return {line.code.key for line in self.lines}

    @cached_property
    def by_code(self) -> list[int]:
        """The lines by the order of their codes in the table."""
        return sorted(range(len(self.lines)), key=lambda at: self.lines[at].code.at)

    @cached_property
    def has_spinal(self) -> bool:
        """Whether a spinal manipulation is billed."""
        of = self.known.regions.manipulations
        return any(of[key].kind == "spinal" for key in self.keys & of.keys())

    @cached_property
    def has_visit_25(self) -> bool:
        """Whether an office visit is billed with 25."""
        bit = modifier_bits("25")
        return any(line.code.time_rule == "level" and line.modifiers & bit for line in self.lines)

    @cached_property
    def timed_lines(self) -> int:
        return sum(line.code.time_rule == "timed15" for line in self.lines)

    @property
    def is_over_timed_cap(self) -> bool:
        """Whether more timed units are billed than the payer takes a day."""
        units = sum(line.units for line in self.lines if line.code.time_rule == "timed15")
        return self.known.timed_cap is not None and units > self.known.timed_cap

    @cached_property
    def region(self) -> list[int]:
        return [region_of(line, self.known) for line in self.lines]

    @cached_property
    def adjusted(self) -> int:
        """The regions of all manipulations of the visit."""
        bits = 0
        for line, region in zip(self.lines, self.region, strict=True):
            if line.code.key in self.known.regions.manipulations:
                bits |= region
        return bits

    @cached_property
    def perhaps_adjusted(self) -> int:
        """Regions that a manipulation without regions may have been done in."""
        bits = 0
        for line, region in zip(self.lines, self.region, strict=True):
            if region == 0 and (of := self.known.regions.manipulations.get(line.code.key)):
                bits |= self.known.regions.of_kind[of.kind]
        return bits

    def shared(self, at: int) -> int:
        """Regions of a line that were adjusted in the visit."""
        return self.region[at] & self.adjusted

    def perhaps(self, at: int) -> bool:
        """Whether a line's region may be one that was adjusted: not all adjusted were given."""
        return self.region[at] & self.perhaps_adjusted > 0

    def is_whole_spine(self, at: int) -> bool:
        """Whether all regions of the spine are among a line's."""
        spine = self.known.regions.of_kind["spinal"]
        return self.region[at] & spine == spine

    def is_above(self, cents: int | None) -> bool | None:
        """Whether the year's therapy with this visit is above an amount (cpm-5-10); None where
        either is not known."""
        if self.known.kx_used is None or cents is None:
            return None
        return self.known.kx_used + self.therapy_cents > cents


FACTS: dict[str, Callable[[Settings], bool]] = {
    "medicare": lambda s: s.is_medicare,
    "medicare-advantage": lambda s: s.payer == "medicare-advantage",
    "uhc": lambda s: s.payer == "uhc",
    "va": lambda s: s.payer == "va",
    "feca": lambda s: s.payer == "feca",
    "asks-at": lambda s: s.asks_treatment,
    "claim": lambda s: s.profile("claims") == "yes",
    "chiropractor": lambda s: s.provider == "chiropractor",
    "therapist": lambda s: s.provider in THERAPISTS,
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
# Of a line's code, whatever the line.
CODE_FACTS: dict[str, Callable[[Code, Known], bool]] = {
    "mai-1": lambda code, known: code.mai == 1,
    "mai-2": lambda code, known: code.mai == 2,
    "mai-3": lambda code, known: code.mai == 3,
    "not-listed": lambda code, known: not known.listed[code.at],
    "not-on-list": lambda code, known: (
        known.pays_chiropractor is not None and code.at not in known.pays_chiropractor
    ),
}
# Of a line, whatever the visit.
LINE_FACTS: dict[str, Callable[[BilledLine, Known], bool]] = {
    "over-mue": is_over_mue,
    "count>1": lambda line, known: line.several,
    "by-assistant": lambda line, known: bool(line.modifiers & known.assistant),
    "separate-unknown": lambda line, known: line.separate == NOT_SAID,
    "separate": lambda line, known: line.separate == YES,
    "not-separate": lambda line, known: line.separate == NO,
    "region-unknown": lambda line, known: region_of(line, known) == 0,
    "regions-mismatch": has_other_regions,
}
# Of a line (`at`) in its visit and, in a pair, of the other one.
VISIT_FACTS: dict[str, Callable[[Facts, int, int], bool]] = {
    "several-timed": lambda f, at, other: f.timed_lines > 1,
    "short-units": lambda f, at, other: f.is_short,
    "no-primary": lambda f, at, other: f.keys.isdisjoint(f.lines[at].code.parents),
    "region-same": lambda f, at, other: f.region[at] > 0 and f.shared(at) == f.region[at],
    "region-part": lambda f, at, other: 0 < f.shared(at) < f.region[at],
    "adjusted-unknown": lambda f, at, other: f.shared(at) == 0 and f.perhaps(at),
    "region-other": lambda f, at, other: (
        f.region[at] > 0 and f.shared(at) == 0 and not f.perhaps(at)
    ),
    "limb-unknown": lambda f, at, other: f.region[at] == 0 and not f.has_spinal,
    "limb-same": lambda f, at, other: f.shared(at) > 0 and not f.has_spinal,
    "no-adjustment": lambda f, at, other: f.keys.isdisjoint(f.known.regions.manipulations),
    "visit-25": lambda f, at, other: f.has_visit_25,
    "over-timed-cap": lambda f, at, other: f.is_over_timed_cap,
    "all-spinal": lambda f, at, other: f.is_whole_spine(other),
    "kx-over": lambda f, at, other: f.is_above(f.known.kx_threshold) is True,
    "kx-under": lambda f, at, other: f.is_above(f.known.kx_threshold) is False,
    "kx-review": lambda f, at, other: f.is_above(f.known.kx_review) is True,
}
