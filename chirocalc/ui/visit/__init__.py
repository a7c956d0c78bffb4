"""The visit calculator."""

from . import page, services

__all__ = ["page", "services"]
