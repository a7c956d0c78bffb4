"""Tables as files: CSV, Excel and Parquet; cells that a spreadsheet would run are made harmless."""

from __future__ import annotations

import gc
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import isinf
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, NamedTuple, cast

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv
from pyarrow import parquet
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from chirocalc.arrays import Ints
from chirocalc.errors import InputError, Problem

DANGEROUS = ["=", "+", "-", "@", "\t", "\r"]  # what begins a formula in a spreadsheet

_FORMULA = np.isin(np.arange(256), [ord(mark) for mark in DANGEROUS])  # by first byte

# What XML, and so an Excel file, cannot hold.
UNHOLDABLE = "[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"

MOST_EXCEL_ROWS = 1_048_575

MOST_LETTERS = 32_767  # of a cell

# Columns of dollars.
MONEY = {
    "dollars", "allowed", "Dollars",
    "charge", "payer", "patient", "write_off", "deductible", "copay", "coinsurance", "own",
}  # fmt: skip

# Text is never a formula or a link; with `in_memory` off it would be written to disk on the way.
AS_IT_IS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "default_date_format": "yyyy-mm-dd",
}

STYLES = {
    "head": {"bold": True, "bottom": 1},
    "long": {"text_wrap": True},
    "money": {"num_format": "$#,##0.00;-$#,##0.00"},
}

WIDEST = 60  # letters, beyond which a text goes on in the next line

ROOM_FOR_FILTER = 3  # letters that the arrow of a filter hides

ROWS_MEASURED = 1000  # for the width of a column


def harmless(table: pd.DataFrame) -> pd.DataFrame:
    """The table with an apostrophe before each text that a spreadsheet would take for a formula,
    categories as text."""
    mended = {}
    for name, values in _texts(table).items():
        dangerous = _letters(values).str.slice(0, 1).isin(DANGEROUS)
        if dangerous.any():
            mended[name] = values.where(~dangerous, "'" + values.astype("str"))
        elif isinstance(table[name].dtype, pd.CategoricalDtype):
            mended[name] = values
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
    if values.dtype == object and pd.api.types.infer_dtype(values) != "string":
        return values.map(lambda value: value if isinstance(value, str) else "").astype("str")
    return values.fillna("").astype("str")


def _harmless_arrow(table: pa.Table) -> pa.Table:
    """The same of an Arrow table, which looks at the first letters of a million texts at once."""
    for at, (name, kind) in enumerate(zip(table.column_names, table.schema.types, strict=True)):
        values = table.column(at)
        if pa.types.is_dictionary(kind):
            values = values.cast(kind.value_type)
        is_text = pa.types.is_string(values.type) or pa.types.is_large_string(values.type)
        if is_text and any(map(_may_be_dangerous, values.chunks)):
            first = pc.utf8_slice_codeunits(values, 0, 1)
            dangerous = pc.is_in(first, pa.array(DANGEROUS, values.type))
            mark, between = (pa.scalar(text, values.type) for text in ("'", ""))
            quoted = pc.binary_join_element_wise(mark, values, between)
            values = pc.if_else(dangerous, quoted, values)
        table = table.set_column(at, name, values)
    return table


def _may_be_dangerous(texts: pa.Array) -> bool:
    """Whether one of the texts begins as a formula does, by their first bytes alone."""
    _, offsets, data = texts.buffers()
    if data is None:
        return False
    wide = "int64" if pa.types.is_large_string(texts.type) else "int32"
    begins: Ints = np.frombuffer(offsets, wide)[texts.offset : texts.offset + len(texts) + 1]
    filled = begins[:-1][begins[:-1] < begins[1:]]
    return bool(_FORMULA[np.frombuffer(data, np.uint8)[filled]].any())


def csv_bytes(table: pd.DataFrame) -> bytes:
    """A CSV in UTF-8 with the mark that tells Excel so."""
    return b"\xef\xbb\xbf" + csv_text(table).encode()


def csv_text(table: pd.DataFrame) -> str:
    """A CSV, its cells made harmless."""
    safe = harmless(table)
    text: str = safe.to_csv(index=False, lineterminator="\n")
    if "\r" in text:  # before Python 3.13 quoted only if the lines end with it
        text = safe.to_csv(index=False, lineterminator="\r\n")
    return text


def zipped_csv(name: str, parts: Iterable[pd.DataFrame]) -> bytes:
    """A ZIP file with the parts of a table as one CSV of that name."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed,
        packed.open(name, "w") as file,
        TableWriter(cast(BinaryIO, file)) as writer,
    ):
        for part in parts:
            writer.write(part)
    return out.getvalue()


class Links(NamedTuple):
    """What each cell of a column opens: a row of another sheet, the first below its header being 2;
    nothing where that is None."""

    column: str
    targets: Sequence[tuple[str, int] | None]


def excel_bytes(
    sheets: Mapping[str, pd.DataFrame], links: Mapping[str, Links] | None = None
) -> bytes:
    """An Excel file of several sheets, with links within it by sheet; a sheet has room for
    1,048,575 rows."""
    out = io.BytesIO()
    with _uncollected(), Workbook(out, AS_IT_IS) as book:
        styles = {name: book.add_format(style) for name, style in STYLES.items()}
        for name, table in sheets.items():
            sheet = book.add_worksheet(name)
            _write_sheet(sheet, table.head(MOST_EXCEL_ROWS), styles)
            if links and name in links:
                _write_links(sheet, table, links[name])
    return out.getvalue()


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without garbage collection, which would look for none in a million cells again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _write_sheet(sheet: Worksheet, table: pd.DataFrame, styles: Mapping[str, Format]) -> None:
    """A table with its header in view, and columns as wide as what they hold."""
    safe = harmless(_holdable(table))
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, len(safe), max(len(safe.columns) - 1, 0))
    for at, name in enumerate(safe.columns):
        values = safe[name].astype(object)
        longest = max((len(str(value)) for value in values.head(ROWS_MEASURED)), default=0)
        style = "money" if name in MONEY else "long" if longest > WIDEST else None
        width = min(max(longest, len(str(name)) + ROOM_FOR_FILTER) + 1, WIDEST)
        sheet.set_column(at, at, width, styles[style] if style else None)
        sheet.write_string(0, at, str(name), styles["head"])
        write_string = sheet.write_string
        for row, value in enumerate(values.where(values.notna(), None).tolist(), start=1):
            if isinstance(value, str):
                if value:
                    write_string(row, at, value[:MOST_LETTERS])
            elif isinstance(value, float) and isinf(value):
                write_string(row, at, str(value))
            elif value is not None:  # a gap leaves its cell empty
                sheet.write(row, at, value)


def _write_links(sheet: Worksheet, table: pd.DataFrame, links: Links) -> None:
    at = table.columns.get_loc(links.column)
    cells = zip(table[links.column].tolist(), links.targets, strict=True)
    for row, (text, target) in enumerate(cells, start=1):
        if target:
            sheet.write_url(row, at, f"internal:'{target[0]}'!A{target[1]}", string=str(text))


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
    A stream, or a device such as /dev/null, gets a CSV at once. Raises `InputError` for an output
    that cannot be written.
    """

    def __init__(self, path: Path | BinaryIO) -> None:
        self._name = str(path) if isinstance(path, Path) else "standard output"
        self._path = path.resolve() if isinstance(path, Path) else None  # not the link, its file
        self._partial: Path | None = None
        self._sink: BinaryIO | None = None if isinstance(path, Path) else path
        self._writer: arrow_csv.CSVWriter | parquet.ParquetWriter | None = None
        self._header: pd.DataFrame | None = None

    def __enter__(self) -> TableWriter:
        if self._path is not None:
            with self._said():
                self._sink = self._open(self._path)
        return self

    def _open(self, path: Path) -> BinaryIO:
        if path.is_dir():
            raise self._cannot("is a folder")
        if path.exists() and not path.is_file():
            return path.open("wb")
        self._partial = path.with_name(f".{path.name}.part")
        return self._partial.open("wb")

    def write(self, table: pd.DataFrame) -> None:
        """Add rows; the first table that has any sets the columns."""
        if self._writer is None and table.empty:
            self._header = table  # its types may be none
            return
        arrow = _harmless_arrow(pa.Table.from_pandas(table, preserve_index=False))
        with self._said():
            writer = self._writer or self._begin(arrow.schema)
            writer.write_table(arrow.cast(self._schema))

    def _begin(self, given: pa.Schema) -> arrow_csv.CSVWriter | parquet.ParquetWriter:
        # A column without a value in the first rows is text.
        self._schema = pa.schema(
            pa.field(each.name, pa.string() if pa.types.is_null(each.type) else each.type)
            for each in given
        )
        if self._path is not None and self._path.suffix.lower() == ".parquet":
            self._writer = parquet.ParquetWriter(self._sink, self._schema)
        else:
            self._writer = arrow_csv.CSVWriter(self._sink, self._schema)
        return self._writer

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            with self._said():
                if kind is None and self._writer is None and self._header is not None:
                    none = pa.Table.from_pandas(self._header, preserve_index=False)
                    self._begin(_harmless_arrow(none).schema)
                self._close()
                if kind is None and self._writer is not None and self._partial and self._path:
                    self._partial.replace(self._path)
        finally:
            if self._partial is not None:
                self._partial.unlink(missing_ok=True)

    def _close(self) -> None:
        try:
            if self._writer is not None:
                self._writer.close()
        finally:
            if self._path is not None and self._sink is not None:
                self._sink.close()

    @contextmanager
    def _said(self) -> Iterator[None]:
        """Say in a sentence that an output cannot be written."""
        try:
            yield
        except BrokenPipeError:  # its reader has had enough, which is no fault
            raise
        except OSError as error:
            raise self._cannot(f"cannot be written: {error.strerror}") from None

    def _cannot(self, reason: str) -> InputError:
        return InputError([Problem(self._name, None, "output", Path(self._name).name, reason)])
