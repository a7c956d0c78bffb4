"""A month of visits."""

from . import charts, found, upload

__all__ = ["charts", "found", "upload"]
