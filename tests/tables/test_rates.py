"""What is in force on a day: each year its own RVUs, GPCIs, factor and amounts, and no other's."""

from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pandas as pd
import pytest
from csv_files import change
from hypothesis import given
from hypothesis import strategies as st
from oracles import fees as oracle
from oracles.fees import rows

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
# Codes of which only the values of 2026 were read.
NOT_READ = {row["code"] for row in rows(Path(__file__).parents[1] / "cases" / "more_codes.csv")}


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
        line = fee_of(code, date="2025-06-30", locality=locality, place=place, provider="any")
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
    assert set(without["code"]) == NEW_IN_2026 | NOT_READ
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
    """What `changes_since` begins with is what an estimate with a date of that year says."""
    lines = pd.DataFrame(
        {"code": ["98941", "97110", "97112", "97010"], "minutes": [None, 38, 20, None]}
    )
    settings = {"payer": payer, "place": place, "provider": "pt", "locality": "06102-16"}
    now = chirocalc.estimate(lines, Settings(**settings, date="2026-03-02"))
    then = chirocalc.estimate(lines, Settings(**settings, date="2025-12-31"))
    last_year = rates.before(rates.period("2026-03-02"))
    changes = now.answer().changes_since(last_year)
    assert [each.then / 100 for each in changes] == list(then.lines["allowed"])
    assert [each.now / 100 for each in changes] == list(now.lines["allowed"])
    assert then.visits["allowed"].item() > 0
    assert rates.before(last_year) is None


# What made the difference to the year before

YEARS = {"2025": "earlier_rvus.csv", "2026": "codes.csv"}
STAGES = [("2025", "2025", "2025"), ("2026", "2025", "2025"), ("2026", "2026", "2025"),
          ("2026", "2026", "2026")]  # fmt: skip
CHANGED = [("98941", 1), ("97110", 3), ("97112", 1), ("97530", 2), ("99213", 1), ("97010", 1),
           ("97012", 1), ("97161", 1)]  # fmt: skip


def of_year(file, year):
    """Rows of a table that are of a year, as text."""
    folder = tables.CODES_FILE.parent if file == "codes.csv" else tables.FOLDER
    return [row for row in rows(folder / file) if row["effective_from"].startswith(year)]


def indices(locality, year):
    """A locality's three GPCIs of a year; 1 nationally."""
    if locality == "national":
        return [Decimal(1)] * 3
    [row] = [
        row
        for row in of_year("localities.csv", year)
        if f"{row['mac']}-{row['locality']}" == locality
    ]
    return [Decimal(row[name]) for name in ("work_gpci", "pe_gpci", "mp_gpci")]


def factor(year):
    """The conversion factor of a clinician who is in no APM."""
    [row] = [row for row in of_year("conversion_factors.csv", year) if row["basis"] != "APM"]
    return Decimal(row["conversion_factor"])


def allowed_at(stage, locality, place):
    """Cents of each line by Medicare's formula and MPPR, with the parts of three years."""
    of_factor, of_rvus, of_area = stage
    table = {row["code"]: row for row in of_year(YEARS[of_rvus], of_rvus) if not row["modifier"]}
    lines = []
    for code, units in CHANGED:
        row = table[code]
        rvus = [Decimal(row[name]) for name in ("work_rvu", f"pe_rvu_{place}", "mp_rvu")]
        counts = row["status"] in ("A", "R", "C")
        lines.append(oracle.Line(units if counts else 0, *rvus, row["multiple_procedure"]))
    paid = oracle.Prices(*indices(locality, of_area), factor(of_factor))
    return [int(sum(amounts) * 100) for amounts in oracle.reduced_units(lines, paid)]


def changed_visit(locality, place="office", **settings):
    """The visit of `CHANGED`, by one whom Medicare pays for all of it."""
    minutes = {"97110": 45, "97112": 15, "97530": 30}
    lines = pd.DataFrame({"code": [code for code, _ in CHANGED]})
    lines["minutes"] = lines["code"].map(minutes)
    chosen = {"provider": "any", "date": "2026-03-02"} | settings
    return chirocalc.estimate(lines, Settings(locality=locality, place=place, **chosen)).answer()


@pytest.mark.parametrize("place", ["office", "facility"])
@pytest.mark.parametrize("locality", ["national", "06102-16", "02102-01"])
def test_each_part_of_the_difference_in_decimals(locality, place):
    """From the files: first the factor of 2026, then its RVUs, then its GPCIs."""
    told = changed_visit(locality, place)
    assert [(line.code, line.units) for line in told.lines] == CHANGED
    stages = [allowed_at(stage, locality, place) for stage in STAGES]
    expected = [
        (then, factor - then, rvus - factor, now - rvus, now)
        for then, factor, rvus, now in zip(*stages, strict=True)
    ]
    changes = told.changes_since(rates.period("2025-12-31"))
    assert [tuple(each) for each in changes] == expected
    by_part = [sum(each[at] != 0 for each in expected) for at in (1, 2, 3)]
    assert by_part[0] == 7  # all but 97010, which Medicare bundles
    assert by_part[1] > 0
    assert (by_part[2] > 0) == (locality != "national")


@pytest.mark.parametrize("payer", [*tables.payers().index])
@pytest.mark.parametrize("percent", [None, 87.5])
def test_the_parts_add_up_exactly(payer, percent):
    """Whatever rounds on the way: then and the three parts are now, line by line, in cents."""
    for locality in ("national", "06102-16", "02102-01"):
        for more in ({}, {"apm": True}, {"participating": False}, {"mppr": "line"}):
            told = changed_visit(locality, payer=payer, percent=percent, **more)
            changes = told.changes_since(rates.period("2025-12-31"))
            assert len(changes) == len(CHANGED)
            for line, each in zip(told.lines, changes, strict=True):
                assert each.then + each.factor + each.rvus + each.area == each.now
                assert each.now == line.allowed_cents


def test_nothing_changed_since_the_same_period():
    for each in changed_visit("06102-16").changes_since(rates.period("2026-01-01")):
        assert (each.then, each.factor, each.rvus, each.area) == (each.now, 0, 0, 0)


@pytest.mark.parametrize("code", sorted(NEW_IN_2026))
def test_no_difference_to_a_year_that_had_not_the_code(code):
    """One such code, and none is stated of the visit: its sum would be of fewer lines."""
    lines = pd.DataFrame({"code": ["98941", code], "minutes": [None, 15]})
    told = chirocalc.estimate(lines, Settings(payer="va", date="2026-03-02")).answer()
    assert told.changes_since(rates.period("2025-12-31")) == ()


def test_no_difference_to_a_year_without_the_areas_indices(own_tables):
    """Chicago's of 2025 taken out: nothing is priced nationally in its place."""

    def without_chicago(row):
        chicago = (row["mac"], row["locality"], row["release"]) == ("06102", "16", "GPCI2025")
        return None if chicago else row

    change(own_tables / "localities.csv", without_chicago)
    assert changed_visit("06102-16").changes_since(rates.period("2025-12-31")) == ()
    assert changed_visit("02102-01").changes_since(rates.period("2025-12-31")) != ()


def test_what_was_not_covered_then_was_allowed_nothing(own_tables):
    """Made-up tables: Medicare did not pay 97012 in 2025; the year before is that year's."""
    change(
        own_tables / "earlier_rvus.csv",
        lambda row: row | {"status": "N"} if row["code"] == "97012" else row,
    )
    told = changed_visit("national")
    then = told.under(Settings(provider="any", date="2025-12-31"))
    by_code = {line.code: line.allowed_cents for line in then.lines}
    assert by_code["97012"] == 0
    changes = told.changes_since(rates.period("2025-12-31"))
    assert [each.then for each in changes] == list(by_code.values())


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
