"""Claims in X12 as a file of visits."""

from __future__ import annotations

from .visit_file import VisitFile, cannot_read


def open_claims(content: bytes, name: str) -> VisitFile:
    """Claims of professionals (837P). Raises `InputError` for any other X12 file."""
    raise cannot_read(name, "is an X12 file, not a table: export the visits as CSV or Excel")
