"""Modifier and coding hints: what would be denied or is missing, why, and the source.

A hint never changes a unit or an amount and is never applied by itself. Each rule is a row of
`tables/hints.csv`:

- `lines`: the codes it is about: a code, a range "98940-98942", a kind such as "@therapy" (see
  `facts.KINDS`), "!" before one to leave it out. Or `pair`: a kind of pair of `tables/pairs.csv`.
- `with`: codes of which another line of the visit must have one.
- `when`: facts that must all hold (see `facts`), "!" before one that must not.
- `lacks`: modifiers that silence it. `modifier`: what it suggests, "|" between alternatives.
- `per`: one finding for each line and other line ("line"), each line ("code"), or each visit.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from chirocalc import tables
from chirocalc.arrays import Bools, Ints
from chirocalc.errors import InputError, Problem
from chirocalc.tables import modifier_bits, rates

from .facts import FACTS, KINDS, LINE_FACTS, Facts
from .pairs import Pairs, find_pairs
from .services import Lines
from .settings import Settings

COLUMNS = ["visit", "code", "rule", "level", "modifier", "text", "source"]

NOBODY = np.iinfo(np.int64).max

REGIONS = 10  # bits for the regions two lines share

# Any of these says that a service was distinct (ncci-1-e).
HAS = {"distinct": "59 XE XS XP XU"}


def findings(
    lines: Lines, units: Ints, allowed: NDArray[np.float64], settings: Settings
) -> pd.DataFrame:
    """One row per hint: visit, code, rule, level, modifier, text, source.
    The arguments are those of `findings_by_line`, which also says the line."""
    return findings_by_line(lines, units, allowed, settings)[COLUMNS]


def findings_by_line(
    lines: Lines, units: Ints, allowed: NDArray[np.float64], settings: Settings
) -> pd.DataFrame:
    """One row per hint: line (its place in `lines`), visit, code, rule, level, modifier, text,
    source.

    `units` and `allowed` (dollars, missing where there is none) are those of the lines. A hint
    about the visit as a whole has no code. Ordered by line, then as the rules stand in the table.
    """
    facts = Facts(lines, units, allowed, settings)
    version = tables.codes_version()
    pairs = find_pairs(lines, facts.billed)
    kinds = _pair_kinds()[pairs.row]
    rules = _rules(version)
    found = [(row, *_matches(facts, rules[row], pairs, kinds)) for row in _asked(settings, version)]
    return _table(facts, found, version)


@tables.until_codes_change
def rules_of(key: str) -> pd.DataFrame:
    """The rules that name a code by itself, in the table's order: rule, level, text, source.
    Those about a pair are `pairs_of`."""
    version, codes = tables.codes_version(), tables.code_arrays()
    at = codes.row[key]
    never = {f"mai-{mai}" for mai in (1, 2, 3) if mai != codes.mai[at]}
    never |= set() if codes.mue[at] else {"over-mue"}
    rows = [
        row
        for row, rule in enumerate(_rules(version))
        if not rule.pair and rule.lines[at] and not never & {name for name, _ in rule.line_facts}
    ]
    table = tables.hints().iloc[rows][["rule", "level", "source"]]
    here = rates.current()
    return table.assign(text=[_words(row, at, at, 0, here, version) for row in rows])


@tables.until_codes_change
def pairs_of(code: str) -> pd.DataFrame:
    """The active pairs of a code: other, column (which of the two the code is), modifier_indicator,
    kind, vintage, and in text and source what the pair asks."""
    pairs, known = tables.pairs(), tables.code_arrays()
    table = pairs[(pairs["column1"] == code) | (pairs["column2"] == code)]
    table = table[table["column1"].isin(known.names) & table["column2"].isin(known.names)]
    first = table["column1"] == code
    row, version = known.row, tables.codes_version()
    asks = tables.hints().reset_index(drop=True).drop_duplicates("pair")
    asks = asks.reset_index(names="rule_row").set_index("pair")  # what is asked stands first
    texts = []
    for pair in table.itertuples():
        line, other = (pair.column1, pair.column2)[:: 1 if pair.on == "1" else -1]
        rule = int(asks.at[pair.kind, "rule_row"])
        texts.append(_words(rule, row[line], row[other], 0, rates.current(), version))
    return pd.DataFrame(
        {
            "other": table["column2"].where(first, table["column1"]),
            "column": first.map({True: 1, False: 2}),
            "modifier_indicator": table["modifier_indicator"],
            "kind": table["kind"],
            "vintage": table["vintage"],
            "text": texts,
            "source": asks.loc[table["kind"], "source"].to_numpy(),
        }
    )


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
    return set(tables.code_arrays().code[lines.key[asked]])


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


def _negated(word: str) -> tuple[str, bool]:
    return word.removeprefix("!"), word.startswith("!")


def _selected(words: str) -> Bools:
    """Which code keys a selector names."""
    codes = tables.codes()
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
        _words(
            *(int(value) for value in (rule[i], key[at[i]], key[other[i]], shared[i])),
            facts.settings.period,
            version,
        )
        for i in first
    ]
    return pd.DataFrame(
        {
            "line": at,
            "visit": lines.visits[lines.visit[at]],
            "code": np.where(per_visit, "", codes.code[lines.key[at]]),
            "rule": rules["rule"].array[rule],
            "level": rules["level"].array[rule],
            "modifier": rules["modifier"].array[rule],
            "text": np.array(texts, dtype=object)[text_of] if texts else [],
            "source": rules["source"].array[rule],
        },
        columns=["line", *COLUMNS],
    )


@cache
def _per_visit() -> Bools:
    return np.asarray(tables.hints()["per"] == "visit")


@lru_cache(maxsize=20_000)
def _words(
    rule_row: int, key: int, other: int, shared: int, here: rates.Period, _version: int
) -> str:
    """A finding's text: the rule's, what the note must show, and the quarter of a pair."""
    codes, rule = tables.code_arrays(), tables.hints().iloc[rule_row]
    text = "Commonly stated, check with your payer: " if rule["sure"] == "?" else ""
    text += rule["text"]
    if rule["must_show"]:
        text += f" The note must show {rule['must_show']}."
    if rule["pair"]:
        pairs, both = tables.pairs(), {codes.code[key], codes.code[other]}
        row = pairs[pairs["column1"].isin(both) & pairs["column2"].isin(both)].iloc[0]
        text += f" CMS pair table {row['vintage']}"
        is_old = row["vintage"][:4] < tables.newest_release("pairs")[:4]
        text += ": confirm in the current quarter." if is_old else "."
    regions = tables.regions()["name"]
    return str(text).format(
        code=codes.code[key],
        other=codes.code[other],
        parents=" or ".join(codes.code[codes.parents[key]]),
        mue=codes.mue[key],
        regions=", ".join(name.lower() for at, name in enumerate(regions) if shared >> at & 1),
        year=here.name,
        short=f"{rates.amount('short_unit_minutes', here):g}",
        kx_threshold=f"{rates.amount('kx_threshold', here):,.0f}",
        kx_review=f"{rates.amount('kx_review', here):,.0f}",
    )
