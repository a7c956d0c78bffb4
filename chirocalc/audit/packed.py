"""An audit as little memory holds it: its tables as Parquet, unpacked by column when asked for.

A page keeps an audit for as long as its file is open. As frames it would take ten times its file.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from chirocalc.arrays import Ints
from chirocalc.checked import checked, choice
from chirocalc.errors import InputError, Problem, nearest

from .audit import Audit
from .totals import Totals

TABLES = ("lines", "findings", "refused")

TableName = Annotated[str, choice(*TABLES)]

ROWS_AT_ONCE = 50_000


@dataclass(frozen=True)
class Packed:
    """The tables of an `Audit`, each as Parquet in memory, and its totals as they are."""

    totals: Totals
    tables: dict[str, bytes] = field(repr=False)

    @staticmethod
    @checked
    def of(parts: Iterable[Audit]) -> Packed:
        """Parts of an audit as one, its rows in the order of the file's; each part is let go of
        before the next comes."""
        totals: list[Totals] = []
        tables = {name: _Table() for name in TABLES}
        for part in parts:
            totals.append(part.totals)
            for name, table in tables.items():
                table.add(getattr(part, name))
        if not totals:
            raise InputError(
                [Problem("audit", None, "parts", 0, "are none: one at least is needed")]
            )
        return Packed(Totals.add(totals), {name: each.close() for name, each in tables.items()})

    @checked
    def table(self, name: TableName) -> pd.DataFrame:
        """One of the `TABLES`."""
        return self._file(name).read(use_threads=False).to_pandas()

    @checked
    def pieces(
        self, name: TableName, columns: Sequence[str] | None = None
    ) -> Iterator[pd.DataFrame]:
        """The same table, or some of its columns with texts as categories, so many rows at a time:
        a large one at once would take memory, and with it time, from the others."""
        wanted = None if columns is None else self._known(name, dict.fromkeys(columns))
        file = self._file(name, read_dictionary=wanted)
        for group in range(file.num_row_groups):
            rows = file.read_row_group(group, wanted, use_threads=False)
            yield rows.to_pandas(ignore_metadata=columns is not None)

    @checked
    def at(
        self, name: TableName, places: Ints, columns: Sequence[str] | None = None
    ) -> pd.DataFrame:
        """The rows at these places, in their order."""
        file = self._file(name)
        wanted = None if columns is None else self._known(name, columns)
        _check_places(places, file.metadata.num_rows)
        sizes = [file.metadata.row_group(at).num_rows for at in range(file.num_row_groups)]
        ends = np.cumsum(sizes)
        group = np.searchsorted(ends, places, side="right")
        order = np.argsort(group, kind="stable")
        names = file.schema_arrow.names if wanted is None else wanted
        found = [file.schema_arrow.empty_table().select(names)]
        for each in np.unique(group).tolist():
            mine = places[order][group[order] == each] - (ends[each] - sizes[each])
            rows = file.read_row_group(each, wanted, use_threads=False)
            found.append(rows.take(pa.array(mine)))
        back = np.argsort(order, kind="stable")
        return pa.concat_tables(found).take(pa.array(back)).to_pandas()

    def _known(self, name: str, columns: Iterable[str]) -> list[str]:
        """Columns that one of the tables has. Raises `InputError` for another."""
        known, wanted = self._file(name).schema_arrow.names, list(columns)
        odd = [Problem(name, None, "columns", each, f"is no column; {nearest(each, known)}")
               for each in wanted if each not in known]  # fmt: skip
        if odd:
            raise InputError(odd)
        return wanted

    def _file(self, name: str, **how: Any) -> parquet.ParquetFile:
        return parquet.ParquetFile(pa.BufferReader(self.tables[name]), **how)

    @checked
    def rows(self, name: TableName) -> int:
        """How many rows one of the tables has."""
        return int(self._file(name).metadata.num_rows)

    @checked
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


def _check_places(places: Ints, rows: int) -> None:
    if len(places) and not 0 <= places.min() <= places.max() < rows:
        allowed = f"must be from 0 to {rows - 1:,}"
        odd = places[(places < 0) | (places >= rows)]
        raise InputError([Problem("audit", None, "places", int(odd[0]), allowed)])


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
