"""The practice's block: what cannot be right of its numbers; the NPI's check digit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chirocalc.sheets import Clinic, clinic_faults, npi_fault

# The example of CMS's own paper on the check digit, and one that a mathematician made up.
GOOD = ["1234567893", "1993999998"]


def check_digit(nine):
    """CMS's second way, without the prefix: 24 stands for it (npi-check)."""
    doubled = "".join(str(int(digit) * 2) for digit in nine[::-2])
    total = 24 + sum(map(int, doubled)) + sum(map(int, nine[-2::-2]))
    return str(-total % 10)


@pytest.mark.parametrize("number", GOOD)
def test_a_number_with_its_check_digit_is_none_the_worse(number):
    assert check_digit(number[:9]) == number[9]
    assert npi_fault(number) == ""


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("1234567890", "another last digit"),
        ("1234567839", "another last digit"),
        ("123456789", "ten digits"),
        ("12345678933", "ten digits"),
        ("123456789x", "ten digits"),
        ("１２３４５６７８９３", "ten digits"),
        ("3234567893", "begins with 1 or 2"),
        ("", "ten digits"),
    ],
)
def test_what_is_wrong_is_said(number, words):
    assert words in npi_fault(number)


@given(st.from_regex("[12][0-9]{8}", fullmatch=True), st.integers(0, 9), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(nine, at, by):
    """Whichever it is; and of the ten last digits one is right."""
    number = nine + check_digit(nine)
    assert npi_fault(number) == ""
    wrong = number[:at] + str((int(number[at]) + by) % 10) + number[at + 1 :]
    assert npi_fault(wrong)


@given(st.from_regex("[12][0-9]{8}", fullmatch=True), st.integers(1, 8))
def test_two_digits_the_wrong_way_round_are_found(nine, at):
    """But for 0 and 9, which Luhn's formula cannot tell."""
    number = nine + check_digit(nine)
    one, other = number[at], number[at + 1]
    swapped = number[:at] + other + one + number[at + 2 :]
    if one != other and {one, other} != {"0", "9"}:
        assert npi_fault(swapped)


def test_nothing_typed_is_no_fault():
    assert clinic_faults(Clinic()) == {}


def test_each_field_is_checked():
    right = Clinic("Loop", "A. Ruiz, DC", GOOD[0], GOOD[1], "12-3456789", "1 Main", "Chicago",
                   "IL", "60601-1234", "(312) 555-0100 x12")  # fmt: skip
    assert clinic_faults(right) == {}
    wrong = Clinic("Loop", "A. Ruiz", "1", "2", "12-34", "1 Main", "Chicago", "ZZ", "606", "555")
    assert set(clinic_faults(wrong)) == {"npi", "group_npi", "tin", "state", "zip", "phone"}


def test_the_address_is_in_one_line_as_far_as_it_is_known():
    assert Clinic().place == ""
    assert Clinic(city="Chicago", state="IL").place == "Chicago, IL"
    whole = Clinic(street="1 Main St", city="Chicago", state="IL", zip="60601")
    assert whole.place == "1 Main St, Chicago, IL 60601"
