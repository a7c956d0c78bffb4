"""Codes side by side: what each is, what it is worth, and what was done that makes it the one."""

import streamlit as st

from chirocalc.links import COMPARE, FEWEST_COMPARED
from chirocalc.ui.compare import view
from chirocalc.ui.shared import Session, frame, inputs, markdown

with frame.page("Compare codes", COMPARE):
    settings, _ = inputs.settings(visit=False)
    markdown.link_problems()
    keys = view.choose()
    if len(keys) < FEWEST_COMPARED:
        st.info("Choose another code to compare.", icon=":material/compare_arrows:")
    else:
        left, right = st.columns([6, 5], gap="medium")
        with left:
            view.worth(keys, settings)
        with right:
            view.boxes(keys, settings)
        frame.tabs(
            {
                "Against minutes": lambda: view.minutes(keys, settings),
                "Over the years": lambda: view.years(keys),
                "By area": lambda: view.areas(keys, settings),
                "Medicare's use": lambda: view.use(keys),
                "All figures": lambda: view.everything(keys, settings),
            },
            key=Session.compare_tab.key,
        )
