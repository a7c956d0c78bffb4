"""A visit's totals do not depend on the order in which its services were entered."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from oracles.visits import estimate, frame, settings_of

import chirocalc
from chirocalc import InputError, Settings, tables
from chirocalc.rules import answer, read_service
from chirocalc.visit import Contract, OwnPrices, desk, payment_chain, settled, tied_lines

KEYS = sorted(tables.records())
# Many have equal practice expense, so that ties for the unit in full are common.
THERAPY = [key for key, code in tables.records().items() if code.therapy]
MODIFIERS = ["CQ", "CO", "GP", "GO", "GN", "59", "AT", "GA", "GZ", "FX", "FY", "Q6"]
FEES = OwnPrices({key: 1000 + 137 * at for at, key in enumerate(KEYS)})
BY_CODE = OwnPrices(
    FEES.fees, Contract("code", {key: 900 + 91 * at for at, key in enumerate(KEYS)})
)
PERIODS = [None, *(each.first for each in tables.rates.periods())]


@st.composite
def any_settings(draw):
    """Every setting that there is, in all its values; what does not go together is left out."""
    try:
        return Settings(
            payer=draw(st.sampled_from(list(tables.payers().index))),
            locality=draw(st.sampled_from(["national", *tables.localities().index])),
            place=draw(st.sampled_from(["office", "facility"])),
            provider=draw(st.sampled_from(["chiropractor", "pt", "ot", "any"])),
            phase=draw(st.sampled_from([None, "active", "maintenance"])),
            apm=draw(st.booleans()),
            participating=draw(st.booleans()),
            unit_rule=draw(st.sampled_from([None, "cms", "cpt"])),
            percent=draw(st.sampled_from([None, None, 80, 133.33])),
            mppr=draw(st.sampled_from([None, "pe", "line", "line", "none"])),
            therapy_modifier=draw(st.sampled_from([None, True, False])),
            chiropractor_codes=draw(st.sampled_from([None, (), ("97110", "97140", "98941")])),
            abn=draw(st.sampled_from([None, True, False])),
            kx_used=draw(st.sampled_from([None, 0, 2400])),
            date=draw(st.sampled_from(PERIODS)),
        )
    except InputError:
        assume(False)


@st.composite
def any_service(draw):
    code = tables.records()[draw(st.sampled_from(THERAPY) | st.sampled_from(KEYS))]
    most = 3 if code.time_rule == "counted" else 60
    words = draw(st.lists(st.sampled_from(MODIFIERS), max_size=2, unique=True))
    regions = draw(st.lists(st.sampled_from(list(tables.regions().index)), max_size=2))
    amount, separate = draw(st.none() | st.integers(1, most)), draw(st.sampled_from([None, True]))
    service = read_service(code, amount, words, regions, separate).service
    return service._replace(unbilled=draw(st.sampled_from(["", "", "", "off", "collect"])))


visits = st.lists(any_service(), min_size=2, max_size=6)


def totals(told, prices, deductible):
    """All that is summed up of a visit: units, RVUs, dollars, who pays what, what to collect."""
    chain, at_desk = payment_chain(told, deductible), desk(told, prices, deductible, 20.0)
    return (
        (told.units, told.work_rvu, told.total_rvu, told.fee, told.allowed, told.therapy_cents),
        (chain.allowed, chain.medicare, chain.patient, chain.limiting_charge),
        [(step.name, step.amount) for step in chain.steps],
        (at_desk.entered, at_desk.clean, at_desk.collect, sorted(at_desk.denied)),
        sorted((each.rule, each.code, each.level, each.modifier) for each in told.findings),
        sorted((line.key, line.units, *line.service.written) for line in told.lines),
    )


def has_tie(told):
    return bool(tied_lines(told))


@settings(max_examples=250)
@given(
    visit=visits,
    chosen=any_settings(),
    data=st.data(),
    deductible=st.sampled_from([0.0, 0.0, 7.77, 40.0, 283.0]),
    prices=st.sampled_from([FEES, BY_CODE]),
)
def test_totals_are_the_same_in_any_order(visit, chosen, data, deductible, prices):
    """Where no tie of minutes is shown, which is the clinician's to choose (domain 1.1)."""
    first = settled(visit, chosen)
    assume(not has_tie(first))
    for _ in range(2):
        other = settled(data.draw(st.permutations(visit)), chosen)
        assert totals(other, prices, deductible) == totals(first, prices, deductible)


@settings(max_examples=50)
@given(
    leftover=st.integers(4, 7),
    quarters=st.lists(st.integers(0, 2), min_size=2, max_size=3),
    chosen=any_settings(),
    keys=st.permutations(["97110", "97112", "97116", "97140", "97530", "97535"]),
    second=st.booleans(),
)
def test_a_tie_that_was_chosen_is_the_same_in_any_order(leftover, quarters, chosen, keys, second):
    """Two lines with 4 to 7 minutes left over each, whatever full quarters they and a third have:
    the one chosen has the unit of the two, wherever it stands."""
    visit = [
        read_service(tables.records()[key], 15 * full + leftover * (at < 2)).service
        for at, (key, full) in enumerate(zip(keys, quarters, strict=False))
    ]
    pick = keys[second]
    visit = [each._replace(tie_first=each.code.key == pick) for each in visit]
    chosen = replace(chosen, unit_rule="cms")
    found = [answer(list(order), chosen) for order in itertools.permutations(visit)]
    assert {line.key for line in tied_lines(found[0])} == set(keys[:2])
    assert {line.extra_unit for told in found for line in told.lines if line.key == pick} == {True}
    assert len({str(totals(told, FEES, 40.0)) for told in found}) == 1


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_equal_codes_the_longer_line_is_paid_in_full_where_lines_are_cut(order):
    """97110 and 97116 are equal in practice expense and fee, 29.06 each: 3 units in full and half
    of one, 87.18 + 14.53, though the shorter line was entered first."""
    lines = [("97116:20", 14.53), ("97110:39", 87.18)]
    chosen = "payer=commercial-midpoint provider=pt mppr=line date=2026-03-02"
    got = estimate("; ".join(lines[at][0] for at in order), chosen)
    assert list(got.lines["allowed"]) == [lines[at][1] for at in order]
    assert got.visits["allowed"].tolist() == [101.71]


@settings(max_examples=60)
@given(
    lines=st.lists(
        st.fixed_dictionaries(
            {
                "code": st.sampled_from([key for key in THERAPY if "-" not in key]),
                "minutes": st.none() | st.integers(0, 60).map(float),
                "count": st.integers(1, 3),
                "modifiers": st.sampled_from(["", "GP", "GO", "CQ GP"]),
                "region": st.just(""),
                "separate": st.just(None),
            }
        ),
        min_size=2,
        max_size=7,
    ),
    chosen=any_settings(),
    data=st.data(),
)
def test_many_visits_of_the_same_lines_have_the_same_totals(lines, chosen, data):
    """As frames, in which rows of a code are one line; each order is a visit of its own."""
    orders = [lines, *(data.draw(st.permutations(lines)) for _ in range(4))]
    got = chirocalc.estimate(frame(*orders), chosen)
    assume(not got.lines["tied"].any())
    assert len(got.visits.drop_duplicates()) == 1, got.visits


def test_a_code_twice_is_billed_unless_all_of_it_is_not():
    """Whichever was entered first: what is billed of it is on the claim, with all modifiers."""
    code, chosen = tables.records()["97110"], settings_of("provider=pt")
    one = read_service(code, 20, ["GP", "Q6"]).service
    off = read_service(code, 10, ["ZZ", "AA"]).service._replace(unbilled="off")
    for visit in ([one, off], [off, one], [off, one, off]):
        (line,) = answer(visit, chosen).lines
        assert (line.is_off, line.minutes) == (False, 20 + 10 * (len(visit) - 1))
        assert set(line.service.written) == {"GP", "Q6", "ZZ", "AA"}
    (line,) = answer([off, off], chosen).lines
    assert line.is_off


def test_a_tie_that_appears_without_what_would_be_denied_is_shown():
    """97750 gives the visit its third unit and would be denied beside an evaluation: of what is
    left two lines tie, and who gets the unit changes what a patient is charged."""
    told = answer(
        [
            read_service(tables.records()[key], minutes).service
            for key, minutes in [("97110", 10), ("97750", 39), ("97168", None), ("97140", 10)]
        ],
        settings_of("payer=medicare-advantage phase=maintenance unit_rule=cms"),
    )
    assert not any(line.tied for line in told.lines)
    assert [line.key for line in tied_lines(told)] == ["97110", "97140"]
    chosen = [line.service._replace(tie_first=line.key == "97140") for line in told.lines]
    picked = tied_lines(answer(chosen, told.settings))
    assert [line.key for line in picked if line.extra_unit] == ["97140"]


def test_every_column_of_settings_is_drawn():
    """A setting added later has to be thought of here."""
    fields = set(Settings.__dataclass_fields__)
    assert fields == {
        "payer", "locality", "place", "provider", "phase", "apm", "participating", "unit_rule",
        "percent", "mppr", "therapy_modifier", "chiropractor_codes", "abn", "kx_used", "date",
    }  # fmt: skip
