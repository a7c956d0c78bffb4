"""The audit's summary as one page of HTML to print."""

from __future__ import annotations

import pandas as pd

from chirocalc import tables
from chirocalc.audit import MIRROR, Totals, by_code, by_rule, manipulation_mix, sentences
from chirocalc.rules import RULE_NAMES, Settings

from .parts import FOOTER, filled, made_by, period_of

MOST_RULES, MOST_CODES = 14, 12  # rows that one page has room for

MOST_LETTERS = 80  # of a file's name

ROWS = 25  # of both tables, which fit at full size


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


def about_audit(totals: Totals, settings: Settings, name: str) -> pd.DataFrame:
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
