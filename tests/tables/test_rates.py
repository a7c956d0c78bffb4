"""What is in force on a day: each year its own RVUs, GPCIs, factor and amounts, and no other's."""

from decimal import ROUND_HALF_UP, Decimal

import pandas as pd
import pytest
from csv_files import change
from hypothesis import given
from hypothesis import strategies as st

import chirocalc
from chirocalc import InputError, Settings, tables
from chirocalc.tables import rates
from chirocalc.tables.code_table import codes

# CMS's October 2025 file: status, work, PE office, PE facility, MP; and its factor.
RVU25D = {
    "97010": ("B", "0.06", "0.13", "0.13", "0.01"),
    "97110": ("A", "0.45", "0.43", "0.43", "0.01"),
    "97112": ("A", "0.50", "0.48", "0.48", "0.01"),
    "97140": ("A", "0.43", "0.40", "0.40", "0.01"),
    "97530": ("A", "0.44", "0.62", "0.62", "0.01"),
    "98940": ("A", "0.46", "0.35", "0.19", "0.01"),
    "98941": ("A", "0.71", "0.47", "0.29", "0.01"),
    "98942": ("A", "0.96", "0.57", "0.39", "0.01"),
    "98943": ("N", "0.46", "0.28", "0.18", "0.03"),
    "99213": ("A", "1.30", "1.35", "0.57", "0.10"),
    "G0283": ("A", "0.18", "0.19", "0.19", "0.01"),
}
FACTOR_2025 = Decimal("32.3465")
# CMS's Addendum E of 2025: work (with its floor), PE, MP.
GPCI2025 = {
    "national": ("1", "1", "1"),
    "02102-01": ("1.5", "1.081", "0.592"),
    "01112-05": ("1.088", "1.419", "0.445"),
    "06102-16": ("1.007", "1.023", "2.018"),
}
NEW_IN_2026 = {"98979", "98984", "98985", "98986"}


def cents(rvus, gpcis, factor):
    """The fee formula in decimals."""
    value = sum(Decimal(r) * Decimal(g) for r, g in zip(rvus, gpcis, strict=True)) * factor
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP)


def fee_of(code, minutes=15, **settings):
    line = pd.DataFrame({"code": [code], "minutes": [minutes]})
    return chirocalc.estimate(line, Settings(**settings)).lines.iloc[0]


@pytest.mark.parametrize("locality", GPCI2025)
@pytest.mark.parametrize("code", RVU25D)
def test_a_day_of_2025_has_cms_amounts_of_2025(code, locality):
    """RVUs, GPCIs and factor of the year together, in the office and in a facility."""
    status, work, office, facility, mp = RVU25D[code]
    for place, pe in {"office": office, "facility": facility}.items():
        line = fee_of(code, date="2025-06-30", locality=locality, place=place, provider="pt")
        rvus = (work, pe, mp)
        assert line["fee"] == float(cents(rvus, GPCI2025[locality], FACTOR_2025))
        assert line["total_rvu"] == float(sum(map(Decimal, rvus)))
        assert line["covered"] == (status in "ARC")


@pytest.mark.parametrize(
    ("day", "year"),
    [("2025-01-01", 2025), ("2025-12-31", 2025), ("2026-01-01", 2026), ("2026-12-31", 2026)],
)
def test_a_year_begins_and_ends_on_its_days(day, year):
    expected = {2025: cents(("0.50", "0.48", "0.01"), ("1",) * 3, FACTOR_2025), 2026: None}[year]
    fee = fee_of("97112", date=day)["fee"]
    assert fee == (float(expected) if expected else 32.73)


def test_without_a_date_the_newest_rates_in_force_are_used():
    assert fee_of("97112")["fee"] == 32.73
    assert Settings().period == rates.period("2026-06-01")


@pytest.mark.parametrize("day", ["2024-12-31", "2027-01-01", "2013-06-01"])
def test_a_day_without_tables_is_refused(day):
    """Never a neighboring year's numbers, though 2027's factors are listed as proposed."""
    with pytest.raises(InputError, match=f"{day}.*no tables are loaded; loaded: 2025-01-01 to"):
        Settings(date=day)


@pytest.mark.parametrize("day", ["2026", "3/2/2026", "", "today", "2026-3-2", 20260302])
def test_a_date_that_is_none_is_refused(day):
    with pytest.raises(InputError, match="date"):
        Settings(date=day)


@given(st.dates(pd.Timestamp("2005-01-01").date(), pd.Timestamp("2032-01-01").date()))
def test_any_day_has_its_own_year_or_a_sentence(day):
    """The factor of the answer is the one whose dates hold the day."""
    table = tables.conversion_factors()
    table = table[(table["status"] != "proposed") & (table["basis"] != "APM")]
    mine = table[(table["effective_from"] <= str(day)) & (str(day) <= table["effective_to"])]
    try:
        settings = Settings(date=str(day))
    except InputError:
        assert day.year not in (2025, 2026)
    else:
        assert rates.conversion_factor(False, settings.period) == mine["conversion_factor"].item()


def test_both_factors_of_2026_and_the_single_one_of_2025():
    got = {
        (year, apm): rates.conversion_factor(apm, rates.period(f"{year}-05-05"))
        for year in (2025, 2026)
        for apm in (True, False)
    }
    assert got == {
        (2025, True): 32.3465, (2025, False): 32.3465,
        (2026, True): 33.5675, (2026, False): 33.4009,
    }  # fmt: skip


def test_every_code_of_2025_is_there_and_the_new_ones_have_no_amount():
    table = rates.rvus(rates.period("2025-03-03"))
    assert set(table.index) == set(codes().index)
    without = table[table["release"] == ""]
    assert set(without["code"]) == NEW_IN_2026
    assert without[["work_rvu", "pe_rvu_office", "mp_rvu"]].isna().all(axis=None)
    assert set(table.loc[table["release"] != "", "release"]) == {"RVU25D"}


@pytest.mark.parametrize("code", sorted(NEW_IN_2026))
def test_a_code_that_a_year_had_not_is_named(code):
    line = pd.DataFrame({"code": [code], "minutes": [15]})
    answer = chirocalc.estimate(line, Settings(payer="commercial-midpoint", date="2025-05-05"))
    assert pd.isna(answer.lines["allowed"].item())
    said = answer.findings[answer.findings["rule"] == "not-listed"]
    assert "2025" in said["text"].item()
    now = chirocalc.estimate(line, Settings(payer="commercial-midpoint"))
    assert "not-listed" not in set(now.findings["rule"])


def test_limits_are_asked_only_in_their_year():
    """The MUE loaded is one of 2026: for 2025 nothing is said."""
    line = pd.DataFrame({"code": ["97110"], "minutes": [15 * 9]})
    rules = {
        day: set(chirocalc.estimate(line, Settings(provider="pt", date=day)).findings["rule"])
        for day in ("2025-05-05", "2026-05-05")
    }
    assert "mue" in rules["2026-05-05"]
    assert "mue" not in rules["2025-05-05"]


@pytest.mark.parametrize(("day", "limit"), [("2025-05-05", 2410), ("2026-05-05", 2480)])
def test_the_therapy_threshold_is_the_years(day, limit):
    def rules(used):
        settings = Settings(provider="pt", date=day, kx_used=used)
        line = pd.DataFrame({"code": ["97110"], "minutes": [15], "modifiers": ["GP"]})
        found = chirocalc.estimate(line, settings).findings
        return found[(found["rule"] == "kx") & (found["level"] == "needs")]

    first = fee_of("97110", date=day, provider="pt")["allowed"]
    assert rules(limit - first).empty
    assert f"${limit:,}" in rules(limit - first + 0.01)["text"].item()


@pytest.mark.parametrize("place", ["office", "facility"])
@pytest.mark.parametrize("payer", ["medicare", "va", "commercial-midpoint"])
def test_the_same_visit_in_the_year_before(payer, place):
    """What `allowed_in` says is what an estimate with a date of that year says."""
    lines = pd.DataFrame(
        {"code": ["98941", "97110", "97112", "97010"], "minutes": [None, 38, 20, None]}
    )
    settings = {"payer": payer, "place": place, "provider": "pt", "locality": "06102-16"}
    now = chirocalc.estimate(lines, Settings(**settings)).answer()
    then = chirocalc.estimate(lines, Settings(**settings, date="2025-12-31"))
    last_year = rates.before(now.settings.period)
    assert now.allowed_in(last_year) == then.visits["allowed"].item() > 0
    assert rates.before(last_year) is None


# Two periods in one year


@pytest.fixture
def factor_of_july(own_tables):
    """Made-up tables: 2025 has another conversion factor from July on."""

    def halves(row):
        if row["effective_from"] != "2025-01-01":
            return row
        later = {"effective_from": "2025-07-01", "conversion_factor": "40.0000"}
        return [row | {"effective_to": "2025-06-30"}, row | later]

    change(own_tables / "conversion_factors.csv", halves)


@pytest.mark.usefixtures("factor_of_july")
def test_the_year_before_is_its_last_period():
    """What the visit was worth last year is asked of December, not of January."""
    assert [each.name for each in rates.periods()] == [
        "2025 from January 1", "2025 from July 1", "2026",
    ]  # fmt: skip
    last = rates.before(rates.period("2026-03-02"))
    assert last == ("2025-07-01", "2025-12-31", "2025 from July 1")
    assert rates.conversion_factor(False, last) == 40
    assert rates.before(last) is None


@pytest.mark.usefixtures("factor_of_july")
def test_each_half_has_its_own_factor():
    days = ["2025-06-30", "2025-07-01", "2026-01-01"]
    factors = [rates.conversion_factor(False, rates.period(day)) for day in days]
    assert factors == [32.3465, 40.0, 33.4009]
