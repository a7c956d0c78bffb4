"""The plan page without a browser: what is entered, the answer, and what is kept."""

import html
import json
import re
from datetime import date
from urllib.parse import parse_qsl

import pytest
from driving import enter, figures, opened, run, unmarked, words

from chirocalc import tables
from chirocalc.links import PLAN, PhaseInput
from chirocalc.ui.shared import device
from chirocalc.ui.shared.session import Session

PHASES = {"payer": "commercial-total-time", "start": "2026-03-02", "adj1": "cervical.lumbar"}
CASH = PHASES | {"payer": "self-pay", "visits1": "2x5"}


def box(name):
    """The session's name of a box of the plan."""
    return Session.plan_box.key(name)


def plan(link, **session):
    return opened("plan", link, **session)


def table(at):
    """The rows of the table below, as their cells."""
    block = next(each.value for each in at.markdown if "cc-plan-table" in each.value)
    rows = re.findall(r"<tr>(.*?)</tr>", block)
    return [re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row) for row in rows]


def sides(at):
    """What the patient pays insured, without insurance and under Medicare."""
    block = next(each.value for each in at.markdown if "cc-plan-sides" in each.value)
    rows = re.findall(r"<tr><td>(.*?)</td><td>(.*?)</td>", block)
    return {re.sub(r"<[^>]*>| \(.*", "", name): patient for name, patient in rows}


def link(at):
    """The address as it stands."""
    said = at.query_params.items()
    return {name: value if isinstance(value, str) else value[0] for name, value in said}


def test_bare_address_shows_a_worked_plan():
    at = plan(None)
    shown = figures(at)
    assert shown["Visits"] == "30"
    assert not at.warning
    assert "This plan is made up" in words(at)
    assert set(sides(at)) == {"Insured", "Self-pay", "Medicare"}
    assert sides(at)["Insured"] == shown["Patient pays"]
    assert len(table(at)) == 31


def test_figures_of_a_cash_plan():
    """Ten visits of 98940 at 50 dollars in five weeks."""
    at = plan(CASH, fees={"98940": 5000})
    assert "made up" not in words(at)
    assert figures(at) == {
        "Patient pays": "$500.00", "Payer pays": "$0.00",
        "Written off": "$0.00", "Your charges": "$500.00", "Visits": "10", "Weeks": "5",
        "Patient a visit": "$50.00", "Patient a week": "$100.00",
    }  # fmt: skip
    assert table(at)[1][:5] == ["1", "Mar 2, 2026", "Phase 1", "98940", "$50.00"]


def test_a_visit_that_a_holiday_moves_says_so():
    """Thanksgiving Day, November 26, 2026, would be the second visit of a Thursday."""
    thursdays = CASH | {"start": "2026-11-19", "visits1": "1x2"}
    at = plan(thursdays)
    assert "1 visit moved off federal holidays" in words(at)
    assert [row[1] for row in table(at)[1:]] == ["Nov 19, 2026", "Nov 27, 2026"]
    assert "moved off Thanksgiving Day" in table(at)[2][-1]
    at = plan(thursdays | {"start": "2026-03-05"})
    assert "moved off" not in words(at)


@pytest.mark.parametrize(
    ("also", "is_open"),
    [({}, False), ({"copay": "25"}, True), ({"not": "98940"}, True)],
)
def test_what_is_only_compared_with_is_folded_until_it_is_said(also, is_open):
    at = plan(CASH | also)
    [fold] = at.expander
    assert fold.proto.expanded is is_open
    assert not plan(PHASES).expander


def test_numbers_change_the_answer_and_the_link():
    at = plan(CASH, fees={"98940": 5000})
    at = enter(at, box("0 weeks"), 2)
    assert (figures(at)["Visits"], figures(at)["Patient pays"]) == ("4", "$200.00")
    assert link(at)["visits1"] == "2x2"
    at = enter(at, box("0 per_week"), 3)
    assert figures(at)["Visits"] == "6"
    at = enter(at, box("0 name"), "Relief")
    assert link(at)["name1"] == "Relief"


def test_insurance_is_entered():
    at = plan(PHASES | {"visits1": "1x4"}, fees={"98940": 6000})
    assert "no deductible, copay or coinsurance is entered" in words(at)
    at = enter(at, PLAN.own["copay"].key, 20.0)
    assert figures(at)["Patient pays"] == "$80.00"
    at = enter(at, PLAN.own["limit"].key, 3)
    assert figures(at)["Patient pays"] == "$120.00"
    assert "Visit 4, March 23, 2026: The visits that the plan allows a year are used up" in words(
        at
    )
    at = enter(at, PLAN.own["oop"].key, 30.0)
    assert figures(at)["Patient pays"] == "$90.00"
    assert link(at)["oop"] == "30"


def test_what_is_asked_follows_the_payer():
    at = plan(PHASES)
    assert PLAN.own["left"].key in [each.key for each in at.number_input]
    at = enter(at, "payer", "va")
    assert PLAN.own["left"].key not in [each.key for each in at.number_input]
    at = enter(at, "payer", "medicare")
    at = enter(at, "deductible", 283.0)
    assert "Visit" in words(at)
    assert figures(at)["Payer pays"] != "$0.00"
    at = enter(at, "payer", "commercial-total-time")
    assert not at.exception


def test_phases_are_added_and_removed():
    at = plan(CASH, fees={"98940": 5000})
    [add] = [each for each in at.button if each.label == "Add a phase"]
    add.click()
    at = run(at)
    assert figures(at)["Visits"] == "20"
    assert at.session_state["plan phases"][1] == PhaseInput(
        per_week=2, weeks=5, regions=("cervical", "lumbar")
    )


def test_a_phase_without_services_is_said_and_left_out():
    at = plan(CASH | {"name2": "Later", "visits2": "1x4"}, fees={"98940": 5000})
    assert [unmarked(each.value) for each in at.warning] == [
        'Phase "Later" has no service yet: choose what is done in a visit.'
    ]
    assert figures(at)["Visits"] == "10"


def test_an_empty_plan_asks_for_services():
    at = plan({"visits1": "3x4"})
    assert "has no service yet" in at.warning[0].value
    assert not [each for each in at.markdown if "cc-figures" in each.value]


def test_too_many_visits_are_a_sentence():
    numbers = range(1, 6)
    many = {f"visits{n}": "100at7" for n in numbers} | {f"adj{n}": "lumbar" for n in numbers}
    at = plan(CASH | many)
    assert "visits: '500' must be at most 400" in unmarked(at.warning[0].value)


def test_fees_and_discounts():
    at = plan(CASH, fees={"98940": 5000})
    at = enter(at, Session.plan_inputs.key, "Fees")
    at = enter(at, PLAN.own["off"].key, 10.0)
    assert figures(at)["Patient pays"] == "$450.00"
    at = enter(at, box("off 98940"), "$20 off")
    assert figures(at)["Patient pays"] == "$300.00"
    assert link(at)["offs"] == "98940~d20"
    at = enter(at, box("off 98940"), "plenty")
    assert "Discount on 98940: 'plenty' is neither percent" in unmarked(words(at))
    assert figures(at)["Patient pays"] == "$300.00"
    at = enter(at, box("fee 98940"), 80.0)
    assert figures(at)["Patient pays"] == "$600.00"
    assert at.session_state["fees"] == {"98940": 8000}
    assert not any("80" in value for value in link(at).values())


def test_examinations_are_chosen():
    at = plan(CASH, fees={"98940": 5000, "99203": 12000, "99213": 9000})
    at = enter(at, Session.plan_inputs.key, "Examinations")
    at = enter(at, box("first services"), ["99203"])
    assert figures(at)["Patient pays"] == "$620.00"
    assert link(at)["first"] == "99203~~25"
    at = enter(at, box("again services"), ["99213"])
    at = enter(at, PLAN.own["each"].key, 5)
    assert figures(at)["Patient pays"] == "$800.00"


@pytest.mark.parametrize(
    ("panel", "expected"),
    [
        ("By service", ["98940", "Spinal manipulation, 1 or 2 regions", "10", "10", "$500.00"]),
        ("Payments", ["Each visit", "$50.00", "9 payments of $50.00", "$500.00", "–"]),
        ("If care stops", ["Each visit", "$250.00", "$250.00", "nothing is open"]),
    ],
)
def test_panels(panel, expected):
    at = plan(CASH, fees={"98940": 5000})
    at = enter(at, Session.plan_panel.key, panel)
    assert table(at)[1][: len(expected)] == expected


def test_if_care_stops():
    """All at the start, and two of ten visits done."""
    at = plan(CASH | {"stop": "2"}, fees={"98940": 5000})
    at = enter(at, Session.plan_panel.key, "If care stops")
    assert table(at)[-1] == ["All at the start", "$100.00", "$500.00", "you refund <b>$400.00</b>"]
    at = enter(at, PLAN.own["stop"].key, 10)
    assert table(at)[-1][-1] == "nothing is open"


def test_the_ways_to_pay_stand_side_by_side():
    """What a larger start would be is not known until it is entered."""
    at = enter(plan(CASH, fees={"98940": 5000}), Session.plan_panel.key, "Payments")
    named = [row[0] for row in table(at)[1:]]
    assert named == ["Each visit", "Monthly", "A larger start, then monthly", "All at the start"]
    assert "enter the larger start" in table(at)[3][2]
    at = enter(at, Session.plan_inputs.key, "Payment")
    at = enter(at, PLAN.own["down"].key, 200.0)
    assert [row[0] for row in table(at)[1:]] == named
    assert table(at)[3] == [
        "A larger start, then monthly", "$200.00", "1 payment of $300.00", "$500.00", "–",
    ]  # fmt: skip


def test_what_to_settle_stands_once_for_each_phase():
    at = plan(PHASES | {"do1": "97140.15~lumbar"})
    assert "1 thing to settle before billing" in words(at)
    assert "to settle before billing" not in words(plan(PHASES))
    at = enter(at, Session.plan_panel.key, "What to settle")
    said = words(at)
    assert said.count("Would be denied") == 1
    assert "12 visits, from visit 1" in said


def test_templates_begin_a_plan_and_keep_the_insurance():
    at = plan(PHASES | {"copay": "25"})
    name = tables.plan_templates().index[1]
    at = enter(at, Session.plan_template.key, name)
    assert figures(at)["Visits"] == "6"
    assert (link(at)["copay"], link(at)["payer"]) == ("25", "commercial-total-time")


def test_a_plan_is_kept_without_what_is_one_patients():
    link = PHASES | {"copay": "25", "off": "10", "each": "6", "visits1": "2x6"}
    at = plan(link, **{Session.plan_share.key: True})
    at = enter(at, Session.plan_name.key, "usual neck")
    assert at.session_state["plans kept"] == {
        "usual neck": {"each": "6", "off": "10", "visits1": "2x6", "adj1": "cervical.lumbar"}
    }


def test_the_devices_plans_are_read_and_those_that_cannot_be_are_left_out():
    with tables.in_use():
        held = {"good": {"visits1": "2x6", "adj1": "lumbar"}, "bad": {"visits1": "often"}}
        text = json.dumps({"version": 1, "value": held})
        read = device._read(json.dumps({"plans": text}))
    assert read == {"plans": {"good": held["good"]}}


def test_first_visit_is_today_unless_chosen():
    at = plan({name: text for name, text in CASH.items() if name != "start"})
    today = date.today()
    assert table(at)[1][1] == f"{today:%b} {today.day}, {today.year}"


def test_a_part_of_a_link_that_cannot_be_used_is_said():
    at = plan(CASH | {"visits1": "often"})
    assert "it is no count such as 3x4" in unmarked(at.warning[0].value)


def test_use_in_a_plan_opens_the_visit_as_a_phase():
    visit = {"payer": "medicare", "phase": "active", "adj": "lumbar", "do": "97110.23"}
    [block] = [each.value for each in opened(link=visit).markdown if "Use in a plan" in each.value]
    address = html.unescape(re.search(r'href="\./plan\?([^"]*)"', block)[1])
    at = plan(dict(parse_qsl(address)))
    assert at.session_state["plan phases"] == [PhaseInput(regions=("lumbar",), services="97110.23")]
    assert figures(at)["Visits"] == "12"
