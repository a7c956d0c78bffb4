"""Modifier and coding hints: what would be denied or is missing, why, and the source.

A hint never changes a unit or an amount. Its words stand in `tables/hints.csv`.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from . import tables
from .lines import Lines

COLUMNS = ["visit", "code", "rule", "level", "modifier", "text", "source"]


def findings(lines: Lines) -> pd.DataFrame:
    """One row per hint: visit, code, rule, level, modifier, text, source."""
    codes = tables.codes()
    rows = _addons_alone(lines, codes)
    rule = tables.hints().loc["addon"]
    code = codes["code"].to_numpy()[lines.key[rows]]
    parents = codes["parent"].str.replace("|", " or ").to_numpy()[lines.key[rows]]
    return pd.DataFrame(
        {
            "visit": lines.visits[lines.visit[rows]],
            "code": code,
            "rule": "addon",
            "level": rule["level"],
            "modifier": rule["modifier"],
            "text": [rule["text"].format(code=c, parents=p) for c, p in zip(code, parents)],
            "source": rule["source"],
        },
        columns=COLUMNS,
    )


def _addons_alone(lines: Lines, codes: pd.DataFrame) -> np.ndarray:
    """Lines whose code needs a primary on the same visit, where there is none."""
    parents = codes["parent"].to_numpy()
    whole = pd.Index(codes["code"]).get_indexer_for
    rows = np.flatnonzero(parents[lines.key] != "")
    if not len(rows):
        return rows
    here = lines.visit * len(codes) + lines.key
    found = np.zeros(len(rows), np.bool_)
    for key in np.unique(lines.key[rows]):
        mine = lines.key[rows] == key
        for parent in whole(parents[key].split("|")):
            found[mine] |= np.isin(lines.visit[rows[mine]] * len(codes) + parent, here)
    return rows[~found]
