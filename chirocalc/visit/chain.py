"""From the fee to who pays what, step by step, for one visit."""

from __future__ import annotations

from dataclasses import dataclass, replace

from chirocalc.checked import Dollars, checked
from chirocalc.rules import Answer, Shares, who_pays


@dataclass(frozen=True)
class Step:
    """One step: its signed amount in dollars, or a total that stands by itself."""

    name: str
    amount: float
    total: bool
    source: str


@dataclass(frozen=True)
class Chain:
    """The steps in order, and where they end. Dollars; None where no amount can be stated."""

    steps: tuple[Step, ...]
    allowed: float | None
    medicare: float | None = None
    patient: float | None = None
    limiting_charge: float | None = None


@checked
def payment_chain(answer: Answer, deductible_left: Dollars = 0.0) -> Chain:
    """The steps of one visit: fee schedule, coverage, MPPR, film, percent, participation and, under
    Medicare, deductible, coinsurance, assistant and sequestration (cpm-5-10.7, pfs-formula).

    Steps that change nothing are left out.
    """
    settings, lines = answer.settings, answer.lines
    fee = sum(line.price.fee * line.units for line in lines if line.price.has_rvu)
    if settings.rate is None:  # the practice's own fees: no schedule has a part in it
        return Chain((), None)
    steps = [Step("Fee schedule", fee / 100, True, "pfs-formula")] if answer.fee is not None else []
    if answer.allowed is None:
        return Chain(tuple(steps), None)
    covered = sum(line.price.fee * line.units for line in lines if line.covered)
    allowed = after_percent = _allowed(answer)
    if not settings.participating:
        after_percent = _allowed(answer.under(replace(settings, participating=True)))
    at_schedule = answer
    if settings.rate != 100 or not settings.participating:
        at_schedule = answer.under(replace(settings, percent=100, participating=True))
    after_film = _allowed(at_schedule)
    film = sum(line.films_cents for line in at_schedule.lines)

    def step(name: str, cents: int, source: str) -> None:
        if cents:
            steps.append(Step(name, cents / 100, False, source))

    step("Not covered", covered - fee, "bp-15-240")
    step("MPPR", after_film + film - covered, "cpm-5-10.7")
    step("Film or cassette", -film, "fx-fy")
    step(f"At {settings.rate:g}%", after_percent - after_film, "payer-policies")
    step("Not participating", allowed - after_percent, "nonparticipating")
    steps.append(Step("Allowed", allowed / 100, True, "pfs-formula"))
    if not settings.is_medicare:
        return Chain(tuple(steps), allowed / 100)

    parts = who_pays(answer.allowed_by_size, round(deductible_left * 100), settings.period)
    total = Shares(*(sum(column) for column in zip(*parts, strict=True)))
    step("Deductible", -total.deductible, "part-b")
    step("Patient's 20%", -total.coinsurance, "part-b")
    step("Assistant", -total.assistant_cut, "cpm-5-20.1")
    step("Sequestration", -total.sequestration, "sequestration")
    steps.append(Step("Medicare pays", total.medicare / 100, True, "part-b"))
    steps.append(Step("Patient pays", total.patient / 100, True, "part-b"))
    limit = None if settings.participating else total.limiting_charge / 100
    return Chain(tuple(steps), allowed / 100, total.medicare / 100, total.patient / 100, limit)


def _allowed(answer: Answer) -> int:
    """Cents allowed for the visit."""
    return round((answer.allowed or 0.0) * 100)
