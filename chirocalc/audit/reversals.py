"""Rows that take others back: a line with negative units cancels the one that it mirrors."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .rows import REFUSED


def without_reversals(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of whole visits without those taken back, and the rows left out, columns `REFUSED`: each
    pair with the other's number; refused is one that mirrors no other."""
    units = rows["billed"].to_numpy(np.float64)
    back = np.flatnonzero(units < 0)
    if not len(back):
        return rows, pd.DataFrame(columns=REFUSED)
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
        }
    )
    keep = np.ones(len(rows), np.bool_)
    keep[[at for at, _, _ in said]] = False
    return rows[keep].reset_index(drop=True), table[REFUSED]


def _mirrored(rows: pd.DataFrame, units: np.ndarray, back: np.ndarray) -> dict[int, int]:
    """By negative row the row it takes back: of its visit, day, code and count, with the same
    modifiers rather than with none, the nearest before rather than one after."""
    about = list(zip(*(rows[name].astype(str) for name in ("visit", "date", "code")), strict=True))
    words = [frozenset(each.split()) for each in rows["modifiers"].astype(str)]
    there: dict[tuple[tuple[str, str, str], float], list[int]] = {}
    mine = {about[at] for at in back.tolist()}
    for at, key in enumerate(about):
        if key in mine and units[at] > 0:
            there.setdefault((key, units[at]), []).append(at)
    found: dict[int, int] = {}
    for at in back.tolist():
        others = there.get((about[at], -units[at]), [])
        fits = [each for each in others if not words[at] or words[each] == words[at]]
        if fits:
            best = min(fits, key=lambda each: (words[each] != words[at], each > at, abs(each - at)))
            others.remove(best)
            found[at] = best
    return found
