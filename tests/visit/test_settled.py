"""Modifiers that follow from the clinician's own answers, and no others."""

import pytest
from oracles.visits import estimate, settings_of

from chirocalc.rules import answer
from chirocalc.visit import settled

ACTIVE = "payer=medicare phase=active"
MAINTENANCE = "payer=medicare phase=maintenance"


def follow(lines, chosen):
    """The settled visit, and its modifiers by code."""
    services = estimate(lines, chosen).read.services()
    found = settled(services, settings_of(chosen))
    return found, {line.key: line.service.written for line in found.lines}


@pytest.mark.parametrize(
    ("lines", "chosen", "code", "words"),
    [
        ("98941@cervical|thoracic|lumbar", ACTIVE, "98941", ["AT"]),
        ("98942", ACTIVE, "98942", ["AT"]),
        ("98940@lumbar", f"{MAINTENANCE} abn=yes", "98940", ["GA"]),
        ("98940@lumbar", f"{MAINTENANCE} abn=no", "98940", ["GZ"]),
        ("98941; 99213?yes", "payer=uhc", "99213", ["25"]),
        ("99203; 99213?yes", "payer=va", "99213", ["25"]),
        ("97150; 97110:15?yes", "payer=workers-comp", "97110", ["59"]),
        ("97760:15; 97164?yes", "payer=workers-comp", "97164", ["59"]),
    ],
)
def test_what_says_no_more_than_the_answer_is_on_the_line(lines, chosen, code, words):
    """Asked once, and not again (domain 4)."""
    found, modifiers = follow(lines, chosen)
    assert modifiers[code] == words
    assert not [each for each in found.findings if each.follows]
    assert {"fix", "needs"} & {each.level for each in found.findings if each.code == code} == set()


@pytest.mark.parametrize(
    ("lines", "chosen"),
    [
        ("98941@cervical|thoracic|lumbar", "payer=medicare"),  # active or maintenance?
        ("98941@cervical|thoracic|lumbar", MAINTENANCE),  # a signed ABN?
        ("98941; 99213", "payer=uhc"),  # separate?
        ("98941; 99213?no", "payer=uhc"),
        ("98941@cervical|thoracic|lumbar; 97140:15@head", "payer=workers-comp"),  # 59 or XS
        ("97530:15; 97750:15?yes", "payer=workers-comp"),  # 59 or XU
        ("97110:15", "payer=uhc"),  # GP is the payer's wish, and no answer
        ("97110:15", "payer=medicare abn=yes"),  # GY, or no bill at all
        ("98941@cervical|thoracic|lumbar", "payer=uhc phase=active"),  # AT is Medicare's
        ("98941@cervical|thoracic|lumbar; 99213?yes", "payer=self-pay phase=active"),  # no claim
    ],
)
def test_nothing_else_follows(lines, chosen):
    """Where there is a choice, or no answer, nothing is put on a line."""
    found, modifiers = follow(lines, chosen)
    assert set(map(tuple, modifiers.values())) == {()}
    assert found == answer(estimate(lines, chosen).read.services(), settings_of(chosen))


def test_what_was_entered_is_kept():
    """It is added to the modifiers there are; one that contradicts stays, and is a fix."""
    _, modifiers = follow("98941@cervical|thoracic|lumbar+GA", ACTIVE)
    assert modifiers["98941"] == ["AT", "GA"]
    found, modifiers = follow("98941@cervical|thoracic|lumbar+AT", f"{MAINTENANCE} abn=yes")
    assert set(modifiers["98941"]) == {"AT", "GA"}
    assert [(each.rule, each.level) for each in found.findings if each.code == "98941"] == [
        ("at-maintenance", "fix")
    ]


def test_each_line_has_its_own():
    """AT on the adjustment, 25 on the visit, nothing on the exercise but what it had."""
    _, modifiers = follow("98941@cervical|thoracic|lumbar; 97110:15+GP; 99213?yes", ACTIVE)
    assert modifiers == {"98941": ["AT"], "97110": ["GP"], "99213": ["25"]}


def test_no_unit_and_no_amount_changes():
    """It is the same visit (domain 4: a hint changes neither)."""
    lines = "98941@cervical|thoracic|lumbar; 97110:23; 97140:10@head; 99213?yes"
    before = estimate(lines, ACTIVE).answer()
    found, _ = follow(lines, ACTIVE)
    assert [line.units for line in found.lines] == [line.units for line in before.lines]
    assert found.allowed == before.allowed


def test_another_answer_takes_its_modifier_away():
    """What follows is never entered: settled anew from the services, it is gone."""
    services = estimate("98940@lumbar", ACTIVE).read.services()
    for chosen, words in ((ACTIVE, ["AT"]), (f"{MAINTENANCE} abn=no", ["GZ"]), (MAINTENANCE, [])):
        [line] = settled(services, settings_of(chosen)).lines
        assert line.service.written == words
