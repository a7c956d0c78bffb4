"""The Sources page's parts: tables with their releases, the self-test, what is not known."""

from __future__ import annotations

import time
from datetime import date, timedelta

import pandas as pd
import streamlit as st

from chirocalc import self_test, tables
from chirocalc.cms import due
from chirocalc.rules import RULE_NAMES
from chirocalc.tables import rates
from chirocalc.ui.shared import plain, source
from chirocalc.words import count

KINDS = {"units": "Units", "allowed": "Dollars allowed", "who pays": "Who pays what"}

SURE = {"P": "primary source", "S": "secondary source", "?": "commonly stated"}

BASES = {"single": "everyone", "non-APM": "everyone else", "APM": "qualifying APM participants"}

BAD = ":material/error:"

RENEW = "python -m chirocalc update FILE"


def glance(examples: pd.DataFrame) -> None:
    """At a glance: are all tables current, and does the engine agree with the worked examples?"""
    cells = st.grid(2, min_column_width=300, gap="small")
    words, late = current_to(date.today())
    mark = cells.warning if late else cells.success
    mark(words, icon=":material/update:" if late else ":material/check_circle:")
    failed = int((~examples["agrees"]).sum())
    words = f"{len(examples) - failed} of {len(examples)} worked examples agree."
    if failed:
        cells.error(f"{words} Do not rely on the app until this is mended.", icon=BAD)
    else:
        cells.success(words, icon=":material/check_circle:")


def current_to(today: date) -> tuple[str, int]:
    """Until which day all tables are current, in words, and how many releases are to load."""
    late = due(today)
    if late.empty:
        return f"All tables current to {_day(today)}; nothing to load.", 0
    last = date.fromisoformat(min(late["missed"])) - timedelta(1)
    to_load = count(len(late), "release")
    return f"All tables current to {_day(last)}; {to_load} to load.", len(late)


def _day(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"


def in_force() -> None:
    """What is used today, and which of CMS's files should have a newer one."""
    here, late = rates.current(), due()
    with st.container(border=True, gap="small"):
        cells = st.grid(4, min_column_width=130, gap="small")
        cells.metric("Rates in force", here.name)
        cells.metric("Conversion factor", f"${rates.conversion_factor(apm=False, here=here):.4f}")
        cells.metric("Codes", f"{len(tables.code_arrays().names)}")
        cells.metric("Loaded", ", ".join(each.name for each in rates.periods()))
        if coming := rates.coming_year():
            st.markdown(_coming(coming))
    if late.empty:
        return
    words = "\n".join(
        f"- {row.name}: {row.release} is loaded; a newer file should be out since {row.newer}."
        for row in late.itertuples(index=False, name="Late")
    )
    st.info(
        f"{words}\n\nDownload them and run `{RENEW}`: it shows what changes and asks first.",
        title="CMS should have newer files",
        icon=":material/update:",
    )


def _coming(year: str) -> str:
    """How to load a year that CMS has probably published, and what holds until then."""
    return (
        f"CMS has probably published the rates of {year}: download RVU{year[2:]}A "
        f"({source('cms-rvu')}) and run `{RENEW}`. Until then dates of service in {year} are "
        "refused. Proposed factors are never used."
    )


def run_examples() -> tuple[pd.DataFrame, str]:
    """The self-test: worked examples through the engine, now, and how long it took, in words."""
    begun = time.perf_counter()
    table = self_test.run()
    took = (time.perf_counter() - begun) * 1000
    return table, f"Computed just now in {took:.0f} ms."


def examples(table: pd.DataFrame, took: str) -> None:
    """Each worked example, expected beside computed."""
    shown = pd.DataFrame(
        {
            "Agrees": table["agrees"].map({True: "yes", False: "no"}),
            "What": table["kind"].map(KINDS) + ", " + table["rule"].map(RULE_NAMES),
            "Services and minutes": table["services"],
            "Expected": table["expected"],
            "Computed": table["computed"],
            "Example": table["origin"],
            "Source": table["source"].map(tables.sources()["short"]),
        }
    )
    st.dataframe(shown, hide_index=True, height=320)
    st.caption(
        f"{took} Printed: stands so in the source. Derived: follows from the rule. In a tie each "
        "of the answers joined by 'or' is valid."
    )


def loaded() -> None:
    """Every table: what it holds, its releases and dates, rows, checks, and how sure it is."""
    st.dataframe(table_list(), hide_index=True, height=420)


def table_list() -> pd.DataFrame:
    """The tables as they are shown, one row for each release that a table holds."""
    table = pd.DataFrame(
        [_listed(each, listing) for each in tables.ALL for listing in each.listings]
    )
    table = table.merge(
        tables.releases().drop(columns="source"), how="left", left_on="kind", right_on="table"
    )
    own = table["kind"] == ""
    return pd.DataFrame(
        {
            "Table": table["file"],
            "Holds": table["holds"],
            "Release": table["release"].where(~own, table["years"]),
            "In force from": table["effective_from"].fillna(""),
            "until": table["effective_to"].fillna(""),
            "Rows": table["rows"].where(~own, table["own_rows"]),
            "How sure": table["sure"].map(SURE),
            "Checked against": table["checked"],
            "Renewed here": table["read"].fillna(""),
        }
    )


def _listed(table: tables.Table, listing: tables.Listing) -> dict[str, object]:
    beside = [each for each in tables.ALL if each.file in listing.also]
    return {
        "file": ", ".join([table.file, *listing.also]),
        "holds": listing.holds,
        "kind": listing.kind,
        "years": listing.release,
        "own_rows": len(table()) + sum(len(each()) for each in beside),
        "sure": listing.sure,
        "checked": listing.checked,
    }


def factors() -> None:
    """Dollars per RVU, the newest first; the proposed ones marked as such."""
    table = tables.conversion_factors().iloc[::-1]
    shown = pd.DataFrame(
        {
            "From": table["effective_from"],
            "Until": table["effective_to"],
            "Dollars per RVU": table["conversion_factor"].map("{:.4f}".format),
            "For": table["basis"].map(BASES),
            "Status": table["status"].replace("proposed", "proposed, never used"),
        }
    )
    st.dataframe(shown, hide_index=True, height=320)


def not_known() -> None:
    """What is not known, or only commonly stated: said plainly."""
    words = [
        f"**{plain(row.about)}.** {plain(row.text)} {source(row.source)}"
        for row in tables.unknowns().itertuples()
    ]
    payers = tables.payers()
    unsure = payers[payers["unit_rule_sure"] == "?"]
    words += [
        f"**{plain(name)}.** {plain(note)}"
        for name, note in zip(unsure["name"], unsure["note"], strict=True)
    ]
    stated = tables.hints()
    stated = stated[stated["sure"] == "?"].drop_duplicates("rule")["rule"]
    names = tables.rule_names()["name"].reindex(stated)
    words.append(
        "**Hints that are only commonly stated**, and say so: " + plain("; ".join(names)) + "."
    )
    st.markdown("\n".join(f"- {each}" for each in words))


def every_source() -> None:
    """Every source with its address, where it has one."""
    table = tables.sources()
    shown = table.sort_values("short")[["short", "title", "url"]]
    st.dataframe(
        shown.rename(columns={"short": "Called here", "title": "Title", "url": "Address"}),
        hide_index=True,
        height=420,
        column_config={"Address": st.column_config.LinkColumn("Address")},
    )
