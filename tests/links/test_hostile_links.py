"""Links as nobody writes them: read within a bound, and what is not exactly a value is refused."""

import random
import time
from decimal import Decimal

import pytest
from fuzz import TIMES

from chirocalc import tables
from chirocalc.links import AUDIT, COMPARE, GUIDE, SOURCES, VISIT
from chirocalc.links.visit import amount_key

PAGES = [VISIT, COMPARE, GUIDE, AUDIT, SOURCES]
LINKS = 1_000 * TIMES  # drawn in each run
AT_MOST = 0.05  # seconds of work for a link

KEYS = list(tables.codes().index)
VALUES = {
    "payer": list(tables.payers().index),
    "area": ["national", "60601", "10001-1234", *tables.localities().index[:9]],
    "place": ["office", "facility"],
    "who": ["chiropractor", "pt", "ot"],
    "phase": ["active", "maintenance"],
    "rule": ["cms", "cpt"],
    "percent": ["80", "120.5", "33.33"],
    "par": ["yes", "no"],
    "apm": ["yes", "no"],
    "deductible": ["0", "12.5", "100"],
    "assistant": ["yes", "no"],
    "date": ["2026-03-02", "2025-12-31"],
    "mppr": ["none", "pe", "line"],
    "gp": ["yes", "no"],
    "pays": ["all", "98940.98941", "97110"],
    "abn": ["yes", "no"],
    "kx": ["0", "2480.01"],
    "adj": ["lumbar", "cervical.thoracic.rib cage"],
    "cmt": ["AT", "GA.GY"],
    "extra": ["51"],
    "cmt_bill": ["off", "collect"],
    "extra_bill": ["off"],
    "tie": ["97110"],
    "copay": ["25", "0"],
    "own": ["yes"],
    "do": ["97110.20_97112.20~head~XS~yes_72100-26.1", "97110.7.5", "99213.30~~25", "G0283"],
    "codes": ["97110.97112", "98941"],
    "code": ["97110", "72100-26"],
}
STRANGE = [*"0123456789.-_+~eE ,\t\n[]<>%&'", "\0", "\u0663", "\uff12", "\u017f", "\u212a",
           "\u2212", "00", "1e3", "nan", "inf", "1_0", "\u202e", "💥", "x" * 99]  # fmt: skip


def mutated(text, draw):
    """A value with a few of its letters changed, moved, doubled or gone."""
    letters = list(text)
    for _ in range(draw.choice([1, 1, 1, 2, 3, 8])):
        at = draw.randrange(len(letters) + 1)
        letters[at : at + draw.choice([0, 0, 1, 2])] = [draw.choice(STRANGE)] * draw.choice(
            [0, 1, 1]
        )
    return "".join(letters) * draw.choice([1, 1, 1, 1, 2, 50])


def links(count, seed):
    """Links of any page's inputs, of which some are as they should be."""
    draw = random.Random(seed)
    for _ in range(count):
        names = draw.sample(list(VALUES), draw.randint(1, 6))
        texts = {name: draw.choice(VALUES[name]) for name in names}
        yield {
            mutated(name, draw) if draw.random() < 0.05 else name: (
                mutated(text, draw) if draw.random() < 0.7 else text
            )
            for name, text in texts.items()
        }


def seconds(page, link):
    """Of the processor for one link: the least of three, for the machine may be busy."""
    found = []
    for _ in range(3):
        begin = time.process_time()
        page.decode(link)
        found.append(time.process_time() - begin)
        if found[-1] < AT_MOST / 5:
            break
    return min(found)


def plain(name, text):
    """A value in one way of writing it: what a link may say differently and mean the same. It
    shares nothing with the reader."""
    if name in ("percent", "deductible", "kx", "copay"):
        assert text.isascii()
        return Decimal(text)
    if name == "do":
        return [_plain_service(part) for part in text.split("_") if part]
    if name in ("pays", "codes", "cmt", "extra"):
        return list(dict.fromkeys(part for part in text.upper().split(".") if part))
    if name == "adj":
        return [part for part in dict.fromkeys(text.replace("+", " ").split(".")) if part]
    if name == "code":
        return text.upper().partition("-")[0]
    return text


def _plain_service(part):
    what, *answers = part.split("~")
    code, _, amount = what.partition(".")
    assert part.isascii()
    said = [
        list(dict.fromkeys(filter(None, each.upper().split(".")))) if at == 1 else each
        for at, each in enumerate(answers)
    ]
    while said and not said[-1]:
        said.pop()
    said = [each or "" for each in said]
    return code.upper(), Decimal(amount) if amount else None, said


def test_any_link_is_read_within_the_bound_and_never_otherwise_than_it_says():
    """Of an input about which nothing is said the link that is written again says the same."""
    slow, silent = [], 0
    for link in links(LINKS, 16):
        for page in PAGES:
            state, problems = page.decode(link)
            if (spent := seconds(page, link)) > AT_MOST:
                slow.append((spent, link))
            assert all(said.startswith("The link") and len(said) < 400 for said in problems)
            again = page.encode(state)
            if problems:
                continue
            silent += 1
            for name, text in link.items():
                default = page.fields[name].default if name in page.fields else None
                if name not in again:  # the default is not written
                    state_key = page.fields[name].key if name in page.fields else ""
                    assert not text.strip("._~") or state[state_key] == default, (name, text)
                    continue
                assert plain(name, again[name]) == plain(name, text), (name, text)
    assert slow == []
    assert silent > LINKS / 20


def numbers(count, digits, seed=1):
    draw = random.Random(seed)
    return ["".join(draw.choices("0123456789", k=digits)) for _ in range(count)]


@pytest.mark.parametrize("digits", [1, 5, 7, 12, 30, 10_000])
@pytest.mark.parametrize("count", [1, 30, 1_000, 20_000])
def test_codes_that_nobody_knows(count, digits):
    """Thousands of them, or of thousands of letters: read at once and said in few sentences."""
    if count * digits > 3_000_000:
        count = 3_000_000 // digits
    unknown = numbers(count, digits)
    for page, link in [
        (VISIT, {"do": "_".join(f"{code}.20" for code in unknown)}),
        (VISIT, {"do": "_".join(f"97110.20~{code}~{code}~{code}" for code in unknown)}),
        (VISIT, {"pays": ".".join(unknown), "adj": ".".join(unknown), "cmt": ".".join(unknown)}),
        (VISIT, dict.fromkeys(unknown, "1")),
        (COMPARE, {"codes": ".".join(unknown)}),
        (GUIDE, {"code": unknown[0]}),
    ]:
        problems = page.decode(link)[1]
        assert 0 < len(problems) <= 61
        assert sum(map(len, problems)) < 10_000
        assert seconds(page, link) < AT_MOST


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("date", "2025-01-[-01", "no day"),
        ("date", "20260302", "no day"),
        ("date", "2026-W10-1", "no day"),
        ("date", "2026-02-30", "no day"),
        ("date", "٢٠٢٦-03-02", "no day"),
        ("date", "2025-012026-1-11", "no day"),
        ("percent", "33.333", "more than two decimals"),
        ("percent", "5.011", "more than two decimals"),
        ("percent", "2.400", "more than two decimals"),
        ("percent", "1_0", "not a number"),
        ("percent", "1e2", "not a number"),
        ("percent", "+80", "not a number"),
        ("percent", " 80", "not a number"),
        ("percent", "８０", "not a number"),
        ("percent", "80,5", "not a number"),
        ("percent", "1001", "not from 1 to 1000"),
        ("copay", "٢٠", "not a number"),
        ("kx", "1_000", "not a number"),
        ("deductible", "1E2", "not a number"),
        ("area", "６０６０１", "five digits"),
        ("area", " 60601", "spaces"),
        ("pays", "9894O", "98940"),
        ("cmt", "ſ9", "not known"),
        ("payer", "medicar", "nearest: medicare"),
    ],
)
def test_what_is_not_exactly_a_value_is_refused_with_its_reason(name, text, why):
    state, [problem] = VISIT.decode({name: text})
    assert why in problem
    assert state == VISIT.decode({})[0]


@pytest.mark.parametrize(
    "minutes",
    ["20.30", "2.400", "20.0", "1e400", "+20", " 20", "2 0", "٢٠", "２０", "0x14", "20.", ".5",
     "2.4.0", "20..5", "1,5", "--5", "twenty"],
)  # fmt: skip
def test_minutes_that_are_not_exactly_a_number_are_not_entered(minutes):
    """97110.20.30 is two numbers and not 20.3 minutes; 2.400 may be two thousand."""
    state, [problem] = VISIT.decode({"do": f"97110.{minutes}_97112.8"})
    assert "minutes for 97110" in problem
    assert state["codes"] == ["97110", "97112"]
    assert (state[amount_key("97110")], state[amount_key("97112")]) == (None, 8.0)


@pytest.mark.parametrize("part", ["97110-XX", "ſ9117", "97110-", "9711０", "97110 "])
def test_a_code_that_is_nearly_one_is_not_taken_for_it(part):
    for page, link in [
        (VISIT, {"do": part}), (COMPARE, {"codes": part}), (GUIDE, {"code": part}),
    ]:  # fmt: skip
        state, [problem] = page.decode(link)
        assert part in problem
        assert not state.get("codes")
        assert not state.get("compared")
        assert not state.get("code")


def test_an_answer_too_many_is_said():
    state, [problem] = VISIT.decode({"do": "97110.20~lumbar~XS~yes~off~more"})
    assert "more than 4 answers about 97110" in problem
    assert state["unbilled 97110"] == "off"
