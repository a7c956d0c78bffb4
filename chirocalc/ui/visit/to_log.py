"""Add the visit to the log: its services, as they were answered, on a day and so many times."""

from __future__ import annotations

import streamlit as st

from chirocalc.errors import InputError
from chirocalc.links import VISIT
from chirocalc.rules import Answer
from chirocalc.track import MOST_TIMES, Row, check_row, new_id
from chirocalc.ui.shared import Session, device, frame, input_callback, inputs, log, plain, session
from chirocalc.words import count

from .told import Visit

PART = "to log"


@st.fragment(key=PART)
def draw(visit: Visit) -> None:
    """Draw the button, with the day and how often; nothing of the visit but its services goes."""
    with frame.part(VISIT) as alone:
        visit.keep_up(alone)
        with (
            st.container(key="tolog", width="content"),
            st.popover("Add to log", icon=":material/playlist_add:"),
        ):
            session.add_day = session.add_day or inputs.day_of_service()
            session.add_times = session.add_times or 1
            st.date_input(
                "Day", key=Session.add_day.key, format="MM/DD/YYYY", required=True, on_change=_took
            )
            st.number_input(
                "As this visit, how often", 1, MOST_TIMES, key=Session.add_times.key,
                on_change=_took,
            )  # fmt: skip
            st.button(
                "Add", icon=":material/add:", on_click=_add, args=(visit,),
                disabled=not visit.keys, width="stretch",
            )  # fmt: skip
            if session.log_done is not None:
                st.markdown(f":small[{plain(session.log_done.words)} See Track.]")
                st.button("Undo", icon=":material/undo:", type="tertiary", on_click=_undo)
            else:
                st.markdown(":small[Code, units, modifiers, payer, day; kept in this browser.]")


def rows_of(answer: Answer, day: str, times: int) -> list[Row]:
    """The lines that have units, as rows. Raises `InputError`."""
    settings = answer.settings
    place = "" if settings.place == "office" else settings.place
    return [
        check_row(
            Row(
                new_id(),
                0,
                day,
                line.code,
                line.units,
                line.minutes,
                times,
                " ".join(line.service.written),
                place,
                settings.payer,
            )
        )
        for line in answer.lines
        if line.units
    ]


@input_callback
def _took() -> None:
    """The popover is drawn anew."""


@input_callback
def _add(visit: Visit) -> None:
    day, times = session.add_day or inputs.day_of_service(), session.add_times or 1
    try:
        rows = rows_of(visit.told().answer, day.isoformat(), times)
    except InputError as error:
        session.log_done = log.Done(str(error.problems[0]), {})
        return
    if rows:
        often = f", {times} times" if times > 1 else ""
        log.add(rows, f"{count(len(rows), 'line')} of {day:%B} {day.day}{often} added.")
        st.rerun([PART, device.DEVICE])


@input_callback
def _undo() -> None:
    log.undo()
    st.rerun([PART, device.DEVICE])
