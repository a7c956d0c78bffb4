"""Names of columns, as they are compared: `CPTCode`, `CPT Code #` and `CPT_CODE` are one."""

from __future__ import annotations

import re
from typing import NamedTuple

from chirocalc import tables


class Meant(NamedTuple):
    """A field that a column's name may mean, and how early in the table it stands."""

    field: str
    rank: int


def plain_header(header: str) -> str:
    """A column's name as it is compared: lower case, words with single spaces between."""
    whole = re.sub(r"\(([sS])\)", r"\1", header)  # Modifier(s)
    words = re.sub(r"([a-z])([A-Z])|([A-Z])(?=[A-Z][a-z]{2})", r"\1\3 \2", whole)
    return " ".join(re.findall(r"[a-z0-9]+(?:/[a-z0-9]+)*", words.lower()))


def meanings(header: str) -> list[Meant]:
    """The fields that a column may stand for by its name, in the table's order."""
    name = plain_header(header)
    return _synonyms().get(name) or _synonyms().get(name.replace(" ", "")) or []


def field_of(header: str) -> str | None:
    """The field that a column stands for by its name alone."""
    return next((meant.field for meant in meanings(header)), None)


@tables.kept
def _synonyms() -> dict[str, list[Meant]]:
    """By name, as written and with its words written together."""
    table = tables.visit_columns()
    known: dict[str, list[Meant]] = {}
    for rank, (field, name) in enumerate(zip(table["field"], table["header"], strict=True)):
        for written in {name, name.replace(" ", "")}:
            known.setdefault(written, []).append(Meant(field, rank))
    return known
