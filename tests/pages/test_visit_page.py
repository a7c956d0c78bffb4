"""The visit page without a browser: what is entered, what is answered, and what goes wrong."""

import csv
import io
from decimal import Decimal
from itertools import product

import pandas as pd
import pytest
from driving import enter, figures, go_to, opened, run, services, totals, unmarked, words
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles.fees import fee
from own_codes import GOOD, HEADER, LAST_ROW, OWN, with_row

import chirocalc
from chirocalc import Settings, tables
from chirocalc.codes import search
from chirocalc.links.visit import EXAMPLE, VISIT
from chirocalc.ui.shared.inputs import KEYS

WHOLE_MINUTES = "Minutes must be a whole number from 0 to 1,440."
SHARED_ZIP, UNKNOWN_ZIP = "01434", "00000"
TIE = "settled tie 97110 97112"
EXAMPLE_LINES = [("98941", None), ("97110", 20), ("97112", 20)]
COMMERCIAL = Settings(payer="commercial-total-time")


def visit_page(**link_parts):
    """The page as it opens at a link."""
    return opened(link=link_parts)


def click(at, key):
    at.button(key=key).click()
    return run(at)


def totals_of(lines, settings=COMMERCIAL, tie_first=None):
    """What the page must show, straight from the engine."""
    table = pd.DataFrame(lines, columns=["code", "minutes"])
    if tie_first:
        table["tie_first"] = table["code"] == tie_first
    visit = chirocalc.estimate(table, settings).visits.iloc[0]
    rvus = ["–" if pd.isna(visit[name]) else f"{visit[name]:.2f}" for name in RVU_TOTALS]
    allowed = "–" if pd.isna(visit["allowed"]) else f"${visit['allowed']:,.2f}"
    return [f"{visit['units']:.0f}", *rvus, allowed]


RVU_TOTALS = ["work_rvu", "total_rvu"]


# Opening


def test_it_opens_with_the_worked_example():
    at = visit_page()
    assert services(at) == ["98941", "97110", "97112"]
    assert totals(at) == totals_of(EXAMPLE_LINES)
    assert totals(at)[0] == "4"
    assert at.number_input(key="amount 97110").value == 20
    assert at.number_input(key="amount 97112").value == 20
    assert not at.query_params
    assert not at.warning
    assert not at.error


def test_the_example_shows_both_unit_rules():
    text = words(visit_page())
    assert "4 by Medicare's 8-minute rule (3 timed + 1)" in text
    assert "3 by the AMA's rule (2 timed + 1)" in text


@pytest.mark.parametrize(
    ("payer", "said"),
    [
        ("commercial-total-time", ["From 53 timed minutes a unit more."]),
        # Each code for itself: 8 to 22 minutes are one unit, 23 to 37 two (cpt-time).
        (
            "commercial-midpoint",
            [
                "97110: 8 to 22 minutes keep the units, 23 make one more.",
                "97112: 8 to 22 minutes keep the units, 23 make one more.",
            ],
        ),
    ],
)
def test_how_far_the_next_unit_is(payer, said):
    text = words(visit_page(payer=payer, do="97110.20_97112.20"))
    assert all(sentence in text for sentence in said), text
    assert "Minutes are recorded, not targeted." in text


def test_an_untimed_service_has_no_next_unit():
    text = words(visit_page(payer="commercial-midpoint", adj="lumbar"))
    assert "make one more" not in text
    assert "a unit more" not in text


def test_the_example_shows_its_tie():
    at = visit_page()
    assert "97110 and 97112 tie with 5 minutes left over each, for 1 extra unit" in words(at)
    assert at.get_by_key(TIE).value is None
    assert at.get_by_key(TIE).options == ["97110", "97112"]


def test_minutes_are_recorded_not_targeted():
    assert "Minutes are recorded, not targeted." in words(visit_page())


# Services


def test_minutes_change_the_answer_and_the_link():
    at = enter(visit_page(), "amount 97110", 38)
    assert totals(at) == totals_of([("98941", None), ("97110", 38), ("97112", 20)])
    assert at.query_params["do"] == "97110.38_97112.20"


def test_cleared_minutes_are_no_minutes():
    at = enter(visit_page(), "amount 97110", None)
    assert totals(at) == totals_of([("98941", None), ("97110", None), ("97112", 20)])
    assert "No minutes entered yet." in words(at)


def test_a_chip_adds_a_service_and_keeps_the_minutes_of_the_others():
    at = visit_page()
    at.get_by_key("chips").select("97140")
    run(at)
    assert services(at) == ["98941", "97110", "97112", "97140"]
    assert at.number_input(key="amount 97140").value is None
    assert at.number_input(key="amount 97110").value == 20
    at = enter(at, "amount 97140", 15)
    assert totals(at) == totals_of([*EXAMPLE_LINES, ("97140", 15)])


def test_a_chip_takes_its_service_away():
    at = visit_page()
    at.get_by_key("chips").unselect("97110")
    run(at)
    assert services(at) == ["98941", "97112"]
    assert totals(at) == totals_of([("98941", None), ("97112", 20)])
    assert at.query_params["do"] == "97112.20"


def test_a_service_taken_away_and_added_again_starts_without_minutes():
    at = visit_page()
    for pick in ("unselect", "select"):
        getattr(at.get_by_key("chips"), pick)("97110")
        run(at)
    assert services(at) == ["98941", "97112", "97110"]
    assert at.number_input(key="amount 97110").value is None


def test_remove_takes_the_service_and_its_chip():
    at = click(visit_page(), "remove 97110")
    assert services(at) == ["98941", "97112"]
    assert at.get_by_key("chips").value == ["97112"]
    assert totals(at) == totals_of([("98941", None), ("97112", 20)])


def test_removing_everything_leaves_a_hint_and_no_error():
    at = click(click(visit_page(), "remove 97110"), "remove 97112")
    at = enter(at, "adjusted", [])
    assert figures(at)["Units"] == "0"
    assert "Choose the regions adjusted, or a service." in words(at)


@pytest.mark.parametrize(("start", "tapped"), [("20", 30), ("3", 5), ("", 15), ("7.5", 10)])
def test_one_tap_sets_round_minutes(start, tapped):
    at = enter(visit_page(do=f"97110.{start}" if start else "97110"), "quick 97110", tapped)
    assert at.number_input(key="amount 97110").value == tapped
    assert at.query_params["do"] == f"97110.{tapped}"


def test_a_second_tap_on_round_minutes_changes_nothing():
    at = enter(visit_page(do="97110.20"), "quick 97110", None)
    assert at.number_input(key="amount 97110").value == 20
    assert at.query_params["do"] == "97110.20"


@pytest.mark.parametrize("typed", ["S9090", " s9090 "])
def test_a_number_adds_its_service(typed):
    at = enter(visit_page(), "search", typed)
    assert services(at) == ["98941", "97110", "97112", "S9090"]
    assert at.text_input(key="search").value == ""
    assert at.query_params["do"] == "97110.20_97112.20_S9090"


def test_the_search_answers_what_has_no_code_of_its_own():
    """As the guide's does, with its source; what is used for it can be added."""
    at = enter(visit_page(), "search", "cupping")
    assert "Cupping has no code of its own." in words(at)
    assert "Acupuncture Today on cupping" in words(at)
    assert [option.split()[0] for option in at.get_by_key("found").options][:2] == [
        "97039",
        "97139",
    ]


@pytest.mark.parametrize("typed", ["decompression session", "vax-d", "cupping", "tens", "massage"])
def test_the_search_finds_what_the_guides_finds(typed):
    """Best first; what is found is added by a tap."""
    at = enter(visit_page(), "search", typed)
    found = [key for key in search.offered(typed) if not key.startswith("9894")]
    assert services(at) == ["98941", "97110", "97112"]
    if not found:
        assert f"Nothing fits '{typed}'." in words(at)
        return
    offered = at.get_by_key("found").options
    assert [option.split()[0] for option in offered] == found
    at = enter(at, "found", found[0])
    assert services(at) == ["98941", "97110", "97112", found[0]]
    assert at.text_input(key="search").value == ""


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("97111", "Nothing fits '97111'."),
        ("zqzq", "Nothing fits 'zqzq'."),
        ("98940", "98940 follows from the regions adjusted"),
        ("adjustment", "follows from the regions adjusted"),
        ("97110", "97110 is in the visit already"),
        ("x" * 5000, "Nothing fits 'xxxx"),
        ("💥💥💥", "Nothing fits"),
    ],
)
def test_what_the_search_cannot_add_is_said(typed, said):
    at = enter(visit_page(), "search", typed)
    assert said in words(at)
    assert totals(at) == totals_of(EXAMPLE_LINES)
    at = enter(at, "search", "S9090")
    assert said not in words(at), "the sentence stays after a search that worked"


def test_a_visit_has_up_to_thirty_services():
    codes = [key for key in tables.codes().index if not key.startswith("9894")][:31]
    at = visit_page(do="_".join(codes[:30]))
    assert len(services(at)) == 30
    at = enter(at, "search", codes[30])
    assert len(services(at)) == 30
    assert "up to 30 services" in words(at)


SPINE = ["cervical", "thoracic", "lumbar", "sacral", "pelvic"]


@pytest.mark.parametrize("spinal", range(6))
@pytest.mark.parametrize("outside", [[], ["head"], ["rib cage", "upper extremities"]])
def test_regions_choose_the_manipulation_code(spinal, outside):
    at = enter(visit_page(), "adjusted", SPINE[:spinal] + outside)
    spine = [None, "98940", "98940", "98941", "98941", "98942"][spinal]
    expected = [code for code in (spine, "98943" if outside else None) if code]
    assert services(at) == [*expected, "97110", "97112"]


# The tie


@pytest.mark.parametrize("choice", ["97110", "97112"])
def test_the_clinician_decides_the_tie(choice):
    at = enter(visit_page(), TIE, choice)
    assert totals(at) == totals_of(EXAMPLE_LINES, tie_first=choice)
    assert f"Here {choice} has it" in words(at)
    assert at.query_params["tie"] == choice
    again = visit_page(**at.query_params)
    assert totals(again) == totals(at)
    assert again.get_by_key(TIE).value == choice


def test_no_tie_no_question():
    at = enter(enter(visit_page(), TIE, "97112"), "amount 97110", 21)
    with pytest.raises(KeyError):
        at.get_by_key(TIE)
    assert totals(at) == totals_of([("98941", None), ("97110", 21), ("97112", 20)])


# Settings

PAYERS = list(tables.payers().index)


@pytest.mark.parametrize(("payer", "provider"), list(product(PAYERS, ["chiropractor", "pt", "ot"])))
def test_payer_and_provider_change_the_answer_as_in_the_engine(payer, provider):
    at = enter(enter(visit_page(), "payer", payer), "provider", provider)
    assert totals(at) == totals_of(
        billable(payer, provider), Settings(payer=payer, provider=provider)
    )


def billable(payer, provider):
    """The lines of the example that can be billed: Medicare pays a therapist for no adjustment."""
    no_cmt = payer == "medicare" and provider != "chiropractor"
    return [line for line in EXAMPLE_LINES if not (no_cmt and line[0] == "98941")]


@pytest.mark.parametrize(
    ("area", "locality", "said"),
    [
        ("60601", "06102-16", "Chicago, IL"),
        ("60601-1234", "06102-16", "Chicago, IL"),
        ("01112-05", "01112-05", "San Francisco"),
        ("national", "national", ""),
    ],
)
@pytest.mark.parametrize("place", ["office", "facility"])
def test_area_and_place_change_the_answer_as_in_the_engine(area, locality, said, place):
    at = enter(enter(visit_page(), "area", area), "place", place)
    answer = Settings(payer="commercial-total-time", locality=locality, place=place)
    assert totals(at) == totals_of(EXAMPLE_LINES, answer)
    assert said in words(at)


@pytest.mark.parametrize(
    "change",
    [
        {"apm": True},
        {"percent": 115.5},
        {"percent": 33.333},  # the field shows two decimals
        {"rule": "cpt"},
        {"payer": "medicare", "participating": False},
        {"payer": "medicare", "provider": "pt", "assistant": True, "deductible": 20.0},
        {"payer": "medicare", "phase": "maintenance"},
    ],
)
def test_the_other_settings_change_the_answer_as_in_the_engine(change):
    at = visit_page()
    for key, value in change.items():
        at = enter(at, key, value)
    kept = {"unit_rule" if key == "rule" else key: value for key, value in change.items()}
    kept |= {"percent": round(change["percent"], 2)} if "percent" in change else {}
    kept = {key: v for key, v in kept.items() if key not in ("assistant", "deductible")}
    answer = Settings(**({"payer": "commercial-total-time"} | kept))
    lines = billable(answer.payer, answer.provider)
    assert totals(at) == totals_of(lines, answer)
    assert totals(visit_page(**at.query_params)) == totals(at)


NOT_UNDERSTOOD = ["6060", "606011", "Chicago or so", "60601-12", "]:red[x", "<b>", UNKNOWN_ZIP]


@pytest.mark.parametrize("typed", NOT_UNDERSTOOD)
def test_an_area_that_is_not_understood_is_said_and_the_one_before_stays(typed):
    """Nothing is priced nationally in silence: the amounts stay those of the area before."""
    at = enter(enter(visit_page(), "area", "60601"), "area", typed)
    [said] = at.warning
    assert unmarked(said.value).endswith("Amounts are still those of Chicago, IL.")
    answer = Settings(payer="commercial-total-time", locality="06102-16")
    assert totals(at) == totals_of(EXAMPLE_LINES, answer)
    assert at.query_params["area"] == "60601"
    assert not enter(at, "place", "facility").warning, "said once"


def test_a_zip_in_two_localities_is_asked():
    place = tables.locality_of_zip(SHARED_ZIP)
    assert place.shared
    at = enter(visit_page(), "area", SHARED_ZIP)
    assert totals(at) == totals_of(EXAMPLE_LINES)
    at = enter(at, "area choice", place.locality)
    answer = Settings(payer="commercial-total-time", locality=place.locality)
    assert totals(at) == totals_of(EXAMPLE_LINES, answer)
    assert at.query_params["area"] == place.locality


@pytest.mark.parametrize(
    ("typed", "area"),
    [("Chicago", "06102-16"), ("alabama", "10112-00"), ("TX", ""), ("Springfield", "")],
)
def test_a_city_or_a_state_by_name(typed, area):
    """One area is taken; of several one is asked."""
    at = enter(visit_page(), "area", typed)
    asked = [each.label for each in at.get("button_group") if "Which one is yours?" in each.label]
    assert bool(asked) == (area == "")
    answer = Settings(payer="commercial-total-time", locality=area or "national")
    assert totals(at) == totals_of(EXAMPLE_LINES, answer)


# The year before

FACTORS = {"2025": Decimal("32.3465"), "2026": Decimal("33.4009")}


@pytest.mark.parametrize(
    ("link", "rvus", "change"),
    [
        # Work, PE and MP as CMS printed them in RVU25D and RVU26B.
        ({"do": "97112.15"}, {"2025": "0.50 0.48 0.01", "2026": "0.50 0.47 0.01"}, "+2.2%"),
        (
            {"adj": "lumbar", "place": "facility"},
            {"2025": "0.46 0.19 0.01", "2026": "0.45 0.09 0.01"},
            "-14.0%",
        ),
    ],
    ids=["more", "less"],
)
def test_the_year_before_is_said_with_what_changed(link, rvus, change):
    """Up is plus, down is minus, in percent of the year before."""
    then, now = (
        fee(*map(Decimal, rvus[year].split()), *[Decimal(1)] * 3, FACTORS[year])
        for year in ("2025", "2026")
    )
    assert f"{(now - then) / then * 100:+.1f}%" == change
    at = visit_page(payer="va", **link)
    assert totals(at)[3] == f"${now}"
    sign = "+" if now > then else "−"
    assert f"{sign}${abs(now - then)} ({change}) since 2025" in words(at)


def test_nothing_is_said_of_a_year_that_is_not_loaded():
    at = visit_page(payer="va", do="97112.15", date="2025-06-30")
    assert totals(at)[3] == "$32.02"
    assert ") since " not in words(at)
    assert "All amounts are 2025 rates" in words(at)


# Medicare


def test_medicare_asks_for_the_phase_and_never_answers_it():
    at = enter(visit_page(), "payer", "medicare")
    assert at.get_by_key("phase").value is None
    assert "This assumes active treatment" in words(at)
    assert "phase" not in at.query_params


def test_the_phase_is_asked_of_chiropractors_who_send_claims():
    """Medicare pays no maintenance (bp-15-240), and others mostly neither (review B42)."""
    for payer, provider in product(PAYERS, ["chiropractor", "pt"]):
        at = visit_page(payer=payer, who=provider, adj="lumbar")
        if payer != "self-pay" and provider == "chiropractor":
            assert at.get_by_key("phase").value is None
        else:
            with pytest.raises(KeyError):
                at.get_by_key("phase")


def test_the_phase_of_the_visit_is_kept_over_a_detour_to_another_payer():
    at = enter(visit_page(payer="medicare", adj="lumbar"), "phase", "active")
    assert "This assumes active treatment" not in words(at)
    at = enter(enter(at, "payer", "va"), "payer", "medicare")
    assert at.get_by_key("phase").value == "active"


def test_maintenance_is_not_paid_by_medicare():
    at = enter(visit_page(payer="medicare", adj="lumbar"), "phase", "maintenance")
    assert totals(at)[3] == "$0.00"
    assert "Medicare does not pay for maintenance." in words(at)


# What cannot be used


@pytest.mark.parametrize("amount", [-5, -0.5, 7.5, 1441, 1e9])
def test_minutes_that_cannot_be_used_are_said_and_the_rest_kept(amount):
    at = enter(visit_page(), "amount 97110", amount)
    assert WHOLE_MINUTES in words(at)
    assert at.number_input(key="amount 97110").value == amount
    assert totals(at) == totals_of([("98941", None), ("97110", None), ("97112", 20)])
    at = enter(at, "amount 97110", 20)
    assert WHOLE_MINUTES not in words(at)
    assert totals(at) == totals_of(EXAMPLE_LINES)


@pytest.mark.parametrize("count", [0, -1, 1.5, 1000])
def test_a_count_that_cannot_be_used_is_said(count):
    at = enter(visit_page(do="72100.2_97012"), "amount 72100", count)
    assert "Count must be a whole number from 1 to 999." in words(at)
    assert services(at) == ["72100", "97012"]


def test_an_addon_without_its_primary_is_found():
    at = visit_page(payer="va", do="97811.15")
    assert "97811 is an add-on and is not payable alone: it needs 97810 or 97813" in words(at)
    at = enter(at, "search", "97810")
    assert "is an add-on" not in words(at)


def test_a_code_without_rvus_is_not_counted_as_zero():
    at = visit_page(payer="va", do="S9117_97012")
    assert "Plus 1 line without an RVU." in words(at)
    assert "– wRVU" in words(at)
    assert totals(at) == totals_of([("S9117", None), ("97012", None)], Settings(payer="va"))
    alone = visit_page(payer="va", do="S9117")
    assert totals(alone) == ["1", "–", "–", "–"]


# The link


def test_a_deep_link_sets_every_input():
    parts = {
        "payer": "medicare",
        "area": "06102-16",
        "place": "facility",
        "who": "pt",
        "rule": "cpt",
        "percent": "115",
        "par": "no",
        "apm": "yes",
        "deductible": "100",
        "assistant": "yes",
        "adj": "lumbar.head",
        "do": "97110.23_72100-26.2_S9117",
    }
    at = visit_page(**parts)
    for name, value in VISIT.decode(parts)[0].items():
        if name not in ("phase", "tie", "own amounts"):  # not asked of this visit
            assert at.session_state[name] == value
    assert services(at) == ["98940", "98943", "97110", "72100-26", "S9117"]
    assert parts.items() - {("payer", "medicare")} <= dict(at.query_params).items()
    assert not at.warning


LINKS = [
    {"payer": "medicare"},
    {"payer": "va"},
    {"who": "pt"},
    {"do": "97110"},
    {"payer": "va", "do": "97110.7.5_97112.-3_97140.99999"},
    {"payer": "va", "area": UNKNOWN_ZIP, "do": "97110.20"},
    {"payer": "va", "area": "9", "percent": "inf", "do": "97111_97110.20", "units": "4"},
    dict(EXAMPLE),
]


@pytest.mark.parametrize("parts", LINKS, ids=lambda parts: "&".join(parts.values()))
def test_a_reload_shows_the_same_visit(parts):
    at = visit_page(**parts)
    again = visit_page(**at.query_params)
    assert services(again) == services(at)
    assert VISIT.encode(again.session_state) == VISIT.encode(at.session_state)


def test_a_reload_after_clearing_the_page_does_not_bring_the_example_back():
    at = click(click(visit_page(), "remove 97110"), "remove 97112")
    at = enter(enter(at, "adjusted", []), "payer", "medicare")
    assert services(visit_page(**at.query_params)) == []


def test_going_back_to_an_address_shows_its_visit():
    at = visit_page(payer="va", do="97110.20")
    before = dict(at.query_params)
    at = enter(enter(at, "amount 97110", 53), "payer", "medicare")
    after, answer = dict(at.query_params), totals(at)
    assert after != before
    at = go_to(at, before)
    assert totals(at) == totals_of([("97110", 20)], Settings(payer="va"))
    assert at.number_input(key="amount 97110").value == 20
    assert totals(go_to(at, after)) == answer


def test_going_back_right_after_a_tap_shows_the_minutes_before_it():
    at = visit_page(payer="va", do="97110.20")
    before = dict(at.query_params)
    at = enter(at, "quick 97110", 25)
    at = go_to(at, before)
    assert at.number_input(key="amount 97110").value == 20
    assert totals(at) == totals_of([("97110", 20)], Settings(payer="va"))


def test_minutes_typed_right_after_a_tap_count():
    at = enter(visit_page(payer="va", do="97110.20"), "quick 97110", 25)
    at = enter(at, "amount 97110", 33)
    assert at.number_input(key="amount 97110").value == 33
    assert at.query_params["do"] == "97110.33"


def test_a_click_that_comes_with_an_old_address_is_not_taken_for_going_back():
    # As a double click in a browser: the second one leaves before the first one's answer is there.
    at = visit_page(payer="va", do="97110.0")
    old = dict(at.query_params)
    at = enter(at, "quick 97110", 5)
    at.number_input(key="amount 97110").set_value(0)
    at.query_params.clear()
    at.query_params.update(old)
    at = enter(at, "quick 97110", 10)
    assert at.number_input(key="amount 97110").value == 10
    assert at.query_params["do"] == "97110.10"


def test_what_a_link_holds_besides_is_said_and_its_rest_shown():
    at = visit_page(payer="nobody", units="4", do="97110.20_00000_97112.9")
    assert len(at.warning) == 1
    said = at.warning[0].value
    for part in ("payer", "nobody", "units", "00000"):
        assert part in said
    assert services(at) == ["97110", "97112"]


def test_an_input_that_a_link_has_twice_is_said():
    at = visit_page(payer=["va", "uhc"], do="97110.20")
    assert "'payer' more than once: the last one was read" in at.warning[0].value
    assert at.selectbox(key="payer").value == "uhc"


def test_of_very_many_faults_of_a_link_the_first_are_shown():
    at = visit_page(do="_".join(f"{n:05}.20" for n in range(500)))
    assert at.warning[0].value.endswith("and 25 more")


names = st.sampled_from([*VISIT.fields, "do", "x"])
values = st.one_of(
    st.text(max_size=40),
    st.text("0123456789._-+einfa ", max_size=20),
    st.sampled_from(["yes", "no", "cms", "cpt", "pt", "medicare", "va", "60601", "active", "nan"]),
    st.lists(
        st.tuples(
            st.sampled_from(list(tables.codes().index)),
            st.sampled_from(["", ".0", ".7.5", ".20", ".-1", ".1e308", ".nan", ".inf", ".x"]),
        ).map("".join),
        max_size=8,
    ).map("_".join),
    st.lists(st.sampled_from(list(tables.regions().index)), max_size=10).map(".".join),
)


@settings(max_examples=30)
@given(st.dictionaries(names, values, max_size=8))
def test_no_link_breaks_the_page(parts):
    at = visit_page(**parts)
    assert not at.error
    run(at)


# codes.csv


def without_column(name):
    rows = list(csv.DictReader(io.StringIO(GOOD)))
    text = io.StringIO()
    writer = csv.DictWriter(text, [column for column in HEADER if column != name])
    writer.writeheader()
    writer.writerows({k: v for k, v in row.items() if k != name} for row in rows)
    return text.getvalue()


BROKEN = {
    "missing column": (without_column("work_rvu"), ["row 1", "work_rvu"]),
    "two missing columns": ("code,name\n97110,x\n", ["row 1", "work_rvu", "time_rule"]),
    "duplicate": (with_row(OWN | {"code": "97110"}), [f"row {LAST_ROW}", "code", "97110"]),
    "text in an RVU": (
        with_row(OWN | {"work_rvu": "0,40 RVU"}),
        [f"row {LAST_ROW}", "work_rvu", "0,40 RVU"],
    ),
    "negative RVU": (with_row(OWN | {"mp_rvu": "-0.01"}), [f"row {LAST_ROW}", "mp_rvu", "-0.01"]),
    "half-filled RVUs": (with_row(OWN | {"work_rvu": ""}), [f"row {LAST_ROW}", "work_rvu"]),
    "bad code": (with_row(OWN | {"code": "97 110"}), [f"row {LAST_ROW}", "code", "97 110"]),
    "unknown parent": (with_row(OWN | {"parent": "A9999"}), [f"row {LAST_ROW}", "parent", "A9999"]),
    "wrong encoding": (
        with_row(OWN | {"name": "Thérapie"}).encode("cp1252"),
        [f"row {LAST_ROW}", "encoding", "CSV UTF-8"],
    ),
    "semicolons": (GOOD.replace(",", ";"), ["row 1", "commas"]),
    "empty": ("", ["nothing in it"]),
    "header only": (GOOD.splitlines()[0] + "\n", ["no rows"]),
    "not a table": (b"\x00\x01PK\x03\x04" * 50, ["codes.csv"]),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_codes_file_is_said_with_row_and_column(name, codes_file):
    text, said = BROKEN[name]
    codes_file.write_bytes(text if isinstance(text, bytes) else text.encode())
    at = visit_page(do="97110.20")
    assert len(at.error) == 1
    for part in ["codes.csv", *said]:
        assert part in at.error[0].value
    assert "Mend the rows named above in `codes.csv`" in words(at)


def test_a_codes_file_that_is_broken_at_the_start_of_the_server_is_said_too(codes_file):
    codes_file.write_text(with_row(OWN | {"work_rvu": "x"}), encoding="utf-8")
    with tables.use_files(codes_file=codes_file):  # as on a server that has just started
        at = visit_page(do="97110.20")
    assert f"codes.csv, row {LAST_ROW}, work_rvu: 'x'" in at.error[0].value


def test_a_missing_codes_file_is_said(codes_file):
    codes_file.unlink()
    at = visit_page()
    assert "was not found" in at.error[0].value


@pytest.mark.parametrize("name", ["payer", "area", "place", "who"])
def test_a_setting_that_a_page_left_half_drawn_took_away_is_the_usual_one(name):
    at = visit_page(do="98941_97110.20")
    usual = totals(at)
    at.session_state[KEYS[name]] = None
    run(at)  # without a traceback
    assert totals(at) == usual


def test_a_mended_codes_file_works_without_a_restart(codes_file):
    codes_file.write_text(with_row(OWN | {"work_rvu": "x"}), encoding="utf-8")
    assert visit_page(do="97110.20").error
    codes_file.write_text(GOOD, encoding="utf-8")
    at = visit_page(do="97110.20")
    assert not at.error
    assert totals(at) == totals_of([("97110", 20)], Settings())


def test_a_clinics_own_code_is_found_and_counted(codes_file):
    codes_file.write_text(with_row(OWN), encoding="utf-8")
    at = visit_page(payer="va", adj="lumbar")
    at = enter(at, "search", "kt tape")
    assert at.get_by_key("found").options[0] == "A1234 Kinesio <tape> & more"
    at = enter(enter(at, "found", "A1234"), "amount A1234", 25)
    assert services(at) == ["98940", "A1234"]
    assert totals(at) == totals_of([("98940", None), ("A1234", 25)], Settings(payer="va"))
    assert totals(at)[:3] == ["3", f"{0.45 + 0.80:.2f}", f"{0.80 + 1.52:.2f}"]


def test_a_clinics_own_chip(codes_file):
    codes_file.write_text(with_row(OWN | {"quick": "3"}), encoding="utf-8")
    assert "A1234 Tape" in visit_page().get_by_key("chips").options


@pytest.mark.parametrize("time_rule", ["timed15", "clock", "untimed", "counted", "level"])
@pytest.mark.parametrize("from_minutes", ["", "8"])
def test_a_clinics_own_code_of_any_kind_works_or_is_refused_with_its_row(
    time_rule, from_minutes, codes_file
):
    row = OWN | {"time_rule": time_rule, "from_minutes": from_minutes, "repeats": "each"}
    codes_file.write_text(with_row(row), encoding="utf-8")
    at = visit_page(payer="va", do="A1234.20_97110.20")
    if at.error:
        assert f"codes.csv, row {LAST_ROW}" in at.error[0].value
    else:
        assert services(at) == ["A1234", "97110"]


@pytest.mark.parametrize("code", ["98941", "98943", "97110"])
def test_a_codes_file_without_a_code_works_or_says_so(code, codes_file):
    rows = [line for line in GOOD.splitlines() if not line.startswith(code)]
    codes_file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    at = visit_page(adj="cervical.thoracic.lumbar.head", do="97110.20_97112.20")
    assert at.error or at.warning
    assert code in (at.error or at.warning)[0].value
