"""The practice as sheets name it, and what cannot be right of its numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields

from chirocalc import tables
from chirocalc.checked import check_fields, checked

NPI_PREFIX = "80840"  # the check digit is counted as if this stood before it (npi-check)

MOST_LETTERS = 80  # of a field


@dataclass(frozen=True)
class Clinic:
    """The practice's block; what is empty is a line to fill in by hand. `npi` is of who treats,
    `group_npi` of the practice where it bills under its own."""

    practice: str = ""
    provider: str = ""
    npi: str = ""
    group_npi: str = ""
    tin: str = ""
    street: str = ""
    city: str = ""
    state: str = ""
    zip: str = ""
    phone: str = ""

    def __post_init__(self) -> None:
        check_fields(self)

    @property
    def place(self) -> str:
        """Street, city, state and ZIP code in one line, as far as they are known."""
        town = " ".join(filter(None, [self.state, self.zip]))
        return ", ".join(filter(None, [self.street, self.city, town]))


FIELDS = tuple(each.name for each in fields(Clinic))


@checked
def npi_fault(number: str) -> str:
    """What is wrong with an NPI, "" where nothing is: ten digits, the first 1 or 2, the last one by
    Luhn's formula over 80840 and the number (npi-check)."""
    if not re.fullmatch("[0-9]{10}", number):
        return "has ten digits"
    if number[0] not in "12":
        return "begins with 1 or 2"
    return "" if _luhn(NPI_PREFIX + number) == 0 else "has another last digit: check the digits"


def _luhn(digits: str) -> int:
    """The sum of the digits, every second one from the right doubled, modulo 10."""
    doubled = [int(digit) * 2 for digit in digits[-2::-2]]
    return (sum(map(int, digits[-1::-2])) + sum(each // 10 + each % 10 for each in doubled)) % 10


@checked
def clinic_faults(clinic: Clinic) -> dict[str, str]:
    """What cannot be right, by field, in words that follow its name; an empty field is no fault."""
    checks = {
        "npi": npi_fault(clinic.npi),
        "group_npi": npi_fault(clinic.group_npi),
        "tin": _unless(r"[0-9]{2}-?[0-9]{7}", clinic.tin, "has nine digits, such as 12-3456789"),
        "state": "" if clinic.state in tables.states().index else "is two letters, such as IL",
        "zip": _unless(r"[0-9]{5}(-[0-9]{4})?", clinic.zip, "has five digits, or nine"),
        "phone": _unless(
            r"(\+?1[ .-]?)?\(?[0-9]{3}\)?[ .-]?[0-9]{3}[ .-]?[0-9]{4}( ?x ?[0-9]+)?",
            clinic.phone,
            "has ten digits, such as 312-555-0100",
        ),
    }
    return {name: words for name, words in checks.items() if words and getattr(clinic, name)}


def _unless(pattern: str, text: str, words: str) -> str:
    return "" if re.fullmatch(pattern, text) else words
