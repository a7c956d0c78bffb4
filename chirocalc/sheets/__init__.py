"""What is printed or saved. `exports` is a module of its own: it reads and writes whole files,
which no visit needs."""

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
