"""The practice's own fees: an optional list, kept in the session, for what no schedule prices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from chirocalc import tables
from chirocalc.errors import InputError, Problem
from chirocalc.rules import Estimate
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


def charges(answer: Estimate, fees: OwnFees) -> pd.Series:
    """Dollars of each line at the practice's own fees: where the payer has no schedule, and where
    a line is excluded and the patient may be charged. Missing elsewhere and without a fee.

    A service that Medicare bundles may not be charged to the patient (pfs-formula).
    """
    codes = tables.codes().loc[answer.lines["code"]]
    settings = answer.settings
    refused = codes["status"].eq("B").to_numpy()
    if settings.is_medicare and settings.provider != "chiropractor":
        # Not valid for Medicare: another code stands for the service (pfs-formula).
        refused = refused | codes["status"].eq("I").to_numpy()
    if settings.phase == "maintenance" and settings.abn is not True:
        # Without a signed ABN the patient is not liable for maintenance (bp-15-240).
        paid_when_active = settings.profile("chiropractor_codes").split("|")
        refused = refused | answer.lines["code"].isin(paid_when_active).to_numpy()
    excluded = ~answer.lines["covered"] & ~refused
    own = excluded | (settings.rate is None)
    keys = pd.Series(tables.codes().index[answer.read.key], index=answer.lines.index)
    cents = keys.map(fees.cents).astype(float) * answer.lines["units"]
    return (cents / 100).where(own)
