"""Which column stands for which field."""

import re

import pytest

from chirocalc import tables
from chirocalc.audit.columns import FIELDS, check_columns, plain_header, recognize
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
    """All synonyms of the table, each by itself."""
    table = tables.visit_columns()
    assert len(table) > 80
    for name, field in zip(table["header"], table["field"], strict=True):
        column = SPELLINGS[spelling](name)
        assert recognize([column]) == {field: (column,)}, column


def test_common_names_are_written_as_they_are_compared():
    """A synonym that is not in plain form, or stands twice, would never be found."""
    table = tables.visit_columns()
    assert [plain_header(name) for name in table["header"]] == table["header"].tolist()
    assert not table["header"].duplicated().any()
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
    ],
)
def test_usual_spellings(column, field):
    """As exports of billing systems have them."""
    assert recognize([column]) == {field: (column,)}


def test_several_columns_of_modifiers():
    """All of them, in the file's order; of the other fields, the first."""
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
        "modifiers": ("Mod 2", "Mod1", "MODIFIER_3", "Modifier 4", "Modifier"),
        "code": ("CPT",),
        "units": ("Units",),
    }


def test_columns_that_are_no_field():
    """Names that only begin or end like one."""
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
    assert [problem.column for problem in caught.value.problems] == missing
    assert all(str(problem).startswith("a.csv, ") for problem in caught.value.problems)
