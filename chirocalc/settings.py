"""Settings: who pays, where, who treats. Everything the answer depends on besides the lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

from . import tables
from .errors import InputError, Problem

CHOICES = {
    "place": ("office", "facility"),
    "provider": ("chiropractor", "pt", "ot"),
    "phase": (None, "active", "maintenance"),
    "unit_rule": (None, "cms", "cpt"),
}
MOST_PERCENT = 1000


class Gpcis(NamedTuple):
    """Geographic practice cost indices for work, practice expense and malpractice."""

    work: float
    pe: float
    mp: float


@dataclass(frozen=True)
class Settings:
    """What a visit is priced under. Raises `InputError` for a value that is not known.

    `payer` is an id of the payer table; `locality` is "national" or "<mac>-<locality>", such as
    "01112-05"; `place` "office" or "facility"; `provider` "chiropractor", "pt" or "ot"; `phase`
    None, "active" or "maintenance"; `apm` whether the clinician is a qualifying APM participant;
    `participating` whether they participate in Medicare; `unit_rule` None (the payer's), "cms"
    (total time) or "cpt" (per-code midpoint); `percent` of the fee schedule, None (the payer's).
    """

    payer: str = "medicare"
    locality: str = "national"
    place: str = "office"
    provider: str = "chiropractor"
    phase: str | None = None
    apm: bool = False
    participating: bool = True
    unit_rule: str | None = None
    percent: float | None = None

    def __post_init__(self) -> None:
        tables.check_known("settings", "payer", self.payer, tables.payers().index)
        if self.locality != "national":
            tables.check_known("settings", "locality", self.locality, tables.localities().index)
        for name, choices in CHOICES.items():
            if getattr(self, name) not in choices:
                allowed = "must be one of " + ", ".join(map(str, choices))
                raise InputError([Problem("settings", None, name, getattr(self, name), allowed)])
        if self.percent is not None and not _is_percent(self.percent):
            allowed = f"must be above 0, at most {MOST_PERCENT}, with at most two decimals"
            raise InputError([Problem("settings", None, "percent", self.percent, allowed)])

    @property
    def rule(self) -> str:
        """The unit rule in use: "cms" or "cpt"."""
        return self.unit_rule or str(tables.payers().at[self.payer, "unit_rule"])

    @property
    def rate(self) -> float | None:
        """Percent of the fee schedule; None where no amount is published (own fees)."""
        if self.percent is not None:
            return float(self.percent)
        percent = tables.payers().at[self.payer, "percent"]
        return None if pd.isna(percent) else float(percent)

    @property
    def mppr(self) -> bool:
        """Whether the payer cuts the practice expense of every therapy unit but the first."""
        return bool(tables.payers().at[self.payer, "mppr"] == "pe")

    @property
    def is_medicare(self) -> bool:
        """Whether Medicare's own rules on coverage and on who pays what apply."""
        return bool(tables.payers().at[self.payer, "medicare"] == "yes")

    @property
    def gpcis(self) -> Gpcis:
        """The locality's indices; 1 for all three nationally."""
        if self.locality == "national":
            return Gpcis(1.0, 1.0, 1.0)
        row = tables.localities().loc[self.locality]
        return Gpcis(float(row["work_gpci"]), float(row["pe_gpci"]), float(row["mp_gpci"]))


def _is_percent(value: float) -> bool:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return False
    return 0 < number <= MOST_PERCENT and round(number, 2) == number
