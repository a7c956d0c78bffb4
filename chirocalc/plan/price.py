"""A plan in, its schedule out: each visit by the engine, equal visits priced once."""

from __future__ import annotations

from .model import Plan
from .schedule import Schedule

SIDES = ("insured", "self-pay", "medicare")


def price_plan(plan: Plan) -> Schedule:
    """The plan's visits with their days and dollars. Raises `InputError` for a start before all
    tables that are loaded."""
    raise NotImplementedError


def side_by_side(plan: Plan) -> dict[str, Schedule]:
    """The same plan "insured" (as planned where its payer is an insurer, else under a commercial
    one), "self-pay", and under "medicare" (Part B), by these names. The estimate of what a self-pay
    patient is charged (a Good Faith Estimate) is the one "self-pay"."""
    raise NotImplementedError
