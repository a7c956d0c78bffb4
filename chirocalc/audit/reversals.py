"""Rows that take others back: a line with negative units cancels the one that it mirrors."""

from __future__ import annotations

from collections import defaultdict, deque

import numpy as np
import pandas as pd

from .left_out import LEFT_OUT


def without_reversals(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of whole visits without those taken back, and the rows left out, columns `LEFT_OUT`:
    each pair with the other's number; refused is one that mirrors no other."""
    units = rows["billed"].to_numpy(np.float64)
    back = np.flatnonzero(units < 0)
    if not len(back):
        return rows, pd.DataFrame(columns=LEFT_OUT)
    mirrored = _mirrored(rows, units, back)
    number = rows["row"].to_numpy()
    said = []
    for at in back.tolist():
        if at in mirrored:
            one, other = int(number[at]), int(number[mirrored[at]])
            said.append((at, "reversal", f"takes back row {other}"))
            said.append((mirrored[at], "reversal", f"is taken back by row {one}"))
        else:
            said.append((at, "", "takes back units that no other row of its day has"))
    out = rows.iloc[[at for at, _, _ in said]]
    table = pd.DataFrame(
        {
            "row": out["row"].to_numpy(),
            "visit": out["visit"].astype(str).to_numpy(),
            "date": out["date"].astype(str).to_numpy(),
            "column": "units",
            "value": [f"{value:g}" for value in out["billed"]],
            "reason": [reason for _, _, reason in said],
            "kind": [kind for _, kind, _ in said],
            "sure": True,
        }
    )
    keep = np.ones(len(rows), np.bool_)
    keep[[at for at, _, _ in said]] = False
    return rows[keep].reset_index(drop=True), table[LEFT_OUT]


def _mirrored(rows: pd.DataFrame, units: np.ndarray, back: np.ndarray) -> dict[int, int]:
    """By negative row the row it takes back: of its visit, day, code and count, with the same
    modifiers rather than with none, the nearest before rather than one after."""
    about = list(zip(*(rows[name].astype(str) for name in ("visit", "date", "code")), strict=True))
    words = [frozenset(each.split()) for each in rows["modifiers"].astype(str)]
    there: defaultdict[tuple[object, ...], _Free] = defaultdict(_Free)
    mine = {about[at] for at in back.tolist()}
    for at, key in enumerate(about):
        if key in mine and units[at] > 0:
            there[key, units[at], words[at]].later.append(at)
            there[key, units[at]].later.append(at)  # whatever its modifiers
    found: dict[int, int] = {}
    taken: set[int] = set()
    for at in back.tolist():
        best = there[about[at], -units[at], words[at]].take(at, taken)
        if best is None and not words[at]:
            best = there[about[at], -units[at]].take(at, taken)
        if best is not None:
            taken.add(best)
            found[at] = best
    return found


class _Free:
    """Rows that may be taken back, each once: those passed by, the nearest last, and those later.
    They are asked for in order, so that each is looked at a few times, however many there are."""

    def __init__(self) -> None:
        self._passed: list[int] = []
        self.later: deque[int] = deque()

    def take(self, at: int, taken: set[int]) -> int | None:
        """The nearest row before this one that is not `taken`, else the nearest after, if any."""
        while self.later and self.later[0] < at:
            self._passed.append(self.later.popleft())
        while self._passed and self._passed[-1] in taken:
            self._passed.pop()
        if self._passed:
            return self._passed.pop()
        while self.later and self.later[0] in taken:
            self.later.popleft()
        return self.later.popleft() if self.later else None
