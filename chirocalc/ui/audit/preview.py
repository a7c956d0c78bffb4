"""What one gets, before any file: the sample month's audit, marked as a sample."""

from __future__ import annotations

from datetime import date

import streamlit as st

from chirocalc.audit import AT_STAKE, Totals, by_dollars, words
from chirocalc.ui.shared import source
from chirocalc.words import count, listed

from . import charts
from .findings import said
from .found import sample_found
from .verdict import headline, tiles


def show() -> None:
    """The sample's figures, what to do first in it, and a picture."""
    found = sample_found()
    totals = found.answer.totals
    months = totals.by_month.index.unique("month")
    when = listed(f"{date.fromisoformat(f'{month}-01'):%B %Y}" for month in months)
    with st.container(border=True):
        st.header(f"What you get: {headline(found)}", anchor=False)
        st.markdown(
            ":violet-badge[:material/science: Sample clinic, not yours] "
            f":small[Made up: {count(totals.rows['visits'], 'visit')} of {when}, at national "
            "amounts.]"
        )
        tiles(totals.at_stake)
        left, right = st.columns([7, 5], gap="medium")
        with left:
            st.header("Do these first", anchor=False)
            st.markdown(_in_words(totals))
        with right:
            charts.manipulations(totals, "Sample")
            st.markdown(f":small[{words.MIRROR} {source('medicare-use')}]")


def _in_words(totals: Totals) -> str:
    """The groups with dollars, one a line with what to do about it; the others counted."""
    groups = by_dollars(totals, AT_STAKE)
    costly = [each for each in groups if each.cents]
    items = [f"1. {said(each)}  \n   :small[{each.to_do}]" for each in costly]
    rest = sum(each.findings for each in groups if not each.cents)
    return "\n".join([*items, f"\n:small[and {count(rest, 'finding')} without dollars]"])
