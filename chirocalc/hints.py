"""Modifier and coding hints: what would be denied or is missing, why, and the source.

A hint never changes a unit or an amount and is never applied by itself. Each rule is a row of
`tables/hints.csv`:

- `lines`: the codes it is about: a code, a range "98940-98942", a kind such as "@therapy" (see
  `KINDS`), "!" before one to leave it out. Or `pair`: a kind of pair of `tables/pairs.csv`.
- `with`: codes of which another line of the visit must have one.
- `when`: facts that must all hold (see `FACTS` and `LINE_FACTS`), "!" before one that must not.
- `lacks`: modifiers that silence it. `modifier`: what it suggests, "|" between alternatives.
- `per`: one finding for each line and other line ("line"), each line ("code"), or each visit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from . import code_table, tables
from .edits import Pairs, find_pairs
from .errors import InputError, Problem
from .lines import Lines, modifier_bits, region_bits
from .settings import Settings

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

COLUMNS = ["visit", "code", "rule", "level", "modifier", "text", "source"]
NOBODY = np.iinfo(np.int64).max
REGIONS = 10  # bits for the regions two lines share


@dataclass(frozen=True)
class Facts:
    """What is known of the lines of many visits; arrays by line unless said otherwise."""

    lines: Lines
    units: Ints
    allowed: NDArray[np.float64]
    settings: Settings

    @cached_property
    def codes(self) -> code_table.CodeArrays:
        return code_table.code_arrays()

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
        whole_spine = np.isin(self.lines.key, _keys_of("whole spine", code_table.codes_version()))
        return np.where(whole_spine & (self.lines.region == 0), _spinal(), self.lines.region)

    @cached_property
    def adjusted(self) -> Ints:
        """The regions of all manipulations of a line's visit."""
        return self._of_manipulations(self.region)

    @cached_property
    def perhaps_adjusted(self) -> Ints:
        """Regions that a manipulation of the visit without regions may have been done in."""
        spinal = np.isin(self.lines.key, _keys_of("spinal", code_table.codes_version()))
        may = np.where(spinal, _spinal(), _bits_of("extraspinal"))
        return self._of_manipulations(np.where(self.region == 0, may, 0))

    def _of_manipulations(self, bits: Ints) -> Ints:
        version = code_table.codes_version()
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
    table, rows = tables.manipulation(), code_table.code_arrays().row
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
    "kx-over": lambda f, at, other: _kx(f, "kx_threshold", at),
    "kx-under": lambda f, at, other: ~_kx(f, "kx_threshold", at) & (f.settings.kx_used is not None),
    "kx-review": lambda f, at, other: _kx(f, "kx_review", at),
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


def findings(
    lines: Lines, units: Ints, allowed: NDArray[np.float64], settings: Settings
) -> pd.DataFrame:
    """One row per hint: visit, code, rule, level, modifier, text, source.

    `units` and `allowed` (dollars, missing where there is none) are those of the lines. A hint
    about the visit as a whole has no code. Ordered by line, then as the rules stand in the table.
    """
    facts = Facts(lines, units, allowed, settings)
    version = code_table.codes_version()
    pairs = find_pairs(lines, facts.billed)
    kinds = _pair_kinds()[pairs.row]
    rules = _rules(version)
    found = [(row, *_matches(facts, rules[row], pairs, kinds)) for row in _asked(settings, version)]
    return _table(facts, found, version)


def asks_region(code: str, manipulations: list[str]) -> bool:
    """Whether a code's region matters beside these manipulations (ncci-11-s)."""
    return any((other, code) in _region_pairs() for other in manipulations)


@cache
def _region_pairs() -> set[tuple[str, str]]:
    pairs = tables.pairs()
    pairs = pairs[pairs["kind"] == "cmt-region"]
    return set(zip(pairs["column1"], pairs["column2"], strict=True))


def separate_questions(lines: Lines, units: Ints, settings: Settings) -> set[str]:
    """Codes of which a rule asks whether they were separate from another service of the visit."""
    if settings.profile("claims") != "yes":
        return set()
    rules = tables.hints()
    asking = rules.loc[rules["when"].str.contains("separate-unknown"), "pair"].unique()
    pairs = find_pairs(lines, units > 0)
    asked = pairs.line[np.isin(_pair_kinds()[pairs.row], asking.astype(object))]
    return set(code_table.code_arrays().code[lines.key[asked]])


@lru_cache(maxsize=256)
def _asked(settings: Settings, version: int) -> list[int]:
    """The rules that the settings do not rule out."""
    return [
        row
        for row, rule in enumerate(_rules(version))
        if all(FACTS[name](settings) != negated for name, negated in rule.facts)
    ]


@cache
def _pair_kinds() -> NDArray[np.object_]:
    return np.asarray(tables.pairs()["kind"].to_numpy(object))


@dataclass(frozen=True)
class _Rule:
    """A row of the table, ready to be asked of many lines."""

    lines: Bools  # by code key
    beside: Bools | None
    pair: str
    per: str
    facts: tuple[tuple[str, bool], ...]
    line_facts: tuple[tuple[str, bool], ...]
    has: tuple[int, ...]
    lacks: int


@lru_cache(maxsize=2)
def _rules(_version: int) -> list[_Rule]:
    words = tables.hints()["when"].str.split()
    known = FACTS.keys() | LINE_FACTS.keys()
    odd = [
        Problem("hints.csv", row + 2, "when", word, "is not a fact that hints know")
        for row, row_words in enumerate(words)
        for word in row_words
        if not word.startswith("has:") and word.removeprefix("!") not in known
    ]
    if odd:
        raise InputError(odd)
    return [
        _Rule(
            lines=_selected(row["lines"]),
            beside=_selected(row["with"]) if row["with"] else None,
            pair=row["pair"],
            per=row["per"],
            facts=tuple(_negated(word) for word in row["when"].split() if word.strip("!") in FACTS),
            line_facts=tuple(
                _negated(word) for word in row["when"].split() if word.strip("!") in LINE_FACTS
            ),
            has=tuple(
                modifier_bits(HAS.get(word[4:], word[4:]))
                for word in row["when"].split()
                if word.startswith("has:")
            ),
            lacks=modifier_bits(row["lacks"]),
        )
        for row in tables.hints().to_dict("records")
    ]


HAS = {"distinct": "59 XE XS XP XU"}


def _negated(word: str) -> tuple[str, bool]:
    return word.removeprefix("!"), word.startswith("!")


def _selected(words: str) -> Bools:
    """Which code keys a selector names."""
    codes = code_table.codes()
    chosen = np.zeros(len(codes), np.bool_)
    for word in words.split():
        name, negated = _negated(word)
        first, _, last = name.partition("-")
        if name in KINDS:
            named = KINDS[name](codes).to_numpy(np.bool_)
        else:
            named = codes["code"].between(first, last or first).to_numpy(np.bool_)
        chosen = chosen & ~named if negated else chosen | named
    return chosen


def _matches(
    facts: Facts, rule: _Rule, pairs: Pairs, kinds: NDArray[np.object_]
) -> tuple[Ints, Ints]:
    """The lines a rule is about, and the other line of a pair (else the line itself)."""
    lines = facts.lines
    if rule.pair:
        mine = kinds == rule.pair
        at, other = pairs.line[mine], pairs.other[mine]
    else:
        at = other = np.flatnonzero(rule.lines[lines.key] & facts.billed)
    if not len(at):
        return at, other
    holds = np.ones(len(at), np.bool_)
    if rule.beside is not None:
        holds &= facts.of_visit(rule.beside[lines.key] & facts.billed)[at] > 0
    for bits in rule.has:
        holds &= (lines.modifiers[at] & bits) > 0
    if rule.lacks:
        holds &= (lines.modifiers[at] & rule.lacks) == 0
    for name, negated in rule.line_facts:
        holds &= LINE_FACTS[name](facts, at, other) != negated
    at, other = at[holds], other[holds]
    if rule.per != "line":
        order = np.lexsort((lines.key[other], at))
        at, other = at[order], other[order]
        once = lines.visit[at] if rule.per == "visit" else at
        first = np.unique(once, return_index=True)[1]
        at, other = at[first], other[first]
    return at, other


def _table(facts: Facts, found: list[tuple[int, Ints, Ints]], version: int) -> pd.DataFrame:
    """The findings in words. Each distinct text is written once, however many lines have it."""
    rules, lines, codes = tables.hints(), facts.lines, facts.codes
    none = np.zeros(0, np.int64)
    rule = np.concatenate([none, *(np.full(len(at), row) for row, at, _ in found)])
    at = np.concatenate([none, *(at for _, at, _ in found)])
    other = np.concatenate([none, *(other for _, _, other in found)])
    per_visit = _per_visit()[rule]
    order = np.lexsort((other, rule, np.where(per_visit, NOBODY, at), lines.visit[at]))
    rule, at, other, per_visit = rule[order], at[order], other[order], per_visit[order]

    shared = np.where(at == other, 0, facts.region[at] & facts.adjusted[at])
    keys = len(codes.code)
    key = lines.key
    which = ((rule * keys + key[at]) * keys + key[other]) << REGIONS | shared
    _, first, text_of = np.unique(which, return_index=True, return_inverse=True)
    texts = [
        _words(*(int(value) for value in (rule[i], key[at[i]], key[other[i]], shared[i])), version)
        for i in first
    ]
    return pd.DataFrame(
        {
            "visit": lines.visits[lines.visit[at]],
            "code": np.where(per_visit, "", codes.code[lines.key[at]]),
            "rule": rules["rule"].array[rule],
            "level": rules["level"].array[rule],
            "modifier": rules["modifier"].array[rule],
            "text": np.array(texts, dtype=object)[text_of] if texts else [],
            "source": rules["source"].array[rule],
        },
        columns=COLUMNS,
    )


@cache
def _per_visit() -> Bools:
    return np.asarray(tables.hints()["per"] == "visit")


@lru_cache(maxsize=20_000)
def _words(rule_row: int, key: int, other: int, shared: int, _version: int) -> str:
    """A finding's text: the rule's, what the note must show, and the quarter of a pair."""
    codes, rule = code_table.code_arrays(), tables.hints().iloc[rule_row]
    text = "Commonly stated, check with your payer: " if rule["sure"] == "?" else ""
    text += rule["text"]
    if rule["must_show"]:
        text += f" The note must show {rule['must_show']}."
    if rule["pair"]:
        pairs, both = tables.pairs(), {codes.code[key], codes.code[other]}
        row = pairs[pairs["column1"].isin(both) & pairs["column2"].isin(both)].iloc[0]
        text += f" CMS pair table {row['vintage']}"
        text += "." if row["vintage"] >= CURRENT else ": confirm in the current quarter."
    regions = tables.regions()["name"]
    return str(text).format(
        code=codes.code[key],
        other=codes.code[other],
        parents=" or ".join(codes.code[codes.parents[key]]),
        mue=codes.mue[key],
        regions=", ".join(name.lower() for at, name in enumerate(regions) if shared >> at & 1),
        short=f"{tables.amount('short_unit_minutes'):g}",
        kx_threshold=f"{tables.amount('kx_threshold'):,.0f}",
        kx_review=f"{tables.amount('kx_review'):,.0f}",
    )


CURRENT = "2026"  # pairs of an earlier table are to be confirmed


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
    limit = facts.codes.mue[facts.lines.key]
    return (limit > 0) & (facts.units > limit)


def _short(facts: Facts) -> Bools:
    minutes = facts.of_visit(np.where(facts.timed, facts.lines.minutes, 0))
    units = facts.of_visit(np.where(facts.timed, facts.units, 0))
    several = facts.of_visit(facts.timed) > 1
    return several & (minutes < tables.amount("short_unit_minutes") * units)


def _kx(facts: Facts, amount: str, at: Ints) -> Bools:
    if facts.settings.kx_used is None:
        return np.zeros(len(at), np.bool_)
    return facts.therapy_dollars[at] > tables.amount(amount)


def _has_primary(facts: Facts, at: Ints) -> Bools:
    lines, codes = facts.lines, facts.codes
    here = (lines.visit * len(codes.code) + lines.key)[facts.billed]
    found = np.zeros(len(at), np.bool_)
    for key in np.unique(lines.key[at]):
        mine = lines.key[at] == key
        for parent in codes.parents[key]:
            found[mine] |= np.isin(lines.visit[at[mine]] * len(codes.code) + parent, here)
    return found
