"""An audit as a plain loop over visits: dicts and decimals, sharing nothing with the engine.

A row is a dict of text: visit, code, minutes and units ("" where not given), modifiers, region,
and payer, place and discipline by id ("" for what the setting says). It knows the unit findings
and some of the hints that a loop would have: untimed above one, MUE, add-on alone, one CMT code.
"""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import cache
from itertools import groupby
from pathlib import Path
from random import Random
from typing import NamedTuple

from oracles.fees import HALF, fee, rows, share_of
from oracles.units import Allocation, valid_allocations

TABLES = Path(__file__).parents[2] / "chirocalc" / "tables" / "data"
CODES = {
    "-".join(filter(None, (row["code"], row["modifier"]))): row
    for row in rows(TABLES.parents[2] / "codes.csv")
}
PAYERS = {row["id"]: row for row in rows(TABLES / "payers.csv")}
LOCALITIES = {
    f"{row['mac']}-{row['locality']}": row
    for row in rows(TABLES / "localities.csv")
    if row["release"] == "GPCI2026"
}
FACTOR = next(
    Decimal(row["conversion_factor"])
    for row in rows(TABLES / "conversion_factors.csv")
    if row["status"] == "in force" and row["basis"] == "non-APM"
)
ONE_CMT = {
    frozenset((row["column1"], row["column2"])): row[f"column{row['on']}"]
    for row in rows(TABLES / "pairs.csv")
    if row["kind"] == "one-cmt"
}
# domain 2: how many spinal regions a manipulation code is for
REGIONS = {"98940": (1, 2), "98941": (3, 4), "98942": (5, 5)}
SPINE = {"cervical", "thoracic", "lumbar", "sacral", "pelvic"}
UNIT_RULES = {"units-over", "units-zero", "units-under", "missing-minutes"}
RULES = UNIT_RULES | {"untimed-units", "mue", "addon", "one-cmt"}
NOTHING = Decimal(0)


class Setting(NamedTuple):
    """What a visit goes by; None is as the payer's profile says."""

    payer: str = "medicare"
    provider: str = "chiropractor"
    place: str = "office"
    phase: str | None = None
    rule: str | None = None
    percent: str | None = None
    mppr: str | None = None
    locality: str = "national"
    participating: bool = True

    def profile(self, column: str) -> str:
        return PAYERS[self.payer][column]


class Finding(NamedTuple):
    """`billed` and `supported` are None where no units are compared."""

    code: str
    rule: str
    level: str
    billed: int | None
    supported: int | None
    dollars: Decimal


class Line:
    """All rows of one code, or of one part of it, in a visit."""

    def __init__(self, code: str, key: str) -> None:
        self.code, self.key = code, key
        self.row = CODES[key]
        self.kind = self.row["time_rule"]
        self.minutes, self.has_minutes = 0, False
        self.lacks = False  # a row billed without minutes
        self.billed: int | None = None
        self.regions: set[str] = set()

    def add(self, row: dict[str, str]) -> None:
        if row["minutes"] != "":
            self.minutes += int(row["minutes"])
            self.has_minutes = True
        if row["units"] != "":
            self.billed = (self.billed or 0) + int(row["units"])
        if row["minutes"] == "" and row["units"] not in ("", "0"):
            self.lacks = True
        self.regions |= set(filter(None, row["region"].split("|")))


class Price(NamedTuple):
    """One unit of a code; amounts are None where none is published."""

    covered: bool
    therapy: bool
    pe: Decimal
    fee: Decimal
    full: Decimal | None
    reduced: Decimal | None


@cache
def price(key: str, setting: Setting) -> Price:
    """The fee schedule, the payer's percent, participation and coverage (domain 3.1 to 3.4)."""
    row = CODES[key]
    covered = row["status"] in (setting.profile("pays_status") or row["status"]).split("|")
    paid_codes = setting.profile("chiropractor_codes")
    if paid_codes and setting.provider == "chiropractor":
        covered = covered and row["code"] in paid_codes.split("|")
        covered = covered and setting.phase != "maintenance"
    work, pe, mp = (
        Decimal(row[name] or 0) for name in ("work_rvu", f"pe_rvu_{setting.place}", "mp_rvu")
    )
    gpcis = [Decimal(1)] * 3
    if setting.locality != "national":
        place = LOCALITIES[setting.locality]
        gpcis = [Decimal(place[name]) for name in ("work_gpci", "pe_gpci", "mp_gpci")]
    whole = fee(work, pe, mp, *gpcis, FACTOR)
    cut = fee(work, pe, mp, *gpcis, FACTOR, HALF)
    percent = setting.percent or setting.profile("percent")
    therapy = covered and row["multiple_procedure"] == "5"
    if not covered:
        return Price(False, therapy, pe, whole, NOTHING, NOTHING)
    if not percent or not row["work_rvu"]:
        return Price(True, therapy, pe, whole, None, None)
    full, reduced = (share_of(amount, Decimal(percent)) for amount in (whole, cut))
    if setting.payer == "medicare" and not setting.participating:
        full, reduced = (share_of(amount, Decimal(95)) for amount in (full, reduced))
    return Price(True, therapy, pe, whole, full, reduced)


def amounts(lines: Sequence[Line], units: Sequence[int], setting: Setting) -> list[Decimal]:
    """What each line is worth with so many units, after the therapy reduction (domain 3.2)."""
    prices = [price(line.key, setting) for line in lines]
    in_full, best = -1, (Decimal(-1), NOTHING)
    for at, (unit, count) in enumerate(zip(prices, units, strict=True)):
        if unit.therapy and count and (unit.pe, unit.fee) > best:
            in_full, best = at, (unit.pe, unit.fee)
    way = setting.mppr or setting.profile("mppr")
    out = []
    for at, (unit, count) in enumerate(zip(prices, units, strict=True)):
        if unit.full is None or unit.reduced is None:
            out.append(NOTHING)
        elif not unit.therapy or way == "none" or not count:
            out.append(unit.full * count)
        elif way == "pe":
            first = at == in_full
            out.append(unit.full * first + unit.reduced * (count - first))
        else:
            whole = unit.full * count
            out.append(whole if at == in_full else share_of(whole, Decimal(50)))
    return out


def visit_setting(visit: Sequence[dict[str, str]], setting: Setting) -> Setting:
    """The setting with what the visit's first row, and AT, GA and GZ on its adjustment, say."""
    first = visit[0]
    if first["payer"] not in ("", setting.payer):
        setting = setting._replace(payer=first["payer"], rule=None, percent=None, mppr=None)
    setting = setting._replace(
        place=first["place"] or setting.place, provider=first["discipline"] or setting.provider
    )
    on_adjustment = " ".join(row["modifiers"] for row in visit if row["code"] in REGIONS).split()
    if "AT" in on_adjustment:
        return setting._replace(phase="active")
    if {"GA", "GZ"} & set(on_adjustment):
        return setting._replace(phase="maintenance")
    return setting


def lines_of(visit: Iterable[dict[str, str]]) -> list[Line]:
    """One line for each code, and for each part (26, TC) of one, in the order of entry."""
    lines: dict[str, Line] = {}
    for row in visit:
        part = {"26", "TC"} & set(row["modifiers"].split())
        key = f"{row['code']}-{part.pop()}" if len(part) == 1 else row["code"]
        if key not in lines:
            lines[key] = Line(row["code"], key)
        lines[key].add(row)
    return list(lines.values())


def clock_units(line: Line, lines: Sequence[Line]) -> int:
    """Units of a code with its own clock: an add-on goes on after its primary (domain 1.4).

    An add-on follows its own primary, or another it may follow whose own add-on is not there.
    """
    here = {each.code: each for each in lines if each.kind == "clock"}

    def leader(each: Line) -> Line | None:
        for place, name in enumerate(filter(None, each.row["parent"].split("|"))):
            own = [c for c, other in here.items() if other.row["parent"].split("|")[0] == name]
            if name in here and (place == 0 or not own):
                return here[name]
        return None

    head = leader(line) or line
    minutes = head.minutes + sum(e.minutes for e in here.values() if leader(e) is head)
    if head is not line:
        minutes -= int(head.row["unit_minutes"])
    start, end = int(line.row["from_minutes"]), line.row["to_minutes"]
    if minutes < start or (end and minutes > int(end)):
        return 0
    units = 1
    while line.row["repeats"] == "each" and minutes >= start + units * int(
        line.row["unit_minutes"]
    ):
        units += 1
    return units


def nearest(billed: Sequence[int | None], minutes: Sequence[int], rule: str) -> list[Allocation]:
    """The valid allocations nearest to what was billed: in a tie the clinician may choose.

    The default of domain 1.1 first: the code with more minutes, then the order of entry.
    """
    if not minutes:
        return [()]
    order = sorted(range(len(minutes)), key=lambda at: -minutes[at])
    valid = sorted(valid_allocations(minutes, rule), key=lambda a: [-a[at] for at in order])

    def away(allocation: Allocation) -> int:
        return sum(abs(b - u) for b, u in zip(billed, allocation, strict=True) if b is not None)

    least = min(map(away, valid))
    return [allocation for allocation in valid if away(allocation) == least]


def answers(
    visit: Sequence[dict[str, str]], setting: Setting, any_given: bool = True, whole: bool = True
) -> Iterator[list[Finding]]:
    """The findings of a visit, once for each allocation that is as near to what was billed.

    `any_given`: the file has units billed at all. `whole`: no row of the visit was left out.
    """
    setting, lines = visit_setting(visit, setting), lines_of(visit)
    timed = [line for line in lines if line.kind == "timed15"]
    rule = setting.rule or setting.profile("unit_rule")
    by_clock = {line.key: clock_units(line, lines) for line in lines if line.kind == "clock"}
    missing = [
        line.key
        for line in lines
        if (
            (line.billed is not None or not any_given)
            and not line.has_minutes
            and (line.kind == "timed15" or by_clock.get(line.key) == 0)
        )
        or (line.lacks and line.has_minutes and line.kind in ("timed15", "clock"))
    ]
    blind = not whole or any(line.key in missing for line in timed)
    billed = [None if blind else line.billed for line in timed]
    for allocation in nearest(billed, [line.minutes for line in timed], rule):
        by_time = dict(zip((line.key for line in timed), allocation, strict=True)) | by_clock
        used, right, compared = [], [], []
        for line in lines:
            fits = by_time.get(line.key, 1)
            sees = line.key in by_time and line.billed is not None and line.key not in missing
            sees = sees and whole and not (blind and line.kind == "timed15")
            compared.append(sees)
            used.append(fits if line.billed is None else line.billed)
            right.append(fits if sees or line.billed is None else line.billed)
        yield [
            *_of_units(lines, used, right, compared, missing, setting),
            *_of_hints(lines, used, setting),
        ]


def _of_units(
    lines: Sequence[Line],
    used: Sequence[int],
    right: Sequence[int],
    compared: Sequence[bool],
    missing: Sequence[str],
    setting: Setting,
) -> Iterator[Finding]:
    as_billed, as_supported = amounts(lines, used, setting), amounts(lines, right, setting)
    for at, line in enumerate(lines):
        if line.key in missing:
            yield Finding(line.code, "missing-minutes", "needs", None, None, NOTHING)
        elif compared[at] and used[at] != right[at]:
            rule = "units-under" if used[at] < right[at] else "units-over"
            if rule == "units-over" and not right[at]:
                rule = "units-zero"
            level = "check" if rule == "units-under" else "fix"
            dollars = as_billed[at] - as_supported[at]
            yield Finding(line.code, rule, level, used[at], right[at], dollars)


def _of_hints(lines: Sequence[Line], used: Sequence[int], setting: Setting) -> Iterator[Finding]:
    if setting.profile("claims") != "yes":
        return
    worth = amounts(lines, used, setting)
    billed = {line.code for line, units in zip(lines, used, strict=True) if units}
    for at, line in enumerate(lines):
        if not used[at]:
            continue
        found = []
        if line.kind in ("untimed", "level") and used[at] > 1:
            found.append(("untimed-units", "fix"))
        if int(line.row["mue"] or 0) and used[at] > int(line.row["mue"]):
            denied = setting.payer == "medicare" and line.row["mai"] in ("2", "3")
            found.append(("mue", "fix" if denied else "check"))
        if line.row["parent"] and not billed & set(line.row["parent"].split("|")):
            found.append(("addon", "fix"))
        least, most = REGIONS.get(line.code, (0, 0))
        if most and line.regions and not least <= len(line.regions & SPINE) <= most:
            found.append(("one-cmt", "fix"))
        found += [
            ("one-cmt", "fix") for pair, on in ONE_CMT.items() if pair <= billed and on == line.code
        ]
        for rule, level in found:
            yield Finding(line.code, rule, level, None, None, worth[at])


def visits_of(table: Iterable[dict[str, str]]) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """The visits of rows that stand together."""
    for visit, group in groupby(table, key=lambda row: row["visit"]):
        yield visit, list(group)


def audit(table: Iterable[dict[str, str]], setting: Setting) -> list[tuple[str, Finding]]:
    """Every visit, one after the other."""
    return [
        (visit, finding)
        for visit, group in visits_of(table)
        for finding in next(answers(group, setting))
    ]


# Made-up visits

TIMED = ["97110", "97112", "97140", "97530", "97035", "97032", "97116", "97533", "S8948"]
CLOCKS = [
    "97810", "97811", "97813", "97814", "97129", "97130", "97550", "97551", "97545", "97546",
    "98979", "98980", "98981", "98960",
]  # fmt: skip
OTHERS = [
    "97012", "97014", "G0283", "97010", "97161", "97150", "98940", "98941", "98942", "98943",
    "99213", "20560", "G2211", "72100", "97026",
]  # fmt: skip
# Where the rules turn, and many equal leftovers.
MINUTES = [0, 3, 5, 7, 7, 7, 8, 8, 10, 15, 20, 20, 22, 23, 23, 30, 33, 37, 38, 45, 60]
SAID = ["", "", "AT", "GA", "GZ", "AT GA"]


def made_up(name: str, random: Random, payers: Sequence[str] = ("",)) -> list[dict[str, str]]:
    """A visit: mostly billed as one rule or the other supports, sometimes off, blank or 0."""
    codes = random.sample(TIMED, random.choice([0, 1, 2, 2, 3, 3, 4]))
    codes += random.sample(CLOCKS, random.choice([0, 0, 0, 1, 2, 3]))
    codes += random.sample(OTHERS, random.choice([1, 1, 2]))
    random.shuffle(codes)
    minutes = {code: random.choice(MINUTES) for code in codes}
    timed = [code for code in codes if code in TIMED]
    units: dict[str, int] = {}
    if timed:
        valid = valid_allocations([minutes[code] for code in timed], random.choice(["cms", "cpt"]))
        units = dict(zip(timed, random.choice(sorted(valid)), strict=True))
    about = {
        "payer": random.choice(payers),
        "place": random.choice(["", "facility"]),
        "discipline": random.choice(["", "pt"]),
    }
    out = []
    for code in codes:
        billed = units.get(code, random.choice([1, 1, 1, 2, 0]))
        if random.random() < 0.2:
            billed = max(0, billed + random.choice([-1, 1, 1, 2, 5]))
        by_time = code in TIMED or code in CLOCKS
        out.append(
            {
                "visit": name,
                "code": code,
                "minutes": str(minutes[code]) if by_time and random.random() < 0.96 else "",
                "units": str(billed) if random.random() < 0.96 else "",
                "modifiers": random.choice(SAID) if code in REGIONS else "",
                "region": "lumbar" if code in REGIONS and random.random() < 0.2 else "",
                **about,
            }
        )
    return out
