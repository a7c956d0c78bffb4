"""The book of tables: whole, made anew as a whole, the same for all that happens inside a pin."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from csv_files import as_csv, put
from driving import opened, run, totals
from oracles.fees import rows
from streamlit.testing.v1 import AppTest

from chirocalc import InputError, tables
from chirocalc.tables import books, journal

ROOT = Path(__file__).parents[2]


def without_first(path):
    """A file's content without its first row."""
    return as_csv(rows(path)[1:])


# One book


def test_without_a_change_it_stays_the_same(own_tables):
    assert tables.book() is tables.book()
    assert tables.payers() is tables.payers()


def test_a_changed_file_makes_a_new_book_with_the_frames_of_the_others(own_tables):
    """In the old one nothing has changed."""
    old, payers, sources = tables.book(), tables.payers(), tables.sources()
    put(own_tables / "sources.csv", without_first(own_tables / "sources.csv"))
    assert tables.book() is not old
    assert len(tables.sources()) == len(sources) - 1
    assert tables.payers() is payers
    with tables.in_use(old):
        assert tables.sources() is sources


def test_a_file_saved_in_place_is_seen_soon(own_tables):
    """As an editor saves it: neither its folder nor its size changes."""
    path, end = own_tables / "payers.csv", time.monotonic() + 20
    assert "Medicare Part B" in set(tables.payers()["name"])
    path.write_bytes(path.read_bytes().replace(b"Medicare Part B", b"MEDICARE Part B"))
    while "MEDICARE Part B" not in set(tables.payers()["name"]):
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.parametrize("broken", [b"", b"id,name\nx,y\n", None])
def test_a_table_that_cannot_be_read_is_said_until_it_is_mended(own_tables, broken):
    """Each time, and of no other table."""
    path = own_tables / "payers.csv"
    whole = path.read_bytes()
    if broken is None:
        path.unlink()
    else:
        put(path, broken)
    for _ in range(2):
        with pytest.raises(InputError, match=r"payers\.csv"):
            tables.payers()
    assert len(tables.sources()) > 0
    put(path, whole)
    assert len(tables.payers()) == 11


READS = """
import importlib, pkgutil, sys
sys.addaudithook(lambda event, args: event == "open" and str(args[0]).endswith(".csv") and 1 / 0)
import chirocalc
for module in pkgutil.walk_packages(chirocalc.__path__, "chirocalc."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
"""


def test_no_table_is_read_when_the_package_is_imported():
    """A value from a table that a module keeps for itself would outlive the book."""
    subprocess.run([sys.executable, "-c", READS], check=True, cwd=ROOT, capture_output=True)


# A pin


def test_inside_a_pin_nothing_changes_and_no_file_is_looked_at(own_tables, monkeypatch):
    with tables.in_use() as here:
        before = tables.sources()
        put(own_tables / "sources.csv", without_first(own_tables / "sources.csv"))
        (own_tables / "payers.csv").unlink()
        with monkeypatch.context() as patch:
            for name in ("stat", "scandir", "open"):
                patch.setattr(os, name, lambda *_, **__: pytest.fail("a file was looked at"))
            assert tables.book() is here
            assert tables.sources() is before
            assert len(tables.payers()) == 11
            assert tables.record("97110")["code"] == "97110"
    assert len(tables.sources()) == len(before) - 1
    with pytest.raises(InputError, match="not found"):
        tables.payers()


def test_a_pin_is_of_its_thread_alone(own_tables):
    found = []
    with tables.in_use() as here:
        put(own_tables / "sources.csv", without_first(own_tables / "sources.csv"))
        thread = threading.Thread(target=lambda: found.append(tables.book()))
        thread.start()
        thread.join()
        assert tables.book() is here
    assert found == [tables.book()]
    assert found != [here]


# What is kept


def test_what_is_kept_is_computed_once_a_book_for_each_argument(own_tables):
    calls = []

    @tables.kept
    def count(name, least=0):
        calls.append((name, least))
        return len(tables.sources()) + least

    many = count("a")
    assert [count("a"), count("b"), count("a", least=5), count("a", least=5)] == [
        many, many, many + 5, many + 5,
    ]  # fmt: skip
    assert calls == [("a", 0), ("b", 0), ("a", 5)]
    put(own_tables / "sources.csv", without_first(own_tables / "sources.csv"))
    assert [count("a"), count("a")] == [many - 1, many - 1]
    assert calls[3:] == [("a", 0)]


def test_what_is_kept_is_computed_from_one_book(own_tables):
    """Though a file changes while it is computed."""

    @tables.kept
    def twice():
        before = len(tables.sources())
        put(own_tables / "sources.csv", without_first(own_tables / "sources.csv"))
        return before, len(tables.sources())

    first, second = twice()
    assert first == second
    assert twice() == (first - 1, first - 1)


def test_an_error_is_not_kept():
    calls = []

    @tables.kept
    def fails():
        calls.append(1)
        raise InputError([])

    for _ in range(2):
        with pytest.raises(InputError):
            fails()
    assert len(calls) == 2


def test_no_more_than_so_many_results_are_kept():
    calls = []

    @tables.kept(most=2)
    def square(number):
        calls.append(number)
        return number * number

    assert [square(number) for number in (1, 2, 3, 3, 1)] == [1, 4, 9, 9, 1]
    assert calls == [1, 2, 3, 1]


# Updates of an app that is running


def numbered(table, number):
    """A table's rows as an update of this number writes them."""
    return as_csv([row | {"source": f"update-{number}"} for row in table])


def test_a_reader_never_sees_half_of_an_update(own_tables, monkeypatch):
    """While all is written again and again, tables in two folders agree in every book: though the
    disk is slow, and one file is read long before the other."""
    folder = own_tables.parent / "beside"
    folder.mkdir()
    codes = folder / "codes.csv"
    paths = [own_tables / "payers.csv", codes, own_tables / "unknowns.csv"]
    payers, unknowns = rows(paths[0]), rows(paths[2])
    own = rows(own_tables / "codes.csv")

    def write(number):
        released = [row | {"release": f"update-{number}"} for row in own]
        contents = [numbered(payers, number), as_csv(released), numbered(unknowns, number)]
        journal.write_all(dict(zip(paths, contents, strict=True)), own_tables)

    real = Path.read_bytes

    def slow(path):
        content = real(path)
        time.sleep(0.01 if path in paths else 0)
        return content

    monkeypatch.setattr(Path, "read_bytes", slow)
    write(0)
    seen, halves = set(), []

    def read():
        while not done.is_set():
            with tables.in_use():
                found = {*tables.payers()["source"], *tables.codes()["release"]}
                found |= set(tables.unknowns()["source"])
            seen.update(found)
            if len(found) > 1:
                halves.append(found)

    done = threading.Event()
    with tables.use_files(codes, own_tables):
        readers = [threading.Thread(target=read) for _ in range(2)]
        for each in readers:
            each.start()
        number, end = 0, time.monotonic() + 60
        while (len(seen) < 6 or number < 20) and time.monotonic() < end:
            number += 1
            write(number)
            time.sleep(0.1 * (number % 2))
        done.set()
        for each in readers:
            each.join()
        assert halves == []
        assert len(seen) >= 6
        assert set(tables.payers()["source"]) == {f"update-{number}"}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_an_update_that_died_is_finished_before_it_is_read(own_tables):
    """Half of the files were moved: the book holds all of them, and the journal is gone."""
    before = len(tables.sources()), len(tables.payers())
    paths = [own_tables / "sources.csv", own_tables / "payers.csv"]
    child = os.fork()
    if child == 0:
        real = os.replace

        def dying(source, target):
            if Path(target).name == "payers.csv":
                os._exit(9)
            real(source, target)

        os.replace = dying
        journal.write_all({path: without_first(path) for path in paths}, own_tables)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert (own_tables / journal.JOURNAL).exists()
    assert (len(tables.sources()), len(tables.payers())) == (before[0] - 1, before[1] - 1)
    assert not (own_tables / journal.JOURNAL).exists()


def test_an_update_that_cannot_be_finished_is_a_sentence_on_the_page(own_tables, monkeypatch):
    """The page has its menu and its footer, and works again when the file is let go."""
    path = own_tables / "payers.csv"
    path.with_name("payers.csv.new").write_bytes(path.read_bytes())
    (own_tables / journal.JOURNAL).write_text('["payers.csv"]')

    def in_use(*_):
        raise PermissionError(13, "in use", str(path))

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", in_use)
        at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    assert not at.exception
    assert "payers.csv' cannot be written (in use)" in at.error[0].value
    assert "Trademark" in at.caption[-1].value or "trademark" in at.caption[-1].value
    assert not at.run().error
    assert not (own_tables / journal.JOURNAL).exists()


def test_files_that_change_all_the_time_are_a_sentence(own_tables, monkeypatch):
    """Never a book of half of them."""
    monkeypatch.setattr(books, "PATIENCE", 0.2)
    path, real = own_tables / "sources.csv", Path.read_bytes

    def changing(file):
        content = real(file)
        if file == path:
            put(path, content)
        return content

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", changing)
        with pytest.raises(InputError, match="change all the time"):
            tables.payers()
    assert len(tables.payers()) == 11


def numbers(at):
    """The visit's units, work RVU, total RVU and dollars."""
    return [float(value.lstrip("$")) for value in totals(at)]


def test_a_page_shows_the_new_amount_at_its_next_click(own_tables):
    """Without a restart, after an update has put all files in place; the worked visit has 97110."""

    def put_work(value):
        table = rows(own_tables / "codes.csv")
        table = [row | {"work_rvu": value} if row["code"] == "97110" else row for row in table]
        journal.write_all({own_tables / "codes.csv": as_csv(table)}, own_tables)

    at = opened()
    before = numbers(at)
    put_work("1.45")
    units, work, rvu, dollars = numbers(run(at))
    assert [units, work, rvu] == pytest.approx([before[0], before[1] + 2, before[2] + 2])
    assert dollars > before[3]
    put_work("0.45")
    assert numbers(run(at)) == before
