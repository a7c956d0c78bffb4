"""What may stand in columns that several tables have."""

from __future__ import annotations

from dataclasses import replace

from .schema import DATE, RVU, Column, one_of

UNTIL = replace(DATE, empty=True)

ANY_CODE = Column("[0-9A-Z]{5}", "must be a code")

CODE = Column(r"[0-9A-Z][0-9]{3}[0-9A-Z]", "must be a five-character CPT or HCPCS code")

PART = one_of("26", "TC", empty=True)

YEAR = Column("20[0-9][0-9]", "must be a year", "integer")

SURE = one_of("P", "S", r"\?")

YES = one_of("yes", "no")

LEVEL = one_of("fix", "needs", "check", "note")

ADJUSTED = one_of("spinal", "extraspinal")

CMS_FILE = one_of("rvus", "gpcis", "zips", "pairs", "limits", "payments")

# What CMS's relative value file says of a code or a part of it.
CMS_COLUMNS = {
    "status": one_of("A", "B", "C", "E", "I", "N", "P", "R", "X"),
    "work_rvu": RVU,
    "pe_rvu_office": RVU,
    "pe_rvu_facility": RVU,
    "mp_rvu": RVU,
    "facility_na": one_of("NA", empty=True),
    "pctc": Column(r"[0-9]", "must be one digit", empty=True),
    # A spreadsheet turns 000 into 0.
    "global_days": Column(r"0{1,3}|0?10|0?90|XXX|YYY|ZZZ|MMM", "must be 000, 010, 090 or letters"),
    "multiple_procedure": Column(r"[0-9]", "must be one digit", empty=True),
}
