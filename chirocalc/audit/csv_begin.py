"""The begin of a CSV: its encoding, what stands between its values, and which row is its header."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .csv_blocks import MOST_RECORD
from .header import HEAD, Header, find_header
from .visit_file import BROKEN, UTF_8, cannot_read

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}

SAMPLE = 1 << 16  # bytes looked at to tell what a file is

WINDOWS_LETTERS = "chirocalc windows letters"  # how `codecs` treats bytes that are not UTF-8

UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

# By a wrong delimiter values are longer than csv allows, and a note may be.
csv.field_size_limit(2 * MOST_RECORD)

# ="97110" is written to keep Excel from reading a number.
TEXT_MARK = '^="([^"]*)"$'


def encoding_of(head: bytes) -> str:
    """UTF-16 by its mark, or by the zeros in every other byte of plain letters; else UTF-8."""
    if head.startswith(UTF_16):
        return "utf-16"
    for encoding, zeros in (("utf-16-le", head[1::2]), ("utf-16-be", head[::2])):
        if 2 * zeros.count(0) > len(zeros):
            return encoding
    return UTF_8


def as_utf8(parts: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Text as UTF-8; bytes that are no letters become `BROKEN`, so that their row can be told."""
    errors = "replace" if encoding.startswith("utf-16") else WINDOWS_LETTERS
    decoder = codecs.getincrementaldecoder(encoding)(errors=errors)
    for part in parts:
        yield decoder.decode(part).replace("\0", BROKEN).encode()
    yield decoder.decode(b"", True).encode()


def _windows_letters(error: UnicodeError) -> tuple[str, int]:
    """Bytes that are not UTF-8 as Excel means them when it saves a "CSV"."""
    assert isinstance(error, UnicodeDecodeError)
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error(WINDOWS_LETTERS, _windows_letters)


@dataclass
class Begin:
    """The begin of a text, its delimiter, its first records, and where among them its header is."""

    text: bytes
    delimiter: str
    header: Header
    records: list[list[str]]

    @property
    def is_sure(self) -> bool:
        """Whether no more of the text is needed to tell the header."""
        return self.header.fields > 0 or len(self.records) > HEAD


def begin_of(texts: Iterator[bytes], name: str) -> Begin:
    """As much of the begin of a text as tells which of its rows is the header."""
    start, size, ended = b"", SAMPLE, False
    while True:
        while len(start) < size and not ended:
            text = next(texts, None)
            start, ended = start + (text or b""), text is None
        found = _parsed(start, ended)
        if found and (ended or found.is_sure or size > MOST_RECORD):
            return found
        if ended:
            raise cannot_read(name, "is empty")
        if size > MOST_RECORD:
            raise cannot_read(name, f"has no header in its first {MOST_RECORD >> 20} MB")
        size *= 4


def _parsed(start: bytes, ended: bool) -> Begin | None:
    """The begin of a text read with the delimiter that shows most of a header."""
    letters = start.decode(errors="ignore")  # a letter may be cut at the end
    usual = _delimiter(letters)
    found = []
    for delimiter in [usual, *(each for each in DELIMITERS if each != usual)]:
        records = _records(letters, delimiter)
        header = find_header(records)
        if header and (ended or header.at + 1 < len(records)):  # else it may be cut
            found.append(Begin(start, delimiter, header, records))
    best = max(found, key=lambda begin: begin.header.fields, default=None)
    return best if best and (best.header.fields or best.delimiter == usual) else None


def _delimiter(text: str) -> str:
    """What stands between the values of the first line that holds any, quoted ones left out."""
    bare = re.sub(r'"((?:[^"]|"")*)"', lambda quoted: "x" if quoted[1].strip() else "", text)
    nothing = re.compile(f"[\\s{re.escape(''.join(DELIMITERS))}]*")
    first = next((line for line in re.split("[\r\n]", bare) if not nothing.fullmatch(line)), "")
    return max(DELIMITERS, key=first.count)


def _records(letters: str, delimiter: str) -> list[list[str]]:
    """The records of the begin of a text, the last one perhaps cut."""
    reader = csv.reader(io.StringIO(letters, newline=""), delimiter=delimiter)
    return [[re.sub(TEXT_MARK, r"\1", value) for value in record] for record in reader]
