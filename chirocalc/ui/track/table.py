"""The rows of the days shown, to edit, duplicate and delete."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from chirocalc import tables
from chirocalc.errors import InputError
from chirocalc.track import (
    MOST_LETTERS,
    MOST_TIMES,
    MOST_UNITS,
    STATUSES,
    Row,
    check_row,
    new_id,
)
from chirocalc.ui.shared import Session, html, input_callback, log, plain, session
from chirocalc.words import count, money, rvu

from . import kept
from .tracked import Shown, Tracked

MOST_ROWS, MOST_EDITED = 12, 200

OWN = ["date", "code", "times", "units", "minutes", "modifiers", "place", "payer", "tag", "status"]


def draw(every: Tracked, of: Tracked, here: Shown) -> None:
    """Draw the latest rows of the days shown, to read or to edit; those of the sample to read."""
    rows = of.within(here.span)
    total = len(rows)
    if not total:
        st.markdown("No row on these days.")
        return
    if not every.is_sample:
        st.toggle("Edit rows", key=Session.track_editing.key, on_change=_took)
    editing = session.track_editing and not every.is_sample
    most = MOST_EDITED if editing else MOST_ROWS
    rows = rows.tail(most).iloc[::-1]
    if editing:
        _edit(rows)
    else:
        st.html(_as_html(rows))
    if total > most:
        st.caption(f"The latest {most} of {total:,} rows; choose fewer days for others.")


@input_callback
def _took() -> None:
    """The rows are drawn anew."""


def _as_html(rows: pd.DataFrame) -> str:
    """Rows to read: a table of the browser's own, which costs a click nothing."""
    names = tables.payers()["name"]
    head = "".join(f'<th scope="col">{name}</th>' for name in HEADS)
    lines = []
    for row in rows.itertuples():
        day = f"{row.date[5:7]}/{row.date[8:]}/{row.date[:4]}"
        what = " ".join(filter(None, (row.code, row.modifiers)))
        cells = (
            day,
            what,
            f"{row.times:,}",
            f"{row.units:,}",
            rvu(row.work / 100 if row.has_work else None),
            money(row.cents / 100 if row.has_cents else None),
            names.get(row.payer, row.payer),
            " · ".join(filter(None, (row.tag, row.status, row.why and f"no wRVU: {row.why}"))),
        )
        lines.append("".join(f"<td>{html.text(cell)}</td>" for cell in cells))
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="cc-rows" tabindex="0" role="region" aria-label="Latest rows">{table}</div>'


HEADS = ("Day", "Code", "Times", "Units in all", "wRVU", "Dollars", "Payer", "Tag, status")


def _edit(rows: pd.DataFrame) -> None:
    for words in session.track_problems:
        st.error(plain(words), icon=":material/error:")
    number = _number(rows["id"].tolist())
    st.data_editor(
        _shown(rows),
        hide_index=True,
        column_config=_columns(),
        disabled=["work", "dollars"],
        height=320,
        placeholder="–",
        key=session.track_edits.key(number),
        on_change=_take,
        args=(number,),
        alt="Rows of the log: day, code, how often, units, what they come to",
    )
    _picked_actions(number)


def _number(ids: list[str]) -> str:
    """The name of the table: another one once what was entered in it is taken, or would be of other
    rows. Where nothing was, the browser keeps its table and changes the cells."""
    drawn = log.log().version
    if session.track_shown != ids or session.track_drawn != drawn:
        edits = session.track_edits[str(session.track_number)]
        session.track_number += bool(edits and edits["edited_rows"])
        session.track_shown, session.track_drawn = ids, drawn
    return str(session.track_number)


def _shown(rows: pd.DataFrame) -> pd.DataFrame:
    table = rows[[name for name in OWN if name != "units"]].assign(
        pick=False,
        date=pd.to_datetime(rows["date"]),
        units=rows["units_given"].astype("Int64"),
        minutes=rows["minutes"].astype("Int64"),
        work=(rows["work"] / 100).where(rows["has_work"]),
        dollars=(rows["cents"] / 100).where(rows["has_cents"]),
    )
    return table[["pick", *OWN, "work", "dollars"]].reset_index(drop=True)


def _columns() -> dict[str, Any]:
    config, payers = st.column_config, tables.payers()["name"]
    return {
        "pick": config.CheckboxColumn("✓", help="For the buttons below.", width=40),
        "date": config.DateColumn("Day", format="MM/DD/YYYY", required=True),
        "code": config.TextColumn("Code", required=True, max_chars=5),
        "times": config.NumberColumn("Times", min_value=1, max_value=MOST_TIMES, step=1),
        "units": config.NumberColumn("Units", min_value=1, max_value=MOST_UNITS, step=1,
                                     help="Of each time; empty: made of the minutes."),
        "minutes": config.NumberColumn("Minutes", min_value=0, max_value=1440, step=1),
        "modifiers": config.TextColumn("Modifiers"),
        "place": config.SelectboxColumn("Place", options=["", "office", "facility"]),
        "payer": config.SelectboxColumn("Payer", options=["", *payers.index],
                                        format_func=lambda payer: payers.get(payer, "as set")),
        "tag": config.TextColumn("Tag", max_chars=MOST_LETTERS,
                                 help="Your own, such as a room; nothing of a patient."),
        "status": config.SelectboxColumn("Status", options=list(STATUSES), required=True),
        "work": config.NumberColumn("wRVU", format="%.2f"),
        "dollars": config.NumberColumn("Dollars", format="dollar"),
    }  # fmt: skip


@input_callback
@kept.written
def _take(number: str) -> None:
    """Take what was changed in the table, but for the ticks; what cannot be used is said, and the
    row stays as it was."""
    session.track_problems = []
    changed = []
    for at, values in session.track_edits[number]["edited_rows"].items():
        said = {name: value for name, value in values.items() if name != "pick"}
        before = log.log().get(session.track_shown[int(at)])
        if said and before is not None:
            try:
                changed.append(check_row(before._replace(**_cleaned(said, before)), "row"))
            except InputError as error:
                session.track_problems += [str(each) for each in error.problems]
    if changed:
        log.change(changed, f"{count(len(changed), 'row')} changed.")
    if session.track_problems:
        session.track_number += 1  # the table is drawn as the log is


def _cleaned(said: Mapping[str, Any], before: Row) -> dict[str, Any]:
    """What the table's cells hold, as a row has it."""
    out: dict[str, Any] = {}
    for name, value in said.items():
        if name in ("units", "minutes"):
            out[name] = None if value is None else int(value)
        elif name == "times":
            out[name] = int(value or 1)
        elif name == "date":
            out[name] = str(value or before.date)[:10]
        else:
            out[name] = str(value or "")
    return out


def _picked(number: str) -> list[Row]:
    edits = session.track_edits[number] or {"edited_rows": {}}
    ids = [
        session.track_shown[int(at)]
        for at, values in edits["edited_rows"].items()
        if values.get("pick")
    ]
    return [row for id_ in ids if (row := log.log().get(id_)) is not None]


def _picked_actions(number: str) -> None:
    picked = bool(_picked(number))
    with st.container(horizontal=True, gap="small"):
        st.button("Duplicate, as of today", icon=":material/content_copy:", disabled=not picked,
                  on_click=_duplicate, args=(number,))  # fmt: skip
        st.button("Delete", icon=":material/delete:", disabled=not picked, on_click=_delete,
                  args=(number,))  # fmt: skip
        st.selectbox(
            "Set the status of those ticked",
            STATUSES,
            index=None,
            key=Session.track_state.key,
            placeholder="Set status",
            label_visibility="collapsed",
            disabled=not picked,
            width=150,
            on_change=_set_status,
            args=(number,),
        )
        if not picked:
            st.caption("Tick rows to duplicate, delete or mark them.", width="content")


@input_callback
@kept.written
def _duplicate(number: str) -> None:
    today = date.today().isoformat()
    rows = [row._replace(id=new_id(), date=today, status=STATUSES[0]) for row in _picked(number)]
    log.add(rows, f"{count(len(rows), 'row')} duplicated.")


@input_callback
@kept.written
def _delete(number: str) -> None:
    ids = [row.id for row in _picked(number)]
    log.delete(ids, f"{count(len(ids), 'row')} deleted.")


@input_callback
@kept.written
def _set_status(number: str) -> None:
    state, session.track_state = session.track_state, None
    if state:
        rows = [row._replace(status=state) for row in _picked(number)]
        log.change(rows, f"{count(len(rows), 'row')} marked {state}.")
