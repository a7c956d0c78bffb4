"""An audit of billed visits: the same engine over many lines, billed units beside supported ones.

`audit(lines, settings)` takes the lines of `visit_rows.read_rows`. Each finding has the dollars and
RVUs at stake: of units, billed less supported (minus where fewer were billed); of a hint, those of
the line as billed. Sums are whole cents and hundredths, so that parts add up to the whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from chirocalc import tables
from chirocalc.arrays import Bools, Ints
from chirocalc.errors import InputError
from chirocalc.rules import (
    Lines,
    Settings,
    count_units,
    findings_by_line,
    of_visits,
    price_lines,
    read_rows,
)
from chirocalc.tables import code_arrays, modifier_bits, ordered, rates

from .rows import REFUSED
from .totals import AT_STAKE, Totals, sum_up

FINDINGS = [
    "row", "visit", "month", "provider", "payer", "code", "rule", "level", "modifier", "text",
    "dollars", "rvus", "source",
]  # fmt: skip

UNIT_RULES = ("units-over", "units-zero", "units-under", "missing-minutes")

NOT_LOADED = "is a day for which no tables are loaded"

OF_WHOLE_VISITS = ("addon", "short-units")  # hints on what a visit has not, or has in all

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
    rows, lines, line_of, refused = _taken(rows.reset_index(drop=True))
    partial = pd.Index(lines.visits).isin([*incomplete, *refused["visit"]])
    billed = _Billed(rows, line_of, len(lines.key), partial[lines.visit], has_units)
    parts = []
    for chosen, wanted in _alike(rows, lines, line_of, settings):
        here = of_visits(lines, wanted)
        parts.append(_audit_alike(here, billed.part(wanted[lines.visit]), chosen))
    if not parts:
        parts = [_audit_alike(lines, billed, settings)]
    table = pd.concat([part[0] for part in parts], ignore_index=True)
    found = pd.concat([part[1] for part in parts], ignore_index=True)
    if len(parts) > 1:
        table = table.sort_values("row", ignore_index=True)
    found = found.sort_values(["row", "line"], kind="stable", ignore_index=True)
    sums = sum_up(table, found, len(rows), len(refused))
    sums.rows["incomplete"] = int(partial.sum())
    return Audit(table, found[FINDINGS], refused, sums)


def _taken(rows: pd.DataFrame) -> tuple[pd.DataFrame, Lines, Ints, pd.DataFrame]:
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
            lines, line_of = read_rows(rows)
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
            return rows, lines, line_of, table


def _shown(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # numbers are floats here
    return "" if value is None else str(value)


class _Billed:
    """What was billed, by line: the first row, whether units were given, how many, whether one of
    its rows lacks minutes, and whether the visit has rows that were left out."""

    def __init__(
        self, rows: pd.DataFrame, line_of: Ints, size: int, partial: Bools, has_units: bool | None
    ) -> None:
        units = rows["billed"].to_numpy(np.float64)
        given = ~np.isnan(units)
        if has_units is None:
            has_units = bool(given.any())
        self.given = np.bincount(line_of, given, size) > 0
        self.units = np.bincount(line_of, np.nan_to_num(units), size).astype(np.int64)
        # A row billed without minutes is not served by the minutes of another of its line.
        asks = np.nan_to_num(units) > 0 if has_units else np.ones(len(rows), np.bool_)
        self.lacks = np.bincount(line_of, asks & rows["minutes"].isna().to_numpy(), size) > 0
        first = np.unique(line_of, return_index=True)[1]
        about = rows[["row", "visit", "date", "provider"]].iloc[first].reset_index(drop=True)
        about.insert(2, "month", about.pop("date").str.slice(0, 7))
        self.about = about
        self.has_units = has_units
        self.partial = partial

    def part(self, keep: Bools) -> _Billed:
        """The same for some of the lines."""
        if keep.all():
            return self
        out = copy(self)
        for name in ("given", "units", "lacks", "partial"):
            setattr(out, name, getattr(self, name)[keep])
        out.about = self.about[keep].reset_index(drop=True)
        return out


def _alike(
    rows: pd.DataFrame, lines: Lines, line_of: Ints, settings: Settings
) -> Iterable[tuple[Settings, Bools]]:
    """The visits that go by the same settings."""
    if rows.empty:
        return
    visit = lines.visit[line_of]
    first = np.unique(visit, return_index=True)[1]
    said = [pd.factorize(rows[name]) for name in ("payer", "place", "discipline")]
    treatment, days = _said_of_treatment(lines), rates.number_of(rows["date"].iloc[first])
    mixed = treatment * (len(rates.periods()) + 1) + days
    for numbers, found in said:
        mixed = mixed * (len(found) + 1) + numbers[first]
    group = pd.factorize(mixed)[0]
    example = np.unique(group, return_index=True)[1]
    for number, at in enumerate(example):
        payer, place, discipline = (str(found[numbers[first[at]]]) for numbers, found in said)
        chosen = replace(
            settings,
            payer=payer or settings.payer,
            place=place or settings.place,
            provider=discipline or settings.provider,
            date=rates.periods()[days[at]].first if days[at] >= 0 else settings.date,
        )
        if chosen.payer != settings.payer:  # what was set is about the payer set
            chosen = replace(chosen, unit_rule=None, percent=None, mppr=None, therapy_modifier=None)
        yield _with_treatment(chosen, int(treatment[at])), group == number


def _said_of_treatment(lines: Lines) -> Ints:
    """Which of AT, GA and GZ stand on the adjustments of each visit, as bits 1, 2 and 4."""
    spinal = tables.manipulation().query("kind == 'spinal'")["code"]
    mine = np.isin(code_arrays().code[lines.key].astype(str), list(spinal))
    out = np.zeros(len(lines.visits), np.int64)
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


def _audit_alike(
    lines: Lines, billed: _Billed, settings: Settings
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The lines and findings of visits under the same settings."""
    given = billed.given
    codes = code_arrays()
    timed, clock = codes.timed[lines.key], codes.clock[lines.key]
    by_minutes = timed | clock
    counts = np.where(given & ~by_minutes, np.maximum(billed.units, 1), 1)
    lines = lines._replace(counts=counts)

    counted = count_units(lines, settings.rule)
    missing = ~lines.has_minutes & (timed | (clock & (counted["units"] == 0)))
    missing &= given | (not billed.has_units)
    missing |= billed.lacks & lines.has_minutes & by_minutes
    unclear = missing | (timed & _in_visits_of(lines, missing & timed))
    unclear |= by_minutes & billed.partial
    supported = _nearest(lines, counted, billed, unclear)
    if settings.rule == "cms":
        counted["units_cms"] = supported
    sees = given & ~unclear & by_minutes
    difference = np.where(sees, billed.units - supported, 0)
    used = np.where(given, billed.units, supported)

    priced = price_lines(lines, counted | {"units": used}, settings)
    right = price_lines(lines, counted | {"units": used - difference}, settings)
    table = billed.about.assign(
        payer=settings.payer,
        code=priced["code"],
        minutes=priced["minutes"],
        billed=pd.arrays.IntegerArray(billed.units, ~given),
        supported=pd.arrays.IntegerArray(supported.astype(np.int64), unclear),
        units_cms=counted["units_cms"],
        units_cpt=counted["units_cpt"],
        modifiers=_written(lines),
        region=_regions(lines),
        allowed=priced["allowed"],
        work_rvu=priced["work_rvu"],
        total_rvu=priced["total_rvu"],
        covered=priced["covered"],
    )
    of_units = _unit_findings(table, difference, missing, used)
    for name, column in {"dollars": "allowed", "rvus": "total_rvu"}.items():
        values = (priced[column] - right[column]).to_numpy()[of_units["line"].to_numpy(np.int64)]
        of_units[name] = np.where(of_units["rule"] == "missing-minutes", 0.0, values)
    of_hints = _hint_findings(lines, used, priced, settings)
    blind = of_hints["rule"].isin(OF_WHOLE_VISITS) & billed.partial[of_hints["line"]]
    found = pd.concat([of_units, of_hints[~blind]], ignore_index=True)
    found = _with_line(found, table)
    table["suggested"] = _suggested(found, table)
    return table, found


def _in_visits_of(lines: Lines, odd: Bools) -> Bools:
    """Lines of the visits that one of the odd lines is in."""
    return np.asarray((np.bincount(lines.visit, odd, len(lines.visits)) > 0)[lines.visit])


def _nearest(
    lines: Lines, counted: dict[str, NDArray[Any]], billed: _Billed, unclear: Bools
) -> Ints:
    """The units supported. In a tie the clinician may choose (cpm-5-20.2): the last units go where
    most of them were billed, and else as `count_units` gives them."""
    units = counted["units"].copy()
    tied = np.flatnonzero(counted["tied"])
    without = counted["full_units"][tied]
    more = billed.units[tied] > without  # one more unit is one nearer
    seen = billed.given[tied] & ~unclear[tied]
    away = np.where(seen, np.where(more, -1, 1), 0)
    order = np.lexsort((tied, -lines.minutes[tied], away, lines.visit[tied]))
    visit = lines.visit[tied]
    to_give = np.bincount(visit, counted["extra_unit"][tied], len(lines.visits))
    ranked = visit[order]
    place = np.arange(len(tied)) - np.searchsorted(ranked, ranked)
    units[tied[order]] = without[order] + (place < to_give[ranked])
    return np.asarray(units)


def _unit_findings(
    table: pd.DataFrame, difference: Ints, missing: Bools, used: Ints
) -> pd.DataFrame:
    """Units billed beside those the minutes support, and timed lines without minutes."""
    rules = tables.audit_rules()
    codes, minutes = table["code"].to_numpy(), table["minutes"].to_numpy(np.int64, na_value=0)
    supported = table["supported"].to_numpy(np.int64, na_value=0)
    which = {
        "units-over": (difference > 0) & (supported > 0),
        "units-zero": (difference > 0) & (supported == 0),
        "units-under": difference < 0,
        "missing-minutes": missing,
    }
    parts = []
    for rule, holds in which.items():
        at = np.flatnonzero(holds)
        row = rules.loc[rule]
        said = pd.DataFrame(
            {
                "code": pd.factorize(table["code"].iloc[at])[0],
                "minutes": minutes[at],
                "cms": table["units_cms"].to_numpy()[at],
                "cpt": table["units_cpt"].to_numpy()[at],
                "billed": used[at],
                "supported": supported[at],
            }
        )
        number = said.groupby(list(said), sort=False).ngroup().to_numpy()
        first = np.unique(number, return_index=True)[1]  # each distinct text is written once
        words = said.iloc[first].assign(code=codes[at[first]])
        texts = [row["text"].format(**each) for each in words.to_dict("records")]
        parts.append(
            pd.DataFrame(
                {
                    "line": at,
                    "rule": rule,
                    "level": row["level"],
                    "modifier": "",
                    "text": np.array([*texts, ""], dtype=object)[number],
                    "source": row["source"],
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _hint_findings(
    lines: Lines, used: Ints, priced: pd.DataFrame, settings: Settings
) -> pd.DataFrame:
    """The hints on the lines as billed, each with what the line is worth."""
    allowed = priced["allowed"].to_numpy()
    found = findings_by_line(lines, used, allowed, settings)
    of_visit = (found["code"] == "").to_numpy()
    first_of_visit = np.unique(lines.visit, return_index=True)[1]
    at = found["line"].to_numpy(np.int64)
    line = np.where(of_visit, first_of_visit[lines.visit[at]], at)
    stake = found["level"].isin(AT_STAKE).to_numpy() & ~of_visit
    stake &= priced["covered"].to_numpy()[line]
    return pd.DataFrame(
        {
            "line": line,
            "of_visit": of_visit,
            **{name: found[name] for name in ("rule", "level", "modifier", "text", "source")},
            "dollars": np.where(stake, np.nan_to_num(allowed[line]), 0.0),
            "rvus": np.where(stake, np.nan_to_num(priced["total_rvu"].to_numpy()[line]), 0.0),
        }
    )


def _with_line(found: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """Findings with the row, visit, month, provider, payer and code of their line."""
    of_visit = found["of_visit"].fillna(False).to_numpy(np.bool_)
    line = found["line"].to_numpy(np.int64)
    about = table[["row", "visit", "month", "provider", "payer", "code"]].iloc[line]
    about = about.reset_index(drop=True)
    about["code"] = about["code"].where(~of_visit, "")
    rest = found[["rule", "level", "modifier", "text", "dollars", "rvus", "source", "line"]]
    out = pd.concat([about, rest.reset_index(drop=True)], axis=1)
    out[["dollars", "rvus"]] = out[["dollars", "rvus"]].fillna(0.0).round(2)
    return out


def _suggested(found: pd.DataFrame, table: pd.DataFrame) -> NDArray[np.object_]:
    """The modifiers that hints suggest for each line, none of them confirmed."""
    offers = found.loc[found["modifier"] != "", ["line", "modifier"]].drop_duplicates()
    words = offers["modifier"].str.replace("|", " or ", regex=False).to_numpy(object)
    line, place = offers["line"].to_numpy(np.int64), offers.groupby("line").cumcount().to_numpy()
    out = np.full(len(table), "", object)
    for at in range(place.max(initial=-1) + 1):  # a line has few: all first ones, all second ones
        here = place == at
        before = out[line[here]] + ", " if at else ""
        out[line[here]] = before + words[here]
    return out


def _written(lines: Lines) -> NDArray[np.object_]:
    """The modifiers of each line in the order they stand."""
    number, bits = pd.factorize(lines.modifiers)
    known = np.array([" ".join(ordered(int(each))) for each in bits], dtype=object)[number]
    odd = lines.unlisted != ""
    return np.asarray(np.where(odd, known + " " + lines.unlisted, known), object)


def _regions(lines: Lines) -> NDArray[np.object_]:
    """The regions of each line with | between."""
    names = tables.regions().index
    number, bits = pd.factorize(lines.region)
    words = ["|".join(name for at, name in enumerate(names) if each >> at & 1) for each in bits]
    return np.asarray(np.array([*words, ""], dtype=object)[number])
