"""A course of care priced visit by visit: phases in; who pays what and when out."""

import streamlit as st

from chirocalc.links import PLAN
from chirocalc.ui.plan import page, start
from chirocalc.ui.shared import frame, inputs, markdown

with frame.page("Plan of care", PLAN) as bar:
    with bar:
        settings, _ = inputs.settings(visit=False)
        start.share()
    markdown.link_problems()
    inputs.notices()
    left, right = st.columns([7, 6], gap="medium")
    page.draw(settings, left, right)
