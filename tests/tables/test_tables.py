"""The bundled tables: what the rules rest on, and that each row says where it comes from."""

import csv
import re
from collections import Counter

import pandas as pd
import pytest
from csv_files import change, put

import chirocalc
from chirocalc import InputError, Settings, tables
from chirocalc.rules.settings import CHOICES
from chirocalc.tables import rates
from chirocalc.visit.chain import payment_chain
from chirocalc.visit.explain import explain

NOW = rates.period("2026-06-01")
FILES = sorted(tables.FOLDER.glob("*.csv"))
DECLARED = {table.file: table for table in tables.ALL}


def rows(path):
    """A table as text."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_table_reads_clean(path):
    """Each file is declared, and its frame keeps every row and column; ids are unique."""
    frame = DECLARED[path.name]()
    assert len(frame) == len(rows(path)) > 0
    assert frame.index.is_unique or path.stem == "localities"  # one row a year
    with path.open(encoding="utf-8") as file:
        assert set(next(file).strip().split(",")) <= {*frame.columns, frame.index.name}


def test_every_declaration_has_its_file():
    """And no file is declared twice; each says in a sentence what it holds."""
    assert len(tables.ALL) == len(DECLARED)
    assert set(DECLARED) == {path.name for path in FILES} | {"codes.csv"}
    assert all(table.says.endswith(".") for table in tables.ALL)


# Checking all of them


def faults():
    """What `check` says is wrong, as text."""
    return [str(problem) for _, _, problems in tables.check_all() for problem in problems]


def test_the_shipped_tables_have_no_fault():
    """Every row is read, every source is one, every code and rule that is named is there."""
    found = tables.check_all()
    assert [table for table, _, _ in found] == list(tables.ALL)
    assert {table.file: count for table, count, _ in found} == {
        path.name: len(rows(path)) for path in [*FILES, tables.CODES_FILE]
    }
    assert faults() == []


@pytest.mark.parametrize(
    ("file", "column", "value", "fault"),
    [
        ("guide.csv", "source", "cpm-5-20.2|nowhere", "guide.csv, source: 'nowhere' is not in"),
        ("guide.csv", "code", "99999", "guide.csv, code: '99999' is not in codes.csv"),
        ("guide.csv", "code", "97112", "guide.csv, code: '97112' stands in more than one row"),
        ("pairs.csv", "column2", "99999", "pairs.csv, column2: '99999' is not in codes.csv"),
        ("history.csv", "code", "99999", "history.csv, code: '99999' is not in codes.csv"),
        ("zips.csv", "locality_id", "99999-99", "locality_id: '99999-99' is not in localities.csv"),
        ("hints.csv", "rule", "unnamed", "hints.csv, rule: 'unnamed' is not in rule_names.csv"),
        ("payers.csv", "mppr", "half", "payers.csv, row 2, mppr: 'half' must be one of"),
        ("payers.csv", "chiropractor_codes", "98940|9894", "'9894' is not in codes.csv"),
    ],
)
def test_a_fault_in_one_row_is_found(own_tables, file, column, value, fault):
    """In the table it stands in, and in no other."""
    first = rows(own_tables / file)[-1 if file == "guide.csv" else 0]  # no text is like the last
    change(own_tables / file, lambda row: row | {column: value} if row == first else row)
    assert {table.file: len(problems) for table, _, problems in tables.check_all() if problems} == {
        file: 1
    }
    assert fault in faults()[0]


def test_a_table_that_cannot_be_read_is_one_fault(own_tables):
    """Those that refer to it are not at fault."""
    (own_tables / "sources.csv").unlink()
    put(own_tables / "codes.csv", b"code,name\n97110,x\n")
    found = {table.file: problems for table, _, problems in tables.check_all() if problems}
    assert set(found) == {"sources.csv", "codes.csv"}
    assert "was not found" in str(found["sources.csv"][0])


# Localities


def test_localities_have_the_floor():
    """109 of them; the work GPCI is never under 1.000 in 2026 (gpci26)."""
    frame = tables.localities()
    assert len(frame) == 109
    assert frame.index.is_unique
    without = frame["work_gpci_without_floor"]
    assert (frame["work_gpci"] == without.clip(lower=1.0)).all()
    assert (without < 1).sum() == 47
    assert set(frame["release"]) == {"GPCI2026"}


@pytest.mark.parametrize(
    ("locality", "state", "name", "gpcis"),
    [
        ("02102-01", "AK", "Alaska", (1.5, 1.065, 0.551)),
        ("10112-00", "AL", "Alabama", (1.0, 0.875, 0.566)),
        ("06102-16", "IL", "Chicago", (1.007, 1.005, 2.295)),
        (
            "01112-05",
            "CA",
            "San Francisco-Oakland-Berkeley (San Francisco/San Mateo/Alameda/Contra Costa County)",
            (1.095, 1.41, 0.425),
        ),
        ("09102-04", "FL", "Miami", (1.0, 1.041, 2.529)),
    ],
)
def test_known_locality(locality, state, name, gpcis):
    """Addendum E, value by value; the settings price by it."""
    row = tables.localities().loc[locality]
    assert (row["state"], row["name"]) == (state, name)
    assert Settings(locality=locality).gpcis == gpcis


# ZIP codes


def test_every_zip_has_a_known_locality():
    """42,956 ZIP codes; each of the 109 localities has some (zip5)."""
    zips = tables.zips()
    assert len(zips) == 42_956
    assert zips.index.is_unique
    assert set(zips["locality_id"]) == set(tables.localities().index)
    assert 0 < zips["needs_plus4"].sum() < 1_000


@pytest.mark.parametrize("text", ["60601", "60601-1234", " 60601 "])
def test_locality_of_a_zip(text):
    """The plus-4 is accepted; the first five digits decide."""
    assert tables.locality_of_zip(text) == ("06102-16", False)


@pytest.mark.parametrize(
    ("text", "locality"),
    [("94303", "01112-09"), ("01434", "14212-01"), ("02324-0001", "14212-99")],
)
def test_zip_of_two_localities(text, locality):
    """The plus-4 would decide, and is not in the table: said, not hidden."""
    assert tables.locality_of_zip(text) == (locality, True)


@pytest.mark.parametrize(
    "text",
    ["", " ", "6060", "606011", "abcde", "6060１", "60601-12", "60601-abcd", "60601 1234",
     "-60601", "60601-1234-5", "٦٠٦٠١", "60.601", "00000", "99999"],
)  # fmt: skip
def test_zip_that_is_none(text):
    """Malformed, or not in CMS's file: the value is named."""
    with pytest.raises(InputError) as caught:
        tables.locality_of_zip(text)
    shown = f"'{text}'" if text else "the empty value"
    assert str(caught.value).startswith(f"area, ZIP code: {shown} ")


# Conversion factors


def test_conversion_factor_in_force():
    """CY2026, with and without APM participation; the proposed ones of 2027 are never used."""
    assert rates.conversion_factor(apm=False, here=NOW) == 33.4009
    assert rates.conversion_factor(apm=True, here=NOW) == 33.5675
    frame = tables.conversion_factors()
    proposed = frame[frame["effective_from"] >= "2027"]
    assert dict(zip(proposed["basis"], proposed["conversion_factor"], strict=True)) == {
        "non-APM": 32.8409,
        "APM": 33.1693,
    }
    assert set(proposed["status"]) == {"proposed"}
    assert frame["status"].value_counts().to_dict() == {
        "historical": 24,
        "in force": 2,
        "proposed": 2,
    }


def test_conversion_factors_leave_no_day_out():
    """2005 on: each begins the day after the one before ends."""
    frame = tables.conversion_factors()
    frame = frame[frame["basis"].isin(["single", "non-APM"])]
    begins = pd.to_datetime(frame["effective_from"]).tolist()
    ends = pd.to_datetime(frame["effective_to"]).tolist()
    assert begins[0] == pd.Timestamp(2005, 1, 1)
    assert begins[1:] == [end + pd.Timedelta(days=1) for end in ends[:-1]]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("part_b_deductible", 283),
        ("coinsurance", 0.20),
        ("mppr_pe_share", 0.5),
        ("assistant_share", 0.85),
        ("sequestration_share", 0.98),
        ("nonparticipating_share", 0.95),
        ("limiting_charge_share", 1.15),
    ],
)
def test_amounts(name, value):
    """domain 3.2 and 3.3."""
    assert rates.amount(name, NOW) == value


def test_every_status_has_its_words():
    """Whatever letter codes.csv may hold, the reasons can say what Medicare makes of it."""
    letters = [*tables.codes.columns["status"].pattern.split("|"), ""]
    assert sorted(tables.statuses().index) == sorted(letters)
    assert set(tables.codes()["status"]) <= set(letters)


# Payers: unit rule, how sure, percent, MPPR, therapy modifier, e-stim, codes a DC is paid for.
# ux_review 1 (c): an injury case and a lien are billed at the practice's own fees.
PAYERS = {
    "medicare": ("cms", "P", 100, "pe", "GP", "G0283", "98940|98941|98942"),
    # Review A19: as Medicare, but a plan may count and cover otherwise.
    "medicare-advantage": ("cms", "?", 100, "pe", "GP", "G0283", "98940|98941|98942"),
    "uhc": ("cpt", "?", 100, "pe", "GP", "G0283", ""),
    "va": ("cms", "?", 100, "pe", "GP", "97014", ""),
    "commercial-total-time": ("cms", "S", 100, "none", "", "97014", ""),
    "commercial-midpoint": ("cpt", "S", 100, "none", "", "97014", ""),
    "workers-comp": ("cpt", "?", 100, "none", "", "97014", ""),
    "feca": ("cpt", "?", 100, "none", "", "97014", ""),  # review B24
    "auto": ("cpt", "?", None, "none", "", "97014", ""),
    "lien": ("cpt", "?", None, "none", "", "97014", ""),
    "self-pay": ("cpt", "?", None, "none", "", "97014", ""),
}
# What the patient pays at the visit (ux_review 1), and how sure that is.
AT_THE_VISIT = {
    "medicare": ("medicare", "P"),
    "medicare-advantage": ("copay", "S"),
    "uhc": ("copay", "S"),
    "va": ("nothing", "?"),
    "commercial-total-time": ("copay", "S"),
    "commercial-midpoint": ("copay", "S"),
    "workers-comp": ("nothing", "?"),
    "feca": ("nothing", "?"),
    "auto": ("nothing", "?"),
    "lien": ("nothing", "?"),
    "self-pay": ("all", "P"),
}


def test_payers_are_those_of_the_domain():
    """domain 5, and Medicare first."""
    assert list(tables.payers().index) == list(PAYERS)


@pytest.mark.parametrize(("payer", "profile"), PAYERS.items(), ids=PAYERS)
def test_payer(payer, profile):
    """domain 5, column by column, and what the settings make of it."""
    row = tables.payers().loc[payer]
    rule, sure, percent, mppr, modifier, estim, codes = profile
    assert (row["unit_rule"], row["unit_rule_sure"], row["mppr"]) == (rule, sure, mppr)
    assert (row["therapy_modifier"], row["estim_code"]) == (modifier, estim)
    assert row["chiropractor_codes"] == codes
    assert (row["medicare"] == "yes") == (payer == "medicare")
    chosen = Settings(payer=payer)
    assert (chosen.rule, chosen.rate, chosen.reduction) == (rule, percent, mppr)
    assert chosen.is_medicare == (payer == "medicare")
    assert row["claims"] == ("no" if payer == "self-pay" else "yes")
    if sure == "?" and row["claims"] == "yes":
        assert re.search("check (your|the) ", row["note"])


@pytest.mark.parametrize(("payer", "paid"), AT_THE_VISIT.items(), ids=AT_THE_VISIT)
def test_what_the_patient_pays_at_the_visit(payer, paid):
    """In a word, with how sure it is, and in a sentence; what no source says is "commonly"."""
    row = tables.payers().loc[payer]
    assert (row["patient_pays"], row["patient_sure"]) == paid
    assert row["patient_note"].endswith(".")
    assert (": commonly " in row["patient_note"]) == (row["patient_sure"] == "?")


def test_no_name_of_a_payer_is_another_ones():
    """Neither in the list nor as the beginning of another: personal injury is no workers' comp."""
    names = list(tables.payers()["name"])
    assert not [(a, b) for a in names for b in names if a is not b and b.startswith(a)]
    assert "personal injury" in tables.payers().at["auto", "name"]
    assert "auto" not in tables.payers().at["workers-comp", "name"].lower()


@pytest.mark.parametrize("payer", PAYERS)
def test_settings_go_before_the_payer(payer):
    """Each profile can be edited by the user."""
    chosen = Settings(payer=payer, unit_rule="cms", percent=112.5)
    assert (chosen.rule, chosen.rate) == ("cms", 112.5)
    assert Settings(payer=payer, unit_rule="cpt").rule == "cpt"


# Words of files


def test_words_of_files_are_written_as_they_are_compared():
    """Each once, in lower case, with single spaces; else it would never be found."""
    for table, keys in (
        (tables.file_words(), ["field", "word"]),
        (tables.row_kinds(), ["field", "word", "how"]),
        (tables.other_payers().reset_index(), ["word"]),
    ):
        assert not table.duplicated(keys).any()
        assert all(word == " ".join(word.lower().split()) for word in table["word"])


def test_words_that_are_looked_for_in_a_name_are_plain():
    """Letters, digits and spaces: names are compared without anything else."""
    words = tables.file_words()
    looked_for = [
        *words.loc[words["how"] != "is", "word"],
        *tables.other_payers().index,
        *tables.row_kinds().query("how != 'is'")["word"],
    ]
    assert all(re.fullmatch("[a-z0-9]+( [a-z0-9]+)*", word) for word in looked_for)


def test_places_are_paid_as_the_manual_lists_them():
    """The settings at the facility rate (cpm-12-20.4.2); the others at the office's, and those
    that CMS has not assigned are not there (cpm-26-10.5)."""
    places = tables.service_places()
    facility = "02 19 21 22 23 24 26 31 34 41 42 51 52 53 56 61"
    assert places.index[places["rate"] == "facility"].tolist() == facility.split()
    unassigned = [*range(28, 31), *range(35, 41), *range(43, 49), 59, 63, 64, *range(67, 71)]
    unassigned += [*range(73, 81), *range(82, 99)]
    assert set(places.index) == {f"{at:02}" for at in range(1, 100)} - {
        f"{at:02}" for at in unassigned
    }


# Sources


def test_every_source_in_a_table_is_known():
    """Each row has one at least."""
    used = Counter(
        source
        for path in FILES
        for row in rows(path)
        if "source" in row
        for source in row["source"].split("|")
        if not row.get("like") or row["source"]
    )
    assert len(used) > 5
    assert set(used) <= set(tables.sources().index)


def test_every_table_of_rules_names_sources_or_a_release():
    """Not the sources themselves, lists of plain words, and lists of places, whose source is in
    what the table says of itself: zip5, zip-cities, usps-states."""
    without = {
        path.stem for path in FILES if not {"source", "release"} & set(rows(path)[0])
    }  # fmt: skip
    words = {"visit_columns", "file_words", "other_payers", "row_kinds", "rule_names"}
    words |= {"cms_columns", "plan_templates", "sheet_words", "spanish_names"}
    private = {"private_columns", "private_glue", "private_values", "not_private"}
    places = {"zips", "shared_zips", "cities", "states"}
    assert without == {"sources", "service_kinds"} | places | words | private


@pytest.mark.parametrize("payer", PAYERS)
@pytest.mark.parametrize("provider", CHOICES["provider"])
def test_every_source_in_an_answer_is_known(payer, provider):
    """Findings and steps of a visit with every code there is; reasons and payments of twelve
    visits of every twelfth code, for they are looked at minute by minute."""
    visit = pd.DataFrame(
        {"code": tables.codes()["code"].unique(), "minutes": 20, "modifiers": "CQ"}
    )
    known = {*tables.sources().index, ""}
    for phase in ("active", "maintenance"):
        chosen = Settings(payer=payer, provider=provider, phase=phase, participating=False)
        answer = chirocalc.estimate(visit, chosen).answer()
        assert {found.source for found in answer.findings} <= known - {""}
        steps = payment_chain(answer, deductible_left=50).steps
        assert {step.source for step in steps} <= known - {""}
        for start in range(12):
            part = chirocalc.estimate(visit.iloc[start::12], chosen).answer()
            check_reasons(explain(part), known)
            steps = payment_chain(part, deductible_left=50).steps
            assert {step.source for step in steps} <= known - {""}


def test_every_source_in_the_reasons_of_every_code_together_is_known():
    visit = pd.DataFrame({"code": tables.codes()["code"].unique(), "minutes": 20})
    check_reasons(explain(chirocalc.estimate(visit).answer()), {*tables.sources().index, ""})


def check_reasons(reasons, known):
    assert reasons.source in known - {""}
    assert {line.source for line in reasons.lines} <= known - {""}
    assert {line.payment_source for line in reasons.lines} <= known


def test_sources_say_what_they_are():
    """A title each; an address that is one, or none."""
    frame = tables.sources()
    assert frame.index.is_unique
    assert frame["url"].str.fullmatch(r"(https?://\S+)?").all()
    assert set(frame.index[frame["url"] == ""]) == {
        "cpt-time",
        "payer-policies",
        "mac-chiro",
        "seed",
        "imaging",
        "em-time",
        "rtm-rules",
        "caregiver-rule",
        "ncd-270.6",
        "eval-2017",
        "nata-billing",
        "cr-14250",
        "nbce-2025",
        "chiroeco-27",
        "fluidized-policy",
        "a52758",
        "cigna-levels",
        "proposed-2027",
        *(name for name in frame.index if name.startswith("prepay-")),  # read second-hand
    }


def test_self_pay_is_not_for_a_medicare_patients_adjustment():
    """A chiropractor cannot opt out: an active adjustment must be filed (review A17)."""
    assert "Medicare patient's active adjustment" in tables.payers().at["self-pay", "note"]


def test_each_region_has_its_diagnosis():
    """ICD-10-CM M99.00 to M99.09 (review B28)."""
    assert tables.regions()["diagnosis"].to_dict() == {
        "head": "M99.00",
        "cervical": "M99.01",
        "thoracic": "M99.02",
        "lumbar": "M99.03",
        "sacral": "M99.04",
        "pelvic": "M99.05",
        "lower extremities": "M99.06",
        "upper extremities": "M99.07",
        "rib cage": "M99.08",
        "abdomen": "M99.09",
    }
