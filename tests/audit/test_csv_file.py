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
    text = "Visit,Code\n" + "short\n" * 200 + "V1,97110\n" + "a,b,c\n" * 200 + "V2,97140\n"
    text += "\n" * 300 + "V3,97112\n" + "short\n" * 200
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
    monkeypatch.setattr(csv_file, "BLOCK", block)
    note = "é" * 6000
    for shift in range(2):
        text = f"Visit,Code,Provider,Note\nV1,97110,{'x' * shift},{note}\nV2,97140,y,\n"
        assert read(text.encode())[0][2][3] == note


def test_a_row_longer_than_a_block():
    """One long note is no reason to refuse a file, or at least one that a user understands."""
    text = f"Visit,Code,Note\nV1,97110,{'x' * (csv_file.BLOCK * 2)}\nV2,97140,y\n"
    assert set(read(text.encode(), wanted=["Visit", "Code"])[0]) == {2, 3}


def test_blocks_of_a_file_number_their_own_rows():
    """A part of a file counts from 1; the first counts the header."""
    layout = Layout("csv", ("Visit", "Code"))
    first = list(read_block(b"Visit,Code\nV1,97110\n\nV2\n", True, layout, ["Visit", "Code"], "v"))
    later = list(read_block(b"V3,97110\nV4\n\nV5,97140\n", False, layout, ["Code"], "v"))
    assert [list(batch.rows.index) for batch in first] == [[2, 3]]
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
