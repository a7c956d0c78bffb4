"""Minutes to units: the engine against published examples and a brute-force oracle."""

import csv
import itertools
import random
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles.units import chart_units, is_sensible, tied_lines, valid_allocations

import chirocalc
from chirocalc import Settings

HERE = Path(__file__).parents[1]
RULES = ["cms", "cpt"]
TIMED = ["97110", "97112", "97116", "97124", "97140", "97530", "97535", "97542"]
OWN_CLOCK = ["97810", "97811", "97129", "97550", "97545", "98980", "98979", "99213"]
UNTIMED = ["97150", "97161", "20560", "97010", "98941"]

TABLE = HERE.parent / "chirocalc" / "tables" / "data" / "worked_examples.csv"
with TABLE.open(newline="", encoding="utf-8") as file:
    EXAMPLES = [row for row in csv.DictReader(file) if row["kind"] == "units"]

minutes_of_a_line = st.one_of(st.integers(0, 40), st.integers(0, 40), st.integers(0, 1440))
visits = st.lists(minutes_of_a_line, min_size=1, max_size=8)


def estimate(lines, rule="cms"):
    """Estimate (visit, code, minutes) or (code, minutes) lines as a Medicare therapist's."""
    columns = ["visit", "code", "minutes"][-len(lines[0]) :]
    table = pd.DataFrame(lines, columns=columns)
    return chirocalc.estimate(table, Settings(payer="medicare", provider="pt", unit_rule=rule))


def units_of(lines, rule="cms"):
    """Units per code of one visit."""
    result = estimate(lines, rule).lines
    return dict(zip(result["code"], result["units"].astype(int), strict=True))


def assign(minutes, rule):
    """Units of one visit through the public array function."""
    visit = np.zeros(len(minutes), dtype=int)
    return tuple(int(u) for u in chirocalc.assign_units(visit, np.array(minutes), rule))


def services(text):
    """Read `97110:33 92521:50u` as [(code, number, untimed), ...]."""
    parts = [part.split(":") for part in text.split()]
    return [(code, int(number.rstrip("u")), number.endswith("u")) for code, number in parts]


# The oracle itself


def test_two_definitions_of_a_valid_allocation_agree():
    """Building answers and judging all conceivable ones give the same sets."""
    small = itertools.chain(
        itertools.product(range(61), repeat=2),
        itertools.combinations_with_replacement(range(25), 3),
        itertools.combinations_with_replacement(range(0, 17, 4), 4),
        [(7, 7, 7, 7, 7), (14, 14, 14, 14, 14), (5, 6, 7, 8, 9)],
    )
    for minutes in small:
        conceivable = itertools.product(range(chart_units(sum(minutes)) + 1), repeat=len(minutes))
        sensible = {a for a in conceivable if is_sensible(a, minutes)}
        assert sensible == valid_allocations(minutes, "cms"), minutes


def test_oracle_knows_the_published_examples():
    """The sets, not only their members, equal the manual's alternatives."""
    for row in EXAMPLES:
        timed = [i for i, line in enumerate(services(row["services"])) if not line[2]]
        if timed:
            minutes = [services(row["services"])[i][1] for i in timed]
            alternatives = [services(text) for text in row["expected"].split(" or ")]
            expected = {tuple(lines[i][1] for i in timed) for lines in alternatives}
            assert valid_allocations(minutes, row["rule"]) == expected, row["id"]


# Published examples


def check_example(row, lines):
    """Units equal one alternative; a line is tied exactly when the alternatives differ on it."""
    alternatives = [
        {code: units for code, units, _ in services(text)} for text in row["expected"].split(" or ")
    ]
    got = {str(line["code"]): int(line["units"]) for line in lines}
    assert got in alternatives
    tied = {code: len({a[code] for a in alternatives}) > 1 for code in got}
    assert {str(line["code"]): bool(line["tied"]) for line in lines} == tied


@pytest.mark.parametrize(
    "row", [r for r in EXAMPLES if "92521" not in r["services"]], ids=lambda r: r["id"]
)
def test_published_example(row):
    """Each case of the file, with its own source."""
    lines = [(code, minutes) for code, minutes, _ in services(row["services"])]
    check_example(row, estimate(lines, row["rule"]).lines.to_dict("records"))


def test_default_for_a_tie_is_more_minutes_then_order_of_entry():
    """domain 1.1: the clinician may choose; the default never looks at the price."""
    assert units_of([("97112", 20), ("97110", 20)]) == {"97112": 2, "97110": 1}
    assert units_of([("97110", 20), ("97112", 20)]) == {"97110": 2, "97112": 1}
    assert units_of([("97116", 8), ("97140", 12), ("97110", 23)]) == {
        "97116": 0,
        "97140": 1,
        "97110": 2,
    }


# Every small visit, and random large ones


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(("lines", "longest"), [(1, 1440), (2, 60), (3, 35)])
def test_every_small_visit(rule, lines, longest):
    """All visits of so many lines and minutes in one call: no difference from the oracle."""
    minutes = np.array(list(itertools.product(range(1, longest + 1), repeat=lines)))
    visit = np.repeat(np.arange(len(minutes)), lines)
    units = chirocalc.assign_units(visit, minutes.ravel(), rule)
    assert np.issubdtype(units.dtype, np.integer)
    assert len(units) == lines * longest**lines
    answers = units.reshape(-1, lines).tolist()
    wrong = [
        (m, a)
        for m, a in zip(minutes.tolist(), answers, strict=True)
        if tuple(a) not in valid_allocations(m, rule)
    ]
    assert wrong == []


@pytest.mark.parametrize("rule", RULES)
@settings(max_examples=300, deadline=None)
@given(minutes=visits)
def test_any_visit(rule, minutes):
    """One to eight lines of up to a day each."""
    assert assign(minutes, rule) in valid_allocations(minutes, rule)


@pytest.mark.parametrize("rule", RULES)
def test_estimate_shows_full_extra_and_tied_units(rule):
    """The columns of est.lines against the oracle for 3,000 visits in one call."""
    draw = random.Random(20260101)
    drawn = {
        v: [(c, draw.randint(0, 50)) for c in draw.sample(TIMED, draw.randint(1, 5))]
        for v in range(3000)
    }
    est = estimate([(v, code, m) for v, lines in drawn.items() for code, m in lines], rule)
    shown = {v: [] for v in drawn}
    for row in est.lines.to_dict("records"):
        shown[row["visit"]].append(row)
    visits_shown = est.visits.to_dict("index")
    for v, lines in drawn.items():
        minutes = [m for _, m in lines]
        rows = shown[v]
        assert [r["code"] for r in rows] == [code for code, _ in lines]
        valid = valid_allocations(minutes, rule)
        assert tuple(int(r["units"]) for r in rows) in valid, minutes
        assert tuple(int(r["units_cms"]) for r in rows) in valid_allocations(minutes, "cms")
        assert {tuple(int(r["units_cpt"]) for r in rows)} == valid_allocations(minutes, "cpt")
        assert [bool(r["tied"]) for r in rows] == tied_lines(valid), minutes
        assert [(int(r["full_units"]), int(r["leftover"])) for r in rows] == [
            divmod(m, 15) for m in minutes
        ]
        assert [int(r["full_units"]) + bool(r["extra_unit"]) for r in rows] == [
            int(r["units"]) for r in rows
        ]
        assert int(visits_shown[v]["timed_minutes"]) == sum(minutes)
        assert int(visits_shown[v]["units"]) == sum(valid.pop())


# Properties


@pytest.mark.parametrize("rule", RULES)
@settings(max_examples=200, deadline=None)
@given(minutes=visits, data=st.data())
def test_more_minutes_never_earn_less(rule, minutes, data):
    """Total time: the visit's units never fall. Midpoint: nor do any line's."""
    more = list(minutes)
    more[data.draw(st.integers(0, len(minutes) - 1))] += data.draw(st.integers(1, 60))
    before, after = assign(minutes, rule), assign(more, rule)
    assert sum(after) >= sum(before)
    if rule == "cpt":
        assert all(a >= b for a, b in zip(after, before, strict=True))


@pytest.mark.parametrize("rule", RULES)
@settings(max_examples=200, deadline=None)
@given(minutes=visits, data=st.data())
def test_order_of_entry_changes_nothing_but_ties(rule, minutes, data):
    """Untied lines keep their units; a tie moves units only between equally long lines."""
    order = data.draw(st.permutations(range(len(minutes))))
    before = assign(minutes, rule)
    shuffled = assign([minutes[i] for i in order], rule)
    after = [shuffled[order.index(i)] for i in range(len(minutes))]
    tied = tied_lines(valid_allocations(minutes, rule))
    assert all(a == b for a, b, t in zip(after, before, tied, strict=True) if not t)
    pairs = [sorted(zip(minutes, units, strict=True)) for units in (before, after)]
    assert pairs[0] == pairs[1]


@pytest.mark.parametrize("rule", RULES)
def test_lines_of_visits_may_be_interleaved(rule):
    """A visit is its key, not its place in the table."""
    draw = random.Random(7)
    drawn = [[draw.randint(0, 40) for _ in range(draw.randint(1, 5))] for _ in range(500)]
    tagged = [(v, n, m) for v, minutes in enumerate(drawn) for n, m in enumerate(minutes)]
    draw.shuffle(tagged)
    tagged.sort(key=lambda line: line[1])
    visit, _, minutes = (np.array(column) for column in zip(*tagged, strict=True))
    units = chirocalc.assign_units(visit, minutes, rule)
    for v, entered in enumerate(drawn):
        assert tuple(units[visit == v].tolist()) == assign(entered, rule)


def test_a_visit_alone_equals_the_same_visit_among_a_thousand():
    """No visit touches another."""
    draw = random.Random(1000)
    pool = TIMED + OWN_CLOCK + UNTIMED
    drawn = {
        f"v{v}": [(c, draw.randint(0, 70)) for c in draw.choices(pool, k=draw.randint(1, 6))]
        for v in range(1000)
    }
    keys = list(drawn)
    draw.shuffle(keys)
    together = estimate([(v, code, m) for v in keys for code, m in drawn[v]])
    for v in draw.sample(keys, 25):
        alone = estimate([(v, code, m) for code, m in drawn[v]])
        rows = together.lines[together.lines["visit"] == v]
        pd.testing.assert_frame_equal(
            rows.reset_index(drop=True), alone.lines.reset_index(drop=True)
        )
        pd.testing.assert_frame_equal(together.visits.loc[[v]], alone.visits)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("split", [(5, 5), (7, 8, 8), (20, 3), (0, 0, 8)])
def test_same_code_twice_is_one_line(rule, split):
    """Its minutes add up (domain 1.1), whatever stands between the entries."""
    entered = [line for m in split for line in (("97110", m), ("97140", 9))]
    est = estimate(entered, rule)
    assert list(est.lines["code"]) == ["97110", "97140"]
    assert list(est.lines["minutes"]) == [sum(split), 9 * len(split)]
    assert units_of(entered, rule) == units_of(
        [("97110", sum(split)), ("97140", 9 * len(split))], rule
    )


# Codes with their own clocks (domain 1.4)

CLOCKS = [
    # acupuncture: 8 / 23 / 38 minutes of the family's one clock
    *[("97810", a, "97811", b, units) for a, b, units in [
        (7, 0, (0, 0)), (8, 0, (1, 0)), (15, 7, (1, 0)), (15, 8, (1, 1)),
        (15, 22, (1, 1)), (15, 23, (1, 2)), (7, 8, (1, 0)), (7, 16, (1, 1)),
    ]],
    *[("97813", a, "97814", b, units) for a, b, units in [
        (7, 0, (0, 0)), (8, 0, (1, 0)), (15, 7, (1, 0)), (15, 8, (1, 1)),
        (15, 22, (1, 1)), (15, 23, (1, 2)), (7, 8, (1, 0)), (7, 16, (1, 1)),
    ]],
    # either add-on may follow either initial code
    ("97810", 15, "97814", 7, (1, 0)), ("97810", 15, "97814", 8, (1, 1)),
    ("97813", 15, "97811", 7, (1, 0)), ("97813", 15, "97811", 8, (1, 1)),
    # cognitive function: add-on from 23
    *[("97129", a, "97130", b, units) for a, b, units in [
        (7, 0, (0, 0)), (8, 0, (1, 0)), (15, 7, (1, 0)), (15, 8, (1, 1)),
        (15, 22, (1, 1)), (15, 23, (1, 2)),
    ]],
    # caregiver training: first 30 from 16, each further 15 from 38
    *[("97550", a, "97551", b, units) for a, b, units in [
        (15, 0, (0, 0)), (16, 0, (1, 0)), (30, 7, (1, 0)), (30, 8, (1, 1)),
        (30, 22, (1, 1)), (30, 23, (1, 2)), (20, 10, (1, 0)),
    ]],
    # work hardening: first two hours from 61, each further hour from 31 beyond them
    *[("97545", a, "97546", b, units) for a, b, units in [
        (60, 0, (0, 0)), (61, 0, (1, 0)), (120, 30, (1, 0)), (120, 31, (1, 1)),
        (120, 90, (1, 1)), (120, 91, (1, 2)), (60, 31, (1, 0)),
    ]],
    # remote monitoring: full 20 minutes only
    *[("98980", a, "98981", b, units) for a, b, units in [
        (19, 0, (0, 0)), (20, 0, (1, 0)), (20, 19, (1, 0)), (20, 20, (1, 1)),
        (20, 39, (1, 1)), (20, 40, (1, 2)), (19, 1, (1, 0)), (10, 30, (1, 1)),
    ]],
]  # fmt: skip


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(("first", "a", "further", "b", "expected"), CLOCKS)
def test_family_clock(rule, first, a, further, b, expected):
    """Primary and add-on share one clock, which knows no payer rule (domain 1.4)."""
    for entered in ([(first, a), (further, b)], [(further, b), (first, a)]):
        lines = estimate(entered, rule).lines.set_index("code")
        for column in ("units", "units_cms", "units_cpt"):
            got = tuple(int(lines.loc[code, column]) for code in (first, further))
            assert got == expected, column
        assert not lines["tied"].any()


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("codes", [("97810", "97811", "97814"), ("97813", "97814", "97811")])
@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        ((15, 20, 10), (1, 1, 1)),
        ((22, 5, 5), (1, 1, 0)),  # 7 minutes over the first unit, and 5; 5 by themselves
        ((20, 5, 6), (1, 1, 0)),
        ((15, 7, 8), (1, 0, 1)),
    ],
)
def test_of_two_add_ons_the_first_codes_own_goes_on_with_its_minutes(
    rule, codes, minutes, expected
):
    """The other one counts its own from 8 (domain 1.4), in whatever order they are entered."""
    for entered in itertools.permutations(zip(codes, minutes, strict=True)):
        got = units_of(list(entered), rule)
        assert tuple(got[code] for code in codes) == expected


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(
    ("code", "minutes", "expected"),
    [
        ("97810", 7, 0), ("97810", 8, 1), ("97810", 22, 1),
        ("97129", 7, 0), ("97129", 8, 1),
        ("97550", 15, 0), ("97550", 16, 1),
        ("97545", 60, 0), ("97545", 61, 1), ("97545", 120, 1),
        ("98980", 19, 0), ("98980", 20, 1), ("98980", 39, 1),
        ("98979", 9, 0), ("98979", 10, 1), ("98979", 19, 1),
    ],
)  # fmt: skip
def test_clock_of_the_first_code_alone(rule, code, minutes, expected):
    """domain 1.4: when the first code is earned; it is never more than one unit."""
    assert units_of([(code, minutes)], rule) == {code: expected}


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("minutes", [None, 0, 1, 7, 8, 23, 60, 180])
@pytest.mark.parametrize(
    "code",
    [
        *("99202", "99203", "99204", "99205", "99212", "99213", "99214", "99215"),
        *("97150", "97161", "97164", "97165", "97168", "20560", "20561", "97010"),
    ],
)
def test_one_unit_whatever_the_minutes(rule, code, minutes):
    """E/M, group, evaluations, dry needling, packs: minutes do not count (domain 1.1, 1.4)."""
    assert units_of([(code, minutes)], rule) == {code: 1}


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(
    "code", [*OWN_CLOCK, *UNTIMED, "97811", "97813", "97814", "97130", "97551", "97546", "98981"]
)
def test_other_clocks_never_enter_total_time(rule, code):
    """7 + 7 + 6 timed minutes beside 8 others: T is 20, as it is without them."""
    timed = [("97110", 7), ("97140", 7), ("97112", 6)]
    est = estimate([*timed, (code, 8)], rule)
    assert int(est.visits["timed_minutes"].iloc[0]) == 20
    beside = units_of([*timed, (code, 8)], rule)
    del beside[code]
    assert beside == units_of(timed, rule)


# A code of the clinic's own


def test_untimed_code_the_clinic_added(tmp_path):
    """Manual example cms-man-B2: 50 minutes of an untimed code are one unit.

    92521 is not in the shipped table, so its row is added as a clinic adds one.
    """
    (example,) = [r for r in EXAMPLES if "92521" in r["services"]]
    with chirocalc.tables.CODES_FILE.open(newline="", encoding="utf-8") as file:
        codes = list(csv.DictReader(file))
    evaluation = next(row for row in codes if row["code"] == "97161")
    own = tmp_path / "codes.csv"
    with own.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, list(evaluation))
        table.writeheader()
        table.writerows([*codes, evaluation | {"code": "92521", "name": "Fluency evaluation"}])
    with pytest.raises(chirocalc.InputError):
        estimate([("92521", 50)])
    with chirocalc.tables.use_files(codes_file=own):
        lines = estimate([("92521", 50)], example["rule"]).lines
    check_example(example, lines.to_dict("records"))
