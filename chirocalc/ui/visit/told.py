"""The visit as its inputs have it now, its answer, and which parts of the page they change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import streamlit as st

from chirocalc import tables
from chirocalc.links import SETTINGS
from chirocalc.rules import Answer, Service, Settings, asks_region, read_service
from chirocalc.tables import Code, manipulation_kinds
from chirocalc.ui.shared import Payment, device, session
from chirocalc.visit import Desk, Item, desk, items, settled, tied_lines

# The parts of the page that run alone.
ANSWER, SETTLE, MORE = "answer", "settle", "more"

ANSWERED = {"yes": True, "no": False}


@dataclass(frozen=True)
class Row:
    """A service as it was chosen, and what of its input cannot be used, and why."""

    key: str
    code: Code
    service: Service
    faults: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Told:
    """The rows, the answer to them, what is to settle of it, and what it comes to."""

    rows: tuple[Row, ...]
    answer: Answer
    items: tuple[Item, ...]
    deductible_left: float

    @cached_property
    def desk(self) -> Desk:
        """The visit in dollars, at the practice's own prices where they apply."""
        prices = device.prices(self.answer.settings.payer)
        return desk(self.answer, prices, self.deductible_left, session.copay)

    @property
    def opens(self) -> int:
        """How many things stand between the visit and its claim."""
        return sum(item.opens for item in self.items)


def inputs_outside() -> tuple[Any, ...]:
    """The inputs that stand outside the parts that run alone."""
    settings = [session.state.get(each.key, each.default) for each in SETTINGS.values()]
    return (*settings, *session.adjusted, None, *session.services)


@dataclass(frozen=True)
class Visit:
    """What a full run of the page has read; minutes and answers are in the session."""

    settings: Settings
    payment: Payment
    manipulations: tuple[str, ...]
    chosen: tuple[str, ...]
    outside: tuple[Any, ...] = field(default_factory=inputs_outside)

    def keep_up(self, alone: bool) -> None:
        """Of a part that runs alone: draw the whole page anew where an input outside has changed.
        An answer may set one, and a browser sends minutes that a click elsewhere ends together
        with that click, as one."""
        if alone and self.outside != inputs_outside():
            st.rerun()

    @property
    def keys(self) -> tuple[str, ...]:
        """The services, those that follow from the regions first."""
        return self.manipulations + self.chosen

    def told(self) -> Told:
        """The services with the clinician's choice in a tie, and what follows."""
        rows = tuple(self._row(key) for key in self.keys)
        found = settled([row.service for row in rows], self.settings)
        if session.tie in [line.code for line in tied_lines(found)]:
            first = [
                row.service._replace(tie_first=row.service.code.code == session.tie) for row in rows
            ]
            found = settled(first, self.settings)
        return Told(rows, found, tuple(items(found)), self.payment.deductible_left)

    def _row(self, key: str) -> Row:
        code = tables.records()[key]
        confirmed = session.modifiers[claimed_as(key)] or []
        assistant = self.payment.assistant
        service, faults = read_service(
            code,
            None if code.time_rule == "untimed" else session.amount[key],
            [*filter(None, [assistant]), *confirmed],
            _regions(key, self.manipulations),
            ANSWERED.get(session.separate[key] or ""),
        )
        unbilled = session.unbilled[claimed_as(key)] or ""
        return Row(key, code, service._replace(unbilled=unbilled), faults)


def claimed_as(key: str) -> str:
    """The name under which a line's confirmed modifiers, and whether it is billed, are kept; a
    manipulation's code may change."""
    return manipulation_kinds().get(key, key)


def _regions(key: str, manipulations: Sequence[str]) -> list[str]:
    """The regions of a line: the ones adjusted, or the one treated where that matters."""
    if kind := manipulation_kinds().get(key):
        kinds = tables.region_kinds()
        return [name for name in session.adjusted if kinds[name] == kind]
    treated = session.region[key] if asks_region(key, manipulations) else None
    return [treated] if treated else []


def rerun(visit: Visit, *parts: str) -> None:
    """From the callback of an input of the answer's own part: run other parts too, those named and
    those that the input changes. Most minutes change none, and a second run would cost as much as
    the first."""
    run = set(parts)
    with tables.in_use():
        if visit.told().items != session.settling:
            run.add(SETTLE)
    if session.panel:
        run.add(MORE)
    if device.is_to_write():
        run.add(device.DEVICE)
    if run:
        st.rerun(sorted({ANSWER, *run}))
