"""Shared by all tests: one hypothesis profile, tables of a test's own, the browser tests last."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from chirocalc import tables

BROWSER = Path(__file__).parent / "browser"

# Every run tries the same examples; a slow machine is no failure.
settings.register_profile("chirocalc", deadline=None, derandomize=True)
settings.load_profile("chirocalc")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests last: they are slow, and Playwright keeps an event loop until the end."""
    items.sort(key=lambda item: BROWSER in item.path.parents)


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
