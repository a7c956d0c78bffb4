"""On which days a plan's visits fall, and what cannot be a plan."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.tseries.holiday import USFederalHolidayCalendar
from plans_made import ADJUSTED, COMMERCIAL, MONDAY, phase, plan

from chirocalc import InputError
from chirocalc.plan import Benefits, Plan, Prices, price_plan

# By another library than the program's.
FEDERAL = {day.date() for day in USFederalHolidayCalendar().holidays("2026-01-01", "2031-12-31")}


def days(*phases, start=MONDAY):
    return [visit.day for visit in price_plan(Plan(start, phases, COMMERCIAL)).visits]


def weekdays(*phases, start=MONDAY):
    return " ".join(f"{day:%a}" for day in days(*phases, start=start))


@pytest.mark.parametrize(
    ("a_week", "expected"),
    [
        (1, "Mon"),
        (2, "Mon Thu"),
        (3, "Mon Wed Fri"),
        (4, "Mon Tue Thu Fri"),
        (5, "Mon Tue Wed Thu Fri"),
        (6, "Mon Tue Wed Thu Fri Sat"),
        (7, "Mon Tue Wed Thu Fri Sat Sun"),
    ],
)
def test_a_week_from_monday(a_week, expected):
    assert weekdays(phase(ADJUSTED, per_week=a_week, weeks=1)) == expected


def test_a_week_from_another_day():
    """Working days, and the start's own weekday."""
    three = phase(ADJUSTED, per_week=3, weeks=1)
    assert weekdays(three, start=date(2026, 3, 5)) == "Thu Mon Wed"
    assert weekdays(three, start=date(2026, 3, 7)) == "Sat Tue Thu"


@pytest.mark.parametrize(
    ("start", "a_week", "expected"),
    [
        (date(2026, 3, 4), 3, "Wed Fri Mon"),
        (date(2026, 3, 6), 3, "Fri Mon Wed"),
        (date(2026, 3, 5), 2, "Thu Mon"),
        (date(2026, 3, 6), 2, "Fri Mon"),
        (date(2026, 3, 3), 2, "Tue Fri"),
    ],
)
def test_visits_are_apart_from_one_week_to_the_next(start, a_week, expected):
    """Not on the day before the weekday that begins the next week, where that can be."""
    assert weekdays(phase(ADJUSTED, per_week=a_week, weeks=1), start=start) == expected


@pytest.mark.parametrize(
    ("start", "a_week", "expected", "holiday"),
    [
        # Labor Day, Monday, September 7, 2026; the week begins a week before.
        (date(2026, 8, 31), 3, "Tue 8, Wed 9, Fri 11", "Labor Day"),
        (date(2026, 8, 31), 1, "Tue 8", "Labor Day"),
        (date(2026, 8, 31), 5, "Tue 8, Wed 9, Thu 10, Fri 11, Sat 12", "Labor Day"),
        # Thanksgiving Day, Thursday, November 26, 2026.
        (date(2026, 11, 16), 2, "Mon 23, Fri 27", "Thanksgiving Day"),
        # Christmas Day, Friday, December 25, 2026: no later working day in its week.
        (date(2026, 12, 14), 3, "Mon 21, Wed 23, Thu 24", "Christmas Day"),
        # Independence Day, Saturday, July 4, 2026, is kept the day before.
        (
            date(2026, 6, 22),
            5,
            "Mon 29, Tue 30, Wed 1, Thu 2, Sun 5",
            "Independence Day (observed)",
        ),
    ],
)
def test_a_federal_holiday_is_skipped(start, a_week, expected, holiday):
    """The visit is on the nearest working day of its week that has none, and says why."""
    told = price_plan(Plan(start, (phase(ADJUSTED, per_week=a_week, weeks=2),), COMMERCIAL))
    second = [visit for visit in told.visits if visit.week == 2]
    assert ", ".join(f"{visit.day:%a} {visit.day.day}" for visit in second) == expected
    assert [visit.holiday for visit in told.visits if visit.holiday] == [holiday]


def test_a_start_on_a_holiday_stays_where_it_was_put():
    assert days(phase(ADJUSTED, weeks=1), start=date(2026, 11, 26)) == [date(2026, 11, 26)]


def test_care_on_all_seven_days_has_no_other_day():
    week = phase(ADJUSTED, per_week=7, weeks=2)
    told = price_plan(Plan(date(2026, 11, 16), (week,), COMMERCIAL))
    assert [visit.day.day for visit in told.visits[7:]] == [23, 24, 25, 26, 27, 28, 29]
    assert not any(visit.holiday for visit in told.visits)


def test_a_count_ends_in_the_middle_of_a_week():
    assert weekdays(phase(ADJUSTED, per_week=3, visits=7)) == "Mon Wed Fri Mon Wed Fri Mon"


def test_a_week_of_care_every_four():
    apart = phase(ADJUSTED, weeks=12, every=4)
    assert days(apart) == [MONDAY + timedelta(28 * at) for at in range(3)]
    by_count = phase(ADJUSTED, visits=3, every=4)
    assert days(by_count) == days(apart)


def test_phases_follow_each_other():
    told = price_plan(
        Plan(MONDAY, (phase(ADJUSTED, per_week=2, weeks=2), phase(ADJUSTED, visits=2)), COMMERCIAL)
    )
    assert [(v.phase, v.week) for v in told.visits] == [
        (0, 1), (0, 1), (0, 2), (0, 2), (1, 3), (1, 4),
    ]  # fmt: skip
    assert told.weeks == 4


@given(
    st.dates(date(2026, 1, 1), date(2028, 1, 1)),
    st.lists(
        st.tuples(st.integers(1, 7), st.integers(1, 10), st.integers(1, 5)), min_size=1, max_size=3
    ),
)
def test_days_in_order_and_as_many_as_said(start, said):
    """Each later than the one before, none on one day, as many a week of care as said."""
    phases = tuple(
        phase(ADJUSTED, per_week=per_week, weeks=weeks, every=every)
        for per_week, weeks, every in said
    )
    told = price_plan(Plan(start, phases, COMMERCIAL))
    found = [visit.day for visit in told.visits]
    assert found[0] == start
    assert all(a < b for a, b in pairwise(found))
    assert len(found) == sum(per_week * -(-weeks // every) for per_week, weeks, every in said)
    a_week = Counter((visit.phase, visit.week) for visit in told.visits)
    assert all(count == said[at][0] for (at, _), count in a_week.items())
    for visit in told.visits:
        assert (visit.day - start).days // 7 == visit.week - 1
        if visit.day in FEDERAL and visit.day != start:
            assert said[visit.phase][0] == 7


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"phases": ()}, "plan, phases: '0' must be 1 to 6"),
        ({"reexamine_every": 0}, "reexamine_every: '0' must be a whole number from 1 to 400"),
        ({"prices": Prices({"98941": -1})}, "fee of 98941: '-1' must be a whole number from 0"),
        ({"prices": Prices(discount_percent=101)}, "discount_percent: '101' must be percent"),
        ({"prices": Prices(prompt_percent=0.001)}, "prompt_percent: '0.001' must be percent"),
        ({"benefits": Benefits(coinsurance=-1)}, "coinsurance: '-1' must be percent"),
        ({"benefits": Benefits(copay=-5)}, "copay: '-5' must be a whole number from 0"),
        ({"benefits": Benefits(visits_allowed=-1)}, "visits_allowed: '-1' must be a whole"),
        ({"start": date(1999, 1, 4)}, "date: '1999-01-04' is a day for which no tables"),
    ],
)
def test_what_cannot_be_a_plan_is_named(change, words):
    with pytest.raises(InputError) as caught:
        price_plan(replace(plan(ADJUSTED), **change))
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"per_week": 8}, "phase 1, per_week: '8' must be a whole number from 1 to 7"),
        ({"weeks": 4}, "phase 1, weeks: '4' needs weeks or a count of visits"),
        ({"visits": None}, "phase 1, weeks: the empty value needs weeks or a count"),
        ({"every": 0}, "phase 1, every: '0' must be"),
        ({"treatment": "other"}, "treatment: 'other' must be active or maintenance"),
        ({"services": ()}, "phase 1, services: the empty value needs a service"),
        ({"visits": 401}, "phase 1, visits: '401' must be a whole number from 1 to 400"),
    ],
)
def test_what_cannot_be_a_phase_is_named(change, words):
    with pytest.raises(InputError) as caught:
        Plan(MONDAY, (replace(phase(ADJUSTED, visits=2), **change),), COMMERCIAL)
    assert words in str(caught.value)


def test_a_plan_has_so_many_visits():
    with pytest.raises(InputError, match="visits: '600' must be at most 400"):
        Plan(MONDAY, (phase(ADJUSTED, visits=300),) * 2, COMMERCIAL)
