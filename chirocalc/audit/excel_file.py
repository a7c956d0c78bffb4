"""A workbook of any kind: the sheet that looks most like visits, as rows of text."""

from __future__ import annotations

import io
import zipfile
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

import numpy as np
import pandas as pd

from .excel_cells import MEMORY, TIME, Cells, Unreadable, heads_of, rows_of
from .header import check_is_table, find_header
from .visit_file import (
    VALUES_LOOKED_AT,
    Batch,
    Layout,
    VisitFile,
    cannot_read,
    column_names,
)

MOST_UNPACKED = 1 << 30  # bytes of a workbook when unpacked

WORD = "is a Word document: export the visits as CSV or Excel"

PROTECTED = "is protected by a password: save it without one"


def open_excel(stream: BinaryIO, name: str, sheet: str | None = None) -> VisitFile:
    """The sheet of that name, or the one whose header names most fields."""
    content = stream.read()
    is_zip = content.startswith(b"PK")
    kind = _kind_of_zip(content, name) if is_zip else _kind_of_old(content, name)
    with _told(name):
        heads = {title: head for title, head in heads_of(content).items() if head.rows}
    if not heads:
        raise cannot_read(name, "has nothing on its sheets")
    read = _best(heads) if sheet is None else sheet
    if read not in heads:
        raise cannot_read(name, f"has no sheet {read} with visits; it has: {', '.join(heads)}")
    numbers, rows = heads[read]
    header = find_header(rows)
    assert header  # a sheet that is read holds something
    check_is_table(rows, header, name)
    row, body = numbers[header.at], rows[header.at :]
    width = max(at for each in body for at, value in enumerate(each, start=1) if value)
    columns = column_names(body[0][:width], name)
    others = ", ".join(title for title in heads if title != read)
    notes = [
        f"Read from the sheet {read}; the others: {others}." if others else "",
        header._replace(at=row - 1).note,
    ]

    def batches(wanted: list[str]) -> Iterator[Batch]:
        places = {column: columns.index(column) for column in wanted}
        with _told(name):
            for cells in rows_of(content, read):
                yield Batch(_frame(cells, places, row), [])

    return VisitFile(
        name,
        Layout(kind, tuple(columns), header_row=row),
        " ".join(filter(None, notes)),
        _frame(Cells(numbers, rows), {each: at for at, each in enumerate(columns)}, row).head(
            VALUES_LOOKED_AT
        ),
        sheets=tuple(heads),
        sheet=read,
        _batches=batches,
    )


def _frame(cells: Cells, places: dict[str, int], header: int) -> pd.DataFrame:
    """The columns at these places, of the rows below the header, by row number."""
    first = bisect_right(cells.numbers, header)
    rows, numbers = cells.rows[first:], cells.numbers[first:]
    columns = {name: [row[at] for row in rows] for name, at in places.items()}
    index = pd.Index(numbers, dtype=np.int64, name="row")
    return pd.DataFrame(columns, index=index, columns=list(places), dtype=str)


@contextmanager
def _told(name: str) -> Iterator[None]:
    try:
        yield
    except Unreadable as error:
        raise cannot_read(name, _why(str(error))) from None


def _kind_of_zip(content: bytes, name: str) -> str:
    """The kind of a workbook that is a ZIP file. Raises `InputError` for one that is another."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        parts = set(packed.namelist())
        if any(each.startswith("word/") for each in parts):
            raise cannot_read(name, WORD)
        if sum(each.file_size for each in packed.infolist()) > MOST_UNPACKED:
            raise cannot_read(name, "is too large when unpacked: save it as CSV")
        if "xl/workbook.bin" in parts:
            return "xlsb"
        if any(each.startswith("xl/") for each in parts):
            return "xlsx"
        if "mimetype" in parts and packed.read("mimetype").strip().endswith(b".spreadsheet"):
            return "ods"
    raise cannot_read(name, "is a ZIP file, not Excel: unpack it first")


def _kind_of_old(content: bytes, name: str) -> str:
    """The same of a file of old Office, in which parts have names of wide letters."""
    if _names(content, "EncryptedPackage") or _names(content, "EncryptionInfo"):
        raise cannot_read(name, PROTECTED)
    if _names(content, "WordDocument"):
        raise cannot_read(name, WORD)
    return "xls"


def _names(content: bytes, part: str) -> bool:
    return part.encode("utf-16-le") in content


def _why(error: str) -> str:
    if error == "PasswordError":
        return PROTECTED
    if error == MEMORY:
        return "is too large, or has a cell far from all others: save it as CSV"
    if error == TIME:
        return "takes too long to read: save it as CSV"
    return f"cannot be read as Excel: it is damaged, locked, or no workbook ({error})"


def _best(heads: dict[str, Cells]) -> str:
    """The sheet whose header names most fields; of equal ones the first."""

    def fields(title: str) -> int:
        header = find_header(heads[title].rows)
        return header.fields if header else 0

    return max(heads, key=fields)
