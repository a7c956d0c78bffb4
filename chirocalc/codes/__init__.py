"""One code or several: compare, guide, search."""

from . import compare, guide, search
from .guide import Text, national

__all__ = ["Text", "compare", "guide", "national", "search"]
