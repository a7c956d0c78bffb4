"""A visit in a few numbers: its estimate, its units by each rule, the year before, therapy."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from chirocalc import tables
from chirocalc.rules import RULE_NAMES, Estimate
from chirocalc.tables import rates


def dollars(answer: Estimate, own: pd.Series | None) -> float:
    """The visit's estimate: what is allowed or, where the payer has no schedule, the charges at the
    practice's `own` fees. NaN where there is neither."""
    if own is not None and answer.settings.rate is None:
        return float(own.sum(min_count=1))
    return float(answer.visits["allowed"].iloc[0])


class Units(NamedTuple):
    """Units of the lines whose minutes are counted together in 15s, and of all others."""

    timed: int
    rest: int


def units_by_rule(answer: Estimate) -> dict[str, Units]:
    """The visit's units under each unit rule, by its id."""
    lines = answer.lines
    timed = lines["leftover"].notna()
    rest = int(lines.loc[~timed, "units"].sum())
    return {rule: Units(int(lines.loc[timed, f"units_{rule}"].sum()), rest) for rule in RULE_NAMES}


class YearBefore(NamedTuple):
    """Dollars the same visit was allowed the year before, and the change since, 0.01 for 1%."""

    year: str
    allowed: float
    change: float


def year_before(answer: Estimate) -> YearBefore | None:
    """The same units at the rates of the year before; None where it has no amount in one of the
    two years, or the year's tables are not loaded."""
    here = rates.before(answer.settings.period)
    allowed = float(answer.visits["allowed"].iloc[0])
    if here is None or not allowed:
        return None
    then = answer.allowed_in(here)
    if pd.isna(then) or not then:
        return None
    return YearBefore(here.first[:4], then, allowed / then - 1)


class TherapyYear(NamedTuple):
    """Medicare's allowed dollars of therapy this year with the visit, and the year's threshold
    above which a line needs KX; None where that is not loaded."""

    allowed: float
    threshold: float | None


def therapy_year(answer: Estimate) -> TherapyYear | None:
    """What counts toward the KX threshold (cpm-5-10); None where it is not known what was used."""
    used = answer.settings.kx_used
    if used is None:
        return None
    indicators = tables.codes().loc[answer.lines["code"], "multiple_procedure"]
    therapy = (indicators == tables.THERAPY).to_numpy()
    limit = rates.amount("kx_threshold", answer.settings.period)
    return TherapyYear(
        used + float(answer.lines.loc[therapy, "allowed"].sum()),
        None if pd.isna(limit) else limit,
    )
