"""A figure to click, two-way with the region chips: the spine's five regions, and those outside."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from chirocalc import tables
from chirocalc.ui.shared import Session, input_callback, session

HERE = Path(__file__).parent

_figure = st.components.v2.component(
    "chirocalc_spine",
    html=(HERE / "spine.svg").read_text(encoding="utf-8"),
    css=(HERE / "spine.css").read_text(encoding="utf-8"),
    js=(HERE / "spine.js").read_text(encoding="utf-8"),
)


def draw() -> None:
    """Draw the figure with the adjusted regions marked."""
    data: dict[str, Any] = {"names": tables.region_names(), "adjusted": session.adjusted}
    _figure(key=Session.spine.key, data=data, on_region_change=_toggle, width=116)


@input_callback
def _toggle() -> None:
    region = session.spine.region
    if region in tables.region_names():
        adjusted = session.adjusted
        kept = [name for name in adjusted if name != region]
        session.adjusted = kept if region in adjusted else [*adjusted, region]
