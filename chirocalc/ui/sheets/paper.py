"""A sheet on the screen as it will be on paper, with what can be done with it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import streamlit as st

HERE = Path(__file__).parent

HTML = """
<div class="tools">
  <button class="print">Print or save as PDF</button>
  <a class="save">Save as a page</a>
  <span class="copies"></span>
</div>
<div class="desk"><iframe></iframe></div>
"""

_paper = st.components.v2.component(
    "chirocalc_paper",
    html=HTML,
    css=(HERE / "paper.css").read_text(encoding="utf-8"),
    js=(HERE / "paper.js").read_text(encoding="utf-8"),
)


def paper(html: str, title: str, name: str, copies: Iterable[tuple[str, str]] = ()) -> None:
    """Draw a sheet. `name`: of the file it is saved as; `copies`: texts to copy by one click, each
    with what its button says."""
    _paper(
        key=f"paper {name}",
        data={
            "html": html,
            "title": title,
            "name": name,
            "copies": [{"label": label, "text": text} for label, text in copies],
        },
    )
