"""What the plan comes to: the figures, the three ways side by side, and what happens when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from chirocalc import tables
from chirocalc.plan import Event, Schedule
from chirocalc.ui.shared import html
from chirocalc.words import count, listed, money

NAMES = {"insured": "Insured", "self-pay": "Self-pay", "medicare": "Medicare"}

# Levels of findings that stand between a visit and its payment.
TO_SETTLE = ("fix", "needs")


def dollars(cents: int) -> str:
    return money(cents / 100)


def day_words(schedule: Schedule, event: Event) -> str:
    """When something happens: "visit 3, October 9"."""
    day = schedule.visits[event.visit - 1].day
    return f"Visit {event.visit}, {day:%B} {day.day}, {day.year}"


def draw(schedule: Schedule, sides: Mapping[str, Schedule]) -> None:
    """Draw the figures and, under them, what they are made of."""
    total = schedule.total
    figures = [
        ("Patient pays", dollars(total.patient), "cc-first"),
        ("Payer pays", dollars(total.payer), "cc-first"),
        ("Written off", dollars(total.write_off), ""),
        ("Your charges", dollars(total.charge), ""),
    ]
    of_care = [
        ("Visits", f"{total.visits}", ""),
        ("Weeks", f"{schedule.weeks}", ""),
        ("Patient a visit", dollars(_each(total.patient, total.visits)), ""),
        ("Patient a week", dollars(_each(total.patient, schedule.weeks)), ""),
    ]
    cells = _cells(figures) + '<div class="cc-turn"></div>' + _cells(of_care)
    said = "".join(f'<div class="cc-small">{each}</div>' for each in _said(schedule))
    html.block(
        f'<h2 class="cc-hidden">The answer</h2><div class="cc-figures">{cells}</div>'
        f'<div class="cc-plan-said">{said}</div>{_sides(schedule, sides)}'
    )


def _cells(figures: Iterable[tuple[str, str, str]]) -> str:
    """Figures under their names, each with its look."""
    return "".join(
        f'<div class="{kind}"><span class="cc-small">{html.text(name)}</span>'
        f"<b>{html.text(value)}</b></div>"
        for name, value, kind in figures
    )


def _each(cents: int, of: int) -> int:
    """Cents a visit or week, rounded half up."""
    return (2 * cents + of) // (2 * of) if of else 0


def _said(schedule: Schedule) -> list[str]:
    """What is to settle, what is not known of the total, and what happens when."""
    said = []
    if opens := sum(each.finding.level in TO_SETTLE for each in schedule.findings):
        said.append(f"<b>{count(opens, 'thing')} to settle</b> before billing: see What to settle.")
    if schedule.missing:
        words = f"No price is known of {listed(schedule.missing)}: enter your fee under Fees."
        said.append(f"<b>{html.text(words)}</b>")
    if schedule.assumed:
        percent = schedule.plan.prices.schedule_percent or 0
        of = "" if percent == 100 else f"{percent:g}% of "
        said.append(
            f"<b>{html.text(listed(schedule.assumed))} at {of}Medicare's amount in your area</b>: "
            "enter your own fees under Fees."
        )
    if schedule.unallowed:
        codes = html.text(listed(schedule.unallowed))
        said.append(f"No allowed amount is published for {codes}: your fee is taken for it.")
    if not _has_terms(schedule):
        said.append("Insured: no deductible, copay or coinsurance is entered.")
    said += [
        f"<b>{html.text(day_words(schedule, each))}</b>: {html.text(each.text)}"
        for each in schedule.events
    ]
    if moved := sum(bool(visit.holiday) for visit in schedule.visits):
        said.append(f"{count(moved, 'visit')} moved off federal holidays: see By visit.")
    return said


def _has_terms(schedule: Schedule) -> bool:
    """Whether anything is entered of what an insured patient pays, where it is compared."""
    benefits = schedule.plan.benefits
    is_free = schedule.plan.settings.profile("patient_pays") == "nothing"
    return is_free or bool(benefits.deductible_left or benefits.copay or benefits.coinsurance)


def _sides(schedule: Schedule, sides: Mapping[str, Schedule]) -> str:
    """The same plan insured, without insurance, and under Medicare."""
    rows = "".join(_side(name, of, schedule) for name, of in sides.items())
    heads = "".join(
        f"<th>{name}</th>" for name in ("The same plan", "Patient", "Payer", "Patient a visit")
    )
    return (
        '<table class="cc-table cc-plan-sides" aria-label="The same plan by who pays"><thead><tr>'
        f"{heads}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _side(name: str, of: Schedule, schedule: Schedule) -> str:
    payer = tables.profile(of.plan.settings.payer)["name"]
    said = NAMES[name] + (f" ({payer})" if name == "insured" else "")
    is_this = of.plan.settings.payer == schedule.plan.settings.payer
    cells = (
        f"<b>{html.text(said)}</b>" if is_this else html.text(said),
        dollars(of.total.patient),
        dollars(of.total.payer),
        dollars(_each(of.total.patient, of.total.visits)),
    )
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def in_short(schedule: Schedule) -> str:
    """The answer in a line."""
    total = schedule.total
    return (
        f'<div class="cc-foot" role="status" aria-live="polite"><span>Patient '
        f'<b class="cc-total">{dollars(total.patient)}</b></span>'
        f"<span>{dollars(_each(total.patient, total.visits))} a visit · payer "
        f"{dollars(total.payer)} · {count(total.visits, 'visit')}</span></div>"
    )
