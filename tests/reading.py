"""Files of text, Excel and Parquet to be read, and how they are read and checked."""

import csv
import io
import re
import zipfile

import pyarrow as pa
import pytest
from openpyxl import Workbook
from pyarrow import parquet

from chirocalc.audit.files import open_file
from chirocalc.errors import InputError

HEADER = ["Visit", "Code", "Provider", "Note"]
# Quotes, separators and newlines within values; blank, short, long and empty rows.
MESSY = [
    HEADER,
    ["V1", "97110", "Ann", "a, b; c\td|e"],
    ["V2", "97140", "Zoë 日本", "line\nbreak"],
    [],
    ["V3"],
    ["V4", "97112", "x", "y", "z"],
    ["", "", "", ""],
    ["V5", "97110", 'say "hi"', '""'],
    ["V6", "97110", "", "two\n\nbreaks"],
    ["V7", "97110", "Bo", "…"],
]
SHEET = "xl/worksheets/sheet1.xml"


def written(records, delimiter=",", newline="\n"):
    """Records as the text of a CSV."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=newline).writerows(records)
    return out.getvalue()


def oracle(text, delimiter=","):
    """Rows that hold anything, short ones filled up, by row number, and the lengths of those that
    hold more than the header has columns, by Python's csv module."""
    records = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    header = next(at for at, row in enumerate(records) if any(value.strip() for value in row))
    width = len(records[header])
    full, odd = {}, {}
    for number, row in list(enumerate(records, start=1))[header + 1 :]:
        if any(value.strip() for value in row[width:]):
            odd[number] = len(row)
        elif any(value.strip() for value in row):
            full[number] = (row + [""] * width)[:width]
    return full, odd


def rows_of(file, wanted):
    """The same of the product: rows that hold anything, and the refused by row number."""
    full, refused = {}, {}
    for batch in file.batches(wanted):
        for number, row in zip(batch.rows.index, batch.rows.values.tolist(), strict=True):
            assert number not in full
            assert number not in refused
            if any(value.strip() for value in row):
                full[int(number)] = row
        for number, reason in batch.refused:
            assert number not in full
            assert number not in refused
            refused[int(number)] = reason
    return full, refused


def read(source, name="visits.csv", wanted=None):
    """The rows and the refusals of a file."""
    file = open_file(source, name)
    return rows_of(file, file.header if wanted is None else wanted)


def lengths(refused):
    """How many values each refused row has, blank ones left out."""
    found = {number: re.fullmatch(r"has (\d+) values, .*", why) for number, why in refused.items()}
    return {number: int(match[1]) for number, match in found.items() if match}


def check(text, source, delimiter=","):
    """The product reads the rows of `HEADER` that the oracle reads."""
    file = open_file(source, "visits.csv")
    assert file.header == tuple(HEADER)
    full, refused = rows_of(file, file.header)
    assert (full, lengths(refused)) == oracle(text, delimiter)
    assert {why for why in refused.values() if not why.startswith("has ")} <= {"is blank"}


def refusal(source, name="visits.csv"):
    """What is said of a file that cannot be one, whether on opening or on reading."""
    with pytest.raises(InputError) as caught:
        read(source, name)
    return str(caught.value)


class Pipe(io.RawIOBase):
    """What a process writes bit by bit: no seeking, and only what has come so far."""

    def __init__(self, *chunks):
        self._chunks = list(chunks)

    def readable(self):
        return True

    def readinto(self, into):
        part = self._chunks.pop(0) if self._chunks else b""
        if len(part) > len(into):
            self._chunks.insert(0, part[len(into) :])
        into[: len(part[: len(into)])] = part[: len(into)]
        return len(part[: len(into)])


def piped(*chunks):
    """A buffered stream like `sys.stdin.buffer`."""
    return io.BufferedReader(Pipe(*chunks))


def excel(*rows, others=(), title="Visits"):
    """An Excel file of one sheet with these rows, and other sheets."""
    book = Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    for other in others:
        book.create_sheet(other)["A1"] = "not this"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_part(content, name, change):
    """A ZIP with one of its parts changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for each in old.namelist():
            part = old.read(each)
            new.writestr(each, change(part) if each == name else part)
    return out.getvalue()


def with_dimension(content, area):
    """An Excel file whose sheet says that it fills an area; exporters often write A1."""
    said = f'<dimension ref="{area}"'.encode()
    return with_part(content, SHEET, lambda xml: re.sub(rb'<dimension ref="[^"]*"', said, xml))


def parquet_bytes(columns, **options):
    """A Parquet file of some columns."""
    out = io.BytesIO()
    table = columns if isinstance(columns, pa.Table) else pa.table(columns)
    parquet.write_table(table, out, **options)
    return out.getvalue()


def frame_bytes(frame):
    """A Parquet file as pandas writes it."""
    out = io.BytesIO()
    frame.to_parquet(out)
    return out.getvalue()


VISITS = {"Visit": ["V1", "V2"], "Code": ["97110", "97140"]}
