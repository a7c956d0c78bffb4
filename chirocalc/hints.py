"""Modifier and coding hints: what would be denied or is missing, why, and the source.

A hint never changes a unit or an amount. Its words stand in `tables/hints.csv`.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from . import code_table, tables
from .lines import Lines

COLUMNS = ["visit", "code", "rule", "level", "modifier", "text", "source"]


def findings(lines: Lines) -> pd.DataFrame:
    """One row per hint: visit, code, rule, level, modifier, text, source."""
    codes = code_table.code_arrays()
    rule = tables.hints().loc["addon"]
    rows = _addons_alone(lines, codes)
    named = [(codes.code[key], codes.code[codes.parents[key]]) for key in lines.key[rows]]
    texts = [
        rule["text"].format(code=code, parents=" or ".join(parents)) for code, parents in named
    ]
    return pd.DataFrame(
        {
            "visit": lines.visits[lines.visit[rows]],
            "code": [code for code, _ in named],
            "rule": "addon",
            "level": rule["level"],
            "modifier": rule["modifier"],
            "text": texts,
            "source": rule["source"],
        },
        columns=COLUMNS,
    )


def _addons_alone(lines: Lines, codes: code_table.CodeArrays) -> NDArray[np.int64]:
    """Lines whose code needs a primary on the same visit, where there is none."""
    rows = np.flatnonzero((codes.clock_parent >= 0)[lines.key])
    here = lines.visit * len(codes.code) + lines.key
    found = np.zeros(len(rows), np.bool_)
    for key in np.unique(lines.key[rows]):
        mine = lines.key[rows] == key
        for parent in codes.parents[key]:
            found[mine] |= np.isin(lines.visit[rows[mine]] * len(codes.code) + parent, here)
    return rows[~found]
