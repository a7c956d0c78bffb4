"""Excel files: the first sheet as text, or a sentence."""

import datetime as dt
import io
import re
import struct
import zipfile

import pytest
from openpyxl import Workbook
from reading import SHEET, excel, read, refusal, with_dimension, with_part

from chirocalc.audit.columns import recognize
from chirocalc.audit.files import open_file
from chirocalc.audit.rows import read_rows


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
