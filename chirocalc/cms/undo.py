"""Going back one update: the tables before the last one, kept in an archive beside them.

The archive is written with the tables, all of it or nothing (`journal`). It holds the old content
of each file that the update changed and a digest of the new one, so that no later edit is lost.
"""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import TextIO

from chirocalc.checked import checked
from chirocalc.errors import InputError, Problem
from chirocalc.tables import FOLDER, finish_renewal, write_all
from chirocalc.words import listed

from .dollars import in_dollars
from .held import content_of

ARCHIVE = "before_update.zip"  # no CSV: neither the app nor the package takes it for a table

INDEX = "index.json"

CANNOT = 2


@dataclass(frozen=True)
class Before:
    """The contents before the last update by file, digests of those it left, what it was of."""

    files: dict[Path, bytes]
    left: dict[Path, str]
    releases: list[str]
    day: str


def archived(
    before: Mapping[Path, bytes],
    files: Mapping[Path, bytes],
    folder: Path,
    releases: list[str],
    day: str,
) -> bytes:
    """The archive of an update that puts `files` in the place of what they were `before`."""
    index = {
        "releases": releases,
        "day": day,
        "files": {
            Path(os.path.relpath(path, folder)).as_posix(): _digest(content)
            for path, content in files.items()
        },
    }
    old = {path.name: before[path] for path in files}
    return _zipped({INDEX: json.dumps(index).encode()} | old)


def _zipped(members: Mapping[str, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def kept_before(folder: Path) -> Before | None:
    """What the archive of a folder holds; None without one. Raises `InputError`."""
    path = folder / ARCHIVE
    if not path.exists():
        return None
    try:
        with zipfile.ZipFile(path) as archive:
            if not archive.namelist():  # of an update that was undone
                return None
            index = json.loads(archive.read(INDEX))
            left = {folder / name: digest for name, digest in index["files"].items()}
            files = {path: archive.read(path.name) for path in left}
        return Before(files, left, index["releases"], index["day"])
    except (zipfile.BadZipFile, OSError, KeyError, ValueError, EOFError) as error:
        said = f"is damaged: nothing can be undone ({type(error).__name__})"
        raise InputError([Problem("update", None, "file", ARCHIVE, said)]) from None


@checked
def undo(check_only: bool, ask: Callable[[str], bool], out: TextIO, folder: Path = FOLDER) -> int:
    """Show what going back one update changes, ask, write all of it or nothing: the exit code.

    Returns 0, or 2 when there is nothing to undo, a file was edited since, or cannot be written:
    what is wrong is then said.
    """
    try:
        finish_renewal(folder)
        before = kept_before(folder)
        if before is None:
            print("There is nothing to undo.", file=out)
            return CANNOT
        now = _unedited(before)
        for line in _in_words(before, now):
            print(line, file=out)
        if check_only or not ask("Go back to these tables?"):
            print("Nothing was written.", file=out)
            return 0
        empty = {folder / ARCHIVE: _zipped({})}
        write_all(before.files | empty, folder, now)
        (folder / ARCHIVE).unlink(missing_ok=True)
        print("Undone. An app that is running uses these tables from its next click on.", file=out)
    except InputError as error:
        print(f"{error}\nNothing was written.", file=out)
        return CANNOT
    return 0


def _in_words(before: Before, now: Mapping[Path, bytes]) -> Iterable[str]:
    names = listed(path.name for path in before.files)
    yield f"The update of {before.day} ({', '.join(before.releases)}) is undone: {names}."
    yield from in_dollars(now, before.files)


def _unedited(before: Before) -> dict[Path, bytes]:
    """The files as the update left them. Raises `InputError` for those that were edited since."""
    now = {path: content_of(path) for path in before.left}
    edited = [path for path, content in now.items() if _digest(content) != before.left[path]]
    if edited:
        said = "was edited after the update, and going back would lose that: keep a copy, and undo "
        said += "the edit first"
        raise InputError(Problem("update", None, "file", path.name, said) for path in edited)
    return now


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()
