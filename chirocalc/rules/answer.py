"""One visit in, an answer out: units, RVUs, dollars and findings as records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from chirocalc import tables
from chirocalc.arrays import Ints
from chirocalc.checked import checked
from chirocalc.tables import Code, rates

from .facts import BilledLine, Facts, known
from .films import cut_of, films
from .hints import Finding
from .mppr import Price, allowed_cents
from .prices import prices_in, reduction, stages
from .services import COLLECT, OFF, Lines, Service, one_line_each
from .settings import Settings
from .terms import Terms, terms
from .treatment import said_of_treatment, with_treatment
from .units import count_units


class Line(NamedTuple):
    """One line of the answer. `full_units`, `leftover`, `extra_unit` and `tied` are of 15-minute
    lines; `price` is of one unit; `allowed_cents` of all of them, after MPPR, coverage, percent,
    and without the `films_cents` that FX or FY takes off."""

    service: Service
    timed: bool
    units: int
    units_cms: int
    units_cpt: int
    full_units: int
    leftover: int
    extra_unit: bool
    tied: bool
    price: Price
    allowed_cents: int
    findings: tuple[Finding, ...]
    films_cents: int = 0

    @property
    def code(self) -> str:
        return self.service.code.code

    @property
    def key(self) -> str:
        """The code, or of a part of a service "72100-26"."""
        return self.service.code.key

    @property
    def minutes(self) -> int | None:
        return self.service.minutes

    @property
    def covered(self) -> bool:
        return self.price.covered

    @property
    def is_off(self) -> bool:
        """Whether it was left off the claim: documented, not billed."""
        return self.service.unbilled == OFF

    @property
    def is_collected(self) -> bool:
        """Whether the patient pays for it and the payer, who never does, gets no bill."""
        return self.service.unbilled == COLLECT and not self.covered

    @property
    def work_rvu(self) -> float | None:
        """Work RVUs of all units; None where the code has none, as pe_rvu, mp_rvu, total_rvu."""
        return self._rvu(self.price.work)

    @property
    def pe_rvu(self) -> float | None:
        return self._rvu(self.price.pe)

    @property
    def mp_rvu(self) -> float | None:
        return self._rvu(self.price.mp)

    @property
    def total_rvu(self) -> float | None:
        return self._rvu(self.price.work + self.price.pe + self.price.mp)

    @property
    def fee(self) -> float | None:
        """Dollars by the schedule before the MPPR, all units."""
        return self.price.fee * self.units / 100 if self.price.has_rvu else None

    @property
    def allowed(self) -> float | None:
        """Dollars; None where no amount is published, 0.00 where the payer pays nothing."""
        return self.allowed_cents / 100 if self.price.priced else None

    def _rvu(self, hundredths: int) -> float | None:
        return hundredths * self.units / 100 if self.price.has_rvu else None


class Change(NamedTuple):
    """Cents allowed for a line before and now, and of the difference what the conversion factor,
    the RVUs and the area's indices made."""

    then: int
    factor: int
    rvus: int
    area: int
    now: int


@dataclass(frozen=True)
class Answer:
    """The answer to one visit. `findings` are all of them in order, those of the lines too."""

    settings: Settings
    lines: tuple[Line, ...]
    findings: tuple[Finding, ...]

    @cached_property
    def visit_findings(self) -> tuple[Finding, ...]:
        """Those about the visit as a whole."""
        return tuple(found for found in self.findings if not found.code)

    @property
    def timed(self) -> tuple[Line, ...]:
        """The 15-minute lines."""
        return tuple(line for line in self.lines if line.timed)

    @cached_property
    def pools(self) -> dict[int, list[Line]]:
        """The 15-minute lines whose minutes are counted together: all of them, or where several
        disciplines treated those of each, by its place in `PLANS`."""
        found: dict[int, list[Line]] = {}
        pools = Lines.of([line.service for line in self.lines]).pools.tolist()
        for pool, line in zip(pools, self.lines, strict=True):
            if line.timed:
                found.setdefault(pool, []).append(line)
        return found

    @property
    def timed_minutes(self) -> int:
        return sum(line.minutes or 0 for line in self.timed)

    @property
    def units(self) -> int:
        return sum(line.units for line in self.lines)

    @property
    def work_rvu(self) -> float | None:
        """The sum of the lines that have any, as total_rvu; None where none has."""
        return _sum(line.work_rvu for line in self.lines)

    @property
    def total_rvu(self) -> float | None:
        return _sum(line.total_rvu for line in self.lines)

    @property
    def fee(self) -> float | None:
        return _sum(line.fee for line in self.lines)

    @property
    def allowed(self) -> float | None:
        """Dollars of the lines that have an amount; None where none has."""
        return _sum(line.allowed for line in self.lines if not line.is_off)

    @property
    def therapy_cents(self) -> int:
        """Cents allowed for therapy services, which count toward the KX threshold (cpm-5-10)."""
        return therapy_cents(
            (line.service.code, line.price, line.allowed_cents) for line in self.lines
        )

    @property
    def allowed_by_size(self) -> list[tuple[int, bool]]:
        """Cents allowed for each line, and whether an assistant treated, as `who_pays` takes them:
        the largest first, and of services that tie for the unit paid in full (`mppr_full_unit`) an
        assistant's last. No rule names an order, so that of entry moves no cent."""
        lines = sorted(self.lines, key=lambda line: (line.service.by_assistant, line.key))
        prices, units = [line.price for line in lines], [line.units for line in lines]
        whole = allowed_cents(prices, units, reduction(self.settings))
        paid = [
            (cents - line.films_cents, line.service.by_assistant)
            for line, cents in zip(lines, whole, strict=True)
            if line.price.priced
        ]
        return sorted(paid, key=lambda line: (-line[0], line[1]))

    @property
    def lines_without_rvu(self) -> int:
        return sum(not line.price.has_rvu for line in self.lines if not line.is_off)

    @checked
    def under(self, settings: Settings) -> Answer:
        """The same services under other settings."""
        return answer([line.service for line in self.lines], settings)

    @checked
    @tables.in_use()
    def changes_since(self, before: rates.Period) -> tuple[Change, ...]:
        """For each line, what the same units were allowed in an earlier period, and what made the
        difference: first the factor is changed, then the RVUs, then the area's indices. Empty
        where a code was not in that schedule, or the area had no indices."""
        listed = known(before).listed
        if not all(listed[line.service.code.at] for line in self.lines):
            return ()
        units, cents = [line.units for line in self.lines], []
        for of in stages(before, self.settings.period):
            there = prices_in(self.settings, of)
            if there is None:
                return ()
            here = [there[line.service.code.at] for line in self.lines]
            whole = allowed_cents(here, units, reduction(self.settings))
            cuts = [
                cut_of(price.technical, line.service.modifiers, films(of.rvus)) * line.units
                for price, line in zip(here, self.lines, strict=True)
            ]
            cents.append([each - cut for each, cut in zip(whole, cuts, strict=True)])
        return tuple(
            Change(then, factor - then, rvus - factor, now - rvus, now)
            for then, factor, rvus, now in zip(*cents, strict=True)
        )


def _sum(values: Iterable[float | None]) -> float | None:
    known = [round(value * 100) for value in values if value is not None]
    return sum(known) / 100 if known else None


@checked
@tables.in_use()
def answer(services: Iterable[Service], settings: Settings) -> Answer:
    """Units, RVUs, dollars and findings of one visit; the same code twice is one line. What stays
    off the claim has neither units nor findings, and its minutes support no other service. Where
    the settings do not say the phase of treatment, AT, GA or GZ on the adjustment does."""
    services = one_line_each(services)
    found = _answer([each for each in services if each.unbilled != OFF], settings)
    if len(found.lines) == len(services):
        return found
    here, billed = terms(found.settings), iter(found.lines)
    lines = tuple(next(billed) if each.unbilled != OFF else _off(each, here) for each in services)
    return replace(found, lines=lines)


def _off(service: Service, here: Terms) -> Line:
    price = here.prices[service.code.at]
    return Line(service, False, 0, 0, 0, 0, 0, False, False, price, 0, ())


def _answer(services: Sequence[Service], settings: Settings) -> Answer:
    given = Lines.of(services)
    settings = with_treatment(settings, *said_of_treatment(given, 1).tolist())
    here = terms(settings)
    counted = count_units(given.timed, settings.rule == "cpt")
    units = counted.units.tolist()
    billed = [
        BilledLine(each.code, count, each.modifiers, each.region, each.separate, each.times > 1)
        for each, count in zip(services, units, strict=True)
    ]
    [is_short] = short_visits(given, counted.units, here.short_minutes, 1).tolist()
    priced = price_visit(billed, here)
    found = hints_of(_on_claim(services, billed, here), is_short, here)
    by_line: list[list[Finding]] = [[] for _ in services]
    for at, finding in found:
        if at >= 0:
            by_line[at].append(finding)
    of_units = zip(*(each.tolist() for each in counted), strict=True)
    lines = tuple(
        Line._make((service, *how, price, cents, tuple(about), cut))
        for service, how, (price, cents, cut), about in zip(
            services, of_units, priced, by_line, strict=True
        )
    )
    return Answer(settings, lines, tuple(finding for _, finding in found))


def _on_claim(
    services: Sequence[Service], billed: Sequence[BilledLine], here: Terms
) -> list[BilledLine]:
    """The lines as hints see them: without units where the patient pays instead of the payer."""
    return [
        line._replace(units=0)
        if each.unbilled == COLLECT and not here.prices[each.code.at].covered
        else line
        for each, line in zip(services, billed, strict=True)
    ]


def hints_of(lines: Sequence[BilledLine], is_short: bool, here: Terms) -> list[tuple[int, Finding]]:
    """The findings of one visit, each with the place of its line, -1 for the visit as a whole.

    Of the units they depend on no more than `speaking_units` keeps.
    """
    therapy = 0
    if here.hints.known.kx_used is not None:
        priced = price_visit(lines, here)
        therapy = therapy_cents(
            (line.code, price, cents) for line, (price, cents, _) in zip(lines, priced, strict=True)
        )
    billed = [line for line in lines if line.units]
    found = here.hints.find(Facts(billed, is_short, therapy, here.hints.known))
    if len(billed) < len(lines):
        places = [at for at, line in enumerate(lines) if line.units]
        found = [(places[at] if at >= 0 else -1, finding) for at, finding in found]
    return found


def speaking_units(lines: Lines, units: Ints, here: Terms) -> Ints:
    """For each line, units of which the same hints hold: none, some, or more than CMS's limit a day
    (MUE); of timed ones as many as the payer's limit a day tells apart, where it has one; all of
    them where the year's therapy dollars are known, for those are counted too."""
    known, codes = here.hints.known, tables.code_arrays()
    if known.kx_used is not None:
        return units
    limit = codes.mue[lines.key]
    is_over = (limit > 0) & (units > limit)
    said = np.where(is_over, limit + 1, np.minimum(units, 1))
    if known.timed_cap is None:
        return said
    told_apart = np.where(codes.timed[lines.key], np.minimum(units, known.timed_cap + 1), 0)
    return np.maximum(said, told_apart)


def price_visit(lines: Sequence[BilledLine], here: Terms) -> list[tuple[Price, int, int]]:
    """The price of each line's code, the cents allowed for it, and those taken off for its film."""
    prices = [here.prices[line.code.at] for line in lines]
    whole = allowed_cents(prices, [line.units for line in lines], here.reduction)
    cuts = [
        cut_of(price.technical, line.modifiers, here.films) * line.units
        for price, line in zip(prices, lines, strict=True)
    ]
    return [
        (price, cents - cut, cut) for price, cents, cut in zip(prices, whole, cuts, strict=True)
    ]


def therapy_cents(lines: Iterable[tuple[Code, Price, int]]) -> int:
    """Cents of the therapy services among lines, each with its price and cents allowed."""
    return sum(cents for code, price, cents in lines if code.therapy and price.priced)


def short_visits(
    lines: Lines, units: Ints, short_minutes: float | NDArray[np.float64], visits: int
) -> NDArray[np.bool_]:
    """For each visit, whether its timed services, several, have fewer minutes a unit than that.
    Where minutes are missing nothing is known of the average."""
    timed = (units > 0) & tables.code_arrays().timed[lines.key]
    visit, minutes, count = lines.visit[timed], lines.minutes[timed], units[timed]
    unknown = np.bincount(visit, ~lines.has_minutes[timed], visits)
    few = np.bincount(visit, minutes, visits) < short_minutes * np.bincount(visit, count, visits)
    return np.asarray((np.bincount(visit, minlength=visits) > 1) & (unknown == 0) & few)
