"""What was found in a file: totals, findings, lines, pictures, and what to take along."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from chirocalc import tables
from chirocalc.audit import LEVELS, Audit, Columns, Totals, audit_in_memory, open_file, words
from chirocalc.links import visit_link
from chirocalc.rules import Settings
from chirocalc.sheets import about_audit, audit_sheet, exports, stamped
from chirocalc.ui.shared import Session, Values, markdown, plain, session, source
from chirocalc.words import money

from . import charts
from .choices import FILTERS, named
from .upload import Upload

ALL = "all"

SHOWN = 1000  # findings listed on the page; all of them are in the files

SLOW = 1.0  # seconds after which the progress is shown

COLUMNS = {
    "level": st.column_config.TextColumn("Level", width=60),
    "code": st.column_config.TextColumn("Code", width=65),
    "dollars": st.column_config.NumberColumn("Dollars", format="dollar", width=85),
    "text": st.column_config.TextColumn("Finding", width=480),
    "modifier": st.column_config.TextColumn("Modifier", width=80),
    "row": st.column_config.NumberColumn("Row", width=60),
    "visit": st.column_config.TextColumn("Visit", width=90),
    "month": st.column_config.TextColumn("Month", width=80),
    "provider": st.column_config.TextColumn("Provider", width=110),
    "payer": st.column_config.TextColumn("Payer", width=150),
    "rule": st.column_config.TextColumn("Rule", width=260),
    "rvus": st.column_config.NumberColumn("RVUs", format="%.2f", width=70),
}

LINES = {
    "row": "Row", "visit": "Visit", "month": "Month", "provider": "Provider", "payer": "Payer",
    "code": "Code", "minutes": "Minutes", "billed": "Billed", "supported": "Supported",
    "units_cms": "Total time (CMS)", "units_cpt": "Midpoint (CPT)", "modifiers": "Modifiers",
    "suggested": "Suggested", "region": "Region", "work_rvu": "Work RVU",
    "total_rvu": "Total RVU", "allowed": "Dollars", "covered": "Covered",
}  # fmt: skip

OF_VISIT = ["row", "code", "minutes", "billed", "supported", "modifiers", "suggested", "region"]

REFUSED = {"row": "Row", "visit": "Visit", "column": "Column", "value": "Value", "reason": "Reason"}

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

MOST_EXCEL = 50_000  # rows; writing more takes longer than anyone waits

TOO_LARGE = f"Excel takes up to {MOST_EXCEL:,} rows here: take the CSV files."


def run(upload: Upload, found: Columns, settings: Settings) -> Audit:
    """The audit, kept in this session until the file, its columns or the settings change."""
    key = (upload.key, tuple(sorted(found.items())), settings)
    if session.audit and session.audit[0] == key:
        return session.audit[1]
    del session.audit
    file = open_file(upload.content, upload.name)
    place = st.empty()
    answer = audit_in_memory([file], found, settings, progress(place))
    place.empty()
    session.audit = key, answer
    return answer


def progress(place: DeltaGenerator, after: float = SLOW) -> Callable[[int, int], None]:
    """Shows at the place a bar with the count of lines, once so many seconds have passed."""
    begun = time.monotonic()

    def show(done: int, of: int) -> None:
        if time.monotonic() - begun > after:
            words = f"{done:,} of {of:,} lines" if done else f"{of:,} lines read"
            place.progress(done / of if of else 0.0, text=words)

    return show


def totals(answer: Audit) -> None:
    """The totals first."""
    sums = answer.totals
    stake = sums.at_stake
    with st.container(border=True, gap="small"):
        cells = st.grid(6, min_column_width=120, gap="small")
        cells.metric("Lines", f"{sums.rows['lines']:,}")
        cells.metric("Visits", f"{sums.rows['visits']:,}")
        cells.metric("Billed above minutes", money(stake["over"] / 100))
        cells.metric("Billed below minutes", money(-stake["under"] / 100))
        cells.metric("To fix", money(stake["fix"] / 100))
        cells.metric("Lacks something", money(stake["needs"] / 100))
        st.markdown(f":small[{plain(' '.join(words.sentences(sums)))}]")


def findings(answer: Audit) -> None:
    """The findings with their filters, the gravest first, and the chosen one in full."""
    table = answer.findings
    if table.empty:
        st.success("No findings.", icon=":material/check_circle:")
        return
    chosen = _filtered(table)
    rank = chosen["level"].map(LEVELS.index).to_numpy(np.int64)
    shown = chosen.iloc[np.lexsort((-chosen["dollars"].abs(), rank))[:SHOWN]]
    more = f" The first {SHOWN:,} are listed; the files have all." if len(chosen) > SHOWN else ""
    st.markdown(f"{words.listed(chosen)}.{more}".replace("$", "\\$"))
    listed = _with_payers(shown).assign(rule=shown["rule"].map(tables.rule_names()["name"]))
    listed = listed[list(COLUMNS)]
    left, right = st.columns([7, 5], gap="medium")
    with left:
        picked = st.dataframe(
            listed,
            hide_index=True,
            column_config=COLUMNS,
            on_select="rerun",
            selection_mode="single-row",
            # Another list is another table, so that no row of it is chosen.
            key=session.audit_picked.key(f"{pd.util.hash_pandas_object(listed).sum()}"),
        )
    with right:
        if rows := picked.selection.rows:
            _one(answer, shown.iloc[rows[0]])
        else:
            st.caption("Choose a row to read it whole, with its visit.")


def _filtered(table: pd.DataFrame) -> pd.DataFrame:
    rules = tables.rule_names()["name"].to_dict()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        levels = st.pills(
            "Level",
            LEVELS,
            selection_mode="multi",
            default=LEVELS[:3],
            key=Session.audit_levels.key,
            persist_state="page",
        )
        keep = table["level"].isin(levels or LEVELS)
        for name, (label, blank) in FILTERS.items():
            values: Values = st.selectbox(
                label,
                [(), *((value,) for value in sorted(table[name].unique()))],
                format_func=named(ALL, rules if name == "rule" else {"": blank}),
                key=session.audit_filter.key(name),
                width=260 if name == "rule" else 165,
                persist_state="page",
            )
            if values:
                keep &= table[name] == values[0]
    return table[keep]


def _with_payers(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(payer=table["payer"].map(tables.payers()["name"]))


def _one(answer: Audit, finding: pd.Series) -> None:
    """One finding in full, its source, and the visit it is about."""
    with st.container(border=True):
        st.markdown(markdown.said(finding["level"], finding["text"], finding["source"]))
        visit = answer.lines[answer.lines["visit"] == finding["visit"]]
        cells = visit[OF_VISIT].astype(object)
        cells = cells.where(cells.notna(), "–").astype("str")
        cells["region"] = cells["region"].str.replace("|", ", ", regex=False)
        st.table(cells.rename(columns=LINES).map(plain), hide_index=True, alt="The visit's lines")
        params, assumed = visit_link(visit, session.state)
        st.page_link(
            "app.py",
            label="Open this visit in the calculator",
            icon=":material/calculate:",
            query_params=params,
        )
        if assumed:
            regions = ", ".join(tables.regions().loc[assumed, "name"])
            st.caption(f"No regions are in the file. Assumed: {regions}. Set your own there.")


def lines(answer: Audit) -> None:
    """The lines with their supported units and suggested modifiers."""
    count = len(answer.lines)
    more = f" The first {SHOWN:,} of {count:,}." if count > SHOWN else ""
    st.caption(
        "Supported: units by the payer's rule. Suggested modifiers are not confirmed: only you "
        f"know whether they are true.{more}"
    )
    st.dataframe(
        _with_payers(answer.lines.head(SHOWN)),
        hide_index=True,
        column_order=list(LINES),
        column_config=LINES | {"allowed": COLUMNS["dollars"]},
        placeholder="–",
    )


def pictures(sums: Totals) -> None:
    """Charts of the whole file."""
    left, right = st.columns(2, gap="medium")
    with left:
        charts.units_by_code(sums)
        charts.manipulations(sums)
        st.markdown(f":small[{words.MIRROR} {source('medicare-use')}]")
    with right:
        charts.findings_by_rule(sums)
        charts.minutes_a_unit(sums)
        charts.work_by_month(sums)


def refused(answer: Audit) -> None:
    """The rows that could not be used, and why."""
    if answer.refused.empty:
        st.markdown("Every row could be used.")
        return
    st.markdown("These rows were left out; all others were used.")
    st.dataframe(answer.refused.head(SHOWN), hide_index=True, column_config=REFUSED)


def downloads(answer: Audit, settings: Settings, name: str) -> None:
    """What to take along."""
    sheets = {"Findings": answer.findings, "Lines": answer.lines, "Refused": answer.refused}

    def about() -> dict[str, pd.DataFrame]:
        return {"About": about_audit(answer.totals, settings, name)}

    def csv(table: pd.DataFrame) -> bytes:
        return exports.csv_bytes(stamped(table, settings.period))

    made: dict[str, tuple[str, str, Callable[[], str | bytes]]] = {
        "Findings CSV": ("findings.csv", "text/csv", lambda: csv(answer.findings)),
        "Lines CSV": ("lines.csv", "text/csv", lambda: csv(answer.lines)),
        "Excel": ("audit.xlsx", EXCEL, lambda: exports.excel_bytes(sheets | about())),
        "Printable summary": (
            "audit.html",
            "text/html",
            lambda: audit_sheet(answer.totals, settings, name),
        ),
    }
    large = max(map(len, sheets.values())) > MOST_EXCEL
    with st.container(horizontal=True, gap="small"):
        for label, (file_name, mime, make) in made.items():
            st.download_button(
                label,
                make,
                file_name=file_name,
                mime=mime,
                icon=":material/print:" if mime == "text/html" else ":material/download:",
                on_click="ignore",
                disabled=large and mime == EXCEL,
                help=TOO_LARGE if large and mime == EXCEL else None,
            )
