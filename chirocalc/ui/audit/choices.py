"""Boxes in which one value, several together or none can be chosen, and the filters' own."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from chirocalc.ui.shared import Values

# The filters of the findings, and what is not given in each.
FILTERS = {
    "rule": ("Rule", ""), "code": ("Code", "whole visit"), "provider": ("Provider", "not given"),
    "month": ("Month", "no date"),
}  # fmt: skip


def named(nothing: str, names: Mapping[str, str] | None = None) -> Callable[[Values], str]:
    """Words for a choice of nothing, or of values; a value that is called so stands in quotes."""
    words = names or {}
    taken = {nothing, *words.values()}

    def name(values: Values) -> str:
        text = " + ".join(values)
        return words.get(text, f"'{text}'" if text in taken else text) if values else nothing

    return name
