"""One visit as records: the same units, RVUs, dollars and findings that the frames have."""

import math
import random

import pandas as pd
import pytest
from oracles.visits import answer, estimate, frame, lines_of, records, settings_of

import chirocalc
from chirocalc.rules import COLLECT, OFF
from chirocalc.rules import answer as answer_of

CODES = [
    "98940", "98941", "98943", "97110", "97112", "97140", "97530", "97012", "97010", "99213",
    "97810", "97811", "72100", "97161", "97799", "S9117",
]  # fmt: skip
SETTINGS = [
    "payer=medicare phase=active",
    "payer=medicare provider=pt kx_used=2450",
    "payer=medicare phase=maintenance participating=no",
    "payer=va",
    "payer=commercial-midpoint percent=120",
    "payer=workers-comp",
    "payer=self-pay",
]
OF_LINES = [
    "code", "minutes", "units", "units_cms", "units_cpt", "extra_unit", "tied", "work_rvu",
    "pe_rvu", "mp_rvu", "total_rvu", "fee", "allowed", "covered",
]  # fmt: skip
OF_VISITS = [
    *("timed_minutes", "units", "work_rvu", "total_rvu", "fee", "allowed", "lines_without_rvu")
]


def some_visit(draw):
    """A visit in short."""
    lines = []
    for code in draw.sample(CODES, draw.randint(1, 6)):
        minutes = draw.choice(["", ":0", ":7", ":15", ":20", ":20", ":33"])
        region = draw.choice(["", "", "@lumbar", "@cervical|thoracic|lumbar"])
        modifier = draw.choice(["", "", "+GP", "+59", "+AT", "+CQ"])
        lines.append(f"{code}{minutes}{region}{modifier}{draw.choice(['', '?yes', '?no'])}")
    return "; ".join(lines)


def values(record, names):
    """Fields of a record, what is not there as None."""
    return [getattr(record, name) for name in names]


def row_values(row, names):
    """Columns of a row, what is missing as None."""
    return [None if pd.isna(row[name]) else row[name] for name in names]


@pytest.mark.parametrize("chosen", SETTINGS)
def test_an_answer_is_what_the_frames_say(chosen):
    """Line by line, the visit's sums, and every finding to the word."""
    draw = random.Random(21)
    for _ in range(40):
        text = some_visit(draw)
        est = estimate(text, chosen)
        told = est.answer()
        rows = est.lines.to_dict("records")
        assert len(told.lines) == len(rows)
        for line, row in zip(told.lines, rows, strict=True):
            assert values(line, OF_LINES) == row_values(row, OF_LINES), text
            if line.timed:
                assert (line.full_units, line.leftover) == (row["full_units"], row["leftover"])
        visit = est.visits.iloc[0].to_dict()
        assert values(told, OF_VISITS) == row_values(visit, OF_VISITS), text
        found = [(f.code, f.rule, f.level, f.modifier, f.in_full, f.source) for f in told.findings]
        assert sorted(found) == records(est.findings), text


@pytest.mark.parametrize("chosen", SETTINGS)
@pytest.mark.parametrize(
    "text",
    [
        "98941@lumbar; 97140:8@lumbar+59?yes; 97112:15; 97140:7@cervical+GP",
        "97530:15; 97750:15?yes; 97750:15?no; 97750; 97110:20",
        "97530:15; 97750:15?no; 97750:15?yes",
        "97012; 97012; 72100; 72100x2; 98940",
        "97110; 97112:20; 97110",
    ],
)
def test_services_of_a_code_are_one_line_as_in_frames(text, chosen):
    """Minutes and counts add up, regions and modifiers join, and one no is a no."""
    records_of = chirocalc.tables.records()
    services = [
        chirocalc.rules.read_service(
            code := records_of[line["code"]],
            line["count" if code.time_rule == "counted" else "minutes"],
            line["modifiers"].split(),
            line["region"].split("|"),
            line["separate"],
        ).service
        for line in lines_of(text)
    ]
    told = chirocalc.rules.answer(services, settings_of(chosen))
    est = estimate(text, chosen)
    rows = est.lines.to_dict("records")
    assert [values(line, OF_LINES) for line in told.lines] == [
        row_values(row, OF_LINES) for row in rows
    ]
    found = [(f.code, f.rule, f.level, f.modifier, f.in_full, f.source) for f in told.findings]
    assert sorted(found) == records(est.findings)


def test_the_findings_of_lines_and_of_the_visit_are_all_there_are():
    """None is on two lines, none is lost."""
    told = answer("98941; 97140:15; 97110:8; 97112:8", "payer=medicare provider=pt")
    of_lines = [found for line in told.lines for found in line.findings]
    assert of_lines
    assert told.visit_findings
    assert [*of_lines, *told.visit_findings] == list(told.findings)
    assert {found.code for found in told.visit_findings} == {""}
    for line in told.lines:
        assert {found.code for found in line.findings} <= {line.code}


@pytest.mark.parametrize("chosen", SETTINGS)
def test_an_answer_under_other_settings_is_that_of_the_other_settings(chosen):
    """Units, dollars and findings; nothing of the first settings is left."""
    text = "98941@lumbar; 97110:20+GP; 97112:20; 99213?yes; 97010"
    first = answer(text, "payer=medicare provider=pt kx_used=100")
    assert first.under(settings_of(chosen)) == answer(text, chosen)


def test_an_answer_is_about_one_visit():
    """Two visits have no one answer; no visit has an empty one."""
    with pytest.raises(ValueError, match="one visit, not 2"):
        chirocalc.estimate(frame("98941", "98942")).answer()
    nothing = answer("")
    assert (nothing.lines, nothing.findings, nothing.units) == ((), (), 0)
    assert (nothing.allowed, nothing.total_rvu) == (None, None)


def test_lines_of_an_answer_sum_to_their_visit():
    """Missing amounts are left out of the sum, and are not 0.00."""
    told = answer("97110:30; 97799; 97140:15", "payer=medicare provider=pt")
    assert [line.allowed is None for line in told.lines] == [False, True, False]
    known = [line.allowed for line in told.lines if line.allowed is not None]
    assert told.allowed == round(math.fsum(known), 2)
    assert told.lines_without_rvu == 1


# What is not billed


def marked(text, chosen, **unbilled):
    """A visit with some lines off the claim or to collect: `_97110="off"`; and as it was."""
    told = answer(text, chosen)
    services = [
        line.service._replace(unbilled=unbilled.get(f"_{line.key}", "")) for line in told.lines
    ]
    return answer_of(services, told.settings), told


@pytest.mark.parametrize("chosen", SETTINGS)
def test_what_is_left_off_is_as_if_it_had_not_been_entered(chosen):
    """The other lines have the units, dollars and findings of the visit without it."""
    draw = random.Random(22)
    for _ in range(40):
        lines = lines_of(some_visit(draw))
        off = {f"_{line['code']}" for line in lines if draw.random() < 0.4}
        found, _ = marked(lines, chosen, **dict.fromkeys(off, OFF))
        rest = [line for line in lines if f"_{line['code']}" not in off]
        if rest:
            bare = answer(rest, chosen)
            assert tuple(line for line in found.lines if not line.is_off) == bare.lines
            assert found.findings == bare.findings
            assert (found.units, found.timed_minutes) == (bare.units, bare.timed_minutes)
        assert [line.code for line in found.lines] == [line["code"] for line in lines]


def test_a_line_left_off_has_its_minutes_and_nothing_else():
    """It is documented, in its place, whatever its payer pays."""
    found, told = marked("97110:23; 98941; 97140:20", "payer=va", _97110=OFF)
    first = found.lines[0]
    assert (first.code, first.minutes, first.is_off) == ("97110", 23, True)
    assert (first.units, first.allowed_cents, first.findings, first.timed) == (0, 0, (), False)
    assert [line.is_off for line in found.lines] == [True, False, False]
    assert [line.units for line in told.lines] == [2, 1, 1]
    assert [line.units for line in found.lines] == [0, 1, 1]
    assert found.under(settings_of("payer=uhc")).lines[0].is_off


def test_what_the_patient_pays_keeps_its_units_and_has_no_hints():
    """There is no claim to mend; its minutes are still the visit's (domain 1.1)."""
    chosen = "payer=medicare phase=active"
    found, told = marked(
        "98941@lumbar|sacral|pelvic+AT; 97110:12; 97140:10", chosen, _97110=COLLECT
    )
    assert [line.units for line in found.lines] == [line.units for line in told.lines] == [1, 1, 0]
    assert {each.rule for each in told.lines[1].findings} == {"excluded"}
    assert found.lines[1].findings == ()
    assert [line.is_collected for line in found.lines] == [False, True, False]
    assert found.allowed == told.allowed == 38.41


@pytest.mark.parametrize("payer", ["uhc", "va", "self-pay", "medicare provider=pt"])
def test_nothing_that_the_payer_pays_is_collected(payer):
    """A payer that covers it gets the bill, and its hints stay."""
    found, told = marked("97110:15; 97140:15", f"payer={payer}", _97110=COLLECT)
    assert not any(line.is_collected for line in found.lines)
    assert found.findings == told.findings
    assert found.allowed == told.allowed


def test_no_pair_is_made_with_what_is_not_on_the_claim():
    """97140 and 97124 are a pair only where both are billed (ncci-ptp)."""
    lines = "97140:15; 97124:15"
    for chosen, how in (("payer=uhc", OFF), ("payer=medicare", OFF), ("payer=medicare", COLLECT)):
        found, told = marked(lines, chosen, _97140=how)
        assert "pair-0" in {each.rule for each in told.findings}
        assert "pair-0" not in {each.rule for each in found.findings}


def test_a_visit_of_which_nothing_is_billed():
    """No unit, no finding, all lines in their places."""
    found, _ = marked("97110:15; 98941", "payer=medicare", _97110=OFF, _98941=OFF)
    assert ([line.code for line in found.lines], found.units) == (["97110", "98941"], 0)
    assert found.findings == ()
