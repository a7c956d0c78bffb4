"""An app that runs while its tables change: whole at the next click, as a fresh start has it."""

import io
import json
import subprocess
import sys
from pathlib import Path

import cms_layouts as made
import pandas as pd
import pytest
from driving import go_to, opened, run, totals
from test_cms_update import our_gpcis, our_rvus

from chirocalc import InputError, Settings, estimate
from chirocalc.cms import undo, update

ROOT = Path(__file__).parents[2]
DAYS = ["2025-06-01", "2026-01-01", "2026-03-02", "2026-12-31", "2027-01-01", "2027-06-30"]
CODES = ["98941", "97110", "97112", "97140", "99213"]
VISIT = {"payer": "commercial-total-time", "do": "97110.20_97112.15", "date": "2026-03-02"}
NEXT = VISIT | {"date": "2027-02-01"}

FRESH = """
import json, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from chirocalc import tables
from test_running_app import dollars
folder = Path(sys.argv[1])
with tables.use_files(folder / "codes.csv", folder):
    print(json.dumps(dollars()))
"""


def dollars():
    """By day what a few lines are worth, in two areas; why there is nothing where that is so."""
    lines = pd.DataFrame({"visit": CODES, "code": CODES, "minutes": 15.0})
    lines["minutes"] = lines["minutes"].where(lines["code"].str.startswith("97"))
    found = {}
    for day in DAYS:
        for area in ("national", "01112-05"):
            try:
                priced = estimate(lines, Settings("va", area, provider="pt", date=day))
                found[f"{day} {area}"] = priced.lines["allowed"].tolist()
            except InputError as error:
                found[f"{day} {area}"] = str(error)
    return found


def fresh(folder):
    """The same of a process that has just begun."""
    done = subprocess.run(
        [sys.executable, "-c", FRESH, str(folder), str(Path(__file__).parent)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"},
    )
    return json.loads(done.stdout)


@pytest.fixture(autouse=True)
def no_dollars(monkeypatch):
    """What visits come to is shown by other tests, and takes a second."""
    for command in (update, undo):
        monkeypatch.setitem(command.__globals__, "in_dollars", lambda *_: [])


@pytest.fixture
def next_year(tmp_path):
    """RVU27A and its indices, with another value of 97110."""
    path = tmp_path / "rvu27a.zip"
    rvus = our_rvus(T97110={"work_rvu": "0.80"})
    files = {
        "PPRRVU2027_Jan_nonQPP.csv": made.rvu_csv(rvus, 2027, "January", "32.9000"),
        "PPRRVU2027_Jan_QPP.csv": made.rvu_csv(rvus, 2027, "January", "33.2000"),
        "GPCI2027.csv": made.gpci_csv(our_gpcis(**{"01112-05": "0.625"}), 2027),
    }
    path.write_bytes(made.as_zip(files))
    return path


def renew(folder, path):
    out = io.StringIO()
    assert update([path], False, lambda _: True, out, None, folder) == 0, out.getvalue()


def go_back(folder):
    assert undo(False, lambda _: True, io.StringIO(), folder) == 0


def amount(at):
    """The visit's dollars."""
    return totals(at)[3]


def test_after_an_update_every_day_is_as_after_a_fresh_start(own_tables, next_year):
    """And after it was undone."""
    before = dollars()
    assert "no tables are loaded" in before["2027-01-01 national"]
    renew(own_tables, next_year)
    after = dollars()
    assert {day for day in after if after[day] == before[day]} == {
        day for day in after if day < "2027"
    }
    assert isinstance(after["2027-01-01 national"], list)
    assert after == fresh(own_tables)
    go_back(own_tables)
    assert dollars() == before == fresh(own_tables)


def test_a_page_that_is_open_keeps_its_day(own_tables, next_year):
    """A visit of this year is worth the same after next year's tables came; one of next year's is
    refused before, priced after, and refused again when they went: never by another year."""
    at = opened(link=VISIT)
    this_year = amount(at)
    assert not at.warning
    assert "date '2027-02-01' was left out" in go_to(at, NEXT).warning[0].value
    assert amount(go_to(at, VISIT)) == this_year
    renew(own_tables, next_year)
    assert amount(run(at)) == this_year
    at = go_to(at, NEXT)
    assert not at.warning
    assert amount(at) not in ("–", "$0.00", this_year)
    go_back(own_tables)
    at.run()
    assert not at.exception
    assert "date '2027-02-01' was left out" in at.warning[0].value
    assert "no tables are loaded" in at.warning[0].value
    assert at.session_state["date"] is None


@pytest.mark.parametrize("page", ["compare", "codes", "audit", "sources"])
def test_other_pages_after_a_year_went_that_was_chosen(page, own_tables, next_year):
    """A sentence and no traceback, and the page is there again once a loaded day is chosen."""
    renew(own_tables, next_year)
    link = {"date": "2027-02-01"} if page in ("compare", "audit") else {}
    at = opened(page, link)
    go_back(own_tables)
    at.run()
    assert not at.exception
    if link:
        said = " ".join(each.value for each in [*at.error, *at.warning])
        assert "2027-02-01" in said
    at = go_to(at, {"date": "2026-03-02"} if link else {})
    assert not at.error
