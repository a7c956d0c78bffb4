"""The practice's block: typed once, kept in this browser, forgotten on demand, in no link."""

from __future__ import annotations

import streamlit as st

from chirocalc.sheets import FIELDS, MOST_LETTERS, Clinic, clinic_faults
from chirocalc.ui.shared import Session, device, input_callback, plain, session

NAMES = {
    "provider": "Who treats, with title",
    "npi": "NPI of who treats",
    "group_npi": "NPI of the practice, if it bills",
    "tin": "Tax ID (EIN, never a Social Security number)",
    "street": "Street",
    "city": "City",
    "state": "State",
    "zip": "ZIP code",
    "phone": "Phone",
}


def clinic() -> Clinic:
    """The block as it is kept."""
    held = {name: text for name, text in session.block.items() if name in FIELDS}
    return Clinic(**held | {"practice": session.practice})


def block(*parts: str) -> None:
    """Draw the fields, and what cannot be right of them. `parts`: of the page, to run again when
    one was typed."""
    _fields(*parts)
    _faults()


def _fields(*parts: str) -> None:
    session.practice_typed = session.practice
    for name in NAMES:
        session.block_typed[name] = session.block.get(name, "")
    st.text_input(
        "Practice name, for the printed sheet",
        key=Session.practice_typed.key,
        max_chars=device.MOST_NAME,
        on_change=_take_practice,
        args=parts,
    )
    cells = st.grid(3, min_column_width=180, gap="small")
    for name, label in NAMES.items():
        cells.text_input(
            label,
            key=Session.block_typed.key(name),
            max_chars=MOST_LETTERS,
            on_change=_take,
            args=(name, *parts),
        )


def _faults() -> None:
    for name, words in clinic_faults(clinic()).items():
        st.warning(f"{plain(NAMES[name])}: {words}.", icon=":material/error:")


def fold(*parts: str) -> None:
    """The fields, folded away; what cannot be right of them stays in sight, for it is printed."""
    with st.expander("Your practice on the sheets", icon=":material/edit:"):
        st.caption("Typed once, kept in this browser, on this device only; in no link.")
        _fields(*parts)
    _faults()


@input_callback
def _take_practice(*parts: str) -> None:
    session.practice = " ".join(session.practice_typed.split())
    device.keep("practice")
    st.rerun([*parts, device.DEVICE])


@input_callback
def _take(name: str, *parts: str) -> None:
    text = " ".join(session.block_typed[name].split())
    if name == "state":
        text = text.upper()
    held = {each: value for each, value in session.block.items() if each != name}
    session.block = held | ({name: text} if text else {})
    device.keep("block")
    st.rerun([*parts, device.DEVICE])
