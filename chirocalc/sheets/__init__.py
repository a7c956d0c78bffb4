"""What is printed, and what a saved file says of itself."""

from .audit import about_audit, audit_sheet
from .parts import FOOTER, made_by, stamped
from .visit import visit_csv, visit_sheet

__all__ = [
    "FOOTER",
    "about_audit",
    "audit_sheet",
    "made_by",
    "stamped",
    "visit_csv",
    "visit_sheet",
]
