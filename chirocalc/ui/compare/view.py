"""The Compare page's parts: choosing codes, what they are worth, choosing by what was done.

All of it is a fragment, for a code that comes or goes changes nothing above it; the pictures are
one within, for a tab changes nothing beside them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from chirocalc import tables
from chirocalc.codes import compare, guide, search
from chirocalc.exports import csv_text
from chirocalc.links import COMPARE, FEWEST_COMPARED, MOST_COMPARED, short
from chirocalc.rules import Settings
from chirocalc.sheets import stamped
from chirocalc.ui.charts import COLORS
from chirocalc.ui.shared import (
    Session,
    frame,
    html,
    input_callback,
    markdown,
    onward,
    plain,
    session,
)
from chirocalc.words import listed, money, rvu

from . import charts

Keys = tuple[str, ...]

STYLE = Path(__file__).parent / "style.css"

FEW = 3  # codes whose cards stand side by side

FOR_OTHERS = '<span class="cp-for">Dollars: to others</span>'

NOT_PAID, OWN_FEE = (f'<span class="cp-word">{said}</span>' for said in ("not paid", "own fee"))

NO_RVU = '<b class="cp-bare">No RVU</b>'

# What a card says, by its name in `compare.worth`.
FIGURES = {
    "First unit": "first",
    "2nd and later": "later",
    "If all 60 minutes were this code": "hour_dollars",
    "Work RVU": "work_rvu",
    "Total RVU": "total_rvu",
    "Work RVU in an hour": "hour_work_rvu",
}

NOTHING_FOUND = (
    "No pair, conflict or hint between them was found in the tables read here. Each needs its own "
    "minutes."
)

ALONE_NAMES = {"dollars": "Dollars", "units": "Units"}

TOGETHER_NAMES = {
    "dollars together": "Dollars, all in one visit",
    "units together": "Units, all in one visit",
}

ALONE = (
    "Alone, total time (CMS) and per-code midpoint (CPT) give the same units; they part when timed "
    f"services share a visit. {markdown.RECORDED}"
)


@st.fragment
def page(settings: Settings) -> None:
    """The field of codes and everything below it."""
    with frame.part(COMPARE):
        _choose()
        keys = tuple(session.compared)
        if len(keys) < FEWEST_COMPARED:
            st.info("Choose another code to compare.", icon=":material/compare_arrows:")
            return
        _answer(keys, settings)
        left, right = st.columns(2, gap="medium")
        with left:
            _worth(keys, settings)
        with right:
            _pictures(keys, settings)
        _which_one(keys)
        _in_one_visit(keys, settings)
        _all_figures(keys, settings)


def _choose() -> None:
    names = search.names()
    if any(key not in names for key in session.compared):
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
    keys = list(dict.fromkeys(keys))[:MOST_COMPARED]
    if keys != session.compared:
        session.compared = keys


# The answer, and the cards


def _answer(keys: Keys, settings: Settings) -> None:
    """Which code pays more, in a sentence; before it, what the payer does not pay."""
    if problems := _unpaid(keys, settings):
        st.warning(" ".join(problems), icon=":material/money_off:")
    others = compare.unpaid(keys, settings).others
    lead = '<span class="cp-for">For other clinicians:</span> ' if others else ""
    said = html.text(compare.verdict(keys, settings))
    html.block(f'<p role="status" class="cp-answer">{lead}{said}</p>')


def _unpaid(keys: Keys, settings: Settings) -> list[str]:
    payer = tables.payers().at[settings.payer, "name"]
    nobody, others = compare.unpaid(keys, settings)
    said = []
    if others:
        paid = [key for key in keys if key not in nobody + others]
        but = f" It does for {listed(paid)}." if paid else ""
        said.append(
            f"**{payer} {compare.never_pays(settings)} for {listed(others)}.**{but} The dollars "
            "shown are what it allows the clinicians it does pay."
        )
    if nobody:
        said.append(f"**{payer} pays nobody for {listed(nobody)}.**")
    return said


def _worth(keys: Keys, settings: Settings) -> None:
    """A card for each code with its way into a visit, and what the figures rest on."""
    ways = tuple(_into_a_visit(key) for key in keys)
    st.html(_cards(keys, settings, ways))


def _into_a_visit(key: str) -> str:
    if key in _manipulations():  # they follow from the regions
        return ""
    return html.go("", onward({"do": _in_a_link(key)}), f"Use {key} in a visit", "calculate")


@tables.kept
def _manipulations() -> frozenset[str]:
    return frozenset(tables.manipulation()["code"])


@tables.kept
def _in_a_link(key: str) -> str:
    by_minutes = tables.record(key)["time_rule"] in compare.BY_MINUTES
    return f"{key}.15" if by_minutes else key


@tables.kept
def _cards(keys: Keys, settings: Settings, ways: Keys) -> str:
    """The cards as one element: forty small ones would cost the browser most of a click."""
    table = compare.worth(keys, settings)
    first, *others = table.itertuples()
    cards = [_card(first, None, settings, COLORS[0], ways[0])]
    cards += [
        _card(row, first, settings, color, way)
        for row, color, way in zip(others, COLORS[1:], ways[1:], strict=False)
    ]
    basis = f'<p class="cp-basis">{html.text(_basis(table, settings))}</p>'
    many = " cp-many" if len(keys) > FEW else ""
    return f'<div class="cp-cards{many}">{"".join(cards)}</div>{basis}'


def _card(row: Any, first: Any, settings: Settings, color: str, way: str) -> str:
    """The card of a row of `compare.worth`; `first` is that of the first code, None on its own."""
    others = row.Index in compare.unpaid((row.Index,), settings).others
    lines = "".join(
        f"<div><dt>{label}</dt><dd>{_figure(row, first, figure, settings)}</dd></div>"
        for label, figure in FIGURES.items()
    )
    return (
        f'<section class="cp-card{" cp-others" * others}" style="--code: {color}">'
        f"<h2>{row.Index} <span>{html.text(row.name)}</span></h2>"
        f"{_marks(row, settings)}<dl>{lines}</dl>{way}</section>"
    )


def _marks(row: Any, settings: Settings) -> str:
    """What keeps a code from being paid, at the code: the payer's rule, or that it has no RVU."""
    payer = html.text(tables.payers().at[settings.payer, "name"])
    nobody, others = compare.unpaid((row.Index,), settings)
    said = []
    if others:
        never = compare.never_pays(settings)
        said += [f'<b class="cp-unpaid">{payer} {never} for it</b>', FOR_OTHERS]
    if nobody:
        said.append(f'<b class="cp-unpaid">{payer} pays nobody for it</b>')
    if pd.isna(row.total_rvu):
        said.append(NO_RVU)
    return f'<p class="cp-mark">{" ".join(said)}</p>' if said else ""


def _figure(row: Any, first: Any, name: str, settings: Settings) -> str:
    """A figure of a card, with how it differs from that of the first code."""
    value, dollars = getattr(row, name), "rvu" not in name
    if name == "hour_dollars" and _no_income(row):
        return NOT_PAID
    if dollars and settings.rate is None and pd.isna(value) and name != "hour_dollars":
        return OWN_FEE
    said = money(value) if dollars else rvu(value)
    if first is None or (name == "hour_dollars" and _no_income(first)):
        return said
    gap = value - getattr(first, name)
    return said if pd.isna(gap) else said + _gap(round(gap, 2), dollars, first.Index)


def _no_income(row: Any) -> bool:
    """Whether an hour of a code has dollars that the payer does not pay to who treats."""
    return not row.covered and not pd.isna(row.hour_dollars)


def _gap(gap: float, dollars: bool, against: str) -> str:
    """A difference by its sign; a screen reader is told from which code."""
    sign = "+" if gap > 0 else "−"
    said = f"{sign}{money(abs(gap)) if dollars else rvu(abs(gap))}" if gap else "same"
    return f'<small class="cp-gap">{said}<span class="cp-hidden"> against {against}</span></small>'


def _basis(table: pd.DataFrame, settings: Settings) -> str:
    """What the figures rest on."""
    words = [f"Small figures: the difference from {table.index[0]}."]
    words.append(markdown.basis(tuple(table.index), settings))
    if table["total_rvu"].isna().any():
        bare = ", ".join(table.index[table["total_rvu"].isna()])
        words.append(f"No RVU, which is not 0.00: {bare}.")
    if (table["first"] > table["later"]).any():
        words.append("2nd and later: after the payer's cut on therapy units (MPPR).")
    return " ".join(words)


# Choosing by what was done


def _which_one(keys: Keys) -> None:
    """What each code is for and what its note must show, side by side."""
    st.html(_columns(keys))


@tables.kept
def _columns(keys: Keys) -> str:
    columns = "".join(_column(key, keys) for key in keys)
    return f'<h2 class="cp-head">Which one did I do?</h2><div class="cp-columns">{columns}</div>'


def _column(key: str, keys: Keys) -> str:
    name = html.text(tables.full_name(tables.record(key)))
    told, code = guide.text(key), key.partition("-")[0]
    if told is None:
        said = "<p>No guide text yet: add a row to guide.csv.</p>"
    else:
        apart = guide.tells_apart(key, [other for other in keys if other != key])
        said = (
            f"<p>{html.text(told.purpose)} {guide.CONTACTS[told.contact]}</p>"
            + _items("The note must show", told.must_show)
            + (_items("Another code when", apart) if apart else "")
            + html.go("codes", {"code": code}, f"Guide to {code}", "menu_book")
        )
    return f"<section><h3>{key} <span>{name}</span></h3>{said}</section>"


def _items(title: str, items: Keys) -> str:
    listed_items = "".join(f"<li>{html.text(item)}</li>" for item in items)
    return f"<div><h4>{title}</h4><ul>{listed_items}</ul></div>"


def _in_one_visit(keys: Keys, settings: Settings) -> None:
    """What is found of them in one visit together, each finding once."""
    st.html(_together(keys, settings))


@tables.kept
def _together(keys: Keys, settings: Settings) -> str:
    beside = compare.in_one_visit(keys, settings)
    items = "".join(
        f"<li><b>{html.text(_of(each))}</b> {html.level(found.level)} {html.text(found.text)} "
        f"{html.source(found.source)} {html.text(found.detail)}</li>"
        for each in beside
        for found in [each.finding]
    )
    said = f'<ul class="cp-list">{items}</ul>' if beside else f"<p>{NOTHING_FOUND}</p>"
    return f'<div class="cp-together"><h2 class="cp-head">In one visit together</h2>{said}</div>'


def _of(found: compare.Beside) -> str:
    if found.pairs:
        return "; ".join(" and ".join(pair) for pair in found.pairs)
    return listed(found.codes)


# The pictures


@st.fragment
def _pictures(keys: Keys, settings: Settings) -> None:
    with frame.part(COMPARE):
        frame.tabs(
            {
                "By minutes": lambda: _minutes(keys, settings),
                "One unit": lambda: charts.one_unit(compare.worth(keys, settings)),
                "Over the years": lambda: _years(keys),
                "By area": lambda: _areas(keys, settings),
                "How often Medicare sees it": lambda: _use(keys),
            },
            key=Session.compare_tab.key,
        )


def _note(words: str, source_id: str) -> None:
    """Small words below a picture. As all words here that change with a tab or a code they are no
    Markdown, which would cost the browser ten times as much."""
    st.html(f'<p class="cp-basis">{html.text(words)} {html.source(source_id)}</p>')


def _one_of(label: str, names: dict[str, str], key: str) -> str:
    """A choice of one, the first until another is chosen."""
    chosen: str | None = st.segmented_control(
        label, list(names), format_func=names.__getitem__, key=key, default=next(iter(names)),
        required=True, label_visibility="collapsed",
    )  # fmt: skip
    return chosen if chosen in names else next(iter(names))


def _minutes(keys: Keys, settings: Settings) -> None:
    """Dollars or units against minutes, each code alone or all in one visit."""
    names = ALONE_NAMES | (TOGETHER_NAMES if compare.steps_together(keys, settings) else {})
    of, _, way = _one_of("Against minutes", names, Session.way.key).partition(" ")
    picture = (charts.together if way else charts.alone)(keys, settings, of)
    if picture:
        picture.draw()
    figures = picture.figures if picture else "No amount is published for these codes."
    hidden = f'<p class="{"cp-hidden" if picture else ""}">{html.text(figures)}</p>'
    if not way:
        said = compare.crossings(keys, settings) if len(keys) > 2 else []  # of two it stands above
        items = "".join(f"<li>{html.text(words)}</li>" for words in said)
        basis = html.text(f"{_whose(keys, settings, of)}{ALONE}")
        st.html(f'{hidden}<ul class="cp-list">{items}</ul><p class="cp-basis">{basis}</p>')
    else:
        words = compare.partings(keys, settings)
        st.html(f'{hidden}<p>{html.text(words)}</p><p class="cp-basis">{markdown.RECORDED}</p>')


def _whose(keys: Keys, settings: Settings, of: str) -> str:
    """Of a picture of dollars: of which codes who treats gets none of them."""
    others = compare.unpaid(keys, settings).others
    if of != "dollars" or not others:
        return ""
    return f"Only other clinicians get the dollars of {listed(others)}. "


def _years(keys: Keys) -> None:
    """History of RVUs or dollars, 2013 to now."""
    known = compare.history(keys)
    if known.empty:
        st.info("None of these codes is in the history table, which has 35 codes.")
        return
    of = _one_of("Show", {"dollars": "Dollars", "total_rvu": "RVUs"}, Session.of_years.key)
    charts.years(keys, of).draw()
    missing = [key for key in keys if key not in set(known["code"])]
    words = f" Not in the history table: {', '.join(missing)}." if missing else ""
    _note(
        "National, whatever area is set above, in an office: each year's RVUs times that year's "
        "last conversion factor (2015 and 2024 had two). Before 2019 the table has totals only, "
        f"from then on the parts too.{words}",
        "rvu-history",
    )


def _areas(keys: Keys, settings: Settings) -> None:
    """The spread over the localities, the user's own marked."""
    if compare.spread(keys, settings).empty:
        st.info("None of these codes has a published amount under these settings.")
        return
    charts.localities(keys, settings).draw()
    if settings.locality == "national":
        _note("Choose your area above to see it marked. National amounts use no area's index.", "")


def _use(keys: Keys) -> None:
    """National Medicare use in 2019 and 2024."""
    table = compare.medicare_use(keys)
    if table.empty:
        st.info("Medicare's public file has none of these codes.")
        return
    charts.medicare_use(table, "services", "Services paid by Medicare Part B", ",.0f")
    charts.medicare_use(table, "average", "Dollars allowed a service, on average", "$,.2f")
    found = set(zip(table["code"], table["year"], strict=True))
    all_years = sorted(set(tables.medicare_use()["year"]))
    gaps = [f"{key} in {at}" for key in keys for at in all_years if (key, at) not in found]
    words = f" Not in the file: {', '.join(gaps)}." if gaps else ""
    _note(
        "National, whatever area is set above: all clinicians of the country together, whoever "
        f"they are. A mirror, not a target.{words}",
        "medicare-use",
    )


# All figures


@st.fragment
def _all_figures(keys: Keys, settings: Settings) -> None:
    """All figures of the page, one row a code, to look at and to take along."""
    with frame.part(COMPARE):
        opened = st.expander(
            "All figures, as a table and a file",
            icon=":material/table:",
            key=Session.figures.key,
            on_change="rerun",
        )
        if not opened.open:
            return
        with opened:
            table = compare.everything(keys, settings)
            st.dataframe(table, hide_index=True)
            st.download_button(
                "CSV",
                lambda: csv_text(stamped(table, settings.period)),
                file_name="compare.csv",
                mime="text/csv",
                icon=":material/download:",
                on_click="ignore",
            )
