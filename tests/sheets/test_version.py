"""Which version and which release made a figure: on sheets, in files, below each page."""

import io
from datetime import date as day_of
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

import chirocalc
from chirocalc import Settings
from chirocalc.audit import audit_in_memory, columns_of, open_file, recognize, template
from chirocalc.rules import Answer
from chirocalc.sheets import audit_sheet, audit_workbook, made_by, stamped, visit_csv, visit_sheet
from chirocalc.sheets.parts import FOOTER
from chirocalc.tables import rates
from chirocalc.visit import OwnPrices, claim, desk, explain, payment_chain

ROOT = Path(__file__).parents[2]
VERSION = chirocalc.__version__
RELEASES = {"2025-06-30": "RVU25D", "2026-01-01": "RVU26B"}
of_both_years = pytest.mark.parametrize(("date", "release"), RELEASES.items())

NEW_YEAR = """Visit,Date of service,CPT,Minutes,Units
1,2025-12-31,97110,15,2
2,2026-01-02,97110,15,2
3,,97110,15,2
"""


def visit(date) -> Answer:
    """A visit of a day."""
    lines = pd.DataFrame({"code": ["98941", "97110"], "minutes": [None, 20]})
    return chirocalc.estimate(lines, Settings(date=date)).answer()


def audited(text=NEW_YEAR):
    """The audit of a file; its rows without a date are of the settings' day."""
    file, settings = open_file(text.encode(), "visits.csv"), Settings(date="2025-03-01")
    return audit_in_memory([file], columns_of([file]), settings), settings


def about_audit(answer, settings):
    """What the audit's Excel file says of itself, by what it is about."""
    sheets = audit_workbook(answer, columns_of([open_file(NEW_YEAR.encode(), "")]), settings,
                            "visits.csv")  # fmt: skip
    return sheets["About"].set_index("what")["value"]


@of_both_years
def test_the_visit_sheet_says_the_version_and_the_release_of_its_day(date, release):
    answer = visit(date)
    html = visit_sheet(
        answer, explain(answer), payment_chain(answer), claim(answer), desk(answer, OwnPrices()),
        "", day=day_of.fromisoformat(date),
    )  # fmt: skip
    assert f"belongs here. Chirocalc {VERSION}, {release}.</small>" in html


@of_both_years
def test_the_visits_csv_says_them_in_its_last_columns(date, release):
    answer = visit(date)
    table = pd.read_csv(
        io.StringIO(visit_csv(answer, explain(answer), desk(answer, OwnPrices()))), dtype=str
    )
    assert list(table.columns[:2]) == ["code", "name"]
    assert list(table.columns[-2:]) == ["version", "release"]
    assert table["code"].tolist() == ["98941", "97110"]
    assert table["version"].tolist() == [VERSION] * 2
    assert table["release"].tolist() == [release] * 2


def test_lines_of_an_audit_have_the_release_of_their_month():
    """And a row without a date that of the settings."""
    answer, settings = audited()
    for table in (answer.lines, answer.findings):
        made = stamped(table, settings.period)
        assert list(made.columns) == [*table.columns, "version", "release"]
        releases = dict(zip(made["visit"], made["release"], strict=True))
        assert releases == {"1": "RVU25D", "2": "RVU26B", "3": "RVU25D"}
        assert set(made["version"]) == {VERSION}


def test_a_table_without_rows_gets_its_columns():
    empty = pd.DataFrame({"month": pd.Series(dtype="str")})
    assert list(stamped(empty, rates.current()).columns) == ["month", "version", "release"]


def test_an_audits_sheet_and_excel_file_say_all_releases():
    answer, settings = audited()
    said = f"Chirocalc {VERSION}, RVU25D and RVU26B"
    assert f"{said}." in audit_sheet(answer.totals, settings, "visits.csv")
    about = about_audit(answer, settings)
    assert about["Made by"] == said
    assert about["File"] == "visits.csv"
    assert "not billing or legal advice" in about["Notice"]


def test_without_visits_only_the_version_is_said():
    answer, settings = audited(NEW_YEAR.splitlines()[0] + "\n")
    about = about_audit(answer, settings)
    assert about["Made by"] == f"Chirocalc {VERSION}"


def test_a_period_of_no_release_says_the_version():
    assert made_by(rates.Period("1999-01-01", "1999-12-31", "1999")) == f"Chirocalc {VERSION}"


def test_exported_lines_can_be_audited_again():
    """The two columns are neither taken for a field nor for patient data."""
    columns = recognize(list(template().columns))
    made = stamped(template(), rates.current())
    assert recognize(list(made.columns)) == columns
    file = open_file(made.to_csv(index=False).encode(), "visits.csv")
    answer = audit_in_memory([file], columns_of([file]), Settings())
    assert answer.totals.rows["used"] == len(made)


@pytest.fixture
def faulty_codes(codes_file):
    """A codes.csv that cannot be read."""
    codes_file.write_text("code\n97110\n", encoding="utf-8")


def footer():
    """What stands below the visit page."""
    return AppTest.from_file(str(ROOT / "app.py"), default_timeout=20).run().caption[-1].value


def test_the_footer_says_the_version_and_the_release_in_force(monkeypatch):
    monkeypatch.setattr(rates, "_today", lambda: "2026-11-26")
    assert footer() == f"{FOOTER} Chirocalc {VERSION}, RVU26B."


@pytest.mark.usefixtures("faulty_codes")
def test_the_footer_stands_even_where_codes_csv_is_faulty():
    assert footer() == f"{FOOTER} Chirocalc {VERSION}."
