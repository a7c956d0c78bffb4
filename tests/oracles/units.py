"""Timed units by brute force: slow, plain, and sharing nothing with the engine."""

from collections.abc import Sequence

Allocation = tuple[int, ...]


def chart_units(minutes: int) -> int:
    """Walk the chart 8-22 = 1, 23-37 = 2, 38-52 = 3, ... (Pub. 100-04 ch. 5 §20.2)."""
    units, last_minute_of_the_row = 0, 7
    while minutes > last_minute_of_the_row:
        units += 1
        last_minute_of_the_row += 15
    return units


def full_fifteens(minutes: int) -> tuple[int, int]:
    """Take 15 minutes away until fewer are left: how often that worked, and what is left."""
    units = 0
    while minutes >= 15:
        minutes -= 15
        units += 1
    return units, minutes


def valid_allocations(minutes: Sequence[int], rule: str) -> set[Allocation]:
    """Every answer the rule allows: ties branch (cms: Pub. 100-04 ch. 5 §20.2; cpt: midpoint)."""
    if rule == "cpt":
        return {tuple(chart_units(m) for m in minutes)}
    if rule != "cms":
        raise ValueError(rule)
    full, leftover = zip(*(full_fifteens(m) for m in minutes), strict=True)
    outcomes = {full}
    for _ in range(chart_units(sum(minutes)) - sum(full)):
        grown: set[Allocation] = set()
        for allocation in outcomes:
            waiting = [i for i, units in enumerate(allocation) if units == full[i]]
            largest = max(leftover[i] for i in waiting)
            for i in waiting:
                if leftover[i] == largest:
                    grown.add((*allocation[:i], allocation[i] + 1, *allocation[i + 1 :]))
        outcomes = grown
    return outcomes


def is_sensible(allocation: Sequence[int], minutes: Sequence[int]) -> bool:
    """Judge a finished cms answer by what it must look like, without constructing one."""
    full = [m // 15 for m in minutes]
    if sum(allocation) != chart_units(sum(minutes)):
        return False
    if any(units - f not in (0, 1) for units, f in zip(allocation, full, strict=True)):
        return False
    with_extra = [
        m % 15 for units, f, m in zip(allocation, full, minutes, strict=True) if units > f
    ]
    without = [m % 15 for units, f, m in zip(allocation, full, minutes, strict=True) if units == f]
    return not (with_extra and without) or max(without) <= min(with_extra)


def tied_lines(alternatives: set[Allocation]) -> list[bool]:
    """A line is tied when the valid answers disagree about it."""
    return [len(set(units)) > 1 for units in zip(*alternatives, strict=True)]
