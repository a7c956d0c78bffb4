"""The table of all codes: filters, and what is typed; its values are tested on the page."""

import pytest
from oracles.fees import rows

from chirocalc import tables
from chirocalc.codes import exact, fitting, look_up, national
from chirocalc.rules import Settings

CODES = rows(tables.CODES_FILE)
ROW = {row["code"]: row for row in CODES if not row["modifier"]}


def test_every_code_stands_once_without_its_parts():
    assert sorted(look_up(national()).index) == sorted(ROW)


def test_nothing_typed_is_every_code():
    assert fitting("", None, national()).equals(look_up(national()))
    assert fitting("  ", None, national()).equals(look_up(national()))


def test_a_kind_keeps_the_order():
    here = fitting("", "X-ray", national()).index
    assert set(here) == {code for code, row in ROW.items() if row["category"] == "X-ray"}
    assert list(here) == [code for code in look_up(national()).index if code in set(here)]


def test_the_best_is_first_whatever_its_place_in_the_table():
    assert fitting("manual therapy", None, national()).index[0] == "97140"
    assert list(fitting("back school", None, national()).index) == ["S9117"]
    assert fitting("zzzz", None, national()).empty


def test_the_beginning_of_a_number_lists_all_that_begin_so():
    found = set(fitting("97", None, national()).index)
    assert {code for code in ROW if code.startswith("97")} <= found


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("97112", "97112"),
        (" s9117 ", "S9117"),
        ("72100-26", "72100"),
        ("72100-tc", "72100"),
        ("9711", None),
        ("97112 97110", None),
        ("", None),
        ("-", None),
        ("therapeutic exercise", None),
    ],
)
def test_a_number_as_it_is(typed, code):
    assert exact(typed) == code


def test_whom_medicare_pays_follows_the_payers_table(own_tables):
    """No list of the page's: the profile's own codes."""
    path = own_tables / "payers.csv"
    path.write_text(path.read_text().replace("98940|98941|98942", "98940|97110", 1))
    pays = look_up(Settings(provider="pt"))["pays"]
    assert set(pays[pays].index) == {"98940", "97110"}


def test_a_clinics_own_chip_stands_before_other_numbers(clinic):
    changed = [row | {"quick": "0"} if row["code"] == "99080" else row for row in CODES]
    clinic(changed)
    assert list(look_up(national()).index)[4] == "99080"
