"""The plan as files: CSV, and Excel with the visits, the services and the payments."""

from __future__ import annotations

import streamlit as st

from chirocalc.exports import csv_bytes, excel_bytes
from chirocalc.plan import Schedule, options
from chirocalc.sheets import plan_lines, plan_sheets

from .entered import terms


def draw(schedule: Schedule) -> None:
    """Buttons that make a file when they are clicked."""
    with st.container(horizontal=True, gap="small"):
        st.download_button(
            "CSV", lambda: csv_bytes(plan_lines(schedule)), file_name="plan.csv", mime="text/csv",
            icon=":material/table:", on_click="ignore",
        )  # fmt: skip
        st.download_button(
            "Excel", lambda: excel_bytes(plan_sheets(schedule, options(schedule, terms()))),
            file_name="plan.xlsx", icon=":material/table_view:", on_click="ignore",
            mime="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        )  # fmt: skip
    st.caption("A row for each line of each visit. Your fees are in it as charges; no patient is.")
