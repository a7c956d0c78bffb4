"""What several sheets ask for before they are printed."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from chirocalc.sheets import LANGUAGES
from chirocalc.ui.shared import Session, plain
from chirocalc.words import listed

MOST_TYPED = 200  # letters

NAMES = {"en": "English", "es": "English and Spanish"}


def language() -> str:
    """The language to print in; the Spanish comes behind its English original."""
    chosen = st.segmented_control(
        "Language",
        list(LANGUAGES),
        default=Session.sheet_language.before,
        format_func=lambda lang: NAMES[lang],
        key=Session.sheet_language.key,
        required=True,
        persist_state="session",
    )
    return chosen or Session.sheet_language.before


def diagnoses() -> str:
    """Diagnosis codes as they are typed, or nothing for a blank line."""
    typed = st.text_input(
        "Diagnosis codes (empty: a blank)",
        key=Session.sheet_diagnoses.key,
        max_chars=MOST_TYPED,
        placeholder="M99.03, M54.50",
        persist_state="session",
        help="Gone with the next patient: not kept, in no link.",
    )
    return " ".join(typed.split())


def no_fee(codes: Iterable[str], where: str) -> None:
    """Say which charges are left blank, and where to enter them."""
    if found := list(dict.fromkeys(codes)):
        st.caption(
            f":material/payments: Blank on the sheet, for want of your fee: "
            f"{plain(listed(found))}. Enter it {where}."
        )
