"""The printed sheets on a page: which one, what is typed for it, its preview, print and copy."""

from .block import block
from .of_plan import of_plan
from .of_visit import of_visit

__all__ = ["block", "of_plan", "of_visit"]
