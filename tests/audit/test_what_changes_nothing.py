"""What must change nothing: the order of rows, where a file is cut, rows that are no services,
lines that are taken back; and what a column that is not there may not decide."""

import csv
from itertools import chain
from pathlib import Path
from random import Random

import pytest
from made_files import (
    DAYS_HEADER,
    assert_same,
    bag,
    blocks_of,
    days,
    days_csv,
    in_memory,
    in_parts,
    no_service,
    on_dask,
    pair,
    sums,
)

from chirocalc import Settings
from chirocalc.audit.rows import How

UHC_PT = Settings(payer="uhc", provider="pt")
TOTAL_TIME = Settings(payer="commercial-total-time", provider="pt", mppr="none")
HINTS = Path(__file__).parents[2] / "chirocalc" / "tables" / "data" / "hints.csv"
OF_UNITS = {"units-over", "units-zero", "units-under", "missing-minutes"}
HOWS = {
    "as it stands": How(),
    "visits": How(minutes="visit"),
    "payers": How(payers={"aetna ppo": "va"}),
    "both": How({"aetna ppo": "medicare"}, "visit"),
}


def messy(seed, count=30):
    """Days with rows of no service, reversals of a line and of none, and rows to refuse."""
    random, out = Random(f"messy {seed}"), []
    for rows in days(seed, count):
        about = {name: rows[0][name] for name in ("Account", "Date")}
        for row in rows:
            out.append(row)
            chance = random.random()
            if chance < 0.1:
                out.append(no_service(random, **about))
            elif chance < 0.2:
                out += pair(row)
            elif chance < 0.24:
                out.append(row | {"Units": "-99"})
            elif chance < 0.28:
                out.append(row | {"Minutes": "soon"})
            elif chance < 0.3:
                out.append(row | {"CPT": "9711O"})
    return out


def findings(answer, *but):
    """Findings without what says where they stand."""
    return bag(answer.findings.drop(columns=["row", *but]))


@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize("lines_at_once", [1, 40])
def test_parts_of_any_size(how, lines_at_once):
    """The same as in memory, to the last cent, however rows are understood."""
    content = days_csv(messy(1, 15))
    whole = in_memory(content, settings=UHC_PT, how=HOWS[how])
    assert {"", "reversal", "payment"} <= set(whole.refused["kind"])
    assert whole.totals.minutes["same"] > 1
    with blocks_of(700):
        parts = in_parts(content, settings=UHC_PT, lines_at_once=lines_at_once, how=HOWS[how])
    assert_same(parts, whole)
    at_once = in_memory(content, settings=UHC_PT, lines_at_once=lines_at_once, how=HOWS[how])
    assert_same(at_once, whole)


@pytest.mark.dask
def test_dask_is_as_memory(tmp_path):
    """However rows are understood, and wherever those of a day stand."""
    distributed = pytest.importorskip("distributed")
    path = tmp_path / "days.csv"
    path.write_bytes(days_csv(Random(2).sample(messy(2), len(messy(2)))))
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        for how in HOWS.values():
            whole = in_memory(path, settings=UHC_PT, how=how)
            assert_same(on_dask(client, path, settings=UHC_PT, how=how), whole)


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_rows(seed):
    """In memory, where no tie and no row that is the first of its visit decides."""
    rows = list(chain(*days(seed, 60, mixed=False)))
    whole = in_memory(days_csv(rows), settings=TOTAL_TIME)
    shuffled = Random(seed).sample(rows, len(rows))
    again = in_memory(days_csv(shuffled), settings=TOTAL_TIME)
    assert len(whole.findings) > 50
    for answer in (whole, again):  # what is of a visit stands at the first of its lines
        of_visit = answer.findings["code"] == ""
        for name in ("units", "right_units", "modifiers", "right_modifiers"):
            answer.findings[name] = answer.findings[name].mask(of_visit)
    assert findings(whole, "claim") == findings(again, "claim")
    assert sums(whole.totals) == sums(again.totals)


@pytest.mark.parametrize("seed", range(4))
def test_rows_that_are_no_services(seed):
    """Put anywhere, of any visit or of none: passed over, and no more."""
    random, rows = Random(seed), list(chain(*days(seed)))
    added = []
    for row in rows:
        while random.random() < 0.3:
            added.append(no_service(random, **{name: row[name] for name in ("Account", "Date")}))
        added.append(row)
    whole, again = (in_memory(days_csv(each), settings=UHC_PT) for each in (rows, added))
    assert sum(again.totals.passed.values()) == len(added) - len(rows) > 10
    assert again.totals.rows == whole.totals.rows
    assert findings(whole) == findings(again)
    assert bag(whole.lines.drop(columns="row")) == bag(again.lines.drop(columns="row"))


@pytest.mark.parametrize("seed", range(4))
def test_a_line_that_is_taken_back(seed):
    """With its reversal, anywhere after it in its visit or far away."""
    random, rows = Random(seed), list(chain(*days(seed)))
    added, later = [], []
    for row in rows:
        added.append(row)
        if random.random() < 0.3:
            charge, back = pair(row)
            added.append(charge)
            (added if random.random() < 0.5 else later).append(back)
    added += later
    whole, again = (in_memory(days_csv(each), settings=UHC_PT) for each in (rows, added))
    assert again.totals.passed == {"reversal": len(added) - len(rows)}
    assert len(added) - len(rows) > 20
    assert findings(whole) == findings(again)
    assert again.totals.rows["refused"] == whole.totals.rows["refused"]


def not_resting(field):
    """Rule and level of the rows of hints.csv that ask nothing of a field."""
    with HINTS.open(newline="", encoding="utf-8") as file:
        rules = list(csv.DictReader(file))
    asks = {
        "Modifiers": lambda row: (
            row["lacks"] or "has:" in row["when"] or {"phase-unknown", "abn-unknown"} & words(row)
        ),
        "Region": lambda row: (
            {word for word in words(row) if word.startswith("region")}
            | words(row) & {"adjusted-unknown"}
        ),
    }[field]
    return {(row["rule"], row["level"]) for row in rules if not asks(row)}


def words(row):
    return {word.removeprefix("!") for word in row["when"].split()}


@pytest.mark.parametrize("payer", ["medicare", "uhc", "commercial-total-time"])
@pytest.mark.parametrize("column", ["Modifiers", "Region"])
@pytest.mark.parametrize("provider", ["chiropractor", "pt"])
def test_without_a_column(column, payer, provider):
    """What it would say is unknown, not empty: no finding rests on it, and units are as before."""
    rows = list(chain(*days(5, 60, mixed=False)))
    header = [name for name in DAYS_HEADER if name != column]
    settings = Settings(payer=payer, provider=provider)
    whole, blind = (
        in_memory(days_csv(rows, each), settings=settings) for each in (DAYS_HEADER, header)
    )
    found = blind.findings[~blind.findings["rule"].isin(OF_UNITS)]
    said = set(zip(found["rule"], found["level"], strict=True))
    assert said <= not_resting(column)
    names = ["row", "code", "rule", "units", "right_units"]
    one, other = (
        each.findings.loc[each.findings["rule"].isin(OF_UNITS), names] for each in (whole, blind)
    )
    assert len(one) > 20
    assert bag(one) == bag(other)


def test_two_lines_are_alike_only_where_modifiers_are_known():
    """59 on the second may be what sets it apart."""
    row = {"Account": "1", "Date": "2026-03-02", "CPT": "97110", "Minutes": "15", "Units": "1"}
    rows = [row, row | {"Modifiers": "59"}]
    header = [name for name in DAYS_HEADER if name != "Modifiers"]
    for each in (DAYS_HEADER, header):
        found = in_memory(days_csv(rows, each), settings=TOTAL_TIME).findings
        assert "two-lines" not in set(found["rule"])


@pytest.mark.parametrize("columns", [["Minutes"], ["Start Time", "End Time"], []])
def test_minutes_are_asked_for_where_the_file_has_some(columns):
    """Of none a file without them says nothing, line by line."""
    header = ["Account", "Date", "CPT", "Units", *columns]
    content = ",".join(header) + "\n1,2026-03-02,97110,1" + "," * len(columns) + "\n"
    answer = in_memory(content.encode(), settings=TOTAL_TIME)
    assert ("missing-minutes" in set(answer.findings["rule"])) == bool(columns)
    assert answer.lines["supported"].isna().all()


def test_without_a_column_of_units_none_are_compared():
    """Minutes support some; nothing was said of what was billed."""
    content = b"Account,Date,CPT,Minutes\n1,2026-03-02,97110,15\n1,2026-03-02,97112,30\n"
    answer = in_memory(content, settings=TOTAL_TIME)
    assert answer.lines["billed"].isna().all()
    assert not set(answer.findings["rule"]) & OF_UNITS
    assert answer.lines["supported"].tolist() == [1, 2]
