"""What tests of pages share: components are looked for once, and codes.csv is saved anew."""

import os
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.pages_manager import PagesManager


@pytest.fixture(scope="session", autouse=True)
def _components_are_looked_for_once() -> Iterator[None]:
    """Each new AppTest reads the files of all installed packages (50 to 100 ms): once is enough."""
    with pytest.MonkeyPatch.context() as patch:
        scan = cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", scan)
        yield


@pytest.fixture(scope="session", autouse=True)
def _pages_are_known_in_a_fragment() -> Iterator[None]:
    """Each run of an AppTest forgets the app's pages until the whole script has named them, so a
    run of a fragment alone would know none; a server keeps them."""
    get_pages, known = PagesManager.get_pages, dict[str, Any]()

    def remembered(manager: PagesManager) -> Any:
        if manager._pages is not None:
            known.update(manager._pages)
        return known or get_pages(manager)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PagesManager, "get_pages", remembered)
        yield


@pytest.fixture
def save_later(codes_file: Path) -> Callable[[str], None]:
    """A function that saves codes.csv a second later, whatever the clock of the disk."""

    def save(text: str) -> None:
        later = codes_file.stat().st_mtime_ns + 10**9
        codes_file.write_text(text, encoding="utf-8")
        os.utime(codes_file, ns=(later, later))

    return save
