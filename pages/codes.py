"""The guide: one address per code, with its text and what the tables say of it."""

import streamlit as st

from chirocalc import tables
from chirocalc.codes import guide
from chirocalc.links import GUIDE
from chirocalc.ui.guide import view
from chirocalc.ui.shared import frame, markdown, session

with frame.page(view.title(), GUIDE):
    markdown.link_problems()
    view.find()
    code = session.code
    if code not in tables.codes().index:  # none chosen, or taken out of codes.csv meanwhile
        view.browse()
    else:
        view.header(code)
        left, right = st.columns([6, 5], gap="medium")
        with left:
            view.text(guide.text(code))
            view.next_steps(code)
        with right:
            view.facts(code)
        with right if guide.years(code).empty else left:
            view.questions(code)
        with right:
            view.pairs(code)
            view.rules(code)
