"""What the practice asks, what the patient's insurance pays, how it is paid: one at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from chirocalc import tables
from chirocalc.links import PLAN, SETTINGS, Discounts
from chirocalc.plan import MOST_MONTHS, MOST_VISITS
from chirocalc.rules import MOST_DOLLARS, Settings
from chirocalc.ui.shared import (
    YES_NO,
    Session,
    device,
    html,
    input_callback,
    inputs,
    plain,
    session,
)

from . import entered, services
from .entered import ANSWER, BELOW, key

PANELS = ("Insurance", "Fees", "Examinations", "Payment")


def draw(settings: Settings) -> None:
    """Draw the choice among them, and the one that is chosen."""
    session.plan_inputs = session.plan_inputs
    chosen = st.segmented_control(
        "What else belongs to the plan", PANELS, key=Session.plan_inputs.key,
        label_visibility="collapsed", required=True,
    )  # fmt: skip
    drawn: dict[str, Callable[[], None]] = {
        "Insurance": lambda: _insurance(settings),
        "Fees": lambda: _fees(settings),
        "Examinations": _examinations,
        "Payment": _payment,
    }
    with st.container(gap="small", key="plan money"):
        drawn[chosen or PANELS[0]]()


def _insurance(settings: Settings) -> None:
    whose = settings.profile("patient_pays")
    if whose == "medicare":
        _medicare()
    if whose in ("all", "medicare"):
        is_said = any(entered.value(name) not in (None, []) for name in (*BENEFITS, "not"))
        with st.expander("To compare with: what an insurance plan says", expanded=is_said):
            _benefits(settings)
    else:
        _benefits(settings)


# What an insurance plan says, each empty until it is entered.
BENEFITS = ("left", "year", "copay", "coins", "oop", "oop_year", "from", "limit", "used", "auth",
            "until")  # fmt: skip


def _benefits(settings: Settings) -> None:
    if settings.profile("patient_pays") != "nothing":
        with _row():
            _dollars("Deductible left", "left")
            _dollars("Deductible a year", "year", "It begins anew with the plan year.")
            _dollars("Copay a visit", "copay", "Where there is one, no coinsurance is taken.")
            _percent("Coinsurance, %", "coins", "Of what the deductible leaves.")
        with _row():
            _dollars("Out-of-pocket left", "oop", "Empty: no maximum.")
            _dollars("Out-of-pocket a year", "oop_year", "It begins anew with the plan year.")
            _month_day()
            _visits("Self-pay from visit", "from")
    else:
        st.caption(plain(tables.profile(settings.payer)["patient_note"]))
    with _row():
        _visits("Visits a year", "limit", "Empty: no limit. Past it the patient pays your fee.")
        _visits("Visits used", "used", "This plan year, before the plan.")
        _visits("Authorized visits", "auth", "Empty: none is needed.")
        st.date_input(
            "Authorized until", value=None, key=key("until"), on_change=_take, format="MM/DD/YYYY"
        )
    st.multiselect(
        "Services not covered", entered.codes(session.phases), key=key("not"), on_change=_take,
        placeholder="none besides those the payer's profile leaves out",
    )  # fmt: skip


def _medicare() -> None:
    with _row():
        st.number_input(
            "Part B deductible left, $", min_value=0.0, max_value=tables.most("part_b_deductible"),
            step=1.0, format="%.2f", key=SETTINGS["deductible"].key, on_change=_take, width=190,
        )  # fmt: skip
        st.segmented_control(
            "Signed ABN for maintenance", YES_NO, format_func=YES_NO.__getitem__,
            key=SETTINGS["abn"].key, on_change=_take, help=inputs.ABN_HELP,
        )  # fmt: skip
    st.caption(
        "Medicare pays a chiropractor for 98940 to 98942 in active care. Until you say no, "
        "maintenance is taken to have a signed ABN: the patient pays your fee."
    )


def _fees(settings: Settings) -> None:
    with _row():
        _percent("Self-pay discount, %", "off", "Of each service without a discount of its own.")
        _percent("Prompt-pay, %", "prompt", "Off what is left, for paying at once.")
        _dollars("Most a visit", "cap", "No self-pay visit costs the patient more.")
        st.number_input(
            "Schedule, %", min_value=1.0, max_value=1000.0, step=5.0, format="%.10g",
            key=key("base"), on_change=_take, width=130,
            help="Of the fee schedule, for services that you have not entered a fee of.",
        )  # fmt: skip
    may_allow = settings.profile("patient_pays") in ("copay", "nothing")
    for code in entered.codes(session.phases):
        _fee(code, settings.payer, may_allow)
    st.caption(
        "Fees of one unit; they stay in this browser and are in no link."
        + (" An allowed amount that you type is kept as your contract with this payer, by code, on "
           "the Visit page too." if may_allow else "")
    )  # fmt: skip


def _fee(code: str, payer: str, may_allow: bool) -> None:
    """One service: the practice's fee, what is let off it, and what the payer allows."""
    box = session.plan_box
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key=f"fee {code}"):
        name = tables.records()[code].short
        html.block(f'<div class="cc-name"><b>{code}</b> {html.text(name)}</div>', width=150)
        box[f"fee {code}"] = _dollars_of(session.fees.get(code))
        st.number_input(
            f"Fee of {code}", on_change=_take_fee, args=(code,), **_small(f"fee {code}", "your fee")
        )
        box[f"off {code}"] = _off_words(session.plan_offs.get(code, ""))
        st.text_input(
            f"Discount on {code}", key=box.key(f"off {code}"), on_change=_take_off, args=(code,),
            placeholder="10% or $5 off", label_visibility="collapsed", width=120,
        )  # fmt: skip
        if may_allow:
            contract = device.contract(payer)
            held = contract.codes.get(code) if contract and contract.by == "code" else None
            box[f"allowed {code}"] = _dollars_of(held)
            st.number_input(
                f"Allowed for {code}", on_change=_take_allowed, args=(code, payer),
                **_small(f"allowed {code}", "allowed"),
            )  # fmt: skip
    if problem := box[f"off problem {code}"]:
        st.markdown(f":small[:red[{plain(problem)}]]")


def _small(at: str, placeholder: str) -> dict[str, Any]:
    """How a small box of dollars is drawn."""
    return {
        "min_value": 0.0, "max_value": float(MOST_DOLLARS - 1), "value": None, "step": 1.0,
        "format": "%.2f", "key": session.plan_box.key(at), "placeholder": placeholder,
        "label_visibility": "collapsed", "width": 110,
    }  # fmt: skip


def _dollars_of(cents: int | None) -> float | None:
    return None if cents is None else cents / 100


def _off_words(text: str) -> str:
    """A discount as it is typed: "10%", "$5"."""
    return f"${text[1:]}" if text.startswith("d") else f"{text}%" if text else ""


@input_callback
def _take_fee(code: str) -> None:
    device.set_fee(code, session.plan_box[f"fee {code}"])
    st.rerun([ANSWER, BELOW, device.DEVICE])


@input_callback
def _take_allowed(code: str, payer: str) -> None:
    dollars, contract = session.plan_box[f"allowed {code}"], device.contract(payer)
    held = dict(contract.codes) if contract and contract.by == "code" else {}
    held.pop(code, None)
    if dollars is not None:
        held[code] = round(dollars * 100)
    device.set_of_payer(payer, codes=held or None, by="code" if held else None)
    st.rerun([ANSWER, BELOW, device.DEVICE])


@input_callback
def _take_off(code: str) -> None:
    """Take a discount as it is typed; what is none is said under it, and the one before stays."""
    typed = "".join(session.plan_box[f"off {code}"].split()).removesuffix("off")
    text = f"d{typed[1:]}" if typed.startswith("$") else typed.removesuffix("%")
    session.plan_box[f"off problem {code}"] = None
    others = {each: off for each, off in session.plan_offs.items() if each != code}
    try:
        read = PLAN.own["offs"].read(f"{code}~{text}") if text else {}
    except ValueError:
        session.plan_box[f"off problem {code}"] = (
            f"Discount on {code}: '{typed[:30]}' is neither percent, such as 10%, nor dollars off "
            "each unit, such as $5."
        )
        return
    session.plan_offs = Discounts(others | read)


def _examinations() -> None:
    """What the first visit has besides, and what every so many visits have."""
    _visits("Examine again every … visits", "each", width=240)
    st.markdown("**First visit**")
    services.draw("first", session.plan_first, _set_first)
    st.markdown("**Examined again**")
    services.draw("again", session.plan_again, _set_again)


def _set_first(text: str) -> None:
    session.plan_first = text


def _set_again(text: str) -> None:
    session.plan_again = text


def _payment() -> None:
    with _row():
        st.number_input(
            "Months", min_value=1, max_value=MOST_MONTHS, value=None, step=1, key=key("months"),
            on_change=_take, placeholder="as care lasts", width=190,
        )  # fmt: skip
        _dollars("Larger start", "down", "Paid at the start, the rest monthly.")
        _percent("Prepaid discount, %", "prepaid", "Of the self-pay part, when paid at once.")
    st.caption("The ways to pay stand below, under Payments.")


def _row() -> st.delta_generator.DeltaGenerator:
    return st.container(horizontal=True, gap="small", vertical_alignment="bottom")


def _dollars(label: str, of: str, help: str | None = None) -> None:
    st.number_input(
        f"{label}, $",
        min_value=0.0, max_value=float(MOST_DOLLARS - 1), value=None, step=10.0, format="%.2f",
        key=key(of), on_change=_take, help=help, width=150,
    )  # fmt: skip


def _percent(label: str, of: str, help: str | None = None) -> None:
    st.number_input(
        label, min_value=0.0, max_value=100.0, value=None, step=5.0, format="%.10g", key=key(of),
        on_change=_take, help=help, width=150,
    )  # fmt: skip


def _visits(label: str, of: str, help: str | None = None, width: int = 150) -> None:
    least = 1 if of in ("from", "each") else 0
    st.number_input(
        label, min_value=least, max_value=MOST_VISITS, value=None, step=1, key=key(of),
        on_change=_take, help=help, width=width,
    )  # fmt: skip


def _month_day() -> None:
    """The first day of the plan year."""
    st.selectbox(
        "Plan year begins", _beginnings(), key=key("renews"),
        format_func=_month, on_change=_take, width=150,
    )  # fmt: skip


MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


def _beginnings() -> list[str]:
    """The first of each month, and the day that a link says."""
    return sorted({*(f"{month:02}-01" for month in range(1, 13)), entered.value("renews")})


def _month(text: str) -> str:
    month, day = map(int, text.split("-"))
    return f"{MONTHS[month - 1]} {day}"


@input_callback
def _take() -> None:
    st.rerun([ANSWER, BELOW])
