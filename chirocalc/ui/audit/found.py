"""What was found in a file: audited once, kept in the session, and worked out for the page."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa

from chirocalc import tables
from chirocalc.arrays import Ints
from chirocalc.audit import (
    LEVELS,
    Columns,
    How,
    Opened,
    Packed,
    Totals,
    audit_file,
    opened_file,
    words,
)
from chirocalc.rules import Settings
from chirocalc.ui.shared import Values, session

from .charts import Pictures, pictures
from .choices import FILTERS
from .upload import SAMPLE, Upload, of_sample, progress

SHOWN = 1000  # findings or lines listed on the page; all of them are in the files


@dataclass(frozen=True)
class Found:
    """An audit, and what each filter of its findings offers."""

    packed: Packed
    offered: dict[str, list[str]]

    @staticmethod
    def of(packed: Packed) -> Found:
        offered: dict[str, set[str]] = {name: set() for name in FILTERS if name != "rule"}
        for piece in packed.pieces("findings", list(offered)):
            for name, values in offered.items():
                values.update(piece[name].unique())
        return Found(packed, {name: sorted(values) for name, values in offered.items()})

    @property
    def totals(self) -> Totals:
        return self.packed.totals

    # Made once: a run of the page sends them again as they are.

    @cached_property
    def pictures(self) -> Pictures:
        return pictures(self.totals)

    @cached_property
    def lines(self) -> pa.Table:
        """The lines that are listed, with their payers' names."""
        shown = self.packed.at("lines", np.arange(min(SHOWN, self.packed.rows("lines"))))
        names = shown["payer"].map(tables.payers()["name"]).fillna(shown["payer"])
        return pa.Table.from_pandas(shown.assign(payer=names), preserve_index=False)

    @cached_property
    def left_out(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The rows that are listed of those that could not be used, and of those that are no
        services."""
        pieces = self.packed.pieces("refused", ["kind"])
        bad = np.concatenate([(piece["kind"] == "").to_numpy() for piece in pieces])
        refused, others = (np.flatnonzero(each)[:SHOWN] for each in (bad, ~bad))
        table = self.packed.at("refused", refused).drop(columns="kind")
        return table, self.packed.at("refused", others)

    def findings(
        self, levels: Collection[str], rule: Values, chosen: Mapping[str, Values]
    ) -> tuple[str, Ints]:
        """The findings of these levels, of a rule and of what was chosen in the filters: in words,
        and the places of those that are listed, the gravest first, then those with the most
        dollars."""
        kinds = {"level": _kinds(LEVELS), "rule": _kinds(tables.rule_names().index)}
        parts, places, begin = [], [], 0
        wanted = [*kinds, "row", "dollars"]
        for piece in self.packed.pieces("findings", [*wanted, *chosen]):
            keep = piece["level"].isin(levels)
            for name, values in {"rule": rule, **chosen}.items():
                if values:
                    keep &= piece[name] == values[0]
            parts.append(piece.loc[keep, wanted].astype(kinds))
            places.append(np.flatnonzero(keep) + begin)
            begin += len(piece)
        kept = pd.concat(parts, ignore_index=True)
        order = np.lexsort((-kept["dollars"].abs(), kept["level"].cat.codes))[:SHOWN]
        more = f" The first {SHOWN:,} are listed; the files have all." if len(kept) > SHOWN else ""
        return f"{words.listed(kept)}.{more}", np.concatenate(places)[order]

    def at(self, places: Ints, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """The findings at these places."""
        return self.packed.at("findings", places, columns)


def _kinds(names: Iterable[str]) -> pd.CategoricalDtype:
    """The same categories in each piece, in order."""
    return pd.CategoricalDtype(list(names), ordered=True)


@tables.kept
def sample_found() -> Found:
    """The sample under the settings of a page that was not touched, for all sessions."""
    content, name = of_sample().content, of_sample().name
    known = opened_file(content, name).known
    return Found.of(audit_file(content, name, None, known, Settings(), How()))


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
        sheet = file.head.sheet or None
        with progress() as told:
            found = Found.of(
                audit_file(upload.content, upload.name, sheet, columns, settings, how, told)
            )
    session.audit = key, found
    return found
