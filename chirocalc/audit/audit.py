"""An audit of billed visits: the same engine over many lines, billed units beside supported ones.

`audit(lines, settings)` takes the lines of `rows.read_rows`. A visit is one patient, one day, one
discipline: what has one number (of a claim, an account) and one date, each discipline by itself
(cpm-5-20.2). Each finding has the dollars and RVUs at stake: of units, billed less supported (minus
where fewer were billed); of a hint, those of the line as billed. Sums are whole cents and
hundredths, so that parts add up to the whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from chirocalc import tables
from chirocalc.arrays import Bools, Ints, numbered, texts
from chirocalc.errors import InputError, nearest
from chirocalc.rules import (
    ReadLines,
    Settings,
    Worth,
    as_said,
    find_all,
    price_lines,
    read_lines,
    said_of_treatment,
    terms,
)
from chirocalc.tables import ordered, rates

from .billed import Billed, Compared, both_ways, compare, minutes_once, stakes_of_units
from .days import Priced, allowed_by_day
from .findings import all_findings, suggested
from .left_out import LEFT_OUT, shown
from .reversals import without_reversals
from .rows import Incomplete
from .totals import Totals, sum_up

FINDINGS = [
    "row", "visit", "claim", "date", "month", "provider", "payer", "code", "units", "modifiers",
    "rule", "level", "modifier", "text", "right_units", "right_modifiers", "dollars", "rvus",
    "source",
]  # fmt: skip

NOT_LOADED = "is a day for which no tables are loaded"


MOST_NEAREST, LONGEST_CODE = 20, 12  # unknown codes, and letters of one, that others are near to

# A payer that is named and not known goes by what holds at any commercial payer: its profile, and
# units that neither rule gives.
NAMED, EITHER = "commercial-total-time", "either"


@dataclass
class Audit:
    """`lines`: one row per visit and code: row (the first in the file), visit and claim (the file's
    own numbers), date, month, provider, payer, code, minutes, billed, supported (by the payer's
    rule; missing where minutes are), units_cms, units_cpt, modifiers, region, suggested (modifiers,
    not confirmed), allowed (dollars of the units billed, or supported where none were given),
    work_rvu, total_rvu, covered.
    `findings`: columns `FINDINGS`. `refused`: rows that were left out, columns `REFUSED`.
    `totals`: what `Totals.add` sums up over several parts."""

    lines: pd.DataFrame
    findings: pd.DataFrame
    refused: pd.DataFrame
    totals: Totals


@tables.in_use()
def audit(
    rows: pd.DataFrame,
    settings: Settings,
    incomplete: Incomplete = frozenset(),
    fields: Collection[str] | None = None,
    minutes: str = "line",
) -> Audit:
    """Audit lines under the settings; payer, who treats and date of a visit's first row go before
    them, and so does each line's place; AT, GA or GZ on its adjustment says whether the treatment
    was active.

    Rows that the engine does not take, such as an unknown code, are refused; of the visits they are
    from, and of those called `incomplete` (number and day, "" for all its days), units are not
    compared. `fields`: those that the file has, None for all: no finding rests on another one.
    `minutes`: whether minutes that are the same on every timed line of a visit are each "line"'s
    own, or the whole "visit"'s.
    """
    rows, reversed_rows = without_reversals(
        _by_visit(rows.reset_index(drop=True), settings.provider)
    )
    rows, read, refused = _taken(rows)
    left_out = pd.concat([reversed_rows, refused]).sort_values("row", ignore_index=True)
    partial = _partial(rows, read, incomplete, left_out[left_out["kind"] == ""])
    first = numbered(read.line_of)[1]
    group, chosen, by_line = _settings_of_visits(rows, read, settings, first)
    here = [terms(each, _blind(fields)) for each in chosen]
    priced = Priced(group, by_line, here, rows["day"].to_numpy()[first])

    has_units = None if fields is None else "units" in fields
    billed = Billed.of(rows, read, partial[read.lines.visit], has_units)
    named = _named(rows, read)
    rule = _rules(named, chosen, by_line)
    lines, compared = compare(read.lines, billed, rule, minutes == "visit")
    cents = allowed_by_day(lines, compared.used, priced)
    once, own = minutes_once(lines, billed) if minutes == "visit" else (lines, lines)
    found = find_all(once, compared.used, group, here)
    worth = price_lines(lines.key, compared.used, cents, by_line, here)
    stakes = stakes_of_units(lines, compared, worth, priced)

    table = _lines(rows, read, first, compared, worth, _payers(named, chosen, by_line))
    listed = all_findings(lines, compared, worth, stakes, found, fields)
    table["suggested"] = suggested(listed, len(table))
    sums = sum_up(table, listed, own, worth)
    kinds = Counter(left_out["kind"])
    sums.rows |= {"used": len(rows), "refused": kinds.pop("", 0), "incomplete": int(partial.sum())}
    sums.passed = kinds
    sums.minutes = both_ways(read.lines, compared, rule, worth, stakes, priced, minutes)
    by_row = np.argsort(table["row"].to_numpy(), kind="stable")
    lines = table.take(by_row).reset_index(drop=True)
    return Audit(lines, listed.frame(table)[FINDINGS], shown(left_out), sums)


def _blind(fields: Collection[str] | None) -> frozenset[str]:
    """What is not known of any line: hints rest on modifiers and regions."""
    return frozenset() if fields is None else frozenset({"modifiers", "region"} - set(fields))


def _by_visit(rows: pd.DataFrame, provider: str) -> pd.DataFrame:
    """The rows with `day`, a number for each patient's day, and `of`, one for each visit: the day
    of one discipline, where none is said of the `provider`'s."""
    said, words = pd.factorize(rows["discipline"])
    of_words = pd.factorize(np.array([str(word) or provider for word in words], object))[0]
    numbers = [*(pd.factorize(rows[name])[0] for name in ("visit", "date")), of_words[said]]
    sizes = [int(each.max(initial=0)) + 1 for each in numbers]
    day = numbered(numbers[0] * sizes[1] + numbers[1])[0]
    return rows.assign(day=day, of=numbered(day * sizes[2] + numbers[2])[0])


def _taken(rows: pd.DataFrame) -> tuple[pd.DataFrame, ReadLines, pd.DataFrame]:
    """The rows the engine takes, read, and those it does not: it is asked, and what it names is
    refused."""
    late = ((rates.number_of(rows["date"]) < 0) & (rows["date"] != "")).to_numpy()
    unknown = ~rows["code"].isin(list(tables.code_arrays().names)).to_numpy() & ~late
    years = rows["date"].iloc[late.nonzero()[0]].astype(str).str.slice(0, 4)  # no day of birth
    refused = [
        _refused(rows, late.nonzero()[0], "date", years.tolist(), [NOT_LOADED] * len(years)),
        _unknown_codes(rows, unknown.nonzero()[0]),
    ]
    rows = rows[~late & ~unknown].reset_index(drop=True)
    while True:
        try:
            read = read_lines(rows.assign(visit=rows["of"]))
        except InputError as error:
            odd = {problem.row - 1: problem for problem in reversed(error.problems) if problem.row}
            if not odd:
                raise
            at, problems = np.array(list(odd), np.int64), list(odd.values())
            refused.append(
                _refused(
                    rows,
                    at,
                    [problem.column for problem in problems],
                    [_shown(problem.value) for problem in problems],
                    [problem.allowed for problem in problems],
                )
            )
            rows = rows.drop(index=at).reset_index(drop=True)
        else:
            table = pd.concat(refused).sort_values("row", ignore_index=True)
            days = numbered(rows["day"].to_numpy())[0]
            return rows.assign(day=days), read, table


def _unknown_codes(rows: pd.DataFrame, at: Ints) -> pd.DataFrame:
    """The rows of codes that no table has, with the nearest ones: of the first of them, and of none
    that is far longer than a code."""
    codes = rows["code"].iloc[at].astype(str).tolist()
    known = tables.code_arrays().names
    reasons: dict[str, str] = {}
    for code in codes:
        if code not in reasons:
            tells = len(reasons) < MOST_NEAREST and len(code) <= LONGEST_CODE
            near = f"; {nearest(code, known)}" if tells else ""
            reasons[code] = f"is not a code of codes.csv{near}"
    return _refused(rows, at, "code", codes, [reasons[code] for code in codes])


def _refused(
    rows: pd.DataFrame, at: Ints, column: str | list[str], values: list[str], reasons: list[str]
) -> pd.DataFrame:
    """Some of the rows as refused, columns `LEFT_OUT`."""
    about = {name: rows[name].iloc[at].astype(str).to_numpy(object) for name in ("visit", "date")}
    said = {"column": column, "value": values, "reason": reasons, "kind": "", "sure": True}
    table = pd.DataFrame({"row": rows["row"].iloc[at].to_numpy(), **about, **said})
    return table[LEFT_OUT]


def _partial(
    rows: pd.DataFrame, read: ReadLines, incomplete: Incomplete, refused: pd.DataFrame
) -> Bools:
    """Which visits have rows that were left out: those `incomplete`, where the day is not known all
    visits of that number; and those of rows `refused` here, which have the day of their visit."""
    out = np.zeros(len(read.visits), np.bool_)
    bad = {*incomplete, *zip(refused["visit"], refused["date"], strict=True)}
    any_day = {visit for visit, day in incomplete if not day}
    mine = np.flatnonzero(rows["visit"].isin({visit for visit, _ in bad}).to_numpy())
    visit_of_row = read.lines.visit[read.line_of]
    about = zip(rows["visit"].iloc[mine], rows["date"].iloc[mine], mine.tolist(), strict=True)
    for visit, date, at in about:
        if (visit, date) in bad or visit in any_day:
            out[visit_of_row[at]] = True
    return out


def _shown(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # numbers are floats here
    return "" if value is None else str(value)


def _settings_of_visits(
    rows: pd.DataFrame, read: ReadLines, settings: Settings, first: Ints
) -> tuple[Ints, list[Settings], Ints]:
    """Which settings each visit goes by, as a number; the settings; and which each line is priced
    by, where its place is not its visit's. `first`: the first row of each line."""
    if rows.empty:
        return np.zeros(0, np.int64), [settings], np.zeros(0, np.int64)
    of_visit = numbered(read.lines.visit[read.line_of])[1]
    said_of = said_of_treatment(read.lines, len(read.visits))
    days = rates.number_of(rows["date"].iloc[of_visit])
    is_named = (rows["named"].iloc[of_visit] != "").to_numpy()
    mixed = (said_of * (len(rates.periods()) + 1) + days) * 2 + is_named
    said = [pd.factorize(rows[name].iloc[of_visit]) for name in ("payer", "place", "discipline")]
    for numbers, found in said:
        mixed = mixed * (len(found) + 1) + numbers
    group, examples = numbered(mixed)
    chosen = []
    for at in examples.tolist():
        payer, place, discipline = (str(found[numbers[at]]) for numbers, found in said)
        here = replace(
            settings,
            payer=NAMED if is_named[at] else payer or settings.payer,
            place=place or settings.place,
            provider=discipline or settings.provider,
            date=rates.periods()[days[at]].first if days[at] >= 0 else settings.date,
        )
        if here.payer != settings.payer or is_named[at]:  # what was set is about the payer set
            here = replace(here, unit_rule=None, percent=None, mppr=None, therapy_modifier=None)
        chosen.append(as_said(here, int(said_of[at])))
    return group, chosen, _at_own_place(rows, read, group, chosen, first)


def _at_own_place(
    rows: pd.DataFrame, read: ReadLines, group: Ints, chosen: list[Settings], first: Ints
) -> Ints:
    """Which settings each line is priced by; those of lines elsewhere than their visit's first are
    added to the `chosen`."""
    by_line = group[read.lines.visit].copy()
    numbers, names = pd.factorize(rows["place"])
    if len(names) < 2:
        return by_line
    place = numbers[first]
    others = np.flatnonzero(place != place[numbered(read.lines.visit)[1]][read.lines.visit])
    known: dict[Settings, int] = {}
    for at in others.tolist():
        if name := str(names[place[at]]):
            here = replace(chosen[by_line[at]], place=name)
            if here not in known:
                known[here] = len(chosen)
                chosen.append(here)
            by_line[at] = known[here]
    return by_line


def _named(rows: pd.DataFrame, read: ReadLines) -> pd.Categorical:
    """The name of each line's payer that is not known, as its visit's first row has it, else ""."""
    of_visit = numbered(read.lines.visit[read.line_of])[1]
    return pd.Categorical(rows["named"].iloc[of_visit]).take(read.lines.visit)


def _rules(named: pd.Categorical, chosen: list[Settings], by_line: Ints) -> Any:
    """The unit rule of each line: "cms", "cpt", or of payers not known "either"."""
    rules = np.array([each.rule for each in chosen])[by_line]
    if not (named.categories != "").any():
        return rules
    return np.where(named != "", EITHER, rules)


def _payers(named: pd.Categorical, chosen: list[Settings], by_line: Ints) -> Any:
    """The payer of each line: its id, or one that is not known as the file names it."""
    ids = [each.payer for each in chosen]
    words = [*ids, *map(str, named.categories)]
    which = named.codes.astype(np.int64) + len(ids)
    return texts(words, np.where(named != "", which, by_line))


def _lines(
    rows: pd.DataFrame, read: ReadLines, first: Ints, compared: Compared, worth: Worth, payer: Any
) -> pd.DataFrame:
    """`Audit.lines` but for what is suggested, in the order of the engine's lines."""
    about = rows[["row", "visit", "claim", "date", "provider"]].take(first).reset_index(drop=True)
    day, days = pd.factorize(about["date"])
    provider, providers = pd.factorize(about["provider"])
    lines, counted = read.lines, compared.counted
    return pd.DataFrame(
        {
            "row": about["row"],
            "visit": about["visit"],
            "claim": about["claim"],
            "date": texts([str(each) for each in days], day),
            "month": texts([str(each)[:7] for each in days], day),
            "provider": texts([str(each) for each in providers], provider),
            "payer": payer,
            "code": texts([code.code for code in tables.code_list()], lines.key),
            "minutes": pd.arrays.IntegerArray(lines.minutes, ~lines.has_minutes),
            "billed": pd.arrays.IntegerArray(compared.billed.units, ~compared.billed.given),
            "supported": pd.arrays.IntegerArray(compared.supported, compared.unclear),
            "units_cms": counted.units_cms,
            "units_cpt": counted.units_cpt,
            "modifiers": _written(read),
            "region": _regions(lines.region),
            "allowed": worth.dollars(),
            "work_rvu": worth.rvus(worth.work),
            "total_rvu": worth.rvus(worth.total),
            "covered": worth.covered,
        }
    )


def _written(read: ReadLines) -> pd.api.extensions.ExtensionArray:
    """The modifiers of each line in the order they stand, those not in the table last."""
    others, found = pd.factorize(read.others)
    number, first = numbered(read.lines.modifiers * len(found) + others if len(found) else others)
    words = [
        " ".join([*ordered(int(read.lines.modifiers[at])), read.others[at]]).strip() for at in first
    ]
    return texts(words, number)


def _regions(region: Ints) -> pd.api.extensions.ExtensionArray:
    """The regions of each line with | between."""
    names = tables.regions().index
    number, first = numbered(region)
    bits = region[first].tolist()
    words = ["|".join(name for at, name in enumerate(names) if each >> at & 1) for each in bits]
    return texts(words, number)
