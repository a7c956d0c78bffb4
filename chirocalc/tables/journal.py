"""Files that are renewed together: all of them or none, whenever the power fails.

First each new content is written beside its file (`codes.csv.new`), then a journal that names them
is put in place, and from that moment the new files count: `finish_renewal` moves each over the
old one, again and again if need be. Without a journal nothing has happened, and the old files are
whole. Only who holds the lock of the folder (`renewing`) writes or moves; who finds a journal
meanwhile waits for that one to be done.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from contextvars import ContextVar
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from chirocalc.checked import checked
from chirocalc.errors import InputError, Problem

from .lock import locked

JOURNAL = "update.journal"

LOCK = "update.new"  # of the folder; as all .new files it is nothing to the app

WAIT = 60.0  # seconds that an update waits for another

PATIENCE = 10.0  # seconds until files that change all the time are given up

Digests = dict[Path, tuple[str, str] | None]  # by file, of its content before and after; or unknown
Mark = tuple[int, int, int] | None  # when a file changed, its size, its number; None without one
M = TypeVar("M")
R = TypeVar("R")

# Those that are renewed here, each with the process: one that was forked has not got the lock.
_mine: ContextVar[frozenset[tuple[int, Path]]] = ContextVar("renewed here", default=frozenset())


class DamagedError(InputError):
    """A journal that does not say any more what was to be put in place."""


class UnfinishedError(InputError):
    """A renewal that counts, of which not all could be put in place; `waiting` names what."""

    def __init__(self, problems: Iterable[Problem], waiting: Iterable[str] = ()) -> None:
        super().__init__(problems)
        self.waiting = list(waiting)


@checked
@contextmanager
def renewing(
    folder: Path,
    told: Callable[[str], object] | None = None,
    wait: float = WAIT,
    whatever_waits: bool = False,
    without: str = "nothing was changed",
) -> Iterator[None]:
    """Inside, nobody else changes the tables of this folder.

    A renewal that was interrupted is finished first; with `whatever_waits` it is left, for what
    follows puts another in its place. `told` hears who holds the folder where another does. Raises
    `InputError` when that takes too long, or the folder cannot be written; `without` says what it
    is like then.
    """
    this = os.getpid(), folder
    if this in _mine.get():
        yield
        return
    with ExitStack() as held:
        try:
            held.enter_context(locked(folder / LOCK, wait, told))
        except TimeoutError as error:
            said = f"is being updated by {error}: try again when that is done"
            raise InputError([Problem("update", None, "folder", folder.name, said)]) from None
        except OSError as error:
            raise InputError([_problem(folder, error, without)]) from None
        before = _mine.set(_mine.get() | {this})
        try:
            if not whatever_waits:
                _finish(folder)
            yield
        finally:
            _mine.reset(before)


@checked
def write_all(
    files: Mapping[Path, bytes],
    folder: Path,
    before: Mapping[Path, bytes] | None = None,
    whatever_waits: bool = False,
) -> None:
    """Put these contents in the place of these files, with the journal in `folder`.

    `before`: what files must still hold, for the new contents were made from it. Raises
    `InputError` when they do not, or one cannot be written; then all are as they were. Raises
    `UnfinishedError` when all are written and count, and one cannot be put in its place yet.
    """
    with renewing(folder, whatever_waits=whatever_waits):
        _check_same(before or {})
        if not whatever_waits:
            _clean(folder, {*files, *(before or {})})
        _write_all(files, folder)
        try:
            _put_in_place(folder / JOURNAL)
        except InputError as error:
            waiting = [path.name for path in files if os.path.exists(_new(path))]
            raise UnfinishedError(error.problems, waiting) from None


def _check_same(before: Mapping[Path, bytes]) -> None:
    for path, content in before.items():
        with _naming(path, "nothing was changed"):
            same = path.exists() and path.read_bytes() == content
        if not same:
            said = "was changed by something else meanwhile: begin again"
            raise InputError([Problem("update", None, "file", path.name, said)])


def _clean(folder: Path, paths: Iterable[Path]) -> None:
    """Remove what a renewal that died before its journal has left."""
    for path in {*folder.glob("*.new"), *map(_new, paths)} - {folder / LOCK}:
        with suppress(OSError):
            path.unlink()


def _write_all(files: Mapping[Path, bytes], folder: Path) -> None:
    """Write the new contents and the journal beside their files; all of it, or nothing is left."""
    written: list[Path] = []
    said = "nothing was changed"
    try:
        digests = {}
        for path, content in files.items():
            old = b""
            with _naming(path, said):
                if path.exists():
                    with path.open("r+b") as file:  # refused on Windows while a spreadsheet has it
                        old = file.read()
                written.append(_new(path))
                _write(_new(path), content)
                if path.exists():
                    shutil.copymode(path, _new(path))
            name = Path(os.path.relpath(path, folder)).as_posix()
            digests[name] = [_digest(old), _digest(content)]
        journal = folder / f"{JOURNAL}.new"
        with _naming(folder / JOURNAL, said):
            _sync_folders(files)
            written.append(journal)
            _write(journal, json.dumps({"files": digests, "digest": _sum(digests)}).encode())
            os.replace(journal, folder / JOURNAL)
    except BaseException:
        for path in written:
            with suppress(OSError):
                path.unlink(missing_ok=True)
        raise


@checked
def finish_renewal(folder: Path) -> None:
    """Finish a renewal that was interrupted, or wait for one. Raises `InputError`."""
    if (folder / JOURNAL).exists():
        said = "an update that was interrupted waits to be finished"
        with renewing(folder, wait=PATIENCE, without=said):
            pass


def undisturbed(
    folder: Path,
    marks: Callable[[], M],
    read: Callable[[], R],
    patience: float = PATIENCE,
) -> tuple[M, R]:
    """What `read` reads while no renewal is at it and nothing else changes, and the `marks` of it,
    which are equal before and after. Raises `InputError`."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        finish_renewal(folder)
        before = marks()
        found = read()
        if not (folder / JOURNAL).exists() and marks() == before:
            return before, found
    said = "change all the time: wait until what writes them is done"
    raise InputError([Problem("tables", None, "files", folder.name, said)])


@checked
def read_whole(paths: Iterable[Path], folder: Path) -> dict[Path, bytes]:
    """The contents of files of one moment. Raises `InputError` naming one that cannot be read."""
    paths = list(paths)

    def content(path: Path) -> bytes:
        try:
            return path.read_bytes()
        except OSError as error:
            said = f"cannot be read: {error.strerror}"
            raise InputError([Problem("update", None, "file", path.name, said)]) from None

    def marks() -> list[Mark]:
        return [mark(path.stat) for path in paths]

    return undisturbed(folder, marks, lambda: {path: content(path) for path in paths})[1]


def mark(stat: Callable[[], os.stat_result]) -> Mark:
    """By what a change of a file is seen."""
    try:
        found = stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _finish(folder: Path) -> None:
    with _naming(folder / JOURNAL, "nothing was changed"):
        is_waiting = (folder / JOURNAL).exists()
    if is_waiting:
        _put_in_place(folder / JOURNAL)


def _put_in_place(journal: Path) -> None:
    said = "close the program that uses it; the update is finished at the next start"
    with _naming(journal, said):
        paths = _listed(journal)
    for path in paths:
        with _naming(path, said):
            if _new(path).exists():  # else it was moved before the interruption
                os.replace(_new(path), path)
    with _naming(journal, said):
        _sync_folders(paths)
        journal.unlink(missing_ok=True)
        _sync_folder(journal.parent)


def _listed(journal: Path) -> list[Path]:
    """The files of a journal, each new one whole. Raises `DamagedError`."""
    folder = journal.parent
    waiting = sorted(path.name for path in folder.glob("*.new") if path.name != LOCK)
    digests = _read_journal(journal)
    if digests is None:
        if not waiting:  # all were moved, and only the journal was still to go
            return []
        raise _damaged(JOURNAL, waiting)
    for path, both in digests.items():
        new = _new(path).exists()
        content = (_new(path) if new else path).read_bytes() if new or path.exists() else b""
        if both and new and _digest(content) != both[1]:
            raise _damaged(_new(path).name, waiting)
        if both and not new and _digest(content) == both[0] != both[1]:
            raise _damaged(_new(path).name, waiting)  # it is gone, and was never moved
    return list(digests)


def _damaged(name: str, waiting: list[str]) -> DamagedError:
    said = (
        "is damaged or gone, so an update that was interrupted cannot be finished (waiting: "
        f"{', '.join(waiting) or 'nothing'}): python -m chirocalc update --undo goes back to the "
        "tables before it"
    )
    return DamagedError([Problem("update", None, "file", name, said)])


def _read_journal(journal: Path) -> Digests | None:
    """The files that a journal names; None when it is damaged."""
    try:
        said = json.loads(journal.read_bytes())
        if isinstance(said, list):  # of an earlier version, without digests
            return {journal.parent / name: None for name in said}
        files = said["files"]
        if said["digest"] != _sum(files):
            return None
        return {journal.parent / name: (old, new) for name, (old, new) in files.items()}
    except (ValueError, TypeError, KeyError):
        return None


def _sum(digests: Mapping[str, list[str]]) -> str:
    return _digest(json.dumps(digests, sort_keys=True).encode())


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()


def _new(path: Path) -> Path:
    return path.with_name(path.name + ".new")


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folders(paths: Iterable[Path]) -> None:
    for folder in sorted({path.parent for path in paths}):
        _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows cannot open a folder
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _naming(path: Path, said: str) -> Iterator[None]:
    """Errors of the disk as sentences that name the file, whatever the system names."""
    try:
        yield
    except OSError as error:
        raise InputError([_problem(path, error, said)]) from None


def _problem(path: Path, error: OSError, said: str) -> Problem:
    what = "folder" if path.is_dir() else "file"
    return Problem("update", None, what, path.name, f"cannot be written ({error.strerror}): {said}")
