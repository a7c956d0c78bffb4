"""The answer to a visit, with the modifiers that the clinician's own answers bring along."""

from __future__ import annotations

from collections.abc import Sequence

from chirocalc.checked import checked
from chirocalc.rules import Answer, Service, Settings, answer
from chirocalc.tables import modifier_bits


@checked
def settled(services: Sequence[Service], settings: Settings) -> Answer:
    """Answer the visit. Where a question was answered and one modifier says no more than that
    answer did ("active treatment" and AT), the line has it: it is not asked a second time."""
    found = answer(services, settings)
    while due := _due(found):
        services = [
            line.service._replace(modifiers=line.service.modifiers | due.get(line.code, 0))
            for line in found.lines
        ]
        found = answer(services, settings)
    return found


def _due(found: Answer) -> dict[str, int]:
    """By code the modifiers that follow, as bits; those a line has already are not asked for."""
    due: dict[str, int] = {}
    for each in found.findings:
        if each.follows:
            due[each.code] = due.get(each.code, 0) | modifier_bits(each.modifier)
    return due
