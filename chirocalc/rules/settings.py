"""Settings: who pays, where, who treats. Everything the answer depends on besides the lines."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

from chirocalc import tables
from chirocalc.checked import checked
from chirocalc.errors import InputError, Problem
from chirocalc.given import as_day, as_word, is_list, is_number, plain
from chirocalc.tables import DATE, rates

CHOICES = {
    "place": ("office", "facility"),
    "provider": ("chiropractor", "pt", "ot", "any"),
    "phase": (None, "active", "maintenance"),
    "unit_rule": (None, "cms", "cpt"),
    "mppr": (None, "pe", "line", "none"),
    "apm": (True, False),
    "participating": (True, False),
    "therapy_modifier": (None, True, False),
    "abn": (None, True, False),
}

THERAPISTS = ("pt", "ot")

# The one who treats, as sentences name them.
WHO = {
    "chiropractor": "a chiropractor",
    "pt": "a physical therapist",
    "ot": "an occupational therapist",
    "any": "anyone",
}

MOST_PERCENT = 1000

MOST_DOLLARS = 1_000_000


class Gpcis(NamedTuple):
    """Geographic practice cost indices for work, practice expense and malpractice."""

    work: float
    pe: float
    mp: float


@dataclass(frozen=True)
class Settings:
    """What a visit is priced under. Raises `InputError` for a value that is not known.

    `payer` is an id of the payer table; `locality` is "national" or "<mac>-<locality>", such as
    "01112-05"; `place` "office" or "facility"; `provider` "chiropractor", "pt", "ot", or "any" for
    whoever may be paid for a code; `phase` None, "active" or "maintenance"; `apm` whether the
    clinician is a qualifying APM participant; `participating` whether they participate in Medicare;
    `unit_rule` None (the payer's), "cms" (total time) or "cpt" (per-code midpoint); `percent` of
    the fee schedule, None (the payer's); `mppr` None (the payer's), "pe", "line" or "none";
    `therapy_modifier` whether the payer asks for GP or GO, None (as its profile says);
    `chiropractor_codes` what the payer pays a chiropractor for, () for all, None (as its profile
    says; Medicare's list is the law's, whatever is set); `abn` whether a signed ABN is on file,
    None (not known); `kx_used` dollars of therapy this year before the visit, None (not known);
    `date` the date of service such as "2026-03-02", which decides the year's RVUs, GPCIs and
    factor, None (today's).

    Dates of any kind, numbers and truth values of NumPy and lists of codes are kept as these types.
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
    mppr: str | None = None
    therapy_modifier: bool | None = None
    chiropractor_codes: tuple[str, ...] | None = None
    abn: bool | None = None
    kx_used: float | None = None
    date: str | None = None

    @tables.in_use()
    def __post_init__(self) -> None:
        tables.check_known("settings", "payer", self.payer, tables.payers().index)
        if not _is_one_of(self.locality, ("national",)):
            tables.check_known("settings", "locality", self.locality, tables.localities().index)
        for name, choices in CHOICES.items():
            self._keep(name, plain(getattr(self, name)))
            if not _is_one_of(getattr(self, name), choices):
                raise self._odd(name, "must be one of " + ", ".join(map(str, choices)))
        if self.percent is not None and not _is_percent(self.percent):
            at_most = f"at most {MOST_PERCENT}"
            raise self._odd("percent", f"must be above 0, {at_most}, with at most two decimals")
        if self.kx_used is not None and not _is_dollars(self.kx_used):
            raise self._odd("kx_used", f"must be dollars from 0 to {MOST_DOLLARS:,}")
        for name in ("percent", "kx_used"):
            self._keep(name, plain(getattr(self, name)))
        self._check_codes()
        self._check_day()

    def _keep(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)

    def _odd(self, name: str, allowed: str) -> InputError:
        return InputError([Problem("settings", None, name, getattr(self, name), allowed)])

    def _check_codes(self) -> None:
        codes: Any = self.chiropractor_codes
        if codes is None:
            return
        if not is_list(codes):
            raise self._odd("chiropractor_codes", "must be a list of codes")
        words = tuple(map(as_word, sorted(codes, key=str) if isinstance(codes, set) else codes))
        for code in words:
            tables.check_known("settings", "chiropractor_codes", code, tables.code_arrays().names)
        self._keep("chiropractor_codes", words)

    def _check_day(self) -> None:
        """Raise `InputError` for what is no day, a day without tables, or without this locality's
        GPCIs."""
        if self.date is not None:
            if (day := as_day(self.date)) is None:
                raise self._odd("date", DATE.allowed)
            self._keep("date", day)
        here = self.period
        if self.gpcis_in(here) is None:
            raise self._odd("locality", f"has no GPCIs loaded for {here.name}")

    @property
    def period(self) -> rates.Period:
        """The days whose tables are in force: those of `date`, or today's."""
        return rates.current() if self.date is None else rates.period(self.date)

    @property
    def rule(self) -> str:
        """The unit rule in use: "cms" or "cpt"."""
        return self.unit_rule or self.profile("unit_rule")

    @property
    def rate(self) -> float | None:
        """Percent of the fee schedule; None where no amount is published (own fees)."""
        if self.percent is not None:
            return float(self.percent)
        percent = tables.profile(self.payer)["percent"]
        return None if pd.isna(percent) else float(percent)

    @property
    def reduction(self) -> str:
        """What the payer cuts on every therapy unit but the first: "pe" half of its practice
        expense, "line" half of every line but the first unit's, or "none"."""
        return self.mppr or self.profile("mppr")

    @property
    def wants_therapy_modifier(self) -> bool:
        """Whether the payer asks for GP or GO on therapy services."""
        if self.therapy_modifier is not None:
            return self.therapy_modifier
        return self.profile("therapy_modifier") != ""

    @property
    def asks_treatment(self) -> bool:
        """Whether the payer pays for adjustments only in active treatment, which AT says."""
        return self.profile("at_modifier") == "yes"

    @property
    def pays_chiropractor(self) -> tuple[str, ...]:
        """The codes that the payer pays a chiropractor for; empty for all."""
        if self.chiropractor_codes is not None and not self.is_medicare:
            return self.chiropractor_codes
        return tuple(filter(None, self.profile("chiropractor_codes").split("|")))

    @property
    def pays_maintenance(self) -> bool:
        """Whether an adjustment in this phase may be paid: not where the payer wants active
        treatment and the treatment is maintenance (bp-15-240)."""
        return not (self.asks_treatment and self.phase == "maintenance")

    @property
    def timed_cap(self) -> int | None:
        """How many timed units a day the payer is said to take; None where nothing is said."""
        cap = tables.profile(self.payer)["timed_cap"]
        return None if pd.isna(cap) else int(cap)

    @property
    def is_medicare(self) -> bool:
        """Whether Medicare's own rules on coverage and on who pays what apply."""
        return self.profile("medicare") == "yes"

    @checked
    def profile(self, column: str) -> str:
        """What the payer's profile says."""
        said = tables.profile(self.payer)
        tables.check_known("settings", "profile", column, said)
        return str(said[column])

    @property
    def gpcis(self) -> Gpcis:
        """The locality's indices; 1 for all three nationally."""
        here = self.gpcis_in(self.period)
        assert here is not None  # checked when it was made
        return here

    @checked
    def gpcis_in(self, here: rates.Period) -> Gpcis | None:
        """The locality's indices in a period; None where it had none."""
        if self.locality == "national":
            return Gpcis(1.0, 1.0, 1.0)
        row = rates.localities(here).loc[self.locality]
        if pd.isna(row["work_gpci"]):
            return None
        return Gpcis(float(row["work_gpci"]), float(row["pe_gpci"]), float(row["mp_gpci"]))


def _is_one_of(value: Any, choices: Collection[Any]) -> bool:
    return (value is None or isinstance(value, (str, bool))) and value in choices


def _is_percent(value: Any) -> bool:
    return is_number(value) and 0 < value <= MOST_PERCENT and round(value, 2) == value


def _is_dollars(value: Any) -> bool:
    return is_number(value) and 0 <= value < MOST_DOLLARS


RULE_NAMES = {"cms": "total time (CMS)", "cpt": "per-code midpoint (CPT)"}
