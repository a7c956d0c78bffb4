"""What the visit page shows of an estimate: totals, the reason of every unit, downloads."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from chirocalc.links import VISIT
from chirocalc.rules import RULE_NAMES, Estimate
from chirocalc.sheets import visit_csv, visit_sheet
from chirocalc.ui.shared import (
    LEVELS,
    RECORDED,
    Found,
    address,
    basis,
    finding,
    money,
    source,
)
from chirocalc.visit import (
    Chain,
    Claim,
    LineReason,
    Reasons,
    dollars,
    therapy_year,
    units_by_rule,
    year_before,
)
from chirocalc.words import count, rvu

from .lines import Visit


def line_results(visit: Visit, answer: Estimate, reasons: Reasons) -> None:
    """Under each input: the line's units, RVUs and amount, and why."""
    other = "units_cpt" if answer.settings.rule == "cms" else "units_cms"
    other_name = "midpoint" if answer.settings.rule == "cms" else "total time"
    hints: dict[str, list[Found]] = {}
    for found in answer.findings.itertuples():
        hints.setdefault(found.code, []).append(found)
    rows = zip(visit.slots.values(), answer.lines.itertuples(), reasons.lines, strict=True)
    for slot, line, reason in rows:
        parts = [f"**{count(line.units, 'unit')}**"]
        if getattr(line, other) != line.units:
            parts.append(f":gray[{other_name}: {getattr(line, other)}]")
        parts += [f"{rvu(line.work_rvu)} wRVU", f"{rvu(line.total_rvu)} RVU"]
        parts.append(money(line.allowed) if line.covered else "not covered")
        with slot.container(gap="xxsmall"):
            st.markdown(" :gray[·] ".join(parts))
            st.markdown(f":small[{_why(reason)}]")
            for found in hints.get(line.code, []):
                finding(found)


def _why(reason: LineReason) -> str:
    words = [f"{reason.text} {source(reason.source)}"]
    if reason.payment:
        words.append(f"{reason.payment} {source(reason.payment_source)}")
    return " ".join(words)


def totals(answer: Estimate, own: pd.Series | None) -> None:
    """The four numbers of the visit, both unit rules, and what the numbers rest on. `own`: the
    charges at the practice's own fees, which are the estimate where the payer has no schedule."""
    visit = answer.visits.iloc[0]
    with st.container(border=True, gap="small"):
        cells = st.grid(4, min_column_width=80, gap="small")
        cells.metric("Units", f"{visit['units']:.0f}")
        cells.metric("Work RVU", rvu(visit["work_rvu"]))
        cells.metric("Total RVU", rvu(visit["total_rvu"]))
        cells.metric("Estimate", money(dollars(answer, own)).replace("\\$", "$"))
        without = int(visit["lines_without_rvu"])
        if without:
            st.caption(f"Plus {without} line{'s' if without > 1 else ''} without an RVU.")
        if own is not None and own.notna().any() and answer.settings.rate is not None:
            st.markdown(f"Your own fees for lines not covered: **{money(own.sum())}**")
        st.markdown(_both_rules(answer))
        if len(answer.findings):
            st.markdown(_levels(answer))
        st.caption(basis(answer.lines["code"], answer.settings) + _year_before(answer))


def _year_before(answer: Estimate) -> str:
    """What the same visit was allowed the year before, where its tables are loaded."""
    then = year_before(answer)
    if then is None:
        return ""
    return f" In {then.year} this visit was {money(then.allowed)} ({then.change:+.1%})."


def sticky_totals(answer: Estimate, own: pd.Series | None) -> None:
    """The totals at the foot of the window, in sight however long the visit is."""
    visit = answer.visits.iloc[0]
    parts = [
        f"**{count(int(visit['units']), 'unit')}**",
        f"{rvu(visit['work_rvu'])} wRVU",
        f"{rvu(visit['total_rvu'])} RVU",
        f"**{money(dollars(answer, own))}**",
    ]
    with st.bottom:
        st.markdown(" :gray[·] ".join(parts), text_alignment="center")


def _both_rules(answer: Estimate) -> str:
    words = []
    for rule, units in units_by_rule(answer).items():
        name = RULE_NAMES[rule]
        text = f"{name[0].upper()}{name[1:]}: {units.timed} + {units.rest} units"
        words.append(f"**{text}**" if rule == answer.settings.rule else f":gray[{text}]")
    return " :gray[·] ".join(words)


def why_these_units(reasons: Reasons) -> None:
    """The visit's minutes as a sentence, the tie, and how far the next unit is."""
    if not reasons.summary:
        return
    st.markdown(f"{reasons.summary} {reasons.tie} {source(reasons.source)}")
    lines = [line for line in reasons.lines if line.to_next is not None]
    pooled = [line for line in lines if line.source == "cpm-5-20.2"]
    words = [_margin(line.code, line.to_next, line.spare) for line in lines if line not in pooled]
    if pooled:  # one clock for all of them
        spare = max((line.spare for line in pooled if line.spare is not None), default=None)
        words.insert(0, _margin("The timed services together", pooled[0].to_next, spare))
    if words:
        st.caption(f"{' '.join(words)} {RECORDED}")


def _margin(name: str, to_next: int | None, spare: int | None) -> str:
    kept = "" if spare is None else f", {spare} fewer keep the units"
    return f"{name}: {to_next} more minutes make one unit more{kept}."


def visit_findings(answer: Estimate) -> None:
    """Hints about the visit as a whole; those about a line stand under it."""
    for found in answer.findings[answer.findings["code"] == ""].itertuples():
        finding(found)


def _levels(answer: Estimate) -> str:
    """How much there is to check before billing."""
    counts = answer.findings["level"].value_counts()
    words = [
        f":{color}-badge[{counts[level]} {level}]"
        for level, color in LEVELS.items()
        if level in counts
    ]
    return "Before billing: " + " ".join(words)


def claim_preview(preview: Claim) -> None:
    """The claim lines: what was confirmed, what is only suggested, and what stays off the claim."""
    st.markdown("**Claim preview**")
    names = {
        "code": "Code",
        "modifiers": "Modifiers confirmed",
        "suggested": "Only suggested",
        "units": "Units",
    }
    st.table(preview.lines.rename(columns=names), hide_index=True, alt="Claim lines")
    if preview.left_off:
        st.caption(f"A line has room for four modifiers; left off: {', '.join(preview.left_off)}.")
    if len(preview.documented):
        listed = ", ".join(
            row.code + ("" if pd.isna(row.minutes) else f" ({row.minutes} min)")
            for row in preview.documented.itertuples()
        )
        st.caption(f"Document, do not bill: {listed}.")


def kx_gauge(answer: Estimate) -> None:
    """Therapy dollars of the year against the threshold above which a line needs KX."""
    year = therapy_year(answer)
    if year is None:
        return
    if year.threshold is None:
        st.caption(f"The KX threshold of {answer.settings.period.name} is not loaded.")
        return
    text = f"{money(year.allowed)} of {money(year.threshold)} this year with this visit: "
    text += f"{'above' if year.allowed > year.threshold else 'below'} the KX threshold"
    part = min(year.allowed / year.threshold, 1.0)
    st.progress(part, text=f"{text} {source('cpm-5-10')}")


def who_pays(answer: Estimate, chain: Chain) -> None:
    """Medicare's and the patient's part in words."""
    if chain.medicare is None:
        return
    text = f"Medicare pays **{money(chain.medicare)}**, the patient **{money(chain.patient)}**"
    text += " on the covered lines."
    if answer.settings.provider == "chiropractor" and answer.settings.phase is None:
        text += " This assumes active treatment: choose above."
    if chain.limiting_charge:
        text += f" Limiting charge: {money(chain.limiting_charge)}."
    st.markdown(text)


def downloads(answer: Estimate, reasons: Reasons, chain: Chain, preview: Claim) -> None:
    """The visit to take along: its link, a CSV, a sheet to print."""
    here = address.address(VISIT)
    with st.container(horizontal=True, gap="small"):
        with st.popover("Link", icon=":material/link:"):
            st.code(here, language=None, wrap_lines=True)
            st.caption("The link is the visit. It holds codes and minutes, and no patient data.")
        st.download_button(
            "CSV",
            lambda: visit_csv(answer, reasons),
            file_name="visit.csv",
            mime="text/csv",
            icon=":material/table:",
            on_click="ignore",
        )
        st.download_button(
            "Printable sheet",
            lambda: visit_sheet(answer, reasons, chain, preview, here),
            file_name="visit.html",
            mime="text/html",
            icon=":material/print:",
            on_click="ignore",
        )
