"""A Parquet file as batches of rows, all of it text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from .visit_file import (
    VALUES_LOOKED_AT,
    Batch,
    Layout,
    VisitFile,
    cannot_read,
    cell_text,
    check_column_count,
    sentence_for,
)

ROWS = 50_000  # read at a time


def open_parquet(stream: BinaryIO, name: str) -> VisitFile:
    file = parquet.ParquetFile(stream)
    header = list(file.schema_arrow.names)
    check_column_count(len(header), name)
    twice = [column for column, count in Counter(header).items() if count > 1]
    if twice:
        raise cannot_read(name, f"has two columns called {twice[0]}: rename one")
    sample = next(file.iter_batches(VALUES_LOOKED_AT), None)

    def batches(wanted: list[str]) -> Iterator[Batch]:
        with sentence_for(name, "Parquet"):
            yield from parquet_batches(file, wanted, 2)

    rows = pd.DataFrame(columns=header, dtype=str) if sample is None else _as_text(sample, header)
    return VisitFile(name, Layout("parquet", tuple(header)), "", rows, _batches=batches)


def row_groups(path: Path) -> int:
    """How many row groups a Parquet file has."""
    return int(parquet.ParquetFile(path).num_row_groups)


def parquet_batches(
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
        return pd.Series([cell_text(value) for value in values.to_pylist()], dtype=str)
    numbers, found = pd.factorize(values.to_pandas(), use_na_sentinel=True)
    written = np.array([*(cell_text(value) for value in found), ""], dtype=object)
    return pd.Series(written[numbers], dtype=str)
