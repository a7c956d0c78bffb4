"""Going back one update: the tables before the last one, kept in an archive beside them.

The archive is written with the tables, all of it or nothing (`journal`). It holds the old content
of each file that the update changed and a digest of the new one, so that no later edit is lost.
"""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import TextIO

from chirocalc.checked import checked
from chirocalc.errors import InputError, Problem
from chirocalc.tables import FOLDER, DamagedError, UnfinishedError, finish_renewal, write_all
from chirocalc.words import listed

from .dollars import in_dollars

ARCHIVE = "before_update.zip"  # no CSV: neither the app nor the package takes it for a table

INDEX = "index.json"

CANNOT = 2

# All that is new is on the disk and counts, and not all of it is in its place.
UNFINISHED = (
    "The new tables are written and count. What waits is put in its place when the tables are next "
    "read: {waiting}."
)


@dataclass(frozen=True)
class Before:
    """The contents before the last update by file, digests of those it left, what it was of, and
    the archive itself."""

    files: dict[Path, bytes]
    left: dict[Path, str]
    releases: list[str]
    day: str
    archive: bytes


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


def kept_before(folder: Path, is_interrupted: bool = False) -> Before | None:
    """What the archive of a folder holds; None without one. Of an update that was interrupted it
    may still wait to be put in its place. Raises `InputError`."""
    if is_interrupted and (found := _read_archive(folder / f"{ARCHIVE}.new", folder)):
        return found
    return _read_archive(folder / ARCHIVE, folder)


def _read_archive(path: Path, folder: Path) -> Before | None:
    if not path.exists():
        return None
    try:
        content = path.read_bytes()
        with zipfile.ZipFile(BytesIO(content)) as archive:
            if not archive.namelist():  # of an update that was undone
                return None
            index = json.loads(archive.read(INDEX))
            left = {folder / name: digest for name, digest in index["files"].items()}
            files = {path: archive.read(path.name) for path in left}
        return Before(files, left, index["releases"], index["day"], content)
    except (zipfile.BadZipFile, OSError, KeyError, ValueError, EOFError) as error:
        said = f"is damaged: nothing can be undone ({type(error).__name__})"
        raise InputError([Problem("update", None, "file", path.name, said)]) from None


@checked
def undo(check_only: bool, ask: Callable[[str], bool], out: TextIO, folder: Path = FOLDER) -> int:
    """Show what going back one update changes, ask, write all of it or nothing: the exit code.

    An update that was interrupted and whose journal is damaged is undone too. Returns 0, or 2 when
    there is nothing to undo, a file was edited since, or cannot be written: what is wrong is then
    said.
    """

    def say(text: str) -> None:
        print(text, file=out)

    try:
        is_interrupted = _is_interrupted(folder, say)
        before = kept_before(folder, is_interrupted)
        if before is None:
            say("There is nothing to undo.")
            return CANNOT
        now = _unedited(before, is_interrupted)
        for line in _in_words(before, {} if is_interrupted else now):
            say(line)
        if check_only or not ask("Go back to these tables?"):
            say("Nothing was written.")
            return 0
        if not is_interrupted:
            now[folder / ARCHIVE] = before.archive
        empty = {folder / ARCHIVE: _zipped({})}
        write_all(before.files | empty, folder, now, whatever_waits=is_interrupted)
        with suppress(OSError):  # the empty one says the same
            (folder / ARCHIVE).unlink()
        say("Undone. An app that is running uses these tables from its next click on.")
    except UnfinishedError as error:
        say(f"{error}\n{UNFINISHED.format(waiting=', '.join(error.waiting))}")
        return CANNOT
    except InputError as error:
        say(f"{error}\nNothing was written.")
        return CANNOT
    return 0


def _is_interrupted(folder: Path, say: Callable[[str], None]) -> bool:
    """Whether an update was interrupted that cannot be finished any more, which is said."""
    try:
        finish_renewal(folder)
    except DamagedError as error:
        say(str(error))
        return True
    return False


def _in_words(before: Before, now: Mapping[Path, bytes]) -> Iterable[str]:
    names = listed(path.name for path in before.files)
    yield f"The update of {before.day} ({', '.join(before.releases)}) is undone: {names}."
    if now:
        yield from in_dollars(now, before.files)


def _unedited(before: Before, is_interrupted: bool) -> dict[Path, bytes]:
    """The files as the update left them; where it was interrupted some as they were before it.
    Raises `InputError` for those that were edited since."""
    now = {path: _content_of(path) for path in before.left}
    edited = [
        path
        for path, content in now.items()
        if _digest(content) != before.left[path]
        and not (is_interrupted and content == before.files[path])
    ]
    if edited:
        said = "was edited after the update, and going back would lose that: keep a copy, and undo "
        said += "the edit first"
        raise InputError(Problem("update", None, "file", path.name, said) for path in edited)
    return now


def _content_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        said = f"cannot be read: {error.strerror}"
        raise InputError([Problem("update", None, "file", path.name, said)]) from None


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()
