"""What every page has: its title, the menu, the footer, and a sentence in place of a traceback."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import NoReturn

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.errors import StreamlitInvalidLayoutContextError

from chirocalc import tables
from chirocalc.errors import InputError
from chirocalc.links import AUDIT, PageLink
from chirocalc.sheets import FOOTER, made_by
from chirocalc.tables import rates

from . import device, log
from .address import params_of, save, sync
from .html import block, text
from .markdown import plain
from .session import input_callback, session

ROOT = Path(__file__).parents[3]

ICON = Path(__file__).parent / "icon.svg"  # a local one: Streamlit fetches its own from the web

STYLE = Path(__file__).parent / "style.css"

_whole = ContextVar("whole", default=False)  # whether the page runs from its beginning

_reach = st.components.v2.component(
    "chirocalc_reach", js=(Path(__file__).parent / "reach.js").read_text(encoding="utf-8")
)

PAGES = [
    ("app.py", "Visit", ":material/calculate:"),
    ("pages/compare.py", "Compare", ":material/compare_arrows:"),
    ("pages/codes.py", "Guide", ":material/menu_book:"),
    ("pages/plan.py", "Plan", ":material/event_note:"),
    ("pages/audit.py", "Audit", ":material/fact_check:"),
    ("pages/track.py", "Track", ":material/monitoring:"),
    ("pages/sources.py", "Sources", ":material/verified:"),
]


@contextmanager
def page(title: str, here: PageLink | None = None, heading: str = "") -> Iterator[DeltaGenerator]:
    """A page: config and bar above its body, the footer below, errors as sentences; its inputs are
    read from its link before, and written into it after. All of it reads one book of tables.
    Gives the place in the bar beside the menu. `heading`: said to screen readers by a page that
    shows none."""
    st.set_page_config(page_title=f"{title} · Chirocalc", page_icon=str(ICON), layout="wide")
    if here is not AUDIT:
        session.forget_file()
    try:
        book = tables.book()
    except InputError as error:
        _only_problems(error)
    with tables.in_use(book):
        try:
            with suppress(InputError):  # the page itself says what is wrong with a table
                warm_up()
            if here is not None:
                log.follow(here.page, session.page)
                sync(here)
        except InputError as error:
            _only_problems(error)
        bar = _bar(here, heading)
        session.book = book.number
        with suppress(InputError):  # the page itself says what is wrong with a table
            _say_if_old()
        whole = _whole.set(True)
        try:
            yield bar
            if here is not None:
                save(here)
        except InputError as error:
            _show_problems(error)
        finally:
            _whole.reset(whole)
        _footer()


@contextmanager
def part(here: PageLink) -> Iterator[bool]:
    """What runs in a fragment; tells whether it runs alone. Then it reads one book of tables and
    writes its inputs into the link; when a table has changed the whole page is drawn anew. Errors
    are said as sentences."""
    try:
        if _whole.get():  # the page does the rest
            yield False
            return
        with tables.in_use() as book:
            if session.book != book.number:
                st.rerun()
            yield True
            save(here)
            del session.touched  # what a callback changed is in the link now
    except InputError as error:
        _show_problems(error)
    except StreamlitInvalidLayoutContextError:
        # The whole run before was cut off: the page has not yet the place this part writes to.
        st.rerun()


def _only_problems(error: InputError) -> NoReturn:
    """The page of tables without which there is no page."""
    session.is_news = False  # there are no inputs to say again
    _bar(None, "")
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
    _kept_here()
    st.caption(f"{FOOTER} {made}.")


def _kept_here() -> None:
    """What this browser remembers, and the button that forgets it."""
    if trouble := device.TROUBLE.get(session.keep_trouble):
        st.caption(f":orange[{trouble}]")
    if not device.remembers():
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(
            "This browser remembers your clinic: its name and numbers, settings, fees, favorites, "
            "named visits and plans. They stay on this device; no visit or plan is kept unless you "
            "name it. A log of services is forgotten on Track.",
            width="content",
        )
        st.button("Forget this device", type="tertiary", icon=":material/delete:", on_click=_forget)


@input_callback
def _forget() -> None:
    device.forget()


def _say_if_old() -> None:
    """Say it when today is later than all rates that are loaded, and quietly when CMS has probably
    published the next year's."""
    if rates.is_over():
        year = rates.current().name
        st.warning(
            f"The newest rates loaded are those of {year}, and so are all amounts. The page "
            "Sources says how to renew them.",
            icon=":material/update:",
        )
    elif coming := rates.coming_year():
        st.caption(f":material/update: CMS has probably published {coming} rates: see Sources.")


def _bar(here: PageLink | None, heading: str) -> DeltaGenerator:
    """The bar at the top: the mark, the pages, and a place for what a page sets for all of it."""
    st.html(STYLE)
    there = [(path, label, icon) for path, label, icon in PAGES if (ROOT / path).exists()]
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="bar"):
        title = f'<h1 class="cc-hidden">{text(heading)}</h1>' if heading else ""
        block(f'<span class="cc-mark">Chirocalc</span>{title}', width="content")
        with st.container(key="reach"):
            _reach()
            device.draw()
        if len(there) > 1:
            with st.container(horizontal=True, gap="xsmall", key="menu", width="content"):
                for path, label, icon in there:
                    params = params_of(path)
                    st.page_link(path, label=label, icon=icon, query_params=params or None)
        return st.container(
            horizontal=True,
            horizontal_alignment="right",
            vertical_alignment="center",
            gap="small",
            key="beside",
        )


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
    gc.collect()
    gc.freeze()
