"""Where every number is from, what is not known, and a self-test before the user's eyes."""

import streamlit as st

from chirocalc import tables
from chirocalc.links import SOURCES
from chirocalc.ui.shared import frame
from chirocalc.ui.sources import view

with frame.page("Sources", SOURCES):
    view.in_force()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("Self-test", anchor=False, width="content")
        st.button("Run again", icon=":material/replay:")
    view.examples()
    st.subheader("Tables", anchor=False)
    view.loaded()
    st.subheader("Conversion factors", anchor=False)
    view.factors()
    st.subheader("What is not known", anchor=False)
    view.not_known()
    st.subheader(f"All {len(tables.sources())} sources", anchor=False)
    view.every_source()
