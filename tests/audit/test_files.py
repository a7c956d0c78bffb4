"""What a file is told to be, and files that cannot be one; each gets a sentence."""

import codecs
import io
import os

import pytest
from reading import (
    MESSY,
    VISITS,
    check,
    excel,
    parquet_bytes,
    piped,
    read,
    refusal,
    rows_of,
    written,
)

from chirocalc.audit import csv_file
from chirocalc.audit.columns import recognize
from chirocalc.audit.files import open_file
from chirocalc.audit.rows import read_rows
from chirocalc.errors import InputError


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (b"", "is empty"),
        (b"\n", "is empty"),
        (b" \t\r\n \n", "is empty"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "is a PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "cannot be read as Excel"),
        (b"<!DOCTYPE html><html><table>", "is a web page, not a workbook"),
        ("\ufeff\n <HTML xmlns:x='x'><table>".encode(), "is a web page, not a workbook"),
        ("\ufeff<html>".encode("utf-16-le"), "is a web page, not a workbook"),
        (b"<table border=1><tr><td>Visit", "is a web page, not a workbook"),
        (b"MIME-Version: 1.0\nX-Document-Type: Workbook\n", "is a web page, not a workbook"),
        (
            b'<?xml version="1.0"?><x xmlns="urn:schemas-microsoft-com:office:spreadsheet">',
            "is a web page, not a workbook: open it in Excel and save it as .xlsx or CSV",
        ),
        (b'<?xml version="1.0"?><visits/>', "is an XML file, not a table"),
        (b"{\\rtf1\\ansi Visit\\par}", "is a Word document"),
        (b"ISA*00*          *00*", "first segment (ISA)"),
        (b"\r\nISA|00|          |00|", "first segment (ISA)"),
        (b"\0" * 100, "holds binary data"),
        (b"Visit,Code\nV1,\x0097110\n", "holds binary data"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "holds binary data"),
        ("Visit,Code\nV1,97110\n".encode("utf-32-le"), "holds binary data"),
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


@pytest.mark.parametrize("text", ["ISA report\nVisit,Code\n", "ISA,Visit,Code\n1,V1,97110\n"])
def test_a_table_that_begins_like_claims(text):
    """Words are no X12."""
    assert open_file(text.encode(), "visits.csv").header[-1] == "Code"


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_form_is_no_table(kind):
    """Fields below one another are told from a header beside others."""
    rows = [["Field", "Value"], ["Visit:", "V1"], ["Date of service:", "x"], ["CPT code:", "97110"]]
    content = written(rows).encode() if kind == "csv" else excel(*rows)
    assert "is a form with a field in each row, not a table of visits" in refusal(content)
    rows = [["Visit", "CPT code"], *rows]
    content = written(rows).encode() if kind == "csv" else excel(*rows)
    assert open_file(content, "a").header == ("Visit", "CPT code")


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


@pytest.mark.parametrize("name", ["a.csv", "a.CSV", "a.Xlsx", "a.xls", "a.parquet", "a.txt", "a"])
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
    lies = ending in ("csv", "xlsx", "xls", "parquet") and ending != kind
    assert (f"{name} is not what its name says: read as {kind}." in file.note) == lies


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
        patch.setattr(csv_file, "BLOCK", 100)
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
