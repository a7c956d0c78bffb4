"""The page of the log: which days, the figures, the pictures, and the rest in tabs. A click on a
period runs the board alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pandas as pd
import streamlit as st

from chirocalc import tables
from chirocalc.links import ANY_PAYER, PERIODS, TRACK
from chirocalc.rules import Settings
from chirocalc.track import Days, Span, Sums, periods_in, rates_of, sums
from chirocalc.ui.shared import Session, device, frame, html, input_callback, log, plain, session
from chirocalc.words import count, money, rvu

from . import charts, compare, entry, files, goal, kept, pay, reported, table
from .tracked import LENGTHS, Shown, Tracked, shown, tracked

NAMES = dict(zip(PERIODS, ["Today", "Week", "Month", "Last month", "Quarter", "Year", "All",
                           "Range"], strict=True))  # fmt: skip

TILES, BARS, TABS = FOLLOW = ("track tiles", "track bars", "track tabs")  # what follows the days

GRAINS = {"day": "By day", "week": "By week", "month": "By month"}

LEAST_POINTS, POINTS = 7, 24  # of a tile's small curve


def is_known() -> bool:
    """Whether the browser has said what it has: before that a sample would be taken for it."""
    return session.log_known


@st.fragment(key=kept.BOARD)
def draw(settings: Settings) -> None:
    """Draw the board; alone where only a choice on it has changed."""
    with frame.part(TRACK):
        _board(settings)


def _board(settings: Settings) -> None:
    every = tracked(settings)
    _head(every, settings)
    with st.container():  # so that what follows keeps its place however many there are
        _notices(every)
    _figures(settings)


def _figures(settings: Settings) -> None:
    """What is counted, each part by itself: a click on other days draws neither the ways in and out
    nor the year anew."""
    _tiles_part(settings)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        _bars_part(settings)
    with right:
        _year_part(settings)
    _tabs_part(settings)


def _chosen(settings: Settings) -> tuple[Tracked, Shown]:
    """The rows of the payer chosen, and which days of them are shown."""
    of = tracked(settings).by_payer(session.track_payer)
    return of, shown(of)


@st.fragment(key=TILES)
def _tiles_part(settings: Settings) -> None:
    with frame.part(TRACK):
        of, here = _chosen(settings)
        if here.period == "range":
            _ask_range(here.span)
        _tiles(of, here)


@st.fragment(key=BARS)
def _bars_part(settings: Settings) -> None:
    with frame.part(TRACK):
        of, here = _chosen(settings)
        charts.bars(of.days.within(here.span), here.span, here.grain, of.kinds)
        st.caption(plain(_best(of, here)))


@st.fragment
def _year_part(settings: Settings) -> None:
    with frame.part(TRACK):
        _year(_chosen(settings)[0])


@st.fragment(key=TABS)
def _tabs_part(settings: Settings) -> None:
    with frame.part(TRACK):
        _tabs(tracked(settings), *_chosen(settings), settings)


def _head(every: Tracked, settings: Settings) -> None:
    """Which days are shown, of which payer, and the ways in and out."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="trackhead"):
        st.segmented_control(
            "Days",
            PERIODS,
            format_func=NAMES.__getitem__,
            key=Session.track_period.key,
            required=True,
            label_visibility="collapsed",
            on_change=_took,
        )
        st.segmented_control(
            "By",
            list(GRAINS),
            format_func=GRAINS.__getitem__,
            key=Session.track_by.key,
            label_visibility="collapsed",
            on_change=_took,
        )
        payers = [ANY_PAYER, *_payers(every, settings)]
        names = tables.payers()["name"]
        if session.track_payer not in payers:
            session.track_payer = ANY_PAYER
        st.selectbox(
            "Of",
            payers,
            format_func=lambda payer: names.get(payer, "All payers"),
            key=Session.track_payer.key,
            label_visibility="collapsed",
            width=130,
            on_change=_took_payer,
        )
        entry.buttons(settings)
        files.menu(every)


def _payers(every: Tracked, settings: Settings) -> list[str]:
    there = every.payers | {settings.payer}
    return [payer for payer in tables.payers().index if payer in there]


@input_callback
def _took() -> None:
    """What follows the days is drawn anew."""
    st.rerun(FOLLOW)


@input_callback
def _took_payer() -> None:
    """The year is of the payer's rows too."""
    st.rerun([kept.BOARD])


def _ask_range(span: Span) -> None:
    if len(session.track_range) != 2:
        session.track_range = (span.first, span.last)
    st.date_input(
        "From and to",
        key=Session.track_range.key,
        format="MM/DD/YYYY",
        width=260,
        on_change=_take_range,
    )


@input_callback
def _take_range() -> None:
    if len(session.track_range) == 2:
        session.track_from, session.track_to = session.track_range
        st.rerun(FOLLOW)


def _notices(every: Tracked) -> None:
    """What was done last with its undo, a store that cannot be used, lines that are no rows, and
    that a sample is a sample."""
    done = session.log_done
    if done is not None:
        with st.container(horizontal=True, vertical_alignment="center", key="trackdone"):
            st.markdown(f":material/check: {plain(done.words)}", width="content")
            st.button("Undo", icon=":material/undo:", type="tertiary", on_click=_undo)
    files.said()
    if session.keep_trouble in device.TROUBLE and not every.is_sample:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.warning(
                "These rows are not kept in this browser: they last until the tab is closed. "
                "Download them before.",
                icon=":material/save:",
            )
            files.backup_button("Download")
    if session.log_aside:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.warning(
                f"{count(session.log_aside.count(chr(10)) + 1, 'line')} of this browser's store "
                "could not be read. They were set aside, and nothing was thrown away.",
                icon=":material/report:",
            )
            st.download_button(
                "Save them as a file", session.log_aside, file_name="set-aside.txt",
                mime="text/plain", on_click="ignore",
            )  # fmt: skip
    if every.is_sample:
        st.info(
            "**This is a sample, made up.** Begin with *Add to log* on the Visit page, the *Day "
            "sheet*, or *Import*. Your log stays in this browser; no patient data belongs in it.",
            icon=":material/science:",
        )


@input_callback
@kept.written
def _undo() -> None:
    log.undo()


# Tiles


def _tiles(of: Tracked, here: Shown) -> None:
    rows = of.within(here.span)
    before = None if here.before is None else of.days.within(here.before)
    curves = _curves(of.days, here)
    now = sums(rows)
    against = "" if here.before is None else _days(here.before)
    tiles = []
    for name, label, value in (
        ("work", "wRVU", rvu(now.work / 100)),
        ("total", "Total RVU", rvu(now.total / 100)),
        ("units", "Units", f"{now.units:,}"),
        ("cents", "Estimated dollars", money(now.cents / 100)),
        ("days", "Active days", f"{now.days:,}"),
    ):
        words = _change(getattr(now, name), before.total(name) if before else 0, against)
        tiles.append(
            f"<div><span>{label}</span><b>{html.text(value)}</b><small>{html.text(words)}</small>"
            f"{_curve(curves[name])}</div>"
        )
    st.html(f'<div class="cc-tiles">{"".join(tiles)}</div>')
    st.caption(plain(f"{_missing(rows, now)} {ALONE}"))


ALONE = (
    "Dollars: each row alone, by its day's rates, your area and its payer; a cut between different "
    "services of one visit is not in them."
)


def _curve(values: list[float]) -> str:
    """A small curve of the last periods, which says no more than the bars below."""
    top = max([*values, 1])
    marks = "".join(f'<i style="height:{100 * value / top:.0f}%"></i>' for value in values)
    return f'<div class="cc-curve" aria-hidden="true">{marks}</div>'


def _change(now: int, before: int, of: str) -> str:
    """By how many percent it is more or less than before; nothing where there was nothing."""
    if not before:
        return ""
    return f"Same as {of}" if now == before else f"{(now - before) / before:+.0%} vs {of}"


def _curves(days: Days, here: Shown) -> dict[str, list[float]]:
    """The sums of the last periods drawn, and of those before where they are few, for a small
    curve each."""
    span = here.span._replace(last=max(min(here.span.last, date.today()), here.span.first))
    starts = periods_in(span, here.grain)[-POINTS:]
    if len(starts) < LEAST_POINTS:
        back = timedelta(LEAST_POINTS * LENGTHS[here.grain])
        starts = periods_in(Span(span.last - back, span.last), here.grain)[-LEAST_POINTS:]
    days = days.within(Span(starts[0], span.last))
    found = {}
    for name in ("units", "work", "total", "cents", "days"):
        table = days.by(here.grain, name)
        found[name] = [float(table.get(start, 0)) for start in starts]
    return found


def _days(span: Span) -> str:
    one, other = (f"{day:%b} {day.day}" for day in span)
    this_year = date.today().year
    year = f", {span.last.year}" if span.last.year != this_year else ""
    return f"{one}{year}" if one == other else f"{one} – {other}{year}"


def _missing(rows: pd.DataFrame, now: Sums) -> str:
    """Which rows have no work RVUs or no dollars, and why."""
    parts = []
    if now.without_work:
        why = rows.loc[~rows["has_work"], "why"].astype(str).value_counts()
        reasons = "; ".join(f"{reason}: {number:,}" for reason, number in why.items())
        parts.append(f"{count(now.without_work, 'row')} without a work RVU ({reasons}).")
    if now.without_cents:
        parts.append(
            f"{count(now.without_cents, 'row')} without dollars: no amount is published, or no "
            "rates of that day are loaded."
        )
    return " ".join(parts)


# Pictures


def _best(of: Tracked, here: Shown) -> str:
    """The best day, week and month of the days shown; a day and an hour on the mean."""
    inside = of.days.within(here.span)
    if not len(inside.day):
        return "Nothing was logged on these days."
    parts = []
    for grain in ("day", "week", "month"):
        found = inside.best(grain)
        if found and (grain == "day" or here.span.days > 7 * (1 if grain == "week" else 5)):
            parts.append(f"{grain} {charts.label(found[0], grain)}, {rvu(found[1] / 100)}")
    said = f"Best {'; '.join(parts)}." if parts else ""
    rate = rates_of(inside, goal.hours(), of.days)
    if rate.a_day is not None:
        said += f" Mean of an active day: {rvu(rate.a_day / 100)} wRVU"
        if rate.an_hour is not None:
            said += f", of an hour: {rvu(rate.an_hour / 100)}"
        said += "."
    return said


def _year(of: Tracked) -> None:
    found, line = of.year(goal.weeks_off(), goal.wanted())
    charts.year(line, found, goal.wanted(), date.today())
    st.caption(plain(goal.sentence(found)))
    goal.ask()


def _tabs(every: Tracked, of: Tracked, here: Shown, settings: Settings) -> None:
    parts: dict[str, Callable[[], None]] = {
        "Rows": lambda: table.draw(every, of, here),
        "Mix and benchmarks": lambda: compare.draw(of, here, settings),
        "Survey": lambda: compare.survey(of),
        "Tracked and reported": lambda: reported.draw(every),
        "Pay": lambda: pay.draw(of),
    }
    frame.tabs(parts, Session.track_tab.key)
