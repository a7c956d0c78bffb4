"""From a ZIP code to the locality it is priced in."""

from __future__ import annotations

import re
from typing import NamedTuple

from chirocalc.errors import InputError, Problem

from .payment import zips


class Place(NamedTuple):
    """Where a ZIP code is priced; `shared` when another locality has part of it."""

    locality: str
    shared: bool


def locality_of_zip(zip_code: str) -> Place:
    """The locality of a five-digit ZIP code (a plus-4 is ignored). Raises `InputError`."""
    digits = zip_code.strip()
    if not re.fullmatch("[0-9]{5}(-?[0-9]{4})?", digits):
        raise InputError([Problem("area", None, "ZIP code", zip_code, "must be five digits")])
    head = digits[:5]
    try:
        row = zips().loc[head]
    except KeyError:
        raise InputError(
            [Problem("area", None, "ZIP code", zip_code, "is not in CMS's ZIP to locality file")]
        ) from None
    return Place(row["locality_id"], bool(row["needs_plus4"]))
