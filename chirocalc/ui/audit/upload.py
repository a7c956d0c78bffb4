"""Taking a file: where it comes from, which columns it has, what is left out of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import streamlit as st
from starlette.formparsers import MultiPartParser
from streamlit.delta_generator import DeltaGenerator

from chirocalc import exports, tables
from chirocalc.audit import (
    FIELDS,
    WAITS,
    Columns,
    FileHead,
    Opened,
    check_columns,
    minutes_in,
    opened_file,
    sample,
    template,
)
from chirocalc.errors import InputError
from chirocalc.links import SETTINGS
from chirocalc.ui.shared import Session, input_callback, inputs, plain, session

from .choices import FILTERS, named

TYPES = ["csv", "txt", "tsv", "xlsx", "xls", "xlsb", "ods", "parquet", "837", "edi", "x12"]

MOST_MEGABYTES = 25  # as `.streamlit/config.toml` has it, for the server to refuse more

SLOW = 1.0  # seconds after which the progress is shown

WAITING = "Another file is being read: yours is next"

NONE = "not in this file"

SAMPLE = "sample"  # what tells the sample from a file

WANTED = (
    f"Your billed visits (CSV, Excel or 837P, up to {MOST_MEGABYTES} MB). Take names out, or we "
    "drop them."
)

USE = "If the file has no payer or ZIP, use:"


# Else what is larger than 1 MB is written to a temporary file on its way.
MultiPartParser.spool_max_size = (MOST_MEGABYTES + 1) << 20


@dataclass(frozen=True)
class Upload:
    """A file of this session: its name, its content, and what tells it from another."""

    name: str
    content: bytes
    key: str


def choose() -> Upload | None:
    """Draw the ways to bring a file; return the one in use."""
    left, right = st.columns(2, vertical_alignment="bottom")
    with left:
        file = st.file_uploader(
            WANTED,
            type=TYPES,
            key=Session.visits.key,
            max_upload_size=MOST_MEGABYTES,
            label_visibility="collapsed" if session.visits else "visible",
        )
    if file is None:
        with right, st.container(horizontal=True, vertical_alignment="center"):
            st.button("Try it with the sample", icon=":material/science:", on_click=_use_sample)
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
        session.use_sample = False
        upload = Upload(file.name, file.getvalue(), str(file.file_id))
    elif session.use_sample:
        upload = of_sample()
    _begin(upload.key if upload else "")
    return upload


def used() -> str:
    """What the settings say for rows that do not say it, in a line."""
    payer, area, place, who = (
        session.state.get(inputs.KEYS[name]) for name in ("payer", "area", "place", "who")
    )
    names = tables.localities()["name"]
    said = [
        tables.payers()["name"].get(payer, ""),
        names.get(area, area or ""),
        inputs.PLACES.get(place or "", ""),
        inputs.PROVIDERS.get(who or "", ""),
    ]
    return f"{USE} **{plain(' · '.join(filter(None, said)))}**"


@tables.kept
def of_sample() -> Upload:
    """The sample as a file."""
    return Upload("sample.csv", exports.csv_bytes(sample()), SAMPLE)


@input_callback
def _use_sample() -> None:
    session.use_sample = True


def _begin(key: str) -> None:
    """Forget the file before this one, whether this one can be used or not."""
    if session.audit_file == key:
        return
    session.forget_file(key)
    for name in FILTERS:
        session.audit_filter[name] = ()
    session.say_again(SETTINGS["place"].key, SETTINGS["who"].key)


def opened(upload: Upload) -> Opened:
    """The file's head, once for all runs; of a workbook that of the sheet that was chosen. Why one
    cannot be opened is kept too: finding out may have cost seconds."""
    key = (upload.key, session.audit_sheet[upload.key])
    if session.audit_open is None or session.audit_open[0] != key:
        del session.audit_open
        found: Opened | InputError
        try:
            with progress() as told:
                found = opened_file(upload.content, upload.name, key[1] or None, told)
        except InputError as error:
            found = error
        session.audit_open = key, found
    found = session.audit_open[1]
    if isinstance(found, InputError):
        raise found
    return found


@contextmanager
def progress(after: float = SLOW) -> Iterator[Callable[[int, int], None]]:
    """Shows a bar with the count of lines once so many seconds have passed, and takes it away at
    the end of the block."""
    place, begun = st.empty(), time.monotonic()

    def show(done: int, of: int) -> None:
        if time.monotonic() - begun > after:
            words = f"{done:,} of {of:,} lines" if done else f"{of:,} lines read"
            place.progress(done / of if done else 0.0, text=WAITING if of == WAITS else words)

    try:
        yield show
    finally:
        place.empty()


def columns(
    upload: Upload, file: Opened, place: DeltaGenerator
) -> tuple[Columns, DeltaGenerator] | None:
    """Draw at the place how the columns were understood; return them and the place for what else is
    to be answered about the file, None while it is refused."""
    head, private, known = file
    if set(private) - set(session.left_out):
        _refuse(private)
        _fits(known, upload, "Columns to choose after that")
        return None
    about = place.expander(
        f"{_about(upload, head, list(private))} Columns and payers",
        icon=":material/view_column:",
        expanded=not _is_enough(known),
    )
    with about:
        _choose_sheet(upload, head)
        kept = [column for column in head.header if column not in private]
        chosen = _mapping(f"{upload.key} {head.sheet}", kept, known)
    if not _fits(chosen, upload):
        return None
    if session.audit_minutes_of != upload.key:
        session.audit_minutes_of, session.audit_minutes = upload.key, minutes_in(chosen)
    return chosen, about


def _is_enough(known: Columns) -> bool:
    return "code" in known and ("visit" in known or {"date", "account"} <= known.keys())


def _choose_sheet(upload: Upload, file: FileHead) -> None:
    if len(file.sheets) > 1:
        session.audit_sheet[upload.key] = file.sheet
        st.selectbox(
            "Sheet",
            file.sheets,
            key=session.audit_sheet.key(upload.key),
            on_change=_other_sheet,
        )


@input_callback
def _other_sheet() -> None:
    session.left_out = []


def _refuse(private: dict[str, str]) -> None:
    """Say which columns look like patient data, and why; offer to go on without them."""
    st.error(
        "\n".join(f"- {plain(column)} {why}." for column, why in private.items()),
        title="This file has columns that look like patient data",
        icon=":material/shield_person:",
    )
    st.button("Go on without these columns", on_click=_leave_out, args=(list(private),))
    st.caption("They are left out before anything else is read. Nothing was stored.")


def _about(upload: Upload, file: FileHead, private: list[str]) -> str:
    words = [f"**{plain(upload.name)}**"]
    if file.note:
        words.append(plain(file.note))
    if private:
        words.append(f"Left out: {plain(', '.join(private))}.")
    return " ".join(words)


def _fits(chosen: Columns, upload: Upload, title: str = "Choose the columns above") -> bool:
    """Whether all that is needed was chosen; what is not is said."""
    try:
        check_columns(chosen, upload.name)
    except InputError as error:
        st.warning(
            "\n".join(f"- {plain(str(each.value))} {each.allowed}." for each in error.problems),
            title=title,
            icon=":material/view_column:",
        )
        return False
    return True


@input_callback
def _leave_out(private: list[str]) -> None:
    session.left_out = private


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
            format_func=named(NONE),
            key=session.column.key(f"{name} {key}"),
        )
        if columns:
            chosen[name] = columns
    return chosen
