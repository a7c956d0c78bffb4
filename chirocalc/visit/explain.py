"""The same result in words: how each unit came to be, and what would change it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, islice
from math import comb

import numpy as np

from chirocalc import tables, words
from chirocalc.checked import checked
from chirocalc.rules import (
    MOST_MINUTES,
    PLANS,
    UNIT,
    WHO,
    X_RAY,
    Answer,
    Line,
    Lines,
    Settings,
    Timed,
    count_units,
    films,
)
from chirocalc.tables import Code

RULE_SOURCES = {"cms": "cpm-5-20.2", "cpt": "cpt-time"}

ONLY_MANIPULATION = (
    "Medicare pays a chiropractor only for spinal manipulation (98940 to 98942). The patient may "
    "be charged your own fee."
)

NO_X_RAY = (
    "Medicare does not pay x-rays that a chiropractor takes or orders, nor a radiologist's on that "
    "order. The patient may be charged your own fee."
)

NOT_ON_LIST = "Not on the list of what this payer pays a chiropractor for: ask it."

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


@checked
def explain(answer: Answer) -> Reasons:
    """How every unit of one visit came to be."""
    rule = answer.settings.rule
    reasons = [
        LineReason(
            line.code, line.units, *_line_words(line, rule), *_payment_words(line, answer), *limits
        )
        for line, limits in zip(answer.lines, margins(answer), strict=True)
    ]
    summary = _summary(answer) if answer.timed else ""
    return Reasons(summary, _tie_words(answer.timed), RULE_SOURCES[rule], tuple(reasons))


def margins(answer: Answer) -> list[tuple[int | None, int | None]]:
    """For each line of one visit: minutes until the visit earns a unit more, and minutes the line
    can lose before the visit loses one. None where there is no such point, as on untimed lines.

    Found by trying: the engine itself is asked about the visit with each line longer and shorter.
    """
    billed = tuple(line for line in answer.lines if not line.is_off)
    found = iter(_margins(replace(answer, lines=billed)))
    return [(None, None) if line.is_off else next(found) for line in answer.lines]


def _margins(answer: Answer) -> list[tuple[int | None, int | None]]:
    found: list[tuple[int | None, int | None]] = [(None, None)] * len(answer.lines)
    for rule in ("timed15", "clock"):  # minutes of the one change no unit of the other
        at = [i for i, line in enumerate(answer.lines) if line.service.code.time_rule == rule]
        if at:
            tried = _tried([answer.lines[i] for i in at], answer.settings.rule == "cpt")
            for i, limits in zip(at, tried, strict=True):
                found[i] = limits
    return found


def _tried(lines: Sequence[Line], by_midpoint: bool) -> list[tuple[int | None, int | None]]:
    """The margins of lines that are counted alike."""
    timed = Lines.of([line.service for line in lines]).timed
    tries = list(_tries(lines))
    size, count, pools = len(lines), len(tries), int(timed.visit.max()) + 1
    minutes = np.tile(timed.minutes, (count, 1))
    minutes[np.arange(count), [line for line, _ in tries]] += [step for _, step in tries]
    variants = Timed(
        visit=np.repeat(np.arange(count), size) * pools + np.tile(timed.visit, count),
        key=np.tile(timed.key, count),
        minutes=minutes.ravel(),
        counts=np.tile(timed.counts, count),
        tie_first=np.tile(timed.tie_first, count),
    )
    units = count_units(variants, by_midpoint).units.reshape(count, size)
    gained = (units.sum(axis=1) - sum(line.units for line in lines)).tolist()
    more: list[list[int]] = [[] for _ in lines]
    fewer: list[list[int]] = [[] for _ in lines]
    for (line, step), change in zip(tries, gained, strict=True):
        if step > 0 and change > 0:
            more[line].append(step)
        if step < 0 and change < 0:
            fewer[line].append(-step)
    return [
        (min(up, default=None), min(down) - 1 if down else None)
        for up, down in zip(more, fewer, strict=True)
    ]


def _tries(lines: Sequence[Line]) -> Iterator[tuple[int, int]]:
    """Which line to try with how many minutes more, or fewer: a pooled 15-minute line changes a
    unit within 15 minutes; a clock within its family's times."""
    codes = [line.service.code for line in lines]
    family = sum((code.unit_minutes or 0) + (code.from_minutes or 0) for code in codes)
    for at, (line, code) in enumerate(zip(lines, codes, strict=True)):
        minutes = line.minutes or 0
        pooled = code.time_rule == "timed15"
        steps = range(-UNIT, UNIT + 1) if pooled else range(-minutes, family + 1)
        yield from ((at, step) for step in steps if step and 0 <= minutes + step <= MOST_MINUTES)


def _summary(answer: Answer) -> str:
    """How the timed units came to be; each discipline's by themselves."""
    if len(answer.pools) == 1 or answer.settings.rule == "cpt":
        return _minutes_words(answer.timed, answer.settings.rule)
    return " ".join(
        f"Under {PLANS[at]} {_minutes_words(lines, 'cms')}" for at, lines in answer.pools.items()
    )


def _minutes_words(timed: Sequence[Line], rule: str) -> str:
    total, count = sum(line.minutes or 0 for line in timed), sum(line.units for line in timed)
    parts = " + ".join(str(line.minutes or 0) for line in timed)
    minutes = f"{parts} = {total} timed minutes" if len(timed) > 1 else f"{total} timed minutes"
    if rule == "cpt":
        return f"{minutes}. Each code alone: {words.count(count, 'unit')}."
    least = 15 * count - 7
    band = f"{least} to {least + 14} minutes" if count else "under 8 minutes"
    return f"{minutes}: {words.count(count, 'unit')} ({band})."


def _tie_words(timed: Sequence[Line]) -> str:
    """The tie and its other valid answers; never decided by what pays better (cpm-5-20.2)."""
    draw = [line for line in timed if line.tied]
    if not draw:
        return ""
    codes = [line.code for line in draw]
    winners = tuple(line.code for line in draw if line.extra_unit)
    others = (pick for pick in combinations(codes, len(winners)) if set(pick) != set(winners))
    shown = [words.listed(pick) for pick in islice(others, MOST_ALTERNATIVES)]
    more = comb(len(draw), len(winners)) - 1 - len(shown)
    shown += [f"{more} more choices"] if more else []
    extra = "1 extra unit" if len(winners) == 1 else f"{len(winners)} extra units"
    have = "has it" if len(winners) == 1 else "have them"
    return (
        f"{words.listed(codes)} tie with {draw[0].leftover} minutes left over each, for {extra}. "
        f"Here {words.listed(winners)} {have}; {', or '.join(shown)} would be as valid. The choice "
        "is yours."
    )


def _line_words(line: Line, rule: str) -> tuple[str, str]:
    """How the units of a line came to be, and the source."""
    said: dict[str, Callable[[Line, Code, str], tuple[str, str]]] = {
        "timed15": _timed_words,
        "clock": _clock_words,
        "counted": _counted_words,
        "level": _level_words,
        "untimed": _untimed_words,
    }
    code = line.service.code
    if line.is_off:
        return "Left off the claim: document it, do not bill it.", ""
    return said[code.time_rule](line, code, rule)


def _timed_words(line: Line, code: Code, rule: str) -> tuple[str, str]:
    source = RULE_SOURCES[rule]
    if line.minutes is None:
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


def _clock_words(line: Line, code: Code, rule: str) -> tuple[str, str]:
    unit, start = code.unit_minutes or 0, code.from_minutes
    if code.parents:
        clock = f"each {unit} minutes beyond the first code, from {start} minutes beyond"
    elif code.once:
        clock = f"one unit from {start} minutes, once a visit"
    else:
        clock = f"each {unit} minutes, from {start} minutes"
    if code.to_minutes is not None:
        clock += f", up to {code.to_minutes} minutes"
    end = "" if line.units else " No unit: document it, do not bill it."
    if code.once and line.minutes is not None and line.minutes > unit:
        addons = [each.key for each in tables.code_list() if each.parents[:1] == (code.code,)]
        end += "".join(f" Minutes beyond {unit} go on {addon}." for addon in addons)
    return f"Own clock, not pooled: {clock}.{end}", "cpt-time"


def _counted_words(line: Line, code: Code, rule: str) -> tuple[str, str]:
    return f"Counted: {words.count(line.units, 'unit')}. Minutes do not matter.", "rvu26"


def _level_words(line: Line, code: Code, rule: str) -> tuple[str, str]:
    least = code.from_minutes or 0
    text = f"One unit. If the level is chosen by time, it needs {least} minutes on the date"
    if line.minutes is not None and line.minutes < least:
        text += f"; {line.minutes} do not reach it"
    return text + ".", "cpt-time"


def _untimed_words(line: Line, code: Code, rule: str) -> tuple[str, str]:
    return "Once a day, whatever the minutes.", "cpm-5-20.2"


def _payment_words(line: Line, answer: Answer) -> tuple[str, str]:
    """Why a line is not paid, is paid less, or has no amount; empty where it is simply paid."""
    if not line.covered:
        return _unpaid_words(line.service.code, answer.settings)
    if not line.price.has_rvu:
        return "No RVU, which is not 0.00: the payer's own price applies.", "pfs-formula"
    if answer.settings.rate is None:
        return "Your own fee applies.", ""
    if line.films_cents:
        return _film_words(line, answer.settings), "fx-fy"
    return "", ""


def _unpaid_words(code: Code, settings: Settings) -> tuple[str, str]:
    name = "Medicare" if settings.is_medicare else settings.profile("name")
    pays_status = settings.profile("pays_status")
    if pays_status and code.status not in pays_status.split("|"):
        return str(tables.statuses().at[code.status, "medicare"]), "pfs-formula"
    if settings.provider != "chiropractor":
        source = "therapy-list" if settings.asks_treatment else "uhc-em-therapist"
        return f"{name} does not pay {WHO[settings.provider]} for it.", source
    if code.code in tables.manipulation_kinds() and not settings.pays_maintenance:
        return f"{name} does not pay for maintenance.", "bp-15-240"
    if not settings.is_medicare:
        return NOT_ON_LIST, "payer-policies"
    if code.category == X_RAY:
        return NO_X_RAY, "bp-15-240"
    return ONLY_MANIPULATION, "bp-15-240"


def _film_words(line: Line, settings: Settings) -> str:
    """How much less is paid for the technical part, and in dollars."""
    given = [each for each in films(settings.period) if line.service.modifiers & each.bit]
    less = " and then ".join(f"{each.name} {1 - each.share:.0%}" for each in given)
    part = "" if line.service.code.part else "technical part of the "
    return f"{less} less for the {part}x-ray: {words.money(line.films_cents / 100)} less."


def _fifteens(count: int) -> str:
    return "no full 15" if count == 0 else f"{count} full 15" + ("s" if count > 1 else "")
