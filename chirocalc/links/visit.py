"""The visit as a link.

    ?payer=va&area=60601&adj=cervical.lumbar&do=97110.20_97112.20~head~XS~yes_72100-26.1

A service is its code, ".", minutes or count, and "~" before each of: the region treated, the
modifiers confirmed, whether it was separate from the other services, and whether it is not billed:
"off" the claim, or to "collect" from the patient.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from chirocalc import tables
from chirocalc.checked import State, checked
from chirocalc.rules import COLLECT, MOST_DOLLARS, OFF

from .base import (
    BETWEEN,
    Field,
    PageLink,
    Params,
    Problems,
    capitals,
    known_name,
    number,
    one_of,
    short,
    written,
    yes_no,
)

EXAMPLE = {
    "payer": "commercial-total-time",
    "adj": "cervical.thoracic.lumbar",
    "do": "97110.20_97112.20",
}

MOST_SERVICES = 30

BETWEEN_SERVICES = "_"

BEFORE_ANSWER = "~"

ANSWERS = ("region", "modifiers", "separate", "unbilled")

AMOUNT = "amount"

SERVICES = "codes"  # the state's name for the services chosen, in order


class VisitLink(PageLink):
    """The inputs of the visit page: fields, and the services with what is said of each."""

    def encode(self, state: Mapping[Any, Any]) -> Params:
        link, services = super().encode(state), services_text(state)
        if services or not link:  # an address without anything would show the example
            link["do"] = services
        return link

    def check(self, state: dict[str, Any], problems: Problems) -> None:
        services, tie = state.setdefault(SERVICES, []), self.fields["tie"].key
        if state[tie] not in (None, *services):
            problems.say(f"The link's tie '{short(state[tie])}' is not a service of the visit.")
            state[tie] = None

    def read_part(self, name: str, text: str, state: dict[str, Any], problems: Problems) -> None:
        if name == "do":
            read_services(text, state, problems)
        elif name == "adj":
            state[self.fields[name].key] = known_regions(text, problems)
        else:
            super().read_part(name, text, state, problems)

    @checked
    def repeats(self, key: str) -> bool:
        return key.startswith(tuple(f"{what} " for what in (AMOUNT, *ANSWERS)))

    def names(self) -> set[str]:
        return super().names() | {"do"}


@checked
def amount_key(key: str) -> str:
    """The state's name for the minutes, or the count, of a service ("97110", "72100-26")."""
    return f"{AMOUNT} {key}"


@checked
def answer_key(what: str, key: str) -> str:
    """The state's name for an answer about a service: its "region", "modifiers", "separate",
    "unbilled"."""
    return f"{what} {key}"


def _service(key: str, state: Mapping[Any, Any]) -> str:
    amount = state.get(amount_key(key))
    text = key if amount is None else f"{key}{BETWEEN}{written(amount)}"
    answers = [written(state.get(answer_key(what, key)) or "") for what in ANSWERS]
    return (text + "".join(BEFORE_ANSWER + answer for answer in answers)).rstrip(BEFORE_ANSWER)


@checked
def services_text(state: State) -> str:
    """The services of a state as they stand in a link."""
    return BETWEEN_SERVICES.join(_service(key, state) for key in state.get(SERVICES, []))


def read_services(text: str, state: dict[str, Any], problems: Problems) -> None:
    """Read services of a link into a state, and say what is left out."""
    state.setdefault(SERVICES, [])
    manipulation = set(tables.manipulation()["code"])
    parts = [part for part in text.split(BETWEEN_SERVICES) if part]
    if len(parts) > MOST_SERVICES:
        problems.say(
            f"The link has {len(parts)} services; a visit here has up to {MOST_SERVICES}, so the "
            f"ones after {short(parts[MOST_SERVICES - 1])} were left out."
        )
    for part in parts[:MOST_SERVICES]:
        what, *answers = part.split(BEFORE_ANSWER)
        code, _, amount = what.partition(BETWEEN)
        code = capitals(code)
        if code not in tables.records():
            near = problems.near(code, tables.records())
            problems.say(f"The link's code '{short(code)}' is not in codes.csv{near}.")
        elif code in manipulation:
            problems.say(f"The link's {code} was left out: it follows from the regions adjusted.")
        else:
            _read_service(code, amount, answers, state, problems)


def _read_service(
    code: str, amount: str, answers: list[str], state: dict[str, Any], problems: Problems
) -> None:
    value = _read_amount(code, amount, problems)
    before = state.get(amount_key(code))
    if code in state[SERVICES]:
        problems.say(f"The link has {code} twice: it is one line, and its minutes add up.")
        value = None if value is None and before is None else (value or 0) + (before or 0)
    else:
        state[SERVICES].append(code)
    state[amount_key(code)] = value
    if len(answers) > len(ANSWERS):
        problems.say(f"The link has more than {len(ANSWERS)} answers about {code}.")
    for name, said in zip(ANSWERS, answers, strict=False):
        if said:
            try:
                state[answer_key(name, code)] = ANSWER_READERS[name](said)
            except ValueError as error:
                why = problems.why(error)
                problems.say(f"The link's {name} '{short(said)}' of {code} was left out: {why}.")


# As `written` writes a number; 20.30 may be two of them, and 2.400 two thousand.
MINUTES = re.compile(r"-?[0-9]{1,15}([.][0-9]{0,14}[1-9])?(e[+-]?[0-9]{1,3})?")


def _read_amount(code: str, text: str, problems: Problems) -> float | None:
    """The minutes, or the count, of a service; what is out of range is said beside its field."""
    if not text:
        return None
    value = float(text) if MINUTES.fullmatch(text) else math.inf
    if not math.isfinite(value):
        problems.say(
            f"The link has '{short(text)}' minutes for {code}: not a number, so none were entered."
        )
        return None
    if tables.records()[code].time_rule == "untimed":
        problems.say(f"The link's minutes of {code} were left out: it is untimed.")
        return None
    return value


def _region(text: str) -> str:
    return known_name(text, tables.regions().index)


def _modifiers(text: str) -> list[str]:
    words = dict.fromkeys(capitals(word) for word in text.split(BETWEEN) if word)
    known = tables.modifiers().index
    return [known_name(word, known, f"'{short(word)}'") for word in words]


def known_regions(text: str, problems: Problems) -> list[str]:
    """The regions adjusted; one that is not known is said, and the others are kept."""
    names = dict.fromkeys(name for name in text.replace("+", " ").split(BETWEEN) if name)
    known = set(tables.regions().index)
    if unknown := [name for name in names if name not in known]:
        shown = ", ".join(f"'{short(name)}'" for name in unknown[:3])
        more = f" and {len(unknown) - 3} more" if len(unknown) > 3 else ""
        near = problems.near(unknown[0], known)
        problems.say(f"The link's adj {shown}{more}: no such region{near}. The others were kept.")
    return [name for name in names if name in known]


ANSWER_READERS: dict[str, Callable[[str], Any]] = {
    "region": _region,
    "modifiers": _modifiers,
    "separate": one_of("yes", "no"),
    "unbilled": one_of(OFF, COLLECT),
}

VISIT = VisitLink(
    "app.py",
    {
        "adj": Field("adjusted", [], str),
        "cmt": Field("modifiers spinal", [], _modifiers),
        "extra": Field("modifiers extraspinal", [], _modifiers),
        "cmt_bill": Field("unbilled spinal", None, one_of(OFF, COLLECT)),
        "extra_bill": Field("unbilled extraspinal", None, one_of(OFF, COLLECT)),
        "tie": Field("tie", None, str),
        "copay": Field("copay", None, number(0, MOST_DOLLARS - 1)),
        # The amounts are the practice's own, which a link does not carry.
        "own": Field("own amounts", False, yes_no),
    },
    EXAMPLE,
    frozenset({"do", "adj", "cmt", "extra"}),
)
