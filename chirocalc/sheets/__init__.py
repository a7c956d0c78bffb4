"""What is printed, and what a saved file says of itself."""

from .audit import FOUND, audit_sheet, audit_workbook, links_to_do
from .parts import FOOTER, made_by, stamped
from .track import track_sheet
from .visit import visit_csv, visit_sheet

__all__ = [
    "FOOTER",
    "FOUND",
    "audit_sheet",
    "audit_workbook",
    "links_to_do",
    "made_by",
    "stamped",
    "track_sheet",
    "visit_csv",
    "visit_sheet",
]
