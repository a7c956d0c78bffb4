"""What is printed, and what a saved file says of itself."""

from .audit import audit_sheet, audit_workbook
from .parts import FOOTER, made_by, stamped
from .visit import visit_csv, visit_sheet

__all__ = [
    "FOOTER",
    "audit_sheet",
    "audit_workbook",
    "made_by",
    "stamped",
    "visit_csv",
    "visit_sheet",
]
