"""Blocks of text as one element of HTML: forty small ones would cost the browser 45 ms a click."""

from __future__ import annotations

from html import escape

import streamlit as st


def block(body: str, width: int | str = "stretch") -> None:
    """Draw HTML that this package wrote; whatever else is in it has gone through `text`.

    As Markdown, which leaves elements where they are when the words in them change. Without an
    empty line, at which Markdown would begin.
    """
    lines = filter(None, (line.strip() for line in body.splitlines()))
    st.markdown(f"<div>{' '.join(lines)}</div>", unsafe_allow_html=True, width=width)  # type: ignore[arg-type]


def text(words: object) -> str:
    """Text as it is: no HTML in it takes effect, and no line of it ends the block."""
    return escape(" ".join(str(words).split()))
