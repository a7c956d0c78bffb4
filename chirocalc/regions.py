"""Body regions: how many were adjusted decides the manipulation code (cms-chiro)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from . import tables
from .errors import InputError, Problem, nearest


@cache
def manipulation_kinds() -> dict[str, str]:
    """The manipulation codes: for regions of the spine, or outside it."""
    return dict(tables.manipulation()[["code", "kind"]].itertuples(index=False))


def manipulation_codes(adjusted: Iterable[str]) -> list[str]:
    """The codes for the regions adjusted: one spinal code at most, and 98943 for any extraspinal.

    `adjusted` are ids of the region table, in any order; regions count, not thrusts.
    Raises `InputError` for a region that is not known.
    """
    regions = tables.regions()
    names = sorted(set(adjusted))
    unknown = [name for name in names if name not in regions.index]
    if unknown:
        known = [str(name) for name in regions.index]
        raise InputError(
            Problem("regions", None, "region", name, f"is not known; {nearest(name, known)}")
            for name in unknown
        )
    count = regions.loc[names, "kind"].value_counts()
    table = tables.manipulation()
    adjusted_of_kind = table["kind"].map(count).fillna(0)
    fits = adjusted_of_kind.between(table["regions_from"], table["regions_to"])
    return list(table.loc[fits, "code"])
