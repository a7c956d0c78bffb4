"""Units to dollars: the fee schedule, the therapy MPPR, coverage, and who pays what.

Every amount is computed in whole numbers and rounded half up to cents where the rule says so:
binary floats would let a half cent fall the wrong way.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from chirocalc import tables
from chirocalc.arrays import Bools, Ints
from chirocalc.tables import rates

from .settings import Settings

Indices = tuple[ArrayLike, ArrayLike, ArrayLike]  # for work, practice expense, malpractice

# The decimals that CMS prints: RVUs 2, GPCIs 3, conversion factor 4 (pfs-formula). With three more
# for a share, one cent is 10 ** (2 + 3 + 4 + 3 - 2) of the product's last place.
CENT = 10**10


def fee(
    work: ArrayLike,
    pe: ArrayLike,
    mp: ArrayLike,
    work_gpci: ArrayLike,
    pe_gpci: ArrayLike,
    mp_gpci: ArrayLike,
    conversion_factor: ArrayLike,
    pe_share: ArrayLike = 1.0,
) -> NDArray[np.float64] | float:
    """Dollars of one unit, to the cent, half up; no rounding before the end (pfs-formula).

    RVUs have two decimals, GPCIs three, the conversion factor four; `pe_share` (three) is the part
    of the practice expense that is paid: 0.5 on a unit the therapy MPPR reduces. Scalars or arrays
    that broadcast; missing RVUs give a missing fee.
    """
    cents = fee_cents(work, pe, mp, work_gpci, pe_gpci, mp_gpci, conversion_factor, pe_share)
    missing = np.isnan(np.asarray(work, float) + np.asarray(pe, float) + np.asarray(mp, float))
    dollars = np.where(missing, np.nan, cents / 100)
    return float(dollars) if dollars.ndim == 0 else dollars


def fee_cents(
    work: ArrayLike,
    pe: ArrayLike,
    mp: ArrayLike,
    work_gpci: ArrayLike,
    pe_gpci: ArrayLike,
    mp_gpci: ArrayLike,
    conversion_factor: ArrayLike,
    pe_share: ArrayLike = 1.0,
) -> Ints:
    """`fee` in whole cents; missing RVUs count as 0 here."""
    paid = (
        _scaled(work, 2) * _scaled(work_gpci, 3) + _scaled(mp, 2) * _scaled(mp_gpci, 3)
    ) * 1000 + _scaled(pe, 2) * _scaled(pe_gpci, 3) * _scaled(pe_share, 3)
    return _half_up(paid * _scaled(conversion_factor, 4), CENT)


def _scaled(values: ArrayLike, decimals: int) -> Ints:
    numbers = np.nan_to_num(np.asarray(values, dtype=np.float64))
    return np.asarray(np.rint(numbers * 10**decimals), np.int64)


def _half_up(values: Ints, unit: int) -> Ints:
    return np.asarray((2 * values + unit) // (2 * unit))


def share_of(cents: Ints, share: float) -> Ints:
    """A share (up to four decimals) of whole cents, rounded half up to cents."""
    return _half_up(cents * round(share * 10_000), 10_000)


class Prices(NamedTuple):
    """What one unit is worth, one value per row of `code_table.codes()`; amounts in cents."""

    fee: Ints  # by the schedule
    allowed: Ints  # after coverage, percent and participation
    allowed_reduced: Ints  # the same for a unit that the MPPR reduces
    work: Ints  # RVUs in hundredths, 0 where there are none
    pe: Ints
    mp: Ints
    therapy: Bools  # the MPPR counts its units
    has_rvu: Bools
    covered: Bools
    priced: Bools  # an amount can be stated, if only 0.00

    def of(self, key: Ints) -> Prices:
        """The same of lines with these codes."""
        return Prices._make(values[key] for values in self)


def prices(settings: Settings) -> Prices:
    """What one unit of each code is worth under the settings."""
    return _prices(settings, settings.period, tables.codes_version())


@lru_cache(maxsize=256)
def _prices(settings: Settings, here: rates.Period, _version: int) -> Prices:
    codes = rates.rvus(here)
    therapy = tables.code_arrays().therapy
    full, reduced = _schedule(settings, settings.gpcis)
    has_rvu = codes["work_rvu"].notna().to_numpy()
    covered = covers(settings, codes)
    return Prices(
        fee=full,
        allowed=np.where(covered, paid_share(full, settings), 0),
        allowed_reduced=np.where(covered, paid_share(reduced, settings), 0),
        work=_scaled(codes["work_rvu"], 2),
        pe=_scaled(codes[f"pe_rvu_{settings.place}"], 2),
        mp=_scaled(codes["mp_rvu"], 2),
        therapy=therapy & covered,
        has_rvu=has_rvu,
        covered=covered,
        priced=~covered | (has_rvu & (settings.rate is not None)),
    )


def _schedule(settings: Settings, gpcis: Indices) -> tuple[Ints, Ints]:
    """Cents of one unit of each code by the fee schedule, whole and as the MPPR reduces it."""
    codes, here = rates.rvus(settings.period), settings.period
    rvus = (codes["work_rvu"], codes[f"pe_rvu_{settings.place}"], codes["mp_rvu"])
    factor = rates.conversion_factor(settings.apm, here)
    full = fee_cents(*rvus, *gpcis, factor)
    reduced = fee_cents(*rvus, *gpcis, factor, rates.amount("mppr_pe_share", here))
    return full, np.where(tables.code_arrays().therapy, reduced, full)


def unit_amounts(settings: Settings) -> pd.DataFrame:
    """Dollars that the payer allows for the `first` and for a `later` therapy unit of each code of
    `codes()`; missing where no amount is published, 0.00 where it pays nothing."""
    at = prices(settings)
    later = at.allowed
    if settings.reduction == "pe":
        later = at.allowed_reduced
    elif settings.reduction == "line":
        half = share_of(at.allowed, rates.amount("mppr_line_share", settings.period))
        later = np.where(at.therapy, half, at.allowed)
    cents = {"first": at.allowed, "later": later}
    dollars = {name: np.where(at.priced, value / 100, np.nan) for name, value in cents.items()}
    return pd.DataFrame(dollars, index=tables.codes().index)


def local_amounts(settings: Settings) -> pd.DataFrame:
    """`first` of `unit_amounts` in every locality: one row each, one column per code key."""
    places, at = rates.localities(settings.period).dropna(subset="work_gpci"), prices(settings)
    work, pe, mp = (places[[name]].to_numpy() for name in ("work_gpci", "pe_gpci", "mp_gpci"))
    cents = np.where(at.covered, paid_share(_schedule(settings, (work, pe, mp))[0], settings), 0)
    dollars = np.where(at.priced, cents / 100, np.nan)
    return pd.DataFrame(dollars, index=places.index, columns=tables.codes().index)


def covers(settings: Settings, codes: pd.DataFrame) -> Bools:
    """Whether the payer pays for each code at all.

    Medicare pays a chiropractor only for the manipulation codes, and not for maintenance
    (bp-15-240), and anyone only for codes whose status is payable (pfs-formula).
    """
    payer = tables.payers().loc[settings.payer]
    covered = np.ones(len(codes), np.bool_)
    if payer["pays_status"]:
        covered &= codes["status"].isin(payer["pays_status"].split("|")).to_numpy()
    if settings.provider == "chiropractor" and payer["chiropractor_codes"]:
        covered &= codes["code"].isin(payer["chiropractor_codes"].split("|")).to_numpy()
        if settings.phase == "maintenance":
            covered[:] = False
    return covered


def paid_share(cents: Ints, settings: Settings) -> Ints:
    """A schedule amount after the payer's percent and, under Medicare, participation."""
    rate = settings.rate
    paid = cents if rate is None else share_of(cents, rate / 100)
    if settings.is_medicare and not settings.participating:
        paid = share_of(paid, rates.amount("nonparticipating_share", settings.period))
    return paid
