"""The answer in figures: dollars, units and RVUs, both unit rules, and what they rest on."""

from __future__ import annotations

from collections.abc import Sequence

from chirocalc import tables
from chirocalc.rules import Answer, Line
from chirocalc.ui.shared import RECORDED, basis, html
from chirocalc.visit import LineReason, Reasons, dollars, total, units_by_rule, year_before
from chirocalc.words import count, money, rvu

Own = Sequence[float | None] | None

RULES = {"cms": "Medicare's 8-minute rule", "cpt": "the AMA's rule"}


def draw(told: Answer, reasons: Reasons, own: Own) -> None:
    """`own`: the charges at the practice's own fees, which are the dollars where the payer has no
    schedule."""
    figures = [
        (_dollars_are(told), money(dollars(told, own))),
        ("Units", f"{told.units}"),
        ("Work RVU", rvu(told.work_rvu)),
        ("Total RVU", rvu(told.total_rvu)),
    ]
    cells = "".join(
        f'<div><span class="cc-small">{html.text(name)}</span><b>{html.text(value)}</b></div>'
        for name, value in figures
    )
    said = [*([_both_rules(told)] if told.lines else []), *_why(told, reasons)]
    if any(found.asks == "phase" for found in told.findings):
        said.append("This assumes active treatment: was it?")
    if without := told.lines_without_rvu:
        said.append(f"Plus {count(without, 'line')} without an RVU.")
    charged = None if own is None or told.settings.rate is None else total(own)
    if charged is not None:
        said.append(f"Your own fees for lines not covered: <b>{money(charged)}</b>")
    codes = tuple(line.key for line in told.lines)
    rests = html.text(basis(codes, told.settings) + _year_before(told))
    said.append(f'<span class="cc-quiet">{rests}</span>')
    lines = "".join(f'<div class="cc-small">{words}</div>' for words in said)
    html.block(
        f'<h2 class="cc-hidden">The answer</h2><div class="cc-figures">{cells}</div>'
        f'<div class="cc-items">{lines}</div>'
    )


def _dollars_are(told: Answer) -> str:
    """Whose dollars the large figure has."""
    if told.settings.rate is None:
        return "Your fees"
    if told.settings.is_medicare:
        return "Allowed by Medicare"
    return f"Expected from {tables.profile(told.settings.payer)['name']}"


def _both_rules(told: Answer) -> str:
    said = []
    for rule, units in units_by_rule(told).items():
        words = f"{units.timed + units.rest} by {RULES[rule]} ({units.timed} timed + {units.rest})"
        said.append(f"<b>{words}</b>" if rule == told.settings.rule else words)
    return "Units: " + " · ".join(said)


def _why(told: Answer, reasons: Reasons) -> list[str]:
    """The visit's minutes as a sentence, and how far the next unit is."""
    if not reasons.summary:
        return []
    words = f"{html.text(reasons.summary)} {html.source(reasons.source)}"
    if reasons.tie:
        words += (
            f' <details class="cc-why"><summary>the tie</summary>{html.text(reasons.tie)}</details>'
        )
    return [words, *_margins(told, reasons)]


def _margins(told: Answer, reasons: Reasons) -> list[str]:
    """From how many minutes there is a unit more, for those on one clock together and for each
    other line."""
    of = zip(told.lines, reasons.lines, strict=True)
    lines = [(line, reason) for line, reason in of if reason.to_next is not None]
    pooled = [reason for _, reason in lines if reason.source == "cpm-5-20.2"]
    said = [_margin(line, reason) for line, reason in lines if reason not in pooled]
    if pooled:
        start = told.timed_minutes + (pooled[0].to_next or 0)
        said.insert(0, f"From {start} timed minutes a unit more.")
    if not said:
        return []
    return [f'<span class="cc-quiet">{html.text(" ".join(said))} {RECORDED}</span>']


def _margin(line: Line, reason: LineReason) -> str:
    minutes = line.minutes or 0
    start = minutes + (reason.to_next or 0)
    if reason.spare is None:
        return f"{line.code}: from {start} minutes a unit more."
    kept = f"{minutes - reason.spare} to {start - 1} minutes keep the units"
    return f"{line.code}: {kept}, {start} make one more."


def _year_before(told: Answer) -> str:
    """What the same visit was allowed the year before, where its tables are loaded."""
    then = year_before(told)
    if then is None:
        return ""
    return f" In {then.year} this visit was {money(then.allowed)} ({then.change:+.1%})."
