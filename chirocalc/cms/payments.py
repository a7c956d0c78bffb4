"""CMS's own payment amounts: a record for each carrier, locality, code and part (cms-pfall).

Records are quoted and in a fixed order, without a header; the last lines, "TRL- …", are CMS's
notices. PFALL26A is the year's file, PFREV26C what a quarter changed, PFAL26A that of a state.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper

import pandas as pd

from chirocalc.errors import InputError, Problem
from chirocalc.tables import check_values, code_list

from .files import File
from .layouts import DIGITS, END, columns_of, specs
from .releases import LETTERS, Quarter, file_error

BEGIN = re.compile(
    rb'(\xef\xbb\xbf)?"?20[0-9]{2}"?,"?[0-9]{4,5}"?,"?[0-9]{1,2}"?,"?[0-9A-Z]{3,5}"?,'
)

TRAILER = "TRL"

NAMED = re.compile(r"PF[A-Z]{2,3}[0-9]?(?P<year>[0-9]{2})(?P<letter>[A-D])", re.I)

CODE = 3  # the place of the code in a record


@dataclass(frozen=True)
class Payments:
    """The records of a file that are of our codes, as text by row number; the day from which they
    are in force; how many records it has; the codes in it that are not ours."""

    file: str
    table: pd.DataFrame
    day: str
    records: int
    others: frozenset[str]

    def __str__(self) -> str:
        return f"{self.file}: CMS's payment amounts of {self.day[:4]}, {self.records:,} records"


def is_payments(content: bytes) -> bool:
    """Whether a file begins with a record of payment amounts."""
    return BEGIN.match(content) is not None


def read_payments(file: File, asked: Quarter | None) -> Payments:
    """The payment amounts of a file, of the quarter that is asked for or that its name says.

    Raises `InputError` for a record that is damaged, and for a file of several years.
    """
    ours = {code.code for code in code_list()}
    columns = list(columns_of("payments").index)
    rows, numbers, others, count = [], [], set(), 0
    for number, values in _records(file, len(columns)):
        count += 1
        if values[CODE] in ours:
            rows.append(values)
            numbers.append(number)
        else:
            others.add(values[CODE])
    table = pd.DataFrame(rows, columns=columns, index=numbers, dtype=str).drop(columns="filler")
    for column, digits in DIGITS.items():  # which a spreadsheet drops
        table[column] = table[column].str.zfill(digits)
    check_values(table, specs("payments", table.columns), file.name)
    return Payments(file.name, table, _day(file, table, asked), count, frozenset(others))


def _records(file: File, width: int) -> Iterator[tuple[int, list[str]]]:
    """Each record by its row number. Raises `InputError`."""
    content = BytesIO(file.content.rstrip(END.encode() + b"\r\n"))
    text = TextIOWrapper(content, "utf-8-sig", errors="replace", newline="")
    reader = csv.reader(text, strict=True)
    try:
        for number, record in enumerate(reader, start=1):
            values = [value.strip() for value in record]
            if len(values) == width:
                yield number, values
            elif any(values) and not values[0].startswith(TRAILER):
                said = f"has {len(values)} values, and a record has {width}"
                raise InputError([Problem(file.name, number, "row", values[0], said)])
    except csv.Error as error:
        raise file_error(file.name, f"is not readable at line {reader.line_num}: {error}") from None


def _day(file: File, table: pd.DataFrame, asked: Quarter | None) -> str:
    """The first day of the file's quarter: as asked, by its name, else that of its year."""
    named = NAMED.search(file.name)
    says = (
        (int(named["year"]) + 2000, LETTERS.index(named["letter"].upper()) + 1) if named else None
    )
    quarter = asked or says
    years = sorted({int(year) for year in table["year"]} or ({quarter[0]} if quarter else set()))
    if len(years) != 1:
        said = f"is of {' and '.join(map(str, years)) or 'no year'}: it must be one year"
        raise file_error(file.name, said)
    if asked and asked[0] != years[0]:
        raise file_error(file.name, f"is of {years[0]} by its content, not {asked[0]}")
    return f"{years[0]}-{3 * (quarter[1] if quarter else 1) - 2:02}-01"
