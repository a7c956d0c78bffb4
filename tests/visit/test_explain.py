"""The words under an answer: how each unit came to be, what would change it, why it is not paid."""

import random
import time
from itertools import count

import pandas as pd
import pytest
from oracles.units import valid_allocations

import chirocalc
from chirocalc import Settings, tables
from chirocalc.rules import OFF
from chirocalc.rules import answer as answer_of
from chirocalc.visit.explain import explain

RULES = ["cms", "cpt"]
PT = Settings(payer="medicare", provider="pt")
DC = Settings(payer="medicare", provider="chiropractor")
TIMED = ["97110", "97112", "97116", "97124", "97140", "97530"]
MIXED = [*TIMED, "98941", "97010", "72100", "99213", "97150"]
CLOCKS = [
    "97110", "97140", "97810", "97811", "97813", "97814", "97129", "97130", "97550", "97551",
    "97545", "97546", "98979", "98980", "98981",
]  # fmt: skip


def estimate(visit, chosen=PT, **columns):
    """Estimate (code, minutes) lines of one visit."""
    lines = pd.DataFrame(visit, columns=["code", "minutes"]).assign(**columns)
    return chirocalc.estimate(lines, chosen)


def reasons_of(visit, rule="cms", **columns):
    """A therapist's visit in words."""
    chosen = Settings(payer="medicare", provider="pt", unit_rule=rule)
    return explain(estimate(visit, chosen, **columns).answer())


def units_of(reasons):
    """Units by line."""
    return [line.units for line in reasons.lines]


# The manual's examples in words (domain 1)


@pytest.mark.parametrize(("winner", "other"), [("97112", "97110"), ("97110", "97112")])
def test_tie_names_the_other_valid_answer(winner, other):
    """20 + 20: 2 + 1 either way; the first entered has it by default."""
    reasons = reasons_of([(winner, 20), (other, 20)])
    assert units_of(reasons) == [2, 1]
    assert reasons.summary == "20 + 20 = 40 timed minutes: 3 units (38 to 52 minutes)."
    assert reasons.tie == (
        f"{winner} and {other} tie with 5 minutes left over each, for 1 extra unit. "
        f"Here {winner} has it; {other} would be as valid. The choice is yours."
    )
    assert reasons.source == "cpm-5-20.2"
    assert [line.text for line in reasons.lines] == [
        "20 min = 1 full 15 + 5 left over; in a tie, the extra unit goes here.",
        "20 min = 1 full 15 + 5 left over; in a tie, no extra unit.",
    ]


def test_choice_moves_the_unit_of_a_tie():
    """tie_first: the clinician chooses; the words follow."""
    reasons = reasons_of([("97112", 20), ("97110", 20)], tie_first=[False, True])
    assert units_of(reasons) == [1, 2]
    assert "Here 97110 has it; 97112 would be as valid." in reasons.tie
    assert "the extra unit goes here" in reasons.lines[1].text


def test_choice_does_not_move_what_is_no_tie():
    """24 + 23: the larger leftover has the unit, whatever is chosen."""
    reasons = reasons_of([("97112", 24), ("97110", 23)], tie_first=[False, True])
    assert units_of(reasons) == [2, 1]
    assert reasons.tie == ""


def test_midpoint_knows_no_tie():
    """20 + 20 under the CPT rule: one unit each."""
    reasons = reasons_of([("97112", 20), ("97110", 20)], "cpt")
    assert units_of(reasons) == [1, 1]
    assert reasons.tie == ""
    assert reasons.summary == "20 + 20 = 40 timed minutes. Each code alone: 2 units."
    assert {reasons.source, *(line.source for line in reasons.lines)} == {"cpt-time"}


def test_three_sevens():
    """One unit, any of the three; the others stay in the record and off the claim."""
    reasons = reasons_of([("97110", 7), ("97112", 7), ("97140", 7)])
    assert units_of(reasons) == [1, 0, 0]
    assert reasons.summary == "7 + 7 + 7 = 21 timed minutes: 1 unit (8 to 22 minutes)."
    assert "97110, 97112 and 97140 tie with 7 minutes left over each" in reasons.tie
    assert "Here 97110 has it; 97112, or 97140 would be as valid." in reasons.tie
    texts = [line.text for line in reasons.lines]
    assert ["Document it, do not bill it." in text for text in texts] == [False, True, True]
    alone = reasons_of([("97110", 7), ("97112", 7), ("97140", 7)], "cpt")
    assert units_of(alone) == [0, 0, 0]
    assert alone.summary.endswith("Each code alone: 0 units.")


def test_two_extra_units_among_three():
    """8 + 8 + 8: the other pairs are named."""
    tie = reasons_of([("97110", 8), ("97112", 8), ("97140", 8)]).tie
    assert "for 2 extra units" in tie
    assert "Here 97110 and 97112 have them" in tie
    assert "97110 and 97140, or 97112 and 97140 would be as valid" in tie


@pytest.mark.parametrize(
    ("visit", "units", "ends"),
    [
        (
            [("97112", 24), ("97110", 23)],
            [2, 1],
            ["one of the largest leftovers: the extra unit goes here.",
             "no unit for the leftover."],
        ),
        (
            [("97110", 33), ("97140", 7)],
            [2, 1],
            ["no unit for the leftover.",
             "one of the largest leftovers: the extra unit goes here."],
        ),
        (
            [("97110", 18), ("97140", 13), ("97116", 10), ("97035", 8)],
            [1, 1, 1, 0],
            ["no unit for the leftover.",
             "one of the largest leftovers: the extra unit goes here.",
             "one of the largest leftovers: the extra unit goes here.",
             "no unit for the leftover. Document it, do not bill it."],
        ),
        ([("97530", 60)], [4], ["60 min = 4 full 15s + 0 left over; nothing left over."]),
        ([("97110", 3)], [0],
         ["no full 15 + 3 left over; no unit for the leftover. Document it, do not bill it."]),
    ],
)  # fmt: skip
def test_manual_examples_without_a_tie(visit, units, ends):
    """Pub. 100-04 ch. 5 §20.2: why each line has what it has."""
    reasons = reasons_of(visit)
    assert units_of(reasons) == units
    assert reasons.tie == ""
    for line, end in zip(reasons.lines, ends, strict=True):
        assert line.text.endswith(end)
        assert line.source == "cpm-5-20.2"


def test_words_agree_with_every_valid_answer():
    """Random visits: a tie is told exactly when there is one, with each other answer."""
    draw = random.Random(11)
    ties = 0
    for _ in range(400):
        visit = [(c, draw.randint(0, 40)) for c in draw.sample(TIMED, draw.randint(1, 4))]
        reasons = reasons_of(visit)
        valid = valid_allocations([m for _, m in visit], "cms")
        total = sum(minutes for _, minutes in visit)
        assert f"{total} timed minutes: {sum(units_of(reasons))} unit" in reasons.summary
        assert (reasons.tie == "") == (len(valid) == 1), visit
        shared = [len(set(units)) > 1 for units in zip(*valid, strict=True)]
        for answer in valid if len(valid) > 1 else []:
            ties += 1
            winners = [
                code
                for (code, minutes), units, tied in zip(visit, answer, shared, strict=True)
                if tied and units > minutes // 15
            ]
            assert " and ".join([", ".join(winners[:-1]), winners[-1]][-len(winners) :]) in (
                reasons.tie
            )
    assert ties > 50


def test_answers_that_are_not_named_are_counted():
    """Five lines tie for two units: nine other answers, none hidden."""
    codes = TIMED[:5]
    tie = reasons_of([(code, 6) for code in codes]).tie
    pairs = [f"{a} and {b}" for at, a in enumerate(codes) for b in codes[at + 1 :]]
    others = tie.partition("; ")[2]
    named = sum(pair in others for pair in pairs)
    assert named == 9 or f"{9 - named} more" in tie


# What would change the answer


def margins_by_trying(visit, rule):
    """Each line a minute longer, or shorter, and again, until the visit's units change."""
    chosen = Settings(payer="medicare", provider="pt", unit_rule=rule)
    rows = []
    for at, (_, minutes) in enumerate(visit):
        for step in range(-(minutes or 0), min(200, 1440 - (minutes or 0)) + 1):
            rows += [
                ((at, step), code, (m or 0) + step if line == at else m)
                for line, (code, m) in enumerate(visit)
            ]
    tried = pd.DataFrame(rows, columns=["visit", "code", "minutes"])
    units = chirocalc.estimate(tried, chosen).visits["units"].to_dict()
    found = []
    for at, (_, minutes) in enumerate(visit):
        now, longer, shorter = units[at, 0], None, None
        for step in count(1):
            if longer is None and units.get((at, step), now) > now:
                longer = step
            if shorter is None and units.get((at, -step), now) < now:
                shorter = step - 1
            if (at, step) not in units and step > (minutes or 0):
                break
        found.append((longer, shorter))
    return found


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(
    ("visit", "cms", "cpt"),
    [
        ([("97110", 20), ("97112", 20)], [(13, 2), (13, 2)], [(3, 12), (3, 12)]),
        ([("97110", 7)], [(1, None)], [(1, None)]),
        ([("97110", 8)], [(15, 0)], [(15, 0)]),
        ([("97110", None)], [(8, None)], [(8, None)]),
        ([("97110", 1440)], [(None, 7)], [(None, 7)]),
        ([("97110", 15), ("98941", 15)], [(8, 7), (None, None)], [(8, 7), (None, None)]),
        ([("97110", 7), ("97112", 7)], [(9, 6), (9, 6)], [(1, None), (1, None)]),
        ([("97810", 10), ("97811", 5)], [(8, 7), (8, None)], [(8, 7), (8, None)]),
        ([("98979", 5)], [(5, None)], [(5, None)]),
        ([("98980", 25)], [(None, 5)], [(None, 5)]),
        ([("72100", 10), ("99213", 25)], [(None, None)] * 2, [(None, None)] * 2),
    ],
)
def test_known_margins(rule, visit, cms, cpt):
    """Minutes to the next unit, and minutes to spare; design 3: 13 under CMS, 3 under CPT."""
    margins = [(line.to_next, line.spare) for line in reasons_of(visit, rule).lines]
    assert margins == (cms if rule == "cms" else cpt)
    assert margins == margins_by_trying(visit, rule)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(
    ("pool", "longest", "visits"), [(MIXED, 50, 60), (CLOCKS, 70, 60), (CLOCKS[-7:], 200, 40)]
)
def test_margins_of_any_visit(rule, pool, longest, visits):
    """Against brute force, with codes on their own clocks too."""
    draw = random.Random(5)
    wrong = []
    for _ in range(visits):
        codes = draw.sample(pool, draw.randint(1, 4))
        visit = [(code, draw.choice([None, *range(longest + 1)])) for code in codes]
        got = [(line.to_next, line.spare) for line in reasons_of(visit, rule).lines]
        expected = margins_by_trying(visit, rule)
        wrong += [(visit, got, expected)] if got != expected else []
    assert wrong == []


@pytest.mark.parametrize(
    ("visit", "expected"),
    [
        ([("97550", 16), ("97551", 0)], [(22, 0), (22, None)]),
        ([("97545", 61), ("97546", 0)], [(90, 0), (90, None)]),
        ([("97545", 0), ("97546", 0)], [(61, None), (61, None)]),
        # 150 pooled minutes: one more earns the add-on
        ([("97545", 60), ("97546", 90)], [(1, None), (1, 89)]),
    ],
)
def test_margins_across_a_long_first_code(visit, expected):
    """An add-on's next unit may be further off than its own length: the first code fills first."""
    assert margins_by_trying(visit, "cms") == expected
    assert [(line.to_next, line.spare) for line in reasons_of(visit).lines] == expected


# Codes that are not pooled


@pytest.mark.parametrize(
    ("code", "minutes", "unit", "further"),
    [
        ("97810", 40, 15, "97811"),
        ("97813", 40, 15, "97814"),
        ("97129", 30, 15, "97130"),
        ("97550", 60, 30, "97551"),
        ("97545", 180, 120, "97546"),
        ("98980", 45, 20, "98981"),
    ],
)
def test_further_minutes_go_on_the_add_on(code, minutes, unit, further):
    """One unit of the first code; where its minutes beyond that go (domain 1.4)."""
    (line,) = reasons_of([(code, minutes)]).lines
    assert line.units == 1
    assert f"Minutes beyond {unit} go on {further}." in line.text
    assert line.text.startswith("Own clock, not pooled: one unit from ")
    assert line.source == "cpt-time"
    (exact,) = reasons_of([(code, unit)]).lines
    assert "beyond" not in exact.text


@pytest.mark.parametrize(
    ("code", "minutes", "text", "source"),
    [
        ("97810", 7, "from 8 minutes, once a visit. No unit: document it, do not bill it.",
         "cpt-time"),
        ("97811", 15, "each 15 minutes beyond the first code, from 8 minutes beyond.", "cpt-time"),
        ("98960", 30, "Own clock, not pooled: each 30 minutes, from 16 minutes.", "cpt-time"),
        ("98979", 15, "one unit from 10 minutes, once a visit, up to 19 minutes.", "cpt-time"),
        ("98941", None, "Once a day, whatever the minutes.", "cpm-5-20.2"),
        ("97150", 45, "Once a day, whatever the minutes.", "cpm-5-20.2"),
        ("72100", None, "Counted: 1 unit. Minutes do not matter.", "rvu26"),
        ("99213", 20, "it needs 20 minutes on the date.", "cpt-time"),
        ("99213", 19, "it needs 20 minutes on the date; 19 do not reach it.", "cpt-time"),
        ("99213", None, "it needs 20 minutes on the date.", "cpt-time"),
        ("97110", None, "No minutes entered yet.", "cpm-5-20.2"),
    ],
)  # fmt: skip
def test_words_of_other_codes(code, minutes, text, source):
    """Own clocks, untimed, counted, by level, nothing entered (domain 1.1, 1.4)."""
    (line,) = reasons_of([(code, minutes)]).lines
    assert line.text.endswith(text)
    assert line.source == source


# Why a line is not paid

COMMERCIAL = Settings(payer="commercial-midpoint")
MAINTENANCE = Settings(payer="medicare", provider="chiropractor", phase="maintenance")
ADVANTAGE = Settings(payer="medicare-advantage")
ONLY_SPINAL = (
    "Medicare pays a chiropractor only for spinal manipulation (98940 to 98942). The patient may "
    "be charged your own fee."
)
NO_RVU = "No RVU, which is not 0.00: the payer's own price applies."


@pytest.mark.parametrize(
    ("chosen", "code", "words", "source"),
    [
        (DC, "97110", ONLY_SPINAL, "bp-15-240"),
        (DC, "99213", "only for spinal manipulation", "bp-15-240"),
        (DC, "97010", "neither pays it nor lets the patient be charged", "pfs-formula"),
        (PT, "97010", "neither pays it nor lets the patient be charged", "pfs-formula"),
        (DC, "S9117", "does not take this code", "pfs-formula"),
        (PT, "S9117", "does not take this code", "pfs-formula"),
        (PT, "97014", "does not take this code", "pfs-formula"),
        (PT, "98943", "Not a Medicare benefit", "pfs-formula"),
        (DC, "98943", "Not a Medicare benefit", "pfs-formula"),
        (MAINTENANCE, "98941", "Medicare does not pay for maintenance.", "bp-15-240"),
        (MAINTENANCE, "97110", "only for spinal manipulation", "bp-15-240"),
        (DC, "72100", "x-rays that a chiropractor takes or orders", "bp-15-240"),
        (PT, "99213", "Medicare does not pay a physical therapist for it.", "therapy-list"),
        (PT, "72100", "Medicare does not pay a physical therapist for it.", "therapy-list"),
        (ADVANTAGE, "97110", "Not on the list", "payer-policies"),
        (Settings(payer="uhc", provider="pt"), "99213", "a physical therapist", "uhc-em-therapist"),
        (MAINTENANCE, "97010", "neither pays it nor lets the patient be charged", "pfs-formula"),
        (PT, "97799", NO_RVU, "pfs-formula"),
        (COMMERCIAL, "S9117", NO_RVU, "pfs-formula"),
        (Settings(payer="self-pay"), "S9117", NO_RVU, "pfs-formula"),
        (Settings(payer="self-pay"), "97110", "Your own fee applies.", ""),
    ],
)  # fmt: skip
def test_why_a_line_is_not_paid(chosen, code, words, source):
    """Medicare's coverage, no RVU, own fees (domain 3.1, 3.4); the units stay what they are."""
    answer = estimate([(code, 15)], chosen).answer()
    (line,) = explain(answer).lines
    assert words in line.payment
    assert (line.payment_source, line.units) == (source, 1)
    assert answer.lines[0].allowed in (None, 0)


@pytest.mark.parametrize(
    ("chosen", "code"),
    [
        (PT, "97110"),
        (DC, "98941"),
        (Settings(phase="active"), "98942"),
        (COMMERCIAL, "97010"),
        (COMMERCIAL, "98943"),
        (Settings(payer="self-pay", percent=120), "97110"),
    ],
)
def test_line_that_is_paid_needs_no_words(chosen, code):
    """Nothing to explain where an amount is allowed."""
    answer = estimate([(code, 15)], chosen).answer()
    (line,) = explain(answer).lines
    assert (line.payment, line.payment_source) == ("", "")
    assert answer.lines[0].allowed > 0


# One visit at a time


def test_several_visits_are_refused():
    """The words are about one visit."""
    lines = pd.DataFrame({"visit": [1, 2], "code": ["97110"] * 2, "minutes": [15] * 2})
    with pytest.raises(ValueError, match="one visit, not 2"):
        explain(chirocalc.estimate(lines, PT).answer())


def test_no_visit_has_no_words():
    """An empty frame is no error."""
    nothing = pd.DataFrame({"code": [], "minutes": []})
    reasons = explain(chirocalc.estimate(nothing, PT).answer())
    assert (reasons.summary, reasons.tie, reasons.lines) == ("", "", ())


def test_lines_stand_as_in_the_answer():
    """The professional and the technical part of a film have a reason each."""
    visit = [("97110", 20), ("72100", None), ("98941", None), ("72100", None)]
    answer = estimate(visit, modifiers=[None, "26", None, "TC"])
    reasons = explain(answer.answer())
    assert [line.code for line in reasons.lines] == answer.lines["code"].tolist()
    assert units_of(reasons) == answer.lines["units"].tolist() == [1, 1, 1, 1]
    assert reasons.summary == "20 timed minutes: 1 unit (8 to 22 minutes)."


def test_a_line_left_off_is_said_to_be():
    """And no minutes are offered to it, nor does its time stand in another's margins."""
    told = estimate([("97110", 20), ("97112", 18), ("97140", 20)]).answer()
    services = [
        line.service._replace(unbilled=OFF if line.code == "97112" else "") for line in told.lines
    ]
    found = explain(answer_of(services, told.settings))
    bare = explain(estimate([("97110", 20), ("97140", 20)]).answer())
    first, off, last = found.lines
    assert off.text == "Left off the claim: document it, do not bill it."
    assert (off.to_next, off.spare) == (None, None)
    assert (first, last) == bare.lines
    assert found.tie == bare.tie != ""


@pytest.mark.parametrize(
    ("modifiers", "words", "allowed"),
    [
        ("FX", "FX 20% less for the technical part of the x-ray: $5.95 less.", 34.47),
        ("FY", "FY 10% less for the technical part of the x-ray: $2.97 less.", 37.45),
        ("FX FY", "FX 20% and then FY 10% less for the technical part of the x-ray: $8.33", 32.09),
        ("TC FX", "FX 20% less for the x-ray: $5.95 less.", 23.78),
        ("26 FX", "", 10.69),
        ("", "", 40.42),
    ],
)
def test_film_is_said_with_its_dollars(modifiers, words, allowed):
    """72100 is $40.42 in 2026, of it $29.73 for the films and $10.69 for the reading (fx-fy)."""
    table = pd.DataFrame({"code": ["72100"], "minutes": [None], "modifiers": [modifiers]})
    told = chirocalc.estimate(table, COMMERCIAL).answer()
    [line] = explain(told).lines
    assert told.lines[0].allowed == allowed
    assert line.payment.startswith(words)
    assert bool(line.payment) == bool(words)
    assert line.payment_source == ("fx-fy" if words else "")


def test_every_code_there_is_in_one_visit_is_explained_soon():
    """Seconds of the processor; trying each minute of each clock beside all lines took 70."""
    codes = tables.codes()["code"].unique()
    answer = chirocalc.estimate(pd.DataFrame({"code": codes, "minutes": 20})).answer()
    began = time.process_time()
    assert len(explain(answer).lines) == len(codes)
    assert time.process_time() - began < 10
