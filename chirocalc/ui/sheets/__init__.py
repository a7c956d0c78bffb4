"""The printed sheets on a page: which one, what is typed for it, its preview, print and copy."""

from .block import block
from .of_plan import OfPlan, of_plan, prepaid
from .of_visit import OfVisit, of_visit

__all__ = ["OfPlan", "OfVisit", "block", "of_plan", "of_visit", "prepaid"]
