"""How figures are said: dollars, RVUs, counts, lists. Plain text; screens add their own marks."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

# The levels of findings as a biller says them.
LEVEL_NAMES = {
    "fix": "Would be denied",
    "needs": "Missing",
    "check": "Check",
    "note": "Good to know",
}


def money(dollars: float | None) -> str:
    """Dollars and cents with the minus before the sign; a dash where no amount is published."""
    if dollars is None or pd.isna(dollars):
        return "–"
    return f"{'−' if dollars < 0 else ''}${abs(dollars):,.2f}"


def rvu(value: float | None) -> str:
    """An RVU with its two decimals; a dash where there is none, which is not 0.00."""
    return "–" if value is None or pd.isna(value) else f"{value:,.2f}"


def count(number: int, name: str) -> str:
    """ "1 unit", "2 units"."""
    return f"{number:,} {name}{'' if number == 1 else 's'}"


def listed(items: Iterable[object]) -> str:
    """ "97110, 97112 and 97140"."""
    *front, last = map(str, items)
    return f"{', '.join(front)} and {last}" if front else last
