"""The layouts of CMS's files: which kind a text is, by its content, and its columns as text.

What each kind's columns are called, or where they stand in a line, is `tables/cms_columns.csv`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO, StringIO
from itertools import chain, islice
from typing import Any

import pandas as pd
from python_calamine import load_workbook

from chirocalc.errors import InputError, Problem
from chirocalc.tables import Column, check_values, cms_columns, kept

from .gpci_lines import is_gpci_text, rows_of

Record = tuple[int, list[str]]  # a row's number and its values

HEAD = 60  # rows in which a header must stand; CMS's stand in the first dozen

# Of these every column is known: another is a damaged name, and would go missing in silence.
WHOLLY_KNOWN = {"gpcis"}

END = "\x1a"  # Ctrl-Z, with which DOS ends a text

# A mark or a note at a word: "(with 1.0 Floor)***", "GPCI (1)". "*=no data" says what a mark means.
MARK = re.compile(
    r"[*†‡§¶¹²³⁰⁴-⁹]+(?!=)|\((see )?(foot)?note[^)]*\)|[\[(][0-9]{1,2}[\])]|(?<=\))[0-9]{1,2}$",
    re.I,
)

# A spreadsheet drops the zeros in front of numbers: how many digits a number has.
DIGITS = {"mac": 5, "locality": 2}

DIGITS_OF_CELLS = {"code": 5, "column1": 5, "column2": 5, "global_days": 3, "zip": 5}

SPLIT = 6  # rows over which CMS splits a header, at most

NAMES = {
    "rvus": "a relative value file",
    "gpcis": "a file of geographic indices (Addendum E)",
    "zips": "a ZIP to locality file",
    "pairs": "a table of code pairs (NCCI PTP)",
    "limits": "a table of maximum units (MUE)",
}


@dataclass(frozen=True)
class Content:
    """What one text holds: its kind, the words above the header, the columns it needs as text.

    `table` is indexed by row number. Descriptors are not among the columns.
    """

    kind: str
    titles: str
    header: str
    table: pd.DataFrame


def read_text(content: bytes, name: str) -> Content | None:
    """The content of a text, fixed-width or delimited; None when it is none of CMS's that are used.

    Raises `InputError` for a text that is one of them and cannot be used.
    """
    text = _decode(content)
    if text is None:
        return None
    lines = text.split("\n")
    if kind := _fixed_kind(lines[:HEAD]):
        return _read_lines(lines, kind, name)
    if is_gpci_text(lines[:HEAD]):
        return _read_records(rows_of(lines, name), name)
    tabs = sum(line.count("\t") for line in lines[:HEAD]) > sum(
        line.count(",") for line in lines[:HEAD]
    )
    reader = (
        csv.reader(StringIO(text, newline=""), delimiter="\t", quoting=csv.QUOTE_NONE)
        if tabs
        else csv.reader(StringIO(text, newline=""), strict=True)
    )
    try:
        return _read_records(enumerate(reader, start=1), name)
    except csv.Error as error:
        raise InputError(
            [_problem(name, f"is not readable as CSV at line {reader.line_num}: {error}")]
        ) from None


def read_workbook(content: bytes, name: str) -> Content | None:
    """The content of the first sheet of a workbook that is one of CMS's. Raises `InputError`."""
    try:
        with load_workbook(BytesIO(content)) as book:
            for sheet in book.sheet_names:
                cells = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
                rows = ([_cell(value) for value in row] for row in cells)
                if found := _read_records(enumerate(rows, start=1), name, padded=True):
                    return found
    except InputError:
        raise
    except Exception as error:  # whatever calamine meets in a damaged part
        said = f"is not readable as a workbook: {type(error).__name__}"
        raise InputError([_problem(name, said)]) from None
    return None


def _decode(content: bytes) -> str | None:
    """The text of a file with line ends of one kind and no end mark; None when it is not text."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = content.decode("utf-16", errors="replace")
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("cp1252", errors="replace")
    if "\0" in text:
        return None
    return text.replace("\r\n", "\n").replace("\r", "\n").replace(END, "")


def _cell(value: Any) -> str:
    """A cell as CMS's text files write it: whole numbers without a point, dates in digits."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if hasattr(value, "strftime"):
        return str(value.strftime("%Y%m%d"))
    return str(value).replace(END, "")


@kept
def columns_of(kind: str) -> pd.DataFrame:
    """The columns of a kind of file, by their names."""
    frame = cms_columns()
    return frame[frame["file"] == kind].set_index("column")


def specs(kind: str, columns: Iterable[str]) -> dict[str, Column]:
    """What may stand in each column; a pattern says itself whether it may be empty."""
    rules = columns_of(kind)
    return {
        column: Column(
            rules.at[column, "pattern"],
            rules.at[column, "allowed"],
            empty=bool(re.fullmatch(rules.at[column, "pattern"], "")),
        )
        for column in columns
    }


def _content(kind: str, titles: str, header: str, table: pd.DataFrame, name: str) -> Content:
    if table.empty:
        raise InputError([_problem(name, f"looks like {NAMES[kind]} and has no rows")])
    check_values(table, specs(kind, table.columns), name)
    return Content(kind, titles, header, table)


def _fixed_kind(lines: list[str]) -> str | None:
    """The kind whose columns one of the first lines fits."""
    for kind in ("rvus", "zips"):
        rules = columns_of(kind)
        places = list(zip(rules["first"], rules["last"], rules["pattern"], strict=True))
        for line in lines:
            if all(
                re.fullmatch(rule, line[first - 1 : last].strip()) for first, last, rule in places
            ):
                return kind
    return None


def _read_lines(lines: list[str], kind: str, name: str) -> Content:
    numbered = pd.Series(lines, index=range(1, len(lines) + 1), dtype=str)
    numbered = numbered[numbered.str.strip() != ""]
    titles = numbered[numbered.str.startswith("HDR")]
    data = numbered.drop(titles.index)
    lengths = data.str.len()
    usual = int(lengths.mode().iloc[0])
    problems = [
        Problem(
            name, int(row), "line", data[row][:7], f"has {length} characters, and others {usual}"
        )
        for row, length in lengths[lengths != usual].items()
    ]
    if problems:
        raise InputError(problems)
    rules = columns_of(kind)
    table = pd.DataFrame(
        {
            column: data.str.slice(first - 1, last).str.strip()
            for column, first, last in zip(rules.index, rules["first"], rules["last"], strict=True)
        }
    )
    return _content(kind, " ".join(titles.str[4:]), "", table, name)


def _read_records(records: Iterator[Record], name: str, *, padded: bool = False) -> Content | None:
    """The content of rows in which one of CMS's headers stands; `padded` when cells are numbers."""
    head = list(islice(records, HEAD))
    found = _find_header(head)
    if found is None:
        return None
    kind, first, last, header = found
    place = _place(kind, header, head[last][0], name)
    titles = " ".join(cell.strip() for _, row in head[:first] for cell in row if cell.strip())
    width = max(at for at, words in enumerate(header) if words) + 1
    rows, numbers, problems = [], [], []
    for number, record in chain(head[last + 1 :], records):
        values = [_unmarked(value) if kind in WHOLLY_KNOWN else value.strip() for value in record]
        filled = [value for value in values if value]
        if not filled or (len(filled) == 1 and " " in filled[0]):  # blank, or a note
            continue
        if len(values) < width or any(values[width:]):
            said = f"has {len(values)} values, and the header {width} columns"
            problems.append(Problem(name, number, "row", values[0], said))
            continue
        if any("\n" in value for value in values):
            said = "goes on over several lines: a quotation mark is too many, or missing"
            problems.append(Problem(name, number, "row", values[0], said))
            continue
        rows.append([values[at] for at in place.values()])
        numbers.append(number)
    if problems:
        raise InputError(problems)
    table = pd.DataFrame(rows, columns=list(place), index=numbers, dtype=str)
    for column, digits in (DIGITS | (DIGITS_OF_CELLS if padded else {})).items():
        if column in table:
            number = table[column].str.fullmatch("[0-9]+")
            table[column] = table[column].mask(number, table[column].str.zfill(digits))
    return _content(kind, titles, " ".join(filter(None, header)), table, name)


def _find_header(head: list[Record]) -> tuple[str, int, int, list[str]] | None:
    """The kind, first and last row of the header, and each column's words over all its rows."""
    for at, (_, row) in enumerate(head):
        cells = [_words([cell]) for cell in row]
        if "HCPCS" in cells[:1]:
            first, last = _rows_above(head, at), at
        elif {"COLUMN 1", "COLUMN 2"} <= set(cells):
            first, last = at, _rows_below(head, at)
        else:
            first = last = at
        rows = [values for _, values in head[first : last + 1]]
        header = [
            _words([values[column] for values in rows if column < len(values)])
            for column in range(max(map(len, rows)))
        ]
        for kind in NAMES:
            rules = columns_of(kind)
            rules = rules[rules["header"] != ""]
            met = [any(re.fullmatch(rule, words) for words in header) for rule in rules["header"]]
            if 2 * sum(met) > len(rules) > 0:
                return kind, first, last, header
    return None


def _rows_above(head: list[Record], at: int) -> int:
    """The first row of a header that ends in row `at`: title lines fill the first columns only."""
    titled = [0, *(i for i, cell in enumerate(head[at][1]) if "DESCRIPTION" in cell.upper())]
    while at > 0 and any(cell.strip() for i, cell in enumerate(head[at - 1][1]) if i not in titled):
        at -= 1
    return at


def _rows_below(head: list[Record], at: int) -> int:
    """The last row of a header that begins in row `at`: its further rows name no two codes."""
    for last in range(at, min(at + SPLIT, len(head) - 1)):
        if all(cell.strip() for cell in head[last + 1][1][:2]):
            return last
    return at


def _words(cells: Iterable[str]) -> str:
    return " ".join(_unmarked(" ".join(cells)).upper().split())


def _unmarked(text: str) -> str:
    """A text without marks, notes and the spaces around it."""
    return MARK.sub(" ", text.strip()).strip()


def _place(kind: str, header: list[str], row: int, name: str) -> dict[str, int]:
    """Where in a row each column stands."""
    rules = columns_of(kind)
    place, problems = {}, []
    for column, rule, needed in zip(rules.index, rules["header"], rules["needed"], strict=True):
        at = [i for i, words in enumerate(header) if re.fullmatch(rule, words)]
        if len(at) > 1:
            said = "stands twice in the header"
            problems.append(Problem(name, row, "header", header[at[0]], said))
        elif at:
            place[str(column)] = at[0]
        elif needed == "yes":
            shown = ", ".join(filter(None, header))
            said = f"is not in the header of {NAMES[kind]}; it has: {shown}"
            problems.append(Problem(name, row, "header", column, said))
    if kind in WHOLLY_KNOWN:
        said = f"is no column of {NAMES[kind]} that is known"
        strange = [words for at, words in enumerate(header) if words and at not in place.values()]
        problems += [Problem(name, row, "header", words, said) for words in strange]
    if problems:
        raise InputError(problems)
    return place


def _problem(name: str, said: str) -> Problem:
    return Problem(name, None, "file", name, said)
