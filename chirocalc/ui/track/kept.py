"""What Track remembers beside the log: goal, hours, survey, reports, offers of pay."""

from __future__ import annotations

from typing import Any

from chirocalc.ui.shared import device, session


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
