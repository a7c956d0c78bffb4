"""The findings: what to do first, grouped by rule; the list of the chosen ones; one whole."""

from __future__ import annotations

import zlib

import pandas as pd
import streamlit as st

from chirocalc import tables
from chirocalc.arrays import Ints
from chirocalc.audit import LEVELS, Audit, Group, by_dollars, words
from chirocalc.links import visit_link
from chirocalc.ui.shared import (
    LEVEL_NAMES,
    Session,
    Values,
    markdown,
    money,
    plain,
    session,
    source,
)
from chirocalc.words import count

from .choices import FILTERS, named
from .found import Found

ALL = "all"

SHOWN = 1000  # rows listed on the page; all of them are in the files

FOUR_LINES = 76  # pixels a row: nearly every finding is read whole in the list

COLUMNS = {
    "dollars": st.column_config.NumberColumn("Dollars", format="dollar", width=80),
    "code": st.column_config.TextColumn("Code", width=60),
    "text": st.column_config.TextColumn("Finding", width=430),
    "visit": st.column_config.TextColumn("Visit", width=75),
    "month": st.column_config.TextColumn("Month", width=75),
    "level": st.column_config.TextColumn("Level", width=120),
    "modifier": st.column_config.TextColumn("Modifier", width=80),
    "row": st.column_config.NumberColumn("Row", width=60),
    "provider": st.column_config.TextColumn("Provider", width=110),
    "payer": st.column_config.TextColumn("Payer", width=160),
    "rvus": st.column_config.NumberColumn("RVUs", format="%.2f", width=70),
}

VISIT_LINES = {
    "row": "Row", "code": "Code", "minutes": "Minutes", "billed": "Billed",
    "supported": "Supported", "modifiers": "Modifiers", "suggested": "Suggested",
    "region": "Region",
}  # fmt: skip


def findings(found: Found) -> None:
    """The groups with the most dollars first; beside them the findings of the chosen one."""
    table = found.answer.findings
    if table.empty:
        st.markdown("No findings.")
        return
    left, right = st.columns([5, 7], gap="medium")
    with left:
        st.header("Do these first", anchor=False)
        levels = _levels()
        rule = _group(by_dollars(found.answer.totals, levels))
    keep = table["level"].isin(levels)
    if rule:
        keep &= table["rule"] == rule[0]
    with right:
        for name, values in _filters(found).items():
            if values:
                keep &= table[name] == values[0]
        more = f" The first {SHOWN:,} are listed; the files have all." if keep.sum() > SHOWN else ""
        said = words.listed(table[["rule", "visit", "row", "dollars"]][keep])
        st.markdown(f"{said}.{more}".replace("$", "\\$"))
        _list(found.answer, found.listed(keep)[:SHOWN])


def _levels() -> tuple[str, ...]:
    """The levels to show; none chosen is all."""
    chosen = st.pills(
        "Show",
        LEVELS,
        selection_mode="multi",
        default=LEVELS[:3],
        format_func=LEVEL_NAMES.__getitem__,
        key=Session.audit_levels.key,
        persist_state="page",
    )
    return tuple(chosen or LEVELS)


def _group(groups: list[Group]) -> Values:
    """The rule chosen of these groups, or none for all."""
    of_rule = {each.rule: each for each in groups}
    everything = f"All {count(sum(each.findings for each in groups), 'finding')}"

    def label(values: Values) -> str:
        return said(of_rule[values[0]]) if values else everything

    chosen: Values = st.radio(
        "What to fix, the most dollars first",
        [(), *((rule,) for rule in of_rule)],
        format_func=label,
        captions=["", *(each.to_do for each in groups)],
        key=session.audit_filter.key("rule"),
        label_visibility="collapsed",
        persist_state="page",
    )
    return chosen


def said(group: Group) -> str:
    """A group in a line: its dollars, how many, what it is, how grave."""
    dollars = f"**{money(group.cents / 100)}** · " if group.cents else ""
    return f"{dollars}{group.findings:,} × {group.name} {badge(group.level)}"


def badge(level: str) -> str:
    """A level in its color, in plain words."""
    return f":{markdown.LEVELS[level]}-badge[{LEVEL_NAMES[level]}]"


def _filters(found: Found) -> dict[str, Values]:
    """The one value chosen of each filter, or none for all."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        return {
            name: st.selectbox(
                FILTERS[name][0],
                [(), *((value,) for value in values)],
                format_func=named(ALL, {"": FILTERS[name][1]}),
                key=session.audit_filter.key(name),
                width=165,
                persist_state="page",
            )
            for name, values in found.offered.items()
        }


@st.fragment
def _list(answer: Audit, places: Ints) -> None:
    """The findings at these places, and below them the chosen one: a click on a row stays here."""
    with tables.in_use():
        shown = answer.findings.take(places)
        listed = shown.assign(
            payer=shown["payer"].map(tables.payers()["name"]), level=shown["level"].map(LEVEL_NAMES)
        )
        picked = st.dataframe(
            listed[list(COLUMNS)],
            height=4 * FOUR_LINES + 40 if len(listed) > 4 else "auto",
            row_height=FOUR_LINES,
            hide_index=True,
            column_config=COLUMNS,
            on_select="rerun",
            selection_mode="single-row-required",
            # Another list is another table, whose first row is chosen.
            key=session.audit_picked.key(f"{zlib.crc32(places.tobytes())}"),
            alt="The findings chosen, the gravest first",
        )
        if rows := picked.selection.rows:
            _one(answer, shown.iloc[rows[0]])


def _one(answer: Audit, finding: pd.Series) -> None:
    """One finding in full, its source, and the visit it is about."""
    with st.container(border=True):
        about = [
            finding["month"],
            finding["provider"],
            tables.payers().at[finding["payer"], "name"],
        ]
        names = " · ".join(plain(each) for each in about if each)
        st.markdown(
            f"**Visit {plain(finding['visit'])}** · {names}\n\n"
            f"{badge(finding['level'])} {finding['text']} {source(finding['source'])}"
        )
        visit = answer.lines[answer.lines["visit"] == finding["visit"]]
        cells = visit[list(VISIT_LINES)].astype(object)
        cells = cells.where(cells.notna(), "–").astype("str")
        cells["region"] = cells["region"].str.replace("|", ", ", regex=False)
        cells = cells.rename(columns=VISIT_LINES).map(plain)
        st.table(cells, hide_index=True, alt="The visit's lines")
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
