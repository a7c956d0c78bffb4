"""The results in tabs: findings, lines, charts, and the rows that were not read."""

from __future__ import annotations

import streamlit as st

from chirocalc import tables
from chirocalc.audit import Audit, Totals, words
from chirocalc.links import AUDIT
from chirocalc.ui.shared import Session, frame, source

from . import charts
from .findings import SHOWN, findings
from .found import Found

LINES = {
    "row": "Row", "visit": "Visit", "month": "Month", "provider": "Provider", "payer": "Payer",
    "code": "Code", "minutes": "Minutes", "billed": "Billed", "supported": "Supported",
    "units_cms": "Total time (CMS)", "units_cpt": "Midpoint (CPT)", "modifiers": "Modifiers",
    "suggested": "Suggested", "region": "Region", "work_rvu": "Work RVU",
    "total_rvu": "Total RVU", "allowed": "Dollars", "covered": "Covered",
}  # fmt: skip

DOLLARS = st.column_config.NumberColumn("Dollars", format="dollar")

REFUSED = {"row": "Row", "visit": "Visit", "column": "Column", "value": "Value", "reason": "Reason"}


@st.fragment
def show(found: Found) -> None:
    """All that a click on a filter or a tab changes; nothing else is run or sent again."""
    answer = found.answer
    with frame.part(AUDIT):
        frame.tabs(
            {
                "Findings": lambda: findings(found),
                "Lines": lambda: lines(answer),
                "Charts": lambda: pictures(answer.totals),
                "Rows not read": lambda: refused(answer),
            },
            key=Session.audit_tab.key,
        )


def lines(answer: Audit) -> None:
    """The lines with their supported units and suggested modifiers."""
    count = len(answer.lines)
    more = f" The first {SHOWN:,} of {count:,}." if count > SHOWN else ""
    st.caption(
        "Supported: units by the payer's rule. Suggested modifiers are not confirmed: only you "
        f"know whether they are true.{more}"
    )
    shown = answer.lines.head(SHOWN)
    st.dataframe(
        shown.assign(payer=shown["payer"].map(tables.payers()["name"])),
        hide_index=True,
        column_order=list(LINES),
        column_config=LINES | {"allowed": DOLLARS},
        placeholder="–",
    )


def pictures(sums: Totals) -> None:
    """Charts of the whole file."""
    left, right = st.columns(2, gap="medium")
    with left:
        charts.units_by_code(sums)
        charts.manipulations(sums)
        st.markdown(f":small[{words.MIRROR} {source('medicare-use')}]")
    with right:
        charts.findings_by_rule(sums)
        charts.minutes_a_unit(sums)
        charts.work_by_month(sums)


def refused(answer: Audit) -> None:
    """The rows that could not be used, and why."""
    if answer.refused.empty:
        st.markdown("Every row could be used.")
        return
    st.markdown("These rows were left out; all others were used.")
    st.dataframe(answer.refused.head(SHOWN), hide_index=True, column_config=REFUSED)
