"""The practice's own fees: an optional list, kept in the session, for what no schedule prices."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from chirocalc import tables
from chirocalc.errors import InputError, Problem
from chirocalc.rules import Answer, Line, Settings
from chirocalc.tables import Column, read_table

COLUMNS = {
    "code": Column("[0-9A-Za-z]{5}(-(26|TC))?", "must be a code such as 97110 or 72100-26"),
    "fee": Column(
        "[$]?[0-9]{1,3}(,?[0-9]{3})?([.][0-9]{1,2})?", "must be dollars such as 45.00", empty=True
    ),
}


@dataclass(frozen=True)
class OwnFees:
    """Cents by code or part, and the codes of the list that this calculator does not have."""

    cents: dict[str, int]
    unknown: tuple[str, ...]


def read_own_fees(content: bytes, name: str = "fees.csv") -> OwnFees:
    """A CSV with the columns code and fee; codes without a fee are left out.

    Raises `InputError` naming row and column.
    """
    table = read_table(content, COLUMNS, name)
    table["code"] = table["code"].str.upper()
    twice = table.index[table["code"].duplicated()]
    if len(twice):
        raise InputError(
            Problem(name, int(row), "code", table.at[row, "code"], "stands here twice")
            for row in twice
        )
    table = table[table["fee"] != ""]
    dollars = table["fee"].str.replace("[$,]", "", regex=True).astype(float)
    cents = np.rint(dollars * 100).astype(int)
    known = table["code"].isin(tables.codes().index)
    return OwnFees(
        dict(zip(table.loc[known, "code"], cents[known].tolist(), strict=True)),
        tuple(table.loc[~known, "code"]),
    )


def template() -> str:
    """A list to fill in: every code, without fees."""
    codes = tables.codes()["code"].drop_duplicates()
    return str(pd.DataFrame({"code": codes, "fee": ""}).to_csv(index=False))


def charges(answer: Answer, fees: OwnFees) -> list[float | None]:
    """Dollars of each line at the practice's own fees: where the payer has no schedule, and where
    a line is excluded and the patient may be charged. None elsewhere and without a fee."""
    return [
        fees.cents[line.key] * line.units / 100
        if line.key in fees.cents and _may_charge(line, answer.settings)
        else None
        for line in answer.lines
    ]


def _may_charge(line: Line, settings: Settings) -> bool:
    """Whether the practice's own fee is what a line comes to. A service that Medicare bundles may
    not be charged to the patient (pfs-formula)."""
    if settings.rate is None:
        return True
    status = line.service.code.status
    if line.covered or status == "B":
        return False
    if settings.is_medicare and settings.provider != "chiropractor" and status == "I":
        return False  # not valid for Medicare: another code stands for it (pfs-formula)
    # Without a signed ABN the patient is not liable for maintenance (bp-15-240).
    paid_when_active = line.code in settings.profile("chiropractor_codes").split("|")
    waits_for_abn = settings.phase == "maintenance" and settings.abn is not True
    return not (paid_when_active and waits_for_abn)


def total(dollars: Iterable[float | None]) -> float | None:
    """The sum of the charges there are; None where there is none."""
    there = [round(each * 100) for each in dollars if each is not None]
    return sum(there) / 100 if there else None
