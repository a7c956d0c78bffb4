"""The visit at the front desk: worked figures, and a thousand visits in plain decimals."""

from dataclasses import replace
from decimal import Decimal
from random import Random

import pytest
from oracles import desk as oracle
from oracles.audit import Setting
from oracles.visits import answer, frame, lines_of

import chirocalc
from chirocalc import Settings
from chirocalc.rules import COLLECT, OFF
from chirocalc.rules import answer as answer_of
from chirocalc.visit import Contract, OwnPrices, Part, desk, dues, read_own_fees

# ux_review.md 1 (a) to (c): four spinal regions, 12 and 10 minutes.
WORKED = "98941@cervical|thoracic|lumbar|sacral; 97110:12; 97140:10"
ADJUSTED = f"{WORKED}@lumbar"
ACTIVE = "payer=medicare phase=active"
MAINTENANCE = "payer=medicare phase=maintenance"
INJURY = OwnPrices({"98941": 6500, "97110": 4500, "97140": 4800})
FEES = OwnPrices(
    read_own_fees(
        b"code,fee\n98940,40\n98941,50.00\n97110,45\n97140,42.50\n97010,9\n97014,20\nG0283,21\n"
        b"S9117,30\n99213,95\n72100,60\n98943,25\n97124,33\n"
    ).cents
)
COPAYS = ("uhc", "medicare-advantage", "commercial-total-time", "commercial-midpoint")
NOTHING_TODAY = ("va", "workers-comp", "feca", "auto", "lien")


def at_desk(lines, chosen, prices=FEES, **patient):
    """One visit in short at the desk."""
    return desk(answer(lines, chosen), prices, **patient)


def marked(told, **unbilled):
    """The visit with some of its lines off the claim or to collect: `_97110="off"`."""
    services = [
        line.service._replace(unbilled=unbilled.get(f"_{line.key}", "")) for line in told.lines
    ]
    return answer_of(services, told.settings)


def due_by_code(told, prices=FEES):
    """What each line comes to, in cents, and who pays it."""
    found = zip(told.lines, dues(told, prices), strict=True)
    return {line.key: (due.cents, due.by) for line, due in found}


# Medicare, active treatment


def test_medicare_pays_and_the_patient_owes_a_fifth():
    """ux_review 1 (a): $38.41 allowed, 20% of it the patient's; 97110 is asked a fee for."""
    found = at_desk(WORKED, ACTIVE, OwnPrices())
    assert (found.basis, found.entered, found.clean) == ("schedule", 38.41, 38.41)
    assert (found.collect, found.missing) == (7.68, ("97110",))
    assert found.parts == (Part("the patient's part", 768),)
    assert not found.asks_copay


def test_medicare_and_ones_own_fee_for_what_it_does_not_cover():
    """$7.68 and $45.00 are one number; 97140 earned no unit of the 22 minutes."""
    found = at_desk(WORKED, ACTIVE, OwnPrices({"97110": 4500, "97140": 4800}))
    assert found.collect == 52.68
    assert found.parts == (Part("the patient's part", 768), Part("your fee for 97110", 4500))
    assert (found.missing, found.entered) == ((), 38.41)


def test_the_deductible_is_the_patients_before_the_20_percent():
    """Of $38.41 the first $20.00, and 20% of the other $18.41; never more than is allowed."""
    assert at_desk(WORKED, ACTIVE, OwnPrices(), deductible_left=20.0).collect == 23.68
    assert at_desk(WORKED, ACTIVE, OwnPrices(), deductible_left=38.41).collect == 38.41
    assert at_desk(WORKED, ACTIVE, OwnPrices(), deductible_left=283.0).collect == 38.41


def test_not_participating_is_a_fifth_of_less():
    """95% of $38.41 is $36.49, of which 20% are $7.30 (42 CFR 414.48)."""
    told = answer(WORKED, ACTIVE)
    outside = told.under(replace(told.settings, participating=False))
    found = desk(outside, OwnPrices())
    assert (found.entered, found.collect) == (36.49, 7.30)


def test_medicare_knows_no_contract():
    """Its fee schedule is the law's."""
    mine = OwnPrices({}, Contract("visit", {}, 4000))
    assert at_desk(WORKED, ACTIVE, mine).basis == "schedule"
    assert at_desk(WORKED, ACTIVE, mine).entered == 38.41


# Maintenance


@pytest.mark.parametrize(
    ("abn", "collect", "said"),
    [
        (" abn=yes", 65.0, ""),
        (" abn=no", 0.0, "without a signed ABN the patient may not be charged"),
        ("", 0.0, "once an ABN is signed"),
    ],
)
def test_maintenance_is_ones_own_fee_once_an_abn_is_signed(abn, collect, said):
    """bp-15-240: Medicare pays $0.00; without an ABN the patient is not liable."""
    found = at_desk("98941@cervical|thoracic|lumbar", MAINTENANCE + abn, INJURY)
    assert (found.entered, found.collect, found.missing) == (0.0, collect, ())
    assert (said in found.note) if said else found.note == ""


@pytest.mark.parametrize(("abn", "missing"), [(" abn=yes", ("98941",)), (" abn=no", ())])
def test_a_fee_is_missed_only_where_it_may_be_charged(abn, missing):
    """No fee is asked for that nobody owes."""
    found = at_desk("98941@cervical|thoracic|lumbar", MAINTENANCE + abn, OwnPrices())
    assert (found.collect, found.missing) == (0.0, missing)


def test_the_note_is_about_what_is_billed():
    """Nothing was adjusted, so no ABN is waited for; the exercise is the patient's."""
    found = at_desk("97110:15", MAINTENANCE)
    assert (found.note, found.collect) == ("", 45.0)


# What would be denied


def test_what_would_be_denied_is_not_counted():
    """ux_review 1 (b): 97140 in an adjusted region takes its $21.21 out of $88.68."""
    found = at_desk(ADJUSTED, "payer=uhc", OwnPrices())
    assert (found.entered, found.clean, found.denied) == (88.68, 67.47, ("97140",))
    assert found.answer.units == 2
    assert found.collect == 0


def test_nothing_to_mend_is_the_visit_itself():
    """In another region with 59: nothing would be denied, and both sums are one."""
    found = at_desk(f"{WORKED}@head+59", "payer=uhc", OwnPrices())
    assert (found.entered, found.clean, found.denied) == (88.68, 88.68, ())


def test_minutes_of_a_line_that_would_be_denied_support_no_other():
    """Total time: 22 and 16 minutes are three units, 2 and 1; the 22 alone are one (domain 1.1)."""
    lines = "98941@cervical|thoracic|lumbar; 97110:22; 97140:16@lumbar"
    found = at_desk(lines, "payer=commercial-total-time", OwnPrices())
    assert [line.units for line in answer(lines, "payer=commercial-total-time").lines] == [1, 2, 1]
    assert [line.units for line in found.answer.lines] == [1, 1, 0]
    assert found.clean == 67.47


def test_what_cannot_stand_without_a_denied_line_goes_too():
    """rvu26: G2211 is an add-on to a visit; where the visit is not billed, neither is it."""
    found = at_desk("98941@cervical|thoracic|lumbar; 99213?no; G2211", "payer=uhc", OwnPrices())
    assert found.clean == 38.41


def test_what_has_no_price_is_not_nothing_beside_a_line_left_off():
    """97799 has no amount (domain 3.1): a line that is not billed does not make it $0.00."""
    found = at_desk("97799; 97012x2", "payer=uhc", OwnPrices())
    assert (found.denied, found.clean) == (("97012",), None)
    assert desk(marked(answer("97799; 97012", "payer=uhc"), _97012=OFF), FEES).entered is None


def test_all_of_it_denied_comes_to_nothing():
    """Nothing that is billed is $0.00, which is known."""
    for chosen, prices in (
        ("payer=uhc", OwnPrices()),
        ("payer=uhc", OwnPrices({}, Contract("visit", {}, 4000))),
        ("payer=uhc", OwnPrices({}, Contract("code", {"97012": 1500}))),
        ("payer=auto", OwnPrices({"97012": 2000})),
    ):
        found = at_desk("97012x2", chosen, prices)
        assert (found.denied, found.clean) == (("97012",), 0.0), (chosen, prices)


# Auto, liens, cash, other payers


@pytest.mark.parametrize("payer", ["auto", "lien"])
def test_an_injury_is_billed_at_ones_own_fees(payer):
    """ux_review 1 (c): 65 + 45 + 48; the claim goes to the insurer or the case."""
    found = at_desk(WORKED, f"payer={payer}", INJURY)
    assert (found.basis, found.entered, found.clean) == ("fees", 158.0, 158.0)
    assert (found.collect, found.parts, found.missing) == (0.0, (), ())
    assert "nothing is collected" in found.note


def test_an_injury_without_fees_has_no_amount():
    """What is not known is not $0.00, and no Medicare amount stands in for it."""
    found = at_desk(WORKED, "payer=auto", OwnPrices())
    assert (found.entered, found.clean) == (None, None)
    assert [due.asks for due in found.lines] == ["fee"] * 3


def test_cash_pays_every_fee():
    """And is asked for the one that is missing."""
    found = at_desk(WORKED, "payer=self-pay", OwnPrices({"98941": 6500, "97110": 4500}))
    assert (found.entered, found.collect, found.missing) == (110.0, 110.0, ("97140",))
    assert found.parts == (Part("your fee for 98941 and 97110", 11_000),)


def test_cash_at_a_percent_of_medicare_is_the_patients_too():
    """95.19 by the schedule; there is no payer but the patient."""
    found = at_desk(WORKED, "payer=self-pay percent=100", OwnPrices())
    assert (found.entered, found.collect) == (95.19, 95.19)


def test_cash_at_a_price_a_visit_is_the_patients_too():
    """$60.00 for the visit, whatever was done."""
    found = at_desk(WORKED, "payer=self-pay", OwnPrices({}, Contract("visit", {}, 6000)))
    assert (found.entered, found.collect) == (60.0, 60.0)


@pytest.mark.parametrize("payer", COPAYS)
def test_the_copay_is_what_the_plan_says(payer):
    """Asked for until it is known; $0.00 is known."""
    visit = "98941@cervical|thoracic|lumbar|sacral"  # which each of them pays
    unknown = at_desk(visit, f"payer={payer}")
    assert (unknown.collect, unknown.asks_copay, unknown.parts) == (0.0, True, ())
    none = at_desk(visit, f"payer={payer}", copay=0.0)
    assert (none.collect, none.asks_copay, none.parts) == (0.0, False, ())
    found = at_desk(visit, f"payer={payer}", copay=25.5)
    assert (found.collect, found.asks_copay) == (25.5, False)
    assert found.parts == (Part("copay", 2550),)


def test_what_the_plan_does_not_pay_is_beside_the_copay():
    """Medicare Advantage pays a chiropractor for adjustments, unless the plan adds more (A19)."""
    chosen = "payer=medicare-advantage phase=active"
    found = at_desk("98941@cervical|thoracic|lumbar; 97110:15", chosen, copay=20.0)
    assert found.parts == (Part("copay", 2000), Part("your fee for 97110", 4500))
    told = answer("98941@cervical|thoracic|lumbar; 97110:15", chosen)
    added = replace(told.settings, chiropractor_codes=("98941", "97110"))
    assert desk(told.under(added), FEES, copay=20.0).parts == (Part("copay", 2000),)


def test_an_abn_makes_no_patient_of_medicare_advantage_liable():
    """There a determination of the plan does, which is not known here (review A19)."""
    chosen = "payer=medicare-advantage phase=maintenance abn=yes"
    found = at_desk("98941@cervical|thoracic|lumbar", chosen, copay=20.0)
    assert (found.entered, found.parts) == (0.0, (Part("copay", 2000),))
    assert "determination" in found.note


@pytest.mark.parametrize("payer", [*NOTHING_TODAY, "medicare", "self-pay"])
def test_a_copay_left_from_another_plan_is_not_collected(payer):
    """The field of one payer says nothing of another."""
    with_it = at_desk(WORKED, f"payer={payer}", copay=25.5)
    assert with_it == at_desk(WORKED, f"payer={payer}")
    assert not with_it.asks_copay


@pytest.mark.parametrize("payer", [*COPAYS, *NOTHING_TODAY, "self-pay"])
def test_medicares_deductible_is_medicares(payer):
    assert at_desk(WORKED, f"payer={payer}", deductible_left=283.0) == at_desk(
        WORKED, f"payer={payer}"
    )


# Contracts


def test_a_contract_by_code():
    """Units times dollars; a code without a rate is asked for, and is not $0.00."""
    rates = OwnPrices({}, Contract("code", {"98941": 3000, "97110": 2550}))
    found = at_desk("98941; 97110:30; 97012", "payer=uhc", rates)
    assert (found.basis, found.entered) == ("code", 81.0)
    assert [(due.cents, due.by, due.asks) for due in found.lines] == [
        (3000, "payer", ""), (5100, "payer", ""), (None, "payer", "contract"),
    ]  # fmt: skip


def test_a_contract_by_visit():
    """One price, whatever was done; of no line alone; nothing for a visit without a unit."""
    rates = OwnPrices({}, Contract("visit", {}, 4250))
    found = at_desk(WORKED, "payer=commercial-midpoint", rates, copay=10.0)
    assert (found.basis, found.entered, found.clean, found.collect) == ("visit", 42.5, 42.5, 10.0)
    assert [(due.cents, due.asks) for due in found.lines] == [(None, "")] * 3
    assert at_desk("97110:5", "payer=commercial-midpoint", rates).entered == 0
    assert at_desk(ADJUSTED, "payer=uhc", rates).clean == 42.5


@pytest.mark.parametrize("by", ["code", "visit"])
def test_a_contract_not_entered_yet_has_no_amount(by):
    """Not the schedule's, which is not what is paid."""
    found = at_desk(WORKED, "payer=uhc", OwnPrices({}, Contract(by)))
    assert (found.basis, found.entered, found.clean) == (by, None, None)


# Who may be charged (domain 3.1, 3.4)


def test_self_pay_is_charged_by_the_list():
    """Units times the fee; without a fee there is no amount, which is not 0.00."""
    told = answer("98941; 97110:30; 97010; S9117; 97530:15; 97140:3", "payer=self-pay")
    assert due_by_code(told) == {
        "98941": (5000, "patient"),
        "97110": (9000, "patient"),
        "97010": (900, "patient"),
        "S9117": (3000, "patient"),
        "97530": (None, "patient"),
        "97140": (0, ""),
    }


@pytest.mark.parametrize("phase", ["", " phase=active", " phase=maintenance abn=no"])
def test_self_pay_knows_no_phase(phase):
    """Medicare's rules on maintenance are Medicare's."""
    told = answer("98941; 97110:15", f"payer=self-pay{phase}")
    assert due_by_code(told) == {"98941": (5000, "patient"), "97110": (4500, "patient")}


def test_medicare_excluded_lines_of_a_chiropractor():
    """domain 3.4: the practice's own fee, but never for packs; covered lines by the schedule."""
    lines = "98941; 97110:30; 97140:15; 99213; 72100; 98943; 97010; 97530:15; S9117; 97014"
    assert due_by_code(answer(lines, ACTIVE)) == {
        "98941": (3841, "payer"),
        "97110": (9000, "patient"),
        "97140": (4250, "patient"),
        "99213": (9500, "patient"),
        "72100": (6000, "patient"),
        "98943": (2500, "patient"),
        "97010": (0, ""),
        "97530": (None, "patient"),
        "S9117": (3000, "patient"),
        "97014": (2000, "patient"),
    }


def test_maintenance_is_charged_with_an_abn_only():
    """domain 4 at-maintenance: without a signed ABN the patient is not liable."""
    for abn, manipulation in (
        (" abn=yes", (5000, "patient")), (" abn=no", (0, "")), ("", (0, "")),
    ):  # fmt: skip
        told = answer("98941; 97110:15", MAINTENANCE + abn)
        assert due_by_code(told) == {"98941": manipulation, "97110": (4500, "patient")}, abn


BY_MINUTES = ("98960", "98961", "98962")  # of the codes of status B


@pytest.mark.parametrize("provider", ["chiropractor", "pt", "ot"])
def test_nothing_of_status_b_is_ever_charged_under_medicare(provider):
    """domain 3.1: neither paid nor chargeable to the patient; the status decides, not one code."""
    table = chirocalc.tables.codes()
    bundled = sorted(set(table.loc[table["status"] == "B", "code"]))
    prices = OwnPrices(dict.fromkeys(bundled, 1000))
    lines = "; ".join(f"{code}:60" if code in BY_MINUTES else code for code in bundled)
    for phase in ("", " phase=active", " phase=maintenance abn=yes"):
        told = answer(lines, f"payer=medicare provider={provider}{phase}")
        assert all(line.units > 0 for line in told.lines)
        assert {due[:2] for due in dues(told, prices)} == {(0, "")}
        assert desk(told, prices).collect == 0
        to_collect = marked(told, **{f"_{code}": COLLECT for code in bundled})
        assert desk(to_collect, prices).collect == 0
    assert {due.by for due in dues(answer(lines, "payer=self-pay"), prices)} == {"patient"}


@pytest.mark.parametrize("provider", ["pt", "ot"])
def test_what_is_not_valid_for_medicare_is_no_charge_of_a_therapist(provider):
    """domain 3.1: 97014 by a therapist is G0283, which Medicare covers; not the patient's bill."""
    told = answer("97014; S9117; S9090", f"payer=medicare provider={provider}")
    assert set(due_by_code(told).values()) == {(0, "")}
    to_collect = marked(told, _97014=COLLECT, _S9117=COLLECT)
    assert desk(to_collect, FEES).collect == 0


@pytest.mark.parametrize("payer", ["medicare provider=pt", "uhc", "va", "workers-comp"])
def test_payers_with_a_schedule_pay_by_it(payer):
    """A covered line is never charged by the practice's list."""
    visit = "97110:30; 97140:15; G0283"
    visit += "; 72100" if "medicare" not in payer else "; 97597"  # which a therapist is paid for
    found = at_desk(visit, f"payer={payer}")
    assert {due.by for due in found.lines} == {"payer"}
    assert found.entered == answer(visit, f"payer={payer}").allowed


def test_a_part_is_charged_by_its_own_row():
    """The fee of the whole code is for none of its parts, nor a part's for the whole."""
    told = answer("72100+26; 72100+TC; 72100; 73030+26", "payer=self-pay")
    for fees, cents in (
        ({"72100": 6000, "73030": 5000}, [None, None, 6000, None]),
        ({"72100-26": 2000}, [2000, None, None, None]),
        ({"72100-26": 2000, "72100-TC": 4000, "72100": 6000, "73030-26": 1500},
         [2000, 4000, 6000, 1500]),
    ):  # fmt: skip
        assert [due.cents for due in dues(told, OwnPrices(fees))] == cents


def test_an_amount_is_exact():
    """Units times cents, no binary dust."""
    prices = OwnPrices({"97110": 1999, "97140": 7})
    found = at_desk("97110:45; 97140:45", "payer=self-pay", prices)
    assert [due.cents for due in found.lines] == [5997, 21]
    assert (found.entered, found.collect) == (60.18, 60.18)


def test_dues_stand_beside_their_lines():
    """One for each line of the answer, in its order; a code entered twice is one."""
    told = answer("97110:30; 98941; 97110:8", "payer=self-pay")
    assert [line.code for line in told.lines] == ["97110", "98941"]
    assert [due.cents for due in dues(told, FEES)] == [13_500, 5000]


# Off the claim, and collected


def test_a_line_left_off_is_worth_nothing_and_supports_nothing():
    """22 minutes are one unit; without the 10 of 97140, 97110 keeps it with its 12."""
    told = answer(WORKED, "payer=commercial-total-time")
    assert [line.units for line in told.lines] == [1, 1, 0]
    without = marked(told, _97110=OFF)
    assert [line.units for line in without.lines] == [1, 0, 1]
    found = desk(without, FEES)
    assert [due[:2] for due in found.lines] == [(3841, "payer"), (0, ""), (2772, "payer")]
    assert found.entered == 66.13


def test_to_collect_is_for_what_the_payer_never_pays():
    """Medicare's excluded service is the patient's either way; a covered one stays the payer's."""
    told = answer(WORKED, ACTIVE)
    found = desk(marked(told, _97110=COLLECT, _98941=COLLECT), FEES)
    assert (found.entered, found.collect) == (38.41, 52.68)
    assert desk(marked(told, _97110=OFF, _97140=OFF), FEES).collect == 7.68


# Whatever the visit

POOL = [
    "97110", "97112", "97140", "97124", "97530", "97035", "97010", "97012", "97014", "G0283",
    "97150", "98943", "99203", "99213", "G2211", "72100", "72110", "S9117", "97161", "97164",
    "97750", "97810", "97811", "97129", "97130", "98960", "97799", "95851", "20560", "97026",
]  # fmt: skip
UNTIMED = {"97010", "97012", "97014", "98943", "99213", "G2211", "72100", "S9117", "97150"}
BY_REGIONS = {1: "98940", 2: "98940", 3: "98941", 4: "98941", 5: "98942"}
SPINE = ["cervical", "thoracic", "lumbar", "sacral", "pelvic"]
BY_TIME = {"timed15", "clock"}
KINDS = chirocalc.tables.codes()["time_rule"].to_dict()


def under(draw):
    """Settings of a payer and the oracle's words for the same."""
    payer = draw.choice([*chirocalc.tables.payers().index, "medicare", "medicare", "medicare"])
    said = {
        "payer": payer,
        "provider": draw.choice(["chiropractor", "chiropractor", "pt", "ot"]),
        "place": draw.choice(["office", "facility"]),
        "phase": draw.choice([None, "active", "active", "maintenance"]),
        "percent": draw.choice([None, None, None, "80", "112.5", "133.33"]),
        "mppr": draw.choice([None, None, "pe", "line", "none"]),
        "locality": draw.choice(["national", "06102-16", "02102-01", "01112-05"]),
        "participating": draw.random() < 0.7,
    }
    rule, abn = draw.choice([None, None, "cms", "cpt"]), draw.choice([None, True, False])
    percent = None if said["percent"] is None else float(said["percent"])
    mine = Settings(**said | {"percent": percent}, unit_rule=rule, abn=abn, date="2026-06-01")
    return mine, Setting(**said, rule=rule)


def drawn(draw):
    """A visit: an adjustment mostly, and services, some off the claim or to collect."""
    lines, regions = [], draw.sample(SPINE, draw.randint(1, 5))
    if draw.random() < 0.8:
        at = "|".join(regions) if draw.random() < 0.9 else ""
        word = draw.choice(["", "", "+AT", "+GA", "+GZ"])
        lines.append(f"{BY_REGIONS[len(regions)]}{f'@{at}' if at else ''}{word}")
    for code in draw.sample(POOL, draw.randint(1, 5)):
        timed = KINDS[code] in BY_TIME and draw.random() < 0.95
        text = (
            f"{code}:{draw.choice([3, 5, 7, 8, 10, 12, 15, 20, 23, 30, 38, 60])}" if timed else code
        )
        text += draw.choice(["", "", "", "x2"]) if not timed else ""
        text += draw.choice(["", "", f"@{draw.choice([*SPINE, 'head'])}"])
        text += draw.choice(["", "", "", "+GP", "+59", "+GP+GY", "+CQ+GP"])
        lines.append(text + draw.choice(["", "", "?yes", "?no"]))
    draw.shuffle(lines)
    visit = lines_of("; ".join(lines))
    to_collect = draw.choice(["none", "none", "untimed", "all"])
    for line in visit:
        collects = to_collect == "all" or (to_collect == "untimed" and line["code"] in UNTIMED)
        line["unbilled"] = OFF if draw.random() < 0.06 else COLLECT if collects else ""
    return visit


def own_prices(draw, setting):
    """Own fees and contracts as the desk takes them, and as the oracle does."""
    some = [code for code in [*POOL, "98940", "98941", "98942"] if draw.random() < 0.8]
    fees = {code: draw.randint(0, 20_000) for code in some} if draw.random() < 0.8 else {}
    ways = ["", "", "visit"] if setting.payer == "self-pay" else ["", "", "code", "visit"]
    by, by_code, visit = draw.choice(ways), {}, None
    if by == "code":
        by_code = {code: draw.randint(100, 9000) for code in POOL if draw.random() < 0.8}
    if by == "visit" and draw.random() < 0.9:
        visit = draw.randint(1000, 9000)
    patient = {
        "deductible_left": draw.choice([0, 0, draw.randint(1, 28_300)]) / 100,
        "copay": draw.choice([None, 0.0, 30.0, 27.35]),
    }
    own = oracle.Own(
        fees={code: Decimal(cents) / 100 for code, cents in fees.items()},
        contract=by,
        by_code={code: Decimal(cents) / 100 for code, cents in by_code.items()},
        by_visit=None if visit is None else Decimal(visit) / 100,
        deductible=Decimal(str(patient["deductible_left"])),
        copay=None if patient["copay"] is None else Decimal(str(patient["copay"])),
    )
    return OwnPrices(fees, Contract(by, by_code, visit) if by else None), own, patient


def denied_under(settings):
    """Which lines a finding of the engine's frame calls a fix: that is proved in test_hints."""

    def denied(lines):
        if not lines:
            return set()
        bare = [{k: v for k, v in line.items() if k != "unbilled"} for line in lines]
        found = chirocalc.estimate(frame(bare), settings).findings
        return set(found.loc[found["level"] == "fix", "code"])

    return denied


def told_of(visit, settings):
    """The engine's answer of a drawn visit."""
    bare = [{k: v for k, v in line.items() if k != "unbilled"} for line in visit]
    told = chirocalc.estimate(frame(bare), settings).answer()
    return marked(told, **{f"_{line['code']}": line["unbilled"] for line in visit})


def as_expected(found):
    """A desk in the oracle's words."""
    dollars = [None if d is None else Decimal(str(d)) for d in (found.entered, found.clean)]
    return oracle.AtDesk(*dollars, Decimal(str(found.collect)), set(found.missing))


def test_a_thousand_visits_as_the_oracle_has_them():
    """Dollars as entered, clean and to collect, and the fees missing: all equal, to the cent."""
    draw, wrong, kinds = Random(20261127), [], {"denied": 0, "collect": 0, "own": 0}
    for _ in range(100):
        settings, setting = under(draw)
        for _ in range(10):
            visit = drawn(draw)
            prices, own, patient = own_prices(draw, setting)
            found = desk(told_of(visit, settings), prices, **patient)
            own = own._replace(abn=settings.abn)
            want = oracle.at_desk(visit, setting, own, denied_under(settings))
            if as_expected(found) != want:
                wrong.append((visit, setting, own, as_expected(found), want))
            kinds["denied"] += found.entered != found.clean
            kinds["collect"] += found.collect > 0
            kinds["own"] += found.basis != "schedule"
    assert not wrong, (len(wrong), wrong[0])
    assert min(kinds.values()) > 150
