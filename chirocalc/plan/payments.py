"""How a patient pays a plan: options side by side, and where they stand if care stops."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from chirocalc.checked import check_fields, checked
from chirocalc.errors import InputError, Problem
from chirocalc.rules import half_up, share_of

from .days import months_later
from .model import MOST_MONTHS
from .schedule import Schedule
from .self_pay import shared

WAYS = ("visit", "monthly", "start", "prepaid")


@dataclass(frozen=True)
class Terms:
    """How a plan may be paid. `months` of payment (1 to 60), None: as many as the plan lasts;
    `down` cents at the start of the way "start", None: that way is not offered; `prepaid_percent`
    off the self-pay part of what is paid all at once. Raises `InputError`."""

    months: int | None = None
    down: int | None = None
    prepaid_percent: float = 0.0

    def __post_init__(self) -> None:
        check_fields(self)
        if self.months is not None and not 1 <= self.months <= MOST_MONTHS:
            _refuse("months", self.months, f"must be from 1 to {MOST_MONTHS}")
        if self.down is not None and self.down < 0:
            _refuse("down", self.down, "must not be below 0")
        if not 0 <= self.prepaid_percent <= 100:
            _refuse("prepaid_percent", self.prepaid_percent, "must be from 0 to 100")


def _refuse(field: str, value: object, allowed: str) -> None:
    raise InputError([Problem("payment", None, field, value, allowed)])


class Payment(NamedTuple):
    day: date
    cents: int


@dataclass(frozen=True)
class Option:
    """One way to pay: "visit" (each visit), "monthly", "start" (more at the start, then monthly),
    "prepaid". `total` cents, which the payments add up to; `saved` against paying each visit."""

    way: str
    payments: tuple[Payment, ...]
    total: int
    saved: int

    @property
    def first(self) -> int:
        """Cents of the first payment."""
        return self.payments[0].cents if self.payments else 0

    @checked
    def paid_by(self, day: date) -> int:
        """Cents paid up to a day, that day with it."""
        return sum(payment.cents for payment in self.payments if payment.day <= day)


@dataclass(frozen=True)
class Stop:
    """Where the patient stands if care stops after visit `visit`: cents of the care `used` (their
    part) and of the `rest` that is not given, what they have `paid` by that day, and of the
    difference what they `owe`, or what is to `refund`; one of the two is 0."""

    visit: int
    used: int
    rest: int
    paid: int
    owe: int
    refund: int


@checked
def options(schedule: Schedule, terms: Terms) -> tuple[Option, ...]:
    """The ways to pay, in the order of `WAYS`. Payments of nothing are left out."""
    total, months = schedule.total.patient, terms.months or schedule.months
    start = schedule.plan.start
    found = [
        _option("visit", ((visit.day, visit.patient) for visit in schedule.visits), total, 0),
        _option("monthly", _monthly(start, total, months), total, 0),
    ]
    if terms.down is not None:
        down = min(terms.down, total)
        later = _monthly(months_later(start, 1), total - down, max(1, months - 1))
        found.append(_option("start", [(start, down), *later], total, 0))
    saved = share_of(_own(schedule), terms.prepaid_percent / 100)
    return (*found, _option("prepaid", [(start, total - saved)], total - saved, saved))


def _option(way: str, payments: Iterable[tuple[date, int]], total: int, saved: int) -> Option:
    due = tuple(Payment(day, cents) for day, cents in payments if cents)
    return Option(way, due, total, saved)


def _monthly(first: date, total: int, months: int) -> list[tuple[date, int]]:
    """Equal payments a month; what is left of rounding, a cent each, is in the first ones."""
    cents = shared(total, [1] * months)
    return [(months_later(first, at), each) for at, each in enumerate(cents)]


def _own(schedule: Schedule, visit: int | None = None) -> int:
    """Cents of the self-pay fees of the visits, up to that number."""
    return sum(each.own for each in schedule.visits[:visit])


@checked
def stop_at(schedule: Schedule, visit: int, option: Option) -> Stop:
    """If care stops after visit number `visit` (0: before the first, with what was paid at the
    start). What was let off for paying all at once is let off each visit in its part. Raises
    `InputError` for a number that the plan does not have."""
    if not 0 <= visit <= len(schedule.visits):
        allowed = f"must be from 0 to {len(schedule.visits)}"
        raise InputError([Problem("plan", None, "stop", visit, allowed)])
    used = sum(each.patient for each in schedule.visits[:visit])
    if option.saved:
        used -= half_up(option.saved * _own(schedule, visit), _own(schedule))
    if visit:
        paid = option.paid_by(schedule.visits[visit - 1].day)
    else:
        paid = 0 if option.way == "visit" else option.paid_by(schedule.plan.start)
    owe = max(0, used - paid)
    return Stop(visit, used, option.total - used, paid, owe, max(0, paid - used))
