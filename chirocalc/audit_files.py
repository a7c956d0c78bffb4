"""Audits of whole files: in parts that never split a visit, on one core or on Dask.

Memory is bounded by the lines taken at once, whatever the size of the file. A file of more lines
than that must have the rows of a visit together; Dask brings them together itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from . import visit_files
from .audit import Audit, Totals, audit
from .errors import InputError, Problem
from .settings import Settings
from .visit_files import Columns, VisitFile
from .visit_rows import LINES, REFUSED, Rows, read_rows

LINES_AT_ONCE = 50_000
Source = Path | bytes | BinaryIO


def open_files(sources: Iterable[tuple[Source, str]]) -> list[VisitFile]:
    """Open files of visits that go together. Raises `InputError`."""
    return [visit_files.open_file(source, name) for source, name in sources]


def private(files: Iterable[VisitFile], columns: Columns) -> dict[str, str]:
    """The columns of all files that look like patient data, and why."""
    known = {column for names in columns.values() for column in names}
    return {column: why for file in files for column, why in file.private(known).items()}


def without(columns: Columns, left_out: Iterable[str]) -> Columns:
    """The columns of each field without those left out."""
    out = set(left_out)
    kept = {name: tuple(c for c in found if c not in out) for name, found in columns.items()}
    return {name: found for name, found in kept.items() if found}


def columns_of(files: Iterable[VisitFile]) -> Columns:
    """The columns recognized, which all files must have in common."""
    headers = {tuple(file.header): file.name for file in files}
    if len(headers) > 1:
        (first, name), (other, other_name) = list(headers.items())[:2]
        odd = sorted(set(first) ^ set(other))
        allowed = f"has other columns than {name}: {', '.join(odd[:6]) or 'in another order'}"
        raise InputError([Problem(other_name, 1, "header", other_name, allowed)])
    return visit_files.recognize(next(iter(headers)))


def problem(name: str, value: str, allowed: str) -> Problem:
    """A problem with a column of a file."""
    return Problem(name, None, "column", value, allowed)


def dask_client(scheduler: str | None = None, workers: int | None = None) -> Any:
    """A client of a Dask cluster: the one at an address, or one on this machine."""
    try:
        from distributed import Client  # noqa: PLC0415  # an optional extra
    except ImportError:
        allowed = "is not installed: pip install -e '.[dask]' in the project's folder"
        raise InputError([Problem("engine", None, "engine", "dask", allowed)]) from None
    return Client(scheduler) if scheduler else Client(n_workers=workers, threads_per_worker=1)


def audit_parts(
    files: Iterable[VisitFile],
    columns: Columns,
    settings: Settings,
    lines_at_once: int = LINES_AT_ONCE,
) -> Iterator[Audit]:
    """The audit of files in parts of about so many lines; a visit is never split.

    Raises `InputError` when a visit goes on after others in a file of more lines than that.
    """
    for file in files:
        visit_files.check_columns(columns, file.name)
        seen = _Seen(file.name)
        for rows in _whole_visits(_rows(file, columns), lines_at_once):
            seen.add(rows.lines)
            yield _audit_rows(rows, settings)


def _audit_rows(rows: Rows, settings: Settings) -> Audit:
    """The audit of rows, with those refused before the engine saw them."""
    answer = audit(rows.lines, settings, rows.refused["visit"])
    answer.refused = pd.concat([rows.refused, answer.refused]).sort_values(
        "row", ignore_index=True, kind="stable"
    )
    answer.totals.rows["refused"] = len(answer.refused)
    answer.totals.unknown.update(rows.unknown)
    return answer


def _rows(file: VisitFile, columns: Columns) -> Iterator[Rows]:
    wanted = {column for found in columns.values() for column in found}
    for batch in file.batches(wanted):
        yield read_rows(batch, columns)


def _whole_visits(parts: Iterable[Rows], size: int) -> Iterator[Rows]:
    """Rows in parts of about `size` lines, the last visit of each kept for the next."""
    held: list[Rows] = []
    count = 0
    for part in parts:
        held.append(part)
        count += len(part.lines) + len(part.refused)
        if count >= size:
            together = _together(held)
            visit = together.lines["visit"]
            last = visit.iloc[-1] if len(visit) else None
            # Where the last visit begins, if all of its rows stand at the end.
            mine = (visit == last).to_numpy()
            begin = len(mine) - int(np.argmin(mine[::-1])) if not mine.all() else 0
            rest, refused = together.lines.iloc[begin:], together.refused
            # What was refused of the last visit, or after it, may be of a visit still to come.
            later = refused["row"] > (together.lines["row"].iloc[begin - 1] if begin else 0)
            yield Rows(together.lines.iloc[:begin], refused[~later], together.unknown)
            held = [Rows(rest, refused[later], Counter())]
            count = len(rest)
    yield _together(held)


def _together(parts: list[Rows]) -> Rows:
    if len(parts) == 1:
        return parts[0]
    lines = [part.lines for part in parts if len(part.lines)]
    refused = [part.refused for part in parts if len(part.refused)]
    return Rows(
        pd.concat(lines, ignore_index=True) if lines else parts[0].lines,
        pd.concat(refused, ignore_index=True) if refused else parts[0].refused,
        sum((part.unknown for part in parts), Counter()),
    )


class _Seen:
    """The visits of a file so far, as sorted hashes: eight bytes each."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._runs: list[NDArray[np.uint64]] = []

    def add(self, lines: pd.DataFrame) -> None:
        """Take in the visits of a part; raise `InputError` for one that was there before."""
        visits = lines["visit"].drop_duplicates()
        hashes = pd.util.hash_array(visits.to_numpy(object))
        for run in self._runs:
            at = np.minimum(np.searchsorted(run, hashes), len(run) - 1)
            again = np.flatnonzero(run[at] == hashes)
            if len(again):
                row = int(lines.at[visits.index[again[0]], "row"])
                allowed = (
                    "goes on here after other visits: sort the file by visit, take more lines at "
                    "once, or use Dask"
                )
                raise InputError(
                    [Problem(self._name, row, "visit", visits.iloc[again[0]], allowed)]
                )
        run = np.sort(hashes)
        while self._runs and len(self._runs[-1]) <= len(run):  # runs double in length
            run = np.sort(np.concatenate([self._runs.pop(), run]))
        if len(run):
            self._runs.append(run)


def audit_in_memory(
    files: Iterable[VisitFile],
    columns: Columns,
    settings: Settings,
    progress: Callable[[int, int], None] = lambda done, of: None,
    lines_at_once: int = LINES_AT_ONCE,
) -> Audit:
    """The audit of files that fit into memory, their rows in any order; `progress` hears how many
    lines are done, and of how many."""
    parts = []
    for file in files:
        visit_files.check_columns(columns, file.name)
        for rows in _rows(file, columns):
            parts.append(rows)
            progress(0, sum(len(part.lines) for part in parts))
    rows = _together(parts)
    lines = rows.lines
    number = pd.factorize(lines["visit"])[0]
    if (np.diff(number) < 0).any():  # the rows of a visit do not stand together
        order = np.argsort(number, kind="stable")
        lines, number = lines.iloc[order].reset_index(drop=True), number[order]
    starts = np.flatnonzero(np.diff(number, prepend=-1))
    cuts, answers, left_out = [0], [], set(rows.refused["visit"])
    while cuts[-1] < len(lines):
        after = starts[starts >= cuts[-1] + lines_at_once]
        cuts.append(int(after[0]) if len(after) else len(lines))
    for begin, end in pairwise(cuts):
        answers.append(audit(lines.iloc[begin:end], settings, left_out))
        progress(end, len(lines))
    answer = joined(answers) if answers else audit(lines, settings, left_out)
    answer.refused = pd.concat([rows.refused, answer.refused]).sort_values(
        "row", ignore_index=True, kind="stable"
    )
    answer.totals.rows["refused"] = len(answer.refused)
    answer.totals.unknown.update(rows.unknown)
    return answer


def joined(parts: list[Audit]) -> Audit:
    """Parts as one audit, in the order of the file's rows."""
    if len(parts) == 1:
        return parts[0]

    def one(name: str) -> pd.DataFrame:
        frames = [getattr(part, name) for part in parts if len(getattr(part, name))]
        if not frames:
            return pd.DataFrame(getattr(parts[0], name))
        return pd.concat(frames).sort_values("row", kind="stable", ignore_index=True)

    return Audit(
        one("lines"), one("findings"), one("refused"), Totals.add(part.totals for part in parts)
    )


def audit_on_dask(
    files: list[VisitFile],
    paths: list[Path],
    columns: Columns,
    settings: Settings,
    client: Any,
    block: int = 32 << 20,
) -> Iterator[Audit]:
    """The audit of CSV or Parquet files on a Dask cluster, one part at a time in no set order.

    Each task reads some bytes of a file; Dask brings the rows of a visit together and gives them to
    the same `audit`. Needs the extra `chirocalc[dask]`.
    """
    import dask.dataframe as dd  # noqa: PLC0415  # an optional extra
    from dask import delayed  # noqa: PLC0415
    from dask.bytes import read_bytes  # noqa: PLC0415
    from distributed import as_completed  # noqa: PLC0415

    for file in files:
        visit_files.check_columns(columns, file.name)
    read = delayed(_read_block)
    tasks: list[Any] = []
    of_file: list[int] = []
    for number, (file, path) in enumerate(zip(files, paths, strict=True)):
        if file.kind == "parquet":
            blocks = [(path, group) for group in range(visit_files.row_groups(path))]
        else:
            _, found = read_bytes(str(path), delimiter=b"\n", blocksize=block, sample=False)
            blocks = found[0]
        tasks += [read(each, at == 0, file.layout, columns) for at, each in enumerate(blocks)]
        of_file += [number] * len(blocks)
    parts = client.persist(tasks)
    counts = client.gather(client.compute([part.count for part in parts]))
    first: list[int] = []
    so_far: Counter[int] = Counter()
    for number, count in zip(of_file, counts, strict=True):
        first.append(so_far[number])
        so_far[number] += count
    before = _refused_before(client, parts, first)
    yield _audit_rows(Rows(pd.DataFrame(columns=LINES), *before), settings)
    left_out = set(before[0]["visit"])
    nothing = visit_files.Batch(pd.DataFrame(columns=_wanted(columns), dtype=str), [])
    meta = read_rows(nothing, columns)
    moved = delayed(_moved)
    frames = [moved(part, start) for part, start in zip(parts, first, strict=True)]
    lines = dd.from_delayed(frames, meta=meta.lines, verify_meta=False)
    whole = lines.shuffle("visit", npartitions=max(len(parts), 1))
    check = delayed(_audit_sorted)
    answers = client.compute([check(part, settings, left_out) for part in whole.to_delayed()])
    for future in as_completed(answers):
        yield future.result()
        future.release()


def _wanted(columns: Columns) -> list[str]:
    return [column for found in columns.values() for column in found]


class _Block:
    """What one task read: its rows, and how many records there were."""

    def __init__(self, rows: Rows, count: int) -> None:
        self.rows, self.count = rows, count


def _read_block(
    source: Any, is_first: bool, layout: visit_files.Layout, columns: Columns
) -> _Block:
    batches = list(visit_files.read_block(source, is_first, layout, _wanted(columns)))
    rows = _together([read_rows(batch, columns) for batch in batches])
    return _Block(rows, batches[-1].last)


def _moved(block: _Block, start: int) -> pd.DataFrame:
    return block.rows.lines.assign(row=block.rows.lines["row"] + start)


def _audit_sorted(lines: pd.DataFrame, settings: Settings, left_out: set[str]) -> Audit:
    return audit(lines.sort_values("row", kind="stable", ignore_index=True), settings, left_out)


def _refused_before(
    client: Any, parts: list[Any], first: list[int]
) -> tuple[pd.DataFrame, Counter[tuple[str, str]]]:
    """The rows refused before the engine saw them, and the words not known."""
    found = client.gather(client.compute([part.rows.refused for part in parts]))
    moved = [part.assign(row=part["row"] + start) for part, start in zip(found, first, strict=True)]
    unknown: Counter[tuple[str, str]] = Counter()
    for words in client.gather(client.compute([part.rows.unknown for part in parts])):
        unknown.update(words)
    some = [part for part in moved if len(part)] or [pd.DataFrame(columns=REFUSED)]
    return pd.concat(some, ignore_index=True), unknown
