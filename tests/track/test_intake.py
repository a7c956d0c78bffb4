"""Files into the log, without doubles; out of it, and in again equal."""

import io
import json
from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chirocalc import InputError, Settings, exports
from chirocalc.audit import columns_of, open_file, sample, services_in
from chirocalc.track import (
    Log,
    Row,
    bring_back,
    by_month_and_code,
    export,
    frame_of,
    is_backup,
    is_own,
    priced,
    read_backup,
    rows_of_export,
    rows_of_services,
    sample_rows,
    take,
    write_backup,
)

COLUMNS = ["row", "date", "code", "billed", "minutes", "modifiers", "payer", "place"]


def of(payer, place):
    return Settings(payer=payer or "medicare", place=place or "office")


def said(rows):
    """What rows say, whatever their ids are."""
    return sorted(map(str, (row[2:] for row in rows)))


def services(*rows):
    """Services as the audit reads them: (date, code, billed, minutes)."""
    table = [(at, *row, "AT", "medicare", "") for at, row in enumerate(rows, start=2)]
    return pd.DataFrame(table, columns=COLUMNS)


def taken(log, *rows):
    return take(log, *rows_of_services(services(*rows), "visits.csv"))


SERVICE = st.tuples(
    st.sampled_from(["2026-03-02", "2026-03-03"]),
    st.sampled_from(["98941", "97110"]),
    st.sampled_from([None, 1, 2]),
    st.sampled_from([None, 15]),
)


@settings(max_examples=40)
@given(st.lists(SERVICE, max_size=12), st.randoms())
def test_the_same_file_again_brings_nothing_new(rows, random):
    """Whatever the order of its rows; of a larger file only what it has more."""
    log = Log()
    assert len(taken(log, *rows).new) == len(rows)
    again = list(rows)
    random.shuffle(again)
    result = taken(log, *again, ("2026-03-02", "98941", 1, None))
    assert (len(result.new), result.known) == (1, len(rows))
    assert len(log) == len(rows) + 1


def test_what_was_deleted_stays_deleted_until_it_is_brought_back():
    log = Log()
    put = taken(log, ("2026-03-02", "98941", 1, None), ("2026-03-02", "97110", 2, None)).new
    log.delete([row.id for row in put])
    again = taken(log, ("2026-03-02", "98941", 1, None), ("2026-03-02", "97110", 2, None))
    assert (again.new, again.known, len(again.deleted)) == ([], 0, 2)
    assert len(log) == 0
    bring_back(log, again.deleted)
    assert sorted(row.code for row in log) == ["97110", "98941"]


def test_rows_that_cannot_be_used_are_counted_and_said():
    result = taken(
        Log(), ("", "98941", 1, None), ("2026-03-02", "98999", 1, None),
        ("2026-03-02", "98941", 1000, None), ("2026-03-02", "97110", None, 25),
    )  # fmt: skip
    assert len(result.new) == 1
    assert result.refused == 3
    assert result.said[0].startswith("visits.csv, row 2, date: the empty value must be a day")
    assert "row 3, code: '98999'" in result.said[1]


def test_of_a_file_only_what_the_log_holds_is_taken():
    """No number, no name, no provider of the sample month is anywhere in the log."""
    content = exports.csv_bytes(sample())
    file = open_file(content, "month.csv")
    lines, left_out = services_in([file], columns_of([file]))
    log = Log()
    result = take(log, *rows_of_services(lines, "month.csv"))
    assert len(result.new) == len(lines) > 100
    text = write_backup(log.everything, {}).decode()
    for column in ("visit", "account", "provider"):
        if column in lines:
            assert not [each for each in lines[column].astype(str).unique() if len(each) > 6
                        and each in text]  # fmt: skip
    again = open_file(content, "month.csv")
    assert take(log, *rows_of_services(services_in([again], columns_of([again]))[0], "x")).new == []
    assert len(left_out) >= 0


ROWS = st.lists(
    st.builds(
        Row,
        st.integers(0, 10**9).map(lambda n: f"{n:010}"),
        st.just(5),
        st.sampled_from(["2026-03-02", "2023-01-09"]),
        st.sampled_from(["98941", "97110"]),
        st.sampled_from([None, 1, 3]),
        st.sampled_from([None, 0, 33]),
        st.integers(1, 40),
        st.sampled_from(["", "AT", "GP 59"]),
        st.sampled_from(["", "facility"]),
        st.sampled_from(["", "va"]),
        st.sampled_from(["", "room-2", "=tag", "-1"]),
        st.sampled_from(["done", "paid"]),
    ),
    max_size=8,
    unique_by=lambda row: row.id,
)


def from_export(content, name):
    file = open_file(content, name, "Log" if name.endswith("xlsx") else None)
    assert is_own(file.header)
    parts = [batch.rows for batch in file.batches(file.header)]
    rows, problems = rows_of_export(pd.concat(parts), name)
    assert problems == []
    return rows


@settings(max_examples=20)
@given(ROWS.filter(len))
def test_an_export_comes_back_equal(rows):
    """Through CSV: the same rows with the same ids, so that nothing is new in the log it is of."""
    table = export(priced(frame_of(rows), of))
    log = Log(rows)
    back = from_export(exports.csv_bytes(table), "log.csv")
    assert take(log, back).new == []
    fresh = Log()
    take(fresh, back)
    assert said(fresh) == said(rows)


def test_an_excel_export_comes_back_equal():
    rows = sample_rows(date(2026, 11, 27))
    table = export(priced(frame_of(rows), of))
    content = exports.excel_bytes({"Log": table, "By month": by_month_and_code(priced(
        frame_of(rows), of))})  # fmt: skip
    fresh = Log()
    take(fresh, from_export(content, "log.xlsx"))
    assert said(fresh) == said(rows)


def test_a_faulty_export_is_said_row_by_row():
    text = pd.DataFrame(
        {"id": ["aaaa", "bbbb"], "date": ["2026-03-02", "2026-03-40"], "code": ["97110", "97110"],
         "times": ["x", "1"]}, index=[2, 3],
    )  # fmt: skip
    rows, problems = rows_of_export(text, "log.csv")
    assert rows == []
    assert [str(each)[:22] for each in problems] == [
        "log.csv, row 2, times:",
        "log.csv, row 3, date: ",
    ]


@settings(max_examples=30)
@given(ROWS, st.sets(st.integers(0, 7)))
def test_a_backup_holds_all_with_what_was_deleted(rows, gone):
    log = Log(rows)
    log.delete([row.id for at, row in enumerate(rows) if at in gone], 9)
    content = write_backup(log.everything, {"goal": 5})
    assert is_backup(content)
    back = read_backup(content, "b.json")
    assert (sorted(back.rows, key=str), back.kept, back.odd) == (
        sorted(log.everything, key=str),
        {"goal": 5},
        [],
    )
    other = Log(rows)
    other.take(back.rows)
    assert set(other.everything) == set(log.everything)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"what": "chirocalc log", "vers', "is not a backup of a log, or was cut off"),
        (b'{"what": "chirocalc log", "version": 9, "rows": []}', "of another version, 9"),
        (b'{"what": "x", "version": 1, "rows": []}', "is not a backup of a log"),
        (b"[]", "is not a backup"),
    ],
)
def test_a_damaged_backup_is_said(content, said):
    with pytest.raises(InputError) as raised:
        read_backup(content, "b.json")
    assert said in str(raised.value)


def test_the_export_says_what_was_computed_and_the_months_add_up():
    rows = sample_rows(date(2026, 11, 27))
    table = priced(frame_of(rows), of)
    csv = pd.read_csv(io.BytesIO(exports.csv_bytes(export(table))))
    months = by_month_and_code(table)
    assert (
        round(csv["work_rvu"].sum(), 2)
        == round(months["work_rvu"].sum(), 2)
        == (table["work"].sum() / 100)
    )
    assert csv["all_units"].sum() == months["units"].sum()
    assert json.loads(csv.to_json())["date"]["0"] == rows[-1].date
