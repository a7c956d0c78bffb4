"""Parquet files: every kind of column as text, or a sentence."""

import datetime as dt
import io
from decimal import Decimal

import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet
from reading import VISITS, frame_bytes, parquet_bytes, read, refusal

from chirocalc.audit.files import open_file
from chirocalc.errors import InputError


def test_parquet_cells_are_text():
    """Whole numbers without a point, gaps as blanks, dates without a time."""
    content = parquet_bytes(
        {
            "Visit": pa.array([1001, 1002, None], pa.int64()),
            "Code": pa.array(["97110", None, "97140"]).dictionary_encode(),
            "Minutes": [15.0, 7.5, None],
            "Units": pa.array([1, None, 3], pa.int8()),
            "Date": [dt.date(2026, 1, 2), None, dt.date(2026, 12, 31)],
            "Time": [dt.datetime(2026, 1, 2), dt.datetime(2026, 1, 2, 9, 30), None],
            "Price": [Decimal("15.00"), None, Decimal("-1.50")],
            "Flag": [True, False, None],
            "None": pa.nulls(3),
        }
    )
    assert read(content, "a.parquet") == (
        {
            2: ["1001", "97110", "15", "1", "2026-01-02", "2026-01-02", "15.00", "True", ""],
            3: ["1002", "", "7.5", "", "", "2026-01-02 09:30:00", "", "False", ""],
            4: ["", "97140", "", "3", "2026-12-31", "", "-1.50", "", ""],
        },
        {},
    )


def test_parquet_categories_and_an_index_of_numbers():
    """As pandas writes them; the index is no field."""
    frame = pd.DataFrame(
        {"Visit": pd.Categorical(["a", None, "b"]), "Code": pd.Categorical([97110, 97112, 97110])},
        index=[5, 7, 9],
    )
    full = read(frame_bytes(frame), "a.parquet", ["Visit", "Code"])[0]
    assert full == {2: ["a", "97110"], 3: ["", "97112"], 4: ["b", "97110"]}


@pytest.mark.parametrize("size", [7, 1000, 60_000])
def test_parquet_rows_are_numbered_through(size):
    """Over row groups and batches of any size."""
    count = 120_000 if size == 60_000 else 2500
    content = parquet_bytes({"Visit": list(range(count))}, row_group_size=size)
    seen = [
        (number, value)
        for batch in open_file(content, "a.parquet").batches(["Visit"])
        for number, value in zip(batch.rows.index, batch.rows["Visit"], strict=True)
    ]
    assert seen == [(at + 2, str(at)) for at in range(count)]


@pytest.mark.parametrize(
    "numbers",
    [
        [9007199254740993, 9007199254740992],
        [9007199254740993, 9007199254740992, None],
    ],
)
def test_parquet_visits_of_many_digits(numbers):
    """Two visits stay two."""
    content = parquet_bytes(
        {"Visit": pa.array(numbers, pa.int64()), "Code": ["97110"] * len(numbers)}
    )
    full = read(content, "a.parquet")[0]
    assert [row[0] for row in full.values()] == ["" if n is None else str(n) for n in numbers]


@pytest.mark.parametrize("values", [[[1, 2], None], [{"a": 1}, None]], ids=["list", "struct"])
def test_parquet_with_nested_columns(values):
    """A column that is not wanted does no harm."""
    content = parquet_bytes(VISITS | {"Diagnoses": values})
    full = read(content, "a.parquet", ["Visit", "Code"])[0]
    assert full == {2: ["V1", "97110"], 3: ["V2", "97140"]}


def test_parquet_with_double_names():
    """Read as in a CSV, or refused with a sentence."""
    arrays = [pa.array(["V1"]), pa.array(["97110"]), pa.array(["97140"])]
    content = parquet_bytes(pa.Table.from_arrays(arrays, names=["Visit", "Code", "Code"]))
    try:
        full = read(content, "a.parquet")[0]
    except InputError:
        return
    assert list(full) == [2]


def test_parquet_with_an_index_of_visits():
    """`frame.set_index("Visit").to_parquet(...)` loses no column."""
    content = frame_bytes(pd.DataFrame(VISITS).set_index("Visit"))
    file = open_file(content, "a.parquet")
    (batch,) = file.batches(["Visit", "Code"])
    assert set(batch.rows.columns) == {"Visit", "Code"}


def test_parquet_text_of_other_writers():
    """Impala and old Spark write text as plain bytes."""
    content = parquet_bytes({"Visit": [b"V1"], "Code": [b"97110"]})
    assert read(content, "a.parquet")[0] == {2: ["V1", "97110"]}


def test_parquet_without_rows():
    """The columns are known, and nothing is in them."""
    columns = {"Visit": pa.array([], pa.string()), "Code": pa.array([], pa.int64())}
    file = open_file(parquet_bytes(columns), "a.parquet")
    assert file.header == ("Visit", "Code")
    assert file.private(set()) == {}
    assert [len(batch.rows) for batch in file.batches(file.header)] in ([], [0])


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_truncated_parquet(share):
    """A download that broke off."""
    content = parquet_bytes({"Visit": [f"V{at}" for at in range(999)]})
    assert "cannot be read as Parquet" in refusal(content[: int(len(content) * share)], "a.parquet")


def test_damaged_parquet():
    """The first rows are damaged: said on opening."""
    content = bytearray(parquet_bytes({"Visit": [f"V{at}" for at in range(999)]}))
    content[30:300] = b"\xff" * 270
    assert "cannot be read as Parquet" in refusal(bytes(content), "a.parquet")


def test_damaged_parquet_after_the_first_rows():
    """Rows that cannot be read are said with a sentence, wherever they are."""
    columns = {"Visit": [f"V{at}" for at in range(3000)], "Code": ["97110"] * 3000}
    content = bytearray(parquet_bytes(columns, row_group_size=1000, use_dictionary=False))
    group = parquet.ParquetFile(io.BytesIO(bytes(content))).metadata.row_group(1)
    at = group.column(0).data_page_offset
    content[at : at + 300] = b"\xff" * 300
    assert "cannot be read as Parquet" in refusal(bytes(content), "a.parquet")
