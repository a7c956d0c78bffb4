"""A page as a link: its inputs to and from the query string.

Streamlit's own `bind="query-params"` puts display labels into the URL, turns 7.5 minutes into 7 in
silence and drops what it does not know; here the URL holds ids, and what cannot be used is said.
The settings (payer, area, who treats) go along from page to page; each page has its own inputs
beside them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from itertools import islice
from typing import Any, NamedTuple

from chirocalc import tables
from chirocalc.checked import State, checked
from chirocalc.errors import InputError, nearest
from chirocalc.rules import MOST_DOLLARS
from chirocalc.tables import DATE, rates

BETWEEN = "."

# Whatever a link holds, it is read within 50 ms. All that a page writes is far below these.
MOST_INPUTS = 120  # names in a link

MOST_LETTERS = 100  # of one value

MOST_LISTED = 20_000  # of a value that lists several

MOST_SAID = 40  # sentences on what cannot be used; of more, how many

MOST_SEARCHES = 3  # for the nearest names: one takes a millisecond or two

MOST_SEARCHED = 24  # letters of a value for which names that are near are searched

# The settings go along between these pages.
PRICED = {"app.py", "pages/compare.py", "pages/audit.py", "pages/plan.py", "pages/track.py"}

Params = dict[str, str]


class Field(NamedTuple):
    """One input: its name in the session's state, its default, and how its text is read."""

    key: str
    default: Any
    read: Callable[[str], Any]


class NotKnown(ValueError):
    """A value that is none of those there are."""

    def __init__(self, value: str, known: Iterable[str], what: str = "it") -> None:
        super().__init__(f"{what} is not known")
        self.value, self.known = value, known


class Problems:
    """Sentences on what of a link cannot be used."""

    def __init__(self) -> None:
        self._sentences: list[str] = []
        self._searches = 0

    def say(self, sentence: str) -> None:
        self._sentences.append(sentence)

    def near(self, value: str, known: Iterable[str]) -> str:
        """ " (nearest: 97110)", for the first few values that are short; else nothing."""
        if len(value) > MOST_SEARCHED or self._searches == MOST_SEARCHES:
            return ""
        self._searches += 1
        return f" ({nearest(value, map(str, known))})"

    def why(self, error: Exception) -> str:
        """Why a value was left out."""
        near = self.near(error.value, error.known) if isinstance(error, NotKnown) else ""
        return f"{error}{near}"

    def told(self) -> list[str]:
        """The sentences; of very many the first, and how many more there are."""
        more = len(self._sentences) - MOST_SAID
        if more <= 0:
            return self._sentences
        return [*self._sentences[:MOST_SAID], f"The link has {more:,} more faults like these."]


class PageLink:
    """The inputs of one page, named by its file, and their link; `example` is what its bare
    address shows, `lists` names the inputs that are lists."""

    def __init__(
        self,
        page: str,
        own: dict[str, Field],
        example: Params,
        lists: frozenset[str] = frozenset(),
    ) -> None:
        self.page = page
        self.own = own
        self.fields = SETTINGS | own if page in PRICED else own
        self.example = example
        self.lists = lists | {"pays"}

    @checked
    def encode(self, state: State) -> Params:
        """The link of a state: only what differs from the defaults."""
        link = {}
        for name, field in self.fields.items():
            value = state.get(field.key, field.default)
            if value != field.default and value is not None:
                # As many decimals as fields show, and a link is read with.
                link[name] = written(round(value, 2) if isinstance(value, float) else value)
        return link

    @checked
    def decode(self, params: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
        """The state of a link, and a sentence for each part of it that cannot be used. A value is
        read as what it is exactly, or left out."""
        state = {
            field.key: list(field.default) if isinstance(field.default, list) else field.default
            for field in self.fields.values()
        }
        problems = Problems()
        for name, text in islice(params.items(), MOST_INPUTS):
            self._read(name, text, state, problems)
        if len(params) > MOST_INPUTS:
            problems.say(
                f"The link has {len(params):,} inputs: those after the first {MOST_INPUTS} were "
                "left out."
            )
        self.check(state, problems)
        return state, problems.told()

    def _read(self, name: str, text: str, state: dict[str, Any], problems: Problems) -> None:
        """Read one part of a link into the state, or say why it was left out."""
        most = MOST_LISTED if name in self.lists else MOST_LETTERS
        if name not in self.names() | self.fields.keys():
            problems.say(f"The link has '{short(name)}', which is not an input of this page.")
        elif len(text) > most:
            problems.say(
                f"The link's {name} '{short(text)}' was left out: it has {len(text):,} letters, "
                f"and up to {most:,} are read."
            )
        elif text:
            self.read_part(name, text, state, problems)

    def read_part(self, name: str, text: str, state: dict[str, Any], problems: Problems) -> None:
        """Read an input that is one field."""
        field = self.fields[name]
        try:
            state[field.key] = field.read(text)
        except (ValueError, InputError) as error:
            problems.say(f"The link's {name} '{short(text)}' was left out: {problems.why(error)}.")

    def check(self, state: dict[str, Any], problems: Problems) -> None:
        """Leave out what does not go together."""

    @checked
    def repeats(self, key: str) -> bool:
        """Whether a name of the session's state is of an input that stands once per service."""
        return False

    @checked
    def holds(self, key: str) -> bool:
        """Whether a name of the session's state is of an input of this page."""
        return self.repeats(key) or any(key == field.key for field in self.fields.values())

    def names(self) -> set[str]:
        """The names in the link of the page's own inputs."""
        return set(self.own)


@checked
def written(value: Any) -> str:
    """A value as it stands in a link."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return BETWEEN.join(map(str, value))
    return f"{value:.15g}" if isinstance(value, float) else str(value)


@checked
def short(text: str) -> str:
    """A text cut for a message."""
    return text if len(text) <= 30 else text[:30] + "…"


def one_of(*choices: str) -> Callable[[str], str]:
    """A reader of one of these words."""

    def read(text: str) -> str:
        if text not in choices:
            raise ValueError("it is none of " + ", ".join(choices))
        return text

    return read


def yes_no(text: str) -> bool:
    return one_of("yes", "no")(text) == "yes"


NUMBER = re.compile(r"-?[0-9]{1,9}([.][0-9]{1,2})?")

LONG_NUMBER = re.compile(r"-?[0-9]{1,9}[.][0-9]{3,}")


def number(least: float, most: float) -> Callable[[str], float]:
    """A reader of a number with at most two decimals."""

    def read(text: str) -> float:
        if LONG_NUMBER.fullmatch(text):
            raise ValueError("it has more than two decimals")
        if not NUMBER.fullmatch(text):
            raise ValueError("it is not a number")
        value = float(text)
        if not least <= value <= most:
            raise ValueError(f"it is not from {least:g} to {most:g}")
        return value

    return read


def capitals(text: str) -> str:
    """A code or a modifier in capitals; letters of other scripts stay what they are, for some of
    them have capitals that are ours."""
    return text.upper() if text.isascii() else text


def _deductible(text: str) -> float:
    return number(0, tables.most("part_b_deductible"))(text)


def _payer(text: str) -> str:
    return known_name(text, tables.payers().index)


def known_name(text: str, known: Iterable[str], what: str = "it") -> str:
    if text not in known:
        raise NotKnown(text, known, what)
    return text


def _area(text: str) -> str:
    if text != "national" and text not in tables.localities().index:
        if text != text.strip():
            raise ValueError("it has spaces around it")
        tables.locality_of_zip(text)
    return text


def day(text: str) -> date:
    """A day, written as 2026-03-02 and not otherwise."""
    try:
        if not re.fullmatch(DATE.pattern, text):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("it is no day such as 2026-03-02") from None


def _date(text: str) -> date:
    known = day(text)
    rates.period(text)
    return known


ALL = "all"  # every code


def _codes(text: str) -> list[str]:
    """Codes, or that it is all of them."""
    codes = [capitals(code) for code in text.split(BETWEEN) if code]
    if codes == [ALL.upper()]:
        return [ALL]
    known = tables.code_arrays().names
    return list(dict.fromkeys(known_name(code, known, f"'{short(code)}'") for code in codes))


SETTINGS: dict[str, Field] = {
    "payer": Field("payer", "medicare", _payer),
    "area": Field("area", "national", _area),
    "place": Field("place", "office", one_of("office", "facility")),
    "who": Field("provider", "chiropractor", one_of("chiropractor", "pt", "ot")),
    "phase": Field("phase", None, one_of("active", "maintenance")),
    "rule": Field("rule", None, one_of("cms", "cpt")),
    "percent": Field("percent", None, number(1, 1000)),
    "par": Field("participating", True, yes_no),
    "apm": Field("apm", False, yes_no),
    "deductible": Field("deductible", 0.0, _deductible),
    "assistant": Field("assistant", False, yes_no),
    "date": Field("date", None, _date),
    "mppr": Field("mppr", None, one_of("none", "pe", "line")),
    "gp": Field("therapy_modifier", None, one_of("yes", "no")),
    "pays": Field("chiropractor_codes", None, _codes),
    "abn": Field("abn", None, one_of("yes", "no")),
    "kx": Field("kx_used", None, number(0, MOST_DOLLARS - 1)),
}

# Those that hold for the next patient too; the others are one patient's visit's.
CLINIC = SETTINGS.keys() - {"phase", "abn", "deductible", "assistant", "kx", "date"}

# Those that are one payer's: another payer has its own.
OF_PAYER = ("rule", "percent", "mppr", "gp", "pays")

SOURCES = PageLink("pages/sources.py", {}, {})
