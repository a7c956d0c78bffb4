"""Bytes of a CSV cut into blocks of whole records, with quotes as spreadsheets write them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

import numpy as np
from numpy.typing import NDArray

from .visit_file import cannot_read

MOST_RECORD = 1 << 24  # bytes of one row, or before the end of the header


def blocks(
    texts: Iterable[bytes], delimiter: str, name: str, size: int
) -> Iterator[tuple[bytes, int | None]]:
    """A text in blocks of whole records, of `size` bytes or a row more; at the last, where in it
    a quote begins that is never closed, or closed only by the quote of a later row."""
    held = b""
    for text in texts:
        held += text
        if len(held) < size:
            continue
        starts, ends = quoted_stretches(held, delimiter)
        odd_quote = _swallows(held, delimiter, starts, ends)
        if odd_quote is not None:
            yield held, odd_quote
            return
        end = _last_end(held, starts, ends)
        if end:
            yield held[:end], None
            held = held[end:]
        elif len(held) > MOST_RECORD:
            if not len(starts):
                raise cannot_read(name, f"has a row of more than {MOST_RECORD >> 20} MB")
            yield held, int(starts[-1])
            return
    if held:
        starts, ends = quoted_stretches(held, delimiter)
        is_open = len(ends) > 0 and ends[-1] == len(held)
        odd_quote = _swallows(held, delimiter, starts, ends)
        yield held, int(starts[-1]) if is_open and odd_quote is None else odd_quote


Places = NDArray[np.int64]


def quoted_stretches(data: bytes, delimiter: str) -> tuple[Places, Places]:
    """Where stretches in quotes begin and end; one that is open ends after the last byte.

    A quote opens only at the begin of a value; elsewhere, as in 5" tape, it is a letter.
    """
    if b'"' not in data:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    letters = np.frombuffer(data, np.uint8)
    quotes = np.flatnonzero(letters == ord('"'))
    starts, ends = quotes[::2], quotes[1::2]
    before = letters[starts - 1]
    if starts[0] == 0:
        before[0] = ord("\n")
    if np.isin(before, _codes(f'{delimiter}\r\n"')).all():  # each second quote opens
        return starts, ends if len(ends) == len(starts) else np.append(ends, len(data))
    found = [
        (match.start(), match.end() - 1 if match[1] else len(data))
        for match in _quoted_value(delimiter).finditer(data)
    ]
    places = np.array(found, np.int64).reshape(-1, 2)
    return places[:, 0], places[:, 1]


@cache
def _quoted_value(delimiter: str) -> re.Pattern[bytes]:
    opens = f'(?<![^{re.escape(delimiter)}\r\n])"'
    return re.compile((opens + '[^"]*+(?:""[^"]*+)*+("?)').encode())


def _codes(letters: str) -> list[int]:
    return list(letters.encode())


def _swallows(data: bytes, delimiter: str, starts: Places, ends: Places) -> int | None:
    """Where a quote begins that takes in rows: text stands right after the one that closes it."""
    closed = ends[ends < len(data) - 1]
    after = np.frombuffer(data, np.uint8)[closed + 1]
    for at in np.flatnonzero(~np.isin(after, _codes(f'{delimiter}\r\n" \t'))):
        if re.search(b"[\r\n]", data[starts[at] : ends[at]]):
            return int(starts[at])
    return None


def _last_end(data: bytes, starts: Places, ends: Places) -> int:
    """Where the last whole record ends: after the last newline that is not in quotes."""
    limit = len(data) - data.endswith(b"\r")  # perhaps half of a CRLF
    while True:
        at = max(data.rfind(b"\n", 0, limit), data.rfind(b"\r", 0, limit))
        stretch = int(np.searchsorted(starts, at)) - 1
        if at < 0 or stretch < 0 or at > ends[stretch]:
            return at + 1
        limit = int(starts[stretch])


def rows_to(data: bytes, delimiter: str) -> int:
    """How many rows begin in some bytes, the one at their end included."""
    return len((_quoted_value(delimiter).sub(b"", data) + b"x").splitlines())
