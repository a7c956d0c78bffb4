"""Figures, sources and findings as Markdown, with nothing in them that takes effect by itself."""

from __future__ import annotations

import re
from collections.abc import Iterable

import streamlit as st

from chirocalc import tables, words
from chirocalc.rules import Finding, Settings
from chirocalc.tables import rates

from .session import session

# What begins markup, a directive such as :red[, or a formula; and what makes an address a link.
MARKDOWN = re.compile(r"[\\`*\[\]<>$#|~]|:(?=\w)")

ADDRESS = re.compile(r"(?<=:)//|(?<=www)\.|@")

NO_WIDTH = "\u200b"


def plain(text: object) -> str:
    """Text from a user as it is: no Markdown in it takes effect, so nothing it names is loaded."""
    return ADDRESS.sub(rf"{NO_WIDTH}\g<0>", MARKDOWN.sub(r"\\\g<0>", " ".join(str(text).split())))


RECORDED = "Minutes are recorded, not targeted."

LEVELS = {"fix": "red", "needs": "orange", "check": "blue", "note": "gray"}


def money(dollars: float | None) -> str:
    """`words.money` for Markdown, in which two dollar signs would begin a formula."""
    return words.money(dollars).replace("$", "\\$")


@tables.kept
def source(source_id: str) -> str:
    """A source as a link, or by its title where it has no address."""
    if not source_id:
        return ""
    row = tables.sources().loc[source_id]
    return f"[{row['short']}]({row['url']})" if row["url"] else f"({row['short']})"


def answered(told: str, sources: Iterable[str]) -> str:
    """What is said, and its sources."""
    return f"{plain(told)} {', '.join(map(source, sources))}"


MOST_SHOWN = 6  # of what a link held that could not be used


def link_problems() -> None:
    """What the address held that could not be used."""
    if problems := session.link_problems:
        more = len(problems) - MOST_SHOWN
        shown = [*problems[:MOST_SHOWN], *([f"and {more} more"] if more > 0 else [])]
        text = "\n".join(f"- {plain(problem)}" for problem in shown)
        st.warning(text, title="Parts of this link were left out", icon=":material/link_off:")


def releases(keys: Iterable[str], settings: Settings) -> str:
    """The releases that the RVUs of these codes are from."""
    values = rates.rvus(settings.period).loc[list(keys), "release"]
    return ", ".join(sorted(set(values) - {""}))


@tables.kept
def basis(keys: tuple[str, ...], settings: Settings) -> str:
    """What the figures of these codes rest on: release, place, payer and its percent."""
    place = "U.S. average"
    if settings.locality != "national":
        row = tables.localities().loc[settings.locality]
        place = f"{row['name']}, {row['state']}"
    release = releases(keys, settings)
    rate = "own fees" if settings.rate is None else f"{settings.rate:g}% of the fee schedule"
    said = ", ".join(filter(None, (release, place, tables.profile(settings.payer)["name"], rate)))
    return f"{said[0].upper()}{said[1:]}."


def finding(found: Finding, detailed: bool = False) -> None:
    """A hint: level, text, source; what the note must show is one tap away, or stands below."""
    text = said(found.level, found.text, found.source)
    if detailed:
        st.markdown(f"{text}\n\n{found.detail}")
    else:
        st.markdown(text, help=found.detail or None)


def said(level: str, text: str, source_id: str) -> str:
    """A sentence with the badge of its level before and its source behind."""
    return f":{LEVELS[level]}-badge[{words.LEVEL_NAMES[level]}] {text} {source(source_id)}"
