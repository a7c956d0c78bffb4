"""Who pays what of an allowed amount under Medicare Part B."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from chirocalc.checked import checked
from chirocalc.tables import rates

from .cents import share_of


class Shares(NamedTuple):
    """One line's way from the allowed amount to who pays what, in cents. `limiting_charge`: the
    most that a non-participating clinician may charge."""

    allowed: int
    deductible: int
    coinsurance: int
    assistant_cut: int
    sequestration: int
    medicare: int
    patient: int
    limiting_charge: int


@checked
def who_pays(
    lines: Iterable[tuple[int, bool]], deductible_left: int, here: rates.Period
) -> list[Shares]:
    """Medicare's chain for one visit's covered lines, in their order: each the cents allowed, and
    whether an assistant treated (CQ, CO). `deductible_left`: cents still unmet before the visit.

    Less any unmet deductible, in the order of the lines; the patient 20%, Medicare 80%; 85% of
    Medicare's part on lines by an assistant; 98% of it after sequestration, which leaves the
    patient's part as it is. The order of the steps is confirmed only in part (part-b, cpm-5-20.1,
    sequestration).
    """

    def share(cents: int, name: str) -> int:
        return share_of(cents, rates.amount(name, here))

    out = []
    for allowed, by_assistant in lines:
        unmet = min(deductible_left, allowed)
        deductible_left -= unmet
        coinsurance = share(allowed - unmet, "coinsurance")
        part = allowed - unmet - coinsurance
        after_assistant = share(part, "assistant_share") if by_assistant else part
        paid = share(after_assistant, "sequestration_share")
        out.append(
            Shares(
                allowed=allowed,
                deductible=unmet,
                coinsurance=coinsurance,
                assistant_cut=part - after_assistant,
                sequestration=after_assistant - paid,
                medicare=paid,
                patient=unmet + coinsurance,
                limiting_charge=share(allowed, "limiting_charge_share"),
            )
        )
    return out
