"""The fact base the tables were built from, which is no part of the repository."""

import os
from pathlib import Path

ROOT = Path(__file__).parents[1]


def facts(name):
    """A file or folder of it, or None where it is not here."""
    folders = [Path(os.environ["CHIROCALC_FACTS"])] if "CHIROCALC_FACTS" in os.environ else []
    folders += [parent / "shared" / "facts" for parent in ROOT.parents]
    return next((folder / name for folder in folders if (folder / name).exists()), None)
