"""Files into the log and out of it; and the button that forgets it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pandas as pd
import streamlit as st

from chirocalc import exports
from chirocalc.errors import InputError
from chirocalc.sheets import stamped, track_sheet
from chirocalc.track import (
    Backup,
    OfFile,
    Taken,
    bring_back,
    by_month_and_code,
    export,
    read_file,
    write_backup,
)
from chirocalc.ui.shared import Session, device, input_callback, log, plain, session
from chirocalc.words import count

from . import kept
from .tracked import Tracked

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

TYPES = ["csv", "txt", "tsv", "xlsx", "xls", "xlsb", "ods", "parquet", "837", "edi", "x12", "json"]

MOST_MEGABYTES = 25  # as of a month to audit: the server refuses more


def menu(every: Tracked) -> None:
    """Import, and what to take along."""
    with st.popover("Import", icon=":material/upload:"):
        st.file_uploader(
            "Our own export or backup, or your billed visits (CSV, Excel, Parquet, 837P)",
            type=TYPES,
            key=Session.track_file.key,
            max_upload_size=MOST_MEGABYTES,
            on_change=_take,
        )
        st.caption(
            "Of a file of visits only date, code, units, minutes, modifiers, place and payer are "
            "read. The same file twice brings nothing new."
        )
    panel = st.popover(
        "Save", icon=":material/download:", on_change="rerun", key=Session.track_save.key
    )
    if panel.open:
        with panel:
            _downloads(every)
            if not every.is_sample:
                st.divider()
                _forget(len(every.rows))


def _downloads(every: Tracked) -> None:
    of = "sample" if every.is_sample else "log"

    def excel() -> bytes:
        return exports.excel_bytes(
            {"Log": _stamped(every), "By month and code": by_month_and_code(every.rows)}
        )

    made: dict[str, tuple[str, str, Callable[[], str | bytes]]] = {
        "Rows, CSV": (f"{of}.csv", "text/csv", lambda: exports.csv_bytes(_stamped(every))),
        "By month and code, CSV": (
            f"{of}-months.csv",
            "text/csv",
            lambda: exports.csv_bytes(by_month_and_code(every.rows)),
        ),
        "Excel": (f"{of}.xlsx", EXCEL, excel),
        "One page to print": (
            f"{of}.html",
            "text/html",
            lambda: track_sheet(every.rows, every.settings, date.today(), every.is_sample),
        ),
    }
    for label, (name, mime, make) in made.items():
        st.download_button(
            label,
            make,
            file_name=name,
            mime=mime,
            icon=":material/print:" if mime == "text/html" else ":material/download:",
            on_click="ignore",
            width="stretch",
        )
    if not every.is_sample:
        backup_button("Backup, JSON")


def _stamped(every: Tracked) -> pd.DataFrame:
    return stamped(export(every.rows), every.settings.period)


def backup_button(label: str) -> None:
    held, beside = log.log(), session.track  # made when clicked, where no session is known
    st.download_button(
        label,
        lambda: write_backup(held.everything, beside),
        file_name="chirocalc-log.json",
        mime="application/json",
        icon=":material/database:",
        on_click="ignore",
        width="stretch",
        key=session.track_files.key(label),
    )


def _forget(rows: int) -> None:
    with st.expander("Forget everything", icon=":material/delete_forever:"):
        st.markdown(
            f"{count(rows, 'row')} go from this browser, in all tabs. It can be undone until you "
            "leave this page."
        )
        st.button("Yes, forget the log", on_click=_forget_all)


@input_callback
@kept.written
def _forget_all() -> None:
    log.forget()


# In


@input_callback
@kept.written
def _take() -> None:
    file = session.track_file
    session.track_problems, session.track_taken = [], None
    if file is None:
        return
    try:
        session.track_taken = _taken(file.getvalue(), file.name)
    except InputError as error:
        session.track_problems = [str(each) for each in error.problems[:10]]


def _taken(content: bytes, name: str) -> Taken:
    found = read_file(content, name)
    return log.put_file(found) if isinstance(found, OfFile) else _restored(found, name)


def _restored(backup: Backup, name: str) -> Taken:
    changed = log.merged(backup.rows, f"{name} was merged.")
    if backup.kept and not session.track:
        session.track = backup.kept
        device.keep("track")
    known = sum(not row.is_deleted for row in backup.rows) - changed
    new = [row for row in backup.rows if not row.is_deleted][:changed]
    return Taken(new, max(known, 0), [], len(backup.odd), [])


def said() -> None:
    """What came of the last file, and the rows that were deleted here before."""
    found: Taken | None = session.track_taken
    if session.track_problems and session.track_file is not None:
        lines = "\n".join(f"- {plain(words)}" for words in session.track_problems)
        st.error(lines, title="This file cannot be used", icon=":material/error:")
    if found is None:
        return
    words = f"{len(found.new):,} new, {found.known:,} known, {found.refused:,} refused"
    if found.passed:
        words += f"; {count(found.passed, 'row')} no services"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/upload: {words}.", width="content")
        if found.deleted:
            st.button(
                f"Bring back {count(len(found.deleted), 'row')} that you had deleted",
                type="tertiary",
                on_click=_bring_back,
            )
    if found.said:
        with st.expander(f"{found.refused:,} refused"):
            st.markdown("\n".join(f"- {plain(each)}" for each in found.said))


@input_callback
@kept.written
def _bring_back() -> None:
    found: Taken = session.track_taken
    put = bring_back(log.log(), found.deleted)
    log.took(put, f"{count(len(put), 'row')} brought back.")
    session.track_taken = found._replace(deleted=[])
