"""A clinic's own codes.csv: the shipped rows, and one of its own to add or to spoil."""

import csv
import io

from chirocalc import tables

GOOD = tables.CODES_FILE.read_text(encoding="utf-8")
HEADER = GOOD.splitlines()[0].split(",")
LAST_ROW = len(GOOD.splitlines()) + 1  # of a row that is added
OWN = dict.fromkeys(HEADER, "") | {
    "code": "A1234",
    "name": "Kinesio <tape> & more",
    "short": "Tape",
    "synonyms": "taping|kt tape",
    "category": "Own",
    "time_rule": "timed15",
    "unit_minutes": "15",
    "from_minutes": "8",
    "status": "A",
    "work_rvu": "0.40",
    "pe_rvu_office": "0.35",
    "pe_rvu_facility": "0.30",
    "mp_rvu": "0.01",
    "global_days": "XXX",
    "release": "own",
    "effective_from": "2026-01-01",
    "effective_to": "2026-12-31",
}


def with_row(row):
    """codes.csv with one row more."""
    text = io.StringIO()
    csv.DictWriter(text, HEADER, lineterminator="\n").writerow(row)
    return GOOD.rstrip("\n") + "\n" + text.getvalue()
