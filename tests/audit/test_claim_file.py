"""Claim files (837P): their service lines, nothing of patients, and a sentence for all others."""

import random
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles.claims import SECRETS, claims_body, envelope, rows_in, written

from chirocalc.audit.claim_file import COLUMNS, is_x12, open_claims
from chirocalc.audit.columns import field_of, recognize
from chirocalc.audit.rows import read_rows
from chirocalc.errors import InputError

P = "005010X222A1"


def provider(label, discipline="", taxonomy=""):
    """A person by "Last, First", an organization by any other name."""
    last, comma, first = label.partition(", ")
    names = ["1", last, first] if comma else ["2", label]
    return {"names": names, "label": label, "discipline": discipline, "taxonomy": taxonomy}


CLINIC = provider("SPINE CLINIC LLC", "chiropractor", "111N00000X")
PLAIN = provider("MAIN STREET HEALTH")
LEE = provider("Lee, Ann", "chiropractor", "111NR0400X")
PAZ = provider("Paz, Rui", "pt", "225100000X")
ODE = provider("Ode, Sam", "ot", "225X00000X")
ROE = provider("Roe, Kim", "", "207Q00000X")
PROVIDERS = [CLINIC, PLAIN, LEE, PAZ, ODE, ROE]

PAYERS = [
    ("MEDICARE", "MB", "MEDICARE"),
    ("NORIDIAN JE", "MB", "Medicare Part B"),
    ("Medicare Part B of Texas", "MB", "Medicare Part B of Texas"),
    ("", "MB", "Medicare Part B"),
    ("HUMANA", "16", "HUMANA Medicare Advantage"),
    ("AETNA MEDICARE", "16", "AETNA MEDICARE Medicare Advantage"),
    ("UHC Medicare Advantage", "16", "UHC Medicare Advantage"),
    ("SCAN MEDICARE", "HM", "SCAN MEDICARE Medicare Advantage"),
    ("KAISER", "HM", "KAISER"),
    ("MEDICARE", "MA", "MEDICARE Part A"),
    ("AETNA", "CI", "AETNA"),
    ("BLUE SHIELD", "BL", "BLUE SHIELD"),
    ("STATE FUND", "WC", "STATE FUND workers comp"),
    ("STATE FARM", "AM", "STATE FARM auto"),
    ("ACME AUTO", "AM", "ACME AUTO"),
    ("AUTOMATED BENEFITS", "AM", "AUTOMATED BENEFITS auto"),
    ("OPTUM", "VA", "VA Community Care"),
    ("HEALTH NET", "CH", "HEALTH NET Tricare"),
    ("UNITED HEALTHCARE", "MC", "UNITED HEALTHCARE Medicaid"),
    ("ZZPATIENT YYFIRST", "09", "self pay"),
    ("WHO KNOWS", "ZZ", "WHO KNOWS"),
    ("WHO KNOWS", "", "WHO KNOWS"),
]


def line(code="98941", **said):
    """A line of a claim."""
    usual = {"modifiers": ["AT"], "basis": "UN", "quantity": "1", "place": "", "rendering": None}
    dtp = ("D8", "20260302", "20260302")
    return {"code": code, "dtp": dtp} | usual | said


def claim(*lines, **said):
    """A claim, of one line where none are given."""
    usual = {"account": "A1", "place": "11", "frequency": "1", "payer": PAYERS[0], "date": None}
    usual |= {"billing": CLINIC, "rendering": None, "patient": False, "other": False, "level": "P"}
    return usual | {"lines": lines or [line()]} | said


def opened(segments, marks="*:~", newline="\n", name="claims.837"):
    return open_claims(written(segments, marks, newline).encode(), name)


def of_claims(*claims):
    return opened(envelope([("837", P, claims_body(claims))]))


def rows_of(file):
    (batch,) = file.batches(file.header)
    return {number: dict(row) for number, row in batch.rows.iterrows()}


def only_row(*claims):
    (row,) = rows_of(of_claims(*claims)).values()
    return row


def refusal(content):
    with pytest.raises(InputError) as caught:
        open_claims(content, "x.837")
    check_private(str(caught.value) + repr(caught.value.__dict__))
    return caught.value.problems[0].allowed


def check_private(text):
    assert not [secret for secret in SECRETS if secret in text]


def all_said(file):
    """All that can be seen of a file."""
    batches = list(file.batches(file.header))
    frames = [frame.to_csv() for frame in [file.sample, *(batch.rows for batch in batches)]]
    refused = [str(batch.refused) for batch in batches]
    return "\n".join([repr(file), repr(vars(file)), file.note, *frames, *refused])


one_of = st.sampled_from
words = st.text("ABCDEFGHJKLM 0123456789", min_size=1, max_size=12).map(str.strip).filter(bool)
dates = [
    ("D8", "20260302", "20260302"),
    ("RD8", "20260303-20260303", "20260303"),
    ("RD8", "20260302-20260304", "20260302-20260304"),
    ("DT", "202603051030", "20260305"),
    None,
]
some_provider = st.none() | one_of(PROVIDERS)
some_lines = st.fixed_dictionaries(
    {
        "code": one_of(["98940", "98941", "97110", "G0283", "97140"]),
        "modifiers": st.lists(one_of(["AT", "GP", "59", "25", "GY"]), max_size=4),
        "basis": one_of(["UN", "UN", "UN", "MJ"]),
        "quantity": one_of(["1", "2", "1.5", "15"]),
        "place": one_of(["", "12", "22"]),
        "dtp": one_of(dates),
        "rendering": some_provider,
    }
)
some_claims = st.lists(
    st.fixed_dictionaries(
        {
            "account": words,
            "place": one_of(["11", "12", "31"]),
            "frequency": one_of(["1", "7", "8"]),
            "payer": one_of(PAYERS),
            "billing": one_of(PROVIDERS),
            "rendering": some_provider,
            "date": one_of([None, "20260310"]),
            "patient": st.booleans(),
            "other": st.booleans(),
            "level": one_of("PST"),
            "lines": st.lists(some_lines, min_size=1, max_size=4),
        }
    ),
    min_size=1,
    max_size=4,
)
some_marks = st.permutations([*"*:>|~'^!\x1c\x1d\x1e\x1f+\n"]).map(lambda marks: marks[:3])
some_marks = some_marks.filter(lambda marks: "\n" not in marks[:2])


@given(some_claims, some_marks, one_of(["", "\n", "\r\n", " \n\n"]), st.booleans(), st.randoms())
def test_claims_are_read_back(claims, marks, newline, is_lower, chance):
    """Any claims in any delimiters, line breaks and orders of loops, and nothing of patients."""

    def mix(blocks):
        return chance.sample(blocks, len(blocks))

    segments = envelope([("837", P, claims_body(claims, mix))])
    if is_lower:
        segments = [[each[0].lower(), *each[1:]] for each in segments]
    file = opened(segments, marks, newline)
    expected = rows_in(segments, claims)
    for column in ("Minutes", "Discipline"):
        if not any(row[column] for row in expected.values()):
            expected = {at: {**row} for at, row in expected.items()}
            for row in expected.values():
                del row[column]
    assert rows_of(file) == expected
    assert file.kind == "837"
    check_private(all_said(file))


@given(some_claims, some_claims, one_of(["", "\n", "\n\r\n\n"]), st.randoms())
def test_interchanges_have_their_own_delimiters(some, others, between, chance):
    """Files put one after the other; a person called Isa begins no interchange."""
    first = envelope([("837", P, [*claims_body(some), ["NM1", "IL", "1", "DOE", "ISA", "X"]])])
    second = envelope([("837", P, claims_body(others)), ("837", P, claims_body(some))])
    text = written(first, "*:~", "") + between + written(second, "|>\n", "")
    file = open_claims(f"\ufeff\r\n {text}".encode(), "x.837")
    expected = rows_in(first + second, [*some, *others, *some])
    assert [row["Account number"] for row in rows_of(file).values()] == [
        row["Account number"] for row in expected.values()
    ]
    assert list(rows_of(file)) == list(expected)


@given(some_claims, st.floats(0, 1))
def test_a_file_cut_off_is_read_as_far_as_it_is_whole(claims, part):
    """All rows but perhaps the last are as in the whole file, and that it is cut off is said."""
    text = written(envelope([("837", P, claims_body(claims))]))
    content, end = text[: int(part * len(text))].encode(), text.index("SE*9")
    whole = rows_of(open_claims(text.encode(), "x"))
    try:
        file = open_claims(content, "x")
    except InputError as error:
        check_private(str(error))
        return
    (batch,) = file.batches(file.header)
    rows = rows_of(file)
    assert [*rows, *(at for at, _ in batch.refused)] == [*whole][: len(rows) + len(batch.refused)]
    for at in [*rows][:-1]:
        assert {**whole[at], **rows[at]} == whole[at]
    assert ("ends in the middle of a claim" in file.note) == (len(content) < end + 2)
    check_private(all_said(file))


def test_a_line_cut_off_before_its_date_is_refused():
    """Its other lines are read."""
    segments = envelope([("837", P, claims_body([claim(line("98941"), line("97110"))]))])
    text = written(segments)
    file = open_claims(text[: text.rindex("DTP*472")].encode(), "x")
    (batch,) = file.batches(file.header)
    assert batch.rows["CPT code"].tolist() == ["98941"]
    ((number, reason),) = batch.refused
    assert segments[number - 1][0] == "SV1"
    assert reason == "is cut off: the file ends in the middle of this claim"
    assert file.note == "It ends in the middle of a claim: what is whole was read."


@pytest.mark.parametrize("mark", ["", "SE", "GE", "IEA"])
def test_a_missing_trailer_alone_loses_no_line(mark):
    """Of a file that ends at a segment's end, perhaps without its last delimiter."""
    text = written(envelope([("837", P, claims_body([claim()]))]))
    file = open_claims(text[: text.index(f"{mark}*" if mark else "SE*") + len(mark)].encode(), "x")
    assert len(rows_of(file)) == 1
    assert bool(file.note) == (not mark)


@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_give_a_file_or_a_sentence(content, has_header):
    """Behind a header or alone."""
    start = written(envelope([])).encode()[:106] if has_header else b""
    check_any(start + content)


@given(some_claims, st.randoms())
def test_damaged_claims_give_a_file_or_a_sentence(claims, chance):
    """Bytes changed, dropped and put in at any place."""
    content = bytearray(written(envelope([("837", P, claims_body(claims))])).encode())
    for _ in range(chance.randint(1, 40)):
        at = chance.randrange(len(content))
        content[at : at + chance.randint(0, 2)] = chance.choice(
            [b"", b"*", b"~", b":", b"\xff", b"S"]
        )
    check_any(bytes(content))


def check_any(content):
    try:
        file = open_claims(content, "x.837")
    except InputError:
        return
    for batch in file.batches(file.header):
        assert list(batch.rows.columns) == list(file.header)
        assert batch.rows.index.is_unique


def test_columns_are_recognized():
    """Each is a field of its own; a visit is an account's day, for a claim may hold many days."""
    fields = [field_of(column) for column in COLUMNS]
    assert None not in fields
    assert of_claims(claim(line(basis="MJ"))).private([]) == {}
    assert len(set(fields)) == len(COLUMNS)
    assert {"account", "date", "code"} <= set(fields)
    assert "visit" not in fields


def test_claims_become_lines():
    """All the way; a day's lines of one account are a visit, and a range of days is refused."""
    late = line(
        "97140", dtp=("RD8", "20260303-20260303", ""), rendering=PAZ, modifiers=["GP", "59"]
    )
    ranged = line("97110", dtp=("RD8", "20260302-20260304", ""))
    file = of_claims(claim(line(), late, ranged, line("98942", dtp=None)))
    (batch,) = file.batches(file.header)
    rows = read_rows(batch, recognize(file.header))
    kept = ["visit", "code", "billed", "modifiers", "payer", "provider", "discipline", "place"]
    assert rows.lines[kept].values.tolist() == [
        ["A1", "98941", 1, "AT", "medicare", CLINIC["label"], "chiropractor", "office"],
        ["A1", "97140", 1, "GP 59", "medicare", "Paz, Rui", "pt", "office"],
    ]
    assert rows.refused[["column", "value"]].values.tolist() == [
        ["date", "20260302-20260304"],
        ["date", ""],
    ]


@pytest.mark.parametrize(("name", "filing", "said"), PAYERS)
@pytest.mark.parametrize("level", "PST")
def test_payers(name, filing, said, level):
    """The payer the claim goes to, with what kind it is where its name would mislead."""
    row = only_row(claim(payer=(name, filing, said), level=level, other=True))
    assert row["Payer name"] == said


def test_a_payer_who_is_a_person_is_not_named():
    """He may be the patient."""
    body = claims_body([claim(payer=("ZZPATIENT", "CI", ""))])
    body = [["NM1", "PR", "1", *each[3:]] if each[:2] == ["NM1", "PR"] else each for each in body]
    file = opened(envelope([("837", P, body)]))
    assert [row["Payer name"] for row in rows_of(file).values()] == [""]
    check_private(all_said(file))


def test_next_subscriber_has_a_payer_of_its_own():
    """Nothing of the one before is carried on."""
    body = claims_body([claim(), claim(payer=("", "", ""))])
    body = [each for each in body if each[:4] != ["NM1", "PR", "2", ""]]
    rows = rows_of(opened(envelope([("837", P, body)])))
    assert [row["Payer name"] for row in rows.values()] == ["MEDICARE", ""]


@pytest.mark.parametrize(
    ("on_line", "on_claim", "billing", "label", "discipline"),
    [
        (None, None, CLINIC, "SPINE CLINIC LLC", "chiropractor"),
        (None, None, PLAIN, "MAIN STREET HEALTH", ""),
        (None, PAZ, CLINIC, "Paz, Rui", "pt"),
        (ODE, PAZ, CLINIC, "Ode, Sam", "ot"),
        (None, ROE, CLINIC, "Roe, Kim", ""),
        (None, provider("Doe, Jo"), CLINIC, "Doe, Jo", ""),
        (provider("Doe, Jo"), PAZ, CLINIC, "Doe, Jo", ""),
    ],
)
def test_who_renders(on_line, on_claim, billing, label, discipline):
    """Of the line, else of the claim, else who bills; never the discipline of someone else."""
    row = only_row(claim(line(rendering=on_line), rendering=on_claim, billing=billing))
    assert (row["Rendering provider"], row.get("Discipline", "")) == (label, discipline)


def test_a_line_has_a_provider_for_itself():
    """The next one has its claim's again."""
    rows = rows_of(of_claims(claim(line(rendering=PAZ), line(), rendering=LEE)))
    assert [row["Rendering provider"] for row in rows.values()] == ["Paz, Rui", "Lee, Ann"]


def test_void_and_replacement_claims():
    """Lines of a void claim are taken back; both kinds are counted in the note."""
    voided = claim(line(quantity="2"), line(quantity=""), frequency="8")
    file = of_claims(claim(), voided, claim(frequency="7"), claim(frequency="7"))
    assert [row["Units"] for row in rows_of(file).values()] == ["1", "-2", "", "1", "1"]
    assert file.note == (
        "Void claims, whose units are below zero: 1. Claims that replace earlier ones: 2."
    )


def test_minutes_have_a_column_only_if_there_are_any():
    """An unknown field is not an empty one."""
    assert "Minutes" not in of_claims(claim()).header
    rows = rows_of(of_claims(claim(line(basis="MJ", quantity="30"), line())))
    assert [(row["Minutes"], row["Units"]) for row in rows.values()] == [("30", ""), ("", "1")]


def test_a_code_of_no_known_kind_says_so():
    """Jurisdiction codes (ER) may look like others."""
    body = claims_body([claim()])
    body = [[each.replace("HC:", "ER:") for each in segment] for segment in body]
    (row,) = rows_of(opened(envelope([("837", P, body)]))).values()
    assert row["CPT code"] == "ER:98941"


def test_a_separator_holds_for_its_interchange():
    """ "HC:98941:AT" is a code with a modifier in one, and no known code in the next."""
    first, second = (envelope([("837", P, claims_body([claim()]))]) for _ in range(2))
    text = written(first) + written(second, "*>~").replace("HC>98941>AT", "HC:98941:AT")
    rows = rows_of(open_claims(text.encode(), "x"))
    assert [row["CPT code"] for row in rows.values()] == ["98941", "HC:98941:AT:"]


def test_lower_case_files():
    """Segments and qualifiers as well."""
    text = written(envelope([("837", P, claims_body([claim(line(rendering=PAZ))]))])).lower()
    (row,) = rows_of(open_claims(text.encode(), "x")).values()
    said = ("98941", "at", "1", "20260302", "medicare", "paz, rui", "pt")
    assert tuple(row.values())[2:5] + tuple(row.values())[1:2] + tuple(row.values())[6:] == said


def test_only_wanted_columns_come():
    file = of_claims(claim(), claim(line("97110"), line("97112")))
    (batch,) = file.batches(["CPT code"])
    assert batch.rows.columns.tolist() == ["CPT code"]
    assert batch.rows["CPT code"].tolist() == ["98941", "97110", "97112"]
    assert not list(file.batches([]))


REFUSED = {
    ("835", "005010X221A1"): "an 835 (remittance)",
    ("837", "005010X223A2"): "an 837I (institutional claims)",
    ("837", "005010X224A2"): "an 837D (dental claims)",
    ("837", "004010X098A1"): "an 837 of another kind (version 004010X098A1)",
    ("837", "ZZPATIENT"): "an 837 of another kind (version not given)",
    ("270", "005010X279A1"): "a 270 (eligibility inquiry)",
    ("271", "005010X279A1"): "a 271 (eligibility answer)",
    ("276", "005010X212"): "a 276 (claim status inquiry)",
    ("277", "005010X212"): "a 277 (claim status answer)",
    ("278", "005010X217"): "a 278 (request for review)",
    ("997", ""): "a 997 (acknowledgment)",
    ("999", "005010X231A1"): "a 999 (acknowledgment)",
    ("850", "004010"): "another X12 transaction (850)",
    ("ZZPATIENT", ""): "another X12 transaction",
}


@pytest.mark.parametrize(("kind", "version"), REFUSED)
@pytest.mark.parametrize("by_group", [True, False])
def test_other_transactions(kind, version, by_group):
    """Alone they are refused; beside claims they are passed over and named."""
    body, said = claims_body([claim(account="NO")]), REFUSED[kind, version]
    version_of = "" if by_group else version
    alone = envelope([(kind, version_of, body)], version)
    assert refusal(written(alone).encode()) == (
        f"is {said}, not professional claims: bring the 837P (005010X222A1) or a CSV of charges"
    )
    both = [*envelope([("837", P, claims_body([claim()]))]), *alone]
    file = opened(both)
    assert [row["Account number"] for row in rows_of(file).values()] == ["A1"]
    assert file.note == f"Also in the file and not read: {said}."
    check_private(all_said(file))


def test_version_by_the_group_alone():
    """ST03 may be missing."""
    segments = envelope([("837", "", claims_body([claim()]))], P)
    assert len(rows_of(opened(segments))) == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is not an X12 file, or its first segment (ISA) is cut off"),
        (b"Visit,Code\nV1,97110\n", "is not an X12 file, or its first segment (ISA) is cut off"),
        (b"ISA", "is not an X12 file, or its first segment (ISA) is cut off"),
        (b"ISA*00*  *00*", "has a first segment (ISA) that is cut off or damaged"),
        (b"ISA*00" + b"*" * 13 + b"P*~~", "has a first segment (ISA) that is cut off or damaged"),
        (b"ISA*00" + b"*" * 13 + b"P*A~", "has a first segment (ISA) that is cut off or damaged"),
    ],
)
def test_what_is_not_x12(content, said):
    assert refusal(content) == said


def test_no_claims_and_no_lines():
    """Both are said."""
    nothing = written(envelope([("837", P, claims_body([]))]))
    bring = "bring the 837P (005010X222A1) or a CSV of charges"
    assert refusal(nothing.encode()) == f"has no claims (CLM) in it: {bring}"
    text = written(envelope([("837", P, claims_body([claim(lines=[])]))]))
    said = "has claims, but no whole service line (SV1) in them"
    assert refusal(text.encode()) == said


def test_a_damaged_header_further_on_ends_the_reading():
    text = written(envelope([("837", P, claims_body([claim()]))]))
    file = open_claims((text + "ISA*00*ZZPATIENT~" + text[110:]).encode(), "x")
    number = text.count("~") + 1
    assert file.note == f"Not read from segment {number} on: its header is damaged."
    assert len(rows_of(file)) == 1


def test_headers_need_not_be_padded():
    """Some writers leave the blanks out."""
    text = re.sub(" +", "", written(envelope([("837", P, claims_body([claim()]))]))[:106])
    rest = written(envelope([("837", P, claims_body([claim()]))]))[106:]
    assert len(rows_of(open_claims((text + rest).encode(), "x"))) == 1


def test_names_in_latin_1():
    content = written(envelope([("837", P, claims_body([claim(rendering=provider("Zoë, É"))]))]))
    for encoding in ("utf-8", "latin-1"):
        (row,) = rows_of(open_claims(content.encode(encoding), "x")).values()
        assert row["Rendering provider"] == "Zoë, É"


def test_is_x12():
    """By its begin alone, and not a CSV with such a column."""
    text = written(envelope([]))
    for begin in (text, f"\ufeff\n {text}", text.lower(), text.replace("*", "|")):
        assert is_x12(begin[:20].encode())
    for other in ("", "ISA", "Isa,Code\n", "ISABEL*00*", "Visit,ISA*00*"):
        assert not is_x12(other.encode())


def test_speed(capsys):
    """100,000 service lines; printed, for machines differ. No time grows with the square."""
    lines = [line(code) for code in ("98941", "97110", "97140")]
    passed_over = ("REF", "NTE", "N3", "PER", "ZZZ", "SVD", "CAS")  # usual files have few of these
    body = claims_body([claim(*lines, rendering=LEE)])
    usual = written([each for each in body if each[0] not in passed_over])
    text = written(envelope([("837", P, [["HERE"]])])).replace("HERE~\n", usual * 33_334)
    content = text.encode()
    begin = time.perf_counter()
    file = open_claims(content, "x")
    took = time.perf_counter() - begin
    with capsys.disabled():
        print(f"\n837P: {len(content) / 1e6:.1f} MB, {text.count('~'):,} segments in {took:.2f} s")
    (batch,) = file.batches(["CPT code"])
    assert len(batch.rows) == 100_002


def test_many_blanks_and_headers_take_no_square_time():
    """A hundred thousand of each would, for hours."""
    text = written(envelope([("837", P, claims_body([claim()]))]))
    many = text + "\n" * 300_000 + text[:106] + ("ISA*00*~" * 100_000)
    assert len(rows_of(open_claims(many.encode(), "x"))) == 1
    shuffled = [*text] * 50
    random.Random(1).shuffle(shuffled)
    check_any((text[:106] + "".join(shuffled)).encode())
