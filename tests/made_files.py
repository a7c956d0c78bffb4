"""Files of made-up visits, the ways to audit them, and when two answers are the same."""

import csv
import io
from contextlib import contextmanager
from random import Random

import pandas as pd
import pytest
from oracles import audit as oracle

from chirocalc import Settings
from chirocalc.audit import csv_file as csv_file_module
from chirocalc.audit import parts as audit_files
from chirocalc.audit.on_dask import audit_on_dask
from chirocalc.audit.parquet_file import row_groups
from chirocalc.audit.parts import audit_in_memory, audit_parts, joined
from chirocalc.exports import TableWriter

SETTINGS = Settings(payer="uhc", provider="pt", locality="01112-05")
HEADER = [
    "Visit", "Date", "CPT", "Minutes", "Units", "Modifiers", "Region", "Payer", "Provider",
    "Discipline", "POS", "Notes",
]  # fmt: skip
PAYERS = ["", "VA", "Commercial, AMA rule", "Cash or self-pay", "Somebody else"]
TINY = 2000  # bytes of a block
# What makes a row unusable, by column, and what it is called then.
FAULTS = [
    ("CPT", "9711O", "code"),
    ("CPT", "99999", "code"),  # passed over: perhaps a code, and not in our tables
    ("CPT", "PAYMENT", "code"),  # passed over
    ("Minutes", "abc", "minutes"),
    ("Units", "-1", "units"),
    ("Date", "2026-13-01", "date"),
    ("Modifiers", "GPX", "modifiers"),
    ("Notes", "a,b", "row"),  # a value more than the header has
    ("Notes", "\udc81\udc9d", ""),  # bytes that are no letters, in a column that is not read
    ("Provider", "\udc81", "encoding"),
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


DAYS_HEADER = [
    "Account", "Claim", "Date", "CPT", "Minutes", "Units", "Modifiers", "Region", "Payer",
    "Provider type", "POS",
]  # fmt: skip
# Rows of no service, of an account and day or of none, and what they are called.
NO_SERVICES = [
    ("PAYMENT", "payment"), ("COPAY", "copay"), ("M54.5", "diagnosis"), ("Total", "total"),
    ("99999", "code not in our tables"), ("N/A", "total, title or footer"), ("", "blank"),
]  # fmt: skip
POS = {"": "", "office": "11", "facility": "22"}
WHO = {"": "", "chiropractor": "DC", "pt": "PT", "ot": "OT"}


def days(seed, count=30, mixed=True):
    """Rows by account and day: several disciplines, claims, plans and places of one day, payers
    that are not known, minutes that are the same on each line. Without `mixed` all that the order
    of rows decides, or modifiers do, is left out: places that are not said, ties, plans."""
    random, out = Random(seed), []
    for n in range(count):
        date = f"2026-03-{n % 28 + 1:02}"
        made = oracle.made_up_day(f"A{n // 3:02}", random)
        if not mixed:
            made = [row for row in made if is_plain(row, made)]
        out.append([day_row(row, date, mixed) for row in made])
    return out


def is_plain(row, made):
    """Whether no other timed row of its visit has its minutes, and none of its day its code."""
    same = [
        each
        for each in made
        if each["code"] == row["code"]
        or (each["discipline"], each["minutes"]) == (row["discipline"], row["minutes"] or None)
    ]
    return len(same) == 1


def day_row(row, date, mixed):
    return {
        "Account": row["visit"],
        "Claim": row["claim"],
        "Date": date,
        "CPT": row["code"],
        "Minutes": row["minutes"],
        "Units": row["units"],
        "Modifiers": row["modifiers"] if mixed else row["modifiers"].replace("GO", "").strip("GN "),
        "Region": row["region"],
        "Payer": row["named"],
        "Provider type": WHO[row["discipline"]],
        "POS": POS[row["place"]] or ("" if mixed else "11"),
    }


def days_csv(rows, header=DAYS_HEADER):
    """The bytes of a CSV of days."""
    text = io.StringIO()
    writer = csv.DictWriter(text, header, lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def no_service(random, **about):
    """A row of no service, with anything else in it."""
    code, kind = random.choice(NO_SERVICES)
    row = dict.fromkeys(DAYS_HEADER, "")
    if kind not in ("blank", "total, title or footer"):
        row |= {
            "Units": random.choice(["", "9"]),
            "Minutes": random.choice(["", "x", "99"]),
        } | about
    return row | {"CPT": code}


def pair(row):
    """A row of some units and the row that takes it back."""
    row = row | {"Units": "7"}
    return [row, row | {"Units": "-7"}]


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
    assert row_groups(path) == groups
    return path


def opened(sources):
    """Files and the columns they have in common; a source is a path or bytes."""
    named = [(each, getattr(each, "name", "visits.csv")) for each in sources]
    files = audit_files.open_files(named)
    return files, audit_files.columns_of(files)


def in_memory(*sources, settings=SETTINGS, **more):
    return audit_in_memory(*opened(sources), settings, **more)


def in_parts(*sources, settings=SETTINGS, lines_at_once=5, **more):
    return joined(list(audit_parts(*opened(sources), settings, lines_at_once, **more)))


def on_dask(client, *paths, settings=SETTINGS, block=TINY, **more):
    files, columns = opened(paths)
    parts = audit_on_dask(files, list(paths), columns, settings, client, block, **more)
    return joined(list(parts))


@contextmanager
def blocks_of(size):
    """CSV files are read so many bytes at a time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_file_module, "BLOCK", size)
        yield


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
    counters = (
        totals.at_stake, totals.rows, totals.unknown, totals.passed, totals.payers, totals.minutes
    )  # fmt: skip
    counts = [{key: n for key, n in counter.items() if n} for counter in counters]
    return [*frames, *counts, totals.days]


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


def kinds(path, parts):
    """The kinds of columns of a Parquet file of the parts' lines and findings."""
    out = []
    for name in ("findings", "lines", "refused"):
        with TableWriter(path) as writer:
            for part in parts:
                writer.write(getattr(part, name))
        out.append(pd.read_parquet(path).dtypes.to_dict())
    return out


def apart(seed=4, count=40):
    """Visits whose rows stand among those of others: dealt like cards."""
    random, piles, dealt = Random(seed), visits(seed, count), []
    while piles:
        pile = random.choice(piles)
        dealt.append(pile.pop(0))
        piles = [each for each in piles if each]
    return dealt


MIXED = b"Visit,CPT,Minutes,Units\nU,97110,15,1\n" + b"".join(
    b"N%d,97110,,\n" % n for n in range(40)
)
