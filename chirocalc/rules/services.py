"""Service lines as a user gives them: checked, cleaned, and one line per visit and code."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from chirocalc import tables
from chirocalc.arrays import Bools, Ints
from chirocalc.errors import InputError, Problem
from chirocalc.tables import modifier_bits, region_bits

from . import line_checks
from .line_checks import MOST_MINUTES, component

ASSISTANT = "CQ CO"


class Lines(NamedTuple):
    """Lines as arrays of equal length, in the order of first entry."""

    visits: pd.Index
    visit: Ints  # which of `visits`
    key: Ints  # which row of code_table.codes()
    minutes: Ints  # 0 where none were given
    has_minutes: Bools
    counts: Ints
    tie_first: Bools  # the clinician gives this line the unit of a tie
    assistant: Bools  # CQ or CO
    modifiers: Ints  # bits in the order of the modifier table
    region: Ints  # bits in the order of the region table, 0 where none is given
    separate: Ints  # 1 separate from the other services, 0 not, -1 not said
    unlisted: NDArray[np.object_]  # modifiers that the modifier table does not have


def read_lines(frame: pd.DataFrame) -> Lines:
    """Lines from a frame with `code` and `minutes`, and optionally `visit`, `count`, `region`,
    `modifiers`, `separate` (whether the service was separate from the others, in the sense its pair
    asks) and `tie_first` (a choice among tied lines). Raises `InputError` with every fault.

    The same code twice in a visit is one line: its minutes add up (cpm-5-20.2). The professional
    (26) and the technical part (TC) of a code are lines of their own.
    """
    return read_rows(frame)[0]


def read_rows(frame: pd.DataFrame) -> tuple[Lines, Ints]:
    """`read_lines`, and which line each row of the frame went into."""
    problems = line_checks.check_lines(frame)
    if problems:
        raise InputError(problems)
    rows = len(frame)
    visit_column = frame["visit"] if "visit" in frame else pd.Series(np.ones(rows, np.int64))
    numbers, visits = pd.factorize(visit_column)
    code_numbers, code_words = line_checks.codes(frame)
    modifier_numbers, modifier_words = line_checks.modifiers(frame)
    sets = len(modifier_words)
    number, found = pd.factorize(code_numbers * sets + modifier_numbers)
    known = tables.code_arrays().row
    names = [component(code_words[at // sets], modifier_words[at % sets]) for at in found.tolist()]
    key = np.array([known[name] for name in names], np.int64)[number]

    line, firsts = pd.factorize(numbers * len(known) + key)
    size = len(firsts)
    first_row = np.unique(line, return_index=True)[1]
    minutes = pd.to_numeric(frame["minutes"]).to_numpy(np.float64, na_value=np.nan)
    given = ~np.isnan(minutes)
    counts = np.ones(rows, np.int64)
    if "count" in frame:
        counts = pd.to_numeric(frame["count"]).fillna(1).to_numpy(np.int64)
    bits = np.array([modifier_bits(words) for words in modifier_words], np.int64)
    all_bits = _any_bit(line, bits[modifier_numbers], size)

    def total(values: NDArray[np.float64] | Ints | Bools) -> Ints:
        return np.bincount(line, values, size).astype(np.int64)

    together = total(np.where(given, minutes, 0))
    over = np.flatnonzero(together[line] > MOST_MINUTES)
    if len(over):
        allowed = f"add up to more than {MOST_MINUTES:,} in the visit"
        raise InputError(
            Problem("lines", int(row) + 1, "minutes", frame["minutes"].iloc[row], allowed)
            for row in over
        )
    separate = line_checks.flags(frame, "separate")
    listed = set(tables.modifiers().index)
    others = [" ".join(w for w in words.split() if w not in listed) for words in modifier_words]
    lines = Lines(
        visits=pd.Index(visits, name="visit"),
        visit=np.asarray(numbers, np.int64)[first_row],
        key=key[first_row],
        minutes=together,
        has_minutes=total(given) > 0,
        counts=total(counts),
        tie_first=total(line_checks.flags(frame, "tie_first") == 1) > 0,
        assistant=(all_bits & modifier_bits(ASSISTANT)) > 0,
        modifiers=all_bits,
        region=_any_bit(line, _regions(frame), size),
        # Where rows of a line differ, no: it takes a yes for all of it to be separate.
        unlisted=np.array(others, dtype=object)[modifier_numbers[first_row]],
        separate=np.where(total(separate == 0) > 0, 0, np.where(total(separate == 1) > 0, 1, -1)),
    )
    return lines, np.asarray(line, np.int64)


def of_visits(lines: Lines, wanted: Bools) -> Lines:
    """The lines of some of the visits."""
    keep = wanted[lines.visit]
    number = np.cumsum(wanted) - 1
    kept = {name: getattr(lines, name)[keep] for name in Lines._fields if name != "visits"}
    kept["visit"] = number[kept["visit"]]
    return Lines(visits=lines.visits[wanted], **kept)


def _any_bit(line: Ints, bits: Ints, size: int) -> Ints:
    """The bits of all rows of a line together."""
    out = np.zeros(size, np.int64)
    np.bitwise_or.at(out, line, bits)
    return out


def _regions(frame: pd.DataFrame) -> Ints:
    if "region" not in frame:
        return np.zeros(len(frame), np.int64)
    numbers, found = pd.factorize(frame["region"], use_na_sentinel=False)
    bits = np.array([0 if pd.isna(text) else region_bits(str(text)) for text in found], np.int64)
    return np.asarray(bits[numbers])
