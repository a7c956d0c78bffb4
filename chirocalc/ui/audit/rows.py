"""The list of findings: rows that are read whole, one of them always chosen.

Streamlit's own table is a canvas: it cuts texts, is drawn anew for each filter, and tells screen
readers a fifth of a second later. These rows are plain text, and a filter changes them at once.
"""

from __future__ import annotations

from pathlib import Path
from typing import TypedDict

import streamlit as st

from chirocalc.ui.shared import Session, session

HERE = Path(__file__).parent

_rows = st.components.v2.component(
    "chirocalc_findings",
    html='<div role="radiogroup" aria-label="Findings, the gravest first" tabindex="-1"></div>',
    css=(HERE / "rows.css").read_text("utf-8"),
    js=(HERE / "rows.js").read_text("utf-8"),
)


class Row(TypedDict):
    """A finding as it is listed: all of it text, and the color of its level."""

    dollars: str
    code: str
    text: str
    about: str
    color: str


def choose(rows: list[Row], name: str) -> int:
    """Draw the rows of the list called so; return which one is chosen, at first the first.

    A click that was on its way when the list changed names its own list, and does not count.
    """
    of, _, row = session.audit_row.get("row", "").rpartition(" ")
    chosen = int(row) if of == name and int(row) < len(rows) else 0
    _rows(
        key=Session.audit_row.key,
        data={"list": name, "rows": rows, "row": chosen},
        on_row_change=lambda: None,
    )
    return chosen
