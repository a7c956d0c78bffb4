"""One engine, two doors: a visit billed as its minutes support is told the same by the audit of its
lines and by the answer to its services: units, dollars, coverage, and every finding with its text.

They differ by nature in this alone:

- What only an audit says, the rows of audit_rules.csv: units beside minutes. Of a visit billed with
  its own units none is off, so no `units-` may stand there at all; `missing-minutes` stands where a
  timed service has none, `two-lines` where it is billed in two rows.
- Nobody answers in a file: whether the treatment was active, and whether an ABN is on file, AT, GA
  and GZ on the adjustment say (`treatment`). The settings of the answer say the same.
- An untimed service entered twice on the screen was done twice, and is told that it counts once; in
  a file units say how often, of which one is billed here. So it is entered once (`once_untimed`).
"""

from dataclasses import replace
from random import Random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from oracles import audit as oracle

from chirocalc import Settings, estimate, tables
from chirocalc.audit.audit import audit
from chirocalc.audit.rows import LINES

VISITS = 60
SEVERAL = 4  # settings of many visits: each takes a while to make ready
PAYERS = sorted(tables.payers().index)
PROVIDERS = ["chiropractor", "pt", "ot"]
ADJUSTMENTS = ["98940", "98941", "98942"]
PARTS = {key.split("-")[0] for key in oracle.CODES if "-" in key}
CODES = sorted(set(oracle.CODES) - {key for key in oracle.CODES if "-" in key})
# Codes beside each other that hints speak of, drawn more often than chance would.
OFTEN = [*ADJUSTMENTS, *oracle.TIMED, *oracle.CLOCKS, *oracle.OTHERS, "97124", "97161", "97164"]
REGIONS = ["", "", *tables.regions().index, "cervical|thoracic|lumbar", "lumbar|head"]
MODIFIERS = [
    "", "", "GP", "GO", "59", "XS", "GY", "GP 59", "25", "CQ GP", "KX GP", "26", "TC", "GN", "ZZ",
]  # fmt: skip
OF_TREATMENT = ["", "", "AT", "GA", "GZ", "AT GA", "GA GZ"]
DATES = ["2026-03-02", "2025-07-01"]
FINDING = ["code", "rule", "level", "modifier", "text", "source"]


def kind(code):
    return oracle.CODES[code]["time_rule"]


def services_of(random):
    """Services of a visit: codes, minutes, modifiers and regions that may go together or not."""
    codes = random.sample(OFTEN, random.randint(1, 4)) + random.sample(CODES, random.randint(0, 2))
    codes += codes[:1] * (random.random() < 0.3)
    return once_untimed(service_of(code, random) for code in codes)


def once_untimed(services):
    """Each service but for a second time of an untimed one."""
    out = []
    for each in services:
        is_again = each["code"] in {before["code"] for before in out}
        if not is_again or kind(each["code"]) in ("timed15", "clock", "counted"):
            out.append(each)
    return out


def service_of(code, random):
    words = random.choice(OF_TREATMENT if code in ADJUSTMENTS else MODIFIERS).split()
    by_time = kind(code) in ("timed15", "clock") and random.random() < 0.95
    return {
        "code": code,
        "minutes": random.choice(oracle.MINUTES) if by_time else None,
        "count": random.choice([1, 1, 2, 5]) if kind(code) == "counted" else 1,
        "modifiers": " ".join(each for each in words if code in PARTS or each not in ("26", "TC")),
        "region": random.choice(REGIONS),
    }


def settings_of(random):
    return Settings(
        payer=random.choice(PAYERS),
        provider=random.choice(PROVIDERS),
        place=random.choice(["office", "facility"]),
        date=random.choice(DATES),
        phase=random.choice([None, "active", "maintenance"]),
        abn=random.choice([None, True, False]),
        kx_used=random.choice([None, None, 0.0, 2400.0, 3000.0]),
        locality=random.choice(["national", "01112-05"]),
        participating=random.choice([True, False]),
        unit_rule=random.choice([None, None, "cms", "cpt"]),
        mppr=random.choice([None, None, "pe", "line", "none"]),
        percent=random.choice([None, None, 87.5]),
        therapy_modifier=random.choice([None, None, True, False]),
    )


def of_visit(of_file, payer, random):
    """The settings of a visit in a file that says its payer, who treats, its place and date."""
    mine = replace(
        of_file,
        payer=payer,
        provider=random.choice(PROVIDERS),
        place=random.choice(["office", "facility"]),
        date=random.choice(DATES),
    )
    if payer == of_file.payer:
        return mine
    # What was set is about the payer that was set.
    return replace(mine, unit_rule=None, percent=None, mppr=None, therapy_modifier=None)


def treatment(services, settings):
    """The settings with what AT, GA and GZ on the adjustments say (bp-15-240)."""
    adjusted = [each for each in services if each["code"] in ADJUSTMENTS]
    said = {word for each in adjusted for word in each["modifiers"].split()}
    if "AT" in said:
        return replace(settings, phase="active")
    if said & {"GA", "GZ"}:
        return replace(settings, phase="maintenance", abn="GA" in said)
    return settings


def answer_of(services, settings):
    frame = pd.DataFrame(services).astype({"minutes": float})
    return estimate(frame, treatment(services, settings))


def rows_of(visit, services, units, line_of, **said):
    """The rows of a file of a visit, all units of a line on its first row."""
    first = [line not in line_of[:at] for at, line in enumerate(line_of)]
    usual = dict.fromkeys(LINES, "") | {"visit": visit} | said
    return [
        usual
        | {name: each[name] for name in ("code", "minutes", "modifiers", "region")}
        | {"billed": float(units[line]) if is_first else 0.0}
        for each, line, is_first in zip(services, line_of, first, strict=True)
    ]


def audit_of(rows, settings, **more):
    table = pd.DataFrame(rows).assign(row=range(2, len(rows) + 2))
    table = table.astype({"minutes": float, "billed": float})
    return audit(table[LINES], settings, **more)


def findings_of(table):
    return sorted(map(tuple, table[FINDING].astype(str).values.tolist()))


def assert_agree(answer, lines, findings):
    """Line by line, and the findings but for those of an audit alone."""
    mine = answer.lines
    assert list(lines["code"]) == list(mine["code"])
    for name, same in {
        "billed": "units",
        "units_cms": "units_cms",
        "units_cpt": "units_cpt",
    }.items():
        assert list(lines[name]) == list(mine[same]), name
    for name in ("allowed", "work_rvu", "total_rvu"):
        np.testing.assert_array_equal(lines[name], mine[name], name)
    assert list(lines["covered"]) == list(mine["covered"])
    of_audits = findings["rule"].isin(tables.audit_rules().index)
    assert findings_of(findings[~of_audits]) == findings_of(answer.findings)
    assert not findings["rule"].str.startswith("units-").any()
    lacks = mine["extra_unit"].notna() & mine["minutes"].isna() & mine["full_units"].notna()
    asked = set(mine.loc[lacks, "code"])
    said = findings.loc[findings["rule"] == "missing-minutes", "code"]
    by_clock = {code for code in said if kind(code) == "clock"}
    assert asked <= set(said) <= asked | by_clock | twice(answer)


def twice(answer):
    """Codes in several rows: one of them may lack its minutes."""
    rows = pd.Series(answer.read.line_of).value_counts()
    return set(answer.lines["code"].iloc[rows[rows > 1].index])


@pytest.mark.parametrize("seed", range(6))
def test_an_audit_of_the_answers_own_units(seed):
    """From the answer to the audit: one visit alone, under any settings."""
    random = Random(f"answer {seed}")
    rules, chosen = set(), [settings_of(random) for _ in range(SEVERAL)]
    for n in range(VISITS):
        services, settings = services_of(random), chosen[n % SEVERAL]
        answer = answer_of(services, settings)
        rows = rows_of("V", services, list(answer.lines["units"]), list(answer.read.line_of))
        found = audit_of(rows, settings)
        assert_agree(answer, found.lines, found.findings)
        rules |= set(answer.findings["rule"])
        record = answer.answer()
        in_words = [
            (f.code, f.rule, f.level, f.modifier, f.in_full, f.source) for f in record.findings
        ]
        assert sorted(in_words) == findings_of(answer.findings)
        assert [line.units for line in record.lines] == list(answer.lines["units"])
        assert [line.allowed for line in record.lines] == [
            None if pd.isna(each) else each for each in answer.lines["allowed"]
        ]
    assert len(rules) > 12


@pytest.mark.parametrize("seed", range(3))
def test_answers_to_the_visits_of_a_file(seed):
    """From the audit to the answer: many visits of one file, whose columns say payer, who treats,
    place and date, each beside the answer under settings that say the same."""
    random = Random(f"file {seed}")
    of_file = replace(settings_of(random), kx_used=None)
    rows, answers = [], {}
    payers = [of_file.payer, "medicare", random.choice(PAYERS)]
    chosen = [of_visit(of_file, payer, random) for payer in payers * 2]
    for n in range(VISITS):
        services, mine = services_of(random), random.choice(chosen)
        answer = answers[f"V{n}"] = answer_of(services, mine)
        units, line_of = list(answer.lines["units"]), list(answer.read.line_of)
        said = {
            "payer": mine.payer,
            "discipline": mine.provider,
            "place": mine.place,
            "date": mine.date,
        }
        rows += rows_of(f"V{n}", services, units, line_of, **said)
    found = audit_of(rows, of_file)
    for visit, answer in answers.items():
        lines, findings = (
            table[table["visit"] == visit] for table in (found.lines, found.findings)
        )
        assert_agree(answer, lines, findings)


@pytest.mark.parametrize("seed", range(3))
def test_answers_to_visits_billed_as_they_were(seed):
    """Of visits billed somehow those in which no audit finds a unit amiss: the answer to what their
    lines say has the same units but in a tie, and where it gives the line none or a single one the
    same findings and dollars."""
    random, compared = Random(f"billed {seed}"), 0
    settings = replace(settings_of(random), kx_used=None)
    rows = [row for n in range(300) for row in oracle.made_up(f"V{n}", random)]
    table = [
        dict.fromkeys(LINES, "")
        | {name: row[name] for name in ("visit", "code", "modifiers", "region")}
        | {"minutes": row["minutes"] or None, "billed": row["units"] or None}
        for row in rows
    ]
    found = audit_of(table, settings)
    for visit, group in oracle.visits_of(rows):
        lines, findings = (
            table[table["visit"] == visit] for table in (found.lines, found.findings)
        )
        services = [
            {name: row[name] for name in ("code", "modifiers", "region")}
            | {"minutes": row["minutes"] or None}
            for row in group
        ]
        answer = answer_of(services, settings)
        if list(lines["billed"].fillna(-1)) != list(answer.lines["units"]):
            continue  # not as the minutes support, or not said, or the other way in a tie
        assert_agree(answer, lines, findings)
        compared += 1
    assert compared > 20


SERVICE = st.builds(
    lambda code, seed: service_of(code, Random(seed)), st.sampled_from(CODES), st.integers()
)


@given(st.lists(SERVICE, min_size=1, max_size=6).map(once_untimed), st.integers(0, 9))
@hypothesis_settings(max_examples=40)
def test_any_visit_is_told_the_same(services, seed):
    """Any codes together, under any settings."""
    settings = settings_of(Random(seed))
    answer = answer_of(services, settings)
    rows = rows_of("V", services, list(answer.lines["units"]), list(answer.read.line_of))
    found = audit_of(rows, settings)
    assert_agree(answer, found.lines, found.findings)


def test_what_an_audit_alone_says():
    """The list above is whole: a new rule of audits belongs there."""
    assert set(tables.audit_rules().index) == {
        "units-over", "units-zero", "units-under", "missing-minutes", "two-lines",
    }  # fmt: skip
