"""X-rays on film (FX) or by cassette and reader (FY): the technical part is paid less (fx-fy)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from chirocalc import tables
from chirocalc.arrays import Ints
from chirocalc.checked import checked
from chirocalc.tables import modifier_bits, rates

from .cents import share_of
from .selectors import X_RAY

# Each modifier with the share that it leaves in amounts.csv; of both, FY is taken after FX.
SHARES = {"FX": "fx_share", "FY": "fy_share"}


class Films(NamedTuple):
    """What one modifier leaves of the technical part: its bit, its name, and the share."""

    bit: int
    name: str
    share: float


@tables.kept
@checked
def films(here: rates.Period) -> tuple[Films, ...]:
    """The modifiers in the order in which they are taken."""
    return tuple(
        Films(modifier_bits(name), name, rates.amount(share, here))
        for name, share in SHARES.items()
    )


@tables.kept
def technical_rows() -> Ints:
    """For each row of `tables.codes()` the row of its technical part: of an x-ray that of its TC,
    of TC its own; -1 for a reading (26), and for what is no x-ray."""
    known = tables.records()
    rows = np.full(len(known), -1, np.int64)
    for code in known.values():
        part = known.get(f"{code.code}-TC")
        if code.category == X_RAY and code.part != "26" and part is not None:
            rows[code.at] = part.at
    return rows


def technical_part(cents: Ints) -> Ints:
    """Of cents by row of `tables.codes()`, those of each row's technical part; 0 without one."""
    rows = technical_rows()
    return np.where(rows >= 0, cents[rows], 0)


def cut_of(technical: int, modifiers: int, of: Sequence[Films]) -> int:
    """Cents of one unit that are not paid, of those for its technical part."""
    left = technical
    for each in of:
        if modifiers & each.bit:
            left = share_of(left, each.share)
    return technical - left
