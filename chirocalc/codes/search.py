"""Finding a code by its number, its name, other words for it, or the text of its guide page.

Every word typed must be found: as it stands, as the beginning of a word, or nearly so when it is
misspelled. What it is found in decides the order: number, name, other words, text.

What has no code of its own, such as cupping, is answered by the table of what is asked: what is
used for it, in a sentence, and which codes.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from difflib import SequenceMatcher, get_close_matches
from functools import lru_cache
from itertools import islice, takewhile
from typing import NamedTuple

import numpy as np

from chirocalc import tables
from chirocalc.arrays import Ints
from chirocalc.checked import Place, checked
from chirocalc.tables import kept

from . import guide

WORD = re.compile(r"[a-z0-9&]+(?:[-.][a-z0-9&]+)*")

CODE = re.compile(r"\b[0-9a-z][0-9]{3}[0-9a-z]\b")

# What a word is worth by where it stands; the words of a name in their order count once more.
WEIGHTS = {"code": 100.0, "name": 20.0, "synonyms": 15.0, "category": 6.0, "text": 1.0}

NAMES = ("code", "name", "synonyms")

PHRASE, WHOLE_PHRASE = 30.0, 60.0

NEARLY, AS_NEAR = 0.8, 0.1  # how alike a misspelled word must be, and no less than the nearest

ALMOST = 0.85  # how alike a misspelled word of a question must be

BEGINNING, MISSPELLED = 0.8, 0.5

SHORT = 3  # letters: of so short a word only a letter can be missing

STEEP = 4  # how fast a misspelled word loses worth as it is less alike

FAR_AHEAD = 1.5

ASCII = 128

SMALL = {
    "a", "an", "and", "at", "by", "code", "cpt", "for", "from", "hcpcs", "in", "of", "on", "or",
    "the", "to", "with",
}  # fmt: skip


class Hit(NamedTuple):
    """A code found: its key, the key with the name, how well it fits, whether every word typed
    stands in its number, name or other words (and not only in its text), and whether each stands
    there whole and as it was typed."""

    key: str
    name: str
    score: float
    named: bool
    exact: bool


class Answer(NamedTuple):
    """What is used for something that is asked for by another name than a code's: in words, the
    codes, and where it stands."""

    says: str
    keys: tuple[str, ...]
    sources: tuple[str, ...]
    sure: str

    @property
    def in_full(self) -> str:
        """The words, with how sure they are where nothing was found that says so."""
        return self.says + (" Commonly stated: check with your payer." if self.sure == "?" else "")


@kept
def names() -> dict[str, str]:
    """Every code and part by key, as "97110 Therapeutic exercise"."""
    return {key: f"{key} {code.full_name}" for key, code in tables.records().items()}


@checked
def find(typed: str, most: Place = 10) -> list[Hit]:
    """The codes that fit what was typed, best first; parts of a service only by their own key."""
    return list(_find(" ".join(typed.casefold().split())[:200])[:most])


@checked
def named(typed: str) -> list[str]:
    """The codes whose number, name or other words fit, best first; only one when it is the only
    one or far ahead of the next, and so was meant."""
    hits = [hit for hit in find(typed, 50) if hit.named]
    if len(hits) > 1 and hits[0].score >= FAR_AHEAD * hits[1].score:
        hits = hits[:1]
    return [hit.key for hit in hits]


@kept
def _find(typed: str) -> tuple[Hit, ...]:
    if typed.upper() in names():
        return (_hit(typed.upper(), WEIGHTS["code"], True, True),)
    words = [word for word in WORD.findall(typed) if word not in SMALL]
    # A number settles it, with a modifier, a second number or a word beside it.
    numbers = dict.fromkeys(number.upper() for number in CODE.findall(typed))
    known = [key for key in numbers if key in names()]
    if known and 2 * len(known) >= len(words):
        return tuple(_hit(key, WEIGHTS["code"], True, True) for key in known)
    if not words:
        return ()
    found: dict[str, list[float]] = {}
    for at, word in enumerate(words):
        here = _of_word(_singular(word))
        found = {key: [*found.get(key, []), here[key]] for key in here if at == 0 or key in found}
    phrase, phrases = f" {' '.join(map(_singular, words))} ", _phrases()
    scores = {}
    for key, worth in found.items():
        bonus = 0.0
        if phrase in phrases[key]:
            bonus = WHOLE_PHRASE if f"|{phrase}|" in phrases[key] else PHRASE
        scores[key] = sum(worth) + bonus
    least = min(WEIGHTS[name] for name in NAMES) * MISSPELLED * (1 - AS_NEAR) ** STEEP
    order = sorted(scores, key=lambda key: (-scores[key], key))
    exact = _called([_singular(word) for word in words])
    return tuple(_hit(key, scores[key], min(found[key]) >= least, key in exact) for key in order)


def _called(words: list[str]) -> set[str]:
    """The codes in whose number, name or other words each of these stands whole."""
    least, index = min(WEIGHTS[name] for name in NAMES), _index()
    there = [
        {key for key, worth in index.get(word, {}).items() if worth >= least} for word in words
    ]
    return set.intersection(*there)


@checked
def offered(typed: str, most: Place = 10) -> list[str]:
    """The codes to choose from: those that are called so, those that answer what was asked for,
    then those that are called nearly so, or in whose text alone it stands."""
    return in_order(find(typed, most), answer(typed))


@checked
def in_order(hits: list[Hit], told: Answer | None) -> list[str]:
    """The keys of codes found and of those that answer, each once, the likeliest first."""
    called = [hit.key for hit in hits if hit.exact]
    return list(dict.fromkeys([*called, *(told.keys if told else ()), *(hit.key for hit in hits)]))


@checked
def answer(typed: str) -> Answer | None:
    """The answer to the longest question whose words were all typed; None where there is none."""
    return _answer(" ".join(typed.casefold().split())[:200])


@kept
def _answer(typed: str) -> Answer | None:
    words = _plain_words(typed)
    fitting = [each for each in _questions() if each[0] and _are_asked(each[0], words)]
    return max(fitting, key=lambda each: len(each[0]))[1] if fitting else None


@kept
def _questions() -> list[tuple[tuple[str, ...], Answer]]:
    """Each question by its words, with its answer, of whose codes a clinic may have no row."""
    return [
        (
            _plain_words(question),
            Answer(
                row.says,
                tuple(key for key in row.codes.split("|") if key in names()),
                tuple(row.source.split("|")),
                row.sure,
            ),
        )
        for row in tables.asked().itertuples()
        for question in row.asked.split("|")
    ]


def _plain_words(text: str) -> tuple[str, ...]:
    found = re.findall("[a-z0-9]+", text.casefold())
    return tuple(_singular(word) for word in found if word not in SMALL)


def _are_asked(question: tuple[str, ...], typed: tuple[str, ...]) -> bool:
    """Whether each word of a question was typed: as it stands, nearly so, or, of the last word
    typed, as far as it goes."""
    return len(question) <= len(typed) and all(
        word in typed
        or (len(typed[-1]) > SHORT and word.startswith(typed[-1]))
        or (len(word) > SHORT + 1 and bool(get_close_matches(word, typed, 1, ALMOST)))
        for word in question
    )


def _hit(key: str, score: float, is_named: bool, is_exact: bool) -> Hit:
    return Hit(key, names()[key], score, is_named, is_exact)


def _singular(word: str) -> str:
    """A word without the s of its plural."""
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


@kept
def _of_word(word: str) -> dict[str, float]:
    """The worth of one typed word for each code it is found at."""
    index = _index()
    forms = {word: 1.0}
    forms |= {known: BEGINNING for known in begun_by(word) if known != word}
    if len(forms) == 1 and word not in index and not any(map(str.isdigit, word)):
        near = get_close_matches(word, sharing_letters(word), 5, NEARLY)
        alike = {known: SequenceMatcher(a=word, b=known).ratio() for known in near}
        best = max(alike.values(), default=0.0)
        forms = {
            known: MISSPELLED * (ratio / best) ** STEEP
            for known, ratio in alike.items()
            if ratio >= best - AS_NEAR and (len(word) > SHORT or len(known) > SHORT)
        }
    out: dict[str, float] = {}
    for form, share in forms.items():
        for key, weight in index.get(form, {}).items():
            out[key] = max(out.get(key, 0.0), weight * share)
    return out


@checked
def begun_by(word: str) -> list[str]:
    """The known words that begin with a word."""
    words = known_words().words
    later = islice(words, bisect_left(words, word), None)
    return list(takewhile(lambda known: known.startswith(word), later))


@checked
def sharing_letters(word: str) -> list[str]:
    """The known words that share enough letters with a word to be near it: of two thousand a few,
    and only these are compared letter by letter, which takes long."""
    known, counts = known_words(), _letters(word)
    its = np.flatnonzero(counts)
    shared = np.minimum(known.letters[its], counts[its, None]).sum(axis=0)
    near = 2.0 * shared / (known.lengths + len(word)) >= NEARLY
    return [known.words[at] for at in np.flatnonzero(near)]


class KnownWords(NamedTuple):
    """The known words, sorted: how long each is, and by letter how often it stands in each."""

    words: list[str]
    lengths: Ints
    letters: Ints


@kept
def known_words() -> KnownWords:
    """All words that stand at a code."""
    words = sorted(_index())
    letters = np.zeros((ASCII, len(words)), np.int64)
    for at, word in enumerate(words):
        letters[:, at] = _letters(word)
    return KnownWords(words, letters.sum(axis=0), letters)


def _letters(word: str) -> Ints:
    """How often each letter, by its number in ASCII, stands in a word; `WORD` has no others."""
    return np.bincount(np.frombuffer(word.encode(), np.uint8), minlength=ASCII)


@kept
def _index() -> dict[str, dict[str, float]]:
    """Each known word: the codes it stands at, and what it is worth there."""
    index: dict[str, dict[str, float]] = {}
    for key, fields in _entries().items():
        for name, weight in WEIGHTS.items():
            for word in set(WORD.findall(fields[name].casefold())):
                for form in _forms(word):
                    here = index.setdefault(form, {})
                    here[key] = max(here.get(key, 0.0), weight)
    return index


@lru_cache(maxsize=4096)
def _forms(word: str) -> set[str]:
    """What a word is found as: x-ray as x-ray, xray and x ray, and each in the singular."""
    parts = re.split("[-.]", word)
    return {_singular(form) for form in {word, "".join(parts), *parts} - SMALL}


@kept
def _phrases() -> dict[str, str]:
    """The name and other words of each code, as words with spaces around and | between."""
    return {
        key: "|".join(
            f" {' '.join(map(_singular, WORD.findall(phrase.casefold())))} "
            for phrase in ("", fields["own name"], *fields["synonyms"].split("|"), "")
        )
        for key, fields in _entries().items()
    }


@kept
def _entries() -> dict[str, dict[str, str]]:
    entries = {}
    for code in tables.code_list():
        if code.part:
            continue
        text = guide.text(code.key)
        lists = (text.fits, text.fits_not, text.must_show, text.mistakes) if text else ()
        entries[code.key] = {
            "code": code.key,
            "own name": code.name,
            "name": f"{code.name} {code.short}",
            "synonyms": "|".join(code.synonyms),
            "category": code.category,
            "text": " ".join([text.plain, text.purpose, *(" ".join(each) for each in lists)])
            if text
            else "",
        }
    return entries
