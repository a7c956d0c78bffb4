"""Files that are renewed together: all of them or none, whenever the power fails.

First each new content is written beside its file (`codes.csv.new`), then a journal that names them
is put in place, and from that moment the new files count: `finish_renewal` moves each over the
old one, again and again if need be. Without a journal nothing has happened, and the old files are
whole.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from chirocalc.errors import InputError, Problem

JOURNAL = "update.journal"


def write_all(files: Mapping[Path, bytes], folder: Path) -> None:
    """Put these contents in the place of these files, with the journal in `folder`.

    Raises `InputError` when one cannot be written; then all are as they were.
    """
    finish_renewal(folder)
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
    finish_renewal(folder)


def finish_renewal(folder: Path) -> bool:
    """Finish a renewal that was interrupted; True if there was one. Raises `InputError`."""
    journal = folder / JOURNAL
    if not journal.exists():
        return False
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
    return True


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
