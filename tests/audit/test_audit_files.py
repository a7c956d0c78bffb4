"""Whole files: in parts of any size, in memory, and on a Dask cluster of two worker processes.

All three give the same findings, lines, refused rows and sums, to the last cent.
"""

import csv
import gc
import io
import sys
from contextlib import contextmanager
from itertools import chain
from random import Random

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from oracles import audit as oracle

from chirocalc import InputError, Settings
from chirocalc.audit import files as visit_files
from chirocalc.audit import parts as audit_files
from chirocalc.audit.audit import Audit
from chirocalc.audit.on_dask import audit_on_dask, dask_client
from chirocalc.audit.parts import audit_in_memory, audit_parts, joined
from chirocalc.audit.sample import sample
from chirocalc.sheets.exports import TableWriter

SETTINGS = Settings(payer="uhc", provider="pt", locality="01112-05")
HEADER = [
    "Visit", "Date", "CPT", "Minutes", "Units", "Modifiers", "Region", "Payer", "Provider",
    "Discipline", "POS", "Notes",
]  # fmt: skip
PAYERS = ["", "VA", "Commercial, midpoint", "Self-pay", "Somebody else"]
TINY = 2000  # bytes of a block
# What makes a row unusable, by column, and what it is called then.
FAULTS = [
    ("CPT", "99999", "code"),
    ("Minutes", "abc", "minutes"),
    ("Units", "-1", "units"),
    ("Date", "2026-13-01", "date"),
    ("Modifiers", "GPX", "modifiers"),
    ("Notes", "a,b", "row"),  # a value more than the header has
    ("Notes", "\udcff\udcfe", ""),  # bytes that are not UTF-8, in a column that is not read
    ("Region", "\udcff", "encoding"),
]


def visits(seed, count=40, faults=0.0):
    """Rows by visit, some of them unusable."""
    random, out = Random(seed), []
    for n in range(count):
        rows = oracle.made_up(f"V{n:03}", random)
        about = [random.choice(PAYERS), random.choice("AB"), f"2026-0{random.randint(1, 9)}-15"]
        table = [
            {
                "Visit": row["visit"],
                "Date": about[2],
                "CPT": row["code"],
                "Minutes": row["minutes"],
                "Units": row["units"],
                "Modifiers": row["modifiers"],
                "Region": row["region"],
                "Payer": about[0],
                "Provider": about[1],
                "Discipline": row["discipline"],
                "POS": "22" if row["place"] else "11",
                "Notes": "",
            }
            for row in rows
        ]
        for row in table:
            if random.random() < faults:
                column, value, _ = random.choice(FAULTS)
                row[column] = value
        out.append(table)
    return out


def csv_of(rows):
    """The bytes of a CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    for row in rows:
        values = [row[name] for name in HEADER]
        writer.writerow([*values, "more"] if row["Notes"] == "a,b" else values)
    return text.getvalue().encode("utf-8", "surrogateescape")


def csv_file(path, rows):
    """A CSV on disk."""
    path.write_bytes(csv_of(rows))
    return path


def parquet_file(path, rows, groups):
    """A Parquet file of text columns in so many row groups."""
    table = pd.DataFrame(rows, columns=HEADER, dtype=str)
    table.to_parquet(path, row_group_size=-(-len(table) // groups), index=False)
    assert visit_files.row_groups(path) == groups
    return path


def opened(sources):
    """Files and the columns they have in common; a source is a path or bytes."""
    named = [(each, getattr(each, "name", "visits.csv")) for each in sources]
    files = audit_files.open_files(named)
    return files, audit_files.columns_of(files)


def in_memory(*sources, settings=SETTINGS, **more):
    return audit_in_memory(*opened(sources), settings, **more)


def in_parts(*sources, settings=SETTINGS, lines_at_once=5):
    return joined(list(audit_parts(*opened(sources), settings, lines_at_once)))


def on_dask(client, *paths, settings=SETTINGS, block=TINY):
    files, columns = opened(paths)
    return joined(list(audit_on_dask(files, list(paths), columns, settings, client, block)))


@contextmanager
def blocks_of(size):
    """CSV files are read so many bytes at a time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(visit_files, "BLOCK", size)
        yield


@pytest.fixture(scope="module")
def client():
    """Two worker processes of one thread each."""
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        assert len(client.scheduler_info()["workers"]) == 2
        yield client


def bag(table):
    """A table's rows as text, sorted."""
    return sorted(map(str, table.astype(object).where(table.notna(), None).values.tolist()))


def sums(totals):
    """Totals as plain values."""
    tables = (totals.by_code, totals.by_rule, totals.by_month)
    frames = [
        {key: list(row) for key, row in zip(table.index, table.to_numpy(), strict=True)}
        for table in tables
    ]
    counters = (totals.at_stake, totals.rows, totals.unknown)
    return frames + [{key: n for key, n in counter.items() if n} for counter in counters]


def assert_same(one, other):
    """Findings, lines, refused rows and sums are equal."""
    for name in ("refused", "lines", "findings"):
        mine, theirs = getattr(one, name), getattr(other, name)
        assert list(mine.columns) == list(theirs.columns)
        assert bag(mine) == bag(theirs), name
    assert sums(one.totals) == sums(other.totals)


def cents_of(answer):
    """What is at stake in all, to be sure that there is something to compare."""
    return round(answer.findings["dollars"].abs().sum() * 100)


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
        kinds = (visit_files.VisitFile, Audit)
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


def apart(seed=4, count=40):
    """Visits whose rows stand among those of others: dealt like cards."""
    random, piles, dealt = Random(seed), visits(seed, count), []
    while piles:
        pile = random.choice(piles)
        dealt.append(pile.pop(0))
        piles = [each for each in piles if each]
    return dealt


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
        "visits.csv, row 14, visit: 'V1' goes on here after other visits: sort the file by visit, "
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
    assert parts.totals.rows["used"] + parts.totals.rows["refused"] == len(rows)


def test_blank_lines_are_refused_by_number():
    """A line with nothing in it, one with commas only, and one at the end."""
    content = b"Visit,CPT,Minutes,Units\n1,97110,15,1\n\n,,,\n2,97110,15,1\n\n"
    for answer in (in_memory(content), in_parts(content)):
        assert list(answer.refused["row"]) == [3, 4, 6]
        assert set(answer.refused["reason"]) == {"is blank"}
        assert list(answer.lines["row"]) == [2, 5]


@pytest.mark.parametrize("content", [b"Visit,CPT\n", b"Visit,CPT\n1,99999\n", b"Visit,CPT\n,\n"])
def test_files_without_a_row_to_use(content):
    """Only a header, or only refused rows: empty findings, no error."""
    one, other = in_memory(content), in_parts(content)
    assert_same(one, other)
    assert one.totals.rows["used"] == 0
    assert one.totals.rows["refused"] == len(one.refused) == content.count(b"\n") - 1


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


MIXED = b"Visit,CPT,Minutes,Units\nU,97110,15,1\n" + b"".join(
    b"N%d,97110,,\n" % n for n in range(40)
)


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
    each = joined([in_memory(path) for path in paths])
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


@pytest.mark.parametrize("lines_at_once", [1, 4, 100])
@pytest.mark.parametrize("cut", [1, 37, 60])
def test_an_export_cut_anywhere(tmp_path, client, cut, lines_at_once):
    """Refused rows of a visit in one file make it incomplete in the other too, in every way."""
    rows = list(chain(*visits(17, 20, 0.2)))
    paths = [csv_file(tmp_path / "b.csv", rows[:cut]), csv_file(tmp_path / "a.csv", rows[cut:])]
    whole = in_memory(*paths)
    with blocks_of(300):
        assert_same(in_parts(*paths, lines_at_once=lines_at_once), whole)
    if lines_at_once == 4:
        assert_same(on_dask(client, *paths), whole)
    assert sums(whole.totals) == sums(in_memory(csv_of(rows)).totals)
    assert whole.lines["file"].is_monotonic_increasing  # in the order given


def test_a_visit_in_two_files_apart():
    """A stream cannot bring it together: the sentence names the file, too."""
    one = b"Visit,CPT,Minutes,Units\n1,97110,15,1\n2,97110,20,1\n"
    files = audit_files.open_files([(one, "a.csv"), (one, "b.csv")])
    with pytest.raises(InputError) as error:
        list(audit_parts(files, audit_files.columns_of(files), SETTINGS, 1))
    assert str(error.value) == (
        "b.csv, row 2, visit: '1' goes on here after other visits: sort all files as one by visit, "
        "take more lines at once, or use Dask"
    )


def test_files_of_one_name():
    """The second is told from the first."""
    contents = [b"Visit,CPT\n%d,97110\n" % n for n in (1, 2)]
    assert in_memory(*contents).lines["file"].tolist() == ["visits.csv", "visits.csv (2)"]


def test_a_column_that_tells_no_visits_apart(monkeypatch):
    """All rows one visit: a sentence before the memory is full."""
    monkeypatch.setattr(audit_files, "MOST_OF_A_VISIT", 50)
    content = b"Visit,CPT\n" + b"yes,97110\n" * 200
    with (
        blocks_of(100),
        pytest.raises(InputError, match="row 2, visit: 'yes' has more than 50 rows"),
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


# On Dask


@pytest.mark.parametrize("faults", [0, 0.2])
def test_dask_is_as_memory(tmp_path, client, faults):
    """Tiny blocks that cut visits anywhere: equal to the last cent, refused rows by number."""
    rows = list(chain(*visits(8, 50, faults)))
    path = csv_file(tmp_path / "v.csv", rows)
    assert path.stat().st_size > 4 * TINY
    whole = in_memory(path)
    assert cents_of(whole) > 0
    assert_same(on_dask(client, path), whole)


def test_dask_on_the_sample(tmp_path, client):
    """The made-up month under Medicare, in memory, in parts and on two workers."""
    path = tmp_path / "sample.csv"
    sample().to_csv(path, index=False)
    whole = in_memory(path, settings=Settings())
    assert whole.totals.rows["lines"] == 1000
    assert_same(on_dask(client, path, settings=Settings(), block=10_000), whole)
    with blocks_of(5000):
        assert_same(in_parts(path, settings=Settings(), lines_at_once=10), whole)


def test_dask_brings_visits_together(tmp_path, client):
    """Rows of a visit in many blocks: as in memory."""
    path = csv_file(tmp_path / "apart.csv", apart(9))
    assert_same(on_dask(client, path), in_memory(path))


def test_dask_on_several_files(tmp_path, client):
    """Row numbers are those of each file."""
    made = visits(10, faults=0.1)
    paths = [
        csv_file(tmp_path / f"{n}.csv", list(chain(*made[n * 20 : n * 20 + 20]))) for n in range(2)
    ]
    assert_same(on_dask(client, *paths), in_memory(*paths))


def test_dask_on_a_visit_in_two_files(tmp_path, client):
    """It is one visit with the first file's rows first, as in memory."""
    made = visits(11, 20)
    first = [row for each in made for row in each[:2]]
    second = [row for each in made for row in each[2:]]
    paths = [csv_file(tmp_path / "1.csv", first), csv_file(tmp_path / "2.csv", second)]
    assert_same(on_dask(client, *paths), in_memory(*paths))


def test_dask_on_parquet(tmp_path, client):
    """A task for each row group; visits go over their borders."""
    path = parquet_file(tmp_path / "v.parquet", list(chain(*visits(12, 30))), 6)
    assert_same(on_dask(client, path), in_memory(path))


@pytest.mark.parametrize("rows", [[], [dict.fromkeys(HEADER, "") | {"Visit": "1", "CPT": "99999"}]])
def test_dask_without_a_row_to_use(tmp_path, client, rows):
    """Only a header, or only a refused row."""
    path = csv_file(tmp_path / "none.csv", rows)
    assert_same(on_dask(client, path), in_memory(path))


def test_dask_with_lines_longer_than_a_block(tmp_path, client):
    """A note of 5,000 characters makes a block without a line, which is no error."""
    made = visits(13, 10)
    made[4][0]["Notes"] = "x" * 5000
    path = csv_file(tmp_path / "long.csv", list(chain(*made)))
    assert_same(on_dask(client, path), in_memory(path))


def test_dask_with_another_delimiter_and_a_mark(tmp_path, client):
    """Semicolons, a byte order mark, Windows line ends: told from the start of the file."""
    text = csv_of(chain(*visits(14, 20))).decode()
    path = tmp_path / "semicolons.csv"
    rows = list(csv.reader(io.StringIO(text)))
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        csv.writer(file, delimiter=";").writerows(rows)
    whole = in_memory(path)
    assert_same(on_dask(client, path), whole)
    assert sums(whole.totals) == sums(in_memory(text.encode()).totals)


def test_dask_with_line_breaks_in_values(tmp_path, client):
    """A note of several lines that a block ends in: as in memory, or a sentence."""
    made = visits(15, 30)
    for each in made:
        each[0]["Notes"] = "so\n" * 500
    path = csv_file(tmp_path / "notes.csv", list(chain(*made)))
    try:
        answer = on_dask(client, path)
    except InputError:
        return
    assert sums(answer.totals) == sums(in_memory(path).totals)


@pytest.mark.parametrize("kind", ["xlsx", "utf-16"])
def test_dask_on_a_file_it_cannot_cut(tmp_path, client, kind):
    """Excel and UTF-16 work in memory: on Dask too, or a sentence says that they do not."""
    path = tmp_path / f"v.{'xlsx' if kind == 'xlsx' else 'csv'}"
    text = "Visit,CPT,Minutes,Units\n1,97110,15,3\n2,97110,15,1\n"
    if kind == "xlsx":
        pd.read_csv(io.StringIO(text), dtype=str).to_excel(path, index=False)
    else:
        path.write_bytes(text.encode("utf-16"))
    assert in_memory(path).totals.rows["used"] == 2
    try:
        answer = on_dask(client, path)
    except InputError:
        return
    assert answer.totals.rows["used"] == 2


def test_dask_with_visits_without_units(tmp_path, client):
    """Whether the file has units is a matter of the file."""
    path = tmp_path / "mixed.csv"
    path.write_bytes(MIXED)
    assert_same(on_dask(client, path, block=100), in_memory(path))


def kinds(path, parts):
    """The kinds of columns of a Parquet file of the parts' lines and findings."""
    out = []
    for name in ("findings", "lines", "refused"):
        with TableWriter(path) as writer:
            for part in parts:
                writer.write(getattr(part, name))
        out.append(pd.read_parquet(path).dtypes.to_dict())
    return out


def test_dask_writes_the_same_kinds_of_columns(tmp_path, client):
    """Row numbers, minutes and units are numbers in a Parquet file, whichever engine wrote it."""
    path = csv_file(tmp_path / "v.csv", list(chain(*visits(16, 10, 0.2))))
    files, columns = opened([path])
    on_workers = list(audit_on_dask(files, [path], columns, SETTINGS, client))
    here = list(audit_parts(*opened([path]), SETTINGS))
    output = tmp_path / "v.parquet"
    assert kinds(output, on_workers) == kinds(output, here)


def test_parts_write_the_same_kinds_of_columns(tmp_path):
    """A first part without a refused row is no reason to write row numbers as text."""
    content = b"Visit,CPT,Minutes,Units\n1,97110,15,3\n2,97110,15,3\n3,97112,x,1\n4,97110,15,1\n"
    with blocks_of(60):
        parts = list(audit_parts(*opened([content]), SETTINGS, 1))
    assert next(len(part.refused) for part in parts) == 0
    assert sum(len(part.refused) for part in parts) == 1
    output = tmp_path / "v.parquet"
    assert kinds(output, parts) == kinds(output, [joined(parts)])


def test_dask_on_parquet_without_rows(tmp_path, client):
    """Only columns, and not a group of rows."""
    path = tmp_path / "none.parquet"
    pd.DataFrame(columns=HEADER, dtype=str).to_parquet(path, index=False)
    assert_same(on_dask(client, path), in_memory(path))


def test_dask_says_what_is_wrong_with_a_file(tmp_path, client):
    """A quote that is never closed, in a later block: the file and the row, as in memory."""
    path = csv_file(tmp_path / "quote.csv", list(chain(*visits(18, 30))))
    path.write_bytes(path.read_bytes() + b'V9,,97110,15,1,,,,,,,"so\nV10,,97110,15,1,,,,,,,\n')
    with pytest.raises(InputError) as here:
        in_memory(path)
    with pytest.raises(InputError, match=r"quote\.csv, row \d+, quote") as there:
        on_dask(client, path)
    assert str(there.value) == str(here.value)


def test_dask_whose_workers_do_not_see_the_file(tmp_path, client, monkeypatch):
    """The path is to be known to all of them: a sentence names the file."""
    path = csv_file(tmp_path / "gone.csv", list(chain(*visits(19, 5))))
    files, columns = opened([path])
    pieces = visit_files.pieces_of(files[0], path, TINY)
    path.unlink()
    monkeypatch.setattr(visit_files, "pieces", lambda *given: pieces)
    words = r"gone\.csv.*cannot be opened by a worker: No such file"
    with pytest.raises(InputError, match=words):
        list(audit_on_dask(files, [path], columns, SETTINGS, client))


def test_dask_with_quotes_on_every_line(tmp_path, client):
    """Notes of several lines, each in quotes: blocks end where rows do."""
    made = visits(20, 60)
    for row in chain(*made):
        row["Notes"] = 'so\n"they"\nsaid, 5" tape'
    path = csv_file(tmp_path / "notes.csv", list(chain(*made)))
    assert_same(on_dask(client, path, block=500), in_memory(path))


def test_dask_that_is_not_installed(monkeypatch):
    """A sentence says what to install."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match="is not installed: pip install"):
        dask_client()


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
        rows = answer.totals.rows
        assert rows["used"] + rows["refused"] == len(records)
        assert rows["refused"] == len(answer.refused)
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
        assert answer.totals.rows["refused"] == len(answer.refused)


@pytest.mark.parametrize("mark", UTF16)
def test_an_empty_file_with_a_mark(mark):
    """Saved as Unicode text with nothing in it: a sentence says that it is empty."""
    with pytest.raises(InputError, match="is empty"):
        in_memory(mark)
