"""Sums of an audit that add up over parts, in whole cents and hundredths of an RVU."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from chirocalc import tables
from chirocalc.arrays import Bools, Ints, numbered, texts
from chirocalc.checked import checked
from chirocalc.errors import InputError, Problem
from chirocalc.rules import Finding, Lines, Worth

# What mends a finding by taking its line off the claim.
OFF_CLAIM = ("off", "collect")

LEVELS = ("fix", "needs", "check", "note")

AT_STAKE = ("fix", "needs", "check")  # a note puts nothing at stake


@dataclass
class Totals:
    """Sums that add up over parts, in whole cents and hundredths of an RVU.

    `by_code`: lines, minutes, billed, units_cms, units_cpt, cents; of the lines with both minutes
    and billed units timed_minutes and timed_units; of those whose billed units can be compared
    compared_billed and compared_supported; `by_rule`: findings, cents, rvus;
    `by_month`: visits, work; `at_stake`: cents of the lines, each once, by its gravest level;
    `rows`: used, refused, incomplete, lines, visits; `of_lines`: how many are blind (units not
    compared with minutes), bare (without units billed), odd (something to look at); `passed`: rows
    that are no services, by kind; `payers`: visits by payer, an id or as the file names one not
    known; `unknown`: (field, word) that was not known, in how many rows;
    `minutes`: see `billed.both_ways`; `days`: the first and the last day, "" where there is none.
    """

    by_code: pd.DataFrame
    by_rule: pd.DataFrame
    by_month: pd.DataFrame
    at_stake: Counter[str]
    rows: Counter[str]
    of_lines: Counter[str] = field(default_factory=Counter)
    passed: Counter[str] = field(default_factory=Counter)
    payers: Counter[str] = field(default_factory=Counter)
    unknown: Counter[tuple[str, str]] = field(default_factory=Counter)
    minutes: Counter[str] = field(default_factory=Counter)
    days: tuple[str, str] = ("", "")

    @staticmethod
    @checked
    def add(parts: Iterable[Totals]) -> Totals:
        """The sums of all parts, one at least."""
        parts = list(parts)
        if not parts:
            raise InputError([Problem("add", None, "parts", parts, "must be one at least")])

        def together(name: str) -> pd.DataFrame:
            frames = [getattr(part, name) for part in parts]
            keys = list(frames[0].index.names)
            return pd.concat(frames).groupby(level=keys, sort=True).sum()

        def counted(name: str) -> Counter[Any]:
            out: Counter[Any] = Counter()
            for part in parts:  # not `+`, which drops what is below 0
                out.update(getattr(part, name))
            return out

        days = [day for part in parts for day in part.days if day]
        return Totals(
            together("by_code"),
            together("by_rule"),
            together("by_month"),
            counted("at_stake"),
            counted("rows"),
            counted("of_lines"),
            counted("passed"),
            counted("payers"),
            counted("unknown"),
            counted("minutes"),
            (min(days, default=""), max(days, default="")),
        )


class Listed(NamedTuple):
    """Findings as listed: which of the distinct `findings` each is, the line it stands at, whether
    it is about the visit as a whole, and the dollars and RVUs at stake."""

    findings: list[Finding]
    which: Ints
    line: Ints
    of_visit: Bools
    dollars: NDArray[np.float64]
    rvus: NDArray[np.float64]

    def in_order(self, order: Ints) -> Listed:
        """These of the findings, in this order."""
        return Listed(
            self.findings,
            self.which[order],
            self.line[order],
            self.of_visit[order],
            self.dollars[order],
            self.rvus[order],
        )

    def frame(self, table: pd.DataFrame) -> pd.DataFrame:
        """One row a finding by the row of its line, which is in `table`."""
        row = table["row"].to_numpy()[self.line]
        if (np.diff(row) < 0).any():
            order = np.argsort(row, kind="stable")
            return self.in_order(order).frame(table)
        about = table[
            ["row", "visit", "claim", "date", "month", "provider", "payer", "modifiers"]
        ].take(self.line)
        units = table["billed"].take(self.line).reset_index(drop=True)
        if self.of_visit.any():  # about no line of it
            about = about.assign(modifiers=about["modifiers"].where(~self.of_visit, ""))
            units = units.mask(self.of_visit)
        said = {
            name: texts([getattr(each, field) for each in self.findings], self.which)
            for name, field in {
                "code": "code", "rule": "rule", "level": "level", "modifier": "modifier",
                "text": "in_full", "source": "source",
            }.items()
        }  # fmt: skip
        right = table["supported"].take(self.line).reset_index(drop=True)
        off = np.array([each.mend in OFF_CLAIM for each in self.findings], np.bool_)[self.which]
        return about.reset_index(drop=True).assign(
            **said,
            units=units,
            right_units=right.fillna(units).mask(off, 0).mask(self.of_visit),
            right_modifiers=self._right_modifiers(table["modifiers"]),
            dollars=self.dollars,
            rvus=self.rvus,
        )

    def _right_modifiers(self, modifiers: pd.Series) -> Any:
        """The modifiers of each finding's line as it would have them: of each line few ways."""
        said, words = pd.factorize(modifiers)
        both, first = numbered(said[self.line] * (len(self.findings) + 1) + self.which)
        pairs = zip(said[self.line[first]].tolist(), self.which[first].tolist(), strict=True)
        right = [
            _mended(str(words[at]), self.findings[which]) if self.findings[which].code else ""
            for at, which in pairs
        ]
        return texts(right, both)


def _mended(modifiers: str, finding: Finding) -> str:
    """Modifiers without those that a finding drops, and with what it suggests."""
    if finding.mend in OFF_CLAIM:
        return modifiers
    drops = finding.drops.split() if finding.mend == "without" else []
    kept = [word for word in modifiers.split() if word not in drops]
    more = [finding.modifier.replace("|", " or ")] if finding.modifier else []
    return " ".join([*kept, *(each for each in more if each not in kept)])


def sum_up(table: pd.DataFrame, listed: Listed, lines: Lines, worth: Worth) -> Totals:
    """The sums of one part: its lines in the engine's order, as `Audit.lines`, and its findings."""
    first = numbered(lines.visit)[1]
    return Totals(
        _by_code(table, lines, worth),
        _by_rule(listed),
        _by_month(table, lines, worth),
        _at_stake(listed),
        Counter(lines=len(table), visits=int(lines.visit.max(initial=-1)) + 1),
        _of_lines(table, listed),
        payers=Counter(dict(zip(*_counts(table["payer"].take(first)), strict=True))),
        days=_span(table["date"]),
    )


def _of_lines(table: pd.DataFrame, listed: Listed) -> Counter[str]:
    odd = np.array([each.level != "note" for each in listed.findings], np.bool_)
    return Counter(
        blind=int(table["supported"].isna().sum()),
        bare=int(table["billed"].isna().sum()),
        odd=len(np.unique(listed.line[odd[listed.which]])),
    )


def _counts(words: pd.Series) -> tuple[list[str], list[int]]:
    numbers, found = pd.factorize(words)
    return [str(each) for each in found], np.bincount(numbers, minlength=len(found)).tolist()


def _span(days: pd.Series) -> tuple[str, str]:
    """The first and the last day given."""
    said = sorted(day for day in map(str, days.unique()) if day)
    return (said[0], said[-1]) if said else ("", "")


def _by_code(table: pd.DataFrame, lines: Lines, worth: Worth) -> pd.DataFrame:
    given, minutes = table["billed"].notna().to_numpy(), lines.minutes
    billed = table["billed"].to_numpy(np.int64, na_value=0)
    supported = table["supported"].to_numpy(np.int64, na_value=0)
    compared = given & table["supported"].notna().to_numpy()
    clocked = (billed > 0) & (minutes > 0)
    columns = {
        "lines": np.ones(len(table), np.int64),
        "minutes": minutes,
        "billed": billed,
        "timed_minutes": np.where(clocked, minutes, 0),
        "timed_units": np.where(clocked, billed, 0),
        "compared_billed": np.where(compared, billed, 0),
        "compared_supported": np.where(compared, supported, 0),
        "units_cms": table["units_cms"].to_numpy(),
        "units_cpt": table["units_cpt"].to_numpy(),
        "cents": np.where(worth.priced, worth.allowed, 0),
    }
    number, first = numbered(lines.key)
    codes = [(tables.code_list()[key].code,) for key in lines.key[first]]
    return _sums(["code"], codes, number, columns)  # parts of a service are one code


def _by_rule(listed: Listed) -> pd.DataFrame:
    columns = {
        "findings": np.ones(len(listed.which), np.int64),
        "cents": _hundredths(listed.dollars),
        "rvus": _hundredths(listed.rvus),
    }
    rules = [(each.rule, each.level) for each in listed.findings]
    return _sums(["rule", "level"], rules, listed.which, columns)


def _by_month(table: pd.DataFrame, lines: Lines, worth: Worth) -> pd.DataFrame:
    first = np.zeros(len(table), np.int64)
    first[numbered(lines.visit)[1]] = 1
    work = np.where(worth.has_rvu, worth.work, 0)
    months, month = pd.factorize(table["month"])
    providers, provider = pd.factorize(table["provider"])
    number, first_row = numbered(months * len(provider) + providers)
    names = [(month[months[at]], provider[providers[at]]) for at in first_row]
    return _sums(["month", "provider"], names, number, {"visits": first, "work": work})


def _at_stake(listed: Listed) -> Counter[str]:
    """Cents at stake by the gravest level of each line, so that no line counts twice."""
    cents = _hundredths(listed.dollars)
    over, under = (
        np.array([each.rule in rules for each in listed.findings], np.bool_)[listed.which]
        for rules in (("units-over", "units-zero"), ("units-under",))
    )
    out = Counter(over=int(cents[over].sum()), under=int(cents[under].sum()))
    rank = np.array([LEVELS.index(each.level) for each in listed.findings], np.int64)[listed.which]
    hints = np.flatnonzero(~over & ~under & (cents != 0))
    hints = hints[np.lexsort((rank[hints], listed.line[hints]))]
    once = hints[np.flatnonzero(np.diff(listed.line[hints], prepend=-1))]
    for at, level in enumerate(LEVELS):
        if (rank[once] == at).any():
            out[level] = int(cents[once][rank[once] == at].sum())
    return out


def _sums(
    by: list[str], names: Sequence[tuple[str, ...]], which: Ints, columns: dict[str, Ints]
) -> pd.DataFrame:
    """The columns summed by the names of the rows, which may be alike; whole numbers stay exact as
    they are far below 2 ** 53."""
    said = np.flatnonzero(np.bincount(which, minlength=len(names))).tolist()
    in_order = sorted({names[at] for at in said})
    place = {name: at for at, name in enumerate(in_order)}
    number = np.array([place.get(name, 0) for name in names], np.int64)[which]
    levels = [pd.Index([name[at] for name in in_order], dtype=str) for at in range(len(by))]
    index = pd.MultiIndex.from_arrays(levels, names=by) if len(by) > 1 else levels[0].rename(by[0])
    return pd.DataFrame(
        {
            name: np.bincount(number, values, len(in_order)).astype(np.int64)
            for name, values in columns.items()
        },
        index,
    )


def _hundredths(values: NDArray[np.float64]) -> Ints:
    return np.rint(values * 100).astype(np.int64)
