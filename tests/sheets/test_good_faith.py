"""The Good Faith Estimate: every element of 45 CFR 149.610(c)(1), and its sums."""

from dataclasses import replace
from datetime import date

import pytest
from made_plans import CLINIC, FEES, MADE, PHASES, plan, words_of

from chirocalc.plan import Phase, Prices, side_by_side
from chirocalc.sheets import (
    Clinic,
    estimate_visits,
    good_faith_estimate,
    without_fee,
)

# Counted by hand: 12 visits with 98941 and 97012, 12 with 98940 and two units of 97110, 10 with
# 98940; one 99203; 99213 at visits 12 and 24. Nine tenths of the fees.
EXPECTED = {"98941": (12, 5850), "97012": (12, 2250), "98940": (22, 4950), "97110": (24, 4050),
            "99203": (1, 13500), "99213": (2, 8100)}  # fmt: skip
TOTAL = sum(count * cents for count, cents in EXPECTED.values())


def priced(**also):
    return side_by_side(plan(**also))["self-pay"]


def sheet(lang="en", clinic=CLINIC, schedule=None, **also):
    return good_faith_estimate(schedule or priced(), clinic, made=MADE, lang=lang, **also)


def text(**also):
    return words_of(sheet(**also))


def test_the_sum_is_counted_by_hand():
    assert TOTAL == 333000


ELEMENTS = {
    "i: the patient": ["Patient: Date of birth: Date of this estimate"],
    "ii: the main service and its day": [
        "Main service: Low back care Scheduled for: December 7, 2026",
    ],
    "iii: the items, by provider": [
        "Expected services and charges Provider: Ana Ruiz, DC",
        "Spinal manipulation, 3 or 4 regions 98941 12 $58.50 $702.00",
        "Therapeutic exercise 97110 24 $40.50 $972.00",
        "Expected charges of this provider $3,330.00",
    ],
    "iv: codes and charges": [
        "Diagnosis codes (ICD-10-CM): Main service",
        "New patient visit, level 3 99203 1 $135.00 $135.00",
        "Established patient visit, level 3 99213 2 $81.00 $162.00",
        "Total expected charges $3,330.00",
    ],
    "v: name, NPI, TIN, state and office": [
        "NPI: 1234567893", "Tax ID (TIN): 12-3456789", "State: IL",
        "Where the services are given: 12 Main St, Chicago, IL 60601",
    ],
    "vi and vii: what is scheduled separately, its notice right above": [
        "To ask, call 312-555-0100. Low-back x-rays at an imaging center",
        "a separate Good Faith Estimate for each of these when it is scheduled, or when you ask",
    ],
    "viii: more may be recommended": ["we may recommend other services that are scheduled"],
    "ix: only an estimate": ["only an estimate of the services that can reasonably be expected"],
    "x: the dispute": [
        "bills you $400 or more above", "within 120 calendar days of the date on the first bill",
        "was $25 when this was written", "www.cms.gov/nosurprises or 1-800-985-3059",
        "will not affect the quality of the care",
    ],
    "xi: no contract": ["is not a contract. You do not have to get these services"],
    "the model form": ["Date of this estimate: November 27, 2026", "Keep a copy"],
    "repeated care": [
        "Repeated visits: 34 in all, Relief: 3 visits a week for 4 weeks; Corrective: 2 visits",
        "Wellness: 10 visits, one every 4 weeks, from December 7, 2026 to October 25, 2027.",
        "no longer than 12 months: until December 7, 2027",
    ],
}  # fmt: skip


@pytest.mark.parametrize("element", ELEMENTS)
def test_each_element_stands_on_it(element):
    found = text(primary="Low back care", separate=["Low-back x-rays at an imaging center"])
    for part in ELEMENTS[element]:
        assert part.replace("\xa0", "").replace("  ", " ").strip() in found.replace(
            "\xa0", ""
        ).replace("  ", " ")


SPANISH = [
    "Paciente:", "Fecha de nacimiento:", "Fecha de esta estimación: 27 de noviembre de 2026",
    "Servicio principal: Un tratamiento quiropráctico", "Programado para: 7 de diciembre de 2026",
    "Visitas repetidas: 34 en total", "Ejercicio terapéutico 97110 24 $40.50 $972.00",
    "Total de cargos previstos $3,330.00", "NPI: 1234567893", "Estado: IL",
    "Servicios que se programan por separado", "Por ahora no se prevé ninguno.",
    "solo una estimación", "otros servicios que se programan", "$400 o más", "120 días calendario",
    "www.cms.gov/nosurprises o 1-800-985-3059", "no afectará la calidad", "no es un contrato",
    "Guarde una copia", "Vale el original.",
]  # fmt: skip


def test_each_element_stands_on_the_spanish_too():
    whole = sheet("es")
    english, spanish = whole.split("<section lang=es>")
    found = words_of(f"<section>{spanish.partition('</main>')[0]}")
    assert [part for part in SPANISH if part not in found] == []
    assert "Good Faith Estimate of expected charges" in english


def test_charges_are_the_practices_and_not_medicares():
    """Whoever pays: the same plan under Medicare makes the same estimate."""
    assert text() == text(schedule=priced(payer="medicare"))


def test_no_estimate_without_own_fees():
    """A code that has none would be at the fee schedule's amount."""
    some = {code: cents for code, cents in FEES.items() if code != "97012"}
    assert without_fee(priced(fees=some)) == ("97012",)
    assert without_fee(priced()) == ()
    none = side_by_side(replace(plan(fees=some), prices=Prices(some, None)))["self-pay"]
    assert without_fee(none) == ("97012",)


def test_what_is_beyond_twelve_months_is_not_in_it():
    """Two visits a month for 14 months: those before December 7, 2027."""
    long = (Phase("Wellness", PHASES[2].services, visits=30, every=2, treatment="maintenance"),)
    schedule = priced(phases=long, first=(), reexamine_every=None)
    visits, until = estimate_visits(schedule)
    assert until == date(2027, 12, 7)
    assert 0 < len(visits) < 30
    assert visits[-1].day < until <= schedule.visits[len(visits)].day
    found = text(schedule=schedule)
    assert f"Repeated visits: {len(visits)} in all" in found
    assert f"98940 {len(visits)} $49.50 ${49.5 * len(visits):,.2f}" in found


def test_one_visit_is_not_repeated_care():
    one = priced(phases=(Phase("Relief", PHASES[0].services, visits=1),), reexamine_every=None)
    found = text(schedule=one)
    assert "One visit, on December 7, 2026." in found
    assert "12 months" not in found


def test_a_cap_a_visit_shows_as_a_range_that_adds_up():
    """The first visit's charges are cut to $100, so one unit has two prices."""
    capped = plan(phases=PHASES[:1], reexamine_every=None)
    capped = replace(capped, prices=replace(capped.prices, cap=10000))
    schedule = side_by_side(capped)["self-pay"]
    found = text(schedule=schedule)
    assert schedule.visits[0].patient == 10000
    assert f"Total expected charges ${(10000 + 8100 * 11) / 100:,.2f}" in found
    assert "–$58.50" in found


def test_what_the_block_lacks_is_a_blank_to_fill_in():
    html = sheet(clinic=Clinic())
    for name in ("Provider", "NPI", "Tax ID (TIN)", "State", "Where the services are given"):
        assert f"<span class=w>{name}:</span> <span class=blank>&nbsp;</span>" in html
    assert "call ______________" in words_of(html)


def test_a_day_that_is_not_fixed_is_said():
    assert "Scheduled for: not scheduled yet" in text(scheduled=False)


def test_diagnoses_are_typed_or_blank():
    assert "Diagnosis codes (ICD-10-CM): M99.03" in text(diagnoses="M99.03")
