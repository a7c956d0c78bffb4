"""The findings: what to do first, grouped by rule; the list of the chosen ones; one whole."""

from __future__ import annotations

import zlib
from typing import Any

import pandas as pd
import streamlit as st

from chirocalc import tables
from chirocalc.arrays import Ints
from chirocalc.audit import LEVELS, Group, by_dollars
from chirocalc.links import AUDIT, visit_link
from chirocalc.ui.shared import (
    Session,
    Values,
    frame,
    markdown,
    money,
    plain,
    session,
    source,
)
from chirocalc.words import LEVEL_NAMES, count
from chirocalc.words import money as dollars

from . import rows
from .choices import FILTERS, named
from .found import Found

ALL = "all"

LISTED = ("dollars", "code", "text", "visit", "date", "provider", "level")


def findings(found: Found) -> None:
    """All findings, if there are any."""
    if found.totals.by_rule.empty:
        st.markdown("No findings.")
    else:
        _groups(found)


@st.fragment
def _groups(found: Found) -> None:
    """The groups with the most dollars first; beside them the findings of the chosen one."""
    with frame.part(AUDIT):
        left, right = st.columns([5, 7], gap="medium")
        with left:
            st.header("Do these first", anchor=False)
            levels = _levels()
            rule = _group(by_dollars(found.totals, levels))
        with right:
            _filtered(found, levels, rule)


@st.fragment
def _filtered(found: Found, levels: tuple[str, ...], rule: Values) -> None:
    """Of these findings those that the filters leave: a click on one stays here."""
    with frame.part(AUDIT):
        listed, places = found.findings(levels, rule, _filters(found))
        st.markdown(listed.replace("$", "\\$"))
        _list(found, places)


def _levels() -> tuple[str, ...]:
    """The levels to show; none chosen is all."""
    chosen = st.pills(
        "Show",
        LEVELS,
        selection_mode="multi",
        default=LEVELS[:3],
        format_func=LEVEL_NAMES.__getitem__,
        key=Session.audit_levels.key,
        label_visibility="collapsed",
        persist_state="page",
    )
    return tuple(chosen or LEVELS)


def _group(groups: list[Group]) -> Values:
    """The rule chosen of these groups, or none for all."""
    if not groups:
        st.markdown("Nothing of these kinds was found.")
        return ()
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
def _list(found: Found, places: Ints) -> None:
    """The findings at these places, and below them the chosen one: a click on a row stays here."""
    with frame.part(AUDIT):
        if len(places):
            shown = _as_rows(found.at(places, LISTED))
            chosen = rows.choose(shown, f"{zlib.crc32(places.tobytes())}")
            _one(found, found.at(places[chosen : chosen + 1]).iloc[0])


def _as_rows(shown: pd.DataFrame) -> list[rows.Row]:
    return [
        rows.Row(
            dollars=dollars(cost) if cost else "",
            code=code,
            text=text,
            about=" · ".join(_unbroken(each) for each in (visit, date, provider) if each),
            color=markdown.LEVELS[level],
        )
        for cost, code, text, visit, date, provider, level in zip(
            *(shown[name].tolist() for name in LISTED), strict=True
        )
    ]


def _unbroken(text: str) -> str:
    """A text that is broken within only where it has no room in a line."""
    return text.replace(" ", "\u00a0")


def _one(found: Found, finding: pd.Series) -> None:
    """One finding in full, its source, and the visit it is about."""
    visit = found.packed.lines_of(finding["visit"], finding["date"])
    params, assumed = visit_link(visit, session.state)
    payer = tables.payers()["name"].get(finding["payer"], finding["payer"])
    about = [finding["date"], finding["claim"] and f"Claim {finding['claim']}"]
    names = " · ".join(plain(each) for each in (*about, finding["provider"], payer) if each)
    said = [
        f"**Visit {plain(finding['visit'])}** · {names}",
        f"{badge(finding['level'])} {finding['text']} {source(finding['source'])}",
        _as_it_should_be(finding),
        "\n".join(_line(each) for each in visit.itertuples()),
    ]
    if assumed:
        regions = ", ".join(tables.regions().loc[assumed, "name"])
        said.append(
            f":small[No regions are in the file. Assumed: {regions}. Set your own in the "
            "calculator.]"
        )
    with st.container(border=True):
        st.markdown("\n\n".join(filter(None, said)))
        st.page_link(
            "app.py",
            label="Open this visit in the calculator",
            icon=":material/calculate:",
            query_params=params,
        )


def _as_it_should_be(finding: pd.Series) -> str:
    """The finding's line as it was billed, and as it should be where that is known."""
    if not finding["code"]:
        return ""
    billed, right = (
        _claim_line(finding["code"], finding[modifiers], finding[units])
        for modifiers, units in (("modifiers", "units"), ("right_modifiers", "right_units"))
    )
    if finding["right_units"] is not pd.NA and finding["right_units"] == 0:
        return f"Billed `{billed}` → not billed"
    return f"Billed `{billed}` → `{right}`" if billed != right else ""


def _claim_line(code: str, modifiers: str, units: Any) -> str:
    return " ".join(filter(None, [code, modifiers, "" if units is pd.NA else f"x{units}"]))


def _line(line: Any) -> str:
    """A line of the visit as it was billed, beside what is supported and suggested."""

    def known(value: Any, named: str, unknown: str) -> str:
        return unknown if value is pd.NA else f"{value} {named}"

    said = [
        known(line.minutes, "minutes", "no minutes"),
        known(line.billed, "billed", "units not given"),
        known(line.supported, "supported", "supported: not known"),
        line.modifiers or "no modifier",
        line.region.replace("|", ", "),
        f"suggested: {line.suggested}" if line.suggested else "",
        f"row {line.row}",
    ]
    return f"- **{plain(line.code)}** · {' · '.join(plain(each) for each in said if each)}"
