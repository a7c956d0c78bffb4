"""Who pays what in a plan, worked out anew: plain decimals of a dollar, a visit after the other.

Nothing of the program is used. A visit is its day and its lines; a line its fee, what the payer
allows for it, and whether the payer covers it.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
NONE = Decimal(0)


@dataclass
class Said:
    """What the insurance says, in dollars; None where there is no such thing."""

    deductible: Decimal = NONE
    deductible_of_year: Decimal | None = None
    copay: Decimal = NONE
    coinsurance: Decimal = NONE  # percent
    most: Decimal | None = None  # out of pocket
    most_of_year: Decimal | None = None
    visits: int | None = None
    used: int = 0
    authorized: int | None = None
    until: date | None = None
    begins: tuple[int, int] = (1, 1)
    self_pay_from: int | None = None


@dataclass
class Off:
    """What self-pay patients are let off: percents, and the most a visit costs."""

    percent: Decimal = NONE
    prompt: Decimal = NONE
    cap: Decimal | None = None
    of_code: dict = field(default_factory=dict)  # percent or dollars a unit: ("%", 10), ("$", 5)


@dataclass
class Line:
    code: str
    fee: Decimal
    allowed: Decimal
    covered: bool
    units: int = 1


def rounded(dollars):
    return dollars.quantize(CENT, ROUND_HALF_UP)


def own(lines, off):
    """What a patient pays by the practice's own fees, line by line. A cap is given back only as
    the visit's total: how it is shared out is the program's."""
    paid = []
    for line in lines:
        kind, much = off.of_code.get(line.code, ("%", off.percent))
        less = rounded(line.fee * much / 100) if kind == "%" else much * line.units
        left = max(NONE, line.fee - less)
        paid.append(left - rounded(left * off.prompt / 100))
    return paid


def year_of(day, begins):
    return day.year if (day.month, day.day) >= begins else day.year - 1


def course(visits, said, off):
    """For each visit: dollars of the patient, of the payer, and of the patient's deductible."""
    told = []
    deductible, most = said.deductible, said.most
    left = None if said.visits is None else max(0, said.visits - said.used)
    authorized, year = said.authorized, year_of(visits[0][0], said.begins)
    for number, (day, lines) in enumerate(visits, start=1):
        if year_of(day, said.begins) != year:
            year = year_of(day, said.begins)
            deductible = said.deductible if said.deductible_of_year is None else (
                said.deductible_of_year)  # fmt: skip
            if most is not None:
                most = said.most if said.most_of_year is None else said.most_of_year
            left = said.visits
        covered = [line for line in lines if line.covered]
        others = [line for line in lines if not line.covered]
        refused = covered and (
            (said.self_pay_from is not None and number >= said.self_pay_from)
            or authorized == 0
            or (said.until is not None and day > said.until)
            or left == 0
        )
        if refused:
            covered, others = [], lines
        elif covered:
            left = None if left is None else left - 1
            authorized = None if authorized is None else authorized - 1
        patient = payer = of_deductible = NONE
        copay = said.copay
        for line in covered:
            allowed = min(line.allowed, line.fee)
            first = min(deductible, allowed)
            deductible -= first
            rest = allowed - first
            if said.copay:
                share = min(copay, rest)
                copay -= share
            else:
                share = rounded(rest * said.coinsurance / 100)
            theirs = first + share
            if most is not None:
                theirs = min(theirs, most)
                most -= theirs
            patient += theirs
            payer += allowed - theirs
            of_deductible += first
        alone = sum(own(others, off), NONE)
        patient += alone if off.cap is None else min(alone, off.cap)
        told.append((patient, payer, of_deductible))
    return told
