"""Lines and settings as a user gives them: what is read, and what is said of what cannot be."""

import datetime
import math

import numpy as np
import pandas as pd
import pytest

import chirocalc
from chirocalc import InputError, Settings, tables

PT = Settings(payer="medicare", provider="pt")
THREE = {"code": ["97110", "97112", "97140"], "minutes": [20, 20, 8]}


def estimate(chosen=PT, **columns):
    """Estimate from columns."""
    return chirocalc.estimate(pd.DataFrame(columns), chosen)


def error_of(**columns):
    """What is said of columns that cannot be used."""
    with pytest.raises(InputError) as caught:
        estimate(**columns)
    assert isinstance(caught.value, ValueError)
    return caught.value


def shown(value):
    """A value as a message shows it."""
    return "the empty value" if value is None or value == "" else f"'{value}'"


# Lines that cannot be used

REGIONS = (
    "regions with | between: cervical, thoracic, lumbar, sacral, pelvic, head, upper extremities, "
    "lower extremities, rib cage, abdomen"
)
BAD = [
    *(
        ("minutes", value, "must be a whole number from 0 to 1,440")
        for value in (
            -1, 0.5, 14.999, 1441, 10**30, math.inf, -math.inf, "ten", "", "15 min", "15,0",
            datetime.time(0, 15),
        )
    ),
    *(
        ("count", value, "must be a whole number from 1 to 999")
        for value in (0, -1, 1.5, 1000, math.inf, "two", "")
    ),
    *(
        ("region", value, f"must be {REGIONS}")
        for value in ("knee", "lumbar|knee", "Lumbar", "lumbar,head", 5)
    ),
    *(
        ("modifiers", value, "must be two-character modifiers such as GP")
        for value in ("G", "GPX", "GP|5", "59-GP", "G!", "§§ GP")
    ),
    *(("code", value, "is not a code of codes.csv") for value in ("", None, "?", "97110 97112")),
]  # fmt: skip


@pytest.mark.parametrize("row", [1, 3])
@pytest.mark.parametrize(("column", "value", "allowed"), BAD)
def test_value_that_cannot_stand_there(column, value, allowed, row):
    """Row counted from 1, column, value, what is allowed; once for one fault."""
    columns = THREE | {column: list(THREE.get(column, [None] * 3))}
    columns[column][row - 1] = value
    frame = {name: pd.Series(values, dtype=object) for name, values in columns.items()}
    error = error_of(**frame)
    (problem,) = error.problems
    assert (problem.row, problem.column) == (row, column)
    assert str(error).startswith(f"lines, row {row}, {column}: {shown(value)} {allowed}")


@pytest.mark.parametrize("value", [-1.0, 0.5, 1441.0, math.inf])
def test_numbers_in_a_column_with_gaps(value):
    """A column of floats, as pandas reads numbers with gaps."""
    error = error_of(code=["97110", "97112"], minutes=[math.nan, value])
    assert str(error).startswith(f"lines, row 2, minutes: '{value}' must be a whole number")


@pytest.mark.parametrize("code", ["97111", "9711O", "98944", "G0282", "S9118", "72101"])
def test_unknown_code_names_the_nearest(code):
    """Up to three codes that can be entered in its place; a wrong last digit is the likeliest."""
    text = str(error_of(code=["97110", code], minutes=[15, 15]))
    assert text.startswith(f"lines, row 2, code: '{code}' is not a code of codes.csv; nearest: ")
    named = text.partition("nearest: ")[2].split(", ")
    assert len(named) <= 3
    assert any(near[:4] == code[:4] for near in named)
    assert estimate(code=named, minutes=[None] * len(named)).lines["code"].tolist() == named


def test_code_near_nothing():
    """No suggestion is better than a wrong one."""
    assert str(error_of(code=["?"], minutes=[1])).endswith("nothing near it is known")


@pytest.mark.parametrize("code", ["72100-26", "72100-TC", "7210026", "73030-2"])
def test_component_is_a_modifier_not_a_code(code):
    """What is named as nearest can be entered as a code."""
    text = str(error_of(code=[code], minutes=[None]))
    assert text.startswith(f"lines, row 1, code: '{code}' is not a code of codes.csv; nearest: ")
    for near in text.partition("nearest: ")[2].split(", "):
        assert estimate(code=[near], minutes=[None]).lines["code"].tolist() == [near]


@pytest.mark.parametrize("part", ["26", "TC"])
def test_component_of_a_code_that_has_none(part):
    """97110 has no professional part: priced as the whole, it would be a guess in silence."""
    text = str(error_of(code=["72100", "97110"], minutes=[None, 15], modifiers=[part, part]))
    assert text.startswith(f"lines, row 2, modifiers: '{part}' ")


@pytest.mark.parametrize("choice", ["maybe", "2", "97110"])
def test_choice_that_is_neither_true_nor_false(choice):
    """Only yes and no are answers."""
    text = str(error_of(**THREE, tie_first=pd.Series([False, choice, False], dtype=object)))
    assert text.startswith(f"lines, row 2, tie_first: '{choice}' must be")


@pytest.mark.parametrize("dtype", [object, "boolean"])
def test_choice_left_empty_is_none(dtype):
    """A gap marks no line."""
    lines = {"code": ["97112", "97110"], "minutes": [20, 20]}
    for choice, units in [([None, True], [1, 2]), ([True, None], [2, 1]), ([None] * 2, [2, 1])]:
        answer = estimate(**lines, tie_first=pd.array(choice, dtype=dtype))
        assert answer.lines["units"].tolist() == units


@pytest.mark.parametrize("visit", [None, math.nan, pd.NA, pd.NaT])
def test_visit_without_a_name(visit):
    """A missing key is no visit of its own."""
    text = str(error_of(**THREE, visit=pd.Series(["a", visit, "a"], dtype=object)))
    assert text == "lines, row 2, visit: the empty value must name the visit"


@pytest.mark.parametrize("column", ["code", "minutes"])
def test_missing_column(column):
    """Its name, and those that are there."""
    rest = {name: values for name, values in THREE.items() if name != column} | {"min": [1, 2, 3]}
    text = str(error_of(**rest))
    assert text.startswith(f"lines, {column}: '{column}' is a column that is needed")
    assert text.endswith(", ".join(rest))


def test_no_columns_at_all():
    """Both are named."""
    assert [problem.column for problem in error_of().problems] == ["code", "minutes"]


def test_several_faults_are_told_together():
    """In the order of the rows, each with its own place."""
    error = error_of(
        visit=["a", None, "b", "b"],
        code=["97110", "97112", "97999", "97140"],
        minutes=[-1, 15, 15, 1441],
        count=[1, 1, 0, 1],
        region=["lumbar", "knee", None, None],
        modifiers=["GP", "G", "GP", None],
    )
    found = [(problem.row, problem.column) for problem in error.problems]
    assert [row for row, _ in found] == sorted(row for row, _ in found)
    assert sorted(found) == [
        (1, "minutes"),
        (2, "modifiers"), (2, "region"), (2, "visit"),
        (3, "code"), (3, "count"),
        (4, "minutes"),
    ]  # fmt: skip
    assert len(str(error).splitlines()) == 7


def test_ten_faults_are_shown_and_the_rest_counted():
    """A thousand bad rows make no thousand lines."""
    error = error_of(code=["97110"] * 1000, minutes=[-1] * 1000)
    assert len(error.problems) == 1000
    assert str(error).splitlines()[9:] == [
        "lines, row 10, minutes: '-1' must be a whole number from 0 to 1,440",
        "and 990 more",
    ]


def test_row_is_the_place_not_the_index():
    """A frame cut out of another keeps its index; rows are counted from 1 all the same."""
    frame = pd.DataFrame({"code": ["97110"] * 4, "minutes": [1, 2, -3, 4]})[2:]
    with pytest.raises(InputError, match="row 1, minutes: '-3'"):
        chirocalc.estimate(frame, PT)


def test_long_values_are_cut():
    """A pasted page does not fill the message."""
    text = str(error_of(code=["97110" * 1000], minutes=[1]))
    assert len(text) < 200


# Settings that cannot be used


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("payer", "medicar", "nearest: medicare"),
        ("payer", "Medicare", "nearest: medicare"),
        ("payer", None, "is not known"),
        ("locality", "01112-5", "nearest: 01112-"),
        ("locality", "00000-00", "is not known"),
        ("locality", "", "is not known"),
        ("place", "home", "must be one of office, facility"),
        ("provider", "dc", "must be one of chiropractor, pt, ot"),
        ("phase", "acute", "must be one of None, active, maintenance"),
        ("phase", "", "must be one of None, active, maintenance"),
        ("unit_rule", "ama", "must be one of None, cms, cpt"),
        *(
            ("percent", value, "above 0, at most 1000, with at most two decimals")
            for value in (0, -5, 1000.01, 99.999, math.inf, "full", "")
        ),
    ],
)
def test_setting_that_is_not_known(name, value, allowed):
    """Name, value and what is allowed; before any line is read."""
    with pytest.raises(InputError) as caught:
        Settings(**{name: value})
    text = str(caught.value)
    assert text.startswith(f"settings, {name}: {shown(value)} ")
    assert allowed in text


def test_percent_that_is_missing():
    """A NaN is no percent; None is the payer's."""
    with pytest.raises(InputError, match="settings, percent: "):
        Settings(percent=math.nan)


@pytest.mark.parametrize("percent", [0.01, 1, 85, 100.5, 33.33, 1000])
def test_percent_that_is_known(percent):
    """Above 0, at most 1,000, two decimals."""
    assert Settings(percent=percent).rate == percent


# What is read


@pytest.mark.parametrize(
    "codes",
    [
        [97110, 98941, 97112],
        [97110.0, 98941.0, 97112.0],
        ["97110", 98941, 97112.0],
        [" 97110", "98941 ", "\t97112\n"],
        pd.Categorical(["97110", "98941", "97112"]),
        pd.array(["97110", "98941", "97112"], dtype="string"),
        np.array(["97110", "98941", "97112"]),
    ],
    ids=["int", "float", "mixed", "spaces", "categories", "string", "array"],
)
def test_codes_as_files_give_them(codes):
    """Numbers, numbers with a gap somewhere, spaces around."""
    answer = estimate(code=codes, minutes=[20, None, 20])
    assert answer.lines["code"].tolist() == ["97110", "98941", "97112"]
    assert answer.lines["units"].tolist() == [2, 1, 1]


@pytest.mark.parametrize("code", ["s9117", " g0283 ", "0552t"])
def test_lower_case_codes(code):
    """Capitals are not needed."""
    assert estimate(code=[code], minutes=[None]).lines["code"].tolist() == [code.strip().upper()]


def test_one_code_written_in_several_ways_is_one_line():
    """Its minutes add up."""
    answer = estimate(code=["97110", 97110, " 97110 ", 97110.0], minutes=[5, 5, 5, 8])
    assert answer.lines[["code", "minutes", "units"]].values.tolist() == [["97110", 23, 2]]


@pytest.mark.parametrize(
    "minutes",
    [["20", "0", "8"], [20.0, 0.0, 8.0], pd.array([20, None, 8], dtype="Int64"), [20, None, 8]],
    ids=["text", "float", "gap", "none"],
)
def test_minutes_as_files_give_them(minutes):
    """Text that is a number is a number; a gap is none, and counts as 0."""
    answer = estimate(code=THREE["code"], minutes=minutes)
    assert answer.lines["units"].tolist() == [1, 0, 1]
    assert answer.lines["minutes"].isna().tolist() == [False, pd.isna(minutes[1]), False]


def test_most_and_least_minutes():
    """A whole day, and none."""
    answer = estimate(code=["97110", "97112"], minutes=[1440, 0])
    assert answer.lines["units"].tolist() == [96, 0]
    twice = estimate(code=["97110", "97112", "97110"], minutes=[1433, 0, 7])
    assert twice.lines["minutes"].tolist() == [1440, 0]


@pytest.mark.parametrize(
    "keys",
    [
        ["b", "a"],
        [7, -3],
        [("p1", 2), ("p1", 1)],
        [datetime.date(2026, 2, 1), datetime.date(2026, 1, 1)],
        [pd.Timestamp(2026, 2, 1), pd.Timestamp(2026, 1, 1)],
        [1.5, 0.5],
        ["1", 1],
        [True, False],
    ],
    ids=lambda keys: type(keys[0]).__name__ + type(keys[1]).__name__,
)
def test_visits_may_be_interleaved(keys):
    """Lines and visits stand in the order of first entry, whatever the key is."""
    first, second = keys
    entered = [first, second, first, second, first]
    answer = estimate(
        visit=entered,
        code=["97112", "97110", "97110", "97140", "97112"],
        minutes=[10, 20, 7, 20, 10],
    )
    lines = answer.lines
    assert list(zip(lines["visit"], lines["code"], lines["units"], strict=True)) == [
        (first, "97112", 1),
        (second, "97110", 2),
        (first, "97110", 1),
        (second, "97140", 1),
    ]
    assert list(answer.visits.index) == keys
    assert answer.visits.index.name == "visit"
    assert answer.visits["timed_minutes"].tolist() == [27, 40]
    assert answer.visits["units"].tolist() == [2, 3]


def test_without_visits_all_lines_are_one():
    """The column may be left out."""
    answer = estimate(**THREE)
    assert len(answer.visits) == 1
    assert answer.lines["visit"].tolist() == list(answer.visits.index) * 3


@pytest.mark.parametrize(
    ("modifiers", "total"),
    [
        ("26", 0.32), (26, 0.32), ("26|59", 0.32), ("59 26", 0.32), ("59,26", 0.32), (" 26 ", 0.32),
        ("TC", 0.89), ("tc", 0.89), ("", 1.21), (None, 1.21), ("59", 1.21),
    ],
)  # fmt: skip
def test_parts_of_an_x_ray(modifiers, total):
    """26 and TC have rows of their own (domain 4, x-ray)."""
    answer = estimate(code=["72100"], minutes=[None], modifiers=[modifiers])
    line = answer.lines.iloc[0]
    assert (line["code"], line["units"], line["total_rvu"]) == ("72100", 1, total)


def test_parts_of_an_x_ray_are_lines_of_their_own():
    """Read elsewhere: the whole of one film beside the professional part of another."""
    answer = estimate(
        code=["72100"] * 4, minutes=[None] * 4, modifiers=["26", None, "TC", "26"], count=[1] * 4
    )
    assert answer.lines["units"].tolist() == [2, 1, 1]
    assert answer.lines["total_rvu"].tolist() == [0.64, 1.21, 0.89]


@pytest.mark.parametrize(
    ("code", "counts", "units"),
    [("72100", [2, None, 3], 6), ("72100", ["2", 1, 1], 4), ("97012", [3, 1, 1], 1)],
)
def test_counts(code, counts, units):
    """What is counted adds up, a gap is 1; what is once a day stays 1 (cpm-5-20.2)."""
    answer = estimate(code=[code] * 3, minutes=[None] * 3, count=pd.Series(counts, dtype=object))
    assert answer.lines["units"].tolist() == [units]


@pytest.mark.parametrize("region", [*tables.regions().index, "lumbar|head", "lumbar | head", ""])
def test_known_regions(region):
    """One, several, or none given; a region changes no unit."""
    answer = estimate(**THREE, region=[region, None, "pelvic"])
    assert answer.lines["units"].tolist() == estimate(**THREE).lines["units"].tolist()


def test_other_columns_are_left_alone():
    """A file has more of them than are read."""
    answer = estimate(**THREE, patient_age=[1, 2, 3], note=["a", None, "b"])
    pd.testing.assert_frame_equal(answer.lines, estimate(**THREE).lines)


@pytest.mark.parametrize("visits", [["a", "b", "a"], [3, 1, 3]])
def test_input_is_not_changed(visits):
    """Neither values, nor types, nor index, nor the order of columns."""
    frame = pd.DataFrame(
        {
            "modifiers": ["gp", None, "cq"],
            "minutes": ["20", " 20", "8"],
            "code": [" 97110", "97112", "97140"],
            "visit": visits,
            "region": ["lumbar", None, ""],
            "count": [1, None, 2],
            "tie_first": [True, False, False],
        },
        index=[9, 9, 4],
    )
    before = frame.copy(deep=True)
    chirocalc.estimate(frame, PT)
    pd.testing.assert_frame_equal(frame, before)


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"code": [], "minutes": []}),
        pd.DataFrame(columns=["code", "minutes"]),
        pd.DataFrame({"visit": ["a"], "code": ["97110"], "minutes": [15], "count": [1]})[:0],
        pd.DataFrame(
            columns=["visit", "code", "minutes", "region", "count", "modifiers", "tie_first"]
        ),
    ],
    ids=["empty", "columns", "sliced", "all"],
)
@pytest.mark.parametrize("chosen", [PT, Settings(payer="self-pay")], ids=["medicare", "self-pay"])
def test_no_rows(frame, chosen):
    """No lines, no visits, no findings, and the same columns and types as ever."""
    answer = chirocalc.estimate(frame, chosen)
    full = estimate(chosen, **THREE)
    for name in ("lines", "visits", "findings"):
        empty, usual = getattr(answer, name), getattr(full, name)
        assert len(empty) == 0
        assert list(empty.columns) == list(usual.columns)
    assert answer.visits.index.name == "visit"
    numbers = [column for column in full.lines if column not in ("visit", "code")]
    assert answer.lines[numbers].dtypes.equals(full.lines[numbers].dtypes)
    assert answer.visits.dtypes.equals(full.visits.dtypes)


def test_default_settings():
    """Without any: Medicare, national, a chiropractor's office."""
    answer = chirocalc.estimate(pd.DataFrame(THREE))
    assert answer.settings == Settings()
    pd.testing.assert_frame_equal(answer.lines, estimate(Settings(), **THREE).lines)


# One service as a screen gives it


def test_an_amount_is_how_many_of_a_counted_code_and_minutes_of_another():
    counted, timed = (chirocalc.tables.records()[code] for code in ("72100", "97110"))
    of_counted, of_timed = (chirocalc.rules.read_service(c, 3).service for c in (counted, timed))
    assert (of_counted.times, of_counted.minutes) == (3, None)
    assert (of_timed.times, of_timed.minutes) == (1, 3)
    assert chirocalc.rules.read_service(counted, None).service.times == 1
