"""Put the file into the log of services: of its columns only what the log holds is read."""

from __future__ import annotations

import streamlit as st

from chirocalc.audit import Columns, open_file
from chirocalc.ui.shared import input_callback, log, session

from .upload import SAMPLE, Opened, Upload


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


@input_callback
def _put(upload: Upload, file: Opened, columns: Columns) -> None:
    whole = open_file(upload.content, upload.name, file.head.sheet or None)
    log.put_later(*log.read_visits(whole, columns, upload.name))


@input_callback
def _undo() -> None:
    log.undo()
