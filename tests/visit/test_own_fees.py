"""The practice's own fees: what a list may hold, what is said of a bad one, the list to fill in."""

import csv
import io
import random

import pytest

import chirocalc
from chirocalc.visit.own_fees import fee_list, read_own_fees


def read(text, name="fees.csv"):
    """Fees from the text of a file."""
    return read_own_fees(text.encode("utf-8"), name)


# Good lists


@pytest.mark.parametrize(
    ("fee", "cents"),
    [
        ("45", 4500), ("45.00", 4500), ("45.5", 4550), ("0.07", 7), ("0", 0), ("$45", 4500),
        ("$45.10", 4510), ('"1,250"', 125_000), ('"$1,250.75"', 125_075), ("1250", 125_000),
        (" 45 ", 4500), ("19.99", 1999), ("1.15", 115), ("4.35", 435), ("1005.01", 100_501),
    ],
)  # fmt: skip
def test_a_fee_as_people_write_it(fee, cents):
    """$ and thousands commas are taken; cents are exact."""
    assert read(f"code,fee\n97110,{fee}\n").cents == {"97110": cents}


def test_codes_as_people_write_them():
    """Small letters, spaces, other columns, a byte order mark, Windows line ends."""
    text = "\ufeffname,code,fee\r\nExercise, 97110 ,45\r\nE-stim,g0283,20\r\n"
    assert read(text).cents == {"97110": 4500, "G0283": 2000}


def test_codes_this_calculator_does_not_have_are_named():
    """They are no fault, and they are not in use."""
    fees = read("code,fee\n97110,45\n92521,80\nA4630,5\n")
    assert fees.cents == {"97110": 4500}
    assert fees.unknown == ("92521", "A4630")


def test_empty_fees_are_skipped():
    """A code without a fee has none, which is not 0.00; its code is no fault either."""
    fees = read("code,fee\n97110,45\n97140,\n97530, \n92521,\n97112,0\n")
    assert fees.cents == {"97110": 4500, "97112": 0}
    assert fees.unknown == ()


def test_a_code_is_given_once_even_without_a_fee():
    """Two rows of a code, one of them empty: which one is meant is not known."""
    with pytest.raises(chirocalc.InputError) as caught:
        read("code,fee\n97110,\n97110,45\n")
    assert [(p.row, p.column, p.value) for p in caught.value.problems] == [(3, "code", "97110")]


@pytest.mark.parametrize("fee", ["999999", "999,999.99", "$999999.99"])
def test_the_largest_fee(fee):
    """Six figures of dollars."""
    assert read(f'code,fee\n97110,"{fee}"\n').cents["97110"] >= 99_999_900


def test_parts_are_codes_of_their_own():
    """26 and TC have rows of their own."""
    fees = read("code,fee\n72100,60\n72100-26,20\n72100-TC,40\n97110-26,5\n")
    assert fees.cents == {"72100": 6000, "72100-26": 2000, "72100-TC": 4000}
    assert fees.unknown == ("97110-26",)


# Bad lists: file, row (the header is row 1), column, value


@pytest.mark.parametrize(
    ("text", "row", "column", "value"),
    [
        ("code,price\n97110,45\n", 1, "fee", "fee"),
        ("fee\n45\n", 1, "code", "code"),
        ("code,fee\n97110,45\n97140,call us\n", 3, "fee", "call us"),
        ("code,fee\n97110,forty\n", 2, "fee", "forty"),
        ("code,fee\n97110,-45\n", 2, "fee", "-45"),
        ("code,fee\n97110,45\n97140,$-5\n", 3, "fee", "$-5"),
        ("code,fee\n97110,(45)\n", 2, "fee", "(45)"),
        ("code,fee\n97110,45.123\n", 2, "fee", "45.123"),
        ('code,fee\n97110,"45,50"\n', 2, "fee", "45,50"),
        ('code,fee\n97110,"1,25"\n', 2, "fee", "1,25"),
        ("code,fee\n97110,1e3\n", 2, "fee", "1e3"),
        ("code,fee\n97110,1000000\n", 2, "fee", "1000000"),
        ('code,fee\n97110,"1,000,000"\n', 2, "fee", "1,000,000"),
        ("code,fee\n97110,$1234567.00\n", 2, "fee", "$1234567.00"),
        ("code,fee\n97110,.50\n", 2, "fee", ".50"),
        ("code,fee\n97110,45.\n", 2, "fee", "45."),
        ("code,fee\n97110,$\n", 2, "fee", "$"),
        ("code,fee\n97110,nan\n", 2, "fee", "nan"),
        ("code,fee\n97110,45 USD\n", 2, "fee", "45 USD"),
        ("code,fee\n97110,\u0664\u0665\n", 2, "fee", "\u0664\u0665"),
        ("code,fee\n9711,45\n", 2, "code", "9711"),
        ("code,fee\n97110-59,45\n", 2, "code", "97110-59"),
        ("code,fee\n72100 26,45\n", 2, "code", "72100 26"),
        ("code,fee\n72100-26,20\n72100-26,25\n", 3, "code", "72100-26"),
        ("code,fee\n97110.0,45\n", 2, "code", "97110.0"),
        ("code,fee\n,45\n", 2, "code", ""),
        ("code,fee\n97110,45\n97140,40\n97110,50\n", 4, "code", "97110"),
        ("code,fee\ng0283,45\nG0283,40\n", 3, "code", "G0283"),
    ],
)
def test_a_bad_list_names_row_and_column(text, row, column, value):
    """Each fault says where it is, what stands there and what may."""
    with pytest.raises(chirocalc.InputError) as caught:
        read(text, "mine.csv")
    problem = caught.value.problems[0]
    assert (problem.row, problem.column, problem.value) == (row, column, value)
    assert problem.where == "mine.csv"
    assert problem.allowed
    assert f"mine.csv, row {row}, {column}:" in str(caught.value)


@pytest.mark.parametrize("mark", [";", "\t"])
def test_semicolons_and_tabs_are_told_apart(mark):
    """A spreadsheet of another country saves them: the header's row is named, and commas."""
    with pytest.raises(chirocalc.InputError, match=r"mine\.csv, row 1, .*commas"):
        read(f"code{mark}fee\n97110{mark}45\n", "mine.csv")


@pytest.mark.parametrize("content", [b"", b"\n", b"code,fee\n"])
def test_an_empty_list(content):
    """A file without rows is no list."""
    with pytest.raises(chirocalc.InputError) as caught:
        read_own_fees(content, "mine.csv")
    assert "mine.csv" in str(caught.value)


@pytest.mark.parametrize(
    ("content", "row"),
    [
        ("code,fee,name\n97110,45,plain\n97140,40,entra\u00eenement\n".encode("latin-1"), 3),
        ("code,fee\n97110,45\n".encode("utf-16"), 1),
        (b"PK\x03\x04\xff\xfe\x00\x81 a workbook", 1),
    ],
)
def test_a_wrong_encoding(content, row):
    """The row that is not UTF-8 is named, and what to do."""
    with pytest.raises(chirocalc.InputError) as caught:
        read_own_fees(content, "mine.csv")
    assert caught.value.problems[0].row == row
    assert "UTF-8" in str(caught.value)


def test_every_fault_is_told():
    """Not only the first."""
    with pytest.raises(chirocalc.InputError) as caught:
        read("code,fee\n97110,x\n9714,40\n98941,-1\n")
    assert [(p.row, p.column) for p in caught.value.problems] == [
        (2, "fee"),
        (3, "code"),
        (4, "fee"),
    ]


def test_an_absurd_fee_is_a_fault():
    """Not a number that wraps around to a negative one."""
    with pytest.raises(chirocalc.InputError):
        read(f"code,fee\n97110,{'9' * 21}\n")


# The list to fill in


def rows_of(cents):
    """The rows of a list."""
    return list(csv.DictReader(io.StringIO(fee_list(cents))))


def test_the_list_has_every_code_and_part_once():
    """With its name, and no fee where none is known."""
    rows = rows_of({})
    assert list(rows[0]) == ["code", "name", "fee"]
    codes = [row["code"] for row in rows]
    assert len(codes) == len(set(codes))
    assert set(codes) == set(chirocalc.tables.codes().index)
    assert {row["fee"] for row in rows} == {""}
    names = {row["code"]: row["name"] for row in rows}
    assert names["97110"] == "Therapeutic exercise"
    assert len({names[key] for key in ("72100", "72100-26", "72100-TC")}) == 3


def test_the_list_is_read_back_as_it_was_written():
    """To the cent, whatever the fees; codes without one are left out."""
    draw = random.Random(45)
    codes = list(chirocalc.tables.codes().index)
    for count in (0, 1, 40, len(codes)):
        cents = {code: draw.randint(0, 99_999_999) for code in draw.sample(codes, count)}
        fees = read(fee_list(cents))
        assert (fees.cents, fees.unknown) == (cents, ())


def test_the_list_filled_in_in_part_is_a_list():
    """No practice has a fee for every code: rows left empty are left out."""
    text = fee_list({"97140": 4250}).replace("97110,Therapeutic exercise,", "97110,Exercise,45")
    assert read(text).cents == {"97110": 4500, "97140": 4250}


def test_a_fee_is_written_as_dollars():
    """45.00 and 0.07, as a spreadsheet has them."""
    fees = {row["code"]: row["fee"] for row in rows_of({"97110": 4500, "97140": 7, "97012": 0})}
    assert (fees["97110"], fees["97140"], fees["97012"]) == ("45.00", "0.07", "0.00")
