"""One code or several: compare, guide, search."""

from . import compare, guide, search
from .guide import Text, national
from .hints import pairs_of, rules_of

__all__ = ["Text", "compare", "guide", "national", "pairs_of", "rules_of", "search"]
