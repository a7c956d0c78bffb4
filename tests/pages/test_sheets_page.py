"""Sheets on the pages without a browser: what is chosen is what is shown, and nothing before."""

import json
from datetime import date

import pytest
from driving import enter, opened, unmarked
from made_plans import words_of

from chirocalc import tables

FEES = {"98941": 6500, "97110": 4500, "97014": 2000, "99203": 15000, "99213": 9000}
BLOCK = {"provider": "Ana Ruiz, DC", "npi": "1234567893", "state": "IL"}
MEDICARE = {"payer": "medicare", "phase": "maintenance", "abn": "yes",
            "adj": "cervical.thoracic.lumbar", "do": "97110.23"}  # fmt: skip


def on_screen(at):
    """The sheet that is shown: its words, and what its buttons copy."""
    found = [each.proto for each in at.get("bidi_component")]
    [sheet] = [json.loads(each.json) for each in found if each.component_name == "chirocalc_paper"]
    return words_of(sheet["html"]), {each["label"]: each["text"] for each in sheet["copies"]}


def has_sheet(at):
    return any(each.proto.component_name == "chirocalc_paper" for each in at.get("bidi_component"))


def visit(link=MEDICARE, **session):
    return opened(link=link, **{"panel": "Sheets", "fees": FEES, "block": BLOCK} | session)


def plan(**session):
    return opened(
        "plan",
        {"payer": "commercial-total-time"},
        **{"plan panel": "Sheets", "fees": FEES, "block": BLOCK} | session,
    )


def warned(at):
    return unmarked("\n".join(each.value for each in [*at.warning, *at.info, *at.caption]))


def test_no_sheet_is_made_before_it_is_asked_for():
    assert not has_sheet(opened(link=MEDICARE))


def test_the_superbill_comes_first():
    words, copies = on_screen(visit())
    assert words.startswith("Superbill")
    assert "Ana Ruiz, DC" in words
    assert "Total of charges: $155.00" in words
    assert copies == {}


def test_an_empty_visit_has_no_sheet():
    at = visit({"payer": "medicare", "do": ""})
    assert not has_sheet(at)
    assert "choose a service" in warned(at)


def test_claim_lines_are_copied_as_they_stand():
    words, copies = on_screen(enter(visit(), "sheet visit", "CMS-1500 lines"))
    assert "98941 GA $65.00 1" in words
    assert [row.split("\t")[3] for row in copies["Copy item 24"].splitlines()] == ["98941", "97110"]


def test_seven_lines_are_two_claims_with_a_button_each():
    link = {"payer": "commercial-midpoint", "adj": "lumbar",
            "do": "97012_97014_97035.8_97110.15_97112.15_97116.15_97124.15"}  # fmt: skip
    _, copies = on_screen(enter(visit(link), "sheet visit", "CMS-1500 lines"))
    assert [len(text.splitlines()) for text in copies.values()] == [6, 2]
    assert list(copies) == ["Copy item 24 of claim 1", "Copy item 24 of claim 2"]


def test_the_words_for_the_abn_in_spanish():
    at = enter(visit(), "sheet visit", "ABN words")
    at = enter(at, "sheet language", "es")
    words, copies = on_screen(enter(at, "sheet visits", 12))
    assert "12 visitas: $780.00" in words
    assert "Ajuste quiropráctico" in copies["Copy D, E and F"]


@pytest.mark.parametrize("payer", ["uhc", "medicare-advantage", "self-pay"])
def test_no_abn_where_it_has_no_place(payer):
    at = enter(visit({"payer": payer, "adj": "lumbar"}), "sheet visit", "ABN words")
    assert not has_sheet(at)
    assert "ABN" in warned(at)


def test_a_fee_that_is_missing_is_said_and_left_blank():
    at = visit(fees={"98941": 6500})
    assert "for want of your fee: 97110" in warned(at)
    assert "Total of charges: Paid" in on_screen(at)[0]


def test_a_wrong_npi_is_said_where_it_is_typed():
    at = visit(block=BLOCK | {"npi": "1234567890"})
    assert "NPI of who treats: has another last digit" in warned(at)


def test_the_estimate_of_a_plan():
    words, _ = on_screen(plan())
    assert words.startswith("Good Faith Estimate of expected charges")
    assert "State: IL" in words


@pytest.mark.parametrize("sheet", ["Superbills", "ABN words"])
def test_a_charge_of_a_plan_that_is_blank_is_said(sheet):
    link = {"payer": "medicare", "visits1": "1x4", "adj1": "lumbar", "care1": "maintenance"}
    at = opened("plan", link, **{"plan panel": "Sheets", "sheet plan": sheet})
    assert "for want of your fee: 98940" in warned(at)
    at = opened(
        "plan", link, **{"plan panel": "Sheets", "sheet plan": sheet, "fees": {"98940": 5000}}
    )
    assert "for want of your fee" not in warned(at)


def test_no_estimate_at_the_fee_schedule():
    at = plan(fees={"98941": 6500})
    assert not has_sheet(at)
    assert "Enter your own fee for" in warned(at)
    assert "97110" in warned(at)


def test_the_care_plan_has_the_ways_that_are_chosen():
    at = enter(plan(), "sheet plan", "Care plan")
    assert "Pay at each visit" in on_screen(at)[0]
    assert "Pay ahead" not in on_screen(at)[0]
    words, _ = on_screen(enter(at, "sheet ways", ["prepaid"]))
    assert "Pay ahead" in words
    assert "Pay at each visit" not in words


@pytest.mark.parametrize("sheet", ["Good Faith Estimate", "Care plan", "Superbills"])
@pytest.mark.parametrize("payer", tables.payers().index)
def test_each_sheet_of_a_plan_under_each_payer(payer, sheet):
    """Where the patient pays nothing too."""
    link = {"payer": payer, "visits1": "1x4", "adj1": "lumbar", "down": "20"}
    at = opened(
        "plan", link, **{"plan panel": "Sheets", "sheet plan": sheet, "fees": {"98940": 5000}}
    )
    assert "98940" in on_screen(at)[0] or sheet == "Care plan"


def test_superbills_of_a_plan_go_up_to_a_day():
    """By itself to today; of a plan that is to come, its first visit, which is no receipt."""
    link = {"payer": "commercial-total-time", "start": "2030-01-07", "visits1": "3x4",
            "adj1": "cervical.thoracic.lumbar"}  # fmt: skip
    at = opened("plan", link, **{"plan panel": "Sheets", "fees": FEES, "sheet plan": "Superbills"})
    words, _ = on_screen(at)
    assert words.count("98941") == 1
    assert "January 7, 2030" in words
    assert "planned, not yet done" in words
    words, _ = on_screen(enter(at, "sheet until", date(2030, 1, 11)))
    assert words.count("98941") == 3


def test_a_plan_without_maintenance_has_no_abn():
    link = {"payer": "medicare", "name1": "Relief", "visits1": "3x4", "adj1": "lumbar"}
    at = opened("plan", link, **{"plan panel": "Sheets", "sheet plan": "ABN words"})
    assert not has_sheet(at)
    assert "No phase of this plan is maintenance" in warned(at)


@pytest.mark.parametrize(
    ("state", "said"), [("OH", "OAC 4734-9-11"), ("IL", "not checked by us"), ("CA", "DMHC")]
)
def test_prepaid_care_by_the_blocks_state(state, said):
    at = plan(**{"plan panel": "Payments", "block": {"state": state}})
    found = unmarked("\n".join(each.value for each in [*at.markdown, *at.caption]))
    assert said in found
    assert ("check with your board" in found) == (state != "IL")
    assert ("Commonly stated" in found) == (state == "CA")
