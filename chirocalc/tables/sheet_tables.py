"""Tables of the printed sheets: words in two languages, claim items, ABN, days, prepaid care."""

from __future__ import annotations

from dataclasses import replace

from .columns import ANY_CODE, SURE, UNTIL
from .schema import DATE, NAME, TEXT, Column, one_of
from .table import Listing, Table

_DAYS = Column("[0-9]{1,2}", "must be business days", "integer", empty=True)

sheet_texts = Table(
    "sheet_texts.csv",
    "What a rule asks the printed sheets to say, by id, in English and in our own Spanish.",
    {"id": NAME, "english": NAME, "spanish": NAME, "source": NAME, "sure": SURE},
    key="id",
    listings=(
        Listing(
            "Words of the printed sheets",
            release="2026",
            checked="What 45 CFR 149.610(c)(1) asks for, in our own words; its Spanish is an aid "
            "that no lawyer has read",
            sure="S",
            source="gfe-149.610",
        ),
    ),
)

sheet_words = Table(
    "sheet_words.csv",
    "Labels and other plain words of the printed sheets, by id, in English and in our own Spanish.",
    {"id": NAME, "english": TEXT, "spanish": NAME},
    key="id",
)

spanish_names = Table(
    "spanish_names.csv",
    "The name of each code in Spanish, our own, for the patient's sheets.",
    {"code": ANY_CODE, "name": NAME},
    key="code",
    refers={"code": "codes.csv"},
)

estimate_due = Table(
    "estimate_due.csv",
    "When a good faith estimate is due: by the business days that a service is scheduled ahead, or "
    "when it is asked for, in business days (gfe-149.610).",
    {
        "id": NAME,
        "when": NAME,
        "days_from": _DAYS,
        "days_to": _DAYS,
        "after": one_of("scheduled", "asked"),
        "due_days": replace(_DAYS, empty=False),
        "source": NAME,
        "sure": SURE,
    },
    key="id",
    listings=(
        Listing(
            "Days of a good faith estimate",
            release="2022",
            checked="The regulation and CMS's model form",
            sure="P",
            source="gfe-149.610",
        ),
    ),
)

claim_items = Table(
    "claim_items.csv",
    "What a chiropractor's claim says in items of the CMS-1500 besides its lines, at Medicare, at "
    "other payers, or at all.",
    {
        "item": Column("[0-9]{1,2}", "must be an item's number"),
        "payer": one_of("medicare", "other", "all"),
        "text": NAME,
        "source": NAME,
        "sure": SURE,
    },
    listings=(
        Listing(
            "Items of the CMS-1500",
            release="2026",
            checked="CMS's manuals as contractors and billing writers quote them",
            sure="S",
            source="cpm-12-220",
        ),
    ),
)

abn = Table(
    "abn.csv",
    "What follows each option of an ABN, and what to know of it, for maintenance and for what "
    "Medicare never pays.",
    {
        "kind": one_of("option", "note"),
        "option": one_of("1", "2", "3", empty=True),
        "about": one_of("maintenance", "excluded"),
        "text": NAME,
        "modifier": TEXT,
        "source": NAME,
        "sure": SURE,
    },
    listings=(
        Listing(
            "Options of the ABN",
            release="2026",
            checked="CMS's form instructions as contractors quote them",
            sure="S",
            source="abn-instructions",
        ),
    ),
)

abn_editions = Table(
    "abn_editions.csv",
    "The edition of the ABN by the days on which it must be used, and where CMS has it.",
    {
        "form": NAME,
        "expires": NAME,
        "effective_from": DATE,
        "effective_to": UNTIL,
        "url": NAME,
        "source": NAME,
        "sure": SURE,
    },
    listings=(
        Listing(
            "Edition of the ABN",
            release="2026",
            checked="A law firm's notice of May 2026",
            sure="S",
            source="abn-2029",
        ),
    ),
)

prepay_states = Table(
    "prepay_states.csv",
    "What states read so far ask of care that is paid ahead; the others were not checked.",
    {
        "state": Column("[A-Z]{2}", "must be a state's two letters"),
        "rule": NAME,
        "applies_to": NAME,
        "asks": NAME,
        "source": NAME,
        "sure": SURE,
    },
    key="state",
    refers={"state": "states.csv"},
    listings=(
        Listing(
            "Prepaid care in seven states",
            release="2026",
            checked="Secondary sources only; all other states were not checked",
            sure="S",
            source="prepay-oh",
        ),
    ),
)
