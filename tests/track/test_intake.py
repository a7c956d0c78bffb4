"""Files into the log, without doubles; out of it, and in again equal."""

import io
import json
import time
from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles.claims import SECRETS, claims_body, envelope, written

from chirocalc import InputError, Settings, exports
from chirocalc.audit import columns_of, open_file, sample, services_in
from chirocalc.tables import books
from chirocalc.track import (
    Log,
    Row,
    bring_back,
    by_month_and_code,
    export,
    frame_of,
    priced,
    read_file,
    sample_rows,
    take,
    write_backup,
)
from chirocalc.track.backup import is_backup, read_backup
from chirocalc.track.intake import rows_of_export, rows_of_services

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
    found, problems = rows_of_services(services(*rows), "visits.csv")
    return take(log, found, len(problems), [str(each) for each in problems])


def taken_of(log, content, name):
    found = read_file(content, name)
    return take(log, found.rows, found.refused, found.said, found.passed)


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
    result = taken_of(log, content, "month.csv")
    assert len(result.new) == len(lines) > 100
    text = write_backup(log.everything, {}).decode()
    for column in ("visit", "account", "provider"):
        if column in lines:
            assert not [each for each in lines[column].astype(str).unique() if len(each) > 6
                        and each in text]  # fmt: skip
    assert taken_of(log, content, "again.csv").new == []
    assert result.passed + result.refused == len(left_out)


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
    found = read_file(content, name)
    assert (found.refused, found.passed) == (0, 0)
    return found.rows


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
    back = read_file(content, "b.json")
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


PATIENT = "MARY-ANNE ZEBRA"


@pytest.mark.parametrize("at", range(11))
def test_of_a_row_that_slipped_no_patient_is_repeated(at):
    """A name wherever a value of our own export stands, and one more column than there is."""
    values = ["a1b2c3d4e5", "2026-03-02", "97110", "1", "15", "1", "GP", "", "va", "", "done"]
    values.insert(at, PATIENT)
    header = "id,date,code,units,minutes,times,modifiers,place,payer,tag,status,more"
    found = read_file(f"{header}\n{','.join(values)}\n".encode(), "log.csv")
    assert found.refused + len(found.rows) == 1
    assert PATIENT not in str(found)
    assert "ZEBRA" not in write_backup(found.rows, {}).decode()


def test_of_visits_that_slipped_no_patient_is_repeated():
    text = f"date,code,units,minutes\n2026-03-02,97110,1,15\n{PATIENT},2026-03-02,97110,1\n"
    found = read_file(text.encode(), "visits.csv")
    assert (len(found.rows), found.refused) == (1, 1)
    assert PATIENT not in str(found)


def test_a_file_beyond_a_log_is_refused():
    """Rows of a file are bounded, and what takes long is read apart from the page."""
    lines = "2026-03-02,97110,1,15\n" * 50_001
    with pytest.raises(InputError, match="more than the 50,000 rows"):
        read_file(f"date,code,units,minutes\n{lines}".encode(), "visits.csv")


def test_many_codes_that_are_not_known_are_read_in_time():
    """Codes that are near are named for the few that are told."""
    lines = "".join(f"a{n:09},2026-03-02,Z{n:04},1\n" for n in range(5000))
    begun = time.process_time()
    found = read_file(f"id,date,code,times\n{lines}".encode(), "log.csv")
    assert (found.rows, found.refused) == ([], 5000)
    assert sum("nearest" in words or "nothing near" in words for words in found.said) <= 20
    assert time.process_time() - begun < 5


def test_a_claim_file_goes_into_the_log():
    """Its service lines, and nothing of a patient."""
    lines = [
        {"code": code, "modifiers": [modifier], "basis": "UN", "quantity": units, "place": "",
         "rendering": None, "dtp": ("D8", "20260302", "20260302")}
        for code, modifier, units in (("98941", "AT", "1"), ("97110", "GP", "2"))
    ]  # fmt: skip
    clinic = {"names": ["2", "SPINE CLINIC LLC"], "label": "SPINE CLINIC LLC", "discipline": "",
              "taxonomy": "111N00000X"}  # fmt: skip
    claim = {"account": "A1", "place": "11", "frequency": "1", "date": None, "billing": clinic,
             "payer": ("MEDICARE", "MB", "MEDICARE"), "rendering": None, "patient": False,
             "other": False, "level": "P", "lines": lines}  # fmt: skip
    body = claims_body([claim])
    content = written(envelope([("837", "005010X222A1", body)]), "*:~", "\n").encode()
    found = read_file(content, "claims.837")
    assert sorted((row.date, row.code, row.units, row.modifiers) for row in found.rows) == [
        ("2026-03-02", "97110", 2, "GP"), ("2026-03-02", "98941", 1, "AT"),
    ]  # fmt: skip
    assert (found.refused, found.said) == (0, [])
    assert not any(secret in repr(found.rows) for secret in SECRETS)


def test_the_tables_are_looked_up_once_for_a_file(monkeypatch):
    """Not for each row, where it takes longer than all else."""
    read_file(b"date,code,units\n2026-03-02,98941,1\n", "x.csv")  # the tables are read by now
    seen = []
    mark = books.mark
    monkeypatch.setattr(books, "mark", lambda *args: seen.append(1) or mark(*args))
    for size in (10, 300):
        lines = "".join(f"2026-03-{1 + at % 28:02},98941,1,{at}\n" for at in range(size))
        seen.clear()
        assert len(read_file(f"date,code,units,minutes\n{lines}".encode(), "x.csv").rows) == size
        assert len(seen) < 20
