"""Ways to pay a plan, and where a patient stands if care stops."""

from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plans_made import ADJUSTED, plan
from test_plan_dollars import cases

from chirocalc import InputError, Settings
from chirocalc.plan import Prices, Terms, options, price_plan, stop_at

CASH = Settings("self-pay")


def cash(visits=10, fee=1000, start=date(2026, 3, 2), **more):
    """Visits at ten dollars, one a week."""
    given = plan(ADJUSTED, visits=visits, start=start, settings=CASH, prices=Prices({"98941": fee}))
    return price_plan(replace(given, **more))


def of(schedule, way, **terms):
    return next(each for each in options(schedule, Terms(**terms)) if each.way == way)


def test_by_hand():
    """Ten visits from March 2 to May 4, 100 dollars: March 2, April 2, May 2."""
    told = cash()
    assert told.months == 3
    monthly = of(told, "monthly")
    assert [(each.day, each.cents) for each in monthly.payments] == [
        (date(2026, 3, 2), 3334), (date(2026, 4, 2), 3333), (date(2026, 5, 2), 3333),
    ]  # fmt: skip
    start = of(told, "start", down=4000)
    assert [each.cents for each in start.payments] == [4000, 3000, 3000]
    assert start.payments[1].day == date(2026, 4, 2)
    prepaid = of(told, "prepaid", prepaid_percent=10)
    assert ([each.cents for each in prepaid.payments], prepaid.saved) == ([9000], 1000)
    assert [each.way for each in options(told, Terms())] == ["visit", "monthly", "prepaid"]


def test_a_month_without_the_day_is_paid_on_its_last():
    monthly = of(cash(visits=10, start=date(2026, 1, 31)), "monthly")
    assert [each.day for each in monthly.payments] == [
        date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31),
    ]  # fmt: skip


def test_stopping_by_hand():
    """After four of ten visits, on March 23: 40 dollars used."""
    told = cash()
    each = stop_at(told, 4, of(told, "visit"))
    assert (each.used, each.paid, each.owe, each.refund) == (4000, 4000, 0, 0)
    monthly = stop_at(told, 4, of(told, "monthly"))
    assert (monthly.paid, monthly.owe, monthly.refund) == (3334, 666, 0)
    prepaid = stop_at(told, 4, of(told, "prepaid", prepaid_percent=10))
    assert (prepaid.used, prepaid.rest, prepaid.refund) == (3600, 5400, 5400)
    unbegun = stop_at(told, 0, of(told, "prepaid"))
    assert (unbegun.used, unbegun.refund) == (0, 10000)
    assert stop_at(told, 0, of(told, "visit")).paid == 0


def test_a_prepaid_discount_is_on_the_self_pay_part_only():
    """What insurance leaves to the patient is not let off."""
    insured = price_plan(plan(ADJUSTED, visits=4))
    assert of(insured, "prepaid", prepaid_percent=50).saved == 0


@given(
    cases(),
    st.booleans(),
    st.none() | st.integers(1, 60),
    st.none() | st.integers(0, 300000),
    st.sampled_from([0, 5, 12.5, 100]),
    st.integers(0, 30),
)
def test_payments_add_up_and_stopping_leaves_nothing_open(given, is_cash, months, down, off, stop):
    """Each way's payments add up to its total; the two parts of a plan that stops too; what is owed
    or refunded is what was used less what was paid."""
    told = price_plan(replace(given, settings=CASH) if is_cash else given)
    stop = min(stop, len(told.visits))
    for option in options(told, Terms(months, down, off)):
        cents = [payment.cents for payment in option.payments]
        assert sum(cents) == option.total == told.total.patient - option.saved
        assert all(each > 0 for each in cents)
        assert all(a.day <= b.day for a, b in pairwise(option.payments))
        if option.way == "monthly" and cents:
            assert max(cents) - min(cents) <= 1
        here = stop_at(told, stop, option)
        assert here.used + here.rest == option.total
        assert here.owe - here.refund == here.used - here.paid
        assert min(here.owe, here.refund) == 0
        assert 0 <= here.used <= option.total
        whole = stop_at(told, len(told.visits), option)
        assert (whole.used, whole.rest) == (option.total, 0)


@pytest.mark.parametrize("visit", [-1, 11])
def test_a_stop_that_is_not_in_the_plan(visit):
    told = cash()
    with pytest.raises(InputError, match=r"stop: .* must be from 0 to 10"):
        stop_at(told, visit, of(told, "visit"))


@pytest.mark.parametrize("terms", [{"months": 0}, {"down": -1}, {"prepaid_percent": 101}])
def test_terms_that_cannot_be(terms):
    with pytest.raises(InputError, match=next(iter(terms))):
        Terms(**terms)
