"""A CSV as batches of rows; its encoding and delimiter are told from its begin."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import BinaryIO

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import csv as arrow_csv

from chirocalc.errors import InputError, Problem

from .csv_blocks import MOST_RECORD, blocks, rows_to
from .visit_file import (
    BROKEN,
    UTF_8,
    VALUES_LOOKED_AT,
    Batch,
    Layout,
    VisitFile,
    cannot_read,
    column_names,
    sentence_for,
)

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}

BLOCK = 1 << 22  # bytes read at a time

SAMPLE = 1 << 16  # bytes looked at to tell what a file is

UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def open_csv(head: bytes, stream: BinaryIO, name: str, origin: int | None) -> VisitFile:
    """A CSV that begins at `origin` of a stream, None for a pipe."""
    encoding = "utf-16" if head.startswith(UTF_16) else UTF_8
    if "\0" in head.decode(encoding, errors="replace"):
        raise cannot_read(name, "holds binary data, not text: export the visits as CSV or Excel")
    after = None if origin is None else origin + len(head)
    texts = _as_utf8(chain([head], parts_of(stream, after)), encoding)
    with sentence_for(name, "CSV"):
        start, delimiter, header_row, records = _begin(texts, name)
    header = column_names(records[0], name)
    rows = [(row + [""] * len(header))[: len(header)] for row in records[1:]]
    note = "" if delimiter == "," else f"Read as separated by {DELIMITERS[delimiter]}."
    layout = Layout("csv", tuple(header), delimiter, header_row, encoding)
    once = [chain((start[at : at + BLOCK] for at in range(0, len(start), BLOCK)), texts)]

    def batches(wanted: list[str]) -> Iterator[Batch]:
        if origin is not None:
            return csv_batches(_as_utf8(parts_of(stream, origin), encoding), name, layout, wanted)
        if not once:
            raise cannot_read(name, "can be read only once: save it as a file")
        return csv_batches(once.pop(), name, layout, wanted)

    return VisitFile(name, layout, note, batches, pd.DataFrame(rows, columns=header, dtype=str))


def parts_of(stream: BinaryIO, at: int | None = None, size: int | None = None) -> Iterator[bytes]:
    """The bytes of a stream, from a place on whoever else reads it, or all that come."""
    while True:
        if at is not None:
            stream.seek(at)
        data = stream.read(size or BLOCK)
        if not data:
            return
        yield data
        at = None if at is None else at + len(data)


def _as_utf8(parts: Iterable[bytes], encoding: str) -> Iterator[bytes]:
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


def csv_batches(
    texts: Iterable[bytes], name: str, layout: Layout, wanted: list[str], has_header: bool = True
) -> Iterator[Batch]:
    first = layout.header_row if has_header else 0
    number = 0
    with sentence_for(name, "CSV"):
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
    if not number:
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


def read_block(
    data: bytes, is_first: bool, layout: Layout, wanted: list[str], name: str
) -> Iterator[Batch]:
    """The rows of whole records of a CSV, numbered from the first one on."""
    texts = _as_utf8(parts_of(io.BytesIO(data)), "utf-8")
    yield from csv_batches(texts, name, layout, wanted, is_first)


def read_bytes(stream: BinaryIO, size: int) -> bytes:
    """So many bytes, or all there are; a pipe gives only what has come so far."""
    parts, missing = [], size
    while missing > 0 and (part := stream.read(missing)):
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)
