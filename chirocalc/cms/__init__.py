"""Renewing the tables from CMS's own downloads."""

from .due import due
from .update import update
from .verify import verify

__all__ = ["due", "update", "verify"]
