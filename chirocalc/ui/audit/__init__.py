"""A month of visits."""

from . import charts, found, preview, results, upload, verdict

__all__ = ["charts", "found", "preview", "results", "upload", "verdict"]
