"""Rows of text as lines: each is a line, is passed over as no service, or is refused once."""

import datetime as dt
import math
import re
from collections import Counter

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chirocalc import tables
from chirocalc.audit.columns import FIELDS, recognize
from chirocalc.audit.left_out import LEFT_OUT
from chirocalc.audit.rows import LINES, How, read_rows
from chirocalc.audit.visit_file import BROKEN, Batch
from chirocalc.rules.settings import CHOICES

MINUTES_REASON = "must be a whole number from 0 to 1,440"
UNITS_REASON = "must be a whole number from 0 to 999"
DATE_REASON = "must be a date such as 2026-01-31 or 1/31/2026, month first"
FIELD_NAMES = list(FIELDS)


def rows(first=2, refused=(), **cells):
    """Rows of columns called like the fields; a visit and a code unless given."""
    count = max(len(values) for values in cells.values())
    cells = {"visit": ["V"] * count, "code": ["97110"] * count} | cells
    frame = pd.DataFrame(cells, index=pd.RangeIndex(first, first + count, name="row"), dtype=str)
    return read_rows(Batch(frame, list(refused)), {name: (name,) for name in cells})


def one(field, text, column=None):
    """What a line holds for the text of one cell; None if the row is refused."""
    found = rows(**{field: [text]})
    return None if found.lines.empty else found.lines[column or field].iloc[0]


def why(field, text):
    """Column, value and reason of a refusal."""
    (refused,) = rows(**{field: [text]}).refused[["column", "value", "reason"]].values.tolist()
    return refused


# Minutes and units


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0), ("-0", 0), ("0.0", 0), ("00", 0), ("15", 15), ("15.0", 15), (" 15 ", 15),
        ("\t15\u00a0", 15), ("15.", 15), ("+15", 15), ("015", 15), ("1e1", 10), ("1E+01", 10),
        ("999", 999), ("999.000", 999),
    ],
)  # fmt: skip
def test_whole_numbers(text, value):
    """However they are written."""
    assert one("minutes", text) == value
    assert one("units", text, "billed") == value


@pytest.mark.parametrize(
    "text",
    [
        "-0.5", "14.5", "0.1", "1e-20", "inf", "-inf", "Infinity", "True", "false", "1/2", "½",
        "1,5", "1 5", "1_0", "0x10", "$15", "=15", "=1+14", "'15", "--1", "+", "e", "1e", "１５",
        "٣", "15\u200b", "1e400", "1e19", "9" * 400, "18446744073709551616", "-9223372036854775809",
        "1440.5", "2026-01-31", "fifteen",
    ],
)  # fmt: skip
def test_what_is_no_whole_number(text):
    """Refused with the value as it stands and what is allowed."""
    assert why("minutes", text) == ["minutes", text, MINUTES_REASON]
    assert why("units", text) == ["units", text, UNITS_REASON]


def test_units_may_be_taken_back_and_minutes_not():
    """A row with negative units is a line that reverses another (see reversals)."""
    assert one("units", "-1", "billed") == one("units", "(1)", "billed") == -1
    assert one("units", "-999", "billed") == -999
    assert why("units", "-1000") == ["units", "-1000", UNITS_REASON]
    assert why("minutes", "-1") == ["minutes", "-1", MINUTES_REASON]


@pytest.mark.parametrize(
    ("begin", "end", "minutes"),
    [
        ("9:00 AM", "9:30 AM", 30), ("11:50 AM", "12:10 PM", 20), ("13:05", "13:05", 0),
        ("9:00", "", None), ("", "9:30", None), ("", "", None),
    ],
)  # fmt: skip
def test_minutes_from_start_to_end(begin, end, minutes):
    """Where no column has minutes; both times are needed."""
    found = rows(begin=[begin], end=[end])
    assert found.refused.empty
    (got,) = found.lines["minutes"]
    assert (None if math.isnan(got) else got) == minutes


def test_times_that_cannot_be():
    """No clock, or an end before the start: the row is refused, nothing is guessed."""
    found = rows(begin=["9:30", "soon", "9:30"], end=["9:00", "9:30", "later"])
    assert found.refused[["row", "column", "value"]].values.tolist() == [
        [2, "end", "9:00"], [3, "begin", "soon"], [4, "end", "later"],
    ]  # fmt: skip


def test_a_column_of_minutes_goes_before_times():
    """With its gaps: who left them empty knew the times too."""
    found = rows(minutes=["15", ""], begin=["9:00", "9:00"], end=["9:30", "9:30"])
    assert found.lines["minutes"].fillna(-1).tolist() == [15, -1]


@pytest.mark.parametrize(("field", "most"), [("minutes", 1440), ("units", 999)])
def test_the_most_that_is_allowed(field, most):
    """The edge itself is in; one more is out."""
    column = "billed" if field == "units" else field
    assert one(field, str(most), column) == most
    assert one(field, f"{most}.0", column) == most
    assert one(field, str(most + 1)) is None
    assert one(field, f"{most}.01") is None
    assert why(field, "1e3" if field == "units" else "1e4")[0] == field


@pytest.mark.parametrize("text", ["", " ", "\t", "\u00a0 "])
@pytest.mark.parametrize("field", ["minutes", "units"])
def test_a_number_not_given_is_missing(field, text):
    """A gap is no zero and no mistake."""
    assert math.isnan(one(field, text, "billed" if field == "units" else field))
    found = rows(code=["97110", "97110"])
    assert found.lines[["minutes", "billed"]].isna().all(axis=None)


@pytest.mark.parametrize("odd", ["18446744073709551615", "9" * 30, "nan", "True", "abc", "-1", ""])
def test_odd_numbers_beside_each_other(odd):
    """What one row holds never changes what another is read as."""
    texts = ["15", odd, "-1", "1.5", "9223372036854775808", "30.0", "x", "7"]
    lines = rows(minutes=texts).lines.set_index("row")["minutes"].dropna()
    assert lines.to_dict() == {2: 15, 7: 30, 9: 7}


@settings(max_examples=50)
@given(st.decimals(-20, 2000, places=2), st.sampled_from(["{}", " {} ", "+{}", "0{}", "{}0"]))
def test_any_decimal_is_whole_or_refused(number, form):
    """Against decimal arithmetic."""
    text = form.format(number) if number >= 0 else str(number)
    fits = number == number.to_integral_value() and 0 <= number <= 1440
    assert one("minutes", text) == (number if fits else None)


# Dates


@pytest.mark.parametrize(
    "form", ["%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y", "%Y%m%d", "%m-%d-%Y", "%Y-%m-%d %H:%M:%S"]
)
def test_every_day_of_some_years(form):
    """Each in the month it is of, in each of the forms."""
    first = dt.date(2023, 12, 1)
    days = [first + dt.timedelta(at) for at in range(500)]
    found = rows(date=[day.strftime(form) for day in days], account=["A"] * 500)
    assert found.refused.empty
    assert found.lines["date"].tolist() == [day.strftime("%Y-%m-%d") for day in days]


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("1/31/2026", "2026-01-31"), ("1/3/26", "2026-01-03"), ("2026-1-5", "2026-01-05"),
        ("1-5-2026", "2026-01-05"), (" 2026-01-31 ", "2026-01-31"), ("02/29/2024", "2024-02-29"),
        ("2026-01-31 23:59:59", "2026-01-31"), ("1990-01-01", "1990-01-01"),
        ("12/31/99", "1999-12-31"), ("2099-12-31", "2099-12-31"), ("", ""), ("  ", ""),
    ],
)  # fmt: skip
def test_dates_at_the_edges(text, date):
    """Days without zeros, leap days, the first and the last day; a gap is no date."""
    assert one("date", text, "date") == date


@pytest.mark.parametrize(
    "text",
    [
        "02/29/2026", "2026-02-30", "20260230", "13/01/2026", "31/01/2026", "2026-13-01",
        "2026-00-10", "0000-00-00", "1989-12-31", "2100-01-01", "9999-12-31", "12/31/89", "20000",
        "2026", "2026-01", "01/2026", "1/1/1", "1/1/202", "1/1/20260", "260131", "yesterday", "NaT",
        "nan", "None", "=TODAY()", "2026-01-31 24:00:00", "-2026-01-31", "2026-01-31x", "x", "0",
        "20260131.0", "2262-04-12", "1677-09-21", "99999999999999", "31 Jan", "2026-W05",
        "now",
        "today",
        "202611",
        "2026112",
        "2026-01-31 23:59:60",
    ],
)  # fmt: skip
def test_what_is_no_date(text):
    """Refused with the value; nothing is guessed."""
    assert why("date", text) == ["date", text, DATE_REASON]


def test_dates_and_accounts_tell_visits_apart():
    """The number is the account's, the day beside it however it is written; both are needed."""
    cells = {
        "date": ["2026-01-31", "1/31/2026", "20260131", "2026-02-01", "", "2026-01-31", "x"],
        "account": ["7", " 7 ", "8", "7", "7", "", "7"],
    }
    frame = pd.DataFrame(cells | {"code": ["97110"] * 7}, index=range(2, 9), dtype=str)
    found = read_rows(Batch(frame, []), {name: (name,) for name in frame})
    assert found.lines[["row", "visit", "date", "claim"]].values.tolist() == [
        [2, "7", "2026-01-31", ""],
        [3, "7", "2026-01-31", ""],
        [4, "8", "2026-01-31", ""],
        [5, "7", "2026-02-01", ""],
    ]
    reason = "is needed to tell visits apart"
    assert found.refused[["row", "visit", "date", "column", "reason"]].values.tolist() == [
        [6, "7", "", "date", reason],
        [7, "", "2026-01-31", "account", reason],
        [8, "7", "", "date", DATE_REASON],
    ]
    assert found.incomplete == {("7", ""), ("", "2026-01-31")}


def test_claims_of_an_account_and_day_are_one_visit():
    """Minutes are pooled by patient and day (cpm-5-20.2), however many claims say them; a row
    without its account goes by its claim, which is not an account of that number."""
    found = rows(visit=["C1", "C2", "7", ""], account=["7", "7", "", "7"], date=["2026-03-02"] * 4)
    assert found.lines[["visit", "claim"]].values.tolist() == [
        ["7", "C1"], ["7", "C2"], ["claim 7", "7"], ["7", ""],
    ]  # fmt: skip


@pytest.mark.parametrize("others", [{"account": ["7"]}, {"date": ["2026-03-02"]}, {}])
def test_a_claim_is_the_number_where_account_or_date_is_not_there(others):
    """It alone tells visits apart then."""
    found = rows(visit=["C1"], **others)
    assert found.lines[["visit", "claim"]].values.tolist() == [["C1", ""]]


def test_a_visit_must_be_named():
    """By its claim or its account; blank rows apart."""
    found = rows(visit=["V1", "", "  ", " V1 "], date=["2026-03-02"] * 4)
    assert found.lines[["row", "visit"]].values.tolist() == [[2, "V1"], [5, "V1"]]
    assert found.refused["reason"].tolist() == ["must name the visit"] * 2


DAYS_FIRST = ["13/03/2026", "03/04/2026", "2026-03-05"]


def test_days_in_numbers_that_stand_before_the_month():
    """13/03/2026 can only be March 13: then 03/04 may be either, and is refused."""
    found = rows(date=DAYS_FIRST, account=["A"] * 3)
    assert found.lines["date"].tolist() == ["2026-03-05"]
    assert found.refused[["row", "column"]].values.tolist() == [[2, "date"], [3, "date"]]


def test_days_in_numbers_where_some_stand_after_the_month():
    """03/14/2026 shows that the month is first: the odd one alone is refused."""
    found = rows(date=[*DAYS_FIRST, "03/14/2026"], account=["A"] * 4)
    assert found.lines["date"].tolist() == ["2026-03-04", "2026-03-05", "2026-03-14"]
    assert found.refused["row"].tolist() == [2]


# Words


def test_modifiers_of_several_columns_are_joined():
    """In capitals, in the columns' order, with gaps between."""
    frame = pd.DataFrame(
        {
            "Visit": ["V"] * 5,
            "CPT": ["97110"] * 5,
            "Mod 1": ["gp", " GP ", "", "", "gp 59"],
            "Mod2": ["59", "", "kx", "", ""],
            "Modifier 3": ["", "KX", "", " ", "x"],
        },
        index=range(2, 7),
        dtype=str,
    )
    lines = read_rows(Batch(frame, []), recognize(frame)).lines
    assert lines["modifiers"].tolist() == ["GP 59", "GP KX", "KX", "", "GP 59 X"]


@pytest.mark.parametrize(
    ("text", "regions"),
    [
        ("cervical", "cervical"), ("CERVICAL", "cervical"), (" Neck ", "cervical"),
        ("cervical|thoracic", "cervical|thoracic"), ("Cervical; low back", "cervical|lumbar"),
        ("C-Spine, T spine / sacrum", "cervical|thoracic|sacral"), ("neck, cervical", "cervical"),
        ("lumbar,,pelvis,", "lumbar|pelvic"), ("", ""), ("N/A", ""),
        ("Low   Back", "lumbar"), ("upper extremities", "upper extremities"), ("Ribs", "rib cage"),
    ],
)  # fmt: skip
def test_regions(text, regions):
    """By names, ids and synonyms, each once, with any separator."""
    found = rows(region=[text])
    assert found.lines["region"].tolist() == [regions]
    assert not found.unknown


@pytest.mark.parametrize(
    "text", ["banana", "neck, banana", "cervical thoracic", "neck & back", "?", "|", ","]
)
def test_unknown_regions_are_counted(text):
    """A cell with a word that is not known is taken as not given, as a whole."""
    found = rows(region=[text, "neck", text])
    assert found.lines["region"].tolist() == ["", "cervical", ""]
    assert found.unknown == Counter({("region", text): 2})
    assert found.refused.empty


@pytest.mark.parametrize("shape", [str, str.upper, str.title, lambda word: f"  {word}  "])
def test_every_word_of_the_table(shape):
    """Each in any spelling, to something that the settings or regions know."""
    words = tables.file_words()
    known = {
        "payer": set(tables.payers().index),
        "place": set(CHOICES["place"]),
        "discipline": set(CHOICES["provider"]),
        "region": set(tables.regions().index),
    }
    assert set(words["field"]) == set(known)
    for field, part in words.groupby("field"):
        found = rows(**{field: [shape(word) for word in part["word"]]})
        assert found.lines[field].tolist() == part["means"].tolist()
        assert {each for means in part["means"] for each in means.split("|")} <= known[field]
        assert not found.unknown


def test_payers_and_regions_by_their_own_names():
    """By id and by name, in any case."""
    for field, table in (("payer", tables.payers()), ("region", tables.regions())):
        for words in (table.index, table["name"], table["name"].str.upper()):
            found = rows(**{field: list(words)})
            assert found.lines[field].tolist() == list(table.index)
            assert not found.unknown


@pytest.mark.parametrize("field", ["payer", "place", "discipline"])
def test_unknown_words_are_counted(field):
    """As they stand in the file, in how many rows; and taken as not given."""
    found = rows(**{field: ["Aetna", "", "aetna", "Aetna ", "=Aetna", "nan", "0"]})
    assert found.lines[field].tolist() == [""] * 7
    words = {"Aetna": 2, "aetna": 1, "=Aetna": 1, "0": 1}  # "nan" says that there is none
    assert found.unknown == Counter({(field, word): count for word, count in words.items()})


def test_text_is_kept_as_it_is():
    """Codes in capitals, the rest untouched but for blanks around it."""
    found = rows(code=[" g0283 "], visit=[" =1+1 "], provider=[" Zoë 日本 "])
    line = found.lines[["code", "visit", "provider", "date"]].values.tolist()
    assert line == [["G0283", "=1+1", "Zoë 日本", ""]]


def test_payers_not_known_are_named():
    """The payer stands by the file's own name, and what was given for a name goes before."""
    names = ["Aetna PPO", "Medicare", "aetna  ppo", "", "N/A", "Zorg"]
    found = rows(payer=names)
    assert found.lines["payer"].tolist() == ["", "medicare", "", "", "", ""]
    assert found.lines["named"].tolist() == ["Aetna PPO", "", "aetna  ppo", "", "", "Zorg"]
    frame = pd.DataFrame({"payer": names, "visit": "V", "code": "97110"}, index=range(2, 8))
    how = How(payers={"aetna ppo": "uhc", "medicare": "va"})
    again = read_rows(Batch(frame.astype(str), []), {name: (name,) for name in frame}, how)
    assert again.lines["payer"].tolist() == ["uhc", "va", "uhc", "", "", ""]
    assert again.lines["named"].tolist() == ["", "", "", "", "", "Zorg"]
    assert again.unknown == Counter({("payer", "Zorg"): 1})


def test_codes_are_left_to_the_engine():
    """A code that is none is still a line; it is refused with what is near it later."""
    assert one("code", "not a code") == "NOT A CODE"
    assert one("code", "9711O") == "9711O"


# Refused rows, and rows of no service


def test_blank_rows():
    """Blank in all columns in use, whatever the blanks; one with its visit alone lacks a code."""
    found = rows(visit=["", " ", "V1"], code=["", "\t", ""], minutes=["", "\u00a0", ""])
    assert found.refused[["row", "visit", "reason", "kind"]].values.tolist() == [
        [2, "", "is blank", "blank"],
        [3, "", "is blank", "blank"],
        [4, "V1", "is needed: the row has none", ""],
    ]
    assert found.lines.empty


@pytest.mark.parametrize(
    ("code", "kind"),
    [("PAYMENT", "payment"), ("Copay", "copay"), ("M54.5", "diagnosis"), ("Total", "total"),
     ("CPT", "repeated header"), ("99999", "code not in our tables")],
)  # fmt: skip
def test_rows_of_no_service_are_passed_over(code, kind):
    """Whatever else stands in them, and their visit lacks nothing."""
    found = rows(code=[code, "97110"], minutes=["x", "15"])
    assert found.refused[["row", "visit", "kind"]].values.tolist() == [[2, "V", kind]]
    assert found.lines["row"].tolist() == [3]
    assert found.incomplete == set()


def test_a_total_below_the_visits_is_no_row_that_lacks_a_code():
    """Neither visit nor code: passed over; a visit without a code is refused."""
    found = rows(visit=["", "V"], code=["", ""], units=["99", "1"], date=["", "2026-03-02"])
    assert found.refused["kind"].tolist() == ["total, title or footer", ""]
    assert found.incomplete == {("V", "2026-03-02")}


def test_a_column_of_kinds_says_which_rows_are_services():
    """Whatever stands in the column of codes."""
    found = rows(code=["97110", "97110", "M54.5"], kind=["CPT4", "COPAY", "ICD10"])
    assert found.lines["row"].tolist() == [2]
    assert found.refused["kind"].tolist() == ["copay", "diagnosis"]


def test_modifiers_beside_a_code():
    """They stand on the line with those of the columns, each once."""
    frame = pd.DataFrame(
        {"visit": "V", "CPT": ["97140-59-GP", "97140", "98941 AT"], "Mod": ["GP", "gp:59", ""]},
        index=range(2, 5),
        dtype=str,
    )
    found = read_rows(Batch(frame, []), recognize(frame) | {"visit": ("visit",)})
    assert found.lines["code"].tolist() == ["97140", "97140", "98941"]
    assert found.lines["modifiers"].tolist() == ["59 GP", "GP 59", "AT"]


@pytest.mark.parametrize("field", sorted(FIELDS))
def test_broken_letters_are_refused_in_any_field(field):
    """Whichever column in use they stand in; the reason comes before any other."""
    cells = {"date": ["x"], "minutes": ["-1"]} | {field: [f"Jos{BROKEN}"]}
    found = rows(**cells)
    assert found.lines.empty
    assert found.refused["reason"].tolist() == [
        "has characters that cannot be read: save as 'CSV UTF-8'"
    ]


def test_a_row_is_refused_once_with_its_visit():
    """For the first reason found; the visit is named where it is known."""
    found = rows(visit=["V1", ""], date=["x", "x"], minutes=["-1", "y"], units=["z", "-1"])
    assert found.lines.empty
    assert found.refused.values.tolist() == [
        [2, "V1", "", "date", "x", DATE_REASON, "", False],
        [3, "", "", "date", "x", DATE_REASON, "", False],
    ]


def test_rows_refused_before_are_kept_in_their_place():
    """Those of the file and those of the rows, by row number."""
    before = [(7, "has 1 values, and the header 2"), (1, "is blank")]
    found = rows(refused=before, minutes=["15", "x", "15"])
    assert found.refused.columns.tolist() == LEFT_OUT
    assert found.refused["row"].tolist() == [1, 3, 7]
    assert found.refused["value"].tolist() == ["", "x", ""]
    assert found.lines["row"].tolist() == [2, 4]


@pytest.mark.parametrize("names", [["visit", "code"], ["date", "account", "code"], FIELD_NAMES])
def test_no_rows(names):
    """An empty batch is no mistake; the columns are the same."""
    frame = pd.DataFrame(columns=names, dtype=str)
    found = read_rows(Batch(frame, []), {name: (name,) for name in names})
    assert (found.lines.columns.tolist(), len(found.lines)) == (LINES, 0)
    assert (found.refused.columns.tolist(), len(found.refused)) == (LEFT_OUT, 0)
    assert not found.unknown


def test_fields_are_those_of_the_files():
    """A field that can be recognized is read."""
    assert set(FIELD_NAMES) == set(FIELDS) == set(tables.visit_columns()["field"])


# Whatever stands in the cells

NASTY = [
    "", " ", "15", " 15 ", "15.0", "-0", "-1", "1e3", "1e400", "nan", "inf", "-inf", "None", "NaT",
    "9" * 40, "9" * 400, "18446744073709551615", "9223372036854775808", "0x1F", "True", "=1+1",
    "=cmd|' /C calc'!A0", "@x", "\t", "\r\n", "\0", BROKEN, "é", "日本", "🙂", "\u202e", "\u200b",
    "2026-01-31", "01/31/2026", "20260131", "99999999", "1e5", "2026-01-31 10:00:00", "now", "|",
    "neck|low back", "Medicare", "11", "PT", "GP", "97110", ",", ";", "'", '"', "\\", "V1", "<b>",
]  # fmt: skip
CELL = st.sampled_from(NASTY) | st.text(max_size=8) | st.integers().map(str) | st.floats().map(str)


@given(
    st.sets(st.sampled_from(FIELD_NAMES), min_size=1).flatmap(
        lambda names: st.lists(
            st.fixed_dictionaries(dict.fromkeys(sorted(names), CELL)), min_size=1, max_size=8
        )
    ),
    st.sets(st.integers(50, 60), max_size=2),
)
def test_every_row_is_a_line_or_refused_once(cells, before):
    """Or passed over, whatever stands in it, in whichever columns; and never an exception."""
    frame = pd.DataFrame(cells, index=range(2, len(cells) + 2), dtype=str)
    unread = [(row, "has 1 values, and the header 2") for row in sorted(before)]
    found = read_rows(Batch(frame, unread), {name: (name,) for name in frame})
    lines, refused = found.lines, found.refused
    assert sorted([*lines["row"], *refused["row"]]) == sorted([*frame.index, *before])
    assert refused["row"].is_monotonic_increasing
    assert lines["row"].is_monotonic_increasing
    assert (refused["reason"] != "").all()
    assert (lines.columns.tolist(), refused.columns.tolist()) == (LINES, LEFT_OUT)
    for column, least, most in (("minutes", 0, 1440), ("billed", -999, 999)):
        numbers = lines[column].dropna()
        assert numbers.between(least, most).all()
        assert (numbers % 1 == 0).all()
    assert all(re.fullmatch(r"(\d{4}-\d{2}-\d{2})?", day, re.ASCII) for day in lines["date"])
    assert (lines["visit"] != "").all()
    assert set(lines["payer"]) <= {"", *tables.payers().index}
    assert set(lines["place"]) <= {"", *CHOICES["place"]}
    assert set(lines["discipline"]) <= {"", *CHOICES["provider"]}
    regions = {"", *tables.regions().index}
    assert all(set(cell.split("|")) <= regions for cell in lines["region"])
    text = [name for name in LINES if name not in ("row", "minutes", "billed")]
    assert not lines[text].isna().any(axis=None)


@settings(max_examples=25)
@given(st.lists(st.tuples(CELL, CELL, CELL), min_size=2, max_size=8))
def test_a_row_does_not_depend_on_its_neighbors(cells):
    """Read alone it is the same line, or refused for the same reason."""
    columns = dict(
        zip(("date", "minutes", "units"), map(list, zip(*cells, strict=True)), strict=True)
    )
    together = rows(**columns)
    for at in range(len(cells)):
        alone = rows(first=at + 2, **{name: [values[at]] for name, values in columns.items()})
        for table, same in ((together.lines, alone.lines), (together.refused, alone.refused)):
            mine = table[table["row"] == at + 2]
            assert mine.astype(object).fillna("").values.tolist() == (
                same.astype(object).fillna("").values.tolist()
            )
