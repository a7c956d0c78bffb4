"""From the fee to who pays what, step by step, for one visit."""

from __future__ import annotations

from dataclasses import dataclass, replace

from chirocalc.rules import Estimate, who_pays


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


def payment_chain(answer: Estimate, deductible_left: float = 0.0) -> Chain:
    """The steps of one visit: fee schedule, coverage, MPPR, percent, participation and, under
    Medicare, deductible, coinsurance, assistant and sequestration (cpm-5-10.7, pfs-formula).

    Steps that change nothing are left out.
    """
    settings, lines = answer.settings, answer.lines
    fee = _cents(lines["fee"].sum())
    steps = (
        [Step("Fee schedule", fee / 100, True, "pfs-formula")] if lines["fee"].notna().any() else []
    )
    if settings.rate is None or answer.visits["allowed"].isna().all():
        return Chain(tuple(steps), None)
    covered = _cents(lines.loc[lines["covered"], "fee"].sum())
    allowed = after_percent = _cents(lines["allowed"].sum())
    if not settings.participating:
        joined = answer.under(replace(settings, participating=True))
        after_percent = _cents(joined.lines["allowed"].sum())
    after_mppr = after_percent
    if settings.rate != 100:
        plain = answer.under(replace(settings, percent=100, participating=True))
        after_mppr = _cents(plain.lines["allowed"].sum())

    def step(name: str, cents: int, source: str) -> None:
        if cents:
            steps.append(Step(name, cents / 100, False, source))

    step("Not covered", covered - fee, "bp-15-240")
    step("MPPR", after_mppr - covered, "cpm-5-10.7")
    step(f"At {settings.rate:g}%", after_percent - after_mppr, "payer-policies")
    step("Not participating", allowed - after_percent, "nonparticipating")
    steps.append(Step("Allowed", allowed / 100, True, "pfs-formula"))
    if not settings.is_medicare:
        return Chain(tuple(steps), allowed / 100)

    parts = who_pays(
        lines["allowed"].fillna(0.0),
        lines["covered"],
        answer.read.assistant,
        deductible_left,
        settings.period,
    ).sum()
    step("Deductible", -_cents(parts["deductible"]), "part-b")
    step("Patient's 20%", -_cents(parts["coinsurance"]), "part-b")
    step("Assistant", -_cents(parts["assistant_cut"]), "cpm-5-20.1")
    step("Sequestration", -_cents(parts["sequestration"]), "sequestration")
    medicare, patient = _cents(parts["medicare"]) / 100, _cents(parts["patient"]) / 100
    steps.append(Step("Medicare pays", medicare, True, "part-b"))
    steps.append(Step("Patient pays", patient, True, "part-b"))
    limit = None if settings.participating else _cents(parts["limiting_charge"]) / 100
    return Chain(tuple(steps), allowed / 100, medicare, patient, limit)


def _cents(dollars: float) -> int:
    return round(float(dollars) * 100)
