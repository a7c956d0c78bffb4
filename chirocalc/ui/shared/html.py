"""Blocks of text as one element of HTML: forty small ones would cost the browser 45 ms a click."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Literal
from urllib.parse import urlencode

import streamlit as st

from chirocalc import tables
from chirocalc.links import Params
from chirocalc.words import LEVEL_NAMES


def block(body: str, width: int | Literal["stretch", "content"] = "stretch") -> None:
    """Draw HTML that this package wrote; whatever else is in it has gone through `text`.

    As Markdown, which leaves an opened `<details>` open when the words in it change. Without an
    empty line, at which Markdown would begin.
    """
    lines = filter(None, (line.strip() for line in body.splitlines()))
    st.markdown(f"<div>{' '.join(lines)}</div>", unsafe_allow_html=True, width=width)


def text(words: object) -> str:
    """Text as it is: no HTML in it takes effect, and no line of it ends the block."""
    return escape(" ".join(str(words).split()))


@tables.kept
def source(source_id: str) -> str:
    """A source as a link, or by its title where it has no address."""
    if not source_id:
        return ""
    row = tables.sources().loc[source_id]
    short = text(row["short"])
    if not row["url"]:
        return f'<span class="cc-quiet">({short})</span>'
    return f'<a href="{escape(row["url"])}" target="_blank" rel="noopener">{short}</a>'


def go(page: str, params: Params, label: str, icon: str) -> str:
    """A link to a page of the app, opened in place (reach.js): one of Streamlit's own costs a click
    5 ms whether it changes or not. `page`: its path below the one the app is at."""
    query = f"?{urlencode(params)}" if params else ""
    mark = f'<span class="cc-icon" aria-hidden="true">{icon}</span>'
    return f'<a class="cc-go" href="./{page}{escape(query)}">{mark}{text(label)}</a>'


def level(name: str, words: str | None = None) -> str:
    """The badge of a finding's level."""
    return f'<span class="cc-level cc-{name}">{text(words or LEVEL_NAMES[name])}</span>'


def stacked(parts: Iterable[str]) -> str:
    """Lines under each other."""
    return f'<div class="cc-items">{"".join(f"<div>{part}</div>" for part in parts)}</div>'
