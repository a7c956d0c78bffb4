"""Whole files on a Dask cluster of two worker processes: as in memory, to the last cent."""

import csv
import io
import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from itertools import chain

import pandas as pd
import pytest
from made_files import (
    HEADER,
    MIXED,
    SETTINGS,
    TINY,
    apart,
    assert_same,
    bag,
    blocks_of,
    cents_of,
    csv_file,
    csv_of,
    in_memory,
    in_parts,
    kinds,
    on_dask,
    opened,
    parquet_file,
    sums,
    visits,
)

from chirocalc import InputError, Settings
from chirocalc.audit import on_dask as dask_room
from chirocalc.audit.on_dask import audit_on_dask, dask_client
from chirocalc.audit.parts import audit_parts, joined
from chirocalc.audit.pieces import pieces_of, read_piece
from chirocalc.audit.rows import join_rows, read_rows
from chirocalc.audit.sample import sample

pytestmark = pytest.mark.dask


@pytest.fixture(scope="module")
def client():
    """Two worker processes of one thread each."""
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        assert len(client.scheduler_info()["workers"]) == 2
        yield client


@pytest.mark.parametrize("lines_at_once", [1, 4, 100])
@pytest.mark.parametrize("cut", [1, 37, 60])
def test_an_export_cut_anywhere(tmp_path, client, cut, lines_at_once):
    """Refused rows of a visit in one file make it incomplete in the other too, in every way."""
    rows = list(chain(*visits(17, 20, 0.2)))
    paths = [csv_file(tmp_path / "b.csv", rows[:cut]), csv_file(tmp_path / "a.csv", rows[cut:])]
    whole = in_memory(*paths)
    with blocks_of(300):
        assert_same(in_parts(*paths, lines_at_once=lines_at_once), whole)
    if lines_at_once == 4:
        assert_same(on_dask(client, *paths), whole)
    assert sums(whole.totals) == sums(in_memory(csv_of(rows)).totals)
    assert whole.lines["file"].is_monotonic_increasing  # in the order given


@pytest.mark.parametrize("faults", [0, 0.2])
def test_dask_is_as_memory(tmp_path, client, faults):
    """Tiny blocks that cut visits anywhere: equal to the last cent, refused rows by number."""
    rows = list(chain(*visits(8, 50, faults)))
    path = csv_file(tmp_path / "v.csv", rows)
    assert path.stat().st_size > 4 * TINY
    whole = in_memory(path)
    assert cents_of(whole) > 0
    assert_same(on_dask(client, path), whole)


def test_dask_on_the_sample(tmp_path, client):
    """The made-up month under Medicare, in memory, in parts and on two workers."""
    path = tmp_path / "sample.csv"
    sample().to_csv(path, index=False)
    whole = in_memory(path, settings=Settings())
    assert whole.totals.rows["lines"] == 1000
    assert_same(on_dask(client, path, settings=Settings(), block=10_000), whole)
    with blocks_of(5000):
        assert_same(in_parts(path, settings=Settings(), lines_at_once=10), whole)


def test_dask_brings_visits_together(tmp_path, client):
    """Rows of a visit in many blocks: as in memory."""
    path = csv_file(tmp_path / "apart.csv", apart(9))
    assert_same(on_dask(client, path), in_memory(path))


def test_dask_on_several_files(tmp_path, client):
    """Row numbers are those of each file."""
    made = visits(10, faults=0.1)
    paths = [
        csv_file(tmp_path / f"{n}.csv", list(chain(*made[n * 20 : n * 20 + 20]))) for n in range(2)
    ]
    assert_same(on_dask(client, *paths), in_memory(*paths))


def test_dask_on_a_visit_in_two_files(tmp_path, client):
    """It is one visit with the first file's rows first, as in memory."""
    made = visits(11, 20)
    first = [row for each in made for row in each[:2]]
    second = [row for each in made for row in each[2:]]
    paths = [csv_file(tmp_path / "1.csv", first), csv_file(tmp_path / "2.csv", second)]
    assert_same(on_dask(client, *paths), in_memory(*paths))


def test_dask_on_parquet(tmp_path, client):
    """A task for each row group; visits go over their borders."""
    path = parquet_file(tmp_path / "v.parquet", list(chain(*visits(12, 30))), 6)
    assert_same(on_dask(client, path), in_memory(path))


@pytest.mark.parametrize("rows", [[], [dict.fromkeys(HEADER, "") | {"Visit": "1", "CPT": "99999"}]])
def test_dask_without_a_row_to_use(tmp_path, client, rows):
    """Only a header, or only a refused row."""
    path = csv_file(tmp_path / "none.csv", rows)
    assert_same(on_dask(client, path), in_memory(path))


def test_dask_with_lines_longer_than_a_block(tmp_path, client):
    """A note of 5,000 characters makes a block without a line, which is no error."""
    made = visits(13, 10)
    made[4][0]["Notes"] = "x" * 5000
    path = csv_file(tmp_path / "long.csv", list(chain(*made)))
    assert_same(on_dask(client, path), in_memory(path))


def test_dask_with_another_delimiter_and_a_mark(tmp_path, client):
    """Semicolons, a byte order mark, Windows line ends: told from the start of the file."""
    text = csv_of(chain(*visits(14, 20))).decode()
    path = tmp_path / "semicolons.csv"
    rows = list(csv.reader(io.StringIO(text)))
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        csv.writer(file, delimiter=";").writerows(rows)
    whole = in_memory(path)
    assert_same(on_dask(client, path), whole)
    assert sums(whole.totals) == sums(in_memory(text.encode()).totals)


def test_dask_with_line_breaks_in_values(tmp_path, client):
    """A note of several lines that a block ends in: as in memory, or a sentence."""
    made = visits(15, 12)
    for each in made:
        each[0]["Notes"] = "so\n" * 500
    path = csv_file(tmp_path / "notes.csv", list(chain(*made)))
    try:
        answer = on_dask(client, path)
    except InputError:
        return
    assert sums(answer.totals) == sums(in_memory(path).totals)


@pytest.mark.parametrize("kind", ["xlsx", "utf-16"])
def test_dask_on_a_file_it_cannot_cut(tmp_path, client, kind):
    """Excel and UTF-16 work in memory: on Dask too, or a sentence says that they do not."""
    path = tmp_path / f"v.{'xlsx' if kind == 'xlsx' else 'csv'}"
    text = "Visit,CPT,Minutes,Units\n1,97110,15,3\n2,97110,15,1\n"
    if kind == "xlsx":
        pd.read_csv(io.StringIO(text), dtype=str).to_excel(path, index=False)
    else:
        path.write_bytes(text.encode("utf-16"))
    assert in_memory(path).totals.rows["used"] == 2
    try:
        answer = on_dask(client, path)
    except InputError:
        return
    assert answer.totals.rows["used"] == 2


def test_dask_with_visits_without_units(tmp_path, client):
    """Whether the file has units is a matter of the file."""
    path = tmp_path / "mixed.csv"
    path.write_bytes(MIXED)
    assert_same(on_dask(client, path, block=100), in_memory(path))


def test_dask_writes_the_same_kinds_of_columns(tmp_path, client):
    """Row numbers, minutes and units are numbers in a Parquet file, whichever engine wrote it."""
    path = csv_file(tmp_path / "v.csv", list(chain(*visits(16, 10, 0.2))))
    files, columns = opened([path])
    on_workers = list(audit_on_dask(files, [path], columns, SETTINGS, client))
    here = list(audit_parts(*opened([path]), SETTINGS))
    output = tmp_path / "v.parquet"
    assert kinds(output, on_workers) == kinds(output, here)


def test_dask_on_parquet_without_rows(tmp_path, client):
    """Only columns, and not a group of rows."""
    path = tmp_path / "none.parquet"
    pd.DataFrame(columns=HEADER, dtype=str).to_parquet(path, index=False)
    assert_same(on_dask(client, path), in_memory(path))


def test_dask_says_what_is_wrong_with_a_file(tmp_path, client):
    """A quote that is never closed, in a later block: the file and the row, as in memory."""
    path = csv_file(tmp_path / "quote.csv", list(chain(*visits(18, 30))))
    path.write_bytes(path.read_bytes() + b'V9,,97110,15,1,,,,,,,"so\nV10,,97110,15,1,,,,,,,\n')
    with pytest.raises(InputError) as here:
        in_memory(path)
    with pytest.raises(InputError, match=r"quote\.csv, row \d+, quote") as there:
        on_dask(client, path)
    assert str(there.value) == str(here.value)


def test_dask_whose_workers_do_not_see_the_file(tmp_path, client, monkeypatch):
    """The path is to be known to all of them: a sentence names the file."""
    path = csv_file(tmp_path / "gone.csv", list(chain(*visits(19, 5))))
    files, columns = opened([path])
    pieces = pieces_of(files[0], path, TINY)
    path.unlink()
    monkeypatch.setattr(dask_room, "pieces_of", lambda *given: pieces)
    words = r"gone\.csv.*cannot be opened by a worker: No such file"
    with pytest.raises(InputError, match=words):
        list(audit_on_dask(files, [path], columns, SETTINGS, client))


def test_dask_with_quotes_on_every_line(tmp_path, client):
    """Notes of several lines, each in quotes: blocks end where rows do, of any size."""
    made = visits(20, 60)
    for row in chain(*made):
        row["Notes"] = 'so\n"they"\nsaid, 5" tape'
    path = csv_file(tmp_path / "notes.csv", list(chain(*made)))
    (file,), columns = opened([path])
    whole = join_rows([read_rows(each, columns) for each in file.batches(file.header)])
    lines = bag(whole.lines.drop(columns="row"))
    for block in (300, 500, 777):
        pieces = pieces_of(file, path, block)
        assert len(pieces) > 20
        batches = [batch for each in pieces for batch in read_piece(each, list(file.header))]
        rows = join_rows([read_rows(each, columns) for each in batches])
        assert bag(rows.lines.drop(columns="row")) == lines
    assert_same(on_dask(client, path), in_memory(path))


def test_dask_that_is_not_installed(monkeypatch):
    """A sentence says what to install."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match="is not installed: pip install"):
        dask_client()


# Workers that are lost


@contextmanager
def process(module, *arguments):
    """A process of Python, ended with the block."""
    command = [sys.executable, "-m", f"distributed.cli.{module}", *map(str, arguments)]
    started = subprocess.Popen(command, stderr=subprocess.DEVNULL, env={**os.environ})
    try:
        yield started
    finally:
        started.kill()
        started.wait()


@pytest.fixture
def lonely(tmp_path):
    """A client of a scheduler whose two workers nobody starts again, and the workers' processes."""
    distributed = pytest.importorskip("distributed")
    file = tmp_path / "scheduler.json"
    with ExitStack() as opened_here:
        enter = opened_here.enter_context
        named = ("--scheduler-file", file, "--host", "127.0.0.1", "--no-dashboard")
        enter(process("dask_scheduler", *named, "--port", 0))
        workers = [enter(process("dask_worker", *named, "--no-nanny")) for _ in range(2)]
        client = enter(distributed.Client(scheduler_file=str(file), timeout=60))
        client.wait_for_workers(2, timeout=60)
        yield client, workers


def many_pieces(tmp_path):
    """A file of a dozen pieces, and where it stands."""
    return csv_file(tmp_path / "v.csv", list(chain(*visits(22, 60, 0.05))))


@pytest.mark.parametrize("at", [0, 4])
def test_a_lost_worker_is_made_up_for(tmp_path, lonely, at):
    """One of two is killed while the audit runs: the other does its work, the answer is equal."""
    client, workers = lonely
    path = many_pieces(tmp_path)
    files, columns = opened([path])
    parts = []
    for number, part in enumerate(audit_on_dask(files, [path], columns, SETTINGS, client, TINY)):
        if number == at:
            workers[0].kill()
        parts.append(part)
    assert len(parts) > 5
    assert len(client.nthreads()) == 1
    assert_same(joined(parts), in_memory(path))


@pytest.mark.parametrize("taken", [0, 1, 3])
def test_a_cluster_without_workers_ends_with_a_sentence(tmp_path, lonely, monkeypatch, taken):
    """All are killed: nobody waits for new ones for ever."""
    assert 2 * dask_room.LOOK < 60
    monkeypatch.setattr(dask_room, "LOOK", 1)
    client, workers = lonely
    path = many_pieces(tmp_path)
    files, columns = opened([path])
    parts = audit_on_dask(files, [path], columns, SETTINGS, client, TINY)
    for _ in range(taken):
        next(parts)
    for worker in workers:
        worker.kill()
    begin = time.monotonic()
    with pytest.raises(InputError, match=r"tcp://\S+ has lost all its workers, and no other came"):
        list(parts)
    assert time.monotonic() - begin < 30


def test_a_cluster_here_starts_lost_workers_again(tmp_path):
    """The processes of a cluster on this machine are watched: a killed one is followed by another,
    and the answer is equal."""
    pytest.importorskip("distributed")
    path = many_pieces(tmp_path)
    files, columns = opened([path])
    with dask_client(workers=1) as client:
        parts = []
        for part in audit_on_dask(files, [path], columns, SETTINGS, client, TINY):
            if not parts:
                (number,) = client.run(os.getpid).values()
                os.kill(number, signal.SIGTERM)
            parts.append(part)
    assert_same(joined(parts), in_memory(path))


def test_workers_leave_ctrl_c_to_the_command():
    """A terminal sends it to all processes: the worker goes on until its cluster is closed."""
    pytest.importorskip("distributed")
    with dask_client(workers=1) as client:
        (number,) = client.run(os.getpid).values()
        os.kill(number, signal.SIGINT)
        assert client.submit(os.getpid, pure=False).result(timeout=60) == number
