"""Files of a page: the same answer apart as in place, and bounds that no file gets around."""

import resource
import threading
import time

import hostile_files as hostile
import pandas as pd
import pytest
from workbooks import ods, xls

from chirocalc import Settings
from chirocalc.audit import (
    How,
    apart,
    audit_file,
    audit_in_memory,
    columns_of,
    open_file,
    opened_file,
    sample,
)
from chirocalc.audit.audit import MOST_NEAREST
from chirocalc.audit.excel_cells import MOST_MEMORY
from chirocalc.errors import InputError
from chirocalc.exports import csv_bytes

SAMPLE = csv_bytes(sample())


def audited(content, name="visits.csv", progress=lambda done, of: None):
    opened = opened_file(content, name)
    sheet = opened.head.sheet or None
    return audit_file(content, name, sheet, opened.known, Settings(), How(), progress)


def ends(content, name="visits"):
    """In words how a file ends: its lines and rows left out, or the reason it is refused."""
    try:
        packed = audited(content, name)
    except InputError as error:
        return str(error)
    return f"{packed.rows('lines')} lines, {packed.rows('refused')} left out"


@pytest.fixture
def nothing_is_small(monkeypatch):
    monkeypatch.setattr(apart, "SMALL", 0)


@pytest.mark.parametrize("shuffled", [False, True])
def test_apart_as_in_place(nothing_is_small, shuffled):
    """Every table to the last value and type, in the order of the file; progress is heard."""
    table = sample()
    content = csv_bytes(table.sample(frac=1, random_state=1) if shuffled else table)
    file = open_file(content, "visits.csv")
    here = audit_in_memory([file], columns_of([file]), Settings())
    heard = []
    there = audited(content, progress=lambda *told: heard.append(told)).answer()
    for name in ("lines", "findings"):
        pd.testing.assert_frame_equal(getattr(there, name), getattr(here, name))
    pd.testing.assert_frame_equal(there.refused, here.refused, check_dtype=False)
    assert there.totals.rows == here.totals.rows
    assert heard[-1] == (len(here.lines), len(here.lines))


def test_what_is_kept_is_less_than_half_of_the_file():
    """And rows at some places are those of the whole table."""
    packed = audited(SAMPLE)
    assert packed.size < len(SAMPLE) or len(SAMPLE) < 200_000
    big = audited(pd.concat([sample()] * 12).to_csv(index=False).encode())
    whole = big.table("findings")
    places = whole.sample(7, random_state=1).index.to_numpy()
    got = big.at("findings", places)
    pd.testing.assert_frame_equal(got, whole.take(places).reset_index(drop=True))
    line = whole.iloc[0]
    mine = big.table("lines").query("visit == @line.visit and date == @line.date")
    pd.testing.assert_frame_equal(
        big.lines_of(line["visit"], line["date"]), mine.reset_index(drop=True)
    )


# How each ends, and what its processes may take: seconds of a processor.
CASES = {
    "far_cell": (1, "has a cell far from all others"),
    "far_row": (1, "has a cell far from all others"),
    "stray_space": (1, "1 lines, 0 left out"),
    "empty_rows": (20_000_000, "save it as CSV"),
    "wide": (6_000, "is too large"),
    "shared_strings": (300_000, "is too large"),
    "parquet_of_one_value": (1_500_000, "needs more memory"),
    "one_visit": (50_000, "0 lines, 50000 left out"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_hostile_files_end_within_bounds(case):
    """In processor time of all that read it; each of its processes has bounded memory."""
    n, said = CASES[case]
    content = getattr(hostile, case)(n)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert said in ends(content)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert seconds < 6


@pytest.mark.parametrize(
    ("case", "n", "said"),
    [
        ("unknown_codes", 5_000, "0 lines, 5000 left out"),
        ("long_codes", 50, "0 lines, 50 left out"),
        ("taken_back", 8_000, "0 lines, 8000 left out"),
        ("refused", 10_000, "0 lines, 10000 left out"),
        ("other_years", 10_000, "0 lines, 10000 left out"),
        ("payers", 4_000, "4000 lines, 0 left out"),
        ("regions", 4_000, "4000 lines, 0 left out"),
        ("unclosed_quote", 5_000, "is not closed, or takes in the rows after it"),
        ("too_long", 10_000, "0 lines, 10000 left out"),
        ("blank", 300_000, "more than 100,000 blank rows"),
    ],
)
def test_small_hostile_files_cost_in_proportion(case, n, said):
    """At n and 4 n: four times the processor time and some; the square would be sixteen times."""
    ends(getattr(hostile, case)(10))  # tables are loaded
    times = []
    for size in (n // 4, n):
        content = getattr(hostile, case)(size)
        began = time.process_time()
        found = ends(content)
        times.append(time.process_time() - began)
    assert said in found
    assert times[1] < 8 * times[0] + 0.3


def test_nearest_codes_are_told_of_the_first_unknown_ones():
    packed = audited(hostile.unknown_codes(MOST_NEAREST + 30))
    reasons = packed.table("refused")["reason"]
    assert sum(";" in reason for reason in reasons) == MOST_NEAREST
    assert not any(";" in r for r in audited(hostile.long_codes(3)).table("refused")["reason"])


def test_one_file_at_a_time(nothing_is_small):
    """The others wait, and can be left while they do."""

    class Left(Exception):
        pass

    def leave(done, of):
        assert of == apart.WAITS
        raise Left

    with apart._turn, pytest.raises(Left):
        audit_file(SAMPLE, "v.csv", None, {}, Settings(), How(), leave)
    assert not apart._turn.locked()


def test_a_page_that_is_left_ends_its_process(nothing_is_small):
    opened = opened_file(SAMPLE, "v.csv")

    def leave(done, of):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        audit_file(SAMPLE, "v.csv", None, opened.known, Settings(), How(), leave)
    assert not apart._turn.locked()
    assert threading.active_count() < 20


@pytest.mark.parametrize(("content", "small"), [(b"x" * 1_000_000, True), (b"x" * 1_000_001, False),
    (b"PAR1", False), (b"\xd0\xcf\x11\xe0", False), (b"PK\x03\x04", True)])  # fmt: skip
def test_what_is_small(content, small):
    assert apart.is_small(content) is small
    assert MOST_MEMORY + (130 << 20) <= 400 << 20


@pytest.mark.parametrize("make", [xls, ods])
def test_old_workbooks_apart(make):
    """Read by a process of a process."""
    content = make({"A": [["Visit", "Date", "CPT"], ["V1", "2026-03-02", 97110]]})
    assert ends(content, "a") == "1 lines, 0 left out"
