"""The whole log as a JSON file, with what was deleted and what else Track remembers; and back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, NamedTuple

from chirocalc.checked import checked, kind_of
from chirocalc.errors import InputError, Problem

from .rows import Row, read_rows, write_rows

MARK = "chirocalc log"

VERSION = 1


class Backup(NamedTuple):
    """Rows, what else Track remembers by name, and lines that could not be read."""

    rows: list[Row]
    kept: dict[str, Any]
    odd: list[str]


def _as_json(where: str, name: str, value: Any) -> Mapping[str, Any]:
    kept: Mapping[str, Any] = kind_of(Mapping[str, Any]).read(where, name, value)
    for each, held in kept.items():
        try:
            json.dumps(held)
        except (TypeError, ValueError, RecursionError):
            raise InputError(
                [Problem(where, None, name, each, "must be what JSON can hold")]
            ) from None
    return kept


Kept = Annotated[Mapping[str, Any], _as_json]


@checked
def write_backup(rows: Iterable[Row], kept: Kept) -> bytes:
    """All rows, those deleted too, and what else is kept."""
    lines = write_rows(rows).split("\n")
    return json.dumps({"what": MARK, "version": VERSION, "kept": dict(kept), "rows": lines},
                      indent=0).encode()  # fmt: skip


def is_backup(content: bytes) -> bool:
    return (
        content[:200].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
        and MARK.encode() in (content[:200])
    )


def read_backup(content: bytes, name: str) -> Backup:
    """A backup. Raises `InputError` for a file that is none, or of a later version."""
    try:
        held = json.loads(content.decode("utf-8-sig"))
        mark, version, lines = held["what"], held["version"], held["rows"]
        text = "\n".join(str(line) for line in lines)
        kept = dict(held.get("kept") or {})
    except (ValueError, TypeError, KeyError, RecursionError):
        raise _cannot(name, "is not a backup of a log, or was cut off") from None
    if mark != MARK:
        raise _cannot(name, "is not a backup of a log")
    if version != VERSION:
        raise _cannot(name, f"is a backup of another version, {version}: renew this page")
    rows, odd = read_rows(text)
    return Backup(rows, kept, odd)


def _cannot(name: str, reason: str) -> InputError:
    return InputError([Problem(name, None, "file", name, reason)])
