"""A file of visits to written findings: one core, a plain Python loop over visits, two workers.

python tests/bench/audit.py [--visits 250000] [--plain-lines 50000] [--runs 3]
python tests/bench/audit.py --big [--visits 5000000]   20,000,000 lines, for memory; minutes
"""

import argparse
import csv
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

from engine import one_core
from report import show
from visits import AT_ONCE, LINES_EACH, some_visits

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path.append(str(ROOT / "tests"))

from oracles import audit as oracle  # noqa: E402  # after the path to it

VISITS, BIG = 250_000, 5_000_000
# Run in a process of its own: the command, then its seconds and most resident memory.
MEASURE = """
import sys, time
from chirocalc.__main__ import main
start = time.perf_counter()
code = main(sys.argv[1:])
seconds = time.perf_counter() - start
try:  # not `ru_maxrss`, which a process inherits from the one that started it
    status = open("/proc/self/status").read()
    peak = int(status.partition("VmHWM:")[2].split()[0]) * 1024
except OSError:
    import resource
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(seconds, peak / 1e6)
sys.exit(code)
"""


def write_visits(path: Path, visits: int) -> None:
    """A CSV of so many visits, written in parts so that this process stays small."""
    with path.open("w", newline="", encoding="utf-8") as file:
        for first in range(0, visits, AT_ONCE):
            table = some_visits(first, min(AT_ONCE, visits - first))
            table.to_csv(file, index=False, header=first == 0)


class Run(NamedTuple):
    """Seconds from the file to the written findings, MB at most, and the summary said."""

    seconds: float
    megabytes: float
    summary: str


def by_command(path: Path, output: Path, *more: str) -> Run:
    """The command in a process of its own."""
    command = [sys.executable, "-c", MEASURE, "audit", str(path), "-o", str(output), *more]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ, check=True, capture_output=True, text=True
    )
    seconds, megabytes = map(float, done.stdout.split())
    return Run(seconds, megabytes, done.stderr)


def on_one_core(path: Path, output: Path) -> Run:
    with one_core():
        return by_command(path, output)


def findings_in(output: Path) -> int:
    """How many rows of findings, of which none has a line break in it."""
    with output.open("rb") as file:
        return sum(1 for _ in file) - 1


def rows_of(path: Path) -> Iterator[dict[str, str]]:
    """The lines of a file as the plain loop takes them."""
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            yield {
                "visit": row["Visit"],
                "code": row["CPT"],
                "minutes": row["Minutes"],
                "units": row["Units"],
                "modifiers": row["Modifiers"],
                "region": row["Region"],
                "payer": row["Payer"],
                "place": "",
                "discipline": "",
            }


def by_plain_loop(path: Path, lines: int, output: Path) -> float:
    """Seconds of the plain loop from the first lines of the file to written findings."""
    with one_core(), output.open("w", newline="", encoding="utf-8") as file:
        start = time.perf_counter()
        writer = csv.writer(file)
        writer.writerow(["visit", *oracle.Finding._fields])
        found = oracle.audit(islice(rows_of(path), lines), oracle.Setting())
        writer.writerows(chain([visit], finding) for visit, finding in found)
        return time.perf_counter() - start


def show_one_core(path: Path, output: Path, lines: int, runs: int, big: bool) -> str:
    """The command on one core; its summary, the same at each run."""
    done = [on_one_core(path, output) for _ in range(runs)]
    times = [run.seconds for run in done]
    size, rate = path.stat().st_size / 1e6, lines / statistics.median(times)
    note = f"{rate:,.0f} lines/s; a file of {size:,.0f} MB, {findings_in(output):,} findings"
    is_whole = lines == VISITS * LINES_EACH
    show(f"audit of {lines:,} lines, file to file", times, "s", 4 if is_whole else None, note=note)
    peaks = [run.megabytes for run in done]
    show("  resident memory, the most", peaks, "MB", aim=500 if big else 400)
    (summary,) = {run.summary for run in done}
    return summary


def show_plain_loop(path: Path, output: Path, lines: int, runs: int) -> None:
    """The plain loop, on as many of the first lines as it has the patience for."""
    rates = [lines / by_plain_loop(path, lines, output) for _ in range(runs)]
    note = f"units, MUE, untimed, add-ons, one CMT; no other hints; {lines:,} lines only"
    show("  a plain loop over visits", rates, "lines/s", note=note)


def show_dask(path: Path, output: Path, summary: str) -> bool:
    """The command on two workers; whether it says and finds the same."""
    found = findings_in(output)
    run = by_command(path, output, "--engine", "dask", "--workers", "2")
    same = (run.summary, findings_in(output)) == (summary, found)
    note = "totals and findings as on one core" if same else "OTHER TOTALS than on one core"
    show("  on Dask, two workers, start included", [run.seconds], "s", note=note)
    return same


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visits", type=int, help=f"else {VISITS:,}, or {BIG:,} with --big")
    parser.add_argument("--plain-lines", type=int, default=50_000, help="of the plain loop")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument(
        "--big", action="store_true", help="one run of 20,000,000 lines, for memory"
    )
    given = parser.parse_args()
    visits = given.visits or (BIG if given.big else VISITS)
    lines = visits * LINES_EACH
    with tempfile.TemporaryDirectory() as folder:
        path, output = Path(folder) / "visits.csv", Path(folder) / "findings.csv"
        write_visits(path, visits)
        if given.big:
            show_one_core(path, output, lines, 1, big=True)
            return 0
        summary = show_one_core(path, output, lines, given.runs, big=False)
        show_plain_loop(path, Path(folder) / "plain.csv", min(given.plain_lines, lines), given.runs)
        return int(not show_dask(path, output, summary))


if __name__ == "__main__":
    sys.exit(main())
