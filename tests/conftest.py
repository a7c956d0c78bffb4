"""Shared by all tests: how many examples are tried, the browser tests marked and last, tables of a
test's own."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import is_hypothesis_test, settings

from chirocalc import tables

# What other test files take from these says what was compared, as in a test.
pytest.register_assert_rewrite("driving", "oracles", "cms_layouts")

BROWSER = Path(__file__).parent / "browser"

# Every run tries the same examples; a slow machine is no failure.
settings.register_profile("ci", deadline=None, derandomize=True)
# At the desk, by HYPOTHESIS_PROFILE=quick: a fifth of the examples of each test.
settings.register_profile("quick", settings.get_profile("ci"))
PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "ci")
settings.load_profile(PROFILE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests are marked, and last, for Playwright keeps an event loop until the end."""
    items.sort(key=lambda item: BROWSER in item.path.parents)
    for item in items:
        if BROWSER in item.path.parents:
            item.add_marker("browser")
    if PROFILE == "quick":
        functions = {item.obj for item in items if isinstance(item, pytest.Function)}
        for test in filter(is_hypothesis_test, functions):
            _try_fewer(test)


def _try_fewer(test: Any) -> None:
    """A fifth of the examples. Hypothesis has no public way to change a test's own number."""
    mine = test._hypothesis_internal_use_settings
    fewer = settings(mine, max_examples=max(1, mine.max_examples // 5))
    test._hypothesis_internal_use_settings = fewer


@pytest.fixture
def codes_file(tmp_path: Path) -> Iterator[Path]:
    """A copy of codes.csv for a test to change or remove; all that reads tables reads it."""
    path = tmp_path / "codes.csv"
    shutil.copyfile(tables.CODES_FILE, path)
    with tables.use_files(codes_file=path):
        yield path


@pytest.fixture
def own_tables(tmp_path: Path) -> Iterator[Path]:
    """A copy of all tables, codes.csv among them, for a test to change (`csv_files.change`)."""
    folder = tmp_path / "own tables"
    shutil.copytree(tables.FOLDER, folder)
    shutil.copyfile(tables.CODES_FILE, folder / "codes.csv")
    with tables.use_files(folder / "codes.csv", folder):
        yield folder
