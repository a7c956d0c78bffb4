"""`estimate` on one visit, and on a quarter of a million."""

import os
import sys
import time
from collections.abc import Callable
from contextlib import contextmanager

import numpy as np
import pandas as pd
from report import show
from visits import AT_ONCE, some_visits

import chirocalc
from chirocalc.rules import answer

SETTINGS = chirocalc.Settings(provider="pt", locality="01112-05")
CODES = ["98940", "98941", "97110", "97112", "97116", "97124"]
CODES += ["97140", "97150", "97530", "97035", "G0283", "99213"]
VISITS, LINES_EACH = 250_000, 4


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def frames(lines: pd.DataFrame) -> None:
    """The answer, and each of its frames."""
    found = chirocalc.estimate(lines, SETTINGS)
    assert all(len(table) for table in (found.lines, found.visits, found.findings))


def practice_lines() -> pd.DataFrame:
    """Visits as practices bill them, those of the audit's benchmark."""
    parts = [some_visits(first, AT_ONCE) for first in range(0, VISITS, AT_ONCE)]
    table = pd.concat(parts, ignore_index=True)
    minutes = pd.to_numeric(table["Minutes"].where(table["Minutes"] != ""))
    return pd.DataFrame(
        {
            "visit": table["Visit"],
            "code": table["CPT"],
            "minutes": minutes,
            "modifiers": table["Modifiers"],
            "region": table["Region"],
        }
    )


def lines_of_no_two_alike() -> pd.DataFrame:
    """Visits of four different codes each, 0 to 40 minutes, drawn evenly: no practice bills so."""
    random = np.random.default_rng(1)
    picks = random.random((VISITS, len(CODES))).argsort(axis=1)[:, :LINES_EACH].ravel()
    minutes = random.integers(0, 41, len(picks)).astype(float)
    visits = np.repeat(np.arange(VISITS), LINES_EACH)
    return pd.DataFrame({"visit": visits, "code": np.array(CODES)[picks], "minutes": minutes})


@contextmanager
def one_core():
    """Keep this process on one core, where the system can."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def peak_memory() -> str:
    """The most memory this process ever held, where the system tells."""
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return "not known"
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return f"{peak * (1 if sys.platform == 'darwin' else 1024) / 1e6:.0f} MB"


def show_many(name: str, lines: pd.DataFrame, runs: int, aim: float) -> None:
    """A million lines on one core."""
    before = peak_memory()
    with one_core():
        times = [seconds(lambda: frames(lines)) for _ in range(runs)]
    rate = len(lines) / sorted(times)[len(times) // 2]
    note = f"{rate:,.0f} lines/s; peak RSS {peak_memory()}, {before} before"
    show(f"estimate, {VISITS:,} visits {name}", times, "s", aim=aim, note=note)


def main() -> None:
    visit = pd.DataFrame({"code": ["98941", "97110", "97140"], "minutes": [None, 33, 7]})
    services = chirocalc.estimate(visit, SETTINGS).read.services()
    times = [seconds(lambda: answer(services, SETTINGS)) * 1000 for _ in range(1020)][20:]
    show("1 visit of 3 lines, as records", times, "ms", aim=0.1)
    times = [seconds(lambda: chirocalc.estimate(visit, SETTINGS)) * 1000 for _ in range(320)][20:]
    show("  by estimate, frames not asked for", times, "ms", aim=0.8)
    times = [seconds(lambda: frames(visit)) * 1000 for _ in range(320)][20:]
    show("  by estimate, with all three frames", times, "ms")
    show_many("as practices bill", practice_lines(), 5, 1.5)
    show_many("of which no two are alike", lines_of_no_two_alike(), 3, 8)


if __name__ == "__main__":
    main()
