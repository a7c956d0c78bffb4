"""Files that are renewed together: all of them or none, whenever the power fails.

First each new content is written beside its file (`codes.csv.new`), then a journal that names them
is put in place, and from that moment the new files count: `finish_renewal` moves each over the
old one, again and again if need be. Without a journal nothing has happened, and the old files are
whole. Who finds a journal while another process is at it waits for that one to be done.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from chirocalc.checked import checked
from chirocalc.errors import InputError, Problem

if sys.platform != "win32":
    import fcntl

JOURNAL = "update.journal"


@checked
def write_all(
    files: Mapping[Path, bytes], folder: Path, before: Mapping[Path, bytes] | None = None
) -> None:
    """Put these contents in the place of these files, with the journal in `folder`.

    `before`: what files must still hold, for the new contents were made from it. Raises
    `InputError` when they do not, or one cannot be written; then all are as they were.
    """
    with _alone(folder):
        _finish(folder)
        _check_same(before or {})
        _write_all(files, folder)
        _finish(folder)


def _check_same(before: Mapping[Path, bytes]) -> None:
    for path, content in before.items():
        if not path.exists() or path.read_bytes() != content:
            said = "was changed by something else meanwhile: begin again"
            raise InputError([Problem("update", None, "file", path.name, said)])


def _write_all(files: Mapping[Path, bytes], folder: Path) -> None:
    written: list[Path] = []
    try:
        for path, content in files.items():
            if path.exists():
                with path.open("r+b"):  # refused on Windows while a spreadsheet has it open
                    pass
            written.append(_new(path))
            _write(_new(path), content)
            if path.exists():
                shutil.copymode(path, _new(path))
        _sync_folders(files)
        names = [Path(os.path.relpath(path, folder)).as_posix() for path in files]
        written.append(folder / f"{JOURNAL}.new")
        _write(folder / f"{JOURNAL}.new", json.dumps(names).encode())
        os.replace(folder / f"{JOURNAL}.new", folder / JOURNAL)
    except OSError as error:
        for path in written:
            path.unlink(missing_ok=True)
        raise InputError([_problem(error, "nothing was changed")]) from None
    _sync_folder(folder)


@checked
def finish_renewal(folder: Path) -> None:
    """Finish a renewal that was interrupted, or wait for one. Raises `InputError`."""
    if (folder / JOURNAL).exists():
        with _alone(folder):
            _finish(folder)


def _finish(folder: Path) -> None:
    journal = folder / JOURNAL
    if not journal.exists():
        return
    try:
        paths = [folder / name for name in json.loads(journal.read_bytes())]
        for path in paths:
            if _new(path).exists():  # else it was moved before the interruption
                os.replace(_new(path), path)
        _sync_folders(paths)
        journal.unlink(missing_ok=True)
        _sync_folder(folder)
    except OSError as error:
        said = "close the program that uses it; the update is finished at the next start"
        raise InputError([_problem(error, said)]) from None


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One process or thread at a time; the system lets the next in when one dies."""
    if sys.platform == "win32":  # it can neither open nor lock a folder
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _new(path: Path) -> Path:
    return path.with_name(path.name + ".new")


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folders(paths: Mapping[Path, bytes] | list[Path]) -> None:
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


def _problem(error: OSError, said: str) -> Problem:
    name = Path(error.filename or "tables").name.removesuffix(".new")
    return Problem("update", None, "file", name, f"cannot be written ({error.strerror}): {said}")
