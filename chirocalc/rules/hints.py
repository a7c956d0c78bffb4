"""Modifier and coding hints: what would be denied or is missing, why, and the source.

A hint never changes a unit or an amount and is never applied by itself. Each rule is a row of
`tables/data/hints.csv`:

- `lines`: the codes it is about: a code, a range "98940-98942", a kind such as "@therapy" (see
  `facts.KINDS`), "!" before one to leave it out. Or `pair`: a kind of pair of `pairs.csv`.
- `with`: codes of which another line of the visit must have one.
- `when`: facts that must all hold (see `facts`), "!" before one that must not; "has:XS" asks for a
  modifier, "has:distinct" for one of `HAS`.
- `lacks`: modifiers that silence it. `modifier`: what it suggests, "|" between alternatives.
- `per`: one finding for each line and other line ("line"), each line ("code"), or each visit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from chirocalc import tables
from chirocalc.errors import InputError, Problem
from chirocalc.tables import Code, modifier_bits, rates

from .facts import (
    CODE_FACTS,
    FACTS,
    KINDS,
    LINE_FACTS,
    VISIT_FACTS,
    BilledLine,
    Facts,
    Known,
    known,
)
from .pairs import Pair, ncci_pairs
from .settings import Settings

# Any of these says that a service was distinct (ncci-1-e).
MOST_LINES = 20_000  # distinct lines whose fitting rules are remembered
HAS = {"distinct": "59 XE XS XP XU"}


class Finding(NamedTuple):
    """A hint on a line (its `code`) or on the visit as a whole (""): what is said, what the note
    must show, and of a pair the quarter of the table it was read in."""

    code: str
    rule: str
    level: str
    modifier: str
    text: str
    must_show: str
    vintage: str
    source: str

    @property
    def shows(self) -> str:
        """What the note must show, as a sentence."""
        return f"The note must show {self.must_show}." if self.must_show else ""

    @property
    def detail(self) -> str:
        """What stands behind the text, in sentences."""
        return f"{self.shows} {self.vintage}".strip()

    @property
    def in_full(self) -> str:
        """The text and all behind it."""
        return f"{self.text} {self.detail}".strip()


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
    text: str
    must_show: str
    source: str

    @property
    def is_certain(self) -> bool:
        """Whether a line alone decides it."""
        return self.beside is None and not self.of_visit

    def is_about(self, code: Code, known: Known) -> bool:
        """Whether the rule names a code, and can be right of it at all."""
        return code.at in self.codes and all(
            fact(code, known) != negated for fact, negated in self.of_code
        )

    def fits(self, line: BilledLine, known: Known) -> bool:
        """Whether the rule is right of a line, as far as the line alone tells."""
        return (
            not line.modifiers & self.lacks
            and all(line.modifiers & bits for bits in self.has)
            and all(fact(line, known) != negated for fact, negated in self.of_line)
        )

    def holds(self, facts: Facts, at: int, other: int) -> bool:
        """Whether it is right of a line that it fits and, in a pair, of the other one."""
        if self.beside is not None and self.beside.isdisjoint(facts.rows):
            return False
        for fact, negated in self.of_visit:  # noqa: SIM110  # asked most often of all
            if fact(facts, at, other) == negated:
                return False
        return True


@tables.kept
def hint_rules() -> tuple[HintRule, ...]:
    """The rules of hints.csv in its order. Raises `InputError` for a word that is not a fact."""
    table = tables.hints()
    odd = [
        Problem("hints.csv", row + 2, "when", word, "is not a fact that hints know")
        for row, words in enumerate(table["when"].str.split())
        for word in words
        if not word.startswith("has:")
        and word.removeprefix("!") not in FACTS | CODE_FACTS | LINE_FACTS | VISIT_FACTS
    ]
    if odd:
        raise InputError(odd)
    return tuple(_rule(at, row) for at, row in enumerate(table.to_dict("records")))


def _rule(at: int, row: dict[str, str]) -> HintRule:
    words = [(word.removeprefix("!"), word.startswith("!")) for word in row["when"].split()]
    stated = "Commonly stated, check with your payer: " if row["sure"] == "?" else ""
    return HintRule(
        row=at,
        rule=row["rule"],
        level=row["level"],
        per=row["per"],
        pair=row["pair"],
        codes=_selected(row["lines"]),
        beside=_selected(row["with"]) if row["with"] else None,
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
        text=stated + row["text"],
        must_show=row["must_show"],
        source=row["source"],
    )


def _selected(words: str) -> frozenset[int]:
    """The rows of the codes that a selector names."""
    codes = tables.code_list()
    chosen: set[int] = set()
    for word in words.split():
        name = word.removeprefix("!")
        first, _, last = name.partition("-")
        if name in KINDS:
            named = {code.at for code in codes if KINDS[name](code)}
        else:
            named = {code.at for code in codes if first <= code.code <= (last or first)}
        chosen = chosen - named if word.startswith("!") else chosen | named
    return frozenset(chosen)


class Fitting(NamedTuple):
    """The rules that fit a line: its own, each with what it says, and by the row of the other
    code's those of a pair."""

    own: list[tuple[HintRule, Finding]]
    pairs: dict[int, list[HintRule]]


class Hints:
    """The rules that the settings do not rule out, ready to be asked of any visit under them."""

    def __init__(self, rules: Sequence[HintRule], known: Known, here: rates.Period) -> None:
        self.known = known
        self._here = here
        self._pairs = ncci_pairs()
        self._written: dict[tuple[int, int, int, int], Finding] = {}
        self.of_pair: dict[str, list[HintRule]] = {}
        for rule in rules:
            if rule.pair:
                self.of_pair.setdefault(rule.pair, []).append(rule)
        self._of_code = [
            [rule for rule in rules if not rule.pair and rule.is_about(code, known)]
            for code in tables.code_list()
        ]
        self._fitting: dict[BilledLine, Fitting] = {}

    def find(self, facts: Facts) -> list[tuple[int, Finding]]:
        """Each finding with its line's place among the billed ones, -1 for the visit as a whole:
        by line, then as the rules stand in the table; those about the visit last."""
        found: list[tuple[int, Finding]] = []
        of_visit: dict[int, Finding] = {}  # by the rule's row
        for at, line in enumerate(facts.lines):
            fitting = self._fitting.get(line) or self._fit(line)
            of_line: dict[tuple[int, int], Finding] = {}  # by the rule's row and the other line
            for rule, finding in fitting.own:
                if rule.per == "visit":  # of several lines the first
                    if rule.row not in of_visit and rule.holds(facts, at, at):
                        of_visit[rule.row] = finding
                elif rule.is_certain or rule.holds(facts, at, at):
                    of_line[rule.row, at] = finding
            if fitting.pairs:
                self._find_pairs(facts, at, fitting, of_line, of_visit)
            found += [(at, of_line[about]) for about in sorted(of_line)]
        return found + [(-1, of_visit[row]) for row in sorted(of_visit)]

    def _find_pairs(
        self,
        facts: Facts,
        at: int,
        fitting: Fitting,
        of_line: dict[tuple[int, int], Finding],
        of_visit: dict[int, Finding],
    ) -> None:
        """What the pairs of a line with the others ask; of several others, one whose code stands
        first speaks where a rule does so once."""
        for other in facts.by_code:
            for rule in fitting.pairs.get(facts.lines[other].code.at, ()):
                about = (rule.row, other if rule.per == "line" else -1)
                said = rule.row in of_visit if rule.per == "visit" else about in of_line
                if not said and other != at and rule.holds(facts, at, other):
                    finding = self._finding(facts, rule, at, other)
                    if rule.per == "visit":
                        of_visit[rule.row] = finding
                    else:
                        of_line[about] = finding

    def _fit(self, line: BilledLine) -> Fitting:
        """The rules that fit a line, remembered: lines are alike more often than visits."""
        if len(self._fitting) >= MOST_LINES:
            self._fitting.clear()
        fit = {
            kind: [rule for rule in rules if rule.fits(line, self.known)]
            for kind, rules in self.of_pair.items()
        }
        code = line.code
        own = [rule for rule in self._of_code[code.at] if rule.fits(line, self.known)]
        self._fitting[line] = fitting = Fitting(
            [(rule, write_finding(rule, code, code, 0, self._here)) for rule in own],
            {
                other: fit[pair.kind]
                for other, pair in self._pairs[code.at].items()
                if pair.here and fit.get(pair.kind)
            },
        )
        return fitting

    def _finding(self, facts: Facts, rule: HintRule, at: int, other: int) -> Finding:
        shared = 0 if at == other else facts.shared(at)
        key = (rule.row, facts.lines[at].code.at, facts.lines[other].code.at, shared)
        if key not in self._written:
            self._written[key] = write_finding(
                rule, facts.lines[at].code, facts.lines[other].code, shared, self._here
            )
        return self._written[key]


def hints(settings: Settings) -> Hints:
    """The hints that the settings do not rule out."""
    rows = tuple(
        rule.row
        for rule in hint_rules()
        if all(fact(settings) != negated for fact, negated in rule.of_settings)
    )
    return _hints(rows, settings.period, settings.kx_used)


@tables.kept
def _hints(rows: tuple[int, ...], here: rates.Period, kx_used: float | None) -> Hints:
    rules = hint_rules()
    return Hints([rules[row] for row in rows], known(here, kx_used), here)


def write_finding(
    rule: HintRule, code: Code, other: Code, shared: int, here: rates.Period
) -> Finding:
    """A rule as it is said of a code and, in a pair, of the other one; `shared` are regions of the
    line, as bits, that were adjusted."""
    filled = period_words(here) | {
        "code": code.code,
        "other": other.code,
        "parents": " or ".join(code.parents),
        "mue": code.mue or 0,
        "regions": ", ".join(name for at, name in enumerate(_region_names()) if shared >> at & 1),
    }
    return Finding(
        "" if rule.per == "visit" else code.code,
        rule.rule,
        rule.level,
        rule.modifier,
        rule.text.format(**filled),
        rule.must_show.format(**filled),
        _vintage(ncci_pairs()[code.at].get(other.at)) if rule.pair else "",
        rule.source,
    )


@tables.kept
def period_words(here: rates.Period) -> dict[str, object]:
    """What texts say of a period: its name, and its amounts."""
    return {
        "year": here.name,
        "short": f"{rates.amount('short_unit_minutes', here):g}",
        "kx_threshold": f"{rates.amount('kx_threshold', here):,.0f}",
        "kx_review": f"{rates.amount('kx_review', here):,.0f}",
    }


@tables.kept
def _region_names() -> list[str]:
    return [str(name).lower() for name in tables.regions()["name"]]


def _vintage(pair: Pair | None) -> str:
    if pair is None:
        return ""
    is_old = pair.vintage[:4] < tables.newest_release("pairs")[:4]
    return f"CMS pair table {pair.vintage}{': confirm in the current quarter' if is_old else ''}."
