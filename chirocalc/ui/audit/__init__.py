"""A month of visits."""

from . import charts, view

__all__ = ["charts", "view"]
