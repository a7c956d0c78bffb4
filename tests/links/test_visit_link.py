"""The visit as a link: what is written can be read back, and nonsense is said, never raised."""

from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chirocalc import tables
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
        "rates": draw(one_of([None, *(each.first for each in rates.periods())])),
        "mppr": draw(one_of([None, "none", "pe", "line"])),
        "therapy_modifier": draw(one_of([None, "yes", "no"])),
        "abn": draw(one_of([None, "yes", "no"])),
        "kx_used": draw(st.none() | hundredths),
        "modifiers spinal": draw(one_of([[], ["AT"], ["GA"]])),
        "modifiers extraspinal": draw(one_of([[], ["51", "GY"]])),
    }
    for key in codes:
        answers = {
            "region": draw(one_of([None, *tables.regions().index])),
            "modifiers": draw(one_of([[], ["59"], ["XS", "GP"]])),
            "separate": draw(one_of([None, "yes", "no"])),
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
    if (name, value) in (("deductible", "0"), ("kx", "0")):
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
    "regions", ["neck", "lumbar.neck", "lumbar.", "..", "LUMBAR", "lumbar,head"]
)
def test_regions_that_are_not_known(regions):
    state, problems = decode({"payer": "va", "adj": regions})
    names = [name for name in regions.split(".") if name]
    known = [name for name in names if name in tables.regions().index]
    if known == names:
        assert (state["adjusted"], problems) == (known, [])
    else:
        assert state["adjusted"] == []
        assert len(problems) == 1
        assert "adj" in problems[0]
        assert_readable(problems[0])
    assert state["payer"] == "va"


def test_a_region_twice_counts_once():
    assert decode({"adj": "head.lumbar.head"})[0]["adjusted"] == ["head", "lumbar"]


@pytest.mark.parametrize("text", ["upper extremities", "upper+extremities"])
def test_a_region_of_two_words(text):
    assert decode({"adj": text})[0]["adjusted"] == ["upper extremities"]


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
    for value in ("9" * 100_000, "97110." + "9" * 100_000, "." * 100_000, "_" * 100_000):
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
