"""One code."""

from . import view

__all__ = ["view"]
