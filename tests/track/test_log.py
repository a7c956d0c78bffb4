"""Rows as text, and logs that are merged in any order without losing anything."""

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import track as oracle

from chirocalc import InputError
from chirocalc.track import Log, Row, check_row, read_rows, write_rows
from chirocalc.track.rows import FIRST_DAY, LAST_DAY

IDS = st.text("0123456789abcdefghijklmnopqrstuvwxyz", min_size=4, max_size=12)
DAYS = st.dates().filter(lambda day: 2000 <= day.year <= 2099).map(lambda day: day.isoformat())
ROWS = st.builds(
    Row,
    id=IDS,
    stamp=st.integers(0, 2**42),
    date=DAYS,
    code=st.sampled_from(["98941", "97110", "G0283", "0101T", "99999"]),
    units=st.none() | st.integers(0, 999),
    minutes=st.none() | st.integers(0, 1440),
    times=st.integers(1, 999),
    modifiers=st.sampled_from(["", "AT", "GP 59"]),
    place=st.sampled_from(["", "office", "facility"]),
    payer=st.sampled_from(["", "medicare", "uhc"]),
    tag=st.sampled_from(["", "room 2", "neck"]),
    status=st.sampled_from(["done", "billed", "paid", "denied"]),
)
GONE = st.tuples(IDS, st.integers(0, 2**42)).map(lambda given: Row(*given))


@settings(max_examples=50)
@given(st.lists(ROWS | GONE, max_size=6))
def test_rows_come_back_from_their_text(rows):
    assert read_rows(write_rows(rows)) == (rows, [])


@given(st.text())
def test_text_that_is_no_row_is_set_aside_and_never_lost(text):
    """Each line is either a row that is written the same, or handed back as it was."""
    rows, odd = read_rows(text)
    assert len(rows) + len(odd) == sum(1 for line in text.split("\n") if line)
    assert read_rows(write_rows(rows)) == (rows, [])


@pytest.mark.parametrize(
    "line",
    [
        "abcd", "ab\t1\t20260302\t97110", "abcd\t1\t20260230\t97110", "abcd\t1\t20260302\t9711",
        "abcd\t1\t20260302\t97110\t-1", "abcd\t1\t20260302\t97110\t1\t1441",
        "abcd\t1\t20260302\t97110\t1\t\t0", "abcd\t1\t20260302\t97110\t\t\t\t\tmoon",
        "abcd\t1\t20260302\t97110\t\t\t\t\t\t\t" + "x" * 25, "{}", "abcd\t1" + "\t" * 12 + "x",
    ],
)  # fmt: skip
def test_a_damaged_line_is_none(line):
    assert read_rows(line) == ([], [line])


def test_a_row_is_short():
    row = Row("a1b2c3d4e5", 1790000000000, "2026-03-02", "98941", 1, None, 12, "AT")
    assert write_rows([row]) == "a1b2c3d4e5\tmubakhz4\t20260302\t98941\t1\t\t12\tAT".replace(
        "mubakhz4", write_rows([row]).split("\t")[1]
    )
    assert int(write_rows([row]).split("\t")[1], 36) == 1790000000000


# Merging: few ids and stamps, so that versions meet


VERSIONS = st.builds(
    lambda id_, stamp, times: Row(id_, stamp, "2026-03-02", "97110", 1, None, times),
    st.sampled_from(["aaaa", "bbbb", "cccc"]),
    st.integers(1, 4),
    st.integers(1, 3),
) | st.tuples(st.sampled_from(["aaaa", "bbbb", "cccc"]), st.integers(1, 4)).map(
    lambda given: Row(*given)
)


@settings(max_examples=40)
@given(st.lists(st.lists(VERSIONS, max_size=5), min_size=1, max_size=3))
def test_merging_is_commutative_associative_and_idempotent(places):
    """In any order, and twice: what holds of each row is what the oracle says."""
    every = [row for place in places for row in place]
    expected = {}
    for row in every:
        expected.setdefault(row.id, []).append((row.is_deleted, row.stamp, write_rows([row])))
    expected = {id_: oracle.holds(each)[2] for id_, each in expected.items()}
    for order in permutations(places):
        log = Log()
        for place in order:
            log.take(Log(place).everything)
        assert {row.id: write_rows([row]) for row in log.everything} == expected
        before = log.version
        assert log.take(every) == []
        assert log.version == before


ACTIONS = st.lists(
    st.tuples(st.sampled_from("01"), st.sampled_from(["add", "edit", "delete"]), st.integers(0, 5)),
    max_size=20,
)


@given(ACTIONS, st.lists(st.sampled_from("01"), max_size=3))
def test_two_tabs_end_with_the_same_and_a_deletion_stays(actions, meet):
    """Each tab adds, edits and deletes what it knows; then they meet."""
    tabs, clock = {"0": Log(), "1": Log()}, 1
    added, deleted = set(), set()
    for tab, what, which in actions:
        log, clock = tabs[tab], clock + 1
        mine = sorted(row.id for row in log)
        if what == "add" or not mine:
            [row] = log.put([Row(f"id{clock:04}", 0, "2026-03-02", "97110", 1)], clock)
            added.add(row.id)
        elif what == "edit":
            row = log.get(mine[which % len(mine)])
            log.put([row._replace(times=row.times % 999 + 1)], clock)
        else:
            log.delete([mine[which % len(mine)]], clock)
            deleted.add(mine[which % len(mine)])
        if meet and which == 0:
            tabs["0"].take(tabs["1"].everything)
    one, other = tabs["0"], tabs["1"]
    one.take(other.everything)
    other.take(one.everything)
    assert set(one.everything) == set(other.everything)
    assert {row.id for row in one} == added - deleted


def test_a_later_edit_wins_whichever_tab_it_was_in():
    log, other = Log([Row("aaaa", 1, "2026-03-02", "97110", 1)]), Log()
    other.take(log.everything)
    other.put([log.get("aaaa")._replace(times=3)], 10)
    log.put([log.get("aaaa")._replace(times=2)], 20)
    assert log.take(other.everything) == []
    assert [row.times for row in log] == [2]


def test_a_clock_that_is_late_edits_all_the_same():
    log = Log([Row("aaaa", 500, "2026-03-02", "97110", 1)])
    [row] = log.put([log.get("aaaa")._replace(times=2)], 100)
    assert row.stamp == 501
    assert log.delete(["aaaa"], 100)[0].stamp == 502
    assert len(log) == 0


@given(st.lists(VERSIONS, max_size=8), st.integers(0, 2))
def test_what_was_done_can_be_undone(rows, which):
    """Adding, changing and deleting: the rows are as before, whatever their ids are then."""
    log = Log(rows)
    before = sorted(map(str, (row[2:] for row in log)))
    mine = sorted(row.id for row in log)
    if which == 0 or not mine:
        new = log.put([Row("newrow", 0, "2026-03-03", "98941", 1)], 9)
        log.undo({row.id: None for row in new}, 10)
    elif which == 1:
        was = log.get(mine[0])
        log.put([was._replace(times=77)], 9)
        log.undo({was.id: was}, 10)
    else:
        was = log.get(mine[0])
        log.delete([was.id], 9)
        log.undo({was.id: was}, 10)
    assert sorted(map(str, (row[2:] for row in log))) == before


# What a user enters


def fault(**given):
    with pytest.raises(InputError) as raised:
        check_row(Row("aaaa", 0, "2026-03-02", "97110", 1)._replace(**given))
    return str(raised.value)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"date": "2026-02-30"}, "date: '2026-02-30' must be a day"),
        ({"date": ""}, "date: the empty value must be a day"),
        ({"code": "97111"}, "code: '97111' is not in codes.csv (nearest: 97110"),
        ({"units": 0}, "units: '0' must be a whole number from 1 to 999"),
        ({"minutes": 1441}, "minutes: '1441' must be a whole number from 0 to 1,440"),
        ({"times": 1000}, "times: '1000' must be a whole number from 1 to 999"),
        ({"modifiers": "GPS"}, "modifiers: 'GPS' must be two characters"),
        ({"place": "moon"}, "place: 'moon' must be office"),
        ({"payer": "nobody"}, "payer: 'nobody' must be a payer"),
        ({"status": "lost"}, "status: 'lost' must be one of done, billed, paid, denied"),
    ],
)
def test_what_cannot_be_used_is_named(given, said):
    assert said in fault(**given)


@pytest.mark.parametrize(
    "tag",
    ["Smith, John", "John Smith", "1/2/1980", "1980-01-02", "19800102", "123-45-6789", "4415523",
     "312 555 0148", "a@b.com", "1EG4-TE5-MK73", "x" * 25],
)  # fmt: skip
def test_a_tag_of_a_patient_is_refused_and_not_repeated(tag):
    said = fault(tag=tag)
    assert "tag" in said
    assert tag not in said


@pytest.mark.parametrize("tag", ["", "room-2", "Tuesday", "wk12", "DrB", "neck"])
def test_a_plain_tag_is_taken(tag):
    assert check_row(Row("aaaa", 0, "2026-03-02", "97110", 1, tag=tag)).tag == tag


def test_words_are_cleaned():
    row = check_row(Row("aaaa", 0, "2026-03-02", " g0283 ", 1, modifiers="gp, 59 GP", tag=" a  "))
    assert (row.code, row.modifiers, row.tag) == ("G0283", "GP 59", "a")
    assert FIRST_DAY < row.date < LAST_DAY
