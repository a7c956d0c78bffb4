"""The visit as text for the record."""

import pytest
from oracles.visits import answer

from chirocalc.rules import COLLECT, OFF
from chirocalc.rules import answer as answer_of
from chirocalc.visit import record

DAY = "2026-11-27"
# The manual's own example: 33 and 7 minutes (cpm-5-20.2).
LINES = "98941@cervical|thoracic|lumbar+AT; 97110:33+GP+GY; 97140:7; 97012"


def text_of(lines=LINES, chosen="payer=va", regions=("cervical", "thoracic", "lumbar"), **unbilled):
    """The record of a visit, some of its lines not billed: `_97110="off"`."""
    told = answer(lines, chosen)
    services = [
        line.service._replace(unbilled=unbilled.get(f"_{line.key}", "")) for line in told.lines
    ]
    return record(answer_of(services, told.settings), list(regions), DAY)


def test_the_record_says_what_was_done():
    """Day, regions, each service with minutes, units and modifiers, the minutes together."""
    day, regions, manipulation, exercise, manual, traction, minutes, units = text_of()
    assert day == "Date of service: 2026-11-27"
    assert regions == "Regions adjusted: Cervical, Thoracic, Lumbar"
    assert manipulation.startswith("98941 ")
    assert manipulation.endswith(": 1 unit, modifiers AT")
    assert exercise == "97110 Therapeutic exercise, 33 minutes: 2 units, modifiers GP GY"
    assert manual.startswith("97140 ")
    assert manual.endswith(", 7 minutes: 1 unit")
    assert traction.startswith("97012 ")
    assert traction.endswith(": 1 unit")
    assert minutes == "Total timed minutes: 40"
    assert units == "Timed units by total time (CMS): 3; by per-code midpoint (CPT): 2"


def test_the_rule_in_use_stands_first():
    """Both are named where they differ (domain 1.3), in the payer's order."""
    assert text_of(chosen="payer=uhc")[-1] == (
        "Timed units by per-code midpoint (CPT): 2; by total time (CMS): 3"
    )


def test_rules_that_agree_are_said_once():
    assert text_of("97110:30", regions=())[-1] == "Timed units by total time (CMS): 2"


def test_a_visit_without_timed_services_has_no_minutes():
    """Nor regions where none was adjusted."""
    day, *services = text_of("97012; 99213", regions=())
    assert day.startswith("Date of service")
    assert [each[:5] for each in services] == ["97012", "99213"]


def test_a_service_without_a_unit_is_documented():
    """domain 1.1: with its minutes, which are counted together with the others."""
    found = text_of("97110:30; 97140:3", regions=())
    assert found[2].endswith(", 3 minutes: documented, not billed")
    assert found[3] == "Total timed minutes: 33"


def test_what_was_left_off_is_documented():
    """With its minutes, and without the units that it does not bill."""
    found = text_of(_97110=OFF)
    assert found[3] == "97110 Therapeutic exercise, 33 minutes: documented, not billed"
    assert found[4].endswith("7 minutes: documented, not billed")  # 7 minutes alone are no unit


def test_what_the_patient_pays_is_said():
    """Only where the payer never does: 98941 goes on the claim whatever was said."""
    found = text_of(chosen="payer=medicare phase=active", _97110=COLLECT, _98941=COLLECT)
    assert found[3] == (
        "97110 Therapeutic exercise, 33 minutes: 2 units, modifiers GP GY, not billed to the payer"
    )
    assert "not billed" not in found[2]


@pytest.mark.parametrize("payer", ["medicare phase=active", "uhc", "self-pay", "auto"])
def test_there_is_neither_a_patient_nor_a_dollar_in_it(payer):
    """A record of care: no name, no blank for one, no account, no price, no payer."""
    text = "\n".join(text_of(chosen=f"payer={payer}", _97012=OFF)).lower()
    for word in ("patient", "name", "account", "birth", "$", "dollar", "payer", "medicare"):
        assert word not in text
