"""The visit as plain text for the record: what was done, its minutes and its units."""

from __future__ import annotations

from collections.abc import Sequence

from chirocalc import tables
from chirocalc.checked import checked
from chirocalc.rules import RULE_NAMES, Answer, Line
from chirocalc.words import count

from .summary import units_by_rule


@checked
def record(told: Answer, regions: Sequence[tables.Region], day: str) -> list[str]:
    """Its lines of text: `day` of service, regions adjusted by id, each service with minutes,
    units and the modifiers confirmed, and the timed minutes together. No patient data."""
    names = tables.region_names()
    lines = [f"Date of service: {day}"]
    if regions:
        lines.append(f"Regions adjusted: {', '.join(names[each] for each in regions)}")
    lines += map(_line, told.lines)
    if told.timed:
        lines.append(f"Total timed minutes: {told.timed_minutes}")
    return lines + _rules(told)


def _line(line: Line) -> str:
    minutes = "" if line.minutes is None else f", {line.minutes} minutes"
    name = f"{line.key} {line.service.code.full_name}{minutes}"
    if line.is_off or not line.units:
        return f"{name}: documented, not billed"
    modifiers = " ".join(line.service.written)
    billed = f"{count(line.units, 'unit')}{f', modifiers {modifiers}' if modifiers else ''}"
    return f"{name}: {billed}{', not billed to the payer' if line.is_collected else ''}"


def _rules(told: Answer) -> list[str]:
    """The units by the rule in use, and by the other one where they differ."""
    of = units_by_rule(told)
    timed = {rule: units.timed for rule, units in of.items()}
    used = told.settings.rule
    words = f"Timed units by {RULE_NAMES[used]}: {timed[used]}"
    others = [
        f"by {RULE_NAMES[rule]}: {units}" for rule, units in timed.items() if units != timed[used]
    ]
    return ["; ".join([words, *others])] if told.timed else []
