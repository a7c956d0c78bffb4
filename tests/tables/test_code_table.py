"""codes.csv: what it holds, and what a clinic that edits it may and may not do."""

import csv
import io
import os
import re
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
from oracles.fees import rows

import chirocalc
from chirocalc import InputError, Settings, tables
from chirocalc.visit.explain import explain

TEXT = tables.CODES_FILE.read_text(encoding="utf-8")
HEADER, *ROWS = csv.reader(io.StringIO(TEXT))
ROW_OF = {row[0]: at for at, row in enumerate(ROWS, start=2) if not row[1]}  # as a sheet counts
COMMERCIAL = Settings(payer="commercial-midpoint")
SHIPPED = tables.codes()
RVUS = ["work_rvu", "pe_rvu_office", "pe_rvu_facility", "mp_rvu"]


@pytest.fixture
def save(codes_file):
    """Put these bytes in the place of codes.csv."""
    return codes_file.write_bytes


def table(rows, header=HEADER, separator=","):
    """Rows as the bytes of a CSV."""
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator="\n").writerows([header, *rows])
    return text.getvalue().encode()


def changed(like, /, **cells):
    """Another row like that of a code."""
    row = list(ROWS[ROW_OF[like] - 2])
    for column, value in cells.items():
        row[HEADER.index(column)] = value
    return row


def edited(like, /, **cells):
    """The shipped table with cells of one code changed."""
    return table([changed(like, **cells) if row[:2] == [like, ""] else row for row in ROWS])


def error_of_reading():
    """What is said of the table in place; estimating says the same, and nothing else is raised."""
    with pytest.raises(InputError) as caught:
        tables.codes()
    with pytest.raises(InputError) as again:
        units_of("97110", 15)
    assert str(again.value) == str(caught.value)
    return caught.value


def units_of(code, minutes):
    """Units of one line of a commercial visit."""
    lines = pd.DataFrame({"code": [code], "minutes": [minutes]})
    return int(chirocalc.estimate(lines, COMMERCIAL).lines["units"].iloc[0])


# The shipped file


def test_so_many_codes_and_rows():
    """279 codes; the 66 studies have a row each for the professional and the technical part."""
    codes = tables.codes()
    assert (len(codes), codes["code"].nunique()) == (411, 279)
    assert codes["modifier"].value_counts().to_dict() == {"": 279, "26": 66, "TC": 66}
    x_rays = set(codes.loc[codes["category"].isin(["X-ray", "CT, MRI and ultrasound"]), "code"])
    assert {code for code, part in zip(codes["code"], codes["modifier"], strict=True) if part} == (
        x_rays
    )
    assert codes.index.is_unique


# As CMS prints them in RVU26B: work, PE office, PE facility, MP, total office.
KNOWN = {
    "97110": (0.45, 0.41, 0.41, 0.01, 0.87),
    "97112": (0.50, 0.47, 0.47, 0.01, 0.98),
    "97124": (0.35, 0.53, 0.53, 0.01, 0.89),
    "97140": (0.43, 0.39, 0.39, 0.01, 0.83),
    "97530": (0.44, 0.60, 0.60, 0.01, 1.05),
    "97035": (0.21, 0.21, 0.21, 0.01, 0.43),
    "97150": (0.29, 0.24, 0.24, 0.01, 0.54),
    "97161": (1.54, 1.38, 1.38, 0.01, 2.93),
    "98940": (0.45, 0.34, 0.09, 0.01, 0.80),
    "98941": (0.69, 0.45, 0.14, 0.01, 1.15),
    "98942": (0.94, 0.54, 0.19, 0.01, 1.49),
    "98943": (0.45, 0.31, 0.10, 0.03, 0.79),
    "97810": (0.61, 0.79, 0.17, 0.04, 1.44),
    "97811": (0.46, 0.36, 0.13, 0.03, 0.85),
    "99203": (1.60, 1.76, 0.38, 0.16, 3.52),
    "99213": (1.30, 1.46, 0.33, 0.09, 2.85),
    "98980": (0.62, 0.97, 0.12, 0.03, 1.62),
    "G0283": (0.18, 0.19, 0.19, 0.01, 0.38),
    "97010": (0.06, 0.13, 0.13, 0.01, 0.20),
    "72100": (0.21, 0.98, 0.98, 0.02, 1.21),
    "72100-26": (0.21, 0.10, 0.10, 0.01, 0.32),
    "72100-TC": (0.00, 0.88, 0.88, 0.01, 0.89),
}


@pytest.mark.parametrize(("key", "known"), KNOWN.items(), ids=KNOWN)
def test_known_rvus(key, known):
    """RVU26B, value by value; work + PE + MP is CMS's own total."""
    row = tables.codes().loc[key]
    assert tuple(row[RVUS]) == known[:4]
    assert round(row["work_rvu"] + row["pe_rvu_office"] + row["mp_rvu"], 2) == known[4]


def test_parts_of_an_x_ray_add_up_to_the_whole():
    """Professional and technical RVUs sum to the global row, column by column."""
    codes = tables.codes()
    parts = codes[codes["modifier"] != ""].groupby("code")[RVUS].sum().round(2)
    assert len(parts) == 66
    pd.testing.assert_frame_equal(parts, codes.loc[parts.index, RVUS], check_names=False)


MORE = rows(Path(__file__).parents[1] / "cases" / "more_codes.csv")

WITHOUT_RVUS = [
    "0552T", "97037", "97039", "97139", "97169", "97170", "97171", "97172", "97545", "97546",
    "97799", "98978", "98986", "99080", "S8948", "S9090", "S9117", "S9129",
]  # fmt: skip


def test_no_rvu_is_missing_not_zero():
    """CMS prints 0.00 for these; they have none (domain 3.1). A single 0.00 elsewhere is real."""
    codes = tables.codes()
    without = sorted([*WITHOUT_RVUS, *(row["code"] for row in MORE if not row["work_rvu"])])
    assert sorted(codes.index[codes[RVUS].isna().any(axis=1)]) == without
    assert codes.loc[without, RVUS].isna().all(axis=None)
    assert codes.at["98977", "work_rvu"] == 0


def test_more_codes_have_the_values_of_cms():
    """RVU26B and the MUE table of 2026 Q2, value by value, as they were read for 148 codes; what
    CMS's file does not have (equipment) has no value at all."""
    assert len({row["code"] for row in MORE}) == 148
    shipped = {tuple(row[:2]): dict(zip(HEADER, row, strict=True)) for row in ROWS}
    for row in MORE:
        here = shipped[row["code"], row["modifier"]]
        assert {name: here[name] for name in row} == row
    of_these = {key for key in shipped if key[0] in {row["code"] for row in MORE}}
    assert of_these == {(row["code"], row["modifier"]) for row in MORE}


FIRST = rows(Path(__file__).parents[1] / "cases" / "first_codes.csv")


def test_first_codes_have_the_values_of_cms():
    """RVU26B and the MUE table of 2026 Q2, value by value, as CMS prints them for the other 131
    codes; where it prints 0.00 in all parts there is no RVU (domain 3.1). Its totals are sums."""
    assert {row["code"] for row in [*FIRST, *MORE]} == {row[0] for row in ROWS}
    assert len({row["code"] for row in FIRST}) == 131
    shipped = {tuple(row[:2]): dict(zip(HEADER, row, strict=True)) for row in ROWS}
    parts = ["work_rvu", "pe_rvu_office", "pe_rvu_facility", "mp_rvu"]
    for row in FIRST:
        office = sum(Decimal(row[name]) for name in parts if name != "pe_rvu_facility")
        facility = sum(Decimal(row[name]) for name in parts if name != "pe_rvu_office")
        assert (row.pop("total_office"), row.pop("total_facility")) == (f"{office}", f"{facility}")
        printed = dict.fromkeys(parts, "") if not office + facility else {}
        here = shipped[row["code"], row["modifier"]]
        assert {name: here[name] for name in row} == row | printed


def test_every_row_says_its_release():
    """RVU26B throughout, and which later releases confirmed it."""
    codes = tables.codes()
    assert set(codes["release"]) == {"RVU26B"}
    later = codes["confirmed"].str.split("|").explode()
    assert set(later) == {"", "RVU26C", "RVU26D"}
    assert (later == "RVU26D").sum() == 107
    assert (later == "RVU26C").sum() == 62


def test_timed_codes():
    """The codes whose description says each 15 minutes and that pool in total time."""
    codes = tables.codes()
    timed = codes[codes["time_rule"] == "timed15"]
    assert sorted(timed.index) == [
        "97032", "97033", "97034", "97035", "97036",
        "97110", "97112", "97113", "97116", "97124", "97140",
        "97530", "97533", "97535", "97537", "97542",
        "97750", "97755", "97760", "97761", "97763", "S8948", "S8950",
    ]  # fmt: skip
    assert set(timed["unit_minutes"]) == {15}
    assert set(timed["from_minutes"]) == {8}


CLOCKS = {
    "97129": (15, 8, "once"), "97130": (15, 8, "each"),
    "97545": (120, 61, "once"), "97546": (60, 31, "each"),
    "97550": (30, 16, "once"), "97551": (15, 8, "each"),
    "97810": (15, 8, "once"), "97811": (15, 8, "each"),
    "97813": (15, 8, "once"), "97814": (15, 8, "each"),
    "98960": (30, 16, "each"),
    "98979": (10, 10, "once"), "98980": (20, 20, "once"), "98981": (20, 20, "each"),
    "90912": (15, 8, "once"), "90913": (15, 8, "each"),  # a52755
    "97802": (15, 8, "each"), "97803": (15, 8, "each"), "97804": (30, 16, "each"),  # mnt-medicare
    "98961": (30, 16, "each"), "98962": (30, 16, "each"),
    "96125": (60, 31, "each"),  # cognitive-31
    "99358": (60, 31, "once"),  # prolonged-codingintel
    "G0541": (30, 16, "once"), "G0542": (15, 8, "each"),  # caregiver-2025
    "98966": (5, 5, "once"), "98967": (11, 11, "once"), "98968": (21, 21, "once"),  # evisits
    "98970": (5, 5, "once"), "98971": (11, 11, "once"), "98972": (21, 21, "once"),
    "98016": (5, 5, "once"), "G2251": (5, 5, "once"),  # virtual-codingintel, apta-checkin
}  # fmt: skip
LAST = {
    "98979": 19, "98966": 10, "98967": 20, "98968": 30, "98970": 10, "98971": 20, "98016": 10,
    "G2251": 10,
}  # fmt: skip


def test_codes_with_their_own_clock():
    """domain 1.4: the length of a unit, from which minute it counts, once or each."""
    codes = tables.codes()
    clocks = codes[codes["time_rule"] == "clock"]
    columns = ["unit_minutes", "from_minutes", "repeats"]
    assert {row.Index: tuple(row[1:]) for row in clocks[columns].itertuples()} == CLOCKS
    assert clocks["to_minutes"].dropna().to_dict() == LAST


OFFICE_VISITS = [*(f"9920{n}" for n in range(2, 6)), *(f"9921{n}" for n in range(1, 6))]


def test_every_parent_is_in_the_table():
    """domain 1.4: which primary an add-on needs."""
    codes = tables.codes()
    parents = {row.Index: row.parent.split("|") for row in codes.itertuples() if row.parent}
    assert parents == {
        "97811": ["97810", "97813"],
        "97814": ["97813", "97810"],
        "97130": ["97129"],
        "97551": ["97550"],
        "97546": ["97545"],
        "98981": ["98980"],
        "G2211": OFFICE_VISITS,
        "90913": ["90912"],
        "97598": ["97597"],
        "0513T": ["0512T"],
        "G0542": ["G0541"],
    }
    assert {parent for names in parents.values() for parent in names} <= set(codes.index)


def test_office_visits_by_time():
    """domain 1.4: the minutes to be met."""
    codes = tables.codes()
    assert codes.loc[codes["time_rule"] == "level", "from_minutes"].to_dict() == {
        "99202": 15, "99203": 30, "99204": 45, "99205": 60,
        "99212": 10, "99213": 20, "99214": 30, "99215": 40,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("code", "mue", "mai"),
    [
        ("98940", 1, 2), ("98943", 0, 3), ("97110", 6, 3), ("97112", 4, 3), ("97140", 6, 3),
        ("97530", 6, 3), ("97035", 2, 3), ("97012", 1, 3), ("97150", 1, 3), ("97161", 1, 2),
        ("97750", 8, 3), ("97810", 1, 2), ("97811", 2, 3), ("97545", 1, 2), ("97546", 2, 3),
        ("20560", 1, 2), ("99213", 2, 3), ("72100", 2, 3),
    ],
)  # fmt: skip
def test_known_limits(code, mue, mai):
    """MUE value and adjudication indicator, practitioner table 2026 Q2."""
    row = tables.codes().loc[code]
    assert (row["mue"], row["mai"]) == (mue, mai)


@pytest.mark.parametrize("code", ["S9117", "98979", "98984", "G2211"])
def test_no_limit_is_missing_not_zero(code):
    """Codes that the MUE table does not list; 98943 has a limit, of 0."""
    assert tables.codes().loc[code, ["mue", "mai"]].isna().all()


# What cannot be used


def shown(value):
    """A value as a message shows it."""
    return f"'{value}'" if value else "the empty value"


def names_row(row, error):
    """Whether a message names this row, as a sheet or an editor counts it."""
    return re.search(rf"\b(row|line) {row}\b", str(error)) is not None


NO_CODES = [
    (b"", "nothing in it"),
    (b"\xef\xbb\xbf", "nothing in it"),
    (b"\n\n\n", "nothing in it"),
    (TEXT.partition("\n")[0].encode(), "no rows"),
    (TEXT.partition("\n")[0].encode() + b"\r\n", "no rows"),
]


@pytest.mark.parametrize(("content", "words"), NO_CODES)
def test_file_without_codes(save, content, words):
    """Emptied, or the header alone."""
    save(content)
    error = error_of_reading()
    assert str(error).startswith("codes.csv")
    assert words in str(error)


def test_file_not_there(codes_file):
    """Renamed or deleted."""
    codes_file.unlink()
    assert str(error_of_reading()) == "codes.csv, file: 'codes.csv' was not found"


BAD_CELLS = [
    *(("97110", "code", code, "five-character") for code in ("9711", "971100", "9711o", "")),
    ("97110", "work_rvu", "n/a", "number"),
    ("97110", "pe_rvu_office", "0.455", "two decimals"),
    ("97110", "pe_rvu_facility", "-0.41", "number"),
    ("97110", "mp_rvu", "0,01", "number"),
    ("97110", "work_rvu", "4.5E-1", "number"),
    ("97110", "work_rvu", "inf", "number"),
    ("97110", "work_rvu", "٠.٤٥", "number"),  # digits, but not those of a number in a CSV
    ("97110", "mue", "٦", "whole number"),
    ("97110", "mue", "6.5", "whole number"),
    ("97110", "mai", "4", "1, 2, 3"),
    ("97110", "status", "Q", "A, B, C"),
    ("97110", "status", "", "how CMS pays"),
    ("97110", "time_rule", "timed", "timed15, clock, untimed"),
    ("97110", "unit_minutes", "fifteen", "whole minutes"),
    ("97110", "name", "", "must not be empty"),
    ("97110", "release", " ", "must not be empty"),
    ("97110", "global_days", "5", "000, 010, 090"),
    ("97110", "quick", "first", "place"),
    ("97811", "parent", "97810;97813", "|"),
    ("98979", "repeats", "twice", "once, each"),
    ("72100", "facility_na", "yes", "NA"),
]


@pytest.mark.parametrize(("code", "column", "value", "allowed"), BAD_CELLS)
def test_value_that_cannot_stand_there(save, code, column, value, allowed):
    """File, row as a sheet counts it, column, value, and what is allowed."""
    save(edited(code, **{column: value}))
    (problem,) = error_of_reading().problems
    place = f"codes.csv, row {ROW_OF[code]}, {column}: {shown(value.strip())} must"
    assert str(problem).startswith(place)
    assert allowed in problem.allowed


# Faults that only a whole row or the whole file shows: changed cells, column, value, words.
BAD_ROWS = [
    ("97810", {"unit_minutes": ""}, "unit_minutes", "", "minutes"),
    ("97810", {"from_minutes": ""}, "unit_minutes", "15", "from_minutes"),
    ("97810", {"unit_minutes": "0"}, "repeats", "once", "above 0"),
    ("97810", {"repeats": ""}, "repeats", "", "once or each"),
    ("97110", {"unit_minutes": "30"}, "unit_minutes", "30", "15"),
    ("97110", {"from_minutes": ""}, "unit_minutes", "15", "from_minutes"),
    ("97811", {"parent": "97810|97899"}, "parent", "97810|97899", "97899"),
    ("97110", {"work_rvu": ""}, "work_rvu", "", "some"),
    ("97110", {"pe_rvu_facility": ""}, "work_rvu", "0.45", "some"),
    ("97110", {"mp_rvu": ""}, "work_rvu", "0.45", "some"),
    ("S9117", {"work_rvu": "0.11"}, "work_rvu", "0.11", "some"),
]


@pytest.mark.parametrize(("code", "cells", "column", "value", "words"), BAD_ROWS)
def test_row_that_does_not_hold_together(save, code, cells, column, value, words):
    """A clock without minutes, half the RVUs, an add-on to nothing."""
    save(edited(code, **cells))
    problem = error_of_reading().problems[0]
    place = f"codes.csv, row {ROW_OF[code]}, {column}: {shown(value)} "
    assert str(problem).startswith(place)
    assert words in problem.allowed


def test_duplicate_names_both_rows(save):
    """The later one is at fault and says where the first stands."""
    save(table([*ROWS, changed("97110", name="Exercise again")]))
    assert str(error_of_reading()) == (
        f"codes.csv, row {len(ROWS) + 2}, code: '97110' already stands in row {ROW_OF['97110']} "
        "with the same modifier"
    )


def test_part_twice(save):
    """A whole row turned into a second professional part."""
    save(edited("72100", modifier="26"))
    row = ROW_OF["72100"]
    assert f"codes.csv, row {row + 1}, code: '72100' already stands in row {row}" in str(
        error_of_reading()
    )


def test_part_without_the_whole(save):
    """A professional component needs its global row."""
    save(table([row for row in ROWS if row[:2] != ["72100", ""]]))
    error = error_of_reading()
    assert {problem.row for problem in error.problems} == {ROW_OF["72100"], ROW_OF["72100"] + 1}
    assert f"codes.csv, row {ROW_OF['72100']}, code: '72100'" in str(error)


def test_several_faults_are_told_together(save):
    """In the order of the rows, so that one pass through the sheet mends them."""
    rows = [changed(row[0], work_rvu="?") if row[0] in ("97112", "97110") else row for row in ROWS]
    rows[0] = [*rows[0][:2], "", *rows[0][3:]]
    save(table(rows))
    found = [(problem.row, problem.column) for problem in error_of_reading().problems]
    assert found == [(2, "name"), (ROW_OF["97110"], "work_rvu"), (ROW_OF["97112"], "work_rvu")]


@pytest.mark.parametrize("column", ["code", "work_rvu", "mai", "quick"])
def test_missing_column(save, column):
    """The header is row 1."""
    at = HEADER.index(column)
    save(table([row[:at] + row[at + 1 :] for row in ROWS], HEADER[:at] + HEADER[at + 1 :]))
    assert f"codes.csv, row 1, {column}: '{column}' is a column" in str(error_of_reading())


@pytest.mark.parametrize("name", ["mue", " mue", "mue "])
def test_two_columns_of_one_name(save, name):
    """Which of the two would count? Neither: the header is at fault, and says which name."""
    save(table([[*row, "9"] for row in ROWS], [*HEADER, name]))
    assert "codes.csv, row 1, mue: 'mue'" in str(error_of_reading())


@pytest.mark.parametrize("separator", [";", "\t"])
def test_other_separators(save, separator):
    """What a spreadsheet saves elsewhere in the world; its cells still hold commas."""
    save(table(ROWS, separator=separator))
    assert str(error_of_reading()).startswith("codes.csv, row 1, ")
    assert "separated by commas" in str(error_of_reading())


@pytest.mark.parametrize(
    ("content", "row", "shown"),
    [
        (TEXT.replace("Paraffin wax", "Paraffiné").encode("cp1252"), ROW_OF["97018"], "97018"),
        (TEXT.encode("utf-16"), 1, "UTF-8"),
    ],
    ids=["cp1252", "utf-16"],
)
def test_not_utf8(save, content, row, shown):
    """The first line that cannot be read, and what to save as."""
    save(content)
    error = error_of_reading()
    assert str(error).startswith(f"codes.csv, row {row}, encoding: ")
    assert shown in str(error)
    assert "CSV UTF-8" in str(error)


def test_utf16_without_a_mark(save):
    """Every other byte is NUL."""
    save(TEXT.encode("utf-16-le"))
    assert str(error_of_reading()).startswith("codes.csv")


@pytest.mark.parametrize("more", [["x"], ["x", "y"]], ids=len)
@pytest.mark.parametrize(
    "rows", [[2], [ROW_OF["97110"]], range(2, len(ROWS) + 2)], ids=["2", "mid", "all"]
)
def test_row_with_too_many_fields(save, rows, more):
    """A comma too many moves cells; with one in the first row they must not move in silence."""
    save(table([row + more if at in rows else row for at, row in enumerate(ROWS, start=2)]))
    error = error_of_reading()
    assert str(error).startswith("codes.csv")
    assert names_row(rows[0], error)


def test_row_with_too_few_fields(save):
    """The cells that are not there are named."""
    save(table([row[:6] if row[0] == "97110" else row for row in ROWS]))
    row = ROW_OF["97110"]
    assert f"codes.csv, row {row}, time_rule: the empty value must" in str(error_of_reading())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("97110,", "97110\0,"),
        (",0.45,0.41,0.41,", ",0.45\0,0.41,0.41,"),
        ("Therapeutic exercise", "Thera\0peutic exercise"),
    ],
    ids=["code", "rvu", "name"],
)
def test_nul_bytes(save, before, after):
    """A damaged file: not even a name may hold one."""
    at = TEXT.index("\n97110,") + 1
    save((TEXT[:at] + TEXT[at:].replace(before, after, 1)).encode())
    assert str(error_of_reading()).startswith(f"codes.csv, row {ROW_OF['97110']}, ")


def test_nul_in_the_header(save):
    """A column of another name."""
    save(TEXT.replace(",mue,", ",mue\0,", 1).encode())
    assert str(error_of_reading()).startswith("codes.csv, row 1, encoding: ")


@pytest.mark.parametrize("code", ["0552T", "97110", "S9117", "S9129"])
def test_quote_never_closed(save, code):
    """It swallows the rows after it: the row it stands in is named, as a sheet counts."""
    at = TEXT.index(f"\n{code},,") + len(f"\n{code},,")
    save((TEXT[:at] + '"' + TEXT[at:].replace('"', "")).encode())
    error = error_of_reading()
    assert str(error).startswith("codes.csv")
    assert names_row(ROW_OF[code], error)


def test_quote_closed_a_row_too_late(save):
    """97110 would take the RVUs of 97112, and 97112 be gone."""
    text = TEXT.replace("\n97110,,Ther", '\n97110,,"Ther').replace("\n97112,,Neuro", '\n97112,,"')
    text = text.replace('\n97112,,"muscular re-education,', '\n97112,,"muscular re-education",')
    assert text != TEXT
    save(text.replace('"muscular', '"Neuromuscular').encode())
    assert str(error_of_reading()).startswith(f"codes.csv, row {ROW_OF['97110']}, ")


def test_office_visit_without_its_minutes(save):
    """A level asks for its minutes: the row is refused, also where it would be explained."""
    save(edited("99213", from_minutes=""))
    assert str(error_of_reading()).startswith(f"codes.csv, row {ROW_OF['99213']}, from_minutes: ")
    with pytest.raises(InputError):
        explain(chirocalc.estimate(pd.DataFrame({"code": ["99213"], "minutes": [25]})))


# Good edits


def test_code_of_the_clinic(save):
    """A row of its own, after the shipped ones, is a code like any other."""
    own = changed("97110", code="97199", name="Our own exercise", work_rvu="1.00", quick="")
    save(table([*ROWS, own]))
    lines = pd.DataFrame({"code": ["97199"], "minutes": [30]})
    line = chirocalc.estimate(lines, COMMERCIAL).lines.iloc[0]
    assert (line["units"], line["work_rvu"], line["total_rvu"]) == (2, 2.0, 2.84)
    assert line["fee"] == 2 * 47.43  # (1.00 + 0.41 + 0.01) x 33.4009 a unit


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + TEXT.encode(),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.rstrip("\n").encode(),
        table([row[::-1] for row in ROWS], HEADER[::-1]),
        table([[*row, "ours"] for row in ROWS], [*HEADER, "remark"]),
        table([[*row, "", ""] for row in ROWS], [*HEADER, "", ""]),
        table([[f" {cell} " for cell in row] for row in ROWS], [f" {name} " for name in HEADER]),
        # every cell in quotes
        ("\n".join('"' + '","'.join(row) + '"' for row in [HEADER, *ROWS]) + "\n").encode(),
    ],
    ids=[
        "mark",
        "crlf",
        "no-end",
        "reordered",
        "more-columns",
        "empty-columns",
        "spaces",
        "quoted",
    ],
)
def test_as_spreadsheets_save_it(save, content):
    """The same table, whatever a spreadsheet does around its cells."""
    save(content)
    pd.testing.assert_frame_equal(tables.codes(), SHIPPED)


def test_spreadsheet_shortens_numbers(save):
    """Excel turns 000 into 0, 0.50 into 0.5 and 1.00 into 1: all are read."""
    numbers = {HEADER.index(column) for column in [*RVUS, "global_days"]}
    rows = [
        [f"{float(cell):g}" if at in numbers and cell[:1].isdigit() else cell
         for at, cell in enumerate(row)]
        for row in ROWS
    ]  # fmt: skip
    save(table(rows))
    codes = tables.codes()
    assert codes.at["98941", "global_days"] == "0"
    assert (SHIPPED["global_days"] == "000").sum() == (codes["global_days"] == "0").sum() > 0
    pd.testing.assert_frame_equal(codes[RVUS], SHIPPED[RVUS])


def test_change_while_running(tmp_path, save):
    """The next call sees the new file; units, RVUs and dollars follow; a fault can be mended."""
    lines = pd.DataFrame({"code": ["97110"], "minutes": [15]})

    def put(content, seconds):
        save(content)
        os.utime(tmp_path / "codes.csv", (seconds, seconds))

    def answer():
        row = chirocalc.estimate(lines, COMMERCIAL).lines.iloc[0]
        return row["units"], row["work_rvu"], row["fee"]

    put(TEXT.encode(), 1_700_000_001)
    assert answer() == (1, 0.45, 29.06)
    put(edited("97110", work_rvu="1.45"), 1_700_000_002)
    assert answer() == (1, 1.45, 62.46)
    put(edited("97110", work_rvu="?"), 1_700_000_003)
    with pytest.raises(InputError, match="work_rvu"):
        answer()
    put(edited("97110", time_rule="untimed", unit_minutes="", from_minutes=""), 1_700_000_004)
    assert answer() == (1, 0.45, 29.06)
    assert units_of("97110", 45) == 1
    (tmp_path / "codes.csv").unlink()
    with pytest.raises(InputError, match="not found"):
        answer()
    put(TEXT.encode(), 1_700_000_005)
    assert units_of("97110", 45) == 3
