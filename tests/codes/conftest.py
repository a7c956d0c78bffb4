"""A clinic's own codes.csv in place of the shipped one."""

from collections.abc import Callable
from pathlib import Path

import pytest
from csv_files import as_csv, put


@pytest.fixture
def clinic(codes_file: Path) -> Callable[[list[dict]], None]:
    """Put rows of a clinic's own in the place of codes.csv."""
    return lambda rows: put(codes_file, as_csv(rows))
