"""What is to settle before billing, each with the answers that settle it, and what to know."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import streamlit as st

from chirocalc import tables
from chirocalc.links import SETTINGS
from chirocalc.rules import Answer, asks_region
from chirocalc.ui.shared import (
    LEVELS,
    PHASES,
    YES_NO,
    html,
    input_callback,
    plain,
    session,
    source,
)
from chirocalc.visit import Item, tied_lines
from chirocalc.words import LEVEL_NAMES, count, listed

from .told import SETTLE, Row, Told, Visit, claimed_as, rerun

USE = "use "

# What settles a thing besides a modifier, as a button says it.
MENDS = {
    "collect": "Do not bill it, collect my fee",
    "off": "Leave it off the claim",
    "without": "Take the modifier off",
}

UNBILLED = {
    "collect": "is not billed: the patient pays your fee",
    "off": "stays off the claim: document it",
}

SETTING = {"phase": SETTINGS["phase"].key, "abn": SETTINGS["abn"].key}


class Question(NamedTuple):
    """What the clinician can answer of the services with these keys. `level`: of the finding that
    asks, "" when none does. `words` are Markdown."""

    kind: str  # "tie", "phase", "abn", "region", "separate", "modifiers", "mend"
    keys: tuple[str, ...]
    options: tuple[str, ...]
    level: str
    words: str
    detail: str = ""
    drops: tuple[str, ...] = ()  # the modifiers that "without" takes off

    @property
    def about(self) -> str:
        """The name that it is remembered by."""
        offers = self.options if self.kind in ("modifiers", "mend") else ()
        return " ".join([self.kind, *self.keys, *offers])


def draw(visit: Visit, told: Told) -> None:
    """Draw all of it, the worst first. What was settled stays in its place, so that it can be taken
    back there."""
    session.settling = told.items
    said = [item for item in told.items if not _is_asked(item)]
    denied = [item for item in said if item.level == "fix"]
    html.block(_head(told) + html.stacked(map(_said, denied)))
    for question in _in_their_places(_questions(told)):
        _ask(visit, question)
    if others := [item for item in said if item not in denied]:
        html.block(html.stacked(map(_said, others)))


def tie(visit: Visit, told: Told) -> None:
    """Ask who gets the extra unit, where leftovers are equal. It comes and goes with the minutes,
    so it runs with the figures."""
    for question in _tie(told.answer):
        _ask(visit, question)


def _head(told: Told) -> str:
    if told.opens:
        return f'<h2 class="cc-head">{count(told.opens, "thing")} to settle before billing</h2>'
    if told.answer.units and told.answer.settings.profile("claims") == "yes":
        return '<h2 class="cc-head">Ready to bill, if it was done and is documented</h2>'
    return '<h2 class="cc-head">Before billing</h2>'


def _said(item: Item) -> str:
    shows = f' <span class="cc-quiet">{html.text(item.detail)}</span>' if item.detail else ""
    return (
        f'<div class="cc-small">{html.level(item.level)} {html.text(item.text)} '
        f"{html.source(item.source)}{shows}</div>"
    )


def _is_asked(item: Item) -> bool:
    return bool(item.asks or item.modifiers or item.mend)


def _questions(told: Told) -> list[Question]:
    """Those that findings ask, the worst first, and those that are answered already."""
    rows = told.rows
    keys: dict[str, list[str]] = {}
    for row in rows:
        keys.setdefault(row.service.code.code, []).append(row.key)
    asked = [_of_item(item, keys) for item in told.items if _is_asked(item)]
    names = {question.about for question in asked}
    here = {row.key for row in rows}
    remembered = [
        question._replace(level="")
        for name, question in session.asked.items()
        if name not in names and here.issuperset(question.keys) and _answer(question)
    ]
    return [*asked, *remembered, *_answered_before(rows, [*asked, *remembered])]


def _tie(told: Answer) -> list[Question]:
    """Which of tied lines gets the extra unit: the clinician's choice (cpm-5-20.2)."""
    tied = tied_lines(told)
    if not tied:
        return []
    codes = tuple(line.code for line in tied)
    now = listed(line.code for line in tied if line.extra_unit)
    without = "" if any(line.tied for line in told.lines) else "Without what would be denied, "
    words = (
        f"{without}{listed(codes)} have equal minutes left over. Which gets the extra unit? "
        f"Now {now}. {source('cpm-5-20.2')}"
    )
    return [Question("tie", codes, codes, "" if session.tie in codes else "note", words)]


def _of_item(item: Item, keys: dict[str, list[str]]) -> Question:
    of = tuple(key for code in item.codes for key in keys.get(code, [code]))
    kind = item.asks or ("modifiers" if item.modifiers else "mend")
    words = f"{plain(item.text)} {source(item.source)}"
    options = _options(kind) or (*([item.mend] if item.mend else []), *item.modifiers)
    return Question(kind, of, options, item.level, words, item.detail, item.drops)


def _options(kind: str) -> tuple[str, ...]:
    choices: dict[str, Iterable[str]] = {
        "phase": PHASES,
        "abn": YES_NO,
        "region": tables.region_names(),
        "separate": YES_NO,
    }
    return tuple(choices.get(kind, ()))


def _answered_before(rows: Sequence[Row], shown: Sequence[Question]) -> list[Question]:
    """Answers that came with a link: what no question above is about can still be taken back."""
    about = {(question.kind, key) for question in shown for key in question.keys}
    words = {
        (key, word)
        for question in shown
        if question.kind == "modifiers"
        for key in question.keys
        for option in question.options
        for word in option.split()
    }
    mended = {(option, key) for each in shown for option in each.options for key in each.keys}
    keys = [row.key for row in rows]
    made = []
    for row in rows:
        name = f"**{row.key}**"
        is_asked = session.region[row.key] and asks_region(row.key, keys)
        if is_asked and ("region", row.key) not in about:
            text = f"{name} was done here"
            made.append(Question("region", (row.key,), _options("region"), "", text))
        if session.separate[row.key] and ("separate", row.key) not in about:
            text = f"{name} was separate from the other services"
            made.append(Question("separate", (row.key,), _options("separate"), "", text))
        unbilled = session.unbilled[claimed_as(row.key)]
        if unbilled and (unbilled, row.key) not in mended:
            text = f"{name} {UNBILLED[unbilled]}"
            made.append(Question("mend", (row.key,), (unbilled,), "", text))
        confirmed = session.modifiers[claimed_as(row.key)] or []
        if left := tuple(word for word in confirmed if (row.key, word) not in words):
            made += [
                Question("modifiers", (row.key,), (word,), "", f"{name} goes out with")
                for word in left
            ]
    return made


def _in_their_places(questions: list[Question]) -> list[Question]:
    """As they stood before, a new one behind the last about the same service: none moves away from
    under a finger. Another visit begins with the worst again."""
    order = list(session.asked)
    for question in questions:
        if question.about not in order:
            near = [
                at
                for at, name in enumerate(order)
                if name in session.asked
                and not set(session.asked[name].keys).isdisjoint(question.keys)
            ]
            order.insert(near[-1] + 1 if near and session.asked else len(order), question.about)
    by_name = {question.about: question for question in questions}
    before = session.asked
    placed = [by_name[name] for name in order if name in by_name]
    # The words in which it was asked stay: shorter ones would move all that stands below.
    kept = [
        question._replace(words=before[question.about].words)
        if not question.level and question.about in before
        else question
        for question in placed
    ]
    session.asked = {question.about: question for question in kept}
    return kept


def _ask(visit: Visit, question: Question) -> None:
    """A question as chips; the one chosen is its answer."""
    badge = (
        f":{LEVELS[question.level]}-badge[{LEVEL_NAMES[question.level]}]"
        if question.level
        else ":green-badge[Settled]"
    )
    name, names = question.about, _names(question)
    session.settled[name] = _answer(question)
    st.pills(
        f"{badge} {question.words}",
        question.options,
        format_func=lambda option: names.get(option, option),
        key=session.settled.key(name),
        help=question.detail or None,
        on_change=_take,
        args=(visit, question),
        wrap=True,
    )


def _names(question: Question) -> dict[str, str]:
    """What the options are called; a modifier is called by itself."""
    kind = question.kind
    if kind == "region":
        return tables.region_names()
    if kind == "phase":
        return dict(PHASES)
    if kind in ("abn", "separate"):
        return dict(YES_NO)
    return MENDS | {option: f"{option.capitalize()} instead" for option in question.options
                    if option.startswith(USE)}  # fmt: skip


def _answer(question: Question) -> str | None:
    """What was answered, None before."""
    kind, keys = question.kind, question.keys
    if kind == "tie":
        return session.tie if session.tie in keys else None
    if kind in SETTING:
        value: str | None = session.state.get(SETTING[kind])
        return value
    if kind == "region":
        return session.region[keys[0]]
    if kind == "separate":
        return session.separate[keys[0]]
    unbilled = {session.unbilled[claimed_as(key)] for key in keys}
    if len(unbilled) == 1 and (answered := unbilled.pop()) in question.options:
        return answered
    given = [set(session.modifiers[claimed_as(key)] or []) for key in keys]
    offered = [option for option in question.options if _is_modifier(option)]
    fits = [option for option in offered if all(set(option.split()) <= of for of in given)]
    return fits[0] if fits else None


@input_callback
def _take(visit: Visit, question: Question) -> None:
    answer = session.settled[question.about]
    kind, keys = question.kind, question.keys
    if kind == "tie":
        session.tie = answer
        return rerun(visit)
    if kind in SETTING:
        session.set_input(SETTING[kind], answer)
    elif kind == "region":
        session.region[keys[0]] = answer
    elif kind == "separate":
        session.separate[keys[0]] = answer
    else:
        for key in keys:
            _settle_line(key, question, answer or "")
    rerun(visit, SETTLE)


def _settle_line(key: str, question: Question, answer: str) -> None:
    """Take an answer of which modifiers a line has, or of what is done instead."""
    name = claimed_as(key)
    offered = {word for option in question.options if _is_modifier(option)
               for word in option.split()}  # fmt: skip
    kept = [word for word in session.modifiers[name] or [] if word not in offered]
    session.modifiers[name] = kept + (answer.split() if _is_modifier(answer) else [])
    if set(question.options) & UNBILLED.keys():
        session.unbilled[name] = answer if answer in UNBILLED else None
    if answer == "without":
        session.modifiers[name] = [word for word in kept if word not in question.drops]
    if answer.startswith(USE):
        _use_instead(key, answer.removeprefix(USE))


def _use_instead(key: str, other: str) -> None:
    """Put another code in a service's place, with the minutes or the count it had."""
    services = [other if each == key else each for each in session.services]
    if session.amount[other] is None:
        session.amount[other] = session.amount[key]
    session.services = list(dict.fromkeys(services))


def _is_modifier(option: str) -> bool:
    return option not in MENDS and not option.startswith(USE)
