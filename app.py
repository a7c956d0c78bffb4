"""The visit calculator: regions, services and minutes in; units, RVUs and dollars out."""

import streamlit as st

import chirocalc
from chirocalc.chain import payment_chain
from chirocalc.claim import claim
from chirocalc.explain import explain
from chirocalc.own_fees import charges
from chirocalc.ui import charts, frame, inputs, payers, services, show, visit_lines
from chirocalc.ui.visit_link import VISIT

with frame.page("Visit calculator", VISIT):
    settings, payment = inputs.settings()
    show.link_problems()
    left, right = st.columns([7, 5], gap="medium")
    with left:
        manipulations = services.regions()
    with right:
        services.find()
    chosen = services.chips()
    left, right = st.columns([7, 5], gap="medium")
    with left:
        visit = visit_lines.minutes(manipulations, chosen, payment.assistant)
    if visit.lines.empty:
        st.info("Choose the regions adjusted, or a service.", icon=":material/touch_app:")
    else:
        answer = chirocalc.estimate(visit.lines, settings)
        if answer.lines["tied"].any():
            with left:
                first = visit_lines.tie(answer.lines[answer.lines["tied"]])
            if first:
                answer = chirocalc.estimate(visit.with_choice(first), settings)
        reasons = explain(answer)
        chain = payment_chain(answer, payment.deductible_left)
        preview = claim(answer)
        show.line_results(visit, answer, reasons)
        visit_lines.answers(answer, visit.slots)
        with left:
            charts.rvus_by_line(answer)
        with right:
            totals = st.container()
            show.why_these_units(reasons)
            show.visit_findings(answer)
            show.claim_preview(preview)
            show.kx_gauge(answer)
            charts.minute_blocks(answer)
            charts.payment_steps(chain)
            show.who_pays(answer, chain)
        fees = payers.own_fees()
        payers.side_by_side(answer, fees)
        own = charges(answer, fees) if fees else None
        with totals:
            show.totals(answer, own)
        show.downloads(answer, reasons, chain, preview)
        show.sticky_totals(answer, own)
