"""A patient's values in no output, whatever becomes of their rows."""

import csv
import io
import itertools
import random
import re

import pytest

from chirocalc import Settings
from chirocalc.audit import (
    How,
    audit_file,
    audit_parts,
    open_file,
    opened_file,
    summary,
)
from chirocalc.audit.left_out import _is_typo
from chirocalc.errors import InputError
from chirocalc.exports import csv_bytes, excel_bytes
from chirocalc.sheets import audit_sheet, audit_workbook

HEADER = ["Account", "Patient Name", "DOB", "ZIP", "Date", "CPT", "Units", "Minutes", "Mod"]
CANARIES = ("Trillian", "Zaphod", "1958-06-17", "06/17/1958", "60614", "99887")
ROW = ["A17", "Zaphod", "1958-06-17", "60614", "2026-03-02", "97110", "1", "15", "GP"]
GOOD = [["A1", "Ann", "1970-01-01", "10001", "2026-03-02", "97110", "1", "15", "GP"]] * 3


def text_of(rows, header=True):
    out = io.StringIO()
    csv.writer(out).writerows([HEADER, *rows] if header else rows)
    return out.getvalue().encode()


def outputs(content):
    """All that comes of a file, as text: page and files, or the error."""
    try:
        opened = opened_file(content, "visits.csv")
        packed = audit_file(content, "visits.csv", None, opened.known, Settings(), How())
    except InputError as error:
        return str(error) + repr(error.problems)
    answer = packed.answer()
    sheets = audit_workbook(answer, opened.known, Settings(), "visits.csv")
    told = [
        csv_bytes(each).decode()
        for each in (answer.findings, answer.lines, answer.refused, *sheets.values())
    ]
    told += [summary(answer.totals, Settings(), opened.known), repr(answer.totals)]
    told.append(audit_sheet(answer.totals, Settings(), "visits.csv"))
    assert excel_bytes(sheets)
    return "\n".join(told)


def on_the_command_line(content):
    file = open_file(content, "visits.csv")
    columns = opened_file(content, "visits.csv").known
    parts = audit_parts([file], columns, Settings(), 2)
    try:
        return "\n".join(part.refused.to_csv() for part in parts)
    except InputError as error:
        return str(error)


def leaks(text):
    return [canary for canary in CANARIES if canary in text]


def slipped(at, by):
    """The row with a value too many, or one too few, from a place on, at its header's length."""
    row = [*ROW[:at], *["Trillian"] * by, *ROW[at:]] if by > 0 else ROW[:at] + ROW[at - by :]
    return (row + [""] * len(HEADER))[: len(HEADER)]


@pytest.mark.parametrize(("at", "by"), list(itertools.product(range(4), [-2, -1, 1, 2])))
def test_a_row_that_has_slipped(at, by):
    """Its values stand in other columns than their own: none of them is repeated."""
    content = text_of([*GOOD, slipped(at, by)])
    assert leaks(outputs(content)) == []
    assert leaks(on_the_command_line(content)) == []


@pytest.mark.parametrize("column", ["Date", "CPT", "Units", "Minutes", "Mod"])
@pytest.mark.parametrize("value", CANARIES)
def test_a_value_in_another_column(column, value):
    """A day of birth, a ZIP code, a name where something else should stand."""
    if column == "CPT" and re.fullmatch("[0-9]{5}", value):
        pytest.skip("a code by its form, in a row that has all else right")
    row = list(ROW)
    row[HEADER.index(column)] = value
    row[0] = "A18"
    assert leaks(outputs(text_of([*GOOD, row]))) == []


def test_a_file_without_a_header():
    """Its first row is nobody's to see, in the error least of all."""
    text = outputs(text_of([ROW, *GOOD], header=False))
    assert "has no header" in text
    assert leaks(text) == []


def test_days_of_another_column():
    """Of a column that is not read only the year is said."""
    rows = "\n".join(["Visit,CPT,Born", "1,97110,1995-06-17", "2,97110,1995-06-17"])
    text = outputs(rows.encode())
    assert "holds days of 1995" in text
    assert "06-17" not in text


def test_what_may_be_repeated():
    """What has the form of what belongs there, of a row that is read in all else."""
    rows = [
        ["A2", "", "", "", "2026-03-02", "97l10", "1", "15", ""],
        ["A3", "", "", "", "2026-03-02", "97110", "1", "1441", ""],
        ["A4", "", "", "", "2026-03-02", "12345", "1", "15", ""],
        ["A5", "", "", "", "2026-03-02", "ABC", "1", "15", ""],
        ["A6", "", "", "", "2019-03-02", "97110", "1", "15", ""],
    ]
    packed = audit_file(
        content := text_of([*GOOD, *rows]), "v.csv", None, opened_file(content, "v.csv").known,
        Settings(), How(),
    )  # fmt: skip
    got = packed.table("refused")[["row", "visit", "value"]].values.tolist()
    assert got == [
        [5, "A2", "97L10"], [6, "A3", "1441"], [7, "A4", "12345"], [8, "", ""], [9, "A6", "2019"],
    ]  # fmt: skip


@pytest.mark.parametrize("code", ["97110X", "9711O", "9711", "7110", "97l10".upper(), "98941"])
def test_mistyped_codes(code):
    assert _is_typo(code)


@pytest.mark.parametrize("code", ["JANE", "", "60614", "97110-GP", "A17", "9" * 6])
def test_no_mistyped_codes(code):
    assert not _is_typo(code)


NASTY = ["", ",", '"', ";", "\t", "\n", "\r\n", "\0", "=1+1", "é", "97110", "2026-03-02", "\xff"]


@pytest.mark.parametrize("seed", range(40))
def test_mutated_files(seed):
    """Bytes taken out, put in, doubled: an answer or a sentence, and no name in any output."""
    roll = random.Random(seed)
    rows = [GOOD[0]] * 20 + [["A9", "Trillian", "06/17/1958", "60614", *ROW[4:]]] * 5
    data = bytearray(text_of(rows))
    for _ in range(roll.randint(1, 6)):
        at, size = roll.randrange(len(data)), roll.randint(0, 12)
        more = roll.choice(NASTY).encode("latin-1") * roll.randint(1, 3)
        data[at : at + size] = more if roll.random() < 0.7 else data[at : at + 2 * size]
    text = outputs(bytes(data))
    header = bytes(data).split(b"\n")[0].decode("latin-1")
    if all(re.search(rf"(^|,){name}(,|$)", header.strip()) for name in HEADER):
        assert leaks(text) == []
