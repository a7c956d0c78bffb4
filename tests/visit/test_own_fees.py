"""The practice's own fees: what a list may hold, what is said of a bad one, who may be charged."""

import csv
import io

import pytest
from oracles.visits import answer

import chirocalc
from chirocalc.visit.own_fees import charges, read_own_fees, template

FEES = read_own_fees(
    b"code,fee\n98940,40\n98941,50.00\n97110,45\n97140,42.50\n97010,9\n97014,20\nG0283,21\n"
    b"S9117,30\n99213,95\n72100,60\n98943,25\n97124,33\n"
)


def read(text, name="fees.csv"):
    """Fees from the text of a file."""
    return read_own_fees(text.encode("utf-8"), name)


def charged(lines, settings):
    """Charges of one visit by code; None where there is none."""
    told = answer(lines, settings)
    return {line.code: amount for line, amount in zip(told.lines, charges(told, FEES), strict=True)}


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
    fees = read("code,fee\n97110,45\n92521,80\nA4556,5\n")
    assert fees.cents == {"97110": 4500}
    assert fees.unknown == ("92521", "A4556")


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


# The template


def test_the_template_has_every_code_once():
    """And both columns."""
    rows = list(csv.DictReader(io.StringIO(template())))
    assert list(rows[0]) == ["code", "fee"]
    codes = [row["code"] for row in rows]
    assert len(codes) == len(set(codes))
    assert set(codes) == set(chirocalc.tables.codes()["code"])


def test_the_template_filled_in_is_a_list():
    """Every fee given."""
    text = template().replace(",\n", ",12.50\n")
    fees = read(text)
    assert set(fees.cents.values()) == {1250}
    assert fees.unknown == ()


def test_the_template_filled_in_in_part_is_a_list():
    """No practice has a fee for every code: rows left empty are left out."""
    assert read(template().replace("97110,", "97110,45")).cents == {"97110": 4500}


# Who may be charged


def test_self_pay_is_charged_by_the_list():
    """Units times the fee; without a fee there is no amount, which is not 0.00."""
    assert charged("98941; 97110:30; 97010; S9117; 97530:15; 97140:3", "payer=self-pay") == {
        "98941": 50.0,
        "97110": 90.0,
        "97010": 9.0,
        "S9117": 30.0,
        "97530": None,
        "97140": 0.0,
    }


@pytest.mark.parametrize("phase", ["", " phase=active", " phase=maintenance abn=no"])
def test_self_pay_knows_no_phase(phase):
    """Medicare's rules on maintenance are Medicare's."""
    assert charged("98941; 97110:15", f"payer=self-pay{phase}") == {"98941": 50.0, "97110": 45.0}


def test_medicare_excluded_lines_of_a_chiropractor():
    """domain 3.4: the practice's own fee, but never for packs; covered lines by the schedule."""
    lines = "98941; 97110:30; 97140:15; 99213; 72100; 98943; 97010; 97530:15; S9117"
    assert charged(lines, "payer=medicare phase=active") == {
        "98941": None,
        "97110": 90.0,
        "97140": 42.5,
        "99213": 95.0,
        "72100": 60.0,
        "98943": 25.0,
        "97010": None,
        "97530": None,
        "S9117": 30.0,
    }


@pytest.mark.parametrize("provider", ["chiropractor", "pt", "ot"])
@pytest.mark.parametrize("phase", ["", " phase=active", " phase=maintenance abn=yes"])
def test_medicare_packs_are_never_charged(provider, phase):
    """domain 3.1: bundled, neither paid nor chargeable to the patient."""
    assert charged("97010", f"payer=medicare provider={provider}{phase}") == {"97010": None}


def test_maintenance_is_charged_with_an_abn_only():
    """domain 4 at-maintenance: without a signed ABN the patient is not liable."""
    lines = "98941; 97110:15"
    for abn, manipulation in (("yes", 50.0), ("no", None), ("", None)):
        chosen = f"payer=medicare phase=maintenance{f' abn={abn}' if abn else ''}"
        assert charged(lines, chosen) == {"98941": manipulation, "97110": 45.0}, abn


def test_medicare_pays_a_therapist_by_the_schedule():
    """A covered line is never charged by the practice's list."""
    lines = "97110:30; 97140:15; G0283; 72100"
    chosen = "payer=medicare provider=pt"
    assert set(charged(lines, chosen).values()) == {None}


def test_a_wrong_code_is_no_charge_to_the_patient():
    """domain 3.1: 97014 by a therapist is G0283, which Medicare covers; not the patient's bill."""
    for provider in ("pt", "ot"):
        chosen = f"payer=medicare provider={provider}"
        assert charged("97014; S9117; S9090", chosen) == {
            "97014": None,
            "S9117": None,
            "S9090": None,
        }


def test_a_wrong_code_of_a_chiropractor_is_excluded():
    """domain 3.4: all but manipulation is, whatever its status; only bundled is not chargeable."""
    assert charged("97014; S9117; 97010", "payer=medicare") == {
        "97014": 20.0,
        "S9117": 30.0,
        "97010": None,
    }


@pytest.mark.parametrize("provider", ["chiropractor", "pt", "ot"])
def test_nothing_of_status_b_is_ever_charged_under_medicare(provider):
    """domain 3.1: the status decides, not one code."""
    table = chirocalc.tables.codes()
    bundled = sorted(set(table.loc[table["status"] == "B", "code"]))
    fees = read("code,fee\n" + "".join(f"{code},10\n" for code in bundled))
    lines = "; ".join(f"{code}:60" if code == "98960" else code for code in bundled)
    told = answer(lines, f"payer=medicare provider={provider}")
    assert all(line.units > 0 for line in told.lines)
    assert set(charges(told, fees)) == {None}
    assert None not in charges(answer(lines, "payer=self-pay"), fees)


@pytest.mark.parametrize(
    "payer", ["uhc", "va", "commercial-total-time", "commercial-midpoint", "workers-comp"]
)
def test_payers_with_a_schedule_pay_by_it(payer):
    """No patient is charged the list for a line that the payer's schedule prices."""
    assert set(charged("98941; 97110:30; 99213", f"payer={payer}").values()) == {None}


def test_reading_and_films_are_not_charged_twice():
    """A fee is for the whole code: its two parts do not make two fees."""
    told = answer("72100+26; 72100+TC", "payer=self-pay")
    assert sum(amount or 0 for amount in charges(told, FEES)) <= 60


def test_a_part_is_charged_by_its_own_row():
    """The fee of the whole code is for none of its parts, nor a part's for the whole."""
    told = answer("72100+26; 72100+TC; 72100; 73030+26", "payer=self-pay")
    for text, amounts in {
        "72100,60\n73030,50\n": [None, None, 60.0, None],
        "72100-26,20\n": [20.0, None, None, None],
        "72100-26,20\n72100-TC,40\n72100,60\n73030-26,15\n": [20.0, 40.0, 60.0, 15.0],
    }.items():
        assert charges(told, read(f"code,fee\n{text}")) == amounts


def test_an_amount_is_exact():
    """Units times cents, no binary dust."""
    fees = read("code,fee\n97110,19.99\n97140,0.07\n")
    amounts = charges(answer("97110:45; 97140:45", "payer=self-pay"), fees)
    assert amounts == [59.97, 0.21]


def test_charges_stand_beside_their_lines():
    """One for each line of the answer, in its order."""
    told = answer("97110:30; 98941; 97110:8", "payer=self-pay")
    assert [line.code for line in told.lines] == ["97110", "98941"]
    assert charges(told, FEES) == [135.0, 50.0]
