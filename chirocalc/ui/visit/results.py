"""What the visit page shows of an estimate: totals, the reason of every unit, downloads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from chirocalc import words
from chirocalc.links import VISIT
from chirocalc.rules import RULE_NAMES, Answer
from chirocalc.sheets import visit_csv, visit_sheet
from chirocalc.ui.shared import (
    LEVELS,
    RECORDED,
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
    total,
    units_by_rule,
    year_before,
)
from chirocalc.words import count, rvu

from .lines import Visit

Own = Sequence[float | None] | None


def line_results(visit: Visit, answer: Answer, reasons: Reasons) -> None:
    """Under each input: the line's units, RVUs and amount, and why."""
    by_cms = answer.settings.rule == "cms"
    for slot, line, reason in zip(visit.slots.values(), answer.lines, reasons.lines, strict=True):
        parts = [f"**{count(line.units, 'unit')}**"]
        other = line.units_cpt if by_cms else line.units_cms
        if other != line.units:
            parts.append(f":gray[{'midpoint' if by_cms else 'total time'}: {other}]")
        parts += [f"{rvu(line.work_rvu)} wRVU", f"{rvu(line.total_rvu)} RVU"]
        parts.append(money(line.allowed) if line.covered else "not covered")
        with slot.container(gap="xxsmall"):
            st.markdown(" :gray[·] ".join(parts))
            st.markdown(f":small[{_why(reason)}]")
            for found in answer.findings:
                if found.code == line.code:
                    finding(found)


def _why(reason: LineReason) -> str:
    words = [f"{reason.text} {source(reason.source)}"]
    if reason.payment:
        words.append(f"{reason.payment} {source(reason.payment_source)}")
    return " ".join(words)


def totals(answer: Answer, own: Own) -> None:
    """The four numbers of the visit, both unit rules, and what the numbers rest on. `own`: the
    charges at the practice's own fees, which are the estimate where the payer has no schedule."""
    with st.container(border=True, gap="small"):
        cells = st.grid(4, min_column_width=80, gap="small")
        cells.metric("Units", f"{answer.units}")
        cells.metric("Work RVU", rvu(answer.work_rvu))
        cells.metric("Total RVU", rvu(answer.total_rvu))
        cells.metric("Estimate", words.money(dollars(answer, own)))
        if without := answer.lines_without_rvu:
            st.caption(f"Plus {count(without, 'line')} without an RVU.")
        charged = None if own is None or answer.settings.rate is None else total(own)
        if charged is not None:
            st.markdown(f"Your own fees for lines not covered: **{money(charged)}**")
        st.markdown(_both_rules(answer))
        if answer.findings:
            st.markdown(_levels(answer))
        codes = [line.code for line in answer.lines]
        st.caption(basis(codes, answer.settings) + _year_before(answer))


def _year_before(answer: Answer) -> str:
    """What the same visit was allowed the year before, where its tables are loaded."""
    then = year_before(answer)
    if then is None:
        return ""
    return f" In {then.year} this visit was {money(then.allowed)} ({then.change:+.1%})."


def sticky_totals(answer: Answer, own: Own) -> None:
    """The totals at the foot of the window, in sight however long the visit is."""
    parts = [
        f"**{count(answer.units, 'unit')}**",
        f"{rvu(answer.work_rvu)} wRVU",
        f"{rvu(answer.total_rvu)} RVU",
        f"**{money(dollars(answer, own))}**",
    ]
    with st.bottom:
        st.markdown(" :gray[·] ".join(parts), text_alignment="center")


def _both_rules(answer: Answer) -> str:
    said = []
    for rule, units in units_by_rule(answer).items():
        name = RULE_NAMES[rule]
        text = f"{name[0].upper()}{name[1:]}: {units.timed} + {units.rest} units"
        said.append(f"**{text}**" if rule == answer.settings.rule else f":gray[{text}]")
    return " :gray[·] ".join(said)


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


def visit_findings(answer: Answer) -> None:
    """Hints about the visit as a whole; those about a line stand under it."""
    for found in answer.visit_findings:
        finding(found)


def _levels(answer: Answer) -> str:
    """How much there is to check before billing."""
    counts = Counter(found.level for found in answer.findings)
    badges = [
        f":{color}-badge[{counts[level]} {level}]"
        for level, color in LEVELS.items()
        if counts[level]
    ]
    return "Before billing: " + " ".join(badges)


def claim_preview(preview: Claim) -> None:
    """The claim lines: what was confirmed, what is only suggested, and what stays off the claim."""
    st.markdown("**Claim preview**")
    names = ["Code", "Modifiers confirmed", "Only suggested", "Units"]
    table = pd.DataFrame(preview.lines, columns=names)
    st.table(table, hide_index=True, alt="Claim lines")
    if preview.left_off:
        st.caption(f"A line has room for four modifiers; left off: {', '.join(preview.left_off)}.")
    if preview.documented:
        listed = ", ".join(
            line.code + ("" if line.minutes is None else f" ({line.minutes} min)")
            for line in preview.documented
        )
        st.caption(f"Document, do not bill: {listed}.")


def kx_gauge(answer: Answer) -> None:
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


def who_pays(answer: Answer, chain: Chain) -> None:
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


def downloads(answer: Answer, reasons: Reasons, chain: Chain, preview: Claim) -> None:
    """The visit to take along: its link, a CSV, a sheet to print."""
    here = address(VISIT)
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
