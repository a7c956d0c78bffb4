"""The guide: every text is its code's own and true of it, every figure is that of the tables."""

import re
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
from for_each import for_each
from oracles import coverage
from oracles.fees import CENT, HALF, fee, rows, to_cents
from oracles.guide_texts import own_texts, whole_texts
from oracles.units import chart_units

from chirocalc import InputError, tables
from chirocalc.codes import compare, guide, hints

HERE = Path(__file__).parents[1]
ONE = Decimal(1)
CODES = rows(tables.CODES_FILE)
ROW = {row["code"]: row for row in CODES if not row["modifier"]}
AS_WRITTEN = own_texts(tables.FOLDER / "guide.csv")
PRINTED = whole_texts(tables.FOLDER / "guide.csv")
PAIRS = rows(tables.FOLDER / "pairs.csv")
RULES = rows(tables.FOLDER / "hints.csv")
HISTORY = rows(tables.FOLDER / "history.csv")
STATUSES = {row["status"]: row for row in rows(tables.FOLDER / "statuses.csv")}
MEANING = {row["mai"]: row["text"] for row in rows(tables.FOLDER / "adjudication.csv")}
# Of each year the last one.
FACTORS = {
    row["effective_to"][:4]: Decimal(row["conversion_factor"])
    for row in rows(tables.FOLDER / "conversion_factors.csv")
    if row["effective_to"].endswith("12-31")
    and row["basis"] != "APM"
    and row["status"] != "proposed"
}
FAMILY_WORDS = rows(HERE / "cases" / "family_words.csv")
FACTOR = Decimal("33.4009")
PROSE = ["plain", "purpose", "fits", "fits_not", "must_show", "mistakes"]
# What a text says of its own code; the rest says what the code is not, or what went wrong.
ASSERTED = ["plain", "purpose", "fits", "must_show"]
CMT = {"98940", "98941", "98942", "98943"}
A_CODE = re.compile(r"\b(?:\d{5}|[A-Z]\d{4}|\d{4}[A-Z])\b")
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
MISSING = re.compile(r"\bnan\b|<NA>|[{}]", re.I)  # and places left open


def items(code, columns=PROSE, texts=PRINTED):
    """(column, item) of a text."""
    return [(name, item) for name in columns for item in texts[code][name].split("|")]


def own_items(code):
    """(column, item) that stand in a code's own row, and in no other."""
    return [each for each in items(code, texts=AS_WRITTEN) if each[1]]


def words(text):
    """A text without case, punctuation and spacing."""
    return re.findall(r"[a-z0-9]+", text.casefold())


def rvus(row, place):
    """Work, PE and MP of a row of codes.csv; None where there are none."""
    parts = [row["work_rvu"], row[f"pe_rvu_{place}"], row["mp_rvu"]]
    return [Decimal(part) for part in parts] if all(parts) else None


def national(code, pe_share=ONE):
    """The national amount of a unit in an office (domain 3.1, 3.2)."""
    return fee(*rvus(ROW[code], "office"), ONE, ONE, ONE, FACTOR, pe_share)


def said(code):
    """All that the functions say of a code in words."""
    facts = [guide.time_rule(code), guide.most_units(code), guide.reduction(code)]
    return [
        guide.why_no_rvu(code),
        *(words for words, _ in [*facts, *guide.more_facts(code).values()]),
        *(f"{box.question} {box.answer} {box.detail}" for box in guide.boxes(code)),
        *(found.in_full for found in hints.rules_of(code)),
        *hints.pairs_of(code)["text"],
    ]


# The texts


def test_every_code_has_its_text():
    """279 codes, 279 texts, none of another code."""
    assert len(PRINTED) == 279
    assert set(guide.texts()) == set(PRINTED) == set(ROW)


@for_each("code", ROW)
def test_every_field(code):
    """Nothing is empty or left open; what is read is what the file says."""
    text = guide.text(code)
    for name, cell in PRINTED[code].items():
        read = getattr(text, name)
        assert ("|".join(read) if isinstance(read, tuple) else read) == cell
        assert cell == cell.strip()
        assert len(words(cell)) >= (5 if name in PROSE else 1)
        assert cell.isascii()
    for name in ("fits", "fits_not", "must_show", "mistakes"):
        assert len(getattr(text, name)) >= 2
    assert text.plain.endswith(".")
    assert text.purpose.endswith(".")
    assert text.contact in guide.CONTACTS
    assert set(text.source) <= set(tables.sources().index)
    assert len(set(text.source)) == len(text.source)
    assert len(set(text.specialties)) == len(text.specialties)
    assert text.sure in ("P", "S", "?")


def test_no_text_twice():
    """Neither between codes nor within one, whatever the case and punctuation."""
    where = defaultdict(list)
    for code in PRINTED:
        for name, item in own_items(code):
            where[" ".join(words(item))].append((code, name))
    assert len(where) > 279 * 7
    assert {text: places for text, places in where.items() if len(places) > 1} == {}


def test_no_eight_words_shared():
    """Eight words in a row that stand at two codes were copied."""
    where = defaultdict(set)
    for code in PRINTED:
        for _, item in own_items(code):
            these = words(item)
            for at in range(len(these) - 7):
                where[" ".join(these[at : at + 8])].add(code)
    assert {run: codes for run, codes in where.items() if len(codes) > 1} == {}


@for_each("code", ROW)
def test_references_lead_somewhere(code):
    """A code named is in codes.csv or said to be outside it; nothing sends back to itself."""
    for name, item in items(code):
        for part in item.split(": "):
            named = set(A_CODE.findall(part))
            unknown = named - set(ROW)
            assert not unknown or re.search("outside this list|not in this list", part), item
        after_see = item.partition("see ")[2] if name == "fits_not" else ""
        assert code not in A_CODE.findall(after_see), item


def test_texts_hold_no_figures_of_the_tables():
    """RVUs and dollars change each year, so they stand in no text."""
    figures = re.compile(r"\$|RVU|dollar|(?<![\w.])\d+\.\d\d(?![\w.])", re.I)
    found = [(code, item) for code in PRINTED for _, item in items(code) if figures.search(item)]
    assert found == []


# Words that cannot be true


def broken(rule, code, texts):
    """What of (column, text) a row of family_words.csv rules out."""
    if not re.fullmatch(rule["codes"], code):
        return []
    everywhere = rule["family"] == "everywhere"
    word = re.compile(rf"(?<!\w)(?:{rule['word']})(?!\w)", re.I)
    return [
        (code, name, match.group(), text)
        for name, text in texts
        if (everywhere or name in ASSERTED) and (match := word.search(text))
    ]


@pytest.mark.parametrize("rule", FAMILY_WORDS, ids=lambda rule: rule["family"])
def test_no_word_of_another_family(rule):
    """No text says of its code what cannot be true of it."""
    found = [
        each
        for code in PRINTED
        for each in broken(rule, code, items(code, [*PROSE, "specialties"]))
    ]
    assert found == [], rule["why"]


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("S9117", "A drug given by injection, billed per dose."),
        ("S9117", "A supply code for back care equipment."),
        ("S9117", "Reported in 15-minute units."),
        ("98960", "The prescription is filled at a pharmacy."),
        ("72100", "Counts in 15-minute units."),
        ("72050", "Shows the lumbar spine."),
        ("98941", "Each 15 minutes of adjusting."),
        ("98940", "The MPPR lowers it."),
        ("97012", "Needs constant attendance."),
        ("G0283", "A timed code."),
        ("97035", "Unattended ultrasound."),
        ("97140", "A thrust to the joint."),
        ("97140", "A drug is rubbed in."),
        ("20560", "An anesthetic is injected."),
        ("97810", "Medicine is injected at the point."),
        ("97161", "Fifteen timed units."),
        ("98977", "Twenty minutes of review."),
        ("99215", "At least 60 minutes."),
        ("97597", "For each 15 minutes."),
        ("97760", "An injection before the brace."),
        ("97110", "Worth 0.87 RVUs."),
        ("97110", "Pays $29.06."),
        ("97530", "An active edit: add 59."),
        ("97112", "Improves movement, balance, coordination, kinesthetic sense and posture."),
        ("97124", "Including effleurage, petrissage and/or tapotement."),
        ("97113", "Practise in the pool."),
        ("97750", "Always add this code to maximize the claim."),
    ],
)
def test_falsehood_is_seen(code, text):
    """Each rule is only as good as what it catches: a peer's page called S9117 a drug."""
    assert any(broken(rule, code, [("plain", text)]) for rule in FAMILY_WORDS)


def test_rules_of_words_reach_every_code():
    """Each row names codes there are, and each code has more than the rules for all."""
    reached = [
        {code for code in PRINTED if re.fullmatch(rule["codes"], code)} for rule in FAMILY_WORDS
    ]
    assert all(reached)
    own = [
        codes
        for codes, rule in zip(reached, FAMILY_WORDS, strict=True)
        if rule["family"] != "everywhere"
    ]
    assert set.union(*own) == set(ROW)


IN_GROUPS = {"97150", "97552", "97804", "98961", "98962", "G0543"}


@for_each("code", ROW)
def test_contact(code):
    """Timed services are one-on-one, modalities supervised, pictures read."""
    row, contact = ROW[code], guide.text(code).contact
    if row["time_rule"] == "timed15":
        assert contact == "one-on-one"
    if row["category"] in ("X-ray", "Supervised modality"):
        assert contact == {"X": "reading", "S": "supervised"}[row["category"][0]]
    assert (contact == "group") == (code in IN_GROUPS)
    assert (contact == "either") == (code == "S9117")


LEVELS = [["99202", "99203", "99204", "99205"], ["99212", "99213", "99214", "99215"]]


@pytest.mark.parametrize(
    ("code", "after"),
    [pair for level in LEVELS for pair in zip(level, [*level[1:], None], strict=True)],
)
def test_office_visits_say_their_minutes(code, after):
    """The least minutes of the level, and none that belong to another (domain 1.4)."""
    first = int(ROW[code]["from_minutes"])
    allowed = {first, int(ROW[after]["from_minutes"]) - 1} if after else {first}
    minutes = re.findall(r"(?:(\d+) to )?(\d+) minutes", guide.text(code).plain)
    said_there = {int(number) for pair in minutes for number in pair if number}
    assert first in said_there <= allowed


@pytest.mark.parametrize(
    ("code", "count"),
    [
        ("98940", "one or two"),
        ("98941", "three or four"),
        ("98942", "all five"),
        ("98943", "outside the spine"),
        ("20560", "one or two muscles"),
        ("20561", "three muscles or more"),
        ("97545", "first two hours"),
        ("97550", "first half hour"),
        ("98979", "10 to 19 minutes"),
        ("98980", "full 20 minutes"),
        ("98981", "one unit from 40 minutes, two from 60"),
        ("98976", "at least 16"),
        ("98984", "2 to 15"),
    ],
)
def test_texts_count_as_the_domain_does(code, count):
    """Domain 1.4 and 2."""
    assert count in guide.text(code).plain.casefold()


def test_back_school():
    """Domain 6: education, no RVU, private payers only, verify acceptance, document necessity."""
    text = guide.text("S9117")
    everything = " ".join(item for _, item in items("S9117")).casefold()
    for said_of_it in (
        "teaching", "posture", "lift", "one person or a class", "acute or lasting low back pain",
        "work injury", "prevent", "private payers decide", "confirmed that it accepts",
        "why the education was needed", "medicare, which does not take it",
    ):  # fmt: skip
        assert said_of_it in everything
    assert {"Physical therapy", "Occupational medicine", "Orthopedics"} <= set(text.specialties)
    assert {"back school class", "spine education"} <= set(ROW["S9117"]["synonyms"].split("|"))
    assert "seed" in text.source
    assert guide.rvus("S9117").drop(columns=["part", "release"]).isna().all(axis=None)
    assert guide.why_no_rvu("S9117").startswith("No RVU, which is not 0.00.")
    paid_by = guide.more_facts("S9117")["Who pays"][0]
    assert "private payers only" in paid_by
    assert "verify acceptance" in paid_by
    assert "why the service was necessary" in paid_by
    assert guide.boxes("S9117")[0].answer == "No"


# Figures


@for_each("code", ROW)
def test_rvus(code):
    """The code and each of its parts, as codes.csv prints them; totals in decimals."""
    shown = guide.rvus(code)
    printed = [row for row in CODES if row["code"] == code]
    names = {"": "", "26": ", reading only", "TC": ", films only"}
    assert list(shown["part"]) == [row["name"] + names[row["modifier"]] for row in printed]
    assert list(shown["release"]) == [row["release"] for row in printed]
    for (_, line), row in zip(shown.iterrows(), printed, strict=True):
        for name in ("work_rvu", "pe_rvu_office", "pe_rvu_facility", "mp_rvu"):
            assert f"{line[name]:.2f}" == (row[name] or "nan")
        for place in ("office", "facility"):
            parts = rvus(row, place)
            assert f"{line[f'total_{place}']:.9f}" == (f"{sum(parts):.9f}" if parts else "nan")


WHY = {
    "B": "bundles it",
    "C": "contractor",
    "I": "does not take this code",
    "N": "no Medicare benefit",
    "R": "contractor sets the price",
    "P": "within a service or not under this schedule",
    "X": "not count it as a physician service",
    "": "not in CMS's physician fee schedule as read here",
}


@for_each("code", ROW)
def test_why_no_rvu(code):
    """By status, and empty where there is one; a missing RVU is never called 0.00."""
    reason = guide.why_no_rvu(code)
    if rvus(ROW[code], "office"):
        assert reason == ""
    else:
        assert reason.startswith("No RVU, which is not 0.00. ")
        assert WHY[ROW[code]["status"]] in reason


FIFTEEN = [8, 23, 38, 53, 68, 83, 98, 113]
# The minutes at which a unit begins, the add-on's too (domain 1.4).
STARTS = {
    **dict.fromkeys(["97129", "97130", "97810", "97811", "97813", "97814", "97551"], FIFTEEN),
    "97550": [16, *FIFTEEN[2:]],
    "97545": [61, 151, 211, 271, 331, 391],
    "97546": [31, 91, 151, 211],
    "98960": [16, 46, 76, 106],
    "98979": [10],
    "98980": [20, 40, 60, 80, 100, 120],
    "98981": [20, 40, 60, 80, 100, 120],
    # Of nutrition, teaching and tests, and the spans of calls and messages (evisits, cognitive-31).
    **dict.fromkeys(["90912", "90913", "97802", "97803", "G0542"], FIFTEEN),
    "G0541": [16, *FIFTEEN[2:]],
    **{code: [16, 46, 76, 106] for code in ["97804", "98961", "98962"]},
    "96125": [31, 91, 151, 211],
    "99358": [31],
    **{code: [5] for code in ["98966", "98970", "98016", "G2251"]},
    **{code: [11] for code in ["98967", "98971"]},
    **{code: [21] for code in ["98968", "98972"]},
}
LAST_MINUTE = {
    "98979": 19,
    **dict.fromkeys(["98966", "98970", "98016", "G2251"], 10),
    **dict.fromkeys(["98967", "98971"], 20),
    "98968": 30,
}


def units_alone(code, minutes):
    """Units of a code by itself, by counting."""
    if ROW[code]["time_rule"] == "timed15":
        return chart_units(minutes)
    if minutes > LAST_MINUTE.get(code, minutes):
        return 0
    return sum(start <= minutes for start in STARTS[code])


BY_MINUTES = [code for code, row in ROW.items() if row["time_rule"] in ("timed15", "clock")]


def test_every_clock_is_counted_here():
    """The codes of domain 1.4, and no others."""
    assert set(STARTS) == {code for code, row in ROW.items() if row["time_rule"] == "clock"}
    assert set(BY_MINUTES) > set(STARTS)


@for_each("code", BY_MINUTES)
def test_minute_table(code):
    """Minute by minute from 0 on, without a gap; each run ends where the count changes."""
    table = guide.minute_table(code)
    next_minute = 0
    for first, last, units in table.itertuples(index=False):
        assert first == next_minute
        if pd.isna(last):  # for good
            assert {units_alone(code, minute) for minute in range(first, 500)} == {units}
            return
        assert first <= last
        assert {units_alone(code, minute) for minute in range(first, last + 1)} == {units}
        assert units_alone(code, last + 1) != units
        next_minute = last + 1
    assert next_minute > 0


@for_each("code", BY_MINUTES)
def test_minute_table_shows_a_unit(code):
    """A table whose only row says that nothing is earned would mislead."""
    assert guide.minute_table(code)["units"].max() >= 1


@for_each("code", sorted(set(ROW) - set(BY_MINUTES)))
def test_no_minutes_where_they_do_not_count(code):
    """Untimed, counted and chosen by level."""
    assert guide.minute_table(code).empty


@for_each("code", ROW)
def test_time_rule(code):
    """Each number in the words is the row's, and none of the row's is left out."""
    row = ROW[code]
    text, source = guide.time_rule(code)
    numbers = set(NUMBER.findall(text))
    assert source in tables.sources().index
    if row["time_rule"] == "timed15":
        assert numbers == {"15", "8"}
        assert "total time (CMS)" in text
        assert "per-code midpoint (CPT)" in text
    elif row["time_rule"] == "clock":
        own = {row["from_minutes"], row["to_minutes"], *NUMBER.findall(row["parent"])} - {""}
        more = row["parent"] or row["repeats"] == "each"
        assert numbers == own | ({row["unit_minutes"]} if more else set())
        assert "never pooled" in text
    elif row["time_rule"] == "level":
        assert numbers == {row["from_minutes"]}
        assert "without the time of services billed beside it" in text
    else:
        assert numbers == set()
        whole_period = row["category"] == "Remote monitoring"
        assert ("one unit a day" in text) == (row["time_rule"] == "untimed" and not whole_period)
        assert ("whole period" in text) == whole_period


@pytest.mark.parametrize("code", ["98979", "98980", "98981"])
def test_remote_monitoring_counts_by_the_month(code):
    """Full minutes in the month (domain 1.4)."""
    assert "month" in guide.time_rule(code)[0]


@for_each("code", ROW)
def test_most_units(code):
    """The limit of codes.csv with its indicator, and that it is no target."""
    row = ROW[code]
    text, source = guide.most_units(code)
    assert source == "ncci-mue"
    if row["mue"]:
        assert text == f"CMS MUE {row['mue']}, MAI {row['mai']}. It is not a target."
    else:
        assert text.startswith("No limit")
        assert "MAI" not in text


@for_each("code", ROW)
def test_over_limit(code):
    """What the limit means, by the meaning of its own indicator, with the limit in it."""
    row, text = ROW[code], guide.over_limit(code)
    if row["mue"] in ("", "0"):
        assert text == ("Medicare pays no unit of it." if row["mue"] else "")
    else:
        assert text == MEANING[row["mai"]].format(mue=row["mue"])
        assert NUMBER.findall(text) == [row["mue"]]
        assert ("denies them all" in text) == (row["mai"] == "3")
        assert ("another line" in text) == (row["mai"] == "1")


@for_each("code", ROW)
def test_reduction(code):
    """Indicator 5 only; the share of the practice expense (domain 3.2)."""
    text, source = guide.reduction(code)
    assert source == "cpm-5-10.7"
    if ROW[code]["multiple_procedure"] == "5":
        assert "each later one loses 50% of its practice expense" in text
    else:
        assert text == "The therapy MPPR does not count it."


@pytest.mark.parametrize(
    ("code", "first", "later"),
    [
        ("97110", "29.06", "22.21"),
        ("97112", "32.73", "24.88"),
        ("97530", "35.07", "25.05"),
        ("97140", "27.72", "21.21"),
    ],
)
def test_known_reduction(code, first, later):
    """The amounts of domain 3.2, and the arithmetic of these tests with them."""
    row = compare.worth((code,), guide.national()).iloc[0]
    assert (f"{row['first']:.2f}", f"{row['later']:.2f}") == (first, later)
    assert (national(code), national(code, HALF)) == (Decimal(first), Decimal(later))


@for_each("code", ROW)
def test_worth(code):
    """First and later unit in exact decimals; missing where Medicare's schedule pays nobody."""
    row = compare.worth((code,), guide.national()).iloc[0]
    paid = rvus(ROW[code], "office") and ROW[code]["status"] in ("A", "R")
    share = HALF if ROW[code]["multiple_procedure"] == "5" else ONE
    expected = [f"{national(code):.2f}", f"{national(code, share):.2f}"] if paid else ["nan"] * 2
    assert [f"{row[unit]:.2f}" for unit in ("first", "later")] == expected


def test_then_and_now():
    """Three figures of the old article beside today's, dated, and no others (domain 6)."""
    shown = {code: then for code in ROW if (then := guide.then_and_now(code))}
    assert {code: (then.rvu, then.now) for code, then in shown.items()} == {
        "97112": (0.78, 0.98),
        "98940": (0.70, 0.80),
        "98941": (0.97, 1.15),
    }
    for code, then in shown.items():
        assert "20 years" in then.dated
        assert then.source == "seed"
        assert f"{then.rvu:.2f}" not in " ".join(said(code))


@for_each("code", ROW)
def test_history(code):
    """Year by year as the file has it, with dollars of the year's last factor, to the cent."""
    expected = [
        (row["year"], row["work_rvu"], row["pe_rvu"], row["mp_rvu"], row["total_rvu"],
         to_cents(Decimal(row["total_rvu"]) * FACTORS[row["year"]]))
        for row in sorted(HISTORY, key=lambda row: row["year"])
        if row["code"] == code
    ]  # fmt: skip
    shown = [
        (str(row["year"]),
         *(f"{row[name]:.2f}".replace("nan", "") for name in ("work_rvu", "pe_rvu", "mp_rvu")),
         f"{row['total_rvu']:.2f}", Decimal(str(row["dollars"])).quantize(CENT))
        for _, row in guide.years(code).iterrows()
    ]  # fmt: skip
    assert shown == expected
    if shown:
        assert Decimal(shown[-1][4]) == sum(rvus(ROW[code], "office"))


def test_history_and_use_are_of_these_codes():
    """No year twice, and no code that the guide does not have."""
    for name in ("history", "medicare_use"):
        table = rows(tables.FOLDER / f"{name}.csv")
        assert {row["code"] for row in table} <= set(ROW)
        assert len({(row["year"], row["code"]) for row in table}) == len(table)


@for_each("code", ROW)
def test_neighbors(code):
    """The rest of the category, the nearest first."""
    mine = sorted(other for other in ROW if ROW[other]["category"] == ROW[code]["category"])
    shown = guide.neighbors(code)
    assert sorted([*shown, code]) == mine
    steps = [abs(mine.index(other) - mine.index(code)) for other in shown]
    assert steps == sorted(steps)


# What is asked first


def known_numbers(code):
    """Every number that the tables give for a code, and what arithmetic makes of them."""
    row = ROW[code]
    texts = list(row.values())
    if row["time_rule"] == "timed15":
        texts += ["1", "2", str(FIFTEEN[1])]
    texts += ["98940 98941 98942"]
    pairs = [pair for pair in PAIRS if code in (pair["column1"], pair["column2"])]
    texts += [value for pair in pairs for value in pair.values()]
    kinds = {pair["kind"] for pair in pairs}
    texts += [rule["text"] + rule["must_show"] for rule in RULES if rule["pair"] in kinds]
    texts += [*STATUSES[row["status"]].values(), MEANING.get(row["mai"], "")]
    return set(NUMBER.findall(" ".join(texts)))


@pytest.mark.parametrize(
    ("key", "others", "said"),
    [
        ("97112", ["97530"], ["A daily task is rehearsed as a whole: see 97530"]),
        ("97112", ["97140", "98941"], []),
        ("97140", ["98941"], ["The treatment was a chiropractic adjustment: see 98940 to 98943"]),
        ("97140", ["98944"], []),
        ("72100-26", ["97112"], []),
        ("A1234", ["97112"], []),
    ],
)
def test_what_tells_a_code_from_others(key, others, said):
    """guide.csv, fits_not: what names one of them, alone or in a range."""
    assert list(guide.tells_apart(key, others)) == said


def test_a_note_is_plain_text():
    first, *items = guide.note_text("97112").split("\n")
    assert first == "97112 Neuromuscular re-education"
    assert items == [f"- {item}" for item in PRINTED["97112"]["must_show"].split("|")]
    assert guide.note_text("A1234") == ""


@for_each("code", ROW)
def test_boxes_hold_only_known_numbers(code):
    """Each is answered from the tables, and says its source."""
    boxes, known = guide.boxes(code), known_numbers(code)
    assert len({box.question for box in boxes}) == len(boxes) == 3
    for box in boxes:
        assert box.detail.endswith(".")
        assert box.source in tables.sources().index
        assert set(NUMBER.findall(f"{box.answer} {box.detail}")) <= known, box


@for_each("code", ROW)
def test_boxes_are_true(code):
    """Each by the rule of the domain that it comes from."""
    row, (medicare, units, adjusted) = ROW[code], guide.boxes(code)
    pays = code in ("98940", "98941", "98942")
    assert medicare.answer == ("Yes" if pays else "No")
    if pays:
        assert "not for maintenance" in medicare.detail
    elif row["status"] in ("A", "R", "C"):
        assert A_CODE.findall(medicare.detail) == ["98940", "98941", "98942"]
    else:
        assert medicare.detail == STATUSES[row["status"]]["medicare"]
    kinds = {"timed15": "Every 15 minutes", "clock": "By its own clock"}
    if row["time_rule"] in kinds:
        assert units.answer == kinds[row["time_rule"]]
    if row["time_rule"] == "timed15":
        assert units.detail.startswith("1 from 8 minutes, 2 from 23.")
    if row["time_rule"] == "untimed":
        monthly = row["category"] == "Remote monitoring"
        assert units.answer == ("Once a period" if monthly else "Once a day")
    assert units.detail.endswith(guide.over_limit(code))
    with_cmt = {
        cmt: pair["modifier_indicator"]
        for pair in PAIRS
        for cmt in CMT - {"98943"}
        if {pair["column1"], pair["column2"]} == {code, cmt}
    }
    if not with_cmt:
        assert adjusted.answer == "No rule against it"
        return
    assert with_cmt.keys() & set(A_CODE.findall(adjusted.detail))
    assert code in adjusted.detail
    if pays:
        assert adjusted.answer == "Only one of them"
    elif code in ("97112", "97124", "97140"):  # NCCI manual, ch. 11, S
        assert adjusted.answer == "In another region"
    else:
        assert {adjusted.answer} == {
            {"0": "No", "1": "Only if separate"}[indicator] for indicator in with_cmt.values()
        }


@for_each("code", ROW)
def test_more_facts(code):
    """How minutes are pooled, what an add-on needs, who pays for a private code."""
    row, facts = ROW[code], guide.more_facts(code)
    assert ("Beside other timed services" in facts) == (row["time_rule"] == "timed15")
    assert ("Who pays" in facts) == code.startswith("S")
    alone = facts.get("Add-on", ("", ""))[0]
    assert A_CODE.findall(alone) == [each for each in row["parent"].split("|") if each]
    for words, source in facts.values():
        assert words.endswith(".")
        assert source in tables.sources().index


# Pairs and rules


@for_each("code", ROW)
def test_pairs(code):
    """The rows of pairs.csv from either side: column, indicator, kind, quarter, words, source."""
    mine = [pair for pair in PAIRS if code in (pair["column1"], pair["column2"])]
    expected = [
        (pair["column2"], 1) if pair["column1"] == code else (pair["column1"], 2) for pair in mine
    ]
    shown = hints.pairs_of(code)
    assert list(zip(shown["other"], shown["column"], strict=True)) == expected
    for name in ("modifier_indicator", "kind", "vintage"):
        assert list(shown[name]) == [pair[name] for pair in mine]
    for text, source, pair in zip(shown["text"], shown["source"], mine, strict=True):
        line, other = (pair["column1"], pair["column2"])[:: 1 if pair["on"] == "1" else -1]
        asks = next(  # what is asked stands first
            rule
            for rule in RULES
            if rule["pair"] == pair["kind"]
            and (not rule["lines"] or selects(rule["lines"], ROW[line]))
            and (not rule["with"] or selects(rule["with"], ROW[other]))
        )
        assert source == asks["source"]
        stated = "Commonly stated, check with your payer: " if asks["sure"] == "?" else ""
        assert text.startswith(stated + asks["text"].format(code=line, other=other))
        assert f"CMS pair table {pair['vintage']}" in text
        assert ("confirm in the current quarter" in text) == (pair["vintage"] < "2026")
        assert not MISSING.search(text)


@for_each("code", ROW)
def test_pairs_name_both_codes(code):
    """On whichever page a text stands, it says which two codes it is about."""
    for each in hints.pairs_of(code).itertuples():
        assert {code, each.other} <= set(A_CODE.findall(each.text)), each.text


def test_each_pair_is_told_the_same_from_both_sides():
    """One text for a pair, whichever code's page it stands on."""
    for pair in PAIRS:
        one, two = pair["column1"], pair["column2"]
        here, there = hints.pairs_of(one), hints.pairs_of(two)
        texts = [*here.loc[here["other"] == two, "text"], *there.loc[there["other"] == one, "text"]]
        assert len(texts) == 2
        assert texts[0] == texts[1]


def test_known_false_lists():
    """Domain 4: edits that ended in 2019, and some that never were."""
    assert not {"97140", "97116"} & set(hints.pairs_of("97530")["other"])
    for code in ("97110", "97530"):
        assert not CMT & set(hints.pairs_of(code)["other"])
    assert "Timed" not in guide.time_rule("G0283")[0]


@pytest.mark.parametrize(
    ("visit", "therapy", "asked"),
    [
        ("99203", "97161", "One clinician reports 99203 or 97161"),
        ("99213", "97164", "One clinician reports 99213 or 97164"),
        ("99213", "98941", "significant and separately identifiable from 98941"),
        ("99213", "97810", "significant and separately identifiable from 97810"),
    ],
)
def test_two_examinations_are_one_clinicians_or_two_clinicians(visit, therapy, asked):
    """The review of 2026-11-26, A5: 25 is not what is asked of an office visit and an evaluation
    by a therapist; beside treatment it is."""
    pairs = hints.pairs_of(visit).set_index("other")
    assert asked in pairs.at[therapy, "text"]


KINDS = {
    "@all": lambda row: True,
    "@always": lambda row: row["multiple_procedure"] == "5" or row["code"] in coverage.ALWAYS,
    "@sometimes": lambda row: row["code"] in coverage.SOMETIMES,
    "@therapy": lambda row: row["multiple_procedure"] == "5",
    "@timed": lambda row: row["time_rule"] == "timed15",
    "@untimed": lambda row: row["time_rule"] in ("untimed", "level"),
    "@addon": lambda row: row["parent"] != "",
    "@bundled": lambda row: row["status"] == "B",
    "@private": lambda row: row["code"].startswith("S"),
    "@x-ray": lambda row: row["category"] == "X-ray",
}


def selects(selector, row):
    """Whether a selector of hints.csv names a code: the last word that fits it decides."""
    chosen = False
    for word in selector.split():
        name = word.removeprefix("!")
        first, _, last = name.partition("-")
        fits = KINDS[name](row) if name in KINDS else first <= row["code"] <= (last or first)
        if fits:
            chosen = not word.startswith("!")
    return chosen


def can_fire(rule, row):
    """Whether nothing in a rule's facts rules out the code for good."""
    facts = set(rule["when"].split())
    mai = {fact for fact in facts if fact.startswith("mai-")}
    limited = row["mue"] not in ("", "0")
    return mai <= {f"mai-{row['mai']}"} and (limited or "over-mue" not in facts)


@for_each("code", ROW)
def test_rules(code):
    """The rows whose selector names the code and whose facts it can have, in order."""
    row = ROW[code]
    mine = [
        rule
        for rule in RULES
        if not rule["pair"] and selects(rule["lines"], row) and can_fire(rule, row)
    ]
    shown = hints.rules_of(code)
    for name in ("rule", "level", "source"):
        assert [getattr(found, name) for found in shown] == [rule[name] for rule in mine]
    for found, rule in zip(shown, mine, strict=True):
        text = found.in_full
        assert (code in text) == ("{code}" in rule["text"] + rule["must_show"])
        assert text.startswith("Commonly stated") == (rule["sure"] == "?")
        assert not MISSING.search(text)
        assert set(re.findall(r"MAI (\d)", text)) <= {row["mai"]}


@pytest.mark.parametrize(
    ("code", "never"),
    [
        ("98940", {"excluded", "gp", "kx", "assistant", "x-ray", "addon", "s-code", "cmt-51"}),
        ("97010", {"excluded", "mue", "gp", "same-interval"}),
        ("97014", {"excluded", "mue", "gp"}),
        ("S9117", {"excluded", "mue", "gp", "bundled"}),
        ("97110", {"untimed-units", "bundled", "x-ray", "addon", "at-active"}),
        ("72100", {"untimed-units", "gp", "kx", "same-interval", "at-active"}),
        ("97810", {"addon", "gp", "kx", "untimed-units", "same-interval"}),
        ("G2211", {"mue", "gp", "em-25", "at-active"}),
    ],
)
def test_rules_that_never_fire(code, never):
    """What a page would be wrong to list."""
    assert not never & {found.rule for found in hints.rules_of(code)}


@for_each("code", ROW)
def test_nothing_missing_is_printed(code):
    """No missing value and no open place in any sentence."""
    for text in said(code):
        assert not MISSING.search(text), text


# What a clinic makes of codes.csv


def own_row(like, **cells):
    """A row of the clinic's own."""
    return ROW[like] | {"code": "97199", "name": "Our own service", "quick": ""} | cells


NO_RVU = dict.fromkeys(["work_rvu", "pe_rvu_office", "pe_rvu_facility", "mp_rvu"], "")
OWN = [
    own_row("97110"),
    own_row("97110", mue="", mai=""),
    own_row("97110", mue=""),
    own_row("97110", mai=""),
    own_row("97010", mai=""),
    own_row("97110", **NO_RVU),
    own_row("97110", status="I"),
    own_row("97110", **NO_RVU, status="C", multiple_procedure="0"),
    own_row("97110", synonyms=""),
    own_row("97110", name="Our {own} <b>$5</b> | 100% service"),
    own_row("97545", unit_minutes="180", from_minutes="121"),
    own_row("97811", parent="97110|97112"),
    own_row("98979"),
    own_row("99213"),
    own_row("72100"),
    own_row("97010", category="A category of its own"),
]


@pytest.mark.parametrize("row", OWN)
def test_code_without_a_text(clinic, row):
    """A clinic's own code has no text, and all that the table says of it."""
    clinic([*CODES, row])
    assert guide.text("97199") is None
    assert list(guide.rvus("97199")["part"]) == [row["name"]]
    assert hints.pairs_of("97199").empty
    assert guide.years("97199").empty
    assert guide.then_and_now("97199") is None
    assert guide.minute_table("97199").empty or row["time_rule"] in ("timed15", "clock")
    assert "97199" not in guide.neighbors("97199")
    for text in said("97199"):
        assert not MISSING.search(text), text


def test_neighbors_of_a_code_at_the_end(clinic):
    """A clinic adds its codes after the last row; the nearest number is still first."""
    clinic([*CODES, own_row("97110")])
    assert guide.neighbors("97199")[0] == "97150"
    assert guide.neighbors("97150")[0] == "97140"


def test_first_minute_of_an_edited_code(clinic):
    """A pooled service begins at 8 minutes: a clinic's row that says otherwise is refused."""
    clinic([*CODES, own_row("97110", from_minutes="10")])
    with pytest.raises(InputError, match="from_minutes: '10' must be 8 for timed15"):
        guide.time_rule("97199")


@pytest.mark.parametrize("gone", ["98940", "98943", "97112", "97110", "97811", "72100", "S9117"])
def test_code_deleted(clinic, gone):
    """The other pages stay, and do not lead to it."""
    clinic([row for row in CODES if row["code"] != gone])
    for code in {"98941", "97112", "97140", "97810", "99213", "S9117", "72110", "98960"} - {gone}:
        before = {pair["column1"] + pair["column2"] for pair in PAIRS if code in pair.values()}
        assert said(code)
        assert gone not in guide.neighbors(code)
        others = set(hints.pairs_of(code)["other"])
        assert gone not in others
        assert len(others) == len([pair for pair in before if gone not in pair])
        assert guide.text(code).code == code
        assert len(guide.rvus(code)) == sum(row["code"] == code for row in CODES)


def test_edited_row_is_what_the_page_says(clinic):
    """Change RVUs, limit and clock of a code: words and figures follow, and back again."""
    before = said("97112")
    changed = ROW["97112"] | {"work_rvu": "1.50", "mue": "9", "mai": "2"}
    clinic([changed if row is ROW["97112"] else row for row in CODES])
    total = Decimal("1.50") + Decimal("0.47") + Decimal("0.01")
    assert guide.rvus("97112").at[0, "total_office"] == float(total)
    assert guide.then_and_now("97112").now == float(total)
    dollars = f"${to_cents(total * FACTOR)}"
    assert dollars == f"${compare.worth(('97112',), guide.national())['first'].iloc[0]:.2f}"
    assert guide.most_units("97112")[0].startswith("CMS MUE 9, MAI 2.")
    assert "more than 9 in a day" in guide.boxes("97112")[1].detail
    clinic(CODES)
    assert said("97112") == before


def test_parts_have_the_text_of_the_whole():
    """A part of a service is on the page of its code; a stranger has no text."""
    assert guide.text("72100-26") is guide.text("72100") is guide.text("72100-TC")
    assert guide.text("99999") is None
    assert guide.text("") is None
    part, whole = hints.rules_of("72100-26"), hints.rules_of("72100")
    assert {found.rule for found in part} == {found.rule for found in whole}
