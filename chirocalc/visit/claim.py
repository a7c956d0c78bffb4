"""The claim lines of one visit as they would stand on a CMS-1500, and what stays off it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from chirocalc.checked import checked
from chirocalc.rules import Answer, Line

from .desk import without_denied

MOST_MODIFIERS = 4  # a claim line has room for four


class ClaimLine(NamedTuple):
    """A code with its modifiers confirmed, in the order they stand, those only suggested by hints,
    its units, and whether it would be denied as it stands."""

    code: str
    modifiers: str
    suggested: str
    units: int
    denied: bool = False


@dataclass(frozen=True)
class Claim:
    """`documented`: services without a unit or left off, which are documented and not billed
    (cpm-5-20.2). `collected`: services that the patient pays and the payer gets no bill for.
    `left_off`: modifiers for which a line has no room."""

    lines: tuple[ClaimLine, ...]
    documented: tuple[Line, ...]
    collected: tuple[str, ...]
    left_off: tuple[str, ...]


@checked
def claim(answer: Answer) -> Claim:
    """One visit's claim. Payment modifiers first, then information ones, four at most."""
    left = {line.key for line in without_denied(answer).lines if not line.is_off}
    billed = [line for line in answer.lines if line.units and not line.is_collected]
    return Claim(
        tuple(
            ClaimLine(
                line.code,
                " ".join(line.service.written[:MOST_MODIFIERS]),
                ", ".join(offer.replace("|", " or ") for offer in _open_offers(answer, line)),
                line.units,
                line.key not in left,
            )
            for line in billed
        ),
        tuple(line for line in answer.lines if not line.units),
        tuple(line.key for line in answer.lines if line.units and line.is_collected),
        tuple(
            f"{line.code} {word}"
            for line in billed
            for word in line.service.written[MOST_MODIFIERS:]
        ),
    )


def _open_offers(answer: Answer, line: Line) -> list[str]:
    """What hints suggest on a code and its line does not have yet."""
    given = set(line.service.written)
    offers = dict.fromkeys(
        found.modifier for found in answer.findings if found.code == line.code and found.modifier
    )
    return [
        offer for offer in offers if not any(set(way.split()) <= given for way in offer.split("|"))
    ]
