"""Tables as files: CSV, Excel and Parquet; cells that a spreadsheet would run are made harmless."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

import pandas as pd
import pyarrow as pa
from pyarrow import csv as arrow_csv
from pyarrow import parquet

DANGEROUS = r"^([=+\-@\t\r])"  # what begins a formula in a spreadsheet
MOST_EXCEL_ROWS = 1_048_575


def harmless(table: pd.DataFrame) -> pd.DataFrame:
    """The table with an apostrophe before each text that a spreadsheet would take for a formula."""
    text = [
        name
        for name in table.columns
        if pd.api.types.is_string_dtype(table[name]) or table[name].dtype == object
    ]
    mended = {}
    for name in text:
        values = table[name].astype("str").where(table[name].notna(), None)
        first = values.str.slice(0, 1)
        if first.isin(["=", "+", "-", "@", "\t", "\r"]).any():
            mended[name] = values.str.replace(DANGEROUS, r"'\1", regex=True)
    return table.assign(**mended)


def csv_bytes(table: pd.DataFrame) -> bytes:
    """A CSV in UTF-8 with the mark that tells Excel so."""
    text: str = harmless(table).to_csv(index=False)
    return b"\xef\xbb\xbf" + text.encode()


def excel_bytes(sheets: Mapping[str, pd.DataFrame]) -> bytes:
    """An Excel file of several sheets; a sheet has room for 1,048,575 rows."""
    out = io.BytesIO()
    with pd.ExcelWriter(out, engine="openpyxl") as writer:
        for name, table in sheets.items():
            harmless(table.head(MOST_EXCEL_ROWS)).to_excel(writer, sheet_name=name, index=False)
            sheet = writer.sheets[name]
            sheet.freeze_panes = "A2"
            sheet.auto_filter.ref = sheet.dimensions
    return out.getvalue()


class TableWriter:
    """Writes the parts of a table to a CSV or Parquet file as they come; whole or not at all.

    The file appears under its name when all is written; a part that fails leaves nothing behind.
    """

    def __init__(self, path: Path | BinaryIO) -> None:
        self._path = path if isinstance(path, Path) else None
        self._stream = path if not isinstance(path, Path) else None
        self._partial = self._path.with_name(f".{self._path.name}.part") if self._path else None
        self._writer: arrow_csv.CSVWriter | parquet.ParquetWriter | None = None

    def __enter__(self) -> TableWriter:
        return self

    def write(self, table: pd.DataFrame) -> None:
        """Add rows; the first table sets the columns."""
        arrow = pa.Table.from_pandas(harmless(table), preserve_index=False)
        if self._writer is None:
            # A column without a value in the first rows is text.
            fields = [
                pa.field(each.name, pa.string() if pa.types.is_null(each.type) else each.type)
                for each in arrow.schema
            ]
            schema = pa.schema(fields)
            sink = self._partial or self._stream
            if self._path is not None and self._path.suffix.lower() == ".parquet":
                self._writer = parquet.ParquetWriter(sink, schema)
            else:
                self._writer = arrow_csv.CSVWriter(sink, schema)
            self._schema = schema
        self._writer.write_table(arrow.cast(self._schema))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._writer is not None:
            self._writer.close()
        if self._partial is None:
            return
        if kind is None and self._path is not None and self._partial.exists():
            self._partial.replace(self._path)
        else:
            self._partial.unlink(missing_ok=True)
