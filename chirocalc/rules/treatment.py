"""What a visit's own modifiers say of the treatment: active, or maintenance with or without an ABN.

AT on an adjustment says that it was active; GA and GZ say maintenance, and whether a signed ABN is
on file (bp-15-240). They answer where nobody else did.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import numpy as np

from chirocalc import tables
from chirocalc.arrays import Ints
from chirocalc.checked import Place, checked, whole
from chirocalc.tables import manipulation_kinds, modifier_bits

from .services import Lines
from .settings import Settings

ACTIVE, WITH_ABN, WITHOUT_ABN = "AT", "GA", "GZ"

Said = Annotated[int, whole(0, 7)]  # which of the three stand there, as bits


@checked
def said_of_treatment(lines: Lines, visits: Place) -> Ints:
    """Which of AT, GA and GZ stand on the adjustments of each visit, as bits 1, 2 and 4."""
    known = tables.records()
    spinal = [
        known[code].at
        for code, kind in manipulation_kinds().items()
        if kind == "spinal" and code in known
    ]
    mine = np.isin(lines.key, spinal)
    out = np.zeros(visits, np.int64)
    for bit, word in enumerate((ACTIVE, WITH_ABN, WITHOUT_ABN)):
        has = mine & ((lines.modifiers & modifier_bits(word)) > 0)
        out[lines.visit[has]] |= 1 << bit
    return out


@checked
def as_said(settings: Settings, said: Said) -> Settings:
    """The settings with the phase, and in maintenance the ABN, that these modifiers stand for."""
    if said & 1:
        return replace(settings, phase="active")
    return replace(settings, phase="maintenance", abn=bool(said & 2)) if said else settings


def with_treatment(settings: Settings, said: int) -> Settings:
    """The settings with what the modifiers of a visit say, where they do not say it themselves."""
    if settings.phase is not None:
        return settings
    here = as_said(settings, said)
    return here if settings.abn is None else replace(here, abn=settings.abn)
