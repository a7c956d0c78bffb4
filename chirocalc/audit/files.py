"""Files of visits: CSV, Excel and Parquet as rows of text, a bounded number at a time.

A file is taken for what it holds, not for what its name says. Columns that look like patient data
are never read: a file that has some is refused until the caller leaves them out (`leave_out`).
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import csv as arrow_csv
from pyarrow import parquet

from chirocalc.errors import InputError, Problem

from .csv_blocks import MOST_RECORD, blocks, cannot_read, rows_to
from .private import private_columns

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}

BLOCK = 1 << 22  # bytes of a CSV read at a time

ROWS = 50_000  # of a Parquet file read at a time

SAMPLE = 1 << 16  # bytes looked at to tell what a file is

MOST_COLUMNS = 1000

MOST_UNPACKED = 1 << 30  # bytes of an Excel file when unpacked

MARKS = {
    b"PK\x03\x04": "xlsx",
    b"\xd0\xcf\x11\xe0": "xls",
    b"PAR1": "parquet",
    b"%PDF": "pdf",
}

UTF_8 = "utf-8-sig"  # a mark at the begin is not needed, and left out

UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

VALUES_LOOKED_AT = 200

BROKEN = "\ufffd"  # stands for bytes that are not UTF-8


@dataclass(frozen=True)
class Layout:
    """How the bytes of a file are laid out: its kind ("csv", "xlsx", "parquet"), its columns, what
    stands between the values of a CSV, which of its rows is the header, and its encoding."""

    kind: str
    header: tuple[str, ...]
    delimiter: str = ","
    header_row: int = 1
    encoding: str = UTF_8


@dataclass
class VisitFile:
    """A file opened for reading: its layout, what is to be said of it, and its rows in `batches()`.

    `batches()` yields frames indexed by row number (the header is row 1) and refused rows.
    """

    name: str
    layout: Layout
    note: str
    _batches: Callable[[list[str]], Iterator[Batch]] = field(repr=False)
    _sample: pd.DataFrame = field(repr=False)

    @property
    def kind(self) -> str:
        return self.layout.kind

    @property
    def header(self) -> tuple[str, ...]:
        return self.layout.header

    def batches(self, wanted: Iterable[str]) -> Iterator[Batch]:
        """The rows of the wanted columns; all others are never read. A pipe can be read once."""
        kept = set(wanted) & set(self.header)
        if not kept:  # for Arrow no column stands for all of them
            return iter(())
        return self._batches([column for column in self.header if column in kept])

    def private(self, known: Iterable[str]) -> dict[str, str]:
        """Columns that look like patient data, by their header or their values, and why."""
        return private_columns(self._sample, set(known))


@dataclass
class Batch:
    """Some rows of a file, all text, by row number; `refused` is (row, reason, text), the text
    empty where it might hold columns that were not wanted; `last` the last row read so far."""

    rows: pd.DataFrame
    refused: list[tuple[int, str, str]]
    last: int = 0


def open_file(source: Path | bytes | BinaryIO, name: str) -> VisitFile:
    """Open a file of visits. Raises `InputError` for a file that cannot be one."""
    if isinstance(source, Path):
        try:
            stream: BinaryIO = source.open("rb")
        except OSError as error:
            raise cannot_read(name, f"cannot be opened: {error.strerror}") from None
    else:
        stream = io.BytesIO(source) if isinstance(source, bytes) else source
    with _said(name, "a file"):
        start = stream.tell() if stream.seekable() else None
        head = _read(stream, SAMPLE)
    kind = next((kind for mark, kind in MARKS.items() if head.startswith(mark)), "csv")
    if not head:
        raise cannot_read(name, "is empty")
    if kind == "pdf":
        raise cannot_read(name, "is a PDF: export the visits as CSV or Excel")
    if kind == "xls":
        raise cannot_read(name, "is an Excel file of the old kind: save it as .xlsx or CSV")
    if kind == "csv":
        opened = _open_csv(head, stream, name, start)
    else:
        with _said(name, {"xlsx": "Excel", "parquet": "Parquet"}[kind]):
            if start is None:  # a pipe: both kinds are read from their end
                stream = io.BytesIO(head + stream.read())
            else:
                stream.seek(start)
            opened = (_open_excel if kind == "xlsx" else _open_parquet)(stream, name)
    ending = Path(name).suffix.lower().lstrip(".")
    if ending in ("csv", "xlsx", "parquet") and ending != kind:
        opened.note = f"{name} is not what its name says: read as {kind}. {opened.note}".strip()
    return opened


@contextmanager
def _said(name: str, kind: str) -> Iterator[None]:
    """Say in a sentence whatever goes wrong: for damaged files libraries raise many kinds."""
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        raise cannot_read(name, f"cannot be read as {kind} ({type(error).__name__})") from None


def _read(stream: BinaryIO, size: int) -> bytes:
    """So many bytes, or all there are; a pipe gives only what has come so far."""
    parts, missing = [], size
    while missing > 0 and (part := stream.read(missing)):
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


def _open_csv(head: bytes, stream: BinaryIO, name: str, origin: int | None) -> VisitFile:
    """A CSV that begins at `origin` of a stream, None for a pipe."""
    encoding = "utf-16" if head.startswith(UTF_16) else UTF_8
    if "\0" in head.decode(encoding, errors="replace"):
        raise cannot_read(name, "holds binary data, not text: export the visits as CSV or Excel")
    after = None if origin is None else origin + len(head)
    texts = _utf8(chain([head], _parts(stream, after)), encoding)
    with _said(name, "CSV"):
        start, delimiter, header_row, records = _begin(texts, name)
    header = _header(records[0], name)
    rows = [(row + [""] * len(header))[: len(header)] for row in records[1:]]
    note = "" if delimiter == "," else f"Read as separated by {DELIMITERS[delimiter]}."
    layout = Layout("csv", tuple(header), delimiter, header_row, encoding)
    once = [chain((start[at : at + BLOCK] for at in range(0, len(start), BLOCK)), texts)]

    def batches(wanted: list[str]) -> Iterator[Batch]:
        if origin is not None:
            return _csv_batches(_utf8(_parts(stream, origin), encoding), name, layout, wanted)
        if not once:
            raise cannot_read(name, "can be read only once: save it as a file")
        return _csv_batches(once.pop(), name, layout, wanted)

    return VisitFile(name, layout, note, batches, pd.DataFrame(rows, columns=header, dtype=str))


def _parts(stream: BinaryIO, at: int | None = None, size: int | None = None) -> Iterator[bytes]:
    """The bytes of a stream, from a place on whoever else reads it, or all that come."""
    while True:
        if at is not None:
            stream.seek(at)
        data = stream.read(size or BLOCK)
        if not data:
            return
        yield data
        at = None if at is None else at + len(data)


def _utf8(parts: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Text as UTF-8, with every byte that is none replaced, so that its row can be told."""
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    for part in parts:
        yield decoder.decode(part).replace("\0", BROKEN).encode()
    yield decoder.decode(b"", True).encode()


def _begin(texts: Iterator[bytes], name: str) -> tuple[bytes, str, int, list[list[str]]]:
    """The begin of a text up to the end of its header at least, the delimiter, the header's row
    number, and the first records from the header on."""
    start, size, ended = b"", SAMPLE, False
    while True:
        while len(start) < size and not ended:
            text = next(texts, None)
            start, ended = start + (text or b""), text is None
        letters = start.decode(errors="ignore")  # a letter may be cut at the end
        delimiter = _delimiter(letters)
        reader = csv.reader(io.StringIO(letters, newline=""), delimiter=delimiter)
        for number, first in enumerate(reader, start=1):
            if any(value.strip() for value in first):
                records = [first, *islice(reader, VALUES_LOOKED_AT)]
                if ended or len(records) > 1:
                    return start, delimiter, number, records
                break  # the header may be cut at the end
        if ended:
            raise cannot_read(name, "is empty")
        if size > MOST_RECORD:
            raise cannot_read(name, f"has no header in its first {MOST_RECORD >> 20} MB")
        size *= 4


def _delimiter(text: str) -> str:
    """What stands between the values of the first line that holds any, quoted ones left out."""
    bare = re.sub(r'"((?:[^"]|"")*)"', lambda quoted: "x" if quoted[1].strip() else "", text)
    nothing = re.compile(f"[\\s{re.escape(''.join(DELIMITERS))}]*")
    first = next((line for line in re.split("[\r\n]", bare) if not nothing.fullmatch(line)), "")
    return max(DELIMITERS, key=first.count)


def _header(values: Sequence[object], name: str) -> list[str]:
    """The columns' names, each once: a second "units" is called "units (2)"."""
    _check_count(len(values), name)
    names: list[str] = []
    for at, value in enumerate(values, start=1):
        column = ("" if value is None else str(value).strip()) or f"column {at}"
        again = 1
        while (column if again == 1 else f"{column} ({again})") in names:
            again += 1
        names.append(column if again == 1 else f"{column} ({again})")
    return names


def _check_count(count: int, name: str) -> None:
    if count > MOST_COLUMNS:
        raise cannot_read(name, f"has {count} columns; up to {MOST_COLUMNS} are read")


@dataclass(frozen=True)
class Piece:
    """A part of a file that can be read by itself: so many bytes of a CSV from a place on, which
    are whole records, or one row group of a Parquet file."""

    path: Path
    name: str
    layout: Layout
    begin: int
    size: int
    is_first: bool


def check_can_be_cut(file: VisitFile) -> None:
    """Raise `InputError` for a file that has no pieces_of."""
    if file.kind == "xlsx":
        raise cannot_read(file.name, "is an Excel file, which Dask cannot read: save it as CSV")
    if file.layout.encoding != UTF_8:
        raise cannot_read(file.name, "is UTF-16, which Dask cannot read: save it as 'CSV UTF-8'")


def pieces_of(file: VisitFile, path: Path, size: int) -> list[Piece]:
    """The pieces_of of a CSV of about so many bytes, or of a Parquet file. Raises `InputError`."""
    check_can_be_cut(file)
    path = path.absolute()
    with _said(file.name, {"csv": "CSV", "parquet": "Parquet"}[file.kind]):
        if file.kind == "parquet":
            ends = list(range(1, max(row_groups(path), 1) + 1))
        else:
            ends = list(_ends(file, path, size))
    begins = [_mark(path) if file.kind == "csv" else 0, *ends][: len(ends)]
    return [
        Piece(path, file.name, file.layout, begin, end - begin, at == 0)
        for at, (begin, end) in enumerate(zip(begins, ends, strict=True))
    ]


def _ends(file: VisitFile, path: Path, size: int) -> Iterator[int]:
    """Where the pieces_of of a CSV end: a line break may stand in quotes, so all of it is read."""
    end = _mark(path)
    with path.open("rb") as stream:
        texts = _parts(stream, end, size)
        for block, odd_quote in blocks(texts, file.layout.delimiter, file.name, size):
            if odd_quote is not None:
                for _ in file.batches(file.header[:1]):  # says in which row
                    pass
            end += len(block)
            yield end


def _mark(path: Path) -> int:
    """How many bytes at the begin of a file only say that it is UTF-8."""
    with path.open("rb") as stream:
        return len(codecs.BOM_UTF8) * (stream.read(3) == codecs.BOM_UTF8)


def read_piece(piece: Piece, wanted: list[str]) -> Iterator[Batch]:
    """The rows of a piece, numbered from its first one on, a header counting as one."""
    if piece.layout.kind == "parquet":
        with _said(piece.name, "Parquet"):
            file = parquet.ParquetFile(piece.path)
            yield from _parquet_batches(file, wanted, 2 if piece.is_first else 1, piece.begin)
        return
    try:
        with piece.path.open("rb") as stream:
            stream.seek(piece.begin)
            data = _read(stream, piece.size)
    except OSError as error:
        raise cannot_read(piece.name, f"cannot be opened by a worker: {error.strerror}") from None
    yield from read_block(data, piece.is_first, piece.layout, wanted, piece.name)


def read_block(
    data: bytes, is_first: bool, layout: Layout, wanted: list[str], name: str
) -> Iterator[Batch]:
    """The rows of whole records of a CSV, numbered from the first one on."""
    texts = _utf8(_parts(io.BytesIO(data)), "utf-8")
    yield from _csv_batches(texts, name, layout, wanted, is_first)


def row_groups(path: Path) -> int:
    """How many row groups a Parquet file has."""
    return int(parquet.ParquetFile(path).num_row_groups)


def _csv_batches(
    texts: Iterable[bytes], name: str, layout: Layout, wanted: list[str], has_header: bool = True
) -> Iterator[Batch]:
    first = layout.header_row if has_header else 0
    number = 0
    with _said(name, "CSV"):
        for block, odd_quote in blocks(texts, layout.delimiter, name, BLOCK):
            if odd_quote is not None:
                row = number + rows_to(block[:odd_quote], layout.delimiter)
                allowed = "is not closed, or takes in the rows after it"
                raise InputError([Problem(name, row, "quote", '"', allowed)])
            rows, refused = _csv_rows(block, layout, wanted, number)
            count = len(rows) + len(refused)
            if number < first:  # what stands above the header is blank
                rows = rows[rows.index > first]
                refused = [each for each in refused if each[0] > first]
            number += count
            yield Batch(rows, refused, number)
    yield Batch(pd.DataFrame(columns=wanted, dtype=str), [], number)


def _csv_rows(
    block: bytes, layout: Layout, wanted: list[str], before: int
) -> tuple[pd.DataFrame, list[tuple[int, str, str]]]:
    """The rows of whole records by row number, and those of another length than the header."""
    refused: list[tuple[int, str, str]] = []

    def odd(row: arrow_csv.InvalidRow) -> str:
        reason = f"has {row.actual_columns} values, and the header {row.expected_columns}"
        if not (row.text or "").replace(layout.delimiter, "").strip():
            reason = "is blank"
        # Its text is not passed on: it holds the columns left out too.
        refused.append((before + row.number, reason, ""))
        return "skip"

    table = arrow_csv.read_csv(
        pa.BufferReader(block),
        read_options=arrow_csv.ReadOptions(
            use_threads=False, block_size=len(block) + 1, column_names=layout.header
        ),
        parse_options=arrow_csv.ParseOptions(
            delimiter=layout.delimiter,
            newlines_in_values=True,
            ignore_empty_lines=False,
            invalid_row_handler=odd,
        ),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(wanted, pa.string()),
            strings_can_be_null=False,
            include_columns=wanted,
        ),
    )
    rows = table.to_pandas()
    numbers = np.arange(before + 1, before + 1 + len(rows) + len(refused))
    numbers = np.delete(numbers, [row - before - 1 for row, _, _ in refused])
    rows.index = pd.Index(numbers, name="row")
    return rows, refused


def _open_excel(stream: BinaryIO, name: str) -> VisitFile:
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
    records = [[_cell(value) for value in row] for row in sheet.iter_rows(values_only=True)]
    others = [each.title for each in book.worksheets[1:]]
    first = next((at for at, row in enumerate(records) if any(row)), None)
    if first is None:
        raise cannot_read(name, "has nothing on its first sheet")
    width = max(at for row in records for at, value in enumerate(row, start=1) if value)
    records = [(row + [""] * width)[:width] for row in records]
    header = _header(records[first], name)
    body = records[first + 1 :]
    numbers = pd.RangeIndex(first + 2, first + 2 + len(body), name="row")
    frame = pd.DataFrame(body, columns=header, index=numbers, dtype=str)
    note = f"Only the first sheet was read, not {', '.join(others)}." if others else ""
    return _in_memory(frame, name, "xlsx", note)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float | np.floating) and value.is_integer():
        value = int(value)
    return str(value).removesuffix(" 00:00:00").strip()  # a date without a time


def _in_memory(frame: pd.DataFrame, name: str, kind: str, note: str) -> VisitFile:
    def batches(wanted: list[str]) -> Iterator[Batch]:
        yield Batch(frame[wanted], [])

    layout = Layout(kind, tuple(frame.columns))
    return VisitFile(name, layout, note, batches, frame.head(VALUES_LOOKED_AT))


def _open_parquet(stream: BinaryIO, name: str) -> VisitFile:
    file = parquet.ParquetFile(stream)
    header = list(file.schema_arrow.names)
    _check_count(len(header), name)
    twice = [column for column, count in Counter(header).items() if count > 1]
    if twice:
        raise cannot_read(name, f"has two columns called {twice[0]}: rename one")
    sample = next(file.iter_batches(VALUES_LOOKED_AT), None)

    def batches(wanted: list[str]) -> Iterator[Batch]:
        with _said(name, "Parquet"):
            yield from _parquet_batches(file, wanted, 2)

    rows = pd.DataFrame(columns=header, dtype=str) if sample is None else _as_text(sample, header)
    return VisitFile(name, Layout("parquet", tuple(header)), "", batches, rows)


def _parquet_batches(
    file: parquet.ParquetFile, wanted: list[str], first: int, group: int | None = None
) -> Iterator[Batch]:
    """The rows of a Parquet file, or of one of its groups, numbered from `first` on."""
    number = first
    groups = None if group is None else [group] if group < file.num_row_groups else []
    for batch in file.iter_batches(ROWS, columns=wanted, row_groups=groups):
        rows = _as_text(batch, wanted)
        rows.index = pd.RangeIndex(number, number + len(rows), name="row")
        number += len(rows)
        yield Batch(rows, [], number - 1)
    if number == first:
        yield Batch(pd.DataFrame(columns=wanted, dtype=str), [], number - 1)


def _as_text(batch: pa.RecordBatch | pa.Table, wanted: list[str]) -> pd.DataFrame:
    """The wanted columns; Arrow reads "a.b" too where "a" is asked for."""
    return pd.DataFrame({name: _text_of(batch.column(name)) for name in wanted}, dtype=str)


def _text_of(values: pa.Array | pa.ChunkedArray) -> pd.Series:
    kind = values.type
    if pa.types.is_dictionary(kind):
        return _text_of(values.cast(kind.value_type))
    if pa.types.is_integer(kind) or pa.types.is_large_string(kind) or pa.types.is_null(kind):
        values, kind = values.cast(pa.string()), pa.string()  # exact, gaps or not
    if pa.types.is_string(kind):
        return values.to_pandas().astype("str").fillna("")
    if kind in (pa.binary(), pa.large_binary()) or pa.types.is_fixed_size_binary(kind):
        # text of old writers
        words = [(value or b"").decode(errors="replace") for value in values.to_pylist()]
        return pd.Series(words, dtype=str)
    if pa.types.is_nested(kind):
        return pd.Series([_cell(value) for value in values.to_pylist()], dtype=str)
    numbers, found = pd.factorize(values.to_pandas(), use_na_sentinel=True)
    written = np.array([*(_cell(value) for value in found), ""], dtype=object)
    return pd.Series(written[numbers], dtype=str)
