"""Sums of an audit that add up over parts, in whole cents and hundredths of an RVU."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from chirocalc.arrays import Ints

LEVELS = ("fix", "needs", "check", "note")

AT_STAKE = ("fix", "needs", "check")  # a note puts nothing at stake


@dataclass
class Totals:
    """Sums that add up over parts, in whole cents and hundredths of an RVU.

    `by_code`: lines, minutes, billed, units_cms, units_cpt, cents; of the lines with both minutes
    and billed units timed_minutes and timed_units; of those whose billed units can be compared
    compared_billed and compared_supported; `by_rule`: findings, cents, rvus;
    `by_month`: visits, work; `at_stake`: cents of the lines, each once, by its gravest level;
    `rows`: used, refused, lines, visits; `unknown`: (field, word) that was not known.
    """

    by_code: pd.DataFrame
    by_rule: pd.DataFrame
    by_month: pd.DataFrame
    at_stake: Counter[str]
    rows: Counter[str]
    unknown: Counter[tuple[str, str]] = field(default_factory=Counter)

    @staticmethod
    def add(parts: Iterable[Totals]) -> Totals:
        """The sums of all parts."""
        parts = list(parts)

        def together(name: str) -> pd.DataFrame:
            frames = [getattr(part, name) for part in parts]
            keys = list(frames[0].index.names)
            return pd.concat(frames).groupby(level=keys, sort=True).sum()

        def counted(name: str) -> Counter[Any]:
            out: Counter[Any] = Counter()
            for part in parts:  # not `+`, which drops what is below 0
                out.update(getattr(part, name))
            return out

        return Totals(
            *(together(name) for name in ("by_code", "by_rule", "by_month")),
            *(counted(name) for name in ("at_stake", "rows", "unknown")),
        )


def sum_up(table: pd.DataFrame, found: pd.DataFrame, used: int, refused: int) -> Totals:
    compared = table["billed"].notna() & table["supported"].notna()
    clocked = (table["billed"] > 0).fillna(False) & (table["minutes"] > 0).fillna(False)
    sums = pd.DataFrame(
        {
            "code": table["code"],
            "lines": 1,
            "minutes": whole(table["minutes"]),
            "billed": whole(table["billed"]),
            "timed_minutes": whole(table["minutes"].where(clocked)),
            "timed_units": whole(table["billed"].where(clocked)),
            "compared_billed": whole(table["billed"].where(compared)),
            "compared_supported": whole(table["supported"].where(compared)),
            "units_cms": table["units_cms"],
            "units_cpt": table["units_cpt"],
            "cents": hundredths(table["allowed"]),
        }
    )
    by_code = sums.groupby("code").sum()
    by_rule = found.assign(
        findings=1, cents=hundredths(found["dollars"]), rvus=hundredths(found["rvus"])
    )
    by_rule = by_rule.groupby(["rule", "level"])[["findings", "cents", "rvus"]].sum()
    by_month = table.assign(visits=~table.duplicated("visit"), work=hundredths(table["work_rvu"]))
    by_month["visits"] = by_month["visits"].astype(np.int64)
    by_month = by_month.groupby(["month", "provider"])[["visits", "work"]].sum()
    return Totals(
        by_code,
        by_rule,
        by_month,
        _at_stake(found),
        Counter(used=used, refused=refused, lines=len(table), visits=int(table["visit"].nunique())),
    )


def _at_stake(found: pd.DataFrame) -> Counter[str]:
    """Cents at stake by the gravest level of each line, so that no line counts twice."""
    cents = found.assign(
        cents=hundredths(found["dollars"]), rank=found["level"].map(LEVELS.index).astype(int)
    )
    out: Counter[str] = Counter()
    over = cents["rule"].isin(["units-over", "units-zero"])
    under = cents["rule"] == "units-under"
    out["over"] = int(cents.loc[over, "cents"].sum())
    out["under"] = int(cents.loc[under, "cents"].sum())
    hints = cents[~over & ~under & (cents["cents"] != 0)].sort_values("rank", kind="stable")
    once = hints.drop_duplicates(["visit", "row"])
    for level, total in once.groupby("level")["cents"].sum().items():
        out[str(level)] = int(total)
    return out


def whole(values: pd.Series) -> Ints:
    return np.asarray(values.fillna(0), np.int64)


def hundredths(values: pd.Series) -> Ints:
    return np.asarray(np.rint(np.nan_to_num(values.to_numpy(np.float64)) * 100), np.int64)
