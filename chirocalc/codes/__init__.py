"""One code or several: compare, guide, look up, search."""

from . import compare, guide, search
from .guide import Box, Text, national
from .hints import pairs_of, rules_of
from .look_up import exact, fitting, look_up

__all__ = [
    "Box",
    "Text",
    "compare",
    "exact",
    "fitting",
    "guide",
    "look_up",
    "national",
    "pairs_of",
    "rules_of",
    "search",
]
