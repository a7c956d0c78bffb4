"""Codes side by side, against tables read as text and exact decimals that share no code."""

import csv
import io
import itertools
import random
import re
from collections import Counter
from decimal import Decimal
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from oracles.coverage import pays_therapist
from oracles.fees import fee, rows, share_of, to_cents
from oracles.units import chart_units, valid_allocations

import chirocalc
from chirocalc import Settings
from chirocalc.codes import compare

ROOT = Path(__file__).parents[2]
TABLES = ROOT / "chirocalc" / "tables" / "data"
CODES = {
    row["code"] + ("-" + row["modifier"] if row["modifier"] else ""): row
    for row in rows(ROOT / "codes.csv")
}
KEYS = tuple(CODES)
PAYERS = {row["id"]: row for row in rows(TABLES / "payers.csv")}
PLACES = {
    f"{row['mac']}-{row['locality']}": row
    for row in rows(TABLES / "localities.csv")
    if row["release"] == "GPCI2026"
}
HISTORY = rows(TABLES / "history.csv")
USE = rows(TABLES / "medicare_use.csv")
PAIRS = rows(TABLES / "pairs.csv")
FACTORS = {False: Decimal("33.4009"), True: Decimal("33.5675")}  # CY2026, by APM participation
RVUS = ["work_rvu", "pe_rvu", "mp_rvu"]
HALF = Decimal("0.5")
MINUTES = range(121)
# domain 1.4: the minutes at which units start, as (first, second, and then each), and the last
# minute; with an add-on the second unit on is the add-on's.
CLOCKS = {
    "97810": (8, 23, 15),
    "97811": (8, 23, 15),
    "97813": (8, 23, 15),
    "97814": (8, 23, 15),
    "97129": (8, 23, 15),
    "97130": (8, 23, 15),
    "97550": (16, 38, 15),
    "97551": (8, 23, 15),
    "97545": (61, 151, 60),
    "97546": (31, 91, 60),
    "98960": (16, 46, 30),
    "98979": (10, None, None),
    "98980": (20, 40, 20),
    "98981": (20, 40, 20),
    "90912": (8, 23, 15),
    "90913": (8, 23, 15),
    "97802": (8, 23, 15),
    "97803": (8, 23, 15),
    "97804": (16, 46, 30),
    "98961": (16, 46, 30),
    "98962": (16, 46, 30),
    "96125": (31, 91, 60),
    "99358": (31, None, None),
    "G0541": (16, 38, 15),
    "G0542": (8, 23, 15),
    **dict.fromkeys(["98966", "98970", "98016", "G2251"], (5, None, None)),
    **dict.fromkeys(["98967", "98971"], (11, None, None)),
    **dict.fromkeys(["98968", "98972"], (21, None, None)),
}
LAST_MINUTE = {
    "98979": 19,
    **dict.fromkeys(["98966", "98970", "98016", "G2251"], 10),
    **dict.fromkeys(["98967", "98971"], 20),
    "98968": 30,
}
ADD_ON = {
    "97810": "97811",
    "97813": "97814",
    "97129": "97130",
    "97550": "97551",
    "97545": "97546",
    "98980": "98981",
    "90912": "90913",
    "G0541": "G0542",
}
# Every time rule, status, and kind of code.
MIXED = (
    "97110", "97112", "97116", "97140", "97530", "97035", "97810", "97813", "97129", "97550",
    "97545", "98960", "98979", "98980", "98981", "98940", "98943", "99213", "99204", "72100",
    "72100-26", "72100-TC", "97010", "97014", "G0283", "97161", "97162", "0552T", "S9117", "S8948",
    "20560", "20561", "97026", "97034", "97032", "97033", "97811",
)  # fmt: skip
DEFAULT = Settings()
COMMERCIAL = Settings(payer="commercial-total-time")


SETTINGS = [
    DEFAULT,
    COMMERCIAL,
    Settings(payer="uhc", percent=115.5),
    Settings(payer="uhc", provider="pt"),
    Settings(payer="medicare-advantage", provider="ot"),
    Settings(payer="medicare-advantage"),
    Settings(payer="va", locality="01112-05", place="facility"),
    Settings(payer="medicare", locality="06102-16", participating=False, provider="pt"),
    Settings(payer="medicare", apm=True, mppr="line", phase="maintenance"),
    Settings(payer="workers-comp", mppr="line", percent=33.33),
    Settings(payer="commercial-midpoint", mppr="pe", percent=1.0),
    Settings(payer="self-pay"),
    Settings(payer="self-pay", percent=80.0, provider="ot"),
]


def named(each):
    """Settings as a test's name: only what differs from the defaults."""
    said = {k: v for k, v in vars(each).items() if v != getattr(DEFAULT, k)}
    return ",".join(map(str, said.values())) or "default"


several_settings = pytest.mark.parametrize("under", SETTINGS, ids=named)


# The oracle


def percent_of(under):
    """Percent of the fee schedule, None where no amount is published."""
    if under.percent is not None:
        return Decimal(str(under.percent))
    profile = PAYERS[under.payer]["percent"]
    return Decimal(profile) if profile else None


def mppr_of(under):
    return under.mppr or PAYERS[under.payer]["mppr"]


def pays_anybody(key, under):
    """Whether the payer pays for a code's status at all."""
    pays = PAYERS[under.payer]["pays_status"]
    return not pays or CODES[key]["status"] in pays.split("|")


def is_therapy(key):
    return CODES[key]["multiple_procedure"] == "5"


def rvus_of(key, place):
    """Work, PE of the place and MP; None where the code has none."""
    values = [CODES[key][k] for k in ("work_rvu", f"pe_rvu_{place}", "mp_rvu")]
    return tuple(map(Decimal, values)) if all(values) else None


def schedule(key, under, share=Decimal(1)):
    """The fee of one unit before the payer's percent."""
    place = PLACES.get(under.locality)
    gpcis = [Decimal(place[k] if place else 1) for k in ("work_gpci", "pe_gpci", "mp_gpci")]
    return fee(*rvus_of(key, under.place), *gpcis, FACTORS[under.apm], share)


def paid(amount, under):
    """A schedule amount after percent and participation."""
    amount = share_of(amount, percent_of(under))
    if PAYERS[under.payer]["medicare"] == "yes" and not under.participating:
        amount = share_of(amount, Decimal(95))
    return amount


def is_priced(key, under):
    """Whether an amount of what is paid can be stated."""
    return rvus_of(key, under.place) is not None and percent_of(under) is not None


def first_unit(key, under):
    """The first unit's dollars; None where nobody is paid or nothing is published."""
    if not pays_anybody(key, under) or not is_priced(key, under):
        return None
    return paid(schedule(key, under), under)


def later_unit(key, under):
    """A later therapy unit's dollars."""
    first = first_unit(key, under)
    if first is None or not is_therapy(key) or mppr_of(under) == "none":
        return first
    if mppr_of(under) == "line":
        return share_of(first, Decimal(50))
    return paid(schedule(key, under, HALF), under)


def clock(code, minutes):
    """Units of a code with its own clock, and its add-on's from the second unit on."""
    first, second, step = CLOCKS[code]
    if minutes < first or minutes > LAST_MINUTE.get(code, 10**6):
        return 0
    units = 1
    while second is not None and minutes >= second:
        units, second = units + 1, second + step
    return units


def units_alone(key, minutes):
    """Units of one code by itself: (its own, its add-on's)."""
    rule = CODES[key]["time_rule"]
    if rule == "timed15":
        return chart_units(minutes), 0
    if rule != "clock":
        return 1, 0
    units = clock(key, minutes)
    own = min(units, 1) if key in ADD_ON else units
    return own, units - own


def visit_dollars(units, under):
    """Dollars of one visit of (key, units) lines, in the order of entry; None where none has any.

    The therapy unit with most PE, then the highest fee, then the first entered, is paid in full.
    """
    counted = [
        (rvus_of(key, under.place)[1], schedule(key, under), -at)
        for at, (key, n) in enumerate(units)
        if n and is_therapy(key) and pays_anybody(key, under)
    ]
    full = -max(counted)[2] if counted else None
    total = None
    for at, (key, n) in enumerate(units):
        if not pays_anybody(key, under):
            total = total or Decimal(0)
            continue
        if not is_priced(key, under):
            continue
        amount = n * first_unit(key, under)
        if n and is_therapy(key) and mppr_of(under) == "pe":
            in_full = int(at == full)
            amount = in_full * first_unit(key, under) + (n - in_full) * later_unit(key, under)
        if is_therapy(key) and mppr_of(under) == "line" and at != full:
            amount = share_of(amount, Decimal(50))
        total = (total or Decimal(0)) + amount
    return total


def dollars_alone(key, minutes, under):
    """Dollars of one code by itself, None as for a unit."""
    return _dollars_alone(key, units_alone(key, minutes), under)


@cache
def _dollars_alone(key, units, under):
    if first_unit(key, under) is None:
        return None
    lines = [(key, units[0])] + ([(ADD_ON[key], units[1])] if key in ADD_ON else [])
    return visit_dollars(lines, under)


def work_alone(key, minutes):
    """Work RVUs of one code by itself."""
    if not CODES[key]["work_rvu"]:
        return None
    own, added = units_alone(key, minutes)
    work = own * Decimal(CODES[key]["work_rvu"])
    return work + (added * Decimal(CODES[ADD_ON[key]]["work_rvu"]) if added else 0)


def same(got, expected):
    """Exactly this number, or missing where there is none."""
    return pd.isna(got) if expected is None else got == float(expected)


def differing(got, expected):
    """The places at which a column is not exactly what it must be."""
    values = list(got)
    assert len(values) == len(expected)
    return [
        (at, one, two)
        for at, (one, two) in enumerate(zip(values, expected, strict=True))
        if not same(one, two)
    ]


def test_the_oracle_knows_every_clock_and_add_on():
    clocks = {key for key, row in CODES.items() if row["time_rule"] == "clock"}
    assert clocks == set(CLOCKS)
    firsts = {CODES[key]["parent"].split("|")[0]: key for key in clocks if CODES[key]["parent"]}
    assert firsts == ADD_ON
    assert {key.partition("-")[0] for key in MIXED} <= {row["code"] for row in CODES.values()}


# What a unit is worth


def check_worth(keys, under):
    table = compare.worth(keys, under)
    assert list(table.index) == list(keys)
    parts = ["work_rvu", f"pe_rvu_{under.place}", "mp_rvu"]
    for column, source in zip(RVUS, parts, strict=True):
        expected = [Decimal(CODES[key][source]) if CODES[key][source] else None for key in keys]
        assert differing(table[column], expected) == []
    sums = [rvus_of(key, under.place) for key in keys]
    assert differing(table["total_rvu"], [sum(each) if each else None for each in sums]) == []
    assert differing(table["first"], [first_unit(key, under) for key in keys]) == []
    assert differing(table["later"], [later_unit(key, under) for key in keys]) == []
    return table


@several_settings
def test_worth_of_every_code_and_part(under):
    """domain 3.1, 3.2: RVUs, and the dollars of the first and of a later unit."""
    table = check_worth(KEYS, under)
    assert list(table["status"]) == [CODES[key]["status"] for key in KEYS]
    assert list(table["time_rule"]) == [CODES[key]["time_rule"] for key in KEYS]
    assert list(table["category"]) == [CODES[key]["category"] for key in KEYS]


any_settings = st.builds(
    Settings,
    payer=st.sampled_from(list(PAYERS)),
    locality=st.sampled_from(["national", *PLACES]),
    place=st.sampled_from(["office", "facility"]),
    provider=st.sampled_from(["chiropractor", "pt", "ot"]),
    phase=st.sampled_from([None, "active", "maintenance"]),
    apm=st.booleans(),
    participating=st.booleans(),
    unit_rule=st.sampled_from([None, "cms", "cpt"]),
    mppr=st.sampled_from([None, "pe", "line", "none"]),
    percent=st.none() | st.integers(1, 100_000).map(lambda hundredths: hundredths / 100),
)


@settings(max_examples=40)
@given(any_settings)
def test_worth_under_any_settings(under):
    check_worth(KEYS, under)


@several_settings
def test_worth_of_an_hour_is_said_only_where_minutes_count(under):
    table = compare.worth(KEYS, under)
    counts = [CODES[key]["time_rule"] in ("timed15", "clock") for key in KEYS]
    dollars = [
        dollars_alone(k, 60, under) if c else None for k, c in zip(KEYS, counts, strict=True)
    ]
    work = [work_alone(k, 60) if c else None for k, c in zip(KEYS, counts, strict=True)]
    assert differing(table["hour_dollars"], dollars) == []
    assert differing(table["hour_work_rvu"], work) == []


def pays_who_treats(key, under):
    """Whether the payer pays the one who treats for a code, of those that it pays at all: Medicare
    a chiropractor for 98940 to 98942 (domain 3.4), a therapist for therapy (review A4)."""
    if under.provider == "chiropractor":
        limited = PAYERS[under.payer]["chiropractor_codes"] != ""
        return not limited or key in ("98940", "98941", "98942")
    return pays_therapist(CODES[key]["code"], under.payer)


@several_settings
def test_covered_is_who_treats_and_the_payer(under):
    """domain 3.4: Medicare pays a chiropractor no maintenance."""
    limited = PAYERS[under.payer]["chiropractor_codes"] and under.provider == "chiropractor"
    expected = [
        pays_anybody(key, under)
        and pays_who_treats(key, under)
        and not (limited and under.phase == "maintenance")
        for key in KEYS
    ]
    assert list(compare.worth(KEYS, under)["covered"]) == expected


@pytest.mark.parametrize(
    ("key", "first", "later"),
    [
        ("97110", 29.06, 22.21),
        ("97112", 32.73, 24.88),
        ("97530", 35.07, 25.05),
        ("97140", 27.72, 21.21),
    ],
)
def test_printed_amounts_of_a_chiropractors_page(key, first, later):
    """domain 3.2: CY2026 national amounts, also where Medicare pays a chiropractor nothing."""
    row = compare.worth((key,), DEFAULT).loc[key]
    assert (row["first"], row["later"], row["covered"]) == (first, later, False)


@pytest.mark.parametrize("key", ["S9117", "97010", "97014", "98943", "97039", "0552T", "97545"])
def test_what_nobody_is_paid_or_nothing_is_published_for_has_no_amount(key):
    """domain 3.1: bundled, not valid, not covered; contractor-priced codes have no amount."""
    row = compare.worth((key,), Settings(provider="pt")).loc[key]
    assert row[["first", "later"]].isna().all()
    assert compare.alone((key,), Settings(provider="pt"))["dollars"].isna().all()


def test_parts_have_their_own_name():
    names = compare.worth(("72100", "72100-26", "72100-TC"), DEFAULT)["name"]
    assert names.is_unique
    assert all(name.startswith(CODES["72100"]["name"]) for name in names)


# Against minutes


@several_settings
def test_every_code_by_itself_at_every_minute(under):
    table = compare.alone(KEYS, under)
    cells = list(itertools.product(KEYS, MINUTES))
    assert list(zip(table["code"], table["minutes"], strict=True)) == cells
    assert list(table["units"]) == [sum(units_alone(*cell)) for cell in cells]
    assert differing(table["work_rvu"], [work_alone(*cell) for cell in cells]) == []
    assert differing(table["dollars"], [dollars_alone(*cell, under) for cell in cells]) == []


@pytest.mark.parametrize(
    ("key", "starts"),
    [
        ("97110", [8, 23, 38, 53, 68, 83, 98, 113]),
        ("97810", [8, 23, 38, 53, 68, 83, 98, 113]),
        ("97129", [8, 23, 38, 53, 68, 83, 98, 113]),
        ("97550", [16, 38, 53, 68, 83, 98, 113]),
        ("97545", [61]),
        ("98980", [20, 40, 60, 80, 100, 120]),
        ("98940", [0]),
        ("99213", [0]),
        ("72100-26", [0]),
    ],
)
def test_printed_minutes_of_the_units(key, starts):
    """domain 1.1, 1.4: where each unit starts."""
    units = compare.alone((key,), DEFAULT)["units"]
    assert list(units.index[units.diff().fillna(units) > 0]) == starts
    assert units.iloc[-1] == len(starts)


def test_either_unit_rule_gives_a_code_alone_the_same():
    of_rules = [compare.alone(KEYS, Settings(unit_rule=rule)) for rule in ("cms", "cpt")]
    pd.testing.assert_frame_equal(*of_rules)


TIMED = [key for key, row in CODES.items() if row["time_rule"] == "timed15"]
BESIDE = [
    ("97110", "97112"),
    ("97112", "97110"),
    ("97110", "97116"),
    ("97140", "97530", "97110"),
    ("97035", "97032", "97113", "97112"),
    ("97533", "97035", "97760", "97530"),
    ("97110", "S8948"),
]


def units_together(timed, minutes, rule):
    """Units of each of several codes with the same minutes; ties go to the first entered."""
    total = chart_units(minutes * len(timed)) if rule == "cms" else None
    each = minutes // 15 if rule == "cms" else chart_units(minutes)
    extra = total - each * len(timed) if rule == "cms" else 0
    units = tuple(each + (at < extra) for at in range(len(timed)))
    assert units in valid_allocations([minutes] * len(timed), rule)
    return units


def check_together(timed, keys, under):
    table = compare.together(keys, under)
    expected = [
        (minutes, rule, units_together(timed, minutes, rule))
        for rule in ("cms", "cpt")
        for minutes in MINUTES
    ]
    assert list(table["minutes"]) == [minutes for minutes, _, _ in expected]
    assert list(table["rule"]) == [rule for _, rule, _ in expected]
    assert list(table["units"]) == [sum(units) for _, _, units in expected]
    dollars = [
        visit_dollars(list(zip(timed, units, strict=True)), under) for _, _, units in expected
    ]
    assert differing(table["dollars"], dollars) == []


@several_settings
@pytest.mark.parametrize("timed", BESIDE, ids=".".join)
def test_timed_codes_in_one_visit_under_both_rules(timed, under):
    check_together(timed, timed, under)


@settings(max_examples=60)
@given(st.lists(st.sampled_from(TIMED), min_size=2, max_size=4, unique=True), any_settings)
def test_any_timed_codes_in_one_visit(timed, under):
    check_together(timed, tuple(timed), under)


def test_only_timed_codes_share_the_visit():
    mixed = ("98941", "97112", "72100-26", "97810", "97110")
    pd.testing.assert_frame_equal(
        compare.together(mixed, DEFAULT), compare.together(("97112", "97110"), DEFAULT)
    )


@pytest.mark.parametrize(
    "keys", [("97110",), ("97110", "98940"), ("97810", "97811"), ("S9117", "99213", "97110")]
)
def test_fewer_than_two_timed_codes_share_nothing(keys):
    assert compare.together(keys, DEFAULT).empty
    assert compare.partings(keys, DEFAULT) == ""


# Where lines cross, in words

SAME = re.compile(r"(\S+) and (\S+) always pay the same\.")
ABOVE = re.compile(r"(\S+) always pays more than (\S+)\.")
CROSS = re.compile(
    r"(\S+) and (\S+) (?:change places at ([\d, and]+) minutes|keep their places): (.+)\."
)
RUN = re.compile(
    r"(?:(\S+) pays more|both pay the same) (?:at (\d+) to (\d+) minutes|from (\d+) on)"
)
REST = "The others never change places."


def ahead(one, two, under):
    """At each minute: 1 where one is worth more, -1 where the other is, 0 where neither."""
    pairs = [(dollars_alone(one, at, under), dollars_alone(two, at, under)) for at in MINUTES]
    return [(a > b) - (a < b) for a, b in pairs]


def changes(signs):
    """The minutes at which the lead goes from one to the other."""
    led = [(at, sign) for at, sign in enumerate(signs) if sign]
    return [at for (_, before), (at, now) in itertools.pairwise(led) if before != now]


def claims(sentence):
    """What a sentence says: the two codes, the crossings, and (leader, first, last minute); the
    first is None where it is that at which any of them pays."""
    if match := SAME.fullmatch(sentence):
        return match[1], match[2], [], []
    if match := ABOVE.fullmatch(sentence):
        return match[1], match[2], [], [(match[1], None, 120)]
    match = CROSS.fullmatch(sentence)
    assert match, sentence
    runs = [RUN.fullmatch(words) for words in match[4].split(", ")]
    assert all(runs), sentence
    spans = [(run[1], int(run[2] or run[4]), int(run[3] or 120)) for run in runs]
    for (_, _, last), (_, begin, _) in itertools.pairwise(spans):
        assert begin == last + 1, "a minute is said twice or not at all"
    leads = [span for span in spans if span[0]]
    return match[1], match[2], [int(at) for at in re.findall(r"\d+", match[3] or "")], leads


def pays_from(keys, under):
    """The first minute at which any of the codes is worth anything."""
    return next(at for at in MINUTES if any(dollars_alone(key, at, under) for key in keys))


def check_sentence(sentence, under):
    """No sentence gives a lead to the wrong code, or starts one where there is none."""
    one, two, crossings, leads = claims(sentence)
    signs = ahead(one, two, under)
    assert crossings == changes(signs), sentence
    said = [0] * len(signs)
    for code, begin, last in leads:
        assert code in (one, two), sentence
        first = pays_from((one, two), under) if begin is None else begin
        said[first : last + 1] = [1 if code == one else -1] * (last + 1 - first)
    assert said == signs, sentence


CROSSING_SETTINGS = [
    DEFAULT,
    COMMERCIAL,
    Settings(payer="medicare", place="facility", mppr="line"),
    Settings(payer="medicare", percent=1.0),
]


def with_amounts(keys, under):
    """Those worth a cent at some minute: a percent can be so small that a code is worth none."""
    return [key for key in keys if any(dollars_alone(key, at, under) for at in MINUTES)]


# Each kind against each other: pooled, on a clock, untimed, by level, without an amount.
CROSSED = (
    "97110", "97116", "97035", "97533", "97810", "97129", "97550", "97545", "98960", "98979",
    "98980", "98981", "98940", "99213", "99204", "72100-26", "97014", "S9117", "97161", "97162",
)  # fmt: skip
MANY = tuple(dict.fromkeys([*MIXED, *CROSSED, *random.Random(3).sample(KEYS, 25)]))


@pytest.mark.parametrize("under", CROSSING_SETTINGS, ids=named)
def test_each_pair_is_said_as_the_amounts_are(under):
    for pair in itertools.combinations(CROSSED, 2):
        said = compare.crossings(pair, under)
        assert len(said) == (len(with_amounts(pair, under)) == 2), pair
        for sentence in said:
            assert set(claims(sentence)[:2]) == set(pair)
            check_sentence(sentence, under)
        expected = changes(ahead(*pair, under)) if said else []
        assert compare.crossing_minutes(pair, under) == expected, pair


@pytest.mark.parametrize("under", CROSSING_SETTINGS, ids=named)
def test_of_many_codes_the_crossing_ones_are_said_and_no_other(under):
    known = with_amounts(MANY, under)
    pairs = [pair for pair in itertools.combinations(known, 2) if changes(ahead(*pair, under))]
    *said, rest = compare.crossings(MANY, under)
    assert [claims(sentence)[:2] for sentence in said] == pairs
    assert rest == REST
    for sentence in said:
        check_sentence(sentence, under)
    minutes = {at for pair in pairs for at in changes(ahead(*pair, under))}
    assert compare.crossing_minutes(MANY, under) == sorted(minutes)


def test_where_every_line_of_many_crosses_there_is_no_rest():
    keys = ("97110", "97550", "98980", "98940")
    assert all(changes(ahead(*pair, DEFAULT)) for pair in itertools.combinations(keys, 2))
    said = compare.crossings(keys, DEFAULT)
    assert [claims(sentence)[:2] for sentence in said] == list(itertools.combinations(keys, 2))


@pytest.mark.parametrize("keys", [("97110", "97116"), ("97161", "97162"), ("97116", "97110")])
def test_equal_lines_are_said_to_be_equal(keys):
    said = [f"{keys[0]} and {keys[1]} always pay the same."]
    assert compare.crossings(keys, DEFAULT) == said
    assert compare.crossing_minutes(keys, DEFAULT) == []


def test_a_lead_that_changes_several_times_is_said_each_time():
    """98979 is 10 to 19 minutes only: 97035 is ahead before it and after it."""
    said = compare.crossings(("97035", "98979"), DEFAULT)
    words = [
        "97035 pays more at 8 to 9 minutes",
        "98979 pays more at 10 to 19 minutes",
        "97035 pays more from 20 on",
    ]
    assert said == [f"97035 and 98979 change places at 10 and 20 minutes: {', '.join(words)}."]


@pytest.mark.parametrize("keys", [("S9117", "97110"), ("S9117", "97010"), ("97545", "97110")])
def test_a_code_without_an_amount_crosses_nothing(keys):
    assert compare.crossings(keys, DEFAULT) == []
    assert compare.crossing_minutes(keys, DEFAULT) == []


TIES = [
    ("20560", "97034", DEFAULT),  # 20560 and two units of 97034 are both $26.39, 23 to 37 minutes
    ("20561", "97032", DEFAULT),
    ("72052-26", "97035", DEFAULT),
    ("73560-TC", "98979", DEFAULT),
    ("98943", "98979", COMMERCIAL),
]


@pytest.mark.parametrize(("one", "two", "under"), TIES)
def test_no_lead_is_said_where_both_are_worth_the_same(one, two, under):
    signs = ahead(one, two, under)
    assert 0 in signs[8:], "no tie to test"
    for sentence in compare.crossings((one, two), under):
        for code, begin, last in claims(sentence)[3]:
            sign = 1 if code == one else -1
            first = pays_from((one, two), under) if begin is None else begin
            assert set(signs[first : last + 1]) == {sign}, sentence


# Which code pays more, in a sentence

FIRST = re.compile(r"(.+): (\$[\d.,]+ (?:more|less)|the same) for the first unit( than (\S+))?\.")
HOUR = re.compile(r"At 60 minutes (?:(\S+) pays (\$[\d.,]+) more|both pay the same)\.")
TOO_MANY = re.compile(r"(\S+) and (\S+) change places at ([\d, and]+) minutes\.")
MOST = re.compile(r"([\w, -]+?) (?:always pays?|pays?) (?:the same, and )?most")
SPAN = re.compile(r"(.+) pays? most (?:at (\d+) to (\d+) minutes|from (\d+) on)")
CHANGES = re.compile(r"Which pays most changes at (.+) minutes\. At 60 (.+) pays? most\.")


def gap_of(text):
    """Dollars of "$3.67 more", minus of "less", 0 of "the same"."""
    if text == "the same":
        return Decimal(0)
    amount, way = text.replace("$", "").replace(",", "").split()
    return Decimal(amount) * (1 if way == "more" else -1)


def check_of_two(pair, under):
    """Every claim of the sentence about two codes, against the oracle."""
    said = compare.verdict(pair, under)
    if match := FIRST.fullmatch(said):
        check_sentence(f"{match[1]}.", under)
        one, two, _, _ = claims(f"{match[1]}.")
        assert gap_of(match[2]) == first_unit(one, under) - first_unit(two, under), said
        return
    sentence, _, hour = said.partition(". ")
    sentence += "" if sentence.endswith(".") else "."
    if SAME.fullmatch(sentence):
        assert not hour
        check_sentence(sentence, under)
        return
    if match := TOO_MANY.fullmatch(sentence):
        minutes = [int(at) for at in re.findall(r"\d+", match[3])]
        assert minutes == changes(ahead(*pair, under)), said
    else:
        check_sentence(sentence, under)
    match = HOUR.fullmatch(hour)
    gap = dollars_alone(pair[0], 60, under) - dollars_alone(pair[1], 60, under)
    ahead_then = pair[0] if gap > 0 else pair[1] if gap else None
    assert match[1] == ahead_then, said
    assert not gap or Decimal(match[2].strip("$").replace(",", "")) == abs(gap), said


@pytest.mark.parametrize("under", CROSSING_SETTINGS, ids=named)
def test_the_sentence_about_two_codes_is_as_the_amounts_are(under):
    for pair in itertools.combinations(with_amounts(CROSSED, under), 2):
        check_of_two(pair, under)


def most_at(keys, minute, under):
    """The codes that pay most at a minute; none where none pays."""
    dollars = {key: dollars_alone(key, minute, under) or 0 for key in keys}
    best = max(dollars.values())
    return {key for key in keys if best and dollars[key] == best}


def named_in(words):
    return set(re.split(r", | and ", words))


def check_of_many(keys, under):
    """Every claim of the sentence about three codes and more, against the oracle."""
    said = compare.verdict(keys, under)
    most = [most_at(keys, minute, under) for minute in MINUTES]
    begin = next(at for at, leaders in enumerate(most) if leaders)
    if match := CHANGES.fullmatch(said):
        there = [at for at in range(begin + 1, 121) if most[at] != most[at - 1]]
        assert [int(at) for at in re.findall(r"\d+", match[1])] == there, said
        assert named_in(match[2]) == most[60], said
        return
    if " always pay" in said:
        leaders = named_in(MOST.match(said)[1])
        assert all(each == leaders for each in most[begin:]), said
        if match := FIRST.fullmatch(said):
            (leader,) = leaders
            others = {key: first_unit(key, under) for key in keys if key != leader}
            assert others[match[4]] == max(others.values()), said
            assert gap_of(match[2]) == first_unit(leader, under) - others[match[4]], said
        return
    told = {}
    for words in re.split(r"(?<= minutes), ", said.removesuffix(".")):
        who, first, last, on = SPAN.fullmatch(words).groups()
        told |= dict.fromkeys(range(int(first or on), int(last or 120) + 1), named_in(who))
    assert [told.get(minute, set()) for minute in MINUTES] == most, said


SOME = [tuple(random.Random(at).sample(CROSSED, 3 + at % 4)) for at in range(60)]


@pytest.mark.parametrize("under", CROSSING_SETTINGS, ids=named)
def test_the_sentence_about_many_codes_is_as_the_amounts_are(under):
    for some in SOME:
        keys = tuple(with_amounts(some, under))
        if len(keys) > 2:
            check_of_many(keys, under)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (
            ("97110", "97112"),
            "97112 always pays more than 97110: $3.67 more for the first unit.",
        ),
        (
            ("97110", "97112", "97530"),
            "97530 always pays most: $2.34 more for the first unit than 97112.",
        ),
        (("97110", "97116"), "97110 and 97116 always pay the same."),
        (("S9117", "97110"), "Only 97110 has an amount under these settings."),
        (("S9117", "97010"), "No amount is published for these codes under these settings."),
    ],
)
def test_printed_sentences(keys, said):
    """domain 3.2: 97110 is $29.06, 97112 $32.73, 97530 $35.07."""
    assert compare.verdict(keys, DEFAULT) == said


def test_own_fees_are_no_published_amounts():
    said = "Cash or self-pay has no published amounts: your own fees apply."
    assert compare.verdict(("97110", "97112"), Settings(payer="self-pay")) == said
    priced = Settings(payer="self-pay", percent=80.0)
    assert compare.verdict(("97110", "97112"), priced).startswith("97112 always pays more")


@settings(max_examples=60)
@given(st.lists(st.sampled_from(KEYS), min_size=2, max_size=6, unique=True), any_settings)
@example(["20552", "20553"], Settings(percent=0.01))
def test_a_sentence_is_said_of_any_codes(keys, under):
    known = with_amounts(keys, under)
    said = compare.verdict(tuple(keys), under)
    assert said.endswith(".")
    if len(known) == 2:
        check_of_two(tuple(known), under)
        assert said == compare.verdict(tuple(known), under)
    elif len(known) > 2:
        check_of_many(tuple(known), under)
        assert said == compare.verdict(tuple(known), under)


# As steps


@several_settings
def test_steps_are_the_amounts_at_every_minute(under):
    """Each step has the units and dollars of all its minutes, and they follow on each other."""
    for steps, table, series in (
        (compare.steps_alone(CROSSED, under), compare.alone(CROSSED, under), "code"),
        (compare.steps_together(CROSSED, under), compare.together(CROSSED, under), "rule"),
    ):
        told = [
            (step.series, minute, step.units, str(step.dollars))
            for step in steps
            for minute in range(step.first, step.last + 1)
        ]
        columns = [table[name].tolist() for name in (series, "minutes", "units")]
        dollars = [str(float(value)) for value in table["dollars"]]
        assert told == list(zip(*columns, dollars, strict=True))
        for one, two in itertools.pairwise(steps):
            same = (one.series, one.units, str(one.dollars)) == (
                two.series, two.units, str(two.dollars),
            )  # fmt: skip
            assert not same, "a step without a change"


# What is not paid


@several_settings
def test_what_is_not_paid_is_who_treats_or_the_payer(under):
    """domain 3.4: Medicare pays others for what it does not pay the one who treats for."""
    paid = [key for key in KEYS if pays_anybody(key, under)]
    found = compare.unpaid(KEYS, under)
    assert set(found.nobody) == set(KEYS) - set(paid)
    if under.phase != "maintenance":
        assert set(found.others) == {k for k in paid if not pays_who_treats(k, under)}


@pytest.mark.parametrize(
    ("payer", "provider", "said"),
    [
        ("medicare", "chiropractor", "never pays a chiropractor"),
        ("medicare", "pt", "never pays a physical therapist"),
        ("medicare", "ot", "never pays an occupational therapist"),
        ("medicare-advantage", "chiropractor", "does not pay a chiropractor"),
        ("uhc", "pt", "does not pay a physical therapist"),
        ("uhc", "any", "does not pay anyone"),
    ],
)
def test_it_is_said_whom_a_payer_does_not_pay(payer, provider, said):
    """The one who treats, and not a chiropractor whoever treats; what is law is said as law."""
    assert compare.never_pays(Settings(payer=payer, provider=provider)) == said


# Where the rules part, in words

RULE_WORDS = {"cms": "total time (CMS)", "cpt": "per-code midpoint (CPT)"}


def minutes_said(text, rule):
    """The minutes at which a rule is said to give more."""
    match = re.search(re.escape(RULE_WORDS[rule]) + r" gives more at ([\d to,]+) minutes", text)
    runs = match[1].split(", ") if match else []
    found = set()
    for run in runs:
        first, _, last = run.partition(" to ")
        found |= set(range(int(first), int(last or first) + 1))
    return found


@settings(max_examples=40)
@given(st.lists(st.sampled_from(TIMED), min_size=2, max_size=6, unique=True))
def test_where_the_rules_part_is_what_they_give(timed):
    text = compare.partings(tuple(timed), DEFAULT)
    assert text.endswith("They agree at all others.")
    units = {
        rule: [sum(units_together(timed, at, rule)) for at in range(61)] for rule in RULE_WORDS
    }
    for rule, other in (("cms", "cpt"), ("cpt", "cms")):
        more = {at for at in range(61) if units[rule][at] > units[other][at]}
        assert minutes_said(text, rule) == more


def test_printed_partings():
    """domain 1.2: 20 + 20 is 3 by total time and 2 by midpoint; 4 + 4 is 1 and 0."""
    text = compare.partings(("97110", "97112"), DEFAULT)
    assert {4, 20} <= minutes_said(text, "cms")
    assert 24 in minutes_said(text, "cpt")
    assert 15 not in minutes_said(text, "cms") | minutes_said(text, "cpt")


# Over the years


def factor_of(year):
    """The conversion factor on the last day of a year, as those who are no APM participants."""
    found = [
        Decimal(row["conversion_factor"])
        for row in rows(TABLES / "conversion_factors.csv")
        if row["effective_from"] <= f"{year}-12-31" <= row["effective_to"]
        and (row["basis"], row["status"]) not in {("APM", "in force"), ("APM", "proposed")}
    ]
    assert len(found) == 1
    return found[0]


IN_HISTORY = list(dict.fromkeys(row["code"] for row in HISTORY))


def test_history_of_every_code():
    """Each year's total RVUs times that year's last factor, half up."""
    keys = tuple(sorted(KEYS, key=lambda key: key[::-1]))
    table = compare.history(keys)
    by_code = {key: [row for row in HISTORY if row["code"] == key] for key in keys}
    expected = [row for key in keys for row in sorted(by_code[key], key=lambda row: row["year"])]
    assert len(expected) == len(HISTORY) == len(table)
    assert list(table["code"]) == [row["code"] for row in expected]
    assert list(table["year"]) == [int(row["year"]) for row in expected]
    for column in [*RVUS, "total_rvu"]:
        values = [Decimal(row[column]) if row[column] else None for row in expected]
        assert differing(table[column], values) == []
    factors = {year: factor_of(year) for year in {row["year"] for row in HISTORY}}
    assert differing(table["conversion_factor"], [factors[r["year"]] for r in expected]) == []
    dollars = [to_cents(Decimal(row["total_rvu"]) * factors[row["year"]]) for row in expected]
    assert differing(table["dollars"], dollars) == []


def test_todays_history_is_todays_amount():
    """The last year of the history is what the page says of one unit."""
    now = compare.history(KEYS).query("year == 2026").set_index("code")
    office = compare.worth(tuple(now.index), COMMERCIAL)
    assert list(now["dollars"]) == list(office["first"])
    assert list(now["total_rvu"]) == list(office["total_rvu"])


def test_a_year_that_is_not_in_the_table_is_a_gap():
    years = compare.history(("97161", "97110")).groupby("code")["year"].agg(list)
    assert years["97161"] == list(range(2017, 2027))
    assert years["97110"] == list(range(2013, 2027))


@pytest.mark.parametrize("keys", [("S9117",), ("72100-26", "72100-TC"), ("0552T", "S8948")])
def test_no_history_is_an_empty_table(keys):
    assert compare.history(keys).empty


# By area


@several_settings
def test_every_code_in_every_locality(under):
    """109 localities, whatever area is set."""
    keys = ("97112", "S9117", "98940", "72100-26", "97010", "99213", "0552T", "97110")
    table = compare.spread(keys, under)
    expected = {
        (key, place): first_unit(key, Settings(**(vars(under) | {"locality": place})))
        for key in with_amounts(keys, under)
        for place in PLACES
    }
    assert len(PLACES) == 109
    assert len(table) == len(expected)
    found = zip(table["code"], table["locality"], table["dollars"], strict=True)
    assert [each for each in found if not same(each[2], expected[each[:2]])] == []
    assert list(dict.fromkeys(table["code"])) == with_amounts(keys, under)
    names = [f"{PLACES[each]['name']}, {PLACES[each]['state']}" for each in table["locality"]]
    assert list(table["name"]) == names


def test_each_locality_is_what_the_page_says_there():
    keys = ("97530", "98941", "97810")
    table = compare.spread(keys, DEFAULT).pivot(index="locality", columns="code", values="dollars")
    for place in PLACES:
        there = compare.worth(keys, Settings(locality=place))["first"]
        assert list(there) == list(table.loc[place, list(keys)])


# Medicare's use


def test_medicares_use_and_its_average():
    table = compare.medicare_use(KEYS)
    expected = [row for key in KEYS for row in USE if row["code"] == key]
    assert len(expected) == len(USE)
    assert list(table["code"]) == [row["code"] for row in expected]
    assert list(table["year"]) == [int(row["year"]) for row in expected]
    assert list(table["services"]) == [int(row["services"]) for row in expected]
    averages = [to_cents(Decimal(row["allowed"]) / Decimal(row["services"])) for row in expected]
    assert differing(table["average"], averages) == []


def test_no_use_is_an_empty_table():
    assert compare.medicare_use(("S9117", "72100-26")).empty


# Choosing by what was done


def visits_of(each):
    """A visit of each tuple of codes, where minutes count with 15 or the first that earn a unit."""
    lines = [(visit, key) for visit, keys in enumerate(each) for key in keys]
    rules = [CODES[key]["time_rule"] in ("timed15", "clock") for _, key in lines]
    least = [max(15, int(CODES[key]["from_minutes"] or 0)) for _, key in lines]
    return pd.DataFrame(
        {
            "visit": [visit for visit, _ in lines],
            "code": [key.partition("-")[0] for _, key in lines],
            "modifiers": [key.partition("-")[2] for _, key in lines],
            "minutes": pd.array(
                [minutes if counts else None for counts, minutes in zip(rules, least, strict=True)],
                "Int64",
            ),
        }
    )


def findings(each, under):
    """For each tuple of codes, what is found of a visit of them."""
    each = list(dict.fromkeys(each))
    found = {keys: Counter() for keys in each}
    table = chirocalc.estimate(visits_of(each), under).findings.astype({"visit": int}).astype(str)
    for visit, *finding in table.itertuples(index=False, name=None):
        found[each[int(visit)]][tuple(finding)] += 1
    return found


SAMPLE = random.Random(7).sample(list(itertools.combinations(KEYS, 2)), 60)
KNOWN_PAIRS = [(row["column1"], row["column2"]) for row in PAIRS]
BESIDE_PAIRS = [*SAMPLE, *KNOWN_PAIRS[::8], ("97110", "97112"), ("72100-26", "72100-TC")]


@pytest.mark.parametrize("under", [DEFAULT, Settings(payer="uhc", provider="pt")], ids=named)
def test_beside_is_what_neither_has_alone(under):
    alone = findings([(key,) for pair in BESIDE_PAIRS for key in pair], under)
    both = findings(BESIDE_PAIRS, under)
    for one, two in BESIDE_PAIRS:
        texts = {finding[4] for finding in [*alone[one,], *alone[two,]]}
        expected = {f: n for f, n in both[one, two].items() if f[4] not in texts}
        for pair in ((one, two), (two, one)):
            found = [
                (each.code, each.rule, each.level, each.modifier, each.in_full, each.source)
                for each in compare.beside(*pair, under)
            ]
            assert Counter(found) == expected, pair


@settings(max_examples=30)
@given(st.lists(st.sampled_from(MIXED), min_size=2, max_size=6, unique=True))
def test_several_in_one_visit_are_each_two_of_them(keys):
    """What is said once holds for each two of the codes, or for the pairs that are named."""
    told = Counter(
        (frozenset(pair), found)
        for found, codes, pairs in compare.in_one_visit(tuple(keys), DEFAULT)
        for pair in (pairs or itertools.combinations(codes, 2))
    )
    expected = Counter(
        (frozenset(pair), found)
        for pair in itertools.combinations(keys, 2)
        for found in compare.beside(*pair, DEFAULT)
    )
    assert set(told) == set(expected)
    assert max(told.values(), default=1) == 1


# These earn no unit in 15 minutes: 97545 from 61, 98980 and 98981 from 20.
LATE = [
    ("97545", "97140"),
    ("97545", "97164"),
    ("97545", "97168"),
    ("97755", "97545"),
    ("98980", "97750"),
    ("98981", "97750"),
]


def says_the_pair(pair):
    found = compare.beside(*pair, DEFAULT)
    return any(
        each.rule == "one-cmt" or (pair[0] in each.in_full and pair[1] in each.in_full)
        for each in found
    )


def test_every_active_pair_is_said_beside():
    """pairs.csv: each pair of the table read here stands in the box of its two codes."""
    assert [p for p in KNOWN_PAIRS if p not in LATE and not says_the_pair(p)] == []


@pytest.mark.parametrize("pair", LATE, ids=".".join)
def test_a_pair_of_codes_that_start_late_is_said_too(pair):
    assert pair in KNOWN_PAIRS
    assert says_the_pair(pair)


# All figures

EVERYTHING = [
    ("97110", "97112"),
    ("S9117", "97112"),
    ("S9117",),
    ("S9117", "72100-26"),
    ("97161", "97110", "97010", "0552T", "72100-26", "98940"),
    ("72100-TC", "72100", "72100-26"),
]


@pytest.mark.parametrize("under", [DEFAULT, COMMERCIAL, Settings(payer="self-pay")], ids=named)
@pytest.mark.parametrize("keys", EVERYTHING, ids=".".join)
def test_all_figures_are_those_of_the_parts(keys, under):
    table = compare.everything(keys, under)
    assert list(table["code"]) == list(keys)
    worth = compare.worth(keys, under)
    pd.testing.assert_frame_equal(table.set_index("code")[worth.columns], worth, check_names=False)
    for name in ("mue", "mai"):
        values = [Decimal(CODES[key][name]) if CODES[key][name] else None for key in keys]
        assert differing(table[name], values) == []
    for name in ("multiple_procedure", "release"):
        assert list(table[name]) == [CODES[key][name] for key in keys]
    rest = set(table.columns) - {"code", *worth.columns}
    rest -= {"mue", "mai", "multiple_procedure", "release"}
    check_places(table.set_index("code"), keys, under, rest)
    for part, columns in (
        (compare.history(keys), ["total_rvu", "dollars"]),
        (compare.medicare_use(keys), ["services", "average"]),
    ):
        check_years(table.set_index("code"), part, columns, rest)
    assert not rest, "a column that stands for nothing"


@pytest.mark.parametrize(
    "name",
    [
        "services_2024",
        "mue",
        "mai",
    ],
)
def test_whole_numbers_stay_whole_in_the_file(name):
    keys = ("97112", "S9117", "98940")
    file = io.StringIO(compare.everything(keys, DEFAULT).to_csv(index=False))
    said = {row["code"]: row[name] for row in csv.DictReader(file)}
    use = {row["code"]: row["services"] for row in USE if row["year"] == "2024"}
    expected = use if name == "services_2024" else {key: CODES[key][name] for key in keys}
    assert said == {key: expected.get(key, "") for key in keys}


def check_places(table, keys, under, rest):
    of_code = compare.spread(keys, under).groupby("code")["dollars"]
    for name in ("min", "median", "max"):
        expected = of_code.agg(name).to_dict()
        for key in keys:
            value = table.at[key, f"localities_{name}"]
            assert value == expected[key] if key in expected else pd.isna(value)
        rest.discard(f"localities_{name}")


def check_years(table, part, columns, rest):
    for column in columns:
        by = part.set_index(["code", "year"])[column].to_dict()
        for year in sorted({year for _, year in by}):
            for key in table.index:
                value = table.at[key, f"{column}_{year}"]
                assert value == by[key, year] if (key, year) in by else pd.isna(value)
            rest.discard(f"{column}_{year}")


# What changes nothing

TABLES_OF = {
    "worth": lambda keys, under: compare.worth(keys, under).rename_axis("code").reset_index(),
    "alone": compare.alone,
    "history": lambda keys, _: compare.history(keys),
    "spread": compare.spread,
    "medicare_use": lambda keys, _: compare.medicare_use(keys),
    "everything": compare.everything,
}


def in_order(table):
    """A table whose order says nothing any more."""
    text = table.reindex(sorted(table.columns), axis=1).astype(str)
    return text.sort_values(list(text.columns)).reset_index(drop=True)


@pytest.mark.parametrize("name", TABLES_OF)
@settings(max_examples=10)
@given(keys=st.lists(st.sampled_from(MIXED), min_size=2, max_size=6, unique=True), data=st.data())
def test_the_order_of_the_codes_only_orders_the_rows(name, keys, data):
    shuffled = data.draw(st.permutations(keys))
    tables = [TABLES_OF[name](tuple(each), DEFAULT) for each in (keys, shuffled)]
    assert list(dict.fromkeys(tables[1]["code"])) == [
        key for key in shuffled if key in set(tables[0]["code"])
    ]
    pd.testing.assert_frame_equal(*map(in_order, tables))


@settings(max_examples=20)
@given(st.lists(st.sampled_from(MIXED), min_size=2, max_size=6, unique=True), st.randoms())
def test_the_order_of_the_codes_moves_no_crossing(keys, shuffle):
    other = list(keys)
    shuffle.shuffle(other)
    assert compare.crossing_minutes(tuple(keys), DEFAULT) == compare.crossing_minutes(
        tuple(other), DEFAULT
    )
    assert len(compare.crossings(tuple(keys), DEFAULT)) == len(
        compare.crossings(tuple(other), DEFAULT)
    )


def money(under):
    """Every dollar of the page."""
    worth = compare.worth(MIXED, under)[["first", "later", "hour_dollars"]]
    return [
        worth,
        compare.alone(MIXED, under),
        compare.together(MIXED, under),
        compare.spread(MIXED, under),
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"provider": "pt"},
        {"provider": "ot"},
        {"phase": "maintenance"},
        {"phase": "active"},
        {"abn": True},
        {"abn": False},
        {"kx_used": 2900.0},
        {"therapy_modifier": True},
        {"therapy_modifier": False},
        {"unit_rule": "cpt"},
        {"provider": "pt", "kx_used": 5000.0, "therapy_modifier": True},
    ],
    ids=str,
)
@pytest.mark.parametrize("payer", ["medicare", "uhc", "workers-comp"])
def test_who_treats_and_what_is_found_change_no_dollar(change, payer):
    """Whoever treats, and whatever a hint asks for, the amounts are the payer's."""
    before, after = money(Settings(payer=payer)), money(Settings(payer=payer, **change))
    for one, two in zip(before, after, strict=True):
        pd.testing.assert_frame_equal(one, two)


def test_a_table_that_was_read_is_kept_as_it_was():
    """The tables are kept for the next visitor: no part of the page may change another's."""
    keys = ("97112", "S9117", "72100-26", "97161")
    before = {name: table(keys, DEFAULT).copy(deep=True) for name, table in TABLES_OF.items()}
    for name, table in TABLES_OF.items():
        pd.testing.assert_frame_equal(table(keys, DEFAULT), before[name])
