"""Code pairs (NCCI PTP edits): which services CMS does not pay together, and why."""

from __future__ import annotations

from typing import NamedTuple

from chirocalc import tables


class Pair(NamedTuple):
    """An active pair, seen from one of its codes: the kind of its reason, the quarter of the table
    it was read in, and whether the hint stands on this code's line."""

    kind: str
    vintage: str
    here: bool


@tables.kept
def ncci_pairs() -> tuple[dict[int, Pair], ...]:
    """For each row of `tables.codes()`, the rows of the codes it makes a pair with (ncci-ptp)."""
    found: tuple[dict[int, Pair], ...] = tuple({} for _ in tables.records())
    rows: dict[str, list[int]] = {}
    for code in tables.records().values():
        rows.setdefault(code.code, []).append(code.at)
    for pair in tables.pairs().itertuples():
        for one in rows.get(str(pair.column1), ()):
            for two in rows.get(str(pair.column2), ()):
                kind, vintage = str(pair.kind), str(pair.vintage)
                found[one][two] = Pair(kind, vintage, pair.on == "1")
                found[two][one] = Pair(kind, vintage, pair.on == "2")
    return found
