"""The log: rows by id, merged from several places so that nothing is lost.

Of two versions of a row a deletion goes before an edit, then the later one before the earlier. So
logs can be merged in any order, and as often as one likes: the result is the same.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Iterator, Mapping
from operator import itemgetter
from typing import Any

import numpy as np
import pandas as pd

from chirocalc.checked import checked

from .rows import DIGITS, Row, write_row

ID_LETTERS = 10


def later(one: Row, other: Row) -> Row:
    """Of two versions of a row the one that holds."""
    return one if _rank(one) >= _rank(other) else other


def _rank(row: Row) -> tuple[bool, int, str]:
    return row.is_deleted, row.stamp, write_row(row)


def new_id() -> str:
    return "".join(secrets.choice(DIGITS) for _ in range(ID_LETTERS))


def now() -> int:
    """Milliseconds since 1970."""
    return time.time_ns() // 1_000_000


class Log:
    """All rows that are known, with those that were deleted. `version` changes with its rows."""

    def __init__(self, rows: Iterable[Row] = ()) -> None:
        self._rows: dict[str, Row] = {}
        self.version = 0
        self._frame: tuple[int, pd.DataFrame] | None = None
        self.take(rows)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __iter__(self) -> Iterator[Row]:
        """The rows that are not deleted."""
        return (row for row in self._rows.values() if row.date)

    @property
    def everything(self) -> list[Row]:
        """All rows with those that were deleted, as a backup holds them."""
        return list(self._rows.values())

    @checked
    def get(self, id_: str) -> Row | None:
        return self._rows.get(id_)

    @checked
    def take(self, rows: Iterable[Row]) -> list[Row]:
        """Merge rows of another place into this log; return those that changed it."""
        mine, changed = self._rows, []
        for row in rows:
            before = mine.get(row.id)
            if before is not None and (before == row or later(before, row) is before):
                continue
            mine[row.id] = row
            changed.append(row)
        self.version += bool(changed)
        return changed

    @checked
    def put(self, rows: Iterable[Row], at: int | None = None) -> list[Row]:
        """Add rows, or change those of the same id, as done now; return them as they were put. A
        row that was deleted comes back as a new one."""
        at = now() if at is None else at
        put = []
        for row in rows:
            before = self._rows.get(row.id)
            if before is None:
                put.append(row._replace(stamp=at))
            elif before.is_deleted:
                put.append(row._replace(id=new_id(), stamp=at))
            else:
                put.append(row._replace(stamp=max(at, before.stamp + 1)))
        return self.take(put)

    @checked
    def delete(self, ids: Iterable[str], at: int | None = None) -> list[Row]:
        """Delete rows; return what is left of them."""
        at = now() if at is None else at
        here = [self._rows[id_] for id_ in ids if id_ in self._rows]
        gone = [Row(row.id, max(at, row.stamp + 1)) for row in here if not row.is_deleted]
        return self.take(gone)

    @checked
    def undo(self, before: Mapping[str, Row | None], at: int | None = None) -> list[Row]:
        """Bring back rows as they were, None for those that were not there; return what changed."""
        new = [id_ for id_, row in before.items() if row is None]
        return self.delete(new, at) + self.put([row for row in before.values() if row], at)

    def frame(self) -> pd.DataFrame:
        """The rows as a frame with the fields of `Row`, by date; units and minutes are missing
        where they are not said."""
        if self._frame is None or self._frame[0] != self.version:
            self._frame = self.version, frame_of(self)
        return self._frame[1]


@checked
def frame_of(rows: Iterable[Row]) -> pd.DataFrame:
    """Rows as a frame with the fields of `Row`, by date."""
    ordered = sorted(rows, key=itemgetter(2, 3, 0))  # date, code, id
    columns = list(zip(*ordered, strict=True)) or [()] * len(Row._fields)
    table: dict[str, Any] = {}
    for name, values in zip(Row._fields, columns, strict=True):
        if name in ("units", "minutes"):
            table[name] = np.array([np.nan if each is None else each for each in values], float)
        elif name in ("stamp", "times"):
            table[name] = np.array(values, np.int64)
        else:
            table[name] = pd.array(list(values), dtype="str")
    return pd.DataFrame(table)
