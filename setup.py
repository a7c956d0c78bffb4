"""What pyproject.toml cannot say: codes.csv, which a clinic edits beside app.py, goes into a wheel
among the tables."""

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

CODES = "codes.csv"


class BuildWithCodes(build_py):
    """The package with codes.csv where `tables.CODES_FILE` finds it; an editable one needs none."""

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            self.copy_file(CODES, str(Path(self.build_lib, "chirocalc", "tables", "data", CODES)))


setup(cmdclass={"build_py": BuildWithCodes})
