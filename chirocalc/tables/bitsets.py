"""Modifiers and regions as bits, in the order of their tables."""

from __future__ import annotations

from chirocalc.checked import checked

from .books import kept
from .rule_tables import modifiers, regions


@kept(most=4096)
@checked
def modifier_bits(words: str) -> int:
    """Modifiers of the table as bits; ones it does not have are left out."""
    known = modifier_places()
    return sum(1 << known[word] for word in set(words.split()) if word in known)


@kept(most=4096)
@checked
def region_bits(text: str) -> int:
    """Regions ("lumbar|head") as bits in the order of the region table."""
    names = {name.strip() for name in text.split("|")}
    return sum(1 << at for at, name in enumerate(region_names()) if name in names)


@checked
def ordered(bits: int) -> list[str]:
    """Modifiers, given as bits of the modifier table, in the order they stand on a line."""
    return [name for name, at in modifier_places().items() if bits >> at & 1]


@kept
def modifier_places() -> dict[str, int]:
    """Where in its table each modifier stands."""
    return {str(name): at for at, name in enumerate(modifiers().index)}


@kept
def region_names() -> list[str]:
    """The ids of the regions in the order of their table."""
    return [str(name) for name in regions().index]
