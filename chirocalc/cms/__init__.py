"""Renewing the tables from CMS's own downloads."""

from .due import due
from .update import update

__all__ = ["due", "update"]
