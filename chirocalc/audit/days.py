"""What is allowed for the lines of a day: the therapy MPPR counts the day, whoever treats."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from chirocalc.arrays import Bools, Ints, numbered
from chirocalc.rules import Lines, Terms, allowed_all, allowed_cents


class Priced(NamedTuple):
    """What lines are priced by: which of the `terms` each visit goes by, and each line, where a
    place of its own may stand; and the patient's day that each line is of."""

    group: Ints
    by_line: Ints
    terms: Sequence[Terms]
    day: Ints

    def of_days(self, keep: Bools, lines: Lines) -> Priced:
        """The same for some of the lines, their visits numbered anew."""
        visit = lines.visit[keep]
        first = numbered(visit)[1]
        return Priced(
            self.group[visit[first]],
            self.by_line[keep],
            self.terms,
            numbered(self.day[keep])[0],
        )


def allowed_by_day(lines: Lines, units: Ints, priced: Priced) -> Ints:
    """Cents allowed for each line. Of a payer's day with several disciplines or places one unit in
    all is paid in full (cpm-5-10.7)."""
    cents = allowed_all(lines, units, priced.group, priced.terms)
    for rows in _mixed_days(priced):
        here = [priced.terms[at] for at in priced.by_line[rows]]
        prices = [each.prices[key] for each, key in zip(here, lines.key[rows], strict=True)]
        cents[rows] = allowed_cents(prices, units[rows].tolist(), here[0].reduction)
    return cents


def _mixed_days(priced: Priced) -> list[Ints]:
    """The lines of each day and payer that go by several terms."""
    by_line = priced.by_line
    if not len(by_line) or len(priced.terms) == 1:
        return []
    payers: dict[tuple[str, str], int] = {}
    who = [(each.settings.payer, each.settings.reduction) for each in priced.terms]
    payer = np.array([payers.setdefault(each, len(payers)) for each in who], np.int64)
    day = numbered(priced.day * len(payers) + payer[by_line])[0]
    first = numbered(day)[1]
    odd = np.zeros(len(first), np.bool_)
    np.logical_or.at(odd, day, by_line != by_line[first][day])
    lines = np.flatnonzero(odd[day])
    lines = lines[np.argsort(day[lines], kind="stable")]
    return np.split(lines, np.flatnonzero(np.diff(day[lines])) + 1) if len(lines) else []
