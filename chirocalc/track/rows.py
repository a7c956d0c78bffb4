"""A row of the log: what was done on a day and how often; checked, and written in a line of text.

A line has the fields of `Row` with tabs between, those at its end that say nothing left out; of a
row that was deleted only its id and when. Nothing that can be computed is written: no RVU, no
dollars. Rows say nothing of a patient.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Annotated, NamedTuple

from chirocalc import tables
from chirocalc.checked import checked, each_field
from chirocalc.errors import InputError, Problem, nearest
from chirocalc.rules import MOST_MINUTES

from .tags import MOST_LETTERS, tag_fault

STATUSES = ("done", "billed", "paid", "denied")

PLACES = ("", "office", "facility")

MOST_UNITS = MOST_TIMES = 999

FIRST_DAY, LAST_DAY = "2000-01-01", "2099-12-31"

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"

ID = re.compile(r"[0-9a-z]{4,24}")

_STAMP = re.compile(r"[0-9a-z]{1,9}")

_CODE = re.compile(r"[0-9A-Z]{5}")

_DAY = re.compile(r"20\d{6}")

_MODIFIERS = re.compile(r"([0-9A-Z]{2}( [0-9A-Z]{2}){0,9})?")

_PAYER = re.compile(r"[0-9a-z-]{0,40}")

_NUMBER = re.compile(r"\d{1,4}")


class Row(NamedTuple):
    """One kind of service on one day. `stamp`: when it was last changed, in milliseconds since
    1970; `units` go before `minutes`, from which the engine else makes them; `times`: how often it
    was done so; `modifiers` with spaces between; `place` and `payer` by the ids of `Settings`, ""
    for the clinic's; `status`: one of `STATUSES`. Of a row that was deleted the date is ""."""

    id: str
    stamp: int
    date: str = ""
    code: str = ""
    units: int | None = None
    minutes: int | None = None
    times: int = 1
    modifiers: str = ""
    place: str = ""
    payer: str = ""
    tag: str = ""
    status: str = "done"

    @property
    def is_deleted(self) -> bool:
        return not self.date


GivenRow = Annotated[Row, each_field(Row)]


def write_row(row: Row) -> str:
    """A row as a line of text."""
    fields = (
        row.id,
        in_letters(row.stamp),
        row.date.replace("-", ""),
        row.code,
        "" if row.units is None else str(row.units),
        "" if row.minutes is None else str(row.minutes),
        "" if row.times == 1 else str(row.times),
        row.modifiers,
        row.place,
        row.payer,
        row.tag,
        "" if row.status == STATUSES[0] else row.status,
    )
    return "\t".join(fields).rstrip("\t")


def read_row(line: str) -> Row | None:
    """The row of a line of text; None of a line that is none."""
    fields = line.split("\t")
    if len(fields) < 2 or len(fields) > len(Row._fields):
        return None
    id_, stamp, day, code, units, minutes, times, modifiers, place, payer, tag, status = fields + [
        ""
    ] * (len(Row._fields) - len(fields))
    if not (ID.fullmatch(id_) and _STAMP.fullmatch(stamp)):
        return None
    if len(fields) == 2:
        return Row(id_, int(stamp, 36))
    if not (
        _is_day(day)
        and _CODE.fullmatch(code)
        and (not units or (_NUMBER.fullmatch(units) and int(units) <= MOST_UNITS))
        and (not minutes or (_NUMBER.fullmatch(minutes) and int(minutes) <= MOST_MINUTES))
        and (not times or (_NUMBER.fullmatch(times) and 1 <= int(times) <= MOST_TIMES))
        and _MODIFIERS.fullmatch(modifiers)
        and place in PLACES
        and _PAYER.fullmatch(payer)
        and len(tag) <= MOST_LETTERS
        and (not status or status in STATUSES)
    ):
        return None
    return Row(
        id_,
        int(stamp, 36),
        f"{day[:4]}-{day[4:6]}-{day[6:]}",
        code,
        int(units) if units else None,
        int(minutes) if minutes else None,
        int(times) if times else 1,
        modifiers,
        place,
        payer,
        tag,
        status or STATUSES[0],
    )


@checked
def read_rows(text: str) -> tuple[list[Row], list[str]]:
    """The rows of lines of text, and the lines that are none."""
    rows, odd = [], []
    for line in text.split("\n"):
        if line:
            row = read_row(line)
            if row is None:
                odd.append(line)
            else:
                rows.append(row)
    return rows, odd


@checked
def write_rows(rows: Iterable[Row]) -> str:
    """Rows as lines of text."""
    return "\n".join(map(write_row, rows))


@checked
def check_row(
    row: GivenRow, where: str = "log", number: int | None = None, tells: bool = True
) -> Row:
    """A row as a user gives it, its words cleaned. Raises `InputError` naming each field that
    cannot be used; of a tag that looks like a patient's the value is not repeated. `tells` whether
    codes near an unknown one are named, which takes a while."""
    problems = []

    def fault(column: str, value: object, allowed: str) -> None:
        problems.append(Problem(where, number, column, value, allowed))

    code = row.code.strip().upper()
    if not _is_day(row.date.replace("-", "")) or len(row.date) != 10:
        fault("date", row.date, "must be a day such as 2026-03-02")
    if code not in code_names():
        near = f" ({nearest(code, code_names())})" if tells else ""
        fault("code", code, f"is not in codes.csv{near}")
    for name, value, least, most in (
        ("units", row.units, 1, MOST_UNITS),
        ("minutes", row.minutes, 0, MOST_MINUTES),
        ("times", row.times, 1, MOST_TIMES),
    ):
        if value is not None and not least <= value <= most:
            fault(name, value, f"must be a whole number from {least} to {most:,}")
    modifiers = " ".join(dict.fromkeys(row.modifiers.upper().replace(",", " ").split()))
    if not _MODIFIERS.fullmatch(modifiers):
        fault("modifiers", row.modifiers, "must be two characters each, such as GP 59")
    if row.place not in PLACES:
        fault("place", row.place, "must be office, facility or empty")
    if row.payer and row.payer not in tables.payers().index:
        fault("payer", row.payer, "must be a payer of the list, or empty")
    if row.status not in STATUSES:
        fault("status", row.status, f"must be one of {', '.join(STATUSES)}")
    tag = " ".join(row.tag.split())
    if tag and (why := tag_fault(tag)):
        fault("tag", "", why)
    if problems:
        raise InputError(problems)
    return row._replace(code=code, modifiers=modifiers, tag=tag)


def _is_day(digits: str) -> bool:
    if not _DAY.fullmatch(digits):
        return False
    try:
        date.fromisoformat(f"{digits[:4]}-{digits[4:6]}-{digits[6:]}")
    except ValueError:
        return False
    return True


@tables.kept
def code_names() -> frozenset[str]:
    """Every code there is, without the parts of services."""
    return frozenset(str(code) for code in tables.codes()["code"])


def in_letters(number: int) -> str:
    """A whole number from 0 in digits and letters, as `int(text, 36)` reads it."""
    text = ""
    while number:
        number, rest = divmod(number, len(DIGITS))
        text = DIGITS[rest] + text
    return text or "0"
