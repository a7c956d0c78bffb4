"""The table of all codes, filtered while one types; each row is one click from its page."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from chirocalc import tables
from chirocalc.codes import exact, fitting, look_up
from chirocalc.links import GUIDE
from chirocalc.rules import Settings
from chirocalc.ui.shared import Session, plain, session
from chirocalc.words import count

from . import area

AFTER = "100ms"  # of no typing the table follows

ROW, HEIGHT, MOST_BESIDE = 35, 640, 8  # pixels, pixels, and rows shown above a code's page

HEADS = {
    "code": "Code",
    "name": "Name",
    "minutes": "Minutes",
    "work_rvu": "wRVU",
    "total_rvu": "RVU",
    "first": "Dollars",
    "pays": "Medicare pays a chiropractor?",
}

COLUMN = st.column_config

# Sorted by a click on their heads; a click on the number or the name opens the code.
NUMBERS = {
    "Minutes": COLUMN.NumberColumn(
        format="%d", width=75, help="Of a unit; of a visit chosen by its time the least. "
        "A dash where minutes do not count.",
    ),
    "wRVU": COLUMN.NumberColumn(format="%.2f", width=75, help="Work RVU of one unit."),
    "RVU": COLUMN.NumberColumn(format="%.2f", width=75, help="Total RVU of one unit."),
    "Dollars": COLUMN.NumberColumn(format="dollar", width=85, help="Of the first unit."),
}  # fmt: skip


@st.fragment
@tables.in_use()
def all_codes() -> None:
    """The heading, the search, the choice of a kind, and the codes that fit."""
    here = area.settings()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.title("Code guide", anchor=False, width="content")
        typed = _search()
        kind = st.selectbox(
            "Kind of service",
            sorted(set(look_up(here)["category"])),
            index=None,
            key=Session.guide_category.key,
            placeholder="All kinds",
            label_visibility="collapsed",
            width=230,
        )
    _leave()
    rows = fitting(typed, kind, here)
    st.caption(
        f"{_counted(rows, here)} Dollars: first unit, {plain(area.words(here))}.{_hint(here)}"
    )
    if len(rows):
        _table(rows, "all", HEIGHT)


def _counted(rows: pd.DataFrame, here: Settings) -> str:
    if rows.empty:
        return "Nothing fits. Try another word for it, or fewer words."
    everything = len(look_up(here))
    return f"{count(len(rows), 'code')}." if len(rows) < everything else f"All {everything} codes."


def _hint(here: Settings) -> str:
    return " Set your ZIP code on Visit, and it holds here." if here.locality == "national" else ""


@st.fragment
@tables.in_use()
def others() -> None:
    """Above a code's page: the search, and under it what fits once one types."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        typed = _search()
        # Without any parameter Streamlit would stay at this code.
        st.page_link(
            GUIDE.page, label="All codes", icon=":material/menu_book:", query_params={"code": ""}
        )
    _leave()
    if not typed.strip():
        return
    rows = fitting(typed, None, area.settings())
    if rows.empty:
        st.caption("Nothing fits. Try another word for it, or fewer words.")
    else:
        _table(rows, "others", ROW * (min(len(rows), MOST_BESIDE) + 1) + 2)


def _search() -> str:
    typed = st.text_input(
        "Find a code",
        type="search",
        live=AFTER,
        key=Session.guide_search.key,
        on_change=_open_exact,
        placeholder="Number, name or other words, such as muscle energy",
        label_visibility="collapsed",
    )
    return typed or ""


def _open_exact() -> None:
    """A number as it is leads to its code, without a click on the only row."""
    code = exact(session.guide_search)
    if code is not None:
        _open(code)


def _open(code: str) -> None:
    session.guide_opened = code
    session.guide_search = ""


def _open_row(column: str, keys: tuple[str, ...]) -> None:
    """What was clicked stands in a row of the codes as they were drawn."""
    _open(keys[session.guide_click[column].row])


def _leave() -> None:
    """Go to the code that was chosen, if one was."""
    code = session.guide_opened
    if code is not None:
        del session.guide_opened
        st.switch_page(GUIDE.page, query_params={"code": code})


def _table(rows: pd.DataFrame, name: str, height: int) -> None:
    keys = tuple(rows.index)
    shown = rows.reset_index()[list(HEADS)].rename(columns=HEADS)
    shown[HEADS["pays"]] = shown[HEADS["pays"]].map({True: "Yes", False: "No"})
    links: dict[str, Any] = {
        column: COLUMN.ButtonColumn(
            type="tertiary",
            alignment="left",
            pinned=column == "Code" or None,
            width=75 if column == "Code" else None,
            key=Session.guide_click.key(column),
            on_click=_open_row,
            args=(column, keys),
        )
        for column in ("Code", "Name")
    }
    st.dataframe(
        shown,
        key=f"guide_table {name}",
        hide_index=True,
        height=height,
        row_height=ROW,
        placeholder="–",
        column_config=links | NUMBERS,
        alt="Codes with their RVUs and dollars; a number or a name opens its code",
    )
