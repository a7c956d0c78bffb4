"""Codes side by side: what each is, what it is worth, and what was done that makes it the one."""

import streamlit as st

from chirocalc.links import COMPARE, FEWEST_COMPARED
from chirocalc.ui.compare import view
from chirocalc.ui.shared import frame, inputs, markdown

TABS = ["Against minutes", "Over the years", "By area", "Medicare's use", "All figures"]

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
        minutes, years, areas, use, everything = st.tabs(TABS, on_change="rerun", key="tab")
        with minutes:
            if minutes.open:
                view.minutes(keys, settings)
        with years:
            if years.open:
                view.years(keys)
        with areas:
            if areas.open:
                view.areas(keys, settings)
        with use:
            if use.open:
                view.use(keys)
        with everything:
            if everything.open:
                view.everything(keys, settings)
