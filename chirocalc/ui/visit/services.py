"""What was done: the regions adjusted, and the services."""

from __future__ import annotations

from typing import NamedTuple

import streamlit as st

from chirocalc import tables
from chirocalc.codes import search
from chirocalc.links import MOST_SERVICES, VISIT, short
from chirocalc.tables import manipulation_codes, manipulation_kinds
from chirocalc.ui.shared import Session, frame, input_callback, markdown, plain, session

from . import rows, spine

FIND = "find"  # the part of the page that runs while one types

AFTER = "80ms"  # of no typing what was found follows


def ask() -> tuple[list[str], list[str]]:
    """Draw all that says what was done but minutes: the figure, the region chips, the services;
    return the manipulation codes, and the keys of all services as chosen."""
    with st.container(horizontal=True, gap="small"):
        with st.container(width=116, key="figure"):
            spine.draw()
        with st.container(gap="small"):
            return _regions(), _chosen()


def _regions() -> list[str]:
    """Draw the region chips; return the manipulation codes they make."""
    names = tables.region_names()
    adjusted = st.pills(
        "Regions adjusted",
        list(names),
        selection_mode="multi",
        wrap=True,
        format_func=names.__getitem__,
        key=Session.adjusted.key,
        help="Five spinal regions, then five outside the spine. Regions count, not thrusts: "
        "98940 is 1 or 2 spinal regions, 98941 is 3 or 4, 98942 is all 5; 98943 is any number "
        "outside the spine. A diagnosis should support each region.",
    )
    made = manipulation_codes(adjusted)
    missing = [code for code in made if code not in tables.records()]
    if missing:
        st.warning(f"{', '.join(missing)} for these regions is not in codes.csv.")
    return [code for code in made if code not in missing]


class Choices(NamedTuple):
    """The services to choose from, by key."""

    chips: dict[str, str]  # the dozen within one tap, and their labels
    manipulations: set[str]  # these follow from the regions


@tables.kept
def choices() -> Choices:
    """The services to choose from, as `codes.csv` has them now."""
    manipulations = set(manipulation_kinds())
    codes = tables.codes()
    codes = codes[~codes["code"].isin(manipulations)]
    quick = codes[codes["quick"].notna()].sort_values("quick")
    chips = {str(key): f"{key} {row['short']}" for key, row in quick.iterrows()}
    return Choices(chips, manipulations)


def _chosen() -> list[str]:
    """Draw the service chips and the search; return the keys of all services, as chosen."""
    chosen = _chips()
    _find(tuple(chosen))
    return chosen


@st.fragment(key=FIND)
def _find(chosen: tuple[str, ...]) -> None:
    """Draw the search that adds any service to the visit: the guide's, while one types. `chosen`:
    the services that the page was drawn with."""
    with frame.part(VISIT) as alone:
        if alone and chosen != tuple(session.services):
            st.rerun()
        st.text_input(
            "Find a service",
            type="search",
            live=AFTER,
            key=Session.search.key,
            on_change=_take_search,
            placeholder="Number, name or other words, such as decompression (F)",
        )
        if session.search_problem:
            st.markdown(f":small[:red[{plain(session.search_problem)}]]")
            return
        if told := search.answer(session.search):
            st.markdown(f":small[{markdown.answered(told.in_full, told.sources)}]")
        if found := _found():
            records = tables.records()
            st.pills(
                "Found: tap to add",
                found,
                format_func=lambda key: f"{key} {records[key].full_name}",
                key=Session.found.key,
                on_change=_take_found,
                wrap=True,
            )


def _found() -> list[str]:
    """The services that fit what is typed, best first, but those that are in the visit."""
    typed = session.search.strip()
    keys = search.offered(typed) if typed else []
    return [key for key in keys if key not in choices().manipulations | set(session.services)]


def _chips() -> list[str]:
    """Draw the service chips; return the keys of all services, in the order of choice."""
    chips = chips_now()
    chosen = [key for key in session.services if key in tables.records()]
    session.services = chosen
    session.chips = [key for key in chosen if key in chips]
    st.pills(
        "Services",
        list(chips),
        selection_mode="multi",
        wrap=True,
        format_func=chips.__getitem__,
        key=Session.chips.key,
        on_change=_take_chips,
    )
    return chosen


def chips_now() -> dict[str, str]:
    """The services within one tap, and their labels: the clinic's favorites or, until it has any,
    those of codes.csv."""
    if not session.favorites:
        return choices().chips
    records = tables.records()
    return {key: f"{key} {records[key].short}" for key in session.favorites if key in records}


@input_callback
def _take_chips() -> None:
    on = session.chips
    for key in [key for key in session.services if key in chips_now() and key not in on]:
        rows.remove(key)
    for key in on:
        if key not in session.services:
            add(key)


def add(key: str) -> None:
    """Add a service, with its usual minutes where the clinic has set any."""
    session.services = [*session.services, key]
    session.removed = None
    if session.amount[key] is None and (minutes := session.favorites.get(key)) is not None:
        session.amount[key] = minutes


@input_callback
def _take_search() -> None:
    """A whole number adds its service, as it opens its page in the guide; else what was found is
    offered, or it is said why nothing is."""
    typed = session.search.strip()
    session.search_problem = _problem(typed) if typed else ""
    key = typed.upper()
    if not session.search_problem and key in tables.records():
        session.search = ""
        add(key)


@input_callback
def _take_found() -> None:
    if key := session.found:
        session.search, session.found = "", None
        session.search_problem = _problem(key)
        if not session.search_problem:
            add(key)


def _problem(typed: str) -> str:
    """Why what was typed adds no service, "" where it does or may."""
    key, found = typed.upper(), search.find(typed)
    if key in session.services:
        return f"{key} is in the visit already: its minutes add up on one line."
    if len(session.services) >= MOST_SERVICES:
        return f"A visit here has up to {MOST_SERVICES} services."
    if found and found[0].key in choices().manipulations:
        return f"{found[0].key} follows from the regions adjusted: choose them above."
    if not found and len(typed) > 2 and not search.answer(typed):
        return f"Nothing fits '{short(typed)}'."
    return ""
