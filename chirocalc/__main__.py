"""The command line: `python -m chirocalc audit visits.csv -o findings.csv`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

from . import audit_files, tables
from .audit import Audit, Totals
from .audit_words import summary
from .errors import InputError
from .exports import TableWriter
from .settings import CHOICES, Settings
from .visit_files import FIELDS, Columns, VisitFile

CANNOT = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; 0 when it was done, 2 when the input cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m chirocalc", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    _audit_arguments(commands.add_parser("audit", help="audit files of billed visits"))
    given = parser.parse_args(arguments)
    try:
        return _audit(given)
    except InputError as error:
        print(f"Cannot go on:\n{error}", file=sys.stderr)
        return CANNOT
    except BrokenPipeError:  # the reader of a pipe has gone
        return CANNOT


def _audit_arguments(parser: argparse.ArgumentParser) -> None:
    say = parser.add_argument
    say("files", nargs="+", help="CSV, Parquet or Excel files, or - for standard input")
    say("-o", "--output", type=Path, help="findings, as .csv or .parquet; else standard output")
    say("--lines", type=Path, help="the lines with supported units, as .csv or .parquet")
    say("--refused", type=Path, help="the rows that could not be used, as .csv or .parquet")
    say("--payer", default="medicare", choices=list(tables.payers().index))
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
    say(
        "--leave-out-private",
        action="store_true",
        help="go on without the columns that look like patient data",
    )
    say("--lines-at-once", type=int, default=audit_files.LINES_AT_ONCE, help="bounds the memory")
    say("--engine", choices=["pandas", "dask"], default="pandas")
    say("--scheduler", help="address of a Dask scheduler; else a cluster on this machine")
    say("--workers", type=int, help="of the cluster on this machine")


def _audit(given: argparse.Namespace) -> int:
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
        sources: list[tuple[Any, str]] = [
            (sys.stdin.buffer, "standard input") if name == "-" else (path, path.name)
            for name, path in zip(given.files, paths, strict=True)
        ]
        files = audit_files.open_files(sources)
        columns = _columns(files, given)
        for file in files:
            if file.note:
                print(file.note, file=sys.stderr)
        writers = {
            "findings": opened.enter_context(TableWriter(given.output or sys.stdout.buffer)),
            **{
                name: opened.enter_context(TableWriter(path))
                for name, path in (("lines", given.lines), ("refused", given.refused))
                if path
            },
        }
        parts = _parts(files, paths, columns, settings, given, opened)
        totals = _write(parts, writers)
    print(summary(totals, settings), file=sys.stderr)
    return 0


def _columns(files: list[VisitFile], given: argparse.Namespace) -> Columns:
    """The columns in use: recognized ones, those named, without those that look private."""
    columns = audit_files.columns_of(files)
    header = files[0].header
    for said in given.column:
        name, _, column = said.partition("=")
        if name not in FIELDS or column not in header:
            what = f"--column {said}: the field is one of {', '.join(FIELDS)}, the header one of "
            raise InputError([audit_files.problem(files[0].name, said, what + ", ".join(header))])
        columns[name] = (column,)
    private = audit_files.private(files, columns)
    if private and not given.leave_out_private:
        raise InputError(
            audit_files.problem(
                files[0].name, column, f"{why}. --leave-out-private goes on without it"
            )
            for column, why in private.items()
        )
    return audit_files.without(columns, private)


def _parts(
    files: list[VisitFile],
    paths: list[Path],
    columns: Columns,
    settings: Settings,
    given: argparse.Namespace,
    opened: ExitStack,
) -> Iterator[Audit]:
    if given.engine == "pandas":
        return audit_files.audit_parts(files, columns, settings, given.lines_at_once)
    client = opened.enter_context(closing(audit_files.dask_client(given.scheduler, given.workers)))
    return audit_files.audit_on_dask(files, paths, columns, settings, client)


def _write(parts: Iterator[Audit], writers: dict[str, TableWriter]) -> Totals:
    totals, done, terminal = [], 0, sys.stderr.isatty()
    for part in parts:
        for name, writer in writers.items():
            writer.write(getattr(part, name))
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
    sys.exit(main())
