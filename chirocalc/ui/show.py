"""What the visit page shows of an estimate: totals, the reason of every unit, downloads."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

import pandas as pd
import streamlit as st

from chirocalc import code_table, rates, tables
from chirocalc.chain import Chain
from chirocalc.claim import Claim, confirmed
from chirocalc.estimate import Estimate
from chirocalc.explain import RULE_NAMES, LineReason, Reasons
from chirocalc.settings import Settings
from chirocalc.ui import link, sheet
from chirocalc.ui.frame import plain
from chirocalc.ui.visit_lines import Visit
from chirocalc.ui.visit_link import VISIT

RECORDED = "Minutes are recorded, not targeted."
LEVELS = {"fix": "red", "needs": "orange", "check": "blue", "note": "gray"}


def money(value: float | None) -> str:
    """Dollars and cents, the sign escaped for Markdown; a dash where no amount is published."""
    return "–" if value is None or pd.isna(value) else f"\\${value:,.2f}"


def rvu(value: float) -> str:
    """An RVU with its two decimals; a dash where there is none, which is not 0.00."""
    return "–" if pd.isna(value) else f"{value:,.2f}"


def units(count: int) -> str:
    return "1 unit" if count == 1 else f"{count} units"


@cache
def source(source_id: str) -> str:
    """A source as a link, or by its title where it has no address."""
    if not source_id:
        return ""
    row = tables.sources().loc[source_id]
    return f"[{row['short']}]({row['url']})" if row["url"] else f"({row['short']})"


def link_problems() -> None:
    """What the address held that could not be used."""
    if problems := st.session_state.get("link_problems"):
        text = "\n".join(f"- {plain(problem)}" for problem in problems)
        st.warning(text, title="Parts of this link were left out", icon=":material/link_off:")


def line_results(visit: Visit, answer: Estimate, reasons: Reasons) -> None:
    """Under each input: the line's units, RVUs and amount, and why."""
    other = "units_cpt" if answer.settings.rule == "cms" else "units_cms"
    other_name = "midpoint" if answer.settings.rule == "cms" else "total time"
    hints: dict[str, list[Any]] = {}
    for found in answer.findings.itertuples():
        hints.setdefault(found.code, []).append(found)
    rows = zip(visit.slots.values(), answer.lines.itertuples(), reasons.lines, strict=True)
    for slot, line, reason in rows:
        parts = [f"**{units(line.units)}**"]
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
        cells.metric("Estimate", money(_estimate(answer, own)).replace("\\$", "$"))
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
    here = rates.before(answer.settings.period)
    allowed = float(answer.visits["allowed"].iloc[0])
    if here is None or not allowed:
        return ""
    then = answer.allowed_in(here)
    if pd.isna(then) or not then:
        return ""
    return f" In {here.first[:4]} this visit was {money(then)} ({allowed / then - 1:+.1%})."


def _estimate(answer: Estimate, own: pd.Series | None) -> float:
    if own is not None and answer.settings.rate is None:
        return float(own.sum(min_count=1))
    return float(answer.visits["allowed"].iloc[0])


def sticky_totals(answer: Estimate, own: pd.Series | None) -> None:
    """The totals at the foot of the window, in sight however long the visit is."""
    visit = answer.visits.iloc[0]
    parts = [
        f"**{units(int(visit['units']))}**",
        f"{rvu(visit['work_rvu'])} wRVU",
        f"{rvu(visit['total_rvu'])} RVU",
        f"**{money(_estimate(answer, own))}**",
    ]
    with st.bottom:
        st.markdown(" :gray[·] ".join(parts), text_alignment="center")


def _both_rules(answer: Estimate) -> str:
    timed = answer.lines["leftover"].notna()
    rest = int(answer.lines.loc[~timed, "units"].sum())
    words = []
    for rule, name in RULE_NAMES.items():
        count = int(answer.lines.loc[timed, f"units_{rule}"].sum())
        text = f"{name[0].upper()}{name[1:]}: {count} + {rest} units"
        words.append(f"**{text}**" if rule == answer.settings.rule else f":gray[{text}]")
    return " :gray[·] ".join(words)


def releases(keys: Iterable[str], settings: Settings) -> str:
    """The releases that the RVUs of these codes are from."""
    values = rates.rvus(settings.period).loc[list(keys), "release"]
    return ", ".join(sorted(set(values) - {""}))


def basis(keys: Iterable[str], settings: Settings) -> str:
    """What the figures of these codes rest on: release, place, payer and its percent."""
    payer = tables.payers().loc[settings.payer]
    place = "national"
    if settings.locality != "national":
        row = tables.localities().loc[settings.locality]
        place = f"{row['name']}, {row['state']}"
    release = releases(keys, settings)
    rate = "own fees" if settings.rate is None else f"{settings.rate:g}% of the fee schedule"
    note = (
        f" {payer['percent_note']}" if settings.percent is None and not settings.is_medicare else ""
    )
    return f"{release}, {place}, {payer['name']}, {rate}.{note}"


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


def finding(found: Any, detailed: bool = False) -> None:
    """A hint: level, text, source; what the note must show is one tap away, or stands below."""
    text, mark, detail = found.text.partition(" The note must show ")
    if not mark:
        text, mark, detail = found.text.partition(" CMS pair table ")
    said = f":{LEVELS[found.level]}-badge[{found.level}] {text} {source(found.source)}"
    more = f"{mark.strip()} {detail}" if mark else ""
    if detailed:
        st.markdown(f"{said}\n\n{more}")
    else:
        st.markdown(said, help=more or None)


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
    used = answer.settings.kx_used
    if used is None:
        return
    therapy = code_table.codes().loc[answer.lines["code"], "multiple_procedure"] == "5"
    after = used + float(answer.lines.loc[therapy.to_numpy(), "allowed"].sum())
    limit = rates.amount("kx_threshold", answer.settings.period)
    if pd.isna(limit):
        st.caption(f"The KX threshold of {answer.settings.period.name} is not loaded.")
        return
    text = f"{money(after)} of {money(limit)} this year with this visit: "
    text += "above the KX threshold" if after > limit else "below the KX threshold"
    st.progress(min(after / limit, 1.0), text=f"{text} {source('cpm-5-10')}")


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
    address = link.address(VISIT)
    with st.container(horizontal=True, gap="small"):
        with st.popover("Link", icon=":material/link:"):
            st.code(address, language=None, wrap_lines=True)
            st.caption("The link is the visit. It holds codes and minutes, and no patient data.")
        st.download_button(
            "CSV",
            lambda: csv_of(answer, reasons),
            file_name="visit.csv",
            mime="text/csv",
            icon=":material/table:",
            on_click="ignore",
        )
        st.download_button(
            "Printable sheet",
            lambda: sheet.sheet(answer, reasons, chain, preview, address),
            file_name="visit.html",
            mime="text/html",
            icon=":material/print:",
            on_click="ignore",
        )


def csv_of(answer: Estimate, reasons: Reasons) -> str:
    """The result as a CSV: the lines with their names and reasons."""
    table = answer.lines.drop(columns="visit")
    codes = code_table.codes().iloc[answer.read.key]
    table["code"] = codes.index
    table.insert(1, "name", list(codes.apply(code_table.full_name, axis=1)))
    table.insert(2, "modifiers", [" ".join(confirmed(answer, at)) for at in range(len(table))])
    table["why"] = [reason.text for reason in reasons.lines]
    table["payment"] = [reason.payment for reason in reasons.lines]
    return str(table.to_csv(index=False))
