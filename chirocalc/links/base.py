"""A page as a link: its inputs to and from the query string.

Streamlit's own `bind="query-params"` puts display labels into the URL, turns 7.5 minutes into 7 in
silence and drops what it does not know; here the URL holds ids, and what cannot be used is said.
The settings (payer, area, who treats) go along from page to page; each page has its own inputs
beside them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, NamedTuple

from chirocalc import tables
from chirocalc.checked import State, checked
from chirocalc.errors import InputError
from chirocalc.rules import MOST_DOLLARS
from chirocalc.tables import rates

BETWEEN = "."

# The settings go along between these pages.
PRICED = {"app.py", "pages/compare.py", "pages/audit.py", "pages/plan.py", "pages/track.py"}

Params = dict[str, str]


class Field(NamedTuple):
    """One input: its name in the session's state, its default, and how its text is read."""

    key: str
    default: Any
    read: Callable[[str], Any]


class PageLink:
    """The inputs of one page, named by its file, and their link; `example` is what its bare
    address shows."""

    def __init__(self, page: str, own: dict[str, Field], example: Params) -> None:
        self.page = page
        self.own = own
        self.fields = SETTINGS | own if page in PRICED else own
        self.example = example

    @checked
    def encode(self, state: State) -> Params:
        """The link of a state: only what differs from the defaults."""
        link = {}
        for name, field in self.fields.items():
            value = state.get(field.key, field.default)
            if value != field.default and value is not None:
                link[name] = written(value)
        return link

    @checked
    def decode(self, params: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
        """The state of a link, and a sentence for each part of it that cannot be used."""
        state = {
            field.key: list(field.default) if isinstance(field.default, list) else field.default
            for field in self.fields.values()
        }
        problems: list[str] = []
        for name, text in params.items():
            self.read_part(name, text, state, problems)
        return state, problems

    def read_part(self, name: str, text: str, state: dict[str, Any], problems: list[str]) -> None:
        """Read one part of a link into the state, or say why it was left out."""
        if name not in self.fields:
            problems.append(f"The link has '{short(name)}', which is not an input of this page.")
        elif text:
            field = self.fields[name]
            try:
                state[field.key] = field.read(text)
            except (ValueError, InputError) as error:
                problems.append(f"The link's {name} '{short(text)}' was left out: {error}.")

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


def number(least: float, most: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            raise ValueError("it is not a number") from None
        if not least <= value <= most:
            raise ValueError(f"it is not from {least:g} to {most:g}")
        return round(value, 2)

    return read


def _deductible(text: str) -> float:
    return number(0, tables.most("part_b_deductible"))(text)


def _payer(text: str) -> str:
    tables.check_known("link", "payer", text, tables.payers().index)
    return text


def _area(text: str) -> str:
    if text != "national" and text not in tables.localities().index:
        tables.locality_of_zip(text)
    return text


def _date(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ValueError("it is no day such as 2026-03-02") from None
    rates.period(day.isoformat())
    return day


ALL = "all"  # every code


def _codes(text: str) -> list[str]:
    """Codes, or that it is all of them."""
    codes = [code.upper() for code in text.split(BETWEEN) if code]
    if text.lower() == ALL:
        return [ALL]
    for code in codes:
        tables.check_known("link", "code", code, tables.code_arrays().names)
    return list(dict.fromkeys(codes))


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
