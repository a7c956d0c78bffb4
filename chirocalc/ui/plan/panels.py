"""The plan in detail, one part at a time: by visit, payments, if care stops, what to settle."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from chirocalc.plan import PlannedVisit, Schedule, options, stop_at
from chirocalc.ui.shared import Session, html, input_callback, plain, session
from chirocalc.ui.sheets import prepaid
from chirocalc.words import LEVEL_NAMES, count

from . import entered, files, sheets
from .answer import dollars
from .entered import BELOW, key

WAYS = {
    "visit": "Each visit",
    "monthly": "Monthly",
    "start": "A larger start, then monthly",
    "prepaid": "All at the start",
}

WHYS = {
    "": "",
    "limit": "past the visits a year",
    "authorization": "past the authorization",
    "chosen": "self-pay by choice",
}

PANELS = ("By visit", "By service", "Payments", "If care stops", "What to settle", "Sheets",
          "Save")  # fmt: skip


def draw(schedule: Schedule) -> None:
    """Draw the choice among them, and the one that is chosen."""
    session.plan_panel = session.plan_panel
    chosen = st.segmented_control(
        "More about this plan", PANELS, key=Session.plan_panel.key,
        label_visibility="collapsed",
    )  # fmt: skip
    drawn: dict[str, Callable[[Schedule], None]] = {
        "By visit": _by_visit,
        "By service": _by_service,
        "Payments": _payments,
        "If care stops": _stop,
        "What to settle": _settle,
        "Sheets": sheets.draw,
        "Save": files.draw,
    }
    if chosen:
        drawn[chosen](schedule)


def _table(label: str, heads: list[str], rows: list[list[str]], kinds: list[str]) -> None:
    """A table that scrolls by itself where it is wide or long; figures stand at the right."""
    head = "".join(
        f'<th class="{kind}">{html.text(name)}</th>'
        for name, kind in zip(heads, kinds, strict=True)
    )
    body = "".join(
        "<tr>" + "".join(
            f'<td class="{kind}">{cell}</td>' for cell, kind in zip(row, kinds, strict=True)
        ) + "</tr>"
        for row in rows
    )  # fmt: skip
    html.block(
        f'<div class="cc-plan-table" tabindex="0" role="region" aria-label="{html.text(label)}">'
        f'<table class="cc-table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def _by_visit(schedule: Schedule) -> None:
    """A row for each visit."""
    heads = ["Visit", "Day", "Phase", "Services", "Charge", "Allowed", "Payer", "Patient",
             "Written off", "The patient pays"]  # fmt: skip
    kinds = ["", "cc-day", "", "cc-words", *["cc-right"] * 5, "cc-words"]
    _table("The plan by visit", heads, [_visit(schedule, each) for each in schedule.visits], kinds)


def _visit(schedule: Schedule, visit: PlannedVisit) -> list[str]:
    sums = (visit.charge, visit.allowed, visit.payer, visit.patient, visit.write_off)
    return [
        str(visit.number),
        f"{visit.day:%b} {visit.day.day}, {visit.day.year}",
        html.text(schedule.phase_of(visit).name),
        ", ".join(f"{line.code}{_times(line.units)}" for line in visit.lines if line.units),
        *map(dollars, sums),
        _made_of(visit),
    ]


def _times(units: int) -> str:
    return f" ×{units}" if units > 1 else ""


def _made_of(visit: PlannedVisit) -> str:
    """The parts of what the patient pays, in words."""
    parts = {
        "deductible": visit.deductible,
        "copay": visit.copay,
        "coinsurance": visit.coinsurance,
        "your fee": visit.own,
    }
    said = [f"{dollars(cents)} {name}" for name, cents in parts.items() if cents]
    if visit.why:
        said.append(WHYS[visit.why])
    if visit.holiday:
        said.append(f"moved off {html.text(visit.holiday)}")
    if visit.is_newest:
        said.append(f"{visit.rates.name} rates")
    return ", ".join(said)


def _by_service(schedule: Schedule) -> None:
    heads = ["Code", "Service", "Visits", "Units", "Charge", "Allowed", "Payer", "Patient",
             "Written off"]  # fmt: skip
    rows = [
        [
            each.code,
            html.text(each.name),
            str(each.visits),
            str(each.units),
            *map(dollars, (each.charge, each.allowed, each.payer, each.patient, each.write_off)),
        ]
        for each in schedule.items
    ]
    _table("The plan by service", heads, rows, ["", "cc-words", *["cc-right"] * 7])


def _payments(schedule: Schedule) -> None:
    """The ways to pay side by side."""
    rows, terms = [], entered.terms()
    for each in options(schedule, terms):
        later = {payment.cents for payment in each.payments[1:]}
        then = "–"
        if later:
            low, high = min(later), max(later)
            said = dollars(low) if low == high else f"{dollars(low)} to {dollars(high)}"
            then = f"{count(len(each.payments) - 1, 'payment')} of {said}"
        saved = dollars(each.saved) if each.saved else "–"
        rows.append([WAYS[each.way], dollars(each.first), then, dollars(each.total), saved])
    if terms.down is None:
        rows.insert(
            2, [WAYS["start"], "–", "enter the larger start above, under Payment", "–", "–"]
        )
    heads = ["How it is paid", "At the start", "Then", "In all", "Saved"]
    kinds = ["cc-words", "cc-right", "cc-words", "cc-right", "cc-right"]
    _table("Ways to pay", heads, rows, kinds)
    st.caption(
        "Months, a larger start and a discount for paying at once are set above, under Payment."
    )
    prepaid(schedule.plan)


def _stop(schedule: Schedule) -> None:
    """What was used and what is owed or refunded if care stops."""
    last = len(schedule.visits)
    at = min(entered.value("stop") or last // 2, last)
    session.set_input(key("stop"), at)
    st.slider(
        "Care stops after visit", 0, last, key=key("stop"), on_change=_take_stop,
    )  # fmt: skip
    rows = []
    for option in options(schedule, entered.terms()):
        stop = stop_at(schedule, at, option)
        end = "nothing is open"
        if stop.owe:
            end = f"the patient owes <b>{dollars(stop.owe)}</b>"
        if stop.refund:
            end = f"you refund <b>{dollars(stop.refund)}</b>"
        rows.append([WAYS[option.way], dollars(stop.used), dollars(stop.paid), end])
    heads = ["How it is paid", "Care used", "Paid by then", "So"]
    _table("If care stops", heads, rows, ["", "cc-right", "cc-right", ""])
    st.caption(
        "Care used is the patient's part of the visits so far at the plan's own prices; a discount "
        "for paying at once is kept for them."
    )


@input_callback
def _take_stop() -> None:
    st.rerun(BELOW)


def _settle(schedule: Schedule) -> None:
    """What the rules say of the plan, once for each phase, the worst first."""
    if not schedule.findings:
        st.caption("The rules find nothing in these visits.")
        return
    order = list(LEVEL_NAMES)
    found = sorted(
        schedule.findings, key=lambda each: (each.phase, order.index(each.finding.level))
    )
    for phase in dict.fromkeys(each.phase for each in found):
        name = schedule.plan.phases[phase].name
        parts = [
            f"{html.level(each.finding.level)} {html.text(each.finding.text)} "
            f"{html.source(each.finding.source)} "
            f'<span class="cc-quiet">{count(each.visits, "visit")}, from visit {each.first}</span>'
            for each in found
            if each.phase == phase
        ]
        st.markdown(f"**{plain(name)}**")
        html.block(html.stacked(parts))
    st.caption("What would be denied as it stands is in no total. Mend it where the phase is set.")
