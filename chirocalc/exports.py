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

DANGEROUS = ["=", "+", "-", "@", "\t", "\r"]  # what begins a formula in a spreadsheet
# What XML, and so an Excel file, cannot hold.
UNHOLDABLE = "[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"
MOST_EXCEL_ROWS = 1_048_575


def harmless(table: pd.DataFrame) -> pd.DataFrame:
    """The table with an apostrophe before each text that a spreadsheet would take for a formula."""
    mended = {}
    for name, values in _texts(table).items():
        dangerous = _letters(values).str.slice(0, 1).isin(DANGEROUS)
        if dangerous.any():
            mended[name] = values.where(~dangerous, "'" + values.astype("str"))
    return table.assign(**mended)


def _texts(table: pd.DataFrame) -> dict[str, pd.Series]:
    """The columns that may hold text, those of categories as text."""
    found = {}
    for name in table.columns:
        values = table[name]
        if isinstance(values.dtype, pd.CategoricalDtype):
            found[name] = values.astype("str").where(values.notna(), None)
        elif values.dtype == object or pd.api.types.is_string_dtype(values):
            found[name] = values
    return found


def _letters(values: pd.Series) -> pd.Series:
    """The texts of a column; numbers among objects, and gaps, have none."""
    if values.dtype == object:
        return values.map(lambda value: value if isinstance(value, str) else "").astype("str")
    return values.fillna("")


def csv_bytes(table: pd.DataFrame) -> bytes:
    """A CSV in UTF-8 with the mark that tells Excel so."""
    safe = harmless(table)
    text: str = safe.to_csv(index=False, lineterminator="\n")
    if "\r" in text:  # before Python 3.13 quoted only if the lines end with it
        text = safe.to_csv(index=False, lineterminator="\r\n")
    return b"\xef\xbb\xbf" + text.encode()


def excel_bytes(sheets: Mapping[str, pd.DataFrame]) -> bytes:
    """An Excel file of several sheets; a sheet has room for 1,048,575 rows."""
    out = io.BytesIO()
    with pd.ExcelWriter(out, engine="openpyxl") as writer:
        for name, table in sheets.items():
            fits = harmless(_holdable(table.head(MOST_EXCEL_ROWS)))
            fits.to_excel(writer, sheet_name=name, index=False)
            sheet = writer.sheets[name]
            sheet.freeze_panes = "A2"
            sheet.auto_filter.ref = sheet.dimensions
    return out.getvalue()


def _holdable(table: pd.DataFrame) -> pd.DataFrame:
    """The table without the control characters that would cost the whole file."""
    mended = {}
    for name, values in _texts(table).items():
        letters = _letters(values)
        odd = letters.str.contains(UNHOLDABLE, regex=True)
        if odd.any():
            mended[name] = values.where(~odd, letters.str.replace(UNHOLDABLE, "", regex=True))
    return table.assign(**mended)


class TableWriter:
    """Writes the parts of a table to a CSV or Parquet file as they come; whole or not at all.

    The file appears under its name when all is written; a part that fails leaves nothing behind.
    """

    def __init__(self, path: Path | BinaryIO) -> None:
        self._path = path if isinstance(path, Path) else None
        self._stream = path if not isinstance(path, Path) else None
        self._partial = self._path.with_name(f".{self._path.name}.part") if self._path else None
        self._writer: arrow_csv.CSVWriter | parquet.ParquetWriter | None = None
        self._header: pd.DataFrame | None = None

    def __enter__(self) -> TableWriter:
        return self

    def write(self, table: pd.DataFrame) -> None:
        """Add rows; the first table that has any sets the columns."""
        if self._writer is None and table.empty:
            self._header = table  # its types may be none
            return
        arrow = pa.Table.from_pandas(harmless(table), preserve_index=False)
        writer = self._writer or self._begin(arrow.schema)
        writer.write_table(arrow.cast(self._schema))

    def _begin(self, given: pa.Schema) -> arrow_csv.CSVWriter | parquet.ParquetWriter:
        # A column without a value in the first rows is text.
        self._schema = pa.schema(
            pa.field(each.name, pa.string() if pa.types.is_null(each.type) else each.type)
            for each in given
        )
        sink = self._partial or self._stream
        if self._path is not None and self._path.suffix.lower() == ".parquet":
            self._writer = parquet.ParquetWriter(sink, self._schema)
        else:
            self._writer = arrow_csv.CSVWriter(sink, self._schema)
        return self._writer

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None and self._writer is None and self._header is not None:
            self._begin(pa.Schema.from_pandas(self._header, preserve_index=False))
        if self._writer is not None:
            self._writer.close()
        if self._partial is None:
            return
        if kind is None and self._path is not None and self._partial.exists():
            self._partial.replace(self._path)
        else:
            self._partial.unlink(missing_ok=True)
