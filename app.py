"""The visit calculator: regions, services and minutes in; units, RVUs and dollars out."""

import streamlit as st

import chirocalc
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
    if visit.lines.empty:
        st.info("Choose the regions adjusted, or a service.", icon=":material/touch_app:")
    else:
        answer = chirocalc.estimate(visit.lines, settings)
        if first := lines.tie(answer, left):
            answer = chirocalc.estimate(visit.with_choice(first), settings)
        reasons = explain(answer)
        chain = payment_chain(answer, payment.deductible_left)
        preview = claim(answer)
        results.line_results(visit, answer, reasons)
        lines.answers(answer, visit.slots)
        with left:
            charts.rvus_by_line(answer)
        with right:
            totals = st.container()
            results.why_these_units(reasons)
            results.visit_findings(answer)
            results.claim_preview(preview)
            results.kx_gauge(answer)
            charts.minute_blocks(answer)
            charts.payment_steps(chain)
            results.who_pays(answer, chain)
        fees = payers.own_fees()
        payers.every_payer(answer, fees)
        own = charges(answer, fees) if fees else None
        with totals:
            results.totals(answer, own)
        results.downloads(answer, reasons, chain, preview)
        results.sticky_totals(answer, own)
