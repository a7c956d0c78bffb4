"""The printable sheet: one self-contained page of HTML with the visit and its reasons."""

from __future__ import annotations

from html import escape
from typing import Any

import pandas as pd

from chirocalc import tables
from chirocalc.rules import RULE_NAMES, Estimate
from chirocalc.tables import rates
from chirocalc.visit import Chain, Claim, Reasons, confirmed
from chirocalc.words import money, rvu

from .parts import FOOTER, STYLE

MOST_CHECKS = 12

ROOM = 32  # half lines of lines and checks that fit beside the rest at full size


def visit_sheet(answer: Estimate, reasons: Reasons, chain: Chain, preview: Claim, link: str) -> str:
    """The visit as one page to print: lines, totals, reasons, sources; no patient data."""
    settings, visit = answer.settings, answer.visits.iloc[0]
    payer = tables.payers().at[settings.payer, "name"]
    area = "National"
    if settings.locality != "national":
        row = tables.localities().loc[settings.locality]
        area = f"{row['name']}, {row['state']} ({settings.locality})"
    facts = [
        f"Payer: {payer}",
        f"Area: {area}",
        f"Place: {settings.place}",
        f"Unit rule: {RULE_NAMES[settings.rule]}",
    ]
    codes = tables.codes()
    suggested = dict(zip(preview.lines["code"], preview.lines["suggested"], strict=True))
    rows = "".join(
        _row(line, codes.iloc[key], confirmed(answer, line.Index), suggested, reason.text)
        for line, key, reason in zip(
            answer.lines.itertuples(), answer.read.key, reasons.lines, strict=True
        )
    )
    payment = " ".join(dict.fromkeys(line.payment for line in reasons.lines if line.payment))
    checks = [
        f"<li><b>{level}</b> {escape(text.partition(' CMS pair table ')[0])}</li>"
        for level in ("fix", "needs")
        for text in answer.findings.loc[answer.findings["level"] == level, "text"].unique()
    ]
    if len(checks) > MOST_CHECKS:
        rest = len(checks) - MOST_CHECKS
        checks = [*checks[:MOST_CHECKS], f"<li>and {rest} more, on the page</li>"]
    steps = " · ".join(f"{escape(step.name)} {money(step.amount)}" for step in chain.steps)
    without = int(visit["lines_without_rvu"])
    listed = rates.rvus(settings.period).loc[answer.lines["code"], "release"]
    release = ", ".join(sorted(set(listed) - {""}))
    # A long visit is set smaller, so that it stays on one page.
    size = max(4.5, min(9.0, 9 * ROOM / (2 * len(answer.lines) + 2 * len(checks))))
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Visit sheet · Chirocalc</title>
<style>{STYLE}body {{ font-size: {size:.1f}pt }}</style></head><body><main>
<h1>Visit sheet</h1>
<p>{escape(" · ".join(facts))}</p>
<table><thead><tr><th>Service</th><th class=n>Min</th><th class=n>Units</th><th class=n>wRVU</th>
<th class=n>RVU</th><th class=n>Estimate</th><th>Modifiers</th><th>Why these units</th></tr>
</thead><tbody>{rows}</tbody>
<tfoot><tr><td>Total</td><td class=n>{visit["timed_minutes"]:.0f} timed</td>
<td class=n>{visit["units"]:.0f}</td><td class=n>{rvu(visit["work_rvu"])}</td>
<td class=n>{rvu(visit["total_rvu"])}</td><td class=n>{money(visit["allowed"])}</td>
<td></td><td>{f"plus {without} without an RVU" if without else ""}</td></tr></tfoot></table>
<p>{escape(reasons.summary)} {escape(reasons.tie)}</p>
<p>{escape(payment)}</p>
<p>{steps}</p>
{f"<h2>Before billing</h2><ul>{''.join(checks)}</ul>" if checks else ""}
<p><small>RVUs: CMS {escape(release)}. Sources: {_sources(reasons, chain)}.</small></p>
<p><small>{escape(FOOTER)}</small></p>
<p><small>{escape(link)}</small></p>
</main></body></html>"""


def _row(line: Any, code: pd.Series, given: list[str], offers: dict[str, str], why: str) -> str:
    minutes = "" if line.minutes is pd.NA else f"{line.minutes}"
    amount = money(line.allowed) if line.covered else "not covered"
    offer = offers.get(line.code, "")
    offered = f" <i>suggested {escape(offer)}</i>" if offer else ""
    return (
        f"<tr><td><b>{code.name}</b> {escape(tables.full_name(code))}</td>"
        f"<td class=n>{minutes}</td><td class=n>{line.units}</td>"
        f"<td class=n>{rvu(line.work_rvu)}</td><td class=n>{rvu(line.total_rvu)}</td>"
        f"<td class=n>{amount}</td><td>{' '.join(given)}{offered}</td><td>{escape(why)}</td></tr>"
    )


def _sources(reasons: Reasons, chain: Chain) -> str:
    used = {reasons.source} | {line.source for line in reasons.lines}
    used |= {line.payment_source for line in reasons.lines} | {step.source for step in chain.steps}
    titles = tables.sources()["title"]
    return escape("; ".join(titles[name] for name in sorted(used - {""})))


def visit_csv(answer: Estimate, reasons: Reasons) -> str:
    """The result as a CSV: the lines with their names and reasons."""
    table = answer.lines.drop(columns="visit")
    codes = tables.codes().iloc[answer.read.key]
    table["code"] = codes.index
    table.insert(1, "name", list(codes.apply(tables.full_name, axis=1)))
    table.insert(2, "modifiers", [" ".join(confirmed(answer, at)) for at in range(len(table))])
    table["why"] = [reason.text for reason in reasons.lines]
    table["payment"] = [reason.payment for reason in reasons.lines]
    return str(table.to_csv(index=False))
