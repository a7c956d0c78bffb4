"""The superbill: a patient's receipt of one visit, or of the visits of a plan up to a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from chirocalc.checked import checked

from .bills import Bill, total
from .clinic import Clinic
from .parts import form
from .said import Language


@checked
def superbill(
    bills: Sequence[Bill],
    clinic: Clinic,
    *,
    printed: date,
    lang: Language = "en",
    paid: int | None = None,
    diagnoses: str = "",
    made_by: str,
) -> str:
    """Services by day with codes, confirmed modifiers, units and charges; patient and insurance as
    blank lines. `paid`: cents, None for a blank; so are charges that have no fee."""
    charges = total(bill.cents for bill in bills)
    discount = sum(bill.discount for bill in bills)
    due = None if charges is None else charges - discount
    return form(
        "superbill.html",
        "superbill",
        lang,
        clinic=clinic,
        bills=bills,
        printed=printed,
        is_ahead=any(bill.day > printed for bill in bills),
        charges=charges,
        discount=discount,
        due=due,
        paid=paid,
        balance=None if due is None or paid is None else due - paid,
        diagnoses=diagnoses,
        made_by=made_by,
    )
