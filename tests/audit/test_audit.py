"""The audit of billed visits: against a plain loop, planted faults, a clean file, and a snapshot.

UPDATE_SNAPSHOT=1 python -m pytest tests/audit/test_audit.py -k snapshot writes the snapshot anew.
"""

import csv
import difflib
import io
import os
import re
from collections import Counter, defaultdict
from decimal import Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path
from random import Random

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from oracles import audit as oracle
from oracles.units import valid_allocations
from oracles.visits import LINE

from chirocalc import Settings, tables
from chirocalc.audit import parts as audit_files
from chirocalc.audit.audit import FINDINGS, audit
from chirocalc.audit.rows import LINES
from chirocalc.audit.sample import sample
from chirocalc.audit.totals import Totals

CASES = Path(__file__).parents[1] / "cases"
SNAPSHOT = CASES / "sample_findings.csv"
FAULTS = CASES / "audit_faults.csv"
TOTAL_TIME = Settings(payer="commercial-total-time", provider="pt")
MIDPOINT = Settings(payer="commercial-midpoint", provider="pt")
ABOUT = {"payer": "", "place": "", "discipline": "", "date": "2026-03-02", "provider": "A"}
ABOUT |= {"claim": "", "named": ""}


def visit(text, name="V1", **about):
    """Rows from "98941x1@lumbar+AT; 97140:15x1": code, :minutes, xunits, @regions, +modifiers."""
    rows = []
    for word in text.split(";"):
        match = LINE.fullmatch(word.strip())
        assert match, f"not a line: {word!r}"
        said = match.groupdict("")
        rows.append(
            ABOUT
            | {
                "visit": name,
                "code": said["code"],
                "minutes": said["minutes"],
                "units": said["count"],
                "modifiers": said["modifiers"].replace("+", " "),
                "region": said["region"].strip(),
            }
            | about
        )
    return rows


def frame(rows):
    """Rows of text as `audit` takes them, numbered as in a file."""
    table = pd.DataFrame([ABOUT | row for row in rows], dtype=str)
    for column, name in {"minutes": "minutes", "billed": "units"}.items():
        table[column] = pd.to_numeric(table[name].where(table[name] != "", None)).astype(float)
    return table.assign(row=range(2, len(table) + 2))[LINES]


def found(rows, settings=TOTAL_TIME, rules=oracle.UNIT_RULES):
    """The rules found, as "rule code" words, sorted; all of them with `rules=None`."""
    findings = audit(frame(rows), settings).findings
    return sorted(
        f"{f.rule} {f.code}" for f in findings.itertuples() if not rules or f.rule in rules
    )


def cents(values):
    """Whole cents of a column of dollars."""
    return [round(value * 100) for value in values]


# Against the plain loop


SETTINGS = {
    "medicare-dc": {"payer": "medicare"},
    "medicare-pt": {"payer": "medicare", "provider": "pt", "locality": "01112-05"},
    "uhc-percent": {"payer": "uhc", "percent": "87.5"},
    "va-line": {"payer": "va", "provider": "pt", "mppr": "line", "place": "facility"},
    "va-midpoint": {"payer": "va", "provider": "ot", "rule": "cpt"},
    "total-time": {"payer": "commercial-total-time"},
    "midpoint": {"payer": "commercial-midpoint", "mppr": "pe"},
    "workers-comp": {"payer": "workers-comp", "rule": "cms", "percent": "133.33"},
    "self-pay": {"payer": "self-pay", "rule": "cms"},
}
VISITS = 300
DAYS = 150
UNITS = re.compile(r"(\d+) of \w{5} billed, (\d+|none) supported by ")


def both_settings(values):
    """The same settings for the engine and for the oracle."""
    mine = {("unit_rule" if name == "rule" else name): value for name, value in values.items()}
    if "percent" in mine:
        mine["percent"] = float(mine["percent"])
    return Settings(**mine), oracle.Setting(**values)


def of_engine(answer):
    """What the oracle judges of the engine's findings, by number and day."""
    out = defaultdict(list)
    for f in answer.findings.itertuples():
        if f.rule in oracle.RULES:
            said = UNITS.match(f.text)
            units = [0 if word == "none" else int(word) for word in said.groups()] if said else None
            dollars = Decimal(f"{f.dollars:.2f}")
            out[f.visit, f.date].append(
                oracle.Finding(f.code, f.rule, f.level, *units or (None, None), dollars)
            )
    return {name: sorted(found, key=str) for name, found in out.items()}


def differences(rows, values, minutes="line"):
    """(day's rows, engine's, oracle's) where the two differ."""
    engine, setting = both_settings(values)
    rows = [ABOUT | row for row in rows]
    got = of_engine(audit(frame(rows), engine, minutes=minutes))
    given_units = any(row["units"] for row in rows)
    odd = []
    for name, group in oracle.days_of(rows).items():
        valid = [
            sorted((f._replace(dollars=f.dollars.quantize(Decimal("0.01"))) for f in each), key=str)
            for each in oracle.answers(group, setting, given_units, minutes=minutes)
        ]
        if got.get(name, []) not in valid:
            odd.append((group, got.get(name, []), valid[0]))
    return odd


@pytest.mark.parametrize("name", SETTINGS)
def test_random_visits_match_the_plain_loop(name):
    """Rule, level, units and dollars to the cent, under some settings and for other payers; in a
    tie any valid allocation that is nearest to what was billed is fine."""
    random = Random(f"audit {name}")
    payers = ("", "", *random.sample(sorted(oracle.PAYERS), 2))
    rows = [row for n in range(VISITS) for row in oracle.made_up(f"V{n}", random, payers)]
    assert differences(rows, SETTINGS[name]) == []


@pytest.mark.parametrize("minutes", ["line", "visit"])
@pytest.mark.parametrize("name", SETTINGS)
def test_random_days_match_the_plain_loop(name, minutes):
    """Several disciplines, plans, places, claims and payers of one day, their rows mixed; minutes
    as each line's own and as the visit's."""
    random = Random(f"days {name} {minutes}")
    payers = ("", "", *random.sample(sorted(oracle.PAYERS), 2))
    rows = []
    for n in range(DAYS):
        day = random.choice(["2026-03-02", "2026-03-03"])
        made = oracle.made_up_day(f"A{n // 2}", random, payers)
        rows += [row | {"date": day} for row in made]
    assert differences(random.sample(rows, len(rows)), SETTINGS[name], minutes) == []


def test_random_visits_have_every_rule():
    """The brute force is only worth its runs if it meets all that the oracle judges."""
    random, seen = Random(1), Counter()
    for n in range(VISITS):
        rows = oracle.made_up_day(f"V{n}", random, ("commercial-midpoint", "commercial-total-time"))
        seen.update(f.rule for f in next(oracle.answers(rows, oracle.Setting())))
    assert set(seen) == oracle.RULES
    assert min(seen.values()) >= 3


ANY_VISIT = st.lists(
    st.tuples(
        st.sampled_from([*oracle.TIMED, *oracle.CLOCKS, *oracle.OTHERS]),
        st.one_of(st.just(""), st.integers(0, 70).map(str)),
        st.one_of(st.just(""), st.integers(0, 9).map(str)),
        st.sampled_from(["", "AT", "GZ", "GP 59"]),
    ),
    min_size=1,
    max_size=6,
)


@given(
    st.lists(ANY_VISIT, min_size=1, max_size=3),
    st.sampled_from(sorted(SETTINGS)),
    st.sampled_from(["", *oracle.PAYERS]),
)
@hypothesis_settings(max_examples=60)
def test_any_visits_match_the_plain_loop(visits, name, payer):
    """The same with visits that hypothesis finds: the same code twice, odd units, few minutes."""
    names = ("code", "minutes", "units", "modifiers")
    rows = [
        ABOUT
        | {"visit": f"V{n}", "region": "", "payer": payer, **dict(zip(names, row, strict=True))}
        for n, each in enumerate(visits)
        for row in each
    ]
    assert differences(rows, SETTINGS[name]) == []


@given(st.lists(st.lists(st.integers(0, 60), min_size=1, max_size=5), max_size=20), st.randoms())
@hypothesis_settings(max_examples=15)
def test_any_valid_allocation_gives_no_finding(visits, random):
    """In a tie the clinician may choose (domain 1.1)."""
    rows = visit("97110:15x1")
    for n, minutes in enumerate([[7, 7, 7], [20, 20], *visits]):
        units = random.choice(sorted(valid_allocations(minutes, "cms")))
        timed = zip(oracle.TIMED, minutes, units, strict=False)
        rows += visit("; ".join(f"{code}:{time}x{u}" for code, time, u in timed), f"tie {n}")
    assert found(rows) == []


@pytest.mark.parametrize("seed", range(3))
def test_lines_have_units_under_both_rules(seed):
    """Supported by the payer's rule, missing where it cannot be told; both rules beside it. A tie
    goes where it was billed."""
    random = Random(seed)
    rows = [row for n in range(60) for row in oracle.made_up(f"V{n}", random)]
    for settings in (TOTAL_TIME, MIDPOINT):
        lines = audit(frame(rows), settings).lines
        for name, group in oracle.visits_of(rows):
            timed = [line for line in oracle.lines_of(group) if line.kind == "timed15"]
            mine = lines[(lines["visit"] == name) & lines["code"].isin(oracle.TIMED)]
            if not timed:
                continue
            blind = any(line.billed is not None and not line.has_minutes for line in timed)
            seen = settings is TOTAL_TIME and not blind
            billed = [line.billed if seen else None for line in timed]
            minutes = [line.minutes for line in timed]
            cms, cpt = (oracle.nearest(billed, minutes, rule)[0] for rule in ("cms", "cpt"))
            assert tuple(mine["units_cms"]) == cms
            assert tuple(mine["units_cpt"]) == cpt
            right = cms if settings is TOTAL_TIME else cpt
            assert [None if pd.isna(u) else u for u in mine["supported"]] == (
                [None] * len(timed) if blind else list(right)
            )


# Units, one case at a time


@pytest.mark.parametrize(
    ("text", "cms", "cpt"),
    [
        ("97110:15x1", [], []),
        ("97110:15x2", ["units-over 97110"], ["units-over 97110"]),
        ("97110:7x1", ["units-zero 97110"], ["units-zero 97110"]),
        ("97110:30x1", ["units-under 97110"], ["units-under 97110"]),
        ("97110:24x2; 97112:23x1", [], ["units-under 97112"]),
        ("97110:24x2; 97112:23x2", ["units-over 97112"], []),
        ("97110:20x1; 97112:20x1", ["units-under 97110"], []),
        ("97110:20x1; 97112:20x2", [], ["units-over 97112"]),
        ("97110:7x0; 97112:7x0; 97530:7x1", [], ["units-zero 97530"]),
        ("97110:18x1; 97140:13x1; 97116:10x1; 97035:8x0", [], ["units-under 97035"]),
        ("97810:15x1; 97811:15x1", [], []),
        ("97810:15x1; 97811:7x1", ["units-zero 97811"], ["units-zero 97811"]),
        ("97810:30x1; 97811x1", [], []),
        ("98979:20x1", ["units-zero 98979"], ["units-zero 98979"]),
        ("97110:15x1; 97110:15x1", [], []),
        ("97110:15; 97112:15x1", [], []),
        ("99213:5x1; 98941x1@lumbar|sacral|pelvic; G0283:30x1", [], []),
        ("97012:60x4", [], []),
    ],
)
def test_unit_findings(text, cms, cpt):
    """Billed beside supported, under either rule (domain 1)."""
    assert found(visit(text)) == cms
    assert found(visit(text), MIDPOINT) == cpt


def test_dollars_and_rvus_are_those_of_the_units_between():
    """Two of 97110 too many: the first unit is paid in full, so both are reduced ones (3.2)."""
    rows = visit("97110:15x3") + visit("97112:38x1", "V2")
    findings = audit(frame(rows), Settings(provider="pt")).findings
    units = findings[findings["rule"].isin(oracle.UNIT_RULES)]
    assert cents(units["dollars"]) == [2 * 2221, -2 * 2488]
    assert cents(units["rvus"]) == [2 * 87, -2 * 98]


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("97110x1; 97112:15x3", ["missing-minutes 97110"]),
        ("97110x1; 97810:15x4", ["missing-minutes 97110", "units-over 97810"]),
        ("97810x1; 97112:15x3", ["missing-minutes 97810", "units-over 97112"]),
        ("97110; 97112:15x3", ["units-over 97112"]),
        ("97110x0; 97112:15x3", ["missing-minutes 97110"]),
    ],
)
def test_missing_minutes_blind_the_timed_lines_of_the_visit(text, rules):
    """Without one timed line's minutes the visit's total is not known; other clocks go on."""
    other = visit("97112:15x3", "V2")
    answer = audit(frame(visit(text) + other), TOTAL_TIME)
    findings = answer.findings[answer.findings["rule"].isin(oracle.UNIT_RULES)]
    mine = findings[findings["visit"] == "V1"]
    assert sorted(mine["rule"] + " " + mine["code"]) == rules
    assert list(findings.loc[findings["visit"] == "V2", "rule"]) == ["units-over"]
    lines = answer.lines[
        (answer.lines["visit"] == "V1") & (answer.lines["code"].isin(oracle.TIMED))
    ]
    assert lines["supported"].isna().all() == ("missing-minutes 97110" in rules)


def test_without_any_units_billed_minutes_are_still_asked_for():
    """A file without a units column is not compared, and a timed line still needs its minutes."""
    rows = visit("97110; 97112:15; 98941", "V1") + visit("97110:60", "V2")
    assert found(rows) == ["missing-minutes 97110"]


@pytest.mark.parametrize(
    ("row", "visit_said", "column"),
    [
        ("99999x1", "", "code"),  # may be a number of a patient, and the row then one that slipped
        ("97112:15x1+GPX", "", "modifiers"),
        ("97112:15x1+26", "V1", "modifiers"),
        ("97112:1441x1", "V1", "minutes"),
    ],
)
def test_visits_with_refused_rows_are_not_compared(row, visit_said, column):
    """The engine's own refusals: the row is named, and the rest of its visit is not judged."""
    rows = visit(f"97110:15x4; {row}; 97810:15x3") + visit("97110:15x4", "V2")
    answer = audit(frame(rows), TOTAL_TIME)
    assert answer.refused[["row", "visit", "column"]].values.tolist() == [[3, visit_said, column]]
    units = answer.findings[answer.findings["rule"].isin(oracle.UNIT_RULES)]
    assert set(units["visit"]) == {"V2"}
    assert answer.lines.loc[answer.lines["visit"] == "V1", "supported"].isna().all()
    assert answer.totals.rows["incomplete"] == 1
    assert (answer.totals.rows["used"], answer.totals.rows["refused"]) == (3, 1)


@pytest.mark.parametrize("day", ["2026-03-02", ""])
def test_visits_called_incomplete_are_not_compared(day):
    """Rows refused before the engine saw them count too, of a day not known for all days of their
    number; other visits go on."""
    rows = visit("97110:15x4") + visit("97110:15x4", "V2")
    findings = audit(frame(rows), TOTAL_TIME, [("V1", day), ("not there", day)]).findings
    assert set(findings.loc[findings["rule"].isin(oracle.UNIT_RULES), "visit"]) == {"V2"}


def test_minutes_of_a_visit_that_add_up_to_more_than_a_day_are_refused():
    """Two rows of one code that no day has room for: both are named."""
    answer = audit(frame(visit("97110:1000x4; 97110:1000x4; 97112:15x1")), TOTAL_TIME)
    assert list(answer.refused["row"]) == [2, 3]
    assert list(answer.lines["code"]) == ["97112"]


@pytest.mark.parametrize("rows", [[], visit("99999x1")])
def test_nothing_to_audit(rows):
    """No row that can be used: empty tables with their columns, and sums of nothing."""
    table = frame(rows) if rows else frame(visit("97110x1")).iloc[:0]
    answer = audit(table, TOTAL_TIME)
    assert list(answer.findings.columns) == FINDINGS
    assert (len(answer.findings), len(answer.lines), len(answer.refused)) == (0, 0, len(rows))
    assert Totals.add([answer.totals, answer.totals]).rows["refused"] == 2 * len(rows)


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("97110:7x0; 97112:7x1; 97530:7x1", ["units-zero 97530"]),
        ("97110:20x1; 97112:20x3", ["units-over 97112"]),
        ("97110:20; 97112:20x2", []),
    ],
)
def test_a_fault_beside_a_tie_is_the_only_one(text, rules):
    """7 + 7 + 7 makes one unit, of any: who bills the second and third has one too many, not two
    too many and one too few."""
    assert len(found(visit(text))) == len(rules)


def test_a_valid_tie_moves_no_dollars_of_other_lines():
    """97110 is billed for the tie with 97530: the second unit of 97112 is a reduced one."""
    rows = visit("97530:7x0; 97110:7x1; 97112:16x2")
    findings = audit(frame(rows), Settings(provider="pt")).findings
    assert cents(findings.loc[findings["rule"] == "units-over", "dollars"]) == [2488]


def test_what_is_not_billed_moves_no_dollars():
    """An evaluation that was not billed leaves the second unit of 97112 a reduced one."""
    rows = visit("97161x0; 97112:15x2")
    findings = audit(frame(rows), Settings(provider="pt")).findings
    assert cents(findings.loc[findings["rule"] == "units-over", "dollars"]) == [2488]


def test_a_row_without_minutes_beside_one_with_minutes_of_the_same_code():
    """15 minutes and one unit, and another unit without minutes: minutes are missing."""
    assert found(visit("97110:15x1; 97110x1")) == ["missing-minutes 97110"]


# Hints on what was billed


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("97035:45x3", ["mue 97035"]),
        ("97035:45x2", []),
        ("97035x3", ["mue 97035"]),
        ("97035:45", ["mue 97035"]),
        ("97012x1", []),
        ("97012x2", ["mue 97012", "untimed-units 97012"]),
        ("97012", []),
        ("97012x0", []),
        ("72100x2", []),
        ("72100x3", ["mue 72100"]),
        ("97811:15x1", ["addon 97811"]),
        ("97811:15x0", []),
        ("97811:15x1; 97810:15x0", ["addon 97811"]),
        ("97811:15x1; 97813:15x1", []),
        ("97130:20x1; 97129:15x1", []),
        ("98940x1; 98941x1", ["one-cmt 98940"]),
        ("98940x0; 98941x1", []),
        ("98940x1; 98941x1; 98942x1", ["one-cmt 98940", "one-cmt 98940", "one-cmt 98941"]),
        ("98942x1@lumbar", ["one-cmt 98942"]),
    ],
)
def test_hints_are_about_billed_units(text, rules):
    """Above the MUE, untimed above one, alone or twice: all by what was billed; 0 is not billed."""
    assert found(visit(text), rules=oracle.RULES - oracle.UNIT_RULES) == rules


OF_A_DC = {"payer": "va", "discipline": "chiropractor"}


def test_what_is_billed_zero_times_has_no_hint():
    """Neither a modifier nor a pair is asked of a line that was documented and not billed."""
    rows = visit("98941x1@cervical|thoracic|lumbar; 97140:7x0@lumbar; 99213x0; 97150x0", **OF_A_DC)
    assert found(rows, rules=None) == []
    billed = visit(
        "98941x1@cervical|thoracic|lumbar; 97140:7x1@lumbar; 99213x1; 97150x1", **OF_A_DC
    )
    assert {"cmt-region 97140", "em-25 99213", "gp 97150"} <= set(found(billed, rules=None))


def test_hints_have_the_dollars_of_the_line_as_billed():
    """Three of 97035 under Medicare: one in full, two reduced; nothing where it pays nothing."""
    rows = visit("97035:45x3+GP") + visit("97035:45x3+GP+GY", "V2", discipline="chiropractor")
    findings = audit(frame(rows), Settings(provider="pt")).findings
    mue = findings[findings["rule"] == "mue"]
    price = oracle.price("97035", oracle.Setting(provider="pt"))
    assert cents(mue["dollars"]) == [int((price.full + 2 * price.reduced) * 100), 0]
    assert list(mue["level"]) == ["fix", "fix"]


@pytest.mark.parametrize(
    ("modifiers", "phase", "rules"),
    [
        ("", None, ["at-active:needs:"]),
        ("", "active", ["at-active:needs:AT"]),
        ("", "maintenance", ["at-maintenance:needs:"]),
        ("+AT", None, []),
        ("+AT", "maintenance", []),
        ("+GA", None, []),
        ("+GA", "active", []),
        ("+GZ", None, []),
        ("+GA+GZ", None, ["at-maintenance:fix:"]),
        ("+AT+GA", None, ["at-active:fix:"]),  # A1 of the review: an ABN does not cover AT
    ],
)
def test_modifiers_on_the_adjustment_say_what_the_treatment_was(modifiers, phase, rules):
    """AT is active treatment, GA or GZ maintenance, whatever the settings say (bp-15-240)."""
    rows = visit(f"98941x1@cervical|thoracic|lumbar{modifiers}") + visit("98940x1+AT", "V2")
    answer = audit(frame(rows), Settings(phase=phase))
    said = answer.findings[answer.findings["rule"].str.startswith("at-")]
    assert [f"{f.rule}:{f.level}:{f.modifier}" for f in said.itertuples()] == rules
    maintenance = "G" in modifiers and "AT" not in modifiers
    covered = not maintenance and (phase != "maintenance" or "AT" in modifiers)
    assert list(answer.lines["covered"]) == [covered, True]


def test_modifiers_on_another_line_say_nothing_of_the_treatment():
    """GZ on a therapy line is no maintenance of the adjustment."""
    rows = visit("98941x1@cervical|thoracic|lumbar; 97110:15x1+GZ+GP+GY")
    assert "at-active 98941" in found(rows, Settings(), None)


def test_payer_place_and_discipline_of_each_visit_go_before_the_settings():
    """Each visit is priced and judged by its own; what is not said is as the settings are."""
    rows = [
        *visit("97110:24x2; 97112:23x1", "V1", payer="va", place="facility"),
        *visit("97110:24x2; 97112:23x1", "V2", payer="commercial-midpoint"),
        *visit("97110:24x2; 97112:23x1", "V3", discipline="ot"),
        *visit("97161x1", "V4", place="facility"),
        *visit("97161x1", "V5"),
    ]
    answer = audit(frame(rows), Settings(provider="pt", unit_rule="cms", percent=80))
    assert list(answer.lines["payer"]) == [
        *("va", "va", "commercial-midpoint", "commercial-midpoint", "medicare", "medicare"),
        *("medicare", "medicare"),
    ]
    units = answer.findings[answer.findings["rule"].isin(oracle.UNIT_RULES)]
    assert list(units["visit"]) == ["V2"]  # the rule that was set is about the payer that was set
    asked = answer.findings[answer.findings["rule"] == "gp"]
    assert set(zip(asked["visit"], asked["modifier"], strict=True)) == {
        *(("V1", "GP"), ("V3", "GO"), ("V4", "GP"), ("V5", "GP")),
    }
    facility, office = answer.lines["allowed"].iloc[-2:]
    share = {
        place: oracle.price("97161", oracle.Setting(provider="pt", place=place, percent="80")).full
        for place in ("facility", "office")
    }
    assert (facility, office) == (float(share["facility"]), float(share["office"]))
    assert cents(answer.lines["allowed"].iloc[2:4]) == [5812, 3273]  # 100 percent, no MPPR


# A visit is one patient, one day, one discipline


def test_disciplines_of_a_day_have_minutes_of_their_own():
    """24 + 23 minutes are three units of one discipline, and two and two of two (cpm-5-20.2)."""
    for who, supported in (("pt", [2, 1]), ("ot", [2, 2])):
        rows = visit("97110:24x2", discipline="pt") + visit("97112:23x1", discipline=who)
        assert list(audit(frame(rows), TOTAL_TIME).lines["supported"]) == supported


def test_a_row_without_its_discipline_is_of_the_one_that_is_set():
    """One visit with the rows that say it: no more units than its minutes make."""
    rows = visit("97110:24x2", discipline="pt") + visit("97112:23x2")
    assert found(rows) == ["units-over 97112"]
    assert audit(frame(rows), TOTAL_TIME).totals.rows["visits"] == 1


def test_each_discipline_has_its_own_hints_and_coverage():
    """Medicare pays a chiropractor for adjustments alone, and the therapist beside him for therapy;
    what one did is no pair with what the other did."""
    rows = visit("98941x1+AT; 97140:15x1+GP+GY", discipline="chiropractor")
    rows += visit("97140:15x1+GP; 97530:15x1+GP", discipline="pt")
    answer = audit(frame(rows), Settings())
    assert list(answer.lines["covered"]) == [True, False, True, True]
    alone = [audit(frame(rows[at : at + 2]), Settings()).findings for at in (0, 2)]
    names = ["code", "rule", "level", "modifier", "text"]
    apart = [row for each in alone for row in each[names].values.tolist()]
    assert answer.findings[names].values.tolist() == apart
    assert len(apart) > 0


def test_of_a_day_one_therapy_unit_is_paid_in_full_whoever_treats():
    """A visit each, and one reduction (cpm-5-10.7): 97112 by the OT has the highest practice
    expense."""
    rows = visit("97110:15x1+GP", discipline="pt") + visit("97112:30x2+GO", discipline="ot")
    lines = audit(frame(rows), Settings()).lines
    assert cents(lines["allowed"]) == [2221, 3273 + 2488]
    other = audit(frame(rows[:1] + visit("97112:30x2+GO", date="2026-03-03")), Settings()).lines
    assert cents(other["allowed"])[0] == 2906


def test_payers_of_a_day_each_cut_by_their_own_rule():
    """An adjustment paid by a plan that cuts nothing is no reason for Medicare to cut nothing."""
    rows = visit("98941x1", payer="commercial-total-time", discipline="chiropractor")
    rows += visit("97110:30x2+GP", payer="medicare", discipline="pt")
    lines = audit(frame(rows), Settings()).lines
    assert cents(lines["allowed"])[1] == 2906 + 2221


@pytest.mark.parametrize(
    ("text", "supported"),
    [
        ("97110:24x2+GP; 97112:23x2+GO", [2, 2]),
        ("97110:24x2+GP; 97112:23x1+GP", [2, 1]),
        ("97110:7x0+GP; 97112:7x0+GO; 97530:7x0+GN", [0, 0, 0]),
        ("97110:23x2+GP; 97110:8x1+GO", [2, 1]),  # two lines of one code
        ("97110:20x1+GP; 97112:20x1+GO; 97530:20x2", [1, 1, 2]),  # who says none goes with GP
    ],
)
def test_plans_of_several_disciplines_in_one_visit(text, supported):
    """GP, GO and GN each count their minutes by themselves."""
    answer = audit(frame(visit(text)), Settings(provider="pt"))
    assert list(answer.lines["supported"]) == supported
    units = answer.findings[answer.findings["rule"].isin(oracle.UNIT_RULES)]
    assert units.empty == (list(answer.lines["billed"]) == supported)


def test_each_line_is_priced_for_its_own_place():
    """One visit, one total of minutes, an evaluation in the office and another in a hospital."""
    rows = visit("99213x1", place="office", payer="va") + visit("99202x1", place="facility")
    lines = audit(frame(rows), Settings()).lines
    assert cents(lines["allowed"]) == [
        int(oracle.price(code, oracle.Setting("va", place=place)).full * 100)
        for code, place in (("99213", "office"), ("99202", "facility"))
    ]


def test_claims_of_a_day_are_one_visit_and_days_of_a_claim_are_two():
    """Whatever the claim's number: patient and day (cpm-5-20.2)."""
    one = visit("97110:24x2", claim="C1") + visit("97112:23x2", claim="C2")
    assert found(one) == ["units-over 97112"]
    assert list(audit(frame(one), TOTAL_TIME).lines["claim"]) == ["C1", "C2"]
    two = visit("97110:24x2", claim="C1") + visit("97112:23x2", claim="C1", date="2026-03-03")
    assert found(two) == []


# Payers that are named and not known


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("97110:24x2; 97112:23x1", []),  # by total time
        ("97110:24x2; 97112:23x2", []),  # by the midpoint
        ("97110:24x3; 97112:23x2", ["units-over 97110"]),
        ("97110:7x0; 97112:7x0", []),
        ("97110:7x1; 97112:7x0", []),
        ("97110:24x1; 97112:23x1", ["units-under 97110"]),
    ],
)
def test_units_right_by_either_rule_are_right_for_a_payer_not_known(text, rules):
    """Neither rule is known to be its own."""
    rows = visit(text, named="Aetna PPO")
    assert found(rows, Settings(provider="pt")) == rules
    lines = audit(frame(rows), Settings(provider="pt")).lines
    assert set(lines["payer"]) == {"Aetna PPO"}


def test_a_payer_not_known_is_judged_by_what_holds_at_any():
    """No payer's own wish: neither AT nor GP, and no percent or reduction that was set for another.
    What holds everywhere is said."""
    settings = Settings(provider="pt", percent=50, mppr="pe", therapy_modifier=True)
    rows = visit("97110:30x2; 97012x2; 98941x1", named="Aetna PPO")
    answer = audit(frame(rows), settings)
    assert set(answer.findings["rule"]) & {"gp", "at-active", "excluded"} == set()
    assert {"mue", "untimed-units"} <= set(answer.findings["rule"])
    assert cents(answer.lines["allowed"])[0] == 2 * 2906
    assert answer.totals.payers == Counter({"Aetna PPO": 1})
    assert set(answer.findings["payer"]) == {"Aetna PPO"}


def test_the_first_row_says_whether_the_payer_is_known():
    """As it says who pays: one visit has one payer, and one rule."""
    rows = visit("97110:24x2", payer="commercial-midpoint") + visit("97112:23x1", named="Aetna")
    answer = audit(frame(rows), TOTAL_TIME)
    assert set(answer.lines["payer"]) == {"commercial-midpoint"}
    assert found(rows) == ["units-under 97112"]
    back = audit(frame(rows[::-1]), TOTAL_TIME)
    assert set(back.lines["payer"]) == {"Aetna"}
    assert found(rows[::-1]) == []


# Minutes that are the same on every timed line of a visit


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("97110:30x1; 97112:30x1", []),
        ("97110:30x2; 97112:30x1", ["units-zero 97112"]),  # two in all: on which nobody says
        ("97110:30x1; 97112:30x0", ["units-under 97110"]),
        ("97110:30x1; 97112:30x1; 97530:30x1; 97012x1", ["units-zero 97530"]),
        ("97110:7x0; 97112:7x1", ["units-zero 97112"]),
        ("97110:30x2", []),  # one timed line: its own
        ("97110:30x2; 97112:15x1", []),  # not the same
        ("97110:30x2; 97112x1", ["missing-minutes 97112"]),
        ("97110:30x1; 97112:30", []),  # not said what was billed
        ("97110:30x1+GP; 97112:30x1+GO", ["units-under 97110", "units-under 97112"]),
    ],
)
def test_minutes_of_the_whole_visit(text, rules):
    """They support so many units in all (cpm-5-20.2); which lines they are on is not known."""
    findings = audit(frame(visit(text)), TOTAL_TIME, minutes="visit").findings
    units = findings[findings["rule"].isin(oracle.UNIT_RULES)]
    assert sorted(units["rule"] + " " + units["code"]) == rules


def test_minutes_of_the_whole_visit_decide_nothing_by_the_midpoint():
    """Each code's own minutes would be needed (cpt-time)."""
    answer = audit(frame(visit("97110:30x4; 97112:30x1")), MIDPOINT, minutes="visit")
    assert answer.lines["supported"].isna().all()
    assert not set(answer.findings["rule"]) & oracle.UNIT_RULES


def test_minutes_of_the_whole_visit_count_once():
    """16 minutes are 8 a unit of two, and no code's own."""
    rows = visit("97110:16x1+GP; 97112:16x1+GP; 97035:15x1+GO") + visit("97110:16x1", "V2")
    short = [
        set(audit(frame(rows), MIDPOINT, minutes=way).findings["rule"]) & {"short-units"}
        for way in ("line", "visit")
    ]
    assert short == [set(), {"short-units"}]
    table = audit(frame(rows), MIDPOINT, minutes="visit").totals.by_code
    assert table["timed_minutes"].to_dict() == {"97035": 15, "97110": 16, "97112": 0}
    assert table["timed_units"].to_dict() == {"97035": 1, "97110": 1, "97112": 0}


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("payer", ["medicare", "va", "commercial-midpoint"])
def test_either_way_says_what_the_other_would(seed, payer):
    """Dollars and units above and below, of both meanings of the minutes, whichever is used."""
    random, settings = Random(f"ways {seed}"), Settings(payer=payer, provider="pt")
    rows = [row for n in range(60) for row in oracle.made_up_day(f"V{n}", random, ("", "va"))]
    line, whole = (audit(frame(rows), settings, minutes=way) for way in ("line", "visit"))
    assert line.totals.minutes == whole.totals.minutes
    assert line.totals.minutes["same"] > 5
    for way, answer in (("line", line), ("visit", whole)):
        sums = answer.totals.minutes
        assert sums[f"over {way}"] == answer.totals.at_stake["over"]
        assert sums[f"under {way}"] == answer.totals.at_stake["under"]
        differ = (answer.lines["billed"] - answer.lines["supported"]).astype(float).fillna(0)
        by_time = answer.lines["code"].isin([*oracle.TIMED, *oracle.CLOCKS])
        assert sums[f"over {way} units"] == differ[by_time].clip(lower=0).sum()
        assert sums[f"under {way} units"] == -differ[by_time].clip(upper=0).sum()


# Two lines of one code


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("97110:15x1+GP; 97110:15x1+GP", ["two-lines 97110"]),
        ("97110:15x1; 97110:15x1+59", []),
        ("97110:15x1+GP+59; 97110:15x1+59+GP", ["two-lines 97110"]),  # in any order
        ("97110:15x1; 97110:15x0", []),  # the second was not billed
        ("97110:15; 97110:15; 97112:15x1", []),
        ("97110:15; 97110:15", ["two-lines 97110"]),  # where no units are said all are asked of
        ("97110:15x1+GP; 97110:15x1+GO", []),  # a line of each discipline
        ("98941x1; 98941x1", []),  # not timed: units are what is said
        ("97110:15x1; 97112:15x1; 97110:15x1", ["two-lines 97110"]),
    ],
)
def test_the_same_timed_code_on_two_rows_of_a_day(text, rules):
    """With the same modifiers the second may be rejected: to check, with nothing at stake."""
    assert found(visit(text), rules={"two-lines"}) == rules
    findings = audit(frame(visit(text)), TOTAL_TIME).findings
    mine = findings[findings["rule"] == "two-lines"]
    assert set(mine["level"]) <= {"check"}
    assert (mine["dollars"] == 0).all()


def test_the_same_code_on_two_days_is_on_one_line_each():
    rows = visit("97110:15x1") + visit("97110:15x1", date="2026-03-03")
    assert found(rows, rules={"two-lines"}) == []


def test_the_first_row_speaks_for_its_visit():
    """Rows of a visit with another payer are taken as of the first one's."""
    rows = visit("97110:24x2", payer="commercial-midpoint") + visit("97112:23x1", payer="va")
    assert found(rows) == ["units-under 97112"]
    assert set(audit(frame(rows), TOTAL_TIME).lines["payer"]) == {"commercial-midpoint"}


def test_missing_minutes_are_no_short_units():
    """Where minutes are missing nothing is known of the average."""
    assert found(visit("97110x2; 97112:15x1"), MIDPOINT, {"short-units"}) == []


def test_an_add_on_beside_a_refused_primary_is_not_alone():
    """The primary was billed; its minutes could not be read."""
    rows = visit("97811:15x1")
    assert "addon" not in set(audit(frame(rows), TOTAL_TIME, [("V1", "")]).findings["rule"])


def test_a_finding_on_a_part_has_the_row_and_dollars_of_the_part():
    """Five of the films, TC, and one reading, 26: the MUE is about the films."""
    findings = audit(frame(visit("72100x1+26; 72100x5+TC")), TOTAL_TIME).findings
    mue = findings[findings["rule"] == "mue"].iloc[0]
    films = oracle.price("72100-TC", oracle.Setting(payer="commercial-total-time"))
    assert (mue["row"], round(mue["dollars"] * 100)) == (3, int(films.full * 500))


# Each visit by the tables of its date


def test_each_visit_goes_by_the_tables_of_its_date():
    """The same line in two years, and one without a date: as the settings say."""
    rows = [
        row
        for day in ("2025-12-31", "2026-01-01", "")
        for row in visit("97112:15x1", day or "none", date=day)
    ]
    lines = audit(frame(rows), Settings(provider="pt")).lines.set_index("visit")
    assert lines["allowed"].to_dict() == {"2025-12-31": 32.02, "2026-01-01": 32.73, "none": 32.73}
    assert lines["month"].to_dict() == {
        "2025-12-31": "2025-12",
        "2026-01-01": "2026-01",
        "none": "",
    }
    then = audit(frame(rows), Settings(provider="pt", date="2025-03-03")).lines.set_index("visit")
    assert then["allowed"].to_dict() == lines["allowed"].to_dict() | {"none": 32.02}


def test_a_day_without_tables_is_refused_with_its_row():
    """Never by a neighboring year's numbers; the other rows of the file go on."""
    rows = [*visit("97112:15x1", "V1", date="2024-12-31"), *visit("97112:15x1", "V2")]
    answer = audit(frame(rows), TOTAL_TIME)
    assert answer.lines["visit"].tolist() == ["V2"]
    assert answer.refused.to_dict("records") == [
        {
            "row": 2,
            "visit": "V1",
            "date": "2024-12-31",
            "column": "date",
            "value": "2024",  # a whole day may be one of birth
            "reason": "is a day for which no tables are loaded",
            "kind": "",
        }
    ]


# A clean file, and one with every fault


CLEAN = {
    "medicare": [
        ("98940x1@lumbar+AT", "chiropractor"),
        ("98941x1@cervical|thoracic|lumbar+AT; 97110:15x1+GP+GY; G0283x1+GP+GY", "chiropractor"),
        ("98942x1+AT; 97140:15x1@upper extremities+59+GP+GY", "chiropractor"),
        ("98940x1@lumbar|pelvic+GA", "chiropractor"),
        ("98940x1@lumbar|pelvic+GZ", "chiropractor"),
        ("98941x1@cervical|thoracic|sacral+AT; 99213x1+25+GY; 72100x1+GY", "chiropractor"),
        ("97110:33x2+GP; 97140:7x1+GP", "pt"),
        ("97112:24x2+GP; 97110:23x1+GP", "pt"),
        ("97161x1+GP; 97110:20x1+GP; 97530:20x2+GP", "pt"),
        ("97530:53x4+GO; 97165x1+GO", "ot"),
        ("97110:15x1+CQ+GP", "pt"),
    ],
    "uhc": [
        ("98941x1@cervical|thoracic|lumbar; 97112:15x1@pelvic+XS+GP", "chiropractor"),
        ("97110:23x2+GP; G0283x1+GP", "pt"),
    ],
    "va": [
        ("98940x1@lumbar; 97110:7x0+GP; 97112:7x0+GP; 97530:7x1+GP", "chiropractor"),
        ("97110:18x1+GP; 97140:13x1+GP; 97116:10x1+GP; 97035:8x0+GP; 97014x1", "pt"),
    ],
    "commercial-total-time": [
        ("98941x1@cervical|thoracic|lumbar; 97110:20x2@lumbar; 97530:20x1", "chiropractor"),
        ("97810:15x1; 97811:23x2; 97550:30x1; 97551:15x1", "chiropractor"),
    ],
    "commercial-midpoint": [
        ("98943x1@head; 97140:24x2; 97012x0; 97530:24x2", "chiropractor"),
        ("97129:15x1; 97130:15x1; 98980:20x1; 98981:20x1; 97545:120x1; 97546:60x1", "pt"),
    ],
    "workers-comp": [("97014x1; 97110:15x1; 97150x0", "pt"), ("20561x1", "chiropractor")],
    "self-pay": [("98940x1; 98941x1; 97012x3; 97010x1; 97110:15x1", "chiropractor")],
}


def clean_rows():
    """The clean visits of all payers as one file."""
    return [
        row
        for payer, visits in CLEAN.items()
        for n, (text, who) in enumerate(visits)
        for row in visit(text, f"{payer} {n}", payer=payer, discipline=who)
    ]


@pytest.mark.parametrize(
    ("payer", "text", "who"),
    [(payer, text, who) for payer, visits in CLEAN.items() for text, who in visits],
)
def test_a_clean_visit_has_no_finding(payer, text, who):
    """Billed as it should be: nothing to fix, nothing missing."""
    findings = audit(frame(visit(text)), Settings(payer=payer, provider=who)).findings
    assert findings[findings["level"].isin(["fix", "needs"])].values.tolist() == []
    assert findings[findings["rule"].isin(oracle.UNIT_RULES)].values.tolist() == []


def test_a_clean_file_has_no_finding():
    """The same visits in one file, each with its payer and who treats."""
    answer = audit(frame(clean_rows()), Settings())
    findings = answer.findings
    assert findings[findings["level"].isin(["fix", "needs"])].values.tolist() == []
    assert {name: answer.totals.at_stake[name] for name in ("over", "under", "fix", "needs")} == (
        dict.fromkeys(("over", "under", "fix", "needs"), 0)
    )


def read(path):
    """A CSV as dicts of text."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@cache
def audit_of_faults():
    """The planted faults, read as any file is; the year's therapy is below the threshold."""
    files = audit_files.open_files([(FAULTS, FAULTS.name)])
    columns = audit_files.columns_of(files)
    assert "Planted" not in {column for found in columns.values() for column in found}
    return audit_files.audit_in_memory(files, columns, Settings(kx_used=100))


def test_every_planted_fault_is_found_and_nothing_else():
    """Row by row, once each: what is planted is found there, and nowhere else."""
    planted = [
        (row, rule) for row, line in enumerate(read(FAULTS), 2) for rule in line["Planted"].split()
    ]
    answer = audit_of_faults()
    findings = answer.findings[answer.findings["level"] != "note"]
    got = [*zip(findings["row"], findings["rule"], strict=True)]
    got += [
        (row, "passed" if kind else "refused")
        for row, kind in zip(answer.refused["row"], answer.refused["kind"], strict=True)
    ]
    assert sorted(got) == sorted(planted)


def test_every_kind_of_fault_is_planted():
    """Every rule that is more than a note, rows that cannot be used, and rows of no service."""
    planted = {rule for line in read(FAULTS) for rule in line["Planted"].split()}
    left_out = {"refused", "passed"}
    assert planted == {*tables.rule_names().index, *left_out} - {
        "same-interval",
        "x-ray",
        "film",
        "em-therapy",
    }


def test_what_is_planted_is_found_whatever_the_order_of_the_visits():
    """Each fault by its visit alone: backwards the same is found, but for row numbers."""
    rows, columns = read(FAULTS), list(read(FAULTS)[0])
    visits = [
        list(group) for _, group in oracle.visits_of([r | {"visit": r["Visit"]} for r in rows])
    ]
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(row for group in reversed(visits) for row in group)
    files = audit_files.open_files([(text.getvalue().encode(), "back.csv")])
    back = audit_files.audit_in_memory(files, audit_files.columns_of(files), Settings(kx_used=100))
    names = ["visit", "code", "rule", "level", "modifier", "text", "dollars", "rvus"]
    first, second = audit_of_faults().findings[names], back.findings[names]
    assert sorted(map(str, first.values.tolist())) == sorted(map(str, second.values.tolist()))


# Sums


def random_rows(seed, visits=60):
    """Random visits of several payers, months and providers."""
    random = Random(seed)
    payers = ("", "va", "commercial-midpoint", "self-pay")
    rows = []
    for n in range(visits):
        about = {
            "date": random.choice(["2026-03-02", "2026-04-30", ""]),
            "provider": random.choice("AB"),
        }
        rows += [row | about for row in oracle.made_up(f"V{n}", random, payers)]
    return rows


def comparable(totals):
    """Totals as plain values."""
    tables_of = {name: getattr(totals, name) for name in ("by_code", "by_rule", "by_month")}
    out = {
        name: {key: list(row) for key, row in zip(table.index, table.to_numpy(), strict=True)}
        for name, table in tables_of.items()
    }
    out |= {f"{name} columns": list(table.columns) for name, table in tables_of.items()}
    for name in ("at_stake", "rows", "unknown"):
        out[name] = {key: value for key, value in getattr(totals, name).items() if value}
    return out


@pytest.mark.parametrize("seed", range(3))
def test_totals_are_the_sums_of_lines_and_findings(seed):
    """By code, rule and month, in whole cents and hundredths, added up one by one."""
    answer = audit(frame(random_rows(seed)), Settings(provider="pt"))
    lines, findings = answer.lines.to_dict("records"), answer.findings.to_dict("records")
    by_code, by_rule, by_month = (defaultdict(Counter) for _ in range(3))
    seen = set()
    for line in lines:
        known = {name: 0 if pd.isna(value) else value for name, value in line.items()}
        sums = by_code[line["code"]]
        compared = not pd.isna(line["billed"]) and not pd.isna(line["supported"])
        sums["lines"] += 1
        both = known["minutes"] > 0 and known["billed"] > 0
        sums["timed_minutes"] += both and known["minutes"]
        sums["timed_units"] += both and known["billed"]
        for name in ("minutes", "billed", "units_cms", "units_cpt"):
            sums[name] += known[name]
        sums["compared_billed"] += compared and known["billed"]
        sums["compared_supported"] += compared and known["supported"]
        sums["cents"] += round(known["allowed"] * 100)
        month = by_month[line["month"], line["provider"]]
        month["work"] += round(known["work_rvu"] * 100)
        month["visits"] += line["visit"] not in seen
        seen.add(line["visit"])
    for finding in findings:
        sums = by_rule[finding["rule"], finding["level"]]
        sums["findings"] += 1
        sums["cents"] += round(finding["dollars"] * 100)
        sums["rvus"] += round(finding["rvus"] * 100)
    for name, expected in {"by_code": by_code, "by_rule": by_rule, "by_month": by_month}.items():
        table = getattr(answer.totals, name)
        assert set(table.index) == set(expected)
        for key, sums in expected.items():
            assert table.loc[key].to_dict() == {column: sums[column] for column in table.columns}
    assert answer.totals.rows == Counter(
        used=len(random_rows(seed)), refused=0, incomplete=0, lines=len(lines), visits=len(seen)
    )


@pytest.mark.parametrize("seed", range(3))
def test_at_stake_counts_each_line_once(seed):
    """By its gravest hint; units above and below what is supported apart."""
    answer = audit(frame(random_rows(seed)), Settings(provider="pt"))
    gravest, expected = {}, Counter()
    for f in answer.findings.to_dict("records"):
        stake = round(f["dollars"] * 100)
        if f["rule"] in ("units-over", "units-zero"):
            expected["over"] += stake
        elif f["rule"] == "units-under":
            expected["under"] += stake
        elif stake:
            rank = ("fix", "needs", "check").index(f["level"])
            gravest.setdefault((f["visit"], f["code"]), []).append((rank, stake))
    for levels in gravest.values():
        rank, stake = min(levels)
        expected[("fix", "needs", "check")[rank]] += stake
    assert max(len(levels) for levels in gravest.values()) > 1
    assert answer.totals.at_stake == expected


def test_a_line_with_three_hints_is_at_stake_once():
    """97012 twice is untimed above one, over the MUE and without GP: its dollars count once."""
    answer = audit(frame(visit("97012x2", payer="va")), TOTAL_TIME)
    assert sorted(answer.findings["rule"]) == ["gp", "mue", "untimed-units"]
    whole = round(answer.lines["allowed"].iloc[0] * 100)
    assert cents(answer.findings["dollars"]) == [whole] * 3
    assert answer.totals.at_stake == Counter(fix=whole)


@given(st.integers(0, 99), st.lists(st.integers(1, 19), max_size=3))
@hypothesis_settings(max_examples=8)
def test_totals_of_parts_add_up_to_the_whole(seed, cuts):
    """Cut between visits anywhere: the same sums; and lines and findings one after the other."""
    table = frame(random_rows(seed, 20))
    edges = [0, *sorted(cuts), 20]
    bounds = list(pairwise(edges))
    number = table["visit"].str[1:].astype(int)
    parts = [audit(table[(number >= a) & (number < b)], TOTAL_TIME) for a, b in bounds]
    whole = audit(table, TOTAL_TIME)
    assert comparable(Totals.add(part.totals for part in parts)) == comparable(whole.totals)
    for name in ("lines", "findings"):
        frames = [getattr(part, name) for part in parts if len(getattr(part, name))]
        together = pd.concat(frames, ignore_index=True)
        pd.testing.assert_frame_equal(together, getattr(whole, name), check_dtype=False)


# What must not matter


WITHOUT_ROW = ["visit", "code", "rule", "level", "modifier", "text", "dollars", "rvus"]


def bag(answer, names=WITHOUT_ROW):
    """Findings as a sorted list, without their rows."""
    return sorted(map(str, answer.findings[names].values.tolist()))


@pytest.mark.parametrize("seed", range(4))
def test_rows_of_visits_may_stand_among_each_other(seed):
    """Dealt like cards, each visit in its own order: the same findings, lines and sums."""
    rows, random = random_rows(seed), Random(seed)
    piles = [list(group) for _, group in oracle.visits_of(rows)]
    dealt = []
    while piles:
        pile = random.choice(piles)
        dealt.append(pile.pop(0))
        piles = [each for each in piles if each]
    first, second = (audit(frame(each), Settings(provider="pt")) for each in (rows, dealt))
    assert bag(first) == bag(second)
    assert comparable(first.totals) == comparable(second.totals)


@pytest.mark.parametrize("seed", range(4))
def test_the_order_within_a_visit_matters_only_in_a_draw(seed):
    """Without ties of minutes the same is found and the same text, in any order."""
    rows = [
        row
        for _, group in oracle.visits_of(random_rows(seed, 120))
        if len({row["minutes"] for row in group if row["code"] in oracle.TIMED})
        == sum(row["code"] in oracle.TIMED for row in group)
        for row in group
    ]
    assert len({row["visit"] for row in rows}) > 30
    shuffled = Random(seed).sample(rows, len(rows))
    settings = Settings(provider="pt", mppr="none")
    names = ["visit", "code", "rule", "level", "modifier", "text"]
    assert bag(audit(frame(rows), settings), names) == bag(audit(frame(shuffled), settings), names)


@pytest.mark.parametrize("seed", range(4))
def test_a_line_in_two_rows_is_one_line(seed):
    """Minutes and units split over two rows of the same visit and code, beside or far away."""
    random, rows = Random(seed), random_rows(seed)
    split, later = [], []
    for row in rows:
        if random.random() < 0.5:
            split.append(row)
            continue
        parts = [dict(row), dict(row)]
        for name in ("minutes", "units"):
            if row[name]:
                some = random.randint(0, int(row[name]))
                parts[0][name], parts[1][name] = str(some), str(int(row[name]) - some)
        split.append(parts[0])
        (split if random.random() < 0.5 else later).append(parts[1])
    first, second = (
        audit(frame(each), Settings(provider="pt")) for each in (rows, [*split, *later])
    )
    assert len(split) + len(later) > len(rows)
    two_rows = second.findings["rule"] == "two-lines"  # of itself it is said that it is in two
    assert two_rows.any()
    second.findings = second.findings[~two_rows]
    assert bag(first) == bag(second)
    names = [name for name in first.lines.columns if name != "row"]
    assert list(map(str, first.lines[names].values)) == list(map(str, second.lines[names].values))


def test_a_visit_alone_has_what_it_has_among_others():
    """No visit changes another one."""
    rows = random_rows(7, 25)
    alone = [
        line
        for _, group in oracle.visits_of(rows)
        for line in bag(audit(frame([*group, *visit("98940x1", "zz", **OF_A_DC)]), TOTAL_TIME))
    ]
    assert sorted(alone) == bag(audit(frame(rows), TOTAL_TIME))


# The sample


def sample_csv():
    """The sample's findings as the text of a CSV."""
    text = sample().to_csv(index=False).encode()
    files = audit_files.open_files([(text, "sample.csv")])
    answer = audit_files.audit_in_memory(files, audit_files.columns_of(files), Settings())
    names = ["row", "visit", "code", "rule", "level", "modifier", "dollars", "rvus"]
    return answer.findings[names].to_csv(index=False, lineterminator="\n")


def test_snapshot():
    """What the sample's findings are; a change shows line by line. It proves nothing by itself:
    the file is the engine's own answer, kept. The oracle and the planted faults are the proofs."""
    got = sample_csv()
    if os.environ.get("UPDATE_SNAPSHOT") == "1":
        SNAPSHOT.write_text(got, encoding="utf-8", newline="\n")
    kept = SNAPSHOT.read_text(encoding="utf-8") if SNAPSHOT.exists() else ""
    difference = list(
        difflib.unified_diff(kept.splitlines(), got.splitlines(), "kept", "now", n=0, lineterm="")
    )
    if difference:
        pytest.fail(
            "The sample's findings changed. If they should, renew the file: UPDATE_SNAPSHOT=1 "
            "python -m pytest tests/test_audit.py -k snapshot\n" + "\n".join(difference[:60]),
            pytrace=False,
        )


def test_the_sample_has_what_audits_find():
    """1,000 lines with each kind of unit finding, and clean visits too."""
    kept = read(SNAPSHOT)
    assert {row["rule"] for row in kept} > oracle.UNIT_RULES
    assert len(sample()) == 1000
    assert len({row["visit"] for row in kept}) < sample()["Visit"].nunique()
