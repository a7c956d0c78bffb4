"""Files of visits: taken for what they hold, rows by their numbers, private columns never read."""

import codecs
import csv
import datetime as dt
import io
import os
import re
import struct
import zipfile
from decimal import Decimal

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from pyarrow import parquet

from chirocalc import tables
from chirocalc.audit import files as visit_files
from chirocalc.audit.columns import FIELDS, check_columns, plain_header, recognize
from chirocalc.audit.files import BROKEN, Layout, open_file, read_block
from chirocalc.audit.private import private_columns
from chirocalc.audit.rows import read_rows
from chirocalc.errors import InputError
from chirocalc.tables.code_table import codes

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
    """Rows of the header's width and lengths of others by row number, by Python's csv module."""
    records = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    header = next(at for at, row in enumerate(records) if any(value.strip() for value in row))
    width = len(records[header])
    after = list(enumerate(records, start=1))[header + 1 :]
    full = {number: row for number, row in after if len(row) == width and any(row)}
    odd = {
        number: len(row)
        for number, row in after
        if len(row) != width and any(value.strip() for value in row)
    }
    return full, odd


def rows_of(file, wanted):
    """The same of the product: rows that hold anything, and the refused by row number."""
    full, refused = {}, {}
    for batch in file.batches(wanted):
        for number, row in zip(batch.rows.index, batch.rows.values.tolist(), strict=True):
            assert number not in full
            assert number not in refused
            if any(row):
                full[int(number)] = row
        for number, reason, _ in batch.refused:
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


# CSV: separators, encodings, newlines


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("ending", ["final newline", "none", "blank lines"])
def test_csv_is_read_as_the_csv_module_reads_it(delimiter, encoding, newline, ending):
    """Every separator in every encoding, values and row numbers exact."""
    text = written(MESSY, delimiter, newline)
    text = {"none": text.rstrip("\r\n"), "blank lines": text + newline * 3}.get(ending, text)
    mark = "\ufeff" if encoding.startswith("utf-16") else ""
    source = (mark + text).encode(encoding)
    check(text, source, delimiter)
    file = open_file(source, "visits.csv")
    found = "utf-16" if encoding.startswith("utf-16") else "utf-8-sig"
    layout = Layout("csv", tuple(HEADER), delimiter, 1, found)
    assert (file.layout, file.kind) == (layout, "csv")
    words = {";": "semicolons", "\t": "tabs", "|": "bars"}.get(delimiter)
    assert file.note == (f"Read as separated by {words}." if words else "")


@pytest.mark.parametrize("every", [2, 3, 5])
def test_newlines_may_be_mixed(every):
    """LF and CRLF in one file, within quotes too."""
    lines = written(MESSY).split("\n")
    text = "".join(
        line + ("\r\n" if at % every == 0 else "\n") for at, line in enumerate(lines[:-1])
    )
    assert text.count("\r\n") > 1
    check(text, text.encode())


def test_carriage_returns_alone_are_newlines():
    """As an old Mac writes them."""
    text = "Visit,Code\rV1,97110\r\rV2\rV3,97112\r"
    assert read(text.encode()) == (
        {2: ["V1", "97110"], 5: ["V3", "97112"]},
        {4: "has 1 values, and the header 2"},
    )


@pytest.mark.parametrize(
    "before",
    [
        "\n",
        "\r\n\r\n",
        "   \n",
        "\t\n \n",
        ",,,\n",
        "\n,,,\n \n",
        '"","","",""\n',
        "\n" * 500,
        " , , , \n",
    ],
)
def test_blank_lines_before_the_header_count_as_rows(before):
    """The header is the first row that holds anything; its number goes on from there."""
    text = before + written(MESSY)
    check(text, text.encode())


@pytest.mark.parametrize("blank", ["\n", "   \n", ",\n", " , \n", "\t\n", ",,,,\n"])
def test_blank_lines_are_refused_as_blank(blank):
    """Each once, by its number, and the rows around it kept."""
    text = f"Visit,Code\nV1,97110\n{blank}V2,97140\n{blank}{blank}"
    columns = {"visit": ("Visit",), "code": ("Code",)}
    rows = [
        read_rows(batch, columns)
        for batch in open_file(text.encode(), "a.csv").batches(["Visit", "Code"])
    ]
    assert [row for part in rows for row in part.lines["row"]] == [2, 4]
    refused = [pair for part in rows for pair in part.refused[["row", "reason"]].values.tolist()]
    assert refused == [[3, "is blank"], [5, "is blank"], [6, "is blank"]]


def test_windows_letters_are_refused_by_row():
    """Rows with bytes that are not UTF-8 go, with number, value and reason; others stay."""
    text = "Visit,Code,Provider,Note\nV1,97110,José,x\nV2,97140,Ann,x\nV3,97112,Bo,é\nV4,97110,Ü,x"
    file = open_file(text.encode("cp1252"), "visits.csv")
    columns = recognize(file.header)
    parts = [read_rows(batch, columns) for batch in file.batches(["Visit", "Code", "Provider"])]
    assert [row for part in parts for row in part.lines["row"]] == [3, 4]
    refused = pd.concat([part.refused for part in parts])
    assert refused["row"].tolist() == [2, 5]
    assert refused["column"].tolist() == ["encoding", "encoding"]
    assert set(refused["reason"]) == {"has characters that are not UTF-8: save as 'CSV UTF-8'"}


def test_broken_letters_do_not_eat_what_is_after_them():
    """A Windows letter right before a separator, a quote or a newline."""
    text = 'Visit,Code,Note,End\nV1,97110,é,a\nV2,97110,"é",b\nV3,97110,x,é\nV4,97110,ñññ,c\n'
    full, refused = read(text.encode("cp1252"))
    assert refused == {}
    assert full == {
        2: ["V1", "97110", BROKEN, "a"],
        3: ["V2", "97110", BROKEN, "b"],
        4: ["V3", "97110", "x", BROKEN],
        5: ["V4", "97110", BROKEN * 3, "c"],
    }


def test_a_quoted_header_after_the_mark():
    """The mark of UTF-8 is no part of the first name, quoted or not."""
    source = codecs.BOM_UTF8 + b'"Visit","Code"\r\n"V1","97110"\r\n'
    assert open_file(source, "visits.csv").header == ("Visit", "Code")
    assert read(source) == ({2: ["V1", "97110"]}, {})


@pytest.mark.parametrize(
    ("text", "header"),
    [
        ('"Date of service",Visit,Code\n1,2,3\n', ("Date of service", "Visit", "Code")),
        ('"Visit, or claim",Code\n1,2\n', ("Visit, or claim", "Code")),
        (" Visit , Code \n1,2\n", ("Visit", "Code")),
        ("Visit,,Code,\n1,2,3,4\n", ("Visit", "column 2", "Code", "column 4")),
        ("Visit,Units,Units,Units\n1,2,3,4\n", ("Visit", "Units", "Units (2)", "Units (3)")),
        ('"Date of\nservice",Visit,Code\n1,2,3\n', ("Date of\nservice", "Visit", "Code")),
        (
            '"Date, of, service";Visit;Code\n1;2;3\n'.replace("of, service", "of, the, service"),
            ("Date, of, the, service", "Visit", "Code"),
        ),
    ],
)
def test_header_names(text, header):
    """Quoted, spaced, empty and double names; separators and newlines within quotes."""
    assert open_file(text.encode(), "visits.csv").header == header


def test_double_names_keep_their_values_apart():
    """A second column of the same name is another column."""
    text = "Units,Visit,Units,Units (2),Code\n1,V1,2,3,97110\n"
    file = open_file(text.encode(), "visits.csv")
    assert len(set(file.header)) == 5
    assert read(text.encode())[0] == {2: ["1", "V1", "2", "3", "97110"]}
    assert recognize(file.header)["units"] == ("Units",)


def wide(count, name="c{}"):
    """A CSV of many columns."""
    names = ["Visit", "Code", *(name.format(at) for at in range(count - 2))]
    return written([names, [str(at) for at in range(count)]]).encode()


@pytest.mark.parametrize("count", [300, 1000])
@pytest.mark.parametrize("name", ["c{}", "a rather long name of a column, {}"])
def test_many_columns(count, name):
    """Up to 1,000 columns are read, whatever their names."""
    file = open_file(wide(count, name), "visits.csv")
    assert len(file.header) == count
    assert read(wide(count, name))[0] == {2: [str(at) for at in range(count)]}


@pytest.mark.parametrize("count", [1001, 1500])
def test_too_many_columns(count):
    """More are refused with a sentence."""
    assert f"has {count} columns; up to 1000 are read" in refusal(wide(count))
    assert f"has {count} columns; up to 1000 are read" in refusal(
        parquet_bytes({f"c{at}": ["x"] for at in range(count)}), "visits.parquet"
    )
    assert f"has {count} columns; up to 1000 are read" in refusal(
        excel([f"c{at}" for at in range(count)]), "visits.xlsx"
    )


@pytest.mark.parametrize("count", [300, 1000])
def test_many_columns_on_disk(tmp_path, count):
    """The same of a path as of bytes."""
    path = tmp_path / "visits.csv"
    path.write_bytes(wide(count, "a rather long name of a column, {}"))
    assert open_file(path, "visits.csv").header == open_file(path.read_bytes(), "v.csv").header


def test_a_file_on_disk_with_many_blank_lines(tmp_path):
    """The same of a path as of bytes."""
    path = tmp_path / "visits.csv"
    path.write_bytes(b"\r\n" * 5000 + written(MESSY).encode())
    assert read(path.read_bytes())[0]
    assert read(path) == read(path.read_bytes())


# What is no file of visits


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (b"", "is empty"),
        (b"\n", "is empty"),
        (b" \t\r\n \n", "is empty"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "is a PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "Excel file of the old kind"),
        (b"\0" * 100, "holds binary data"),
        (b"Visit,Code\nV1,\x0097110\n", "holds binary data"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "holds binary data"),
        ("Visit,Code\nV1,97110\n".encode("utf-16-le"), "holds binary data"),
        ("Visit,Code\nV1,97110\n".encode("utf-32"), "holds binary data"),
        (b"PK\x05\x06" + b"\0" * 18, "holds binary data"),
        (b"PAR1", "cannot be read as Parquet"),
        (b"PAR1,Visit,Code\n1,V1,97110\n", "cannot be read as Parquet"),
        (b"PK\x03\x04", "cannot be read as Excel"),
        (b"PK\x03\x04,Visit\n1,2\n", "cannot be read as Excel"),
    ],
)
@pytest.mark.parametrize("name", ["visits.csv", "visits.xlsx", "visits.parquet", "visits", "v.pdf"])
def test_what_is_no_file_of_visits(source, words, name):
    """A sentence with the file's name, whatever the name says it is."""
    said = refusal(source, name)
    assert words in said
    assert said.startswith(f"{name}, file: ")


@pytest.mark.parametrize(
    "source",
    [
        codecs.BOM_UTF8,
        codecs.BOM_UTF8 + b"\r\n \n",
        codecs.BOM_UTF16_LE,
        "\ufeff\r\n ".encode("utf-16-be"),
        b",,,\n,,,\n",
        b'"",""\n',
        "\u00a0\n".encode(),
    ],
)
def test_a_file_of_nothing_is_empty(source):
    """As Excel saves an empty sheet: refused, with a sentence."""
    assert "is empty" in refusal(source)


@pytest.mark.parametrize("source", [b"Visit,Code", b"Visit,Code\r\n", b"\n\nVisit,Code\n\n\n"])
def test_a_header_alone_has_no_rows(source):
    """The columns are known, and nothing is in them."""
    file = open_file(source, "visits.csv")
    assert file.header == ("Visit", "Code")
    assert file.private(set()) == {}
    assert read(source) == ({}, {})
    columns = recognize(file.header)
    again = open_file(source, "visits.csv").batches(file.header)
    assert sum(len(read_rows(batch, columns).lines) for batch in again) == 0


def test_a_path_that_cannot_be_opened(tmp_path):
    """Missing, and a folder."""
    assert "cannot be opened" in refusal(tmp_path / "none.csv", "none.csv")
    assert "cannot be opened" in refusal(tmp_path, "folder.csv")


def test_an_unclosed_quote_does_not_lose_rows():
    """Rows that vanish into another row's note are said."""
    text = 'Visit,Code,Note\nV1,97110,x\nV2,97140,"tennis elbow\nV3,97112,y\nV4,97110,z\n'
    try:
        full, refused = read(text.encode(), wanted=["Visit", "Code"])
    except InputError:
        return
    assert {4, 5} <= set(full) | set(refused) or 3 in refused


def test_null_bytes_late_in_a_file_are_refused_by_row():
    """What was not seen on opening is told by its row, not passed on."""
    rows = [f"V{at},97110,Ann" for at in range(2, 8000)]
    rows[7500] = "V\0,97110,Ann"
    file = open_file("\n".join(["Visit,Code,Provider", *rows]).encode(), "visits.csv")
    columns = recognize(file.header)
    parts = [read_rows(batch, columns) for batch in file.batches(file.header)]
    assert [row for part in parts for row in part.refused["row"]] == [7502]
    assert sum(len(part.lines) for part in parts) == 7997


# Names that lie


@pytest.mark.parametrize("name", ["a.csv", "a.CSV", "a.xlsx", "a.parquet", "a.txt", "a", "a.Xlsx"])
@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet"])
def test_a_file_is_taken_for_what_it_holds(name, kind):
    """The content decides; a name that says otherwise is mentioned."""
    content = {
        "csv": b"Visit,Code\nV1,97110\nV2,97140\n",
        "xlsx": excel(["Visit", "Code"], ["V1", "97110"], ["V2", "97140"]),
        "parquet": parquet_bytes(VISITS),
    }[kind]
    file = open_file(content, name)
    assert (file.kind, file.header) == (kind, ("Visit", "Code"))
    assert read(content, name) == ({2: ["V1", "97110"], 3: ["V2", "97140"]}, {})
    ending = name.lower().rpartition(".")[2]
    lies = ending in ("csv", "xlsx", "parquet") and ending != kind
    assert (f"{name} is not what its name says: read as {kind}." in file.note) == lies


# Streams


def test_a_pipe_of_the_system():
    """As from `cat visits.csv |`: it cannot be sought in."""
    text = written(MESSY)
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb") as out:
        out.write(text.encode())
    with os.fdopen(reading, "rb") as stream:
        assert not stream.seekable()
        check(text, stream)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_pipe_whose_header_comes_whole(encoding):
    """Rows may come in pieces of any size."""
    text = written(MESSY)
    source = text.encode(encoding)
    cut = len("Visit,Code,Provider,Note\n".encode(encoding))
    for size in (1, 2, 7):
        rest = [source[at : at + size] for at in range(cut, len(source), size)]
        check(text, piped(source[:cut], *rest))


@pytest.mark.parametrize(
    ("encoding", "cut"),
    [
        *(("utf-8", cut) for cut in (1, 8, 20)),
        *(("utf-8-sig", cut) for cut in (1, 2, 3, 8)),
        ("utf-16", 1),
        ("utf-16", 2),
        ("utf-16", 8),
    ],
)
def test_a_pipe_whose_header_comes_in_pieces(encoding, cut):
    """A slow writer changes nothing."""
    text = written(MESSY)
    source = text.encode(encoding)
    check(text, piped(source[:cut], source[cut:]))


@pytest.mark.parametrize("kind", ["bytes", "path", "stream", "xlsx", "parquet"])
def test_rows_can_be_read_again(tmp_path, kind):
    """Each time from the begin, two at once too; a stream from where it stood."""
    text = written(MESSY * 50)
    path = tmp_path / "visits.csv"
    path.write_bytes(text.encode())
    stream = io.BytesIO(b"before" + text.encode())
    stream.seek(6)
    source = {
        "bytes": text.encode(),
        "path": path,
        "stream": stream,
        "xlsx": excel(["Visit", "Code"], *(["V1", "97110"] for _ in range(50))),
        "parquet": parquet_bytes(VISITS),
    }[kind]
    file = open_file(source, "visits.csv")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(visit_files, "BLOCK", 100)
        first = rows_of(file, file.header)
        assert first[0]
        assert rows_of(file, file.header) == first
        both = zip(file.batches(file.header), file.batches(file.header), strict=True)
        assert all(one.rows.equals(other.rows) for one, other in both)


def test_a_pipe_can_be_read_once():
    """The second time it is said, not passed over."""
    file = open_file(piped(written(MESSY).encode()), "standard input")
    assert rows_of(file, file.header)[0]
    with pytest.raises(InputError, match=r"standard input.*can be read only once"):
        file.batches(file.header)


def test_excel_from_a_pipe():
    """Excel is read whole, from any stream."""
    content = excel(["Visit", "Code"], ["V1", 97110])
    assert read(piped(content), "standard input") == ({2: ["V1", "97110"]}, {})


def test_parquet_from_a_pipe():
    """As Excel; or the reason is that a pipe will not do."""
    full = read(piped(parquet_bytes(VISITS)), "standard input")[0]
    assert full == {2: ["V1", "97110"], 3: ["V2", "97140"]}


# Blocks


def lined(count, newline="\n"):
    """Many rows of all kinds, none longer than 60 bytes."""
    kinds = [
        lambda at: [f"V{at}", "97110", "Zoë", "x" * (at % 13)],
        lambda at: [f"V{at}", "97140", "日本", 'a, "b"'],
        lambda at: [],
        lambda at: [f"V{at}", "97112", f"two{newline}lines", "…"],
        lambda at: [f"V{at}", "97110"],
        lambda at: ["", "", "", ""],
        lambda at: [f"V{at}", "97110", "", ""],
        lambda at: [f"V{at}", "97110", "a", "b", "c"],
    ]
    rows = [kinds[at % len(kinds) if at % 5 else 0](at) for at in range(2, count)]
    return written([HEADER, *rows], newline=newline)


@pytest.mark.parametrize("block", [64, 65, 66, 67, 71, 97, 128, 333, 1024, 5000])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_blocks_do_not_show(monkeypatch, block, newline):
    """Rows, numbers and refusals are the same however the file is cut."""
    text = lined(150, newline).replace("two\r\nlines", "two\nlines")
    monkeypatch.setattr(visit_files, "BLOCK", block)
    check(text, text.encode())
    check(text, piped(text.encode()))
    check(text.rstrip("\r\n"), ("\ufeff" + text.rstrip("\r\n")).encode("utf-16-le"))


def test_blocks_do_not_show_in_quoted_newlines(monkeypatch):
    """A newline within a value stays as it is."""
    text = lined(150, "\r\n")
    wanted = read(text.encode())
    for block in range(64, 200):
        monkeypatch.setattr(visit_files, "BLOCK", block)
        assert read(text.encode()) == wanted, block


@pytest.mark.parametrize("block", [64, 100, 1000])
def test_blocks_of_refused_rows_only(monkeypatch, block):
    """Blocks without one usable row, at the begin, in the middle and at the end."""
    text = "Visit,Code\n" + "short\n" * 200 + "V1,97110\n" + "a,b,c\n" * 200 + "V2,97140\n"
    text += "\n" * 300 + "V3,97112\n" + "short\n" * 200
    monkeypatch.setattr(visit_files, "BLOCK", block)
    full, refused = read(text.encode())
    assert list(full) == [202, 403, 704]
    assert set(lengths(refused)) == {*range(2, 202), *range(203, 403), *range(705, 905)}


@pytest.mark.parametrize("blank", ["\n", ",,,\n"])
def test_blocks_of_blank_rows_before_the_header(monkeypatch, blank):
    """The header is the first row that holds anything, in whichever block."""
    text = blank * 200 + written(MESSY)
    monkeypatch.setattr(visit_files, "BLOCK", 64)
    check(text, text.encode())


@pytest.mark.parametrize("block", [64, 100, 1000, 1 << 20])
def test_broken_bytes_at_any_place(monkeypatch, block):
    """Replacing a byte by three never shifts a row."""
    monkeypatch.setattr(visit_files, "BLOCK", block)
    rows = [f"V{at},97110,{'é' * (at % 9)},x" for at in range(2, 1500)]
    source = "\n".join([",".join(HEADER), *rows]).encode("cp1252")
    full, refused = read(source)
    assert refused == {}
    assert full == {
        at: [f"V{at}", "97110", BROKEN * (at % 9), "x"] for at in range(2, len(rows) + 2)
    }


@pytest.mark.parametrize("block", [1 << 15, 20_001])
def test_long_lines_of_long_letters(monkeypatch, block):
    """A line of more than 4,096 bytes of é after the end of a block holds no broken letter."""
    monkeypatch.setattr(visit_files, "BLOCK", block)
    note = "é" * 6000
    for shift in range(2):
        text = f"Visit,Code,Provider,Note\nV1,97110,{'x' * shift},{note}\nV2,97140,y,\n"
        assert read(text.encode())[0][2][3] == note


def test_a_row_longer_than_a_block():
    """One long note is no reason to refuse a file, or at least one that a user understands."""
    text = f"Visit,Code,Note\nV1,97110,{'x' * (visit_files.BLOCK * 2)}\nV2,97140,y\n"
    assert set(read(text.encode(), wanted=["Visit", "Code"])[0]) == {2, 3}


def test_blocks_of_a_file_number_their_own_rows():
    """A part of a file counts from 1; the first counts the header."""
    layout = Layout("csv", ("Visit", "Code"))
    first = list(read_block(b"Visit,Code\nV1,97110\n\nV2\n", True, layout, ["Visit", "Code"], "v"))
    later = list(read_block(b"V3,97110\nV4\n\nV5,97140\n", False, layout, ["Code"], "v"))
    assert [list(batch.rows.index) for batch in first] == [[2, 3], []]
    assert [row for batch in first for row, *_ in batch.refused] == [4]
    assert first[-1].last == 4
    assert later[0].rows.columns.tolist() == ["Code"]
    assert later[0].rows["Code"].to_dict() == {1: "97110", 3: "", 4: "97140"}
    assert [row for batch in later for row, *_ in batch.refused] == [2]
    assert later[-1].last == 4


CELLS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6
) | st.sampled_from(['"', '""', "\n", "\r\n", ",", ";", " ", "=1+1", "\u2028", "\x85", "\x0c", "é"])


@given(st.lists(st.lists(CELLS, max_size=5), max_size=6), st.sampled_from([",", ";", "\t", "|"]))
def test_any_text_is_read_as_the_csv_module_reads_it(rows, delimiter):
    """Whatever stands in quotes."""
    out = io.StringIO(newline="")
    write = csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    write.writerows([HEADER, *rows])
    text = out.getvalue()
    full, refused = read(text.encode())
    wanted, odd = oracle(text, delimiter)
    assert full == wanted
    # Of rows that are short or long, those of blanks in quotes count too.
    assert set(odd) <= set(lengths(refused))
    assert all(lengths(refused)[row] == count for row, count in odd.items())


# Excel


def test_excel_cells_are_text():
    """Dates without a time, whole numbers without a point, gaps as blanks; numbered as in Excel."""
    content = excel(
        [None],
        ["Visit", "Code", "Date", "Minutes", "Units", "Other"],
        ["V1", 97110, dt.datetime(2026, 1, 2), 15.0, 1.5, True],
        [None],
        [" V2 ", "97112", dt.date(2026, 1, 2), 7, None, dt.time(9, 30)],
        ["V3", 98941.0, dt.datetime(2026, 1, 2, 9, 30), 0, -1, "01"],
    )
    assert read(content, "visits.xlsx") == (
        {
            3: ["V1", "97110", "2026-01-02", "15", "1.5", "True"],
            5: ["V2", "97112", "2026-01-02", "7", "", "09:30:00"],
            6: ["V3", "98941", "2026-01-02 09:30:00", "0", "-1", "01"],
        },
        {},
    )


def test_excel_rows_of_numbers_and_dates_become_lines():
    """All the way: a sheet as a billing system writes it."""
    content = excel(
        ["Visit", "Date of Service", "CPT", "Mins", "Units", "Mod 1", "Mod 2", "POS"],
        [1001, dt.datetime(2026, 3, 2), 97110, 15.0, 1.0, "GP", 59, 11],
        [1001.0, dt.datetime(2026, 3, 2, 8, 15), "G0283", None, 1, "GP", None, 22],
    )
    file = open_file(content, "visits.xlsx")
    (batch,) = file.batches(file.header)
    rows = read_rows(batch, recognize(file.header))
    assert rows.refused.empty
    assert not rows.unknown
    assert rows.lines[["row", "visit", "date", "code", "modifiers", "place"]].values.tolist() == [
        [2, "1001", "2026-03-02", "97110", "GP 59", "office"],
        [3, "1001", "2026-03-02", "G0283", "GP", "facility"],
    ]


def test_excel_reads_the_first_sheet_and_says_so():
    """The others are named."""
    content = excel(["Visit", "Code"], ["V1", 97110], others=["Second", "Third"])
    assert open_file(content, "a.xlsx").note == "Only the first sheet was read, not Second, Third."
    assert read(content, "a.xlsx") == ({2: ["V1", "97110"]}, {})
    assert open_file(excel(["Visit", "Code"]), "a.xlsx").note == ""


def test_excel_may_begin_anywhere():
    """Blank rows above and blank columns before; row numbers as Excel shows them."""
    book = Workbook()
    for cell, value in {"C4": "Visit", "D4": "Code", "C6": "V1", "D6": 97110}.items():
        book.active[cell] = value
    out = io.BytesIO()
    book.save(out)
    assert open_file(out.getvalue(), "a.xlsx").header == ("column 1", "column 2", "Visit", "Code")
    assert read(out.getvalue(), "a.xlsx")[0] == {6: ["", "", "V1", "97110"]}


def test_excel_formulas_are_read_by_their_value():
    """A formula that was never computed has none; it is not read as text."""
    content = excel(["Visit", "Code", "Units"], ["V1", 97110, "=1+1"])
    assert read(content, "a.xlsx")[0] == {2: ["V1", "97110", ""]}


@pytest.mark.parametrize(
    "area",
    [
        "A1:B3",
        "A1:B20",
        "A1",
        "A1:B1",
        "A1:B2",
    ],
)
def test_excel_with_a_wrong_size(area):
    """Rows that are there are read, whatever the sheet says of its size."""
    content = with_dimension(excel(["Visit", "Code"], ["V1", 97110], ["V2", 97140]), area)
    assert open_file(content, "a.xlsx").header == ("Visit", "Code")
    assert read(content, "a.xlsx")[0] == {2: ["V1", "97110"], 3: ["V2", "97140"]}


def test_excel_that_does_not_say_its_size():
    """Some exporters leave it out."""
    content = excel(["Visit", "Code"], ["V1", 97110])
    content = with_part(content, SHEET, lambda xml: re.sub(rb"<dimension [^>]*>", b"", xml))
    assert read(content, "a.xlsx")[0] == {2: ["V1", "97110"]}


def bomb(declared):
    """An Excel file that says a part of it has so many bytes."""
    name = b"xl/media/bomb.bin"
    out = io.BytesIO(excel(["Visit", "Code"], ["V1", 97110]))
    with zipfile.ZipFile(out, "a") as packed:
        packed.writestr(name.decode(), b"x")
    content = bytearray(out.getvalue())
    at = content.rindex(name) - 46  # its entry in the list of parts
    content[at + 24 : at + 28] = struct.pack("<I", declared)
    return bytes(content)


def test_excel_that_unpacks_to_too_much():
    """Refused by what it declares, before anything is unpacked."""
    assert "is too large when unpacked" in refusal(bomb((1 << 30) + 1), "a.xlsx")
    assert "is too large when unpacked" in refusal(bomb((1 << 32) - 1), "a.csv")
    assert read(bomb(1), "a.xlsx")[0] == {2: ["V1", "97110"]}


GOOD_SHEET = excel(["Visit", "Code"], *([f"V{at}", 97110] for at in range(200)))


@pytest.mark.parametrize("share", [0.05, 0.3, 0.5, 0.8, 0.99])
def test_truncated_excel(share):
    """A download that broke off."""
    cut = GOOD_SHEET[: int(len(GOOD_SHEET) * share)]
    assert "cannot be read as Excel" in refusal(cut, "a.xlsx")


def test_damaged_excel():
    """A part that is missing, empty, no XML or cut."""
    for change in (lambda _: b"", lambda _: b"not XML", lambda xml: xml[:-40]):
        for part in (SHEET, "xl/workbook.xml", "[Content_Types].xml"):
            assert "cannot be read as Excel" in refusal(
                with_part(GOOD_SHEET, part, change), "a.csv"
            )


def test_a_zip_is_no_excel():
    """It is said to unpack it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("visits.csv", "Visit,Code\nV1,97110\n")
    for name in ("a.zip", "a.xlsx", "a.csv"):
        assert "is a ZIP file, not Excel: unpack it first" in refusal(out.getvalue(), name)


@pytest.mark.parametrize("rows", [[], [[None, None]], [["", " "]], [[None]] * 5])
def test_excel_with_nothing_in_it(rows):
    """Refused with a sentence."""
    assert "has nothing on its first sheet" in refusal(excel(*rows), "a.xlsx")


# Parquet


def test_parquet_cells_are_text():
    """Whole numbers without a point, gaps as blanks, dates without a time."""
    content = parquet_bytes(
        {
            "Visit": pa.array([1001, 1002, None], pa.int64()),
            "Code": pa.array(["97110", None, "97140"]).dictionary_encode(),
            "Minutes": [15.0, 7.5, None],
            "Units": pa.array([1, None, 3], pa.int8()),
            "Date": [dt.date(2026, 1, 2), None, dt.date(2026, 12, 31)],
            "Time": [dt.datetime(2026, 1, 2), dt.datetime(2026, 1, 2, 9, 30), None],
            "Price": [Decimal("15.00"), None, Decimal("-1.50")],
            "Flag": [True, False, None],
            "None": pa.nulls(3),
        }
    )
    assert read(content, "a.parquet") == (
        {
            2: ["1001", "97110", "15", "1", "2026-01-02", "2026-01-02", "15.00", "True", ""],
            3: ["1002", "", "7.5", "", "", "2026-01-02 09:30:00", "", "False", ""],
            4: ["", "97140", "", "3", "2026-12-31", "", "-1.50", "", ""],
        },
        {},
    )


def test_parquet_categories_and_an_index_of_numbers():
    """As pandas writes them; the index is no field."""
    frame = pd.DataFrame(
        {"Visit": pd.Categorical(["a", None, "b"]), "Code": pd.Categorical([97110, 97112, 97110])},
        index=[5, 7, 9],
    )
    full = read(frame_bytes(frame), "a.parquet", ["Visit", "Code"])[0]
    assert full == {2: ["a", "97110"], 3: ["", "97112"], 4: ["b", "97110"]}


@pytest.mark.parametrize("size", [7, 1000, 60_000])
def test_parquet_rows_are_numbered_through(size):
    """Over row groups and batches of any size."""
    count = 120_000 if size == 60_000 else 2500
    content = parquet_bytes({"Visit": list(range(count))}, row_group_size=size)
    seen = [
        (number, value)
        for batch in open_file(content, "a.parquet").batches(["Visit"])
        for number, value in zip(batch.rows.index, batch.rows["Visit"], strict=True)
    ]
    assert seen == [(at + 2, str(at)) for at in range(count)]


@pytest.mark.parametrize(
    "numbers",
    [
        [9007199254740993, 9007199254740992],
        [9007199254740993, 9007199254740992, None],
    ],
)
def test_parquet_visits_of_many_digits(numbers):
    """Two visits stay two."""
    content = parquet_bytes(
        {"Visit": pa.array(numbers, pa.int64()), "Code": ["97110"] * len(numbers)}
    )
    full = read(content, "a.parquet")[0]
    assert [row[0] for row in full.values()] == ["" if n is None else str(n) for n in numbers]


@pytest.mark.parametrize("values", [[[1, 2], None], [{"a": 1}, None]], ids=["list", "struct"])
def test_parquet_with_nested_columns(values):
    """A column that is not wanted does no harm."""
    content = parquet_bytes(VISITS | {"Diagnoses": values})
    full = read(content, "a.parquet", ["Visit", "Code"])[0]
    assert full == {2: ["V1", "97110"], 3: ["V2", "97140"]}


def test_parquet_with_double_names():
    """Read as in a CSV, or refused with a sentence."""
    arrays = [pa.array(["V1"]), pa.array(["97110"]), pa.array(["97140"])]
    content = parquet_bytes(pa.Table.from_arrays(arrays, names=["Visit", "Code", "Code"]))
    try:
        full = read(content, "a.parquet")[0]
    except InputError:
        return
    assert list(full) == [2]


def test_parquet_with_an_index_of_visits():
    """`frame.set_index("Visit").to_parquet(...)` loses no column."""
    content = frame_bytes(pd.DataFrame(VISITS).set_index("Visit"))
    file = open_file(content, "a.parquet")
    (batch,) = file.batches(["Visit", "Code"])
    assert set(batch.rows.columns) == {"Visit", "Code"}


def test_parquet_text_of_other_writers():
    """Impala and old Spark write text as plain bytes."""
    content = parquet_bytes({"Visit": [b"V1"], "Code": [b"97110"]})
    assert read(content, "a.parquet")[0] == {2: ["V1", "97110"]}


def test_parquet_without_rows():
    """The columns are known, and nothing is in them."""
    columns = {"Visit": pa.array([], pa.string()), "Code": pa.array([], pa.int64())}
    file = open_file(parquet_bytes(columns), "a.parquet")
    assert file.header == ("Visit", "Code")
    assert file.private(set()) == {}
    assert [len(batch.rows) for batch in file.batches(file.header)] in ([], [0])


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_truncated_parquet(share):
    """A download that broke off."""
    content = parquet_bytes({"Visit": [f"V{at}" for at in range(999)]})
    assert "cannot be read as Parquet" in refusal(content[: int(len(content) * share)], "a.parquet")


def test_damaged_parquet():
    """The first rows are damaged: said on opening."""
    content = bytearray(parquet_bytes({"Visit": [f"V{at}" for at in range(999)]}))
    content[30:300] = b"\xff" * 270
    assert "cannot be read as Parquet" in refusal(bytes(content), "a.parquet")


def test_damaged_parquet_after_the_first_rows():
    """Rows that cannot be read are said with a sentence, wherever they are."""
    columns = {"Visit": [f"V{at}" for at in range(3000)], "Code": ["97110"] * 3000}
    content = bytearray(parquet_bytes(columns, row_group_size=1000, use_dictionary=False))
    group = parquet.ParquetFile(io.BytesIO(bytes(content))).metadata.row_group(1)
    at = group.column(0).data_page_offset
    content[at : at + 300] = b"\xff" * 300
    assert "cannot be read as Parquet" in refusal(bytes(content), "a.parquet")


# Columns


def camel(name):
    """`visit number` as `VisitNumber`."""
    return re.sub(r"[a-z0-9]+", lambda word: word[0].capitalize(), name).replace(" ", "")


SPELLINGS = {
    "lower": str.lower,
    "upper": str.upper,
    "title": str.title,
    "camel": camel,
    "underscored": lambda name: name.replace(" ", "_"),
    "UPPER_UNDERSCORED": lambda name: name.upper().replace(" ", "_"),
    "hyphened": lambda name: name.replace(" ", "-"),
    "dotted": lambda name: name.replace(" ", ". ") + ".",
    "spaced": lambda name: f"  {name.replace(' ', '   ')} ",
    "colon": lambda name: f"{name}:",
    "numbered": lambda name: f"{name} #",
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_common_name_in_every_spelling(spelling):
    """All synonyms of the table, each by itself."""
    table = tables.visit_columns()
    assert len(table) > 80
    for name, field in zip(table["header"], table["field"], strict=True):
        column = SPELLINGS[spelling](name)
        assert recognize([column]) == {field: (column,)}, column


def test_common_names_are_written_as_they_are_compared():
    """A synonym that is not in plain form, or stands twice, would never be found."""
    table = tables.visit_columns()
    assert [plain_header(name) for name in table["header"]] == table["header"].tolist()
    assert not table["header"].duplicated().any()
    assert set(table["field"]) == set(FIELDS)


@pytest.mark.parametrize(
    ("column", "field"),
    [
        ("VisitID", "visit"),
        ("Claim #", "visit"),
        ("Days or Units", "units"),
        ("HCPCS", "code"),
        ("CPT/HCPCS", "code"),
        ("ProviderNPI", "provider"),
        ("CPTCode", "code"),
        ("HCPCSCode", "code"),
    ],
)
def test_usual_spellings(column, field):
    """As exports of billing systems have them."""
    assert recognize([column]) == {field: (column,)}


def test_several_columns_of_modifiers():
    """All of them, in the file's order; of the other fields, the first."""
    header = [
        "Mod 2",
        "CPT",
        "Code",
        "Mod1",
        "MODIFIER_3",
        "Modifier 4",
        "Units",
        "Qty",
        "Modifier",
    ]
    assert recognize(header) == {
        "modifiers": ("Mod 2", "Mod1", "MODIFIER_3", "Modifier 4", "Modifier"),
        "code": ("CPT",),
        "units": ("Units",),
    }


def test_columns_that_are_no_field():
    """Names that only begin or end like one."""
    header = ["Visits total", "Code description", "Unitsx", "Payer id 2", "x", "", "Plane", "日付"]
    assert recognize(header) == {}
    assert recognize([]) == {}


@pytest.mark.parametrize(
    ("header", "missing"),
    [
        (["Visit", "Code"], []),
        (["Date", "Account", "Code"], []),
        (["Visit"], ["Code"]),
        (["Code"], ["Visit"]),
        (["Date", "Code"], ["Visit"]),
        (["Account", "Code"], ["Visit"]),
        (["Minutes"], ["Code", "Visit"]),
        ([], ["Code", "Visit"]),
    ],
)
def test_columns_that_are_needed(header, missing):
    """A code, and what tells visits apart; all that is missing is said at once."""
    columns = recognize(header)
    if not missing:
        assert check_columns(columns, "a.csv") is None
        return
    with pytest.raises(InputError) as caught:
        check_columns(columns, "a.csv")
    assert [problem.column for problem in caught.value.problems] == missing
    assert all(str(problem).startswith("a.csv, ") for problem in caught.value.problems)


# Private columns


def private(column, *values, used=()):
    """Why a column would be refused, or None; by its name and the values in it."""
    frame = pd.DataFrame({column: pd.Series(values, dtype=str)})
    known = {name for names in recognize([column]).values() for name in names} | set(used)
    return private_columns(frame, known).get(column)


def test_every_private_word_is_found():
    """Alone, after another word, before another word, in capitals and with underscores."""
    for word in tables.private_columns().index:
        for column in (
            word,
            word.upper(),
            f"Home {word}",
            f"{word} 1",
            f"X_{word}_Y",
            word.title(),
        ):
            assert private(column) is not None, column


@pytest.mark.parametrize(
    "column",
    [
        "Patient Name", "PATIENT_LAST_NAME", "PatientName", "patient", "Pt Name", "Name",
        "LastName", "FIRST_NAME", "DOB", "dob", "PtDOB", "date_of_birth", "DateOfBirth",
        "Birth Date", "Patient Address", "Address 1", "ADDRESS_LINE_2", "Street", "City", "Zip",
        "Phone #", "HomePhone", "CELL_PHONE", "Fax", "E-mail", "Email Address", "e_mail", "SSN",
        "SSN#", "Social Security Number", "Member ID", "MemberID", "Subscriber ID", "Policy #",
        "Insurance ID", "MRN", "MRN #", "Medical Record Number", "MBI", "Age", "Sex", "Gender",
        "Guarantor Name", "Insured's Name", "Responsible Party", "Emergency Contact",
    ],
)  # fmt: skip
def test_names_of_patient_data(column):
    """Refused by the name alone."""
    assert private(column, "", "x").startswith("is called like ")


MISSED = [
    "PATIENTNAME", "LName", "FName", "LNAME", "Last", "First", "Last, First", "Address1",
    "Address2", "Addr", "Phone1", "HOMEPHONE", "Email1", "Zip5", "D.O.B.", "PATDOB", "BIRTHYEAR",
    "SS#", "SS Number", "MEMBERID", "Med Rec #", "Medicare ID", "Medicare Number", "Middle Initial",
]  # fmt: skip


@pytest.mark.parametrize("column", MISSED)
def test_more_names_of_patient_data(column):
    """Usual in exports, and refused."""
    assert private(column) is not None


@pytest.mark.parametrize(
    "column",
    [
        "Provider Name", "PROVIDER_NAME", "Payer Name", "Insurance Name", "Insurance Company",
        "Place of Service", "Account Number", "Patient Account Number", "Patient ID", "Chart No",
        "Procedure Date", "Procedure", "Date of Service", "Claim Number", "Encounter ID", "NPI",
        "Rendering Provider", "Primary Insurance", "Specialty", "Facility", "Location", "Diagnosis",
        "Language", "Coverage", "Usage", "Page", "Mileage", "Stage", "Agency", "Average", "Package",
        "Excellent", "Cancelled", "Streetcar", "Emailed", "Hotel", "Telehealth", "Telemetry",
        "Capacity", "Electricity", "Zipped", "Birthing", "Medical Necessity", "Units", "Charge",
        "Medical", "Security", "Record", "Amount Paid", "Remember", "December", "Number",
    ],
)  # fmt: skip
def test_names_that_only_look_like_patient_data(column):
    """No column of a billing export is refused for letters that its name shares with another."""
    assert private(column, "x", "y") is None


OTHERS = [
    "Rendering Provider Name", "Treating Provider Name", "Name of provider", "Doctor Name",
    "Therapist Name", "Facility Name", "Location Name", "Plan Name", "Procedure Name",
    "Carrier Name", "Policy type", "Member of staff", "Patient Paid", "Patient Responsibility",
]  # fmt: skip


@pytest.mark.parametrize("column", OTHERS)
def test_names_of_others(column):
    """Names of clinicians, payers, places and services are none of patients."""
    assert private(column, "x", "y") is None


@pytest.mark.parametrize(
    "header", [["Provider", "Provider Name"], ["Payer", "Payer Name"], ["NPI", "Provider Name"]]
)
def test_two_columns_of_one_field(header):
    """The one not in use is judged as it would be alone."""
    frame = pd.DataFrame([["x"] * len(header)], columns=header)
    known = {name for names in recognize(header).values() for name in names}
    assert private_columns(frame, known) == {}


PRIVATE_VALUES = {
    "e-mail addresses": ["a@b.co", "jane.doe+x@clinic.example.org", " A@B.COM "],
    "social security numbers": ["123-45-6789", " 987-65-4321"],
    "phone numbers": [
        "(212) 555-1234", "(212)555-1234", "212-555-1234", "212.555.1234", "212 555 1234",
        "212-5551234", "1-212-555-1234", "+1 212 555 1234", "+1 (212) 555-1234",
    ],
}  # fmt: skip


@pytest.mark.parametrize("column", ["Note", "Visit", "Other 2", "Account number"])
@pytest.mark.parametrize("what", PRIVATE_VALUES)
def test_private_values_in_innocent_columns(column, what):
    """Judged by its values, in use or not: half of those given are enough."""
    for value in PRIVATE_VALUES[what]:
        assert private(column, value) == f"holds what look like {what}"
        assert private(column, "", value, "", "x", "") == f"holds what look like {what}"
        assert private(column, "", value, "x", "y") is None


def test_private_values_in_a_file():
    """Of each kind of file, those of a CSV beyond the first screen too."""
    values = [""] * 150 + ["123-45-6789"] * 3
    rows = [{"Visit": f"V{at}", "Code": "97110", "Other": value} for at, value in enumerate(values)]
    frame = pd.DataFrame(rows)
    lists = [list(row.values()) for row in rows]
    for content in (
        frame.to_csv(index=False).encode(),
        frame_bytes(frame),
        excel(list(frame.columns), *lists),
    ):
        found = open_file(content, "visits").private({"Visit", "Code"})
        assert found == {"Other": "holds what look like social security numbers"}


@pytest.mark.parametrize(
    "values",
    [
        ["V0001", "V0002"],
        ["1234567890", "1987654321"],
        ["12125551234"],
        ["2026-03-02", "2026-03-31"],
        ["03/02/2026", "3/2/26"],
        ["2.3.2026"],
        ["20260302"],
        ["20260302-001", "2026-000123"],
        ["12345-678", "1234-5678"],
        ["A100-200-3000"],
        ["6f1e8a52-0f6c-4c39-9d3f-0242ac120002"],
        ["15", "30", "1,440"],
        ["97110", "97140-59", "98941"],
        ["GP 59", "GP 59 KX"],
        ["M54.50", "M99.01"],
        ["$125.00", "-12.50"],
        ["11", "22"],
        ["09:30", "09:30:00"],
        ["Ann@home", "@"],
        ["001-0000123", "001-0000124"],
        ["100-2345678"],
        ["012.345.6789"],
    ],
)
def test_values_of_billing_are_not_private(values):
    """Visits, dates, codes, minutes and amounts are no phone numbers."""
    assert private("Visit", *values) is None
    assert private("Something", *values) is None


def test_codes_are_not_private():
    """Every code of the table."""
    assert private("Something", *codes()["code"]) is None


LEAKY = "Patient Name,Visit,Phone,Code\nRoe,V1,212-555-1234,97110\nPoe,V2,212-555-0000,97140\n"


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet"])
def test_columns_left_out_are_in_no_batch(kind):
    """Only what is wanted is given, in the file's order."""
    frame = pd.read_csv(io.StringIO(LEAKY), dtype=str)
    content = {
        "csv": LEAKY.encode(),
        "xlsx": excel(list(frame.columns), *frame.values.tolist()),
        "parquet": frame_bytes(frame),
    }[kind]
    file = open_file(content, "visits")
    assert set(file.private({"Visit", "Code"})) == {"Patient Name", "Phone"}
    for batch in file.batches(["Code", "Visit", "None"]):
        assert batch.rows.columns.tolist() == ["Visit", "Code"]
        assert not set(batch.rows.values.ravel()) & {"Roe", "Poe", "212-555-1234"}


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_no_column_wanted_is_none_read(kind):
    """Nothing is nothing."""
    frame = pd.read_csv(io.StringIO(LEAKY), dtype=str)
    content = LEAKY.encode() if kind == "csv" else frame_bytes(frame)
    for batch in open_file(content, "visits").batches([]):
        assert batch.rows.columns.tolist() == []


@pytest.mark.parametrize("row", ["Doe, Jane,V3,212-555-1111,97112", "Doe Jane,V3,212-555-1111"])
def test_refused_rows_hold_nothing_left_out(row):
    """A row of the wrong length does not bring a patient's name into the results."""
    file = open_file(f"{LEAKY}{row}\n".encode(), "visits.csv")
    columns = {"visit": ("Visit",), "code": ("Code",)}
    said = ""
    for batch in file.batches(["Visit", "Code"]):
        said += str(batch.refused) + read_rows(batch, columns).refused.to_csv()
    assert "values, and the header 4" in said
    assert "Doe" not in said
    assert "212-555-1111" not in said
