"""The printable sheet: one self-contained page of HTML with the visit and its reasons."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd

from chirocalc import tables
from chirocalc.checked import checked
from chirocalc.exports import csv_text
from chirocalc.rules import RULE_NAMES, Answer, Settings
from chirocalc.tables import rates
from chirocalc.visit import Chain, Claim, Desk, Due, Reasons
from chirocalc.words import money

from .parts import filled, made_by, stamped

MOST_CHECKS = 12

ROOM = 32  # half lines of lines and checks that fit beside the rest at full size


@checked
def visit_sheet(
    answer: Answer,
    reasons: Reasons,
    chain: Chain,
    preview: Claim,
    desk: Desk,
    link: str,
    *,
    day: date,
    regions: Sequence[tables.Region] = (),
    practice: str = "",
) -> str:
    """The visit as one page to print: lines, totals, what to collect, reasons, sources; no patient
    data, but blanks to fill in by hand. `regions`: those adjusted, by id."""
    settings, checks = answer.settings, _checks(answer)
    shown = min(len(checks), MOST_CHECKS + 1)  # one row more where it says that there are more
    listed = rates.rvus(settings.period).loc[[line.code for line in answer.lines], "release"]
    return filled(
        "visit.html",
        # A long visit is set smaller, so that it stays on one page.
        size=max(4.5, min(9.0, 9 * ROOM / (2 * len(answer.lines) + 2 * shown + 4))),
        practice=practice,
        day=f"{day:%B} {day.day}, {day.year}",
        regions=[tables.region_names()[each] for each in regions],
        facts=_facts(settings, desk),
        lines=_lines(answer, reasons, desk),
        visit=answer,
        desk=desk,
        left_off=[line.key for line in answer.lines if line.is_off],
        collected=preview.collected,
        summary=reasons.summary,
        tie=reasons.tie,
        payment=" ".join(dict.fromkeys(line.payment for line in reasons.lines if line.payment)),
        steps=chain.steps if desk.basis == "schedule" else (),
        checks=checks[:MOST_CHECKS],
        more_checks=len(checks) - MOST_CHECKS,
        releases=sorted(set(listed) - {""}),
        sources=_sources(reasons, chain),
        made_by=made_by(settings.period),
        link=link,
    )


BASES = {
    "schedule": "the fee schedule",
    "fees": "the practice's own fees",
    "code": "the contract, by code",
    "visit": "the contract, by visit",
}


def _facts(settings: Settings, desk: Desk) -> list[str]:
    """What the visit is priced under."""
    area = "U.S. average"
    if settings.locality != "national":
        row = tables.localities().loc[settings.locality]
        area = f"{row['name']}, {row['state']} ({settings.locality})"
    return [
        f"Payer: {tables.payers().at[settings.payer, 'name']}",
        f"Dollars: by {BASES[desk.basis]}",
        f"Area: {area}",
        f"Place: {settings.place}",
        f"Unit rule: {RULE_NAMES[settings.rule]}",
    ]


def _lines(answer: Answer, reasons: Reasons, desk: Desk) -> list[dict[str, Any]]:
    """The rows of the sheet's table, by the names its template uses."""
    return [
        {
            "of": line,
            "name": line.service.code.full_name,
            "modifiers": line.service.written,
            "dollars": _dollars(due, desk),
            "denied": line.key in desk.denied,
            "why": reason.text,
        }
        for line, due, reason in zip(answer.lines, desk.lines, reasons.lines, strict=True)
    ]


def _dollars(due: Due, desk: Desk) -> str:
    """What a line comes to, in a cell."""
    if due.asks:
        return "no fee" if due.asks == "fee" else "no rate"
    if due.cents is None:
        return "in the visit's price" if desk.basis == "visit" else "–"
    if not due.by:
        return "not paid"
    return money(due.cents / 100) + (" (patient)" if due.by == "patient" else "")


def _checks(answer: Answer) -> list[tuple[str, str]]:
    """What to mend before billing: level and what is said, each once."""
    said = [
        (level, f"{found.text} {found.shows}".strip())
        for level in ("fix", "needs")
        for found in answer.findings
        if found.level == level
    ]
    return list(dict.fromkeys(said))


def _sources(reasons: Reasons, chain: Chain) -> list[str]:
    used = {reasons.source} | {line.source for line in reasons.lines}
    used |= {line.payment_source for line in reasons.lines} | {step.source for step in chain.steps}
    titles = tables.sources()["title"]
    return [titles[name] for name in sorted(used - {""})]


@checked
def visit_csv(answer: Answer, reasons: Reasons, desk: Desk) -> str:
    """The result as a CSV: the lines with their names and reasons. `dollars` is what a line comes
    to, `basis` by whose prices, `paid_by` by whom."""
    # The schedule's dollars stand there only where they are the visit's: there is one total.
    priced = ("fee", "allowed") if desk.basis == "schedule" else ()
    columns = (
        "minutes", "units", "units_cms", "units_cpt", "full_units", "leftover", "extra_unit",
        "tied", "work_rvu", "pe_rvu", "mp_rvu", "total_rvu", *priced, "covered",
    )  # fmt: skip
    of_timed = {"full_units", "leftover"}  # empty on all other lines
    rows = [
        {
            "code": line.key,
            "name": line.service.code.full_name,
            "modifiers": " ".join(line.service.written),
            **{
                name: getattr(line, name) if line.timed or name not in of_timed else None
                for name in columns
            },
            "dollars": None if due.cents is None else due.cents / 100,
            "paid_by": due.by,
            "basis": desk.basis,
            "would_be_denied": line.key in desk.denied,
            "why": reason.text,
            "payment": reason.payment,
        }
        for line, due, reason in zip(answer.lines, desk.lines, reasons.lines, strict=True)
    ]
    whole = dict.fromkeys(["minutes", *sorted(of_timed)], "Int64")
    table = stamped(pd.DataFrame(rows).astype(whole), answer.settings.period)
    return csv_text(table)
