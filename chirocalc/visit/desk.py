"""What a visit comes to at the front desk: what to collect, what would be paid as it stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, NamedTuple

from chirocalc.checked import Dollars, check_fields, checked, each_field
from chirocalc.rules import OFF, Answer, Line, Settings, answer
from chirocalc.tables import manipulation_kinds
from chirocalc.words import listed

from .chain import payment_chain


class Contract(NamedTuple):
    """What a payer pays by contract where that is no percent of a schedule: cents of one unit `by`
    "code", or of the whole "visit"; None while it is not entered."""

    by: str
    codes: Mapping[str, int] = {}
    visit: int | None = None


@dataclass(frozen=True)
class OwnPrices:
    """The practice's own prices: cents of one unit of a code or part by its `fees`, and its
    contract with the payer of the visit."""

    fees: Mapping[str, int] = field(default_factory=dict)
    contract: Annotated[Contract, each_field(Contract)] | None = None

    def __post_init__(self) -> None:
        check_fields(self)


class Due(NamedTuple):
    """What one line comes to, in cents, and who pays it: "payer", "patient", or "" for nobody.
    None is not known: `asks` says whose price is missing, "fee" or "contract", or "" where there
    is none to ask for, as of a line that is part of a visit's one price."""

    cents: int | None
    by: str
    asks: str = ""


class Part(NamedTuple):
    """A part of what to collect: its name and its cents."""

    name: str
    cents: int


@dataclass(frozen=True)
class Desk:
    """A visit in dollars.

    `answer`: the visit without the lines that would be denied as they stand, which are `denied`.
    `basis`: whose prices these are: "schedule", "fees" (the practice's own), "code" or "visit" (a
    contract's). `entered`: of the visit as it was entered; `clean`: without those denied.
    `collect`: what the patient pays today of the clean visit, in `parts`; `missing`: codes of it
    without a fee. Dollars are None where none is known.
    """

    answer: Answer
    basis: str
    lines: tuple[Due, ...]
    entered: float | None
    clean: float | None
    denied: tuple[str, ...]
    collect: float
    parts: tuple[Part, ...]
    missing: tuple[str, ...]
    asks_copay: bool
    note: str

    @property
    def is_own(self) -> bool:
        """Whether the practice's own prices have a part in it."""
        if self.basis == "visit":
            return self.entered is not None
        priced = (due for due in self.lines if due.cents is not None and due.by)
        return any(self.basis != "schedule" or due.by == "patient" for due in priced)


@checked
def desk(
    told: Answer, prices: OwnPrices, deductible_left: Dollars = 0.0, copay: Dollars | None = None
) -> Desk:
    """One visit at the desk. `deductible_left`: dollars of Medicare's still unmet; `copay`: dollars
    as the patient's plan says, None where that is not known."""
    basis = _basis(told.settings, prices)
    clean = without_denied(told)
    parts, missing = _collected(clean, prices, deductible_left, copay)
    return Desk(
        clean,
        basis,
        dues(told, prices),
        _total(told, prices),
        _total(clean, prices),
        tuple(
            line.key
            for line, left in zip(told.lines, clean.lines, strict=True)
            if left.is_off and not line.is_off
        ),
        sum(part.cents for part in parts) / 100,
        tuple(parts),
        tuple(missing),
        told.settings.profile("patient_pays") == "copay" and copay is None and clean.units > 0,
        _note(clean),
    )


@checked
def without_denied(told: Answer) -> Answer:
    """The visit without the lines of which a finding says that they would be denied as they stand,
    and those that would be without them, such as an add-on: their minutes support no other service
    either. Itself where there is none."""
    while any(_is_denied(line) for line in told.lines):
        services = [
            line.service._replace(unbilled=OFF) if _is_denied(line) else line.service
            for line in told.lines
        ]
        told = answer(services, told.settings)
    return told


@checked
def tied_lines(told: Answer) -> tuple[Line, ...]:
    """The lines that tie for an extra unit (cpm-5-20.2): of the visit, else of what is left of it
    without the lines that would be denied."""
    tied = tuple(line for line in told.lines if line.tied)
    return tied or tuple(line for line in without_denied(told).lines if line.tied)


def _is_denied(line: Line) -> bool:
    return any(found.level == "fix" for found in line.findings)


def _basis(settings: Settings, prices: OwnPrices) -> str:
    if prices.contract is not None and not settings.is_medicare:
        return prices.contract.by
    return "fees" if settings.rate is None else "schedule"


@checked
def dues(told: Answer, prices: OwnPrices) -> tuple[Due, ...]:
    """What each line comes to."""
    basis = _basis(told.settings, prices)
    return tuple(_due(line, told.settings, basis, prices) for line in told.lines)


def _due(line: Line, settings: Settings, basis: str, prices: OwnPrices) -> Due:
    if not line.units:
        return Due(0, "")
    if basis == "visit":
        return Due(None, "payer")
    if basis == "code":
        return _priced(line, prices.contract.codes if prices.contract else {}, "payer", "contract")
    if basis == "fees":
        by = "patient" if settings.profile("patient_pays") == "all" else "payer"
        return _priced(line, prices.fees, by, "fee")
    return _by_schedule(line, settings, prices)


def _by_schedule(line: Line, settings: Settings, prices: OwnPrices) -> Due:
    if line.covered:
        return Due(line.allowed_cents if line.price.priced else None, "payer")
    if may_charge(line, settings):
        return _priced(line, prices.fees, "patient", "fee")
    return Due(0, "")


def _priced(line: Line, cents: Mapping[str, int], by: str, asks: str) -> Due:
    if line.key not in cents:
        return Due(None, by, asks)
    return Due(cents[line.key] * line.units, by)


@checked
def may_charge(line: Line, settings: Settings) -> bool:
    """Whether the patient may be charged the practice's fee for a line that the payer does not
    pay. A service that Medicare bundles may not be charged (pfs-formula)."""
    status = line.service.code.status
    if line.covered or status == "B":
        return False
    follows = settings.profile("pays_status")
    if follows and settings.provider != "chiropractor" and status == "I":
        return False  # not valid for Medicare: another code stands for it (pfs-formula)
    return not _waits(line, settings)


def _waits(line: Line, settings: Settings) -> bool:
    """Whether the patient is not liable as yet: for maintenance not without a signed ABN
    (bp-15-240), which does not serve Medicare Advantage: there the plan must say no first."""
    if settings.provider != "chiropractor" or settings.pays_maintenance:
        return False
    is_adjustment = manipulation_kinds().get(line.code) == "spinal"
    return is_adjustment and not (settings.is_medicare and settings.abn is True)


def _total(told: Answer, prices: OwnPrices) -> float | None:
    """Dollars that the visit comes to: allowed by the schedule, or at the practice's own prices."""
    basis = _basis(told.settings, prices)
    if basis == "schedule":
        return told.allowed if told.units else 0.0
    if basis == "visit":
        visit = prices.contract.visit if prices.contract else None
        return None if visit is None else visit / 100 * (told.units > 0)
    return _sum(due.cents for due in dues(told, prices) if due.by) if told.units else 0.0


def _sum(cents: Iterable[int | None]) -> float | None:
    known = [each for each in cents if each is not None]
    return sum(known) / 100 if known else None


def _collected(
    clean: Answer, prices: OwnPrices, deductible_left: float, copay: float | None
) -> tuple[list[Part], list[str]]:
    """The parts of what the patient pays today, and the codes of it without a fee."""
    pays = clean.settings.profile("patient_pays")
    parts: list[Part] = []
    if pays == "all" and _basis(clean.settings, prices) != "fees":
        total = round((_total(clean, prices) or 0) * 100)
        return [Part("the visit", total)] if total else [], []
    if pays == "medicare":
        share = payment_chain(clean, deductible_left).patient
        parts += [Part("the patient's part", round(share * 100))] if share else []
    if pays == "copay":
        parts += [Part("copay", round(copay * 100))] if copay and clean.units else []
    of_patient = [
        (line, due)
        for line, due in zip(clean.lines, dues(clean, prices), strict=True)
        if due.by == "patient"
    ]
    known = [(line.key, due.cents) for line, due in of_patient if due.cents is not None]
    if known:
        name = f"your fee for {listed(key for key, _ in known)}"
        parts.append(Part(name, sum(cents for _, cents in known)))
    return parts, [line.key for line, due in of_patient if due.asks]


def _note(clean: Answer) -> str:
    """What to know before collecting, "" where there is nothing."""
    settings = clean.settings
    waiting = [line.code for line in clean.lines if line.units and _waits(line, settings)]
    if waiting and not settings.is_medicare:
        return (
            f"{listed(waiting)}: without the plan's determination the patient may not be charged."
        )
    if waiting and settings.abn is None:
        return f"{listed(waiting)}: your fee once an ABN is signed; until then nothing."
    if waiting:
        return f"{listed(waiting)}: without a signed ABN the patient may not be charged."
    if settings.profile("patient_pays") == "nothing":
        return settings.profile("patient_note")
    return ""
