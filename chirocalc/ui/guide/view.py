"""The page of one code: its text, and what the tables say of it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from chirocalc import tables
from chirocalc.codes import Text, compare, guide, pairs_of, rules_of
from chirocalc.errors import InputError
from chirocalc.links import GUIDE, Params
from chirocalc.rules import Finding, Settings
from chirocalc.ui.charts import GRAY, PARTS, RVUS, TOP, Spec, draw, nice
from chirocalc.ui.shared import fold, markdown, money, onward, plain, source
from chirocalc.words import count, rvu

from . import area

TOTAL_ONLY = "Total only"

SURE = {
    "P": "Read in primary sources.",
    "S": "From secondary sources and common teaching: check with your payer.",
    "?": "Commonly stated, no source found: check with your payer.",
}

MOST_COMPARED = 3

ICONS = {"app.py": ":material/calculate:", "pages/compare.py": ":material/compare_arrows:"}


def title() -> str:
    """The code of the address, for the browser's tab."""
    code = st.query_params.get("code", "").upper().partition("-")[0]
    with suppress(InputError):
        if code in tables.codes().index:
            return code
    return "Guide"


def header(code: str) -> None:
    """Number, name and where to go from here; other names, and the figures of one unit."""
    row, here = tables.record(code), area.settings()
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.title(f"{code} {plain(row['name'])}", anchor=False, width="content")
        if code not in set(tables.manipulation()["code"]):
            by_minutes = row["time_rule"] in ("timed15", "clock")
            _go("app.py", "Use in a visit", {"do": f"{code}.15" if by_minutes else code})
        for other in guide.neighbors(code)[:1]:
            _compare(f"Compare to {other}", code, other)
    lines = [f"{plain(area.words(here))}: {_figures(code, here)}"]
    lines += filter(None, [_of_payer(code, here), guide.why_no_rvu(code)])
    st.markdown("  \n".join(lines))


def _go(page: str, label: str, link: Params) -> None:
    st.page_link(page, label=label, icon=ICONS[page], query_params=onward(link))


def _compare(label: str, code: str, other: str) -> None:
    _go("pages/compare.py", label, {"codes": f"{code}.{other}"})


def _figures(code: str, here: Settings) -> str:
    """Dollars and RVUs of one unit, in a line."""
    worth = compare.worth((code,), here).iloc[0]
    rvus = [f"**{rvu(worth[f'{kind}_rvu'])}** {kind} RVU" for kind in ("work", "total")]
    return " · ".join([_dollars(worth["first"], worth["later"]), *rvus])


def _dollars(first: float | None, later: float | None) -> str:
    if money(first) == money(later):
        return f"**{money(first)}** a unit"
    return f"**{money(first)}** first unit · **{money(later)}** each later unit"


def _of_payer(code: str, here: Settings) -> str:
    """What the visitor's payer allows, in a line; empty where that is what Medicare's fee schedule
    says."""
    payer = area.payer()
    told = guide.allowed(code, payer)
    if payer.is_medicare and not told.why and told == guide.allowed(code, here):
        return ""
    said = f"**{told.why}**" if told.why else _dollars(told.first, told.later)
    return f"{plain(told.who)}: {said}"


def _basis(code: str) -> str:
    """Which file the values are from, and what their status means for Medicare."""
    row = tables.record(code)
    status = tables.statuses().loc[row["status"]]
    name = f"Status {row['status']} ({status['name']})" if row["status"] else status["name"]
    words = f"{row['release']}. {name}: {status['medicare']}"
    return f"**In CMS's file.** {words} {source(status['source'])}"


def _called(code: str) -> str:
    """The kind of a code, and its other names."""
    row = tables.record(code)
    others = plain(", ".join(filter(None, row["synonyms"].split("|"))))
    return plain(row["category"]) + (f", also called {others}." if others else ".")


def boxes(code: str) -> None:
    """What is asked first, answered before all else."""
    cells = st.grid(3, min_column_width=230, gap="small")
    for box in guide.boxes(code):
        words = f":small[{box.question}]  \n**{plain(box.answer)}**  \n"
        words += f":small[{plain(box.detail)} {source(box.source)}]"
        cells.container(border=True, height="stretch").markdown(words)


def text(code: str, words: Text | None) -> None:
    """What the code is called, and the text written for it."""
    st.header("What it is", anchor=False)
    st.markdown("\n\n".join([_called(code), *(_written(words) if words else [])]))


def _written(words: Text) -> list[str]:
    linked = ", ".join(source(each) for each in words.source)
    return [
        plain(words.plain),
        f"**What it is for.** {plain(words.purpose)} {guide.CONTACTS[words.contact]}",
        _items("It fits when", words.fits),
        _items("It does not fit when", words.fits_not),
        _items("Typical mistakes", words.mistakes),
        f"**Who reports it.** {plain(', '.join(words.specialties))}.",
        f":small[{SURE[words.sure]} Sources: {linked}.]",
    ]


def _items(title: str, items: tuple[str, ...]) -> str:
    return f"**{title}**\n" + "\n".join(f"- {plain(item)}" for item in items)


def facts(code: str) -> None:
    """What the tables say: minutes, limits, reduction, RVUs, history, then and now."""
    st.header("Units and values", anchor=False)
    told = guide.more_facts(code) | {
        "Most units": guide.most_units(code),
        "Reduced pay for later therapy units": guide.reduction(code),
    }
    lines = [f"**{title}.** {plain(words)} {source(by)}" for title, (words, by) in told.items()]
    st.markdown("\n\n".join([*_minutes(code), *lines, _basis(code)]))
    _rvu_table(code)
    _history(code)


def _minutes(code: str) -> list[str]:
    """From how many minutes alone there are how many units."""
    spans = guide.minute_table(code).itertuples(index=False, name=None)
    words = [
        f"{first} {'and more' if pd.isna(last) else f'to {last}'}: {count(units, 'unit')}"
        for first, last, units in spans
    ]
    return [f"**Minutes of it alone.** {' · '.join(words)}"] if words else []


def _rvu_table(code: str) -> None:
    """RVUs of one unit, a row for each place and part: narrow, so that it need not be scrolled."""
    table = guide.rvus(code)
    if table["work_rvu"].isna().all():
        return
    name, several = table.at[0, "part"], len(table) > 1
    rows = []
    for unit in table.to_dict("records"):
        part = unit["part"].removeprefix(name).lstrip(", ") or ("whole" if several else "")
        for place, said in _places(unit).items():
            label = ", ".join(filter(None, [part, said])).capitalize()
            values = (unit["work_rvu"], unit[f"pe_rvu_{place}"], unit["mp_rvu"])
            rows.append((label, *map(rvu, (*values, unit[f"total_{place}"]))))
    shown = pd.DataFrame(rows, columns=["One unit", "Work", "Practice", "Malpr.", "Total"])
    st.table(shown, hide_index=True, border="horizontal", alt=f"RVUs of one unit of {code}")


def _places(unit: Mapping[str, Any]) -> dict[str, str]:
    """The places of a row of RVUs, in words; one where both have the same."""
    if unit["pe_rvu_office"] == unit["pe_rvu_facility"]:
        return {"office": "office or facility"}
    return {"office": "office", "facility": "facility"}


def _history(code: str) -> None:
    table, then = guide.years(code), guide.then_and_now(code)
    words = "Not in the history table, which has 35 codes."
    if not table.empty:
        _history_chart(code, table)
        words = f"In an office. Before 2019 the table has totals only. {source('rvu-history')}"
    if then:
        words += (
            f" {then.dated.capitalize()}: {then.rvu:.2f} RVU; today {then.now:.2f}. "
            f"{source(then.source)}"
        )
    st.markdown(f":small[{words}]")


def _history_chart(code: str, table: pd.DataFrame) -> None:
    rows = _history_rows(code)
    first, last = table.iloc[0], table.iloc[-1]
    words = (
        f"RVUs of one unit of {code} by year: {first['total_rvu']:.2f} in {first['year']}, "
        f"{last['total_rvu']:.2f} in {last['year']}."
    )
    years = (int(first["year"]), int(last["year"]))
    draw(rows, _history_spec(years, nice(table["total_rvu"].max())), words)


@tables.kept
def _history_rows(code: str) -> pd.DataFrame:
    """A row for each year and part; of years without parts, the total."""
    table = guide.years(code)
    rows = table.melt(["year", "total_rvu"], RVUS, var_name="part", value_name="rvu")
    rows["part"] = rows["part"].map(dict(zip(RVUS, PARTS, strict=True)))
    rows["order"] = rows["part"].map({part: at for at, part in enumerate(PARTS)})
    bare = table[table["work_rvu"].isna()]
    totals = bare[["year", "total_rvu"]].assign(part=TOTAL_ONLY, order=3, rvu=bare["total_rvu"])
    return pd.concat([rows.dropna(), totals], ignore_index=True)


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
    found = pairs_of(code)
    fold(
        GUIDE,
        f"Pairs with other codes ({len(found)})",
        "pairs",
        lambda: _pairs(found),
        icon=":material/link:",
    )


def _pairs(found: pd.DataFrame) -> None:
    if found.empty:
        st.markdown(
            "None is active in the pair table read here, which covers the codes of this guide."
        )
        return
    listed = [_of_kind(group) for _, group in found.groupby("kind", sort=False)]
    st.markdown("\n\n".join(listed))


def _of_kind(group: pd.DataFrame) -> str:
    """The pairs of one kind: with which codes, what they ask, and where they were read."""
    first, others = group.iloc[0], ", ".join(group["other"])
    zero = group["modifier_indicator"].eq("0").all()
    indicator = "0: no modifier helps" if zero else "1: a modifier may help"
    quarters = ", ".join(sorted(set(group["vintage"])))
    return (
        f"**{others}**: {plain(first['text'])} {source(first['source'])}\n\n"
        f":small[Modifier indicator {indicator}. Read in CMS's table of {quarters}.]"
    )


def rules(code: str) -> None:
    """The hints that can fire on the code by itself."""
    found = rules_of(code)
    fold(
        GUIDE,
        f"What the calculator checks for this code ({len(found)})",
        "rules",
        lambda: _rules(found),
        icon=":material/rule:",
    )


def _rules(found: tuple[Finding, ...]) -> None:
    said = [f"{markdown.said(each.level, each.text, each.source)} {each.detail}" for each in found]
    st.markdown("\n\n".join(said) or "None besides its pairs.")


def next_steps(code: str) -> None:
    """To Compare with its neighbors."""
    with st.container(horizontal=True, gap="small"):
        for other in guide.neighbors(code)[:MOST_COMPARED]:
            _compare(f"Compare with {other}", code, other)
