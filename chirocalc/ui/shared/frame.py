"""What every page has: its title, the menu, the footer, and a sentence in place of a traceback."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn

import streamlit as st

from chirocalc import tables
from chirocalc.errors import InputError
from chirocalc.links import PageLink
from chirocalc.sheets import FOOTER, made_by
from chirocalc.tables import rates

from .address import params_of, save, sync
from .markdown import plain

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
    read from its link before, and written into it after. All of it reads one book of tables."""
    st.set_page_config(page_title=f"{title} · Chirocalc", page_icon=str(ICON), layout="wide")
    try:
        book = tables.book()
    except InputError as error:
        _only_problems(error)
    with tables.in_use(book):
        try:
            with suppress(InputError):  # the page itself says what is wrong with a table
                warm_up()
            if here is not None:
                sync(here)
        except InputError as error:
            _only_problems(error)
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


def _only_problems(error: InputError) -> NoReturn:
    """The page of tables without which there is no page."""
    _menu(None)
    _show_problems(error)
    _footer()
    st.stop()


def tabs(parts: dict[str, Callable[[], None]], key: str) -> None:
    """A tab for each part; only the one that is open is drawn."""
    shown = st.tabs(list(parts), on_change="rerun", key=key)
    for tab, draw in zip(shown, parts.values(), strict=True):
        with tab:
            if tab.open:
                draw()


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
    if any(problem.where == tables.codes.file for problem in error.problems):
        st.markdown("Mend the rows named above in `codes.csv` and reload this page.")


@tables.kept
def warm_up() -> None:
    """Load a new book's tables, then keep them out of garbage collection: reruns get faster."""
    tables.codes()
    tables.zips()
    gc.collect()
    gc.freeze()
