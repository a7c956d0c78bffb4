"""Codes side by side: what each is worth, against minutes, over the years, by area, and together.

All tables take code keys ("97110", "72100-26") in the order chosen. Dollars are what the payer
allows whoever treats: what Medicare does not pay a chiropractor has its amount here, and `covered`
says it.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, pairwise
from typing import Annotated, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from chirocalc import tables
from chirocalc.arrays import Bools, Ints
from chirocalc.checked import checked, whole
from chirocalc.rules import MOST_MINUTES as A_DAY
from chirocalc.rules import (
    RULE_NAMES,
    WHO,
    Finding,
    Lines,
    Service,
    Settings,
    allowed_all,
    answer,
    count_units,
    covers,
    fee,
    local_amounts,
    price_lines,
    terms,
    unit_amounts,
)
from chirocalc.tables import Key, code_arrays, kept, modifier_bits, rates
from chirocalc.words import listed, money

Keys = tuple[Key, ...]
Minutes = Annotated[int, whole(0, A_DAY)]
Floats = NDArray[np.float64]
Run = tuple[int, int, int]

HOUR = 60

MOST_MINUTES = 120

PARTS = ("work_rvu", "pe_rvu", "mp_rvu")

BY_MINUTES = ("timed15", "clock")

MOST_LEADERS = 3  # one after the other; of more than a sentence holds only the minutes are said


@kept
@checked
def worth(keys: Keys, settings: Settings) -> pd.DataFrame:
    """One row per code: name, time_rule, status, RVUs of one unit (work_rvu, pe_rvu, mp_rvu,
    total_rvu), dollars of the `first` and of a `later` unit (missing where the payer pays nobody
    for it, or publishes no amount), whether the payer covers it under the settings, and what an
    hour of it alone is worth: hour_dollars, hour_work_rvu (missing where minutes do not count).
    """
    here = _rows(keys)
    rows = rates.rvus(settings.period).iloc[here]
    parts = [rows["work_rvu"], rows[f"pe_rvu_{settings.place}"], rows["mp_rvu"]]
    paid = _paid(keys, settings)
    amounts = _unit_amounts(whoever_treats(settings)).iloc[here]
    hour = _alone(keys, settings, HOUR)
    by_minutes = rows["time_rule"].isin(BY_MINUTES).to_numpy()
    return pd.DataFrame(
        {
            "name": [tables.code_list()[at].full_name for at in here],
            "category": rows["category"],
            "time_rule": rows["time_rule"],
            "status": rows["status"],
            **dict(zip(PARTS, parts, strict=True)),
            "total_rvu": (parts[0] + parts[1] + parts[2]).round(2),
            **{unit: np.where(paid, amounts[unit], np.nan) for unit in ("first", "later")},
            "covered": covers(settings)[here],
            "hour_dollars": np.where(by_minutes, hour.dollars[:, HOUR], np.nan),
            "hour_work_rvu": np.where(by_minutes, hour.work_rvu[:, HOUR], np.nan),
        },
        index=rows.index,
    )


@kept(most=64)
def _unit_amounts(settings: Settings) -> pd.DataFrame:
    return unit_amounts(settings)


@kept
@checked
def alone(keys: Keys, settings: Settings, most: Minutes = MOST_MINUTES) -> pd.DataFrame:
    """Each code by itself at 0 to 120 (or `most`) minutes: code, minutes, units, work_rvu, dollars.

    Of a first code with an add-on, both together: the add-on takes the minutes beyond the first.
    Alone both unit rules give the same units, as leftovers have nothing to be pooled with.
    """
    worth = _alone(keys, settings, most)
    return pd.DataFrame(
        {
            "code": np.repeat(keys, most + 1),
            "minutes": np.tile(np.arange(most + 1), len(keys)),
            "units": worth.units.ravel(),
            "work_rvu": worth.work_rvu.ravel(),
            "dollars": worth.dollars.ravel(),
        }
    )


class Visits(NamedTuple):
    """What visits are worth; work RVUs and dollars are missing where no line has any."""

    units: Ints
    work_rvu: Floats
    dollars: Floats


@kept
def _alone(keys: Keys, settings: Settings, most: int) -> Visits:
    """Each code by itself, with its add-on: a row for each code, a column for each minute."""
    own, minutes = _rows(keys), np.arange(most + 1)
    add_on = code_arrays().clock_child[own]
    first = np.flatnonzero(add_on >= 0)
    lines = np.concatenate([own, add_on[first]])
    begin = np.concatenate([np.arange(len(keys)), first]) * len(minutes)
    given = np.outer(np.arange(len(lines)) < len(keys), minutes)  # none for the add-on's line
    visits = _worth_of(lines, begin[:, None] + minutes, given, settings, by_midpoint=False)
    of_codes = Visits._make(each.reshape(len(keys), len(minutes)) for each in visits)
    paid = _paid(keys, settings)[:, None]
    return of_codes._replace(dollars=np.where(paid, of_codes.dollars, np.nan))


@kept
@checked
def together(keys: Keys, settings: Settings) -> pd.DataFrame:
    """The timed codes in one visit, each with the same minutes: minutes, rule ("cms", "cpt"),
    units, dollars. Empty unless two or more of them are 15-minute codes."""
    rules = _together(keys, settings)
    if not rules:
        return pd.DataFrame(columns=["minutes", "rule", "units", "dollars"])
    minutes = np.arange(MOST_MINUTES + 1)
    parts = {
        rule: pd.DataFrame(
            {"units": visits.units, "dollars": visits.dollars, "minutes": minutes, "rule": rule}
        )
        for rule, visits in rules.items()
    }
    return pd.concat(parts.values(), ignore_index=True)


@kept
def _together(keys: Keys, settings: Settings) -> dict[str, Visits]:
    """By rule: a visit of the timed codes for each minute."""
    rows = _rows(keys)
    timed = rows[code_arrays().timed[rows]]
    if len(timed) < 2:
        return {}
    minutes = np.tile(np.arange(MOST_MINUTES + 1), (len(timed), 1))
    return {
        rule: _worth_of(timed, minutes, minutes, settings, by_midpoint=rule == "cpt")
        for rule in RULE_NAMES
    }


def _worth_of(
    codes: Ints, visits: Ints, minutes: Ints, settings: Settings, by_midpoint: bool
) -> Visits:
    """What visits are worth, whoever treats. `codes` are rows of `tables.codes()`; of each there
    are lines in as many visits as its row of `visits` names, with its row of `minutes`."""
    known, each = tables.code_list(), visits.shape[1]
    given = Lines.of([Service(known[at], 0) for at in codes])
    lines = Lines._make(np.repeat(column, each) for column in given)
    lines = lines._replace(visit=visits.ravel(), minutes=minutes.ravel())
    here, size = terms(whoever_treats(settings)), int(visits.max(initial=-1)) + 1
    units = count_units(lines.timed, by_midpoint).units
    cents = allowed_all(lines, units, np.zeros(size, np.int64), [here])
    worth = price_lines(lines.key, units, cents, np.zeros(len(units), np.int64), [here])

    def hundredths(values: Ints, there: Bools) -> Floats:
        sums = np.bincount(lines.visit, np.where(there, values, 0))
        return np.where(np.bincount(lines.visit, there) > 0, sums / 100, np.nan)

    return Visits(
        np.bincount(lines.visit, units).astype(np.int64),
        hundredths(worth.work, worth.has_rvu),
        hundredths(worth.allowed, worth.priced),
    )


class Step(NamedTuple):
    """From the first to the last of some minutes the same: of a code or a unit rule (`series`)."""

    series: str
    first: int
    last: int
    units: int
    dollars: float


@kept
@checked
def steps_alone(keys: Keys, settings: Settings) -> tuple[Step, ...]:
    """`alone` as steps: each code's runs of minutes with the same units and dollars."""
    worth = _alone(keys, settings, MOST_MINUTES)
    return tuple(
        step
        for key, units, dollars in zip(keys, worth.units, worth.dollars, strict=True)
        for step in _steps(key, units, dollars)
    )


@kept
@checked
def steps_together(keys: Keys, settings: Settings) -> tuple[Step, ...]:
    """`together` as steps: each unit rule's runs of minutes with the same units and dollars."""
    rules = _together(keys, settings)
    return tuple(
        step
        for rule, visits in rules.items()
        for step in _steps(rule, visits.units, visits.dollars)
    )


def _steps(series: str, units: Ints, dollars: Floats) -> list[Step]:
    changed = (np.diff(units) != 0) | (np.diff(np.nan_to_num(dollars)) != 0)
    firsts = [0, *(np.flatnonzero(changed) + 1).tolist()]
    lasts = [*(first - 1 for first in firsts[1:]), len(units) - 1]
    return [
        Step(series, first, last, int(units[first]), float(dollars[first]))
        for first, last in zip(firsts, lasts, strict=True)
    ]


def _rows(keys: Keys) -> Ints:
    """The row of `tables.codes()` of each code."""
    rows = code_arrays().row
    return np.array([rows[key] for key in keys], np.int64)


@checked
def whoever_treats(settings: Settings) -> Settings:
    """The settings without what only limits the payment of the one who treats (bp-15-240,
    therapy-list)."""
    return replace(settings, provider="any", phase=None)


def _paid(keys: Keys, settings: Settings) -> Bools:
    """Whether the payer pays anybody for each code."""
    return covers(whoever_treats(settings))[_rows(keys)]


class Unpaid(NamedTuple):
    """Codes of which the payer pays nothing under the settings."""

    nobody: Keys
    others: Keys  # paid, but not to the one who treats (bp-15-240, therapy-list)


@kept
@checked
def unpaid(keys: Keys, settings: Settings) -> Unpaid:
    """What the payer pays nobody for, and what it pays others for but not the one who treats."""
    covered, anybody = covers(settings)[_rows(keys)], _paid(keys, settings)
    each = list(zip(keys, covered, anybody, strict=True))
    return Unpaid(
        tuple(key for key, _, paid in each if not paid),
        tuple(key for key, here, paid in each if paid and not here),
    )


@checked
def never_pays(settings: Settings) -> str:
    """What a payer does not do for what it pays others for: "never pays a chiropractor"; of
    Medicare that is law, of others their profile."""
    verb = "never pays" if settings.is_medicare else "does not pay"
    return f"{verb} {WHO[settings.provider]}"


@kept
@checked
def verdict(keys: Keys, settings: Settings) -> str:
    """Which code by itself pays more, by how much, and from which minute on, in a sentence or two;
    of more than two codes which one pays most."""
    dollars = _alone(keys, settings, MOST_MINUTES).dollars
    known = [at for at in range(len(keys)) if (dollars[at] > 0).any()]
    if settings.rate is None:
        name = tables.payers().at[settings.payer, "name"]
        return f"{name} has no published amounts: your own fees apply."
    if not known:
        return "No amount is published for these codes under these settings."
    if len(known) == 1:
        return f"Only {keys[known[0]]} has an amount under these settings."
    priced = tuple(keys[at] for at in known)
    if len(priced) == 2:
        return _of_two(priced[0], priced[1], settings)
    return _of_many(priced, dollars[known], settings)


def _of_two(one: str, two: str, settings: Settings) -> str:
    runs = _pairs((one, two), settings)[one, two]
    said = _crossing(one, two, runs)
    if len(runs) > MOST_LEADERS:
        said = f"{said.partition(':')[0]}."
    if len(runs) > 1:
        return f"{said} {_at_an_hour(one, two, settings)}"
    lead = runs[0][2]
    if not lead:
        return said
    above, below = (one, two)[::lead]
    first = dict(zip((one, two), worth((one, two), settings)["first"].tolist(), strict=True))
    gap = _more(first[above] - first[below])
    return f"{said.removesuffix('.')}: {gap} for the first unit."


def _at_an_hour(one: str, two: str, settings: Settings) -> str:
    mine, other = _alone((one, two), settings, HOUR).dollars[:, HOUR].tolist()
    if round(mine - other, 2) == 0:
        return f"At {HOUR} minutes both pay the same."
    above = one if mine > other else two
    return f"At {HOUR} minutes {above} pays {_more(abs(mine - other))}."


def _more(gap: float) -> str:
    if round(gap, 2) == 0:
        return "the same"
    return f"{money(abs(gap))} {'more' if gap > 0 else 'less'}"


def _of_many(keys: Keys, dollars: Floats, settings: Settings) -> str:
    """Of three codes and more, which pay most at which minutes."""
    runs = _leaders(keys, np.nan_to_num(dollars))
    if len(runs) == 1:
        leaders = runs[0][1]
        if len(leaders) > 1:
            return f"{listed(leaders)} always pay the same, and most."
        return f"{leaders[0]} always pays most: {_next(leaders[0], keys, settings)}."
    if len(runs) > MOST_LEADERS:
        starts = listed([start for start, _ in runs[1:]])
        leaders = next(who for start, who in reversed(runs) if start <= HOUR)
        return f"Which pays most changes at {starts} minutes. At {HOUR} {_most(leaders)}."
    ends = [start - 1 for start, _ in runs[1:]]
    words = [
        f"{_most(leaders)} at {start} to {end} minutes"
        for (start, leaders), end in zip(runs, ends, strict=False)
    ]
    start, leaders = runs[-1]
    return f"{', '.join(words)}, {_most(leaders)} from {start} on."


def _most(leaders: Keys) -> str:
    return f"{listed(leaders)} {'pays' if len(leaders) == 1 else 'pay'} most"


def _next(leader: str, keys: Keys, settings: Settings) -> str:
    """How much more than the next best a leader's first unit pays."""
    first = worth(keys, settings)["first"].to_dict()
    mine = first.pop(leader)
    other = max(first, key=first.__getitem__)
    return f"{_more(mine - first[other])} for the first unit than {other}"


def _leaders(keys: Keys, dollars: Floats) -> list[tuple[int, Keys]]:
    """(first minute, who pays most), from the first minute on at which any pays."""
    begin = int((dollars > 0).any(axis=0).argmax())
    best = dollars.max(axis=0)
    runs: list[tuple[int, Keys]] = []
    for minute in range(begin, dollars.shape[1]):
        leaders = tuple(
            key
            for key, of_code in zip(keys, dollars, strict=True)
            if round(best[minute] - of_code[minute], 2) == 0
        )
        if not runs or runs[-1][1] != leaders:
            runs.append((minute, leaders))
    return runs


@kept
@checked
def crossings(keys: Keys, settings: Settings) -> list[str]:
    """Where one code by itself comes to pay more than another, in words, for each pair. Of more
    than three codes only the pairs that change places are listed, and the rest in one sentence."""
    pairs = _pairs(keys, settings)
    words = [_crossing(one, two, runs) for (one, two), runs in pairs.items() if runs]
    if len(keys) <= 3:
        return words
    crossing = [text for text in words if " change places " in text]
    return crossing + (["The others never change places."] if len(crossing) < len(words) else [])


@kept
@checked
def crossing_minutes(keys: Keys, settings: Settings) -> list[int]:
    """The minutes at which the lines of two codes change places."""
    return sorted({at for runs in _pairs(keys, settings).values() for at in _changes(runs)})


@kept
def _pairs(keys: Keys, settings: Settings) -> dict[tuple[str, str], list[Run]]:
    """The runs of each pair of codes by themselves."""
    dollars = dict(zip(keys, _alone(keys, settings, MOST_MINUTES).dollars, strict=True))
    return {(one, two): _runs(dollars[one], dollars[two]) for one, two in combinations(keys, 2)}


def _runs(one: Floats, two: Floats) -> list[Run]:
    """(first minute, last minute, who is worth more: 1, -1 for the second, 0 for neither), from the
    first minute on at which one of them is worth anything. Of amounts at each minute from 0 on."""
    worth = (one > 0) | (two > 0)
    if np.isnan(one).all() or np.isnan(two).all() or not worth.any():
        return []
    begin = int(worth.argmax())
    leads = np.sign((one - two).round(2)[begin:]).astype(np.int64)
    starts = [0, *(np.flatnonzero(np.diff(leads)) + 1).tolist()]
    ends = [*starts[1:], len(leads)]
    return [
        (begin + start, begin + end - 1, int(leads[start]))
        for start, end in zip(starts, ends, strict=True)
    ]


def _changes(runs: list[Run]) -> list[int]:
    """The minutes at which the other one comes to be ahead; minutes of a tie change nothing."""
    ahead = [(start, lead) for start, _, lead in runs if lead]
    return [start for (_, was), (start, lead) in pairwise(ahead) if lead != was]


def _crossing(one: str, two: str, runs: list[Run]) -> str:
    if len(runs) == 1:
        lead = runs[0][2]
        if not lead:
            return f"{one} and {two} always pay the same."
        above, below = (one, two)[::lead]
        return f"{above} always pays more than {below}."
    words = []
    for at, (start, end, lead) in enumerate(runs):
        who = {1: f"{one} pays more", -1: f"{two} pays more", 0: "both pay the same"}
        span = f"from {start} on" if at == len(runs) - 1 else f"at {start} to {end} minutes"
        words.append(f"{who[lead]} {span}")
    changes = _changes(runs)
    places = f"change places at {listed(changes)} minutes" if changes else "keep their places"
    return f"{one} and {two} {places}: {', '.join(words)}."


@kept
@checked
def partings(keys: Keys, settings: Settings) -> str:
    """In words, at which equal minutes of each the two unit rules part, and which gives more."""
    rules = _together(keys, settings)
    if not rules:
        return ""
    units = {rule: visits.units[: HOUR + 1] for rule, visits in rules.items()}
    words = []
    for rule, other in (("cms", "cpt"), ("cpt", "cms")):
        more = np.flatnonzero(units[rule] > units[other])
        if len(more):
            words.append(f"{RULE_NAMES[rule]} gives more at {_ranges(more)} minutes each")
    if not words:
        return "Both rules give the same units at all equal minutes up to an hour."
    return f"Up to an hour each: {'; '.join(words)}. They agree at all others."


def _ranges(minutes: Ints) -> str:
    """Minutes as "4 to 7, 19 to 26"."""
    runs = np.split(minutes, np.flatnonzero(np.diff(minutes) > 1) + 1)
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs)


@kept
@checked
def history(keys: Keys) -> pd.DataFrame:
    """RVUs and dollars of one unit by year, 2013 on: year, code, work_rvu, pe_rvu, mp_rvu (missing
    before 2019), total_rvu, conversion_factor, dollars (national, of the year's last factor)."""
    return _of_codes(_history(), keys)


@kept
def _history() -> pd.DataFrame:
    table = tables.history().drop(columns="source").sort_values("year", kind="stable")
    factor = table["year"].map(_factors())
    dollars = fee(table["total_rvu"], 0.0, 0.0, 1.0, 1.0, 1.0, factor)
    return table.assign(conversion_factor=factor, dollars=dollars)


def _of_codes(table: pd.DataFrame, keys: Keys) -> pd.DataFrame:
    """The rows of these codes in their order."""
    rows: dict[str, list[int]] = {}
    for at, code in enumerate(table["code"].tolist()):
        rows.setdefault(code, []).append(at)
    here = [at for key in keys for at in rows.get(key, [])]
    return table.iloc[here].reset_index(drop=True)


def _factors() -> pd.Series:
    """The factor on the last day of each year, for those who are no qualifying APM participants."""
    table = tables.conversion_factors()
    table = table[(table["basis"] != "APM") & (table["status"] != "proposed")]
    year = table["effective_to"].str[:4].astype(int)
    last = table["effective_to"].str.endswith("12-31")
    return pd.Series(table.loc[last, "conversion_factor"].to_numpy(), year[last])


@kept
@checked
def spread(keys: Keys, settings: Settings) -> pd.DataFrame:
    """Dollars of one unit in each of the localities: locality, name, code, dollars."""
    amounts = _local_amounts(whoever_treats(settings))
    rows = _rows(keys)
    dollars = amounts.to_numpy()[:, rows].T
    shown = np.flatnonzero(_paid(keys, settings) & ~np.isnan(dollars).any(axis=1))
    places = tables.localities().loc[amounts.index]
    names = (places["name"] + ", " + places["state"]).tolist()
    return pd.DataFrame(
        {
            "locality": amounts.index.tolist() * len(shown),
            "name": names * len(shown),
            "code": np.repeat(np.array(keys, object)[shown], len(names)),
            "dollars": dollars[shown].ravel(),
        }
    )


@kept(most=64)
def _local_amounts(settings: Settings) -> pd.DataFrame:
    return local_amounts(settings)


@kept
@checked
def medicare_use(keys: Keys) -> pd.DataFrame:
    """National Medicare Part B use: year, code, services, average (dollars allowed a service)."""
    return _of_codes(_medicare_use(), keys)


@kept
def _medicare_use() -> pd.DataFrame:
    table = tables.medicare_use().sort_values("year", kind="stable")
    average = (table["allowed"] / table["services"]).astype(float).round(2)
    return table.drop(columns=["allowed", "source"]).assign(average=average)


@kept
@checked
def beside(one: Key, two: Key, settings: Settings) -> tuple[Finding, ...]:
    """What the engine finds when both stand in one visit, each with minutes for a unit, and finds
    of neither alone."""
    both = [_service(key) for key in (one, two)]
    alone = {found.in_full for each in both for found in answer([each], settings).findings}
    return tuple(found for found in answer(both, settings).findings if found.in_full not in alone)


class Beside(NamedTuple):
    """What is found of several codes in one visit, said once: a finding, and of which codes. Where
    it is not found of each two of them, the `pairs` say of which."""

    finding: Finding
    codes: Keys
    pairs: tuple[tuple[str, str], ...]


@kept
@checked
def in_one_visit(keys: Keys, settings: Settings) -> tuple[Beside, ...]:
    """`beside` of each two codes, the same finding once."""
    pairs: dict[Finding, list[tuple[str, str]]] = {}
    for pair in combinations(keys, 2):
        for found in beside(*pair, settings):
            pairs.setdefault(found, []).append(pair)
    return tuple(
        Beside(found, *_together_in(tuple(of_pairs), keys)) for found, of_pairs in pairs.items()
    )


def _together_in(
    pairs: tuple[tuple[str, str], ...], keys: Keys
) -> tuple[Keys, tuple[tuple[str, str], ...]]:
    codes = tuple(key for key in keys if any(key in pair for pair in pairs))
    every_two = set(combinations(codes, 2)) == set(pairs)
    return codes, () if every_two else pairs


def _service(key: str) -> Service:
    """A code with minutes for a unit."""
    code = tables.records()[key]
    by_minutes = code.time_rule in BY_MINUTES
    return Service(code, _enough(key) if by_minutes else None, modifiers=modifier_bits(code.part))


def _enough(key: str) -> int:
    """Minutes that earn a unit: 15, or those of a longer clock."""
    return max(15, tables.records()[key].from_minutes or 0)


@kept
@checked
def everything(keys: Keys, settings: Settings) -> pd.DataFrame:
    """One row per code with all of the page's figures, for a file."""
    table = worth(keys, settings)
    codes = rates.rvus(settings.period).iloc[_rows(keys)]
    places = spread(keys, settings).groupby("code")["dollars"].agg(["min", "median", "max"])
    parts = [
        codes[["mue", "mai", "multiple_procedure", "release"]],
        places.add_prefix("localities_"),
        _by_year(medicare_use(keys), ["services", "average"]),
        _by_year(history(keys), ["total_rvu", "dollars"]),
    ]
    parts = [part.reindex(table.index) for part in parts]
    return pd.concat([table, *parts], axis=1).rename_axis("code").reset_index()


def _by_year(table: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """One row a code, one column for each name and year."""
    wide = table.pivot(index="code", columns="year", values=names)
    wide.columns = pd.Index([f"{name}_{year}" for name, year in wide.columns])
    return wide
