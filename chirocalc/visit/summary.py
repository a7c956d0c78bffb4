"""A visit in a few numbers: its units by each rule, the year before, therapy."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from chirocalc.checked import checked
from chirocalc.rules import RULE_NAMES, Answer, Change
from chirocalc.tables import rates


class Units(NamedTuple):
    """Units of the lines whose minutes are counted together in 15s, and of all others."""

    timed: int
    rest: int


@checked
def units_by_rule(answer: Answer) -> dict[str, Units]:
    """The visit's units under each unit rule, by its id."""
    rest = sum(line.units for line in answer.lines if not line.timed)
    return {
        rule: Units(sum(getattr(line, f"units_{rule}") for line in answer.timed), rest)
        for rule in RULE_NAMES
    }


class YearBefore(NamedTuple):
    """Dollars the same visit was allowed the year before, the change since, 0.01 for 1%, and for
    each line, in cents, then, now and what made the difference."""

    year: str
    allowed: float
    change: float
    lines: tuple[Change, ...]


@checked
def year_before(answer: Answer) -> YearBefore | None:
    """The same units at the rates of the year before; None where it has no amount in one of the
    two years, or the year's tables are not loaded."""
    here = rates.before(answer.settings.period)
    if here is None or not answer.allowed:
        return None
    lines = answer.changes_since(here)
    then = sum(line.then for line in lines) / 100
    return YearBefore(here.first[:4], then, answer.allowed / then - 1, lines) if then else None


class TherapyYear(NamedTuple):
    """Medicare's allowed dollars of therapy this year with the visit, and the year's threshold
    above which a line needs KX; None where that is not loaded."""

    allowed: float
    threshold: float | None


@checked
def therapy_year(answer: Answer) -> TherapyYear | None:
    """What counts toward the KX threshold (cpm-5-10); None where it is not known what was used."""
    used = answer.settings.kx_used
    if used is None:
        return None
    limit = rates.amount("kx_threshold", answer.settings.period)
    return TherapyYear(used + answer.therapy_cents / 100, None if pd.isna(limit) else limit)
