"""What Track remembers beside the log: goal, hours, survey, reports, offers of pay."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

import streamlit as st

from chirocalc.ui.shared import device, session

BOARD = "track board"  # the part of the page that runs by itself

P = ParamSpec("P")


def written(change: Callable[P, None]) -> Callable[P, None]:
    """Of a callback that changes what the browser is to write: that part of the page runs too."""

    @wraps(change)
    def then(*args: P.args, **kwargs: P.kwargs) -> None:
        change(*args, **kwargs)
        st.rerun([BOARD, device.DEVICE])

    return then


def get(name: str) -> Any:
    return session.track.get(name)


def number(name: str, most: float) -> float:
    """A number from 0 on; 0 where none, or none that can be used, was set."""
    value = get(name)
    usable = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= most
    return float(value) if usable else 0.0


def put(name: str, value: Any) -> None:
    """Have the browser remember a part; None or nothing takes it away."""
    others = {each: of for each, of in session.track.items() if each != name}
    session.track = others | ({name: value} if value else {})
    device.keep("track")
