"""A plan of care as it is entered: phases, the practice's money, the patient's insurance.

Money is whole cents everywhere in this room; percents are numbers with at most two decimals.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from chirocalc.checked import CalendarDay, check_fields
from chirocalc.errors import InputError, Problem
from chirocalc.rules import MOST_DOLLARS, Service, Settings

MOST_PHASES = 6
MOST_VISITS = 400  # of a whole plan
MOST_A_WEEK = 7
MOST_WEEKS = 104
MOST_MONTHS = 60  # of payment
MOST_NAME = 40  # letters of a phase's name
TREATMENTS = ("active", "maintenance")


@dataclass(frozen=True)
class Phase:
    """A stretch of care with the same services in each visit.

    `per_week` visits (1 to 7) in a week of care, of which there is one `every` so many calendar
    weeks (1 = each week, 4 = one week in four); for `weeks` calendar weeks, or until `visits` of
    them are done: one of the two is None. `treatment`: "active" or "maintenance", which decides
    what Medicare and payers like it pay for (bp-15-240).
    """

    name: str
    services: tuple[Service, ...]
    per_week: int = 1
    weeks: int | None = None
    visits: int | None = None
    every: int = 1
    treatment: str = "active"

    def __post_init__(self) -> None:
        check_fields(self)

    @property
    def count(self) -> int:
        """How many visits it has."""
        if self.visits is not None:
            return self.visits
        return self.per_week * -(-(self.weeks or 0) // self.every)

    @property
    def calendar_weeks(self) -> int:
        """How many calendar weeks it takes up, after which the next phase begins."""
        if self.weeks is not None:
            return self.weeks
        return -(-self.count // self.per_week) * self.every


@dataclass(frozen=True)
class Discount:
    """What a self-pay patient is let off one service: a `percent` of its charge, or `cents` of each
    unit (never below 0)."""

    percent: float = 0.0
    cents: int = 0

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass(frozen=True)
class Prices:
    """The practice's prices. Mappings go by code or part ("97110", "72100-26").

    `fees`: its own, in cents of one unit. A code without one is charged `schedule_percent` of the
    fee schedule's amount; None: its charge is not known. Self-pay patients get `discounts` of a
    service, and `discount_percent` of those without one of their own; then `prompt_percent` for
    paying at once; then no visit costs them more than `cap` cents.
    """

    fees: Mapping[str, int] = field(default_factory=dict)
    schedule_percent: float | None = 100.0
    discount_percent: float = 0.0
    discounts: Mapping[str, Discount] = field(default_factory=dict)
    prompt_percent: float = 0.0
    cap: int | None = None

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass(frozen=True)
class Benefits:
    """What the patient's insurance says, where the payer is none of Medicare's own (Part B).

    Allowed amounts are the estimate's, under the plan's settings; `by_code` (cents of one unit) or
    `by_visit` (cents of all covered lines) where a contract says so. `deductible_left` and
    `out_of_pocket_left` are cents unmet at the start; `deductible` and `out_of_pocket` those of a
    whole year, which begin anew on `year_begins` (month, day); None: unknown, the one left is
    taken for it. `copay`: cents a visit, else `coinsurance` percent of what the deductible leaves.
    `visits_allowed` a year, of which `visits_used` before the plan; an authorization for
    `authorized` visits of the plan, `authorized_until` a day, that day with it. `not_covered`:
    codes, besides those that the payer's profile does not cover.
    """

    deductible_left: int = 0
    deductible: int | None = None
    copay: int = 0
    coinsurance: float = 0.0
    out_of_pocket_left: int | None = None
    out_of_pocket: int | None = None
    visits_allowed: int | None = None
    visits_used: int = 0
    authorized: int | None = None
    authorized_until: date | None = None
    year_begins: tuple[int, int] = (1, 1)
    not_covered: frozenset[str] = frozenset()
    by_code: Mapping[str, int] = field(default_factory=dict)
    by_visit: int | None = None

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass(frozen=True)
class Plan:
    """A course of care. `settings`: payer, area, place, who treats, percent; of its `date`, `phase`
    and `abn` nothing is used. `first`: what the first visit has besides (an examination);
    `reexamination`: what every `reexamine_every`-th visit has besides. `part_b_left`: cents of
    Medicare's deductible unmet at the start. `abn`: whether maintenance under Medicare has a signed
    ABN. `self_pay_from`: the number of the visit from which on the patient pays all, by choice.

    Raises `InputError` naming the phase, the field, the value and what is allowed.
    """

    start: CalendarDay
    phases: tuple[Phase, ...]
    settings: Settings = field(default_factory=Settings)
    first: tuple[Service, ...] = ()
    reexamination: tuple[Service, ...] = ()
    reexamine_every: int | None = None
    prices: Prices = field(default_factory=Prices)
    benefits: Benefits = field(default_factory=Benefits)
    part_b_left: int = 0
    abn: bool = True
    self_pay_from: int | None = None
    name: str = ""

    def __post_init__(self) -> None:
        check_fields(self)
        if found := list(_problems(self)) or list(_too_many(self)):
            raise InputError(found)

    @property
    def count(self) -> int:
        """How many visits it has."""
        return sum(phase.count for phase in self.phases)


def _problems(plan: Plan) -> Iterator[Problem]:
    """What of a plan cannot be."""
    if not 1 <= len(plan.phases) <= MOST_PHASES:
        yield Problem("plan", None, "phases", len(plan.phases), f"must be 1 to {MOST_PHASES}")
    for at, phase in enumerate(plan.phases, start=1):
        yield from _of_phase(phase, f"phase {at}")
    yield from _of_dollars(plan)
    yield from _whole("plan", "reexamine_every", plan.reexamine_every, 1, MOST_VISITS)
    yield from _whole("plan", "self_pay_from", plan.self_pay_from, 1, MOST_VISITS)


def _too_many(plan: Plan) -> Iterator[Problem]:
    if plan.count > MOST_VISITS:
        yield Problem("plan", None, "visits", plan.count, f"must be at most {MOST_VISITS}")


def _of_phase(phase: Phase, where: str) -> Iterator[Problem]:
    if (phase.weeks is None) == (phase.visits is None):
        yield Problem(where, None, "weeks", phase.weeks, "needs weeks or a count of visits")
    yield from _whole(where, "per_week", phase.per_week, 1, MOST_A_WEEK)
    yield from _whole(where, "every", phase.every, 1, MOST_WEEKS)
    yield from _whole(where, "weeks", phase.weeks, 1, MOST_WEEKS)
    yield from _whole(where, "visits", phase.visits, 1, MOST_VISITS)
    if phase.treatment not in TREATMENTS:
        yield Problem(where, None, "treatment", phase.treatment, "must be active or maintenance")
    if not phase.services:
        yield Problem(where, None, "services", "", "needs a service")


def _of_dollars(plan: Plan) -> Iterator[Problem]:
    prices, benefits = plan.prices, plan.benefits
    percents = {
        "discount_percent": prices.discount_percent,
        "prompt_percent": prices.prompt_percent,
        "coinsurance": benefits.coinsurance,
        **{f"discount of {code}": each.percent for code, each in prices.discounts.items()},
    }
    for name, percent in percents.items():
        if not (0 <= percent <= 100 and round(percent, 2) == percent):
            allowed = "must be percent from 0 to 100 with at most two decimals"
            yield Problem("plan", None, name, percent, allowed)
    cents = {
        "cap": prices.cap,
        "part_b_left": plan.part_b_left,
        **{f"fee of {code}": each for code, each in prices.fees.items()},
        **{f"discount of {code}": each.cents for code, each in prices.discounts.items()},
        **{f"allowed for {code}": each for code, each in benefits.by_code.items()},
        **{name: getattr(benefits, name) for name in _CENTS},
    }
    for name, each in cents.items():
        yield from _whole("plan", name, each, 0, MOST_DOLLARS * 100)
    for name in ("visits_allowed", "visits_used", "authorized"):
        yield from _whole("plan", name, getattr(benefits, name), 0, MOST_VISITS)


_CENTS = (
    "deductible_left",
    "deductible",
    "copay",
    "out_of_pocket_left",
    "out_of_pocket",
    "by_visit",
)


def _whole(where: str, name: str, value: int | None, least: int, most: int) -> Iterator[Problem]:
    if value is not None and not least <= value <= most:
        yield Problem(where, None, name, value, f"must be a whole number from {least} to {most:,}")
