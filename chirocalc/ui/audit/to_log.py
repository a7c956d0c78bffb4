"""Put the file into the log of services: of its columns only what the log holds is read."""

from __future__ import annotations

import streamlit as st

from chirocalc.audit import Columns, Opened
from chirocalc.errors import InputError
from chirocalc.track import OfFile, read_file
from chirocalc.ui.shared import input_callback, log, plain, session

from .upload import SAMPLE, Upload


def draw(upload: Upload, file: Opened, columns: Columns) -> None:
    """Draw the button, and what came of it with its undo. The sample is never put."""
    if upload.key == SAMPLE:
        return
    found, done = session.track_taken, session.log_done
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Put this file into the log",
            icon=":material/monitoring:",
            on_click=_put,
            args=(upload, file, columns),
            help="Date, code, units, minutes, modifiers, place and payer; kept in this browser.",
        )
        if done is not None and found is not None:
            counts = f"{len(found.new):,} new, {found.known:,} known, {found.refused:,} refused"
            st.markdown(f":material/check: {counts}. See Track.", width="content")
            st.button("Undo", type="tertiary", icon=":material/undo:", on_click=_undo)
    if session.track_problems:
        lines = "\n".join(f"- {plain(words)}" for words in session.track_problems)
        st.error(lines, title="This file cannot be put into the log", icon=":material/error:")


@input_callback
def _put(upload: Upload, file: Opened, columns: Columns) -> None:
    session.track_problems, session.track_taken = [], None
    try:
        found = read_file(upload.content, upload.name, file.head.sheet or None, columns)
    except InputError as error:
        session.track_problems = [str(each) for each in error.problems[:10]]
    else:
        assert isinstance(found, OfFile)  # a backup is no file of visits
        log.put_later(found)


@input_callback
def _undo() -> None:
    log.undo()
