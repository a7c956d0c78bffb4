"""CSV files, as Python's csv module reads them: separators, encodings, newlines, blocks."""

import codecs
import csv
import io

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading import (
    HEADER,
    MESSY,
    check,
    excel,
    lengths,
    oracle,
    parquet_bytes,
    piped,
    read,
    refusal,
    rows_of,
    written,
)

from chirocalc.audit import csv_file
from chirocalc.audit.columns import recognize
from chirocalc.audit.csv_file import read_block
from chirocalc.audit.files import open_file
from chirocalc.audit.rows import read_rows
from chirocalc.audit.visit_file import BROKEN, Layout


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
        {2: ["V1", "97110"], 4: ["V2", ""], 5: ["V3", "97112"]},
        {},
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


def test_windows_letters_are_read():
    """What Excel saves as "CSV": letters, dashes and quotes of Windows."""
    text = (
        "Visit,Code,Provider,Note\nV1,97110,José,x\nV2,97140,Ann,x–y\nV3,97112,Bo,“é”\nV4,97110,Ü,€"
    )
    check(text, text.encode("cp1252"))


@pytest.mark.parametrize("byte", [b"\x81", b"\x8d", b"\x8f", b"\x90", b"\x9d"])
def test_bytes_that_are_no_letters_are_refused_by_row(byte):
    """Windows has none for five bytes: their rows go, with number and reason; others stay."""
    text = "Visit,Code,Provider,Note\nV1,97110,Jos?,x\nV2,97140,Ann,x\nV3,97112,Bo,?\nV4,97110,?,x"
    file = open_file(text.encode().replace(b"?", byte), "visits.csv")
    columns = recognize(file.header)
    parts = [read_rows(batch, columns) for batch in file.batches(["Visit", "Code", "Provider"])]
    assert [row for part in parts for row in part.lines["row"]] == [3, 4]
    refused = pd.concat([part.refused for part in parts])
    assert refused["row"].tolist() == [2, 5]
    assert refused["column"].tolist() == ["encoding", "encoding"]
    assert set(refused["reason"]) == {"has characters that cannot be read: save as 'CSV UTF-8'"}


@pytest.mark.parametrize("cell", ["é", "\x81"])
def test_odd_letters_do_not_eat_what_is_after_them(cell):
    """Right before a separator, a quote or a newline."""
    text = 'Visit,Code,Note,End\nV1,97110,?,a\nV2,97110,"?",b\nV3,97110,x,?\nV4,97110,???,c\n'
    full, refused = read(text.replace("?", cell).encode("latin-1"))
    shown = {"\x81": BROKEN}.get(cell, cell)
    assert refused == {}
    assert full == {
        2: ["V1", "97110", shown, "a"],
        3: ["V2", "97110", shown, "b"],
        4: ["V3", "97110", "x", shown],
        5: ["V4", "97110", shown * 3, "c"],
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
    monkeypatch.setattr(csv_file, "BLOCK", block)
    check(text, text.encode())
    check(text, piped(text.encode()))
    check(text.rstrip("\r\n"), ("\ufeff" + text.rstrip("\r\n")).encode("utf-16-le"))


def test_blocks_do_not_show_in_quoted_newlines(monkeypatch):
    """A newline within a value stays as it is."""
    text = lined(50, "\r\n")
    wanted = read(text.encode())
    for block in range(64, 200):
        monkeypatch.setattr(csv_file, "BLOCK", block)
        assert read(text.encode()) == wanted, block


@pytest.mark.parametrize("block", [64, 100, 1000])
def test_blocks_of_refused_rows_only(monkeypatch, block):
    """Blocks without one usable row, at the begin, in the middle and at the end."""
    text = "Visit,Code\n" + "a,b,,d\n" * 200 + "V1,97110\n" + "a,b,c\n" * 200 + "V2,97140\n"
    text += "\n" * 300 + "V3,97112\n" + "a,b,c,d\n" * 200
    monkeypatch.setattr(csv_file, "BLOCK", block)
    full, refused = read(text.encode())
    assert list(full) == [202, 403, 704]
    assert set(lengths(refused)) == {*range(2, 202), *range(203, 403), *range(705, 905)}


@pytest.mark.parametrize("blank", ["\n", ",,,\n"])
def test_blocks_of_blank_rows_before_the_header(monkeypatch, blank):
    """The header is the first row that holds anything, in whichever block."""
    text = blank * 200 + written(MESSY)
    monkeypatch.setattr(csv_file, "BLOCK", 64)
    check(text, text.encode())


@pytest.mark.parametrize("block", [64, 100, 1000, 1 << 20])
def test_broken_bytes_at_any_place(monkeypatch, block):
    """Replacing a byte by three never shifts a row."""
    monkeypatch.setattr(csv_file, "BLOCK", block)
    odd = "\x81"
    rows = [f"V{at},97110,{odd * (at % 9)},x" for at in range(2, 1500)]
    source = "\n".join([",".join(HEADER), *rows]).encode("latin-1")
    full, refused = read(source)
    assert refused == {}
    assert full == {
        at: [f"V{at}", "97110", BROKEN * (at % 9), "x"] for at in range(2, len(rows) + 2)
    }


@pytest.mark.parametrize("block", [1 << 15, 20_001])
def test_long_lines_of_long_letters(monkeypatch, block):
    """A line of more than 4,096 bytes of é after the end of a block holds no broken letter."""
    monkeypatch.setattr(csv_file, "BLOCK", block)
    note = "é" * 6000
    for shift in range(2):
        text = f"Visit,Code,Provider,Note\nV1,97110,{'x' * shift},{note}\nV2,97140,y,\n"
        assert read(text.encode())[0][2][3] == note


def test_a_row_longer_than_a_block():
    """One long note is no reason to refuse a file, or at least one that a user understands."""
    text = f"Visit,Code,Note\nV1,97110,{'x' * (csv_file.BLOCK * 2)}\nV2,97140,y\n"
    assert set(read(text.encode(), wanted=["Visit", "Code"])[0]) == {2, 3}
    text = text.replace("Code,Note", "Code,Note,More").replace("V2,97140,y", "V2,97140,y,z")
    assert set(read(text.encode(), wanted=["Visit", "Code"])[0]) == {2, 3}


def test_blocks_of_a_file_number_their_own_rows():
    """A part of a file counts from 1; the first counts the header."""
    layout = Layout("csv", ("Visit", "Code"))
    first = list(
        read_block(b"Visit,Code\nV1,97110\n\nV,2,3\n", True, layout, ["Visit", "Code"], "v")
    )
    later = list(read_block(b"V3,97110\nV,4,5\n\nV5,97140\n", False, layout, ["Code"], "v"))
    assert [list(batch.rows.index) for batch in first] == [[2, 3]]
    assert [row for batch in first for row, *_ in batch.refused] == [4]
    assert first[-1].last == 4
    assert later[0].rows.columns.tolist() == ["Code"]
    assert later[0].rows["Code"].to_dict() == {1: "97110", 3: "", 4: "97140"}
    assert [row for batch in later for row, *_ in batch.refused] == [2]
    assert later[-1].last == 4


# The header, wherever it stands


TITLES = 'Charge Detail Report\n"Example Chiropractic, LLC"\nDates: 03/01/2026, 03/31/2026\n\n'


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_header_below_titles(delimiter):
    """Titles are no data, rows keep their numbers, and it is said where the header stood."""
    rows = [["Visit", "Date", "CPT"], ["V1", "03/02/2026", "97110"], ["V2", "", "97140"]]
    text = TITLES + written(rows, delimiter)
    file = open_file(text.encode(), "visits.csv")
    assert (file.header, file.layout.header_row) == (("Visit", "Date", "CPT"), 5)
    assert file.layout.delimiter == delimiter
    assert file.note.endswith("Header found in row 5.")
    assert read(text.encode()) == ({6: rows[1], 7: rows[2]}, {})


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("Visit,Code\nV1,97110\n", 1),
        ("Summary\nCPT,Units\n97110,4\n\nVisit,Date,CPT,Units\nV1,3/2/26,97110,4\n", 5),
        ("Visit,CPT\nV1,97110\nPage 2\nVisit,CPT\nV2,97110\n", 1),
        ("CPT\nVisit,CPT\nV1,97110\n", 2),
        ("Ref;Service\nCPT;97110\nCode;Units\n", 3),
        ("Ref,Service\nCPT code,97110\nV1,Code\n", 3),
        ("Ref,Service\nV1,97110\n", 1),
        ("Title\n\nRef,Service\nV1,97110\n", 1),
        ("\n\nRef,Service\nV1,97110\n", 3),
    ],
)
def test_which_row_is_the_header(text, row):
    """The one that names most fields, a code among them; the first; else the first with anything;
    rows of data and titles never are."""
    assert open_file(text.encode(), "visits.csv").layout.header_row == row


def test_a_header_is_looked_for_in_the_first_rows_only():
    """What looks like one far below is data."""
    text = "Ref,Service\n" + "V1,97110\n" * 60 + "Visit,Code\n"
    assert open_file(text.encode(), "visits.csv").layout.header_row == 1


def test_titles_may_be_longer_than_what_is_looked_at_first():
    """A disclaimer of many letters, or wide rows."""
    for title in ("x" * 200_000, "a,b\n" * 20, ",".join(["word"] * 20_000)):
        text = f"{title}\n{written(MESSY)}"
        file = open_file(text.encode(), "visits.csv")
        assert file.header == tuple(HEADER)
        assert rows_of(file, file.header)[0]


@pytest.mark.parametrize("block", [64, 1000])
def test_titles_in_blocks_of_their_own(monkeypatch, block):
    """Titles of any length above the header, cut anywhere."""
    titles = "".join(f"Title {at},{'x' * at}\n" for at in range(40))
    wanted, _ = oracle(written(MESSY))
    monkeypatch.setattr(csv_file, "BLOCK", block)
    full, _ = read((titles + written(MESSY)).encode())
    assert full == {row + 40: values for row, values in wanted.items()}


# Short and long rows


@pytest.mark.parametrize("usual", ["short", "long", "as the header"])
@pytest.mark.parametrize("block", [64, 1 << 20])
def test_short_and_long_rows(monkeypatch, usual, block):
    """Filled up or cut where nothing is lost, in their places, whatever most rows are like."""
    monkeypatch.setattr(csv_file, "BLOCK", block)
    common = {"short": "{},97110", "long": "{},97110,Ann,x,,", "as the header": "{},97110,Ann,"}
    rows = [common[usual].format(at) for at in range(2, 302)]
    rows[10], rows[20], rows[30], rows[40] = "a", "b,97140,,,,,", 'c,1,"x\ny"', "d,1,x,y,z"
    rows[50], rows[60], rows[299] = "e,1,x,y, , z", ",,,,,,,,", "f,97112,x,y"
    text = "\n".join([",".join(HEADER), *rows])
    full, refused = read(text.encode())
    assert (full, lengths(refused)) == oracle(text)
    assert lengths(refused) == {42: 5, 52: 6}
    assert list(full)[-1] == 301
    assert read(text.encode(), wanted=["Note"])[0] == {
        row: values[3:] for row, values in full.items() if values[3].strip()
    }


def test_the_text_of_a_long_row_is_not_passed_on():
    """It may hold what is never read."""
    file = open_file(b"Visit,Code\nV1,97110,Jane Doe\nV2,97110\n", "visits.csv")
    (batch,) = file.batches(["Visit"])
    assert batch.refused == [(2, "has 3 values, and the header 2")]


def test_text_marks_of_excel():
    """="97110" is 97110, in quotes or not, in the header and in short rows too; patient data is
    told in them."""
    text = (
        'Visit,"=""CPT""",Note,SSX\n"=""1""","=""97110""",=x,"=""123-45-6789"""\n="02",="G0283"\n'
    )
    file = open_file(text.encode(), "visits.csv")
    assert file.header == ("Visit", "CPT", "Note", "SSX")
    assert read(text.encode()) == (
        {2: ["1", "97110", "=x", "123-45-6789"], 3: ["02", "G0283", "", ""]},
        {},
    )
    assert "SSX" in file.private(set())


# Encodings


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("block", [64, 101, 1 << 20])
def test_utf_16_without_a_mark(monkeypatch, encoding, block):
    """Told by its zeros; letters of other scripts in it are whole."""
    monkeypatch.setattr(csv_file, "BLOCK", block)
    check(written(MESSY), written(MESSY).encode(encoding))
    assert open_file(written(MESSY).encode(encoding), "a.csv").layout.encoding == encoding


WORDS = st.text("abcé€ \"'x", max_size=5).map(lambda text: f"w{text}w")
ROWS = st.lists(st.tuples(WORDS, WORDS, st.integers(0, 99).map(str)), min_size=1, max_size=8)
TITLE = st.lists(
    st.sampled_from(["Report", "A, b", "c;d", "1|2", "\t", "Dates: 1/2/26"]), max_size=3
)


@given(
    st.lists(TITLE, max_size=6),
    ROWS,
    st.sampled_from(",;\t|"),
    st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.integers(0, 3),
    st.booleans(),
)
def test_a_table_is_read_however_it_is_written(
    titles, rows, delimiter, encoding, newline, more, of_all
):
    """Titles above, any delimiter, encoding and line end, empty cells at the ends of rows."""
    header = ["Visit", "CPT", "Units"]
    body = [[*row, *[""] * (more if of_all or at % 2 else 0)] for at, row in enumerate(rows)]
    text = written([*titles, header, *body], delimiter, newline)
    source = text.encode(encoding)
    file = open_file(source, "visits.csv")
    assert file.header == tuple(header)
    first = len(titles) + 2
    assert rows_of(file, header) == ({first + at: list(row) for at, row in enumerate(rows)}, {})


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
    assert (full, lengths(refused)) == oracle(text, delimiter)
