"""CMS's index file (Addendum E) as text in columns: its lines as rows with a header of whole words.

Where its columns begin changes from year to year, and its header is cut off to their width: "2026
PW GPCI" may be the index with the floor of 1.0 or without it. So a line is read by what stands in
it, and the floor is told by the values: none below 1.0 has it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from chirocalc.errors import InputError, Problem

INDEX = r"[0-9]\.[0-9]{3}"

LINE = re.compile(
    r"(?P<mac>[0-9]{5}) *(?P<state>[A-Z]{2}) *(?P<locality>[0-9]{2}) +(?P<name>\S.*?)"
    rf"(?P<indices>(?: +{INDEX}){{3,4}}) *"
)

PLACE = ["MAC", "STATE", "LOCALITY NUMBER", "LOCALITY NAME"]

WITH, WITHOUT = "PW GPCI (WITH 1.0 FLOOR)", "PW GPCI (WITHOUT 1.0 FLOOR)"

Row = tuple[int, list[str]]  # the line's number and its values


def is_gpci_text(lines: Iterable[str]) -> bool:
    """Whether one of these lines is a locality with its indices."""
    return any(LINE.fullmatch(line) for line in lines)


def rows_of(lines: list[str], name: str) -> Iterator[Row]:
    """The title lines, a header, and a row for each locality. Raises `InputError`."""
    rows = [row for number, line in enumerate(lines, start=1) if (row := _row(number, line, name))]
    if len({len(values) for _, values in rows}) > 1:
        raise _refused(name, None, "lines", "must all have as many indices")
    first = rows[0][0]
    yield from ((number, [line]) for number, line in enumerate(lines[: first - 1], start=1))
    yield first - 1, _header([values[4:-2] for _, values in rows], name)
    yield from rows


def _row(number: int, line: str, name: str) -> Row | None:
    """A locality's values; None for a note. Raises `InputError` for a locality that is damaged."""
    found = LINE.fullmatch(line)
    if found:
        return number, [*found.group("mac", "state", "locality", "name"), *found["indices"].split()]
    if re.match("[0-9]", line) or len(re.findall(INDEX, line)) > 1:
        said = "must be a contractor, a state, a locality, its name and three or four indices"
        raise _refused(name, number, line[:20], said)
    return None


def _header(work: list[list[str]], name: str) -> list[str]:
    """The words of the columns; `work` has each locality's one or two work indices."""
    columns = list(zip(*work, strict=True))
    floors = [all(float(index) >= 1 for index in column) for column in columns]
    if len(floors) > 1 and floors.count(True) != 1:
        raise _refused(name, None, "work indices", "must be with the floor of 1.0 and without it")
    return [*PLACE, *(WITH if floor else WITHOUT for floor in floors), "PE GPCI", "MP GPCI"]


def _refused(name: str, row: int | None, value: str, said: str) -> InputError:
    return InputError([Problem(name, row, "line", value, said)])
