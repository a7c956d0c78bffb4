"""The printable sheet: one self-contained page of HTML with the visit and its reasons."""

from __future__ import annotations

from typing import Any

import pandas as pd

from chirocalc import tables
from chirocalc.rules import RULE_NAMES, Estimate, Settings
from chirocalc.tables import rates
from chirocalc.visit import Chain, Claim, Reasons, confirmed

from .parts import filled, made_by, stamped

MOST_CHECKS = 12

ROOM = 32  # half lines of lines and checks that fit beside the rest at full size


def visit_sheet(answer: Estimate, reasons: Reasons, chain: Chain, preview: Claim, link: str) -> str:
    """The visit as one page to print: lines, totals, reasons, sources; no patient data."""
    settings, visit = answer.settings, answer.visits.iloc[0]
    checks = _checks(answer)
    shown = min(len(checks), MOST_CHECKS + 1)  # one row more where it says that there are more
    listed = rates.rvus(settings.period).loc[answer.lines["code"], "release"]
    return filled(
        "visit.html",
        # A long visit is set smaller, so that it stays on one page.
        size=max(4.5, min(9.0, 9 * ROOM / (2 * len(answer.lines) + 2 * shown))),
        facts=_facts(settings),
        lines=_lines(answer, reasons, preview),
        visit=visit,
        without=int(visit["lines_without_rvu"]),
        summary=reasons.summary,
        tie=reasons.tie,
        payment=" ".join(dict.fromkeys(line.payment for line in reasons.lines if line.payment)),
        steps=chain.steps,
        checks=checks[:MOST_CHECKS],
        more_checks=len(checks) - MOST_CHECKS,
        releases=sorted(set(listed) - {""}),
        sources=_sources(reasons, chain),
        made_by=made_by(settings.period),
        link=link,
    )


def _facts(settings: Settings) -> list[str]:
    """What the visit is priced under."""
    area = "National"
    if settings.locality != "national":
        row = tables.localities().loc[settings.locality]
        area = f"{row['name']}, {row['state']} ({settings.locality})"
    return [
        f"Payer: {tables.payers().at[settings.payer, 'name']}",
        f"Area: {area}",
        f"Place: {settings.place}",
        f"Unit rule: {RULE_NAMES[settings.rule]}",
    ]


def _lines(answer: Estimate, reasons: Reasons, preview: Claim) -> list[dict[str, Any]]:
    """The rows of the sheet's table, by the names its template uses."""
    codes = tables.codes()
    suggested = dict(zip(preview.lines["code"], preview.lines["suggested"], strict=True))
    return [
        {
            "key": codes.index[key],
            "name": tables.full_name(codes.iloc[key]),
            "minutes": "" if line.minutes is pd.NA else line.minutes,
            "units": line.units,
            "work_rvu": line.work_rvu,
            "total_rvu": line.total_rvu,
            "covered": line.covered,
            "allowed": line.allowed,
            "modifiers": confirmed(answer, line.Index),
            "suggested": suggested.get(line.code, ""),
            "why": reason.text,
        }
        for line, key, reason in zip(
            answer.lines.itertuples(), answer.read.key, reasons.lines, strict=True
        )
    ]


def _checks(answer: Estimate) -> list[tuple[str, str]]:
    """What to mend before billing: level and text, each once."""
    found = answer.findings
    return [
        (level, text.partition(" CMS pair table ")[0])
        for level in ("fix", "needs")
        for text in found.loc[found["level"] == level, "text"].unique()
    ]


def _sources(reasons: Reasons, chain: Chain) -> list[str]:
    used = {reasons.source} | {line.source for line in reasons.lines}
    used |= {line.payment_source for line in reasons.lines} | {step.source for step in chain.steps}
    titles = tables.sources()["title"]
    return [titles[name] for name in sorted(used - {""})]


def visit_csv(answer: Estimate, reasons: Reasons) -> str:
    """The result as a CSV: the lines with their names and reasons."""
    table = answer.lines.drop(columns="visit")
    codes = tables.codes().iloc[answer.read.key]
    table["code"] = codes.index
    table.insert(1, "name", list(codes.apply(tables.full_name, axis=1)))
    table.insert(2, "modifiers", [" ".join(confirmed(answer, at)) for at in range(len(table))])
    table["why"] = [reason.text for reason in reasons.lines]
    table["payment"] = [reason.payment for reason in reasons.lines]
    return str(stamped(table, answer.settings.period).to_csv(index=False))
