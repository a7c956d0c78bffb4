"""A row is worth what `estimate` says of it on its day; before that, what the history says."""

import csv

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import chirocalc
from chirocalc import Settings, tables
from chirocalc.track import Row, frame_of, priced

CODES = ["98940", "98941", "97110", "97140", "97530", "97012", "99213", "72100", "97810", "A4556",
         "97014", "G0283", "97545", "98975"]  # fmt: skip
PAYERS = ["", "medicare", "uhc", "va", "self-pay"]


def of(payer, place):
    return Settings(payer=payer or "medicare", locality="06102-16", place=place or "office")


def worth(*rows, fees=None):
    return priced(frame_of(rows), of, fees).to_dict("records")


LOADED = st.dates(pd.Timestamp("2025-01-01").date(), pd.Timestamp("2026-12-31").date())
PRICED_ROWS = st.builds(
    Row,
    st.uuids().map(lambda each: each.hex[:10]),
    st.just(0),
    LOADED.map(lambda day: day.isoformat()),
    st.sampled_from(CODES),
    st.none(),
    st.none() | st.integers(0, 90),
    st.integers(1, 40),
    st.sampled_from(["", "AT", "GA", "GP", "GP 59", "26"]),
    st.sampled_from(["", "office", "facility"]),
    st.sampled_from(PAYERS),
)


def has_part(row):
    return "26" not in row.modifiers or f"{row.code}-26" in tables.records()


@settings(max_examples=25)
@given(st.lists(PRICED_ROWS.filter(has_part), min_size=1, max_size=8, unique_by=lambda r: r.id))
def test_a_row_is_worth_what_estimate_says_of_it(rows):
    """Alone, on its day, so many times; all rows are priced at once here, and one by one there."""
    for row, found in zip(frame_of(rows).itertuples(), worth(*rows), strict=True):
        minutes = None if pd.isna(row.minutes) else int(row.minutes)
        day = "2026-01-01" if row.date >= "2026" else "2025-01-01"
        base = of(row.payer, row.place)
        alone = chirocalc.estimate(
            pd.DataFrame({"code": [row.code], "minutes": [minutes], "modifiers": [row.modifiers]}),
            Settings(base.payer, base.locality, base.place, date=day),
        )
        line = alone.lines.iloc[0]
        assert found["units"] == line["units"] * row.times
        for ours, theirs in (("work", "work_rvu"), ("total", "total_rvu"), ("cents", "allowed")):
            assert found[f"has_{ours}"] == (not pd.isna(line[theirs]))
            if found[f"has_{ours}"]:
                assert found[ours] == round(line[theirs] * 100) * row.times


@settings(max_examples=30)
@given(st.integers(1, 12), st.integers(1, 30), st.sampled_from(["97110", "97140", "97530"]))
def test_units_are_those_of_as_many_minutes(units, times, code):
    """Fifteen minutes are a unit by both rules."""
    [by_units] = worth(Row("aaaa", 0, "2026-03-02", code, units, None, times))
    [by_minutes] = worth(Row("aaaa", 0, "2026-03-02", code, None, 15 * units, times))
    assert {name: by_units[name] for name in ("units", "work", "total", "cents")} == {
        name: by_minutes[name] for name in ("units", "work", "total", "cents")
    }


def test_by_hand():
    """Twelve times the work RVU of codes.csv; a dash is not 0."""
    with tables.CODES_FILE.open(encoding="utf-8") as file:
        work = {row["code"]: row["work_rvu"] for row in csv.DictReader(file) if not row["modifier"]}
    [found] = worth(Row("aaaa", 0, "2026-03-02", "98941", 1, None, 12))
    assert found["work"] == round(float(work["98941"]) * 100) * 12
    assert (found["units"], found["why"]) == (12, "")
    [none] = worth(Row("aaaa", 0, "2026-03-02", "A4556", 1))
    assert not none["has_work"]
    assert none["why"] == "no RVU in Medicare's schedule"


@pytest.mark.parametrize(
    ("row", "why", "work"),
    [
        (("2023-05-01", "98941"), "", 71),
        (("2017-05-01", "98941"), "the history has only totals before 2019", None),
        (("2023-05-01", "20561"), "not in the history of RVUs", None),
        (("2031-05-01", "98941"), "no tables are loaded for that day", None),
        (("2026-05-01", "99999"), "not in codes.csv", None),
        (("2026-05-01", "97110", None, None, 1, "26"), "a part, 26 or TC, that the code", None),
        (("2026-05-01", "97110", None), "neither units nor minutes", 0),
    ],
)
def test_where_there_is_no_work_rvu_the_reason_is_said(row, why, work):
    row = Row("aaaa", 0, *row) if len(row) > 2 else Row("aaaa", 0, *row, 1)
    [found] = worth(row)
    assert found["why"].startswith(why)
    assert bool(found["why"]) == bool(why)
    if why:
        assert not found["work"]
    else:
        history = tables.history()
        mine = history[(history["year"] == 2023) & (history["code"] == "98941")].iloc[0]
        assert found["work"] == round(mine["work_rvu"] * 100) == work
        assert found["total"] == round(mine["total_rvu"] * 100)
    assert not found["has_cents"] or row.date >= "2025"


def test_own_fees_where_the_payer_goes_by_no_schedule():
    cash = Row("aaaa", 0, "2026-03-02", "97012", 1, None, 3, payer="self-pay")
    assert not worth(cash)[0]["has_cents"]
    [found] = worth(cash, fees={"97012": 3000})
    assert (found["cents"], found["has_cents"]) == (9000, True)
    [medicare] = worth(cash._replace(payer="medicare"), fees={"97012": 3000})
    assert medicare["cents"] != 9000


def test_no_rows():
    found = priced(frame_of([]), of)
    assert len(found) == 0
    assert {"units", "work", "why", "date"} <= set(found)
