"""The links of the pages about codes: those compared, and the one of the guide."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chirocalc import tables
from chirocalc.codes import search

from .base import BETWEEN, Field, PageLink, Params, Problems, capitals, known_name, short

FEWEST_COMPARED, MOST_COMPARED = 2, 6

MOST_READ = 30  # codes of a link that are looked at


class CompareLink(PageLink):
    """The codes compared: what is not known, or one too many, is said, and the rest is kept."""

    def read_part(self, name: str, text: str, state: dict[str, Any], problems: Problems) -> None:
        if name != "codes":
            super().read_part(name, text, state, problems)
            return
        names = search.names()
        parts = list(dict.fromkeys(part for part in text.split(BETWEEN) if part))
        if len(parts) > MOST_READ:
            problems.say(
                f"The link has {len(parts):,} codes: those after {short(parts[MOST_READ - 1])} "
                "were left out."
            )
        parts = parts[:MOST_READ]
        for part in parts:
            if (key := capitals(part)) not in names:
                near = problems.near(key, names)
                problems.say(f"The link's code '{short(part)}' is not in codes.csv{near}.")
        known = [key for key in dict.fromkeys(map(capitals, parts)) if key in names]
        if len(known) > MOST_COMPARED:
            left_out = ", ".join(known[MOST_COMPARED : 2 * MOST_COMPARED])
            problems.say(f"Up to {MOST_COMPARED} codes fit: {left_out} of the link were left out.")
        state[self.fields[name].key] = known[:MOST_COMPARED]

    def encode(self, state: Mapping[Any, Any]) -> Params:
        link = super().encode(state)
        return link if "codes" in link else link | {"codes": ""}  # nothing is not the example


COMPARE = CompareLink(
    "pages/compare.py",
    {"codes": Field("compared", [], str)},
    {"codes": "97110.97112"},
    frozenset({"codes"}),
)


def _code(text: str) -> str:
    """The code that a page of the guide is about; of a part, such as 72100-26, the whole one."""
    return known_name(capitals(text), tables.codes().index).partition("-")[0]


GUIDE = PageLink("pages/codes.py", {"code": Field("code", None, _code)}, {})
