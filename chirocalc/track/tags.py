"""A short tag of the user's own on a row: what looks like a patient's is refused, by the table that
the audit goes by."""

from __future__ import annotations

import re

from chirocalc import tables

MOST_LETTERS = 24

# A birth date as it is written, and numbers as charts and cards have them.
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|(19|20)\d{6}|\d{8}")

_NUMBER = re.compile(r"\d{5,}")


def tag_fault(tag: str) -> str:
    """Why a tag cannot be used; "" for one that can."""
    if len(tag) > MOST_LETTERS:
        return f"must be at most {MOST_LETTERS} characters"
    if any(not letter.isprintable() for letter in tag):
        return "must be plain text"
    if _DATE.search(tag):
        return "looks like a date, such as a birth date: nothing of a patient belongs here"
    if _NUMBER.search(tag):
        return "looks like a patient's number: nothing of a patient belongs here"
    for pattern, what in _patterns():
        if pattern.fullmatch(tag):
            return f"looks like {what}: nothing of a patient belongs here"
    return ""


@tables.kept
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """What values of patients look like, as of an account, and what each is."""
    table = tables.private_values()
    table = table[table["field"].isin(["", "account"])]
    return [(re.compile(str(pattern)), str(what)) for pattern, what in table["what"].items()]
