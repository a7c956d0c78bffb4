"""Whose and where the guide's dollars are: as the visitor has set it on the pages with prices."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

from chirocalc import tables
from chirocalc.codes import national
from chirocalc.errors import InputError
from chirocalc.links import SETTINGS
from chirocalc.rules import Settings
from chirocalc.ui.shared import session

WHERE = {"office": "your office", "facility": "a facility"}


def settings() -> Settings:
    """Medicare's fee schedule for the visitor's area, place, year, participation and factor,
    whoever may bill; national where none was set, or what was set is no area."""
    return Settings(
        provider=national().provider,
        locality=_locality(_set("area")),
        place=_set("place"),
        apm=_set("apm"),
        participating=_set("par"),
        date=None if (day := _set("date")) is None else day.isoformat(),
    )


def payer() -> Settings:
    """The same as the visitor's payer prices it for who treats: Medicare, for a chiropractor, where
    none was set."""
    return replace(
        settings(),
        payer=_set("payer"),
        provider=_set("who"),
        percent=_set("percent"),
        mppr=_set("mppr"),
    )


def _set(name: str) -> Any:
    """A setting as the visitor left it, or its default; so too where it cannot be used."""
    text = (session.settings or {}).get(name)
    if text:
        with suppress(ValueError, InputError):
            return SETTINGS[name].read(text)
    return SETTINGS[name].default


def _locality(area: str) -> str:
    if area == "national" or area in tables.localities().index:
        return area
    return tables.locality_of_zip(area).locality


def words(here: Settings) -> str:
    """The settings in words: "Medicare's 2026 fee schedule in Chicago, IL, your office"."""
    place = ", national"
    if here.locality != "national":
        row = tables.localities().loc[here.locality]
        place = f" in {row['name']}, {row['state']}"
    said = [f"Medicare's {here.period.name} fee schedule{place}", WHERE[here.place]]
    said += [] if here.participating else ["not participating"]
    said += ["qualifying APM participant"] if here.apm else []
    return ", ".join(said)
