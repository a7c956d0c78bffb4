"""The results in tabs: findings, lines, charts, and the rows that were not read."""

from __future__ import annotations

import streamlit as st

from chirocalc.audit import words
from chirocalc.ui.charts import draw
from chirocalc.ui.shared import plain, source

from .charts import Pictures
from .findings import findings
from .found import SHOWN, Found

TABS = ["Findings", "Lines", "Charts", "Rows not read"]

LINES = {
    "row": "Row", "visit": "Visit", "claim": "Claim", "date": "Date", "provider": "Provider",
    "payer": "Payer", "code": "Code", "minutes": "Minutes", "billed": "Billed",
    "supported": "Supported", "units_cms": "Total time (CMS)", "units_cpt": "Midpoint (CPT)",
    "modifiers": "Modifiers", "suggested": "Suggested", "region": "Region",
    "work_rvu": "Work RVU", "total_rvu": "Total RVU", "allowed": "Dollars", "covered": "Covered",
}  # fmt: skip

DOLLARS = st.column_config.NumberColumn("Dollars", format="dollar")

REFUSED = {
    "row": "Row", "visit": "Visit", "date": "Date", "kind": "Kind", "column": "Column",
    "value": "Value", "reason": "Reason",
}  # fmt: skip


def show(found: Found) -> None:
    """A tab for each part. All are sent at once: the browser draws the one that is open, and a
    click on another asks nothing of the server."""
    of_findings, of_lines, of_charts, of_refused = st.tabs(TABS)
    with of_findings:
        findings(found)
    with of_lines:
        lines(found)
    with of_charts:
        pictures(found.pictures)
    with of_refused:
        refused(found)


def lines(found: Found) -> None:
    """The lines with their supported units and suggested modifiers."""
    count = found.totals.rows["lines"]
    more = f" The first {SHOWN:,} of {count:,}." if count > SHOWN else ""
    st.caption(
        "Supported: units by the payer's rule. Suggested modifiers are not confirmed: only you "
        f"know whether they are true.{more}"
    )
    st.dataframe(
        found.lines,
        hide_index=True,
        column_order=list(LINES),
        column_config=LINES | {"allowed": DOLLARS},
        placeholder="–",
    )


def pictures(drawn: Pictures) -> None:
    """Charts of the whole file."""
    left, right = st.columns(2, gap="medium")
    with left:
        for picture in drawn.left:
            draw(*picture)
        st.markdown(f":small[{words.MIRROR} {source('medicare-use')}]")
    with right:
        for picture in drawn.right:
            draw(*picture)


def refused(found: Found) -> None:
    """What was read, and the rows that were left out: those that could not be used, and those that
    are no services."""
    st.markdown(plain(" ".join(words.reading(found.totals))))
    bad, no_service = found.left_out
    if bad.empty and no_service.empty:
        st.markdown("Every row could be used.")
        return
    if not bad.empty:
        st.markdown("These rows could not be used; units of their visits were not compared.")
        st.dataframe(bad, hide_index=True, column_config=REFUSED)
    if not no_service.empty:
        st.markdown(
            "These rows were passed over: no service, a service and what takes it back, or a "
            "code that is not in our tables."
        )
        st.dataframe(no_service, hide_index=True, column_order=list(REFUSED), column_config=REFUSED)
