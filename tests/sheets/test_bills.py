"""Charges of a day and claims of six lines: what is on them, what is not, and what is copied."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles.visits import answer

from chirocalc import tables
from chirocalc.rules import COLLECT, OFF
from chirocalc.rules import answer as answer_of_services
from chirocalc.sheets import Bill, Charge, as_text, bill_of_visit, claimed, claims_of
from chirocalc.visit import OwnPrices, desk

DAY = date(2026, 3, 2)
FEES = {"98941": 6511, "97110": 4522, "97012": 2533}


def bill_of(text, settings="payer=self-pay", fees=FEES, **unbilled):
    """The bill of a visit in short, and the visit without what would be denied."""
    visit = answer(text, settings)
    services = [
        line.service._replace(unbilled=unbilled.get(f"_{line.key}", "")) for line in visit.lines
    ]
    told = desk(answer_of_services(services, visit.settings), OwnPrices(fees))
    return bill_of_visit(told, fees, DAY), told.answer


def cells(bill):
    return [(c.code.code, " ".join(c.modifiers), c.units, c.cents) for c in bill.lines]


def test_charges_are_the_practices_own_times_units():
    """Never the payer's: 98941 is $38.41 by the fee schedule, and $65.11 here."""
    bill, _ = bill_of("98941+AT; 97110:23+GP+GY", "payer=medicare phase=active")
    assert cells(bill) == [("98941", "AT", 1, 6511), ("97110", "GP GY", 2, 9044)]
    assert (bill.cents, bill.place, bill.day) == (15555, "11", DAY)


def test_a_code_without_a_fee_leaves_the_charge_and_the_sum_open():
    bill, _ = bill_of("98941; 97140:15")
    assert cells(bill)[1] == ("97140", "", 1, None)
    assert bill.cents is None


def test_no_line_without_units_and_none_that_was_left_off():
    bill, _ = bill_of("98941; 97110:5; 97012", _97012=OFF)
    assert cells(bill) == [("98941", "", 1, 6511)]


def test_what_would_be_denied_is_not_on_it():
    """97140 at an adjusted region (ncci-11-s)."""
    bill, _ = bill_of("98941@cervical|thoracic|lumbar; 97140:15@lumbar", "payer=medicare")
    assert [code for code, *_ in cells(bill)] == ["98941"]


def test_in_a_facility_the_place_is_left_to_fill_in():
    assert bill_of("98941", "payer=self-pay place=facility")[0].place == ""


def test_a_suggested_modifier_is_not_on_it():
    bill, _ = bill_of("98941", "payer=medicare")
    assert cells(bill)[0][1] == ""


def test_what_the_patient_pays_instead_is_on_the_bill_and_not_on_the_claim():
    bill, told = bill_of("98941+AT; 97012", "payer=medicare phase=active", _97012=COLLECT)
    assert [code for code, *_ in cells(bill)] == ["98941", "97012"]
    assert [code for code, *_ in cells(claimed(bill, told))] == ["98941"]


def test_a_claim_line_has_four_modifiers_at_most():
    bill, told = bill_of("97110:15+GP+GY+GX+KX+59")
    assert len(bill.lines[0].modifiers) == 5
    assert len(claimed(bill, told).lines[0].modifiers) == 4


def made_up(sizes):
    """Bills of so many lines each."""
    code = tables.records()["97110"]
    return [Bill(DAY, "11", (Charge(code, (), 1, 100),) * size) for size in sizes]


@pytest.mark.parametrize(
    ("sizes", "claims"),
    [
        ([], []),
        ([0], []),
        ([6], [6]),
        ([7], [6, 1]),
        ([13], [6, 6, 1]),
        ([3, 3], [6]),
        ([4, 3], [4, 3]),  # a day stays on one claim
        ([2, 2, 2, 2], [6, 2]),
        ([7, 3], [6, 4]),
    ],
)
def test_six_lines_a_claim(sizes, claims):
    assert [len(rows) for rows in claims_of(made_up(sizes))] == claims


@given(st.lists(st.integers(0, 15), max_size=12))
def test_no_line_is_lost_and_no_claim_is_too_long(sizes):
    claims = claims_of(made_up(sizes))
    assert sum(map(len, claims)) == sum(sizes)
    assert all(1 <= len(rows) <= 6 for rows in claims)


def test_what_is_copied():
    """Dates, place, code, four modifiers, charge and units, in columns."""
    bill, told = bill_of("98941+AT; 97140:15", "payer=medicare phase=active")
    [rows] = claims_of([claimed(bill, told)])
    first, second = [line.split("\t") for line in as_text(rows).splitlines()]
    assert first == ["03/02/2026"] * 2 + ["11", "98941", "AT", "", "", "", "65.11", "1"]
    assert second == ["03/02/2026"] * 2 + ["11", "97140", "", "", "", "", "", "1"]
