"""The same result in words: how each unit came to be, and what would change it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations, islice
from math import comb
from typing import Any

import numpy as np
import pandas as pd

from chirocalc import tables, words
from chirocalc.rules import MOST_MINUTES, UNIT, Estimate, Lines, Settings, count_units

RULE_SOURCES = {"cms": "cpm-5-20.2", "cpt": "cpt-time"}

ONLY_MANIPULATION = (
    "Medicare pays a chiropractor only for spinal manipulation (98940 to 98942). The patient may "
    "be charged your own fee."
)

MOST_ALTERNATIVES = 6


@dataclass(frozen=True)
class LineReason:
    """One line in words: its units, and what the payer makes of it where that needs saying.

    `to_next`: minutes until the visit earns a unit more; `spare`: minutes the line can lose before
    the visit loses one. None: no such point.
    """

    code: str
    units: int
    text: str
    source: str
    payment: str
    payment_source: str
    to_next: int | None = None
    spare: int | None = None


@dataclass(frozen=True)
class Reasons:
    """A visit in words: the timed minutes, a tie and its other valid answers, and every line."""

    summary: str
    tie: str
    source: str
    lines: tuple[LineReason, ...]


def explain(answer: Estimate) -> Reasons:
    """How every unit of one visit came to be."""
    if len(answer.visits) > 1:
        raise ValueError(f"explain takes one visit, not {len(answer.visits)}")
    rule = answer.settings.rule
    timed = answer.lines[answer.lines["leftover"].notna()]
    limits = margins(answer)
    reasons = []
    for line in answer.lines.itertuples():
        code = tables.record(line.code)
        text, source = _line_words(line, code, rule)
        paid = _payment_words(line, code, answer.settings)
        reasons.append(LineReason(line.code, line.units, text, source, *paid, *limits[line.Index]))
    summary = _summary(timed, rule) if len(timed) else ""
    return Reasons(summary, _tie_words(timed), RULE_SOURCES[rule], tuple(reasons))


def margins(answer: Estimate) -> list[tuple[int | None, int | None]]:
    """For each line of one visit: minutes until the visit earns a unit more, and minutes the line
    can lose before the visit loses one. None where there is no such point, as on untimed lines.

    Found by trying: the engine itself is asked about the visit with each line longer and shorter.
    """
    codes, read = tables.code_arrays(), answer.read
    on_clock = (codes.timed | codes.clock)[read.key]
    # A pooled 15-minute line changes a unit within 15 minutes; a clock within its family's times.
    lengths = (codes.unit_minutes + codes.from_minutes)[read.key[on_clock]].sum()
    up = np.where(codes.timed[read.key], UNIT, np.where(on_clock, lengths, 0))
    down = np.where(codes.timed[read.key], UNIT, np.where(on_clock, read.minutes, 0))
    tries = [
        (line, step)
        for line in range(len(up))
        for step in range(-int(down[line]), int(up[line]) + 1)
        if step and 0 <= read.minutes[line] + step <= MOST_MINUTES
    ]
    if not tries:
        return [(None, None)] * len(up)
    size, count = len(up), len(tries)
    minutes = np.tile(read.minutes, (count, 1))
    minutes[np.arange(count), [line for line, _ in tries]] += [step for _, step in tries]
    variants = Lines(*(np.tile(values, count) for values in read))._replace(
        visits=pd.RangeIndex(count),
        visit=np.repeat(np.arange(count), size),
        minutes=minutes.ravel(),
    )
    units = count_units(variants, answer.settings.rule)["units"].reshape(count, size)
    gained = units.sum(axis=1) - answer.lines["units"].sum()
    found: list[tuple[int | None, int | None]] = []
    for line in range(size):
        outcome = [(step, gained[row]) for row, (at, step) in enumerate(tries) if at == line]
        more = [step for step, change in outcome if step > 0 and change > 0]
        fewer = [-step for step, change in outcome if step < 0 and change < 0]
        found.append((min(more, default=None), min(fewer) - 1 if fewer else None))
    return found


def _summary(timed: pd.DataFrame, rule: str) -> str:
    total = int(timed["minutes"].fillna(0).sum())
    count = int(timed["units"].sum())
    parts = " + ".join(str(int(minutes)) for minutes in timed["minutes"].fillna(0))
    minutes = f"{parts} = {total} timed minutes" if len(timed) > 1 else f"{total} timed minutes"
    if rule == "cpt":
        return f"{minutes}. Each code alone: {words.count(count, 'unit')}."
    least = 15 * count - 7
    band = f"{least} to {least + 14} minutes" if count else "under 8 minutes"
    return f"{minutes}: {words.count(count, 'unit')} ({band})."


def _tie_words(timed: pd.DataFrame) -> str:
    """The tie and its other valid answers; never decided by what pays better (cpm-5-20.2)."""
    draw = timed[timed["tied"]]
    if draw.empty:
        return ""
    winners = tuple(draw.loc[draw["extra_unit"], "code"])
    others = (
        pick for pick in combinations(draw["code"], len(winners)) if set(pick) != set(winners)
    )
    shown = [words.listed(pick) for pick in islice(others, MOST_ALTERNATIVES)]
    more = comb(len(draw), len(winners)) - 1 - len(shown)
    shown += [f"{more} more choices"] if more else []
    extra = "1 extra unit" if len(winners) == 1 else f"{len(winners)} extra units"
    return (
        f"{words.listed(draw['code'])} tie with {draw['leftover'].iloc[0]} minutes left over "
        f"each, for "
        f"{extra}. Here {words.listed(winners)} {'has it' if len(winners) == 1 else 'have them'}; "
        f"{', or '.join(shown)} would be as valid. The choice is yours."
    )


def _line_words(line: Any, code: pd.Series, rule: str) -> tuple[str, str]:
    words: dict[str, Callable[[Any, pd.Series, str], tuple[str, str]]] = {
        "timed15": _timed_words,
        "clock": _clock_words,
        "counted": _counted_words,
        "level": _level_words,
        "untimed": _untimed_words,
    }
    return words[code["time_rule"]](line, code, rule)


def _timed_words(line: Any, code: pd.Series, rule: str) -> tuple[str, str]:
    source = RULE_SOURCES[rule]
    if line.minutes is pd.NA:
        return "No minutes entered yet.", source
    over = f"{line.minutes} min = {_fifteens(line.full_units)} + {line.leftover} left over"
    if line.tied:
        end = "in a tie, the extra unit goes here" if line.extra_unit else "in a tie, no extra unit"
    elif rule == "cpt":
        end = "8 or more over: one unit more" if line.extra_unit else "under 8 over: nothing more"
    elif line.extra_unit:
        end = "one of the largest leftovers: the extra unit goes here"
    elif line.leftover:
        end = "no unit for the leftover"
    else:
        end = "nothing left over"
    bill = "" if line.units else " Document it, do not bill it."
    return f"{over}; {end}.{bill}", source


def _clock_words(line: Any, code: pd.Series, rule: str) -> tuple[str, str]:
    unit, start = int(code["unit_minutes"]), int(code["from_minutes"])
    if code["parent"]:
        clock = f"each {unit} minutes beyond the first code, from {start} minutes beyond"
    elif code["repeats"] == "once":
        clock = f"one unit from {start} minutes, once a visit"
    else:
        clock = f"each {unit} minutes, from {start} minutes"
    if not pd.isna(code["to_minutes"]):
        clock += f", up to {int(code['to_minutes'])} minutes"
    end = "" if line.units else " No unit: document it, do not bill it."
    if code["repeats"] == "once" and line.minutes is not pd.NA and line.minutes > unit:
        addon = tables.codes()["parent"].str.partition("|")[0] == code["code"]
        end += "".join(f" Minutes beyond {unit} go on {code}." for code in addon.index[addon])
    return f"Own clock, not pooled: {clock}.{end}", "cpt-time"


def _counted_words(line: Any, code: pd.Series, rule: str) -> tuple[str, str]:
    return f"Counted: {words.count(line.units, 'unit')}. Minutes do not matter.", "rvu26"


def _level_words(line: Any, code: pd.Series, rule: str) -> tuple[str, str]:
    least = int(code["from_minutes"])
    text = f"One unit. If the level is chosen by time, it needs {least} minutes on the date"
    if line.minutes is not pd.NA and line.minutes < least:
        text += f"; {line.minutes} do not reach it"
    return text + ".", "cpt-time"


def _untimed_words(line: Any, code: pd.Series, rule: str) -> tuple[str, str]:
    return "Untimed: one unit a day, whatever the minutes.", "cpm-5-20.2"


def _payment_words(line: Any, code: pd.Series, settings: Settings) -> tuple[str, str]:
    """Why a line is not paid, or has no amount; empty where it is simply paid."""
    if not line.covered:
        payer = tables.payers().loc[settings.payer]
        if code["status"] not in payer["pays_status"].split("|"):
            return str(tables.statuses().at[code["status"], "medicare"]), "pfs-formula"
        if code["code"] in payer["chiropractor_codes"].split("|"):
            return "Medicare does not pay for maintenance.", "bp-15-240"
        return ONLY_MANIPULATION, "bp-15-240"
    if pd.isna(line.total_rvu):
        return "No RVU, which is not 0.00: the payer's own price applies.", "pfs-formula"
    if settings.rate is None:
        return "Your own fee applies.", ""
    return "", ""


def _fifteens(count: int) -> str:
    return "no full 15" if count == 0 else f"{count} full 15" + ("s" if count > 1 else "")
