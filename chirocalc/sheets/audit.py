"""The audit's summary as one page of HTML to print."""

from __future__ import annotations

from html import escape

import pandas as pd

from chirocalc import tables
from chirocalc.audit import MIRROR, Totals, by_code, by_rule, manipulation_mix, sentences
from chirocalc.rules import RULE_NAMES, Settings
from chirocalc.words import money

from .parts import FOOTER, STYLE

MOST_RULES, MOST_CODES = 14, 12  # rows that one page has room for

MOST_LETTERS = 80  # of a file's name

ROWS = 25  # of both tables, which fit at full size


def audit_sheet(totals: Totals, settings: Settings, name: str) -> str:
    """Totals, findings by rule, units by code and the adjustment mix; no line of a visit."""
    payer = tables.payers().at[settings.payer, "name"]
    found, table = by_rule(totals), by_code(totals)
    rules = [
        _row(row.level, row.rule, f"{row.findings:,}", money(row.dollars), f"{row.rvus:,.2f}")
        for row in found.head(MOST_RULES).itertuples()
    ]
    rules += _rest(len(found) - MOST_RULES, 5)
    codes = [
        _row(
            row.Index,
            f"{row.lines:,}",
            f"{row.billed:,}",
            f"{row.units_cms:,}",
            f"{row.units_cpt:,}",
            "–" if pd.isna(row.minutes_a_unit) else f"{row.minutes_a_unit:.1f}",
            money(row.dollars),
        )
        for row in table.nlargest(MOST_CODES, "lines").sort_index().itertuples()
    ]
    codes += _rest(len(table) - MOST_CODES, 7)
    mix = manipulation_mix(totals)
    shares = "; ".join(
        f"{of}: " + ", ".join(f"{code} {share:.0%}" for code, share in mix[of].items())
        for of in mix
    )
    said = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences(totals))
    size = min(9.0, 9 * ROWS / (len(rules) + len(codes) + len(sentences(totals)) / 2))
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Audit summary · Chirocalc</title>
<style>{STYLE}body {{ font-size: {size:.1f}pt; overflow-wrap: anywhere }}</style></head>
<body><main>
<h1>Audit summary</h1>
<p>{escape(name[:MOST_LETTERS])} · rows without a payer: {escape(payer)},
{RULE_NAMES[settings.rule]}</p>
<ul>{said}</ul>
<h2>Findings by rule</h2>
<table><thead><tr><th>Level</th><th>Rule</th><th>Findings</th><th>Dollars</th><th>RVUs</th></tr>
</thead><tbody>{"".join(rules)}</tbody></table>
<h2>Units by code</h2>
<table><thead><tr><th>Code</th><th>Lines</th><th>Units billed</th><th>Total time (CMS)</th>
<th>Midpoint (CPT)</th><th>Minutes a unit</th><th>Allowed</th></tr></thead>
<tbody>{"".join(codes)}</tbody></table>
<h2>Adjustment mix</h2>
<p>{escape(shares)}. {escape(MIRROR)}</p>
<p><small>{escape(FOOTER)}</small></p>
</main></body></html>"""


def _row(first: str, *cells: str) -> str:
    rest = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
    return f"<tr><td><b>{escape(first)}</b></td>{rest}</tr>"


def _rest(count: int, columns: int) -> list[str]:
    """A last row that says how many have no room."""
    if count <= 0:
        return []
    return [f"<tr><td colspan={columns}>and {count} more, on the page</td></tr>"]
