"""Tables of how files look: practices' exports with what is private in them, and CMS's files."""

from __future__ import annotations

from .columns import CMS_FILE, YES
from .schema import NAME, TEXT, Column
from .table import Table

_PLACE = Column("[0-9]{1,3}", "must be a position, or empty", "integer", empty=True)

visit_columns = Table(
    "visit_columns.csv",
    "Common names of the columns of a file of visits, and the field each stands for.",
    {"field": NAME, "header": NAME},
)

file_words = Table(
    "file_words.csv",
    "What practices write for a payer, a place, a discipline, a region, and what it means here.",
    {"field": NAME, "word": NAME, "means": NAME},
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
    "Patterns of values that no billing export needs, and what they look like.",
    {"pattern": NAME, "what": NAME},
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
