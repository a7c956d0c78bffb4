"""What is folded away: neither computed nor sent while it is closed."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from chirocalc.links import PageLink

from .frame import part
from .session import Session


@st.fragment
def fold(
    here: PageLink, label: str, name: str, draw: Callable[[], None], icon: str | None = None
) -> None:
    """An expander of a page, by its name in the session; to open or close it runs nothing else of
    the page."""
    with part(here):
        box = st.expander(label, key=Session.fold.key(name), icon=icon, on_change="rerun")
        if box.open:
            with box:
                draw()
