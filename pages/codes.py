"""The guide: one address per code, with its text and what the tables say of it."""

import streamlit as st

from chirocalc import tables
from chirocalc.codes import guide
from chirocalc.links import GUIDE
from chirocalc.ui.guide import note, table, view
from chirocalc.ui.shared import frame, markdown, session

with frame.page(view.title(), GUIDE):
    markdown.link_problems()
    code = session.code
    if code not in tables.codes().index:  # none chosen, or taken out of codes.csv meanwhile
        table.all_codes()
    else:
        table.others()
        view.header(code)
        words = guide.text(code)
        note.draw(code, words)
        view.boxes(code)
        left, right = st.columns([6, 5], gap="medium")
        with left:
            view.text(code, words)
            view.next_steps(code)
        with right:
            view.facts(code)
            view.pairs(code)
            view.rules(code)
