"""One code, or the table of all."""

from . import table, view

__all__ = ["table", "view"]
