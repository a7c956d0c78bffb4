"""Who pays what of an allowed amount under Medicare Part B."""

from __future__ import annotations

import numpy as np
import pandas as pd

from chirocalc.arrays import Bools, Ints
from chirocalc.tables import rates

from .prices import _scaled, share_of


def who_pays(
    allowed: pd.Series,
    covered: pd.Series,
    assistant: Bools,
    deductible_left: float,
    here: rates.Period,
) -> pd.DataFrame:
    """Medicare's chain for one visit's lines, in dollars: from the allowed amount to who pays what.

    Less any unmet deductible, in the order of the lines; the patient 20%, Medicare 80%; 85% of
    Medicare's part on lines by an assistant (CQ, CO); 98% of it after sequestration, which leaves
    the patient's part as it is. Columns: allowed, deductible, coinsurance, assistant_cut,
    sequestration, medicare, patient, limiting_charge (the most a non-participating clinician may
    charge). The order of the steps is confirmed only in part (part-b, cpm-5-20.1, sequestration).
    """

    def share(cents: Ints, name: str) -> Ints:
        return share_of(cents, rates.amount(name, here))

    cents = _scaled(allowed.where(covered, 0.0), 2)
    before = np.cumsum(cents) - cents
    unmet = np.clip(_scaled(deductible_left, 2) - before, 0, cents)
    coinsurance = share(cents - unmet, "coinsurance")
    part = cents - unmet - coinsurance
    by_assistant = share(part, "assistant_share")
    after_assistant = np.where(assistant, by_assistant, part)
    medicare = share(after_assistant, "sequestration_share")
    chain = {
        "allowed": cents,
        "deductible": unmet,
        "coinsurance": coinsurance,
        "assistant_cut": part - after_assistant,
        "sequestration": after_assistant - medicare,
        "medicare": medicare,
        "patient": unmet + coinsurance,
        "limiting_charge": share(cents, "limiting_charge_share"),
    }
    return pd.DataFrame({name: value / 100 for name, value in chain.items()}, index=allowed.index)
