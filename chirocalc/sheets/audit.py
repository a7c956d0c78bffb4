"""The audit's summary as one page of HTML to print."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from chirocalc import tables
from chirocalc.audit import (
    MIRROR,
    Audit,
    Columns,
    Totals,
    by_code,
    by_dollars,
    by_rule,
    manipulation_mix,
    sentences,
    words,
)
from chirocalc.checked import checked
from chirocalc.rules import RULE_NAMES, Settings
from chirocalc.words import LEVEL_NAMES

from .parts import FOOTER, filled, made_by, period_of

MOST_RULES, MOST_CODES = 14, 12  # rows that one page has room for

MOST_LETTERS = 80  # of a file's name

ROWS = 25  # of both tables, which fit at full size


@checked
def audit_sheet(totals: Totals, settings: Settings, name: str) -> str:
    """Totals, findings by rule, units by code and the adjustment mix; no line of a visit."""
    found, table, said = by_rule(totals), by_code(totals), sentences(totals)
    # Each table has one row more where it says that there are more.
    rows = min(len(found), MOST_RULES + 1) + min(len(table), MOST_CODES + 1) + len(said) / 2
    return filled(
        "audit.html",
        size=min(9.0, 9 * ROWS / rows),
        name=name[:MOST_LETTERS],
        payer=tables.payers().at[settings.payer, "name"],
        rule=RULE_NAMES[settings.rule],
        sentences=said,
        rules=list(found.head(MOST_RULES).itertuples()),
        more_rules=len(found) - MOST_RULES,
        codes=list(table.nlargest(MOST_CODES, "lines").sort_index().itertuples()),
        more_codes=len(table) - MOST_CODES,
        shares=_shares(totals),
        mirror=MIRROR,
        made_by=_made_by(totals, settings),
    )


FOUND = "What was found"  # the column of the sheet "To do" that opens the findings

# The columns of the findings as an office reads them; the first is to tick off.
OF_FINDINGS = {
    "done": "Done", "date": "Date of service", "visit": "Visit or account", "claim": "Claim",
    "provider": "Provider", "payer": "Payer", "code": "Code", "modifiers": "Modifiers billed",
    "right_modifiers": "Modifiers as they should be", "units": "Units billed",
    "right_units": "Units as they should be", "text": "What was found", "level": "How grave",
    "name": "Kind", "dollars": "Dollars", "row": "Row in the file", "source": "Source",
}  # fmt: skip

OF_LINES = {
    "row": "Row in the file", "date": "Date of service", "visit": "Visit or account",
    "claim": "Claim", "provider": "Provider", "payer": "Payer", "code": "Code",
    "minutes": "Minutes", "billed": "Units billed", "supported": "Units supported",
    "modifiers": "Modifiers", "suggested": "Suggested, not confirmed", "region": "Region",
    "allowed": "Dollars",
}  # fmt: skip

OF_LEFT_OUT = {
    "row": "Row in the file", "date": "Date of service", "visit": "Visit or account",
    "kind": "Kind", "column": "Column", "value": "Value", "reason": "Reason",
}  # fmt: skip


@checked
def audit_workbook(
    answer: Audit, columns: Columns, settings: Settings, name: str
) -> dict[str, pd.DataFrame]:
    """The audit as the sheets of an Excel file: what was found and what was not checked; what to do
    by rule, the most dollars first; each finding with what it should be; notes apart from faults;
    the lines; rows left out; what it was made from."""
    return {
        "Summary": _summary(answer.totals, columns, settings),
        "To do": _to_do(answer.totals),
        "Findings": _findings(answer, notes=False),
        "Notes": _findings(answer, notes=True),
        "Lines": _named(answer.lines, OF_LINES),
        "Left out": _named(answer.refused, OF_LEFT_OUT),
        "About": _about_audit(answer.totals, settings, name),
    }


@checked
def links_to_do(sheets: Mapping[str, pd.DataFrame]) -> list[tuple[str, int] | None]:
    """Of each row of the sheet "To do" the sheet and row of the first of its findings."""
    first: dict[str, tuple[str, int]] = {}
    for sheet in ("Findings", "Notes"):
        for row, kind in enumerate(sheets[sheet]["Kind"].tolist(), start=2):
            first.setdefault(kind, (sheet, row))
    return [first.get(kind) for kind in sheets["To do"][FOUND]]


def _summary(totals: Totals, columns: Columns, settings: Settings) -> pd.DataFrame:
    blind = words.blind_spots(totals, columns, settings)
    said = [
        words.headline(totals, bool(blind)),
        words.in_a_line(totals, columns),
        *sentences(totals)[1:],
        *blind,
        *words.set_instead(columns, settings),
        *words.found_in(columns),
    ]
    return pd.DataFrame({"Summary": list(dict.fromkeys(said))})


def _to_do(totals: Totals) -> pd.DataFrame:
    rows = [
        ("", each.name, LEVEL_NAMES[each.level], each.findings, each.cents / 100, each.to_do)
        for each in by_dollars(totals)
    ]
    heads = ["Done", FOUND, "How grave", "Findings", "Dollars", "What to do"]
    return pd.DataFrame(rows, columns=heads)


def _findings(answer: Audit, notes: bool) -> pd.DataFrame:
    """Findings by rule as on the sheet "To do", the most dollars of each first."""
    table = answer.findings[(answer.findings["level"] == "note") == notes]
    order = {each.rule: at for at, each in enumerate(by_dollars(answer.totals))}
    table = table.assign(
        done="",
        name=table["rule"].map(tables.rule_names()["name"]),
        level=table["level"].map(LEVEL_NAMES),
        by_rule=table["rule"].map(order),
        by_dollars=-table["dollars"].abs(),
        source=table["source"].map(tables.sources()["short"]),
    ).sort_values(["by_rule", "by_dollars"], kind="stable")
    return _named(table, OF_FINDINGS)


def _named(table: pd.DataFrame, heads: dict[str, str]) -> pd.DataFrame:
    """The columns as an office reads them, payers by name; without those that are empty."""
    if "payer" in table:
        names = table["payer"].map(tables.payers()["name"])
        table = table.assign(payer=names.fillna(table["payer"]))
    kept = [name for name in heads if name != "claim" or (table[name] != "").any()]
    return table[kept].rename(columns=heads)


def _about_audit(totals: Totals, settings: Settings, name: str) -> pd.DataFrame:
    """What an Excel file says of itself, on a sheet of its own: what, value."""
    facts = {
        "Made by": _made_by(totals, settings),
        "File": name,
        "Rows without a payer": tables.payers().at[settings.payer, "name"],
        "Their unit rule": RULE_NAMES[settings.rule],
        "Notice": FOOTER,
    }
    return pd.DataFrame(list(facts.items()), columns=["what", "value"])


def _made_by(totals: Totals, settings: Settings) -> str:
    """The version, and the releases of all months that have visits."""
    months = totals.by_month.index.unique("month")
    return made_by(*(period_of(month, settings.period) for month in months))


def _shares(totals: Totals) -> str:
    """ "This file: 98940 27%, 98941 68%, ...; Medicare 2019: ..."."""
    mix = manipulation_mix(totals)
    return "; ".join(
        f"{of}: " + ", ".join(f"{code} {share:.0%}" for code, share in mix[of].items())
        for of in mix
    )
