"""The links of the pages about codes: those compared, and the one of the guide."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chirocalc import tables
from chirocalc.codes import search
from chirocalc.errors import nearest

from .base import BETWEEN, Field, PageLink, Params, short

FEWEST_COMPARED, MOST_COMPARED = 2, 6


class CompareLink(PageLink):
    """The codes compared: what is not known, or one too many, is said, and the rest is kept."""

    def read_part(self, name: str, text: str, state: dict[str, Any], problems: list[str]) -> None:
        if name != "codes":
            super().read_part(name, text, state, problems)
            return
        parts = dict.fromkeys(part for part in text.split(BETWEEN) if part)
        for part in [part for part in parts if part.upper() not in search.names()]:
            near = nearest(part.upper(), search.names())
            problems.append(f"The link's code '{short(part)}' is not in codes.csv ({near}).")
        keys = dict.fromkeys(part.upper() for part in parts)
        known = [key for key in keys if key in search.names()]
        if len(known) > MOST_COMPARED:
            left_out = ", ".join(known[MOST_COMPARED : 2 * MOST_COMPARED])
            problems.append(
                f"Up to {MOST_COMPARED} codes fit: {left_out} of the link were left out."
            )
        state[self.fields[name].key] = known[:MOST_COMPARED]

    def encode(self, state: Mapping[Any, Any]) -> Params:
        link = super().encode(state)
        return link if "codes" in link else link | {"codes": ""}  # nothing is not the example


COMPARE = CompareLink(
    "pages/compare.py",
    {"codes": Field("compared", [], str)},
    {"codes": "97110.97112"},
)


def _code(text: str) -> str:
    key = text.upper().partition("-")[0]
    tables.check_key("link", key)
    return key


GUIDE = PageLink("pages/codes.py", {"code": Field("code", None, _code)}, {})
