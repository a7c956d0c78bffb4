"""The visit calculator."""

from . import page, services, start

__all__ = ["page", "services", "start"]
