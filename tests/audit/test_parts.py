"""Whole files: in parts of any size, and in memory. Both give the same, to the last cent."""

import csv
import gc
import io
from collections import Counter
from itertools import chain

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from made_files import (
    FAULTS,
    HEADER,
    MIXED,
    SETTINGS,
    apart,
    assert_same,
    bag,
    blocks_of,
    cents_of,
    csv_file,
    csv_of,
    in_memory,
    in_parts,
    kinds,
    opened,
    parquet_file,
    sums,
    visits,
)

from chirocalc import InputError
from chirocalc.audit import parts as audit_files
from chirocalc.audit import whole_visits
from chirocalc.audit.audit import Audit
from chirocalc.audit.parts import audit_in_memory, audit_parts, joined
from chirocalc.audit.visit_file import VisitFile

# In parts


@pytest.mark.parametrize("lines_at_once", [1, 2, 7, 50, 100_000])
@pytest.mark.parametrize("faults", [0, 0.2])
def test_parts_are_the_whole(lines_at_once, faults):
    """However few lines at once: the same as all of the file in memory."""
    content = csv_of(chain(*visits(1, 25, faults)))
    whole = in_memory(content)
    assert cents_of(whole) > 0
    assert (len(whole.refused) > 10) == bool(faults)
    with blocks_of(1500):
        parts = in_parts(content, lines_at_once=lines_at_once)
        assert_same(parts, whole)
        again = in_memory(content, lines_at_once=lines_at_once)
    assert_same(again, whole)


@given(
    st.lists(st.integers(1, 12), min_size=1, max_size=30),
    st.integers(1, 60),
    st.sampled_from([200, 300, 777]),
)
@hypothesis_settings(max_examples=20)
def test_a_visit_is_never_split(sizes, lines_at_once, block):
    """Visits of any length: each in one part, in the file's order, and no part much too long."""
    rows = [f"V{n},97110,15,{n % 3}" for n, size in enumerate(sizes) for _ in range(size)]
    content = "\n".join(["Visit,CPT,Minutes,Units", *rows]).encode()
    with blocks_of(block):
        parts = list(audit_parts(*opened([content]), SETTINGS, lines_at_once))
    of_parts = [list(part.lines["visit"]) for part in parts]
    assert list(chain(*of_parts)) == [f"V{n}" for n in range(len(sizes))]
    used = [part.totals.rows["used"] for part in parts]
    assert sum(used) == sum(sizes)
    in_a_block = -(-block // min(map(len, rows))) + 1
    assert max(used) < lines_at_once + in_a_block + max(sizes)
    if lines_at_once == 1 and len(sizes) > 1:
        assert sum(map(bool, of_parts)) > 1


def test_parts_are_as_small_as_asked():
    """A long file in parts of 20 lines is never held as a whole."""
    content = csv_of(chain(*visits(2, 60)))
    with blocks_of(500):
        parts = list(audit_parts(*opened([content]), SETTINGS, 20))
    assert max(part.totals.rows["used"] for part in parts) < 20 + 15 + 12
    assert len(parts) > 8


def test_progress_ends_with_all_lines():
    """It hears of lines read, then of lines done; it never goes back, and ends at all of them."""
    heard = []
    content = csv_of(chain(*visits(3)))
    answer = in_memory(content, progress=lambda *said: heard.append(said), lines_at_once=10)
    used = answer.totals.rows["used"]
    assert heard[-1] == (used, used)
    done = [each for each, _ in heard]
    assert done == sorted(done)
    assert len(set(done)) > 5


class Cancelled(BaseException):
    """What a server raises to end a run."""


def test_a_cancelled_audit_leaves_nothing():
    """Begun, ended in the middle, and begun again: the answer is the same, and no lines of the
    cancelled ones are kept."""
    content = csv_of(chain(*visits(21)))

    def held():
        gc.collect()
        kinds = (VisitFile, Audit)
        return sum(isinstance(each, kinds) for each in gc.get_objects())

    before = held()  # other tests keep answers

    def cancel(done, of):
        if done:
            raise Cancelled

    for _ in range(3):
        with pytest.raises(Cancelled):
            in_memory(content, progress=cancel, lines_at_once=10)
    assert_same(in_memory(content), in_memory(content, lines_at_once=10))
    assert held() == before


def test_rows_of_a_visit_apart_in_memory():
    """In memory they are brought together: the same as sorted, but for row numbers."""
    rows = apart()
    together = sorted(rows, key=lambda row: row["Visit"])
    one, other = in_memory(csv_of(rows), lines_at_once=3), in_memory(csv_of(together))
    for name in ("lines", "findings"):
        mine, theirs = (getattr(each, name).drop(columns="row") for each in (one, other))
        assert bag(mine) == bag(theirs)
    assert sums(one.totals) == sums(other.totals)


def test_rows_of_a_visit_apart_in_a_stream():
    """The row is named at which a visit goes on after others, and what to do about it."""
    rows = [f"V{n},97110,15,1" for n in [1, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 10, 1, 11, 12]]
    content = "\n".join(["Visit,CPT,Minutes,Units", *rows]).encode()
    with blocks_of(60), pytest.raises(InputError) as error:
        in_parts(content, lines_at_once=2)
    assert str(error.value) == (
        "visits.csv, row 14, visit: 'this one' goes on here after other visits: "
        "sort the file by visit, "
        "take more lines at once, or use Dask"
    )
    assert_same(in_parts(content, lines_at_once=100), in_memory(content))


def test_refused_rows_keep_their_numbers():
    """Rows refused by the reader, by the words in them and by the engine: each by its line."""
    rows = list(chain(*visits(5, faults=0.3)))
    planted = {
        number: word
        for number, row in enumerate(rows, 2)
        for column, value, word in FAULTS
        if row[column] == value and word
    }
    assert set(planted.values()) == {word for *_, word in FAULTS if word}
    with blocks_of(700):
        parts = in_parts(csv_of(rows), lines_at_once=4)
    assert dict(zip(parts.refused["row"], parts.refused["column"], strict=True)) == planted
    assert rows_in(parts.totals) == len(rows)
    assert parts.totals.passed == Counter(parts.refused["kind"].replace("", None).dropna())


def rows_in(totals):
    """Rows read: used, refused or passed over."""
    return totals.rows["used"] + totals.rows["refused"] + sum(totals.passed.values())


def test_blank_lines_are_passed_over_by_number():
    """A line with nothing in it, one with commas only, and one at the end."""
    content = b"Visit,CPT,Minutes,Units\n1,97110,15,1\n\n,,,\n2,97110,15,1\n\n"
    for answer in (in_memory(content), in_parts(content)):
        assert list(answer.refused["row"]) == [3, 4, 6]
        assert set(answer.refused["kind"]) == {"blank"}
        assert answer.totals.passed == {"blank": 3}
        assert answer.totals.rows["refused"] == 0
        assert list(answer.lines["row"]) == [2, 5]


@pytest.mark.parametrize(
    "content",
    [b"Visit,CPT\n", b"Visit,CPT\n1,9711O\n", b"Visit,CPT\n1,99999\n", b"Visit,CPT\n,\n"],
)
def test_files_without_a_row_to_use(content):
    """Only a header, or only refused rows: empty findings, no error."""
    one, other = in_memory(content), in_parts(content)
    assert_same(one, other)
    assert one.totals.rows["used"] == 0
    assert rows_in(one.totals) == len(one.refused) == content.count(b"\n") - 1


@pytest.mark.parametrize("way", [in_memory, in_parts])
def test_a_parquet_file_without_rows(tmp_path, way):
    """Only columns: empty findings, no error."""
    path = tmp_path / "none.parquet"
    pd.DataFrame(columns=HEADER, dtype=str).to_parquet(path, index=False)
    assert len(way(path).findings) == 0


def test_a_visit_whose_last_row_was_refused_is_not_compared():
    """In parts as in memory: the visit is known to be incomplete."""
    content = b"Visit,CPT,Minutes,Units\n1,97110,15,3\n1,97112,x,1\n2,97110,15,1\n"
    assert_same(in_parts(content, lines_at_once=1), in_memory(content))


def of_units(answer):
    """The findings on units."""
    return answer.findings[answer.findings["rule"].str.startswith("units-")]


@pytest.mark.parametrize("lines_at_once", [1, 2, 3, 9])
@pytest.mark.parametrize("size", [30, 90, 1000])
def test_a_row_whose_day_cannot_be_read_in_the_middle_of_a_visit(size, lines_at_once):
    """It may be of any day of its number: none of its visits is compared, and it ends none."""
    rows = [
        "1,2026-03-02,97110,15,3", "1,2026-31-02,97112,15,1", "1,2026-03-02,97530,15,3",
        "1,2026-03-03,97110,15,3", "2,2026-03-02,97110,15,3",
    ]  # fmt: skip
    content = "\n".join(["Visit,Date,CPT,Minutes,Units", *rows]).encode()
    whole = in_memory(content)
    assert set(of_units(whole)["visit"]) == {"2"}
    with blocks_of(size):
        assert_same(in_parts(content, lines_at_once=lines_at_once), whole)


def test_a_row_whose_day_cannot_be_read_after_visits_that_were_audited():
    """A stream has judged them already: said with the row, never told otherwise than in memory."""
    rows = ["1,2026-03-02,97110,15,3", "2,2026-03-02,97110,15,3", "1,2026-31-02,97112,15,1"]
    content = "\n".join(["Visit,Date,CPT,Minutes,Units", *rows]).encode()
    with blocks_of(30), pytest.raises(InputError, match="has no day that can be read, and visits"):
        in_parts(content, lines_at_once=1)
    assert_same(in_parts(content, lines_at_once=9), in_memory(content))


@pytest.mark.parametrize("lines_at_once", [1, 2, 9])
def test_a_row_without_a_day_that_the_engine_refuses(lines_at_once):
    """It is of the visit without a day and of no other, whatever is taken at once."""
    rows = ["1,2026-03-02,97110,15,3,", "1,,97112,15,1,26", "1,,97110,15,3,"]
    content = "\n".join(["Visit,Date,CPT,Minutes,Units,Modifiers", *rows]).encode()
    whole = in_memory(content)
    assert of_units(whole)["row"].tolist() == [2]
    assert_same(in_memory(content, lines_at_once=lines_at_once), whole)
    assert_same(in_parts(content, lines_at_once=lines_at_once), whole)


def test_visits_without_units_in_parts():
    """Whether the file has units is a matter of the file, not of the lines taken at once."""
    assert_same(in_memory(MIXED, lines_at_once=1), in_memory(MIXED))


# Several files


def test_several_files_with_visits_of_their_own(tmp_path):
    """One after the other: the findings of each, added up."""
    made = visits(6, faults=0.1)
    paths = [
        csv_file(tmp_path / f"{n}.csv", list(chain(*made[n * 10 : n * 10 + 10]))) for n in range(4)
    ]
    whole = in_memory(*paths)
    assert_same(in_parts(*paths, lines_at_once=3), whole)
    columns = opened(paths)[1]  # of the whole: a file alone may show less of a column
    each = joined([audit_in_memory(opened([path])[0], columns, SETTINGS) for path in paths])
    for name in ("lines", "findings", "refused"):  # row 2 of which file?
        table = getattr(whole, name)
        assert list(table.columns[:2]) == ["file", "row"]
        known = table[table["visit"] != ""]
        assert known["file"].tolist() == [f"{visit[2]}.csv" for visit in known["visit"]]
        assert bag(table.drop(columns="file")) == bag(getattr(each, name))
    assert sums(whole.totals) == sums(each.totals)


def test_a_visit_that_goes_on_in_the_next_file():
    """An export cut at a row: in parts the visit is one, as in memory, or it is said that it is
    not."""
    one = b"Visit,CPT,Minutes,Units\n1,97110,15,1\n2,97110,20,1\n"
    two = b"Visit,CPT,Minutes,Units\n2,97112,20,2\n3,97110,15,1\n"
    whole = in_memory(one, two)
    try:
        parts = in_parts(one, two)
    except InputError:
        return
    assert sums(parts.totals) == sums(whole.totals)


def test_a_visit_in_two_files_apart():
    """A stream cannot bring it together: the sentence names the file, too."""
    one = b"Visit,CPT,Minutes,Units\n1,97110,15,1\n2,97110,20,1\n"
    files = audit_files.open_files([(one, "a.csv"), (one, "b.csv")])
    with pytest.raises(InputError) as error:
        list(audit_parts(files, audit_files.columns_of(files), SETTINGS, 1))
    assert str(error.value) == (
        "b.csv, row 2, visit: 'this one' goes on here after other visits: "
        "sort all files as one by visit, "
        "take more lines at once, or use Dask"
    )


def test_files_of_one_name():
    """The second is told from the first."""
    contents = [b"Visit,CPT\n%d,97110\n" % n for n in (1, 2)]
    assert in_memory(*contents).lines["file"].tolist() == ["visits.csv", "visits.csv (2)"]


def test_a_column_that_tells_no_visits_apart(monkeypatch):
    """All rows one visit: a sentence before the memory is full."""
    monkeypatch.setattr(whole_visits, "MOST_OF_A_VISIT", 50)
    content = b"Visit,CPT\n" + b"yes,97110\n" * 200
    with (
        blocks_of(100),
        pytest.raises(InputError, match="row 2, visit: 'this one' has more than 50 rows"),
    ):
        in_parts(content, lines_at_once=10)


def test_files_with_other_columns_are_refused(tmp_path):
    """The sentence names both files and what differs."""
    paths = [tmp_path / "a.csv", tmp_path / "b.csv"]
    paths[0].write_text("Visit,CPT,Minutes\n1,97110,15\n")
    paths[1].write_text("Visit,CPT,Units\n1,97110,1\n")
    with pytest.raises(InputError, match=r"b\.csv.*other columns than a\.csv: Minutes, Units"):
        in_memory(*paths)


@pytest.mark.parametrize("groups", [1, 3, 7])
def test_parquet_is_as_csv(tmp_path, groups):
    """The same rows in row groups."""
    rows = list(chain(*visits(7, 25)))
    path = parquet_file(tmp_path / "v.parquet", rows, groups)
    whole = in_memory(csv_of(rows))
    assert_same(in_memory(path), whole)
    assert_same(in_parts(path), whole)


def test_parquet_with_numbers_and_dates(tmp_path):
    """Minutes and units as numbers with gaps, days as dates: as in text."""
    text = "Visit,Date,CPT,Minutes,Units\n1,2026-03-02,97110,15,2\n1,2026-03-02,98941,,1\n"
    table = pd.DataFrame(
        {
            "Visit": [1, 1],
            "Date": pd.to_datetime(["2026-03-02"] * 2),
            "CPT": [97110, 98941],
            "Minutes": [15.0, None],
            "Units": pd.array([2, 1], dtype="Int64"),
        }
    )
    table.to_parquet(tmp_path / "n.parquet", index=False)
    assert_same(in_parts(tmp_path / "n.parquet"), in_memory(text.encode()))


def test_parts_write_the_same_kinds_of_columns(tmp_path):
    """A first part without a refused row is no reason to write row numbers as text."""
    content = b"Visit,CPT,Minutes,Units\n1,97110,15,3\n2,97110,15,3\n3,97112,x,1\n4,97110,15,1\n"
    with blocks_of(60):
        parts = list(audit_parts(*opened([content]), SETTINGS, 1))
    assert next(len(part.refused) for part in parts) == 0
    assert sum(len(part.refused) for part in parts) == 1
    output = tmp_path / "v.parquet"
    assert kinds(output, parts) == kinds(output, [joined(parts)])


# Any file at all


CELL = st.one_of(
    st.sampled_from(
        ["", " ", "97110", "98941", "9711O", "15", "1", "0", "-1", "1e3", "nan", "1.5", "9" * 30,
         "=1+1", "'", '"', ",", ";", "\t", "a\nb", "\r\n", "2026-03-01", "13/45/2026", "GP", "26",
         "GP 59 XS", "lumbar|head", "Medicare", "\ufeff", "\ufffd", "é", "\u2028", "\x0b", "NULL"]
    ),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5),
)  # fmt: skip
RECORDS = st.lists(st.lists(CELL, max_size=9), max_size=12)
COLUMNS = ["Visit", "Date", "CPT", "Minutes", "Units", "Modifiers", "Region", "Payer"]


STYLES = [("\r\n", csv.QUOTE_MINIMAL), ("\n", csv.QUOTE_ALL)]


def any_csv(records, style):
    """A CSV of any cells and lengths of rows, its header as it should be."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=style[0], quoting=style[1]).writerows([COLUMNS, *records])
    return text.getvalue().encode()


@given(RECORDS, st.sampled_from(STYLES), st.integers(1, 9))
@hypothesis_settings(max_examples=60)
def test_any_row_is_used_or_refused(records, style, lines_at_once):
    """No row is lost, none is made up, each is refused once; nothing but a sentence is raised."""
    content = any_csv(records, style)
    for way in (in_memory, in_parts):
        try:
            answer = way(content, lines_at_once=lines_at_once)
        except InputError:
            continue
        assert rows_in(answer.totals) == len(records)
        left_out = answer.totals.rows["refused"] + sum(answer.totals.passed.values())
        assert left_out == len(answer.refused)
        numbers = [*answer.refused["row"], *answer.lines["row"]]
        assert len(numbers) == len(set(numbers))
        assert set(numbers) <= set(range(2, len(records) + 2))


UTF16 = (b"\xff\xfe", b"\xfe\xff")


@given(
    st.binary(max_size=300).filter(lambda content: not content.startswith(UTF16)),
    st.sampled_from([b"", b"Visit,CPT\n", b"PK\x03\x04", b"PAR1"]),
)
@hypothesis_settings(max_examples=100)
def test_any_bytes_are_read_or_refused_in_words(content, start):
    """Never anything but an `InputError`, whatever the file is."""
    for way in (in_memory, in_parts):
        try:
            answer = way(start + content)
        except InputError:
            continue
        assert answer.totals.rows["refused"] == (answer.refused["kind"] == "").sum()


@pytest.mark.parametrize("mark", UTF16)
def test_an_empty_file_with_a_mark(mark):
    """Saved as Unicode text with nothing in it: a sentence says that it is empty."""
    with pytest.raises(InputError, match="is empty"):
        in_memory(mark)
