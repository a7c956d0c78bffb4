"""What tests of pages share: components are looked for once, and codes.csv is saved anew."""

import os
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from streamlit.components.v2 import manifest_scanner


@pytest.fixture(scope="session", autouse=True)
def _components_are_looked_for_once() -> Iterator[None]:
    """Each new AppTest reads the files of all installed packages (50 to 100 ms): once is enough."""
    with pytest.MonkeyPatch.context() as patch:
        scan = cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", scan)
        yield


@pytest.fixture
def save_later(codes_file: Path) -> Callable[[str], None]:
    """A function that saves codes.csv a second later, whatever the clock of the disk."""

    def save(text: str) -> None:
        later = codes_file.stat().st_mtime_ns + 10**9
        codes_file.write_text(text, encoding="utf-8")
        os.utime(codes_file, ns=(later, later))

    return save
