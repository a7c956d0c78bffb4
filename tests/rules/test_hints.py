"""Findings: worked cases, every row of the tables, every pair, properties, and a snapshot.

UPDATE_SNAPSHOT=1 python -m pytest tests/rules/test_hints.py -k snapshot writes the snapshot anew.
"""

import csv
import difflib
import io
import itertools
import os
import random
import re
from collections import defaultdict
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from csv_files import change
from fact_base import facts
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles.visits import answer, estimate, frame, lines_of, records, settings_of

import chirocalc
from chirocalc import Settings, tables
from chirocalc.rules import answer as answer_of
from chirocalc.rules import asks_region, separate_questions
from chirocalc.rules.facts import CODE_FACTS, FACTS, LINE_FACTS, VISIT_FACTS
from chirocalc.rules.hint_rules import HAS
from chirocalc.rules.selectors import KINDS

ROOT = Path(__file__).parents[2]
CASES = Path(__file__).parents[1] / "cases"
SNAPSHOT = CASES / "findings_snapshot.csv"


def read(path):
    """A CSV as dicts of text."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


EXAMPLES = read(CASES / "hints.csv")
RULES = read(ROOT / "chirocalc" / "tables" / "data" / "hints.csv")
PAIRS = read(ROOT / "chirocalc" / "tables" / "data" / "pairs.csv")
CODES = {row["code"]: row for row in read(ROOT / "codes.csv") if not row["modifier"]}
# domain 4
IDS = [
    "at-active", "at-maintenance", "excluded", "gp", "cmt-region", "em-25", "pair-0", "pair-1",
    "same-interval", "eval-once", "test-with-eval", "one-cmt", "cmt-51", "estim", "bundled",
    "s-code", "mue", "untimed-units", "addon", "group", "short-units", "assistant", "kx", "x-ray",
    "rtm-once",  # domain 1.4
    "not-listed",  # a code that the fee schedule of the date has not
    # The review of 2026-11-26, A1 to B42.
    "benefit", "ma-abn", "not-on-list", "not-therapy", "cmt-by-therapist", "acupuncture-ncd",
    "em-by-therapist", "eval-by-chiropractor", "one-evaluation", "g2211", "acu-estim",
    "decompression", "timed-cap", "em-therapy", "maintenance-private", "feca", "film",
]  # fmt: skip
PAIR_RULES = {
    *("cmt-region", "em-25", "pair-0", "pair-1", "eval-once", "test-with-eval", "one-cmt", "group"),
    "one-evaluation",
}
SPINAL = "cervical|thoracic|lumbar|sacral|pelvic"
CMT = {"98940", "98941", "98942"}
PT_EVALUATIONS = {"97161", "97162", "97163", "97164"}
OT_EVALUATIONS = {"97165", "97166", "97167", "97168"}
EVALUATIONS = PT_EVALUATIONS | OT_EVALUATIONS
RE_EVALUATIONS = {"97164", "97168"}
FITTINGS = {"97760", "97761"}
DISTINCT = {"59", "XE", "XS", "XP", "XU"}
COMMERCIAL = Settings(payer="commercial-midpoint")
ALL_FACTS = FACTS | CODE_FACTS | LINE_FACTS | VISIT_FACTS
COLUMNS = ["visit", "code", "rule", "level", "modifier", "text", "source"]


def is_visit(code):
    """Whether a code is an office visit (E/M)."""
    return "99202" <= code <= "99215"


# Worked cases


def own_codes(text, folder):
    """A copy of codes.csv with some values changed: "97110.mai=1"."""
    with tables.CODES_FILE.open(newline="", encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    for word in text.split():
        code, column, value = re.split(r"[.=]", word)
        for row in table:
            if row["code"] == code:
                row[column] = value
    path = folder / "codes.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(table[0]))
        writer.writeheader()
        writer.writerows(table)
    return path


FOUND = {}  # by case: two tests ask


def found_in(case, tmp_path):
    """The findings of a case as dicts."""
    if case["case"] not in FOUND:
        with ExitStack() as opened:
            if case["codes"]:
                own = own_codes(case["codes"], tmp_path)
                opened.enter_context(tables.use_files(codes_file=own))
            answer = estimate(case["lines"], case["settings"])
        FOUND[case["case"]] = answer.findings.to_dict("records")
    return FOUND[case["case"]]


def matches(word, finding):
    """Whether a finding is meant by "rule:level:code:modifier", a level, or "all".

    Parts may be left out from the end; the modifier "-" stands for none, "+" for a space.
    """
    if word in ("all", finding["level"]):
        return True
    rule, level, code, modifier = [*word.split(":"), None, None, None][:4]
    if modifier is not None:
        modifier = "" if modifier == "-" else modifier.replace("+", " ")
    wanted = {"rule": rule, "level": level, "code": code, "modifier": modifier}
    return all(value is None or finding[name] == value for name, value in wanted.items())


@pytest.mark.parametrize("case", EXAMPLES, ids=lambda c: c["case"])
def test_case(case, tmp_path):
    """Each expected finding is there once, each silenced one is not; texts say what they must."""
    found = found_in(case, tmp_path)
    short = [f"{f['rule']}:{f['level']}:{f['code']}:{f['modifier'] or '-'}" for f in found]
    expected = case["expect"].split()
    for word in expected:
        assert sum(matches(word, f) for f in found) == 1, (word, short, case["source"])
    unwanted = [
        name
        for word in case["silent"].split()
        for name, f in zip(short, found, strict=True)
        if matches(word, f)
    ]
    assert unwanted == [], case["source"]
    if case["says"] and expected:
        texts = [f["text"] for f in found if any(matches(word, f) for word in expected)]
        assert any(case["says"] in text for text in texts), texts


FILLED = {
    "{year}": r"\d{4}",
    **dict.fromkeys(("{code}", "{other}"), "[0-9A-Z]{5}"),
    **dict.fromkeys(("{mue}", "{short}"), r"\d+"),
    **dict.fromkeys(("{kx_threshold}", "{kx_review}"), r"\d,\d{3}"),
    "{parents}": "[0-9A-Z]{5}( or [0-9A-Z]{5})*",
    "{regions}": "[a-z]+(, [a-z]+)*",
}


def template(rule):
    """A regular expression for the texts that a row of the table writes."""
    text = "Commonly stated, check with your payer: " if rule["sure"] == "?" else ""
    text += rule["text"]
    if rule["must_show"]:
        text += f" The note must show {rule['must_show']}."
    words = "".join(FILLED.get(part, re.escape(part)) for part in re.split(r"(\{\w+\})", text))
    return re.compile(words + (r" CMS pair table \d{4} Q\d[.:].*" if rule["pair"] else ""))


def kind_of(text):
    """The kind of the pair that a text names, if it does; two kinds may say the same."""
    named = set(re.findall(r"\b[0-9A-Z]{5}\b", text))
    return next((p["kind"] for p in PAIRS if {p["column1"], p["column2"]} == named), None)


def rows_of(finding):
    """Which rows of the table can have written a finding."""
    return [
        row
        for row, rule in enumerate(RULES)
        if (rule["rule"], rule["level"], rule["modifier"])
        == (finding["rule"], finding["level"], finding["modifier"])
        and template(rule).fullmatch(finding["text"])
        and (not rule["pair"] or kind_of(finding["text"]) in (None, rule["pair"]))
    ]


def test_every_row_has_a_case_for_it_and_one_against_it(tmp_path):
    """A row writes a finding that a case expects; a case that is about its rule has none of it."""
    for_it, against = defaultdict(set), defaultdict(set)
    for case in EXAMPLES:
        found = found_in(case, tmp_path)
        rows = [rows_of(f) for f in found]
        assert [f for f, at in zip(found, rows, strict=True) if len(at) != 1] == [], case["case"]
        fired = {row for at in rows for row in at}
        for finding, (row,) in zip(found, rows, strict=True):
            if any(matches(word, finding) for word in case["expect"].split()):
                for_it[row].add(case["case"])
        words = f"{case['expect']} {case['silent']}".split()
        about = {word.split(":")[0] for word in words}
        for row, rule in enumerate(RULES):
            if row not in fired and {rule["rule"], "all"} & about:
                against[row].add(case["case"])
    named = {row: f"row {row + 2}: {rule['rule']}" for row, rule in enumerate(RULES)}
    assert [named[row] for row in named if not for_it[row]] == []
    assert [named[row] for row in named if not against[row]] == []


NAMED = re.compile(r"\[([a-z0-9. -]+)\] ")


def test_each_rule_of_the_review_has_both_cases_with_its_source(tmp_path):
    """The visit that it is about and one in which it is silent, each naming where it stands."""
    known = set(tables.sources().index)
    cases = [
        (case, named[1].split()) for case in EXAMPLES if (named := NAMED.match(case["source"]))
    ]
    assert [case["case"] for case, ids in cases if not set(ids) <= known] == []
    assert [case["case"] for case in EXAMPLES if "review" in case["source"]] == [
        case["case"] for case, _ in cases if "review" in case["source"]
    ]
    said, silent = set(), set()
    for case, ids in cases:
        found = found_in(case, tmp_path)
        words = case["expect"].split()
        wanted = {(f["rule"], f["source"]) for f in found for word in words if matches(word, f)}
        assert {source for _, source in wanted} <= set(ids), case["case"]
        said |= wanted
        there = {f["rule"] for f in found}
        silent |= {(rule, source) for rule in set(IDS) - there for source in ids}
    new = {(r["rule"], r["source"]) for r in RULES if r["rule"] in IDS[IDS.index("benefit") :]}
    assert new - said == set()
    assert new - silent == set()


# The table of rules


def test_rules_are_those_of_the_specification():
    """No rule is missing and none was added without a line in domain 4."""
    assert {rule["rule"] for rule in RULES} == set(IDS)
    assert {rule["level"] for rule in RULES} == {"fix", "needs", "check", "note"}
    assert {rule["per"] for rule in RULES} == {"line", "code", "visit"}
    assert not [rule for rule in RULES if rule["level"] == "fix" and rule["modifier"]]


@pytest.mark.parametrize(
    ("column", "word"),
    [
        *(("when", word) for word in ("medicaer", "!clam", "seperate", "Medicare", "!!claim")),
        *(("when", word) for word in ("has-AT", "has:ATT", "has:distnct")),
        *(("lines", "@therpy"), ("lines", "!@Timed"), ("with", "@x-rays")),
        *(("lacks", "ATX"), ("modifier", "at"), ("pair", "cmt-regions")),
    ],
)
@pytest.mark.parametrize("row", [0, len(RULES) - 1])
def test_an_unknown_word_is_a_fault_of_its_row(column, word, row, own_tables):
    """A misspelled word is refused by file, row and column, and never simply left out."""
    own = iter(range(len(RULES)))

    def misspelled(rule):
        return rule | {column: f"{rule[column]} {word}"} if next(own) == row else rule

    change(own_tables / "hints.csv", misspelled)
    with pytest.raises(chirocalc.InputError) as caught:
        estimate("98941", "payer=self-pay")
    assert [(p.where, p.row, p.column, p.value) for p in caught.value.problems] == [
        ("hints.csv", row + 2, column, word)
    ]


def test_every_word_of_the_rules_is_known():
    """A misspelled fact would silently make a rule fire too often, a modifier too."""
    modifiers = set(chirocalc.tables.modifiers().index)
    kinds = {pair["kind"] for pair in PAIRS}
    for rule in RULES:
        for word in rule["when"].split():
            name = word.removeprefix("!")
            assert name in ALL_FACTS or (
                word.startswith("has:") and (word[4:] in HAS or word[4:] in modifiers)
            ), (rule["rule"], word)
        for word in f"{rule['lacks']} {rule['modifier'].replace('|', ' ')}".split():
            assert word in modifiers, (rule["rule"], word)
        for word in f"{rule['lines']} {rule['with']}".split():
            name = word.removeprefix("!")
            assert name in KINDS or set(name.split("-")) <= set(CODES), (rule["rule"], word)
        assert rule["pair"] or rule["lines"], rule
        assert rule["pair"] in kinds | {""}, rule
    assert kinds == {rule["pair"] for rule in RULES} - {""}


def test_every_fact_and_kind_is_used_by_a_rule():
    """A fact that no row asks about would be code that nothing runs."""
    asked = {word.removeprefix("!") for rule in RULES for word in rule["when"].split()}
    selected = " ".join(f"{rule['lines']} {rule['with']}" for rule in RULES).split()
    assert set(ALL_FACTS) - asked == set()
    assert {f"has:{name}" for name in HAS} - asked == set()
    assert set(KINDS) - {word.removeprefix("!") for word in selected} == set()


def test_no_fact_has_two_meanings():
    """A word is asked of the settings, of a code or of a line, and of one of them only."""
    assert len(ALL_FACTS) == sum(map(len, (FACTS, CODE_FACTS, LINE_FACTS, VISIT_FACTS)))


# What settles a finding besides a modifier, by rule id: of its fixes, and of its needs.
FIXED_BY = {
    "at-maintenance": {"without"},
    # Active treatment takes AT alone; an adjustment is a benefit; an ABN is Original Medicare's.
    "at-active": {"without GA", "without GZ"},
    "benefit": {"without GY", "without GX"},
    "ma-abn": {"without GA", "without GX"},
    "em-25": {"off", "without"},
    "estim": {"use G0283"},
    **{
        rule: {"off"}
        for rule in (
            *("cmt-region", "pair-0", "pair-1", "eval-once", "test-with-eval", "group", "bundled"),
            *("addon", "rtm-once", "one-evaluation", "g2211", "decompression", "not-therapy"),
            *("cmt-by-therapist", "acupuncture-ncd", "em-by-therapist"),
        )
    },
    # A chiropractor's patient may be charged for what Medicare never pays a chiropractor.
    "s-code": {"off", "collect"},
}
NEEDED_BY = {"excluded": {"collect"}}
# No line can be taken off for these: regions are counted, units are entered anew.
NOT_FIXED = {"one-cmt", "mue", "untimed-units"}
# Where a question was answered, the one modifier that says no more than the answer.
FOLLOWS = {
    ("at-active", "active"): "AT",
    ("at-maintenance", "abn"): "GA",
    ("at-maintenance", "no-abn"): "GZ",
    ("em-25", "separate"): "25",
    ("one-evaluation", "separate"): "25",
    ("pair-1", "separate"): "25",
    ("test-with-eval", "separate"): "59",
    ("group", "separate"): "59",
}


def mends_of(level):
    """By rule id, what its rows of a level offer; "" for a row that offers nothing."""
    offered = defaultdict(set)
    for rule in RULES:
        if rule["level"] == level:
            offered[rule["rule"]].add(rule["mend"])
    return offered


def test_each_fix_can_be_mended_or_is_known_not_to_be():
    """By hand, rule by rule: what would be denied is taken off, changed, or counted anew."""
    assert mends_of("fix") == FIXED_BY | {rule: {""} for rule in NOT_FIXED}
    assert {rule: ways for rule, ways in mends_of("needs").items() if ways != {""}} == NEEDED_BY
    assert not {
        way
        for level in ("check", "note")
        for ways in mends_of(level).values()
        for way in ways
        if way
    }


def test_without_is_offered_where_a_modifier_is_too_much():
    """It takes off what its `has:` names, and only there is something to take off."""
    for rule in RULES:
        asks = [word for word in rule["when"].split() if word.startswith("has:")]
        takes_off, *named = rule["mend"].split()[:2] or [""]
        assert (takes_off == "without") == (bool(asks) and rule["level"] == "fix"), rule
        if takes_off == "without":
            assert {f"has:{word}" for word in named} <= set(asks), rule


def test_what_follows_is_one_modifier_after_an_answer():
    """Neither a choice between modifiers nor two of them, and nothing that no one answered."""
    found = {}
    for rule in RULES:
        answers = {"active", "abn", "no-abn", "separate"} & set(rule["when"].split())
        if rule["follows"]:
            assert (rule["follows"], rule["level"], rule["mend"]) == ("yes", "needs", ""), rule
            assert re.fullmatch("[A-Z0-9]{2}", rule["modifier"]), rule
            [answered] = answers
            found[rule["rule"], answered] = rule["modifier"]
        elif answers and rule["level"] == "needs":
            # GX, where the ABN is voluntary; 59 or X, where one of them fits.
            assert re.search("[ |]", rule["modifier"]), rule
    assert found == FOLLOWS


def mended(told, finding):
    """The visit after what a finding offers was taken."""
    services = []
    for line in told.lines:
        service = line.service
        if line.code != finding.code:
            services.append(service)
        elif finding.mend == "without":
            left = [word for word in service.written if word not in finding.drops.split()]
            services.append(service._replace(modifiers=tables.modifier_bits(" ".join(left))))
        elif finding.mend.startswith("use "):
            services.append(service._replace(code=tables.records()[finding.mend[4:]]))
        else:
            services.append(service._replace(unbilled=finding.mend))
    return answer_of(services, told.settings)


def test_each_mend_settles_what_offers_it():
    """In every worked case: the finding is gone, and the line has no other of its rule."""
    ways = set()
    for case in EXAMPLES:
        if case["codes"]:
            continue
        told = answer(case["lines"], case["settings"])
        for finding in told.findings:
            if finding.mend:
                left = mended(told, finding).findings
                same = [f for f in left if (f.rule, f.code) == (finding.rule, finding.code)]
                assert [f for f in same if f.text == finding.text or f.level == "fix"] == [], case
                ways.add((finding.rule, finding.mend))
    assert ways == {
        (rule, "without" if way.startswith("without") else way)
        for by in (FIXED_BY, NEEDED_BY)
        for rule, some in by.items()
        for way in some
    }


@pytest.mark.parametrize(
    ("column", "word"), [("mend", "drop"), ("mend", "use 97"), ("follows", "maybe")]
)
def test_an_unknown_mend_is_a_fault_of_its_row(column, word, own_tables):
    """Refused by file, row and column, as every other word."""
    change(own_tables / "hints.csv", lambda rule: rule | {column: word})
    with pytest.raises(chirocalc.InputError) as caught:
        estimate("98941", "payer=self-pay")
    first = caught.value.problems[0]
    assert (first.where, first.row, first.column, first.value) == ("hints.csv", 2, column, word)


def test_every_source_is_listed():
    """Each finding can be traced."""
    assert {rule["source"] for rule in RULES} <= set(chirocalc.tables.sources().index)


@pytest.mark.parametrize("rule", RULES, ids=lambda r: f"{r['rule']}-{r['level']}-{r['when']}")
def test_texts(rule):
    """Short, American, closed by a stop; never a way to get paid; a visit's names no code."""
    text = rule["text"]
    assert len(text) <= 170
    assert text[-1] in ".?"
    assert rule["must_show"][-1:] != "."
    both = f"{text} {rule['must_show']}".lower()
    assert not re.search(r"get paid|bypass|unbundle|maximi|override|overrule|scrubber", both)
    assert not re.search(r"isation|favour|behaviour|licence|centre|organise|recognise|whilst", both)
    names = set(re.findall(r"\{(\w+)\}", f"{text} {rule['must_show']}"))
    assert names <= {
        *("code", "other", "parents", "mue", "regions", "short", "kx_threshold", "kx_review"),
        "year",
    }
    if rule["per"] == "visit":
        assert not names & {"code", "other", "parents", "mue", "regions"}
    if not rule["pair"]:
        assert not names & {"other", "regions"}


@pytest.mark.parametrize("payer", ["medicare", "uhc", "commercial-midpoint"])
def test_a_given_region_is_not_asked_again(payer):
    """98941 has no region here, 97140 has: the question is about 98941."""
    found = estimate("98941; 97140:15@lumbar", f"payer={payer}").findings
    text = found.loc[found["rule"] == "cmt-region", "text"].item()
    assert "Where was 97140 done" not in text
    assert "Which regions were adjusted with 98941?" in text


@pytest.mark.parametrize("payer", ["medicare", "uhc", "commercial-midpoint"])
def test_a_given_region_is_not_called_missing(payer):
    """The same with 59 on 97140: it is the region of 98941 that was not given."""
    found = estimate("98941; 97140:15@lumbar+59", f"payer={payer}").findings
    text = found.loc[found["rule"] == "cmt-region", "text"].item()
    assert "its region was not given" not in text


REGION_NAMES = [*chirocalc.tables.regions().index]


def expected_region(code, spinal, others, own, distinct):
    """Level and modifier of cmt-region where every region is known; None for no finding. Outside
    Medicare a contract decides on 97112 and 97124 in an adjusted region (review A9)."""
    adjusted = set(spinal) | set(others)
    if set(own) <= adjusted:
        return "fix" if code == "97140" else "check", ""
    return None if distinct else ("needs", "59|XS")


def test_overlap_is_with_every_manipulation_of_the_visit():
    """domain 2 and 4: 98943 manipulates too; what was adjusted in any of its regions is a fix."""
    draw = random.Random(98943)
    visits, want = [], {}
    for _ in range(400):
        cmt = draw.choice(sorted(CMT))
        spinal = draw.sample(REGION_NAMES[:5], {"98940": 2, "98941": 4, "98942": 5}[cmt])
        others = draw.sample(REGION_NAMES[5:], draw.randint(0, 3))
        code = draw.choice(["97112", "97124", "97140"])
        own = draw.sample(REGION_NAMES, draw.randint(1, 3))
        word = draw.choice(["", "", "+59", "+XS", "+XU", "+GP"])
        whole = cmt == "98942" and draw.random() < 0.5  # says its regions by itself
        lines = [cmt if whole else f"{cmt}@{'|'.join(spinal)}", f"{code}:15@{'|'.join(own)}{word}"]
        lines += [f"98943@{'|'.join(others)}"] if others else []
        visits.append("; ".join(draw.sample(lines, len(lines))))
        want[visits[-1]] = expected_region(code, spinal, others, own, word[1:] in DISTINCT)
    visits = list(want)
    found = chirocalc.estimate(frame(*visits, labels=visits), COMMERCIAL).findings
    found = found[found["rule"] == "cmt-region"].set_index("visit")
    got = {name: tuple(row) for name, *row in found[["level", "modifier"]].itertuples()}
    assert len(got) == len(found)
    assert [(v, got.get(v), want[v]) for v in visits if got.get(v) != want[v]] == []
    assert {"fix", "check", "needs"} == set(found["level"])
    for name, text in found.loc[found["level"] == "fix", "text"].items():
        assert "no modifier helps" in text, name


def test_a_region_known_to_be_shared_is_not_asked_for():
    """98943 without regions may have been of the arms; what is shared with 98940 is known."""
    visit = "98940@cervical; 98943; 97140:15@cervical|upper extremities"
    found = estimate(visit, "payer=commercial-midpoint").findings
    [text] = found.loc[(found["rule"] == "cmt-region") & (found["code"] == "97140"), "text"]
    assert "cervical" in text
    assert "98943" not in text


def test_short_visits_are_told_from_others_of_the_same_lines():
    """8 minutes each are short under the midpoint rule, 15 are not; the units are equal."""
    visits = {"short": "97110:8; 97112:8", "long": "97110:15; 97112:15"}
    for names in (["short", "long"], ["long", "short"]):
        table = frame(*(visits[name] for name in names), labels=names)
        found = chirocalc.estimate(table, COMMERCIAL).findings
        assert list(found.loc[found["rule"] == "short-units", "visit"]) == ["short"]


def test_findings_of_a_line_stand_as_the_rules_in_the_table():
    """Also where a pair's rule stands before one of the line alone."""
    first = {}
    for row, rule in enumerate(RULES):
        first.setdefault(rule["rule"], row)
    last = {rule["rule"]: row for row, rule in enumerate(RULES)}
    both = 0
    for chosen in GRID:
        answer = chirocalc.estimate(table_of(thousand(7)), settings_of(chosen))
        # A code stands twice as its parts 26 and TC, and under several disciplines.
        once = answer.lines.groupby(["visit", "code"]).size() == 1
        for of_line, group in answer.findings.groupby(["visit", "code"], sort=False):
            if not once.get(of_line, False):
                continue
            rules = list(group["rule"])
            for before, after in itertools.pairwise(rules):
                assert first[before] <= last[after], (chosen, rules)
            both += len(rules) > 1
    assert both > 1000


@pytest.mark.parametrize("payer", ["medicare", "va", "commercial-total-time"])
def test_a_manipulation_fits_the_number_of_its_regions(payer):
    """domain 2: 98940 = 1-2, 98941 = 3-4, 98942 = 5 spinal regions; others do not count."""
    fits = {"98940": (1, 2), "98941": (3, 4), "98942": (5,)}
    want, more = {}, ("", "|head", "|upper extremities|abdomen")
    for code, counts in fits.items():
        for count in range(6):
            for extra in more:
                regions = "|".join(REGION_NAMES[:count]) + extra
                want[f"{code}@{regions.lstrip('|')}"] = count not in counts
    want = {visit: wrong for visit, wrong in want.items() if not visit.endswith("@")}
    found = chirocalc.estimate(frame(*want, labels=list(want)), Settings(payer=payer)).findings
    found = found[found["rule"] == "one-cmt"]
    assert list(found["visit"]) == [visit for visit, wrong in want.items() if wrong]
    assert set(found["level"]) == {"fix"}


@pytest.mark.parametrize("provider", ["chiropractor", "pt", "ot"])
def test_medicare_bundles_every_code_of_status_b(provider):
    """domain 3.1: neither paid nor chargeable to the patient; no GY that says otherwise."""
    for code in (name for name, row in CODES.items() if row["status"] == "B"):
        line = f"{code}:60" if CODES[code]["time_rule"] == "clock" else code
        found = estimate(line, f"payer=medicare provider={provider}").findings
        assert list(zip(found["rule"], found["level"], strict=True)) == [("bundled", "fix")], code


@pytest.mark.parametrize("answer", ["", "?yes", "?no"])
def test_a_visit_has_one_question_beside_any_number_of_services(answer):
    """25 stands on the E/M line once, whatever it is beside; two E/M lines are two."""
    found = estimate(f"98941; 98943; 97810:15; 99213{answer}", "payer=uhc").findings
    assert list(found.loc[found["rule"] == "em-25", "code"]) == ["99213"]
    found = estimate(f"98941; 98943; 99203{answer}; 99213{answer}", "payer=uhc").findings
    assert sorted(found.loc[found["rule"] == "em-25", "code"]) == ["99203", "99213"]


def test_what_is_asked_of_a_visit():
    """The answer yes or no is asked for each code that a rule asks about, and of no one else."""
    for text, asked in {
        "98941; 99213": {"99213"},
        "99203; 99213": {"99213"},
        "97760:15; 97164": {"97164"},
        "97012; 97164; 97110:15": {"97164"},
        "97530:15; 97750:15": {"97750"},
        "97150; 97110:15": {"97110"},
        "97140:15; 97124:15": set(),
        "98941; 97140:15": set(),
        "97161; 97163": set(),
        "97530:23; 97750:2": set(),
    }.items():
        for chosen, want in (("payer=va", asked), ("payer=self-pay", set())):
            assert separate_questions(answer(text, chosen)) == want, text


def test_an_assistant_under_the_other_plan_gets_one_answer():
    """CO under a physical therapy plan: GP and GO are not both asked for on one line."""
    for line, provider in (("97110:15+CO", "pt"), ("97530:15+CQ", "ot")):
        found = estimate(line, f"payer=medicare provider={provider}").findings
        assert len({"GP", "GO"} & set(found["modifier"])) < 2, line
        about = found[(found["rule"] == "assistant") & (found["code"] != "")]
        assert list(about["level"]) == ["check"], line


@pytest.mark.parametrize(("answer", "level"), [("yes", "needs"), ("True", "needs"), ("no", "fix")])
def test_separate_as_a_csv_has_it(answer, level):
    """A word is read as what it says; it never turns into a no by itself."""
    table = frame("98941; 99213").assign(separate=[None, answer])
    found = chirocalc.estimate(table, COMMERCIAL).findings
    assert list(found.loc[found["rule"] == "em-25", "level"]) == [level]


@pytest.mark.parametrize("answer", [2, "maybe"])
def test_separate_is_yes_no_or_not_said(answer):
    """Anything else is a fault of that row and column."""
    table = frame("98941; 99213").assign(separate=[None, answer])
    with pytest.raises(chirocalc.InputError) as caught:
        chirocalc.estimate(table, COMMERCIAL)
    assert [(p.row, p.column) for p in caught.value.problems] == [(2, "separate")]


def test_modifiers_read_as_numbers():
    """A column of 25 and 59 with gaps is read from a CSV as floats, as codes are."""
    table = pd.DataFrame(
        {"code": ["98941", "99213"], "minutes": [None, None], "modifiers": [None, 25.0]}
    )
    found = chirocalc.estimate(table, COMMERCIAL).findings
    assert "em-25" not in set(found["rule"])


def test_kx_is_exact_at_the_cent():
    """Dollars that add up to the threshold exactly are not above it, one cent more is."""
    draw = random.Random(2480)
    services = ["97110", "97112", "97116", "97124", "97140", "97530", "97535", "97012", "G0283"]
    places = [*chirocalc.tables.localities().index]
    for _ in range(40):
        visit = "; ".join(f"{code}:15" for code in draw.sample(services, draw.randint(1, 5)))
        place = f"payer=medicare provider=pt locality={draw.choice(places)}"
        answer = estimate(visit, place)
        cents = round(answer.lines["allowed"].sum() * 100)
        for more, over in ((0, False), (1, True)):
            used = (248_000 - cents + more) / 100
            found = answer.under(settings_of(f"{place} kx_used={used}")).findings
            assert (found["rule"] == "kx").any() == over, (visit, place, used)


# Code pairs


def expected_fix(both):
    """The rule of a pair that is not payable whatever is answered; None where another decides."""
    if both <= CMT:
        return "one-cmt"
    if both <= PT_EVALUATIONS or both <= OT_EVALUATIONS:
        return "eval-once"
    return None


def is_test_with_evaluation(both):
    """domain 4 test-with-eval."""
    first = both & (PT_EVALUATIONS | OT_EVALUATIONS) and both & {"97750", "97755", "97763"}
    return bool(first or (both & RE_EVALUATIONS and both & FITTINGS))


def expected_question(one, two):
    """Rule and line of a pair with indicator 1."""
    line = two
    if {one, two} & CMT and {one, two} & {"97112", "97124", "97140"}:
        rule = "cmt-region"
    elif two in RE_EVALUATIONS:
        rule = "eval-once"
    elif one == "97150":
        rule = "group"
    elif is_visit(one) != is_visit(two):
        # Of an office visit and a therapist's evaluation one clinician reports one (review A5).
        rule = "one-evaluation" if {one, two} & EVALUATIONS else "em-25"
        line = one if is_visit(one) else two
    else:
        rule = "pair-1"
    return rule, line


def expected_rule(one, two, indicator):
    """Rule, level and line of a pair from domain 4, not from the kinds in pairs.csv."""
    both, level = {one, two}, "fix" if indicator == "0" else "needs"
    if expected_fix(both):
        return expected_fix(both), "fix", two
    if is_test_with_evaluation(both):
        return "test-with-eval", level, two
    if indicator == "0":
        return "pair-0", level, two
    rule, line = expected_question(one, two)
    return rule, level, line


def line_of(code, separate=None):
    """A line that earns a unit under either rule."""
    row = CODES[code]
    minutes = float(row["unit_minutes"]) if row["time_rule"] in ("timed15", "clock") else None
    return {
        **{"code": code, "minutes": minutes, "count": 1, "region": "", "modifiers": ""},
        "separate": separate,
    }


@cache
def pair_findings(separate=None, both_ways=True):
    """Findings of the pair rules for every pair as a visit of two lines: {(pair, order): [...]}."""
    visits, labels = [], []
    for row, pair in enumerate(PAIRS):
        two = [line_of(pair[name], separate) for name in ("column1", "column2")]
        for order in ("12", "21")[: 1 + both_ways]:
            visits.append(two if order == "12" else two[::-1])
            labels.append(f"{row} {order}")
    found = chirocalc.estimate(frame(*visits, labels=labels), COMMERCIAL).findings
    found = found[found["rule"].isin(PAIR_RULES)]
    by_visit = defaultdict(list)
    for finding in found.to_dict("records"):
        by_visit[finding["visit"]].append(finding)
    return {(int(name.split()[0]), name.split()[1]): by_visit[name] for name in labels}


@pytest.fixture(scope="module")
def unanswered():
    """What every pair says when nothing else is known."""
    return pair_findings()


def test_every_pair_fires_once_on_the_right_line(unanswered):
    """653 pairs, entered both ways round: one finding each, rule, level and line by domain 4."""
    wrong = []
    for (row, order), found in unanswered.items():
        pair = PAIRS[row]
        want = expected_rule(pair["column1"], pair["column2"], pair["modifier_indicator"])
        got = [(f["rule"], f["level"], f["code"]) for f in found]
        if got != [want]:
            wrong.append((pair["column1"], pair["column2"], order, got, want))
    assert wrong == []


def test_a_pair_names_both_codes_and_its_quarter(unanswered):
    """A pair read in an earlier year is to be confirmed; until then nothing is suggested."""
    for (row, _), found in unanswered.items():
        pair = PAIRS[row]
        for finding in found:
            text = finding["text"]
            # Of two spinal manipulations neither may be right: count the regions (domain 4).
            if finding["rule"] != "one-cmt":
                assert pair["column1"] in text, text
                assert pair["column2"] in text, text
            assert pair["vintage"] in text, text
            earlier = pair["vintage"] < "2026"
            assert ("confirm in the current quarter" in text) == earlier, text
            assert finding["modifier"] == "", text


def test_indicator_0_never_has_a_way_out(unanswered):
    """Whatever is answered, indicator 0 stays a fix without a modifier (ncci-ptp)."""
    for separate in (True, False):
        for (row, _), found in pair_findings(separate, both_ways=False).items():
            if PAIRS[row]["modifier_indicator"] == "0":
                assert [(f["level"], f["modifier"]) for f in found] == [("fix", "")], found


def test_answers_decide_indicator_1():
    """Not separate: fix. Separate: a modifier, 25 on a visit and never 59 or X there."""
    for separate, level in ((False, "fix"), (True, "needs")):
        wrong = []
        for (row, _), found in pair_findings(separate, both_ways=False).items():
            if PAIRS[row]["modifier_indicator"] == "1" and PAIRS[row]["kind"] != "cmt-region":
                wrong += [(f["code"], f["text"]) for f in found if f["level"] != level]
                wrong += [(PAIRS[row],) for _ in range(abs(len(found) - 1))]
        assert wrong == [], separate


def test_59_never_on_an_office_visit_nor_25_on_another(unanswered):
    """domain 4: modifier 59 never on an E/M (ncci-1-e); 25 is for an E/M alone."""
    wrong = []
    for found in (*pair_findings(True, both_ways=False).values(), *unanswered.values()):
        for f in found:
            offered = set(re.findall(r"\b(?:59|X[ESPU]|25)\b", f["modifier"]))
            named = re.search(r"\b59\b|the X modifier", f["text"])
            if is_visit(f["code"]) and (offered & DISTINCT or named):
                wrong.append((f["code"], f["text"]))
            if not is_visit(f["code"]) and "25" in offered:
                wrong.append((f["code"], f["text"]))
    assert wrong == []


@pytest.mark.parametrize("modifier", sorted(DISTINCT))
def test_59_on_any_office_visit_is_a_fix(modifier):
    """domain 4: never on an E/M, whatever is beside it and whatever is answered (ncci-1-e)."""
    visits = [code for code in CODES if is_visit(code)]
    assert len(visits) == 9
    texts = {f"{code}+{modifier}": code for code in visits}
    texts |= {f"98940; {code}+25+{modifier}?yes": code for code in visits}
    found = chirocalc.estimate(frame(*texts, labels=list(texts)), COMMERCIAL).findings
    found = found[found["level"] == "fix"]
    assert dict(zip(found["visit"], found["code"], strict=True)) == texts
    assert list(found["rule"]) == ["em-25"] * len(texts)


def test_medicare_is_not_told_of_other_payers():
    """pair-0: another payer may follow CMS; for Medicare itself there is nothing to follow."""
    for payer, said in (("medicare", False), ("uhc", True), ("workers-comp", True)):
        found = estimate("97140:15; 97124:15", f"payer={payer} provider=pt").findings
        text = found.loc[found["rule"] == "pair-0", "text"].item()
        assert ("other payers" in text) == said
        assert "no modifier helps" in text


# Of 422 ended pairs whose codes are in codes.csv, with the day each ended.
ENDED = [
    ("97530", "97116", "2019-12-31"),
    ("97140", "97530", "2019-12-31"),
    ("97530", "97113", "2019-12-31"),
    ("97530", "97535", "2021-12-31"),
    ("97530", "97533", "2021-12-31"),
    ("97530", "97110", "1996-01-01"),
    ("97530", "97112", "1996-01-01"),
    ("97110", "97140", "1999-04-01"),
    ("97112", "97140", "1999-04-01"),
    ("97110", "97164", "2019-12-31"),
    ("97140", "97164", "2019-12-31"),
    ("97530", "97164", "2019-12-31"),
    ("97161", "97140", "2020-01-01"),
    ("97150", "97161", "2020-01-01"),
    ("97161", "97165", "2017-06-30"),
    ("97110", "97750", "2003-09-30"),
    ("97110", "99213", "2000-10-30"),
    ("97140", "99203", "2000-10-30"),
    ("97014", "99213", "2000-10-30"),
    ("97012", "97010", "1996-01-01"),
    ("97032", "97014", "2002-12-31"),
    ("97035", "97022", "2004-12-31"),
]
# domain 4: 97110 and 97530 with manipulation were never pairs.
NEVER = [(cmt, other, "") for cmt in sorted(CMT) for other in ("97110", "97530", "97012", "G0283")]


@pytest.mark.parametrize("payer", ["medicare", "uhc", "commercial-total-time"])
def test_ended_pairs_are_silent(payer):
    """No pair rule fires for a pair that ended or never was, in either order of entry."""
    pairs = [(a, b) for one, two, _ in ENDED + NEVER for a, b in ((one, two), (two, one))]
    labels = [f"{one}/{two}" for one, two in pairs]
    table = frame(*([line_of(one), line_of(two)] for one, two in pairs), labels=labels)
    found = chirocalc.estimate(table, Settings(payer=payer, provider="pt")).findings
    assert found.loc[found["rule"].isin(PAIR_RULES), ["visit", "rule"]].to_dict("records") == []


@pytest.mark.skipif(facts("ncci_ptp.csv") is None, reason="no fact base beside the repository")
def test_pairs_are_the_active_rows_of_the_fact_base():
    """Nothing lost, nothing added, no indicator changed; ENDED is ended there too."""
    upstream = read(facts("ncci_ptp.csv"))
    active = [r for r in upstream if r["status"] == "active" and r["modifier_indicator"] in "01"]
    assert not [r for r in active if r["deletion_date"]]
    quarters = {"2024Q3": "2024 Q3", "2026Q3+2026Q4": "2026 Q4"}
    columns = ("column1", "column2", "modifier_indicator", "rationale")
    theirs = [(*(r[c] for c in columns), quarters[r["vintage"]]) for r in active]
    ours = [(*(r[c] for c in columns), r["vintage"]) for r in PAIRS]
    assert sorted(ours) == sorted(theirs)
    in_force = {frozenset((r["column1"], r["column2"])) for r in active}
    for one, two, day in ENDED:
        dates = [r["deletion_date"] for r in upstream if (r["column1"], r["column2"]) == (one, two)]
        assert day in dates, (one, two)
        assert frozenset((one, two)) not in in_force, (one, two)


# Properties

POOL = [
    *("98940", "98941", "98942", "98943", "99203", "99213", "97110", "97112", "97124", "97140"),
    *("97530", "97535", "97012", "97014", "97010", "97035", "G0283", "97150", "97161", "97164"),
    *("97165", "97750", "97755", "97760", "97810", "97811", "97814", "97129", "97130", "97545"),
    *("20560", "20561", "72100", "72110", "S9117", "S8948", "98980", "98981"),
]
REGIONS = ["", "", "cervical", "lumbar", "cervical|lumbar", SPINAL, "upper extremities", "head"]
SILENT_MODIFIERS = ["", "", "59", "25", "GP", "GP GY", "AT", "XS GP", "KX", "GA", "51", "GO", "XU"]
PAID_MODIFIERS = ["", "", "", "26", "TC", "CQ", "CO"]
GRID = [
    "payer=medicare",
    "payer=medicare phase=active",
    "payer=medicare phase=maintenance",
    "payer=medicare provider=pt",
    "payer=medicare provider=ot kx_used=2450",
    "payer=uhc",
    "payer=commercial-midpoint",
    "payer=self-pay",
]


def drawn(draw, size):
    """A visit of random lines."""
    lines = []
    for code in draw.choices(POOL, k=size):
        paid = draw.choice(PAID_MODIFIERS)
        if paid in ("26", "TC") and not code.startswith("72"):
            paid = ""
        lines.append(
            {
                "code": code,
                "minutes": draw.choice([None, 3.0, 7.0, 8.0, 15.0, 22.0, 30.0, 61.0, 120.0]),
                "count": draw.choice([1, 1, 1, 2]),
                "region": draw.choice(REGIONS),
                "modifiers": f"{paid} {draw.choice(SILENT_MODIFIERS)}".strip(),
                "separate": draw.choice([None, None, True, False]),
            }
        )
    return lines


@cache
def thousand(seed):
    """A thousand visits by name."""
    draw = random.Random(seed)
    return {f"v{number}": drawn(draw, draw.randint(1, 6)) for number in range(1000)}


def table_of(visits):
    """Visits by name as one frame."""
    return frame(*visits.values(), labels=list(visits))


@pytest.mark.parametrize("chosen", GRID)
def test_findings_change_no_unit_and_no_amount(chosen):
    """domain 4: a hint is never applied. Only 26, TC, CQ and CO change what a line is, and GP, GO
    and GN whose it is (cpm-5-20.2); AT and GA on an adjustment say what the treatment was, where
    nobody else did."""
    full = table_of(thousand(1))
    says = {"26", "TC", "CQ", "CO", "GP", "GO", "GN", "AT", "GA"}
    kept = full["modifiers"].map(lambda text: " ".join(w for w in text.split() if w in says))
    bare = full.drop(columns=["region", "separate"]).assign(modifiers=kept)
    with_answers = chirocalc.estimate(full, settings_of(chosen))
    without = chirocalc.estimate(bare, settings_of(chosen))
    pd.testing.assert_frame_equal(with_answers.lines, without.lines)
    pd.testing.assert_frame_equal(with_answers.visits, without.visits)
    for abn, used in (("yes", 0), ("no", 2900)):
        other = settings_of(f"{chosen.split(' kx_used')[0]} abn={abn} kx_used={used}")
        again = with_answers.under(other)
        pd.testing.assert_frame_equal(with_answers.lines, again.lines)
        pd.testing.assert_frame_equal(with_answers.visits, again.visits)


@pytest.mark.parametrize("chosen", GRID)
def test_a_visit_alone_has_the_findings_it_has_among_a_thousand(chosen):
    """No visit touches another, though their lines are interleaved."""
    visits = thousand(2)
    mixed = table_of(visits)
    mixed["place"] = mixed.groupby("visit").cumcount()
    mixed = mixed.sort_values("place", kind="stable").drop(columns="place")
    together = chirocalc.estimate(mixed, settings_of(chosen)).findings
    for name in random.Random(3).sample(list(visits), 15):
        alone = chirocalc.estimate(table_of({name: visits[name]}), settings_of(chosen)).findings
        rows = together[together["visit"] == name].reset_index(drop=True)
        pd.testing.assert_frame_equal(rows, alone, check_dtype=False)


@pytest.mark.parametrize("chosen", GRID)
def test_order_of_entry_changes_only_the_order(chosen):
    """Visits without a tie of minutes, which goes by the order of entry (domain 1.1)."""
    draw = random.Random(4)
    visits = thousand(5)
    shuffled = {name: draw.sample(lines, len(lines)) for name, lines in visits.items()}
    first, second = (
        chirocalc.estimate(table_of(entered), settings_of(chosen)) for entered in (visits, shuffled)
    )
    tied = set(first.lines.loc[first.lines["tied"], "visit"])
    assert len(tied) < 500
    before, after = (
        answer.findings[~answer.findings["visit"].isin(tied)]
        .sort_values(COLUMNS)
        .reset_index(drop=True)
        for answer in (first, second)
    )
    pd.testing.assert_frame_equal(before, after)


@pytest.mark.parametrize("chosen", GRID)
def test_two_lines_of_a_code_are_one(chosen):
    """Minutes and counts add up, regions and modifiers join, one no is a no."""
    two = estimate("98941@lumbar; 97140:8@lumbar+59?yes; 97140:7@cervical+GP", chosen)
    one = estimate("98941@lumbar; 97140:15@lumbar|cervical+59+GP?yes", chosen)
    assert records(two.findings) == records(one.findings)
    two = estimate("97530:15; 97750:15?yes; 97750:15?no; 97750:15", chosen)
    one = estimate("97530:15; 97750:45?no", chosen)
    assert records(two.findings) == records(one.findings)
    two = estimate("97012; 97012", chosen)
    one = estimate("97012x2", chosen)
    assert records(two.findings) == records(one.findings)


one_line = st.builds(
    dict,
    code=st.sampled_from(POOL),
    minutes=st.sampled_from([None, 0.0, 7.0, 8.0, 16.0, 30.0, 125.0]),
    count=st.integers(1, 3),
    region=st.sampled_from(REGIONS),
    modifiers=st.sampled_from(SILENT_MODIFIERS),
    separate=st.sampled_from([None, True, False]),
)


@settings(max_examples=100, deadline=None)
@given(lines=st.lists(one_line, min_size=1, max_size=7), chosen=st.sampled_from(GRID))
def test_any_visit(lines, chosen):
    """Every finding is about a billed line, is filled in, and offers what is not there yet."""
    answer = chirocalc.estimate(frame(lines), settings_of(chosen))
    billed = set(answer.lines.loc[answer.lines["units"] > 0, "code"]) | {""}
    has = defaultdict(set)
    for line in lines:
        has[line["code"]] |= set(line["modifiers"].split())
    for f in answer.findings.itertuples():
        assert f.code in billed
        assert f.level in ("fix", "needs", "check", "note")
        assert not re.search(r"[{}]|\bnan\b|None|  ", f.text), f.text
        assert f.source in chirocalc.tables.sources().index
        if f.code and f.modifier:
            assert not any(set(option.split()) <= has[f.code] for option in f.modifier.split("|"))
        if f.level == "fix":
            assert f.modifier == ""
    unique = answer.findings.drop_duplicates()
    assert len(unique) == len(answer.findings)


def test_self_pay_has_no_claim_and_so_no_hint_on_one():
    """domain 5: no payer denies, no modifier is missing, nobody reviews."""
    for provider in ("chiropractor", "pt", "ot"):
        for chosen in ("", "phase=maintenance abn=no kx_used=2900", "unit_rule=cms"):
            under = settings_of(f"payer=self-pay provider={provider} {chosen}")
            found = chirocalc.estimate(table_of(thousand(6)), under).findings
            assert sorted(set(found["rule"] + ":" + found["level"])) == []


@pytest.mark.parametrize(
    ("code", "beside", "asked"),
    [
        ("97140", ["98941"], True),  # ncci-11-s
        ("97140", ["98943"], True),  # review A8
        ("97112", ["97110", "98943"], True),
        ("97124", ["97140"], False),
        ("97110", ["98941", "98943"], False),
        ("98943", ["97140"], False),
        ("97140", ["12345"], False),
    ],
)
def test_a_screen_asks_for_the_region_where_a_hint_rests_on_it(code, beside, asked):
    """Where nothing asks, no answer could ever be given, and the hint would never be said."""
    assert asks_region(code, beside) is asked


# Snapshot

VISITS = {
    "adjustment": f"98942@{SPINAL}",
    "adjustment, ticked": "98941@cervical|thoracic|lumbar+AT",
    "adjustment, GA": "98940@lumbar+GA",
    "two adjustments": "98940@cervical; 98941@thoracic|lumbar|sacral; 98943@head",
    "adjustment twice": "98941x2",
    "manual, region open": "98941@cervical|thoracic|lumbar; 97140:15",
    "manual, same region": "98941@cervical|thoracic|lumbar; 97140:15@lumbar",
    "manual, other region": "98941@cervical|thoracic|lumbar; 97140:15@upper extremities",
    "manual, done": "98941@cervical|thoracic|lumbar; 97140:15@upper extremities+59+GP",
    "manual, part": "98940@lumbar; 97140:15@lumbar|cervical",
    "manual, arm adjusted": "98940@lumbar; 98943@upper extremities; 97140:15@upper extremities",
    "manual, adjusted where": "98941; 97140:15@lumbar",
    "manual, whole spine": "98942; 97140:15; 97112:15@pelvic",
    "regions do not fit": "98941@cervical|lumbar; 98943",
    "manual, all spinal": f"98942@{SPINAL}; 97140:15; 97112:15@lumbar; 97124:15@head+XS",
    "reeducation, 59 alone": "98941; 97112:15+59",
    "exercise": "98941@cervical|thoracic|lumbar; 97110:30; 97530:15; 97012",
    "new patient": "98940@lumbar; 99203; 72100",
    "visit, separate": "98941@cervical|thoracic|lumbar; 99213?yes",
    "visit, not separate": "98941@cervical|thoracic|lumbar; 99213+25?no",
    "visit with 59": "98941@cervical|thoracic|lumbar; 98943@head; 99213+59",
    "two visits": "99203; 99213",
    "two visits, apart": "99203; 99213?yes",
    "two visits, one": "99203; 99213?no",
    "e-stim": "97014; 97010",
    "e-stim, Medicare's": "G0283; 97035:15; 97032:15",
    "massage and manual": "97124:15; 97140:15",
    "test, open": "97530:15; 97750:15",
    "test, together": "97530:15; 97750:15?no",
    "test, apart": "97530:15; 97750:15?yes",
    "traction and manual": "97012; 97140:15",
    "PT evaluation": "97161; 97110:15; 97140:15",
    "two evaluations": "97161; 97163; 97165",
    "evaluation and test": "97162; 97755:15; 97763:15",
    "re-evaluation": "97164; 97035:15; 97124:15?yes",
    "re-evaluation, no change": "97164?no; 97597",
    "orthotics": "97760:15; 97164",
    "orthotics, apart": "97760:15; 97168?yes",
    "orthotics, together": "97761:15; 97164?no",
    "group, open": "97150; 97110:15",
    "group, apart": "97150; 97530:15?yes",
    "acupuncture": "97810:15; 97811:15; 99213",
    "add-ons alone": "97811:15; 97130:15; G2211",
    "needles": "20560; 20561; 97813:15",
    "short units": "97110:8; 97112:8; 97140:8",
    "no unit": "97110:30; 97140:5; 97530:2",
    "too many": "97110:120; 97035:45; 97012x2",
    "films": "72100x3; 72110; 73030+26",
    "private": "S9117; S8948:15; S9090",
    "bundled": "97010; 98960:30; 99080",
    "assistant": "97110:15+CQ; 97530:15+CO+GO",
    "threshold": "97110:15+GP+KX; 97112:15+GP",
    "monitoring": "98975; 98980:20; 98981:20; 97750:15",
    "monitoring, both": "98979:10; 98980:20",
    "active and ABN": "98941@cervical|thoracic|lumbar+AT+GA; 98943@head+GX",
    "no benefit": "98940@lumbar+GY+GX; 97110:15+GY",
    "limb": "98943@upper extremities; 97140:15@upper extremities",
    "visit and evaluation": "99203; 97161",
    "visit and evaluation, two": "99203?yes; 97161",
    "visit and evaluation, one": "99203+25?no; 97161",
    "visit and therapy": "99213; 97110:15",
    "complexity": "99213+25; G2211",
    "complexity, asked": "98941@cervical|thoracic|lumbar; 99213; G2211",
    "needles and e-stim": "97813:15; G0283",
    "decompression": "S9090; 97012",
    "devices": "98977; 98985; 98975+CQ; 98976+CQ",
    "timed all day": "97110:30; 97112:30; 97530:30",
    "by a therapist at times": "97550:30; 97597; 97139",
    "film": "72100+FX; 72040+TC",
}
SETTINGS = {
    "medicare": "payer=medicare",
    "medicare active": "payer=medicare phase=active",
    "medicare maintenance": "payer=medicare phase=maintenance",
    "medicare maintenance ABN": "payer=medicare phase=maintenance abn=yes",
    "medicare maintenance no ABN": "payer=medicare phase=maintenance abn=no",
    "medicare PT": "payer=medicare provider=pt kx_used=500",
    "medicare OT above": "payer=medicare provider=ot kx_used=2980",
    "advantage": "payer=medicare-advantage",
    "advantage active": "payer=medicare-advantage phase=active",
    "advantage maintenance": "payer=medicare-advantage phase=maintenance",
    "advantage PT": "payer=medicare-advantage provider=pt",
    "uhc": "payer=uhc",
    "uhc PT": "payer=uhc provider=pt",
    "va": "payer=va",
    "total time": "payer=commercial-total-time",
    "midpoint": "payer=commercial-midpoint",
    "midpoint maintenance": "payer=commercial-midpoint phase=maintenance",
    "midpoint PT": "payer=commercial-midpoint provider=pt",
    "workers comp": "payer=workers-comp",
    "federal": "payer=feca",
    "auto": "payer=auto",
    "lien": "payer=lien",
    "self-pay": "payer=self-pay",
    "midpoint in 2025": "payer=commercial-midpoint date=2025-06-30",
}


def snapshot():
    """Every finding of every visit under all settings, one row each, as CSV text.

    Settings that give a visit the same finding stand together in one row.
    """
    under = defaultdict(list)
    table = frame(*VISITS.values(), labels=list(VISITS))
    for label, chosen in SETTINGS.items():
        found = chirocalc.estimate(table, settings_of(chosen)).findings.astype(str)
        for f in found.itertuples():
            under[f.visit, f.code, f.rule, f.level, f.modifier, f.text, f.source].append(label)
    place = {name: at for at, name in enumerate(VISITS)}
    rows = sorted(under.items(), key=lambda item: (place[item[0][0]], item[0][1:]))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["visit", "lines", "payers", "code", "rule", "level", "modifier", "text"])
    for (visit, *finding, text, source), labels in rows:
        payers = "all" if len(labels) == len(SETTINGS) else "; ".join(labels)
        writer.writerow([visit, VISITS[visit], payers, *finding, f"{text} [{source}]"])
    return out.getvalue()


def test_snapshot():
    """Any change of any finding shows here; read the difference before renewing the file. It proves
    nothing by itself: the file is the engine's own answer, kept. The worked cases are proofs."""
    got = snapshot()
    assert len(got) < 400_000
    if os.environ.get("UPDATE_SNAPSHOT") == "1":
        SNAPSHOT.write_text(got, encoding="utf-8", newline="\n")
    kept = SNAPSHOT.read_text(encoding="utf-8") if SNAPSHOT.exists() else ""
    difference = list(
        difflib.unified_diff(kept.splitlines(), got.splitlines(), "kept", "now", n=0, lineterm="")
    )
    if difference:
        more = f"\n... and {len(difference) - 60} more lines" if len(difference) > 60 else ""
        pytest.fail(
            "Findings changed. If they should, renew the file: UPDATE_SNAPSHOT=1 python -m pytest "
            "tests/rules/test_hints.py -k snapshot\n" + "\n".join(difference[:60]) + more,
            pytrace=False,
        )


def test_snapshot_covers_every_rule_and_payer():
    """The grid is only worth its size if nothing stays outside it."""
    kept = read(SNAPSHOT)
    assert {row["rule"] for row in kept} == set(IDS)
    assert {s.split()[0] for s in SETTINGS.values()} == {
        f"payer={payer}" for payer in chirocalc.tables.payers().index
    }
    assert all(lines_of(visit) for visit in VISITS.values())
