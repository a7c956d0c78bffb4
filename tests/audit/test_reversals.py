"""Rows that take others back, one case at a time."""

import pandas as pd
import pytest

from chirocalc.audit.left_out import LEFT_OUT
from chirocalc.audit.reversals import without_reversals
from chirocalc.audit.rows import LINES


def rows(*said):
    """Rows of a visit from "97110 2 GP": code, units, modifiers, @ and its visit, / and its day."""
    table = []
    for at, text in enumerate(said, start=2):
        before, _, day = text.partition("/")
        line, _, visit = before.partition("@")
        code, units, *modifiers = line.split()
        usual = dict.fromkeys(LINES, "") | {"row": at, "minutes": 15.0, "visit": visit or "V"}
        billed = float("nan") if units == "-" else float(units)
        table.append(
            usual
            | {"code": code, "billed": billed, "modifiers": " ".join(modifiers)}
            | {"date": f"2026-03-{day or '02'}"}
        )
    return pd.DataFrame(table, columns=LINES)


@pytest.mark.parametrize(
    ("said", "left", "pairs", "refused"),
    [
        (["97110 2", "97110 -2"], [], [(2, 3)], []),
        (["97110 -2", "97110 2"], [], [(2, 3)], []),
        (["97110 2", "97110 -2", "97110 1"], [4], [(2, 3)], []),
        (["97110 2", "97110 -1"], [2], [], [3]),  # part of a line is not said which
        (["97110 2", "97112 -2"], [2], [], [3]),
        (["97110 2", "97110 -2@W"], [2], [], [3]),
        (["97110 2", "97110 -2/03"], [2], [], [3]),
        (["97110 2", "97110 2", "97110 -2"], [2], [(3, 4)], []),  # the nearest before
        (["97110 2", "97110 -2", "97110 2"], [4], [(2, 3)], []),  # before rather than after
        (["97110 2", "97112 1", "97110 -2", "97110 2"], [3, 5], [(2, 4)], []),
        (["97110 2", "97110 2", "97110 -2", "97110 -2"], [], [(2, 5), (3, 4)], []),
        (["97110 2", "97110 -2", "97110 -2"], [], [(2, 3)], [4]),
        (["97110 2 GP", "97110 2", "97110 -2 GP"], [3], [(2, 4)], []),  # the same modifiers
        (["97110 2 GP 59", "97110 -2 59 GP"], [], [(2, 3)], []),  # in any order
        (["97110 2 GP", "97110 -2 GO"], [2], [], [3]),
        (["97110 2 GP", "97110 2 59", "97110 -2"], [2], [(3, 4)], []),  # it says none: the nearest
        (["97110 2", "97110 -2 GP"], [2], [], [3]),
        (["97110 0", "97110 -", "97110 -1"], [2, 3], [], [4]),
        (["97110 2", "97110 1"], [2, 3], [], []),
        ([], [], [], []),
    ],
)
def test_reversals(said, left, pairs, refused):
    """Which rows stay, which pairs go, and what mirrors nothing."""
    kept, out = without_reversals(rows(*said))
    assert kept["row"].tolist() == left
    assert kept.index.tolist() == list(range(len(left)))
    assert list(out.columns) == LEFT_OUT
    gone = out[out["kind"] == "reversal"]
    assert sorted(gone["row"]) == sorted(row for pair in pairs for row in pair)
    said_of = dict(zip(gone["row"], gone["reason"], strict=True))
    number, units = rows(*said)["row"], rows(*said)["billed"]
    negative = set(number[units < 0])
    for pair in pairs:
        (back,) = negative & set(pair)
        (charge,) = set(pair) - {back}
        assert said_of[back] == f"takes back row {charge}"
        assert said_of[charge] == f"is taken back by row {back}"
    assert out.loc[out["kind"] == "", "row"].tolist() == refused
    assert set(out.loc[out["kind"] == "", "reason"]) <= {
        "takes back units that no other row of its day has"
    }


def test_what_is_said_of_a_row_that_was_left_out():
    """Its visit, its day and its units."""
    _, out = without_reversals(rows("97110 2@A7/09", "97110 -2@A7/09"))
    assert out[["visit", "date", "column", "value"]].values.tolist() == [
        ["A7", "2026-03-09", "units", "-2"],
        ["A7", "2026-03-09", "units", "2"],
    ]


def test_rows_without_reversals_are_as_they_were():
    table = rows("97110 2", "97112 1")
    kept, out = without_reversals(table)
    assert kept is table
    assert out.empty
