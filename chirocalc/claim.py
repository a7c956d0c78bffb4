"""The claim lines of one visit as they would stand on a CMS-1500, and what stays off it."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from . import tables
from .estimate import Estimate

MOST_MODIFIERS = 4  # a claim line has room for four


@dataclass(frozen=True)
class Claim:
    """`lines`: code, modifiers (confirmed, in the order they stand), suggested (by hints, not yet
    confirmed), units. `documented`: code and minutes of services without a unit, which are
    documented and not billed (cpm-5-20.2). `left_off`: modifiers for which a line has no room."""

    lines: pd.DataFrame
    documented: pd.DataFrame
    left_off: tuple[str, ...]


def claim(answer: Estimate) -> Claim:
    """One visit's claim. Payment modifiers first, then information ones, four at most."""
    lines = answer.lines
    confirmed = [ordered(bits) for bits in answer.read.modifiers.tolist()]
    offers = answer.findings[answer.findings["modifier"] != ""]
    over = [word for words in confirmed for word in words[MOST_MODIFIERS:]]
    suggested = [
        list(dict.fromkeys(offers.loc[offers["code"] == code, "modifier"]))
        for code in lines["code"]
    ]
    table = pd.DataFrame(
        {
            "code": lines["code"],
            "modifiers": [" ".join(words[:MOST_MODIFIERS]) for words in confirmed],
            "suggested": [", ".join(word.replace("|", " or ") for word in w) for w in suggested],
            "units": lines["units"],
        }
    )
    billed = lines["units"] > 0
    return Claim(
        table[billed].reset_index(drop=True),
        lines.loc[~billed, ["code", "minutes"]].reset_index(drop=True),
        tuple(over),
    )


def ordered(bits: int) -> list[str]:
    """Modifiers, given as bits of the modifier table, in the order they stand on a line."""
    return [name for at, name in enumerate(tables.modifiers().index) if bits >> at & 1]
