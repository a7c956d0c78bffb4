"""Track: the log of services, in sums, pictures and tables."""

from . import page

__all__ = ["page"]
