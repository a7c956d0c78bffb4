"""Tables as files: no cell runs, no number changes, a file is whole or not there."""

import csv
import io
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from pyarrow import parquet
from python_calamine import CalamineWorkbook

from chirocalc.exports import Links, TableWriter, csv_bytes, excel_bytes, harmless

FORMULAS = ["=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "=", "-", "=cmd|' /C calc'!A0", "-2.50"]
PLAIN = [
    "",
    "a",
    "a=1",
    "1-1",
    " =1",
    "'=1",
    "a@b.co",
    "x\ty",
    'say "hi"',
    "a,b;c|d",
    "é 日本",
    "0012",
]


def read_csv(content):
    """The records of a CSV, by Python's csv module."""
    text = content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def read_excel(content, sheet="Sheet"):
    """The cells of a sheet, header included."""
    return list(load_workbook(io.BytesIO(content))[sheet].iter_rows())


def guarded(text):
    """What a text becomes in a file."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


def written(path, *parts):
    """The rows of a file that was written in parts."""
    with TableWriter(path) as writer:
        for part in parts:
            writer.write(part)
    if path.suffix == ".parquet":
        return parquet.read_table(path).to_pandas()
    return pd.read_csv(path)


def findings(count=3, start=2):
    """A part of a table as the audit writes them."""
    whole = pd.DataFrame(
        {
            "row": range(start, start + 3),
            "visit": [f"V{at}" for at in range(start, start + 3)],
            "text": ["=1+1", "plain", 'é, "x"\n\''],
            "dollars": [-12.5, np.nan, 0.07],
            "units": pd.array([1, None, 3], dtype="Int64"),
            "covered": [True, False, True],
        }
    )
    return whole.iloc[:count]


@pytest.fixture(params=["csv", "parquet"])
def path(request, tmp_path):
    """A file that is not there yet."""
    return tmp_path / f"out.{request.param}"


# Harmless cells


@pytest.mark.parametrize("dtype", ["str", "object", "string"])
def test_formulas_become_text(dtype):
    """An apostrophe before what a spreadsheet would run; all other text unchanged."""
    texts = [*FORMULAS, "\rx", *PLAIN, None]
    table = pd.DataFrame(
        {"a": pd.Series(texts, dtype=dtype), "b": pd.Series(PLAIN[:1] * len(texts))}
    )
    made = harmless(table)["a"]
    assert made.iloc[:-1].tolist() == [guarded(text) for text in texts[:-1]]
    assert pd.isna(made.iloc[-1])
    assert table["a"].iloc[0] == "=1+1"  # the table given is not changed


def test_formulas_among_categories_become_text():
    """Text is text, whatever its type."""
    table = pd.DataFrame({"a": pd.Categorical(["=1+1", "b"])})
    assert read_csv(csv_bytes(table))[1] == ["'=1+1"]


@pytest.mark.parametrize(
    "values",
    [
        pd.Series([-12.5, -0.01, 3.0, np.nan]),
        pd.Series([-1, -2, 0, 5]),
        pd.array([-1, None, 2, -3], dtype="Int64"),
        pd.to_datetime(["2026-01-31", None, "2026-02-01", "2026-03-01"]),
        [True, False, True, False],
        pd.Series([-12.5, None, 3.0, -1], dtype=object),
    ],
)
def test_numbers_are_untouched(values):
    """Negative dollars stay numbers."""
    table = pd.DataFrame({"n": values, "text": ["=1", "-", "x", "@"]})
    pd.testing.assert_series_equal(harmless(table)["n"], table["n"])
    assert not any("'" in row[0] for row in read_csv(csv_bytes(table)))


def test_harmless_text_is_no_work():
    """A table without a formula is given back as it is, missing values too."""
    table = pd.DataFrame({"a": ["x", None, "y"], "b": [1, 2, 3]})
    pd.testing.assert_frame_equal(harmless(table), table)
    empty = pd.DataFrame({"a": pd.Series([], dtype=str), "b": pd.Series([], dtype=object)})
    pd.testing.assert_frame_equal(harmless(empty), empty)


# CSV


def test_csv_says_that_it_is_utf8():
    """The mark that Excel needs, once, and a header even without rows."""
    assert csv_bytes(pd.DataFrame({"é": ["日本"]})) == "\ufeffé\n日本\n".encode()
    assert csv_bytes(pd.DataFrame(columns=["a", "b"])) == "\ufeffa,b\n".encode()


@pytest.mark.parametrize(
    "text",
    [
        *FORMULAS,
        *PLAIN[1:],
        "two\nlines",
        "two\r\nlines",
        "two\rlines",
        "x\r=cmd|' /C calc'!A0",
        "\rx",
    ],
)
def test_csv_round_trip(text):
    """Each cell in its row, no row begun by what a cell holds."""
    table = pd.DataFrame({"a": [text, "x"], "n": [-1.5, 2]})
    assert read_csv(csv_bytes(table)) == [["a", "n"], [guarded(text), "-1.5"], ["x", "2.0"]]


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0"), max_size=6)


@given(st.lists(st.tuples(TEXT, TEXT, st.floats(-1e6, 1e6)), min_size=1, max_size=6))
def test_any_text_round_trips(cells):
    """Texts guarded, numbers exact."""
    table = pd.DataFrame(cells, columns=["a", "b", "n"])
    header, *records = read_csv(csv_bytes(table))
    assert header == ["a", "b", "n"]
    assert [(a, b, float(n)) for a, b, n in records] == [
        (guarded(a), guarded(b), n) for a, b, n in cells
    ]


# Excel


def test_excel_round_trip():
    """No formula in it, numbers as numbers, each sheet with its header in view."""
    texts = [*FORMULAS, *PLAIN[1:], "=HYPERLINK(1)"]
    table = pd.DataFrame({"text": texts, "dollars": np.linspace(-5, 5, len(texts))})
    content = excel_bytes({"First": table, "Second": findings()})
    header, *records = read_excel(content, "First")
    assert [cell.value for cell in header] == ["text", "dollars"]
    assert [row[0].value for row in records] == [guarded(text) for text in texts]
    assert [row[1].value for row in records] == pytest.approx(table["dollars"].tolist())
    assert {row[1].data_type for row in records} == {"n"}
    book = load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["First", "Second"]
    for sheet in book:
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref == sheet.dimensions
        assert "f" not in {cell.data_type for row in sheet.iter_rows() for cell in row}


def test_excel_is_readable_at_once():
    """Heads bold, columns as wide as what they hold within bounds, long texts wrapped, dollars as
    dollars."""
    table = pd.DataFrame({"row": [2], "text": ["long " * 40], "dollars": [-1234.5], "rvus": [0.25]})
    sheet = load_workbook(io.BytesIO(excel_bytes({"Sheet": table})))["Sheet"]
    assert all(cell.font.bold for cell in sheet[1])
    widths = {name: sheet.column_dimensions[name].width for name in "ABC"}
    assert len("row") < widths["A"] < 9 < widths["C"] < 14
    assert 50 < widths["B"] < 70
    assert sheet.column_dimensions["B"].alignment.wrap_text
    assert not sheet.column_dimensions["A"].alignment.wrap_text
    assert sheet.column_dimensions["C"].number_format.startswith("$#,##0.00")
    assert [sheet["A2"].value, sheet["C2"].value, sheet["D2"].value] == [2, -1234.5, 0.25]


@pytest.mark.parametrize("text", ["https://a.org", "mailto:a@b.co", "{=1+1}", "file://x", "12"])
def test_excel_holds_text_as_text(text):
    """No link, no formula, no number."""
    content = excel_bytes({"Sheet": pd.DataFrame({"a": [text]})})
    (cell,) = read_excel(content)[1]
    assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s", None)


def test_excel_links_open_a_row_of_another_sheet():
    """And nothing else is a link; what a link says is text, whatever it begins with."""
    table = pd.DataFrame({"Done": ["", "", ""], "What": ["first", "none", "=1+1"]})
    other = pd.DataFrame({"a": range(9)})
    links = {"To do": Links("What", [("Its rows", 2), None, ("Its rows", 7)])}
    content = excel_bytes({"To do": table, "Its rows": other}, links)
    rows = read_excel(content, "To do")[1:]
    assert [cell.hyperlink and cell.hyperlink.location for _, cell in rows] == [
        "'Its rows'!A2",
        None,
        "'Its rows'!A7",
    ]
    assert [(cell.value, cell.data_type) for _, cell in rows] == [
        ("first", "s"),
        ("none", "s"),
        ("=1+1", "s"),
    ]
    assert not any(cell.hyperlink for row in read_excel(content, "Its rows") for cell in row)


def test_excel_is_read_back_by_another_reader():
    """Calamine, which reads the audit's own files, sees the same cells."""
    book = CalamineWorkbook.from_filelike(
        io.BytesIO(excel_bytes({"A": findings(), "B": findings()}))
    )
    assert book.sheet_names == ["A", "B"]
    expected = [
        [cell.value for cell in row] for row in read_excel(excel_bytes({"A": findings()}), "A")
    ]
    shown = [
        [None if cell == "" else cell for cell in row]
        for row in book.get_sheet_by_name("A").to_python()
    ]
    assert shown == expected


def test_excel_cuts_what_no_cell_can_hold():
    """A text of more letters than Excel allows is not left out; nor are numbers it has none for."""
    table = pd.DataFrame({"a": ["x" * 40_000, "y"], "n": [np.inf, 1.0]})
    rows = read_excel(excel_bytes({"Sheet": table}))
    assert [cell.value for cell in rows[1]] == ["x" * 32_767, "inf"]
    assert [cell.value for cell in rows[2]] == ["y", 1]


def test_excel_of_nothing():
    """A sheet without rows has its header."""
    rows = read_excel(excel_bytes({"Sheet": findings().iloc[:0]}))
    assert [[cell.value for cell in row] for row in rows] == [list(findings().columns)]


def test_excel_gaps_are_empty_cells():
    """Not the word nan."""
    rows = read_excel(excel_bytes({"Sheet": findings()}))
    values = [[cell.value for cell in row] for row in rows]
    assert values[2][3:] == [None, None, False]
    assert values[1][3:] == [-12.5, 1, True]


def test_nothing_is_written_to_disk():
    """Not for a moment: neither by reading a file of any kind, nor by the audit, nor by its
    downloads."""
    script = """
        import io, os, sys
        import pandas as pd
        from chirocalc import Settings
        from chirocalc.audit import audit_in_memory, columns_of, open_files, sample
        from chirocalc import exports
        table, wrote = sample(), []
        excel, parquet = io.BytesIO(), io.BytesIO()
        table.to_parquet(parquet, index=False)
        files = {"v.csv": exports.csv_bytes(table), "v.parquet": parquet.getvalue(),
                 "v.xlsx": exports.excel_bytes({"Visits": table})}
        def hear(event, given):
            # Else a pipe, or nothing at all.
            if event == "open" and not isinstance(given[0], int) and given[0] != os.devnull:
                if given[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
                    wrote.append(given)
            if event.startswith(("tempfile.", "os.mkdir", "os.rename", "shutil.")):
                wrote.append((event, given))
        sys.dont_write_bytecode = True
        sys.addaudithook(hear)
        for name, content in files.items():
            opened = open_files([(content, name)])
            columns = columns_of(opened)
            answer = audit_in_memory(opened, columns, Settings())
            assert len(answer.findings) > 100
            exports.csv_bytes(answer.findings)
            exports.excel_bytes({"Findings": answer.findings, "Lines": answer.lines})
        print(wrote)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        check=False,
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")


@pytest.mark.parametrize("text", ["a\x0bb", "a\x00b", "\x1f", "a\ufffeb"])
def test_excel_with_characters_it_cannot_hold(text):
    """Left out or replaced: one odd cell must not cost the whole file."""
    rows = read_excel(excel_bytes({"Sheet": pd.DataFrame({"a": [text, "x"]})}))
    assert rows[2][0].value == "x"


# Parts


def test_parts_are_one_table(path):
    """In order, with one header; formulas guarded, numbers untouched."""
    parts = [findings(3, 2), findings(0, 5), findings(2, 5), findings(1, 7)]
    got = written(path, *parts)
    want = pd.concat(parts, ignore_index=True)
    assert got["row"].tolist() == [2, 3, 4, 5, 6, 7]
    assert got["visit"].tolist() == want["visit"].tolist()
    assert got["text"].tolist() == [guarded(text) for text in want["text"]]
    assert got["dollars"].tolist() == pytest.approx(want["dollars"].tolist(), nan_ok=True)
    assert got["units"].astype("Int64").tolist() == want["units"].tolist()
    assert got["covered"].tolist() == want["covered"].tolist()
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_parts_are_as_one_write(path):
    """However a table is cut, the same rows come out."""
    whole = findings(3)
    got = written(path, *(whole.iloc[at : at + 1] for at in range(3)))
    pd.testing.assert_frame_equal(got, written(path, whole))


def test_a_first_part_without_rows(path):
    """Its columns are set, and their types hold for what comes."""
    got = written(path, findings(0), findings(3))
    pd.testing.assert_frame_equal(got, written(path, findings(3)))


@pytest.mark.parametrize(
    "kind",
    [
        "csv",
        "parquet",
    ],
)
def test_a_first_part_without_types(tmp_path, kind):
    """An empty frame of objects says nothing of what its columns hold."""
    untyped = pd.DataFrame(columns=findings().columns)
    path = tmp_path / f"out.{kind}"
    got = written(path, untyped, findings(3))
    assert got["row"].tolist() == [2, 3, 4]
    assert got["dollars"].tolist() == pytest.approx([-12.5, np.nan, 0.07], nan_ok=True)


def test_columns_missing_in_the_first_part(path):
    """A column of gaps takes what comes later."""
    first = pd.DataFrame({"text": [None, None], "dollars": [np.nan, np.nan], "row": [1, 2]})
    later = pd.DataFrame({"text": ["x", "=y"], "dollars": [-1.5, 2.0], "row": [3, 4]})
    got = written(path, first, later)
    assert got["text"].isna().tolist() == [True, True, False, False]
    assert got["text"].iloc[2:].tolist() == ["x", "'=y"]
    assert got["dollars"].tolist() == pytest.approx([np.nan, np.nan, -1.5, 2.0], nan_ok=True)
    back = written(path, later, first)
    assert back["dollars"].tolist() == pytest.approx([-1.5, 2.0, np.nan, np.nan], nan_ok=True)


def test_numbers_in_a_csv_of_parts_are_not_guarded(tmp_path):
    """Negative dollars stay numbers in the file's own text, even after an empty first part."""
    path = tmp_path / "out.csv"
    for first in (findings(0), pd.DataFrame(columns=findings().columns)):
        written(path, first, findings(1))
        (record,) = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))
        assert float(record["dollars"]) == -12.5
        assert record["text"] == "'=1+1"


@pytest.mark.parametrize("text", [*FORMULAS, *PLAIN[1:], "a\rb", "a\nb", "\rx", "x\r=1"])
def test_a_part_round_trips(path, text):
    """Any text in a cell, guarded; as text and not as pandas likes to guess."""
    with TableWriter(path) as writer:
        writer.write(pd.DataFrame({"a": [text, "x"]}))
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            got = [row[0] for row in csv.reader(file)][1:]
    else:
        got = parquet.read_table(path)["a"].to_pylist()
    assert got == [guarded(text), "x"]


class Failed(Exception):
    """Something went wrong between two parts."""


def fail(path):
    """Write a part, then fail."""
    with TableWriter(path) as writer:
        writer.write(findings())
        raise Failed


def test_a_failure_leaves_nothing_behind(path):
    """Neither the file nor a part of it."""
    with pytest.raises(Failed):
        fail(path)
    assert list(path.parent.iterdir()) == []


def test_a_failure_keeps_the_old_file(path):
    """What was there before is there after."""
    path.write_bytes(b"old")
    with pytest.raises(Failed):
        fail(path)
    assert [each.name for each in path.parent.iterdir()] == [path.name]
    assert path.read_bytes() == b"old"


@pytest.mark.parametrize(
    "odd",
    [
        pd.DataFrame({"a": ["x"]}),
        pd.DataFrame({"a": [1], "c": ["x"]}),
        pd.DataFrame({"b": ["x"]}),
        pd.DataFrame({"a": [1], "b": ["x"], "c": [1]}),
    ],
)
def test_a_part_that_does_not_fit(path, odd):
    """Other columns or types: an error, nothing left behind, the old file kept."""
    path.write_bytes(b"old")
    good = pd.DataFrame({"a": [1], "b": ["x"]})
    with pytest.raises((ValueError, KeyError)):
        written(path, good, odd)
    assert [each.name for each in path.parent.iterdir()] == [path.name]
    assert path.read_bytes() == b"old"


def test_the_file_appears_when_all_is_written(path):
    """A reader never sees half of it."""
    path.write_bytes(b"old")
    with TableWriter(path) as writer:
        writer.write(findings())
        assert path.read_bytes() == b"old"
    assert path.read_bytes() != b"old"
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_without_a_part_there_is_no_file(path):
    """And no error."""
    with TableWriter(path):
        pass
    assert list(path.parent.iterdir()) == []


def test_a_stream_gets_a_csv_and_stays_open():
    """As standard output must."""
    stream = io.BytesIO()
    with TableWriter(stream) as writer:
        writer.write(findings(1))
        writer.write(findings(1, 3))
    assert not stream.closed
    assert len(read_csv(stream.getvalue())) == 3
    stream = io.BytesIO()
    with TableWriter(stream) as writer:
        writer.write(findings(0))
    assert read_csv(stream.getvalue()) == [list(findings().columns)]


def test_categories_in_parts(path):
    """Text, whatever a part holds of them."""
    kind = pd.CategoricalDtype(["=a", "b"])
    parts = [pd.DataFrame({"file": pd.Series(each, dtype=kind)}) for each in (["b"], ["=a", "b"])]
    assert written(path, *parts)["file"].tolist() == ["b", "'=a", "b"]


@pytest.mark.parametrize("name", ["OUT.PARQUET", "out.Parquet"])
def test_the_kind_is_by_the_ending(tmp_path, name):
    """In any case; everything else is a CSV."""
    with TableWriter(tmp_path / name) as writer:
        writer.write(findings())
    assert parquet.read_table(tmp_path / name).num_rows == 3
    with TableWriter(tmp_path / "out.txt") as writer:
        writer.write(findings())
    assert len(read_csv((tmp_path / "out.txt").read_bytes())) == 4
