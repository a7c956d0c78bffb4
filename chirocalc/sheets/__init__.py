"""What is printed or saved."""

from . import audit, exports
from .audit import about_audit, audit_sheet
from .exports import TableWriter
from .parts import FOOTER, made_by, stamped
from .visit import visit_csv, visit_sheet

__all__ = [
    "FOOTER",
    "TableWriter",
    "about_audit",
    "audit",
    "audit_sheet",
    "exports",
    "made_by",
    "stamped",
    "visit_csv",
    "visit_sheet",
]
