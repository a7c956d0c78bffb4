"""Files as practices and warehouses have them, one of each kind, from the bytes to the findings.

Each is written for its test; none is anyone's file.
"""

import io

import pytest
from openpyxl import Workbook
from oracles.claims import claims_body, envelope, written

from chirocalc import Settings
from chirocalc.audit.files import open_file
from chirocalc.audit.parts import audit_in_memory, columns_of
from chirocalc.audit.rows import How
from chirocalc.audit.words import minutes_question
from chirocalc.errors import InputError

TOTAL_TIME = Settings(payer="commercial-total-time", provider="pt")
MEDICARE = Settings()
THERAPY = Settings(provider="pt")
OF_UNITS = ["units-over", "units-zero", "units-under"]


def audit_of(content, settings=TOTAL_TIME, name="export.csv", **more):
    file = open_file(content if isinstance(content, bytes) else content.encode(), name)
    return audit_in_memory([file], columns_of([file]), settings, **more)


def lines_of(answer, *names):
    return [tuple(row) for row in answer.lines[list(names)].astype(object).values.tolist()]


def units_of(answer):
    """What is said of units: rule, code, billed, right."""
    found = answer.findings[answer.findings["rule"].isin(OF_UNITS)]
    return [tuple(row) for row in found[["rule", "code", "units", "right_units"]].values.tolist()]


def rules_of(answer):
    return set(answer.findings["rule"])


def kinds_of(answer):
    """How many rows of each kind were left out; "" for refused."""
    return answer.refused["kind"].value_counts().to_dict()


# Where the table is, and what its rows are


def test_titles_above_the_header():
    """A report says its name, the practice and the dates first."""
    answer = audit_of(
        'Visit detail\n"Practice of the Test, LLC"\nFrom 03/01/2026 to 03/31/2026\n\n'
        "Acct,DOS,CPT,Mod,Units,Minutes\n7,03/09/2026,97110,GP,3,30\n"
    )
    assert units_of(answer) == [("units-over", "97110", 3, 2)]
    assert lines_of(answer, "row", "date") == [(6, "2026-03-09")]


def test_the_visits_are_on_the_second_sheet():
    """The first one sums up."""
    book, out = Workbook(), io.BytesIO()
    for row in (["Month", "Total"], ["March", 1200]):
        book.active.append(row)
    charges = book.create_sheet("Charges")
    for row in (["Claim", "DOS", "CPT", "Units", "Minutes"], ["C", "3/9/2026", 97110, 3, 30]):
        charges.append(row)
    book.save(out)
    assert units_of(audit_of(out.getvalue(), name="book.xlsx")) == [("units-over", "97110", 3, 2)]


def test_payments_copays_totals_and_footers():
    """They are no services: the visit beside them is compared as if they were not there."""
    answer = audit_of(
        "Account,Date,CPT,Units,Minutes,Charge\n"
        "1,2026-03-09,97110,3,30,135.00\n1,2026-03-09,PAYMENT,,,-80.00\n1,2026-03-09,Copay,1,,-20.00\n"
        "1,2026-03-09,A4570,1,,12.00\n2,2026-03-09,97112,1,15,45.00\n,,Total,5,45,\n"
        "Page 1 of 1,,,,,\n"
    )
    assert units_of(answer) == [("units-over", "97110", 3, 2)]
    passed = {"payment": 1, "copay": 1, "total": 1, "total, title or footer": 1}
    assert kinds_of(answer) == passed | {"code not in our tables": 1}
    assert answer.totals.rows["refused"] == answer.totals.rows["incomplete"] == 0


def test_rows_shorter_and_longer_than_the_header_by_nothing():
    """A comma at the end of each row, or none for the last blank cells."""
    answer = audit_of(
        "Visit,CPT,Units,Minutes,Mod,Note\n1,97110,1,15,GP\n2,97112,3,30,GP,,,\n3,97110,1,15,,x\n"
    )
    assert lines_of(answer, "visit", "modifiers") == [("1", "GP"), ("2", "GP"), ("3", "")]
    assert units_of(answer) == [("units-over", "97112", 3, 2)]
    assert answer.refused.empty


def test_letters_as_excel_saves_them():
    """Windows' own letters, not UTF-8."""
    answer = audit_of("Visit,CPT,Units,Minutes,Provider\n1,97110,1,15,Peña\n".encode("cp1252"))
    assert lines_of(answer, "provider") == [("Peña",)]


# Which visit a row is of


def test_several_days_on_one_claim():
    """A claim has lines of several days: each day is a visit, its untimed service is there once."""
    answer = audit_of(
        "Claim Number,Service Date,Procedure Code,Units,Minutes\n"
        "K5,03/09/2026,98941,1,\nK5,03/09/2026,97110,1,8\n"
        "K5,03/11/2026,98941,1,\nK5,03/11/2026,97110,1,8\n"
    )
    assert answer.totals.rows["visits"] == 2
    assert answer.findings[answer.findings["level"] == "fix"].empty


def test_a_claim_across_years():
    """Each day by its own year's tables (pfs-formula); two adjustments of two days are no pair."""
    answer = audit_of(
        "Claim,DOS,CPT,Units\nK6,12/30/2025,98941,1\nK6,01/05/2026,98940,1\n",
        Settings(payer="va"),
    )
    assert lines_of(answer, "code", "month", "allowed") == [
        ("98941", "2025-12", 38.49),
        ("98940", "2026-01", 26.72),
    ]
    assert "one-cmt" not in rules_of(answer)


def test_several_claims_of_one_account_and_day():
    """What a patient had on a day is counted together, on however many claims (cpm-5-20.2)."""
    answer = audit_of(
        "Patient Account,Claim ID,DOS,CPT,Units,Minutes\n"
        "A9,K1,2026-03-09,97110,2,24\nA9,K2,2026-03-09,97112,2,23\n"
    )
    assert lines_of(answer, "visit", "claim") == [("A9", "K1"), ("A9", "K2")]
    assert units_of(answer) == [("units-over", "97112", 2, 1)]


# How codes, modifiers, days and minutes are written


def test_modifiers_glued_to_codes():
    """98941-AT: Medicare's AT is there, and so are GP and 59."""
    answer = audit_of(
        "Visit,DOS,CPT,Units,Minutes\n1,03/09/2026,98941-AT,1,\n1,03/09/2026,97140-59-GP,1,15\n",
        MEDICARE,
    )
    assert lines_of(answer, "code", "modifiers") == [("98941", "AT"), ("97140", "59 GP")]
    assert "at-active" not in rules_of(answer)


@pytest.mark.parametrize("said", ["GP 59", "GP59", "GP-59", "GP/59", "GP;59", "59:GP", '"GP,59"'])
def test_two_modifiers_in_one_cell(said):
    """Two, in the order they stand on a line: those of payment first."""
    answer = audit_of(f"Visit,CPT,Mod,Units,Minutes\n1,97140,{said},1,15\n")
    assert lines_of(answer, "modifiers") == [("59 GP",)]


@pytest.mark.parametrize(
    "day",
    [
        "2026-03-09T14:30:00Z", "2026-03-09 14:30:00", "3/9/2026 12:00:00 AM", "03/09/2026 14:05",
        "09-Mar-2026", "20260309", "March 9, 2026", "3/9/26",
    ],
)  # fmt: skip
def test_days_with_and_without_times(day):
    answer = audit_of(f'Encounter,Date,CPT,Units,Minutes\n1,"{day}",97110,3,30\n')
    assert lines_of(answer, "date") == [("2026-03-09",)]
    assert units_of(answer) == [("units-over", "97110", 3, 2)]


def test_times_in_and_out():
    """Minutes are from one to the other."""
    answer = audit_of(
        "Visit,DOS,CPT,Units,Time In,Time Out\n"
        "1,3/9/2026,97110,2,9:00 AM,9:30 AM\n1,3/9/2026,97140,2,9:30 AM,9:40 AM\n"
    )
    assert lines_of(answer, "minutes") == [(30,), (10,)]
    assert units_of(answer) == [("units-over", "97140", 2, 1)]


def test_a_time_of_day_is_not_minutes():
    """A column Time of appointments: the file has no minutes, and none are asked for."""
    answer = audit_of("Visit,CPT,Units,Time\n1,97110,2,9:30 AM\n2,97110,1,2:15 PM\n")
    assert answer.lines["minutes"].isna().all()
    assert not rules_of(answer) & {*OF_UNITS, "missing-minutes"}


def test_words_of_procedures_beside_codes():
    """The column whose values are codes is the codes'."""
    answer = audit_of("Visit,Procedure,CPT,Units,Minutes\n1,Therapeutic exercise,97110,3,30\n")
    assert units_of(answer) == [("units-over", "97110", 3, 2)]


def test_from_and_to():
    """The day of service is the first of the two."""
    answer = audit_of(
        "Encounter ID,From,To,Procedure,Mod 1,Mod 2,Units,Minutes\n"
        "E1,03/09/2026,03/10/2026,97110,GP,59,3,30\n"
    )
    assert lines_of(answer, "date", "modifiers") == [("2026-03-09", "59 GP")]


# Layouts of warehouses and systems


def test_the_columns_of_cms():
    """A research file: bars between, days with month names, place and modifiers by CMS's names."""
    answer = audit_of(
        "BENE_ID|CLM_ID|LINE_NUM|CLM_FROM_DT|LINE_1ST_EXPNS_DT|LINE_PLACE_OF_SRVC_CD|LINE_SRVC_CNT|"
        "HCPCS_CD|HCPCS_1ST_MDFR_CD|HCPCS_2ND_MDFR_CD\n"
        "-9|-4|1|08-Mar-2026|09-Mar-2026|11|1|98941|AT|\n-9|-4|2|08-Mar-2026|09-Mar-2026|22|2|97110|GP|59\n",
        MEDICARE,
    )
    assert lines_of(answer, "visit", "claim", "date", "code", "billed", "modifiers") == [
        ("-9", "-4", "2026-03-09", "98941", 1, "AT"),
        ("-9", "-4", "2026-03-09", "97110", 2, "59 GP"),
    ]
    assert not rules_of(answer) & {"at-active", "missing-minutes"}


def test_a_warehouse():
    """A claim's line has a day of its own, beside the claim's."""
    answer = audit_of(
        "claim_id,claim_line_number,claim_type,claim_start_date,claim_line_start_date,"
        "place_of_service_code,service_unit_quantity,hcpcs_code,hcpcs_modifier_1,hcpcs_modifier_2\n"
        "c1,1,professional,2026-03-02,2026-03-09,22,1,98941,AT,\n"
        "c1,2,professional,2026-03-02,2026-03-11,11,2,97110,GP,59\n",
        MEDICARE,
    )
    assert lines_of(answer, "date", "billed", "modifiers", "allowed") == [
        ("2026-03-09", 1, "AT", 28.06),
        ("2026-03-11", 2, "59 GP", 0.0),
    ]


def test_a_billing_table_with_kinds_of_codes():
    """Diagnoses and copays stand among the services of an encounter, told by their code type."""
    answer = audit_of(
        "id,date,code_type,code,pid,encounter,modifier,units,fee,minutes\n"
        "1,2026-03-09 09:15:00,CPT4,98941,17,44,AT,1,65,\n"
        "2,2026-03-09 09:15:00,CPT4,97140,17,44,59:GP,2,50,15\n"
        "3,2026-03-09 09:15:00,ICD10,M99.01,17,44,,1,0,\n"
        "4,2026-03-09 09:15:00,COPAY,,17,44,,1,-20,\n"
    )
    assert kinds_of(answer) == {"diagnosis": 1, "copay": 1}
    assert lines_of(answer, "visit", "claim", "modifiers") == [
        ("17", "44", "AT"),
        ("17", "44", "59 GP"),
    ]
    assert units_of(answer) == [("units-over", "97140", 2, 1)]


def test_transactions_with_a_type():
    """The payment of a charge says its code again: it is no second service."""
    answer = audit_of(
        "ID,CLAIMID,CHARGEID,PATIENTID,TYPE,AMOUNT,FROMDATE,TODATE,PLACEOFSERVICE,PROCEDURECODE,"
        "MODIFIER1,UNITS\n"
        "t1,c1,1,p1,CHARGE,129.16,2026-03-09T20:45:09Z,2026-03-09T21:00:09Z,11,98941,AT,1\n"
        "t2,c1,1,p1,PAYMENT,,2026-03-09T20:45:09Z,2026-03-09T21:00:09Z,11,98941,AT,1\n"
        "t3,c1,1,p1,TRANSFEROUT,,2026-03-09T20:45:09Z,2026-03-09T21:00:09Z,11,98941,AT,1\n",
        MEDICARE,
    )
    assert lines_of(answer, "code", "billed", "date") == [("98941", 1, "2026-03-09")]
    assert answer.totals.rows["refused"] == 0
    assert sum(answer.totals.passed.values()) == 2


def test_claims_as_clearinghouses_take_them():
    """837P: two service lines, the account and the day make the visit."""
    provider = {
        "names": ["2", "CLINIC"],
        "label": "CLINIC",
        "discipline": "",
        "taxonomy": "111N00000X",
    }
    line = {"basis": "UN", "place": "", "rendering": None, "dtp": ("D8", "20260309", "20260309")}
    claim = {
        "account": "A7", "place": "11", "frequency": "1", "payer": ("MEDICARE", "MB", "MEDICARE"),
        "billing": provider, "rendering": None, "patient": False, "other": False, "level": "P",
        "date": None,
        "lines": [
            line | {"code": "98941", "modifiers": ["AT"], "quantity": "1"},
            line | {"code": "97110", "modifiers": ["GP", "GY"], "quantity": "2"},
        ],
    }  # fmt: skip
    content = written(envelope([("837", "005010X222A1", claims_body([claim]))]))
    answer = audit_of(content, MEDICARE, "claims.txt")
    assert lines_of(answer, "visit", "date", "code", "billed", "modifiers", "allowed") == [
        ("A7", "2026-03-09", "98941", 1, "AT", 38.41),
        ("A7", "2026-03-09", "97110", 2, "GP GY", 0.0),
    ]
    assert not rules_of(answer) & {"at-active", "missing-minutes", "excluded"}


# What is said of payers, places and units


def test_payers_by_their_names():
    """Known ones by their profile; others by the file's own name, judged by what holds at any."""
    answer = audit_of(
        "Visit,CPT,Units,Minutes,Modifiers,Primary Insurance\n"
        "1,97110,1,15,,MEDICARE PART B\n2,97110,1,15,,UnitedHealthcare\n3,97110,1,15,,Zorg & Co\n"
        "4,97110,3,15,,Zorg & Co\n",
        THERAPY,
    )
    assert [payer for (payer,) in lines_of(answer, "payer")] == [
        "medicare", "uhc", "Zorg & Co", "Zorg & Co",
    ]  # fmt: skip
    assert list(answer.findings.loc[answer.findings["rule"] == "gp", "visit"]) == ["1", "2"]
    assert units_of(answer) == [("units-over", "97110", 3, 1)]
    given = audit_of(
        "Visit,CPT,Payer\n3,97110,Zorg & Co\n", THERAPY, how=How(payers={"zorg & co": "va"})
    )
    assert lines_of(given, "payer") == [("va",)]


def test_a_charge_and_its_reversal():
    """Two units, taken back, then one: it is the one that stands."""
    answer = audit_of(
        "Visit,DOS,CPT,Units,Minutes\n"
        "1,3/9/2026,97110,2,15\n1,3/9/2026,97110,-2,15\n1,3/9/2026,97110,1,15\n"
    )
    assert lines_of(answer, "row", "billed", "minutes") == [(4, 1, 15)]
    assert kinds_of(answer) == {"reversal": 2}
    assert units_of(answer) == []


def test_places_by_their_codes():
    """Facility prices in 02, 22 and 51 (cpm-26-10.5), the office's in 11 and 10."""
    content = "Visit,DOS,CPT,Mod,Units,POS\n"
    places = {"11": 38.41, "10": 38.41, "02": 28.06, "22": 28.06, "51": 28.06}
    content += "".join(f"{pos},3/9/2026,98941,AT,1,{pos}\n" for pos in places)
    answer = audit_of(content, MEDICARE)
    assert dict(lines_of(answer, "visit", "allowed")) == places


def test_minutes_of_the_whole_visit_on_each_line():
    """Asked, as both meanings are possible; answered either way."""
    content = "Visit,CPT,Units,Total Minutes\n" + "".join(
        f"{n},97110,1,30\n{n},97112,1,30\n{n},98941,1,\n" for n in range(5)
    )
    asked = audit_of(content, how=How(minutes="line"))
    assert "5 of 5 visits" in minutes_question(asked.totals)
    assert {rule for rule, *_ in units_of(asked)} == {"units-under"}
    assert units_of(audit_of(content, how=How(minutes="visit"))) == []


def test_one_code_on_two_lines():
    """The second line of a timed code with the same modifiers may be rejected."""
    answer = audit_of(
        "Visit,DOS,CPT,Mod,Units,Minutes\n1,3/9/2026,97110,GP,1,15\n1,3/9/2026,97110,GP,1,15\n"
    )
    assert rules_of(answer) == {"two-lines"}
    assert units_of(answer) == []


def test_years_that_are_not_loaded():
    """In a column that no one takes for the date: never priced by another year's tables."""
    content = "Visit,CPT,Units,Posted\n1,98941,1,03/09/2019\n2,98940,1,03/10/2019\n"
    with pytest.raises(
        InputError, match=r"Posted.*holds days of 2019, for which no tables are loaded"
    ):
        audit_of(content)
    later = audit_of(content.replace("2019", "2026"))
    assert len(later.lines) == 2
    dated = audit_of("Visit,DOS,CPT,Units\n1,03/09/2019,98941,1\n2,03/09/2026,98940,1\n")
    assert lines_of(dated, "visit") == [("2",)]
    assert dated.refused["reason"].tolist() == ["is a day for which no tables are loaded"]


@pytest.mark.parametrize(
    ("says", "rules"),
    [("Modifiers", {"at-active", "excluded"}), ("Region", {"cmt-region"})],
)
def test_a_column_that_is_not_there(says, rules):
    """It is unknown what it would say: nothing is missing that cannot be seen."""
    rows = "1,98941,1,,{}\n1,97140,1,15,{}\n"
    whole = audit_of(f"Visit,CPT,Units,Minutes,{says}\n{rows.format('', '')}", MEDICARE)
    blind = audit_of(f"Visit,CPT,Units,Minutes,Other\n{rows.format('', '')}", MEDICARE)
    assert rules_of(blind) & rules == set()
    if says == "Modifiers":
        assert rules_of(whole) & rules == rules
