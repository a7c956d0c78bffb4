"""Rows by hand: the day sheet, with a stepper for each of the favorite codes."""

from __future__ import annotations

from datetime import date

import streamlit as st

from chirocalc import tables
from chirocalc.errors import InputError
from chirocalc.rules import Settings
from chirocalc.track import MOST_TIMES, MOST_UNITS, Row, check_row, new_id
from chirocalc.ui.shared import Session, input_callback, log, plain, session
from chirocalc.words import count

MOST_FAVORITES = 14

FIRST = date(2000, 1, 1)


def buttons(settings: Settings) -> None:
    """The button that opens the day sheet."""
    if st.button("Day sheet", icon=":material/edit_calendar:", on_click=_open):
        _sheet(settings)


@input_callback
def _open() -> None:
    """A sheet begins empty, of today."""
    session.sheet_date, session.sheet_payer, session.sheet_more = date.today(), "", None
    session.track_problems = []
    for code in codes():
        session.sheet_times[code], session.sheet_units[code] = 0, 1


@tables.kept
def usual() -> tuple[str, ...]:
    """The spinal adjustments, and the codes that codes.csv has within one tap."""
    table = tables.codes()
    quick = table[table["quick"].notna() & (table["modifier"] == "")].sort_values("quick")
    spinal = tables.manipulation().query("kind == 'spinal'")["code"]
    return tuple(dict.fromkeys([*spinal, *quick["code"]]))


def codes() -> list[str]:
    """Those of the sheet: the clinic's favorites or, until it has any, the usual ones; and what
    was added to it."""
    known = set(tables.codes()["code"])
    favorites = [key for key in session.favorites if key in known]
    spinal = [code for code in usual() if code in session.sheet_codes or code.startswith("9894")]
    first = [*spinal, *favorites] if favorites else list(usual())
    return list(dict.fromkeys([*first[:MOST_FAVORITES], *session.sheet_codes]))


@st.dialog("Day sheet", icon=":material/edit_calendar:", width="medium")
def _sheet(settings: Settings) -> None:
    """How often each was done on a day; the units are of each time."""
    names = tables.payers()["name"]
    with st.container(horizontal=True, gap="small"):
        st.date_input(
            "Day", key=Session.sheet_date.key, format="MM/DD/YYYY", min_value=FIRST, width=150,
            on_change=_took,
        )  # fmt: skip
        st.selectbox(
            "Payer",
            ["", *names.index],
            format_func=lambda payer: names.get(payer, f"As set: {names[settings.payer]}"),
            key=Session.sheet_payer.key,
            on_change=_took,
        )
    records = tables.records()
    for code in codes():
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall",
                          key=f"sheetrow-{code}"):  # fmt: skip
            st.markdown(f":small[**{code}** {plain(records[code].short)}]", width="stretch")
            st.number_input(
                f"Times {code}", 0, MOST_TIMES, step=1, key=session.sheet_times.key(code),
                label_visibility="collapsed", width=124, on_change=_took,
            )  # fmt: skip
            if records[code].time_rule == "untimed":
                st.markdown(":small[once each]", width=78)
            else:
                st.number_input(
                    f"Units of each {code}", 1, MOST_UNITS, step=1,
                    key=session.sheet_units.key(code), label_visibility="collapsed", width=78,
                    help="Units of each time", on_change=_took,
                )  # fmt: skip
    st.selectbox(
        "Another code",
        [code for code in records if "-" not in code and code not in codes()],
        index=None,
        format_func=lambda code: f"{code} {records[code].name}",
        key=Session.sheet_more.key,
        placeholder="Number or name",
        on_change=_add_code,
    )
    for words in session.track_problems:
        st.error(plain(words))
    # Never disabled: of a number just typed the tap on it is what ends the field.
    total = sum(session.sheet_times[code] or 0 for code in codes())
    if st.button(
        f"Add {count(total, 'service')}" if total else "Add", icon=":material/add:",
        key=Session.sheet_add.key, on_click=_add, width="stretch",
    ) and not session.track_problems:  # fmt: skip
        st.rerun()


@input_callback
def _took() -> None:
    """The sheet is drawn anew."""


@input_callback
def _add_code() -> None:
    code = session.sheet_more
    if code:
        session.sheet_codes = list(dict.fromkeys([*session.sheet_codes, code]))
        session.sheet_times[code], session.sheet_units[code] = 1, 1
        session.sheet_more = None


@input_callback
def _add() -> None:
    day = session.sheet_date or date.today()
    session.track_problems, rows = [], []
    for code in codes():
        times = session.sheet_times[code] or 0
        if times:
            units = session.sheet_units[code] or 1
            row = Row(new_id(), 0, day.isoformat(), code, units, None, times,
                      payer=session.sheet_payer)  # fmt: skip
            try:
                rows.append(check_row(row, "day sheet"))
            except InputError as error:
                session.track_problems = [str(each) for each in error.problems]
                return
    if not rows:
        session.track_problems = ["Enter how often a service was done."]
        return
    total = sum(row.times for row in rows)
    log.add(rows, f"{count(total, 'service')} of {day:%B} {day.day} added.")
