"""The log as it is priced, once until it or what prices it changes; and the days that are shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

import pandas as pd

from chirocalc import tables
from chirocalc.arrays import Ints
from chirocalc.links import ANY_PAYER, OF_PAYER, SETTINGS
from chirocalc.rules import Settings
from chirocalc.track import (
    Days,
    Projection,
    Span,
    frame_of,
    ordinals,
    places,
    priced,
    project,
    running,
    sample_rows,
    span_before,
    span_of,
)
from chirocalc.ui.shared import device, log, session

MOST_BARS = 120

LENGTHS = {"day": 1, "week": 7, "month": 30}  # days of what is drawn by

OTHER = "Other"


@dataclass(frozen=True, eq=False)
class Tracked:
    """Priced rows by day, with their `kind` of service; their days as ordinals; and the same summed
    up by day and kind, which a click on a period needs no more than. `years`: what the year comes
    to, by what was asked."""

    rows: pd.DataFrame
    ordinal: Ints
    days: Days
    is_sample: bool
    settings: Settings
    parts: dict[str, Tracked] = field(default_factory=dict)
    years: dict[Any, tuple[Projection, pd.Series]] = field(default_factory=dict)

    @staticmethod
    def of(rows: pd.DataFrame, is_sample: bool, settings: Settings) -> Tracked:
        return Tracked(rows, ordinals(rows), Days.of(rows), is_sample, settings)

    def within(self, span: Span) -> pd.DataFrame:
        """The rows of a span of days."""
        return self.rows.iloc[slice(*places(self.ordinal, span))]

    @cached_property
    def payers(self) -> frozenset[str]:
        """The payers that rows name."""
        return frozenset(self.rows["payer"].unique()) - {""}

    @cached_property
    def kinds(self) -> dict[int, str]:
        """The kinds of service that rows have, or the first one, by their numbers."""
        names = dict(enumerate(kind_names().categories))
        return {at: names[at] for at in sorted({*self.days.kind.tolist()}) or [0]}

    def year(self, weeks_off: float = 0, goal: float = 0) -> tuple[Projection, pd.Series]:
        """What this year comes to, and its running total."""
        key = (date.today(), weeks_off, goal)
        if key not in self.years:
            found = project(self.rows, key[0], weeks_off, round(goal * 100))
            self.years[key] = found, running(self.rows, key[0])
        return self.years[key]

    def by_payer(self, payer: str) -> Tracked:
        """Those of one payer, with those that name none where it is the clinic's."""
        if payer == ANY_PAYER:
            return self
        if payer not in self.parts:
            mine = self.rows["payer"] == payer
            if payer == self.settings.payer:
                mine |= self.rows["payer"] == ""
            self.parts[payer] = Tracked.of(self.rows[mine], self.is_sample, self.settings)
        return self.parts[payer]


def tracked(settings: Settings) -> Tracked:
    """The log of this session under the settings, or a sample where it is empty."""
    held = log.log()
    key = (id(held), held.version, id(tables.book()), settings, session.payers, session.fees,
           date.today())  # fmt: skip
    if session.tracked and session.tracked[0] == key:
        found: Tracked = session.tracked[1]
        return found
    rows = held.frame()
    is_sample = rows.empty
    if is_sample:
        rows = frame_of(sample_rows(date.today()))
    table = priced(rows, settings_of(settings), session.fees)
    table["kind"] = table["code"].map(kinds()).fillna(OTHER).astype(kind_names())
    found = Tracked.of(table, is_sample, settings)
    session.tracked = key, found
    return found


def settings_of(base: Settings) -> Callable[[str, str], Settings]:
    """The settings of a row by its payer and place: the clinic's, or what was set for the payer."""

    def of(payer: str, place: str) -> Settings:
        here = replace(base, date=None, place=place or base.place)
        if not payer or payer == base.payer or payer not in tables.payers().index:
            return here
        said = device.of_payer(payer)
        own = {name: SETTINGS[name].read(said[name]) if name in said else None for name in OF_PAYER}
        gp = own["gp"]
        return replace(
            here,
            payer=payer,
            unit_rule=own["rule"],
            percent=own["percent"],
            mppr=own["mppr"],
            therapy_modifier=None if gp is None else gp == "yes",
            chiropractor_codes=None,
        )

    return of


@tables.kept
def kinds() -> dict[str, str]:
    """The kind of service of each code."""
    table = tables.codes()
    of = table["category"].map(tables.service_kinds()["kind"]).fillna(OTHER)
    return dict(zip(table["code"], of, strict=True))


@tables.kept
def kind_names() -> pd.CategoricalDtype:
    """The kinds in the order of their table's first lines; what is none of them last."""
    names = [name for name in dict.fromkeys(tables.service_kinds()["kind"]) if name != OTHER]
    order = ["Adjustments", *(name for name in names if name != "Adjustments"), OTHER]
    return pd.CategoricalDtype(order, ordered=True)


class Shown(NamedTuple):
    """The days shown, those they are compared with, and by what they are drawn."""

    period: str
    span: Span
    before: Span | None
    grain: str


def shown(of: Tracked) -> Shown:
    """What the page's choices say; of "all" from the first row to the last, or today."""
    period, today = session.track_period, date.today()
    if period == "range":
        first, last = session.track_from or today.replace(day=1), session.track_to or today
        span = Span(min(first, last), max(first, last))
    elif period == "all":
        days = of.ordinal
        first, last = (
            (date.fromordinal(int(days[at])) for at in (0, -1)) if len(days) else (today,) * 2
        )
        span = Span(first, max(last, today))
    else:
        span = span_of(period, today)
    before = None if period == "all" else span_before(period, span, today)
    return Shown(period, span, before, _grain(span))


def _grain(span: Span) -> str:
    """By day, week or month: as chosen while the bars can be told apart, else as fits."""
    fits = [name for name, days in LENGTHS.items() if span.days / days <= MOST_BARS]
    usual = "day" if span.days <= 31 else "week" if span.days <= 92 else "month"
    chosen = session.track_by
    return chosen if chosen in fits else usual if usual in fits else "month"
