"""Findings: the hints that hold of a visit, each with what it says and its source.

The rules are rows of hints.csv; see `hint_rules`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from chirocalc import tables
from chirocalc.checked import checked
from chirocalc.tables import Code, rates

from .facts import BilledLine, Facts, Known, known
from .hint_rules import HintRule, hint_rules
from .pairs import Pair, ncci_pairs
from .prices import pays_chiropractor
from .settings import Settings

MOST_LINES = 20_000  # distinct lines whose fitting rules are remembered


class Finding(NamedTuple):
    """A hint on a line (its `code`) or on the visit as a whole (""): what is said, what the note
    must show, of a pair the quarter of the table it was read in, what it `asks` (see
    `hint_rules.ASKED`), whether its modifier `follows` from an answer given, what else would
    `mend` it, and which modifiers it `drops` where it mends without them."""

    code: str
    rule: str
    level: str
    modifier: str
    text: str
    must_show: str
    vintage: str
    source: str
    asks: str = ""
    follows: bool = False
    mend: str = ""
    drops: str = ""

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


class Fitting(NamedTuple):
    """The rules that fit a line: its own, each with what it says, and by the row of the other
    code's those of a pair."""

    own: list[tuple[HintRule, Finding]]
    pairs: dict[int, list[HintRule]]
    is_never: bool  # paid, whatever is beside it: then one rule says so, and nothing else


class Hints:
    """The rules that the settings do not rule out, ready to be asked of any visit under them."""

    def __init__(self, rules: Sequence[HintRule], known: Known, here: rates.Period) -> None:
        self.known = known
        self._here = here
        self._pairs = _others_of_pairs()
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
            fitting = self._fits(line)
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
            if self._fits(facts.lines[other]).is_never:
                continue  # what is not on the claim denies nothing
            for rule in fitting.pairs.get(facts.lines[other].code.at, ()):
                about = (rule.row, other if rule.per == "line" else -1)
                said = rule.row in of_visit if rule.per == "visit" else about in of_line
                if not said and rule.holds(facts, at, other):
                    finding = self._finding(facts, rule, at, other)
                    if rule.per == "visit":
                        of_visit[rule.row] = finding
                    else:
                        of_line[about] = finding

    def _fits(self, line: BilledLine) -> Fitting:
        """The rules that fit a line, remembered: lines are alike more often than visits."""
        if (found := self._fitting.get(line)) is None:
            if len(self._fitting) >= MOST_LINES:
                self._fitting.clear()
            self._fitting[line] = found = self._fit(line)
        return found

    def _fit(self, line: BilledLine) -> Fitting:
        code = line.code
        own = [rule for rule in self._of_code[code.at] if rule.fits(line, self.known)]
        if never := [rule for rule in own if rule.is_never][:1]:
            return Fitting(self._said(never, code), {}, True)
        pairs: dict[int, list[HintRule]] = {}
        for kind, others in self._pairs[code.at].items():
            fit = [
                rule
                for rule in self.of_pair.get(kind, ())
                if (not rule.codes or code.at in rule.codes) and rule.fits(line, self.known)
            ]
            if fit:
                pairs |= dict.fromkeys(others, fit)
        return Fitting(self._said(own, code), pairs, False)

    def _said(self, rules: Sequence[HintRule], code: Code) -> list[tuple[HintRule, Finding]]:
        return [(rule, write_finding(rule, code, code, 0, self._here)) for rule in rules]

    def _finding(self, facts: Facts, rule: HintRule, at: int, other: int) -> Finding:
        shared = facts.shared(at)
        key = (rule.row, facts.lines[at].code.at, facts.lines[other].code.at, shared)
        if key not in self._written:
            self._written[key] = write_finding(
                rule, facts.lines[at].code, facts.lines[other].code, shared, self._here
            )
        return self._written[key]


@tables.kept
def _others_of_pairs() -> list[dict[str, list[int]]]:
    """Of each code the others of pairs that say something here, by kind of pair."""
    of_codes: list[dict[str, list[int]]] = []
    for pairs in ncci_pairs():
        of_codes.append({})
        for other, pair in pairs.items():
            if pair.here:
                of_codes[-1].setdefault(pair.kind, []).append(other)
    return of_codes


def hints(settings: Settings, blind: frozenset[str] = frozenset()) -> Hints:
    """The hints that the settings do not rule out, and that rest on nothing not known."""
    rows = tuple(
        rule.row
        for rule in hint_rules()
        if blind.isdisjoint(rule.rests_on)
        and all(fact(settings) != negated for fact, negated in rule.of_settings)
    )
    is_listed = settings.provider == "chiropractor"
    pays = pays_chiropractor(settings) if is_listed else None
    return _hints(rows, settings.period, settings.kx_used, settings.timed_cap, pays)


@tables.kept
def _hints(
    rows: tuple[int, ...],
    here: rates.Period,
    kx_used: float | None,
    timed_cap: int | None,
    pays: frozenset[int] | None,
) -> Hints:
    rules = hint_rules()
    asked = known(here, kx_used, timed_cap, pays)
    return Hints([rules[row] for row in rows], asked, here)


@checked
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
        rule.asks,
        rule.follows,
        rule.mend,
        rule.drops,
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
    return [name.lower() for name in tables.region_names().values()]


def _vintage(pair: Pair | None) -> str:
    if pair is None:
        return ""
    is_old = pair.vintage[:4] < tables.newest_release("pairs")[:4]
    return f"CMS pair table {pair.vintage}{': confirm in the current quarter' if is_old else ''}."
