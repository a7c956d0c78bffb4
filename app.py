"""The visit calculator: regions, services and minutes in; units, RVUs and dollars out."""

import streamlit as st

from chirocalc.links import VISIT
from chirocalc.ui.shared import frame, html, inputs, markdown
from chirocalc.ui.visit import page, services

with frame.page("Visit calculator", VISIT) as bar:
    with bar:
        settings, payment = inputs.settings()
        page.share()
    html.block('<h1 class="cc-hidden">Visit calculator</h1>')
    markdown.link_problems()
    left, right = st.columns([7, 5], gap="medium")
    with left:
        manipulations, chosen = services.regions(), services.choose()
    page.draw(page.Visit(settings, payment, tuple(manipulations), tuple(chosen)), left, right)
