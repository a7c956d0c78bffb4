"""The log beside the nation: the mix by code, Medicare's figures, and a survey of one's own.

Medicare's figures are of Medicare's patients only (medicare-providers): a whole practice is
compared with them in its mix; in its volume only where the log is of Medicare's visits.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, NamedTuple

import pandas as pd

from chirocalc import tables
from chirocalc.checked import between, checked, choice, having
from chirocalc.errors import InputError, Problem
from chirocalc.tables import Column, read_table

MIRROR = (
    "A benchmark is a mirror, not a target: what was done and documented decides what is billed."
)

OF_MEDICARE = (
    "Medicare's patients only, so a whole practice is compared in its mix, not in its volume."
)

SPECIALTIES = {
    "chiropractor": "chiropractors",
    "pt": "physical therapists in private practice",
    "ot": "occupational therapists in private practice",
}

Specialty = Annotated[str, choice(*SPECIALTIES)]

# Rows whose mix by code is asked for.
Counted = Annotated[pd.DataFrame, having("code", "units")]

MOST_SHARED = 12  # codes of a mix that are shown

PERCENTILES = (25, 50, 75, 90)

MOST_SURVEYED = 1_000_000


@tables.kept
def adjustments() -> tuple[str, ...]:
    """The codes of spinal adjustments."""
    table = tables.manipulation()
    return tuple(table.loc[table["kind"] == "spinal", "code"])


@checked
def adjustment_mix(rows: Counted, state: str | None = None) -> pd.DataFrame:
    """Shares of the spinal adjustment codes: "Yours", "Nation" (of Medicare's chiropractors), and
    of a state (all who billed them there); a column without any service is left out."""
    codes = list(adjustments())
    own = rows.groupby("code")["units"].sum().reindex(codes, fill_value=0)
    counts = {"Yours": own, "Nation": _of_specialty("chiropractor").reindex(codes, fill_value=0)}
    if state:
        counts[state] = _in_state(state).reindex(codes, fill_value=0)
    return _shares(counts, codes)


@checked
def code_mix(rows: Counted, specialty: Specialty, state: str | None = None) -> pd.DataFrame:
    """Shares of the codes of therapy: "Yours", "Nation" (of Medicare's therapists), and of a state
    (all who billed them there; missing for the codes of which there are no figures by state, about
    2 % of the nation's); those whose shares are largest."""
    nation = _of_specialty(specialty)
    own = rows.groupby("code")["units"].sum()
    if specialty == "chiropractor":  # Medicare pays them for nothing else: all therapists' mix
        nation = _of_specialty("pt").add(_of_specialty("ot"), fill_value=0)
    listed = [code for code in nation.index if code in set(tables.codes()["code"])]
    nation = nation[listed].drop(list(adjustments()), errors="ignore")
    own = own.drop(list(adjustments()), errors="ignore")
    own = own[own.index.isin(_therapy())] if len(own) else own
    nation = nation[nation.index.isin(_therapy())]
    every = list(dict.fromkeys([*own.index, *nation.index]))
    counts = {
        "Yours": own.reindex(every, fill_value=0),
        "Nation": nation.reindex(every, fill_value=0),
    }
    if state:
        counts[state] = _in_state(state).reindex(every)
    shares = _shares(counts, every)
    order = shares.max(axis=1).sort_values(ascending=False, kind="stable")
    return shares.loc[order.index[:MOST_SHARED]]


@tables.kept
def _therapy() -> frozenset[str]:
    """Codes of procedures and modalities, which a mix of therapy is made of."""
    table = tables.codes()
    kinds = table["category"].map(tables.service_kinds()["kind"])
    return frozenset(table.loc[kinds.isin(["Exercise and manual", "Modalities"]), "code"])


def _of_specialty(specialty: str) -> pd.Series:
    table = tables.medicare_mix()
    return table[table["specialty"] == specialty].set_index("code")["services"].astype(float)


def _in_state(state: str) -> pd.Series:
    table = tables.medicare_code_states()
    return table[table["state"] == state].set_index("code")["services"].astype(float)


def _shares(counts: Mapping[str, pd.Series], codes: list[str]) -> pd.DataFrame:
    return pd.DataFrame(
        {name: values / values.sum() for name, values in counts.items() if values.sum()},
        index=codes,
    ).astype(float)


@checked
def specialty_years(specialty: Specialty) -> pd.DataFrame:
    """By year: services, providers, services a provider and dollars paid a provider."""
    table = tables.medicare_specialties()
    mine = table[table["specialty"] == specialty].set_index("year").drop(columns="source")
    return mine.assign(
        services_each=mine["services"] / mine["providers"],
        paid_each=mine["paid"] / mine["providers"],
    )


@checked
def in_state(specialty: Specialty, state: str) -> tuple[int, float] | None:
    """Providers of a specialty with Medicare claims in a state, and dollars paid to each."""
    table = tables.medicare_specialty_states()
    rows = table[(table["specialty"] == specialty) & (table["state"] == state)]
    if rows.empty:
        return None
    row = rows.iloc[0]
    return int(row["providers"]), float(row["paid"]) / int(row["providers"])


def codes_by_year() -> pd.DataFrame:
    """Medicare's services by code, of all specialties, a column for each year."""
    table = tables.medicare_code_years()
    return table.pivot(index="code", columns="year", values="services")


def states_with_benchmarks() -> dict[str, str]:
    """The states of which there are figures, with their names."""
    names = tables.states()["name"]
    there = tables.medicare_code_states()["state"].unique()
    return {state: str(names[state]) for state in sorted(there) if state in names.index}


class Survey(NamedTuple):
    """Points of a survey of work RVUs a year for one full-time clinician, that its user owns, by
    percentile (some of `PERCENTILES`)."""

    points: tuple[tuple[int, float], ...]

    @staticmethod
    @checked
    def of(points: Mapping[int, float | None], where: str = "survey") -> Survey:
        """The points that are given. Raises `InputError` where they do not rise, or are fewer than
        two."""
        given = sorted((at, float(value)) for at, value in points.items() if value)
        odd = [at for at, _ in given if at not in PERCENTILES]
        if odd:
            allowed = f"must be one of {', '.join(map(str, PERCENTILES))}"
            raise InputError([Problem(where, None, "percentile", odd[0], allowed)])
        for (low, less), (high, more) in pairwise(given):
            if more <= less:
                allowed = f"must be above that of the {low}th"
                raise InputError([Problem(where, None, f"{high}th percentile", more, allowed)])
        if len(given) < 2:
            raise InputError([Problem(where, None, "points", len(given), "are too few: two or more"
                                      " percentiles are needed")])  # fmt: skip
        return Survey(tuple(given))

    @staticmethod
    @checked
    def read(content: bytes, name: str) -> Survey:
        """A CSV with the columns percentile and wrvu. Raises `InputError`."""
        table = read_table(content, _SURVEY, name)
        numbers = table["wrvu"].str.replace(",", "").astype(float)
        return Survey.of(dict(zip(table["percentile"].astype(int), numbers, strict=True)), name)

    @checked
    def stands(self, value: Annotated[float, between(0)]) -> Standing:
        """Where work RVUs of a full-time year stand: between two points by a straight line, and
        never beyond the outer ones."""
        (lowest, least), (highest, most) = self.points[0], self.points[-1]
        if value < least:
            return Standing(None, f"below the {lowest}th percentile")
        if value > most:
            return Standing(None, f"above the {highest}th percentile")
        for (low, less), (high, more) in pairwise(self.points):
            if value <= more:
                at = low + (high - low) * (value - less) / (more - less)
                return Standing(at, f"about the {round(at)}{_ending(round(at))} percentile")
        raise AssertionError("a value between the outer points is between two of them")


class Standing(NamedTuple):
    """Where a value stands in a survey: the percentile, None beyond its outer points; in words."""

    percentile: float | None
    words: str


_SURVEY = {
    "percentile": Column("25|50|75|90", "must be one of 25, 50, 75, 90"),
    "wrvu": Column(r"[0-9]{1,3}(,?[0-9]{3})*(\.[0-9]+)?", "must be work RVUs a year"),
}


def _ending(number: int) -> str:
    if 10 <= number % 100 <= 20:
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
