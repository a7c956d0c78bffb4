"""The visit as a link: what is written can be read back, and nonsense is said, never raised."""

from datetime import date, timedelta
from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chirocalc import tables
from chirocalc.links import CLINIC, OF_PAYER, SETTINGS
from chirocalc.links.visit import EXAMPLE, MOST_SERVICES, VISIT, amount_key, answer_key
from chirocalc.tables import rates

decode, encode = VISIT.decode, VISIT.encode
DEFAULTS = {field.key: field.default for field in VISIT.fields.values()} | {"codes": []}
NAMES = {name: field.key for name, field in VISIT.fields.items()}

MANIPULATIONS = list(tables.manipulation()["code"])
SERVICES = [key for key in tables.codes().index if key not in MANIPULATIONS]
NONSENSE = [
    "nonsense",
    "0",
    "-1",
    "None",
    "yesno",
    "é",
    "💥",
    "<b>",
    "a.b_c",
    " ",
    "x" * 9999,
]
# The rest of each link below: it must survive whatever stands beside it.
REST = {"place": "facility", "adj": "lumbar.head", "do": "97110.23_97012"}


def fresh():
    return {key: list(v) if isinstance(v, list) else v for key, v in DEFAULTS.items()}


def through_the_address_bar(link):
    """The parameters as they arrive after a browser has shown them."""
    return {name: values[-1] for name, values in parse_qs(urlencode(link)).items()}


hundredths = st.integers(100, 100_000).map(lambda cents: cents / 100)
dollars = st.integers(0, 99_999_900).map(lambda cents: cents / 100)
days = st.sampled_from(rates.periods()).flatmap(
    lambda each: st.dates(date.fromisoformat(each.first), date.fromisoformat(each.last))
)
unbilled = st.sampled_from([None, "off", "collect"])
minutes = st.one_of(
    st.none(),
    st.integers(0, 1440).map(float),
    st.integers(-20_000, 20_000).map(lambda n: n / 10),  # what cannot be used is kept too
)


@st.composite
def states(draw):
    """Any state the page can be in."""
    one_of = st.sampled_from
    codes = draw(st.lists(one_of(SERVICES), unique=True, max_size=MOST_SERVICES))
    areas = ["national", "60601", "10001-1234", *tables.localities().index]
    state = {
        "payer": draw(one_of(list(tables.payers().index))),
        "area": draw(one_of(areas)),
        "place": draw(one_of(["office", "facility"])),
        "provider": draw(one_of(["chiropractor", "pt", "ot"])),
        "phase": draw(one_of([None, "active", "maintenance"])),
        "rule": draw(one_of([None, "cms", "cpt"])),
        "percent": draw(st.none() | hundredths),
        "participating": draw(st.booleans()),
        "apm": draw(st.booleans()),
        "deductible": draw(st.integers(0, 28_300)) / 100,
        "assistant": draw(st.booleans()),
        "adjusted": draw(st.lists(one_of(list(tables.regions().index)), unique=True)),
        "codes": codes,
        "tie": draw(one_of([None, *codes])),
    }
    state |= {
        "date": draw(st.none() | days),
        "mppr": draw(one_of([None, "none", "pe", "line"])),
        "therapy_modifier": draw(one_of([None, "yes", "no"])),
        "abn": draw(one_of([None, "yes", "no"])),
        "chiropractor_codes": draw(one_of([None, ["all"], ["98940"], ["98941", "97110"]])),
        "kx_used": draw(st.none() | hundredths),
        "modifiers spinal": draw(one_of([[], ["AT"], ["GA"]])),
        "modifiers extraspinal": draw(one_of([[], ["51", "GY"]])),
        "unbilled spinal": draw(unbilled),
        "unbilled extraspinal": draw(unbilled),
        "copay": draw(st.none() | dollars),
        "own amounts": draw(st.booleans()),
    }
    for key in codes:
        answers = {
            "region": draw(one_of([None, *tables.regions().index])),
            "modifiers": draw(one_of([[], ["59"], ["XS", "GP"]])),
            "separate": draw(one_of([None, "yes", "no"])),
            "unbilled": draw(unbilled),
        }
        state |= {answer_key(what, key): value for what, value in answers.items() if value}
    untimed = tables.codes()["time_rule"] == "untimed"
    return state | {amount_key(key): None if untimed[key] else draw(minutes) for key in codes}


@given(states())
def test_every_state_comes_back_from_its_link(state):
    found, problems = decode(through_the_address_bar(encode(state)))
    assert problems == []
    assert found == state


@pytest.mark.parametrize("amount", [20.0, 0.0, 7.5, -5.0, 1441.0, 1440.001, 20.00001, 1234567.0])
def test_minutes_keep_every_digit_in_the_link(amount):
    # The page refuses 1440.001; a link that says 1440 in its place would mend it in silence.
    state = fresh() | {"codes": ["97110"], amount_key("97110"): amount}
    assert decode(through_the_address_bar(encode(state)))[0] == state


def test_the_defaults_need_no_link():
    # An address without anything opens with the example, so an empty visit says that it is one.
    assert encode(DEFAULTS) == {"do": ""}
    assert decode({"do": ""}) == (fresh(), [])
    assert decode({}) == (fresh(), [])


def test_the_example_is_a_link_without_problems():
    state, problems = decode(EXAMPLE)
    assert problems == []
    assert encode(state) == EXAMPLE
    assert state["codes"] == ["97110", "97112"]


def test_decode_hands_out_no_list_of_the_defaults():
    decode({"do": "97110"})[0]["adjusted"].append("head")
    assert DEFAULTS["adjusted"] == []
    assert DEFAULTS["codes"] == []


@pytest.mark.parametrize("value", NONSENSE, ids=lambda value: value[:9])
@pytest.mark.parametrize("name", [name for name in NAMES if name != "tie"])
def test_nonsense_in_a_parameter_is_said_and_the_rest_kept(name, value):
    rest = {key: text for key, text in REST.items() if key != name}
    state, problems = decode(rest | {name: value})
    if value == "0" and name in ("deductible", "kx", "copay"):
        assert (state[NAMES[name]], problems) == (0.0, [])  # the values that make sense
        return
    assert len(problems) == 1, f"{name}={value!r} was taken as {state[NAMES[name]]!r}"
    assert name in problems[0]
    assert_readable(problems[0])
    assert state == decode(rest)[0]


@pytest.mark.parametrize("value", ["nonsense", "97140", "x" * 9999], ids=lambda value: value[:9])
def test_a_tie_of_a_service_that_is_not_in_the_visit_is_said(value):
    state, problems = decode(REST | {"tie": value})
    assert len(problems) == 1
    assert state == decode(REST)[0]


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_parameter_is_the_default_without_a_word(name):
    assert decode({name: ""}) == (fresh(), [])


@pytest.mark.parametrize(
    "value", ["inf", "-inf", "nan", "1e9", "-5", "0.99", "1000.01", "12,5", ""]
)
def test_percent_outside_its_range_is_left_out(value):
    state, problems = decode(REST | {"percent": value})
    assert state["percent"] is None
    assert len(problems) == (value != "")
    assert state == decode(REST)[0]


@pytest.mark.parametrize(("text", "value"), [("1", 1.0), ("1000", 1000.0), ("115.5", 115.5)])
def test_percent_within_its_range_is_taken(text, value):
    assert decode({"percent": text}) == (fresh() | {"percent": value}, [])


@pytest.mark.parametrize("value", ["inf", "nan", "1e9", "-0.01", "283.01"])
def test_deductible_outside_its_range_is_left_out(value):
    state, problems = decode({"deductible": value})
    assert (state["deductible"], len(problems)) == (0.0, 1)


@pytest.mark.parametrize(
    ("regions", "kept", "unknown"),
    [
        ("neck", [], ["neck"]),
        ("lumbar.neck", ["lumbar"], ["neck"]),
        ("neck.lumbar.back.head", ["lumbar", "head"], ["neck", "back"]),
        ("lumbar.", ["lumbar"], []),
        ("..", [], []),
        ("LUMBAR", [], ["LUMBAR"]),
        ("lumbar,head", [], ["lumbar,head"]),
    ],
)
def test_a_region_that_is_not_known_is_said_and_the_others_kept(regions, kept, unknown):
    # With all of them dropped the adjustment would be gone, and the total with it.
    state, problems = decode({"payer": "va", "adj": regions})
    assert state == fresh() | {"payer": "va", "adjusted": kept}
    assert len(problems) == bool(unknown)
    for problem in problems:
        assert "adj" in problem
        assert all(f"'{name}'" in problem for name in unknown)
        assert_readable(problem)


def test_a_region_twice_counts_once():
    assert decode({"adj": "head.lumbar.head"})[0]["adjusted"] == ["head", "lumbar"]


@pytest.mark.parametrize("text", ["upper extremities", "upper+extremities"])
def test_a_region_of_two_words(text):
    assert decode({"adj": text})[0]["adjusted"] == ["upper extremities"]


# The date of service


@pytest.mark.parametrize("text", ["2025-01-01", "2025-12-31", "2026-01-01", "2026-03-02"])
def test_any_day_of_a_loaded_period_is_a_date_of_service(text):
    state, problems = decode(REST | {"date": text})
    assert problems == []
    assert state == decode(REST)[0] | {"date": date.fromisoformat(text)}
    assert through_the_address_bar(encode(state))["date"] == text


def test_a_day_outside_the_loaded_periods_is_said():
    first = min(date.fromisoformat(each.first) for each in rates.periods())
    last = max(date.fromisoformat(each.last) for each in rates.periods())
    for day in (first - timedelta(1), last + timedelta(1), date(2012, 2, 29)):
        state, [problem] = decode(REST | {"date": str(day)})
        assert str(day) in problem
        assert_readable(problem)
        assert state == decode(REST)[0]


@pytest.mark.parametrize("text", ["2026-02-30", "2026-13-01", "3/2/2026", "2026", "yesterday"])
def test_what_is_no_day_is_said(text):
    state, [problem] = decode(REST | {"date": text})
    assert_readable(problem)
    assert "isoformat" not in problem  # Python's word, and no one else's
    assert state == decode(REST)[0]


def test_what_holds_for_the_next_patient_too():
    # The day of one visit, its questions and its patient's dollars do not.
    patients = {"date", "phase", "abn", "deductible", "assistant", "kx"}
    assert set(SETTINGS) - patients == CLINIC
    assert set(OF_PAYER) == {"rule", "percent", "mppr", "gp", "pays"}


# What is not billed, and the patient's own


@pytest.mark.parametrize(
    ("part", "answers"),
    [
        ("97110.20~~~~off", {"unbilled": "off"}),
        ("97110.20~~~~collect", {"unbilled": "collect"}),
        ("97110.20~head~59~yes~off",
         {"region": "head", "modifiers": ["59"], "separate": "yes", "unbilled": "off"}),
        ("97110.20~~GY~~collect", {"modifiers": ["GY"], "unbilled": "collect"}),
        ("97110.20~~~no", {"separate": "no"}),
    ],
)  # fmt: skip
def test_the_answers_about_a_service(part, answers):
    state, problems = decode({"do": part})
    assert problems == []
    service = {"codes": ["97110"], amount_key("97110"): 20.0}
    said = {answer_key(what, "97110"): value for what, value in answers.items()}
    assert state == fresh() | service | said
    assert through_the_address_bar(encode(state)) == {"do": part}


@pytest.mark.parametrize("text", ["on", "OFF", "yes", "x" * 9999])
def test_another_word_for_what_is_not_billed_is_said(text):
    state, [problem] = decode(REST | {"do": f"97110.20~~~~{text}"})
    assert state == decode(REST | {"do": "97110.20"})[0]
    assert "97110" in problem
    assert len(problem) < 300


@pytest.mark.parametrize("name", ["cmt_bill", "extra_bill"])
@pytest.mark.parametrize("value", ["off", "collect"])
def test_an_adjustment_that_is_not_billed(name, value):
    state, problems = decode(REST | {name: value})
    assert problems == []
    assert state == decode(REST)[0] | {NAMES[name]: value}


@pytest.mark.parametrize("value", ["-1", "-0.01", "1000000", "inf", "nan", "1e9", "thirty"])
def test_a_copay_outside_its_range_is_left_out(value):
    state, [problem] = decode(REST | {"copay": value})
    assert_readable(problem)
    assert state == decode(REST)[0]


@pytest.mark.parametrize(("text", "value"), [("0", 0.0), ("25", 25.0), ("27.35", 27.35)])
def test_a_copay_of_nothing_is_known_and_none_is_not(text, value):
    state, problems = decode({"copay": text})
    assert (state["copay"], problems) == (value, [])
    assert through_the_address_bar(encode(state))["copay"] == text
    assert decode({})[0]["copay"] is None


def test_a_link_says_that_amounts_are_ones_own_and_not_which():
    assert encode(fresh() | {"own amounts": True})["own"] == "yes"
    assert decode({"own": "yes"})[0]["own amounts"] is True


@pytest.mark.parametrize("text", ["_", "___", "97110.20_", "_97110.20", "97110.20__97112.5"])
def test_empty_parts_of_do_are_no_services(text):
    state, problems = decode({"do": text})
    assert problems == []
    assert state["codes"] == [part[:5] for part in text.split("_") if part]


@pytest.mark.parametrize("text", [".", ".20", "..", "._."])
def test_a_part_of_do_without_a_code_is_said(text):
    state, problems = decode({"do": f"97110.20_{text}"})
    assert problems
    assert state == decode({"do": "97110.20"})[0]


@pytest.mark.parametrize(
    ("part", "amount", "said"),
    [
        ("97110", None, 0),
        ("97110.", None, 0),
        ("97110.0", 0.0, 0),
        ("97110.7.5", 7.5, 0),
        ("97110.-5", -5.0, 0),  # said beside its field
        ("97110.1e9", 1e9, 0),
        ("97110.inf", None, 1),
        ("97110.nan", None, 1),
        ("97110.twenty", None, 1),
        ("97110.20.min", None, 1),
        ("97110. ", None, 1),
    ],
)
def test_minutes_of_a_service(part, amount, said):
    state, problems = decode(REST | {"do": f"97112.9_{part}"})
    assert len(problems) == said
    assert state["codes"] == ["97112", "97110"]
    assert state[amount_key("97110")] == amount
    assert state[amount_key("97112")] == 9.0
    assert state["adjusted"] == ["lumbar", "head"]


@pytest.mark.parametrize(
    ("text", "total"),
    [
        ("97110.20_97110.7", 27.0),
        ("97110_97110", None),
        ("97110.5_97110", 5.0),
        ("97110_97110.5", 5),
    ],
)
def test_a_code_twice_is_one_line_whose_minutes_add_up(text, total):
    state, problems = decode({"do": f"{text}_97112.8"})
    assert state["codes"] == ["97110", "97112"]
    assert state[amount_key("97110")] == total
    assert len(problems) == 1
    assert "97110 twice" in problems[0]


def test_parts_of_a_code_are_lines_of_their_own():
    state, problems = decode({"do": "72100.1_72100-26.2_72100-tc.3"})
    assert problems == []
    assert state["codes"] == ["72100", "72100-26", "72100-TC"]


def test_small_letters_name_the_same_code():
    assert decode({"do": "g0283"})[0]["codes"] == ["G0283"]


@pytest.mark.parametrize(
    ("code", "near"), [("9711O", "97110"), ("G283", "G0283"), ("72100-50", "72100"), ("💥", "")]
)
def test_an_unknown_code_is_said_with_what_is_near(code, near):
    state, problems = decode({"do": f"97112.20_{code}.20"})
    assert state == decode({"do": "97112.20"})[0]
    assert len(problems) == 1
    assert code in problems[0]
    assert near in problems[0]


@pytest.mark.parametrize("code", MANIPULATIONS)
def test_manipulation_follows_from_the_regions(code):
    state, problems = decode({"do": f"{code}_97112"})
    assert state["codes"] == ["97112"]
    assert len(problems) == 1
    assert "regions" in problems[0]


@pytest.mark.parametrize(
    "name", ["units", "Payer", "", "do ", "utm_source", "x" * 9999], ids=lambda name: name[:9]
)
def test_an_unknown_parameter_is_said_and_the_rest_kept(name):
    state, problems = decode(REST | {name: "1"})
    assert len(problems) == 1
    assert name[:30] in problems[0]
    assert_readable(problems[0])
    assert state == decode(REST)[0]


def test_five_hundred_codes_are_cut_and_said():
    codes = (SERVICES * 3)[:500]
    state, problems = decode({"do": "_".join(f"{code}.15" for code in codes)})
    assert state["codes"] == codes[:MOST_SERVICES]
    problems = [said for said in problems if "untimed" not in said]
    assert len(problems) == 1
    assert "500" in problems[0]
    assert str(MOST_SERVICES) in problems[0]


def test_five_hundred_unknown_codes_are_cut_too():
    state, problems = decode({"do": "_".join(f"{n:05}" for n in range(500))})
    assert state["codes"] == []
    assert len(problems) == MOST_SERVICES + 1


@pytest.mark.parametrize("name", [*NAMES, "do"])
def test_a_huge_value_is_answered_with_a_short_sentence(name):
    long = ("9" * 100_000, "97110." + "9" * 100_000, "97110.9~~~~" + "9" * 100_000)
    for value in (*long, "." * 100_000, "_" * 100_000):
        for problem in decode({name: value})[1]:
            assert_readable(problem)


TEXTS = st.one_of(
    st.text(),
    st.text("0123456789._-+einfa "),
    st.lists(st.sampled_from([*SERVICES, *MANIPULATIONS, "", "x"]), max_size=50).map("_".join),
)


@given(st.dictionaries(st.sampled_from([*NAMES, "do"]) | st.text(), TEXTS))
@example({"do": "97110.nan"})
@example({"do": "97110.1e400_97110.-1e400"})
@example({"area": "６０６０１", "percent": "１００", "do": "97110.２０"})
def test_no_link_raises_and_what_was_read_can_be_written(params):
    state, problems = decode(params)
    assert set(DEFAULTS) <= set(state)
    assert len(state["codes"]) == len(set(state["codes"])) <= MOST_SERVICES
    for problem in problems:
        assert_readable(problem)
    again, said = decode(through_the_address_bar(encode(state)))
    assert said == []
    assert again["codes"] == state["codes"]


def assert_readable(problem):
    """A sentence a user can act on, whatever the link held."""
    assert problem.startswith("The link")
    assert problem.endswith((".", ")."))
    assert len(problem) < 300
