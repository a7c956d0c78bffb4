"""Columns that look like patient data are never read."""

import io

import pandas as pd
import pytest
from reading import excel, frame_bytes

from chirocalc import tables
from chirocalc.audit.columns import recognize
from chirocalc.audit.files import open_file
from chirocalc.audit.private import private_columns
from chirocalc.audit.rows import read_rows
from chirocalc.tables.code_table import codes


def private(column, *values, used=()):
    """Why a column would be refused, or None; by its name and the values in it."""
    frame = pd.DataFrame({column: pd.Series(values, dtype=str)})
    known = {name for names in recognize([column]).values() for name in names} | set(used)
    return private_columns(frame, known).get(column)


def test_every_private_word_is_found():
    """Alone, after another word, before another word, in capitals and with underscores."""
    for word in tables.private_columns().index:
        for column in (
            word,
            word.upper(),
            f"Home {word}",
            f"{word} 1",
            f"X_{word}_Y",
            word.title(),
        ):
            assert private(column) is not None, column


@pytest.mark.parametrize(
    "column",
    [
        "Patient Name", "PATIENT_LAST_NAME", "PatientName", "patient", "Pt Name", "Name",
        "LastName", "FIRST_NAME", "DOB", "dob", "PtDOB", "date_of_birth", "DateOfBirth",
        "Birth Date", "Patient Address", "Address 1", "ADDRESS_LINE_2", "Street", "City", "Zip",
        "Phone #", "HomePhone", "CELL_PHONE", "Fax", "E-mail", "Email Address", "e_mail", "SSN",
        "SSN#", "Social Security Number", "Member ID", "MemberID", "Subscriber ID", "Policy #",
        "Insurance ID", "MRN", "MRN #", "Medical Record Number", "MBI", "Age", "Sex", "Gender",
        "Guarantor Name", "Insured's Name", "Responsible Party", "Emergency Contact",
    ],
)  # fmt: skip
def test_names_of_patient_data(column):
    """Refused by the name alone."""
    assert private(column, "", "x").startswith("is called like ")


MISSED = [
    "PATIENTNAME", "LName", "FName", "LNAME", "Last", "First", "Last, First", "Address1",
    "Address2", "Addr", "Phone1", "HOMEPHONE", "Email1", "Zip5", "D.O.B.", "PATDOB", "BIRTHYEAR",
    "SS#", "SS Number", "MEMBERID", "Med Rec #", "Medicare ID", "Medicare Number", "Middle Initial",
]  # fmt: skip


@pytest.mark.parametrize("column", MISSED)
def test_more_names_of_patient_data(column):
    """Usual in exports, and refused."""
    assert private(column) is not None


@pytest.mark.parametrize(
    "column",
    [
        "Provider Name", "PROVIDER_NAME", "Payer Name", "Insurance Name", "Insurance Company",
        "Place of Service", "Account Number", "Patient Account Number", "Patient ID", "Chart No",
        "Procedure Date", "Procedure", "Date of Service", "Claim Number", "Encounter ID", "NPI",
        "Rendering Provider", "Primary Insurance", "Specialty", "Facility", "Location", "Diagnosis",
        "Language", "Coverage", "Usage", "Page", "Mileage", "Stage", "Agency", "Average", "Package",
        "Excellent", "Cancelled", "Streetcar", "Emailed", "Hotel", "Telehealth", "Telemetry",
        "Capacity", "Electricity", "Zipped", "Birthing", "Medical Necessity", "Units", "Charge",
        "Medical", "Security", "Record", "Amount Paid", "Remember", "December", "Number",
    ],
)  # fmt: skip
def test_names_that_only_look_like_patient_data(column):
    """No column of a billing export is refused for letters that its name shares with another."""
    assert private(column, "x", "y") is None


OTHERS = [
    "Rendering Provider Name", "Treating Provider Name", "Name of provider", "Doctor Name",
    "Therapist Name", "Facility Name", "Location Name", "Plan Name", "Procedure Name",
    "Carrier Name", "Policy type", "Member of staff", "Patient Paid", "Patient Responsibility",
]  # fmt: skip


@pytest.mark.parametrize("column", OTHERS)
def test_names_of_others(column):
    """Names of clinicians, payers, places and services are none of patients."""
    assert private(column, "x", "y") is None


@pytest.mark.parametrize(
    "header", [["Provider", "Provider Name"], ["Payer", "Payer Name"], ["NPI", "Provider Name"]]
)
def test_two_columns_of_one_field(header):
    """The one not in use is judged as it would be alone."""
    frame = pd.DataFrame([["x"] * len(header)], columns=header)
    known = {name for names in recognize(header).values() for name in names}
    assert private_columns(frame, known) == {}


PRIVATE_VALUES = {
    "e-mail addresses": ["a@b.co", "jane.doe+x@clinic.example.org", " A@B.COM "],
    "social security numbers": ["123-45-6789", " 987-65-4321"],
    "phone numbers": [
        "(212) 555-1234", "(212)555-1234", "212-555-1234", "212.555.1234", "212 555 1234",
        "212-5551234", "1-212-555-1234", "+1 212 555 1234", "+1 (212) 555-1234",
    ],
    "Medicare numbers": ["1EG4-TE5-MK73", "1EG4TE5MK73", "9aa0a00aa00"],
}  # fmt: skip


@pytest.mark.parametrize("column", ["Note", "Visit", "Other 2", "Account number"])
@pytest.mark.parametrize("what", PRIVATE_VALUES)
def test_private_values_in_innocent_columns(column, what):
    """Judged by its values, in use or not: half of those given are enough."""
    for value in PRIVATE_VALUES[what]:
        assert private(column, value) == f"holds what look like {what}"
        assert private(column, "", value, "", "x", "") == f"holds what look like {what}"
        assert private(column, "", value, "x", "y") is None


IDENTIFIERS = [
    "client_ref", "patient_ref", "client_id", "patient_id", "Patient Number", "pid", "BENE_ID",
    "CLIENTID", "PATIENTID", "Patient ID", "Chart #", "Account #", "Client No",
]  # fmt: skip


@pytest.mark.parametrize("column", IDENTIFIERS)
def test_identifiers_are_accounts(column):
    """By their name they are no names, in use or not; also with more words around them."""
    assert recognize([column]) == {"account": (column,)}
    for values in (["CL01", "CL02"], ["-100000001"], ["17"], ["0f6c-4c39-9d3f"], ["A 100"], []):
        assert private(column, *values) is None
    assert private("External patient id", "17") is None
    assert private("client_ref_2", "CL01") is None


@pytest.mark.parametrize("column", IDENTIFIERS)
@pytest.mark.parametrize("value", ["Doe, Jane", "Jane Doe", "O'Neil, M.", "Núñez, José", "DOE,J"])
def test_names_where_an_account_should_stand(column, value):
    """Refused by the values, as numbers of patients and phones are."""
    assert private(column, value, "") == "holds what look like names"
    assert private(column, "123-45-6789") == "holds what look like social security numbers"
    assert private(column, "1EG4-TE5-MK73") == "holds what look like Medicare numbers"
    assert private("Provider", value) is None


def test_private_values_in_a_file():
    """Of each kind of file, those of a CSV beyond the first screen too."""
    values = [""] * 150 + ["123-45-6789"] * 3
    rows = [{"Visit": f"V{at}", "Code": "97110", "Other": value} for at, value in enumerate(values)]
    frame = pd.DataFrame(rows)
    lists = [list(row.values()) for row in rows]
    for content in (
        frame.to_csv(index=False).encode(),
        frame_bytes(frame),
        excel(list(frame.columns), *lists),
    ):
        found = open_file(content, "visits").private({"Visit", "Code"})
        assert found == {"Other": "holds what look like social security numbers"}


@pytest.mark.parametrize(
    "values",
    [
        ["V0001", "V0002"],
        ["1234567890", "1987654321"],
        ["12125551234"],
        ["2026-03-02", "2026-03-31"],
        ["03/02/2026", "3/2/26"],
        ["2.3.2026"],
        ["20260302"],
        ["20260302-001", "2026-000123"],
        ["12345-678", "1234-5678"],
        ["A100-200-3000"],
        ["6f1e8a52-0f6c-4c39-9d3f-0242ac120002"],
        ["15", "30", "1,440"],
        ["97110", "97140-59", "98941"],
        ["GP 59", "GP 59 KX"],
        ["M54.50", "M99.01"],
        ["$125.00", "-12.50"],
        ["11", "22"],
        ["09:30", "09:30:00"],
        ["Ann@home", "@"],
        ["001-0000123", "001-0000124"],
        ["100-2345678"],
        ["012.345.6789"],
    ],
)
def test_values_of_billing_are_not_private(values):
    """Visits, dates, codes, minutes and amounts are no phone numbers."""
    assert private("Visit", *values) is None
    assert private("Something", *values) is None


def test_codes_are_not_private():
    """Every code of the table."""
    assert private("Something", *codes()["code"]) is None


LEAKY = "Patient Name,Visit,Phone,Code\nRoe,V1,212-555-1234,97110\nPoe,V2,212-555-0000,97140\n"


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet"])
def test_columns_left_out_are_in_no_batch(kind):
    """Only what is wanted is given, in the file's order."""
    frame = pd.read_csv(io.StringIO(LEAKY), dtype=str)
    content = {
        "csv": LEAKY.encode(),
        "xlsx": excel(list(frame.columns), *frame.values.tolist()),
        "parquet": frame_bytes(frame),
    }[kind]
    file = open_file(content, "visits")
    assert set(file.private({"Visit", "Code"})) == {"Patient Name", "Phone"}
    for batch in file.batches(["Code", "Visit", "None"]):
        assert batch.rows.columns.tolist() == ["Visit", "Code"]
        assert not set(batch.rows.values.ravel()) & {"Roe", "Poe", "212-555-1234"}


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_no_column_wanted_is_none_read(kind):
    """Nothing is nothing."""
    frame = pd.read_csv(io.StringIO(LEAKY), dtype=str)
    content = LEAKY.encode() if kind == "csv" else frame_bytes(frame)
    for batch in open_file(content, "visits").batches([]):
        assert batch.rows.columns.tolist() == []


@pytest.mark.parametrize(
    "row", ["Doe, Jane,V3,212-555-1111,97112", "Doe Jane,V3,,97112,,212-555-1111"]
)
def test_refused_rows_hold_nothing_left_out(row):
    """A row of the wrong length does not bring a patient's name into the results."""
    file = open_file(f"{LEAKY}{row}\n".encode(), "visits.csv")
    columns = {"visit": ("Visit",), "code": ("Code",)}
    said = ""
    for batch in file.batches(["Visit", "Code"]):
        said += str(batch.refused) + read_rows(batch, columns).refused.to_csv()
    assert "values, and the header 4" in said
    assert "Doe" not in said
    assert "212-555-1111" not in said
