"""Claim files (837P) written from claims as dicts, and the rows that are in them.

A claim: `account`, `place`, `frequency`, `payer` (name, SBR09, how it is to be said), `billing` and
`rendering` (a provider: name elements NM102 to NM104, taxonomy, label, discipline; `rendering` may
be None), `date` of all its lines or None, `lines`. A line: `code`, `modifiers`, `basis`,
`quantity`, `place` or "", `dtp` (DTP02, DTP03, the date) or None, `rendering` or None.
"""

# Of patients; none of these may be in anything that is read.
SECRETS = (
    "ZZPATIENT", "YYFIRST", "19470707", "MBR0815", "7 HIDDEN LN", "XXTOWN", "904815162", "WWNOTE",
    "VVGROUP", "5559876543",
)  # fmt: skip

ISA = "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260302*1200*U*00501"


def envelope(transactions, version="005010X222A1"):
    """Segments of an interchange; a transaction is its segments between ST and SE."""
    out = [
        [*ISA.split("*"), "000000001", "0", "P", ":"],
        ["GS", "HC", "S", "R", "20260302", "1200"],
    ]
    out[1] += ["1", "X", version]
    for kind, said, body in transactions:
        out += [["ST", kind, "0001", *([said] if said else [])], *body, ["SE", "9", "0001"]]
    return [*out, ["GE", "1", "1"], ["IEA", "1", "000000001"]]


def person(who):
    """A subscriber or patient, with all that must not be kept."""
    return [
        ["NM1", who, "1", "ZZPATIENT", "YYFIRST", "", "", "", "MI", "MBR0815"],
        ["N3", "7 HIDDEN LN"],
        ["N4", "XXTOWN", "CA", "900010000"],
        ["DMG", "D8", "19470707", "F"],
        ["REF", "SY", "904815162"],
        ["PER", "IC", "ZZPATIENT", "TE", "5559876543"],
    ]


def named(who, provider):
    """A provider, and the taxonomy where there is one."""
    names, taxonomy = provider["names"], provider["taxonomy"]
    npi = ["", "", "", "XX", "1234567893"][len(names) - 3 :]
    specialty = [["PRV", "PE", "PXC", taxonomy]] if taxonomy and who == "82" else []
    return [["NM1", who, *names, *npi], *specialty]


OTHER_PAYER = [
    ["SBR", "S", "18", "VVGROUP", "VVGROUP", "", "", "", "", "CI"],
    ["CAS", "PR", "1", "20"],
    *person("IL"),
    ["NM1", "PR", "2", "ANOTHER PAYER", "", "", "", "", "PI", "99"],
    ["DTP", "573", "D8", "20260401"],
    ["NM1", "82", "1"],
    ["NM1", "85", "2"],
]

ADJUDICATED = [["SVD", "99", "20", "HC:99999", "", "1"], ["CAS", "CO", "45", "9"]]
ADJUDICATED += [["DTP", "573", "D8", "20260401"]]


def line_segments(line, number, mix):
    """LX, SV1 and what follows it in any order."""
    composite = [":".join(["HC", line["code"], *line["modifiers"]])]
    if len(line["modifiers"]) == 4:
        composite[0] += ":WWNOTE OF ZZPATIENT"
    service = ["SV1", *composite, "50", line["basis"], line["quantity"], line["place"], "", "1"]
    blocks = [[["REF", "6R", "MBR0815"]], [["NTE", "ADD", "WWNOTE"]]]
    blocks += [[["DTP", "472", *line["dtp"][:2]]]] if line["dtp"] else []
    blocks += [named("82", line["rendering"])] if line["rendering"] else []
    blocks += [[["NM1", "DK", "1", "ORDERS", "OTTO"]]]
    rest = [segment for block in mix(blocks) for segment in block]
    return [["LX", str(number)], service, *rest, *ADJUDICATED]


def claim_segments(claim, mix):
    """The levels of a claim, its own segments, and its lines."""
    payer, filing, _ = claim["payer"]
    taxonomy = claim["billing"]["taxonomy"]
    out = [["HL", "1", "", "20", "1"], *([["PRV", "BI", "PXC", taxonomy]] if taxonomy else [])]
    out += [*named("85", claim["billing"]), ["REF", "EI", "123456789"]]
    out += [["NM1", "87", "2", "PAY TO"], ["HL", "2", "1", "22", "0"]]
    out += [["SBR", claim["level"], "18", "VVGROUP", "", "", "", "", "", filing]]
    payer_block = [["NM1", "PR", "2", payer, "", "", "", "", "PI", "01"], ["N3", "PO BOX 1"]]
    out += [segment for block in mix([person("IL"), payer_block]) for segment in block]
    out += [["HL", "3", "2", "23", "0"], ["PAT", "19"], *person("QC")] if claim["patient"] else []
    where = f"{claim['place']}:B:{claim['frequency']}"
    out += [["CLM", claim["account"], "100", "", "", where, "Y", "A", "Y", "Y"]]
    blocks = [[["HI", "ABK:M9901"]], [["NTE", "ADD", "WWNOTE ZZPATIENT"]], [["ZZZ", "1"]]]
    blocks += [[["DTP", "454", "D8", "20260101"]], [["NM1", "DN", "1", "REFERS", "REX"]]]
    blocks += [[["DTP", "472", "D8", claim["date"]]]] if claim["date"] else []
    blocks += [named("82", claim["rendering"])] if claim["rendering"] else []
    out += [segment for block in mix(blocks) for segment in block]
    out += OTHER_PAYER if claim["other"] else []
    for number, line in enumerate(claim["lines"], start=1):
        out += line_segments(line, number, mix)
    return out


def claims_body(claims, mix=list):
    """A transaction's segments between ST and SE."""
    out = [["BHT", "0019", "00", "1", "20260302", "1200", "CH"], ["NM1", "41", "2", "SUBMITTER"]]
    for claim in claims:
        out += claim_segments(claim, mix)
    return out


def written(segments, marks="*:~", newline="\n"):
    """Segments as text with an element separator, a component separator and a terminator."""
    element, component, end = marks
    lines = [element.join(said.replace(":", component) for said in each) for each in segments]
    return "".join(f"{line}{end}{newline}" for line in lines)


def rows_in(segments, claims):
    """What is in the file, by the number of the segment of each service line."""
    numbers = [at for at, segment in enumerate(segments, start=1) if segment[0].upper() == "SV1"]
    rows = [row_of(claim, line) for claim in claims for line in claim["lines"]]
    return dict(zip(numbers, rows, strict=True))


def row_of(claim, line):
    """All columns a claim file may have."""
    provider = line["rendering"] or claim["rendering"] or claim["billing"]
    quantity = ("-" if claim["frequency"] == "8" else "") + line["quantity"]
    return {
        "Account number": claim["account"],
        "Date of service": line["dtp"][2] if line["dtp"] else claim["date"] or "",
        "CPT code": line["code"],
        "Modifiers": " ".join(line["modifiers"]),
        "Units": quantity if line["basis"] == "UN" else "",
        "Minutes": quantity if line["basis"] == "MJ" else "",
        "Place of service": line["place"] or claim["place"],
        "Payer name": claim["payer"][2],
        "Rendering provider": provider["label"],
        "Discipline": provider["discipline"],
    }
