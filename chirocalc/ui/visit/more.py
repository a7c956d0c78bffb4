"""What else there is of the visit, one at a time: nothing is computed before it is asked for."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from chirocalc import tables
from chirocalc.errors import InputError
from chirocalc.links import VISIT
from chirocalc.rules import Answer
from chirocalc.sheets import visit_csv, visit_sheet
from chirocalc.ui.shared import Session, address, input_callback, money, plain, session, source
from chirocalc.visit import (
    OwnFees,
    claim,
    explain,
    payment_chain,
    read_own_fees,
    side_by_side,
    template,
    therapy_year,
)

from .told import Visit, rerun

PANELS = ("Claim lines", "Who pays", "Other payers", "Your fees", "Save")


def draw(visit: Visit) -> None:
    """Draw the panel that is chosen, if any."""
    chosen = st.segmented_control(
        "More about this visit", PANELS, key=Session.panel.key, label_visibility="collapsed"
    )
    if not chosen:
        return
    told, unmet = visit.told().answer, visit.payment.deductible_left
    if chosen == "Claim lines":
        _claim_lines(told)
    elif chosen == "Who pays":
        _who_pays(told, unmet)
    elif chosen == "Other payers":
        _every_payer(told, session.fees)
    elif chosen == "Your fees":
        _own_fees(visit)
    else:
        _downloads(told, unmet)


def _claim_lines(told: Answer) -> None:
    """The claim lines: what was confirmed, what is only suggested, and what stays off the claim."""
    preview = claim(told)
    names = ["Code", "On the claim", "Still to decide", "Units"]
    lines = [
        (line.code, line.modifiers or "–", line.suggested or "–", line.units)
        for line in preview.lines
    ]
    st.table(pd.DataFrame(lines, columns=names), hide_index=True, alt="Claim lines")
    if preview.left_off:
        st.caption(f"A line has room for four modifiers; left off: {', '.join(preview.left_off)}.")
    unclear = [line.code for line in preview.documented if line.timed and line.minutes is None]
    noted = [
        line.code + ("" if line.minutes is None else f" ({line.minutes} min)")
        for line in preview.documented
        if line.code not in unclear
    ]
    if unclear:
        st.caption(f"Enter the minutes of {', '.join(unclear)}.")
    if noted:
        st.caption(f"Document, do not bill: {', '.join(noted)}.")


def _who_pays(told: Answer, deductible_left: float) -> None:
    """Medicare's and the patient's part in words, and the year's therapy against its threshold."""
    chain = payment_chain(told, deductible_left)
    if chain.medicare is None:
        st.caption("Deductible, coinsurance and the payer's part are known for Medicare only.")
    else:
        text = f"Medicare pays **{money(chain.medicare)}**, the patient **{money(chain.patient)}**"
        text += " on the covered lines."
        if told.settings.provider == "chiropractor" and told.settings.phase is None:
            text += " This assumes active treatment: it is asked above."
        if chain.limiting_charge:
            text += f" Limiting charge: {money(chain.limiting_charge)}."
        st.markdown(text)
    _kx_gauge(told)


def _kx_gauge(told: Answer) -> None:
    """Therapy dollars of the year against the threshold above which a line needs KX."""
    year = therapy_year(told)
    if year is None:
        return
    if year.threshold is None:
        st.caption(f"The KX threshold of {told.settings.period.name} is not loaded.")
        return
    text = f"{money(year.allowed)} of {money(year.threshold)} this year with this visit: "
    text += f"{'above' if year.allowed > year.threshold else 'below'} the KX threshold"
    part = min(year.allowed / year.threshold, 1.0)
    st.progress(part, text=f"{text} {source('cpm-5-10')}")


def _every_payer(told: Answer, fees: OwnFees | None) -> None:
    """The same visit under every payer profile: a table and a chart."""
    payers = side_by_side(told, fees)
    from . import charts  # noqa: PLC0415 - as in pictures.py

    charts.payer_amounts(payers)
    table = pd.DataFrame(
        {
            "Payer": [each.payer for each in payers],
            "Unit rule": [each.unit_rule for each in payers],
            "Cut on later therapy units": [each.reduction for each in payers],
            "Units": [each.units for each in payers],
            "Dollars": [
                money(each.amount) + (" (own fees)" if each.own_fees else "") for each in payers
            ],
            "Would be denied": [each.to_fix for each in payers],
            "Missing": [each.needs for each in payers],
        }
    )
    st.table(table, hide_index=True, alt="The visit under each payer profile")
    notes = [
        f"{row.name}: {row.note} {row.as_of}, {row.source.replace('|', ', ')}."
        for row in tables.payers().itertuples()
        if row.note
    ]
    st.caption("  \n".join(map(plain, notes)))


def _own_fees(visit: Visit) -> None:
    """Take the practice's own fees from a file; they stay in this session."""
    st.caption(
        "Used for self-pay and for lines the payer does not pay. A CSV with the columns code "
        "and fee. It is kept in this session only and never stored."
    )
    st.file_uploader(
        "Fee list",
        type="csv",
        key=Session.own_fees.key,
        max_upload_size=1,
        on_change=_take_fees,
        args=(visit,),
    )
    st.download_button(
        "Template",
        template,
        file_name="fees.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
    )
    if session.fee_problems:
        lines = "\n".join(f"- {plain(problem)}" for problem in session.fee_problems[:10])
        st.error(lines, title="This list cannot be used", icon=":material/error:")
    if session.fees is not None:
        unknown = len(session.fees.unknown)
        left_out = f" {unknown} codes are not in codes.csv." if unknown else ""
        st.caption(f"{len(session.fees.cents)} fees in use.{left_out}")


@input_callback
def _take_fees(visit: Visit) -> None:
    file = session.own_fees
    session.fees, session.fee_problems = None, []
    if file is not None:
        try:
            session.fees = read_own_fees(file.getvalue(), file.name)
        except InputError as error:
            session.fee_problems = error.problems
    rerun(visit)


def _downloads(told: Answer, deductible_left: float) -> None:
    """The visit to take along: a CSV, a sheet to print."""
    here, reasons = address(VISIT), explain(told)
    with st.container(horizontal=True, gap="small"):
        st.download_button(
            "CSV",
            lambda: visit_csv(told, reasons),
            file_name="visit.csv",
            mime="text/csv",
            icon=":material/table:",
            on_click="ignore",
        )
        st.download_button(
            "Printable sheet",
            lambda: visit_sheet(
                told, reasons, payment_chain(told, deductible_left), claim(told), here
            ),
            file_name="visit.html",
            mime="text/html",
            icon=":material/print:",
            on_click="ignore",
        )


def share() -> None:
    """The link of the visit, made when it is asked for."""
    panel = st.popover("Share", icon=":material/link:", on_change="rerun", key=Session.share.key)
    if panel.open:
        with panel:
            st.code(address(VISIT), language=None, wrap_lines=True)
            st.caption("Opens this visit anywhere. Codes and minutes; no patient data in it.")
