"""What comes of an audit, first of all: how much to look at, the dollars, what was not checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pandas as pd
import streamlit as st

from chirocalc import exports
from chirocalc.audit import Audit, words
from chirocalc.rules import Settings
from chirocalc.sheets import about_audit, audit_sheet, stamped
from chirocalc.ui.shared import plain
from chirocalc.words import count, money

from .found import Found

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

MOST_EXCEL = 50_000  # rows; writing more takes longer than anyone waits

TOO_LARGE = f"Excel takes up to {MOST_EXCEL:,} rows here: take the CSV files."

ONCE = "On hold: a modifier or an answer is missing. Each line counts once."

NO_MONEY = "No money is involved in what could be checked."

CHECKED = "Checked: units, modifiers, pairs, limits. What the notes say was not."

# The dollars at stake by their name in the totals, and whether they are counted below zero.
TILES = {
    "over": ("Billed too many units", 1),
    "under": ("Billed too few units", -1),
    "fix": ("Would be denied", 1),
    "needs": ("On hold: incomplete", 1),  # a phone has room for no more
}

SOME = {"check": ("To check, mostly with the payer", 1)}  # shown only where there is some


def show(found: Found, settings: Settings, name: str) -> None:
    """The answer in a line with what to take along, the dollars, and what was not checked."""
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.header(headline(found), anchor=False, width="content")
        with st.popover("Download", icon=":material/download:"):
            downloads(found.answer, settings, name)
    answer = found.answer
    if involves_money(answer.totals.at_stake):
        tiles(answer.totals.at_stake)
        said = [*words.not_checked(answer), *words.reading(answer.totals), ONCE]
    else:
        _no_money(found)
        said = words.reading(answer.totals)
    st.markdown(f":small[{plain(' '.join(said))}]")


def headline(found: Found) -> str:
    """The answer in a line; never that all is well where something could not be checked."""
    answer = found.answer
    lines = count(len(answer.lines), "line")
    if answer.lines.empty:
        return "Nothing to audit: no row could be used"
    if found.to_look_at:
        return f"{found.to_look_at:,} of {lines} to look at"
    if words.not_checked(answer):
        return f"Nothing found in what could be checked of {lines}"
    remarks = f", {count(len(answer.findings), 'remark')}" if len(answer.findings) else ""
    return f"Clean: {lines}, nothing to fix{remarks}"


def involves_money(stake: Counter[str]) -> bool:
    return any(stake[name] for name in (*TILES, *SOME))


def tiles(stake: Counter[str]) -> None:
    """The dollars at stake, each in its tile."""
    some = {name: tile for name, tile in SOME.items() if stake[name]}
    cells = st.grid(len(TILES | some), min_column_width=150, gap="small")
    for name, (label, sign) in (TILES | some).items():
        cells.metric(label, money(sign * stake[name] / 100), border=True)


def _no_money(found: Found) -> None:
    """Why there are no dollars, in place of tiles of nothing."""
    blind = words.not_checked(found.answer)
    if blind:
        st.warning(plain(" ".join([*blind, NO_MONEY])), icon=":material/visibility_off:")
    elif found.to_look_at:
        st.info(NO_MONEY, icon=":material/payments:")
    elif not found.answer.lines.empty:
        st.success(CHECKED, icon=":material/check_circle:")


def downloads(answer: Audit, settings: Settings, name: str) -> None:
    """What to take along; each is made when it is clicked."""
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
            width="stretch",
        )
