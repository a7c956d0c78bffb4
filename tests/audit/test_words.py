"""What is said of an audit, in plain cases."""

from collections import Counter
from dataclasses import replace

import pandas as pd
import pytest

from chirocalc import Settings
from chirocalc.audit import words
from chirocalc.audit.files import open_file
from chirocalc.audit.parts import audit_in_memory, columns_of
from chirocalc.audit.totals import Totals

SETTINGS = Settings(payer="commercial-total-time", provider="pt")


def audited(text, settings=SETTINGS):
    file = open_file(text.encode(), "v.csv")
    columns = columns_of([file])
    return audit_in_memory([file], columns, settings), columns


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("", "", ""),
        ("2026-03-02", "2026-03-31", "March 2026"),
        ("2026-03-02", "2026-03-02", "March 2026"),
        ("2026-03-02", "2026-05-01", "March to May 2026"),
        ("2025-12-30", "2026-01-05", "December 2025 to January 2026"),
        ("2025-03-02", "2026-03-02", "March 2025 to March 2026"),
    ],
)
def test_months(first, last, said):
    assert words.span(first, last) == said


def test_a_file_in_a_line():
    answer, columns = audited(
        "Visit,DOS,CPT,Minutes,Units,Mod,Payer\n"
        "1,2026-03-02,97110,15,1,GP,Medicare\n1,2026-03-02,97112,15,1,GP,Medicare\n"
        "2,2026-04-02,97110,15,1,GP,Zorg\n"
    )
    said = words.in_a_line(answer.totals, columns)
    assert said == "3 lines, 2 visits, March to April 2026, Medicare Part B 1, Zorg 1"


def test_a_bare_file_in_a_line():
    """What the file has not, each once; times stand for minutes."""
    answer, columns = audited("Visit,CPT\n1,98941\n")
    said = words.in_a_line(answer.totals, columns)
    name = "Commercial, 8-minute rule"
    assert said == f"1 line, 1 visit, {name} 1; minutes, units, modifiers and date not in the file"
    answer, columns = audited("Visit,CPT,Start Time,End Time,Units\n1,97110,9:00,9:15,1\n")
    assert words.in_a_line(answer.totals, columns).endswith("; modifiers and date not in the file")


def test_many_payers_in_a_line():
    """Those of most visits by name, the others in number."""
    text = "Visit,CPT,Payer\n" + "".join(
        f"{payer}{n},98941,Plan {payer}\n" for payer in "ABCDEF" for n in range(1 + (payer == "F"))
    )
    answer, columns = audited(text)
    said = words.in_a_line(answer.totals, columns)
    assert "7 visits, Plan F 2, Plan A 1" in said
    assert "2 payers more" in said


@pytest.mark.parametrize(
    ("header", "lacking"),
    [
        ("Visit,DOS,CPT,Minutes,Units,Modifiers,Region", []),
        ("Visit,DOS,CPT,Start Time,End Time,Units,Modifiers,Region", []),
        ("Visit,DOS,CPT,Start Time,Units,Modifiers,Region", ["minutes"]),
        ("Visit,DOS,CPT,Minutes,Units,Region", ["modifiers"]),
        ("Visit,CPT", ["minutes", "units", "modifiers", "regions", "the date"]),
    ],
)
def test_what_was_not_judged(header, lacking):
    """A sentence for each field that is not there, and none for those that are."""
    cells = {"Visit": "1", "DOS": "2026-03-02", "CPT": "97110", "Minutes": "15", "Units": "1"}
    cells |= {"Start Time": "9:00", "End Time": "9:15", "Modifiers": "GP", "Region": "lumbar"}
    _, columns = audited(f"{header}\n{','.join(cells[name] for name in header.split(','))}\n")
    said = words.not_judged(columns, replace(SETTINGS, date="2025-07-01"))
    assert [sentence.split(": ")[0] for sentence in said] == [
        f"No column for {name}" for name in lacking
    ]
    if "the date" in lacking:
        assert "2025" in said[-1]


def test_what_the_settings_say_instead():
    _, columns = audited("Visit,CPT\n1,98941\n")
    assert words.set_instead(columns, SETTINGS) == [
        "No column for the payer: all lines are judged as Commercial, 8-minute rule.",
        "No column for who treats: all lines are judged as by a physical therapist.",
        "No column for the place: all lines are priced for an office.",
    ]


CLEAN = "Visit,DOS,CPT,Minutes,Units,Modifiers,Region\n1,2026-03-02,97110,15,1,GP,lumbar\n"


@pytest.mark.parametrize(
    ("text", "blind", "said"),
    [
        (CLEAN, False, "Clean: 1 line, nothing to fix"),
        (CLEAN, True, "Nothing found in what could be checked of 1 line"),
        (CLEAN.replace(",15,1,", ",15,2,"), False, "1 of 1 line to look at"),
        (CLEAN.replace(",15,1,", ",15,2,"), True, "1 of 1 line to look at"),
        (CLEAN.replace("97110", "PAYMENT"), False, "Nothing to audit: no row could be used"),
        (
            CLEAN + "1,2026-03-02,97112,15,1,GP,lumbar\n",
            False,
            "Clean: 2 lines, nothing to fix, 1 remark",
        ),
    ],
)
def test_the_answer_in_a_line(text, blind, said):
    answer, _ = audited(text)
    assert words.headline(answer.totals, blind) == said


def test_it_is_never_clean_where_something_was_not_seen():
    """Units not compared, a field that is not there, a payer not known: each is said."""
    for text, word in (
        (CLEAN.replace(",15,1,", ",,1,"), "not checked against minutes"),
        (CLEAN.replace(",Modifiers", ",Other"), "No column for modifiers"),
        (CLEAN.replace(",Modifiers", ",Modifiers,Payer").replace("GP,", "GP,Zorg,"), "Zorg"),
        (CLEAN + "1,2026-03-02,9711O,15,1,GP,lumbar\n", "rows of their visit were not read"),
    ):
        answer, columns = audited(text)
        spots = words.blind_spots(answer.totals, columns, SETTINGS)
        assert any(word in spot for spot in spots), (word, spots)
    answer, columns = audited(CLEAN)
    assert words.blind_spots(answer.totals, columns, SETTINGS) == []


def totals(**minutes):
    empty = pd.DataFrame()
    return Totals(empty, empty, empty, Counter(), Counter(), minutes=Counter(minutes))


@pytest.mark.parametrize(
    ("days", "same", "line", "visit", "is_asked"),
    [
        (0, 0, 0, 0, False),
        (10, 10, 0, 5, True),
        (10, 9, 0, 5, True),
        (10, 8, 0, 5, False),  # in several it cannot be the visit's: so in none
        (10, 10, 5, 5, False),  # either way the same
    ],
)
def test_whose_minutes_is_asked_where_it_matters(days, same, line, visit, is_asked):
    of = {"over line units": line, "over visit units": visit}
    assert (words.minutes_question(totals(days=days, same=same, **of)) != "") == is_asked


def test_both_answers_are_said_with_the_question():
    of = {"over line units": 1, "over line": 2906, "under visit units": 2, "under visit": -5812}
    question, line, visit = words.both_answers(totals(days=3, same=3, **of))
    assert question.startswith("3 of 3 visits")
    assert line == "Each line's own: 1 unit too many ($29.06), 0 units too few ($0.00)."
    assert visit == "The visit's total: 0 units too many ($0.00), 2 units too few ($58.12)."
