"""Updates that meet bad luck: two at once, killed, a full disk, a damaged journal. Whatever happens
the tables are those of before or those of after, and what is said of it is true."""

import errno
import inspect
import io
import itertools
import os
import random
import time
from pathlib import Path

import cms_layouts as made
import pytest
from fuzz import TIMES
from test_cms_update import (
    CODES,
    contents,
    folder,
    our_gpcis,
    our_limits,
    our_pairs,
    our_rvus,
    run,
    table,
)

from chirocalc import InputError, tables
from chirocalc.cms import undo
from chirocalc.cms.undo import ARCHIVE, kept_before
from chirocalc.cms.update import update
from chirocalc.tables import journal

__all__ = ["folder"]

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

PAIRS_AT_ONCE = 4 * TIMES  # 200 in 50 times


@pytest.fixture(autouse=True)
def no_dollars(monkeypatch):
    """What visits come to is shown by other tests, and takes a second."""
    for command in (update, undo):
        monkeypatch.setitem(command.__globals__, "in_dollars", lambda *_: [])


@pytest.fixture(scope="module")
def downloads(tmp_path_factory):
    """Updates that differ, each a list of files, by name."""
    place = tmp_path_factory.mktemp("downloads")
    work = {"T97110": {"work_rvu": "0.50"}}
    files = {
        "RVU26D.csv": made.rvu_csv(our_rvus(**work), month="October"),
        "RVU27A.zip": made.as_zip(
            {
                "PPRRVU2027_Jan_nonQPP.csv": made.rvu_csv(our_rvus(), 2027, "January", "32.9000"),
                "PPRRVU2027_Jan_QPP.csv": made.rvu_csv(our_rvus(), 2027, "January", "33.2000"),
                "GPCI2027.csv": made.gpci_csv(our_gpcis(), 2027),
            }
        ),
        "GPCI2026.csv": made.gpci_csv(our_gpcis(**{"01112-05": "0.500"})),
        "MUE 2027Q1.csv": made.limit_csv(our_limits(T97110=("5", "2"))),
        "PTP 2027Q1.txt": made.pair_text(our_pairs()[:-9] + our_pairs()[-1:]),
    }
    for name, content in files.items():
        (place / name).write_bytes(content)
    return {name: place / name for name in files}


def updated(folder, path):
    """The exit code and what was said."""
    quarter = path.stem.split()[1] if " " in path.stem else None
    return run(folder, [path], quarter=quarter)[:2]


def fill(folder, files):
    """The folder with these files and no others."""
    for path in folder.iterdir():
        path.unlink()
    for name, content in files.items():
        (folder / name).write_bytes(content)


def told_of(folder):
    """Its tables, and what can be undone: the archive's own bytes hold the time of day."""
    files = contents(folder)
    files.pop(ARCHIVE, None)
    before = kept_before(folder)
    undoes = {path.name: content for path, content in before.files.items()} if before else {}
    return files, undoes, before.releases if before else []


def forked(work):
    """A child that does this and ends with what it returns as its exit code."""
    child = os.fork()
    if child == 0:
        code = 99
        try:
            code = work()
        finally:
            os._exit(code)
    return child


def ended(child):
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


# Two at once


def test_two_updates_at_once_end_as_one_and_then_the_other(folder, downloads):
    """Pairs of different updates, begun within a few hundredths of a second of each other, with
    every answer yes: nothing is lost, nothing is mixed."""
    draw, before = random.Random(17), contents(folder)
    names = [pair for pair in itertools.permutations(downloads, 2) if pair[0] < pair[1]]
    both: dict[tuple[str, str], list] = {}
    for pair in [names[at % len(names)] for at in range(PAIRS_AT_ONCE)]:
        if pair not in both:
            both[pair] = []
            for order in (pair, pair[::-1]):
                fill(folder, before)
                codes = {name: updated(folder, downloads[name])[0] for name in order}
                both[pair].append((*told_of(folder), codes))
        fill(folder, before)
        pauses = [0.0, draw.choice([0.0, 0.02, 0.1, 0.3])]
        children = {}
        for name, pause in zip(draw.sample(pair, 2), pauses, strict=True):
            time.sleep(pause)
            children[name] = forked(lambda name=name: updated(folder, downloads[name])[0])
        codes = {name: ended(child) for name, child in children.items()}
        assert (*told_of(folder), codes) in both[pair], pair
        assert not list(folder.glob("*.new"))


def test_the_second_says_who_is_at_it_and_waits(folder, downloads):
    """And plans anew from what the first has left."""
    out = io.StringIO()
    ready, go = os.pipe()

    def first():
        with journal.renewing(folder):
            os.write(go, b"1")
            time.sleep(0.6)
            assert updated(folder, downloads["GPCI2026.csv"])[0] == 0
        return 0

    before, asked = contents(folder), []

    def yes(question):
        asked.append(question)
        if len(asked) == 1:
            asked.append(forked(first))
            os.read(ready, 1)
        return True

    code = update([downloads["RVU26D.csv"]], False, yes, out, None, folder)
    said = out.getvalue()
    assert (code, ended(asked[1]), asked[::2]) == (0, 0, ["Write these changes?"] * 2)
    assert f"The tables are being updated by process {asked[1]} on " in said
    assert "The tables were changed meanwhile. From what they are now:" in said
    assert any(row["mp_gpci"] == "0.500" for row in table(folder, "localities"))
    assert {row["release"] for row in table(folder, "codes")} >= {"RVU26D"}
    assert contents(folder) != before
    assert not list(folder.glob("*.new"))


def test_who_waits_too_long_is_told_who_is_at_it(folder, downloads, monkeypatch):
    """Of a holder that stays; nothing is written."""
    renewing = inspect.unwrap(journal.renewing)
    assert journal.WAIT in renewing.__defaults__
    monkeypatch.setattr(renewing, "__defaults__", (None, 0.2, False, ""))
    before = contents(folder)
    with journal.renewing(folder):
        child = forked(lambda: said_by(folder, downloads["GPCI2026.csv"], "is being updated by"))
        assert ended(child) == 2
    assert contents(folder) == before


def said_by(folder, path, words):
    code, said = updated(folder, path)
    return code if words in said and said.endswith("Nothing was written.\n") else 98


def test_the_lock_of_a_process_that_died_is_taken_over(folder, downloads):
    def dies():
        with journal.renewing(folder):
            os._exit(9)

    assert ended(forked(dies)) == 9
    assert (folder / journal.LOCK).exists()
    assert updated(folder, downloads["GPCI2026.csv"])[0] == 0
    assert not (folder / journal.LOCK).exists()


def test_an_undo_and_an_update_at_once(folder, downloads):
    """The undo is of the update before, or of the one that came between, or is refused."""
    before = contents(folder)
    assert updated(folder, downloads["GPCI2026.csv"])[0] == 0
    first = contents(folder)
    assert updated(folder, downloads["MUE 2027Q1.csv"])[0] == 0
    second = contents(folder)
    assert undo(False, lambda _: True, io.StringIO(), folder) == 0
    assert told_of(folder)[0] == {n: c for n, c in first.items() if n != ARCHIVE}

    fill(folder, first)
    children = [
        forked(lambda: updated(folder, downloads["MUE 2027Q1.csv"])[0]),
        forked(lambda: undo(False, lambda _: True, io.StringIO(), folder)),
    ]
    codes = [ended(child) for child in children]
    assert codes[0] == 0
    after = told_of(folder)[0]
    fill(folder, before)
    assert updated(folder, downloads["MUE 2027Q1.csv"])[0] == 0
    undone_first = told_of(folder)[0]
    assert after in [
        undone_first,
        {n: c for n, c in first.items() if n != ARCHIVE},
        {n: c for n, c in second.items() if n != ARCHIVE},
    ]
    assert (codes[1] == 2) == (after == {n: c for n, c in second.items() if n != ARCHIVE})


# The disk

NAMES = ("a.csv", "b.csv", "codes.csv", journal.JOURNAL, "tables")

OPERATIONS = [
    (os, "open"), (os, "fsync"), (os, "replace"), (os, "write"), (os, "ftruncate"),
    (Path, "open"), (Path, "unlink"), (Path, "read_bytes"), (Path, "exists"),
]  # fmt: skip


def before_each_operation(monkeypatch, happens, at):
    """Let this happen in the place of the operation of this number; a list of those there were."""
    seen = []

    def watched(name, function):
        def call(*args, **kwargs):
            seen.append(name)
            if len(seen) - 1 == at:
                happens()
            return function(*args, **kwargs)

        return call

    for owner, name in OPERATIONS:
        monkeypatch.setattr(owner, name, watched(name, getattr(owner, name)))
    return seen


@pytest.fixture
def small(tmp_path):
    """Two folders of small files, and what is put in their place."""
    paths = [tmp_path / "tables" / "a.csv", tmp_path / "codes.csv", tmp_path / "tables" / "b.csv"]
    (tmp_path / "tables").mkdir()
    for path in paths:
        path.write_bytes(b"old")
    return tmp_path / "tables", paths


def test_killed_before_any_operation(small, monkeypatch):
    """The next start sees all old or all new; the next update leaves nothing lying about."""
    folder, paths = small
    seen, at, died = set(), 0, True
    while died:
        for path in paths:
            path.write_bytes(b"old")

        def work(at=at):
            with pytest.MonkeyPatch.context() as patch:
                before_each_operation(patch, lambda: os._exit(9), at)
                journal.write_all(dict.fromkeys(paths, b"new"), folder)
            return 0

        died = ended(forked(work)) == 9
        journal.finish_renewal(folder)
        found = {path.read_bytes() for path in paths}
        assert len(found) == 1, at
        seen |= found
        journal.write_all({paths[0]: b"next", paths[1]: b"next"}, folder)
        assert {path.name for path in [*folder.iterdir(), *folder.parent.iterdir()]} == {
            "a.csv", "b.csv", "codes.csv", "tables",
        }  # fmt: skip
        at += 1
    assert seen == {b"old", b"new"}
    assert at > 37


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EIO])
def test_failing_at_any_operation(small, number):
    """A sentence that names a file; the files are all old where it says that nothing was changed,
    and else all new once they are read."""
    folder, paths = small
    at, said = 0, {}
    while True:
        for path in paths:
            path.write_bytes(b"old")

        def fails():
            raise OSError(number, os.strerror(number))

        with pytest.MonkeyPatch.context() as patch:
            seen = before_each_operation(patch, fails, at)
            try:
                journal.write_all(dict.fromkeys(paths, b"new"), folder)
                outcome, words = b"new", ""
            except journal.UnfinishedError as error:
                outcome, words = b"new", str(error)
                assert "finished at the next start" in words
            except InputError as error:
                outcome, words = b"old", str(error)
                assert "nothing was changed" in words
        if at >= len(seen):
            break
        if words:
            assert os.strerror(number) in words
            assert any(f"'{name}'" in words for name in NAMES), words
        journal.finish_renewal(folder)
        assert {path.read_bytes() for path in paths} == {outcome}, (at, seen[at], words)
        assert not (folder / journal.JOURNAL).exists()
        said[outcome] = said.get(outcome, 0) + bool(words)
        at += 1
    assert said[b"old"] > 10
    assert said[b"new"] > 5


def test_a_disk_that_fails_in_an_update_is_said_truly(folder, downloads):
    """By the command: "Nothing was written." where that is so, and what counts where it does."""
    before = contents(folder)
    assert updated(folder, downloads["GPCI2026.csv"])[0] == 0
    after = told_of(folder)[0]
    fill(folder, before)
    with pytest.MonkeyPatch.context() as patch:
        seen = before_each_operation(patch, lambda: None, -1)
        updated(folder, downloads["GPCI2026.csv"])
        count = len(seen)
    tried = sorted(random.Random(5).sample(range(count), min(count, 12 * TIMES)))
    for at in tried:
        fill(folder, before)

        def fails():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        with pytest.MonkeyPatch.context() as patch:
            before_each_operation(patch, fails, at)
            code, said = updated(folder, downloads["GPCI2026.csv"])
        journal.finish_renewal(folder)
        tables_now = {n: c for n, c in told_of(folder)[0].items() if not n.endswith(".new")}
        if code == 0:
            assert tables_now == after
        elif said.endswith("Nothing was written.\n"):
            assert tables_now == before, said
        else:
            assert "The new tables are written and count." in said
            assert tables_now == after


# A journal that is damaged


def stopped(folder, path, monkeypatch, after=1):
    """Let an update stop once so many of its files are in their place."""
    real, moved = os.replace, []

    def held(source, target):
        if Path(target).suffix == ".csv":
            if len(moved) == after:
                raise PermissionError(13, "in use")
            moved.append(target)
        real(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", held)
        code, said = updated(folder, path)
    assert code == 2
    return said


def test_an_update_that_is_stopped_says_what_counts_and_what_waits(folder, downloads, monkeypatch):
    said = stopped(folder, downloads["RVU26D.csv"], monkeypatch).splitlines()
    assert said[-2].endswith(
        "cannot be written (in use): close the program that uses it; the update is finished at the "
        "next start"
    )
    waiting = sorted(path.name.removesuffix(".new") for path in folder.glob("*.new"))
    assert len(waiting) > 1
    assert said[-1].startswith("The new tables are written and count. What waits is put in its ")
    assert sorted(said[-1].rpartition(": ")[2].rstrip(".").split(", ")) == waiting
    assert "Nothing was written" not in "\n".join(said)
    assert (
        updated(folder, downloads["RVU26D.csv"])[1].splitlines()[-1].startswith("Nothing changed")
    )
    assert not list(folder.glob("*.new"))


DAMAGES = {
    "empty": lambda content: b"",
    "half": lambda content: content[: len(content) // 2],
    "zeros": lambda content: bytes(len(content)),
    "other": lambda content: content.replace(b"codes.csv", b"cades.csv"),
    "no list": lambda content: b'{"files": 3}',
    "letters": lambda content: b"\xff\xfe" + content,
}


@pytest.mark.parametrize(("damage", "moved"), [*zip(DAMAGES, [0, 1, 2] * 2, strict=True)])
def test_a_damaged_journal_is_said_and_can_be_undone(folder, downloads, monkeypatch, damage, moved):
    """Which tables are new cannot be told: nothing is guessed, and going back is whole."""
    before = contents(folder)
    stopped(folder, downloads["RVU26D.csv"], monkeypatch, moved)
    path = folder / journal.JOURNAL
    path.write_bytes(DAMAGES[damage](path.read_bytes()))
    with tables.use_files(folder / "codes.csv", folder), pytest.raises(InputError) as caught:
        tables.book()
    assert "'update.journal' is damaged or gone" in str(caught.value)
    assert "waiting: " in str(caught.value)
    assert "update --undo" in str(caught.value)
    code, said = updated(folder, downloads["GPCI2026.csv"])
    assert (code, said.splitlines()[-1]) == (2, "Nothing was written.")
    out = io.StringIO()
    assert undo(False, lambda _: True, out, folder) == 0, out.getvalue()
    assert contents(folder) == before
    assert updated(folder, downloads["GPCI2026.csv"])[0] == 0


@pytest.mark.parametrize("what", ["gone", "cut"])
def test_a_new_file_that_was_lost_is_not_passed_over(folder, downloads, monkeypatch, what):
    before = contents(folder)
    stopped(folder, downloads["RVU26D.csv"], monkeypatch)
    lost = sorted(path for path in folder.glob("*.csv.new"))[-1]
    lost.unlink() if what == "gone" else lost.write_bytes(lost.read_bytes()[:-9])
    with pytest.raises(InputError, match=f"'{lost.name}' is damaged or gone"):
        journal.finish_renewal(folder)
    assert undo(False, lambda _: True, io.StringIO(), folder) == 0
    assert contents(folder) == before


def test_a_damaged_journal_of_an_update_that_was_done(folder, downloads):
    """All was moved, and only the journal was still to go."""
    assert updated(folder, downloads["GPCI2026.csv"])[0] == 0
    after = contents(folder)
    (folder / journal.JOURNAL).write_bytes(b"")
    journal.finish_renewal(folder)
    assert contents(folder) == after


def test_what_was_edited_since_is_kept_with_a_damaged_journal_too(folder, downloads, monkeypatch):
    stopped(folder, downloads["RVU26D.csv"], monkeypatch)
    (folder / journal.JOURNAL).write_bytes(b"")
    path = folder / "codes.csv"
    path.write_bytes(path.read_bytes().replace(b"Therapeutic exercise", b"Exercise"))
    before = contents(folder)
    out = io.StringIO()
    assert undo(False, lambda _: True, out, folder) == 2
    assert "'codes.csv' was edited" in out.getvalue()
    assert contents(folder) == before


def test_a_folder_that_cannot_be_written(folder, downloads, monkeypatch):
    """Showing what would change needs no lock; writing says which folder it is."""
    before, real = contents(folder), os.open

    def read_only(path, flags, *args, **kwargs):
        if flags & (os.O_CREAT | os.O_WRONLY | os.O_RDWR):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))
        return real(path, flags, *args, **kwargs)

    monkeypatch.setattr(os, "open", read_only)
    code, said, _ = run(folder, [downloads["GPCI2026.csv"]], check=True)
    assert (code, said.splitlines()[-1]) == (0, "Nothing was written.")
    code, said = updated(folder, downloads["GPCI2026.csv"])
    assert code == 2
    assert f"folder: '{folder.name}' cannot be written (Read-only file system)" in said
    assert contents(folder) == before
    (folder / journal.JOURNAL).write_bytes(b"[]")
    with tables.use_files(folder / "codes.csv", folder):
        with pytest.raises(InputError, match="interrupted waits to be finished"):
            tables.book()
        monkeypatch.undo()
        assert len(tables.codes()) == len(CODES)
