"""A visit in a few numbers: by hand, or by another way to the same number."""

import pandas as pd
import pytest

import chirocalc
from chirocalc import Settings
from chirocalc.visit.summary import therapy_year, units_by_rule, year_before

LINES = pd.DataFrame({"code": ["98941", "97110", "97140"], "minutes": [None, 33, 7]})
FIRST_UNIT = 29.06  # dollars of 97110, national, 2026


def answer(**settings):
    """The record of the visit under settings."""
    return chirocalc.estimate(LINES, Settings(**settings)).answer()


def therapy(used, lines=None, **settings):
    """One unit of 97110 by a physical therapist under Medicare, unless other lines are given."""
    lines = pd.DataFrame({"code": ["97110"], "minutes": [15]}) if lines is None else lines
    under = Settings(provider="pt", kx_used=used, date="2026-03-02", **settings)
    return therapy_year(chirocalc.estimate(lines, under).answer())


def test_units_by_rule():
    """33 and 7 minutes are three units of the total time, and two line by line."""
    assert units_by_rule(answer(payer="va")) == {
        "cms": (3, 1),
        "cpt": (2, 1),
    }


def test_therapy_of_the_year_is_what_was_used_and_the_visits():
    """The threshold of 2026 is $2,480 (tables/data/amounts.csv)."""
    year = therapy(2400.0)
    assert year.allowed == pytest.approx(2400 + FIRST_UNIT)
    assert year.threshold == 2480


def test_only_therapy_counts_toward_the_threshold():
    """An office visit is allowed to a therapist where the payer takes it, and is no therapy."""
    lines = pd.DataFrame({"code": ["97110", "99213"], "minutes": [15, 20]})
    chosen = Settings(payer="va", provider="pt", kx_used=0.0, date="2026-03-02")
    est = chirocalc.estimate(lines, chosen)
    assert est.lines["allowed"].iloc[1] > 0
    assert therapy_year(est.answer()).allowed == pytest.approx(FIRST_UNIT)


def test_nothing_is_said_of_a_year_of_which_nothing_is_known():
    """Zero dollars used is known; nothing entered is not."""
    assert therapy(None) is None
    assert therapy(0.0).allowed == pytest.approx(FIRST_UNIT)


def test_the_year_before_is_the_same_visit_at_its_rates():
    """And the change is from then to now: down where less is paid today."""
    here = chirocalc.estimate(LINES, Settings(payer="va", date="2026-03-02"))
    then = chirocalc.estimate(LINES, Settings(payer="va", date="2025-03-02"))
    now_paid, then_paid = (each.visits["allowed"].iloc[0] for each in (here, then))
    found = year_before(here.answer())
    assert (found.year, found.allowed) == ("2025", pytest.approx(then_paid))
    assert now_paid != then_paid
    assert found.change == pytest.approx((now_paid - then_paid) / then_paid)
    assert [line.then / 100 for line in found.lines] == list(then.lines["allowed"])
    assert [line.now / 100 for line in found.lines] == list(here.lines["allowed"])


def test_no_year_before_the_first_one_loaded():
    """Nor where the payer has no amount."""
    assert year_before(answer(date="2025-03-02")) is None
    for payer in ("self-pay", "auto", "lien"):
        assert year_before(answer(payer=payer)) is None


def test_no_year_before_of_a_code_that_it_had_not():
    """98985 is new in 2026: no change is stated of a visit with it."""
    lines = pd.DataFrame({"code": ["98941", "98985"], "minutes": [None, None]})
    told = chirocalc.estimate(lines, Settings(payer="va", date="2026-03-02")).answer()
    assert told.allowed > 38
    assert year_before(told) is None
