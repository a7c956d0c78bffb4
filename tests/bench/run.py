"""All figures, or those named: `python tests/bench/run.py [engine|audit|page|click|load ...]`.

Each kind is measured in a process of its own, so that none inherits another's memory.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
# `click.py` would stand in for the package of that name.
FILES = {
    "engine": "engine.py",
    "audit": "audit.py",
    "page": "page.py",
    "click": "browser.py",
    "load": "load.py",
    "memory": "memory.py",
    "strain": "strain.py",
    "track": "track.py",
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("figures", nargs="*", metavar="|".join(FILES))
    figures = parser.parse_args().figures or list(FILES)
    if unknown := set(figures) - set(FILES):
        parser.error(f"no such figure: {', '.join(sorted(unknown))}")
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    environment = os.environ | {"PYTHONPATH": path}
    failed = 0
    for figure in figures:
        command = [sys.executable, str(HERE / FILES[figure])]
        failed += subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode != 0
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
