"""The wheel: built from the files of a clone, installed away from them, and used."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from packaging.requirements import Requirement

import chirocalc
from chirocalc.version import VERSION

ROOT = Path(__file__).parents[1]
NEEDED = [
    "pyproject.toml", "setup.py", "MANIFEST.in", "requirements.txt", "README.md", "LICENSE",
    "codes.csv",
]  # fmt: skip
LINES = {"code": ["98941", "97110", "97140"], "minutes": [None, 33, 7]}
ESTIMATE = f"""
import chirocalc, pandas as pd
from chirocalc import tables
lines = pd.DataFrame({LINES!r})
answer = chirocalc.estimate(lines, chirocalc.Settings(date="2026-03-02"))
units, allowed = answer.visits.iloc[0][["units", "allowed"]]
print(chirocalc.__file__, tables.CODES_FILE, units, allowed, sep="\\n")
"""
TYPED = """
from chirocalc import Settings, assign_units
reveal_type(Settings().payer)
reveal_type(assign_units([1], [15.0], "cms"))
Settings(payer=5)
"""


def say(*command, cwd=None):
    """What a command says; it must end well. It sees what is installed, not what runs the tests."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [*map(str, command)], cwd=cwd, env=env, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def sources():
    """The files of the package as they stand here."""
    found = (ROOT / "chirocalc").rglob("*")
    return [path for path in found if path.is_file() and "__pycache__" not in path.parts]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """A wheel, built from a copy: what an earlier build left behind here would get into it."""
    copy, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for path in [*sources(), *(ROOT / name for name in NEEDED)]:
        target = copy / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    say(sys.executable, "-m", "pip", "wheel", copy, "--no-deps", "--quiet", "--wheel-dir", out)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def python(wheel, tmp_path_factory):
    """A Python that has the wheel, and of this environment all but Chirocalc."""
    folder = tmp_path_factory.mktemp("venv")
    venv.create(folder)
    mine = folder / ("Scripts" if sys.platform == "win32" else "bin") / Path(sys.executable).name
    here = say(mine, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
    # Of a folder named in a .pth no further .pth is read, so an editable Chirocalc stays unseen.
    Path(here, "others.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    install = ["install", "--no-deps", "--no-index", "--quiet", wheel]
    say(sys.executable, "-m", "pip", "--python", mine, *install)
    return mine


def test_the_wheel_has_every_file_of_the_package_and_codes_csv(wheel):
    """And nothing else, so that no file of the package is forgotten."""
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    here = {path.relative_to(ROOT).as_posix() for path in sources()}
    assert held == here | {"chirocalc/tables/data/codes.csv"}


def test_the_wheel_asks_for_what_the_requirements_list(wheel):
    """Each package of requirements.txt with its range, and the version of the package itself."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith("/METADATA")]
        said = archive.read(name).decode().partition("\n\n")[0].splitlines()
    asked = [Requirement(line[15:]) for line in said if line.startswith("Requires-Dist: ")]
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    listed = [Requirement(line) for line in text.splitlines() if line and line[0] != "#"]
    assert {str(each) for each in asked if not each.marker} == {str(each) for each in listed}
    assert all(each.specifier for each in listed)
    assert f"Version: {VERSION}" in said


def test_an_installed_wheel_estimates_as_the_checkout_does(python, tmp_path):
    """One visit, far from the checkout, with the codes.csv of the wheel."""
    package, codes, units, allowed = say(python, "-c", ESTIMATE, cwd=tmp_path).splitlines()
    here = chirocalc.estimate(pd.DataFrame(LINES), chirocalc.Settings(date="2026-03-02"))
    visit = here.visits.iloc[0]
    assert (float(units), float(allowed)) == (visit["units"], visit["allowed"])
    assert not Path(package).is_relative_to(ROOT)
    assert Path(codes).is_relative_to(Path(package).parent)
    assert Path(codes).read_bytes() == (ROOT / "codes.csv").read_bytes()


def test_an_installed_wheel_has_its_command_line(python, tmp_path):
    """Its help, which names the commands."""
    said = say(python, "-m", "chirocalc", "--help", cwd=tmp_path)
    assert {"audit", "update"} <= set(re.findall(r"\w+", said))


def test_mypy_sees_the_types_of_an_installed_wheel(python, tmp_path):
    """It says the types of the public names, and finds one that is not right."""
    path = tmp_path / "own.py"
    path.write_text(TYPED, encoding="utf-8")
    command = [python, "-m", "mypy", "--strict", "--cache-dir", tmp_path / "cache", path.name]
    done = subprocess.run(
        [*map(str, command)], cwd=tmp_path, capture_output=True, encoding="utf-8", check=False
    )
    said = done.stdout.replace("builtins.", "")
    assert 'own.py:3: note: Revealed type is "str"' in said
    assert 'own.py:4: note: Revealed type is "numpy.ndarray[' in said
    assert 'own.py:5: error: Argument "payer" to "Settings" has incompatible type' in said
    assert "Found 1 error" in said


def test_the_version_is_said_in_one_place():
    """`chirocalc.__version__`; no other file of the project spells it as a version of its own."""
    assert chirocalc.__version__ == VERSION
    assert re.fullmatch(r"\d+\.\d+\.\d+", VERSION)
    assert VERSION not in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
