"""One code or several: compare, guide, search."""

from . import compare, guide, search
from .guide import NATIONAL, Text

__all__ = ["NATIONAL", "Text", "compare", "guide", "search"]
