"""The answer in figures: dollars, what to collect, units and RVUs, and what they rest on."""

from __future__ import annotations

from chirocalc import tables
from chirocalc.rules import Answer, Line
from chirocalc.tables import rates
from chirocalc.ui.shared import RECORDED, basis, html
from chirocalc.visit import Desk, LineReason, Reasons, YearBefore, units_by_rule, year_before
from chirocalc.words import count, listed, money, rvu

from .told import Told

RULES = {"cms": "Medicare's 8-minute rule", "cpt": "the AMA's rule"}

PRICES = {"fees": "Your fees", "code": "By your contract", "visit": "By your contract"}


def draw(told: Told, reasons: Reasons) -> None:
    """The figures, and under them what they are made of."""
    answer, desk = told.answer, told.desk
    figures = [
        *_dollars(answer, desk),
        ("Units", f"{desk.answer.units}", ""),
        ("Work RVU", rvu(desk.answer.work_rvu), ""),
        ("Total RVU", rvu(desk.answer.total_rvu), ""),
    ]
    cells = "".join(
        f'<div class="{kind}"><span class="cc-small">{html.text(name)}</span>'
        f"<b>{html.text(value)}</b></div>"
        for name, value, kind in figures
    )
    said = [
        *_collected(answer, desk),
        *([_both_rules(answer, desk)] if answer.lines else []),
        *_why(answer, reasons),
    ]
    if any(found.asks == "phase" for found in answer.findings):
        said.append("This assumes active treatment: was it?")
    if without := answer.lines_without_rvu:
        said.append(f"Plus {count(without, 'line')} without an RVU.")
    said += _year(answer, desk)
    codes = tuple(line.key for line in answer.lines)
    said.append(f'<span class="cc-quiet">{html.text(basis(codes, answer.settings))}</span>')
    lines = "".join(f'<div class="cc-small">{words}</div>' for words in said)
    html.block(
        f'<h2 class="cc-hidden">The answer</h2><div class="cc-figures">{cells}</div>'
        f'<div class="cc-items">{lines}</div>'
    )


def _dollars(answer: Answer, desk: Desk) -> list[tuple[str, str, str]]:
    """The visit's dollars, where some would be denied both without and with them; and what to
    collect of the patient."""
    whose = _whose(answer, desk)
    figures = [(whose, money(desk.clean), "cc-first")]
    if desk.denied:
        figures = [("Clean today", money(desk.clean), "cc-first"),
                   ("As entered", money(desk.entered), "cc-denied")]  # fmt: skip
    if not answer.lines:
        return figures
    return [*figures, ("Collect today", _collect_figure(desk), "cc-first")]


def _collect_figure(desk: Desk) -> str:
    """What to collect; with a plus while a part of it is not known."""
    if desk.asks_copay and not desk.parts:
        return "copay"
    unknown = desk.missing or desk.asks_copay
    if unknown and not desk.parts:
        return "your fee"
    return money(desk.collect) + (" +" if unknown else "")


def _whose(answer: Answer, desk: Desk) -> str:
    """Whose dollars the large figure has."""
    if desk.basis in PRICES:
        return PRICES[desk.basis]
    if answer.settings.is_medicare:
        return "Allowed by Medicare"
    return "Expected"


def _collected(answer: Answer, desk: Desk) -> list[str]:
    """What to collect in its parts, whose price is not known, and what is left out of the total."""
    said = []
    if desk.denied:
        codes = listed(desk.denied)
        said.append(
            f"<b>{html.text(codes)} would be denied as it stands</b>: not in these figures."
        )
    parts = " + ".join(f"{money(part.cents / 100)} {html.text(part.name)}" for part in desk.parts)
    if parts:
        said.append(f"To collect: {parts}.")
    if desk.missing:
        words = f"Enter your fee for {listed(desk.missing)} in its row: the patient pays it."
        said.append(f"<b>{html.text(words)}</b>")
    if desk.note and answer.units:
        said.append(html.text(desk.note))
    asking = [line.key for line, due in zip(answer.lines, desk.lines, strict=True)
              if due.asks and line.key not in desk.missing]  # fmt: skip
    if asking:
        price = "rate" if desk.basis == "code" else "fee"
        said.append(f"<b>Enter the {price} of {html.text(listed(asking))} in its row.</b>")
    return said


def _both_rules(told: Answer, desk: Desk) -> str:
    """Units under both rules, of those that would be denied too; and that the payer's own was not
    found, where it was not."""
    said = []
    for rule, units in units_by_rule(told).items():
        words = f"{units.timed + units.rest} by {RULES[rule]} ({units.timed} timed + {units.rest})"
        said.append(f"<b>{words}</b>" if rule == told.settings.rule else words)
    words = ("Units as entered: " if desk.denied else "Units: ") + " · ".join(said)
    profile = tables.profile(told.settings.payer)
    if profile["unit_rule_sure"] == "?" and told.settings.unit_rule is None:
        words += f'. <span class="cc-warn">{html.text(profile["note"])}</span>'
    return words


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
    pooled = pooled if len(told.pools) == 1 else []  # else each line says its own
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


def _year(told: Answer, desk: Desk) -> list[str]:
    """This year against the last, in all and line by line, each with what made the difference; and
    a mark where the day of service is of another year."""
    said = []
    here = told.settings.period
    if here != rates.current():
        words = f"All amounts are {here.name} rates: the date of service is not of this year."
        said.append(f'<span class="cc-warn">{html.text(words)}</span>')
    then = year_before(told) if desk.basis == "schedule" else None
    if then is not None:
        change = round(then.allowed * then.change * 100)
        words = f"{_signed(change)} ({then.change:+.1%}) since {then.year}"
        table = _years_table(told, then)
        said.append(f'<details class="cc-why"><summary>{words}</summary>{table}</details>')
    return said


def _years_table(told: Answer, then: YearBefore) -> str:
    heads = ("", then.year, told.settings.period.name[:4], "change", "factor", "RVUs", "area")
    rows = [
        (line.key, money(c.then / 100), money(c.now / 100),
         *map(_signed, (c.now - c.then, c.factor, c.rvus, c.area)))
        for line, c in zip(told.lines, then.lines, strict=True) if line.units
    ]  # fmt: skip
    head = "".join(f"<th>{html.text(name)}</th>" for name in heads)
    body = "".join(
        f"<tr>{''.join(f'<td>{html.text(cell)}</td>' for cell in row)}</tr>" for row in rows
    )
    return f'<table class="cc-years"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def _signed(cents: int) -> str:
    """Dollars with a sign: "+$1.23", "−$0.40", "$0.00"."""
    sign = "+" if cents > 0 else "−" if cents < 0 else ""
    return f"{sign}{money(abs(cents) / 100)}"
