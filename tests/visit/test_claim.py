"""The claim preview: modifiers in order, four at most; suggestions and unbilled services apart."""

import itertools
import random

import pandas as pd
import pytest
from oracles.visits import answer, frame, settings_of

import chirocalc
from chirocalc.rules import COLLECT, OFF
from chirocalc.rules import answer as answer_of
from chirocalc.tables.bitsets import modifier_bits, ordered
from chirocalc.visit.claim import ClaimLine, claim

INFORMATION = {"GA", "GZ", "GX", "GY", "RT", "LT", "93", "95", "96", "97"}


def preview(lines, settings="payer=commercial-midpoint"):
    """The claim of one visit, both in short."""
    return claim(answer(lines, settings))


def preview_without(lines, settings="payer=medicare phase=active", **unbilled):
    """The claim with some lines off it or to collect: `_97110="off"`."""
    told = answer(lines, settings)
    services = [
        line.service._replace(unbilled=unbilled.get(f"_{line.key}", "")) for line in told.lines
    ]
    return claim(answer_of(services, told.settings))


def column(lines, name):
    """A field of every claim line."""
    return [getattr(line, name) for line in lines]


def by_code(lines, name):
    """A field of every claim line by its code."""
    return {line.code: getattr(line, name) for line in lines}


def modifiers_of(lines, settings="payer=commercial-midpoint"):
    """The confirmed modifiers of a visit of one line."""
    (line,) = preview(lines, settings).lines
    return line.modifiers


# Order on a line (domain 4): payment modifiers first, then information ones


@pytest.mark.parametrize(
    ("entered", "expected"),
    [
        ("GY+GP", "GP GY"),
        ("GP+59", "59 GP"),
        ("GY+KX+GP+59", "59 GP KX GY"),
        ("GP+CQ", "CQ GP"),
        ("GO+CO+XU", "XU CO GO"),
        ("GY+GX", "GX GY"),
        ("KX+CQ+GP", "CQ GP KX"),
        ("GP", "GP"),
    ],
)
def test_order_on_a_therapy_line(entered, expected):
    """Whatever the order of entry."""
    for words in itertools.permutations(entered.split("+")):
        assert modifiers_of(f"97110:15+{'+'.join(words)}") == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("98941+GA+AT", "AT GA"),
        ("98943+GY+51", "51 GY"),
        ("99213+GY+25", "25 GY"),
        ("72100+GY+26", "26 GY"),
        ("73030+RT+TC", "TC RT"),
        ("73030+GY+LT+76+26", "26 76 GY LT"),
        ("99213+95+25", "25 95"),
        ("97161+95+GP+52", "52 GP 95"),
        ("97110:15+gp+59".upper(), "59 GP"),
        ("98941", ""),
    ],
)
def test_order_on_other_lines(line, expected):
    """AT, 51, 25, 52, 76 and 26 stand before GA, GY, sides and telehealth."""
    assert modifiers_of(line) == expected


def test_payment_modifiers_always_come_first():
    """All pairs and many larger sets: no information modifier before a payment one."""
    known = list(chirocalc.tables.modifiers().index)
    draw = random.Random(11)
    sets = [*itertools.combinations(known, 2)]
    sets += [tuple(draw.sample(known, draw.randint(3, 8))) for _ in range(500)]
    for words in sets:
        order = ordered(modifier_bits(" ".join(words)))
        assert sorted(order) == sorted(set(words))
        kinds = [word in INFORMATION for word in order]
        assert kinds == sorted(kinds), order
        assert ordered(modifier_bits(" ".join(reversed(words)))) == order


def test_each_information_modifier_is_marked_so():
    """The table and the rule agree on which are which."""
    table = chirocalc.tables.modifiers()
    assert set(table.index[table["kind"] == "information"]) == INFORMATION


def test_at_most_four():
    """A line has room for four; the first four of the order stand, the others are named."""
    assert modifiers_of("97110:15+59+CQ+GP+KX") == "59 CQ GP KX"
    assert modifiers_of("97110:15+GY+59+KX+CQ+GP") == "59 CQ GP KX"
    draw = random.Random(12)
    known = [word for word in chirocalc.tables.modifiers().index if word not in ("26", "TC")]
    for _ in range(50):
        words = draw.sample(known, draw.randint(1, 7))
        order = ordered(modifier_bits(" ".join(words)))
        made = preview(f"97110:15+{'+'.join(words)}")
        assert column(made.lines, "modifiers") == [" ".join(order[:4])]
        assert made.left_off == tuple(f"97110 {word}" for word in order[4:])


def test_what_is_left_off_is_named():
    """Of each line what its own room does not hold, payment modifiers never before others."""
    assert preview("97110:15+59+CQ+GP+KX").left_off == ()
    assert preview("97110:15+GY+59+KX+CQ+GP").left_off == ("97110 GY",)
    assert preview("97110:15+95+GY+59+KX+CQ+GP").left_off == ("97110 GY", "97110 95")
    made = preview("97110:15+GY+59+KX+CQ+GP; 73030+26+76+59+51+RT; 98941+AT")
    assert made.left_off == ("97110 GY", "73030 RT")
    assert column(made.lines, "modifiers") == ["59 CQ GP KX", "26 76 59 51", "AT"]


def test_nothing_is_left_off_a_line_that_is_not_on_the_claim():
    """domain 1.1: a service without a unit is documented and not billed."""
    made = preview("97110:3+GY+59+KX+CQ+GP; 97112:30+GP")
    assert [line.code for line in made.documented] == ["97110"]
    assert made.left_off == ()


@pytest.mark.parametrize("modifier", ["RT", "LT", "76", "77", "95", "52"])
def test_sides_repeats_and_telehealth_are_known(modifier):
    """They stand on the line."""
    assert modifiers_of(f"73030+{modifier}") == modifier


@pytest.mark.parametrize("modifier", ["RT", "LT", "76", "95", "22", "Q6"])
def test_a_confirmed_modifier_is_never_lost(modifier):
    """One that the table does not have stands on the line too, or is refused by name."""
    try:
        kept = modifiers_of(f"73030+{modifier}").split()
    except chirocalc.InputError as error:
        kept = [problem.value for problem in error.problems]
    assert modifier in kept


# Suggested and confirmed


def test_suggestions_stand_apart():
    """Nothing that was not confirmed stands among the confirmed (domain 4: never applied)."""
    lines = preview(
        "98940@lumbar; 97140:15@cervical; 97110:15+GY; 99213?yes",
        "payer=medicare phase=active",
    ).lines
    assert column(lines, "modifiers") == ["", "", "GY", ""]
    suggested = by_code(lines, "suggested")
    assert suggested["98940"] == "AT"
    # GP goes with GY, so that the line is denied and not rejected (review A10).
    assert set(suggested["97140"].split(", ")) == {"GY", "59 or XS"}
    assert suggested["97110"] == "GP"
    assert set(suggested["99213"].split(", ")) == {"GY", "25"}


def test_what_is_confirmed_is_no_longer_suggested():
    """Confirming a suggestion moves it over."""
    lines = preview(
        "98940@lumbar+AT; 97140:15@cervical+XS+GP+GY; 97110:15+GP+GY; 99213+25+GY?yes",
        "payer=medicare phase=active",
    ).lines
    assert column(lines, "suggested") == ["", "", "", ""]
    assert column(lines, "modifiers") == ["AT", "XS GP GY", "GP GY", "25 GY"]


def test_a_question_suggests_nothing():
    """Until active or maintenance, the region or separateness is told, no modifier is offered."""
    lines = preview("98941; 97140:15+GP+GY; 99213+GY", "payer=medicare").lines
    assert column(lines, "suggested") == ["", "", ""]


def test_a_fix_suggests_nothing():
    """No modifier is offered where none helps."""
    lines = preview("98940@lumbar; 97140:15@lumbar; 97124:15@lumbar; 99213?no").lines
    assert column(lines, "suggested") == ["", "", "", ""]
    lines = preview("98940@lumbar; 98943@head; 97112:15@head; 99213+59+25?yes; 98941").lines
    assert set(column(lines, "suggested")) == {""}


def test_a_suggestion_is_written_once():
    """Two rules that ask for the same modifier make one suggestion."""
    lines = preview("97110:15+CQ", "payer=medicare provider=pt").lines
    assert column(lines, "suggested") == ["GP"]
    lines = preview("98940@lumbar; 98943@head; 99203; 99213?yes").lines
    suggested = by_code(lines, "suggested")
    assert suggested["99213"] == "25"
    assert suggested["99203"] == ""


def test_random_visits_keep_the_two_apart():
    """What is offered is never on the line already, and what is on the line was entered."""
    draw = random.Random(13)
    codes = ["98941", "97110", "97140", "97012", "97530", "97750", "99213", "72100", "97164"]
    words = ["59", "GP", "GY", "25", "AT", "KX", "XS", "CQ"]
    for _ in range(60):
        lines, entered = [], {}
        for code in draw.sample(codes, draw.randint(1, 5)):
            entered[code] = draw.sample(words, draw.randint(0, 3))
            separate = draw.choice(["", "?yes", "?no"])
            region = draw.choice(["", "@lumbar", "@cervical"])
            minutes = ":15" if code in ("97110", "97140", "97530", "97750") else ""
            text = "".join(f"+{word}" for word in entered[code])
            lines.append(f"{code}{minutes}{region}{text}{separate}")
        chosen = draw.choice(["payer=medicare", "payer=medicare provider=pt", "payer=uhc"])
        for line in preview("; ".join(lines), chosen).lines:
            assert set(line.modifiers.split()) == set(entered[line.code])
            offered = [set(o.split()) for o in line.suggested.replace(", ", " or ").split(" or ")]
            assert not [o for o in offered if o and o <= set(entered[line.code])], lines


# What is on the claim


def test_services_without_a_unit_stand_apart():
    """Documented with their minutes, not on the claim (domain 1.1)."""
    made = preview("97110:30; 97140:3; 98941; 97112:4", "payer=commercial-total-time")
    assert column(made.lines, "code") == ["97110", "98941"]
    assert column(made.lines, "units") == [2, 1]
    assert [(line.code, line.minutes) for line in made.documented] == [("97140", 3), ("97112", 4)]


def test_nothing_to_document_and_nothing_to_bill():
    """Either part may be empty."""
    made = preview("97110:15")
    assert made.documented == ()
    made = preview("97110:7")
    assert made.lines == ()
    assert [line.code for line in made.documented] == ["97110"]


def test_lines_keep_the_order_of_entry_and_their_units():
    """Every line is on the claim or documented, once."""
    told = answer("97140:20; 98942; 97012; 97110:23; 72100x2", "payer=va")
    made = claim(told)
    assert column(made.lines, "code") == column(told.lines, "code")
    assert column(made.lines, "units") == column(told.lines, "units")
    assert len(made.lines) == 5


def test_the_same_code_twice_is_one_claim_line():
    """With the modifiers of both entries."""
    lines = preview("97110:8+GP; 97110:15+59").lines
    assert lines == (ClaimLine(code="97110", modifiers="59 GP", suggested="", units=2),)


def test_reading_and_films_are_two_lines():
    """26 and TC of one code stand apart."""
    lines = preview("72100+26; 72100+TC").lines
    assert column(lines, "code") == ["72100", "72100"]
    assert column(lines, "modifiers") == ["26", "TC"]


def test_a_suggestion_belongs_to_its_own_part():
    """A modifier missing on the reading is not offered on the films that have it."""
    lines = preview("72100+26; 72100+TC+GY", "payer=medicare").lines
    assert column(lines, "suggested") == ["GY", ""]


def test_self_pay_suggests_nothing():
    """domain 5: there is no claim."""
    lines = preview("98941; 97140:15; 99213?yes; 97110:15; 97164?yes", "payer=self-pay").lines
    assert set(column(lines, "suggested")) == {""}
    assert set(column(lines, "modifiers")) == {""}


@pytest.mark.parametrize(
    ("lines", "code", "suggested"),
    [
        ("99203; 99213?yes", "99213", "25"),
        ("97760:15; 97164?yes", "97164", "59"),
        ("97597; 97164?yes", "97164", "59 or XU"),
        ("98942; 97140:15@head", "97140", "59 or XS"),
        ("98940; 97140:15@head", "97140", "59 or XS"),
        ("98940@lumbar; 98943@head; 97140:15@head", "97140", ""),
    ],
)
def test_suggestions_of_pairs(lines, code, suggested):
    """As the answers given allow (domain 4)."""
    assert by_code(preview(lines).lines, "suggested")[code] == suggested


def test_a_preview_changes_no_estimate():
    """It only shows."""
    est = chirocalc.estimate(
        frame("98941; 97140:15+GP"), settings_of("payer=medicare phase=active")
    )
    before = (est.lines.copy(), est.findings.copy())
    claim(est.answer())
    pd.testing.assert_frame_equal(est.lines, before[0])
    pd.testing.assert_frame_equal(est.findings, before[1])


# What is not billed, and what would be denied


def test_what_is_left_off_is_documented():
    """It stands with the services without a unit, and not on the claim."""
    made = preview_without("98941; 97110:30; 97012", _97110=OFF)
    assert column(made.lines, "code") == ["98941", "97012"]
    assert [line.code for line in made.documented] == ["97110"]
    assert made.collected == ()


def test_what_the_patient_pays_is_not_on_the_claim():
    """Named by code or part; what has no unit is collected by nobody; 98941 is Medicare's."""
    made = preview_without(
        "98941; 97110:30; 97140:3; 72100+26",
        **dict.fromkeys(["_98941", "_97110", "_97140", "_72100-26"], COLLECT),
    )
    assert column(made.lines, "code") == ["98941"]
    assert made.collected == ("97110", "72100-26")
    assert [line.code for line in made.documented] == ["97140"]


def test_no_room_is_missed_on_a_line_that_is_collected():
    """Of a line that is not on the claim no modifier is left off."""
    made = preview_without("97110:15+GY+59+KX+CQ+GP; 98941", _97110=COLLECT)
    assert made.left_off == ()


def test_what_would_be_denied_is_marked():
    """domain 4: a fix is, a need is not."""
    visit = "98941@cervical|thoracic|lumbar; 97140:15@lumbar; 97112:15@head; 97014"
    assert by_code(preview(visit, "payer=uhc").lines, "denied") == {
        "98941": False,
        "97140": True,
        "97112": False,
        "97014": True,
    }
