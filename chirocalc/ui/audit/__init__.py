"""A month of visits."""

from . import charts, found, preview, results, to_log, upload, verdict

__all__ = ["charts", "found", "preview", "results", "to_log", "upload", "verdict"]
