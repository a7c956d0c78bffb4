"""Tables of how files look: practices' exports with what is private in them, and CMS's files."""

from __future__ import annotations

from .columns import CMS_FILE, YES
from .schema import NAME, TEXT, Column, one_of
from .table import Listing, Table

# What a row of a file is; those of services are audited.
KINDS = (
    "service", "blank", "total", "title or footer", "diagnosis", "copay", "payment", "transfer",
    "adjustment or write-off", "supply", "retail", "fee",
)  # fmt: skip

_PLACE = Column("[0-9]{1,3}", "must be a position, or empty", "integer", empty=True)

visit_columns = Table(
    "visit_columns.csv",
    "Common names of the columns of a file of visits, and the field each stands for.",
    {"field": NAME, "header": NAME},
)

file_words = Table(
    "file_words.csv",
    "What practices write for a payer, a place, a discipline, a region, and what it means here: a "
    "cell is the word, or has it in it, or has it beside another that means the same.",
    {"field": NAME, "word": NAME, "means": NAME, "how": one_of("is", "has", "beside", "decides")},
)

other_payers = Table(
    "other_payers.csv",
    "Words of names of payers that have no profile here, whatever else stands in the name.",
    {"word": NAME},
    key="word",
)

row_kinds = Table(
    "row_kinds.csv",
    "Words in the place of a code, or in a column that says the kind of row, and what a row with "
    "them is.",
    {
        "word": NAME,
        "how": one_of("is", "begins", "contains"),
        "kind": one_of(*KINDS),
        "field": one_of("code", "kind"),
    },
)

service_places = Table(
    "places.csv",
    "CMS's place of service codes by their two digits, and the rate Medicare pays there: the "
    "facility's or the office's (cpm-12-20.4.2).",
    {
        "code": Column("[0-9]{2}", "must be two digits"),
        "name": NAME,
        "rate": one_of("office", "facility"),
        "source": NAME,
    },
    key="code",
    listings=(
        Listing(
            "Places of service and their rate",
            release="2026",
            checked="The manual's list of settings at the facility rate, as others quote it",
            sure="S",
            source="cpm-12-20.4.2",
        ),
    ),
)

private_columns = Table(
    "private_columns.csv",
    "Words in a column's name that tell of patient data, and what of.",
    {"word": NAME, "what": NAME},
    key="word",
)

private_glue = Table(
    "private_glue.csv",
    "Words written together with a private one: PATDOB, HOMEPHONE, BIRTHYEAR.",
    {"word": NAME},
    key="word",
)

not_private = Table(
    "not_private.csv",
    "Names of columns with a private word in them that are none of a patient's.",
    {"name": NAME},
    key="name",
)

# The area of a phone number never begins with 0 or 1.
private_values = Table(
    "private_values.csv",
    "Patterns of values that no billing export needs, what they look like, and of which field's "
    "columns alone: a name is one where a number of an account should stand.",
    {"pattern": NAME, "what": NAME, "field": one_of("account", empty=True)},
    key="pattern",
)

cms_columns = Table(
    "cms_columns.csv",
    "The columns of CMS's files: words of the header, or first and last position in a line.",
    {
        "file": CMS_FILE,
        "column": NAME,
        "header": TEXT,
        "first": _PLACE,
        "last": _PLACE,
        "pattern": TEXT,
        "allowed": TEXT,
        "needed": YES,
    },
)
