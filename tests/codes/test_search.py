"""Finding a code: by number, name, other words and text, misspelled or not, and nothing else."""

import re
import string
from difflib import get_close_matches

import pytest
from for_each import for_each
from hypothesis import example, given, settings
from hypothesis import strategies as st
from oracles.fees import rows
from oracles.guide_texts import whole_texts

from chirocalc import tables
from chirocalc.codes import guide, search

CODES = rows(tables.CODES_FILE)
ROW = {row["code"]: row for row in CODES if not row["modifier"]}
PARTS = {f"{row['code']}-{row['modifier']}": row for row in CODES if row["modifier"]}
TEXTS = whole_texts(tables.FOLDER / "guide.csv")
EVERY = 1_000  # more than there are
LONG = 7  # letters
TOP = 3


def keys(typed, most=EVERY):
    """The codes found, best first."""
    return [hit.key for hit in search.find(typed, most)]


def first(typed):
    """The codes found that no other beats."""
    hits = search.find(typed, EVERY)
    return {hit.key for hit in hits if hit.score == hits[0].score}


def top(typed):
    """The codes among the first three, and any that tie with the third."""
    hits = search.find(typed, EVERY)
    return {hit.key for hit in hits if hit.score >= hits[min(TOP, len(hits)) - 1].score}


def own_words(row):
    """What a code may be called by: number, names, other words, category."""
    text = " ".join([row["code"], row["name"], row["short"], row["synonyms"], row["category"]])
    return set(re.findall(r"[a-z0-9]+", text.casefold()))


# By number


@for_each("code", ROW)
def test_number(code):
    """Every code is the only one found by its number, whatever the case."""
    for typed in (code, code.lower(), f"  {code} "):
        (hit,) = search.find(typed)
        assert (hit.key, hit.name) == (code, f"{code} {ROW[code]['name']}")
        assert search.named(typed) == [code]


@for_each("key", PARTS)
def test_part(key):
    """A part by its own key only; the number finds the whole service."""
    row, part = PARTS[key], {"26": "reading", "TC": "films"}
    for typed in (key, key.lower()):
        assert keys(typed) == search.named(typed) == [key]
        assert search.find(typed)[0].name.endswith(f", {part[row['modifier']]} only")
    assert key not in keys(row["name"])


@for_each("code", ROW)
def test_beginning_of_a_number(code):
    """Four characters find all codes that begin so, before any other."""
    begin = code[:4]
    same = {other for other in ROW if other.startswith(begin)}
    assert same <= first(begin)


@pytest.mark.parametrize("around", ['"{}"', "({})", "#{}", "{};", "{},", "{}?", "{}!", "{}:"])
def test_number_between_marks(around):
    """As it is pasted from a sentence."""
    assert keys(around.format("97140"))[0] == "97140"
    assert search.named(around.format("s9117")) == ["S9117"]


@pytest.mark.parametrize("typed", ["97140.", "CPT 97140", "97140-59", "97140 59", "97140/97110"])
def test_number_as_it_is_written(typed):
    """At the end of a sentence, with the word CPT, a modifier, or another code beside it."""
    assert "97140" in keys(typed)


# By name and other words


@for_each("code", ROW)
def test_name(code):
    """Name, short name and both together with the number find the code first, or tied."""
    row = ROW[code]
    assert code in first(row["name"])
    assert code in top(row["short"])
    assert keys(f"{code} {row['name']}")[0] == code


@for_each("code", ROW)
def test_other_words(code):
    """Every synonym finds every code that has it, before all codes that only mention it."""
    for synonym in ROW[code]["synonyms"].split("|"):
        hits = {hit.key: hit.score for hit in search.find(synonym, EVERY)}
        called = {key for key, row in ROW.items() if synonym in row["synonyms"].split("|")}
        assert code in called <= set(hits)
        mention = set(hits) - {key for key in hits if own_words(ROW[key]) & set(synonym.split())}
        assert all(hits[code] > hits[key] for key in mention - called)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("back pain class", "S9117"),
        ("back school", "S9117"),
        ("spine education", "S9117"),
        ("muscle energy", "97140"),
        ("myofascial release", "97140"),
        ("posture exercise", "97112"),
        ("neuro re-ed", "97112"),
        ("exercise", "97110"),
        ("massage", "97124"),
        ("hip", "73502"),
        ("ice", "97010"),
        ("phq-9", "96127"),
        ("walker", "97116"),
        ("five regions", "98942"),
        ("extraspinal", "98943"),
        ("vax-d", "S9090"),
        ("c-spine films", "72040"),
        ("functional capacity evaluation", "97750"),
    ],
)
def test_what_is_meant(typed, code):
    """What a clinician calls it is found first, in any order of the words."""
    assert code in first(typed)
    assert code in top(" ".join(reversed(typed.split())))


def test_adjustments_are_found_together():
    """Three codes fit one word equally well: none is chosen for the user."""
    assert first("adjustment") == first("chiropractic adjustment") == {"98940", "98941", "98942"}
    assert set(search.named("spinal adjustment")) >= {"98940", "98941", "98942"}


@pytest.mark.parametrize(
    ("typed", "code"),
    [("chiropractic adjustments", "98940"), ("x ray neck", "72040"), ("hot packs", "97010")],
)
def test_other_ways_to_write_it(typed, code):
    """The plural of a synonym, and a hyphen left out."""
    assert code in top(typed)


@pytest.mark.parametrize("word", ["acupuncture", "exercise", "traction", "massage", "gait"])
def test_more_letters_fit_better(word):
    """The beginning of a word finds the same code, less surely; misspelled, less surely still."""
    code = keys(word)[0]
    scores = [
        {hit.key: hit.score for hit in search.find(typed, EVERY)}[code]
        for typed in (word, word[:-1], f"{word}x")
    ]
    assert scores == sorted(set(scores), reverse=True)


# By the text


@for_each("code", ROW)
def test_text(code):
    """A sentence of a code's own text finds it, for every column that is searched."""
    for name in ("plain", "purpose", "fits", "fits_not", "must_show", "mistakes"):
        sentence = TEXTS[code][name].split("|")[0].split(". ")[0]
        assert code in keys(sentence)


def test_text_comes_last():
    """A name beats other words, and these beat a text."""
    weights = search.WEIGHTS
    assert (
        weights["code"]
        > weights["name"]
        > weights["synonyms"]
        > weights["category"]
        > weights["text"]
    )
    hits = [hit.key for hit in search.find("massage", EVERY)]
    assert hits[0] == "97124"
    mentions = {code for code in TEXTS if "massage" in TEXTS[code]["plain"].casefold()}
    assert mentions - {"97124"} <= set(hits[1:]) | {"97124"}


def words_of_text_alone():
    """(code, word) of words that no code is called by, not even with more letters or fewer."""
    called = set().union(*(own_words(row) for row in ROW.values()))
    joined = " ".join(f"{row['name']} {row['synonyms']}" for row in ROW.values()).casefold()
    for code, row in TEXTS.items():
        for word in sorted(set(re.findall(r"(?<![\w-])[a-z]{4,}(?![\w-])", row["plain"]))):
            known = any(word.startswith(each) for each in called) or word.rstrip("s") in joined
            if not known and word not in search.SMALL:
                yield code, word


def test_named_leaves_out_the_text():
    """A word that stands in texts only finds their codes, and names none."""
    cases = list(words_of_text_alone())
    assert len(cases) > 500
    for code, word in cases:
        assert code in keys(word)
        assert search.named(word) == [], word


def test_named_leaves_out_a_sentence_of_the_text():
    """However many words of a text are typed: on the visit page a single name is added at once."""
    wrong = {}
    for code, row in TEXTS.items():
        for sentence in re.split(r"(?<=[.?])\s+", row["plain"]):
            typed = set(re.findall(r"[a-z0-9]+", sentence.casefold()))
            if code in search.named(sentence) and not typed & own_words(ROW[code]):
                wrong[code] = sentence
    assert wrong == {}


@pytest.mark.parametrize(
    ("typed", "never"),
    [
        ("tens", "72120"),
        ("rain", "97116"),
        ("pin", "72020"),
        ("son", "97033"),
        ("ion", "0552T"),
        ("ice", "98975"),
    ],
)
def test_no_word_inside_another(typed, never):
    """A word is found as it stands or as the beginning of one, not in the middle of another."""
    assert never not in keys(typed)


def test_named_is_one_only_when_far_ahead():
    """The one meant, or all that fit and nothing else."""
    assert search.named("back pain class") == ["S9117"]
    assert search.named("97110") == ["97110"]
    assert search.named("therapeutic massage") == ["97124"]
    assert set(search.named("pt eval")) >= {"97161", "97162", "97163"}
    for typed in ("adjustment", "rtm", "new patient", "caregiver"):
        named = search.named(typed)
        assert first(typed) <= set(named)
        assert named == keys(typed, 10)[: len(named)]
        assert all(set(typed.split()) & own_words(ROW[key]) for key in named)


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        # The words fit 97014 best, but the payer decides between the three.
        ("unattended e-stim", {"97014", "G0281", "G0283"}),
        ("orthotic first", {"97760"}),
        ("prosthetic first", {"97761"}),
        ("Established patient visit, level 2", {"99212"}),
    ],
)
def test_how_far_ahead_the_one_that_is_meant_must_be(typed, named):
    """On either side of the line between one code and a choice."""
    assert set(search.named(typed)) == named


# Misspelled


NEXT_KEY = dict(zip("qwertyuiopasdfghjklzxcvbnm", "wertyuiopqsdfghjklaxcvbnmz", strict=True))


def mistyped(word, at):
    """A letter dropped, doubled, hit beside, or changed with the next."""
    letter, rest = word[at], word[at + 1 :]
    forms = [word[:at] + rest, word[:at] + letter + letter + rest]
    forms += [word[:at] + NEXT_KEY[letter] + rest]
    forms += [word[:at] + rest[0] + letter + rest[1:]] if rest else []
    return [form for form in forms if form != word]


def long_words(row):
    """(start, word) of the long words of a code's name."""
    name = row["name"].casefold()
    return [(each.start(), each.group()) for each in re.finditer(rf"[a-z]{{{LONG},}}", name)]


def wrongly_spelled(code, places):
    """Misspellings of a code's name that do not find it among the first three."""
    name, missed = ROW[code]["name"].casefold(), []
    for start, word in long_words(ROW[code]):
        for at in places(word):
            for form in mistyped(word, at):
                typed = name[:start] + form + name[start + len(word) :]
                if code not in top(typed):
                    missed.append(typed)
    return missed


@for_each("code", [code for code, row in ROW.items() if long_words(row)])
def test_one_typing_error_in_a_name(code):
    """In the middle of any long word of any name: the code is still among the first three."""
    assert wrongly_spelled(code, lambda word: [len(word) // 2]) == []


# The first code with each long word.
WITH_WORD = {
    word: code for code, row in reversed(ROW.items()) for _, word in reversed(long_words(row))
}


@for_each("word", WITH_WORD)
def test_one_typing_error_at_any_letter(word):
    """Each letter of each long word that a name has: dropped, doubled, swapped, hit beside."""
    code = WITH_WORD[word]
    assert word in dict(map(reversed, long_words(ROW[code])))
    assert wrongly_spelled(code, lambda each: range(len(each)) if each == word else []) == []


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("excercise", "97110"),
        ("therapeutic exersise", "97110"),
        ("accupuncture", "97810"),
        ("manipualtion", "98940"),
        ("dry neddling", "20560"),
        ("parafin", "97018"),
        ("iontophoreses", "97033"),
        ("debridment", "97597"),
        ("dithermy", "97024"),
        ("neuromuscular reeducation", "97112"),
        ("wheelchiar", "97542"),
        ("bak school", "S9117"),
        ("masage", "97124"),
    ],
)
def test_common_misspelling(typed, code):
    """As people do misspell it."""
    assert code in top(typed)


KNOWN = search.known_words().words


@settings(max_examples=300)
@given(st.sampled_from(KNOWN) | st.text(string.ascii_lowercase, min_size=1, max_size=9), st.data())
def test_near_words_are_those_that_difflib_finds_among_all(word, data):
    """With up to four letters dropped, put in or changed; of the words left out none is near."""
    for _ in range(data.draw(st.integers(0, 4))):
        at, gone = data.draw(st.integers(0, len(word))), data.draw(st.integers(0, 1))
        put = data.draw(st.sampled_from(["", *string.ascii_lowercase, "0", "&", "-", "."]))
        word = word[:at] + put + word[at + gone :] or "x"
    everywhere = get_close_matches(word, KNOWN, 5, search.NEARLY)
    assert get_close_matches(word, search.sharing_letters(word), 5, search.NEARLY) == everywhere


def test_beginnings_are_those_of_all_words():
    """Of every beginning that a known word has, and of some that none has."""
    begun = {}
    for word in KNOWN:
        for end in range(1, len(word) + 1):
            begun.setdefault(word[:end], []).append(word)
    for begin in [*begun, "zz", "~", "a~", "exercisex"]:
        assert search.begun_by(begin) == begun.get(begin, []), begin


@pytest.mark.parametrize("typed", ["97115", "9711x", "97l10", "S9118", "x9117", "00000", "99999"])
def test_numbers_are_never_guessed(typed):
    """A number with a wrong digit is another number: no near one is offered."""
    assert keys(typed) == []
    assert search.named(typed) == []


# Whatever is typed


HOSTILE = [
    "", " ", "\t\n", "\x00", "\x00" * 500, "|", "||", "|ice|", "a", "of the", "-", "--", "/", "&",
    ".", "'; DROP TABLE codes; --", '" OR 1=1 --', "<script>alert(1)</script>", "{code}", "%s%n",
    "${7*7}", "../../etc/passwd", "\\", "(((", "[a-z]+", ".*", "*", "?", "😀", "👩🏽 back", "спина",
    "背中", "٩٧١١٠", "９７１１０", "\ud800", "ſ9117", "İ", "ß", "e\u0301", "\u202e97110",
    "nan", "-1", "None", "1e309", "x" * 100_000, "97110 " * 10_000, "exercise " * 5_000,
    "a b c d e f " * 99,
]  # fmt: skip


@pytest.mark.parametrize("typed", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text(typed):
    """Nothing raises, and what is found is a code that there is."""
    for hit in search.find(typed, EVERY):
        assert hit.key in ROW
        assert hit.score > 0
    assert set(search.named(typed)) <= set(ROW)


@pytest.mark.parametrize(
    "typed",
    ["", "   ", "\x00", "a", "of the", "|", "--", "😀", "спина", "qqqqzzzz", "zzqx", "xyzzy plugh"],
)
def test_nonsense_finds_nothing(typed):
    """No guess where there is nothing to go by."""
    assert search.find(typed) == []
    assert search.named(typed) == []


PIECES = sorted(
    {word for row in [*ROW.values(), *TEXTS.values()] for word in " ".join(row.values()).split()}
)
anything = st.one_of(
    st.text(max_size=40),
    st.text(string.ascii_lowercase + string.digits + " -/&.|", max_size=40),
    st.lists(st.sampled_from(PIECES), max_size=6).map(" ".join),
)


@settings(max_examples=300)
@given(anything, st.integers(0, 20))
@example("|ice|", 3)
@example("97110 97110", 1)
def test_hits_are_in_order(typed, most):
    """Each once, best first, no more than asked for, with its name; asked twice, the same."""
    hits = search.find(typed, most)
    assert len(hits) <= most
    assert hits == search.find(typed, EVERY)[:most] == search.find(typed, most)
    assert len({hit.key for hit in hits}) == len(hits)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    for hit in hits:
        assert hit.name == search.names()[hit.key]
    named = search.named(typed)
    assert named == [hit.key for hit in search.find(typed, EVERY) if hit.named][: len(named)]


@settings(max_examples=200)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=5), st.data())
def test_case_and_spaces_do_not_matter(pieces, data):
    """Typed in capitals, or with spaces and line ends wherever one space is."""
    typed = " ".join(pieces)
    spaces = st.text(" \t\n\u00a0", min_size=1, max_size=3)
    wide = "".join(data.draw(spaces) + piece for piece in pieces) + data.draw(spaces)
    expected = search.find(typed, EVERY)
    assert search.find(wide, EVERY) == expected
    assert search.find(typed.upper(), EVERY) == expected
    assert search.find(typed.title(), EVERY) == expected


@settings(max_examples=200)
@given(st.lists(st.sampled_from(PIECES).filter(str.isalpha), min_size=2, max_size=4))
def test_every_word_must_be_found(pieces):
    """More words never find a code that one of them alone does not, unless as a phrase."""
    typed = " ".join(pieces).casefold()
    for key in keys(typed):
        row = ROW[key]
        if typed not in f"|{row['name']} {row['short']}|{row['synonyms']}|".casefold():
            assert all(
                key in keys(word) for word in search.WORD.findall(typed) if word not in search.SMALL
            )


# As codes.csv changes


def edited(code, **cells):
    """The shipped rows with cells of one code changed."""
    return [row | cells if row["code"] == code else row for row in CODES]


def test_code_of_the_clinic(clinic):
    """A code without a text is found by number, name and other words."""
    own = ROW["97110"] | {"code": "97199", "name": "Trampoline hopping", "short": "Hopping"}
    assert keys("trampoline") == keys("97199") == []
    clinic([*CODES, own | {"synonyms": "rebounder|mini tramp"}])
    for typed in ("97199", "trampoline", "trampolne hopping", "rebounder", "MINI  tramp"):
        assert keys(typed)[0] == "97199"
        assert search.named(typed) == ["97199"]
    clinic([*CODES, own | {"synonyms": ""}])
    assert keys("trampoline") == ["97199"]
    assert keys("rebounder") == []


def test_new_names_and_other_words(clinic):
    """A name changed, a synonym added or taken away: the next search knows."""
    assert first("muscle energy") == {"97140"}
    clinic(edited("97140", name="Hands-on quokka work", synonyms="wombat"))
    assert keys("quokka") == keys("wombat") == ["97140"]
    assert search.find("97140")[0].name == "97140 Hands-on quokka work"
    assert "97140" in keys("muscle energy")  # its text says so still
    assert search.named("muscle energy") == []
    clinic(CODES)
    assert keys("quokka") == []
    assert search.named("muscle energy") == ["97140"]


@pytest.mark.parametrize("gone", ["S9117", "97140", "72100", "98940"])
def test_code_deleted(clinic, gone):
    """It is found by nothing any more, its parts neither, though its text is there."""
    clinic([row for row in CODES if row["code"] != gone])
    assert gone not in search.names()
    for typed in (gone, f"{gone}-26", ROW[gone]["name"], *ROW[gone]["synonyms"].split("|")):
        assert not {key for key in keys(typed) if key.startswith(gone)}
    assert gone not in keys(TEXTS[gone]["purpose"])


def test_texts_are_those_of_the_guide(clinic):
    """What makes a clinic's code known by text is its text, not the row beside it."""
    assert guide.text("S9117") is not None
    clinic(edited("S9117", synonyms="", name="Lesson", short="Lesson", category="Lesson"))
    assert "S9117" in keys("how to sit, lift and carry")
    assert search.named("brochure") == []


# What has no code of its own

ASKED = rows(tables.FOLDER / "asked.csv")


def answers():
    """(question, row) of asked.csv."""
    return [(question, row) for row in ASKED for question in row["asked"].split("|")]


@for_each("question", [question for question, _ in answers()])
def test_a_question_is_answered(question):
    """Its own row, however it is written, and its codes before those that only mention it."""
    (row,) = [row for each, row in answers() if each == question]
    for typed in (question, question.upper(), f"  {question}?", question.replace("-", " ")):
        told = search.answer(typed)
        assert (told.says, told.sure) == (row["says"], row["sure"])
        assert list(told.keys) == row["codes"].split("|")
        assert list(told.sources) == row["source"].split("|")
        called = [hit.key for hit in search.find(typed, EVERY) if hit.exact]
        first = list(dict.fromkeys([*called, *told.keys]))
        assert search.offered(typed, EVERY)[: len(first)] == first
        assert set(keys(typed)) <= set(search.offered(typed, EVERY))


@for_each("row", range(len(ASKED)))
def test_an_answer_names_known_codes_and_is_ours(row):
    """Each code it names is there; it is short, plain, and says when nothing was found for it."""
    row = ASKED[row]
    named = set(re.findall(r"\b(?:\d{5}|[A-Z]\d{4}|\d{4}[A-Z])\b", row["says"]))
    assert named <= set(ROW)
    assert set(row["codes"].split("|")) <= set(ROW)
    assert len(row["says"]) < 300
    assert row["says"].endswith(".")
    assert ("Commonly stated" in search.answer(row["asked"].split("|")[0]).in_full) == (
        row["sure"] == "?"
    )


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        # What is asked: another code, or none of its own with what is used instead.
        ("cupping", ["97039", "97139"]),
        ("cuping", ["97039", "97139"]),
        ("cupp", ["97039", "97139"]),
        ("kinesio taping", ["97112", "97110"]),
        ("taping kinesio", ["97112", "97110"]),
        ("ART", ["97140"]),
        ("active release", ["97140"]),
        ("graston", ["97140"]),
        ("shockwave", ["0101T"]),
        ("trigger point injection", ["20552", "20553"]),
        ("dry needling", ["20560", "20561"]),
        ("decompression table", ["S9090", "97012"]),
        ("class iv laser", ["97039"]),
        ("cold laser", ["0552T", "97037", "S8948"]),
        ("maintenance visit", ["S8990", "98940", "98941", "98942"]),
        ("re exam", ["99212", "99213"]),
        ("new patient exam", ["99202", "99203"]),
        ("custom orthotics", ["L3000"]),
        ("tens unit", ["E0720", "E0730"]),
        ("cervical collar", ["L0120"]),
        ("back brace", ["L0627", "L0631"]),
        ("nutrition counseling", ["97802", "S9470", "97803"]),
        ("telehealth", ["98016", "99213"]),
        ("massage gun", ["97124"]),
    ],
)
def test_what_people_ask_leads_to_the_code(typed, codes):
    """The codes that the visit's search offers first, which are the guide's too."""
    assert search.offered(typed)[: len(codes)] == codes


def test_what_is_nearly_called_so_comes_after_the_answer():
    """A word that a name only begins with, or that is near it, is not what was asked for."""
    hits = {hit.key: hit for hit in search.find("art", EVERY)}
    assert hits["73130"].named  # arthritis
    assert not hits["73130"].exact
    assert search.offered("art").index("97140") < search.offered("art").index("73130")
    assert search.find("muscle energy")[0].exact
    assert not search.find("musle energy")[0].exact


def test_a_needle_without_an_injection_is_not_offered_for_an_injection():
    """20560 is needling without an injection (ICD10monitor's question of chiropractors)."""
    offered = search.offered("trigger point injection")
    assert offered[:2] == ["20552", "20553"]
    assert "dry needling" in search.answer("trigger point injection").says


@pytest.mark.parametrize(
    "typed",
    ["", " ", "a", "ar", "massage", "exercise", "97110", "98941", "tape measure", "lase", "\x00"],
)
def test_what_is_no_question_has_no_answer(typed):
    """A part of a question's words is none, and a short beginning neither."""
    told = search.answer(typed)
    assert told is None or typed == "lase"
    assert search.offered(typed) == keys(typed, 10) or typed == "lase"


@pytest.mark.parametrize("typed", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_questions(typed):
    assert set(search.offered(typed)) <= {*ROW, *PARTS}


def test_a_clinic_without_a_code_is_not_offered_it(clinic):
    clinic([row for row in CODES if row["code"] != "97139"])
    assert search.answer("cupping").keys == ("97039",)
    assert "97139" not in search.offered("cupping")
