"""A month of visits in, findings out: units, modifiers, limits, each with what is at stake."""

import streamlit as st

from chirocalc.links import AUDIT
from chirocalc.ui.audit import found, upload
from chirocalc.ui.shared import Session, frame, inputs, markdown

with frame.page("Audit a month", AUDIT):
    file = upload.choose()
    above = st.container()  # the answer stands before the settings: a phone shows it at once
    st.caption("For rows that do not say it themselves:")
    settings, _ = inputs.settings(visit=False)
    markdown.link_problems()
    with above:
        columns = upload.columns(file) if file else None
        if file and columns:
            answer = found.run(file, columns, settings)
            found.totals(answer)
            found.downloads(answer, settings, file.name)
    if file and columns:
        frame.tabs(
            {
                "Findings": lambda: found.findings(answer),
                "Lines": lambda: found.lines(answer),
                "Pictures": lambda: found.pictures(answer.totals),
                "Rows left out": lambda: found.refused(answer),
            },
            key=Session.audit_tab.key,
        )
