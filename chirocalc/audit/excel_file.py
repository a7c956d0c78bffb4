"""The first sheet of an Excel file as rows of text."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import BinaryIO

import pandas as pd

from .visit_file import (
    VALUES_LOOKED_AT,
    Batch,
    Layout,
    VisitFile,
    cannot_read,
    cell_text,
    column_names,
)

MOST_UNPACKED = 1 << 30  # bytes of an Excel file when unpacked


def open_excel(stream: BinaryIO, name: str) -> VisitFile:
    from openpyxl import load_workbook  # noqa: PLC0415  # slow to import, and only for Excel

    content = io.BytesIO(stream.read())
    with zipfile.ZipFile(content) as packed:
        if not any(each.startswith("xl/") for each in packed.namelist()):
            raise cannot_read(name, "is a ZIP file, not Excel: unpack it first")
        if sum(each.file_size for each in packed.infolist()) > MOST_UNPACKED:
            raise cannot_read(name, "is too large when unpacked: save it as CSV")
    book = load_workbook(content, read_only=True, data_only=True)
    if not book.worksheets:
        raise cannot_read(name, "has no sheet of cells")
    sheet = book.worksheets[0]
    sheet.reset_dimensions()  # exporters often write a wrong size
    records = [[cell_text(value) for value in row] for row in sheet.iter_rows(values_only=True)]
    others = [each.title for each in book.worksheets[1:]]
    first = next((at for at, row in enumerate(records) if any(row)), None)
    if first is None:
        raise cannot_read(name, "has nothing on its first sheet")
    width = max(at for row in records for at, value in enumerate(row, start=1) if value)
    records = [(row + [""] * width)[:width] for row in records]
    header = column_names(records[first], name)
    body = records[first + 1 :]
    numbers = pd.RangeIndex(first + 2, first + 2 + len(body), name="row")
    frame = pd.DataFrame(body, columns=header, index=numbers, dtype=str)
    note = f"Only the first sheet was read, not {', '.join(others)}." if others else ""
    return _in_memory(frame, name, "xlsx", note)


def _in_memory(frame: pd.DataFrame, name: str, kind: str, note: str) -> VisitFile:
    def batches(wanted: list[str]) -> Iterator[Batch]:
        yield Batch(frame[wanted], [])

    layout = Layout(kind, tuple(frame.columns))
    return VisitFile(name, layout, note, batches, frame.head(VALUES_LOOKED_AT))
