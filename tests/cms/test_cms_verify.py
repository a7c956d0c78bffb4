"""CMS's own payment amounts beside ours: files written from an oracle, and what is said of them."""

import io
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import cms_layouts as made
import pytest
from oracles import fees as oracle

from chirocalc import __main__ as command
from chirocalc import tables
from chirocalc.cms import verify
from chirocalc.tables import rates

ROOT = Path(__file__).parents[2]
CODES = oracle.rows(ROOT / "codes.csv")
EARLIER = oracle.rows(tables.FOLDER / "earlier_rvus.csv")
PLACES = oracle.rows(tables.FOLDER / "localities.csv")
FACTORS = {("2025", "all"): "32.3465", ("2026", "all"): "33.4009", ("2026", "APM"): "33.5675"}
PAID = "AR"  # the statuses of which CMS's file has records with amounts
ZERO = Decimal(0)
OTHERS = [("10004", "47.13", "38.70"), ("0446T", "2581.39", "51.57")]  # codes that we do not have


# Of CMS's own files PFAL25A, PFAK25A and PFALL26AR: year, carrier, locality, code, office,
# facility, multiple procedure, and the amount of a later therapy unit, or a flat visit fee.
REAL = [
    "2025 10112 00 97110 26.83 26.83 5 20.79", "2025 10112 00 97161 91.32 91.32 5 70.94",
    "2025 10112 00 97530 31.85 31.85 5 23.13", "2025 10112 00 98940 24.90 20.41 0 0.00",
    "2025 10112 00 98942 47.26 42.20 0 0.00", "2025 10112 00 99205 199.09 164.23 0 37.68",
    "2025 02102 01 97140 35.04 35.04 5 28.05", "2025 02102 01 97763 60.55 60.55 5 42.01",
    "2025 02102 01 98941 51.07 44.78 0 0.00", "2025 02102 01 99213 112.20 84.92 0 51.88",
    "2026 01112 05 99213 117.58 64.37 0 49.56", "2026 01112 09 99213 119.71 65.29 0 50.41",
]  # fmt: skip


def records(year="2026", whose="all", areas=None, only=None):
    """CMS's records of a year by exact arithmetic: its RVUs times its indices and its factor."""
    cf = Decimal(FACTORS[year, whose])
    for place in PLACES:
        if place["effective_from"][:4] != year or (areas and place["locality"] not in areas):
            continue
        gpcis = [Decimal(place[name]) for name in ("work_gpci", "pe_gpci", "mp_gpci")]
        for row in CODES if year == "2026" else EARLIER:
            if row["status"] in PAID and row["work_rvu"] and row["code"] in (only or row["code"]):
                yield record(place, row, gpcis, cf)
        for code, office, facility in OTHERS:
            rest = ("0", "A", "0", ZERO, ZERO, "9", ZERO, ZERO)
            yield (place["mac"], place["locality"], code, "", Decimal(office), Decimal(facility),
                   *rest)  # fmt: skip


def record(place, row, gpcis, cf):
    work, pe, pe_facility, mp = (
        Decimal(row[name]) for name in ("work_rvu", "pe_rvu_office", "pe_rvu_facility", "mp_rvu")
    )
    half, institution = ZERO, ZERO
    if row["multiple_procedure"] == "5":
        half = institution = oracle.fee(work, pe, mp, *gpcis, cf, oracle.HALF)
    elif row["code"].startswith("992"):
        half = Decimal("37.68")  # the flat visit fee of another program stands in that field
    return (
        place["mac"], place["locality"], row["code"], row["modifier"],
        oracle.fee(work, pe, mp, *gpcis, cf), oracle.fee(work, pe_facility, mp, *gpcis, cf),
        row["pctc"], row["status"], row["multiple_procedure"], half, institution, "9", ZERO, ZERO,
    )  # fmt: skip


def few(**values):
    """The records of Alabama, with values of one code's record changed: T98940={4: "28.32"}."""
    out = []
    for each in records(areas=["00"]):
        if each[0] == "10112":
            change = values.get(f"T{each[2]}{each[3]}", {})
            out.append(tuple(change.get(at, value) for at, value in enumerate(each)))
    return out


def said(tmp_path, *files, quarter=None):
    """The exit code, and the lines that are printed."""
    paths = []
    for name, content in files:
        paths.append(tmp_path / name)
        paths[-1].write_bytes(content)
    out = io.StringIO()
    return verify(paths, out, quarter), out.getvalue().splitlines()


def count(rows):
    """How many fees stand in records of our codes: two each, and two of a later therapy unit."""
    others = {code for code, *_ in OTHERS}
    return sum(2 + 2 * (row[8] == "5") for row in rows if row[2] not in others)


@pytest.mark.parametrize(
    ("year", "whose", "words"),
    [
        ("2025", "all", "everyone"),
        ("2026", "all", "everyone but qualifying APM participants"),
        ("2026", "APM", "qualifying APM participants"),
    ],
)
def test_every_fee_of_every_locality(tmp_path, year, whose, words):
    """Of both years and both factors, to the cent, the later therapy unit too; whose factor a file
    is of it does not say itself."""
    rows = list(records(year, whose))
    code, lines = said(tmp_path, (f"PFALL{year[2:]}A.txt", made.payment_text(rows, year)))
    fees = count(rows)
    assert fees > 20_000
    assert (code, lines) == (0, [
        f"PFALL{year[2:]}A.txt: CMS's payment amounts of {year}, {len(rows):,} records",
        f"  beside the amounts of {year}-01-01 for {words}",
        f"{fees:,} fees compared, 0 differ; codes not in our table passed over: 2",
    ])  # fmt: skip


@pytest.mark.parametrize(
    ("key", "at", "place"),
    [
        (("98940", ""), 4, "office"),
        (("98940", ""), 5, "facility"),
        (("72100", "TC"), 4, "office"),
        (("97110", ""), 9, "office, later therapy unit"),
        (("97110", ""), 10, "institution, later therapy unit"),
    ],
)
@pytest.mark.parametrize("cents", [1, -1])
def test_a_fee_that_differs_is_listed(tmp_path, key, at, place, cents):
    """By code, locality and place, CMS's beside ours, from a cent on; then the exit code is 1."""
    ours = next(row for row in few() if row[2:4] == key)[at]
    theirs = ours + Decimal(cents) / 100
    rows = few(**{"T" + "".join(key): {at: theirs}})
    code, lines = said(tmp_path, ("PFAL26A.TXT", made.payment_text(rows)))
    name = "-".join(filter(None, key))
    assert (code, lines[2:-1]) == (1, [f"  {name}, 10112-00, {place}: CMS {theirs}, here {ours}"])
    assert f"{count(few()):,} fees compared, 1 differ; " in lines[-1]


def test_a_therapy_code_that_is_none_for_cms(tmp_path):
    """Its later unit is paid in full there."""
    _, _, _, _, full, *_, half, _, _, _, _ = next(row for row in few() if row[2] == "97110")
    code, lines = said(tmp_path, ("PFAL26A.TXT", made.payment_text(few(T97110={8: "0"}))))
    words = f"  97110, 10112-00, office, later therapy unit: CMS {full}, here {half}"
    assert (code, lines[2:-1]) == (1, [words])


def test_an_amount_that_cms_has_capped(tmp_path):
    """Is listed as such: it is that of hospital outpatients, and not the formula's."""
    ours = next(row for row in few() if row[2:4] == ("72100", "TC"))[4]
    cap = ours - 1
    rows = few(T72100TC={4: cap, 11: "1", 12: cap}, T72100={11: "1", 12: Decimal(90)})
    code, lines = said(tmp_path, ("PFAL26A.TXT", made.payment_text(rows)))
    words = "(capped at the amount of hospital outpatients)"
    assert (code, lines[2:-1]) == (
        1, [f"  72100-TC, 10112-00, office: CMS {cap}, here {ours} {words}"],
    )  # fmt: skip


@pytest.mark.parametrize("line", REAL)
def test_amounts_that_cms_has_published(tmp_path, line):
    """A few of 2025 and 2026, as they stand in its files: three localities."""
    year, mac, locality, code, office, facility, mult, half = line.split()
    institution = half if mult == "5" else "0"
    row = (mac, locality, code, "", *map(Decimal, (office, facility)), "0", "A", mult,
           *map(Decimal, (half, institution)), "9", ZERO, ZERO)  # fmt: skip
    exit_code, lines = said(tmp_path, ("PFXX.TXT", made.payment_text([row], int(year))))
    assert exit_code == 0
    assert lines[-1].startswith("4 fees" if mult == "5" else "2 fees")


def test_a_code_that_is_not_paid_here(tmp_path):
    """CMS pays 97010 nothing: an amount for it is a difference."""
    row = ("10112", "00", "97010", "", Decimal("6.01"), Decimal("6.01"), "0", "A", "0", ZERO, ZERO,
           "9", ZERO, ZERO)  # fmt: skip
    code, lines = said(tmp_path, ("PFAL26A.TXT", made.payment_text([row])))
    assert code == 1
    assert lines[2] == "  97010, 10112-00, office: CMS 6.01, here 0.00"


def test_many_differences_are_counted(tmp_path):
    rows = [(*row[:4], row[4] + 1, row[5] + 1, *row[6:]) for row in few()]
    code, lines = said(tmp_path, ("PFAL26A.TXT", made.payment_text(rows)))
    assert code == 1
    listed = [line for line in lines if ": CMS " in line]
    assert len(listed) == 40
    others = len([row for row in few() if row[2] not in ("10004", "0446T")]) * 2 - 40
    assert f"  and {others} more" in lines
    assert f"{others + 40} differ" in lines[-1]


def test_files_as_cms_packs_them(tmp_path):
    """A zip in a zip with its description beside, a revision with few codes, several at once."""
    whole = made.payment_text(few())
    inner = made.as_zip({"PF26PA.pdf": b"%PDF-1.7 \0", "PFALL26A.TXT": whole})
    packed = ("pfall26a.zip", made.as_zip({"PFALL26A_nonQP.zip": inner}))
    revision = ("PFREV26B.TXT", made.payment_text([row for row in few() if row[2] == "10004"]))
    code, lines = said(tmp_path, packed, revision)
    assert code == 0
    assert lines[0].startswith("PFALL26A.TXT: CMS's payment amounts of 2026, ")
    assert lines[-1] == "0 fees compared, 0 differ; codes not in our table passed over: 1"
    code, _ = said(tmp_path, packed, ("PFAL26A.TXT", made.payment_text(few(T98940={4: ZERO}))))
    assert code == 1


@pytest.mark.parametrize("content", [
    made.payment_text(few(), ends="\n"), made.payment_text(few()) + b"\x1a",
    made.payment_text(few()).replace(b'"', b""), b"\xef\xbb\xbf" + made.payment_text(few()),
    made.payment_text(few()).replace(b'"00"', b"0"),
])  # fmt: skip
def test_the_same_file_otherwise(tmp_path, content):
    """Line ends, the end mark of DOS, saved by a spreadsheet."""
    code, lines = said(tmp_path, ("PFAL26A.TXT", content))
    assert (code, lines[-1].split(" differ")[0]) == (0, f"{count(few()):,} fees compared, 0")


def test_localities_that_the_tables_do_not_have(tmp_path):
    rows = [*few(), ("99999", "01", *few()[0][2:])]
    code, lines = said(tmp_path, ("PFALL26A.TXT", made.payment_text(rows)))
    assert code == 0
    assert lines[2] == "  passed over, for the tables do not have the localities: 99999-01"


def test_which_day_a_file_is_of(tmp_path, monkeypatch):
    """By its name the quarter; as asked where the name does not say it; else the year's first."""
    seen = []
    real = rates.period
    monkeypatch.setattr(rates, "period", lambda day: seen.append(day) or real(day))
    content = made.payment_text(few())
    for name, quarter in [("PFALL26A.TXT", None), ("pfrev26c.txt", None), ("x.txt", None),
                          ("x.txt", "2026Q4"), ("PFNY326DR.TXT", None)]:  # fmt: skip
        said(tmp_path, (name, content), quarter=quarter)
    days = [day for day in seen if day.startswith("2026")]
    assert list(dict.fromkeys(days)) == ["2026-01-01", "2026-07-01", "2026-10-01"]


def swapped(old, new):
    content = made.payment_text(few())
    assert old in content
    return content.replace(old, new, 1)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"code,name\n97110,Exercise\n", "holds no payment amounts of CMS"),
        ("a.csv", made.rvu_csv(), "holds no payment amounts of CMS"),
        ("a.zip", made.as_zip({"a.csv": b""}), "holds no payment amounts of CMS"),
        ("a.zip", b"PK\x03\x04 no zip", "damaged zip"),
        ("PFAL24A.TXT", made.payment_text(few(), 2024), "no tables are loaded"),
        ("PFAL26A.TXT", made.payment_text(few()) + made.payment_text(few(), 2025),
         "is of 2025 and 2026"),
        ("PFAL26A.TXT", swapped(b'"98940","  ",', b'"98940",'), "has 15 values, and a record has"),
        ("PFAL26A.TXT", swapped(b'"98940","  ","00000', b'"98940","  ","0000O'), "must be dollars"),
        ("PFAL26A.TXT", swapped(b'"98940","  ",', b'"98940"x,"  ",'), "is not readable at line"),
        ("PFAL26A.TXT", made.payment_text(few())[:-3], "is not readable at line"),
    ],
)  # fmt: skip
def test_what_cannot_be_compared(tmp_path, name, content, words):
    """Said with the file, the row and the value; the exit code is 2."""
    code, lines = said(tmp_path, (name, content))
    assert code == 2
    assert words in lines[-1]
    assert name in "\n".join(lines) or "settings" in lines[-1]


def test_a_file_that_is_not_there(tmp_path):
    out = io.StringIO()
    assert verify([tmp_path / "PFALL26A.TXT"], out) == 2
    assert "cannot be read" in out.getvalue()
    assert verify([tmp_path / "PFALL26A.TXT"], out, "26Q1") == 2


def test_the_command_compares_and_writes_nothing(tmp_path):
    """As a process, with its exit code."""
    before = {path: path.read_bytes() for path in tables.FOLDER.iterdir()}
    path = tmp_path / "PFAL26A.TXT"
    path.write_bytes(made.payment_text(few(T98940={4: Decimal("25.41")})))
    done = subprocess.run(
        [sys.executable, "-m", "chirocalc", "update", "--verify", str(path)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (1, "")
    assert "98940, 10112-00, office: CMS 25.41, here " in done.stdout
    assert {path: path.read_bytes() for path in tables.FOLDER.iterdir()} == before


def test_the_command_takes_one_of_its_ways(capsys):
    for said in (["--verify", "--check", "x"], ["--verify", "x", "--yes"], ["--verify"], []):
        assert command.main(["update", *said]) == 2
        assert "update, arguments: " in capsys.readouterr().err
