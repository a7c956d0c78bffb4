"""What is folded away: neither computed nor sent while it is closed."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from chirocalc import tables

from .session import Session


@st.fragment
@tables.in_use()
def fold(label: str, name: str, draw: Callable[[], None], icon: str | None = None) -> None:
    """An expander by its name in the session; to open or close it runs nothing else of the page."""
    box = st.expander(label, key=Session.fold.key(name), icon=icon, on_change="rerun")
    if box.open:
        with box:
            draw()
