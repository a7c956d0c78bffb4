"""The Audit page without a browser: files in, totals, findings and downloads out, nothing kept."""

import contextlib
import csv
import io
import json
import pickle
import re
from collections import Counter
from datetime import date
from functools import cache
from pathlib import Path
from urllib.parse import parse_qsl

import driving
import openpyxl
import pandas as pd
import pyarrow as pa
import pytest
import streamlit
from driving import enter, question, run, services, unmarked
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import audit as oracle
from oracles import claims as claims837
from pyarrow import parquet

import chirocalc
from chirocalc import Settings, tables
from chirocalc.audit import LEVELS, WAITS
from chirocalc.audit import files as visit_files
from chirocalc.audit import parts as audit_files
from chirocalc.audit import words as audit_words
from chirocalc.audit.columns import recognize
from chirocalc.audit.sample import HEADER as SAMPLE_HEADER
from chirocalc.audit.sample import sample
from chirocalc.errors import InputError
from chirocalc.ui.audit import found
from chirocalc.ui.audit import rows as audit_rows
from chirocalc.ui.audit.findings import ALL
from chirocalc.ui.audit.upload import NONE, TYPES, progress
from chirocalc.words import LEVEL_NAMES

CASES = Path(__file__).parents[1] / "cases"
TABS = ["Findings", "Lines", "Charts", "Rows not read"]
DOWNLOADS = ["Findings CSV", "Lines CSV", "Excel", "Printable summary"]
GO_ON = "Go on without these columns"
SHOWN_LEVELS = ["fix", "needs", "check"]
UNITS = ["Billed too many units", "Billed too few units"]
METRICS = [*UNITS, "Would be denied", "On hold: incomplete"]
TO_CHECK = "To check with the payer"
HEADER = ["Visit", "DOS", "CPT", "Minutes", "Units", "Modifiers", "Provider"]
COLUMNS = {
    "visit": ("Visit",), "date": ("DOS",), "code": ("CPT",), "minutes": ("Minutes",),
    "units": ("Units",), "modifiers": ("Modifiers",), "provider": ("Provider",),
}  # fmt: skip
ROWS = [
    ["V1", "2026-03-02", "98941", "", "1", "", "Ann"],
    ["V1", "2026-03-02", "97110", "20", "2", "GP", "Ann"],
    ["V2", "2026-03-09", "98940", "", "1", "AT", "Bo"],
    ["V2", "2026-03-09", "97140", "", "1", "", "Bo"],
    ["V3", "2026-04-01", "97112", "38", "2", "GP", "Ann"],
    ["V4", "", "97014", "", "2", "", ""],
    ["V5", "2026-04-02", "99213", "", "1", "", "Bo"],
    ["V5", "2026-04-02", "98942", "", "1", "", "Bo"],
    ["V6", "2026-04-03", "97530", "5", "1", "", "Ann"],
]
VISITS = pd.DataFrame(ROWS, columns=HEADER, dtype=str)
VA = Settings(payer="va")
SECRETS = {
    "First Name": "Zaphod", "Patient DOB": "1952-05-11", "Home Phone": "(555) 010-9999",
    "E-Mail": "zaphod@betelgeuse.example", "Notes": "078-05-1120", "Member ID": "XQZ77123",
}  # fmt: skip
EVIL = '<img src=x onerror=alert(1)>"&'


# Driving the page


def audit_page(**link_parts):
    """The page as it opens at a link."""
    return driving.opened("audit", link_parts)


def upload(at, content, name="visits.csv"):
    """Bring a file, in place of any other."""
    at.file_uploader(key="visits").set_value((name, content, "application/octet-stream"))
    return run(at)


def uploaded(table, name="visits.csv", **link_parts):
    """The page with a table uploaded as CSV."""
    return upload(audit_page(**link_parts), as_csv(table), name)


def take_away(at):
    at.file_uploader(key="visits").set_value(None)
    return run(at)


def click(at, label):
    next(each for each in at.button if each.label == label).click()
    return run(at)


def with_sample(**link_parts):
    return click(audit_page(**link_parts), "Try it with the sample")


def columns_box(at):
    """The box with the columns, beside the one with the settings."""
    _, box = at.expander
    return box


def column_box(at, field):
    """The box of a field of the file."""
    return next(box for box in at.selectbox if (box.key or "").startswith(f"column {field} "))


def choose_column(at, field, *columns):
    column_box(at, field).set_value(columns)
    return run(at)


# Reading the page


def tab(at, name):
    """What stands in a tab."""
    return next(each for each in at.tabs if each.label == name)


def totals(at):
    """The answer in a line, and the dollars where there are any."""
    labels = [metric.label for metric in at.metric]
    assert labels in ([], METRICS, [*METRICS, TO_CHECK])
    return [at.header[0].value, *(metric.value for metric in at.metric)]


def words(at):
    """All words on the page outside tables."""
    said = [*at.markdown, *at.caption, *at.info, *at.warning, *at.error, *at.success]
    return "\n".join(each.value for each in said)


def lists(at):
    """The lists of findings on the page; the menu has a component of its own."""
    components = [each.proto for each in at.get("bidi_component")]
    return [each for each in components if each.component_name == "chirocalc_findings"]


def listed(at):
    """The rows of the list of findings, as they were sent."""
    found = lists(at)
    return json.loads(found[0].json)["rows"] if found else []


def visit_lines(at):
    """The lines of the visit of the finding that is open, each as a list of what is said."""
    (text,) = (each.value for each in at.markdown if each.value.startswith("**Visit "))
    lines = [line.removeprefix("- ") for line in text.splitlines() if line.startswith("- ")]
    return [line.split(" · ") for line in lines]


def alert(at):
    """The title and text of the one alert on the page."""
    (found,) = [*at.error, *at.warning]
    return found.proto.title, unmarked(found.value)


def shown_sum(at):
    """How many findings the page says are listed, and what is at stake."""
    found = (re.match(r"([\d,]+) findings?: (.+?)\.( |$)", each.value) for each in at.markdown)
    count, stake, _ = next(filter(None, found)).groups()
    return int(count.replace(",", "")), stake.replace("\\", "")


def elements(block):
    for child in block.children.values():
        yield child
        yield from elements(child) if hasattr(child, "children") else ()


def on_the_page(at):
    """All that was sent to the browser, as bytes."""
    found = [getattr(each, "proto", None) for each in [*elements(at.main), *elements(at.sidebar)]]
    return b"".join(each.SerializeToString() for each in found if each is not None)


def in_the_session(at):
    """All that the session keeps as bytes, without Streamlit's own uploader."""
    kept = at.session_state.to_dict()
    kept.pop("visits", None)
    for name in ("audit_row", "device"):
        kept[name] = dict(kept.get(name) or {})  # a component's own kind of dict
    return pickle.dumps(kept)


def keys_of_the_file(at):
    """The session's keys that are about a file."""
    names = at.session_state
    return {name for name in names if name in ("audit", "left_out") or name.startswith("column ")}


# The engine's own answer


def as_csv(table, delimiter=","):
    return table.to_csv(index=False, sep=delimiter).encode()


def as_excel(table):
    out = io.BytesIO()
    table.to_excel(out, index=False)
    return out.getvalue()


def as_parquet(table):
    return parquet_bytes(pa.Table.from_pandas(table, preserve_index=False))


def parquet_bytes(table):
    out = io.BytesIO()
    parquet.write_table(table, out)
    return out.getvalue()


def engine(table, under=Settings(), columns=COLUMNS):  # noqa: B008  # settings never change
    """The audit straight from the engine."""
    file = visit_files.open_file(as_csv(table), "visits.csv")
    return audit_files.audit_in_memory([file], columns, under)


@cache
def engine_sample(under=Settings()):  # noqa: B008
    return engine(sample(), under, recognize(SAMPLE_HEADER))


def money(dollars):
    cents = round(dollars * 100)
    return f"{'−' if cents < 0 else ''}${abs(cents) / 100:,.2f}"


def totals_of(answer):
    """What the page must show of the engine's findings; dollars but of units only once a line."""
    found = answer.findings
    over = found[found["rule"].isin(["units-over", "units-zero"])]["dollars"].sum()
    under = found[found["rule"] == "units-under"]["dollars"].sum()
    dollars = [over, -under, worth(found, "fix"), worth(found, "needs")]
    check = worth(found, "check")
    if not any([*dollars, check]):
        return [headline_of(answer)]
    return [headline_of(answer), *map(money, dollars), *[money(check)] * bool(check)]


def headline_of(answer):
    """How many lines have a finding that is more than a note."""
    lines, found = answer.lines, answer.findings
    of = f"{len(lines):,} line{'s' * (len(lines) != 1)}"
    to_look_at = {each.row for each in found.itertuples() if each.level != "note"}
    if lines.empty:
        return "Nothing to audit: no row could be used"
    if to_look_at:
        return f"{len(to_look_at):,} of {of} to look at"
    if any(pd.isna(each.supported) or pd.isna(each.billed) for each in lines.itertuples()):
        return f"Nothing found in what could be checked of {of}"
    remarks = f", {len(found)} remark{'s' * (len(found) != 1)}" if len(found) else ""
    return f"Clean: {of}, nothing to fix{remarks}"


def worth(found, level):
    """Dollars of the lines whose gravest finding, apart from units, is of this level."""
    hints = found[~found["rule"].str.startswith("units-") & (found["dollars"] != 0)]
    gravest = {}
    for row in hints.itertuples():
        rank = ["fix", "needs", "check", "note"].index(row.level)
        key = (row.visit, row.code)
        if key not in gravest or rank < gravest[key][0]:
            gravest[key] = (rank, row.level, row.dollars)
    return sum(dollars for _, mine, dollars in gravest.values() if mine == level)


def stake_of(found):
    """What is at stake in words: above and below apart, and the lines of other findings once."""
    units = found["rule"].str.startswith("units-")
    above = found[units & (found["dollars"] > 0)]["dollars"].sum()
    below = -found[units & (found["dollars"] < 0)]["dollars"].sum()
    other = found[~units & (found["dollars"] != 0)].groupby(["visit", "row"])["dollars"].first()
    stakes = {
        "too many units": above, "too few": below,
        "other lines, each counted once,": other.sum(),
    }  # fmt: skip
    words = [f"{name} {money(dollars)}" for name, dollars in stakes.items() if dollars]
    return "; ".join(words) or "no money involved"


def gravest_first(found):
    """As the page lists them: by level, then by dollars, then as they stand in the file."""
    rank = found["level"].map(["fix", "needs", "check", "note"].index)
    order = found.assign(rank=rank, size=-found["dollars"].abs())
    return found.loc[order.sort_values(["rank", "size"], kind="stable").index]


def expect_list(at, expected):
    """The page lists these findings and their sum."""
    assert shown_sum(at) == (len(expected), stake_of(expected))
    shown, expected = listed(at), gravest_first(expected).head(1000)
    assert [each["text"] for each in shown] == expected["text"].tolist()
    assert [each["code"] for each in shown] == expected["code"].tolist()
    assert [each["dollars"] for each in shown] == [
        money(dollars) if dollars else "" for dollars in expected["dollars"]
    ]
    assert [each["about"].replace("\u00a0", " ") for each in shown] == [
        " · ".join(filter(None, about))
        for about in expected[["visit", "date", "provider"]].itertuples(index=False)
    ]


# Opening


def test_it_opens_with_ways_to_bring_a_file_and_what_one_gets():
    at = audit_page()
    assert at.file_uploader(key="visits").allowed_type == [f".{t}" for t in TYPES]
    assert [each.label for each in at.button] == ["Try it with the sample"]
    assert [each.label for each in at.download_button] == ["Template"]
    assert [each.value for each in at.title] == ["Audit a month of visits"]
    assert not at.tabs
    assert not at.query_params
    assert not at.error
    assert not at.warning


def test_nothing_of_one_visit_is_asked():
    at = audit_page()
    for key in ("phase", "abn", "deductible", "assistant", "kx_used"):
        with pytest.raises(KeyError):
            at.get_by_key(key)


def test_the_sample_is_one_click():
    at = with_sample()
    assert totals(at) == totals_of(engine_sample())
    assert totals(at)[0].endswith(" of 1,000 lines to look at")
    assert "1,000 rows read: 1,000 used, 0 refused; 434 visits." in words(at)
    assert [each.label for each in at.tabs] == TABS
    assert [each.label for each in at.download_button] == ["Template", *DOWNLOADS]
    assert not at.query_params
    assert not at.warning


def test_the_sentences_of_the_reading_are_the_engines():
    text = unmarked(words(with_sample()))
    for sentence in audit_words.reading(engine_sample().totals):
        assert sentence in text


def test_the_sentences_under_the_dollars_do_not_say_them_again():
    (said,) = (each.value for each in with_sample().markdown if "rows read" in each.value)
    assert "$" not in said


# Settings

PAYERS = list(tables.payers().index)


@pytest.mark.parametrize("payer", PAYERS)
def test_the_payer_counts_for_rows_without_one(payer):
    at = enter(uploaded(VISITS), "payer", payer)
    assert totals(at) == totals_of(engine(VISITS, Settings(payer=payer)))


@pytest.mark.parametrize(
    ("link", "under"),
    [
        ({"who": "pt"}, {"provider": "pt"}),
        ({"place": "facility", "who": "ot"}, {"place": "facility", "provider": "ot"}),
        ({"area": "60601"}, {"locality": "06102-16"}),
        ({"area": "01112-05"}, {"locality": "01112-05"}),
        ({"rule": "cpt", "who": "pt"}, {"unit_rule": "cpt", "provider": "pt"}),
        ({"payer": "va", "percent": "80"}, {"payer": "va", "percent": 80.0}),
        ({"payer": "va", "mppr": "line"}, {"payer": "va", "mppr": "line"}),
        ({"payer": "va", "gp": "no"}, {"payer": "va", "therapy_modifier": False}),
        ({"par": "no"}, {"participating": False}),
        ({"apm": "yes"}, {"apm": True}),
        ({"area": "00000"}, {}),
    ],
    ids=str,
)
def test_the_other_settings_change_the_answer_as_in_the_engine(link, under):
    at = uploaded(VISITS, **link)
    expected = engine(VISITS, Settings(**under))
    assert totals(at) == totals_of(expected)
    expect_list(at, expected.findings[expected.findings["level"].isin(SHOWN_LEVELS)])


def test_a_setting_entered_changes_the_answer_and_goes_into_the_link():
    at = uploaded(VISITS)
    before = totals(at)
    at = enter(enter(at, "payer", "commercial-midpoint"), "provider", "pt")
    under = Settings(payer="commercial-midpoint", provider="pt")
    assert totals(at) == totals_of(engine(VISITS, under))
    assert totals(at) != before
    assert at.query_params["payer"] == "commercial-midpoint"
    assert at.query_params["who"] == "pt"


def test_rows_with_a_payer_keep_it():
    table = VISITS.assign(Payer="VA")
    columns = COLUMNS | {"payer": ("Payer",)}
    at = uploaded(table, payer="self-pay")
    assert totals(at) == totals_of(engine(table, Settings(payer="self-pay"), columns))
    assert " · VA Community Care\n" in words(at)


@pytest.mark.parametrize("bad", ["nobody", "]:red[x", "<b>"])
def test_a_setting_of_the_link_that_cannot_be_used_is_said(bad):
    at = uploaded(VISITS, payer=bad)
    assert at.warning
    assert totals(at) == totals_of(engine(VISITS))


# Kinds of files

FILES = {
    "comma": ("visits.csv", as_csv(VISITS), ""),
    "semicolon": ("visits.csv", as_csv(VISITS, ";"), "Read as separated by semicolons."),
    "tab": ("visits.tsv", as_csv(VISITS, "\t"), "Read as separated by tabs."),
    "bar": ("visits.txt", as_csv(VISITS, "|"), "Read as separated by bars."),
    "excel": ("visits.xlsx", as_excel(VISITS), ""),
    "parquet": ("visits.parquet", as_parquet(VISITS), ""),
    "utf-8 with mark": ("visits.csv", b"\xef\xbb\xbf" + as_csv(VISITS), ""),
    "utf-16": ("visits.csv", as_csv(VISITS).decode().encode("utf-16"), ""),
    "excel called csv": ("visits.csv", as_excel(VISITS), "not what its name says: read as xlsx"),
    "csv called excel": ("visits.xlsx", as_csv(VISITS), "not what its name says: read as csv"),
    "windows lines": ("visits.csv", as_csv(VISITS).replace(b"\n", b"\r\n"), ""),
    "blank lines first": ("visits.csv", b"\n\n" + as_csv(VISITS), ""),
    "name without ending": ("VISITS.CSV", as_csv(VISITS), ""),
}


@pytest.mark.parametrize("kind", FILES)
def test_a_file_of_any_kind_gives_the_same_answer(kind):
    name, content, note = FILES[kind]
    at = upload(audit_page(), content, name)
    assert totals(at) == totals_of(engine(VISITS))
    label = unmarked(columns_box(at).label)
    assert label.startswith(f"**{name}**")
    assert note in label


def test_numbers_and_dates_of_excel_are_read():
    table = VISITS.assign(
        DOS=pd.to_datetime(VISITS["DOS"]),
        Minutes=pd.to_numeric(VISITS["Minutes"]),
        Units=pd.to_numeric(VISITS["Units"]),
    )
    for content, name in ((as_excel(table), "v.xlsx"), (as_parquet(table), "v.parquet")):
        at = upload(audit_page(), content, name)
        assert totals(at) == totals_of(engine(VISITS))
        assert set(offered(at, "month")) == {"2026-03", "2026-04", "no date"}


def test_the_rows_of_a_visit_may_stand_anywhere():
    mixed = VISITS.sample(frac=1, random_state=3)
    assert totals(uploaded(mixed)) == totals_of(engine(VISITS))


# Columns


def test_common_names_are_recognized_and_shown():
    at = uploaded(VISITS)
    for field, (column,) in COLUMNS.items():
        assert column_box(at, field).value == (column,)
    for field in ("account", "region", "payer", "discipline", "place"):
        assert column_box(at, field).value == ()
        assert column_box(at, field).options[0] == NONE
    assert not columns_box(at).proto.expanded


def test_a_missing_code_column_is_asked_for_and_taken():
    table = VISITS.rename(columns={"CPT": "What was done"})
    at = uploaded(table)
    title, text = alert(at)
    assert title == "Choose the columns above"
    assert text == "- Code column is needed and was not found."
    assert not at.tabs
    assert columns_box(at).proto.expanded
    at = choose_column(at, "code", "What was done")
    assert not at.warning
    assert totals(at) == totals_of(engine(VISITS))


def test_visits_are_told_apart_by_date_and_account():
    table = VISITS.rename(columns={"Visit": "Who"}).assign(DOS="2026-03-02")
    at = uploaded(table)
    assert "or a date and an account number, is needed to tell visits apart" in alert(at)[1]
    at = choose_column(at, "account", "Who")
    columns = COLUMNS | {"account": ("Who",)}
    columns.pop("visit")
    assert totals(at) == totals_of(engine(table, columns=columns))


def test_a_column_taken_for_another_changes_the_answer():
    table = VISITS.assign(Planned="60")
    at = uploaded(table, payer="va")
    before = totals(at)
    at = choose_column(at, "minutes", "Planned")
    expected = engine(table, VA, COLUMNS | {"minutes": ("Planned",)})
    assert totals(at) == totals_of(expected) != before
    at = choose_column(at, "minutes")
    without = {field: c for field, c in COLUMNS.items() if field != "minutes"}
    assert totals(at) == totals_of(engine(table, VA, without))
    at = choose_column(at, "minutes", "Minutes")
    assert totals(at) == before


def test_modifiers_in_several_columns_are_kept_together():
    table = VISITS.rename(columns={"Modifiers": "Mod 1"}).assign(**{"Mod 2": "59"})
    at = uploaded(table)
    assert column_box(at, "modifiers").value == ("Mod 1", "Mod 2")
    assert column_box(at, "modifiers").options[1] == "Mod 1 + Mod 2"
    both = COLUMNS | {"modifiers": ("Mod 1", "Mod 2")}
    assert totals(at) == totals_of(engine(table, columns=both))
    at = choose_column(at, "modifiers", "Mod 1")
    assert totals(at) == totals_of(engine(table, columns=COLUMNS | {"modifiers": ("Mod 1",)}))


def test_a_column_called_like_no_column_can_be_chosen():
    table = VISITS.rename(columns={"Minutes": NONE})
    at = choose_column(uploaded(table, payer="va"), "minutes", NONE)
    expected = engine(table, VA, COLUMNS | {"minutes": (NONE,)})
    assert totals(at) == totals_of(expected)
    assert column_box(at, "minutes").options.count(NONE) == 1


def test_hundreds_of_columns_are_no_trouble():
    wide = pd.concat([VISITS, pd.DataFrame("x", VISITS.index, map(str, range(300)))], axis=1)
    assert totals(uploaded(wide)) == totals_of(engine(VISITS))


# Patient data


def secret_table():
    """The visits with patient data beside them."""
    return VISITS.assign(**SECRETS)


def expect_nowhere(at, *also):
    """No secret is on the page, in the session, or in `also`."""
    for text in (on_the_page(at), in_the_session(at), *also):
        assert [value for value in SECRETS.values() if value.encode() in text] == []


SECRET_FILES = {
    "csv": lambda: ("visits.csv", as_csv(secret_table())),
    "semicolon": lambda: ("visits.csv", as_csv(secret_table(), ";")),
    "excel": lambda: ("visits.xlsx", as_excel(secret_table())),
    "parquet": lambda: ("visits.parquet", as_parquet(secret_table())),
}


@pytest.mark.parametrize("kind", SECRET_FILES)
def test_private_columns_are_refused_with_their_list(kind, calls):
    name, content = SECRET_FILES[kind]()
    at = upload(audit_page(), content, name)
    title, text = alert(at)
    assert title == "This file has columns that look like patient data"
    assert [line.split(" is ")[0].split(" holds ")[0] for line in text.splitlines()] == [
        f"- {column}" for column in SECRETS
    ]
    assert "- First Name is called like a name." in text
    assert "- Notes holds what look like social security numbers." in text
    assert not at.tabs
    assert not at.tabs
    assert len(at.expander) == 1  # the settings
    assert not at.download_button
    assert calls == []
    expect_nowhere(at)


@pytest.mark.parametrize("kind", SECRET_FILES)
def test_go_on_leaves_nothing_of_the_private_columns(kind, downloads):
    name, content = SECRET_FILES[kind]()
    at = click(upload(audit_page(), content, name), GO_ON)
    assert totals(at) == totals_of(engine(VISITS))
    assert f"Left out: {', '.join(SECRETS)}." in unmarked(columns_box(at).label)
    for box in at.selectbox:
        assert not set(SECRETS) & set(box.options)
    files = [downloads[label] for label in DOWNLOADS]
    expect_nowhere(at, *files)
    for cells in workbook(downloads["Excel"]).values():
        assert not set(SECRETS.values()) & {cell for row in cells for cell in row}


def test_a_row_left_out_shows_nothing_of_the_private_columns(downloads):
    """Such a row is often one whose notes have a comma."""
    broken = as_csv(secret_table().iloc[:, ::-1]) + b"Zaphod,Beeblebrox,078-05-1120" * 9 + b"\n"
    at = click(upload(audit_page(), broken), GO_ON)
    assert "has 19 values" in tab(at, "Rows not read").dataframe[0].value["reason"].iloc[0]
    expect_nowhere(at)


def test_a_download_of_rows_left_out_has_nothing_of_the_private_columns(downloads):
    broken = as_csv(secret_table().iloc[:, ::-1]) + b"Zaphod,Beeblebrox,078-05-1120\n"
    click(upload(audit_page(), broken), GO_ON)
    cells = [cell for row in workbook(downloads["Excel"])["Left out"] for cell in row]
    assert "Zaphod" not in " ".join(map(str, cells))


def test_a_column_in_use_that_holds_private_values_is_refused():
    table = VISITS.rename(columns={"Visit": "Account"}).assign(Account="078-05-1120")
    at = uploaded(table)
    refusal, needed = [*at.error, *at.warning]
    assert refusal.value == "- Account holds what look like social security numbers."
    assert needed.proto.title == "Columns to choose after that"  # all that is wrong at once
    assert needed.value.startswith("- Visit column, or a date and an account number, is needed")
    at = click(at, GO_ON)
    assert alert(at)[0] == "Choose the columns above"
    assert "Account" not in column_box(at, "account").options
    expect_nowhere(at)


def test_another_file_with_private_columns_is_asked_about_again():
    at = click(uploaded(secret_table()), GO_ON)
    assert at.tabs
    at = upload(at, as_csv(VISITS.assign(SSN="078-05-1120")))
    assert alert(at)[1] == "- SSN is called like a social security number."
    assert not at.tabs


def test_the_same_file_again_is_asked_about_again():
    at = click(uploaded(secret_table()), GO_ON)
    at = uploaded_again(at, secret_table())
    assert alert(at)[0] == "This file has columns that look like patient data"


def uploaded_again(at, table):
    return upload(take_away(at), as_csv(table))


def test_names_of_columns_cannot_mark_up_the_page():
    table = VISITS.assign(**{"[name](http://a.co) ![](http://a.co/b.png) **x** :red[y]": "1"})
    at = uploaded(table)
    assert not re.search(r"(?<!\\)[\[\]*]", at.error[0].value.removeprefix("- "))
    assert "http:\u200b//" in at.error[0].value


# Rows left out

BAD = [
    ["V7", "2026-03-02", "9711", "", "1", "", "Ann"],
    ["V8", "2026-03-02", "97110", "soon", "1", "", "Ann"],
    ["V9", "2026-02-30", "97110", "15", "1", "", "Ann"],
    ["", "2026-03-02", "97110", "15", "1", "", "Ann"],
    ["V10", "2026-03-02", "97110", "15", "-1", "", "Ann"],
    ["V11", "2026-03-02", "97110", "7.5", "1", "", "Ann"],
    ["V12", "2026-03-02", "97110", "15", "1", "$$", "Ann"],
]
REASONS = [
    (11, "code", "9711", "is not a code of codes.csv"),
    (12, "minutes", "", "must be a whole number from 0 to 1,440"),
    (13, "date", "", "must be a date such as 2026-01-31"),
    (14, "visit", "", "must name the visit"),
    (15, "units", "-1", "takes back units that no other row of its day has"),
    (16, "minutes", "7.5", "must be a whole number from 0 to 1,440"),
    (17, "modifiers", "", "must be two-character modifiers"),
]


def with_bad_rows():
    return pd.DataFrame([*ROWS, *BAD], columns=HEADER, dtype=str)


def test_bad_rows_are_listed_and_good_ones_count():
    at = uploaded(with_bad_rows())
    assert totals(at) == totals_of(engine(VISITS))
    assert "16 rows read: 9 used, 7 refused; 6 visits." in words(at)
    assert "These rows could not be used; units of their visits were not compared." in words(at)
    table = tab(at, "Rows not read").dataframe[0].value
    found = list(table[["row", "column", "value"]].itertuples(index=False, name=None))
    assert found == [each[:3] for each in REASONS]
    for reason, (*_, expected) in zip(table["reason"], REASONS, strict=True):
        assert reason.startswith(expected)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"V7,2026-03-02,97110,15,1,,Ann,x,y\n", "has 9 values, and the header 7"),
        ("V\ufffd7,2026-03-02,97110,15,1,,Ann\n".encode(), "has characters that cannot be read"),
    ],
    ids=["long", "no letter"],
)
def test_a_row_that_cannot_be_read_is_listed(line, reason):
    at = upload(audit_page(), as_csv(VISITS) + line)
    table = tab(at, "Rows not read").dataframe[0].value
    assert table["row"].tolist() == [11]
    assert table["reason"].iloc[0].startswith(reason)
    assert totals(at) == totals_of(engine(VISITS))


def test_without_bad_rows_that_is_said():
    at = tab(uploaded(VISITS), "Rows not read")
    assert [each.value for each in at.markdown] == [
        "9 rows read: 9 used, 0 refused; 6 visits.",
        "Every row could be used.",
    ]
    assert not at.dataframe


def test_units_of_a_visit_with_rows_left_out_are_not_compared():
    rows = [*ROWS, ["V1", "2026-03-02", "97112", "x", "1", "GP", "Ann"]]
    at = uploaded(pd.DataFrame(rows, columns=HEADER, dtype=str), payer="va")
    assert "Visits with rows that were refused: 1. Their units were not compared." in words(at)
    assert compared(uploaded(VISITS, payer="va")) == {"V1", "V3", "V6"}
    assert compared(at) == {"V3", "V6"}


def compared(at):
    """The visits with findings of units billed beside supported ones."""
    names = tables.rule_names()["name"]
    rules = [names[rule] for rule in ("units-over", "units-under", "units-zero")]
    found = {visit for rule in rules for visit in visits_of_rule(at, rule)}
    pick(at, "rule")
    return found


def visits_of_rule(at, rule):
    """The visits listed when the group of a rule is chosen."""
    if not any(f"× {rule} " in each for each in at.radio(key="audit_rule").options):
        return []
    return [each["about"].split(" · ")[0] for each in listed(pick(at, "rule", ids()[rule]))]


def ids():
    names = tables.rule_names()["name"]
    return dict(zip(names, names.index, strict=True))


def test_words_not_known_are_said_and_mark_up_nothing():
    table = VISITS.assign(Payer=["**Aetna** [x](http://a.co)"] * 4 + [""] * 5)
    table = table.assign(**{"Place of service": ["[moon](http://a.co)"] * 3 + ["11"] * 6})
    at = uploaded(table)
    text = unmarked(words(at))
    assert "Payers not known, with their lines: **Aetna** [x](http://a.co) 4. Only what" in text
    assert "Place of service not known, taken as not given: '[moon](http://a.co)' (3 rows)." in text
    said = [*(each.value for each in at.markdown), *(box.label for box in at.selectbox)]
    about = [each for each in said if "Aetna" in each or "moon" in each]
    assert len(about) >= 4  # the line, the blind spots, the box for the payer, the rows not read
    for each in about:
        assert not any(mark in each for mark in ("**Aetna", "[x](", "[moon]("))
        assert "http://" not in each
    columns = COLUMNS | {"payer": ("Payer",), "place": ("Place of service",)}
    assert totals(at) == totals_of(engine(table, columns=columns))


# What was read, and what was not checked

ADJUSTED = "cervical|thoracic|lumbar"
WHOLE = [
    ["V1", "2026-03-02", "98941", "", "1", "AT", "Ann", ADJUSTED, "Medicare"],
    ["V2", "2026-03-03", "97110", "30", "2", "GP", "Ann", "lumbar", "VA"],
]
WHOLE_HEADER = [*HEADER, "Region", "Payer"]


def whole(**changed):
    """Two visits of a file that lacks nothing, on which nothing is wrong."""
    return pd.DataFrame(WHOLE, columns=WHOLE_HEADER, dtype=str).assign(**changed)


def blind_words(at):
    """What the page says was not checked, whether there is money or not."""
    small = [each for each in texts(at) if each.startswith(":small[") and "On hold: " in each]
    return unmarked("\n".join([*small, *(each.value for each in at.warning)]))


def in_a_line(at):
    """The one line of what was read, which stands right below the answer."""
    said = re.compile(r":small\[([\d,]+ lines?, [\d,]+ visits?.*)\]")
    (found,) = filter(None, map(said.fullmatch, texts(at)))
    return unmarked(found[1])


def test_nothing_is_said_not_to_be_checked_of_a_file_that_lacks_nothing():
    at = uploaded(whole())
    assert totals(at) == ["Clean: 2 lines, nothing to fix"]
    assert not blind_words(at)


def test_what_was_read_stands_in_a_line_below_the_answer():
    assert in_a_line(uploaded(VISITS, payer="va")) == (
        "9 lines, 6 visits, March to April 2026, VA Community Care 6."
    )
    said = "2 lines, 2 visits, March 2026, Medicare Part B 1, VA Community Care 1"
    assert in_a_line(uploaded(whole())) == f"{said}."
    bare = whole().drop(columns=["Minutes", "Units"])
    assert in_a_line(uploaded(bare)) == f"{said}; minutes and units not in the file."


LACKS = {
    "Minutes": "1 of 2 lines not checked against minutes: none are given.",
    "Units": "No column for units: there are none to compare.",
    "Modifiers": "No column for modifiers: modifiers were not judged.",
    "Region": "No column for regions: regions were not judged.",
    "DOS": "No column for the date: all lines go by 2026 rates.",
}


@pytest.mark.parametrize("column", LACKS)
def test_what_a_file_lacks_is_said_not_to_be_checked(column):
    at = uploaded(whole().drop(columns=column))
    assert LACKS[column] in blind_words(at)
    assert [each for name, each in LACKS.items() if name != column and each in blind_words(at)] == (
        []
    )
    assert not totals(at)[0].startswith("Clean")


SPOTS = {
    "minutes of a line": (
        {"Minutes": ["", ""]}, "1 of 2 lines not checked against minutes: minutes are missing."),
    "units of a line": (
        {"Units": ["", "2"]}, "1 of 2 lines without units billed: nothing to compare."),
    "a payer": (
        {"Payer": ["Medicare", "Moda"]}, "Payers not known, with their lines: Moda 1. Only what"),
}  # fmt: skip


@pytest.mark.parametrize("what", SPOTS)
def test_what_is_not_known_of_a_line_is_said_not_to_be_checked(what):
    changed, said = SPOTS[what]
    at = uploaded(whole(**changed))
    assert said in blind_words(at)
    assert not totals(at)[0].startswith("Clean")


def test_what_is_on_hold_is_explained_beside_the_dollars():
    assert blind_words(uploaded(VISITS)).endswith(
        "On hold: a modifier or an answer is missing. Each line counts once.]"
    )


# Rows that are no services

PASSED = [
    (["V1", "2026-03-02", "COPAY", "", "", "", ""], "copay"),
    (["", "", "", "", "", "", ""], "blank"),
    (["V1", "2026-03-02", "M54.5", "", "", "", ""], "diagnosis"),
    (["V5", "2026-04-02", "99999", "", "1", "", "Bo"], "code not in our tables"),
    (["V4", "2026-04-02", "97014", "", "-2", "", ""], "reversal"),
    (["Total", "", "", "", "13", "", ""], "total, title or footer"),
]


def test_rows_that_are_no_services_are_passed_over_with_what_they_are():
    rows = [row for row, _ in PASSED]
    rows.insert(4, ["V4", "2026-04-02", "97014", "", "2", "", ""])  # what the reversal takes back
    at = uploaded(pd.DataFrame([*ROWS, *rows, BAD[1]], columns=HEADER, dtype=str))
    assert totals(at) == totals_of(engine(VISITS))
    refused, passed = (each.value for each in tab(at, "Rows not read").dataframe)
    assert list(refused["row"]) == [18]
    assert "kind" not in refused
    kinds = [kind for _, kind in PASSED]
    kinds.insert(4, "reversal")
    assert list(passed["kind"]) == kinds
    assert list(passed["row"]) == list(range(11, 18))
    said = texts(tab(at, "Rows not read"))
    assert said[0].startswith("17 rows read: 9 used, 1 refused; 6 visits. 7 rows passed over as no")
    for kind in kinds:
        assert re.search(rf"\b{kind} {kinds.count(kind)}\b", said[0])
    assert said[1].startswith("These rows could not be used")
    assert said[2].startswith("These rows were passed over")


def test_rows_passed_over_alone_are_no_refusal():
    at = uploaded(pd.DataFrame([*ROWS, PASSED[0][0]], columns=HEADER, dtype=str))
    (passed,) = (each.value for each in tab(at, "Rows not read").dataframe)
    assert list(passed["kind"]) == ["copay"]
    assert not any(text.startswith("These rows could not be used") for text in texts(at))
    assert not any("Every row could be used" in text for text in texts(at))


# Whose minutes

ALIKE = [
    [f"V{n}", "2026-03-02", code, "30", "2", "GP", "Ann"]
    for n in range(10)
    for code in ("97110", "97530")
]
OF_ALIKE = {"payer": "commercial-total-time"}


def alike(minutes="Minutes"):
    """Ten visits of two timed lines, each with 30 minutes and 2 units: 40 units in all. Where the
    minutes are each line's, 60 support 4 units; where they are the visit's, 30 support 2."""
    return pd.DataFrame(ALIKE, columns=HEADER, dtype=str).rename(columns={"Minutes": minutes})


def whose(at):
    """The question whose minutes they are, if it is asked."""
    return next((box for box in at.radio if box.key == "audit_minutes"), None)


def test_minutes_alike_on_each_line_are_asked_about_and_either_answer_counts():
    at = uploaded(alike(), **OF_ALIKE)
    box = whose(at)
    assert box.label == (
        "10 of 10 visits with several timed lines have the same minutes on each. Whose are they?"
    )
    assert box.options == ["Each line's own", "The visit's total"]
    cost = f"${20 * engine_fee('97530'):,.2f}"
    assert [unmarked(each) for each in box.proto.captions] == [
        "0 units too many ($0.00), 0 units too few ($0.00).",
        f"20 units too many ({cost}), 0 units too few ($0.00).",
    ]
    assert box.value == "line"
    assert totals(at) == ["Nothing found in what could be checked of 20 lines"]
    at = enter(at, "audit_minutes", "visit")
    assert totals(at) == ["10 of 20 lines to look at", cost, *["$0.00"] * 3]
    assert totals(enter(at, "audit_minutes", "line")) == [
        "Nothing found in what could be checked of 20 lines"
    ]


def engine_fee(code):
    """What a unit of a code is allowed, as the engine prices a line of one unit."""
    row = [["V1", "2026-03-02", code, "15", "1", "GP", "Ann"]]
    under = Settings(payer="commercial-total-time")
    (line,) = engine(pd.DataFrame(row, columns=HEADER, dtype=str), under).lines.itertuples()
    return line.allowed


@pytest.mark.parametrize("column", ["Total Minutes", "Total Time"])
def test_minutes_in_a_column_of_totals_are_the_visits_until_it_is_answered(column):
    at = uploaded(alike(column), **OF_ALIKE)
    assert whose(at).value == "visit"
    assert totals(at)[0] == "10 of 20 lines to look at"
    at = enter(at, "audit_minutes", "line")
    assert totals(at) == ["Nothing found in what could be checked of 20 lines"]
    assert whose(at).value == "line"


def test_another_file_is_asked_about_anew():
    at = enter(uploaded(alike(), **OF_ALIKE), "audit_minutes", "visit")
    at = upload(at, as_csv(alike()), "second.csv")
    assert whose(at).value == "line"
    at = upload(at, as_csv(alike("Total Minutes")), "third.csv")
    assert whose(at).value == "visit"


def test_minutes_are_not_asked_about_where_they_differ_or_change_nothing():
    assert whose(uploaded(alike().assign(Minutes=["30", "31"] * 10), **OF_ALIKE)) is None
    assert whose(uploaded(alike().assign(Minutes="60", Units="4"), **OF_ALIKE)) is not None
    assert whose(uploaded(alike().assign(Units=""), **OF_ALIKE)) is None


# Payers that are not known


def payer_boxes(at):
    """The boxes that ask what kind of payer a name is, by the name."""
    return {box.label: box for box in at.selectbox if (box.key or "").startswith("audit payer ")}


def test_a_payer_named_changes_the_audit_and_stays_for_the_next_file():
    table = VISITS.assign(Payer=["Moda"] * 4 + ["VA"] * 5)
    columns = COLUMNS | {"payer": ("Payer",)}
    at = uploaded(table)
    before = totals(at)
    assert before == totals_of(engine(table, columns=columns))
    assert list(payer_boxes(at)) == ["Moda"]
    at = name_payer(at, "Moda", "medicare")
    named = table.replace({"Payer": {"Moda": "Medicare"}})
    assert totals(at) == totals_of(engine(named, columns=columns)) != before
    assert "Moda" not in blind_words(at)
    at = upload(at, as_csv(table.head(4)), "next month.csv")
    assert totals(at) == totals_of(engine(named.head(4), columns=columns))
    assert payer_boxes(at)["Moda"].value == "medicare"
    at = upload(at, as_csv(table), "again.csv")
    assert totals(name_payer(at, "Moda", "")) == before


def test_it_is_said_where_payers_are_named_as_long_as_one_is_not_known():
    where = "Say what they are under Columns and payers."
    at = uploaded(VISITS.assign(Payer="Moda"))
    assert where in blind_words(at)
    assert columns_box(at).label.endswith("Columns and payers")
    assert where not in blind_words(name_payer(at, "Moda", "va"))


def test_a_name_in_the_list_is_not_broken():
    (about, *_) = (row["about"] for row in listed(uploaded(VISITS.assign(Provider="Dr. A. Lee"))))
    assert about.endswith("Dr.\u00a0A.\u00a0Lee")


def name_payer(at, name, payer):
    payer_boxes(at)[name].set_value(payer)
    return run(at)


def test_a_payer_is_known_however_it_is_written():
    at = name_payer(uploaded(VISITS.assign(Payer="Moda")), "Moda", "va")
    at = upload(at, as_csv(VISITS.assign(Payer="  MODA ")), "next.csv")
    assert totals(at) == totals_of(engine(VISITS, VA))


def test_only_payers_that_are_not_known_are_asked_about():
    assert payer_boxes(uploaded(VISITS.assign(Payer="Medicare"))) == {}
    many = VISITS.assign(Payer=["One", "Two", "Two", "VA", "", "", "", "", ""])
    assert list(payer_boxes(uploaded(many))) == ["Two", "One"]  # those of most rows first


# Sheets of a workbook


def as_workbook(**sheets):
    out = io.BytesIO()
    with pd.ExcelWriter(out) as writer:
        for name, table in sheets.items():
            table.to_excel(writer, sheet_name=name, index=False)
    return out.getvalue()


def sheet_box(at):
    return next((box for box in at.selectbox if box.label == "Sheet"), None)


def test_the_sheet_of_a_workbook_is_chosen():
    old = VISITS.head(2)
    content = as_workbook(Cover=pd.DataFrame({"Report": ["March"]}), March=VISITS, February=old)
    at = upload(audit_page(), content, "year.xlsx")
    assert sheet_box(at).options == ["Cover", "March", "February"]
    assert sheet_box(at).value == "March"  # the one most like visits
    assert totals(at) == totals_of(engine(VISITS))
    at = choose_sheet(at, "February")
    assert totals(at) == totals_of(engine(old))
    assert sheet_box(at).value == "February"
    at = choose_sheet(at, "Cover")
    assert alert(at)[0] == "Choose the columns above"
    assert totals(choose_sheet(at, "March")) == totals_of(engine(VISITS))


def choose_sheet(at, name):
    sheet_box(at).set_value(name)
    return run(at)


def test_columns_chosen_of_one_sheet_are_not_those_of_another():
    odd = VISITS.rename(columns={"CPT": "What was done"})
    at = upload(audit_page(), as_workbook(March=VISITS, April=odd), "year.xlsx")
    at = choose_column(choose_sheet(at, "April"), "code", "What was done")
    assert totals(at) == totals_of(engine(VISITS))
    assert totals(choose_sheet(at, "March")) == totals_of(engine(VISITS))
    assert column_box(at, "code").value == ("CPT",)


def test_private_columns_of_another_sheet_are_refused_too():
    content = as_workbook(March=VISITS, April=secret_table())
    at = upload(audit_page(), content, "year.xlsx")
    assert totals(at) == totals_of(engine(VISITS))
    at = choose_sheet(at, "April")
    assert alert(at)[0] == "This file has columns that look like patient data"
    expect_nowhere(at)


def test_a_file_of_one_sheet_asks_for_none():
    assert sheet_box(upload(audit_page(), as_excel(VISITS), "visits.xlsx")) is None
    assert sheet_box(uploaded(VISITS)) is None


# Claim files


def claim_file():
    """An 837P of two visits, with everything about the patient that such a file has."""
    clinic = {"names": ["2", "SPINE CLINIC LLC"], "label": "SPINE CLINIC LLC",
              "discipline": "chiropractor", "taxonomy": "111N00000X"}  # fmt: skip
    line = {"basis": "UN", "place": "", "rendering": None, "dtp": ("D8", "20260302", "")}
    claim = {"place": "11", "frequency": "1", "payer": ("MEDICARE", "MB", ""), "date": None,
             "billing": clinic, "rendering": None, "patient": True, "other": True,
             "level": "P"}  # fmt: skip
    claims = [
        claim | {"account": account, "lines": [
            line | {"code": "98941", "modifiers": [], "quantity": "1"},
            line | {"code": "97140", "modifiers": ["GP"], "quantity": "2"},
        ]}
        for account in ("A1", "A2")
    ]  # fmt: skip
    segments = claims837.envelope([("837", "005010X222A1", claims837.claims_body(claims))])
    return claims837.written(segments, "*:~", "\n").encode()


def test_a_claim_file_is_audited_and_nothing_of_its_patients_is_anywhere(downloads):
    content = claim_file()
    assert [each for each in claims837.SECRETS if each.encode() not in content] == []
    at = upload(audit_page(), content, "claims.837")
    assert totals(at)[0].endswith(" of 4 lines to look at")
    assert in_a_line(at).startswith("4 lines, 2 visits, March 2026, Medicare Part B 2; minutes ")
    assert {row["code"] for row in listed(at)} == {"98941", "97140"}
    files = [downloads[label] for label in DOWNLOADS]
    cells = [str(cell) for rows in workbook(downloads["Excel"]).values() for row in rows
             for cell in row]  # fmt: skip
    told = [on_the_page(at), in_the_session(at), *files, " ".join(cells).encode()]
    for text in told:
        assert [each for each in claims837.SECRETS if each.encode() in text] == []
    assert b"SPINE CLINIC LLC" in told[0]


def test_another_transaction_is_named():
    content = claims837.written(claims837.envelope([("835", "", [])]), "*:~", "\n").encode()
    _, said = alert(upload(audit_page(), content, "era.835.txt"))
    assert "is an 835 (remittance), not professional claims" in said


# Files that cannot be used


def sentence(content, name="visits.csv"):
    """What is said of a file that cannot be used."""
    at = upload(audit_page(), content, name)
    assert not at.tabs
    assert not at.tabs
    return "\n".join(alert(at))


HEAD = ",".join(HEADER).encode() + b"\n"
NEEDED = "Code column is needed and was not found."
BROKEN = {
    "nothing": (b"", "is empty"),
    "spaces": (b" \n \n", "is empty"),
    "pdf": (b"%PDF-1.7 x", "is a PDF: export the visits as CSV or Excel"),
    "old excel": (b"\xd0\xcf\x11\xe0" + b"x" * 99, "cannot be read as Excel"),
    "picture": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "holds binary data"),
    "packed": (b"\x1f\x8b\x08\0\0\0\0\0\0\3x", "holds binary data"),
    "cut excel": (as_excel(VISITS)[:2000], "cannot be read as Excel"),
    "zip": (b"PK\3\4" + b"0" * 99, "cannot be read as Excel"),
    "cut parquet": (as_parquet(VISITS)[:500], "cannot be read as Parquet"),
    "utf-32": (as_csv(VISITS).decode().encode("utf-32"), "holds binary data"),
    "too many columns": (b",".join(b"c%d" % n for n in range(1001)), "up to 1000 are read"),
    "web page": (b"<html><body><p>x</p></body></html>", "is a web page, not a workbook"),
    "json": (b'[{"Visit": "V1", "CPT": "97110"}]', NEEDED),
    "a word": (b"hello", NEEDED),
}
PART_OF_PARQUET = {
    "list": pa.table({"Visit": ["V1"], "CPT": ["97110"], "x": pa.array([[1, 2]])}),
    "struct": pa.table({"Visit": ["V1"], "CPT": ["97110"], "x": pa.array([{"a": 1}])}),
    "twice": pa.Table.from_arrays([pa.array(["V1"])] * 3, names=["Visit", "CPT", "CPT"]),
}
NO_HEADER = {
    "mark alone": b"\xef\xbb\xbf",
    "utf-16 mark alone": b"\xff\xfe",
    "commas alone": b",,,\n,,,\n",
    "quotes alone": b'""\n""\n',
    "an open quote": b'"',
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_file_that_cannot_be_used_gives_a_sentence(kind):
    content, said = BROKEN[kind]
    assert said in sentence(content)


@pytest.mark.parametrize("kind", NO_HEADER)
def test_a_file_without_any_value_gives_a_sentence(kind):
    assert "visits.csv" in sentence(NO_HEADER[kind])


@pytest.mark.parametrize("kind", PART_OF_PARQUET)
def test_a_parquet_column_that_is_no_text_gives_no_exception(kind):
    at = upload(audit_page(), parquet_bytes(PART_OF_PARQUET[kind]), "visits.parquet")
    assert at.tabs or at.error or at.warning


def test_a_parquet_file_without_rows_is_an_audit_of_nothing():
    at = upload(audit_page(), as_parquet(VISITS.head(0)), "visits.parquet")
    assert totals(at) == ["Nothing to audit: no row could be used"]


def test_a_value_of_megabytes_is_no_trouble():
    content = HEAD + b'"' + b"V" * 3_000_000 + b'",2026-03-02,98941,,1,,Ann\n'
    assert totals(upload(audit_page(), content))[0] == "1 of 1 line to look at"


EMPTY_TABLES = {
    "csv": ("visits.csv", HEAD),
    "csv without an end of line": ("visits.csv", HEAD.strip()),
    "excel": ("visits.xlsx", as_excel(VISITS.head(0))),
    "only bad rows": ("visits.csv", HEAD + b"V1,2026-03-02,9711,,,,\n"),
    "only rows passed over": ("visits.csv", HEAD + b"V1,2026-03-02,COPAY,,,,\n"),
}


@pytest.mark.parametrize("kind", EMPTY_TABLES)
def test_a_file_without_a_usable_row_is_an_audit_of_nothing(kind):
    name, content = EMPTY_TABLES[kind]
    at = upload(audit_page(), content, name)
    assert totals(at) == ["Nothing to audit: no row could be used"]
    assert not at.get("vega_lite_chart")
    assert not at.error


def test_a_broken_file_after_a_good_one_and_a_good_one_again():
    at = upload(uploaded(VISITS), b"")
    assert alert(at)[0] == "A table or an input cannot be used"
    at = upload(at, as_csv(VISITS))
    assert totals(at) == totals_of(engine(VISITS))
    assert not at.error


def test_the_name_of_a_file_cannot_mark_up_the_page():
    name = "![](http://a.co/b.png) **b** :red[x] $y$.csv"
    at = uploaded(VISITS, name=name)
    label = columns_box(at).label
    assert name in unmarked(label)
    assert "http:\u200b//" in label
    at = upload(at, b"", name)
    assert name[:40] in unmarked(at.error[0].value)
    assert "http:\u200b//" in at.error[0].value


# Findings and their filters


def pick(at, key, *values):
    """Choose one value of a filter, or none of them, which is all."""
    box = at.radio if key == "rule" else at.selectbox
    box(key=f"audit_{key}").set_value(values)
    return run(at)


def offered(at, key):
    """What a filter offers beside all."""
    everything, *values = at.selectbox(key=f"audit_{key}").options
    assert everything == ALL
    return values


def test_the_gravest_three_levels_are_listed_first():
    found = engine_sample().findings
    expect_list(with_sample(), found[found["level"].isin(SHOWN_LEVELS)])


@pytest.mark.parametrize(
    "levels", [["fix"], ["needs"], ["check"], ["note"], ["fix", "note"], [*SHOWN_LEVELS, "note"]]
)
def test_levels_change_the_list_and_the_sum(levels):
    found = engine_sample().findings
    at = enter(with_sample(), "audit_levels", levels)
    expect_list(at, found[found["level"].isin(levels)])


def test_no_level_is_all_levels():
    expect_list(enter(with_sample(), "audit_levels", []), engine_sample().findings)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("rule", "units-over"),
        ("rule", "units-under"),
        ("rule", "missing-minutes"),
        ("code", "97110"),
        ("provider", "Clinician B"),
        ("month", "2026-03"),
    ],
)
def test_filters_change_the_list_and_the_sum(key, value):
    found = engine_sample().findings
    at = pick(enter(with_sample(), "audit_levels", []), key, value)
    expect_list(at, found[found[key] == value])
    expect_list(pick(at, key), found)


def test_filters_narrow_each_other():
    found = engine_sample().findings
    at = pick(pick(with_sample(), "code", "97112"), "provider", "Clinician A")
    at = pick(at, "rule", "missing-minutes")
    expected = found[
        found["level"].isin(SHOWN_LEVELS)
        & (found["code"] == "97112")
        & (found["provider"] == "Clinician A")
        & (found["rule"] == "missing-minutes")
    ]
    assert len(expected)
    expect_list(at, expected)


@pytest.fixture
def openings(monkeypatch):
    """The names of the files that were opened, each time one is."""
    made = []

    def counted(source, name, *more):
        made.append(name)
        return visit_files.open_file(source, name, *more)

    monkeypatch.setattr("chirocalc.audit.apart.open_file", counted)
    return made


def test_filters_and_rows_never_open_the_file_again(openings, choose_row):
    at = uploaded(VISITS)
    assert openings == ["visits.csv"] * 2  # to look at its columns, and to audit it
    at = pick(pick(pick(at, "code", "97110"), "provider", "Ann"), "code")
    at = enter(at, "audit_levels", ["fix"])
    choose_row(1)
    at = pick(run(at), "month", "2026-04")
    assert openings == ["visits.csv"] * 2
    at = enter(at, "payer", "va")
    assert openings == ["visits.csv"] * 3  # another audit
    choose_column(at, "minutes")
    assert openings == ["visits.csv"] * 4


def test_filters_that_leave_nothing_leave_nothing():
    at = pick(pick(with_sample(), "rule", "units-zero"), "code", "98940")
    assert shown_sum(at) == (0, "no money involved")
    assert listed(at) == []
    assert not any(each.value.startswith("**Visit ") for each in at.markdown)


def test_each_filter_offers_what_was_found():
    at, found = uploaded(VISITS), engine(VISITS).findings
    words_of = {
        "code": {"": "whole visit"},
        "provider": {"": "not given"},
        "month": {"": "no date"},
    }
    for key, known in words_of.items():
        expected = [known.get(value, value) for value in sorted(set(found[key]))]
        assert offered(at, key) == expected


def test_no_provider_and_no_date_can_be_filtered():
    at, found = uploaded(VISITS), engine(VISITS).findings
    at = enter(at, "audit_levels", [])
    for key in ("provider", "month"):
        at = pick(at, key, "")
        expect_list(at, found[found[key] == ""])
        at = pick(at, key)


def test_a_provider_called_like_a_choice_of_the_filter_can_be_filtered():
    at = uploaded(VISITS.assign(Provider=["all", "not given", ""] * 3))
    assert offered(at, "provider") == ["not given", "'all'", "'not given'"]
    found = engine(VISITS.assign(Provider=["all", "not given", ""] * 3)).findings
    at = enter(at, "audit_levels", [])
    for value in ("", "all", "not given"):
        expect_list(pick(at, "provider", value), found[found["provider"] == value])


def test_a_filter_that_the_settings_emptied_is_all():
    at = pick(enter(with_sample(), "audit_levels", []), "rule", "at-active")
    at = enter(at, "provider", "pt")
    found = engine_sample(Settings(provider="pt")).findings
    assert "at-active" not in set(found["rule"])
    expect_list(at, found)


def test_filters_of_one_file_do_not_break_the_next():
    at = pick(pick(uploaded(VISITS), "provider", "Bo"), "code", "97140")
    other = VISITS.assign(Provider="Cy").query("CPT != '97140'")
    at = upload(at, as_csv(other))
    assert totals(at) == totals_of(engine(other))
    found = engine(other).findings
    expect_list(at, found[found["level"].isin(SHOWN_LEVELS)])


def test_a_thousand_findings_are_listed_and_all_counted():
    many = pd.concat([VISITS.assign(Visit=VISITS["Visit"] + f"-{n}") for n in range(250)])
    found = engine(many).findings
    found = found[found["level"].isin(SHOWN_LEVELS)]
    assert len(found) > 1000
    at = uploaded(many)
    assert shown_sum(at) == (len(found), stake_of(found))
    assert len(listed(at)) == 1000
    assert "The first 1,000 are listed; the files have all." in words(at)


def test_a_clean_file_has_no_findings():
    rows = [["V1", "2026-03-02", "98941", "", "1", "AT", "Ann", "cervical|thoracic|lumbar"]]
    clean = pd.DataFrame(rows, columns=REGION_FILE, dtype=str)
    at = uploaded(clean)
    assert engine(clean, columns=COLUMNS | {"region": ("Region",)}).findings.empty
    assert totals(at) == ["Clean: 1 line, nothing to fix"]
    (said,) = (each.value for each in at.success)
    assert "What the notes say was not." in said


# What to do first


GROUP = re.compile(
    r"(?:\*\*(?P<dollars>.+?)\*\* · )?(?P<count>[\d,]+) × (?P<name>.+) :\w+-badge\[(?P<level>.+)\]"
)


def groups(labels):
    """What groups say by the name of their rule, in their order: dollars, count, level."""
    found = [GROUP.fullmatch(unmarked(label)) for label in labels]
    return {each["name"]: (each["dollars"], each["count"], each["level"]) for each in found}


def groups_of(found, levels):
    """The same from the findings, one after the other."""
    names = tables.rule_names()["name"]
    counts, cents, level_of = Counter(), Counter(), {}
    for each in found[found["level"].isin(levels)].itertuples():
        name = names[each.rule]
        counts[name] += 1
        cents[name] += round(each.dollars * 100)
        level_of[name] = min(level_of.get(name, "note"), each.level, key=LEVELS.index)
    worst = sorted(counts, key=lambda name: -abs(cents[name]))
    return {
        name: (
            money(cents[name] / 100) if cents[name] else None,
            f"{counts[name]:,}",
            LEVEL_NAMES[level_of[name]],
        )
        for name in worst
    }


def group_box(at):
    return at.radio(key="audit_rule")


@pytest.mark.parametrize(
    "levels", [SHOWN_LEVELS, ["fix"], ["needs"], ["check"], ["note"], [*SHOWN_LEVELS, "note"]]
)
@pytest.mark.parametrize("of", ["sample", "visits"])
def test_the_groups_are_those_of_a_plain_loop(of, levels):
    at, found = {
        "sample": lambda: (with_sample(), engine_sample().findings),
        "visits": lambda: (uploaded(VISITS), engine(VISITS).findings),
    }[of]()
    count = int(found["level"].isin(levels).sum())
    boxes = [box for box in enter(at, "audit_levels", levels).radio if box.key == "audit_rule"]
    assert len(boxes) == (count > 0)  # of nothing there is nothing to choose
    everything, *labels = boxes[0].options if boxes else ["All 0 findings"]
    assert everything == f"All {count:,} finding{'s' * (count != 1)}"
    shown, expected = groups(labels), groups_of(found, levels)
    assert shown == expected
    sizes = [abs(float(re.sub("[^0-9.]", "", cost or "0"))) for cost, *_ in shown.values()]
    assert sizes == sorted(sizes, reverse=True)


def test_the_groups_are_the_oracles():
    """Its rules in the sample, each visit gone through by itself."""
    ids = {row["name"]: name for name, row in oracle.PAYERS.items()}
    ids |= {"Commercial, 8-minute rule": "commercial-total-time", "VA": "va",
            "Commercial, AMA rule": "commercial-midpoint", "Medicare": "medicare",
            "Cash or self-pay": "self-pay"}  # fmt: skip
    rows = [
        {"visit": row["Visit"], "code": row["CPT"], "minutes": row["Minutes"],
         "units": row["Units"], "modifiers": row["Modifiers"], "region": row["Region"],
         "payer": ids[row["Payer"]], "place": "office", "discipline": ""}
        for row in sample().to_dict("records")
    ]  # fmt: skip
    names = tables.rule_names()["name"]
    counts, dollars = Counter(), Counter()
    for _, each in oracle.audit(rows, oracle.Setting()):
        counts[names[each.rule]] += 1
        dollars[names[each.rule]] += each.dollars
    shown = groups(group_box(with_sample()).options[1:])
    judged = {name: shown[name] for name in shown if name in set(names[list(oracle.RULES)])}
    assert {name: said[:2] for name, said in judged.items()} == {
        name: (money(float(dollars[name])) if dollars[name] else None, f"{counts[name]:,}")
        for name in counts
    }


def test_each_group_says_what_to_do():
    box = group_box(enter(with_sample(), "audit_levels", []))
    to_do = tables.rule_names().set_index("name")["to_do"]
    _, *captions = [each.body if hasattr(each, "body") else each for each in box.proto.captions]
    assert captions == [to_do[name] for name in groups(box.options[1:])]


@pytest.mark.parametrize("rule", ["units-over", "cmt-region", "excluded", "units-under"])
def test_a_group_opens_its_lines(rule):
    found = engine_sample().findings
    at = pick(with_sample(), "rule", rule)
    expect_list(at, found[(found["rule"] == rule) & found["level"].isin(SHOWN_LEVELS)])
    expect_list(pick(at, "rule"), found[found["level"].isin(SHOWN_LEVELS)])


def test_a_group_whose_level_is_taken_away_is_all():
    at = enter(pick(with_sample(), "rule", "units-over"), "audit_levels", ["needs"])
    found = engine_sample().findings
    expect_list(at, found[found["level"] == "needs"])


def test_where_only_remarks_were_found_nothing_is_listed_to_do_first():
    rows = [
        ["V1", "2026-03-02", "97110", "30", "2", "GP", "Ann", "lumbar"],
        ["V1", "2026-03-02", "97530", "30", "2", "GP", "Ann", "lumbar"],
    ]
    table = pd.DataFrame(rows, columns=REGION_FILE, dtype=str)
    at = uploaded(table, payer="commercial-total-time")
    assert set(engine(table, Settings(payer="commercial-total-time")).findings["level"]) == {"note"}
    assert "Nothing of these kinds was found." in words(at)
    assert [box for box in at.radio if box.key == "audit_rule"] == []
    at = enter(at, "audit_levels", ["note"])
    assert "Nothing of these kinds was found." not in words(at)
    assert len(group_box(at).options) == 2


def test_the_first_finding_is_open_at_once():
    at = with_sample()
    first = gravest_first(engine_sample().findings).iloc[0]
    assert f"**Visit {first['visit']}** · {first['date']} · {first['provider']} · " in words(at)
    at = pick(at, "rule", "at-active")
    found = engine_sample().findings
    first = gravest_first(found[found["rule"] == "at-active"]).iloc[0]
    assert f"**Visit {first['visit']}** · " in words(at)


def test_a_click_on_a_list_that_is_gone_does_not_count():
    at = with_sample()
    at.session_state["audit_row"] = {"row": "another list 5"}
    first = gravest_first(engine_sample().findings).iloc[0]
    assert f"**Visit {first['visit']}** · " in words(run(at))


# Never a false all-clear

NO_MINUTES = [
    ["V1", "2026-03-02", "98941", "", "1", "AT", "Ann"],
    ["V1", "2026-03-02", "97110", "", "1", "GP GY", "Ann"],
]


def test_a_line_without_minutes_is_said_not_to_be_checked():
    at = uploaded(pd.DataFrame(NO_MINUTES, columns=HEADER, dtype=str))
    assert not at.metric
    assert totals(at) == ["1 of 2 lines to look at"]
    (said,) = (each.value for each in at.warning)
    assert said.startswith("1 of 2 lines not checked against minutes: minutes are missing.")
    assert not at.success


def test_lines_without_units_are_said_not_to_be_compared():
    table = pd.DataFrame([["V1", "98941", "", "AT"]], columns=["Visit", "CPT", "Minutes", "Mod"])
    at = uploaded(table)
    assert totals(at) == ["Nothing found in what could be checked of 1 line"]
    (said,) = (each.value for each in at.warning)
    assert said.startswith("1 of 1 line without units billed: nothing to compare.")
    assert not at.success


def test_a_row_not_read_takes_its_visit_out_of_the_comparison_and_that_is_said():
    rows = [
        ["V1", "2026-03-02", "97110", "20", "1", "", "Ann"],
        ["V1", "2026-03-02", "97112", "x", "1", "", "Ann"],
    ]
    at = uploaded(pd.DataFrame(rows, columns=HEADER, dtype=str), payer="self-pay")
    (said,) = (each.value for each in at.warning)
    assert said.startswith("1 of 1 line not checked against minutes: rows of their visit were not")
    assert not at.success


def test_the_lines_not_checked_of_the_sample_are_counted():
    blind = engine_sample().lines["supported"].isna().sum()
    assert f"{blind} of 1,000 lines not checked against minutes: minutes are missing." in words(
        with_sample()
    )


def test_a_clean_file_with_a_remark_says_so():
    rows = [
        ["V1", "2026-03-02", "97110", "20", "1", "", "Ann", "lumbar"],
        ["V1", "2026-03-02", "97112", "20", "2", "", "Ann", "lumbar"],
    ]
    at = uploaded(pd.DataFrame(rows, columns=REGION_FILE, dtype=str), payer="commercial-total-time")
    assert totals(at) == ["Clean: 2 lines, nothing to fix, 1 remark"]
    assert len(at.success) == 1


# Before a file


def test_the_sample_is_shown_before_any_file_and_marked():
    at = audit_page()
    assert [metric.value for metric in at.metric] == totals_of(engine_sample())[1:]
    assert at.header[0].value == f"What you get: {headline_of(engine_sample())}"
    assert "Sample clinic, not yours" in words(at)
    assert "Made up: 434 visits of March 2026, at national amounts." in words(at)
    assert not at.tabs
    (said,) = (each.value for each in at.markdown if each.value.startswith("1. "))
    labels = [
        line.removeprefix("1. ").strip() for line in said.splitlines() if line.startswith("1. ")
    ]
    expected = groups_of(engine_sample().findings, SHOWN_LEVELS)
    costly = {name: of for name, of in expected.items() if of[0]}
    assert groups(labels) == costly
    rest = sum(int(count) for name, (_, count, _) in expected.items() if name not in costly)
    assert f"and {rest} findings without dollars" in said


def test_the_sample_before_a_file_does_not_go_by_the_settings():
    at = audit_page(payer="va", who="pt", area="60601")
    assert [metric.value for metric in at.metric] == totals_of(engine_sample())[1:]


def test_the_sample_before_a_file_is_audited_once_for_all(calls):
    with tables.in_use():
        found.sample_found()
        del calls[:]
        at = audit_page()
        at = enter(at, "payer", "va")
        audit_page()
        assert calls == []
        assert totals(click(at, "Try it with the sample")) == totals_of(
            engine_sample(Settings(payer="va"))
        )
        assert [under.payer for under in calls] == ["va"]


def test_the_sample_goes_when_a_file_comes_and_comes_back_after_it():
    at = uploaded(VISITS)
    assert "Sample clinic" not in words(at)
    assert "Sample clinic" in words(take_away(at))


def test_the_settings_in_use_are_named_where_they_stand():
    at = audit_page(payer="va", who="pt", area="60601", place="facility")
    assert at.expander[0].label == (
        "If the file has no payer or ZIP, use: **VA Community Care · 60601 · Facility · PT**"
    )
    label = audit_page(area="01112-05").expander[0].label
    assert tables.localities().at["01112-05", "name"] in label


# Tabs


def test_each_part_is_in_its_own_tab():
    """All of them are there at once, so that a click on another asks nothing of the server."""
    at = with_sample()
    parts = {each.label: each for each in at.tabs}
    assert [name for name in TABS if lists(parts[name])] == ["Findings"]
    assert [name for name in TABS if parts[name].dataframe] == ["Lines"]
    assert [name for name in TABS if parts[name].get("vega_lite_chart")] == ["Charts"]
    assert [name for name in TABS if "Every row could be used." in texts(parts[name])] == TABS[3:]


def texts(part):
    return [each.value for each in part.markdown]


def test_the_lines_are_the_engines():
    at, expected = with_sample(), engine_sample().lines
    table = tab(at, "Lines").dataframe[0].value
    assert list(table["visit"]) == list(expected["visit"])
    assert list(table["code"]) == list(expected["code"])
    for name in ("billed", "supported", "units_cms", "units_cpt", "minutes"):
        assert [None if pd.isna(v) else int(v) for v in table[name]] == [
            None if pd.isna(v) else int(v) for v in expected[name]
        ]
    assert "only you know whether they are true" in words(at)


def test_the_pictures_are_of_the_whole_file():
    at = tab(with_sample(), "Charts")
    found = [each.proto for each in at.get("vega_lite_chart")]
    assert len(found) == 5
    assert all(re.search(r"\d", each.alt) for each in found)
    assert any(audit_words.MIRROR in text for text in texts(at))


def test_the_totals_and_downloads_stand_above_the_tabs():
    at = with_sample()
    assert totals(at) == totals_of(engine_sample())
    assert [each.label for each in at.download_button] == ["Template", *DOWNLOADS]
    for each in at.tabs:
        assert not each.metric
        assert not each.download_button
        assert bool(each.selectbox) == (each.label == "Findings")


# Downloads


@pytest.fixture
def downloads(monkeypatch):
    """What the download buttons of the last run would give, as bytes by their labels."""
    made = {}

    class Made(dict):
        def __missing__(self, label):
            content = made[label]()
            return content.encode() if isinstance(content, str) else content

    def capture(label, data, *, file_name, mime, **more):
        assert more["on_click"] == "ignore"
        made[label] = data
        found.names[label] = file_name
        found.off[label] = more.get("disabled", False)

    found = Made()
    found.names, found.off = {}, {}
    monkeypatch.setattr(streamlit, "download_button", capture)
    return found


def table_of(content):
    """A CSV as rows of text."""
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def workbook(content):
    """An Excel file as rows of values by sheet."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}


def test_the_csv_files_are_the_engines_tables(downloads):
    with_sample()
    answer = engine_sample()
    assert downloads["Findings CSV"].startswith(b"\xef\xbb\xbf")
    found = table_of(downloads["Findings CSV"])
    assert [row["text"] for row in found] == list(answer.findings["text"])
    assert [float(row["dollars"]) for row in found] == list(answer.findings["dollars"])
    assert [int(row["row"]) for row in found] == list(answer.findings["row"])
    lines = table_of(downloads["Lines CSV"])
    assert [row["suggested"] for row in lines] == list(answer.lines["suggested"])
    assert [row["supported"] for row in lines] == [
        "" if pd.isna(value) else str(value) for value in answer.lines["supported"]
    ]
    assert downloads.names == {
        "Template": "visits.csv", "Findings CSV": "findings.csv", "Lines CSV": "lines.csv",
        "Excel": "audit.xlsx", "Printable summary": "audit.html",
    }  # fmt: skip


def test_downloads_have_all_whatever_is_filtered(downloads):
    at = pick(with_sample(), "code", "97110")
    assert shown_sum(at)[0] < len(engine_sample().findings)
    assert len(table_of(downloads["Findings CSV"])) == len(engine_sample().findings)


SHEETS = ["Summary", "To do", "Findings", "Notes", "Lines", "Left out", "About"]
FINDING_HEADS = [
    "Done", "Date of service", "Visit or account", "Provider", "Payer", "Code", "Modifiers billed",
    "Modifiers as they should be", "Units billed", "Units as they should be", "What was found",
    "How grave", "Kind", "Dollars", "Row in the file", "Source",
]  # fmt: skip


def sheet_rows(rows):
    """The rows of a sheet by their heads."""
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def test_the_excel_file_is_one_for_an_office(downloads):
    uploaded(with_bad_rows())
    answer, sheets = engine(with_bad_rows()), workbook(downloads["Excel"])
    assert list(sheets) == SHEETS
    summary = [row[0] for row in sheets["Summary"]]
    assert summary[1] == headline_of(answer)
    assert summary[2] == "9 lines, 6 visits, March to April 2026, Medicare Part B 6"
    assert list(sheets["Findings"][0]) == list(sheets["Notes"][0]) == FINDING_HEADS
    for name, (heads, *rows) in sheets.items():
        assert all(head and "_" not in head and head != head.lower() for head in heads) or (
            name == "About"
        )
        assert rows or name == "Notes"
    about = dict(sheets["About"])
    assert about["Made by"] == f"Chirocalc {chirocalc.__version__}, RVU26B"
    assert about["File"] == "visits.csv"
    left_out = sheet_rows(sheets["Left out"])
    assert [row["Row in the file"] for row in left_out] == [row for row, *_ in REASONS]
    assert len(sheets["Lines"]) == len(answer.lines) + 1


def test_findings_to_tick_off_stand_by_rule_and_notes_apart(downloads):
    with_sample()
    found, names = engine_sample().findings, tables.rule_names()["name"]
    sheets = workbook(downloads["Excel"])
    for name, mine in (("Findings", found["level"] != "note"), ("Notes", found["level"] == "note")):
        rows = sheet_rows(sheets[name])
        assert Counter(row["Row in the file"] for row in rows) == Counter(found["row"][mine])
        assert not any(row["Done"] for row in rows)
        kinds = [row["Kind"] for row in rows]
        runs = [kind for at, kind in enumerate(kinds) if at == 0 or kinds[at - 1] != kind]
        assert len(runs) == len(set(runs))  # each rule's stand together
        assert set(runs) == set(names[found["rule"][mine]])
        for kind in runs:
            dollars = [abs(row["Dollars"]) for row in rows if row["Kind"] == kind]
            assert dollars == sorted(dollars, reverse=True)
    assert {row["How grave"] for row in sheet_rows(sheets["Notes"])} == {LEVEL_NAMES["note"]}
    assert LEVEL_NAMES["note"] not in {row["How grave"] for row in sheet_rows(sheets["Findings"])}


def test_what_to_do_opens_the_first_of_its_findings(downloads):
    with_sample()
    book = openpyxl.load_workbook(io.BytesIO(downloads["Excel"]))
    heads = {cell.value: cell.column for cell in book["To do"][1]}
    groups = groups_of(engine_sample().findings, LEVELS)
    assert book["To do"].max_row == len(groups) + 1
    sizes = [abs(row[heads["Dollars"] - 1].value) for row in book["To do"].iter_rows(min_row=2)]
    assert sizes == sorted(sizes, reverse=True)
    for row in range(2, len(groups) + 2):
        cell = book["To do"].cell(row, heads["What was found"])
        said = {head: book["To do"].cell(row, column).value for head, column in heads.items()}
        kind = cell.value
        dollars, count, level = groups.pop(kind)
        assert said["How grave"] == level
        assert said["Findings"] == int(count.replace(",", ""))
        assert money(said["Dollars"]) == (dollars or "$0.00")
        sheet, _, place = cell.hyperlink.location.rpartition("!")
        opened = book[sheet.strip("'")]
        of_kind = next(each.column for each in opened[1] if each.value == "Kind")
        at = int(place.removeprefix("A"))
        assert opened.cell(at, of_kind).value == kind
        assert opened.cell(at - 1, of_kind).value != kind  # the first of them


def test_an_excel_file_without_findings_says_what_was_not_checked(downloads):
    table = pd.DataFrame([["V1", "98941", "", "AT"]], columns=["Visit", "CPT", "Minutes", "Mod"])
    uploaded(table)
    sheets = workbook(downloads["Excel"])
    assert [len(sheets[name]) for name in ("To do", "Findings", "Notes")] == [1, 1, 1]
    summary = [row[0] for row in sheets["Summary"]]
    assert summary[1] == "Nothing found in what could be checked of 1 line"
    for said in (
        "1 of 1 line without units billed: nothing to compare.",
        "No column for units: there are none to compare.",
        "No column for regions: regions were not judged.",
        "No column for the date: all lines go by 2026 rates.",
    ):
        assert said in summary


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|'/c calc'!A0"]


def dangerous_table():
    """Visits and providers that a spreadsheet would run, and rows left out with such values."""
    rows = [[f"{text}{n}", "2026-03-02", "97110", "20", "2", "", text]
            for n, text in enumerate(FORMULAS)]  # fmt: skip
    rows += [["V9", "2026-03-02", text, "", "1", "", text] for text in FORMULAS]
    return pd.DataFrame(rows, columns=HEADER, dtype=str)


def test_no_cell_of_a_download_is_a_formula(downloads):
    uploaded(dangerous_table())
    assert engine(dangerous_table()).findings["visit"].str.startswith("=").any()
    for label in ("Findings CSV", "Lines CSV"):
        cells = [row[name] for row in table_of(downloads[label]) for name in ("visit", "provider")]
        assert cells
        assert all(cell.startswith("'") for cell in cells)
    for rows in workbook(downloads["Excel"]).values():
        cells = [str(cell) for row in rows for cell in row if isinstance(cell, str)]
        assert [cell for cell in cells if cell[:1] in "=+-@" and cell] == []


def test_the_template_is_a_file_that_runs(downloads):
    audit_page()
    content = downloads["Template"]
    at = upload(audit_page(), content)
    assert totals(at)[0].endswith("3 lines, nothing to fix, 1 remark")
    assert not at.warning


def test_the_summary_says_the_totals(downloads):
    with_sample()
    html = downloads["Printable summary"].decode()
    answer = engine_sample()
    for sentence_of in audit_words.sentences(answer.totals):
        assert sentence_of in html
    for name in audit_words.by_rule(answer.totals)["rule"]:
        assert name.replace("'", "&#39;") in html
    assert "sample.csv" in html
    assert audit_words.MIRROR in html


def expect_self_contained(html):
    """Nothing in it is loaded from anywhere, or runs."""
    for sign in ("http:", "https:", "src=", "href=", "url(", "@import", "<script", "<link", "//"):
        assert sign not in html.lower()
    tags = set(re.findall(r"<\s*([a-z0-9]+)", html.lower()))
    known = {"html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "p", "ul", "li",
             "table", "thead", "tbody", "tr", "th", "td", "b", "small"}  # fmt: skip
    assert tags <= known


def test_the_summary_is_self_contained(downloads):
    with_sample()
    expect_self_contained(downloads["Printable summary"].decode())


def test_the_summary_escapes_names(downloads):
    table = VISITS.assign(Provider=EVIL, Payer=[EVIL] * 4 + ["VA"] * 5, Visit="V" + EVIL)
    uploaded(table, name=f"{EVIL}.csv")
    html = downloads["Printable summary"].decode()
    expect_self_contained(html.replace("src=x", ""))
    assert "<img" not in html
    assert "&lt;img src=x onerror=alert(1)&gt;&#34;&amp;.csv" in html
    assert "Payers not known, with their lines: &lt;img" in html


def test_the_summary_names_no_visit_and_no_date(downloads):
    table = VISITS.assign(Visit="Trillian " + VISITS["Visit"])
    uploaded(table)
    html = downloads["Printable summary"].decode()
    for text in ("Trillian", "2026-03-02", "2026-04-01", "Ann"):
        assert text not in html


def test_excel_is_off_above_fifty_thousand_rows(downloads):
    table = pd.DataFrame({"Visit": range(50_001), "CPT": "97010"})
    at = uploaded(table)
    assert "50,001 rows read: 50,001 used" in words(at)
    assert downloads.off == {"Template": False, **{label: label == "Excel" for label in DOWNLOADS}}


# One finding in full


@pytest.fixture
def choose_row(monkeypatch):
    """A function that chooses a row of the findings, as a click does, once the list has it."""
    chosen = []

    def click(rows, name):
        of = [row for row in chosen if row < len(rows)]
        streamlit.session_state["audit_row"] = {"row": f"{name} {of[0]}"} if of else {}
        return drawn(rows, name)

    drawn = audit_rows.choose
    monkeypatch.setattr(audit_rows, "choose", click)
    return lambda row: chosen.__setitem__(slice(None), [row])


def place_of(found, **about):
    """The first place in the list of findings that have this about them."""
    listed = gravest_first(found)
    holds = [all(row[name] == value for name, value in about.items())
             for _, row in listed.iterrows()]  # fmt: skip
    return holds.index(True)


RULES = sorted({row["rule"] for row in table_of((CASES / "sample_findings.csv").read_bytes())})


def test_these_are_the_rules_of_the_sample():
    assert set(engine_sample().findings["rule"]) == set(RULES)


def first_of(rule):
    """The place of a rule's first finding in the list of the sample."""
    return place_of(engine_sample().findings, rule=rule)


@cache
def all_of_the_sample():
    """The page with the sample and all of its findings, for clicks that follow each other."""
    return enter(with_sample(), "audit_levels", [])


def first_with_gaps_in(column):
    """The first finding whose visit has a line where this is missing."""
    answer = engine_sample()
    gaps = set(answer.lines.loc[answer.lines[column].isna(), "visit"])
    return gravest_first(answer.findings)["visit"].isin(gaps).to_numpy().argmax()


def finding_of_the_sample(at_row):
    """A finding, and the lines of its visit."""
    answer = engine_sample()
    finding = gravest_first(answer.findings).iloc[at_row]
    return finding, answer.lines[answer.lines["visit"] == finding["visit"]]


@pytest.mark.parametrize("rule", RULES)
def test_a_finding_is_shown_with_its_visit(rule, choose_row):
    at_row = first_of(rule)
    finding, visit = finding_of_the_sample(at_row)
    choose_row(at_row)
    at = run(all_of_the_sample())
    text = re.split(" The note must show | CMS pair table ", finding["text"])[0]
    assert f"-badge[{LEVEL_NAMES[finding['level']]}] {text} " in words(at)
    about = [finding["date"], finding["provider"], tables.payers().at[finding["payer"], "name"]]
    assert f"**Visit {finding['visit']}** · {' · '.join(about)}\n" in words(at)
    for said, line in zip(visit_lines(at), visit.itertuples(), strict=True):
        code, *_ = said
        assert code == f"**{line.code}**"
        assert said[-1] == f"row {line.row}"
        assert (line.modifiers or "no modifier") in said
        assert (unmarked(f"suggested: {line.suggested}") in map(unmarked, said)) == bool(
            line.suggested
        )
        assert not line.region or line.region.replace("|", ", ") in said


NUMBERS = {
    "minutes": ("{} minutes", "no minutes"),
    "billed": ("{} billed", "units not given"),
    "supported": ("{} supported", "supported: not known"),
}


@pytest.mark.parametrize("gap", ["minutes", "supported"])
def test_a_finding_shows_the_numbers_of_its_visit(gap, choose_row):
    at_row = first_with_gaps_in(gap)
    _, visit = finding_of_the_sample(at_row)
    choose_row(at_row)
    at = run(all_of_the_sample())
    said = visit_lines(at)
    for at_, (name, (known, unknown)) in enumerate(NUMBERS.items()):
        expected = [unknown if pd.isna(value) else known.format(value) for value in visit[name]]
        assert [line[at_ + 1].replace("\\", "") for line in said] == expected


def test_the_words_of_a_visit_mark_up_nothing(choose_row):
    choose_row(0)
    at = uploaded(VISITS.assign(Modifiers="GP XX", Visit="[x](http://a.co) :red[y]"))
    ours = re.compile(r"^\*\*\w+\*\*$|^suggested: |^supported: ")
    text = " ".join(ours.sub("", cell) for line in visit_lines(at) for cell in line)
    assert not re.search(r"(?<!\\)[\[*:]", text)
    (said,) = (each.value for each in at.markdown if each.value.startswith("**Visit "))
    assert said.startswith("**Visit \\[x\\](http:")


def calculator(at):
    """The calculator at the link of the finding's visit."""
    (link,) = [each.proto for each in at.get("page_link") if "Open this visit" in each.proto.label]
    return driving.opened(link=dict(parse_qsl(link.query_string, keep_blank_values=True)))


@pytest.mark.parametrize("rule", RULES)
def test_a_visit_opens_in_the_calculator(rule, choose_row):
    at_row = first_of(rule)
    _, visit = finding_of_the_sample(at_row)
    choose_row(at_row)
    opened = calculator(run(all_of_the_sample()))
    assert sorted(services(opened)) == sorted(visit["code"])
    assert opened.session_state["payer"] == visit["payer"].iloc[0]
    assert not opened.warning
    for line in visit.dropna(subset="minutes").itertuples():
        assert opened.number_input(key=f"amount {line.code}").value == line.minutes


REGION_FILE = [*HEADER, "Region"]
WITH_REGION = [
    ["V1", "2026-03-02", "98940", "", "1", "", "Ann", "cervical"],
    ["V1", "2026-03-02", "97140", "15", "2", "59", "Ann", "lumbar"],
]


def test_the_calculator_knows_the_regions_and_modifiers_of_the_visit(choose_row):
    choose_row(0)
    table = pd.DataFrame(WITH_REGION, columns=REGION_FILE, dtype=str)
    opened = calculator(uploaded(table, payer="commercial-total-time"))
    assert question(opened, "region", "97140").value == "lumbar"
    assert question(opened, "modifiers", "97140", "59").value == "59"


@pytest.mark.parametrize(
    ("day", "set_to"), [("2025-12-31", date(2025, 12, 31)), ("2026-03-02", None)]
)
def test_the_calculator_goes_by_the_rates_of_the_visits_date(choose_row, day, set_to):
    """Whatever year the page has for rows without a date."""
    choose_row(0)
    table = pd.DataFrame([["V1", day, "97110", "15", "3", "", "Ann"]], columns=HEADER, dtype=str)
    opened = calculator(uploaded(table, payer="commercial-total-time", date="2025-06-30"))
    assert opened.session_state["date"] == set_to
    assert driving.totals(opened)[-1] == {"2025-12-31": "$28.79", "2026-03-02": "$29.06"}[day]


def test_the_calculator_goes_by_the_settings_of_the_page(choose_row):
    choose_row(0)
    opened = calculator(uploaded(VISITS, payer="va", who="pt", area="60601", place="facility"))
    assert opened.session_state["provider"] == "pt"
    assert opened.session_state["place"] == "facility"
    assert opened.session_state["area"] == "60601"


def test_the_calculator_has_an_adjustment_without_regions(choose_row):
    found = engine(VISITS, VA).findings
    choose_row(place_of(found[found["level"].isin(SHOWN_LEVELS)], visit="V1"))
    at = uploaded(VISITS, payer="va")
    assert "98941" in services(calculator(at))
    assert "Assumed: Cervical, Thoracic, Lumbar." in words(at)


OF_A_VISIT = [
    ["V1", "2026-03-02", "98941", "", "1", "GA", "Ann", "cervical|lumbar|sacral"],
    ["V1", "2026-03-02", "98943", "", "1", "51", "Ann", "head"],
    ["V1", "2026-03-02", "72100", "", "1", "26 59", "Ann", ""],
    ["V1", "2026-03-02", "97110", "20", "2", "GP XX", "Ann", "lumbar|sacral"],
    ["V1", "2026-03-02", "99213", "25", "1", "25", "Ann", ""],
]


def test_the_calculator_has_all_that_the_file_says_of_the_visit(choose_row):
    choose_row(0)
    at = uploaded(pd.DataFrame(OF_A_VISIT, columns=REGION_FILE, dtype=str))
    opened = calculator(at)
    state = opened.session_state
    assert services(opened) == ["98941", "98943", "72100-26", "97110", "99213"]
    assert state["adjusted"] == ["cervical", "lumbar", "sacral", "head"]
    assert (state["phase"], state["abn"]) == ("maintenance", "yes")
    assert state["modifiers spinal"] == ["GA"]
    assert state["modifiers 72100-26"] == ["59"]
    assert state["modifiers 97110"] == ["GP"]
    assert not opened.warning
    assert "Assumed" not in words(at)


def test_the_calculator_takes_a_payer_that_is_not_known_for_a_commercial_one(choose_row):
    choose_row(0)
    opened = calculator(uploaded(VISITS.assign(Payer="Moda"), payer="va", percent="80"))
    assert opened.session_state["payer"] == "commercial-total-time"
    assert opened.session_state["percent"] is None
    assert not opened.warning


def test_a_finding_shows_its_claim_as_billed_and_as_it_should_be(choose_row):
    choose_row(0)
    rows = [["A1", "C7", "2026-03-02", "97110", "20", "3", "GP"]]
    header = ["Account", "Claim", "DOS", "CPT", "Minutes", "Units", "Mod 1"]
    at = uploaded(pd.DataFrame(rows, columns=header, dtype=str), payer="commercial-total-time")
    text = words(at)
    assert "**Visit A1** · 2026-03-02 · Claim C7 · " in text
    assert "Billed `97110 GP x3` → `97110 GP x1`" in text


def test_a_finding_without_any_unit_supported_is_not_billed(choose_row):
    choose_row(0)
    rows = [["V1", "2026-03-02", "97110", "5", "1", "GP", "Ann"]]
    table = pd.DataFrame(rows, columns=HEADER, dtype=str)
    text = words(uploaded(table, payer="commercial-total-time"))
    assert "Billed `97110 GP x1` → not billed" in text


def test_what_was_set_for_the_payer_of_the_page_is_not_said_of_another(choose_row):
    choose_row(0)
    opened = calculator(uploaded(VISITS.assign(Payer="VA"), percent="80", rule="cpt"))
    assert opened.session_state["payer"] == "va"
    assert opened.session_state["percent"] is None
    assert opened.session_state["rule"] is None


# The session


@pytest.fixture
def calls(monkeypatch):
    """The audits that were computed, each with its settings."""
    made = []
    original = found.audit_file

    def counted(content, name, sheet, columns, under, *more):
        made.append(under)
        return original(content, name, sheet, columns, under, *more)

    monkeypatch.setattr(found, "audit_file", counted)
    return made


def test_a_file_is_audited_once(calls):
    at = with_sample(payer="va")
    assert len(calls) == 1
    at = pick(enter(at, "audit_levels", ["fix"]), "code", "97110")
    run(run(at))
    assert len(calls) == 1


def test_it_is_audited_again_when_settings_or_columns_change(calls):
    at = uploaded(VISITS)
    at = enter(at, "provider", "pt")
    assert [under.provider for under in calls] == ["chiropractor", "pt"]
    at = choose_column(at, "minutes")
    assert len(calls) == 3
    at = upload(at, as_csv(VISITS))
    assert len(calls) == 4
    at = enter(at, "area", "60601")
    assert len(calls) == 5


def test_the_same_settings_again_are_not_computed_while_they_stay(calls):
    at = with_sample(payer="va")
    for _ in range(3):
        at = enter(at, "payer", "va")
    assert [under.payer for under in calls] == ["va"]


def test_taking_the_file_away_leaves_nothing_of_it():
    table = VISITS.assign(Visit="Trillian" + VISITS["Visit"], Provider="Marvin")
    at = pick(choose_column(uploaded(table), "region", "Provider"), "provider", "Marvin")
    assert b"Trillian" in in_the_session(at)
    at = take_away(at)
    assert not at.tabs
    assert keys_of_the_file(at) == set()
    for name in (b"Trillian", b"Marvin", b"visits.csv"):
        assert name not in in_the_session(at)
        assert name not in on_the_page(at)
    assert at.session_state["visits"] is None


def test_taking_a_refused_file_away_leaves_nothing_of_it():
    at = take_away(click(uploaded(secret_table()), GO_ON))
    assert keys_of_the_file(at) == set()
    expect_nowhere(at)
    for column in SECRETS:
        assert column.encode() not in in_the_session(at)


def test_another_file_replaces_the_first():
    first = VISITS.assign(Visit="Trillian" + VISITS["Visit"])
    at = upload(uploaded(first), as_csv(VISITS.head(2)), "second.csv")
    assert totals(at) == totals_of(engine(VISITS.head(2)))
    assert b"Trillian" not in in_the_session(at)
    assert "second.csv" in columns_box(at).label
    assert len([key for key in keys_of_the_file(at) if key.startswith("column code ")]) == 1


@pytest.mark.parametrize(
    "second",
    [b"", as_csv(VISITS.assign(SSN="078-05-1120")), as_csv(VISITS.drop(columns="CPT"))],
    ids=["broken", "refused", "without codes"],
)
def test_a_file_that_cannot_be_used_replaces_the_first_too(second):
    first = VISITS.assign(Visit="Trillian" + VISITS["Visit"])
    at = upload(uploaded(first), second)
    assert not at.tabs
    assert b"Trillian" not in in_the_session(at)


def test_what_was_left_out_of_the_first_file_is_forgotten_with_it():
    at = click(uploaded(secret_table()), GO_ON)
    at = upload(at, as_csv(VISITS))
    assert totals(at) == totals_of(engine(VISITS))
    assert b"Member ID" not in in_the_session(at)


def test_a_file_replaces_the_sample_and_the_sample_does_not_come_back():
    at = upload(with_sample(), as_csv(VISITS))
    assert totals(at) == totals_of(engine(VISITS))
    at = take_away(at)
    assert not at.tabs
    assert keys_of_the_file(at) == set()


def test_sample_and_template_are_offered_only_while_no_file_is_there():
    at = uploaded(VISITS)
    assert [each.label for each in at.button] == ["Put this file into the log"]
    assert [each.label for each in at.download_button] == DOWNLOADS
    at = take_away(at)
    assert [each.label for each in at.button] == ["Try it with the sample"]
    assert [each.label for each in at.download_button] == ["Template"]


def test_another_page_and_back_leaves_no_file_behind():
    at = uploaded(VISITS.assign(Visit="Trillian" + VISITS["Visit"]))
    at.switch_page("app.py")
    run(at)
    at.switch_page("pages/audit.py")
    run(at)
    assert not at.tabs
    assert b"Trillian" not in in_the_session(at)


@pytest.mark.parametrize(
    ("done", "of", "text"),
    [
        (0, 120_000, "120,000 lines read"),
        (50_000, 1_000_000, "50,000 of 1,000,000 lines"),
        (3, 3, "3 of 3 lines"),
        (0, 0, "0 lines read"),
        (0, WAITS, "Another file is being read: yours is next"),
    ],
)
def test_the_progress_counts_lines_after_a_second(done, of, text, monkeypatch):
    """And is taken away at the end, whatever happens."""
    shown = []

    class Place:
        def progress(self, part, text):
            shown.append((part, text))

        def empty(self):
            shown.append("taken away")

    monkeypatch.setattr(streamlit, "empty", Place)
    with progress() as told:
        told(done, of)
    assert shown == ["taken away"]
    with contextlib.suppress(InputError), progress(after=-1) as told:
        told(done, of)
        raise InputError([])
    _, (part, said), end = shown
    assert (said, end) == (text, "taken away")
    assert 0 <= part <= 1


# Anything at all

CELLS = st.sampled_from(
    ["", "V1", "V2", "97110", "97140", "98941", "98940-26", "99213", "15", "8", "0", "-1", "2",
     "1e9", "nan", "GP", "GP 59", "AT", "26", "2026-03-02", "3/2/26", "lumbar", "Medicare", "=1+1",
     "'", '"', "é", "💥", "x\ny", "a;b", " ", "\t", "<b>", "**x**", "$x$"]
) | st.text(max_size=6)  # fmt: skip
NAMES = st.sampled_from(
    [*HEADER, "Region", "Payer", "Place of service", "Account", "Mod 2", "First Name", "Visit",
     "not in this file", "x", " ", "<b>", "Specialty"]
)  # fmt: skip
TABLES = st.lists(NAMES, min_size=1, max_size=7).flatmap(
    lambda names: st.tuples(
        st.just(names),
        st.lists(st.lists(CELLS, min_size=len(names), max_size=len(names)), max_size=6),
    )
)


@cache
def one_page():
    """One page for many files: they follow each other, as in a long session."""
    return audit_page()


ROWS_READ = re.compile(
    r"([\d,]+) rows? read: ([\d,]+) used, ([\d,]+) refused; [\d,]+ visits?\."
    r"(?: ([\d,]+) rows? passed over)?"
)


def check_any(content, name):
    """Whatever the file: totals, or a sentence; each row is used, refused or passed over."""
    at = upload(one_page(), content, name)
    while any(each.label == GO_ON for each in at.button):
        at = click(at, GO_ON)
    if at.tabs:
        numbers = ROWS_READ.search(words(at)).groups("0")
        read, used, left, passed = (int(number.replace(",", "")) for number in numbers)
        assert used + left + passed == read
    else:
        assert at.error or at.warning


@settings(max_examples=100)
@given(TABLES, st.sampled_from([",", ";", "\t"]))
def test_any_csv_gives_totals_or_a_sentence(table, delimiter):
    names, rows = table
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([["Visit", "CPT", *names], *(
        ["V1", "97110", *row] for row in rows)])  # fmt: skip
    check_any(out.getvalue().encode("utf-8", "replace"), "any.csv")


@settings(max_examples=40)
@given(TABLES)
def test_any_excel_file_gives_totals_or_a_sentence(table):
    names, rows = table
    book = openpyxl.Workbook()
    for row in [["Visit", "CPT", *names], *(["V1", "97110", *row] for row in rows)]:
        book.active.append([re.sub(r"[\x00-\x1f\ud800-\udfff\ufffe\uffff]", "", c) for c in row])
    out = io.BytesIO()
    book.save(out)
    check_any(out.getvalue(), "any.xlsx")


@settings(max_examples=100)
@given(st.binary(min_size=1, max_size=40) | st.text(',;"\n V1', min_size=1).map(str.encode))
def test_any_bytes_give_totals_or_a_sentence(content):
    check_any(content, "any.csv")
