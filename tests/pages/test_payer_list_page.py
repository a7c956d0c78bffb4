"""What a payer pays a chiropractor for: set on the page, counted, in the link, kept by payer; and
what else a page asks because a rule of the review rests on it."""

import pytest
from driving import enter, figures, opened, question, words
from oracles.visits import estimate

LIST = "pays typed"
SPINAL = ["98940", "98941", "98942"]
VISIT = {"adj": "cervical.lumbar", "do": "97110.30"}


def dollars(visit, settings):
    """What the engine allows for a visit."""
    return f"${estimate(visit, settings).visits['allowed'].iloc[0]:.2f}"


def expected(at):
    return next(iter(figures(at).values()))


def test_a_code_that_a_plan_adds_counts():
    """Medicare Advantage pays for adjustments; what a plan adds is set, and then allowed."""
    at = opened(link={"payer": "medicare-advantage", **VISIT})
    assert at.get_by_key(LIST).value == SPINAL
    assert "97110 is not among what this payer is set to pay" in words(at)
    assert expected(at) == dollars("98940", "payer=medicare-advantage") == "$26.72"
    enter(at, LIST, [*SPINAL, "97110"])
    assert "is not among" not in words(at)
    assert expected(at) == dollars("98940; 97110:30", "payer=commercial-total-time mppr=pe")
    assert at.query_params["pays"] == "98940.98941.98942.97110"


@pytest.mark.parametrize(("pays", "shown"), [("98941.97110", ["98941", "97110"]), ("all", [])])
def test_a_list_travels_in_the_link(pays, shown):
    at = opened(link={"payer": "uhc", "pays": pays, **VISIT})
    assert at.get_by_key(LIST).value == shown
    assert ("98940 is not among" in words(at)) == bool(shown)
    assert "97110 is not among" not in words(at)


def test_a_list_stays_with_its_payer():
    """Another payer has its own; back at the first one it is there again. Empty is all codes."""
    at = enter(opened(link={"payer": "medicare-advantage", **VISIT}), LIST, [*SPINAL, "97110"])
    enter(at, "payer", "uhc")
    assert at.get_by_key(LIST).value == []
    assert "pays" not in at.query_params
    enter(at, "payer", "medicare-advantage")
    assert at.get_by_key(LIST).value == [*SPINAL, "97110"]
    enter(at, LIST, [])
    assert at.query_params["pays"] == "all"
    enter(at, LIST, SPINAL)
    assert "pays" not in at.query_params


def test_what_is_law_is_not_to_be_set():
    """Medicare's list is the law's; a therapist has none of a chiropractor's."""
    for link in ({"payer": "medicare"}, {"payer": "uhc", "who": "pt"}, {"payer": "self-pay"}):
        at = opened(link=link | VISIT)
        assert LIST not in [each.key for each in at.multiselect]


def test_the_list_names_its_codes():
    options = opened(link={"payer": "uhc", **VISIT}).get_by_key(LIST).options
    assert "97140 Manual" in options
    assert len(options) == 279


def test_the_region_is_asked_for_beside_an_adjusted_limb():
    """The review of 2026-11-26, A8: no pair of CMS, and payers deny it where 98943 adjusted."""
    at = opened(link={"payer": "commercial-midpoint", "adj": "head", "do": "97140.15"})
    assert "Where was 97140 done?" in words(at)
    question(at, "region", "97140").set_value("head")
    at.run()
    assert "97140 was done where 98943 adjusted" in words(at)
    question(at, "region", "97140").set_value("lumbar")
    at.run()
    assert "97140 was done where" not in words(at)


def test_the_abn_question_names_the_form_in_force():
    """abn-2029"""
    at = opened(link={"payer": "medicare", "phase": "maintenance", **VISIT})
    assert "the form that expires 3/31/2029" in words(at)
    labels = [each.label for each in at.get("button_group")]
    assert "Signed ABN on file (form that expires 3/31/2029)" in labels
