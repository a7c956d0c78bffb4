"""The log anew: merging by looking at every version, sums by calendar, percentiles and pay by hand.
Slow, plain, and sharing nothing with the engine."""

from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise


def holds(versions):
    """Of all versions of one row, (deleted, stamp, text) each, the one that holds."""
    deleted = [each for each in versions if each[0]]
    return max(deleted or versions, key=lambda each: (each[1], each[2]))


def period_start(day, grain):
    """The first day of a day's period, walking back one day at a time."""
    day = date.fromisoformat(day)
    begins = {
        "day": lambda d: True,
        "week": lambda d: d.weekday() == 0,
        "month": lambda d: d.day == 1,
        "quarter": lambda d: d.day == 1 and d.month in (1, 4, 7, 10),
        "year": lambda d: d.day == 1 and d.month == 1,
    }[grain]
    while not begins(day):
        day -= timedelta(1)
    return day.isoformat()


def sums_by(rows, grain):
    """Sums of (day, number) by period."""
    out = {}
    for day, number in rows:
        start = period_start(day, grain)
        out[start] = out.get(start, 0) + number
    return out


def percentile(points, value):
    """By similar triangles; None beyond the outer points."""
    for (p, v), (q, w) in pairwise(points):
        if v <= value <= w:
            share = Fraction(value - v) / Fraction(w - v)
            return float(p + (q - p) * share)
    return None


def bonus_cents(tiers, rvus):
    """Each whole work RVU is paid by the tier it lies in; (from, dollars) each."""
    total = Fraction(0)
    for n in range(rvus):
        rate = 0
        for start, dollars in tiers:
            if n >= start:
                rate = dollars
        total += rate
    return int(total * 100)
