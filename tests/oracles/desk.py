"""A visit at the front desk in plain decimals: what it comes to, and what the patient pays today.

A visit is a list of dicts as `oracles.visits.lines_of` reads them, each code once, with `unbilled`:
"off" the claim, to "collect" from the patient, or "". It shares nothing with the engine; which
lines would be denied it asks the caller.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from oracles.audit import Line, Setting, amounts, clock_units, nearest, price
from oracles.coverage import ASKS_ACTIVE
from oracles.fees import share_of

Visit = Sequence[Mapping[str, Any]]
NOTHING = Decimal(0)
MANIPULATION = ("98940", "98941", "98942")


class Own(NamedTuple):
    """The practice's own prices in dollars, and what is known of the patient's plan.

    `contract`: "code" or "visit", "" where the payer pays by its schedule or the practice's fees.
    """

    fees: Mapping[str, Decimal] = {}
    contract: str = ""
    by_code: Mapping[str, Decimal] = {}
    by_visit: Decimal | None = None
    abn: bool | None = None
    deductible: Decimal = NOTHING
    copay: Decimal | None = None


class AtDesk(NamedTuple):
    """Dollars; None where no price is known of what was billed, which is not $0.00: that is what
    comes of nothing billed."""

    entered: Decimal | None
    clean: Decimal | None
    collect: Decimal
    missing: set[str]


def at_desk(
    visit: Visit, setting: Setting, own: Own, denied: Callable[[Visit], set[str]]
) -> AtDesk:
    """`denied`: of lines as they are billed, the codes that would be denied as they stand.

    A line that is taken out may leave another that cannot stand without it: that one goes too.
    Where nobody says the phase, GA or GZ on an adjustment says maintenance, and AT active
    (bp-15-240).
    """
    said = " ".join(line["modifiers"] for line in visit if line["code"] in MANIPULATION).split()
    if setting.phase is None and "AT" in said:
        setting = setting._replace(phase="active")
    elif setting.phase is None and {"GA", "GZ"} & set(said):
        setting = setting._replace(phase="maintenance")
    entered = _total(visit, setting, own)
    while gone := denied(_on_claim(visit, setting)):
        visit = [line for line in visit if line["code"] not in gone]
    collect, missing = _collect(visit, setting, own)
    return AtDesk(entered, _total(visit, setting, own), collect, missing)


def units_of(visit: Visit, setting: Setting) -> dict[str, int]:
    """Units of each line that was not left off (domain 1), in a tie by the default."""
    rule = setting.rule or setting.profile("unit_rule")
    lines = []
    for entry in visit:
        if entry["unbilled"] == "off":
            continue
        lines.append(Line(entry["code"], entry["code"], "", "office"))
        lines[-1].minutes = int(entry["minutes"] or 0)
        lines[-1].has_minutes = entry["minutes"] is not None
        lines[-1].billed = int(entry["count"])
    timed = [line for line in lines if line.kind == "timed15"]
    by_default = nearest([None] * len(timed), [line.minutes for line in timed], rule)[0]
    units = dict(zip((line.code for line in timed), by_default, strict=True))
    for line in lines:
        if line.kind == "clock":
            units[line.code] = clock_units(line, lines)
        elif line.kind == "counted":
            units[line.code] = line.billed or 0
        elif line.kind != "timed15":
            units[line.code] = 1
    return {line.code: units[line.code] for line in lines}


def _on_claim(visit: Visit, setting: Setting) -> Visit:
    """What the payer gets: nothing left off, nothing that the patient pays in its place."""
    return [
        line
        for line in visit
        if line["unbilled"] == ""
        or (line["unbilled"] == "collect" and price(line["code"], setting).covered)
    ]


def _basis(setting: Setting, own: Own) -> str:
    """Medicare has one fee schedule, and no contract beside it."""
    if own.contract and setting.payer != "medicare":
        return own.contract
    return "schedule" if setting.percent or setting.profile("percent") else "fees"


def _total(visit: Visit, setting: Setting, own: Own) -> Decimal | None:
    basis, units = _basis(setting, own), units_of(visit, setting)
    billed = {code: count for code, count in units.items() if count}
    if basis == "visit":
        return own.by_visit if billed or own.by_visit is None else NOTHING
    if basis == "schedule":
        known = [
            code
            for code in units
            if not price(code, setting).covered or price(code, setting).full is not None
        ]
        lines = [Line(code, code, "", "office") for code in units]
        worth = sum(amounts(lines, [*units.values()], [setting] * len(lines)), NOTHING)
        return worth if known or not billed else None
    listed = own.fees if basis == "fees" else own.by_code
    known = [listed[code] * count for code, count in billed.items() if code in listed]
    return sum(known, NOTHING) if known or not billed else None


def _collect(visit: Visit, setting: Setting, own: Own) -> tuple[Decimal, set[str]]:
    """What the patient pays today, and what is to be paid that has no fee yet."""
    pays = {
        "medicare": "medicare", "self-pay": "all", "uhc": "copay", "medicare-advantage": "copay",
        "commercial-total-time": "copay", "commercial-midpoint": "copay",
    }.get(setting.payer, "nothing")  # fmt: skip
    if pays == "nothing":
        return NOTHING, set()
    billed = {code: count for code, count in units_of(visit, setting).items() if count}
    # A copay is of a visit of which something is billed; beside it the patient pays what is not
    # covered by the schedule.
    copay = (own.copay or NOTHING) if billed and pays == "copay" else NOTHING
    if pays == "copay" and _basis(setting, own) != "schedule":
        return copay, set()
    if pays == "all" and _basis(setting, own) != "fees":
        return _total(visit, setting, own) or NOTHING, set()
    charged = [code for code in billed if pays == "all" or _chargeable(code, setting, own)]
    fees = [own.fees[code] * billed[code] for code in charged if code in own.fees]
    share = copay if pays != "medicare" else _patients_part(visit, setting, own.deductible)
    return share + sum(fees, NOTHING), {code for code in charged if code not in own.fees}


def _chargeable(code: str, setting: Setting, own: Own) -> bool:
    """domain 3.1, 3.4 and 4: excluded is charged, bundled is not; maintenance with an ABN only,
    which does not serve Medicare Advantage (review A19); what is not valid for Medicare is a
    chiropractor's to charge, for whom it is excluded too."""
    status = Line(code, code, "", "office").row["status"]
    if price(code, setting).covered or status == "B":
        return False
    if setting.provider != "chiropractor":
        return status != "I" or setting.payer not in ASKS_ACTIVE
    waits = code in MANIPULATION and setting.payer in ASKS_ACTIVE
    return not waits or (setting.payer == "medicare" and own.abn is True)


def _patients_part(visit: Visit, setting: Setting, unmet: Decimal) -> Decimal:
    """domain 3.3: line by line, the largest first, the deductible still unmet, then 20% of the
    rest."""
    units, part = units_of(visit, setting), NOTHING
    lines = [Line(code, code, "", "office") for code in units]
    worth = amounts(lines, [*units.values()], [setting] * len(lines))
    for allowed in sorted(worth, reverse=True):
        deducted = min(unmet, allowed)
        unmet -= deducted
        part += deducted + share_of(allowed - deducted, Decimal(20))
    return part
