"""All codes in one table, to look things up in: what each is worth in one's area, and whether
Medicare pays a chiropractor for it."""

from __future__ import annotations

import pandas as pd

from chirocalc import tables
from chirocalc.checked import checked
from chirocalc.rules import Settings, covers
from chirocalc.tables import Code, kept

from . import search
from .compare import BY_MINUTES, worth

CHOSEN_BY_TIME = "level"  # the time rule of visits whose level total time can choose


@kept(most=64)
@checked
def look_up(settings: Settings) -> pd.DataFrame:
    """One row per code, by code: name, category, minutes (of a unit; of a visit chosen by its time
    the least; missing where minutes do not count), work_rvu, total_rvu, first (dollars of the first
    unit under the settings, whoever treats), pays (Medicare pays a chiropractor for it). The
    adjustments stand first, then what has a chip on the visit's page, then the others by number.
    """
    codes = [tables.records()[key] for key in _in_order()]
    keys = tuple(code.key for code in codes)
    amounts, pays = worth(keys, settings), covers(by_chiropractor(settings))
    return pd.DataFrame(
        {
            "name": [code.name for code in codes],
            "category": [code.category for code in codes],
            "minutes": pd.array([_minutes(code) for code in codes], "Int64"),
            "work_rvu": amounts["work_rvu"].to_numpy(),
            "total_rvu": amounts["total_rvu"].to_numpy(),
            "first": amounts["first"].to_numpy(),
            "pays": [bool(pays[code.at]) for code in codes],
        },
        index=pd.Index(keys, name="code"),
    )


def by_chiropractor(settings: Settings) -> Settings:
    """What Medicare pays a chiropractor under, on the date of the settings (bp-15-240)."""
    return Settings(payer="medicare", provider="chiropractor", date=settings.date)


def _in_order() -> list[str]:
    adjustments = set(tables.manipulation()["code"])
    chips = tables.codes()["quick"].dropna().sort_values().index.to_list()
    places = {key: place for place, key in enumerate(chips)}
    whole = [code.key for code in tables.code_list() if not code.part]
    return sorted(
        whole, key=lambda key: (key not in adjustments, places.get(key, len(places)), key)
    )


def _minutes(code: Code) -> int | None:
    if code.time_rule == CHOSEN_BY_TIME:
        return code.from_minutes
    return code.unit_minutes if code.time_rule in BY_MINUTES else None


@checked
def fitting(typed: str, category: str | None, settings: Settings) -> pd.DataFrame:
    """The rows of `look_up` of a category (None: of all) that fit what was typed or answer
    what was asked for, best first. Codes in whose text alone it stands are listed only
    where no number, name, other word or answer fits."""
    table = look_up(settings)
    if typed.strip():
        told, hits = search.answer(typed), search.find(typed, len(search.names()))
        keys = search.in_order([hit for hit in hits if hit.named], told)
        keys = keys or [hit.key for hit in hits]
        table = table.loc[list(dict.fromkeys(key.partition("-")[0] for key in keys))]
    return table if category is None else table[table["category"] == category]


@checked
def exact(typed: str) -> str | None:
    """The code that was typed as it is, or a part of it; else None."""
    key = typed.strip().upper()
    return key.partition("-")[0] if key in search.names() else None
