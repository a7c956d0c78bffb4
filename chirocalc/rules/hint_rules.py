"""Modifier and coding hints: what would be denied or is missing, why, and the source.

A hint never changes a unit or an amount and is never applied by itself. Each rule is a row of
`tables/data/hints.csv`:

- `lines`: the codes it is about: a code, a range "98940-98942", a kind such as "@therapy" (see
  `selectors.KINDS`), "!" before one to leave it out. `with`: codes of which another line of the
  visit must have one.
- Or `pair`: a kind of pair of `pairs.csv`. `lines` then keeps it to some codes on whose line it
  stands, `with` to some that are the other one.
- `when`: facts that must all hold (see `facts`), "!" before one that must not; "has:XS" asks for a
  modifier, "has:distinct" for one of `HAS`.
- `lacks`: modifiers that silence it. `modifier`: what it suggests, "|" between alternatives.
- `follows`: "yes" where the modifier says no more than the clinician's own answer did.
- `mend`: what else settles it: "off" (the line stays off the claim; where the line alone decides
  that, nothing else is said of it), "without" (without the
  modifiers of its `has:`, or without the one named: "without GA"), "collect" (not billed: the
  patient pays), "use G0283" (another code).
- `per`: one finding for each line and other line ("line"), each line ("code"), or each visit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chirocalc import tables
from chirocalc.errors import InputError, Problem
from chirocalc.tables import Code, modifier_bits

from .facts import CODE_FACTS, FACTS, LINE_FACTS, VISIT_FACTS, BilledLine, Facts, Known
from .selectors import KINDS, selected
from .settings import Settings

# Any of these says that a service was distinct (ncci-1-e).
HAS = {"distinct": "59 XE XS XP XU"}

# What a rule that holds while a fact is not known asks for.
ASKED = {
    "phase-unknown": "phase",
    "abn-unknown": "abn",
    "region-unknown": "region",
    "limb-unknown": "region",
    "separate-unknown": "separate",
}

# Facts that are known only where a field is.
RESTS = {
    "modifiers": {"phase-unknown", "abn-unknown"},
    "region": {
        "region-unknown", "region-same", "region-part", "region-other", "adjusted-unknown",
        "regions-mismatch", "limb-unknown", "limb-same",
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class HintRule:
    """A row of the table, ready to be asked of a visit."""

    row: int
    rule: str
    level: str
    per: str
    pair: str
    codes: frozenset[int]  # rows of `tables.codes()`
    beside: frozenset[int] | None
    of_settings: tuple[tuple[Callable[[Settings], bool], bool], ...]
    of_code: tuple[tuple[Callable[[Code, Known], bool], bool], ...]
    of_line: tuple[tuple[Callable[[BilledLine, Known], bool], bool], ...]
    of_visit: tuple[tuple[Callable[[Facts, int, int], bool], bool], ...]
    words: frozenset[str]  # the facts by name
    has: tuple[int, ...]  # of each, one of these modifiers as bits
    lacks: int
    modifier: str
    follows: bool
    mend: str
    drops: str  # the modifiers of its `has:`
    text: str
    must_show: str
    source: str

    @property
    def asks(self) -> str:
        """What would decide it: "phase", "abn", "region", "separate", or ""."""
        return next((asked for word, asked in ASKED.items() if word in self.words), "")

    @property
    def rests_on(self) -> frozenset[str]:
        """What must be known of lines for it to be right: their "modifiers", their "region". Phase
        and ABN are read from modifiers where nobody answers."""
        on = {field for field, words in RESTS.items() if words & self.words}
        return frozenset(on | ({"modifiers"} if self.lacks or self.has else set()))

    @property
    def is_certain(self) -> bool:
        """Whether a line alone decides it."""
        return self.beside is None and not self.of_visit

    @property
    def is_never(self) -> bool:
        """Whether a line that it fits is never paid, whatever is beside it."""
        return self.is_certain and self.level == "fix" and self.mend == "off"

    def is_about(self, code: Code, known: Known) -> bool:
        """Whether the rule names a code, and can be right of it at all."""
        return code.at in self.codes and all(
            fact(code, known) != negated for fact, negated in self.of_code
        )

    def fits(self, line: BilledLine, known: Known) -> bool:
        """Whether the rule is right of a line, as far as the line alone tells."""
        if line.modifiers & self.lacks:
            return False
        for bits in self.has:
            if not line.modifiers & bits:
                return False
        for fact, negated in self.of_line:  # noqa: SIM110  # asked of each line by many rules
            if fact(line, known) == negated:
                return False
        return True

    def holds(self, facts: Facts, at: int, other: int) -> bool:
        """Whether it is right of a line that it fits and, in a pair, of the other one."""
        there = {facts.lines[other].code.at} if self.pair else facts.rows
        if self.beside is not None and self.beside.isdisjoint(there):
            return False
        for fact, negated in self.of_visit:  # noqa: SIM110  # asked most often of all
            if fact(facts, at, other) == negated:
                return False
        return True


@tables.kept
def hint_rules() -> tuple[HintRule, ...]:
    """The rules of hints.csv in its order. Raises `InputError` for a word that they do not know."""
    if odd := hint_faults():
        raise InputError(odd)
    return tuple(_rule(at, row) for at, row in enumerate(tables.hints().to_dict("records")))


def hint_faults() -> list[Problem]:
    """Words of hints.csv that mean nothing, by which a rule would silently hold too often or never.
    A code that an own codes.csv does not have is none: the rule waits for it."""
    modifiers = set(tables.modifiers().index)
    kinds = set(tables.pairs()["kind"])
    facts = FACTS | CODE_FACTS | LINE_FACTS | VISIT_FACTS
    known: dict[str, tuple[Callable[[str], bool], str]] = {
        "when": (
            lambda word: (
                word[4:] in modifiers or word[4:] in HAS
                if word.startswith("has:")
                else word.removeprefix("!") in facts
            ),
            "is not a fact that hints know",
        ),
        "lines": (_is_selector, "is not a kind of code that hints know"),
        "with": (_is_selector, "is not a kind of code that hints know"),
        "lacks": (modifiers.__contains__, "is not in modifiers.csv"),
        "modifier": (modifiers.__contains__, "is not in modifiers.csv"),
        "pair": (kinds.__contains__, "is not a kind of pair in pairs.csv"),
    }
    return [
        Problem("hints.csv", row + 2, column, word, says)
        for row, rule in enumerate(tables.hints().to_dict("records"))
        for column, (knows, says) in known.items()
        for word in rule[column].replace("|", " ").split()
        if not knows(word)
    ]


def _is_selector(word: str) -> bool:
    return not word.removeprefix("!").startswith("@") or word.removeprefix("!") in KINDS


def _rule(at: int, row: dict[str, str]) -> HintRule:
    words = [(word.removeprefix("!"), word.startswith("!")) for word in row["when"].split()]
    stated = "Commonly stated, check with your payer: " if row["sure"] == "?" else ""
    return HintRule(
        row=at,
        rule=row["rule"],
        level=row["level"],
        per=row["per"],
        pair=row["pair"],
        codes=selected(row["lines"]),
        beside=selected(row["with"]) if row["with"] else None,
        of_settings=tuple((FACTS[word], negated) for word, negated in words if word in FACTS),
        of_code=tuple((CODE_FACTS[word], negated) for word, negated in words if word in CODE_FACTS),
        of_line=tuple((LINE_FACTS[word], negated) for word, negated in words if word in LINE_FACTS),
        of_visit=tuple(
            (VISIT_FACTS[word], negated) for word, negated in words if word in VISIT_FACTS
        ),
        words=frozenset(word for word, _ in words),
        has=tuple(
            modifier_bits(HAS.get(word[4:], word[4:])) for word, _ in words if word[:4] == "has:"
        ),
        lacks=modifier_bits(row["lacks"]),
        modifier=row["modifier"],
        follows=row["follows"] == "yes",
        mend="without" if row["mend"].startswith("without") else row["mend"],
        drops=row["mend"].removeprefix("without").strip()
        or " ".join(HAS.get(word[4:], word[4:]) for word, _ in words if word[:4] == "has:"),
        text=stated + row["text"],
        must_show=row["must_show"],
        source=row["source"],
    )
