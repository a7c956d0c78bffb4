"""RVUs to dollars: the engine against printed amounts and an exact decimal oracle."""

import itertools
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles.fees import Line, Prices, fee, reduced_units, rows, share_of

import chirocalc
from chirocalc import Settings

ROOT = Path(__file__).parents[2]
TABLES = ROOT / "chirocalc" / "tables" / "data"
CODE_ROWS = rows(ROOT / "codes.csv")
CODES = {row["code"]: row for row in CODE_ROWS if not row["modifier"]}
LOCALITIES = [row for row in rows(TABLES / "localities.csv") if row["release"] == "GPCI2026"]
ONE = Decimal(1)
FACTORS = {False: Decimal("33.4009"), True: Decimal("33.5675")}  # CY2026, by APM participation
GPCIS = {"national": (ONE, ONE, ONE)} | {
    f"{r['mac']}-{r['locality']}": tuple(Decimal(r[k]) for k in ("work_gpci", "pe_gpci", "mp_gpci"))
    for r in LOCALITIES
}
THERAPY = [
    "97012", "97016", "97018", "97032", "97033", "97035", "97110", "97112", "97113", "97116",
    "97124", "97140", "97150", "97161", "97164", "97530", "97535", "97537", "97542", "97750",
    "97760", "97763", "G0283",
]  # fmt: skip
# Not in the therapy reduction: manipulation, acupuncture, visits, X-ray, caregiver training.
OTHERS = ["98940", "98941", "98942", "97810", "97813", "99213", "72100", "97550"]
PT = Settings(payer="medicare", provider="pt")
DC = Settings(payer="medicare", provider="chiropractor")
COMMERCIAL = Settings(payer="commercial-midpoint")


def prices(locality="national", apm=False):
    """GPCIs and conversion factor of a setting."""
    return Prices(*GPCIS[locality], FACTORS[apm])


def rvus_of(row, place):
    """Work, PE of the place and MP of a row of codes.csv; None where it has none."""
    values = [row[k] for k in ("work_rvu", f"pe_rvu_{place}", "mp_rvu")]
    return tuple(Decimal(value) for value in values) if all(values) else None


def rvus(code, place="office"):
    """The RVUs of a code as a whole."""
    return rvus_of(CODES[code], place)


def estimate(visit, chosen):
    """One visit of (code, minutes) lines."""
    return chirocalc.estimate(pd.DataFrame(visit, columns=["code", "minutes"]), chosen)


def line_of(visit, chosen, code):
    """One row of est.lines."""
    return estimate(visit, chosen).lines.set_index("code").loc[code]


def dollars(amounts):
    """The float the engine must show for exact cents."""
    return float(sum(amounts, Decimal(0)))


# The fee of a unit


def test_every_code_in_every_locality_to_the_cent():
    """codes x (109 localities + national) x place x 2026 factor x PE share (CMS PFS formula)."""
    in_force = [
        Decimal(row["conversion_factor"])
        for row in rows(TABLES / "conversion_factors.csv")
        if row["status"] == "in force"
    ]
    assert sorted(in_force) == sorted(FACTORS.values())
    assert len(GPCIS) == 110
    of_places = [rvus_of(row, place) for row in CODE_ROWS for place in ("office", "facility")]
    with_rvus = [values for values in of_places if values]
    combinations = [
        (*values, *gpcis, factor, share)
        for values, gpcis, factor, share in itertools.product(
            with_rvus, GPCIS.values(), in_force, (ONE, Decimal("0.5"))
        )
    ]
    assert len(combinations) == len(with_rvus) * 110 * 2 * 2 > 100_000
    expected = [fee(*combination) for combination in combinations]
    columns = np.array(combinations, dtype=float).T
    got = chirocalc.fee(*columns[:-1], pe_share=columns[-1])
    assert got.shape == (len(combinations),)
    cents = np.array([int(amount * 100) for amount in expected])
    assert np.count_nonzero(np.round(got * 100).astype(np.int64) - cents) == 0
    assert np.count_nonzero(got - np.array([float(amount) for amount in expected])) == 0


def test_half_a_cent_goes_up():
    """Where binary floats fall on the wrong side; a scalar gives a scalar."""
    halves = [
        c
        for c in itertools.product(range(1, 400), (Decimal("0.5"), ONE))
        if (Decimal(c[0]) / 100 * c[1] * Decimal("33.4000") * 100) % 1 == Decimal("0.5")
    ]
    assert len(halves) > 20
    for hundredths, share in halves:
        pe = Decimal(hundredths) / 100
        expected = fee(Decimal(0), pe, Decimal(0), ONE, ONE, ONE, Decimal("33.4"), share)
        got = chirocalc.fee(0, float(pe), 0, 1, 1, 1, 33.4, pe_share=float(share))
        assert np.ndim(got) == 0
        assert float(got) == float(expected)


# The therapy reduction


@pytest.mark.parametrize(
    ("code", "first", "reduced"),
    [
        ("97110", "29.06", "22.21"),
        ("97112", "32.73", "24.88"),
        ("97530", "35.07", "25.05"),
        ("97140", "27.72", "21.21"),
    ],
)
def test_printed_amounts(code, first, reduced):
    """CY2026 national amounts of domain 3.2, by engine and by oracle."""
    first, reduced = Decimal(first), Decimal(reduced)
    assert fee(*rvus(code), *prices()) == first
    assert reduced_units([Line(2, *rvus(code))], prices()) == [[first, reduced]]
    one, two = line_of([(code, 15)], PT, code), line_of([(code, 30)], PT, code)
    assert (one["fee"], one["allowed"]) == (float(first), float(first))
    assert (two["fee"], two["allowed"]) == (float(2 * first), float(first + reduced))


def test_full_unit_is_the_one_with_most_practice_expense():
    """97530 has more PE than 97110, so entered last it still is the full one (§10.7)."""
    est = estimate([("97110", 30), ("97530", 15)], PT)
    assert list(est.lines["allowed"]) == [2 * 22.21, 35.07]
    assert list(est.lines["fee"]) == [2 * 29.06, 35.07]


def test_equal_practice_expense_goes_to_the_higher_fee():
    """97112 and 97537 tie on PE; 97112 has more work (domain 3.2)."""
    assert rvus("97112")[1] == rvus("97537")[1]
    for visit in ([("97112", 15), ("97537", 15)], [("97537", 15), ("97112", 15)]):
        expected = reduced_units([Line(1, *rvus(code)) for code, _ in visit], prices())
        est = estimate(visit, PT)
        assert list(est.lines["allowed"]) == [dollars(units) for units in expected]
        assert line_of(visit, PT, "97112")["allowed"] == 32.73


def chosen_settings(payers):
    """Settings that change dollars."""
    return st.builds(
        Settings,
        payer=st.sampled_from(payers),
        provider=st.just("pt"),
        locality=st.sampled_from(sorted(GPCIS)),
        place=st.sampled_from(["office", "facility"]),
        apm=st.booleans(),
    )


def lines_of(codes):
    """Visits of different codes with up to an hour each."""
    return st.lists(
        st.tuples(st.sampled_from(codes), st.integers(0, 60)),
        min_size=1,
        max_size=6,
        unique_by=lambda line: line[0],
    )


def expected_lines(est, chosen):
    """Fee and allowed unit amounts of each line from its units, by the oracle."""
    price = prices(chosen.locality, chosen.apm)
    lines = [
        Line(int(units), *rvus(code, chosen.place), "5" if code in THERAPY else "0")
        for code, units in zip(est.lines["code"], est.lines["units"], strict=True)
    ]
    full = [line.units * fee(line.work, line.pe, line.mp, *price) for line in lines]
    return full, reduced_units(lines, price)


@settings(max_examples=150, deadline=None)
@given(visit=lines_of(THERAPY), chosen=chosen_settings(["medicare"]))
def test_any_therapy_visit(visit, chosen):
    """Fee and allowed, line by line, then the visit (§10.7)."""
    est = estimate(visit, chosen)
    full, reduced = expected_lines(est, chosen)
    assert list(est.lines["fee"]) == [float(amount) for amount in full]
    assert list(est.lines["allowed"]) == [dollars(units) for units in reduced]
    assert est.visits["fee"].tolist() == [dollars(full)]
    assert est.visits["allowed"].tolist() == [dollars(itertools.chain(*reduced))]


@settings(max_examples=100, deadline=None)
@given(visit=lines_of(THERAPY + OTHERS), chosen=chosen_settings(["uhc", "va"]))
def test_others_stay_out_of_the_reduction(visit, chosen):
    """Manipulation, acupuncture, E/M and X-ray are neither cut nor the full unit (§10.7)."""
    est = estimate(visit, chosen)
    full, reduced = expected_lines(est, chosen)
    # UnitedHealthcare pays a therapist no office visit (review A4).
    is_none = [chosen.payer == "uhc" and code == "99213" for code in est.lines["code"]]
    reduced = [[] if none else units for none, units in zip(is_none, reduced, strict=True)]
    assert list(est.lines["fee"]) == [float(amount) for amount in full]
    assert list(est.lines["allowed"]) == [dollars(units) for units in reduced]


def test_manipulation_is_not_the_full_unit():
    """98941 is paid whole and leaves the full unit to the therapy beside it (§10.7)."""
    chosen = Settings(payer="uhc", provider="chiropractor")
    est = estimate([("98941", None), ("97110", 30)], chosen)
    manipulation = float(fee(*rvus("98941"), *prices()))
    assert list(est.lines["allowed"]) == [manipulation, float(Decimal("29.06") + Decimal("22.21"))]


def test_reduction_spans_one_visit_only():
    """Same patient, same date: each visit has its own full unit (§10.7)."""
    lines = pd.DataFrame({"visit": ["a", "b", "a"], "code": "97110", "minutes": [15, 15, 15]})
    allowed = chirocalc.estimate(lines, PT).visits["allowed"]
    assert (allowed["a"], allowed["b"]) == (51.27, 29.06)


def test_without_reduction_every_unit_is_whole():
    """The generic commercial profile has no reduction (domain 5)."""
    est = estimate([("97110", 30), ("97530", 30)], COMMERCIAL)
    assert list(est.lines["allowed"]) == [58.12, 70.14]
    assert list(est.lines["fee"]) == [58.12, 70.14]


# Coverage


def test_medicare_pays_a_chiropractor_for_spinal_manipulation_only():
    """Pub. 100-02 ch. 15 §240: the rest keeps its RVUs and is paid nothing."""
    est = estimate([("98941", None), ("97110", 15), ("98943", None), ("99213", None)], DC)
    lines = est.lines.set_index("code")
    assert lines["covered"].tolist() == [True, False, False, False]
    manipulation = float(fee(*rvus("98941"), *prices()))
    assert lines["allowed"].tolist() == [manipulation, 0.0, 0.0, 0.0]
    for code, line in lines.iterrows():
        work, pe, mp = rvus(code)
        assert (line["work_rvu"], line["pe_rvu"], line["mp_rvu"]) == (
            float(work), float(pe), float(mp),
        )  # fmt: skip
        assert line["total_rvu"] == float(work + pe + mp)
    assert est.visits["allowed"].tolist() == [manipulation]


@pytest.mark.parametrize("code", ["98940", "98941", "98942"])
@pytest.mark.parametrize("phase", [None, "active"])
def test_spinal_manipulation_is_covered(code, phase):
    """Pub. 100-02 ch. 15 §240."""
    chosen = Settings(payer="medicare", provider="chiropractor", phase=phase)
    line = line_of([(code, None)], chosen, code)
    assert bool(line["covered"])
    assert line["allowed"] == float(fee(*rvus(code), *prices()))


@pytest.mark.parametrize("code", ["98940", "98941", "98942"])
def test_maintenance_manipulation_is_not_covered(code):
    """Pub. 100-02 ch. 15 §240: the RVUs and the fee stay in sight."""
    chosen = Settings(payer="medicare", provider="chiropractor", phase="maintenance")
    line = line_of([(code, None)], chosen, code)
    assert not bool(line["covered"])
    assert line["allowed"] == 0.0
    assert line["fee"] == float(fee(*rvus(code), *prices()))


@pytest.mark.parametrize("provider", ["chiropractor", "pt", "ot"])
def test_packs_are_bundled_by_medicare(provider):
    """97010 has status B: neither paid nor chargeable (domain 3.1)."""
    chosen = Settings(payer="medicare", provider=provider)
    line = line_of([("97110", 15), ("97010", 10)], chosen, "97010")
    assert line["allowed"] == 0.0
    assert not bool(line["covered"])


def test_contractor_priced_code_has_no_published_amount():
    """97799 has status C: missing for a therapist, nothing for a chiropractor (domain 3.1, 3.4)."""
    assert pd.isna(line_of([("97799", None)], PT, "97799")["allowed"])
    assert line_of([("97799", None)], DC, "97799")["allowed"] == 0.0


@pytest.mark.parametrize("chosen", [PT, DC, COMMERCIAL], ids=["pt", "dc", "commercial"])
def test_no_rvu_is_not_zero(chosen):
    """S9117 has no RVU and no fee; Medicare pays nothing, others publish nothing (domain 3.1)."""
    line = line_of([("S9117", None)], chosen, "S9117")
    assert line[["work_rvu", "total_rvu", "fee"]].isna().all()
    if chosen.payer == "medicare":
        assert line["allowed"] == 0.0
        assert not bool(line["covered"])
    else:
        assert pd.isna(line["allowed"])


def test_lines_without_rvu_are_counted_not_summed():
    """The totals are of the other lines, and say how many were left out (domain 3.1)."""
    lines = pd.DataFrame(
        [
            ("a", "98941", None),
            ("a", "S9117", None),
            ("a", "97799", None),
            ("b", "98941", None),
            ("b", "97110", 30),
        ],
        columns=["visit", "code", "minutes"],
    )
    visits = chirocalc.estimate(lines, COMMERCIAL).visits
    assert visits["lines_without_rvu"].to_dict() == {"a": 2, "b": 0}
    assert visits["total_rvu"]["a"] == float(sum(rvus("98941")))
    assert visits["total_rvu"]["b"] == float(sum(rvus("98941")) + 2 * sum(rvus("97110")))
    assert visits["work_rvu"]["b"] == float(rvus("98941")[0] + 2 * rvus("97110")[0])
    assert visits["fee"]["a"] == float(fee(*rvus("98941"), *prices()))


def test_extraspinal_manipulation_depends_on_the_payer():
    """98943 is no Medicare benefit; its printed RVUs serve others (domain 3.1, 3.4)."""
    for chosen in (PT, DC):
        line = line_of([("98943", None)], chosen, "98943")
        assert (line["allowed"], bool(line["covered"])) == (0.0, False)
    line = line_of([("98943", None)], COMMERCIAL, "98943")
    assert (line["allowed"], bool(line["covered"])) == (
        float(fee(*rvus("98943"), *prices())), True,
    )  # fmt: skip


# Percentages


@settings(max_examples=60, deadline=None)
@given(visit=lines_of(THERAPY), percent=st.sampled_from([50, 85, 100, 110, 125, 150, 175]))
@pytest.mark.parametrize("payer", ["uhc", "commercial-midpoint"])
def test_percent_applies_to_each_rounded_unit(payer, visit, percent):
    """A percentage of the fee schedule: of each unit's cents, half up; `fee` stays the schedule."""
    chosen = Settings(payer=payer, provider="pt", percent=percent)
    est = estimate(visit, chosen)
    full, units = expected_lines(est, chosen)
    if payer == "commercial-midpoint":
        units = [
            [fee(*rvus(code), *prices())] * int(n)
            for code, n in zip(est.lines["code"], est.lines["units"], strict=True)
        ]
    expected = [[share_of(amount, Decimal(percent)) for amount in line] for line in units]
    assert list(est.lines["fee"]) == [float(amount) for amount in full]
    assert list(est.lines["allowed"]) == [dollars(line) for line in expected]


def test_percent_rounds_half_a_cent_up():
    """97112 at 150%: 32.73 becomes 49.095, so 49.10 a unit."""
    chosen = Settings(payer="commercial-midpoint", percent=150)
    assert line_of([("97112", 30)], chosen, "97112")["allowed"] == 98.20
    assert line_of([("97530", 15)], chosen, "97530")["allowed"] == 52.61


@settings(max_examples=60, deadline=None)
@given(visit=lines_of(THERAPY), locality=st.sampled_from(sorted(GPCIS)))
def test_non_participating_is_95_percent_of_each_unit(visit, locality):
    """Medicare's non-participating fee is 0.95 of each unit's cents, half up (domain 3.3)."""
    chosen = Settings(payer="medicare", provider="pt", locality=locality, participating=False)
    est = estimate(visit, chosen)
    _, units = expected_lines(est, chosen)
    expected = [[share_of(amount, Decimal(95)) for amount in line] for line in units]
    assert list(est.lines["allowed"]) == [dollars(line) for line in expected]


def test_visit_totals_are_the_sums_of_their_lines():
    """To the cent and the hundredth of an RVU, many visits at once."""
    rng = np.random.default_rng(3)
    lines = pd.DataFrame(
        {
            "visit": rng.integers(0, 400, 2000),
            "code": rng.choice(THERAPY + OTHERS, 2000),
            "minutes": rng.integers(0, 60, 2000),
        }
    )
    est = chirocalc.estimate(lines, Settings(payer="uhc", provider="chiropractor"))
    sums = est.lines.groupby("visit", sort=False)
    for column in ("work_rvu", "total_rvu", "fee", "allowed"):
        expected = sums[column].sum().round(2)
        got = est.visits[column]
        assert sorted(got.index) == sorted(expected.index)
        assert (got == expected[got.index]).all(), column
    assert (est.visits["units"] == sums["units"].sum()[est.visits.index]).all()
