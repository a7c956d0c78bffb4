"""A workbook of any kind: the sheet that looks most like visits, as rows of text."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import BinaryIO

import pandas as pd

from .excel_cells import Rows, Unreadable, sheets_of
from .header import Header, check_is_no_form, find_header
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
    try:
        sheets = {title: rows for title, rows in sheets_of(content).items() if any(map(any, rows))}
    except Unreadable as error:
        raise cannot_read(name, _why(str(error))) from None
    if not sheets:
        raise cannot_read(name, "has nothing on its sheets")
    read = _best(sheets) if sheet is None else sheet
    if read not in sheets:
        raise cannot_read(name, f"has no sheet {read} with visits; it has: {', '.join(sheets)}")
    frame, header = _table(sheets[read], name)
    others = ", ".join(title for title in sheets if title != read)
    notes = [f"Read from the sheet {read}; the others: {others}." if others else "", header.note]
    return VisitFile(
        name,
        Layout(kind, tuple(frame.columns), header_row=header.at + 1),
        " ".join(filter(None, notes)),
        frame.head(VALUES_LOOKED_AT),
        sheets=tuple(sheets),
        sheet=read,
        _batches=lambda wanted: _batches(frame, wanted),
    )


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
    if error == "MemoryError":
        return "is too large, or has a cell far from all others: save it as CSV"
    return f"cannot be read as Excel ({error})"


def _best(sheets: dict[str, Rows]) -> str:
    """The sheet whose header names most fields; of equal ones the first."""

    def fields(title: str) -> int:
        header = find_header(sheets[title])
        return header.fields if header else 0

    return max(sheets, key=fields)


def _table(rows: Rows, name: str) -> tuple[pd.DataFrame, Header]:
    """What stands below the header, indexed by row number, and the header."""
    header = find_header(rows)
    assert header  # a sheet that is read holds something
    check_is_no_form(rows, header, name)
    width = max(at for row in rows[header.at :] for at, value in enumerate(row, start=1) if value)
    columns = column_names(rows[header.at][:width], name)
    body = [row[:width] for row in rows[header.at + 1 :]]
    numbers = pd.RangeIndex(header.at + 2, header.at + 2 + len(body), name="row")
    return pd.DataFrame(body, columns=columns, index=numbers, dtype=str), header


def _batches(frame: pd.DataFrame, wanted: list[str]) -> Iterator[Batch]:
    yield Batch(frame[wanted], [])
