"""Columns that look like patient data, by their name or their values: they are never read."""

from __future__ import annotations

import re

import pandas as pd

from chirocalc import tables

from .headers import field_of, plain_header

MOST_GLUED = 40  # letters of a word that is looked at for private words in it

MOSTLY = 0.5


def private_columns(sample: pd.DataFrame, known: set[str]) -> dict[str, str]:
    """Columns that look like patient data and why; a column in use, or of a common name for one of
    the fields, is judged by its values."""
    found = {}
    for column in sample.columns:
        what = None if column in known or field_of(column) else _private_name(column)
        if what:
            found[column] = f"is called like {what}"
            continue
        for pattern, what in _private_values(field_of(column) or ""):
            if _mostly(pattern, sample[column]):
                found[column] = f"holds what look like {what}"
    return found


def looks_private(text: str, field: str = "") -> bool:
    """Whether a value by itself looks like patient data in a column of this field."""
    said = text.strip()
    return any(pattern.fullmatch(said) for pattern, _ in _private_values(field))


def _mostly(pattern: re.Pattern[str], texts: pd.Series) -> bool:
    """Whether the values that are given are of this form."""
    values = [value for value in map(str.strip, texts.tolist()) if value]
    return bool(values) and sum(map(bool, map(pattern.fullmatch, values))) >= MOSTLY * len(values)


@tables.kept
def _private_values(field: str) -> list[tuple[re.Pattern[str], str]]:
    """Patterns of values that tell of patient data in a column of this field, and what of."""
    table = tables.private_values()
    table = table[table["field"].isin(["", field])]
    return [(re.compile(str(pattern)), str(what)) for pattern, what in table["what"].items()]


@tables.kept
def _private_words() -> dict[str, str]:
    """Words in a column's name that tell of patient data, and what of."""
    what = tables.private_columns()["what"]
    return {plain_header(str(word)): str(about) for word, about in what.items()}


@tables.kept
def _glued() -> tuple[re.Pattern[str], dict[str, str]]:
    """A private word written together with others, as in PATIENTNAME, and what it tells of."""
    what = {word.replace(" ", ""): about for word, about in _private_words().items()}
    private = "|".join(sorted(what, key=len, reverse=True))
    others = "|".join(tables.private_glue().index)
    return re.compile(f"(?:{others})*({private})(?:{private}|{others})*"), what


def _private_name(header: str) -> str | None:
    """What of a patient a column's name tells of, if anything."""
    name = plain_header(header).replace("/", " ")
    name = re.sub(r"(?<=[a-z])(?=[0-9])|(?<=[0-9])(?=[a-z])", " ", name)  # address1
    initials = re.sub(r"\b([a-z]) (?=[a-z]\b)", r"\1", name)  # d.o.b.
    text = f" {name} | {initials} "
    for other in tables.not_private().index:
        text = text.replace(f" {other} ", " | ")
    whole = next((what for word, what in _private_words().items() if f" {word} " in text), None)
    if whole:
        return whole
    pattern, about = _glued()
    words = [word for word in text.split() if len(word) <= MOST_GLUED]
    return next((about[hit[1]] for word in words if (hit := pattern.fullmatch(word))), None)
