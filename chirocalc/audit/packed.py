"""An audit as little memory holds it: its tables as Parquet, unpacked by column when asked for.

A page keeps an audit for as long as its file is open. As frames it would take ten times its file.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from .audit import Audit
from .totals import Totals

TABLES = ("lines", "findings", "refused")

ROWS_AT_ONCE = 100_000


@dataclass(frozen=True)
class Packed:
    """The tables of an `Audit`, each as Parquet in memory, and its totals as they are."""

    totals: Totals
    tables: dict[str, bytes] = field(repr=False)

    @staticmethod
    def of(parts: Iterable[Audit]) -> Packed:
        """Parts of an audit as one, its rows in the order of the file's; each part is let go of
        before the next comes."""
        totals: list[Totals] = []
        tables = {name: _Table() for name in TABLES}
        for part in parts:
            totals.append(part.totals)
            for name, table in tables.items():
                table.add(getattr(part, name))
        return Packed(Totals.add(totals), {name: each.close() for name, each in tables.items()})

    def table(self, name: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """One of the `TABLES`, or some of its columns."""
        names = None if columns is None else list(dict.fromkeys(columns))
        source = pa.BufferReader(self.tables[name])
        return parquet.read_table(source, columns=names, use_threads=False).to_pandas()

    def head(self, name: str, rows: int) -> pd.DataFrame:
        """The first rows of one of the tables."""
        file = parquet.ParquetFile(pa.BufferReader(self.tables[name]))
        first = next(file.iter_batches(rows, use_threads=False), None)
        return self.table(name).head(0) if first is None else first.to_pandas()

    def rows(self, name: str) -> int:
        """How many rows one of the tables has."""
        return int(parquet.read_metadata(pa.BufferReader(self.tables[name])).num_rows)

    def lines_of(self, visit: str, date: str) -> pd.DataFrame:
        """The lines of a visit."""
        source = pa.BufferReader(self.tables["lines"])
        mine = [("visit", "=", visit), ("date", "=", date)]
        return parquet.read_table(source, filters=mine, use_threads=False).to_pandas()

    def answer(self) -> Audit:
        """The audit as it was."""
        return Audit(**{name: self.table(name) for name in TABLES}, totals=self.totals)

    @property
    def size(self) -> int:
        """Bytes of the tables."""
        return sum(map(len, self.tables.values()))


class _Table:
    """A table that is written part by part."""

    def __init__(self) -> None:
        self._out = io.BytesIO()
        self._writer: parquet.ParquetWriter | None = None
        self._none: pd.DataFrame | None = None
        self._last, self._in_order = -1, True

    def add(self, part: pd.DataFrame) -> None:
        if part.empty:
            self._none = part
            return
        rows = part["row"].to_numpy(np.int64)
        self._in_order &= rows[0] >= self._last and bool((np.diff(rows) >= 0).all())
        self._last = int(rows[-1])
        self._write(part)

    def _write(self, part: pd.DataFrame) -> None:
        table = pa.Table.from_pandas(part, preserve_index=False)
        if self._writer is None:
            fields = [
                each.with_type(pa.large_string()) if pa.types.is_null(each.type) else each
                for each in table.schema
            ]
            self._schema = pa.schema(fields, table.schema.metadata)
            self._writer = parquet.ParquetWriter(self._out, self._schema, compression="zstd")
        self._writer.write_table(table.cast(self._schema), ROWS_AT_ONCE)

    def close(self) -> bytes:
        """All that was written, in the order of its rows."""
        if self._writer is None:
            assert self._none is not None  # an audit has a part
            self._write(self._none)
        assert self._writer
        self._writer.close()
        if self._in_order:
            return self._out.getvalue()
        whole = parquet.read_table(pa.BufferReader(self._out.getvalue())).to_pandas()
        again = _Table()
        again.add(whole.sort_values("row", kind="stable", ignore_index=True))
        return again.close()
