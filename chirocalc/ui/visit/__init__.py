"""The visit calculator."""

from . import charts, lines, payers, results, services

__all__ = ["charts", "lines", "payers", "results", "services"]
