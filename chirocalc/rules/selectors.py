"""Words of tables that name codes: a code, a range, a kind of code, each perhaps left out."""

from __future__ import annotations

from collections.abc import Callable

from chirocalc import tables
from chirocalc.tables import Code

X_RAY = "X-ray"  # the category of codes.csv

KINDS: dict[str, Callable[[Code], bool]] = {
    "@all": lambda code: True,
    "@therapy": lambda code: code.therapy,
    "@always": lambda code: code.therapy or code.at in _of_kind("always"),
    "@sometimes": lambda code: code.at in _of_kind("sometimes"),
    "@timed": lambda code: code.time_rule == "timed15",
    "@untimed": lambda code: code.time_rule in ("untimed", "level"),
    "@addon": lambda code: bool(code.parents),
    "@bundled": lambda code: code.status == "B",
    "@private": lambda code: code.code.startswith("S"),
    "@x-ray": lambda code: code.category == X_RAY,
}


@tables.kept
def selected(words: str) -> frozenset[int]:
    """The rows of `tables.codes()` that a selector names, such as "97110-97150 !97140"; a code that
    is not there is none."""
    codes = tables.code_list()
    chosen: set[int] = set()
    for word in words.split():
        name = word.removeprefix("!")
        first, _, last = name.partition("-")
        if name in KINDS:
            named = {code.at for code in codes if KINDS[name](code)}
        else:
            named = {code.at for code in codes if first <= code.code <= (last or first)}
        chosen = chosen - named if word.startswith("!") else chosen | named
    return frozenset(chosen)


def _of_kind(kind: str) -> frozenset[int]:
    return selected(str(tables.code_kinds().at[kind, "codes"]))
