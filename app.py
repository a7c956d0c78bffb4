"""The visit calculator: regions, services and minutes in; units, RVUs and dollars out."""

import streamlit as st

from chirocalc.links import VISIT
from chirocalc.ui.shared import frame, inputs, markdown
from chirocalc.ui.visit import charts, lines, payers, results, services
from chirocalc.visit import charges, claim, explain, payment_chain

with frame.page("Visit calculator", VISIT):
    settings, payment = inputs.settings()
    markdown.link_problems()
    left, right = st.columns([7, 5], gap="medium")
    with left:
        manipulations = services.regions()
    with right:
        services.find()
    chosen = services.chips()
    left, right = st.columns([7, 5], gap="medium")
    with left:
        visit = lines.minutes(manipulations, chosen, payment.assistant)
    if not visit.services:
        st.info("Choose the regions adjusted, or a service.", icon=":material/touch_app:")
    else:
        found = lines.answered(visit, settings, left)
        reasons = explain(found)
        chain = payment_chain(found, payment.deductible_left)
        preview = claim(found)
        results.line_results(visit, found, reasons)
        lines.answers(found, visit)
        with left:
            charts.rvus_by_line(found)
        with right:
            totals = st.container()
            results.why_these_units(reasons)
            results.visit_findings(found)
            results.claim_preview(preview)
            results.kx_gauge(found)
            charts.minute_blocks(found)
            charts.payment_steps(chain)
            results.who_pays(found, chain)
        fees = payers.own_fees()
        payers.every_payer(found, fees)
        own = charges(found, fees) if fees else None
        with totals:
            results.totals(found, own)
        results.downloads(found, reasons, chain, preview)
        results.sticky_totals(found, own)
