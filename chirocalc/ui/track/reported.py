"""What was tracked beside what the employer or the billing service reports, by month."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd
import streamlit as st

from chirocalc.errors import InputError
from chirocalc.track import Reported, against, read_reported
from chirocalc.ui.shared import input_callback, plain, session

from . import kept
from .tracked import Tracked

MOST_MONTHS = 240


def draw(every: Tracked) -> None:
    """Draw the months, to type what was reported; a difference is tracked less reported."""
    st.caption(
        "Type what your employer or billing service reports for a month, or load it (CSV with the "
        "columns month, wrvu and dollars). The two are compared, never added."
    )
    for words in session.track_typed["report problems"] or []:
        st.error(plain(words), icon=":material/error:")
    table = against(every.rows, held())
    months = table["month"].tolist()
    number = f"reported {session.track_number} {hash(tuple(sorted(held().items())))}"
    st.data_editor(
        table,
        hide_index=True,
        column_config={
            "month": st.column_config.TextColumn("Month", disabled=True),
            "work": _number("wRVU tracked", "%.2f", True),
            "work_reported": _number("wRVU reported", "%.2f", False),
            "work_difference": _number("Difference", "%+.2f", True),
            "dollars": _number("Dollars tracked (estimate)", "dollar", True),
            "dollars_reported": _number("Dollars reported", "dollar", False),
            "dollars_difference": _number("Difference of dollars", "dollar", True),
        },
        placeholder="–",
        key=session.track_edits.key(number),
        on_change=_take,
        args=(number, months),
        alt="By month: tracked, reported, and the difference",
    )
    st.file_uploader(
        "Reports from a file", type="csv", key=session.track_files.key("reported"),
        max_upload_size=1, on_change=_take_file, width=420,
    )  # fmt: skip


def _number(label: str, format_: str, disabled: bool) -> Any:
    return st.column_config.NumberColumn(label, format=format_, disabled=disabled, step=0.01)


def held() -> dict[str, Reported]:
    """What is remembered of reports; what cannot be used is left out."""
    of = kept.get("reported")
    found = {}
    for month, said in of.items() if isinstance(of, dict) else ():
        if re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", str(month)) and isinstance(said, list):
            numbers = [each if type(each) is int else None for each in said[:2]]
            found[str(month)] = Reported(*numbers)
    return found


def _keep(reports: dict[str, Reported]) -> None:
    there = {month: list(said) for month, said in reports.items() if said != Reported()}
    kept.put("reported", dict(sorted(there.items())[-MOST_MONTHS:]))


@input_callback
@kept.written
def _take(number: str, months: list[str]) -> None:
    reports = held()
    for at, values in session.track_edits[number]["edited_rows"].items():
        month = months[int(at)]
        before = reports.get(month, Reported())
        work, cents = (
            _hundredths(values[name]) if name in values else old
            for name, old in zip(("work_reported", "dollars_reported"), before, strict=True)
        )
        reports[month] = Reported(work, cents)
    _keep(reports)


def _hundredths(value: float | None) -> int | None:
    return None if value is None or pd.isna(value) else round(value * 100)


@input_callback
@kept.written
def _take_file() -> None:
    file = session.track_files["reported"]
    session.track_typed["report problems"] = []
    if file is not None:
        try:
            _keep(held() | read_reported(file.getvalue(), file.name))
        except InputError as error:
            session.track_typed["report problems"] = [str(each) for each in error.problems[:10]]
