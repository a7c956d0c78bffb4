"""Renewing the tables from CMS's own downloads: plan what changes, show it, write it or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import TextIO

import pandas as pd

from chirocalc.checked import checked
from chirocalc.errors import InputError
from chirocalc.tables import (
    CODES_FILE,
    FOLDER,
    UnfinishedError,
    read_whole,
    renewing,
    write_all,
)

from .dollars import in_dollars
from .edits import renew_limits, renew_pairs
from .files import read_cms
from .held import RENEWED, Change, Tables
from .places import check_places, renew_gpcis, renew_zips
from .releases import Release, file_error
from .rvus import renew_factors, renew_rvus
from .undo import ARCHIVE, UNFINISHED, archived

SHOWN = 40  # changes of one table that are shown one by one; of more, how many

WORDS = {
    "work_rvu": "work",
    "pe_rvu_office": "PE office",
    "pe_rvu_facility": "PE facility",
    "mp_rvu": "MP",
    "fee_office": "office",
    "fee_facility": "facility",
}


@dataclass(frozen=True)
class Plan:
    """What releases change. Nothing is written before `write`.

    `diff` has one row per changed value: table, key (a code and part, a locality, a ZIP code, a
    pair), column, old, new; dollars are national, non-APM, as columns fee_office and fee_facility.
    `files` are the new contents of the tables that change, `before` those of all that were read.
    """

    releases: list[Release]
    diff: pd.DataFrame
    notes: list[str]
    files: dict[Path, bytes] = field(repr=False)
    before: dict[Path, bytes] = field(repr=False)
    folder: Path
    today: str

    def write(self) -> None:
        """Put the new tables in place, and the old ones into the archive that `undo` reads: all of
        it or, whatever happens, nothing.

        Raises `InputError` when a file cannot be written, or was changed since the plan was made;
        `UnfinishedError` when all count that cannot be put in place as yet.
        """
        if self.files:
            labels = list(dict.fromkeys(release.label for release in self.releases))
            content = archived(self.before, self.files, self.folder, labels, self.today)
            write_all(self.files | {self.folder / ARCHIVE: content}, self.folder, self.before)

    @property
    def holds(self) -> bool:
        """Whether the tables are still those that it was made from. Raises `InputError`."""
        return read_whole(self.before, self.folder) == self.before


def plan(
    releases: Sequence[Release],
    folder: Path = FOLDER,
    codes_file: Path | None = None,
    today: str | None = None,
) -> Plan:
    """Check releases against the tables of a folder, for the codes of codes.csv, and plan them.

    `codes_file` is the table of codes, by default the app's own, or that of another `folder`.
    Raises `InputError` for what does not fit: nothing of a plan is then written.
    """
    today = today or str(date.today())
    own = CODES_FILE if folder == FOLDER else folder / "codes.csv"
    paths = {name: folder / f"{name}.csv" for name in RENEWED} | {"codes": codes_file or own}
    contents = read_whole(paths.values(), folder)
    before = {name: _checked(contents[path], path.name, name) for name, path in paths.items()}
    tables: Tables = dict(before)
    changes: list[Change] = []
    notes: list[str] = []
    for release, *twins in _in_order(releases, "rvus"):
        for twin in [release, *twins]:
            changes += renew_factors(tables, twin, today)
        found, gone = renew_rvus(tables, release)
        changes += found
        if gone:
            notes.append(f"{release.label} has no row for {', '.join(gone)}")
        factors = tables["conversion_factors"]
        of_year = factors[factors["effective_from"].str.startswith(str(release.year))]
        for basis in of_year.loc[of_year["status"] == "proposed", "basis"]:
            notes.append(f"the {basis} factor of {release.year} is not final: give that file too")
    for release, *_ in _in_order(releases, "gpcis"):
        found, said = renew_gpcis(tables, release)
        changes += found
        notes += said
    for release, *_ in _in_order(releases, "zips"):
        changes += renew_zips(tables, release)
    if places := [release for release in releases if release.kind in ("gpcis", "zips")]:
        check_places(tables, places)
    if parts := [release for release in releases if release.kind == "pairs"]:
        found, said = renew_pairs(tables, parts)
        changes += found
        notes += said
    for release, *_ in _in_order(releases, "limits"):
        changes += renew_limits(tables, release)
    files = _files(before, tables, paths, contents, releases, today)
    diff = pd.DataFrame(changes, columns=["table", "key", "column", "old", "new"], dtype=str)
    return Plan(list(releases), diff, notes, files, contents, folder, today)


@lru_cache(2 * len(RENEWED))
def _checked(content: bytes, file: str, name: str) -> pd.DataFrame:
    """A table as text, checked, with every column that it has. It is the same frame as long as the
    file holds the same: a plan makes new ones of it."""
    RENEWED[name].read(content, file)
    frame = pd.read_csv(BytesIO(content), dtype=str, keep_default_na=False, encoding="utf-8-sig")
    frame = frame.fillna("").map(str.strip).rename(columns=str.strip)
    return frame[(frame != "").any(axis=1)].reset_index(drop=True)


def _in_order(releases: Sequence[Release], kind: str) -> list[list[Release]]:
    """The releases of a kind from the oldest on, those that are the same one together."""
    found: dict[tuple[int, int], list[Release]] = {}
    for release in releases:
        if release.kind == kind:
            found.setdefault((release.year, release.quarter or 0), []).append(release)
    for first, *others in found.values():
        for other in others:
            if not _values(other).equals(_values(first)):
                said = f"is {other.label} as {first.file} is, and has other values"
                raise file_error(other.file, said)
    return [found[when] for when in sorted(found)]


def _values(release: Release) -> pd.DataFrame:
    return release.table.reset_index(drop=True)


def _files(
    before: Tables,
    tables: Tables,
    paths: dict[str, Path],
    contents: dict[Path, bytes],
    releases: Sequence[Release],
    today: str,
) -> dict[Path, bytes]:
    """The new content of each table that changes, checked as the app will read it."""
    noted = tables["releases"].assign(read=_days(before["releases"], tables["releases"]))
    tables = tables | {"releases": noted}
    changed = [name for name in tables if not tables[name].equals(before[name])]
    if changed:
        labels = {(release.kind, release.label) for release in releases}
        loaded = [pair in labels for pair in zip(noted["table"], noted["release"], strict=True)]
        tables["releases"] = noted.assign(read=noted["read"].mask(pd.Series(loaded), today))
        changed = [*(name for name in changed if name != "releases"), "releases"]
    files = {}
    for name in changed:
        content = _as_written(tables[name], contents[paths[name]])
        RENEWED[name].read(content, paths[name].name)
        files[paths[name]] = content
    return files


def _days(before: pd.DataFrame, after: pd.DataFrame) -> list[str]:
    """The day each release was read, as far as it was there before."""
    key = ["table", "release"]
    days = before.set_index(key)["read"].to_dict()
    return [days.get(tuple(pair), "") for pair in after[key].to_numpy()]


def _as_written(table: pd.DataFrame, old: bytes) -> bytes:
    """A table as CSV, with the line ends and the mark at the start that the old file has."""
    ends = "\r\n" if b"\r\n" in old else "\n"
    mark = "utf-8-sig" if old.startswith(b"\xef\xbb\xbf") else "utf-8"
    return str(table.to_csv(index=False, lineterminator=ends)).encode(mark)


@checked
def update(
    paths: Iterable[Path | str],
    check_only: bool,
    ask: Callable[[str], bool],
    out: TextIO,
    quarter: str | None = None,
    folder: Path = FOLDER,
) -> int:
    """Read CMS's files, say what they are and what they change, ask, write: the exit code.

    `quarter` ("2026Q2") is the quarter of files that do not say theirs. Returns 0, or 2 when a
    file cannot be used: what is wrong is then said, and nothing is written.
    """

    def say(text: str) -> None:
        print(text, file=out)

    try:
        releases: list[Release] = []
        for path in map(Path, paths):
            reading = read_cms(path, path.name, quarter)
            for release in reading.releases:
                say(str(release))
                for note in release.notes:
                    say(f"  {note}")
            if reading.left:
                say(f"  not used: {', '.join(reading.left)}")
            releases += reading.releases
        _renew(releases, folder, ask if not check_only else None, say)
    except UnfinishedError as error:
        say(str(error))
        say(UNFINISHED.format(waiting=", ".join(error.waiting)))
        return 2
    except InputError as error:
        say(str(error))
        say("Nothing was written.")
        return 2
    return 0


def _renew(
    releases: list[Release],
    folder: Path,
    ask: Callable[[str], bool] | None,
    say: Callable[[str], None],
) -> None:
    """Plan, show, ask, and write: alone, and from tables that are still those that were shown, or
    else planned anew, shown and asked again. `ask`: None to show only."""
    planned = plan(releases, folder)
    if not _is_agreed(planned, ask, say):
        return
    with renewing(folder, lambda who: say(f"The tables are being updated by {who}: waiting.")):
        if not planned.holds:
            say("The tables were changed meanwhile. From what they are now:")
            planned = plan(releases, folder)
            if not _is_agreed(planned, ask, say):
                return
        planned.write()
    say(f"Written: {', '.join(path.name for path in planned.files)}.")
    say("An app that is running uses them from its next click on.")
    say("python -m chirocalc update --undo goes back to the tables before this update.")


def _is_agreed(
    planned: Plan, ask: Callable[[str], bool] | None, say: Callable[[str], None]
) -> bool:
    """Show a plan, and whether it is to be written."""
    for line in (*_changes_in_words(planned), *in_dollars(planned.before, planned.files)):
        say(line)
    if not planned.files:
        say("Nothing changed: the tables hold these values already.")
    elif ask is None or not ask("Write these changes?"):
        say("Nothing was written.")
    else:
        return True
    return False


def _changes_in_words(planned: Plan) -> Iterable[str]:
    """What a plan changes, one line per code, locality or pair."""
    for table, rows in planned.diff.groupby("table", sort=False):
        new = rows[(rows["column"] == "row") & (rows["old"] == "")]
        keys = rows.drop(new.index).groupby("key", sort=False)
        counts = [f"{len(keys)} change"] if len(keys) else []
        counts += [f"{len(group)} are new ({label})" for label, group in new.groupby("new")]
        yield f"{table}.csv: {', '.join(counts)}"
        for at, (key, group) in enumerate(keys):
            if at == SHOWN and table != "codes":
                yield f"  and {len(keys) - SHOWN:,} more"
                break
            yield f"  {key}: " + ", ".join(_change(*row) for row in group.to_numpy()[:, 2:])
    if planned.files and planned.diff.empty:
        yield "No value changes; the tables say from now on which release they agree with."
    yield from planned.notes


def _change(column: str, old: str, new: str) -> str:
    dollar = "$" if column.startswith("fee") else ""
    was, now = (f"{dollar}{value}" if value else "none" for value in (old, new))
    return f"{WORDS.get(column, column)} {was} → {now}"
