"""Tables of rules: hints and audit rules, code pairs, modifiers, regions, adjustment codes."""

from __future__ import annotations

from .columns import ADJUSTED, ANY_CODE, LEVEL, SURE
from .schema import NAME, TEXT, Column, one_of
from .table import Listing, Table

_DIGIT = Column(r"[0-9]", "must be one digit", "integer")

_RANGES = Column(r"([0-9A-Z]{5}(-[0-9A-Z]{5})?( |$))*", "must be codes and ranges", empty=True)

_COLUMN = one_of("1", "2")

hints = Table(
    "hints.csv",
    "The hint rules, one a row; `chirocalc.rules.hints` says what may stand in them.",
    {
        "rule": NAME,
        "level": LEVEL,
        "per": one_of("line", "code", "visit"),
        **dict.fromkeys(["pair", "lines", "with", "when", "lacks", "modifier"], TEXT),
        "follows": one_of("yes", empty=True),
        "mend": Column(
            "collect|off|without( [0-9A-Z]{2})?|use [0-9A-Z]{5}",
            "must be a way to mend",
            empty=True,
        ),
        "text": NAME,
        "must_show": TEXT,
        "source": NAME,
        "sure": SURE,
    },
    refers={"rule": "rule_names.csv"},
    listings=(
        Listing(
            "Hint rules",
            release="2026",
            checked="CMS's manuals and NCCI manual; each row says its source and how sure it is",
            sure="P",
            source="ncci-1-e",
        ),
    ),
)

audit_rules = Table(
    "audit_rules.csv",
    "The findings an audit adds to the hints, by rule: level, text, source.",
    {"rule": NAME, "level": LEVEL, "text": NAME, "source": NAME, "sure": SURE},
    key="rule",
    refers={"rule": "rule_names.csv"},
)

code_kinds = Table(
    "code_kinds.csv",
    "Codes that Medicare pays a therapist for beside those that its therapy reduction counts, by "
    'kind: "always" therapy, or "sometimes", where a therapist does it.',
    {"kind": NAME, "codes": NAME, "source": NAME, "sure": SURE},
    key="kind",
    listings=(
        Listing(
            "Therapy code list, by kind",
            release="2026",
            checked="Secondary lists of CMS's yearly update agree",
            sure="S",
            source="therapy-list",
        ),
    ),
)

rule_names = Table(
    "rule_names.csv",
    "A short name for each rule of hints and audits, and in a sentence what to do about it.",
    {"rule": NAME, "name": NAME, "to_do": NAME},
    key="rule",
)

pairs = Table(
    "pairs.csv",
    "Active code pairs (NCCI PTP): indicator, kind of reason, which column's line has the hint, "
    "and the quarter of the table each was read in (ncci-ptp).",
    {
        "column1": ANY_CODE,
        "column2": ANY_CODE,
        "modifier_indicator": one_of("0", "1"),
        "kind": NAME,
        "on": _COLUMN,
        "rationale": NAME,
        "vintage": Column(r"[0-9]{4} Q[1-4]", "must be a quarter such as 2026 Q4"),
        "source": NAME,
    },
    refers={"column1": "codes.csv", "column2": "codes.csv"},
    listings=(
        Listing(
            "Active pairs of these codes",
            kind="pairs",
            checked="71 pairs in CMS's table of 2026 Q4, the others in that of 2024 Q3; those in "
            "both were equal",
            sure="S",
            source="ncci-ptp",
        ),
    ),
)

# `one` and `other` name codes and ranges ("98940-98942"), either way round unless `one_in` says
# which column `one` is; empty is every code. `time_rule` is asked of both codes.
pair_kinds = Table(
    "pair_kinds.csv",
    "Which reason a code pair has: the first row that fits a pair gives `kind` and `on`.",
    {
        "one": _RANGES,
        "one_in": one_of("1", "2", empty=True),
        "other": _RANGES,
        "modifier_indicator": one_of("0", "1", empty=True),
        "time_rule": TEXT,
        "kind": NAME,
        "on": _COLUMN,
        "source": NAME,
    },
)

modifiers = Table(
    "modifiers.csv",
    "Modifiers in the order they stand on a line: payment ones first, then information.",
    {
        "modifier": Column("[0-9A-Z]{2}", "must be two characters"),
        "kind": one_of("payment", "information"),
        "rank": Column(r"[0-9]{1,2}", "must be a whole number", "integer"),
        "meaning": NAME,
        "source": NAME,
    },
    key="modifier",
    listings=(
        Listing(
            "Modifiers and their order",
            release="2026",
            checked="CMS's manuals",
            sure="S",
            source="ncci-1-e",
        ),
    ),
)

regions = Table(
    "regions.csv",
    "Body regions by id: spinal or extraspinal, and the diagnosis of a spinal one (cms-chiro).",
    {"id": NAME, "name": NAME, "kind": ADJUSTED, "diagnosis": TEXT, "source": NAME},
    key="id",
    listings=(
        Listing(
            "Spinal and extraspinal regions",
            release="2026",
            checked="Medicare contractors' pages",
            sure="S",
            source="cms-chiro",
        ),
    ),
)

manipulation = Table(
    "manipulation.csv",
    "Which manipulation code stands for how many regions (cms-chiro).",
    {"code": NAME, "kind": ADJUSTED, "regions_from": _DIGIT, "regions_to": _DIGIT, "source": NAME},
    refers={"code": "codes.csv"},
    listings=(
        Listing(
            "Adjustment codes by number of regions",
            release="2026",
            checked="Medicare contractors' pages",
            sure="S",
            source="cms-chiro",
        ),
    ),
)
