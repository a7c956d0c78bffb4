"""A sheet on the screen as it will be on paper, with what can be done with it."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import streamlit as st

from chirocalc.ui.shared import Session

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


class Paper(NamedTuple):
    """A sheet: its HTML, its title, the name of the file it is saved as, and texts to copy by one
    click, each with what its button says."""

    html: str
    title: str
    name: str
    copies: tuple[tuple[str, str], ...] = ()


def draw(paper: Paper) -> None:
    """Draw a sheet, and what can be done with it."""
    _paper(
        key=Session.paper.key(paper.name),
        data={
            "html": paper.html,
            "title": paper.title,
            "name": paper.name,
            "copies": [{"label": label, "text": text} for label, text in paper.copies],
        },
    )
