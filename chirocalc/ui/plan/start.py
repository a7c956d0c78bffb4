"""How a plan begins: a template, one of the clinic's own, a link; and how it is kept and shared."""

from __future__ import annotations

from datetime import date
from urllib.parse import parse_qsl

import streamlit as st

from chirocalc import tables
from chirocalc.links import PLAN, SETTINGS, Params
from chirocalc.tables import rates
from chirocalc.ui.shared import (
    Session,
    address,
    device,
    frame,
    input_callback,
    plain,
    session,
)

from .entered import ANSWER, BELOW, key

SHARE = "plan share"  # the part of the page that runs alone

# What one patient's insurance says is not kept with a plan's name.
OF_PATIENT = (
    "start", "left", "year", "copay", "coins", "oop", "oop_year", "limit", "used", "auth", "until",
    "renews", "not", "from", "stop",
)  # fmt: skip


def draw() -> None:
    """The title, the template and the start. Inputs of the plan that are not drawn now would be
    lost."""
    session.say_again(*(field.key for field in PLAN.own.values()))
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="plan head"):
        st.title("Plan of care", anchor=False, width="content")
        st.selectbox(
            "Begin with", [*session.plans_kept, *_templates()], index=None, width=240,
            key=Session.plan_template.key, on_change=_take_template, placeholder="a template",
            help="Made up to begin with, none is a recommendation. Your own stand first: keep one "
            "under Share.",
        )  # fmt: skip
        st.date_input(
            "First visit", value=None, min_value=date.fromisoformat(rates.periods()[0].first),
            key=key("start"), on_change=_take, format="MM/DD/YYYY", width=180,
            help="Today, unless you choose another day.",
        )  # fmt: skip


@tables.kept
def _templates() -> dict[str, Params]:
    table = tables.plan_templates()
    return {str(name): dict(parse_qsl(link)) for name, link in table["link"].items()}


@input_callback
def _take() -> None:
    st.rerun([ANSWER, BELOW])


@input_callback
def _take_template() -> None:
    """Begin the plan anew; settings, the patient's insurance and the practice's terms stay."""
    name = session.plan_template or ""
    link = session.plans_kept.get(name) or _templates().get(name)
    session.plan_template = None
    if link is None:
        return
    now = PLAN.encode(session.state)
    stays = {each: text for each, text in now.items() if each in SETTINGS or each in PLAN.own}
    for each in ("first", "again", "each"):
        stays.pop(each, None)
    session.begin_anew(PLAN.decode(stays | link)[0], PLAN.repeats)


@st.fragment(key=SHARE)
def share() -> None:
    """The link of the plan, made when it is asked for, and the plan kept under a name."""
    with frame.part(PLAN):
        panel = st.popover(
            "Share", icon=":material/link:", on_change="rerun", key=Session.plan_share.key
        )
        if panel.open:
            with panel:
                _share()


def _share() -> None:
    st.code(address(PLAN), language=None, wrap_lines=True)
    st.caption("Opens this plan anywhere, without your fees: who opens it sees it at theirs.")
    st.text_input(
        "Keep it as one of my plans", key=Session.plan_name.key, max_chars=device.MOST_NAME,
        on_change=_take_name, placeholder="usual low back",
        help="Phases, services and your terms, in this browser only; nothing of a patient's "
        "insurance. Never a patient's name.",
    )  # fmt: skip
    if session.plans_kept:
        kept = list(session.plans_kept)
        session.plan_names = kept
        st.pills(
            "Kept: tap to forget", kept, selection_mode="multi",
            format_func=lambda name: f"{plain(name)} \u2715", key=Session.plan_names.key,
            on_change=_forget_names, wrap=True,
        )  # fmt: skip


@input_callback
def _take_name() -> None:
    name = " ".join(session.plan_name.split())
    session.plan_name = ""
    if name and (name in session.plans_kept or len(session.plans_kept) < device.MOST_NAMED):
        session.plans_kept = session.plans_kept | {name: _usual()}
        device.keep("plans")
    st.rerun([SHARE, device.DEVICE])


def _usual() -> Params:
    """The plan without what is one patient's, and without settings."""
    link = PLAN.encode(session.state)
    return {
        name: text for name, text in link.items() if name not in SETTINGS and name not in OF_PATIENT
    }


@input_callback
def _forget_names() -> None:
    session.plans_kept = {
        name: link for name, link in session.plans_kept.items() if name in session.plan_names
    }
    device.keep("plans")
    st.rerun([SHARE, device.DEVICE])
