"""Where every number is from, what is not known, and a self-test before the user's eyes."""

import streamlit as st

from chirocalc import tables
from chirocalc.links import SOURCES
from chirocalc.ui.shared import fold, frame
from chirocalc.ui.sources import view

with frame.page("Sources", SOURCES):
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title("Sources", anchor=False, width="content")
        st.button("Run again", icon=":material/replay:")
    ran, took = view.run_examples()
    view.glance(ran)
    view.in_force()
    examples = f"Self-test: {len(ran)} worked examples"
    fold(SOURCES, examples, "examples", lambda: view.examples(ran, took))
    fold(SOURCES, "Tables", "tables", view.loaded)
    fold(SOURCES, "Conversion factors", "factors", view.factors)
    fold(SOURCES, f"All {len(tables.sources())} sources", "sources", view.every_source)
    st.header("What is not known", anchor=False)
    view.not_known()
