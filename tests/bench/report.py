"""One line per figure: its spread, how many runs, and the aim its median is held to."""

import statistics
from collections.abc import Sequence


def show(
    name: str,
    values: Sequence[float],
    unit: str,
    aim: float | None = None,
    at_least: bool = False,
    note: str = "",
) -> None:
    """Print a figure. The aim is the most the median may be, or the least with `at_least`."""
    ordered = sorted(values)
    median = statistics.median(ordered)
    spread = f"min {ordered[0]:.4g}, "
    if len(ordered) >= 20:
        spread += f"p95 {ordered[round(0.95 * (len(ordered) - 1))]:.4g}, "
    spread += f"max {ordered[-1]:.4g}"
    line = f"{name:<44} median {median:.4g} {unit} ({spread}; {len(ordered)} runs)"
    if aim is not None:
        met = median >= aim if at_least else median <= aim
        bound = "at least" if at_least else "at most"
        line += f"  aim {bound} {aim:g} {unit}: {'met' if met else 'MISSED'}"
    print(line + (f"  {note}" if note else ""), flush=True)
