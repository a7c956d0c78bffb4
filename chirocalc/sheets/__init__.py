"""What is printed, and what a saved file says of itself."""

from .abn import abn_copy, abn_has_no_place, abn_sheet
from .audit import FOUND, audit_sheet, audit_workbook, links_to_do
from .bills import (
    Bill,
    Charge,
    as_text,
    bill_of_planned,
    bill_of_visit,
    claimed,
    claims_of,
)
from .care_plan import care_plan
from .claim_lines import claim_sheet, item_notes
from .clinic import FIELDS, MOST_LETTERS, Clinic, clinic_faults, npi_fault
from .due import DueDay, business_days, due_when_asked, due_when_scheduled
from .good_faith import estimate_visits, good_faith_estimate, without_fee
from .parts import FOOTER, made_by, stamped
from .plan_files import plan_lines, plan_sheets
from .prepaid import PrepaidRule, prepaid_rule
from .said import LANGUAGES
from .superbill import superbill
from .track import track_sheet
from .visit import visit_csv, visit_sheet

__all__ = [
    "FIELDS",
    "FOOTER",
    "FOUND",
    "LANGUAGES",
    "MOST_LETTERS",
    "Bill",
    "Charge",
    "Clinic",
    "DueDay",
    "PrepaidRule",
    "abn_copy",
    "abn_has_no_place",
    "abn_sheet",
    "as_text",
    "audit_sheet",
    "audit_workbook",
    "bill_of_planned",
    "bill_of_visit",
    "business_days",
    "care_plan",
    "claim_sheet",
    "claimed",
    "claims_of",
    "clinic_faults",
    "due_when_asked",
    "due_when_scheduled",
    "estimate_visits",
    "good_faith_estimate",
    "item_notes",
    "links_to_do",
    "made_by",
    "npi_fault",
    "plan_lines",
    "plan_sheets",
    "prepaid_rule",
    "stamped",
    "superbill",
    "track_sheet",
    "visit_csv",
    "visit_sheet",
    "without_fee",
]
