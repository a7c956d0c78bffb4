"""The sheets of a plan: good faith estimate, care plan, superbills, what to write on the ABN."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import streamlit as st

from chirocalc import tables
from chirocalc.plan import Option, Plan, Schedule
from chirocalc.sheets import (
    abn_copy,
    abn_has_no_place,
    abn_sheet,
    bill_of_planned,
    care_plan,
    due_when_asked,
    due_when_scheduled,
    estimate_visits,
    good_faith_estimate,
    made_by,
    prepaid_rule,
    superbill,
    without_fee,
)
from chirocalc.ui.shared import Session, plain, session, source
from chirocalc.words import listed

from .asked import MOST_TYPED, diagnoses, language, no_fee
from .block import NAMES, clinic, fold
from .paper import Paper, draw

SCHEDULED, ASKED = "Scheduled", "Asked for"

FEES = "above, under Fees"


@dataclass(frozen=True)
class OfPlan:
    """A plan to print as it is priced, as a patient pays it all, and the ways to pay it that are
    offered."""

    schedule: Schedule
    self_pay: Schedule
    ways: tuple[Option, ...] = ()


def of_plan(of: OfPlan, part: str) -> None:
    """Draw the choice of a sheet of a plan, and the one that is chosen. `part`: of the page, to run
    again when the practice's block was typed."""
    chosen = st.segmented_control(
        "Sheet",
        list(SHEETS),
        default=FIRST,
        key=Session.sheet.key("plan"),
        required=True,
        label_visibility="collapsed",
        persist_state="session",
    )
    left, right = st.columns([2, 3], gap="medium")
    with left:
        fold(part)
        found = SHEETS[chosen or FIRST](of)
    with right:
        if found:
            draw(found)


def _good_faith(of: OfPlan) -> Paper | None:
    st.caption(
        "Owed to a patient who is uninsured, or who will not use insurance for this care. Its "
        f"charges are your own, after your self-pay discounts. {source('gfe-149.610')}"
    )
    priced = of.self_pay
    if codes := without_fee(priced):
        st.warning(
            f"Enter your own fee for {plain(listed(codes))} first: an estimate at Medicare's "
            "amounts would not be one of your charges.",
            icon=":material/payments:",
        )
        return None
    is_scheduled = _due(priced.plan.start)
    lang = language()
    primary = st.text_input(
        "Main service, in plain words",
        key=Session.sheet_primary.key,
        max_chars=MOST_TYPED,
        placeholder=priced.plan.name or "A course of chiropractic care",
        persist_state="session",
    )
    typed = diagnoses()
    separate = st.text_input(
        "Scheduled separately (commas between)",
        key=Session.sheet_separate.key,
        max_chars=MOST_TYPED,
        placeholder="low-back x-rays",
        persist_state="session",
    )
    _limits(priced)
    html = good_faith_estimate(
        priced,
        clinic(),
        made=date.today(),
        lang=lang,
        primary=_one_line(primary),
        scheduled=is_scheduled,
        diagnoses=typed,
        separate=[each for part in separate.split(",") if (each := _one_line(part))],
    )
    _blanks()
    return Paper(html, "Good Faith Estimate", "good-faith-estimate")


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _due(start: date) -> bool:
    """Say the day by which the estimate is due; tell whether the care is scheduled."""
    left, right = st.columns(2, vertical_alignment="bottom")
    how = left.segmented_control(
        "The care was",
        [SCHEDULED, ASKED],
        default=SCHEDULED,
        key=Session.sheet_asked.key,
        required=True,
        persist_state="session",
    )
    begin = right.date_input(
        "On which day",
        value=date.today(),
        key=Session.sheet_day.key,
        format="MM/DD/YYYY",
        persist_state="session",
    )
    due = due_when_scheduled(begin, start) if how == SCHEDULED else due_when_asked(begin)
    if due.day is None:
        st.info(f"{due.why}. {source(due.source)}", icon=":material/event:")
        return how == SCHEDULED
    holidays = f" {listed(due.holidays)} does not count." if due.holidays else ""
    said = f"Due by **{due.day:%A}, {_day(due.day)}**. {due.why}.{holidays} {source(due.source)}"
    (st.warning if due.day < date.today() else st.success)(said, icon=":material/event:")
    return how == SCHEDULED


def _day(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"


def _limits(priced: Schedule) -> None:
    """What of the plan the estimate cannot cover, and what of it is to be checked."""
    visits, until = estimate_visits(priced)
    if left := len(priced.visits) - len(visits):
        st.warning(
            f"One estimate holds for 12 months at most: the {left} visits from {_day(until)} on "
            "are not in it and need a new one.",
            icon=":material/event_busy:",
        )
    st.caption(
        ":material/help: Read second-hand, to be checked: the \\$25 fee of a dispute, and the "
        f"numbers of some paragraphs of the rule, which is cited as a whole. {source('gfe-fee')}"
    )


def _blanks() -> None:
    """What the law asks for and the block does not have: lines to fill in by hand."""
    held = clinic()
    needed = {
        "provider": held.provider or held.practice,
        "npi": held.npi,
        "tin": held.tin,
        "street": held.street,
        "state": held.state,
    }
    if missing := [NAMES[name] for name, text in needed.items() if not text]:
        st.caption(f":material/edit: To fill in by hand, or above: {plain('; '.join(missing))}.")


def _care_plan(of: OfPlan) -> Paper:
    lang = language()
    ways = st.pills(
        "Ways to pay on the sheet",
        [way.way for way in of.ways],
        selection_mode="multi",
        default=[way.way for way in of.ways[:2]],
        format_func=lambda way: WAYS[way],
        key=Session.sheet_ways.key,
        wrap=True,
        persist_state="session",
    )
    if of.schedule.missing:
        codes = plain(listed(of.schedule.missing))
        st.warning(f"Not in the amounts, for want of a price: {codes}.", icon=":material/payments:")
    html = care_plan(
        of.schedule,
        clinic(),
        made=date.today(),
        lang=lang,
        ways=[way for way in of.ways if way.way in ways],
    )
    return Paper(html, "Care plan", "care-plan")


def _superbills(of: OfPlan) -> Paper:
    lang = language()
    first, last = of.schedule.visits[0].day, of.schedule.visits[-1].day
    until = st.date_input(
        "Visits up to",
        value=max(first, min(date.today(), last)),
        min_value=first,
        max_value=last,
        key=Session.sheet_until.key,
        format="MM/DD/YYYY",
    )
    typed = diagnoses()
    bills = [bill_of_planned(visit) for visit in of.schedule.visits if visit.day <= until]
    no_fee((line.code.key for bill in bills for line in bill.lines if line.cents is None), FEES)
    html = superbill(
        bills, clinic(), printed=date.today(), lang=lang, diagnoses=typed, made_by=made_by()
    )
    return Paper(html, "Superbill", "superbill")


def _abn(of: OfPlan) -> Paper | None:
    if words := abn_has_no_place(of.schedule.plan.settings):
        st.info(words, icon=":material/info:")
        return None
    visits = [
        visit
        for visit in of.schedule.visits
        if of.schedule.phase_of(visit).treatment == "maintenance"
    ]
    if not visits:
        st.info(
            "No phase of this plan is maintenance: active treatment takes no ABN.",
            icon=":material/info:",
        )
        return None
    lang = language()
    lines, fees = (
        [line.line for line in visits[0].lines if line.units],
        of.schedule.plan.prices.fees,
    )
    no_fee((line.key for line in lines if line.key not in fees), FEES)
    html = abn_sheet(
        lines,
        visits[0].answer.settings,
        fees,
        clinic(),
        day=visits[0].day,
        visits=len(visits),
        lang=lang,
        made_by=made_by(),
    )
    text = abn_copy(lines, fees, len(visits), lang)
    return Paper(html, "What to write on the ABN", "abn-words", (("Copy D, E and F", text),))


def prepaid(plan: Plan) -> None:
    """Draw what the user's state asks of care that is paid ahead, or that it was not checked."""
    names = tables.states()["name"]
    own = session.block.get("state") or _state(plan)
    if session.prepay_state is None and own in names.index:
        session.prepay_state = own
    state = st.selectbox(
        "Care paid ahead, by state",
        list(names.index),
        index=None,
        format_func=lambda each: names[each],
        key=Session.prepay_state.key,
        placeholder="Your state",
        persist_state="session",
    )
    if state is None:
        return
    rule = prepaid_rule(state)
    if rule is None:
        st.markdown(
            f"{names[state]}: **not checked by us.** States differ: some ask for escrow or "
            "refunds, some forbid it. Ask your board."
        )
        return
    st.markdown(
        f"**{names[state]}**, {plain(rule.rule)}, {plain(rule.applies_to)}: {plain(rule.asks)}"
    )
    how = "Commonly stated" if rule.sure == "?" else "Read in secondary sources"
    st.caption(f"{how}: check with your board.")


def _state(plan: Plan) -> str:
    if plan.settings.locality == "national":
        return ""
    return str(tables.localities().at[plan.settings.locality, "state"])


WAYS = {
    "visit": "Each visit",
    "monthly": "Monthly",
    "start": "A larger start, then monthly",
    "prepaid": "All at the start",
}

FIRST = "Good Faith Estimate"

SHEETS: dict[str, Callable[[OfPlan], Paper | None]] = {
    FIRST: _good_faith,
    "Care plan": _care_plan,
    "Superbills": _superbills,
    "ABN words": _abn,
}
