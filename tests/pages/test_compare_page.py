"""The Compare page without a browser: its link, its codes, its figures, and what goes wrong."""

import csv
import io
from itertools import combinations

import own_codes
import pandas as pd
import pytest
import streamlit
from driving import enter, go_to, opened, run, words
from driving import services as box_of
from hypothesis import given, settings
from hypothesis import strategies as st
from own_codes import GOOD, LAST_ROW, with_row

import chirocalc
from chirocalc import Settings, tables
from chirocalc.codes import compare
from chirocalc.links.codes import COMPARE
from chirocalc.ui.shared.markdown import plain

TABS = ["Against minutes", "Over the years", "By area", "Medicare's use", "All figures"]
DEFAULT = Settings()
ALL_KEYS = list(tables.codes().index)


def compare_page(tab=None, **link_parts):
    """The page as it opens at a link, with one of its tabs open."""
    return opened("compare", link_parts, **({"tab": tab} if tab else {}))


def compared(at):
    """The codes chosen, as the field and the table have them."""
    chosen = list(at.multiselect(key="compared").value)
    if len(chosen) >= 2:
        assert list(at.table[0].value["Code"]) == [f"**{key}**" for key in chosen]
    return chosen


def problem(at):
    """The sentence under the field of codes."""
    found = [each.value for each in at.markdown if each.value.startswith(":small[:red[")]
    return found[0] if found else ""


def charts(at):
    return [each.proto for each in at.get("vega_lite_chart")]


def dollars(at, column="First unit"):
    return list(at.table[0].value[column])


def engine(key, minutes, under):
    """What the engine allows for one line of a visit, as the page writes it."""
    code, _, part = key.partition("-")
    timed = tables.record(key)["time_rule"] in ("timed15", "clock")
    line = {"code": [code], "modifiers": [part], "minutes": [minutes if timed else None]}
    allowed = chirocalc.estimate(pd.DataFrame(line), under).visits["allowed"].item()
    return "–" if pd.isna(allowed) else f"\\${allowed:,.2f}"


# Opening


def test_it_opens_with_its_example():
    at = compare_page()
    assert compared(at) == ["97110", "97112"]
    assert not at.query_params
    assert not at.warning
    assert not at.error
    assert dollars(at) == ["\\$29.06", "\\$32.73"]
    assert dollars(at, "Later unit") == ["\\$22.21", "\\$24.88"]
    assert list(at.table[0].value["Total RVU"]) == ["0.87", "0.98"]
    assert len(charts(at)) == 4


def test_settings_alone_keep_the_example():
    at = compare_page(payer="va", area="60601")
    assert compared(at) == ["97110", "97112"]
    assert at.query_params["payer"] == "va"
    assert "60601 is priced in Chicago, IL." in words(at)


@pytest.mark.parametrize("count", range(2, 7))
def test_a_link_of_two_to_six_codes(count):
    keys = ["97110", "72100-26", "S9117", "98941", "97810", "99213"][:count]
    at = compare_page(codes=".".join(keys))
    assert compared(at) == keys
    assert not at.warning
    assert at.query_params["codes"] == ".".join(keys)
    again = compare_page(**at.query_params)
    assert compared(again) == keys


@pytest.mark.parametrize("codes", ["97112", "97112.97112", "s9117", "97110."])
def test_one_code_asks_for_another(codes):
    at = compare_page(codes=codes)
    assert len(compared(at)) == 1
    assert "Choose another code to compare." in words(at)
    assert not at.table
    assert not charts(at)


@pytest.mark.parametrize("codes", [".", "...", "97119", "💥"])
def test_no_code_asks_for_some(codes):
    at = compare_page(codes=codes)
    assert compared(at) == []
    assert "Choose another code to compare." in words(at)


def test_taking_all_codes_away_and_adding_two_works():
    at = enter(compare_page(), "compared", [])
    assert "Choose another code to compare." in words(at)
    at = enter(at, "compared", ["98940"])
    assert at.query_params["codes"] == "98940"
    at = enter(at, "compared", ["98940", "98941"])
    assert compared(at) == ["98940", "98941"]
    assert at.query_params["codes"] == "98940.98941"


# What a link holds besides


@pytest.mark.parametrize(
    ("codes", "kept"),
    [
        ("97110.97110.97112", ["97110", "97112"]),
        ("s9117.72100-tc", ["S9117", "72100-TC"]),
        ("72100-26.72100-TC.72100", ["72100-26", "72100-TC", "72100"]),
        ("72100-tc.72100-TC.0552t", ["72100-TC", "0552T"]),
        ("97110..97112.", ["97110", "97112"]),
        (".".join(["97110", "97112"] * 5), ["97110", "97112"]),
    ],
)
def test_duplicates_parts_and_lower_case_are_the_same_codes(codes, kept):
    at = compare_page(codes=codes, payer="va")
    assert compared(at) == kept
    assert not at.warning
    assert at.query_params["codes"] == ".".join(kept)


SEVEN = "97110.97112.97140.97530.97535.98940.98941"
BAD = [
    ("97110.97119.97112", ["97119", "97110"]),
    ("97110-26.97112", ["97110-26"]),
    ("72100-59.97112", ["72100-59", "72100-26"]),
    ("97110,97112", ["97110,97112"]),
    (SEVEN, ["Up to 6 codes fit: 98941"]),
    ("💥.97110.97112", ["💥"]),
    ("x" * 5000, ["xxxx…"]),
    ("<b>:red[x].97110", [r"\<b\>\:red\[x\]"]),
]


@pytest.mark.parametrize(("codes", "said"), BAD, ids=lambda value: str(value)[:20])
def test_codes_that_cannot_be_used_are_said_and_the_settings_kept(codes, said):
    at = compare_page(codes=codes, payer="va", area="60601", place="facility")
    assert len(at.warning) == 1
    for part in said:
        assert part in at.warning[0].value
    assert at.selectbox(key="payer").value == "va"
    assert at.get_by_key("place").value == "facility"
    assert dict(at.query_params).items() >= {"payer": "va", "area": "60601"}.items()


@pytest.mark.parametrize(
    ("codes", "kept"),
    [
        ("97110.97119.97112", ["97110", "97112"]),
        ("97110-26.97112.98940", ["97112", "98940"]),
        (SEVEN, SEVEN.split(".")[:6]),
    ],
)
def test_the_codes_that_can_be_used_are_kept(codes, kept):
    at = compare_page(codes=codes)
    assert at.warning
    assert compared(at) == kept


def test_what_is_not_an_input_is_said_and_the_rest_shown():
    at = compare_page(codes="97140.97530", payer="nobody", do="97110.20", units="4", area="60601")
    assert compared(at) == ["97140", "97530"]
    for part in ("nobody", "'do'", "'units'"):
        assert part in at.warning[0].value
    assert at.query_params["area"] == "60601"


# Settings

LINKS = [
    ({}, {}),
    ({"payer": "uhc"}, {"payer": "uhc"}),
    ({"payer": "commercial-total-time"}, {"payer": "commercial-total-time"}),
    ({"area": "60601"}, {"locality": "06102-16"}),
    ({"area": "01112-05"}, {"locality": "01112-05"}),
    ({"place": "facility"}, {"place": "facility"}),
    ({"percent": "115.5"}, {"percent": 115.5}),
    ({"par": "no"}, {"participating": False}),
    ({"apm": "yes"}, {"apm": True}),
    ({"mppr": "line"}, {"mppr": "line"}),
    ({"mppr": "none"}, {"mppr": "none"}),
    ({"payer": "self-pay", "percent": "80"}, {"payer": "self-pay", "percent": 80.0}),
    ({"rule": "cpt"}, {"unit_rule": "cpt"}),
    ({"payer": "va", "place": "facility", "area": "99501"}, {"payer": "va", "place": "facility"}),
    ({"area": "00000"}, {}),
]
PRICED = ("97112", "98941", "97530", "72100-26", "99213")


@pytest.mark.parametrize("who", ["chiropractor", "pt", "ot"])
@pytest.mark.parametrize(("link", "under"), LINKS, ids=str)
def test_the_settings_change_the_dollars_as_in_the_engine(link, under, who):
    """Whoever treats, the amount is what the payer allows those it pays."""
    if link.get("area") == "99501":
        under = under | {"locality": tables.locality_of_zip("99501").locality}
    anybody = Settings(**under, provider="pt")
    at = compare_page(codes=".".join(PRICED), who=who, **link)
    assert dollars(at) == [engine(key, 15, anybody) for key in PRICED]
    timed = ["97112", "97530"]
    hours = [engine(key, 60, anybody) if key in timed else "–" for key in PRICED]
    assert dollars(at, "\\$ an hour") == hours
    expected = compare.worth(PRICED, Settings(**under, provider=who))["later"]
    assert dollars(at, "Later unit") == [f"\\${value:,.2f}" for value in expected]


@pytest.mark.parametrize(
    ("key", "value", "name"),
    [("payer", "uhc", "payer"), ("area", "60601", "area"), ("provider", "ot", "who")],
)
def test_a_setting_entered_goes_into_the_link(key, value, name):
    at = enter(compare_page(codes="97110.97140"), key, value)
    assert at.query_params[name] == value
    assert at.query_params["codes"] == "97110.97140"
    again = compare_page(**at.query_params)
    assert dollars(again) == dollars(at)


def test_what_medicare_does_not_pay_a_chiropractor_is_said_beside_its_amount():
    """domain 3.4: RVUs are shown, Medicare pays 0."""
    at = compare_page(codes="97110.98940")
    assert "Medicare Part B does not pay 97110 as set above." in words(at)
    assert dollars(at)[0] == "\\$29.06"
    assert "does not pay" not in words(compare_page(codes="97110.98940", who="pt"))


def test_nothing_of_one_visit_is_asked():
    at = compare_page()
    for key in ("phase", "abn", "deductible", "assistant", "kx_used"):
        with pytest.raises(KeyError):
            at.get_by_key(key)


@pytest.mark.parametrize("key", ["S9117", "0552T", "97545"])
def test_no_rvu_is_not_zero(key):
    at = compare_page(codes=f"97110.{key}")
    row = at.table[0].value.iloc[1]
    assert list(row[["Work RVU", "Total RVU", "First unit", "Later unit"]]) == ["–"] * 4
    assert f"No RVU, which is not 0.00: {key}." in words(at)


LATER = "Later unit: after the cut on therapy units (MPPR)."


@pytest.mark.parametrize(
    ("link", "said"),
    [
        ({"codes": "97110.98940"}, True),
        ({"codes": "97110.98940", "payer": "commercial-total-time"}, False),
        ({"codes": "98940.99213"}, False),
        ({"codes": "98940.97110", "mppr": "none"}, False),
    ],
)
def test_a_cut_is_said_where_there_is_one(link, said):
    assert (LATER in words(compare_page(**link))) == said


@pytest.mark.parametrize(
    "link",
    [
        {"codes": "97110.S9117", "payer": "commercial-total-time"},
        {"codes": "98940.0552T"},
        {"codes": "97110.S9117", "mppr": "none"},
    ],
    ids=str,
)
def test_no_cut_is_said_of_a_code_without_an_amount(link):
    assert LATER not in words(compare_page(**link))


# Tabs

SETS = [
    "97110.97112", "S9117.97112", "0552T.98940", "97010.97014.G0283", "72100-26.72100-TC",
    "99213.99214.97161", "97810.97811.97813.97814", "97545.97546.97110", "98979.98980.98981",
    "98940.98941.98942.98943.97140.97530",
]  # fmt: skip
UNPRICED = ["S9117.97010", "S9117.S9090", "97545.97546", "0552T.97039"]


@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize("codes", SETS)
@pytest.mark.parametrize("payer", ["medicare", "workers-comp"])
def test_every_tab_of_many_codes(codes, tab, payer):
    at = compare_page(tab, codes=codes, payer=payer)
    assert compared(at) == codes.split(".")
    assert not at.error
    assert not at.warning
    assert all(chart.alt and chart.spec for chart in charts(at))


@pytest.mark.parametrize("tab", TABS[1:])
@pytest.mark.parametrize(
    ("codes", "payer"), [*((codes, "medicare") for codes in UNPRICED), ("97110.98940", "self-pay")]
)
def test_every_other_tab_of_codes_without_an_amount(codes, payer, tab):
    at = compare_page(tab, codes=codes, payer=payer)
    assert compared(at) == codes.split(".")
    if tab == "By area":
        assert "None of these codes has a published amount" in words(at)


@pytest.mark.parametrize(
    ("codes", "payer"), [*((codes, "medicare") for codes in UNPRICED), ("97110.97112", "self-pay")]
)
def test_against_minutes_of_codes_without_an_amount(codes, payer):
    at = compare_page(codes=codes, payer=payer)
    assert compared(at) == codes.split(".")


@pytest.mark.parametrize("tab", TABS)
def test_a_tab_stays_open_when_the_codes_change(tab):
    at = enter(compare_page(tab), "compared", ["97140", "97530", "98940"])
    assert at.session_state["tab"] == tab
    assert compared(at) == ["97140", "97530", "98940"]


def test_what_is_said_against_minutes_is_what_was_computed():
    keys = ("97550", "98980", "97110")
    at = compare_page(codes=".".join(keys))
    for sentence in compare.crossings(keys, DEFAULT):
        assert f"- {sentence}" in words(at)
    at = compare_page(codes="97110.97112.98940")
    at = enter(at, "way", "together")
    assert compare.partings(("97110", "97112"), DEFAULT) in words(at)
    assert "Minutes are recorded, not targeted." in words(at)


def test_one_timed_code_has_no_visit_together():
    with pytest.raises(KeyError):
        compare_page(codes="97110.98940.97810").get_by_key("way")


def test_together_goes_back_to_alone_when_a_timed_code_goes():
    at = enter(compare_page(codes="97110.97112"), "way", "together")
    at = enter(at, "compared", ["97110", "98940"])
    assert "Alone, total time (CMS) and per-code midpoint (CPT) give the same" in words(at)


def test_the_years_say_what_they_lack():
    at = compare_page("Over the years", codes="S9117.97112.72100-26")
    assert "Not in the history table: S9117, 72100-26." in words(at)
    assert "has 35 codes" in words(compare_page("Over the years", codes="S9117.S9090"))
    assert len(set(tables.history()["code"])) == 35


def test_the_areas_mark_the_users_own():
    assert "Choose your area above" in words(compare_page("By area"))
    at = compare_page("By area", area="60601")
    assert "Choose your area above" not in words(at)
    mine = compare.worth(("97110",), Settings(locality="06102-16")).at["97110", "first"]
    assert f"yours ${mine:.2f}" in charts(at)[-1].alt


def test_medicares_use_says_what_it_lacks():
    at = compare_page("Medicare's use", codes="97110.S9117.97129")
    assert "S9117 in 2019, S9117 in 2024, 97129 in 2019." in words(at)
    assert "has none of these codes" in words(compare_page("Medicare's use", codes="S9117.S9090"))


# All figures, to take along


@pytest.fixture
def downloads(monkeypatch):
    """What the download buttons of a page would give."""
    found = []
    monkeypatch.setattr(
        streamlit, "download_button", lambda label, data, **more: found.append((label, data, more))
    )
    return found


@pytest.mark.parametrize("codes", ["97110.97112", "S9117.72100-26", "97161.98941.0552T.97010"])
@pytest.mark.parametrize("payer", ["medicare", "uhc"])
def test_the_csv_is_all_figures(codes, payer, downloads):
    at = compare_page("All figures", codes=codes, payer=payer, area="60601")
    under = Settings(payer=payer, locality="06102-16")
    expected = compare.everything(tuple(codes.split(".")), under)
    ((label, data, more),) = downloads
    text = data() if callable(data) else data
    assert (label, more["file_name"], more["mime"]) == ("CSV", "compare.csv", "text/csv")
    made = {"version": chirocalc.__version__, "release": "RVU26B"}
    assert text == expected.assign(**made).to_csv(index=False)
    assert [row["code"] for row in csv.DictReader(io.StringIO(text))] == codes.split(".")
    pd.testing.assert_frame_equal(
        at.dataframe[0].value, expected, check_dtype=False, check_names=False
    )


# Choosing by what was done


def test_each_pair_has_its_pill_and_its_box():
    keys = ["97140", "98941", "72100-26", "S9117"]
    at = compare_page(codes=".".join(keys))
    pills = at.get_by_key("pair")
    assert pills.options == [f"{one} or {two}" for one, two in combinations(keys, 2)]
    assert pills.value == "97140 or 98941"
    for one, two in combinations(keys, 2):
        at = enter(at, "pair", f"{one} or {two}")
        assert box_of(at) == [one, two]
        findings = compare.beside(one, two, DEFAULT)
        for found in findings:
            assert found.text in words(at)
        assert ("No pair, conflict or hint" in words(at)) == (not findings)


def test_two_codes_need_no_pill():
    at = compare_page(codes="97140.98941")
    with pytest.raises(KeyError):
        at.get_by_key("pair")
    assert box_of(at) == ["97140", "98941"]


def test_a_pair_stays_while_its_codes_do():
    at = enter(compare_page(codes="97112.98940.97110"), "pair", "98940 or 97110")
    at = enter(at, "compared", ["97112", "98940", "97110", "97140"])
    assert box_of(at) == ["98940", "97110"]
    at = enter(at, "compared", ["97112", "97140", "98940"])
    assert box_of(at) == ["97112", "97140"]
    at = enter(at, "compared", ["97140", "98940"])
    assert box_of(at) == ["97140", "98940"]


def test_the_box_leads_to_the_guide():
    links = [each.proto for each in compare_page(codes="97140.72100-26").get("page_link")]
    found = {each.label: each.query_string for each in links if each.label.startswith("Guide to")}
    assert found == {"Guide to 97140": "code=97140", "Guide to 72100": "code=72100"}


def test_the_settings_go_along_in_the_menu():
    at = enter(compare_page(codes="97140.98941", payer="va"), "area", "60601")
    links = {each.proto.label: each.proto.query_string for each in at.get("page_link")}
    assert links["Visit"] == "payer=va&area=60601"
    assert links["Compare"] == "payer=va&area=60601&codes=97140.98941"


# Typed words


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("s9117", "S9117"),
        (" S9117 ", "S9117"),
        ("back school class", "S9117"),
        ("muscle energy", "97140"),
        ("neuromuscular reeducation", "97112"),
        ("vax-d", "S9090"),
        ("72100-tc", "72100-TC"),
        ("97110 Therapeutic exercise", "97110"),
    ],
)
def test_typed_words_become_their_code(typed, found):
    at = enter(compare_page(codes="98940.99213"), "compared", ["98940", "99213", typed])
    assert compared(at) == ["98940", "99213", found]
    assert not problem(at)
    assert at.query_params["codes"] == f"98940.99213.{found}"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("97119", "'97119' fits no code."),
        ("nothing like it", "fits no code."),
        ("acupuncture", "fits 97810, 97813, 97811, 97814"),
        ("   ", "fits no code."),
        ("x" * 5000, "fits no code."),
        ("💥", "'💥' fits no code."),
        ("<img src=x>:red[y]", r"\<img src=x\>\:red\[y\]"),
    ],
)
def test_words_that_mean_no_one_code_are_said_and_the_others_kept(typed, said):
    at = enter(compare_page(codes="98940.99213"), "compared", ["98940", "99213", typed])
    assert said in problem(at)
    assert len(problem(at)) < 250
    assert compared(at) == ["98940", "99213"]
    at = enter(at, "compared", ["98940", "99213", "97110"])
    assert not problem(at), "the sentence stays after words that worked"


@pytest.mark.parametrize("typed", ["97110.97112", "97110-97112"])
def test_of_two_numbers_typed_as_one_word_none_is_lost_in_silence(typed):
    at = enter(compare_page(codes="98940.99213"), "compared", ["98940", "99213", typed])
    assert problem(at) or "97112" in compared(at)


def test_a_code_that_is_typed_again_is_one():
    at = enter(compare_page(codes="98940.99213"), "compared", ["98940", "99213", "chiropractic"])
    before = compared(at)
    at = enter(at, "compared", [*before, "98940 Spinal manipulation, 1 or 2 regions", "99213"])
    assert compared(at) == before


def test_a_sentence_about_typed_words_goes_with_the_link():
    at = enter(compare_page(codes="98940.99213"), "compared", ["98940", "99213", "zzzz"])
    at.query_params["codes"] = "97110.97112"
    at = run(at)
    assert compared(at) == ["97110", "97112"]
    assert not problem(at)


# Back and Forward


def test_going_back_to_an_address_shows_its_codes():
    at = compare_page(codes="97110.98940", payer="va")
    before = dict(at.query_params)
    at = enter(enter(at, "compared", ["97140", "97530"]), "payer", "medicare")
    after, amounts = dict(at.query_params), dollars(at)
    at = go_to(at, before)
    assert compared(at) == ["97110", "98940"]
    assert at.selectbox(key="payer").value == "va"
    at = go_to(at, after)
    assert compared(at) == ["97140", "97530"]
    assert dollars(at) == amounts


# codes.csv

OWN = own_codes.OWN | {"name": "Kinesio <tape> & :red[more]"}


@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize(
    ("text", "said"),
    [
        (with_row(OWN | {"work_rvu": "x"}), f"codes.csv, row {LAST_ROW}, work_rvu: 'x'"),
        (with_row(OWN | {"code": "97110"}), f"codes.csv, row {LAST_ROW}, code: '97110'"),
        ("code,name\n97110,x\n", "codes.csv, row 1"),
        ("", "nothing in it"),
    ],
)
def test_a_broken_codes_file_is_a_sentence(text, said, tab, codes_file):
    codes_file.write_text(text, encoding="utf-8")
    at = compare_page(tab, codes="97110.97112")
    assert len(at.error) == 1
    assert said in at.error[0].value
    assert "Mend the rows named above in `codes.csv`" in words(at)


def test_a_missing_codes_file_is_a_sentence(codes_file):
    codes_file.unlink()
    assert "was not found" in compare_page().error[0].value


def test_a_codes_file_that_breaks_and_is_mended_leaves_the_address_as_it_was(codes_file):
    at = compare_page(codes="97140.97530", payer="va")
    codes_file.write_text(with_row(OWN | {"work_rvu": "x"}), encoding="utf-8")
    assert f"row {LAST_ROW}, work_rvu" in run(at).error[0].value
    assert dict(at.query_params) == {"codes": "97140.97530", "payer": "va"}
    codes_file.write_text(GOOD + "\n", encoding="utf-8")
    again = compare_page(**at.query_params)
    assert not again.error
    assert compared(again) == ["97140", "97530"]


@pytest.mark.parametrize("tab", TABS)
def test_a_clinics_own_code_is_compared(tab, codes_file):
    codes_file.write_text(with_row(OWN), encoding="utf-8")
    at = compare_page(tab, codes="a1234.97110", payer="va")
    assert compared(at) == ["A1234", "97110"]
    assert dollars(at)[0] == engine("A1234", 15, Settings(payer="va"))
    assert "No guide text yet: add a row to guide.csv." in words(at)
    at = enter(at, "compared", ["97110", "97112", "kt tape"])
    assert compared(at) == ["97110", "97112", "A1234"]


def test_a_clinics_own_figures_are_those_of_the_file_as_it_is_now(codes_file, save_later):
    codes_file.write_text(with_row(OWN), encoding="utf-8")
    at = compare_page(codes="A1234.97110")
    assert at.table[0].value["Work RVU"].iloc[0] == "0.40"
    save_later(with_row(OWN | {"work_rvu": "0.70"}))
    assert run(at).table[0].value["Work RVU"].iloc[0] == "0.70"


def test_a_clinics_own_name_is_shown_as_it_is(codes_file):
    codes_file.write_text(with_row(OWN), encoding="utf-8")
    text = words(compare_page(codes="A1234.97110", payer="va"))
    assert plain(OWN["name"]) in text
    assert ":red[more]" not in text


def test_a_code_that_is_taken_out_of_the_file_under_a_session_is_said(codes_file, save_later):
    codes_file.write_text(with_row(OWN), encoding="utf-8")
    at = compare_page(codes="A1234.97110.97112")
    save_later(GOOD)
    assert "A1234" not in compared(run(at))


# Any link

names = st.sampled_from([*COMPARE.fields, "do", "x"])
values = st.one_of(
    st.text(max_size=40),
    st.text("0123456789._-+einfa ", max_size=20),
    st.sampled_from(["yes", "no", "cms", "pt", "medicare", "va", "60601", "line", "facility"]),
    st.lists(st.sampled_from([*ALL_KEYS, "", "97119", "s9117"]), max_size=8).map(".".join),
)
links = st.dictionaries(names, values, max_size=8)


@settings(max_examples=40)
@given(links, st.sampled_from(TABS[1:]))
def test_no_link_breaks_the_page(parts, tab):
    at = compare_page(tab, **parts)
    assert not at.error
    run(at)


AMOUNTS = compare.worth(tuple(ALL_KEYS), Settings(provider="pt"))["first"]
WITH_AMOUNTS = list(AMOUNTS.index[AMOUNTS.notna()])
some_codes = st.lists(st.sampled_from(ALL_KEYS), max_size=5)


@settings(max_examples=40)
@given(
    links.filter(lambda parts: parts.get("payer") != "self-pay"),
    st.sampled_from(WITH_AMOUNTS),
    some_codes,
)
def test_no_link_with_an_amount_breaks_the_first_tab(parts, key, others):
    at = compare_page(**(parts | {"codes": ".".join([key, *others])}))
    assert not at.error
    assert set(compared(at)) == {key, *others}


@settings(max_examples=25)
@given(st.lists(st.sampled_from(ALL_KEYS), min_size=2, max_size=6, unique=True))
def test_a_reload_shows_the_same(keys):
    at = compare_page(TABS[-1], codes=".".join(keys), payer="uhc", who="pt")
    again = compare_page(TABS[-1], **at.query_params)
    assert compared(again) == compared(at) == keys
    assert COMPARE.encode(again.session_state) == COMPARE.encode(at.session_state)
