"""A month of visits."""

from . import charts, found, upload
from .preview import preview
from .results import results
from .verdict import verdict

__all__ = ["charts", "found", "preview", "results", "upload", "verdict"]
