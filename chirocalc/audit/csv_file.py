"""A CSV as batches of rows; its encoding and delimiter are told from its begin."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import BinaryIO

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import csv as arrow_csv

from chirocalc.checked import Count, Place, checked
from chirocalc.errors import InputError, Problem

from .csv_begin import DELIMITERS, TEXT_MARK, as_utf8, begin_of, encoding_of
from .csv_blocks import blocks, rows_to
from .header import check_is_table
from .visit_file import (
    MOST_COLUMNS,
    VALUES_LOOKED_AT,
    Batch,
    Layout,
    Refused,
    VisitFile,
    cannot_read,
    column_names,
    sentence_for,
)

BLOCK = 1 << 22  # bytes read at a time

MOST_BLANK = 100_000  # blank rows, or about: each is counted and listed


@checked
def open_csv(head: bytes, stream: BinaryIO, name: str, origin: int | None) -> VisitFile:
    """A CSV that begins at `origin` of a stream, None for a pipe."""
    encoding = encoding_of(head)
    if "\0" in head.decode(encoding, errors="replace"):
        raise cannot_read(name, "holds binary data, not text: export the visits as CSV or Excel")
    after = None if origin is None else origin + len(head)
    texts = as_utf8(chain([head], parts_of(stream, after)), encoding)
    with sentence_for(name, "CSV"):
        begin = begin_of(texts, name)
    check_is_table(begin.records, begin.header, name)
    header = column_names(begin.records[begin.header.at], name)
    body = begin.records[begin.header.at + 1 :][:VALUES_LOOKED_AT]
    rows = [(row + [""] * len(header))[: len(header)] for row in body]
    separated = f"Read as separated by {DELIMITERS[begin.delimiter]}."
    notes = [separated if begin.delimiter != "," else "", begin.header.note]
    layout = Layout(
        "csv",
        tuple(header),
        begin.delimiter,
        begin.header.at + 1,
        encoding,
        _usual_width(body, len(header)),
    )
    start = begin.text
    once = [chain((start[at : at + BLOCK] for at in range(0, len(start), BLOCK)), texts)]

    def batches(wanted: list[str]) -> Iterator[Batch]:
        if origin is not None:
            return csv_batches(as_utf8(parts_of(stream, origin), encoding), name, layout, wanted)
        if not once:
            raise cannot_read(name, "can be read only once: save it as a file")
        return csv_batches(once.pop(), name, layout, wanted)

    sample = pd.DataFrame(rows, columns=header, dtype=str)
    return VisitFile(name, layout, " ".join(filter(None, notes)), sample, _batches=batches)


def _usual_width(rows: list[list[str]], width: int) -> int | None:
    """How many values most rows have, if not as many as the header."""
    counts = Counter(len(row) for row in rows if any(map(str.strip, row)))
    usual = max(counts, key=lambda count: counts[count], default=width)
    return None if usual == width or usual > MOST_COLUMNS else usual


@checked
def parts_of(
    stream: BinaryIO, at: Place | None = None, size: Count | None = None
) -> Iterator[bytes]:
    """The bytes of a stream, from a place on whoever else reads it, or all that come."""
    while True:
        if at is not None:
            stream.seek(at)
        data = stream.read(size or BLOCK)
        if not data:
            return
        yield data
        at = None if at is None else at + len(data)


@checked
def csv_batches(
    texts: Iterable[bytes], name: str, layout: Layout, wanted: list[str], has_header: bool = True
) -> Iterator[Batch]:
    first = layout.header_row if has_header else 0
    number = blank = 0
    with sentence_for(name, "CSV"):
        for block, odd_quote in blocks(texts, layout.delimiter, name, BLOCK):
            if odd_quote is not None:
                row = number + rows_to(block[:odd_quote], layout.delimiter)
                allowed = "is not closed, or takes in the rows after it"
                raise InputError([Problem(name, row, "quote", '"', allowed)])
            blank += block.count(b"\n\n") + block.count(b"\n\r\n\r")
            if blank > MOST_BLANK:
                raise cannot_read(name, f"has more than {MOST_BLANK:,} blank rows: take them out")
            rows, refused = _csv_rows(block, layout, wanted, number)
            count = len(rows) + len(refused)
            if number < first:  # titles, or blank
                rows = rows[rows.index > first]
                refused = [each for each in refused if each[0] > first]
            number += count
            yield Batch(rows, refused, number)
    if not number:
        yield Batch(pd.DataFrame(columns=wanted, dtype=str), [], number)


def _csv_rows(
    block: bytes, layout: Layout, wanted: list[str], before: int
) -> tuple[pd.DataFrame, list[Refused]]:
    """The rows of whole records by row number, and those that are blank or longer than the
    header."""
    width = layout.width or len(layout.header)
    # No column of the header begins with a space.
    beyond = [f" {at}" for at in range(len(layout.header), width)]
    names = [*layout.header, *beyond][:width]
    here = [name for name in wanted if name in names]
    rows, odd = _arrow_rows(block, layout.delimiter, names, [*here, *beyond] or names[:1])
    numbers = np.arange(before + 1, before + 1 + len(rows) + len(odd))
    rows.index = pd.Index(np.delete(numbers, [row.number - 1 for row in odd]), name="row")
    refused: list[Refused] = []
    if beyond:
        too_long = rows[beyond].apply(lambda column: column.str.strip() != "").any(axis=1)
        refused = [_too_long(int(row), width, layout) for row in rows.index[too_long]]
        rows = rows[~too_long]
    if list(rows.columns) != wanted:
        rows = rows.reindex(columns=wanted, fill_value="")
    if odd:
        mended, others = _mended(odd, layout, wanted, before)
        rows, refused = pd.concat([rows, mended]).sort_index(), sorted(refused + others)
    if b'="' in block:
        rows = rows.apply(lambda column: column.str.replace(TEXT_MARK, r"\1", regex=True))
    return rows, refused


def _arrow_rows(
    block: bytes, delimiter: str, names: list[str], wanted: list[str]
) -> tuple[pd.DataFrame, list[arrow_csv.InvalidRow]]:
    """The records that have as many values as there are names, and those of another length."""
    odd: list[arrow_csv.InvalidRow] = []

    def set_aside(row: arrow_csv.InvalidRow) -> str:
        odd.append(row)
        return "skip"

    table = arrow_csv.read_csv(
        pa.BufferReader(block),
        read_options=arrow_csv.ReadOptions(
            use_threads=False, block_size=len(block) + 1, column_names=names
        ),
        parse_options=arrow_csv.ParseOptions(
            delimiter=delimiter,
            newlines_in_values=True,
            ignore_empty_lines=False,
            invalid_row_handler=set_aside,
        ),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(wanted, pa.string()),
            strings_can_be_null=False,
            include_columns=wanted,
        ),
    )
    return table.to_pandas(), odd


def _too_long(row: int, count: int, layout: Layout) -> Refused:
    """Why a row is refused."""
    return row, f"has {count} values, and the header {len(layout.header)}"


def _mended(
    odd: list[arrow_csv.InvalidRow], layout: Layout, wanted: list[str], before: int
) -> tuple[pd.DataFrame, list[Refused]]:
    """Rows of another length, filled up or without what is empty beyond the header; and those
    that are blank or longer than it."""
    width, at = len(layout.header), [layout.header.index(column) for column in wanted]
    found, numbers, refused = [], [], list[Refused]()
    texts = csv.reader([row.text or "" for row in odd], delimiter=layout.delimiter)
    for row, values in zip(odd, texts, strict=True):
        number = before + row.number
        if not "".join(values).strip():
            refused.append((number, "is blank"))
        elif "".join(values[width:]).strip():
            refused.append(_too_long(number, row.actual_columns, layout))
        else:
            filled = values + [""] * (width - len(values))
            found.append([filled[each] for each in at])
            numbers.append(number)
    index = pd.Index(numbers, dtype=np.int64, name="row")
    return pd.DataFrame(found, columns=wanted, index=index, dtype=str), refused


@checked
def read_block(
    data: bytes, is_first: bool, layout: Layout, wanted: list[str], name: str
) -> Iterator[Batch]:
    """The rows of whole records of a CSV, numbered from the first one on."""
    texts = as_utf8(parts_of(io.BytesIO(data)), "utf-8")
    yield from csv_batches(texts, name, layout, wanted, is_first)


@checked
def read_bytes(stream: BinaryIO, size: int) -> bytes:
    """So many bytes, or all there are; a pipe gives only what has come so far."""
    parts, missing = [], size
    while missing > 0 and (part := stream.read(missing)):
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)
