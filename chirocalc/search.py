"""Finding a code by its number, its name, other words for it, or the text of its guide page.

Every word typed must be found: as it stands, as the beginning of a word, or nearly so when it is
misspelled. What it is found in decides the order: number, name, other words, text.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher, get_close_matches
from typing import NamedTuple

from . import code_table, guide
from .code_table import full_name, until_codes_change

WORD = re.compile(r"[a-z0-9&/.]+(?:-[a-z0-9]+)*")
# What a word is worth by where it stands; the words of a name in their order count once more.
WEIGHTS = {"code": 100.0, "name": 20.0, "synonyms": 15.0, "category": 6.0, "text": 1.0}
PHRASE, WHOLE_PHRASE = 30.0, 60.0
NEARLY, AS_NEAR = 0.8, 0.05  # how alike a misspelled word must be, and no less than the nearest
BEGINNING, MISSPELLED = 0.8, 0.5
FAR_AHEAD = 1.5
SMALL = frozenset(
    ["a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to"]
)


class Hit(NamedTuple):
    """A code found: its key, the key with the name, and how well it fits."""

    key: str
    name: str
    score: float


@until_codes_change
def names() -> dict[str, str]:
    """Every code and part by key, as "97110 Therapeutic exercise"."""
    return {str(key): f"{key} {full_name(row)}" for key, row in code_table.codes().iterrows()}


def find(typed: str, most: int = 10) -> list[Hit]:
    """The codes that fit what was typed, best first; parts of a service only by their own key."""
    return list(_find(" ".join(typed.casefold().split())[:200])[:most])


def named(typed: str) -> list[str]:
    """The codes whose number, name or other words fit, best first; only one when it is the only
    one or far ahead of the next, and so was meant."""
    hits = [hit for hit in find(typed) if hit.score >= WEIGHTS["synonyms"] * MISSPELLED]
    if len(hits) > 1 and hits[0].score >= FAR_AHEAD * hits[1].score:
        hits = hits[:1]
    return [hit.key for hit in hits]


@until_codes_change
def _find(typed: str) -> tuple[Hit, ...]:
    if typed.upper() in names():
        return (Hit(typed.upper(), names()[typed.upper()], WEIGHTS["code"]),)
    words = [word for word in WORD.findall(typed) if word not in SMALL]
    if not words:
        return ()
    index, phrases = _index(), _phrases()
    scores = {
        key: WHOLE_PHRASE if f"|{typed}|" in phrase else PHRASE
        for key, phrase in phrases.items()
        if typed in phrase
    }
    found: dict[str, float] = {}
    for at, word in enumerate(words):
        here = _of_word(word, index)
        found = here if at == 0 else {k: found[k] + here[k] for k in found.keys() & here.keys()}
    for key in found.keys() | scores.keys():
        scores[key] = scores.get(key, 0.0) + found.get(key, 0.0)
    order = sorted(scores, key=lambda key: (-scores[key], key))
    return tuple(Hit(key, names()[key], scores[key]) for key in order)


def _of_word(word: str, index: dict[str, dict[str, float]]) -> dict[str, float]:
    """The worth of one typed word for each code it is found at."""
    forms = {word: 1.0}
    forms |= {known: BEGINNING for known in index if known != word and known.startswith(word)}
    if len(forms) == 1 and word not in index and not any(map(str.isdigit, word)):
        near = get_close_matches(word, index, 5, NEARLY)
        alike = [SequenceMatcher(a=word, b=known).ratio() for known in near]
        forms = {
            known: MISSPELLED
            for known, ratio in zip(near, alike, strict=True)
            if ratio >= max(alike) - AS_NEAR
        }
    best: dict[str, float] = {}
    for form, share in forms.items():
        for key, weight in index.get(form, {}).items():
            best[key] = max(best.get(key, 0.0), weight * share)
    return best


@until_codes_change
def _index() -> dict[str, dict[str, float]]:
    """Each known word: the codes it stands at, and what it is worth there."""
    index: dict[str, dict[str, float]] = {}
    for key, fields in _entries().items():
        for name, text in fields.items():
            for word in WORD.findall(text.casefold()):
                if word not in SMALL:
                    here = index.setdefault(word, {})
                    here[key] = max(here.get(key, 0.0), WEIGHTS[name])
    return index


@until_codes_change
def _phrases() -> dict[str, str]:
    return {
        key: f"|{fields['name']}|{fields['synonyms']}|".casefold()
        for key, fields in _entries().items()
    }


def _entries() -> dict[str, dict[str, str]]:
    codes = code_table.codes()
    entries = {}
    for key, row in codes[codes["modifier"] == ""].iterrows():
        text = guide.text(str(key))
        lists = (text.fits, text.fits_not, text.must_show, text.mistakes) if text else ()
        entries[str(key)] = {
            "code": str(key),
            "name": f"{row['name']} {row['short']}",
            "synonyms": row["synonyms"],
            "category": row["category"],
            "text": " ".join([text.plain, text.purpose, *(" ".join(each) for each in lists)])
            if text
            else "",
        }
    return entries
