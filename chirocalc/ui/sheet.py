"""The printable sheet: one self-contained page of HTML with the visit and its reasons."""

from __future__ import annotations

from html import escape
from typing import Any

import pandas as pd

from chirocalc import code_table, tables
from chirocalc.chain import Chain
from chirocalc.claim import Claim
from chirocalc.estimate import Estimate
from chirocalc.explain import RULE_NAMES, Reasons
from chirocalc.ui.frame import FOOTER

STYLE = """
@page { size: letter; margin: 14mm }
body { font: 9pt/1.3 system-ui, sans-serif; color: #111; margin: 0 auto; max-width: 190mm }
h1 { font-size: 15pt; margin: 0 0 1mm }
p { margin: 1.5mm 0 }
table { border-collapse: collapse; width: 100%; margin: 2mm 0 }
th, td { border-bottom: 0.3mm solid #bbb; padding: 1mm 1.5mm; text-align: left }
td { vertical-align: top }
th { border-bottom-color: #111 }
.n { text-align: right; white-space: nowrap }
tfoot td { font-weight: 600; border-bottom: 0 }
ul { margin: 1mm 0; padding-left: 5mm }
small { color: #444 }
"""


def sheet(answer: Estimate, reasons: Reasons, chain: Chain, preview: Claim, link: str) -> str:
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
    codes, names = code_table.codes(), code_table.service_names()
    rows = "".join(
        _row(line, codes.index[key], names[key], f"{reason.text} {reason.payment}")
        for line, key, reason in zip(
            answer.lines.itertuples(), answer.read.key, reasons.lines, strict=True
        )
    )
    confirmed = "".join(
        f"<tr><td><b>{line.code}</b></td><td>{line.modifiers}</td><td>{escape(line.suggested)}</td>"
        f"<td class=n>{line.units}</td></tr>"
        for line in preview.lines.itertuples()
    )
    checks = "".join(
        f"<li><b>{finding.level}</b> {escape(finding.text.partition(' CMS pair table ')[0])}</li>"
        for finding in answer.findings.itertuples()
        if finding.level in ("fix", "needs")
    )
    steps = "".join(
        f"<tr><td>{escape(step.name)}</td><td class=n>{_dollars(step.amount)}</td></tr>"
        for step in chain.steps
    )
    without = int(visit["lines_without_rvu"])
    release = ", ".join(sorted(set(codes.loc[answer.lines["code"], "release"])))
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Visit sheet · Chirocalc</title>
<style>{STYLE}</style></head><body>
<h1>Visit sheet</h1>
<p>{escape(" · ".join(facts))}</p>
<table><thead><tr><th>Service</th><th class=n>Min</th><th class=n>Units</th><th class=n>wRVU</th>
<th class=n>RVU</th><th class=n>Estimate</th><th>Why</th></tr></thead><tbody>{rows}</tbody>
<tfoot><tr><td>Total</td><td class=n>{visit["timed_minutes"]:.0f} timed</td>
<td class=n>{visit["units"]:.0f}</td><td class=n>{_number(visit["work_rvu"])}</td>
<td class=n>{_number(visit["total_rvu"])}</td><td class=n>{_dollars(visit["allowed"])}</td>
<td>{f"plus {without} without an RVU" if without else ""}</td></tr></tfoot></table>
<p>{escape(reasons.summary)} {escape(reasons.tie)}</p>
<table><thead><tr><th>Claim line</th><th>Modifiers confirmed</th><th>Only suggested</th>
<th class=n>Units</th></tr></thead><tbody>{confirmed}</tbody></table>
{f"<p>Before billing</p><ul>{checks}</ul>" if checks else ""}
<table><thead><tr><th>From fee to payment</th><th class=n>Dollars</th></tr></thead>
<tbody>{steps}</tbody></table>
<p><small>RVUs: CMS {escape(release)}. Sources: {_sources(reasons, chain)}.</small></p>
<p><small>{escape(FOOTER)}</small></p>
<p><small>{escape(link)}</small></p>
</body></html>"""


def _row(line: Any, key: str, name: str, why: str) -> str:
    minutes = "" if line.minutes is pd.NA else f"{line.minutes}"
    amount = _dollars(line.allowed) if line.covered else "not covered"
    return (
        f"<tr><td><b>{key}</b> {escape(name)}</td><td class=n>{minutes}</td>"
        f"<td class=n>{line.units}</td><td class=n>{_number(line.work_rvu)}</td>"
        f"<td class=n>{_number(line.total_rvu)}</td><td class=n>{amount}</td>"
        f"<td>{escape(why)}</td></tr>"
    )


def _sources(reasons: Reasons, chain: Chain) -> str:
    used = {reasons.source} | {line.source for line in reasons.lines}
    used |= {line.payment_source for line in reasons.lines} | {step.source for step in chain.steps}
    titles = tables.sources()["title"]
    return escape("; ".join(titles[name] for name in sorted(used - {""})))


def _number(value: float) -> str:
    return "–" if pd.isna(value) else f"{value:,.2f}"


def _dollars(value: float) -> str:
    if pd.isna(value):
        return "–"
    return f"{'−' if value < 0 else ''}${abs(value):,.2f}"
