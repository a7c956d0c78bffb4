"""RVUs to dollars: the fee schedule, coverage, percent and participation, by code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from chirocalc import tables
from chirocalc.arrays import Bools, Ints
from chirocalc.checked import checked
from chirocalc.errors import InputError, Problem
from chirocalc.given import as_column, as_numbers
from chirocalc.tables import manipulation_kinds, rates

from .cents import half_up, scaled, share_of
from .films import technical_part
from .mppr import Price, Reduction, mppr_cents
from .selectors import selected
from .settings import THERAPISTS, Gpcis, Settings

Indices = tuple[ArrayLike, ArrayLike, ArrayLike]  # for work, practice expense, malpractice

# The decimals that CMS prints: RVUs 2, GPCIs 3, conversion factor 4 (pfs-formula). With three more
# for a share, one cent is 10 ** (2 + 3 + 4 + 3 - 2) of the product's last place.
CENT = 10**10

MOST_EXACT = 2**62  # of the product in its last place: half of it may be added, and it is doubled


@checked
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
    that broadcast; where one is missing so is the fee. Raises `InputError` for what is no number,
    for arrays that do not broadcast, and for amounts too large to be exact.
    """
    rvus = (_numbers("work", work), _numbers("pe", pe), _numbers("mp", mp))
    gpcis = (
        _numbers("work_gpci", work_gpci),
        _numbers("pe_gpci", pe_gpci),
        _numbers("mp_gpci", mp_gpci),
    )
    factor = _numbers("conversion_factor", conversion_factor)
    share = _numbers("pe_share", pe_share)
    missing = np.isnan(_checked_together(*rvus, *gpcis, factor, share))
    dollars = np.where(missing, np.nan, fee_cents(rvus, gpcis, factor, share) / 100)
    return float(dollars) if dollars.ndim == 0 else dollars


def _numbers(name: str, values: ArrayLike) -> NDArray[np.float64]:
    """An argument of `fee` as numbers, NaN where one is missing."""
    if isinstance(values, np.ndarray) and values.ndim != 1:
        column, shape = pd.Series(values.ravel()), values.shape
    elif (several := as_column(values)) is not None:
        column, shape = several, (len(several),)
    else:
        column, shape = pd.Series([values], dtype=object), ()
    numbers = as_numbers(column)
    odd = np.flatnonzero(np.isinf(numbers) | (np.isnan(numbers) & column.notna().to_numpy()))
    if len(odd):
        row, value = (int(odd[0]) + 1 if shape else None), column.iloc[odd[0]]
        raise InputError([Problem("fee", row, name, value, "must be a number")])
    return numbers.reshape(shape)


def _checked_together(*numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """The sum of the arguments of `fee`. Raises `InputError` where they do not go together."""
    try:
        total = sum(np.broadcast_arrays(*numbers))
    except ValueError:
        sizes = ", ".join(str(each.shape) for each in numbers if each.shape)
        allowed = f"must be of shapes that go together, not {sizes}"
        raise InputError([Problem("fee", None, "arrays", sizes, allowed)]) from None
    work, pe, mp, *indices, factor, share = (
        float(np.abs(np.nan_to_num(each)).max(initial=0)) for each in numbers
    )
    largest = (work + pe + mp) * max(indices) * factor * max(share, 1)
    if largest * 100 * CENT > MOST_EXACT:
        said = "is too large a product of RVUs, GPCIs and factor"
        raise InputError([Problem("fee", None, "dollars", largest, said)])
    return np.asarray(total)


def fee_cents(
    rvus: Indices, gpcis: Indices, conversion_factor: ArrayLike, pe_share: ArrayLike = 1.0
) -> Ints:
    """`fee` in whole cents; missing RVUs count as 0 here."""
    work, pe, mp = (scaled(rvu, 2) * scaled(gpci, 3) for rvu, gpci in zip(rvus, gpcis, strict=True))
    paid = (work + mp) * 1000 + pe * scaled(pe_share, 3)
    return half_up(paid * scaled(conversion_factor, 4), CENT)


class Rvus(NamedTuple):
    """RVUs of each row of `tables.codes()` in a period, in hundredths, 0 where there are none, with
    where there are any, and the status of each code (pfs-formula)."""

    work: Ints
    pe: Ints
    mp: Ints
    has_rvu: Bools
    status: list[str]


@tables.kept
def rvus_of(here: rates.Period, place: str) -> Rvus:
    """The RVUs in force, with the practice expense of a place: "office" or "facility"."""
    codes = rates.rvus(here)
    return Rvus(
        scaled(codes["work_rvu"], 2),
        scaled(codes[f"pe_rvu_{place}"], 2),
        scaled(codes["mp_rvu"], 2),
        codes["work_rvu"].notna().to_numpy(),
        codes["status"].tolist(),
    )


class Periods(NamedTuple):
    """The periods that a fee's parts are of: all the same one, but where two years are compared."""

    factor: rates.Period
    rvus: rates.Period
    area: rates.Period


def stages(before: rates.Period, now: rates.Period) -> Iterator[Periods]:
    """The way from one period's fees to another's: the factor first, then the RVUs, then the
    area's indices."""
    yield Periods(before, before, before)
    yield Periods(now, before, before)
    yield Periods(now, now, before)
    yield Periods(now, now, now)


@tables.kept
def _schedule(of: Periods, place: str, gpcis: Gpcis, apm: bool) -> tuple[Ints, Ints]:
    """Cents of one unit of each code by the fee schedule, whole and as the MPPR reduces it."""
    return _schedule_at(of, place, gpcis, apm)


def _schedule_at(of: Periods, place: str, gpcis: Indices, apm: bool) -> tuple[Ints, Ints]:
    codes, factor = rates.rvus(of.rvus), rates.conversion_factor(apm, of.factor)
    rvus = (codes["work_rvu"], codes[f"pe_rvu_{place}"], codes["mp_rvu"])
    reduced = fee_cents(rvus, gpcis, factor, rates.amount("mppr_pe_share", of.rvus))
    full = fee_cents(rvus, gpcis, factor)
    return full, np.where(_therapy(), reduced, full)


@tables.kept
def _therapy() -> Bools:
    return np.array([code.therapy for code in tables.code_list()])


def prices(settings: Settings) -> tuple[Price, ...]:
    """What one unit of each row of `tables.codes()` is worth under the settings."""
    here = settings.period
    return _prices(settings, Periods(here, here, here), settings.gpcis)


def prices_in(settings: Settings, of: Periods) -> tuple[Price, ...] | None:
    """`prices` with the parts of other periods; None where the area had no indices in one."""
    gpcis = settings.gpcis_in(of.area)
    return None if gpcis is None else _prices(settings, of, gpcis)


def _prices(settings: Settings, of: Periods, gpcis: Gpcis) -> tuple[Price, ...]:
    rvus = rvus_of(of.rvus, settings.place)
    full, reduced = _schedule(of, settings.place, gpcis, settings.apm)
    covered = covers(settings, of.rvus)
    allowed = np.where(covered, paid_share(full, settings), 0)
    columns = {
        "fee": full,
        "allowed": allowed,
        "allowed_reduced": np.where(covered, paid_share(reduced, settings), 0),
        "work": rvus.work,
        "pe": rvus.pe,
        "mp": rvus.mp,
        "therapy": _therapy() & covered,
        "has_rvu": rvus.has_rvu,
        "covered": covered,
        "priced": ~covered | (rvus.has_rvu & (settings.rate is not None)),
        "technical": technical_part(allowed),
    }
    rows = zip(*(columns[name].tolist() for name in Price._fields), strict=True)
    return tuple(Price(*row) for row in rows)


def reduction(settings: Settings) -> Reduction:
    """How therapy units after the first are cut under the settings."""
    return Reduction(settings.reduction, rates.amount("mppr_line_share", settings.period))


@checked
def unit_amounts(settings: Settings) -> pd.DataFrame:
    """Dollars that the payer allows for the `first` and for a `later` therapy unit of each code of
    `codes()`; missing where no amount is published, 0.00 where it pays nothing."""
    cut = reduction(settings)
    rows = [
        (mppr_cents(price, 1, True, cut) / 100, mppr_cents(price, 1, False, cut) / 100)
        if price.priced
        else (np.nan, np.nan)
        for price in prices(settings)
    ]
    return pd.DataFrame(rows, columns=["first", "later"], index=tables.codes().index)


@checked
def local_amounts(settings: Settings) -> pd.DataFrame:
    """`first` of `unit_amounts` in every locality: one row each, one column per code key."""
    here = settings.period
    places = rates.localities(here).dropna(subset="work_gpci")
    gpcis = tuple(places[[name]].to_numpy() for name in ("work_gpci", "pe_gpci", "mp_gpci"))
    covered = covers(settings)
    full, _ = _schedule_at(Periods(here, here, here), settings.place, gpcis, settings.apm)
    cents = np.where(covered, paid_share(full, settings), 0)
    priced = np.array([price.priced for price in prices(settings)])
    dollars = np.where(priced, cents / 100, np.nan)
    return pd.DataFrame(dollars, index=places.index, columns=tables.codes().index)


@checked
def covers(settings: Settings, here: rates.Period | None = None) -> Bools:
    """Whether the payer pays for each row of `tables.codes()` at all: by its status `here`
    (pfs-formula), and by who treats. Medicare pays a chiropractor only for spinal manipulation, and
    not for maintenance (bp-15-240), a therapist only for therapy (therapy-list)."""
    pays_status = set(filter(None, settings.profile("pays_status").split("|")))
    status = rvus_of(here or settings.period, "office").status
    pays = np.array([not pays_status or letter in pays_status for letter in status])
    named = _pays_whom(settings)
    if named is not None:
        pays &= _among(named)
    if settings.provider == "chiropractor" and not settings.pays_maintenance:
        pays &= ~_among(selected(" ".join(manipulation_kinds())))
    return pays


def _pays_whom(settings: Settings) -> frozenset[int] | None:
    """The rows of the codes that the payer pays to the one who treats; None for all."""
    if settings.provider == "chiropractor":
        return pays_chiropractor(settings)
    words = settings.profile("therapist_codes") if settings.provider in THERAPISTS else ""
    return selected(words) if words else None


def pays_chiropractor(settings: Settings) -> frozenset[int] | None:
    """The rows of the codes that the payer pays a chiropractor for; None for all."""
    codes = settings.pays_chiropractor
    return selected(" ".join(codes)) if codes else None


def _among(rows: frozenset[int]) -> Bools:
    return np.isin(np.arange(len(tables.code_list())), list(rows))


def paid_share(cents: Ints, settings: Settings) -> Ints:
    """A schedule amount after the payer's percent and, under Medicare, participation."""
    rate = settings.rate
    paid = cents if rate is None else share_of(cents, rate / 100)
    if settings.is_medicare and not settings.participating:
        paid = share_of(paid, rates.amount("nonparticipating_share", settings.period))
    return paid
