"""The table of all codes, filtered while one types; each row is one click from its page."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import streamlit as st

from chirocalc import tables
from chirocalc.codes import exact, fitting, look_up, search
from chirocalc.errors import InputError
from chirocalc.links import GUIDE
from chirocalc.rules import Settings
from chirocalc.ui.shared import Session, frame, input_callback, markdown, plain, session
from chirocalc.words import count

from . import area

AFTER = "30ms"  # of no typing the table follows

HERE = Path(__file__).parent

HTML = """
<div class="codes" role="region" tabindex="0">
  <table><thead><tr></tr></thead><tbody></tbody></table>
</div>
"""

_draw = st.components.v2.component(
    "chirocalc_codes",
    html=HTML,
    css=(HERE / "code_table.css").read_text(encoding="utf-8"),
    js=(HERE / "code_table.js").read_text(encoding="utf-8"),
)


class Column(NamedTuple):
    """A column of the table: of `look_up`, its head, and how its values are written."""

    id: str
    name: str
    form: str


COLUMNS = [
    Column("code", "Code", "text"),
    Column("name", "Name", "text"),
    Column("minutes", "Minutes", "whole"),
    Column("work_rvu", "wRVU", "rvu"),
    Column("total_rvu", "RVU", "rvu"),
    Column("first", "Dollars", "dollars"),
    Column("pays", "Medicare pays a chiropractor?", "text"),
]

# What the visitor's payer allows, beside Medicare's, where it publishes an amount.
MEDICARES = Column("first", "Medicare", "dollars")
PAYERS = "allowed"

Row = tuple[str | float | None, ...]


@st.fragment
@frame.part(GUIDE)
def all_codes() -> None:
    """The heading, the search, the choice of a kind, and the codes that fit."""
    here, payer = area.settings(), area.payer()
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
    _answer(typed)
    rows = fitting(typed, kind, here)
    whose = plain(area.words(here) + _of_payer(payer))
    st.caption(f"{_counted(rows, here)} Dollars: first unit, {whose}.{_hint(here)}")
    if len(rows):
        _table(rows, here, payer)


def _counted(rows: pd.DataFrame, here: Settings) -> str:
    if rows.empty:
        return "Nothing fits. Try another word for it, or fewer words."
    everything = len(look_up(here))
    return f"{count(len(rows), 'code')}." if len(rows) < everything else f"All {everything} codes."


def _hint(here: Settings) -> str:
    if here.locality != "national":
        return ""
    return " Set your ZIP code and payer on Visit, and they hold here."


def _of_payer(payer: Settings) -> str:
    """Of whom the dollars are beside Medicare's, in words."""
    if payer.is_medicare:
        return ""
    if payer.rate is None:
        return f"; {_name(payer)}: your own fee"
    return f"; {_name(payer)} at {payer.rate:g}%"


def _name(payer: Settings) -> str:
    return str(tables.payers().at[payer.payer, "name"])


@st.fragment
@frame.part(GUIDE)
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
    here, payer = area.settings(), area.payer()
    _answer(typed)
    rows = fitting(typed, None, here)
    if rows.empty:
        st.caption("Nothing fits. Try another word for it, or fewer words.")
    else:
        _table(rows, here, payer)


def _answer(typed: str) -> None:
    """What is used for what was typed, where that has no code of its own."""
    if told := search.answer(typed):
        st.markdown(markdown.answered(told.in_full, told.sources))


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


@input_callback
def _open_exact() -> None:
    """A number as it is leads to its code, without a click on the only row."""
    with suppress(InputError):  # the page itself says what is wrong with a table
        code = exact(session.guide_search)
        if code is not None and code == session.code:
            session.guide_search = ""  # Enter after the last digit, which has opened it already
        elif code is not None:
            _open(code)


def _open(code: str) -> None:
    session.guide_opened = code
    session.guide_search = ""


def _open_row() -> None:
    _open(session.guide_table["opened"])


def _leave() -> None:
    """Go to the code that was chosen, if one was."""
    code = session.guide_opened
    if code is not None:
        del session.guide_opened
        del session.touched  # the code's own address is to be taken as it is
        st.switch_page(GUIDE.page, query_params={"code": code})


def _table(codes: pd.DataFrame, here: Settings, payer: Settings) -> None:
    columns = _columns(payer)
    rows = _rows(here, payer if len(columns) > len(COLUMNS) else None)
    _draw(
        key=Session.guide_table.key,
        data={
            "label": "Codes",
            "columns": [column._asdict() for column in columns],
            "rows": [rows[code] for code in codes.index],
        },
        on_opened_change=_open_row,
    )


def _columns(payer: Settings | None) -> list[Column]:
    """The columns, with one of the payer's dollars where it has amounts beside Medicare's."""
    if payer is None or payer.is_medicare or payer.rate is None:
        return COLUMNS
    at = [column.id for column in COLUMNS].index(MEDICARES.id)
    theirs = Column(PAYERS, _name(payer), "dollars")
    return [*COLUMNS[:at], MEDICARES, theirs, *COLUMNS[at + 1 :]]


@tables.kept(most=64)
def _rows(here: Settings, payer: Settings | None) -> dict[str, Row]:
    """By code its row as it is sent: what is missing is None."""
    table = look_up(here)
    shown = table.assign(pays=table["pays"].map({True: "Yes", False: "No"}))
    if payer is not None:
        shown[PAYERS] = look_up(payer)["first"]
    names = [column.id for column in _columns(payer)]
    shown = shown.reset_index()[names].astype(object)
    values = shown.where(shown.notna(), None).itertuples(index=False, name=None)
    return {row[0]: row for row in values}
