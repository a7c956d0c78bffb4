"""Workbooks of all kinds: the sheet of visits as text, or a sentence."""

import datetime as dt
import io
import re
import struct
import zipfile

import pytest
from reading import SHEET, excel, read, refusal, with_dimension, with_part
from workbooks import ods, old_office, xls, xlsb, zipped
from xlsxwriter import Workbook

from chirocalc.audit.columns import recognize
from chirocalc.audit.files import open_file
from chirocalc.audit.pieces import check_can_be_cut
from chirocalc.audit.rows import read_rows
from chirocalc.errors import InputError


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


def book(sheets, hidden=(), options=None):
    """An Excel file of sheets by name, as XlsxWriter writes it; options are for whole columns."""
    out = io.BytesIO()
    with Workbook(out, {"in_memory": True}) as made:
        for title, rows in sheets.items():
            sheet = made.add_worksheet(title)
            for column, form in (options or {}).items():
                sheet.set_column(column, 20, made.add_format({"num_format": form}))
            for at, row in enumerate(rows):
                for place, value in enumerate(row):
                    if value is not None:
                        sheet.write(at, place, value)
            if title in hidden:
                sheet.hide()
    return out.getvalue()


VISIT_ROWS = [["Visit", "Date", "CPT"], ["V1", "2026-03-02", 97110], ["V2", "", "G0283"]]
READ = {2: ["V1", "2026-03-02", "97110"], 3: ["V2", "", "G0283"]}


@pytest.mark.parametrize("kind", ["xlsx", "xls", "xlsb", "ods"])
@pytest.mark.parametrize("ending", ["xlsx", "xls", "xlsb", "ods", "csv", "xlsm"])
def test_workbooks_of_all_kinds(kind, ending):
    """Whatever their name is; one that says another kind is mentioned."""
    made = {"xlsx": book, "xls": xls, "ods": ods, "xlsb": lambda each: xlsb(each["Visits"])}
    content = made[kind]({"Visits": VISIT_ROWS})
    name = f"visits.{ending}"
    file = open_file(content, name)
    assert (file.kind, file.sheets, file.sheet) == (kind, ("Visits",), "Visits")
    fits = ending in (kind, "xlsm")
    assert file.note == ("" if fits else f"{name} is not what its name says: read as {kind}.")
    assert read(content, name) == (READ, {})
    with pytest.raises(InputError, match="is an Excel file, which Dask cannot read"):
        check_can_be_cut(file)


SUMMARY = [["Summary"], ["CPT", "Units"], ["97110", 4]]


@pytest.mark.parametrize("hidden", [(), ("Charges",)])
def test_the_sheet_most_like_visits_is_read(hidden):
    """Wherever it stands, hidden too; what was read is said, and of several with the same header
    the first."""
    content = book({"Summary": SUMMARY, "Charges": VISIT_ROWS, "Empty": []}, hidden)
    file = open_file(content, "a.xlsx")
    assert (file.sheets, file.sheet) == (("Summary", "Charges"), "Charges")
    assert file.note == "Read from the sheet Charges; the others: Summary."
    assert read(content, "a.xlsx") == (READ, {})
    twice = open_file(book({"May": VISIT_ROWS, "June": VISIT_ROWS}), "a.xlsx")
    assert (twice.sheet, twice.note) == ("May", "Read from the sheet May; the others: June.")
    assert open_file(excel(["Visit", "Code"]), "a.xlsx").note == ""


def test_a_sheet_by_its_name():
    """Read though another is more like visits; one that is not there is refused with the names."""
    content = book({"Summary": SUMMARY, "Charges": VISIT_ROWS, "Empty": []})
    file = open_file(content, "a.xlsx", "Summary")
    assert (file.sheet, file.header) == ("Summary", ("CPT", "Units"))
    assert "Read from the sheet Summary; the others: Charges." in file.note
    for missing in ("June", "Empty"):
        with pytest.raises(InputError, match=f"has no sheet {missing}.*: Summary, Charges"):
            open_file(content, "a.xlsx", missing)
    assert open_file(b"Visit,Code\nV1,97110\n", "a.csv", "June").sheets == ()


def test_a_header_below_titles():
    """As in a CSV, with numbers of rows as Excel shows them."""
    titles = [["Charge Detail Report"], ["Dates", "03/01/2026", "03/31/2026"], []]
    content = book({"Charges": [*titles, *VISIT_ROWS]})
    file = open_file(content, "a.xlsx")
    assert (file.header, file.layout.header_row) == (("Visit", "Date", "CPT"), 4)
    assert file.note == "Header found in row 4."
    assert read(content, "a.xlsx") == ({row + 3: values for row, values in READ.items()}, {})


@pytest.mark.parametrize(
    ("number", "form", "text"),
    [
        (46083, "mm/dd/yyyy", "2026-03-02"),
        (46083, "yyyy-mm-dd hh:mm", "2026-03-02"),
        (46083 + 9.25 / 24, "m/d/yy h:mm AM/PM", "2026-03-02 09:15:00"),
        (9.5 / 24, "hh:mm", "09:30:00"),
        (0.5 / 24, "[h]:mm", "0:30"),
        (26.25 / 24, "[h]:mm", "26:15"),
        (98941, "General", "98941"),
        (98941, "0.00", "98941"),
        (1.5, "0", "1.5"),
        (0.1, "General", "0.1"),
    ],
)
def test_numbers_are_read_as_their_format_means_them(number, form, text):
    """Dates, times and durations are numbers in Excel."""
    content = book({"A": [["Visit", "CPT", "When"], ["V1", 97110, number]]}, options={"C:C": form})
    assert read(content, "a.xlsx")[0] == {2: ["V1", "97110", text]}


def test_dates_of_libreoffice():
    """Dates, and times that are durations there."""
    cell = '<table:table-cell office:value-type="{0}" office:{0}-value="{1}"/>'.format
    row = [cell("date", "2026-03-02"), cell("date", "2026-03-02T09:15:00"), 97110]
    content = ods({"A": [["Visit", "Date", "CPT"], row]})
    assert read(content, "a.ods")[0] == {2: ["2026-03-02", "2026-03-02 09:15:00", "97110"]}


def test_a_cell_far_from_all_others():
    """It takes more memory than there is, and must not end the program."""
    last = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    content = book({"A": VISIT_ROWS})
    far = with_part(content, SHEET, lambda xml: xml.replace(b"</sheetData>", last))
    assert "is too large, or has a cell far from all others" in refusal(far, "a.xlsx")


def test_a_cell_that_is_said_to_fill_a_sheet():
    """The same of LibreOffice, which writes how often a cell and a row are repeated."""
    cell = '<table:table-cell office:value-type="float" office:value="1" {}/>'
    wide = cell.format('table:number-columns-repeated="16000"')
    content = ods({"A": [["Visit", "CPT"], [wide]]})
    many = b'<table:table-row table:number-rows-repeated="1000000">'
    far = with_part(content, "content.xml", lambda xml: xml.replace(b"<table:table-row>", many))
    assert "cannot be read as Excel" in refusal(far, "a.ods")


@pytest.mark.parametrize("stream", ["EncryptedPackage", "EncryptionInfo"])
def test_workbooks_with_a_password(stream):
    """Said as such."""
    content = old_office({stream: b"secret"})
    assert "is protected by a password: save it without one" in refusal(content, "a.xlsx")


def test_old_files_that_are_no_workbook():
    """Word's, and others."""
    assert "is a Word document" in refusal(old_office({"WordDocument": b"x"}), "a.doc")
    assert "cannot be read as Excel" in refusal(old_office({"Other": b"x"}), "a.xls")
    assert "is a Word document" in refusal(zipped({"word/document.xml": "x"}), "a.docx")
    assert "is a ZIP file, not Excel" in refusal(ods({"A": VISIT_ROWS}, "text"), "a.odt")


def test_excel_may_begin_anywhere():
    """Blank rows above and blank columns before; row numbers as Excel shows them."""
    rows = [[], [], [], [None, None, "Visit", "Code"], [], [None, None, "V1", 97110]]
    content = book({"A": rows})
    assert open_file(content, "a.xlsx").header == ("column 1", "column 2", "Visit", "Code")
    assert read(content, "a.xlsx")[0] == {6: ["", "", "V1", "97110"]}


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
    good = book({"A": VISIT_ROWS * 20})
    for change in (lambda _: b"", lambda _: b"not XML", lambda xml: xml[:-40]):
        for part in (SHEET, "xl/workbook.xml", "xl/sharedStrings.xml"):
            assert "cannot be read as Excel" in refusal(with_part(good, part, change), "a.csv")


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
    assert "has nothing on its sheets" in refusal(excel(*rows), "a.xlsx")
