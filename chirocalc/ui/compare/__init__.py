"""Codes side by side."""

from . import charts, view

__all__ = ["charts", "view"]
