"""The Sources page without a browser: releases, self-test, what is not known, and what is old."""

import csv
from pathlib import Path

import driving
import pandas as pd
import pytest
from csv_files import as_csv, change, put

from chirocalc import self_test, tables
from chirocalc.cms import due
from chirocalc.tables import rates
from chirocalc.ui.sources.view import current_to

ROOT = Path(__file__).parents[2]
TABLES = ROOT / "chirocalc" / "tables" / "data"


def rows(name):
    with (TABLES / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


FOLDS = ["examples", "tables", "factors", "sources"]


def opened():
    """The page with all that is folded open, with no traceback and the footer."""
    return driving.opened("sources", **{f"fold {name}": True for name in FOLDS})


def table_of(at, column):
    """The shown table that has this column."""
    return next(each.value for each in [*at.dataframe, *at.table] if column in each.value.columns)


def test_what_is_in_force():
    values = {each.label: each.value for each in opened().metric}
    assert values == {
        "Rates in force": "2026",
        "Conversion factor": "$33.4009",
        "Codes": "279",
        "Loaded": "2025, 2026",
    }


def test_the_self_test_shows_every_example_and_that_all_agree():
    at = opened()
    shown = table_of(at, "Computed")
    examples = [row for row in rows("worked_examples") if "92521" not in row["services"]]
    assert shown["Services and minutes"].tolist() == [row["services"] for row in examples]
    assert shown["Expected"].tolist() == [row["expected"] for row in examples]
    assert set(shown["Agrees"]) == {"yes"}
    said = f"{len(examples)} of {len(examples)} worked examples agree."
    assert said in [each.value for each in at.success]
    at.button[0].click().run()
    assert said in [each.value for each in at.success]
    assert "Computed just now in" in driving.words(at)


def change_example(folder, **cells):
    """Change cells of the first example."""
    change(
        folder / "worked_examples.csv",
        lambda row: row | cells if row["id"] == "cms-man-1" else row,
    )


def test_an_example_that_does_not_agree_is_said_at_once(own_tables):
    """By the page, in red, though folded; and in its row."""
    change_example(own_tables, expected="97112:1 97110:2")
    at = driving.opened("sources")
    assert "52 of 53 worked examples agree" in at.error[0].value
    at = opened()
    assert "52 of 53 worked examples agree" in at.error[0].value
    assert "Do not rely on the app" in at.error[0].value
    shown = table_of(at, "Computed")
    assert shown.loc[shown["Agrees"] == "no", "Computed"].tolist() == ["97112:2 97110:1"]


def test_every_table_is_listed_with_its_release_and_rows():
    shown = table_of(opened(), "Checked against")
    of_release = {(row["table"], row["release"]): row for row in rows("releases")}
    kinds = {
        (", ".join([table.file, *listing.also]), listing.holds): listing.kind
        for table in tables.ALL
        for listing in table.listings
    }
    assert len(shown.drop_duplicates(["Table", "Holds"])) == len(kinds) == 33
    seen = set()
    for row in shown.to_dict("records"):
        kind = kinds[row["Table"], row["Holds"]]
        if kind:
            held = of_release[kind, row["Release"]]
            seen.add((kind, row["Release"]))
            assert (row["In force from"], row["until"]) == (
                held["effective_from"],
                held["effective_to"],
            )
            assert row["Rows"] == int(held["rows"])
        else:
            files = [each.removesuffix(".csv") for each in row["Table"].split(", ")]
            assert row["Rows"] == sum(len(rows(each)) for each in files)
        assert row["Checked against"]
        assert row["How sure"]
    assert seen == set(of_release)


def test_tables_that_hold_numbers_are_all_in_the_list():
    """A new table of facts needs its listing; lists of words and of layouts do not."""
    listed = {
        file
        for table in tables.ALL
        for listing in table.listings
        for file in (table.file, *listing.also)
    }
    plain = {
        "adjudication", "audit_rules", "cms_columns", "file_words", "not_private", "other_payers",
        "pair_kinds", "plan_templates", "private_columns", "private_glue", "private_values",
        "release_calendar", "releases", "row_kinds", "rule_names", "service_kinds", "sheet_words",
        "sources", "spanish_names", "unknowns", "visit_columns",
    }  # fmt: skip
    assert {path.stem for path in TABLES.glob("*.csv")} - plain == {
        file.removesuffix(".csv") for file in listed
    } - {"codes"}


def test_proposed_factors_are_shown_as_proposed_and_never_used():
    shown = table_of(opened(), "Dollars per RVU")
    proposed = shown[shown["From"] == "2027-01-01"]
    assert set(proposed["Status"]) == {"proposed, never used"}
    assert set(proposed["Dollars per RVU"]) == {"32.8409", "33.1693"}
    assert all(each.last < "2027" for each in rates.periods())


def test_what_is_not_known_is_said():
    text = " ".join(each.value for each in opened().markdown)
    for words in (
        "Pairs with an adjustment in 2026",
        "of 2027 are not loaded",
        "UnitedHealthcare",
        "Workers' comp (state)",
        "only commonly stated",
    ):
        assert words in text


def test_every_source_is_listed_with_its_address():
    shown = table_of(opened(), "Address")
    held = rows("sources")
    assert len(shown) == len(held)
    assert set(shown["Address"]) == {row["url"] for row in held}


def test_what_is_folded_is_not_sent_until_it_is_opened():
    at = driving.opened("sources")
    assert not at.dataframe
    assert [each.label for each in at.expander] == [
        "Self-test: 53 worked examples",
        "Tables",
        "Conversion factors",
        f"All {len(rows('sources'))} sources",
    ]


def test_headings():
    """One of the page, one of the section that is not folded."""
    at = opened()
    assert [each.value for each in at.title] == ["Sources"]
    assert [each.value for each in at.header] == ["What is not known"]


# What is old


def load(folder, **releases):
    """Put these releases in the place of the newest of their kinds."""
    newest = {row["table"]: row for row in rows("releases")}
    table = [row | {"release": releases.get(kind, row["release"])} for kind, row in newest.items()]
    put(folder / "releases.csv", as_csv(table))


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-09-30", {"Relative values": "2026-07-01", "Maximum units": "2026-07-01"}),
        ("2026-06-30", {}),
        ("2026-07-01", {"Relative values": "2026-07-01", "Maximum units": "2026-07-01"}),
        ("2026-12-31", {"Relative values": "2026-10-01", "Maximum units": "2026-10-01"}),
    ],
)
def test_a_file_is_due_from_the_first_day_of_cms_next_one(own_tables, day, expected):
    load(own_tables, rvus="RVU26B", limits="2026 Q2", zips="ZIP5 2026 Q4", pairs="2026 Q4")
    late = due(pd.Timestamp(day).date())
    assert dict(zip(late["name"], late["newer"], strict=True)) == expected


def test_in_a_new_year_everything_is_due(own_tables):
    load(own_tables, rvus="RVU26D", limits="2026 Q4", zips="ZIP5 2026 Q4", pairs="2026 Q4")
    assert due(pd.Timestamp("2026-12-31").date()).empty
    late = due(pd.Timestamp("2027-01-01").date())
    assert set(late["newer"]) == {"2027-01-01"}
    assert len(late) == 5


@pytest.mark.parametrize(
    ("day", "words"),
    [
        ("2026-06-30", "All tables current to June 30, 2026; nothing to load."),
        ("2026-09-30", "All tables current to June 30, 2026; 2 releases to load."),
        ("2026-12-31", "All tables current to June 30, 2026; 2 releases to load."),
        ("2027-01-01", "All tables current to June 30, 2026; 5 releases to load."),
    ],
)
def test_a_glance_says_until_when_all_is_current(own_tables, day, words):
    """Until the day before the first release that is not loaded, of whichever table."""
    load(own_tables, rvus="RVU26B", limits="2026 Q2", zips="ZIP5 2026 Q4", pairs="2026 Q4")
    said, late = current_to(pd.Timestamp(day).date())
    assert said == words
    assert late == len(due(pd.Timestamp(day).date()))


def test_the_mark_is_amber_while_a_release_is_to_load_and_green_else(own_tables):
    def marks():
        at = driving.opened("sources")
        shown = [(kind, each.value) for kind in ("warning", "success") for each in at.get(kind)]
        return [kind for kind, words in shown if words.startswith("All tables current to")]

    load(own_tables, rvus="RVU26A")
    assert marks() == ["warning"]
    put(own_tables / "release_calendar.csv", as_csv(rows("release_calendar")[:1]))
    assert marks() == ["success"]


def test_one_release_is_one(own_tables):
    load(own_tables, rvus="RVU26C", limits="2026 Q4", zips="ZIP5 2026 Q4", pairs="2026 Q4")
    said, _ = current_to(pd.Timestamp("2026-10-02").date())
    assert said == "All tables current to September 30, 2026; 1 release to load."


def test_the_page_names_what_is_due_and_the_command(own_tables):
    load(own_tables, rvus="RVU26A")
    text = opened().info[0].value
    assert "RVU26A is loaded" in text
    assert "python -m chirocalc update" in text


def test_every_page_says_when_today_is_later_than_the_tables(monkeypatch):
    """And shows the newest year's numbers as that year's."""
    assert not any("newest rates loaded" in each.value for each in opened().warning)
    assert not driving.opened().warning
    monkeypatch.setattr(rates, "_today", lambda: "2031-02-03")
    at = driving.opened()
    assert "2026" in at.warning[0].value
    assert rates.current().name == "2026"


COMING = "CMS has probably published"


def said(at):
    """What a page says of the next year: in its frame, and on Sources how to load it."""
    found = {"frame": at.caption, "page": at.markdown}
    return {where: each.value for where, some in found.items() for each in some
            if COMING in each.value}  # fmt: skip


@pytest.mark.parametrize(
    ("today", "year"),
    [("2026-10-31", None), ("2026-11-01", "2027"), ("2026-12-31", "2027"), ("2025-11-30", None)],
)
def test_from_november_on_next_years_rates_are_asked_for(monkeypatch, today, year):
    """One quiet line on every page, and how to load them on Sources; not for a year that is
    loaded, as 2026 was in November 2025."""
    monkeypatch.setattr(rates, "_today", lambda: today)
    visit, sources = said(driving.opened()), said(opened())
    if year is None:
        assert not visit
        assert not sources
        return
    line = f":material/update: {COMING} {year} rates: see Sources."
    assert visit["frame"] == sources["frame"] == line
    assert "RVU27A" in sources["page"]
    assert "python -m chirocalc update" in sources["page"]
    assert not driving.opened().warning


def test_a_year_that_is_over_is_warned_of_and_no_more(monkeypatch):
    monkeypatch.setattr(rates, "_today", lambda: "2027-11-02")
    at = driving.opened()
    assert len(at.warning) == 1
    assert not said(at)


def test_next_years_factors_end_the_line(own_tables, monkeypatch):
    """Final ones, with RVUs and indices; proposed ones, which the tables have, do not."""
    monkeypatch.setattr(rates, "_today", lambda: "2026-11-02")
    assert rates.coming_year() == "2027"

    def next_year(name):
        again = [row | {"effective_from": "2027-01-01", "effective_to": "2027-12-31"}
                 for row in rows(name) if row["effective_from"] == "2026-01-01"]  # fmt: skip
        put(own_tables / f"{name}.csv", as_csv([*again, *rows(name)]))

    next_year("localities")
    assert rates.coming_year() == "2027"
    next_year("conversion_factors")
    change(own_tables / "codes.csv", lambda row: row | {"effective_to": "2027-12-31"})
    assert rates.coming_year() is None
    assert rates.period("2027-03-02").name == "2027"


# The self-test by itself


def test_every_example_is_computed_by_the_engine(monkeypatch):
    """None passes without it: units doubled or dollars moved are seen."""
    assert self_test.run()["agrees"].all()
    real = self_test.estimate

    def off(lines, settings):
        answer = real(lines, settings)
        answer.lines["units"] += 1
        answer.visits["allowed"] += 0.01
        return answer

    monkeypatch.setattr(self_test, "estimate", off)
    table = self_test.run()
    assert not table.loc[table["kind"] != "who pays", "agrees"].any()


def test_an_example_whose_code_a_clinic_took_out_is_left_out(own_tables):
    change_example(own_tables, services="97112:24 00000:23")
    result = self_test.run()
    assert "cms-man-1" not in set(result["id"])
    assert result["agrees"].all()
