"""From what is typed as a place to the localities it is priced in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import NamedTuple

import pandas as pd

from chirocalc.checked import checked
from chirocalc.errors import InputError, Problem

from .books import kept
from .payment import localities, zips
from .place_tables import cities, shared_zips, states

ZIP = r"([0-9]{5})(?:-?[0-9]{4})?"

MOST_LETTERS = 120  # of a text that may name a place

ALIKE = 0.8  # how alike a name must be to be offered for one that is not known

NEAR = 3  # names that are offered at most

STATE_WORDS = 4  # the longest name of a state: Federated States of Micronesia

# The Postal Service spells these out in the names of cities.
SPELLED = {"st": "saint", "ste": "sainte", "ft": "fort", "mt": "mount"}


class Place(NamedTuple):
    """Where a ZIP code is priced; `shared` when another locality has part of it."""

    locality: str
    shared: bool


class Areas(NamedTuple):
    """The payment areas that a text can mean.

    `localities`: their ids, best first, one where it is certain. `named`: what the text was taken
    for, such as "Chicago, IL". `problem`: a sentence in place of them where nothing fits.
    `choices`: a label such as "Springfield, MO" with each of the ids when there are several.
    """

    localities: tuple[str, ...] = ()
    named: str = ""
    problem: str = ""
    choices: tuple[tuple[str, str], ...] = ()


class _Meaning(NamedTuple):
    """One place of a name: "Springfield, IL" of "Springfield"."""

    named: str
    name: str
    localities: tuple[str, ...]


@checked
def locality_of_zip(zip_code: str) -> Place:
    """The locality of a five-digit ZIP code (a plus-4 is ignored). Raises `InputError`."""
    found = re.fullmatch(ZIP, zip_code.strip())
    if not found:
        raise InputError([Problem("area", None, "ZIP code", zip_code, "must be five digits")])
    try:
        row = zips().loc[found[1]]
    except KeyError:
        raise InputError(
            [Problem("area", None, "ZIP code", zip_code, "is not in CMS's ZIP to locality file")]
        ) from None
    return Place(row["locality_id"], bool(row["needs_plus4"]))


@kept(most=64)
@checked
def areas_of(text: str) -> Areas:
    """The payment areas of a ZIP code, a city, a state, or an area's own name. Names are compared
    by their letters: a near one is offered in `problem`, and never taken. Never raises."""
    text = text.strip()
    if zip_code := re.search(rf"(?:^|[^\d-]){ZIP}$", text):
        return _of_zip(zip_code[1])
    words = _words(text)
    meanings = _meanings(words)
    return _areas(meanings) if meanings else Areas(problem=_problem(text, words))


def _of_zip(digits: str) -> Areas:
    """A ZIP code's area, then those that may have a part of it (zip5, zip-cities)."""
    try:
        place = locality_of_zip(digits)
    except InputError:
        return Areas(problem=f"ZIP code {digits} is not in CMS's ZIP to locality file.")
    others = _others(digits, place.locality) if place.shared else ()
    return _areas([_Meaning(f"ZIP code {digits}", digits, (place.locality, *others))])


def _others(digits: str, locality: str) -> tuple[str, ...]:
    """What else a shared ZIP code may lie in; every area of its state where nothing is known."""
    near = shared_zips()["near"].get(digits, "")
    others = [other for other in near.split("|") if other not in ("", locality)]
    state = localities()["state"]
    return tuple(others) or tuple(state.index[state == state[locality]].drop(locality))


def _areas(meanings: list[_Meaning]) -> Areas:
    """All that several places with one name can mean, the first first."""
    labels: dict[str, str] = {}
    for meaning in meanings:
        for locality in meaning.localities:
            labels.setdefault(locality, _label(meaning, locality))
    first = meanings[0]
    several = len({meaning.named for meaning in meanings}) > 1
    choices = tuple((label, locality) for locality, label in labels.items())
    named = first.name if several else first.named
    return Areas(tuple(labels), named, choices=choices if len(choices) > 1 else ())


def _label(meaning: _Meaning, locality: str) -> str:
    if len(meaning.localities) == 1:
        return meaning.named
    return f"{meaning.named}: {localities().at[locality, 'name']}"


def _words(text: str) -> list[str]:
    """A text's words without accents, capitals and punctuation; none of one too long to be a
    name."""
    if len(text) > MOST_LETTERS:
        return []
    return re.findall("[a-z0-9]+", (text if text.isascii() else _plain(text)).casefold())


def _plain(text: str) -> str:
    """Mayaguez of Mayagüez."""
    parts = unicodedata.normalize("NFKD", text)
    return "".join(part for part in parts if not unicodedata.combining(part))


def _key(words: Iterable[str]) -> str:
    """A city's name by its letters: "saintlouis" of "St. Louis", "ofallon" of "O'Fallon"."""
    return "".join(SPELLED.get(word, word) for word in words)


def _meanings(words: list[str]) -> list[_Meaning]:
    """Places of this name, else of this name and state, else without a "City" at its end."""
    found = _of_states(words) or _called(words) or _in_a_state(words)
    if not found and words[-1:] == ["city"]:
        return _called(words[:-1])
    return found


def _called(words: list[str], state: str = "") -> list[_Meaning]:
    """Areas, then cities, of this name; in this state, where one is said."""
    key = _key(words)
    found = [*_area_names().get(key, ()), *_cities(key)]
    return [each for each in found if not state or each.named.endswith(f", {state}")]


def _in_a_state(words: list[str]) -> list[_Meaning]:
    """Of "Evanston IL" or "Charleston, West Virginia": areas and cities in that state."""
    for name, state in _splits(words):
        found = _called(name, state)
        if not found and name[-1] == "city":
            found = _called(name[:-1], state)
        if found:
            return found
    return []


def _splits(words: list[str]) -> Iterator[tuple[list[str], str]]:
    """The ways to read words as a name and, at their end, a state."""
    for at in range(len(words) - 1, max(0, len(words) - STATE_WORDS - 1), -1):
        for state in _state_names().get("".join(words[at:]), ()):
            yield words[:at], state


def _of_states(words: list[str]) -> list[_Meaning]:
    """States of this name, each after its city of the same name: New York before the rest of
    New York. A city so called in another state needs that state beside it: Indiana, PA."""
    found = []
    for state in _state_names().get("".join(words), ()):
        name = str(states().at[state, "name"])
        found += [city for city in _cities(_key(words)) if city.named.endswith(f", {state}")]
        found.append(_Meaning(name, name, _localities_of_state(state)))
    return found


@kept
def _state_names() -> dict[str, list[str]]:
    """Two letters by every name of a state and by the letters themselves; first those that are
    properly so called: Washington is the state, then DC (usps-states)."""
    found: dict[str, list[str]] = {}
    table = states()
    for names in (table.index, table["name"], table["also"]):
        for name, state in zip(names, table.index, strict=True):
            found.setdefault("".join(_words(name)), []).append(state)
    found.pop("", None)
    return found


@kept
def _localities_of_state(state: str) -> tuple[str, ...]:
    """Where a state's cities are priced, the locality of most of them first. Those of its own
    `localities` row do not do: Arlington, VA is priced with DC (zip5)."""
    rows = cities().loc[lambda frame: frame["state"] == state, "localities"]
    return tuple(rows.str.split("|").explode().value_counts().index)


@kept
def _area_names() -> dict[str, list[_Meaning]]:
    """The payment areas by their own names."""
    found: dict[str, list[_Meaning]] = {}
    for locality, row in localities().iterrows():
        named = f"{row['name']}, {row['state']}"
        meaning = _Meaning(named, row["name"], (str(locality),))
        found.setdefault(_key(_words(row["name"])), []).append(meaning)
    return found


@kept
def _city_rows() -> pd.DataFrame:
    """`cities()` by the letters of their names, made when a name is first asked."""
    frame = cities()
    return frame.set_index(
        pd.Index([_key(_words(city)) for city in frame["city"].tolist()], name="key")
    )


def _cities(key: str) -> list[_Meaning]:
    """Cities of this name, the one with most ZIP codes first."""
    rows = _city_rows()
    return [_city(row) for row in rows[rows.index == key].itertuples()]


def _city(row: NamedTuple) -> _Meaning:
    _, city, state, where = row
    return _Meaning(f"{city}, {state}", city, tuple(where.split("|")))


# What fits nothing


def _problem(text: str, words: list[str]) -> str:
    """Why nothing fits, and what comes near it."""
    if not text:
        return "Nothing is entered: a ZIP code, a city, a state or an area's name is needed."
    shown = text if len(text) <= 40 else text[:40] + "…"
    if re.fullmatch(r"[\d\s-]+", text):
        return f"'{shown}' is no ZIP code: it must be five digits."
    said = f"'{shown}' is no ZIP code, city or state we know"
    near = _near(words) if words else []
    return f"{said}: did you mean {' or '.join(near)}?" if near else f"{said}."


def _near(words: list[str]) -> list[str]:
    """Names that may have been meant: those that hold the words, and those spelled alike."""
    key = _key(words)
    inside = [label for each, label in _area_labels().items() if len(key) > 3 and key in each]
    names, state = next(_splits(words), (words, ""))
    alike = [*_alike(key, _place_labels()), *_alike(_key(names), _city_labels(_key(names), state))]
    return list(dict.fromkeys([*inside, *alike]))[:NEAR]


def _alike(key: str, labels: dict[str, str]) -> list[str]:
    """The labels of the keys that are most alike, compared with those that begin or end alike."""
    some = [
        each
        for each in labels
        if abs(len(each) - len(key)) <= 3 and (each[0] == key[0] or each[-1] == key[-1])
    ]
    return [labels[each] for each in get_close_matches(key, some, NEAR, ALIKE)]


def _area_labels() -> dict[str, str]:
    return {key: meanings[0].named for key, meanings in _area_names().items()}


def _place_labels() -> dict[str, str]:
    """Areas and states by their names in letters."""
    known = states()["name"]
    return _area_labels() | {"".join(_words(name)): str(name) for name in known}


def _city_labels(key: str, state: str) -> dict[str, str]:
    """Cities by their names in letters, in this state, or so called elsewhere; the one of most ZIP
    codes of each name."""
    rows = _city_rows()
    if state:
        rows = rows[(rows["state"] == state) | (rows.index == key)]
    rows = rows[~rows.index.duplicated()]
    return dict(zip(rows.index, rows["city"] + ", " + rows["state"], strict=True))
