"""An audit as a plain loop over visits: dicts and decimals, sharing nothing with the engine.

A row is a dict of text: visit (a patient's number), date, code, minutes and units ("" where not
given), modifiers, region, payer, place and discipline by id ("" for what the setting says), and
`named`, a payer's name that is not known. A visit is the rows of one number, day and discipline;
the therapy reduction goes by the day. It knows the unit findings and some of the hints that a loop
would have: untimed above one, MUE, add-on alone, one CMT code.
"""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import cache
from itertools import groupby, product
from pathlib import Path
from random import Random
from typing import NamedTuple

from oracles.coverage import ASKS_ACTIVE, pays_therapist
from oracles.fees import HALF, fee, rows, share_of
from oracles.units import Allocation, chart_units, valid_allocations

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
RULES = UNIT_RULES | {"two-lines", "untimed-units", "mue", "addon", "one-cmt"}
NOTHING = Decimal(0)
# cpm-5-20.2: each plan's minutes by themselves; a line that says none goes with the first.
PLANS = ["GP", "GO", "GN"]
AT_ANY_PAYER = "commercial-total-time"


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
    """All rows of one code, or of one part of it, and of one plan, in a visit."""

    def __init__(self, code: str, key: str, plan: str, place: str) -> None:
        self.code, self.key, self.plan, self.place = code, key, plan, place
        self.row = CODES[key]
        self.kind = self.row["time_rule"]
        self.minutes, self.has_minutes = 0, False
        self.lacks = False  # a row billed without minutes
        self.billed: int | None = None
        self.regions: set[str] = set()
        self.rows: list[dict[str, str]] = []

    @property
    def by_time(self) -> bool:
        return self.kind in ("timed15", "clock")

    def is_twice(self, any_given: bool) -> bool:
        """Whether two of its rows, both billed, say the same modifiers."""
        asked = [row for row in self.rows if not any_given or int(row["units"] or 0) > 0]
        said = [frozenset(row["modifiers"].split()) for row in asked]
        return self.kind == "timed15" and len(set(said)) < len(said)

    def add(self, row: dict[str, str]) -> None:
        self.rows.append(row)
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
    if setting.provider in ("pt", "ot"):
        covered = covered and pays_therapist(row["code"], setting.payer)
    elif setting.provider == "chiropractor" and setting.payer in ASKS_ACTIVE:
        adjusts = row["code"] in REGIONS or row["code"] == "98943"
        covered = covered and not (adjusts and setting.phase == "maintenance")
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


def amounts(
    lines: Sequence[Line], units: Sequence[int], settings: Sequence[Setting]
) -> list[Decimal]:
    """What each line of a day is worth with so many units, each under its setting, after the
    therapy reduction of its payer (domain 3.2)."""
    prices = [price(each.key, setting) for each, setting in zip(lines, settings, strict=True)]
    in_full: dict[str, int] = {}
    best: dict[str, tuple[Decimal, Decimal, Decimal]] = {}

    def entry(at: int) -> int:
        return int(lines[at].rows[0].get("entry", 0)) if lines[at].rows else 0

    in_order = sorted(range(len(lines)), key=entry)
    for at in in_order:
        unit, count, setting = prices[at], units[at], settings[at]
        most = best.get(setting.payer, (Decimal(-1), NOTHING, NOTHING))
        rank = (unit.pe, unit.fee, _at_stake(unit, count, setting))
        if unit.therapy and count and rank > most:
            in_full[setting.payer], best[setting.payer] = at, rank
    out = []
    for at, (unit, count, setting) in enumerate(zip(prices, units, settings, strict=True)):
        way, is_first = setting.mppr or setting.profile("mppr"), at == in_full.get(setting.payer)
        if unit.full is None or unit.reduced is None:
            out.append(NOTHING)
        elif not unit.therapy or way == "none" or not count:
            out.append(unit.full * count)
        elif way == "pe":
            out.append(unit.full * is_first + unit.reduced * (count - is_first))
        else:
            whole = unit.full * count
            out.append(whole if is_first else share_of(whole, Decimal(50)))
    return out


def _at_stake(unit: Price, count: int, setting: Setting) -> Decimal:
    """What a line loses if another has the unit paid in full: of equal ones the one that would
    lose more has it, and so the day's sum is no matter of order."""
    way = setting.mppr or setting.profile("mppr")
    if way == "none" or unit.full is None or unit.reduced is None:
        return NOTHING
    if way == "pe":
        return unit.full - unit.reduced
    return unit.full * count - share_of(unit.full * count, Decimal(50))


def visit_setting(visit: Sequence[dict[str, str]], setting: Setting) -> Setting:
    """The setting with what the visit's first row, and AT, GA and GZ on its adjustment, say."""
    first = visit[0]
    if first.get("named"):
        setting = setting._replace(payer=AT_ANY_PAYER, rule="either", percent=None, mppr=None)
    elif first["payer"] not in ("", setting.payer):
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


def plan_of(row: dict[str, str]) -> str:
    """The last of GP, GO and GN on a row; GP where there is none."""
    return next((plan for plan in reversed(PLANS) if plan in row["modifiers"].split()), PLANS[0])


def lines_of(visit: Sequence[dict[str, str]]) -> list[Line]:
    """One line for each code, for each part (26, TC) of one, and for each plan where the visit has
    several, in the order of entry."""
    said = {plan_of(row) for row in visit if set(PLANS) & set(row["modifiers"].split())}
    lines: dict[tuple[str, str], Line] = {}
    for row in visit:
        part = {"26", "TC"} & set(row["modifiers"].split())
        key = f"{row['code']}-{part.pop()}" if len(part) == 1 else row["code"]
        plan = plan_of(row) if len(said) > 1 else ""
        if (key, plan) not in lines:
            lines[key, plan] = Line(row["code"], key, plan, row["place"])
        lines[key, plan].add(row)
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


class Judged(NamedTuple):
    """A visit's lines and setting, with one of the answers its minutes allow: units used, those
    right, what was compared, and which lines lack minutes."""

    lines: list[Line]
    setting: Setting
    used: list[int]
    right: list[int]
    compared: list[bool]
    missing: list[bool]

    @property
    def settings(self) -> list[Setting]:
        """Each line's: its place is its own."""
        place = self.setting.place
        return [self.setting._replace(place=line.place or place) for line in self.lines]


def answers(
    day: Sequence[dict[str, str]],
    setting: Setting,
    any_given: bool = True,
    whole: bool = True,
    minutes: str = "line",
) -> Iterator[list[Finding]]:
    """The findings of a number's day, once for each allocation that is as near to what was billed.

    `any_given`: the file has units billed at all. `whole`: no row of the day was left out.
    `minutes`: whose those are that are the same on each timed row, the "line"'s or the "visit"'s.
    """
    visits: dict[str, list[dict[str, str]]] = {}
    for at, row in enumerate(day):
        mine = visits.setdefault(row["discipline"] or setting.provider, [])
        mine.append(row | {"entry": str(at)})
    each = [list(_judged(rows, setting, any_given, whole, minutes)) for rows in visits.values()]
    for chosen in product(*each):
        yield [*_of_units(chosen, any_given), *_of_hints(chosen)]


def _judged(
    visit: Sequence[dict[str, str]], setting: Setting, any_given: bool, whole: bool, mode: str
) -> Iterator[Judged]:
    setting, lines = visit_setting(visit, setting), lines_of(visit)
    rule = setting.rule or setting.profile("unit_rule")
    pools = [[line for line in lines if line.plan == plan] for plan in ["", *PLANS]]
    by_clock = {
        line: clock_units(line, pool) for pool in pools for line in pool if line.kind == "clock"
    }
    missing = [
        (
            (line.billed is not None or not any_given)
            and not line.has_minutes
            and (line.kind == "timed15" or by_clock.get(line) == 0)
        )
        or (line.lacks and line.has_minutes and line.by_time)
        for line in lines
    ]
    lacking = any(no and line.kind == "timed15" for line, no in zip(lines, missing, strict=True))
    timed_pools = [[line for line in pool if line.kind == "timed15"] for pool in pools]
    shared = [pool for pool in timed_pools if mode == "visit" and same_minutes(pool)]
    open_shared = any(line.billed is None for pool in shared for line in pool)
    ways = []
    for pool in timed_pools:
        blind = not whole or lacking
        if pool in shared:
            ways.append([total_of(pool)])
        else:
            ways.append(list(_of_pool(pool, rule, blind)))
    for chosen in product(*ways):
        by_time = {
            line: units
            for pool, of_pool in zip(timed_pools, chosen, strict=True)
            for line, units in zip(pool, of_pool, strict=True)
        } | by_clock
        used, right, compared = [], [], []
        for line, lacks in zip(lines, missing, strict=True):
            fits = by_time.get(line, 1)
            sees = line.by_time and line.billed is not None and whole and not lacks
            sees = sees and not (lacking and line.kind == "timed15")
            if any(line in pool for pool in shared):
                sees = sees and rule == "cms" and not open_shared
            compared.append(sees)
            used.append(fits if line.billed is None else line.billed)
            right.append(fits if sees or line.billed is None else line.billed)
        yield Judged(lines, setting, used, right, compared, missing)


def _of_pool(pool: Sequence[Line], rule: str, blind: bool) -> Iterator[Allocation]:
    """Units of timed lines counted together; where the rule is not known what either supports that
    is the nearest to what was billed, line by line."""
    billed = [None if blind else line.billed for line in pool]
    minutes = [line.minutes for line in pool]
    if rule != "either":
        yield from nearest(billed, minutes, rule)
        return
    [cpt] = nearest(billed, minutes, "cpt")
    for cms in nearest(billed, minutes, "cms"):
        yield tuple(
            min(max(line.billed or 0, min(both)), max(both))
            for line, both in zip(pool, zip(cms, cpt, strict=True), strict=True)
        )


def same_minutes(pool: Sequence[Line]) -> int:
    """The minutes on every row of several timed lines, if they are the same; else 0."""
    said = {row["minutes"] for line in pool for row in line.rows}
    return int(said.pop() or 0) if len(pool) > 1 and len(said) == 1 else 0


def total_of(pool: Sequence[Line]) -> Allocation:
    """Units of lines whose minutes are the visit's: one by one as billed while there are any; what
    is left over goes to the first."""
    left, out = chart_units(same_minutes(pool)), []
    for line in pool:
        out.append(min(line.billed or 0, left))
        left -= out[-1]
    return (out[0] + left, *out[1:])


def _of_units(day: Sequence[Judged], any_given: bool) -> Iterator[Finding]:
    lines = [line for visit in day for line in visit.lines]
    settings = [setting for visit in day for setting in visit.settings]
    used = [units for visit in day for units in visit.used]
    right = [units for visit in day for units in visit.right]
    compared = [sees for visit in day for sees in visit.compared]
    missing = [lacks for visit in day for lacks in visit.missing]
    as_billed, as_right = amounts(lines, used, settings), amounts(lines, right, settings)
    for at, line in enumerate(lines):
        if line.is_twice(any_given):
            yield Finding(line.code, "two-lines", "check", None, None, NOTHING)
        if missing[at]:
            yield Finding(line.code, "missing-minutes", "needs", None, None, NOTHING)
        elif compared[at] and used[at] != right[at]:
            rule = "units-under" if used[at] < right[at] else "units-over"
            if rule == "units-over" and not right[at]:
                rule = "units-zero"
            level = "check" if rule == "units-under" else "fix"
            dollars = as_billed[at] - as_right[at]
            yield Finding(line.code, rule, level, used[at], right[at], dollars)


def _of_hints(day: Sequence[Judged]) -> Iterator[Finding]:
    lines = [line for visit in day for line in visit.lines]
    settings = [setting for visit in day for setting in visit.settings]
    worth = amounts(lines, [units for visit in day for units in visit.used], settings)
    for visit in day:
        mine, worth = worth[: len(visit.lines)], worth[len(visit.lines) :]
        if visit.setting.profile("claims") == "yes":
            yield from _of_lines(visit, mine)


def is_never_paid(row: dict[str, str], setting: Setting) -> bool:
    """Whether no visit would make the payer pay a code to this provider: then that alone is said.
    97014 is not among them: another code stands for it (domain 3.4)."""
    if setting.payer == "medicare" and row["status"] == "B":
        return True
    treats = setting.provider in ("pt", "ot") and row["code"] != "97014"
    asks = setting.payer in ("medicare", "uhc")
    return treats and asks and not pays_therapist(row["code"], setting.payer)


def _of_lines(visit: Judged, worth: Sequence[Decimal]) -> Iterator[Finding]:
    billed = {line.code for line, units in zip(visit.lines, visit.used, strict=True) if units}
    for line, used, dollars in zip(visit.lines, visit.used, worth, strict=True):
        if not used or is_never_paid(line.row, visit.setting):
            continue
        found = []
        if line.kind in ("untimed", "level") and used > 1:
            found.append(("untimed-units", "fix"))
        if int(line.row["mue"] or 0) and used > int(line.row["mue"]):
            denied = visit.setting.payer == "medicare" and line.row["mai"] in ("2", "3")
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
            yield Finding(line.code, rule, level, None, None, dollars)


def visits_of(table: Iterable[dict[str, str]]) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """The visits of rows that stand together."""
    for visit, group in groupby(table, key=lambda row: row["visit"]):
        yield visit, list(group)


def days_of(
    table: Iterable[dict[str, str]],
) -> dict[tuple[str, str], list[dict[str, str]]]:
    """Rows by number and day, wherever they stand."""
    days: dict[tuple[str, str], list[dict[str, str]]] = {}
    for row in table:
        days.setdefault((row["visit"], row.get("date", "")), []).append(row)
    return days


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


def made_up_day(name: str, random: Random, payers: Sequence[str] = ("",)) -> list[dict[str, str]]:
    """A number's rows of one day, as files have them: of one to three disciplines on one or several
    claims, mixed; some in another place, under GP, GO and GN, or of a payer not known."""
    out: list[dict[str, str]] = []
    named = random.choice(["", "", "", "Aetna PPO"])
    for who in random.sample(["chiropractor", "pt", "ot", ""], random.choice([1, 1, 2, 3])):
        rows = made_up(name, random, payers)
        if random.random() < 0.4:  # minutes of the visit on each of its lines, or chance
            same = random.choice(MINUTES[1:])
            for row in rows:
                row["minutes"] = str(same) if row["code"] in TIMED else row["minutes"]
        plans = random.choice([[""], ["GP"], PLANS, ["GP", "GO", ""]])
        for row in rows:
            row["discipline"], row["named"] = who, named
            if row["code"] in TIMED or row["code"] in CLOCKS:
                row["modifiers"] = random.choice(plans)
            row["place"] = random.choice([row["place"], row["place"], "office", "facility", ""])
            if row["code"] in TIMED and random.random() < 0.15:
                rows = [*rows, row | {"modifiers": random.choice([row["modifiers"], "59 GO"])}]
        out += rows
    random.shuffle(out)
    for row in out:
        row["claim"] = random.choice(["C1", "C2", ""])
    return out
