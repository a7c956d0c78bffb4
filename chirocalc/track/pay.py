"""What an offer of pay by work RVUs comes to.

A year's pay is the base and, of the work RVUs above each threshold up to the next, so many dollars
each; with one threshold at 0 and no base it is dollars a work RVU.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from chirocalc.checked import CalendarDay, check_fields, checked
from chirocalc.errors import InputError, Problem

from .periods import span_of

MOST_DOLLARS, MOST_RVUS, MOST_TIERS = 10_000_000, 1_000_000, 6


@dataclass(frozen=True)
class Offer:
    """`base`: cents a year; `tiers`: from how many work RVUs a year on (in hundredths) each pays so
    many cents, rising. Raises `InputError`."""

    base: int = 0
    tiers: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        check_fields(self)
        if not 0 <= self.base <= MOST_DOLLARS * 100:
            self._refuse("base", self.base / 100, f"must be dollars from 0 to {MOST_DOLLARS:,}")
        if len(self.tiers) > MOST_TIERS:
            self._refuse("tiers", len(self.tiers), f"are too many: up to {MOST_TIERS} fit")
        for start, cents in self.tiers:
            if not 0 <= start <= MOST_RVUS * 100 or cents < 0:
                self._refuse("tier", start / 100, "must be from 0 wRVU on, with dollars from 0 on")
        starts = [start for start, _ in self.tiers]
        if any(one >= other for one, other in pairwise(starts)):
            self._refuse("tiers", ", ".join(f"{each / 100:g}" for each in starts), "must rise")

    def _refuse(self, column: str, value: object, allowed: str) -> None:
        raise InputError([Problem("pay", None, column, value, allowed)])

    @checked
    def bonus(self, work: int) -> int:
        """Cents for so many work RVUs of a year, in hundredths, without the base."""
        ends = [start for start, _ in self.tiers[1:]] + [max(work, 0)]
        parts = (
            max(0, min(work, end) - start) * cents
            for (start, cents), end in zip(self.tiers, ends, strict=False)
        )
        return round(sum(parts) / 100)

    @checked
    def of_year(self, work: int) -> int:
        """Cents of a whole year with so many work RVUs, in hundredths."""
        return self.base + self.bonus(work)

    @checked
    def so_far(self, work: int, today: CalendarDay) -> int:
        """Cents earned by a day: of the base the days that have passed, and what the work RVUs of
        the year so far bring."""
        year = span_of("year", today)
        passed = (today - year.first).days + 1
        return round(self.base * passed / year.days) + self.bonus(work)
