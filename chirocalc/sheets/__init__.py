"""What is printed or saved."""

from . import audit, exports
from .audit import audit_sheet
from .exports import TableWriter
from .parts import FOOTER
from .visit import visit_csv, visit_sheet

__all__ = ["FOOTER", "TableWriter", "audit", "audit_sheet", "exports", "visit_csv", "visit_sheet"]
