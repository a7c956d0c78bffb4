"""The guide's parts: finding a code, its text, and what the tables say of it."""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache

import altair as alt
import pandas as pd
import streamlit as st

from chirocalc import tables
from chirocalc.codes import Text, compare, guide, national, pairs_of, rules_of, search
from chirocalc.errors import InputError
from chirocalc.links import GUIDE
from chirocalc.ui.shared import (
    GRAY,
    PARTS,
    RVUS,
    TOP,
    Session,
    Spec,
    draw,
    markdown,
    money,
    nice,
    onward,
    plain,
    source,
)
from chirocalc.words import rvu

TOTAL_ONLY = "Total only"

SURE = {
    "P": "Read in primary sources.",
    "S": "From secondary sources and common teaching: check with your payer.",
    "?": "Commonly stated, no source found: check with your payer.",
}

LEAST_COMPARED = 3


def title() -> str:
    """The code of the address, for the browser's tab."""
    code = st.query_params.get("code", "").upper().partition("-")[0]
    with suppress(InputError):
        if code in tables.codes().index:
            return code
    return "Guide"


@st.fragment
@tables.in_use()
def find() -> None:
    """Draw the search, which answers while one types."""
    typed = st.text_input(
        "Find a code",
        type="search",
        live=True,
        key=Session.guide_search.key,
        placeholder="Number, name or other words, such as muscle energy",
        icon=":material/search:",
    )
    if not typed:
        return
    found = search.find(typed)
    for hit in found:
        _link(hit.key.partition("-")[0], hit.name)
    if not found:
        st.caption("Nothing fits. Try another word for it, or fewer words.")


def _link(code: str, label: str | None = None) -> None:
    label = label or search.names()[code]
    st.page_link(GUIDE.page, label=plain(label), query_params={"code": code})


def browse() -> None:
    """All codes, one category at a time."""
    codes = [code for code in tables.code_list() if not code.part]
    categories = sorted({code.category for code in codes})
    chosen = st.pills(
        "Or choose from the list",
        categories,
        key=Session.guide_category.key,
        default="Therapeutic procedure" if "Therapeutic procedure" in categories else None,
    )
    here = [code.key for code in codes if code.category == chosen]
    half = -(-len(here) // 2)
    for column, part in zip(st.columns(2), (here[:half], here[half:]), strict=True):
        with column:
            for key in part:
                _link(key)


def header(code: str) -> None:
    """Number, name, other names, and the figures of one unit."""
    row = tables.record(code)
    st.header(f"{code} {plain(row['name'])}", anchor=False)
    others = ", ".join(row["synonyms"].split("|"))
    known_as = f"Also known as: {plain(others)}." if others else ""
    st.markdown(f"{plain(row['category'])}. {known_as}")
    worth = compare.worth((code,), national()).iloc[0]
    with st.container(border=True, gap="small"):
        cells = st.grid(5, min_column_width=110, gap="small")
        cells.metric("Work RVU", rvu(worth["work_rvu"]))
        cells.metric("Total RVU", rvu(worth["total_rvu"]))
        cells.metric("First unit", money(worth["first"]).replace("\\$", "$"))
        cells.metric("Later unit", money(worth["later"]).replace("\\$", "$"))
        cells.metric("Most a day (MUE)", "–" if pd.isna(row["mue"]) else f"{row['mue']}")
        reason = guide.why_no_rvu(code)
        basis = f"{row['release']}, national, in an office, Medicare's fee schedule."
        status = tables.statuses().loc[row["status"]]
        words = f"Status {row['status']} ({status['name']}): {status['medicare']}"
        st.markdown(f":small[{reason or basis} {words} {source(status['source'])}]")


def text(words: Text | None) -> None:
    """The text written for the code."""
    if words is None:
        st.info("No text for this code yet: add a row to chirocalc/tables/data/guide.csv.")
        return
    st.markdown(plain(words.plain))
    st.markdown(f"**What it is for.** {plain(words.purpose)} {guide.CONTACTS[words.contact]}")
    _items("It fits when", words.fits)
    _items("It does not fit when", words.fits_not)
    _items("The note must show", words.must_show)
    _items("Typical mistakes", words.mistakes)
    st.markdown(f"**Who reports it.** {plain(', '.join(words.specialties))}.")
    linked = ", ".join(source(each) for each in words.source)
    st.markdown(f":small[{SURE[words.sure]} Sources: {linked}.]")


def _items(title: str, items: tuple[str, ...]) -> None:
    st.markdown(f"**{title}**\n" + "\n".join(f"- {plain(item)}" for item in items))


def facts(code: str) -> None:
    """What the tables say: time, limits, reduction, RVUs, then and now, history."""
    for title, (words, source_id) in {
        "Units": guide.time_rule(code),
        "Most units": guide.most_units(code),
        "Reduction": guide.reduction(code),
    }.items():
        st.markdown(f"**{title}.** {words.replace('$', chr(92) + '$')} {source(source_id)}")
    minutes = guide.minute_table(code)
    if len(minutes):
        spans = {
            f"{first} to {last}": [str(units)]
            for first, last, units in minutes.itertuples(index=False, name=None)
        }
        st.table(
            pd.DataFrame({"Minutes": ["Units"], **spans}),
            hide_index=True,
            alt=f"Units of {code} alone by minutes",
        )
    _rvu_table(code)
    then = guide.then_and_now(code)
    if then:
        st.markdown(
            f"**Then and now.** An article of {then.dated} printed {then.rvu:.2f} RVU for it; "
            f"today it is {then.now:.2f}. The old figure is shown, never computed with. "
            f"{source(then.source)}"
        )
    _history(code)


def _rvu_table(code: str) -> None:
    table = guide.rvus(code)
    if table["work_rvu"].isna().all():
        return
    names = {
        "part": "One unit",
        "work_rvu": "Work",
        "pe_rvu_office": "PE office",
        "pe_rvu_facility": "PE facility",
        "mp_rvu": "MP",
        "total_office": "Total office",
        "total_facility": "Total facility",
    }
    shown = table[list(names)].rename(columns=names)
    for name in list(names.values())[1:]:
        shown[name] = shown[name].map(rvu)
    st.table(shown, hide_index=True, alt=f"RVUs of one unit of {code}")


def _history(code: str) -> None:
    table = guide.years(code)
    if table.empty:
        st.caption("Not in the history table, which has 35 codes.")
        return
    rows = table.melt(["year", "total_rvu"], RVUS, var_name="part", value_name="rvu")
    rows["part"] = rows["part"].map(dict(zip(RVUS, PARTS, strict=True)))
    rows["order"] = rows["part"].map({part: at for at, part in enumerate(PARTS)})
    rows = rows.dropna()
    bare = table[table["work_rvu"].isna()]
    totals = bare[["year", "total_rvu"]].assign(part=TOTAL_ONLY, order=3, rvu=bare["total_rvu"])
    rows = pd.concat([rows, totals], ignore_index=True)
    first, last = table.iloc[0], table.iloc[-1]
    words = (
        f"RVUs of one unit of {code} by year: {first['total_rvu']:.2f} in {first['year']}, "
        f"{last['total_rvu']:.2f} in {last['year']}."
    )
    years = (int(first["year"]), int(last["year"]))
    draw(rows, _history_spec(years, nice(table["total_rvu"].max())), words)
    st.markdown(
        f":small[In an office. Before 2019 the table has totals only. {source('rvu-history')}]"
    )


@lru_cache(maxsize=64)
def _history_spec(years: tuple[int, int], top: float) -> Spec:
    colors = PARTS | {TOTAL_ONLY: GRAY}
    chart = alt.Chart({"name": "rows"}, title="RVUs of one unit, by year").mark_bar()
    chart = chart.encode(
        x=alt.X("year:O", title=None, axis=alt.Axis(labelAngle=0, labelOverlap=True)),
        y=alt.Y("rvu:Q", title="RVUs", stack=True, scale=alt.Scale(domain=[0, top])),
        order="order:Q",
        color=alt.Color(
            "part:N",
            title=None,
            scale=alt.Scale(domain=list(colors), range=list(colors.values())),
            legend=TOP,
        ),
        tooltip=[
            alt.Tooltip("year:O", title="Year"),
            alt.Tooltip("part:N", title="Part"),
            alt.Tooltip("rvu:Q", title="RVU", format=".2f"),
            alt.Tooltip("total_rvu:Q", title="Total", format=".2f"),
        ],
    )
    spec: Spec = chart.properties(height=240).to_dict()
    del spec["data"]
    return spec


def pairs(code: str) -> None:
    """The active pairs with the other codes, and what each asks."""
    table = pairs_of(code)
    with st.expander(f"Pairs with other codes ({len(table)})", icon=":material/link:"):
        if table.empty:
            st.markdown(
                "None is active in the pair table read here, which covers the codes of this guide."
            )
            return
        listed = table.groupby("kind", sort=False)
        for _, group in listed:
            others = ", ".join(group["other"])
            first = group.iloc[0]
            st.markdown(
                f"**{others}**: {first['text']} {source(first['source'])}".replace("$", "\\$")
            )
            zero = group["modifier_indicator"].eq("0").all()
            words = "0: no modifier helps" if zero else "1: a modifier may help"
            quarters = ", ".join(sorted(set(group["vintage"])))
            st.caption(f"Modifier indicator {words}. Read in CMS's table of {quarters}.")


def rules(code: str) -> None:
    """The hints that can fire on the code by itself."""
    found = rules_of(code)
    with st.expander(f"Hints that can fire ({len(found)})", icon=":material/rule:"):
        if not found:
            st.markdown("None besides its pairs.")
        for each in found:
            markdown.finding(each, detailed=True)


def questions(code: str) -> None:
    """Questions and answers, made only of facts on this page."""
    with st.expander("Questions and answers", icon=":material/help:", expanded=True):
        for question, answer in guide.questions(code):
            st.markdown(f"**{question}** {answer}".replace("$", "\\$"))


def next_steps(code: str) -> None:
    """To the visit with this code, and to Compare with its neighbors."""
    near = guide.neighbors(code)[:LEAST_COMPARED]
    untimed = tables.record(code)["time_rule"] not in ("timed15", "clock")
    with st.container(horizontal=True, gap="small"):
        if code not in set(tables.manipulation()["code"]):
            st.page_link(
                "app.py",
                label="In a visit",
                icon=":material/calculate:",
                query_params=onward({"do": code if untimed else f"{code}.15"}),
            )
        for other in near:
            st.page_link(
                "pages/compare.py",
                label=f"Beside {other}",
                icon=":material/compare_arrows:",
                query_params=onward({"codes": f"{code}.{other}"}),
            )
        # Without any parameter Streamlit would stay at this code.
        st.page_link(
            GUIDE.page, label="All codes", icon=":material/menu_book:", query_params={"code": ""}
        )
