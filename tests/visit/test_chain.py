"""From the fee to who pays what: step by step, to the cent."""

from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from oracles.fees import share_of

import chirocalc
from chirocalc import Settings, tables
from chirocalc.rules.medicare import who_pays
from chirocalc.tables import rates
from chirocalc.visit.chain import payment_chain

NOW = rates.period("2026-06-01")
PT = Settings(payer="medicare", provider="pt")
VA = Settings(payer="va", provider="pt")
DC = Settings(payer="medicare", provider="chiropractor")
CODES = ["97110", "97112", "97140", "97530", "97012", "97161", "98940", "98941", "98943", "97010",
         "97810", "99213", "72100", "97799", "S9117"]  # fmt: skip
OWN_FEES = ["auto", "lien", "self-pay"]
PAYERS = [payer for payer in tables.payers().index if payer not in OWN_FEES]


def estimate(visit, chosen):
    """One visit of (code, minutes) or (code, minutes, modifiers) lines."""
    return chirocalc.estimate(
        pd.DataFrame(visit, columns=["code", "minutes", "modifiers"][: len(visit[0])]), chosen
    )


def chain_of(visit, chosen, deductible_left=0.0):
    """The chain of one visit."""
    return payment_chain(estimate(visit, chosen).answer(), deductible_left)


def steps_of(chain):
    """Name and amount of every step."""
    return [(step.name, step.amount) for step in chain.steps]


def cents(dollars):
    """Whole cents; nothing between them."""
    assert dollars == round(dollars, 2)
    return round(dollars * 100)


# Who pays what (domain 3.3)


def test_example_of_the_contractor():
    """First Coast: $100 approved, $50 of it to the deductible; 2% of Medicare's $40 is kept."""
    (parts,) = who_pays([(100_00, False)], 50_00, NOW)
    assert (parts.deductible, parts.coinsurance, parts.patient) == (50_00, 10_00, 60_00)
    assert (parts.sequestration, parts.medicare) == (80, 39_20)


@pytest.mark.parametrize(
    ("left", "unmet"),
    [
        (0, [0, 0, 0]),
        (30, [30, 0, 0]),
        (100, [100, 0, 0]),
        (120, [100, 0, 20]),
        (283, [100, 0, 50]),
    ],
)
def test_deductible_goes_line_by_line(left, unmet):
    """In the order of the lines, never more than is left, and not on a line that is not covered."""
    parts = who_pays([(100_00, False), (0, False), (50_00, False)], left * 100, NOW)
    assert [part.deductible for part in parts] == [dollars * 100 for dollars in unmet]
    assert [part.allowed for part in parts] == [100_00, 0, 50_00]
    rest = 150 - sum(unmet)
    assert sum(part.medicare for part in parts) == pytest.approx(rest * 80 * 0.98, abs=1e-7)
    assert sum(part.patient for part in parts) == sum(unmet) * 100 + rest * 20


@pytest.mark.parametrize(
    ("modifiers", "steps", "medicare"),
    [
        ("GP", [], 22.79),
        ("GP|CQ", [("Assistant", -3.49)], 19.36),
        ("GO CO", [("Assistant", -3.49)], 19.36),
        ("cq", [("Assistant", -3.49)], 19.36),
    ],
)
def test_assistant(modifiers, steps, medicare):
    """97110: of 29.06 the patient 5.81; Medicare's 23.25 is cut to 85%, the patient's part not."""
    chain = chain_of([("97110", 15, modifiers)], PT)
    assert [step for step in steps_of(chain) if step[0] == "Assistant"] == steps
    assert (chain.allowed, chain.patient, chain.medicare) == (29.06, 5.81, medicare)


def test_assistant_on_one_line_of_two():
    """The other line keeps its whole part."""
    both = chain_of([("97110", 15, "CQ"), ("97161", None, "GP")], PT)
    none = chain_of([("97110", 15, "GP"), ("97161", None, "GP")], PT)
    answer = estimate([("97110", 15, "CQ"), ("97161", None, "GP")], PT)
    (reduced, _) = [Decimal(str(amount)) for amount in answer.lines["allowed"]]
    part = reduced - share_of(reduced, Decimal(20))
    cut = part - share_of(part, Decimal(85))
    assert dict(steps_of(both))["Assistant"] == -float(cut) < 0
    assert "Assistant" not in dict(steps_of(none))
    assert both.patient == none.patient


@pytest.mark.parametrize("left", [0, 10, 38.41, 60])
def test_no_deductible_is_met_by_what_is_not_covered(left):
    """97110 by a chiropractor is on no one's way to the deductible (bp-15-240)."""
    for visit in ([("97110", 30), ("98941", None)], [("98941", None), ("97110", 30)]):
        chain = chain_of(visit, DC, left)
        assert dict(steps_of(chain)).get("Deductible", 0) == -min(left, 38.41)
        assert chain.allowed == 38.41


# The steps


def test_visit_of_a_therapist():
    """97110, two units: 29.06 and 22.21 after the MPPR; then the deductible and the rest."""
    chain = chain_of([("97110", 30)], PT, deductible_left=20)
    assert steps_of(chain) == [
        ("Fee schedule", 58.12),
        ("MPPR", -6.85),
        ("Allowed", 51.27),
        ("Deductible", -20.0),
        ("Patient's 20%", -6.25),
        ("Sequestration", -0.5),
        ("Medicare pays", 24.52),
        ("Patient pays", 26.25),
    ]
    assert [step.name for step in chain.steps if step.total] == [
        "Fee schedule", "Allowed", "Medicare pays", "Patient pays",
    ]  # fmt: skip
    assert (chain.allowed, chain.medicare, chain.patient) == (51.27, 24.52, 26.25)
    assert chain.limiting_charge is None


def test_visit_of_a_chiropractor():
    """98941 is covered, 97110 is not (bp-15-240)."""
    chain = chain_of([("98941", None), ("97110", 15)], DC)
    assert steps_of(chain)[:3] == [
        ("Fee schedule", 67.47), ("Not covered", -29.06), ("Allowed", 38.41),
    ]  # fmt: skip
    assert (chain.patient, chain.medicare) == (7.68, 30.12)


def test_percent_of_a_payer():
    """Percent and MPPR are steps of their own; another payer's chain ends with what is allowed."""
    chain = chain_of([("97110", 30)], Settings(payer="uhc", percent=120))
    assert steps_of(chain) == [
        ("Fee schedule", 58.12),
        ("MPPR", -6.85),
        ("At 120%", 10.25),  # 34.87 + 26.65
        ("Allowed", 61.52),
    ]
    assert (chain.allowed, chain.medicare, chain.patient) == (61.52, None, None)


@pytest.mark.parametrize(
    ("visit", "chosen", "allowed", "limit"),
    [
        ([("97110", 15)], PT, 27.61, 31.75),
        ([("98941", None)], DC, 36.49, 41.96),
        ([("98941", None), ("97110", 15), ("98943", None), ("97010", None)], DC, 36.49, 41.96),
        ([("97110", 15), ("97799", None), ("S9117", None)], PT, 27.61, 31.75),
    ],
)
def test_not_participating(visit, chosen, allowed, limit):
    """0.95 of the schedule, and 1.15 of that at most, on covered lines only (42 CFR 414.48)."""
    outside = Settings(provider=chosen.provider, participating=False)
    chain = chain_of(visit, outside)
    assert (chain.allowed, chain.limiting_charge) == (allowed, limit)
    joined = chain_of(visit, chosen)
    assert joined.limiting_charge is None
    assert dict(steps_of(chain))["Not participating"] == round(allowed - joined.allowed, 2)


@pytest.mark.parametrize("payer", [payer for payer in PAYERS if payer != "medicare"])
def test_participation_is_medicares(payer):
    """Elsewhere it changes nothing, and there is no limiting charge."""
    visit = [("97110", 30), ("98941", None)]
    chain = chain_of(visit, Settings(payer=payer, participating=False))
    assert chain == chain_of(visit, Settings(payer=payer))
    assert chain.limiting_charge is None


@pytest.mark.parametrize("payer", OWN_FEES)
def test_own_fees_have_no_step_of_a_schedule(payer):
    """The practice's own fees: no schedule has a part in them, nor a second total beside them."""
    chain = chain_of([("97110", 15)], Settings(payer=payer), deductible_left=50)
    assert chain.steps == ()
    assert (chain.allowed, chain.medicare, chain.patient, chain.limiting_charge) == (None,) * 4


@pytest.mark.parametrize("payer", OWN_FEES)
def test_a_percent_makes_a_schedule_of_it(payer):
    """As of any other payer: 80% of 29.06."""
    chain = chain_of([("97110", 15)], Settings(payer=payer, percent=80))
    assert steps_of(chain) == [("Fee schedule", 29.06), ("At 80%", -5.81), ("Allowed", 23.25)]


@pytest.mark.parametrize(
    ("chosen", "code"),
    [(Settings(payer="commercial-midpoint"), "S9117"), (PT, "97799"), (VA, "97545")],
)
def test_no_rvu_has_no_allowed_amount(chosen, code):
    """No amount is published: none can be stated, which is not 0.00 (domain 3.1)."""
    answer = estimate([(code, 120)], chosen)
    assert pd.isna(answer.visits["allowed"].iloc[0])
    chain = payment_chain(answer.answer())
    assert (chain.allowed, chain.medicare, chain.patient) == (None,) * 3
    assert 0.0 not in [step.amount for step in chain.steps]


def test_nothing_allowed_is_zero():
    """Medicare pays nothing for it: that is 0.00, and the whole fee falls away."""
    chain = chain_of([("97110", 15)], DC)
    assert steps_of(chain) == [
        ("Fee schedule", 29.06), ("Not covered", -29.06), ("Allowed", 0.0),
        ("Medicare pays", 0.0), ("Patient pays", 0.0),
    ]  # fmt: skip


# Whatever the visit

lines = st.tuples(
    st.sampled_from(CODES), st.integers(0, 60), st.sampled_from(["", "GP", "GP CQ", "CO"])
)
visits = st.lists(lines, min_size=1, max_size=6)
choices = st.builds(
    Settings,
    payer=st.sampled_from(PAYERS),
    locality=st.sampled_from(["national", "06102-16", "02102-01", "09102-04"]),
    place=st.sampled_from(["office", "facility"]),
    provider=st.sampled_from(["chiropractor", "pt", "ot"]),
    phase=st.sampled_from([None, "active", "maintenance"]),
    apm=st.booleans(),
    participating=st.booleans(),
    unit_rule=st.sampled_from([None, "cms", "cpt"]),
    percent=st.sampled_from([None, 100, 85, 33.33, 112.5, 175]),
)
left = st.one_of(st.just(0), st.integers(0, 28_300)).map(lambda number: number / 100)


@settings(max_examples=120)
@given(visit=visits, chosen=choices, deductible_left=left)
def test_steps_add_up(visit, chosen, deductible_left):
    """Each step moves from one total to the next; nothing is lost; no step is empty."""
    answer = estimate(visit, chosen)
    assume(answer.visits["allowed"].notna().all())
    chain = payment_chain(answer.answer(), deductible_left)
    patient = 0
    running = cents(chain.steps[0].amount)
    for step in chain.steps:
        amount = cents(step.amount)
        if step.name == "Patient pays":
            assert (amount, step.total) == (-patient, True)
        elif step.total:
            assert amount == running, step
        else:
            assert amount != 0, step
            running += amount
            patient += amount if step.name in ("Deductible", "Patient's 20%") else 0
    names = [step.name for step in chain.steps]
    assert len(set(names)) == len(names)
    of = {step.name: cents(step.amount) for step in chain.steps}
    totals = answer.visits.fillna(0).iloc[0]
    assert of.get("Fee schedule", 0) == cents(totals["fee"])
    assert of["Allowed"] == cents(totals["allowed"])
    assert max(of.get(name, 0) for name in ("MPPR", "Not covered", "Not participating")) <= 0
    if chosen.payer == "medicare":
        kept = -of.get("Assistant", 0) - of.get("Sequestration", 0)
        assert of["Allowed"] == of["Medicare pays"] + of["Patient pays"] + kept
        assert (chain.medicare, chain.patient) == (
            of["Medicare pays"] / 100,
            of["Patient pays"] / 100,
        )


@settings(max_examples=150)
@given(visit=visits, deductible_left=left, participating=st.booleans())
def test_medicare_line_by_line(visit, deductible_left, participating):
    """domain 3.3 in exact decimals: deductible, 20%, assistant, 2% kept, limiting charge. The
    deductible takes the largest amounts first: no source names an order of lines."""
    answer = estimate(visit, Settings(provider="pt", participating=participating))
    assume(answer.visits["allowed"].notna().all())
    chain = payment_chain(answer.answer(), deductible_left)
    by_assistant = {code for code, _, words in visit if "CQ" in words or "CO" in words}
    unmet = Decimal(str(deductible_left))
    medicare = patient = limit = Decimal(0)
    covered = answer.lines[answer.lines["covered"]].fillna({"allowed": 0})
    covered = covered.assign(assisted=covered["code"].isin(by_assistant))
    for line in covered.sort_values(["allowed", "assisted"], ascending=[False, True]).itertuples():
        allowed = Decimal(str(line.allowed))
        deducted = min(unmet, allowed)
        unmet -= deducted
        coinsurance = share_of(allowed - deducted, Decimal(20))
        part = allowed - deducted - coinsurance
        part = share_of(part, Decimal(85)) if line.code in by_assistant else part
        medicare += share_of(part, Decimal(98))
        patient += deducted + coinsurance
        limit += share_of(allowed, Decimal(115))
    assert (chain.medicare, chain.patient) == (float(medicare), float(patient))
    assert chain.limiting_charge == (None if participating else float(limit))
