"""CMS's own payment amounts beside those that are computed here, to the cent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TextIO

import pandas as pd

from chirocalc.checked import checked
from chirocalc.errors import InputError
from chirocalc.rules import Settings, unit_amounts
from chirocalc.tables import conversion_factors, in_use, rates

from .files import unpacked
from .payments import Payments, is_payments, read_payments
from .releases import asked_quarter, file_error

SHOWN = 40  # differences of one file that are listed; of more, how many

DIFFER, CANNOT = 1, 2

WHOSE = {
    "single": "everyone",
    "non-APM": "everyone but qualifying APM participants",
    "APM": "qualifying APM participants",
}

# CMS's columns, the place and the unit of ours that each is compared with. An institution is paid
# for therapy by the office's practice expense (cms-pfall).
FEES = {
    "office": ("office", "first"),
    "facility": ("facility", "first"),
    "therapy_office": ("office", "later"),
    "therapy_institution": ("office", "later"),
}

PLACES = {
    "office": "office",
    "facility": "facility",
    "therapy_office": "office, later therapy unit",
    "therapy_institution": "institution, later therapy unit",
}

NONE = {"first": "none", "later": "none"}  # of a code for which no amount is computed

THERAPY = "5"  # of CMS's indicators for several procedures: half the practice expense

CAPPED = "1"  # of CMS's OPPS indicators: the amount is at most that of hospital outpatients


class Difference(NamedTuple):
    """A fee that CMS has otherwise: the key of the code, the locality, the column of CMS, dollars
    as text, "none" where none is computed; whether CMS's is capped."""

    code: str
    locality: str
    column: str
    theirs: str
    ours: str
    capped: bool

    def __str__(self) -> str:
        why = " (capped at the amount of hospital outpatients)" if self.capped else ""
        place = PLACES[self.column]
        return f"{self.code}, {self.locality}, {place}: CMS {self.theirs}, here {self.ours}{why}"


@dataclass(frozen=True)
class Compared:
    """The fees of a file beside ours: how many, whose (as `WHOSE` says), those that differ, and the
    localities that the tables do not have."""

    fees: int
    whose: str
    differences: list[Difference]
    strange: list[str]


def compare(payments: Payments) -> Compared:
    """Compare every fee of our codes with ours of that day. Raises `InputError` where no tables are
    loaded for it.

    Medicare's amounts for a participating provider of any kind: for every code that it pays. CMS
    does not say in a file whose factor it is of: it is the one with which fewer fees differ.
    """
    here = rates.period(payments.day)
    table = payments.table.assign(place=payments.table["mac"] + "-" + payments.table["locality"])
    known = rates.localities(here).dropna(subset="work_gpci").index
    strange = sorted(set(table["place"]) - set(known))
    areas = [group for place, group in table.groupby("place") if place in known]
    bases = _bases(here)

    def differing(basis: str) -> int:
        return sum(len(_differ(area, here, basis == "APM")[1]) for area in areas[:1])

    basis = min(bases, key=differing)
    found = [_differ(area, here, basis == "APM") for area in areas]
    differences = [each for _, some in found for each in some]
    return Compared(sum(count for count, _ in found), WHOSE[basis], differences, strange)


def _bases(here: rates.Period) -> list[str]:
    """Whose conversion factors are loaded for a period."""
    table = conversion_factors()
    days = (table["effective_from"] <= here.first) & (here.first <= table["effective_to"])
    return list(table.loc[days & (table["status"] != "proposed"), "basis"])


def _differ(records: pd.DataFrame, here: rates.Period, apm: bool) -> tuple[int, list[Difference]]:
    """How many fees of one locality's records are compared, and those that differ."""
    area = records["place"].iloc[0]
    ours = {
        place: unit_amounts(
            Settings("medicare", area, place, "any", apm=apm, date=here.first)
        ).map(_dollars).to_dict("index")
        for place in ("office", "facility")
    }  # fmt: skip
    count, found = 0, []
    for record in records.to_dict("records"):
        key = "-".join(filter(None, (record["code"], record["modifier"])))
        mine_of = {place: units.get(key, NONE) for place, units in ours.items()}
        for column, theirs in _fees(record, mine_of["office"]):
            place, unit = FEES[column]
            mine = mine_of[place][unit]
            count += 1
            if mine != theirs:
                found.append(Difference(key, area, column, theirs, mine, _capped(record, column)))
    return count, found


def _fees(record: dict[str, str], ours: dict[str, str]) -> Iterator[tuple[str, str]]:
    """The fees of a record by column, in dollars. Of codes that are no therapy the columns of a
    later unit hold other amounts, a flat visit fee (cms-pfall): where ours is reduced all the same,
    that unit's fee is the first one's."""
    for column, (_, unit) in FEES.items():
        if unit == "first" or record["multiple_procedure"] == THERAPY:
            yield column, _dollars(record[column])
        elif column == "therapy_office" and ours["later"] != ours["first"]:
            yield column, _dollars(record["office"])


def _capped(record: dict[str, str], column: str) -> bool:
    """Whether a fee is that of hospital outpatients, above which CMS does not go."""
    cap = float(record.get(f"opps_{column}", 0))
    return record["opps"] == CAPPED and 0 < cap == float(record[column])


def _dollars(amount: str | float) -> str:
    return "none" if pd.isna(amount) else f"{float(amount):.2f}"


@checked
def verify(paths: Iterable[Path], out: TextIO, quarter: str | None = None) -> int:
    """Compare CMS's payment amount files with ours and say what differs: the exit code.

    `quarter` ("2026Q3") is the quarter of files whose name does not say theirs. Returns 0 when no
    fee differs, 1 when some do, 2 when a file cannot be used, which is then said.
    """
    try:
        with in_use():
            return max([_verified(path, out, quarter) for path in paths])
    except InputError as error:
        print(error, file=out)
        return CANNOT


def _verified(path: Path, out: TextIO, quarter: str | None) -> int:
    asked, code, found = asked_quarter(quarter), 0, False
    for file in unpacked(path, path.name):
        if not is_payments(file.content):
            continue
        found = True
        payments = read_payments(file, asked)
        compared = compare(payments)
        code = max(code, DIFFER if compared.differences else 0)
        for line in _in_words(payments, compared):
            print(line, file=out)
    if not found:
        raise file_error(path.name, "holds no payment amounts of CMS (PFALL26A, PFREV26C)")
    return code


def _in_words(payments: Payments, compared: Compared) -> Iterator[str]:
    yield str(payments)
    yield f"  beside the amounts of {payments.day} for {compared.whose}"
    yield from (f"  {each}" for each in compared.differences[:SHOWN])
    if len(compared.differences) > SHOWN:
        yield f"  and {len(compared.differences) - SHOWN:,} more"
    if compared.strange:
        places = ", ".join(compared.strange[:SHOWN])
        yield f"  passed over, for the tables do not have the localities: {places}"
    yield (
        f"{compared.fees:,} fees compared, {len(compared.differences):,} differ; "
        f"codes not in our table passed over: {len(payments.others):,}"
    )
