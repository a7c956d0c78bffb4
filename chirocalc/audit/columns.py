"""The columns of a file of visits: which field each stands for, by common names."""

from __future__ import annotations

import re
from collections.abc import Iterable

from chirocalc import tables
from chirocalc.errors import InputError, Problem

FIELDS = {
    "visit": "Visit",
    "date": "Date of service",
    "account": "Account number",
    "code": "Code",
    "minutes": "Minutes",
    "units": "Units billed",
    "modifiers": "Modifiers",
    "region": "Region",
    "payer": "Payer",
    "provider": "Treating provider",
    "discipline": "Who treats (chiropractor, PT, OT)",
    "place": "Place of service",
}

Columns = dict[str, tuple[str, ...]]  # header columns of each field


@tables.kept
def _synonyms() -> dict[str, str]:
    table = tables.visit_columns()
    names = dict(zip(table["header"], table["field"], strict=True))
    return {name.replace(" ", ""): field for name, field in names.items()} | names


def field_of(header: str) -> str | None:
    name = plain_header(header)
    return _synonyms().get(name) or _synonyms().get(name.replace(" ", ""))


def plain_header(header: str) -> str:
    """A column's name as it is compared: lower case, words with single spaces between."""
    words = re.sub(r"([a-z])([A-Z])|([A-Z])(?=[A-Z][a-z]{2})", r"\1\3 \2", header)
    return " ".join(re.findall(r"[a-z0-9]+(?:/[a-z0-9]+)*", words.lower()))


def recognize(header: Iterable[str]) -> Columns:
    """The columns of each field, by common names; modifiers may stand in several."""
    found: dict[str, list[str]] = {}
    for column in header:
        name = field_of(column)
        if name and (name == "modifiers" or name not in found):
            found.setdefault(name, []).append(column)
    return {name: tuple(columns) for name, columns in found.items()}


def check_columns(columns: Columns, name: str) -> None:
    """Raise `InputError` when a file has no code, or nothing that tells its visits apart."""
    problems = []
    if "code" not in columns:
        problems.append(Problem(name, None, "Code", "", "column is needed and was not found"))
    if "visit" not in columns and not {"date", "account"} <= columns.keys():
        allowed = "column, or a date and an account number, is needed to tell visits apart"
        problems.append(Problem(name, None, "Visit", "", allowed))
    if problems:
        raise InputError(problems)
