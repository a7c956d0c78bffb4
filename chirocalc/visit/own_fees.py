"""The practice's own fees as a list to read and to write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from chirocalc import tables
from chirocalc.checked import checked
from chirocalc.errors import InputError, Problem
from chirocalc.exports import csv_text
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


MOST_MEGABYTES = 1  # far above a list of all codes


@checked
def read_own_fees(content: bytes, name: str = "fees.csv") -> OwnFees:
    """A CSV with the columns code and fee; codes without a fee are left out.

    Raises `InputError` naming row and column.
    """
    if len(content) > MOST_MEGABYTES << 20:
        allowed = f"is larger than {MOST_MEGABYTES} MB: a list of fees has a row a code"
        raise InputError([Problem(name, None, "file", name, allowed)])
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


@checked
def fee_list(cents: Mapping[str, int]) -> str:
    """A CSV to fill in and to read back: every code and part with its name, and its fee if any."""
    codes = tables.codes()
    fees = [f"{cents[key] / 100:.2f}" if key in cents else "" for key in codes.index]
    names = [tables.full_name(row) for _, row in codes.iterrows()]
    return csv_text(pd.DataFrame({"code": codes.index, "name": names, "fee": fees}))
