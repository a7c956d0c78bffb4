"""The printed sheets of a plan."""

from __future__ import annotations

from chirocalc.plan import Schedule, options
from chirocalc.ui.sheets import OfPlan, of_plan

from . import entered


def draw(schedule: Schedule) -> None:
    """Draw the choice of a sheet, and the one that is chosen."""
    self_pay = entered.sides(schedule.plan)["self-pay"]
    ways = options(schedule, entered.terms())
    of_plan(OfPlan(schedule, self_pay, ways), entered.BELOW)
