"""What every page has: its title, the menu, the footer, and a sentence in place of a traceback."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

import streamlit as st

from chirocalc import tables
from chirocalc.errors import InputError
from chirocalc.links import PageLink
from chirocalc.sheets import FOOTER, made_by
from chirocalc.tables import rates

from .markdown import plain
from .session import params_of, save, sync

ROOT = Path(__file__).parents[3]

ICON = Path(__file__).parent / "icon.svg"  # a local one: Streamlit fetches its own from the web

PAGES = [
    ("app.py", "Visit", ":material/calculate:"),
    ("pages/compare.py", "Compare", ":material/compare_arrows:"),
    ("pages/codes.py", "Guide", ":material/menu_book:"),
    ("pages/audit.py", "Audit", ":material/fact_check:"),
    ("pages/sources.py", "Sources", ":material/verified:"),
]


@contextmanager
def page(title: str, here: PageLink | None = None) -> Iterator[None]:
    """A page: config and menu above its body, the footer below, errors as sentences; its inputs are
    read from its link before, and written into it after."""
    st.set_page_config(page_title=f"{title} · Chirocalc", page_icon=str(ICON), layout="wide")
    try:
        with suppress(InputError):  # the page itself says what is wrong with a table
            _warm_up()
        if here is not None:
            sync(here)
    except InputError as error:
        _menu(None)
        _show_problems(error)
        _footer()
        st.stop()
    _menu(here)
    with suppress(InputError):  # the page itself says what is wrong with a table
        _say_if_old()
    try:
        yield
        if here is not None:
            save(here)
    except InputError as error:
        _show_problems(error)
    _footer()


def _footer() -> None:
    """The notice, and which version with which release; without one if codes.csv is faulty."""
    made = made_by()
    with suppress(InputError):
        made = made_by(rates.current())
    st.caption(f"{FOOTER} {made}.")


def _say_if_old() -> None:
    """Say it when today is later than all rates that are loaded."""
    if rates.is_over():
        year = rates.current().name
        st.warning(
            f"The newest rates loaded are those of {year}, and so are all amounts. The page "
            "Sources says how to renew them.",
            icon=":material/update:",
        )


def _menu(here: PageLink | None) -> None:
    there = [(path, label, icon) for path, label, icon in PAGES if (ROOT / path).exists()]
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.markdown("### Chirocalc", width="content")
        if len(there) > 1:
            for path, label, icon in there:
                params = params_of(path, here)
                st.page_link(path, label=label, icon=icon, query_params=params or None)


def _show_problems(error: InputError) -> None:
    st.error(
        "\n".join(f"- {plain(problem)}" for problem in error.problems[:20]),
        title="A table or an input cannot be used",
        icon=":material/error:",
    )
    if any(problem.where == tables.CODES_FILE.name for problem in error.problems):
        st.markdown("Mend the rows named above in `codes.csv` and reload this page.")


@cache
def _warm_up() -> None:
    """Load the tables, then keep what is loaded out of garbage collection: reruns get faster."""
    tables.codes()
    tables.zips()
    gc.collect()
    gc.freeze()
