"""One visit under every payer profile, side by side."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from chirocalc import tables, words
from chirocalc.rules import RULE_NAMES, Estimate

from .own_fees import OwnFees, charges

REDUCTION = {"pe": "half the PE", "line": "half the line", "none": "none"}


def side_by_side(answer: Estimate, fees: OwnFees | None) -> pd.DataFrame:
    """One row per payer profile, each with its own rule, percent and reductions."""
    rows = []
    for payer, profile in tables.payers().iterrows():
        own = {"payer": payer, "unit_rule": None, "percent": None, "mppr": None}
        other = answer.under(replace(answer.settings, **own, therapy_modifier=None))
        visit, levels = other.visits.iloc[0], other.findings["level"].value_counts()
        amount, note = visit["allowed"], ""
        if fees is not None and other.settings.rate is None:
            amount, note = charges(other, fees).sum(min_count=1), " (own fees)"
        rows.append(
            {
                "payer": profile["name"],
                "unit rule": RULE_NAMES[other.settings.rule]
                + (", not found: default" if profile["unit_rule_sure"] == "?" else ""),
                "cut on later therapy units": REDUCTION[other.settings.reduction],
                "units": int(visit["units"]),
                "estimate": words.money(amount) + note,
                "to fix": int(levels.get("fix", 0)),
                "needs": int(levels.get("needs", 0)),
                "amount": amount,
            }
        )
    return pd.DataFrame(rows)
