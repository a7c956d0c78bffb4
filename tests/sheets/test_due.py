"""The day by which a good faith estimate is due, against pandas' own federal calendar."""

from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.tseries.holiday import USFederalHolidayCalendar
from pandas.tseries.offsets import CustomBusinessDay

from chirocalc.sheets import business_days, due_when_asked, due_when_scheduled

PANDAS = CustomBusinessDay(calendar=USFederalHolidayCalendar())
DAYS = st.dates(date(2026, 1, 1), date(2031, 12, 31))


def later(day, count):
    """So many business days after a day, by pandas; a day that is none goes back to the last."""
    return (PANDAS.rollback(day) + PANDAS * count).date()


@pytest.mark.parametrize(
    ("scheduled", "service", "due"),
    [
        ("2026-03-02", "2026-03-05", "2026-03-03"),  # Monday for Thursday: 3 ahead, 1 after
        ("2026-03-02", "2026-03-04", None),  # 2 ahead
        ("2026-03-02", "2026-03-13", "2026-03-03"),  # 9 ahead
        ("2026-03-02", "2026-03-16", "2026-03-05"),  # 10 ahead, 3 after
        ("2026-03-06", "2026-03-11", "2026-03-09"),  # Friday: due on Monday
        (
            "2026-11-25",
            "2026-12-01",
            "2026-11-27",
        ),  # over Thanksgiving, 3 ahead: the 27th, not 26th
        ("2026-07-02", "2026-07-07", None),  # July 3 is kept for the 4th: 2 ahead
        ("2026-07-02", "2026-07-08", "2026-07-06"),
        ("2027-12-30", "2028-01-06", "2028-01-03"),  # New Year's Day is kept on December 31
        ("2026-03-07", "2026-03-11", "2026-03-09"),  # scheduled on a Saturday
        ("2026-03-02", "2026-03-02", None),  # the same day
    ],
)
def test_worked_days(scheduled, service, due):
    found = due_when_scheduled(date.fromisoformat(scheduled), date.fromisoformat(service))
    assert found.day == (date.fromisoformat(due) if due else None)
    assert found.source == "gfe-149.610"
    assert ("only when it is asked for" in found.why) == (due is None)


def test_the_holidays_that_moved_it_are_named():
    due = due_when_asked(date(2026, 12, 24))
    assert (due.day, due.holidays) == (date(2026, 12, 30), ("Christmas Day",))
    assert due_when_asked(date(2026, 3, 2)).holidays == ()


@given(DAYS, st.integers(0, 40))
def test_scheduled_is_as_pandas_counts(day, ahead):
    service = day + timedelta(ahead)
    count = sum(
        bool(PANDAS.is_on_offset(pd.Timestamp(day + timedelta(at)))) for at in range(1, ahead + 1)
    )
    assert business_days(day, service) == count
    expected = None if count < 3 else later(day, 1 if count < 10 else 3)
    assert due_when_scheduled(day, service).day == expected


@given(DAYS)
def test_asked_is_three_business_days(day):
    assert due_when_asked(day).day == later(day, 3)


def test_care_that_began_before_it_was_scheduled_is_said():
    due = due_when_scheduled(date(2026, 3, 3), date(2026, 3, 2))
    assert due.day is None
    assert "before that day" in due.why
