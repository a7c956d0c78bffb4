"""What was done: one service as a record, and the lines of any number of visits as arrays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from chirocalc import tables
from chirocalc.arrays import Bools, Ints, numbered
from chirocalc.checked import checked
from chirocalc.tables import Code, modifier_bits, ordered, region_bits

from .units import Timed

MOST_MINUTES = 24 * 60
MOST_COUNT = 999
COMPONENTS = ("26", "TC")
ASSISTANT = "CQ CO"
PLANS = ("GP", "GO", "GN")  # of physical, of occupational, of speech therapy: a discipline each
YES, NO, NOT_SAID = 1, 0, -1  # whether a service was separate from the others
# What is not billed: it stays off the claim, or the patient pays what the payer never does.
OFF, COLLECT = "off", "collect"


class Service(NamedTuple):
    """One service of a visit, as documented: the code with what was said of it. Modifiers and
    regions are bits in the order of their tables; `others` are modifiers not in the table.
    `unbilled`: `OFF`, `COLLECT` or "" for what goes on the claim."""

    code: Code
    minutes: int | None = None
    times: int = 1  # how often, of services that are counted
    modifiers: int = 0
    region: int = 0
    separate: int = NOT_SAID  # from the other services, in the sense that its pair asks
    tie_first: bool = False
    others: str = ""
    unbilled: str = ""

    @property
    def by_assistant(self) -> bool:
        """Whether an assistant treated (CQ, CO)."""
        return bool(self.modifiers & modifier_bits(ASSISTANT))

    @property
    def written(self) -> list[str]:
        """The modifiers given, in the order they stand on a line, others last."""
        return ordered(self.modifiers) + self.others.split()


class Lines(NamedTuple):
    """Lines as arrays of equal length, in the order of first entry."""

    visit: Ints  # numbers from 0, in the order of first entry
    key: Ints  # which row of `tables.codes()`
    minutes: Ints  # 0 where none were given
    has_minutes: Bools
    counts: Ints
    tie_first: Bools
    modifiers: Ints
    region: Ints
    separate: Ints

    @property
    def pools(self) -> Ints:
        """Whose minutes are counted together: those of a visit, or where it has lines of several
        disciplines those of each (cpm-5-20.2)."""
        of = disciplines(self.visit, self.modifiers)
        return self.visit * len(PLANS) + of if of.any() else self.visit

    @property
    def timed(self) -> Timed:
        """What units are counted from."""
        return Timed(self.pools, self.key, self.minutes, self.counts, self.tie_first)

    def of_visits(self, keep: Bools) -> Lines:
        """Some of the lines, their visits numbered anew."""
        out = Lines(
            self.visit[keep],
            self.key[keep],
            self.minutes[keep],
            self.has_minutes[keep],
            self.counts[keep],
            self.tie_first[keep],
            self.modifiers[keep],
            self.region[keep],
            self.separate[keep],
        )
        return out._replace(visit=numbered(out.visit)[0])

    @staticmethod
    @checked
    def of(services: Sequence[Service]) -> Lines:
        """The services of one visit."""
        size = len(services)
        return Lines(
            np.zeros(size, np.int64),
            np.array([each.code.at for each in services], np.int64),
            np.array([each.minutes or 0 for each in services], np.int64),
            np.array([each.minutes is not None for each in services], np.bool_),
            np.array([each.times for each in services], np.int64),
            np.array([each.tie_first for each in services], np.bool_),
            np.array([each.modifiers for each in services], np.int64),
            np.array([each.region for each in services], np.int64),
            np.array([each.separate for each in services], np.int64),
        )


def disciplines(visit: Ints, modifiers: Ints) -> Ints:
    """The discipline of each line, by its place in `PLANS`, in visits that have lines of several;
    0 in all others. A line that does not say its own goes with the first."""
    said = np.zeros(len(visit), np.int64)
    for at, word in enumerate(PLANS, start=1):
        said[(modifiers & modifier_bits(word)) > 0] = at
    if (said <= 1).all():
        return np.zeros(len(visit), np.int64)
    visits = int(visit.max()) + 1
    has = [np.bincount(visit, said == at, visits) > 0 for at in range(1, len(PLANS) + 1)]
    several = np.sum(has, axis=0) > 1
    return np.where(several[visit], np.maximum(said - 1, 0), 0)


def one_line_each(services: Iterable[Service]) -> tuple[Service, ...]:
    """The same code twice in a visit, by one discipline, is one line: its minutes add up
    (cpm-5-20.2)."""
    given = tuple(services)
    modifiers = np.array([each.modifiers for each in given], np.int64)
    of = disciplines(np.zeros(len(given), np.int64), modifiers).tolist()
    lines: dict[tuple[int, int], Service] = {}
    for each, discipline in zip(given, of, strict=True):
        before = lines.get((each.code.at, discipline))
        lines[each.code.at, discipline] = each if before is None else _together(before, each)
    return tuple(lines.values())


def _together(one: Service, other: Service) -> Service:
    minutes = [each.minutes for each in (one, other) if each.minutes is not None]
    said = (one.separate, other.separate)
    return one._replace(
        minutes=sum(minutes) if minutes else None,
        times=one.times + other.times,
        modifiers=one.modifiers | other.modifiers,
        region=one.region | other.region,
        # Where rows of a line differ, no: it takes a yes for all of it to be separate.
        separate=NO if NO in said else max(said),
        tie_first=one.tie_first or other.tie_first,
        others=" ".join(sorted({*one.others.split(), *other.others.split()})),
        # It is billed unless all of it is not.
        unbilled=one.unbilled if one.unbilled == other.unbilled else "",
    )


@checked
def component(code: str, words: str) -> str:
    """The key of a code, or of its professional (26) or technical (TC) part."""
    part = [word for word in COMPONENTS if word in words.split()]
    return f"{code}-{part[0]}" if len(part) == 1 else code


def whole_number(least: int, most: int) -> str:
    return f"must be a whole number from {least} to {most:,}"


def no_part(code: str) -> str:
    return f"names a part, 26 or TC, that {code} does not have"


class ReadService(NamedTuple):
    """A service with what could be used of it, and of what could not, the input and why."""

    service: Service
    faults: tuple[tuple[str, str], ...]


@checked
def read_service(
    code: Code,
    amount: float | None,
    modifiers: Sequence[str] = (),
    regions: Iterable[str] = (),
    separate: bool | None = None,
) -> ReadService:
    """One service as a screen gives it: minutes, or how many where the code is counted; modifiers
    and regions by the names of their tables."""
    faults = []
    is_counted = code.time_rule == "counted"
    least, most = (1, MOST_COUNT) if is_counted else (0, MOST_MINUTES)
    if amount is not None and not (least <= amount <= most and amount == int(amount)):
        faults.append(("count" if is_counted else "minutes", whole_number(least, most)))
        amount = None
    key = component(code.code, " ".join([code.part, *modifiers]))
    if key not in tables.records():
        faults.append(("modifiers", no_part(code.code)))
        modifiers = [word for word in modifiers if word not in COMPONENTS]
        key = code.key
    words = " ".join([code.part, *modifiers])
    return ReadService(
        Service(
            tables.records()[key],
            None if amount is None or is_counted else int(amount),
            int(amount or 1) if is_counted else 1,
            modifier_bits(words),
            region_bits("|".join(regions)),
            NOT_SAID if separate is None else YES if separate else NO,
            others=" ".join(word for word in words.split() if not modifier_bits(word)),
        ),
        tuple(faults),
    )
