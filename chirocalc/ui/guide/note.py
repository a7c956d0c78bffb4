"""What a code's note must show, first on its page, with a button that copies it for a template."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from chirocalc.codes import Text, guide
from chirocalc.ui.shared import html

HERE = Path(__file__).parent

HTML = """
<div class="note">
  <button class="copy" aria-label="Copy what the note must show">Copy</button>
  <span class="said" role="status" aria-live="polite"></span>
  <textarea readonly hidden aria-label="What the note must show, to copy by hand"></textarea>
</div>
"""

_copy = st.components.v2.component(
    "chirocalc_note",
    html=HTML,
    css=(HERE / "note.css").read_text(encoding="utf-8"),
    js=(HERE / "note.js").read_text(encoding="utf-8"),
)


def draw(code: str, words: Text | None) -> None:
    """The list, with the button beside its heading."""
    if words is None:
        st.info("No text for this code yet: add a row to chirocalc/tables/data/guide.csv.")
        return
    with st.container(border=True, gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
            st.header("The note must show", anchor=False, width="content")
            _copy(data={"text": guide.note_text(code)}, width="stretch")
        items = "".join(f"<li>{html.text(item)}</li>" for item in words.must_show)
        html.block(f'<ul style="margin: 0">{items}</ul>')
