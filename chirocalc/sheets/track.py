"""The log's year as one page of HTML to print."""

from __future__ import annotations

from datetime import date

import pandas as pd

from chirocalc import tables
from chirocalc.checked import CalendarDay, checked
from chirocalc.rules import Settings
from chirocalc.track import (
    MIRROR,
    OF_MEDICARE,
    Priced,
    Span,
    adjustment_mix,
    by_month_and_code,
    by_period,
    project,
    span_of,
    sums,
)
from chirocalc.words import count, money, rvu

from .parts import filled, made_by, period_of

MOST_CODES = 12  # rows that one page has room for beside twelve months, in any font


@checked
def track_sheet(rows: Priced, settings: Settings, today: CalendarDay, is_sample: bool) -> str:
    """Priced rows of the year of a day, up to it: by month, by code, the adjustment mix."""
    year = span_of("year", today)
    mine = rows[Span(year.first, today).has(rows["date"])]
    months = by_period(mine, "month") if len(mine) else by_period(rows.head(0), "month")
    codes = _by_code(mine)
    return filled(
        "track.html",
        size=9.0,
        year=today.year,
        first=f"{year.first:%B} {year.first.day}",
        last=f"{today:%B} {today.day}, {today.year}",
        payer=tables.payers().at[settings.payer, "name"],
        is_sample=is_sample,
        sentences=_sentences(mine, today),
        months=[
            {
                "month": f"{date.fromisoformat(str(start)):%B}",
                "days": int(row.days),
                "units": int(row.units),
                "work": row.work / 100,
                "total": row.total / 100,
                "dollars": row.cents / 100,
            }
            for start, row in zip(months.index, months.itertuples(), strict=True)
        ],
        codes=codes[:MOST_CODES],
        more_codes=len(codes) - MOST_CODES,
        shares=_shares(mine),
        mirror=MIRROR,
        limit=OF_MEDICARE,
        made_by=made_by(*(period_of(each, settings.period) for each in _months(mine))),
    )


def _months(rows: pd.DataFrame) -> list[str]:
    return sorted(set(rows["date"].str[:7]))


def _sentences(rows: pd.DataFrame, today: date) -> list[str]:
    now, found = sums(rows), project(rows, today)
    said = []
    if len(rows):
        figures = f"{rvu(now.work / 100)} wRVU, {rvu(now.total / 100)} RVU"
        dollars = f"about {money(now.cents / 100)} on {count(now.days, 'active day')}"
        said.append(f"{figures}, {count(now.units, 'unit')}, {dollars}.")
    if found.active_weeks:
        said.append(
            f"A projection of {found.whole / 100:,.0f} wRVU for the year rests on the mean of "
            f"{count(found.active_weeks, 'active week')}, {rvu(found.mean / 100)}."
        )
    if now.without_work:
        said.append(f"{count(now.without_work, 'row')} without a work RVU, in no sum.")
    return said


def _by_code(rows: pd.DataFrame) -> list[dict[str, object]]:
    """The codes with the most work RVUs first."""
    if rows.empty:
        return []
    table = by_month_and_code(rows).groupby(["code", "name"], as_index=False)[
        ["units", "work_rvu", "dollars"]
    ].sum()  # fmt: skip
    table = table.sort_values(["work_rvu", "units"], ascending=False)
    return [
        {"code": row.code, "name": row.name, "units": int(row.units), "work": row.work_rvu,
         "dollars": row.dollars}
        for row in table.itertuples(index=False)
    ]  # fmt: skip


def _shares(rows: pd.DataFrame) -> str:
    mix = adjustment_mix(rows)
    return "; ".join(
        f"{of}: " + ", ".join(f"{code} {share:.1%}" for code, share in mix[of].items())
        for of in mix
    )
