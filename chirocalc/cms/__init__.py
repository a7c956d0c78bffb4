"""Renewing the tables from CMS's own downloads."""

from .due import due
from .undo import undo
from .update import update
from .verify import verify

__all__ = ["due", "undo", "update", "verify"]
