"""The Compare page's parts: choosing codes, what they are worth, choosing by what was done."""

from __future__ import annotations

from itertools import combinations

import pandas as pd
import streamlit as st

from chirocalc import tables
from chirocalc.codes import compare, guide, search
from chirocalc.links import MOST_COMPARED, short
from chirocalc.rules import Settings
from chirocalc.sheets import stamped
from chirocalc.ui.shared import Session, input_callback, markdown, plain, rvu_parts, session
from chirocalc.words import rvu

from . import charts

Keys = tuple[str, ...]


def choose() -> Keys:
    """Draw the field of codes; return those chosen."""
    names = search.names()
    session.compared = [key for key in session.compared if key in names]
    st.multiselect(
        "Codes to compare, 2 to 6",
        list(names),
        format_func=lambda key: names.get(key, key),
        key=Session.compared.key,
        max_selections=MOST_COMPARED,
        accept_new_options=True,
        filter_mode="contains",  # what is not in a name goes to the search
        select_all=False,
        on_change=_take,
        placeholder="Number, name or other words, such as muscle energy",
    )
    if problem := session.compare_problem:
        st.markdown(f":small[:red[{plain(problem)}]]")
    return tuple(session.compared)


@input_callback
def _take() -> None:
    """Put the code that typed words mean in their place."""
    session.compare_problem = ""
    keys = []
    for typed in session.compared:
        if typed in search.names():
            keys.append(typed)
        elif (found := search.named(typed)) and (
            len(found) == 1 or all(key in typed.upper() for key in found)
        ):
            keys += found
        else:
            fits = f"fits {', '.join(found[:6])}: choose one from the list"
            words = fits if found else "fits no code"
            session.compare_problem = f"'{short(typed)}' {words}."
    session.compared = list(dict.fromkeys(keys))[:MOST_COMPARED]


def worth(keys: Keys, settings: Settings) -> None:
    """RVUs and dollars of one unit of each code, as a table and as bars."""
    table = compare.worth(keys, settings)
    shown = pd.DataFrame(
        {
            "Code": [f"**{key}**" for key in table.index],
            "Work RVU": [rvu(value) for value in table["work_rvu"]],
            "Total RVU": [rvu(value) for value in table["total_rvu"]],
            "First unit": [markdown.money(value) for value in table["first"]],
            "Later unit": [markdown.money(value) for value in table["later"]],
            "\\$ an hour": [markdown.money(value) for value in table["hour_dollars"]],
            "wRVU an hour": [rvu(value) for value in table["hour_work_rvu"]],
        }
    )
    st.table(shown, hide_index=True, alt="What one unit of each code is worth")
    st.caption(_basis(table, settings))
    priced = table[table["total_rvu"].notna()]
    left, right = st.columns(2, gap="medium")
    if len(priced):
        with left:
            rvu_parts(priced.assign(label=priced.index), "RVUs of one unit")
    with right:
        charts.unit_dollars(table)


def _basis(table: pd.DataFrame, settings: Settings) -> str:
    words = [markdown.basis(table.index, settings)]
    if not table["covered"].all():
        payer = tables.payers().at[settings.payer, "name"]
        unpaid = ", ".join(table.index[~table["covered"]])
        words.append(f"{payer} does not pay {unpaid} as set above.")
    if table["total_rvu"].isna().any():
        bare = ", ".join(table.index[table["total_rvu"].isna()])
        words.append(f"No RVU, which is not 0.00: {bare}.")
    if (table["first"] > table["later"]).any():
        words.append("Later unit: after the cut on therapy units (MPPR).")
    words.append("An hour: 60 minutes of that code alone.")
    return " ".join(words)


def boxes(keys: Keys, settings: Settings) -> None:
    """For each pair of codes a box: choose by what was done."""
    pairs = [f"{one} or {two}" for one, two in combinations(keys, 2)]
    pair: str | None = pairs[0]
    if len(pairs) > 1:
        pair = st.pills(
            "Choose by what was done",
            pairs,
            default=pairs[0],
            key=Session.pair.key,
            required=True,
            wrap=True,
        )
    one, _, two = (pair or pairs[0]).partition(" or ")
    with st.container(border=True):
        if len(pairs) == 1:
            st.markdown("Choose by what was done")
        _box(one, two, settings)


def _box(one: str, two: str, settings: Settings) -> None:
    texts = [guide.text(key) for key in (one, two)]
    for column, key, text in zip(st.columns(2, gap="medium"), (one, two), texts, strict=True):
        with column:
            name = tables.full_name(tables.record(key))
            st.markdown(f"**{key}** {plain(name)}")
            if text is None:
                st.caption("No guide text yet: add a row to guide.csv.")
                continue
            st.markdown(f"{text.purpose} :gray[{guide.CONTACTS[text.contact]}]")
            st.markdown("The note must show\n" + "\n".join(f"- {item}" for item in text.must_show))
            st.page_link(
                "pages/codes.py",
                label=f"Guide to {text.code}",
                icon=":material/menu_book:",
                query_params={"code": text.code},
            )
    found = compare.beside(one, two, settings)
    st.markdown("**In one visit together**")
    for each in found:
        markdown.finding(each)
    if not found:
        st.markdown(
            "No pair, conflict or hint between the two was found in the tables read here. Each "
            "needs its own minutes."
        )


def minutes(keys: Keys, settings: Settings) -> None:
    """Units and dollars against minutes, each code alone or all in one visit."""
    ways = {"alone": "Each code alone", "together": "All in one visit, the same minutes each"}
    both = compare.together(keys, settings)
    way = "alone"
    if len(both):
        way = st.segmented_control(
            "Minutes of", list(ways), format_func=ways.__getitem__, key=Session.way.key,
            default="alone", required=True, label_visibility="collapsed",
        )  # fmt: skip
    if way == "alone":
        table = compare.alone(keys, settings)
        at = compare.crossing_minutes(keys, settings)
        for column, value in zip(st.columns(2, gap="medium"), ("units", "dollars"), strict=True):
            with column:
                charts.against_minutes(table, value, keys, at if value == "dollars" else [])
        if table["dollars"].isna().all():
            st.caption("No amount is published for these codes under these settings.")
        st.markdown("\n".join(f"- {words}" for words in compare.crossings(keys, settings)))
        st.caption(
            "Alone, total time (CMS) and per-code midpoint (CPT) give the same units; they part "
            "when timed services share a visit. Minutes are recorded, not targeted."
        )
    else:
        for column, value in zip(st.columns(2, gap="medium"), ("units", "dollars"), strict=True):
            with column:
                charts.together_against_minutes(both, value)
        st.markdown(compare.partings(keys, settings))
        st.caption(markdown.RECORDED)


def years(keys: Keys) -> None:
    """History of RVUs and dollars, 2013 to now."""
    table = compare.history(keys)
    if table.empty:
        st.info("None of these codes is in the history table, which has 35 codes.")
        return
    for column, value in zip(st.columns(2, gap="medium"), ("total_rvu", "dollars"), strict=True):
        with column:
            charts.over_the_years(table, value, keys)
    missing = [key for key in keys if key not in set(table["code"])]
    words = f" Not in the history table: {', '.join(missing)}." if missing else ""
    st.markdown(
        ":small[National, in an office, each year's RVUs times that year's last conversion factor "
        "(2015 and 2024 had two). Before 2019 the table has totals only, from then on the parts "
        f"too.{words} {markdown.source('rvu-history')}]"
    )


def areas(keys: Keys, settings: Settings) -> None:
    """The spread over the localities, the user's own marked."""
    table = compare.spread(keys, settings)
    if table.empty:
        st.info("None of these codes has a published amount under these settings.")
        return
    charts.over_the_localities(table, settings.locality, keys)
    if settings.locality == "national":
        st.caption("Choose your area above to see it marked. National amounts use no area's index.")


def use(keys: Keys) -> None:
    """National Medicare use in 2019 and 2024."""
    table = compare.medicare_use(keys)
    if table.empty:
        st.info("Medicare's public file has none of these codes.")
        return
    left, right = st.columns(2, gap="medium")
    with left:
        charts.medicare_use(table, "services", "Services paid by Medicare Part B", ",.0f")
    with right:
        charts.medicare_use(table, "average", "Dollars allowed a service, on average", "$,.2f")
    found = set(zip(table["code"], table["year"], strict=True))
    years = sorted(set(tables.medicare_use()["year"]))
    gaps = [f"{key} in {at}" for key in keys for at in years if (key, at) not in found]
    words = f" Not in the file: {', '.join(gaps)}." if gaps else ""
    st.markdown(
        ":small[All clinicians of the country together, whoever they are: a mirror, not a target."
        f"{words} {markdown.source('medicare-use')}]"
    )


def everything(keys: Keys, settings: Settings) -> None:
    """All figures of the page, one row a code, to look at and to take along."""
    table = compare.everything(keys, settings)
    st.dataframe(table, hide_index=True)
    st.download_button(
        "CSV",
        lambda: stamped(table, settings.period).to_csv(index=False),
        file_name="compare.csv",
        mime="text/csv",
        icon=":material/table:",
        on_click="ignore",
    )
