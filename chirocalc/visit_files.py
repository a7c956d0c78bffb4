"""Files of visits: CSV, Excel and Parquet as rows of text, a bounded number at a time.

A file is taken for what it holds, not for what its name says. Columns that look like patient data
are never read: a file that has some is refused until the caller leaves them out (`leave_out`).
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import csv as arrow_csv
from pyarrow import parquet

from . import tables
from .errors import InputError, Problem

FIELDS = {
    "visit": "Visit",
    "date": "Date of service",
    "account": "Account number",
    "code": "Code",
    "minutes": "Minutes",
    "units": "Units billed",
    "modifiers": "Modifiers",
    "region": "Region",
    "payer": "Payer",
    "provider": "Treating provider",
    "discipline": "Who treats (chiropractor, PT, OT)",
    "place": "Place of service",
}
DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
BLOCK = 1 << 20  # bytes of a CSV read at a time
SAMPLE = 1 << 16  # bytes looked at to tell what a file is
MOST_COLUMNS = 1000
MOST_UNPACKED = 1 << 30  # bytes of an Excel file when unpacked
MARKS = {
    b"PK\x03\x04": "xlsx",
    b"\xd0\xcf\x11\xe0": "xls",
    b"PAR1": "parquet",
    b"%PDF": "pdf",
}
# Values of a column that no billing export needs: e-mail, SSN, phone.
PRIVATE_VALUES = {
    r"[^@\s]+@[^@\s]+\.[a-zA-Z]{2,}": "e-mail addresses",
    r"\d{3}-\d{2}-\d{4}": "social security numbers",
    r"(\+?1[ .-]?)?(\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]?\d{4}": "phone numbers",
}
VALUES_LOOKED_AT = 200
MOSTLY = 0.5
BROKEN = "\ufffd"  # stands for bytes that are not UTF-8
Columns = dict[str, tuple[str, ...]]  # header columns of each field


@dataclass(frozen=True)
class Layout:
    """How the bytes of a file are laid out: its kind ("csv", "xlsx", "parquet"), its columns, and
    what stands between the values of a CSV."""

    kind: str
    header: tuple[str, ...]
    delimiter: str = ","


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
        """The rows of the wanted columns; all others are never read."""
        kept = set(wanted)
        return self._batches([column for column in self.header if column in kept])

    def private(self, known: Iterable[str]) -> dict[str, str]:
        """Columns that look like patient data, by their header or their values, and why."""
        return private_columns(self._sample, set(known))


@dataclass
class Batch:
    """Some rows of a file, all text, by row number; `refused` is (row, reason, text); `last` the
    number of the last row read so far."""

    rows: pd.DataFrame
    refused: list[tuple[int, str, str]]
    last: int = 0


def open_file(source: Path | bytes | BinaryIO, name: str) -> VisitFile:
    """Open a file of visits. Raises `InputError` for a file that cannot be one."""
    if isinstance(source, Path):
        try:
            stream: BinaryIO = source.open("rb")
        except OSError as error:
            raise _cannot(name, f"cannot be opened: {error.strerror}") from None
    else:
        stream = io.BytesIO(source) if isinstance(source, bytes) else source
    head = _peek(stream)
    kind = next((kind for mark, kind in MARKS.items() if head.startswith(mark)), "csv")
    if not head.strip():
        raise _cannot(name, "is empty")
    if kind == "pdf":
        raise _cannot(name, "is a PDF: export the visits as CSV or Excel")
    if kind == "xls":
        raise _cannot(name, "is an Excel file of the old kind: save it as .xlsx or CSV")
    opened = {"csv": _open_csv, "xlsx": _open_excel, "parquet": _open_parquet}[kind](stream, name)
    if len(opened.header) > MOST_COLUMNS:
        raise _cannot(name, f"has {len(opened.header)} columns; up to {MOST_COLUMNS} are read")
    ending = Path(name).suffix.lower().lstrip(".")
    if ending in ("csv", "xlsx", "parquet") and ending != kind:
        opened.note = f"{name} is not what its name says: read as {kind}. {opened.note}".strip()
    return opened


def _cannot(name: str, reason: str) -> InputError:
    return InputError([Problem(name, None, "file", name, reason)])


def _peek(stream: BinaryIO) -> bytes:
    return stream.peek(SAMPLE) if hasattr(stream, "peek") else _read_back(stream)


def _read_back(stream: BinaryIO) -> bytes:
    head = stream.read(SAMPLE)
    stream.seek(0)
    return head


# CSV


def _open_csv(stream: BinaryIO, name: str) -> VisitFile:
    head = _peek(stream)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = stream.read().decode("utf-16", errors="replace")
        stream = io.BytesIO(text.encode())
        head = text[:SAMPLE].encode()
    if b"\0" in head:
        raise _cannot(name, "holds binary data, not text: export the visits as CSV or Excel")
    lines = head.decode("utf-8-sig", errors="replace").splitlines()
    first = next((line for line in lines if line.strip()), "")
    delimiter = max(DELIMITERS, key=first.count)
    sample_rows = list(_split(lines, delimiter))
    header = _names(sample_rows[0])
    rows = [(row + [""] * len(header))[: len(header)] for row in sample_rows[1:VALUES_LOOKED_AT]]
    note = "" if delimiter == "," else f"Read as separated by {DELIMITERS[delimiter]}."

    layout = Layout("csv", tuple(header), delimiter)

    def batches(wanted: list[str]) -> Iterator[Batch]:
        return _csv_batches(stream, name, layout, wanted)

    return VisitFile(name, layout, note, batches, pd.DataFrame(rows, columns=header))


def _split(lines: Sequence[str], delimiter: str) -> Iterator[list[str]]:
    import csv  # noqa: PLC0415  # only for the first rows

    for row in csv.reader(lines, delimiter=delimiter):
        if any(value.strip() for value in row):
            yield [value.strip() for value in row]


def _names(header: Sequence[object]) -> list[str]:
    """The columns' names, each once: a second "units" is called "units (2)"."""
    names: list[str] = []
    for at, value in enumerate(header, start=1):
        name = str(value).strip() if value not in (None, "") else f"column {at}"
        again = 1
        while (name if again == 1 else f"{name} ({again})") in names:
            again += 1
        names.append(name if again == 1 else f"{name} ({again})")
    return names


class _Utf8(io.RawIOBase):
    """A stream with every byte that is not UTF-8 replaced, so that its row can be told."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self._rest, self._first = stream, b"", True

    def readable(self) -> bool:
        return True

    def readinto(self, into: memoryview) -> int:  # type: ignore[override]
        size = len(into) // 3  # a replacement is three bytes long
        data = self._rest or self._next(size)
        part, self._rest = data[: len(into)], data[len(into) :]
        into[: len(part)] = part
        return len(part)

    def _next(self, size: int) -> bytes:
        data = self._stream.read(max(size, 1024))
        if data and data[-1] >= 0x80:  # perhaps in the middle of a character
            data += self._stream.readline(4096)
        if self._first:
            data, self._first = data.removeprefix(b"\xef\xbb\xbf"), False
        try:
            data.decode()
        except UnicodeDecodeError:
            data = data.decode(errors="replace").encode()
        return data.replace(b"\0", BROKEN.encode())


def read_block(
    source: bytes | tuple[Path, int], is_first: bool, layout: Layout, wanted: list[str]
) -> Iterator[Batch]:
    """The rows of a part of a file: bytes of a CSV that end with a line, or a row group of a
    Parquet file. Rows are numbered from the part's first one, a header counting as one."""
    if isinstance(source, tuple):
        path, group = source
        rows = _as_text(parquet.ParquetFile(path).read_row_group(group, columns=wanted))
        start = 2 if is_first else 1
        rows.index = pd.RangeIndex(start, start + len(rows), name="row")
        yield Batch(rows, [], start + len(rows) - 1)
    else:
        yield from _csv_batches(io.BytesIO(source), "block", layout, wanted, is_first)


def row_groups(path: Path) -> int:
    """How many row groups a Parquet file has."""
    return int(parquet.ParquetFile(path).num_row_groups)


def _csv_batches(
    stream: BinaryIO, name: str, layout: Layout, wanted: list[str], has_header: bool = True
) -> Iterator[Batch]:
    header, delimiter = list(layout.header), layout.delimiter
    refused: list[tuple[int, str, str]] = []

    def odd(row: arrow_csv.InvalidRow) -> str:
        if (row.text or "").strip(f"{delimiter} \t\r\n"):
            reason = f"has {row.actual_columns} values, and the header {row.expected_columns}"
        else:
            reason = "is blank"
        refused.append((row.number, reason, row.text or ""))
        return "skip"

    text = io.BufferedReader(_Utf8(stream), BLOCK)
    try:
        reader = arrow_csv.open_csv(
            text,
            read_options=arrow_csv.ReadOptions(
                use_threads=False, block_size=BLOCK, column_names=header
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=delimiter,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=odd,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(header, pa.string()),
                strings_can_be_null=False,
                include_columns=wanted,
            ),
        )
        number, begun = 0, not has_header
        for batch in reader:
            odd_ones = {row for row, _, _ in refused}
            numbers = _next_numbers(number, batch.num_rows, odd_ones)
            number = numbers[-1] if len(numbers) else number
            rows = batch.to_pandas()
            rows.index = pd.Index(numbers, name="row")
            if not begun:  # blank lines before the header, then the header itself
                skip = int(np.argmax((rows != "").any(axis=1).to_numpy())) + 1
                rows, begun = rows.iloc[skip:], True
            mine = [each for each in refused if each[0] <= number]
            del refused[: len(mine)]
            yield Batch(rows, mine, number)
        last = max([number, *(row for row, _, _ in refused)])
        yield Batch(pd.DataFrame(columns=wanted, dtype=str), refused, last)
    except pa.ArrowInvalid as error:
        raise _cannot(name, f"cannot be read as CSV: {str(error).partition('.')[0]}") from None


def _next_numbers(last: int, count: int, skipped: set[int]) -> np.ndarray:
    """The numbers of the next `count` rows after `last`, those skipped left out."""
    span = np.arange(last + 1, last + 1 + count + len(skipped))
    if skipped:
        span = span[~np.isin(span, list(skipped))]
    return span[:count]


# Excel and Parquet


def _open_excel(stream: BinaryIO, name: str) -> VisitFile:
    from openpyxl import load_workbook  # noqa: PLC0415  # slow to import, and only for Excel

    content = io.BytesIO(stream.read())
    try:
        with zipfile.ZipFile(content) as packed:
            if not any(each.startswith("xl/") for each in packed.namelist()):
                raise _cannot(name, "is a ZIP file, not Excel: unpack it first")
            if sum(each.file_size for each in packed.infolist()) > MOST_UNPACKED:
                raise _cannot(name, "is too large when unpacked: save it as CSV")
        book = load_workbook(content, read_only=True, data_only=True)
        sheet = book.worksheets[0]
        records = [[_cell(value) for value in row] for row in sheet.iter_rows(values_only=True)]
    except InputError:
        raise
    except Exception as error:  # openpyxl raises many kinds for damaged files
        raise _cannot(name, f"cannot be read as Excel ({type(error).__name__})") from None
    others = [each.title for each in book.worksheets[1:]]
    first = next((at for at, row in enumerate(records) if any(row)), None)
    if first is None:
        raise _cannot(name, "has nothing on its first sheet")
    header = _names(records[first])
    body = [(row + [""] * len(header))[: len(header)] for row in records[first + 1 :]]
    numbers = pd.RangeIndex(first + 2, first + 2 + len(body), name="row")
    frame = pd.DataFrame(body, columns=header, index=numbers, dtype=str)
    note = f"Only the first sheet was read, not {', '.join(others)}." if others else ""
    return _in_memory(frame, name, "xlsx", note)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).removesuffix(" 00:00:00").strip()  # a date without a time


def _in_memory(frame: pd.DataFrame, name: str, kind: str, note: str) -> VisitFile:
    def batches(wanted: list[str]) -> Iterator[Batch]:
        yield Batch(frame[wanted], [])

    layout = Layout(kind, tuple(frame.columns))
    return VisitFile(name, layout, note, batches, frame.head(VALUES_LOOKED_AT))


def _open_parquet(stream: BinaryIO, name: str) -> VisitFile:
    try:
        file = parquet.ParquetFile(stream)
        header = list(file.schema_arrow.names)
        sample = next(file.iter_batches(VALUES_LOOKED_AT), None)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _cannot(name, f"cannot be read as Parquet ({type(error).__name__})") from None

    def batches(wanted: list[str]) -> Iterator[Batch]:
        number = 2
        for batch in file.iter_batches(50_000, columns=wanted):
            rows = _as_text(batch)
            rows.index = pd.RangeIndex(number, number + len(rows), name="row")
            number += len(rows)
            yield Batch(rows, [])

    rows = pd.DataFrame(columns=header, dtype=str) if sample is None else _as_text(sample)
    return VisitFile(name, Layout("parquet", tuple(header)), "", batches, rows)


def _as_text(batch: pa.RecordBatch | pa.Table) -> pd.DataFrame:
    frame = batch.to_pandas()
    return pd.DataFrame({name: _text_of(frame[name]) for name in frame.columns}, dtype=str)


def _text_of(values: pd.Series) -> pd.Series:
    if isinstance(values.dtype, pd.StringDtype):
        return values.fillna("")
    numbers, found = pd.factorize(values, use_na_sentinel=True)
    words = np.array([*(_cell(value) for value in found), ""], dtype=object)
    return pd.Series(words[numbers], index=values.index, dtype=str)


# Columns


@cache
def _synonyms() -> dict[str, str]:
    table = tables.visit_columns()
    return dict(zip(table["header"], table["field"], strict=True))


def plain_header(header: str) -> str:
    """A column's name as it is compared: lower case, words with single spaces between."""
    words = re.sub(r"([a-z])([A-Z])", r"\1 \2", header)
    return " ".join(re.findall(r"[a-z0-9]+(?:/[a-z0-9]+)*", words.lower()))


def recognize(header: Iterable[str]) -> Columns:
    """The columns of each field, by common names; modifiers may stand in several."""
    found: dict[str, list[str]] = {}
    for column in header:
        name = _synonyms().get(plain_header(column))
        if name and (name == "modifiers" or name not in found):
            found.setdefault(name, []).append(column)
    return {name: tuple(columns) for name, columns in found.items()}


def check_columns(columns: Columns, name: str) -> None:
    """Raise `InputError` when a file has no code, or nothing that tells its visits apart."""
    problems = []
    if "code" not in columns:
        problems.append(Problem(name, None, "Code", "", "column is needed and was not found"))
    if "visit" not in columns and not {"date", "account"} <= columns.keys():
        allowed = "column, or a date and an account number, is needed to tell visits apart"
        problems.append(Problem(name, None, "Visit", "", allowed))
    if problems:
        raise InputError(problems)


def private_columns(sample: pd.DataFrame, known: set[str]) -> dict[str, str]:
    """Columns that look like patient data and why; a column in use is judged by its values."""
    words = tables.private_columns()["what"]
    found = {}
    for column in sample.columns:
        name = plain_header(column)
        hit = next((what for word, what in words.items() if _holds(name, str(word))), None)
        if hit and column not in known:
            found[column] = f"is called like {hit}"
            continue
        values = sample[column].str.strip()
        values = values[values != ""]
        for pattern, what in PRIVATE_VALUES.items():
            if len(values) and values.str.fullmatch(pattern).mean() >= MOSTLY:
                found[column] = f"holds what look like {what}"
    return found


def _holds(name: str, word: str) -> bool:
    """Whether a column's name holds a word as a whole word."""
    return f" {plain_header(word)} " in f" {name} "
