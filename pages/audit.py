"""A month of visits in, findings out: units, modifiers, limits, each with what is at stake."""

import streamlit as st

from chirocalc.links import AUDIT
from chirocalc.ui.audit import found, preview, results, to_log, upload, verdict
from chirocalc.ui.shared import Session, frame, inputs, markdown

with frame.page("Audit a month", AUDIT):
    with st.container(horizontal=True):  # a title in a row has no band around it
        st.title("Audit a month of visits", anchor=False, width="content")
    file = upload.choose()
    left, right = st.columns(2)
    with left, st.expander(upload.used(), icon=":material/tune:", key=Session.audit_settings.key):
        settings, _ = inputs.settings(visit=False)
    markdown.link_problems()
    inputs.notices()
    opened = upload.opened(file) if file else None
    chosen = upload.columns(file, opened, right) if file and opened else None
    if file is None:
        preview.show()
    elif opened and chosen:
        columns, about = chosen
        answer = found.run(file, opened, columns, settings)
        with about:
            verdict.ask_payers(answer.totals)
        verdict.show(answer, columns, settings, file.name)
        results.show(answer)
        to_log.draw(file, opened, columns)
