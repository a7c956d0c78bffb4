"""The page of a course of care: what is entered of it, what it comes to, and what is saved."""

from . import page, start

__all__ = ["page", "start"]
