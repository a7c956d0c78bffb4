"""Which column stands for which field."""

import csv
import io
import re

import pandas as pd
import pytest

from chirocalc import tables
from chirocalc.audit.columns import (
    FIELDS,
    check_columns,
    not_found,
    plain_header,
    recognize,
    says_total,
)
from chirocalc.errors import InputError


def camel(name):
    """`visit number` as `VisitNumber`."""
    return re.sub(r"[a-z0-9]+", lambda word: word[0].capitalize(), name).replace(" ", "")


SPELLINGS = {
    "lower": str.lower,
    "upper": str.upper,
    "title": str.title,
    "camel": camel,
    "underscored": lambda name: name.replace(" ", "_"),
    "UPPER_UNDERSCORED": lambda name: name.upper().replace(" ", "_"),
    "hyphened": lambda name: name.replace(" ", "-"),
    "dotted": lambda name: name.replace(" ", ". ") + ".",
    "spaced": lambda name: f"  {name.replace(' ', '   ')} ",
    "colon": lambda name: f"{name}:",
    "numbered": lambda name: f"{name} #",
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_common_name_in_every_spelling(spelling):
    """All synonyms of the table, each by itself, as the first field it may mean."""
    table = tables.visit_columns().drop_duplicates("header")
    assert len(table) > 80
    for name, field in zip(table["header"], table["field"], strict=True):
        column = SPELLINGS[spelling](name)
        assert recognize([column]) == {field: (column,)}, column


def test_common_names_are_written_as_they_are_compared():
    """A synonym that is not in plain form, or stands twice, would never be found."""
    table = tables.visit_columns()
    assert [plain_header(name) for name in table["header"]] == table["header"].tolist()
    assert not table.duplicated().any()
    assert table.loc[table["header"].duplicated(), "header"].tolist() == ["time"]
    assert set(table["field"]) == set(FIELDS)


@pytest.mark.parametrize(
    ("column", "field"),
    [
        ("VisitID", "visit"),
        ("Claim #", "visit"),
        ("Days or Units", "units"),
        ("HCPCS", "code"),
        ("CPT/HCPCS", "code"),
        ("ProviderNPI", "provider"),
        ("CPTCode", "code"),
        ("HCPCSCode", "code"),
        ("Modifier(s)", "modifiers"),
        ("Date(s) of Service", "date"),
        ("Acct#", "account"),
        ("Visit #", "visit"),
        ("Svc. Date", "date"),
        ("FROMDATE", "date"),
        ("Time (min)", "minutes"),
        ("Procedure Modifier1", "modifiers"),
        ("Days/Units", "units"),
    ],
)
def test_usual_spellings(column, field):
    """As exports of billing systems have them."""
    assert recognize([column]) == {field: (column,)}


def test_several_columns_of_modifiers():
    """All of them, by their numbers; of the other fields the one whose name comes first in the
    table."""
    header = [
        "Mod 2",
        "CPT",
        "Code",
        "Mod1",
        "MODIFIER_3",
        "Modifier 4",
        "Units",
        "Qty",
        "Modifier",
    ]
    assert recognize(header) == {
        "modifiers": ("Mod1", "Modifier", "Mod 2", "MODIFIER_3", "Modifier 4"),
        "code": ("CPT",),
        "units": ("Units",),
    }


def test_columns_that_are_no_field():
    """Names that only begin or end like one."""
    header = ["Date Posted", "Posted", "Received", "Claim date", "To", "End date", "TODATE"]
    assert recognize(header) == {}
    header = ["Check in", "Payer ID", "payer_id", "Diagnosis", "CPT description", "Charge", "Paid"]
    assert recognize(header) == {}
    header = ["Visits total", "Code description", "Unitsx", "Payer id 2", "x", "", "Plane", "日付"]
    assert recognize(header) == {}
    assert recognize([]) == {}


@pytest.mark.parametrize(
    ("header", "missing"),
    [
        (["Visit", "Code"], []),
        (["Date", "Account", "Code"], []),
        (["Visit"], ["Code"]),
        (["Code"], ["Visit"]),
        (["Date", "Code"], ["Visit"]),
        (["Account", "Code"], ["Visit"]),
        (["Minutes"], ["Code", "Visit"]),
        ([], ["Code", "Visit"]),
    ],
)
def test_columns_that_are_needed(header, missing):
    """A code, and what tells visits apart; all that is missing is said at once."""
    columns = recognize(header)
    if not missing:
        assert check_columns(columns, "a.csv") is None
        return
    with pytest.raises(InputError) as caught:
        check_columns(columns, "a.csv")
    assert [problem.value for problem in caught.value.problems] == missing
    assert all(str(problem).startswith("a.csv, ") for problem in caught.value.problems)


# The values decide


def table(text):
    """A small file of visits as its header and sample."""
    header, *rows = csv.reader(io.StringIO(text.strip()))
    return pd.DataFrame(rows, columns=[name.strip() for name in header], dtype=str)


def chosen(text):
    """The columns of a small file: "visit=Visit ID code=CPT"; several with + between."""
    sample = table(text)
    return {field: "+".join(names) for field, names in recognize(sample, sample).items()}


SYSTEMS = {
    "WebPT charges": (
        """
Acct,Date Posted,Date of Service,CPT,Units,Amount,Dx1,Primary Insurance,Secondary Insurance,Provider
501,01/09/2026,01/05/2026,97110,2,88.00,M25.511,Cigna,,A. Sample PT
501,01/09/2026,01/05/2026,97530,1,47.00,M25.511,Cigna,,A. Sample PT
""",
        (
            "account=Acct date=Date of Service code=CPT units=Units payer=Primary Insurance "
            "provider=Provider"
        ),
    ),
    "Tebra encounters": (
        """
Encounter ID,From,To,Procedure,Mod 2,Mod 1,Units,Unit Charge,Start Time,End Time,Minutes
9,1/5/2026,1/5/2026,97140,59,GP,1,50.00,10:00 AM,10:15 AM,15
""",
        (
            "visit=Encounter ID date=From code=Procedure minutes=Minutes units=Units "
            "modifiers=Mod 1+Mod 2 begin=Start Time end=End Time"
        ),
    ),
    "TheraNest": (
        """
Client ID,Appointment Date,Service Code,Modifier 1,Modifier 2,Duration,Units,Staff Member,POS
77,01/05/2026,97535,GO,,0:30,2,B. Sample,11 - Office
""",
        (
            "account=Client ID date=Appointment Date code=Service Code minutes=Duration "
            "units=Units modifiers=Modifier 1+Modifier 2 provider=Staff Member place=POS"
        ),
    ),
    "Jane": (
        """
Invoice #,Date,Start Time,End Time,Item,Billing Code,Quantity,Treating Provider,Payer
I-1,2026-01-05,9:00 AM,9:30 AM,Adjustment,98941,1,C. Sample,Cash
""",
        (
            "visit=Invoice # date=Date begin=Start Time end=End Time code=Billing Code "
            "units=Quantity provider=Treating Provider payer=Payer"
        ),
    ),
    "OpenEMR billing": (
        """
id,date,code_type,code,pid,provider_id,encounter,code_text,payer_id,modifier,units,fee
8,2026-01-05 08:00:00,CPT4,98940,5,2,31,,4,AT,1,40.00
9,2026-01-05 08:00:00,ICD10,M99.03,5,2,31,Lumbar,4,,1,0.00
10,2026-01-05 08:00:00,COPAY,,5,2,31,,4,,1,-15.00
""",
        (
            "visit=encounter date=date account=pid code=code units=units modifiers=modifier "
            "provider=provider_id kind=code_type"
        ),
    ),
    "Synthea transactions": (
        """
ID,CLAIMID,PATIENTID,TYPE,AMOUNT,FROMDATE,TODATE,PLACEOFSERVICE,PROCEDURECODE,MODIFIER1,UNITS,PROVIDERID
a,c,p,CHARGE,40,2026-01-05T09:00:00Z,2026-01-05T09:15:00Z,11,97110,GP,1,d
b,c,p,TRANSFERIN,,2026-01-05T09:00:00Z,2026-01-05T09:15:00Z,11,97110,,,d
""",
        (
            "visit=CLAIMID account=PATIENTID kind=TYPE date=FROMDATE place=PLACEOFSERVICE "
            "code=PROCEDURECODE modifiers=MODIFIER1 units=UNITS provider=PROVIDERID"
        ),
    ),
    "Tuva claims": (
        """
claim_id,claim_start_date,claim_line_start_date,place_of_service_code,service_unit_quantity,hcpcs_code,hcpcs_modifier_1,hcpcs_modifier_2,rendering_id
k,2026-01-05,2026-01-07,11,1,98941,AT,,4
""",
        (
            "visit=claim_id date=claim_line_start_date place=place_of_service_code "
            "units=service_unit_quantity code=hcpcs_code "
            "modifiers=hcpcs_modifier_1+hcpcs_modifier_2 provider=rendering_id"
        ),
    ),
    "CMS carrier claims": (
        """
BENE_ID,CLM_ID,CLM_FROM_DT,LINE_1ST_EXPNS_DT,LINE_PLACE_OF_SRVC_CD,LINE_SRVC_CNT,HCPCS_CD,HCPCS_2ND_MDFR_CD,HCPCS_1ST_MDFR_CD,LINE_ALOWD_CHRG_AMT
-3,-5,05-Jan-2026,07-Jan-2026,11,1,98942,,AT,60.10
""",
        (
            "account=BENE_ID visit=CLM_ID date=LINE_1ST_EXPNS_DT place=LINE_PLACE_OF_SRVC_CD "
            "units=LINE_SRVC_CNT code=HCPCS_CD modifiers=HCPCS_1ST_MDFR_CD+HCPCS_2ND_MDFR_CD"
        ),
    ),
    "remittances": (
        """
claim_ref,payer_name,payer_id,client_ref,provider_type,dos,cpt,modifiers,units,billed_amount
R9,Aetna,60054,CL7,DC,2026-01-05,98940,AT,1,55.00
""",
        (
            "visit=claim_ref payer=payer_name account=client_ref discipline=provider_type date=dos "
            "code=cpt modifiers=modifiers units=units"
        ),
    ),
    "a clearinghouse": (
        """
Claim Number,Svc Date,Procedure Code,M1,M2,M3,M4,Days or Units,Place of Svc,Rendering NPI,Payer ID
44,01/05/2026,97112,GP,KX,,,1.00,11,1000000004,87726
""",
        (
            "visit=Claim Number date=Svc Date code=Procedure Code modifiers=M1+M2+M3+M4 "
            "units=Days or Units place=Place of Svc provider=Rendering NPI"
        ),
    ),
}


@pytest.mark.parametrize("system", SYSTEMS)
def test_columns_of_systems(system):
    """As these systems name them, with rows made up."""
    text, said = SYSTEMS[system]
    assert chosen(text) == dict(re.findall(r"(\w+)=(.+?)(?= \w+=|$)", said))


@pytest.mark.parametrize(
    ("field", "header", "values", "column"),
    [
        ("code", "Procedure,CPT", ["Ther ex,97110", "Massage,97124"], "CPT"),
        ("code", "CPT,Procedure", ["Ther ex,97110", "Massage,97124"], "Procedure"),
        ("code", "Code,Procedure", ["1001,97110 - Ther ex", "1002,97124"], "Procedure"),
        ("code", "Code,CPT Code", ["97110,97110", "97124,97124"], "CPT Code"),
        ("code", "Procedure", ["Ther ex", "Massage", "97110"], None),
        ("code", "CPT", ["9711O", "98941x"], "CPT"),
        ("code", "CPT", ["M54.50", "COPAY"], "CPT"),
        ("date", "Date,DOS", ["1/5/2026,1/6/2026"], "DOS"),
        ("date", "DOS,Date", [",1/6/2026"], "Date"),
        ("date", "Date of Service,Date", ["see note,1/6/2026"], "Date"),
        ("date", "Date", ["pending", "pending"], None),
        ("date", "Date", ["13.03.2026", "31/12/2025"], "Date"),
        ("minutes", "Time", ["9:30 AM", "10:00 AM"], None),
        ("begin", "Time", ["9:30 AM", "10:00 AM"], "Time"),
        ("begin", "Time", ["9:30", "14:15"], "Time"),
        ("minutes", "Time", ["0:30", "0:15"], "Time"),
        ("minutes", "Time", ["30", "15"], "Time"),
        ("begin", "Time", ["30", "15"], None),
        ("minutes", "Time,Duration", ["9:30 AM,0:30"], "Duration"),
        ("minutes", "Duration", ["0:30", "1:05:00"], "Duration"),
        ("minutes", "Total minutes,Minutes", ["45,15"], "Minutes"),
        ("minutes", "Total minutes", ["45", "45"], "Total minutes"),
        ("begin", "Start Time", ["early"], None),
        ("modifiers", "Modifier", ["Manual therapy", "Exercise"], None),
        ("modifiers", "Modifier", ["GP", "GP-59", "N/A"], "Modifier"),
        ("modifiers", "Mod 1,Mod 2", ["GP,Left", "59,Right"], "Mod 1"),
        ("units", "Units", ["$45.00", "$90.00"], None),
        ("units", "Units,Qty", ["$45.00,2"], "Qty"),
        ("units", "Units", ["2.00", "(1)", ""], "Units"),
        ("payer", "Payer", ["87726", "60054"], None),
        ("payer", "Insurance,Payer", ["Cigna,Cigna"], "Payer"),
        ("payer", "Payer", ["Never heard of", "87726"], "Payer"),
        ("kind", "Type", ["Charge", "Payment"], "Type"),
        ("kind", "Type", ["Office visit", "Phone"], None),
        ("place", "POS", ["11", "12"], "POS"),
        ("place", "Place", ["98111", "98112"], None),
        ("place", "Place", ["Main street"], "Place"),
        ("region", "Region", ["C5-C7", "low back"], "Region"),
        ("region", "Region", ["3", "2"], None),
        ("discipline", "Specialty", ["35", "65"], "Specialty"),
    ],
)
def test_values_decide(field, header, values, column):
    """Of several columns, and of one alone: what contradicts its name is not taken."""
    assert chosen("\n".join([header, *values])).get(field) == column


@pytest.mark.parametrize("sample", [None, pd.DataFrame(), pd.DataFrame({"CPT": []}, dtype=str)])
def test_without_values_the_names_decide(sample):
    header = ["Procedure", "CPT", "Date", "DOS", "Units", "Time"]
    assert recognize(header, sample) == {
        "date": ("DOS",),
        "code": ("CPT",),
        "minutes": ("Time",),
        "units": ("Units",),
    }


def test_a_few_odd_values_do_not_matter():
    """Of rows, and not of different texts: a footer of many words is one row."""
    rows = ["97110"] * 6 + ["Total", "Printed by me", "Ther ex", "Massage"]
    assert chosen("\n".join(["CPT", *rows])) == {"code": "CPT"}


def test_modifiers_of_equal_names_keep_their_order():
    """As the opener names twins."""
    header = ["Modifier", "Modifier (2)", "Modifier (3)", "Modifier (4)"]
    assert recognize(header[::-1]) == {"modifiers": tuple(header)}


def test_fields_without_a_column():
    """In the order of the fields."""
    assert not_found({}) == list(FIELDS)
    assert not_found(dict.fromkeys(FIELDS, ("x",))) == []
    found = recognize(["Visit", "CPT", "Units"])
    assert not_found(found) == [field for field in FIELDS if field not in found]


def test_columns_that_are_of_the_whole_visit():
    for column in ("Total Minutes", "TOTAL_TIME", "TotalMinutes", "Total treatment time"):
        assert says_total(column)
        assert recognize([column]) == {"minutes": (column,)}
    assert not says_total("Minutes")
