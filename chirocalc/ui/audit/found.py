"""What was found in a file: audited once, kept in the session, and worked out for the page."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from chirocalc import tables
from chirocalc.arrays import Ints
from chirocalc.audit import (
    LEVELS,
    Audit,
    Columns,
    How,
    audit_in_memory,
    columns_of,
    open_file,
)
from chirocalc.rules import Settings
from chirocalc.ui.shared import session

from .charts import Pictures, pictures
from .choices import FILTERS
from .upload import SAMPLE, Opened, Upload, of_sample

SHOWN = 1000  # findings or lines listed on the page; all of them are in the files

SLOW = 1.0  # seconds after which the progress is shown


@dataclass(frozen=True)
class Found:
    """An audit, and what a click on its page would else work out anew: the order of its findings,
    what each filter offers."""

    answer: Audit
    order: Ints
    offered: dict[str, list[str]]

    @staticmethod
    def of(answer: Audit) -> Found:
        """The gravest findings first, then those with the most dollars."""
        table = answer.findings
        rank = table["level"].map(LEVELS.index).to_numpy(np.int64)
        return Found(
            answer,
            np.lexsort((-table["dollars"].abs(), rank)),
            {name: sorted(table[name].unique()) for name in FILTERS if name != "rule"},
        )

    # Made once: a run of the page sends them again as they are.

    @cached_property
    def pictures(self) -> Pictures:
        return pictures(self.answer.totals)

    @cached_property
    def lines(self) -> pa.Table:
        """The lines that are listed, with their payers' names."""
        shown = self.answer.lines.head(SHOWN)
        names = shown["payer"].map(tables.payers()["name"]).fillna(shown["payer"])
        return pa.Table.from_pandas(shown.assign(payer=names), preserve_index=False)

    def listed(self, keep: pd.Series) -> Ints:
        """The places of the findings to keep, in order."""
        places: Ints = self.order[keep.to_numpy()[self.order]]
        return places


@tables.kept
def sample_found() -> Found:
    """The sample under the settings of a page that was not touched, for all sessions."""
    file = open_file(of_sample().content, of_sample().name)
    return Found.of(audit_in_memory([file], columns_of([file]), Settings()))


def run(upload: Upload, file: Opened, columns: Columns, settings: Settings) -> Found:
    """The audit, kept in this session until the file, its columns, the settings or what was
    answered about it change."""
    how = How(
        {" ".join(name.lower().split()): payer for name, payer in session.audit_payers.items()},
        session.audit_minutes,
    )
    key = (upload.key, file.head.sheet, tuple(sorted(columns.items())), settings, how)
    if session.audit and session.audit[0] == key:
        found: Found = session.audit[1]
        return found
    del session.audit
    untouched = settings == Settings() and how == How() and columns == file.known
    if upload.key == SAMPLE and untouched:
        found = sample_found()
    else:
        place = st.empty()
        whole = open_file(upload.content, upload.name, file.head.sheet or None)
        found = Found.of(audit_in_memory([whole], columns, settings, progress(place), how=how))
        place.empty()
    session.audit = key, found
    return found


def progress(place: DeltaGenerator, after: float = SLOW) -> Callable[[int, int], None]:
    """Shows at the place a bar with the count of lines, once so many seconds have passed."""
    begun = time.monotonic()

    def show(done: int, of: int) -> None:
        if time.monotonic() - begun > after:
            words = f"{done:,} of {of:,} lines" if done else f"{of:,} lines read"
            place.progress(done / of if of else 0.0, text=words)

    return show
