"""The phases of a plan as a patient reads them: how often, from when to when, what is done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from chirocalc.plan import Phase, Plan, PlannedVisit
from chirocalc.tables import Code

from .said import Said


class Stretch(NamedTuple):
    """A phase's visits: first and last day, the codes done in it in order, and in cents what the
    patient pays a visit at the least and the most, in all, and what the payer is expected to."""

    phase: Phase
    visits: int
    first: date
    last: date
    codes: tuple[Code, ...]
    least: int
    most: int
    patient: int
    payer: int


def stretches(plan: Plan, visits: Sequence[PlannedVisit]) -> tuple[Stretch, ...]:
    """The phases that have a visit among these."""
    return tuple(
        _stretch(phase, of)
        for at, phase in enumerate(plan.phases)
        if (of := [visit for visit in visits if visit.phase == at])
    )


def _stretch(phase: Phase, of: list[PlannedVisit]) -> Stretch:
    codes = {
        line.code: line.line.service.code for visit in of for line in visit.lines if line.units
    }
    return Stretch(
        phase,
        len(of),
        of[0].day,
        of[-1].day,
        tuple(codes.values()),
        min(visit.patient for visit in of),
        max(visit.patient for visit in of),
        sum(visit.patient for visit in of),
        sum(visit.payer for visit in of),
    )


def frequencies(plan: Plan, visits: Sequence[PlannedVisit], lang: str) -> str:
    """ "Relief: 3 visits a week for 4 weeks; ..."; without names where there is one phase."""
    say, found = Said(lang), stretches(plan, visits)
    said = [frequency(each, say) for each in found]
    if len(found) == 1:
        return said[0]
    return "; ".join(
        say("gfe.phase", name=say.phase(each.phase.name), frequency=words)
        for each, words in zip(found, said, strict=True)
    )


def frequency(of: Stretch, say: Said) -> str:
    """How often the visits of a phase are."""
    if of.phase.every > 1:
        return say("gfe.every", visits=say.visits(of.visits), weeks=of.phase.every)
    weeks = -(-of.visits // of.phase.per_week)
    count = say.visits(min(of.phase.per_week, of.visits))
    if weeks == 1:
        return say("gfe.weekly.one", count=count)
    return say("gfe.weekly", count=count, weeks=weeks)
