"""What the clinic has set, remembered by its browser, on this device only.

The session has it while the tab is open; the browser's store (localStorage) from one day to the
next. Nothing of it is written on the server.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import streamlit as st

from chirocalc import tables
from chirocalc.errors import InputError
from chirocalc.links import (
    CLINIC,
    MOST_SERVICES,
    OF_PAYER,
    PLAN,
    SETTINGS,
    VISIT,
    PageLink,
    Params,
)
from chirocalc.rules import MOST_DOLLARS, MOST_MINUTES
from chirocalc.sheets import FIELDS, MOST_LETTERS
from chirocalc.visit import Contract, OwnPrices

from . import log
from .session import Kept, Session, session

HERE = Path(__file__).parent

DEVICE = "device"  # the part of a page that writes what is to be kept

VERSION = 1  # as in device.js; what another version wrote is not read

MOST_NAMED, MOST_NAME = 20, 60  # named visits, and characters of a name

# Settings that are remembered by themselves; the others are a payer's, or one visit's.
OF_CLINIC = tuple(name for name in SETTINGS if name in CLINIC and name not in OF_PAYER)

CONTRACTS = ("code", "visit")

TROUBLE = {
    "blocked": "This browser does not let the page remember anything: settings last until the tab "
    "is closed.",
    "full": "This browser's store is full: what was just set lasts until the tab is closed.",
}

_component = st.components.v2.component(
    "chirocalc_device", js=(HERE / "device.js").read_text(encoding="utf-8")
)


@st.fragment(key=DEVICE)
def draw() -> None:
    """Let the browser say what it remembers, and write what has changed."""
    if session.is_news:  # the whole page is drawn anew, and says its inputs again
        st.rerun()
    session.keep_told = session.keep_number
    if not session.session_id:
        session.session_id = uuid4().hex
    _component(
        key=Session.device.key,
        data={
            "session": session.session_id,
            "number": session.keep_number,
            "parts": session.to_keep,
            "known": session.is_known,
            "trouble": session.keep_trouble,
            "log": log.data(),
        },
        on_kept_change=_take,
        on_log_change=_take_log,
        on_logged_change=log.take_written,
        on_trouble_change=_take_trouble,
    )


def keep(part: str) -> None:
    """Have the browser write a part as the session has it now, or take it away when it is empty."""
    value = _values()[part]
    session.to_keep = session.to_keep | {part: value or None}
    session.keep_number += 1
    session.is_known = True


def forget() -> None:
    """Forget all of it, here and in the browser."""
    for part in PARTS:
        _set(part, type(_values()[part])())
        keep(part)


def is_to_write() -> bool:
    """Whether there is something that the browser was not yet told to write."""
    return session.keep_number > session.keep_told


def remembers() -> bool:
    """Whether there is anything to forget."""
    return any(_values().values())


def prices(payer: str) -> OwnPrices:
    """The practice's own prices for a payer's visits."""
    return OwnPrices(session.fees, contract(payer))


def contract(payer: str) -> Contract | None:
    """What was entered of the contract with a payer, None where it goes by a percent."""
    held = session.payers.get(payer, {})
    if held.get("by") not in CONTRACTS:
        return None
    return Contract(held["by"], held.get("codes", {}), held.get("visit"))


def set_of_payer(payer: str, **values: Any) -> None:
    """Set what holds for a payer; None takes it away."""
    held = session.payers.get(payer, {}) | values
    held = {name: value for name, value in held.items() if value not in (None, {})}
    session.payers = {each: of for each, of in session.payers.items() if each != payer} | (
        {payer: held} if held else {}
    )
    keep("payers")


def set_price(payer: str, key: str, dollars: float | None) -> None:
    """Set the price of one unit of a code or part: of the contract with a payer that pays by
    code, else the practice's own fee."""
    here = contract(payer)
    if here is not None and here.by == "code":
        set_of_payer(payer, codes=_with(here.codes, key, dollars))
    else:
        set_fee(key, dollars)


def set_fee(key: str, dollars: float | None) -> None:
    """Set the practice's own fee for one unit of a code or part; None takes it away."""
    session.fees = _with(session.fees, key, dollars)
    keep("fees")


def _with(cents: Mapping[str, int], key: str, dollars: float | None) -> dict[str, int]:
    others = {each: value for each, value in cents.items() if each != key}
    return others if dollars is None else others | {key: round(dollars * 100)}


# The parts, each with the session's name for it.
PARTS: dict[str, Kept[Any]] = {
    "clinic": Session.clinic,
    "payers": Session.payers,
    "fees": Session.fees,
    "favorites": Session.favorites,
    "visits": Session.visits_kept,
    "plans": Session.plans_kept,
    "practice": Session.practice,
    "block": Session.block,
    "track": Session.track,
}


def _values() -> dict[str, Any]:
    return {part: session.state.get(kept.key, kept.before) for part, kept in PARTS.items()}


def _set(part: str, value: Any) -> None:
    session.set_input(PARTS[part].key, value)


def _take_log() -> None:
    session.is_news = log.take_told() or session.is_news


def _take_trouble() -> None:
    session.keep_trouble = str(getattr(session.device, "trouble", "") or "")
    session.is_news |= session.log_wanted  # its page says it where the log stands


def _take() -> None:
    """Take what the browser remembers. What cannot be read is left out, and stays as it was."""
    first = not session.is_known
    session.is_known = True
    with tables.in_use():
        held = _read(str(getattr(session.device, "kept", "") or ""))
    for part, value in _values().items():
        _set(part, held.get(part, type(value)()))
    session.is_news, session.asked_fees = True, []
    if first:
        _begin()


def _begin() -> None:
    """Begin with the clinic's settings; what the address says goes before them. An address with a
    visit is complete: its sender saw it without these."""
    given = session.link if session.page else {}
    if set(given) - set(SETTINGS):
        return
    payer = given.get("payer") or session.clinic.get("payer") or SETTINGS["payer"].default
    for name, text in (session.clinic | of_payer(payer) | {"payer": payer}).items():
        if name not in given and name in SETTINGS:
            session.set_input(SETTINGS[name].key, SETTINGS[name].read(text))
    session.begin_as_remembered()


def of_payer(payer: str) -> Params:
    """What was set for a payer, as a link has it."""
    held = session.payers.get(payer, {})
    return {name: held[name] for name in OF_PAYER if name in held}


def _read(text: str) -> dict[str, Any]:
    """The parts as they can be used: each by its own reader, never an error."""
    found: dict[str, Any] = {}
    with suppress(ValueError, RecursionError):
        rows = json.loads(text)
        for part, reader in READERS.items():
            found |= _part(part, rows.get(part), reader) if isinstance(rows, dict) else {}
    return found


def _part(part: str, text: Any, reader: Callable[[Any], Any]) -> dict[str, Any]:
    try:
        row = json.loads(text)
        if row["version"] == VERSION:
            return {part: reader(row["value"])}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        pass
    return {}


def _texts(names: tuple[str, ...]) -> Callable[[Any], dict[str, str]]:
    """A reader of settings as a link has them; one that means nothing is left out."""

    def read(value: Any) -> dict[str, str]:
        found = {}
        for name in names:
            with suppress(KeyError, ValueError, InputError, TypeError, AttributeError):
                SETTINGS[name].read(value[name])
                found[name] = value[name]
        return found

    return read


def _cents(value: Any) -> dict[str, int]:
    known = tables.records()
    return {
        key: cents
        for key, cents in value.items()
        if key in known and type(cents) is int and 0 <= cents < MOST_DOLLARS * 100
    }


def _of_payers(value: Any) -> dict[str, dict[str, Any]]:
    found = {}
    for payer in tables.payers().index.intersection(list(value)):
        of = dict(value[payer])
        row: dict[str, Any] = _texts(OF_PAYER)(of)
        if of.get("by") in CONTRACTS:
            row["by"] = of["by"]
        if isinstance(of.get("codes"), dict):
            row["codes"] = _cents(of["codes"])
        if type(of.get("visit")) is int and 0 <= of["visit"] < MOST_DOLLARS * 100:
            row["visit"] = of["visit"]
        found[str(payer)] = row
    return found


def _favorites(value: Any) -> dict[str, float | None]:
    known = tables.records()
    of = {
        key: float(minutes) if isinstance(minutes, (int, float)) else None
        for key, minutes in value.items()
        if key in known
    }
    fits = {key: m for key, m in of.items() if m is None or 0 <= m <= MOST_MINUTES}
    return dict(list(fits.items())[:MOST_SERVICES])


def _named(page: PageLink) -> Callable[[Any], dict[str, Params]]:
    """A reader of what has names: links of a page that open without a problem."""

    def read(value: Any) -> dict[str, Params]:
        found: dict[str, Params] = {}
        for name, link in list(value.items())[:MOST_NAMED]:
            params = {str(key): str(text) for key, text in link.items()}
            if not page.decode(params)[1]:
                found[str(name)[:MOST_NAME]] = params
        return found

    return read


def _practice(value: Any) -> str:
    return " ".join(str(value).split())[:MOST_NAME] if isinstance(value, str) else ""


def _block(value: Any) -> dict[str, str]:
    """The practice's block: short texts by the names of its fields."""
    return {
        name: text
        for name in FIELDS
        if isinstance(value.get(name), str)
        and (text := " ".join(value[name].split())[:MOST_LETTERS])
    }


def _track(value: Any) -> dict[str, Any]:
    """What Track remembers; each part is checked where it is used."""
    return {str(name): of for name, of in value.items()}


READERS: dict[str, Callable[[Any], Any]] = {
    "clinic": _texts(OF_CLINIC),
    "payers": _of_payers,
    "fees": _cents,
    "favorites": _favorites,
    "visits": _named(VISIT),
    "plans": _named(PLAN),
    "practice": _practice,
    "block": _block,
    "track": _track,
}
