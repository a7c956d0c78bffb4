"""What sheets say in English or Spanish: words of two tables, days, names of codes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from chirocalc import tables
from chirocalc.checked import choice
from chirocalc.tables import Code

LANGUAGES = {"en": "english", "es": "spanish"}

Language = Annotated[str, choice(*LANGUAGES)]

PARTS = {"26": "reading", "TC": "films"}


@dataclass(frozen=True)
class Said:
    """One language: `say("gfe.only")` gives its words, `say.day(...)` a day written out."""

    lang: str = "en"

    def __call__(self, words: str, **values: object) -> str:
        text = _words(LANGUAGES[self.lang])[words]
        return text.format(**values) if values else text

    def day(self, day: date) -> str:
        """ "March 2, 2026", "2 de marzo de 2026"."""
        month = self("months").split("|")[day.month - 1]
        return self("day", month=month, day=day.day, year=day.year)

    def name(self, code: Code) -> str:
        """A code's name; in English where the clinic's own has none in Spanish."""
        names = tables.spanish_names()["name"]
        if self.lang == "en" or code.code not in names.index:
            return code.full_name
        return str(names[code.code]) + (self(PARTS[code.part]) if code.part else "")

    def phase(self, name: str) -> str:
        """A phase's name: one of ours in the language, one that was typed as it is."""
        words = f"phase.{name.lower()}"
        return self(words) if words in _words(LANGUAGES[self.lang]) else name

    def visits(self, count: int) -> str:
        """ "1 visit", "12 visitas"."""
        return self("visit.one") if count == 1 else self("visit.many", count=count)

    def listed(self, items: Iterable[object]) -> str:
        """ "1, 4 and 8"."""
        *front, last = map(str, items)
        return f"{', '.join(front)} {self('care.and')} {last}" if front else last


@tables.kept
def _words(language: str) -> dict[str, str]:
    """What is said, by id: plain words, and what rules ask for."""
    return {**tables.sheet_words()[language], **tables.sheet_texts()[language]}


ENGLISH = Said()


def languages(lang: str) -> tuple[Said, ...]:
    """What a sheet is printed in: the English original, and behind it the Spanish as an aid."""
    return (ENGLISH,) if lang == "en" else (ENGLISH, Said(lang))
