"""The log of services: what was done, its work RVUs, the goal, the nation; kept in the browser."""

import streamlit as st

from chirocalc.links import TRACK
from chirocalc.ui.shared import frame, inputs, markdown
from chirocalc.ui.track import page

with frame.page("Track", TRACK, heading="Track") as bar:
    with bar:
        settings, _ = inputs.settings(visit=False)
    markdown.link_problems()
    inputs.notices()
    if page.is_known():
        page.draw(settings)
    else:
        st.skeleton(height=420)
