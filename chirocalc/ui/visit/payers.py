"""Below the visit: the practice's own fees, and the same visit under every payer."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from chirocalc import tables
from chirocalc.errors import InputError
from chirocalc.rules import Answer
from chirocalc.ui.shared import Session, money, plain
from chirocalc.visit import OwnFees, read_own_fees, side_by_side, template

from . import charts


def own_fees() -> OwnFees | None:
    """Take the practice's own fees from a file; they stay in this session."""
    with st.expander("Your own fees", icon=":material/price_change:"):
        st.caption(
            "Used for self-pay and for lines the payer does not pay. A CSV with the columns code "
            "and fee. It is kept in this session only and never stored."
        )
        file = st.file_uploader("Fee list", type="csv", key=Session.own_fees.key, max_upload_size=1)
        st.download_button(
            "Template",
            template,
            file_name="fees.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
        )
        if file is None:
            return None
        try:
            fees = read_own_fees(file.getvalue(), file.name)
        except InputError as error:
            lines = "\n".join(f"- {plain(problem)}" for problem in error.problems[:10])
            st.error(lines, title="This list cannot be used", icon=":material/error:")
            return None
        left_out = f" {len(fees.unknown)} codes are not in codes.csv." if fees.unknown else ""
        st.caption(f"{len(fees.cents)} fees in use.{left_out}")
        return fees


def every_payer(answer: Answer, fees: OwnFees | None) -> None:
    """The same visit under every payer profile: a table and a chart."""
    panel = st.expander(
        "The same visit under every payer", icon=":material/compare_arrows:", on_change="rerun"
    )
    if not panel.open:
        return
    payers = side_by_side(answer, fees)
    with panel:
        charts.payer_amounts(payers)
        table = pd.DataFrame(
            {
                "Payer": [each.payer for each in payers],
                "Unit rule": [each.unit_rule for each in payers],
                "Cut on later therapy units": [each.reduction for each in payers],
                "Units": [each.units for each in payers],
                "Estimate": [
                    money(each.amount) + (" (own fees)" if each.own_fees else "") for each in payers
                ],
                "To fix": [each.to_fix for each in payers],
                "Needs": [each.needs for each in payers],
            }
        )
        st.table(table, hide_index=True, alt="The visit under each payer profile")
        for row in tables.payers().itertuples():
            if row.note:
                st.caption(f"{row.name}: {row.note} {row.as_of}, {row.source.replace('|', ', ')}.")
