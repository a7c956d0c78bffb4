"""CMS's downloads: a file or a zip of files, read within bounds into the releases it holds."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from chirocalc.errors import InputError

from .layouts import NAMES, read_text, read_workbook
from .releases import Release, Told, asked_quarter, file_error, release_of

# A zip bomb is far above these; CMS's largest zip (pairs) is some 30 MB of text and a workbook.
MOST_FILES = 200

MOST_BYTES = 500_000_000

MOST_RATIO = 200


class Reading(NamedTuple):
    """What a file or a zip holds, and the names of what in it is not used."""

    releases: list[Release]
    left: list[str]


class File(NamedTuple):
    """A file by its name, in a zip or not."""

    name: str
    content: bytes


def read_cms(source: Path | bytes, name: str, quarter: str | None = None) -> Reading:
    """What CMS's file holds, zipped or not, one `Release` per table and conversion factor.

    `quarter` ("2026Q2") answers where the content does not say. Raises `InputError` for a file
    that is none of CMS's that are used, is damaged, or leaves open which release it is.
    """
    asked = asked_quarter(quarter)
    found: list[Release] = []
    left: list[str] = []
    # Of several forms of a table the text is read first, and a CSV before lines without a title.
    for file in sorted(unpacked(source, name), key=_preference):
        workbook = _is_workbook(file.content)
        if workbook and (text := _same_stem(file, found)):
            left.append(f"{file.name} (the workbook of {text})")
            continue
        layout = (read_workbook if workbook else read_text)(file.content, file.name)
        if layout is None:
            left.append(file.name)
            continue
        beside = [(r.year, r.quarter) for r in found if r.kind == layout.kind and r.quarter]
        release = release_of(file.name, layout, Told(asked, beside[0] if beside else None))
        if twin := _twin(release, found):
            left.append(f"{file.name} (the same as {twin})")
        else:
            found.append(release)
    if not found:
        raise file_error(name, f"holds no file of CMS's that is used: {', '.join(NAMES.values())}")
    return Reading(found, left)


def unpacked(source: Path | bytes, name: str) -> Iterator[File]:
    """A file itself, or the files of a zip. Raises `InputError` for one that cannot be read."""
    try:
        content = source if isinstance(source, bytes) else source.read_bytes()
    except OSError as error:
        raise file_error(name, f"cannot be read: {error.strerror}") from None
    yield from _files(File(name, content), 0, _Room(MOST_BYTES))


class _Room:
    """How many bytes may still be unpacked, over a zip and the zips in it."""

    def __init__(self, size: int) -> None:
        self.size = size


def _is_workbook(content: bytes) -> bool:
    """Whether a zip is an xlsx."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False


def _files(file: File, depth: int, room: _Room) -> Iterator[File]:
    """A file itself, or those of a zip, nested one level deep. Raises `InputError`."""
    if not file.content.startswith(b"PK"):
        yield file
    elif _is_workbook(file.content):
        for _ in _members(file, room):  # unpacked once, within bounds, before calamine does
            pass
        yield file
    elif depth > 1:
        raise file_error(file.name, "is a zip in a zip in a zip: unpack it first")
    else:
        for member in _members(file, room):
            yield from _files(member, depth + 1, room)


def _members(file: File, room: _Room) -> Iterator[File]:
    """The files of a zip. Raises `InputError` for one that is damaged or out of bounds."""
    try:
        with zipfile.ZipFile(BytesIO(file.content)) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
            if len(infos) > MOST_FILES:
                raise file_error(file.name, f"holds {len(infos)} files: more than {MOST_FILES}")
            most = MOST_RATIO * len(file.content)
            for info in infos:
                with archive.open(info) as stream:
                    # What the zip says of sizes may be wrong.
                    content = stream.read(min(room.size, most) + 1)
                room.size -= len(content)
                most -= len(content)
                if min(room.size, most) < 0:
                    said = "unpacks to far more than CMS's files do, and is not used"
                    raise file_error(file.name, said)
                yield File(
                    _printable(PurePosixPath(info.filename.replace("\\", "/")).name), content
                )
    except InputError:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
        raise file_error(file.name, f"is a damaged zip: {error}") from None
    except (RuntimeError, NotImplementedError) as error:  # a password, or an unknown packing
        raise file_error(file.name, f"is a zip that cannot be unpacked: {error}") from None


def _printable(name: str) -> str:
    """A name out of an archive as it may be printed: letters that a terminal obeys are escaped."""
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode() for each in name
    )


def _preference(file: File) -> tuple[bool, bool, str]:
    return _is_workbook(file.content), file.name.lower().endswith(".txt"), file.name


def _stem(name: str) -> str:
    return PurePosixPath(name).stem.lower()


def _same_stem(file: File, found: list[Release]) -> str | None:
    return next((r.file for r in found if _stem(r.file) == _stem(file.name)), None)


def _twin(release: Release, found: list[Release]) -> str | None:
    """The file that has the same release already. Raises `InputError` when the two differ."""
    for other in found:
        if (other.kind, other.label, other.conversion_factor) != (
            release.kind,
            release.label,
            release.conversion_factor,
        ) or release.kind == "pairs":  # which comes in parts
            continue
        if other.table.reset_index(drop=True).equals(release.table.reset_index(drop=True)):
            return other.file
        raise file_error(
            release.file, f"is {release.label} as {other.file} is, and differs from it"
        )
    return None
