"""Many visits: each distinct one, without its minutes, is asked once and spread over the rest.

What follows from the units of a visit does not depend on its minutes, and practices bill alike: a
quarter of a million visits hold some thousands of patterns.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from chirocalc import tables
from chirocalc.arrays import Ints, numbered
from chirocalc.checked import checked

from .answer import hints_of, short_visits, speaking_units
from .facts import BilledLine
from .films import cut_of
from .hints import Finding
from .mppr import allowed_cents
from .services import Lines
from .terms import ManyTerms, Terms

MOST_REMEMBERED = 50_000  # patterns; each takes about a kilobyte
SEPARATE, SEVERAL, REGIONS, UNITS = 4, 2, 1 << 10, 1 << 14  # room for each part of a line's number


class Patterns(NamedTuple):
    """Visits that are alike. `order` are the lines, those of a visit together, and `starts` where
    in it each visit begins; `of_visit` which pattern each visit has, `first` a visit of each."""

    order: Ints
    starts: Ints
    of_visit: Ints
    first: Ints


class Found(NamedTuple):
    """Findings of many visits: which visit, which line (-1 for the visit as a whole), and which of
    the distinct `findings`; by visit, and within it in order."""

    visit: Ints
    line: Ints
    which: Ints
    findings: list[Finding]


def alike(lines: Lines, number: Ints, kind: Ints) -> Patterns:
    """Number the patterns of visits: alike are those with the same `number` on every line. `kind`
    is a number for each visit of what else sets it apart: its settings, what its minutes say."""
    order = np.arange(len(lines.visit))
    if len(kind) == 1:
        return Patterns(order, *(np.zeros(1, np.int64) for _ in range(3)))
    if len(order) and (np.diff(lines.visit) < 0).any():
        order = np.argsort(lines.visit, kind="stable")
    starts = np.searchsorted(lines.visit[order], np.arange(len(kind)))
    lengths = np.diff(starts, append=len(order))
    number = number[order]
    most = int(number.max(initial=0)) + 1
    pattern, found = numbered(kind)
    so_far = len(found)
    for place in range(int(lengths.max(initial=0))):
        longer = np.flatnonzero(lengths > place)
        # A pattern that goes on gets a new number, so that it is never one that has ended.
        again, found = numbered(pattern[longer] * most + number[starts[longer] + place])
        pattern[longer] = again + so_far
        so_far += len(found)
    return Patterns(order, starts, *numbered(pattern))


def _of_payment(lines: Lines, units: Ints) -> Ints:
    """A number for each line that two lines share when they are paid the same."""
    return numbered(units * len(tables.records()) + lines.key)[0]


def _of_hints(lines: Lines, units: Ints) -> Ints:
    """A number for each line that two lines share when the same hints may hold."""
    said = numbered(lines.modifiers)[0]
    said = (said * REGIONS + lines.region) * SEPARATE + lines.separate + 1
    said = numbered(said * SEVERAL + (lines.counts > 1))[0]
    return numbered((said * UNITS + units) * len(tables.records()) + lines.key)[0]


@checked
def find_all(lines: Lines, units: Ints, group: Ints, terms: ManyTerms) -> Found:
    """`hints_of` every visit."""
    minutes = np.array([each.short_minutes for each in terms])[group]
    is_short = short_visits(lines, units, minutes, len(group))
    by_line = group[lines.visit]
    for number, here in enumerate(terms):
        mine = by_line == number
        units = np.where(mine, speaking_units(lines, units, here), units)
    patterns = alike(lines, _of_hints(lines, units), group * 2 + is_short)
    places: list[int] = []
    which: list[int] = []
    counts: list[int] = []
    distinct: dict[int, int] = {}  # by identity: a finding is written once for all visits
    findings: list[Finding] = []
    remembered = _remembered_hints()
    for visit, rows in _examples(patterns, lines, units):
        here, short = terms[group[visit]], bool(is_short[visit])
        key = (here, short, rows.tobytes())
        if key not in remembered:
            _make_room(remembered)
            remembered[key] = hints_of(_records(rows), short, here)
        found = remembered[key]
        counts.append(len(found))
        for place, finding in found:
            if id(finding) not in distinct:
                distinct[id(finding)] = len(findings)
                findings.append(finding)
            places.append(place)
            which.append(distinct[id(finding)])
    at_visit, at = _spread(patterns.of_visit, np.array(counts, np.int64))
    within = np.array(places, np.int64)[at]
    first = patterns.starts[at_visit]
    line = np.where(within < 0, -1, patterns.order[first + np.maximum(within, 0)])
    return Found(at_visit, line, np.array(which, np.int64)[at], findings)


@checked
def allowed_all(lines: Lines, units: Ints, group: Ints, terms: ManyTerms) -> Ints:
    """Cents allowed for each line of every visit."""
    patterns = alike(lines, _of_payment(lines, units), group)
    cents: list[int] = []
    remembered = _remembered_cents()
    for visit, rows in _examples(patterns, lines, units):
        here = terms[group[visit]]
        key = (here, rows[:, :2].tobytes())
        if key not in remembered:
            _make_room(remembered)
            prices = [here.prices[at] for at in rows[:, 0].tolist()]
            remembered[key] = allowed_cents(prices, rows[:, 1].tolist(), here.reduction)
        cents += remembered[key]
    return _over_lines(patterns, cents) - _film_cuts(lines, units, group, terms)


def _film_cuts(lines: Lines, units: Ints, group: Ints, terms: ManyTerms) -> Ints:
    """Cents that FX or FY takes off each line."""
    cuts = np.zeros(len(lines.key), np.int64)
    any_bit = sum(each.bit for each in terms[0].films)
    for at in np.flatnonzero(lines.modifiers & any_bit).tolist():
        here = terms[group[lines.visit[at]]]
        technical = here.prices[lines.key[at]].technical
        cuts[at] = cut_of(technical, int(lines.modifiers[at]), here.films) * units[at]
    return cuts


def _make_room(remembered: dict[Any, Any]) -> None:
    if len(remembered) >= MOST_REMEMBERED:
        remembered.clear()


@tables.kept
def _remembered_hints() -> dict[tuple[Terms, bool, bytes], list[tuple[int, Finding]]]:
    """What was found for patterns asked before, so that an audit in parts asks each once."""
    return {}


@tables.kept
def _remembered_cents() -> dict[tuple[Terms, bytes], list[int]]:
    """The same for the cents allowed."""
    return {}


def _records(rows: Ints) -> list[BilledLine]:
    """Lines as records, from their key and what else stands in them."""
    codes = tables.code_list()
    return [
        BilledLine(codes[key], units, modifiers, region, separate, bool(several))
        for key, units, modifiers, region, separate, several in rows.tolist()
    ]


def _examples(patterns: Patterns, lines: Lines, units: Ints) -> Iterator[tuple[int, Ints]]:
    """A visit of each pattern, and its lines: key, units, modifiers, region, separate, several."""
    starts = patterns.starts[patterns.first]
    lengths = _lengths(patterns)[patterns.first]
    ends = np.cumsum(lengths)
    places = np.arange(int(ends[-1]) if len(ends) else 0)
    at = patterns.order[places + np.repeat(starts - ends + lengths, lengths)]
    columns = (lines.key, units, lines.modifiers, lines.region, lines.separate, lines.counts > 1)
    rows = np.stack([column[at].astype(np.int64) for column in columns], axis=1)
    begin = 0
    for visit, end in zip(patterns.first.tolist(), ends.tolist(), strict=True):
        yield visit, rows[begin:end]
        begin = end


def _lengths(patterns: Patterns) -> Ints:
    return np.diff(patterns.starts, append=len(patterns.order))


def _spread(of_visit: Ints, counts: Ints) -> tuple[Ints, Ints]:
    """Rows of patterns, one after the other, for every visit: which visit, and which row."""
    starts = np.cumsum(counts) - counts
    each = counts[of_visit] if len(counts) else np.zeros(len(of_visit), np.int64)
    visit = np.repeat(np.arange(len(of_visit)), each)
    row = np.arange(len(visit)) + np.repeat(starts[of_visit] - np.cumsum(each) + each, each)
    return visit, row


def _over_lines(patterns: Patterns, values: list[int]) -> Ints:
    """Values of the lines of each pattern, for every line."""
    lengths = _lengths(patterns)
    _, at = _spread(patterns.of_visit, lengths[patterns.first])
    out = np.empty(len(patterns.order), np.int64)
    out[patterns.order] = np.array(values, np.int64)[at]
    return out
