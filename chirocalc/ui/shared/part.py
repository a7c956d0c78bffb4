"""A part of a page that runs alone, in a fragment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from chirocalc import tables
from chirocalc.errors import InputError
from chirocalc.links import PageLink

from .address import save
from .markdown import plain
from .session import session


@contextmanager
def part(here: PageLink, drawn_from: int) -> Iterator[None]:
    """A fragment's run: it reads one book of tables, writes its inputs into the link, and says
    errors as sentences. When a table has changed since the page was drawn from the book of this
    identity, the whole page is drawn anew."""
    with tables.in_use() as book:
        if id(book) != drawn_from:
            st.rerun()
        # Of an input in it the address is written here: the next whole run may read what was typed.
        del session.touched
        try:
            yield
            save(here)
        except InputError as error:
            problems = "\n".join(f"- {plain(problem)}" for problem in error.problems[:20])
            st.error(problems, title="A table or an input cannot be used", icon=":material/error:")
