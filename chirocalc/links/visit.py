"""The visit as a link.

    ?payer=va&area=60601&adj=cervical.lumbar&do=97110.20_97112.20~head~XS~yes_72100-26.1

A service is its code, ".", minutes or count, and "~" before each of: the region treated, the
modifiers confirmed, whether it was separate from the other services, and whether it is not billed:
"off" the claim, or to "collect" from the patient.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from chirocalc import tables
from chirocalc.checked import checked
from chirocalc.errors import InputError, nearest
from chirocalc.rules import COLLECT, MOST_DOLLARS, OFF

from .base import BETWEEN, Field, PageLink, Params, number, one_of, short, written, yes_no

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

    def decode(self, params: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
        state, problems = super().decode(params)
        services, tie = state.setdefault(SERVICES, []), self.fields["tie"].key
        if state[tie] not in (None, *services):
            problems.append(
                f"The link's tie '{short(str(state[tie]))}' is not a service of the visit."
            )
            state[tie] = None
        return state, problems

    def read_part(self, name: str, text: str, state: dict[str, Any], problems: list[str]) -> None:
        if name == "do":
            state.setdefault(SERVICES, [])
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


def services_text(state: Mapping[Any, Any]) -> str:
    """The services of a state as they stand in a link."""
    return BETWEEN_SERVICES.join(_service(key, state) for key in state.get(SERVICES, []))


def read_services(text: str, state: dict[str, Any], problems: list[str]) -> None:
    """Read services of a link into a state that has a list of them, and say what is left out."""
    known = tables.codes().index
    untimed = tables.codes()["time_rule"] == "untimed"
    manipulation = set(tables.manipulation()["code"])
    parts = [part for part in text.split(BETWEEN_SERVICES) if part]
    if len(parts) > MOST_SERVICES:
        problems.append(
            f"The link has {len(parts)} services; a visit here has up to {MOST_SERVICES}, so the "
            f"ones after {short(parts[MOST_SERVICES - 1])} were left out."
        )
    for part in parts[:MOST_SERVICES]:
        what, *answers = part.split(BEFORE_ANSWER)
        code, _, amount = what.partition(BETWEEN)
        code = code.upper()
        if code not in known:
            near = nearest(code, known)
            problems.append(f"The link's code '{short(code)}' is not in codes.csv ({near}).")
            continue
        if code in manipulation:
            problems.append(
                f"The link's {code} was left out: it follows from the regions adjusted."
            )
            continue
        value = _read_amount(code, amount, bool(untimed[code]), problems)
        before = state.get(amount_key(code))
        if code in state[SERVICES]:
            problems.append(f"The link has {code} twice: it is one line, and its minutes add up.")
            value = None if value is None and before is None else (value or 0) + (before or 0)
        else:
            state[SERVICES].append(code)
        state[amount_key(code)] = value
        for name, said in zip(ANSWERS, answers, strict=False):
            if said:
                try:
                    state[answer_key(name, code)] = ANSWER_READERS[name](said)
                except (ValueError, InputError) as error:
                    problems.append(f"The link's {name} '{short(said)}' of {code}: {error}.")


def _read_amount(code: str, text: str, untimed: bool, problems: list[str]) -> float | None:
    """The minutes, or the count, of a service; what is out of range is said beside its field."""
    try:
        value = float(text) if text else None
        if value is not None and not math.isfinite(value):
            raise ValueError
    except ValueError:
        problems.append(
            f"The link has '{short(text)}' minutes for {code}: not a number, so none were entered."
        )
        return None
    if value is not None and untimed:
        problems.append(f"The link's minutes of {code} were left out: it is untimed.")
        return None
    return value


def _region(text: str) -> str:
    tables.check_known("link", "region", text, tables.regions().index)
    return text


def _modifiers(text: str) -> list[str]:
    words = dict.fromkeys(word.upper() for word in text.split(BETWEEN) if word)
    for word in words:
        tables.check_known("link", "modifier", word, tables.modifiers().index)
    return list(words)


def known_regions(text: str, problems: list[str]) -> list[str]:
    """The regions adjusted; one that is not known is said, and the others are kept."""
    names = dict.fromkeys(name for name in text.replace("+", " ").split(BETWEEN) if name)
    known = tables.regions().index
    if unknown := [name for name in names if name not in known]:
        shown = ", ".join(f"'{short(name)}'" for name in unknown[:3])
        more = f" and {len(unknown) - 3} more" if len(unknown) > 3 else ""
        problems.append(
            f"The link's adj {shown}{more}: no such region ({nearest(unknown[0], known)}). The "
            "others were kept."
        )
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
)
