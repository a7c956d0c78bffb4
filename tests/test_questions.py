"""Questions that practices ask, and payments that others publish, each answered as it should be.

`cases/questions.csv`: what is put in, under which settings, and what must come out, in short.
Kinds: "visit", lines as in `oracles.visits`; "file", a visit for each code of a file; "day", all
of them on one visit; "fee", own fees; "search", what is typed. Expected, between ";":

finds rule:level:code[:modifier], once; silent words, none of them ("all", a level, a rule); text
finding words; units code n; total n; tied codes; allowed, rvus code dollars; covered code yes;
medicare, patient, limiting dollars; due code dollars; note payer words; unknown words; offers
codes, in this order before others; never codes; says words. In a file a code is its line's number.
"""

import csv
import re
from collections import defaultdict
from pathlib import Path

import pandas as pd
import pytest
from oracles.visits import estimate, settings_of

from chirocalc import tables
from chirocalc.audit import audit_in_memory, columns_of, open_file
from chirocalc.codes import search
from chirocalc.visit import OwnPrices, dues, payment_chain

FILE = Path(__file__).parent / "cases" / "questions.csv"
CASES = list(csv.DictReader(FILE.open(newline="", encoding="utf-8")))


def money(value):
    """Dollars as a case writes them."""
    return "none" if pd.isna(value) else f"{value:.2f}"


class Told:
    """What the product says of a case, asked by the words of what is expected."""

    def __init__(self, case):
        self.case = case

    def ask(self, word, rest):
        return getattr(self, word)(*rest.split(maxsplit=1))


class Visit(Told):
    """A visit told by `estimate`."""

    def __init__(self, case):
        super().__init__(case)
        self.told = estimate(case["input"], case["settings"])
        self.lines = self.told.lines.set_index("code")
        rows = self.told.findings.to_dict("records")
        self.found = [(f":{r['rule']}:{r['level']}:{r['code']}:{r['modifier']}:", r) for r in rows]

    def matching(self, word):
        return [row for name, row in self.found if word == "all" or f":{word}:" in name]

    def finds(self, word):
        assert len(self.matching(word)) == 1, (word, self.found)

    def silent(self, *words):
        for word in " ".join(words).split():
            assert not self.matching(word), (word, self.found)

    def text(self, word, said):
        [row] = self.matching(word)
        assert said in row["text"]

    def units(self, code, count):
        assert self.lines.at[code, "units"] == int(count)

    def total(self, count):
        assert self.lines["units"].sum() == int(count)

    def tied(self, code, others):
        tied = set(self.lines.index[self.lines["tied"]])
        assert tied == {code, *others.split()}
        assert self.lines.loc[sorted(tied), "units"].sum() == 1

    def allowed(self, code, dollars):
        assert money(self.lines.at[code, "allowed"]) == dollars

    def rvus(self, code, total):
        assert money(self.lines.at[code, "total_rvu"]) == total

    def covered(self, code, said):
        assert self.lines.at[code, "covered"] == (said == "yes")

    def chain(self):
        return payment_chain(self.told.answer(), 0.0)

    def medicare(self, dollars):
        assert money(self.chain().medicare) == dollars

    def patient(self, dollars):
        assert money(self.chain().patient) == dollars

    def limiting(self, dollars):
        assert money(self.chain().limiting_charge) == dollars


class File(Told):
    """A file of one line for each visit, or for all of one."""

    def __init__(self, case):
        super().__init__(case)
        rows = ["Visit ID,DOS,CPT,Modifier,Units"]
        for at, line in enumerate(case["input"].split(";"), 1):
            code, _, modifiers = line.strip().partition(" ")
            visit = 1 if case["kind"] == "day" else at
            rows.append(f"{visit},03/02/2026,{code},{modifiers},1")
        file = open_file("\n".join(rows).encode(), "export.csv")
        self.told = audit_in_memory([file], columns_of([file]), settings_of(case["settings"]))
        self.lines = self.told.lines.set_index("row")
        self.found = defaultdict(list)
        for row in self.told.findings.itertuples():
            for line in [row.row - 1] if row.row > 0 else []:
                self.found[line] += [row.rule, f"{row.rule}:{row.level}", row.level, "all"]

    def finds(self, word):
        name, _, line = word.rpartition(":")
        assert self.found[int(line)].count(name) == 1, dict(self.found)

    def silent(self, word):
        name, _, line = word.rpartition(":")
        assert name not in self.found[int(line)], dict(self.found)

    def allowed(self, line, dollars):
        assert money(self.lines.at[int(line) + 1, "allowed"]) == dollars


class Fee(Visit):
    """A visit with the practice's own fee."""

    def __init__(self, case):
        code, _, fee = case["input"].partition("=")
        super().__init__(case | {"input": code})
        self.cents = {code: round(float(fee) * 100)}

    def due(self, code, dollars):
        (line,) = dues(self.told.answer(), OwnPrices(self.cents))
        assert code in self.cents
        assert money(line.cents / 100) == dollars

    def note(self, payer, said):
        row = tables.payers().loc[payer]
        assert said in f"{row['note']} {row['percent_note']}"

    def unknown(self, *said):
        assert " ".join(said) in set(tables.unknowns()["about"])


class Search(Told):
    """What is typed in the search."""

    def offers(self, *codes):
        wanted = " ".join(codes).split()
        assert search.offered(self.case["input"])[: len(wanted)] == wanted

    def never(self, *codes):
        assert not set(" ".join(codes).split()) & set(search.offered(self.case["input"]))

    def says(self, *said):
        told = search.answer(self.case["input"])
        assert " ".join(said) in told.in_full
        assert self.case["source"] in told.sources


KINDS = {"visit": Visit, "file": File, "day": File, "fee": Fee, "search": Search}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['case']}-{case['source']}")
def test_question(case):
    told = KINDS[case["kind"]](case)
    expected = [part.strip() for part in case["expected"].split(";")]
    assert expected
    for part in expected:
        word, _, rest = part.partition(" ")
        told.ask(word, rest)


def test_each_question_has_a_source_and_a_reason():
    assert {case["source"] for case in CASES} <= set(tables.sources().index)
    assert all(case["why"] for case in CASES)
    assert len({case["case"] for case in CASES}) == len(CASES)
    assert not [case for case in CASES if re.search(r"\s{2}", case["expected"])]
