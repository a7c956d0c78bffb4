"""An audit of billed visits: the same engine over many lines, billed units beside supported ones.

`audit(lines, settings)` takes the lines of `rows.read_rows`. Each finding has the dollars and
RVUs at stake: of units, billed less supported (minus where fewer were billed); of a hint, those of
the line as billed. Sums are whole cents and hundredths, so that parts add up to the whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from chirocalc import tables
from chirocalc.arrays import Ints, numbered, texts
from chirocalc.errors import InputError
from chirocalc.rules import ReadLines, Settings, Worth, follow_all, price_lines, read_lines, terms
from chirocalc.tables import manipulation_kinds, modifier_bits, ordered, rates

from .billed import Billed, Compared, compare, stakes_of_units
from .findings import all_findings, suggested
from .rows import REFUSED
from .totals import Totals, sum_up

FINDINGS = [
    "row", "visit", "month", "provider", "payer", "code", "rule", "level", "modifier", "text",
    "dollars", "rvus", "source",
]  # fmt: skip

NOT_LOADED = "is a day for which no tables are loaded"

ACTIVE, WITH_ABN, WITHOUT_ABN = "AT", "GA", "GZ"


@dataclass
class Audit:
    """`lines`: one row per visit and code: row (the first in the file), visit, month, provider,
    payer, code, minutes, billed, supported (by the payer's rule; missing where minutes are),
    units_cms, units_cpt, modifiers, region, suggested (modifiers, not confirmed), allowed (dollars
    of the units billed, or supported where none were given), work_rvu, total_rvu, covered.
    `findings`: columns `FINDINGS`. `refused`: rows the engine does not take, columns `REFUSED`.
    `totals`: what `Totals.add` sums up over several parts."""

    lines: pd.DataFrame
    findings: pd.DataFrame
    refused: pd.DataFrame
    totals: Totals


@tables.in_use()
def audit(
    rows: pd.DataFrame,
    settings: Settings,
    incomplete: Iterable[str] = (),
    has_units: bool | None = None,
) -> Audit:
    """Audit lines under the settings; payer, place, who treats and date of a visit's first row go
    before them, and AT, GA or GZ on its adjustment says whether the treatment was active.

    Rows that the engine does not take, such as an unknown code, are refused; of the visits they are
    from, and of those called `incomplete`, units are not compared. `has_units`: whether the file
    says units at all; None where the rows show it.
    """
    rows, read, refused = _taken(rows.reset_index(drop=True))
    partial = read.visits.isin([*incomplete, *refused["visit"]])
    group, chosen = _settings_of_visits(rows, read, settings)
    here = [terms(each) for each in chosen]
    by_line = group[read.lines.visit]

    billed = Billed.of(rows, read, partial[read.lines.visit], has_units)
    lines, compared = compare(read.lines, billed, np.array([each.rule for each in chosen])[by_line])
    cents, found = follow_all(lines, compared.used, group, here)
    worth = price_lines(lines.key, compared.used, cents, by_line, here)
    stakes = stakes_of_units(lines, compared, worth, group, here)

    table = _lines(rows, read, compared, worth, np.array([each.payer for each in chosen])[by_line])
    listed = all_findings(lines, compared, worth, stakes, found, billed.partial)
    table["suggested"] = suggested(listed, len(table))
    sums = sum_up(table, listed, lines, worth)
    sums.rows |= {"used": len(rows), "refused": len(refused), "incomplete": int(partial.sum())}
    by_row = np.argsort(table["row"].to_numpy(), kind="stable")
    return Audit(
        table.take(by_row).reset_index(drop=True), listed.frame(table)[FINDINGS], refused, sums
    )


def _taken(rows: pd.DataFrame) -> tuple[pd.DataFrame, ReadLines, pd.DataFrame]:
    """The rows the engine takes, read, and those it does not: it is asked, and what it names is
    refused."""
    late = ((rates.number_of(rows["date"]) < 0) & (rows["date"] != "")).to_numpy()
    refused: list[tuple[int, str, str, object, str]] = [
        (int(row), str(visit), "date", day, NOT_LOADED)
        for row, visit, day in rows.loc[late, ["row", "visit", "date"]].itertuples(index=False)
    ]
    rows = rows[~late].reset_index(drop=True)
    while True:
        try:
            read = read_lines(rows)
        except InputError as error:
            odd = {problem.row - 1: problem for problem in reversed(error.problems) if problem.row}
            if not odd:
                raise
            refused += [
                (
                    int(rows.at[at, "row"]),
                    str(rows.at[at, "visit"]),
                    problem.column,
                    _shown(problem.value),
                    problem.allowed,
                )
                for at, problem in odd.items()
            ]
            rows = rows.drop(index=list(odd)).reset_index(drop=True)
        else:
            table = pd.DataFrame(refused, columns=REFUSED).sort_values("row", ignore_index=True)
            return rows, read, table


def _shown(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # numbers are floats here
    return "" if value is None else str(value)


def _settings_of_visits(
    rows: pd.DataFrame, read: ReadLines, settings: Settings
) -> tuple[Ints, list[Settings]]:
    """Which settings each visit goes by, as a number, and the settings."""
    if rows.empty:
        return np.zeros(0, np.int64), [settings]
    first = numbered(read.lines.visit[read.line_of])[1]
    treatment, days = _said_of_treatment(read), rates.number_of(rows["date"].iloc[first])
    mixed = treatment * (len(rates.periods()) + 1) + days
    said = [pd.factorize(rows[name].iloc[first]) for name in ("payer", "place", "discipline")]
    for numbers, found in said:
        mixed = mixed * (len(found) + 1) + numbers
    group, examples = numbered(mixed)
    chosen = []
    for at in examples.tolist():
        payer, place, discipline = (str(found[numbers[at]]) for numbers, found in said)
        here = replace(
            settings,
            payer=payer or settings.payer,
            place=place or settings.place,
            provider=discipline or settings.provider,
            date=rates.periods()[days[at]].first if days[at] >= 0 else settings.date,
        )
        if here.payer != settings.payer:  # what was set is about the payer set
            here = replace(here, unit_rule=None, percent=None, mppr=None, therapy_modifier=None)
        chosen.append(_with_treatment(here, int(treatment[at])))
    return group, chosen


def _said_of_treatment(read: ReadLines) -> Ints:
    """Which of AT, GA and GZ stand on the adjustments of each visit, as bits 1, 2 and 4."""
    lines, known = read.lines, tables.records()
    spinal = [
        known[code].at
        for code, kind in manipulation_kinds().items()
        if kind == "spinal" and code in known
    ]
    mine = np.isin(lines.key, spinal)
    out = np.zeros(len(read.visits), np.int64)
    for bit, word in enumerate((ACTIVE, WITH_ABN, WITHOUT_ABN)):
        has = mine & ((lines.modifiers & modifier_bits(word)) > 0)
        out[lines.visit[has]] |= 1 << bit
    return out


def _with_treatment(settings: Settings, bit: int) -> Settings:
    if bit & 1:
        return replace(settings, phase="active")
    if bit & 6:
        return replace(settings, phase="maintenance", abn=bool(bit & 2))
    return settings


def _lines(
    rows: pd.DataFrame,
    read: ReadLines,
    compared: Compared,
    worth: Worth,
    payer: np.ndarray,
) -> pd.DataFrame:
    """`Audit.lines` but for what is suggested, in the order of the engine's lines."""
    first = numbered(read.line_of)[1]
    about = rows[["row", "visit", "date", "provider"]].take(first).reset_index(drop=True)
    day, days = pd.factorize(about["date"])
    provider, providers = pd.factorize(about["provider"])
    lines, counted = read.lines, compared.counted
    return pd.DataFrame(
        {
            "row": about["row"],
            "visit": about["visit"],
            "month": texts([str(each)[:7] for each in days], day),
            "provider": texts([str(each) for each in providers], provider),
            "payer": payer,
            "code": texts([code.code for code in tables.code_list()], lines.key),
            "minutes": pd.arrays.IntegerArray(lines.minutes, ~lines.has_minutes),
            "billed": pd.arrays.IntegerArray(compared.billed.units, ~compared.billed.given),
            "supported": pd.arrays.IntegerArray(compared.supported, compared.unclear),
            "units_cms": counted.units_cms,
            "units_cpt": counted.units_cpt,
            "modifiers": _written(read),
            "region": _regions(lines.region),
            "allowed": worth.dollars(),
            "work_rvu": worth.rvus(worth.work),
            "total_rvu": worth.rvus(worth.total),
            "covered": worth.covered,
        }
    )


def _written(read: ReadLines) -> pd.api.extensions.ExtensionArray:
    """The modifiers of each line in the order they stand, those not in the table last."""
    others, found = pd.factorize(read.others)
    number, first = numbered(read.lines.modifiers * len(found) + others if len(found) else others)
    words = [
        " ".join([*ordered(int(read.lines.modifiers[at])), read.others[at]]).strip() for at in first
    ]
    return texts(words, number)


def _regions(region: Ints) -> pd.api.extensions.ExtensionArray:
    """The regions of each line with | between."""
    names = tables.regions().index
    number, first = numbered(region)
    bits = region[first].tolist()
    words = ["|".join(name for at, name in enumerate(names) if each >> at & 1) for each in bits]
    return texts(words, number)
