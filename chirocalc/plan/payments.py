"""How a patient pays a plan: options side by side, and where they stand if care stops."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from .schedule import Schedule

WAYS = ("visit", "monthly", "start", "prepaid")


@dataclass(frozen=True)
class Terms:
    """How a plan may be paid. `months` of payment (1 to 60), None: as many as the plan lasts;
    `down` cents at the start of the way "start"; `prepaid_percent` off the self-pay part of what is
    paid all at once."""

    months: int | None = None
    down: int = 0
    prepaid_percent: float = 0.0


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
        raise NotImplementedError


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


def options(schedule: Schedule, terms: Terms) -> tuple[Option, ...]:
    """The ways to pay, in the order of `WAYS`."""
    raise NotImplementedError


def stop_at(schedule: Schedule, visit: int, option: Option) -> Stop:
    """If care stops after visit number `visit` (0: before the first)."""
    raise NotImplementedError
