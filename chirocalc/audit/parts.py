"""Audits of whole files: in parts that never split a visit, on one core or on Dask.

Memory is bounded by the lines taken at once, whatever the size of the files. Files of more lines
than that must have the rows of a visit together; Dask brings them together itself. A visit may go
on in the next file. Rows of several files have the file's name beside their number.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Annotated, BinaryIO

import numpy as np
import pandas as pd

from chirocalc import tables
from chirocalc.arrays import Ints, numbered
from chirocalc.checked import Count, checked, some
from chirocalc.errors import InputError, Problem
from chirocalc.rules import Settings
from chirocalc.tables import rates

from . import values
from .audit import Audit, audit
from .columns import Columns, check_columns, recognize, says_total
from .files import open_file
from .left_out import shown
from .reversals import without_reversals
from .rows import How, Rows, join_rows, read_rows
from .totals import Totals
from .visit_file import FileHead, VisitFile, cannot_read, sentence_for
from .whole_visits import FILE, whole_visits

LINES_AT_ONCE = 50_000

AS_IT_STANDS = How()

Source = Path | bytes | BinaryIO
Files = Annotated[Sequence[VisitFile], some(VisitFile)]


@checked
def open_files(sources: Iterable[tuple[Source, str]], sheet: str | None = None) -> list[VisitFile]:
    """Open files of visits that go together, of workbooks the sheet named. Raises `InputError`."""
    return [open_file(source, name, sheet) for source, name in sources]


@checked
def payers_of(path: Path) -> dict[str, str]:
    """Ids of payers by the names that files have for them, in lower case, from a CSV of two columns
    (name, payer). Raises `InputError` with every row that names no payer of the table."""
    if not path.is_file():
        raise cannot_read(path.name, "cannot be opened: there is no such file")
    with sentence_for(path.name, "CSV"):
        rows = list(csv.reader(io.StringIO(path.read_text("utf-8-sig"))))
    known = tables.payers().index
    pairs = [(at, row) for at, row in enumerate(rows, start=1) if any(map(str.strip, row))]
    odd = [(at, row) for at, row in pairs[1:] if len(row) < 2 or row[1].strip() not in known]
    if odd:
        allowed = f"is no payer: the second column is one of {', '.join(known)}"
        raise InputError(
            Problem(path.name, at, "payer", (row[1:2] or [""])[0], allowed) for at, row in odd
        )
    return {" ".join(row[0].lower().split()): row[1].strip() for _, row in pairs[1:]}


@checked
def private_of(files: Iterable[FileHead], columns: Columns) -> dict[str, str]:
    """The columns of all files that look like patient data, and why."""
    known = {column for names in columns.values() for column in names}
    return {column: why for file in files for column, why in file.private(known).items()}


@checked
def without_columns(columns: Columns, left_out: Iterable[str]) -> Columns:
    """The columns of each field without those left out."""
    out = set(left_out)
    kept = {name: tuple(c for c in found if c not in out) for name, found in columns.items()}
    return {name: found for name, found in kept.items() if found}


@checked
def columns_of(files: Annotated[Sequence[FileHead], some(FileHead)]) -> Columns:
    """The columns recognized by their names and values, which all files must have in common."""
    headers = {tuple(file.header): file.name for file in files}
    if len(headers) > 1:
        (first, name), (other, other_name) = list(headers.items())[:2]
        odd = sorted(set(first) ^ set(other))
        allowed = f"has other columns than {name}: {', '.join(odd[:6]) or 'in another order'}"
        raise InputError([Problem(other_name, 1, "header", other_name, allowed)])
    file = files[0]
    return _with_glued(recognize(file.header, file.sample), file.sample)


@checked
def minutes_in(columns: Columns) -> str:
    """Whose minutes are likely in a file, until it is answered: each "line"'s, or the "visit"'s
    where their column says that they are a total."""
    return "visit" if any(map(says_total, columns.get("minutes", ()))) else "line"


def _with_glued(columns: Columns, sample: pd.DataFrame) -> Columns:
    """The columns, where codes have modifiers beside them those of modifiers too."""
    if "modifiers" in columns or "code" not in columns:
        return columns
    codes = map(values.code_of, sample[columns["code"][0]].astype(str).unique())
    return columns | ({"modifiers": columns["code"]} if any(c.modifiers for c in codes) else {})


@checked
def problem(name: str, value: str, allowed: str) -> Problem:
    """A problem with a column of a file."""
    return Problem(name, None, "column", value, allowed)


@checked
def audit_parts(
    files: Files,
    columns: Columns,
    settings: Settings,
    lines_at_once: Count = LINES_AT_ONCE,
    how: How = AS_IT_STANDS,
) -> Iterator[Audit]:
    """The audit of files in parts of about so many lines; a visit is never split.

    Raises `InputError` when a visit goes on after others in files of more lines than that.
    """
    check_files(files, columns)
    names = file_names(files)
    for rows in whole_visits(_rows(files, columns, how), lines_at_once, names):
        yield with_file_names(audit_rows(rows, columns, settings, how), names)


@checked
def check_files(files: Iterable[FileHead], columns: Columns) -> None:
    """Raise `InputError` for files that lack what is needed, or whose days stand in no column that
    is read and are of years that are not loaded: no line is priced by another year."""
    for file in files:
        _check_header(file, columns)
        if "date" not in columns:
            _check_days(file)


def _check_header(file: FileHead, columns: Columns) -> None:
    """Raise `InputError` for a file that lacks what is needed, or a column that is to be read."""
    check_columns(columns, file.name)
    if odd := [column for column in wanted_columns(columns) if column not in file.header]:
        raise InputError([problem(file.name, each, "is no column of the file") for each in odd])


def _check_days(file: FileHead) -> None:
    for column in file.sample:
        said = [each for each in file.sample[column].astype(str).unique() if each.strip()]
        days = [day for each in said if (day := values.day_of(each))]
        late = [day for day in days if rates.number_of(pd.Series([day]))[0] < 0]
        if len(days) == len(said) and late:
            allowed = f"holds days of {late[0][:4]}, for which no tables are loaded: if they are "
            allowed += "the dates of service, choose it as such; else leave it out"
            raise InputError([problem(file.name, column, allowed)])


@checked
def audit_rows(rows: Rows, columns: Columns, settings: Settings, how: How = AS_IT_STANDS) -> Audit:
    """The audit of rows, with those left out before the engine saw them."""
    answer = audit(rows.lines, settings, rows.incomplete, columns.keys(), how.minutes)
    return _with_refused(answer, rows)


def _with_refused(answer: Audit, rows: Rows) -> Audit:
    """An audit with what was refused, and not known, before the engine saw it."""
    refused = answer.refused
    if len(rows.refused):
        refused = pd.concat([shown(rows.refused), refused])
        refused = refused.sort_values("row", ignore_index=True, kind="stable")
    answer.refused = refused.astype({"row": np.int64})
    kinds = answer.refused["kind"].value_counts().to_dict()
    answer.totals.rows["refused"] = kinds.pop("", 0)
    answer.totals.passed = Counter(kinds)
    answer.totals.unknown.update(rows.unknown)
    return answer


def _rows(files: Files, columns: Columns, how: How) -> Iterator[Rows]:
    """The rows of all files, in order, by numbers that tell their file too."""
    for number, file in enumerate(files):
        for batch in file.batches(wanted_columns(columns)):
            yield read_rows(batch, columns, how).renumbered(number * FILE)


@checked
def wanted_columns(columns: Columns) -> list[str]:
    return list(dict.fromkeys(column for found in columns.values() for column in found))


@checked
def file_names(files: Iterable[VisitFile]) -> list[str]:
    """What each file is called; the second of a name is "visits.csv (2)"."""
    said: Counter[str] = Counter()
    names = []
    for file in files:
        said[file.name] += 1
        again = said[file.name]
        names.append(file.name if again == 1 else f"{file.name} ({again})")
    return names


@checked
def with_file_names(answer: Audit, names: Sequence[str]) -> Audit:
    """An audit of several files with the name of each row's file, and its number there."""
    if len(names) > 1:
        for table in ("lines", "findings", "refused"):
            frame = getattr(answer, table)
            file, row = np.divmod(frame["row"].to_numpy(np.int64), FILE)
            frame = frame.assign(row=row)
            frame.insert(0, "file", pd.Categorical.from_codes(file, list(names), ordered=True))
            setattr(answer, table, frame)
    return answer


@checked
def services_in(
    files: Files, columns: Columns, how: How = AS_IT_STANDS
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The services of files that fit into memory, columns `rows.LINES`, of any day and not judged;
    and the rows left out, columns `rows.REFUSED`: also those that take others back, with these."""
    for file in files:
        _check_header(file, columns)
    rows = join_rows(list(_rows(files, columns, how)))
    lines, back = without_reversals(rows.lines)
    refused = shown(rows.refused)
    left_out = pd.concat([refused, back]) if len(back) else refused
    return lines, left_out.sort_values("row", ignore_index=True, kind="stable")


@checked
def audit_in_memory(
    files: Files,
    columns: Columns,
    settings: Settings,
    progress: Callable[[int, int], None] = lambda done, of: None,
    lines_at_once: Count = LINES_AT_ONCE,
    how: How = AS_IT_STANDS,
) -> Audit:
    """The audit of files that fit into memory, their rows in any order; `progress` hears how many
    lines are done, and of how many."""
    parts = parts_in_memory(files, columns, settings, progress, lines_at_once, how)
    return joined(list(parts))


@checked
def parts_in_memory(
    files: Files,
    columns: Columns,
    settings: Settings,
    progress: Callable[[int, int], None] = lambda done, of: None,
    lines_at_once: Count = LINES_AT_ONCE,
    how: How = AS_IT_STANDS,
) -> Iterator[Audit]:
    """The same in parts of about so many lines, the first with all rows that were left out before
    the engine saw them."""
    check_files(files, columns)
    names = file_names(files)
    parts, read = [], 0
    for part in _rows(files, columns, how):
        parts.append(part)
        read += len(part.lines)
        progress(0, read)
    rows = join_rows(parts)
    del parts
    left_out = rows.incomplete
    lines, visit = _by_visit(rows.lines)
    rest = Rows(rows.lines.head(0), rows.refused, rows.unknown)
    none = Rows(rest.lines, rows.refused.head(0), Counter())
    del rows
    for begin, end in pairwise(_cuts(visit, lines_at_once)):
        part = lines.iloc[begin:end]
        answer = audit(part, settings, left_out, columns.keys(), how.minutes)
        yield with_file_names(_with_refused(answer, none if begin else rest), names)
        progress(end, len(lines))


def _by_visit(lines: pd.DataFrame) -> tuple[pd.DataFrame, Ints]:
    """Lines with those of a visit together, the visits in the order of their first rows; and a
    number for each visit."""
    days, day = pd.factorize(lines["date"])
    number = numbered(pd.factorize(lines["visit"])[0] * (len(day) + 1) + days)[0]
    if (np.diff(number) >= 0).all():
        return lines, number
    order = np.argsort(number, kind="stable")
    return lines.iloc[order].reset_index(drop=True), number[order]


def _cuts(visit: Ints, size: int) -> list[int]:
    """Where parts of about so many lines begin, none within a visit, and the end."""
    starts = np.flatnonzero(np.diff(visit, prepend=-1))
    cuts = [0]
    while cuts[-1] < len(visit) or len(cuts) == 1:
        after = starts[starts >= cuts[-1] + size]
        cuts.append(int(after[0]) if len(after) else len(visit))
    return cuts


@checked
def joined(parts: Annotated[Sequence[Audit], some(Audit)]) -> Audit:
    """Parts as one audit, in the order of the files' rows."""
    if len(parts) == 1:
        return parts[0]

    def one(name: str) -> pd.DataFrame:
        frames = [getattr(part, name) for part in parts if len(getattr(part, name))]
        if not frames:
            return pd.DataFrame(getattr(parts[0], name))
        by = [column for column in ("file", "row") if column in frames[0]]
        return pd.concat(frames).sort_values(by, kind="stable", ignore_index=True)

    return Audit(
        one("lines"), one("findings"), one("refused"), Totals.add(part.totals for part in parts)
    )
