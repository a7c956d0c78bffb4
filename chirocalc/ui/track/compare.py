"""The log beside the nation, and in a survey of one's own."""

from __future__ import annotations

from datetime import date

import pandas as pd
import streamlit as st

from chirocalc import tables
from chirocalc.errors import InputError
from chirocalc.rules import Settings
from chirocalc.track import (
    MIRROR,
    OF_MEDICARE,
    PERCENTILES,
    SPECIALTIES,
    Survey,
    adjustment_mix,
    code_mix,
    codes_by_year,
    in_state,
    span_of,
    specialty_years,
    states_with_benchmarks,
)
from chirocalc.ui.shared import input_callback, plain, session, source
from chirocalc.words import rvu

from . import charts, goal, kept
from .tracked import Shown, Tracked

SOURCE = "medicare-providers"

MOST_FTE = 2.0


def draw(of: Tracked, here: Shown, settings: Settings) -> None:
    """Mixes of the days shown, and Medicare's figures with their limit beside them."""
    rows = of.within(here.span)
    state = _state(settings)
    states = states_with_benchmarks()
    left, right = st.columns(2, gap="medium")
    names = {"Yours": "Sample" if of.is_sample else "Yours"}
    if state:
        names[state] = states[state]
    with left:
        charts.mix(adjustment_mix(rows, state), "Spinal adjustments, share of each", names)
        st.selectbox(
            "State", [None, *states], format_func=lambda each: states.get(each, "No state"),
            key=session.track_typed.key("state"), on_change=_take_state, width=220,
        )  # fmt: skip
    with right:
        mix = code_mix(rows, settings.provider, state)
        title = "Therapy and modalities, share of units"
        charts.mix(mix, title, names | {"Nation": _whose(settings.provider)})
    there = f" {states[state]}: all who billed the code there." if state else ""
    st.markdown(f":small[{MIRROR} {OF_MEDICARE}{there} {source(SOURCE)}]")
    _volume(of, settings, state)
    _figures()


def _whose(specialty: str) -> str:
    return "Therapists" if specialty == "chiropractor" else "Nation"


def _state(settings: Settings) -> str | None:
    """The state chosen, else the area's."""
    chosen: str | None = kept.get("state")
    if chosen not in states_with_benchmarks():
        chosen = None
        if settings.locality != "national":
            of = str(tables.localities().at[settings.locality, "state"])
            chosen = of if of in states_with_benchmarks() else None
    session.track_typed["state"] = chosen
    return chosen


@input_callback
@kept.written
def _take_state() -> None:
    kept.put("state", session.track_typed["state"])


def _volume(of: Tracked, settings: Settings, state: str | None) -> None:
    """Medicare's mean a provider by year; beside it the log where it is of Medicare's visits."""
    years = specialty_years(settings.provider)
    last = int(years.index[-1])
    row = years.loc[last]
    words = (
        f"{last}: {int(row['providers']):,} {SPECIALTIES[settings.provider]} with Medicare claims, "
        f"on the mean {row['services_each']:,.1f} services and ${row['paid_each']:,.0f} paid by "
        "Medicare a year."
    )
    there = in_state(settings.provider, state) if state else None
    if state and there:
        name = states_with_benchmarks()[state]
        words += f" In {name}: {there[0]:,}, ${there[1]:,.0f} paid to each."
    if session.track_payer == "medicare" and not of.is_sample:
        units = of.days.within(span_of("year", date.today())).total("units")
        words += f" Your log of Medicare's visits has {units:,} units this year so far."
    else:
        words += " Show Medicare's rows alone, above beside the days, to set your volume beside it."
    st.markdown(plain(words))
    table = years.reset_index()[["year", "providers", "services_each", "paid_each"]]
    st.dataframe(
        table.iloc[::-1],
        hide_index=True,
        column_config={
            "year": st.column_config.NumberColumn("Year", format="%d"),
            "providers": st.column_config.NumberColumn("Providers", format="localized"),
            "services_each": st.column_config.NumberColumn("Services each", format="%.1f"),
            "paid_each": st.column_config.NumberColumn("Paid each", format="dollar"),
        },
        height=220,
    )


SURE = {"P": "", "S": "", "?": "commonly stated"}


def _figures() -> None:
    table = tables.benchmark_figures().reset_index()
    titles = tables.sources()["short"]
    shown = pd.DataFrame(
        {
            "Figure": table["figure"],
            "Value": table["value"],
            "Unit": table["unit"],
            "Of": table["of"],
            "Year": table["year"],
            "Source": [", ".join(titles[each] for each in ids.split("|"))
                       for ids in table["source"]],
            "How sure": table["sure"].map(SURE),
        }
    )  # fmt: skip
    with st.expander("Single figures, each with its source"):
        year = st.column_config.NumberColumn(format="%d")
        st.dataframe(shown, hide_index=True, column_config={"Year": year})
    with st.expander("Medicare's services by code and year, all who bill them"):
        by_year = codes_by_year()
        heads = [str(each) for each in by_year.columns]
        st.dataframe(
            by_year.set_axis(heads, axis=1),
            column_config={
                each: st.column_config.NumberColumn(format="localized") for each in heads
            },
            placeholder="–",
        )


# A survey


def survey(of: Tracked) -> None:
    """Points of a survey that the user owns, and where the projection of the year stands."""
    st.caption(
        "Percentile surveys (MGMA, AMGA) are licensed, and none is here. Type the points of one "
        "you own, in wRVU a year of a full-time clinician, or load them (CSV with the columns "
        "percentile and wrvu)."
    )
    held = _held()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        for at in PERCENTILES:
            session.track_typed[f"p{at}"] = held.get(at)
            st.number_input(
                f"{at}th percentile", 0.0, 1_000_000.0, step=100.0, format="%g",
                key=session.track_typed.key(f"p{at}"), on_change=_take_points, width=168,
                placeholder="none",
            )  # fmt: skip
        session.track_typed["fte"] = kept.number("fte", MOST_FTE) or 1.0
        st.number_input(
            "Your FTE", 0.1, MOST_FTE, step=0.1, key=session.track_typed.key("fte"),
            on_change=_take_fte, width=110, help="1.0 is full-time.",
        )  # fmt: skip
    st.file_uploader(
        "Points from a file", type="csv", key=session.track_files.key("survey"),
        max_upload_size=1, on_change=_take_file, width=420,
    )  # fmt: skip
    for words in session.track_typed["survey problems"] or []:
        st.error(plain(words), icon=":material/error:")
    if len(held) < 2:
        return
    try:
        points = Survey.of(held)
    except InputError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    _stands(of, points)


def _stands(of: Tracked, points: Survey) -> None:
    found, _ = of.year(goal.weeks_off())
    fte = kept.number("fte", MOST_FTE) or 1.0
    value = found.whole / 100 / fte
    standing = points.stands(value)
    st.markdown(
        plain(
            f"The year's projection is {rvu(found.whole / 100)} wRVU, {rvu(value)} for one "
            f"full-time clinician: {standing.words} of your survey."
        )
    )
    charts.bands(points.points, value)
    st.caption("Between two points by a straight line, never beyond the outer ones.")


def _held() -> dict[int, float]:
    held = kept.get("survey")
    if not isinstance(held, dict):
        return {}
    return {
        int(at): float(value)
        for at, value in held.items()
        if str(at) in map(str, PERCENTILES) and isinstance(value, (int, float)) and value > 0
    }


@input_callback
@kept.written
def _take_points() -> None:
    typed = {str(at): session.track_typed[f"p{at}"] for at in PERCENTILES}
    kept.put("survey", {at: value for at, value in typed.items() if value})


@input_callback
@kept.written
def _take_fte() -> None:
    kept.put("fte", session.track_typed["fte"])


@input_callback
@kept.written
def _take_file() -> None:
    file = session.track_files["survey"]
    session.track_typed["survey problems"] = []
    if file is not None:
        try:
            points = Survey.read(file.getvalue(), file.name).points
        except InputError as error:
            session.track_typed["survey problems"] = [str(each) for each in error.problems]
        else:
            kept.put("survey", {str(at): value for at, value in points})
