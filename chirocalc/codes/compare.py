"""Codes side by side: what each is worth, against minutes, over the years, by area, and together.

All tables take code keys ("97110", "72100-26") in the order chosen. Dollars are what the payer
allows whoever treats: what Medicare does not pay a chiropractor has its amount here, and `covered`
says it.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from chirocalc import tables
from chirocalc.rules import (
    RULE_NAMES,
    Finding,
    Service,
    Settings,
    answer,
    covers,
    estimate,
    fee,
    local_amounts,
    unit_amounts,
)
from chirocalc.tables import code_arrays, kept, modifier_bits, rates
from chirocalc.words import listed

Keys = tuple[str, ...]

HOUR = 60

MOST_MINUTES = 120

PARTS = ("work_rvu", "pe_rvu", "mp_rvu")


@kept
def worth(keys: Keys, settings: Settings) -> pd.DataFrame:
    """One row per code: name, time_rule, status, RVUs of one unit (work_rvu, pe_rvu, mp_rvu,
    total_rvu), dollars of the `first` and of a `later` unit (missing where the payer pays nobody
    for it, or publishes no amount), whether the payer covers it under the settings, and what an
    hour of it alone is worth: hour_dollars, hour_work_rvu (missing where minutes do not count).
    """
    codes = rates.rvus(settings.period)
    covered = pd.Series(covers(settings), index=codes.index)
    rows = codes.loc[list(keys)]
    table = pd.DataFrame(
        {
            "name": [tables.full_name(row) for _, row in rows.iterrows()],
            "category": rows["category"],
            "time_rule": rows["time_rule"],
            "status": rows["status"],
            "work_rvu": rows["work_rvu"],
            "pe_rvu": rows[f"pe_rvu_{settings.place}"],
            "mp_rvu": rows["mp_rvu"],
        }
    )
    table["total_rvu"] = table[list(PARTS)].sum(axis=1, skipna=False).round(2)
    table = table.join(unit_amounts(whoever_treats(settings)))
    table["covered"] = covered[list(keys)]
    table.loc[~_paid(keys, settings), ["first", "later"]] = np.nan
    hour = alone(keys, settings).query("minutes == @HOUR").set_index("code")
    by_minutes = table["time_rule"].isin(["timed15", "clock"])
    table["hour_dollars"] = hour["dollars"].where(by_minutes)
    table["hour_work_rvu"] = hour["work_rvu"].where(by_minutes)
    return table


@kept
def alone(keys: Keys, settings: Settings, most: int = MOST_MINUTES) -> pd.DataFrame:
    """Each code by itself at 0 to 120 (or `most`) minutes: code, minutes, units, work_rvu, dollars.

    Of a first code with an add-on, both together: the add-on takes the minutes beyond the first.
    Alone both unit rules give the same units, as leftovers have nothing to be pooled with.
    """
    arrays, minutes, lines = code_arrays(), np.arange(most + 1), []
    for at, key in enumerate(keys):
        visits = minutes + at * len(minutes)
        lines.append(_lines(key, visits, minutes))
        child = arrays.clock_child[arrays.row[key]]
        if child >= 0:
            lines.append(_lines(str(arrays.code[child]), visits, None))
    frame = pd.concat(lines).sort_values("visit", kind="stable")
    visits = estimate(frame, whoever_treats(settings)).visits
    table = _dollars(visits)[["units", "work_rvu", "dollars"]]
    table.loc[np.repeat(~_paid(keys, settings), len(minutes)), "dollars"] = np.nan
    table.insert(0, "code", np.repeat(keys, len(minutes)))
    table.insert(1, "minutes", np.tile(minutes, len(keys)))
    return table


@kept
def together(keys: Keys, settings: Settings) -> pd.DataFrame:
    """The timed codes in one visit, each with the same minutes: minutes, rule ("cms", "cpt"),
    units, dollars. Empty unless two or more of them are 15-minute codes."""
    timed = [key for key in keys if code_arrays().timed[code_arrays().row[key]]]
    if len(timed) < 2:
        return pd.DataFrame(columns=["minutes", "rule", "units", "dollars"])
    minutes = np.arange(MOST_MINUTES + 1)
    lines = pd.concat([_lines(key, minutes, minutes) for key in timed])
    answer, parts = estimate(lines, whoever_treats(settings)), []
    for rule in RULE_NAMES:
        visits = answer.under(replace(answer.settings, unit_rule=rule)).visits
        parts.append(_dollars(visits)[["units", "dollars"]].assign(minutes=minutes, rule=rule))
    return pd.concat(parts, ignore_index=True)


def _lines(key: str, visits: np.ndarray, minutes: np.ndarray | None) -> pd.DataFrame:
    code, _, part = key.partition("-")
    untimed = tables.record(key)["time_rule"] not in ("timed15", "clock")
    nothing = minutes is None or untimed
    return pd.DataFrame(
        {
            "visit": visits,
            "code": code,
            "modifiers": part,
            "minutes": pd.array([pd.NA] * len(visits) if nothing else minutes, "Int64"),
        }
    )


def whoever_treats(settings: Settings) -> Settings:
    """The settings without what only limits a chiropractor's payment (bp-15-240)."""
    return replace(settings, provider="pt", phase=None)


def _paid(keys: Keys, settings: Settings) -> NDArray[np.bool_]:
    """Whether the payer pays anybody for each code."""
    rows = [code_arrays().row[key] for key in keys]
    return covers(whoever_treats(settings))[rows]


def _dollars(visits: pd.DataFrame) -> pd.DataFrame:
    """`Estimate.visits` with `allowed` as `dollars`."""
    return visits.rename(columns={"allowed": "dollars"}).reset_index(drop=True)


@kept
def crossings(keys: Keys, settings: Settings) -> list[str]:
    """Where one code by itself comes to be worth more than another, in words, for each pair. Of
    more than three codes only the pairs that cross are listed, and the rest in one sentence."""
    table = alone(keys, settings).pivot(index="minutes", columns="code", values="dollars")
    words = [text for a, b in combinations(keys, 2) if (text := _crossing(table[a], table[b]))]
    if len(keys) <= 3:
        return words
    crossing = [text for text in words if " cross at " in text]
    return crossing + (["The other lines do not cross."] if len(crossing) < len(words) else [])


@kept
def crossing_minutes(keys: Keys, settings: Settings) -> list[int]:
    """The minutes at which the lines of two codes change places."""
    table = alone(keys, settings).pivot(index="minutes", columns="code", values="dollars")
    return sorted(
        {at for a, b in combinations(keys, 2) for at in _changes(_runs(table[a], table[b]))}
    )


def _runs(one: pd.Series, two: pd.Series) -> list[tuple[int, int, int]]:
    """(first minute, last minute, who is worth more: 1, -1 for the second, 0 for neither), from the
    first minute on at which one of them is worth anything."""
    worth = (one > 0) | (two > 0)
    if one.isna().all() or two.isna().all() or not worth.any():
        return []
    sign = np.sign((one - two).round(2)).astype(int).loc[worth.idxmax() :]
    minutes, values = sign.index.to_numpy(), sign.to_numpy()
    starts = np.flatnonzero(np.diff(values, prepend=values[0] + 9))
    ends = [*(starts[1:] - 1), len(values) - 1]
    return [
        (int(minutes[a]), int(minutes[b]), int(values[a]))
        for a, b in zip(starts, ends, strict=True)
    ]


def _changes(runs: list[tuple[int, int, int]]) -> list[int]:
    """The minutes at which the other one comes to be ahead; minutes of a tie change nothing."""
    ahead = [(start, lead) for start, _, lead in runs if lead]
    return [start for (_, was), (start, lead) in pairwise(ahead) if lead != was]


def _crossing(one: pd.Series, two: pd.Series) -> str:
    runs = _runs(one, two)
    if not runs:
        return ""
    if len(runs) == 1:
        start, _, lead = runs[0]
        if not lead:
            return f"{one.name} and {two.name} are worth the same at all minutes."
        above, below = (one.name, two.name)[::lead]
        from_there = f" from {start} minutes on" if start else ""
        return f"{above} is above {below}{from_there}: the lines do not cross."
    words = []
    for at, (start, end, lead) in enumerate(runs):
        who = {1: f"{one.name} is worth more", -1: f"{two.name} is worth more", 0: "both the same"}
        span = f"from {start}" if at == len(runs) - 1 else f"at {start} to {end} minutes"
        words.append(f"{who[lead]} {span}")
    changes = _changes(runs)
    cross = f"cross at {listed(changes)} minutes" if changes else "do not cross"
    return f"{one.name} and {two.name} {cross}: {', '.join(words)}."


@kept
def partings(keys: Keys, settings: Settings) -> str:
    """In words, at which equal minutes of each the two unit rules part, and which gives more."""
    table = together(keys, settings)
    if table.empty:
        return ""
    units = table.pivot(index="minutes", columns="rule", values="units").loc[:HOUR]
    words = []
    for rule, other in (("cms", "cpt"), ("cpt", "cms")):
        more = units.index[units[rule] > units[other]]
        if len(more):
            words.append(f"{RULE_NAMES[rule]} gives more at {_ranges(more)} minutes each")
    if not words:
        return "Both rules give the same units at all equal minutes up to an hour."
    return f"Up to an hour each: {'; '.join(words)}. They agree at all others."


def _ranges(minutes: pd.Index) -> str:
    """Minutes as "4 to 7, 19 to 26"."""
    runs = np.split(minutes.to_numpy(), np.flatnonzero(np.diff(minutes) > 1) + 1)
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs)


@kept
def history(keys: Keys) -> pd.DataFrame:
    """RVUs and dollars of one unit by year, 2013 on: year, code, work_rvu, pe_rvu, mp_rvu (missing
    before 2019), total_rvu, conversion_factor, dollars (national, of the year's last factor)."""
    table = tables.history()
    table = table[table["code"].isin([key for key in keys if "-" not in key])]
    table = table.assign(conversion_factor=table["year"].map(_factors()))
    factor = table["conversion_factor"]
    table["dollars"] = fee(table["total_rvu"], 0.0, 0.0, 1.0, 1.0, 1.0, factor)
    order = pd.Categorical(table["code"], [key for key in keys if key in set(table["code"])])
    table = table.assign(order=order).sort_values(["order", "year"])
    return table.drop(columns=["order", "source"]).reset_index(drop=True)


def _factors() -> pd.Series:
    """The factor on the last day of each year, for those who are no qualifying APM participants."""
    table = tables.conversion_factors()
    table = table[(table["basis"] != "APM") & (table["status"] != "proposed")]
    year = table["effective_to"].str[:4].astype(int)
    last = table["effective_to"].str.endswith("12-31")
    return pd.Series(table.loc[last, "conversion_factor"].to_numpy(), year[last])


@kept
def spread(keys: Keys, settings: Settings) -> pd.DataFrame:
    """Dollars of one unit in each of the localities: locality, name, code, dollars."""
    paid = [key for key, is_paid in zip(keys, _paid(keys, settings), strict=True) if is_paid]
    amounts = local_amounts(whoever_treats(settings))[paid].dropna(axis=1)
    places = tables.localities().loc[amounts.index]
    amounts.insert(0, "name", places["name"] + ", " + places["state"])
    table = amounts.rename_axis("locality").reset_index()
    return table.melt(["locality", "name"], var_name="code", value_name="dollars")


@kept
def medicare_use(keys: Keys) -> pd.DataFrame:
    """National Medicare Part B use: year, code, services, average (dollars allowed a service)."""
    table = tables.medicare_use()
    table = table[table["code"].isin(keys)].drop(columns="source")
    table["average"] = (table["allowed"] / table["services"]).astype(float).round(2)
    order = pd.Categorical(table["code"], [key for key in keys if key in set(table["code"])])
    table = table.assign(order=order).sort_values(["order", "year"])
    return table.drop(columns=["order", "allowed"]).reset_index(drop=True)


@kept
def beside(one: str, two: str, settings: Settings) -> tuple[Finding, ...]:
    """What the engine finds when both stand in one visit, each with minutes for a unit, and finds
    of neither alone."""
    both = [_service(key) for key in (one, two)]
    alone = {found.in_full for each in both for found in answer([each], settings).findings}
    return tuple(found for found in answer(both, settings).findings if found.in_full not in alone)


def _service(key: str) -> Service:
    """A code with minutes for a unit."""
    code = tables.records()[key]
    by_minutes = code.time_rule in ("timed15", "clock")
    return Service(code, _enough(key) if by_minutes else None, modifiers=modifier_bits(code.part))


def _enough(key: str) -> int:
    """Minutes that earn a unit: 15, or those of a longer clock."""
    least = tables.record(key)["from_minutes"]
    return 15 if pd.isna(least) else max(15, int(least))


def everything(keys: Keys, settings: Settings) -> pd.DataFrame:
    """One row per code with all of the page's figures, for a file."""
    table = worth(keys, settings).rename_axis("code").reset_index()
    codes = rates.rvus(settings.period).loc[list(keys)]
    for name in ("mue", "mai", "multiple_procedure", "release"):
        table[name] = codes[name].array
    past = history(keys).pivot(index="code", columns="year", values=["total_rvu", "dollars"])
    use = medicare_use(keys).pivot(index="code", columns="year", values=["services", "average"])
    places = spread(keys, settings).groupby("code")["dollars"].agg(["min", "median", "max"])
    places = places.add_prefix("localities_")
    for more in (past, use):
        more.columns = [f"{name}_{year}" for name, year in more.columns]
    return (
        table.merge(places, on="code", how="left")
        .merge(use, on="code", how="left")
        .merge(past, on="code", how="left")
    )
