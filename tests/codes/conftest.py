"""A clinic's own codes.csv in place of the shipped one."""

from collections.abc import Callable
from pathlib import Path

import pytest
from own_codes import as_file

from chirocalc.tables import code_table


@pytest.fixture
def clinic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[list[dict]], None]:
    """Put rows of a clinic's own in the place of codes.csv."""

    def save(rows: list[dict]) -> None:
        own = tmp_path / "codes.csv"
        own.write_text(as_file(rows), encoding="utf-8")
        monkeypatch.setattr(code_table, "CODES_FILE", own)

    return save
