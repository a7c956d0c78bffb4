"""Tables to read: sources, what is not known, the guide, history, use, worked examples."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from chirocalc.errors import Problem

from .columns import ANY_CODE, SURE, UNTIL, YEAR
from .schema import NAME, RVU, TEXT, Column, one_of
from .table import Listing, Table

_COUNT = Column("[0-9]{1,12}", "must be a whole number", "integer")

_ITEMS = Column(r"[^|\s][^|]*(\|[^|\s][^|]*)*", "must be items with | between")

sources = Table(
    "sources.csv",
    "Every source by id: title and address (empty where it cannot be linked).",
    {"id": NAME, "short": NAME, "title": NAME, "url": TEXT},
    key="id",
)

unknowns = Table(
    "unknowns.csv",
    "What is not known, or only commonly stated, in words.",
    {"about": NAME, "text": NAME, "source": NAME},
)

plan_templates = Table(
    "plan_templates.csv",
    "Courses of care to begin a plan from, made up: each as the query of the plan page's link.",
    {"name": NAME, "about": NAME, "link": NAME},
    key="name",
)

adjudication = Table(
    "adjudication.csv",
    "What each adjudication indicator (MAI) of a maximum of units means (ncci-1-v).",
    {"mai": Column("[123]", "must be 1, 2 or 3", "integer"), "text": NAME, "source": NAME},
    key="mai",
)

history = Table(
    "history.csv",
    "RVUs of one unit in an office by year and code, 2013 on; only totals before 2019.",
    {
        "year": YEAR,
        "code": ANY_CODE,
        **dict.fromkeys(["work_rvu", "pe_rvu", "mp_rvu", "total_rvu"], RVU),
        "source": NAME,
    },
    refers={"code": "codes.csv"},
    listings=(
        Listing(
            "RVUs of 35 codes, 2013 on",
            release="2013 to 2026",
            checked="Two sources agree on 239 of 239 values",
            sure="S",
            source="rvu-history",
        ),
    ),
)

medicare_use = Table(
    "medicare_use.csv",
    "Services and allowed dollars of Medicare Part B, nationally, by year and code.",
    {"year": YEAR, "code": ANY_CODE, "services": _COUNT, "allowed": _COUNT, "source": NAME},
    refers={"code": "codes.csv"},
    listings=(
        Listing(
            "National Medicare use, 2019 and 2024",
            release="2019 and 2024",
            checked="One source",
            sure="S",
            source="medicare-use",
        ),
    ),
)

_CONTACT = one_of(
    "one-on-one",
    "supervised",
    "group",
    "either",
    "reading",
    "remote",
    "no contact",
    "depends",
)

_LISTS = ["fits", "fits_not", "must_show", "mistakes", "specialties", "source"]

# What a row may leave to the row that it is like.
SHARED = {"purpose": NAME, "contact": _CONTACT, **dict.fromkeys(_LISTS, _ITEMS), "sure": SURE}


def _guide_faults(frame: pd.DataFrame, file: str) -> list[Problem]:
    """What a row without `like` leaves out, and a `like` that leads nowhere or further on."""
    whole = set(frame.loc[frame["like"] == "", "code"])
    lost = [
        Problem(
            file, int(row), "like", frame.at[row, "like"], "must be a row that is like no other"
        )
        for row in frame.index[(frame["like"] != "") & ~frame["like"].isin(whole)]
    ]
    return lost + [
        Problem(file, int(row), column, "", spec.allowed)
        for column, spec in SHARED.items()
        for row in frame.index[(frame["like"] == "") & (frame[column] == "")]
    ]


guide = Table(
    "guide.csv",
    "The hand-written text of each code, as `guide.Text` says; items of a list have | between. "
    "What a row leaves empty is that of the row it is `like`.",
    {
        "code": ANY_CODE,
        "like": replace(ANY_CODE, empty=True),
        "plain": NAME,
        **{column: replace(spec, empty=True) for column, spec in SHARED.items()},
    },
    key="code",
    faults=_guide_faults,
    refers={"code": "codes.csv"},
    listings=(
        Listing(
            "Texts of the guide",
            release="2026",
            checked="Each text states its sources, most of them secondary",
            sure="S",
            source="payer-policies",
        ),
    ),
)

asked = Table(
    "asked.csv",
    "What is asked for by a name that is no code's: the words, what is used, and which codes, with "
    "| between.",
    {"asked": _ITEMS, "says": NAME, "codes": _ITEMS, "source": _ITEMS, "sure": SURE},
    refers={"codes": "codes.csv"},
    listings=(
        Listing(
            "Answers to what has no code of its own",
            release="2026",
            checked="Each states its sources, most of them secondary",
            sure="S",
            source="payer-policies",
        ),
    ),
)

then = Table(
    "then.csv",
    "RVUs that an old article printed: shown dated beside today's, and never computed with.",
    {"code": ANY_CODE, "total_rvu": RVU, "dated": NAME, "source": NAME},
    key="code",
    refers={"code": "codes.csv"},
    listings=(
        Listing(
            "RVUs an old article printed",
            release="about 2005",
            checked="Shown dated beside today's and never computed with",
            sure="S",
            source="seed",
        ),
    ),
)

worked_examples = Table(
    "worked_examples.csv",
    "Examples of visits with what they come to, by id: for the self-test and the tests.",
    {
        "id": NAME,
        "kind": one_of("units", "allowed", "who pays"),
        "rule": one_of("cms", "cpt"),
        "date": UNTIL,
        "services": NAME,
        "expected": NAME,
        "origin": one_of("printed", "derived"),
        "source": NAME,
    },
    key="id",
    listings=(
        Listing(
            "Examples of the self-test",
            release="2026",
            checked="CMS's manual and a contractor's article; derived ones say so",
            sure="P",
            source="cpm-5-20.2",
        ),
    ),
)
