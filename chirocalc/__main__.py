"""The command line: `python -m chirocalc audit visits.csv`, `python -m chirocalc update FILE`,
`python -m chirocalc check`."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from itertools import combinations
from pathlib import Path
from types import FrameType
from typing import Any, TextIO

from chirocalc import tables
from chirocalc.audit import (
    FIELDS,
    LINES_AT_ONCE,
    Audit,
    Columns,
    How,
    Totals,
    VisitFile,
    audit_on_dask,
    audit_parts,
    check_columns,
    check_for_dask,
    columns_of,
    dask_client,
    minutes_in,
    open_files,
    payers_of,
    private_of,
    problem,
    summary,
    without_columns,
)
from chirocalc.cms import undo, update, verify
from chirocalc.errors import InputError, Problem
from chirocalc.exports import TableWriter
from chirocalc.rules import CHOICES, Settings, hint_faults
from chirocalc.sheets import stamped

CANNOT = 2
ENDINGS = ("", ".csv", ".parquet")
_signals: list[int] = []  # those that came to stop the process


def run() -> int:
    """The command as a process: stopped by a signal, it cleans up and ends without a traceback."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):  # not all systems have all, and nohup leaves one
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _stop)
    try:
        return main()
    finally:
        if _signals:
            print("Stopped.", file=sys.stderr)


def _stop(number: int, frame: FrameType | None) -> None:
    _signals.append(number)
    _end_if_stopped()


def _end_if_stopped() -> None:
    """What a signal raises may get lost, as in a destructor: so it is asked for again."""
    if _signals:
        raise SystemExit(128 + _signals[0])  # as shells say it


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; 0 when it was done, 1 when amounts differ from CMS's, 2 when the input cannot
    be used."""
    parser = argparse.ArgumentParser(prog="python -m chirocalc", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    _audit_arguments(commands.add_parser("audit", help="audit files of billed visits"))
    _update_arguments(commands.add_parser("update", help="renew the tables from CMS's own files"))
    commands.add_parser("check", help="check all tables, and what they say of each other")
    given = parser.parse_args(arguments)
    try:
        return {"audit": _audit, "update": _update, "check": _check_tables}[given.command](given)
    except InputError as error:
        print(f"Cannot go on:\n{error}", file=sys.stderr)
        return CANNOT
    except BrokenPipeError:  # the reader of a pipe has gone
        return CANNOT


def _update_arguments(parser: argparse.ArgumentParser) -> None:
    say = parser.add_argument
    say("files", nargs="*", metavar="FILE", type=Path, help="as CMS publishes it, zipped or not")
    say("--undo", action="store_true", help="go back to the tables before the last update")
    say(
        "--verify",
        action="store_true",
        help="compare CMS's payment amounts (PFALL, PFREV) with those computed here",
    )
    say("--check", action="store_true", help="only show what would change")
    say("--yes", action="store_true", help="write without asking")
    say("--quarter", help="such as 2026Q4, of a file that does not say its quarter")


def _update(given: argparse.Namespace) -> int:
    _check_update(given)
    if given.verify:
        return verify(given.files, sys.stdout, given.quarter)
    ask = (lambda _: True) if given.yes else _asked
    if given.undo:
        return undo(given.check, ask, sys.stdout)
    return update(given.files, given.check, ask, sys.stdout, given.quarter)


def _check_update(given: argparse.Namespace) -> None:
    """Raise `InputError` for arguments that do not go together."""
    what = "--undo" if given.undo else "--verify" if given.verify else "update"
    wrong = {
        "takes no files": given.undo and given.files,
        "needs one of CMS's files, or more": not given.undo and not given.files,
        "goes alone": given.undo and (given.verify or given.quarter),
        "writes nothing: leave out --check and --yes": given.verify and (given.check or given.yes),
    }
    for said, found in wrong.items():
        if found:
            raise InputError([Problem("update", None, "arguments", what, said)])


def _check_tables(_given: argparse.Namespace) -> int:
    faulty = False
    for table, rows, found in tables.check_all():
        problems = found or (_hint_faults() if table is tables.hints else [])
        faulty |= bool(problems)
        print(f"{table.file}: {rows:,} rows" + (":" if problems else ", no fault"))
        for each in problems:
            print(f"  {each}")
    return CANNOT if faulty else 0


def _hint_faults() -> list[Problem]:
    try:
        return hint_faults()
    except InputError:  # of another table, and said of that one
        return []


def _asked(question: str) -> bool:
    try:
        return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:  # nobody there to answer
        print(file=sys.stdout)
        return False


def _audit_arguments(parser: argparse.ArgumentParser) -> None:
    say = parser.add_argument
    say("files", nargs="+", help="CSV, Parquet or Excel files, or - for standard input")
    say("-o", "--output", type=Path, help="findings, as .csv or .parquet; else standard output, -")
    say("--lines", type=Path, help="the lines with supported units, as .csv or .parquet")
    say("--refused", type=Path, help="the rows that could not be used, as .csv or .parquet")
    say("--payer", default="medicare", choices=_payers())
    say("--locality", default="national", help="such as 06102-16, or a ZIP code")
    say("--place", default="office", choices=CHOICES["place"])
    say("--who", default="chiropractor", choices=CHOICES["provider"], help="who treats")
    say("--rule", choices=["cms", "cpt"], help="the unit rule; else the payer's")
    say("--percent", type=float, help="of the fee schedule; else the payer's")
    say(
        "--column",
        action="append",
        default=[],
        metavar="FIELD=HEADER",
        help=f"the column of a field: {', '.join(FIELDS)}",
    )
    say("--sheet", help="of a workbook; else the one that looks most like visits")
    say("--payers", type=Path, metavar="FILE", help="CSV of names in the files and payers' ids")
    say(
        "--minutes",
        choices=["line", "visit"],
        help="what minutes are that are the same on all timed lines of a visit",
    )
    say(
        "--leave-out-private",
        action="store_true",
        help="go on without the columns that look like patient data",
    )
    say("--lines-at-once", type=int, default=LINES_AT_ONCE, help="bounds the memory")
    say("--engine", choices=["pandas", "dask"], default="pandas")
    say("--scheduler", help="address of a Dask scheduler; else a cluster on this machine")
    say("--workers", type=int, help="of the cluster on this machine")


def _payers() -> list[str] | None:
    """The payers to choose from; any while their table cannot be read, which is then said."""
    try:
        return list(tables.payers().index)
    except InputError:
        return None


@tables.in_use()
def _audit(given: argparse.Namespace) -> int:
    _check(given)
    locality = given.locality
    if locality.isdigit():
        locality = tables.locality_of_zip(locality).locality
    settings = Settings(
        payer=given.payer,
        locality=locality,
        place=given.place,
        provider=given.who,
        unit_rule=given.rule,
        percent=given.percent,
    )
    with ExitStack() as opened:
        paths = [Path(name) for name in given.files]
        files = open_files(_sources(given.files), given.sheet)
        if given.engine == "dask":
            check_for_dask(files)
        columns = _columns(files, given)
        for file in files:
            if file.note:
                print(file.note, file=sys.stderr)
        writers = {name: _writer(path, opened) for name, path in _outputs(given).items()}
        if "findings" not in writers:
            writers["findings"] = _writer(_standard(sys.stdout, "output"), opened)
        parts = _parts(files, paths, columns, settings, given, opened)
        totals = _write(parts, writers, settings)
    print(summary(totals, settings, columns), file=sys.stderr)
    return 0


def _writer(output: Any, opened: ExitStack) -> TableWriter:
    """A writer that is left with the stack, even when a signal comes while it is entered."""
    writer = TableWriter(output)
    opened.push(writer)
    return writer.__enter__()


def _check(given: argparse.Namespace) -> None:
    """Raise `InputError` for arguments that do not go together."""
    on_dask = given.engine == "dask"
    for name in ("lines_at_once", "workers"):
        value = getattr(given, name)
        if value is not None and value < 1:
            raise _cannot(f"--{name.replace('_', '-')}", value, "must be 1 or more")
    for name in ("workers", "scheduler"):
        if getattr(given, name) is not None and not on_dask:
            raise _cannot(f"--{name}", getattr(given, name), "needs --engine dask")
    if on_dask and "-" in given.files:
        raise _cannot("file", "-", "cannot be read on Dask: save standard input as a file")
    for one, other in combinations(given.files, 2):
        if _same(Path(one), Path(other)):
            raise _cannot("file", other, "is given twice")
    outputs = list(_outputs(given).values())
    for path in outputs:
        if path.suffix.lower() not in ENDINGS:
            raise _cannot("output", path.name, "must end with .csv or .parquet")
        if any(_same(path, Path(name)) for name in given.files if name != "-"):
            raise _cannot("output", path.name, "is a file to be audited: choose another name")
    for path, other_path in combinations(outputs, 2):
        if _same(path, other_path) and not _is_device(path):
            raise _cannot("output", path.name, "is given for two outputs")


def _cannot(what: str, value: object, allowed: str) -> InputError:
    return InputError([Problem("audit", None, what, value, allowed)])


def _outputs(given: argparse.Namespace) -> dict[str, Path]:
    """The files that are to be written, by what goes into them."""
    named = {"findings": given.output, "lines": given.lines, "refused": given.refused}
    return {name: path for name, path in named.items() if path and path != Path("-")}


def _same(one: Path, other: Path) -> bool:
    """Whether two names are of one file, there or not."""
    if one.exists() and other.exists():
        return one.samefile(other)
    return one.resolve() == other.resolve()


def _is_device(path: Path) -> bool:
    return path.exists() and not path.is_file()


def _sources(names: Sequence[str]) -> list[tuple[Any, str]]:
    """What is to be opened, and how it is called: by its path where two files have one name."""
    short = [Path(name).name for name in names]
    return [
        (_standard(sys.stdin, "input"), "standard input")
        if name == "-"
        else (Path(name), last if short.count(last) == 1 else name)
        for name, last in zip(names, short, strict=True)
    ]


def _standard(stream: TextIO | None, name: str) -> Any:
    """The bytes of a standard stream; there is none where it was closed."""
    if stream is None:
        raise _cannot(f"standard {name}", "-", "is closed")
    return stream.buffer


def _columns(files: list[VisitFile], given: argparse.Namespace) -> Columns:
    """The columns in use: recognized ones, those named, without those that look private."""
    columns = columns_of(files)
    header = files[0].header
    for said in given.column:
        name, _, column = said.partition("=")
        if name not in FIELDS or column not in header:
            what = f"--column {said}: the field is one of {', '.join(FIELDS)}, the header one of "
            raise InputError([problem(files[0].name, said, what + ", ".join(header))])
        columns[name] = (column,)
    private = private_of(files, columns)
    if private and not given.leave_out_private:
        raise InputError(
            [
                *_missing(files[0], without_columns(columns, private)),
                *(
                    problem(file.name, column, f"{why}. --leave-out-private goes on without it")
                    for file in files
                    for column, why in private_of([file], columns).items()
                ),
            ]
        )
    return without_columns(columns, private)


def _missing(file: VisitFile, columns: Columns) -> list[Problem]:
    """What else the file lacks, said before what looks private."""
    try:
        check_columns(columns, file.name)
    except InputError as error:
        return list(error.problems)
    return []


def _how(given: argparse.Namespace, columns: Columns) -> How:
    """How rows are understood, as the arguments say."""
    payers = payers_of(given.payers) if given.payers else {}
    return How(payers, given.minutes or minutes_in(columns))


def _parts(
    files: list[VisitFile],
    paths: list[Path],
    columns: Columns,
    settings: Settings,
    given: argparse.Namespace,
    opened: ExitStack,
) -> Iterator[Audit]:
    if given.engine == "pandas":
        return audit_parts(files, columns, settings, given.lines_at_once, _how(given, columns))
    client = opened.enter_context(closing(dask_client(given.scheduler, given.workers)))
    return audit_on_dask(files, paths, columns, settings, client, how=_how(given, columns))


def _write(parts: Iterator[Audit], writers: dict[str, TableWriter], settings: Settings) -> Totals:
    totals, done, terminal = [], 0, sys.stderr.isatty()
    for part in parts:
        for name, writer in writers.items():
            table = getattr(part, name)
            writer.write(table if name == "refused" else stamped(table, settings.period))
        _end_if_stopped()
        totals.append(part.totals)
        done += part.totals.rows["used"] + part.totals.rows["refused"]
        if terminal:
            print(f"\r{done:,} rows", end="", file=sys.stderr, flush=True)
        if len(totals) > 1:
            totals = [Totals.add(totals)]
    if terminal:
        print(file=sys.stderr)
    return totals[0]


if __name__ == "__main__":
    sys.exit(run())
