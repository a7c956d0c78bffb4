"""What a screen should ask of a visit, because a rule depends on it."""

from __future__ import annotations

from collections.abc import Iterable

from chirocalc import tables
from chirocalc.checked import checked

from .answer import Answer
from .hint_rules import hint_rules
from .pairs import ncci_pairs
from .terms import terms

OF_REGIONS = "cmt-region"  # the kind of pair that asks for the region treated (ncci-11-s)


@checked
def asks_region(key: tables.Key, manipulations: Iterable[str]) -> bool:
    """Whether a code's region matters beside these manipulations: by CMS's pairs (ncci-11-s), or by
    a hint that asks for it beside one of them."""
    known = tables.records()
    here = known[key].at
    pairs, named = ncci_pairs()[here], _asked_beside().get(here, frozenset())
    for other in (known[other].at for other in manipulations if other in known):
        pair = pairs.get(other)
        if other in named or (pair is not None and pair.here and pair.kind == OF_REGIONS):
            return True
    return False


@tables.kept
def _asked_beside() -> dict[int, frozenset[int]]:
    """Of each row of `tables.codes()` the rows of those beside which a hint asks for its region."""
    asked: dict[int, frozenset[int]] = {}
    for rule in hint_rules():
        if rule.asks == "region" and rule.beside:
            for code in rule.codes:
                asked[code] = asked.get(code, frozenset()) | rule.beside
    return asked


@checked
def separate_questions(answer: Answer) -> set[str]:
    """Codes of which a rule asks whether they were separate from another service of the visit."""
    of_pair, pairs = terms(answer.settings).hints.of_pair, ncci_pairs()
    asking = {
        kind
        for kind, rules in of_pair.items()
        if any("separate-unknown" in rule.words for rule in rules)
    }
    billed = [line.service.code for line in answer.lines if line.units]
    return {
        code.code
        for code in billed
        for other in billed
        if (pair := pairs[code.at].get(other.at)) and pair.here and pair.kind in asking
    }
