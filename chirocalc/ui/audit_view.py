"""The Audit page's parts: taking a file, its columns, what was found, what to take along."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from chirocalc import audit_files, audit_words, exports, sample, tables, visit_files
from chirocalc.audit import LEVELS, Audit, Totals
from chirocalc.errors import InputError
from chirocalc.settings import Settings
from chirocalc.ui import audit_charts as charts
from chirocalc.ui import audit_sheet, show
from chirocalc.ui.frame import plain
from chirocalc.ui.link import BETWEEN, PageLink
from chirocalc.ui.show import source
from chirocalc.visit_files import FIELDS, Columns

AUDIT = PageLink("pages/audit.py", {}, {})
TYPES = ["csv", "txt", "tsv", "xlsx", "parquet"]
MOST_MEGABYTES = 200
NONE = "not in this file"
SHOWN = 1000  # findings listed on the page; all of them are in the files
SLOW = 1.0  # seconds after which the progress is shown
COLUMNS = {
    "level": st.column_config.TextColumn("Level", width=70),
    "code": st.column_config.TextColumn("Code", width=70),
    "text": st.column_config.TextColumn("Finding", width=560),
    "dollars": st.column_config.NumberColumn("Dollars", format="dollar", width=90),
    "rvus": st.column_config.NumberColumn("RVUs", format="%.2f", width=70),
    "modifier": st.column_config.TextColumn("Modifier", width=80),
    "row": st.column_config.NumberColumn("Row", width=60),
    "visit": st.column_config.TextColumn("Visit", width=90),
    "month": st.column_config.TextColumn("Month", width=80),
    "provider": st.column_config.TextColumn("Provider", width=110),
    "payer": st.column_config.TextColumn("Payer", width=150),
    "rule": st.column_config.TextColumn("Rule", width=260),
}
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_EXCEL = 50_000  # rows; writing more takes longer than anyone waits


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
        st.button("Try it with the sample", icon=":material/science:", on_click=_use_sample)
        st.download_button(
            "Template",
            lambda: exports.csv_bytes(sample.template()),
            file_name="visits.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
        )
    if file is not None:
        st.session_state["use_sample"] = False
        return Upload(file.name, file.getvalue(), str(file.file_id))
    if st.session_state.get("use_sample"):
        return Upload("sample.csv", exports.csv_bytes(sample.sample()), "sample")
    for name in ("audit", "left_out"):  # nothing of a file taken away stays
        st.session_state.pop(name, None)
    return None


def _use_sample() -> None:
    st.session_state["use_sample"] = True
    st.session_state.pop("left_out", None)


def columns(upload: Upload) -> Columns | None:
    """Draw how the columns were understood; None while the file is refused."""
    file = visit_files.open_file(upload.content, upload.name)
    known = visit_files.recognize(file.header)
    left_out = st.session_state.get("left_out", {}).get(upload.key, [])
    private = file.private({column for found in known.values() for column in found})
    if set(private) - set(left_out):
        st.error(
            "\n".join(f"- {plain(column)} {why}." for column, why in private.items()),
            title="This file has columns that look like patient data",
            icon=":material/shield_person:",
        )
        st.button(
            "Go on without these columns",
            type="primary",
            on_click=_leave_out,
            args=(upload.key, list(private)),
        )
        st.caption("They are left out before anything else is read. Nothing was stored.")
        return None
    kept = [column for column in file.header if column not in private]
    known = audit_files.without(known, private)
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
        visit_files.check_columns(chosen, upload.name)
    except InputError as error:
        st.warning(
            "\n".join(f"- {plain(each.column)} {each.allowed}." for each in error.problems),
            title="Choose the columns above",
            icon=":material/view_column:",
        )
        return None
    return chosen


def _leave_out(key: str, private: list[str]) -> None:
    st.session_state.setdefault("left_out", {})[key] = private


def _mapping(key: str, header: list[str], known: Columns) -> Columns:
    """One field a box; several columns of modifiers are kept together unless one is chosen."""
    cells = st.grid(4, min_column_width=160, gap="small")
    chosen: Columns = {}
    for name, label in FIELDS.items():
        found = known.get(name, ())
        several = " + ".join(found)
        options = [NONE, *([several] if len(found) > 1 else []), *header]
        at = options.index(several) if found else 0
        column = cells.selectbox(label, options, index=at, key=f"column {name} {key}")
        if column == several and found:
            chosen[name] = found
        elif column != NONE:
            chosen[name] = (column,)
    return chosen


def run(upload: Upload, found: Columns, settings: Settings) -> Audit:
    """The audit, kept in this session until the file, its columns or the settings change."""
    key = (upload.key, tuple(sorted(found.items())), settings)
    kept = st.session_state.get("audit")
    if kept is not None and kept[0] == key:
        answer: Audit = kept[1]
        return answer
    st.session_state.pop("audit", None)
    file = visit_files.open_file(upload.content, upload.name)
    place = st.empty()
    answer = audit_files.audit_in_memory([file], found, settings, _progress(place))
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
        cells.metric("Billed above minutes", audit_words.money(stake["over"]))
        cells.metric("Billed below minutes", audit_words.money(-stake["under"]))
        cells.metric("To fix", audit_words.money(stake["fix"]))
        cells.metric("Lacks something", audit_words.money(stake["needs"]))
        st.markdown(f":small[{plain(' '.join(audit_words.sentences(sums)))}]")


def findings(answer: Audit) -> None:
    """The findings with their filters."""
    table = answer.findings
    if table.empty:
        st.success("No findings.", icon=":material/check_circle:")
        return
    names = tables.rule_names()["name"]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        levels = st.pills(
            "Level", LEVELS, selection_mode="multi", default=LEVELS[:3], key="audit_levels"
        )
        rules = _pick("Rule", table["rule"], names.to_dict())
        codes = _pick("Code", table["code"], {"": "whole visit"})
        providers = _pick("Provider", table["provider"], {"": "not given"})
        months = _pick("Month", table["month"], {"": "no date"})
    chosen = table[table["level"].isin(levels or LEVELS)]
    for column, values in {
        "rule": rules, "code": codes, "provider": providers, "month": months,
    }.items():  # fmt: skip
        if values:
            chosen = chosen[chosen[column].isin(values)]
    shown = chosen.head(SHOWN)
    shown = shown.assign(rule=shown["rule"].map(names))[list(COLUMNS)]
    more = f" The first {SHOWN:,} are listed; the files have all." if len(chosen) > SHOWN else ""
    dollars = audit_words.money(round(chosen["dollars"].sum() * 100))
    words = f"{len(chosen):,} findings, {dollars} at stake, each by itself.{more}"
    st.markdown(words.replace("$", "\\$"))
    picked = st.dataframe(
        shown,
        hide_index=True,
        height=420,
        column_config=COLUMNS,
        on_select="rerun",
        selection_mode="single-row",
        key="audit_picked",
    )
    if rows := picked.selection.rows:
        _one(answer, chosen.iloc[rows[0]])
    else:
        st.caption("Choose a row to read it whole, with its visit.")


def _one(answer: Audit, finding: pd.Series) -> None:
    """One finding in full, its source, and the visit it is about."""
    with st.container(border=True):
        show.finding(finding)
        visit = answer.lines[answer.lines["visit"] == finding["visit"]]
        names = {
            "row": "Row", "code": "Code", "minutes": "Minutes", "billed": "Billed",
            "supported": "Supported", "units_cms": "Total time (CMS)",
            "units_cpt": "Midpoint (CPT)", "modifiers": "Modifiers", "suggested": "Suggested",
            "region": "Region",
        }  # fmt: skip
        table = visit[list(names)].astype("str").replace("<NA>", "–")
        st.table(table.rename(columns=names).map(plain), hide_index=True, alt="The visit's lines")
        st.page_link(
            "app.py",
            label="Open this visit in the calculator",
            icon=":material/calculate:",
            query_params=_as_link(visit),
        )


def _as_link(visit: pd.DataFrame) -> dict[str, str]:
    """The visit's link: regions adjusted, and the other services with their minutes."""
    adjusts = visit["code"].isin(tables.manipulation()["code"])
    regions = dict.fromkeys("|".join(visit.loc[adjusts, "region"]).split("|"))
    rest = visit[~adjusts]
    services = [
        code if pd.isna(minutes) else f"{code}.{minutes}"
        for code, minutes in zip(rest["code"], rest["minutes"], strict=True)
    ]
    adjusted = BETWEEN.join(name for name in regions if name)
    return {"payer": str(visit["payer"].iloc[0]), "adj": adjusted, "do": "_".join(services)}


def _pick(label: str, values: pd.Series, names: dict[str, str]) -> list[str]:
    options = sorted(values.unique())
    return st.multiselect(
        label,
        options,
        format_func=lambda value: names.get(value, value),
        key=f"audit_{label.lower()}",
        placeholder="all",
        width=200,
    )


def lines(answer: Audit) -> None:
    """The lines with their supported units and suggested modifiers."""
    st.caption(
        "Supported: units by the payer's rule. Suggested modifiers are not confirmed: only you "
        "know whether they are true."
    )
    more = f" The first {SHOWN:,} of {len(answer.lines):,}." if len(answer.lines) > SHOWN else ""
    if more:
        st.caption(more)
    st.dataframe(answer.lines.head(SHOWN), hide_index=True, height=420)


def pictures(sums: Totals) -> None:
    """Charts of the whole file."""
    left, right = st.columns(2, gap="medium")
    with left:
        charts.units_by_code(sums)
        charts.manipulations(sums)
        st.markdown(f":small[{audit_words.MIRROR} {source('medicare-use')}]")
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
    st.dataframe(answer.refused.head(SHOWN), hide_index=True, height=420)


def downloads(answer: Audit, settings: Settings, name: str) -> None:
    """What to take along."""
    sheets = {"Findings": answer.findings, "Lines": answer.lines, "Refused": answer.refused}
    made: dict[str, tuple[str, str, Callable[[], str | bytes]]] = {
        "Findings CSV": ("findings.csv", "text/csv", lambda: exports.csv_bytes(answer.findings)),
        "Lines CSV": ("lines.csv", "text/csv", lambda: exports.csv_bytes(answer.lines)),
        "Excel": ("audit.xlsx", EXCEL, lambda: exports.excel_bytes(sheets)),
        "Printable summary": (
            "audit.html",
            "text/html",
            lambda: audit_sheet.sheet(answer.totals, settings, name),
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
                help=f"Up to {MOST_EXCEL:,} rows: take the CSV files." if mime == EXCEL else None,
            )
