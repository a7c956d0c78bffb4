"""Codes side by side: what each is, what it is worth, and what was done that makes it the one."""

import streamlit as st

from chirocalc.links import COMPARE
from chirocalc.ui.compare import view
from chirocalc.ui.shared import frame, inputs, markdown

with frame.page("Compare codes", COMPARE) as bar:
    st.title("Compare codes", anchor=False)
    with bar:
        settings, _ = inputs.settings(visit=False)
    markdown.link_problems()
    inputs.notices()
    st.html(view.STYLE)
    view.page(settings)
