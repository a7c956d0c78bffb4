"""Modifiers and regions as bits, in the order of their tables."""

from __future__ import annotations

from functools import cache, lru_cache

from . import declared


@lru_cache(maxsize=4096)
def modifier_bits(words: str) -> int:
    """Modifiers of the table as bits; ones it does not have are left out."""
    known = _places("modifiers")
    return sum(1 << known[word] for word in set(words.split()) if word in known)


@lru_cache(maxsize=4096)
def region_bits(regions: str) -> int:
    """Regions ("lumbar|head") as bits in the order of the region table."""
    known = _places("regions")
    names = {name.strip() for name in regions.split("|")}
    return sum(1 << known[name] for name in names if name in known)


def ordered(bits: int) -> list[str]:
    """Modifiers, given as bits of the modifier table, in the order they stand on a line."""
    return [name for name, at in _places("modifiers").items() if bits >> at & 1]


@cache
def _places(table: str) -> dict[str, int]:
    index = {"modifiers": declared.modifiers, "regions": declared.regions}[table]().index
    return {str(name): at for at, name in enumerate(index)}
