"""Rows from files: our own export, and services as the audit reads them; merged without doubles.

A row of a file that has no id gets one made of what it says and of how many like it stand before
it: the same file read again brings nothing new, and a larger one only what it has more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Annotated, NamedTuple

import numpy as np
import pandas as pd

from chirocalc import tables
from chirocalc.checked import Place, checked, having
from chirocalc.errors import InputError, Problem

from .log import ID_LETTERS, Log, new_id
from .periods import Priced
from .pricing import PRICED
from .rows import ID, Row, check_row, in_letters

# The columns of our own export that are read back; what is computed is computed anew.
OWN = ["id", "date", "code", "units", "minutes", "times", "modifiers", "place", "payer", "tag",
       "status"]  # fmt: skip

# Priced rows with all that is saved of them.
Exported = Annotated[pd.DataFrame, having(*OWN, *PRICED, "units_given")]

NEEDED = {"id", "date", "code", "times"}

MOST_SAID = 20  # refused rows that are told

_CODE = re.compile("[0-9A-Z]{5}")


class Taken(NamedTuple):
    """What came of a file: rows put, in how many rows the file had what the log has, `deleted` in
    the log before, and what was refused: how many, and the first of them by row number and why."""

    new: list[Row]
    known: int
    deleted: list[Row]
    refused: int
    said: list[str]
    passed: int = 0


def is_own(header: Iterable[str]) -> bool:
    """Whether a file is our own export, by its header."""
    return set(header) >= NEEDED


def rows_of_export(text: pd.DataFrame, name: str) -> tuple[list[Row], list[Problem]]:
    """The rows of our own export, text by row number, and what cannot be used."""
    rows: list[Row] = []
    problems: list[Problem] = []
    text = text.reindex(columns=OWN, fill_value="").fillna("").astype(str)
    for number, values in zip(text.index, text.itertuples(index=False), strict=True):
        given = {field: value.strip() for field, value in zip(OWN, values, strict=True)}
        if not any(given.values()):
            continue
        try:
            rows.append(_from_text(given, name, int(number), len(problems) < MOST_SAID))
        except InputError as error:
            problems += [_without_value(each) for each in error.problems[:1]]
    return rows, problems


def _without_value(problem: Problem) -> Problem:
    """A value is repeated only where it may be what belongs there, and not a patient's."""
    is_code = problem.column == "code" and _CODE.fullmatch(str(problem.value))
    return problem if is_code else replace(problem, value="")


def _from_text(given: dict[str, str], name: str, number: int, tells: bool) -> Row:
    def whole(column: str) -> int | None:
        text = given[column].removesuffix(".0")
        if text and not text.isdecimal():
            allowed = "must be a whole number"
            raise InputError([Problem(name, number, column, text, allowed)])
        return int(text[:9]) if text else None

    row = Row(
        given["id"] if ID.fullmatch(given["id"]) else "",
        0,
        given["date"][:10],
        given["code"],
        whole("units"),
        whole("minutes"),
        whole("times") or 1,
        given["modifiers"],
        given["place"],
        given["payer"],
        # A spreadsheet's apostrophe before what it would take for a formula.
        given["tag"].removeprefix("'"),
        given["status"] or "done",
    )
    return check_row(row, name, number, tells)


def rows_of_services(lines: pd.DataFrame, name: str) -> tuple[list[Row], list[Problem]]:
    """Rows of services as the audit reads them: of their columns only date, code, billed units,
    minutes, modifiers, payer and place are taken; and what cannot be used."""
    rows: list[Row] = []
    problems: list[Problem] = []
    taken = [lines[each].astype(object).to_numpy() for each in ("row", "date", "code", "billed",
             "minutes", "modifiers", "payer", "place")]  # fmt: skip
    checked: dict[tuple[object, ...], Row | InputError] = {}
    for number, *said in zip(*taken, strict=True):
        date, code, billed, minutes, modifiers, payer, place = said
        units, minutes = _whole(billed), _whole(minutes)
        key = (date, code, units, minutes, modifiers, payer, place)
        if key not in checked:
            words = " ".join(each for each in str(modifiers or "").split() if len(each) == 2)
            said_payer = str(payer) if payer in tables.payers().index else ""
            row = Row("", 0, str(date), str(code), units, minutes, 1, words, str(place), said_payer)
            try:
                checked[key] = check_row(
                    row._replace(units=units or None), name, tells=len(problems) < MOST_SAID
                )
            except InputError as error:
                checked[key] = error
        found = checked[key]
        if isinstance(found, InputError):
            first = _without_value(found.problems[0])
            problems.append(Problem(name, int(number), first.column, first.value, first.allowed))
        else:
            rows.append(found)
    return rows, problems


def _whole(value: object) -> int | None:
    return None if value is None or pd.isna(value) else int(value)  # type: ignore[call-overload]


def numbered_rows(rows: Sequence[Row]) -> list[Row]:
    """Rows of which those without an id have one made of what they say."""
    seen: dict[Row, int] = {}
    out = []
    for row in rows:
        if row.id:
            out.append(row)
            continue
        seen[row] = at = seen.get(row, 0) + 1
        said = "|".join(map(str, (*row[2:], at)))
        digest = int.from_bytes(sha256(said.encode()).digest()[:8], "big")
        out.append(row._replace(id=in_letters(digest).zfill(ID_LETTERS)[-ID_LETTERS:]))
    return out


@checked
def take(
    log: Log,
    rows: Sequence[Row],
    refused: Place = 0,
    said: Sequence[str] = (),
    passed: Place = 0,
) -> Taken:
    """Put rows of a file that are not there yet. Those that were deleted here stay deleted, and are
    told."""
    new, deleted, known = [], [], 0
    for row in numbered_rows(rows):
        before = log.get(row.id)
        if before is None:
            new.append(row)
        elif before.is_deleted:
            deleted.append(row)
        else:
            known += 1
    return Taken(log.put(new), known, deleted, refused, list(said), passed)


@checked
def bring_back(log: Log, deleted: Sequence[Row]) -> list[Row]:
    """Put rows that were deleted, as new ones."""
    return log.put(row._replace(id=new_id()) for row in deleted)


@checked
def export(rows: Exported) -> pd.DataFrame:
    """Priced rows as they are saved: those of `OWN`, which are read back, and what was computed."""
    table = rows.assign(
        units=rows["units_given"].astype("Int64"),
        minutes=rows["minutes"].astype("Int64"),
        all_units=rows["units"],
        work_rvu=_hundredths(rows, "work"),
        total_rvu=_hundredths(rows, "total"),
        dollars=_hundredths(rows, "cents"),
        why=rows["why"].astype(str),
        month=rows["date"].str[:7],
    )
    computed = ["all_units", "work_rvu", "total_rvu", "dollars", "why", "month"]
    return table[[*OWN, *computed]].reset_index(drop=True)


def _hundredths(rows: pd.DataFrame, name: str) -> np.ndarray:
    return np.where(rows[f"has_{name}"], rows[name] / 100, np.nan)


@checked
def by_month_and_code(rows: Priced) -> pd.DataFrame:
    """Priced rows summed up by month and code, with the codes' names."""
    table = rows.assign(month=rows["date"].str[:7])
    summed = table.groupby(["month", "code"], sort=True)[["times", "units", "work", "total",
                           "cents"]].sum().reset_index()  # fmt: skip
    names = tables.codes().set_index("code")["name"]
    names = names[~names.index.duplicated()]
    return pd.DataFrame(
        {
            "month": summed["month"],
            "code": summed["code"],
            "name": summed["code"].map(names).fillna(""),
            "times": summed["times"],
            "units": summed["units"],
            "work_rvu": summed["work"] / 100,
            "total_rvu": summed["total"] / 100,
            "dollars": summed["cents"] / 100,
        }
    )
