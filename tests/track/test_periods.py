"""Sums by day, week, month, quarter and year agree with each other and with a calendar walked."""

from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import track as oracle

from chirocalc.track import (
    GRAINS,
    Days,
    Span,
    by_period,
    periods_in,
    project,
    rates_of,
    running,
    span_before,
    span_of,
    sums,
)

DAYS = st.dates(date(2023, 12, 25), date(2026, 1, 10)).map(lambda day: day.isoformat())
WORKED = st.lists(st.tuples(DAYS, st.integers(0, 5000)), min_size=1, max_size=30)


def table(rows):
    """Priced rows of (day, hundredths)."""
    days, work = zip(*rows, strict=True) if rows else ((), ())
    size = len(rows)
    return pd.DataFrame(
        {
            "date": pd.array(list(days), dtype="str"),
            **{name: pd.array(list(work), dtype="int64") for name in ("work", "total", "cents")},
            "units": pd.array([1] * size, dtype="int64"),
            "has_work": [True] * size,
            "has_cents": [True] * size,
        }
    )


def arrays(rows):
    """The same by day, of one kind."""
    priced = table(rows)
    return Days.of(priced.assign(kind=pd.Categorical(["Adjustments"] * len(priced))))


@settings(max_examples=30)
@given(WORKED)
def test_sums_by_any_period_agree(rows):
    priced = table(rows)
    whole = sum(work for _, work in rows)
    assert sums(priced)[:2] == (len(rows), whole)
    for grain in GRAINS:
        found = by_period(priced, grain)["work"].to_dict()
        assert found == oracle.sums_by(rows, grain)
        assert sum(found.values()) == whole


@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)), st.sampled_from(list(GRAINS)))
def test_a_span_is_its_period_and_follows_the_one_before(day, grain):
    here = span_of(grain, day)
    assert here.first.isoformat() == oracle.period_start(day.isoformat(), grain)
    assert (
        oracle.period_start((here.last + timedelta(1)).isoformat(), grain)
        == (here.last + timedelta(1)).isoformat()
    )
    before = span_before(grain, here, day)
    assert before.first.isoformat() == oracle.period_start(
        (here.first - timedelta(1)).isoformat(), grain
    )
    passed = (day - here.first).days + 1
    assert before.days == min(passed, (here.first - before.first).days) or day == here.last


def test_what_is_compared():
    """A month that goes on is compared with as many days of the month before."""
    today = date(2026, 11, 27)
    month = span_of("month", today)
    assert span_before("month", month, today) == Span(date(2026, 10, 1), date(2026, 10, 27))
    assert span_before("last month", span_of("last month", today), today) == Span(
        date(2026, 9, 1), date(2026, 9, 30)
    )
    assert span_before("range", Span(date(2026, 1, 1), date(2026, 1, 10)), today) == Span(
        date(2025, 12, 22), date(2025, 12, 31)
    )
    march = date(2026, 3, 31)
    assert span_before("month", span_of("month", march), march).last == date(2026, 2, 28)


@settings(max_examples=30)
@given(WORKED, st.dates(date(2024, 1, 1), date(2025, 12, 31)), st.integers(0, 500))
def test_arrays_of_days_say_the_same(rows, first, length):
    """Of a span, by day, week and month; the best of each; and that nothing outside is in it."""
    span = Span(first, first + timedelta(length))
    days = arrays(rows).within(span)
    inside = [row for row in rows if span.first.isoformat() <= row[0] <= span.last.isoformat()]
    assert days.total("work") == sum(work for _, work in inside)
    assert days.total("days") == len({day for day, _ in inside})
    for grain in ("day", "week", "month"):
        expected = oracle.sums_by(inside, grain)
        found = {day.isoformat(): work for day, work in days.by(grain, "work").items()}
        assert found == expected
        assert sum(days.by(grain, "days").values()) == len({day for day, _ in inside})
        assert [work for _, _, work in days.by_kind(grain, "work")] == [
            expected[start] for start in sorted(expected)
        ]
        best = days.best(grain)
        if not any(expected.values()):
            assert best is None
        else:
            assert expected[best[0].isoformat()] == best[1] == max(expected.values())
        every = periods_in(span, grain)
        assert {day.isoformat() for day in every} >= set(expected)


def test_periods_of_a_span():
    span = Span(date(2026, 3, 1), date(2026, 3, 9))
    assert [day.isoformat() for day in periods_in(span, "week")] == [
        "2026-02-23", "2026-03-02", "2026-03-09"
    ]  # fmt: skip
    assert periods_in(span, "month") == [date(2026, 3, 1)]
    assert len(periods_in(span, "day")) == 9


def test_a_projection_by_hand():
    """Ten weeks of 20.00 up to a Sunday: 200.00, and 42 3/7 weeks to come less 2 off."""
    weeks = [(date(2026, 1, 5) + timedelta(7 * at)).isoformat() for at in range(10)]
    today = date(2026, 3, 16)
    found = project(table([(day, 2000) for day in weeks]), today, weeks_off=2, goal=100_000)
    left = (date(2026, 12, 31) - today).days / 7 - 2
    assert (found.so_far, found.mean, found.active_weeks) == (20_000, 2000, 10)
    assert found.weeks_left == pytest.approx(left)
    assert found.whole == round(20_000 + 2000 * left)
    assert found.paced == round(100_000 * 75 / 365)


def test_a_projection_leaves_the_week_that_goes_on_out_and_other_years():
    rows = [("2025-12-30", 9000), ("2026-01-06", 3000), ("2026-01-13", 100)]
    found = project(table(rows), date(2026, 1, 14))
    assert (found.so_far, found.mean, found.active_weeks) == (3100, 3000, 1)
    alone = project(table(rows[2:]), date(2026, 1, 14))
    assert (alone.mean, alone.active_weeks) == (100, 1)
    none = project(table([]), date(2026, 1, 14))
    assert (none.so_far, none.mean, none.whole) == (0, 0, 0)


@settings(max_examples=20)
@given(WORKED)
def test_the_running_total_ends_where_the_year_stands(rows):
    today = date(2025, 8, 20)
    line = running(table(rows), today)
    assert line.is_monotonic_increasing
    mine = [work for day, work in rows if "2025-01-01" <= day <= "2025-08-20"]
    assert line.iloc[-1] == sum(mine)
    assert line.index[-1] == "2025-08-20"


def test_a_day_and_an_hour():
    priced = arrays([("2026-03-02", 1000), ("2026-03-03", 2000), ("2026-03-10", 3000)])
    assert rates_of(priced, 30, priced) == (2000, 100)  # 60.00 in two weeks of 30 hours
    assert rates_of(priced, None, priced) == (2000, None)
    one = priced.within(Span(date(2026, 3, 3), date(2026, 3, 3)))
    assert rates_of(one, 30, priced) == (2000, 100)  # a day of one and a half a week: 20 hours
    assert rates_of(priced.within(Span(date(2025, 1, 1), date(2025, 1, 2))), 30, priced) == (
        None, None,
    )  # fmt: skip
