"""A page as a link: its inputs to and from the query string.

Streamlit's own `bind="query-params"` puts display labels into the URL, turns 7.5 minutes into 7 in
silence and drops what it does not know; here the URL holds ids, and what cannot be used is said.
The settings (payer, area, who treats) go along from page to page; each page has its own inputs
beside them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

import streamlit as st

from chirocalc import rates, tables
from chirocalc.errors import InputError
from chirocalc.settings import MOST_DOLLARS

BETWEEN = "."
PRICED = {
    "app.py",
    "pages/compare.py",
    "pages/audit.py",
}  # the settings go along between these pages
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

    def encode(self, state: Mapping[Any, Any]) -> Params:
        """The link of a state: only what differs from the defaults."""
        link = {}
        for name, field in self.fields.items():
            value = state.get(field.key, field.default)
            if value != field.default and value is not None:
                link[name] = written(value)
        return link

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

    def clear(self, state: Any) -> None:
        """Take out of the session what the page's link does not name one by one."""

    def names(self) -> set[str]:
        """The names in the link of the page's own inputs."""
        return set(self.own)


def sync(here: PageLink) -> None:
    """Read the link into the session on the page's first run, and when Back or Forward changed it.

    A click can come with an old address, when it left the browser before the last run's answer
    was there. Then an input changed, or a button's callback said so (`touch`).
    """
    url = st.query_params.to_dict()
    touched = st.session_state.pop("touched", False)
    changed = here.encode(st.session_state) != st.session_state.get("sent")
    # The payer is asked on every page with settings: without it Streamlit has lost the inputs.
    lost = here.page in PRICED and SETTINGS["payer"].key not in st.session_state
    first = lost or st.session_state.get("page") != here.page
    if first or (url != st.session_state["link"] and not touched and not changed):
        _fill(here, url)
        st.session_state.update(page=here.page, link=url, followed=not first)


def touch() -> None:
    """Say in a callback that an input was changed by a button."""
    st.session_state["touched"] = True


def save(here: PageLink) -> None:
    """Write the session's inputs into the link; the untouched example needs none.

    After a link to the page one is on it is written anyhow: Streamlit does not put that one into
    the address.
    """
    link = here.encode(st.session_state)
    st.session_state["sent"] = link
    followed = st.session_state.pop("followed", False)
    _remember(here, link)
    if link == here.example and not st.session_state["link"]:
        return
    st.session_state["link"] = link
    if followed or link != st.query_params.to_dict():
        st.query_params.from_dict(link)


def address(here: PageLink) -> str:
    """The whole address of the page as it stands."""
    query = urlencode(here.encode(st.session_state))
    base = (st.context.url or "").partition("?")[0]
    return f"{base}{'' if urlsplit(base).path else '/'}?{query}"


def params_of(page: str, here: PageLink | None) -> Params:
    """The link under which the menu of one page opens another: its own inputs as they were left,
    and the settings as they are now. Empty where nothing was changed."""
    if here is not None and st.session_state.get("page") == here.page:
        _remember(here, here.encode(st.session_state))
    left: Params = st.session_state.get("links", {}).get(page, {})
    return onward(left) if page in PRICED else left


def onward(own: Params) -> Params:
    """A link to a page with settings: its own inputs, and the settings as they were left.

    The payer is said even where it is the default, for an example has its own.
    """
    settings: Params | None = st.session_state.get("settings")
    if settings is None:
        return own
    return {"payer": SETTINGS["payer"].default} | settings | own


def _remember(here: PageLink, link: Params) -> None:
    """Keep a page's inputs for the menu of the others, unless they are its untouched example."""
    links = st.session_state.setdefault("links", {})
    if link != here.example or here.page in links:
        links[here.page] = _own(link)
        if here.page in PRICED:
            st.session_state["settings"] = {k: v for k, v in link.items() if k in SETTINGS}


def _own(link: Params) -> Params:
    return {name: text for name, text in link.items() if name not in SETTINGS}


def _fill(here: PageLink, url: Params) -> None:
    if not here.names() & url.keys():  # the page's own inputs were not given
        url = _own(here.example) | url if url else here.example
    state, problems = here.decode(url)
    here.clear(st.session_state)
    st.session_state.update(state)
    st.session_state["link_problems"] = problems


def written(value: Any) -> str:
    """A value as it stands in a link."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return BETWEEN.join(value)
    return f"{value:.15g}" if isinstance(value, float) else str(value)


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


def _yes_no(text: str) -> bool:
    return one_of("yes", "no")(text) == "yes"


def _number(least: float, most: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            raise ValueError("it is not a number") from None
        if not least <= value <= most:
            raise ValueError(f"it is not from {least:g} to {most:g}")
        return round(value, 2)

    return read


def _payer(text: str) -> str:
    tables.check_known("link", "payer", text, tables.payers().index)
    return text


def _area(text: str) -> str:
    if text != "national" and text not in tables.localities().index:
        tables.locality_of_zip(text)
    return text


def _rates(text: str) -> str:
    return rates.period(text).first


SETTINGS: dict[str, Field] = {
    "payer": Field("payer", "medicare", _payer),
    "area": Field("area", "national", _area),
    "place": Field("place", "office", one_of("office", "facility")),
    "who": Field("provider", "chiropractor", one_of("chiropractor", "pt", "ot")),
    "phase": Field("phase", None, one_of("active", "maintenance")),
    "rule": Field("rule", None, one_of("cms", "cpt")),
    "percent": Field("percent", None, _number(1, 1000)),
    "par": Field("participating", True, _yes_no),
    "apm": Field("apm", False, _yes_no),
    "deductible": Field("deductible", 0.0, _number(0, tables.most("part_b_deductible"))),
    "assistant": Field("assistant", False, _yes_no),
    "rates": Field("rates", None, _rates),
    "mppr": Field("mppr", None, one_of("none", "pe", "line")),
    "gp": Field("therapy_modifier", None, one_of("yes", "no")),
    "abn": Field("abn", None, one_of("yes", "no")),
    "kx": Field("kx_used", None, _number(0, MOST_DOLLARS - 1)),
}
