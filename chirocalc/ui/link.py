"""The visit as a link: every input of the visit page to and from the query string.

Streamlit's own `bind="query-params"` puts display labels into the URL, turns 7.5 minutes into 7 in
silence and drops what it does not know; here the URL holds ids, and what cannot be used is said.

    ?payer=va&area=60601&adj=cervical.lumbar&do=97110.20_97112.20~head~XS~yes_72100-26.1

A service is its code, ".", minutes or count, and "~" before each of: the region treated, the
modifiers confirmed, and whether it was separate from the other services.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import urlencode, urlsplit

import streamlit as st

from chirocalc import code_table, tables
from chirocalc.errors import InputError, nearest
from chirocalc.settings import MOST_DOLLARS

EXAMPLE = {
    "payer": "commercial-total-time",
    "adj": "cervical.thoracic.lumbar",
    "do": "97110.20_97112.20",
}
DEFAULTS: dict[str, Any] = {
    "payer": "medicare",
    "area": "national",
    "place": "office",
    "provider": "chiropractor",
    "phase": None,
    "rule": None,
    "percent": None,
    "participating": True,
    "apm": False,
    "deductible": 0.0,
    "assistant": False,
    "mppr": None,
    "therapy_modifier": None,
    "abn": None,
    "kx_used": None,
    "adjusted": [],
    "modifiers spinal": [],
    "modifiers extraspinal": [],
    "codes": [],
    "tie": None,
}
# Name in the link -> name in the state.
NAMES = {
    "payer": "payer",
    "area": "area",
    "place": "place",
    "who": "provider",
    "phase": "phase",
    "rule": "rule",
    "percent": "percent",
    "par": "participating",
    "apm": "apm",
    "deductible": "deductible",
    "assistant": "assistant",
    "mppr": "mppr",
    "gp": "therapy_modifier",
    "abn": "abn",
    "kx": "kx_used",
    "adj": "adjusted",
    "cmt": "modifiers spinal",
    "extra": "modifiers extraspinal",
    "tie": "tie",
}
MOST_SERVICES = 30
BETWEEN_SERVICES = "_"
BETWEEN = "."
BEFORE_ANSWER = "~"
ANSWERS = ("region", "modifiers", "separate")


def amount_key(key: str) -> str:
    """The state's name for the minutes, or the count, of a service ("97110", "72100-26")."""
    return f"amount {key}"


def answer_key(what: str, key: str) -> str:
    """The state's name for an answer about a service: its "region", "modifiers", "separate"."""
    return f"{what} {key}"


def sync() -> None:
    """Read the link into the session on the first run, and when Back or Forward changed it.

    A click can come with an old address, when it left the browser before the last run's answer
    was there. Then an input changed, or a button's callback said so (`touch`).
    """
    url = st.query_params.to_dict()
    touched = st.session_state.pop("touched", False)
    changed = encode(st.session_state) != st.session_state.get("sent")
    first = "link" not in st.session_state
    if first or (url != st.session_state["link"] and not touched and not changed):
        _fill(url or EXAMPLE)
        st.session_state["link"] = url


def touch() -> None:
    """Say in a callback that an input was changed by a button."""
    st.session_state["touched"] = True


def save() -> None:
    """Write the session's inputs into the link; the untouched example needs none."""
    link = encode(st.session_state)
    st.session_state["sent"] = link
    if link == EXAMPLE and not st.session_state["link"]:
        return
    st.session_state["link"] = link
    if link != st.query_params.to_dict():
        st.query_params.from_dict(link)


def address() -> str:
    """The whole address of the visit as it stands."""
    query = urlencode(encode(st.session_state))
    base = (st.context.url or "").partition("?")[0]
    return f"{base}{'' if urlsplit(base).path else '/'}?{query}"


def _fill(params: Mapping[str, str]) -> None:
    state, problems = decode(params)
    about_lines = ("amount ", "tapped ", *(f"{what} " for what in ANSWERS))
    for name in [name for name in st.session_state if str(name).startswith(about_lines)]:
        del st.session_state[name]
    st.session_state.update(state)
    st.session_state["link_problems"] = problems


def encode(state: Mapping[str, Any] | MutableMapping[Any, Any]) -> dict[str, str]:
    """The link of a state: only what differs from the defaults."""
    link = {}
    for name, key in NAMES.items():
        value = state.get(key, DEFAULTS[key])
        if value != DEFAULTS[key] and value is not None:
            link[name] = _written(value)
    services = [_service(key, state) for key in state.get("codes", [])]
    if services or not link:  # an address without anything would show the example
        link["do"] = BETWEEN_SERVICES.join(services)
    return link


def _service(key: str, state: Mapping[Any, Any]) -> str:
    amount = state.get(amount_key(key))
    text = key if amount is None else f"{key}{BETWEEN}{_written(amount)}"
    answers = [_written(state.get(answer_key(what, key)) or "") for what in ANSWERS]
    return (text + "".join(BEFORE_ANSWER + answer for answer in answers)).rstrip(BEFORE_ANSWER)


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return BETWEEN.join(value)
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def decode(params: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """The state of a link, and a sentence for each part of it that cannot be used."""
    state = {
        key: list(value) if isinstance(value, list) else value for key, value in DEFAULTS.items()
    }
    problems: list[str] = []
    for name, text in params.items():
        if name == "do":
            _read_services(text, state, problems)
        elif name not in NAMES:
            problems.append(f"The link has '{_short(name)}', which is not an input of this page.")
        elif text:
            try:
                state[NAMES[name]] = READERS[name](text)
            except (ValueError, InputError) as error:
                problems.append(f"The link's {name} '{_short(text)}' was left out: {error}.")
    if state["tie"] not in (None, *state["codes"]):
        problems.append(
            f"The link's tie '{_short(str(state['tie']))}' is not a service of the visit."
        )
        state["tie"] = None
    return state, problems


def _read_services(text: str, state: dict[str, Any], problems: list[str]) -> None:
    known = code_table.codes().index
    untimed = code_table.codes()["time_rule"] == "untimed"
    manipulation = set(tables.manipulation()["code"])
    parts = [part for part in text.split(BETWEEN_SERVICES) if part]
    if len(parts) > MOST_SERVICES:
        problems.append(
            f"The link has {len(parts)} services; a visit here has up to {MOST_SERVICES}, so the "
            f"ones after {_short(parts[MOST_SERVICES - 1])} were left out."
        )
    for part in parts[:MOST_SERVICES]:
        what, *answers = part.split(BEFORE_ANSWER)
        code, _, amount = what.partition(BETWEEN)
        code = code.upper()
        if code not in known:
            near = nearest(code, known)
            problems.append(f"The link's code '{_short(code)}' is not in codes.csv ({near}).")
            continue
        if code in manipulation:
            problems.append(
                f"The link's {code} was left out: it follows from the regions adjusted."
            )
            continue
        value = _read_amount(code, amount, bool(untimed[code]), problems)
        before = state.get(amount_key(code))
        if code in state["codes"]:
            problems.append(f"The link has {code} twice: it is one line, and its minutes add up.")
            value = None if value is None and before is None else (value or 0) + (before or 0)
        else:
            state["codes"].append(code)
        state[amount_key(code)] = value
        for name, said in zip(ANSWERS, answers, strict=False):
            if said:
                try:
                    state[answer_key(name, code)] = ANSWER_READERS[name](said)
                except (ValueError, InputError) as error:
                    problems.append(f"The link's {name} '{_short(said)}' of {code}: {error}.")


def _read_amount(code: str, text: str, untimed: bool, problems: list[str]) -> float | None:
    """The minutes, or the count, of a service; what is out of range is said beside its field."""
    try:
        value = float(text) if text else None
        if value is not None and not math.isfinite(value):
            raise ValueError
    except ValueError:
        problems.append(
            f"The link has '{_short(text)}' minutes for {code}: not a number, so none were entered."
        )
        return None
    if value is not None and untimed:
        problems.append(f"The link's minutes of {code} were left out: it is untimed.")
        return None
    return value


def _one_of(*choices: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in choices:
            raise ValueError("it is none of " + ", ".join(choices))
        return text

    return read


def _yes_no(text: str) -> bool:
    return _one_of("yes", "no")(text) == "yes"


def _number(least: float, most: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            raise ValueError("it is not a number") from None
        if not least <= value <= most:
            raise ValueError(f"it is not from {least:g} to {most:g}")
        return round(value, 2)

    return read


def _payer(text: str) -> str:
    tables.check_known("link", "payer", text, tables.payers().index)
    return text


def _area(text: str) -> str:
    if text != "national" and text not in tables.localities().index:
        tables.locality_of_zip(text)
    return text


def _region(text: str) -> str:
    tables.check_known("link", "region", text, tables.regions().index)
    return text


def _modifiers(text: str) -> list[str]:
    words = [word.upper() for word in text.split(BETWEEN) if word]
    for word in words:
        tables.check_known("link", "modifier", word, tables.modifiers().index)
    return list(dict.fromkeys(words))


def _regions(text: str) -> list[str]:
    names = [name for name in text.replace("+", " ").split(BETWEEN) if name]
    for name in names:
        tables.check_known("link", "region", name, tables.regions().index)
    return list(dict.fromkeys(names))


def _short(text: str) -> str:
    return text if len(text) <= 30 else text[:30] + "…"


ANSWER_READERS: dict[str, Callable[[str], Any]] = {
    "region": _region,
    "modifiers": _modifiers,
    "separate": _one_of("yes", "no"),
}
READERS: dict[str, Callable[[str], Any]] = {
    "payer": _payer,
    "area": _area,
    "place": _one_of("office", "facility"),
    "who": _one_of("chiropractor", "pt", "ot"),
    "phase": _one_of("active", "maintenance"),
    "rule": _one_of("cms", "cpt"),
    "percent": _number(1, 1000),
    "par": _yes_no,
    "apm": _yes_no,
    "deductible": _number(0, tables.amount("part_b_deductible")),
    "assistant": _yes_no,
    "mppr": _one_of("none", "pe", "line"),
    "gp": _one_of("yes", "no"),
    "abn": _one_of("yes", "no"),
    "kx": _number(0, MOST_DOLLARS - 1),
    "cmt": _modifiers,
    "extra": _modifiers,
    "adj": _regions,
    "tie": str,
}
