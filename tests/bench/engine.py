"""`estimate` on one visit, and on a quarter of a million."""

import os
import sys
import time
from contextlib import contextmanager

import numpy as np
import pandas as pd
from report import show

import chirocalc

SETTINGS = chirocalc.Settings(provider="pt", locality="01112-05")
CODES = ["98940", "98941", "97110", "97112", "97116", "97124"]
CODES += ["97140", "97150", "97530", "97035", "G0283", "99213"]
VISITS, LINES_EACH = 250_000, 4


def seconds(lines: pd.DataFrame) -> float:
    start = time.perf_counter()
    chirocalc.estimate(lines, SETTINGS)
    return time.perf_counter() - start


def many_lines() -> pd.DataFrame:
    """Visits of four different codes each, 0 to 40 minutes, the same at every call."""
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


def main() -> None:
    visit = pd.DataFrame({"code": ["98941", "97110", "97140"], "minutes": [None, 33, 7]})
    times = [seconds(visit) * 1000 for _ in range(320)][20:]
    show("estimate, 1 visit of 3 lines", times, "ms", aim=3)

    lines = many_lines()
    before = peak_memory()
    with one_core():
        times = [seconds(lines) for _ in range(5)]
    rate = len(lines) / sorted(times)[len(times) // 2]
    note = f"{rate:,.0f} lines/s; peak RSS {peak_memory()}, {before} before"
    show(f"estimate, {VISITS:,} visits of {len(lines):,} lines", times, "s", aim=2, note=note)


if __name__ == "__main__":
    main()
