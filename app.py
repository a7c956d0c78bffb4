"""The visit calculator: regions, services and minutes in; units, RVUs and dollars out."""

import streamlit as st

from chirocalc.links import VISIT
from chirocalc.ui.shared import frame, inputs, markdown
from chirocalc.ui.visit import page, services, start

with frame.page("Visit calculator", VISIT, heading="Visit calculator") as bar:
    with bar:
        settings, payment = inputs.settings()
        start.share()
    markdown.link_problems()
    left, right = st.columns([8, 5], gap="medium")
    with left:
        inputs.notices()
        start.draw()
        manipulations, chosen = services.ask()
    page.draw(page.Visit(settings, payment, tuple(manipulations), tuple(chosen)), left, right)
