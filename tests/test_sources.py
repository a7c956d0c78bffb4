"""Sources named in docstrings and comments, as in (cpm-5-20.2), are in the table of sources."""

import ast
import io
import re
import tokenize
from pathlib import Path

import pytest

from chirocalc import tables

ROOT = Path(__file__).parents[1]
FILES = [ROOT / "app.py", *(ROOT / "pages").glob("*.py"), *(ROOT / "chirocalc").rglob("*.py")]
KNOWN = {*tables.sources().index}
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
# Words with hyphens, or with a number at their end: cpt-time, rvu26.
AN_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9.]+)+|[a-z]+\d+")


def prose(code):
    """All docstrings and comments of a module."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, DOCUMENTED):
            yield ast.get_docstring(node) or ""
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        if token.type == tokenize.COMMENT:
            yield token.string


def ids_in(code):
    """What is or looks like the id of a source, in parentheses, alone or between commas."""
    groups = [group for text in prose(code) for group in re.findall(r"\(([^()]*)\)", text)]
    words = {" ".join(word.split()) for group in groups for word in re.split("[,;]", group)}
    return {word for word in words if word in KNOWN or AN_ID.fullmatch(word)}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_source_named_in_code_is_listed(path):
    assert ids_in(path.read_text(encoding="utf-8")) - KNOWN == set()


def test_the_law_is_named_where_it_is_computed():
    """The manual, the policy manual and the pair edits: what the rules rest on, by file."""
    named = {path.name: ids_in(path.read_text(encoding="utf-8")) for path in FILES}
    assert "cpm-5-20.2" in named["units.py"]
    assert "cpm-5-10.7" in named["mppr.py"]
    assert {"part-b", "cpm-5-20.1", "sequestration"} <= named["medicare.py"]
    assert "ncci-ptp" in named["pairs.py"]
    assert {"ncci-mue", "cms-chiro", "cpm-5-10"} <= named["facts.py"]


def test_an_id_is_seen():
    """In a docstring or a comment, over the end of a line, beside others; not in a string."""
    code = '''
"""Of a module (cpm-5-20.2)."""
def f():
    """One rule (per-code midpoint, cpt-time), another (pfs-formula,
    part-b), and a name (`rates.rvus`, 72100-26, none)."""
    return "(no-source)"  # as CMS has it (rvu26)
'''
    assert ids_in(code) == {"cpm-5-20.2", "cpt-time", "pfs-formula", "part-b", "rvu26"}
