"""Medicare's figures as its tables have them, mixes, a survey of one's own, reports, pay."""

import csv
import json
import math
from datetime import date

import pandas as pd
import pytest
from fact_base import facts
from hypothesis import given
from hypothesis import strategies as st
from oracles import track as oracle

from chirocalc import InputError, tables
from chirocalc.track import (
    Offer,
    Reported,
    Survey,
    adjustment_mix,
    against,
    code_mix,
    codes_by_year,
    in_state,
    read_reported,
    specialty_years,
    states_with_benchmarks,
)

FACTS = facts("benchmarks")
SLUGS = {
    "chiropractor": "chiropractic",
    "pt": "physical-therapist-in-private-practice",
    "ot": "occupational-therapist-in-private-practice",
}


def read(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def own(**units):
    return pd.DataFrame({"code": list(units), "units": list(units.values())}).assign(
        code=[code.removeprefix("c") for code in units]
    )


def test_the_published_figures():
    """As CMS's files were summed up: 2023, chiropractors."""
    years = specialty_years("chiropractor")
    assert (years.at[2023, "providers"], years.at[2023, "services"]) == (32_225, 17_166_727)
    assert round(years.at[2023, "services_each"], 1) == 532.7
    assert round(years.at[2023, "paid_each"], 2) == 13950.94
    nation = adjustment_mix(own())["Nation"]
    assert [round(share * 100, 1) for share in nation] == [21.6, 73.6, 4.8]
    figures = tables.benchmark_figures()["value"]
    assert figures["98941 among spinal adjustments"] == 73.6
    assert figures["Medicare services a chiropractor with Medicare claims"] == 532.7
    mix = tables.medicare_mix().query("specialty == 'chiropractor'").set_index("code")["services"]
    work = tables.codes()["work_rvu"]
    each = sum(mix[code] * work[code] for code in ("98940", "98941", "98942")) / 32_225
    assert round(each, 1) == figures["Medicare wRVU a chiropractor with Medicare claims"]


@pytest.mark.skipif(FACTS is None, reason="no fact base beside the repository")
@pytest.mark.parametrize("specialty", SLUGS)
def test_the_tables_equal_the_facts(specialty):
    """Value by value."""
    trend = read(FACTS / f"medicare_{SLUGS[specialty]}_trend.csv")
    years = specialty_years(specialty)
    assert [
        (int(r["year"]), int(r["services"]), int(r["providers"]), float(r["medicare_paid"]))
        for r in trend
    ] == [(year, row.services, row.providers, row.paid) for year, row in years.iterrows()]
    facts = read(FACTS / f"medicare_{SLUGS[specialty]}_2023.csv")
    mix = tables.medicare_mix().query("specialty == @specialty")
    assert dict(zip(mix["code"], mix["services"], strict=True)) == {
        r["key"]: int(r["services"]) for r in facts if r["kind"] == "code"
    }
    states = tables.medicare_specialty_states().query("specialty == @specialty")
    assert dict(zip(states["state"], states["providers"], strict=True)) == {
        r["key"]: int(r["providers"]) for r in facts if r["kind"] == "state"
    }


@pytest.mark.skipif(FACTS is None, reason="no fact base beside the repository")
def test_the_codes_by_state_and_year_equal_the_facts():
    table = tables.medicare_code_states()
    assert [tuple(map(str, row)) for row in table[["code", "state", "services"]].to_numpy()] == [
        (r["code"], r["state"], r["services"])
        for r in read(FACTS / "medicare_2023_code_by_state.csv")
    ]
    years = tables.medicare_code_years()
    assert [tuple(map(str, row)) for row in years[["code", "year", "services"]].to_numpy()] == [
        (r["code"], r["year"], r["services"]) for r in read(FACTS / "medicare_code_trend.csv")
    ]


def test_a_state_and_the_years_of_a_code():
    """California's chiropractors of 2023; 98940 by year."""
    providers, each = in_state("chiropractor", "CA")
    assert (providers, round(each, 2)) == (2473, round(39_593_318.45 / 2473, 2))
    assert in_state("chiropractor", "MP") is None
    years = codes_by_year()
    assert list(years) == list(range(2014, 2024))
    assert years.at["98940", 2023] == int(
        tables.medicare_code_years().query("code == '98940' and year == 2023")["services"].iloc[0]
    )


def test_a_mix_beside_the_nation_and_the_state():
    mix = adjustment_mix(own(c98940=30, c98941=60, c98942=10, c97110=500), "IL")
    assert mix["Yours"].tolist() == [0.3, 0.6, 0.1]
    assert list(mix) == ["Yours", "Nation", "IL"]
    there = tables.medicare_code_states().query("state == 'IL'").set_index("code")["services"]
    three = there[["98940", "98941", "98942"]]
    assert mix["IL"].tolist() == pytest.approx((three / three.sum()).tolist())
    assert states_with_benchmarks()["IL"] == "Illinois"
    assert "ZZ" not in states_with_benchmarks()


@pytest.mark.parametrize("specialty", SLUGS)
def test_the_mix_of_therapy_is_of_therapy(specialty):
    mix = code_mix(own(c97110=3, c97140=1, c98941=9, c99213=5), specialty)
    assert mix.at["97110", "Yours"] == 0.75
    assert not {"98941", "99213", "97161", "Q4262"} & set(mix.index)
    assert mix["Nation"].is_monotonic_decreasing or mix["Yours"].sum() == pytest.approx(1)
    assert (mix["Nation"] >= 0).all()


def test_the_mix_of_therapy_in_a_state():
    """Of the codes that CMS's table by state has, and missing of the others: not none."""
    mix = code_mix(own(c97110=3, c97012=1), "chiropractor", "IL")
    assert list(mix) == ["Yours", "Nation", "IL"]
    there = tables.medicare_code_states().query("state == 'IL'").set_index("code")["services"]
    codes = ["97110", "97112", "97113", "97116", "97140", "97150", "97530", "97535", "G0283"]
    assert mix.at["97140", "IL"] == pytest.approx(there["97140"] / there[codes].sum())
    assert math.isnan(mix.at["97012", "IL"])


def test_a_mix_of_nothing_has_the_nation_alone():
    assert list(adjustment_mix(own())) == ["Nation"]


# A survey

POINTS = st.lists(st.integers(100, 20_000), min_size=4, max_size=4, unique=True).map(sorted)


@given(POINTS, st.integers(0, 25_000))
def test_where_one_stands_in_a_survey(values, mine):
    points = list(zip((25, 50, 75, 90), values, strict=True))
    found = Survey.of(dict(points)).stands(mine)
    expected = oracle.percentile(points, mine)
    if expected is None:
        assert found.percentile is None
        assert found.words.startswith("below the 25th" if mine < values[0] else "above the 90th")
    else:
        assert found.percentile == pytest.approx(expected)


def test_a_survey_from_a_file():
    survey = Survey.read(b'percentile,wrvu\n25,"3,000"\n50,4000\n90,7000\n', "mine.csv")
    assert survey.stands(3500).words == "about the 38th percentile"
    for content, said in (
        (b"percentile,wrvu\n25,3000\n50,2000\n", "must be above that of the 25th"),
        (b"percentile,wrvu\n25,3000\n", "two or more"),
        (b"percentile,wrvu\n10,3000\n", "must be one of 25, 50, 75, 90"),
        (b"a,b\n1,2\n", "is a column this table needs"),
    ):
        with pytest.raises(InputError) as raised:
            Survey.read(content, "mine.csv")
        assert said in str(raised.value)


# Reports


def test_tracked_against_reported_by_month():
    """By hand: what is missing on one side has no difference."""
    rows = pd.DataFrame(
        {
            "date": ["2026-01-05", "2026-01-20", "2026-02-03"],
            "units": [1, 1, 1], "work": [1000, 500, 700], "total": [0, 0, 0],
            "cents": [10_000, 0, 5000],
        }
    )  # fmt: skip
    reported = read_reported(b'month,wrvu,dollars\n1/2026,14.5,\n2026-03,"1,200",$90.10\n')
    assert reported == {"2026-01": Reported(1450, None), "2026-03": Reported(120_000, 9010)}
    found = json.loads(against(rows, reported).to_json(orient="values"))
    assert found == [
        ["2026-03", None, 1200.0, None, None, 90.1, None],
        ["2026-02", 7.0, None, None, 50.0, None, None],
        ["2026-01", 15.0, 14.5, 0.5, 100.0, None, None],
    ]


def test_a_report_that_cannot_be_read_is_said():
    with pytest.raises(InputError) as raised:
        read_reported(b"month,wrvu,dollars\n2026-13,1,1\n2026-01,many,1\n", "r.csv")
    assert "r.csv, row 2, month: '2026-13'" in str(raised.value)
    assert "row 3, wrvu: 'many'" in str(raised.value)


# Pay


@given(
    st.lists(st.integers(0, 400), max_size=4, unique=True).map(sorted),
    st.lists(st.integers(0, 90), min_size=4, max_size=4),
    st.integers(0, 600),
)
def test_pay_by_tiers(starts, dollars, rvus):
    tiers = list(zip(starts, dollars, strict=False))
    offer = Offer(0, tuple((start * 100, each * 100) for start, each in tiers))
    assert offer.bonus(rvus * 100) == oracle.bonus_cents(tiers, rvus)


def test_two_offers_by_hand():
    """40 dollars a work RVU; or 60,000 and 35 above 1,000, 45 above 3,000."""
    simple = Offer(0, ((0, 4000),))
    tiered = Offer(6_000_000, ((100_000, 3500), (300_000, 4500)))
    assert simple.of_year(350_050) == 14_002_000
    assert tiered.of_year(350_050) == 6_000_000 + 2000 * 3500 + 50_050 * 45
    assert tiered.so_far(0, date(2026, 7, 2)) == round(6_000_000 * 183 / 365)
    for bad in ((-1, ()), (0, ((5, 1), (5, 1))), (0, ((1, -5),))):
        with pytest.raises(InputError):
            Offer(*bad)
