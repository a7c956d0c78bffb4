"""What all printed sheets and files share: the notice, who made them, the templates."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from chirocalc import tables
from chirocalc.checked import checked
from chirocalc.tables import rates
from chirocalc.version import VERSION
from chirocalc.words import listed, money, rvu

from .said import languages

FOOTER = (
    "CPT is a trademark of the American Medical Association; the names and descriptions here are "
    "our own. This is an estimate, not billing or legal advice. Nothing you enter is stored on "
    "a server, and no patient data belongs here."
)

TEMPLATES = Path(__file__).parent / "templates"


@tables.kept
def release_of(here: rates.Period) -> str:
    """CMS's file of relative values that is in force in a period: "RVU26B"; "" where none is."""
    held = tables.releases()
    begun = (held["effective_from"] <= here.first) & (here.first <= held["effective_to"])
    names = held[begun & (held["table"] == "rvus")].sort_values("effective_from")["release"]
    return str(names.iloc[-1]) if len(names) else ""


def period_of(month: str, else_: rates.Period) -> rates.Period:
    """The first period with a day in a month, such as "2026-03"; else the other one."""
    here = (each for each in rates.periods() if each.first[:7] <= month <= each.last[:7])
    return next(here, else_)


@checked
def made_by(*here: rates.Period) -> str:
    """Who computed a figure: "Chirocalc 0.2.0, RVU25D and RVU26B"."""
    names = sorted({release_of(each) for each in here} - {""})
    return f"Chirocalc {VERSION}" + (f", {listed(names)}" if names else "")


@checked
def stamped(table: pd.DataFrame, here: rates.Period) -> pd.DataFrame:
    """The table with two last columns, `version` and `release`: by the row's `month` where it has
    one, else of the period given. Columns, for a line before the header would break its reading."""
    release: str | pd.Series = release_of(here)
    if "month" in table:
        names = {month: release_of(period_of(month, here)) for month in table["month"].unique()}
        release = table["month"].map(names).astype("str")
    return table.assign(version=VERSION, release=release)


def filled(template: str, **values: Any) -> str:
    """A sheet: its template with the values, each escaped."""
    return _environment().get_template(template).render(notice=FOOTER, **values)


def form(template: str, title: str, lang: str = "en", size: float = 9.5, **values: Any) -> str:
    """A form to print, its title by the id of its words: the English original, and behind it, from
    a page of its own, the Spanish as an aid."""
    return filled(template, title=title, languages=languages(lang), size=size, **values)


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters |= {"money": money, "rvu": rvu, "cents": _cents,
                     "thousands": _thousands, "tenths": _tenths}  # fmt: skip
    return made


def _cents(cents: int | None) -> str:
    """Cents as dollars; "" where they are not known, to fill in."""
    return "" if cents is None else money(cents / 100)


def _thousands(number: int) -> str:
    return f"{number:,}"


def _tenths(number: float) -> str:
    return "–" if pd.isna(number) else f"{number:.1f}"
