"""A month of visits in, findings out: units, modifiers, limits, each with what is at stake."""

import streamlit as st

from chirocalc.ui.audit import view
from chirocalc.ui.shared import frame, inputs, markdown

TABS = ["Findings", "Lines", "Pictures", "Rows left out"]

with frame.page("Audit a month", view.AUDIT):
    upload = view.choose()
    above = st.container()  # the answer stands before the settings: a phone shows it at once
    st.caption("For rows that do not say it themselves:")
    settings, _ = inputs.settings(visit=False)
    markdown.link_problems()
    with above:
        columns = view.columns(upload) if upload else None
        if upload and columns:
            answer = view.run(upload, columns, settings)
            view.totals(answer)
            view.downloads(answer, settings, upload.name)
    if upload and columns:
        findings, lines, pictures, refused = st.tabs(TABS, on_change="rerun", key="audit_tab")
        with findings:
            if findings.open:
                view.findings(answer)
        with lines:
            if lines.open:
                view.lines(answer)
        with pictures:
            if pictures.open:
                view.pictures(answer.totals)
        with refused:
            if refused.open:
                view.refused(answer)
