"""One code, or the table of all."""

from . import note, table, view

__all__ = ["note", "table", "view"]
