"""The plan as a link: what goes in comes out, what cannot be used is said, no fee is in it."""

from datetime import date
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chirocalc import tables
from chirocalc.links import PHASES, PLAN, SETTINGS, VISIT, Discounts, PhaseInput, use_in_plan

REGIONS = list(tables.regions().index)
SERVICES = ["", "97110.15", "97140.10~head~59", "97014_99213~~25", "72100-26.1", "97112~~~yes"]

phases = st.builds(
    PhaseInput,
    name=st.text("abc DÉ&=~_.%", max_size=12).map(lambda text: " ".join(text.split())),
    per_week=st.integers(1, 7),
    weeks=st.integers(1, 104),
    visits=st.none(),
    every=st.integers(1, 104),
    care=st.sampled_from(["active", "maintenance"]),
    regions=st.lists(st.sampled_from(REGIONS), unique=True, max_size=4).map(tuple),
    services=st.sampled_from(SERVICES),
)
by_count = st.builds(
    lambda phase, visits: phase._replace(weeks=None, visits=visits), phases, st.integers(1, 400)
)
money = st.none() | st.integers(0, 99_999).map(lambda cents: cents / 100)
counts = st.none() | st.integers(1, 400)
fields = st.fixed_dictionaries(
    {},
    optional={
        "start": st.dates(date(2025, 1, 1), date(2030, 1, 1)),
        "first": st.sampled_from(SERVICES),
        "again": st.sampled_from(SERVICES),
        "each": counts,
        "offs": st.dictionaries(
            st.sampled_from(["97110", "98941", "72100-26"]), st.sampled_from(["10", "12.5", "d5"])
        ).map(Discounts),
        **dict.fromkeys(["cap", "down", "left", "year", "copay", "oop", "oop_year"], money),
        **dict.fromkeys(["off", "prompt", "prepaid", "coins"], st.none() | st.sampled_from([5.0])),
        **dict.fromkeys(["limit", "used", "auth", "from"], counts),
        "until": st.none() | st.dates(date(2025, 1, 1), date(2030, 1, 1)),
        "renews": st.sampled_from(["01-01", "07-15", "02-29"]),
        "not": st.lists(st.sampled_from(["97110", "72100-26"]), unique=True),
    },
)


@given(st.lists(phases | by_count, min_size=1, max_size=6), fields)
def test_what_goes_in_comes_out(entered, said):
    """Through an address and back."""
    state = {PHASES: entered} | {PLAN.own[name].key: value for name, value in said.items()}
    address = urlencode(PLAN.encode(state))
    read, problems = PLAN.decode(dict(parse_qsl(address)))
    assert problems == []
    assert read[PHASES] == entered
    for name, value in said.items():
        assert read[PLAN.own[name].key] == (PLAN.own[name].default if value is None else value)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("visits1", "9x4", "visits a week are from 1 to 7"),
        ("visits1", "3x0", "weeks are from 1 to 104"),
        ("visits2", "often", "it is no count such as 3x4"),
        ("visits1", "0at3", "visits are from 1 to 400"),
        ("visits1", "3x4e0", "weeks are from 1 to 104"),
        ("visits1", "500at3", "visits are from 1 to 400"),
        ("care1", "later", "it is none of active, maintenance"),
        ("adj1", "lumbar.foo", "no such region"),
        ("do1", "97110.15_abc", "The link's code 'ABC' is not in codes.csv"),
        ("do1", "98941", "it follows from the regions adjusted"),
        ("first", "abc", "'ABC' is not in codes.csv"),
        ("each", "0", "it is no whole number from 1 to 400"),
        ("each", "²", "it is no whole number from 1 to 400"),
        ("off", "101", "it is not from 0 to 100"),
        ("offs", "97110~much", "a discount is percent, such as 10, or dollars, such as d5"),
        ("offs", "97110~101", "a discount is percent"),
        ("offs", "abc~5", "'abc' is not known"),
        ("until", "2026-02-30", "it is no day such as 2026-03-02"),
        ("renews", "13-01", "it is no day"),
        ("not", "97110.nope", "NOPE"),
        ("left", "much", "it is not a number"),
        ("phase7", "x", "which is not an input of this page"),
    ],
)
def test_what_cannot_be_used_is_said_and_the_rest_is_kept(name, text, said):
    read, problems = PLAN.decode({"name1": "Relief", "copay": "25", name: text})
    assert len(problems) == 1
    assert said in problems[0]
    assert read[PLAN.own["copay"].key] == 25
    assert read[PHASES][0].name == "Relief"


def test_example_and_templates_open_without_a_problem():
    """Each template is a whole plan: its phases have services."""
    table = tables.plan_templates()
    links = [dict(parse_qsl(link, strict_parsing=True)) for link in table["link"]]
    for link in [PLAN.example, *links]:
        read, problems = PLAN.decode(link)
        assert problems == []
        assert PLAN.encode(read) == link
        assert all(phase.regions or phase.services for phase in read[PHASES])
    assert not any(set(link) & set(SETTINGS) for link in links)
    own = {name: text for name, text in PLAN.example.items() if name in links[0]}
    assert own == links[0]


def test_a_visit_becomes_a_phase():
    """Its services with their answers; what AT says of the treatment is the phase's to say."""
    visit = {
        "payer": "medicare", "area": "60601", "phase": "maintenance", "abn": "yes", "copay": "20",
        "deductible": "100", "adj": "cervical.lumbar", "cmt": "GA",
        "do": "97110.20~~GP.AT~yes_97140.15~head~59~~off",
    }  # fmt: skip
    link = use_in_plan(visit)
    assert link == {
        "area": "60601", "payer": "medicare", "visits1": "3x4", "care1": "maintenance",
        "adj1": "cervical.lumbar", "do1": "97110.20~~GP~yes_97140.15~head~59",
    }  # fmt: skip
    assert PLAN.decode(link)[1] == []
    assert use_in_plan(VISIT.example)["do1"] == "97110.20_97112.20"
