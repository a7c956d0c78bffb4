"""What one gets, before any file: the sample month's audit, marked as a sample."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import NamedTuple

import streamlit as st

from chirocalc import tables
from chirocalc.audit import AT_STAKE, Totals, by_dollars, words
from chirocalc.ui.charts import draw
from chirocalc.ui.shared import source
from chirocalc.words import count, listed

from .charts import Picture, mix
from .findings import said
from .found import sample_found
from .verdict import ONCE, tiles


class Preview(NamedTuple):
    """The sample's audit as it is shown: in words, its dollars at stake, and a picture."""

    headline: str
    about: str
    at_stake: Counter[str]
    to_do: str
    picture: Picture | None


@tables.kept
def _preview() -> Preview:
    """Worked out once, not at each run."""
    found = sample_found()
    totals = found.totals
    months = totals.by_month.index.unique("month")
    when = listed(f"{date.fromisoformat(f'{month}-01'):%B %Y}" for month in months)
    return Preview(
        f"What you get: {words.headline(totals, blind=True)}",
        f"Made up: {count(totals.rows['visits'], 'visit')} of {when}, at national amounts. {ONCE}",
        totals.at_stake,
        _in_words(totals),
        mix(totals, "Sample"),
    )


def show() -> None:
    """The sample's figures, what to do first in it, and a picture."""
    shown = _preview()
    with st.container(border=True):
        st.header(shown.headline, anchor=False)
        st.markdown(
            f":violet-badge[:material/science: Sample clinic, not yours] :small[{shown.about}]"
        )
        tiles(shown.at_stake)
        left, right = st.columns([7, 5], gap="medium")
        with left:
            st.header("Do these first", anchor=False)
            st.markdown(shown.to_do)
        with right:
            if shown.picture:
                draw(*shown.picture)
            st.markdown(f":small[{words.MIRROR} {source('medicare-use')}]")


def _in_words(totals: Totals) -> str:
    """The groups with dollars, one a line with what to do about it; the others counted."""
    groups = by_dollars(totals, AT_STAKE)
    costly = [each for each in groups if each.cents]
    items = [f"1. {said(each)}  \n   :small[{each.to_do}]" for each in costly]
    rest = sum(each.findings for each in groups if not each.cents)
    return "\n".join([*items, f"\n:small[and {count(rest, 'finding')} without dollars]"])
