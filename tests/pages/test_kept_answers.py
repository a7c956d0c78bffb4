"""What was answered stays answered: payer, area, date or page changed and changed back give the
same visit."""

from datetime import date
from urllib.parse import parse_qsl

import pytest
from driving import enter, figures, go_to, opened, run, services
from hypothesis import given, settings
from hypothesis import strategies as some

VISITS = {
    "Medicare": {
        "payer": "medicare", "area": "60601", "phase": "active", "abn": "yes", "par": "no",
        "deductible": "100", "adj": "cervical.lumbar", "copay": "20", "extra_bill": "collect",
        "do": "97140.15~head~XS~yes~collect_97110.20~~GY",
    },
    "a payer's own percent and rule": {
        "payer": "uhc", "percent": "82.5", "rule": "cms", "mppr": "line", "gp": "no",
        "phase": "maintenance", "adj": "lumbar.leg", "do": "97112.20_97110.20~~~no", "tie": "97112",
        "copay": "25.5",
    },
    "a therapist": {
        "payer": "medicare", "who": "pt", "assistant": "yes", "kx": "2400", "date": "2025-03-02",
        "do": "97110.23~~GP_97140.15~~~~off",
    },
}  # fmt: skip
VISITS["a therapist"]["phase"] = "active"

PAGES = {"Compare": "compare", "Guide": "codes", "Audit": "audit", "Sources": "sources"}

steps = some.one_of(
    some.tuples(some.just("payer"), some.sampled_from(["medicare", "uhc", "va", "auto", "lien",
                                                       "self-pay", "commercial-midpoint"])),
    some.tuples(some.just("area"), some.sampled_from(["60601", "national", "10112-00"])),
    some.tuples(some.just("date"), some.sampled_from([None, date(2025, 6, 1), date(2026, 2, 2)])),
    some.tuples(some.just("page"), some.sampled_from([*PAGES])),
    some.tuples(some.just("back"), some.integers(0, 9)),
)  # fmt: skip


def follow(at, label):
    """Follow the menu, with the link it has."""
    [link] = [each.proto for each in at.get("page_link") if each.proto.label == label]
    at.switch_page(f"pages/{PAGES[label]}.py" if label in PAGES else "app.py")
    return go_to(at, dict(parse_qsl(link.query_string, keep_blank_values=True)))


def compared(at, codes):
    """Another two codes on Compare: two changes there once lost what only the visit asks."""
    for chosen in codes:
        at = enter(at, "compared", chosen)
    return at


def do(at, step, seen):
    what, value = step
    if what == "page":
        at = follow(at, value)
        if value == "Compare":
            at = compared(at, [["97110", "97530"], ["97110", "97140", "97530"]])
            at = enter(at, "area", "06102-16")
        return follow(at, "Visit")
    if what == "back":
        return go_to(at, seen[value % len(seen)])
    return enter(at, what, value)


def as_before(at, link):
    """The visit with the payer, area and date that it had."""
    for name, value in [
        ("payer", link.get("payer", "medicare")),
        ("area", link.get("area", "national")),
        ("date", date.fromisoformat(link["date"]) if "date" in link else None),
    ]:
        if at.session_state[name] != value:
            at = enter(at, name, value)
    return at


@pytest.mark.parametrize("visit", VISITS)
@settings(max_examples=8)
@given(made=some.lists(steps, min_size=2, max_size=6))
def test_no_change_and_change_back_loses_an_answer(visit, made):
    """By the fields, the menu, and Back or Forward to any address one was at."""
    at = opened(link=VISITS[visit])
    link, shown, rows = dict(at.query_params), figures(at), services(at)
    seen = [link]
    for step in made:
        at = do(at, step, seen)
        seen.append(dict(at.query_params))
    at = as_before(at, link)
    assert dict(at.query_params) == link
    assert figures(at) == shown
    assert services(at) == rows


def test_a_payer_has_its_own_percent():
    """82.5% of one payer is not another's; it is there again with its own."""
    at = opened(link=VISITS["a payer's own percent and rule"])
    at = enter(at, "payer", "va")
    assert not {"percent", "rule", "mppr", "gp"} & set(at.query_params)
    at = enter(at, "payer", "uhc")
    assert at.query_params["percent"] == "82.5"


def test_what_differs_from_the_usual_is_a_chip_that_takes_it_off():
    at = opened(link={"payer": "medicare", "par": "no", "date": "2025-03-02", "do": "97110.15"})
    chips = at.get_by_key("unusual")
    assert [chip.split(" \u2715")[0] for chip in chips.options] == [
        "March 2, 2025: 2025 rates", "Not participating",
    ]  # fmt: skip
    at = enter(at, "unusual", ["par"])
    assert "date" not in at.query_params
    assert at.query_params["par"] == "no"
    at = enter(at, "unusual", [])
    assert "par" not in at.query_params
    assert not [each for each in at.get("button_group") if each.key == "unusual"]


def test_the_example_is_called_one_and_does_not_come_back():
    at = opened()
    assert any("Example" in each.value for each in at.markdown)
    [button] = [each for each in at.button if each.label == "Start my own"]
    button.click()
    at = run(at)
    assert services(at) == []
    assert not any("Example" in each.value for each in at.markdown)
    again = opened(link=dict(at.query_params))
    assert services(again) == []
    assert services(opened(link={"payer": "uhc", "area": "60601"})) == []
