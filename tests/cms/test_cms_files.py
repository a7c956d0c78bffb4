"""CMS's files: each layout read back value by value, and nothing else taken for one of them."""

import csv
import io
import os
import zipfile
from pathlib import Path

import cms_layouts as made
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles.fees import rows

from chirocalc import InputError
from chirocalc.cms.files import MOST_FILES, read_cms

ROOT = Path(__file__).parents[2]
TABLES = ROOT / "chirocalc" / "tables" / "data"
CODES = rows(ROOT / "codes.csv")
REAL = Path(os.environ.get("CHIROCALC_CMS_FILES", "/nonexistent"))
real_files = pytest.mark.skipif(not REAL.exists(), reason="CHIROCALC_CMS_FILES is not set")


def one(content, name="file", quarter=None):
    """The one release of a file."""
    reading = read_cms(content, name, quarter)
    assert len(reading.releases) == 1
    return reading.releases[0]


def refused(content, name="file", quarter=None):
    """The words with which a file is refused."""
    with pytest.raises(InputError) as caught:
        read_cms(content, name, quarter)
    assert name in str(caught.value) or "quarter" in str(caught.value)
    return str(caught.value)


def listed(release, *columns):
    return [tuple(row) for row in release.table[list(columns)].to_numpy()]


# Each layout, every field


def check_rvus(release):
    columns = (
        "code", "modifier", "status", "work_rvu", "pe_rvu_office", "pe_rvu_facility", "mp_rvu",
        "office_na", "facility_na", "pctc", "global_days", "multiple_procedure",
    )  # fmt: skip
    assert listed(release, *columns) == made.RVUS
    totals = [(made.total(r[3], r[4], r[6]), made.total(r[3], r[5], r[6])) for r in made.RVUS]
    assert listed(release, "total_office", "total_facility") == totals
    assert made.TEXT not in release.table.to_string()
    assert (release.year, release.quarter, release.label) == (2026, 2, "RVU26B")
    assert (release.effective_from, release.effective_to) == ("2026-04-01", "2026-12-31")
    assert (release.conversion_factor, release.basis) == (33.4009, "non-APM")


@pytest.mark.parametrize(
    ("content", "quarter", "notes"),
    [
        (made.rvu_csv(), None, 0),
        (made.rvu_csv(swap=True), None, 0),
        (b"\xef\xbb\xbf" + made.rvu_csv(), None, 0),
        (made.rvu_xlsx(), None, 0),
        (made.rvu_text(), "2026Q2", 0),
        (made.rvu_text(plus=("97110",)), "2026 q2", 0),
        (made.rvu_text().replace(b"\r\n", b"\n"), "2026Q2", 0),
    ],
)
def test_relative_values(content, quarter, notes):
    """Columns by their words or their place, in CSV, workbook and lines."""
    release = one(content, quarter=quarter)
    check_rvus(release)
    assert len(release.notes) == notes


def test_a_name_tells_the_quarter_when_nothing_else_does():
    """And that is said."""
    release = one(made.rvu_text(), "PPRRVU2026_Apr_nonQPP.txt")
    check_rvus(release)
    assert release.notes == ("its quarter, 2026Q2, is read from the file's name",)
    assert one(made.rvu_csv(), "PPRRVU2026_Oct_nonQPP.csv").quarter == 2  # the title counts


@pytest.mark.parametrize(
    ("month", "label", "begin"),
    [
        ("January", "RVU26A", "2026-01-01"),
        ("July", "RVU26C", "2026-07-01"),
        ("October", "RVU26D", "2026-10-01"),
    ],
)
def test_releases_of_a_year(month, label, begin):
    release = one(made.rvu_csv(month=month))
    assert (release.label, release.effective_from) == (label, begin)


@pytest.mark.parametrize(
    ("year", "factor", "basis"),
    [
        (2026, "33.5675", "APM"),
        (2025, "32.3465", "single"),
        (2024, "32.7442", "single"),
        (2027, "32.8409", "non-APM"),
        (2028, "33.0001", None),
    ],
)
def test_whose_the_factor_is(year, factor, basis):
    """As conversion_factors.csv says; of a year that it does not have, nobody's yet."""
    release = one(made.rvu_csv(year=year, factor=factor))
    assert (release.conversion_factor, release.basis) == (float(factor), basis)


@pytest.mark.parametrize(
    ("name", "basis"), [("PPRRVU2028_Jan_QPP.csv", "APM"), ("x_nonQPP.csv", "non-APM")]
)
def test_a_name_tells_whose_an_unknown_factor_is(name, basis):
    release = one(made.rvu_csv(year=2028, factor="33.0001"), name)
    assert release.basis == basis
    assert "read from the file's name" in release.notes[0]


@pytest.mark.parametrize("write", [made.gpci_csv, made.gpci_xlsx, made.gpci_text])
@pytest.mark.parametrize("floor", ["both", "with", "without"])
def test_geographic_indices(write, floor):
    """With the floor of 1.0 and without, or one of them, which is said; names without marks."""
    release = one(write(floor=floor))
    columns = {"work_gpci": 4, "work_gpci_without_floor": 5}
    lacks = {"both": "", "with": "work_gpci_without_floor", "without": "work_gpci"}[floor]
    columns.pop(lacks, None)
    assert [
        (r[0], r[1], r[2], r[3].strip("*"), *(r[at] for at in columns.values()), r[6], r[7])
        for r in made.GPCIS
    ] == listed(release, "mac", "state", "locality", "name", *columns, "pe_gpci", "mp_gpci")
    assert lacks not in release.table
    assert (release.label, release.effective_to) == ("GPCI2026", "2026-12-31")
    words = {"both": "with and without", "with": "no work indices", "without": "only"}[floor]
    assert words in release.notes[0]


def test_indices_that_a_spreadsheet_rounded():
    """1 and 0.86 are 1.000 and 0.860, as in CMS's own file of 2025."""
    content = made.gpci_csv(year=2025).replace(b"1.000,", b"1,").replace(b",0.740", b",0.74")
    release = one(content)
    assert release.label == "GPCI2025"
    assert listed(release, "work_gpci", "mp_gpci")[-1] == ("1.000", "0.740")


@pytest.mark.parametrize(
    "content",
    [
        made.zip_text(),
        made.zip_text(ends="\n"),
        made.zip_text() + b"\x1a",
        made.zip_xlsx(),
        made.as_csv(made.zip_rows()),
    ],
)
def test_zip_codes(content):
    release = one(content)
    assert listed(release, "state", "zip", "locality_id", "needs_plus4") == [
        (state, code, f"{mac}-{locality}", plus4)
        for state, code, mac, locality, _, plus4 in made.ZIPS
    ]
    assert (release.label, release.effective_from) == ("ZIP5 2025 Q4", "2025-10-01")
    assert release.effective_to == "2025-12-31"


@pytest.mark.parametrize("content", [made.pair_text(), made.pair_xlsx()])
def test_code_pairs(content):
    """The quarter as asked, by name, or not before the newest edit."""
    columns = ("column1", "column2", "effective", "deletion", "modifier_indicator", "rationale")
    release = one(content)
    assert listed(release, *columns) == [(r[0], r[1], *r[3:]) for r in made.PAIRS]
    assert release.label == "2026 Q2"
    assert "newest date" in release.notes[0]
    assert one(content, quarter="2026Q3").label == "2026 Q3"
    assert one(content, "ccipra-v323r0-f1.TXT").label == "2026 Q4"
    assert one(content, "medicare-ncci-2026q3-f1").label == "2026 Q3"
    assert "changes of 2026Q2" in refused(content, quarter="2026Q1")
    assert "hospital" in refused(content, "ccioph-v323r0-f1.TXT")


@pytest.mark.parametrize("write", [made.limit_csv, made.limit_xlsx])
def test_maximum_units(write):
    """The first digit of the indicator; the quarter from a title, as asked, or by name."""
    release = one(write(), quarter="2026Q2")
    assert listed(release, "code", "mue", "mai") == [(r[0], r[1], r[2][0]) for r in made.LIMITS]
    assert (release.label, release.effective_from) == ("2026 Q2", "2026-04-01")
    assert one(write(title="Effective July 1, 2026")).label == "2026 Q3"
    assert one(write(title="Effective 10/01/2026")).label == "2026 Q4"
    named = one(write(), "MCR_MUE_PractitionerServices_Eff_04-01-2026.csv")
    assert named.label == "2026 Q2"
    assert "file's name" in named.notes[0]
    assert "does not say its quarter" in refused(write())
    hospital = write(column="Outpatient Hospital Services MUE Values")
    assert "mue' is not in the header" in refused(hospital, quarter="2026Q2")


# Zips


def test_a_zip_as_cms_packs_it():
    """Of several forms one is taken, and what is not used is named."""
    reading = read_cms(
        made.as_zip(
            {
                "PPRRVU2026_Apr_nonQPP.txt": made.rvu_text(),
                "PPRRVU2026_Apr_nonQPP.csv": made.rvu_csv(),
                "PPRRVU2026_Apr_nonQPP.xlsx": made.rvu_xlsx(),
                "PPRRVU2026_Apr_QPP.csv": made.rvu_csv(factor="33.5675"),
                "sub/GPCI2026.xlsx": made.gpci_xlsx(),
                "RVU26B.pdf": b"%PDF-1.7 \x00\x01",
                "OPPSCAP_Apr.csv": b"HCPCS,MOD,PROCSTAT,CARRIER,LOCALITY,PRICE\n1,,A,2,3,4\n",
                "ANES2026.csv": b"Contractor,Locality,Name,Conversion Factor\n1,2,A,20.1\n",
                "26LOCCO.csv": b"MAC,Locality Number,State,Fee Schedule Area,Counties\n1,2,A,B,C\n",
            }
        ),
        "rvu26b.zip",
    )
    assert [(r.kind, r.file, r.conversion_factor) for r in reading.releases] == [
        ("rvus", "PPRRVU2026_Apr_QPP.csv", 33.5675),
        ("rvus", "PPRRVU2026_Apr_nonQPP.csv", 33.4009),
        ("gpcis", "GPCI2026.xlsx", None),
    ]
    check_rvus(reading.releases[1])
    assert reading.left == [
        "26LOCCO.csv",
        "ANES2026.csv",
        "OPPSCAP_Apr.csv",
        "RVU26B.pdf",
        "PPRRVU2026_Apr_nonQPP.txt (the same as PPRRVU2026_Apr_nonQPP.csv)",
        "PPRRVU2026_Apr_nonQPP.xlsx (the workbook of PPRRVU2026_Apr_nonQPP.csv)",
    ]


def test_lines_without_a_quarter_take_it_from_the_file_beside_them():
    reading = read_cms(made.as_zip({"a.csv": made.rvu_csv(), "b.txt": made.rvu_text()}), "x.zip")
    assert reading.left == ["b.txt (the same as a.csv)"]


def test_forms_that_differ_are_refused():
    other = made.rvu_text(rows=made.RVUS[1:])
    files = made.as_zip({"a.csv": made.rvu_csv(), "b.txt": other})
    assert "differs from it" in refused(files, "b.txt")


def test_the_parts_of_the_pairs_are_all_read():
    parts = {f"ccipra-v321r0-f{n}.TXT": made.pair_text() for n in (1, 2)}
    reading = read_cms(made.as_zip(parts), "x.zip")
    assert [release.label for release in reading.releases] == ["2026 Q2", "2026 Q2"]


def test_a_zip_in_a_zip():
    """One level is opened, a second is not."""
    inner = made.as_zip({"GPCI2026.csv": made.gpci_csv()})
    assert one(made.as_zip({"a.zip": inner})).label == "GPCI2026"
    deep = made.as_zip({"c.zip": made.as_zip({"b.zip": inner})})
    assert "zip in a zip in a zip" in refused(deep, "b.zip")


# What is refused


def test_zip_bombs():
    """Too many files, or far more bytes than packed, also as a workbook or in a zip of a zip."""
    many = made.as_zip({f"{n}.csv": b"" for n in range(MOST_FILES + 1)})
    assert "files: more than" in refused(many)
    large = made.as_zip({"x.csv": bytes(40_000_000)})
    assert "far more" in refused(large)
    assert "far more" in refused(made.as_zip({"file": large}), "file")
    book = made.as_zip({"xl/workbook.xml": b"<x/>", "xl/worksheets/sheet1.xml": bytes(40_000_000)})
    assert "far more" in refused(book)


def encrypted():
    """A zip whose files say that they need a password."""
    content = bytearray(made.as_zip({"a.csv": made.rvu_csv()}))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + at] |= 1
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "holds no file of CMS's"),
        (b"\x89PNG\r\n\x1a\n\x00", "holds no file of CMS's"),
        (b"code,name\n97110,Exercise\n", "holds no file of CMS's"),
        (b"HDR only a header\n", "holds no file of CMS's"),
        (made.as_zip({"a.txt": b"nothing"}), "holds no file of CMS's"),
        (made.as_zip({}), "holds no file of CMS's"),
        (made.as_zip({"a.csv": made.rvu_csv()})[:-60], "damaged zip"),
        (b"PK\x03\x04 no zip at all", "damaged zip"),
        (encrypted(), "cannot be unpacked"),
        (made.as_zip({"xl/workbook.xml": b"<broken"}), "not readable as a workbook"),
        (made.rvu_csv(rows=[]), "has no rows"),
        (made.rvu_csv()[:-395], "not readable as CSV at line 16"),
        (made.rvu_csv()[:-20], "row 19, row: 'V5364' has 16 values, and the header 19"),
        (made.rvu_csv(rows=made.RVUS[:-2]), "cut off"),
        (made.rvu_text()[:-300], "has"),
        (made.rvu_csv().replace(b"0.45,0.41", b"0.54,0.41"), "must be work + PE + MP, 0.96"),
        (made.rvu_csv().replace(b"0.45,0.41", b"0.45x,0.41"), "row 16, work_rvu: '0.45x' must be"),
        (made.rvu_csv().replace(b"33.4009", b"33.5675", 1), "one conversion factor"),
        (made.rvu_csv(year=2025), "has the factor 33.4009, but that of 2025 is 32.3465"),
        (made.rvu_csv().replace(b"MULT", b"MANY"), "'multiple_procedure' is not in the header"),
        (made.rvu_csv().replace(b",MP,", b",WORK,", 1), "row 10, header: 'WORK RVU' stands twice"),
        (made.rvu_csv(rows=[*made.RVUS, made.RVUS[3]]), "'72100 26' stands there twice"),
        (made.rvu_csv() + b'97110,"open quote', "not readable as CSV"),
        (made.rvu_text(), "does not say its quarter"),
        (made.rvu_text(factor="37.8975"), "of 2005, 2006, 2007: give the quarter"),
        (made.rvu_text(factor="31.0001"), "of no known year: give the quarter"),
        (made.gpci_csv(rows=[*made.GPCIS, made.GPCIS[0]]), "stands there twice"),
        (made.gpci_csv().replace(b"2026 PE", b"2025 PE"), "names 2025 and 2026"),
        (made.gpci_csv().replace(b"0.875", b"0.8755"), "row 4, pe_gpci: '0.8755' must be"),
        (made.gpci_csv(floor="with").replace(b"2026 PW GPCI (with 1.0 Floor)", b""), "no work"),
        (made.gpci_csv().replace(b"(with 1", b"(wit 1"), "WIT 1.0 FLOOR)' is no column of"),
        (made.gpci_csv().replace(b"PW GPCI (with 1", b"PW GPC (with 1"), "is no column of"),
        (made.zip_text(rows=[*made.ZIPS, made.ZIPS[0]]), "stands there twice"),
        (made.gpci_text().replace(b"0.875", b"0.87 "), "row 4, line: '10112"),
        (made.gpci_text().replace(b"10112 ", b"1O112 "), "row 4, line: '1O112"),
        (made.gpci_text(rows=[(*row[:4], "1.000", "0.900", *row[6:]) for row in made.GPCIS])
         .replace(b"0.900       1.000", b"1.000       1.000"), "with the floor of 1.0 and without"),
        (made.gpci_text() + made.gpci_text(floor="with"), "must all have as many indices"),
        (made.zip_xlsx(when="2025"), "row 2, quarter: '2025' must be a year and a quarter"),
        (made.as_csv([row[:7] + row[8:] for row in made.zip_rows()]), "'needs_plus4' is not in"),
        (made.zip_text() + made.zip_text([("WY", "82002", "03602", "21", "", "0")], "20261"),
         "several quarters"),
        (made.zip_text()[:-30], "row 4, line"),
        (made.zip_text().replace(b" A  ", b"1234"), "holds no file of CMS's"),  # nine digits
        (made.pair_text().replace(b"20051231", b"20051331"), "row 9, deletion: '20051331'"),
        (made.pair_text()[:-25], "row 12"),
        (made.limit_csv().replace(b",6,", b",many,"), "row 3, mue: 'many' must be"),
    ],
)  # fmt: skip
def test_what_is_refused(content, words):
    """With a sentence that names the file and, where there is one, the row and the value."""
    assert words in refused(content)


@pytest.mark.parametrize("quarter", ["2026", "Q2", "2026Q5", "26Q2", "", "2026Q2Q3"])
def test_a_quarter_that_is_none(quarter):
    assert "must be a year and a quarter" in refused(made.rvu_text(), quarter=quarter)


def test_a_quarter_against_the_content():
    assert "is of 2026Q2 by its content, not 2026Q3" in refused(made.rvu_csv(), quarter="2026Q3")
    assert "is of 2026 by its content, not 2025Q2" in refused(made.rvu_text(), quarter="2025Q2")
    assert one(made.zip_text(), quarter="2026Q3").label == "ZIP5 2025 Q4"  # it says its own


def test_a_file_that_is_not_there(tmp_path):
    assert "cannot be read" in refused(tmp_path / "no.csv", "no.csv")
    assert "cannot be read" in refused(tmp_path, "folder")


# Damage

WHOLE = {
    "rvus": made.rvu_csv(),
    "lines": made.rvu_text(),
    "gpcis": made.gpci_csv(),
    "gpci lines": made.gpci_text(),
    "zips": made.zip_text(),
    "zip rows": made.as_csv(made.zip_rows()),
    "pairs": made.pair_text(),
    "limits": made.limit_csv(),
}


def rows_of(content):
    """The rows that are read from a file; None when it is refused with a sentence."""
    try:
        reading = read_cms(content, "file", "2026Q2")
    except InputError as error:
        return None if str(error) else {}
    return {tuple(row) for release in reading.releases for row in release.table.to_numpy()}


TAKEN = {kind: rows_of(content) for kind, content in WHOLE.items()}


@given(
    kind=st.sampled_from(sorted(WHOLE)),
    at=st.floats(0, 0.999),
    length=st.integers(0, 12),
    put=st.one_of(st.binary(max_size=3), st.sampled_from([b",", b"\t", b'"', b"\n", b"9", b" "])),
)
def test_damage_is_refused_or_does_no_harm(kind, at, length, put):
    """A few bytes lost or other: a sentence, or every row but the one touched as it was."""
    whole = WHOLE[kind]
    start = int(at * len(whole))
    damaged = whole[:start] + put + whole[start + length :]
    rows_read = rows_of(damaged)
    if rows_read is None:
        return
    assert len(rows_read - TAKEN[kind]) <= 2
    assert len(TAKEN[kind] - rows_read) <= 2


WRITERS = {
    "rvus": made.rvu_xlsx,
    "gpcis": made.gpci_xlsx,
    "zips": made.zip_xlsx,
    "pairs": made.pair_xlsx,
    "limits": made.limit_xlsx,
}
BOOKS = {kind: write() for kind, write in WRITERS.items()}


@given(
    kind=st.sampled_from(sorted(BOOKS)),
    at=st.floats(0, 0.999),
    put=st.binary(min_size=1, max_size=40),
)
def test_a_damaged_workbook_is_refused_or_does_no_harm(kind, at, put):
    whole = BOOKS[kind]
    start = int(at * len(whole))
    assert rows_of(whole[:start] + put + whole[start + len(put) :]) in (None, rows_of(whole))


@given(st.binary(max_size=200))
def test_any_bytes_are_no_file_of_cms(content):
    refused(content)


@given(st.text(alphabet='HDRC ,\t\n"0129.ABX', max_size=300))
def test_any_text_is_no_file_of_cms(text):
    refused(text.encode())


# CMS's own files, where they are


@real_files
def test_the_real_relative_values_are_those_of_the_table():
    """April 2026, non-QPP: all 131 codes and their parts, every value."""
    release = one(REAL / "PPRRVU2026_Apr_nonQPP.txt", "PPRRVU2026_Apr_nonQPP.txt")
    assert (release.label, release.basis) == ("RVU26B", "non-APM")
    given_rows = {(row["code"], row["modifier"]): row for row in release.table.to_dict("records")}
    for row in CODES:
        theirs = given_rows[row["code"], row["modifier"]]
        for column in ("status", "facility_na", "pctc", "global_days", "multiple_procedure"):
            assert theirs[column] == row[column], row["code"]
        for column in ("work_rvu", "pe_rvu_office", "pe_rvu_facility", "mp_rvu"):
            assert theirs[column] == (row[column] or "0.00"), row["code"]
    assert len({row["code"] for row in CODES}) == 131


@real_files
def test_the_real_relative_values_of_2025_are_those_of_the_table():
    """October 2025, read here by position, against earlier_rvus.csv."""
    assert one(REAL / "PPRRVU2025_Oct.csv", "x.csv").label == "RVU25D"
    with (REAL / "PPRRVU2025_Oct.csv").open(newline="", encoding="cp1252") as file:
        theirs = {(row[0], row[1]): row for row in csv.reader(file) if len(row[0]) == 5}
    earlier = [r for r in rows(TABLES / "earlier_rvus.csv") if r["release"] == "RVU25D"]
    assert len(earlier) == sum((row["code"], row["modifier"]) in theirs for row in CODES)
    for row in earlier:
        there = theirs[row["code"], row["modifier"]]
        places = {"status": 3, "facility_na": 9, "pctc": 13, "global_days": 14,
                  "multiple_procedure": 18}  # fmt: skip
        assert all(there[at] == row[column] for column, at in places.items())
        rvus = [there[at] for at in (5, 6, 8, 10)]
        ours = [row[c] for c in ("work_rvu", "pe_rvu_office", "pe_rvu_facility", "mp_rvu")]
        assert ours == (rvus if set(rvus) != {"0.00"} else [""] * 4)


@real_files
@pytest.mark.parametrize("year", [2025, 2026])
def test_the_real_localities_are_those_of_the_table(year):
    release = one(REAL / f"GPCI{year}.csv", "g.csv")
    indices = ("work_gpci", "work_gpci_without_floor", "pe_gpci", "mp_gpci")
    columns = [column for column in indices if column in release.table]  # 2025 has no second one
    ours = [r for r in rows(TABLES / "localities.csv") if r["release"] == release.label]
    assert len(ours) == 109
    assert sorted((r["mac"], r["locality"], *(r[c] for c in columns)) for r in ours) == sorted(
        listed(release, "mac", "locality", *columns)
    )


@real_files
def test_the_real_zip_codes_are_those_of_the_table():
    release = one(REAL / "ZIP5_OCT2025.txt", "z.txt")
    ours = [(r["zip"], r["locality_id"], r["needs_plus4"]) for r in rows(TABLES / "zips.csv")]
    assert len(ours) == 42_956
    assert sorted(listed(release, "zip", "locality_id", "needs_plus4")) == ours


@real_files
def test_real_files_in_a_zip():
    names = ["PPRRVU2026_Apr_nonQPP.txt", "GPCI2026.csv", "ZIP5_OCT2025.txt"]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.write(REAL / name, name)
    reading = read_cms(out.getvalue(), "all.zip")
    assert {release.file for release in reading.releases} == set(names)
