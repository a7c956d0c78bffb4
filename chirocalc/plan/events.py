"""What happens in the course of a plan, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chirocalc.words import count, listed, money

from .insurance import has_cost_sharing, is_part_b, plan_year
from .model import Plan
from .schedule import Event, PlannedVisit

WHYS = {
    "limit": "The visits that the plan allows a year are used up: the patient pays your fee.",
    "authorization": "The authorization has ended: the patient pays your fee.",
    "chosen": "From here on the patient pays your fee, as you chose.",
}


def events(plan: Plan, visits: Sequence[PlannedVisit]) -> Iterator[Event]:
    """In the order of the visits."""
    year, said = plan_year(plan, plan.start), set[tuple[int, str]]()
    for visit in visits:
        if plan_year(plan, visit.day) != year:
            year = plan_year(plan, visit.day)
            if text := _new_year(plan, visit):
                yield Event(visit.number, "year", text)
        if visit.why and (year, visit.why) not in said:
            said.add((year, visit.why))
            yield Event(visit.number, visit.why, WHYS[visit.why])
        if visit.deductible and not visit.deductible_left:
            yield Event(visit.number, "deductible-met", "The deductible is met with this visit.")
        of_plan = visit.deductible + visit.copay + visit.coinsurance
        if of_plan and visit.out_of_pocket_left == 0:
            text = "The out-of-pocket maximum is met: the payer pays all that it allows."
            yield Event(visit.number, "out-of-pocket-met", text)
        if visit.is_newest and (0, "rates") not in said:
            said.add((0, "rates"))
            missing, used = visit.day.year, visit.rates.name
            text = f"The rates of {missing} are not loaded: those of {used} are used."
            yield Event(visit.number, "rates", text)


def _new_year(plan: Plan, visit: PlannedVisit) -> str:
    """What begins anew with a plan year; "" where nothing does."""
    benefits, parts = plan.benefits, []
    if is_part_b(plan) or has_cost_sharing(plan):
        parts.append(f"a deductible of {money((visit.deductible_left + visit.deductible) / 100)}")
    if has_cost_sharing(plan) and benefits.out_of_pocket_left is not None:
        parts.append("an out-of-pocket maximum")
    if benefits.visits_allowed is not None and not is_part_b(plan):
        parts.append(count(benefits.visits_allowed, "visit"))
    if not parts:
        return ""
    said = f"A plan year begins anew, with {listed(parts)}."
    if has_cost_sharing(plan) and benefits.deductible is None and benefits.deductible_left:
        said += " The whole year's deductible is not entered: what was left of it is taken."
    return said
