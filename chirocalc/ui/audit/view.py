"""The Audit page's parts: taking a file, its columns, what was found, what to take along."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from chirocalc import tables
from chirocalc.audit import (
    FIELDS,
    LEVELS,
    Audit,
    Columns,
    Totals,
    audit_in_memory,
    check_columns,
    open_file,
    recognize,
    sample,
    template,
    without_columns,
    words,
)
from chirocalc.errors import InputError
from chirocalc.links import PageLink, visit_link
from chirocalc.rules import Settings
from chirocalc.sheets import about_audit, audit_sheet, exports, stamped
from chirocalc.ui.shared import markdown, plain, source
from chirocalc.words import money

from . import charts

AUDIT = PageLink("pages/audit.py", {}, {})

TYPES = ["csv", "txt", "tsv", "xlsx", "parquet"]

MOST_MEGABYTES = 200

NONE, ALL = "not in this file", "all"

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

# The filters of the findings, and what is not given in each.
FILTERS = {
    "rule": ("Rule", ""), "code": ("Code", "whole visit"), "provider": ("Provider", "not given"),
    "month": ("Month", "no date"),
}  # fmt: skip

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

MOST_EXCEL = 50_000  # rows; writing more takes longer than anyone waits

TOO_LARGE = f"Excel takes up to {MOST_EXCEL:,} rows here: take the CSV files."

Values = tuple[str, ...]


@dataclass(frozen=True)
class Upload:
    """A file of this session: its name, its content, and what tells it from another."""

    name: str
    content: bytes
    key: str


def choose() -> Upload | None:
    """Draw the ways to bring a file; return the one in use."""
    left, right = st.columns([3, 2], gap="medium", vertical_alignment="bottom")
    with left:
        file = st.file_uploader(
            "Visits, one row per service: CSV or Excel. No patient data.",
            type=TYPES,
            key="visits",
            max_upload_size=MOST_MEGABYTES,
        )
    with right, st.container(horizontal=True):
        st.button(
            "Try it with the sample",
            icon=":material/science:",
            on_click=_use_sample,
            disabled=file is not None,
        )
        st.download_button(
            "Template",
            lambda: exports.csv_bytes(template()),
            file_name="visits.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
        )
    upload = None
    if file is not None:
        st.session_state["use_sample"] = False
        upload = Upload(file.name, file.getvalue(), str(file.file_id))
    elif st.session_state.get("use_sample"):
        upload = Upload("sample.csv", exports.csv_bytes(sample()), "sample")
    _begin(upload.key if upload else "")
    return upload


def _use_sample() -> None:
    st.session_state["use_sample"] = True


def _begin(key: str) -> None:
    """Forget the file before this one, whether this one can be used or not."""
    if st.session_state.get("audit_file", "") == key:
        return
    st.session_state["audit_file"] = key
    for name in ("audit", "left_out"):
        st.session_state.pop(name, None)
    for name in FILTERS:
        st.session_state[f"audit_{name}"] = ()
    for name in ("place", "provider"):  # said again: chips drawn only now would come empty
        st.session_state[name] = st.session_state[name]


def columns(upload: Upload) -> Columns | None:
    """Draw how the columns were understood; None while the file is refused."""
    file = open_file(upload.content, upload.name)
    known = recognize(file.header)
    left_out = st.session_state.get("left_out", [])
    private = file.private({column for found in known.values() for column in found})
    if set(private) - set(left_out):
        st.error(
            "\n".join(f"- {plain(column)} {why}." for column, why in private.items()),
            title="This file has columns that look like patient data",
            icon=":material/shield_person:",
        )
        st.button(
            "Go on without these columns",
            on_click=_leave_out,
            args=(list(private),),
        )
        st.caption("They are left out before anything else is read. Nothing was stored.")
        return None
    kept = [column for column in file.header if column not in private]
    known = without_columns(known, private)
    words = (
        [f"**{plain(upload.name)}**", plain(file.note)]
        if file.note
        else [f"**{plain(upload.name)}**"]
    )
    if private:
        words.append(f"Left out: {plain(', '.join(private))}.")
    needed = "code" in known and ("visit" in known or {"date", "account"} <= known.keys())
    with st.expander(
        " ".join(words) + " Columns", icon=":material/view_column:", expanded=not needed
    ):
        chosen = _mapping(upload.key, kept, known)
    try:
        check_columns(chosen, upload.name)
    except InputError as error:
        st.warning(
            "\n".join(f"- {plain(each.column)} {each.allowed}." for each in error.problems),
            title="Choose the columns above",
            icon=":material/view_column:",
        )
        return None
    return chosen


def _leave_out(private: list[str]) -> None:
    st.session_state["left_out"] = private


def _mapping(key: str, header: list[str], known: Columns) -> Columns:
    """One field a box; several columns of modifiers are kept together unless one is chosen."""
    cells = st.grid(4, min_column_width=160, gap="small")
    chosen: Columns = {}
    for name, label in FIELDS.items():
        found = known.get(name, ())
        options = list(dict.fromkeys([(), found, *((column,) for column in header)]))
        columns = cells.selectbox(
            label,
            options,
            index=options.index(found),
            format_func=_named(NONE),
            key=f"column {name} {key}",
        )
        if columns:
            chosen[name] = columns
    return chosen


def _named(nothing: str, names: Mapping[str, str] | None = None) -> Callable[[Values], str]:
    """Words for a choice of nothing, or of values; a value that is called so stands in quotes."""
    words = names or {}
    taken = {nothing, *words.values()}

    def name(values: Values) -> str:
        text = " + ".join(values)
        return words.get(text, f"'{text}'" if text in taken else text) if values else nothing

    return name


def run(upload: Upload, found: Columns, settings: Settings) -> Audit:
    """The audit, kept in this session until the file, its columns or the settings change."""
    key = (upload.key, tuple(sorted(found.items())), settings)
    kept = st.session_state.get("audit")
    if kept is not None and kept[0] == key:
        answer: Audit = kept[1]
        return answer
    st.session_state.pop("audit", None)
    file = open_file(upload.content, upload.name)
    place = st.empty()
    answer = audit_in_memory([file], found, settings, _progress(place))
    place.empty()
    st.session_state["audit"] = (key, answer)
    return answer


def _progress(place: object) -> Callable[[int, int], None]:
    """A bar with the count of lines, once it has taken longer than a second."""
    begun = time.monotonic()

    def show(done: int, of: int) -> None:
        if time.monotonic() - begun > SLOW:
            words = f"{done:,} of {of:,} lines" if done else f"{of:,} lines read"
            place.progress(done / of if of else 0.0, text=words)  # type: ignore[attr-defined]

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
    named = _with_payers(shown).assign(rule=shown["rule"].map(tables.rule_names()["name"]))
    named = named[list(COLUMNS)]
    left, right = st.columns([7, 5], gap="medium")
    with left:
        picked = st.dataframe(
            named,
            hide_index=True,
            column_config=COLUMNS,
            on_select="rerun",
            selection_mode="single-row",
            # Another list is another table, so that no row of it is chosen.
            key=f"audit_picked {pd.util.hash_pandas_object(named).sum()}",
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
            key="audit_levels",
            persist_state="page",
        )
        keep = table["level"].isin(levels or LEVELS)
        for name, (label, blank) in FILTERS.items():
            values: Values = st.selectbox(
                label,
                [(), *((value,) for value in sorted(table[name].unique()))],
                format_func=_named(ALL, rules if name == "rule" else {"": blank}),
                key=f"audit_{name}",
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
        markdown.finding(finding, detailed=True)
        visit = answer.lines[answer.lines["visit"] == finding["visit"]]
        cells = visit[OF_VISIT].astype(object)
        cells = cells.where(cells.notna(), "–").astype("str")
        cells["region"] = cells["region"].str.replace("|", ", ", regex=False)
        st.table(cells.rename(columns=LINES).map(plain), hide_index=True, alt="The visit's lines")
        params, assumed = visit_link(visit, st.session_state)
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
