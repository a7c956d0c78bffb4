"""Where every number is from."""

from . import view

__all__ = ["view"]
