"""The sample and the template: the same everywhere, no patient in them, as real files are."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from chirocalc.audit.audit import audit
from chirocalc.audit.columns import FIELDS, check_columns, recognize
from chirocalc.audit.files import open_file
from chirocalc.audit.rows import read_rows
from chirocalc.audit.sample import CLINICIANS, HEADER, sample, template
from chirocalc.exports import csv_bytes, excel_bytes
from chirocalc.rules.settings import Settings
from chirocalc.tables.code_table import codes

ROOT = Path(__file__).parents[2]
FINGERPRINT = """
import hashlib
from chirocalc.exports import csv_bytes
from chirocalc.audit import sample
print(hashlib.sha256(csv_bytes(sample())).hexdigest())
"""
MAKERS = {"sample": sample, "template": template}


def opened(content):
    """A file and its columns."""
    file = open_file(content, "visits")
    return file, recognize(file.header)


def read(content):
    """The lines of a file, the refused rows and the words not known."""
    file, columns = opened(content)
    parts = [read_rows(batch, columns) for batch in file.batches(file.header)]
    return (
        pd.concat([part.lines for part in parts if len(part.lines)], ignore_index=True),
        sum(len(part.refused) for part in parts),
        sum(len(part.unknown) for part in parts),
    )


def test_the_sample_has_a_thousand_lines():
    """All text, all columns, in the order of their visits."""
    table = sample()
    assert (table.shape, table.columns.tolist()) == ((1000, len(HEADER)), HEADER)
    assert not table.isna().any(axis=None)
    assert all(pd.api.types.is_string_dtype(table[name]) for name in HEADER)
    assert table["Visit"].is_monotonic_increasing
    assert table["Visit"].nunique() > 300


@pytest.mark.parametrize("seed", ["0", "1"])
def test_the_sample_is_the_same_in_every_process(seed):
    """The same bytes, whatever Python's hashes."""
    here = hashlib.sha256(csv_bytes(sample())).hexdigest()
    run = subprocess.run(
        [sys.executable, "-c", FINGERPRINT],
        cwd=ROOT,
        env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT), "TZ": "Asia/Tokyo"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == here


@pytest.mark.parametrize("name", MAKERS)
def test_there_is_no_patient_in_it(name):
    """Nothing in it looks like patient data, columns in use or not."""
    file, columns = opened(csv_bytes(MAKERS[name]()))
    assert file.private({column for names in columns.values() for column in names}) == {}
    assert file.private(set()) == {}
    assert set(MAKERS[name]()["Provider"]) <= set(CLINICIANS)


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_it_is_read_whole(name, kind):
    """Every column is recognized, no row refused, no word unknown."""
    table = MAKERS[name]()
    content = csv_bytes(table) if kind == "csv" else excel_bytes({"Visits": table})
    file, columns = opened(content)
    assert file.note == ""
    assert check_columns(columns, "visits") is None
    assert sorted(column for names in columns.values() for column in names) == sorted(HEADER)
    assert set(columns) < set(FIELDS)
    lines, refused, unknown = read(content)
    assert (len(lines), refused, unknown) == (len(table), 0, 0)
    assert lines["row"].tolist() == list(range(2, len(table) + 2))
    assert lines["code"].tolist() == table["CPT"].tolist()
    assert lines["date"].tolist() == table["Date of service"].tolist()
    assert (lines["payer"] != "").all()
    assert (lines["place"] != "").all()


@pytest.mark.parametrize("name", MAKERS)
def test_all_codes_are_known(name):
    """And the engine takes every line."""
    table = MAKERS[name]()
    assert set(table["CPT"]) <= set(codes()["code"])
    answer = audit(read(csv_bytes(table))[0], Settings(), set())
    assert answer.refused.empty
    assert len(answer.lines) == len(table)


def test_a_visit_has_one_day_one_payer_and_one_clinician():
    """As a record system has them; none in the future of its own month."""
    grouped = sample().groupby("Visit")
    for column in ("Date of service", "Payer", "Provider", "Place of service"):
        assert (grouped[column].nunique() == 1).all()
    days = pd.to_datetime(sample()["Date of service"], format="%Y-%m-%d")
    assert days.between("2026-03-02", "2026-03-31").all()


def test_the_sample_shows_what_audits_find():
    """Some of its visits have faults, and most have none."""
    answer = audit(read(csv_bytes(sample()))[0], Settings(), set())
    fixes = answer.findings[answer.findings["level"] == "fix"]
    assert 0 < fixes["visit"].nunique() < sample()["Visit"].nunique() / 2
    assert answer.findings["rule"].nunique() > 5


def test_the_template_is_clean():
    """Nothing to fix, nothing missing, nothing to check: only what it teaches."""
    answer = audit(read(csv_bytes(template()))[0], Settings(), set())
    assert answer.refused.empty
    assert set(answer.findings["level"]) <= {"note"}
    units = answer.lines.groupby("visit")[["billed", "supported"]].sum()
    assert units["billed"].tolist() == units["supported"].tolist()


def test_the_template_shows_each_kind_of_cell():
    """Several regions in one cell, a modifier, minutes where they count and none where not."""
    table = template()
    assert table.columns.tolist() == sample().columns.tolist() == HEADER
    assert table["Visit"].nunique() < len(table)
    assert table["Region"].str.contains("|", regex=False).any()
    assert {"", "20"} <= set(table["Minutes"])
    assert (table["Modifiers"] != "").all()
    assert template() is not template()
