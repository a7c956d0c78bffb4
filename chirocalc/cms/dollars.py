"""What other tables make of a few visits, in dollars: before, after, the difference.

The visits are the three adjustments and the worked examples with an amount, as Medicare pays a
participating office; those of a year by the last of its periods.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from chirocalc.rules import Settings, estimate, local_amounts
from chirocalc.tables import book, books, code_arrays, in_use, localities, rates, worked_examples
from chirocalc.words import money

from .held import RENEWED

ADJUSTMENTS = ("98940", "98941", "98942")

BY_FILE = {table.file for table in RENEWED.values()}

Years = dict[str, rates.Period]  # each year's last period


def in_dollars(before: Mapping[Path, bytes], changed: Mapping[Path, bytes]) -> Iterator[str]:
    """Lines of a table of visits for each year in which a visit's dollars change; with other
    indices also in the areas that gain and lose the most. None while all stays.

    `before` are contents of tables, by the files they stand in, and `changed` those that replace
    some of them.
    """
    old, new = _book(before), _book({**before, **changed})
    then, now = _years(old), _years(new)
    areas_change = any(path.name == RENEWED["localities"].file for path in changed)
    for year in sorted(then | now):
        if year not in now:
            yield f"{year} is no longer loaded: its visits are refused."
            continue
        was = then.get(year) or max(then.values(), default=None)
        if was is None:
            continue
        places = ["national", *(_extremes(old, new, was, now[year]) if areas_change else ())]
        for place in places:
            yield from _table(old, new, was, now[year], place)


def _book(contents: Mapping[Path, bytes]) -> books.Book:
    """The tables in use with these in the place of theirs; codes.csv may have another name."""
    here = book()
    names = {path.name if path.name in BY_FILE else RENEWED["codes"].file: content
             for path, content in contents.items()}  # fmt: skip
    return here.next({**here.contents, **names})


def _years(here: books.Book) -> Years:
    with in_use(here):
        return {each.first[:4]: each for each in rates.periods()}


def _table(
    old: books.Book, new: books.Book, was: rates.Period, now: rates.Period, place: str
) -> Iterator[str]:
    """A heading and a line for each visit whose dollars change."""
    before, after = _amounts(old, was, place), _amounts(new, now, place)
    lines = [
        f"  {visit:<24}{money(before[visit]):>10}{money(amount):>10}"
        f"{_signed(amount - before[visit]):>10}"
        for visit, amount in after.items()
        if visit in before and f"{amount:.2f}" != f"{before[visit]:.2f}"
    ]
    if lines:
        with in_use(new):
            where = "nationally" if place == "national" else f"in {localities().at[place, 'name']}"
        years = now.name if was.name == now.name else f"{was.name}, then of {now.name}"
        yield f"Visits at the rates of {years}, {where}:"
        yield f"  {'':<24}{'before':>10}{'after':>10}{'change':>10}"
        yield from lines


def _signed(dollars: float) -> str:
    return f"+{money(dollars)}" if dollars > 0 else money(dollars)


def _visits() -> dict[str, list[tuple[str, int | None]]]:
    """Codes and minutes of each visit by its name, of codes that the table has."""
    examples = worked_examples()
    services = examples.loc[examples["kind"] == "allowed", "services"].drop_duplicates()
    visits: dict[str, list[tuple[str, int | None]]] = {code: [(code, None)] for code in ADJUSTMENTS}
    for words in services:
        parts = [part.split(":") for part in words.split()]
        name = ", ".join(f"{code} {minutes} min" for code, minutes in parts)
        visits[name] = [(code, int(minutes)) for code, minutes in parts]
    known = code_arrays().names
    return {name: lines for name, lines in visits.items() if known.issuperset(dict(lines))}


def _amounts(here: books.Book, period: rates.Period, place: str) -> dict[str, float]:
    """Dollars allowed for each visit."""
    with in_use(here):
        rows = [(name, *line) for name, lines in _visits().items() for line in lines]
        lines = pd.DataFrame(rows, columns=["visit", "code", "minutes"])
        allowed = estimate(lines, _settings(period, place)).visits["allowed"]
        return {str(visit): float(dollars) for visit, dollars in allowed.items()}


def _settings(period: rates.Period, place: str = "national") -> Settings:
    return Settings(provider="any", locality=place, date=period.last)


def _extremes(
    old: books.Book, new: books.Book, was: rates.Period, now: rates.Period
) -> Iterator[str]:
    """The localities whose fees for these codes gain and lose the most, all together."""
    change = (_sums(new, now) - _sums(old, was)).dropna().round(2)
    for place in dict.fromkeys([change.idxmax(), change.idxmin()] if len(change) else []):
        if change[place]:
            yield str(place)


def _sums(here: books.Book, period: rates.Period) -> pd.Series:
    with in_use(here):
        codes = {code for lines in _visits().values() for code, _ in lines}
        return local_amounts(_settings(period))[sorted(codes)].sum(axis=1)
