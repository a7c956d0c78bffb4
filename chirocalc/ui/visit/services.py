"""What was done: the regions adjusted, and the services."""

from __future__ import annotations

from typing import NamedTuple

import streamlit as st

from chirocalc import tables
from chirocalc.codes import search
from chirocalc.errors import nearest
from chirocalc.links import MOST_SERVICES
from chirocalc.tables import manipulation_codes, manipulation_kinds
from chirocalc.ui.shared import Session, input_callback, plain, session

from . import rows, spine


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

    names: dict[str, str]  # what each is searched by: number, name, other words
    chips: dict[str, str]  # the dozen within one tap, and their labels
    manipulations: set[str]  # these follow from the regions


@tables.kept
def choices() -> Choices:
    """The services to choose from, as `codes.csv` has them now."""
    manipulations = set(manipulation_kinds())
    codes = tables.codes()
    codes = codes[~codes["code"].isin(manipulations)]
    quick = codes[codes["quick"].notna()].sort_values("quick")
    names = {
        str(key): f"{key} {tables.full_name(row)} · {', '.join(row['synonyms'].split('|'))}"
        for key, row in codes.iterrows()
    }
    chips = {str(key): f"{key} {row['short']}" for key, row in quick.iterrows()}
    return Choices(names, chips, manipulations)


def _chosen() -> list[str]:
    """Draw the service chips and the search; return the keys of all services, as chosen."""
    chosen = _chips()
    _find()
    return chosen


def _find() -> None:
    """Draw the search that adds any service to the visit."""
    names = choices().names
    st.selectbox(
        "Find a service",
        list(names),
        index=None,
        format_func=lambda key: names.get(key, key),
        key=Session.search.key,
        on_change=_take_search,
        accept_new_options=True,
        placeholder="Number, name or other words, such as decompression",
    )
    if problem := session.search_problem:
        st.markdown(f":small[:red[{plain(problem)}]]")


def _chips() -> list[str]:
    """Draw the service chips; return the keys of all services, in the order of choice."""
    names, chips = choices().names, chips_now()
    chosen = [key for key in session.services if key in names]
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
    """Add the service that typed words mean, or say why none is added."""
    typed = session.search
    session.search, session.search_problem = None, ""
    if typed is None:
        return
    problem, key = _meant(typed)
    if problem:
        session.search_problem = problem
    else:
        add(key)


def _meant(typed: str) -> tuple[str, str]:
    """Why typed words add no service, "" where they do, and the key of it."""
    names, chosen = choices().names, session.services
    found = search.named(typed)
    key = found[0] if len(found) == 1 else typed.strip().upper()
    if key in choices().manipulations:
        problem = f"{key} follows from the regions adjusted: choose them above."
    elif len(found) > 1:
        problem = f"'{typed}' fits {', '.join(found[:6])}: choose one from the list."
    elif key not in names:
        problem = f"'{typed}' is not in codes.csv; {nearest(key, names)}."
    elif key in chosen:
        problem = f"{key} is in the visit already: its minutes add up on one line."
    elif len(chosen) >= MOST_SERVICES:
        problem = f"A visit here has up to {MOST_SERVICES} services."
    else:
        problem = ""
    return problem, key
