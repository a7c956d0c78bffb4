"""The sheets of one visit: superbill, claim lines, what to write on the ABN."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import streamlit as st

from chirocalc.plan import MOST_VISITS
from chirocalc.rules import MOST_DOLLARS, Answer
from chirocalc.sheets import (
    abn_copy,
    abn_has_no_place,
    abn_sheet,
    as_text,
    bill_of_visit,
    claim_sheet,
    claimed,
    claims_of,
    made_by,
    superbill,
)
from chirocalc.ui.shared import Session, plain, session
from chirocalc.visit import Desk
from chirocalc.words import listed

from .asked import diagnoses, language, no_fee
from .block import clinic, fold
from .paper import Paper, draw

FEES = "in its row, or under Your clinic"


@dataclass(frozen=True)
class OfVisit:
    """A visit to print: its answer, what it comes to, its day and the regions adjusted, by id."""

    answer: Answer
    desk: Desk
    day: date
    regions: Sequence[str]

    @property
    def made_by(self) -> str:
        return made_by(self.answer.settings.period)


def of_visit(visit: OfVisit, part: str) -> None:
    """Draw the choice of a sheet, and the one that is chosen. `part`: of the page, to run again
    when the practice's block was typed."""
    if not visit.answer.units:
        st.info("Sheets list what earns a unit: choose a service.", icon=":material/description:")
        return
    chosen = st.segmented_control(
        "Sheet",
        list(SHEETS),
        default=FIRST,
        key=Session.sheet.key("visit"),
        required=True,
        label_visibility="collapsed",
        persist_state="session",
    )
    fold(part)
    if found := SHEETS[chosen or FIRST](visit):
        draw(found)


def _superbill(visit: OfVisit) -> Paper:
    bill = bill_of_visit(visit.desk, session.fees, visit.day)
    lang = language()
    left, right = st.columns(2)
    with left:
        typed = diagnoses()
    paid = right.number_input(
        "Paid by the patient, in dollars (empty: a blank)",
        min_value=0.0,
        max_value=float(MOST_DOLLARS - 1),
        value=None,
        step=1.0,
        format="%.2f",
        key=Session.sheet_paid.key,
        persist_state="session",
    )
    _left_out(visit)
    no_fee((line.code.key for line in bill.lines if line.cents is None), FEES)
    cents = None if paid is None else round(paid * 100)
    html = superbill([bill], clinic(), printed=visit.day, lang=lang, paid=cents,
                     diagnoses=typed, made_by=visit.made_by)  # fmt: skip
    return Paper(html, "Superbill", "superbill")


def _claim(visit: OfVisit) -> Paper | None:
    bill = claimed(bill_of_visit(visit.desk, session.fees, visit.day), visit.desk.answer)
    claims = claims_of([bill])
    if not claims:
        st.info("Nothing of this visit goes on a claim.", icon=":material/info:")
        return None
    typed = diagnoses()
    no_fee((line.code.key for line in bill.lines if line.cents is None), FEES)
    html = claim_sheet(
        claims,
        clinic(),
        visit.answer.settings,
        regions=visit.regions,
        denied=visit.desk.denied,
        diagnoses=typed,
        made_by=visit.made_by,
    )
    names = [f" of claim {at}" for at in range(1, len(claims) + 1)] if len(claims) > 1 else [""]
    copies = [
        (f"Copy item 24{name}", as_text(rows)) for name, rows in zip(names, claims, strict=True)
    ]
    return Paper(html, "Claim lines", "claim-lines", tuple(copies))


def _abn(visit: OfVisit) -> Paper | None:
    settings = visit.answer.settings
    if words := abn_has_no_place(settings):
        st.info(words, icon=":material/info:")
        return None
    left, right = st.columns(2)
    with left:
        lang = language()
    visits = right.number_input(
        "Visits it is for", min_value=1, max_value=MOST_VISITS, step=1, key=Session.sheet_visits.key
    )
    lines = [line for line in visit.answer.lines if line.units]
    no_fee((line.key for line in lines if line.key not in session.fees), FEES)
    html = abn_sheet(
        lines,
        settings,
        session.fees,
        clinic(),
        day=visit.day,
        visits=int(visits),
        lang=lang,
        made_by=visit.made_by,
    )
    text = abn_copy(lines, session.fees, int(visits), lang)
    return Paper(html, "What to write on the ABN", "abn-words", (("Copy D, E and F", text),))


def _left_out(visit: OfVisit) -> None:
    if visit.desk.denied:
        codes = plain(listed(visit.desk.denied))
        st.warning(f"Left out: {codes} would be denied as it stands.", icon=":material/block:")


FIRST = "Superbill"

SHEETS: dict[str, Callable[[OfVisit], Paper | None]] = {
    FIRST: _superbill,
    "CMS-1500 lines": _claim,
    "ABN words": _abn,
}
