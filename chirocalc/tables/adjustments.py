"""Body regions: how many were adjusted decides the manipulation code (cms-chiro)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Annotated, Any

from chirocalc.checked import checked, known
from chirocalc.errors import InputError, Problem, nearest

from .books import kept
from .rule_tables import manipulation, regions


@kept
def manipulation_kinds() -> dict[str, str]:
    """The manipulation codes: for regions of the spine, or outside it."""
    return dict(manipulation()[["code", "kind"]].itertuples(index=False))


Region = Annotated[str, known("region", lambda: regions().index)]


@checked
def manipulation_codes(adjusted: Iterable[str]) -> list[str]:
    """The codes for the regions adjusted: one spinal code at most, and 98943 for any extraspinal.

    `adjusted` are ids of the region table, in any order; regions count, not thrusts.
    Raises `InputError` for a region that is not known.
    """
    kinds = region_kinds()
    names = sorted(set(adjusted))
    unknown = [name for name in names if name not in kinds]
    if unknown:
        raise InputError(
            Problem("regions", None, "region", name, f"is not known; {nearest(name, kinds)}")
            for name in unknown
        )
    count = Counter(kinds[name] for name in names)
    return [
        row.code
        for row in _manipulations()
        if row.regions_from <= count[row.kind] <= row.regions_to
    ]


@kept
def region_kinds() -> dict[str, str]:
    """The regions by id: "spinal", or "extraspinal"."""
    return dict(regions()["kind"].items())


@kept
def region_names() -> dict[str, str]:
    """The regions by id, as they are called, in the table's order."""
    return dict(regions()["name"].items())


@kept
def _manipulations() -> list[Any]:
    return list(manipulation().itertuples(index=False))
