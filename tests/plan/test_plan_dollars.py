"""Who pays what in a plan: worked by hand, against the oracle, and what always holds."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import plan as oracle
from plans_made import ADJUSTED, COMMERCIAL, MONDAY, phase, plan, services

from chirocalc import Settings
from chirocalc.plan import (
    Benefits,
    Discount,
    Plan,
    Prices,
    price_plan,
    side_by_side,
)
from chirocalc.tables import rates

MEDICARE = Settings("medicare")

# 98941 is one unit; 97110 at 15 minutes one, 97014 one: their fees and what is allowed are given.
CODES = {ADJUSTED: "98941", "97110 15": "97110", "97014": "97014"}


def of_visits(schedule, name):
    return [getattr(visit, name) for visit in schedule.visits]


def dollars(schedule, name):
    return [cents / 100 for cents in of_visits(schedule, name)]


# By hand


def test_medicare_by_hand():
    """98941 is 38.41 nationally in 2026 (1.15 RVU at 33.4009). $50 of the deductible left: all of
    the first visit; 11.59 of the second, of whose rest the patient pays a fifth, and Medicare four
    fifths less 2% sequestration (part-b, sequestration)."""
    told = price_plan(plan(ADJUSTED, visits=3, settings=MEDICARE, part_b_left=5000))
    assert dollars(told, "patient") == [38.41, 16.95, 7.68]
    assert dollars(told, "payer") == [0.0, 21.03, 30.12]
    assert dollars(told, "write_off") == [0.0, 0.43, 0.61]
    assert [(each.visit, each.kind) for each in told.events] == [(2, "deductible-met")]


def test_medicare_pays_for_adjustments_in_active_care_only():
    """Exercise is the patient's by the practice's fee; in maintenance so is all, with an ABN."""
    active = price_plan(
        plan(ADJUSTED, "97110 15", settings=MEDICARE, prices=Prices({"97110": 4500}))
    )
    [visit] = active.visits
    assert [(line.code, line.by, line.patient) for line in visit.lines] == [
        ("98941", "insured", 768), ("97110", "not covered", 4500),
    ]  # fmt: skip
    care = {"treatment": "maintenance"}
    fees = Prices({"98941": 6000})
    with_abn = price_plan(plan(ADJUSTED, settings=MEDICARE, each=care, prices=fees))
    assert (with_abn.total.patient, with_abn.total.payer) == (6000, 0)
    assert any(each.finding.modifier == "GA" for each in with_abn.findings) is False  # it is on it
    assert "GA" in with_abn.visits[0].answer.lines[0].service.written
    without = price_plan(plan(ADJUSTED, settings=MEDICARE, each=care, prices=fees, abn=False))
    assert (without.total.patient, without.total.write_off) == (0, 6000)
    assert without.visits[0].lines[0].by == "nobody"


def test_bundled_services_are_nobodys_under_medicare():
    """97010 has status B: it would be denied, and no one may be charged (pfs-formula)."""
    told = price_plan(plan(ADJUSTED, "97010", settings=MEDICARE, prices=Prices({"97010": 900})))
    line = told.visits[0].lines[1]
    assert (line.by, line.units, line.charge) == ("nobody", 0, 0)


def test_insurance_by_hand():
    """Fee 60, allowed 45: $100 deductible, then 20%: 45, 45, 10 + 7, 9. The rest is written off."""
    told = price_plan(
        plan(
            ADJUSTED,
            visits=4,
            prices=Prices({"98941": 6000}),
            benefits=Benefits(deductible_left=10000, coinsurance=20, by_code={"98941": 4500}),
        )
    )
    assert of_visits(told, "patient") == [4500, 4500, 1700, 900]
    assert of_visits(told, "payer") == [0, 0, 2800, 3600]
    assert of_visits(told, "write_off") == [1500] * 4
    assert of_visits(told, "deductible_left") == [5500, 1000, 0, 0]
    assert (told.visits[2].deductible, told.visits[2].coinsurance) == (1000, 700)


def test_copay_is_no_more_than_what_is_allowed():
    """A copay of 50 for 45 allowed is 45; with 20 left after the deductible it is 20."""
    benefits = Benefits(copay=5000, deductible_left=2500, by_code={"98941": 4500})
    prices = Prices({"98941": 6000})
    told = price_plan(plan(ADJUSTED, visits=2, prices=prices, benefits=benefits))
    assert [(v.deductible, v.copay) for v in told.visits] == [(2500, 2000), (0, 4500)]
    assert of_visits(told, "payer") == [0, 0]


def test_a_copay_is_of_the_visit_not_of_a_line():
    benefits = Benefits(copay=3000, by_code={"98941": 2000, "97110": 2500})
    prices = Prices({"98941": 6000, "97110": 6000})
    told = price_plan(plan(ADJUSTED, "97110 15", prices=prices, benefits=benefits))
    assert [line.patient for line in told.visits[0].lines] == [2000, 1000]


def test_out_of_pocket_maximum_by_hand():
    """20 of 45 a visit, 50 left: 20, 20, 10, 0."""
    benefits = Benefits(copay=2000, out_of_pocket_left=5000, by_code={"98941": 4500})
    prices = Prices({"98941": 6000})
    told = price_plan(plan(ADJUSTED, visits=4, prices=prices, benefits=benefits))
    assert of_visits(told, "patient") == [2000, 2000, 1000, 0]
    assert of_visits(told, "out_of_pocket_left") == [3000, 1000, 0, 0]
    assert [(e.visit, e.kind) for e in told.events] == [(3, "out-of-pocket-met")]


def test_no_payer_allows_more_than_the_charge():
    benefits = Benefits(by_code={"98941": 9000}, coinsurance=50)
    told = price_plan(plan(ADJUSTED, prices=Prices({"98941": 6000}), benefits=benefits))
    assert told.total[1:] == (6000, 6000, 3000, 3000, 0)


def test_past_the_limit_the_patient_pays_the_self_pay_fee():
    """Two of four visits left; 60 less 25% is 45. The visit after the year's turn is insured."""
    benefits = Benefits(visits_allowed=20, visits_used=18, by_code={"98941": 4000})
    prices = Prices({"98941": 6000}, discount_percent=25)
    start = date(2026, 12, 11)
    told = price_plan(plan(ADJUSTED, visits=4, start=start, prices=prices, benefits=benefits))
    assert [(v.way, v.why, v.patient, v.visits_left) for v in told.visits] == [
        ("insured", "", 0, 1), ("insured", "", 0, 0), ("self-pay", "limit", 4500, 0),
        ("insured", "", 0, 19),
    ]  # fmt: skip
    assert [(e.visit, e.kind) for e in told.events] == [(3, "limit"), (4, "year"), (4, "rates")]


def test_authorization_by_count_and_by_day():
    count = price_plan(plan(ADJUSTED, visits=3, benefits=Benefits(authorized=2)))
    assert [v.why for v in count.visits] == ["", "", "authorization"]
    until = Benefits(authorized_until=MONDAY + timedelta(7))  # that day with it
    by_day = price_plan(plan(ADJUSTED, visits=3, benefits=until))
    assert [v.why for v in by_day.visits] == ["", "", "authorization"]


def test_self_pay_by_choice_but_not_of_what_medicare_covers():
    """A Medicare patient's active adjustment must be filed (bp-15-40.4)."""
    chosen = price_plan(plan(ADJUSTED, visits=3, self_pay_from=2))
    assert [v.why for v in chosen.visits] == ["", "chosen", "chosen"]
    medicare = price_plan(plan(ADJUSTED, visits=3, self_pay_from=2, settings=MEDICARE))
    assert [v.way for v in medicare.visits] == ["insured"] * 3


def test_a_visit_without_anything_covered_uses_up_no_visit():
    benefits = Benefits(visits_allowed=1, not_covered=frozenset({"98941"}))
    told = price_plan(plan(ADJUSTED, visits=2, benefits=benefits))
    assert [(v.way, v.visits_left) for v in told.visits] == [("insured", 1)] * 2
    assert {line.by for v in told.visits for line in v.lines} == {"not covered"}


def test_what_is_not_covered_takes_no_part_in_the_reduction():
    """UnitedHealthcare halves the practice expense of later therapy units: not of the only one."""
    uhc = Settings("uhc")
    alone = price_plan(plan("97110 15", settings=uhc))
    excluded = Benefits(not_covered=frozenset({"97112"}))
    beside = price_plan(plan("97112 15", "97110 15", settings=uhc, benefits=excluded))
    both = price_plan(plan("97112 15", "97110 15", settings=uhc))
    allowed = beside.visits[0].lines[1].allowed
    assert allowed == alone.visits[0].lines[0].allowed
    assert allowed > both.visits[0].lines[1].allowed


def test_what_would_be_denied_is_in_no_total():
    """Manual therapy in a region that was adjusted (ncci-11-s); in another one it is paid."""
    denied = price_plan(plan(ADJUSTED, "97140 15 lumbar"))
    assert denied.visits[0].lines[1].by == "nobody"
    assert denied.total == price_plan(plan(ADJUSTED)).total
    assert any(each.finding.level == "fix" for each in denied.findings)
    clean = price_plan(plan(ADJUSTED, "97140 15 pelvic +59"))
    assert clean.visits[0].lines[1].by == "insured"


def test_contract_by_visit_is_shared_out():
    benefits = Benefits(by_visit=5001)
    prices = Prices({"98941": 3000, "97110": 3000})
    told = price_plan(plan(ADJUSTED, "97110 15", prices=prices, benefits=benefits))
    assert [line.allowed for line in told.visits[0].lines] == [2501, 2500]


def test_auto_pays_the_fees():
    told = price_plan(plan(ADJUSTED, settings=Settings("auto"), prices=Prices({"98941": 7000})))
    assert told.total[1:] == (7000, 7000, 0, 7000, 0)


def test_self_pay_discounts_by_hand():
    """45.55 less 10% is 40.99 (4.56 off); of two units 5 each; then 3% at once; then the cap."""
    prices = Prices(
        {"98941": 4555, "97110": 4000},
        discount_percent=10,
        discounts={"97110": Discount(cents=500)},
    )
    cash = Settings("self-pay", unit_rule="cms")
    two = plan(ADJUSTED, "97110 30", settings=cash, prices=prices)
    assert [line.patient for line in price_plan(two).visits[0].lines] == [4099, 7000]
    prompt = replace(two, prices=replace(prices, prompt_percent=3))
    assert [line.patient for line in price_plan(prompt).visits[0].lines] == [3976, 6790]
    capped = replace(two, prices=replace(prices, cap=10000))
    assert price_plan(capped).total.patient == 10000
    more_off = replace(two, prices=replace(prices, discounts={"97110": Discount(cents=9900)}))
    assert [line.patient for line in price_plan(more_off).visits[0].lines] == [4099, 0]


def test_fees_not_entered_are_by_the_schedule_or_not_known():
    by_schedule = price_plan(plan(ADJUSTED, prices=Prices(schedule_percent=150)))
    assert (by_schedule.total.charge, by_schedule.assumed) == (5762, ("98941",))  # 38.41 by 1.5
    unknown = price_plan(
        plan(ADJUSTED, settings=Settings("self-pay"), prices=Prices(schedule_percent=None))
    )
    assert (unknown.total.charge, unknown.missing) == (0, ("98941",))


def test_year_change_of_medicare():
    """The deductible begins anew; 2027 is not loaded, so 2026's 283 dollars stand in, and it says
    so."""
    told = price_plan(plan(ADJUSTED, visits=2, start=date(2026, 12, 28), settings=MEDICARE))
    assert [v.is_newest for v in told.visits] == [False, True]
    assert [v.deductible_left for v in told.visits] == [0, 28300 - 3841]
    assert [e.kind for e in told.events] == ["year", "rates"]
    assert told.visits[1].rates == rates.periods()[-1]


def test_each_visit_goes_by_the_tables_of_its_day():
    told = price_plan(plan(ADJUSTED, visits=2, start=date(2025, 12, 29), settings=MEDICARE))
    assert [v.rates.name for v in told.visits] == ["2025", "2026"]
    assert told.visits[0].allowed != told.visits[1].allowed


def test_side_by_side_is_the_plan_under_three_payers():
    given = plan(ADJUSTED, "97110 15", visits=5, benefits=Benefits(copay=2000))
    sides = side_by_side(given)
    assert list(sides) == ["insured", "self-pay", "medicare"]
    assert sides["insured"] == price_plan(given)
    payers = [side.plan.settings.payer for side in sides.values()]
    assert payers == ["commercial-total-time", "self-pay", "medicare"]
    assert sides["self-pay"].total.payer == 0
    of_medicare = side_by_side(replace(given, settings=MEDICARE))
    assert of_medicare["medicare"] == sides["medicare"]
    assert of_medicare["insured"] == sides["insured"]


def test_first_visit_and_reexaminations():
    given = plan(
        ADJUSTED,
        visits=6,
        first=services("99203 +25"),
        reexamination=services("99213 +25"),
        reexamine_every=3,
    )
    told = price_plan(given)
    assert [len(v.lines) for v in told.visits] == [2, 1, 2, 1, 1, 2]
    assert [v.is_reexamination for v in told.visits] == [False, False, True] * 2
    assert {item.code: item.visits for item in told.items} == {
        "98941": 6, "99203": 1, "99213": 2,
    }  # fmt: skip


def test_findings_once_a_phase():
    given = Plan(
        MONDAY, (phase(ADJUSTED, "99213", visits=4), phase(ADJUSTED, "99213", visits=3)), COMMERCIAL
    )
    found = [each for each in price_plan(given).findings if each.finding.rule == "em-25"]
    assert [(each.phase, each.visits, each.first) for each in found] == [(0, 4, 1), (1, 3, 5)]


# Against the oracle, and what always holds

CENTS = st.integers(0, 20000)
PERCENTS = st.sampled_from([0, 10, 12.5, 20, 33.25, 50, 100])


def perhaps(values):
    return st.none() | values


@st.composite
def cases(draw):
    """A plan whose fees and allowed amounts are all given."""
    chosen = draw(st.lists(st.sampled_from(list(CODES)), min_size=1, max_size=3, unique=True))
    start = draw(st.dates(date(2026, 6, 1), date(2027, 3, 1)))
    fees = {CODES[each]: draw(CENTS) for each in CODES}
    allowed = {CODES[each]: draw(CENTS) for each in CODES}
    discounts = draw(
        st.dictionaries(
            st.sampled_from(list(CODES.values())),
            st.builds(Discount, PERCENTS) | st.builds(Discount, st.just(0), CENTS),
            max_size=2,
        )
    )
    is_copay = draw(st.booleans())
    benefits = Benefits(
        deductible_left=draw(st.sampled_from([0, 1, 5000, 40000])),
        deductible=draw(perhaps(st.sampled_from([0, 30000]))),
        copay=draw(CENTS) if is_copay else 0,
        coinsurance=0 if is_copay else draw(PERCENTS),
        out_of_pocket_left=draw(perhaps(st.sampled_from([0, 999, 15000, 60000]))),
        out_of_pocket=draw(perhaps(st.sampled_from([0, 20000]))),
        visits_allowed=draw(perhaps(st.integers(0, 12))),
        visits_used=draw(st.integers(0, 5)),
        authorized=draw(perhaps(st.integers(0, 20))),
        authorized_until=draw(perhaps(st.dates(start, start + timedelta(200)))),
        year_begins=draw(st.sampled_from([(1, 1), (7, 1), (2, 28), (12, 31)])),
        not_covered=frozenset(draw(st.sets(st.sampled_from(list(CODES.values())), max_size=2))),
        by_code=allowed,
    )
    prices = Prices(
        fees,
        discount_percent=draw(PERCENTS),
        discounts=discounts,
        prompt_percent=draw(PERCENTS),
        cap=draw(perhaps(CENTS)),
    )
    return plan(
        *chosen,
        visits=draw(st.integers(1, 30)),
        start=start,
        prices=prices,
        benefits=benefits,
        self_pay_from=draw(perhaps(st.integers(1, 30))),
    )


def in_dollars(cents):
    return None if cents is None else Decimal(cents) / 100


def by_oracle(given):
    """The plan as the oracle works it out: one visit a week."""
    said, prices = given.benefits, given.prices
    lines = [
        oracle.Line(
            each.code.key,
            in_dollars(prices.fees[each.code.key]),
            in_dollars(said.by_code[each.code.key]),
            each.code.key not in said.not_covered,
        )
        for each in given.phases[0].services
    ]
    visits = [(given.start + timedelta(7 * at), lines) for at in range(given.count)]
    return oracle.course(
        visits,
        oracle.Said(
            in_dollars(said.deductible_left),
            in_dollars(said.deductible),
            in_dollars(said.copay),
            Decimal(str(said.coinsurance)),
            in_dollars(said.out_of_pocket_left),
            in_dollars(said.out_of_pocket),
            said.visits_allowed,
            said.visits_used,
            said.authorized,
            said.authorized_until,
            said.year_begins,
            given.self_pay_from,
        ),
        oracle.Off(
            Decimal(str(prices.discount_percent)),
            Decimal(str(prices.prompt_percent)),
            in_dollars(prices.cap),
            {
                code: ("$", in_dollars(off.cents)) if off.cents else ("%", Decimal(off.percent))
                for code, off in prices.discounts.items()
            },
        ),
    )


@given(cases())
def test_as_the_oracle(given):
    """Deductible, copay, coinsurance, maximum, limits, authorization, year, discounts, cap."""
    told = price_plan(given)
    found = [(in_dollars(visit.patient), in_dollars(visit.payer)) for visit in told.visits]
    assert found == [(patient, payer) for patient, payer, _ in by_oracle(given)]


@given(cases(), st.sampled_from(["commercial-total-time", "uhc", "medicare", "medicare-advantage",
                                 "va", "auto", "self-pay"]))  # fmt: skip
def test_every_charge_is_paid_or_written_off(given, payer):
    """For each line, visit and the sum; and none of them is below nothing."""
    told = price_plan(replace(given, settings=Settings(payer)))
    for visit in told.visits:
        for line in visit.lines:
            assert line.patient + line.payer + line.write_off == line.charge
            assert min(line.patient, line.payer, line.write_off) >= 0
            assert line.allowed <= line.charge
        for name in ("charge", "allowed", "patient", "payer", "write_off"):
            assert getattr(visit, name) == sum(getattr(line, name) for line in visit.lines)
        assert visit.patient == visit.deductible + visit.copay + visit.coinsurance + visit.own
    total = told.total
    assert total.patient + total.payer + total.write_off == total.charge
    for name in ("charge", "allowed", "patient", "payer", "write_off"):
        assert sum(getattr(item, name) for item in told.items) == getattr(total, name)


@given(cases(), st.integers(1, 30))
def test_stopping_and_going_on_is_not_stopping(given, stop):
    """What comes later changes nothing of a visit: a shorter plan is the longer one's beginning."""
    stop = min(stop, given.count)
    shorter = replace(given, phases=(replace(given.phases[0], visits=stop),))
    assert price_plan(shorter).visits == price_plan(given).visits[:stop]


@pytest.mark.parametrize("payer", ["uhc", "medicare", "self-pay"])
def test_phases_of_equal_visits_are_one_long_phase(payer):
    """Amounts do not know where a phase ends."""
    settings = Settings(payer)
    one = price_plan(Plan(MONDAY, (phase(ADJUSTED, "97110 15", weeks=6),), settings))
    two = price_plan(Plan(MONDAY, (phase(ADJUSTED, "97110 15", weeks=3),) * 2, settings))
    assert one.total == two.total
    assert of_visits(one, "day") == of_visits(two, "day")
