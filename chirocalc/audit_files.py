"""Audits of whole files: in parts that never split a visit, on one core or on Dask.

Memory is bounded by the lines taken at once, whatever the size of the files. Files of more lines
than that must have the rows of a visit together; Dask brings them together itself. A visit may go
on in the next file. Rows of several files have the file's name beside their number.
"""

from __future__ import annotations

import logging
import socket
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
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
from .visit_files import Columns, Piece, VisitFile
from .visit_rows import Rows, read_rows

LINES_AT_ONCE = 50_000
MOST_OF_A_VISIT = 100_000  # rows; more show that the column does not tell visits apart
PIECE = 8 << 20  # bytes of a CSV that one task on Dask reads
WAIT = 30  # seconds for a cluster to answer
FILE = 1 << 40  # while files are audited, a row's number has its file's number times this added
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


def audit_parts(
    files: Sequence[VisitFile],
    columns: Columns,
    settings: Settings,
    lines_at_once: int = LINES_AT_ONCE,
) -> Iterator[Audit]:
    """The audit of files in parts of about so many lines; a visit is never split.

    Raises `InputError` when a visit goes on after others in files of more lines than that.
    """
    _check(files, columns)
    names = _names(files)
    seen = _Seen(names)
    for rows in _whole_visits(_rows(files, columns), lines_at_once, names):
        seen.add(_places(rows))
        yield _named(_audit_rows(rows, columns, settings), names)


def _check(files: Iterable[VisitFile], columns: Columns) -> None:
    for file in files:
        visit_files.check_columns(columns, file.name)


def _audit_rows(rows: Rows, columns: Columns, settings: Settings) -> Audit:
    """The audit of rows, with those refused before the engine saw them."""
    answer = audit(rows.lines, settings, rows.refused["visit"], "units" in columns)
    return _with_refused(answer, rows)


def _with_refused(answer: Audit, rows: Rows) -> Audit:
    """An audit with what was refused, and not known, before the engine saw it."""
    refused = pd.concat([rows.refused, answer.refused]).astype({"row": np.int64})
    answer.refused = refused.sort_values("row", ignore_index=True, kind="stable")
    answer.totals.rows["refused"] = len(answer.refused)
    answer.totals.unknown.update(rows.unknown)
    return answer


def _rows(files: Sequence[VisitFile], columns: Columns) -> Iterator[Rows]:
    """The rows of all files, in order, by numbers that tell their file too."""
    for number, file in enumerate(files):
        for batch in file.batches(_wanted(columns)):
            yield _moved(read_rows(batch, columns), number * FILE)


def _wanted(columns: Columns) -> list[str]:
    return list(dict.fromkeys(column for found in columns.values() for column in found))


def _moved(rows: Rows, by: int) -> Rows:
    """Rows with so much added to their numbers."""
    if not by:
        return rows
    lines, refused = (each.assign(row=each["row"] + by) for each in (rows.lines, rows.refused))
    return Rows(lines, refused, rows.unknown)


def _names(files: Iterable[VisitFile]) -> list[str]:
    """What each file is called; the second of a name is "visits.csv (2)"."""
    said: Counter[str] = Counter()
    names = []
    for file in files:
        said[file.name] += 1
        again = said[file.name]
        names.append(file.name if again == 1 else f"{file.name} ({again})")
    return names


def _named(answer: Audit, names: Sequence[str]) -> Audit:
    """An audit of several files with the name of each row's file, and its number there."""
    if len(names) > 1:
        for table in ("lines", "findings", "refused"):
            frame = getattr(answer, table)
            file, row = np.divmod(frame["row"].to_numpy(np.int64), FILE)
            frame = frame.assign(row=row)
            frame.insert(0, "file", pd.Categorical.from_codes(file, list(names), ordered=True))
            setattr(answer, table, frame)
    return answer


def _whole_visits(parts: Iterable[Rows], size: int, names: Sequence[str]) -> Iterator[Rows]:
    """Rows in parts of about `size`, the last visit of each kept for the next."""
    held: list[Rows] = []
    count = 0
    for part in parts:
        held.append(part)
        count += len(part.lines) + len(part.refused)
        if count >= size:
            done, rest = _split(_together(held))
            yield done
            held, count = [rest], len(rest.lines) + len(rest.refused)
            if count > MOST_OF_A_VISIT:
                allowed = f"has more than {MOST_OF_A_VISIT:,} rows: choose another column"
                raise _of_visit(_places(rest).iloc[0], names, allowed)
    if held:
        yield _together(held)


def _places(rows: Rows) -> pd.DataFrame:
    """Number and visit of all rows of a known visit, those refused too, in their order."""
    lines, refused = (each[["row", "visit"]] for each in (rows.lines, rows.refused))
    refused = refused[refused["visit"] != ""]
    if refused.empty:
        return lines
    return pd.concat([lines, refused]).sort_values("row", kind="stable")


def _split(rows: Rows) -> tuple[Rows, Rows]:
    """Rows of visits that are complete, and those of the last visit, which may go on."""
    places = _places(rows)
    visit = places["visit"].to_numpy(object)
    others = np.flatnonzero(visit != visit[-1:])
    begin = others[-1] + 1 if len(others) else 0
    cut = places["row"].iloc[begin] if len(visit) else np.inf
    # A refused row of no known visit waits for none.
    stays = (rows.refused["row"] >= cut) & (rows.refused["visit"] != "")
    line_stays = rows.lines["row"] >= cut
    return (
        Rows(rows.lines[~line_stays], rows.refused[~stays], rows.unknown),
        Rows(rows.lines[line_stays], rows.refused[stays], Counter()),
    )


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


def _of_visit(place: pd.Series, names: Sequence[str], allowed: str) -> InputError:
    """What is wrong with a visit, from its row's number on."""
    file, row = divmod(int(place["row"]), FILE)
    return InputError([Problem(names[file], row, "visit", place["visit"], allowed)])


class _Seen:
    """The visits so far, as sorted hashes: eight bytes each."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._runs: list[NDArray[np.uint64]] = []

    def add(self, places: pd.DataFrame) -> None:
        """Take in the visits of a part; raise `InputError` for one that was there before."""
        first = places.drop_duplicates("visit")
        hashes = pd.util.hash_array(first["visit"].to_numpy(object))
        for run in self._runs:
            at = np.minimum(np.searchsorted(run, hashes), len(run) - 1)
            again = np.flatnonzero(run[at] == hashes)
            if len(again):
                what = "the file" if len(self._names) == 1 else "all files as one"
                allowed = (
                    f"goes on here after other visits: sort {what} by visit, take more lines at "
                    "once, or use Dask"
                )
                raise _of_visit(first.iloc[again[0]], self._names, allowed)
        run = np.sort(hashes)
        while self._runs and len(self._runs[-1]) <= len(run):  # runs double in length
            run = np.sort(np.concatenate([self._runs.pop(), run]))
        if len(run):
            self._runs.append(run)


def audit_in_memory(
    files: Sequence[VisitFile],
    columns: Columns,
    settings: Settings,
    progress: Callable[[int, int], None] = lambda done, of: None,
    lines_at_once: int = LINES_AT_ONCE,
) -> Audit:
    """The audit of files that fit into memory, their rows in any order; `progress` hears how many
    lines are done, and of how many."""
    _check(files, columns)
    parts, read = [], 0
    for part in _rows(files, columns):
        parts.append(part)
        read += len(part.lines)
        progress(0, read)
    rows = _together(parts)
    left_out = set(rows.refused["visit"])
    answers = []
    lines = _by_visit(rows.lines)
    for begin, end in pairwise(_cuts(lines["visit"], lines_at_once)):
        answers.append(audit(lines.iloc[begin:end], settings, left_out, "units" in columns))
        progress(end, len(lines))
    return _named(_with_refused(joined(answers), rows), _names(files))


def _by_visit(lines: pd.DataFrame) -> pd.DataFrame:
    """Lines with those of a visit together, the visits in the order of their first rows."""
    number = pd.factorize(lines["visit"])[0]
    if (np.diff(number) >= 0).all():
        return lines
    return lines.iloc[np.argsort(number, kind="stable")].reset_index(drop=True)


def _cuts(visit: pd.Series, size: int) -> list[int]:
    """Where parts of about so many lines begin, none within a visit, and the end."""
    starts = np.flatnonzero(np.diff(pd.factorize(visit)[0], prepend=-1))
    cuts = [0]
    while cuts[-1] < len(visit) or len(cuts) == 1:
        after = starts[starts >= cuts[-1] + size]
        cuts.append(int(after[0]) if len(after) else len(visit))
    return cuts


def joined(parts: list[Audit]) -> Audit:
    """Parts as one audit, in the order of the files' rows."""
    if len(parts) == 1:
        return parts[0]

    def one(name: str) -> pd.DataFrame:
        frames = [getattr(part, name) for part in parts if len(getattr(part, name))]
        if not frames:
            return pd.DataFrame(getattr(parts[0], name))
        by = [column for column in ("file", "row") if column in frames[0]]
        return pd.concat(frames).sort_values(by, kind="stable", ignore_index=True)

    return Audit(
        one("lines"), one("findings"), one("refused"), Totals.add(part.totals for part in parts)
    )


def dask_client(scheduler: str | None = None, workers: int | None = None) -> Any:
    """A client of a Dask cluster: the one at an address, or one on this machine. Raises
    `InputError` where there is none, or none of its workers answers."""
    try:
        from distributed import Client  # noqa: PLC0415  # an optional extra
        from distributed.comm import parse_address, parse_host_port  # noqa: PLC0415
    except ImportError:
        allowed = "is not installed: pip install -e '.[dask]' in the project's folder"
        raise InputError([Problem("engine", None, "engine", "dask", allowed)]) from None
    for name in ("distributed", "distributed.client"):  # what fails is said in a sentence
        logging.getLogger(name).setLevel(logging.CRITICAL)
    if scheduler is None:
        with _said("a cluster on this machine"):
            return Client(
                n_workers=workers,
                threads_per_worker=1,
                dashboard_address=None,
                silence_logs=logging.CRITICAL,
            )
    try:
        # A client that failed to connect is never quite gone, so the address is tried first.
        host, port = parse_host_port(parse_address(scheduler)[1])
        socket.create_connection((host, port), WAIT).close()
        client = Client(scheduler, timeout=WAIT)
    except Exception:  # a server of another kind may answer anything
        allowed = "is no scheduler that answers: its address is such as tcp://10.0.0.1:8786"
        raise InputError([Problem("Dask", None, "scheduler", scheduler, allowed)]) from None
    try:
        client.wait_for_workers(1, timeout=WAIT)
    except TimeoutError:
        client.close()
        allowed = f"has no worker after {WAIT} seconds"
        raise InputError([Problem("Dask", None, "scheduler", scheduler, allowed)]) from None
    return client


@contextmanager
def _said(what: str) -> Iterator[None]:
    """Say in a sentence that a cluster failed; what is wrong with our own code goes through."""
    from concurrent.futures import CancelledError  # noqa: PLC0415  # as Dask, an optional extra

    from distributed import KilledWorker  # noqa: PLC0415

    try:
        yield
    except (OSError, CancelledError, KilledWorker, RuntimeError) as error:
        words = " ".join(str(error).split())[:300]
        allowed = f"failed on Dask ({type(error).__name__}: {words})"
        raise InputError([Problem("Dask", None, "work", what, allowed)]) from None


def check_for_dask(files: Iterable[VisitFile]) -> None:
    """Raise `InputError` for files that Dask cannot read, before a cluster starts."""
    for file in files:
        visit_files.check_can_be_cut(file)


def audit_on_dask(
    files: Sequence[VisitFile],
    paths: Sequence[Path],
    columns: Columns,
    settings: Settings,
    client: Any,
    block: int = PIECE,
) -> Iterator[Audit]:
    """The audit of CSV or Parquet files on a Dask cluster, one part at a time in no set order.

    Each task reads a piece of a file, at a path that all workers know; Dask brings the rows of a
    visit together and gives them to the same `audit`. Needs the extra `chirocalc[dask]`.
    """
    from distributed import as_completed  # noqa: PLC0415  # an optional extra

    _check(files, columns)
    names = _names(files)
    with _said(", ".join(names)):
        pieces, numbers = _pieces(files, paths, block)
        blocks = client.map(_read_piece, pieces, columns=columns, pure=False)
        abouts = client.gather(client.map(_about, blocks))
        starts = _starts(numbers, [count for count, _ in abouts])
        refused = [_moved(rest, start) for (_, rest), start in zip(abouts, starts, strict=True)]
        rest = _together(refused)
        yield _named(_audit_rows(rest, columns, settings), names)
        waiting = _by_visit_on_dask(client, client.map(_lines_of, blocks, starts), rest.lines)
        del blocks
        [left_out] = client.scatter([set(rest.refused["visit"])])

        def next_few(count: int) -> list[Any]:
            given = (columns, settings, left_out)
            few = [waiting.pop() for _ in range(min(count, len(waiting)))]
            return [client.submit(_audit_visits, part, *given, pure=False) for part in few]

        # No more answers at once than are taken from the workers soon.
        answers = as_completed(next_few(2 * sum(client.nthreads().values())))
        for future in answers:
            yield _named(future.result(), names)
            future.release()
            answers.update(next_few(1))


def _by_visit_on_dask(client: Any, frames: list[Any], meta: pd.DataFrame) -> list[Any]:
    """Lines in as many parts as they come in, all of a visit in one."""
    import dask.dataframe as dd  # noqa: PLC0415  # an optional extra
    from distributed import futures_of  # noqa: PLC0415

    lines = dd.from_delayed(frames, meta=meta, verify_meta=False)
    whole = client.persist(lines.shuffle("visit", npartitions=len(frames)))
    return list(futures_of(whole))


def _pieces(
    files: Sequence[VisitFile], paths: Sequence[Path], size: int
) -> tuple[list[Piece], list[int]]:
    """The pieces of all files, and the number of the file that each is of."""
    of_files = [
        visit_files.pieces(file, path, size) for file, path in zip(files, paths, strict=True)
    ]
    numbers = [number for number, pieces in enumerate(of_files) for _ in pieces]
    return [piece for pieces in of_files for piece in pieces], numbers


def _starts(numbers: Sequence[int], counts: Sequence[int]) -> list[int]:
    """What is added to the row numbers of each piece, by its file and the rows before it."""
    starts, so_far = [], Counter[int]()
    for number, count in zip(numbers, counts, strict=True):
        starts.append(number * FILE + so_far[number])
        so_far[number] += count
    return starts


def _read_piece(piece: Piece, columns: Columns) -> tuple[Rows, int]:
    """The rows of a piece, and how many records it has."""
    batches = list(visit_files.read_piece(piece, _wanted(columns)))
    return _together([read_rows(batch, columns) for batch in batches]), batches[-1].last


def _about(block: tuple[Rows, int]) -> tuple[int, Rows]:
    """How many records a piece has, and its rows without the lines."""
    rows, count = block
    return count, Rows(rows.lines.iloc[:0], rows.refused, rows.unknown)


def _lines_of(block: tuple[Rows, int], start: int) -> pd.DataFrame:
    return _moved(block[0], start).lines


def _audit_visits(
    lines: pd.DataFrame, columns: Columns, settings: Settings, left_out: set[str]
) -> Audit:
    lines = lines.sort_values("row", ignore_index=True)
    return audit(lines, settings, left_out, "units" in columns)
