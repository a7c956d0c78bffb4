"""An audit of files on a Dask cluster, which brings the rows of a visit together itself."""

from __future__ import annotations

import logging
import socket
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from chirocalc.checked import Count, checked
from chirocalc.errors import InputError, Problem
from chirocalc.rules import Settings

from .audit import Audit, audit
from .columns import Columns
from .parts import (
    AS_IT_STANDS,
    Files,
    audit_rows,
    check_files,
    file_names,
    wanted_columns,
    with_file_names,
)
from .pieces import Piece, check_can_be_cut, pieces_of, read_piece
from .rows import How, Rows, join_rows, read_rows
from .visit_file import VisitFile
from .whole_visits import FILE

PIECE = 8 << 20  # bytes of a CSV that one task on Dask reads

WAIT = 30  # seconds for a cluster to answer

# Ctrl-C in a terminal reaches the workers too: they are ended by this process, without a traceback.
NO_CTRL_C = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)"

LOOK = 20  # seconds after which it is asked whether a cluster still has workers


@checked
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
        with _told_of_failure("a cluster on this machine"):
            return Client(
                n_workers=workers,
                threads_per_worker=1,
                dashboard_address="127.0.0.1:0",  # any free port, for this machine alone
                silence_logs=logging.CRITICAL,
                preload=[NO_CTRL_C],
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
def _told_of_failure(what: str) -> Iterator[None]:
    """Say in a sentence that a cluster failed; what is wrong with our own code goes through."""
    from concurrent.futures import CancelledError  # noqa: PLC0415  # as Dask, an optional extra

    from distributed import KilledWorker  # noqa: PLC0415

    try:
        yield
    except (OSError, CancelledError, KilledWorker, RuntimeError) as error:
        words = " ".join(str(error).split())[:300]
        allowed = f"failed on Dask ({type(error).__name__}: {words})"
        raise InputError([Problem("Dask", None, "work", what, allowed)]) from None


def _result(client: Any, future: Any) -> Any:
    """What a task gives, however long it takes; Dask alone would wait for new workers for ever.
    Raises `InputError` when the cluster has lost all of them and none comes in `LOOK` seconds."""
    while True:
        try:
            return future.result(timeout=LOOK)
        except TimeoutError:
            if future.status == "error":  # the task's own
                raise
        try:
            client.wait_for_workers(1, timeout=LOOK)
        except TimeoutError:
            scheduler = client.scheduler.address
            allowed = f"has lost all its workers, and no other came in {LOOK} seconds"
            raise InputError([Problem("Dask", None, "scheduler", scheduler, allowed)]) from None


@checked
def check_for_dask(files: Iterable[VisitFile]) -> None:
    """Raise `InputError` for files that Dask cannot read, before a cluster starts."""
    for file in files:
        check_can_be_cut(file)


@checked
def audit_on_dask(
    files: Files,
    paths: Sequence[Path],
    columns: Columns,
    settings: Settings,
    client: Any,
    block: Count = PIECE,
    how: How = AS_IT_STANDS,
) -> Iterator[Audit]:
    """The audit of CSV or Parquet files on a Dask cluster, one part at a time in no set order.

    Each task reads a piece of a file, at a path that all workers know; Dask brings the rows of a
    visit together and gives them to the same `audit`. Needs the extra `chirocalc[dask]`.
    """
    check_files(files, columns)
    names = file_names(files)
    with _told_of_failure(", ".join(names)):
        pieces, numbers = _pieces(files, paths, block)
        blocks = client.map(_read_piece, pieces, columns=columns, how=how, pure=False)
        told = client.map(_without_lines, blocks)
        abouts = [_result(client, each) for each in told]
        starts = _starts(numbers, [count for count, _ in abouts])
        refused = [rest.renumbered(start) for (_, rest), start in zip(abouts, starts, strict=True)]
        rest = join_rows(refused)
        yield with_file_names(audit_rows(rest, columns, settings, how), names)
        waiting = _by_visit_on_dask(
            client, client.map(_lines_of, blocks, starts), _lines_of((rest, 0), 0)
        )
        # Not scattered: what no task can make again is gone with the worker that holds it.
        given = (columns, settings, how, client.submit(_incomplete_visits, told, pure=False))
        del blocks, told
        running: deque[Any] = deque()
        # No more answers at once than are taken from the workers soon.
        most = 2 * sum(client.nthreads().values()) or 1
        while waiting or running:
            while waiting and len(running) < most:
                running.append(client.submit(_audit_visits, waiting.pop(), *given, pure=False))
            yield with_file_names(_result(client, running.popleft()), names)


def _by_visit_on_dask(client: Any, frames: list[Any], meta: pd.DataFrame) -> list[Any]:
    """Lines in as many parts as they come in, all of a visit in one."""
    import dask.dataframe as dd  # noqa: PLC0415  # an optional extra
    from distributed import futures_of  # noqa: PLC0415

    lines = dd.from_delayed(frames, meta=meta, verify_meta=False)
    whole = client.persist(lines.shuffle("visit", npartitions=len(frames)))
    return list(futures_of(whole))


def _pieces(files: Files, paths: Sequence[Path], size: int) -> tuple[list[Piece], list[int]]:
    """The pieces of all files, and the number of the file that each is of."""
    of_files = [pieces_of(file, path, size) for file, path in zip(files, paths, strict=True)]
    numbers = [number for number, pieces in enumerate(of_files) for _ in pieces]
    return [piece for pieces in of_files for piece in pieces], numbers


def _starts(numbers: Sequence[int], counts: Sequence[int]) -> list[int]:
    """What is added to the row numbers of each piece, by its file and the rows before it."""
    starts, so_far = [], Counter[int]()
    for number, count in zip(numbers, counts, strict=True):
        starts.append(number * FILE + so_far[number])
        so_far[number] += count
    return starts


def _read_piece(piece: Piece, columns: Columns, how: How) -> tuple[Rows, int]:
    """The rows of a piece, and how many records it has."""
    batches = list(read_piece(piece, wanted_columns(columns)))
    return join_rows([read_rows(batch, columns, how) for batch in batches]), batches[-1].last


def _without_lines(block: tuple[Rows, int]) -> tuple[int, Rows]:
    """How many records a piece has, and its rows without the lines."""
    rows, count = block
    return count, Rows(rows.lines.iloc[:0], rows.refused, rows.unknown)


def _incomplete_visits(told: list[tuple[int, Rows]]) -> set[tuple[str, str]]:
    """The visits of which rows were refused."""
    return {visit for _, rest in told for visit in rest.incomplete}


def _lines_of(block: tuple[Rows, int], start: int) -> pd.DataFrame:
    """The lines of a piece, as text: on the way categories would have to be the same in all."""
    lines = block[0].renumbered(start).lines
    return lines.astype(dict.fromkeys(lines.select_dtypes("category"), "str"))


def _audit_visits(
    lines: pd.DataFrame,
    columns: Columns,
    settings: Settings,
    how: How,
    left_out: set[tuple[str, str]],
) -> Audit:
    lines = lines.sort_values("row", ignore_index=True)
    return audit(lines, settings, left_out, columns.keys(), how.minutes)
