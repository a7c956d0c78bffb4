"""What else there is of the visit, one at a time: nothing is computed before it is asked for."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from chirocalc import tables
from chirocalc.links import SETTINGS
from chirocalc.rules import Answer
from chirocalc.sheets import visit_csv
from chirocalc.ui.shared import Session, device, html, inputs, money, plain, session, source
from chirocalc.ui.sheets import OfVisit, of_visit
from chirocalc.visit import ClaimLine, claim, explain, payment_chain, side_by_side, therapy_year
from chirocalc.words import listed

from . import clinic, foot
from .told import MORE, Told, Visit

PANELS = ("Claim lines", "Who pays", "Other payers", "Sheets", "Your clinic", "Save")

CLAIM_HEADS = ("Code", "On the claim", "Still to decide", "Units")

# A payer's own settings by their names in a link, and in `Settings`.
SETTINGS_OF_PAYER = {
    "rule": "unit_rule",
    "percent": "percent",
    "mppr": "mppr",
    "gp": "therapy_modifier",
    "pays": "chiropractor_codes",
}

WHOSE = {"schedule": "", "fees": " (your fees)", "code": " (contract)", "visit": " (contract)"}


def draw(visit: Visit) -> None:
    """Draw the panel that is chosen, if any."""
    chosen = st.segmented_control(
        "More about this visit", PANELS, key=Session.panel.key, label_visibility="collapsed"
    )
    if not chosen:
        return
    told = visit.told()
    if chosen == "Claim lines":
        _claim_lines(told.answer)
    elif chosen == "Who pays":
        _who_pays(told)
    elif chosen == "Other payers":
        _every_payer(told.answer)
    elif chosen == "Sheets":
        of_visit(OfVisit(told.answer, told.desk, inputs.day_of_service(), session.adjusted), MORE)
    elif chosen == "Your clinic":
        clinic.draw(visit)
    else:
        _downloads(told)


def _claim_lines(told: Answer) -> None:
    """The claim lines: what was confirmed, what is only suggested, and what stays off the claim."""
    preview = claim(told)
    rows = "".join(map(_claim_line, preview.lines))
    heads = "".join(f"<th>{name}</th>" for name in CLAIM_HEADS)
    html.block(
        f'<table class="cc-table" aria-label="Claim lines"><thead><tr>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )
    if preview.collected:
        codes = plain(listed(preview.collected))
        st.caption(f"Not billed, collected from the patient: {codes}.")
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


def _claim_line(line: ClaimLine) -> str:
    cells = (line.code, line.modifiers or "–", line.suggested or "–", str(line.units))
    struck = [f"<s>{html.text(cell)}</s>" if line.denied else html.text(cell) for cell in cells]
    if line.denied:
        struck[2] = html.level("fix")
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in struck)}</tr>"


def _who_pays(at_desk: Told) -> None:
    """Medicare's and the patient's part in words, and the year's therapy against its threshold."""
    told = at_desk.answer
    chain = payment_chain(told, at_desk.deductible_left)
    if chain.medicare is None:
        st.caption(plain(tables.profile(told.settings.payer)["patient_note"]))
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


def _every_payer(told: Answer) -> None:
    """The same visit under every payer profile, as the practice has set each: a table, a chart."""
    chosen = {payer: _set_for(payer) for payer in tables.payers().index}
    chosen[told.settings.payer] = {
        name: getattr(told.settings, name) for name in SETTINGS_OF_PAYER.values()
    }
    payers = side_by_side(told, device.prices, chosen)
    from . import charts  # noqa: PLC0415 - as in pictures.py

    charts.payer_amounts(payers)
    table = pd.DataFrame(
        {
            "Payer": [each.payer for each in payers],
            "Unit rule": [each.unit_rule for each in payers],
            "Later therapy units lose": [each.reduction for each in payers],
            "Units": [each.units for each in payers],
            "Dollars": [money(each.amount) + WHOSE[each.basis] for each in payers],
            "Collect today": [money(each.collect) for each in payers],
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


def _set_for(payer: str) -> dict[str, Any]:
    """What the practice has set for a payer, by the names of `Settings`."""
    of = session.away.get(payer, device.of_payer(payer))
    read = {name: SETTINGS[name].read(text) for name, text in of.items()}
    if "gp" in read:
        read["gp"] = read["gp"] == "yes"
    if "pays" in read:
        read["pays"] = inputs.pays_chiropractor(read["pays"])
    return {SETTINGS_OF_PAYER[name]: value for name, value in read.items()}


def _downloads(told: Told) -> None:
    """The visit to take along: as text for the record, a CSV, a sheet to print."""
    st.code("\n".join(foot.record_lines(told)), language=None, wrap_lines=True)
    with st.container(horizontal=True, gap="small"):
        st.download_button(
            "CSV",
            lambda: visit_csv(told.answer, explain(told.answer), told.desk),
            file_name="visit.csv",
            mime="text/csv",
            icon=":material/table:",
            on_click="ignore",
        )
        st.download_button(
            "Printable sheet",
            lambda: foot.sheet(told),
            file_name="visit.html",
            mime="text/html",
            icon=":material/print:",
            on_click="ignore",
        )
