"""The claim lines of one visit as they would stand on a CMS-1500, and what stays off it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from chirocalc.rules import Estimate
from chirocalc.tables import ordered

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
    offers: dict[str, dict[str, None]] = {}
    for code, modifier in zip(answer.findings["code"], answer.findings["modifier"], strict=True):
        if modifier:
            offers.setdefault(code, {})[modifier] = None
    billed = (lines["units"] > 0).to_numpy()
    rows, left_off = [], []
    for at in np.flatnonzero(billed):
        code = lines["code"].iloc[at]
        words = confirmed(answer, at)
        left_off += [f"{code} {word}" for word in words[MOST_MODIFIERS:]]
        open_offers = [
            offer
            for offer in offers.get(code, {})
            if not any(set(way.split()) <= set(words) for way in offer.split("|"))
        ]
        rows.append(
            {
                "code": code,
                "modifiers": " ".join(words[:MOST_MODIFIERS]),
                "suggested": ", ".join(offer.replace("|", " or ") for offer in open_offers),
                "units": int(lines["units"].iloc[at]),
            }
        )
    return Claim(
        pd.DataFrame(rows, columns=["code", "modifiers", "suggested", "units"]),
        lines.loc[~billed, ["code", "minutes"]].reset_index(drop=True),
        tuple(left_off),
    )


def confirmed(answer: Estimate, line: int | np.integer[Any]) -> list[str]:
    """The modifiers given on a line, in the order they stand; ones not in the table come last."""
    bits = int(answer.read.modifiers[line])
    return ordered(bits) + str(answer.read.unlisted[line]).split()
