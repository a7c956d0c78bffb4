"""What equal visits of a plan have in common: the engine's answer, charges, allowed amounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from chirocalc.rules import COLLECT, Answer, Line, Settings, allowed_cents, answer, share_of, terms
from chirocalc.tables import rates
from chirocalc.visit import may_charge, settled, without_denied

from .insurance import is_part_b
from .model import Plan
from .self_pay import self_pay, shared


class Charge(NamedTuple):
    """A line's charge in cents, whether it is the practice's own fee, and whether it is known."""

    cents: int
    is_own: bool
    is_priced: bool


class Rated(NamedTuple):
    """Lines of a visit with their charges, in order. `allowed`: cents by the place of each covered
    line; `own`: cents that the patient pays at the self-pay fee, by the place of each line of which
    they do; of the other lines nobody pays anything. `unallowed`: covered codes that no amount is
    published for."""

    lines: tuple[Line, ...]
    charges: tuple[Charge, ...]
    allowed: dict[int, int]
    own: dict[int, int]
    unallowed: tuple[str, ...] = ()


class RatedVisit(NamedTuple):
    """The answer to a visit, and its lines where the payer pays and where the patient pays all."""

    answer: Answer
    insured: Rated
    alone: Rated


class Kinds:
    """The kinds of visits of a plan, each answered and rated once."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._done: dict[tuple[int, bool, bool, rates.Period], RatedVisit] = {}

    def of(
        self, phase: int, is_first: bool, is_reexamination: bool, here: rates.Period
    ) -> RatedVisit:
        """A visit of a phase by the tables of a period."""
        key = (phase, is_first, is_reexamination, here)
        if key not in self._done:
            self._done[key] = self._rated(*key)
        return self._done[key]

    def _rated(
        self, phase: int, is_first: bool, is_reexamination: bool, here: rates.Period
    ) -> RatedVisit:
        plan = self.plan
        services = plan.phases[phase].services
        services += plan.first if is_first else ()
        services += plan.reexamination if is_reexamination else ()
        told = settled(services, _settings(plan, phase, here))
        return RatedVisit(told, _insured(told, plan), _alone(told.lines, plan))

    @property
    def all(self) -> Sequence[RatedVisit]:
        return list(self._done.values())


def _settings(plan: Plan, phase: int, here: rates.Period) -> Settings:
    """What a phase's visits are priced under."""
    settings = plan.settings
    has_treatment = settings.provider == "chiropractor" and settings.profile("claims") == "yes"
    return replace(
        settings,
        date=here.first,
        phase=plan.phases[phase].treatment if has_treatment else None,
        abn=plan.abn if has_treatment and is_part_b(plan) else None,
    )


def _alone(lines: Sequence[Line], plan: Plan) -> Rated:
    """The patient pays all."""
    charges = [_charge(line, plan) for line in lines]
    return Rated(tuple(lines), tuple(charges), {}, _own(lines, charges, range(len(lines)), plan))


def _insured(told: Answer, plan: Plan) -> Rated:
    """The payer pays what it covers, the patient what may be charged besides. A line that would be
    denied as it stands is in no total (as at the desk)."""
    services = [
        line.service._replace(unbilled=COLLECT)
        if _is_left_to_patient(line, told.settings, plan)
        else line.service
        for line in told.lines
    ]
    lines = without_denied(answer(services, told.settings)).lines
    theirs = [
        at for at, line in enumerate(lines)
        if line.units and _is_left_to_patient(line, told.settings, plan)
    ]  # fmt: skip
    covered = [
        at for at, line in enumerate(lines)
        if line.units and line.covered and at not in theirs
    ]  # fmt: skip
    charges = [_charge(line, plan) for line in lines]
    allowed = _allowed(lines, charges, covered, told.settings, plan)
    unallowed = [at for at in covered if at not in allowed]
    for at in covered:
        cents = allowed.setdefault(at, charges[at].cents)
        if not charges[at].is_priced:
            charges[at] = charges[at]._replace(cents=cents)
        allowed[at] = min(cents, charges[at].cents)
    return Rated(
        lines,
        tuple(charges),
        allowed,
        _own(lines, charges, theirs, plan),
        tuple(lines[at].key for at in unallowed),
    )


def _is_left_to_patient(line: Line, settings: Settings, plan: Plan) -> bool:
    """Whether the payer does not pay for a line and the patient may be charged for it."""
    if line.covered:
        return not is_part_b(plan) and line.key in plan.benefits.not_covered
    return may_charge(line, settings)


def _charge(line: Line, plan: Plan) -> Charge:
    """The practice's fee for all units of a line; where it has none, a share of the schedule's."""
    prices, fee = plan.prices, plan.prices.fees.get(line.key)
    if fee is not None:
        return Charge(fee * line.units, True, True)
    if prices.schedule_percent is None or not line.price.has_rvu:
        return Charge(0, False, not line.units)
    unit = share_of(line.price.fee, prices.schedule_percent / 100)
    return Charge(unit * line.units, False, True)


def _own(
    lines: Sequence[Line], charges: Sequence[Charge], theirs: Sequence[int], plan: Plan
) -> dict[int, int]:
    rows = [(lines[at].key, lines[at].units, charges[at].cents) for at in theirs]
    return dict(zip(theirs, self_pay(rows, plan.prices), strict=True))


def _allowed(
    lines: Sequence[Line],
    charges: Sequence[Charge],
    covered: Sequence[int],
    settings: Settings,
    plan: Plan,
) -> dict[int, int]:
    """Cents that the payer allows for each covered line, where that is known: by the contract, else
    by the schedule with its reductions; all of the charge where the practice's fees apply."""
    benefits = plan.benefits
    if not covered:
        return {}
    if benefits.by_visit is not None and not is_part_b(plan):
        weights = [charges[at].cents for at in covered]
        if not any(weights):
            weights = [1] * len(covered)
        return dict(zip(covered, shared(benefits.by_visit, weights), strict=True))
    by_code = {} if is_part_b(plan) else benefits.by_code
    # Lines that the payer does not pay take no part in its reduction for several services.
    units = [line.units if at in covered else 0 for at, line in enumerate(lines)]
    cents = allowed_cents([line.price for line in lines], units, terms(settings).reduction)
    found = {
        at: cents[at] - lines[at].films_cents for at in covered if lines[at].price.priced
    }  # fmt: skip
    return found | {
        at: by_code[lines[at].key] * lines[at].units for at in covered if lines[at].key in by_code
    }
