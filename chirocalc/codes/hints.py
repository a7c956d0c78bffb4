"""What the hint rules and the pair table say of one code."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pandas as pd

from chirocalc import tables
from chirocalc.checked import checked
from chirocalc.rules import Finding, HintRule, hint_rules, write_finding
from chirocalc.tables import Key, rates


@tables.kept
@checked
def rules_of(key: Key) -> tuple[Finding, ...]:
    """The rules that name a code by itself, as they are said of it, in the table's order. Those
    about a pair are `pairs_of`."""
    code = tables.records()[key]
    return tuple(
        write_finding(rule, code, code, 0, rates.current())
        for rule in hint_rules()
        if not rule.pair and code.at in rule.codes and not _never(rule, code)
    )


def _never(rule: HintRule, code: tables.Code) -> bool:
    """Whether a rule asks for a limit (MUE, MAI) that the code does not have."""
    never = {f"mai-{mai}" for mai in (1, 2, 3) if mai != code.mai}
    never |= set() if code.mue else {"over-mue"}
    return bool(never & rule.words)


@tables.kept
@checked
def pairs_of(code: Key) -> pd.DataFrame:
    """The active pairs of a code: other, column (which of the two the code is), modifier_indicator,
    kind, vintage, and what the pair asks: `asks`, where it was `read`, both with what the note must
    show in `text`, and its source."""
    known = tables.records()
    rows = []
    for pair in _pairs().get(code, []):
        both = (str(pair.column1), str(pair.column2))
        line, other = both if pair.on == "1" else both[::-1]
        rule = _asks(str(pair.kind), known[line], known[other])
        said = write_finding(rule, known[line], known[other], 0, rates.current())
        column = 1 if both[0] == code else 2
        rows.append(
            (
                both[2 - column],
                column,
                pair.modifier_indicator,
                pair.kind,
                pair.vintage,
                said.text,
                said.vintage,
                said.in_full,
                rule.source,
            )
        )
    columns = [
        "other", "column", "modifier_indicator", "kind", "vintage", "asks", "read", "text",
        "source",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


@tables.kept
def _pairs() -> dict[str, list[Any]]:
    """The rows of `tables.pairs()` that each code stands in, with another of `tables.codes()`."""
    known, pairs = tables.records(), defaultdict(list)
    for pair in tables.pairs().itertuples():
        both = {str(pair.column1), str(pair.column2)}
        if known.keys() >= both:
            for code in both:
                pairs[code].append(pair)
    return dict(pairs)


def _asks(kind: str, line: tables.Code, other: tables.Code) -> HintRule:
    """What a pair of a kind asks of the line of one code beside the other."""
    return next(  # what is asked stands first
        rule
        for rule in hint_rules()
        if rule.pair == kind
        and (not rule.codes or line.at in rule.codes)
        and (rule.beside is None or other.at in rule.beside)
    )
