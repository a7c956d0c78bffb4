"""How a visit begins: the example, told as one; the clinic's own named visits; a link's reader."""

from __future__ import annotations

import streamlit as st

from chirocalc.links import SETTINGS, VISIT, Params
from chirocalc.ui.shared import (
    Session,
    address,
    device,
    frame,
    input_callback,
    plain,
    session,
)

# What a named visit keeps: what is done, by whom it is paid. What was answered of one patient is
# asked anew.
KEPT = ("payer", "adj")

SHARE = "share"  # the part of the page that runs alone


def draw() -> None:
    """What stands above a visit, where there is anything to say."""
    is_empty = not session.services and not session.adjusted
    if session.is_example and not is_empty:
        _example()
    elif is_empty and session.visits_kept:
        _named()
    if session.senders_own and not session.fees:
        st.info(
            "The sender saw this visit at prices of their own, which a link does not carry. Yours "
            "apply here: enter them in the rows, or under Your clinic.",
            icon=":material/payments:",
        )


def _example() -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="example"):
        st.markdown(":blue-badge[Example] This visit is made up.", width="content")
        st.button(
            "Start my own",
            type="tertiary",
            icon=":material/add:",
            on_click=_begin,
            help="Clears the example; the settings stay.",
        )


@input_callback
def _begin() -> None:
    session.begin_next(VISIT)


def _named() -> None:
    st.pills(
        "Start with one of your visits",
        list(session.visits_kept),
        key=Session.named.key,
        on_change=_take_named,
        wrap=True,
    )


@input_callback
def _take_named() -> None:
    """Begin a visit as it was named: its minutes are the usual ones, to be set to today's."""
    link = session.visits_kept.get(session.named or "")
    session.named = None
    if link is None:
        return
    clinics = {name: text for name, text in VISIT.encode(session.state).items() if name in SETTINGS}
    session.begin_anew(VISIT.decode(clinics | device.of_payer(link.get("payer", "")) | link)[0],
                       VISIT.repeats)  # fmt: skip


@st.fragment(key=SHARE)
def share() -> None:
    """The link of the visit, made when it is asked for, and the visit kept under a name."""
    with frame.part(VISIT):
        panel = st.popover(
            "Share", icon=":material/link:", on_change="rerun", key=Session.share.key
        )
        if panel.open:
            with panel:
                _share()


def _share() -> None:
    st.code(address(VISIT), language=None, wrap_lines=True)
    own = " The prices are your own, and are not in it." if session.own_amounts else ""
    st.caption(f"Opens this visit anywhere. Codes and minutes; no patient data in it.{own}")
    _keep()


def _keep() -> None:
    """Keep the visit under a name, or forget one."""
    st.text_input(
        "Keep it as one of my usual visits",
        key=Session.new_name.key,
        max_chars=device.MOST_NAME,
        on_change=_take_name,
        placeholder="usual Medicare visit",
        help="Services, minutes, regions and payer, in this browser only. Never a patient's name. "
        "It is offered when a visit is empty.",
    )
    if session.visits_kept:
        kept = list(session.visits_kept)
        session.kept_names = kept
        st.pills(
            "Kept: tap to forget",
            kept,
            selection_mode="multi",
            format_func=lambda name: f"{plain(name)} \u2715",
            key=Session.kept_names.key,
            on_change=_forget_names,
            wrap=True,
        )


@input_callback
def _take_name() -> None:
    name = " ".join(session.new_name.split())
    session.new_name = ""
    if name and (name in session.visits_kept or len(session.visits_kept) < device.MOST_NAMED):
        session.visits_kept = session.visits_kept | {name: _usual()}
        device.keep("visits")
    st.rerun([SHARE, device.DEVICE])


def _usual() -> Params:
    """The visit as it is usually done: without what was answered of one patient."""
    link = VISIT.encode(session.state)
    usual = {name: link[name] for name in KEPT if name in link}
    usual["payer"] = link.get("payer", SETTINGS["payer"].default)
    services = [part.partition("~")[0] for part in link.get("do", "").split("_")]
    return usual | {"do": "_".join(services)}


@input_callback
def _forget_names() -> None:
    session.visits_kept = {name: session.visits_kept[name] for name in session.kept_names
                           if name in session.visits_kept}  # fmt: skip
    device.keep("visits")
    st.rerun([SHARE, device.DEVICE])
