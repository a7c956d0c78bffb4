"""Shared by all tests: one hypothesis profile; the browser tests have their mark and come last."""

from pathlib import Path

import pytest
from hypothesis import settings

BROWSER = Path(__file__).parent / "browser"

# Every run tries the same examples; a slow machine is no failure.
settings.register_profile("chirocalc", deadline=None, derandomize=True)
settings.load_profile("chirocalc")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the browser tests, and put them last: they are slow, and Playwright keeps an event loop
    until the end."""
    for item in items:
        if BROWSER in item.path.parents:
            item.add_marker("browser")
    items.sort(key=lambda item: BROWSER in item.path.parents)
