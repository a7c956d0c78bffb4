"""The audit's link, and a visit of an audited file as a link to the calculator."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

import pandas as pd

from chirocalc import tables
from chirocalc.audit import NAMED
from chirocalc.checked import State, checked, having
from chirocalc.errors import InputError, Problem
from chirocalc.rules import ACTIVE, WITH_ABN, WITHOUT_ABN
from chirocalc.tables import manipulation_kinds, rates

from .base import OF_PAYER, SETTINGS, PageLink, Params
from .visit import SERVICES, VISIT, amount_key, answer_key

AUDIT = PageLink("pages/audit.py", {}, {})

# The names of settings in the state of a page.
PAYER, WHO, PHASE, ABN, DATE = (
    SETTINGS[name].key for name in ("payer", "who", "phase", "abn", "date")
)

ADJUSTED = VISIT.own["adj"].key

LinesOfAudit = Annotated[
    pd.DataFrame, having("payer", "date", "code", "modifiers", "region", "minutes", "billed")
]

# What is asked of one visit only does not go along; nor do another payer's own settings.
OF_VISIT = ("phase", "abn", "kx", "deductible", "assistant")


@checked
def visit_link(visit: LinesOfAudit, page: State) -> tuple[Params, list[str]]:
    """The link of the lines of one visit under the settings of the page and the rates of its day,
    and the regions that it assumes where an adjustment has none: the calculator knows it by its
    regions."""
    if visit.empty:
        raise InputError([Problem("visit_link", None, "visit", 0, "must have one line at least")])
    payer = str(visit["payer"].iloc[0])
    payer = payer if payer in tables.payers().index else NAMED
    left_out = OF_VISIT if payer == page.get(PAYER) else OF_VISIT + OF_PAYER
    state: dict[str, Any] = {
        field.key: page.get(field.key, field.default)
        for name, field in SETTINGS.items()
        if name not in left_out
    }
    state |= {PAYER: payer, ADJUSTED: [], SERVICES: []}
    if day := str(visit["date"].iloc[0]):
        is_now = rates.period(day) == rates.current()
        state[DATE] = None if is_now else date.fromisoformat(day)
    assumed: list[str] = []
    for line in visit.itertuples():
        written = line.modifiers.split()
        confirmed = [word for word in written if word in tables.modifiers().index]
        given = [name for name in line.region.split("|") if name]
        if kind := manipulation_kinds().get(line.code):
            kinds = tables.region_kinds()
            regions = [name for name in given if kinds[name] == kind]
            if not regions:
                regions = _fewest(line.code)
                assumed += regions
            state[ADJUSTED] = list(dict.fromkeys([*state[ADJUSTED], *regions]))
            state[answer_key("modifiers", kind)] = confirmed
            if kind == "spinal":
                state |= _treatment(confirmed, state)
        else:
            key = _key(line.code, written)
            state[SERVICES].append(key)
            state[amount_key(key)] = _amount(key, line)
            state[answer_key("region", key)] = given[0] if len(given) == 1 else None
            state[answer_key("modifiers", key)] = [
                word for word in confirmed if key == line.code or not key.endswith(word)
            ]
    return VISIT.encode(state), assumed


def _fewest(code: str) -> list[str]:
    """As many regions as the adjustment's code needs at least."""
    row = tables.manipulation().set_index("code").loc[code]
    regions = tables.regions()
    return list(regions.index[regions["kind"] == row["kind"]][: row["regions_from"]])


def _treatment(confirmed: list[str], state: Mapping[str, Any]) -> dict[str, str]:
    """What the adjustment's modifiers say of the treatment, where it is asked."""
    profile = tables.profile(state[PAYER])
    if profile["at_modifier"] != "yes" or state[WHO] != "chiropractor":
        return {}
    if ACTIVE in confirmed:
        return {PHASE: "active"}
    if not {WITH_ABN, WITHOUT_ABN} & set(confirmed):
        return {}
    if profile["medicare"] != "yes":
        return {PHASE: "maintenance"}
    return {PHASE: "maintenance", ABN: "yes" if WITH_ABN in confirmed else "no"}


def _key(code: str, modifiers: list[str]) -> str:
    """The key of a line in codes.csv: a part of a service has its own, such as 72100-26."""
    keys = [f"{code}-{word}" for word in modifiers]
    return next((key for key in keys if key in tables.codes().index), code)


def _amount(key: str, line: Any) -> float | None:
    """The minutes of a line, or how many."""
    rule = tables.codes().at[key, "time_rule"]
    value = {"untimed": pd.NA, "counted": line.billed}.get(rule, line.minutes)
    return None if pd.isna(value) else float(value)
