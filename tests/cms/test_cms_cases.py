"""CMS's files as offices have them: marks and notes, end marks, other orders, saved by Excel.

The cases come from files that others keep; the inputs are written anew in CMS's layouts.
"""

import io

import cms_layouts as made
import pytest
import xlsxwriter
from test_cms_files import listed, one, refused
from test_cms_update import changed, folder, our_gpcis, our_rvus, renewed, run

__all__ = ["folder"]

INDICES = ("mac", "locality", "name", "work_gpci", "work_gpci_without_floor", "pe_gpci", "mp_gpci")
PLAIN = one(made.gpci_csv())
MARKS = ["***", "*", "†", "‡ ", "¹", "(1)", "[2]", " (see note 3)", " (Footnote 1)"]


def with_header(change, rows):
    """Rows of which those before the data are changed."""
    at = next(i for i, row in enumerate(rows) if row[0] == "10112")
    return [*([change(cell) for cell in row] for row in rows[:at]), *rows[at:]]


def utf8(rows):
    return made.as_csv(rows) if all(c.isascii() for r in rows for c in r) else (
        "\n".join(",".join(f'"{cell}"' for cell in row) for row in rows).encode()
    )  # fmt: skip


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize("word", ["(with 1.0 Floor)", "2026 PE GPCI", "Locality Name", "State"])
def test_a_mark_or_a_note_at_a_word_of_the_header(mark, word):
    """CMS's index file of RVU26C has "2026 PW GPCI (with 1.0 Floor)***"."""
    rows = with_header(lambda cell: cell.replace(word, word + mark), made.gpci_rows())
    assert listed(one(utf8(rows)), *INDICES) == listed(PLAIN, *INDICES)


@pytest.mark.parametrize("mark", ["*", "**", "†", " ¹", "(1)"])
def test_a_mark_at_a_name_or_an_index(mark):
    rows = [[f"{cell}{mark}" if cell in ("ALABAMA", "0.875") else cell for cell in row]
            for row in made.gpci_rows()]  # fmt: skip
    assert listed(one(utf8(rows)), *INDICES) == listed(PLAIN, *INDICES)


def test_a_footnote_number_that_has_lost_its_height():
    rows = with_header(lambda cell: cell.replace("Floor)", "Floor)1"), made.gpci_rows())
    assert listed(one(made.as_csv(rows)), *INDICES) == listed(PLAIN, *INDICES)


@pytest.mark.parametrize("words", ["WITH 1.0 FLOOR", "(with the 1.00 Floor)", "(With  1.0\nFloor)"])
def test_the_floor_in_other_words(words):
    rows = with_header(lambda cell: cell.replace("(with 1.0 Floor)", words), made.gpci_rows())
    assert listed(one(made.as_csv(rows)), *INDICES) == listed(PLAIN, *INDICES)


@pytest.mark.parametrize(("write", "marked"), [
    (made.rvu_csv, [b"CODE,", b"INDICATOR,"]), (made.limit_csv, [b"MUE Adjudication Indicator"]),
])  # fmt: skip
def test_marks_in_the_headers_of_the_other_files(write, marked):
    content = write()
    for word in marked:
        assert word in content
        content = content.replace(word, word.rstrip(b",") + b"**" + b"," * word.count(b","))
    assert one(content, quarter="2026Q2").table.equals(one(write(), quarter="2026Q2").table)


@pytest.mark.parametrize("end", [
    b"\x1a,,,,,,,,,,,,,,,,,,\r\n", b"\x1a", b"\x1a\r\n", b'"\x1a"\r\n',
    b",,\x1a,,,,,,,,,,,,,,,,\r\n", b"\r\n\x1a\x1a\r\n",
])  # fmt: skip
def test_the_end_mark_of_dos(end):
    """RVU23A of January 2023 ends in a row of Ctrl-Z and commas."""
    assert one(made.rvu_csv() + end).table.equals(one(made.rvu_csv()).table)


@pytest.mark.parametrize("write", [
    made.gpci_csv, made.limit_csv, made.pair_text, made.zip_text, made.rvu_text, made.gpci_text,
])  # fmt: skip
@pytest.mark.parametrize("end", [b"\x1a", b"\x1a\r\n"])
def test_the_end_mark_in_every_text(write, end):
    """Below the last row, and at its end."""
    plain = one(write(), quarter="2026Q2").table
    assert one(write() + end, quarter="2026Q2").table.equals(plain)
    assert one(write().rstrip(b"\r\n") + end, quarter="2026Q2").table.equals(plain)


def test_an_end_mark_ends_no_file_that_goes_on():
    """Rows below it are read, not lost."""
    content = made.rvu_csv()
    line = content.index(b"97110")
    ended = content[:line] + b"\x1a,,,,,,,,,,,,,,,,,,\r\n" + content[line:]
    assert listed(one(ended), "code") == listed(one(content), "code")


def test_an_end_mark_in_a_workbook():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate([*made.gpci_rows(), ["\x1a"]]):
            sheet.write_row(at, 0, row)
    assert listed(one(out.getvalue()), *INDICES) == listed(PLAIN, *INDICES)


@pytest.mark.parametrize("order", [[3, 0, 7, 1, 6, 2, 5, 4], [7, 6, 5, 4, 3, 2, 1, 0]])
def test_columns_in_another_order(order):
    rows = [[row[at] for at in order] for row in made.gpci_rows()]
    assert listed(one(made.as_csv(rows)), *INDICES) == listed(PLAIN, *INDICES)
    assert listed(one(made.as_xlsx(rows)), *INDICES) == listed(PLAIN, *INDICES)


@pytest.mark.parametrize("at", [(16, 24, 29, 120), (14, 20, 25, 90), (7, 10, 14, 60)])
def test_indices_as_text_whose_columns_begin_elsewhere(at):
    assert listed(one(made.gpci_text(at=at)), *INDICES) == listed(PLAIN, *INDICES)


@pytest.mark.parametrize("write", [made.rvu_csv, made.rvu_text, made.rvu_xlsx])
def test_the_same_release_in_each_form_changes_nothing(folder, write):
    """RVU25D as CSV, text and workbook: the tables hold it already."""
    first = renewed(folder, made.rvu_csv(our_rvus()), quarter="2026Q2")
    assert first.diff.empty
    assert not renewed(folder, write(our_rvus()), quarter="2026Q2").files


def test_indices_that_excel_saved(folder):
    """It drops zeros: contractor 9102, locality 3, index 1; as CSV again too."""
    rows = [[made._number(cell) for cell in row] for row in made.gpci_rows(our_gpcis())]
    saved = made.as_csv([["" if cell is None else cell for cell in row] for row in rows])
    assert b"9102,FL,3," in saved
    assert b",1,1," not in made.gpci_csv(our_gpcis())
    planned = renewed(folder, saved)
    assert planned.releases[0].label == "GPCI2026"
    assert not changed(planned)
    assert not planned.files


def test_a_piece_of_a_release(folder, tmp_path_factory):
    """94 rows of a relative value file, with twice the same row, with lines of other lengths, with
    letters for numbers: refused, each with its reason."""
    piece = [row for row in made.RVUS if row[0] < "98000"]
    assert "it is cut off" in refused(made.rvu_csv(rows=piece))
    twice = made.rvu_text(rows=[*made.RVUS, made.RVUS[1]])
    assert "'27000 ' stands there twice" in refused(twice, quarter="2026Q2")
    short = made.rvu_text() + b"97112 too short\r\n"
    assert "has 15 characters, and others" in refused(short, quarter="2026Q2")
    assert "must be one letter" in refused(made.rvu_csv().replace(b",A,,0.21", b",AA,,0.21"))
    path = tmp_path_factory.mktemp("downloads") / "PPRRVU2026_sample.csv"
    path.write_bytes(made.rvu_csv(rows=piece))
    code, said, asked = run(folder, [path], check=True)
    assert (code, asked) == (2, [])
    assert said.endswith("Nothing was written.\n")


COUNTIES = [
    ["MAC", "Locality Number", "State", "Fee Schedule Area", "Counties"],
    ["10112", "00", "ALABAMA", "STATEWIDE", "ALL COUNTIES"],
]
ANESTHESIA = [
    ["Contractor", "Locality", "Locality Name", "Anesthesia Conversion Factor"],
    ["10112", "00", "ALABAMA", "20.10"],
]


@pytest.mark.parametrize("rows", [COUNTIES, ANESTHESIA])
@pytest.mark.parametrize("write", [made.as_csv, made.as_xlsx])
def test_files_of_cms_that_are_not_used(folder, tmp_path_factory, rows, write):
    """Counties of the localities, anesthesia: named as not used, beside those that are."""
    assert "holds no file of CMS's that is used" in refused(write(rows))
    path = tmp_path_factory.mktemp("downloads") / "rvu26b.zip"
    files = {"25LOCCO.csv": write(rows), "GPCI2026.csv": made.gpci_csv(our_gpcis())}
    path.write_bytes(made.as_zip(files))
    code, said, _ = run(folder, [path], check=True)
    assert code == 0
    assert "  not used: 25LOCCO.csv" in said.splitlines()
